"""The families of fill-in-the-middle prompts: a row each, with where its tokens are written down.

In templates, `{prefix}` and `{suffix}` are the text around the cursor, `{path}` and `{language}`
are those of the file, `{files}` stands for the other files, each in the form `file`, and
`{repository}` for the name of what they all belong to.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Family:
    """How the models of one family are asked for the text of a gap."""

    name: str
    template: str
    """The prompt without other files; `none` has no suffix."""
    stops: tuple[str, ...]
    """Where the answer ends: special tokens that may leak into the text, the likeliest first."""
    with_files: str = ""
    """The prompt with other files; blank for a family that was trained on single files only."""
    file: str = ""
    """One other file."""

    @property
    def uses_suffix(self) -> bool:
        """Whether the model sees the text after the cursor."""
        return "{suffix}" in self.template


_STARCODER = "<fim_prefix>{prefix}<fim_suffix>{suffix}<fim_middle>"
_STARCODER_STOPS = ("<fim_prefix>", "<fim_suffix>", "<fim_middle>", "<fim_pad>")
_PIPED = "<|fim_prefix|>{prefix}<|fim_suffix|>{suffix}<|fim_middle|>"
_PIPED_STOPS = ("<|fim_prefix|>", "<|fim_suffix|>", "<|fim_middle|>")

# arXiv 2305.06161; the tokenizer also has <filename>, <reponame> and <gh_stars>.
STARCODER = Family(
    "starcoder",
    _STARCODER,
    ("<|endoftext|>", "<filename>", "<reponame>", "<gh_stars>", "<|end|>", *_STARCODER_STOPS),
)
STARCODER2 = Family(
    "starcoder2",
    _STARCODER,
    # Without <file_sep> it runs on into the next file (bigcode-project/starcoder2, issue 10).
    ("<|endoftext|>", "<file_sep>", "<repo_name>", *_STARCODER_STOPS),
    # arXiv 2402.19173, section 5.1: the path stands inside of <fim_prefix>.
    "<repo_name>{repository}{files}<file_sep><fim_prefix>{path}\n{prefix}<fim_suffix>{suffix}"
    "<fim_middle>",
    "<file_sep>{path}\n{text}",
)
# huggingface.co/bigcode/santacoder: hyphens, not underscores.
SANTACODER = Family(
    "santacoder",
    "<fim-prefix>{prefix}<fim-suffix>{suffix}<fim-middle>",
    ("<|endoftext|>", "<fim-prefix>", "<fim-suffix>", "<fim-middle>", "<fim-pad>"),
)
# huggingface.co/stabilityai/stable-code-3b
STABLE_CODE = Family("stable-code", _STARCODER, ("<|endoftext|>", "<|im_end|>", *_STARCODER_STOPS))
# The model card of huggingface.co/smallcloudai/Refact-1_6B-fim. The vendor's own server puts the
# suffix first (github.com/smallcloudai/refact, `known_models`); the model knows both orders.
REFACT = Family("refact", _STARCODER, ("<|endoftext|>", "<filename>", *_STARCODER_STOPS))
# github.com/meta-llama/codellama, `infilling_prompt_tokens`: the blanks belong to the tokens.
CODELLAMA = Family(
    "codellama",
    "<PRE> {prefix} <SUF>{suffix} <MID>",
    (" <EOT>", "<EOT>", "<PRE>", "<SUF>", "<MID>"),
)
# github.com/deepseek-ai/DeepSeek-Coder, "Code Insertion" and "Repository Level Code Completion".
DEEPSEEK_CODER = Family(
    "deepseek-coder",
    "<｜fim▁begin｜>{prefix}<｜fim▁hole｜>{suffix}<｜fim▁end｜>",  # noqa: RUF001 - the tokens are so
    (
        "<｜end▁of▁sentence｜>",  # noqa: RUF001
        "<|eos_token|>",
        "<｜fim▁begin｜>",  # noqa: RUF001
        "<｜fim▁hole｜>",  # noqa: RUF001
        "<｜fim▁end｜>",  # noqa: RUF001
        "<|EOT|>",
    ),
    "<｜fim▁begin｜>{files}#{path}\n{prefix}<｜fim▁hole｜>{suffix}<｜fim▁end｜>",  # noqa: RUF001
    "#{path}\n{text}\n",
)
# github.com/QwenLM/Qwen2.5-Coder (Qwen3-Coder: the same), and arXiv 2409.12186, section 3.2.2.
QWEN_CODER = Family(
    "qwen-coder",
    _PIPED,
    (
        "<|endoftext|>",
        "<|file_sep|>",
        "<|repo_name|>",
        "<|fim_pad|>",
        "<|im_start|>",
        "<|im_end|>",
        *_PIPED_STOPS,
    ),
    "<|repo_name|>{repository}\n{files}<|file_sep|>{path}\n" + _PIPED,
    "<|file_sep|>{path}\n{text}\n",
)
# github.com/QwenLM/CodeQwen1.5, examples: `-base-fim.py`, and `-base-repolevel-fim.py`, which says
# <repo_name> since May 2024; the README has kept <reponame>.
CODEQWEN_15 = Family(
    "codeqwen-1.5",
    _STARCODER,
    ("<|endoftext|>", "<file_sep>", "<repo_name>", "<|im_end|>", "<reponame>", *_STARCODER_STOPS),
    "<repo_name>{repository}\n{files}<file_sep>{path}\n" + _STARCODER,
    "<file_sep>{path}\n{text}\n",
)
# ai.google.dev/gemma/docs/codegemma/prompt-structure; the paths as in arXiv 2406.11409, figure 2.
CODEGEMMA = Family(
    "codegemma",
    _PIPED,
    ("<|file_separator|>", "<end_of_turn>", "<eos>", *_PIPED_STOPS),
    "{files}{path}\n" + _PIPED,
    "{path}\n{text}<|file_separator|>",
)
# github.com/mistralai/mistral-common, `encode_fim`; the form of other files: continuedev/continue.
CODESTRAL = Family(
    "codestral",
    "[SUFFIX]{suffix}[PREFIX]{prefix}",
    ("[PREFIX]", "[SUFFIX]", "[MIDDLE]", "\n+++++ "),
    "[SUFFIX]{suffix}[PREFIX]{files}+++++ {path}\n{prefix}",
    "+++++ {path}\n{text}\n\n",
)
# As StarCoder, with its tokenizer (github.com/ibm-granite/granite-code-models, README and issue 3).
GRANITE_CODE = Family(
    "granite-code", _STARCODER, ("<|endoftext|>", "<filename>", "<reponame>", *_STARCODER_STOPS)
)
# From 3.3 on (github.com/ibm-granite/granite-3.3-language-models): tokens as before.
GRANITE_3 = Family(
    "granite-3",
    _STARCODER,
    ("<|end_of_text|>", "<|start_of_role|>", "<filename>", "<reponame>", *_STARCODER_STOPS),
)
# github.com/ibm-granite/granite-4.0-language-models, "Prompt engineering guide", about FIM.
GRANITE_4 = Family("granite-4", _PIPED, ("<|end_of_text|>", "<|fim_pad|>", *_PIPED_STOPS))
# arXiv 2506.03524, section 3.3: suffix first, single files.
SEED_CODER = Family(
    "seed-coder",
    "<[fim-suffix]>{suffix}<[fim-prefix]>{prefix}<[fim-middle]>",
    (
        "<[end▁of▁sentence]>",
        "<[PAD▁TOKEN]>",
        "<[SEP▁TOKEN]>",
        "<[fim-prefix]>",
        "<[fim-suffix]>",
        "<[fim-middle]>",
    ),
)
# github.com/THUDM/CodeGeeX4, guides/Infilling_guideline.md
_CODEGEEX4 = (
    "###PATH:{path}\n###LANGUAGE:{language}\n###MODE:BLOCK\n"
    "<|code_suffix|>{suffix}<|code_prefix|>{prefix}<|code_middle|><|assistant|>\n"
)
CODEGEEX4 = Family(
    "codegeex4",
    "<|user|>\n" + _CODEGEEX4,
    (
        "<|endoftext|>",
        "<|user|>",
        "<|observation|>",
        "<|assistant|>",
        "<|code_suffix|>",
        "<|code_prefix|>",
        "<|code_middle|>",
    ),
    "<|user|>\n{files}" + _CODEGEEX4,
    "###REFERENCE:\n###PATH:{path}\n{text}\n",
)
# As continuedev/continue asks it; the vendor's own API takes `suffix` instead.
MERCURY_CODER = Family(
    "mercury-coder",
    "<|file_sep|>{path}\n" + _PIPED,
    ("<|endoftext|>", "<|file_sep|>", *_PIPED_STOPS),
    "{files}<|file_sep|>{path}\n" + _PIPED,
    "<|file_sep|>{path}\n{text}\n",
)
# huggingface.co/JetBrains/Mellum-4b-base; suffix first (arXiv 2510.05788).
MELLUM = Family(
    "mellum",
    "<filename>{path}\n<fim_suffix>{suffix}<fim_prefix>{prefix}<fim_middle>",
    ("<|endoftext|>", "<filename>", "<reponame>", *_STARCODER_STOPS),
    "{files}<filename>{path}\n<fim_suffix>{suffix}<fim_prefix>{prefix}<fim_middle>",
    "<filename>{path}\n{text}\n",
)
# github.com/aixcoder-plugin/aiXcoder-7B: the order with the suffix first, the beginning empty.
AIXCODER = Family(
    "aixcoder",
    "▁<AIX-SPAN-PRE>▁<AIX-SPAN-POST>{suffix}▁<AIX-SPAN-MIDDLE>{prefix}",
    ("</s>", "▁<AIX-SPAN-PRE>", "▁<AIX-SPAN-POST>", "▁<AIX-SPAN-MIDDLE>", "<AIX-SPAN-"),
)
NONE = Family(
    "none",
    "{prefix}",
    ("<|endoftext|>", "<|im_start|>", "<|im_end|>", "<|end_of_text|>", "<|eot_id|>"),
)

FAMILIES = (
    AIXCODER,
    CODEGEEX4,
    CODEGEMMA,
    CODELLAMA,
    CODEQWEN_15,
    CODESTRAL,
    DEEPSEEK_CODER,
    GRANITE_3,
    GRANITE_4,
    GRANITE_CODE,
    MELLUM,
    MERCURY_CODER,
    NONE,
    QWEN_CODER,
    REFACT,
    SANTACODER,
    SEED_CODER,
    STABLE_CODE,
    STARCODER,
    STARCODER2,
)
