//! Writing to other people's servers: one POST over https, short, without redirects. Errors are safe to store and to log: they name
//! no address, no header and nothing of an answer.

use std::sync::LazyLock;
use std::time::Duration;
use ureq::Agent;

/// More of an answer is not read (bytes).
const ANSWER_MAX: u64 = 64 * 1024;

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
