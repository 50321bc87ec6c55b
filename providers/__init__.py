"""Asks a model server for text and yields it as typed events."""
