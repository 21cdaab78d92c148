"""Django looks for an app's models here: the chapters', in their order."""

from annotations.assignments.admissions.models import Admission
from annotations.assignments.guests.models import Guest, GuestJudgement
from annotations.assignments.inquiries.models import Inquiry, OpenAnswer
from annotations.assignments.models import (
    Assignment,
    Averted,
    Campaign,
    Cell,
    Draft,
    Item,
    ItemOutput,
    Judgement,
    Known,
    Receipt,
    Tombstone,
)
from annotations.assignments.notes.models import Note
from annotations.assignments.packs.models import Pack
from annotations.assignments.stewards.models import Hidden
from annotations.assignments.tallies.models import Tally
from annotations.corpus.models import Band, ModelVersion, Output, Prompt, PromptGroup, Source, Wording
from annotations.datasets.external.models import ExternalBatch, ExternalVote
from annotations.datasets.keeping.models import Edition, Pin
from annotations.datasets.models import Membership, Preview, Release
from annotations.datasets.partners.models import HandOut, Partnership
from annotations.datasets.recalls.models import Retraction
from annotations.datasets.targets.models import Delivery
from annotations.flagging.models import BiasCategory, Flag, Look, Severity, TargetGroup
from annotations.moderation.appeals.models import Appeal
from annotations.moderation.audit.models import Change
from annotations.moderation.purges.models import Mark, Purge, Purged
from annotations.moderation.sanctions.models import Sanction
from annotations.people.accounts.models import Help, Session, WayBack
from annotations.people.anchors.models import Anchor
from annotations.people.competence.models import Confirmed, Vouch, VouchCode
from annotations.people.consenting.models import ConsentText
from annotations.people.credits.models import Credit
from annotations.people.models import Consent, MacroZone, Person, SpokenVariety, Variety
from annotations.people.remits.models import Remit
from annotations.people.rights.models import Request, RequestText, SensitiveFacts
from annotations.people.stewards.models import (
    Charter,
    CommunityLabel,
    Governance,
    Steward,
    StewardsApproval,
    StewardsDecision,
    StewardsLog,
    VarietyProposal,
)
from annotations.quality.argilla.models import Expert, ExpertAnswer, ExpertDesk, ExpertRecord, ExpertSet
from annotations.quality.checks.models import Alarm
from annotations.quality.gates.models import Held, Hold
from annotations.quality.models import Agreement, Estimate, Verdict
from annotations.quality.order.models import Quota
from annotations.quality.reliability.models import GoldCount, Objection, Reliability
from annotations.quality.rulings.models import Ruling
from annotations.quality.signals.models import Alike, Signal, Sketch, SketchBand, Watched
from annotations.rating.models import RubricPoint, Score, Vote
from annotations.reviewing.models import Review, Reviewed
from annotations.training.boards.models import Board
from annotations.training.evaluations.models import Evaluation
from annotations.training.models import HandedRelease, Metric, RunPrompt, TrainedModel, TrainingRun
from annotations.translating.models import Approved, Term, Translation
from annotations.writing.asking.models import Question
from annotations.writing.models import Correction, Demonstration, PromptProposal

__all__ = [
    "Admission", "Agreement", "Alarm", "Alike", "Anchor", "Appeal", "Approved", "Assignment", "Averted", "Band",
    "BiasCategory", "Board", "Campaign", "Cell", "Change", "Charter", "CommunityLabel", "Confirmed", "Consent",
    "ConsentText", "Correction", "Credit", "Delivery", "Demonstration", "Draft", "Edition", "Estimate", "Evaluation",
    "Expert", "ExpertAnswer", "ExpertDesk", "ExpertRecord", "ExpertSet", "ExternalBatch", "ExternalVote", "Flag",
    "GoldCount", "Governance", "Guest", "GuestJudgement", "HandOut", "HandedRelease", "Held", "Help", "Hidden", "Hold",
    "Inquiry", "Item", "ItemOutput", "Judgement", "Known", "Look", "MacroZone", "Mark", "Membership", "Metric",
    "ModelVersion", "Note", "Objection", "OpenAnswer", "Output", "Pack", "Partnership", "Person", "Pin", "Preview",
    "Prompt", "PromptGroup", "PromptProposal", "Purge", "Purged", "Question", "Quota", "Receipt", "Release",
    "Reliability", "Remit", "Request", "RequestText", "Retraction", "Review", "Reviewed", "RubricPoint", "Ruling",
    "RunPrompt", "Sanction", "Score", "SensitiveFacts", "Session", "Severity", "Signal", "Sketch", "SketchBand",
    "Source", "SpokenVariety", "Steward", "StewardsApproval", "StewardsDecision", "StewardsLog", "Tally", "TargetGroup",
    "Term", "Tombstone", "TrainedModel", "TrainingRun", "Translation", "Variety", "VarietyProposal", "Verdict", "Vote",
    "Vouch", "VouchCode", "Watched", "WayBack", "Wording",
]  # fmt: skip
