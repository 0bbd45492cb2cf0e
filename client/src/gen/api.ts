// The wire between server and client: rows, commands and refusal codes.

export type Role = "owner" | "supervisor" | "agent";
export type Locale = "zh-CN" | "en";
/** Bilingual text of shipped data; a text made by a user has both equal. */
export type Text = { zh: string; en: string };
export type Quadrant = "Q1" | "Q2" | "Q3" | "Q4";
export type Platform = "tmall" | "taobao" | "jd" | "pdd" | "douyin" | "other";
export type BoxKind = "timebox" | "deadline" | "anytime" | "standing" | "sweep" | "meeting";
export type BoxState = "todo" | "doing" | "done" | "skipped" | "missed";
export type CatchUp = "skip" | "collapse" | "carry" | "pile";
export type Origin = "pack" | "own";
export type Slot = "A" | "B";

export type Workspace = { id: string; name: string; zone: string; locale: Locale; view_hours: number; version: number };
export type Team = { id: string; name: string; archived: boolean };
export type Shop = { id: string; name: string; platform: Platform; archived: boolean };
export type Skill = { id: string; code: string; name: Text; archived: boolean };
export type Seat = { id: string; name: string; shop_id: string | null; archived: boolean };
export type Person = { id: string; name: string; role: Role; team_id: string; skill_ids: string[]; active: boolean };
export type PersonPrivate = {
  id: string;
  login: string;
  email: string | null;
  locale: Locale;
  tomorrow_mail_at: string | null;
  invited: boolean;
};
export type ShiftType = {
  id: string;
  letter: string;
  name: Text;
  start: string;
  length_min: number;
  arrive_early_min: number;
  skill_code: string;
  hue: number;
  archived: boolean;
};
export type Assignment = {
  id: string;
  team_id: string;
  person_id: string;
  day: string;
  shift_type_id: string;
  start: string;
  length_min: number;
  arrive_early_min: number;
  zone: string;
  skill_code: string;
  letter: string;
  name: Text;
  shop_id: string | null;
  seat_id: string | null;
  starts_at: number;
  ends_at: number;
};
export type PackTask = { code: string; title: Text; role: string; kind: BoxKind; quadrant: Quadrant; when: Text };
export type Pack = { id: string; team_id: string; code: string; name: Text; enabled: boolean; tasks: PackTask[] };
export type CheckItem = { text: Text; done: boolean };
export type Note = { id: string; author_id: string; text: string; at: number };
export type Box = {
  id: string;
  team_id: string;
  day: string;
  origin: Origin;
  pack_code: string | null;
  task_code: string | null;
  slot: Slot | null;
  title: Text;
  skill_code: string | null;
  kind: BoxKind;
  start_at: number | null;
  end_at: number | null;
  due_at: number | null;
  cutoff: boolean;
  quadrant: Quadrant;
  catch_up: CatchUp;
  state: BoxState;
  assignee_id: string | null;
  former_ids: string[];
  checklist: CheckItem[];
  notes: Note[];
  started_at: number | null;
  finished_at: number | null;
  finished_by: string | null;
  late: boolean;
  skip_reason: string | null;
  carried_from: string | null;
  created_by: string | null;
};
export type Reject = {
  id: string;
  name: string;
  // The arguments are those of whatever command was refused.
  args: any;
  code: string;
  at: number;
  handed: boolean;
  user_id: string;
};

