"""Fetching from a server that does as it likes: data comes back, in bounded time and memory, from allowed hosts."""

import asyncio
import gzip
import hashlib
import time
import tracemalloc
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from yarl import URL

from bot.catalogue.http.allowed_hosts import AllowedHosts, look_up_host
from bot.catalogue.http.body import Limits
from bot.catalogue.http.fetcher import Fetcher
from bot.catalogue.http.results import FEED_TYPES, FetchedPage, FetchResult, NotModified, Unavailable
from tests.catalogue import feed_factories
from tests.catalogue.fake_upstream import HOST, FakeUpstream, run_upstream

SMALL = Limits(total_seconds=60, idle_seconds=60, max_bytes=100_000, max_unpacked_bytes=200_000, max_redirects=3)
HASTY = replace(SMALL, total_seconds=0.6, idle_seconds=0.3)


@pytest.fixture(scope="module")
def server() -> Iterator[FakeUpstream]:
    with run_upstream() as upstream:
        yield upstream


@pytest.fixture
def upstream(server: FakeUpstream) -> FakeUpstream:
    server.responders.clear()
    server.requests.clear()
    server.lookups.clear()
    server.addresses = {HOST: ["127.0.0.1"]}
    return server


def fetcher(upstream: FakeUpstream, limits: Limits = SMALL) -> Fetcher:
    return Fetcher(
        "1.2.3", allowed_hosts=AllowedHosts((HOST,), allow_loopback=True), limits=limits, lookup=upstream.lookup
    )


def why(outcome: FetchResult) -> str:
    assert isinstance(outcome, Unavailable), outcome
    return outcome.reason


def test_a_page_comes_with_what_to_send_along_next_time(upstream: FakeUpstream) -> None:
    url = upstream.add_response("/a", "Æ".encode(), etag='"1"', last_modified="Fri, 10 Apr 2026 00:00:00 GMT")
    assert fetcher(upstream).get(url) == FetchedPage(
        text="Æ",
        url=url,
        etag='"1"',
        last_modified="Fri, 10 Apr 2026 00:00:00 GMT",
        content_hash=hashlib.sha256("Æ".encode()).hexdigest(),
    )
    asked = upstream.requests[0].lower()
    assert "user-agent: dlvm/1.2.3 (" in asked
    assert "accept-language: en" in asked
    assert "cookie" not in asked
    assert "if-none-match" not in asked


@pytest.mark.parametrize("kind", ["application/atom+xml; charset=utf-8", "application/xml", "text/xml"])
def test_a_feed_is_taken_where_a_feed_is_asked_for_and_nowhere_else(upstream: FakeUpstream, kind: str) -> None:
    text = feed_factories.build_feed(
        feed_factories.build_entry("May 09, 2023", feed_factories.build_item("Breaking", "Æ"))
    )
    url = upstream.add_response("/feed.xml", text.encode(), content_type=kind)
    outcome = fetcher(upstream).get(upstream.add_redirect("/a", url), content_types=FEED_TYPES)
    assert isinstance(outcome, FetchedPage)
    assert outcome.text == text
    assert "accept: application/atom+xml, " in upstream.requests[0].lower()
    assert "of another kind" in why(fetcher(upstream).get(url))
    assert "of another kind" in why(fetcher(upstream).get(upstream.add_response("/page"), content_types=FEED_TYPES))


def test_a_page_that_is_the_same_is_not_sent_again(upstream: FakeUpstream) -> None:
    url = upstream.add_response("/a", status="304 Not Modified")
    assert fetcher(upstream).get(url, etag='"1"', last_modified="then") == NotModified(url)
    assert 'if-none-match: "1"' in upstream.requests[0].lower()
    assert "if-modified-since: then" in upstream.requests[0].lower()
    assert why(fetcher(upstream).get(url)) == "the server answered 304"


def test_redirects_within_the_hosts_are_followed(upstream: FakeUpstream) -> None:
    upstream.addresses[f"new.{HOST}"] = ["127.0.0.1"]
    last = upstream.add_response("/c", b"here").replace(HOST, f"new.{HOST}")
    upstream.add_redirect("/b", last)
    outcome = fetcher(upstream).get(upstream.add_redirect("/a", "/b"))
    assert isinstance(outcome, FetchedPage)
    assert (outcome.text, outcome.url) == ("here", last)


