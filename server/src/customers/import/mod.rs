//! Buyers and orders from the shops' exports: recognise the layout or refuse, read row by row, keep what is wrong with a row,
//! store the rest. Importing the same file again changes nothing; what a person typed is never overwritten by a file.

pub mod cli;
pub mod http;
pub mod layouts;
pub mod record;
pub mod sheet;

pub use record::{ImportOrder, ImportRow};

use super::books::{ErasureRow, OrderRow};
use super::command::{CustomerImport, blank};
use super::kinds::ErasedWhy;
use super::model::CustomerRow;
use super::{papers, store};
use crate::door::Tx;
use crate::kit::ids;
use crate::kit::progress::Progress;
use crate::kit::refusal::{Code, Refusal, Stop};
use crate::team;
use chrono_tz::Tz;
use layouts::{Layout, Unknown};
use record::Form;
use serde_json::json;
use std::collections::HashMap;
use std::io::{Read, Seek, SeekFrom};

/// Rows in one command.
pub const CHUNK: usize = 1_000;

/// A row that was left out: its line in the file, what is wrong with it, and its cells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    pub line: u64,
    pub what: &'static str,
    pub cells: Vec<String>,
}

/// What a file holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Summary {
    pub layout: &'static str,
    pub rows: u64,
    pub faults: u64,
}

/// Whose export a file is, by its headers; the file is at its beginning again.
///
/// # Errors
/// What `sheet::rows` returns.
pub fn recognise<R: Read + Seek>(file: &mut R) -> Result<Result<Layout, Unknown>, Stop> {
    let headers = sheet::rows(&mut *file)?.next().transpose()?.unwrap_or_default();
    file.seek(SeekFrom::Start(0)).map_err(Stop::fault)?;
    Ok(layouts::recognise(&headers))
}

/// Reads a file to its end. `take` gets the good rows in chunks, `faulty` each row that is left out.
///
/// # Errors
/// `bad_value` naming the nearest layout when the columns are not known; what `sheet::rows`, `take` and `faulty` return.
pub fn read<R: Read + Seek>(
    file: R,
    zone: Tz,
    progress: &mut dyn Progress,
    take: &mut dyn FnMut(Vec<ImportRow>) -> Result<(), Stop>,
    faulty: &mut dyn FnMut(Fault) -> Result<(), Stop>,
) -> Result<Summary, Stop> {
    let mut rows = sheet::rows(file)?;
    let headers = rows.next().transpose()?.unwrap_or_default();
    let layout = layouts::recognise(&headers).map_err(|unknown| Refusal::because(Code::BadValue, unknown.to_string()))?;
    let form = Form::new(headers, zone);
    let mut summary = Summary { layout: layout.name, rows: 0, faults: 0 };
    let mut chunk = Vec::with_capacity(CHUNK);
    for (line, cells) in (2..).zip(rows) {
        let cells = cells?;
        summary.rows += 1;
        match form.read(&cells) {
            Ok(row) => chunk.push(row),
            Err(what) => {
                summary.faults += 1;
                faulty(Fault { line, what, cells })?;
            }
        }
        if chunk.len() == CHUNK {
            take(std::mem::take(&mut chunk))?;
            progress.advance(CHUNK as u64)?;
        }
    }
    let rest = chunk.len() as u64;
    take(chunk)?;
    progress.advance(rest)?;
    Ok(summary)
}

/// A buyer of the platform has one card, whatever file names them.
pub fn buyer_id(workspace_id: &str, nick: &str) -> String {
    ids::derived(&["buyer", workspace_id, nick])
}

