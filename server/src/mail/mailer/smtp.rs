//! One SMTP conversation per mail.
//!
//! lettre's pooled transport is not used: it has no time limit on reading, and a conversation cut off from outside goes back to
//! its pool with an unread answer in it, which the next mail would take for its own. Here a cut conversation is dropped, and
//! mails are rare enough that a connection each costs nothing.

use super::{Outgoing, SendError};
use crate::mail::refusal::is_about_address;
use lettre::Address;
use lettre::address::Envelope;
use lettre::transport::smtp::Error;
use lettre::transport::smtp::authentication::{Credentials, DEFAULT_MECHANISMS};
use lettre::transport::smtp::client::{AsyncSmtpConnection, Certificate, TlsParameters};
use lettre::transport::smtp::extension::ClientId;
use lettre::transport::smtp::response::Severity;
use std::error::Error as _;
use std::fmt;
use std::time::Duration;
use tokio::time::timeout;

/// How to reach the mail server, as configured.
#[derive(Clone, Default)]
pub struct SmtpSettings {
    /// `smtps://host` (TLS, port 465), `smtp+starttls://host` (STARTTLS required, 587), `smtp://host` (25), each with `:port` if it
    /// differs. `smtp://` takes `?tls=required|opportunistic|none`; without it STARTTLS is required when there is a user, so that
    /// no password leaves in the clear by accident, and used when offered otherwise.
    pub url: String,
    /// Absent or empty: no login.
    pub user: Option<String>,
    pub password: Option<String>,
    /// PEM certificates to trust besides the public ones.
    pub ca: Option<Vec<u8>>,
    /// The default sender, `Name <address>` or an address.
    pub from: String,
    /// Seconds for a whole conversation, 1 to 600; 30 is good.
    pub timeout_s: u64,
}

impl fmt::Debug for SmtpSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SmtpSettings").field("timeout_s", &self.timeout_s).finish_non_exhaustive()
    }
}

/// What is wrong with the settings; says which, never their values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("mail settings: {0}")]
pub struct BadSmtpSettings(&'static str);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Security {
    /// TLS from the first byte.
    Implicit,
    /// STARTTLS or nothing.
    Required,
    /// STARTTLS when the server offers it. A failed handshake is an error, never a fall back to clear text.
    Opportunistic,
    Clear,
}

/// A checked mail server. Holds no connection.
#[derive(Clone)]
pub struct Smtp {
    pub(super) host: String,
    pub(super) port: u16,
    pub(super) security: Security,
    login: Option<(String, String)>,
    own_roots: Option<Certificate>,
    pub(super) timeout: Duration,
    /// How long an accepted mail waits for the answer to QUIT.
    pub(super) goodbye: Duration,
}

impl Smtp {
    pub(super) fn new(settings: &SmtpSettings) -> Result<Self, BadSmtpSettings> {
        let filled = |value: &Option<String>| value.clone().filter(|text| !text.is_empty());
        let login = match (filled(&settings.user), filled(&settings.password)) {
            (Some(user), Some(password)) => Some((user, password)),
            (None, None) => None,
            _ => return Err(BadSmtpSettings("user and password go together")),
        };
        if settings.from.parse::<lettre::message::Mailbox>().is_err() {
            return Err(BadSmtpSettings("the sender is not an address like name@example.com"));
        }
        if !(1..=600).contains(&settings.timeout_s) {
            return Err(BadSmtpSettings("the time-out is not between 1 and 600 seconds"));
        }
        let own_roots = settings.ca.as_deref().map(certificates).transpose()?;
        let (host, port, security) = parse_url(settings.url.trim(), login.is_some())?;
        Ok(Self {
            host,
            port,
            security,
            login,
            own_roots,
            timeout: Duration::from_secs(settings.timeout_s),
            goodbye: Duration::from_secs(5),
        })
    }

