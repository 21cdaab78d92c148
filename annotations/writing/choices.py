"""What a proposal may be about: the corpus' domains."""

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
