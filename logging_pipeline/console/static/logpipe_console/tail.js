/* Reads the stream and adds rows. Whatever an event says becomes a text node, never markup. */
"use strict";

(() => {
  const tail = document.getElementById("tail");
  if (!tail) return;
  const byId = (id) => document.getElementById(id);
  const [view, rows, empty, pause, state, count, newest] =
    ["view", "rows", "empty", "pause", "state", "count", "newest"].map(byId);
  const MAX_ROWS = Number(tail.dataset.maxRows);
  const SILENCE_MS = 30_000; // three heartbeats: the connection is gone and nobody said so
  const SOON_MS = 1_000;
  const LATER_MS = 15_000;
  const COLUMNS = ["level", "category", "action", "message", "service"];

  let paused = false;
  let ended = false;
  let lastId = "";
  let delay = SOON_MS;
  let meanwhile = []; // what came while paused, the last MAX_ROWS of it
  let meanwhileCount = 0;
  let shown = 0;
  let below = 0; // rows added while somebody reads further up

  tail.hidden = false;
  connect();

  /* The connection */

  async function connect() {
    say("connecting", "Connecting");
    const silence = new AbortController();
    let timer = 0;
    const alive = () => {
      clearTimeout(timer);
      timer = setTimeout(() => silence.abort(), SILENCE_MS);
    };
    try {
      alive();
      const headers = lastId ? { "Last-Event-ID": lastId } : {};
      const answer = await fetch(tail.dataset.stream, { headers, signal: silence.signal });
      if (!answer.ok) {
        await refused(answer);
        return;
      }
      let text = "";
      const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
      for (let part = await reader.read(); !part.done; part = await reader.read()) {
        alive();
        const messages = (text + part.value).split("\n\n");
        text = messages.pop();
        messages.forEach(receive);
      }
      lost("The connection ended");
    } catch {
      lost("The connection was lost");
    } finally {
      clearTimeout(timer);
    }
  }

  async function refused(answer) {
    const reason = (await answer.text()).trim().slice(0, 500);
    if (answer.status === 429 || answer.status >= 502) lost(reason, LATER_MS);
    else end(answer.headers.get("Content-Type")?.startsWith("text/plain") ? reason : `The server answered ${answer.status}.`);
  }

  function lost(reason, wait = 0) {
    if (ended || state.dataset.state === "lost") return;
    const ms = Math.max(wait, delay);
    delay = Math.min(delay * 2, LATER_MS);
    say("lost", `${reason}${/[.!?]$/.test(reason) ? "" : "."} Trying again in ${Math.round(ms / 1000)} s.`);
    setTimeout(connect, ms);
  }

  function end(reason) {
    ended = true;
    note(reason, "warn");
    say("ended", reason);
    pause.disabled = true;
  }

  function receive(message) {
    const fields = new Map(message.split("\n").map((line) => [line.slice(0, line.indexOf(":")), line.slice(line.indexOf(":") + 2)]));
    if (fields.get("id")) lastId = fields.get("id");
    if (handlers[fields.get("event")]) handlers[fields.get("event")](JSON.parse(fields.get("data")));
  }

  const handlers = {
    open({ since }) {
      delay = SOON_MS;
      state.dataset.state = "open";
      told();
      if (since) gap(since);
    },
    events: add,
    skipped({ count: missed }) {
      keep([() => noteRow(`${missed.toLocaleString("en")} event${missed === 1 ? "" : "s"} skipped: more came than could be shown. The log search has them.`, "warn")], 0);
    },
    lost: ({ reason }) => lost(reason, LATER_MS / 3),
    end: ({ reason }) => end(reason),
  };

  function gap(since) {
    keep([() => {
      const row = noteRow("Connected again. ", "warn");
      const link = document.createElement("a");
      link.href = `${tail.dataset.logs}?${new URLSearchParams({ from: since, to: new Date().toISOString() })}`;
      link.target = "_blank";
      link.textContent = "What passed by meanwhile, in the log search";
      row.firstChild.append(link);
      return row;
    }], 0);
  }

  /* The rows */

  function add(events) {
    keep(events.map((event) => () => eventRow(event)), events.length);
  }

  /* makers: functions that make a row each; a row is made only if it is going to be seen. */
  function keep(makers, events) {
    if (paused) {
      meanwhile = [...meanwhile, ...makers].slice(-MAX_ROWS);
      meanwhileCount += events;
      told();
      return;
    }
    const atEnd = isAtEnd();
    shown += events;
    rows.append(...makers.slice(-MAX_ROWS).map((make) => make()));
    while (rows.childElementCount > MAX_ROWS) rows.firstElementChild.remove();
    empty.hidden = rows.childElementCount > 0;
    below = atEnd ? 0 : Math.min(below + makers.length, MAX_ROWS);
    if (atEnd) toEnd();
    told();
  }

  function note(text, kind = "") {
    rows.append(noteRow(text, kind));
    empty.hidden = true;
    toEnd();
  }

  function noteRow(text, kind) {
    const row = document.createElement("tr");
    row.className = `note ${kind}`;
    const cell = document.createElement("td");
    cell.colSpan = COLUMNS.length + 2;
    cell.textContent = text;
    row.append(cell);
    return row;
  }

  function eventRow(event) {
    const row = document.createElement("tr");
    row.className = `level-${event.level}`;
    const time = document.createElement("td");
    time.className = "time";
    time.append(link(tail.dataset.event, event.id, [event.clock], event.time));
    row.append(time);
    for (const name of COLUMNS) {
      const cell = document.createElement("td");
      cell.className = name;
      const place = name === "level" ? cell.appendChild(document.createElement("span")) : cell;
      if (name === "level") place.className = "badge";
      place.append(...pieces(event.texts[name]));
      if (name === "message") cell.append(...error(event.texts.error));
      row.append(cell);
    }
    const trace = document.createElement("td");
    trace.className = "trace";
    if (event.trace) trace.append(link(tail.dataset.trace, event.trace, event.texts.trace, "Everything with this trace"));
    row.append(trace);
    return row;
  }

  function error(texts) {
    if (!texts.join("")) return [];
    const found = document.createElement("span");
    found.className = "error";
    found.append(...pieces(texts));
    return [" ", found];
  }

  function link(page, id, texts, title) {
    const found = document.createElement("a");
    found.href = `${page}?${new URLSearchParams({ id })}`;
    found.target = "_blank";
    found.rel = "noopener";
    found.title = title;
    found.append(...pieces(texts));
    return found;
  }

  /* What can be seen and what cannot take turns: the latter is named by its code point. */
  function pieces(texts) {
    return texts.map((text, index) => {
      if (index % 2 === 0) return document.createTextNode(text);
      const mark = document.createElement("span");
      mark.className = "unseen";
      mark.textContent = text;
      return mark;
    });
  }

  /* What is said about it */

  function say(now, words) {
    state.dataset.state = now;
    state.lastElementChild.textContent = words;
  }

  function told() {
    if (state.dataset.state === "open" || state.dataset.state === "paused") say(paused ? "paused" : "open", paused ? "Paused" : "Live");
    const kept = meanwhileCount > MAX_ROWS ? `, the last ${MAX_ROWS} are kept` : "";
    count.textContent = paused ? `${meanwhileCount.toLocaleString("en")} came meanwhile${kept}` : `${shown.toLocaleString("en")} shown`;
    newest.hidden = below === 0;
    newest.textContent = `${below.toLocaleString("en")}${below === MAX_ROWS ? "+" : ""} newer ↓`;
  }

  const isAtEnd = () => view.scrollHeight - view.scrollTop - view.clientHeight < 8;

  function toEnd() {
    view.scrollTop = view.scrollHeight;
    below = 0;
  }

  /* What somebody does */

  function toggle() {
    if (ended) return;
    paused = !paused;
    pause.setAttribute("aria-pressed", String(paused));
    pause.firstElementChild.textContent = paused ? "Go on" : "Pause";
    if (!paused) {
      const [makers, events] = [meanwhile, meanwhileCount];
      [meanwhile, meanwhileCount] = [[], 0];
      keep(makers, events);
    }
    told();
  }

  pause.addEventListener("click", toggle);
  newest.addEventListener("click", () => { toEnd(); told(); });
  byId("clear").addEventListener("click", () => {
    rows.replaceChildren();
    shown = below = 0;
    empty.hidden = false;
    told();
  });
  view.addEventListener("scroll", () => {
    if (below && isAtEnd()) {
      below = 0;
      told();
    }
  });
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, select, textarea")) return;
    if (event.key === " " && !event.target.closest("button, a, summary")) {
      event.preventDefault();
      toggle();
    } else if (event.key === "End") {
      toEnd();
      told();
    }
  });
})();
