"""Writes a tiny model of random weights with fill-in-the-middle tokens.

    python -m tests.tiny_gguf FILE

A program of its own: `gguf` is installed for `make e2e` only. What it writes is noise, but a real
llama.cpp loads it and has a working `/infill` for it.
"""

import sys

import gguf
import numpy

_SPECIAL = ("<unk>", "<s>", "</s>", "<|fim_prefix|>", "<|fim_suffix|>", "<|fim_middle|>")
_WIDTH, _HIDDEN, _LAYERS, _HEADS = 64, 128, 2, 4


def write(path: str) -> None:
    """Write the model file."""
    tokens = [*_SPECIAL, *(f"<0x{byte:02X}>" for byte in range(256))]
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_context_length(2048)
    writer.add_embedding_length(_WIDTH)
    writer.add_block_count(_LAYERS)
    writer.add_feed_forward_length(_HIDDEN)
    writer.add_head_count(_HEADS)
    writer.add_head_count_kv(_HEADS)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_rope_dimension_count(_WIDTH // _HEADS)
    _add_tokens(writer, tokens)
    _add_weights(writer, len(tokens))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def _add_tokens(writer: gguf.GGUFWriter, tokens: list[str]) -> None:
    unknown, control, byte = 2, 3, 6  # gguf.TokenType
    writer.add_vocab_size(len(tokens))
    writer.add_tokenizer_model("llama")
    writer.add_token_list(tokens)
    writer.add_token_scores([0.0] * len(tokens))
    writer.add_token_types([unknown, *[control] * (len(_SPECIAL) - 1), *[byte] * 256])
    writer.add_unk_token_id(0)
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(2)
    for name, at in (("pre", 3), ("suf", 4), ("mid", 5)):
        writer.add_uint32(f"tokenizer.ggml.fim_{name}_token_id", at)
    writer.add_chat_template("{% for m in messages %}{{ m.content }}\n{% endfor %}")


def _add_weights(writer: gguf.GGUFWriter, tokens: int) -> None:
    chance = numpy.random.default_rng(7)
    ones = numpy.ones(_WIDTH, numpy.float32)

    def add(name: str, *shape: int) -> None:
        writer.add_tensor(name, (chance.standard_normal(shape) * 0.1).astype(numpy.float32))

    add("token_embd.weight", tokens, _WIDTH)
    add("output.weight", tokens, _WIDTH)
    writer.add_tensor("output_norm.weight", ones)
    for layer in range(_LAYERS):
        block = f"blk.{layer}"
        writer.add_tensor(f"{block}.attn_norm.weight", ones)
        writer.add_tensor(f"{block}.ffn_norm.weight", ones)
        for name in ("attn_q", "attn_k", "attn_v", "attn_output"):
            add(f"{block}.{name}.weight", _WIDTH, _WIDTH)
        add(f"{block}.ffn_gate.weight", _HIDDEN, _WIDTH)
        add(f"{block}.ffn_up.weight", _HIDDEN, _WIDTH)
        add(f"{block}.ffn_down.weight", _WIDTH, _HIDDEN)


if __name__ == "__main__":
    write(sys.argv[1])
