"""Training: a release becomes a model, and the model's answers come back to be judged.

This is where the loop closes. Whoever trains makes a **run**: one or several releases are handed over, with their
checksums and what they permit, a recipe, a base model, and two sets of prompts. The training itself happens on another
machine, with other libraries, so its scripts (`recipes/`) know nothing of this app: they read a release's folder and
leave a model's. The run tells how it goes (state, heartbeats, metrics); in the end what its model answers comes back,
enters the corpus as new outputs, and meets the best so far before the volunteers like any other. Answers to *train*
prompts are paired and may train; answers to *evaluate* prompts never do.

`metrics/` keeps what a run measures while it trains, as curves; `evaluations/` how good its model became on what it
did not learn from; `boards/` which models people prefer. `lineage/` says of a run, a release, a model, an output or a
single row what it came from and what it went into. `here/` trains runs on a machine of the house's own.
"""
