/** The words of this room's pages: importing them is enough. */
import { addTexts } from "../core/i18n";

export const pages = {
  "outbox.lead": "演示环境不会真的发出邮件，这里可以看到系统写的每一封。",
  "outbox.none": "还没有邮件",
  "outbox.none_text": "邀请同事或等到每天的“明日安排”时间，邮件就会出现在这里。",
  "outbox.absent": "这台服务器通过邮件服务器发信，没有发件箱可看",
  "outbox.list": "邮件列表",
  "outbox.to": "收件人",
  "outbox.at": "时间",
  "outbox.links": "邮件里的链接",
  "outbox.pick": "选择一封邮件查看内容",
  "outbox.refresh": "刷新",
};

addTexts(pages);
