"""A small agency and its REST door."""

from __future__ import annotations

import pytest

from tests.agency import Agency
from tests.api.client import Rest, rest_of


@pytest.fixture
def rest(agency: Agency) -> Rest:
    return rest_of(agency)
