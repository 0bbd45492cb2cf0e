//! Pure decisions about callbacks: when one may call, what a result makes of a callback, how far it climbs. No database, no
//! clock. Source: rows 14, 44, 86 of the rules of the trade; `escalation_chains` for waits and attempts.

use super::kinds::{CallbackKind, CallbackState, Channel, ContactResult, Level};
use super::model::CallbackRow;
use crate::kit::refusal::{Code, Refusal, Stop};
use crate::kit::window::{self, Window};
use crate::kit::zone;
use chrono::NaiveTime;
use chrono_tz::Tz;

pub const TEXT_MAX: usize = 2_000;
pub const WORD_MAX: usize = 200;
const MINUTE: i64 = 60_000;
/// The reminder before a callback is due.
const SOON: i64 = 10 * MINUTE;
/// Waits of `internal_overdue`: the owner has so long, then the shift mates so long.
const OWNER_WAIT: i64 = 15 * MINUTE;
const MATES_WAIT: i64 = 15 * MINUTE;
const BUSY_WAIT: i64 = 15 * MINUTE;
const NO_ANSWER_WAIT: i64 = 120 * MINUTE;
/// `customer_unreachable`, step 3: attempts by phone in a day.
const ATTEMPTS_A_DAY: i32 = 2;
/// After so many tries a supervisor decides how to go on.
const ATTEMPTS_MAX: i32 = 6;
/// A moved callback keeps a window of this length.
const WINDOW: i64 = 30 * MINUTE;

/// When a buyer may be contacted this way: minutes of the local day, from and until. Messages are read when the buyer likes.
pub fn hours(channel: Channel) -> Window {
    match channel {
        Channel::Phone => Window { from: 9 * 60, until: 20 * 60 + 30 },
        Channel::Im | Channel::Sms | Channel::Email | Channel::Other => Window::ALL_DAY,
    }
}

/// The preferred hour of a day for another try by phone: 18:00 (row 86).
const EVENING: &str = "18:00";

pub fn is_inside(at: i64, channel: Channel, zone: Tz) -> bool {
    window::is_inside(at, hours(channel), zone)
}

/// The first instant from `at` on at which the buyer may be contacted this way.
pub fn into_window(at: i64, channel: Channel, zone: Tz) -> i64 {
    window::next_inside(at, hours(channel), zone)
}

/// The next evening after the day of `at`.
fn next_evening(at: i64, zone: Tz) -> i64 {
    let day = zone::business_day(at, zone);
    zone::instant(day.succ_opt().unwrap_or(day), EVENING, zone).unwrap_or(at + 24 * 60 * MINUTE)
}

/// A promise must lie ahead, and where the channel has hours, inside them. A minute of grace for slow thumbs.
///
/// # Errors
/// `bad_time`.
pub fn promise_time(due_at: i64, made_at: i64, channel: Channel, zone: Tz) -> Result<(), Refusal> {
    if due_at < made_at - MINUTE {
        return Err(Refusal::because(Code::BadTime, "in the past"));
    }
    if !is_inside(due_at, channel, zone) {
        return Err(Refusal::because(Code::BadTime, "outside the hours of this channel"));
    }
    Ok(())
}

/// Sets when an open callback is due, with its reminders from the beginning.
pub fn schedule(row: &mut CallbackRow, due_at: i64, until_at: i64, zone: Tz) {
    row.due_at = due_at;
    row.until_at = until_at.max(due_at);
    row.day = zone::business_day(due_at, zone).to_string();
    row.level = Level::Calm.as_str().into();
    row.next_level_at = Some(due_at - SOON);
}

/// What comes after a level, and when.
fn climb(row: &CallbackRow, level: Level) -> Option<(Level, i64)> {
    match level {
        Level::Calm => Some((Level::Soon, row.due_at - SOON)),
        Level::Soon => Some((Level::Due, row.due_at)),
        Level::Due => Some((Level::Mates, row.until_at + OWNER_WAIT)),
        Level::Mates => Some((Level::Supervisor, row.until_at + OWNER_WAIT + MATES_WAIT)),
        Level::Supervisor => None,
    }
}

/// The callback as it stands at `now`: after down time it has climbed all the steps it missed. `None` when nothing changes.
///
/// # Errors
/// `Fault` for an unreadable row.
pub fn raise(row: &CallbackRow, now: i64) -> Result<Option<CallbackRow>, Stop> {
    if !row.is_open() {
        return Ok(None);
    }
    let before = row.level()?;
    let mut level = before;
    while let Some((next, _)) = climb(row, level).filter(|(_, at)| *at <= now) {
        level = next;
    }
    let next_level_at = climb(row, level).map(|(_, at)| at);
    let changed = level != before || next_level_at != row.next_level_at;
    Ok(changed.then(|| CallbackRow { level: level.as_str().into(), next_level_at, ..row.clone() }))
}

