//! Messages, settings and the backends without a network.

use super::smtp::{Security, parse_url, scrub};
use super::*;

mod conversations;
mod responder;

fn mail() -> Outgoing {
    Outgoing {
        message_id: "0190-invite.1@desk.example.com".into(),
        from: "值班台 <noreply@desk.example.com>".into(),
        to: "lilei.private@customer.example.org".into(),
        to_name: "李雷".into(),
        subject: "韩梅梅 邀请你加入「晨星旗舰店」值班台".into(),
        text: "李雷，你好\n.\n一行\n".into(),
        html: "<p>李雷，你好</p>".into(),
        date_ms: 1_795_000_000_123,
        reply_to: None,
        thread: None,
        stop_link: None,
    }
}

fn settings(url: &str) -> SmtpSettings {
    SmtpSettings { url: url.into(), from: "noreply@desk.example.com".into(), timeout_s: 5, ..SmtpSettings::default() }
}

fn with_login(url: &str) -> SmtpSettings {
    SmtpSettings { user: Some("robot".into()), password: Some("s3cret-word".into()), ..settings(url) }
}

fn message() -> String {
    String::from_utf8(compose(&mail()).unwrap().1).expect("the message is ASCII: no 8BITMIME needed")
}

#[test]
fn the_message_has_both_parts_and_stable_headers() {
    let eml = message();
    assert_eq!(eml, message(), "the same bytes on every attempt");
    for line in [
        "Message-ID: <0190-invite.1@desk.example.com>\r\n",
        "Date: Wed, 18 Nov 2026 11:06:40 +0000\r\n",
        "Auto-Submitted: auto-generated\r\n",
        "MIME-Version: 1.0\r\n",
        "Content-Type: multipart/alternative;",
        "Content-Type: text/plain; charset=utf-8\r\n",
        "Content-Type: text/html; charset=utf-8\r\n",
    ] {
        assert!(eml.contains(line), "{line} in {eml}");
    }
    assert!(eml.find("text/plain").unwrap() < eml.find("text/html").unwrap(), "the best part is last");
    assert!(!eml.contains("List-") && !eml.contains("Bcc"));
    assert!(eml.lines().all(|line| line.len() <= 998));
}

#[test]
fn mails_to_buyers_can_be_threaded_answered_and_stopped() {
    let link = "https://desk.example.com/stop/w.c.0";
    let mail = Outgoing {
        reply_to: Some("山茶店 <shop@tea.example>".into()),
        thread: Some("<first@dutyboard>".into()),
        stop_link: Some(link.into()),
        ..mail()
    };
    let eml = String::from_utf8(compose(&mail).unwrap().1).unwrap().replace("\r\n ", " ");
    for line in [
        "In-Reply-To: <first@dutyboard>\r\n",
        "References: <first@dutyboard>\r\n",
        "List-Unsubscribe: <https://desk.example.com/stop/w.c.0>\r\n",
        "List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n",
        "Auto-Submitted: auto-generated\r\n",
    ] {
        assert!(eml.contains(line), "{line} in {eml}");
    }
    assert!(eml.contains("Reply-To: ") && eml.contains("<shop@tea.example>"), "{eml}");
    for wrong in ["mailto:x@y.example", "https://a.example/\r\nBcc: x@y.example", "https://a.example/>,<x", "https://a b"] {
        assert!(compose(&Outgoing { stop_link: Some(wrong.into()), ..mail.clone() }).is_err(), "{wrong}");
    }
    assert!(compose(&Outgoing { thread: Some("a@b>\r\nBcc: x@y".into()), ..mail.clone() }).is_err());
    assert!(compose(&Outgoing { reply_to: Some("nobody".into()), ..mail }).is_err());
}

#[test]
fn nothing_typed_can_add_a_header() {
    let attack = "x\r\nBcc: all@example.com\r\n\r\nbody";
    let hostile = Outgoing { subject: attack.into(), to_name: attack.into(), ..mail() };
    let (envelope, eml) = compose(&hostile).unwrap();
    let eml = String::from_utf8(eml).unwrap();
    assert!(!eml.to_lowercase().contains("\r\nbcc:"), "{eml}");
    assert_eq!(envelope.to().len(), 1);
    assert!(eml.split("\r\n\r\n").next().unwrap().contains("multipart/alternative"), "the header block is whole");
}

#[test]
fn addresses_and_ids_are_checked_before_any_backend() {
    let permanent = |mail: Outgoing| compose(&mail).is_err_and(|error| error.is_permanent());
    for to in ["", "lilei", "a@b@c", "a b@c.example", "a@b.example\r\nRCPT TO:<x@y.example>"] {
        assert!(permanent(Outgoing { to: to.into(), ..mail() }), "{to}");
    }
    for id in ["", "<>", "nothing", "@b", "a@", "a b@c", "a@b>\r\nBcc: x@y", "é@b"] {
        assert!(permanent(Outgoing { message_id: id.into(), ..mail() }), "{id}");
    }
    let brackets = compose(&Outgoing { message_id: "<a@b>".into(), ..mail() }).unwrap().1;
    assert!(String::from_utf8(brackets).unwrap().contains("Message-ID: <a@b>\r\n"));
    let sender = compose(&Outgoing { from: "nobody".into(), ..mail() }).unwrap_err();
    assert!(!sender.is_permanent(), "our own settings can be repaired: {sender}");
    for date_ms in [i64::MIN, -1, 0, i64::MAX] {
        assert!(compose(&Outgoing { date_ms, ..mail() }).is_ok());
    }
}

