//! Hours of the local day in which something may happen (a call, a mail), correct through clock changes: what counts is the
//! clock on the wall, so an hour that comes twice is open twice, and one that is jumped over never opens.

use super::zone;
use chrono::{Offset, TimeZone, Timelike};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

const MINUTE: i64 = 60_000;
const DAY: i64 = 24 * 60 * MINUTE;

/// Minutes of the local day, `from` included and `until` not: 0 ≤ from < until ≤ 1440.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Window {
    pub from: u32,
    pub until: u32,
}

impl Window {
    /// Always open.
    pub const ALL_DAY: Window = Window { from: 0, until: 24 * 60 };

    /// `None` for minutes that are no window.
    pub const fn new(from: u32, until: u32) -> Option<Window> {
        if from < until && until <= 24 * 60 { Some(Window { from, until }) } else { None }
    }
}

/// Whether an instant (UTC ms) lies in the window of its local day.
pub fn is_inside(at: i64, window: Window, zone: Tz) -> bool {
    let minute = since_midnight(at, zone) / MINUTE;
    (i64::from(window.from)..i64::from(window.until)).contains(&minute)
}

/// The first instant from `at` on (UTC ms) that lies in the window. A window that a gap swallows whole opens the next day.
pub fn next_inside(at: i64, window: Window, zone: Tz) -> i64 {
    let mut from = at;
    loop {
        if is_inside(from, window, zone) {
            return from;
        }
        let wait = (i64::from(window.from) * MINUTE - since_midnight(from, zone)).rem_euclid(DAY);
        let opens = from.saturating_add(wait);
        match clock_change(from, opens, zone) {
            None => return opens,
            // The clock was put forward or back before the window opened: what the wall shows from there on decides.
            Some(change) => from = change,
        }
    }
}

/// Milliseconds that the clock on the wall shows since midnight.
fn since_midnight(at: i64, zone: Tz) -> i64 {
    let time = zone::local_time(at, zone).time();
    i64::from(time.num_seconds_from_midnight()) * 1_000 + at.rem_euclid(1_000)
}

/// When the clock changes after `from` and not after `until`, less than a day later; `None` when it does not.
fn clock_change(from: i64, until: i64, zone: Tz) -> Option<i64> {
    let before = offset(from, zone);
    if offset(until, zone) == before {
        return None;
    }
    let (mut same, mut other) = (from, until);
    while other - same > 1 {
        let middle = same + (other - same) / 2;
        if offset(middle, zone) == before { same = middle } else { other = middle }
    }
    Some(other)
}

/// Seconds that local time is ahead of UTC.
fn offset(at: i64, zone: Tz) -> i32 {
    zone.timestamp_millis_opt(at).single().map_or(0, |time| time.offset().fix().local_minus_utc())
}

#[cfg(test)]
#[path = "window_tests.rs"]
mod tests;
