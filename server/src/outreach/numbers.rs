//! How well chains work: which channel is answered for which reason, and when people answer. Pure.

use super::kinds::{StepChannel, TryResult};
use crate::kit::zone;
use chrono::{Datelike, Timelike};
use chrono_tz::Tz;
use serde::Serialize;
use std::collections::BTreeMap;

/// Tries by a channel for a reason, and how many of them were answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export, export_to = "api.ts"))]
pub struct Success {
    pub channel: StepChannel,
    pub reason_id: String,
    pub tried: u32,
    pub answered: u32,
}

/// `heat`: answers by weekday (Monday first) and local hour.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export, export_to = "api.ts"))]
pub struct OutreachNumbers {
    pub success: Vec<Success>,
    pub heat: Vec<Vec<u32>>,
}

/// A line of a case's log. `at` in UTC ms.
#[derive(Debug, Clone)]
pub struct Line {
    pub case_id: String,
    pub reason_id: String,
    pub channel: StepChannel,
    pub result: TryResult,
    pub at: i64,
}

/// An answer counts for the try before it: a mail is answered in the messenger, too. `lines` of each case in order.
pub fn count(lines: &[Line], zone: Tz) -> OutreachNumbers {
    let mut success: BTreeMap<(StepChannel, &str), (u32, u32)> = BTreeMap::new();
    let mut heat = vec![vec![0; 24]; 7];
    let mut last: BTreeMap<&str, StepChannel> = BTreeMap::new();
    for line in lines {
        let is_try = !matches!(line.result, TryResult::Inbound | TryResult::Skipped | TryResult::Moved | TryResult::Told)
            && !matches!(line.result, TryResult::Bounced | TryResult::Stopped | TryResult::Failed);
        if is_try && line.channel.to_buyer() {
            success.entry((line.channel, &line.reason_id)).or_default().0 += 1;
            last.insert(&line.case_id, line.channel);
        }
        if matches!(line.result, TryResult::Inbound | TryResult::Reached | TryResult::Later) {
            let channel = last.remove(line.case_id.as_str());
            if let Some(channel) = channel {
                success.entry((channel, &line.reason_id)).or_default().1 += 1;
            }
            let local = zone::local_time(line.at, zone);
            heat[local.weekday().num_days_from_monday() as usize][local.hour() as usize] += 1;
        }
    }
    let success = success.into_iter().map(|((channel, reason_id), (tried, answered))| Success {
        channel,
        reason_id: reason_id.to_owned(),
        tried,
        answered,
    });
    OutreachNumbers { success: success.collect(), heat }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_counts_for_the_try_before_it_and_for_the_hour_it_came_in() {
        let shanghai = chrono_tz::Asia::Shanghai;
        let at = |time: &str| zone::instant(zone::parse_day("2026-03-03").expect("a day"), time, shanghai).expect("a time");
        let line = |case: &str, channel, result, time| Line {
            case_id: case.into(),
            reason_id: "r".into(),
            channel,
            result,
            at: at(time),
        };
        let lines = [
            line("a", StepChannel::Im, TryResult::Sent, "09:00"),
            line("a", StepChannel::Email, TryResult::Sent, "11:00"),
            line("b", StepChannel::Phone, TryResult::NoAnswer, "18:00"),
            line("a", StepChannel::Im, TryResult::Inbound, "19:30"),
            line("b", StepChannel::Phone, TryResult::Reached, "20:00"),
            line("b", StepChannel::Im, TryResult::Inbound, "20:10"),
        ];
        let numbers = count(&lines, shanghai);
        let found: Vec<_> = numbers.success.iter().map(|one| (one.channel, one.tried, one.answered)).collect();
        assert_eq!(found, [(StepChannel::Im, 1, 0), (StepChannel::Email, 1, 1), (StepChannel::Phone, 2, 1)]);
        assert_eq!((numbers.heat[1][19], numbers.heat[1][20], numbers.heat[1][11]), (1, 2, 0), "a Tuesday");
    }
}
