//! I1 to I9, I11, I13 and I14 over random histories, each on both engines.

use super::checks;
use super::history::{Moment, explore};
use super::truth::{Truth, differences};
use crate::harness::dump::{changes, dump};
use crate::harness::{Dice, World, both_engines, seeds};
use crate::harness::{Phone, phone};
use dutyboard::sync::wire::Outcome;
use serde_json::json;

const CASES: usize = 2;
const STEPS: usize = 70;

/// What a refusal may leave behind: that it happened, and the refused change itself for its author.
const BOOKKEEPING: [&str; 7] =
    ["mutation_log", "sync_client", "sync_group", "sync_workspace", "reject", "sync_entry", "sync_member"];

both_engines! {
    fn i1_exactly_once(engine) {
        explore(engine, CASES, STEPS, |history, _| {
            history.phones.iter().try_for_each(|phone| checks::exactly_once(&history.world, phone))
        });
    }

    fn i2_prefix(engine) {
        explore(engine, CASES, STEPS, |history, moment| match moment {
            Moment::Step => checks::prefix(&history.phones[history.dice.below(history.phones.len())]),
            Moment::Rest => history.phones.iter().try_for_each(checks::prefix),
        });
    }

    fn i3_delta_is_snapshot(engine) {
        explore(engine, CASES, STEPS, |history, moment| {
            if moment == Moment::Step {
                // On the way: the oldest cookie of somebody's phone, the newest, and one between.
                let phone = &history.phones[history.dice.below(history.phones.len())];
                let last = phone.moments.len() - 1;
                return checks::delta_is_snapshot(&history.world, phone, &[0, last / 2, last]);
            }
            let all = |phone: &Phone| (0..phone.moments.len()).collect::<Vec<_>>();
            history.phones.iter().try_for_each(|phone| checks::delta_is_snapshot(&history.world, phone, &all(phone)))
        });
    }

    fn i4_visible_is_allowed(engine) {
        explore(engine, CASES, STEPS, |history, _| {
            let truth = Truth::of(&history.world);
            history.phones.iter().step_by(2).try_for_each(|phone| checks::visible_is_allowed(&history.world, &truth, phone))
        });
    }

    fn i5_same_scope_same_view(engine) {
        explore(engine, CASES, STEPS, |history, moment| {
            let pairs = if moment == Moment::Rest { history.phones.chunks(2) } else { [].chunks(2) };
            for pair in pairs {
                differences(&pair[0].now.view, &pair[1].now.view).map_err(|what| format!("I5: two phones of {}: {what}", pair[0].user))?;
            }
            Ok(())
        });
    }

    fn i6_nothing_lost(engine) {
        explore(engine, CASES, STEPS, |history, _| checks::nothing_lost(&history.world, &history.phones));
    }

    /// The phone itself refuses a pull whose order goes back (`Phone::take_in`); here the older cookies are asked as well.
    fn i7_order_never_decreases(engine) {
        explore(engine, CASES, STEPS, |history, _| {
            for phone in &history.phones {
                let older = &phone.moments[phone.moments.len() / 2];
                let Some(patch) = phone.ask(&history.world, &older.cookie) else { continue };
                let (before, now) = (phone::order(&older.cookie), phone::order(&patch.cookie));
                if now < before {
                    return Err(format!("I7: {} went from {before} to {now}", phone.user));
                }
            }
            Ok(())
        });
    }

    /// Coming to rest is the proof (`History::come_to_rest`): every queue drains in three rounds. Here every third change is
    /// poison, in the first place, in the middle and at the end of queues.
    fn i8_liveness_with_poison(engine) {
        explore(engine, CASES, STEPS, |history, moment| {
            if moment == Moment::Step && history.dice.percent(30) {
                let index = history.dice.below(history.phones.len());
                let (name, args) = crate::sync::moves::poison(history);
                history.phones[index].write(0, name, args, None);
            }
            let waiting = history.phones.iter().any(|phone| !phone.is_drained());
            if moment == Moment::Rest && waiting { Err("I8: not drained".into()) } else { Ok(()) }
        });
    }

    /// Sets of shifts are put and removed whole; some carry a cell that must sink the whole set.
    fn i9_roster_set_is_atomic(engine) {
        for seed in seeds(CASES) {
            let (world, mut dice) = (World::new(engine), Dice::new(seed));
            let mut sup = Phone::new(&world.cast.sup_1, "desk");
            let mut ann = Phone::new(&world.cast.ann, "phone");
            let mut sets: Vec<Vec<String>> = Vec::new();
            for round in 0..25 {
                let put = one_set(&world, &mut dice, round);
                let ids: Vec<String> = put.iter().map(|cell| cell["id"].as_str().expect("an id").to_owned()).collect();
                let gone = if dice.percent(60) { sets.last().cloned().unwrap_or_default() } else { Vec::new() };
                sup.write(0, "roster.set", json!({ "put": put, "remove": gone }), None);
                sets.push(ids);
                sup.push(&world).expect("a push");
                for phone in [&mut sup, &mut ann] {
                    phone.pull(&world);
                    for set in &sets {
                        let shown = set.iter().filter(|id| phone.now.view.contains_key(&format!("assignment/{id}"))).count();
                        assert!(shown == 0 || shown == set.len(), "I9: seed {seed}: {shown} of {} cells are shown", set.len());
                    }
                }
            }
            let outcomes: Vec<Outcome> = sup.results.iter().map(|result| result.status).collect();
            assert!(outcomes.contains(&Outcome::Applied) && outcomes.contains(&Outcome::Rejected), "both kinds were tried");
        }
    }

    fn i11_reads_its_writes(engine) {
        explore(engine, CASES, STEPS, |history, _| {
            history.phones.iter().try_for_each(|phone| checks::reads_its_writes(&history.world, phone))
        });
    }

    /// One mutation at a time, so that what a refusal left behind can be told apart: the whole database is compared.
    fn i13_no_trace_of_a_rejection(engine) {
        explore(engine, 1, 40, |history, moment| {
            if moment == Moment::Rest {
                return Ok(());
            }
            let index = history.dice.below(history.phones.len());
            let sender = history.phones[index].user.clone();
            let mut fresh = Phone::new(&sender, &history.dice.id());
            let (name, args, uid) = crate::sync::moves::any(history, index);
            let mutation = fresh.write(0, &name, args, uid);
            let before = dump(&history.world);
            let pushed = fresh.push(&history.world);
            let rejected = pushed.is_err() || fresh.outcome(&mutation).is_some_and(|result| result.status == Outcome::Rejected);
            if !rejected {
                return Ok(());
            }
            let mut left = changes(&before, &dump(&history.world), &BOOKKEEPING);
            left.retain(|line| !line.starts_with("+ audit:") || !line.contains("reject/"));
            if left.is_empty() { Ok(()) } else { Err(format!("I13: {name} was refused and left {left:?}")) }
        });
    }

    fn i14_entries_are_rows(engine) {
        explore(engine, CASES, STEPS, |history, _| checks::entries_are_rows(&history.world));
    }
}

/// One to five cells of team 1 on a day of their own; one in three has a shift twice, or belongs to another team.
fn one_set(world: &World, dice: &mut Dice, round: u64) -> Vec<serde_json::Value> {
    let day = (chrono::NaiveDate::from_ymd_opt(2026, 3, 2).expect("a day") + chrono::Days::new(round)).to_string();
    let cell = |dice: &mut Dice, person: &str| json!({ "id": dice.id(), "person_id": person, "day": day, "shift_type_id": world.cast.shift_type("presale"), "shop_id": null, "seat_id": null });
    let people = [&world.cast.ann, &world.cast.bea, &world.cast.cai, &world.cast.dan];
    let mut put: Vec<_> = people.iter().take(1 + dice.below(4)).map(|person| cell(dice, person)).collect();
    match dice.below(6) {
        0 => put.push(cell(dice, &world.cast.ann)),
        1 => put.push(cell(dice, &world.cast.eva)),
        _ => {}
    }
    put
}
