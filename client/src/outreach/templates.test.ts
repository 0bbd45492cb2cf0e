import { beforeEach, expect, it, vi } from "vitest";
import { Refused } from "../core/http";
import type { OutreachTemplate } from "../gen/api";
import { toasts } from "../lib/toast.svelte";
import { order } from "./remote";
import { change } from "./templates";

vi.mock("./remote", () => ({ order: vi.fn<(name: string, args: unknown) => Promise<void>>() }));

const words = { reason_id: "r", locale: "en", subject: "Hi", body: "Your order" } as const;
const shipped: OutreachTemplate = { id: "m", ...words, shipped: true };
const own: OutreachTemplate = { ...shipped, subject: "Hello", shipped: false };

const ordered = vi.mocked(order);
const read = vi.fn<() => void>();
const last = (): (typeof toasts.items)[number] => toasts.items.at(-1)!;

beforeEach(() => {
  vi.useFakeTimers();
  ordered.mockReset();
  read.mockReset();
});

it("saves own words, reads them again, and goes back to those that were shipped", async () => {
  await change(own, shipped, read);
  expect(ordered).toHaveBeenLastCalledWith("outreach_template.save", { id: "m", ...words, subject: "Hello" });
  expect(read).toHaveBeenCalledOnce();
  last().undo?.();
  await vi.waitFor(() => expect(read).toHaveBeenCalledTimes(2));
  expect(ordered).toHaveBeenLastCalledWith("outreach_template.reset", { id: "m" });
});

it("goes back to the shipped words, and from there to the own ones", async () => {
  await change({ ...own, shipped: true }, own, read);
  expect(ordered).toHaveBeenLastCalledWith("outreach_template.reset", { id: "m" });
  last().undo?.();
  await vi.waitFor(() => expect(read).toHaveBeenCalledTimes(2));
  expect(ordered).toHaveBeenLastCalledWith("outreach_template.save", { id: "m", ...words, subject: "Hello" });
});

it("leaves it to the form to say what was refused, and says itself that nothing was taken back", async () => {
  ordered.mockRejectedValueOnce(new Refused("bad_template", 400));
  await expect(change(own, shipped, read)).rejects.toThrow("bad_template");
  expect(read).not.toHaveBeenCalled();

  await change(own, shipped, read);
  ordered.mockRejectedValueOnce(new Refused("forbidden", 403));
  last().undo?.();
  await vi.waitFor(() => expect(last().kind).toBe("error"));
});
