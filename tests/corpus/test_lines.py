"""Bad lines are refused with their number, field and reason; good ones go on."""

import io
import json
from typing import Any

import pytest
from django.utils import translation

from annotations.corpus.lines import ItemLine, Problem, csv_objects, json_lines, read

GOOD: dict[str, Any] = {
    "id": "1", "variety": "es-CL", "prompt": "¿Qué es un completo?", "licence": "CC0-1.0",
    "outputs": [{"model": "m1", "text": "Un pan con vienesa."}, {"model": "m2", "text": "Un sándwich."}],
}  # fmt: skip


def one(raw: Any) -> ItemLine | Problem:
    return next(read([(7, raw)], {"es-CL", "quz"}, {"quz"}, "file"))


def output(text: Any) -> dict[str, Any]:
    return GOOD | {"outputs": [{"model": "m1", "text": text}, GOOD["outputs"][1]]}


@pytest.mark.parametrize(
    ("raw", "field", "code"),
    [
        (output(""), "outputs[0].text", "empty"),
        (output(" \n"), "outputs[0].text", "empty"),
        (output(True), "outputs[0].text", "not_text"),
        (output(None), "outputs[0].text", "missing"),
        (output("a\x00b"), "outputs[0].text", "nul"),
        (output("a" * 1_000_000), "outputs[0].text", "too_long"),
        (output("\ud800"), "outputs[0].text", "not_unicode"),
        (output("Un sándwich."), "outputs", "identical_outputs"),
        (GOOD | {"variety": "es-XX"}, "variety", "unknown_variety"),
        (GOOD | {"variety": "quz"}, "variety", "governed"),
        (GOOD | {"surprise": 1}, "surprise", "unknown_field"),
        (GOOD | {"id": ""}, "id", "empty"),
        (GOOD | {"role": "both"}, "role", "invalid"),
        (GOOD | {"permitted_use": "train"}, "permitted_use", "invalid"),
        (GOOD | {"prompt": [{"role": "assistant", "content": "hola"}]}, "prompt", "invalid"),
        (["not", "an", "object"], "line", "not_an_object"),
    ],
)
def test_a_bad_line_names_its_field_and_its_fault(raw: Any, field: str, code: str) -> None:
    problem = one(raw)
    assert isinstance(problem, Problem)
    assert (problem.line, problem.field, problem.code) == (7, field, code)


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("es", ("'es-XX' no es una variedad conocida", "40\u00a0000 caracteres; como máximo 32\u00a0000")),
        ("pt-br", ("'es-XX' não é uma variedade conhecida", "40.000 caracteres; no máximo 32.000")),
    ],
)
def test_the_reason_is_said_in_the_language_of_whoever_brings_it(language: str, said: tuple[str, str]) -> None:
    with translation.override(language):
        told = [one(GOOD | {"variety": "es-XX"}), one(output("a" * 40_000))]
    assert tuple(problem.reason for problem in told if isinstance(problem, Problem)) == said


def test_a_good_line_keeps_its_texts_as_they_came() -> None:
    line = one(output("  Un pan\n"))
    assert isinstance(line, ItemLine)
    assert line.outputs[0].text == "  Un pan\n"


def test_broken_json_is_one_bad_line_among_good_ones() -> None:
    good = json.dumps(GOOD).encode()
    lines = list(read(json_lines([good, b"{", b"\xff", good.replace(b'"1"', b'"2"')]), {"es-CL"}, (), "f"))
    assert [type(line).__name__ for line in lines] == ["ItemLine", "Problem", "Problem", "ItemLine"]


def test_unbalanced_quotes_stop_a_csv_with_a_line_number() -> None:
    file = io.BytesIO(b'id,variety,prompt,output_1,model_1,output_2,model_2\n1,es-CL,"hola,a,m1,b,m2\n')
    (number, bad), *rest = csv_objects(file)
    assert (bad.code, rest) == ("not_csv", [])
    assert number >= 2


@pytest.mark.parametrize(
    ("raw", "field", "code"),
    [
        (GOOD | {"id": "\udc00"}, "id", "not_unicode"),
        (GOOD | {"domain": "\udc00"}, "domain", "not_unicode"),
        (GOOD | {"outputs": [{"model": "", "text": "a"}, {"model": "m", "text": "b"}]}, "outputs[0].model", "empty"),
        (GOOD | {"outputs": [{"model": "m", "text": "a", "sample": 1}, GOOD["outputs"][1]]}, "outputs[0].sample",
         "unknown_field"),
    ]
    + [
        (GOOD | {"outputs": [GOOD["outputs"][0] | {"params": params}, GOOD["outputs"][1]]}, "outputs[0].params", code)
        for params, code in (
            ({"t": float("nan")}, "invalid"), ({"t": "\udc00"}, "not_unicode"), ({"t": "\x00"}, "invalid"),
            ({"t": object()}, "invalid"), ([1], "invalid"), ({"t": "x" * 5000}, "invalid"),
        )
    ],
)  # fmt: skip
def test_one_bad_value_never_ends_an_import(raw: Any, field: str, code: str) -> None:
    problem = one(raw)
    assert isinstance(problem, Problem)
    assert (problem.field, problem.code) == (field, code)
