/** What the frame says of this room; its pages bring their own words. */
export const zh = {
  "history.title": "修改记录",
};
