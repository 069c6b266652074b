// Asks for the page each minute and keeps the last good one when the network is away.
'use strict';
const EVERY = 60_000;
const STALE = 10 * 60_000;
let etag = '';
let ahead = 0; // how far the server's clock is ahead of this device's
let good = Date.now();
let page = 0;

const clock = (moment) => new Intl.DateTimeFormat('ja-JP', {
  hour: 'numeric', minute: '2-digit', timeZone: document.body.dataset.zone,
}).format(moment);

function tick() {
  const shown = document.getElementById('clock');
  if (shown) shown.textContent = clock(new Date(Date.now() + ahead));
  document.getElementById('stale').hidden = Date.now() - good < STALE;
}

function turn() {
  const pages = [...document.querySelectorAll('.page')];
  if (pages.length < 2) return;
  page = (page + 1) % pages.length;
  pages.forEach((one, n) => one.toggleAttribute('data-waits', n !== page));
}

async function refresh() {
  try {
    const answer = await fetch(location.href, {
      cache: 'no-store', headers: etag ? { 'If-None-Match': etag } : {},
    });
    if (answer.status === 404) document.getElementById('screen').replaceChildren(); // revoked
    if (answer.status !== 304 && !answer.ok) return;
    const sent = Date.parse(answer.headers.get('Date') ?? '');
    if (!Number.isNaN(sent)) ahead = sent - Date.now();
    etag = answer.headers.get('ETag') ?? '';
    if (answer.status === 200) {
      const fresh = new DOMParser().parseFromString(await answer.text(), 'text/html');
      const main = fresh.getElementById('screen');
      if (!main) return;
      document.getElementById('screen').replaceWith(main);
      page = 0;
    }
    good = Date.now();
    document.getElementById('updated').textContent = clock(new Date(good + ahead));
  } catch { /* the network is away: what is there stays */ } finally { tick(); }
}

setInterval(refresh, EVERY);
setInterval(tick, 5_000);
setInterval(turn, 1000 * Number(document.body.dataset.turn || 20));
refresh();
