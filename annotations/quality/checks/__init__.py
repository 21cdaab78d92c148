"""Checks: what anchors say beside what the crowd says, and what follows where they differ too often.

A campaign may have a share of its items checked (`Campaign.anchored`): drawn by chance, by nothing a volunteer could
know, their verdicts wait for the vote of somebody whose word on the variety is trusted (`people/anchors`,
`stopping.py`). Where anchors take verdicts from a model more often than they give it some, an alarm goes off, and from
then on every item in which that model stands, in that campaign and variety, waits for an anchor, whoever wins there;
those that were settled unchecked are opened again.
"""
