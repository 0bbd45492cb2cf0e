//! Writes of the roster: load, decide, store.

use super::model::{AssignmentRow, ShiftTypeRow};
use super::{rules, store};
use crate::door::{NewJob, Tx};
use crate::kit::refusal::{Code, Refusal, Stop};
use crate::kit::text::Text;
use crate::kit::{ids, zone};
use crate::team;
use std::collections::BTreeSet;

crate::commands! { RosterCommand {
    "shift_type.save" ShiftTypeSave: Supervisor => save_shift_type,
    "roster.set" RosterSet: Supervisor => set,
    "roster.retire" RosterRetire: System => retire,
} }

crate::args! {
    ShiftTypeSave { id: String, letter: String, name: Text, start: String, length_min: i32, arrive_early_min: i32, skill_code: String, hue: i32, archived: bool, }
    /// One cell of the grid: this person works this shift type on this business day.
    RosterCell { id: String, person_id: String, day: String, shift_type_id: String, shop_id: Option<String>, seat_id: Option<String>, }
    /// Assigns and removes shifts together: all or nothing.
    RosterSet { put: Vec<RosterCell>, remove: Vec<String>, }
    /// Takes shifts of days before this one off the phones; the history stays.
    RosterRetire { before: String, }
}

fn save_shift_type(tx: &mut Tx<'_>, args: &ShiftTypeSave) -> Result<(), Stop> {
    let workspace_id = tx.workspace_id();
    ids::check(&args.id)?;
    zone::parse_hhmm(&args.start).ok_or(Stop::from(Code::BadTime))?;
    let plausible = (1..=rules::LENGTH_MAX_MIN).contains(&args.length_min)
        && (0..=120).contains(&args.arrive_early_min)
        && (0..=7).contains(&args.hue)
        && (1..=2).contains(&args.letter.chars().count());
    if !plausible {
        return Err(Code::BadValue.into());
    }
    if !team::store::skills(tx.conn(), workspace_id)?.iter().any(|skill| skill.code == args.skill_code) {
        return Err(Refusal::because(Code::Gone, "skill").into());
    }
    let before = store::shift_type(tx.conn(), workspace_id, &args.id)?;
    let after = ShiftTypeRow {
        workspace_id: tx.workspace_id().into(),
        id: args.id.clone(),
        letter: args.letter.clone(),
        name_zh: team::rules::name(&args.name.zh)?,
        name_en: team::rules::name(&args.name.en)?,
        start: args.start.clone(),
        length_min: args.length_min,
        arrive_early_min: args.arrive_early_min,
        skill_code: args.skill_code.clone(),
        hue: args.hue,
        archived: args.archived,
    };
    store::put_shift_type(tx, &after)?;
    tx.publish(before.map(|row| row.wire()).as_ref(), Some(&after.wire()))
}

fn set(tx: &mut Tx<'_>, args: &RosterSet) -> Result<(), Stop> {
    let workspace_id = tx.workspace_id();
    if args.put.len() + args.remove.len() > rules::CELLS_MAX {
        return Err(Code::TooMany.into());
    }
    let mut touched = BTreeSet::new();
    for id in &args.remove {
        // Removing what is already gone is what the supervisor wanted.
        if let Some(row) = store::assignment(tx.conn(), workspace_id, id)? {
            own_team(tx, &row.team_id)?;
            store::remove_assignment(tx, &row)?;
            tx.publish(Some(&row.wire()), None)?;
            touched.insert((row.person_id, row.team_id, row.day));
        }
    }
    for cell in &args.put {
        let before = store::assignment(tx.conn(), workspace_id, &cell.id)?;
        let after = assigned(tx, cell)?;
        if let Some(before) = &before {
            own_team(tx, &before.team_id)?;
            touched.insert((before.person_id.clone(), before.team_id.clone(), before.day.clone()));
        }
        store::put_assignment(tx, &after)?;
        tx.publish(before.map(|row| row.wire()).as_ref(), Some(&after.wire()))?;
        touched.insert((after.person_id, after.team_id, after.day));
    }
    check_overlaps(tx, &touched)?;
    replan(tx, touched)
}

