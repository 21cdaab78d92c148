"""What the living page of components is filled with: made-up rows, never saved, for the product's own templates."""

import datetime as dt
import uuid
from typing import Any, NamedTuple, get_args

from django.utils.translation import get_language, gettext

from annotations.assignments import kinds
from annotations.assignments.models import Assignment, Campaign, Item
from annotations.assignments.notes.queries import NothingLeft, Reach, Why
from annotations.assignments.opt_outs import opt_outs
from annotations.assignments.tallies.queries import Progress
from annotations.community.queries import HowFar, Need
from annotations.community.tokens import GROUNDS, PAIRS, SCHEMES, TEXTS, contrast, is_colour, tokens
from annotations.corpus.models import Prompt
from annotations.people.forms import ConsentForm
from annotations.people.models import Variety
from annotations.people.purposes import PURPOSES
from annotations.people.rights.forms import AskForm
from annotations.people.stewards.models import CommunityLabel
from annotations.quality.charts import SCALE, Dot, shares
from annotations.quality.models import Agreement
from annotations.rendering import render as markdown
from annotations.training.metrics.charts import Chart
from annotations.training.metrics.queries import Curve, Stretch

SPACES = (4, 8, 12, 16, 20, 24, 32, 40, 48)
"""Distances go in steps of 4."""

SIZES = ("small", "meta", "body", "large", "title", "display")
OTHERS = ("score", "demonstration", "prompt")
"""Kinds shown beside the vote: those whose table can be laid with rows that are not in the database."""
CODES = ("K7QW-2M9P-XR4T", "B3HN-8VDE-5LZC")
_LONG = "\n\n".join(["Se pone a hervir el agua con una pizca de sal y se deja que suelte el aroma. " * 4] * 5)


class Colour(NamedTuple):
    """A colour in light and dark, with its contrast to paper and card in each where it is one for text."""

    name: str
    light: str
    dark: str
    ratios: list[str]


class Pair(NamedTuple):
    """A text on a ground, with its contrast in each of `SCHEMES`."""

    text: str
    ground: str
    ratios: list[str]


def colours() -> list[Colour]:
    light, dark = tokens("light"), tokens("dark")
    return [
        Colour(name, value, dark[name], [
            f"{contrast(known[name], known[ground]):.1f}" for known in (light, dark) for ground in GROUNDS
        ] if name in TEXTS else [])
        for name, value in light.items() if is_colour(value)
    ]  # fmt: skip


def pairs() -> list[Pair]:
    every = [tokens(scheme) for scheme in SCHEMES]
    return [
        Pair(text, ground, [f"{contrast(known[text], known[ground]):.1f}" for known in every]) for text, ground in PAIRS
    ]


def measures() -> list[tuple[str, str]]:
    """Tokens that are no colours: sizes, corners, the shadow."""
    return [(name, value) for name, value in tokens("light").items() if not is_colour(value)]


def samples() -> dict[str, Any]:
    """The page's context. Without a token its forms cannot be sent, and it stays a public page."""
    campaign = Campaign(slug="demo", name="Hablar de aquí", asked_by="Universidad de ejemplo", needed=3)
    needs = _needs()
    return {
        "colours": colours(), "pairs": pairs(), "schemes": list(SCHEMES), "measures": measures(), "spaces": SPACES,
        "sizes": SIZES, "campaign": campaign, "far": HowFar(campaign, needs), "needs": needs,
        "varieties": [variety for variety, _far in needs], "labels": [_label()], "codes": CODES,
        "purpose_rows": [(purpose, ConsentForm(auto_id=False)[purpose.name]) for purpose in PURPOSES[:2]],
        "chart": _chart(), "dots": _dots(), "scale": SCALE, "parts": shares([62, 21, 12, 5]),
        "form": AskForm(auto_id="good_%s"), "wrong": AskForm({"kind": "x", "text": ""}, auto_id="wrong_%s"),
        "turns": [
            _turn(campaign, "vote", [_LONG, "Con **ají amarillo** y papa."]),
            _turn(campaign, "vote", ["Sopa de maní.", "Un chairo bien caliente.", "No sé."]),
            *(_turn(campaign, name, [_LONG][: kinds.get(name).outputs[1]]) for name in OTHERS),
        ],
        "nothing": _nothing(campaign), "ended": Progress(10, 10), "csrf_token": "",
    }  # fmt: skip


