/* Draws the charts over time anew with uPlot: what is under the pointer, a click to its events, a drag to its time.
   Without this script, and for keyboards and screen readers, the server's SVG and the table beneath it stay. */
"use strict";

(() => {
  const board = document.querySelector(".board");
  if (!board || !window.uPlot) return;
  const zone = known(board.dataset.zone);
  const charts = new Map(); // the plot's element → its uPlot
  const tip = document.body.appendChild(Object.assign(document.createElement("div"), { className: "tip", hidden: true }));
  tip.style.position = "fixed";

  /* Numbers, as the server writes them (dashboards/units.py). */
  const three = (value) => {
    const size = Math.abs(value);
    if (size >= 99.95) return Math.round(value).toLocaleString("en-US");
    return String(Number(value.toFixed(size >= 9.995 ? 1 : 2)));
  };
  const scaled = (steps, rest) => (value) => {
    const [size, unit] = steps.find(([least]) => value >= least) ?? [1, rest];
    return `${three(value / size)} ${unit}`;
  };
  const money = (sign) => (value) => `${value < 0 ? "-" : ""}${sign}${(Math.abs(value) / 100).toLocaleString("en-US", { minimumFractionDigits: 2, maximumFractionDigits: 2 })}`;
  const UNITS = {
    number: (value) => (Number.isInteger(value) ? value.toLocaleString("en-US") : Math.abs(value) >= 0.01 ? three(value) : value.toPrecision(3)),
    percent: (value) => (value > 0 && value < 0.0001 ? "< 0.01 %" : `${three(100 * value)} %`),
    ns: scaled([[86_400e9, "d"], [3_600e9, "h"], [60e9, "min"], [1e9, "s"], [1e6, "ms"], [1e3, "µs"]], "ns"),
    bytes: scaled([[2 ** 40, "TiB"], [2 ** 30, "GiB"], [2 ** 20, "MiB"], [2 ** 10, "KiB"]], "B"),
    cents: money(""),
    euro_cents: money("€"),
    dollar_cents: money("$"),
  };
  const written = (value, unit) => (value === null ? "-" : value === 0 && unit === "ns" ? "0" : (UNITS[unit] ?? UNITS.number)(value));

  function known(name) {
    try {
      Intl.DateTimeFormat("en", { timeZone: name });
      return name;
    } catch {
      return "UTC"; // the browser does not know the server's zone
    }
  }

  const parts = new Intl.DateTimeFormat("en-CA", {
    timeZone: zone, year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23",
  });
  function clock(seconds) {
    const found = Object.fromEntries(parts.formatToParts(seconds * 1000).map(({ type, value }) => [type, value]));
    return { day: `${found.month}-${found.day}`, date: `${found.year}-${found.month}-${found.day}`, minute: `${found.hour}:${found.minute}`, second: `${found.hour}:${found.minute}:${found.second}` };
  }

  /* Where a bucket leads: a series' address with the bucket's time, cut to the range as the server cuts it. */
  function timed(address, start, width, [from, to]) {
    const url = new URL(address, location.href);
    url.searchParams.set("from", start < Date.parse(from) ? from : new Date(start).toISOString());
    url.searchParams.set("to", start + width > Date.parse(to) ? to : new Date(start + width).toISOString());
    return url.href;
  }

  function go(address, event) {
    if (!address) return;
    if (event.ctrlKey || event.metaKey) window.open(address, "_blank", "noopener");
    else location.assign(address);
  }

  function draw(chart) {
    const plot = chart.querySelector(".plot");
    const told = JSON.parse(chart.dataset.chart);
    if (!told.series.length) return;
    const style = getComputedStyle(chart);
    const paint = (name) => resolved(chart, name);
    const colours = [...chart.querySelectorAll(".legend i")].map((each) => getComputedStyle(each).backgroundColor);
    const columns = [...plot.querySelectorAll("svg:not(.axis) a")].map((each) => each.getAttribute("href"));
    const stacked = told.kind !== "line";
    const xs = Array.from({ length: told.count }, (_, n) => (told.start + (n + 0.5) * told.width) / 1000);
    const [from, to] = told.window.map(Date.parse);
    const partial = (n) => told.start + n * told.width < from || told.start + (n + 1) * told.width > to;
    const heights = stacked ? stack(told.series) : told.series.map((each) => each.values);
    const shown = stacked ? heights.map((_, n) => heights.length - 1 - n) : heights.map((_, n) => n); // the tallest is painted first
    const surface = paint("--surface");
    const bars = uPlot.paths.bars({ size: [0.84, 80] });
    const font = `11px ${style.fontFamily}`;
    let dragged = false;

    const options = {
      width: plot.clientWidth,
      height: plot.clientHeight,
      tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), zone),
      legend: { show: false },
      padding: [8, 20, 0, 0],
      cursor: {
        y: false,
        drag: { x: true, y: false, setScale: false, dist: 5 },
        points: { show: told.kind === "line", size: 7 },
        focus: { prox: 24 },
      },
      focus: { alpha: 1 },
      scales: {
        x: { time: true, range: () => [told.start / 1000, (told.start + told.count * told.width) / 1000] },
        y: { range: (_u, _low, high) => [0, top(high)] },
      },
      axes: [
        { font, stroke: paint("--muted"), size: 22, gap: 4, grid: { show: false }, ticks: { stroke: paint("--line"), size: 4, width: 1 }, space: 70, values: times },
        {
          font, stroke: paint("--muted"), gap: 5, incrs: whole(told) ? WHOLE : undefined, grid: { stroke: paint("--line"), width: 1 }, ticks: { show: false }, space: 28,
          values: (_u, splits) => splits.map((value) => written(value, told.unit).replace(/\.00$/, "")),
          size: (u, values) => 12 + Math.ceil(Math.max(0, ...(values ?? []).map((text) => measured(u, text, font)))),
        },
      ],
      series: [
        {},
        ...shown.map((n) => ({
          label: told.series[n].label,
          stroke: colours[n],
          width: told.kind === "line" ? 1.8 : told.kind === "area" ? 1 : 0,
          fill: stacked ? colours[n] : undefined,
          paths: told.kind === "bars" ? bars : undefined,
          points: { show: told.kind === "line" ? lone(told.series[n].values) : false, size: 5, fill: colours[n] },
          spanGaps: false,
        })),
      ],
      hooks: {
        draw: [(u) => pale(u)],
        setCursor: [(u) => hover(u)],
        setSelect: [(u) => zoom(u)],
      },
    };

    function pale(u) {
      u.ctx.save();
      u.ctx.globalAlpha = 0.55;
      u.ctx.fillStyle = surface;
      for (const n of [0, told.count - 1]) {
        if (!partial(n)) continue;
        const left = u.valToPos((told.start + n * told.width) / 1000, "x", true);
        const right = u.valToPos((told.start + (n + 1) * told.width) / 1000, "x", true);
        u.ctx.fillRect(left, u.bbox.top, right - left, u.bbox.height);
      }
      u.ctx.restore();
    }

    /* The series at a height: the part of the stack that holds it, or the nearest line; -1: none. */
    function under(u, n) {
      const value = u.posToVal(u.cursor.top, "y");
      if (stacked) return heights.findIndex((each) => value <= each[n]);
      const far = heights.map((each) => (each[n] === null ? Infinity : Math.abs(u.valToPos(each[n], "y") - u.cursor.top)));
      const least = Math.min(...far);
      return least < 24 ? far.indexOf(least) : -1;
    }

    function target(u) {
      const n = u.cursor.idx;
      if (n === null || n === undefined) return "";
      const at = told.series[under(u, n)];
      return at?.link ? timed(at.link, told.start + n * told.width, told.width, told.window) : columns[n] ?? "";
    }

    function hover(u) {
      const n = u.cursor.idx;
      if (n === null || n === undefined || u.cursor.left < 0) {
        tip.hidden = true;
        return;
      }
      const at = under(u, n);
      const begin = clock((told.start + n * told.width) / 1000);
      const end = clock((told.start + (n + 1) * told.width) / 1000);
      const when = document.createElement("p");
      when.textContent = `${begin.date} ${begin.second} – ${end.second}${partial(n) ? " (partly in the range)" : ""}`;
      const table = document.createElement("table");
      for (const i of stacked ? shown : shown.toSorted((a, b) => (heights[b][n] ?? -1) - (heights[a][n] ?? -1))) {
        const value = told.series[i].values[n];
        if (stacked && !value && told.series.length > 1) continue;
        const row = table.insertRow();
        row.className = i === at ? "at" : "";
        const name = row.appendChild(document.createElement("th"));
        const mark = name.appendChild(document.createElement("i"));
        mark.style.background = colours[i];
        name.append(told.series[i].label);
        row.insertCell().textContent = written(value, told.unit);
      }
      if (!table.rows.length) table.insertRow().insertCell().textContent = "nothing";
      tip.replaceChildren(when, table);
      tip.hidden = false;
      const box = u.over.getBoundingClientRect();
      const x = box.left + u.cursor.left;
      const beside = x + 14 + tip.offsetWidth > innerWidth - 6 ? x - 14 - tip.offsetWidth : x + 14;
      tip.style.left = `${Math.max(6, beside)}px`;
      tip.style.top = `${Math.max(6, Math.min(box.top + u.cursor.top - tip.offsetHeight / 2, innerHeight - tip.offsetHeight - 6))}px`;
      u.over.classList.toggle("leads", Boolean(target(u)));
    }

    function zoom(u) {
      if (u.select.width < 5) return;
      dragged = true;
      const bucket = (left, round) => told.start + round((u.posToVal(left, "x") * 1000 - told.start) / told.width) * told.width;
      const url = new URL(location.href);
      url.searchParams.set("from", new Date(bucket(u.select.left, Math.floor)).toISOString());
      url.searchParams.set("to", new Date(bucket(u.select.left + u.select.width, Math.ceil)).toISOString());
      location.assign(url.href);
    }

    function times(_u, splits, _axis, _space, step) {
      const long = told.count * told.width > 86_400_000;
      return splits.map((seconds) => {
        const at = clock(seconds);
        if (step >= 86_400 || (long && at.minute === "00:00")) return at.day;
        return step < 60 ? at.second : at.minute;
      });
    }

    plot.classList.add("drawn");
    charts.get(plot)?.destroy();
    const made = new uPlot(options, [xs, ...shown.map((n) => heights[n])], plot);
    charts.set(plot, made);
    made.over.addEventListener("click", (event) => {
      if (!dragged) go(target(made), event);
      dragged = false;
    });
    made.over.addEventListener("mouseleave", () => { tip.hidden = true; });
    sizes.observe(plot);
  }

  const WHOLE = Array.from({ length: 12 }, (_, n) => [1, 2, 5].map((step) => step * 10 ** n)).flat();
  const whole = ({ unit, series }) => unit === "number" && series.every(({ values }) => values.every((value) => Number.isInteger(value ?? 0)));

  function stack(series) {
    const below = series[0].values.map(() => 0);
    return series.map(({ values }) => values.map((value, n) => (below[n] += value ?? 0)));
  }

  const lone = (values) => (_u, _series) => values.some((value, n) => value !== null && (values[n - 1] ?? null) === null && (values[n + 1] ?? null) === null);

  function top(high) {
    if (!(high > 0)) return 1;
    const size = 10 ** Math.floor(Math.log10(high));
    return size * [1, 1.5, 2, 3, 4, 5, 6, 8, 10].find((factor) => size * factor >= high);
  }

  function measured(u, text, font) {
    u.ctx.save();
    u.ctx.font = font;
    const { width } = u.ctx.measureText(text);
    u.ctx.restore();
    return width;
  }

  /* A custom property as a colour that a canvas understands. */
  function resolved(place, name) {
    const probe = place.appendChild(document.createElement("i"));
    probe.style.color = `var(${name})`;
    const { color } = getComputedStyle(probe);
    probe.remove();
    return color;
  }

  const sizes = new ResizeObserver((changes) => {
    for (const { target } of changes) {
      const chart = charts.get(target);
      if (chart && target.clientWidth && (chart.width !== target.clientWidth || chart.height !== target.clientHeight)) {
        chart.setSize({ width: target.clientWidth, height: target.clientHeight });
      }
    }
  });

  function drawAll(place) {
    for (const [plot, chart] of charts) {
      if (plot.isConnected) continue;
      sizes.unobserve(plot);
      chart.destroy();
      charts.delete(plot);
    }
    tip.hidden = true;
    for (const chart of place.querySelectorAll(".chart[data-chart]")) draw(chart);
  }

  board.addEventListener("click", (event) => {
    const cell = event.target.closest("rect[data-bucket]");
    const lane = cell?.closest("[data-link]");
    if (!lane?.dataset.link) return;
    const { start, width, from, to } = cell.closest(".heatmap").dataset;
    go(timed(lane.dataset.link, Number(start) + Number(cell.dataset.bucket) * Number(width), Number(width), [from, to]), event);
  });
  board.addEventListener("logpipe:refreshed", (event) => drawAll(event.target));
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => drawAll(board));
  addEventListener("scroll", () => { tip.hidden = true; }, { passive: true, capture: true });
  drawAll(board);
})();
