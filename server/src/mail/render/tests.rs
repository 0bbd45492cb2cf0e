//! The mails in both languages: what must be in them, what must never be.

use super::*;
use serde_json::json;

const LANGUAGES: [&str; 2] = ["zh-CN", "en"];
const HOSTILE: &str = "<script>alert(1)</script>\r\nBcc: all@example.com";

fn invitation() -> Json {
    json!({
        "person": "李雷", "inviter": "韩梅梅", "workspace": "晨星旗舰店", "login": "lilei",
        "link": "https://desk.example.com/#/invite?token=a-b_c&lang=zh", "valid_days": 7
    })
}

fn tomorrow() -> Json {
    json!({
        "person": "李雷", "workspace": "晨星旗舰店", "day_label": "11月22日 周日",
        "shift": {"name": "晚班", "start": "16:00", "end": "01:00", "arrive_by": "15:45", "shop": "晨星旗舰店", "seat": "A3",
                  "overnight": true},
        "boxes": [
            {"time": "16:00–17:00", "title": "处理退款申请", "quadrant": "Q1", "cutoff": true},
            {"time": null, "title": "整理快捷短语", "quadrant": "Q2", "cutoff": false}
        ],
        "link": "https://desk.example.com/#/today", "settings_link": "https://desk.example.com/#/me"
    })
}

fn notice() -> Json {
    json!({
        "notice_id": "n1", "person": "李雷", "workspace": "晨星旗舰店", "headline": "韩梅梅 的通知", "text": "明天提前半小时到岗",
        "link": "https://desk.example.com/#/notices"
    })
}

fn buyer() -> Json {
    json!({
        "subject": "您的龙井到了", "paragraphs": ["您好，", "今年的龙井到了 <三折>。"], "reason_line": "您在本店下过单。",
        "from_name": "山茶旗舰店", "stop_link": "https://desk.example.com/stop/w.c.0"
    })
}

fn sample(kind: MailKind) -> Json {
    match kind {
        MailKind::Invitation => invitation(),
        MailKind::Tomorrow => tomorrow(),
        MailKind::Notice => notice(),
        MailKind::Buyer => buyer(),
    }
}

fn made(kind: MailKind, locale: &str, vars: &Json) -> Rendered {
    render(kind, locale, vars).unwrap_or_else(|error| panic!("{kind:?} {locale}: {error}"))
}

fn with(mut vars: Json, path: &str, value: Json) -> Json {
    *vars.pointer_mut(path).unwrap() = value;
    vars
}

#[test]
fn every_mail_is_well_formed_in_every_language() {
    for kind in MailKind::ALL {
        assert_eq!(MailKind::parse(kind.as_str()), Some(kind));
        for locale in LANGUAGES {
            let mail = made(kind, locale, &sample(kind));
            for part in [&mail.subject, &mail.text, &mail.html] {
                for leftover in ["{{", "}}", "{%", "%}", "{#", "undefined", "none", "None"] {
                    let hidden = leftover == "none" && part == &mail.html; // CSS display:none
                    assert!(hidden || !part.contains(leftover), "{kind:?} {locale}: {leftover} in {part}");
                }
            }
            assert!(!mail.subject.contains('\n') && !mail.subject.is_empty());
            assert!(mail.text.ends_with('\n') && !mail.text.contains("\n\n\n") && !mail.text.contains(" \n"));
            assert!(mail.html.starts_with("<!doctype html>") && mail.html.trim_end().ends_with("</html>"));
            assert!(mail.html.contains(&format!("<html lang=\"{locale}\">")));
            assert!(mail.html.contains("prefers-color-scheme: dark") && mail.html.contains("max-width: 480px"));
            assert!(!mail.html.contains("src="), "no picture, no tracking, nothing fetched");
            balanced(&mail.html);
        }
    }
    assert_eq!(MailKind::parse("newsletter"), None);
}

/// Every opened element is closed in order: a broken table makes some mail programs drop the rest.
fn balanced(html: &str) {
    let mut open: Vec<&str> = Vec::new();
    for tag in html.split('<').skip(1).filter(|tag| !tag.starts_with('!')) {
        let name = tag.trim_start_matches('/').split([' ', '>', '\n']).next().unwrap();
        match (tag.starts_with('/'), name) {
            (true, _) => assert_eq!(open.pop(), Some(name), "closing {name}"),
            (false, "meta" | "br") => {}
            (false, _) => open.push(name),
        }
    }
    assert_eq!(open, Vec::<&str>::new());
}

