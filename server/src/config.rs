//! One settings struct, from the command line and the environment, documented by `--help`.

use crate::db::Location;
use crate::kit::refusal::Stop;
use crate::mail::mailer::{Mailer, SmtpSettings};
use std::path::PathBuf;

/// Every environment variable the server reads; a test compares this with the deployment files.
pub const ENV_NAMES: &[&str] = &[
    "DUTYBOARD_LISTEN",
    "DUTYBOARD_DATA",
    "DUTYBOARD_DATABASE_URL",
    "DUTYBOARD_PUBLIC_URL",
    "DUTYBOARD_SMTP_URL",
    "DUTYBOARD_SMTP_USER",
    "DUTYBOARD_SMTP_PASSWORD",
    "DUTYBOARD_MAIL_FROM",
    "DUTYBOARD_JWT_KEY",
    "DUTYBOARD_TRUST_PROXY",
    "DUTYBOARD_CLIENT",
    "DUTYBOARD_WORKERS",
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
    /// Sender of all mails
    #[arg(long, env = "DUTYBOARD_MAIL_FROM", default_value = "Dutyboard <dutyboard@localhost>")]
    pub mail_from: String,
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
    /// Database connections for reading
    #[arg(skip = 4_u32)]
    pub readers: u32,
    /// This is the demo: logins are shown, mails are files
    #[arg(skip)]
    pub demo: bool,
}

impl Config {
    pub fn location(&self) -> Location {
        match &self.database_url {
            Some(url) => Location::Postgres(url.clone()),
            None => Location::Sqlite(self.data.join("dutyboard.sqlite")),
        }
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

    /// # Errors
    /// `Fault` that names the wrong mail setting.
    pub fn mailer(&self) -> Result<Mailer, Stop> {
        let Some(url) = &self.smtp_url else {
            return Ok(Mailer::File { dir: self.data.join("outbox") });
        };
        let settings = SmtpSettings {
            url: url.clone(),
            user: self.smtp_user.clone(),
            password: self.smtp_password.clone(),
            from: self.mail_from.clone(),
            timeout_s: 30,
        };
        Mailer::smtp(&settings).map_err(Stop::fault)
    }
}
