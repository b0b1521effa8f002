// Makes the page livelier; everything works without it, only with a reload.
"use strict";

const parts = ["clock", "sidebar", "messages", "front"];
const known = JSON.parse(document.getElementById("known").textContent);
let busy = false;

// To the newest message; to its beginning where it is taller than the window.
function toEnd() {
  if (!document.getElementById("end")) return;
  const log = document.getElementById("messages"), last = [...log.querySelectorAll("article")].at(-1);
  const first = last?.previousElementSibling?.matches(".prompt") ? last.previousElementSibling : last;
  if (first && last.offsetHeight > log.clientHeight - 60) first.scrollIntoView({ block: "start" });
  else document.getElementById("end").scrollIntoView({ block: "end" });
}

function take(html) {
  const fresh = new DOMParser().parseFromString(html, "text/html");
  const log = document.getElementById("messages");
  const atEnd = log.scrollHeight - log.scrollTop - log.clientHeight < 120;
  const grew = fresh.getElementById("messages").children.length > log.children.length;
  const old = document.getElementById("modal"), now = fresh.getElementById("modal");
  const same = old && now && old.dataset.view === now.dataset.view;
  const held = document.activeElement?.id || document.activeElement?.name;
  for (const part of parts) if (part !== "front" || !same) document.getElementById(part).replaceWith(document.importNode(fresh.getElementById(part), true));
  if (same) renew(old, document.importNode(now, true), held);
  document.querySelector(".top").replaceWith(document.importNode(fresh.querySelector(".top"), true));
  document.body.dataset.revision = fresh.body.dataset.revision;
  if (!old) document.querySelector("#modal input:not([type=hidden])")?.focus();
  if (atEnd || grew) toEnd(); else document.getElementById("messages").scrollTop = log.scrollTop;
}

// The modal that was open stays: what is being typed in it is not lost, only what the bot changed is taken over.
function renew(old, now, held) {
  const kept = now.querySelector("[role=alert]") || old.querySelector("h2").textContent !== now.querySelector("h2").textContent;
  if (kept || old.querySelectorAll(".field").length !== now.querySelectorAll(".field").length) {
    old.replaceWith(now);
    (document.getElementById(held) ?? document.getElementsByName(held ?? "")[0])?.focus();
    return;
  }
  for (const list of now.querySelectorAll(".offered")) {
    const was = old.querySelector(`.offered[aria-label="${CSS.escape(list.getAttribute("aria-label"))}"]`);
    for (const box of was.querySelectorAll("input")) {
      const twin = list.querySelector(`input[value="${CSS.escape(box.value)}"]`);
      if (twin) twin.checked = box.checked; else if (box.checked) list.prepend(box.closest("label"));
    }
    was.replaceWith(list);
  }
  for (const drawn of old.querySelectorAll(".drawn")) drawn.remove();
  old.querySelector(".inside").append(...now.querySelectorAll(".drawn"));
}

async function look() {
  if (busy || document.hidden || document.getElementById("modal")) return;
  try {
    const revision = await (await fetch("/revision")).text();
    if (revision !== document.body.dataset.revision && !busy) take(await (await fetch(location.href)).text());
  } catch { /* the sandbox was stopped; the next look may find it again */ }
}

async function send(form, button) {
  const body = new URLSearchParams(new FormData(form));
  if (button?.name) body.set(button.name, button.value);
  busy = true;
  document.body.setAttribute("aria-busy", "true");
  if (button) button.disabled = true;
  try {
    const answer = await fetch(form.action, { method: "POST", body, headers: { accept: "text/html" } });
    if (new URL(answer.url).pathname !== location.pathname) return location.assign(answer.url);
    take(await answer.text());
  } finally {
    busy = false;
    document.body.removeAttribute("aria-busy");
    if (button) button.disabled = false;
  }
}
document.documentElement.classList.add("lively");

document.addEventListener("submit", (event) => {
  event.preventDefault();
  const form = event.target, asked = event.submitter?.dataset.confirm ?? form.dataset.confirm;
  if (asked && !confirm(asked)) return;
  if (form.id === "composer" && !form.text.value.trim()) return;
  const sent = send(form, event.submitter);
  if (form.id === "composer") { form.text.value = ""; offer(); sent.then(toEnd); form.text.focus(); }
});

document.addEventListener("click", (event) => {
  const fill = event.target.closest("[data-fill]");
  if (!fill || !text) return;
  text.value = fill.dataset.fill;
  text.focus();
});

// A search asks while it is typed; fields with a preview show theirs.
let waiting = 0;
document.addEventListener("input", (event) => {
  const form = event.target.closest("#modal");
  const does = event.target.type === "search" ? "search" : event.target.closest("[data-dispatch]") ? "dispatch" : "";
  if (!form || !does) return;
  clearTimeout(waiting);
  waiting = setTimeout(() => send(form, form.querySelector(`button[value="${does}"]`)), 250);
});

// Completion: commands first, then names of versions after a command that takes one.
const text = document.getElementById("text"), offers = document.getElementById("offers");
let chosen = 0;

function matching() {
  const typed = text.value.toLowerCase().replace(/^\s+/, "");
  if (!typed.startsWith("/")) return [];
  const named = typed.match(/^\/dlvm (status|successor|subscribe|unsubscribe) (.*?)([^ ]*)$/);
  if (named) {
    const found = known.names.filter((name) => name.startsWith(named[3]) && name !== named[3]);
    if (named[3] !== "" || found.length) return found.slice(0, 8).map((name) => [`/dlvm ${named[1]} ${named[2]}${name}`, ""]);
  }
  return known.usage.filter(([usage]) => usage.toLowerCase().startsWith(typed) && usage !== typed);
}

function offer() {
  const found = matching();
  chosen = Math.max(0, Math.min(chosen, found.length - 1));
  offers.hidden = !found.length;
  text.setAttribute("aria-expanded", String(!!found.length));
  offers.replaceChildren(...found.map(([usage, meaning], place) => {
    const item = document.createElement("li"), code = document.createElement("code"), said = document.createElement("span");
    item.role = "option"; item.id = `offer-${place}`; item.setAttribute("aria-selected", String(place === chosen));
    code.textContent = usage; said.textContent = meaning; said.className = "quiet";
    item.append(code, said);
    item.addEventListener("mousedown", (event) => { event.preventDefault(); pick(usage); });
    return item;
  }));
  if (found.length) text.setAttribute("aria-activedescendant", `offer-${chosen}`); else text.removeAttribute("aria-activedescendant");
}

function pick(usage) { text.value = usage; chosen = 0; offers.hidden = true; text.setAttribute("aria-expanded", "false"); text.focus(); }

if (text) {
  text.addEventListener("input", () => { chosen = 0; offer(); });
  text.addEventListener("blur", () => { offers.hidden = true; });
  text.addEventListener("keydown", (event) => {
    if (offers.hidden) return;
    const found = matching();
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      chosen = (chosen + (event.key === "ArrowDown" ? 1 : found.length - 1)) % found.length;
      offer(); event.preventDefault();
    } else if (event.key === "Tab") { pick(found[chosen][0]); event.preventDefault(); }
    else if (event.key === "Escape") { offers.hidden = true; }
  });
}
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") document.querySelector('#modal button[value="close"]')?.click();
});

toEnd();
setInterval(look, 1500);
