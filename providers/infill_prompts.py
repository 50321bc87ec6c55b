"""Fill-in-the-middle prompts: which family a model is of, and the prompt in that family's form."""

import re
from functools import lru_cache

from config.rendered import Model
from providers.code_languages import comment_marker, language_name
from providers.infill_families import (
    AIXCODER,
    CODEGEEX4,
    CODEGEMMA,
    CODELLAMA,
    CODEQWEN_15,
    CODESTRAL,
    DEEPSEEK_CODER,
    FAMILIES,
    GRANITE_3,
    GRANITE_4,
    GRANITE_CODE,
    MELLUM,
    MERCURY_CODER,
    NONE,
    QWEN_CODER,
    REFACT,
    SANTACODER,
    SEED_CODER,
    STABLE_CODE,
    STARCODER,
    STARCODER2,
    Family,
)
from providers.messages import ContextSnippet, InfillRequest

_BY_NAME = {family.name: family for family in FAMILIES}

# First match wins. Code Llama's Python and 34B variants were not trained to fill in, nor was
# Codestral Mamba; Granite 3 was from 3.3 on.
_PATTERNS: tuple[tuple[str, Family], ...] = (
    (r"(code-?llama|llama-?code).*(python|34b|70b)", NONE),
    (r"code-?llama|llama-?code", CODELLAMA),
    (r"codeqwen-?1[.-]?5|code-qwen-?1[.-]?5", CODEQWEN_15),
    (r"qwen.*coder|code-?qwen", QWEN_CODER),
    (r"deepseek.*coder|deepseek-?v[23]", DEEPSEEK_CODER),
    (r"seed-?coder", SEED_CODER),
    (r"codestral.*mamba|mamba.*codestral", NONE),
    (r"codestral", CODESTRAL),
    (r"code-?gemma", CODEGEMMA),
    (r"codegeex-?4", CODEGEEX4),
    (r"mercury-?coder", MERCURY_CODER),
    (r"mellum-?[24]b|mellum(?!-?2)", MELLUM),
    (r"aixcoder-?7b(?!-?v2)", AIXCODER),
    (r"granite-?4", GRANITE_4),
    (r"granite.*code", GRANITE_CODE),
    (r"granite-?3[.-]3", GRANITE_3),
    (r"santa-?coder", SANTACODER),
    (r"refact-?1", REFACT),
    (r"star-?coder-?2", STARCODER2),
    (r"star-?coder|starchat|octo-?coder", STARCODER),
    (r"stable-?code", STABLE_CODE),
)
_FIELD = re.compile(r"\{(\w+)\}")
_UNNAMED = "untitled"


def family_of(model: Model) -> Family:
    """Return the family the configuration names, else the one a model's names tell of.

    The name that is sent to the server is looked at first.
    """
    stated = _BY_NAME.get(model.fim_family or "")
    if stated is not None:
        return stated
    return _family_named(model.name_for_api, model.model_name, model.model_ref.model_id)


@lru_cache(maxsize=64)
def _family_named(*names: str) -> Family:
    for name in names:
        spelled = re.sub(r"[\s_]+", "-", name.lower())
        for pattern, family in _PATTERNS:
            if re.search(pattern, spelled):
                return family
    return NONE


def render(family: Family, request: InfillRequest) -> str:
    """Return the prompt that asks for the text of the gap; never empty."""
    context = _harmless(family, request.context)
    if not family.with_files:
        head = commented(context, request.language_id)
        return _filled(family.template, request, request.prefix, prefix_head=head) or "\n"
    if not context:
        return _filled(family.template, request, request.prefix) or "\n"
    files = "".join(
        _substituted(family.file, {"path": one.path or _UNNAMED, "text": one.text.rstrip("\n")})
        for one in context
    )
    return _filled(family.with_files, request, request.prefix, files=files)


def commented(context: tuple[ContextSnippet, ...], language_id: str) -> str:
    """Return the snippets as comments, for models that know no other form of other files.

    Nothing for a language without comments to the end of the line.
    """
    marker = comment_marker(language_id)
    if not marker:
        return ""
    return "".join(
        "\n".join(
            f"{marker} {line}".rstrip() for line in (f"Path: {one.path}", *one.text.splitlines())
        )
        + "\n\n"
        for one in context
    )


def _harmless(family: Family, context: tuple[ContextSnippet, ...]) -> tuple[ContextSnippet, ...]:
    # A token of the prompt inside of a text would end what it stands in.
    return tuple(one for one in context if not any(stop in one.text for stop in family.stops))


def _filled(
    template: str, request: InfillRequest, prefix: str, *, files: str = "", prefix_head: str = ""
) -> str:
    return _substituted(
        template,
        {
            "prefix": prefix_head + prefix,
            "suffix": request.suffix,
            "path": request.path or _UNNAMED,
            "language": language_name(request.language_id),
            "repository": request.repository or _UNNAMED,
            "files": files,
        },
    )


def _substituted(template: str, values: dict[str, str]) -> str:
    # In one pass, and not by str.format: the texts are code and hold braces.
    return _FIELD.sub(lambda found: values[found[1]], template)
