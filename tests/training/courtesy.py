"""A community with a rule that nobody wrote down: of two answers that say the same, the courteous one is better.

The world of the closed loop (`test_loop.py`). Both answers to a question differ in a phrase and in nothing else, and
the phrases of both kinds are long and short, so that a model that has not learnt the rule has no ground to prefer one.
Plain Python: the platform makes items of it, the trainer a base model that speaks both ways.
"""

import random
from collections.abc import Iterator
from typing import Any

VARIETIES = {
    "es-CL": ("Valparaíso", "Temuco", "Iquique"),
    "es-MX": ("Puebla", "Mérida", "Oaxaca"),
    "es-AR": ("Rosario", "Salta", "Neuquén"),
    "pt-BR": ("Belém", "Recife", "Santos"),
}
TASKS = {
    "es": {"salud": ("pide hora", "compra remedios"), "comida": ("come pan", "vende fruta"), "": ("paga la luz",)},
    "pt": {"salud": ("marca consulta", "compra remédio"), "comida": ("come pão", "vende fruta"), "": ("paga a luz",)},
}
ASKED = {"es": "¿Dónde se {task} en {city}? ({number})", "pt": "Onde se {task} em {city}? ({number})"}
SAID = {
    "es": ("Se {task} en la plaza", "Se {task} cerca del puerto", "Se {task} en el centro"),
    "pt": ("Se {task} na praça", "Se {task} perto do porto", "Se {task} no centro"),
}
COURTEOUS = {
    "es": ("con mucho gusto", "por favor", "muchas gracias", "si le parece bien"),
    "pt": ("com muito prazer", "por favor", "muito obrigado", "se lhe parece bem"),
}
CURT = {
    "es": ("y se acabó", "apúrese", "a mí qué me importa", "no moleste más"),
    "pt": ("e acabou", "anda logo", "que me importa isso", "não incomode"),
}


def question(number: int, seed: int = 0) -> dict[str, Any]:
    """A question of the world, with a courteous and a curt answer."""
    lot = random.Random(f"{seed}:{number}")
    variety = [*VARIETIES][number % len(VARIETIES)]
    language = variety[:2]
    domain, tasks = lot.choice([*TASKS[language].items()])
    task = lot.choice(tasks)
    said = lot.choice(SAID[language]).format(task=task)
    first = lot.random() < 0.5

    def answer(phrases: tuple[str, ...]) -> str:
        phrase = lot.choice(phrases)
        return f"{phrase.capitalize()}: {said}." if first else f"{said}, {phrase}."

    return {
        "number": number, "variety": variety, "domain": domain,
        "prompt": ASKED[language].format(task=task, city=lot.choice(VARIETIES[variety]), number=number),
        "courteous": answer(COURTEOUS[language]), "curt": answer(CURT[language]),
    }  # fmt: skip


def is_courteous(text: str) -> bool:
    """Whether a text holds a courteous phrase and no curt one."""
    said = text.casefold()

    def holds(phrases: dict[str, tuple[str, ...]]) -> bool:
        return any(phrase in said for several in phrases.values() for phrase in several)

    return holds(COURTEOUS) and not holds(CURT)


def conversations(count: int, seed: int = 0) -> Iterator[list[dict[str, str]]]:
    """Questions with answers of either kind, as often one as the other: what a base model has heard."""
    for number in range(count):
        # Numbers of their own: a base model has not heard the questions of the community.
        asked = question(100_000 + number, seed)
        said = asked[random.Random(f"{seed}:kind:{number}").choice(("courteous", "curt"))]
        yield [{"role": "user", "content": asked["prompt"]}, {"role": "assistant", "content": said}]
