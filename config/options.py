"""The preferences of this server, as editors send them: never a reason not to start."""

from collections.abc import Iterator, Mapping

from config.globs import glob_fault
from config.problems import Problem, shown, warning
from config.reading import Reader
from config.shapes import Anything, Flag, FlagMap, ListOf, Node, Number, RecordOf, Text, key, node

_EVERY_LANGUAGE = "*"
# Not among the rules of the configuration file: globs are settings of the editor.
_UNCLEAR_GLOB = "unclear-glob"

# Files whose content is a secret by habit. A user's own list replaces this one.
EXCLUDED_FILES = (
    # Environment files, and the folders some frameworks keep them in.
    "**/.env*",
    "**/*.env",
    "**/.envs/**",
    "**/.env.d/**",
    # Passwords and tokens of programs.
    "**/.netrc",
    "**/_netrc",
    "**/.authinfo*",
    "**/.pgpass",
    "**/pgpass.conf",
    "**/.my.cnf",
    "**/.mylogin.cnf",
    "**/.npmrc",
    "**/.yarnrc*",
    "**/.pypirc",
    "**/pip.conf",
    "**/pip.ini",
    "**/.bundle/config",
    "**/.cargo/credentials*",
    "**/.m2/settings*.xml",
    "**/.gradle/gradle.properties",
    "**/nuget.config",
    "**/{.,}composer/auth.json",
    "**/.dockercfg",
    "**/.docker/config.json",
    "**/.htpasswd*",
    "**/.htdigest",
    "**/.git-credentials",
    "**/.config/gh/hosts.yml",
    "**/rclone.conf",
    "**/.s3cfg",
    "**/.boto",
    "**/.vault-token",
    "**/.*_history",
    "**/.vault_pass*",
    "**/.vault-pass*",
    "**/.password-store/**",
    "**/wp-config.php",
    # Clouds and clusters.
    "**/.aws/**",
    "**/.azure/*.{json,bin}",
    "**/.config/gcloud/**",
    "**/.oci/**",
    "**/.kube/**",
    "**/kubeconfig*",
    "**/*.kubeconfig",
    "**/application_default_credentials.json",
    "**/service-account*.json",
    "**/service_account*.json",
    "**/client_secret*.json",
    "**/.terraformrc",
    "**/terraform.rc",
    "**/.terraform.d/**",
    "**/*.tfstate*",
    "**/*.tfvars*",
    "**/*.publishsettings",
    # Files and folders that say it by their names.
    "**/credentials",
    "**/credentials.{json,yml,yaml,toml,ini,cfg,conf,xml,csv,txt,properties,db,enc}",
    "**/secrets",
    "**/secrets.*",
    "**/secret.{json,yml,yaml,toml,ini,cfg,conf,xml,txt,properties}",
    "**/*.secret",
    "**/*.secrets",
    "**/.secrets*",
    # Keys and what holds them.
    "**/.ssh/**",
    "**/.gnupg/**",
    "**/id_{rsa,dsa,ecdsa,ed25519,ecdsa_sk,ed25519_sk}*",
    "**/*_{rsa,dsa,ecdsa,ed25519}",
    "**/ssh_host_*_key",
    "**/*.pem",
    "**/*.key",
    "**/*.p8",
    "**/*.p12",
    "**/*.pfx",
    "**/*.pkcs12",
    "**/*.jks",
    "**/*.bks",
    "**/*.keystore",
    "**/*.kdbx",
    "**/*.kdb",
    "**/*.agekey",
    "**/*.ppk",
    "**/*.asc",
    "**/*.gpg",
    "**/*.ovpn",
    "**/*.mobileprovision",
)


