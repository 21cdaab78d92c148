"""Campaigns with something to ask experts about, and the experts."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.contrib.auth.models import Permission

from annotations.assignments.models import Campaign, Cell, Judgement
from annotations.people.anchors.actions import name_anchor
from annotations.people.demo import volunteer
from annotations.people.models import Person, Variety
from annotations.quality.actions import settle_due
from annotations.quality.argilla.actions import invite
from annotations.quality.argilla.models import Expert, ExpertAnswer, ExpertDesk, ExpertRecord
from annotations.quality.argilla.port import Desk
from annotations.quality.models import Verdict
from tests.cast import answer, key_of, lead, line, people, seat_at, world


def voted(*votes: str, **campaign: Any) -> Campaign:
    """A campaign whose items got these votes, each a letter a vote in the order of the three who gave them: `1` and `2`
    for the first and the second output, `t`, `g`, `b` for level, both good, both bad. Settled, and with a desk."""
    row = world(*(line(f"item-{number}") for number in range(len(votes))), **campaign)
    level = {"t": "tie", "g": "both_good", "b": "both_bad"}
    for voter, person in enumerate(people(3)):
        for _each in votes:
            seat = seat_at(person, row)
            said = votes[int(seat.item.source_id.partition("-")[2])][voter]
            answer(person, seat, {"preferred": level.get(said) or key_of(seat, int(said) - 1)})
    settle_due()
    ExpertDesk.objects.create(campaign=row, severe=False)
    return row


def expert(desk: Desk, name: str = "maestra", variety: str = "es-CL") -> Expert:
    """Somebody who is an anchor, with an account at the desk."""
    person = Person.objects.filter(username=name).first() or volunteer(name, "muy-larga-y-rara", variety)
    if not person.anchors.filter(until=None).exists():
        name_anchor(lead=lead(), person=person, variety=Variety.objects.get(tag=variety), why="Enseña la lengua.")
    return invite(person=person, by=lead(), desk=desk).expert


def record_of(name: str = "item-0") -> ExpertRecord:
    return ExpertRecord.objects.get(cell__item__source_id=name)


def says(place: Any, who: Expert, position: int | str, name: str = "item-0", strength: str = "") -> None:
    """At the desk an expert prefers the output at this position of the item, or says that they are level."""
    record = record_of(name)
    if isinstance(position, int):
        output = record.cell.item.places.get(position=position).output_id
        position = "ab"[record.shown.index(output)] + strength
    place.answer(who.pk, str(record.pk), {"preferred": position})


def verdicts() -> dict[str, tuple[str, int | None, str, int, float]]:
    """By item: the outcome, the position of what won, by which method, of how many, how much of one mind."""
    rows = Verdict.objects.filter(superseded_at=None).select_related("item")
    return {
        row.item.source_id: (
            row.outcome, row.item.places.get(output=row.preferred).position if row.preferred else None, row.method,
            row.n, round(row.agreement, 3),
        ) for row in rows
    }  # fmt: skip


def by_experts() -> list[tuple[str, bool, bool, str]]:
    """What came from the desk: by whom, whether it is trusted, whether it counts, and why not."""
    rows = Judgement.objects.filter(channel="argilla").select_related("person").order_by("pk")
    return [(str(row.person), row.trusted, row.counted, row.not_counted) for row in rows]


def problems() -> list[tuple[str, str]]:
    return list(ExpertAnswer.objects.exclude(problem="").order_by("pk").values_list("problem", "says"))


def cell_of(name: str = "item-0") -> tuple[int, int, int, bool]:
    """What a cell needs, holds and has, and whether it is open to anchors alone."""
    cell = Cell.objects.get(item__source_id=name)
    return cell.needed, cell.held, cell.done, cell.for_anchors


def stands(place: Any, task: str) -> dict[str, Any]:
    if hasattr(place, "values"):
        found: dict[str, Any] = place.values(task)
        return found
    held = next(each.tasks[task] for each in place.sets.values() if task in each.tasks)
    guesses = {each.question: each.value for each in held.guesses}
    return {"fields": dict(held.fields), "facts": dict(held.facts), "guesses": guesses}


def a_moderator() -> Person:
    """Somebody who may ask experts about an item."""
    person = volunteer("carmen", "muy-larga-y-rara", "es-MX")
    person.user_permissions.add(Permission.objects.get(codename="add_expertrecord"))
    return Person.objects.get(pk=person.pk)


def given(campaign: Campaign, several: Sequence[Mapping[str, Any]], crowd: Sequence[Person]) -> None:
    """These answers, one of each of the crowd, to the campaign's one item."""
    for person, said in zip(crowd, several, strict=True):
        answer(person, seat_at(person, campaign), said)
