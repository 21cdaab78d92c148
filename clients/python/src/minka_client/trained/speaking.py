"""A model's folder answers, by transformers.

Batches are made of all there is to answer, the longest first, and each has its own seed: so a process that went on
after it was killed gives the answers it would have given, whatever it had by then.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from minka_client.trained.answers import Key, Question, Said, Told
from minka_client.trained.loading import context_of, load
from minka_client.trained.sampling import seed_of
from minka_client.training.settings import unknown
from minka_client.training.stopped import Stopped


class Speaker:
    """A model that answers with its own chat template.

    Args:
        settings: in the names of `GenerationConfig`; what is not said there is as the model's own folder says.
        batch: answers at once.
    """

    def __init__(self, folder: Path, *, settings: Mapping[str, Any], seed: int, batch: int) -> None:
        self._tokenizer, self._model = load(folder)
        self._tokenizer.padding_side = "left"
        if self._tokenizer.pad_token_id is None:
            self._tokenizer.pad_token = self._tokenizer.eos_token
        self._config = self._configured(settings)
        self._seed, self._batch = seed, batch
        self._longest = context_of(self._model) - settings["max_new_tokens"]

    def _configured(self, settings: Mapping[str, Any]) -> Any:
        config = self._model.generation_config
        known = config.to_dict()
        for name in settings:
            if name not in known:
                raise unknown(name, known)
        try:
            config.update(**settings)
            config.pad_token_id = self._tokenizer.pad_token_id
            if config.eos_token_id is None:
                config.eos_token_id = self._tokenizer.eos_token_id
            config.validate()
        except (TypeError, ValueError) as error:
            raise Stopped(f"the model does not take these settings: {error}") from None
        return config

    def answer(self, questions: Sequence[Question], done: Collection[Key]) -> Iterator[Told]:
        """What was not answered yet, a batch at a time."""
        rendered = {question.prompt: self._rendered(question) for question in questions}
        tokens = {prompt: len(self._tokenizer(text, add_special_tokens=False).input_ids)
                  for prompt, text in rendered.items()}  # fmt: skip
        fits = [question for question in questions if tokens[question.prompt] <= self._longest]
        said = Said(problem="prompt_too_long")
        if long := [(each, said) for each in questions if tokens[each.prompt] > self._longest and each.key not in done]:
            yield long
        fits.sort(key=lambda question: (-tokens[question.prompt], question.key))
        for at in range(0, len(fits), self._batch):
            batch = fits[at : at + self._batch]
            missing = {question.key for question in batch} - set(done)
            if missing:
                several = self._say([rendered[question.prompt] for question in batch], seed_of(self._seed, at))
                yield [pair for pair in zip(batch, several, strict=True) if pair[0].key in missing]

    def _rendered(self, question: Question) -> str:
        messages = list(question.messages)
        return str(self._tokenizer.apply_chat_template(messages, add_generation_prompt=True, tokenize=False))

    def _say(self, texts: list[str], seed: int) -> list[Said]:
        import torch

        torch.manual_seed(seed)
        asked = self._tokenizer(texts, add_special_tokens=False, padding=True, return_tensors="pt")
        try:
            with torch.inference_mode():
                rows = self._model.generate(**asked.to(self._model.device), generation_config=self._config)
        except (TypeError, ValueError) as error:  # some settings are looked at no earlier
            raise Stopped(f"the model does not take these settings: {error}") from None
        return [self._said(row) for row in rows[:, asked["input_ids"].shape[1] :].tolist()]

    def _said(self, tokens: list[int]) -> Said:
        ends = self._config.eos_token_id
        ends = {*(ends if isinstance(ends, list) else [ends]), self._config.pad_token_id}
        is_cut = len(tokens) == self._config.max_new_tokens and not ends & set(tokens)
        return Said(self._tokenizer.decode(tokens, skip_special_tokens=True), is_cut)
