import { beforeEach, expect, it, vi } from "vitest";
import { confirming } from "../lib/confirm.svelte";
import { session } from "../lib/session.svelte";
import { alike, Draft, draftOf, giveUp, isUnfinished } from "./drafts.svelte";

vi.mock("../lib/session.svelte", () => ({ session: { user: { id: "me" } } }));

const WORDS = { subject: "Hi", body: "Your order" };
let serial = 0;
let name = "";
beforeEach(() => {
  name = `template ${++serial}`;
});

it("the same content is alike in whatever order its fields stand", () => {
  expect(alike({ a: 1, b: [{ c: null, d: "" }] }, { b: [{ d: "", c: null }], a: 1 })).toBe(true);
  for (const other of [{ a: 1 }, { a: 1, b: undefined }, { a: 1, c: 2 }, { a: 1, b: [2] }, null, [1, 2]])
    expect(alike({ a: 1, b: 2 }, other)).toBe(false);
  expect(alike([1, 2], [2, 1])).toBe(false);
});

it("what is stored meanwhile shows while nothing was typed", () => {
  const draft = new Draft(WORDS);
  draft.follow({ ...WORDS, body: "Your parcel" });
  expect(draft.now.body).toBe("Your parcel");
  expect([draft.isTyped, draft.isOvertaken]).toEqual([false, false]);
});

it("but never in place of what was typed, which is told that it was overtaken", () => {
  const draft = new Draft(WORDS);
  draft.change({ subject: "Hello" });
  draft.follow({ ...WORDS });
  expect([draft.isTyped, draft.isOvertaken]).toEqual([true, false]);
  draft.follow({ ...WORDS, body: "Your parcel" });
  expect(draft.now).toEqual({ subject: "Hello", body: "Your order" });
  expect([draft.isTyped, draft.isOvertaken]).toEqual([true, true]);
  draft.drop();
  expect(draft.now).toEqual({ subject: "Hi", body: "Your parcel" });
  expect([draft.isTyped, draft.isOvertaken]).toEqual([false, false]);
});

it("what was saved is not typed any more, and taking it back shows what was there before", () => {
  const draft = new Draft(WORDS);
  draft.change({ subject: "Hello" });
  draft.follow({ ...WORDS, subject: "Hello" });
  expect(draft.isTyped).toBe(false);
  draft.settle({ ...WORDS, subject: "Hello" });
  draft.follow(WORDS);
  expect(draft.now).toEqual(WORDS);
});

it("what was typed while it was being saved is still to be saved", () => {
  const draft = new Draft(WORDS);
  const saved = { ...WORDS, subject: "Hello" };
  draft.change(saved);
  draft.change({ body: "Your parcel" });
  draft.follow({ ...saved });
  draft.settle(saved);
  expect([draft.isTyped, draft.isOvertaken]).toEqual([true, false]);
  draft.follow({ ...saved });
  expect(draft.now).toEqual({ subject: "Hello", body: "Your parcel" });
  // A save that is told of later.
  draft.settle({ ...draft.now });
  draft.follow({ ...draft.now });
  expect(draft.isTyped).toBe(false);
});

it("is kept while its form is away, each by its name, and for whoever typed it", () => {
  draftOf(name, WORDS).change({ subject: "Hello" });
  expect(isUnfinished(name)).toBe(true);
  expect(isUnfinished(`${name}0`)).toBe(false);
  expect(draftOf(`${name}0`, WORDS).now).toEqual(WORDS);
  expect(draftOf(name, { ...WORDS, body: "Your parcel" })).toMatchObject({
    now: { subject: "Hello", body: "Your order" },
    isOvertaken: true,
  });
  session.user!.id = "mate";
  expect(isUnfinished(name)).toBe(false);
  expect(draftOf(name, WORDS).now).toEqual(WORDS);
  session.user!.id = "me";
  expect(isUnfinished(name)).toBe(true);
});

it("shows what is stored when its form comes back and nothing was typed", () => {
  draftOf(name, WORDS);
  expect(draftOf(name, { ...WORDS, subject: "Hello" }).now.subject).toBe("Hello");
});

it("is dropped only by whoever says so", async () => {
  const draft = draftOf(name, WORDS);
  expect(await giveUp(draft)).toBe(true);
  expect(confirming.question).toBeNull();
  for (const sure of [false, true]) {
    draft.change({ subject: "Hello" });
    const answer = giveUp(draft);
    confirming.question!.answer(sure);
    expect(await answer).toBe(sure);
    expect(draft.isTyped).toBe(!sure);
  }
  expect(draft.now).toEqual(WORDS);
});
