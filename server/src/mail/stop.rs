//! "Please stop": the link in every mail to a buyer, the page behind it, and the one click of mail programs (RFC 8058).
//!
//! The link names the buyer and proves by a MAC that we made it; it never ends. Opening it changes nothing, because mail programs
//! and virus scanners open links.

use super::buyer::{self, Fate};
use crate::app::App;
use crate::db::AnyConnection;
use crate::http::blocking;
use crate::http::problem::Problem;
use crate::jobs::queue::{self, Fresh};
use crate::kit::hex::hex;
use crate::kit::refusal::{Code, Stop};
use crate::kit::signature;
use actix_web::http::{StatusCode, header};
use actix_web::{HttpRequest, HttpResponse, get, post, web};
use serde_json::json;

/// The job that keeps mails from a buyer from now on.
pub const BLOCK: &str = "customer.stop";

const STYLE: &str = include_str!("pages/stop.css");
/// Hex digits of the MAC that a link carries: 128 bits.
const PROOF: usize = 32;

/// Where a buyer ends the mails. `key`: [`App::stop_key`].
pub fn link(base_url: &str, key: &[u8], workspace_id: &str, customer_id: &str) -> String {
    format!("{base_url}/stop/{workspace_id}.{customer_id}.{}", proof(key, workspace_id, customer_id))
}

fn proof(key: &[u8], workspace_id: &str, customer_id: &str) -> String {
    let mut proof = hex(&signature::derive(key, format!("{workspace_id}.{customer_id}").as_bytes()));
    proof.truncate(PROOF);
    proof
}

/// Workspace and buyer of a link that we made.
fn read(key: &[u8], token: &str) -> Option<(String, String)> {
    let (ids, given) = token.rsplit_once('.')?;
    let (workspace_id, customer_id) = ids.split_once('.')?;
    let expected = proof(key, workspace_id, customer_id);
    // Looks at every digit: how long it takes tells nothing about where it is wrong.
    let differ = given.bytes().zip(expected.bytes()).fold(given.len() ^ expected.len(), |all, (a, b)| all | usize::from(a ^ b));
    (differ == 0).then(|| (workspace_id.to_owned(), customer_id.to_owned()))
}

/// Takes back what waits, and queues what keeps further mails away. To be called in a write.
pub(super) fn block(conn: &mut AnyConnection, workspace_id: &str, customer_id: &str, now: i64) -> Result<(), Stop> {
    buyer::cancel_all(conn, workspace_id, customer_id)?;
    if is_asked(conn, workspace_id, customer_id)? {
        return Ok(());
    }
    let (payload, name) = (json!({ "customer_id": customer_id }), name(customer_id));
    queue::insert(conn, &Fresh { workspace_id, kind: BLOCK, payload: &payload, dedupe: Some(&name), due_at: now, now })
}

fn name(customer_id: &str) -> String {
    format!("{BLOCK}:{customer_id}")
}

/// Whether a buyer has asked to stop and their card does not say so yet.
///
/// # Errors
/// `Fault` or `Busy` from the database.
pub fn is_asked(conn: &mut AnyConnection, workspace_id: &str, customer_id: &str) -> Result<bool, Stop> {
    queue::is_known(conn, workspace_id, &name(customer_id))
}

