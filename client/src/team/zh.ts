/** What the frame and other rooms say of this room; its pages bring their own words. */
export const zh = {
  "team.team": "团队",
  "team.not_saved": "没有保存成功：这台设备无法写入，请检查存储空间后重试",
  "team.people": "人员",
  "team.shops_title": "店铺与班次",
};
