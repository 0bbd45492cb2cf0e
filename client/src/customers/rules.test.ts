import { describe, expect, it } from "vitest";
import { at, DAY, hmOf, MINUTE } from "../core/time";
import type { Callback } from "../gen/api";
import { changesOf, daysOf, draftOf, reachChanges, tagsOf } from "./draft";
import { arrange, gapOf, keeperOf, nextOn, occasions, offers, search, standing, urgency } from "./rules";
import { fillIn, sceneOf, SCENES, SCRIPTS } from "./scripts";
import { callback, card, policy } from "./testkit";
import { nextCalls } from "./upcoming";

const ZONE = "Asia/Shanghai";
const on = (hm: string, day = "2026-03-03"): number => at(day, hm, ZONE);

describe("what is due", () => {
  const due = (hm: string, until = hm, more: Partial<Callback> = {}): Callback =>
    callback({ id: hm, due_at: on(hm), until_at: on(until), ...more });

  it("stands in groups, the most pressing first", () => {
    const rows = [
      due("18:00"),
      due("09:00", "17:30"),
      due("10:05"),
      due("09:30"),
      due("10:00", "10:00", { state: "done", closed_at: 5 }),
      callback({
        id: "tomorrow",
        due_at: on("10:00", "2026-03-04"),
        until_at: on("10:00", "2026-03-04"),
        day: "2026-03-04",
      }),
    ];
    const groups = arrange(rows, on("10:00"), ZONE);
    const ids = Object.fromEntries(
      Object.entries(groups).map(([name, list]) => [name, (list as Callback[]).map((row) => row.id)]),
    );
    expect(ids).toEqual({
      overdue: ["09:30"],
      now: ["10:05", "09:00"],
      today: ["18:00"],
      later: ["tomorrow"],
      closed: ["10:00"],
    });
  });

  it("rings ten minutes before, at the time, and when it is late; a wide window near its end", () => {
    const row = due("16:30");
    expect([on("16:19"), on("16:20"), on("16:30"), on("16:30") + 1].map((now) => urgency(row, now))).toEqual([
      null,
      "soon",
      "due",
      "overdue",
    ]);
    const wide = due("09:00", "17:30");
    expect([on("09:00"), on("17:20"), on("17:31")].map((now) => urgency(wide, now))).toEqual([
      null,
      "soon",
      "overdue",
    ]);
    expect(urgency({ ...row, state: "cancelled" }, on("17:00"))).toBeNull();
  });

  it("names the next one of each buyer", () => {
    const next = nextCalls([due("18:00"), due("16:30"), due("09:00", "09:00", { state: "done" })]);
    expect(next.get("c")?.id).toBe("16:30");
  });
});

describe("times to promise", () => {
  it("lie ahead and inside the hours of the phone", () => {
    for (const now of ["03:00", "08:50", "15:02", "20:20", "23:30"]) {
      for (const offer of offers(on(now), "phone", ZONE)) {
        const hm = hmOf(offer.at, ZONE);
        expect(offer.at, now).toBeGreaterThan(on(now));
        expect(hm >= "09:00" && hm < "20:30", `${now} → ${hm}`).toBe(true);
      }
    }
  });

  it("are near ones, round ones of today and of tomorrow", () => {
    const shown = offers(on("15:02"), "phone", ZONE).map((one) => hmOf(one.at, ZONE));
    expect(shown).toEqual([
      "15:20",
      "15:35",
      "16:05",
      "16:30",
      "17:05",
      "18:00",
      "20:00",
      "10:00",
      "15:00",
      "18:00",
    ]);
    expect(offers(on("22:00"), "phone", ZONE).every((one) => one.kind === "tomorrow")).toBe(true);
    expect(offers(on("22:00"), "im", ZONE)[0]).toMatchObject({ kind: "in", minutes: 15 });
  });
});

describe("how long a buyer waits", () => {
  const now = on("10:00");
  it.each([
    [0, "ok", false],
    [29, "ok", false],
    [30, "warn", false],
    [40, "warn", false],
    [41, "danger", false],
    [45, "danger", true],
    [90, "danger", true],
  ] as const)("%i days: %s", (days, tone, passed) => {
    const gap = gapOf(card({ tier: "vip", last_contact_at: now - days * DAY }), policy(), now, ZONE);
    expect(gap).toMatchObject({ days, tone, passed });
  });

  it("counts calendar days, from the first day if there was no contact, by one's own gaps", () => {
    const late = on("23:59", "2026-03-02");
    expect(gapOf(card({ created_at: late }), policy(), on("00:01"), ZONE)?.days).toBe(1);
    const own = gapOf(card({ created_at: late, ideal_days: 1, longest_days: 3 }), policy(), now, ZONE);
    expect(own).toMatchObject({ ideal: 1, longest: 3, tone: "warn" });
    expect(gapOf(card(), policy({ enabled: false }), now, ZONE)).toBeNull();
    expect(gapOf(card(), undefined, now, ZONE)).toBeNull();
  });
});

