import { offerUpdate } from "./data.svelte";

const FIELDS = "textarea, input:not([type=checkbox]):not([type=radio])";
const RELOADED = "dutyboard.reloaded";
const AGAIN_MS = 30_000;
const ASK_AGAIN_MS = 2_000;
/** For a board on a wall, which is never hidden and shown again. */
const LOOK_MS = 3_600_000;

let registration: ServiceWorkerRegistration | null = null;
let tapped = false;

/** Looks for a newer build; installed apps rarely navigate, so nobody else does. */
export function checkForUpdate(): void {
  registration?.update().catch(() => {
    // Offline: it is looked for again at the next opportunity.
  });
}

/** Registers the service worker, where there is one: WeChat and old web views have none and stay online-only. */
export async function startUpdates(): Promise<void> {
  // A build that has gone from the server and from the cache: the page must come from the new one.
  addEventListener("vite:preloadError", () => void startAnew());
  const workers = navigator.serviceWorker;
  if (!workers || import.meta.env.DEV) return;
  const hadController = workers.controller !== null;
  workers.addEventListener("controllerchange", () => {
    // The very first worker takes over a page that is already what it would serve.
    if (!hadController && !tapped) return;
    if (tapped) reload();
    else changeOver();
  });
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible") checkForUpdate();
  });
  try {
    registration = await workers.register("/sw.js", { updateViaCache: "none" });
  } catch {
    return;
  }
  setInterval(checkForUpdate, LOOK_MS);
  const found = registration;
  const follow = (): void => {
    const fresh = found.installing;
    fresh?.addEventListener("statechange", () => {
      if (fresh.state === "installed" && workers.controller) offer(found);
    });
  };
  if (found.waiting) offer(found);
  follow();
  found.addEventListener("updatefound", follow);
}

function offer(from: ServiceWorkerRegistration): void {
  offerUpdate(() => {
    tapped = true;
    handOver(from);
  });
}

/** Asks again until it has happened: the request can be lost, and a new worker can be in charge without claiming this page. */
function handOver(from: ServiceWorkerRegistration): void {
  if (!from.waiting) {
    reload();
    return;
  }
  from.waiting.postMessage("SKIP_WAITING");
  setTimeout(() => handOver(from), ASK_AGAIN_MS);
}

/** Nobody is in the middle of something: no dialog is open and nothing has been typed. */
function isQuiet(): boolean {
  if (document.querySelector("dialog[open]")) return false;
  const fields = document.querySelectorAll<HTMLInputElement | HTMLTextAreaElement>(FIELDS);
  return [...fields].every((field) => field.value === field.defaultValue);
}

/** Without a network a part is missing too, but a page that stands is worth more than the browser's error page. */
async function startAnew(): Promise<void> {
  const isThere = await fetch("/index.html").then(
    (reply) => reply.ok,
    () => false,
  );
  if (isThere && !reloadedLately()) changeOver();
}

function changeOver(): void {
  if (isQuiet()) reload();
  else offerUpdate(reload);
}

function reload(): void {
  try {
    sessionStorage.setItem(RELOADED, String(Date.now()));
  } catch {
    // Without it a second failure would reload once more, no worse.
  }
  location.reload();
}

function reloadedLately(): boolean {
  try {
    return Date.now() - Number(sessionStorage.getItem(RELOADED)) < AGAIN_MS;
  } catch {
    return true;
  }
}
