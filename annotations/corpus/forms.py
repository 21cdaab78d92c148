"""A file of lines, as a page takes it: tried first, and then brought in."""

from pathlib import Path
from typing import Any, ClassVar, Final

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

MAX_MB: Final = 5
"""Imports wait for each other, and a page should not make them wait long."""


class LinesForm(forms.Form):
    """The file, and whether it is only tried. `suffixes` are the names' endings that are read."""

    suffixes: ClassVar[tuple[str, ...]] = (".jsonl", ".ndjson", ".csv")
    file = forms.FileField(label=_("file"), max_length=200)
    only_try = forms.BooleanField(label=_("only try it: nothing is added"), required=False, initial=True)

    def clean_file(self) -> "UploadedFile[Any]":
        file: UploadedFile[Any] = self.cleaned_data["file"]
        if Path(file.name or "").suffix.lower() not in self.suffixes:
            raise forms.ValidationError(_("This is no JSONL and no CSV."))
        if (file.size or 0) > MAX_MB << 20:
            raise forms.ValidationError(_("This is more than is taken at once."))
        return file
