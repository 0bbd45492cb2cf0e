//! State and wiring: what a running server holds, and how its parts are put together.

pub mod founding;
pub mod serve;

use crate::auth::keys;
use crate::auth::limits::Limits;
use crate::auth::tokens::Tokens;
use crate::config::Config;
use crate::customers::find::Finder;
use crate::db::{self, Db};
use crate::door::Door;
use crate::door::relay::{self, Listening};
use crate::http::caller::Callers;
use crate::kit::clock::Clock;
use crate::kit::hex::hex;
use crate::kit::refusal::Stop;
use crate::kit::signature::derive;
use crate::mail::imap::Mailbox;
use crate::mail::mailer::Mailer;
use crate::notices::push::Vapid;
use crate::sync::cookie::Signer;
use crate::sync::pages::Pages;
use crate::sync::pull::Desk;
use actix_web::HttpRequest;
use std::net::{IpAddr, Ipv4Addr};

/// A given key shorter than this could be guessed.
const KEY_MIN: usize = 32;

pub struct App {
    pub config: Config,
    pub db: Db,
    pub door: Door,
    pub tokens: Tokens,
    /// Answers pulls.
    pub desk: Desk,
    pub callers: Callers,
    pub limits: Limits,
    pub mailer: Mailer,
    /// Where what comes back is read over IMAP.
    pub mailbox: Option<Mailbox>,
    /// Who this server is to push services.
    pub vapid: Vapid,
    /// Finds buyers.
    pub finder: Finder,
    /// Proves that a link to stop mails is ours.
    pub stop_key: Vec<u8>,
    hook_key: Vec<u8>,
    _listening: Option<Listening>,
}

impl App {
    /// Opens the data, bringing its schema up to date, and reads or makes the keys.
    ///
    /// # Errors
    /// `Fault` with what is wrong: folder, database, keys or mail settings.
    pub fn open(config: Config, clock: Clock) -> Result<Self, Stop> {
        std::fs::create_dir_all(&config.data).map_err(|error| Stop::fault(format!("{}: {error}", config.data.display())))?;
        let location = config.location();
        db::migrate(&location)?;
        let (db, writer) = db::open(&location, config.readers, config.purpose)?;
        db.read(db::guard::may_write).map_err(Stop::fault)?;
        let secret = match &config.jwt_key {
            Some(key) if key.len() < KEY_MIN => return Err(Stop::fault(format!("the key needs at least {KEY_MIN} characters"))),
            Some(key) => key.as_bytes().to_vec(),
            None => keys::load_or_make(&config.data.join(keys::NAME))?,
        };
        let (mailer, mailbox) = (config.mailer()?, config.mailbox()?);
        let door = Door::new(writer, clock)?;
        let listening = relay::join(&location, &door.bus, &door.feed)?;
        let signer = Signer::new(&derive(&secret, b"sync cookie"));
        Ok(App {
            db,
            desk: Desk { signer, feed: door.feed.clone(), pages: Pages::default() },
            callers: Callers::default(),
            door,
            tokens: Tokens::new(&derive(&secret, b"access token")),
            limits: Limits::default(),
            mailer,
            mailbox,
            vapid: Vapid::derive(|turn| derive(&secret, &[b"web push", [turn].as_slice()].concat()))?,
            finder: Finder::default(),
            stop_key: derive(&secret, b"stop link"),
            hook_key: derive(&secret, b"webhook"),
            config,
            _listening: listening,
        })
    }

    /// What others sign their reports to a workspace with.
    pub fn hook_secret(&self, workspace_id: &str) -> String {
        hex(&derive(&self.hook_key, workspace_id.as_bytes()))
    }

    /// The caller's address; behind a trusted proxy the one that the proxy names.
    pub fn client_address(&self, request: &HttpRequest) -> IpAddr {
        let info = request.connection_info();
        let text = if self.config.trust_proxy { info.realip_remote_addr() } else { info.peer_addr() };
        text.and_then(|text| text.parse().ok()).unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED))
    }
}
