"""What the recipes share, from a release's folder to a model's: only they import it.

A recipe (`annotations/training/recipes/NAME.py`) says what is its own in a `Recipe`: the config it reads, the trainer,
what that trainer would silently lose or cut. All else is here, once: the release is what it was published as
(`release`), the settings make sense (`settings`), a run that was cut off goes on (`sittings`), the model says what it
was made of (`lineage`), and the house hears how it goes, where it handed the run over (`handed`, `reporting`). It needs
the trainer's environment, and the plain client imports nothing of it.
"""

from minka_client.training.recipe import Recipe
from minka_client.training.stopped import CANCELLED, DIVERGED, REFUSED, ROWS_LOST, Stopped

__all__ = ["CANCELLED", "DIVERGED", "REFUSED", "ROWS_LOST", "Recipe", "Stopped"]
