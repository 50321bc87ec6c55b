"""Opens a configuration from its text or value, and ties every problem to its place in the file."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from config.build import Built, build
from config.collecting import paused_collection
from config.credentials import ReadFile, resolve_secrets
from config.document import WRAPPER
from config.json_places import ParsedText, existing
from config.jsonc import parse
from config.problems import Problem, has_errors
from config.sources import Gateway, gateway_of, with_gateway_token


@dataclass(frozen=True, slots=True)
class OpenedDocument:
    """A site document, read and with its secrets in place, ready to be built."""

    value: object = field(repr=False)
    gateway: Gateway | None
    problems: tuple[Problem, ...]
    _prefix: str
    _file: object = field(repr=False)
    _parsed: ParsedText | None = field(repr=False)

    def build(self, base: object | None = None, *, strict: bool = False) -> Built:
        """Build the configuration, with all problems of the file in the order of its lines."""
        if any(problem.code == "syntax" for problem in self.problems):
            return None, self.problems
        with paused_collection():
            configuration, found = build(self.value, base, strict=strict)
        placed = [_placed(problem, self._prefix, self._file, self._parsed) for problem in found]
        problems = sorted((*self.problems, *placed), key=lambda p: (p.line or 0, p.column or 0))
        return None if has_errors(problems) else configuration, tuple(problems)


def open_document(text: str, *, environ: Mapping[str, str], read_file: ReadFile) -> OpenedDocument:
    """Open a configuration file's text: the document itself, or an object that holds it."""
    with paused_collection():
        parsed = parse(text)
        return _opened(parsed.value, parsed, environ, read_file)


def open_value(value: object, *, environ: Mapping[str, str], read_file: ReadFile) -> OpenedDocument:
    """Open a configuration that an editor has parsed already; its problems have no lines."""
    return _opened(value, None, environ, read_file)


def _opened(
    file: object, parsed: ParsedText | None, environ: Mapping[str, str], read_file: ReadFile
) -> OpenedDocument:
    prefix, inner = "", file
    if isinstance(file, dict) and WRAPPER in file:
        prefix, inner = f"/{WRAPPER}", file[WRAPPER]
    resolved, missing = resolve_secrets(inner, environ, read_file)
    gateway = gateway_of(resolved, environ)
    value = with_gateway_token(resolved, gateway)
    placed = tuple(_placed(problem, prefix, file, parsed) for problem in missing)
    problems = (*(parsed.problems if parsed else ()), *placed)
    return OpenedDocument(value, gateway, problems, prefix, file, parsed)


def _placed(problem: Problem, prefix: str, file: object, parsed: ParsedText | None) -> Problem:
    # A gateway token from the environment is checked like a written one, but stands nowhere.
    pointer = existing(prefix + problem.pointer, file)
    if parsed is None:
        return replace(problem, pointer=pointer)
    line, column = parsed.place(pointer, of_key=problem.is_about_key)
    return replace(problem, pointer=pointer, line=line, column=column)
