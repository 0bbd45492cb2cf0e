import { every } from "../core/timers";
import { Engine, type Bus, type EngineDeps } from "./engine";
import { Leader } from "./leader";
import { Live } from "./live";

const LEASE_CHECK_MS = 60_000;
const LOOK_MS = 5_000;

/** The channel between the tabs of one user, heard by the engine and by the choice of a leader. */
export interface TabChannel {
  engine: Bus;
  leader: Bus;
  /** Nothing is ever heard here. */
  deaf: boolean;
  close(): void;
}

export interface TabDeps extends Omit<EngineDeps, "bus"> {
  /** One name per user and device. */
  name: string;
  /** This tab among those of that name. */
  id: string;
  channel: TabChannel;
  locks: LockManager | undefined;
  /** Opens the server's stream of hints. */
  stream(signal: AbortSignal): Promise<Response>;
  seen(): boolean;
  signedIn(): boolean;
  /** 0 to 1. */
  roll(): number;
}

/** What runs in one tab for one signed-in person: engine, the lead among the tabs, the live line. No globals in here. */
export class Tab {
  readonly engine: Engine;
  readonly leader: Leader;
  private readonly live: Live;
  private stops: (() => void)[] = [];

  constructor(private readonly deps: TabDeps) {
    const { channel, timers } = deps;
    this.engine = new Engine({ ...deps, bus: channel.engine });
    this.live = new Live({
      open: (signal) => deps.stream(signal),
      timers,
      random: () => deps.roll(),
      onPoke: (order) => this.engine.poke(order),
    });
    this.leader = new Leader({
      name: deps.name,
      tab: deps.id,
      locks: deps.locks,
      lease: (tab, now, ms) => deps.disk.lease(tab, now, ms),
      bus: channel.leader,
      timers,
      now: () => deps.now(),
      onChange: (leading) => {
        this.engine.lead(leading);
        this.tune();
      },
    });
    // What is still on the disk is for a tab that can read it.
    this.engine.onDiskLost = () => this.leader.stop();
    channel.leader.onMessage = (message) => this.leader.heard(message);
  }

  /** After the engine has started. */
  start(): void {
    const { channel, seen, timers } = this.deps;
    this.leader.start(seen());
    this.stops.push(every(timers, LEASE_CHECK_MS, () => void this.engine.checkLease()));
    if (channel.deaf) this.stops.push(every(timers, LOOK_MS, () => seen() && void this.engine.catchUp()));
  }

  /** The page came to the front, or the network came back. */
  resume(): void {
    this.leader.setVisible(true);
    void this.engine.checkLease();
    void this.engine.catchUp();
    this.tune();
    this.live.restart();
    this.engine.poke();
  }

  /** The page went to the back. */
  rest(): void {
    this.leader.setVisible(false);
    this.tune();
  }

  close(): void {
    for (const stop of this.stops) stop();
    this.live.set(false);
    this.leader.stop();
    this.engine.close();
    this.deps.channel.close();
  }

  private tune(): void {
    this.live.set(this.engine.pump.leading && this.deps.seen() && this.deps.signedIn());
  }
}
