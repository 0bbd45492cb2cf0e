import { expect, it, vi } from "vitest";
import { Refused, Unreachable } from "../core/http";
import { Reading } from "./reading.svelte";

const away = (): Promise<never> => Promise.reject(new Unreachable());
const busy = (): Promise<never> => Promise.reject(new Refused("unavailable", 503));
const settled = (): Promise<void> => new Promise((resolve) => void setTimeout(resolve));

it("says what it is at: asking, done, without a network, or refused", async () => {
  const reading = new Reading<string>();
  reading.begin(() => Promise.resolve("a"));
  expect(reading.shown).toEqual({ at: "loading" });
  await settled();
  expect(reading.shown).toEqual({ at: "shown", value: "a" });
  reading.begin(away);
  await settled();
  expect(reading.shown).toEqual({ at: "offline" });
  reading.begin(busy);
  await settled();
  expect(reading.shown).toEqual({ at: "failed", code: "unavailable" });
});

it("keeps what is shown when reading it again fails, says so, and asks once more when the network is back", async () => {
  const kept = vi.fn<(code: string) => void>();
  const read = vi.fn<() => Promise<string>>().mockResolvedValueOnce("a");
  const reading = new Reading<string>(kept);
  reading.begin(read);
  await settled();
  for (const failing of [away, busy]) {
    read.mockImplementationOnce(failing);
    reading.again();
    expect(reading.shown).toEqual({ at: "shown", value: "a" });
    await settled();
    expect(reading.shown).toEqual({ at: "shown", value: "a" });
  }
  expect(kept).toHaveBeenCalledTimes(2);

  read.mockResolvedValueOnce("b");
  reading.online();
  await settled();
  expect(reading.shown).toEqual({ at: "shown", value: "b" });
  reading.online();
  expect(read).toHaveBeenCalledTimes(4);
});

it("asks again when the network is back, or when it is told to", async () => {
  const read = vi.fn<() => Promise<string>>().mockImplementationOnce(away).mockImplementationOnce(busy);
  const reading = new Reading<string>();
  reading.begin(read);
  await settled();
  reading.online();
  await settled();
  // A refusal is not a matter of the network.
  reading.online();
  expect(reading.shown).toEqual({ at: "failed", code: "unavailable" });
  read.mockResolvedValueOnce("a");
  reading.again();
  expect(reading.shown).toEqual({ at: "loading" });
  await settled();
  expect(reading.shown).toEqual({ at: "shown", value: "a" });
});

it("takes no answer that was overtaken, and none after it was given up", async () => {
  let answer: (value: string) => void = () => {};
  const slow = (): Promise<string> => new Promise((resolve) => (answer = resolve));
  const reading = new Reading<string>();
  reading.begin(slow);
  reading.begin(() => Promise.resolve("b"));
  answer("a");
  await settled();
  expect(reading.shown).toEqual({ at: "shown", value: "b" });
  reading.begin(slow);
  reading.giveUp();
  answer("a");
  await settled();
  expect(reading.shown).toEqual({ at: "loading" });
});
