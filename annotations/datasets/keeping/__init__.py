"""What is kept for how long: nightlies for their period, editions for good.

The files of a nightly stand for thirty days (`MINKA_NIGHTLY_DAYS`), unless something keeps it. An *edition* is a
release that people name: it is kept, shown first, and cited by its title. Somebody who cites a release, or the team for
them, *pins* it. Whatever else keeps releases says so in the registry (`registry.py`), as later chapters do. What holds
for a release holds for the clean one that takes its place: releases of one cutoff are kept together.
"""
