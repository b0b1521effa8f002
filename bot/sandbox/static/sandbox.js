// Updates the page without reloads. Everything works without it, with reloads.
"use strict";

const PARTS = ["clock", "sidebar", "messages", "modal-root"];
const completions = JSON.parse(document.getElementById("completions").textContent);
let isBusy = false;

// Scroll to the newest message, or to its start if it is taller than the window.
function scrollToEnd() {
  if (!document.getElementById("end")) return;
  const log = document.getElementById("messages"), last = [...log.querySelectorAll("article")].at(-1);
  const start = last?.previousElementSibling?.matches(".prompt") ? last.previousElementSibling : last;
  if (start && last.offsetHeight > log.clientHeight - 60) start.scrollIntoView({ block: "start" });
  else document.getElementById("end").scrollIntoView({ block: "end" });
}

function updatePage(html) {
  const fresh = new DOMParser().parseFromString(html, "text/html");
  const log = document.getElementById("messages");
  const wasAtEnd = log.scrollHeight - log.scrollTop - log.clientHeight < 120;
  const hasGrown = fresh.getElementById("messages").children.length > log.children.length;
  const oldModal = document.getElementById("modal"), newModal = fresh.getElementById("modal");
  const isSameModal = oldModal && newModal && oldModal.dataset.view === newModal.dataset.view;
  const focused = document.activeElement?.id || document.activeElement?.name;
  for (const id of PARTS) {
    if (id === "modal-root" && isSameModal) continue;
    document.getElementById(id).replaceWith(document.importNode(fresh.getElementById(id), true));
  }
  if (isSameModal) updateModal(oldModal, document.importNode(newModal, true), focused);
  document.querySelector(".channel-header").replaceWith(document.importNode(fresh.querySelector(".channel-header"), true));
  document.body.dataset.revision = fresh.body.dataset.revision;
  if (!oldModal) document.querySelector("#modal input:not([type=hidden])")?.focus();
  if (wasAtEnd || hasGrown) scrollToEnd(); else document.getElementById("messages").scrollTop = log.scrollTop;
}

// Keep the open modal and its input, and take over only what the bot changed.
function updateModal(oldModal, newModal, focused) {
  const hasError = newModal.querySelector("[role=alert]");
  const hasNewTitle = oldModal.querySelector("h2").textContent !== newModal.querySelector("h2").textContent;
  const hasNewFields = oldModal.querySelectorAll(".field").length !== newModal.querySelectorAll(".field").length;
  if (hasError || hasNewTitle || hasNewFields) {
    oldModal.replaceWith(newModal);
    (document.getElementById(focused) ?? document.getElementsByName(focused ?? "")[0])?.focus();
    return;
  }
  for (const newOptions of newModal.querySelectorAll(".options")) {
    const label = CSS.escape(newOptions.getAttribute("aria-label"));
    const oldOptions = oldModal.querySelector(`.options[aria-label="${label}"]`);
    for (const input of oldOptions.querySelectorAll("input")) {
      const newInput = newOptions.querySelector(`input[value="${CSS.escape(input.value)}"]`);
      if (newInput) newInput.checked = input.checked; else if (input.checked) newOptions.prepend(input.closest("label"));
    }
    oldOptions.replaceWith(newOptions);
  }
  for (const block of oldModal.querySelectorAll(".modal-block")) block.remove();
  oldModal.querySelector(".modal-body").append(...newModal.querySelectorAll(".modal-block"));
}

async function poll() {
  if (isBusy || document.hidden || document.getElementById("modal")) return;
  try {
    const revision = await (await fetch("/revision")).text();
    if (revision !== document.body.dataset.revision && !isBusy) updatePage(await (await fetch(location.href)).text());
  } catch { /* the sandbox was stopped, and might be started again */ }
}

async function send(form, button) {
  const body = new URLSearchParams(new FormData(form));
  if (button?.name) body.set(button.name, button.value);
  isBusy = true;
  document.body.setAttribute("aria-busy", "true");
  if (button) button.disabled = true;
  try {
    const response = await fetch(form.action, { method: "POST", body, headers: { accept: "text/html" } });
    if (new URL(response.url).pathname !== location.pathname) return location.assign(response.url);
    updatePage(await response.text());
  } finally {
    isBusy = false;
    document.body.removeAttribute("aria-busy");
    if (button) button.disabled = false;
  }
}
document.documentElement.classList.add("has-js");

