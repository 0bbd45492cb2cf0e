//! The value that lets a room write. Only the door makes one; it carries who, when and why, and collects what must be
//! published, audited, mailed and done next, all in the same transaction.

use super::actor::Actor;
use super::feed::RowChange;
use super::publish::{self, Image, Wire};
use crate::db::schema::{audit, mail, sync_entry};
use crate::db::{AnyConnection, Fixed};
use crate::jobs::queue::{self, Fresh};
use crate::kit::ids;
use crate::kit::refusal::Stop;
use crate::mail::buyer::{self, BuyerMail};
use diesel::prelude::*;

pub struct Tx<'a> {
    conn: &'a mut AnyConnection,
    workspace_id: &'a str,
    version: i64,
    now: i64,
    actor: &'a Actor,
    command: &'static str,
    claimed_at: Option<i64>,
    rows: Vec<RowChange>,
    changed: bool,
}

/// A follow-up that must not be lost.
#[derive(Debug, Clone)]
pub struct NewJob {
    pub kind: &'static str,
    pub payload: serde_json::Value,
    /// Not before this instant (ms).
    pub due_at: i64,
    /// At most one job with this name ever exists in the workspace.
    pub dedupe: Option<String>,
}

/// A mail for the durable outbox; rendered when it is sent, in the reader's language.
#[derive(Debug, Clone)]
pub struct MailDraft {
    pub id: String,
    pub kind: crate::mail::render::MailKind,
    pub person_id: String,
    pub to_address: String,
    pub to_name: String,
    pub locale: String,
    pub vars: serde_json::Value,
}

impl<'a> Tx<'a> {
    pub(super) fn begin(
        conn: &'a mut AnyConnection,
        workspace_id: &'a str,
        version: i64,
        now: i64,
        actor: &'a Actor,
        command: &'static str,
        claimed_at: Option<i64>,
    ) -> Self {
        Tx { conn, workspace_id, version, now, actor, command, claimed_at, rows: Vec::new(), changed: false }
    }

    pub(super) fn finish(self) -> (Vec<RowChange>, bool) {
        (self.rows, self.changed)
    }

    pub fn conn(&mut self) -> &mut AnyConnection {
        self.conn
    }

