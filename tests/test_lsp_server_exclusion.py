"""Files that are never sent: whatever looks as if it named them does."""

from collections.abc import Callable
from itertools import count
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from config.globs import glob_fault, glob_pattern
from config.options import EXCLUDED_FILES
from lsp_server.exclusion import is_excluded
from tests.effort import grows_linearly, takes_at_most

HOME = "/home/me"


@pytest.mark.parametrize(
    ("glob", "uri"),
    [
        ("**/secrets/**/key.txt", "file:///p/secrets/key.txt"),
        ("**/secrets/**/key.txt", "file:///p/secrets/a/b/key.txt"),
        ("/abs/**/deep.txt", "file:///abs/deep.txt"),
        ("/abs/**/deep.txt", "file:///abs/a/b/deep.txt"),
        ("**/*.{pem,key2}", "file:///p/x.pem"),
        ("**/*.{pem,key2}", "file:///p/x.key2"),
        ("{a,b{c,d}}.txt", "file:///p/bd.txt"),
        ("{/abs/**,rel/*}", "file:///p/rel/x"),
        ("**/{.env,vault/**}", "file:///p/vault/a/b"),
        ("one{only}.txt", "file:///p/oneonly.txt"),
        ("{{cookiecutter.name}}.txt", "file:///p/%7B%7Bcookiecutter.name%7D%7D.txt"),
        ("vault/", "file:///p/vault/a.txt"),
        ("/p/vault/", "file:///p/vault/a/b.txt"),
        ("./rel/**", "file:///p/rel/a"),
        ("rel/x", "file:///p/rel/x"),
        ("a//b/./c", "file:///p/a/b/c"),
        ("~/private/**", "file:///home/me/private/a.txt"),
        ("~/{private,work}/**", "file:///home/me/work/a.txt"),
        (r"C:\Users\me\secret\**", "file:///c%3A/Users/me/secret/a.txt"),
        (r"C:\Users\me\secret\**", "file:///C:/Users/me/secret/a/b.txt"),
        (r"\\server\share\**", "file://server/share/a.txt"),
        ("file:///abs/x", "file:///abs/x"),
        ("priv[1].txt", "file:///p/priv[1].txt"),
        ("priv[1].txt", "file:///p/priv%5B1%5D.txt"),
        ("priv[1].txt", "file:///p/priv1.txt"),
        ("[ab]/[id]/x", "file:///p/a/%5Bid%5D/x"),
        ("[a][b][c][d]", "file:///p/abcd"),
        ("[!a-c]x", "file:///p/dx"),
        ("a**b", "file:///p/a1/2/3b"),
        ("**.pem", "file:///p/q/x.pem"),
        ("?.txt", "file:///p/x.txt"),
        ("*.PEM", "file:///p/X.pem"),
        (" *.pem ", "file:///p/x.pem"),
        ("*", "file:///anything/at/all"),
        ("./", "file:///anything/at/all"),
        ("geheim\u00e9/**", "file:///p/geheime%CC%81/x"),
    ],
)
def test_a_glob_excludes_what_it_looks_as_if_it_excluded(glob: str, uri: str) -> None:
    assert glob_fault(glob) is None
    assert is_excluded(uri, [glob], HOME)


@pytest.mark.parametrize(
    "uri",
    [
        "file:///p/.env",
        "file:///C:%5CUsers%5Cme%5C.env",
        "file:///C:\\Users\\me\\.env",
        "C:\\Users\\me\\.env",
        "/home/me/.env",
        ".env",
        "zipfile:///a.zip::.env",
        "jar:file:///a.jar!/b/.env",
        "file:///c%23/p#1/.env",
        "file:///p?x/.env",
        "file:///p/.env?version=1#L10",
        "untitled:.env",
        "vscode-remote://ssh-remote%2Bhost/home/me/.env",
        "vscode-notebook-cell:/p/.env#W0sZmlsZQ",
        "file://[/p/.env",
        "FILE:///p/.ENV.local",
    ],
)
def test_every_way_to_name_a_file_is_understood(uri: str) -> None:
    assert is_excluded(uri, ["**/.env*"])


