//! Pure decisions about a box: who may do what to it, and what that makes of it. No database, no clock.
//! Source of the work itself: rows 84-97, 133-134 of the rules of the trade.

use super::kinds::{BoxState, Kind};
use super::model::{BoxRow, CheckItem};
use crate::door::Actor;
use crate::kit::refusal::{Code, Refusal, Stop};

pub const TITLE_MAX: usize = 200;
pub const NOTE_MAX: usize = 2000;
pub const REASON_MAX: usize = 200;

/// How a person stands to a box.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    Overseer,
    Assignee,
    /// Had it before; may still report what was done.
    Former,
    /// In the team, and nobody has the box.
    Pool,
    Stranger,
}

/// # Errors
/// `Fault` for an unreadable row.
pub fn standing(actor: &Actor, row: &BoxRow) -> Result<Standing, Stop> {
    if actor.is_system() || actor.oversees(&row.team_id) {
        return Ok(Standing::Overseer);
    }
    if row.assignee_id.as_deref() == Some(actor.user_id.as_str()) {
        return Ok(Standing::Assignee);
    }
    if row.former_ids()?.contains(&actor.user_id) {
        return Ok(Standing::Former);
    }
    let pool = row.assignee_id.is_none() && row.team_id == actor.team_id;
    Ok(if pool { Standing::Pool } else { Standing::Stranger })
}

/// State changes are for the one who has the box, and for overseers.
fn must_hold(who: Standing) -> Result<(), Refusal> {
    match who {
        Standing::Overseer | Standing::Assignee => Ok(()),
        Standing::Former => Err(Code::TakenOver.into()),
        Standing::Pool | Standing::Stranger => Err(Code::Forbidden.into()),
    }
}

/// Doing it twice is fine; starting what is closed is not.
///
/// # Errors
/// `wrong_state`, `taken_over`, `forbidden`.
pub fn start(row: &BoxRow, who: Standing, user_id: &str, at: i64) -> Result<BoxRow, Stop> {
    must_hold(who)?;
    match row.state()? {
        BoxState::Todo => Ok(BoxRow {
            state: BoxState::Doing.as_str().into(),
            started_at: Some(at),
            started_by: Some(user_id.into()),
            ..row.clone()
        }),
        BoxState::Doing => Ok(row.clone()),
        BoxState::Done | BoxState::Skipped | BoxState::Missed => Err(Code::WrongState.into()),
    }
}

/// Work that was done is never refused for being late, and a former assignee's offline report counts as long as the new
/// one has not started.
///
/// # Errors
/// `taken_over`, `forbidden`.
pub fn finish(row: &BoxRow, who: Standing, user_id: &str, at: i64) -> Result<BoxRow, Stop> {
    let state = row.state()?;
    if state == BoxState::Done {
        let mine = row.finished_by.as_deref() == Some(user_id);
        return if mine || who != Standing::Former {
            must_hold_or_former(who).map(|()| row.clone())
        } else {
            Err(Code::TakenOver.into())
        };
    }
    if who == Standing::Former {
        let started_by_other = state == BoxState::Doing && row.started_by.as_deref() != Some(user_id);
        if started_by_other || state == BoxState::Skipped {
            return Err(Code::TakenOver.into());
        }
    }
    must_hold_or_former(who)?;
    Ok(BoxRow {
        state: BoxState::Done.as_str().into(),
        started_at: row.started_at.or(Some(at)),
        finished_at: Some(at),
        finished_by: Some(user_id.into()),
        late: row.due_at.is_some_and(|due| at > due),
        skip_reason: None,
        ..row.clone()
    })
}

fn must_hold_or_former(who: Standing) -> Result<(), Stop> {
    if who == Standing::Former { Ok(()) } else { must_hold(who).map_err(Stop::from) }
}

/// Undo: a done, skipped or started box is open again.
///
/// # Errors
/// `wrong_state` for a missed one, `taken_over`, `forbidden`.
pub fn reopen(row: &BoxRow, who: Standing) -> Result<BoxRow, Stop> {
    must_hold(who)?;
    match row.state()? {
        BoxState::Todo => Ok(row.clone()),
        BoxState::Missed => Err(Code::WrongState.into()),
        BoxState::Doing | BoxState::Done | BoxState::Skipped => Ok(untouched(row)),
    }
}

fn untouched(row: &BoxRow) -> BoxRow {
    BoxRow {
        state: BoxState::Todo.as_str().into(),
        started_at: None,
        started_by: None,
        finished_at: None,
        finished_by: None,
        late: false,
        skip_reason: None,
        ..row.clone()
    }
}

