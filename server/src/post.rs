//! Writing to other people's servers: one POST over https, short, without redirects. Errors are safe to store and to log: they name
//! no address, no header and nothing of an answer.

use crate::kit::hex::{hex, unhex};
use hmac::{Hmac, Mac};
use sha2::Sha256;
use std::sync::LazyLock;
use std::time::Duration;
use ureq::Agent;

/// More of an answer is not read (bytes).
const ANSWER_MAX: u64 = 64 * 1024;
/// A signature older or newer than this is not taken (ms).
const DRIFT_MS: i64 = 5 * 60_000;

/// What the other side said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    pub status: u16,
    /// Cut at 64 KiB; what is no UTF-8 is replaced.
    pub body: String,
}

/// Names and values.
pub type Headers = Vec<(&'static str, String)>;

/// Why nothing was said, or nothing that helps.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PostError {
    /// Try again later: no connection, time-out, 408, 425, 429, 5xx.
    #[error("{0}")]
    Temporary(String),
    /// The same again will not help: any other status than 2xx (a redirect among them), an address that is none, TLS refused.
    #[error("{status:?} {why}")]
    Permanent { status: Option<u16>, why: String },
}

impl PostError {
    fn never(why: &str) -> Self {
        PostError::Permanent { status: None, why: why.to_owned() }
    }
}

static AGENT: LazyLock<Agent> = LazyLock::new(|| {
    let config = Agent::config_builder()
        .http_status_as_error(false)
        .max_redirects(0)
        .max_redirects_will_error(false)
        // Addresses come from people: no proxy of ours may carry their secrets elsewhere.
        .proxy(None)
        .user_agent("Dutyboard")
        .accept_encoding("identity");
    Agent::new_with_config(config.build())
});

/// Posts a body and waits for the answer, off the network threads. `timeout` is for everything together.
///
/// # Errors
/// See [`PostError`].
pub async fn post(url: &str, headers: Headers, body: Vec<u8>, timeout: Duration) -> Result<Answer, PostError> {
    let url = url.to_owned();
    let work = tokio::task::spawn_blocking(move || send(&url, &headers, &body, timeout));
    work.await.unwrap_or_else(|_| Err(PostError::Temporary("interrupted".into())))
}

/// [`post`] of JSON.
///
/// # Errors
/// See [`PostError`].
pub async fn post_json(
    url: &str,
    mut headers: Headers,
    body: &serde_json::Value,
    timeout: Duration,
) -> Result<Answer, PostError> {
    headers.push(("Content-Type", "application/json; charset=utf-8".into()));
    post(url, headers, body.to_string().into_bytes(), timeout).await
}

fn send(url: &str, headers: &[(&'static str, String)], body: &[u8], timeout: Duration) -> Result<Answer, PostError> {
    let mut request = AGENT.post(url).config().timeout_global(Some(timeout)).build();
    for (name, value) in headers {
        request = request.header(*name, value);
    }
    let mut response = request.send(body).map_err(|error| broken(&error))?;
    let status = response.status().as_u16();
    let body = response.body_mut().with_config().limit(ANSWER_MAX).lossy_utf8(true).read_to_string();
    match status {
        // Who answers 2xx has taken it, whatever becomes of the rest of the answer.
        200..=299 => Ok(Answer { status, body: body.unwrap_or_default() }),
        408 | 425 | 429 | 500..=599 => Err(PostError::Temporary(format!("status {status}"))),
        _ => Err(PostError::Permanent { status: Some(status), why: format!("status {status}") }),
    }
}

/// In our own words: ureq's may name the address.
fn broken(error: &ureq::Error) -> PostError {
    match error {
        ureq::Error::Timeout(_) => PostError::Temporary("time-out".into()),
        ureq::Error::HostNotFound => PostError::Temporary("no such server".into()),
        ureq::Error::Io(error) => PostError::Temporary(format!("no connection: {}", error.kind())),
        ureq::Error::ConnectionFailed | ureq::Error::Protocol(_) => PostError::Temporary("no connection".into()),
        ureq::Error::BadUri(_) | ureq::Error::Http(_) => PostError::never("not an address"),
        ureq::Error::Tls(_) | ureq::Error::Rustls(_) | ureq::Error::TlsRequired => PostError::never("TLS refused"),
        _ => PostError::Temporary("not delivered".into()),
    }
}

/// HMAC-SHA256.
pub fn hmac(key: &[u8], message: &[u8]) -> Vec<u8> {
    mac(key, message).finalize().into_bytes().to_vec()
}

fn mac(key: &[u8], message: &[u8]) -> Hmac<Sha256> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).unwrap_or_else(|_| unreachable!("HMAC takes keys of any length"));
    mac.update(message);
    mac
}