/// What a contact about this callback makes of it. `later_at`: when the buyer wants to be called instead.
///
/// # Errors
/// `wrong_state` when it is closed, `bad_time` when the buyer asked for another time and none is given, or none that is allowed.
pub fn after_contact(
    row: &CallbackRow,
    result: ContactResult,
    channel: Channel,
    later_at: Option<i64>,
    at: i64,
    zone: Tz,
) -> Result<CallbackRow, Stop> {
    if !row.is_open() {
        return Err(Code::WrongState.into());
    }
    let mut after = CallbackRow { result: Some(result.as_str().into()), ..row.clone() };
    let is_try = row.kind == CallbackKind::Outreach.as_str();
    match result {
        // One row is one try: the chain makes the next.
        _ if is_try && !matches!(result, ContactResult::Later | ContactResult::Refused) => {
            close(&mut after, CallbackState::Done, at);
        }
        ContactResult::Reached => close(&mut after, CallbackState::Done, at),
        ContactResult::Refused => close(&mut after, CallbackState::Cancelled, at),
        // A "thanks", or a message on its way, keeps the promise as it is.
        ContactResult::Inbound | ContactResult::Sent => {}
        ContactResult::Later => {
            let due_at = later_at.ok_or_else(|| Refusal::because(Code::BadTime, "when?"))?;
            promise_time(due_at, at, row.channel()?, zone)?;
            (after.attempts, after.attempts_on_day) = (0, 0);
            // What was planned is promised now: the planner keeps its hands off.
            after.kind = CallbackKind::Promised.as_str().into();
            schedule(&mut after, due_at, due_at, zone);
        }
        ContactResult::WrongNumber => {
            count(&mut after, at, zone);
            give_up(&mut after);
        }
        ContactResult::NoAnswer | ContactResult::Busy => {
            count(&mut after, at, zone);
            let wait = if result == ContactResult::Busy { BUSY_WAIT } else { NO_ANSWER_WAIT };
            let again = if after.attempts_on_day < ATTEMPTS_A_DAY { at + wait } else { next_evening(at, zone) };
            let due_at = into_window(again, channel, zone);
            if zone::business_day(due_at, zone) != zone::business_day(at, zone) {
                after.attempts_on_day = 0;
            }
            schedule(&mut after, due_at, due_at + WINDOW, zone);
            if after.attempts >= ATTEMPTS_MAX {
                give_up(&mut after);
            }
        }
    }
    Ok(after)
}

/// One more try. The count of a day ends with it.
fn count(row: &mut CallbackRow, at: i64, zone: Tz) {
    let today = zone::business_day(at, zone).to_string();
    row.attempts += 1;
    row.attempts_on_day = if row.day == today { row.attempts_on_day + 1 } else { 1 };
}

fn give_up(row: &mut CallbackRow) {
    row.level = Level::Supervisor.as_str().into();
    row.next_level_at = None;
}

fn close(row: &mut CallbackRow, state: CallbackState, at: i64) {
    row.state = state.as_str().into();
    row.closed_at = Some(at);
    row.level = Level::Calm.as_str().into();
    row.next_level_at = None;
}

/// # Errors
/// `wrong_state` when it is done; cancelling twice changes nothing.
pub fn cancel(row: &CallbackRow, reason: &str, at: i64) -> Result<CallbackRow, Stop> {
    if row.state == CallbackState::Done.as_str() {
        return Err(Code::WrongState.into());
    }
    let mut after = row.clone();
    if row.is_open() {
        close(&mut after, CallbackState::Cancelled, at);
        after.about = [row.about.as_str(), reason].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" · ");
    }
    Ok(after)
}

/// A phone number as it is stored and looked for: digits, with a leading `+` kept and China's own prefix dropped.
///
/// # Errors
/// `bad_value` for what cannot be a number.
pub fn phone(text: &str) -> Result<String, Refusal> {
    let text = text.trim().trim_start_matches('\'');
    let kept: String = text.chars().filter(|c| !matches!(c, ' ' | '-' | '(' | ')' | '\u{a0}')).collect();
    let number = kept.strip_prefix("+86").or_else(|| kept.strip_prefix("0086")).unwrap_or(&kept);
    let digits = number.strip_prefix('+').unwrap_or(number);
    let is_number = digits.chars().all(|c| c.is_ascii_digit()) && (5..=20).contains(&digits.len());
    if number.is_empty() || is_number { Ok(number.to_owned()) } else { Err(Refusal::because(Code::BadValue, "phone")) }
}

/// # Errors
/// `bad_value` for what cannot be an address.
pub fn email(text: &str) -> Result<String, Refusal> {
    let text = text.trim();
    let fits =
        text.split_once('@').is_some_and(|(name, domain)| !name.is_empty() && domain.contains('.') && !domain.contains('@'));
    let clean = !text.chars().any(|c| c.is_whitespace() || c.is_control()) && text.len() <= 254;
    if text.is_empty() || (fits && clean) { Ok(text.to_owned()) } else { Err(Refusal::because(Code::BadValue, "email")) }
}

/// Trims what a person typed.
///
/// # Errors
/// `too_long`, counted in characters.
pub fn typed(text: &str, most: usize) -> Result<String, Refusal> {
    let text = text.trim();
    if text.chars().count() > most { Err(Code::TooLong.into()) } else { Ok(text.to_owned()) }
}

/// Whether a time of day is inside a shift; used to place care calls.
pub fn overlap(shift: (i64, i64), window: (i64, i64)) -> Option<(i64, i64)> {
    let both = (shift.0.max(window.0), shift.1.min(window.1));
    (both.1 - both.0 >= WINDOW).then_some(both)
}

/// The hours of a local day in which one may call (UTC ms).
pub fn phone_hours(day: chrono::NaiveDate, zone: Tz) -> (i64, i64) {
    let Window { from, until } = hours(Channel::Phone);
    let at = |minutes: u32| {
        let time = NaiveTime::from_num_seconds_from_midnight_opt(minutes * 60, 0).unwrap_or_default();
        zone::instant_at(day, time, zone)
    };
    (at(from), at(until))
}
