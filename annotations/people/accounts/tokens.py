"""Tokens of the API."""

from typing import Any

from drf_spectacular.contrib.knox_auth_token import KnoxTokenScheme
from knox.auth import TokenAuthentication


class OneToken(TokenAuthentication):  # type: ignore[misc]  # knox has no types
    """Knox's own looks through all tokens of an account, at every request, for some that are past their time. Here the
    one that was shown is looked at."""

    def _cleanup_token(self, auth_token: Any) -> bool:
        return auth_token.expiry is not None and bool(super()._cleanup_token(auth_token))


class OneTokenScheme(KnoxTokenScheme):  # type: ignore[no-untyped-call]  # it has no types either
    """How the schema of the API tells of it: as of knox's own."""

    target_class = "annotations.people.accounts.tokens.OneToken"
