// The calendar: what a mouse or arrow keys make quicker. Every way leads to the same pages as links do.
(() => {
  "use strict";
  const table = document.querySelector("[data-calendar]");
  if (!table) return;
  const at = (cell) => {
    const [room, on, from, to] = (cell.dataset.at || "").split(".");
    return { room, on, from, to };
  };
  const cellUnder = (event) => {
    const cell = document.elementFromPoint(event.clientX, event.clientY)?.closest("td[data-at]");
    return cell && table.contains(cell) ? cell : null;
  };
  const go = (base, values) => {
    const url = new URL(base, location.href);
    for (const [name, value] of values) if (value) url.searchParams.append(name, value);
    location.assign(url);
  };

  // What only a mouse can do is offered only to a mouse.
  const hint = document.querySelector("[data-for-mouse]");
  if (hint) hint.hidden = !matchMedia("(pointer: fine)").matches;

  // (a) A use is pinched and put elsewhere, or pulled at its end. A finger scrolls instead.
  let held = null;
  const start = (event) => {
    if (event.button || event.pointerType === "touch") return;
    const use = event.target.closest("[data-line]");
    const cell = event.target.closest("td[data-at]");
    if (!cell || !(use ? table.dataset.drop : cell.querySelector("a.f"))) return;
    const edge = use && table.classList.contains("by-day") && use.getBoundingClientRect().right - event.clientX < 14;
    held = { use, cell, edge, x: event.clientX, y: event.clientY, moved: false };
  };
  const unmark = () => table.querySelectorAll(".over, .lifted").forEach((one) => one.classList.remove("over", "lifted"));
  const between = (a, b) => {
    const body = a.closest("tbody");
    if (body !== b.closest("tbody")) return [a];
    const rows = [...body.rows];
    const [first, last] = [rows.indexOf(a.parentElement), rows.indexOf(b.parentElement)].sort((x, y) => x - y);
    const [left, right] = [a.getBoundingClientRect(), b.getBoundingClientRect()].sort((x, y) => x.left - y.left);
    return rows.slice(first, last + 1).flatMap((row) => [...row.querySelectorAll("td[data-at]")].filter((cell) => {
      const box = cell.getBoundingClientRect();
      return box.left >= left.left - 1 && box.right <= right.right + 1;
    }));
  };
  const drag = (event) => {
    if (!held) return;
    if (!held.moved && Math.hypot(event.clientX - held.x, event.clientY - held.y) < 6) return;
    held.moved = true;
    unmark();
    if (held.use) held.use.classList.add("lifted");
    const cell = cellUnder(event);
    if (!cell) return;
    (held.use ? [cell] : between(held.cell, cell)).forEach((one) => one.classList.add("over"));
    event.preventDefault();
  };
  const drop = (event) => {
    const was = held;
    held = null;
    if (!was || !was.moved) return;
    const cell = cellUnder(event);
    const cells = cell && !was.use ? between(was.cell, cell) : [];
    unmark();
    // The press that ends a drag is no click.
    addEventListener("click", (click) => { click.preventDefault(); click.stopPropagation(); }, { capture: true, once: true });
    setTimeout(() => removeEventListener("click", () => {}, true), 0);
    if (!cell) return;
    const place = at(cell);
    if (was.use && was.edge) go(table.dataset.drop, [["line", was.use.dataset.line], ["until", place.to]]);
    else if (was.use) {
      if (cell === was.cell) return;
      go(table.dataset.drop, [["line", was.use.dataset.line], ["room", place.room], ["on", place.on], ["from", place.from]]);
    } else stretch(cells);
  };
  const clock = (minute) => minute && `${Math.floor(minute / 60)}:${String(minute % 60).padStart(2, "0")}`;
  const stretch = (cells) => {
    const places = cells.map(at);
    const body = cells[0].closest("tbody");
    const days = places.map((one) => one.on).sort();
    const begins = places[0].from && Math.min(...places.map((one) => Number(one.from)));
    const ends = places[0].to && Math.max(...places.map((one) => Number(one.to)));
    const rooms = [...new Set(places.map((one) => one.room))];
    if (body.dataset.closing) {
      go(body.dataset.closing, [...rooms.map((room) => ["room", room]), ["first", days[0]], ["last", days[days.length - 1]],
        ["from", clock(begins)], ["to", clock(ends)]]);
    } else if (body.dataset.phone && begins !== undefined) {
      go(body.dataset.phone, rooms.map((room) => ["use", `${room}.${days[0]}.${begins}.${ends}`]));
    }
  };
  table.addEventListener("pointerdown", start);
  document.addEventListener("pointermove", drag);
  document.addEventListener("pointerup", drop);
  document.addEventListener("pointercancel", () => { held = null; unmark(); });
  table.addEventListener("dragstart", (event) => event.preventDefault());

  // (b) Arrow keys go from place to place; m takes a use along.
  const links = (row) => [...row.querySelectorAll("a")];
  const beside = (link, step) => {
    const row = links(link.closest("tr"));
    return row[row.indexOf(link) + step];
  };
  const across = (link, step) => {
    const rows = [...table.rows].filter((row) => links(row).length);
    const row = rows[rows.indexOf(link.closest("tr")) + step];
    if (!row) return null;
    const middle = (one) => { const box = one.getBoundingClientRect(); return box.left + box.width / 2; };
    const here = middle(link);
    return links(row).sort((a, b) => Math.abs(middle(a) - here) - Math.abs(middle(b) - here))[0];
  };
  table.querySelector(".marked")?.focus();
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && table.dataset.leave) location.assign(table.dataset.leave);
  });
  table.addEventListener("keydown", (event) => {
    const link = event.target.closest("a");
    if (!link || event.altKey || event.ctrlKey || event.metaKey) return;
    const ways = { ArrowLeft: () => beside(link, -1), ArrowRight: () => beside(link, 1), ArrowUp: () => across(link, -1), ArrowDown: () => across(link, 1) };
    if (event.key === "m" && link.dataset.line && table.dataset.choose) {
      go(table.dataset.choose, [["move", link.dataset.line]]);
    } else if (ways[event.key]) {
      const next = ways[event.key]();
      if (next) next.focus();
    } else return;
    event.preventDefault();
  });
})();
