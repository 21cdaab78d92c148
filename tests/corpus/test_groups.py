"""Nearly the same questions stay together, so that no question of a test is trained on in other clothes."""

import random
from collections.abc import Mapping
from importlib import import_module
from types import SimpleNamespace
from typing import Any

import pytest
from django.apps import apps
from django.db import connection
from django.utils.connection import ConnectionDoesNotExist
from hypothesis import given
from hypothesis import strategies as st

from annotations.assignments.api import checked
from annotations.corpus.actions import enter, forget
from annotations.corpus.grouping import NEAR, bands, group_key, is_near, split_of, words_of
from annotations.corpus.groups import CANDIDATES, group_of
from annotations.corpus.lines import ItemLine
from annotations.corpus.models import Band, Prompt, PromptGroup, Wording
from annotations.corpus.queries import same_question
from tests.cast import line

BOYS = "¿Cuáles son los juguetes más populares entre los niños en México?"
GIRLS = "¿Cuáles son los juguetes más populares entre las niñas en México?"
OTHER = "¿Qué se come en una boda en el campo, y quién lo prepara?"


def said(text: str) -> list[dict[str, str]]:
    return [{"role": "user", "content": text}]


def words(text: str) -> str:
    return words_of(said(text))


GOLDEN = [5676446788091126374, -7924644433788704180, 7656383883104123992]

# Pure ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("one", "other", "near"), [
    (BOYS, GIRLS, True),
    (BOYS, BOYS.upper().replace("¿", ""), True),
    (BOYS, OTHER, False),
    ("una persona de Italia y otra de España, ¿quién tenía una multa?",
     "una persona de España y otra de Italia, ¿quién tenía una multa?", True),
    ("¿Cuánto es 12 por 17, si se suma 3?", "¿Cuánto es 12 por 18, si se suma 3?", False),
    ("¿?", "¿?", True), ("¿?", "¡!", False), ("a", "a", True), ("", "", True),
])  # fmt: skip
def test_boys_and_girls_are_nearly_the_same_and_other_figures_are_not(one: str, other: str, near: bool) -> None:
    assert is_near(words(one), words(other)) is near
    assert is_near(words(other), words(one)) is near


def test_bands_that_are_kept_are_what_they_were() -> None:
    """They lie in databases: a library that hashes otherwise would find none of them again."""
    assert bands(words(BOYS))[:3] == GOLDEN
    assert all(-(2**63) <= band < 2**63 for band in bands(""))


def test_what_is_nearly_the_same_shares_a_band_and_what_is_not_seldom_does() -> None:
    """995 of 1,000 at the limit, by the sum; a little less is asked here, of pairs just above it."""
    chance = random.Random(1)
    found = lost = strangers = 0
    for _pair in range(300):
        letters = [chance.choice("abcdefghij klmnop") for _letter in range(160)]
        one = "".join(letters)
        for place in chance.sample(range(160), 5):
            letters[place] = "z"
        other = "".join(letters)
        shared = bool(set(bands(one)) & set(bands(other)))
        if is_near(one, other):
            found, lost = found + shared, lost + (not shared)
        strangers += bool(set(bands(one)) & set(bands("".join(chance.choices("abcdefghij klmnop", k=160)))))
    assert found >= 200, "the pairs are near"
    assert lost <= 0.02 * found
    assert strangers <= 3


@given(st.text(max_size=60), st.text(max_size=60))
def test_near_is_the_same_either_way_and_everything_is_near_itself(one: str, other: str) -> None:
    assert is_near(one, other) == is_near(other, one)
    assert is_near(one, one)
    assert bands(one) == bands(one)
    assert len(bands(one)) == 10


# In the corpus ------------------------------------------------------------------------------------------------------


def entered(*lines: Mapping[str, Any]) -> tuple[list[Prompt], list[str]]:
    raw = [(number, line(str(number)) | each) for number, each in enumerate(lines, 1)]
    found, problems = enter([each for each in checked(raw, "tests") if isinstance(each, ItemLine)])
    return [entry.prompt for entry in found], [problem.code for problem in problems]


