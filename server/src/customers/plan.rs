//! What the passing of time does to callbacks: reminders climb, VIP calls are planned and follow the roster.

use super::books::PolicyRow;
use super::care::{self, Call, Cared, Duty, Planned};
use super::command::{CallbackRaise, CallbackRetire, CarePlan};
use super::kinds::{CallbackKind, Level};
use super::model::{CallbackRow, CustomerRow};
use super::{callbacks, rules, store};
use crate::door::Tx;
use crate::kit::calendar::{self, WorkCalendar};
use crate::kit::refusal::Stop;
use crate::kit::{ids, zone};
use crate::{roster, team};
use chrono::{Days, NaiveDate, Timelike};
use chrono_tz::Tz;
use std::collections::{BTreeMap, HashMap};

/// From this hour on no call is planned for the same day.
const NOON: u32 = 12;

pub(super) fn raise(tx: &mut Tx<'_>, args: &CallbackRaise) -> Result<(), Stop> {
    let (workspace_id, now) = (tx.workspace_id(), tx.now());
    for id in &args.ids {
        let Some(before) = store::callback(tx.conn(), workspace_id, id)? else { continue };
        if let Some(after) = rules::raise(&before, now)? {
            store::save_callback(tx, Some(&before), &after)?;
        }
    }
    Ok(())
}

pub(super) fn retire(tx: &mut Tx<'_>, args: &CallbackRetire) -> Result<(), Stop> {
    let workspace_id = tx.workspace_id();
    for before in store::shown_before(tx.conn(), workspace_id, args.before)? {
        let after = CallbackRow { archived: true, ..before.clone() };
        store::save_callback(tx, Some(&before), &after)?;
    }
    Ok(())
}

/// Queues the planning of a team's care calls.
pub(super) fn soon(tx: &mut Tx<'_>, team_id: &str) -> Result<(), Stop> {
    let job = roster::care_job(team_id, tx.now());
    tx.job(job)
}

/// A real contact starts the buyer's clock anew: the call that was planned is not needed any more. The callback that the contact
/// was about has been dealt with: the buyer may have asked for another time.
pub(super) fn restart(tx: &mut Tx<'_>, buyer: &CustomerRow, about: Option<&str>) -> Result<(), Stop> {
    let now = tx.happened_at();
    for before in store::callbacks_of(tx.conn(), &buyer.workspace_id, &buyer.id)? {
        if before.is_open() && before.kind == CallbackKind::Care.as_str() && about != Some(before.id.as_str()) {
            let after = rules::cancel(&before, "", now)?;
            store::save_callback(tx, Some(&before), &after)?;
        }
    }
    if buyer.tier.is_empty() { Ok(()) } else { soon(tx, &buyer.team_id) }
}

pub(super) fn plan(tx: &mut Tx<'_>, args: &CarePlan) -> Result<(), Stop> {
    let (workspace_id, now) = (tx.workspace_id(), tx.now());
    let zone = team::zone(tx.conn(), workspace_id)?;
    let local = zone::local_time(now, zone);
    let today = if local.hour() < NOON { local.date() } else { local.date() + Days::new(1) };
    let policies: HashMap<String, PolicyRow> =
        store::policies(tx.conn(), workspace_id)?.into_iter().map(|row| (row.id.clone(), row)).collect();
    let open: HashMap<String, CallbackRow> = store::open_callbacks(tx.conn(), workspace_id, &args.team_id)?
        .into_iter()
        .filter(|row| row.kind == CallbackKind::Care.as_str())
        .map(|row| (row.customer_id.clone(), row))
        .collect();
    let buyers = store::cared_for(tx.conn(), workspace_id, &args.team_id)?;
    let cared: Vec<Cared> = buyers.iter().filter_map(|buyer| cared(buyer, &policies, open.get(&buyer.id), zone)).collect();
    store::mark_planned(tx, &args.team_id, &local.date().to_string())?;
    let rota = Rota::read(tx, &args.team_id, today, zone)?;
    for call in care::plan(&cared, &rota, today) {
        put(tx, &args.team_id, &call, open.get(&call.customer_id), &rota)?;
    }
    // Who is cared for no longer, or by a policy that is switched off, is not called.
    let kept: Vec<&str> = cared.iter().map(|one| one.customer_id.as_str()).collect();
    for (customer_id, before) in &open {
        if !kept.contains(&customer_id.as_str()) && !before.by_hand {
            let after = rules::cancel(before, "", now)?;
            store::save_callback(tx, Some(before), &after)?;
        }
    }
    Ok(())
}

