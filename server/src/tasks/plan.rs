//! What one team has to do on one business day, and who does it. Pure: the same input gives the same boxes with the
//! same ids, on whichever server, however often (rules 84, 96; wishes N10, N11).
//!
//! Order of giving out: slot A, then what everybody gets, then slot B, then what one person gets. Within the last, by
//! time; each goes to the person on duty with the least planned minutes, ties turning with the day.

use super::kinds::{CatchUp, Kind, Quadrant, Slot};
use super::packs::{Anchor, Hm, Pack, Per, Task};
use super::recur::{Occurrence, Schedule};
use crate::kit::ids;
use crate::kit::text::Text;
use crate::kit::zone::minute_of_day;
use chrono::{Datelike, NaiveDate};
use chrono_tz::Tz;
use std::cmp::Reverse;
use std::collections::HashMap;

/// Role of tasks for everybody on duty except `SUPERVISOR`.
pub const ALL_AGENTS: &str = "all_agents";
pub const SUPERVISOR: &str = "supervisor";
/// What a box without a length of its own weighs when work is shared out, in minutes.
const NOMINAL_MIN: i64 = 15;

/// A person's shift on the day that is planned. A night shift is handed in with the day it starts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OnDuty {
    pub person_id: String,
    /// Skill code of the assignment: presale, aftersale, night, supervisor, or the team's own.
    pub skill_code: String,
    /// UTC milliseconds.
    pub starts_at: i64,
    /// UTC milliseconds, exclusive.
    pub ends_at: i64,
    /// Orders people who start together; must not change from day to day. The person's id breaks ties.
    pub name_order: String,
}

#[derive(Clone, Copy)]
pub struct PlanInput<'a> {
    pub workspace_id: &'a str,
    pub team_id: &'a str,
    pub day: NaiveDate,
    pub zone: Tz,
    pub schedule: &'a Schedule,
    /// Codes of the packs the team has switched on.
    pub enabled: &'a [String],
    pub roster: &'a [OnDuty],
}

/// A box as it should be. Instants are UTC milliseconds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlannedBox {
    /// UUIDv5 of workspace, team, day, task, occurrence time, slot and person.
    pub id: String,
    /// Names the row of boxes this one belongs to, day after day: task, sweep time, slot, person ("as_refund_sweep@10:00").
    pub series: String,
    pub day: NaiveDate,
    pub pack_code: String,
    pub task_code: String,
    pub slot: Option<Slot>,
    pub title: Text,
    /// The role it is for; a person's own skill where the task is for all agents.
    pub skill_code: String,
    pub kind: Kind,
    pub start_at: Option<i64>,
    pub end_at: Option<i64>,
    /// The deadline, else the end of the window, else the end of the shift.
    pub due_at: i64,
    pub cutoff: bool,
    pub quadrant: Quadrant,
    pub catch_up: CatchUp,
    pub checklist: Vec<Text>,
    /// `None` is the team's open pool.
    pub assignee_id: Option<String>,
}

/// A person with everything they are on duty for under one role.
struct Agent<'a> {
    person_id: &'a str,
    skill_code: &'a str,
    order: (i64, &'a str, &'a str),
    shifts: Vec<(i64, i64)>,
}

/// What people have been given so far, over all roles.
#[derive(Default)]
struct Load<'a> {
    minutes: HashMap<&'a str, i64>,
    busy: HashMap<&'a str, Vec<(i64, i64)>>,
}

/// The boxes of a day in pack order. Boxes of a role nobody is rostered for go to the open pool, except those that
/// everybody of the role would get.
pub fn plan_day(input: &PlanInput<'_>) -> Vec<PlannedBox> {
    let day = input.schedule.day(input.day);
    let occurrences: Vec<_> = day.iter().filter(|o| input.enabled.contains(&o.pack.id)).collect();
    let mut planner = Planner { input, day: &day, load: Load::default(), made: Vec::new() };
    let in_turn = |occurrence: &Occurrence| match (occurrence.task.slot, occurrence.task.per) {
        (Some(Slot::A), _) => 0,
        (_, Per::Each) => 1,
        (Some(Slot::B), _) => 2,
        (None, Per::One) => 3,
    };
    let mut order: Vec<usize> = (0..occurrences.len()).collect();
    order.sort_by_key(|at| {
        let occurrence = occurrences[*at];
        let times = planner.times(occurrence);
        (in_turn(occurrence), times.start.unwrap_or(times.due), times.due, *at)
    });
    for at in order {
        planner.place(at, occurrences[at]);
    }
    planner.made.sort_by_key(|(at, person, _)| (*at, *person));
    planner.made.into_iter().map(|(_, _, made)| made).collect()
}

