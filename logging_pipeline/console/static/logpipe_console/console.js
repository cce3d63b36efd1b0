/* Comfort only: every page works without this script. */
"use strict";

const drawer = document.getElementById("drawer");
const opens = [...document.querySelectorAll("a.open")];
let opened = null; // the link whose event the drawer shows

async function open(link) {
  const answer = await fetch(link.href, { headers: { "X-Logpipe-Part": "event" } }).catch(() => null);
  if (!answer || !answer.ok || answer.redirected) {
    location.assign(link.href); // the page itself says what is wrong, or asks to log in
    return;
  }
  const part = new DOMParser().parseFromString(await answer.text(), "text/html");
  mark(null);
  drawer.replaceChildren(...part.body.childNodes);
  equip(drawer);
  drawer.hidden = false;
  drawer.scrollTop = 0;
  mark(link);
  drawer.focus({ preventScroll: true });
}

function close() {
  drawer.hidden = true;
  drawer.replaceChildren();
  opened?.focus();
  mark(null);
}

function mark(link) {
  opened?.closest("tr").classList.remove("shown");
  opened = link;
  opened?.closest("tr").classList.add("shown");
}

function equip(place) {
  for (const button of place.querySelectorAll("[data-copy]")) {
    button.hidden = false;
    button.addEventListener("click", () => copy(button, place.querySelector(button.dataset.copy)));
  }
  for (const button of place.querySelectorAll("[data-close]")) {
    button.hidden = place !== drawer;
    button.addEventListener("click", close);
  }
}

async function copy(button, source) {
  const words = button.textContent;
  try {
    await navigator.clipboard.writeText(source.textContent);
    button.textContent = "Copied";
  } catch {
    source.closest("details").open = true; // no clipboard without HTTPS: leave it selected
    getSelection().selectAllChildren(source);
    button.textContent = "Selected: press Ctrl+C";
  }
  setTimeout(() => { button.textContent = words; }, 2000);
}

function step(by) {
  const at = opens.indexOf(opened ?? document.activeElement);
  const link = opens[Math.min(opens.length - 1, Math.max(0, at + by))];
  if (!link) return;
  link.focus();
  link.scrollIntoView({ block: "nearest" });
  if (!drawer.hidden && link !== opened) open(link);
}

const keys = {
  "/": () => document.getElementById("q")?.focus(),
  j: () => step(1),
  k: () => step(-1),
};

document.addEventListener("keydown", (event) => {
  const typing = event.target.closest("input, select, textarea");
  if (event.key === "Escape") {
    const popups = document.querySelectorAll("details.custom[open]");
    for (const popup of popups) {
      if (popup.contains(document.activeElement)) popup.querySelector("summary").focus();
      popup.open = false;
    }
    if (popups.length) return;
    if (drawer && !drawer.hidden) close();
    else if (typing) event.target.blur();
  } else if (!typing && !event.ctrlKey && !event.metaKey && !event.altKey && keys[event.key]) {
    event.preventDefault();
    keys[event.key]();
  }
});

document.addEventListener("click", (event) => {
  for (const popup of document.querySelectorAll("details.custom[open]")) {
    if (!popup.contains(event.target)) popup.open = false;
  }
  if (!drawer || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
  const row = event.target.closest(".events tbody tr");
  const other = event.target.closest("a:not(.open)");
  if (!row || other || String(getSelection())) return;
  event.preventDefault();
  open(row.querySelector("a.open"));
});

/** On a narrow screen the rows of pages scroll sideways: begin where the shown page is in sight. */
function reveal(link) {
  const row = link.parentElement;
  const [within, shown] = [row.getBoundingClientRect(), link.getBoundingClientRect()];
  row.scrollLeft += shown.left - within.left - (within.width - shown.width) / 2;
}

equip(document);
for (const link of document.querySelectorAll(".top nav [aria-current], .tabs [aria-current]")) reveal(link);
