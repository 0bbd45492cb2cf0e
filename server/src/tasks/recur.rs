//! Which tasks come round on which day. Rules are expanded by the `rrule` crate over local dates from `FIRST_DAY`, so
//! that "every 2 months" counts from there and a clock change cannot touch them (wishes 4, 5, N11).
//!
//! An occurrence on a day off moves as its task says. Where its time box would then overlap another box of the same
//! role and slot, it moves on to the next free working day in the same direction (`landing`). Occurrences that stay on their own
//! day come first; the moved ones are placed one after the other by their own day and then in pack order, year after
//! year from the first. All shipped packs count, switched on or not. So the result depends on the calendar alone, not
//! on which day is asked for, in which order, or by which team.

use super::packs::{self, Pack, Task, WorkdayShift};
use crate::kit::calendar::{self, WorkCalendar};
use chrono::{DateTime, Datelike, Days, NaiveDate, NaiveDateTime, NaiveTime};
use rrule::RRuleSet;
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

/// The day INTERVAL rules are anchored at; nothing comes round before it.
pub const FIRST_DAY: NaiveDate = NaiveDate::from_ymd_opt(2026, 1, 1).expect("a day");
/// Nothing comes round after this year, which bounds the work that a wild date can cause.
pub const LAST_YEAR: i32 = 2099;
/// Working days an occurrence looks in its own direction for a free one, then in the other, then further away.
const NEAR_DAYS: usize = 10;
const FAR_DAYS: usize = 60;
/// Expanded years kept in memory at a time.
const YEARS_KEPT: usize = 8;

/// A task on a day.
#[derive(Debug, Clone, Copy)]
pub struct Occurrence {
    pub pack: &'static Pack,
    pub task: &'static Task,
    pub day: NaiveDate,
    /// The day the rule (with its offset) names; another than `day` when the occurrence was moved.
    pub nominal: NaiveDate,
    /// Time of a sweep.
    pub at: Option<NaiveTime>,
}

/// The plan of the days for one calendar. Cheap to ask again: years are expanded once and kept.
pub struct Schedule {
    tasks: Vec<(&'static Pack, &'static Task)>,
    calendar: WorkCalendar,
    memory: Mutex<Memory>,
}

#[derive(Default)]
struct Memory {
    /// Occurrences that keep their own day, by year.
    fixed: HashMap<i32, Arc<ByDay>>,
    /// Moved occurrences by the day they land on, of every year up to `placed_to`.
    moved: ByDay,
    placed_to: i32,
}

type ByDay = BTreeMap<NaiveDate, Vec<Entry>>;

#[derive(Debug, Clone, Copy)]
struct Entry {
    /// Position in `Schedule::tasks`.
    task: usize,
    nominal: NaiveDate,
    at: Option<NaiveTime>,
}

/// The schedule of the shipped packs on the Chinese calendar.
pub fn china() -> &'static Schedule {
    static CHINA: LazyLock<Schedule> =
        LazyLock::new(|| Schedule::new(packs::all(), calendar::china().clone()).expect("shipped rules are tested"));
    &CHINA
}

impl Schedule {
    /// # Errors
    /// Names the task whose rule RFC 5545 does not know.
    pub fn new(packs: &'static [Pack], calendar: WorkCalendar) -> Result<Self, String> {
        let tasks: Vec<_> = packs.iter().flat_map(|pack| pack.tasks.iter().map(move |task| (pack, task))).collect();
        for (_, task) in &tasks {
            expand(&task.rrule, FIRST_DAY.year()).map_err(|error| format!("{}: {error}", task.id))?;
        }
        let memory = Mutex::new(Memory { placed_to: FIRST_DAY.year() - 1, ..Memory::default() });
        Ok(Schedule { tasks, calendar, memory })
    }

    pub fn calendar(&self) -> &WorkCalendar {
        &self.calendar
    }

