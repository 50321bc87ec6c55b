"""What gets installed, and that no folder an editor starts the server in can take it over."""

import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

from tests.fake_model_server import FakeModelServer, completes
from tests.lsp_client import SERVE, connected
from tests.test_lsp_server_requests import CODE, URI, answered, settings_for

ROOT = Path(__file__).parent.parent
HOSTILE = "raise SystemExit('the project of the user ran inside the server')\n"


def hostile_folder(folder: Path, *files: str) -> Path:
    """A project whose own modules have the names of ours, or of the standard library's."""
    for name in files:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(HOSTILE, encoding="utf-8")
    return folder


PACKAGES = ("config/__init__.py", "providers/__init__.py", "config/rendered.py")
MODULES = ("pathlib.py", "json.py", "logging.py", "typing.py", "asyncio.py", "config.py")
FOLDERS = {
    "packages": PACKAGES,
    "namespace": ("config/rendered.py", "providers/pool.py"),
    "standard library": ("config/__init__.py", "providers/__init__.py", *MODULES),
}
SCRIPT = [str(Path(sys.executable).parent / "foretype"), "serve"]


async def serves(command: list[str], folder: Path, **environment: str) -> bool:
    async with (
        FakeModelServer(completes("return a + b")) as model,
        connected(
            settings=settings_for(model.url),
            command=command,
            folder=folder,
            environment=environment,
        ) as client,
    ):
        client.open(URI, CODE)
        answer = await answered(client.ask(URI, 1, 4))
    return bool(answer.items[0].insert_text == "return a + b")


@pytest.mark.parametrize("files", FOLDERS.values(), ids=FOLDERS)
@pytest.mark.parametrize(
    "command",
    [SCRIPT, SERVE, [sys.executable, "-m", "lsp_server", "serve"]],
    ids=["foretype", "python -P -m", "python -m"],
)
async def test_the_server_works_in_a_folder_with_modules_of_the_same_names(
    command: list[str], files: tuple[str, ...], tmp_path: Path
) -> None:
    assert await serves(command, hostile_folder(tmp_path / "project", *files))


@pytest.mark.parametrize("files", [PACKAGES, FOLDERS["namespace"]], ids=["packages", "namespace"])
async def test_the_server_works_with_such_a_folder_on_pythonpath(
    files: tuple[str, ...], tmp_path: Path
) -> None:
    folder = hostile_folder(tmp_path / "project", *files)

    assert await serves(SCRIPT, folder, PYTHONPATH=str(folder))


@pytest.fixture(scope="session")
def wheel(request: pytest.FixtureRequest) -> Path:
    folder = request.config.getoption("--wheel")
    if folder is None:
        pytest.skip("needs a built wheel: make build, then pytest --wheel dist")
    (built,) = (ROOT / str(folder)).glob("foretype-*.whl")
    return built


def test_the_wheel_adds_one_top_level_name(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    top_level = {name.split("/")[0] for name in names}

    assert {name for name in top_level if not name.endswith(".dist-info")} == {"lsp_server"}
    assert "lsp_server/_bundled/config/rendered.py" in names
    assert "lsp_server/_bundled/providers/client.py" in names


@pytest.fixture(scope="session")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The `foretype` command of a fresh environment with nothing but the wheel."""
    home = tmp_path_factory.mktemp("installed")
    venv.create(home, with_pip=True)
    subprocess.run([home / "bin" / "pip", "install", "--quiet", str(wheel)], check=True)
    return home / "bin" / "foretype"


@pytest.mark.timeout(300)
async def test_the_installed_command_serves_in_a_hostile_folder(
    installed: Path, tmp_path: Path
) -> None:
    folder = hostile_folder(tmp_path / "project", *FOLDERS["standard library"])

    assert await serves([str(installed), "serve"], folder)


@pytest.mark.timeout(300)
def test_the_installed_command_says_what_the_demo_needs(installed: Path) -> None:
    ended = subprocess.run([installed, "demo"], capture_output=True, text=True, check=False)

    assert ended.returncode == 1
    assert ended.stderr.count("\n") == 1
    assert "xllamacpp" in ended.stderr
