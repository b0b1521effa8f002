"""One continuous story in a real browser: what a channel lives through with the bot, from first to last."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.sandbox.driver import SandboxDriver

pytestmark = pytest.mark.browser

NEXT = "Jump to the next reminder"


@pytest.fixture
def page(browser: Browser, sandbox: SandboxDriver) -> Iterator[Page]:
    opened = browser.new_page(viewport={"width": 1280, "height": 900})
    opened.set_default_timeout(60_000)
    problems: list[str] = []
    opened.on("pageerror", lambda error: problems.append(str(error)))
    opened.on("dialog", lambda dialog: dialog.accept())
    opened.goto(sandbox.url)
    yield opened
    opened.close()
    assert problems == []


def say(page: Page, text: str) -> None:
    page.fill("#text", text)
    page.press("#text", "Escape")
    page.click("#composer >> text=Send")


def press(within: Page | Locator, name: str) -> None:
    """By what a person sees written on it."""
    within.locator("button").get_by_text(name, exact=True).first.click()


def test_subscribe_receive_decide_migrate_break_and_mend_uninstall_and_return(page: Page) -> None:
    subscribe_by_modal(page)
    receive_acknowledge_and_undo(page)
    give_it_an_owner(page)
    migrate(page)
    look_at_home_then_break_and_mend_the_channel(page)
    uninstall_and_return(page)


def subscribe_by_modal(page: Page) -> None:
    say(page, "/dlvm subscribe")
    form = page.get_by_role("dialog")
    form.get_by_label("Search: Versions").fill("torch 2.7")
    press(form, "Search")
    form.get_by_label("pytorch-2.7: unavailable after").check()
    press(form, "Subscribe")
    expect(form).to_contain_text("dlvm can post there.")
    press(form, "Done")


def receive_acknowledge_and_undo(page: Page) -> None:
    page.get_by_role("button", name=NEXT).click()
    expect(page.get_by_role("heading", name="PyTorch 2.7: 90 days left")).to_be_visible()
    press(page, "Acknowledge")
    expect(page.get_by_text("You can undo this for 10 minutes.")).to_be_visible()
    press(page, "Undo acknowledge")
    expect(page.get_by_text("Reminders about this date resume.")).to_be_visible()
    expect(page.locator("button").get_by_text("Undo acknowledge")).to_have_count(0)


def give_it_an_owner(page: Page) -> None:
    press(page, "Owner")
    form = page.get_by_role("dialog")
    form.get_by_label("ml-oncall").check()
    press(form, "Save")
    expect(form).to_contain_text("@ml-oncall")
    press(form, "Done")
    expect(page.locator("article").first).to_contain_text("Owner: @ml-oncall, assigned by @Ana Ruiz")


def migrate(page: Page) -> None:
    press(page, "We have migrated")
    form = page.get_by_role("dialog")
    expect(form.get_by_label("PyTorch 2.9")).to_be_checked()
    form.get_by_label("Search: Migrated to").fill("2.9")
    press(form, "Search")
    expect(form.get_by_label("PyTorch 2.9")).to_be_checked()
    press(form, "Save")
    expect(form).to_contain_text("migrated to PyTorch 2.9")
    press(form, "Done")
    expect(page.locator("article").first).to_contain_text("no more reminders about PyTorch 2.7")
    say(page, "/dlvm subscriptions")
    expect(page.get_by_text("pytorch-2.9").last).to_be_visible()


def look_at_home_then_break_and_mend_the_channel(page: Page) -> None:
    page.get_by_role("link", name="Home of dlvm").click()
    home = page.get_by_role("region", name="Home")
    expect(home).to_contain_text("PyTorch 2.9")
    page.get_by_role("link", name="ml-training").click()
    press(page, "Remove dlvm")
    page.get_by_role("link", name="Home of dlvm").click()
    expect(home).to_contain_text("Unreachable channels")
    page.get_by_role("link", name="ml-training").click()
    press(page, "Invite dlvm")
    page.get_by_role("link", name="Home of dlvm").click()
    expect(home).not_to_contain_text("Unreachable channels")
    page.get_by_role("link", name="ml-training").click()


def uninstall_and_return(page: Page) -> None:
    say(page, "/dlvm settings weekly on")
    press(page, "Uninstall dlvm")
    expect(page.get_by_text("dlvm is not installed", exact=True)).to_be_visible()
    say(page, "/dlvm subscriptions")
    expect(page.get_by_text("/dlvm is not a valid command")).to_be_visible()
    page.get_by_role("button", name="+1 day").click()
    expect(page.get_by_text("No reminder came on the way")).to_be_visible()
    press(page, "Install dlvm again")
    expect(page.get_by_text("dlvm is installed again.")).to_be_visible()
    say(page, "/dlvm subscriptions")
    expect(page.get_by_role("heading", name="This channel’s subscriptions (2)")).to_be_visible()
    page.get_by_role("button", name=NEXT).click()
    expect(page.get_by_text("1 message posted on the way to Mon 18 Jan 2027.")).to_be_visible()
