//! Finding buyers by any fragment of what a card shows. No index of a database finds the middle of a Chinese word quickly, so
//! what is looked through lies in memory: one text per workspace, brought up to date before every search by the versions that
//! rows were last written at. It only proposes; what is answered was compared with the database.
//!
//! A number or mail address is found by what its mask shows, or by the whole of it: finding by any part would tell it.

use super::kinds::SameBy;
use super::model::CustomerRow;
use super::{mask, papers, rules, store};
use crate::db::AnyConnection;
use crate::door::Actor;
use crate::kit::refusal::Stop;
use memchr::memmem;
use std::collections::{HashMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};
use uuid::Uuid;

/// Buyers in one answer.
pub const FOUND_MAX: usize = 50;
/// Proposals that are compared for one answer.
const TRIED_MAX: usize = 2_000;
/// Rows read at once while catching up.
const BATCH: i64 = 10_000;
/// Entries that are looked through together.
const BLOCK: usize = 8_192;
/// Between two entries; no text holds it.
const END: char = '\n';

/// What every workspace has on its shelf.
#[derive(Clone, Default)]
pub struct Finder(Arc<Mutex<HashMap<String, Arc<Mutex<Shelf>>>>>);

impl Finder {
    /// Buyers that the caller may see whose card holds the fragment, masked or whole; the last written first, and before them
    /// those whose nick, number or address it is. None for an empty fragment.
    ///
    /// # Errors
    /// `Fault` or `Busy` from the database.
    pub fn search(&self, conn: &mut AnyConnection, actor: &Actor, fragment: &str) -> Result<Vec<CustomerRow>, Stop> {
        let wanted = folded(fragment);
        if wanted.is_empty() {
            return Ok(Vec::new());
        }
        let proposed = self.on_shelf(conn, &actor.workspace_id, |shelf| shelf.propose(&wanted, &keys_of(fragment), actor))?;
        let mut found: Vec<CustomerRow> = Vec::new();
        for part in proposed.chunks(FOUND_MAX) {
            for row in compared(conn, actor, part, &wanted, fragment)? {
                if found.len() < FOUND_MAX && !found.iter().any(|known| known.id == row.id) {
                    found.push(row);
                }
            }
            if found.len() == FOUND_MAX {
                break;
            }
        }
        Ok(found)
    }

    /// Ids of cards that may be of one person, in groups, with what they share; the last written first.
    ///
    /// # Errors
    /// `Fault` or `Busy` from the database.
    pub fn alike(&self, conn: &mut AnyConnection, workspace_id: &str) -> Result<Vec<(SameBy, Vec<String>)>, Stop> {
        self.on_shelf(conn, workspace_id, Shelf::alike)
    }

    /// Reads what there is, so that the first who searches need not wait.
    ///
    /// # Errors
    /// `Fault` or `Busy` from the database.
    pub fn warm(&self, conn: &mut AnyConnection, workspace_id: &str) -> Result<(), Stop> {
        self.on_shelf(conn, workspace_id, |_| ())
    }

    fn on_shelf<T>(&self, conn: &mut AnyConnection, workspace_id: &str, work: impl FnOnce(&Shelf) -> T) -> Result<T, Stop> {
        let shelf = {
            let mut shelves = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            shelves.entry(workspace_id.to_owned()).or_default().clone()
        };
        let mut shelf = shelf.lock().unwrap_or_else(PoisonError::into_inner);
        shelf.catch_up(conn, workspace_id)?;
        Ok(work(&shelf))
    }
}

/// A buyer's card, or an order that leads to one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Proposal {
    Card(Uuid),
    Order(Uuid),
}

