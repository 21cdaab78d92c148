"""What the recipes share, from a release's folder to a model's: only they import it.

A recipe (`annotations/training/recipes/NAME.py`) says what is its own in a `Recipe`: the config it reads, the trainer,
what that trainer would silently lose or cut. All else is here, once: the release is what it was published as
(`release`), the settings make sense (`settings`), a run that was cut off goes on (`sittings`), the model says what it
was made of (`lineage`), the house hears of it where it wants to (`handed`, `reporting`). Needs the trainer's environment; the plain client imports nothing of it.
"""

import os

# Read while the libraries below are imported, so they are set before any of them: a release and a model are folders,
# and what a community trains on is told to nobody.
os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["HF_HUB_DISABLE_TELEMETRY"] = "1"
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")

from minka_client.training.recipe import Recipe
from minka_client.training.stopped import CANCELLED, DIVERGED, REFUSED, ROWS_LOST, Stopped

__all__ = ["CANCELLED", "DIVERGED", "REFUSED", "ROWS_LOST", "Recipe", "Stopped"]
