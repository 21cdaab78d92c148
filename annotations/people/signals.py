"""What this chapter tells later ones, which it does not know."""

from django.dispatch import Signal

terms_changed = Signal()
"""Sent with `person`, inside the transaction: what they speak or what they agree to is no longer what it was."""
