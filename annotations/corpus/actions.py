"""What is done to the corpus: texts enter it."""

import hashlib
from collections.abc import Collection, Sequence
from typing import NamedTuple

from django.db import connection, transaction

from annotations.corpus.grouping import content_key
from annotations.corpus.groups import Place, place, remember
from annotations.corpus.languages import looks_like
from annotations.corpus.lines import AnswerLine, ItemLine, Problem
from annotations.corpus.models import ModelVersion, Output, Prompt, PromptGroup, Source, Use
from annotations.corpus.screening import reason_to_hold
from annotations.errors import Refused

_IMPORT_LOCK = 0x6D696E6B0001
"""Imports go one after another (a transaction's advisory lock), so that "is it there already?" stays true."""


class Entry:
    """A checked line with the rows it became."""

    __slots__ = ("line", "outputs", "prompt")

    def __init__(self, line: ItemLine, prompt: Prompt, outputs: list[Output]) -> None:
        self.line, self.prompt, self.outputs = line, prompt, outputs


def lock_imports() -> None:
    """Wait for other imports to end; holds until this transaction does. Taking it again is free."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_IMPORT_LOCK])


@transaction.atomic
def enter(lines: Sequence[ItemLine]) -> tuple[list[Entry], list[Problem]]:
    """Bring prompts and outputs of checked lines into the corpus; what is there already is found, not doubled.

    A line whose question, or nearly, is already in under the other role is refused (`role_conflict`): what evaluates
    never trains.
    """
    lock_imports()
    placed = place(lines)
    kept = [line for line in lines if line.number in placed.places]
    prompts = _prompts(kept, placed.places, _sources(kept))
    firsts = {placed.places[line.number].words: prompts[line.number] for line in reversed(kept)}
    remember((there, firsts[words]) for words, there in placed.new.items())
    outputs = _outputs(kept, prompts, _models(kept))
    return [Entry(line, prompts[line.number], outputs[line.number]) for line in kept], placed.problems


def _sources(lines: Sequence[ItemLine]) -> dict[tuple[str, str, tuple[str, ...]], Source]:
    found = {}
    for terms in {(line.source, line.licence, line.permitted_use) for line in lines}:
        name, licence, uses = terms
        found[terms], _new = Source.objects.get_or_create(name=name, licence=licence, permitted_use=list(uses))
    return found


def _prompts(
    lines: Sequence[ItemLine], places: dict[int, Place], sources: dict[tuple[str, str, tuple[str, ...]], Source]
) -> dict[int, Prompt]:
    wanted: dict[int, Prompt] = {}
    for line in lines:
        source = sources[line.source, line.licence, line.permitted_use]
        key = content_key(line.messages, line.prompt_variety, line.role, source.pk, line.facets)
        wanted[line.number] = Prompt(
            group=places[line.number].group, bridges=places[line.number].bridges, source=source,
            variety_id=line.prompt_variety, messages=line.messages, content_key=key, **line.facets,
            looks_like=looks_like(line.messages[-1]["content"], line.prompt_variety),
        )  # fmt: skip
    return _found_or_made(wanted, Prompt, "content_key")


def _found_or_made(wanted: dict[int, Prompt], model: type[Prompt], key: str) -> dict[int, Prompt]:
    keys = {getattr(row, key) for row in wanted.values()}
    rows = {getattr(row, key): row for row in model.objects.filter(**{f"{key}__in": keys})}
    new = {getattr(row, key): row for row in wanted.values() if getattr(row, key) not in rows}
    model.objects.bulk_create(new.values())
    rows |= new
    return {number: rows[getattr(row, key)] for number, row in wanted.items()}


def _models(lines: Sequence[ItemLine]) -> dict[str, ModelVersion]:
    names = {output.model for line in lines for output in line.outputs}
    ModelVersion.objects.bulk_create([ModelVersion(name=name) for name in names], ignore_conflicts=True)
    return {model.name: model for model in ModelVersion.objects.filter(name__in=names)}


def _outputs(
    lines: Sequence[ItemLine], prompts: dict[int, Prompt], models: dict[str, ModelVersion]
) -> dict[int, list[Output]]:
    known: dict[tuple[int, int, str], Output] = {}
    samples: dict[tuple[int, int], int] = {}
    for output in Output.objects.filter(prompt__in={prompt.pk for prompt in prompts.values()}):
        known[output.prompt_id, output.model_id, output.text_sha256] = output
        place = (output.prompt_id, output.model_id)
        samples[place] = max(samples.get(place, -1), output.sample)
    new: list[Output] = []
    found: dict[int, list[Output]] = {}
    for line in lines:
        found[line.number] = []
        for each in line.outputs:
            place = (prompts[line.number].pk, models[each.model].pk)
            sha256 = _sha(each.text)
            if (*place, sha256) not in known:
                samples[place] = samples.get(place, -1) + 1
                known[*place, sha256] = Output(
                    prompt_id=place[0], model_id=place[1], sample=samples[place], text=each.text, text_sha256=sha256,
                    licence=each.licence, permitted_use=list(each.permitted_use), params=each.params,
                    quarantine=reason_to_hold(each.text), looks_like=looks_like(each.text, line.variety),
                )  # fmt: skip
                new.append(known[*place, sha256])
            found[line.number].append(known[*place, sha256])
    Output.objects.bulk_create(new, batch_size=500)
    return found


class Added(NamedTuple):
    """The outputs that are new, and how many were there already."""

    new: list[Output]
    known: int


@transaction.atomic
def add_outputs(
    *, model: ModelVersion, answers: Sequence[AnswerLine], licence: str, permitted_use: Collection[str]
) -> Added:
    """Bring a model's answers to prompts that are in the corpus, screened as any output is: all of them, or none.

    An output is unique by prompt, model and sample: the same again adds nothing, and neither does the same text under
    another sample. What answers a prompt that evaluates may never train, whatever else it may.

    Args:
        licence: of the texts, as of any output; "unknown" is one, empty is none.
        permitted_use: what the texts may be used for, of `Use`.

    Raises:
        Refused: `key_reused`, where another text stands there under the same sample; `errors` name prompt and sample.
    """
    lock_imports()
    prompts = Prompt.objects.filter(pk__in={answer.prompt for answer in answers})
    facts = {pk: (role, variety) for pk, role, variety in prompts.values_list("pk", "group__role", "variety")}
    there = _Answered(model, answers)
    new = []
    for answer in answers:
        if there.has(answer):
            continue
        role, variety = facts[answer.prompt]
        uses = {use for use in permitted_use if use == Use.EVALUATE or role != PromptGroup.Role.EVALUATE}
        new.append(Output(
            prompt_id=answer.prompt, model=model, sample=answer.sample, text=answer.text, text_sha256=_sha(answer.text),
            licence=licence, permitted_use=sorted(uses), params=answer.params, quarantine=reason_to_hold(answer.text),
            looks_like=looks_like(answer.text, variety),
        ))  # fmt: skip
    if there.clashes:
        raise Refused("key_reused", errors=there.clashes)
    return Added(Output.objects.bulk_create(new, batch_size=500), len(answers) - len(new))


class _Answered:
    """What a model has answered already, and what is new of some answers."""

    def __init__(self, model: ModelVersion, answers: Sequence[AnswerLine]) -> None:
        known = Output.objects.filter(model=model, prompt__in={answer.prompt for answer in answers})
        rows = list(known.values_list("prompt", "sample", "text_sha256"))
        self._samples = {(prompt, sample): sha for prompt, sample, sha in rows}
        self._texts = {(prompt, sha) for prompt, _sample, sha in rows}
        self.clashes: list[dict[str, int]] = []

    def has(self, answer: AnswerLine) -> bool:
        place, sha = (answer.prompt, answer.sample), _sha(answer.text)
        if self._samples.get(place, sha) != sha:
            self.clashes.append({"prompt": answer.prompt, "sample": answer.sample})
        if place in self._samples or (answer.prompt, sha) in self._texts:
            return True
        self._samples[place] = sha
        self._texts.add((answer.prompt, sha))
        return False


def _sha(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


TAKEN_BACK = "taken back"
"""The source of what its author took back: it permits nothing, so that no release holds it."""


@transaction.atomic
def forbid(*, prompt: Prompt) -> None:
    """A prompt may be used for nothing from now on, and is found by no import any more; what was made of it stays on
    the books."""
    source, _new = Source.objects.get_or_create(name=TAKEN_BACK, licence="unknown", permitted_use=[])
    prompt.source, prompt.content_key = source, content_key(TAKEN_BACK, prompt.pk)
    prompt.save(update_fields=["source", "content_key"])


@transaction.atomic
def forget(*, prompt: Prompt) -> None:
    """As `forbid`, and its words are gone, with those of the answers to it."""
    forbid(prompt=prompt)
    Prompt.objects.filter(pk=prompt.pk).update(messages=[{"role": "user", "content": "…"}])
    Output.objects.filter(prompt=prompt).update(text="…", quarantine="erased", params={})


@transaction.atomic
def forget_questions(*, prompts: Collection[int]) -> None:
    """The same as `forget` for many prompts that nobody answered here, by their keys."""
    source, _new = Source.objects.get_or_create(name=TAKEN_BACK, licence="unknown", permitted_use=[])
    words = [{"role": "user", "content": "…"}]
    rows = [Prompt(pk=pk, source=source, content_key=content_key(TAKEN_BACK, pk), messages=words) for pk in prompts]
    Prompt.objects.bulk_update(rows, ["source", "content_key", "messages"], batch_size=500)


def quarantine(*, output: Output, reason: str) -> None:
    """An output circulates no more, and leaves with no release. A reason that stood there stays."""
    Output.objects.filter(pk=output.pk, quarantine="").update(quarantine=reason)


def circulate(*, output: Output, reasons: Collection[str]) -> None:
    """An output that was held back for one of these reasons circulates again."""
    Output.objects.filter(pk=output.pk, quarantine__in=reasons).update(quarantine="")
