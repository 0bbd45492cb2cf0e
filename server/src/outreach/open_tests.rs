use super::*;
use crate::kit::calendar;
use crate::outreach::dice::{Dice, ZONES};

/// What the clock must agree with: every minute is looked at.
fn minute_by_minute(open: &Open<'_>, start: i64, minutes: i64) -> i64 {
    let (mut at, mut left) = (start, minutes);
    while left > 0 {
        left -= i64::from(open.is_open(at));
        at += MINUTE;
    }
    at
}

#[test]
fn ten_thousand_random_clocks_agree_with_a_simulation() {
    let seed = 20_261_122;
    eprintln!("seed {seed}");
    let mut dice = Dice(seed);
    for round in 0..10_000 {
        let from = dice.below(96) * 15;
        let length = (4 + dice.below(92)) * 15;
        let hours = Window::new(from as u32, (from + length).min(1_440) as u32).expect("a window");
        let calendar = (dice.below(3) == 0).then(calendar::china);
        let zone = ZONES[dice.below(ZONES.len() as u64) as usize];
        let open = Open { hours, calendar, zone };
        // Near the clock changes of spring and autumn as often as not.
        let start = dice.instant(zone);
        let minutes = 1 + dice.below(700) as i64;
        let found = open.after(start, minutes);
        assert_eq!(found, minute_by_minute(&open, start, minutes), "round {round}: {open:?} from {start} for {minutes} min");
    }
}

#[test]
fn a_wait_of_nothing_is_over_and_a_holiday_is_passed_by() {
    let open = Open {
        hours: Window::new(540, 1_080).expect("a window"),
        calendar: Some(calendar::china()),
        zone: chrono_tz::Asia::Shanghai,
    };
    let at = |text: &str, time: &str| zone::instant(zone::parse_day(text).expect("a day"), time, open.zone).expect("a time");
    assert_eq!(open.after(at("2026-03-02", "20:00"), 0), at("2026-03-02", "20:00"));
    // Friday evening; the wait goes on on Monday.
    assert_eq!(open.after(at("2026-03-06", "17:00"), 120), at("2026-03-09", "10:00"));
    assert_eq!(open.after(at("2026-09-30", "17:30"), 60), at("2026-10-08", "09:30"), "the national holiday");
}

#[test]
fn where_nothing_ever_opens_the_search_ends() {
    let open = Open { hours: Window::new(540, 1_080).expect("a window"), calendar: None, zone: chrono_tz::Asia::Shanghai };
    // The last instant of the last year that a calendar knows.
    let end = 253_402_300_799_999;
    assert!(open.after(end, 100_000) >= end);
}
