"""Questions a translator asks: what is there already, near to this, and how are its terms to be said."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import Q, QuerySet
from django.db.models.functions import Length

from annotations.assignments.models import Assignment, Cell, Draft, Item
from annotations.assignments.stewards.queries import hides
from annotations.corpus.models import Output
from annotations.people.models import Person, Variety
from annotations.people.stewards.queries import closed_to
from annotations.translating.models import Approved, Term, Translation

BEST: Final = 3
"""How many are offered."""
ALIKE: Final = 0.6
"""Sources less alike than this, after the discount, are not offered."""
STEP: Final = 0.05
"""What each step between two varieties in their tree takes off: sisters are two steps apart."""
SEGMENT: Final = 1_000
"""Longer sources, in characters, are found when they are the same, and not compared."""
AT_MOST: Final = 2_000
"""Rows compared for one turn, the newest of those of about this length."""


def source_of(item: Item) -> str:
    """What is translated: the prompt's last message."""
    return str(item.prompt.messages[-1]["content"])


def steps(one: Sequence[str], other: Sequence[str]) -> int:
    """From one variety to another in their tree, by their lineages, the tags themselves first."""
    return len(set(one) ^ set(other))


def near(variety: Variety) -> set[str]:
    """A variety's tag, those it is within and those within it."""
    within = Variety.objects.filter(lineage__contains=[variety.tag]).values_list("tag", flat=True)
    return {*variety.lineage, *within}


def same_language(cell: Cell) -> bool:
    return cell.variety.lineage[-1] == cell.item.prompt.variety.lineage[-1]


# The memory ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Offer:
    """An accepted translation to begin with: `near` from 0 to 1, and whether its source is this very one, so that it
    may be taken as it is."""

    row: Approved
    near: float
    is_same: bool

    @property
    def told(self) -> dict[str, Any]:
        """As it stands in a turn, fit for JSON."""
        return {
            "id": self.row.pk, "variety": self.row.variety_id, "name": self.row.variety.own_name, "text": self.row.text,
            "source": self.row.source, "percent": round(100 * self.near), "same_source": self.is_same,
        }  # fmt: skip


def memory_for(cell: Cell) -> QuerySet[Approved]:
    """Accepted translations between these two languages that still count and may be shown. What concerns a governed
    variety, as the source, as what was asked for or as what its author speaks, only as its charter allows; what touches
    something hurtful only where the same is touched here, so that nobody meets what they never want to meet."""
    closed = closed_to("keeps_in_memory")
    return (
        Approved.objects.filter(_family("variety", cell.variety), _family("source_variety", cell.item.prompt.variety))
        .exclude(variety__in=closed).exclude(source_variety__in=closed)
        .exclude(translation__judgement__cell__variety__in=closed)
        .filter(translation__judgement__item__sensitive__contained_by=cell.item.sensitive)
        .filter(translation__judgement__counted=True).exclude(hides("translation__judgement__item__prompt"))
        .select_related("variety", "translation")
    )  # fmt: skip


def _family(field: str, variety: Variety) -> Q:
    return Q(**{f"{field}__lineage__contains": [variety.lineage[-1]]})


def offers(cell: Cell) -> list[Offer]:
    """The nearest accepted translations, the best first; of one text, once."""
    source = source_of(cell.item)
    found = [*_same(cell, source), *_alike(cell, source)]
    best: dict[str, Offer] = {}
    for offer in sorted(found, key=lambda each: (-each.near, -each.row.pk)):
        best.setdefault(offer.row.text, offer)
    return list(best.values())[:BEST]


def _same(cell: Cell, source: str) -> list[Offer]:
    """Of this very source: what a sister variety says."""
    rows = memory_for(cell).alias(length=Length("source")).filter(length=len(source), source=source)  # by its index
    rows = rows.order_by("-approved_at")[:AT_MOST]
    return [Offer(row, _discounted(1.0, row, cell), is_same=True) for row in rows]


def _alike(cell: Cell, source: str) -> list[Offer]:
    """Of sources that differ in a few characters (Levenshtein's similarity)."""
    if len(source) > SEGMENT:
        return []
    from rapidfuzz.distance import Levenshtein  # asked for once in a while, and not small
    from rapidfuzz.process import extract_iter

    others = memory_for(cell).exclude(source=source).annotate(length=Length("source"))
    of_the_length = others.filter(length__gte=int(len(source) * ALIKE), length__lte=int(len(source) / ALIKE))
    rows = list(of_the_length.order_by("-approved_at")[:AT_MOST])
    found = extract_iter(
        source, [row.source for row in rows], scorer=Levenshtein.normalized_similarity, score_cutoff=ALIKE
    )
    all_ = [Offer(rows[place], _discounted(alike, rows[place], cell), is_same=False) for _text, alike, place in found]
    return [offer for offer in all_ if offer.near >= ALIKE]


