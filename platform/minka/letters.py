"""A letter to whoever answers for the data, from the house itself."""

from smtplib import SMTPException

from django.conf import settings
from django.core.mail import send_mail


def tell_controller(subject: str, text: str) -> str:
    """Send it where the contact is an address. Returns why it could not be sent, or nothing."""
    contact = settings.MINKA_CONTROLLER["controller_contact"]
    if "@" not in contact:
        return ""
    try:
        send_mail(f"{settings.MINKA_SITE_NAME}: {subject}", text, None, [contact])
    except (OSError, SMTPException) as error:
        return f"No mail could be sent: {error}"
    return ""
