//! Promises to come back to a buyer: made, moved, handed on, taken, cancelled.

use super::command::{CallbackCancel, CallbackHand, CallbackMake, CallbackMove, CallbackTake, load, teammate};
use super::kinds::{CallbackKind, CallbackState, Channel, Level};
use super::model::CallbackRow;
use super::{rules, store};
use crate::door::Tx;
use crate::kit::ids;
use crate::kit::refusal::{Code, Stop};
use crate::team;

/// An open callback without owner, channel and time.
pub(super) fn blank(tx: &Tx<'_>, id: &str, customer_id: &str, team_id: &str, kind: CallbackKind) -> CallbackRow {
    CallbackRow {
        workspace_id: tx.workspace_id().into(),
        id: id.into(),
        customer_id: customer_id.into(),
        team_id: team_id.into(),
        owner_id: None,
        kind: kind.as_str().into(),
        channel: Channel::Phone.as_str().into(),
        scene: String::new(),
        about: String::new(),
        due_at: 0,
        until_at: 0,
        day: String::new(),
        state: CallbackState::Open.as_str().into(),
        attempts: 0,
        attempts_on_day: 0,
        level: Level::Calm.as_str().into(),
        next_level_at: None,
        result: None,
        by_hand: false,
        created_by: None,
        created_at: tx.now(),
        closed_at: None,
        archived: false,
    }
}

pub(super) fn make(tx: &mut Tx<'_>, args: &CallbackMake) -> Result<(), Stop> {
    let workspace_id = tx.workspace_id();
    ids::check(&args.id)?;
    let buyer = load(tx, &args.customer_id)?;
    if store::callback(tx.conn(), workspace_id, &args.id)?.is_some() {
        return Err(Code::Conflict.into());
    }
    if buyer.blocked()?.contains(&args.channel) {
        return Err(Code::Blocked.into());
    }
    let owner = args.owner_id.clone().unwrap_or_else(|| tx.actor().user_id.clone());
    if owner != tx.actor().user_id {
        teammate(tx, &buyer.team_id, &owner)?;
    }
    let zone = team::zone(tx.conn(), workspace_id)?;
    let at = tx.happened_at();
    rules::promise_time(args.due_at, at, args.channel, zone)?;
    let mut row = CallbackRow {
        owner_id: Some(owner),
        channel: args.channel.as_str().into(),
        scene: rules::typed(&args.scene, rules::WORD_MAX)?,
        about: rules::typed(&args.about, rules::TEXT_MAX)?,
        by_hand: true,
        created_by: Some(tx.actor().user_id.clone()),
        created_at: at,
        ..blank(tx, &args.id, &buyer.id, &buyer.team_id, CallbackKind::Promised)
    };
    rules::schedule(&mut row, args.due_at, args.until_at.unwrap_or(args.due_at), zone);
    store::save_callback(tx, None, &row)
}

/// A callback that one may work on: one's own, the team's when it is overdue or nobody's, or as a supervisor.
pub(super) fn mine(tx: &mut Tx<'_>, id: &str) -> Result<CallbackRow, Stop> {
    let workspace_id = tx.workspace_id();
    let row = store::callback(tx.conn(), workspace_id, id)?.ok_or(Stop::from(Code::Gone))?;
    let actor = tx.actor();
    let is_own = row.owner_id.as_deref() == Some(actor.user_id.as_str());
    let is_open_to_team = actor.team_id == row.team_id && (row.owner_id.is_none() || row.level()? >= Level::Mates);
    if is_own || is_open_to_team || actor.is_system() || actor.oversees(&row.team_id) {
        Ok(row)
    } else {
        Err(Code::TakenOver.into())
    }
}

pub(super) fn move_to(tx: &mut Tx<'_>, args: &CallbackMove) -> Result<(), Stop> {
    let workspace_id = tx.workspace_id();
    let before = mine(tx, &args.id)?;
    if !before.is_open() || is_try(&before) {
        return Err(Code::WrongState.into());
    }
    let zone = team::zone(tx.conn(), workspace_id)?;
    rules::promise_time(args.due_at, tx.happened_at(), before.channel()?, zone)?;
    let mut after = CallbackRow { by_hand: true, ..before.clone() };
    rules::schedule(&mut after, args.due_at, args.due_at + (before.until_at - before.due_at), zone);
    store::save_callback(tx, Some(&before), &after)
}