def _discounted(alike: float, row: Approved, cell: Cell) -> float:
    return max(0.0, alike - STEP * steps(row.variety.lineage, cell.variety.lineage))


def offered(cell: Cell, translation_id: Any) -> Approved | None:
    """The accepted translation of this id, where it may be offered here."""
    return memory_for(cell).filter(pk=translation_id).first()


# The glossary -------------------------------------------------------------------------------------------------------


def terms_in(cell: Cell) -> list[Term]:
    """Terms that stand in the source, in its order; of two for one word, the nearer to this variety."""
    prompt, text = cell.item.prompt, source_of(cell.item)
    folded = text.casefold()
    targets, sources = cell.variety.lineage, prompt.variety.lineage
    places: dict[str, tuple[int, Term]] = {}
    known = Term.objects.filter(variety__in=targets, source_variety__in=sources)
    terms = [term for term in known if term.term.casefold() in folded]  # few, and each costs a pattern
    for term in sorted(terms, key=lambda each: (targets.index(each.variety_id), sources.index(each.source_variety_id))):
        if found := _standing([term.term]).search(text):
            places.setdefault(term.term.casefold(), (found.start(), term))
    return [term for _place, term in sorted(places.values(), key=lambda each: each[0])]


def marked(text: str, terms: Collection[Term]) -> list[tuple[str, str]]:
    """The text in stretches, each with the translation that is wanted of it, empty where none is."""
    if not terms:
        return [("", text)]
    wanted = {term.term.casefold(): term.translation for term in terms}
    parts = _standing(wanted).split(text)  # what stands between, what was found, what stands between, …
    stretches = [(wanted.get(part.casefold(), "") if place % 2 else "", part) for place, part in enumerate(parts)]
    return [stretch for stretch in stretches if stretch[1]]


def _standing(terms: Collection[str]) -> re.Pattern[str]:
    """Finds these words whole, the longest first."""
    longest = sorted(terms, key=len, reverse=True)
    return re.compile(rf"(?<!\w)({'|'.join(map(re.escape, longest))})(?!\w)", re.IGNORECASE)


# Of a person, of a text ---------------------------------------------------------------------------------------------


def last_orthography(person: Person | None, variety: Variety) -> str:
    """How this person wrote this language when they last said it."""
    language = [variety.lineage[-1]]
    said = Translation.objects.filter(judgement__person=person, judgement__cell__variety__lineage__contains=language)
    return said.exclude(orthography="").order_by("-pk").values_list("orthography", flat=True).first() or ""


def made_by_machine(item: Item, text: str) -> bool:
    """Whether a model of the corpus gave this very text to this question."""
    return Output.objects.filter(prompt__group=item.prompt.group_id, text=text).exists()


def begun_from(translations: Collection[int]) -> set[int]:
    """Translations that began with one of these, or with one that did, and so on."""
    found: set[int] = set()
    front = set(translations)
    while front:
        went_on = Translation.objects.filter(started_from__in=front).values_list("pk", flat=True)
        front = set(went_on) - found
        found |= front
    return found


def drafts_from(translations: Collection[int]) -> QuerySet[Draft]:
    """What somebody has begun from one of these and not sent."""
    return Draft.objects.filter(fields__started_from__in=[str(pk) for pk in translations])


def turn(seat: Assignment) -> dict[str, Any]:
    """What a turn at a translation holds: from which variety and into which; the `source` in stretches, each after the
    translation a glossary wants of it; the `terms` themselves; and `offers`, accepted translations one may begin with,
    while the seat is not answered. Away from the network there are none: whose words they are can take them back."""
    cell, terms = seat.cell, terms_in(seat.cell)
    without = seat.state == Assignment.State.ANSWERED or seat.pack_id
    return {
        "from": cell.item.prompt.variety_id, "into": cell.variety_id,
        "source": [list(stretch) for stretch in marked(source_of(cell.item), terms)],
        "terms": [{"term": each.term, "translation": each.translation, "note": each.note} for each in terms],
        "offers": [] if without else [offer.told for offer in offers(cell)],
    }  # fmt: skip
