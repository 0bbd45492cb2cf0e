//! A year of VIP care, with leave, swaps and holidays.

use super::care::{Call, Cared, Duty, HORIZON, Planned, plan};
use crate::kit::calendar::{self, WorkCalendar};
use chrono::{Datelike, Days, NaiveDate};
use std::collections::{BTreeMap, BTreeSet, HashMap};

fn day(text: &str) -> NaiveDate {
    text.parse().expect("a day")
}

/// Small and seeded: a test needs no more.
struct Dice(u64);

impl Dice {
    fn below(&mut self, most: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % most
    }
}

/// Four agents, each off two days of the week; leave and swaps take single days away.
struct Team {
    away: BTreeSet<(usize, NaiveDate)>,
    calendar: &'static WorkCalendar,
}

const AGENTS: [&str; 4] = ["ann", "bob", "cai", "dan"];

impl Duty for Team {
    fn works(&self, person: &str, day: NaiveDate) -> bool {
        let Some(number) = AGENTS.iter().position(|name| *name == person) else { return false };
        let rest = (day.num_days_from_ce() as usize + number * 2) % 7;
        rest > 1 && !self.away.contains(&(number, day))
    }
    fn on(&self, day: NaiveDate) -> Vec<String> {
        AGENTS.iter().filter(|name| self.works(name, day)).map(ToString::to_string).collect()
    }
    fn is_working_day(&self, day: NaiveDate) -> bool {
        self.calendar.is_working(day)
    }
}

fn buyer(number: usize, base: NaiveDate) -> Cared {
    Cared {
        customer_id: format!("buyer {number:03}"),
        owner_id: Some(AGENTS[number % AGENTS.len()].into()),
        base,
        ideal_days: 30,
        longest_days: 45,
        planned: None,
    }
}

#[test]
fn in_a_year_nobody_waits_too_long_and_the_load_is_even() {
    let seed = 20_261_122;
    println!("seed {seed}");
    let mut dice = Dice(seed);
    let first = day("2026-01-01");
    let mut team = Team { away: BTreeSet::new(), calendar: calendar::china() };
    // Two weeks of leave each, and the sick days that nobody knows beforehand.
    for number in 0..AGENTS.len() {
        let from = first + Days::new(60 * number as u64 + 20);
        team.away.extend(from.iter_days().take(14).map(|day| (number, day)));
    }
    let mut buyers: Vec<Cared> = (0..200).map(|number| buyer(number, first - Days::new(dice.below(30)))).collect();
    let mut calls: HashMap<NaiveDate, u32> = HashMap::new();
    let (mut per_agent, mut late): (BTreeMap<String, u32>, u32) = (BTreeMap::new(), 0);
    for today in first.iter_days().take(365) {
        if dice.below(5) == 0 {
            team.away.insert((dice.below(AGENTS.len() as u64) as usize, today + Days::new(dice.below(3))));
        }
        let moves: HashMap<String, Call> =
            plan(&buyers, &team, today).into_iter().map(|call| (call.customer_id.clone(), call)).collect();
        for one in &mut buyers {
            if let Some(call) = moves.get(&one.customer_id) {
                assert!(call.owner_id.as_ref().is_none_or(|owner| team.works(owner, call.day)), "{call:?} is off");
                one.planned = Some(Planned { day: call.day, owner_id: call.owner_id.clone(), by_hand: false });
            }
            let gap = (today - one.base).num_days();
            let unseen = gap > 45
                && one.planned.as_ref().is_none_or(|planned| planned.owner_id.is_some() && planned.day > today + Days::new(1));
            assert!(!unseen, "{} waits for {gap} days and nobody sees it", one.customer_id);
            late += u32::from(gap > 45);
            let Some(owner) =
                one.planned.as_ref().filter(|planned| planned.day == today).and_then(|planned| planned.owner_id.clone())
            else {
                continue;
            };
            // One in ten is not reached that day: the call is planned anew tomorrow.
            if team.works(&owner, today) && dice.below(10) > 0 {
                *calls.entry(today).or_default() += 1;
                *per_agent.entry(owner).or_default() += 1;
                (one.base, one.planned) = (today, None);
            }
        }
    }
    let total: u32 = calls.values().sum();
    let busiest =
        calls.iter().filter(|(day, _)| **day > first + Days::new(30)).map(|(_, calls)| *calls).max().unwrap_or_default();
    println!("{total} calls, busiest day {busiest}, by agent {per_agent:?}, {late} buyer days beyond the longest gap");
    assert!(total > 200 * 365 / 45, "everybody is called about once a month");
    assert_eq!(late, 0, "with four agents nobody has to wait beyond the longest gap");
    assert!(f64::from(busiest) <= 2.5 * f64::from(total) / 250.0, "no day is overloaded");
    let (least, most) = (per_agent.values().min(), per_agent.values().max());
    assert!(
        least.zip(most).is_some_and(|(least, most)| f64::from(*most) <= 1.5 * f64::from(*least)),
        "the agents share the work"
    );
}

