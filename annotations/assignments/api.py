"""Work over the API: import items, take a turn, answer it, take the answer back.

What comes in is checked strictly: a field that is not known is an error, so that nothing is dropped in silence.
"""

import math
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from django.http import Http404
from django.shortcuts import get_object_or_404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import ParseError
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from annotations.assignments import actions, imports, kinds, opt_outs, seats
from annotations.assignments.caps import has_room
from annotations.assignments.models import Assignment, Campaign, Judgement
from annotations.assignments.queries import has_leased_work, shown_outputs
from annotations.compiled import Compiled, given
from annotations.corpus.lines import ItemLine, Problem, read
from annotations.errors import Refused
from annotations.people.api import Holding
from annotations.people.models import Person, Variety
from annotations.people.stewards.queries import closed_varieties
from annotations.people.texts import supported
from annotations.requests import NDJSON, JSONItems


class Strict(serializers.Serializer[Any]):
    """A serializer that refuses fields it does not know."""

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, Mapping) and (unknown := set(data) - set(self.fields)):
            raise serializers.ValidationError({name: ["This field is not known."] for name in sorted(unknown)})
        return super().to_internal_value(data)


class OutputSerializer(serializers.Serializer[Any]):
    key = serializers.CharField()
    text = serializers.CharField()


class MessageSerializer(serializers.Serializer[Any]):
    role = serializers.CharField()
    content = serializers.CharField()


class TurnItemSerializer(serializers.Serializer[Any]):
    id = serializers.CharField()
    variety = serializers.CharField()
    prompt = MessageSerializer(many=True)
    outputs = OutputSerializer(many=True)


class TurnSerializer(serializers.Serializer[Any]):
    assignment = serializers.UUIDField()
    kind = serializers.CharField()
    expires_at = serializers.DateTimeField()
    item = TurnItemSerializer()


class AskSerializer(Strict):
    """Which turn: one more beside the one on the screen (`after`), of one kind only (`kind`)."""

    after = serializers.UUIDField(required=False)
    kind = serializers.CharField(required=False)

    def validate_kind(self, value: str) -> str:
        if value not in kinds.names():
            raise serializers.ValidationError(f"Must be one of {', '.join(kinds.names())}.")
        return value


@extend_schema_field({"oneOf": kinds.schemas()})
class AnswerField(serializers.DictField):
    """An answer, in the words of its kind."""


class SubmissionSerializer(Strict):
    """An answer to a turn, or a way out of it."""

    assignment = serializers.UUIDField()
    answer = AnswerField(required=False)
    opt_out = serializers.ChoiceField(choices=opt_outs.codes(), required=False)
    seconds = serializers.FloatField(required=False, min_value=0, max_value=86_400)
    client_at = serializers.DateTimeField(required=False)

    def validate_seconds(self, value: float) -> float:
        if not math.isfinite(value):
            raise serializers.ValidationError("Must be a number.")
        return value

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if ("answer" in attrs) == ("opt_out" in attrs):
            raise serializers.ValidationError("Exactly one of answer and opt_out.")
        return attrs


class ReceivedSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    assignment = serializers.UUIDField()
    received_at = serializers.DateTimeField()
    late = serializers.BooleanField()
    state = serializers.ChoiceField(choices=["received", "undone"])
    next = TurnSerializer(required=False, allow_null=True)


class ProblemLineSerializer(serializers.Serializer[Any]):
    line = serializers.IntegerField()
    id = serializers.CharField()
    field = serializers.CharField()
    code = serializers.CharField()
    reason = serializers.CharField()


class ReportSerializer(serializers.Serializer[Any]):
    added = serializers.IntegerField()
    known = serializers.IntegerField()
    held_back = serializers.IntegerField()
    refused_lines = serializers.IntegerField()
    refused = ProblemLineSerializer(many=True)


def person_of(request: Request) -> Person:
    assert isinstance(request.user, Person)
    return request.user


def turn(seat: Assignment) -> dict[str, Any]:
    """A seat as a turn: what a client needs to show it, and nothing that tells which model said what."""
    item = seat.item
    return {
        "assignment": str(seat.pk),
        "kind": item.kind,
        "expires_at": seat.expires_at,
        "item": {
            "id": str(item.pk),
            "variety": item.variety_id,
            "prompt": item.prompt.messages,
            "outputs": [{"key": shown.key, "text": shown.text} for shown in shown_outputs(seat)],
        }
        | dict(kinds.get(item.kind).ask(seat)),
    }


_named = Compiled(lambda: Campaign.objects.filter(slug=given("slug")))


