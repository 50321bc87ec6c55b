"""Where the text around a cursor comes from, and what else belongs to it."""

from dataclasses import dataclass

from providers.messages import ContextSnippet


@dataclass(frozen=True, slots=True)
class Origin:
    """The file of a situation, and pieces of other files that a model is shown beside it."""

    path: str = ""
    """Relative, with slashes; blank when it has none."""
    repository: str = ""
    context: tuple[ContextSnippet, ...] = ()


NOWHERE = Origin()
