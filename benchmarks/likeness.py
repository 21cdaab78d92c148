"""How long the night takes to find texts that are alike: what people wrote against what models wrote and against each
other, through the real action and database. Beside it stands what comparing all with all would take, of a sample in the
same minutes; and how many of the copies with a changed word are found, and how many texts that are copies of nothing.
`LIKE_TEXTS` and `LIKE_OUTPUTS` are how many.
"""

import datetime as dt
import hashlib
import os
import random
import time
from typing import Final

from benchmarks.house import throwaway_database

TEXTS, OUTPUTS = int(os.environ.get("LIKE_TEXTS", "6000")), int(os.environ.get("LIKE_OUTPUTS", "20000"))
PEOPLE, SAMPLE = 300, 40
COPIES: Final = 0.02
"""Of so many texts: copies of an earlier one, of which every thirtieth word is another."""


def main() -> None:
    with throwaway_database():
        texts, copies = _fill()
        _measure(texts, copies)


def _measure(texts: dict[int, str], copies: set[int]) -> None:
    from annotations.corpus.models import Output
    from annotations.quality.signals.actions import look_for_signals, sketch_outputs
    from annotations.quality.signals.models import Alike

    begin = time.perf_counter()
    sketch_outputs()
    sketched = time.perf_counter()
    look_for_signals()
    compared = time.perf_counter()
    look_for_signals()
    again = time.perf_counter()
    all_with_all = _all_with_all(list(texts.values()), list(Output.objects.values_list("text", flat=True)))
    found = set(Alike.objects.values_list("judgement", flat=True))
    print(f"{len(texts):,} texts of {PEOPLE} people, 20 to 200 words each; {OUTPUTS:,} outputs.\n")
    print("| what | measured, s | ratio to all with all |")
    print("| --- | ---: | ---: |")
    print(f"| sketching the outputs, once | {sketched - begin:.1f} | |")
    print(f"| sketching the texts and comparing them | {compared - sketched:.1f} |"
          f" {(compared - begin) / all_with_all:.4f}, with the outputs' sketches |")  # fmt: skip
    print(f"| the next night, nothing new | {again - compared:.1f} | |")
    print(f"| all with all, from {SAMPLE} of the texts | {all_with_all:.0f} | |")
    print(f"\nFound: {len(found & copies)} of {len(copies)} copies, {len(found - copies)} of"
          f" {len(texts) - len(copies):,} other texts.")  # fmt: skip


def _all_with_all(texts: list[str], outputs: list[str]) -> float:
    """Seconds, as `alike.near` compares, of each text with all outputs and half of the texts."""
    from annotations.quality.signals.alike import near

    some, others = texts[:SAMPLE], [*outputs, *texts[: len(texts) // 2]]
    begin = time.perf_counter()
    for text in some:
        for other in others:
            near(text, other)
    return (time.perf_counter() - begin) * len(texts) / len(some)


# What there is to be found --------------------------------------------------------------------------------------------


def _fill() -> tuple[dict[int, str], set[int]]:
    """What people wrote, by judgement, and which of it are copies."""
    from annotations.corpus.models import ModelVersion, Output, Prompt
    from annotations.writing.models import Demonstration

    chance = random.Random(3)
    words = ["".join(chance.choices("abcdefghijlmnoprstuvz", k=7)) for _word in range(2_700)]
    texts, copies = _texts(_judged(), words, chance)
    Demonstration.objects.bulk_create(
        (Demonstration(judgement_id=pk, text=text) for pk, text in texts.items()), batch_size=2_000
    )
    model, prompt = ModelVersion.objects.create(name="uno"), Prompt.objects.first()
    yesterday = dt.datetime.now(dt.UTC) - dt.timedelta(days=1)
    outputs = (" ".join(chance.choices(words, k=chance.randint(40, 200))) for _output in range(OUTPUTS))
    Output.objects.bulk_create(
        (Output(prompt=prompt, model=model, sample=nth, text=text, permitted_use=[], entered_at=yesterday,
                text_sha256=hashlib.sha256(text.encode()).hexdigest()) for nth, text in enumerate(outputs)),
        batch_size=2_000,
    )  # fmt: skip
    return texts, copies


def _texts(judgements: list[int], words: list[str], chance: random.Random) -> tuple[dict[int, str], set[int]]:
    texts: dict[int, str] = {}
    copies: set[int] = set()
    for pk in judgements:
        said = chance.choices(words, k=chance.randint(20, 200))
        if texts and chance.random() < COPIES:
            said = chance.choice(list(texts.values())).split()
            said[::30] = chance.choices(words, k=len(said[::30]))
            copies.add(pk)
        texts[pk] = " ".join(said)
    return texts, copies


def _judged() -> list[int]:
    """Judgements of a watched campaign, as many as texts, without texts yet."""
    from annotations.assignments.api import checked
    from annotations.assignments.imports import load_items
    from annotations.assignments.models import Assignment, Campaign, Cell, Judgement
    from annotations.people.demo import volunteer
    from annotations.people.models import Person
    from annotations.people.seeding import load_varieties
    from annotations.quality.signals.models import Watched

    load_varieties()
    campaign = Campaign.objects.create(slug="escritos", name="Escritos", kind="demonstration", needed=PEOPLE)
    Watched.objects.create(campaign=campaign)
    items = ({"id": str(number), "kind": "demonstration", "variety": "es-CL", "prompt": f"Cuente algo, {number}.",
              "outputs": [], "licence": "CC0-1.0"} for number in range(-(-TEXTS // PEOPLE)))  # fmt: skip
    load_items(campaign=campaign, lines=checked(list(enumerate(items, 1)), "bench"))
    first, now = volunteer("persona", None, "es-CL"), dt.datetime.now(dt.UTC)
    people = [first, *Person.objects.bulk_create(Person(username=f"persona-{nth}") for nth in range(PEOPLE - 1))]
    same = {"judge_variety_id": "es-CL", "shown": []}
    seats = Assignment.objects.bulk_create(
        (Assignment(person=person, item_id=cell.item_id, cell=cell, state="answered", expires_at=now, **same)
         for cell in Cell.objects.filter(campaign=campaign).order_by("pk") for person in people),
        batch_size=2_000,
    )  # fmt: skip
    judgements = Judgement.objects.bulk_create(
        [Judgement(person_id=each.person_id, campaign=campaign, item_id=each.item_id, cell_id=each.cell_id,
                   assignment=each, kind="demonstration", consent_id=first.consent_id, language="es", channel="web",
                   guideline_version="1", offer_policy="in_order", offer_probability=1, received_at=now, counted=False,
                   not_counted="no_room", **same) for each in seats[:TEXTS]],
        batch_size=2_000,
    )  # fmt: skip
    return [each.pk for each in judgements]
