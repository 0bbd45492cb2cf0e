use super::*;
use crate::kit::zone::{instant, parse_day};
use crate::tasks::packs;
use crate::tasks::plan::{OnDuty, PlanInput, plan_day};
use crate::tasks::recur::china;
use chrono_tz::{America, Asia, Europe, Tz};
use proptest::prelude::*;
use std::collections::BTreeMap;

const PEOPLE: [(&str, &str, &str, i64); 6] = [
    ("ann", "presale", "08:30", 9),
    ("bob", "presale", "08:30", 9),
    ("cao", "aftersale", "09:00", 9),
    ("eve", "aftersale", "09:00", 9),
    ("dan", "night", "17:30", 6),
    ("sue", "supervisor", "08:30", 10),
];

fn day(text: &str) -> NaiveDate {
    parse_day(text).expect("day")
}

/// The plan of a day with these people on.
fn planned(day: NaiveDate, zone: Tz, people: &[(&str, &str, &str, i64)]) -> Vec<PlannedBox> {
    let enabled: Vec<String> = packs::all().iter().map(|pack| pack.id.clone()).collect();
    let on = |(person, skill, start, hours): &(&str, &str, &str, i64)| {
        let starts_at = instant(day, start, zone).expect("time");
        let person_id = (*person).to_owned();
        OnDuty {
            name_order: person_id.clone(),
            person_id,
            skill_code: (*skill).to_owned(),
            starts_at,
            ends_at: starts_at + hours * 3_600_000,
        }
    };
    let roster: Vec<_> = people.iter().map(on).collect();
    plan_day(&PlanInput { workspace_id: "w", team_id: "t", day, zone, schedule: china(), enabled: &enabled, roster: &roster })
}

fn stored(plan: &PlannedBox) -> MadeBox {
    MadeBox {
        id: plan.id.clone(),
        series: plan.series.clone(),
        day: plan.day,
        state: BoxState::Todo,
        catch_up: plan.catch_up,
        assignee_id: plan.assignee_id.clone(),
        start_at: plan.start_at,
        end_at: plan.end_at,
        due_at: Some(plan.due_at),
        carried_from: None,
        by_hand: false,
    }
}

/// The boxes table, turned the way the server does it.
#[derive(Default)]
struct Table {
    boxes: BTreeMap<String, MadeBox>,
    created: Vec<PlannedBox>,
}

impl Table {
    /// Turns a day and says how much had to be stored.
    fn turn(&mut self, plan: &[PlannedBox], day: NaiveDate, now: i64) -> usize {
        let all: Vec<_> = self.boxes.values().cloned().collect();
        let turn = close_day(&all, plan, day, now);
        for id in &turn.missed {
            self.get(id).state = BoxState::Missed;
        }
        for carried in &turn.carried {
            let made = self.get(&carried.id);
            (made.day, made.carried_from, made.assignee_id) = (day, Some(carried.carried_from), carried.assignee_id.clone());
        }
        turn.missed.len() + turn.carried.len() + self.reconcile(plan, day)
    }

    fn reconcile(&mut self, plan: &[PlannedBox], day: NaiveDate) -> usize {
        let all: Vec<_> = self.boxes.values().cloned().collect();
        let result = reconcile(&all, plan, day);
        for id in &result.remove {
            assert!(self.boxes.remove(id).is_some(), "removed twice: {id}");
        }
        for (id, assignee) in &result.reassign {
            self.get(id).assignee_id.clone_from(assignee);
        }
        for plan in &result.update {
            *self.get(&plan.id) = stored(plan);
        }
        for plan in &result.create {
            assert!(self.boxes.insert(plan.id.clone(), stored(plan)).is_none(), "made twice: {}", plan.series);
            self.created.push(plan.clone());
        }
        result.create.len() + result.update.len() + result.reassign.len() + result.remove.len()
    }

    fn get(&mut self, id: &str) -> &mut MadeBox {
        self.boxes.get_mut(id).expect("known box")
    }

    fn of(&self, series: &str) -> Vec<&MadeBox> {
        self.boxes.values().filter(|made| made.series == series).collect()
    }

    fn one(&mut self, series: &str, day: NaiveDate) -> &mut MadeBox {
        self.boxes.values_mut().find(|made| made.series == series && made.day == day).expect(series)
    }
}

fn midnight(day: NaiveDate, zone: Tz) -> i64 {
    instant(day, "00:00", zone).expect("time")
}

/// A server that was down makes up for every day it missed, at one instant; nobody has done anything.
fn down(zone: Tz, from: &str, to: &str) -> Table {
    let (from, to) = (day(from), day(to));
    let now = instant(to, "07:00", zone).expect("time");
    let mut table = Table::default();
    for each in from.iter_days().take_while(|each| *each <= to) {
        table.turn(&planned(each, zone, &PEOPLE), each, now);
    }
    table
}

