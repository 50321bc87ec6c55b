"""The LSP language id of a file, for commands that no editor tells it to."""

from pathlib import Path

_BY_SUFFIX = {
    ".c": "c", ".h": "c", ".cc": "cpp", ".cpp": "cpp", ".hpp": "cpp", ".cs": "csharp",
    ".css": "css", ".scss": "scss", ".dart": "dart", ".ex": "elixir", ".exs": "elixir",
    ".erl": "erlang", ".go": "go", ".hs": "haskell", ".html": "html", ".java": "java",
    ".js": "javascript", ".mjs": "javascript", ".jsx": "javascriptreact", ".json": "json",
    ".jl": "julia", ".kt": "kotlin", ".lua": "lua", ".md": "markdown", ".ml": "ocaml",
    ".php": "php", ".pl": "perl", ".py": "python", ".pyi": "python", ".r": "r", ".rb": "ruby",
    ".rs": "rust", ".scala": "scala", ".sh": "shellscript", ".bash": "shellscript",
    ".sql": "sql", ".svelte": "svelte", ".swift": "swift", ".toml": "toml",
    ".ts": "typescript", ".tsx": "typescriptreact", ".vue": "vue", ".xml": "xml",
    ".yaml": "yaml", ".yml": "yaml", ".zig": "zig",
}  # fmt: skip


def language_of(path: Path) -> str:
    """Give the language id that editors use for a file of that name."""
    return _BY_SUFFIX.get(path.suffix.lower(), "plaintext")
