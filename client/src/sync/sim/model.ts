import type { Mutation, Mutators, View } from "../types";
import type { ModelServer } from "./server";

/** A box of the simulated workspace. Each edit leaves its token in `marks`, so that nothing can happen twice unseen. */
export interface Box {
  id: string;
  owner: string;
  state: "todo" | "done";
  marks: string[];
}
export type SimRow = { id: string; [more: string]: unknown };

interface Args {
  id: string;
  token: string;
  to?: string;
}

function audience(box: Box): string[] {
  return [`user:${box.owner}`, "sup"];
}

/** What the server does with an edit: null, or why not. */
export function run(server: ModelServer, user: string, m: Mutation): string | null {
  if (m.name === "reject.discard") {
    server.publish(`reject/${String(m.args["uid"])}`, null, []);
    return null;
  }
  const { id, token, to } = m.args as unknown as Args;
  const key = `box/${id}`;
  const box = server.row(key) as unknown as Box | null;
  const put = (next: Box): null => {
    server.publish(key, next as unknown as SimRow, audience(next));
    return null;
  };
  if (m.name === "box.create")
    return box ? "conflict" : put({ id, owner: to ?? user, state: "todo", marks: [token] });
  if (!box) return "gone";
  if (box.owner !== user && server.state.roles.get(user) !== "supervisor") return "taken_over";
  const marks = [...box.marks, token];
  switch (m.name) {
    case "box.note":
      return put({ ...box, marks });
    case "box.finish":
      return box.state === "done" ? "wrong_state" : put({ ...box, marks, state: "done" });
    case "box.assign":
      return put({ ...box, marks, owner: to ?? user });
    case "box.skip":
      server.publish(key, null, []);
      return null;
    default:
      return "unknown_command";
  }
}

/** What the phone shows of an edit before the server has judged it. */
export const simMutators = {
  "box.create": edit(
    (box, args, user) => box ?? { id: args.id, owner: args.to ?? user, state: "todo", marks: [args.token] },
  ),
  "box.note": edit((box, args) => box && { ...box, marks: marked(box, args) }),
  "box.finish": edit((box, args) => box && { ...box, state: "done", marks: marked(box, args) }),
  "box.assign": edit(
    (box, args, user) => box && { ...box, owner: args.to ?? user, marks: marked(box, args) },
  ),
  "box.skip": (view: View, args: { id: string }) => view.del("box", args.id),
  "reject.discard": (view: View, args: { uid: string }) => view.del("reject", args.uid),
} as unknown as Mutators;

/** Sent again under a new client, an edit may already be in the base. */
function marked(box: Box, args: Args): string[] {
  return box.marks.includes(args.token) ? box.marks : [...box.marks, args.token];
}

function edit(next: (box: Box | undefined, args: Args, user: string) => Box | undefined) {
  return (view: View, args: Args, ctx: { user_id: string }): void => {
    const box = view.get("box", args.id) as unknown as Box | undefined;
    const made = next(box, args, ctx.user_id);
    if (made) view.put("box", made as never);
  };
}
