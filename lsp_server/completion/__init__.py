"""Text and timing decisions of ghost text, testable without a server."""
