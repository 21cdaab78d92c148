"""A file of votes that were given elsewhere, as the panel takes it."""

from django import forms
from django.utils.translation import gettext_lazy as _

from annotations.corpus.forms import LinesForm
from annotations.datasets.external.actions import document_of
from annotations.datasets.external.lines import SUFFIXES
from annotations.datasets.external.models import ExternalBatch
from annotations.errors import Refused


class BringForm(LinesForm):
    """The document, the file, and whether it is only tried. A document that is there already takes more."""

    suffixes = SUFFIXES
    document = ExternalBatch._meta.get_field("document").formfield(
        widget=forms.TextInput(attrs={"class": "vTextField"})
    )
    licence = forms.CharField(
        label=_("licence"), max_length=80, required=False,
        help_text=_("Of lines that name none: an SPDX identifier, as CC-BY-4.0."),
    )  # fmt: skip
    file = forms.FileField(
        label=_("file"), max_length=200,
        help_text=_("JSONL or CSV, at most 5 MB. What is larger comes in by manage.py load_votes."),
    )  # fmt: skip

    field_order = ("document", "licence", "file", "only_try")

    def clean_document(self) -> str:
        try:
            return document_of(self.cleaned_data["document"])
        except Refused as refused:
            raise forms.ValidationError(str(refused.detail)) from None
