//! The hours in which a step may happen. Pure.

use crate::kit::window::{self, Window};
use crate::kit::zone;
use chrono_tz::Tz;

const MINUTE: i64 = 60_000;
const DAY: i64 = 24 * 60 * MINUTE;

/// The hours of a step: never outside `allowed`, in `preferred` where that is still to come on the same day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hours {
    pub allowed: Window,
    pub preferred: Option<Window>,
}

impl Hours {
    /// The first instant from `at` on for this step (UTC ms).
    pub fn place(&self, at: i64, zone: Tz) -> i64 {
        let at = window::next_inside(at, self.allowed, zone);
        let Some(preferred) = self.preferred else { return at };
        let better = window::next_inside(at, preferred, zone);
        let same_day = zone::business_day(better, zone) == zone::business_day(at, zone);
        if same_day && window::is_inside(better, self.allowed, zone) { better } else { at }
    }

    /// When the hours that `at` lies in end (UTC ms).
    pub fn end(&self, at: i64, zone: Tz) -> i64 {
        let shut = [Window::new(self.allowed.until, 24 * 60), Window::new(0, self.allowed.from)];
        let ends = shut.into_iter().flatten().map(|shut| window::next_inside(at, shut, zone));
        let next_day = zone::day_start(zone::business_day(at + DAY, zone), zone).max(at + MINUTE);
        ends.chain([next_day]).min().unwrap_or(next_day)
    }
}
