import { describe, expect, it } from "vitest";
import { FakeTime, Tabs } from "./kit/world";
import { Leader } from "./leader";

/** The part of the Web Locks API in use: one exclusive lock, a queue, and stealing. */
class FakeLocks {
  asked = 0;
  /** As for a page that is being left: every request is refused at once. */
  refuses = false;
  private holder: { reject: (why: Error) => void } | null = null;
  private queue: (() => void)[] = [];

  request(_name: string, options: LockOptions, task: () => Promise<void>): Promise<void> {
    this.asked++;
    if (this.refuses) return Promise.reject(new DOMException("not active", "InvalidStateError"));
    return new Promise((resolve, reject) => {
      const grant = (): void => {
        const own = { reject };
        this.holder = own;
        const over = (): void => {
          if (this.holder !== own) return;
          this.holder = null;
          this.queue.shift()?.();
          resolve();
        };
        task().then(over, over);
      };
      if (options.steal) {
        this.holder?.reject(new DOMException("stolen", "AbortError"));
        grant();
      } else if (this.holder) {
        this.queue.push(grant);
        options.signal?.addEventListener("abort", () => {
          this.queue = this.queue.filter((other) => other !== grant);
          reject(new DOMException("aborted", "AbortError"));
        });
      } else {
        grant();
      }
    });
  }
}

async function rest(): Promise<void> {
  for (let i = 0; i < 20; i++) await Promise.resolve();
}

function house() {
  const time = new FakeTime();
  const tabs = new Tabs();
  const locks = new FakeLocks();
  let lease: { tab: string; until: number } | null = null;
  return {
    time,
    locks,
    open(tab: string, visible: boolean, withLocks = true) {
      const bus = tabs.bus();
      const leader = new Leader({
        name: "n",
        tab,
        locks: withLocks ? (locks as unknown as LockManager) : undefined,
        async lease(who, now, ms) {
          if (lease && lease.tab !== who && lease.until > now) return false;
          lease = { tab: who, until: now + ms };
          return true;
        },
        bus,
        timers: time,
        now: () => time.now,
        onChange: () => {},
      });
      bus.onMessage = (message) => leader.heard(message);
      leader.start(visible);
      return { leader, bus };
    },
  };
}

describe("the lead among tabs", () => {
  it("stays with the first of two windows side by side, and passes on when it is closed", async () => {
    const { open, time } = house();
    const one = open("1", true).leader;
    await rest();
    const two = open("2", true).leader;
    await rest();
    time.pass(10_000);
    await rest();
    expect([one.leading, two.leading]).toEqual([true, false]);
    one.stop();
    await rest();
    expect([one.leading, two.leading]).toEqual([false, true]);
  });

  it("goes to the tab in front when the leader is hidden", async () => {
    const { open } = house();
    const one = open("1", true).leader;
    await rest();
    one.setVisible(false);
    const two = open("2", true).leader;
    await rest();
    expect([one.leading, two.leading]).toEqual([false, true]);
    two.setVisible(false);
    one.setVisible(true);
    await rest();
    expect([one.leading, two.leading]).toEqual([true, false]);
  });

  it("is taken from a frozen tab, which steps back when it wakes", async () => {
    const { open, time } = house();
    const frozen = open("1", false);
    await rest();
    frozen.bus.onMessage = () => {};
    const two = open("2", true).leader;
    await rest();
    expect(two.leading).toBe(false);
    time.pass(3_000);
    await rest();
    expect([frozen.leader.leading, two.leading]).toEqual([false, true]);
    two.stop();
    await rest();
    expect(frozen.leader.leading).toBe(true);
  });

  it("is not asked for by a tab that has given up, even when it is looked at again", async () => {
    const { open } = house();
    const one = open("1", true).leader;
    await rest();
    const two = open("2", false);
    one.stop();
    await rest();
    const heard: string[] = [];
    two.bus.onMessage = (message) => heard.push(message.type);
    one.setVisible(true);
    await rest();
    expect([one.leading, two.leader.leading, heard]).toEqual([false, true, []]);
  });

  it("is asked for again after a pause, not at once, when the browser refuses it", async () => {
    const { open, time, locks } = house();
    locks.refuses = true;
    const { leader } = open("1", true);
    await rest();
    expect(locks.asked).toBe(1);
    locks.refuses = false;
    time.pass(1_000);
    await rest();
    expect([leader.leading, locks.asked]).toEqual([true, 2]);
  });

  it("is taken in turns through the disk where there are no locks", async () => {
    const { open, time } = house();
    const one = open("1", true, false).leader;
    const two = open("2", true, false).leader;
    await rest();
    expect([one.leading, two.leading]).toEqual([true, false]);
    one.setVisible(false);
    await rest();
    expect(one.leading).toBe(false);
    for (let i = 0; i < 4; i++) {
      time.pass(5_000);
      await rest();
    }
    expect(two.leading).toBe(true);
  });
});
