//! Mails as servers and people send them, without their addresses.

use super::*;
use proptest::prelude::*;

const OURS_1: &str = "<0190f1c2-0000-7000-8000-000000000001@dutyboard>";

fn bounce(permanent: bool) -> What {
    What::Bounce { permanent }
}

fn report(action: &str, status: &str) -> String {
    format!(
        "Return-Path: <>\r\nFrom: MAILER-DAEMON@mx.example (Mail Delivery System)\r\nSubject: Undelivered Mail Returned to Sender\r\n\
         Auto-Submitted: auto-replied\r\nContent-Type: multipart/report; report-type=delivery-status; boundary=\"b\"\r\nMIME-Version: 1.0\r\n\r\n\
         --b\r\nContent-Type: text/plain\r\n\r\nI am sorry.\r\n\r\n\
         --b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example\r\n\r\nFinal-Recipient: rfc822; x\r\n\
         Action: {action}\r\nStatus: {status}\r\nDiagnostic-Code: smtp; {status} words\r\n\r\n\
         --b\r\nContent-Type: message/rfc822\r\n\r\nMessage-ID: {OURS_1}\r\nSubject: =?utf-8?b?5L2g5aW9?=\r\n\r\nbody\r\n--b--\r\n"
    )
}

fn from_server(sender: &str, subject: &str, kind: &str, words: &str) -> String {
    format!(
        "From: {sender}\r\nSubject: {subject}\r\nContent-Type: {kind}; charset=utf-8\r\nMIME-Version: 1.0\r\n\r\n{words}\r\n\r\nMessage-ID: {OURS_1}\r\n"
    )
}

fn answer(headers: &str, words: &str) -> String {
    format!(
        "From: buyer@mail.example\r\nSubject: Re: your tea\r\nIn-Reply-To: {OURS_1}\r\n{headers}Content-Type: text/plain; charset=utf-8\r\nMIME-Version: 1.0\r\n\r\n{words}\r\n"
    )
}

fn what(mail: &str) -> What {
    let incoming = read(mail.as_bytes());
    if incoming.what != What::Ignore {
        assert_eq!(incoming.message_ids, [OURS_1], "{mail}");
    }
    incoming.what
}

#[test]
fn standard_reports_name_the_outcome() {
    for (action, status, expected) in [
        ("failed", "5.1.1", bounce(true)),
        ("failed", "5.0.0", bounce(true)),
        ("failed", "5.2.1", bounce(true)),
        ("failed", "5.2.2", bounce(false)),
        ("failed", "5.7.1", bounce(false)),
        ("Failed", "4.4.7", bounce(false)),
        ("delayed", "4.4.1", What::Ignore),
        ("delivered", "2.0.0", What::Ignore),
        ("relayed", "2.0.0", What::Ignore),
    ] {
        assert_eq!(what(&report(action, status)), expected, "{action} {status}");
    }
}

#[test]
fn headers_alone_are_enough() {
    let mail = report("failed", "5.1.1").replace("message/rfc822", "text/rfc822-headers");
    assert_eq!(what(&mail), bounce(true));
}

#[test]
fn servers_that_write_for_people_are_understood() {
    let plain = "text/plain";
    for (sender, subject, kind, words, expected) in [
        ("postmaster@qq.com", "系统退信/Systems bounce", "text/html", "<p>收件人邮件地址不存在，邮件无法送达</p>", bounce(true)),
        ("Postmaster@163.com", "系统退信", plain, "SMTP error, RCPT TO: 550 User not found", bounce(true)),
        (
            "mailer-daemon@googlemail.com",
            "Delivery Status Notification (Failure)",
            plain,
            "The response was: 550 5.1.1 no",
            bounce(true),
        ),
        (
            "postmaster@corp.example",
            "Undeliverable: tea",
            plain,
            "Remote Server returned '452 4.2.2 mailbox full'",
            bounce(false),
        ),
        ("postmaster@corp.example", "Undeliverable: tea", plain, "552 5.2.2 The mailbox is full", bounce(false)),
        ("Postmaster@163.com", "系统退信", plain, "554 DT:SPM 垃圾邮件", bounce(false)),
        ("postmaster@corp.example", "Undeliverable: tea", plain, "Something went wrong.", bounce(false)),
        (
            "mailer-daemon@googlemail.com",
            "Delivery Status Notification (Delay)",
            plain,
            "Gmail will retry for 45 hours",
            What::Ignore,
        ),
    ] {
        assert_eq!(what(&from_server(sender, subject, kind, words)), expected, "{sender} {words}");
    }
}

#[test]
fn a_complaint_is_a_wish_to_stop() {
    let mail = report("failed", "5.1.1").replace("report-type=delivery-status", "report-type=feedback-report");
    assert_eq!(what(&mail), What::Stop { text: None });
}

