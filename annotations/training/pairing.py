"""New answers meet the best so far: an item for each train prompt that a model of a run answered.

Who is the best so far is one named rule, `best_of`; a leaderboard may take its place. Both answers circulate and have a
licence, and they differ. Items come in the order in which the prompts were drawn, one variety after the other, so that
no variety waits behind another.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from typing import NamedTuple

from django.db.models import Count

from annotations.assignments.imports import load_items
from annotations.assignments.models import Campaign, Item
from annotations.corpus.grouping import content_key
from annotations.corpus.lines import FACETS, ItemLine, OutputLine
from annotations.corpus.models import Output, Prompt, PromptGroup, Use
from annotations.quality.models import Verdict
from annotations.training.models import TrainingRun
from annotations.training.prompts import still_may_leave
from annotations.writing.models import PromptProposal

KIND = "vote"


class Pair(NamedTuple):
    """A new answer and the one it meets."""

    prompt: Prompt
    new: Output
    best: Output


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
    _credit(campaign, pairs, authors)
    return report.added


def pairs_of(run: TrainingRun) -> Iterator[Pair]:
    """Each model's first answer that circulates to each train prompt, with the best one that others gave."""
    usable = still_may_leave(run.prompts.values_list("prompt", flat=True))
    handed = run.prompts.filter(prompt__in=usable, prompt__group__role=PromptGroup.Role.TRAIN).order_by("place")
    prompts = [row.prompt for row in handed.select_related("prompt__source", "prompt__group")]
    ours, others = _answers(run, prompts)
    wins = _wins({model for several in others.values() for model in several})
    base = next((o.model_id for several in others.values() for o in several.values()
                 if o.model.name == run.base_model), None)  # fmt: skip
    for prompt in prompts:
        for new in ours[prompt.pk].values():
            rivals = {model: each for model, each in others[prompt.pk].items() if each.text_sha256 != new.text_sha256}
            if rivals:
                yield Pair(prompt, new, rivals[best_of(rivals, wins, base)])


Answers = dict[int, dict[int, Output]]
"""By prompt and model."""


def _answers(run: TrainingRun, prompts: Collection[Prompt]) -> tuple[Answers, Answers]:
    """The run's own models' answers, and those of others that may train."""
    ours: Answers = defaultdict(dict)
    others: Answers = defaultdict(dict)
    own = set(run.trained.values_list("model", flat=True))
    found = Output.objects.filter(prompt__in=prompts, quarantine="", permitted_use__contains=[Use.TRAIN])
    for output in found.exclude(licence="").select_related("model").order_by("sample", "pk"):
        side = ours if output.model_id in own else others
        side[output.prompt_id].setdefault(output.model_id, output)
    return ours, others


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
    both = sorted([each.new, each.best], key=lambda output: content_key(name, output.text_sha256))
    return ItemLine(
        number=number, id=name, kind=KIND, variety=prompt.variety_id, prompt_variety=prompt.variety_id,
        role=prompt.group.role, messages=prompt.messages, source=source.name, licence=source.licence,
        permitted_use=tuple(source.permitted_use), facets={facet: getattr(prompt, facet) for facet in FACETS},
        sensitive=tuple(sorted(touches)),
        outputs=[OutputLine(o.model.name, o.text, o.licence, tuple(o.permitted_use), o.params) for o in both],
    )  # fmt: skip


def _credit(campaign: Campaign, names: Collection[str], authors: Mapping[int, int]) -> None:
    """Whoever wrote a question does not judge the answers to it."""
    items = list(Item.objects.filter(campaign=campaign, source_id__in=names, prompt__in=authors, author=None))
    for item in items:
        item.author_id = authors[item.prompt_id]
    Item.objects.bulk_update(items, ["author"])