    pub(super) async fn deliver(&self, envelope: &Envelope, eml: &[u8], mail: &Outgoing) -> Result<(), SendError> {
        let conversation = async {
            // Nothing has been said about this mail before MAIL FROM: whatever is wrong with connection, encryption or login,
            // the mail is not to blame and waits.
            let broken =
                |error: Error| SendError::Temporary(format!("the mail server cannot be used: {}", self.reply(&error, mail)));
            let mut connection = self.open().await.map_err(broken)?;
            self.log_in(&mut connection).await?;
            connection.send(envelope, eml).await.map_err(|error| self.refusal(&error, mail))?;
            Ok(connection)
        };
        let late = || SendError::Temporary(format!("the mail server did not answer within {} s", self.timeout.as_secs()));
        let mut connection = timeout(self.timeout, conversation).await.map_err(|_| late())??;
        // The mail is accepted. A server that does not say goodbye must not turn this into a second mail.
        let _ = timeout(self.goodbye, connection.quit()).await;
        Ok(())
    }

    async fn open(&self) -> Result<AsyncSmtpConnection, Error> {
        let name = ClientId::default();
        let tls = || {
            let trust = TlsParameters::builder(self.host.clone());
            match &self.own_roots {
                Some(roots) => trust.add_root_certificate(roots.clone()).build(),
                None => trust.build(),
            }
        };
        let wrapper = if self.security == Security::Implicit { Some(tls()?) } else { None };
        let server = (self.host.as_str(), self.port);
        let mut connection = AsyncSmtpConnection::connect_tokio1(server, Some(self.timeout), &name, wrapper, None).await?;
        let upgrade = match self.security {
            Security::Required => true,
            Security::Opportunistic => connection.can_starttls(),
            Security::Implicit | Security::Clear => false,
        };
        if upgrade {
            connection.starttls(tls()?, &name).await?;
        }
        Ok(connection)
    }

    async fn log_in(&self, connection: &mut AsyncSmtpConnection) -> Result<(), SendError> {
        let Some((user, password)) = &self.login else {
            return Ok(());
        };
        let credentials = Credentials::new(user.clone(), password.clone());
        let refused = |error: Error| {
            // Only the code: some servers answer with the command they did not like, credentials included.
            let code = error.status().map_or("no common way to log in".to_owned(), |code| code.to_string());
            SendError::Temporary(format!("the mail server refused our login: {code}"))
        };
        connection.auth(DEFAULT_MECHANISMS, &credentials).await.map(|_| ()).map_err(refused)
    }

    fn refusal(&self, error: &Error, mail: &Outgoing) -> SendError {
        let words = self.reply(error, mail);
        match error.status() {
            Some(code) if code.severity == Severity::PermanentNegativeCompletion && !is_about_login(code.into()) => {
                let why = format!("the mail server refused the mail: {words}");
                if is_about_address(code.into(), &words) { SendError::BadAddress(why) } else { SendError::Permanent(why) }
            }
            Some(_) => SendError::Temporary(format!("the mail server wants another attempt: {words}")),
            // The only thing lettre itself refuses here is an address with letters the server cannot transport.
            None if error.is_client() => {
                SendError::BadAddress("the mail server cannot deliver to an address with such letters".to_owned())
            }
            None => SendError::Temporary(format!("the conversation with the mail server broke off: {words}")),
        }
    }

    /// Code and words of the server without anything personal: servers like to quote address and login.
    fn reply(&self, error: &Error, mail: &Outgoing) -> String {
        let words = error.source().map_or_else(|| error.to_string(), ToString::to_string);
        let mut private: Vec<&str> = mail.to_name.split_whitespace().collect();
        if let Some((user, password)) = &self.login {
            private.extend(user.split_whitespace().chain(password.split_whitespace()));
        }
        let address = mail.to.parse::<Address>().ok();
        private.extend(address.iter().map(Address::user));
        let words = scrub(&words, &private);
        error.status().map_or(words.clone(), |code| format!("{code} {words}"))
    }
}

