//! The working-hour clock: a wait that is counted only while the shop is open.

use crate::kit::calendar::WorkCalendar;
use crate::kit::window::{self, Window};
use crate::kit::zone;
use chrono_tz::Tz;

const MINUTE: i64 = 60_000;
/// A wait that would need more openings than this is never over: nobody plans ten years ahead.
const OPENINGS_MAX: usize = 3_660;

/// When the shop is open: hours of the local day, every day or only on working days.
#[derive(Debug, Clone, Copy)]
pub struct Open<'a> {
    pub hours: Window,
    /// Days off count, too, when there is none.
    pub calendar: Option<&'a WorkCalendar>,
    pub zone: Tz,
}

impl Open<'_> {
    pub fn is_open(&self, at: i64) -> bool {
        let is_day = |calendar: &WorkCalendar| calendar.is_working(zone::business_day(at, self.zone));
        window::is_inside(at, self.hours, self.zone) && self.calendar.is_none_or(is_day)
    }

    /// The first instant from `at` on (UTC ms) at which the shop is open.
    pub fn next(&self, at: i64) -> i64 {
        let mut from = at;
        for _ in 0..OPENINGS_MAX {
            from = window::next_inside(from, self.hours, self.zone);
            if self.is_open(from) {
                return from;
            }
            from = self.tomorrow(from);
        }
        from
    }

    /// The instant (UTC ms) at which the shop has been open for `minutes` since `start`.
    pub fn after(&self, start: i64, minutes: i64) -> i64 {
        let (mut at, mut left) = (start, minutes.max(0) * MINUTE);
        for _ in 0..OPENINGS_MAX {
            if left == 0 {
                break;
            }
            at = self.next(at);
            // It never opens again: nor would it at the next look.
            if !self.is_open(at) {
                break;
            }
            let span = (self.closes(at) - at).min(left);
            (at, left) = (at + span, left - span);
        }
        at
    }

    fn tomorrow(&self, at: i64) -> i64 {
        let day = zone::business_day(at, self.zone);
        // Where a clock is put back over midnight, the first of two midnights may have passed already.
        zone::day_start(day.succ_opt().unwrap_or(day), self.zone).max(at + MINUTE)
    }

    /// The first instant after `at`, which is open, that may not be: the end of the hours, or of the day.
    fn closes(&self, at: i64) -> i64 {
        let Window { from, until } = self.hours;
        let shut = [Window::new(until, 24 * 60), Window::new(0, from)];
        let ends = shut.into_iter().flatten().map(|shut| window::next_inside(at, shut, self.zone));
        ends.chain([self.tomorrow(at)]).min().unwrap_or(at)
    }
}

#[cfg(test)]
#[path = "open_tests.rs"]
mod tests;
