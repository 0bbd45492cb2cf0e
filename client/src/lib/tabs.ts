import type { Bus, BusMessage } from "../sync/engine";
import type { TabChannel } from "../sync/tab";

/** Without BroadcastChannel the tabs do not hear each other; they then look at the disk from time to time. */
export function openTabs(name: string): TabChannel {
  const engine: Bus = { post, onMessage: () => {} };
  const leader: Bus = { post, onMessage: () => {} };
  const channel = typeof BroadcastChannel === "undefined" ? null : new BroadcastChannel(name);
  function post(message: BusMessage): void {
    try {
      channel?.postMessage(message);
    } catch {
      // Closed while a last write was under way.
    }
  }
  if (channel) {
    channel.addEventListener("message", (event: MessageEvent<BusMessage>) => {
      engine.onMessage(event.data);
      leader.onMessage(event.data);
    });
  }
  return { engine, leader, deaf: !channel, close: () => channel?.close() };
}