#[test]
fn masks() {
    for (address, masked) in [
        ("zhang.wei@example.com", "z***@e***.com"),
        ("张伟@例子.公司", "张***@例***.公司"),
        ("a@localhost", "a***@l***"),
        ("@example.com", "***"),
        ("a@", "***"),
        ("nothing", "***"),
        ("", "***"),
    ] {
        assert_eq!(mask_email(address), masked, "{address}");
    }
    let told = "5.1.1 <lilei@x.example>: user LiLei unknown;\r\nlogin=robot li is-ok policy";
    assert_eq!(scrub(told, &["lilei", "robot", "li"]), "5.1.1 *** user *** unknown; *** *** is-ok policy");
    assert_eq!(scrub(&"a".repeat(500), &[]).len(), 200);
}

#[test]
fn urls() {
    use Security::{Clear, Implicit, Opportunistic, Required};
    for (url, host, port, security) in [
        ("smtps://mail.example.com", "mail.example.com", 465, Implicit),
        ("smtps://mail.example.com:8465/", "mail.example.com", 8465, Implicit),
        ("smtp+starttls://mail.example.com", "mail.example.com", 587, Required),
        ("smtp://mail.example.com?tls=required", "mail.example.com", 587, Required),
        ("smtp://mail.example.com:2525?tls=opportunistic", "mail.example.com", 2525, Opportunistic),
        ("smtp://mailpit:1025?tls=none", "mailpit", 1025, Clear),
        ("smtp://localhost", "localhost", 25, Opportunistic),
        ("smtp://[::1]:1025", "::1", 1025, Opportunistic),
    ] {
        assert_eq!(parse_url(url, false), Ok((host.to_owned(), port, security)), "{url}");
    }
    assert_eq!(parse_url("smtp://mail", true).unwrap().2, Required, "a password is not sent in the clear by accident");
    assert_eq!(parse_url("smtp://mail?tls=none", true).unwrap().2, Clear, "but on purpose");
    for bad in [
        "",
        "mail.example.com",
        "http://mail",
        "smtp://",
        "smtp://:25",
        "smtp://mail:0",
        "smtp://mail:99999",
        "smtp://mail:x",
        "smtp://user:s3cret-word@mail",
        "smtp://mail/path",
        "smtp://mail?tls=maybe",
        "smtps://mail?tls=none",
        "smtp://[::1",
        "smtp://ma il",
        "smtp://[::1]x",
    ] {
        let error = parse_url(bad, false).expect_err(bad);
        assert!(!error.to_string().contains("s3cret"), "{error}");
    }
}

#[test]
fn settings_are_checked_and_never_shown() {
    let good = with_login("smtps://mail.example.com");
    assert!(!format!("{good:?} {:?}", Mailer::smtp(&good)).contains("s3cret"));
    let refused = |settings: SmtpSettings| Mailer::smtp(&settings).is_err();
    assert!(refused(SmtpSettings { password: None, ..good.clone() }));
    assert!(refused(SmtpSettings { user: Some(String::new()), ..good.clone() }));
    assert!(refused(SmtpSettings { from: "desk".into(), ..good.clone() }));
    assert!(refused(SmtpSettings { timeout_s: 0, ..good.clone() }));
    assert!(refused(SmtpSettings { ca: Some(b"no certificate".to_vec()), ..good.clone() }));
    let none = SmtpSettings { user: Some(String::new()), password: Some(String::new()), ..good };
    assert!(!refused(none), "an empty environment variable is an absent one");
}

#[tokio::test]
async fn the_folder_keeps_one_of_each_newest_first() {
    let folder = responder::Folder::new();
    let mailer = Mailer::File { dir: folder.path().join("outbox") };
    let dir = folder.path().join("outbox");
    assert_eq!(Mailer::list(&dir).unwrap(), [], "no folder yet");
    let old = Outgoing { message_id: "b@x".into(), date_ms: 1, ..mail() };
    let sly = Outgoing { message_id: "../../etc/x@y".into(), date_ms: 2, ..mail() };
    for one in [&mail(), &old, &sly, &mail()] {
        mailer.send(one).await.unwrap();
    }
    assert_eq!(Mailer::list(&dir).unwrap(), [mail(), sly, old]);
    let names: Vec<_> = std::fs::read_dir(&dir).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
    assert_eq!(names.len(), 6, "an .eml and a .json each, no draft left: {names:?}");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "nothing outside the folder");
    std::fs::write(dir.join("note.json"), "{}").unwrap();
    assert_eq!(Mailer::list(&dir).unwrap().len(), 3, "foreign files are passed over");
    let eml = names.iter().find(|name| name.starts_with("0190-invite") && name.ends_with(".eml")).unwrap();
    assert_eq!(std::fs::read_to_string(dir.join(eml)).unwrap(), message());

    let blocked = Mailer::File { dir: dir.join("note.json") };
    assert!(!blocked.send(&mail()).await.unwrap_err().is_permanent());
}

#[tokio::test]
async fn memory_keeps_every_attempt() {
    let mailer = Mailer::memory();
    mailer.send(&mail()).await.unwrap();
    mailer.clone().send(&mail()).await.unwrap();
    let Mailer::Memory(sent) = &mailer else { panic!("memory") };
    assert_eq!(*sent.lock().unwrap(), [mail(), mail()]);
    assert!(mailer.send(&Outgoing { to: "x".into(), ..mail() }).await.is_err(), "checked like any other backend");
}