fn cared(buyer: &CustomerRow, policies: &HashMap<String, PolicyRow>, open: Option<&CallbackRow>, zone: Tz) -> Option<Cared> {
    let policy = policies.get(&buyer.tier).filter(|policy| policy.enabled)?;
    let ideal = buyer.ideal_days.unwrap_or(policy.ideal_days);
    let longest = buyer.longest_days.unwrap_or(policy.longest_days).max(ideal);
    let planned = open
        .and_then(|row| Some(Planned { day: zone::parse_day(&row.day)?, owner_id: row.owner_id.clone(), by_hand: row.by_hand }));
    Some(Cared {
        customer_id: buyer.id.clone(),
        owner_id: buyer.owner_id.clone(),
        base: zone::business_day(buyer.last_contact_at.unwrap_or(buyer.created_at), zone),
        ideal_days: u64::try_from(ideal).ok()?,
        longest_days: u64::try_from(longest).ok()?,
        planned,
    })
}

/// Makes the call, or moves the one there is.
fn put(tx: &mut Tx<'_>, team_id: &str, call: &Call, open: Option<&CallbackRow>, rota: &Rota) -> Result<(), Stop> {
    let hours = rules::phone_hours(call.day, rota.zone);
    let (due_at, until_at) = call.owner_id.as_ref().and_then(|owner| rota.call_time(owner, call.day)).unwrap_or(hours);
    let day = call.day.to_string();
    let id = ids::derived(&["care", &call.customer_id, &day, &tx.now().to_string()]);
    let fresh =
        CallbackRow { scene: "回访".into(), day, ..callbacks::blank(tx, &id, &call.customer_id, team_id, CallbackKind::Care) };
    let mut after = CallbackRow { owner_id: call.owner_id.clone(), by_hand: false, ..open.cloned().unwrap_or(fresh) };
    rules::schedule(&mut after, due_at, until_at, rota.zone);
    if after.owner_id.is_none() {
        after.level = Level::Supervisor.as_str().into();
        after.next_level_at = None;
    }
    store::save_callback(tx, open, &after)
}

/// Who works when, as far as the roster is known.
struct Rota {
    shifts: BTreeMap<NaiveDate, Vec<(String, i64, i64)>>,
    calendar: &'static WorkCalendar,
    zone: Tz,
}

impl Rota {
    fn read(tx: &mut Tx<'_>, team_id: &str, today: NaiveDate, zone: Tz) -> Result<Self, Stop> {
        let workspace_id = tx.workspace_id();
        let until = today + Days::new(care::HORIZON);
        let people = team::store::people(tx.conn(), workspace_id)?;
        let is_here = |id: &str| people.iter().any(|person| person.id == id && person.active && person.team_id == team_id);
        let mut shifts: BTreeMap<NaiveDate, Vec<(String, i64, i64)>> = BTreeMap::new();
        for row in roster::between(tx.conn(), workspace_id, &today.to_string(), &until.to_string())? {
            if let Some(day) = zone::parse_day(&row.day).filter(|_| is_here(&row.person_id)) {
                shifts.entry(day).or_default().push((row.person_id, row.starts_at, row.ends_at));
            }
        }
        Ok(Rota { shifts, calendar: calendar::china(), zone })
    }

    /// When on this day the person is at work and one may call.
    fn call_time(&self, person: &str, day: NaiveDate) -> Option<(i64, i64)> {
        let hours = rules::phone_hours(day, self.zone);
        let shifts = self.shifts.get(&day)?.iter().filter(|(who, _, _)| who == person);
        shifts.filter_map(|(_, from, until)| rules::overlap((*from, *until), hours)).max_by_key(|(from, until)| until - from)
    }
}

impl Duty for Rota {
    fn works(&self, person: &str, day: NaiveDate) -> bool {
        self.call_time(person, day).is_some()
    }

    fn on(&self, day: NaiveDate) -> Vec<String> {
        let mut people: Vec<String> = self.shifts.get(&day).into_iter().flatten().map(|(who, _, _)| who.clone()).collect();
        people.sort_unstable();
        people.dedup();
        people.retain(|who| self.works(who, day));
        people
    }

    fn is_working_day(&self, day: NaiveDate) -> bool {
        self.calendar.is_working(day)
    }
}