    /// Everything that comes round on a day, in pack order, sweeps by their time.
    pub fn day(&self, day: NaiveDate) -> Vec<Occurrence> {
        if day < FIRST_DAY || day.year() > LAST_YEAR {
            return Vec::new();
        }
        let mut memory = self.memory.lock().unwrap_or_else(PoisonError::into_inner);
        // Next year's occurrences may have moved back into this one.
        self.place_up_to(day.year() + 1, &mut memory);
        let mut entries = self.fixed(day.year(), &mut memory).get(&day).cloned().unwrap_or_default();
        entries.extend(memory.moved.get(&day).into_iter().flatten());
        entries.sort_by_key(|entry| (entry.task, entry.at, entry.nominal));
        entries.into_iter().map(|entry| self.occurrence(day, entry)).collect()
    }

    fn occurrence(&self, day: NaiveDate, entry: Entry) -> Occurrence {
        let (pack, task) = self.tasks[entry.task];
        Occurrence { pack, task, day, nominal: entry.nominal, at: entry.at }
    }

    /// Occurrences of a year that keep their own day.
    fn fixed(&self, year: i32, memory: &mut Memory) -> Arc<ByDay> {
        if let Some(known) = memory.fixed.get(&year) {
            return Arc::clone(known);
        }
        if memory.fixed.len() >= YEARS_KEPT {
            memory.fixed.clear();
        }
        let mut by_day = ByDay::new();
        for (day, entry) in self.named(year, |_| true).into_iter().filter(|(day, entry)| !self.moves(*day, entry)) {
            by_day.entry(day).or_default().push(entry);
        }
        let by_day = Arc::new(by_day);
        memory.fixed.insert(year, Arc::clone(&by_day));
        by_day
    }

    fn moves(&self, day: NaiveDate, entry: &Entry) -> bool {
        self.tasks[entry.task].1.workday_shift != WorkdayShift::None && !self.calendar.is_working(day)
    }

    /// Every occurrence of some tasks whose own day lies in a year, by day and then in pack order.
    fn named(&self, year: i32, of: impl Fn(&Task) -> bool) -> Vec<(NaiveDate, Entry)> {
        let mut expanded: HashMap<(&str, i32), Vec<NaiveDateTime>> = HashMap::new();
        let mut named = Vec::new();
        for (position, (_, task)) in self.tasks.iter().enumerate().filter(|(_, (_, task))| of(task)) {
            // An offset carries dates over the turn of the year, at most one year far.
            let years = if task.offset_days == 0 { year..=year } else { year - 1..=year + 1 };
            for each in years {
                let dates = expanded.entry((&task.rrule, each)).or_insert_with(|| expand(&task.rrule, each).unwrap_or_default());
                for date in dates {
                    let day = shifted(date.date(), task.offset_days);
                    let at = (task.kind == super::kinds::Kind::Sweep).then(|| date.time());
                    named.push((day, Entry { task: position, nominal: day, at }));
                }
            }
        }
        named.retain(|(day, _)| day.year() == year && *day >= FIRST_DAY);
        named.sort_by_key(|(day, entry)| (*day, entry.task, entry.at));
        named
    }

    /// Places the moved occurrences of every year up to this one that is not done yet.
    fn place_up_to(&self, year: i32, memory: &mut Memory) {
        while memory.placed_to < year {
            let placing = memory.placed_to + 1;
            let may_move = |task: &Task| task.workday_shift != WorkdayShift::None;
            for (day, entry) in self.named(placing, may_move).into_iter().filter(|(day, entry)| self.moves(*day, entry)) {
                let lands_on = self.landing(day, &entry, memory);
                memory.moved.entry(lands_on).or_default().push(entry);
            }
            memory.placed_to = placing;
        }
    }

