"""Reading what is to be imported: files to lines, lines to checked entries.

One JSON object a line is the form (`docs/import.md`); CSV and Parquet are read into the same objects. Nothing here
touches the database: what is known of varieties is passed in. A line that cannot be used becomes a `Problem` with its
number, field, code and a sentence, and the others go on.
"""

import csv
import io
import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from annotations.corpus.models import MAX_TEXT, Use

MAX_LINE = 4_000_000
MAX_OUTPUTS = 4
MAX_PARAMS = 4_000
MAX_PARAMS_DEPTH = 8
ROLES = ("system", "user", "assistant")
FACETS = ("register", "domain", "task", "country", "country_about")
FIELDS = frozenset(
    {
        "id", "kind", "variety", "prompt_variety", "role", "prompt", "outputs", "source", "licence", "permitted_use",
        "sensitive", "practice", "gold", *FACETS,
    }
)  # fmt: skip
LANGUAGES = ("es", "pt-BR", "en")
VOTES: Mapping[str, tuple[int, int]] = {"vote": (2, MAX_OUTPUTS)}
MAX_SAMPLE = 99
MAX_KEY = 2**63 - 1
ANSWER_FIELDS = frozenset({"prompt", "sample", "text", "params"})
OUTPUT_FIELDS = frozenset({"model", "text", "licence", "permitted_use", "params"})


@dataclass(frozen=True)
class Problem:
    """Why a line was refused."""

    line: int
    code: str
    field: str
    reason: str
    id: str = ""

    def __str__(self) -> str:
        return f"{_('line')} {self.line}: {self.field}: {self.reason}"


@dataclass(frozen=True)
class OutputLine:
    model: str
    text: str
    licence: str
    permitted_use: tuple[str, ...]
    params: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class AnswerLine:
    """One checked answer of a model to a prompt of the corpus, by the prompt's key."""

    prompt: int
    sample: int
    text: str
    params: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class KnownLine:
    """What makes a line an item whose answer is known: what for (`practice` or `gold`), the answer expected, and why,
    by language."""

    purpose: str
    expected: dict[str, Any]
    explanation: dict[str, str]


@dataclass(frozen=True)
class ItemLine:
    """One checked line. `messages` end with the user's turn and stand in `prompt_variety`; the work is asked in
    `variety`. `permitted_use` and `sensitive` are sorted."""

    number: int
    id: str
    kind: str
    variety: str
    role: str
    messages: list[dict[str, str]]
    outputs: list[OutputLine]
    source: str
    licence: str
    permitted_use: tuple[str, ...]
    facets: dict[str, str]
    prompt_variety: str = ""
    sensitive: tuple[str, ...] = ()
    known: KnownLine | None = None


class BadLine(ValueError):
    """What `check` raises; `read` turns it into a `Problem` with the line's number. The reason is said in the language
    of whoever brings the lines."""

    def __init__(self, code: str, name: str, reason: str) -> None:
        self.code, self.name, self.reason = code, name, reason
        super().__init__(reason)


def read(
    raw: Iterable[tuple[int, Any]],
    varieties: Collection[str],
    governed: Collection[str],
    default_source: str,
    shapes: Mapping[str, tuple[int, int]] = VOTES,
) -> Iterator[ItemLine | Problem]:
    """Check numbered raw objects; yields an `ItemLine` or a `Problem` for each.

    Args:
        shapes: for each kind we know, the fewest and the most outputs its items have.
    """
    seen: set[str] = set()
    for number, value in raw:
        try:
            if isinstance(value, BadLine):
                raise value
            line = check(number, value, default_source, shapes)
            for name in ("variety", "prompt_variety"):
                if (tag := getattr(line, name)) in governed:
                    raise BadLine("governed", name, _("%s takes no contributions before its stewards decide") % tag)
                if tag not in varieties:
                    raise BadLine("unknown_variety", name, _("%r is not a variety we know") % tag)
            if line.id in seen:
                raise BadLine("repeated_id", "id", _("%r stands in an earlier line of this import") % line.id)
            seen.add(line.id)
            yield line
        except BadLine as bad:
            name = value.get("id", "") if isinstance(value, dict) else ""
            yield Problem(number, bad.code, tellable(bad.name), tellable(bad.reason), tellable(name))


def tellable(value: Any) -> str:
    """What a stranger sent, fit for a report: bounded, and without what cannot be written."""
    return str(value)[:200].encode("utf-8", "replace").decode().replace("\x00", "?")


