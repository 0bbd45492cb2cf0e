import { newId } from "../core/ids";
import { mutators } from "../rooms";
import { IdbDisk } from "../sync/disk";
import { Engine, type Timers } from "../sync/engine";
import { Leader } from "../sync/leader";
import { Live } from "../sync/live";
import { HttpNet } from "../sync/net";
import type { Session } from "../sync/session";
import { useZone } from "./clock.svelte";
import { attach } from "./data.svelte";
import { deaf, openTabs } from "./tabs";
import { checkForUpdate } from "./update";

const LEASE_CHECK_MS = 60_000;
const LOOK_MS = 5_000;

const timers: Timers = {
  after(ms, task) {
    const id = setTimeout(task, ms);
    return () => clearTimeout(id);
  },
};

export interface House {
  userId: string;
  engine: Engine;
  /** The page came to the front, or the network came back. */
  resume(): void;
  /** The page went to the back. */
  rest(): void;
  close(): void;
}

/** Everything that runs for one signed-in person: disk, engine, the lead among the tabs, the live line. */
export async function openHouse(userId: string, session: Session): Promise<House> {
  const name = `dutyboard-${userId}`;
  const tabs = openTabs(name);
  const disk = new IdbDisk(userId);
  const engine = new Engine({
    userId,
    disk,
    net: new HttpNet((path, init) => session.api(path, init)),
    bus: tabs.engine,
    mutators,
    now: Date.now,
    random: (bytes) => crypto.getRandomValues(bytes as Uint8Array<ArrayBuffer>),
    timers,
    onOutdated: checkForUpdate,
  });
  const live = new Live({
    open: (signal) => session.stream("/api/sync/events", signal),
    timers,
    random: Math.random,
    onPoke: (order) => engine.poke(order),
  });
  const seen = (): boolean => document.visibilityState !== "hidden";
  const tune = (): void => live.set(engine.pump.leading && seen() && session.state === "in");
  const leader = new Leader({
    name,
    tab: newId(),
    locks: navigator.locks,
    lease: (tab, now, ms) => disk.lease(tab, now, ms),
    bus: tabs.leader,
    timers,
    now: Date.now,
    onChange(leading) {
      engine.lead(leading);
      tune();
    },
  });
  tabs.leader.onMessage = (message) => leader.heard(message);

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
  leader.start(seen());
  const lease = setInterval(() => void engine.checkLease(), LEASE_CHECK_MS);
  const look = deaf ? setInterval(() => seen() && void engine.catchUp(), LOOK_MS) : undefined;

  return {
    userId,
    engine,
    resume() {
      leader.setVisible(true);
      void engine.checkLease();
      void engine.catchUp();
      tune();
      live.restart();
      engine.poke();
    },
    rest() {
      leader.setVisible(false);
      tune();
    },
    close() {
      clearInterval(lease);
      clearInterval(look);
      live.set(false);
      leader.stop();
      engine.close();
      tabs.close();
      attach(null);
    },
  };
}
