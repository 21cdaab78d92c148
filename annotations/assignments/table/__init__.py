"""The table one sits at, whatever the kind of judgement: what is asked, what was begun, what was sent, what is undone.

One set of views serves members and guests, pages and htmx turns. Who sits there is a `Sitter`; what lies there is
brought by the kind (`kinds.py`): its form, its template, its words.
"""
