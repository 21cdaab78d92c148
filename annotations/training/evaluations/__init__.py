"""How good a run's model became: what `evaluate.py` measured of it and of its base on what neither learned from, kept
as numbers, and drawn on the run's page. Pairs that people judged, and what they flagged.
"""
