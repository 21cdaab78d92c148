"""Anchors: speakers of a variety whose word on it is trusted, named one by one by people who know them.

What anchors say checks what the crowd says (`quality/checks`). Nobody becomes one by a number.
"""
