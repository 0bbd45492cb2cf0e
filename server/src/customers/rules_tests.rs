//! Tables and properties of the callback rules, also across a clock change.

use super::kinds::{CallbackState, Channel, ContactResult, Level};
use super::model::CallbackRow;
use super::rules::{after_contact, cancel, email, into_window, is_inside, phone, promise_time, raise, schedule};
use crate::kit::refusal::{Code, Stop};
use crate::kit::zone;
use chrono::NaiveDate;
use chrono_tz::{Asia::Shanghai, Europe::Berlin, Tz};

const MINUTE: i64 = 60_000;

fn at(text: &str, zone: Tz) -> i64 {
    let (day, time) = text.split_once(' ').expect("day and time");
    zone::instant(day.parse().expect("a day"), time, zone).expect("a time")
}

fn shown(ms: i64, zone: Tz) -> String {
    zone::local_time(ms, zone).format("%Y-%m-%d %H:%M").to_string()
}

fn promise(due: &str, zone: Tz) -> CallbackRow {
    let mut row = CallbackRow {
        workspace_id: "w".into(),
        id: "c".into(),
        customer_id: "b".into(),
        team_id: "t".into(),
        owner_id: Some("ann".into()),
        kind: "promised".into(),
        channel: "phone".into(),
        scene: String::new(),
        about: String::new(),
        due_at: 0,
        until_at: 0,
        day: String::new(),
        state: "open".into(),
        attempts: 0,
        attempts_on_day: 0,
        level: "calm".into(),
        next_level_at: None,
        result: None,
        by_hand: true,
        created_by: None,
        created_at: 0,
        closed_at: None,
        archived: false,
    };
    let due_at = at(due, zone);
    schedule(&mut row, due_at, due_at, zone);
    row
}

fn code(result: Result<CallbackRow, Stop>) -> Code {
    match result {
        Err(Stop::Refused(refusal)) => refusal.code,
        other => panic!("not refused: {other:?}"),
    }
}

#[test]
fn calls_are_made_inside_their_hours() {
    for (wished, got) in [
        ("2026-03-02 08:59", "2026-03-02 09:00"),
        ("2026-03-02 09:00", "2026-03-02 09:00"),
        ("2026-03-02 20:29", "2026-03-02 20:29"),
        ("2026-03-02 20:30", "2026-03-03 09:00"),
        ("2026-12-31 23:00", "2027-01-01 09:00"),
    ] {
        assert_eq!(shown(into_window(at(wished, Shanghai), Channel::Phone, Shanghai), Shanghai), got);
    }
    let night = at("2026-03-02 03:00", Shanghai);
    assert_eq!(into_window(night, Channel::Email, Shanghai), night, "a mail is read when the buyer likes");
    // The night of the clock change is an hour shorter; nine o'clock stays nine o'clock.
    assert_eq!(shown(into_window(at("2026-03-28 22:00", Berlin), Channel::Phone, Berlin), Berlin), "2026-03-29 09:00");
}

#[test]
fn every_next_try_lies_ahead_and_inside_the_hours() {
    for zone in [Shanghai, Berlin] {
        let start = at("2026-03-27 00:00", zone);
        for step in 0..(4 * 24 * 12) {
            let now = start + step * 5 * MINUTE;
            for result in [ContactResult::NoAnswer, ContactResult::Busy] {
                let row = after_contact(&promise("2026-03-27 10:00", zone), result, Channel::Phone, None, now, zone)
                    .expect("a next try");
                assert!(row.due_at > now && is_inside(row.due_at, Channel::Phone, zone), "{}", shown(row.due_at, zone));
                assert_eq!(row.level, "calm");
            }
        }
    }
}

#[test]
fn a_second_miss_of_a_day_waits_for_the_evening_of_the_next() {
    let (first, second) = (at("2026-03-02 10:00", Shanghai), at("2026-03-02 12:00", Shanghai));
    let miss = |row: &CallbackRow, now| {
        after_contact(row, ContactResult::NoAnswer, Channel::Phone, None, now, Shanghai).expect("goes on")
    };
    let once = miss(&promise("2026-03-02 10:00", Shanghai), first);
    assert_eq!((once.attempts, shown(once.due_at, Shanghai)), (1, "2026-03-02 12:00".into()));
    let twice = miss(&once, second);
    assert_eq!((twice.attempts, shown(twice.due_at, Shanghai)), (2, "2026-03-03 18:00".into()));
    let third = miss(&twice, twice.due_at);
    assert_eq!((third.attempts_on_day, shown(third.due_at, Shanghai)), (1, "2026-03-03 20:00".into()), "a new day counts anew");
    let mut row = third;
    while row.attempts < 6 {
        row = miss(&row, row.due_at);
    }
    assert_eq!((row.level.as_str(), row.is_open()), ("supervisor", true), "after six tries somebody else decides");
}