/// All certificates of a PEM file.
fn certificates(pem: &[u8]) -> Result<Certificate, BadSmtpSettings> {
    let holds_one = String::from_utf8_lossy(pem).contains("-----BEGIN CERTIFICATE-----");
    let read = if holds_one { Certificate::from_pem(pem).ok() } else { None };
    read.ok_or(BadSmtpSettings("the file of certificates holds none that can be read"))
}

/// Replies that are about our login, not about the mail (RFC 4954 section 6): the owner repairs it and the mail still goes out.
fn is_about_login(code: u16) -> bool {
    matches!(code, 530 | 534 | 535 | 538)
}

/// Masks every word that is an address or holds something private, and cuts after 200 characters. Private words of one or two
/// bytes mask only a word that is exactly them.
pub(super) fn scrub(text: &str, private: &[&str]) -> String {
    let private: Vec<String> = private.iter().filter(|word| !word.is_empty()).map(|word| word.to_lowercase()).collect();
    let is_private = |word: &str| {
        let word = word.to_lowercase();
        let bare = word.trim_matches(|c: char| !c.is_alphanumeric());
        private.iter().any(|secret| if secret.len() < 3 { bare == secret } else { word.contains(secret.as_str()) })
    };
    let words = text.split(|c: char| c.is_whitespace() || c.is_control()).filter(|word| !word.is_empty());
    let safe: Vec<&str> = words.map(|word| if word.contains('@') || is_private(word) { "***" } else { word }).collect();
    safe.join(" ").chars().take(200).collect()
}

/// Host, port and security of the URL; `with_login` decides what `smtp://` without `tls=` means.
pub(super) fn parse_url(url: &str, with_login: bool) -> Result<(String, u16, Security), BadSmtpSettings> {
    let (scheme, rest) = url.split_once("://").ok_or(BadSmtpSettings("the URL does not begin with smtp:// or smtps://"))?;
    let (place, query) = rest.split_once('?').unwrap_or((rest, ""));
    let place = place.trim_end_matches('/');
    if place.contains(['@', '/', '#']) {
        return Err(BadSmtpSettings("the URL has only a host and a port; user and password are settings of their own"));
    }
    let security = match (scheme, query) {
        ("smtps", "") => Security::Implicit,
        ("smtp+starttls", "") | ("smtp", "tls=required") => Security::Required,
        ("smtp", "tls=opportunistic") => Security::Opportunistic,
        ("smtp", "tls=none") => Security::Clear,
        ("smtp", "") => {
            if with_login {
                Security::Required
            } else {
                Security::Opportunistic
            }
        }
        ("smtp", _) => {
            return Err(BadSmtpSettings("after the host only ?tls=required, opportunistic or none"));
        }
        _ => {
            return Err(BadSmtpSettings("the URL is not smtp://, smtps:// or smtp+starttls:// with a host"));
        }
    };
    let usual_port = match security {
        Security::Implicit => 465,
        Security::Required => 587,
        Security::Opportunistic | Security::Clear => 25,
    };
    let (host, port) = split_port(place, usual_port)?;
    Ok((host, port, security))
}

/// `host`, `host:port`, `[::1]`, `[::1]:port`.
fn split_port(place: &str, usual_port: u16) -> Result<(String, u16), BadSmtpSettings> {
    let (host, port) = match place.strip_prefix('[') {
        Some(inner) => inner.split_once(']').ok_or(BadSmtpSettings("the host's bracket is not closed"))?,
        None => place.find(':').map_or((place, ""), |colon| place.split_at(colon)),
    };
    let port = match port {
        "" => usual_port,
        text => {
            let number = text.strip_prefix(':').and_then(|digits| digits.parse().ok()).filter(|port| *port != 0);
            number.ok_or(BadSmtpSettings("the port is not a number between 1 and 65535"))?
        }
    };
    if host.is_empty() || !host.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | ':')) {
        return Err(BadSmtpSettings("the host is missing or has strange letters"));
    }
    Ok((host.to_owned(), port))
}
