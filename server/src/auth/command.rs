//! What auth writes together with a room's rows. System only: people come through `http.rs`.

use super::{keys, links, sessions};
use crate::door::{MailDraft, Tx};
use crate::kit::refusal::{Code, Stop};
use crate::mail::render::MailKind;
use crate::team;

crate::commands! { AuthCommand {
    "auth.invite" AuthInvite: System => invite,
    "auth.accept" AuthAccept: System => accept,
} }

crate::args! {
    /// Makes the invitation link and writes the mail that carries it. The same `mail_id` again does nothing.
    AuthInvite { person_id: String, inviter_id: String, mail_id: String, base_url: String, }
    /// Uses an invitation up: from now on the person has this password.
    AuthAccept { person_id: String, link_hash: String, password_hash: String, }
}

fn invite(tx: &mut Tx<'_>, args: &AuthInvite) -> Result<(), Stop> {
    let workspace_id = tx.workspace_id();
    let person = team::person(tx.conn(), workspace_id, &args.person_id)?;
    let Some(address) = person.email.clone().filter(|_| person.active && person.invited) else {
        return Ok(());
    };
    if tx.has_mail(&args.mail_id)? {
        return Ok(());
    }
    let workspace = team::store::workspace(tx.conn(), workspace_id)?;
    let inviter = team::store::person(tx.conn(), workspace_id, &args.inviter_id)?;
    let now = tx.now();
    let secret = links::make(tx.conn(), links::Purpose::Invitation, Some((workspace_id, &person.id)), now)?;
    tx.mail(&MailDraft {
        id: args.mail_id.clone(),
        kind: MailKind::Invitation,
        person_id: person.id.clone(),
        to_address: address,
        to_name: person.name.clone(),
        locale: person.locale.clone(),
        vars: serde_json::json!({
            "person": person.name,
            "inviter": inviter.map_or_else(|| workspace.name.clone(), |inviter| inviter.name),
            "workspace": workspace.name,
            "login": person.login,
            "link": format!("{}/#/invite?token={secret}", args.base_url),
            "valid_days": links::INVITATION_DAYS,
        }),
    })
}

fn accept(tx: &mut Tx<'_>, args: &AuthAccept) -> Result<(), Stop> {
    let (workspace_id, now) = (tx.workspace_id(), tx.now());
    let person = team::person(tx.conn(), workspace_id, &args.person_id)?;
    if !person.active {
        return Err(Code::LinkExpired.into());
    }
    links::consume(tx.conn(), links::Purpose::Invitation, &args.link_hash, now)?;
    sessions::set_password(tx.conn(), workspace_id, &person.id, &args.password_hash)?;
    tx.changed();
    team::command::mark_accepted(tx, &person.id)
}

/// Whom an invitation is for.
///
/// # Errors
/// `link_expired`.
pub fn invited(conn: &mut crate::db::AnyConnection, token: &str, now: i64) -> Result<team::model::PersonRow, Stop> {
    let whom = links::look(conn, links::Purpose::Invitation, &keys::fingerprint(token), now)?;
    let (workspace_id, person_id) = whom.ok_or(Stop::from(Code::LinkExpired))?;
    team::person(conn, &workspace_id, &person_id)
}
