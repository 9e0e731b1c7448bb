"""Build a language model of random weights, small enough to lie in a temporary folder: ``tiny_model.py FOLDER``.

It says gibberish, and the servers that serve it frame, count and end that gibberish as they do every answer. Written
twice from the same numbers: ``FOLDER/test-model`` for transformers, ``FOLDER/tiny.gguf`` for llama.cpp. Its tokens are
the 256 bytes and one pair of them, so that answers hold every kind of character and halves of them, and the words by
which models of the Qwen family mark their thoughts and calls: by these, and by the template, servers tell them apart.

Needs torch, transformers and gguf, which the harness does not; nothing of the suite runs this.
"""

from __future__ import annotations

import sys
from pathlib import Path

import gguf
import torch
from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast
from vocabulary import END, MARKS, MERGE, MODEL, VOCABULARY, WORDS

_SEED = 4
_SIZE, _INNER, _HEADS, _LAYERS, _CONTEXT = 64, 128, 4, 2, 2048
_TEMPLATE = (Path(__file__).parent / "chat_template.jinja").read_text().removesuffix("\n")
_ANSWER = {
    "defaults": {"role": "assistant"},
    "start_anchor": "<|im_start|>assistant\n",
    "fields": {
        "reasoning_content": {"open": WORDS[0], "close": WORDS[1], "content": "text"},
        "tool_calls": {
            "open_pattern": rf"\s*{WORDS[2]}",
            "close": WORDS[3],
            "repeats": True,
            "content": "json",
            "transform": {"type": "function", "function": "{content}"},
        },
        "content": {"close_pattern": r"\s*<\|im_end\|>", "content": "text"},
    },
}
"""How transformers finds the thoughts and the calls of an answer; llama.cpp finds it out from the template."""


def main(folder: Path) -> None:
    """Write both forms of the model."""
    torch.manual_seed(_SEED)
    model = LlamaForCausalLM(
        LlamaConfig(
            vocab_size=len(VOCABULARY),
            hidden_size=_SIZE,
            intermediate_size=_INNER,
            num_hidden_layers=_LAYERS,
            num_attention_heads=_HEADS,
            num_key_value_heads=_HEADS,
            max_position_embeddings=_CONTEXT,
            tie_word_embeddings=False,
            initializer_range=0.5,  # random words are only random where the weights are not all but nothing
            bos_token_id=0,
            eos_token_id=END,
        )
    ).eval()
    _write_hf(folder / MODEL, model)
    _write_gguf(folder / "tiny.gguf", model)


def _write_hf(folder: Path, model: LlamaForCausalLM) -> None:
    tokenizer = Tokenizer(models.BPE(vocab=VOCABULARY, merges=[MERGE]))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens(list(MARKS))
    tokenizer.add_tokens([AddedToken(word, special=False, normalized=False) for word in WORDS])
    fast = PreTrainedTokenizerFast(tokenizer_object=tokenizer, eos_token=MARKS[2], pad_token=MARKS[0])
    fast.chat_template = _TEMPLATE
    fast.response_template = _ANSWER
    fast.save_pretrained(folder)
    model.save_pretrained(folder)


def _write_gguf(path: Path, model: LlamaForCausalLM) -> None:
    tokens = list(VOCABULARY)
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_name(MODEL)
    writer.add_context_length(_CONTEXT)
    writer.add_embedding_length(_SIZE)
    writer.add_block_count(_LAYERS)
    writer.add_feed_forward_length(_INNER)
    writer.add_head_count(_HEADS)
    writer.add_head_count_kv(_HEADS)
    writer.add_rope_dimension_count(_SIZE // _HEADS)
    writer.add_layer_norm_rms_eps(model.config.rms_norm_eps)
    writer.add_vocab_size(len(tokens))
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("default")
    writer.add_token_list(tokens)
    kinds = dict.fromkeys(MARKS, gguf.TokenType.CONTROL) | dict.fromkeys(WORDS, gguf.TokenType.USER_DEFINED)
    writer.add_token_types([kinds.get(token, gguf.TokenType.NORMAL) for token in tokens])
    writer.add_token_merges([" ".join(MERGE)])
    writer.add_bos_token_id(0)
    writer.add_eos_token_id(END)
    writer.add_add_bos_token(False)
    writer.add_chat_template(_TEMPLATE)
    names = gguf.get_tensor_name_map(gguf.MODEL_ARCH.LLAMA, _LAYERS)
    for name, tensor in model.state_dict().items():
        values = tensor.float()
        if name.endswith(("q_proj.weight", "k_proj.weight")):  # llama.cpp pairs the halves of a head another way
            values = values.view(_HEADS, 2, -1, values.shape[1]).swapaxes(1, 2).reshape(values.shape)
        ours = names.get_name(name, try_suffixes=(".weight",))
        writer.add_tensor(ours, values.contiguous().numpy())
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
