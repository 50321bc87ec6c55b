"""Chat: a conversation that fits a model's window, streamed as it is written."""
