//! Every query on the customers room's tables, and what is published of them.

use super::books::PolicyRow;
use super::kinds::CallbackState;
use super::model::{CallbackRow, ContactRow, CustomerRow};
use crate::db::schema::{callback, care_night, care_policy, contact, customer};
use crate::db::{AnyConnection, Fixed};
use crate::door::Tx;
use crate::kit::refusal::{Code, Stop};
use crate::upsert;
use diesel::prelude::*;
use std::collections::BTreeSet;

/// Contacts that a card shows; all others are asked for.
const SHOWN: i64 = 20;

pub fn find(conn: &mut AnyConnection, workspace_id: &str, id: &str) -> Result<Option<CustomerRow>, Stop> {
    Ok(customer::table.find((workspace_id, id)).get_result(conn).optional()?)
}

/// # Errors
/// `gone` when there is none.
pub fn customer(conn: &mut AnyConnection, workspace_id: &str, id: &str) -> Result<CustomerRow, Stop> {
    find(conn, workspace_id, id)?.ok_or_else(|| Code::Gone.into())
}

/// Those with whom something is to be done; all others are on no phone.
pub fn wanted(conn: &mut AnyConnection, workspace_id: &str) -> Result<Vec<CustomerRow>, Stop> {
    Ok(customer::table
        .filter(customer::workspace_id.eq(workspace_id))
        .filter(customer::tier.ne("").or(customer::needed_by.ne("[]")).or(customer::in_case))
        .order(customer::id)
        .load(conn)?)
}

/// Cards that another one stands for.
pub fn merged_into(conn: &mut AnyConnection, workspace_id: &str, id: &str) -> Result<Vec<CustomerRow>, Stop> {
    Ok(customer::table
        .filter(customer::workspace_id.eq(workspace_id))
        .filter(customer::merged_into.eq(id))
        .order(customer::id)
        .load(conn)?)
}

/// Every card of the person that a card is of; the one that stands for all comes first.
///
/// # Errors
/// `Fault` or `Busy` from the database.
pub fn person(conn: &mut AnyConnection, row: CustomerRow) -> Result<Vec<CustomerRow>, Stop> {
    let head = match &row.merged_into {
        Some(id) => customer(conn, &row.workspace_id, id)?,
        None => row,
    };
    let mut cards = merged_into(conn, &head.workspace_id, &head.id)?;
    cards.insert(0, head);
    Ok(cards)
}

/// Written after a version, the oldest first.
pub fn since(conn: &mut AnyConnection, workspace_id: &str, stamp: i64, most: i64) -> Result<Vec<CustomerRow>, Stop> {
    Ok(customer::table
        .filter(customer::workspace_id.eq(workspace_id))
        .filter(customer::stamp.gt(stamp))
        .order(customer::stamp)
        .limit(most)
        .load(conn)?)
}

/// Those of a team who are in some care tier.
pub fn cared_for(conn: &mut AnyConnection, workspace_id: &str, team_id: &str) -> Result<Vec<CustomerRow>, Stop> {
    Ok(customer::table
        .filter(customer::workspace_id.eq(workspace_id))
        .filter(customer::team_id.eq(team_id))
        .filter(customer::tier.ne(""))
        .filter(customer::merged_into.is_null())
        .order(customer::id)
        .load(conn)?)
}

/// The newest first.
pub fn contacts(conn: &mut AnyConnection, workspace_id: &str, customer_id: &str, most: i64) -> Result<Vec<ContactRow>, Stop> {
    Ok(contact::table
        .filter(contact::workspace_id.eq(workspace_id))
        .filter(contact::customer_id.eq(customer_id))
        .order((contact::at.desc(), contact::id.desc()))
        .limit(most)
        .load(conn)?)
}

pub fn shown_contacts(conn: &mut AnyConnection, row: &CustomerRow) -> Result<Vec<ContactRow>, Stop> {
    contacts(conn, &row.workspace_id, &row.id, SHOWN)
}

