"""The catalogue API, in the format of endoflife.date's API v1, and the metrics."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from msgspec.structs import replace

from bot.bootstrap import application
from bot.catalogue import seed
from bot.catalogue.page import PAGE_URL
from bot.service.catalogue import bundled
from bot.service.catalogue.ingest import CatalogueIngest
from bot.service.catalogue.override_input import OverrideRequest
from bot.service.catalogue.overrides import Overrides
from bot.service.versions.snapshot import SnapshotCache
from storage import outbox, sources
from storage.database import Database
from storage.facts import CatalogueEdition, Milestone, OutboxEntry, OutboxState, PrintedDate, Reminder, Schedule
from tests.service.driver import SEED_READ_AT, utc
from tests.web import endoflife_schema as schema
from tests.web.client import Response, send_request

NOW = utc("2026-11-25 12:00")
TORCH_27 = "pytorch-2-7-cu128-ubuntu-2204-nvidia-570"


@dataclass
class Server:
    """The public routes on a database, with a clock to set."""

    database: Database
    now: datetime = NOW
    tick_age: timedelta | None = None

    def get(self, path: str, method: str = "GET", **headers: str) -> Response:
        routes = application.build_public_routes(self.database, lambda: self.tick_age, lambda: self.now)
        return send_request(routes, path, method, {name.replace("_", "-"): value for name, value in headers.items()})

    def release(self, path: str, day: str = "") -> Any:
        self.now = utc(f"{day} 12:00") if day else NOW
        content = self.get(f"/api/v1/products/{path}").json
        jsonschema.validate(content, schema.ONE_RELEASE)
        return content["result"]

    def get_metrics(self) -> dict[str, str]:
        lines = self.get("/metrics").body.decode().splitlines()
        pairs = [line.rpartition(" ") for line in lines if not line.startswith("#")]
        return {name: number for name, _, number in pairs}


@pytest.fixture
def server(database: Database) -> Server:
    """Return a server on each of the two databases."""
    bundled.load_bundled(database, SEED_READ_AT)
    return Server(database)


@pytest.fixture(scope="module")
def _shared_database(migrated_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    path = tmp_path_factory.mktemp("api") / "dlvm.db"
    shutil.copy(migrated_file, path)
    database = Database(f"sqlite:///{path}")
    bundled.load_bundled(database, SEED_READ_AT)
    yield database
    database.close()


@pytest.fixture
def reader(_shared_database: Database) -> Server:
    """Return a server on a database that the tests share, for requests that change nothing."""
    return Server(_shared_database)


def move(database: Database, family: str, cell: PrintedDate) -> None:
    """Ingest the table with another end of patches for the family."""
    rows = seed.load().families
    families = [replace(row, end_of_patch_and_support=cell) if row.family == family else row for row in rows]
    reading = CatalogueEdition("dlvm", PAGE_URL, date(2026, 11, 1), NOW, len(families))
    CatalogueIngest(database, SnapshotCache(), Schedule()).apply(families, reading, NOW)


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("", schema.URIS),
        ("products", schema.PRODUCTS),
        ("products/full", schema.FULL_PRODUCTS),
        ("products/dlvm", schema.PRODUCT),
        ("products/dlc", schema.PRODUCT),
        ("products/aws-dlc", schema.PRODUCT),
        ("products/dlvm/releases", schema.RELEASES),
        ("products/dlvm/releases/pytorch-2.7", schema.ONE_RELEASE),
        ("products/vertex/releases/tensorflow-2.15", schema.ONE_RELEASE),
        ("products/workbench/releases/26.03", schema.ONE_RELEASE),
        ("products/dlvm/releases/latest", schema.ONE_RELEASE),
    ],
)
@pytest.mark.parametrize("end", ["", "/"])
def test_every_address_matches_its_schema(reader: Server, path: str, expected: schema.Schema, end: str) -> None:
    response = reader.get(f"/api/v1/{path}".rstrip("/") + end)
    assert (response.status, response.headers["content-type"]) == (200, "application/json")
    jsonschema.validate(response.json, expected)


def test_dlvm_comes_first_of_the_products(reader: Server) -> None:
    products = reader.get("/api/v1/products").json
    assert [product["name"] for product in products["result"]] == [
        "dlvm", "dlc", "vertex", "vertex-train", "colab", "workbench", "dlami", "aws-dlc",
    ]  # fmt: skip
    assert products["result"][0]["uri"] == "https://dlvm.example.test/api/v1/products/dlvm/"
    assert reader.get("/api/v1/products/deep-learning-vm").json == reader.get("/api/v1/products/DLVM").json


@pytest.mark.parametrize(
    ("day", "is_eol", "is_discontinued", "is_maintained", "state"),
    [
        ("2026-04-13", False, False, True, "supported"),
        ("2026-04-14", True, False, False, "deprecated"),
        ("2027-04-13", True, False, False, "deprecated"),
        ("2027-04-14", True, True, False, "unavailable"),
    ],
)
def test_a_release_ends_the_day_after_its_last_day(
    reader: Server, day: str, is_eol: bool, is_discontinued: bool, is_maintained: bool, state: str
) -> None:
    release = reader.release("dlvm/releases/pytorch-2.7", day)
    assert (release["name"], release["label"], release["latest"]["name"]) == ("pytorch-2.7", "PyTorch 2.7", "2.7.1")
    assert (release["eolFrom"], release["discontinuedFrom"]) == ("2026-04-13", "2027-04-13")
    assert release["releaseDate"] is None
    assert (release["isEol"], release["isDiscontinued"]) == (is_eol, is_discontinued)
    assert (release["isMaintained"], release["custom"]["state"]) == (is_maintained, state)


def test_the_state_is_judged_on_the_day_in_utc(reader: Server) -> None:
    reader.now = datetime.fromisoformat("2026-04-14T01:00:00+02:00")
    assert not reader.get("/api/v1/products/dlvm/releases/pytorch-2.7").json["result"]["isEol"]


def test_rows_that_differ_yield_the_earliest_dates(reader: Server) -> None:
    release = reader.release("dlvm/releases/tensorflow-2.11", "2023-01-01")
    assert (release["eolFrom"], release["discontinuedFrom"], release["custom"]["rowsDiffer"]) == (
        "2022-11-15", "2023-11-15", "true",
    )  # fmt: skip
    assert {row["endOfPatchAndSupport"] for row in release["rows"]} == {"2022-11-15", "2023-11-15"}
    assert reader.release("dlvm/releases/pytorch-2.7")["custom"]["rowsDiffer"] == "false"


def test_an_unreadable_date_is_null_and_unverified(reader: Server) -> None:
    release = reader.release("dlvm/releases/tensorflow-2.17")
    assert "tf-2-17-cu123-py310: “Ju1 11, 2026” is not a date" in release["custom"]["unverified"]
    (row,) = [row for row in release["rows"] if row["endOfAvailability"] is None]
    assert row["endOfAvailabilityAsPrinted"] == "Ju1 11, 2026"
    unknown = reader.release("colab/releases/python-3.12")
    assert (unknown["eolFrom"], unknown["isEol"], unknown["isMaintained"]) == (None, False, False)


def test_a_product_without_end_of_availability_omits_it(reader: Server) -> None:
    release = reader.release("aws-dlc/releases/pytorch-2.9")
    assert (release["releaseDate"], release["eolFrom"]) == ("2025-10-15", "2026-10-15")
    assert not {"isDiscontinued", "discontinuedFrom"} & release.keys()
    assert reader.get("/api/v1/products/aws-dlc").json["result"]["labels"]["discontinued"] is None
    assert reader.release("workbench/releases/26.03")["releaseDate"] is None
    assert reader.release("dlami/releases/pytorch-2.9")["latest"]["name"] == "2.9.0"


def test_the_latest_release_gets_patches_longest(reader: Server) -> None:
    names = [release["name"] for release in reader.get("/api/v1/products/dlvm/releases").json["result"]]
    assert len(names) == 31
    assert names[:4] == ["base-cu129", "pytorch-2.9", "base-cu128", "pytorch-2.7"]
    assert reader.release("dlvm/releases/latest")["name"] == "base-cu129"


def test_a_client_can_filter_by_the_flags(reader: Server) -> None:
    product = reader.get("/api/v1/products/dlvm/").json["result"]
    maintained = [cycle["name"] for cycle in product["releases"] if cycle["isMaintained"]]
    over = [cycle["name"] for cycle in product["releases"] if cycle["isEol"] and not cycle["isDiscontinued"]]
    assert maintained == ["base-cu129", "pytorch-2.9"]
    assert over == ["base-cu128", "pytorch-2.7"]
    assert product["links"]["releasePolicy"].endswith("/framework-support-policy")


@pytest.mark.parametrize(
    "path",
    [
        "products/nothing",
        "products/dlvm/releases/pytorch-9.9",
        "products/dlvm/cycles",
        "nothing",
        "products/dlvm/a/b/c",
    ],
)
def test_an_unknown_address_returns_a_json_message(reader: Server, path: str) -> None:
    response = reader.get(f"/api/v1/{path}")
    assert (response.status, response.headers["cache-control"]) == (404, "no-cache")
    assert "/api/v1/products" in response.json["message"]


def test_any_site_can_read_and_none_can_write(reader: Server) -> None:
    assert reader.get("/api/v1/products").headers["access-control-allow-origin"] == "*"
    preflight = reader.get("/api/v1/products", "OPTIONS")
    assert (preflight.status, preflight.headers["access-control-allow-headers"]) == (204, "if-none-match")
    assert reader.get("/api/v1/products", "HEAD").status == 200
    assert reader.get("/api/v1/products", "POST").status == 405


def test_a_response_is_cached_for_an_hour_until_midnight(reader: Server) -> None:
    reader.now = utc("2026-11-25 22:00")
    assert reader.get("/api/v1/products/dlvm").headers["cache-control"] == "public, max-age=3600"
    reader.now = utc("2026-11-25 23:59")
    assert reader.get("/api/v1/products/dlvm").headers["cache-control"] == "public, max-age=60"


def test_the_etag_changes_only_with_the_content(server: Server) -> None:
    path = "/api/v1/products/dlvm/releases/pytorch-2.7"
    server.now = utc("2026-04-12 09:00")
    first = server.get(path)
    server.now = utc("2026-04-13 23:00")
    again = server.get(path, if_none_match=first.headers["etag"])
    assert (again.status, again.body, again.headers["etag"]) == (304, b"", first.headers["etag"])
    assert server.get(path, if_none_match=f'"other", W/{first.headers["etag"]}').status == 304
    server.now = utc("2026-04-14 00:00")
    over = server.get(path, if_none_match=first.headers["etag"])
    assert (over.status, over.json["result"]["isEol"]) == (200, True)
    move(server.database, TORCH_27, PrintedDate("October 13, 2026", date(2026, 10, 13)))
    moved = server.get(path, if_none_match=over.headers["etag"])
    assert (moved.status, moved.json["result"]["eolFrom"]) == (200, "2026-10-13")


def test_an_override_is_published_with_its_reason(server: Server) -> None:
    day, milestone = date(2027, 6, 30), Milestone.END_OF_AVAILABILITY
    wish = OverrideRequest("pytorch-2.7", {milestone: day}, "support case 12", "Ada", None, "")
    Overrides(server.database, SnapshotCache(), Schedule()).set(wish, NOW)
    release = server.release("dlvm/releases/pytorch-2.7")
    assert (release["discontinuedFrom"], release["custom"]["overridden"]) == ("2027-06-30", "Ada: support case 12")
    assert server.release("dlvm/releases/pytorch-2.9")["custom"]["overridden"] is None


def test_a_vanished_row_and_a_stale_page_are_flagged(server: Server) -> None:
    families = [row for row in seed.load().families if row.family != TORCH_27]
    reading = CatalogueEdition("dlvm", PAGE_URL, date(2026, 11, 1), NOW, len(families))
    CatalogueIngest(server.database, SnapshotCache(), Schedule()).apply(families, reading, NOW, vanished=[TORCH_27])
    with server.database.transaction() as session:
        sources.set_polling(session, NOW - timedelta(hours=60))
    custom = server.release("dlvm/releases/pytorch-2.7")["custom"]
    assert (custom["listed"], custom["unverifiedSince"], custom["asOf"]) == ("false", "2026-11-23", "2026-04-10")
    assert server.release("dlvm/releases/pytorch-2.9")["custom"]["asOf"] == "2026-11-01"


def test_the_metrics_cover_all_workspaces(server: Server) -> None:
    server.tick_age = timedelta(seconds=42)
    assert server.get("/metrics").headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    metrics = server.get_metrics()
    assert metrics["dlvm_catalogue_age_seconds"] == str(int((NOW - datetime(2026, 4, 10, tzinfo=UTC)).total_seconds()))
    assert (metrics["dlvm_catalogue_verified"], metrics["dlvm_catalogue_pending_review"]) == ("1", "0")
    assert metrics["dlvm_last_tick_age_seconds"] == "42"
    assert {name for name in metrics if name.startswith("dlvm_outbox")} == {
        f'dlvm_outbox_entries{{state="{state.value}"}}' for state in OutboxState
    }
    reminder = Reminder("T1", "C1", "dlvm", "pytorch-2.7", None, date(2026, 11, 25), 0)

    def happened(session: Any) -> None:
        outbox.add(session, reminder, NOW)
        entry = OutboxEntry(1, reminder, date(2026, 11, 25), NOW, OutboxState.PENDING)
        outbox.add_possible_duplicate(session, entry, "lost", NOW)
        sources.set_polling(session, NOW - timedelta(hours=60))

    server.database.run(happened)
    server.tick_age = None
    text = server.get("/metrics").body.decode()
    assert 'dlvm_outbox_entries{state="pending"} 1\n' in text
    assert "dlvm_possible_duplicates_total 1\n" in text
    assert "dlvm_catalogue_verified 0\n" in text
    assert "dlvm_last_tick_age_seconds" not in text
    assert not any(secret in text for secret in ("T1", "C1", "pytorch"))


def test_the_catalogue_age_counts_from_the_last_good_fetch(server: Server) -> None:
    def read(session: Any) -> None:
        sources.set_polling(session, NOW - timedelta(hours=2))
        sources.save_poll_result(session, replace(sources.find(session), last_good_at=NOW - timedelta(minutes=5)))

    server.database.run(read)
    assert server.get_metrics()["dlvm_catalogue_age_seconds"] == "300"
