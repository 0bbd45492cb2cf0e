//! Hands one finished mail to the world: an SMTP server, a folder (demo) or a list in memory (tests).
//!
//! Called by the outbox job only, at least once per mail: the caller's Message-ID stays the same on every attempt, so that the
//! receiving side can drop a repetition. Errors are safe to store and to log: no address, no name, no credentials.

use super::render::one_line;
use lettre::address::Envelope;
use lettre::message::header::{ContentType, Date, HeaderName, HeaderValue};
use lettre::message::{Mailbox, Message, MultiPart, SinglePart};
use lettre::{Address, message::header};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, UNIX_EPOCH};

mod file;
mod smtp;
#[cfg(test)]
mod tests;

pub use smtp::{BadSmtpSettings, Smtp, SmtpSettings};

/// A finished mail. Every mail carries `Auto-Submitted: auto-generated` (RFC 3834: no out-of-office answers); only those with a
/// `stop_link` carry List-* headers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outgoing {
    /// Stable over all attempts, `left@right`, with or without angle brackets.
    pub message_id: String,
    /// `noreply@example.com` or `Name <noreply@example.com>`.
    pub from: String,
    /// One plain address.
    pub to: String,
    /// Shown next to the address; may be empty.
    pub to_name: String,
    pub subject: String,
    pub text: String,
    pub html: String,
    /// The Date header, UTC milliseconds, written with whole seconds.
    pub date_ms: i64,
    /// Where answers go, if not to the sender: `shop@example.com` or `Name <shop@example.com>`.
    #[serde(default)]
    pub reply_to: Option<String>,
    /// Message-ID of the mail that began the conversation.
    #[serde(default)]
    pub thread: Option<String>,
    /// An https address that a mail program may post to, so that no more mails come (RFC 8058).
    #[serde(default)]
    pub stop_link: Option<String>,
}

/// What the memory and file backends keep.
pub type Sent = Outgoing;

/// Why a mail did not leave. The words are for the owner's dead-letter page.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SendError {
    /// Try again later: 4xx, no connection, time-out, refused login, anything wrong with our own settings.
    #[error("{0}")]
    Temporary(String),
    /// Never again with this content: 5xx that are not about the address.
    #[error("{0}")]
    Permanent(String),
    /// Never again with this address: it is none, or its server does not know it.
    #[error("{0}")]
    BadAddress(String),
}

impl SendError {
    /// True when another attempt cannot help.
    pub fn is_permanent(&self) -> bool {
        matches!(self, Self::Permanent(_) | Self::BadAddress(_))
    }
}

/// Where mails go.
#[derive(Clone)]
pub enum Mailer {
    Smtp(Smtp),
    /// One `.eml` and one `.json` per Message-ID in this folder, which is made when the first mail is written.
    File {
        dir: PathBuf,
    },
    /// Every accepted attempt in order, repetitions included, so that a test can prove that nothing is sent twice.
    Memory(Arc<Mutex<Vec<Sent>>>),
}

impl fmt::Debug for Mailer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Smtp(_) => "Mailer::Smtp",
            Self::File { .. } => "Mailer::File",
            Self::Memory(_) => "Mailer::Memory",
        })
    }
}

impl Mailer {
    /// # Errors
    /// The settings cannot work: see [`BadSmtpSettings`]. Nothing is connected yet.
    pub fn smtp(settings: &SmtpSettings) -> Result<Self, BadSmtpSettings> {
        Ok(Self::Smtp(Smtp::new(settings)?))
    }

    /// A mailer that keeps mails in memory.
    pub fn memory() -> Self {
        Self::Memory(Arc::default())
    }

    /// Delivers one mail. All backends check and build the complete message first, so a mail that passes a test passes SMTP.
    ///
    /// # Errors
    /// See [`SendError`]. After a time-out the server may still have taken the mail: the repetition has the same Message-ID.
    pub async fn send(&self, mail: &Outgoing) -> Result<(), SendError> {
        let (envelope, eml) = compose(mail)?;
        match self {
            Self::Smtp(smtp) => smtp.deliver(&envelope, &eml, mail).await,
            Self::File { dir } => {
                let (dir, mail) = (dir.clone(), mail.clone());
                let written = tokio::task::spawn_blocking(move || file::store(&dir, &mail, &eml)).await;
                let failed = |why: String| SendError::Temporary(format!("the mail could not be written to its folder: {why}"));
                written.map_err(|_| failed("interrupted".into()))?.map_err(|error| failed(error.kind().to_string()))
            }
            Self::Memory(sent) => {
                sent.lock().unwrap_or_else(PoisonError::into_inner).push(mail.clone());
                Ok(())
            }
        }
    }

