/** What the frame says of this room; its pages bring their own words. */
export const zh = {
  "jobs.title": "失败的后台任务",
};
