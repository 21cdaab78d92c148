"""Which group a question falls into when it enters, once for ever.

That of the same words; or else of the earliest question that is nearly the same; or else it begins one. It is looked
for by bands (`grouping.bands`), at no more than `CANDIDATES` of each, so that the ten thousandth question made from one
template costs what the tenth does. Imports go one after another (`actions.lock_imports`), so that what is found is all
there is.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Final, NamedTuple

from django.db import connection
from django.utils.translation import gettext as _

from annotations.corpus.grouping import bands, is_near, split_of, words_key, words_of
from annotations.corpus.lines import ItemLine, Problem
from annotations.corpus.models import Prompt, PromptGroup, Wording

CANDIDATES: Final = 20
"""Of one band, the earliest so many are compared."""


class Place(NamedTuple):
    """Where words stand: in which group, and whether they bridge its split and another."""

    words: str
    group: PromptGroup
    bridges: bool


class Placed(NamedTuple):
    """By the number of its line, where each question stands; and the words that were not in before."""

    places: dict[int, Place]
    new: dict[str, Place]
    problems: list[Problem]


def group_of(messages: Sequence[Mapping[str, str]]) -> PromptGroup | None:
    """The group this question is in, or would fall into; None where it would begin one."""
    words = words_of(messages)
    place = _known({words}).get(words) or _Near({words}).place(words, PromptGroup.Role.TRAIN)
    return place.group if place.group.pk else None


def place(lines: Sequence[ItemLine]) -> Placed:
    """Groups that begin are saved. A line whose question is in under the other role, or nearly is, is a problem
    (`role_conflict`): what evaluates never trains."""
    words = {line.number: words_of(line.messages) for line in lines}
    known, placed = _known(set(words.values())), Placed({}, {}, [])
    near = _Near(set(words.values()) - set(known))
    for line in lines:
        its = words[line.number]
        there = known.get(its) or placed.new.get(its) or near.place(its, line.role)
        if there.group.role != line.role:
            placed.problems.append(_conflict(line, there, same=its not in near.bands or its in placed.new))
            continue
        placed.places[line.number] = there
        if its in near.bands and its not in placed.new:
            placed.new[its] = there
            near.add(there)
    begun = {each.group.key: each.group for each in placed.new.values() if each.group._state.adding}
    PromptGroup.objects.bulk_create(begun.values())
    return placed


def _conflict(line: ItemLine, there: Place, *, same: bool) -> Problem:
    reason = _("this question is already in as %s") if same else _("a question nearly the same is already in as %s")
    return Problem(line.number, "role_conflict", "role", reason % there.group.role, line.id)


def remember(new: Iterable[tuple[Place, Prompt]]) -> None:
    """Keep new words, each with the first prompt that came in them, so that later ones find them."""
    rows = [(place, Wording(key=words_key(place.words), prompt=prompt)) for place, prompt in new]
    Wording.objects.bulk_create([wording for _place, wording in rows], batch_size=1_000)
    marks = [(wording.pk, band) for place, wording in rows for band in bands(place.words)]
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO annotations_band (wording_id, band) SELECT * FROM unnest(%s::bigint[], %s::bigint[])",
            [[wording for wording, _band in marks], [band for _wording, band in marks]],
        )


def _known(words: Collection[str]) -> dict[str, Place]:
    keys = {words_key(each): each for each in words}
    rows = Wording.objects.filter(key__in=keys).select_related("prompt__group")
    return {keys[row.key]: Place(keys[row.key], row.prompt.group, row.prompt.bridges) for row in rows}


class _Neighbour(NamedTuple):
    """Words that came before, and their group; `nth` grows with every one that came."""

    nth: int
    words: str
    group: PromptGroup


class _Near:
    """What may be nearly the same as some words: by band, the earliest that have it, those in the database and those
    added since."""

    def __init__(self, words: Collection[str]) -> None:
        self.bands = {each: bands(each) for each in words}
        self._by_band = _neighbours({band for several in self.bands.values() for band in several})
        self._last = max((each.nth for several in self._by_band.values() for each in several), default=0)

    def place(self, words: str, role: str) -> Place:
        """In the earliest group that has something near, or in one that begins."""
        seen = {each.nth: each for band in self.bands[words] for each in self._by_band.get(band, [])}
        near = [seen[nth].group for nth in sorted(seen) if is_near(words, seen[nth].words)]
        if not near:
            key = words_key(words)
            return Place(words, PromptGroup(key=key, role=role, split=split_of(key, role)), bridges=False)
        return Place(words, near[0], bridges=any(group.split != near[0].split for group in near))

    def add(self, place: Place) -> None:
        self._last += 1
        for band in self.bands[place.words]:
            several = self._by_band.setdefault(band, [])
            if len(several) < CANDIDATES:
                several.append(_Neighbour(self._last, place.words, place.group))


_BY_BAND = """
    SELECT wanted.band, array_agg(near.wording_id ORDER BY near.wording_id)
      FROM unnest(%s::bigint[]) AS wanted (band)
     CROSS JOIN LATERAL (SELECT b.wording_id FROM annotations_band b WHERE b.band = wanted.band
                          ORDER BY b.wording_id LIMIT %s) near
     GROUP BY wanted.band"""


def _neighbours(wanted: Collection[int]) -> dict[int, list[_Neighbour]]:
    with connection.cursor() as cursor:
        cursor.execute(_BY_BAND, [list(wanted), CANDIDATES])
        by_band = dict(cursor.fetchall())
    wordings = Wording.objects.select_related("prompt__group").in_bulk(
        {pk for several in by_band.values() for pk in several}
    )
    known = {
        pk: _Neighbour(pk, words_of(row.prompt.messages), row.prompt.group) for pk, row in wordings.items()
    }  # fmt: skip
    return {band: [known[pk] for pk in several] for band, several in by_band.items()}
