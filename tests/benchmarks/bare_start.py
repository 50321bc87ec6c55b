"""A pygls server that does nothing, for the start-up benchmark."""

from pygls.lsp.server import LanguageServer

if __name__ == "__main__":
    LanguageServer("bare", "1").start_io()
