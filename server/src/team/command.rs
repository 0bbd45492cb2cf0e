//! Writes of the team room: load, decide, store.

use super::model::{Person, PersonRow, Platform, Seat, Shop, SkillRow, Team, Workspace};
use super::{rules, store};
use crate::door::{NewJob, Role, Tx};
use crate::kit::ids;
use crate::kit::refusal::{Code, Refusal, Stop};
use crate::kit::text::{Locale, Text};
use serde::Deserialize;

crate::commands! { TeamCommand {
    "workspace.found" WorkspaceFound: System => found,
    "workspace.update" WorkspaceUpdate: Owner => update_workspace,
    "team.save" TeamSave: Owner => save_team,
    "shop.save" ShopSave: Supervisor => save_shop,
    "skill.save" SkillSave: Supervisor => save_skill,
    "seat.save" SeatSave: Supervisor => save_seat,
    "person.invite" PersonInvite: Supervisor => invite,
    "person.reinvite" PersonReinvite: Supervisor => reinvite,
    "person.update" PersonUpdate: Supervisor => update_person,
    "person.prefs" PersonPrefs: Anyone => save_prefs,
} }

crate::args! {
    /// First command of a workspace.
    WorkspaceFound { name: String, zone: String, locale: Locale, team_id: String, owner_id: String, owner_name: String, login: String, email: Option<String>, }
    WorkspaceUpdate {
        #[cfg_attr(test, ts(optional))] name: Option<String>,
        #[cfg_attr(test, ts(optional))] zone: Option<String>,
        #[cfg_attr(test, ts(optional))] locale: Option<Locale>,
        #[cfg_attr(test, ts(optional))] view_hours: Option<i32>,
    }
    TeamSave { id: String, name: String, archived: bool, }
    ShopSave { id: String, name: String, platform: Platform, archived: bool, }
    SkillSave { id: String, name: Text, code: String, archived: bool, }
    SeatSave { id: String, name: String, shop_id: Option<String>, archived: bool, }
    PersonInvite { id: String, name: String, login: String, email: Option<String>, role: Role, team_id: String, skill_ids: Vec<String>, locale: Locale, }
    PersonReinvite { id: String, }
    /// Only what is named changes; an empty `email` removes it.
    PersonUpdate {
        id: String,
        #[cfg_attr(test, ts(optional))] name: Option<String>,
        #[cfg_attr(test, ts(optional))] email: Option<String>,
        #[cfg_attr(test, ts(optional))] role: Option<Role>,
        #[cfg_attr(test, ts(optional))] team_id: Option<String>,
        #[cfg_attr(test, ts(optional))] skill_ids: Option<Vec<String>>,
        #[cfg_attr(test, ts(optional))] active: Option<bool>,
    }
    /// Own settings. `tomorrow_mail_at` absent: unchanged; null: off.
    PersonPrefs {
        #[cfg_attr(test, ts(optional))] locale: Option<Locale>,
        #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
        #[cfg_attr(test, ts(optional, type = "string | null"))]
        tomorrow_mail_at: Option<Option<String>>,
    }
}

/// Tells `null` from "not named".
fn present<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<Option<String>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}

/// Skills every shop starts with (source: `roles` of the shipped task data).
const FIRST_SKILLS: [(&str, &str, &str); 4] = [
    ("presale", "售前客服", "Presale"),
    ("aftersale", "售后客服", "After-sales"),
    ("night", "晚班客服", "Night"),
    ("supervisor", "客服主管", "Supervisor"),
];

fn found(tx: &mut Tx<'_>, args: &WorkspaceFound) -> Result<(), Stop> {
    let workspace_id = tx.workspace_id().to_owned();
    let workspace = Workspace {
        id: workspace_id.clone(),
        name: rules::name(&args.name)?,
        zone: checked_zone(&args.zone)?,
        locale: args.locale.as_str().into(),
        view_hours: 72,
    };
    store::put_workspace(tx, &workspace)?;
    tx.publish(None, Some(&workspace))?;
    let name = if args.locale == Locale::English { "Customer service" } else { "客服部" };
    save_team(tx, &TeamSave { id: args.team_id.clone(), name: name.into(), archived: false })?;
    for (code, zh, en) in FIRST_SKILLS {
        let id = ids::derived(&[&workspace_id, "skill", code]);
        let name = Text { zh: zh.into(), en: en.into() };
        save_skill(tx, &SkillSave { id, name, code: code.into(), archived: false })?;
    }
    let owner = PersonRow {
        workspace_id,
        id: args.owner_id.clone(),
        name: rules::name(&args.owner_name)?,
        role: Role::Owner.as_str().into(),
        team_id: args.team_id.clone(),
        skill_ids: "[]".into(),
        active: true,
        login: free_login(tx, &args.login)?,
        email: rules::email(args.email.as_deref())?,
        locale: args.locale.as_str().into(),
        tomorrow_mail_at: None,
        invited: false,
    };
    store_person(tx, None, owner)
}