@node
class InlineCompletionOptions(Node):
    """How ghost text is offered."""

    enabled: bool = key("enabled", Flag(), "Whether ghost text is offered.", default=True)
    """Whether ghost text is offered."""
    debounce_ms: int | None = key(
        "debounceMs",
        Number(),
        "How long to wait after a keystroke, in milliseconds; null chooses by measured speed.",
        default=None,
    )
    """How long to wait after a keystroke, in milliseconds; None chooses by measured speed."""
    candidates: int = key(
        "candidates",
        Number(minimum=1),
        "How many completions an explicit request offers.",
        default=1,
    )
    """How many completions an explicit request offers; an automatic one offers one."""
    languages: Mapping[str, bool] = key(
        "languages",
        FlagMap(),
        'For which language ids ghost text is offered; "*" stands for all others.',
        default={_EVERY_LANGUAGE: True},
    )
    """For which language ids ghost text is offered; `*` stands for all others."""
    excluded_files: tuple[str, ...] = key(
        "excludedFiles",
        ListOf(Text()),
        "Globs of files that are never sent, neither as file nor as context.",
        default=EXCLUDED_FILES,
    )
    """Globs of files that are never sent, neither as file nor as context."""
    git_ignored_files: bool = key(
        "gitIgnoredFiles",
        Flag(),
        "Whether open files that git ignores may be sent as context for another file.",
        default=False,
    )
    """Whether open files that git ignores may be sent as context for another file."""
    completion_fallback: bool = key(
        "completionFallback",
        Flag(),
        "Whether completions are also offered in the completion menu.",
        default=False,
    )
    """Whether completions are also offered in the completion menu."""
    prefetch: bool = key(
        "prefetch",
        Flag(),
        "Whether the model is asked ahead for what follows an accepted completion.",
        default=False,
    )
    """Whether the model is asked ahead for what follows an accepted completion."""

    def is_enabled(self, language_id: str) -> bool:
        """Tell whether ghost text is offered in documents of this language."""
        everywhere = self.languages.get(_EVERY_LANGUAGE, True)
        return self.enabled and self.languages.get(language_id, everywhere)


@node
class ChatOptions(Node):
    """How chats are held."""

    pre_instruction: str = key(
        "preInstruction",
        Text(),
        "Text put before every chat; wins over the model's chatPreInstruction.",
        default="",
    )
    """Text put before every chat; wins over the model's own."""


@node
class EditOptions(Node):
    """How edits are asked for."""

    post_instruction: str = key(
        "postInstruction",
        Text(),
        "Text put after every edit instruction; wins over the model's editPostInstruction.",
        default="",
    )
    """Text put after every edit instruction; wins over the model's own."""


@node
class Options(Node):
    """All preferences: `initializationOptions`, or the section `foretype` of the settings."""

    config_file: str = key("configFile", Text(), "The path of the configuration file.", default="")
    """The path of the configuration file."""
    gateway: str = key("gateway", Text(), "The URL of a gateway.", default="")
    """The URL of a gateway."""
    endpoint: str = key("endpoint", Text(), "The URL of one model server.", default="")
    """The URL of one model server."""
    model: str = key("model", Text(), "The model to use on that server.", default="")
    """The model to use on that server."""
    model_configuration: object = key(
        "modelConfiguration",
        Anything(),
        "The configuration itself, instead of a file.",
        default=None,
    )
    """The configuration itself, instead of a file."""
    inline_completion: InlineCompletionOptions = key(
        "inlineCompletion",
        RecordOf(InlineCompletionOptions),
        "How ghost text is offered.",
        default=InlineCompletionOptions(),
    )
    """How ghost text is offered."""
    chat: ChatOptions = key(
        "chat", RecordOf(ChatOptions), "How chats are held.", default=ChatOptions()
    )
    """How chats are held."""
    edit: EditOptions = key(
        "edit", RecordOf(EditOptions), "How edits are asked for.", default=EditOptions()
    )
    """How edits are asked for."""


def read_options(value: object) -> tuple[Options, tuple[Problem, ...]]:
    """Read the options; what cannot be read is a warning, and its default stands."""
    if value is None:
        return Options(), ()
    reader = Reader(wrong_type="warning")
    options = reader.read(Options, value) or Options()
    return options, (*reader.problems, *_unclear_globs(options.inline_completion))


def _unclear_globs(options: InlineCompletionOptions) -> Iterator[Problem]:
    if not options.has("excludedFiles"):
        return
    for index, glob in enumerate(options.excluded_files):
        if (fault := glob_fault(glob)) is not None:
            message = f"The glob {shown(glob)} excludes no more than a file of that name: {fault}."
            yield warning(_UNCLEAR_GLOB, options.item("excludedFiles", index), message)