export type WorkspaceUpdate = { name?: string; zone?: string; locale?: Locale; view_hours?: number; at?: number };
export type TeamSave = { id: string; name: string; archived: boolean; at?: number };
export type ShopSave = { id: string; name: string; platform: Platform; archived: boolean; at?: number };
export type SkillSave = { id: string; name: Text; code: string; archived: boolean; at?: number };
export type SeatSave = { id: string; name: string; shop_id: string | null; archived: boolean; at?: number };
export type PersonInvite = {
  id: string;
  name: string;
  login: string;
  email: string | null;
  role: Role;
  team_id: string;
  skill_ids: string[];
  locale: Locale;
  at?: number;
};
export type PersonUpdate = {
  id: string;
  name?: string;
  email?: string | null;
  role?: Role;
  team_id?: string;
  skill_ids?: string[];
  active?: boolean;
  at?: number;
};
export type PersonReinvite = { id: string; at?: number };
export type PersonPrefs = { locale?: Locale; tomorrow_mail_at?: string | null; at?: number };
export type ShiftTypeSave = {
  id: string;
  letter: string;
  name: Text;
  start: string;
  length_min: number;
  arrive_early_min: number;
  skill_code: string;
  hue: number;
  archived: boolean;
  at?: number;
};
export type RosterCell = {
  id: string;
  person_id: string;
  day: string;
  shift_type_id: string;
  shop_id: string | null;
  seat_id: string | null;
};
export type RosterSet = { put: RosterCell[]; remove: string[]; at?: number };
export type PackSwitch = { team_id: string; code: string; enabled: boolean; at?: number };
export type BoxCreate = {
  id: string;
  day: string;
  title: string;
  quadrant: Quadrant;
  kind: "timebox" | "deadline" | "anytime";
  start_at: number | null;
  end_at: number | null;
  due_at: number | null;
  assignee_id: string | null;
  at?: number;
};
export type BoxEdit = {
  id: string;
  title?: string;
  start_at?: number | null;
  end_at?: number | null;
  due_at?: number | null;
  at?: number;
};
export type BoxStart = { id: string; at?: number };
export type BoxFinish = { id: string; at?: number };
export type BoxReopen = { id: string; at?: number };
export type BoxSkip = { id: string; reason: string; at?: number };
export type BoxCheck = { id: string; index: number; done: boolean; at?: number };
export type BoxNote = { id: string; note_id: string; text: string; at?: number };
export type BoxHand = { id: string; to: string; at?: number };
export type BoxTake = { id: string; at?: number };
export type BoxAssign = { id: string; to: string | null; at?: number };
export type BoxQuadrant = { id: string; quadrant: Quadrant; at?: number };
export type RejectDiscard = { uid: string; at?: number };
export type RejectHand = { uid: string; at?: number };

export type Command =
  | { name: "workspace.update"; args: WorkspaceUpdate }
  | { name: "team.save"; args: TeamSave }
  | { name: "shop.save"; args: ShopSave }
  | { name: "skill.save"; args: SkillSave }
  | { name: "seat.save"; args: SeatSave }
  | { name: "person.invite"; args: PersonInvite }
  | { name: "person.update"; args: PersonUpdate }
  | { name: "person.reinvite"; args: PersonReinvite }
  | { name: "person.prefs"; args: PersonPrefs }
  | { name: "shift_type.save"; args: ShiftTypeSave }
  | { name: "roster.set"; args: RosterSet }
  | { name: "pack.switch"; args: PackSwitch }
  | { name: "box.create"; args: BoxCreate }
  | { name: "box.edit"; args: BoxEdit }
  | { name: "box.start"; args: BoxStart }
  | { name: "box.finish"; args: BoxFinish }
  | { name: "box.reopen"; args: BoxReopen }
  | { name: "box.skip"; args: BoxSkip }
  | { name: "box.check"; args: BoxCheck }
  | { name: "box.note"; args: BoxNote }
  | { name: "box.hand"; args: BoxHand }
  | { name: "box.take"; args: BoxTake }
  | { name: "box.assign"; args: BoxAssign }
  | { name: "box.quadrant"; args: BoxQuadrant }
  | { name: "reject.discard"; args: RejectDiscard }
  | { name: "reject.hand"; args: RejectHand };

export type RefusalCode =
  | "bad_request"
  | "unknown_command"
  | "forbidden"
  | "gone"
  | "wrong_state"
  | "taken_over"
  | "not_in_team"
  | "shift_overlap"
  | "duplicate_login"
  | "last_owner"
  | "bad_time"
  | "bad_value"
  | "too_long"
  | "too_many"
  | "reason_required"
  | "unknown_client"
  | "gap"
  | "internal"
  | "unauthorized"
  | "token_expired"
  | "bad_credentials"
  | "too_many_attempts"
  | "session_revoked"
  | "link_expired"
  | "weak_password"
  | "not_found"
  | "conflict"
  | "too_large"
  | "unsupported_media"
  | "hash_mismatch"
  | "method_not_allowed"
  | "idempotency_mismatch"
  | "unavailable";
