//! Making the board of a business day from packs and roster, and taking it off the phones again: load, plan, store. The
//! decisions are `plan` and `catch_up`.

use super::catch_up::{MadeBox, close_day, reconcile};
use super::command::{BoardMake, BoardRemake, BoardRetire, PackSwitch};
use super::kinds::BoxState;
use super::model::{BoxRow, CheckItem, PackRow};
use super::plan::{OnDuty, PlanInput, PlannedBox, plan_day};
use super::{packs, recur, store};
use crate::db::AnyConnection;
use crate::door::{NewJob, Tx};
use crate::kit::refusal::{Code, Refusal, Stop};
use crate::kit::{ids, zone};
use crate::{roster, team};
use chrono::NaiveDate;
use std::collections::HashMap;

/// Switches a shipped pack on or off for a team; boards that exist follow.
pub fn switch_pack(tx: &mut Tx<'_>, args: &PackSwitch) -> Result<(), Stop> {
    let workspace_id = tx.workspace_id();
    if !tx.actor().is_system() && !tx.actor().oversees(&args.team_id) {
        return Err(Code::NotInTeam.into());
    }
    team::store::team(tx.conn(), workspace_id, &args.team_id)?.ok_or_else(|| Refusal::because(Code::Gone, "team"))?;
    packs::pack(&args.code).ok_or_else(|| Refusal::because(Code::Gone, "pack"))?;
    let known = store::packs_of_team(tx.conn(), workspace_id, &args.team_id)?;
    let before = known.into_iter().find(|pack| pack.code == args.code);
    let after = PackRow {
        workspace_id: workspace_id.into(),
        id: ids::derived(&[workspace_id, &args.team_id, "pack", &args.code]),
        team_id: args.team_id.clone(),
        code: args.code.clone(),
        enabled: args.enabled,
    };
    store::put_pack(tx, &after)?;
    tx.publish(before.map(|row| row.wire()).transpose()?.as_ref(), Some(&after.wire()?))?;
    let today = zone::business_day(tx.now(), team::zone(tx.conn(), workspace_id)?);
    for day in [today, today + chrono::Days::new(1)] {
        let payload = serde_json::json!({ "team_id": args.team_id, "day": day.to_string() });
        tx.job(NewJob { kind: "board.remake", payload, due_at: tx.now(), dedupe: None })?;
    }
    Ok(())
}

/// Makes the board of a day. A day that has begun is turned: what was left open on earlier days is closed or carried by its
/// own rule. A day ahead is only drafted.
pub fn make(tx: &mut Tx<'_>, args: &BoardMake) -> Result<(), Stop> {
    let (workspace_id, now) = (tx.workspace_id(), tx.now());
    let day = zone::parse_day(&args.day).ok_or(Stop::from(Code::BadTime))?;
    let today = zone::business_day(now, team::zone(tx.conn(), workspace_id)?);
    team::store::team(tx.conn(), workspace_id, &args.team_id)?.ok_or_else(|| Refusal::because(Code::Gone, "team"))?;
    let is_turned = store::day_state(tx.conn(), workspace_id, &args.team_id, &args.day)? == Some(true);
    // A past day is history. The current one may be turned again: shifts that run past midnight end later.
    if is_turned && day < today {
        return Ok(());
    }
    let has_begun = day <= today;
    let planned = planned(tx.conn(), workspace_id, &args.team_id, day)?;
    if has_begun {
        turn(tx, &args.team_id, day, &planned)?;
    }
    store_plan(tx, &args.team_id, day, &planned)?;
    store::mark_day(tx, &args.team_id, &args.day, has_begun)
}

/// Brings an existing board in line with a changed roster or changed packs; touched boxes stay.
pub fn remake(tx: &mut Tx<'_>, args: &BoardRemake) -> Result<(), Stop> {
    let workspace_id = tx.workspace_id();
    let day = zone::parse_day(&args.day).ok_or(Stop::from(Code::BadTime))?;
    let today = zone::business_day(tx.now(), team::zone(tx.conn(), workspace_id)?);
    let exists = store::day_state(tx.conn(), workspace_id, &args.team_id, &args.day)?.is_some();
    if !exists || day < today {
        return Ok(());
    }
    let planned = planned(tx.conn(), workspace_id, &args.team_id, day)?;
    store_plan(tx, &args.team_id, day, &planned)
}

pub fn retire(tx: &mut Tx<'_>, args: &BoardRetire) -> Result<(), Stop> {
    let workspace_id = tx.workspace_id();
    for before in store::shown_before(tx.conn(), workspace_id, &args.before)? {
        let after = BoxRow { archived: true, ..before.clone() };
        store::save_box(tx, Some(&before), &after)?;
    }
    Ok(())
}

fn planned(conn: &mut AnyConnection, workspace_id: &str, team_id: &str, day: NaiveDate) -> Result<Vec<PlannedBox>, Stop> {
    let packs = store::packs_of_team(conn, workspace_id, team_id)?;
    let enabled: Vec<String> = packs.into_iter().filter(|pack| pack.enabled).map(|pack| pack.code).collect();
    let duties: Vec<OnDuty> = roster::on_day(conn, workspace_id, team_id, &day.to_string())?
        .into_iter()
        .map(|shift| OnDuty {
            name_order: shift.person_id.clone(),
            person_id: shift.person_id,
            skill_code: shift.skill_code,
            starts_at: shift.starts_at,
            ends_at: shift.ends_at,
        })
        .collect();
    let zone = team::zone(conn, workspace_id)?;
    let schedule = recur::china();
    Ok(plan_day(&PlanInput { workspace_id, team_id, day, zone, schedule, enabled: &enabled, roster: &duties }))
}

