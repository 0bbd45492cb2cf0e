/** Short words to begin a call with, by scene. Content rather than labels, so both languages stand here and load with the page. */
import type { Callback, Text } from "../gen/api";

export const SCENES = ["care", "answer", "payment", "stock", "delay", "parcel", "refund"] as const;
export type Scene = (typeof SCENES)[number];

/** `{nick}`, `{shop}` and `{agent}` are filled in. */
export const SCRIPTS: Record<Scene, { name: Text; text: Text }> = {
  care: {
    name: { zh: "回访", en: "Care call" },
    text: {
      zh: "{nick}您好，我是{shop}的{agent}。上次买的用着还合适吗？有什么不满意的直接跟我说，我来处理。最近有合您尺码和喜好的新款，需要的话我给您留一件。",
      en: "Hello {nick}, this is {agent} from {shop}. Are you happy with what you bought last time? If anything is wrong, tell me and I will see to it. We have something new in your size, shall I keep one for you?",
    },
  },
  answer: {
    name: { zh: "答应的回复", en: "Promised answer" },
    text: {
      zh: "{nick}您好，我是{shop}的{agent}，之前答应给您回电话。您问的事情我已经查清楚了：……您看这样处理可以吗？",
      en: "Hello {nick}, this is {agent} from {shop}. I promised to call you back. I have looked into your question: … Does that work for you?",
    },
  },
  payment: {
    name: { zh: "催付", en: "Unpaid order" },
    text: {
      zh: "{nick}您好，我是{shop}的{agent}。您拍下的宝贝还没有付款，是付款遇到问题，还是对尺码、颜色拿不准？今天付款可以优先安排发货。",
      en: "Hello {nick}, this is {agent} from {shop}. Your order is not paid yet. Did the payment fail, or are you unsure about size or colour? Paid today, it ships first.",
    },
  },
  stock: {
    name: { zh: "缺货通知", en: "Out of stock" },
    text: {
      zh: "{nick}您好，我是{shop}的{agent}，很抱歉，您拍的那款刚刚缺货了。可以给您换同价位的款式，也可以马上退款，您看哪种方便？",
      en: "Hello {nick}, this is {agent} from {shop}. I am sorry, the item you ordered has just sold out. I can send another one of the same price, or refund you at once. Which do you prefer?",
    },
  },
  delay: {
    name: { zh: "延迟发货安抚", en: "Late shipment" },
    text: {
      zh: "{nick}您好，我是{shop}的{agent}。您的订单比约定的时间晚发了，实在抱歉。预计……发出，我会一直盯着，一有物流就告诉您；如果等不及，我马上给您退款。",
      en: "Hello {nick}, this is {agent} from {shop}. I am sorry, your order ships later than promised. It should leave on …, I will keep an eye on it and tell you. If you cannot wait, I will refund you at once.",
    },
  },
  parcel: {
    name: { zh: "包裹问题", en: "Parcel problem" },
    text: {
      zh: "{nick}您好，我是{shop}的{agent}。快递反馈您的包裹没能送到：……想跟您核对一下收货地址和电话，今天就安排重新派送；一直联系不上的话，快递会把包裹退回来。",
      en: "Hello {nick}, this is {agent} from {shop}. The courier could not deliver your parcel: … May I check your address and number, so that it goes out again today? If nobody can be reached, the courier sends it back.",
    },
  },
  refund: {
    name: { zh: "退款步骤", en: "Refund step" },
    text: {
      zh: "{nick}您好，我是{shop}的{agent}。您的退款还差一步：……我现在陪您操作，一两分钟就好，办完款项会原路退回。",
      en: "Hello {nick}, this is {agent} from {shop}. Your refund needs one more step: … I can go through it with you now, it takes a minute or two; the money then returns the way it was paid.",
    },
  },
};

/** Names of scenes in the data that reasons are shipped with. */
const SHIPPED: Record<string, Scene> = { 退款申请流程: "refund", 丢件致歉: "parcel" };

/** The scene of a name: its code, or what it is called in either language. */
export const sceneNamed = (name: string): Scene | undefined =>
  SHIPPED[name] ??
  SCENES.find((scene) => [scene as string, SCRIPTS[scene].name.zh, SCRIPTS[scene].name.en].includes(name));

/** The scene a callback names; else by its kind. Whoever is reached for something is not called for the care's sake. */
export function sceneOf(row: Pick<Callback, "kind" | "scene"> | null): Scene {
  const named = row ? sceneNamed(row.scene) : undefined;
  if (row?.kind === "outreach" && named === "care") return "answer";
  return named ?? (row === null || row.kind === "care" ? "care" : "answer");
}

/** Fills in who speaks with whom; what is not known is left out. */
export function fillIn(words: string, who: { nick: string; shop: string; agent: string }): string {
  return words.replace(/\{(nick|shop|agent)\}/g, (_, name: keyof typeof who) => who[name]);
}