#[test]
fn a_month_without_a_server_accounts_for_every_occurrence_once() {
    for (zone, from, to) in [
        (Asia::Shanghai, "2026-01-20", "2026-02-20"),
        (Europe::Berlin, "2026-03-10", "2026-04-10"),
        (America::New_York, "2026-10-15", "2026-11-15"),
        (Asia::Shanghai, "2028-02-10", "2028-03-10"),
    ] {
        let mut table = down(zone, from, to);
        let (first, last) = (day(from), day(to));
        let mut occurrences: BTreeMap<String, Vec<PlannedBox>> = BTreeMap::new();
        for each in first.iter_days().take_while(|each| *each <= last) {
            for plan in planned(each, zone, &PEOPLE) {
                occurrences.entry(plan.series.clone()).or_default().push(plan);
            }
        }
        for (series, plans) in &occurrences {
            let made = table.of(series);
            let open: Vec<_> = made.iter().filter(|made| made.state.is_open()).collect();
            let newest = plans.last().expect("some");
            match newest.catch_up {
                CatchUp::Skip => {
                    assert_eq!(made.len(), plans.len(), "{series}");
                    assert!(open.iter().all(|made| made.day == last), "{series}: missed at the end of its day");
                }
                CatchUp::Collapse => {
                    assert_eq!(made.len(), plans.len(), "{series}");
                    assert!(open.len() == 1 && open[0].id == newest.id, "{series}: only the newest is open");
                }
                CatchUp::Carry => {
                    assert!(made.len() == 1 && open.len() == 1, "{series}: one box stands for all");
                    let (at, plan) = (open[0], &plans[0]);
                    assert_eq!((&at.id, at.day), (&plan.id, last), "{series}");
                    assert_eq!(at.carried_from, (plan.day < last).then_some(plan.day), "{series}");
                }
                CatchUp::Pile => assert_eq!(open.len(), plans.len()),
            }
        }
        assert_eq!(table.boxes.keys().len(), table.created.len(), "nothing made was lost");
        let now = instant(last, "07:00", zone).expect("time");
        assert_eq!(table.turn(&planned(last, zone, &PEOPLE), last, now), 0, "a second run finds nothing to do");
    }
}

#[test]
fn each_policy_at_the_turn_of_the_day() {
    let (monday, tuesday) = (day("2026-03-02"), day("2026-03-03"));
    let now = midnight(tuesday, Asia::Shanghai);
    let made = |series: &str, catch_up| MadeBox {
        id: series.into(),
        series: series.into(),
        day: monday,
        state: BoxState::Todo,
        catch_up,
        assignee_id: Some("ann".into()),
        start_at: None,
        end_at: None,
        due_at: Some(now - 1),
        carried_from: None,
        by_hand: false,
    };
    let newer = planned(tuesday, Asia::Shanghai, &PEOPLE);
    let outcome = |made: &MadeBox| {
        let turn = close_day(std::slice::from_ref(made), &newer, tuesday, now);
        match (turn.missed.len(), turn.carried.as_slice()) {
            (1, []) => "missed".to_owned(),
            (0, [carried]) => {
                format!("carried from {} to {}", carried.carried_from, carried.assignee_id.as_deref().unwrap_or("-"))
            }
            _ => "stays".to_owned(),
        }
    };
    use CatchUp::{Carry, Collapse, Pile, Skip};
    for (what, made, expected) in [
        ("skip", made("sd_accounts", Skip), "missed"),
        ("skip without a newer one", made("gone", Skip), "missed"),
        ("skip begun", MadeBox { state: BoxState::Doing, ..made("gone", Skip) }, "missed"),
        ("skip done", MadeBox { state: BoxState::Done, ..made("gone", Skip) }, "stays"),
        ("collapse with a newer one", made("ps_audit_am", Collapse), "missed"),
        ("collapse, same task of another sweep time", made("as_refund_sweep@09:00", Collapse), "stays"),
        ("collapse, weekly task", made("sw_roster", Collapse), "stays"),
        ("collapse, the person is off today", made("ps_lead_register#zoe", Collapse), "stays"),
        ("pile", made("ps_audit_am", Pile), "stays"),
        (
            "carry goes to whose turn it is",
            MadeBox { assignee_id: Some("zoe".into()), ..made("ps_night_unanswered/A", Carry) },
            "carried from 2026-03-02 to ann",
        ),
        (
            "carry begun keeps its person",
            MadeBox { state: BoxState::Doing, assignee_id: Some("zoe".into()), ..made("ps_night_unanswered/A", Carry) },
            "carried from 2026-03-02 to zoe",
        ),
        (
            "carry handed keeps its person",
            MadeBox { by_hand: true, assignee_id: Some("zoe".into()), ..made("ps_night_unanswered/A", Carry) },
            "carried from 2026-03-02 to zoe",
        ),
        ("carry of a monthly task", made("as_vip_revisit", Carry), "carried from 2026-03-02 to ann"),
        (
            "carry again",
            MadeBox { carried_from: Some(day("2026-02-20")), ..made("as_vip_revisit", Carry) },
            "carried from 2026-02-20 to ann",
        ),
        ("time still runs", MadeBox { due_at: Some(now + 1), ..made("sd_accounts", Skip) }, "stays"),
        ("without any end", MadeBox { due_at: None, ..made("sd_accounts", Skip) }, "missed"),
        ("of the day itself", MadeBox { day: tuesday, ..made("sd_accounts", Skip) }, "stays"),
    ] {
        assert_eq!(outcome(&made), expected, "{what}");
    }
    // A newer one that already exists counts as well; one of a later day made ahead does not.
    let (old, wednesday) = (made("sw_roster", Collapse), day("2026-03-04"));
    let twin = |day| MadeBox { id: "twin".into(), day, ..made("sw_roster", Collapse) };
    assert_eq!(close_day(&[old.clone(), twin(tuesday)], &[], tuesday, now).missed, ["sw_roster"]);
    assert!(close_day(&[old, twin(wednesday)], &[], tuesday, now).missed.is_empty());
}

