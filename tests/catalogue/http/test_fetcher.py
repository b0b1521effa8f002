"""Fetches from a misbehaving server: bounded in time and memory, from allowed hosts only, without exceptions."""

import asyncio
import gzip
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
IMPATIENT = replace(SMALL, total_seconds=0.6, idle_seconds=0.3)


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


def build_fetcher(upstream: FakeUpstream, limits: Limits = SMALL) -> Fetcher:
    return Fetcher(
        "1.2.3", allowed_hosts=AllowedHosts((HOST,), allow_loopback=True), limits=limits, lookup=upstream.lookup
    )


def get_reason(result: FetchResult) -> str:
    assert isinstance(result, Unavailable), result
    return result.reason


def test_fetched_page_has_validators_and_sends_no_cookies(upstream: FakeUpstream) -> None:
    url = upstream.add_response("/a", "Æ".encode(), etag='"1"', last_modified="Fri, 10 Apr 2026 00:00:00 GMT")
    assert build_fetcher(upstream).get(url) == FetchedPage(
        text="Æ",
        url=url,
        etag='"1"',
        last_modified="Fri, 10 Apr 2026 00:00:00 GMT",
    )
    request = upstream.requests[0].lower()
    assert "user-agent: dlvm/1.2.3 (" in request
    assert "accept-language: en" in request
    assert "cookie" not in request
    assert "if-none-match" not in request


@pytest.mark.parametrize("kind", ["application/atom+xml; charset=utf-8", "application/xml", "text/xml"])
def test_feed_is_accepted_only_if_a_feed_is_requested(upstream: FakeUpstream, kind: str) -> None:
    text = feed_factories.build_feed(
        feed_factories.build_entry("May 09, 2023", feed_factories.build_item("Breaking", "Æ"))
    )
    url = upstream.add_response("/feed.xml", text.encode(), content_type=kind)
    result = build_fetcher(upstream).get(upstream.add_redirect("/a", url), content_types=FEED_TYPES)
    assert isinstance(result, FetchedPage)
    assert result.text == text
    assert "accept: application/atom+xml, " in upstream.requests[0].lower()
    assert "unexpected content type" in get_reason(build_fetcher(upstream).get(url))
    assert "unexpected content type" in get_reason(
        build_fetcher(upstream).get(upstream.add_response("/page"), content_types=FEED_TYPES)
    )


def test_unchanged_page_gives_not_modified(upstream: FakeUpstream) -> None:
    url = upstream.add_response("/a", status="304 Not Modified")
    assert build_fetcher(upstream).get(url, etag='"1"', last_modified="then") == NotModified(url)
    assert 'if-none-match: "1"' in upstream.requests[0].lower()
    assert "if-modified-since: then" in upstream.requests[0].lower()
    assert get_reason(build_fetcher(upstream).get(url)) == "the server answered 304"


def test_redirects_within_allowed_hosts_are_followed(upstream: FakeUpstream) -> None:
    upstream.addresses[f"new.{HOST}"] = ["127.0.0.1"]
    last = upstream.add_response("/c", b"arrived").replace(HOST, f"new.{HOST}")
    upstream.add_redirect("/b", last)
    result = build_fetcher(upstream).get(upstream.add_redirect("/a", "/b"))
    assert isinstance(result, FetchedPage)
    assert (result.text, result.url) == ("arrived", last)


