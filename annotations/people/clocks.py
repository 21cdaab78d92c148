"""Clocks of capitals, by which campaigns begin and end, and by which a person's day is counted: nobody is asked where
they are, and no address or browser tells us.

What somebody says they speak may name one country; the day is then counted by the clock of its capital, and the page
says so, so that whoever lives elsewhere sees why. Otherwise it is UTC, and the page says that too.
"""

import datetime as dt
from dataclasses import dataclass
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from annotations.people.models import Person, SpokenVariety
from annotations.people.queries import spoken_by

CAPITALS: Final[dict[str, tuple[str, Promise | str]]] = {
    "AR": ("America/Argentina/Buenos_Aires", "Buenos Aires"), "BO": ("America/La_Paz", "La Paz"),
    "BR": ("America/Sao_Paulo", "Brasília"), "CL": ("America/Santiago", "Santiago"),
    "CO": ("America/Bogota", "Bogotá"), "CR": ("America/Costa_Rica", "San José"),
    "CU": ("America/Havana", _("Havana")), "DO": ("America/Santo_Domingo", "Santo Domingo"),
    "EC": ("America/Guayaquil", "Quito"), "GT": ("America/Guatemala", _("Guatemala City")),
    "HN": ("America/Tegucigalpa", "Tegucigalpa"), "MX": ("America/Mexico_City", _("Mexico City")),
    "NI": ("America/Managua", "Managua"), "PA": ("America/Panama", _("Panama City")),
    "PE": ("America/Lima", "Lima"), "PR": ("America/Puerto_Rico", "San Juan"), "PY": ("America/Asuncion", "Asunción"),
    "SV": ("America/El_Salvador", "San Salvador"), "UY": ("America/Montevideo", "Montevideo"),
    "VE": ("America/Caracas", "Caracas"), "BZ": ("America/Belize", "Belmopan"),
    "HT": ("America/Port-au-Prince", "Port-au-Prince"), "ES": ("Europe/Madrid", "Madrid"),
    "PT": ("Europe/Lisbon", _("Lisbon")),
}  # fmt: skip
"""The clock of each country's capital, and the city's name."""
UTC: Final = "UTC"
ZONES: Final = {UTC: "UTC", **dict(CAPITALS.values())}
"""Clocks that can be chosen, by the zone's name: each with its city."""


@dataclass(frozen=True)
class Clock:
    """A clock, and the city whose it is; empty for UTC."""

    zone: dt.tzinfo
    city: str = ""

    def __str__(self) -> str:
        return self.city or UTC

    def day_began(self, now: dt.datetime) -> dt.datetime:
        """The midnight before `now`, by this clock."""
        return now.astimezone(self.zone).replace(hour=0, minute=0, second=0, microsecond=0)


def clock_of(person: Person) -> Clock:
    """By the one country that what they speak names: what is spoken where they live, else all of it. Where it names
    several, or none, nothing is known."""
    spoken = list(spoken_by(person))
    lived = [each for each in spoken if each.how == SpokenVariety.How.LIVE_THERE]
    named = {country for each in lived or spoken for country in _country(each)}
    return _clock(*CAPITALS[named.pop()]) if len(named) == 1 else Clock(dt.UTC)


def _country(spoken: SpokenVariety) -> list[str]:
    """The country whose way of speaking it is; none where several share it."""
    countries = spoken.variety.countries
    return countries if len(countries) == 1 and countries[0] in CAPITALS else []


def clock_named(zone: str) -> Clock:
    """One of `ZONES`; UTC where it is none of them."""
    return Clock(dt.UTC) if zone == UTC or zone not in ZONES else _clock(zone, ZONES[zone])


def _clock(name: str, city: Promise | str) -> Clock:
    try:
        return Clock(ZoneInfo(name), str(city))
    except ZoneInfoNotFoundError:  # a machine without the world's clocks
        return Clock(dt.UTC)