#[test]
fn invitation_texts() {
    let zh = made(MailKind::Invitation, "zh-CN", &invitation());
    assert_eq!(zh.subject, "韩梅梅 邀请你加入「晨星旗舰店」值班台");
    assert!(zh.text.starts_with("李雷，你好：\n\n韩梅梅 邀请你加入「晨星旗舰店」的值班台。\n\n登录名：lilei\n"), "{}", zh.text);
    assert!(zh.text.contains("（7 天内有效）：\nhttps://desk.example.com/#/invite?token=a-b_c&lang=zh\n"));
    assert!(zh.text.ends_with("----\n晨星旗舰店 · 值班台\n如果你不认识邀请人，忽略这封邮件即可，不会有任何变化。\n"));
    assert!(zh.html.contains("href=\"https://desk.example.com/#/invite?token=a-b_c&amp;lang=zh\""));
    assert!(zh.html.contains(">设置密码</a>"));

    let en = made(MailKind::Invitation, "en", &with(invitation(), "/valid_days", json!(1)));
    assert_eq!(en.subject, "韩梅梅 invited you to 晨星旗舰店 on Dutyboard");
    assert!(en.text.contains("(valid for 1 day):\nhttps://"), "{}", en.text);
    assert!(en.html.contains(">1 day<") && en.html.contains(">Set your password</a>"));
}

#[test]
fn mails_to_buyers_are_the_shops_own() {
    let zh = made(MailKind::Buyer, "zh-CN", &buyer());
    assert_eq!(zh.subject, "您的龙井到了");
    assert_eq!(
        zh.text,
        "您好，\n\n今年的龙井到了 <三折>。\n\n----\n山茶旗舰店\n您在本店下过单。\n不想再收到这类邮件，请打开：\nhttps://desk.example.com/stop/w.c.0\n"
    );
    assert!(zh.html.contains("&lt;三折&gt;") && zh.html.contains("href=\"https://desk.example.com/stop/w.c.0\""));
    let en = made(MailKind::Buyer, "en", &buyer());
    assert!(en.text.contains("To stop these mails:\nhttps://desk.example.com/stop/w.c.0\n"), "{}", en.text);
    for part in [&zh.text, &zh.html, &en.text, &en.html] {
        assert!(!part.contains("值班台") && !part.contains("Dutyboard"), "the shop speaks, not its tools: {part}");
    }
    let mut without = buyer();
    without.as_object_mut().unwrap().remove("stop_link");
    assert!(made(MailKind::Buyer, "en", &without).text.ends_with("您在本店下过单。\n"), "nothing to click");
}

#[test]
fn tomorrow_texts() {
    let zh = made(MailKind::Tomorrow, "zh-CN", &tomorrow());
    assert_eq!(zh.subject, "11月22日 周日：晚班 16:00–01:00（次日），2 项任务");
    let day = "班次：晚班\n时间：16:00–01:00（次日下班）\n最晚到岗：15:45\n店铺：晨星旗舰店\n座位：A3\n\n任务（2 项）：\n\
               - 16:00–17:00 处理退款申请 [Q1] 【硬截止】\n- 整理快捷短语 [Q2]\n\n在值班台查看：\n";
    assert!(zh.text.contains(day), "{}", zh.text);
    assert!(zh.text.ends_with("调整发送时间或关闭这封邮件：\nhttps://desk.example.com/#/me\n"));
    assert!(zh.html.contains("class=\"q1\"") && zh.html.contains("Q1 重要且紧急") && zh.html.contains("硬截止"));

    let en = made(MailKind::Tomorrow, "en", &with(tomorrow(), "/day_label", json!("Sunday, 22 November")));
    assert_eq!(en.subject, "Sunday, 22 November: 晚班 16:00–01:00 (next day), 2 tasks");
    assert!(en.text.contains("Time: 16:00–01:00 (ends the next day)\nArrive by: 15:45\nShop: 晨星旗舰店\nSeat: A3\n"));
    assert!(en.text.contains("\n- 16:00–17:00 处理退款申请 [Q1] (hard cut-off)\n- 整理快捷短语 [Q2]\n"), "{}", en.text);
}

