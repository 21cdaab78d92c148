"""Questions about whose knowledge is confirmed, and of what."""

from collections.abc import Collection, Iterable, Sequence
from typing import NamedTuple

from django.db import connection
from django.db.models import QuerySet

from annotations.people.competence.models import Confirmed, Vouch
from annotations.people.models import Person, Variety
from annotations.people.queries import spoken_by
from annotations.people.remits.queries import looks_after
from annotations.people.stewards.queries import governed, stewardship_of

MAY_NAME = "annotations.change_confirmed"
NEEDED = 2
"""Confirmed speakers whose word makes a confirmation."""


def in_force() -> QuerySet[Confirmed]:
    return Confirmed.objects.filter(until=None)


def confirmed_tags(person: Person) -> set[str]:
    """Varieties in which the person's knowledge is confirmed; what each of them opens is `reached`."""
    return set(in_force().filter(person=person).values_list("variety_id", flat=True))


def reached(lineage: Sequence[str], confirmed: Collection[str]) -> Sequence[str]:
    """Of the lineage of a variety somebody speaks, what their confirmations open: the first confirmed one, and what is
    above it. One who speaks `es-CO-x-paisa` and is confirmed in `es-CO` is asked in `es-CO` and not in `paisa`."""
    first = next((place for place, tag in enumerate(lineage) if tag in confirmed), len(lineage))
    return lineage[first:]


def is_confirmed(person: Person, variety: Variety) -> bool:
    """Whether the person speaks the variety, or a descendant of it, with a confirmation that opens it."""
    confirmed = confirmed_tags(person)
    return bool(confirmed) and any(variety.pk in reached(row.variety.lineage, confirmed) for row in spoken_by(person))


def speaks(person: Person, variety: Variety) -> bool:
    """Whether the person says that they speak the variety or a descendant of it."""
    return any(variety.pk in row.variety.lineage for row in spoken_by(person))


def ended_by_a_person(person: Person, variety: Variety) -> Confirmed | None:
    """The last confirmation that was taken back, while nobody named the person anew."""
    last = Confirmed.objects.filter(person=person, variety=variety).order_by("-id").first()
    return last if last and last.until else None


def counting_vouches(person: Person, variety: Variety) -> list[Vouch]:
    """The words of speakers that count now: of those whose own knowledge is confirmed, who consent and are in good
    standing at this moment."""
    given = Vouch.objects.filter(
        person=person, variety=variety, speaker__consent__isnull=False, speaker__is_active=True,
        speaker__standing=Person.Standing.GOOD,
    ).select_related("speaker")  # fmt: skip
    return [each for each in given if is_confirmed(each.speaker, variety)]


def may_name(person: Person, variety: Variety) -> Confirmed.How | None:
    """As what somebody may name speakers of a variety, and take it back: a steward of it, or a lead where nobody
    governs it. None for everybody else."""
    if stewardship_of(person, variety):
        return Confirmed.How.STEWARDS
    if person.has_perm(MAY_NAME) and looks_after(person, variety.pk) and not governed().filter(pk=variety.pk).exists():
        return Confirmed.How.LEAD
    return None


def confirmed_in(variety: Variety) -> QuerySet[Confirmed]:
    """Who is confirmed in exactly this variety, the newest first."""
    return in_force().filter(variety=variety).select_related("person").order_by("-since", "-id")


class Counted(NamedTuple):
    """People of a variety: who say that they speak it or a descendant of it, and those of them whose knowledge of it is
    confirmed."""

    speakers: int
    confirmed: int


_COUNTED = """
    SELECT asked.tag, count(DISTINCT s.person_id),
           count(DISTINCT s.person_id) FILTER (WHERE EXISTS (
               SELECT 1 FROM annotations_confirmed c JOIN annotations_variety cv ON cv.tag = c.variety_id
                WHERE c.person_id = s.person_id AND c.until IS NULL
                  AND asked.tag = ANY(cv.lineage) AND c.variety_id = ANY(v.lineage)))
      FROM unnest(%s::text[]) AS asked (tag)
      JOIN annotations_variety v ON asked.tag = ANY(v.lineage)
      JOIN annotations_spokenvariety s ON s.variety_id = v.tag AND s.until IS NULL
      JOIN annotations_person p ON p.id = s.person_id AND p.is_active AND p.standing = 'good'
       AND p.id = ANY(coalesce(%s::bigint[], ARRAY[p.id]))
     GROUP BY asked.tag"""


def counted(tags: Collection[str], among: Iterable[int] | None = None) -> dict[str, Counted]:
    """By variety, of everybody or `among` these people; one statement, however many."""
    with connection.cursor() as cursor:
        cursor.execute(_COUNTED, [list(tags), None if among is None else list(among)])
        found = {tag: Counted(speakers, confirmed) for tag, speakers, confirmed in cursor.fetchall()}
    return {tag: found.get(tag, Counted(0, 0)) for tag in tags}
