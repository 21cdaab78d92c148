"""What a proposal may be about: the corpus' domains, and countries by their own names."""

from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

DOMAINS: Final[dict[str, Promise]] = {
    "vida_diaria": _("everyday life"),
    "salud": _("health"),
    "educacion": _("school and study"),
    "trabajo": _("work"),
    "servicios_publicos": _("public services and paperwork"),
    "cultura": _("culture"),
    "cocina": _("cooking"),
    "tecnologia": _("technology"),
}
COUNTRIES: Final[dict[str, str]] = {
    "AR": "Argentina", "BO": "Bolivia", "BR": "Brasil", "CL": "Chile", "CO": "Colombia", "CR": "Costa Rica",
    "CU": "Cuba", "EC": "Ecuador", "SV": "El Salvador", "GT": "Guatemala", "HT": "Ayiti", "HN": "Honduras",
    "MX": "México", "NI": "Nicaragua", "PA": "Panamá", "PY": "Paraguay", "PE": "Perú", "PR": "Puerto Rico",
    "DO": "República Dominicana", "UY": "Uruguay", "VE": "Venezuela", "BZ": "Belize", "US": "Estados Unidos",
    "ES": "España", "PT": "Portugal",
}  # fmt: skip
"""ISO 3166, two letters."""
