/* global KEPT */
// Keeps what a page needs to open without a network: public files under names made of their contents, and the empty
// page a pack is worked through on (`annotations/assignments/packs/`). Nothing of anybody's: what is theirs lies in the
// browser's own store, under their place (`outbox.js`). `KEPT` is written in front of this by the server.
const NAME = `minka-${KEPT.files.join()}`, PATIENCE = 4000;

self.addEventListener("install", (event) => event.waitUntil((async () => {
  const cache = await caches.open(NAME);
  await cache.addAll([new Request(KEPT.page, { cache: "reload" }), ...KEPT.files]);
  await self.skipWaiting();
})()));

self.addEventListener("activate", (event) => event.waitUntil((async () => {
  for (const name of await caches.keys()) if (name !== NAME) await caches.delete(name);
  await self.clients.claim();
})()));

const kept = async (what) => (await caches.open(NAME)).match(what, { ignoreVary: true, ignoreSearch: true });

// The network's own page where there is one; without a network the kept one, whatever was asked for.
const page = async (request, ours) => {
  const asked = fetch(request);
  asked.catch(() => {});  // told below, unless it comes too late to matter
  try {
    const late = new Promise((_yes, no) => { if (ours) setTimeout(no, PATIENCE, new Error("late")); });
    const answer = await Promise.race([asked, late]);
    if (ours && answer.ok) await (await caches.open(NAME)).put(KEPT.page, answer.clone());
    return answer;
  } catch { return await kept(KEPT.page) || asked; }
};

self.addEventListener("fetch", (event) => {
  const { request } = event, { origin, pathname } = new URL(request.url);
  if (request.method !== "GET" || origin !== location.origin) return;
  if (request.mode === "navigate") event.respondWith(page(request, pathname === KEPT.page));
  else if (KEPT.files.includes(pathname)) event.respondWith(kept(pathname).then((found) => found || fetch(request)));
});
