//! Planning by hand: giving boxes to other people, moving them between quadrants, changing times.

use super::command::{BoxAssign, BoxEdit, BoxHand, BoxQuadrant, BoxTake, load};
use super::model::BoxRow;
use super::rules::{self, Standing};
use super::store;
use crate::door::Tx;
use crate::kit::refusal::{Code, Stop};
use crate::team;

/// The new owner must be an active colleague of the box's team.
fn check_colleague(tx: &mut Tx<'_>, row: &BoxRow, to: &str) -> Result<(), Stop> {
    let workspace_id = tx.workspace_id();
    let person = team::person(tx.conn(), workspace_id, to)?;
    if person.active && person.team_id == row.team_id { Ok(()) } else { Err(Code::NotInTeam.into()) }
}

pub fn hand(tx: &mut Tx<'_>, args: &BoxHand) -> Result<(), Stop> {
    let (before, who) = load(tx, &args.id)?;
    match who {
        Standing::Assignee | Standing::Overseer => {}
        Standing::Former => return Err(Code::TakenOver.into()),
        Standing::Pool | Standing::Stranger => return Err(Code::Forbidden.into()),
    }
    check_colleague(tx, &before, &args.to)?;
    let after = rules::reassign(&before, Some(&args.to))?;
    store::save_box(tx, Some(&before), &after)
}

pub fn take(tx: &mut Tx<'_>, args: &BoxTake) -> Result<(), Stop> {
    let (before, who) = load(tx, &args.id)?;
    let user_id = &tx.actor().user_id;
    let after = rules::take(&before, who, user_id)?;
    check_colleague(tx, &before, user_id)?;
    store::save_box(tx, Some(&before), &after)
}

pub fn assign(tx: &mut Tx<'_>, args: &BoxAssign) -> Result<(), Stop> {
    let before = load_overseen(tx, &args.id)?;
    if let Some(to) = &args.to {
        check_colleague(tx, &before, to)?;
    }
    let after = rules::reassign(&before, args.to.as_deref())?;
    store::save_box(tx, Some(&before), &after)
}

pub fn quadrant(tx: &mut Tx<'_>, args: &BoxQuadrant) -> Result<(), Stop> {
    let before = load_overseen(tx, &args.id)?;
    let after = BoxRow { quadrant: args.quadrant.as_str().into(), ..before.clone() };
    store::save_box(tx, Some(&before), &after)
}

pub fn edit(tx: &mut Tx<'_>, args: &BoxEdit) -> Result<(), Stop> {
    let before = load_overseen(tx, &args.id)?;
    let mut after = BoxRow { by_hand: true, ..before.clone() };
    if let Some(title) = &args.title {
        after.title_zh = rules::typed(&title.zh, rules::TITLE_MAX)?;
        after.title_en = rules::typed(&title.en, rules::TITLE_MAX)?;
    }
    if let Some(times) = &args.times {
        rules::times(times.kind, times.start_at, times.end_at, times.due_at)?;
        after.kind = times.kind.as_str().into();
        after.start_at = times.start_at;
        after.end_at = times.end_at;
        after.due_at = times.due_at.or(times.end_at);
    }
    store::save_box(tx, Some(&before), &after)
}

fn load_overseen(tx: &mut Tx<'_>, id: &str) -> Result<BoxRow, Stop> {
    let (row, who) = load(tx, id)?;
    if who == Standing::Overseer { Ok(row) } else { Err(Code::NotInTeam.into()) }
}
