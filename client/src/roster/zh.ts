/** What the frame says of this room; its page brings its own words. */
export const zh = {
  "roster.title": "排班",
};
