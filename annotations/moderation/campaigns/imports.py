"""Bringing a file into a campaign from the panel: tried first, so that what would be refused is seen before."""

from pathlib import Path
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from annotations.assignments.api import checked
from annotations.assignments.imports import Report, load_items
from annotations.assignments.models import Campaign
from annotations.corpus.forms import LinesForm
from annotations.corpus.lines import ItemLine, Problem, csv_objects, json_lines
from annotations.people.models import Person
from annotations.people.remits.actions import NOT_THEIRS
from annotations.people.remits.queries import looks_after


class ImportForm(LinesForm):
    """Items to bring into a campaign."""

    file = forms.FileField(
        label=_("file"), max_length=200,
        help_text=_("JSONL or CSV, at most 5 MB. Parquet, and what is larger, comes in by manage.py load_items."),
    )  # fmt: skip


def import_file(*, by: Person, campaign: Campaign, file: "UploadedFile[Any]", only_try: bool) -> Report:
    """What an import of this file does, or would do: `only_try` leaves everything as it was. A line in a variety that
    somebody does not look after is refused."""
    name = Path(file.name or "").name
    raw: Any = file.file
    lines = csv_objects(raw) if name.lower().endswith(".csv") else json_lines(raw)
    with transaction.atomic():
        report = load_items(campaign=campaign, lines=(_theirs(by, each) for each in checked(lines, name)))
        if only_try:
            transaction.set_rollback(True)
    return report


def _theirs(by: Person, line: ItemLine | Problem) -> ItemLine | Problem:
    if isinstance(line, Problem) or looks_after(by, line.variety):
        return line
    return Problem(line.number, "forbidden", "variety", f"{line.variety}: {NOT_THEIRS}", line.id)
