"""Strangers' texts as safe HTML: Markdown without raw HTML, then an allow-list without images, styles or SVG."""

from functools import lru_cache

import nh3
from django.utils.html import escape, strip_tags
from django.utils.safestring import SafeString
from markdown_it import MarkdownIt

_MARKDOWN = MarkdownIt("commonmark", {"html": False, "linkify": False}).enable(["table", "strikethrough"])
# What would vanish or lead away is shown as it was written: who judges must see all of it.
_MARKDOWN.disable(["image", "link", "autolink", "reference"])
_TAGS = {
    "p", "br", "hr", "strong", "em", "s", "code", "pre", "blockquote", "ul", "ol", "li",
    "h1", "h2", "h3", "h4", "h5", "h6", "table", "thead", "tbody", "tr", "th", "td",
}  # fmt: skip


@lru_cache(maxsize=2_000)
def render(markdown: str) -> SafeString:
    """HTML that holds text and its shape only. A text of which nothing would be seen is shown as it was written."""
    html = nh3.clean(_MARKDOWN.render(markdown), tags=_TAGS, attributes={}, url_schemes=set(), link_rel=None)
    if not strip_tags(html).strip():
        html = f"<pre>{escape(markdown)}</pre>"
    return SafeString(html)
