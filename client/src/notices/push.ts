/** Web Push on this device. What the browser gives is told to the server and kept nowhere else. */
import { isInstalled, isIos } from "../lib/platform";
import { session } from "../lib/session.svelte";
import { command } from "./actions";

export type Standing = "unsupported" | "install" | "denied" | "on" | "off";

const isSupported = (): boolean =>
  "serviceWorker" in navigator && "PushManager" in window && "Notification" in window;

async function subscription(): Promise<PushSubscription | null> {
  const registration = await navigator.serviceWorker.getRegistration();
  return (await registration?.pushManager.getSubscription()) ?? null;
}

export async function standing(): Promise<Standing> {
  // Safari on a phone has it only for apps on the home screen.
  if (!isSupported()) return isIos() && !isInstalled() ? "install" : "unsupported";
  if (!(await navigator.serviceWorker.getRegistration())) return "unsupported";
  if (Notification.permission === "denied") return "denied";
  return (await subscription()) ? "on" : "off";
}

/** Throws when the browser's push service is out of reach. */
export async function switchOn(): Promise<Standing> {
  if ((await Notification.requestPermission()) !== "granted") return standing();
  const { key } = await session.json<{ key: string }>("/api/v1/push-key");
  const { pushManager } = await navigator.serviceWorker.ready;
  const made = await pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: bytes(key) });
  const { endpoint, keys } = made.toJSON();
  const args = { endpoint: endpoint ?? "", p256dh: keys?.["p256dh"] ?? "", auth: keys?.["auth"] ?? "" };
  if (!(await command("push.subscribe", args))) await made.unsubscribe();
  return standing();
}

export async function switchOff(): Promise<Standing> {
  const made = await subscription();
  if (made) {
    await command("push.unsubscribe", { endpoint: made.endpoint });
    // The server forgets it when the push service says that it is gone.
    await made.unsubscribe();
  }
  return standing();
}

/** Old browsers take the key only as bytes. */
export function bytes(base64url: string): Uint8Array<ArrayBuffer> {
  const text = atob(base64url.replace(/-/g, "+").replace(/_/g, "/"));
  return Uint8Array.from(text, (c) => c.charCodeAt(0));
}
