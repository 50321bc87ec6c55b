"""The twenty configurations that people write, from `data/configurations`, opened and built."""

import json
from dataclasses import dataclass
from pathlib import Path

import lsp_server  # noqa: F401 - decides what `config` means
from config.loading import open_document
from config.problems import Problem
from config.rendered import ModelConfiguration

_FOLDER = Path(__file__).parent / "data" / "configurations"
# What the files refer to as ${env:NAME}.
ENVIRONMENT = {"PROXY_KEY": "key-of-proxy", "LISA_TOKEN": "token-of-lisa"}


@dataclass(frozen=True, slots=True)
class Written:
    """One configuration: its file's text, and the gateway's document where it has one."""

    name: str
    text: str
    base: object

    def build(self, *, strict: bool = False) -> tuple[ModelConfiguration | None, list[Problem]]:
        """Build it as the server would."""
        opened = open_document(self.text, environ=ENVIRONMENT, read_file=str)
        configuration, problems = opened.build(self.base, strict=strict)
        return configuration, list(problems)


def written() -> list[Written]:
    """All of them, in the order of their numbers."""
    return [_read(path) for path in sorted(_FOLDER.glob("*.jsonc"))]


def _read(path: Path) -> Written:
    base = path.with_name(f"{path.stem}.base.json")
    value = json.loads(base.read_text("utf-8")) if base.exists() else None
    return Written(path.stem, path.read_text("utf-8"), value)
