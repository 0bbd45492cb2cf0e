/** What the frame says of this room; its pages bring their own words. */
export const zh = {
  "outreach.title": "触达",
  "outreach.case": "触达记录",
  "outreach.numbers": "触达统计",
  "outreach.chains": "触达流程",
};
