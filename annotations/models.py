"""Django looks for an app's models here: the chapters', in their order."""

from annotations.assignments.models import Assignment, Campaign, Cell, Item, ItemOutput, Judgement, Receipt
from annotations.corpus.models import ModelVersion, Output, Prompt, PromptGroup, Source
from annotations.datasets.models import Release
from annotations.people.models import Consent, Person, SpokenVariety, Variety
from annotations.quality.models import Verdict
from annotations.rating.models import Vote

__all__ = [
    "Assignment", "Campaign", "Cell", "Consent", "Item", "ItemOutput", "Judgement", "ModelVersion", "Output", "Person",
    "Prompt", "PromptGroup", "Receipt", "Release", "Source", "SpokenVariety", "Variety", "Verdict", "Vote",
]  # fmt: skip
