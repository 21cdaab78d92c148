"""The targets of the settings: `MINKA_RELEASE_TARGETS` has names and addresses, other variables what is secret."""

import os
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

from django.conf import settings

from annotations.datasets.targets.argilla import Rows
from annotations.datasets.targets.folder import Folder
from annotations.datasets.targets.hub import DataSet
from annotations.datasets.targets.port import Target, TargetFailed
from annotations.datasets.targets.s3 import Bucket


def target_called(name: str) -> Target:
    """Credentials are read now, and held no longer than the target is.

    Raises:
        TargetFailed: `not_a_target`.
    """
    if name not in settings.MINKA_RELEASE_TARGETS:
        raise TargetFailed("not_a_target")
    address = urlsplit(settings.MINKA_RELEASE_TARGETS[name])
    more = {key: values[0] for key, values in parse_qs(address.query).items()}
    path = unquote(address.path).strip("/")
    if address.scheme == "file":
        return Folder(Path("/") / path)
    if address.scheme == "hub":
        token = os.environ.get(more.get("token", "HF_TOKEN"), "")
        return DataSet(f"{address.netloc}/{path}", more.get("endpoint", ""), token=token)
    if address.scheme == "argilla":
        key = os.environ.get(more.get("key", "MINKA_ARGILLA_KEY"), "")
        most = int(more.get("most", "0"))
        return Rows(address.netloc, path, more["endpoint"], variety=more.get("variety", ""), most=most, key=key)
    key = os.environ.get(more.get("key", "AWS_ACCESS_KEY_ID"), "")
    secret = os.environ.get(more.get("secret", "AWS_SECRET_ACCESS_KEY"), "")
    return Bucket(address.netloc, path, more.get("endpoint", ""), more.get("region", ""), key=key, secret=secret)
