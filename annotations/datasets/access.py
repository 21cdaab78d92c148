"""Who may take the rows of a release. What tells of it, its card and its manifest, is everybody's."""

from typing import Final, TypedDict

from django.conf import settings
from django.core import signing
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from annotations.datasets.models import Release
from annotations.datasets.recalls.actions import MAY_RETRACT
from annotations.errors import Refused
from annotations.people.models import Person

_SALT: Final = "a link to a release"


class _Said(TypedDict):
    release: str
    person: int


def link_for(release: Release, person: Person) -> str:
    """What follows `?link=` in an address of a file, for a machine that has no account: the release's rows, for
    `MINKA_LINK_DAYS`, in the name of a person. It is signed and kept nowhere, so that it outlives a restart."""
    return signing.dumps(_Said(release=release.version, person=person.pk), salt=_SALT)


def refuse_without_access(request: HttpRequest, release: Release) -> None:
    """Rows of a release that is for people with an account, wherever they stand.

    Raises:
        Refused: `forbidden` for whoever has none, or whose link is over, is another release's, or was given by an
            account that is gone or not in good standing.
    """
    if release.audience == Release.Audience.EVERYBODY:
        return
    link = request.GET.get("link", "")
    person = _of_link(release, link) if link else request.user
    if not (isinstance(person, Person) and person.standing == Person.Standing.GOOD):
        raise Refused("forbidden", _("The link is over, or is not this release's.") if link else NOT_EVERYBODY)


NOT_EVERYBODY: Final = _("The rows of this release are for people with an account: log in, or send a token.")


def set_audience(*, releases: QuerySet[Release], audience: str, person: Person) -> None:
    """From now on; whoever took rows has them.

    Raises:
        Refused: `forbidden`.
    """
    if not person.has_perm(MAY_RETRACT):
        raise Refused("forbidden")
    releases.update(audience=audience)


def _of_link(release: Release, link: str) -> Person | None:
    try:
        said: _Said = signing.loads(link, salt=_SALT, max_age=86_400 * settings.MINKA_LINK_DAYS)
    except signing.BadSignature:
        return None
    return (
        Person.objects.filter(pk=said["person"], is_active=True).first() if said["release"] == release.version else None
    )
