//! Pure decisions of the team room: no database, no clock.

use super::model::PersonRow;
use crate::door::{Actor, Role};
use crate::kit::refusal::{Code, Refusal};

pub const NAME_MAX: usize = 80;

/// A name people read: trimmed, not empty, at most 80 characters, no control characters.
///
/// # Errors
/// `bad_value` or `too_long`.
pub fn name(text: &str) -> Result<String, Refusal> {
    let text = text.trim();
    if text.is_empty() || text.chars().any(char::is_control) {
        return Err(Code::BadValue.into());
    }
    if text.chars().count() > NAME_MAX { Err(Code::TooLong.into()) } else { Ok(text.to_owned()) }
}

/// Logins are compared without case: 2-64 characters of letters (any script), digits and `. _ - @ +`.
///
/// # Errors
/// `bad_value`.
pub fn login(text: &str) -> Result<String, Refusal> {
    let text = text.trim().to_lowercase();
    let fits = (2..=64).contains(&text.chars().count());
    let clean = text.chars().all(|c| c.is_alphanumeric() || "._-@+".contains(c));
    if fits && clean { Ok(text) } else { Err(Refusal::because(Code::BadValue, "login")) }
}

/// # Errors
/// `bad_value` for what no mail server would take.
pub fn email(text: Option<&str>) -> Result<Option<String>, Refusal> {
    let Some(text) = text.map(str::trim).filter(|text| !text.is_empty()) else { return Ok(None) };
    let address: Result<lettre::Address, _> = text.parse();
    if text.len() <= 254 && address.is_ok() { Ok(Some(text.to_owned())) } else { Err(Refusal::because(Code::BadValue, "email")) }
}

/// Only owners make, change or promote owners and supervisors; a supervisor stays inside the own team.
///
/// # Errors
/// `forbidden` or `not_in_team`.
pub fn may_manage(actor: &Actor, before: Option<&PersonRow>, role: Role, team_id: &str) -> Result<(), Refusal> {
    if actor.role == Role::Owner {
        return Ok(());
    }
    let was_agent = before.is_none_or(|person| person.role == Role::Agent.as_str());
    if role != Role::Agent || !was_agent {
        return Err(Code::Forbidden.into());
    }
    let was_ours = before.is_none_or(|person| actor.oversees(&person.team_id));
    if was_ours && actor.oversees(team_id) { Ok(()) } else { Err(Code::NotInTeam.into()) }
}

/// A workspace without an owner could never be managed again.
///
/// # Errors
/// `last_owner`.
pub fn keeps_an_owner(before: &PersonRow, after: &PersonRow, other_owners: i64) -> Result<(), Refusal> {
    let owns = |person: &PersonRow| person.active && person.role == Role::Owner.as_str();
    if owns(before) && !owns(after) && other_owners == 0 { Err(Code::LastOwner.into()) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::door::Via;

    fn actor(role: Role) -> Actor {
        let (workspace_id, user_id, team_id) = ("w".into(), "u".into(), "t1".into());
        Actor { workspace_id, user_id, role, team_id, device_id: None, via: Via::Rest }
    }

    fn someone(role: Role, active: bool) -> PersonRow {
        PersonRow {
            workspace_id: "w".into(),
            id: "p".into(),
            name: "n".into(),
            role: role.as_str().into(),
            team_id: "t1".into(),
            skill_ids: "[]".into(),
            active,
            login: "l".into(),
            email: None,
            locale: "en".into(),
            tomorrow_mail_at: None,
            invited: false,
        }
    }

    #[test]
    fn names_logins_and_addresses_are_checked() {
        assert_eq!(name("  李四 "), Ok("李四".into()));
        assert_eq!(name(" \u{7} ").map_err(|r| r.code), Err(Code::BadValue));
        assert_eq!(name(&"长".repeat(81)).map_err(|r| r.code), Err(Code::TooLong));
        assert_eq!(login("Li.Si@Shop"), Ok("li.si@shop".into()));
        for bad in ["x", "a b", "a/b", "<script>", ""] {
            assert_eq!(login(bad).map_err(|r| r.code), Err(Code::BadValue), "{bad}");
        }
        assert_eq!(email(Some(" ")), Ok(None));
        assert!(email(Some("a@b.example")).is_ok());
        assert!(email(Some("a@b\r\nBcc: c@d")).is_err());
    }

    #[test]
    fn only_owners_touch_owners_and_supervisors() {
        for (who, before, role, team, allowed) in [
            (Role::Owner, Some(Role::Owner), Role::Agent, "t2", true),
            (Role::Supervisor, None, Role::Agent, "t1", true),
            (Role::Supervisor, None, Role::Agent, "t2", false),
            (Role::Supervisor, None, Role::Supervisor, "t1", false),
            (Role::Supervisor, Some(Role::Supervisor), Role::Agent, "t1", false),
            (Role::Supervisor, Some(Role::Agent), Role::Owner, "t1", false),
            (Role::Supervisor, Some(Role::Agent), Role::Agent, "t1", true),
        ] {
            let before = before.map(|role| someone(role, true));
            assert_eq!(
                may_manage(&actor(who), before.as_ref(), role, team).is_ok(),
                allowed,
                "{who:?} {before:?} {role:?} {team}"
            );
        }
    }

    #[test]
    fn the_last_owner_stays() {
        let owner = someone(Role::Owner, true);
        assert!(keeps_an_owner(&owner, &someone(Role::Owner, false), 0).is_err());
        assert!(keeps_an_owner(&owner, &someone(Role::Agent, true), 0).is_err());
        assert!(keeps_an_owner(&owner, &someone(Role::Agent, true), 1).is_ok());
        assert!(keeps_an_owner(&owner, &owner, 0).is_ok());
    }
}
