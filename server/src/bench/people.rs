//! People of a measured server: made, signed in and kept signed in over HTTP, as anybody is.

use super::line::Line;
use super::measure::unexpected;
use super::place::Place;
use super::process::{own_program, pause};
use super::requests;
use crate::kit::clock::Clock;
use crate::kit::ids;
use crate::kit::refusal::Stop;
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::time::{Duration, Instant};

pub const PASSWORD: &str = "measured by dutyboard";
/// Access tokens live 15 minutes; ours are renewed well before.
const RENEW_AFTER: Duration = Duration::from_secs(6 * 60);
/// How often and how many times the outbox is looked into for an invitation.
const MAIL_EVERY: Duration = Duration::from_millis(100);
const MAIL_LOOKS: usize = 300;
/// The local hour at which a measured workspace begins, so that no board turns and no evening mail goes out meanwhile.
const MORNING: i64 = 9;

/// Sends one request on a line of its own and reads JSON.
///
/// # Errors
/// `Fault` when the answer is not 200.
pub async fn call(address: SocketAddr, request: &[u8]) -> Result<Value, Stop> {
    let mut line = Line::open(address).await.map_err(Stop::fault)?;
    let status = line.exchange(request).await.map_err(Stop::fault)?;
    if status != 200 {
        return Err(unexpected(status, line.body()));
    }
    Ok(serde_json::from_slice(line.body())?)
}

/// A signed-in device.
#[derive(Debug, Clone)]
pub struct Session {
    pub address: SocketAddr,
    pub token: String,
    pub user_id: String,
    pub team_id: String,
    refresh: String,
    born: Instant,
}

impl Session {
    async fn open(address: SocketAddr, request: &[u8]) -> Result<Self, Stop> {
        let mut line = Line::open(address).await.map_err(Stop::fault)?;
        let status = line.exchange(request).await.map_err(Stop::fault)?;
        if status != 200 {
            return Err(unexpected(status, line.body()));
        }
        let cookie = line.header("set-cookie").and_then(|text| text.split(['=', ';']).nth(1)).unwrap_or_default();
        let said: Value = serde_json::from_slice(line.body())?;
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        Ok(Session {
            address,
            token: text(&said["access_token"]),
            user_id: text(&said["user"]["id"]),
            team_id: text(&said["user"]["team_id"]),
            refresh: cookie.to_owned(),
            born: Instant::now(),
        })
    }

    /// # Errors
    /// `Fault` when the server does not let the person in.
    pub async fn log_in(address: SocketAddr, login: &str) -> Result<Self, Stop> {
        let body = json!({ "login": login, "password": PASSWORD, "device_name": "bench" });
        Session::open(address, &requests::post("/api/auth/login", None, &body.to_string())).await
    }

    /// Makes sure that the token lives for the next minutes. `address`: where the server listens now.
    ///
    /// # Errors
    /// `Fault` when the server does not renew it.
    pub async fn keep(&mut self, address: SocketAddr) -> Result<(), Stop> {
        self.address = address;
        if self.born.elapsed() > RENEW_AFTER {
            *self = Session::open(address, &requests::refresh(&self.refresh)).await?;
        }
        Ok(())
    }

    /// # Errors
    /// `Fault` when the command is refused.
    pub async fn command(&self, name: &str, args: &Value) -> Result<(), Stop> {
        let body = json!({ "name": name, "args": args }).to_string();
        call(self.address, &requests::post("/api/v1/commands", Some(&self.token), &body)).await.map(drop)
    }
}

/// A workspace with its owner, from a one-time link of `dutyboard invite`.
///
/// # Errors
/// `Fault` when link or workspace cannot be made.
pub async fn found(place: &Place, address: SocketAddr, login: &str) -> Result<Session, Stop> {
    let mut command = own_program("invite")?;
    command.arg("--data").arg(place.server_dir());
    if let Some(url) = place.server_url() {
        command.env("DUTYBOARD_DATABASE_URL", url);
    }
    let output = command.output().map_err(Stop::fault)?;
    let token = token_of(&String::from_utf8_lossy(&output.stdout)).ok_or_else(|| Stop::fault("dutyboard invite gave no link"))?;
    let body = json!({
        "token": token, "workspace": format!("Bench {login}"), "name": "Owner", "login": login, "password": PASSWORD,
        "email": null, "locale": "en", "zone": morning_zone(Clock::system().now_ms()),
    });
    Session::open(address, &requests::post("/api/auth/setup", None, &body.to_string())).await
}

/// An agent of the owner's team: invited by mail, accepted by its link.
///
/// # Errors
/// `Fault` when the invitation does not come.
pub async fn invite_agent(owner: &Session, login: &str) -> Result<Session, Stop> {
    let address = format!("{login}@bench.example");
    let person = json!({
        "id": ids::fresh(), "name": login, "login": login, "email": address, "role": "agent", "team_id": owner.team_id,
        "skill_ids": [], "locale": "en",
    });
    owner.command("person.invite", &person).await?;
    for _ in 0..MAIL_LOOKS {
        let mails = call(owner.address, &requests::get("/api/v1/outbox", Some(&owner.token))).await?;
        let mut texts = mails.as_array().into_iter().flatten();
        let mail = texts.find(|mail| mail["to"].as_str().is_some_and(|to| to.contains(&address)));
        if let Some(token) = mail.and_then(|mail| token_of(mail["text"].as_str()?)) {
            let body = json!({ "token": token, "password": PASSWORD }).to_string();
            return Session::open(owner.address, &requests::post("/api/auth/invitation/accept", None, &body)).await;
        }
        pause(MAIL_EVERY).await;
    }
    Err(Stop::fault("no invitation in the outbox"))
}

/// The secret of the first link in a text.
fn token_of(text: &str) -> Option<String> {
    let (_, rest) = text.split_once("token=")?;
    Some(rest.chars().take_while(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_')).collect())
}

/// A zone where it is now between nine and ten in the morning.
fn morning_zone(now_ms: i64) -> String {
    let hour = now_ms.div_euclid(3_600_000).rem_euclid(24);
    let ahead = (MORNING - hour + 12).rem_euclid(24) - 12;
    // These zones are named the other way round: GMT-8 is eight hours ahead.
    if ahead == 0 { "Etc/GMT".into() } else { format!("Etc/GMT{:+}", -ahead) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::Timelike;

    #[test]
    fn it_is_always_morning_in_some_zone() {
        for hour in 0..48 {
            let now = 1_795_000_000_000 + hour * 3_600_000;
            let zone: chrono_tz::Tz = morning_zone(now).parse().unwrap();
            let local = chrono::DateTime::from_timestamp_millis(now).unwrap().with_timezone(&zone);
            assert_eq!(i64::from(local.hour()), MORNING, "{zone}");
        }
    }

    #[test]
    fn links_give_up_their_secret() {
        assert_eq!(token_of("go to http://x/#/setup?token=a-B_9\nand").as_deref(), Some("a-B_9"));
        assert_eq!(token_of("nothing here"), None);
    }
}
