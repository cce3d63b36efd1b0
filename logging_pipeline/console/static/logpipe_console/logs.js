/* Two buttons beside the value under the pointer: only events with it, or without. The event's page has them too. */
const quick = document.createElement("span");
const only = document.createElement("a");
const without = document.createElement("a");

quick.className = "quick";
only.tabIndex = without.tabIndex = -1;
only.append("+");
without.append("−");
quick.append(only, without);

function narrowed(given) {
  const address = new URLSearchParams(location.search);
  const bare = given.replace(/^-/, "");
  const others = address.getAll("filter").filter((each) => each.replace(/^-/, "") !== bare);
  for (const name of ["filter", "after", "id"]) address.delete(name);
  for (const each of [...others, given]) address.append("filter", each);
  return `${location.pathname}?${address}`;
}

for (const table of document.querySelectorAll("table.list")) {
  table.addEventListener("pointerover", (event) => {
    const cell = event.target.closest("td[data-filter]");
    if (!cell || event.pointerType === "touch") {
      if (!event.target.closest(".quick")) quick.remove();
      return;
    }
    if (quick.parentElement === cell) return;
    const given = cell.dataset.filter;
    only.href = narrowed(given);
    only.title = `Only events with ${given}`;
    without.href = narrowed(`-${given}`);
    without.title = `Events without ${given}`;
    cell.append(quick);
  });
  table.addEventListener("pointerleave", () => quick.remove());
}