@pytest.mark.parametrize(
    ("target", "reason"),
    [
        ("http://169.254.169.254/computeMetadata/v1/", "host “169.254.169.254” isn’t allowed"),
        ("http://127.0.0.1:{port}/secret", "host “127.0.0.1” isn’t allowed"),
        ("http://[::1]:{port}/secret", "host “::1” isn’t allowed"),
        ("http://2130706433/", "isn’t allowed"),
        ("http://localhost/", "isn’t allowed"),
        ("file:///etc/passwd", "isn’t an HTTPS address"),
        ("ftp://docs.example.test/", "isn’t an HTTPS address"),
        ("https://example.org/", "host “example.org” isn’t allowed"),
        ("//example.org/", "host “example.org” isn’t allowed"),
        ("https://docs.example.test.example.org/", "isn’t allowed"),
        ("https://notdocs.example.test/", "isn’t allowed"),
        ("https://docs.example.test@example.org/", "isn’t allowed"),
        ("http://me:secret@docs.example.test:{port}/secret", "a user name or password"),
        ("http://private.docs.example.test:{port}/secret", "10.0.0.1, which isn’t a public address"),
        ("http://mixed.docs.example.test:{port}/secret", "fd00::1, which isn’t a public address"),
        ("http://nowhere.docs.example.test/", "connection failed"),
        ("http://empty.docs.example.test/", "has no address"),
        ("/loop", "more than 3 redirects"),
        ("http://docs.example.test:99999/", "invalid response"),
        ("", "more than 3 redirects"),
    ],
)
def test_redirects_to_disallowed_addresses_are_not_followed(upstream: FakeUpstream, target: str, reason: str) -> None:
    upstream.add_response("/secret", b"secret")
    upstream.add_redirect("/loop", "/loop")
    upstream.addresses |= {
        f"private.{HOST}": ["10.0.0.1"], f"mixed.{HOST}": ["127.0.0.1", "fd00::1"], f"empty.{HOST}": [],
    }  # fmt: skip
    url = upstream.add_redirect("/a", target.format(port=upstream.port))
    assert reason in get_reason(build_fetcher(upstream).get(url))
    assert not any("/secret" in request for request in upstream.requests)


def test_connection_goes_to_the_checked_address(upstream: FakeUpstream) -> None:
    results = iter([["127.0.0.1"], ["10.0.0.1"]])

    async def changing_lookup(host: str, port: int) -> list[str]:
        return next(results)

    rebound_fetcher = Fetcher(
        "1", allowed_hosts=AllowedHosts((HOST,), allow_loopback=True), limits=SMALL, lookup=changing_lookup
    )
    assert isinstance(rebound_fetcher.get(upstream.add_response("/a", b"page")), FetchedPage)
    assert next(results) == ["10.0.0.1"], "one lookup per connection"


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
def test_only_public_addresses_are_allowed(address: str, is_allowed: bool) -> None:
    assert AllowedHosts().allows_address(address) is is_allowed


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("https://docs.cloud.google.com/deep-learning-vm/docs/images", ""),
        ("https://CLOUD.google.com./feeds/x.xml", ""),
        ("http://docs.cloud.google.com/", "isn’t an HTTPS address"),
        ("https://docs.cloud.google.com:8443/", "port 8443 isn’t allowed"),
        ("https://google.com/", "isn’t allowed"),
        ("https://evilcloud.google.com.example.org/", "isn’t allowed"),
    ],
)
def test_default_allows_only_google_cloud_over_https(url: str, reason: str) -> None:
    refusal = AllowedHosts().check_url(URL(url))
    assert reason in refusal
    assert bool(reason) is bool(refusal)


def test_ip_address_in_url_has_to_be_public() -> None:
    assert "isn’t a public address" in AllowedHosts(("10.0.0.1",)).check_url(URL("https://10.0.0.1/"))
    assert AllowedHosts(("142.250.1.1",)).check_url(URL("https://142.250.1.1/")) == ""


def test_default_lookup_uses_the_system_resolver() -> None:
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
def test_only_allowed_hosts_are_looked_up_for_any_redirect(upstream: FakeUpstream, target: str) -> None:
    upstream.lookups.clear()
    header = target.encode("latin-1", "replace").decode("latin-1").translate({13: 32, 10: 32, 0: 32})
    result = build_fetcher(upstream).get(upstream.add_redirect("/a", header))
    assert isinstance(result, Unavailable)
    assert all(host == HOST or host.endswith(f".{HOST}") for host in upstream.lookups), target


