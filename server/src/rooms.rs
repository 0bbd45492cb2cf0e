//! The rooms of the house, one line each. A new feature is a folder, a line here, a migration, and a client folder.

use crate::db::AnyConnection;
use crate::door::publish::Image;
use crate::door::{Access, Tx, Wire};
use crate::kit::refusal::{Code, Refusal, Stop};
use crate::notices::kinds::NoticeKind;
use serde_json::Value;

/// Postgres cannot store U+0000; refused on both engines, so that a workspace can move from one to the other.
fn has_nul(args: &Value) -> bool {
    match args {
        Value::String(text) => text.contains('\0'),
        Value::Array(items) => items.iter().any(has_nul),
        Value::Object(fields) => fields.iter().any(|(name, value)| name.contains('\0') || has_nul(value)),
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}

macro_rules! rooms {
    ($($name:ident $room:path => $images:path,)*) => {
        /// Everything that can be asked of the write door.
        #[derive(Debug, Clone, serde::Serialize, utoipa::ToSchema)]
        #[cfg_attr(test, derive(ts_rs::TS), ts(export, export_to = "api.ts"))]
        #[serde(untagged)]
        pub enum Command { $($name(rooms_alias::$name),)* }

        /// Every room's command type under its room's name.
        pub mod rooms_alias { $(pub use $room as $name;)* }

        impl Command {
            /// Reads a command from the wire.
            ///
            /// # Errors
            /// `unknown_command` for a name nobody has, `bad_request` for arguments that do not fit it.
            pub fn parse(name: &str, args: Value) -> Result<Self, Refusal> {
                if has_nul(&args) {
                    return Err(Refusal::because(Code::BadValue, "NUL in a text"));
                }
                $(if rooms_alias::$name::TABLE.iter().any(|(known, _)| *known == name) {
                    let tagged = serde_json::json!({ "name": name, "args": args });
                    return serde_json::from_value(tagged)
                        .map(Command::$name)
                        .map_err(|error| Refusal::because(Code::BadRequest, error.to_string()));
                })*
                Err(Refusal::because(Code::UnknownCommand, name.chars().take(64).collect::<String>()))
            }

            pub fn name(&self) -> &'static str { match self { $(Command::$name(command) => command.name(),)* } }
            pub fn access(&self) -> Access { match self { $(Command::$name(command) => command.access(),)* } }
            pub(crate) fn run(&self, tx: &mut Tx<'_>) -> Result<(), Stop> {
                match self { $(Command::$name(command) => command.run(tx),)* }
            }

            /// Name and access of every command, for the exhaustive test of the access table.
            pub fn table() -> Vec<(&'static str, Access)> {
                let mut all = Vec::new();
                $(all.extend_from_slice(rooms_alias::$name::TABLE);)*
                all
            }
        }

        /// Every row that some phone should see, recomputed from the rooms' own tables (invariant I14).
        ///
        /// # Errors
        /// `Fault` or `Busy` from the database.
        pub fn images(conn: &mut AnyConnection, workspace_id: &str) -> Result<Vec<Image>, Stop> {
            let mut all = Vec::new();
            $(all.extend($images(conn, workspace_id)?);)*
            Ok(all)
        }
    };
}

rooms! {
    Sync crate::sync::rejects::SyncCommand => crate::sync::rejects::images,
    Auth crate::auth::command::AuthCommand => crate::auth::images,
    Team crate::team::command::TeamCommand => crate::team::images,
    Roster crate::roster::command::RosterCommand => crate::roster::images,
    Tasks crate::tasks::command::TasksCommand => crate::tasks::images,
    Customers crate::customers::command::CustomersCommand => crate::customers::images,
    Notices crate::notices::command::NoticesCommand => crate::notices::images,
    Outreach crate::outreach::command::OutreachCommand => crate::outreach::images,
}

/// Deletes what other rooms than their own hold of a buyer who is erased, and gives the keys under which phones and the history
/// knew it: here, because a buyer's own room knows none of those above it. `callbacks`: the ids of theirs.
///
/// # Errors
/// `Fault` or `Busy` from the database.
pub fn forget_buyer(tx: &mut Tx<'_>, customer_id: &str, callbacks: Vec<String>) -> Result<Vec<String>, Stop> {
    let cases = crate::outreach::forget(tx, customer_id)?;
    let mut about = callbacks;
    about.extend(cases.iter().map(|case| case.id.clone()));
    let mut keys: Vec<String> = cases.iter().map(Wire::key).collect();
    keys.extend(crate::notices::forget(tx, &about)?);
    Ok(keys)
}

/// Whether a notice need reach nobody any more: here, because the outbox does not know what its mails are about.
///
/// # Errors
/// `Fault` or `Busy` from the database.
pub fn is_needless(conn: &mut AnyConnection, workspace_id: &str, notice_id: &str) -> Result<bool, Stop> {
    crate::notices::is_needless(conn, workspace_id, notice_id)
}

/// Whether somebody has taken the work that a notice is about, or nobody needs to any more: here, because the notices room knows
/// none of those whose work it tells of.
///
/// # Errors
/// `Fault` or `Busy` from the database.
pub fn is_in_hand(conn: &mut AnyConnection, workspace_id: &str, kind: NoticeKind, id: &str) -> Result<bool, Stop> {
    crate::outreach::is_in_hand(conn, workspace_id, kind, id)
}

/// Whether the case that wrote a mail still wants it; one that no case wrote is wanted: here, because the outbox knows no cases.
///
/// # Errors
/// `Fault` or `Busy` from the database.
pub fn wants_mail(conn: &mut AnyConnection, workspace_id: &str, mail_id: &str) -> Result<bool, Stop> {
    crate::outreach::wants_mail(conn, workspace_id, mail_id)
}

/// Whether a buyer still takes mails: here, because the outbox knows no buyers.
///
/// # Errors
/// `Fault` or `Busy` from the database.
pub fn takes_mails(conn: &mut AnyConnection, workspace_id: &str, customer_id: &str) -> Result<bool, Stop> {
    crate::customers::takes_mails(conn, workspace_id, customer_id)
}

/// What other rooms than their own know of a buyer's cards.
///
/// # Errors
/// `Fault` or `Busy` from the database.
pub fn known_of_buyer(conn: &mut AnyConnection, workspace_id: &str, ids: &[String]) -> Result<Value, Stop> {
    Ok(serde_json::json!({ "outreach": crate::outreach::document(conn, workspace_id, ids)? }))
}