pub(super) fn apply(tx: &mut Tx<'_>, args: &CustomerImport) -> Result<(), Stop> {
    let workspace_id = tx.workspace_id();
    if args.rows.len() > CHUNK {
        return Err(Code::TooMany.into());
    }
    if !tx.actor().is_system() && !tx.actor().oversees(&args.team_id) {
        return Err(Code::NotInTeam.into());
    }
    team::store::team(tx.conn(), workspace_id, &args.team_id)?.ok_or(Stop::from(Code::Gone))?;
    if let Some(shop_id) = &args.shop_id {
        team::store::shop(tx.conn(), workspace_id, shop_id)?.ok_or(Stop::from(Code::Gone))?;
    }
    let ids: Vec<String> = args.rows.iter().map(|row| buyer_id(workspace_id, &row.nick)).collect();
    let numbers: Vec<String> = args.rows.iter().filter_map(|row| row.order.as_ref()).map(|order| order.number.clone()).collect();
    let known = store::customers_by_id(tx.conn(), workspace_id, &ids)?.into_iter().map(|row| (row.id.clone(), row));
    let orders = papers::orders_by_number(tx.conn(), workspace_id, &numbers)?.into_iter().map(|row| (row.number.clone(), row));
    let erased = papers::erasures_of(tx.conn(), workspace_id, &ids)?.into_iter().map(|row| (row.id.clone(), row));
    let erased: HashMap<String, ErasureRow> = erased.collect();
    let mut file = File { args, known: known.collect(), orders: orders.collect(), added: 0, changed: 0 };
    let stays_erased = |id: &String, row: &ImportRow| erased.get(id).is_some_and(|proof| !is_back(row, proof));
    for (id, row) in ids.iter().zip(&args.rows).filter(|(id, row)| !stays_erased(id, row)) {
        file.buyer(tx, id, row)?;
        if let Some(order) = &row.order {
            file.order(tx, id, order)?;
        }
    }
    if file.added + file.changed > 0 {
        tx.record("import/customers", &json!({ "added": file.added, "changed": file.changed }))?;
    }
    Ok(())
}

/// Who asked to be erased stays so, whatever file they are in; who was only not heard of comes back with a new order.
fn is_back(row: &ImportRow, proof: &ErasureRow) -> bool {
    let is_new = row.order.as_ref().and_then(|order| order.ordered_at).is_some_and(|at| at > proof.at);
    proof.why != ErasedWhy::Asked.as_str() && is_new
}

/// A part of a file, and what is known of its buyers and orders.
struct File<'a> {
    args: &'a CustomerImport,
    known: HashMap<String, CustomerRow>,
    orders: HashMap<String, OrderRow>,
    added: u64,
    changed: u64,
}

impl File<'_> {
    fn buyer(&mut self, tx: &mut Tx<'_>, id: &str, row: &ImportRow) -> Result<(), Stop> {
        let before = self.known.get(id).cloned();
        let base = match &before {
            Some(before) => before.clone(),
            None => CustomerRow { shop_id: self.args.shop_id.clone(), ..blank(tx, id, self.args.team_id.clone()) },
        };
        let after = fill(base, row)?;
        match &before {
            None => {
                store::add_unseen(tx, &after)?;
                self.added += 1;
            }
            Some(before) if *before != after => {
                store::save(tx, Some(before), &after, None)?;
                self.changed += 1;
            }
            Some(_) => {}
        }
        self.known.insert(id.to_owned(), after);
        Ok(())
    }

    fn order(&mut self, tx: &mut Tx<'_>, customer_id: &str, order: &ImportOrder) -> Result<(), Stop> {
        let known = self.orders.get(&order.number);
        let row = OrderRow {
            workspace_id: tx.workspace_id().into(),
            number: order.number.clone(),
            customer_id: customer_id.into(),
            state: order.state.clone(),
            title: order.title.clone(),
            cents: order.cents,
            ordered_at: order.ordered_at,
            paid_at: order.paid_at,
            raw: order.raw.clone(),
            stamp: known.map_or(tx.version(), |known| known.stamp),
        };
        if known != Some(&row) {
            let row = OrderRow { stamp: tx.version(), ..row };
            papers::put_order(tx, &row)?;
            self.changed += 1;
            self.orders.insert(row.number.clone(), row);
        }
        Ok(())
    }
}

/// What the file says and the card does not.
fn fill(mut card: CustomerRow, row: &ImportRow) -> Result<CustomerRow, Stop> {
    for (field, text) in [
        (&mut card.nick, &row.nick),
        (&mut card.name, &row.name),
        (&mut card.phone, &row.phone),
        (&mut card.email, &row.email),
        (&mut card.address, &row.address),
        (&mut card.notes, &row.notes),
    ] {
        if field.is_empty() {
            field.clone_from(text);
        }
    }
    if !row.tags.is_empty() {
        let mut tags: Vec<String> = serde_json::from_str(&card.tags)?;
        tags.extend(row.tags.iter().filter(|tag| !tags.contains(tag)).cloned().collect::<Vec<_>>());
        card.tags = serde_json::to_string(&tags)?;
    }
    Ok(card)
}
