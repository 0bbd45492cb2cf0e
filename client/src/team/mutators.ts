import type { Mutators } from "../sync/types";
import { inviteRefusal, normalLogin, updateRefusal } from "./rules";

export const mutators: Mutators = {
  "team.save"(view, { id, name, archived }) {
    view.put("team", { id, name, archived });
  },

  "shop.save"(view, { id, name, platform, archived }) {
    view.put("shop", { id, name, platform, archived });
  },

  "skill.save"(view, { id, code, name, archived }) {
    view.put("skill", { id, code, name, archived });
  },

  "seat.save"(view, { id, name, shop_id, archived }) {
    view.put("seat", { id, name, shop_id, archived });
  },

  "person.invite"(view, { id, name, login, email, role, team_id, skill_ids, locale }, ctx) {
    if (inviteRefusal(view.get("person", ctx.user_id), { login, role, team_id }, view.all("person_private")))
      return;
    view.put("person", { id, name, role, team_id, skill_ids, active: true });
    view.put("person_private", {
      id,
      login: normalLogin(login),
      email,
      locale,
      tomorrow_mail_at: "20:00",
      invited: true,
    });
  },

  "person.update"(view, change, ctx) {
    const now = view.get("person", change.id);
    const actor = view.get("person", ctx.user_id);
    if (!now || updateRefusal(actor, now, change, view.all("person"))) return;
    view.put("person", {
      ...now,
      name: change.name ?? now.name,
      role: change.role ?? now.role,
      team_id: change.team_id ?? now.team_id,
      skill_ids: change.skill_ids ?? now.skill_ids,
      active: change.active ?? now.active,
    });
    const hidden = view.get("person_private", change.id);
    // An empty address takes the address away; on the wire, null means "not named".
    if (hidden && change.email != null)
      view.put("person_private", { ...hidden, email: change.email || null });
  },
};
