// The page with a door's number: kept on the device for its owner, gone when its time has gone.
// On a device that others use, too, it is kept only when its owner presses for it.
(() => {
  "use strict";
  const LONGEST = 2147483647; // milliseconds that a timer can count
  const codes = () => document.getElementById("codes");
  const isCopy = () => { const line = codes().querySelector("[data-offline]"); return line && !line.hidden; };

  // What the worker shows without a network: the page as it is, with the line that says so.
  const copied = () => {
    const copy = document.documentElement.cloneNode(true);
    for (const gone of copy.querySelectorAll("script:not([data-kept]), form, [data-online], #net-notice, #live")) gone.remove();
    copy.querySelector("[data-offline]").hidden = false;
    return `<!DOCTYPE html>\n${copy.outerHTML}`;
  };
  const look = () => [...document.querySelectorAll("link[rel=stylesheet], script[data-kept]")].map((one) => one.href || one.src);

  let isAsked = false;
  const mayKeep = () => isAsked || codes().dataset.own !== undefined;
  const said = () => {
    for (const one of codes().querySelectorAll("[data-kept-said]")) one.hidden = !mayKeep();
    for (const one of codes().querySelectorAll("[data-keep]")) one.hidden = mayKeep();
  };
  const keep = async () => {
    const { worker, path, until, title, signs, phone } = codes().dataset;
    const { owner } = document.body.dataset;
    if (until && !mayKeep()) return said();
    await navigator.serviceWorker.register(worker);
    const { active } = await navigator.serviceWorker.ready;
    active.postMessage(until
      ? { what: "keep", owner, path, until, title, signs, phone, html: copied(), look: look() }
      : { what: "drop", owner, path });
    return said();
  };

  let timer = 0;
  const seen = () => {
    clearTimeout(timer);
    const { until } = codes().dataset;
    if (until) timer = setTimeout(() => location.reload(), Math.min(Math.max(Date.parse(until) - Date.now(), 1000), LONGEST));
    if (navigator.serviceWorker && !isCopy()) keep().catch(() => {});
  };
  seen();
  document.addEventListener("click", (event) => {
    if (!event.target.closest("[data-keep]")) return;
    isAsked = true;
    keep().catch(() => {});
  });
  document.addEventListener("htmx:after:swap", () => codes() && seen());
  // Back after signing out brings a page from memory: what it may show is asked anew.
  addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });
})();
