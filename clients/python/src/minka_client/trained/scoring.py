"""How likely a model finds an answer: the sum of the log-probabilities of its tokens, and how many these are.

As in training, the conversation is rendered with the model's chat template, and an answer's tokens are those by which
prompt and answer together go beyond the prompt alone.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

from minka_client.trained.loading import context_of, load

Messages = Sequence[dict[str, str]]


class Score(NamedTuple):
    """Log-probability of an answer, in nats, and its tokens."""

    total: float
    tokens: int

    @property
    def per_token(self) -> float:
        return self.total / self.tokens


class Ids(NamedTuple):
    """A conversation in tokens, and with which of them the answer begins."""

    place: int
    tokens: list[int]
    begins: int


MOST_AT_ONCE: Final = 2**28
"""Numbers that a batch may have before the softmax: 1 GB of them."""


class Scorer:
    """A model that is asked what it finds likely. It is never trained, and says nothing."""

    def __init__(self, folder: Path, *, batch: int) -> None:
        self._tokenizer, self._model = load(folder)
        self._batch, self._context = batch, context_of(self._model)

    def scores(self, asked: Sequence[tuple[Messages, str]]) -> list[Score | None]:
        """Of each prompt and answer; None where they are longer than the model reads, or there is no token."""
        found: list[Score | None] = [None] * len(asked)
        rows = [self._ids(place, *each) for place, each in enumerate(asked)]
        fits = [row for row in rows if len(row.tokens) <= self._context and 0 < row.begins < len(row.tokens)]
        fits.sort(key=lambda row: (-len(row.tokens), row.place))
        for batch in self._batches(fits):
            for row, score in zip(batch, self._of(batch), strict=True):
                found[row.place] = score
        return found

    def _batches(self, rows: list[Ids]) -> Iterator[list[Ids]]:
        at = 0
        while at < len(rows):
            widest = len(rows[at].tokens) * self._model.config.get_text_config().vocab_size
            size = max(1, min(self._batch, MOST_AT_ONCE // widest))
            yield rows[at : at + size]
            at += size

    def _ids(self, place: int, prompt: Messages, answer: str) -> Ids:
        before = self._tokens(list(prompt), more=True)
        whole = self._tokens([*prompt, {"role": "assistant", "content": answer}], more=False)
        begins = next((at for at, (one, other) in enumerate(zip(before, whole, strict=False)) if one != other),
                      min(len(before), len(whole)))  # fmt: skip
        return Ids(place, whole, begins)

    def _tokens(self, messages: list[dict[str, str]], *, more: bool) -> list[int]:
        text = self._tokenizer.apply_chat_template(messages, add_generation_prompt=more, tokenize=False)
        return list(self._tokenizer(text, add_special_tokens=False).input_ids)

    def _of(self, batch: list[Ids]) -> Iterator[Score]:
        import torch

        longest = max(len(row.tokens) for row in batch)
        ids = torch.zeros((len(batch), longest), dtype=torch.long)
        for at, row in enumerate(batch):
            ids[at, : len(row.tokens)] = torch.tensor(row.tokens)
        lengths = torch.tensor([len(row.tokens) for row in batch])
        mask = (torch.arange(longest) < lengths[:, None]).long()
        device = self._model.device
        with torch.inference_mode():
            logits = self._model(input_ids=ids.to(device), attention_mask=mask.to(device)).logits[:, :-1].float()
        following = ids[:, 1:].to(logits.device)
        said: Any = logits.gather(-1, following[..., None])[..., 0] - logits.logsumexp(-1)
        for row, each in zip(batch, said.double().cpu(), strict=True):
            yield Score(float(each[row.begins - 1 : len(row.tokens) - 1].sum()), len(row.tokens) - row.begins)
