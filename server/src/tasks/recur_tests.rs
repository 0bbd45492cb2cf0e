use super::*;
use crate::kit::zone::parse_day;
use proptest::prelude::*;
use std::time::{Duration, Instant};

fn day(text: &str) -> NaiveDate {
    parse_day(text).expect("day")
}

fn schedule(calendar: WorkCalendar) -> Schedule {
    Schedule::new(packs::all(), calendar).expect("shipped rules")
}

/// Days of a year on which a task comes round, as "MM-DD".
fn days_of(schedule: &Schedule, task: &str, year: i32) -> Vec<String> {
    year_of(year)
        .filter(|day| schedule.day(*day).iter().any(|o| o.task.id == task))
        .map(|day| day.format("%m-%d").to_string())
        .collect()
}

fn year_of(year: i32) -> impl Iterator<Item = NaiveDate> {
    NaiveDate::from_ymd_opt(year, 1, 1).expect("year").iter_days().take_while(move |day| day.year() == year)
}

#[test]
fn every_rule_expands_and_the_short_way_gives_the_same() {
    for (pack, task) in packs::all().iter().flat_map(|pack| pack.tasks.iter().map(move |task| (pack, task))) {
        for year in 2026..=2029 {
            let found = expand(&task.rrule, year).expect(&task.id);
            assert!(!found.is_empty(), "{} {} {year}", pack.id, task.id);
            let text = format!("DTSTART:20260101T000000Z\nRRULE:{}", task.rrule);
            let set: RRuleSet = text.parse().expect("rule");
            let all = (&set).into_iter().map(|date| date.naive_utc());
            let long: Vec<_> = all.skip_while(|date| date.year() < year).take_while(|date| date.year() == year).collect();
            assert_eq!(found, long, "{} {year}", task.id);
        }
    }
    assert!(expand("FREQ=SOMETIMES", 2026).is_err());
}

#[test]
fn days_of_the_year_2026() {
    let china = china();
    for (task, expected) in [
        // Fixed dates on the Chinese calendar, moved over holidays.
        (
            "as_vip_revisit",
            vec!["01-05", "02-05", "03-05", "04-07", "05-06", "06-05", "07-06", "08-05", "09-07", "10-08", "11-05", "12-07"],
        ),
        // The last day of the month or the working day before; February 28 is a make-up Saturday.
        (
            "sm_finance_kpi",
            vec!["01-30", "02-28", "03-31", "04-30", "05-29", "06-30", "07-31", "08-31", "09-30", "10-30", "11-30", "12-31"],
        ),
        // Payday minus one.
        (
            "sm_reward_sheet",
            vec!["01-09", "02-09", "03-09", "04-09", "05-09", "06-09", "07-09", "08-07", "09-09", "10-09", "11-09", "12-09"],
        ),
        // Every two months from January; the 16th of May is a Saturday and the 18th has a box at that time.
        ("s2_product_suggestions", vec!["01-16", "03-16", "05-19", "07-16", "09-16", "11-16"]),
        ("sq_principles", vec!["01-04", "04-01", "07-01", "10-08"]),
        ("sy_comp_settlement", vec!["12-28"]),
    ] {
        assert_eq!(days_of(china, task, 2026), expected, "{task}");
    }
    assert_eq!(days_of(china, "sd_digest", 2026).len(), 183, "every second day from January 1");
    assert_eq!(days_of(china, "ps_reception", 2026).len(), 365, "daily, holidays too");
    assert_eq!(days_of(china, "ps_reception", 2028).len(), 366, "leap year");
    assert_eq!(days_of(china, "sh_skill_summary", 2028)[2..4], ["02-15", "02-29"], "month end of a leap year");
}

