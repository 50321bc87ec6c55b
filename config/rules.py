"""Every rule by its code: what it says, and whether a document that breaks it can be used."""

from dataclasses import dataclass

from config.problems import Severity


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule; with `strict`, `strict_severity` counts instead where it is given."""

    code: str
    severity: Severity
    says: str
    strict_severity: Severity | None = None


RULES = (
    # The text and the file
    Rule("syntax", "error", "The text must be JSON; comments and trailing commas are welcome."),
    Rule("file-missing", "error", "The named file must exist."),
    Rule(
        "file-unreadable", "error", "The file must be a readable text in UTF-8 of at most 16 MiB."
    ),
    Rule("secret-missing", "error", "`${env:NAME}` and `${file:PATH}` must lead to a secret."),
    # The shape of the document
    Rule("wrong-type", "error", "A value must be of the type of its key."),
    Rule("missing-field", "error", "Required keys must be there."),
    Rule("unknown-key", "warning", "A key that is not listed here has no effect."),
    Rule("duplicate-key", "warning", "A key should be given once; of two, one has no effect."),
    Rule("unknown-enum", "warning", "A value outside the known ones is kept as it is."),
    Rule("provider-type", "error", "The `type` of a provider's server must be a known one."),
    Rule("model-server-type", "error", "The `type` of a model's server side must be a known one."),
    # Providers
    Rule("provider-id", "error", "A provider's id has letters, digits and signs, but no colon."),
    Rule("duplicate-provider", "error", "A provider may be named once only."),
    Rule(
        "provider-no-server-config",
        "error",
        "A provider that the gateway does not know needs `serverSideConfig`.",
    ),
    Rule("endpoints-empty", "error", "`endpoints` must hold at least one address."),
    Rule("endpoint-url", "error", "An address is a URL with http or https and a host."),
    Rule("bad-header", "error", "Headers and tokens must be what HTTP can carry."),
    Rule("token-scheme", "warning", "A token is written without `Bearer`, which is put before it."),
    Rule("insecure-token", "warning", "A token should not travel over http to a public host."),
    # The gateway
    Rule("gateway-url", "error", "The gateway's address is a URL with http or https and a host."),
    Rule("gateway-missing", "warning", "A gateway in use should have an address."),
    Rule("filter-allow", "error", "A rule of `allow` is not blank, with * at its ends only."),
    Rule("filter-deny", "error", "A rule of `deny` is not blank, with * at its ends only."),
    # Models
    Rule("ref-blank", "error", "A model reference is not blank."),
    Rule("ref-parts", "error", "A model reference has three parts joined by `::`."),
    Rule("ref-provider", "error", "The first part of a reference is the id of a provider."),
    Rule("ref-api-version", "error", "The second part of a reference is not blank; usually `v1`."),
    Rule("ref-model-id", "error", "The last part of a reference is not blank and has no colon."),
    Rule("duplicate-model", "error", "A model may be named once only, in whichever list."),
    Rule("unknown-provider", "error", "The provider of a model must exist."),
    Rule("recommended-unknown", "error", "A model with recommended settings must be a known one."),
    Rule("selfhosted-unknown", "error", "A self-hosted model must be a known one."),
    Rule("context-input", "error", "`maxInputTokens` must be greater than 0."),
    Rule("context-output", "error", "`maxOutputTokens` must be greater than 0."),
    Rule("display-name", "error", "A display name has at most 128 characters."),
    # Features
    Rule("default-unknown", "warning", "A default should name a model; else another one is used."),
    Rule("default-capability", "warning", "A default should be able to do what it is used for."),
    Rule("no-models", "error", "There must be a model at all. Not with `--strict`."),
    Rule("no-default-chat", "warning", "A model should suit chat.", "error"),
    Rule("no-default-fast-chat", "warning", "A model should suit quick chats.", "error"),
    Rule("no-default-code-completion", "warning", "A model should suit completion.", "error"),
    Rule("instruction-length", "warning", "`systemPreInstruction` has at most 280 characters."),
)
