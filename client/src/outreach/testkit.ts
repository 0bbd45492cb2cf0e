/** Rows for tests: a case, a chain, with only what matters spelled out. */
import type { Chain, ChainStep, Outreach, OutreachHours, OutreachReason } from "../gen/api";

export const stepOf = (id: string, more: Partial<ChainStep> = {}): ChainStep => ({
  id,
  channels: ["im"],
  wait_minutes: 60,
  wait_in: "wall",
  from: null,
  until: null,
  prefer_from: null,
  prefer_until: null,
  attempts: 1,
  attempts_a_day: 1,
  skill_code: null,
  then: "",
  ...more,
});

export const chain = (more: Partial<Chain> = {}): Chain => ({
  id: "ch",
  code: "customer_unreachable",
  name: { zh: "联系不上顾客", en: "Customer not reached" },
  whom: "buyer",
  steps: [stepOf("a"), stepOf("b", { channels: ["phone"] })],
  enabled: true,
  position: 0,
  ...more,
});

export const reason = (more: Partial<OutreachReason> = {}): OutreachReason => ({
  id: "r",
  code: "stock_out",
  name: { zh: "缺货", en: "Out of stock" },
  chain_id: "ch",
  scene: "stock",
  is_reminder: false,
  archived: false,
  position: 0,
  ...more,
});

export const outreach = (more: Partial<Outreach> = {}): Outreach => ({
  id: "o",
  team_id: "t",
  shop_id: null,
  customer_id: "c",
  reason_id: "r",
  about: "",
  order_number: "",
  chain_id: "ch",
  steps: chain().steps,
  step: 0,
  channel: "im",
  state: "running",
  phase: "agent",
  next_at: 0,
  callback_id: null,
  attempts: 0,
  decide_at: null,
  return_by: null,
  locale: "zh-CN",
  created_by: "me",
  created_at: 0,
  closed_at: null,
  outcome: "",
  log: [],
  ...more,
});

const whole = { from: "00:00", until: "24:00", prefer_from: null, prefer_until: null };

export const hours = (more: Partial<OutreachHours> = {}): OutreachHours => ({
  id: "h",
  shop_id: null,
  hours: {
    im: whole,
    im_reminder: { ...whole, until: "11:00" },
    email: whole,
    sms: { ...whole, from: "09:00", until: "20:30" },
    voice: { ...whole, from: "09:00", until: "20:30" },
    phone: { from: "09:00", until: "20:30", prefer_from: "18:00", prefer_until: "20:00" },
  },
  decide_hours: 96,
  return_days: 7,
  open_from: "08:00",
  open_until: "24:00",
  working_days_only: false,
  ...more,
});
