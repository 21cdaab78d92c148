"""Recalls: what an erased person gave leaves every release that holds it.

A release is immutable, and not served for ever. A job finds the releases that hold what was erased since, makes of each
a clean one under the next name, and recalls it: downloads end at once, of its folder stay the manifest and a tombstone,
its membership goes, and the feed says which of its records must go wherever they are.
"""
