use super::*;
use chrono_tz::{America, Asia, Australia, Europe, Pacific};
use proptest::prelude::*;

fn day(text: &str) -> NaiveDate {
    parse_day(text).expect("day")
}

fn utc(ms: i64) -> String {
    DateTime::<Utc>::from_timestamp_millis(ms).expect("in range").format("%Y-%m-%dT%H:%M").to_string()
}

#[test]
fn local_times_become_instants() {
    for (zone, local_day, time, expected, why) in [
        (Asia::Shanghai, "2026-03-01", "08:30", "2026-03-01T00:30", "no clock changes"),
        (Asia::Shanghai, "2026-01-01", "00:00", "2025-12-31T16:00", "midnight across the year"),
        (Asia::Shanghai, "2028-02-29", "23:59", "2028-02-29T15:59", "leap day"),
        (Europe::Berlin, "2026-03-29", "01:59", "2026-03-29T00:59", "before the gap"),
        (Europe::Berlin, "2026-03-29", "02:00", "2026-03-29T01:00", "gap: first instant after it"),
        (Europe::Berlin, "2026-03-29", "02:30", "2026-03-29T01:00", "gap: first instant after it"),
        (Europe::Berlin, "2026-03-29", "03:00", "2026-03-29T01:00", "after the gap"),
        (Europe::Berlin, "2026-10-25", "02:30", "2026-10-25T00:30", "overlap: the earlier"),
        (Europe::Berlin, "2026-10-25", "03:00", "2026-10-25T02:00", "after the overlap"),
        (America::New_York, "2026-03-08", "02:15", "2026-03-08T07:00", "gap"),
        (America::New_York, "2026-11-01", "01:15", "2026-11-01T05:15", "overlap: the earlier"),
        (America::Santiago, "2026-09-06", "00:00", "2026-09-06T04:00", "midnight is inside the gap"),
        (Australia::Lord_Howe, "2026-10-04", "02:10", "2026-10-03T15:30", "half-hour gap"),
        (Pacific::Apia, "2011-12-30", "12:00", "2011-12-30T10:00", "a whole day is missing"),
    ] {
        let found = instant(day(local_day), time, zone).expect("a time");
        assert_eq!(utc(found), expected, "{zone} {local_day} {time}: {why}");
    }
}

#[test]
fn minutes_run_over_midnight_by_the_wall_clock() {
    let berlin = Europe::Berlin;
    assert_eq!(utc(minute_of_day(day("2026-03-28"), 25 * 60, berlin)), "2026-03-29T00:00");
    assert_eq!(utc(minute_of_day(day("2026-03-28"), 30 * 60, berlin)), "2026-03-29T04:00", "06:00 summer time");
    assert_eq!(utc(minute_of_day(day("2026-12-31"), 24 * 60, berlin)), "2026-12-31T23:00");
}

#[test]
fn texts_are_strict() {
    for good in ["00:00", "08:30", "23:59"] {
        assert_eq!(parse_hhmm(good).expect(good).format("%H:%M").to_string(), good);
    }
    for bad in ["24:00", "8:30", "08:60", "08-30", "0a:00", "08:30:00", "", "０8:3", "+8:30", "08:+3"] {
        assert_eq!(parse_hhmm(bad), None, "{bad}");
    }
    for bad in ["2026-2-1", "2026-02-29", "20260201", "", "2026-02-01 "] {
        assert_eq!(parse_day(bad), None, "{bad}");
    }
    assert!(instant(day("2026-01-01"), "25:00", Asia::Shanghai).is_none());
}

#[test]
fn absurd_instants_are_bent_into_range() {
    assert_eq!(business_day(i64::MAX, Asia::Shanghai).to_string(), "+10000-01-01");
    assert_eq!(business_day(i64::MIN, Asia::Shanghai).to_string(), "0001-01-01");
}

fn zones() -> impl Strategy<Value = Tz> {
    prop::sample::select(vec![
        Asia::Shanghai,
        Europe::Berlin,
        America::New_York,
        America::Santiago,
        Australia::Lord_Howe,
        Pacific::Apia,
    ])
}

proptest! {
    #[test]
    fn later_local_times_are_never_earlier_instants(zone in zones(), from in 0i64..20_000, minute in 0i32..2880, by in 0i32..2880) {
        let day = NaiveDate::from_ymd_opt(2000, 1, 1).expect("day") + Duration::days(from);
        prop_assert!(minute_of_day(day, minute, zone) <= minute_of_day(day, minute + by, zone));
    }

    #[test]
    fn an_instant_reads_back_at_or_after_the_asked_time(zone in zones(), from in 0i64..20_000, minute in 0i32..1440) {
        let day = NaiveDate::from_ymd_opt(2000, 1, 1).expect("day") + Duration::days(from);
        let asked = day.and_time(NaiveTime::MIN) + Duration::minutes(minute.into());
        let found = minute_of_day(day, minute, zone);
        let read = local_time(found, zone);
        prop_assert!(read >= asked);
        // Either it is exactly the asked time, or one second earlier the clock showed less: the edge of a gap.
        prop_assert!(read == asked || local_time(found - 1000, zone) < asked);
    }
}
