//! When a mail to a buyer may leave: inside its hours, and not more in a minute than the limits say, however many servers send.
//!
//! A place among the mails of a minute is taken in one write that holds the row of `mail_pace`: counting and taking cannot come
//! between each other. Who finds none waits until one is free; those who waited longer have the earlier turn.

use super::buyer::OPEN;
use crate::config::MailLimits;
use crate::db::AnyConnection;
use crate::db::schema::{mail, mail_pace};
use crate::kit::refusal::Stop;
use crate::kit::window::{self, Window};
use crate::upsert;
use chrono_tz::Tz;
use diesel::prelude::*;

const MINUTE: i64 = 60_000;
/// A turn is never further away: an estimate from those who wait now is soon wrong.
const TURN_MAX: i64 = 10 * MINUTE;
/// The only row of `mail_pace`.
const ROW: i32 = 1;

/// What a mail may do now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Turn {
    /// Leave: its place is taken.
    Now,
    /// Ask again at this instant (ms).
    Later(i64),
    /// It was taken back, or is done with.
    Never,
}

#[derive(Insertable, AsChangeset)]
#[diesel(table_name = mail_pace, primary_key(id))]
struct Pace {
    id: i32,
    at: i64,
}

/// The row of a mail that asks for its turn.
pub(super) struct Asking<'a> {
    pub workspace_id: &'a str,
    pub id: &'a str,
    pub domain: &'a str,
    pub created_at: i64,
    pub window: Window,
    pub zone: Tz,
}

/// Gives a mail its turn and marks it as being sent, or says when to ask again. To be called in a write.
pub(super) fn take(conn: &mut AnyConnection, asking: &Asking<'_>, limits: MailLimits, now: i64) -> Result<Turn, Stop> {
    upsert!(conn, mail_pace::table, ROW, &Pace { id: ROW, at: now });
    let row = mail::table.find((asking.workspace_id, asking.id));
    // Holds the row until the end of the write: nobody takes the mail back meanwhile.
    if diesel::update(row.filter(mail::state.eq_any(OPEN))).set(mail::state.eq(mail::state)).execute(conn)? == 0 {
        return Ok(Turn::Never);
    }
    let opens = window::next_inside(now, asking.window, asking.zone);
    if opens > now {
        diesel::update(row).set((mail::state.eq("queued"), mail::held_until.eq(opens))).execute(conn)?;
        return Ok(Turn::Later(opens));
    }
    let mut at = now;
    for (limit, domain) in [(limits.per_minute, None), (limits.per_domain, Some(asking.domain))] {
        let free = frees(&taken(conn, domain, limit, now)?, limit, now);
        if free > now {
            at = at.max(turn(free, ahead(conn, asking, domain, limit, now)?, limit, now));
        }
    }
    if at > now {
        diesel::update(row).set(mail::state.eq("queued")).execute(conn)?;
        return Ok(Turn::Later(at));
    }
    diesel::update(row).set((mail::state.eq("sending"), mail::taken_at.eq(now))).execute(conn)?;
    Ok(Turn::Now)
}

/// When the places of the last minute were taken (ms), the latest first, and no more than count; of one domain or of all.
fn taken(conn: &mut AnyConnection, domain: Option<&str>, limit: u32, now: i64) -> Result<Vec<i64>, Stop> {
    let mut recent = mail::table.filter(mail::taken_at.gt(now - MINUTE)).into_boxed();
    if let Some(domain) = domain {
        recent = recent.filter(mail::domain.eq(domain.to_owned()));
    }
    let latest = recent.order(mail::taken_at.desc()).limit(limit.into()).select(mail::taken_at.assume_not_null());
    Ok(latest.load(conn)?)
}

/// How many mails waited longer and may leave at this hour; no more are counted than make the furthest turn.
fn ahead(conn: &mut AnyConnection, asking: &Asking<'_>, domain: Option<&str>, limit: u32, now: i64) -> Result<i64, Stop> {
    let older = mail::created_at.lt(asking.created_at).or(mail::created_at.eq(asking.created_at).and(mail::id.lt(asking.id)));
    let mut waiting = mail::table
        .filter(mail::state.eq("queued"))
        .filter(mail::customer_id.is_not_null())
        .filter(mail::held_until.is_null().or(mail::held_until.le(now)))
        .filter(mail::created_at.le(asking.created_at))
        .filter(older)
        .into_boxed();
    if let Some(domain) = domain {
        waiting = waiting.filter(mail::domain.eq(domain));
    }
    let most = i64::from(limit) * (TURN_MAX / MINUTE);
    let found: Vec<i64> = waiting.select(mail::created_at).limit(most).load(conn)?;
    i64::try_from(found.len()).map_err(Stop::fault)
}

/// When the next place is free, given when those of the last minute were taken, the latest first. 0 is no limit.
fn frees(taken: &[i64], limit: u32, now: i64) -> i64 {
    let last = limit.checked_sub(1).and_then(|last| taken.get(usize::try_from(last).ok()?));
    last.map_or(now, |at| (at + MINUTE).max(now))
}

/// The turn of a mail before which so many others have theirs: each minute serves as many as the limit.
fn turn(free: i64, ahead: i64, limit: u32, now: i64) -> i64 {
    let minutes = ahead / i64::from(limit.max(1));
    (free + minutes * MINUTE).min(free.max(now + TURN_MAX))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_place_is_free_a_minute_after_it_was_taken() {
        assert_eq!(frees(&[], 2, 100_000), 100_000);
        assert_eq!(frees(&[90_000], 2, 100_000), 100_000, "one of two is left");
        assert_eq!(frees(&[90_000, 70_000], 2, 100_000), 130_000, "the older of two ends first");
        assert_eq!(frees(&[90_000, 70_000], 0, 100_000), 100_000, "no limit");
    }

    #[test]
    fn those_who_wait_come_in_groups_of_a_minute() {
        let turns: Vec<i64> = (0..5).map(|ahead| turn(10_000, ahead, 2, 0)).collect();
        assert_eq!(turns, [10_000, 10_000, 70_000, 70_000, 130_000]);
        assert_eq!(turn(10_000, 1_000_000, 2, 0), TURN_MAX, "never so far that the estimate is worth nothing");
    }

    proptest! {
        /// A simulated desk: whoever asks when it is told to is never turned away for good, and no minute holds too many.
        #[test]
        fn no_minute_holds_more_than_the_limit(limit in 1_u32..6, waits in prop::collection::vec(0_i64..50_000, 1..40)) {
            let (mut now, mut taken): (i64, Vec<i64>) = (1_000_000, Vec::new());
            for wait in waits {
                now += wait;
                let recent = |now: i64, taken: &[i64]| -> Vec<i64> { taken.iter().rev().copied().filter(|at| *at > now - MINUTE).collect() };
                now = frees(&recent(now, &taken), limit, now);
                prop_assert_eq!(frees(&recent(now, &taken), limit, now), now, "free when it was said to be");
                taken.push(now);
            }
            for (first, at) in taken.iter().enumerate() {
                let within = taken[first..].iter().take_while(|later| **later < at + MINUTE).count();
                prop_assert!(within <= limit as usize, "{within} from {at} on: {taken:?}");
            }
        }
    }
}
