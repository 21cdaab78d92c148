"""Checks: what anchors say beside what the crowd says, and what follows where they differ too often.

A campaign may have a share of its items checked (`Campaign.anchored`): drawn by chance, by nothing a volunteer could
know, their verdicts wait for the vote of somebody whose word on the variety is trusted (`people/anchors`,
`stopping.py`). Where one model's outputs are chosen by a voice alone, against all others of an item, more often than
the outputs of other models, an alarm goes off: so it looks where somebody pushes it, long before they have majorities.
From then on every verdict for that model, in that campaign and variety, waits for an anchor; those that were settled
unchecked are opened again.
"""
