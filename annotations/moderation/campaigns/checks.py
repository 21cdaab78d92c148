"""What stands in a campaign's way, or will: told on its page before it opens, and as long as it is open."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.db.models import Count, Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from annotations.assignments import kinds
from annotations.assignments.competence.queries import FEWEST, effect
from annotations.assignments.gold.queries import doses
from annotations.assignments.models import Campaign, Cell
from annotations.assignments.queries import GOLD, PRACTICE
from annotations.moderation.campaigns.forecast import WHY, Forecast
from annotations.people.stewards.queries import governed
from annotations.people.texts import LANGUAGES
from annotations.quality.checks.queries import anchors_beside_work
from annotations.quality.order.queries import quotas_beside_work


@dataclass(frozen=True)
class Check:
    """`stops`: as it is, it cannot come to its end. Else it can, and somebody should know."""

    stops: bool
    words: str


def checks_of(campaign: Campaign, forecasts: list[Forecast]) -> list[Check]:
    """What stops it first; empty where nothing stands in its way."""
    found = [*_of_itself(campaign), *_of_items(campaign), *_of_people(campaign, forecasts), *_of_texts(campaign)]
    return sorted(found, key=lambda check: not check.stops)


def _of_itself(campaign: Campaign) -> Iterator[Check]:
    starts, ends = campaign.starts_at, campaign.ends_at
    if starts and ends and ends <= starts:
        yield Check(stops=True, words=_("It ends before it starts."))
    elif ends and ends <= timezone.now() and campaign.state == Campaign.State.OPEN:
        yield Check(stops=True, words=_("It is open, and its end is over: nobody is asked anything."))
    if not campaign.about.strip():
        yield Check(stops=False, words=_("It does not say what it is for."))


def _of_items(campaign: Campaign) -> Iterator[Check]:
    work = Cell.objects.filter(campaign=campaign, held_back="")
    if not work.exists():
        yield Check(stops=True, words=_("There is nothing to judge: import items."))
    aside = Cell.objects.filter(campaign=campaign).exclude(held_back__in=["", PRACTICE, GOLD])
    if held := aside.aggregate(many=Count("item", distinct=True))["many"]:
        said = ngettext(
            "%d item is held back: somebody has to look at it.",
            "%d items are held back: somebody has to look at them.", held,
        )  # fmt: skip
        yield Check(stops=False, words=said % held)
    bare = Q(item__prompt__source__licence="") | Q(item__outputs__licence="")
    if unlicensed := work.filter(bare).aggregate(many=Count("item", distinct=True))["many"]:
        said = ngettext(
            "%d item has no licence: no release will hold it.", "%d items have no licence: no release will hold them.",
            unlicensed,
        )  # fmt: skip
        yield Check(stops=False, words=said % unlicensed)
    for row in quotas_beside_work(campaign):
        if row.lacks:
            facts = {"quota": f"{row.quota.get_facet_display()} {row.quota.value}", "wanted": row.quota.wanted,
                     "could": row.settled + row.left}  # fmt: skip
            said = _("%(quota)s: %(wanted)d items are wanted, and there are %(could)d.") % facts
            yield Check(stops=True, words=said)


def _of_people(campaign: Campaign, forecasts: list[Forecast]) -> Iterator[Check]:
    if not campaign.is_for_all and not campaign.admissions.filter(until=None).exists():
        yield Check(stops=True, words=_("It is by invitation, and nobody was let in yet."))
    never = [each for each in forecasts if each.state == "impossible"]
    for why in dict.fromkeys(each.why for each in never):
        told = ", ".join(f"{each.variety} ({each.speakers})" for each in never if each.why == why)
        yield Check(stops=True, words=f"{WHY[why]} {told}")
    yield from _of_practice(campaign)
    if campaign.gold:
        for dose in doses(campaign):
            if dose.is_short:
                said = _("%(variety)s: too little gold, %(items)d items.") % {"variety": dose.variety,
                                                                             "items": dose.items}  # fmt: skip
                yield Check(stops=False, words=said)
    if campaign.anchored:
        for tag, anchors, _waits, _every in anchors_beside_work(campaign):
            if not anchors:
                said = _("%s: nobody is trusted there, and what is drawn waits until the end.") % tag
                yield Check(stops=False, words=said)
    kept = {each.variety for each in forecasts} & set(governed().values_list("tag", flat=True))
    for tag in sorted(kept):
        yield Check(stops=False, words=_("%s: its stewards decide whether it is published.") % tag)


def _of_practice(campaign: Campaign) -> Iterator[Check]:
    if not campaign.practice:
        return
    if campaign.asks_confirmed:
        for row in effect(campaign):
            if row.quiz < FEWEST:
                facts = {"variety": row.variety, "items": row.quiz, "fewest": FEWEST}
                said = _("%(variety)s: %(items)d practice items are no quiz, %(fewest)d are.") % facts
                yield Check(stops=False, words=said)
        return
    cells = Cell.objects.filter(campaign=campaign).order_by().values_list("variety")
    for tag, items in cells.annotate(items=Count("pk", filter=Q(held_back=PRACTICE))).order_by("variety"):
        if items < campaign.practice:
            facts = {"variety": tag, "wanted": campaign.practice, "items": items}
            said = _("%(variety)s: %(wanted)d practice items are asked for, and there are %(items)d.") % facts
            yield Check(stops=False, words=said)


def _of_texts(campaign: Campaign) -> Iterator[Check]:
    folder = kinds.get(campaign.kind).guidelines
    if lacking := [code for code in LANGUAGES if not (folder / f"{code}.md").is_file()]:
        yield Check(stops=False, words=_("How to judge is not written in: %s.") % ", ".join(lacking))
