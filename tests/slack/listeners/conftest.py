"""Every listener is driven by the payloads of both kinds of installation."""

import pytest

from tests.slack.driver import SlackDriver


@pytest.fixture(params=["workspace", "organisation"], autouse=True)
def _installation(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Send what Slack sends of an app installed in one workspace, and of one installed for an organisation."""
    monkeypatch.setattr(SlackDriver, "is_org_wide", request.param == "organisation")
