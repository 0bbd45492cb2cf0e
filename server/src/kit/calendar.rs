//! Working calendar: weekends are off, public holidays are off, and some weekend days are worked to make up (wish N11).

use super::text::Text;
use super::zone::parse_day;
use chrono::{Datelike, NaiveDate, Weekday};
use serde::Deserialize;
use std::collections::BTreeSet;
use std::sync::LazyLock;

/// A calendar without one working day in this many days is treated as if every day were worked.
const SEARCH_DAYS: usize = 366;

/// Which days are worked. Days are local business days.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WorkCalendar {
    days_off: BTreeSet<NaiveDate>,
    make_up: BTreeSet<NaiveDate>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Sheet {
    #[serde(default)]
    days_off: Vec<Holiday>,
    #[serde(default)]
    make_up: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Holiday {
    from: String,
    to: String,
    #[serde(rename = "name")]
    _name: Text,
}

impl WorkCalendar {
    /// Weekends off, except make-up days; `days_off` off, also on weekdays. A day named in both is worked.
    pub fn new(days_off: impl IntoIterator<Item = NaiveDate>, make_up: impl IntoIterator<Item = NaiveDate>) -> Self {
        WorkCalendar { days_off: days_off.into_iter().collect(), make_up: make_up.into_iter().collect() }
    }

    /// Reads the format of `calendar_cn.yaml`.
    ///
    /// # Errors
    /// What is wrong and where, in words: bad YAML, an unknown field, no day "YYYY-MM-DD", a holiday longer than a year.
    pub fn from_yaml(text: &str) -> Result<Self, String> {
        let sheet: Sheet = serde_norway::from_str(text).map_err(|error| error.to_string())?;
        let day = |text: &str| parse_day(text).ok_or_else(|| format!("not a day: {text}"));
        let mut calendar = WorkCalendar::default();
        for holiday in &sheet.days_off {
            let (from, to) = (day(&holiday.from)?, day(&holiday.to)?);
            if to < from || (to - from).num_days() > 366 {
                return Err(format!("not a span of days: {from} to {to}"));
            }
            calendar.days_off.extend(from.iter_days().take_while(|day| *day <= to));
        }
        for text in &sheet.make_up {
            calendar.make_up.insert(day(text)?);
        }
        Ok(calendar)
    }

    pub fn is_working(&self, day: NaiveDate) -> bool {
        let weekend = matches!(day.weekday(), Weekday::Sat | Weekday::Sun);
        self.make_up.contains(&day) || !(weekend || self.days_off.contains(&day))
    }

    /// The next working day strictly after `day`.
    pub fn next_working(&self, day: NaiveDate) -> NaiveDate {
        let after = day.iter_days().skip(1);
        after.take(SEARCH_DAYS).find(|day| self.is_working(*day)).unwrap_or_else(|| day.succ_opt().unwrap_or(day))
    }

    /// The last working day strictly before `day`.
    pub fn previous_working(&self, day: NaiveDate) -> NaiveDate {
        let before = std::iter::successors(day.pred_opt(), NaiveDate::pred_opt);
        before.take(SEARCH_DAYS).find(|day| self.is_working(*day)).unwrap_or_else(|| day.pred_opt().unwrap_or(day))
    }

    /// `day` when it is worked, else the next working day.
    pub fn on_or_after(&self, day: NaiveDate) -> NaiveDate {
        if self.is_working(day) { day } else { self.next_working(day) }
    }

    /// `day` when it is worked, else the last working day before it.
    pub fn on_or_before(&self, day: NaiveDate) -> NaiveDate {
        if self.is_working(day) { day } else { self.previous_working(day) }
    }
}

/// The Chinese calendar shipped with the product.
pub fn china() -> &'static WorkCalendar {
    static CHINA: LazyLock<WorkCalendar> =
        LazyLock::new(|| WorkCalendar::from_yaml(include_str!("calendar_cn.yaml")).expect("shipped calendar is tested"));
    &CHINA
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn day(text: &str) -> NaiveDate {
        parse_day(text).expect("day")
    }

    #[test]
    fn the_chinese_year_2026() {
        let china = china();
        for (text, worked) in [
            ("2026-01-02", false),
            ("2026-01-04", true),
            ("2026-02-14", true),
            ("2026-02-16", false),
            ("2026-02-23", false),
            ("2026-02-28", true),
            ("2026-03-02", true),
            ("2026-05-09", true),
            ("2026-09-20", true),
            ("2026-09-25", false),
            ("2026-10-08", true),
            ("2026-10-10", true),
            ("2026-10-11", false),
            ("2027-01-02", false),
            ("2027-01-04", true),
        ] {
            assert_eq!(china.is_working(day(text)), worked, "{text}");
        }
        let worked = day("2026-01-01").iter_days().take(365).filter(|day| china.is_working(*day)).count();
        assert_eq!(worked, 248, "261 weekdays, 19 of them off, 6 weekend days made up");
    }

    #[test]
    fn neighbours_skip_what_is_off() {
        let china = china();
        assert_eq!(china.next_working(day("2026-02-14")), day("2026-02-24"), "over the Spring Festival");
        assert_eq!(china.previous_working(day("2026-02-24")), day("2026-02-14"), "a make-up Saturday");
        assert_eq!(china.on_or_after(day("2026-01-01")), day("2026-01-04"));
        assert_eq!(china.on_or_before(day("2026-10-01")), day("2026-09-30"));
        assert_eq!(china.on_or_after(day("2026-03-02")), day("2026-03-02"));
        assert_eq!(WorkCalendar::default().next_working(day("2028-02-25")), day("2028-02-28"), "leap year");
    }

    #[test]
    fn bad_sheets_are_named() {
        for (yaml, part) in [
            ("days_off: [{from: '2026-02-30', to: '2026-03-01', name: {zh: a, en: b}}]", "2026-02-30"),
            ("days_off: [{from: '2026-03-02', to: '2026-03-01', name: {zh: a, en: b}}]", "span"),
            ("make_up: [tomorrow]", "tomorrow"),
            ("holidays: []", "holidays"),
        ] {
            let error = WorkCalendar::from_yaml(yaml).expect_err(yaml);
            assert!(error.contains(part), "{error}");
        }
    }

    #[test]
    fn a_calendar_without_work_does_not_hang() {
        let all_off = WorkCalendar::new(day("2026-01-01").iter_days().take(2000), []);
        assert_eq!(all_off.next_working(day("2026-02-27")), day("2026-02-28"));
        assert_eq!(all_off.previous_working(day("2029-02-28")), day("2029-02-27"));
    }

    proptest! {
        #[test]
        fn nothing_worked_lies_between_a_day_and_its_neighbour(at in 0i64..3000, off in prop::collection::btree_set(0i64..3000, 0..60)) {
            let first = day("2026-01-01");
            let calendar = WorkCalendar::new(off.iter().map(|n| first + chrono::Duration::days(*n)), []);
            let day = first + chrono::Duration::days(at);
            let (next, last) = (calendar.next_working(day), calendar.previous_working(day));
            prop_assert!(last < day && day < next && calendar.is_working(next) && calendar.is_working(last));
            prop_assert!(last.iter_days().skip(1).take_while(|d| *d < next).all(|d| d == day || !calendar.is_working(d)));
        }
    }
}