class Next(APIView):
    @extend_schema(request=AskSerializer, responses={200: TurnSerializer, 204: None})
    def post(self, request: Request, slug: str) -> Response:
        """The next turn; the one still held when asked again. `{"after": …}` prefetches one more.

        204 when there is nothing, or when this person has given as much here as one may; with `Retry-After` when others
        hold seats that may come back. 403 `competence_required` where the campaign asks only people whose knowledge
        of the variety is confirmed, and nothing of what it asks for is confirmed of this one.
        """
        if (campaign := _named.first(slug=slug)) is None:
            raise Http404
        body = AskSerializer(data=request.data or {})
        body.is_valid(raise_exception=True)
        person, asked = person_of(request), body.validated_data
        of_kinds = [asked["kind"]] if "kind" in asked else None
        seat = seats.next_for(person=person, campaign=campaign, after=asked.get("after"), of_kinds=of_kinds)
        if seat:
            return Response(turn(seat))
        waits = has_leased_work(campaign, person) and has_room(person, campaign)
        headers = {"Retry-After": "60"} if waits else {}
        return Response(status=204, headers=headers)


class Judgements(APIView):
    @extend_schema(
        request=SubmissionSerializer,
        responses={200: ReceivedSerializer, 201: ReceivedSerializer},
        parameters=[OpenApiParameter("next", OpenApiTypes.BOOL, description="add the next turn to the answer")],
    )
    def put(self, request: Request, key: Any) -> Response:
        """Submit an answer under a UUID of the client's own. 201 the first time; 200 with the same body again."""
        body = SubmissionSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        facts, person = body.validated_data, person_of(request)
        submission = actions.Submission(
            key=key, assignment_id=facts["assignment"], channel=Judgement.Channel.API,
            language=supported(person.language), seconds=facts.get("seconds"), client_at=facts.get("client_at"),
        )  # fmt: skip
        answer, code = facts.get("answer", {}), facts.get("opt_out", "")
        further: dict[str, Any] = {}
        if request.query_params.get("next") in ("1", "true"):
            received, seat = actions.submit_and_next(person=person, submission=submission, answer=answer, code=code)
            further = {"next": turn(seat) if seat else None}
        elif code:
            received = actions.opt_out(person=person, submission=submission, code=code)
        else:
            received = actions.submit(person=person, submission=submission, answer=answer)
        return Response(_received(key, received.judgement) | further, status=201 if received.is_new else 200)

    @extend_schema(responses={200: ReceivedSerializer})
    def delete(self, request: Request, key: Any) -> Response:
        """Take an answer back, until it is settled."""
        return Response(_received(key, actions.undo(person=person_of(request), key=key)))


def _received(key: Any, judgement: Judgement) -> dict[str, Any]:
    return {
        "id": str(key),
        "assignment": str(judgement.assignment_id),
        "received_at": judgement.received_at,
        "late": judgement.late,
        "state": "undone" if judgement.undone_at else "received",
    }


class MayImport(Holding):
    """People with the right to add items: training engineers, leads, staff."""

    right = "annotations.add_item"


class Items(APIView):
    parser_classes = [JSONItems, NDJSON]
    permission_classes = [IsAuthenticated, MayImport]

    @extend_schema(
        request={"application/json": OpenApiTypes.OBJECT, "application/x-ndjson": OpenApiTypes.STR},
        responses={200: ReportSerializer, 201: ReportSerializer},
        parameters=[OpenApiParameter("strict", OpenApiTypes.BOOL, description="refuse all when one line is refused")],
    )
    def post(self, request: Request, slug: str) -> Response:
        """Import items: one object, a list of them, or NDJSON. 201 when something was added, 200 when all of it was
        there already, 400 with the same report when nothing could be used."""
        campaign = get_object_or_404(Campaign, slug=slug)
        strict = request.query_params.get("strict") in ("1", "true")
        report = imports.load_items(campaign=campaign, lines=checked(_numbered(request), "api"), strict=strict)
        data = ReportSerializer(report).data
        if report.refused_lines and (strict or not report.added + report.known):
            raise Refused("invalid", f"{report.refused_lines} of {report.lines} lines were refused.", data["refused"])
        return Response(data, status=201 if report.added else 200)


def _numbered(request: Request) -> Iterable[tuple[int, Any]]:
    data: Any = request.data
    if isinstance(data, Iterator):
        return data
    if isinstance(data, Mapping) and data:
        return [(1, dict(data))]
    if isinstance(data, list) and data:
        return enumerate(data, 1)
    raise ParseError("Send one item, a list of items, or NDJSON.")


def checked(raw: Any, default_source: str) -> Iterator[ItemLine | Problem]:
    """Raw numbered objects checked against the varieties we know."""
    varieties = set(Variety.objects.values_list("tag", flat=True))
    return read(raw, varieties, closed_varieties(), default_source, kinds.shapes())
