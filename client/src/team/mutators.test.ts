import { describe, expect, it } from "vitest";
import type { Person, Role } from "../gen/api";
import type { Kind, Kinds, View } from "../sync/types";
import { mutators } from "./mutators";
import { grantable, inOrder, isEmail, isLogin, lengthBetween, matches, updateRefusal } from "./rules";

function world(): View {
  const rows = new Map<string, unknown>();
  const view: View = {
    get: (kind, id) => rows.get(`${kind}/${id}`) as never,
    put: (kind, row) => void rows.set(`${kind}/${row.id}`, row),
    del: (kind, id) => void rows.delete(`${kind}/${id}`),
    all: <K extends Kind>(kind: K) =>
      [...rows].filter(([key]) => key.startsWith(`${kind}/`)).map(([, row]) => row as Kinds[K]),
  };
  for (const role of ["owner", "supervisor", "agent"] as Role[]) {
    view.put("person", person(role, role));
    view.put("person_private", {
      id: role,
      login: role,
      email: null,
      locale: "zh-CN",
      tomorrow_mail_at: null,
      invited: false,
    });
  }
  return view;
}
const person = (id: string, role: Role, active = true): Person => ({
  id,
  name: id,
  role,
  team_id: "t",
  skill_ids: [],
  active,
});
/** The engine adds the claimed time to every command. */
const stamped = <T>(args: T): T => ({ ...args, at: 5 });
const as = (user_id: string) => ({ user_id, now: 0 });
const invite = (role: Role, login = "new") => ({
  id: "n",
  name: "新",
  login,
  email: null,
  role,
  team_id: "t",
  skill_ids: [],
  locale: "zh-CN" as const,
});

describe("inviting", () => {
  it.each([
    ["owner", "owner", "a1", true],
    ["owner", "supervisor", "a1", true],
    ["supervisor", "agent", "a1", true],
    ["supervisor", "supervisor", "a1", false],
    ["supervisor", "owner", "a1", false],
    ["agent", "agent", "a1", false],
    ["owner", "agent", "Agent", false],
  ] as [string, Role, string, boolean][])("%s invites %s as %s: %s", (who, role, login, ok) => {
    const view = world();
    mutators["person.invite"]!(view, invite(role, login), as(who));
    expect(view.get("person", "n") !== undefined).toBe(ok);
    expect(view.get("person_private", "n")?.invited ?? false).toBe(ok);
  });
});

describe("changing", () => {
  it("takes an address away when it is empty and leaves it when it is not named", () => {
    const view = world();
    mutators["person.update"]!(view, { id: "agent", email: "a@b.cn" }, as("owner"));
    mutators["person.update"]!(view, { id: "agent", name: "x" }, as("owner"));
    expect(view.get("person_private", "agent")?.email).toBe("a@b.cn");
    mutators["person.update"]!(view, { id: "agent", email: "" }, as("owner"));
    expect(view.get("person_private", "agent")?.email).toBeNull();
  });
  it("keeps a supervisor inside the own team", () => {
    const boss = person("s", "supervisor");
    const other = { ...person("a", "agent"), team_id: "t2" };
    expect(updateRefusal(boss, other, { id: "a" }, [])).toBe("not_in_team");
    expect(updateRefusal(boss, person("a", "agent"), { id: "a", team_id: "t2" }, [])).toBe("not_in_team");
  });
  it("lets a supervisor change an agent but not a role or another supervisor", () => {
    const view = world();
    mutators["person.update"]!(view, { id: "agent", name: "小李", email: "a@b.cn" }, as("supervisor"));
    mutators["person.update"]!(view, { id: "agent", role: "supervisor" }, as("supervisor"));
    mutators["person.update"]!(view, { id: "owner", name: "x" }, as("supervisor"));
    expect(view.get("person", "agent")).toMatchObject({ name: "小李", role: "agent" });
    expect(view.get("person_private", "agent")?.email).toBe("a@b.cn");
    expect(view.get("person", "owner")?.name).toBe("owner");
  });
  it("keeps the last active owner", () => {
    const boss = person("owner", "owner");
    expect(updateRefusal(boss, boss, { id: "owner", active: false }, [boss])).toBe("last_owner");
    expect(
      updateRefusal(boss, boss, { id: "owner", role: "agent" }, [boss, person("o2", "owner", false)]),
    ).toBe("last_owner");
    expect(
      updateRefusal(boss, boss, { id: "owner", active: false }, [boss, person("o2", "owner")]),
    ).toBeNull();
  });
  it("does nothing to a missing person", () => {
    const view = world();
    mutators["person.update"]!(view, { id: "nobody", name: "x" }, as("owner"));
    expect(view.all("person")).toHaveLength(3);
    expect(updateRefusal(person("o", "owner"), undefined, { id: "nobody" }, [])).toBe("gone");
  });
});

describe("the things of the workspace", () => {
  it("stores shops, seats, skills and teams as given, without the claimed time", () => {
    const view = world();
    mutators["shop.save"]!(
      view,
      stamped({ id: "s", name: "旗舰店", platform: "tmall", archived: false }),
      as("owner"),
    );
    mutators["seat.save"]!(
      view,
      stamped({ id: "1", name: "主号", shop_id: "s", archived: false }),
      as("owner"),
    );
    mutators["skill.save"]!(
      view,
      stamped({ id: "k", code: "vip", name: { zh: "VIP", en: "VIP" }, archived: false }),
      as("owner"),
    );
    mutators["team.save"]!(view, stamped({ id: "t", name: "一组", archived: false }), as("owner"));
    expect(view.get("shop", "s")).toEqual({ id: "s", name: "旗舰店", platform: "tmall", archived: false });
    expect(
      [view.get("seat", "1"), view.get("skill", "k"), view.get("team", "t")].every(
        (row) => row && !("at" in row),
      ),
    ).toBe(true);
  });
});

describe("small rules", () => {
  it.each([
    ["08:30", "17:30", 540],
    ["22:00", "08:00", 600],
    ["08:00", "08:00", 1440],
    ["", "08:00", null],
  ])("a shift from %s to %s lasts %s minutes", (from, to, want) =>
    expect(lengthBetween(from, to)).toBe(want),
  );
  it("grants", () => expect([grantable("owner").length, grantable("supervisor")]).toEqual([3, ["agent"]]));
  it("checks logins and addresses", () => {
    expect([isLogin("li.lei"), isLogin("李雷"), isLogin("a b"), isLogin("a"), isLogin("a/b")]).toEqual([
      true,
      true,
      false,
      false,
      false,
    ]);
    expect([isEmail("a@b.cn"), isEmail("a@b"), isEmail("a b@c.d")]).toEqual([true, false, false]);
  });
  it("orders and searches", () => {
    expect(inOrder([person("a", "agent"), person("o", "owner")]).map((one) => one.id)).toEqual(["o", "a"]);
    expect([matches("li 售前", ["Li Lei", "售前"]), matches("x", ["Li"]), matches("", [null])]).toEqual([
      true,
      false,
      true,
    ]);
  });
});
