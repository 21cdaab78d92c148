"""Where words stand: in code points, whatever the line ends, the emoji and the times they are said."""

from hypothesis import given
from hypothesis import strategies as st

from annotations.flagging.spans import in_sight, places_of, span_of

WORDS = st.lists(st.sampled_from(["a", "á", "ñandú", "🌻", "👩‍🌾", "a.", "a🌻"]), min_size=1, max_size=12)
BETWEEN = st.sampled_from([" ", "\n", "\r\n", "\r\n\r\n"])


@given(WORDS, BETWEEN, st.data())
def test_what_is_selected_in_a_browser_is_found_where_it_was_selected(words, between, data) -> None:
    text = between.join(words)
    first = data.draw(st.integers(0, len(words) - 1))
    last = data.draw(st.integers(first, len(words) - 1))
    start = len(between.join(words[:first])) + (len(between) if first else 0)
    end = start + len(between.join(words[first : last + 1]))
    seen = text.replace("\r\n", "\n")  # a browser ends lines with one character
    near = len(text[:start].replace("\r\n", "\n"))
    selected = seen[near : near + len(text[start:end].replace("\r\n", "\n"))]
    found = span_of(selected, text, near)
    assert found == (start, end)


@given(st.text(max_size=30), st.text(max_size=5))
def test_every_place_holds_the_words(text: str, words: str) -> None:
    for start, end in places_of(words, text):
        assert text[start:end].split() == words.split()


def test_words_that_stand_twice_need_a_place_and_words_that_do_not_stand_there_have_none() -> None:
    text = "La flojera, la flojera 🌻 y otra vez la flojera."
    assert span_of("la flojera", text) is None
    assert span_of("la flojera", text, 12) == (12, 22)
    assert span_of("otra vez", text) == (27, 35)
    assert span_of("nada", text, 3) is None
    assert span_of("  ", text) is None


def test_what_nobody_sees_is_named_and_all_else_is_as_it_was_written() -> None:
    for plain in ("¿Se aprende? Sí:\n– 👩\u200d🌾 ❤\ufe0f ñandú,\u00a0«mbyja» y ʼel\u0303", ""):
        assert in_sight(plain) == plain
    unseen = "\u200b", "\u202e", "\U000e0041", "\U000e0110", "\u2060", "\x1b", "\u2028"
    assert in_sight("a".join(unseen)) == "a".join(f"⟨U+{ord(sign):04X}⟩" for sign in unseen)
