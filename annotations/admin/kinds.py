"""What judgements of each kind hold, and what became of it."""

from typing import Any, cast

from django.contrib import admin
from django.http import HttpRequest

from annotations.admin.panel import OfJudgement, Panel, ReadOnly
from annotations.people.models import Person
from annotations.people.remits.queries import looked_after
from annotations.rating.models import Score, Vote
from annotations.reviewing.models import Review, Reviewed
from annotations.translating.models import Approved, Term, Translation
from annotations.writing.asking.models import Question
from annotations.writing.models import Correction, Demonstration, PromptProposal


@admin.register(Vote)
class VoteAdmin(OfJudgement):
    list_display = ("judgement_id", "item", "person", "variety", "outcome", "strength", "received", "counted")
    list_filter = ("outcome", *OfJudgement.list_filter)


@admin.register(Score)
class ScoreAdmin(OfJudgement):
    list_display = ("judgement_id", "item", "person", "variety", "overall", "points", "received", "counted")
    list_filter = ("overall", *OfJudgement.list_filter)


@admin.register(Demonstration)
class DemonstrationAdmin(OfJudgement):
    list_display = ("judgement_id", "__str__", "item", "person", "counted")


@admin.register(Correction)
class CorrectionAdmin(OfJudgement):
    list_display = ("judgement_id", "__str__", "item", "person", "distance", "counted")


@admin.register(PromptProposal)
class PromptProposalAdmin(OfJudgement):
    list_display = ("judgement_id", "__str__", "domain", "country_about", "person", "is_new", "counted")


@admin.register(Question)
class QuestionAdmin(ReadOnly):
    """What models are asked, and why one did not answer."""

    varieties_at = ("proposal__judgement__judge_variety",)
    prompt_at = "proposal__prompt"
    list_display = ("proposal", "model", "tries", "problem", "due_at", "answered_at")
    list_filter = ("model", "problem")
    list_select_related = ("proposal",)


@admin.register(Translation)
class TranslationAdmin(OfJudgement):
    list_display = ("judgement_id", "__str__", "item", "person", "orthography", "valid_here", "warnings", "counted")


@admin.register(Approved)
class ApprovedAdmin(ReadOnly):
    """The translation memory."""

    varieties_at = ("variety",)
    prompt_at = "translation__judgement__item__prompt"
    list_display = ("source", "source_variety", "variety", "__str__", "approved_at")
    list_filter = ("source_variety", "variety")
    list_select_related = ("source_variety", "variety")


@admin.register(Term)
class TermAdmin(Panel):
    varieties_at = ("variety",)
    list_display = ("term", "translation", "source_variety", "variety", "note")
    list_filter = ("source_variety", "variety")
    search_fields = ("term", "translation")

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "variety":
            kwargs["queryset"] = looked_after(cast("Person", request.user))
        return super().formfield_for_foreignkey(db_field, request, **kwargs)


@admin.register(Review)
class ReviewAdmin(OfJudgement):
    list_display = (
        "judgement_id",
        "decision",
        "reason",
        "item",
        "person",
        "target",
        "written_as",
        "read_as",
        "counted",
    )
    list_filter = ("decision", "reason", "judgement__campaign")


@admin.register(Reviewed)
class ReviewedAdmin(ReadOnly):
    varieties_at = ("item__variety",)
    prompt_at = "item__prompt"
    list_display = ("item", "judgement_id", "outcome", "settled_at")
    list_filter = ("outcome", "item__campaign", ("item__variety", admin.RelatedOnlyFieldListFilter))
    list_select_related = ("item",)
