//! When nightly work is due. Pure.

use crate::kit::zone;
use chrono::{Days, NaiveTime};
use chrono_tz::Tz;

/// The newest instant (ms) at which the local clock showed `time`, up to and including `now`.
pub fn turn(now: i64, time: NaiveTime, zone: Tz) -> i64 {
    let today = zone::business_day(now, zone);
    let at = zone::instant_at(today, time, zone);
    if at <= now { at } else { zone::instant_at(today - Days::new(1), time, zone) }
}

/// Whether a turn still has to be taken. Nights missed in between are made up by this one; a workspace that is younger than
/// the turn has nothing to do for it.
pub fn is_due(turn: i64, done_for: Option<i64>, founded_at: i64) -> bool {
    turn > done_for.unwrap_or(founded_at)
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono_tz::{America, Asia};

    fn at(day: &str, time: &str, zone: Tz) -> i64 {
        zone::instant(zone::parse_day(day).expect("a day"), time, zone).expect("a time")
    }

    #[test]
    fn the_turn_is_the_last_time_that_it_was_so_late() {
        let half_past_three = NaiveTime::from_hms_opt(3, 30, 0).expect("a time");
        let cases = [
            ("2026-03-02", "03:30", "2026-03-02"),
            ("2026-03-02", "23:59", "2026-03-02"),
            ("2026-03-02", "03:29", "2026-03-01"),
            ("2026-03-01", "00:00", "2026-02-28"),
        ];
        for (day, time, turn_day) in cases {
            assert_eq!(
                turn(at(day, time, Asia::Shanghai), half_past_three, Asia::Shanghai),
                at(turn_day, "03:30", Asia::Shanghai)
            );
        }
    }

    #[test]
    fn a_clock_change_neither_loses_a_night_nor_doubles_one() {
        let zone = America::New_York;
        let time = NaiveTime::from_hms_opt(2, 30, 0).expect("a time");
        let mut turns = Vec::new();
        // Two clock changes, hour by hour: 02:30 does not exist on 8 March and exists once more an hour later in November.
        for (from, to) in [("2026-03-06", "2026-03-11"), ("2026-10-30", "2026-11-04")] {
            let mut done = None;
            let founded = at(from, "00:00", zone);
            let mut now = founded;
            let mut nights = 0;
            while now < at(to, "00:00", zone) {
                let turn = turn(now, time, zone);
                if is_due(turn, done, founded) {
                    done = Some(turn);
                    nights += 1;
                }
                now += 600_000;
            }
            turns.push(nights);
        }
        assert_eq!(turns, [5, 5]);
    }

    #[test]
    fn missed_nights_are_one_turn_and_a_young_workspace_has_none() {
        assert!(is_due(300, Some(100), 0));
        assert!(!is_due(300, Some(300), 0));
        assert!(!is_due(300, None, 301));
        assert!(is_due(300, None, 299));
    }
}
