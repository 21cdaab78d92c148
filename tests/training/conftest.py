"""The model that every recipe starts from in a test."""

import os

import pytest

os.environ["HF_HUB_OFFLINE"] = "1"  # read when `datasets` is imported, in the tests

from .tiny_model import build


@pytest.fixture(scope="session")
def base(tmp_path_factory):
    return build(tmp_path_factory.mktemp("base") / "model")
