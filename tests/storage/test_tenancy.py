"""The tenancy check: which statements it allows and which it stops."""

import importlib

import pytest
import sqlalchemy as sa

from storage import channels, status_context
from storage.database import Database
from storage.facts import ALL, DLVM
from tests import tenancy


@pytest.mark.parametrize("name", tenancy.ALLOWED)
def test_every_exemption_is_an_existing_function(name: str) -> None:
    module, _, function = name.rpartition(".")
    assert callable(getattr(importlib.import_module(module), function))


@pytest.mark.parametrize(
    ("statement", "passes"),
    [
        ("SELECT channel.workspace_id, channel.channel_id FROM channel WHERE channel.channel_id = ?", False),
        (
            "SELECT * FROM subscription s JOIN channel c ON c.workspace_id = s.workspace_id WHERE c.channel_id = ?",
            False,
        ),
        ("UPDATE outbox SET workspace_id = workspace_id WHERE id = ?", False),
        ("DELETE FROM decision WHERE channel_id = %(channel)s", False),
        ("INSERT INTO team (name) VALUES (?)", False),
        ("SELECT 1 FROM channel WHERE channel.workspace_id = ? AND channel.channel_id = ?", True),
        ("SELECT 1 FROM channel WHERE workspace_id = %(workspace_id_1)s::VARCHAR", True),
        ("DELETE FROM rate_limit WHERE (workspace_id, channel_id) IN (__[POSTCOMPILE_x])", True),
        ("INSERT INTO subscription (workspace_id, channel_id) VALUES (?, ?) ON CONFLICT DO NOTHING", True),
        ("SELECT id FROM catalogue_row", True),
        ("CREATE TABLE channel (workspace_id TEXT)", True),
    ],
)
def test_a_statement_passes_only_if_bound_to_a_workspace(statement: str, passes: bool) -> None:
    assert tenancy.is_bound_to_workspace(statement) is passes


def test_a_query_without_the_workspace_fails(sqlite_database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(channels, "_FIND", sa.text("SELECT * FROM channel WHERE channel_id = :channel_id"))
    with sqlite_database.read_only() as session, pytest.raises(tenancy.TenancyError, match=r"storage.channels.find"):
        channels.find(session, "T1", "C1")


def test_an_autocommit_query_without_the_workspace_fails(
    sqlite_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(status_context, "_LOAD", sa.text("SELECT zone FROM channel WHERE channel_id = :channel_id"))
    with pytest.raises(tenancy.TenancyError, match=r"storage.status_context.load"):
        status_context.load(sqlite_database, "T1", "C1", DLVM, ("pytorch-2.7", "pytorch", ALL))


def test_queries_of_tests_are_exempt(sqlite_database: Database) -> None:
    with sqlite_database.read_only() as session:
        assert session.execute(sa.text("SELECT count(*) FROM channel WHERE channel_id = 'C1'")).scalar() == 0


def test_no_docstring_exempts_a_query(sqlite_database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    code = channels.find.__code__
    exempt = code.replace(co_consts=("Channels of any workspace.", *code.co_consts[1:]))
    monkeypatch.setattr(channels.find, "__code__", exempt)
    monkeypatch.setattr(channels, "_FIND", sa.text("SELECT * FROM channel WHERE channel_id = :channel_id"))
    with sqlite_database.read_only() as session, pytest.raises(tenancy.TenancyError, match=r"storage.channels.find"):
        channels.find(session, "T1", "C1")