/// When a box begins, ends and is due, in UTC milliseconds.
#[derive(Clone, Copy)]
struct Times {
    start: Option<i64>,
    end: Option<i64>,
    due: i64,
}

impl Times {
    /// The stretch somebody should be on duty for: the window, or the deadline itself; nothing for "any time".
    fn wanted(&self, kind: Kind) -> Option<(i64, i64)> {
        match (self.start, self.end, kind) {
            (Some(start), _, Kind::Sweep) => Some((start, start)),
            (Some(start), Some(end), _) => Some((start, end)),
            (_, _, Kind::Deadline) => Some((self.due, self.due)),
            _ => None,
        }
    }
}

struct Planner<'a> {
    input: &'a PlanInput<'a>,
    day: &'a [Occurrence],
    load: Load<'a>,
    /// Boxes with their place: position of the occurrence, then of the person.
    made: Vec<(usize, usize, PlannedBox)>,
}

impl<'a> Planner<'a> {
    fn place(&mut self, at: usize, occurrence: &Occurrence) {
        let agents = agents(self.input.roster, &occurrence.task.role);
        match occurrence.task.per {
            Per::Each => self.place_each(at, occurrence, &agents),
            Per::One => self.place_one(at, occurrence, &agents),
        }
    }

    /// A box for everybody whose shift has to do with its time.
    fn place_each(&mut self, at: usize, occurrence: &Occurrence, agents: &[Agent<'a>]) {
        for (position, agent) in agents.iter().enumerate() {
            let times = anchored(occurrence, agent).unwrap_or_else(|| self.times_for(occurrence, agent));
            let meets = |&(start, end): &(i64, i64)| match times.wanted(occurrence.task.kind) {
                Some((from, to)) if from < to => from < end && start < to,
                Some((instant, _)) => start <= instant && instant <= end,
                None => true,
            };
            if occurrence.task.anchor != Anchor::Clock || agent.shifts.iter().any(meets) {
                let made = self.make(occurrence, times, Some(agent));
                self.give(occurrence, times, agent);
                self.made.push((at, position, made));
            }
        }
    }

    /// A single box, given to the fittest or left in the open pool.
    fn place_one(&mut self, at: usize, occurrence: &Occurrence, agents: &[Agent<'a>]) {
        let times = self.times(occurrence);
        let chosen = match occurrence.task.slot {
            Some(slot) => self.of_slot(slot, occurrence, times, agents),
            None => self.fittest(occurrence, times, agents),
        };
        let times = chosen.map_or(times, |agent| self.times_for(occurrence, agent));
        let mut made = self.make(occurrence, times, None);
        if let Some(agent) = chosen {
            self.give(occurrence, times, agent);
            agent.person_id.clone_into(made.assignee_id.get_or_insert_default());
        }
        self.made.push((at, 0, made));
    }

    /// Agent 1 takes A and agent 2 takes B, counted by shift start among those on duty at the time (rule 84). A single
    /// agent takes B as well when that leaves nobody in two places.
    fn of_slot<'b>(&self, slot: Slot, occurrence: &Occurrence, times: Times, agents: &'b [Agent<'a>]) -> Option<&'b Agent<'a>> {
        let near = nearest(agents, times.wanted(occurrence.task.kind));
        match (slot, near.as_slice()) {
            (Slot::A, [first, ..]) | (Slot::B, [_, first, ..]) => Some(*first),
            (Slot::B, [only]) => Some(*only).filter(|agent| self.is_free(occurrence.task.kind, times, agent)),
            (_, []) => None,
        }
    }

    /// Of those on duty at the time (or nearest to it) and free: the one with the least planned minutes.
    fn fittest<'b>(&self, occurrence: &Occurrence, times: Times, agents: &'b [Agent<'a>]) -> Option<&'b Agent<'a>> {
        let kind = occurrence.task.kind;
        let near = nearest(agents, times.wanted(kind));
        let count = near.len();
        let turn = usize::try_from(self.input.day.num_days_from_ce()).unwrap_or(0);
        let free = near.into_iter().enumerate().filter(|(_, agent)| self.is_free(kind, times, agent));
        let least =
            free.min_by_key(|(at, agent)| (self.load.minutes.get(agent.person_id).copied().unwrap_or(0), (at + turn) % count));
        least.map(|(_, agent)| agent)
    }

    fn is_free(&self, kind: Kind, times: Times, agent: &Agent<'_>) -> bool {
        let (true, Some(from), Some(to)) = (kind.fills_time(), times.start, times.end) else { return true };
        let busy = self.load.busy.get(agent.person_id);
        !busy.into_iter().flatten().any(|(start, end)| from < *end && *start < to)
    }

    fn give(&mut self, occurrence: &Occurrence, times: Times, agent: &Agent<'a>) {
        let minutes = match (occurrence.task.kind, times.start, times.end) {
            (Kind::Timebox | Kind::Meeting, Some(start), Some(end)) => {
                self.load.busy.entry(agent.person_id).or_default().push((start, end));
                (end - start) / 60_000
            }
            (Kind::Standing, ..) => 0,
            _ => NOMINAL_MIN,
        };
        *self.load.minutes.entry(agent.person_id).or_default() += minutes;
    }

    /// Times of an occurrence by the clock; without an own end it is due at the end of the pack's shift.
    fn times(&self, occurrence: &Occurrence) -> Times {
        let (day, zone, pack) = (self.input.day, self.input.zone, occurrence.pack);
        let at = |minutes| minute_of_day(day, minutes, zone);
        let shift_end = at(pack.shift_minutes().1);
        let window = pack.window_minutes(occurrence.task).map(|(start, end)| (at(start), at(end)));
        let deadline = occurrence.task.deadline.map(|time| at(pack.minute(time)));
        let (start, end) = match occurrence.at {
            // A sweep may be done until the next one of the day begins.
            Some(time) => (Some(at(pack.minute(Hm(time)))), Some(self.next_sweep(occurrence).map_or(shift_end, at))),
            None => window.unzip(),
        };
        Times { start, end: end.max(start), due: deadline.or(end.max(start)).unwrap_or(shift_end) }
    }

    /// The same for a known person: what ends with the shift ends with that person's.
    fn times_for(&self, occurrence: &Occurrence, agent: &Agent<'_>) -> Times {
        let times = self.times(occurrence);
        let shift_end = agent.shifts.iter().map(|shift| shift.1).max();
        match (times.end, occurrence.task.deadline, shift_end) {
            (None, None, Some(end)) => Times { due: end, ..times },
            _ => times,
        }
    }

    /// Minutes from local midnight at which the day's next sweep of the same task begins.
    fn next_sweep(&self, occurrence: &Occurrence) -> Option<i32> {
        let minute = |other: &Occurrence| other.at.map(|at| other.pack.minute(Hm(at)));
        let all = self.day.iter().filter(|other| std::ptr::eq(other.task, occurrence.task)).filter_map(minute);
        all.filter(|at| Some(*at) > minute(occurrence)).min()
    }

    /// `owner` is whom a per-each box is made for.
    fn make(&self, occurrence: &Occurrence, times: Times, owner: Option<&Agent<'_>>) -> PlannedBox {
        let task = occurrence.task;
        let series = series(task, occurrence, owner.map(|agent| agent.person_id));
        let day = self.input.day.to_string();
        let skill = owner.filter(|_| task.role == ALL_AGENTS).map_or(task.role.as_str(), |agent| agent.skill_code);
        PlannedBox {
            id: ids::derived(&["box", self.input.workspace_id, self.input.team_id, &day, &series]),
            series,
            day: self.input.day,
            pack_code: occurrence.pack.id.clone(),
            task_code: task.id.clone(),
            slot: task.slot,
            title: task.title.clone(),
            skill_code: skill.to_owned(),
            kind: task.kind,
            start_at: times.start,
            end_at: times.end,
            due_at: times.due,
            cutoff: task.cutoff,
            quadrant: task.quadrant,
            catch_up: task.catch_up,
            checklist: task.checklist.clone(),
            assignee_id: owner.map(|agent| agent.person_id.to_owned()),
        }
    }
}

fn series(task: &Task, occurrence: &Occurrence, person: Option<&str>) -> String {
    let at = occurrence.at.map(|time| time.format("@%H:%M").to_string()).unwrap_or_default();
    let slot = task.slot.map(|slot| format!("/{slot}")).unwrap_or_default();
    let person = person.map(|id| format!("#{id}")).unwrap_or_default();
    format!("{}{at}{slot}{person}", task.id)
}

/// People on duty for a role by shift start, then in stable order; two shifts of one person count as one person.
fn agents<'a>(roster: &'a [OnDuty], role: &str) -> Vec<Agent<'a>> {
    let fits = |duty: &&OnDuty| if role == ALL_AGENTS { duty.skill_code != SUPERVISOR } else { duty.skill_code == role };
    let mut agents: Vec<Agent<'a>> = Vec::new();
    let mut duties: Vec<_> = roster.iter().filter(fits).collect();
    duties.sort_by_key(|duty| (duty.starts_at, &duty.name_order, &duty.person_id, &duty.skill_code, Reverse(duty.ends_at)));
    for duty in duties {
        let shift = (duty.starts_at, duty.ends_at);
        match agents.iter_mut().find(|agent| agent.person_id == duty.person_id) {
            Some(agent) => agent.shifts.push(shift),
            None => agents.push(Agent {
                person_id: &duty.person_id,
                skill_code: &duty.skill_code,
                order: (duty.starts_at, &duty.name_order, &duty.person_id),
                shifts: vec![shift],
            }),
        }
    }
    agents.sort_by_key(|agent| agent.order);
    agents
}

