"""Fixtures that many tests share."""

from __future__ import annotations

import pytest

from tests.agency import Agency, small_agency


@pytest.fixture
def agency() -> Agency:
    return small_agency()
