"""Tokens of the API."""

from hmac import compare_digest
from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.contrib.knox_auth_token import KnoxTokenScheme
from knox.auth import TokenAuthentication
from knox.crypto import hash_token
from knox.models import AuthToken
from knox.settings import CONSTANTS
from rest_framework.exceptions import AuthenticationFailed

from annotations.compiled import Compiled, given

_shown = Compiled(lambda: AuthToken.objects.filter(token_key=given("key")).select_related("user"))


class OneToken(TokenAuthentication):  # type: ignore[misc]  # knox has no types
    """Knox's own looks through all tokens of an account, at every request, for some that are past their time. Here the
    one that was shown is looked at."""

    def authenticate_credentials(self, token: bytes) -> tuple[Any, Any]:
        word = token.decode(errors="replace")  # no token of ours has such a letter
        digest = hash_token(word)
        for row in _shown(key=word[: CONSTANTS.TOKEN_KEY_LENGTH]):
            if compare_digest(digest, row.digest) and not self._cleanup_token(row):
                return self.validate_user(row)  # type: ignore[no-any-return]
        raise AuthenticationFailed(_("Invalid token."))

    def _cleanup_token(self, auth_token: Any) -> bool:
        return auth_token.expiry is not None and bool(super()._cleanup_token(auth_token))


class OneTokenScheme(KnoxTokenScheme):  # type: ignore[no-untyped-call]  # it has no types either
    """How the schema of the API tells of it: as of knox's own."""

    target_class = "annotations.people.accounts.tokens.OneToken"
