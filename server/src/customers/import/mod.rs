//! Buyers and orders from the shops' exports: recognise the layout or refuse, read row by row, keep what is wrong with a row,
//! store the rest. Importing the same file again changes nothing; what a person typed is never overwritten by a file.

pub mod ahead;
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
use crate::kit::refusal::{Code, Refusal, Stop};
use crate::team;
use chrono_tz::Tz;
use layouts::{Layout, Unknown};
use record::Form;
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::io::{Read, Seek, SeekFrom};
use std::sync::mpsc::{SyncSender, sync_channel};

/// Rows in one command.
pub const CHUNK: usize = 1_000;
/// Chunks and faults that are read ahead.
const AHEAD: usize = 4;

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

/// The columns of a file, and whose export it is by them; the file is at its beginning again.
///
/// # Errors
/// What `sheet::rows` returns.
pub fn recognise<R: Read + Seek>(file: &mut R) -> Result<(Vec<String>, Result<Layout, Unknown>), Stop> {
    let (headers, _) = columns(&mut sheet::rows(&mut *file)?)?;
    file.seek(SeekFrom::Start(0)).map_err(Stop::fault)?;
    let layout = layouts::recognise(&headers);
    Ok((headers, layout))
}

/// The two columns before those of the file in a sheet of what was left out, in either language.
pub const LEFT_OUT: [[&str; 2]; 2] = [["原表行号", "略过原因"], ["Line of the file", "Left out because"]];

/// The file's own columns, and how many of ours stand before them.
fn columns(rows: &mut sheet::Rows<'_>) -> Result<(Vec<String>, usize), Stop> {
    let mut headers = rows.next().transpose()?.unwrap_or_default();
    let own = if LEFT_OUT.iter().any(|names| headers.starts_with(&names.map(str::to_owned))) { 2 } else { 0 };
    headers.drain(..own);
    Ok((headers, own))
}

/// What the reading thread found.
enum Found {
    Rows(Vec<ImportRow>),
    Fault(Fault),
}

/// Reads a file to its end, in a thread of its own, so that a chunk is stored while the next is read. `take` gets the good rows
/// in chunks, `faulty` each row that is left out.
///
/// # Errors
/// `bad_value` naming the nearest layout when the columns are not known; what `sheet::rows`, `take` and `faulty` return.
pub fn read<R: Read + Seek + Send>(
    file: R,
    zone: Tz,
    take: &mut dyn FnMut(Vec<ImportRow>) -> Result<(), Stop>,
    faulty: &mut dyn FnMut(Fault) -> Result<(), Stop>,
) -> Result<Summary, Stop> {
    let (tell, told) = sync_channel(AHEAD);
    std::thread::scope(|scope| {
        let reading = scope.spawn(move || rows(file, zone, &tell));
        for found in told {
            match found {
                Found::Fault(fault) => faulty(fault)?,
                Found::Rows(rows) => take(rows)?,
            }
        }
        reading.join().unwrap_or_else(|_| Err(Stop::fault("the reading thread died")))
    })
}

fn rows<R: Read + Seek>(file: R, zone: Tz, tell: &SyncSender<Found>) -> Result<Summary, Stop> {
    let mut rows = sheet::rows(file)?;
    let (headers, own) = columns(&mut rows)?;
    let layout = layouts::recognise(&headers).map_err(|unknown| Refusal::because(Code::BadValue, unknown.to_string()))?;
    let form = Form::new(headers, zone);
    // Who does not want to hear more has a reason of their own.
    let say = |found: Found| tell.send(found).map_err(|_| Stop::Busy("nobody listens".into()));
    let mut summary = Summary { layout: layout.name, rows: 0, faults: 0 };
    let mut chunk = Vec::with_capacity(CHUNK);
    for (line, cells) in (2..).zip(rows) {
        let mut cells = cells?;
        cells.drain(..own.min(cells.len()));
        // Lines that somebody emptied in a sheet of what was left out.
        if own > 0 && cells.iter().all(String::is_empty) {
            continue;
        }
        summary.rows += 1;
        match form.read(&cells) {
            Ok(row) => chunk.push(row),
            Err(what) => {
                summary.faults += 1;
                say(Found::Fault(Fault { line, what, cells }))?;
            }
        }
        if chunk.len() == CHUNK {
            say(Found::Rows(std::mem::take(&mut chunk)))?;
        }
    }
    say(Found::Rows(chunk))?;
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
    let mut file = File::open(tx, args, &ids)?;
    for (id, row) in ids.iter().zip(&args.rows) {
        if file.erased.get(id).is_some_and(|proof| !is_back(row, proof)) {
            continue;
        }
        file.buyer(tx, id, row)?;
        if let Some(order) = &row.order {
            file.order(tx, id, order);
        }
    }
    file.close(tx)
}

