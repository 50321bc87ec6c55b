"""What prompts have to know of programming languages, by LSP language id."""

_MARKERS = {
    "#": (
        "python cython shellscript bash zsh fish ruby perl r julia yaml toml dockerfile makefile"
        " elixir nim coffeescript powershell starlark gdscript cmake terraform hcl nix graphql"
        " tcl awk just crystal properties"
    ),
    "//": (
        "c cpp objective-c objective-cpp cuda-cpp csharp java kotlin scala groovy go rust swift"
        " dart javascript javascriptreact typescript typescriptreact zig v d php fsharp jsonc"
        " less scss proto solidity glsl hlsl wgsl verilog systemverilog odin gleam svelte vue"
    ),
    "--": "lua haskell sql elm ada vhdl purescript lean idris plsql",
    "%": "erlang latex tex matlab prolog",
    ";": "clojure lisp commonlisp scheme racket elisp asm ini",
    "!": "fortran fortran-modern",
    "'": "vb",
    '"': "vim",
}
_MARKER_OF = {name: marker for marker, names in _MARKERS.items() for name in names.split()}

# Where capitalizing the language id does not give the name.
_NAMES = {
    "cpp": "C++",
    "csharp": "C#",
    "css": "CSS",
    "fsharp": "F#",
    "html": "HTML",
    "javascript": "JavaScript",
    "javascriptreact": "JavaScript",
    "json": "JSON",
    "objective-c": "Objective-C",
    "objective-cpp": "Objective-C++",
    "php": "PHP",
    "scss": "SCSS",
    "shellscript": "Shell",
    "sql": "SQL",
    "typescript": "TypeScript",
    "typescriptreact": "TypeScript",
    "xml": "XML",
    "yaml": "YAML",
}


def comment_marker(language_id: str) -> str:
    """Return what makes the rest of a line a comment; blank where no such thing is known."""
    return _MARKER_OF.get(language_id, "")


def language_name(language_id: str) -> str:
    """Return the name people use for a language; blank when it is unknown or no language."""
    if language_id in {"", "plaintext"}:
        return ""
    return _NAMES.get(language_id, language_id.capitalize())
