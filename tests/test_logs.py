"""Logging: one line for each event, without secrets."""

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


def configure_logger(monkeypatch: pytest.MonkeyPatch) -> logging.Logger:
    monkeypatch.setattr(logging.root, "handlers", [])  # logging.basicConfig would close pytest's handlers
    logs.configure("DEBUG")
    return logging.getLogger("x")


@pytest.mark.parametrize("secret", SECRETS)
def test_secrets_are_hidden_anywhere(capsys: Captured, monkeypatch: pytest.MonkeyPatch, secret: str) -> None:
    logger = configure_logger(monkeypatch)
    logger.warning("token=%s and {'token': '%s'}", secret, secret)
    try:
        raise RuntimeError(secret)
    except RuntimeError:
        logger.exception("failed")
    output = capsys.readouterr().err
    assert secret not in output
    assert "(hidden)" in output
    assert "Traceback" in output


def test_passwords_in_urls_and_codes_are_hidden(capsys: Captured, monkeypatch: pytest.MonkeyPatch) -> None:
    configure_logger(monkeypatch).warning("postgresql://me:hush@host/db ?code=hush&state=1 client_secret=hush")
    output = capsys.readouterr().err
    assert "hush" not in output
    assert "@host/db" in output


def test_text_cannot_forge_a_line(capsys: Captured, monkeypatch: pytest.MonkeyPatch) -> None:
    configure_logger(monkeypatch).warning("%s", "a\r\nERROR forged\x1b[31m" + "y" * 10_000)
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 1
    assert len(lines[0]) <= logs.MAX_LINE_LENGTH
    assert "\x1b" not in lines[0]


def test_slack_libraries_stay_at_info(monkeypatch: pytest.MonkeyPatch) -> None:
    configure_logger(monkeypatch)
    for name in ("slack_sdk", "slack_bolt", "slack_sdk.web.client"):
        assert logging.getLogger(name).getEffectiveLevel() >= logging.INFO