#[test]
fn steps_go_on_over_the_turn_of_the_year() {
    let plain = schedule(WorkCalendar::default());
    let digest = |from: &str, to: &str| {
        let days = day(from).iter_days().take_while(|d| *d <= day(to));
        days.filter(|d| plain.day(*d).iter().any(|o| o.task.id == "sd_digest")).map(|d| d.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(digest("2026-12-29", "2027-01-05"), ["2026-12-29", "2026-12-31", "2027-01-02", "2027-01-04"]);
    assert_eq!(days_of(&plain, "s2_review_scoring", 2027)[1..3], ["03-17", "05-17"]);
}

#[test]
fn sweeps_come_several_times_a_day() {
    let times: Vec<_> =
        china().day(day("2026-03-02")).into_iter().filter(|o| o.task.id == "as_refund_sweep").map(|o| o.at).collect();
    assert_eq!(times, [10, 14, 17].map(|hour| NaiveTime::from_hms_opt(hour, 0, 0)));
    assert!(china().day(day("2026-03-02")).iter().all(|o| o.at.is_some() == (o.task.kind == super::super::kinds::Kind::Sweep)));
}

#[test]
fn moved_occurrences_do_not_crowd_one_day() {
    // May 1-5 2026 is off and so is what falls on it: five 11:10 boxes of the supervisor go to five different days.
    let landed: Vec<_> = ["sm_plan", "sm_conversion", "sm_courier_regions", "sm_courier_advice", "sm_return_rate"]
        .map(|task| days_of(china(), task, 2026).into_iter().find(|text| text.starts_with("05")).expect(task))
        .into_iter()
        .collect();
    // The 6th keeps its own box, the 8th too, so the others take the 7th, the 9th (worked), the 11th and the 12th.
    assert_eq!(landed, ["05-07", "05-09", "05-11", "05-12", "05-06"]);
    let moved = china().day(day("2026-05-09")).into_iter().find(|o| o.task.id == "sm_conversion").expect("moved here");
    assert_eq!(moved.nominal, day("2026-05-03"));
}

/// Panics where two time boxes of one role and slot overlap, or one task is twice at one time.
fn assert_no_overlap(schedule: &Schedule, day: NaiveDate) {
    let all = schedule.day(day);
    for (at, one) in all.iter().enumerate() {
        for other in &all[at + 1..] {
            let same = one.task.id == other.task.id && one.at == other.at;
            let clash = !std::ptr::eq(one.task, other.task) && overlap((one.pack, one.task), (other.pack, other.task));
            assert!(!same && !clash, "{day}: {} and {}", one.task.id, other.task.id);
        }
    }
}

/// How often every task comes round in 2026-2028 counted by the rules alone must be what the days show.
fn assert_nothing_lost(schedule: &Schedule) {
    let named: usize = (2026..=2028).map(|year| schedule.named(year, |_| true).len()).sum();
    let days = FIRST_DAY.iter_days().take_while(|d| *d < day("2029-04-01"));
    let shown = days.flat_map(|d| schedule.day(d)).filter(|o| o.nominal < day("2029-01-01")).count();
    assert_eq!(named, shown);
}

#[test]
fn no_two_boxes_of_one_slot_overlap_in_three_years() {
    let many_off = FIRST_DAY.iter_days().take(1200).filter(|d| d.ordinal() % 8 == 3);
    for calendar in [calendar::china().clone(), WorkCalendar::default(), WorkCalendar::new(many_off, [])] {
        let schedule = schedule(calendar);
        for year in 2026..=2028 {
            year_of(year).for_each(|day| assert_no_overlap(&schedule, day));
        }
        assert_nothing_lost(&schedule);
    }
}

#[test]
fn agents_of_a_role_are_never_in_two_of_its_boxes() {
    // Stricter than slots: with one agent on, A and B and the rest fall to the same person, except A against B.
    for day in year_of(2026) {
        let all = china().day(day);
        let boxes: Vec<_> =
            all.iter().filter(|o| o.task.kind.fills_time() && o.task.slot != Some(super::super::kinds::Slot::B)).collect();
        for (at, one) in boxes.iter().enumerate() {
            for other in &boxes[at + 1..] {
                let meets =
                    one.task.role == other.task.role || (one.task.role == "all_agents" && other.task.role != "supervisor");
                let (Some(a), Some(b)) = (one.pack.window_minutes(one.task), other.pack.window_minutes(other.task)) else {
                    continue;
                };
                assert!(!meets || a.1 <= b.0 || b.1 <= a.0, "{day}: {} and {}", one.task.id, other.task.id);
            }
        }
    }
}

#[test]
fn days_outside_the_known_years_are_empty() {
    assert!(china().day(day("2025-12-31")).is_empty());
    assert!(china().day(NaiveDate::MAX).is_empty());
    assert!(!china().day(NaiveDate::from_ymd_opt(LAST_YEAR, 12, 31).expect("day")).is_empty());
}

#[test]
fn days_come_fast() {
    let schedule = schedule(calendar::china().clone());
    let start = Instant::now();
    assert!(year_of(2027).map(|day| schedule.day(day).len()).sum::<usize>() > 20_000);
    let year = start.elapsed();
    // The best of several: a busy machine says nothing about the schedule.
    let timed = |_| {
        let start = Instant::now();
        schedule.day(day("2027-06-15"));
        start.elapsed()
    };
    let one = (0..20).map(timed).min().expect("some");
    assert!(year < Duration::from_secs(2) && one < Duration::from_millis(5), "a year took {year:?}, a day {one:?}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(10))]
    #[test]
    fn any_calendar_any_order_gives_the_same_days(off in prop::collection::btree_set(0u64..1096, 0..120), asked in prop::collection::vec(0u64..1096, 12)) {
        let calendar = WorkCalendar::new(off.iter().map(|n| FIRST_DAY + Days::new(*n)), []);
        let (in_order, as_asked) = (schedule(calendar.clone()), schedule(calendar.clone()));
        let seen = |s: &Schedule, n: u64| s.day(FIRST_DAY + Days::new(n)).iter().map(|o| (o.task.id.clone(), o.at, o.nominal)).collect::<Vec<_>>();
        let mut sorted = asked.clone();
        sorted.sort_unstable();
        let first: HashMap<_, _> = sorted.iter().map(|n| (*n, seen(&in_order, *n))).collect();
        for n in asked {
            prop_assert_eq!(&seen(&as_asked, n), &first[&n]);
            assert_no_overlap(&as_asked, FIRST_DAY + Days::new(n));
            for o in as_asked.day(FIRST_DAY + Days::new(n)) {
                prop_assert!(o.task.workday_shift == WorkdayShift::None || calendar.is_working(o.day), "{}", o.task.id);
                prop_assert!(o.nominal == o.day || !calendar.is_working(o.nominal));
            }
        }
    }
}
