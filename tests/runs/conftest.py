"""A campaign in which something is settled and something is fresh."""

import pytest

from annotations.assignments.models import Campaign
from tests.runs.world import add, fresh_lines, judged


@pytest.fixture
def campaign() -> Campaign:
    campaign = judged()
    add(campaign, *fresh_lines())
    return campaign