@pytest.mark.django_db
@pytest.mark.usefixtures("seeds")
class TestInTheCorpus:
    def test_nearly_the_same_question_is_of_the_earliest_one_s_group_in_one_import_and_later(self) -> None:
        (boys, girls, other), _none = entered({"prompt": BOYS}, {"prompt": GIRLS}, {"prompt": OTHER})
        assert (girls.group_id, girls.bridges) == (boys.group_id, False)
        assert other.group_id != boys.group_id
        (later,), _none = entered({"prompt": BOYS.replace("México", "Perú y en México")})
        assert later.group_id == boys.group_id
        assert boys.group.key == group_key(said(BOYS))
        assert Wording.objects.count() == 4

    def test_the_same_words_are_of_one_group_and_kept_once(self) -> None:
        (one, two), _none = entered({"prompt": BOYS}, {"prompt": BOYS.upper(), "domain": "ocio"})
        assert (one.group_id, one.pk != two.pk) == (two.group_id, True)
        assert Wording.objects.get().prompt_id == one.pk
        assert Band.objects.count() == 10

    def test_what_is_near_to_questions_of_two_splits_bridges_them_and_says_so_whatever_comes_in_its_words(self) -> None:
        (left, right), between = _two_of_different_splits()
        assert left.group.split != right.group.split
        (bridge, again), _none = entered({"prompt": between}, {"prompt": between.upper(), "domain": "ocio"})
        assert (bridge.group_id, bridge.bridges, again.bridges) == (left.group_id, True, True)
        (later,), _none = entered({"prompt": between, "domain": "salud"})
        assert later.bridges

    def test_nearly_a_question_that_evaluates_is_refused_as_one_that_trains_and_the_other_way_round(self) -> None:
        entered({"prompt": BOYS, "role": "evaluate"}, {"prompt": OTHER})
        tests = {"prompt": OTHER.replace("lo prepara", "la prepara"), "role": "evaluate"}
        prompts, problems = entered({"prompt": GIRLS}, tests, {"prompt": "¿Y?"})
        assert (len(prompts), problems) == (1, ["role_conflict", "role_conflict"])
        assert not Wording.objects.filter(key=group_key(said(GIRLS))).exists()

    def test_of_a_refused_line_nothing_stays_that_a_later_one_would_find(self) -> None:
        entered({"prompt": BOYS, "role": "evaluate"})
        prompts, problems = entered({"prompt": GIRLS}, {"prompt": GIRLS, "role": "evaluate"})
        assert ([prompt.group.role for prompt in prompts], problems) == (["evaluate"], ["role_conflict"])

    def test_hundreds_of_questions_of_one_template_cost_what_a_few_do(self, django_assert_max_num_queries) -> None:
        names = [f"{one}{two}{three}" for one in "bcdfglmnpr" for two in "aeiou" for three in "lnrst"]
        template = "Traduzca al quechua sureño, en la escritura oficial, y explique por qué: {} y nada más"
        lines = [{"prompt": template.format(name)} for name in names]
        with django_assert_max_num_queries(40):
            prompts, _none = entered(*lines)
        assert len({prompt.group_id for prompt in prompts}) == 1
        assert max(map(len, _by_band().values())) > CANDIDATES

    def test_what_is_forgotten_is_found_by_its_words_and_begins_no_second_group(self) -> None:
        (boys,), _none = entered({"prompt": BOYS})
        forget(prompt=boys)
        (again, near), _none = entered({"prompt": BOYS}, {"prompt": GIRLS})
        assert again.group_id == boys.group_id
        assert PromptGroup.objects.filter(key=group_key(said(BOYS))).count() == 1
        assert near.group.pk

    def test_which_group_a_question_would_fall_into_is_told_and_nothing_is_kept(self) -> None:
        (boys,), _none = entered({"prompt": BOYS})
        assert [group_of(said(text)) for text in (BOYS, GIRLS, OTHER)] == [boys.group, boys.group, None]
        assert (PromptGroup.objects.count(), Wording.objects.count()) == (1, 1)

    def test_the_same_question_is_one_of_the_same_words_and_not_one_that_is_near(self) -> None:
        (boys, girls), _none = entered({"prompt": BOYS}, {"prompt": GIRLS})
        found = [same_question(said(text), "es-CL") for text in (BOYS, GIRLS.upper(), OTHER)]
        assert found == [boys, girls, None]

    def test_what_came_before_anybody_looked_for_likeness_is_found_all_the_same(self) -> None:
        """The migration: as if these had entered when only the same words made a group."""
        (boys, other, gone), _none = entered({"prompt": BOYS}, {"prompt": OTHER}, {"prompt": "¿Qué es un trompo?"})
        forget(prompt=gone)
        Wording.objects.all().delete()
        migration = import_module("annotations.migrations.0005_near_questions")
        migration.remember(apps, SimpleNamespace(connection=connection))
        (girls, same, back), _none = entered({"prompt": GIRLS}, {"prompt": OTHER}, {"prompt": "¿Qué es un trompo?"})
        assert [each.group_id for each in (girls, same, back)] == [each.group_id for each in (boys, other, gone)]

    def test_the_migration_writes_on_the_connection_that_migrates(self) -> None:
        """Any other waits for ever for the tables that the migration's own transaction has just changed."""
        migration = import_module("annotations.migrations.0005_near_questions")
        with pytest.raises(ConnectionDoesNotExist, match="the one that migrates"):
            migration.remember(apps, SimpleNamespace(connection=SimpleNamespace(alias="the one that migrates")))


def _by_band() -> dict[int, list[int]]:
    found: dict[int, list[int]] = {}
    for band, wording in Band.objects.values_list("band", "wording"):
        found.setdefault(band, []).append(wording)
    return found


def _two_of_different_splits() -> tuple[list[Prompt], str]:
    """Two questions that are not near, in different splits, and one that is near to both."""
    base = "¿A qué hora suelen {} las personas de este lugar, {} y en los días de fiesta?"
    verbs = ["desayunar", "almorzar", "merendar", "cenar", "despertar", "descansar", "trabajar", "regresar", "comer"]
    whens = ["entre semana", "en el invierno", "cuando llueve", "cuando hay sol", "los domingos"]
    for left in verbs:
        for right in verbs:
            for when in whens:
                for other in whens:
                    one, two = base.format(left, when), base.format(right, other)
                    between = base.format(left, other)
                    splits = {split_of(group_key(said(text)), "train") for text in (one, two)}
                    near = [is_near(words(between), words(text)) for text in (one, two)]
                    if len(splits) == 2 and all(near) and not is_near(words(one), words(two)):
                        return entered({"prompt": one}, {"prompt": two})[0], between
    raise AssertionError(f"no such pair at {NEAR}")