/// Closes or carries what earlier days left open.
fn turn(tx: &mut Tx<'_>, team_id: &str, day: NaiveDate, planned: &[PlannedBox]) -> Result<(), Stop> {
    let (workspace_id, now) = (tx.workspace_id(), tx.now());
    let open = store::open_before(tx.conn(), workspace_id, team_id, &day.to_string())?;
    let made = open.iter().map(made_box).collect::<Result<Vec<_>, _>>()?;
    let by_id: HashMap<&str, &BoxRow> = open.iter().map(|row| (row.id.as_str(), row)).collect();
    let turn = close_day(&made, planned, day, now);
    for id in &turn.missed {
        if let Some(before) = by_id.get(id.as_str()) {
            let after = BoxRow { state: BoxState::Missed.as_str().into(), ..(*before).clone() };
            store::save_box(tx, Some(before), &after)?;
        }
    }
    for carried in &turn.carried {
        if let Some(before) = by_id.get(carried.id.as_str()) {
            let after = BoxRow {
                day: day.to_string(),
                carried_from: Some(carried.carried_from.to_string()),
                assignee_id: carried.assignee_id.clone(),
                ..(*before).clone()
            };
            store::save_box(tx, Some(before), &after)?;
        }
    }
    Ok(())
}

fn store_plan(tx: &mut Tx<'_>, team_id: &str, day: NaiveDate, planned: &[PlannedBox]) -> Result<(), Stop> {
    let (workspace_id, text) = (tx.workspace_id(), day.to_string());
    let mut existing = store::boxes_of_day(tx.conn(), workspace_id, team_id, &text)?;
    let wanted: Vec<String> = planned.iter().map(|plan| plan.id.clone()).collect();
    existing.extend(store::boxes_by_id(tx.conn(), workspace_id, &wanted)?);
    existing.extend(store::open_before(tx.conn(), workspace_id, team_id, &text)?);
    let rows: HashMap<String, BoxRow> =
        existing.into_iter().filter(|row| row.series.is_some()).map(|row| (row.id.clone(), row)).collect();
    let made = rows.values().map(made_box).collect::<Result<Vec<_>, _>>()?;
    let result = reconcile(&made, planned, day);
    for plan in &result.create {
        store::save_box(tx, None, &fresh_row(workspace_id, team_id, plan)?)?;
    }
    for plan in &result.update {
        if let Some(before) = rows.get(&plan.id) {
            let after = BoxRow {
                start_at: plan.start_at,
                end_at: plan.end_at,
                due_at: Some(plan.due_at),
                skill_code: Some(plan.skill_code.clone()),
                assignee_id: plan.assignee_id.clone(),
                ..before.clone()
            };
            store::save_box(tx, Some(before), &after)?;
        }
    }
    for (id, assignee_id) in result.reassign {
        if let Some(before) = rows.get(&id) {
            store::save_box(tx, Some(before), &BoxRow { assignee_id, ..before.clone() })?;
        }
    }
    for id in &result.remove {
        if let Some(row) = rows.get(id) {
            store::remove_box(tx, row)?;
        }
    }
    Ok(())
}

fn made_box(row: &BoxRow) -> Result<MadeBox, Stop> {
    let unreadable = || Stop::fault(format!("box {}", row.id));
    Ok(MadeBox {
        id: row.id.clone(),
        // A box somebody wrote down is a series of its own.
        series: row.series.clone().unwrap_or_else(|| row.id.clone()),
        day: zone::parse_day(&row.day).ok_or_else(unreadable)?,
        state: row.state()?,
        catch_up: row.catch_up.parse().map_err(|()| unreadable())?,
        assignee_id: row.assignee_id.clone(),
        start_at: row.start_at,
        end_at: row.end_at,
        due_at: row.due_at,
        carried_from: row.carried_from.as_deref().and_then(zone::parse_day),
        by_hand: row.by_hand,
    })
}

fn fresh_row(workspace_id: &str, team_id: &str, plan: &PlannedBox) -> Result<BoxRow, Stop> {
    let checklist: Vec<CheckItem> = plan.checklist.iter().map(|text| CheckItem { text: text.clone(), done: false }).collect();
    Ok(BoxRow {
        workspace_id: workspace_id.into(),
        id: plan.id.clone(),
        team_id: team_id.into(),
        day: plan.day.to_string(),
        origin: "pack".into(),
        pack_code: Some(plan.pack_code.clone()),
        task_code: Some(plan.task_code.clone()),
        series: Some(plan.series.clone()),
        slot: plan.slot.map(|slot| slot.as_str().into()),
        title_zh: plan.title.zh.clone(),
        title_en: plan.title.en.clone(),
        skill_code: Some(plan.skill_code.clone()),
        kind: plan.kind.as_str().into(),
        start_at: plan.start_at,
        end_at: plan.end_at,
        due_at: Some(plan.due_at),
        cutoff: plan.cutoff,
        quadrant: plan.quadrant.as_str().into(),
        catch_up: plan.catch_up.as_str().into(),
        state: BoxState::Todo.as_str().into(),
        assignee_id: plan.assignee_id.clone(),
        former_ids: "[]".into(),
        by_hand: false,
        checklist: serde_json::to_string(&checklist)?,
        started_at: None,
        started_by: None,
        finished_at: None,
        finished_by: None,
        late: false,
        skip_reason: None,
        carried_from: None,
        created_by: None,
        archived: false,
    })
}
