"""What clients made for Copilot's language server say beyond LSP, so that they can drive ours."""