def check(number: int, value: Any, default_source: str, shapes: Mapping[str, tuple[int, int]] = VOTES) -> ItemLine:
    """One raw object to an `ItemLine`, or `BadLine` naming the field."""
    if not isinstance(value, dict):
        raise BadLine("not_an_object", "line", _("a line must be one JSON object"))
    unknown = set(value) - FIELDS
    if unknown:
        raise BadLine("unknown_field", min(unknown), _("this field is not known"))
    licence = short(value, "licence", 80)
    uses = _uses(value.get("permitted_use"), "permitted_use")
    kind = _kind(value, shapes)
    variety = short(value, "variety", 35, required=True)
    return ItemLine(
        number=number,
        id=short(value, "id", 200, required=True),
        kind=kind,
        variety=variety,
        prompt_variety=short(value, "prompt_variety", 35) or variety,
        role=_role(value.get("role")),
        messages=_messages(value.get("prompt")),
        outputs=_outputs(value.get("outputs"), licence, uses, shapes[kind]),
        source=short(value, "source", 200) or default_source,
        licence=licence,
        permitted_use=uses,
        facets={name: short(value, name, 2 if name.startswith("country") else 40) for name in FACETS},
        sensitive=_sensitive(value.get("sensitive")),
        known=_known(value),
    )


def _kind(value: dict[str, Any], shapes: Mapping[str, tuple[int, int]]) -> str:
    kind = short(value, "kind", 20) or "vote"
    if kind not in shapes:
        raise BadLine("unknown_kind", "kind", _("%r is not a kind we know") % kind)
    return kind


def _sensitive(value: Any) -> tuple[str, ...]:
    """Codes of bias categories the item touches."""
    if value is None:
        return ()
    if not isinstance(value, list) or not all(isinstance(code, str) and code.isidentifier() for code in value):
        raise BadLine("invalid", "sensitive", _("must be a list of codes of bias categories"))
    return tuple(sorted({code[:30] for code in value}))


def _known(line: dict[str, Any]) -> KnownLine | None:
    """`{"expected": {…}, "explanation": "…"}`; the explanation may also be an object of texts by language. Of gold the
    answer must be there, and the explanation need not."""
    purposes = [name for name in ("practice", "gold") if line.get(name) is not None]
    if not purposes:
        return None
    if len(purposes) > 1:
        raise BadLine("invalid", "gold", _("an item is practice or gold, not both"))
    purpose, value = purposes[0], line[purposes[0]]
    if not isinstance(value, dict) or set(value) - {"expected", "explanation"}:
        raise BadLine("invalid", purpose, _("has an explanation and the answer expected, nothing else"))
    expected = _object(value.get("expected"), f"{purpose}.expected")
    if purpose == "gold" and not expected:
        raise BadLine("missing", "gold.expected", _("an item of gold says which answer is expected"))
    return KnownLine(purpose, expected, _explanation(value.get("explanation"), purpose))


def _explanation(told: Any, purpose: str) -> dict[str, str]:
    if told is None and purpose == "gold":
        return {}
    if not isinstance(told, dict):
        told = dict.fromkeys(LANGUAGES, told)
    partly = purpose == "gold" and told and set(told) < set(LANGUAGES)
    if set(told) != set(LANGUAGES) and not partly:
        some = purpose == "gold"
        reason = _("must be a text, or one in some of %s") if some else _("must be a text, or one in each of %s")
        raise BadLine("invalid", f"{purpose}.explanation", reason % ", ".join(LANGUAGES))
    return {language: _text(text, f"{purpose}.explanation.{language}") for language, text in told.items()}


def short(value: Mapping[str, Any], key: str, longest: int, *, required: bool = False, within: str = "") -> str:
    name, text = within + key, value.get(key)
    if text is None and not required:
        return ""
    if not isinstance(text, str):
        raise BadLine("not_text" if text is not None else "missing", name, _("this must be a text"))
    if "\x00" in text:
        raise BadLine("nul", name, _("the character NUL cannot be kept"))
    text = text.strip()
    if required and not text:
        raise BadLine("empty", name, _("this must not be empty"))
    if len(text) > longest:
        raise BadLine("too_long", name, _too_long(len(text), longest))
    return _unicode(text, name)


def _unicode(text: str, name: str) -> str:
    try:
        text.encode()
    except UnicodeEncodeError:
        raise BadLine("not_unicode", name, _("half of a surrogate pair is not a character")) from None
    return text


def _text(text: Any, name: str) -> str:
    """A text of the corpus: kept exactly as it came, so never stripped."""
    if not isinstance(text, str):
        raise BadLine("not_text" if text is not None else "missing", name, _("this must be a text"))
    if not text.strip():
        raise BadLine("empty", name, _("this must not be empty"))
    if "\x00" in text:
        raise BadLine("nul", name, _("the character NUL cannot be kept"))
    if len(text) > MAX_TEXT:
        raise BadLine("too_long", name, _too_long(len(text), MAX_TEXT))
    return _unicode(text, name)


