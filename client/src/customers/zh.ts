/** What the frame says of this room; the pages bring their own words. */
export const zh = {
  "customers.title": "客户",
  "customers.card": "客户卡片",
  "customers.callbacks": "回访",
  "customers.care": "客户维护",
  "customers.promise": "约回访",
  "customers.keep_n": "{n} 个月",
  "customers.keep_off": "一直保留",
  "campaign.title": "活动问候",
  "import.title": "导入客户",
  "duplicates.title": "重复的客户",
};
