//! What a notice says outside the app: in a mail, in a group chat, on a locked phone.

use super::kinds::NoticeKind;

/// One line. `sender`: none for the system. Anything that is not English is written in Chinese.
pub fn headline(locale: &str, kind: NoticeKind, subject: &str, sender: Option<&str>) -> String {
    if locale.starts_with("en") {
        return match kind {
            NoticeKind::Message => format!("Notice from {}", sender.unwrap_or("Dutyboard")),
            NoticeKind::CallbackOverdue => format!("Callback overdue: {subject}"),
            NoticeKind::BoxOverdue => format!("Task overdue: {subject}"),
            NoticeKind::StepOverdue => format!("Outreach step overdue: {subject}"),
            NoticeKind::Decision => format!("Waiting for your decision: {subject}"),
            NoticeKind::NoChannel => format!("{subject} cannot be reached: no mailbox and no phone notifications"),
            NoticeKind::RobotTest => format!("{subject}: the robot works"),
        };
    }
    match kind {
        NoticeKind::Message => format!("{} 的通知", sender.unwrap_or("值班台")),
        NoticeKind::CallbackOverdue => format!("回访超时：{subject}"),
        NoticeKind::BoxOverdue => format!("任务超时：{subject}"),
        NoticeKind::StepOverdue => format!("触达步骤超时：{subject}"),
        NoticeKind::Decision => format!("等你决定：{subject}"),
        NoticeKind::NoChannel => format!("{subject} 收不到通知：没有邮箱，也没有开手机通知"),
        NoticeKind::RobotTest => format!("{subject}：机器人可以用了"),
    }
}

/// What a robot writes: product and headline, own words, for whom, and where to go on. Robots that want a keyword take the product's
/// name, which is always there.
pub fn chat(locale: &str, headline: &str, text: &str, names: &[String], link: &str) -> String {
    let product = if locale.starts_with("en") { "Dutyboard" } else { "值班台" };
    let mut lines = vec![format!("【{product}】{headline}")];
    if !text.is_empty() {
        lines.push(text.to_owned());
    }
    if !names.is_empty() {
        lines.push(format!("→ {}", names.join(if locale.starts_with("en") { ", " } else { "、" })));
    }
    lines.push(link.to_owned());
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chat_hears_what_who_and_where() {
        let headline = headline("zh-CN", NoticeKind::CallbackOverdue, "小鹿", None);
        let said = chat("zh-CN", &headline, "", &["安".to_owned(), "贝".to_owned()], "https://desk.test/#/callbacks");
        assert_eq!(said, "【值班台】回访超时：小鹿\n→ 安、贝\nhttps://desk.test/#/callbacks");
    }
}