#[test]
fn a_day_off_and_half_filled_shifts() {
    let off = with(with(tomorrow(), "/shift", Json::Null), "/boxes", json!([]));
    let zh = made(MailKind::Tomorrow, "zh-CN", &off);
    assert_eq!(zh.subject, "11月22日 周日：没有排班");
    assert!(zh.text.contains("\n这一天没有给你排班。\n\n暂时没有分给你的任务。\n"), "{}", zh.text);
    let en = made(MailKind::Tomorrow, "en", &with(off, "/boxes", json!([tomorrow()["boxes"][0]])));
    assert_eq!(en.subject, "11月22日 周日: no shift, 1 task");

    let mut bare = with(tomorrow(), "/shift/seat", Json::Null);
    for field in ["/shift/shop", "/shift/arrive_by"] {
        bare = with(bare, field, Json::Null);
    }
    bare = with(bare, "/shift/overnight", json!(false));
    for locale in LANGUAGES {
        let mail = made(MailKind::Tomorrow, locale, &bare);
        for absent in ["座位", "Seat", "店铺", "Shop", "最晚", "Arrive", "次日", "next day"] {
            assert!(!mail.text.contains(absent) && !mail.html.contains(absent), "{locale}: {absent}");
        }
    }
}

#[test]
fn hostile_names_stay_text() {
    let vars = [
        (MailKind::Invitation, with(with(invitation(), "/person", json!(HOSTILE)), "/inviter", json!(HOSTILE))),
        (MailKind::Tomorrow, with(with(tomorrow(), "/shift/name", json!(HOSTILE)), "/boxes/0/title", json!(HOSTILE))),
    ];
    for (kind, vars) in vars {
        for locale in LANGUAGES {
            let mail = made(kind, locale, &vars);
            assert!(!mail.html.contains("<script>") && mail.html.contains("&lt;script&gt;"), "{kind:?} {locale}");
            assert!(!mail.subject.contains(['\r', '\n']), "no second header line: {}", mail.subject);
            assert!(mail.subject.contains("<script>alert(1)</script> Bcc: all@example.com"));
            assert!(!mail.text.contains("\nBcc:") && !mail.text.contains('\r'));
            balanced(&mail.html);
        }
    }
    let braces = made(MailKind::Invitation, "en", &with(invitation(), "/person", json!("{{ 7 * 7 }}")));
    assert!(braces.text.starts_with("Hello {{ 7 * 7 }},"), "a value is never a template");
}

#[test]
fn one_line_cleans_every_kind_of_break() {
    for (raw, line) in [
        ("a\r\nb", "a b"),
        ("\u{2028}a\u{2029}b\u{85}", "a b"),
        ("  a \t\u{0} b\u{7} ", "a b"),
        ("\u{202e}gpj.exe\u{2069}", "gpj.exe"),
        ("李 雷", "李 雷"),
        ("\n", ""),
    ] {
        assert_eq!(one_line(raw), line, "{raw:?}");
    }
}

#[test]
fn mistakes_of_the_caller_are_errors_without_values() {
    let mut missing = invitation();
    missing.as_object_mut().unwrap().remove("login");
    let error = render(MailKind::Invitation, "zh-CN", &missing).unwrap_err();
    assert!(matches!(&error, RenderError::Template { reason: ErrorKind::UndefinedError, .. }), "{error}");
    assert!(!format!("{error} {error:?}").contains("李雷"));

    let odd = with(tomorrow(), "/boxes/0/quadrant", json!("Q9"));
    assert!(render(MailKind::Tomorrow, "en", &odd).is_err(), "an unknown quadrant has no name");
    assert_eq!(render(MailKind::Tomorrow, "en", &json!([])).unwrap_err(), RenderError::NotAnObject);
    for bad in [json!("javascript:alert(1)"), json!("https://a b"), json!("https://a\"onclick="), json!(null)] {
        let error = render(MailKind::Tomorrow, "en", &with(tomorrow(), "/settings_link", bad)).unwrap_err();
        assert_eq!(error, RenderError::BadLink("settings_link".into()));
    }
}

#[test]
fn an_unknown_language_is_chinese() {
    for (locale, lang) in [("en-GB", "en"), ("EN", "en"), ("zh-TW", "zh-CN"), ("", "zh-CN"), ("é", "zh-CN"), ("fr", "zh-CN")] {
        let mail = made(MailKind::Invitation, locale, &invitation());
        assert!(mail.html.contains(&format!("<html lang=\"{lang}\">")), "{locale}");
    }
}