/// Who asked to be erased stays so, whatever file they are in; who was only not heard of comes back with a new order.
fn is_back(row: &ImportRow, proof: &ErasureRow) -> bool {
    let is_new = row.order.as_ref().and_then(|order| order.ordered_at).is_some_and(|at| at > proof.at);
    proof.why != ErasedWhy::Asked.as_str() && is_new
}

/// A part of a file, and what is known of its buyers and orders: as they are stored, and as the rows so far leave them.
struct File<'a> {
    args: &'a CustomerImport,
    stored_buyers: HashMap<String, CustomerRow>,
    stored_orders: HashMap<String, OrderRow>,
    erased: HashMap<String, ErasureRow>,
    buyers: BTreeMap<String, CustomerRow>,
    orders: BTreeMap<String, OrderRow>,
}

impl<'a> File<'a> {
    fn open(tx: &mut Tx<'_>, args: &'a CustomerImport, ids: &[String]) -> Result<Self, Stop> {
        let workspace_id = tx.workspace_id();
        let distinct: BTreeSet<&String> = ids.iter().collect();
        let ids: Vec<String> = distinct.into_iter().cloned().collect();
        let numbers: Vec<String> = args.rows.iter().filter_map(|row| Some(row.order.as_ref()?.number.clone())).collect();
        let buyers = store::customers_by_id(tx.conn(), workspace_id, &ids)?;
        let orders = papers::orders_by_number(tx.conn(), workspace_id, &numbers)?;
        let erased = papers::erasures_of(tx.conn(), workspace_id, &ids)?;
        Ok(File {
            args,
            stored_buyers: buyers.into_iter().map(|row| (row.id.clone(), row)).collect(),
            stored_orders: orders.into_iter().map(|row| (row.number.clone(), row)).collect(),
            erased: erased.into_iter().map(|row| (row.id.clone(), row)).collect(),
            buyers: BTreeMap::new(),
            orders: BTreeMap::new(),
        })
    }

    fn buyer(&mut self, tx: &Tx<'_>, id: &str, row: &ImportRow) -> Result<(), Stop> {
        let base = match self.buyers.remove(id).or_else(|| self.stored_buyers.get(id).cloned()) {
            Some(known) => known,
            None => CustomerRow { shop_id: self.args.shop_id.clone(), ..blank(tx, id, self.args.team_id.clone()) },
        };
        self.buyers.insert(id.to_owned(), fill(base, row)?);
        Ok(())
    }

    /// An order stays with the buyer that it first came with, whatever later rows call them.
    fn order(&mut self, tx: &Tx<'_>, customer_id: &str, order: &ImportOrder) {
        let known = self.orders.get(&order.number).or_else(|| self.stored_orders.get(&order.number));
        let row = OrderRow {
            workspace_id: tx.workspace_id().into(),
            number: order.number.clone(),
            customer_id: known.map_or(customer_id, |known| &known.customer_id).into(),
            state: order.state.clone(),
            title: order.title.clone(),
            cents: order.cents,
            ordered_at: order.ordered_at,
            paid_at: order.paid_at,
            raw: order.raw.clone(),
            stamp: known.map_or(tx.version(), |known| known.stamp),
        };
        self.orders.insert(row.number.clone(), row);
    }

    /// Stores what is new or another: buyers first, orders point to them.
    fn close(self, tx: &mut Tx<'_>) -> Result<(), Stop> {
        let File { args, stored_buyers, stored_orders, buyers, orders, .. } = self;
        let (mut new_buyers, mut new_orders, mut changed) = (Vec::new(), Vec::new(), 0);
        for (id, after) in buyers {
            match stored_buyers.get(&id) {
                None => new_buyers.push(after),
                Some(before) if *before == after => {}
                Some(before) => {
                    store::save(tx, Some(before), &after, None)?;
                    changed += 1;
                }
            }
        }
        store::add_unseen(tx, &new_buyers)?;
        for (number, after) in orders {
            match stored_orders.get(&number) {
                None => new_orders.push(after),
                Some(before) if *before == after => {}
                Some(_) => {
                    papers::change_order(tx, &OrderRow { stamp: tx.version(), ..after })?;
                    changed += 1;
                }
            }
        }
        papers::add_orders(tx, &new_orders)?;
        let (buyers, orders) = (new_buyers.len(), new_orders.len());
        if buyers + orders + changed > 0 {
            let what = json!({ "team_id": args.team_id, "buyers": buyers, "orders": orders, "changed": changed });
            tx.record("import/customers", &what)?;
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