#[test]
fn answers_of_people_come_without_what_they_quote() {
    for (words, expected) in [
        ("明天下午可以", "明天下午可以"),
        ("Yes, please.\r\n\r\nOn Mon, 2 Mar 2026 at 10:00, Shop wrote:\r\n> hello", "Yes, please."),
        ("好的\r\n\r\n------------------ 原始邮件 ------------------\r\n发件人: \"店\"", "好的"),
        ("收到，谢谢\r\n\r\n在 2026年3月2日，店 写道：\r\n> 你好", "收到，谢谢"),
        ("", ""),
    ] {
        assert_eq!(what(&answer("", words)), What::Reply { text: expected.into() }, "{words}");
    }
    assert_eq!(what(&answer("", "明天\0下午")), What::Reply { text: "明天下午".into() }, "what no database keeps");
    let endless = what(&answer("", &"茶".repeat(TEXT_MAX + 5)));
    assert!(matches!(endless, What::Reply { text } if text.chars().count() == TEXT_MAX));
}

#[test]
fn please_stop_is_heard_and_not_guessed() {
    for (words, said) in [
        ("退订", "退订"),
        ("退订！", "退订！"),
        ("STOP", "STOP"),
        ("Stop.", "Stop."),
        (" T D ", "T D"),
        ("取消订阅。", "取消订阅。"),
        ("请不要再发邮件了", "请不要再发邮件了"),
        ("please stop sending me mails", "please stop sending me mails"),
        ("Unsubscribe\r\n> hello", "Unsubscribe"),
        ("退订\r\n\r\n发自我的 iPhone", "退订\n\n发自我的 iPhone"),
    ] {
        assert_eq!(what(&answer("", words)), What::Stop { text: Some(said.into()) }, "{words}");
    }
    for words in [
        "Please do not stop by before ten",
        "我的朋友退订了你们家的杂志以后一直在问我有没有别的办法可以继续收到新茶的消息，你们能帮忙吗",
        "tdk",
        "不要发了",
        "不要发了，退款吧",
        "请不要再发了",
        "别再发同款，换一个",
        "n",
        "please stop the parcel",
        "remove the second one",
        "我要取消订阅的牛奶",
    ] {
        assert!(matches!(what(&answer("", words)), What::Reply { .. }), "{words}");
    }
}

#[test]
fn machines_are_not_answered() {
    for headers in
        ["Auto-Submitted: auto-replied\r\n", "X-Autoreply: yes\r\n", "Precedence: bulk\r\n", "Precedence: auto_reply\r\n"]
    {
        assert_eq!(what(&answer(headers, "退订")), What::Ignore, "{headers}");
    }
    assert_eq!(what(&answer("", "I am away").replace("Re: your tea", "自动回复: 你好")), What::Ignore);
    assert!(matches!(what(&answer("Auto-Submitted: no\r\n", "hello")), What::Reply { .. }));
}

#[test]
fn the_mail_that_is_answered_comes_first() {
    let older = "<0190f1c2-0000-7000-8000-000000000000@dutyboard>";
    let mail = answer(&format!("References: {older} <x@elsewhere.example> {OURS_1}\r\n"), "yes");
    assert_eq!(read(mail.as_bytes()).message_ids, [OURS_1, older]);
    let foreign = answer("", "yes").replace(OURS_1, "<x@elsewhere.example>");
    assert_eq!(read(foreign.as_bytes()).what, What::Ignore, "not about us");
}

#[test]
fn endless_mails_are_read_in_time() {
    let hostile = format!("From: postmaster@x.example\r\n\r\n{}", "@dutyboard>".repeat(1_000_000));
    assert_eq!(read(hostile.as_bytes()).what, What::Ignore);
    let nested = "Content-Type: message/rfc822\r\n\r\n".repeat(20_000);
    assert_eq!(read(nested.as_bytes()).what, What::Ignore);
    let boxes =
        (0..5_000).map(|n| format!("Content-Type: multipart/mixed; boundary=\"b{n}\"\r\n\r\n--b{n}\r\n")).collect::<String>();
    assert_eq!(read(boxes.as_bytes()).what, What::Ignore);
}

proptest! {
    #[test]
    fn whatever_comes_in_is_survived(raw: Vec<u8>, cut in 0_usize..900, byte: u8) {
        let _ = read(&raw);
        let mut mail = report("failed", "5.1.1").into_bytes();
        let at = cut.min(mail.len() - 1);
        mail[at] = byte;
        let incoming = read(&mail);
        prop_assert!(incoming.message_ids.iter().all(|id| id.ends_with(OURS) && id.len() <= 120));
        mail.truncate(at);
        let _ = read(&mail);
    }
}
