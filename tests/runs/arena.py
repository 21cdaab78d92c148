"""A small arena: three models, questions in two varieties, and people who like one of them better."""

from collections.abc import Sequence
from typing import Any

from annotations.assignments.models import Campaign
from annotations.datasets.actions import publish
from annotations.datasets.models import Release
from annotations.people.models import Person
from annotations.training.boards.actions import make_boards
from annotations.training.boards.models import Board
from tests.cast import answer, line, people, seat_at, world

BEST, MIDDLE, WORST = "alerce", "boldo", "canelo"
"""Trees, the better the earlier in the alphabet."""
SUBJECTS = ("sopa", "viento norte", "tren", "zapatos", "gallinas", "ferias de libros", "abuelas", "lluvia",
            "pan amasado", "volcanes", "bicicletas rojas", "colegios")  # fmt: skip
"""Of questions that are not nearly the same."""


def meeting(name: str, one: str, other: str, **facts: Any) -> dict[str, Any]:
    texts = {one: f"Corta de {one}.", other: f"Una respuesta bastante más larga de {other}."} | facts.pop("texts", {})
    outputs = [{"model": model, "text": f"{texts[model]} {name}"} for model in (one, other)]
    return line(name, prompt=f"¿Qué se sabe de {SUBJECTS[int(name[1:]) % 12]} {name}?", outputs=outputs, **facts)


def meetings(count: int = 12, **facts: Any) -> list[dict[str, Any]]:
    """Everybody meets everybody, the one as often first in the import as the other."""
    pairs = [(BEST, MIDDLE), (WORST, BEST), (MIDDLE, WORST)]
    return [meeting(f"q{n}", *pairs[n % 3][:: 1 if n % 2 else -1], **facts) for n in range(count)]


def arena(*lines: dict[str, Any], crowd: int = 6, slug: str = "arena", **campaign: Any) -> Campaign:
    """A campaign in which the better one is preferred by all but the last of the crowd, who says the opposite."""
    row = world(*(lines or meetings()), slug=slug, needed=crowd, **campaign)
    vote(row, crowd_of(crowd))
    return row


def crowd_of(count: int, variety: str = "es-CL") -> list[Person]:
    """The same people each time they are asked for."""
    known = Person.objects.filter(username__startswith=f"persona-{variety}-").order_by("pk")
    return list(known[:count]) or people(count, variety)


def vote(campaign: Campaign, crowd: Sequence[Person], items: int | None = None) -> None:
    for number, person in enumerate(crowd):
        for _item in range(campaign.items.count() if items is None else items):
            seat = seat_at(person, campaign)
            models = [seat.item.outputs.get(pk=output).model.name for output in seat.shown]
            liked = (min if number < len(crowd) - 1 else max)(models)
            answer(person, seat, {"preferred": "ab"[models.index(liked)], "strength": 1})


def made() -> Release:
    """A release of it, with its boards."""
    release = publish()
    assert make_boards() == release
    return release


def board(facet: str = "all", value: str = "", *, evaluate: bool = False) -> Board:
    return Board.objects.get(facet=facet, value=value, evaluate=evaluate)


def ranks(found: Board) -> dict[str, tuple[int, int]]:
    return {line["model"]: (line["best"], line["worst"]) for line in found.lines if "best" in line}
