/* The search box: fields, operators and values are offered while one types. Without this script it is a plain box. */
const box = document.getElementById("q");
const list = document.getElementById("q-options");
const told = document.getElementById("q-told");
const WAIT_MS = 120;

let offer = { start: 0, end: 0, suggestions: [] };
let chosen = -1;
let waiting = 0; // the timer of the next question
let asked = 0; // the number of the last question: an answer to an earlier one comes too late

if (box && list) {
  box.setAttribute("role", "combobox");
  box.setAttribute("aria-autocomplete", "list");
  box.setAttribute("aria-expanded", "false");
  box.setAttribute("aria-controls", list.id);
  if (box.dataset.place !== undefined) {
    box.focus({ preventScroll: true });
    box.setSelectionRange(Number(box.dataset.place), Number(box.dataset.place));
  }
  box.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(ask, WAIT_MS);
  });
  box.addEventListener("keydown", pressed);
  box.addEventListener("blur", () => show([]));
  box.form.addEventListener("submit", () => show([]));
  list.addEventListener("mousedown", (event) => {
    event.preventDefault(); // the box keeps the focus
    const option = event.target.closest("[role=option]");
    if (option) take(Number(option.dataset.number));
  });
}

async function ask() {
  const number = (asked += 1);
  const address = new URLSearchParams(new FormData(box.form));
  address.set("at", box.selectionStart);
  const answer = await fetch(`${box.dataset.complete}?${address}`).catch(() => null);
  if (number !== asked || document.activeElement !== box) return;
  const usable = answer && answer.ok && !answer.redirected;
  offer = usable ? await answer.json() : { start: 0, end: 0, suggestions: [] };
  if (number === asked) show(offer.suggestions);
}

function show(suggestions) {
  if (!suggestions.length) {
    asked += 1; // whatever is on its way is no longer wanted
    clearTimeout(waiting);
  }
  list.replaceChildren(...suggestions.map(option));
  list.hidden = !suggestions.length;
  list.scrollTop = 0;
  box.setAttribute("aria-expanded", String(!list.hidden));
  told.textContent = suggestions.length ? `${suggestions.length} suggestions` : "";
  mark(-1);
}

function option(suggestion, number) {
  const item = document.createElement("li");
  item.id = `q-option-${number}`;
  item.dataset.number = number;
  item.className = suggestion.kind;
  item.setAttribute("role", "option");
  item.setAttribute("aria-selected", "false");
  item.append(part("kind", suggestion.kind), part("text", ...pieces(suggestion.shown)), part("meaning", suggestion.meaning));
  return item;
}

function part(name, ...content) {
  const made = document.createElement("span");
  made.className = name;
  made.append(...content);
  return made;
}

/* What can be seen and what cannot take turns: the latter is named by its code point. */
function pieces(texts) {
  return texts.map((text, index) => (index % 2 ? part("unseen", text) : text));
}

function mark(number) {
  list.children[chosen]?.setAttribute("aria-selected", "false");
  chosen = number;
  const item = list.children[chosen];
  if (!item) {
    box.removeAttribute("aria-activedescendant");
    return;
  }
  item.setAttribute("aria-selected", "true");
  item.scrollIntoView({ block: "nearest" });
  box.setAttribute("aria-activedescendant", item.id);
}

function take(number) {
  const { text, kind } = offer.suggestions[number];
  box.setRangeText(text, offer.start, offer.end, "end");
  show([]);
  if (kind !== "value") ask(); // a field wants an operator, an operator a value
}

function pressed(event) {
  if (event.isComposing) return;
  const count = list.hidden ? 0 : list.children.length;
  if (event.key === "ArrowDown" && !count) ask();
  else if (event.key === "ArrowDown") mark(chosen + 1 < count ? chosen + 1 : 0);
  else if (event.key === "ArrowUp" && count) mark(chosen > 0 ? chosen - 1 : count - 1);
  else if ((event.key === "Enter" || event.key === "Tab") && chosen >= 0 && !event.shiftKey) take(chosen);
  else if (event.key === "Escape" && count) show([]);
  else return;
  event.preventDefault();
  event.stopPropagation(); // Escape closes the list first, then whatever else is open
}
