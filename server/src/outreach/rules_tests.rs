use super::*;
use crate::kit::calendar;
use crate::kit::{window, zone};
use crate::outreach::dice::{Dice, ZONES};
use crate::outreach::kinds::WaitIn;
use crate::outreach::open::Open;
use crate::outreach::shipped;
use chrono_tz::Tz;

const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;
const SHANGHAI: Tz = chrono_tz::Asia::Shanghai;

fn case(steps: &[ChainStep]) -> CaseRow {
    CaseRow { steps: serde_json::to_string(steps).expect("writes"), ..CaseRow::idle() }
}

const BUYER: [StepChannel; 5] = [StepChannel::Im, StepChannel::Email, StepChannel::Sms, StepChannel::Voice, StepChannel::Phone];

fn at(day: &str, time: &str) -> i64 {
    zone::instant(zone::parse_day(day).expect("a day"), time, SHANGHAI).expect("a time")
}

fn step(id: &str, channels: &[StepChannel]) -> ChainStep {
    let shipped = shipped::all().chains[0].steps().remove(0);
    ChainStep { id: id.into(), channels: channels.to_vec(), ..shipped }
}

/// Calls `work` with a world of these hours and channels.
fn with<T>(usable: &[StepChannel], is_reminder: bool, work: impl FnOnce(&World<'_>) -> T) -> T {
    let hours = &shipped::all().hours.of;
    let of = |step: &ChainStep, channel| hours_of(step, channel, hours, is_reminder);
    let open = Open { hours: window::Window::ALL_DAY, calendar: None, zone: SHANGHAI };
    work(&World { zone: SHANGHAI, usable: usable.to_vec(), hours: &of, open, decide_after: 96 * HOUR })
}

fn told(lines: &[Happening]) -> Vec<(StepChannel, String)> {
    let local = |at: i64| zone::local_time(at, SHANGHAI).format("%d %H:%M").to_string();
    lines.iter().map(|line| (line.channel, local(line.at))).collect()
}

#[test]
fn if_nobody_answers_the_shipped_chain_goes_through_mail_and_phone_to_the_decision() {
    use StepChannel::{Email, Im, Phone, Supervisor};
    let chain = shipped::all().chains[0].steps();
    let usable = [Im, Email, Phone];
    let lines = with(&usable, false, |world| preview(&case(&chain), at("2026-03-02", "21:30"), world)).expect("a preview");
    let want = [
        (Im, "02 21:30"),
        // Two hours later mails are not sent any more.
        (Email, "03 08:00"),
        // A day later, and from then on to the hours in which people answer.
        (Phone, "04 18:00"),
        (Phone, "04 20:00"),
        (Supervisor, "05 20:00"),
        // Four days after the first try, or when the chain ends.
        (Supervisor, "06 20:00"),
    ];
    assert_eq!(told(&lines), want.map(|(channel, time)| (channel, time.to_owned())));
    assert_eq!(lines[2].until, Some(at("2026-03-04", "20:30")), "never later");
    assert!(lines.last().is_some_and(|line| line.step.is_empty()), "it ends with the decision");
}

#[test]
fn a_reminder_by_messenger_waits_for_the_morning_and_missing_channels_are_passed_by() {
    use StepChannel::{Im, Phone, Sms, Supervisor};
    let chain = shipped::all().chains[0].steps();
    let lines = with(&[Im], true, |world| preview(&case(&chain), at("2026-03-02", "11:00"), world)).expect("a preview");
    assert_eq!(told(&lines)[0], (Im, "03 00:00".into()));
    assert_eq!(told(&lines)[1], (Supervisor, "03 02:00".into()), "neither address nor number");
    let lines = with(&[Sms, Phone], false, |world| preview(&case(&chain), at("2026-03-02", "10:00"), world)).expect("a preview");
    assert_eq!(told(&lines)[0], (Sms, "02 10:00".into()), "the messenger is blocked");
}

#[test]
fn four_days_without_contact_end_in_a_decision_even_in_the_middle_of_a_chain() {
    let mut slow = step("im", &[StepChannel::Im]);
    slow.wait_minutes = 14 * 1_440;
    let chain = [slow, step("more", &[StepChannel::Phone])];
    let lines = with(&BUYER, false, |world| preview(&case(&chain), at("2026-03-02", "10:00"), world)).expect("a preview");
    assert_eq!(told(&lines), [(StepChannel::Im, "02 10:00".into()), (StepChannel::Supervisor, "06 10:00".into())]);
}

#[test]
fn a_way_that_is_lost_before_the_hour_comes_is_replaced_by_another_or_passed_by() {
    use StepChannel::{Email, Phone, Supervisor};
    let (night, morning) = (at("2026-03-02", "22:30"), at("2026-03-03", "09:00"));
    let planned = |chain: &[ChainStep]| {
        let mut next = engine::Move::of(&case(chain));
        with(&[Email, Phone], false, |world| next.enter(0, night, world)).expect("planned");
        next.case
    };
    let due = |chain: &[ChainStep]| {
        let moved = with(&[Phone], false, |world| engine::advance(&planned(chain), morning, world)).expect("readable");
        moved.expect("the hour has come").acts
    };
    let call = Act::Ask { channel: Phone, due_at: at("2026-03-03", "18:00"), until_at: at("2026-03-03", "20:30") };
    assert_eq!(due(&[step("a", &[Email, Phone])]), [call], "nobody is called by the system");
    let skipped = Act::Log(0, Email, TryResult::Skipped);
    assert_eq!(due(&[step("a", &[Email]), step("b", &[Supervisor])]), [skipped], "no wait for an answer to nothing");
}

#[test]
fn the_lint_refuses_what_cannot_work() {
    use FaultCode::{BadStep, BadWindow, NoChannel, NoEnd, NoSteps, UnreachableStep};
    let hours = &shipped::all().hours.of;
    let good = || vec![step("a", &[StepChannel::Im]), step("b", &[StepChannel::Phone]), step("c", &[StepChannel::Supervisor])];
    let faults = |chain: &[ChainStep], staffed| {
        lint(chain, hours, false, staffed).into_iter().map(|fault| (fault.code, fault.step)).collect::<Vec<_>>()
    };
    let named = |code, step: &str| (code, Some(step.to_owned()));
    assert_eq!(faults(&good(), true), []);
    assert_eq!(faults(&[], true), [(NoSteps, None)]);
    assert_eq!(faults(&good(), false), [named(NoChannel, "c")], "nobody is a supervisor");
    let changed = |change: &dyn Fn(&mut Vec<ChainStep>)| {
        let mut chain = good();
        change(&mut chain);
        faults(&chain, true)
    };
    assert_eq!(changed(&|chain| chain[1].channels.clear()), [named(NoChannel, "b")]);
    assert_eq!(changed(&|chain| chain[1].channels = vec![StepChannel::ShiftMates]), [named(NoChannel, "b")]);
    assert_eq!(changed(&|chain| chain[0].then = "c".into()), [named(UnreachableStep, "b")]);
    assert_eq!(changed(&|chain| chain[0].then = "end".into()), [named(UnreachableStep, "b"), named(UnreachableStep, "c")]);
    assert_eq!(changed(&|chain| chain[2].then = "a".into()), [(NoEnd, None)]);
    assert_eq!(changed(&|chain| chain[1].then = "b".into()), [named(UnreachableStep, "c"), (NoEnd, None)]);
    let night = |chain: &mut Vec<ChainStep>| (chain[1].from, chain[1].until) = (Some("21:00".into()), Some("23:00".into()));
    assert_eq!(changed(&night), [named(BadWindow, "b")], "calls end at 20:30");
    for bad in [
        |step: &mut ChainStep| step.wait_minutes = -1,
        |step: &mut ChainStep| step.attempts = 0,
        |step: &mut ChainStep| step.attempts_a_day = 99,
        |step: &mut ChainStep| step.then = "nowhere".into(),
    ] {
        let found = changed(&|chain| bad(&mut chain[1]));
        assert!(found.contains(&named(BadStep, "b")), "{found:?}");
    }
    assert!(changed(&|chain| chain[1].id = "a".into()).iter().any(|(code, _)| *code == BadStep), "two steps of one name");
    for chain in &shipped::all().chains[..2] {
        assert_eq!(lint(&chain.steps(), hours, true, true), [], "{}", chain.code);
    }
}

fn random_step(dice: &mut Dice, index: usize) -> ChainStep {
    let channels = (0..=dice.below(2)).map(|_| BUYER[dice.below(5) as usize]).collect::<Vec<_>>();
    let mut made = step(&index.to_string(), &channels);
    made.wait_minutes = dice.below(3_000) as i64;
    made.wait_in = if dice.below(4) == 0 { WaitIn::Open } else { WaitIn::Wall };
    (made.attempts, made.attempts_a_day) = (1 + dice.below(3) as i32, 1 + dice.below(3) as i32);
    if dice.below(2) == 0 {
        let from = dice.below(90) as u32 * 15;
        let text = |minute: u32| if minute >= 1_440 { "24:00".into() } else { format!("{:02}:{:02}", minute / 60, minute % 60) };
        made.from = Some(text(from));
        made.until = Some(text(from + 60 + dice.below(40) as u32 * 15));
    }
    made
}

/// A plan is one chain from one instant on. Tries are late, early or missed; the clock of the zone changes on the way.
fn one_plan(dice: &mut Dice) -> usize {
    let zone = ZONES[dice.below(ZONES.len() as u64) as usize];
    let hours = &shipped::all().hours.of;
    let is_reminder = dice.below(2) == 0;
    let of = |step: &ChainStep, channel| hours_of(step, channel, hours, is_reminder);
    let open_hours = window::Window::new(510, 1_410).expect("hours");
    let open = Open { hours: open_hours, calendar: (dice.below(8) == 0).then(calendar::china), zone };
    let world = World { zone, usable: BUYER.to_vec(), hours: &of, open, decide_after: 96 * HOUR };
    let chain: Vec<ChainStep> = (0..=dice.below(2)).map(|index| random_step(dice, index as usize)).collect();
    let mut now = dice.instant(zone);
    let mut next = engine::Move::of(&case(&chain));
    next.enter(0, now, &world).expect("readable");
    let mut placed = 0;
    for _ in 0..6 {
        let step = &chain[usize::try_from(next.case.step).expect("a step")];
        let inside = |at: i64, channel: StepChannel| {
            let hours = hours_of(step, channel, hours, is_reminder).expect("only where there are hours");
            assert!(window::is_inside(at, hours.allowed, zone), "{channel} at {at} in {zone}: {step:?}");
        };
        let mut asked = None;
        for act in &next.acts {
            match act {
                Act::Send(channel) => {
                    inside(now, *channel);
                    placed += 1;
                }
                Act::Ask { channel, due_at, until_at } => {
                    inside(*due_at, *channel);
                    inside(*until_at - 1, *channel);
                    assert!(due_at < until_at && *due_at >= now);
                    asked = Some((*due_at, *until_at));
                    placed += 1;
                }
                _ => {}
            }
        }
        let Some(due) = next.case.next_at.filter(|_| next.case.state == CaseState::Running.as_str()) else { break };
        let try_at = asked.filter(|_| dice.below(4) > 0).map(|(from, until)| from + dice.below((until - from) as u64) as i64);
        // A server that was down comes late.
        now = try_at.unwrap_or(due + dice.below(3) as i64 * dice.below(600) as i64 * MINUTE);
        let result = [TryResult::NoAnswer, TryResult::Busy, TryResult::Sent][dice.below(3) as usize];
        next = match try_at {
            Some(at) => engine::tried(&next.case, result, at, &world).expect("readable"),
            None => match engine::advance(&next.case, now, &world).expect("readable") {
                Some(moved) => moved,
                None => break,
            },
        };
    }
    placed
}

#[test]
fn no_message_of_a_million_random_plans_is_outside_its_hours() {
    let seed = 86_086;
    eprintln!("seed {seed}");
    let halves = [seed, seed + 1].map(|seed| {
        std::thread::spawn(move || {
            let mut dice = Dice(seed);
            (0..500_000).map(|_| one_plan(&mut dice)).sum::<usize>()
        })
    });
    let placed: usize = halves.into_iter().map(|half| half.join().expect("inside")).sum();
    eprintln!("{placed} messages and calls were placed");
    assert!(placed > 1_000_000);
}
