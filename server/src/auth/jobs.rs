//! The job that writes an invitation mail.

use super::command::{AuthCommand, AuthInvite};
use crate::app::App;
use crate::door::{Actor, Via};
use crate::jobs::{JobError, blocking};
use crate::rooms::Command;
use serde_json::Value;

/// # Errors
/// `Retry` when the database is busy, `Dead` for a person that is gone.
pub async fn invite(app: &App, workspace_id: &str, payload: &Value) -> Result<(), JobError> {
    let text = |name: &str| payload[name].as_str().unwrap_or_default().to_owned();
    let (person_id, inviter_id, mail_id) = (text("person_id"), text("inviter_id"), text("mail_id"));
    let args = AuthInvite { person_id, inviter_id, mail_id, base_url: app.config.base_url() };
    let (door, system) = (app.door.clone(), Actor::system(workspace_id, Via::Job));
    blocking(move || door.execute(&system, Command::Auth(AuthCommand::AuthInvite(args)), None)).await?;
    Ok(())
}
