//! Every query on the outreach room's tables.

use super::kinds::{CaseState, Phase};
use super::model::{AttemptRow, CaseRow};
use super::numbers::Line;
use super::settings::{ChainRow, HookRow, HoursRow, ReasonRow, TemplateRow};
use crate::customers::contacts;
use crate::db::schema::{
    chain, outreach_attempt, outreach_case, outreach_hook, outreach_hours, outreach_reason, outreach_template, overdue_box,
};
use crate::db::{AnyConnection, Fixed};
use crate::door::Tx;
use crate::kit::refusal::{Code, Stop};
use crate::upsert;
use diesel::prelude::*;

/// Tries that a case shows.
const SHOWN: i64 = 40;

macro_rules! simple_table {
    ($table:ident, $row:ty, $one:ident, $all:ident, $put:ident, $drop:ident) => {
        pub fn $one(conn: &mut AnyConnection, workspace_id: &str, id: &str) -> Result<Option<$row>, Stop> {
            Ok($table::table.find((workspace_id, id)).get_result(conn).optional()?)
        }

        pub fn $all(conn: &mut AnyConnection, workspace_id: &str) -> Result<Vec<$row>, Stop> {
            Ok($table::table.filter($table::workspace_id.eq(workspace_id)).order($table::id).load(conn)?)
        }

        pub fn $put(tx: &mut Tx<'_>, row: &$row) -> Result<(), Stop> {
            upsert!(tx.conn(), $table::table, (&row.workspace_id, &row.id), row);
            tx.changed();
            Ok(())
        }

        pub fn $drop(tx: &mut Tx<'_>, id: &str) -> Result<(), Stop> {
            let workspace_id = tx.workspace_id();
            diesel::delete($table::table.find((workspace_id, id))).execute(tx.conn())?;
            tx.changed();
            Ok(())
        }
    };
}

simple_table!(chain, ChainRow, chain, chains, put_chain, drop_chain);
simple_table!(outreach_reason, ReasonRow, reason, reasons, put_reason, drop_reason);
simple_table!(outreach_hours, HoursRow, hours, all_hours, put_hours, drop_hours);
simple_table!(outreach_template, TemplateRow, template, templates, put_template, drop_template);
simple_table!(outreach_hook, HookRow, hook, hooks, put_hook, drop_hook);

/// # Errors
/// `gone` when there is none.
pub fn case(conn: &mut AnyConnection, workspace_id: &str, id: &str) -> Result<CaseRow, Stop> {
    find(conn, workspace_id, id)?.ok_or_else(|| Code::Gone.into())
}

pub fn find(conn: &mut AnyConnection, workspace_id: &str, id: &str) -> Result<Option<CaseRow>, Stop> {
    Ok(outreach_case::table.find((workspace_id, id)).get_result(conn).optional()?)
}

/// Cases that are on phones.
pub fn shown(conn: &mut AnyConnection, workspace_id: &str) -> Result<Vec<CaseRow>, Stop> {
    Ok(outreach_case::table
        .filter(outreach_case::workspace_id.eq(workspace_id))
        .filter(outreach_case::archived.eq(false))
        .order(outreach_case::id)
        .load(conn)?)
}

/// Every case of these cards, the newest first.
pub fn of_customers(conn: &mut AnyConnection, workspace_id: &str, ids: &[String]) -> Result<Vec<CaseRow>, Stop> {
    Ok(outreach_case::table
        .filter(outreach_case::workspace_id.eq(workspace_id))
        .filter(outreach_case::customer_id.eq_any(ids))
        .order((outreach_case::created_at.desc(), outreach_case::id))
        .load(conn)?)
}

