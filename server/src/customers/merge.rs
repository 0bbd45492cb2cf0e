//! Cards of one person: merged so that nothing is moved and everything can be taken back, or told apart for good.

use super::command::{CustomerDistinct, CustomerMerge, CustomerPart, load};
use super::find::{Finder, sees, value};
use super::kinds::SameBy;
use super::model::{Customer, CustomerRow};
use super::{papers, plan, store};
use crate::db::AnyConnection;
use crate::door::{Actor, Tx};
use crate::kit::refusal::{Code, Stop};
use serde::Serialize;
use std::collections::{HashMap, HashSet};

/// Groups in one answer.
const GROUPS_MAX: usize = 50;
/// A value that more cards share says nothing: the number of a shop, "本人".
const GROUP_MAX: usize = 10;

/// Cards that may be of one person, and what they share. The cards are masked.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export, export_to = "api.ts"))]
pub struct Duplicates {
    pub why: SameBy,
    pub cards: Vec<Customer>,
}

/// Groups of cards of a team that may be of one person; each card in one group.
///
/// # Errors
/// `Fault` or `Busy` from the database.
pub fn duplicates(conn: &mut AnyConnection, finder: &Finder, actor: &Actor, team_id: &str) -> Result<Vec<Duplicates>, Stop> {
    let workspace_id = &actor.workspace_id;
    let apart: HashSet<(String, String)> = papers::apart(conn, workspace_id)?.into_iter().collect();
    let (mut groups, mut used) = (Vec::new(), HashSet::new());
    for (why, ids) in finder.alike(conn, workspace_id)? {
        if groups.len() == GROUPS_MAX || ids.len() > GROUP_MAX {
            continue;
        }
        let rows = store::customers_by_id(conn, workspace_id, &ids)?;
        let open = |row: &CustomerRow| row.team_id == team_id && sees(actor, team_id) && row.merged_into.is_none();
        let mut by_value: HashMap<String, Vec<CustomerRow>> = HashMap::new();
        for row in rows.into_iter().filter(open).filter(|row| !used.contains(&row.id)) {
            if let Some(value) = value(&row, why) {
                by_value.entry(value).or_default().push(row);
            }
        }
        for rows in by_value.into_values().filter(|rows| rows.len() > 1 && !all_apart(rows, &apart)) {
            used.extend(rows.iter().map(|row| row.id.clone()));
            let cards = rows.iter().map(|row| row.card(Vec::new())).collect::<Result<_, _>>()?;
            groups.push(Duplicates { why, cards });
        }
    }
    Ok(groups)
}

fn all_apart(rows: &[CustomerRow], apart: &HashSet<(String, String)>) -> bool {
    let pair = |a: &CustomerRow, b: &CustomerRow| (a.id.clone().min(b.id.clone()), a.id.clone().max(b.id.clone()));
    rows.iter().enumerate().all(|(at, one)| rows[at + 1..].iter().all(|other| apart.contains(&pair(one, other))))
}

/// Lets another card stand for this one. What the buyer does not want counts for both; care and clock go on with the other.
pub(super) fn merge(tx: &mut Tx<'_>, args: &CustomerMerge) -> Result<(), Stop> {
    let (before, head) = (load(tx, &args.id)?, load(tx, &args.into_id)?);
    if before.merged_into.as_deref() == Some(head.id.as_str()) {
        return Ok(());
    }
    if before.id == head.id || before.merged_into.is_some() || head.merged_into.is_some() {
        return Err(Code::WrongState.into());
    }
    if before.team_id != head.team_id {
        return Err(Code::NotInTeam.into());
    }
    let mut channels = head.blocked()?;
    channels.extend(before.blocked()?);
    channels.sort_unstable();
    channels.dedup();
    let mut after = CustomerRow {
        blocked: serde_json::to_string(&channels)?,
        last_contact_at: head.last_contact_at.max(before.last_contact_at),
        ..head.clone()
    };
    if head.tier.is_empty() {
        after.tier.clone_from(&before.tier);
        after.owner_id.clone_from(&before.owner_id);
        (after.ideal_days, after.longest_days) = (before.ideal_days, before.longest_days);
    }
    after.needed_by = store::needed_by(tx.conn(), &after)?;
    store::save(tx, Some(&head), &after, None)?;
    let workspace_id = tx.workspace_id();
    for child in store::merged_into(tx.conn(), workspace_id, &before.id)? {
        point(tx, &child, Some(head.id.clone()))?;
    }
    point(tx, &before, Some(head.id.clone()))?;
    plan::soon(tx, &head.team_id)
}

fn point(tx: &mut Tx<'_>, before: &CustomerRow, to: Option<String>) -> Result<(), Stop> {
    let mut after = CustomerRow { merged_into: to, ..before.clone() };
    after.needed_by = store::needed_by(tx.conn(), &after)?;
    store::save(tx, Some(before), &after, None)
}

/// Takes a merge back. The clock of the card that stood for both is again that of its own contacts.
pub(super) fn part(tx: &mut Tx<'_>, args: &CustomerPart) -> Result<(), Stop> {
    let workspace_id = tx.workspace_id();
    let before = load(tx, &args.id)?;
    let Some(head_id) = &before.merged_into else { return Ok(()) };
    let head = load(tx, head_id)?;
    point(tx, &before, None)?;
    let ids: Vec<String> = store::person(tx.conn(), head.clone())?.into_iter().map(|row| row.id).collect();
    let last_contact_at = store::last_real_contact(tx.conn(), workspace_id, &ids)?;
    store::save(tx, Some(&head), &CustomerRow { last_contact_at, ..head.clone() }, None)?;
    plan::soon(tx, &head.team_id)
}

pub(super) fn distinct(tx: &mut Tx<'_>, args: &CustomerDistinct) -> Result<(), Stop> {
    if args.ids.len() > GROUP_MAX {
        return Err(Code::TooMany.into());
    }
    for id in &args.ids {
        load(tx, id)?;
    }
    for (at, one) in args.ids.iter().enumerate() {
        for other in args.ids[at + 1..].iter().filter(|other| *other != one) {
            papers::put_apart(tx, one, other)?;
        }
    }
    Ok(())
}