fn own_team(tx: &Tx<'_>, team_id: &str) -> Result<(), Stop> {
    if tx.actor().is_system() || tx.actor().oversees(team_id) { Ok(()) } else { Err(Code::NotInTeam.into()) }
}

/// The shift that a cell describes, copied from its type as it is today.
fn assigned(tx: &mut Tx<'_>, cell: &RosterCell) -> Result<AssignmentRow, Stop> {
    ids::check(&cell.id)?;
    let workspace_id = tx.workspace_id();
    let person = team::person(tx.conn(), workspace_id, &cell.person_id)?;
    own_team(tx, &person.team_id)?;
    if !person.active {
        return Err(Refusal::because(Code::Gone, "person is not active").into());
    }
    let shift_type = store::shift_type(tx.conn(), workspace_id, &cell.shift_type_id)?
        .ok_or_else(|| Refusal::because(Code::Gone, "shift type"))?;
    if let Some(shop_id) = &cell.shop_id {
        team::store::shop(tx.conn(), workspace_id, shop_id)?.ok_or_else(|| Refusal::because(Code::Gone, "shop"))?;
    }
    if let Some(seat_id) = &cell.seat_id {
        team::store::seat(tx.conn(), workspace_id, seat_id)?.ok_or_else(|| Refusal::because(Code::Gone, "seat"))?;
    }
    let zone = team::zone(tx.conn(), workspace_id)?;
    let day = zone::parse_day(&cell.day).ok_or(Stop::from(Code::BadTime))?;
    let starts_at = zone::instant(day, &shift_type.start, zone).ok_or_else(|| Stop::fault("stored start"))?;
    Ok(AssignmentRow {
        workspace_id: workspace_id.into(),
        id: cell.id.clone(),
        team_id: person.team_id,
        person_id: person.id,
        day: cell.day.clone(),
        shift_type_id: shift_type.id,
        start: shift_type.start,
        length_min: shift_type.length_min,
        arrive_early_min: shift_type.arrive_early_min,
        zone: zone.name().into(),
        skill_code: shift_type.skill_code,
        letter: shift_type.letter,
        name_zh: shift_type.name_zh,
        name_en: shift_type.name_en,
        shop_id: cell.shop_id.clone(),
        seat_id: cell.seat_id.clone(),
        starts_at,
        // The length holds on a clock change: eight hours of work stay eight hours.
        ends_at: starts_at + i64::from(shift_type.length_min) * 60_000,
        archived: false,
    })
}

type Touched = BTreeSet<(String, String, String)>;

fn check_overlaps(tx: &mut Tx<'_>, touched: &Touched) -> Result<(), Stop> {
    let workspace_id = tx.workspace_id();
    for (person_id, _, day) in touched {
        let day = zone::parse_day(day).ok_or_else(|| Stop::fault("stored day"))?;
        let (from, to) = ((day - chrono::Days::new(1)).to_string(), (day + chrono::Days::new(1)).to_string());
        let near = store::assignments_of_person(tx.conn(), workspace_id, person_id, &from, &to)?;
        rules::no_overlap(&near)?;
    }
    Ok(())
}

/// A board that was already made for a touched day is made again; the tasks room does that on its own.
fn replan(tx: &mut Tx<'_>, touched: Touched) -> Result<(), Stop> {
    let days: BTreeSet<(String, String)> = touched.into_iter().map(|(_, team_id, day)| (team_id, day)).collect();
    for (team_id, day) in days {
        let payload = serde_json::json!({ "team_id": team_id, "day": day });
        tx.job(NewJob { kind: "board.remake", payload, due_at: tx.now(), dedupe: None })?;
        let care = super::care_job(&team_id, tx.now());
        tx.job(care)?;
    }
    Ok(())
}

fn retire(tx: &mut Tx<'_>, args: &RosterRetire) -> Result<(), Stop> {
    let workspace_id = tx.workspace_id();
    for before in store::shown_before(tx.conn(), workspace_id, &args.before)? {
        let after = AssignmentRow { archived: true, ..before.clone() };
        store::put_assignment(tx, &after)?;
        tx.publish(Some(&before.wire()), Some(&after.wire()))?;
    }
    Ok(())
}