fn checked_zone(zone: &str) -> Result<String, Refusal> {
    let known: Result<chrono_tz::Tz, _> = zone.parse();
    known.map(|zone| zone.name().to_owned()).map_err(|_| Refusal::because(Code::BadValue, "zone"))
}

fn update_workspace(tx: &mut Tx<'_>, args: &WorkspaceUpdate) -> Result<(), Stop> {
    let workspace_id = tx.workspace_id();
    let before = store::workspace(tx.conn(), workspace_id)?;
    let mut after = before.clone();
    if let Some(name) = &args.name {
        after.name = rules::name(name)?;
    }
    if let Some(zone) = &args.zone {
        after.zone = checked_zone(zone)?;
    }
    if let Some(locale) = args.locale {
        after.locale = locale.as_str().into();
    }
    if let Some(hours) = args.view_hours {
        if !(1..=24 * 30).contains(&hours) {
            return Err(Refusal::because(Code::BadValue, "view_hours: 1 to 720").into());
        }
        after.view_hours = hours;
    }
    store::put_workspace(tx, &after)?;
    tx.publish(Some(&before), Some(&after))
}

fn save_team(tx: &mut Tx<'_>, args: &TeamSave) -> Result<(), Stop> {
    ids::check(&args.id)?;
    let workspace_id = tx.workspace_id();
    let before = store::team(tx.conn(), workspace_id, &args.id)?;
    let (id, name) = (args.id.clone(), rules::name(&args.name)?);
    let after = Team { workspace_id: workspace_id.into(), id, name, archived: args.archived };
    store::put_team(tx, &after)?;
    tx.publish(before.as_ref(), Some(&after))
}

fn save_shop(tx: &mut Tx<'_>, args: &ShopSave) -> Result<(), Stop> {
    ids::check(&args.id)?;
    let workspace_id = tx.workspace_id();
    let before = store::shop(tx.conn(), workspace_id, &args.id)?;
    let (id, name, platform) = (args.id.clone(), rules::name(&args.name)?, args.platform.as_str().into());
    let after = Shop { workspace_id: workspace_id.into(), id, name, platform, archived: args.archived };
    store::put_shop(tx, &after)?;
    tx.publish(before.as_ref(), Some(&after))
}

fn save_skill(tx: &mut Tx<'_>, args: &SkillSave) -> Result<(), Stop> {
    ids::check(&args.id)?;
    let plain = args.code.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
    if args.code.is_empty() || args.code.len() > 32 || !plain {
        return Err(Refusal::because(Code::BadValue, "code: 1-32 of a-z 0-9 _").into());
    }
    let workspace_id = tx.workspace_id();
    let all = store::skills(tx.conn(), workspace_id)?;
    if all.iter().any(|skill| skill.code == args.code && skill.id != args.id) {
        return Err(Refusal::because(Code::Conflict, "code is taken").into());
    }
    let before = all.into_iter().find(|skill| skill.id == args.id);
    if before.as_ref().is_some_and(|skill| skill.code != args.code) {
        return Err(Refusal::because(Code::BadValue, "a skill keeps its code").into());
    }
    let after = SkillRow {
        workspace_id: workspace_id.into(),
        id: args.id.clone(),
        code: args.code.clone(),
        name_zh: rules::name(&args.name.zh)?,
        name_en: rules::name(&args.name.en)?,
        archived: args.archived,
    };
    store::put_skill(tx, &after)?;
    tx.publish(before.map(|row| row.wire()).as_ref(), Some(&after.wire()))
}

fn save_seat(tx: &mut Tx<'_>, args: &SeatSave) -> Result<(), Stop> {
    ids::check(&args.id)?;
    let workspace_id = tx.workspace_id();
    if let Some(shop_id) = &args.shop_id
        && store::shop(tx.conn(), workspace_id, shop_id)?.is_none()
    {
        return Err(Code::Gone.into());
    }
    let before = store::seat(tx.conn(), workspace_id, &args.id)?;
    let (id, name) = (args.id.clone(), rules::name(&args.name)?);
    let after = Seat { workspace_id: workspace_id.into(), id, name, shop_id: args.shop_id.clone(), archived: args.archived };
    store::put_seat(tx, &after)?;
    tx.publish(before.as_ref(), Some(&after))
}

fn free_login(tx: &mut Tx<'_>, login: &str) -> Result<String, Stop> {
    let login = rules::login(login)?;
    if store::person_by_login(tx.conn(), &login)?.is_some() { Err(Code::DuplicateLogin.into()) } else { Ok(login) }
}

fn checked_skills(tx: &mut Tx<'_>, skill_ids: &[String]) -> Result<String, Stop> {
    let workspace_id = tx.workspace_id();
    let known = store::skills(tx.conn(), workspace_id)?;
    if skill_ids.iter().all(|id| known.iter().any(|skill| skill.id == *id)) {
        Ok(serde_json::to_string(skill_ids)?)
    } else {
        Err(Refusal::because(Code::Gone, "skill").into())
    }
}

