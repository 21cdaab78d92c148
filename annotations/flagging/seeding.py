"""Severities, target groups and categories from their files."""

from pathlib import Path

from annotations.flagging.models import BiasCategory, Severity, TargetGroup
from annotations.seeding import load

SEEDS = Path(__file__).parent / "seeds"


def load_flag_words() -> int:
    """Returns the number of rows of all three."""
    return (
        load(Severity, SEEDS / "severity.csv", ("level",))
        + load(TargetGroup, SEEDS / "target_groups.csv", ("code",))
        + load(BiasCategory, SEEDS / "bias_categories.csv", ("code",))
    )
