//! Whether what phones are served is what the rooms' rows come to (I14), and whether the tables behind it fit together.
//! Answers name keys, never what is in a row.

use super::publish::Image;
use crate::db::AnyConnection;
use crate::db::schema::{sync_entry, sync_member, sync_workspace};
use crate::kit::refusal::Stop;
use diesel::dsl::{count_star, max, not};
use diesel::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

/// Where entries and members differ from the rows' images, in words; empty when all is well.
///
/// # Errors
/// `Fault` or `Busy` from the database.
pub fn published(conn: &mut AnyConnection, workspace_id: &str, images: &[Image]) -> Result<Vec<String>, Stop> {
    let live: BTreeMap<&str, &Image> =
        images.iter().filter(|image| !image.audience.is_empty()).map(|image| (image.key.as_str(), image)).collect();
    let mut odd = entries(conn, workspace_id, &live)?;
    odd.extend(audiences(conn, workspace_id, &live)?);
    Ok(odd)
}

fn entries(conn: &mut AnyConnection, workspace_id: &str, live: &BTreeMap<&str, &Image>) -> Result<Vec<String>, Stop> {
    let stored: Vec<(String, String, String)> = sync_entry::table
        .filter(sync_entry::workspace_id.eq(workspace_id))
        .select((sync_entry::key, sync_entry::kind, sync_entry::body))
        .load(conn)?;
    let mut odd = Vec::new();
    let mut known = BTreeSet::new();
    for (key, kind, body) in &stored {
        known.insert(key.as_str());
        match live.get(key.as_str()) {
            None => odd.push(format!("{key} is served and no row says so")),
            Some(image) if image.kind != kind || image.body != *body => odd.push(format!("{key} is served as it is not")),
            Some(_) => {}
        }
    }
    odd.extend(live.keys().filter(|key| !known.contains(*key)).map(|key| format!("{key} is not served")));
    Ok(odd)
}

fn audiences(conn: &mut AnyConnection, workspace_id: &str, live: &BTreeMap<&str, &Image>) -> Result<Vec<String>, Stop> {
    let stored: Vec<(String, String)> = sync_member::table
        .filter(sync_member::workspace_id.eq(workspace_id))
        .filter(sync_member::present.eq(true))
        .select((sync_member::key, sync_member::bucket))
        .load(conn)?;
    let mut seen: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (key, bucket) in &stored {
        seen.entry(key).or_default().insert(bucket);
    }
    let mut odd = Vec::new();
    for (key, image) in live {
        let wanted: BTreeSet<String> = image.audience.iter().map(ToString::to_string).collect();
        let wanted: BTreeSet<&str> = wanted.iter().map(String::as_str).collect();
        let found = seen.remove(key).unwrap_or_default();
        odd.extend(found.difference(&wanted).map(|bucket| format!("{key} is shown to {bucket} and should not be")));
        odd.extend(wanted.difference(&found).map(|bucket| format!("{key} is not shown to {bucket}")));
    }
    odd.extend(seen.into_keys().map(|key| format!("{key} is shown to somebody and no row says so")));
    Ok(odd)
}

/// Entries that nobody is shown, and rows shown to somebody that have no entry.
///
/// # Errors
/// `Fault` or `Busy` from the database.
pub fn orphans(conn: &mut AnyConnection, workspace_id: &str) -> Result<(i64, i64), Stop> {
    let shown = || sync_member::table.filter(sync_member::workspace_id.eq(workspace_id)).filter(sync_member::present.eq(true));
    let entries = || sync_entry::table.filter(sync_entry::workspace_id.eq(workspace_id));
    let unseen = entries().filter(not(sync_entry::key.eq_any(shown().select(sync_member::key)))).select(count_star());
    let hollow = shown().filter(not(sync_member::key.eq_any(entries().select(sync_entry::key)))).select(count_star());
    Ok((unseen.get_result(conn)?, hollow.get_result(conn)?))
}

/// How far the newest member is ahead of the counter that gave it its place; 0 or less when all is well.
///
/// # Errors
/// `Fault` or `Busy` from the database.
pub fn ahead_of_counter(conn: &mut AnyConnection, workspace_id: &str) -> Result<i64, Stop> {
    let version: i64 = sync_workspace::table.find(workspace_id).select(sync_workspace::version).get_result(conn)?;
    let members = sync_member::table.filter(sync_member::workspace_id.eq(workspace_id));
    let newest: Option<i64> = members.select(max(sync_member::seq)).get_result(conn)?;
    Ok(newest.unwrap_or(0) - version)
}

/// Every workspace that has a counter.
///
/// # Errors
/// `Fault` or `Busy` from the database.
pub fn workspace_ids(conn: &mut AnyConnection) -> Result<Vec<String>, Stop> {
    Ok(sync_workspace::table.select(sync_workspace::id).order(sync_workspace::id).load(conn)?)
}
