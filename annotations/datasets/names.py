"""How releases are called, and the terms each is made under."""

import datetime as dt

from django.conf import settings

from annotations.datasets.configs.base import Terms
from annotations.datasets.pseudonyms import release_key

_FORMAT = "%Y%m%dT%H%M%SZ"


def version_of(cutoff: dt.datetime) -> str:
    return cutoff.astimezone(dt.UTC).strftime(_FORMAT)


def cutoff_of(name: str) -> dt.datetime | None:
    """Of the first release of a cutoff; None for any other name."""
    try:
        return dt.datetime.strptime(name, _FORMAT).replace(tzinfo=dt.UTC)
    except ValueError:
        return None


def next_name(version: str) -> str:
    """Of the release that takes another's place: `…Z+w1`, and after that `…Z+w2`."""
    first, _plus, times = version.partition("+w")
    return f"{first}+w{int(times or 0) + 1}"


def terms_of(version: str, cutoff: dt.datetime) -> Terms:
    key = release_key(settings.MINKA_MASTER_KEY.encode(), version)
    return Terms(version, cutoff, key, settings.MINKA_SMALL_CELL)