describe("the search on this device", () => {
  const deer = card({ id: "1", nick: "小鹿爱喝茶", tags: ["春茶"], notes: "对花粉过敏" });
  const hill = card({ id: "2", nick: "Shan", name: "张山", phone: "138****2222" });
  const reach = { id: "2", phone: "13800002222", email: "shan@example.com", address: "", messengers: [] };
  const found = (typed: string): string[] =>
    search([deer, hill], (id) => (id === "2" ? reach : undefined), typed).map((one) => one.id);

  it.each([
    ["鹿", ["1"]],
    ["春茶", ["1"]],
    ["花粉", ["1"]],
    ["1111", ["1"]],
    ["00002222", ["2"]],
    ["SHAN", ["2"]],
    ["张 2222", ["2"]],
    ["138", ["2", "1"]],
    ["nobody", []],
  ])("%s", (typed, ids) => expect(found(typed).sort()).toEqual(ids.slice().sort()));
});

describe("special days", () => {
  it("come every year, the leap day on the 28th in others", () => {
    expect(nextOn(3, 3, "2026-03-03")).toBe("2026-03-03");
    expect(nextOn(3, 2, "2026-03-03")).toBe("2027-03-02");
    expect(nextOn(2, 29, "2026-01-01")).toBe("2026-02-28");
    expect(nextOn(2, 29, "2027-12-01")).toBe("2028-02-29");
  });

  it("of the next days, over the end of the year", () => {
    const buyer = card({
      special_days: [
        { month: 1, day: 5, label: "生日" },
        { month: 12, day: 24, label: "纪念日" },
        { month: 6, day: 1, label: "远" },
      ],
    });
    const near = occasions([buyer], "2026-12-20", 30).map((one) => [one.day, one.label]);
    expect(near).toEqual([
      ["2026-12-24", "纪念日"],
      ["2027-01-05", "生日"],
    ]);
  });
});

describe("the form", () => {
  const before = draftOf(card({ tags: ["春茶"] }), undefined);

  it("sends only what was changed", () => {
    expect(changesOf(before, before)).toEqual({});
    expect(reachChanges(before, { ...before, phone: " 13800001111 " })).toEqual({ phone: "13800001111" });
    const messengers = [
      { name: "微信", handle: " lu " },
      { name: "QQ", handle: " " },
    ];
    expect(reachChanges(before, { ...before, messengers })).toEqual({
      messengers: [{ name: "微信", handle: "lu" }],
    });
    expect(changesOf(before, { ...before, tags: "春茶，送礼 #春茶" })).toEqual({ tags: ["春茶", "送礼"] });
    const empty = [{ month: 1, day: 1, label: " " }];
    expect(changesOf(before, { ...before, special_days: empty })).toEqual({});
    expect(tagsOf(" a、b,c ")).toEqual(["a", "b", "c"]);
  });

  it("reads gaps", () => {
    expect(daysOf("", "")).toEqual({ ideal_days: null, longest_days: null });
    expect(daysOf("10", "20")).toEqual({ ideal_days: 10, longest_days: 20 });
    for (const [ideal, longest] of [
      ["20", "10"],
      ["0", ""],
      ["x", ""],
      ["1.5", ""],
      ["", "9999"],
    ] as const)
      expect(daysOf(ideal, longest), `${ideal}/${longest}`).toBeNull();
  });
});

describe("scripts", () => {
  it("are complete in both languages and say who speaks", () => {
    for (const scene of SCENES) {
      for (const words of Object.values(SCRIPTS[scene].text)) {
        const said = fillIn(words, { nick: "小鹿", shop: "晴天", agent: "李敏" });
        expect(said).toContain("小鹿");
        expect(said).toContain("晴天");
        expect(said).not.toContain("{");
      }
      expect(/\p{Script=Han}/u.test(SCRIPTS[scene].text.en)).toBe(false);
    }
  });

  it("fit the callback", () => {
    expect(sceneOf({ kind: "care", scene: "回访" })).toBe("care");
    expect(sceneOf({ kind: "promised", scene: "缺货通知" })).toBe("stock");
    expect(sceneOf({ kind: "promised", scene: "" })).toBe("answer");
    expect(sceneOf(null)).toBe("care");
  });
});

it("a quarter of an hour is the nearest promise", () =>
  expect(offers(on("10:00"), "phone", ZONE)[0]!.at).toBe(on("10:00") + 15 * MINUTE));

describe("cards of one buyer", () => {
  const cards = [
    card({ id: "old", created_at: 1 }),
    card({ id: "new", created_at: 5 }),
    card({ id: "spoken", created_at: 9, last_contact_at: 50 }),
    card({ id: "vip", created_at: 9, tier: "vip" }),
  ];

  it("leave the one that is cared for, was spoken with last, or is the oldest", () => {
    expect([4, 3, 2].map((n) => keeperOf(cards.slice(0, n))?.id)).toEqual(["vip", "spoken", "old"]);
    expect(keeperOf([])).toBeUndefined();
  });

  it("are no longer listed when another one stands for them", () => {
    expect(standing([card({ id: "a" }), card({ id: "b", merged_into: "a" })]).map((one) => one.id)).toEqual([
      "a",
    ]);
  });
});