/// What the page says in one language.
struct Words {
    lang: &'static str,
    ask: [&'static str; 2],
    button: &'static str,
    done: [&'static str; 2],
    unknown: [&'static str; 2],
}

const ZH: Words = Words {
    lang: "zh-CN",
    ask: ["不再接收邮件", "点击下面的按钮后，我们不会再给您发送这类邮件。您的订单不受影响。"],
    button: "不再接收",
    done: ["已停止", "我们不会再给您发送这类邮件。"],
    unknown: ["链接无效", "这个链接不完整，请从邮件里重新打开。"],
};
const EN: Words = Words {
    lang: "en",
    ask: ["Stop these mails", "With the button below we send you no more of these mails. Your orders are not touched."],
    button: "Stop these mails",
    done: ["Stopped", "We send you no more of these mails."],
    unknown: ["This link does not work", "It is not complete. Please open it from the mail again."],
};

fn words(request: &HttpRequest) -> &'static Words {
    let wished = request.headers().get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if wished.trim_start().to_ascii_lowercase().starts_with("en") { &EN } else { &ZH }
}

/// Only words of our own: nothing in it needs escaping.
fn page(status: StatusCode, words: &Words, [title, text]: [&str; 2], button: Option<&str>) -> HttpResponse {
    let form = button.map_or(String::new(), |label| format!("<form method=\"post\"><button>{label}</button></form>"));
    let body = format!(
        "<!doctype html>\n<html lang=\"{}\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width, \
         initial-scale=1\">\n<meta name=\"robots\" content=\"noindex\">\n<title>{title}</title>\n<link rel=\"stylesheet\" \
         href=\"/stop.css\">\n</head>\n<body>\n<main>\n<h1>{title}</h1>\n<p>{text}</p>\n{form}\n</main>\n</body>\n</html>\n",
        words.lang
    );
    let caching = (header::CACHE_CONTROL, "no-store");
    HttpResponse::build(status).insert_header(caching).content_type("text/html; charset=utf-8").body(body)
}

/// Says what will happen, and changes nothing.
#[get("/stop/{token}")]
pub async fn ask(app: web::Data<App>, request: HttpRequest, token: web::Path<String>) -> HttpResponse {
    let words = words(&request);
    match read(&app.stop_key, &token) {
        Some(_) => page(StatusCode::OK, words, words.ask, Some(words.button)),
        None => page(StatusCode::NOT_FOUND, words, words.unknown, None),
    }
}

/// The button of the page, and the one click of mail programs. Twice is once.
#[post("/stop/{token}")]
pub async fn stop(app: web::Data<App>, request: HttpRequest, token: web::Path<String>) -> Result<HttpResponse, Problem> {
    let words = words(&request);
    let Some((workspace_id, customer_id)) = read(&app.stop_key, &token) else {
        return Ok(page(StatusCode::NOT_FOUND, words, words.unknown, None));
    };
    if !app.limits.allow_link(&customer_id) {
        return Err(Problem::wait(Code::TooManyAttempts, 30));
    }
    let (door, now) = (app.door.clone(), app.door.clock.now_ms());
    blocking(move || {
        door.upkeep(move |conn| {
            block(conn, &workspace_id, &customer_id, now)?;
            buyer::tell(conn, &workspace_id, None, &customer_id, Fate::Stopped, now)
        })
    })
    .await?;
    Ok(page(StatusCode::OK, words, words.done, None))
}

#[get("/stop.css")]
pub async fn style() -> HttpResponse {
    HttpResponse::Ok().content_type("text/css; charset=utf-8").body(STYLE)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const KEY: &[u8] = b"a key of the tests";

    #[test]
    fn a_link_names_its_buyer_and_no_other() {
        let link = link("https://desk.example", KEY, "w-1", "c-1");
        let token = link.strip_prefix("https://desk.example/stop/").expect("below the server's address");
        assert_eq!(read(KEY, token), Some(("w-1".into(), "c-1".into())));
        assert_eq!(read(b"another key", token), None);
        for changed in
            [token.replace("c-1", "c-2"), token.replace("w-1", "w-2"), token[..token.len() - 1].into(), format!("{token}0")]
        {
            assert_eq!(read(KEY, &changed), None, "{changed}");
        }
        assert!(link.len() < 900 && link.is_ascii(), "it fits into a header");
    }

    proptest! {
        #[test]
        fn nobody_guesses_a_link(token in ".{0,120}") {
            prop_assert_eq!(read(KEY, &token), None);
        }
    }
}
