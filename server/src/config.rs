//! One settings struct, from the command line and the environment, documented by `--help`.

use crate::db::{Location, Purpose};
use crate::kit::refusal::Stop;
use crate::mail::imap::{ImapSettings, Mailbox};
use crate::mail::mailer::{Mailer, SmtpSettings};
use std::path::{Path, PathBuf};

/// Every environment variable the server reads; a test compares this with the deployment files.
pub const ENV_NAMES: &[&str] = &[
    "DUTYBOARD_LISTEN",
    "DUTYBOARD_DATA",
    "DUTYBOARD_DATABASE_URL",
    "DUTYBOARD_PUBLIC_URL",
    "DUTYBOARD_SMTP_URL",
    "DUTYBOARD_SMTP_USER",
    "DUTYBOARD_SMTP_PASSWORD",
    "DUTYBOARD_SMTP_CA",
    "DUTYBOARD_SMTP_TIMEOUT",
    "DUTYBOARD_MAIL_FROM",
    "DUTYBOARD_MAIL_PER_MINUTE",
    "DUTYBOARD_MAIL_PER_DOMAIN",
    "DUTYBOARD_MAILDIR",
    "DUTYBOARD_IMAP_URL",
    "DUTYBOARD_IMAP_USER",
    "DUTYBOARD_IMAP_PASSWORD",
    "DUTYBOARD_JWT_KEY",
    "DUTYBOARD_TRUST_PROXY",
    "DUTYBOARD_CLIENT",
    "DUTYBOARD_WORKERS",
    "DUTYBOARD_BACKUP_DIR",
    "DUTYBOARD_BACKUP_AT",
    "DUTYBOARD_BACKUP_KEEP",
    "DUTYBOARD_AUDIT_DAYS",
];

#[derive(Debug, Clone, clap::Args)]
pub struct Config {
    /// Address and port to listen on
    #[arg(long, env = "DUTYBOARD_LISTEN", default_value = "127.0.0.1:8080")]
    pub listen: String,
    /// Folder for the database, keys and (without SMTP) mails
    #[arg(long, env = "DUTYBOARD_DATA", default_value = "data")]
    pub data: PathBuf,
    /// postgres://… ; without it, SQLite in the data folder
    #[arg(long, env = "DUTYBOARD_DATABASE_URL", hide_env_values = true)]
    pub database_url: Option<String>,
    /// How people reach this server; used in mails and to decide on secure cookies
    #[arg(long, env = "DUTYBOARD_PUBLIC_URL", default_value = "http://localhost:8080")]
    pub public_url: String,
    /// smtp://, smtps:// or smtp+starttls://host:port ; without it, mails are files in the data folder
    #[arg(long, env = "DUTYBOARD_SMTP_URL")]
    pub smtp_url: Option<String>,
    #[arg(long, env = "DUTYBOARD_SMTP_USER")]
    pub smtp_user: Option<String>,
    #[arg(long, env = "DUTYBOARD_SMTP_PASSWORD", hide_env_values = true)]
    pub smtp_password: Option<String>,
    /// PEM file with certificates to trust besides the public ones, for a mail server of one's own
    #[arg(long, env = "DUTYBOARD_SMTP_CA")]
    pub smtp_ca: Option<PathBuf>,
    /// Seconds for one conversation with the mail server
    #[arg(long, env = "DUTYBOARD_SMTP_TIMEOUT", default_value_t = 30)]
    pub smtp_timeout: u64,
    /// Sender of all mails
    #[arg(long, env = "DUTYBOARD_MAIL_FROM", default_value = "Dutyboard <dutyboard@localhost>")]
    pub mail_from: String,
    #[command(flatten)]
    pub mail_limits: MailLimits,
    /// Folder (maildir) into which the mail server puts what comes back: undeliverable mails and buyers' answers
    #[arg(long, env = "DUTYBOARD_MAILDIR")]
    pub maildir: Option<PathBuf>,
    #[command(flatten)]
    pub imap: ImapOptions,
    /// Secret for tokens and cookies; without it, one is made in the data folder (needed when several servers share a database)
    #[arg(long, env = "DUTYBOARD_JWT_KEY", hide_env_values = true)]
    pub jwt_key: Option<String>,
    /// Believe X-Forwarded-For and Forwarded: only behind a proxy that sets them
    #[arg(long, env = "DUTYBOARD_TRUST_PROXY")]
    pub trust_proxy: bool,
    /// Serve the web app from this folder instead of the one built in
    #[arg(long, env = "DUTYBOARD_CLIENT")]
    pub client: Option<PathBuf>,
    /// Network threads
    #[arg(long, env = "DUTYBOARD_WORKERS", default_value_t = 2)]
    pub workers: usize,
    #[command(flatten)]
    pub nightly: Nightly,
    /// Database connections for reading
    #[arg(skip = 4_u32)]
    pub readers: u32,
    /// What the database is written for
    #[arg(skip = Purpose::Write)]
    pub purpose: Purpose,
    /// This is the demo: logins are shown, mails are files
    #[arg(skip)]
    pub demo: bool,
}