@pytest.mark.parametrize(
    ("glob", "uri"),
    [
        ("*.py", "file:///p/x.py/y"),
        ("/abs/*", "file:///abs/x/y"),
        ("/abs/x", "file:///p/abs/x"),
        ("**/a/*/c", "file:///a/c"),
        ("secrets.*", "file:///p/mysecrets.py"),
        ("[!a]b", "file:///ab"),
        ("a?b", "file:///a/b"),
        ("a*b", "file:///a/b"),
        ("a[.-0]b", "file:///a/b"),
        ("~/private/**", "file:///home/you/private/a.txt"),
        ("vault/", "file:///p/vault.py"),
        ("{,}", "file:///p/x"),
        ("", "file:///p/x"),
    ],
)
def test_a_glob_excludes_nothing_else(glob: str, uri: str) -> None:
    assert not is_excluded(uri, [glob], HOME)


def test_without_a_known_home_its_folders_are_excluded_everywhere() -> None:
    assert is_excluded("file:///home/me/private/a", ["~/private/**"], home="")


@pytest.mark.parametrize("glob", ["a{b", "x[y", "!z", "@(a|b)", "[z-a]", "{1..3}", "$HOME/x"])
def test_a_glob_that_cannot_be_understood_excludes_a_file_of_that_name_only(glob: str) -> None:
    assert glob_fault(glob)
    assert is_excluded(f"file:///p/{glob}", [glob], HOME)
    assert not is_excluded("file:///p/a", [glob], HOME)


@pytest.mark.parametrize(
    "path",
    [
        *(".env", ".env.local", "prod.env", ".envrc", ".envs/.production/.django"),
        *("server.pem", "tls.key", "x.p12", "x.pfx", "x.jks", "vault.kdbx", "putty.ppk"),
        *(".ssh/config", "id_rsa", "id_ed25519.pub", "deploy_rsa", "ssh_host_rsa_key"),
        *(".netrc", ".npmrc", ".yarnrc.yml", ".pypirc", ".htpasswd", ".git-credentials"),
        *(".pgpass", ".my.cnf", ".vault-token", "wp-config.php", ".bash_history"),
        *(".aws/credentials", ".azure/msal_token_cache.json", ".config/gcloud/credentials.db"),
        *(".kube/config", "kubeconfig", "kubeconfig.yaml", ".docker/config.json", ".dockercfg"),
        *("service-account-prod.json", "client_secret_1.json", "credentials.json"),
        *("terraform.tfstate", "terraform.tfstate.backup", "prod.tfvars", ".terraformrc"),
        *("secrets.yaml", "secrets.toml", ".streamlit/secrets.toml", "config/master.key"),
        *(".cargo/credentials.toml", ".gem/credentials", ".m2/settings.xml", "secret.yml"),
    ],
)
def test_files_that_hold_secrets_by_habit_are_excluded_unasked(path: str) -> None:
    assert is_excluded(f"file:///home/me/{path}", EXCLUDED_FILES, HOME)


@pytest.mark.parametrize(
    "path",
    [
        *("main.py", "environment.ts", "env.py", "src/env/index.js", "dotenv.go", "Makefile"),
        *("keys.py", "key.go", "public_key.rs", "keyboard.c", "monkey.ts", "tokenizer.py"),
        *("credentials.py", "credentials/service.ts", "secret_santa.py", "secrets/views.py"),
        *("package.json", "config.json", "settings.xml", "locales/en/auth.json", "auth.py"),
        *("ssh.py", "docker-compose.yml", "main.tf", "variables.tf", "history.md", ".gitignore"),
        *(".azure/pipelines.yml", "kube/config.go", "password.tsx", "id_range.rs", "x.pem.md"),
    ],
)
def test_ordinary_files_are_not_excluded_unasked(path: str) -> None:
    assert not is_excluded(f"file:///home/me/project/{path}", EXCLUDED_FILES, HOME)


