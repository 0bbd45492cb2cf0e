//! Local days and times of a zone against UTC milliseconds, with one rule for each oddity of a clock change:
//! a local time that does not exist (the clock jumped over it) is the first instant after the gap;
//! a local time that happens twice is the earlier of the two. So later local times are never earlier instants.

use chrono::{DateTime, Duration, NaiveDate, NaiveDateTime, NaiveTime, TimeZone, Utc};
use chrono_tz::{GapInfo, Tz};

/// Year 1 to year 9999: what a claimed instant is bent into before it is read.
const READABLE_MS: (i64, i64) = (-62_135_596_800_000, 253_402_300_799_999);

/// UTC milliseconds of a local day and "HH:MM"; `None` when the text is no such time.
pub fn instant(day: NaiveDate, hhmm: &str, zone: Tz) -> Option<i64> {
    parse_hhmm(hhmm).map(|time| instant_at(day, time, zone))
}

/// UTC milliseconds of a local day and time.
pub fn instant_at(day: NaiveDate, time: NaiveTime, zone: Tz) -> i64 {
    let local = day.and_time(time);
    match zone.from_local_datetime(&local).earliest() {
        Some(found) => found.timestamp_millis(),
        // Without an end the gap would be at the edge of known time, which no zone has; UTC is as good as anything there.
        None => GapInfo::new(&local, &zone)
            .and_then(|gap| gap.end)
            .map_or(local.and_utc().timestamp_millis(), |end| end.timestamp_millis()),
    }
}

/// UTC milliseconds of `minutes` after local midnight of `day`, by the clock on the wall: 1500 is 01:00 of the next day.
pub fn minute_of_day(day: NaiveDate, minutes: i32, zone: Tz) -> i64 {
    let local = day.and_time(NaiveTime::MIN) + Duration::minutes(minutes.into());
    instant_at(local.date(), local.time(), zone)
}

/// Local date and time of an instant in UTC milliseconds. Instants outside the years 1-9999 count as the nearest inside.
pub fn local_time(ms: i64, zone: Tz) -> NaiveDateTime {
    let ms = ms.clamp(READABLE_MS.0, READABLE_MS.1);
    let utc: DateTime<Utc> = DateTime::from_timestamp_millis(ms).unwrap_or_default();
    utc.with_timezone(&zone).naive_local()
}

/// The business day an instant falls on: the local calendar day. A night shift keeps the day it started on; its boxes
/// carry that day themselves and must not be asked here.
pub fn business_day(ms: i64, zone: Tz) -> NaiveDate {
    local_time(ms, zone).date()
}

/// First instant of a local day in UTC milliseconds (01:00 where midnight itself is jumped over).
pub fn day_start(day: NaiveDate, zone: Tz) -> i64 {
    instant_at(day, NaiveTime::MIN, zone)
}

/// "HH:MM", exactly two digits each, 00:00 to 23:59; everything else is `None`.
pub fn parse_hhmm(text: &str) -> Option<NaiveTime> {
    let bytes = text.as_bytes();
    if bytes.len() != 5 || bytes[2] != b':' || !bytes.iter().enumerate().all(|(at, byte)| at == 2 || byte.is_ascii_digit()) {
        return None;
    }
    NaiveTime::from_hms_opt(text[..2].parse().ok()?, text[3..].parse().ok()?, 0)
}

/// "YYYY-MM-DD", exactly ten characters; everything else is `None`.
pub fn parse_day(text: &str) -> Option<NaiveDate> {
    let day = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?;
    (text.len() == 10 && day.to_string() == text).then_some(day)
}

/// The same moment so many calendar months earlier, in UTC; the end of a month where it has no such day.
pub fn months_before(at: i64, months: i32) -> i64 {
    let back = chrono::Months::new(months.unsigned_abs());
    DateTime::from_timestamp_millis(at).and_then(|time| time.checked_sub_months(back)).map_or(at, |time| time.timestamp_millis())
}

#[cfg(test)]
#[path = "zone_tests.rs"]
mod tests;
