"""A model, and its base beside it, measured on the same rows: preferences, losses, flags.

Only rows that every model could read are counted, so that their numbers are of the same rows.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from minka_client.trained.held_out import SPLITS, Flagged, Left, Pair
from minka_client.trained.numbers import gained, measured, win
from minka_client.trained.scoring import Messages, Score, Scorer

Two = tuple[Score | None, Score | None]


class Found(NamedTuple):
    """What a model finds likely, in the order in which it was asked."""

    pairs: list[Two]
    answers: list[Score | None]
    flagged: list[Two]


class Asked(NamedTuple):
    """All that a model is asked: pairs of answers, single answers, and what was flagged."""

    pairs: Sequence[Pair]
    answers: Sequence[tuple[Messages, str]]
    flagged: Sequence[Flagged]

    def of(self, folder: Path, batch: int) -> Found:
        scorer = Scorer(folder, batch=batch)
        chosen = scorer.scores([(each.prompt, each.chosen) for each in self.pairs])
        rejected = scorer.scores([(each.prompt, each.rejected) for each in self.pairs])
        instead = scorer.scores([(each.prompt, each.instead) for each in self.flagged])
        flagged = scorer.scores([(each.prompt, each.flagged) for each in self.flagged])
        return Found(
            pairs=list(zip(chosen, rejected, strict=True)), answers=scorer.scores(self.answers),
            flagged=list(zip(instead, flagged, strict=True)),
        )  # fmt: skip


class Preferences:
    """How often the answer that people preferred is the likelier one, over all rows and over any part of them."""

    def __init__(self, pairs: Sequence[Pair], found: Mapping[str, Found], left: Left, *, seed: int) -> None:
        self._pairs, self._seed = pairs, seed
        wins = {name: [_won(*scores) for scores in each.pairs] for name, each in found.items()}
        self._read = [at for at in range(len(pairs)) if all(each[at] for each in wins.values())]
        self._wins = {name: {at: each[at] or {} for at in self._read} for name, each in wins.items()}
        left.add("too_long", len(pairs) - len(self._read))

    def told(self) -> dict[str, Any]:
        by = {name: self._by(name) for name in ("split", "variety", "domain")}
        splits = {split: by["split"].get(split) or self._cell([]) for split in SPLITS}
        return {"held_out": self._cell(self._read), "splits": splits, "variety": by["variety"], "domain": by["domain"]}

    def _by(self, name: str) -> dict[str, Any]:
        """By what stands there, that of most rows first."""
        rows = defaultdict(list)
        for at in self._read:
            rows[getattr(self._pairs[at], name)].append(at)
        several = sorted(rows.items(), key=lambda each: -len(each[1]))
        return {value: self._cell(each) for value, each in several if value}

    def _cell(self, rows: Sequence[int]) -> dict[str, Any]:
        prompts = [self._pairs[at].prompt_id for at in rows]
        several = {name: [each[at] for at in rows] for name, each in self._wins.items()}
        told = {name: measured(each, prompts, seed=self._seed) for name, each in several.items()}
        if "base" in several:
            told["gain"] = gained(several["model"], several["base"], prompts, seed=self._seed)
        return {"rows": len(rows), "prompts": len(set(prompts)), **told}


def _won(chosen: Score | None, rejected: Score | None) -> dict[str, float] | None:
    if chosen is None or rejected is None:
        return None
    return {"sum": win(chosen.total, rejected.total), "per_token": win(chosen.per_token, rejected.per_token)}


def losses(found: Mapping[str, Found], left: Left) -> dict[str, Any] | None:
    """Mean negative log-probability of a token of the answers."""
    names, several = [*found], [each.answers for each in found.values()]
    read = [scores for scores in zip(*several, strict=True) if None not in scores]
    left.add("too_long", len(several[0]) - len(read))
    if not read:
        return None
    told = {name: _loss([scores[at] for scores in read]) for at, name in enumerate(names)}
    return {"rows": len(read), "tokens": sum(scores[0].tokens for scores in read if scores[0]), **told}


def _loss(scores: Sequence[Score | None]) -> float:
    there = [score for score in scores if score]
    return -sum(score.total for score in there) / sum(score.tokens for score in there)


def flags(flagged: Sequence[Flagged], found: Mapping[str, Found]) -> dict[str, Any] | None:
    """How many items pass: what could be said instead is likelier, per token, than what was flagged. What a model
    cannot read it does not pass. One that was flagged for two things counts in both."""
    if not flagged:
        return None

    def cell(rows: Sequence[int]) -> dict[str, int]:
        passed = {name: sum(_passes(*each.flagged[at]) for at in rows) for name, each in found.items()}
        return {"items": len(rows), **passed}

    def by(values: Callable[[Flagged], Iterable[str]]) -> dict[str, Any]:
        rows: dict[str, list[int]] = {}
        for at, each in enumerate(flagged):
            for value in values(each):
                rows.setdefault(value, []).append(at)
        return {value: cell(several) for value, several in sorted(rows.items())}

    return {
        **cell(range(len(flagged))), "category": by(lambda each: each.categories),
        "variety": by(lambda each: [each.variety]),
    }  # fmt: skip


def _passes(instead: Score | None, flagged: Score | None) -> bool:
    return bool(instead and flagged and instead.per_token > flagged.per_token)