/// The proposed rows that are as the shelf says; for a merged card the one that stands for it.
fn compared(
    conn: &mut AnyConnection,
    actor: &Actor,
    part: &[Proposal],
    wanted: &str,
    fragment: &str,
) -> Result<Vec<CustomerRow>, Stop> {
    let ids: Vec<String> = part.iter().map(|(Proposal::Card(id) | Proposal::Order(id))| id.to_string()).collect();
    let rows = store::customers_by_id(conn, &actor.workspace_id, &ids)?;
    let rows: HashMap<&str, &CustomerRow> = rows.iter().map(|row| (row.id.as_str(), row)).collect();
    let keys = keys_of(fragment);
    let mut kept = Vec::new();
    for (proposal, id) in part.iter().zip(&ids) {
        let Some(row) = rows.get(id.as_str()) else { continue };
        let holds =
            || shown(row).is_ok_and(|text| text.contains(wanted)) || keys.iter().any(|key| keys_of_card(row).contains(key));
        if !sees(actor, &row.team_id) || (matches!(proposal, Proposal::Card(_)) && !holds()) {
            continue;
        }
        match &row.merged_into {
            Some(head) => kept.push(store::customer(conn, &actor.workspace_id, head)?),
            None => kept.push((*row).clone()),
        }
    }
    Ok(kept)
}

pub fn sees(actor: &Actor, team_id: &str) -> bool {
    actor.oversees(team_id) || actor.team_id == team_id
}

/// How it is compared: without the difference of capitals.
fn folded(text: &str) -> String {
    text.trim().to_lowercase().replace(END, " ")
}

/// What a card shows, folded.
fn shown(row: &CustomerRow) -> Result<String, Stop> {
    let tags: Vec<String> = serde_json::from_str(&row.tags)?;
    let (phone, email) = (mask::phone(&row.phone), mask::email(&row.email));
    let mut words = vec![row.nick.as_str(), &row.name, &phone, &email];
    words.extend(tags.iter().map(String::as_str));
    words.push(&row.notes);
    words.retain(|word| !word.is_empty());
    // One tab more than nothing: no fragment reaches from one word into the next.
    Ok(folded(&words.join("\t")))
}

/// A whole value, as a number that equal values share.
type Key = u32;

fn key(kind: SameBy, value: &str) -> Option<Key> {
    if value.is_empty() {
        return None;
    }
    let mut hasher = DefaultHasher::new();
    (kind, folded(value)).hash(&mut hasher);
    // Zero means "none".
    Some((hasher.finish() as u32).max(1))
}

/// The keys that a fragment may be: a whole number, a whole address, a whole nick.
fn keys_of(fragment: &str) -> Vec<Key> {
    let phone = rules::phone(fragment).unwrap_or_default();
    let keys = [key(SameBy::Phone, &phone), key(SameBy::Email, fragment), key(SameBy::Nick, fragment)];
    keys.into_iter().flatten().collect()
}

/// The value of a card that others may share; none for what is not known.
pub fn value(row: &CustomerRow, kind: SameBy) -> Option<String> {
    let value = match kind {
        SameBy::Phone => row.phone.clone(),
        SameBy::Email => folded(&row.email),
        SameBy::Nick => folded(&row.nick),
        SameBy::NameAndAddress if row.name.is_empty() || row.address.is_empty() => String::new(),
        SameBy::NameAndAddress => folded(&format!("{}\t{}", row.name, row.address)),
    };
    (!value.is_empty()).then_some(value)
}

fn keys_of_card(row: &CustomerRow) -> [Key; 4] {
    [SameBy::Phone, SameBy::Email, SameBy::Nick, SameBy::NameAndAddress]
        .map(|kind| value(row, kind).and_then(|value| key(kind, &value)).unwrap_or_default())
}

/// Entries one after the other, in the order in which they were written. An entry that has been written anew is here twice.
#[derive(Default)]
struct Entries {
    /// The version that it is up to.
    upto: i64,
    ids: Vec<Uuid>,
    text: String,
    ends: Vec<u32>,
}

