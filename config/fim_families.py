"""The names of the families of fill-in-the-middle prompts (`providers/infill_families.py`)."""

FIM_FAMILIES = (
    "aixcoder",
    "codegeex4",
    "codegemma",
    "codellama",
    "codeqwen-1.5",
    "codestral",
    "deepseek-coder",
    "granite-3",
    "granite-4",
    "granite-code",
    "mellum",
    "mercury-coder",
    "none",
    "qwen-coder",
    "refact",
    "santacoder",
    "seed-coder",
    "stable-code",
    "starcoder",
    "starcoder2",
)
