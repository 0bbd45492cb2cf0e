import type { Mutators } from "../sync/types";

/** The optimistic side of commands that belong to no room. */
export const mutators: Mutators = {
  "workspace.update"(view, { at: _, ...changes }) {
    for (const row of view.all("workspace")) view.put("workspace", { ...row, ...changes });
  },
  "person.prefs"(view, { at: _, ...changes }, ctx) {
    const row = view.get("person_private", ctx.user_id);
    if (row) view.put("person_private", { ...row, ...changes });
  },
  "reject.discard"(view, args) {
    view.del("reject", args.uid);
  },
  "reject.hand"(view, args) {
    const row = view.get("reject", args.uid);
    if (row) view.put("reject", { ...row, handed: true });
  },
};
