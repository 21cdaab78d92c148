"""Releases."""

from django.contrib import admin
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from annotations.admin.panel import ReadOnly
from annotations.datasets.models import Release


@admin.register(Release)
class ReleaseAdmin(ReadOnly):
    exclude = ("withdrawn",)  # thousands of ids; the feed has them
    list_display = ("version", "state", "cutoff", "rows", "published_at", "recalled_at", "replaces", "files")

    @admin.display(description=_("rows"))
    def rows(self, release: Release) -> str:
        return ", ".join(f"{config}: {sum(n.values()):,}" for config, n in release.manifest["configs"].items())

    @admin.display(description=_("files"))
    def files(self, release: Release) -> SafeString:
        return format_html('<a href="/releases/{}/">{}</a>', release.version, _("open"))
