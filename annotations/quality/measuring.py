"""Measuring a campaign: how much people agree, and what the model says beside each verdict. The night's work.

The models need numpy, which no process holds at rest; so this module is imported by the job, inside it.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import groupby

import numpy as np
from django.db import transaction

from annotations.assignments.models import Campaign, ItemOutput
from annotations.quality.agreement import Alpha, Level, alpha
from annotations.quality.dawid_skene import fit
from annotations.quality.measures import LEVEL, Choice, Measure, Said, choices, measures, turned
from annotations.quality.models import Agreement, Estimate, Verdict

VERSION = f"1, numpy {np.__version__}"
"""Of the models, and of what they count with: under the same one the same rows give the same figures, bit by bit."""


@transaction.atomic
def measure_agreement(*, campaign: Campaign) -> list[Agreement]:
    """Measure anew how much people agree in everything the campaign's judgements say: within each variety people judged
    as, and across them. Regional difference is no error, so that the two are never put together.

    Replaces what was measured before. The same rows give the same figures, whenever and however often.
    """
    Campaign.objects.select_for_update().get(pk=campaign.pk)
    found = [row for measure in measures() for row in _measured(campaign, measure)]
    Agreement.objects.filter(campaign=campaign).delete()
    return Agreement.objects.bulk_create(found)


def _measured(campaign: Campaign, measure: Measure) -> Iterable[Agreement]:
    said = list(measure.said(campaign))
    by_variety: dict[str, list[Said]] = defaultdict(list)
    for each in said:
        by_variety[each.variety].append(each)
    for variety in sorted(by_variety):
        yield _row(campaign, measure, variety, _alpha(by_variety[variety], measure))
    if len(by_variety) > 1:
        yield _row(campaign, measure, None, _alpha(said, measure, across=True))


def _alpha(said: Sequence[Said], measure: Measure, *, across: bool = False) -> Alpha:
    items, people, varieties, values = zip(*said, strict=True)
    level: Level = "ordinal" if measure.level == Agreement.Level.ORDINAL else "nominal"
    return alpha(units=items, people=people, values=values, level=level, groups=varieties if across else None)


def _row(campaign: Campaign, measure: Measure, variety: str | None, found: Alpha) -> Agreement:
    return Agreement(
        campaign=campaign, kind=measure.kind, aspect=measure.aspect, variety_id=variety, level=measure.level,
        alpha=found.alpha, low=found.low, high=found.high, undefined=found.undefined, units=found.units,
        people=found.people, judgements=found.judgements, values=list(found.values),
        coincidences=[list(row) for row in found.coincidences], version=VERSION,
    )  # fmt: skip


@transaction.atomic
def estimate_verdicts(*, campaign: Campaign) -> int:
    """Put beside each current verdict of a vote what the model says of it and how sure it is. The verdict stays what
    counts. Items with as many outputs are fitted together; replaces what was said before. Returns how many."""
    Campaign.objects.select_for_update().get(pk=campaign.pk)
    current = Verdict.objects.filter(item__campaign=campaign, cell__kind="vote", superseded_at=None)
    verdicts = {row.cell_id: row for row in current}
    votes = sorted((vote for vote in choices(campaign) if vote.cell in verdicts), key=lambda vote: vote.outputs)
    estimates = [
        each for outputs, several in groupby(votes, lambda vote: vote.outputs)
        for each in _estimates(verdicts, list(several), outputs)
    ]  # fmt: skip
    Estimate.objects.filter(verdict__item__campaign=campaign).delete()
    Estimate.objects.bulk_create(estimates, batch_size=2_000)
    return len(estimates)


def _estimates(verdicts: Mapping[int, Verdict], votes: list[Choice], outputs: int) -> Iterable[Estimate]:
    at = _places({vote.item for vote in votes})
    found = fit(
        units=[vote.cell for vote in votes], people=[vote.person for vote in votes],
        said=[_class_of(vote) for vote in votes], varieties=[vote.variety for vote in votes],
        classes=outputs + len(LEVEL),
    )  # fmt: skip
    for cell, answer, belief in zip(found.units.tolist(), found.answers().tolist(), found.belief, strict=True):
        verdict, confidence = verdicts[cell], float(belief[answer])
        if answer < outputs:
            place = (answer - turned(verdict.item_id, outputs)) % outputs
            yield Estimate(verdict=verdict, outcome="output", preferred_id=at[verdict.item_id][place],
                           confidence=confidence, version=VERSION)  # fmt: skip
        else:
            yield Estimate(verdict=verdict, outcome=LEVEL[answer - outputs], confidence=confidence, version=VERSION)


def _class_of(vote: Choice) -> int:
    """The outputs' places first, then the outcomes that prefer none."""
    return vote.outputs + [str(each) for each in LEVEL].index(vote.outcome) if vote.place is None else vote.place


def _places(items: Collection[int]) -> Mapping[int, list[int]]:
    """Output ids of each of these items, in its own order."""
    found: dict[int, list[int]] = defaultdict(list)
    for item, output in ItemOutput.objects.filter(item__in=items).values_list("item", "output"):
        found[item].append(output)
    return found
