"""What is looked for in code: the patterns of one language for whatever changes what is open."""

import re
from functools import cache

from lsp_server.completion import tags
from lsp_server.completion.languages import Language

_HEREDOC_NAME = r"(?:\"[^\"\n]+\"|'[^'\n]+'|[A-Za-z_][A-Za-z0-9_]*)"
_CHARACTER = r"'(?:\\(?:[^'\n]|'){1,10}?|[^'\\\n])'"


@cache
def ending_of(closer: str, form: str) -> re.Pattern[str]:
    """Match the rest of a text with its end, past escaped characters."""
    end = re.escape(closer.strip("\n"))
    if form in ("raw", "comment"):
        return re.compile(rf".*?(?P<end>{end})")
    return re.compile(rf"(?:\\.|(?!{end})[^\\]|\\$)*(?P<end>{end})?")


@cache
def code_of(language: Language) -> re.Pattern[str]:
    """Find, in code, whatever changes what is open."""
    parts = [r"(?P<escape>\\.)"]
    blocks = sorted((opener for opener, _ in language.block_comments), key=len, reverse=True)
    if blocks:
        choices = "|".join(
            "^" + re.escape(block[1:]) + r"(?=\w)" if block.startswith("\n") else re.escape(block)
            for block in blocks
        )
        parts.append(f"(?P<block_comment>{choices})")
    if language.line_comments:
        choices = "|".join(
            r"(?:(?<=[\s;(){}])|^)\#" if comment == "#" else re.escape(comment)
            for comment in language.line_comments
        )
        parts.append(f"(?P<line_comment>{choices})")
    if language.has_tags:
        parts.append(f"(?P<end_tag>{tags.END_TAG})|(?P<tag>{tags.TAG})")
    if language.body_quote:
        parts.append(f"(?P<body_quote>{language.body_quote})")
    if language.heredoc:
        parts.append(rf"(?P<heredoc>{language.heredoc}{_HEREDOC_NAME})")
    if language.has_characters:
        parts.append(f"(?P<character>{_CHARACTER})")
    if language.quotes:
        choices = "|".join(re.escape(quote.opener) for quote in language.quotes)
        parts.append(f"(?P<quote>{choices})")
    if language.has_regexes:
        parts.append("(?P<slash>/)")
    if language.brackets:
        parts.append(f"(?P<bracket>[{re.escape(language.brackets)}])")
    return re.compile("|".join(parts))
