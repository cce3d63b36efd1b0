/* Reads the page again and puts in what changed inside [data-live]; comfort only: the form works without this script. */
"use strict";

(() => {
  const form = document.querySelector("form[data-refresh]");
  if (!form) return;
  const choice = form.querySelector("select");
  const button = form.querySelector("[data-refresh-now]");
  const said = form.querySelector("[data-refresh-said]");
  const UNITS = { s: 1_000, m: 60_000 };
  let timer = 0;
  let last = Date.now();
  let reading = null;
  let good = new Date();

  const every = () => (choice.value ? parseInt(choice.value, 10) * UNITS[choice.value.at(-1)] : 0);

  /* In the page's zone, as all its times are; in the browser's where that does not know it. */
  function clock(time) {
    try {
      return time.toLocaleTimeString("en-GB", { timeZone: form.dataset.zone });
    } catch {
      return time.toLocaleTimeString("en-GB");
    }
  }

  function plan() {
    clearTimeout(timer);
    if (every() && !document.hidden) timer = setTimeout(refresh, Math.max(0, last + every() - Date.now()));
  }

  async function refresh() {
    clearTimeout(timer);
    reading?.abort();
    reading = new AbortController();
    form.setAttribute("aria-busy", "true");
    let failed = true;
    try {
      const answer = await fetch(location.href, { signal: reading.signal });
      if (answer.redirected) return location.reload(); // logged out: the page itself asks to log in
      if (answer.ok) {
        put(new DOMParser().parseFromString(await answer.text(), "text/html"));
        failed = false;
      }
    } catch (error) {
      if (error.name === "AbortError") return;
    }
    form.removeAttribute("aria-busy");
    form.classList.toggle("failed", failed);
    if (!failed) good = new Date();
    button.title = `Read at ${clock(good)}`;
    said.textContent = failed ? `No answer: shown is ${clock(good)}` : ""; // success is not read out every time
    last = Date.now();
    plan();
  }

  const sources = new WeakMap(); // what the server sent last, before other scripts changed it
  for (const live of document.querySelectorAll("[data-live]")) sources.set(live, live.innerHTML);

  function put(page) {
    for (const now of document.querySelectorAll("[data-live]")) {
      const next = page.getElementById(now.id);
      if (!next || next.innerHTML === sources.get(now)) continue;
      sources.set(now, next.innerHTML);
      replace(now, next);
      now.dispatchEvent(new CustomEvent("logpipe:refreshed", { bubbles: true }));
    }
  }

  /* Same place in the tree: by the chain of child positions, which a refresh of the same panel keeps. */
  function replace(now, next) {
    const open = [...now.querySelectorAll("details")].map((each) => each.open);
    const scrolled = [...now.querySelectorAll("[data-scroll]")].map((each) => [each.scrollTop, each.scrollLeft]);
    const focused = now.contains(document.activeElement) ? [...now.querySelectorAll("a, button, summary, [tabindex]")].indexOf(document.activeElement) : -1;
    now.className = next.className;
    now.replaceChildren(...next.childNodes);
    now.querySelectorAll("details").forEach((each, n) => { each.open = open[n] ?? each.open; });
    now.querySelectorAll("[data-scroll]").forEach((each, n) => { [each.scrollTop, each.scrollLeft] = scrolled[n] ?? [0, 0]; });
    if (focused >= 0) now.querySelectorAll("a, button, summary, [tabindex]")[focused]?.focus({ preventScroll: true });
  }

  choice.addEventListener("change", () => form.requestSubmit()); // so that every link of the page carries the choice
  button.addEventListener("click", (event) => { event.preventDefault(); refresh(); });
  document.addEventListener("visibilitychange", plan);
  plan();
})();