    pub fn workspace_id(&self) -> &'a str {
        self.workspace_id
    }

    pub fn actor(&self) -> &'a Actor {
        self.actor
    }

    /// The workspace's version that this write makes.
    pub fn version(&self) -> i64 {
        self.version
    }

    /// When the server received it (ms).
    pub fn now(&self) -> i64 {
        self.now
    }

    /// When the person says it happened (ms): never later than received, and never trusted to order anything.
    pub fn happened_at(&self) -> i64 {
        self.claimed_at.map_or(self.now, |at| at.clamp(0, self.now))
    }

    /// Marks a write that no phone sees (bookkeeping tables) as worth committing.
    pub fn changed(&mut self) {
        self.changed = true;
    }

    /// Shows a changed row to its audience and writes the audit entry. `before` is the row as it was, `after` as it is; an
    /// unchanged row is left alone.
    ///
    /// # Errors
    /// `Fault` or `Busy` from the database.
    pub fn publish<W: Wire>(&mut self, before: Option<&W>, after: Option<&W>) -> Result<(), Stop> {
        let before = before.map(Image::of).transpose()?;
        let after = after.map(Image::of).transpose()?;
        if before == after {
            return Ok(());
        }
        if let (Some(image), Some(change)) =
            (after.as_ref().or(before.as_ref()), RowChange::new(before.as_ref(), after.as_ref())?)
        {
            publish::store(self.conn, self.workspace_id, self.version, image, &change)?;
            self.rows.push(change);
        }
        self.changed = true;
        self.audit(before.as_ref(), after.as_ref())
    }

    /// Writes into the history what is no change of a published row: that somebody read a number, that a file came in.
    ///
    /// # Errors
    /// `Fault` or `Busy` from the database.
    pub fn record(&mut self, key: &str, what: &serde_json::Value) -> Result<(), Stop> {
        self.changed = true;
        self.note(key, None, Some(&what.to_string()))
    }

    /// Takes what the history says of these rows out of it, this write's own words among them; that something happened stays.
    ///
    /// # Errors
    /// `Fault` or `Busy` from the database.
    pub fn forget(&mut self, keys: &[String]) -> Result<(), Stop> {
        let said = audit::table.filter(audit::workspace_id.eq(self.workspace_id)).filter(audit::entity.eq_any(keys));
        let none = (audit::before_body.eq(None::<String>), audit::after_body.eq(None::<String>));
        diesel::update(said).set(none).execute(self.conn)?;
        Ok(())
    }

    /// What phones and the history still hold of these rows.
    ///
    /// # Errors
    /// `Fault` or `Busy` from the database.
    pub fn traces(&mut self, keys: &[String]) -> Result<i64, Stop> {
        let said = audit::before_body.is_not_null().or(audit::after_body.is_not_null());
        let history =
            audit::table.filter(audit::workspace_id.eq(self.workspace_id)).filter(audit::entity.eq_any(keys)).filter(said);
        let entries =
            sync_entry::table.filter(sync_entry::workspace_id.eq(self.workspace_id)).filter(sync_entry::key.eq_any(keys));
        Ok(history.count().get_result::<i64>(self.conn)? + entries.count().get_result::<i64>(self.conn)?)
    }

    fn audit(&mut self, before: Option<&Image>, after: Option<&Image>) -> Result<(), Stop> {
        let key = after.or(before).map_or("", |image| image.key.as_str());
        let said = |image: &&Image| !image.private;
        let body = |image: Option<&Image>| image.filter(said).map(|image| image.body.clone());
        self.note(key, body(before).as_deref(), body(after).as_deref())
    }

    fn note(&mut self, key: &str, before: Option<&str>, after: Option<&str>) -> Result<(), Stop> {
        let actor_id = (!self.actor.user_id.is_empty()).then_some(&self.actor.user_id);
        let row = (
            audit::workspace_id.eq(self.workspace_id),
            audit::id.eq(ids::fresh()),
            audit::version.eq(self.version),
            audit::at.eq(self.now),
            audit::actor_id.eq(actor_id),
            audit::device_id.eq(self.actor.device_id.as_ref()),
            audit::via.eq(self.actor.via.as_str()),
            audit::command.eq(self.command),
            audit::entity.eq(key),
            audit::before_body.eq(before),
            audit::after_body.eq(after),
        );
        Fixed(diesel::insert_into(audit::table).values(row)).insert(self.conn)?;
        Ok(())
    }

    /// Puts a job into the queue, unless one of the same dedupe name is already there.
    ///
    /// # Errors
    /// `Fault` or `Busy` from the database.
    pub fn job(&mut self, new: NewJob) -> Result<(), Stop> {
        if let Some(name) = &new.dedupe
            && queue::is_known(self.conn, self.workspace_id, name)?
        {
            return Ok(());
        }
        let NewJob { kind, payload, due_at, dedupe } = &new;
        let (workspace_id, dedupe) = (self.workspace_id, dedupe.as_deref());
        queue::insert(self.conn, &Fresh { workspace_id, kind, payload, dedupe, due_at: *due_at, now: self.now })?;
        self.changed = true;
        Ok(())
    }

    /// Whether a mail of this id is in the outbox, sent or not: jobs that write one may run twice.
    ///
    /// # Errors
    /// `Fault` or `Busy` from the database.
    pub fn has_mail(&mut self, id: &str) -> Result<bool, Stop> {
        Ok(diesel::select(diesel::dsl::exists(mail::table.find((self.workspace_id, id)))).get_result(self.conn)?)
    }

    /// Deletes a mail from the outbox, sent or not.
    ///
    /// # Errors
    /// `Fault` or `Busy` from the database.
    pub fn drop_mail(&mut self, id: &str) -> Result<(), Stop> {
        diesel::delete(mail::table.find((self.workspace_id, id))).execute(self.conn)?;
        Ok(())
    }

    /// Writes a mail to a buyer into the outbox together with the job that sends it, in its hours and not too many at once.
    ///
    /// # Errors
    /// `Fault` for hours that are none, `Fault` or `Busy` from the database.
    pub fn mail_buyer(&mut self, draft: &BuyerMail) -> Result<(), Stop> {
        self.changed = true;
        buyer::put(self.conn, self.workspace_id, self.now, draft)
    }

    /// Takes back a mail that has not left, address and words with it. False when it may have left.
    ///
    /// # Errors
    /// `Fault` or `Busy` from the database.
    pub fn cancel_mail(&mut self, id: &str) -> Result<bool, Stop> {
        let taken_back = buyer::cancel(self.conn, self.workspace_id, id)?;
        self.changed |= taken_back;
        Ok(taken_back)
    }

    /// Writes a mail into the outbox together with the job that sends it. The Message-ID is fixed here, so that a mail
    /// sent twice after a crash is one mail in every mailbox.
    ///
    /// # Errors
    /// `Fault` or `Busy` from the database.
    pub fn mail(&mut self, draft: &MailDraft) -> Result<(), Stop> {
        let id = &draft.id;
        let row = (
            mail::workspace_id.eq(self.workspace_id),
            mail::id.eq(id),
            mail::kind.eq(draft.kind.as_str()),
            mail::person_id.eq(&draft.person_id),
            mail::to_address.eq(&draft.to_address),
            mail::to_name.eq(&draft.to_name),
            mail::locale.eq(&draft.locale),
            mail::vars.eq(draft.vars.to_string()),
            mail::message_id.eq(format!("<{id}@dutyboard>")),
            mail::state.eq("queued"),
            mail::created_at.eq(self.now),
        );
        diesel::insert_into(mail::table).values(row).execute(self.conn)?;
        let payload = serde_json::json!({ "mail_id": id });
        self.job(NewJob { kind: crate::mail::send::KIND, payload, due_at: self.now, dedupe: None })
    }
}