/// Ids of cases in which something is due, those that have waited longest first.
pub fn due(conn: &mut AnyConnection, workspace_id: &str, now: i64, most: i64) -> Result<Vec<String>, Stop> {
    let mut ids: Vec<(i64, String)> = outreach_case::table
        .filter(outreach_case::workspace_id.eq(workspace_id))
        .filter(outreach_case::next_at.le(now))
        .order((outreach_case::next_at, outreach_case::id))
        .select((outreach_case::next_at.assume_not_null(), outreach_case::id))
        .limit(most)
        .load(conn)?;
    let decisions: Vec<(i64, String)> = outreach_case::table
        .filter(outreach_case::workspace_id.eq(workspace_id))
        .filter(outreach_case::decide_at.le(now))
        .filter(outreach_case::state.eq(CaseState::Running.as_str()))
        .order((outreach_case::decide_at, outreach_case::id))
        .select((outreach_case::decide_at.assume_not_null(), outreach_case::id))
        .limit(most)
        .load(conn)?;
    ids.extend(decisions);
    ids.sort();
    let mut found: Vec<String> = Vec::with_capacity(ids.len());
    for (_, id) in ids {
        if !found.contains(&id) {
            found.push(id);
        }
    }
    found.truncate(usize::try_from(most).unwrap_or(usize::MAX));
    Ok(found)
}

/// Cases that wait for an agent's try.
pub fn asked(conn: &mut AnyConnection, workspace_id: &str) -> Result<Vec<CaseRow>, Stop> {
    Ok(outreach_case::table
        .filter(outreach_case::workspace_id.eq(workspace_id))
        .filter(outreach_case::archived.eq(false))
        .filter(outreach_case::state.eq(CaseState::Running.as_str()))
        .filter(outreach_case::phase.eq(Phase::Agent.as_str()))
        .order(outreach_case::id)
        .load(conn)?)
}

pub fn by_mail(conn: &mut AnyConnection, workspace_id: &str, mail_id: &str) -> Result<Option<CaseRow>, Stop> {
    let attempt: Option<String> =
        outreach_attempt::table.find((workspace_id, mail_id)).select(outreach_attempt::case_id).get_result(conn).optional()?;
    attempt.map_or(Ok(None), |id| find(conn, workspace_id, &id))
}

/// Closed cases still on phones although they ended before an instant.
pub fn shown_before(conn: &mut AnyConnection, workspace_id: &str, before: i64) -> Result<Vec<CaseRow>, Stop> {
    Ok(outreach_case::table
        .filter(outreach_case::workspace_id.eq(workspace_id))
        .filter(outreach_case::archived.eq(false))
        .filter(outreach_case::closed_at.lt(before))
        .order(outreach_case::id)
        .load(conn)?)
}

/// The newest first.
pub fn attempts(conn: &mut AnyConnection, workspace_id: &str, case_id: &str) -> Result<Vec<AttemptRow>, Stop> {
    Ok(outreach_attempt::table
        .filter(outreach_attempt::workspace_id.eq(workspace_id))
        .filter(outreach_attempt::case_id.eq(case_id))
        .order((outreach_attempt::at.desc(), outreach_attempt::id.desc()))
        .limit(SHOWN)
        .load(conn)?)
}

pub fn is_known(conn: &mut AnyConnection, workspace_id: &str, attempt_id: &str) -> Result<bool, Stop> {
    let row = outreach_attempt::table.find((workspace_id, attempt_id));
    Ok(diesel::select(diesel::dsl::exists(row)).get_result(conn)?)
}

/// Stores a case with what was tried, and shows it. `before` is the row as it was.
pub fn save(tx: &mut Tx<'_>, before: Option<&CaseRow>, after: &CaseRow, new: &[AttemptRow]) -> Result<(), Stop> {
    if before == Some(after) && new.is_empty() {
        return Ok(());
    }
    let mut log = match before {
        Some(before) => attempts(tx.conn(), &before.workspace_id, &before.id)?,
        None => Vec::new(),
    };
    let old = before.map(|row| row.wire(log.clone())).transpose()?;
    upsert!(tx.conn(), outreach_case::table, (&after.workspace_id, &after.id), after);
    for row in new {
        Fixed(diesel::insert_into(outreach_attempt::table).values(row)).insert(tx.conn())?;
    }
    if !new.is_empty() {
        log = attempts(tx.conn(), &after.workspace_id, &after.id)?;
    }
    tx.publish(old.as_ref(), Some(&after.wire(log)?))?;
    if before.is_none_or(|row| row.archived != after.archived) {
        let shown = shown_of(tx.conn(), &after.workspace_id, &after.customer_id)?;
        contacts::mark_in_case(tx, &after.customer_id, shown)?;
    }
    Ok(())
}

