"""New answers meet others: an item for each prompt that a model of a run answered.

To a *train* prompt the new answer meets the best so far, so that what is learnt from it is worth learning; who that is
is one named rule, `best_of`. To an *evaluate* prompt it meets one that is drawn (`boards/choosing.py`), so that a board
learns where the model stands; such items have the prompt's role and are in no config that trains. Both answers
circulate and have a licence, they differ, and neither says which model it is. Items come in the order in which the
prompts were drawn, one variety after the other, so that no variety waits behind another.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from typing import NamedTuple

from django.db.models import Count

from annotations.assignments.imports import load_items
from annotations.assignments.models import Campaign, Item
from annotations.corpus.grouping import content_key
from annotations.corpus.lines import FACETS, ItemLine, OutputLine
from annotations.corpus.models import ModelVersion, Output, Prompt, PromptGroup
from annotations.corpus.naming import says_who_it_is
from annotations.quality.models import Verdict
from annotations.training.boards.choosing import Strength, chances, draw, is_scarce
from annotations.training.boards.queries import judged_in, strengths_now
from annotations.training.models import TrainingRun
from annotations.training.prompts import still_may_leave
from annotations.writing.models import PromptProposal

KIND = "vote"


class Pair(NamedTuple):
    """A new answer and the one it meets, and with which chance it was drawn to."""

    prompt: Prompt
    new: Output
    other: Output
    chance: float = 1.0


def best_of(models: Collection[int], wins: Mapping[int, int], base: int | None) -> int:
    """The current best of some models: the one preferred in most settled verdicts; of several, or where nothing is
    settled, the base model of the run, and then the one that came first."""
    return min(models, key=lambda model: (-wins.get(model, 0), model != base, model))


def pair(*, run: TrainingRun) -> int:
    """Make the items that are still to be made of a run's answers. Inside the caller's transaction. Returns how many;
    asked again, none."""
    campaign = run.campaign
    if campaign is None or campaign.state == Campaign.State.CLOSED:
        return 0
    pairs = {_name(run, each): each for each in pairs_of(run)}
    made = Item.objects.filter(campaign=campaign, source_id__in=pairs).values_list("source_id", flat=True)
    for name in made:
        del pairs[name]
    touches, authors = _touches([each.prompt.pk for each in pairs.values()])
    lines = [_line(number, name, each, touches[each.prompt.pk]) for number, (name, each) in enumerate(pairs.items(), 1)]
    report = load_items(campaign=campaign, lines=lines)
    _say_how_likely(campaign, pairs)
    _credit(campaign, pairs, authors)
    return report.added


def pairs_of(run: TrainingRun) -> Iterator[Pair]:
    """Each model's first answer that circulates to each prompt, with one that others gave."""
    usable = still_may_leave(run.prompts.values_list("prompt", flat=True))
    handed = run.prompts.filter(prompt__in=usable).order_by("place")
    prompts = [row.prompt for row in handed.select_related("prompt__source", "prompt__group")]
    ours, others = _answers(run, prompts)
    choose = _Choice(run, [prompt for prompt in prompts if ours[prompt.pk]], ours, others)
    for prompt in prompts:
        for new in ours[prompt.pk].values():
            rivals = {model: each for model, each in others[prompt.pk].items() if each.text_sha256 != new.text_sha256}
            if rivals:
                yield choose.pair(prompt, new, rivals)


Answers = dict[int, dict[int, Output]]
"""By prompt and model."""


def _answers(run: TrainingRun, prompts: Collection[Prompt]) -> tuple[Answers, Answers]:
    """The run's own models' answers, and those of others, that may be used as their prompt is, and are blind."""
    ours: Answers = defaultdict(dict)
    others: Answers = defaultdict(dict)
    own, names = set(run.trained.values_list("model", flat=True)), house_names()
    role = {prompt.pk: prompt.group.role for prompt in prompts}
    found = Output.objects.filter(prompt__in=prompts, quarantine="").exclude(licence="")
    for output in found.select_related("model").order_by("sample", "pk"):
        side = ours if output.model_id in own else others
        is_there = output.model_id in side[output.prompt_id]
        if not is_there and role[output.prompt_id] in output.permitted_use and not says_who_it_is(output.text, names):
            side[output.prompt_id][output.model_id] = output
    return ours, others


def house_names() -> list[str]:
    """Of every model that ever answered here."""
    return list(ModelVersion.objects.values_list("name", flat=True))


