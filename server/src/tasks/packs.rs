//! The task packs shipped with the product: ten YAML files beside this one, read once. Sources are row numbers of
//! `rules_of_the_trade.md` and, in every task, the document and lines its facts come from.

use super::kinds::{CatchUp, Kind, Quadrant, Slot};
use crate::kit::text::Text;
use crate::kit::zone;
use chrono::{NaiveTime, Timelike};
use serde::Deserialize;
use std::fmt;
use std::sync::LazyLock;

/// How long before a shift its first box may begin, in minutes: taking over happens 10-15 minutes early (rule 66).
pub const ARRIVE_EARLY_MIN: i32 = 15;

/// A set of tasks that a team switches on or off as a whole.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pack {
    pub id: String,
    pub name: Text,
    pub shift: ShiftHours,
    pub enabled_by_default: bool,
    pub tasks: Vec<Task>,
}

/// One repeated task. Days and times are local to the workspace.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Task {
    pub id: String,
    pub title: Text,
    /// Skill code of whoever does it, or `all_agents`: everybody on duty except supervisors.
    pub role: String,
    pub per: Per,
    #[serde(default)]
    pub slot: Option<Slot>,
    pub kind: Kind,
    #[serde(default)]
    pub window: Option<Window>,
    #[serde(default)]
    pub anchor: Anchor,
    #[serde(default)]
    pub deadline: Option<Hm>,
    /// The end of the box is a hard cut-off time of the trade, not a wish of ours.
    #[serde(default)]
    pub cutoff: bool,
    pub quadrant: Quadrant,
    /// RFC 5545 RRULE without the prefix, local dates, anchored at `recur::FIRST_DAY`.
    pub rrule: String,
    /// Days added to every date of the rule, before `workday_shift`.
    #[serde(default)]
    pub offset_days: i32,
    pub workday_shift: WorkdayShift,
    pub catch_up: CatchUp,
    #[serde(default)]
    pub target_per_period: Option<Target>,
    /// Ids of the tasks that come first.
    #[serde(default)]
    pub after: Vec<String>,
    #[serde(default)]
    pub register: Option<String>,
    #[serde(default)]
    pub checklist: Vec<Text>,
    pub source: String,
}

/// Hours of the shift a pack is written for; an end at or before the start is on the next day.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ShiftHours {
    pub start: Hm,
    pub end: Hm,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Window {
    pub start: Hm,
    pub end: Hm,
}

/// One box for every person on the role's shift, or a single one for the role.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Per {
    Each,
    One,
}

/// What a window of a per-each task hangs on. `start` and `end` keep their distance to the shift's start or end when a
/// person's shift is not the pack's; `whole` is the person's whole shift.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Anchor {
    #[default]
    Clock,
    Start,
    End,
    Whole,
}

/// Where an occurrence on a day off goes (wish N11).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum WorkdayShift {
    None,
    Next,
    Previous,
}

/// How often the trade wants it in a period (wish N10).
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Target {
    pub period: Period,
    pub min: u8,
    pub max: u8,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Period {
    Week,
    Month,
    ThreeDays,
}

/// A local time of day, "HH:MM".
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(try_from = "String")]
pub struct Hm(pub NaiveTime);

impl Hm {
    /// Minutes since local midnight, 0-1439.
    pub fn minutes(self) -> i32 {
        i32::try_from(self.0.num_seconds_from_midnight() / 60).unwrap_or(0)
    }
}

impl TryFrom<String> for Hm {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        zone::parse_hhmm(&text).map(Hm).ok_or_else(|| format!("not a time HH:MM: {text}"))
    }
}

impl fmt::Display for Hm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0.format("%H:%M"))
    }
}

impl Pack {
    /// Reads one pack file.
    ///
    /// # Errors
    /// What is wrong and where, in words: bad YAML, unknown or missing fields, times that are none.
    pub fn from_yaml(text: &str) -> Result<Self, String> {
        serde_norway::from_str(text).map_err(|error| error.to_string())
    }

    /// The pack's shift in minutes from local midnight of the business day; the end is above 1440 when it is tomorrow's.
    pub fn shift_minutes(&self) -> (i32, i32) {
        let (start, end) = (self.shift.start.minutes(), self.shift.end.minutes());
        (start, if end <= start { end + 1440 } else { end })
    }

    /// A time of the pack in minutes from local midnight of the business day. In a shift over midnight, times before its
    /// start belong to the second calendar day, because a night shift belongs to the day it starts.
    pub fn minute(&self, time: Hm) -> i32 {
        let (start, end) = self.shift_minutes();
        let next_day = end > 1440 && time.minutes() < start - ARRIVE_EARLY_MIN;
        if next_day { time.minutes() + 1440 } else { time.minutes() }
    }

    /// Start and end of a task's window in minutes from local midnight of the business day.
    pub fn window_minutes(&self, task: &Task) -> Option<(i32, i32)> {
        let window = task.window?;
        let (start, end) = (self.minute(window.start), self.minute(window.end));
        Some((start, if end <= start { end + 1440 } else { end }))
    }
}

impl Task {
    /// When the task comes round, for people: "每天 08:30–09:30", "Daily 08:30–09:30".
    pub fn when(&self) -> Text {
        super::when::when(self)
    }
}

/// Every shipped pack, in the order boards show them.
pub fn all() -> &'static [Pack] {
    static ALL: LazyLock<Vec<Pack>> = LazyLock::new(|| {
        let files = [
            include_str!("packs/presale_day.yaml"),
            include_str!("packs/aftersale_day.yaml"),
            include_str!("packs/night_shift.yaml"),
            include_str!("packs/supervisor_daily.yaml"),
            include_str!("packs/supervisor_weekly.yaml"),
            include_str!("packs/supervisor_half_monthly.yaml"),
            include_str!("packs/supervisor_monthly.yaml"),
            include_str!("packs/supervisor_two_monthly.yaml"),
            include_str!("packs/supervisor_quarterly.yaml"),
            include_str!("packs/supervisor_yearly.yaml"),
        ];
        files.iter().map(|text| Pack::from_yaml(text).expect("shipped packs are tested")).collect()
    });
    &ALL
}

/// The shipped pack with this id.
pub fn pack(id: &str) -> Option<&'static Pack> {
    all().iter().find(|pack| pack.id == id)
}

/// The shipped task with this id, and its pack.
pub fn task(id: &str) -> Option<(&'static Pack, &'static Task)> {
    all().iter().find_map(|pack| pack.tasks.iter().find(|task| task.id == id).map(|task| (pack, task)))
}

#[cfg(test)]
#[path = "packs_tests.rs"]
mod tests;
