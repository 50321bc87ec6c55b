"""The `clientSideConfig` of a model, as people write it: prompt and sampling settings."""

from functools import partial

from config.shapes import ListOf, Node, Number, RecordOf, Text, key, node

_key = partial(key, seen_by="clients")
_SAMPLING = Number(whole=False, unset=-1)
_TEMPERATURE = Number(whole=False)


@node
class KnobsNode(Node):
    """Prompt and sampling settings of a model."""

    stop_sequences: tuple[str, ...] = _key(
        "stopSequences", ListOf(Text()), "Texts at which the model stops."
    )
    end_of_text: str | None = _key(
        "endOfText", Text(), "The end marker to cut from answers, such as `<|endoftext|>`."
    )
    context_size_hint_total_characters: int | None = _key(
        "contextSizeHintTotalCharacters",
        Number(),
        "How many characters of code and context a completion may send.",
    )
    context_size_hint_prefix_characters: int | None = _key(
        "contextSizeHintPrefixCharacters",
        Number(),
        "How many characters before the cursor a completion may send.",
    )
    context_size_hint_suffix_characters: int | None = _key(
        "contextSizeHintSuffixCharacters",
        Number(),
        "How many characters after the cursor a completion may send.",
    )
    chat_pre_instruction: str | None = _key(
        "chatPreInstruction", Text(), "Text put before every chat; the user's own setting wins."
    )
    edit_post_instruction: str | None = _key(
        "editPostInstruction",
        Text(),
        "Text put after every edit instruction; the user's own setting wins.",
    )
    autocomplete_singleline_timeout: int | None = _key(
        "autocompleteSinglelineTimeout",
        Number(),
        "How long to wait for a one-line completion, in milliseconds.",
    )
    autocomplete_multiline_timeout: int | None = _key(
        "autocompleteMultilineTimeout",
        Number(),
        "How long to wait for a completion of several lines, in milliseconds.",
    )
    chat_top_k: float | None = _key(
        "chatTopK", _SAMPLING, "Sample from this many tokens in chat; -1 leaves it to the server."
    )
    chat_top_p: float | None = _key(
        "chatTopP",
        _SAMPLING,
        "Sample from this share of probability in chat; -1 leaves it to the server.",
    )
    chat_temperature: float | None = _key(
        "chatTemperature", _TEMPERATURE, "The temperature for chat."
    )
    chat_max_tokens: int | None = _key(
        "chatMaxTokens", Number(), "The longest answer for chat, in tokens."
    )
    auto_complete_top_k: float | None = _key(
        "autoCompleteTopK",
        _SAMPLING,
        "Sample from this many tokens in code completion; -1 leaves it to the server.",
    )
    auto_complete_top_p: float | None = _key(
        "autoCompleteTopP",
        _SAMPLING,
        "Sample from this share of probability in code completion; -1 leaves it to the server.",
    )
    auto_complete_temperature: float | None = _key(
        "autoCompleteTemperature", _TEMPERATURE, "The temperature for code completion."
    )
    auto_complete_singleline_max_tokens: int | None = _key(
        "autoCompleteSinglelineMaxTokens", Number(), "The longest one-line completion, in tokens."
    )
    auto_complete_multiline_max_tokens: int | None = _key(
        "autoCompleteMultilineMaxTokens",
        Number(),
        "The longest completion of several lines, in tokens.",
    )
    edit_top_k: float | None = _key(
        "editTopK", _SAMPLING, "Sample from this many tokens in edits; -1 leaves it to the server."
    )
    edit_top_p: float | None = _key(
        "editTopP",
        _SAMPLING,
        "Sample from this share of probability in edits; -1 leaves it to the server.",
    )
    edit_temperature: float | None = _key(
        "editTemperature", _TEMPERATURE, "The temperature for edits."
    )
    edit_max_tokens: int | None = _key(
        "editMaxTokens", Number(), "The longest answer for edits, in tokens."
    )


@node
class ClientSideNode(Node):
    """The `clientSideConfig` of a model."""

    knobs: KnobsNode | None = _key(
        "openaicompatible",
        RecordOf(KnobsNode),
        "Prompt and sampling settings for a model of an OpenAI-compatible server.",
        also=("openAICompatible",),
    )
