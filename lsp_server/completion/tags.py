"""Tags of HTML and its kin, as far as they tell what is open where."""

import re

_VOID = frozenset(
    [
        *("area", "base", "br", "col", "embed", "hr", "img"),
        *("input", "link", "meta", "param", "source", "track", "wbr"),
    ]
)
_WITH_CODE = frozenset(["</script>", "</style>"])
# What stands between a tag's name and its end; each part is taken for good, or a line that does not
# end the tag would be read in all ways there are.
_ATTRIBUTES = re.compile(
    r"(?:\"[^\"]*\"|'[^']*'|\{(?:[^{}]|\{[^{}]*\})*+\}|[=-]>|/(?!>)|[^'\">/])*+(?P<slash>/)?>"
)

TAG = r"<(?P<tag_name>[A-Za-z][\w.:-]*)"
END_TAG = r"</(?P<end_tag_name>[A-Za-z][\w.:-]*)\s*>?"


def is_void(name: str) -> bool:
    """Tell whether a tag opens nothing: `br` or `BR`, but not the component `Link`."""
    return (name.lower() if name.isupper() else name) in _VOID


def closer_of(name: str) -> str:
    """Give what closes an element."""
    return f"</{name.lower()}>"


def unfinished(name: str) -> str:
    """Give what stands for a tag that goes on on the next line."""
    return f">{name}"


def unfinished_name(closer: str) -> str:
    """Give the name of a tag that went on from the line above, or the empty string."""
    return closer[1:] if closer.startswith(">") else ""


def after_code(line: str, closer: str, position: int) -> int:
    """Skip what has no tags, in an element that holds code; -1 when all of the line is code."""
    return line.lower().find(closer, position) if closer in _WITH_CODE else position


def end_of_attributes(line: str, start: int) -> tuple[int, bool] | None:
    """Give where a tag ends whose attributes begin at `start`, and whether it closes itself."""
    if found := _ATTRIBUTES.match(line, start):
        return found.end(), bool(found["slash"])
    bare = line.rstrip()
    # Something with quotes that go on over several lines.
    return (len(line), bare.endswith("/>")) if bare.endswith(">") else None