impl Entries {
    fn push(&mut self, id: Uuid, text: &str) {
        self.ids.push(id);
        self.text.push_str(text);
        self.text.push(END);
        // Four thousand million letters of buyers are more than the machine holds.
        self.ends.push(u32::try_from(self.text.len()).unwrap_or(u32::MAX));
    }

    fn range(&self, entries: Range<usize>) -> Range<usize> {
        let end = |at: usize| if at == 0 { 0 } else { self.ends[at - 1] as usize };
        end(entries.start)..end(entries.end)
    }

    /// Entries that hold the text, the last written first.
    fn holding<'a>(&'a self, text: &'a str) -> impl Iterator<Item = usize> + 'a {
        let finder = memmem::Finder::new(text);
        let blocks = (0..self.ids.len().div_ceil(BLOCK)).rev();
        blocks.flat_map(move |block| {
            let entries = block * BLOCK..((block + 1) * BLOCK).min(self.ids.len());
            let bytes = self.range(entries.clone());
            let mut held: Vec<usize> = Vec::new();
            for at in finder.find_iter(&self.text.as_bytes()[bytes.clone()]) {
                let at = bytes.start + at;
                let entry = entries.start + self.ends[entries.clone()].partition_point(|end| *end as usize <= at);
                if held.last() != Some(&entry) {
                    held.push(entry);
                }
            }
            held.into_iter().rev()
        })
    }

    /// Overwrites the text of somebody who was erased.
    fn blank(&mut self, gone: &HashSet<Uuid>) {
        let hit: Vec<usize> = (0..self.ids.len()).filter(|at| gone.contains(&self.ids[*at])).collect();
        for at in hit {
            let range = self.range(at..at + 1);
            let blank = " ".repeat(range.len() - 1);
            self.text.replace_range(range.start..range.end - 1, &blank);
        }
    }
}

/// What one workspace's buyers can be found by.
#[derive(Default)]
struct Shelf {
    cards: Entries,
    /// Beside each card: the place of its team in `teams`, and its keys.
    teams_of: Vec<u16>,
    keys: Vec<[Key; 4]>,
    teams: Vec<String>,
    orders: Entries,
    erased_upto: i64,
    /// Cards at the last reading of all.
    live: usize,
}

impl Shelf {
    fn catch_up(&mut self, conn: &mut AnyConnection, workspace_id: &str) -> Result<(), Stop> {
        // More is written anew than there is: what is outdated takes more room than what is not.
        if self.cards.ids.len() > 2 * self.live + BLOCK {
            *self = Shelf::default();
        }
        let is_new = self.cards.ids.is_empty() && self.orders.ids.is_empty();
        self.read_cards(conn, workspace_id)?;
        self.read_orders(conn, workspace_id)?;
        let erased = papers::erased_since(conn, workspace_id, self.erased_upto)?;
        if let Some((_, stamp)) = erased.last() {
            self.erased_upto = *stamp;
            let gone: HashSet<Uuid> = erased.iter().filter_map(|(id, _)| id.parse().ok()).collect();
            self.cards.blank(&gone);
            for (keys, id) in self.keys.iter_mut().zip(&self.cards.ids) {
                if gone.contains(id) {
                    *keys = [0; 4];
                }
            }
            self.orders.blank(&gone);
        }
        if is_new {
            self.live = self.cards.ids.len();
        }
        Ok(())
    }

    fn read_cards(&mut self, conn: &mut AnyConnection, workspace_id: &str) -> Result<(), Stop> {
        let mut most = BATCH;
        loop {
            let rows = store::since(conn, workspace_id, self.cards.upto, most)?;
            let (whole, last) = whole_versions(&rows, most, |row| row.stamp);
            for row in &rows[..whole] {
                self.add_card(row)?;
            }
            self.cards.upto = if whole == 0 { self.cards.upto } else { rows[whole - 1].stamp };
            if last {
                return Ok(());
            }
            most = if whole == 0 { most * 2 } else { BATCH };
        }
    }

