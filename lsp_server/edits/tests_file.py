"""Where the tests of a file go, by the habit of its language."""

import re
from urllib.parse import quote, unquote

from lsp_server.uris import path_of

# How a language names the tests of `{name}`.
_PATTERNS = {
    "py": "test_{name}.py", "pyi": "test_{name}.py", "go": "{name}_test.go",
    "js": "{name}.test.js", "mjs": "{name}.test.mjs", "cjs": "{name}.test.cjs",
    "jsx": "{name}.test.jsx", "ts": "{name}.test.ts", "mts": "{name}.test.mts",
    "cts": "{name}.test.cts", "tsx": "{name}.test.tsx", "vue": "{name}.test.ts",
    "svelte": "{name}.test.ts", "java": "{name}Test.java", "kt": "{name}Test.kt",
    "scala": "{name}Test.scala", "groovy": "{name}Test.groovy", "php": "{name}Test.php",
    "cs": "{name}Tests.cs", "fs": "{name}Tests.fs", "swift": "{name}Tests.swift",
    "rb": "{name}_test.rb", "ex": "{name}_test.exs", "exs": "{name}_test.exs",
    "erl": "{name}_tests.erl", "dart": "{name}_test.dart", "lua": "{name}_spec.lua",
    "hs": "{name}Spec.hs", "clj": "{name}_test.clj", "zig": "{name}_test.zig",
    "c": "test_{name}.c", "r": "test-{name}.R", "jl": "test_{name}.jl", "sh": "{name}.bats",
    "bash": "{name}.bats",
}  # fmt: skip
_OTHERS = "{name}_test.{suffix}"
_MOST_TRIES = 100


def uri_for_tests(uri: str) -> str:
    """The URI, beside a document's own, of a file of its tests that does not exist yet."""
    folder, slash, last = re.split(r"[?#]", uri, maxsplit=1)[0].rpartition("/")
    name, dot, suffix = unquote(last).rpartition(".")
    if not dot or not name:
        name, suffix = unquote(last), "txt"
    pattern = _PATTERNS.get(suffix.lower(), _OTHERS)
    for number in range(1, _MOST_TRIES):
        numbered = name if number == 1 else f"{name}_{number}"
        file = pattern.format(name=numbered, suffix=suffix)
        found = folder + slash + quote(file, safe="@:$&'()*+,;=!~")
        path = path_of(found)
        if path is None or not path.exists():
            break
    return found