fn checked_team(tx: &mut Tx<'_>, team_id: &str) -> Result<String, Stop> {
    let workspace_id = tx.workspace_id();
    let team = store::team(tx.conn(), workspace_id, team_id)?;
    team.map(|team| team.id).ok_or_else(|| Refusal::because(Code::Gone, "team").into())
}

fn store_person(tx: &mut Tx<'_>, before: Option<PersonRow>, after: PersonRow) -> Result<(), Stop> {
    store::put_person(tx, &after)?;
    let public: Option<Person> = before.as_ref().map(PersonRow::public).transpose()?;
    tx.publish(public.as_ref(), Some(&after.public()?))?;
    tx.publish(before.as_ref().map(PersonRow::private).as_ref(), Some(&after.private()))
}

fn invite(tx: &mut Tx<'_>, args: &PersonInvite) -> Result<(), Stop> {
    let workspace_id = tx.workspace_id();
    ids::check(&args.id)?;
    rules::may_manage(tx.actor(), None, args.role, &args.team_id)?;
    if store::person(tx.conn(), workspace_id, &args.id)?.is_some() {
        return Err(Refusal::because(Code::Conflict, "this person exists").into());
    }
    let row = PersonRow {
        workspace_id: tx.workspace_id().into(),
        id: args.id.clone(),
        name: rules::name(&args.name)?,
        role: args.role.as_str().into(),
        team_id: checked_team(tx, &args.team_id)?,
        skill_ids: checked_skills(tx, &args.skill_ids)?,
        active: true,
        login: free_login(tx, &args.login)?,
        email: rules::email(args.email.as_deref())?,
        locale: args.locale.as_str().into(),
        tomorrow_mail_at: Some("20:00".into()),
        invited: true,
    };
    let wants_mail = row.email.is_some();
    store_person(tx, None, row)?;
    if wants_mail { queue_invitation(tx, &args.id) } else { Ok(()) }
}

/// The link is made by the auth room when the job runs, so that a token is never stored here.
fn queue_invitation(tx: &mut Tx<'_>, person_id: &str) -> Result<(), Stop> {
    let payload = serde_json::json!({ "person_id": person_id, "inviter_id": tx.actor().user_id, "mail_id": ids::fresh() });
    tx.job(NewJob { kind: "auth.invite", payload, due_at: tx.now(), dedupe: None })
}

fn reinvite(tx: &mut Tx<'_>, args: &PersonReinvite) -> Result<(), Stop> {
    let workspace_id = tx.workspace_id();
    let row = super::person(tx.conn(), workspace_id, &args.id)?;
    rules::may_manage(tx.actor(), Some(&row), row.role()?, &row.team_id)?;
    if row.email.is_none() {
        return Err(Refusal::because(Code::BadValue, "no e-mail address").into());
    }
    if !row.invited || !row.active {
        return Err(Code::WrongState.into());
    }
    queue_invitation(tx, &args.id)
}

fn update_person(tx: &mut Tx<'_>, args: &PersonUpdate) -> Result<(), Stop> {
    let workspace_id = tx.workspace_id();
    let before = super::person(tx.conn(), workspace_id, &args.id)?;
    let mut after = before.clone();
    if let Some(name) = &args.name {
        after.name = rules::name(name)?;
    }
    if args.email.is_some() {
        after.email = rules::email(args.email.as_deref())?;
    }
    if let Some(role) = args.role {
        after.role = role.as_str().into();
    }
    if let Some(team_id) = &args.team_id {
        after.team_id = checked_team(tx, team_id)?;
    }
    if let Some(skill_ids) = &args.skill_ids {
        after.skill_ids = checked_skills(tx, skill_ids)?;
    }
    after.active = args.active.unwrap_or(before.active);
    rules::may_manage(tx.actor(), Some(&before), after.role()?, &after.team_id)?;
    let others = store::other_active_owners(tx.conn(), workspace_id, &args.id)?;
    rules::keeps_an_owner(&before, &after, others)?;
    store_person(tx, Some(before), after)
}

fn save_prefs(tx: &mut Tx<'_>, args: &PersonPrefs) -> Result<(), Stop> {
    let workspace_id = tx.workspace_id();
    let user_id = tx.actor().user_id.clone();
    let before = super::person(tx.conn(), workspace_id, &user_id)?;
    let mut after = before.clone();
    if let Some(locale) = args.locale {
        after.locale = locale.as_str().into();
    }
    if let Some(at) = &args.tomorrow_mail_at {
        if let Some(at) = at {
            crate::kit::zone::parse_hhmm(at).ok_or(Stop::from(Code::BadTime))?;
        }
        after.tomorrow_mail_at.clone_from(at);
    }
    store_person(tx, Some(before), after)
}

/// Marks an invited person as having set a password. Called by the auth room inside its own command.
///
/// # Errors
/// `gone` for an unknown person.
pub fn mark_accepted(tx: &mut Tx<'_>, person_id: &str) -> Result<(), Stop> {
    let workspace_id = tx.workspace_id();
    let before = super::person(tx.conn(), workspace_id, person_id)?;
    let after = PersonRow { invited: false, ..before.clone() };
    store_person(tx, Some(before), after)
}
