/** What the frame says of this room; its pages bring their own words. */
export const zh = {
  "outbox.title": "发件箱",
};
