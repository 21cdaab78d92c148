"""A letter to whoever answers for the data, from the house itself."""

from django.conf import settings
from django.core.mail import send_mail


def tell_controller(subject: str, text: str) -> None:
    """Write it where the contact is an address.

    Raises:
        OSError: no mail could be sent; smtplib's own faults are such too.
    """
    contact = settings.MINKA_CONTROLLER["controller_contact"]
    if "@" in contact:
        send_mail(f"{settings.MINKA_SITE_NAME}: {subject}", text, None, [contact])
