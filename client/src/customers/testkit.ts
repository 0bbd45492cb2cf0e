/** Rows for tests: a buyer, a callback, with only what matters spelled out. */
import type { Callback, Campaign, CarePolicy, Contact, Customer } from "../gen/api";

export const card = (more: Partial<Customer> = {}): Customer => ({
  id: "c",
  team_id: "t",
  shop_id: null,
  nick: "小鹿",
  name: "",
  phone: "138****1111",
  email: "",
  has_address: false,
  tags: [],
  tier: "",
  likes: "",
  sizes: "",
  notes: "",
  special_days: [],
  blocked: [],
  owner_id: null,
  ideal_days: null,
  longest_days: null,
  last_contact_at: null,
  contacts: [],
  created_at: 0,
  merged_into: null,
  wrong_number: false,
  bad_email: false,
  ...more,
});

export const callback = (more: Partial<Callback> = {}): Callback => ({
  id: "cb",
  customer_id: "c",
  team_id: "t",
  owner_id: "me",
  kind: "promised",
  channel: "phone",
  scene: "",
  about: "",
  due_at: 0,
  until_at: 0,
  day: "2026-03-03",
  state: "open",
  attempts: 0,
  level: "calm",
  result: null,
  created_by: "me",
  closed_at: null,
  ...more,
});

export const policy = (more: Partial<CarePolicy> = {}): CarePolicy => ({
  id: "vip",
  name: { zh: "金牌", en: "Gold" },
  ideal_days: 30,
  longest_days: 45,
  enabled: true,
  ...more,
});

export const campaign = (more: Partial<Campaign> = {}): Campaign => ({
  id: "12.12",
  team_id: "t",
  name: "双12",
  from: "2026-03-01",
  until: "2026-03-07",
  tier: "",
  tag: "",
  ...more,
});

export const contact = (more: Partial<Contact> = {}): Contact => ({
  id: "k",
  callback_id: null,
  author_id: "me",
  channel: "im",
  result: "sent",
  minutes: null,
  note: "",
  at: 0,
  campaign_id: null,
  ...more,
});