def _grouped(number: int) -> str:
    return number_format(number, force_grouping=True)


def _too_long(length: int, most: int) -> str:
    return _("%(n)s characters; at most %(most)s") % {"n": _grouped(length), "most": _grouped(most)}


def _must_be_one_of(*words: str) -> str:
    return _("must be one of %s") % ", ".join(words)


def _role(value: Any) -> str:
    if value in (None, ""):
        return "train"
    if value not in ("train", "evaluate"):
        raise BadLine("invalid", "role", _must_be_one_of("train", "evaluate"))
    return str(value)


def _uses(value: Any, name: str, default: tuple[str, ...] = ("evaluate", "train")) -> tuple[str, ...]:
    if value is None:
        return default
    if not isinstance(value, list) or not all(isinstance(use, str) and use in Use.values for use in value):
        raise BadLine("invalid", name, _('must be a list of "train" and "evaluate"'))
    return tuple(sorted(set(value)))


def _messages(value: Any) -> list[dict[str, str]]:
    if isinstance(value, str):
        return [{"role": "user", "content": _text(value, "prompt")}]
    if not isinstance(value, list) or not value:
        raise BadLine("missing" if not value else "not_text", "prompt", _("must be a text or a list of messages"))
    messages = []
    for place, message in enumerate(value):
        name = f"prompt[{place}]"
        if not isinstance(message, dict) or set(message) != {"role", "content"}:
            raise BadLine("invalid", name, _("a message has a role and a content, nothing else"))
        if message["role"] not in ROLES:
            raise BadLine("invalid", f"{name}.role", _must_be_one_of(*ROLES))
        messages.append({"role": message["role"], "content": _text(message["content"], f"{name}.content")})
    if messages[-1]["role"] != "user":
        raise BadLine("invalid", "prompt", _("the last message must be the user's"))
    return messages


def _outputs(value: Any, licence: str, uses: tuple[str, ...], shape: tuple[int, int]) -> list[OutputLine]:
    fewest, most = shape
    if value is None and not fewest:
        return []
    if not isinstance(value, list) or not fewest <= len(value) <= most:
        so_many = f"{fewest}–{most}" if fewest < most else str(most)
        reason = ngettext("must be a list of %s output", "must be a list of %s outputs", most) % so_many
        raise BadLine("invalid", "outputs", reason)
    outputs = [_output(each, f"outputs[{place}]", licence, uses) for place, each in enumerate(value)]
    if len({output.text for output in outputs}) < len(outputs):
        raise BadLine("identical_outputs", "outputs", _("two outputs are the same text"))
    return outputs


def _output(value: Any, name: str, licence: str, uses: tuple[str, ...]) -> OutputLine:
    if not isinstance(value, dict):
        raise BadLine("not_text", name, _("an output has a model and a text"))
    unknown = set(value) - OUTPUT_FIELDS
    if unknown:
        raise BadLine("unknown_field", f"{name}.{min(unknown)}", _("this field is not known"))
    return OutputLine(
        model=short(value, "model", 120, required=True, within=f"{name}."),
        text=_text(value.get("text"), f"{name}.text"),
        licence=short(value, "licence", 80, within=f"{name}.") or licence,
        permitted_use=_uses(value.get("permitted_use"), f"{name}.permitted_use", uses),
        params=_object(value.get("params"), f"{name}.params"),
    )


def check_answer(value: Any) -> AnswerLine:
    """One raw answer, `{"prompt": 17, "sample": 0, "text": "…", "params": {…}}`, or `BadLine` naming the field."""
    if not isinstance(value, dict):
        raise BadLine("not_an_object", "answer", _("an answer has a prompt and a text"))
    if unknown := set(value) - ANSWER_FIELDS:
        raise BadLine("unknown_field", min(map(str, unknown)), _("this field is not known"))
    return AnswerLine(
        prompt=_count(value.get("prompt"), "prompt", MAX_KEY),
        sample=_count(value.get("sample", 0), "sample", MAX_SAMPLE),
        text=_text(value.get("text"), "text"),
        params=_object(value.get("params"), "params"),
    )


def _count(value: Any, name: str, most: int) -> int:
    if value is None:
        raise BadLine("missing", name, _("this must be a number"))
    if type(value) is not int or not 0 <= value <= most:
        raise BadLine("invalid", name, _("must be a whole number from 0 to %s") % _grouped(most))
    return value


