"""The page of boards, for everybody: one part at a time, and links to all others."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final, NamedTuple
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from annotations.people.models import Variety
from annotations.rating.rubric import aspects
from annotations.training.boards.charts import dots, pulls, scale_of
from annotations.training.boards.files import FILES
from annotations.training.boards.models import Board
from annotations.training.boards.queries import EVALUATE, Asked, asked_in, board_of, boards_now, nights
from annotations.training.boards.rules import FEWEST_VOTES

FEWEST_PEOPLE: Final = 5
"""As the page says it; `quality/sampling.py` has it with numpy, which no page holds."""


class Way(NamedTuple):
    """A link to another board."""

    name: str
    query: str
    is_here: bool


@require_safe
def boards(request: HttpRequest) -> HttpResponse:
    """Which models people prefer: of everything, or of the part that the address names."""
    every, asked = boards_now(), asked_in(request.GET)
    board, names = board_of(every, asked), _names(every)
    context: dict[str, Any] = {
        "board": board, "asked": asked, "name": names.get((asked.facet, asked.value), ""),
        "evaluate": EVALUATE, "ways": _ways(every, asked, names), "prompts": _prompts(every, asked),
        "fewest": FEWEST_VOTES, "fewest_people": max(FEWEST_PEOPLE, settings.MINKA_SMALL_CELL), "files": FILES,
    }  # fmt: skip
    if board:
        context |= _drawn(board) | _silent(board)
    return render(request, "training/boards.html", context)


def _drawn(board: Board) -> dict[str, Any]:
    drawn = dots(board, nights(board))
    moved = [each for each in drawn if each.before]
    return {"dots": drawn, "scale": scale_of(board), "pulls": pulls(board), "moved": moved}


def _silent(board: Board) -> dict[str, list[str]]:
    """Models without a number, by the reason."""
    return {why: [line["model"] for line in board.lines if line.get("why") == why] for why in ("few", "apart")}


def _names(every: Iterable[Board]) -> dict[tuple[str, str], str]:
    """What parts are called, in the language of the page."""
    tags = {each.value for each in every if each.facet == Board.Facet.VARIETY}
    names = {(Board.Facet.VARIETY.value, tag): row.own_name for tag, row in Variety.objects.in_bulk(tags).items()}
    names |= {(Board.Facet.DOMAIN.value, each.value): each.value for each in every if each.facet == Board.Facet.DOMAIN}
    names |= {(Board.Facet.ASPECT.value, each.code): each.name for each in aspects(get_language())}
    return names | {(Board.Facet.ASPECT.value, "overall"): _("All in all")}


def _ways(every: Sequence[Board], asked: Asked, names: dict[tuple[str, str], str]) -> list[tuple[str, list[Way]]]:
    """Varieties, domains and aspects that there are boards of, of the prompts asked for."""
    titles = {Board.Facet.VARIETY: _("By variety"), Board.Facet.DOMAIN: _("By domain"),
              Board.Facet.ASPECT: _("By aspect")}  # fmt: skip
    found = {title: [_way(names.get((facet, each.value), each.value), Asked(facet, each.value, asked.evaluate), asked)
                     for each in every if (each.facet, each.evaluate) == (facet, asked.evaluate)]
             for facet, title in titles.items()}  # fmt: skip
    return [(title, several) for title, several in found.items() if several]


def _prompts(every: Sequence[Board], asked: Asked) -> list[Way]:
    """The same part of all prompts and of those that never train, as far as there are both."""
    both = {False: _("All questions"), True: _("Only questions that never train")}
    there = {each.evaluate for each in every if (each.facet, each.value) == (asked.facet, asked.value)}
    return [_way(name, asked._replace(evaluate=which), asked) for which, name in both.items() if which in there]


def _way(name: str, to: Asked, here: Asked) -> Way:
    return Way(name, urlencode(list(_query(to))), to == here)


def _query(to: Asked) -> Iterator[tuple[str, str]]:
    if to.facet != Board.Facet.ALL:
        yield to.facet, to.value
    if to.evaluate:
        yield "prompts", EVALUATE
