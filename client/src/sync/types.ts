import type {
  Assignment,
  Box,
  Callback,
  Campaign,
  CarePolicy,
  Chain,
  Command,
  Customer,
  Outreach,
  OutreachHours,
  OutreachReason,
  Notice,
  Pack,
  Person,
  PersonPrivate,
  Reach,
  Reject,
  Retention,
  Robot,
  Seat,
  ShiftType,
  Shop,
  Skill,
  Team,
  Workspace,
} from "../gen/api";

/** Every kind of row a device may hold; the key on the wire is `<kind>/<id>`. */
export type Kinds = {
  workspace: Workspace;
  team: Team;
  shop: Shop;
  skill: Skill;
  seat: Seat;
  person: Person;
  person_private: PersonPrivate;
  shift_type: ShiftType;
  assignment: Assignment;
  pack: Pack;
  box: Box;
  customer: Customer;
  reach: Reach;
  callback: Callback;
  care_policy: CarePolicy;
  campaign: Campaign;
  retention: Retention;
  chain: Chain;
  outreach_reason: OutreachReason;
  outreach_hours: OutreachHours;
  outreach: Outreach;
  notice: Notice;
  robot: Robot;
  reject: Reject;
};
export type Kind = keyof Kinds;

export type CommandName = Command["name"];
/** Every command may carry `at`: when the person says it happened (ms). */
export type ArgsOf<N extends CommandName> = Extract<Command, { name: N }>["args"] & { at?: number };

/** What a mutator may read and write: the rows as they are shown. Rows are values, replaced and never changed in place. */
export interface View {
  get<K extends Kind>(kind: K, id: string): Kinds[K] | undefined;
  put<K extends Kind>(kind: K, row: Kinds[K]): void;
  del(kind: Kind, id: string): void;
  all<K extends Kind>(kind: K): Kinds[K][];
}

export interface Ctx {
  user_id: string;
  /** The claimed time of the mutation, in UTC milliseconds. */
  now: number;
}

/** Pure and deterministic: the same view, arguments and context give the same rows. */
export type Mutators = { [N in CommandName]?: (view: View, args: ArgsOf<N>, ctx: Ctx) => void };

/** A command that is on this device and not yet acknowledged (or, in the journal, acknowledged within the last week). */
export interface Mutation {
  clientID: string;
  id: number;
  uid: string;
  name: string;
  args: Record<string, unknown>;
  /** When it was made, in UTC milliseconds, corrected by the server's clock. */
  timestamp: number;
  schema: string;
}

/** Opaque to the client but for `order`, which must never go back. */
export type Cookie = { order: number; [more: string]: unknown } | null;

export type PatchOp =
  { op: "put"; key: string; value: unknown } | { op: "del"; key: string } | { op: "clear" };

/** Number of rows, and the sum of their 53-bit hashes modulo 2^53. */
export type Check = { n: number; h: number };

export interface PullReply {
  cookie: Cookie;
  lastMutationIDChanges: Record<string, number>;
  patch: PatchOp[];
  now?: number;
  check?: Check;
}

export interface PushResult {
  clientID: string;
  id: number;
  status: "applied" | "rejected" | "duplicate" | "skipped";
  code?: string;
  message?: string;
}

export type SyncState = "idle" | "syncing" | "offline" | "signed_out" | "storage_failed";