fn give(tx: &mut Tx<'_>, before: &CallbackRow, to: &str) -> Result<(), Stop> {
    if !before.is_open() {
        return Err(Code::WrongState.into());
    }
    teammate(tx, &before.team_id, to)?;
    let mut after = CallbackRow { owner_id: Some(to.into()), by_hand: true, ..before.clone() };
    if before.level()? >= Level::Due {
        // Taken: nobody else is called before the new owner had as long as the one before.
        let zone = team::zone(tx.conn(), &before.workspace_id)?;
        rules::schedule(&mut after, before.due_at, before.until_at.max(tx.now()), zone);
        after = rules::raise(&after, tx.now())?.unwrap_or(after);
    }
    store::save_callback(tx, Some(before), &after)
}

pub(super) fn hand(tx: &mut Tx<'_>, args: &CallbackHand) -> Result<(), Stop> {
    let before = mine(tx, &args.id)?;
    give(tx, &before, &args.to)
}

pub(super) fn take(tx: &mut Tx<'_>, args: &CallbackTake) -> Result<(), Stop> {
    let before = mine(tx, &args.id)?;
    give(tx, &before, &tx.actor().user_id.clone())
}

pub(super) fn cancel(tx: &mut Tx<'_>, args: &CallbackCancel) -> Result<(), Stop> {
    let before = mine(tx, &args.id)?;
    if is_try(&before) {
        return Err(Code::WrongState.into());
    }
    let reason = rules::typed(&args.reason, rules::WORD_MAX)?;
    if reason.is_empty() {
        return Err(Code::ReasonRequired.into());
    }
    let after = rules::cancel(&before, &reason, tx.happened_at())?;
    store::save_callback(tx, Some(&before), &after)
}

/// Whether a chain asked for it: the chain moves it and takes it back.
pub fn is_try(row: &CallbackRow) -> bool {
    row.kind == CallbackKind::Outreach.as_str()
}

/// A try that a chain asks of an agent, or of the team when there is no owner. Instants in UTC ms.
pub struct Try<'a> {
    pub id: String,
    pub customer_id: &'a str,
    pub team_id: &'a str,
    pub owner_id: Option<String>,
    pub channel: Channel,
    pub scene: &'a str,
    pub about: &'a str,
    pub due_at: i64,
    pub until_at: i64,
}

/// Asks for a try, or for the same one at another time and perhaps of somebody else.
///
/// # Errors
/// `Fault` or `Busy` from the database.
pub fn ask(tx: &mut Tx<'_>, wanted: &Try<'_>) -> Result<(), Stop> {
    let workspace_id = tx.workspace_id();
    let zone = team::zone(tx.conn(), workspace_id)?;
    let before = store::callback(tx.conn(), workspace_id, &wanted.id)?;
    let fresh = || blank(tx, &wanted.id, wanted.customer_id, wanted.team_id, CallbackKind::Outreach);
    let mut row = CallbackRow {
        customer_id: wanted.customer_id.into(),
        owner_id: wanted.owner_id.clone(),
        channel: wanted.channel.as_str().into(),
        scene: wanted.scene.into(),
        about: wanted.about.into(),
        by_hand: false,
        ..before.clone().unwrap_or_else(fresh)
    };
    rules::schedule(&mut row, wanted.due_at, wanted.until_at, zone);
    store::save_callback(tx, before.as_ref(), &row)
}

/// Takes a try back that is not wanted any more. What has become a promise meanwhile is kept.
///
/// # Errors
/// `Fault` or `Busy` from the database.
pub fn withdraw(tx: &mut Tx<'_>, id: &str) -> Result<(), Stop> {
    let workspace_id = tx.workspace_id();
    let Some(before) = store::callback(tx.conn(), workspace_id, id)?.filter(|row| row.is_open() && is_try(row)) else {
        return Ok(());
    };
    let after = rules::cancel(&before, "", tx.now())?;
    store::save_callback(tx, Some(&before), &after)
}

/// Gives a try to somebody else, or to the team; its hours stay.
///
/// # Errors
/// `Fault` or `Busy` from the database.
pub fn give_try(tx: &mut Tx<'_>, before: &CallbackRow, owner_id: Option<String>) -> Result<(), Stop> {
    let after = CallbackRow { owner_id, ..before.clone() };
    store::save_callback(tx, Some(before), &after)
}
