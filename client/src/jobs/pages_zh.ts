/** The words of this room's pages: importing them is enough. */
import { addTexts } from "../core/i18n";

export const pages = {
  "jobs.lead": "多次重试仍然失败的后台任务会停在这里，等你决定。",
  "jobs.none": "没有失败的任务",
  "jobs.none_text": "一切正常。",
  "jobs.kind.auth.invite": "发送邀请邮件",
  "jobs.kind.mail.send": "发送邮件",
  "jobs.kind.board.make": "生成每日看板",
  "jobs.kind.board.remake": "重新生成看板",
  "jobs.attempts": "已尝试 {n} 次",
  "jobs.created": "创建于 {at}",
  "jobs.no_error": "没有留下原因",
  "jobs.retry": "再试一次",
  "jobs.retried": "已重新排队",
  "jobs.delete_title": "删除这个任务？",
  "jobs.delete_text": "它不会再执行，也不能恢复。",
  "jobs.deleted": "已删除",
  "jobs.offline": "没有连上服务器，请稍后再试",
};

addTexts(pages);
