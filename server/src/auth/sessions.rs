//! Devices and their refresh tokens.
//!
//! A token stays good until its successor has been used once: on a bad network the reply that carried the successor may be
//! lost, and the phone must not be signed out for that. Once the successor was used, showing the old one again means that
//! somebody copied it, and the device is revoked.

use super::keys;
use super::tokens::Claims;
use crate::db::AnyConnection;
use crate::db::schema::{credential, device, refresh_token};
use crate::door::Role;
use crate::kit::ids;
use crate::kit::refusal::{Code, Stop};
use crate::team;
use crate::upsert;
use diesel::prelude::*;

/// A phone that was not used for so long must sign in again (ms).
pub const REFRESH_MS: i64 = 60 * 24 * 3_600_000;

/// However busy, a phone signs in anew after so long (ms): a copied phone does not stay in for ever.
pub const SESSION_MS: i64 = 180 * 24 * 3_600_000;

#[derive(Debug, Clone, Queryable)]
pub struct DeviceRow {
    pub id: String,
    pub workspace_id: String,
    pub person_id: String,
    pub name: String,
    pub created_at: i64,
    pub last_seen_at: i64,
    pub revoked_at: Option<i64>,
}

/// Role and team, as of now, of whoever a valid access token names.
///
/// # Errors
/// `session_revoked` when the device is revoked or the person deactivated.
pub fn standing(conn: &mut AnyConnection, claims: &Claims) -> Result<(Role, String), Stop> {
    let known: Option<DeviceRow> = device::table.find(&claims.device_id).get_result(conn).optional()?;
    let live = known.is_some_and(|row| {
        row.revoked_at.is_none() && row.person_id == claims.user_id && row.workspace_id == claims.workspace_id
    });
    if !live {
        return Err(Code::SessionRevoked.into());
    }
    let person = team::person(conn, &claims.workspace_id, &claims.user_id).map_err(|_| Stop::from(Code::SessionRevoked))?;
    if !person.active {
        return Err(Code::SessionRevoked.into());
    }
    Ok((person.role()?, person.team_id))
}

pub fn password_hash(conn: &mut AnyConnection, workspace_id: &str, person_id: &str) -> Result<Option<String>, Stop> {
    Ok(credential::table.find((workspace_id, person_id)).select(credential::password_hash).get_result(conn).optional()?)
}

pub fn set_password(conn: &mut AnyConnection, workspace_id: &str, person_id: &str, hash: &str) -> Result<(), Stop> {
    #[derive(Insertable, AsChangeset)]
    #[diesel(table_name = credential, primary_key(workspace_id, person_id))]
    struct Row<'a> {
        workspace_id: &'a str,
        person_id: &'a str,
        password_hash: &'a str,
    }
    let row = Row { workspace_id, person_id, password_hash: hash };
    upsert!(conn, credential::table, (workspace_id, person_id), &row);
    Ok(())
}

/// A new device with its first refresh token: (device id, secret).
///
/// # Errors
/// `Fault` or `Busy` from the database.
pub fn open(
    conn: &mut AnyConnection,
    workspace_id: &str,
    person_id: &str,
    name: &str,
    now: i64,
) -> Result<(String, String), Stop> {
    let id = ids::fresh();
    let row = (
        device::id.eq(&id),
        device::workspace_id.eq(workspace_id),
        device::person_id.eq(person_id),
        device::name.eq(name),
        device::created_at.eq(now),
        device::last_seen_at.eq(now),
    );
    diesel::insert_into(device::table).values(row).execute(conn)?;
    let secret = add_token(conn, &id, None, now)?;
    Ok((id, secret))
}

fn add_token(conn: &mut AnyConnection, device_id: &str, parent: Option<&str>, now: i64) -> Result<String, Stop> {
    let secret = keys::secret();
    let row = (
        refresh_token::hash.eq(keys::fingerprint(&secret)),
        refresh_token::device_id.eq(device_id),
        refresh_token::parent.eq(parent),
        refresh_token::state.eq("fresh"),
        refresh_token::created_at.eq(now),
        refresh_token::expires_at.eq(now + REFRESH_MS),
    );
    diesel::insert_into(refresh_token::table).values(row).execute(conn)?;
    Ok(secret)
}

