"""Fixtures that many tests share, and how all of them run."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, settings

from tests.agency import Agency, small_agency

# A busy machine makes no test fail: Hypothesis takes 200 ms for too long otherwise.
settings.register_profile("calm", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("calm")


@pytest.fixture
def agency() -> Agency:
    return small_agency()
