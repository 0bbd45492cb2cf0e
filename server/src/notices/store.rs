//! Every query on the notices room's tables.

use super::model::{NoticeRow, RobotRow, SubscriptionRow};
use crate::db::AnyConnection;
use crate::db::schema::{notice, push_subscription, robot};
use crate::door::Tx;
use crate::kit::refusal::Stop;
use crate::upsert;
use diesel::prelude::*;

/// Rows that one write retires.
const BATCH: i64 = 500;

pub fn find(conn: &mut AnyConnection, workspace_id: &str, id: &str) -> Result<Option<NoticeRow>, Stop> {
    Ok(notice::table.find((workspace_id, id)).get_result(conn).optional()?)
}

/// What phones show.
pub fn shown(conn: &mut AnyConnection, workspace_id: &str) -> Result<Vec<NoticeRow>, Stop> {
    let of_workspace = notice::table.filter(notice::workspace_id.eq(workspace_id));
    Ok(of_workspace.filter(notice::archived.eq(false)).order(notice::id).load(conn)?)
}

/// What was told at once.
pub fn batch(conn: &mut AnyConnection, workspace_id: &str, batch: &str) -> Result<Vec<NoticeRow>, Stop> {
    let of_workspace = notice::table.filter(notice::workspace_id.eq(workspace_id));
    Ok(of_workspace.filter(notice::batch.eq(batch)).order(notice::id).load(conn)?)
}

/// Shown and told before an instant (UTC ms), the oldest first.
pub fn told_before(conn: &mut AnyConnection, workspace_id: &str, before: i64) -> Result<Vec<NoticeRow>, Stop> {
    let old = notice::table.filter(notice::workspace_id.eq(workspace_id)).filter(notice::at.lt(before));
    Ok(old.filter(notice::archived.eq(false)).order((notice::at, notice::id)).limit(BATCH).load(conn)?)
}

/// Stores a notice and shows it.
pub fn save(tx: &mut Tx<'_>, before: Option<&NoticeRow>, after: &NoticeRow) -> Result<(), Stop> {
    upsert!(tx.conn(), notice::table, (&after.workspace_id, &after.id), after);
    tx.publish(before.map(NoticeRow::wire).transpose()?.as_ref(), Some(&after.wire()?))
}

/// What phones show that is about a piece of work.
pub fn about(conn: &mut AnyConnection, workspace_id: &str, id: &str) -> Result<Vec<NoticeRow>, Stop> {
    let of_workspace = notice::table.filter(notice::workspace_id.eq(workspace_id));
    let about = of_workspace.filter(notice::about.like(format!("%\"{id}\"%")));
    Ok(about.filter(notice::archived.eq(false)).order(notice::id).load(conn)?)
}

pub fn drop(tx: &mut Tx<'_>, id: &str) -> Result<(), Stop> {
    diesel::delete(notice::table.find((tx.workspace_id(), id))).execute(tx.conn())?;
    Ok(())
}

/// Deletes what was told before an instant (UTC ms) and is on no phone any more.
pub fn forget_before(tx: &mut Tx<'_>, before: i64) -> Result<(), Stop> {
    let old = notice::table.filter(notice::workspace_id.eq(tx.workspace_id())).filter(notice::at.lt(before));
    diesel::delete(old.filter(notice::archived.eq(true))).execute(tx.conn())?;
    Ok(())
}

pub fn robot(conn: &mut AnyConnection, workspace_id: &str, id: &str) -> Result<Option<RobotRow>, Stop> {
    Ok(robot::table.find((workspace_id, id)).get_result(conn).optional()?)
}

pub fn robots(conn: &mut AnyConnection, workspace_id: &str) -> Result<Vec<RobotRow>, Stop> {
    Ok(robot::table.filter(robot::workspace_id.eq(workspace_id)).order(robot::id).load(conn)?)
}

/// Those that write into a team's chat.
pub fn robots_of(conn: &mut AnyConnection, workspace_id: &str, team_id: &str) -> Result<Vec<RobotRow>, Stop> {
    let of_team = robot::table.filter(robot::workspace_id.eq(workspace_id)).filter(robot::team_id.eq(team_id));
    Ok(of_team.filter(robot::enabled.eq(true)).order(robot::id).load(conn)?)
}

pub fn save_robot(tx: &mut Tx<'_>, before: Option<&RobotRow>, after: &RobotRow) -> Result<(), Stop> {
    upsert!(tx.conn(), robot::table, (&after.workspace_id, &after.id), after);
    tx.changed();
    tx.publish(before.map(RobotRow::wire).transpose()?.as_ref(), Some(&after.wire()?))
}

pub fn drop_robot(tx: &mut Tx<'_>, row: &RobotRow) -> Result<(), Stop> {
    diesel::delete(robot::table.find((&row.workspace_id, &row.id))).execute(tx.conn())?;
    tx.publish(Some(&row.wire()?), None)
}

pub fn subscription(conn: &mut AnyConnection, workspace_id: &str, id: &str) -> Result<Option<SubscriptionRow>, Stop> {
    Ok(push_subscription::table.find((workspace_id, id)).get_result(conn).optional()?)
}

/// A person's browsers, the oldest first.
pub fn subscriptions(conn: &mut AnyConnection, workspace_id: &str, person_id: &str) -> Result<Vec<SubscriptionRow>, Stop> {
    Ok(push_subscription::table
        .filter(push_subscription::workspace_id.eq(workspace_id))
        .filter(push_subscription::person_id.eq(person_id))
        .order((push_subscription::created_at, push_subscription::id))
        .load(conn)?)
}

pub fn save_subscription(tx: &mut Tx<'_>, row: &SubscriptionRow) -> Result<(), Stop> {
    upsert!(tx.conn(), push_subscription::table, (&row.workspace_id, &row.id), row);
    tx.changed();
    Ok(())
}

pub fn drop_subscription(tx: &mut Tx<'_>, id: &str) -> Result<(), Stop> {
    diesel::delete(push_subscription::table.find((tx.workspace_id(), id))).execute(tx.conn())?;
    tx.changed();
    Ok(())
}
