"""The place in a browser where what somebody has not sent yet waits: a name that stands for one account, or one guest.

It is no name of the person and can be found in no table: who holds a phone learns nothing from it, and what waits under
one is neither shown nor sent while somebody else is logged in.
"""

from django.conf import settings
from django.db.models import Model
from django.utils.crypto import salted_hmac


def place_of(owner: Model) -> str:
    """32 hexadecimal characters, the same in every browser and session of this owner."""
    name = f"{owner._meta.label}:{owner.pk}"
    return salted_hmac("minka-place", name, secret=settings.MINKA_MASTER_KEY, algorithm="sha256").hexdigest()[:32]
