//! Who is called when, so that every VIP hears from us in time (rule 42): pure. The clock of a buyer starts at the last real
//! contact. Calls are spread over working days and the owners' shifts; a buyer whom nobody can call in time is planned all the
//! same, with nobody's name, so that a supervisor sees it.

use chrono::{Days, NaiveDate};
use std::collections::HashMap;

/// The roster is looked at this many days ahead.
pub const HORIZON: u64 = 14;
/// A call is planned when the wished day is so near. Less than the horizon: there must be days on both sides to choose from,
/// or buyers who were once called on the same day are called on the same day for ever.
const AHEAD: u64 = 7;
/// A call may come so many days before the wished one, to spread the load.
const EARLY: u64 = 3;
/// So many days before the longest gap are kept free, for those who are not reached at the first try.
const RESERVE: u64 = 5;

/// A buyer who is cared for. `base` is the day the clock started.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cared {
    pub customer_id: String,
    pub owner_id: Option<String>,
    pub base: NaiveDate,
    pub ideal_days: u64,
    pub longest_days: u64,
    /// The call that is planned already, if any: its day, by whom, and whether a person fixed it.
    pub planned: Option<Planned>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Planned {
    pub day: NaiveDate,
    pub owner_id: Option<String>,
    pub by_hand: bool,
}

/// A call to be made, or moved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    pub customer_id: String,
    pub day: NaiveDate,
    /// Nobody of the team works before the longest gap is over.
    pub owner_id: Option<String>,
}

/// Who can call on which day.
pub trait Duty {
    fn works(&self, person: &str, day: NaiveDate) -> bool;
    fn on(&self, day: NaiveDate) -> Vec<String>;
    fn is_working_day(&self, day: NaiveDate) -> bool;
}

/// The calls to make or move, most urgent first. What is planned well stays as it is. Same input, same plan.
pub fn plan(cared: &[Cared], duty: &impl Duty, today: NaiveDate) -> Vec<Call> {
    let mut load: HashMap<(NaiveDate, String), u32> = HashMap::new();
    let mut open = Vec::new();
    for one in cared {
        match one.planned.as_ref().filter(|planned| stays(one, planned, duty, today)) {
            Some(planned) => {
                if let Some(owner) = &planned.owner_id {
                    *load.entry((planned.day, owner.clone())).or_default() += 1;
                }
            }
            None => open.push(one),
        }
    }
    open.sort_by_key(|one| (one.base + Days::new(one.longest_days), one.customer_id.clone()));
    let due = open.into_iter().filter(|one| one.planned.is_some() || ideal(one) <= today + Days::new(AHEAD));
    due.filter_map(|one| place(one, duty, today, &mut load)).collect()
}

fn ideal(one: &Cared) -> NaiveDate {
    one.base + Days::new(one.ideal_days)
}

/// The last day to plan a call on; for who is late already, soon.
fn last(one: &Cared, today: NaiveDate) -> NaiveDate {
    let days = one.longest_days.saturating_sub(RESERVE).max(one.ideal_days);
    (one.base + Days::new(days)).max(today + Days::new(1))
}

/// A planned call is kept while its owner works that day and it is in time. Yesterday's, not made, is planned anew.
fn stays(one: &Cared, planned: &Planned, duty: &impl Duty, today: NaiveDate) -> bool {
    if planned.by_hand {
        return planned.day >= today && planned.owner_id.as_ref().is_some_and(|owner| duty.works(owner, planned.day));
    }
    let in_time = planned.day >= today && planned.day <= last(one, today);
    in_time && planned.owner_id.as_ref().is_some_and(|owner| duty.works(owner, planned.day))
}

/// The least loaded day of the owner, at a tie the one nearest to the wished day. Somebody else only when the owner cannot do
/// it in time, or has left a planned call; while the roster of the last days is not known, a new one is left open.
fn place(one: &Cared, duty: &impl Duty, today: NaiveDate, load: &mut HashMap<(NaiveDate, String), u32>) -> Option<Call> {
    let last = last(one, today);
    let first = (ideal(one) - Days::new(EARLY)).clamp(today, last);
    let days = || first.iter_days().take_while(|day| *day <= last && *day <= today + Days::new(HORIZON));
    let wished = ideal(one).clamp(first, last);
    let best = |options: Vec<(NaiveDate, String)>| {
        let cost = |(day, person): &(NaiveDate, String)| {
            let busy = load.get(&(*day, person.clone())).copied().unwrap_or_default();
            (!duty.is_working_day(*day), busy, (*day - wished).num_days().abs(), person.clone())
        };
        options.into_iter().min_by_key(cost)
    };
    let own: Vec<_> = match &one.owner_id {
        Some(owner) => days().filter(|day| duty.works(owner, *day)).map(|day| (day, owner.clone())).collect(),
        None => Vec::new(),
    };
    let is_known = last <= today + Days::new(HORIZON) || one.planned.is_some();
    let anybody = || days().flat_map(|day| duty.on(day).into_iter().map(move |who| (day, who))).collect();
    let chosen = best(own).or_else(|| if is_known || one.owner_id.is_none() { best(anybody()) } else { None });
    let customer_id = one.customer_id.clone();
    match chosen {
        Some((day, owner)) => {
            *load.entry((day, owner.clone())).or_default() += 1;
            Some(Call { customer_id, day, owner_id: Some(owner) })
        }
        None => is_known.then_some(Call { customer_id, day: wished, owner_id: None }),
    }
}
