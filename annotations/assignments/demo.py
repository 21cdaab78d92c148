"""The demo campaign: prompts and answers written for this, in six varieties (`corpus/seeds/demo/`)."""

from pathlib import Path

from annotations.assignments.api import checked
from annotations.assignments.imports import Report, load_items
from annotations.assignments.models import Campaign
from annotations.corpus.lines import open_file

ITEMS = Path(__file__).parents[1] / "corpus" / "seeds" / "demo" / "items.jsonl"
ABOUT = """¿Cuál respuesta sirve mejor a una persona de aquí? Preguntas de todos los días, escritas para esta
demostración en seis variedades de América Latina, con respuestas de modelos inventados.

*Qual resposta serve melhor a uma pessoa daqui? Perguntas do dia a dia, escritas para esta demonstração.*
"""


def seed_campaign() -> Report:
    """Make the campaign `demo` and load its items; again without harm."""
    campaign, _new = Campaign.objects.get_or_create(
        slug="demo", defaults={"name": "Hablar de aquí", "asked_by": "Minka (demo)", "about": ABOUT}
    )
    return load_items(campaign=campaign, lines=checked(open_file(ITEMS), ITEMS.name))
