/** What can be done from any screen: promising a call, and writing down how one went. Small: the frame carries it. */
import { newId } from "../core/ids";
import { HOUR, MINUTE } from "../core/time";
import type { Callback, Channel } from "../gen/api";
import { clock } from "../lib/clock.svelte";
import { data } from "../lib/data.svelte";
import { recall, remember } from "../lib/local";

/** A call that was begun on this phone and has no result yet. */
export interface Call {
  customer_id: string;
  callback_id: string | null;
  channel: Channel;
  /** When the number was tapped (UTC ms); 0 when it was not. */
  at: number;
}

/** The contact's id is made with the form, so that saving twice is one contact. */
export type Asking = Call & { contact_id: string };

const CALL = "call";
const BUYER = "buyer";
/** After this nobody remembers how the call went. */
const FORGET_MS = 4 * HOUR;
/** A second tap so soon belongs to the same call. */
const SAME_MS = 10 * MINUTE;

let promising = $state.raw<{ customer_id: string | null } | null>(null);
let asking = $state.raw<Asking | null>(null);
let call = $state.raw<Call | null>(readCall());

function readCall(): Call | null {
  try {
    const kept = JSON.parse(recall(CALL) ?? "null") as Call | null;
    return typeof kept?.customer_id === "string" && typeof kept.at === "number" ? kept : null;
  } catch {
    return null;
  }
}

function keepCall(next: Call | null): void {
  call = next;
  remember(CALL, next && JSON.stringify(next));
}

export const desk = {
  get promising(): { customer_id: string | null } | null {
    return promising;
  },
  get asking(): Asking | null {
    return asking;
  },
  /** The call whose result is still to be written down. */
  get call(): Call | null {
    if (!call || clock.now - call.at > FORGET_MS) return null;
    const row = call.callback_id ? data.get("callback", call.callback_id) : undefined;
    return call.callback_id && row?.state !== "open" ? null : call;
  },
  /** Asks when to call back: the buyer given, else the last one. */
  promise(customer_id?: string): void {
    promising = { customer_id: customer_id ?? recall(BUYER) };
  },
  promised(customer_id: string): void {
    remember(BUYER, customer_id);
  },
  /** Whether one of its sheets is wanted. */
  get busy(): boolean {
    return promising !== null || asking !== null;
  },
  endPromise(): void {
    promising = null;
  },
  /** The number was tapped. True when this begins a call, false when it is the same once more. */
  dial(customer_id: string, row: Callback | null, channel: Channel): boolean {
    const at = clock.exact();
    const callback_id = row?.id ?? null;
    const same = call?.customer_id === customer_id && call.callback_id === callback_id;
    const isNew = !same || at - call!.at > SAME_MS;
    if (isNew) keepCall({ customer_id, callback_id, channel, at });
    remember(BUYER, customer_id);
    return isNew;
  },
  ask(of: Omit<Call, "at">): void {
    const same = call?.customer_id === of.customer_id && call.callback_id === of.callback_id;
    asking = { ...of, at: same ? call!.at : 0, contact_id: newId() };
  },
  /** The result is on disk, or nobody wants to write it down. */
  settle(): void {
    keepCall(null);
  },
  endAsk(): void {
    asking = null;
  },
  close(): void {
    promising = null;
    asking = null;
  },
};
