//! "Your day tomorrow": shift and boxes, mailed at the time each person chose.

use super::command::BoardTomorrowMail;
use super::model::BoxRow;
use super::store;
use crate::db::AnyConnection;
use crate::db::schema::tomorrow_mail;
use crate::door::{MailDraft, NewJob, Tx};
use crate::kit::refusal::Stop;
use crate::kit::{ids, zone};
use crate::mail::render::MailKind;
use crate::roster::model::AssignmentRow;
use crate::team::model::PersonRow;
use crate::{roster, team};
use chrono::{Datelike, Days, NaiveDate};
use chrono_tz::Tz;
use diesel::prelude::*;
use serde_json::{Value, json};

/// A mail that could not go out at its time is sent up to this much later (ms); after that it would only confuse.
const LATEST_MS: i64 = 6 * 3_600_000;

/// Who wants the mail about now and has not had it. After down time only what is still of use is sent.
///
/// # Errors
/// `Fault` or `Busy` from the database.
pub fn jobs(conn: &mut AnyConnection, workspace_id: &str, zone: Tz, now: i64) -> Result<Vec<NewJob>, Stop> {
    let today = zone::business_day(now, zone);
    let tomorrow = (today + Days::new(1)).to_string();
    let mut jobs = Vec::new();
    for person in team::store::people(conn, workspace_id)? {
        let wanted = person.tomorrow_mail_at.as_deref().and_then(|at| zone::instant(today, at, zone));
        let is_time = wanted.is_some_and(|at| (at..at + LATEST_MS).contains(&now));
        if is_time
            && person.active
            && !person.invited
            && person.email.is_some()
            && !already_sent(conn, workspace_id, &person.id, &tomorrow)?
        {
            let payload = json!({ "person_id": person.id, "day": tomorrow });
            let dedupe = Some(format!("tomorrow:{}:{tomorrow}", person.id));
            jobs.push(NewJob { kind: "board.tomorrow_mail", payload, due_at: now, dedupe });
        }
    }
    Ok(jobs)
}

fn already_sent(conn: &mut AnyConnection, workspace_id: &str, person_id: &str, day: &str) -> Result<bool, Stop> {
    Ok(diesel::select(diesel::dsl::exists(tomorrow_mail::table.find((workspace_id, person_id, day)))).get_result(conn)?)
}

/// Writes the mail into the outbox, once per person and day.
pub fn send(tx: &mut Tx<'_>, args: &BoardTomorrowMail) -> Result<(), Stop> {
    let workspace_id = tx.workspace_id();
    if already_sent(tx.conn(), workspace_id, &args.person_id, &args.day)? {
        return Ok(());
    }
    let person = team::person(tx.conn(), workspace_id, &args.person_id)?;
    let Some(address) = person.email.clone() else { return Ok(()) };
    let row = (
        tomorrow_mail::workspace_id.eq(workspace_id),
        tomorrow_mail::person_id.eq(&args.person_id),
        tomorrow_mail::day.eq(&args.day),
    );
    diesel::insert_into(tomorrow_mail::table).values(row).execute(tx.conn())?;
    let vars = vars(tx, &person, &args.day, &args.base_url)?;
    tx.mail(&MailDraft {
        id: ids::fresh(),
        kind: MailKind::Tomorrow,
        person_id: person.id,
        to_address: address,
        to_name: person.name,
        locale: person.locale,
        vars,
    })
}

fn vars(tx: &mut Tx<'_>, person: &PersonRow, day: &str, base: &str) -> Result<Value, Stop> {
    let workspace_id = tx.workspace_id();
    let workspace = team::store::workspace(tx.conn(), workspace_id)?;
    let zone: Tz = workspace.zone.parse().map_err(Stop::fault)?;
    let date = zone::parse_day(day).ok_or_else(|| Stop::fault("day"))?;
    let shift = roster::of_person(tx.conn(), workspace_id, &person.id, day)?.into_iter().next();
    let shift = shift.map(|shift| shift_vars(tx, &shift, zone, &person.locale)).transpose()?;
    let mut boxes = store::boxes_of_person(tx.conn(), workspace_id, &person.id, day)?;
    boxes.retain(BoxRow::is_open);
    boxes.sort_by_key(|row| (row.start_at.or(row.due_at), row.id.clone()));
    Ok(json!({
        "person": person.name,
        "workspace": workspace.name,
        "day_label": day_label(date, &person.locale),
        "shift": shift,
        "boxes": boxes.iter().map(|row| box_vars(row, zone, &person.locale)).collect::<Vec<_>>(),
        "link": format!("{base}/#/today"),
        "settings_link": format!("{base}/#/me"),
    }))
}

fn hhmm(ms: i64, zone: Tz) -> String {
    zone::local_time(ms, zone).format("%H:%M").to_string()
}

fn shift_vars(tx: &mut Tx<'_>, shift: &AssignmentRow, zone: Tz, locale: &str) -> Result<Value, Stop> {
    let workspace_id = tx.workspace_id();
    let shop = shift.shop_id.as_deref().map(|id| team::store::shop(tx.conn(), workspace_id, id)).transpose()?.flatten();
    let seat = shift.seat_id.as_deref().map(|id| team::store::seat(tx.conn(), workspace_id, id)).transpose()?.flatten();
    let arrive = shift.starts_at - i64::from(shift.arrive_early_min) * 60_000;
    Ok(json!({
        "name": shift.wire().name.get(locale),
        "start": hhmm(shift.starts_at, zone),
        "end": hhmm(shift.ends_at, zone),
        "arrive_by": hhmm(arrive, zone),
        "shop": shop.map(|shop| shop.name),
        "seat": seat.map(|seat| seat.name),
        "overnight": zone::business_day(shift.ends_at - 1, zone).to_string() != shift.day,
    }))
}

fn box_vars(row: &BoxRow, zone: Tz, locale: &str) -> Value {
    let time = match (row.start_at, row.end_at, row.due_at) {
        (Some(start), Some(end), _) => Some(format!("{}–{}", hhmm(start, zone), hhmm(end, zone))),
        (_, _, Some(due)) if row.kind == "deadline" => Some(hhmm(due, zone)),
        _ => None,
    };
    let title = if locale.starts_with("zh") { &row.title_zh } else { &row.title_en };
    json!({ "time": time, "title": title, "quadrant": row.quadrant, "cutoff": row.cutoff })
}

fn day_label(day: NaiveDate, locale: &str) -> String {
    if !locale.starts_with("zh") {
        return day.format("%A, %-d %B").to_string();
    }
    let weekday = ["一", "二", "三", "四", "五", "六", "日"][day.weekday().num_days_from_monday() as usize];
    format!("{}月{}日 星期{weekday}", day.month(), day.day())
}