/// # Errors
/// `reason_required`, `too_long`, `wrong_state`, `taken_over`, `forbidden`.
pub fn skip(row: &BoxRow, who: Standing, user_id: &str, reason: &str, at: i64) -> Result<BoxRow, Stop> {
    must_hold(who)?;
    let reason = reason.trim();
    if reason.is_empty() {
        return Err(Code::ReasonRequired.into());
    }
    if reason.chars().count() > REASON_MAX {
        return Err(Code::TooLong.into());
    }
    match row.state()? {
        BoxState::Skipped => Ok(BoxRow { skip_reason: Some(reason.into()), ..row.clone() }),
        BoxState::Todo | BoxState::Doing => Ok(BoxRow {
            state: BoxState::Skipped.as_str().into(),
            skip_reason: Some(reason.into()),
            finished_at: Some(at),
            finished_by: Some(user_id.into()),
            ..row.clone()
        }),
        BoxState::Done | BoxState::Missed => Err(Code::WrongState.into()),
    }
}

/// # Errors
/// `bad_value` for a line that is not there, `forbidden`.
pub fn check(row: &BoxRow, who: Standing, index: usize, done: bool) -> Result<BoxRow, Stop> {
    must_hold_or_former(who)?;
    let mut list: Vec<CheckItem> = row.checklist()?;
    list.get_mut(index).ok_or(Stop::from(Code::BadValue))?.done = done;
    Ok(BoxRow { checklist: serde_json::to_string(&list)?, by_hand: true, ..row.clone() })
}

/// Gives an open box to somebody else, or to nobody. A started one starts anew with the next person.
///
/// # Errors
/// `wrong_state` for a closed box.
pub fn reassign(row: &BoxRow, to: Option<&str>) -> Result<BoxRow, Stop> {
    if row.assignee_id.as_deref() == to {
        return Ok(row.clone());
    }
    if !row.is_open() {
        return Err(Code::WrongState.into());
    }
    let mut former = row.former_ids()?;
    if let Some(before) = &row.assignee_id {
        former.retain(|id| id != before);
        former.push(before.clone());
    }
    former.retain(|id| Some(id.as_str()) != to);
    Ok(BoxRow {
        assignee_id: to.map(str::to_owned),
        former_ids: serde_json::to_string(&former)?,
        by_hand: true,
        ..untouched(row)
    })
}

/// # Errors
/// `taken_over` when somebody was quicker, `forbidden` outside the team.
pub fn take(row: &BoxRow, who: Standing, user_id: &str) -> Result<BoxRow, Stop> {
    match who {
        Standing::Assignee => Ok(row.clone()),
        Standing::Pool => reassign(row, Some(user_id)),
        Standing::Overseer | Standing::Former if row.assignee_id.is_none() => reassign(row, Some(user_id)),
        Standing::Overseer | Standing::Former => Err(Code::TakenOver.into()),
        Standing::Stranger if row.assignee_id.is_some() => Err(Code::TakenOver.into()),
        Standing::Stranger => Err(Code::Forbidden.into()),
    }
}

/// The times must be those of the kind, and a window must not end before it starts.
///
/// # Errors
/// `bad_time`, or `bad_value` when a time that the kind needs is not there.
pub fn times(kind: Kind, start_at: Option<i64>, end_at: Option<i64>, due_at: Option<i64>) -> Result<(), Refusal> {
    let sane = |ms: i64| (0..=4_102_444_800_000).contains(&ms);
    let known = [start_at, end_at, due_at].into_iter().flatten().all(sane);
    let ordered = match (start_at, end_at) {
        (Some(start), Some(end)) => start < end,
        (None, Some(_)) => false,
        _ => true,
    };
    if !known || !ordered {
        return Err(Code::BadTime.into());
    }
    let fits = match kind {
        Kind::Deadline => due_at.is_some(),
        Kind::Anytime => true,
        Kind::Timebox | Kind::Standing | Kind::Sweep | Kind::Meeting => end_at.is_some(),
    };
    if fits { Ok(()) } else { Err(Code::BadValue.into()) }
}

/// Text people typed: trimmed, not empty, not too long.
///
/// # Errors
/// `bad_value` or `too_long`.
pub fn typed(text: &str, max: usize) -> Result<String, Refusal> {
    let text = text.trim();
    if text.is_empty() {
        return Err(Code::BadValue.into());
    }
    if text.chars().count() > max { Err(Code::TooLong.into()) } else { Ok(text.to_owned()) }
}

#[cfg(test)]
#[path = "rules_tests.rs"]
mod tests;