#[test]
fn a_planned_call_stays_until_its_owner_is_off() {
    let today = day("2026-03-02");
    let mut team = Team { away: BTreeSet::new(), calendar: calendar::china() };
    let mut one = buyer(0, today - Days::new(28));
    let call = plan(std::slice::from_ref(&one), &team, today).remove(0);
    assert_eq!(call.owner_id.as_deref(), Some("ann"));
    one.planned = Some(Planned { day: call.day, owner_id: call.owner_id.clone(), by_hand: false });
    assert_eq!(plan(std::slice::from_ref(&one), &team, today), [], "the same plan twice is no change");
    team.away.insert((0, call.day));
    let moved = plan(std::slice::from_ref(&one), &team, today).remove(0);
    assert!(moved.day != call.day && moved.owner_id.as_deref() == Some("ann"), "another day of the same agent: {moved:?}");
}

#[test]
fn when_the_owner_is_away_too_long_somebody_else_calls_and_when_nobody_is_there_it_is_seen() {
    let today = day("2026-03-02");
    let mut team = Team { away: BTreeSet::new(), calendar: calendar::china() };
    let one = buyer(0, today - Days::new(40));
    team.away.extend(today.iter_days().take(HORIZON as usize + 2).map(|day| (0, day)));
    let call = plan(std::slice::from_ref(&one), &team, today).remove(0);
    assert!(call.owner_id.as_deref().is_some_and(|owner| owner != "ann") && call.day <= one.base + Days::new(45), "{call:?}");
    for number in 1..AGENTS.len() {
        team.away.extend(today.iter_days().take(HORIZON as usize + 2).map(|day| (number, day)));
    }
    assert_eq!(plan(std::slice::from_ref(&one), &team, today).remove(0).owner_id, None);
    let early = buyer(0, today - Days::new(20));
    assert_eq!(plan(&[early], &team, today), [], "whose last days are not rostered yet is left open");
}

#[test]
fn a_call_fixed_by_a_person_is_left_alone() {
    let today = day("2026-03-02");
    let team = Team { away: BTreeSet::new(), calendar: calendar::china() };
    let by_hand = |day| Some(Planned { day, owner_id: Some("ann".into()), by_hand: true });
    let works = today.iter_days().find(|day| team.works("ann", *day)).expect("a day");
    let one = Cared { planned: by_hand(works), ..buyer(0, today - Days::new(200)) };
    assert_eq!(plan(&[one], &team, today), []);
    let rests = today.iter_days().find(|day| !team.works("ann", *day)).expect("a day");
    let one = Cared { planned: by_hand(rests), ..buyer(0, today - Days::new(30)) };
    assert_eq!(plan(&[one], &team, today).len(), 1, "but not when its owner is off that day");
}
