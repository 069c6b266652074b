// The worker of a municipality's pages. It keeps pages with door numbers for the one who opened them,
// until their time has gone, and nothing else of anybody; with a network, the network decides.
"use strict";
const KEYS = "keys-"; // and the mark of the owner: what one person may see without a network
const LOOK = "look"; // style sheets and the one script of these pages
const WORDS = "words"; // what is said where nothing is kept
const OFFLINE = `${self.registration.scope}offline`;
const PATIENCE = 8000; // milliseconds until a copy is better than a network that does not answer

const POLICY = "default-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'";
const page = (html, more) => new Response(html, {
  headers: { "Content-Type": "text/html; charset=utf-8", "Content-Security-Policy": POLICY, "Cache-Control": "no-store", "Referrer-Policy": "same-origin", ...more },
});
const isGone = (copy) => !(Date.parse(copy.headers.get("X-Until")) > Date.now());

// Throws away what is over, and what is not this owner's; undefined: whose page it is, is not known.
const tidy = async (owner) => {
  for (const name of await caches.keys()) {
    if (!name.startsWith(KEYS)) continue;
    if (owner !== undefined && name !== KEYS + owner) { await caches.delete(name); continue; }
    const cache = await caches.open(name);
    for (const request of await cache.keys()) {
      const copy = await cache.match(request);
      if (copy && isGone(copy)) await cache.delete(request);
    }
  }
};

const copies = async () => {
  const found = [];
  for (const name of await caches.keys()) {
    if (!name.startsWith(KEYS)) continue;
    const cache = await caches.open(name);
    for (const request of await cache.keys()) found.push({ cache, request, copy: await cache.match(request) });
  }
  return found.filter((one) => one.copy && !isGone(one.copy));
};
const kept = async (path) => (await copies()).find((one) => new URL(one.request.url).pathname === path);

const keepLook = async (urls) => {
  const cache = await caches.open(LOOK);
  for (const request of await cache.keys()) if (!urls.includes(request.url)) await cache.delete(request);
  for (const url of urls) if (!(await cache.match(url))) await cache.add(url).catch(() => {});
};
// A copy goes when one of its numbers is not among those that a page of its booking says still open.
const compare = async (told) => {
  for (const { path, signs } of told) {
    const found = await kept(path);
    const held = found && (found.copy.headers.get("X-Signs") || "unknown").split(" ");
    if (held && !held.every((one) => signs.includes(one))) await found.cache.delete(found.request);
  }
};
const keep = async ({ owner, path, until, title, signs, phone, html, look }) => {
  await tidy(owner);
  if (!owner) return;
  const cache = await caches.open(KEYS + owner);
  await cache.put(path, page(html, { "X-Until": until, "X-Title": encodeURIComponent(title), "X-Signs": signs || "", "X-Phone": encodeURIComponent(phone || "") }));
  await keepLook(look);
};
const drop = async ({ owner, path }) => {
  await tidy(owner);
  const found = await kept(path);
  if (found) await found.cache.delete(found.request);
};

const escaped = (text) => text.replace(/[&<>"']/g, (one) => `&#${one.charCodeAt(0)};`);
const nothingKept = async () => {
  const words = await caches.match(OFFLINE, { cacheName: WORDS });
  if (!words) return Response.error();
  const all = await copies();
  const links = all.map(({ request, copy }) =>
    `<li><a href="${escaped(new URL(request.url).pathname)}">${escaped(decodeURIComponent(copy.headers.get("X-Title")))}</a></li>`);
  const html = await words.text();
  if (!links.length) return page(html);
  // The hall whose door it is answers sooner than the municipality: its telephone comes first.
  const halls = [...new Set(all.map(({ copy }) => decodeURIComponent(copy.headers.get("X-Phone") || "")))].filter(Boolean).map((one) => one.split("\n"));
  const phones = halls.map(([number, hall]) => `<p><a class="tel" href="tel:${escaped(number.replace(/-/g, ""))}">${escaped(number)}</a></p><p>${escaped(hall)}</p>`);
  return page(html.replace("data-kept-list hidden", "data-kept-list")
    .replace('<ul class="kept"></ul>', () => `<ul class="kept">${links.join("")}</ul>`)
    .replace('<div class="kept-phones"></div>', () => `<div class="kept-phones">${phones.join("")}</div>`));
};

const soon = (answer) => Promise.race([
  answer,
  new Promise((_, give) => { setTimeout(() => give(new Error("no answer")), PATIENCE); }),
]);
const opened = async (request) => {
  const path = new URL(request.url).pathname;
  const answer = fetch(request);
  answer.catch(() => {}); // it is waited for below; meanwhile its failure is nobody's error
  await tidy();
  const found = await kept(path);
  try {
    const came = await (found ? soon(answer) : answer);
    if (found && came.status >= 500) return found.copy;
    if (found && came.status === 404) await found.cache.delete(found.request);
    return came;
  } catch {
    return found ? found.copy : nothingKept();
  }
};
const styled = (request) => fetch(request).catch(async () =>
  (await caches.match(request, { cacheName: LOOK, ignoreSearch: true })) || Response.error());

self.addEventListener("install", (event) => {
  self.skipWaiting();
  const words = new Request(OFFLINE, { credentials: "omit", cache: "reload" });
  event.waitUntil(caches.open(WORDS).then((cache) => cache.add(words)).catch(() => {}));
});
self.addEventListener("activate", (event) => event.waitUntil(tidy().then(() => self.clients.claim())));
self.addEventListener("message", (event) => {
  const told = event.data || {};
  const deeds = { keep, drop, owner: async ({ owner, signs }) => { await tidy(owner); await compare(signs || []); } };
  if (deeds[told.what]) event.waitUntil(deeds[told.what](told));
});
self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== self.location.origin) return;
  if (request.mode === "navigate") event.respondWith(opened(request));
  else if (url.pathname.startsWith("/static/")) event.respondWith(styled(request));
});