/// How many mails to buyers may leave, all servers on one database together.
#[derive(Debug, Clone, Copy, clap::Args)]
pub struct MailLimits {
    /// Mails to buyers in any minute; 0 for no limit
    #[arg(id = "mail_per_minute", long = "mail-per-minute", env = "DUTYBOARD_MAIL_PER_MINUTE", default_value_t = 60)]
    pub per_minute: u32,
    /// The same to one domain (what follows the @), so that its servers do not take us for a nuisance; 0 for no limit
    #[arg(id = "mail_per_domain", long = "mail-per-domain", env = "DUTYBOARD_MAIL_PER_DOMAIN", default_value_t = 20)]
    pub per_domain: u32,
}

impl Default for MailLimits {
    fn default() -> Self {
        MailLimits { per_minute: 60, per_domain: 20 }
    }
}

/// What happens at night by itself.
#[derive(Debug, Clone, clap::Args)]
pub struct Nightly {
    /// Folder for backups; without it, `backups` in the data folder
    #[arg(long, env = "DUTYBOARD_BACKUP_DIR")]
    pub backup_dir: Option<PathBuf>,
    /// When to make a backup every day: HH:MM in the zone of the first workspace, or `off`
    #[arg(long, env = "DUTYBOARD_BACKUP_AT", default_value = "03:30", value_parser = daily)]
    pub backup_at: Daily,
    /// Days that backups are kept; the newest is always kept
    #[arg(long, env = "DUTYBOARD_BACKUP_KEEP", default_value_t = 14)]
    pub backup_keep: u32,
    /// Days that the record of who changed what is kept
    #[arg(long, env = "DUTYBOARD_AUDIT_DAYS", default_value_t = 400)]
    pub audit_days: u32,
}

/// A mailbox of one's own for what comes back.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct ImapOptions {
    /// Mailbox (imaps://host/folder) to which the mail server delivers what comes back, when there is no maildir
    #[arg(long, env = "DUTYBOARD_IMAP_URL")]
    pub imap_url: Option<String>,
    #[arg(long, env = "DUTYBOARD_IMAP_USER")]
    pub imap_user: Option<String>,
    #[arg(long, env = "DUTYBOARD_IMAP_PASSWORD", hide_env_values = true)]
    pub imap_password: Option<String>,
}

/// A local time of day, or never.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Daily {
    Off,
    At(chrono::NaiveTime),
}

fn daily(text: &str) -> Result<Daily, String> {
    if text == "off" {
        return Ok(Daily::Off);
    }
    crate::kit::zone::parse_hhmm(text).map(Daily::At).ok_or_else(|| "a time as HH:MM, or off".to_owned())
}

impl Nightly {
    /// No backups by themselves; everything else as usual.
    pub fn without_backups() -> Self {
        Nightly { backup_dir: None, backup_at: Daily::Off, backup_keep: 14, audit_days: 400 }
    }
}

/// Where the data lives, given the two settings that decide it.
pub fn location(database_url: Option<&str>, data: &Path) -> Location {
    match database_url {
        Some(url) => Location::Postgres(url.to_owned()),
        None => Location::Sqlite(data.join("dutyboard.sqlite")),
    }
}

impl Config {
    /// Where backups go that are not told otherwise.
    pub fn backup_dir(&self) -> PathBuf {
        self.nightly.backup_dir.clone().unwrap_or_else(|| self.data.join("backups"))
    }

    pub fn location(&self) -> Location {
        location(self.database_url.as_deref(), &self.data)
    }

    /// People reach this server over https: browsers may be told to insist on it.
    pub fn is_https(&self) -> bool {
        self.public_url.starts_with("https://")
    }

    /// How links in mails begin.
    pub fn base_url(&self) -> String {
        self.public_url.trim_end_matches('/').to_owned()
    }

    /// Where mails go when there is no SMTP server.
    pub fn outbox_dir(&self) -> Option<PathBuf> {
        self.smtp_url.is_none().then(|| self.data.join("outbox"))
    }

    /// Where what comes back is read over IMAP.
    ///
    /// # Errors
    /// `Fault` that names the wrong setting.
    pub fn mailbox(&self) -> Result<Option<Mailbox>, Stop> {
        let Some(url) = &self.imap.imap_url else { return Ok(None) };
        let settings = ImapSettings {
            url: url.clone(),
            user: self.imap.imap_user.clone().unwrap_or_default(),
            password: self.imap.imap_password.clone().unwrap_or_default(),
            ca: self.own_certificates()?,
            timeout_s: self.smtp_timeout,
        };
        Mailbox::new(&settings).map(Some).map_err(Stop::fault)
    }

    fn own_certificates(&self) -> Result<Option<Vec<u8>>, Stop> {
        let read = self.smtp_ca.as_ref().map(std::fs::read).transpose();
        read.map_err(|error| Stop::fault(format!("DUTYBOARD_SMTP_CA: {error}")))
    }

    /// # Errors
    /// `Fault` that names the wrong mail setting.
    pub fn mailer(&self) -> Result<Mailer, Stop> {
        let Some(url) = &self.smtp_url else {
            return Ok(Mailer::File { dir: self.data.join("outbox") });
        };
        let settings = SmtpSettings {
            url: url.clone(),
            ca: self.own_certificates()?,
            user: self.smtp_user.clone(),
            password: self.smtp_password.clone(),
            from: self.mail_from.clone(),
            timeout_s: self.smtp_timeout,
        };
        Mailer::smtp(&settings).map_err(Stop::fault)
    }
}
