"""Training runs: a release is handed over, the run tells how it goes, and what its model answers comes back."""

import json
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any, Final

from minka_client.batches import batches
from minka_client.things import Answer, Ingested, Prompt, Release, Run

BATCH: Final = 500
MOST_BYTES: Final = 2_000_000
"""Answers are sent so many at once, or fewer where they are long."""
POINTS: Final = 1_000
"""Metrics at once."""


class Runs:
    """What a `Minka` does with runs. Whatever is sent can be sent again, and changes nothing."""

    def _ask(self, method: str, path: str, **what: Any) -> Any:
        raise NotImplementedError

    def hand_over(
        self, releases: Sequence[Release | str], *, recipe: str, base_model: str, base_licence: str, seed: int = 0,
        commit: str | None = None, place: str = "", campaign: str | None = None,
        prompts: Mapping[str, int] | None = None, here: bool = False, key: uuid.UUID | None = None,
    ) -> Run:  # fmt: skip
        """Make a run.

        Args:
            releases: or their versions.
            recipe: `sft`, `dpo`, `kto` or `reward`.
            base_model: the name under which its answers are known, or will be.
            campaign: in which the new answers are judged; None, and they are not paired.
            prompts: how many at most of `train` and `evaluate`, and none of one that is not named; None, and the house
                says how many.
            here: whether a worker of the house trains it.
            key: the run's own: asked for again under it, there is one.
        """
        asked = {
            "id": str(key or uuid.uuid4()), "recipe": recipe, "base_model": base_model, "base_licence": base_licence,
            "releases": [each if isinstance(each, str) else each.version for each in releases], "seed": seed,
            "place": place, "campaign": campaign,
        }  # fmt: skip
        more = {"commit": commit, "prompts": None if prompts is None else dict(prompts), "here": here or None}
        asked |= {name: value for name, value in more.items() if value is not None}
        return Run.of(self._ask("POST", "runs/", json=asked))

    def runs(self, *, release: Release | str | None = None, state: str | None = None) -> list[Run]:
        """The newest first; only those that were handed a release, or in a state."""
        version = release.version if isinstance(release, Release) else release
        asked = {"release": version, "state": state}
        told = self._ask("GET", "runs/", params={name: value for name, value in asked.items() if value})
        return [Run.of(each) for each in told]

    def run(self, key: uuid.UUID | str) -> Run:
        return Run.of(self._ask("GET", f"runs/{key}/"))

    def manifest(self, run: Run) -> dict[str, Any]:
        """What was handed over: releases with their files and checksums, the schema, the recipe, the base model.

        Raises:
            Refused: `recalled`, where a release of it was since.
        """
        return dict(self._ask("GET", f"runs/{run.id}/manifest/"))

    def recipe(self, name: str) -> dict[str, str]:
        """The text of the house's own script of a recipe, of its settings, and of what asks and measures its model
        afterwards, by the names of their files."""
        return dict(self._ask("GET", f"recipes/{name}/")["files"])

    def move(self, run: Run, state: str, *, problem: str = "", place: str | None = None) -> Run:
        """Say in which state the run is: `running`, `finished`, `failed` (with the problem) or `cancelled`."""
        said = {"state": state, "problem": problem} | ({} if place is None else {"place": place})
        return Run.of(self._ask("PUT", f"runs/{run.id}/state/", json=said))

    def heartbeat(self, run: Run) -> Run:
        """The run lives. One that was cancelled meanwhile comes back as such: `is_over`, and one stops."""
        return Run.of(self._ask("POST", f"runs/{run.id}/heartbeat/"))

    def record(self, run: Run, points: Iterable[tuple[str, int, float]]) -> int:
        """Keep metrics, any number of (name, step, value). Returns how many the run has in all."""
        told = [{"name": name, "step": step, "value": value} for name, step, value in points]
        kept = 0
        for at in range(0, len(told), POINTS):
            kept = int(self._ask("POST", f"runs/{run.id}/metrics/", json={"metrics": told[at : at + POINTS]})["kept"])
        return kept

    def tell_evaluation(self, run: Run, document: Mapping[str, Any]) -> None:
        """What `evaluate.py` measured of the run's model, as it stands in its `evaluation.json`; told again, the last
        one holds."""
        self._ask("PUT", f"runs/{run.id}/evaluation/", json=dict(document))

    def prompts(self, run: Run, *, role: str | None = None) -> Iterator[Prompt]:
        """The prompts to be answered, in their order."""
        after: int | None = -1
        while after is not None:
            asked = {"after": str(after)} | ({"role": role} if role else {})
            told = self._ask("GET", f"runs/{run.id}/prompts/", params=asked)
            yield from (Prompt.of(each) for each in told["prompts"])
            after = told["next"]

    def add_outputs(
        self, run: Run, answers: Iterable[Answer], *, model: str, licence: str, checkpoint: str = "",
        permitted_use: Sequence[str] | None = None,
    ) -> Ingested:  # fmt: skip
        """Send what a model of this run answered, batch by batch; each batch is whole or not there, and after a fault
        all of them can be sent again.

        Args:
            model: its name from now on; or that of the run's base model, for what that one answers.
            licence: of what it says; "unknown" is one.
            checkpoint: `checkpoint_id` of the recipe's `lineage.json`.
            permitted_use: of "train" and "evaluate"; both when left out.
        """
        said = {"name": model, "licence": licence} | ({"checkpoint": checkpoint} if checkpoint else {})
        facts = said | ({} if permitted_use is None else {"permitted_use": list(permitted_use)})
        done = Ingested()
        for batch in batches((asdict(answer) for answer in answers), BATCH, MOST_BYTES):
            body = b'{"model": %b, "outputs": [%b]}' % (json.dumps(facts).encode(), b",".join(batch))
            done.add(self._ask(
                "POST", f"runs/{run.id}/outputs/", content=body, headers={"Content-Type": "application/json"}
            ))  # fmt: skip
        return done

    def lineage(self, **asked: str) -> dict[str, Any]:
        """What something came of and went into. Asked with `run`, `release`, `model`, `output`, or `release` and `row`:
        the `record_id` or `id` of one of its rows."""
        return dict(self._ask("GET", "lineage/", params=asked))