/// What showing a refresh token led to.
pub enum Refreshed {
    /// The device and its next secret.
    Next(DeviceRow, String),
    /// Copied token: the device is revoked now.
    Reused(DeviceRow),
    Unknown,
}

/// Trades a refresh token for the next one.
///
/// # Errors
/// `Fault` or `Busy` from the database.
pub fn refresh(conn: &mut AnyConnection, secret: &str, now: i64) -> Result<Refreshed, Stop> {
    let hash = keys::fingerprint(secret);
    // A write first: it locks out a second request with the same token, on both engines.
    let seen = diesel::update(refresh_token::table.find(&hash)).set(refresh_token::hash.eq(&hash)).execute(conn)?;
    if seen == 0 {
        return Ok(Refreshed::Unknown);
    }
    let (device_id, parent, state, expires_at): (String, Option<String>, String, i64) = refresh_token::table
        .find(&hash)
        .select((refresh_token::device_id, refresh_token::parent, refresh_token::state, refresh_token::expires_at))
        .get_result(conn)?;
    let row: DeviceRow = device::table.find(&device_id).get_result(conn)?;
    if expires_at <= now || row.created_at + SESSION_MS <= now || row.revoked_at.is_some() {
        return Ok(Refreshed::Unknown);
    }
    if state == "retired" {
        revoke(conn, &device_id, now)?;
        return Ok(Refreshed::Reused(row));
    }
    // The parent's successor is used now: from here on the parent is a copy.
    if let Some(parent) = parent {
        diesel::update(refresh_token::table.find(parent)).set(refresh_token::state.eq("retired")).execute(conn)?;
    }
    // Successors whose reply was lost were never seen by anybody.
    diesel::delete(refresh_token::table.filter(refresh_token::parent.eq(&hash))).execute(conn)?;
    diesel::update(device::table.find(&device_id)).set(device::last_seen_at.eq(now)).execute(conn)?;
    let next = add_token(conn, &device_id, Some(&hash), now)?;
    Ok(Refreshed::Next(row, next))
}

/// Signs a device out for good.
///
/// # Errors
/// `Fault` or `Busy` from the database.
pub fn revoke(conn: &mut AnyConnection, device_id: &str, now: i64) -> Result<(), Stop> {
    let live = device::table.filter(device::id.eq(device_id)).filter(device::revoked_at.is_null());
    diesel::update(live).set(device::revoked_at.eq(now)).execute(conn)?;
    Ok(())
}

/// Signs out every device of a person except one.
///
/// # Errors
/// `Fault` or `Busy` from the database.
pub fn revoke_others(conn: &mut AnyConnection, workspace_id: &str, person_id: &str, keep: &str, now: i64) -> Result<(), Stop> {
    let others = device::table
        .filter(device::workspace_id.eq(workspace_id))
        .filter(device::person_id.eq(person_id))
        .filter(device::id.ne(keep))
        .filter(device::revoked_at.is_null());
    diesel::update(others).set(device::revoked_at.eq(now)).execute(conn)?;
    Ok(())
}

/// Signed-in devices of a person, last used first.
///
/// # Errors
/// `Fault` or `Busy` from the database.
pub fn devices(conn: &mut AnyConnection, workspace_id: &str, person_id: &str) -> Result<Vec<DeviceRow>, Stop> {
    Ok(device::table
        .filter(device::workspace_id.eq(workspace_id))
        .filter(device::person_id.eq(person_id))
        .filter(device::revoked_at.is_null())
        .order(device::last_seen_at.desc())
        .load(conn)?)
}

/// Names of devices by id, for the history.
///
/// # Errors
/// `Fault` or `Busy` from the database.
pub fn device_names(conn: &mut AnyConnection, workspace_id: &str, ids: &[String]) -> Result<Vec<(String, String)>, Stop> {
    Ok(device::table
        .filter(device::workspace_id.eq(workspace_id))
        .filter(device::id.eq_any(ids))
        .select((device::id, device::name))
        .load(conn)?)
}

/// Deletes tokens that expired; called by the ticker.
///
/// # Errors
/// `Fault` or `Busy` from the database.
pub fn tidy(conn: &mut AnyConnection, now: i64) -> Result<(), Stop> {
    diesel::delete(refresh_token::table.filter(refresh_token::expires_at.le(now))).execute(conn)?;
    Ok(())
}
