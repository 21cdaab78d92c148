"""Countries by their own names."""

from typing import Final

COUNTRIES: Final[dict[str, str]] = {
    "AR": "Argentina", "BO": "Bolivia", "BR": "Brasil", "CL": "Chile", "CO": "Colombia", "CR": "Costa Rica",
    "CU": "Cuba", "EC": "Ecuador", "SV": "El Salvador", "GT": "Guatemala", "HT": "Ayiti", "HN": "Honduras",
    "MX": "México", "NI": "Nicaragua", "PA": "Panamá", "PY": "Paraguay", "PE": "Perú", "PR": "Puerto Rico",
    "DO": "República Dominicana", "UY": "Uruguay", "VE": "Venezuela", "BZ": "Belize", "US": "Estados Unidos",
    "ES": "España", "PT": "Portugal",
}  # fmt: skip
"""ISO 3166, two letters."""