fn shown_of(conn: &mut AnyConnection, workspace_id: &str, customer_id: &str) -> Result<bool, Stop> {
    let cases = outreach_case::table
        .filter(outreach_case::workspace_id.eq(workspace_id))
        .filter(outreach_case::customer_id.eq(customer_id))
        .filter(outreach_case::archived.eq(false));
    Ok(diesel::select(diesel::dsl::exists(cases)).get_result(conn)?)
}

/// Takes everything of these buyers away; the cases as they were.
pub fn forget(tx: &mut Tx<'_>, customer_id: &str) -> Result<Vec<CaseRow>, Stop> {
    let workspace_id = tx.workspace_id();
    let cases = of_customers(tx.conn(), workspace_id, &[customer_id.to_owned()])?;
    for case in &cases {
        let tries = outreach_attempt::table
            .filter(outreach_attempt::workspace_id.eq(workspace_id))
            .filter(outreach_attempt::case_id.eq(&case.id));
        diesel::delete(tries).execute(tx.conn())?;
        diesel::delete(outreach_case::table.find((workspace_id, &case.id))).execute(tx.conn())?;
    }
    Ok(cases)
}

/// How far an overdue box has climbed, and since when it is overdue (UTC ms).
pub fn climbed(conn: &mut AnyConnection, workspace_id: &str) -> Result<Vec<(String, String, i64)>, Stop> {
    Ok(overdue_box::table
        .filter(overdue_box::workspace_id.eq(workspace_id))
        .select((overdue_box::box_id, overdue_box::level, overdue_box::since))
        .order(overdue_box::box_id)
        .load(conn)?)
}

#[derive(Insertable, AsChangeset)]
#[diesel(table_name = overdue_box, primary_key(workspace_id, box_id))]
struct OverdueRow<'a> {
    workspace_id: &'a str,
    box_id: &'a str,
    level: &'a str,
    since: i64,
}

pub fn climb(tx: &mut Tx<'_>, box_id: &str, level: &str, since: i64) -> Result<(), Stop> {
    let row = OverdueRow { workspace_id: tx.workspace_id(), box_id, level, since };
    upsert!(tx.conn(), overdue_box::table, (row.workspace_id, box_id), &row);
    tx.changed();
    Ok(())
}

/// Boxes that are overdue no more.
pub fn come_down(tx: &mut Tx<'_>, box_ids: &[String]) -> Result<(), Stop> {
    let rows = overdue_box::table
        .filter(overdue_box::workspace_id.eq(tx.workspace_id().to_owned()))
        .filter(overdue_box::box_id.eq_any(box_ids.to_vec()));
    diesel::delete(rows).execute(tx.conn())?;
    tx.changed();
    Ok(())
}

/// Every line of the logs between two instants (UTC ms), in order, of the teams that one may see.
pub fn lines(
    conn: &mut AnyConnection,
    workspace_id: &str,
    (from, until): (i64, i64),
    sees: &dyn Fn(&str) -> bool,
) -> Result<Vec<Line>, Stop> {
    let rows: Vec<(String, String, String, String, String, i64)> = outreach_attempt::table
        .inner_join(outreach_case::table.on(
            outreach_case::workspace_id.eq(outreach_attempt::workspace_id).and(outreach_case::id.eq(outreach_attempt::case_id)),
        ))
        .filter(outreach_attempt::workspace_id.eq(workspace_id))
        .filter(outreach_attempt::at.ge(from))
        .filter(outreach_attempt::at.lt(until))
        .order((outreach_attempt::at, outreach_attempt::id))
        .select((
            outreach_case::team_id,
            outreach_attempt::case_id,
            outreach_case::reason_id,
            outreach_attempt::channel,
            outreach_attempt::result,
            outreach_attempt::at,
        ))
        .load(conn)?;
    let line = |(_, case_id, reason_id, channel, result, at): (String, String, String, String, String, i64)| {
        let unreadable = |()| Stop::fault("a try holds a word that is not ours");
        let (channel, result) = (channel.parse().map_err(unreadable)?, result.parse().map_err(unreadable)?);
        Ok(Line { case_id, reason_id, channel, result, at })
    };
    rows.into_iter().filter(|row| sees(&row.0)).map(line).collect()
}
