/** What the pages of outreach ask the server. */
import { newId } from "../core/ids";
import type { ChainStep, HookChannel, Locale, Outreach, OutreachTemplate, StepChannel } from "../gen/api";
import { session } from "../lib/session.svelte";
import type { ArgsOf, CommandName } from "../sync/types";

export interface Fault {
  code: "no_steps" | "no_channel" | "unreachable_step" | "no_end" | "bad_window" | "bad_step";
  /** The step it concerns; null for the whole chain. */
  step: string | null;
}

/** What happens if nobody answers; instants in UTC ms. */
export interface Planned {
  step: string;
  channel: StepChannel;
  at: number;
  until: number | null;
}

export interface Asked {
  chain_id?: string;
  steps?: ChainStep[];
  shop_id: string | null;
  reason_id: string | null;
  customer_id: string | null;
  at?: number;
}

export interface Foreseen {
  faults: Fault[];
  plan: Planned[];
}

export interface Numbers {
  success: { channel: StepChannel; reason_id: string; tried: number; answered: number }[];
  /** Seven weekdays, Monday first, of 24 local hours each: how many answered. */
  heat: number[][];
}

export interface TemplateAsked {
  reason_id: string;
  locale: Locale;
  subject: string;
  body: string;
  customer_id: string | null;
}

export interface Letter {
  subject: string;
  text: string;
  html: string;
}

export interface Hook {
  url: string;
  has_secret: boolean;
}

export type Hooks = Record<HookChannel, Hook | null> & {
  inbound_url: string;
  inbound_secret: string;
  mail_url: string;
};

const posted = (body: unknown, headers: Record<string, string> = {}): RequestInit => ({
  method: "POST",
  headers: { "content-type": "application/json", ...headers },
  body: JSON.stringify(body),
});

export const foresee = (asked: Asked): Promise<Foreseen> =>
  session.json<Foreseen>("/api/v1/outreach/preview", posted(asked));

export const numbers = (from: string, until: string): Promise<Numbers> =>
  session.json<Numbers>(`/api/v1/outreach/numbers?from=${from}&until=${until}`);

/** The words of every reason in both languages; those of the workspace where it has its own. */
export const templates = (): Promise<OutreachTemplate[]> =>
  session.json<OutreachTemplate[]>("/api/v1/outreach/templates");

export const letter = (asked: TemplateAsked): Promise<Letter> =>
  session.json<Letter>("/api/v1/outreach/templates/preview", posted(asked));

export async function casesOf(customer_id: string): Promise<Outreach[]> {
  const path = `/api/v1/customers/${encodeURIComponent(customer_id)}/outreach`;
  return (await session.json<{ cases: Outreach[] }>(path)).cases;
}

export const hooks = (): Promise<Hooks> => session.json<Hooks>("/api/v1/outreach/hooks");

/** A command that is answered at once and leaves nothing on this device, such as a secret. */
export async function order<N extends CommandName>(name: N, args: ArgsOf<N>): Promise<void> {
  await session.json<unknown>("/api/v1/commands", posted({ name, args }, { "idempotency-key": newId() }));
}
