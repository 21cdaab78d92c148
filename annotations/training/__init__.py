"""Training: a release becomes a model, and the model's answers come back to be judged.

This is where the loop closes. A release is handed to whoever trains, with its checksums and what it permits;
a model comes out of it with its lineage; what it answers enters the corpus as new outputs and meets the
volunteers like any other. The training itself happens on another machine, with other libraries, so its
scripts know nothing of this app: they read a release's folder and leave a model's. Today the chapter holds
those scripts, in `recipes/`.
"""