@pytest.mark.parametrize(
    ("status", "headers", "body", "reason"),
    [
        ("404 Not Found", {}, b"", "the server answered 404"),
        ("503 Busy", {}, b"", "the server answered 503"),
        ("200 OK", {"content_type": "application/pdf"}, b"x", "unexpected content type “application/pdf”"),
        ("200 OK", {"content_type": ""}, b"x", "unexpected content type"),
        ("200 OK", {"content_encoding": "br"}, b"x", "unsupported content encoding “br”"),
        ("200 OK", {"content_encoding": "gzip"}, b"not gzip", "can’t be decompressed"),
        ("200 OK", {"content_encoding": "gzip"}, gzip.compress(b"page", mtime=0)[:-6], "truncated"),
        ("200 OK", {"content_encoding": "gzip"}, gzip.compress(b"0" * 50_000_000, mtime=0), "more than 200,000"),
        ("200 OK", {}, b"x" * 100_001, "larger than 100,000 bytes"),
        ("200 OK", {}, b"\xff\xfe\xfa", "doesn’t match its declared encoding"),
        ("200 OK", {"content_type": "text/html; charset=klingon"}, b"x", "doesn’t match its declared encoding"),
        ("200 OK", {"content_length": "50"}, b"short", "closed the connection"),
        ("200 OK", {"content_length": "many"}, b"x", "invalid response"),
        ("2OO OK", {}, b"", "invalid response"),
        ("200 OK", {"x_long": "y" * 20_000}, b"", "invalid response"),
    ],
)  # fmt: skip
def test_bad_responses_give_unavailable_with_a_reason(
    upstream: FakeUpstream, status: str, headers: dict[str, str], body: bytes, reason: str
) -> None:
    assert reason in get_reason(
        build_fetcher(upstream).get(upstream.add_response("/a", body, status=status, **headers))
    )


def test_gzip_feed_is_decompressed(upstream: FakeUpstream) -> None:
    url = upstream.add_response(
        "/a", gzip.compress(b"<feed/>"), content_encoding="gzip", content_type="application/xml"
    )
    result = build_fetcher(upstream).get(url, content_types=FEED_TYPES)
    assert isinstance(result, FetchedPage)
    assert result.text == "<feed/>"
    assert "accept: application/atom+xml, application/xml" in upstream.requests[0].lower()


def test_failed_connections_give_unavailable_with_a_reason(upstream: FakeUpstream) -> None:
    assert "closed the connection" in get_reason(build_fetcher(upstream).get(upstream.url("/unanswered")))
    closed_port = upstream.url("/").replace(str(upstream.port), "1")
    assert "connection failed" in get_reason(build_fetcher(upstream).get(closed_port))
    assert "isn’t an HTTPS address" in get_reason(build_fetcher(upstream).get("no address"))


def test_silent_and_slow_servers_time_out(upstream: FakeUpstream) -> None:
    async def stay_silent(writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(60)

    async def drip(writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: 1000\r\n\r\n")
        for _ in range(900):
            writer.write(b"x")
            await writer.drain()
            await asyncio.sleep(0.05)

    upstream.responders |= {"/silent": stay_silent, "/dripping": drip}
    for path in ("/silent", "/dripping"):
        started = time.perf_counter()
        assert "no data for 0.3 seconds" in get_reason(build_fetcher(upstream, IMPATIENT).get(upstream.url(path)))
        assert time.perf_counter() - started < 30


def test_stop_cancels_running_fetches_and_refuses_new_ones(upstream: FakeUpstream) -> None:
    stopped_fetcher = build_fetcher(upstream)

    async def stay_silent(_: asyncio.StreamWriter) -> None:
        stopped_fetcher.stop()  # the request has arrived, and no response follows
        await asyncio.sleep(30)

    upstream.responders["/silent"] = stay_silent
    assert get_reason(stopped_fetcher.get(upstream.url("/silent"))) == "dlvm is shutting down"
    assert get_reason(stopped_fetcher.get(upstream.add_response("/page"))) == "dlvm is shutting down"
    assert len(upstream.requests) == 1


def test_endless_response_is_aborted_at_the_size_limit(upstream: FakeUpstream) -> None:
    sent = 0

    async def pour(writer: asyncio.StreamWriter) -> None:
        nonlocal sent
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: text/html\r\n\r\n")
        while sent < 200_000_000:
            writer.write(b"x" * 100_000)
            sent += 100_000
            await writer.drain()

    upstream.responders["/a"] = pour
    tracemalloc.start()
    assert "larger than 100,000 bytes" in get_reason(build_fetcher(upstream).get(upstream.url("/a")))
    assert tracemalloc.get_traced_memory()[1] < 10_000_000
    tracemalloc.stop()
    assert sent < 100_000_000
