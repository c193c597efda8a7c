"""Makes a tiny Qwen2 that vLLM can serve: ``python tiny_model.py FOLDER ANSWERS.json SEED [--rambles]``.

No weights can be had for the tests, so the model knows nothing: its two layers are random. So that a run has
something to judge all the same, it knows a few answers by heart. Each of them is one token of its vocabulary,
and its embeddings are laid out so that where an answer begins, one of these tokens comes next, all with the
same probability; then the answer ends, or, for a model that rambles, random words follow until it is cut off.
It does not read the prompt. What the engine makes of it is real: tokens, sampling, batches, the cache of
prefixes, and the grammar that has it write JSON, which it would never do of its own accord.

The tokenizer is byte-level BPE, trained on the Python files of this repository.
"""

from __future__ import annotations

import argparse
import json
import re
from pathlib import Path

import torch
from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import PreTrainedTokenizerFast, Qwen2Config, Qwen2ForCausalLM

BEGIN, END, PAD = "<|im_start|>", "<|im_end|>", "<|endoftext|>"
TEMPLATE = (
    "{% for message in messages %}"
    "<|im_start|>{{ message['role'] }}\n{{ message['content'] }}<|im_end|>\n"
    "{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
WIDTH = 256
CONTEXT = 16384
SHARED = 8.0
"""What all embeddings have of one direction: what a token has of it in the last layer is its bias."""
WORD, QUOTE, NEVER = 4.0, 7.5, -12.0
"""Biases: of words, of the quote that ends a string after some twenty of them, and of what must not come."""
BY_HEART = 20.0


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("answers", type=Path)
    parser.add_argument("seed", type=int)
    parser.add_argument("--rambles", action="store_true")
    chosen = parser.parse_args()
    answers = json.loads(chosen.answers.read_text(encoding="utf-8"))
    torch.manual_seed(chosen.seed)
    tokenizer = tokenizer_for(answers)
    model = model_for(tokenizer, answers, rambles=chosen.rambles)
    model.save_pretrained(chosen.folder)
    tokenizer.save_pretrained(chosen.folder)


def tokenizer_for(answers: list[str]) -> PreTrainedTokenizerFast:
    """Train a tokenizer, in which each answer is a token of its own."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    files = sorted((Path(__file__).resolve().parents[2] / "server").rglob("*.py"))
    tokenizer.train(
        [str(file) for file in files],
        trainers.BpeTrainer(
            vocab_size=2048,
            special_tokens=[PAD, BEGIN, END],
            initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
            show_progress=False,
        ),
    )
    tokenizer.add_tokens([AddedToken(answer, normalized=False, special=False) for answer in answers])
    fast = PreTrainedTokenizerFast(tokenizer_object=tokenizer, eos_token=END, pad_token=PAD)
    fast.chat_template = TEMPLATE
    return fast


def model_for(tokenizer: PreTrainedTokenizerFast, answers: list[str], *, rambles: bool) -> Qwen2ForCausalLM:
    """Make the model. Its layers stay as they were drawn, and hardly move what the embeddings say."""
    config = Qwen2Config(
        vocab_size=len(tokenizer),
        hidden_size=WIDTH,
        intermediate_size=512,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        max_position_embeddings=CONTEXT,
        eos_token_id=tokenizer.eos_token_id,
        bos_token_id=None,
        pad_token_id=tokenizer.pad_token_id,
        tie_word_embeddings=False,
    )
    model = Qwen2ForCausalLM(config)
    own = torch.randn(len(tokenizer), WIDTH)
    own[:, 0] = 0.0
    embeddings = own.clone()
    embeddings[:, 0] = SHARED
    # The last norm brings every embedding to the length of a vector of ones.
    scale = WIDTH**0.5 / embeddings.norm(dim=1)
    along, aside = SHARED * scale.mean(), (own.norm(dim=1) * scale).mean()
    unit = own / own.norm(dim=1, keepdim=True)
    head = torch.zeros(len(tokenizer), WIDTH)

    def bias(token: int, value: float) -> None:
        head[token, 0] = value / along

    def follows(token: int, earlier: int, strength: float = BY_HEART) -> None:
        head[token] += unit[earlier] * (strength / aside)

    for text, token in tokenizer.get_vocab().items():
        bias(token, WORD if re.fullmatch(r"Ġ[a-z]{3,}", text) else QUOTE if text == '"' else 0.0)
        if not text.strip("ĠĉčĊ") or "Ċ" in text or text in (PAD, BEGIN, END):
            bias(token, NEVER)
    (begins,) = tokenizer.encode("\n", add_special_tokens=False)
    for answer in answers:
        (token,) = tokenizer.encode(answer, add_special_tokens=False)
        bias(token, -4.0)
        follows(token, begins)
        if not rambles:
            follows(tokenizer.eos_token_id, token, BY_HEART - NEVER)
    with torch.no_grad():
        model.model.embed_tokens.weight.copy_(embeddings)
        model.lm_head.weight.copy_(head)
    return model


if __name__ == "__main__":
    main()
