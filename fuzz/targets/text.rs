//! The small texts inside commands, queries and settings: days, times, ids, names, logins, addresses.
#![no_main]

use dutyboard::kit::{ids, zone};
use dutyboard::team::rules;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    if let Some(day) = zone::parse_day(text) {
        assert_eq!(day.to_string(), text);
        zone::day_start(day, chrono_tz::Asia::Shanghai);
    }
    zone::parse_hhmm(text);
    if ids::check(text).is_ok() {
        assert!(text.len() == 36 && text.is_ascii());
    }
    for cleaned in [rules::name(text), rules::login(text)].into_iter().flatten() {
        assert!(!cleaned.is_empty() && !cleaned.chars().any(char::is_control));
    }
    if let Ok(login) = rules::login(text) {
        assert_eq!(rules::login(&login), Ok(login.clone()), "what was stored is found again");
    }
    if let Ok(Some(address)) = rules::email(Some(text)) {
        assert!(!address.contains(['\r', '\n']));
    }
});
