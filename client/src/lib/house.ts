import { newId } from "../core/ids";
import { realTimers } from "../core/timers";
import { mutators } from "../rooms";
import { IdbDisk } from "../sync/disk";
import type { Engine } from "../sync/engine";
import { HttpNet } from "../sync/net";
import type { Session } from "../sync/session";
import { Tab } from "../sync/tab";
import { useZone } from "./clock.svelte";
import { attach } from "./data.svelte";
import { openTabs } from "./tabs";
import { checkForUpdate } from "./update";

export interface House {
  userId: string;
  engine: Engine;
  /** The page came to the front, or the network came back. */
  resume(): void;
  /** The page went to the back. */
  rest(): void;
  close(): void;
}

/** Everything that runs for one signed-in person, wired to this browser and to the screen. */
export async function openHouse(userId: string, session: Session): Promise<House> {
  const name = `dutyboard-${userId}`;
  const tab = new Tab({
    name,
    id: newId(),
    userId,
    disk: new IdbDisk(userId, realTimers),
    net: new HttpNet((path, init) => session.api(path, init)),
    channel: openTabs(name),
    locks: navigator.locks,
    mutators,
    now: Date.now,
    random: (bytes) => crypto.getRandomValues(bytes as Uint8Array<ArrayBuffer>),
    roll: Math.random,
    timers: realTimers,
    stream: (signal) => session.stream("/api/sync/events", signal),
    seen: () => document.visibilityState !== "hidden",
    signedIn: () => session.state === "in",
    onOutdated: checkForUpdate,
  });
  const { engine } = tab;

  await engine.start();
  attach(engine);
  const zone = (): void => {
    const workspace = engine.rows.all("workspace")[0];
    if (workspace) useZone(workspace.zone);
  };
  const showRows = engine.onRows;
  engine.onRows = (kinds) => {
    if (kinds.has("workspace")) zone();
    showRows(kinds);
  };
  zone();
  tab.start();

  return {
    userId,
    engine,
    resume: () => tab.resume(),
    rest: () => tab.rest(),
    close() {
      tab.close();
      attach(null);
    },
  };
}
