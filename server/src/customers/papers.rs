//! Queries on orders, on files of a card, and on what is kept, told apart and erased.

use super::books::{ErasureRow, FileRow, KeepRow, OrderRow};
use crate::db::schema::{callback, contact, customer, customer_apart, customer_file, customer_keep, customer_order, erasure};
use crate::db::{AnyConnection, Fixed};
use crate::door::Tx;
use crate::kit::refusal::Stop;
use crate::upsert;
use diesel::dsl::{exists, not};
use diesel::prelude::*;

/// The row of what is kept: a workspace has one.
pub const KEEP: &str = "customers";

pub fn orders_by_number(conn: &mut AnyConnection, workspace_id: &str, numbers: &[String]) -> Result<Vec<OrderRow>, Stop> {
    Ok(customer_order::table
        .filter(customer_order::workspace_id.eq(workspace_id))
        .filter(customer_order::number.eq_any(numbers))
        .load(conn)?)
}

/// The newest first.
pub fn orders_of(conn: &mut AnyConnection, workspace_id: &str, customers: &[&str], most: i64) -> Result<Vec<OrderRow>, Stop> {
    Ok(customer_order::table
        .filter(customer_order::workspace_id.eq(workspace_id))
        .filter(customer_order::customer_id.eq_any(customers))
        .order((customer_order::ordered_at.desc(), customer_order::number.desc()))
        .limit(most)
        .load(conn)?)
}

/// Number, buyer and version of orders written after a version, the oldest first.
pub fn orders_since(
    conn: &mut AnyConnection,
    workspace_id: &str,
    stamp: i64,
    most: i64,
) -> Result<Vec<(String, String, i64)>, Stop> {
    Ok(customer_order::table
        .filter(customer_order::workspace_id.eq(workspace_id))
        .filter(customer_order::stamp.gt(stamp))
        .order(customer_order::stamp)
        .select((customer_order::number, customer_order::customer_id, customer_order::stamp))
        .limit(most)
        .load(conn)?)
}

/// Adds orders that are not there yet.
pub fn add_orders(tx: &mut Tx<'_>, rows: &[OrderRow]) -> Result<(), Stop> {
    for row in rows {
        tx.changed();
        Fixed(diesel::insert_into(customer_order::table).values(row)).insert(tx.conn())?;
    }
    Ok(())
}

pub fn change_order(tx: &mut Tx<'_>, row: &OrderRow) -> Result<(), Stop> {
    tx.changed();
    diesel::update(customer_order::table.find((&row.workspace_id, &row.number))).set(row).execute(tx.conn())?;
    Ok(())
}

/// Buyers and orders of a workspace.
pub fn counts(conn: &mut AnyConnection, workspace_id: &str) -> Result<(i64, i64), Stop> {
    let buyers = customer::table.filter(customer::workspace_id.eq(workspace_id)).count().get_result(conn)?;
    let orders = customer_order::table.filter(customer_order::workspace_id.eq(workspace_id)).count().get_result(conn)?;
    Ok((buyers, orders))
}

/// The newest first.
pub fn files_of(conn: &mut AnyConnection, workspace_id: &str, customers: &[&str]) -> Result<Vec<FileRow>, Stop> {
    Ok(customer_file::table
        .filter(customer_file::workspace_id.eq(workspace_id))
        .filter(customer_file::customer_id.eq_any(customers))
        .order((customer_file::at.desc(), customer_file::sha256))
        .load(conn)?)
}

pub fn put_file(tx: &mut Tx<'_>, row: &FileRow) -> Result<(), Stop> {
    upsert!(tx.conn(), customer_file::table, (&row.workspace_id, &row.customer_id, &row.sha256), row);
    tx.changed();
    Ok(())
}

pub fn drop_file(tx: &mut Tx<'_>, customer_id: &str, sha256: &str) -> Result<(), Stop> {
    let workspace_id = tx.workspace_id();
    diesel::delete(customer_file::table.find((workspace_id, customer_id, sha256))).execute(tx.conn())?;
    tx.changed();
    Ok(())
}

/// Notes that two cards are of different people.
pub fn put_apart(tx: &mut Tx<'_>, one: &str, other: &str) -> Result<(), Stop> {
    let (one, other) = (one.min(other), one.max(other));
    if !diesel::select(exists(customer_apart::table.find((tx.workspace_id(), one, other)))).get_result(tx.conn())? {
        let row = (
            customer_apart::workspace_id.eq(tx.workspace_id()),
            customer_apart::one_id.eq(one),
            customer_apart::other_id.eq(other),
        );
        diesel::insert_into(customer_apart::table).values(row).execute(tx.conn())?;
        tx.changed();
    }
    Ok(())
}

/// Pairs that are known to be different people; the smaller id first.
pub fn apart(conn: &mut AnyConnection, workspace_id: &str) -> Result<Vec<(String, String)>, Stop> {
    Ok(customer_apart::table
        .filter(customer_apart::workspace_id.eq(workspace_id))
        .select((customer_apart::one_id, customer_apart::other_id))
        .load(conn)?)
}

pub fn keep(conn: &mut AnyConnection, workspace_id: &str) -> Result<Option<KeepRow>, Stop> {
    Ok(customer_keep::table.find((workspace_id, KEEP)).get_result(conn).optional()?)
}