def _needs() -> list[Need]:
    return [
        (_variety("es-CL", "español de Chile"), Progress(41, 90, 30)),
        (_variety("es-PE", "español del Perú"), Progress(90, 90, 30)),
        (_variety("quz", "quechua cusqueño", autonym="Qusqu runasimi", level="language"), Progress(7, 60, 20)),
    ]


def _dots() -> list[Dot]:
    """A figure with its interval, one without, none, and that across varieties."""
    varieties = [variety for variety, _far in _needs()]
    figures = [(0.71, 0.6, 0.79), (0.42, None, None), (None, None, None), (-0.08, -0.3, 0.12)]
    rows = zip([*varieties, None], figures, strict=True)
    return [Dot(Agreement(variety=variety, alpha=alpha, low=low, high=high)) for variety, (alpha, low, high) in rows]


def _chart() -> Chart:
    """A curve that falls, with what its steps range over."""
    rows = [(step, 0.3 + 0.5 / (1 + step / 40)) for step in range(0, 200, 10)]
    return Chart(Curve("loss", [Stretch("loss", s, s + 9, 10, at, at - 0.05, at + 0.06, at) for s, at in rows]))


def _variety(tag: str, name: str, *, autonym: str = "", level: str = "dialect") -> Variety:
    names = dict.fromkeys(("name_es", "name_pt", "name_en"), name)
    return Variety(tag=tag, lineage=[tag], level=level, autonym=autonym or name, **names)


def _label() -> CommunityLabel:
    return CommunityLabel(
        system="TK", name="Attribution", community=gettext("A community"), image_alt=gettext("a circle")
    )


def _nothing(campaign: Campaign) -> list[NothingLeft]:
    """Every reason once, with every way a note can stand."""
    campaign.starts_at = dt.datetime(2027, 3, 1, 12, tzinfo=dt.UTC)
    notes = get_args(Reach)
    return [
        NothingLeft(
            why,
            campaign,
            [campaign] if why == "all_done" else [],
            "never" if why in ("ended", "enough") else notes[place % len(notes)],
        )
        for place, why in enumerate(get_args(Why))
    ]


def _turn(campaign: Campaign, name: str, texts: list[str]) -> dict[str, Any]:
    """What the table shows of a seat at an item of this kind."""
    kind, variety = kinds.get(name), _variety("es-PE", "español del Perú")
    prompt = Prompt(messages=[{"role": "user", "content": "¿Qué cocino con lo que hay?"}], variety=variety)
    item = Item(campaign=campaign, prompt=prompt, variety=variety, kind=name)
    seat = Assignment(id=uuid.UUID(int=1), item=item, judge_variety=variety, shown=list(range(len(texts))))
    form = kind.form(seat=seat)
    return {
        "seat": seat, "kind": kind, "form": form, "key": uuid.UUID(int=2), "campaign": campaign, "sent": 3,
        "progress": Progress(41, 90), "variety": variety, "country": "BO",
        "question": markdown("¿Qué cocino con lo que hay, para seis personas y con frío?"),
        "messages_before": [("user", markdown("Tengo papas y maní.")), ("assistant", markdown("¿Hay ají?"))],
        "outputs": [(key, markdown(text), form.beside(key)) for key, text in zip("abcd", texts, strict=False)],
        "urls": {"send": "", "undo": "", "draft": ""}, "asked": {}, "here": "",
        "opt_outs": [(each.code, each.label(get_language())) for each in opt_outs()],
    }  # fmt: skip