class _Choice:
    """Whom a new answer meets, by what is known of all of them at this moment."""

    def __init__(self, run: TrainingRun, prompts: Collection[Prompt], ours: Answers, others: Answers) -> None:
        outputs = [each for side in (ours, others) for prompt in prompts for each in side[prompt.pk].values()]
        self._seed, self._name = run.seed, {output.model_id: output.model.name for output in outputs}
        self._wins = _wins(self._name)
        self._base = next((model for model, name in self._name.items() if name == run.base_model), None)
        evaluated = {prompt.variety_id for prompt in prompts if prompt.group.role == PromptGroup.Role.EVALUATE}
        self._strengths = strengths_now() if evaluated else {}
        self._judged = judged_in(list(self._name), evaluated) if evaluated else {}

    def pair(self, prompt: Prompt, new: Output, rivals: Mapping[int, Output]) -> Pair:
        if prompt.group.role == PromptGroup.Role.TRAIN:
            return Pair(prompt, new, rivals[best_of(rivals, self._wins, self._base)])
        several = sorted(rivals, key=lambda model: self._name[model])
        scarce = is_scarce([new.model_id, *several], self._judged[prompt.variety_id])
        of = chances(self._known(new.model_id), [self._known(each) for each in several], scarce=scarce)
        place, chance = draw(of, f"{self._seed}:{prompt.content_key}:{new.model.name}")
        return Pair(prompt, new, rivals[several[place]], chance)

    def _known(self, model: int) -> Strength:
        return self._strengths.get(self._name[model], Strength())


def _wins(models: Collection[int]) -> dict[int, int]:
    settled = Verdict.objects.filter(superseded_at=None, preferred__model__in=models)
    return dict(settled.values_list("preferred__model").annotate(Count("pk")).order_by())


def _name(run: TrainingRun, each: Pair) -> str:
    """The item's name: the same pair of a run is one item, however often its answers are sent."""
    return f"run:{str(run.pk)[:8]}:{content_key(str(run.pk), each.prompt.content_key, each.new.model.name)[:24]}"


def _touches(prompts: Collection[int]) -> tuple[dict[int, set[str]], dict[int, int]]:
    """Which bias categories items of these prompts touch, and who wrote them: it is so of a new item too."""
    touches: dict[int, set[str]] = defaultdict(set)
    proposed = PromptProposal.objects.filter(prompt__in=prompts, judgement__person__isnull=False)
    authors = dict(proposed.values_list("prompt", "judgement__person"))
    for prompt, sensitive, author in Item.objects.filter(prompt__in=prompts).values_list(
        "prompt", "sensitive", "author"
    ):
        touches[prompt] |= set(sensitive)
        if author:
            authors[prompt] = author
    return touches, authors


def _line(number: int, name: str, each: Pair, touches: Collection[str]) -> ItemLine:
    prompt, source = each.prompt, each.prompt.source
    # Which one stands first is drawn by the name, so that it tells nothing.
    both = sorted([each.new, each.other], key=lambda output: content_key(name, output.text_sha256))
    return ItemLine(
        number=number, id=name, kind=KIND, variety=prompt.variety_id, prompt_variety=prompt.variety_id,
        role=prompt.group.role, messages=prompt.messages, source=source.name, licence=source.licence,
        permitted_use=tuple(source.permitted_use), facets={facet: getattr(prompt, facet) for facet in FACETS},
        sensitive=tuple(sorted(touches)),
        outputs=[OutputLine(o.model.name, o.text, o.licence, tuple(o.permitted_use), o.params) for o in both],
    )  # fmt: skip


def _say_how_likely(campaign: Campaign, pairs: Mapping[str, Pair]) -> None:
    drawn = {name: each.chance for name, each in pairs.items() if each.chance < 1}
    items = list(Item.objects.filter(campaign=campaign, source_id__in=drawn))
    for item in items:
        item.pair_probability = drawn[item.source_id]
    Item.objects.bulk_update(items, ["pair_probability"])


def _credit(campaign: Campaign, names: Collection[str], authors: Mapping[int, int]) -> None:
    """Whoever wrote a question does not judge the answers to it."""
    items = list(Item.objects.filter(campaign=campaign, source_id__in=names, prompt__in=authors, author=None))
    for item in items:
        item.author_id = authors[item.prompt_id]
    Item.objects.bulk_update(items, ["author"])