#[test]
fn carried_work_stands_in_for_the_new_day_until_tomorrow() {
    let zone = Asia::Shanghai;
    let (monday, tuesday, wednesday) = (day("2026-03-02"), day("2026-03-03"), day("2026-03-04"));
    let mut table = Table::default();
    let plan = |day| planned(day, zone, &PEOPLE);
    table.turn(&plan(monday), monday, midnight(monday, zone));
    // Tomorrow's board is made in the evening: the open box keeps tomorrow's from being made.
    table.reconcile(&plan(tuesday), tuesday);
    assert_eq!(table.of("as_payout_cutoff").len(), 1);
    table.turn(&plan(tuesday), tuesday, midnight(tuesday, zone));
    let carried = table.one("as_payout_cutoff", tuesday);
    assert_eq!(carried.carried_from, Some(monday));
    carried.state = BoxState::Done;
    assert_eq!(table.turn(&plan(tuesday), tuesday, midnight(tuesday, zone) + 1), 0, "done in the morning, no second one today");
    table.turn(&plan(wednesday), wednesday, midnight(wednesday, zone));
    assert_eq!(table.one("as_payout_cutoff", wednesday).carried_from, None, "a fresh one on the next day");
    assert_eq!(table.of("as_payout_cutoff").len(), 2);
    // Asking for Monday again does not bring Monday's box back: it exists, on another day.
    table.reconcile(&plan(monday), monday);
    assert_eq!(table.of("as_payout_cutoff").len(), 2);
}

#[test]
fn done_in_the_evening_brings_tomorrows_box_at_the_turn() {
    let zone = Asia::Shanghai;
    let (monday, tuesday) = (day("2026-03-02"), day("2026-03-03"));
    let mut table = Table::default();
    table.turn(&planned(monday, zone, &PEOPLE), monday, midnight(monday, zone));
    table.reconcile(&planned(tuesday, zone, &PEOPLE), tuesday);
    table.one("as_payout_cutoff", monday).state = BoxState::Done;
    table.turn(&planned(tuesday, zone, &PEOPLE), tuesday, midnight(tuesday, zone));
    assert!(table.one("as_payout_cutoff", tuesday).state.is_open());
}

#[test]
fn boxes_of_a_night_shift_run_on_past_midnight() {
    let zone = Europe::Berlin;
    // The clock goes forward in the night of this shift.
    let (saturday, sunday) = (day("2026-03-28"), day("2026-03-29"));
    let night = [("dan", "night", "22:00", 8)];
    let mut table = Table::default();
    table.turn(&planned(saturday, zone, &night), saturday, midnight(saturday, zone));
    let plan = planned(sunday, zone, &night);
    let open = |table: &Table| table.of("nt_online_dunning#dan").iter().filter(|made| made.state.is_open()).count();
    table.turn(&plan, sunday, midnight(sunday, zone));
    assert_eq!(open(&table), 2, "at midnight the shift is still on");
    let end = midnight(saturday, zone) + 30 * 3_600_000;
    assert_eq!(end, instant(sunday, "07:00", zone).expect("time"), "eight hours after 22:00 it is 07:00 summer time");
    table.turn(&plan, sunday, end - 1);
    assert_eq!(open(&table), 2);
    table.turn(&plan, sunday, end);
    assert_eq!(open(&table), 1, "missed when the shift ends");
}