pub fn contact_exists(conn: &mut AnyConnection, workspace_id: &str, id: &str) -> Result<bool, Stop> {
    Ok(diesel::select(diesel::dsl::exists(contact::table.find((workspace_id, id)))).get_result(conn)?)
}

/// When somebody of these cards was last in fact reached (UTC ms).
pub fn last_real_contact(conn: &mut AnyConnection, workspace_id: &str, ids: &[String]) -> Result<Option<i64>, Stop> {
    Ok(contact::table
        .filter(contact::workspace_id.eq(workspace_id))
        .filter(contact::customer_id.eq_any(ids))
        .filter(contact::is_real.eq(true))
        .select(diesel::dsl::max(contact::at))
        .get_result(conn)?)
}

/// Stores a buyer, adds a contact if there is one, and shows card and address. `before` is the row as it was.
pub fn save(tx: &mut Tx<'_>, before: Option<&CustomerRow>, after: &CustomerRow, new: Option<&ContactRow>) -> Result<(), Stop> {
    if before == Some(after) && new.is_none() {
        return Ok(());
    }
    let contacts = shown_contacts(tx.conn(), after)?;
    let old = before.map(|row| row.card(contacts.clone())).transpose()?;
    let hidden = before.map(CustomerRow::reach).transpose()?;
    let after = &CustomerRow { stamp: tx.version(), ..after.clone() };
    upsert!(tx.conn(), customer::table, (&after.workspace_id, &after.id), after);
    let contacts = match new {
        Some(new) => {
            diesel::insert_into(contact::table).values(new).execute(tx.conn())?;
            shown_contacts(tx.conn(), after)?
        }
        None => contacts,
    };
    tx.publish(old.as_ref(), Some(&after.card(contacts)?))?;
    tx.publish(hidden.as_ref(), Some(&after.reach()?))
}

/// Who is to reach a buyer: their own agent if they are cared for, and whoever has a callback to make.
pub fn needed_by(conn: &mut AnyConnection, row: &CustomerRow) -> Result<String, Stop> {
    let mut people: BTreeSet<String> = callbacks_of(conn, &row.workspace_id, &row.id)?
        .into_iter()
        .filter(CallbackRow::is_open)
        .filter_map(|callback| callback.owner_id)
        .collect();
    people.extend(row.owner_id.clone().filter(|_| row.is_cared_for()));
    Ok(serde_json::to_string(&people)?)
}

pub fn callback(conn: &mut AnyConnection, workspace_id: &str, id: &str) -> Result<Option<CallbackRow>, Stop> {
    Ok(callback::table.find((workspace_id, id)).get_result(conn).optional()?)
}

pub fn callbacks_of(conn: &mut AnyConnection, workspace_id: &str, customer_id: &str) -> Result<Vec<CallbackRow>, Stop> {
    Ok(callback::table
        .filter(callback::workspace_id.eq(workspace_id))
        .filter(callback::customer_id.eq(customer_id))
        .order(callback::id)
        .load(conn)?)
}

/// All that are on phones: the open ones, and those closed lately.
pub fn callbacks(conn: &mut AnyConnection, workspace_id: &str) -> Result<Vec<CallbackRow>, Stop> {
    Ok(callback::table
        .filter(callback::workspace_id.eq(workspace_id))
        .filter(callback::archived.eq(false))
        .order(callback::id)
        .load(conn)?)
}

pub fn open_callbacks(conn: &mut AnyConnection, workspace_id: &str, team_id: &str) -> Result<Vec<CallbackRow>, Stop> {
    Ok(callback::table
        .filter(callback::workspace_id.eq(workspace_id))
        .filter(callback::state.eq(CallbackState::Open.as_str()))
        .filter(callback::team_id.eq(team_id))
        .order(callback::id)
        .load(conn)?)
}

