//! Pure decisions of the notices room: no database, no clock.

use super::kinds::{RouteKind, RouteState};
use super::model::NoticeRoute;
use crate::kit::refusal::{Code, Refusal};
use actix_web::http::Uri;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

pub const TEXT_MAX: usize = 500;
pub const SUBJECT_MAX: usize = 80;
const LINK_MAX: usize = 200;
const URL_MAX: usize = 1_000;
const SECRET_MAX: usize = 200;
/// After so long another try would only surprise (ms).
const WORTH_TELLING: i64 = 3_600_000;

/// What was typed: trimmed, not empty.
///
/// # Errors
/// `bad_value` or `too_long`.
pub fn text(text: &str) -> Result<String, Refusal> {
    let text = text.trim();
    if text.is_empty() {
        return Err(Refusal::because(Code::BadValue, "a notice needs words"));
    }
    if text.chars().count() > TEXT_MAX { Err(Code::TooLong.into()) } else { Ok(text.to_owned()) }
}

/// A few words for a list, cut when they are many.
pub fn subject(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    let line = words.join(" ");
    if line.chars().count() <= SUBJECT_MAX {
        return line;
    }
    line.chars().take(SUBJECT_MAX - 1).chain(['…']).collect()
}

/// A place in the app, never elsewhere.
///
/// # Errors
/// `bad_value`.
pub fn link(link: &str) -> Result<String, Refusal> {
    let inside = link.starts_with("#/") && !link.chars().any(|c| c.is_whitespace() || c.is_control() || "<>\"'\\".contains(c));
    if link.is_empty() || (inside && link.len() <= LINK_MAX) {
        Ok(link.to_owned())
    } else {
        Err(Refusal::because(Code::BadValue, "link"))
    }
}

/// An address that may be written to: https, or http on this machine itself.
///
/// # Errors
/// `bad_value`. The address is not repeated: it is a secret.
pub fn address(url: &str) -> Result<String, Refusal> {
    let url = url.trim();
    let bad = || Refusal::because(Code::BadValue, "url: https");
    let parsed: Uri = url.parse().map_err(|_| bad())?;
    let host = parsed.host().unwrap_or_default();
    let fits = match parsed.scheme_str() {
        Some("https") => !host.is_empty(),
        Some("http") => ["127.0.0.1", "localhost", "[::1]"].contains(&host),
        _ => false,
    };
    let has_user = parsed.authority().is_some_and(|authority| authority.as_str().contains('@'));
    if fits && !has_user && url.len() <= URL_MAX { Ok(url.to_owned()) } else { Err(bad()) }
}

/// The server of an address.
pub fn host(url: &str) -> String {
    url.parse::<Uri>().ok().and_then(|uri| uri.host().map(str::to_owned)).unwrap_or_default()
}

/// # Errors
/// `bad_value` for what no robot has as its secret.
pub fn secret(secret: &str) -> Result<String, Refusal> {
    let secret = secret.trim();
    let fits = secret.len() <= SECRET_MAX && secret.chars().all(|c| c.is_ascii_graphic());
    if fits { Ok(secret.to_owned()) } else { Err(Refusal::because(Code::BadValue, "secret")) }
}

/// The keys of a browser's subscription: an uncompressed point of P-256 and sixteen bytes (RFC 8291, 3.1 and 3.2).
///
/// # Errors
/// `bad_value`.
pub fn push_keys(p256dh: &str, auth: &str) -> Result<(Vec<u8>, [u8; 16]), Refusal> {
    let bytes = |text: &str| URL_SAFE_NO_PAD.decode(text.trim_end_matches('=')).ok();
    let key = bytes(p256dh).filter(|key| p256::PublicKey::from_sec1_bytes(key).is_ok());
    let auth = bytes(auth).and_then(|auth| auth.try_into().ok());
    key.zip(auth).ok_or_else(|| Refusal::because(Code::BadValue, "push keys"))
}

/// Whether it is too late to try once more.
pub fn is_stale(at: i64, now: i64) -> bool {
    now - at > WORTH_TELLING
}

/// One way as it begins.
pub fn route(route: RouteKind, open: bool, at: i64) -> NoticeRoute {
    let state = if open { RouteState::Waiting } else { RouteState::None };
    NoticeRoute { route, robot_id: None, state, at, why: String::new() }
}

/// Notes how a way ended. What was delivered stays delivered: of two phones of one person, one is enough.
pub fn settle(routes: &mut [NoticeRoute], result: &NoticeRoute) {
    let open = |known: &&mut NoticeRoute| {
        known.route == result.route && known.robot_id == result.robot_id && known.state != RouteState::Delivered
    };
    if let Some(known) = routes.iter_mut().find(open) {
        known.clone_from(result);
    }
}
