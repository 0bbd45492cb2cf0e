import { describe, expect, it } from "vitest";
import type { Reject, Workspace } from "../gen/api";
import { Rows } from "../sync/rows";
import { mutators } from "./mutators";
import { isViewHours, isZone } from "./rules";

describe("settings", () => {
  it.each([
    ["Asia/Shanghai", true],
    ["America/Argentina/Buenos_Aires", true],
    ["UTC", true],
    ["Asia/Peking", false],
    ["+08:00", false],
    ["", false],
  ])("zone %s: %s", (zone, good) => expect(isZone(zone)).toBe(good));

  it.each([
    ["72", true],
    ["1", true],
    ["720", true],
    ["0", false],
    ["721", false],
    ["1.5", false],
    ["", false],
  ])("view hours %s: %s", (hours, good) => expect(isViewHours(hours)).toBe(good));
});

describe("edits that belong to no room", () => {
  it("change what they name and leave the rest", () => {
    const rows = new Rows(mutators, "me");
    rows.setBase("workspace/w", { id: "w", name: "店", view_hours: 72 } as Workspace);
    rows.setBase("person_private/me", { id: "me", locale: "zh-CN", tomorrow_mail_at: null });
    rows.setBase("reject/r", { id: "r", handed: false } as Reject);
    rows.setBase("reject/s", { id: "s", handed: false } as Reject);
    const play = (name: string, args: Record<string, unknown>): void =>
      rows.play({ clientID: "c", id: 1, uid: "u", name, args, timestamp: 0, schema: "1" });
    play("workspace.update", { name: "新店", at: 5 });
    play("person.prefs", { tomorrow_mail_at: "20:00", at: 5 });
    play("reject.discard", { uid: "r" });
    play("reject.hand", { uid: "s" });
    play("reject.hand", { uid: "unknown" });
    expect(rows.all("workspace")).toEqual([{ id: "w", name: "新店", view_hours: 72 }]);
    expect(rows.get("person_private", "me")).toEqual({
      id: "me",
      locale: "zh-CN",
      tomorrow_mail_at: "20:00",
    });
    expect(rows.all("reject")).toEqual([{ id: "s", handed: true }]);
  });
});
