//! Who makes a call: on duty in its hours, able, not too busy (rule 86). The choice is pure; reading is below it.

use super::model::CaseRow;
use crate::customers::model::CallbackRow;
use crate::db::AnyConnection;
use crate::kit::refusal::Stop;
use crate::kit::zone;
use crate::team::model::PersonRow;
use crate::{customers, roster, tasks, team};

const MINUTE: i64 = 60_000;
/// A shift belongs to the day it began on, and ends within this (ms).
const SHIFT_MAX: i64 = 24 * 60 * MINUTE;
/// Less of a shift than this in the hours of a call is no use (ms).
const OVERLAP_MIN: i64 = 30 * MINUTE;

/// Somebody who might call. `shift`: the part of it in the hours of the call (UTC ms).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    pub id: String,
    pub shift: (i64, i64),
    /// The buyer is theirs.
    pub is_own: bool,
    pub has_skill: bool,
    pub speaks: bool,
    /// Open boxes and callbacks of the day.
    pub load: usize,
}

/// The buyer's own agent first; then skill, language, and who has least to do.
pub fn choose(candidates: &[Candidate], hours: (i64, i64)) -> Option<&Candidate> {
    let enough = OVERLAP_MIN.min((hours.1 - hours.0) / 2);
    let here = candidates.iter().filter(|one| one.shift.1 - one.shift.0 >= enough);
    here.min_by_key(|one| (!one.is_own, !one.has_skill, !one.speaks, one.load, one.id.clone()))
}

/// What is asked of the one who calls. Instants in UTC ms.
pub struct Wanted<'a> {
    pub team_id: &'a str,
    pub own: Option<&'a str>,
    pub skill: Option<&'a str>,
    pub locale: &'a str,
    pub due_at: i64,
    pub until_at: i64,
}

/// Who calls, and from when on: `None` when nobody is on duty, so that it is the whole team's.
///
/// # Errors
/// `Fault` or `Busy` from the database.
pub fn agent(conn: &mut AnyConnection, workspace_id: &str, wanted: &Wanted<'_>) -> Result<(Option<String>, i64), Stop> {
    let candidates = candidates(conn, workspace_id, wanted)?;
    let chosen = choose(&candidates, (wanted.due_at, wanted.until_at));
    Ok(chosen.map_or((None, wanted.due_at), |one| (Some(one.id.clone()), one.shift.0)))
}

/// Whose a try is from now on: its owner's as long as they will be there, then whoever's is; as it was when its hours are over.
///
/// # Errors
/// `Fault` or `Busy` from the database.
pub fn owner(conn: &mut AnyConnection, case: &CaseRow, row: &CallbackRow, now: i64) -> Result<Option<String>, Stop> {
    let hours = (row.due_at.max(now), row.until_at);
    if hours.0 >= hours.1 {
        return Ok(row.owner_id.clone());
    }
    if let Some(owner) = &row.owner_id
        && is_on_duty(conn, &case.workspace_id, owner, hours)?
    {
        return Ok(row.owner_id.clone());
    }
    let steps = case.steps()?;
    let skill = usize::try_from(case.step).ok().and_then(|index| steps.get(index)).and_then(|step| step.skill_code.clone());
    let card = customers::store::customer(conn, &case.workspace_id, &row.customer_id)?;
    let wanted = Wanted {
        team_id: &case.team_id,
        own: card.owner_id.as_deref(),
        skill: skill.as_deref(),
        locale: &case.locale,
        due_at: hours.0,
        until_at: hours.1,
    };
    Ok(agent(conn, &case.workspace_id, &wanted)?.0)
}

/// Whether somebody is at work in the hours of a call; who has left is not.
fn is_on_duty(conn: &mut AnyConnection, workspace_id: &str, person_id: &str, hours: (i64, i64)) -> Result<bool, Stop> {
    if !team::store::person(conn, workspace_id, person_id)?.is_some_and(|person| person.active) {
        return Ok(false);
    }
    for at in [hours.0 - SHIFT_MAX, hours.0] {
        let day = day(conn, workspace_id, at)?;
        let shifts = roster::of_person(conn, workspace_id, person_id, &day)?;
        if shifts.iter().any(|shift| shift.starts_at < hours.1 && shift.ends_at > hours.0) {
            return Ok(true);
        }
    }
    Ok(false)
}

fn day(conn: &mut AnyConnection, workspace_id: &str, at: i64) -> Result<String, Stop> {
    Ok(zone::business_day(at, team::zone(conn, workspace_id)?).to_string())
}

