"""A channel's whole life with the bot, in one session of a real browser."""

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.sandbox.driver import send_from_page

pytestmark = pytest.mark.browser

NEXT_REMINDER = "Jump to the next reminder"


def press(container: Page | Locator, name: str) -> None:
    """Click a button by its visible text."""
    container.locator("button").get_by_text(name, exact=True).first.click()


def test_a_channel_goes_through_every_stage(page: Page) -> None:
    page.on("dialog", lambda dialog: dialog.accept())
    subscribe_with_a_form(page)
    acknowledge_and_undo(page)
    name_an_owner(page)
    migrate(page)
    break_and_repair_the_channel(page)
    uninstall_and_reinstall(page)


def subscribe_with_a_form(page: Page) -> None:
    send_from_page(page, "/dlvm subscribe")
    form = page.get_by_role("dialog")
    form.get_by_label("Search: Versions").fill("torch 2.7")
    press(form, "Search")
    form.get_by_label("pytorch-2.7: unavailable after").check()
    press(form, "Subscribe")
    expect(form).to_contain_text("dlvm can post there.")
    press(form, "Done")


def acknowledge_and_undo(page: Page) -> None:
    page.get_by_role("button", name=NEXT_REMINDER).click()
    expect(page.get_by_role("heading", name="PyTorch 2.7: 90 days left")).to_be_visible()
    press(page, "Acknowledge")
    expect(page.get_by_text("You can undo this for 10 minutes.")).to_be_visible()
    press(page, "Undo acknowledge")
    expect(page.get_by_text("Reminders about this date resume.")).to_be_visible()
    expect(page.locator("button").get_by_text("Undo acknowledge")).to_have_count(0)


def name_an_owner(page: Page) -> None:
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
    send_from_page(page, "/dlvm subscriptions")
    expect(page.get_by_text("pytorch-2.9").last).to_be_visible()


def break_and_repair_the_channel(page: Page) -> None:
    page.get_by_role("link", name="Home tab").click()
    home = page.get_by_role("region", name="Home")
    expect(home).to_contain_text("PyTorch 2.9")
    page.get_by_role("link", name="ml-training").click()
    press(page, "Remove dlvm")
    page.get_by_role("link", name="Home tab").click()
    expect(home).to_contain_text("Unreachable channels")
    page.get_by_role("link", name="ml-training").click()
    press(page, "Invite dlvm")
    page.get_by_role("link", name="Home tab").click()
    expect(home).not_to_contain_text("Unreachable channels")
    page.get_by_role("link", name="ml-training").click()


def uninstall_and_reinstall(page: Page) -> None:
    send_from_page(page, "/dlvm settings weekly on")
    press(page, "Uninstall dlvm")
    expect(page.get_by_text("dlvm isn’t installed", exact=True)).to_be_visible()
    send_from_page(page, "/dlvm subscriptions")
    expect(page.get_by_text("/dlvm is not a valid command")).to_be_visible()
    page.get_by_role("button", name="+1 day").click()
    expect(page.get_by_text("No messages were posted.")).to_be_visible()
    press(page, "Reinstall dlvm")
    expect(page.get_by_text("dlvm reinstalled.")).to_be_visible()
    send_from_page(page, "/dlvm subscriptions")
    expect(page.get_by_role("heading", name="This channel’s subscriptions (2)")).to_be_visible()
    page.get_by_role("button", name=NEXT_REMINDER).click()
    expect(page.get_by_text("It’s now Mon 18 Jan 2027. 1 message was posted.")).to_be_visible()