fn stamped(timestamp: &str, body: &[u8]) -> Vec<u8> {
    [timestamp.as_bytes(), b".", body].concat()
}

/// The headers by which the receiver knows that we wrote this body, and when: `X-Dutyboard-Timestamp` (UTC ms) and
/// `X-Dutyboard-Signature`, `sha256=` and the hex HMAC-SHA256 of `timestamp.body`.
pub fn signed(secret: &str, body: &[u8], now_ms: i64) -> Headers {
    let timestamp = now_ms.to_string();
    let signature = hex(&hmac(secret.as_bytes(), &stamped(&timestamp, body)));
    vec![("X-Dutyboard-Timestamp", timestamp), ("X-Dutyboard-Signature", format!("sha256={signature}"))]
}

/// Whether somebody who knows the secret signed this body, not longer than five minutes ago. Takes as long for a wrong signature as
/// for a right one. An empty secret is known to everybody.
pub fn verify(secret: &str, timestamp: &str, body: &[u8], signature: &str, now_ms: i64) -> bool {
    let fresh = timestamp.parse::<i64>().is_ok_and(|at| now_ms.abs_diff(at) <= DRIFT_MS.unsigned_abs());
    let given = signature.strip_prefix("sha256=").and_then(unhex).unwrap_or_default();
    let right = mac(secret.as_bytes(), &stamped(timestamp, body)).verify_slice(&given).is_ok();
    !secret.is_empty() && fresh && right
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_772_409_600_000;

    fn header(headers: &[(&str, String)], name: &str) -> String {
        headers.iter().find(|(known, _)| *known == name).map(|(_, value)| value.clone()).unwrap_or_default()
    }

    /// RFC 4231, test case 2.
    #[test]
    fn the_hash_is_the_standards() {
        let expected = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
        assert_eq!(hex(&hmac(b"Jefe", b"what do ya want for nothing?")), expected);
    }

    #[test]
    fn what_was_signed_is_known_and_nothing_else() {
        let headers = signed("s3cret", b"{\"a\":1}", NOW);
        let (at, signature) = (header(&headers, "X-Dutyboard-Timestamp"), header(&headers, "X-Dutyboard-Signature"));
        assert_eq!(at, NOW.to_string());
        let check = |secret: &str, at: &str, body: &[u8], signature: &str, now| verify(secret, at, body, signature, now);
        assert!(check("s3cret", &at, b"{\"a\":1}", &signature, NOW));
        assert!(check("s3cret", &at, b"{\"a\":1}", &signature, NOW + DRIFT_MS));
        assert!(check("s3cret", &at, b"{\"a\":1}", &signature, NOW - DRIFT_MS));
        assert!(!check("s3cret", &at, b"{\"a\":1}", &signature, NOW + DRIFT_MS + 1), "too old");
        assert!(!check("s3cret", &at, b"{\"a\":2}", &signature, NOW), "another body");
        assert!(!check("other", &at, b"{\"a\":1}", &signature, NOW), "another secret");
        assert!(!check("s3cret", &(NOW + 1).to_string(), b"{\"a\":1}", &signature, NOW), "another time");
        for bad in ["", "sha256=", "sha1=00", &signature[7..], &signature[..20]] {
            assert!(!check("s3cret", &at, b"{\"a\":1}", bad, NOW), "{bad}");
        }
        for bad in ["", "now", "99999999999999999999"] {
            assert!(!check("s3cret", bad, b"{\"a\":1}", &signature, NOW), "{bad}");
        }
        let open = header(&signed("", b"x", NOW), "X-Dutyboard-Signature");
        assert!(!check("", &at, b"x", &open, NOW), "no secret is no signature");
    }
}
