"""Recalls: a release is immutable, and not served for ever.

What an erased person gave leaves every release that holds it. A job finds the releases that hold what was erased since,
makes of each a clean one under the next name, and recalls it. And two people of the house may take a release back for
another reason: one asks, with a sentence that everybody reads, and may hold its files at once; another confirms. Then
none takes its place by itself. Either way downloads end at once, of the folder stay the manifest and a tombstone, the
membership goes, and the feed says which records must go wherever they are. A recall that fails is tried again each
time, and whoever answers for the data hears of it.
"""