fn candidates(conn: &mut AnyConnection, workspace_id: &str, wanted: &Wanted<'_>) -> Result<Vec<Candidate>, Stop> {
    let mut shifts = Vec::new();
    for at in [wanted.due_at - SHIFT_MAX, wanted.due_at] {
        let day = day(conn, workspace_id, at)?;
        shifts.extend(roster::on_day(conn, workspace_id, wanted.team_id, &day)?);
    }
    shifts.retain(|shift| shift.starts_at < wanted.until_at && shift.ends_at > wanted.due_at);
    if shifts.is_empty() {
        return Ok(Vec::new());
    }
    let day = day(conn, workspace_id, wanted.due_at)?;
    let people = team::store::people(conn, workspace_id)?;
    let skills = team::store::skills(conn, workspace_id)?;
    let skill_id = wanted.skill.and_then(|code| skills.iter().find(|skill| skill.code == code)).map(|skill| skill.id.clone());
    let calls = customers::store::open_callbacks(conn, workspace_id, wanted.team_id)?;
    let boxes = tasks::store::boxes_of_day(conn, workspace_id, wanted.team_id, &day)?;
    let mut found = Vec::new();
    for shift in shifts {
        let Some(person) = people.iter().find(|person| person.id == shift.person_id && person.active) else { continue };
        let mine = |id: &Option<String>| id.as_deref() == Some(person.id.as_str());
        let calls = calls.iter().filter(|call| mine(&call.owner_id) && call.day == day).count();
        found.push(Candidate {
            id: person.id.clone(),
            shift: (shift.starts_at.max(wanted.due_at), shift.ends_at.min(wanted.until_at)),
            is_own: wanted.own == Some(person.id.as_str()),
            has_skill: has_skill(person, skill_id.as_deref())?,
            speaks: person.locale == wanted.locale,
            load: calls + boxes.iter().filter(|one| one.is_open() && mine(&one.assignee_id)).count(),
        });
    }
    Ok(found)
}

fn has_skill(person: &PersonRow, skill_id: Option<&str>) -> Result<bool, Stop> {
    let Some(skill_id) = skill_id else { return Ok(true) };
    let own: Vec<String> = serde_json::from_str(&person.skill_ids)?;
    Ok(own.iter().any(|id| id == skill_id))
}

/// Those who oversee a team.
///
/// # Errors
/// `Fault` or `Busy` from the database.
pub fn supervisors(conn: &mut AnyConnection, workspace_id: &str, team_id: &str) -> Result<Vec<String>, Stop> {
    let people = team::store::people(conn, workspace_id)?;
    let active = |role: &str| {
        let of_team =
            |person: &&PersonRow| person.active && person.role == role && (role == "owner" || person.team_id == team_id);
        people.iter().filter(of_team).map(|person| person.id.clone()).collect::<Vec<_>>()
    };
    let supervisors = active("supervisor");
    // A small shop has an owner and agents.
    Ok(if supervisors.is_empty() { active("owner") } else { supervisors })
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: i64 = 60 * MINUTE;

    fn one(id: &str, shift: (i64, i64)) -> Candidate {
        Candidate { id: id.into(), shift, is_own: false, has_skill: true, speaks: true, load: 3 }
    }

    fn chosen(candidates: &[Candidate]) -> Option<&str> {
        choose(candidates, (0, 2 * HOUR)).map(|one| one.id.as_str())
    }

    #[test]
    fn whoever_is_there_able_and_least_busy_calls() {
        let all_day = (0, 2 * HOUR);
        let (a, b) = (one("a", all_day), one("b", all_day));
        assert_eq!(chosen(&[b.clone(), a.clone()]), Some("a"), "the same answer in any order");
        assert_eq!(chosen(&[a.clone(), Candidate { load: 1, ..b.clone() }]), Some("b"));
        assert_eq!(chosen(&[Candidate { speaks: false, load: 0, ..a.clone() }, b.clone()]), Some("b"));
        assert_eq!(
            chosen(&[Candidate { has_skill: false, load: 0, ..a.clone() }, Candidate { speaks: false, ..b.clone() }]),
            Some("b")
        );
        assert_eq!(chosen(&[a.clone(), Candidate { is_own: true, load: 9, has_skill: false, ..b.clone() }]), Some("b"));
        assert_eq!(chosen(&[one("a", (0, 20 * MINUTE)), b]), Some("b"), "a is about to go home");
        assert_eq!(chosen(&[one("a", (HOUR, HOUR - 1))]), None, "nobody is there in these hours");
    }
}
