//! A mailbox into which what comes back is delivered, read over IMAP: where no folder of the mail server is at hand.
//!
//! What a mail says is committed before the mail is marked as seen, and said twice it changes nothing: after a crash, or with two
//! servers on one mailbox, a mail may be read again. Nothing is deleted.

use super::bounce::{self, READ_MAX};
use super::incoming;
use crate::app::App;
use crate::kit::refusal::Stop;
use async_imap::error::Error;
use async_imap::{Client, Session};
use futures_util::TryStreamExt;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

/// Mails read in one go; the rest waits for the next minute.
const AT_ONCE: usize = 200;
const TLS_PORT: u16 = 993;
const CLEAR_PORT: u16 = 143;

/// How to reach the mailbox, as configured.
pub struct ImapSettings {
    /// `imaps://host[:port][/folder]`; `imap://` only on this machine itself. Without a folder: INBOX.
    pub url: String,
    pub user: String,
    pub password: String,
    /// PEM certificates to trust besides the public ones.
    pub ca: Option<Vec<u8>>,
    /// Seconds for a whole conversation.
    pub timeout_s: u64,
}

/// What is wrong with the settings; says which, never their values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("mailbox settings: {0}")]
pub struct BadImapSettings(&'static str);

/// A checked mailbox. Holds no connection.
#[derive(Clone)]
pub struct Mailbox {
    host: String,
    port: u16,
    folder: String,
    user: String,
    password: String,
    /// None: in the clear, on this machine.
    tls: Option<TlsConnector>,
    timeout: Duration,
}

impl fmt::Debug for Mailbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mailbox").field("timeout", &self.timeout).finish_non_exhaustive()
    }
}

impl Mailbox {
    /// # Errors
    /// The settings cannot work: see [`BadImapSettings`]. Nothing is connected yet.
    pub fn new(settings: &ImapSettings) -> Result<Self, BadImapSettings> {
        let url: actix_web::http::Uri = settings.url.trim().parse().map_err(|_| BadImapSettings("the URL cannot be read"))?;
        let host = url.host().unwrap_or_default().trim_matches(['[', ']']).to_owned();
        if host.is_empty() || url.query().is_some() || url.authority().is_some_and(|place| place.as_str().contains('@')) {
            return Err(BadImapSettings("the URL has only host, port and folder; user and password are settings of their own"));
        }
        let is_local = ["127.0.0.1", "localhost", "::1"].contains(&host.as_str());
        let (tls, port) = match url.scheme_str() {
            Some("imaps") => (Some(connector(settings.ca.as_deref())?), TLS_PORT),
            Some("imap") if is_local => (None, CLEAR_PORT),
            _ => return Err(BadImapSettings("the URL is not imaps:// with a host")),
        };
        if settings.user.is_empty() || settings.password.is_empty() {
            return Err(BadImapSettings("user and password are needed"));
        }
        let folder = url.path().trim_matches('/');
        Ok(Mailbox {
            port: url.port_u16().unwrap_or(port),
            host,
            folder: if folder.is_empty() { "INBOX".into() } else { folder.into() },
            user: settings.user.clone(),
            password: settings.password.clone(),
            tls,
            timeout: Duration::from_secs(settings.timeout_s),
        })
    }

    /// Reads what nobody has seen yet, and marks it as seen. Gives how many mails that were.
    ///
    /// # Errors
    /// `Fault` when the mailbox cannot be used, `Fault` or `Busy` from the database: what was not taken is still unseen.
    pub async fn read(&self, app: &Arc<App>) -> Result<usize, Stop> {
        tokio::time::timeout(self.timeout, self.open(app)).await.map_err(|_| broken("no answer in time"))?
    }

    async fn open(&self, app: &Arc<App>) -> Result<usize, Stop> {
        let unreachable = |error: std::io::Error| broken(&format!("no connection ({})", error.kind()));
        let stream = TcpStream::connect((self.host.as_str(), self.port)).await.map_err(unreachable)?;
        match &self.tls {
            Some(tls) => {
                let name = ServerName::try_from(self.host.clone()).map_err(|_| broken("its host has no name"))?;
                let stream = tls.connect(name, stream).await.map_err(|_| broken("its certificate is not to be trusted"))?;
                self.converse(app, stream).await
            }
            None => self.converse(app, stream).await,
        }
    }

    async fn converse<S>(&self, app: &Arc<App>, stream: S) -> Result<usize, Stop>
    where
        S: AsyncRead + AsyncWrite + Unpin + fmt::Debug + Send,
    {
        let mut client = Client::new(stream);
        client.read_response().await.map_err(|error| said(&Error::Io(error)))?;
        let login = client.login(&self.user, &self.password).await;
        let mut session = login.map_err(|(error, _)| broken(&format!("login: {}", reason(&error))))?;
        let count = self.take_unseen(app, &mut session).await?;
        // Everything is noted: a server that does not say goodbye changes nothing of it.
        let _ = session.logout().await;
        Ok(count)
    }