/// Open callbacks that climb by `now`.
pub fn climbing(conn: &mut AnyConnection, workspace_id: &str, now: i64) -> Result<Vec<CallbackRow>, Stop> {
    Ok(callback::table
        .filter(callback::workspace_id.eq(workspace_id))
        .filter(callback::next_level_at.le(now))
        .order((callback::next_level_at, callback::id))
        .load(conn)?)
}

/// Closed callbacks still on phones although they ended before an instant.
pub fn shown_before(conn: &mut AnyConnection, workspace_id: &str, before: i64) -> Result<Vec<CallbackRow>, Stop> {
    Ok(callback::table
        .filter(callback::workspace_id.eq(workspace_id))
        .filter(callback::archived.eq(false))
        .filter(callback::closed_at.lt(before))
        .order(callback::id)
        .load(conn)?)
}

/// Stores a callback and shows it, and brings who may read the buyer's number in line with it.
pub fn save_callback(tx: &mut Tx<'_>, before: Option<&CallbackRow>, after: &CallbackRow) -> Result<(), Stop> {
    if before == Some(after) {
        return Ok(());
    }
    upsert!(tx.conn(), callback::table, (&after.workspace_id, &after.id), after);
    let old = before.map(CallbackRow::wire).transpose()?;
    tx.publish(old.as_ref(), Some(&after.wire()?))?;
    let buyer = customer(tx.conn(), &after.workspace_id, &after.customer_id)?;
    let needed = CustomerRow { needed_by: needed_by(tx.conn(), &buyer)?, ..buyer.clone() };
    save(tx, Some(&buyer), &needed, None)
}

pub fn policies(conn: &mut AnyConnection, workspace_id: &str) -> Result<Vec<PolicyRow>, Stop> {
    Ok(care_policy::table.filter(care_policy::workspace_id.eq(workspace_id)).order(care_policy::id).load(conn)?)
}

pub fn policy(conn: &mut AnyConnection, workspace_id: &str, id: &str) -> Result<Option<PolicyRow>, Stop> {
    Ok(care_policy::table.find((workspace_id, id)).get_result(conn).optional()?)
}

pub fn save_policy(tx: &mut Tx<'_>, before: Option<&PolicyRow>, after: &PolicyRow) -> Result<(), Stop> {
    upsert!(tx.conn(), care_policy::table, (&after.workspace_id, &after.id), after);
    tx.publish(before.map(PolicyRow::wire).as_ref(), Some(&after.wire()))
}

/// Whether the nightly work has planned a team's calls on this day.
pub fn is_planned(conn: &mut AnyConnection, workspace_id: &str, team_id: &str, day: &str) -> Result<bool, Stop> {
    let known: Option<String> =
        care_night::table.find((workspace_id, team_id)).select(care_night::day).get_result(conn).optional()?;
    Ok(known.is_some_and(|known| known.as_str() >= day))
}

#[derive(Insertable, AsChangeset)]
#[diesel(table_name = care_night, primary_key(workspace_id, team_id))]
struct NightRow<'a> {
    workspace_id: &'a str,
    team_id: &'a str,
    day: &'a str,
}

pub fn mark_planned(tx: &mut Tx<'_>, team_id: &str, day: &str) -> Result<(), Stop> {
    let row = NightRow { workspace_id: tx.workspace_id(), team_id, day };
    upsert!(tx.conn(), care_night::table, (row.workspace_id, team_id), &row);
    tx.changed();
    Ok(())
}

pub fn customers_by_id(conn: &mut AnyConnection, workspace_id: &str, ids: &[String]) -> Result<Vec<CustomerRow>, Stop> {
    Ok(customer::table.filter(customer::workspace_id.eq(workspace_id)).filter(customer::id.eq_any(ids)).load(conn)?)
}

/// Adds buyers whom nobody has to reach: on no phone yet, so there is nothing to show.
pub fn add_unseen(tx: &mut Tx<'_>, rows: &[CustomerRow]) -> Result<(), Stop> {
    for row in rows {
        tx.changed();
        Fixed(diesel::insert_into(customer::table).values(row)).insert(tx.conn())?;
    }
    Ok(())
}