#[test]
fn what_a_contact_makes_of_a_promise() {
    let (row, now) = (promise("2026-03-02 16:30", Shanghai), at("2026-03-02 16:31", Shanghai));
    let after = |result, later| after_contact(&row, result, Channel::Phone, later, now, Shanghai);
    let done = after(ContactResult::Reached, None).expect("done");
    assert_eq!((done.state.as_str(), done.closed_at, done.next_level_at), ("done", Some(now), None));
    for result in [ContactResult::Inbound, ContactResult::Sent] {
        let kept = after(result, None).expect("goes on");
        assert_eq!(
            (kept.state.as_str(), kept.due_at, kept.attempts),
            ("open", row.due_at, 0),
            "{result}: a promise stays a promise"
        );
    }
    assert_eq!(after(ContactResult::Refused, None).expect("ends").state, CallbackState::Cancelled.as_str());
    let lost = after(ContactResult::WrongNumber, None).expect("goes on");
    assert_eq!((lost.level.as_str(), lost.next_level_at), ("supervisor", None));
    let tomorrow = at("2026-03-03 10:00", Shanghai);
    assert_eq!(after(ContactResult::Later, Some(tomorrow)).expect("moved").due_at, tomorrow);
    assert_eq!(code(after(ContactResult::Later, None)), Code::BadTime);
    assert_eq!(code(after(ContactResult::Later, Some(at("2026-03-03 22:00", Shanghai)))), Code::BadTime);
    assert_eq!(code(after_contact(&done, ContactResult::Reached, Channel::Phone, None, now, Shanghai)), Code::WrongState);
}

#[test]
fn an_overdue_promise_climbs_to_the_mates_and_then_to_the_supervisor() {
    let mut row = promise("2026-03-02 16:30", Shanghai);
    for (time, level) in [
        ("16:19", None),
        ("16:20", Some(Level::Soon)),
        ("16:25", None),
        ("16:30", Some(Level::Due)),
        ("16:44", None),
        ("16:45", Some(Level::Mates)),
        ("17:00", Some(Level::Supervisor)),
        ("23:00", None),
    ] {
        let raised = raise(&row, at(&format!("2026-03-02 {time}"), Shanghai)).expect("readable");
        assert_eq!(raised.as_ref().map(|row| row.level().expect("a level")), level, "at {time}");
        row = raised.unwrap_or(row);
    }
    assert_eq!(row.next_level_at, None);
    // After a night without a server it has climbed all the way at once.
    let late =
        raise(&promise("2026-03-02 16:30", Shanghai), at("2026-03-03 08:00", Shanghai)).expect("readable").expect("a change");
    assert_eq!(late.level, "supervisor");
    let closed = cancel(&promise("2026-03-02 16:30", Shanghai), "wrote instead", 5).expect("open");
    assert_eq!(raise(&closed, i64::MAX).expect("readable"), None, "what is closed never rings");
    assert_eq!(closed.about, "wrote instead");
}

#[test]
fn promises_lie_ahead_and_inside_the_hours() {
    let now = at("2026-03-02 16:00", Shanghai);
    let judge = |due: &str, channel| promise_time(at(due, Shanghai), now, channel, Shanghai).map_err(|refusal| refusal.code);
    assert_eq!(judge("2026-03-02 16:30", Channel::Phone), Ok(()));
    assert_eq!(judge("2026-03-02 15:30", Channel::Phone), Err(Code::BadTime));
    assert_eq!(judge("2026-03-02 21:00", Channel::Phone), Err(Code::BadTime));
    assert_eq!(judge("2026-03-02 21:00", Channel::Im), Ok(()));
}

#[test]
fn numbers_and_addresses_are_stored_one_way() {
    for (typed, kept) in [
        ("138 1234-5678", "13812345678"),
        ("+86 13812345678", "13812345678"),
        ("0086-13812345678", "13812345678"),
        ("'13812345678", "13812345678"),
        ("+49 (30) 123456", "+4930123456"),
        ("", ""),
    ] {
        assert_eq!(phone(typed).as_deref(), Ok(kept));
    }
    for bad in ["1234", "phone", "123456789012345678901", "+", "１３８"] {
        assert!(phone(bad).is_err(), "{bad}");
    }
    assert_eq!(email(" li@example.com ").as_deref(), Ok("li@example.com"));
    for bad in ["li", "li@", "@example.com", "a b@example.com", "a@b", "a@b@c.de"] {
        assert!(email(bad).is_err(), "{bad}");
    }
}

#[test]
fn the_day_of_a_callback_is_a_local_day() {
    let row = promise("2026-03-02 09:00", Shanghai);
    assert_eq!(row.day.parse::<NaiveDate>().expect("a day"), NaiveDate::from_ymd_opt(2026, 3, 2).expect("a day"));
}
