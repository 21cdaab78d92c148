"""What is done with a model that was trained: it answers a run's prompts, and it is measured. Only `generate.py` and
`evaluate.py` of the recipes import it; neither trains.

What is to be answered, and what came of it, is kept in a folder so that a process may be killed at any moment
(`answers`). Who answers is a model's folder (`speaking`) or a server (`served`), told how in one set of names
(`sampling`). What a model finds likely is in `scoring`, what it is held against in `held_out`, and what of that may be
said as a number in `numbers`.
"""