def _object(value: Any, name: str) -> dict[str, Any]:
    """Sampling parameters, or an answer: an object that JSON and the database can hold as it is."""
    if value is None:
        return {}
    try:
        text = json.dumps(value, allow_nan=False, ensure_ascii=False)
    except (TypeError, ValueError, RecursionError):
        raise BadLine("invalid", name, _("must be an object of texts, numbers, lists and objects")) from None
    if not isinstance(value, dict) or len(text) > MAX_PARAMS or "\x00" in text or "\\u0000" in text:
        reason = _("must be an object of at most %s characters, without NUL")
        raise BadLine("invalid", name, reason % _grouped(MAX_PARAMS))
    _unicode(text, name)
    if _depth(value) > MAX_PARAMS_DEPTH:
        raise BadLine("invalid", name, _("is nested deeper than %d") % MAX_PARAMS_DEPTH)
    return value


def _depth(value: Any) -> int:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return 1 + max((_depth(each) for each in inner), default=0)


# From bytes to numbered objects -------------------------------------------------------------------------------------


def open_file(path: Path) -> Iterator[tuple[int, Any]]:
    """Numbered raw objects of a `.jsonl`, `.ndjson`, `.json`, `.csv` or `.parquet` file."""
    suffix = path.suffix.lower()
    if suffix == ".parquet":
        yield from _parquet(path)
        return
    with path.open("rb") as file:
        yield from (csv_objects(file) if suffix == ".csv" else json_lines(file))


def json_lines(file: Iterable[bytes] | BinaryIO) -> Iterator[tuple[int, Any]]:
    """One JSON object a line; empty lines are passed over. `NaN`, bad UTF-8 and over-long lines are bad lines."""
    for number, raw in enumerate(file, 1):
        if not raw.strip():
            continue
        try:
            if len(raw) > MAX_LINE:
                sizes = {"n": _grouped(len(raw)), "most": _grouped(MAX_LINE)}
                raise BadLine("too_long", "line", _("%(n)s bytes; at most %(most)s") % sizes)
            yield number, json.loads(raw.decode("utf-8-sig"), parse_constant=_no_constant)
        except BadLine as bad:
            yield number, bad
        except (ValueError, RecursionError) as error:
            yield number, BadLine("not_json", "line", (_("not JSON in UTF-8: %s") % error)[:200])


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def csv_objects(file: BinaryIO) -> Iterator[tuple[int, Any]]:
    """CSV with a header; outputs as `output_1, model_1, licence_1, output_2, …`; lists are separated by `;`."""
    csv.field_size_limit(MAX_LINE)
    reader = csv.DictReader(io.TextIOWrapper(file, encoding="utf-8-sig", newline=""), strict=True)
    while True:
        try:
            row = next(reader)
        except StopIteration:
            return
        except (csv.Error, UnicodeDecodeError) as error:
            # After a broken quote nobody can say where the next row begins, so the rest of the file is refused.
            yield reader.reader.line_num, BadLine("not_csv", "line", _("%s; nothing after this line was read") % error)
            return
        yield reader.line_num, _from_columns(row)


def _from_columns(row: dict[Any, Any]) -> Any:
    if None in row or None in row.values():
        return BadLine("not_csv", "line", _("the row has more or fewer cells than the header"))
    value: dict[str, Any] = {name: cell for name, cell in row.items() if cell and name in FIELDS}
    if "permitted_use" in value:
        value["permitted_use"] = [use.strip() for use in value["permitted_use"].split(";")]
    if "sensitive" in value:
        value["sensitive"] = [code.strip() for code in value["sensitive"].split(";")]
    places = [name.removeprefix("output_") for name in row if name.startswith("output_")]
    value["outputs"] = [
        {"text": row[f"output_{place}"], "model": row.get(f"model_{place}")}
        | ({"licence": row[f"licence_{place}"]} if row.get(f"licence_{place}") else {})
        for place in places
        if row[f"output_{place}"] or row.get(f"model_{place}")
    ]
    known = {f"{part}_{place}" for place in places for part in ("output", "model", "licence")}
    return value | {name: cell for name, cell in row.items() if name not in FIELDS | known}


def _parquet(path: Path) -> Iterator[tuple[int, Any]]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        number = 0
        for batch in pq.ParquetFile(path).iter_batches(batch_size=500):
            for row in batch.to_pylist():
                number += 1
                yield number, _without_nulls(row)
    except (pa.ArrowException, OSError) as error:
        yield 0, BadLine("not_parquet", "line", str(error)[:200])


def _without_nulls(value: Any) -> Any:
    """Parquet writes an absent field as null; here absent is absent."""
    if isinstance(value, dict):
        return {name: _without_nulls(each) for name, each in value.items() if each is not None}
    if isinstance(value, list):
        return [_without_nulls(each) for each in value]
    return value