#[test]
fn a_changed_roster_moves_only_what_nobody_touched() {
    let zone = Asia::Shanghai;
    let monday = day("2026-03-02");
    let mut table = Table::default();
    table.turn(&planned(monday, zone, &PEOPLE), monday, midnight(monday, zone));
    table.one("ps_reception#ann", monday).state = BoxState::Doing;
    table.one("ps_lead_register#ann", monday).by_hand = true;
    table.one("ps_night_unanswered/A", monday).state = BoxState::Done;
    let before = table.boxes.len();
    // Ann is ill; Zoe comes for her.
    let mut people = PEOPLE;
    people[0].0 = "zoe";
    let plan = planned(monday, zone, &people);
    assert!(table.reconcile(&plan, monday) > 0);
    let anns: Vec<_> =
        table.boxes.values().filter(|made| made.assignee_id.as_deref() == Some("ann")).map(|made| made.series.as_str()).collect();
    let mut anns = anns;
    anns.sort_unstable();
    assert_eq!(anns, ["ps_lead_register#ann", "ps_night_unanswered/A", "ps_reception#ann"]);
    assert_eq!(table.one("ps_accounts_online_pm/A", monday).assignee_id.as_deref(), Some("bob"), "bob is agent 1 now");
    assert_eq!(table.of("ps_reception#zoe").len(), 1);
    assert_eq!(table.boxes.len(), before + 2, "the two touched boxes of each person stay beside the new ones");
    assert_eq!(table.reconcile(&plan, monday), 0, "the second time there is nothing to do");
    // The packs are switched off: untouched boxes go, touched ones stay.
    table.reconcile(&[], monday);
    assert_eq!(table.boxes.len(), 3);
}

#[test]
fn carried_boxes_follow_the_roster_of_the_day() {
    let zone = Asia::Shanghai;
    let (monday, tuesday) = (day("2026-03-02"), day("2026-03-03"));
    let mut table = Table::default();
    table.turn(&planned(monday, zone, &PEOPLE), monday, midnight(monday, zone));
    table.turn(&planned(tuesday, zone, &PEOPLE), tuesday, midnight(tuesday, zone));
    assert_eq!(table.one("ps_night_unanswered/A", tuesday).assignee_id.as_deref(), Some("ann"));
    table.turn(&planned(tuesday, zone, &PEOPLE[1..]), tuesday, midnight(tuesday, zone));
    assert_eq!(table.one("ps_night_unanswered/A", tuesday).assignee_id.as_deref(), Some("bob"));
    table.reconcile(&planned(tuesday, zone, &[]), tuesday);
    assert_eq!(table.one("ps_night_unanswered/A", tuesday).assignee_id.as_deref(), Some("bob"), "nobody else: it stays");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(6))]
    #[test]
    fn any_life_keeps_every_occurrence_once(seed in prop::collection::vec((any::<u8>(), 0usize..6, 0usize..4), 20), start in 0u64..700) {
        let zone = Europe::Berlin;
        let first = day("2026-01-05") + chrono::Days::new(start);
        let (mut table, mut due, mut asked) = (Table::default(), first, first);
        for (luck, off, gap) in seed {
            // `gap` days without a server, then all of them are turned at once.
            asked = asked + chrono::Days::new(gap as u64);
            let now = instant(asked, "06:30", zone).expect("time");
            let mut people = PEOPLE.to_vec();
            people.remove(off);
            while due <= asked {
                table.turn(&planned(due, zone, &people), due, now);
                due = due.succ_opt().expect("day");
            }
            table.turn(&planned(asked, zone, &people), asked, now);
            for (at, made) in table.boxes.values_mut().filter(|made| made.state.is_open()).enumerate() {
                if (at + usize::from(luck)) % 3 == 0 { made.state = BoxState::Done; }
            }
            prop_assert_eq!(table.turn(&planned(asked, zone, &people), asked, now), 0, "again is nothing");
            let mut open: BTreeMap<&str, usize> = BTreeMap::new();
            for made in table.boxes.values().filter(|made| made.state.is_open()) {
                *open.entry(made.series.as_str()).or_default() += 1;
                prop_assert!(made.catch_up != CatchUp::Skip || made.day == asked, "{} of {}", made.series, made.day);
                prop_assert!(made.carried_from.is_none_or(|from| from < made.day));
            }
            prop_assert!(open.values().all(|count| *count == 1), "copies pile up: {open:?}");
        }
    }
}