    async fn take_unseen<S>(&self, app: &Arc<App>, session: &mut Session<S>) -> Result<usize, Stop>
    where
        S: AsyncRead + AsyncWrite + Unpin + fmt::Debug + Send,
    {
        // 163.com and its kin refuse the folder to a program that has not said its name.
        if session.capabilities().await.map_err(|error| said(&error))?.has_str("ID") {
            session.id([("name", Some("Dutyboard"))]).await.map_err(|error| said(&error))?;
        }
        session.select(&self.folder).await.map_err(|error| said(&error))?;
        let unseen = session.uid_search("UNSEEN").await.map_err(|error| said(&error))?;
        let mut uids: Vec<u32> = unseen.into_iter().collect();
        uids.sort_unstable();
        uids.truncate(AT_ONCE);
        for uid in &uids {
            let number = uid.to_string();
            let wanted = format!("(UID BODY.PEEK[]<0.{READ_MAX}>)");
            let fetched: Vec<_> = {
                let fetched = session.uid_fetch(&number, wanted).await.map_err(|error| said(&error))?;
                fetched.try_collect().await.map_err(|error| said(&error))?
            };
            // Deleted meanwhile: nothing to take.
            if let Some(raw) = fetched.iter().find_map(|mail| mail.body()) {
                let (app, incoming) = (app.clone(), bounce::read(raw));
                crate::jobs::blocking(move || incoming::deliver(&app, &incoming)).await?;
            }
            let marked = session.uid_store(&number, "+FLAGS.SILENT (\\Seen)").await.map_err(|error| said(&error))?;
            marked.try_collect::<Vec<_>>().await.map_err(|error| said(&error))?;
        }
        Ok(uids.len())
    }
}

/// Certificates of the public authorities, and of one's own.
fn connector(own: Option<&[u8]>) -> Result<TlsConnector, BadImapSettings> {
    let bad = BadImapSettings("the file of certificates holds none that can be read");
    let mut roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    if let Some(pem) = own {
        let before = roots.len();
        for certificate in CertificateDer::pem_slice_iter(pem) {
            roots.add(certificate.map_err(|_| bad)?).map_err(|_| bad)?;
        }
        if roots.len() == before {
            return Err(bad);
        }
    }
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|_| BadImapSettings("no encryption"))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(TlsConnector::from(Arc::new(config)))
}

fn broken(why: &str) -> Stop {
    Stop::fault(format!("the mailbox of mails that come back: {why}"))
}

fn said(error: &Error) -> Stop {
    broken(reason(error))
}

/// Why, without the server's own words: they may name people.
fn reason(error: &Error) -> &'static str {
    match error {
        Error::No(_) => "refused",
        Error::Io(_) | Error::ConnectionLost => "the connection broke",
        _ => "the server says what nobody understands",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mailbox(url: &str) -> Result<Mailbox, BadImapSettings> {
        let (user, password) = ("back@shop.example".into(), "secret".into());
        Mailbox::new(&ImapSettings { url: url.into(), user, password, ca: None, timeout_s: 30 })
    }

    #[test]
    fn a_mailbox_is_a_host_and_a_folder() {
        for (url, host, port, folder, has_tls) in [
            ("imaps://imap.example", "imap.example", 993, "INBOX", true),
            ("imaps://imap.example:1993/Bounces/", "imap.example", 1993, "Bounces", true),
            ("imap://localhost", "localhost", 143, "INBOX", false),
            ("imap://[::1]:1143/back", "::1", 1143, "back", false),
        ] {
            let found = mailbox(url).expect(url);
            assert_eq!((found.host.as_str(), found.port, found.folder.as_str()), (host, port, folder));
            assert_eq!(found.tls.is_some(), has_tls, "{url}");
        }
    }

    #[test]
    fn nothing_goes_in_the_clear_to_another_machine() {
        for url in
            ["imap://imap.example", "imaps://", "https://imap.example", "imaps://user:hunter2@imap.example", "imap.example", ""]
        {
            let refused = mailbox(url).expect_err(url);
            assert!(!refused.to_string().contains("hunter2"), "no values in messages");
        }
        let nobody =
            ImapSettings { url: "imaps://x.example".into(), user: String::new(), password: "p".into(), ca: None, timeout_s: 1 };
        assert_eq!(Mailbox::new(&nobody).map(drop), Err(BadImapSettings("user and password are needed")));
        let own = ImapSettings { user: "u".into(), ca: Some(b"nothing".to_vec()), ..nobody };
        assert!(Mailbox::new(&own).is_err(), "a file without certificates");
    }
}