document.addEventListener("submit", (event) => {
  event.preventDefault();
  const form = event.target, question = event.submitter?.dataset.confirm ?? form.dataset.confirm;
  if (question && !confirm(question)) return;
  if (form.id === "composer" && !form.text.value.trim()) return;
  const sending = send(form, event.submitter);
  if (form.id === "composer") { form.text.value = ""; showSuggestions(); sending.then(scrollToEnd); form.text.focus(); }
});

document.addEventListener("click", (event) => {
  const example = event.target.closest("[data-fill]");
  if (!example || !composer) return;
  composer.value = example.dataset.fill;
  composer.focus();
});

// Search while the person types, and preview fields that ask for it.
let sendTimer = 0;
document.addEventListener("input", (event) => {
  const form = event.target.closest("#modal");
  const action = event.target.type === "search" ? "search" : event.target.closest("[data-dispatch]") ? "dispatch" : "";
  if (!form || !action) return;
  clearTimeout(sendTimer);
  sendTimer = setTimeout(() => send(form, form.querySelector(`button[value="${action}"]`)), 250);
});

// Complete commands, and version names after a command that takes one.
const composer = document.getElementById("text"), suggestions = document.getElementById("suggestions");
let selectedIndex = 0;

function findSuggestions() {
  const typed = composer.value.toLowerCase().replace(/^\s+/, "");
  if (!typed.startsWith("/")) return [];
  const parts = typed.match(/^\/dlvm (status|successor|subscribe|unsubscribe) (.*?)([^ ]*)$/);
  if (parts) {
    const [, command, earlier, prefix] = parts;
    const versions = completions.versions.filter((name) => name.startsWith(prefix) && name !== prefix);
    if (prefix !== "" || versions.length) return versions.slice(0, 8).map((name) => [`/dlvm ${command} ${earlier}${name}`, ""]);
  }
  return completions.commands.filter(([command]) => command.toLowerCase().startsWith(typed) && command !== typed);
}

function showSuggestions() {
  const found = findSuggestions();
  selectedIndex = Math.max(0, Math.min(selectedIndex, found.length - 1));
  suggestions.hidden = !found.length;
  composer.setAttribute("aria-expanded", String(!!found.length));
  suggestions.replaceChildren(...found.map(([command, description], index) => {
    const item = document.createElement("li"), code = document.createElement("code"), label = document.createElement("span");
    item.role = "option"; item.id = `suggestion-${index}`; item.setAttribute("aria-selected", String(index === selectedIndex));
    code.textContent = command; label.textContent = description; label.className = "muted";
    item.append(code, label);
    item.addEventListener("mousedown", (event) => { event.preventDefault(); complete(command); });
    return item;
  }));
  if (found.length) composer.setAttribute("aria-activedescendant", `suggestion-${selectedIndex}`);
  else composer.removeAttribute("aria-activedescendant");
}

function complete(command) {
  composer.value = command;
  selectedIndex = 0;
  suggestions.hidden = true;
  composer.setAttribute("aria-expanded", "false");
  composer.focus();
}

if (composer) {
  composer.addEventListener("input", () => { selectedIndex = 0; showSuggestions(); });
  composer.addEventListener("blur", () => { suggestions.hidden = true; });
  composer.addEventListener("keydown", (event) => {
    if (suggestions.hidden) return;
    const found = findSuggestions();
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      selectedIndex = (selectedIndex + (event.key === "ArrowDown" ? 1 : found.length - 1)) % found.length;
      showSuggestions(); event.preventDefault();
    } else if (event.key === "Tab") { complete(found[selectedIndex][0]); event.preventDefault(); }
    else if (event.key === "Escape") { suggestions.hidden = true; }
  });
}
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") document.querySelector('#modal button[value="close"]')?.click();
});

scrollToEnd();
setInterval(poll, 1500);