    /// The mails of the file backend in `dir`, newest first. Reads every mail: for the demo's outbox page, on a blocking thread.
    ///
    /// # Errors
    /// The folder exists but cannot be read. A folder that does not exist is an empty outbox.
    pub fn list(dir: &Path) -> std::io::Result<Vec<Sent>> {
        file::list(dir)
    }
}

/// Builds envelope and message. The same mail gives the same bytes on every attempt.
fn compose(mail: &Outgoing) -> Result<(Envelope, Vec<u8>), SendError> {
    let from: Mailbox = mail
        .from
        .parse()
        .map_err(|_| SendError::Temporary("the sender's address is not valid: check DUTYBOARD_MAIL_FROM".to_owned()))?;
    let to: Address = mail.to.parse().map_err(|_| SendError::BadAddress("the recipient's address is not valid".to_owned()))?;
    let message_id = checked_message_id(&mail.message_id)?;
    let name = one_line(&mail.to_name);
    let mut message = Message::builder()
        .message_id(Some(format!("<{message_id}>")))
        .header(date_header(mail.date_ms))
        .from(from)
        .to(Mailbox::new((!name.is_empty()).then_some(name), to))
        .subject(one_line(&mail.subject))
        .raw_header(raw("Auto-Submitted", "auto-generated".to_owned()))
        .header(header::MIME_VERSION_1_0);
    if let Some(address) = &mail.reply_to {
        let address = address.parse().map_err(|_| SendError::Temporary("the address for answers is not valid".to_owned()))?;
        message = message.reply_to(address);
    }
    if let Some(first) = &mail.thread {
        let first = format!("<{}>", checked_message_id(first)?);
        message = message.in_reply_to(first.clone()).references(first);
    }
    if let Some(link) = &mail.stop_link {
        message = message
            .raw_header(raw("List-Unsubscribe", format!("<{}>", checked_link(link)?)))
            .raw_header(raw("List-Unsubscribe-Post", "List-Unsubscribe=One-Click".to_owned()));
    }
    let message = message
        .multipart(
            MultiPart::alternative()
                .boundary(format!("dutyboard-{}", fingerprint(message_id)))
                .singlepart(SinglePart::builder().header(ContentType::TEXT_PLAIN).body(mail.text.clone()))
                .singlepart(SinglePart::builder().header(ContentType::TEXT_HTML).body(mail.html.clone())),
        )
        .map_err(|_| refused("the mail cannot be put together"))?;
    Ok((message.envelope().clone(), message.formatted()))
}

fn refused(why: &str) -> SendError {
    SendError::Permanent(why.to_owned())
}

fn raw(name: &'static str, value: String) -> HeaderValue {
    HeaderValue::new(HeaderName::new_from_ascii_str(name), value)
}

/// A web address that fits into a header as it is.
fn checked_link(link: &str) -> Result<&str, SendError> {
    let web = link.starts_with("https://") || link.starts_with("http://");
    let clean = link.bytes().all(|b| b.is_ascii_graphic() && !matches!(b, b'<' | b'>' | b',' | b'"'));
    if web && clean && link.len() <= 900 { Ok(link) } else { Err(refused("the link to end these mails is not valid")) }
}

/// The id without angle brackets.
fn checked_message_id(raw: &str) -> Result<&str, SendError> {
    let id = raw.trim().trim_start_matches('<').trim_end_matches('>');
    let clean = id.bytes().all(|b| b.is_ascii_graphic() && !matches!(b, b'<' | b'>'));
    let shape = id.split_once('@').is_some_and(|(left, right)| !left.is_empty() && !right.is_empty());
    if clean && shape && id.len() <= 250 { Ok(id) } else { Err(SendError::Permanent("the Message-ID is not valid".to_owned())) }
}

/// 64 bits of SHA-256 in hex: names of files and part boundaries.
fn fingerprint(text: &str) -> String {
    Sha256::digest(text.as_bytes()).iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

/// Clamped to 1970–9999, the years the header can say.
fn date_header(date_ms: i64) -> Date {
    const LAST_MS: i64 = 253_402_300_799_000;
    let ms = u64::try_from(date_ms.clamp(0, LAST_MS)).unwrap_or_default();
    Date::new(UNIX_EPOCH + Duration::from_millis(ms))
}

/// An address for logs: first letters only, `z***@e***.com`. Text without a usable `@` becomes `***`.
pub fn mask_email(address: &str) -> String {
    let Some((local, domain)) = address.trim().rsplit_once('@') else {
        return "***".to_owned();
    };
    let (Some(first), Some(domain_first)) = (local.chars().next(), domain.chars().next()) else {
        return "***".to_owned();
    };
    match domain.rsplit_once('.') {
        Some((_, ending)) => format!("{first}***@{domain_first}***.{ending}"),
        None => format!("{first}***@{domain_first}***"),
    }
}
