"""Django looks for an app's models here: the chapters', in their order."""

from annotations.assignments.models import Assignment, Campaign, Cell, Item, ItemOutput, Judgement, Receipt, Tombstone
from annotations.corpus.models import ModelVersion, Output, Prompt, PromptGroup, Source
from annotations.datasets.models import Release
from annotations.flagging.models import BiasCategory, Severity, TargetGroup
from annotations.people.models import Consent, MacroZone, Person, SpokenVariety, Variety
from annotations.people.rights.models import Request, RequestText, SensitiveFacts, Session
from annotations.quality.models import Verdict
from annotations.rating.models import RubricPoint, Vote

__all__ = [
    "Assignment", "BiasCategory", "Campaign", "Cell", "Consent", "Item", "ItemOutput", "Judgement", "MacroZone",
    "ModelVersion", "Output", "Person", "Prompt", "PromptGroup", "Receipt", "Release", "Request", "RequestText",
    "RubricPoint", "SensitiveFacts", "Session", "Severity", "Source", "SpokenVariety", "TargetGroup", "Tombstone",
    "Variety", "Verdict", "Vote",
]  # fmt: skip
