//! One-time links: the first set-up of a server, and invitations.

use super::keys;
use crate::db::AnyConnection;
use crate::db::schema::one_time_link;
use crate::kit::refusal::{Code, Stop};
use diesel::prelude::*;

pub const INVITATION_DAYS: i64 = 7;
const DAY_MS: i64 = 24 * 3_600_000;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    Setup,
    Invitation,
}

impl Purpose {
    fn as_str(self) -> &'static str {
        match self {
            Purpose::Setup => "setup",
            Purpose::Invitation => "invitation",
        }
    }

    fn lives_ms(self) -> i64 {
        match self {
            Purpose::Setup => DAY_MS,
            Purpose::Invitation => INVITATION_DAYS * DAY_MS,
        }
    }
}

/// Whom a link is for: workspace and person.
pub type Whom = Option<(String, String)>;

/// Makes a link's secret; an older unused one for the same person stops working.
///
/// # Errors
/// `Fault` or `Busy` from the database.
pub fn make(conn: &mut AnyConnection, purpose: Purpose, whom: Option<(&str, &str)>, now: i64) -> Result<String, Stop> {
    let secret = keys::secret();
    let mut older = diesel::delete(one_time_link::table).filter(one_time_link::purpose.eq(purpose.as_str())).into_boxed();
    older = match whom {
        Some((workspace_id, id)) => {
            older.filter(one_time_link::workspace_id.eq(workspace_id)).filter(one_time_link::person_id.eq(id))
        }
        None => older.filter(one_time_link::person_id.is_null()),
    };
    older.execute(conn)?;
    let row = (
        one_time_link::hash.eq(keys::fingerprint(&secret)),
        one_time_link::purpose.eq(purpose.as_str()),
        one_time_link::workspace_id.eq(whom.map(|(workspace_id, _)| workspace_id)),
        one_time_link::person_id.eq(whom.map(|(_, id)| id)),
        one_time_link::expires_at.eq(now + purpose.lives_ms()),
    );
    diesel::insert_into(one_time_link::table).values(row).execute(conn)?;
    Ok(secret)
}

/// Whom an unused, unexpired link is for.
///
/// # Errors
/// `link_expired` for anything else.
pub fn look(conn: &mut AnyConnection, purpose: Purpose, hash: &str, now: i64) -> Result<Whom, Stop> {
    let (workspace_id, person_id): (Option<String>, Option<String>) = one_time_link::table
        .find(hash)
        .filter(one_time_link::purpose.eq(purpose.as_str()))
        .filter(one_time_link::used_at.is_null())
        .filter(one_time_link::expires_at.gt(now))
        .select((one_time_link::workspace_id, one_time_link::person_id))
        .get_result(conn)
        .optional()?
        .ok_or(Stop::from(Code::LinkExpired))?;
    Ok(workspace_id.zip(person_id))
}

/// Uses a link up. Exactly one caller succeeds.
///
/// # Errors
/// `link_expired` when it was used, has expired or never was.
pub fn consume(conn: &mut AnyConnection, purpose: Purpose, hash: &str, now: i64) -> Result<(), Stop> {
    let row = one_time_link::table
        .filter(one_time_link::hash.eq(hash))
        .filter(one_time_link::purpose.eq(purpose.as_str()))
        .filter(one_time_link::used_at.is_null())
        .filter(one_time_link::expires_at.gt(now));
    let used = diesel::update(row).set(one_time_link::used_at.eq(now)).execute(conn)?;
    if used == 1 { Ok(()) } else { Err(Code::LinkExpired.into()) }
}

/// Forgets links that were used, or ran out, before an instant (ms).
///
/// # Errors
/// `Fault` or `Busy` from the database.
pub fn tidy(conn: &mut AnyConnection, before: i64) -> Result<usize, Stop> {
    let rows = one_time_link::table.filter(one_time_link::expires_at.lt(before));
    Ok(diesel::delete(rows).execute(conn)?)
}
