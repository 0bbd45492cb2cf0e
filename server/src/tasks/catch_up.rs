//! What becomes of yesterday's boxes, and how a plan made twice makes nothing twice (wishes 1, 2).
//!
//! A day is turned in this order: `plan_day` for the new day, `close_day` over the open boxes of earlier days, store
//! that, then `reconcile` what exists with the plan and store that. Both may run again at any time: a second run finds
//! nothing to do. After days without a server, turn every day that was missed, one after the other.

use super::kinds::{BoxState, CatchUp};
use super::plan::PlannedBox;
use chrono::NaiveDate;
use std::collections::{HashMap, HashSet};

/// A pack box as it is stored. Instants are UTC milliseconds. Boxes people made themselves are not handed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MadeBox {
    pub id: String,
    /// `PlannedBox::series`, stored with the box.
    pub series: String,
    pub day: NaiveDate,
    pub state: BoxState,
    pub catch_up: CatchUp,
    pub assignee_id: Option<String>,
    pub start_at: Option<i64>,
    pub end_at: Option<i64>,
    pub due_at: Option<i64>,
    pub carried_from: Option<NaiveDate>,
    /// A person has had to do with it: handed, taken or assigned by hand, edited, a note, a tick.
    pub by_hand: bool,
}

impl MadeBox {
    /// Nobody would miss it: the system made it and nobody has looked after it since.
    fn untouched(&self) -> bool {
        self.state == BoxState::Todo && !self.by_hand
    }

    /// Its day is gone and so is its time; a box of a night shift runs on past midnight.
    fn is_over(&self, day: NaiveDate, now: i64) -> bool {
        let ends = self.due_at.max(self.end_at);
        self.day < day && ends.is_none_or(|end| end <= now)
    }
}

/// What turning the day does to the open boxes of earlier days.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct DayTurn {
    /// Ids of boxes that become `missed`.
    pub missed: Vec<String>,
    pub carried: Vec<Carried>,
}

/// An older box moves to the new day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Carried {
    pub id: String,
    /// The day it was first planned for; stays the same however often it moves.
    pub carried_from: NaiveDate,
    /// Whose it is now: whoever the new day's plan has for it, unless a person had decided or begun.
    pub assignee_id: Option<String>,
}

/// Decides about the boxes still open (todo, doing) from days before `day`; boxes of later days do not matter. `planned` is the plan of `day`; `now` is
/// UTC milliseconds. Boxes whose time still runs, as those of a night shift, are left for the next call.
///
/// skip: missed. collapse: missed when a newer one of its series exists or is planned. carry: moves to `day`. pile: stays.
pub fn close_day(open: &[MadeBox], planned: &[PlannedBox], day: NaiveDate, now: i64) -> DayTurn {
    let new: HashMap<&str, &PlannedBox> = planned.iter().map(|planned| (planned.series.as_str(), planned)).collect();
    let mut newest: HashMap<&str, NaiveDate> = new.keys().map(|series| (*series, day)).collect();
    for made in open.iter().filter(|made| made.state.is_open() && made.day <= day) {
        let known = newest.entry(&made.series).or_insert(made.day);
        *known = made.day.max(*known);
    }
    let mut turn = DayTurn::default();
    for made in open.iter().filter(|made| made.state.is_open() && made.is_over(day, now)) {
        let newer = newest.get(made.series.as_str()).is_some_and(|newest| *newest > made.day);
        match made.catch_up {
            CatchUp::Skip => turn.missed.push(made.id.clone()),
            CatchUp::Collapse if newer => turn.missed.push(made.id.clone()),
            CatchUp::Carry => turn.carried.push(carry(made, new.get(made.series.as_str()).copied())),
            CatchUp::Collapse | CatchUp::Pile => {}
        }
    }
    turn
}

fn carry(made: &MadeBox, twin: Option<&PlannedBox>) -> Carried {
    let assignee = twin.filter(|_| made.untouched()).and_then(|twin| twin.assignee_id.clone());
    Carried {
        id: made.id.clone(),
        carried_from: made.carried_from.unwrap_or(made.day),
        assignee_id: assignee.or_else(|| made.assignee_id.clone()),
    }
}

/// What has to be stored so that the boxes of a day are as planned.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Reconciled {
    pub create: Vec<PlannedBox>,
    /// Boxes that exist untouched and are now planned with other times, skill or assignee.
    pub update: Vec<PlannedBox>,
    /// Carried boxes nobody has touched whose turn it now is for somebody else: id and new assignee.
    pub reassign: Vec<(String, Option<String>)>,
    /// Untouched boxes that are no longer planned.
    pub remove: Vec<String>,
}

/// Compares a day's plan with what exists. `existing`: every pack box of the day whatever its state, every stored box
/// with an id of the plan (a carried one may have moved on to a later day), and the open boxes of earlier days.
/// Touched boxes stay as they are; what exists is never made again.
pub fn reconcile(existing: &[MadeBox], planned: &[PlannedBox], day: NaiveDate) -> Reconciled {
    let by_id: HashMap<&str, &MadeBox> = existing.iter().map(|made| (made.id.as_str(), made)).collect();
    let wanted: HashSet<&str> = planned.iter().map(|planned| planned.id.as_str()).collect();
    let mut result = Reconciled::default();
    for plan in planned {
        let known = by_id.get(plan.id.as_str()).copied();
        match (existing.iter().find(|made| stands_in(made, plan, day)), known) {
            (Some(carried), known) => {
                if carried.untouched()
                    && carried.day == day
                    && plan.assignee_id.is_some()
                    && carried.assignee_id != plan.assignee_id
                {
                    result.reassign.push((carried.id.clone(), plan.assignee_id.clone()));
                }
                result.remove.extend(known.filter(|known| known.untouched() && known.day == day).map(|known| known.id.clone()));
            }
            (None, None) => result.create.push(plan.clone()),
            (None, Some(known)) if known.untouched() && known.day == day && differs(known, plan) => {
                result.update.push(plan.clone())
            }
            (None, Some(_)) => {}
        }
    }
    let gone = existing.iter().filter(|made| made.day == day && !wanted.contains(made.id.as_str()));
    result.remove.extend(gone.filter(|made| made.untouched() && made.carried_from.is_none()).map(|made| made.id.clone()));
    result
}

/// An older box of a carrying series takes the place of the day's own: while it is open, and for the rest of the day it
/// was carried to, so that finishing it does not bring a fresh one.
fn stands_in(made: &MadeBox, plan: &PlannedBox, day: NaiveDate) -> bool {
    let older = (made.day < day && made.state.is_open()) || (made.day == day && made.carried_from.is_some());
    made.series == plan.series && made.id != plan.id && made.catch_up == CatchUp::Carry && older
}

fn differs(made: &MadeBox, plan: &PlannedBox) -> bool {
    let times = (made.start_at, made.end_at, made.due_at) == (plan.start_at, plan.end_at, Some(plan.due_at));
    !times || made.assignee_id != plan.assignee_id
}

#[cfg(test)]
#[path = "catch_up_tests.rs"]
mod tests;
