use super::*;
use chrono_tz::{America, Asia, Australia, Europe, Pacific};
use proptest::prelude::*;

const ZONES: [Tz; 7] = [
    Asia::Shanghai,
    Europe::Berlin,
    America::New_York,
    America::Santiago,
    Australia::Lord_Howe,
    Pacific::Apia,
    Tz::Africa__Casablanca,
];

fn at(local: &str, zone: Tz) -> i64 {
    let (day, time) = local.split_once(' ').expect("a day and a time");
    zone::instant(zone::parse_day(day).expect("a day"), time, zone).expect("a time")
}

/// Local time with the offset, so that the two passes of a repeated hour differ.
fn shown(at: i64, zone: Tz) -> String {
    let time = zone.timestamp_millis_opt(at).single().expect("in range");
    time.format("%Y-%m-%d %H:%M %:z").to_string()
}

fn window(from: &str, until: &str) -> Window {
    let minute = |text: &str| zone::parse_hhmm(text).map_or(24 * 60, |time| time.hour() * 60 + time.minute());
    Window::new(minute(from), minute(until)).expect("a window")
}

#[test]
fn a_closed_window_opens_by_the_clock_on_the_wall() {
    let berlin = Europe::Berlin;
    for (zone, now, open, expected, why) in [
        (Asia::Shanghai, "2026-11-22 10:00", ("09:00", "20:30"), "2026-11-22 10:00 +08:00", "open"),
        (Asia::Shanghai, "2026-11-22 08:59", ("09:00", "20:30"), "2026-11-22 09:00 +08:00", "in the morning"),
        (Asia::Shanghai, "2026-11-22 20:30", ("09:00", "20:30"), "2026-11-23 09:00 +08:00", "the end is outside"),
        (Asia::Shanghai, "2026-12-31 23:00", ("00:00", "00:01"), "2027-01-01 00:00 +08:00", "over the year"),
        (berlin, "2026-03-28 22:00", ("09:00", "20:00"), "2026-03-29 09:00 +02:00", "a short night"),
        (berlin, "2026-10-24 22:00", ("09:00", "20:00"), "2026-10-25 09:00 +01:00", "a long night"),
        (berlin, "2026-03-29 00:30", ("02:15", "04:00"), "2026-03-29 03:00 +02:00", "opens inside the gap"),
        (berlin, "2026-03-29 00:30", ("02:15", "02:45"), "2026-03-30 02:15 +02:00", "all of it in the gap"),
        (berlin, "2026-10-25 00:30", ("02:15", "02:45"), "2026-10-25 02:15 +02:00", "the first of two"),
        (berlin, "2026-10-25 02:50", ("02:15", "02:45"), "2026-10-25 02:15 +01:00", "the second of two"),
        (berlin, "2026-10-25 02:40", ("01:00", "02:30"), "2026-10-25 02:00 +01:00", "put back into an open window"),
        (America::Santiago, "2026-09-05 23:00", ("00:00", "00:30"), "2026-09-07 00:00 -03:00", "midnight is jumped over"),
        (Pacific::Apia, "2011-12-29 21:00", ("09:00", "20:00"), "2011-12-31 09:00 +14:00", "a whole day is missing"),
    ] {
        let found = next_inside(at(now, zone), window(open.0, open.1), zone);
        assert_eq!(shown(found, zone), expected, "{zone} {now} {open:?}: {why}");
    }
}

#[test]
fn what_is_no_window_is_not_made() {
    for (from, until) in [(10, 10), (11, 10), (0, 1441), (1440, 1441)] {
        assert_eq!(Window::new(from, until), None, "{from} {until}");
    }
    assert_eq!(Window::new(0, 1440), Some(Window::ALL_DAY));
}

#[test]
fn absurd_instants_find_an_end() {
    for wild in [i64::MIN, i64::MAX, -1, 0] {
        let _ = next_inside(wild, window("09:00", "20:00"), Europe::Berlin);
    }
}

proptest! {
    /// Asked of every minute between: the answer is open, and nothing before it was.
    #[test]
    fn the_first_open_minute_is_found(
        start in 1_136_000_000_000_i64..1_830_000_000_000, zone in 0..ZONES.len(), edges in (0_u32..1440, 1_u32..=1440),
    ) {
        prop_assume!(edges.0 < edges.1);
        let (zone, open) = (ZONES[zone], Window { from: edges.0, until: edges.1 });
        let found = next_inside(start, open, zone);
        prop_assert!(is_inside(found, open, zone), "{} is closed", shown(found, zone));
        prop_assert!(found - start <= 2 * DAY, "not later than the day after tomorrow");
        prop_assert!(found == start || !is_inside(found - 1, open, zone), "not the first instant");
        let mut minute = start;
        while minute < found {
            prop_assert!(!is_inside(minute, open, zone), "{} was open already", shown(minute, zone));
            minute += MINUTE;
        }
    }

    #[test]
    fn waiting_a_little_never_opens_earlier(start in 1_700_000_000_000_i64..1_830_000_000_000, by in 0..DAY, zone in 0..ZONES.len()) {
        let open = Window { from: 9 * 60, until: 20 * 60 + 30 };
        let (early, late) = (next_inside(start, open, ZONES[zone]), next_inside(start + by, open, ZONES[zone]));
        prop_assert!(early <= late);
    }
}