pub fn save_keep(tx: &mut Tx<'_>, before: Option<&KeepRow>, after: &KeepRow) -> Result<(), Stop> {
    upsert!(tx.conn(), customer_keep::table, (&after.workspace_id, &after.id), after);
    tx.publish(before.map(KeepRow::wire).as_ref(), Some(&after.wire()))
}

/// Buyers of whom nothing was heard since an instant (ms), with whom nothing is to be done.
pub fn forgotten(conn: &mut AnyConnection, workspace_id: &str, before: i64, most: i64) -> Result<Vec<String>, Stop> {
    let ordered = customer_order::table
        .filter(customer_order::workspace_id.eq(customer::workspace_id))
        .filter(customer_order::customer_id.eq(customer::id))
        .filter(customer_order::ordered_at.ge(before));
    Ok(customer::table
        .filter(customer::workspace_id.eq(workspace_id))
        .filter(customer::tier.eq(""))
        .filter(customer::needed_by.eq("[]"))
        .filter(not(customer::in_case))
        .filter(customer::merged_into.is_null())
        .filter(customer::created_at.lt(before))
        .filter(customer::last_contact_at.is_null().or(customer::last_contact_at.lt(before)))
        .filter(not(exists(ordered)))
        .select(customer::id)
        .limit(most)
        .load(conn)?)
}

/// What was deleted of a buyer.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Deleted {
    pub contacts: usize,
    pub callbacks: usize,
    pub orders: usize,
    pub files: usize,
}

/// Deletes every row of a card; what phones and the history hold of it is the caller's to take back.
pub fn delete(tx: &mut Tx<'_>, id: &str) -> Result<Deleted, Stop> {
    let workspace_id = tx.workspace_id();
    let conn = tx.conn();
    let of_files = customer_file::table.filter(customer_file::workspace_id.eq(workspace_id));
    let files = diesel::delete(of_files.filter(customer_file::customer_id.eq(id))).execute(conn)?;
    let of_orders = customer_order::table.filter(customer_order::workspace_id.eq(workspace_id));
    let orders = diesel::delete(of_orders.filter(customer_order::customer_id.eq(id))).execute(conn)?;
    let of_contacts = contact::table.filter(contact::workspace_id.eq(workspace_id));
    let contacts = diesel::delete(of_contacts.filter(contact::customer_id.eq(id))).execute(conn)?;
    let of_callbacks = callback::table.filter(callback::workspace_id.eq(workspace_id));
    let callbacks = diesel::delete(of_callbacks.filter(callback::customer_id.eq(id))).execute(conn)?;
    let of_pairs = customer_apart::table.filter(customer_apart::workspace_id.eq(workspace_id));
    let pairs = of_pairs.filter(customer_apart::one_id.eq(id).or(customer_apart::other_id.eq(id)));
    diesel::delete(pairs).execute(conn)?;
    diesel::delete(customer::table.find((workspace_id, id))).execute(conn)?;
    tx.changed();
    Ok(Deleted { contacts, callbacks, orders, files })
}

/// Rows that still belong to a buyer.
pub fn remains(conn: &mut AnyConnection, workspace_id: &str, id: &str) -> Result<i64, Stop> {
    let cards = customer::table.find((workspace_id, id)).count().get_result::<i64>(conn)?;
    let contacts = contact::table.filter(contact::workspace_id.eq(workspace_id)).filter(contact::customer_id.eq(id));
    let callbacks = callback::table.filter(callback::workspace_id.eq(workspace_id)).filter(callback::customer_id.eq(id));
    let orders = customer_order::table.filter(customer_order::workspace_id.eq(workspace_id));
    let files = customer_file::table.filter(customer_file::workspace_id.eq(workspace_id));
    Ok(cards
        + contacts.count().get_result::<i64>(conn)?
        + callbacks.count().get_result::<i64>(conn)?
        + orders.filter(customer_order::customer_id.eq(id)).count().get_result::<i64>(conn)?
        + files.filter(customer_file::customer_id.eq(id)).count().get_result::<i64>(conn)?)
}

pub fn put_erasure(tx: &mut Tx<'_>, row: &ErasureRow) -> Result<(), Stop> {
    upsert!(tx.conn(), erasure::table, (&row.workspace_id, &row.id), row);
    tx.changed();
    Ok(())
}

/// Proofs for cards with these ids.
pub fn erasures_of(conn: &mut AnyConnection, workspace_id: &str, ids: &[String]) -> Result<Vec<ErasureRow>, Stop> {
    Ok(erasure::table.filter(erasure::workspace_id.eq(workspace_id)).filter(erasure::id.eq_any(ids)).load(conn)?)
}

/// The newest first.
pub fn erasures(conn: &mut AnyConnection, workspace_id: &str, most: i64) -> Result<Vec<ErasureRow>, Stop> {
    Ok(erasure::table
        .filter(erasure::workspace_id.eq(workspace_id))
        .order((erasure::at.desc(), erasure::id))
        .limit(most)
        .load(conn)?)
}

/// Ids erased after a version.
pub fn erased_since(conn: &mut AnyConnection, workspace_id: &str, stamp: i64) -> Result<Vec<(String, i64)>, Stop> {
    Ok(erasure::table
        .filter(erasure::workspace_id.eq(workspace_id))
        .filter(erasure::stamp.gt(stamp))
        .order(erasure::stamp)
        .select((erasure::id, erasure::stamp))
        .load(conn)?)
}