    fn add_card(&mut self, row: &CustomerRow) -> Result<(), Stop> {
        let Ok(id) = row.id.parse() else { return Ok(()) };
        let team = match self.teams.iter().position(|team| *team == row.team_id) {
            Some(at) => at,
            None => {
                self.teams.push(row.team_id.clone());
                self.teams.len() - 1
            }
        };
        self.cards.push(id, &shown(row)?);
        self.teams_of.push(u16::try_from(team).map_err(Stop::fault)?);
        self.keys.push(keys_of_card(row));
        Ok(())
    }

    fn read_orders(&mut self, conn: &mut AnyConnection, workspace_id: &str) -> Result<(), Stop> {
        let mut most = BATCH;
        loop {
            let rows = papers::orders_since(conn, workspace_id, self.orders.upto, most)?;
            let (whole, last) = whole_versions(&rows, most, |row| row.2);
            for (number, customer_id, stamp) in &rows[..whole] {
                if let Ok(id) = customer_id.parse() {
                    self.orders.push(id, number);
                }
                self.orders.upto = *stamp;
            }
            if last {
                return Ok(());
            }
            most = if whole == 0 { most * 2 } else { BATCH };
        }
    }

    /// Whole values first, then cards that hold the text, then orders.
    fn propose(&self, text: &str, keys: &[Key], actor: &Actor) -> Vec<Proposal> {
        let seen: Vec<bool> = self.teams.iter().map(|team| sees(actor, team)).collect();
        let visible = |at: &usize| seen[usize::from(self.teams_of[*at])];
        let whole = (0..self.keys.len()).rev().filter(|at| self.keys[*at][..3].iter().any(|key| keys.contains(key)));
        let cards = whole.chain(self.cards.holding(text)).filter(visible).map(|at| Proposal::Card(self.cards.ids[at]));
        let orders = self.orders.holding(text).map(|at| Proposal::Order(self.orders.ids[at]));
        let mut known = HashSet::new();
        let fresh = |proposal: &Proposal| {
            let (Proposal::Card(id) | Proposal::Order(id)) = proposal;
            known.insert(*id)
        };
        cards.chain(orders).filter(fresh).take(TRIED_MAX).collect()
    }

    fn alike(&self) -> Vec<(SameBy, Vec<String>)> {
        let mut groups: Vec<(usize, SameBy, Vec<String>)> = Vec::new();
        for (place, kind) in [SameBy::Phone, SameBy::Email, SameBy::Nick, SameBy::NameAndAddress].into_iter().enumerate() {
            let mut pairs: Vec<(Key, usize)> = self.keys.iter().enumerate().map(|(at, keys)| (keys[place], at)).collect();
            pairs.retain(|(key, _)| *key != 0);
            pairs.sort_unstable();
            for group in pairs.chunk_by(|a, b| a.0 == b.0).filter(|group| group.len() > 1) {
                let mut ids: Vec<Uuid> = group.iter().map(|(_, at)| self.cards.ids[*at]).collect();
                ids.sort_unstable();
                ids.dedup();
                if ids.len() > 1 {
                    let newest = group.last().map_or(0, |(_, at)| *at);
                    groups.push((newest, kind, ids.iter().map(Uuid::to_string).collect()));
                }
            }
        }
        groups.sort_by_key(|(newest, _, _)| std::cmp::Reverse(*newest));
        groups.into_iter().map(|(_, kind, ids)| (kind, ids)).collect()
    }
}

/// How many of the rows, in the order of their versions, are of versions that were read whole, and whether nothing is left.
fn whole_versions<T>(rows: &[T], most: i64, stamp: impl Fn(&T) -> i64) -> (usize, bool) {
    if (rows.len() as i64) < most {
        return (rows.len(), true);
    }
    let cut = rows.last().map_or(0, &stamp);
    (rows.partition_point(|row| stamp(row) < cut), false)
}
