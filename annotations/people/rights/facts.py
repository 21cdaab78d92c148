"""What somebody may tell of who they are: five closed questions, none of them due, and a line in their own words.

The lists are short on purpose: whom they leave out has "in my own words", and nobody is made to fit a list. Only the
closed answers are counted; own words are for the person alone.
"""

from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Choices = tuple[tuple[str, Promise], ...]

FACTS: Final[dict[str, tuple[Promise, Choices]]] = {
    "people": (
        _("How I see myself"),
        (("indigenous", _("Indigenous")), ("afrodescendant", _("Afro-descendant")), ("mestizo", _("Mestizo or mixed")),
         ("white", _("White")), ("asian", _("Asian descent")), ("other", _("In another way"))),
    ),
    "first_language": (
        _("My first language"),
        (("spanish", _("Spanish")), ("portuguese", _("Portuguese")), ("indigenous", _("An indigenous language")),
         ("creole", _("A creole language")), ("sign", _("A sign language")), ("several", _("Several at once")),
         ("other", _("Another one"))),
    ),
    "disability": (
        _("I live with a disability"),
        (("no", _("No")), ("seeing", _("Of seeing")), ("hearing", _("Of hearing")), ("moving", _("Of moving")),
         ("mind", _("Of the mind")), ("several", _("Several")), ("other", _("Another kind"))),
    ),
    "age": (
        _("My age"),
        (("18-24", _("18 to 24")), ("25-34", _("25 to 34")), ("35-44", _("35 to 44")), ("45-54", _("45 to 54")),
         ("55-64", _("55 to 64")), ("65+", _("65 or older"))),
    ),
    "gender": (
        _("My gender"),
        (("woman", _("Woman")), ("man", _("Man")), ("nonbinary", _("Non-binary")), ("other", _("In another way"))),
    ),
}  # fmt: skip
OWN_WORDS: Final = "own_words"
