"""Strangers' texts as safe HTML: Markdown without raw HTML, then an allow-list without images, styles or SVG."""

from functools import lru_cache

import nh3
from django.utils.safestring import SafeString
from markdown_it import MarkdownIt

_MARKDOWN = MarkdownIt("commonmark", {"html": False, "linkify": False}).enable(["table", "strikethrough"])
_TAGS = {
    "p", "br", "hr", "strong", "em", "s", "code", "pre", "blockquote", "ul", "ol", "li",
    "h1", "h2", "h3", "h4", "h5", "h6", "table", "thead", "tbody", "tr", "th", "td",
}  # fmt: skip


@lru_cache(maxsize=2_000)
def render(markdown: str) -> SafeString:
    """HTML that holds text and its shape only: no links either, since a link in a model's answer is a stranger's."""
    html = nh3.clean(_MARKDOWN.render(markdown), tags=_TAGS, attributes={}, url_schemes=set(), link_rel=None)
    return SafeString(html)