/// Those whose shifts cover the wanted stretch, else those who miss the least of it.
fn nearest<'b, 'a>(agents: &'b [Agent<'a>], wanted: Option<(i64, i64)>) -> Vec<&'b Agent<'a>> {
    let Some((from, to)) = wanted else { return agents.iter().collect() };
    let off = |agent: &Agent<'_>| {
        let gaps = agent.shifts.iter().map(|(start, end)| (start - from).max(0) + (to - end).max(0));
        gaps.min().unwrap_or(i64::MAX)
    };
    let least = agents.iter().map(off).min();
    agents.iter().filter(|agent| Some(off(agent)) == least).collect()
}

/// A window that hangs on the person's own shift: as far from its start or end as it is from the pack's.
fn anchored(occurrence: &Occurrence, agent: &Agent<'_>) -> Option<Times> {
    let (pack, task): (&Pack, &Task) = (occurrence.pack, occurrence.task);
    let (from, to) = pack.window_minutes(task)?;
    let (shift_start, shift_end) = pack.shift_minutes();
    let starts_at = agent.shifts.iter().map(|shift| shift.0).min()?;
    let ends_at = agent.shifts.iter().map(|shift| shift.1).max()?;
    let after = |instant: i64, minutes: i32| instant + i64::from(minutes) * 60_000;
    let (start, end) = match task.anchor {
        Anchor::Clock => return None,
        Anchor::Start => (after(starts_at, from - shift_start), after(starts_at, to - shift_start)),
        Anchor::End => (after(ends_at, from - shift_end), after(ends_at, to - shift_end)),
        Anchor::Whole => (starts_at, ends_at),
    };
    Some(Times { start: Some(start), end: Some(end), due: end })
}

#[cfg(test)]
#[path = "plan_tests.rs"]
mod tests;
