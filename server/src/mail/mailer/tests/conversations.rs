//! Real SMTP conversations with a small server on the loopback interface.

use super::responder::Responder;
use super::*;

async fn send_to(server: &Responder, query: &str) -> Result<(), SendError> {
    Mailer::smtp(&settings(&server.url("smtp", query))).unwrap().send(&mail()).await
}

#[tokio::test]
async fn an_accepted_mail_went_over_the_wire_whole() {
    let server = Responder::start(|_| None);
    send_to(&server, "").await.unwrap();
    let heard = server.finish();
    assert_eq!(heard.commands[1], "MAIL FROM:<noreply@desk.example.com>");
    assert_eq!(heard.commands[2..], ["RCPT TO:<lilei.private@customer.example.org>", "DATA", "QUIT"]);
    assert_eq!(heard.data.trim_end(), message().trim_end());
}

#[tokio::test]
async fn replies_are_sorted_into_temporary_and_permanent() {
    for (command, reply, permanent) in [
        ("RCPT", "451 4.7.1 greylisted, come back", false),
        ("RCPT", "550 5.1.1 no such user lilei.private <lilei.private@customer.example.org>", true),
        ("RCPT", "421 4.3.2 shutting down", false),
        ("MAIL", "552 5.3.4 too big", true),
        ("MAIL", "530 5.7.0 log in first", false),
        ("DATA", "554 5.7.1 no", true),
        (".", "452 4.2.2 mailbox full", false),
        (".", "554 5.6.0 spam, said lilei.private", true),
        ("EHLO", "550 5.7.1 your network is blocked", false),
        ("HELLO", "554 5.3.2 no service here", false),
        ("RCPT", "what?", false),
    ] {
        let server = Responder::start(move |heard| heard.starts_with(command).then(|| format!("{reply}\r\n")));
        let error = send_to(&server, "?tls=none").await.unwrap_err();
        server.finish();
        assert_eq!(error.is_permanent(), permanent, "{command} {reply}: {error}");
        let shown = format!("{error} {error:?}");
        assert!(!shown.contains("lilei") && !shown.contains("customer.example"), "{shown}");
        if reply.starts_with("45") {
            assert!(shown.contains(&reply[..3]) && shown.contains(&reply[4..9]), "the code helps the owner: {shown}");
        }
    }
}

#[tokio::test]
async fn only_a_refused_address_is_bad() {
    for (reply, bad) in [
        ("550 5.1.1 no such user", true),
        ("550 #5.1.0 Address rejected", true),
        ("550 Mailbox not found", true),
        ("553 sorry, no such mailbox", true),
        ("550 5.0.0 no", true),
        ("550 5.2.1 mailbox closed", true),
        ("550 5.7.1 looks like spam", false),
        ("550 5.1.8 sender's domain not found", false),
        ("552 5.2.2 mailbox full", false),
        ("554 5.7.1 blocked by 10.1.1.9", false),
        ("554 no", false),
    ] {
        let server = Responder::start(move |heard| heard.starts_with("RCPT").then(|| format!("{reply}\r\n")));
        let error = send_to(&server, "?tls=none").await.unwrap_err();
        server.finish();
        assert_eq!((error.is_permanent(), matches!(error, SendError::BadAddress(_))), (true, bad), "{reply}: {error}");
    }
}

#[tokio::test]
async fn a_silent_server_is_a_temporary_error() {
    for command in ["HELLO", "EHLO", "RCPT", "."] {
        let server = Responder::start(move |heard| heard.starts_with(command).then(String::new));
        let mut smtp = Smtp::new(&settings(&server.url("smtp", ""))).unwrap();
        smtp.timeout = Duration::from_millis(60);
        let error = Mailer::Smtp(smtp).send(&mail()).await.unwrap_err();
        assert!(matches!(&error, SendError::Temporary(why) if why.contains("did not answer")), "{command}: {error}");
        server.finish();
    }
}

#[tokio::test]
async fn an_accepted_mail_stays_accepted_when_the_goodbye_is_missing() {
    let server = Responder::start(|heard| (heard == "QUIT").then(String::new));
    let mut smtp = Smtp::new(&settings(&server.url("smtp", ""))).unwrap();
    smtp.goodbye = Duration::from_millis(20);
    Mailer::Smtp(smtp).send(&mail()).await.unwrap();
    server.finish();
}

#[tokio::test]
async fn no_server_is_a_temporary_error() {
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let error = Mailer::smtp(&settings(&format!("smtp://{free}"))).unwrap().send(&mail()).await.unwrap_err();
    assert!(!error.is_permanent(), "{error}");
}

#[tokio::test]
async fn encryption_that_was_asked_for_is_never_skipped() {
    for (scheme, query) in [("smtp", "?tls=required"), ("smtp+starttls", ""), ("smtps", "")] {
        let server = Responder::start(|_| None);
        let mailer = Mailer::smtp(&with_login(&server.url(scheme, query))).unwrap();
        let error = mailer.send(&mail()).await.unwrap_err();
        let heard = server.finish();
        assert!(!error.is_permanent(), "{scheme}: {error}");
        assert!(!heard.commands.iter().any(|c| c.starts_with("MAIL") || c.starts_with("AUTH")), "{:?}", heard.commands);
    }
}

#[tokio::test]
async fn login_works_and_a_refused_login_is_temporary_and_silent() {
    // base64 of NUL robot NUL s3cret-word
    let plain = "AUTH PLAIN AHJvYm90AHMzY3JldC13b3Jk";
    for accepted in [true, false] {
        let server = Responder::start(move |heard| match heard {
            "EHLO" => Some("250-desk.test\r\n250 AUTH PLAIN LOGIN\r\n".into()),
            "AUTH" if accepted => Some("235 2.7.0 welcome\r\n".into()),
            "AUTH" => Some(format!("535 5.7.8 robot s3cret-word {plain}\r\n")),
            _ => None,
        });
        let sent = Mailer::smtp(&with_login(&server.url("smtp", "?tls=none"))).unwrap().send(&mail()).await;
        let heard = server.finish();
        assert_eq!(heard.commands[1], plain);
        match sent {
            Ok(()) => assert!(accepted),
            Err(error) => {
                assert!(!accepted);
                assert_eq!(error, SendError::Temporary("the mail server refused our login: 535".into()));
            }
        }
    }
}
