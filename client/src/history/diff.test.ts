import { describe, expect, it } from "vitest";
import { changes, sortOf, type Row } from "./diff";

const words = (_: string, value: unknown): string =>
  typeof value === "object" ? JSON.stringify(value) : String(value);
const diff = (before: Row | null, after: Row | null): string[] =>
  changes(before, after, words).map(({ field, before, after }) => `${field}: ${before} > ${after}`);

describe("changes", () => {
  it("names only what is different", () => {
    expect(diff({ id: "1", name: "李", active: true }, { id: "1", name: "李雷", active: true })).toEqual([
      "name: 李 > 李雷",
    ]);
  });
  it("lists what a new row holds, without its empty fields and its id", () => {
    expect(diff(null, { id: "1", name: "李", email: null, skill_ids: [], active: false })).toEqual([
      "name:  > 李",
      "active:  > false",
    ]);
  });
  it("lists what a deleted row held", () => expect(diff({ letter: "Z" }, null)).toEqual(["letter: Z > "]));
  it("takes nothing, an empty text and an empty list for the same", () => {
    expect(diff({ a: null, b: "", c: [] }, { a: "", b: [], c: null })).toEqual([]);
  });
  it("compares texts by value", () => {
    expect(diff({ title: { zh: "a", en: "a" } }, { title: { zh: "a", en: "a" } })).toEqual([]);
  });
  it("shows one tick of a checklist, not the list", () => {
    const list = (done: boolean): Row => ({
      checklist: [
        { text: "x", done: true },
        { text: "y", done },
      ],
    });
    expect(diff(list(false), list(true))).toEqual([
      'checklist: {"text":"y","done":false} > {"text":"y","done":true}',
    ]);
  });
  it("shows only the note that was added, wherever it stands", () => {
    const notes = [{ id: "n1", text: "a" }];
    expect(diff({ notes }, { notes: [{ id: "n2", text: "b" }, ...notes] })).toEqual([
      'notes:  > {"id":"n2","text":"b"}',
    ]);
  });
  it("treats a list of ids as one value", () => {
    expect(diff({ skill_ids: ["a"] }, { skill_ids: ["a", "b"] })).toEqual(['skill_ids: ["a"] > ["a","b"]']);
  });
});

it.each([
  ["due_at", { kind: "instant" }],
  ["tomorrow_mail_at", { kind: "plain" }],
  ["length_min", { kind: "minutes" }],
  ["assignee_id", { kind: "link", to: "person" }],
  ["quadrant", { kind: "word", prefix: "board.q." }],
  ["letter", { kind: "plain" }],
  ["return_by", { kind: "instant" }],
  ["step", { kind: "place" }],
  ["state", { kind: "word", prefix: "board.standing." }],
])("knows what %s holds", (field, want) => expect(sortOf(field)).toEqual(want));

it("knows that a case of outreach has states of its own", () =>
  expect(sortOf("state", "outreach")).toEqual({ kind: "word", prefix: "outreach.state." }));
