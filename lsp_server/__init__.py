"""Foretype: a language server for ghost text and chat from self-hosted models."""

from lsp_server.import_guard import guard_imports

__version__ = "0.1.0"

guard_imports()
