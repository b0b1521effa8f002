"""Forms and Home in a real browser, with several people, with and without JavaScript."""

import re
import time

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.sandbox.driver import SandboxDriver, send_from_page

pytestmark = pytest.mark.browser


def wait_for_direct_message(page: Page, text: str) -> None:
    """Reload the direct message until it contains a text. Without JavaScript, the page doesn't update."""
    message = page.get_by_text(text)
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        page.get_by_role("link", name=re.compile(r"^@?\s*dlvm(?!-)")).click()
        if message.count():
            return
        page.wait_for_timeout(100)
    expect(message).to_be_visible()


def switch_person(page: Page, name: str) -> None:
    page.get_by_label("You are").select_option(label=name)
    page.get_by_role("button", name="Switch").click()


@pytest.mark.parametrize("page", [True, False], ids=["javascript", "no javascript"], indirect=True)
def test_home_shows_a_broken_and_a_repaired_channel(page: Page) -> None:
    send_from_page(page, "/dlvm subscribe")
    form = page.get_by_role("dialog")
    search = form.get_by_label("Search: Versions")
    search.fill("torch 2.7")
    form.get_by_role("button", name="Search").click()
    form.get_by_label("pytorch-2.7: unavailable after").check()
    search.fill("2.9")
    form.get_by_role("button", name="Search").click()
    expect(form.get_by_label("pytorch-2.7: unavailable after")).to_be_checked()
    form.get_by_label("pytorch-2.9: patches end").check()
    expect(form.get_by_label("Channel")).to_have_value("C0TRAINING")
    form.get_by_label("Schedule").select_option(label="Minimal: 30 7 1 0 passed")
    form.get_by_role("button", name="Subscribe", exact=True).click()
    expect(form).to_contain_text("dlvm can post there.")
    expect(form).to_contain_text("30 days before the last day these images can be used")
    form.get_by_role("button", name="Done").click()
    page.get_by_role("button", name="Remove dlvm").click()
    expect(page.get_by_text("dlvm was removed from the channel by Ana Ruiz")).to_be_visible()
    wait_for_direct_message(page, "dlvm can’t post reminders in")
    page.get_by_role("link", name="ml-training").click()
    for move in ("Jump to the next reminder", "+1 week"):
        page.get_by_role("button", name=move).click()
        expect(page.locator("#clock time")).to_contain_text("Fri 12 Mar" if "Jump" in move else "Fri 19 Mar")
    page.get_by_role("link", name="Home tab").click()
    home = page.get_by_role("region", name="Home")
    expect(home).to_contain_text("PyTorch 2.7")
    expect(home).to_contain_text("Needs a decision")
    expect(home).to_contain_text("Unreachable channels")
    expect(home).to_contain_text("/invite @dlvm")
    page.get_by_role("link", name="ml-training").click()
    page.get_by_role("button", name="Invite dlvm").click()
    expect(page.get_by_text("dlvm is a member", exact=True)).to_be_visible()
    send_from_page(page, "/dlvm subscriptions")
    expect(page.get_by_role("heading", name="This channel’s subscriptions (2)")).to_be_visible()
    page.get_by_role("link", name="Home tab").click()
    expect(home).to_contain_text("PyTorch 2.7")
    expect(home).not_to_contain_text("Unreachable channels")


def test_home_filters_channels_and_changes_settings(page: Page, sandbox: SandboxDriver) -> None:
    sandbox.send("/dlvm subscribe pytorch-2.7", "C0TRAINING")
    sandbox.send("/dlvm subscribe tensorflow", "C0SERVING")
    page.get_by_role("link", name="Home tab").click()
    home = page.get_by_role("region", name="Home")
    home.get_by_label("All channels", exact=True).select_option(label="#ml-training")
    home.get_by_role("button", name="Choose: All channels").click()
    expect(home).not_to_contain_text("TensorFlow 2")
    home.get_by_role("button", name="Settings of #ml-training").click()
    form = page.get_by_role("dialog")
    form.get_by_label("Hour", exact=True).fill("07:15")
    preview = form.get_by_role("button", name="Preview")
    if preview.is_visible():
        preview.click()
    expect(form.get_by_text("Wed 13 Jan 2027, 07:15")).to_be_visible()
    form.get_by_role("button", name="Save").click()
    expect(form.get_by_role("heading", name="Saved")).to_be_visible()
    form.get_by_role("button", name="Done").click()
    expect(home).to_contain_text("PyTorch 2.7")


def test_each_person_sees_their_own_home(page: Page, sandbox: SandboxDriver) -> None:
    sandbox.channel("C0GPU").members.append("U0DLVM")
    sandbox.send("/dlvm subscribe pytorch-2.7", "C0GPU")
    page.get_by_role("link", name="Home tab").click()
    home = page.get_by_role("region", name="Home")
    expect(home).to_contain_text("gpu-budget")
    switch_person(page, "Ben Okafor")
    expect(page.get_by_role("link", name="gpu-budget")).to_have_count(0)
    page.get_by_role("link", name="Home tab").click()
    expect(home).to_contain_text("Your channels have no subscriptions yet")
    expect(home).not_to_contain_text("gpu-budget")
    switch_person(page, "Gita Rao (guest)")
    expect(page.get_by_role("link", name="ml-serving")).to_have_count(0)
    expect(page.get_by_role("link", name="ml-training")).to_have_count(1)


@pytest.mark.parametrize(("width", "height"), [(390, 844), (1280, 800)])
def test_home_and_forms_fit_a_phone_and_a_laptop(
    browser: Browser, sandbox: SandboxDriver, width: int, height: int
) -> None:
    sandbox.send("/dlvm subscribe all")
    sandbox.send("/dlvm subscribe")
    opened = browser.new_page(viewport={"width": width, "height": height})
    for path in ("/home/open", "/c/C0TRAINING"):
        opened.goto(f"{sandbox.url}{path}")
        assert opened.evaluate("document.documentElement.scrollWidth") <= width
        box = opened.locator("#modal").bounding_box()
        assert box is not None
        assert box["x"] >= 0
        assert box["y"] + box["height"] <= height
    opened.close()
