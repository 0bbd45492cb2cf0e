/** What the frame says of this room; its pages bring their own words. */
export const zh = {
  "notices.title": "通知",
  "robots.title": "群机器人",
};
