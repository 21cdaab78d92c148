"""Bringing a file into a campaign from the panel: tried first, so that what would be refused is seen before."""

from pathlib import Path
from typing import Any, Final

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from annotations.assignments.api import checked
from annotations.assignments.imports import Report, load_items
from annotations.assignments.models import Campaign
from annotations.corpus.lines import csv_objects, json_lines

MAX_MB: Final = 50
SUFFIXES: Final = (".jsonl", ".ndjson", ".csv")


class ImportForm(forms.Form):
    """A file, and whether it is only tried."""

    file = forms.FileField(
        label=_("file"), max_length=200,
        help_text=_("JSONL or CSV, at most 50 MB. Parquet, and what is larger, comes in by manage.py load_items."),
    )  # fmt: skip
    only_try = forms.BooleanField(label=_("only try it: nothing is added"), required=False, initial=True)

    def clean_file(self) -> "UploadedFile[Any]":
        file: UploadedFile[Any] = self.cleaned_data["file"]
        if Path(file.name or "").suffix.lower() not in SUFFIXES:
            raise forms.ValidationError(_("This is no JSONL and no CSV."))
        if (file.size or 0) > MAX_MB << 20:
            raise forms.ValidationError(_("This is more than is taken at once."))
        return file


def import_file(*, campaign: Campaign, file: "UploadedFile[Any]", only_try: bool) -> Report:
    """What an import of this file does, or what it would do: `only_try` leaves everything as it was."""
    name = Path(file.name or "").name
    raw: Any = file.file
    lines = csv_objects(raw) if name.lower().endswith(".csv") else json_lines(raw)
    with transaction.atomic():
        report = load_items(campaign=campaign, lines=checked(lines, name))
        if only_try:
            transaction.set_rollback(True)
    return report
