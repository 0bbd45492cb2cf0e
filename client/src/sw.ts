/// <reference lib="webworker" />
/** Keeps the shell of the app for offline starts; never any data. The build writes in the list and the hash. */
const worker = self as unknown as ServiceWorkerGlobalScope;

const FILES = JSON.parse("__PRECACHE__") as string[];
const CACHE = "shell-__BUILD__";
/** The builds in the order in which they took over, oldest first. */
const BUILDS = "builds";

worker.addEventListener("install", (event) => {
  event.waitUntil(fill());
});

worker.addEventListener("activate", (event) => {
  event.waitUntil(takeOver());
});

worker.addEventListener("message", (event) => {
  if (event.data === "SKIP_WAITING") event.waitUntil(worker.skipWaiting());
});

worker.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== worker.location.origin) return;
  if (url.pathname.startsWith("/api/")) return;
  // Pages of the server itself, opened by hand or by a probe.
  if (request.mode === "navigate" && url.pathname !== "/" && url.pathname !== "/index.html") return;
  event.respondWith(request.mode === "navigate" ? page(request) : asset(request));
});

worker.addEventListener("push", (event) => {
  event.waitUntil(show(event.data));
});

worker.addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(open(String((event.notification.data as { link?: unknown } | null)?.link ?? "")));
});

/** Every push must show something: browsers take the permission away from those who stay silent. */
async function show(data: PushMessageData | null): Promise<void> {
  let said: { id?: string; title?: string; body?: string; link?: string } = {};
  try {
    said = (data?.json() as typeof said | undefined) ?? {};
  } catch {
    // Not ours; it is shown as a bare reminder.
  }
  // The same notice again takes the place of the one that is shown.
  const more = { tag: said.id ?? "dutyboard", icon: "/icons/icon-192.png", data: { link: said.link ?? "" } };
  await worker.registration.showNotification(said.title ?? "Dutyboard", { body: said.body ?? "", ...more });
}

/** Brings the app up at a place in it; whatever else a message asks for leads to the inbox. */
async function open(link: string): Promise<void> {
  const place = /^#\/[^\s]*$/.test(link) ? link : "#/notices";
  const [tab] = await worker.clients.matchAll({ type: "window" });
  if (!tab) {
    await worker.clients.openWindow(`/${place}`);
    return;
  }
  await tab.focus();
  await tab.navigate(`/${place}`);
}

async function fill(): Promise<void> {
  const cache = await caches.open(CACHE);
  await cache.addAll(FILES.map((path) => new Request(path, { cache: "reload" })));
}

/** Keeps this build and the one before it: tabs that still run the old one load their parts from it. */
async function takeOver(): Promise<void> {
  const notes = await caches.open(BUILDS);
  const noted = await notes.match("/builds");
  const before = (noted ? ((await noted.json()) as string[]) : []).filter((name) => name !== CACHE);
  const kept = [...before.slice(-1), CACHE];
  await notes.put("/builds", new Response(JSON.stringify(kept)));
  for (const name of await caches.keys()) {
    if (name !== BUILDS && !kept.includes(name)) await caches.delete(name);
  }
  await worker.clients.claim();
}

async function page(request: Request): Promise<Response> {
  const cache = await caches.open(CACHE);
  return (await cache.match("/index.html")) ?? fetch(request);
}

async function asset(request: Request): Promise<Response> {
  const own = await (await caches.open(CACHE)).match(request);
  return own ?? (await caches.match(request)) ?? fetch(request);
}