    /// The working day an occurrence moves to: the nearest in its direction where its time is free. A crowded month
    /// must not push it weeks away, so after `NEAR_DAYS` the other direction is tried before going further. With more
    /// such boxes than working days (a calendar mostly off) it stays on the first day and the overlap remains.
    fn landing(&self, own_day: NaiveDate, entry: &Entry, memory: &mut Memory) -> NaiveDate {
        let forward = self.tasks[entry.task].1.workday_shift == WorkdayShift::Next;
        let walk = |ahead: bool| {
            let step = move |day| if ahead { self.calendar.next_working(day) } else { self.calendar.previous_working(day) };
            // Placed before the first day it would be lost, so such a candidate does not count.
            std::iter::successors(Some(step(own_day)), move |day| Some(step(*day)))
                .take(FAR_DAYS)
                .take_while(|day| *day >= FIRST_DAY)
        };
        let near = walk(forward).take(NEAR_DAYS).chain(walk(!forward).take(NEAR_DAYS));
        let mut candidates = near.chain(walk(forward).skip(NEAR_DAYS)).chain(walk(!forward).skip(NEAR_DAYS));
        let free = candidates.find(|day| self.is_free(*day, entry, memory));
        free.or_else(|| walk(forward).next()).unwrap_or(own_day)
    }

    fn is_free(&self, day: NaiveDate, entry: &Entry, memory: &mut Memory) -> bool {
        let fixed = self.fixed(day.year(), memory);
        let mut others = fixed.get(&day).into_iter().chain(memory.moved.get(&day)).flatten();
        !others.any(|other| self.collide(entry, other))
    }

    /// Two boxes of one role and slot at the same time, or one task twice at the same time of one day.
    fn collide(&self, one: &Entry, other: &Entry) -> bool {
        if one.task == other.task {
            return one.at == other.at;
        }
        overlap(self.tasks[one.task], self.tasks[other.task])
    }
}

/// Whether two tasks on the same day would give one agent (same role, same slot) two time boxes at once.
pub fn overlap(one: (&Pack, &Task), other: (&Pack, &Task)) -> bool {
    let (a, b) = (one.1, other.1);
    if a.role != b.role || a.slot != b.slot || !a.kind.fills_time() || !b.kind.fills_time() {
        return false;
    }
    match (one.0.window_minutes(a), other.0.window_minutes(b)) {
        (Some((from, to)), Some((start, end))) => from < end && start < to,
        _ => false,
    }
}

fn shifted(day: NaiveDate, by: i32) -> NaiveDate {
    let count = Days::new(by.unsigned_abs().into());
    let moved = if by < 0 { day.checked_sub_days(count) } else { day.checked_add_days(count) };
    moved.unwrap_or(day)
}

/// Local dates (and times, where the rule has BYHOUR) of a rule in one year, counted from `FIRST_DAY`.
///
/// # Errors
/// What the parser does not like.
pub fn expand(rule: &str, year: i32) -> Result<Vec<NaiveDateTime>, String> {
    let new_year = NaiveDate::from_ymd_opt(year, 1, 1).unwrap_or(FIRST_DAY);
    let start = if counts_from_start(rule) { FIRST_DAY } else { new_year.max(FIRST_DAY) };
    let text = format!("DTSTART:{}T000000Z\nRRULE:{rule}", start.format("%Y%m%d"));
    let set: RRuleSet = text.parse().map_err(|error: rrule::RRuleError| error.to_string())?;
    let set = set.limit();
    let local = (&set).into_iter().map(|date: DateTime<rrule::Tz>| date.naive_utc());
    Ok(local.skip_while(|date| date.year() < year).take_while(|date| date.year() == year).collect())
}

/// Whether the dates of a rule depend on where it starts: a step or a count does; "every day" or named days do not,
/// and need not be walked through from the first year.
fn counts_from_start(rule: &str) -> bool {
    let part = |name| super::when::Rule(rule).part(name).is_some();
    let named = part("BYDAY") || part("BYMONTHDAY") || rule.contains("FREQ=DAILY");
    part("INTERVAL") || part("COUNT") || part("BYSETPOS") || part("BYWEEKNO") || !named
}

#[cfg(test)]
#[path = "recur_tests.rs"]
mod tests;