def means(glob: str, path: str) -> bool:
    """Match by trying everything, with `F` for `**/` and `D` for `**`."""
    if not glob:
        return not path
    head, rest = glob[0], glob[1:]
    if head == "F":
        after = [at + 1 for at, char in enumerate(path) if char == "/"]
        return any(means(rest, path[at:]) for at in (0, *after))
    if head in "*D":
        end = len(path) if head == "D" or "/" not in path else path.index("/")
        return any(means(rest, path[at:]) for at in range(end + 1))
    return (
        bool(path)
        and (path[0] == head or (head == "?" and path[0] != "/"))
        and means(rest, path[1:])
    )


@settings(max_examples=500)
@given(
    st.lists(st.sampled_from(["a", "b", "/", "*", "?", "**", "/**/"]), max_size=9),
    st.text(st.sampled_from("aab/"), min_size=1, max_size=12),
)
def test_quick_matching_finds_what_trying_everything_finds(glob: list[str], path: str) -> None:
    written = "/" + "".join(glob)
    path = "/" + "/".join(filter(None, path.split("/")))
    names = [name for name in written.split("/") if name]
    if written.endswith("/") or not names:
        names.append("**")
    wild = [name if set(name) != {"*"} or len(name) < 2 else "**" for name in names]
    plain = "/" + "/".join(wild)
    while "***" in plain:
        plain = plain.replace("***", "**")
    *folders, last = plain[1:].split("/")
    told = "".join("F" if name == "**" else f"{name.replace('**', 'D')}/" for name in folders)

    pattern = glob_pattern(written)

    assert bool(pattern.match(path)) is means("/" + told + last.replace("**", "D"), path)


ADVERSARIAL = [
    "**/" + "a*" * 160 + "b",
    "**" + "a*" * 160 + "b",
    "**a" * 160 + "b",
    "a?" * 200 + "*b",
    "**" + "a" * 400 + "*b",
    "*/" * 240 + "b",
    "**/*/" * 90 + "b",
    "[a]" * 160 + "b",
    "{a,b}" * 100,
    "{" * 400,
    "{a," * 18 + "b" + "}" * 18,
    "[" * 400,
    "*" * 400 + "b",
]


@pytest.mark.parametrize("path", ["a" * 60, "a/" * 30, "a" * 60 + "/"])
@pytest.mark.parametrize("glob", ADVERSARIAL, ids=lambda glob: glob[:12])
def test_the_time_for_a_glob_grows_with_the_path_only(glob: str, path: str) -> None:
    # Answers are remembered, so each question is a new one.
    numbers = count()

    def prepare(times: int) -> Callable[[], object]:
        return lambda: is_excluded(f"file:///{path * times}{next(numbers)}", [glob])

    assert grows_linearly(prepare, 15)


@settings(max_examples=300)
@given(
    st.text(st.sampled_from("ab*?/[]{},.!-~\\$(|"), max_size=60),
    st.text(st.sampled_from("ab/.:#?%\\[0\x00\ud83d"), max_size=200).map("file://".__add__),
)
def test_no_glob_and_no_uri_makes_asking_fail(glob: str, uri: str) -> None:
    assert is_excluded(uri, [glob]) in {True, False}


def test_asking_again_with_the_next_keystroke_costs_nothing() -> None:
    numbers = count()

    def ask() -> None:
        is_excluded("file:///p/some/where/main.py", EXCLUDED_FILES)

    def ask_about_another() -> None:
        is_excluded(f"file:///p/some/where/main.py{next(numbers)}", EXCLUDED_FILES)

    ask()
    assert takes_at_most(0.2, ask, than=ask_about_another)


def test_a_link_to_an_excluded_file_is_excluded(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("KEY=1\n")
    link = tmp_path / "harmless.py"
    link.symlink_to(tmp_path / ".env")

    assert is_excluded(link.as_uri(), ["**/.env*"])
    assert not is_excluded((tmp_path / "other.py").as_uri(), ["**/.env*"])