@pytest.mark.parametrize(
    ("target", "reason"),
    [
        ("http://169.254.169.254/computeMetadata/v1/", "another host, “169.254.169.254”"),
        ("http://127.0.0.1:{port}/secret", "another host, “127.0.0.1”"),
        ("http://[::1]:{port}/secret", "another host, “::1”"),
        ("http://2130706433/", "another host"),
        ("http://localhost/", "another host"),
        ("file:///etc/passwd", "which is not HTTPS"),
        ("ftp://docs.example.test/", "which is not HTTPS"),
        ("https://example.org/", "another host, “example.org”"),
        ("//example.org/", "another host, “example.org”"),
        ("https://docs.example.test.example.org/", "another host"),
        ("https://notdocs.example.test/", "another host"),
        ("https://docs.example.test@example.org/", "another host"),
        ("http://me:secret@docs.example.test:{port}/secret", "a name or a password"),
        ("http://private.docs.example.test:{port}/secret", "not public, 10.0.0.1"),
        ("http://mixed.docs.example.test:{port}/secret", "not public, fd00::1"),
        ("http://nowhere.docs.example.test/", "no connection"),
        ("http://empty.docs.example.test/", "has no address"),
        ("/loop", "leads on more than 3 times"),
        ("http://docs.example.test:99999/", "makes no sense"),
        ("", "leads on more than 3 times"),
    ],
)
def test_no_redirect_leads_anywhere_else(upstream: FakeUpstream, target: str, reason: str) -> None:
    upstream.add_response("/secret", b"secret")
    upstream.add_redirect("/loop", "/loop")
    upstream.addresses |= {
        f"private.{HOST}": ["10.0.0.1"], f"mixed.{HOST}": ["127.0.0.1", "fd00::1"], f"empty.{HOST}": [],
    }  # fmt: skip
    url = upstream.add_redirect("/a", target.format(port=upstream.port))
    assert reason in why(fetcher(upstream).get(url))
    assert not any("/secret" in asked for asked in upstream.requests)


def test_the_address_that_was_judged_is_the_one_that_is_asked(upstream: FakeUpstream) -> None:
    answers = iter([["127.0.0.1"], ["10.0.0.1"]])

    async def changing(host: str, port: int) -> list[str]:
        return next(answers)

    changeable = Fetcher("1", allowed_hosts=AllowedHosts((HOST,), allow_loopback=True), limits=SMALL, lookup=changing)
    assert isinstance(changeable.get(upstream.add_response("/a", b"page")), FetchedPage)
    assert next(answers) == ["10.0.0.1"], "one connection, one look at the names"


@pytest.mark.parametrize(
    ("address", "is_allowed"),
    [
        ("142.250.1.1", True), ("2a00:1450:4001:80b::200e", True), ("::ffff:142.250.1.1", True),
        ("10.0.0.1", False), ("172.16.0.1", False), ("192.168.1.1", False), ("127.0.0.1", False), ("0.0.0.0", False),  # noqa: S104 - refused
        ("169.254.169.254", False), ("100.64.0.1", False), ("224.0.0.1", False), ("240.0.0.1", False),
        ("255.255.255.255", False), ("192.0.2.1", False), ("198.18.0.1", False),
        ("::1", False), ("::", False), ("fe80::1%eth0", False), ("fc00::1", False), ("fec0::1", False),
        ("ff02::1", False), ("2001:db8::1", False), ("::ffff:10.0.0.1", False), ("2002:a00:1::", False),
        ("64:ff9b::a9fe:a9fe", False), ("64:ff9b::8efa:101", True), ("2001:0:808:808:0:0:f5ff:fffe", False),
    ],
)  # fmt: skip
def test_only_public_addresses_are_asked(address: str, is_allowed: bool) -> None:
    assert AllowedHosts().allows_address(address) is is_allowed


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("https://docs.cloud.google.com/deep-learning-vm/docs/images", ""),
        ("https://CLOUD.google.com./feeds/x.xml", ""),
        ("http://docs.cloud.google.com/", "which is not HTTPS"),
        ("https://docs.cloud.google.com:8443/", "port 8443"),
        ("https://google.com/", "another host"),
        ("https://evilcloud.google.com.example.org/", "another host"),
    ],
)
def test_production_asks_google_cloud_over_https_alone(url: str, reason: str) -> None:
    refusal = AllowedHosts().check_url(URL(url))
    assert reason in refusal
    assert bool(reason) is bool(refusal)


def test_a_bare_address_is_judged_like_a_name() -> None:
    assert "not public" in AllowedHosts(("10.0.0.1",)).check_url(URL("https://10.0.0.1/"))
    assert AllowedHosts(("142.250.1.1",)).check_url(URL("https://142.250.1.1/")) == ""


def test_names_are_looked_up_by_this_machine() -> None:
    assert set(asyncio.run(look_up_host("localhost", 80))) <= {"127.0.0.1", "::1"}


TARGETS = st.one_of(
    st.text(max_size=40),
    st.ip_addresses().map(lambda address: f"http://[{address}]/" if address.version == 6 else f"http://{address}/"),
    st.from_regex(r"(https?|file|gopher|data):(//)?[a-z0-9.@:%\\\[\]-]{0,30}(docs\.example\.test)?[/:@?#\\]{0,3}[a-z0-9.]{0,9}",
                  fullmatch=True),
    st.sampled_from(["http", "https", "", "HTTP"]).flatmap(
        lambda scheme: st.text("docs.exampleTST@:/\\#?%2e1[]", max_size=40).map(lambda rest: f"{scheme}://{rest}")
    ),
)  # fmt: skip


