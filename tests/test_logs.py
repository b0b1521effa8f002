"""Logs: one line an event, and no secret in it."""

import logging

import pytest

from bot import logs

SECRETS = [
    "xoxb-12345-abcdef",
    "xoxp-12345-abcdef",
    "xapp-1-A0-123-abc",
    "xoxe.xoxb-1-abc",
    "https://hooks.slack.com/commands/T1/2/3",
]

Captured = pytest.CaptureFixture[str]


def log(monkeypatch: pytest.MonkeyPatch) -> logging.Logger:
    monkeypatch.setattr(logging.root, "handlers", [])  # pytest's own would be closed
    logs.configure("DEBUG")
    return logging.getLogger("x")


@pytest.mark.parametrize("secret", SECRETS)
def test_secrets_are_hidden_wherever_they_stand(capsys: Captured, monkeypatch: pytest.MonkeyPatch, secret: str) -> None:
    logger = log(monkeypatch)
    logger.warning("token=%s and {'token': '%s'}", secret, secret)
    try:
        raise RuntimeError(secret)
    except RuntimeError:
        logger.exception("failed")
    shown = capsys.readouterr().err
    assert secret not in shown
    assert "(hidden)" in shown
    assert "Traceback" in shown


def test_passwords_in_addresses_and_codes_are_hidden(capsys: Captured, monkeypatch: pytest.MonkeyPatch) -> None:
    log(monkeypatch).warning("postgresql://me:hush@host/db ?code=hush&state=1 client_secret=hush")
    shown = capsys.readouterr().err
    assert "hush" not in shown
    assert "@host/db" in shown


def test_a_text_can_not_forge_a_line(capsys: Captured, monkeypatch: pytest.MonkeyPatch) -> None:
    log(monkeypatch).warning("%s", "a\r\nERROR forged\x1b[31m" + "y" * 10_000)
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 1
    assert len(lines[0]) <= logs.MAX_LINE_LENGTH
    assert "\x1b" not in lines[0]


def test_slacks_libraries_stay_at_info(monkeypatch: pytest.MonkeyPatch) -> None:
    log(monkeypatch)
    for name in ("slack_sdk", "slack_bolt", "slack_sdk.web.client"):
        assert logging.getLogger(name).getEffectiveLevel() >= logging.INFO
