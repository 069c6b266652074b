// Enhancements only: every page works without this file. Words come from data-* on <body> (translated there).
(() => {
  "use strict";
  const words = document.body.dataset;
  const put = (text, n) => (text || "").replace("{n}", n);

  // (a) htmx comes from the CDN; when it does not answer, our own copy takes over.
  const tag = document.getElementById("htmx-file");
  if (tag && tag.dataset.local) {
    let done = false;
    const takeOver = () => {
      if (done || window.htmx) return;
      done = true;
      // A script that belongs to another document never runs: a late CDN answer must not start htmx twice.
      document.implementation.createHTMLDocument("").adoptNode(tag);
      const own = document.createElement("script");
      own.src = tag.dataset.local;
      document.head.append(own);
    };
    tag.addEventListener("error", takeOver);
    setTimeout(takeOver, 1500);
  }

  // (b) "あと12分" beside a clock time; spoken only at 10, 5 and 1 minutes.
  const live = document.getElementById("live");
  const spoken = new Set();
  const tick = () => {
    for (const clock of document.querySelectorAll("time[data-until]")) {
      const until = Date.parse(clock.dataset.until);
      if (Number.isNaN(until)) continue;
      const left = Math.ceil((until - Date.now()) / 60000);
      let text = clock.nextElementSibling;
      if (!text || !text.matches("[data-left]")) {
        text = document.createElement("span");
        text.dataset.left = "";
        clock.after(text);
      }
      clock.parentElement.classList.toggle("over", left <= 0);
      text.textContent = left > 0 ? put(words.left, left) : words.over;
      const key = `${clock.dataset.until} ${left}`;
      if (live && [10, 5, 1].includes(left) && !spoken.has(key)) {
        spoken.add(key);
        live.textContent = put(words.say, left);
      }
    }
  };
  tick();
  setInterval(tick, 15000);
  document.addEventListener("visibilitychange", () => document.hidden || tick());

  // (c) Focus goes to an error summary, or to the heading of a region that took the focused thing away.
  const focusOn = (node) => {
    if (!node) return;
    if (!node.matches("a, button, input, select, textarea")) node.tabIndex = -1;
    node.focus();
  };
  const summaryIn = (root) => root.querySelector("[data-error-summary]");
  focusOn(summaryIn(document));
  document.addEventListener("htmx:after:swap", (event) => {
    hideNotice();
    tick();
    const target = event.detail && event.detail.ctx && event.detail.ctx.target;
    const region = target && ((target.id && document.getElementById(target.id)) || (target.isConnected && target));
    if (!region) return;
    const errors = summaryIn(region);
    if (errors) return focusOn(errors);
    const lost = !document.activeElement || document.activeElement === document.body;
    if (lost) focusOn(region.querySelector("[data-focus], h1, h2, h3") || region);
  });

  // (d) The same form within three seconds is sent once. The button stays enabled.
  const sent = new WeakMap();
  document.addEventListener("submit", (event) => {
    const last = sent.get(event.target);
    const again = last && last.by === event.submitter && Date.now() - last.at < 3000;
    if (again) {
      event.preventDefault();
      event.stopImmediatePropagation();
      return;
    }
    sent.set(event.target, { by: event.submitter, at: Date.now() });
  }, true);

  // (e) The network is gone: say so where the person is looking.
  const notice = document.getElementById("net-notice");
  const hideNotice = () => { if (notice) notice.hidden = true; };
  document.addEventListener("htmx:error", (event) => {
    const ctx = event.detail && event.detail.ctx;
    const source = ctx && ctx.sourceElement;
    if (!notice || !source) return;
    if (source.matches("[hx-trigger^=every]")) return; // nobody pressed anything
    sent.delete(source); // trying again at once is right
    const place = source.closest("table, ul, ol, form, section") || document.querySelector("main > :first-child");
    if (place && place.isConnected) place.before(notice);
    notice.hidden = false;
    focusOn(notice);
  });

  // (f) The sum of what is ticked; without a script it stands on the next page.
  const sumUp = (form) => {
    const ticked = [...form.querySelectorAll("[data-yen]:checked")];
    const yen = ticked.reduce((sum, box) => sum + Number(box.dataset.yen), 0);
    const place = form.querySelector("[data-sum]");
    place.textContent = put(place.dataset.sum, yen.toLocaleString("ja-JP")).replace("{m}", ticked.length);
  };
  for (const form of document.querySelectorAll("[data-adds-up]")) {
    form.addEventListener("change", () => sumUp(form));
    addEventListener("pageshow", () => sumUp(form)); // the browser's "back" brings its own ticks
  }

  // (g) What the device keeps for one person is thrown away when another looks, or nobody any more;
  // also a door's number of which a page says that it opens nothing any more.
  if (navigator.serviceWorker && words.owner !== undefined) {
    const signs = [...document.querySelectorAll("[data-kept-key]")].map((one) => ({ path: one.dataset.keptKey, signs: one.dataset.signs.split(" ") }));
    navigator.serviceWorker.getRegistrations().then((all) => {
      for (const one of all) if (one.active) one.active.postMessage({ what: "owner", owner: words.owner, signs });
    }, () => {});
  }

  // Printing needs a script; the button is there only with one, also in a part that came later.
  const letPrint = () => { for (const button of document.querySelectorAll("[data-print]")) button.hidden = false; };
  letPrint();
  document.addEventListener("htmx:after:swap", letPrint);
  document.addEventListener("click", (event) => { if (event.target.closest("[data-print]")) window.print(); });
})();
