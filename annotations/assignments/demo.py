"""The demo campaigns: prompts, answers and texts to translate written for this (`corpus/seeds/demo/`)."""

from pathlib import Path

from annotations.assignments.api import checked
from annotations.assignments.imports import Report, load_items
from annotations.assignments.models import Campaign
from annotations.corpus.lines import open_file

SEEDS = Path(__file__).parents[1] / "corpus" / "seeds" / "demo"
VOTES = """¿Cuál respuesta sirve mejor a una persona de aquí? Preguntas de todos los días, escritas para esta
demostración en seis variedades de América Latina, con respuestas de modelos inventados.

*Qual resposta serve melhor a uma pessoa daqui? Perguntas do dia a dia, escritas para esta demonstração.*
"""
TRANSLATIONS = """¿Cómo se dice esto aquí? Avisos y mensajes de todos los días, de una variedad a otra.

*Como se diz isso aqui? Avisos e mensagens do dia a dia, de uma variedade para outra.*
"""


def seed_campaigns() -> list[Report]:
    """Make the campaigns `demo` and `traducir` and load their items; again without harm."""
    return [
        _seed("demo", "items.jsonl", {"name": "Hablar de aquí", "about": VOTES}),
        _seed("traducir", "translations.jsonl",
              {"name": "Decirlo como aquí", "about": TRANSLATIONS, "kind": "translation", "needed": 1}),
    ]  # fmt: skip


def _seed(slug: str, file: str, facts: dict[str, object]) -> Report:
    defaults = {"asked_by": "Minka (demo)"} | facts
    campaign, _new = Campaign.objects.get_or_create(slug=slug, defaults=defaults)
    return load_items(campaign=campaign, lines=checked(open_file(SEEDS / file), file))
