"""Unpacks the small real model into a folder that looks like the cache of a model hub.

    python smollm2_checkpoint.py GGUF FOLDER [TEMPLATE]

Run as a file by the Python that has `transformers`, which is not the one that runs the tests.
"""

import sys
from pathlib import Path

from transformers import AutoModelForCausalLM, AutoTokenizer, GgufConfig

MODEL = "foretype/smollm2"
_REVISION = "0" * 40


def write(weights: Path, folder: Path, template: str = "") -> None:
    """Write the model as `MODEL`, with dense weights and its own tokenizer and chat template.

    Another chat template takes the place of its own.
    """
    named = {"gguf_file": weights.name}
    dense = GgufConfig(dequantize=True)
    tokenizer = AutoTokenizer.from_pretrained(str(weights.parent), **named)
    model = AutoModelForCausalLM.from_pretrained(
        str(weights.parent), **named, quantization_config=dense, dtype="bfloat16"
    )
    if template:
        tokenizer.chat_template = template
    home = folder / f"models--{MODEL.replace('/', '--')}"
    (home / "refs").mkdir(parents=True)
    (home / "refs" / "main").write_text(_REVISION)
    snapshot = home / "snapshots" / _REVISION
    model.save_pretrained(snapshot)
    tokenizer.save_pretrained(snapshot)


if __name__ == "__main__":
    write(Path(sys.argv[1]), Path(sys.argv[2]), *sys.argv[3:])
