/* Loads the page's parts, and loads them again: state every few seconds, accounts until they are counted. */
"use strict";

(() => {
  const SLOW_MS = 20_000;

  for (const part of document.querySelectorAll("[data-part]")) keep(part);

  function keep(part) {
    let timer = 0;
    let current = "";

    async function load() {
      clearTimeout(timer);
      part.setAttribute("aria-busy", "true");
      let answer = null;
      try {
        answer = await fetch(part.dataset.part, { headers: { "X-Logpipe-Part": "1" }, signal: AbortSignal.timeout(SLOW_MS) });
        if (answer.redirected || answer.status === 403) return location.reload(); // the page itself says what is wrong
        const text = await answer.text();
        if (answer.ok && text !== current) show(text);
        part.classList.toggle("stale", !answer.ok);
        say(answer.ok ? "" : "The state could not be read; what is shown is older.");
      } catch {
        part.classList.add("stale");
        say("The state could not be read; what is shown is older.");
      } finally {
        part.removeAttribute("aria-busy");
        plan();
      }
    }

    function show(text) {
      current = text;
      const next = new DOMParser().parseFromString(text, "text/html");
      const focused = place(document.activeElement);
      const scrolled = [...part.querySelectorAll(".scroll")].map((each) => each.scrollLeft);
      part.replaceChildren(...next.body.childNodes);
      part.querySelectorAll(".scroll").forEach((each, n) => { each.scrollLeft = scrolled[n] ?? 0; });
      if (focused >= 0) links()[focused]?.focus({ preventScroll: true });
    }

    const links = () => [...part.querySelectorAll("a, [tabindex]")];
    const place = (element) => (part.contains(element) ? links().indexOf(element) : -1);

    function plan() {
      const seconds = Number(part.querySelector("[data-again]")?.dataset.again ?? part.dataset.every ?? 0);
      clearTimeout(timer);
      if (seconds && !document.hidden) timer = setTimeout(load, seconds * 1000);
    }

    part.addEventListener("click", (event) => {
      const link = event.target.closest(".accounts .chip");
      if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
      event.preventDefault();
      const query = new URLSearchParams(link.getAttribute("href"));
      part.dataset.part = `${part.dataset.part.split("?")[0]}?${query}`;
      query.delete("again");
      history.replaceState(null, "", `?${query}`);
      load().then(() => { part.dataset.part = `${part.dataset.part.split("?")[0]}?${query}`; });
    });
    document.addEventListener("visibilitychange", () => { if (!document.hidden) plan(); });
    load();
  }

  function say(words) {
    document.getElementById("said").textContent = words;
  }
})();
