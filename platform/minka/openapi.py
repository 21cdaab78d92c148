"""The API's document says how the house says no: each operation names the statuses it can answer with, and the problem
document (RFC 9457) that comes with each. A client of ours is written against it, and `make fuzz` holds us to it."""

from typing import Any, Final

from drf_spectacular.openapi import AutoSchema
from rest_framework import serializers
from rest_framework.permissions import AllowAny
from rest_framework.views import APIView

_SAID: Final = {
    400: "Something in what was sent is not valid.", 401: "A token is missing, or it opens nothing.",
    403: "Not for this account, or not without consent.", 404: "There is nothing here under this name.",
    409: "Not as things stand now: `code` says why.", 410: "It was here, and is no more.",
    413: "More than is taken at once.", 415: "Not in a form that is read here.", 429: "Too many tries: wait a little.",
}  # fmt: skip


class ProblemSerializer(serializers.Serializer[Any]):
    """How the house says no. `code` stays the same in every language, `detail` is for a person to read."""

    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    code = serializers.CharField()
    detail = serializers.CharField()
    errors = serializers.JSONField(  # type: ignore[assignment]  # a serializer has something of this name
        required=False, help_text="By field or by line, where there is more to say."
    )


class Told(AutoSchema):
    """What drf-spectacular finds, and the problems."""

    def _get_response_bodies(self, direction: Any = "response") -> dict[str, Any]:
        told: dict[str, Any] = super()._get_response_bodies(direction)
        for status in sorted(self._problems() - {int(each) for each in told}):
            told[str(status)] = self._get_response_for_code(  # type: ignore[no-untyped-call]
                ProblemSerializer, str(status), ["application/problem+json"]
            ) | {"description": _SAID[status]}
        return told

    def _problems(self) -> set[int]:
        """400 is for every address (a NUL in it), 401 and 403 too: a token that opens nothing is refused even where
        none is asked for, and what is open as a rule can be closed in the single case."""
        found = {400, 401, 403, 404, 429}
        view: APIView = self.view
        if any(not isinstance(each, AllowAny) for each in view.get_permissions()):
            found.add(409)
        if self.method in ("POST", "PUT", "PATCH", "DELETE"):
            found |= {409, 413, 415}
        if "{" in self.path:
            found.add(410)
        return found
