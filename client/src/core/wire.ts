import type { Locale, Role } from "../gen/api";

/** Bodies of the HTTP answers that are neither rows nor commands. */
export interface SessionUser {
  id: string;
  name: string;
  role: Role;
  team_id: string;
  locale: Locale;
}

export interface SessionWorkspace {
  id: string;
  name: string;
  zone: string;
  locale: Locale;
}

export interface LoginReply {
  access_token: string;
  /** Seconds. */
  expires_in: number;
  user: SessionUser;
  workspace: SessionWorkspace;
  device_id: string;
}

export interface Problem {
  title: string;
  status: number;
  code: string;
  detail?: string;
  request_id?: string;
}

export interface Info {
  name: string;
  version: string;
  demo: boolean;
  setup: boolean;
  outbox: boolean;
}

export interface Device {
  id: string;
  name: string;
  created_at: number;
  last_seen_at: number;
  current: boolean;
}

export interface Invitation {
  name: string;
  login: string;
  workspace: string;
}

export interface HistoryEntry {
  at: number;
  actor_id: string | null;
  actor_name: string | null;
  device_id: string | null;
  device_name: string | null;
  via: "push" | "rest" | "job" | "cli";
  command: string;
  before: Record<string, unknown> | null;
  after: Record<string, unknown> | null;
}

export interface DeadJob {
  id: string;
  kind: string;
  attempts: number;
  last_error: string;
  created_at: number;
}

export interface OutboxMail {
  id: string;
  to: string;
  subject: string;
  text: string;
  html: string;
  at: number;
  state: string;
}