@settings(
    max_examples=150, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(TARGETS)
def test_wherever_a_redirect_leads_only_allowed_hosts_are_looked_up(upstream: FakeUpstream, target: str) -> None:
    upstream.lookups.clear()
    visible = target.encode("latin-1", "replace").decode("latin-1").translate({13: 32, 10: 32, 0: 32})
    outcome = fetcher(upstream).get(upstream.add_redirect("/a", visible))
    assert isinstance(outcome, Unavailable)
    assert all(host == HOST or host.endswith(f".{HOST}") for host in upstream.lookups), target


@pytest.mark.parametrize(
    ("status", "headers", "body", "reason"),
    [
        ("404 Not Found", {}, b"", "the server answered 404"),
        ("503 Busy", {}, b"", "the server answered 503"),
        ("200 OK", {"content_type": "application/pdf"}, b"x", "of another kind, “application/pdf”"),
        ("200 OK", {"content_type": ""}, b"x", "of another kind"),
        ("200 OK", {"content_encoding": "br"}, b"x", "packed in a way that was not asked for, “br”"),
        ("200 OK", {"content_encoding": "gzip"}, b"not gzip", "can't be unpacked"),
        ("200 OK", {"content_encoding": "gzip"}, gzip.compress(b"page", mtime=0)[:-6], "cut off"),
        ("200 OK", {"content_encoding": "gzip"}, gzip.compress(b"0" * 50_000_000, mtime=0), "more than 200,000"),
        ("200 OK", {}, b"x" * 100_001, "larger than 100,000 bytes"),
        ("200 OK", {}, b"\xff\xfe\xfa", "not text in the encoding it says"),
        ("200 OK", {"content_type": "text/html; charset=klingon"}, b"x", "not text in the encoding it says"),
        ("200 OK", {"content_length": "50"}, b"short", "hung up"),
        ("200 OK", {"content_length": "many"}, b"x", "makes no sense"),
        ("2OO OK", {}, b"", "makes no sense"),
        ("200 OK", {"x_long": "y" * 20_000}, b"", "makes no sense"),
    ],
)  # fmt: skip
def test_what_the_server_does_is_data(
    upstream: FakeUpstream, status: str, headers: dict[str, str], body: bytes, reason: str
) -> None:
    assert reason in why(fetcher(upstream).get(upstream.add_response("/a", body, status=status, **headers)))


def test_a_packed_page_is_unpacked_and_a_feed_is_asked_for_by_its_kind(upstream: FakeUpstream) -> None:
    url = upstream.add_response(
        "/a", gzip.compress(b"<feed/>"), content_encoding="gzip", content_type="application/xml"
    )
    outcome = fetcher(upstream).get(url, content_types=FEED_TYPES)
    assert isinstance(outcome, FetchedPage)
    assert outcome.text == "<feed/>"
    assert "accept: application/atom+xml, application/xml" in upstream.requests[0].lower()


def test_a_server_that_hangs_up_or_is_not_there_is_data(upstream: FakeUpstream) -> None:
    assert "hung up" in why(fetcher(upstream).get(upstream.url("/unanswered")))
    closed = upstream.url("/").replace(str(upstream.port), "1")
    assert "no connection" in why(fetcher(upstream).get(closed))
    assert "not HTTPS" in why(fetcher(upstream).get("no address at all"))


def test_silence_and_a_slow_drip_are_given_up(upstream: FakeUpstream) -> None:
    async def silent(writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(60)

    async def dripping(writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: 1000\r\n\r\n")
        for _ in range(900):
            writer.write(b"x")
            await writer.drain()
            await asyncio.sleep(0.05)

    upstream.responders |= {"/silent": silent, "/dripping": dripping}
    for path in ("/silent", "/dripping"):
        started = time.perf_counter()
        assert "nothing came in 0.3 seconds" in why(fetcher(upstream, HASTY).get(upstream.url(path)))
        assert time.perf_counter() - started < 30


def test_who_is_asked_to_end_breaks_off_what_is_under_way_and_begins_nothing_more(upstream: FakeUpstream) -> None:
    patient = fetcher(upstream)

    async def silent(_: asyncio.StreamWriter) -> None:
        patient.stop()  # the request is here, and its answer would never come
        await asyncio.sleep(30)

    upstream.responders["/silent"] = silent
    assert why(patient.get(upstream.url("/silent"))) == "dlvm was asked to end"
    assert why(patient.get(upstream.add_response("/page"))) == "dlvm was asked to end"
    assert len(upstream.requests) == 1


def test_a_stream_of_200_megabytes_is_hung_up_on(upstream: FakeUpstream) -> None:
    sent = 0

    async def pouring(writer: asyncio.StreamWriter) -> None:
        nonlocal sent
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: text/html\r\n\r\n")
        while sent < 200_000_000:
            writer.write(b"x" * 100_000)
            sent += 100_000
            await writer.drain()

    upstream.responders["/a"] = pouring
    tracemalloc.start()
    assert "larger than 100,000 bytes" in why(fetcher(upstream).get(upstream.url("/a")))
    assert tracemalloc.get_traced_memory()[1] < 10_000_000
    tracemalloc.stop()
    assert sent < 100_000_000
