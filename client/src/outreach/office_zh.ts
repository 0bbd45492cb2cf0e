/** The words of the supervisors' pages of outreach: importing them is enough. */
import { addTexts } from "../core/i18n";

export const office = {
  "chains.saved": "已保存流程「{name}」",
  "chains.dropped": "已删除流程「{name}」",
  "chains.reason_saved": "已保存原因「{name}」",
  "chains.hours_saved": "已保存时段",
  "chains.hours_dropped": "已恢复为通用时段",
  "chains.template_saved": "已保存模板",
  "chains.template_reset": "已恢复自带的模板",
};

addTexts(office);
