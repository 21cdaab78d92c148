"""A file of votes that were given elsewhere, as the panel takes it."""

from pathlib import Path
from typing import Any, ClassVar, Final

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from annotations.datasets.external.actions import document_of
from annotations.datasets.external.lines import SUFFIXES
from annotations.datasets.external.models import ExternalBatch
from annotations.errors import Refused

MAX_MB: Final = 5
"""Imports wait for each other, and a page should not make them wait long."""


class BringForm(forms.ModelForm[ExternalBatch]):
    """The document, the file, and whether it is only tried. A document that is there already takes more."""

    file = forms.FileField(
        label=_("file"), max_length=200,
        help_text=_("JSONL or CSV, at most 5 MB. What is larger comes in by manage.py load_votes."),
    )  # fmt: skip
    licence = forms.CharField(
        label=_("licence"), max_length=80, required=False,
        help_text=_("Of lines that name none: an SPDX identifier, as CC-BY-4.0."),
    )  # fmt: skip
    only_try = forms.BooleanField(label=_("only try it: nothing is added"), required=False, initial=True)

    class Meta:
        model = ExternalBatch
        fields = ("document",)
        widgets: ClassVar = {"document": forms.TextInput(attrs={"class": "vTextField"})}

    field_order = ("document", "licence", "file", "only_try")

    def clean_document(self) -> str:
        try:
            return document_of(self.cleaned_data["document"])
        except Refused as refused:
            raise forms.ValidationError(str(refused.detail)) from None

    def validate_unique(self) -> None:
        """More comes in under a document that is there."""

    def clean_licence(self) -> str:
        licence: str = self.cleaned_data["licence"].strip()
        return licence

    def clean_file(self) -> "UploadedFile[Any]":
        file: UploadedFile[Any] = self.cleaned_data["file"]
        if Path(file.name or "").suffix.lower() not in SUFFIXES:
            raise forms.ValidationError(_("This is no JSONL and no CSV."))
        if (file.size or 0) > MAX_MB << 20:
            raise forms.ValidationError(_("This is more than is taken at once."))
        return file
