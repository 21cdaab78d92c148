"""Every token can be read and is shown, every component is drawn by the product's own templates on `/design/`."""

import re
from collections import Counter
from html.parser import HTMLParser
from pathlib import Path
from typing import get_args

import pytest
from django.test import Client

from annotations.assignments.notes.queries import Why
from annotations.community.tokens import PAIRS, SCHEMES, blocks, contrast, is_colour, tokens

ROOT = Path(__file__).parents[2]


def words(text: str) -> list[str]:
    return text.split()


CSS = re.sub(r"/\*.*?\*/", "", (ROOT / "static/minka.css").read_text("utf-8"), flags=re.DOTALL)
COMPONENTS = words("""
    a acts actions answer aside asked b bar bars before behind button c campaign card check chip chips choices
    codes curve curves dock drawn empty errorlist facts far field frame frames halves hands help hidden labels lead leaf
    least links list mark menu meta more muted needs note notice number offline output outputs places plain-button
    plot plots problem prompt purposes question quiet received rows said scale search second sheet skip small
    spaces stack steps strands strong sum swatch switch terms text thread tokens tongue-buttons top trail unfold
    work ways where who why wide
""")
"""Classes one builds pages with. A new one is put here and drawn on the page."""


@pytest.fixture
def page(db: None) -> str:
    answer = Client().get("/design/")
    assert answer.status_code == 200
    return answer.content.decode()


def classes(page: str) -> set[str]:
    return {name for value in re.findall(r'class="([^"]*)"', page) for name in value.split()}


def test_contrast_is_computed_as_the_guideline_does() -> None:
    assert contrast("#000", "#fff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.478, abs=0.001)
    assert contrast("#fff", "#777") == contrast("#777", "#fff")


@pytest.mark.parametrize("scheme", list(SCHEMES))
def test_every_text_can_be_read_on_every_ground_it_stands_on(scheme: str) -> None:
    known, least = tokens(scheme), 7.0 if "more" in scheme else 4.5
    poor = {pair: round(contrast(known[pair[0]], known[pair[1]]), 2) for pair in PAIRS}
    assert {pair: ratio for pair, ratio in poor.items() if ratio < least} == {}


@pytest.mark.parametrize("scheme", list(SCHEMES))
def test_a_controls_border_is_seen(scheme: str) -> None:
    known = tokens(scheme)
    assert min(contrast(known["muted"], known[ground]) for ground in ("paper", "card")) >= 3


def test_every_block_of_the_file_is_known_and_names_no_token_of_its_own() -> None:
    queries = Counter(query for query, _values in blocks())
    assert queries == Counter({"", *(query for scheme in SCHEMES.values() for query in scheme)})
    for query, values in blocks():
        assert set(values) <= set(tokens("light")), query
    whole = [dict(blocks())[query] for query in ("(prefers-color-scheme: dark)", "print")]
    for block in whole:
        assert {name for name, value in tokens("light").items() if is_colour(value)} <= set(block)
    assert blocks()[-1][0] == "print", "what is printed overrides what the screen asks for"


def test_every_colour_that_is_text_somewhere_is_a_pair() -> None:
    """`color: var(--x)` in the stylesheet: x stands as a text in `PAIRS`; a background under text as a ground."""
    texts = set(re.findall(r"(?<![-\w])color:\s*var\(--([\w-]+)\)", CSS)) - {"tone", "on"}
    progress = {"line"}  # a bar's own ground
    assert texts - progress <= {text for text, _ground in PAIRS}
    grounds = set(re.findall(r"background(?:-color)?:\s*var\(--([\w-]+)\)", CSS)) - {"tone"}
    graphics = {"line", "leaf"}  # the bar and the switch hold no text
    assert grounds - graphics <= {ground for _text, ground in PAIRS}


def test_every_token_is_on_the_page_with_its_values(page: str) -> None:
    shown = set(re.findall(r"<code>--([\w-]+)</code>", page))
    assert shown == set(tokens("light"))
    for scheme in ("light", "dark"):
        for name, value in tokens(scheme).items():
            if scheme == "light" or is_colour(value):
                assert f"<code>{value}</code>" in page, name
    assert page.count('fill="var(--') >= sum(map(is_colour, tokens("light").values()))


def test_every_token_the_stylesheet_uses_is_named_in_the_one_file() -> None:
    own = set(re.findall(r"--([\w-]+)\s*:", CSS))
    assert set(re.findall(r"var\(--([\w-]+)\)", CSS)) - own <= set(tokens("light"))
    assert own <= {"tone", "on", "fold", "under-dock"}, "a token belongs into tokens.css"
    assert not re.findall(r"#[0-9a-f]{3,6}\b(?![\w-]*\s*[{,>+.:\[])", CSS.replace("background: #fff", "")), (
        "so do colours"
    )


def test_every_component_is_drawn(page: str) -> None:
    assert sorted(set(COMPONENTS) - classes(page)) == []


def test_every_component_listed_is_one_of_the_stylesheets() -> None:
    styled = set(re.findall(r"\.([a-z][\w-]*)", CSS))
    bare = {"labels", "note", "who"}  # named for what they are; they look like what they stand in
    assert set(COMPONENTS) - styled <= bare


def test_the_page_draws_with_the_products_templates() -> None:
    text = (ROOT / "templates/community/design.html").read_text("utf-8")
    drawn = set(re.findall(r'{% include "([^"#]+)', text))
    assert drawn >= {"parts/needs.html", "parts/fields.html", "parts/nothing_left.html", "table/table.html",
                     "table/guest_end.html", "people/labels.html", "people/purpose.html",
                     "people/variety.html"}  # fmt: skip


class Reach(HTMLParser):
    """How many forms one can reach, and how many lie in something inert."""

    def __init__(self) -> None:
        super().__init__()
        self.reached = self.out_of_reach = self._depth = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "div" and (self._depth or "inert" in dict(attrs)):
            self._depth += 1
        if tag == "form" and self._depth:
            self.out_of_reach += 1
        elif tag == "form":
            self.reached += 1

    def handle_endtag(self, tag: str) -> None:
        self._depth -= tag == "div" and self._depth > 0


def test_it_is_a_public_page_and_nothing_on_it_can_be_sent(page: str) -> None:
    assert "csrfmiddlewaretoken" not in page
    forms = Reach()
    forms.feed(page)
    assert (forms.reached, forms.out_of_reach > 3) == (0, True)


def test_why_nothing_is_left_is_shown_in_every_way(page: str) -> None:
    assert [why for why in get_args(Why) if f">{why}</span>" not in page] == []


def test_contributors_are_told_of_it() -> None:
    assert "/design/" in (ROOT / "CONTRIBUTING.md").read_text("utf-8")
