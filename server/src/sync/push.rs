//! Push: the queue of a phone, applied in order and exactly once (sync_protocol 1.2, 4.3).

use super::log::{self, ClientRow, LogRow};
use super::rejects::{RejectRecord, SyncCommand};
use super::wire::{ClientError, Mutation, MutationResult, Outcome, PushReply, PushRequest};
use crate::door::feed::ClientChange;
use crate::door::{Actor, Bucket, Door, Via, Writing};
use crate::kit::refusal::{Code, Refusal, Stop};
use crate::rooms::Command;
use crate::team;
use std::collections::HashMap;
use std::sync::Arc;

/// Mutations in one transaction; a longer queue is several transactions, each complete in itself.
const CHUNK: usize = 50;
/// After this long (ms) the rest is left for the next request, so that one phone does not hold everybody up.
const BUDGET_MS: i64 = 2_000;
/// A mutation that made the server fail so often is refused, so that it blocks nobody for ever.
const FAULTS_MAX: i32 = 5;
const ID_MAX: usize = 128;

/// Applies what a phone sent.
///
/// # Errors
/// `forbidden` when the client group belongs to somebody else (nothing is applied), `Busy`/`Fault` when the first chunk could
/// not be processed at all.
pub async fn push(door: &Door, actor: &Actor, request: PushRequest) -> Result<PushReply, Stop> {
    if request.push_version != 1 {
        return Ok(PushReply::Error(ClientError::VersionNotSupported { version_type: "push" }));
    }
    if !known_schema(&request.schema_version) {
        return Ok(PushReply::Error(ClientError::VersionNotSupported { version_type: "schema" }));
    }
    check_ids(&request)?;
    let request = Arc::new(request);
    let started = door.clock.now_ms();
    let mut results = Vec::new();
    for start in (0..request.mutations.len()).step_by(CHUNK) {
        let out_of_time = door.clock.now_ms() - started > BUDGET_MS;
        if out_of_time {
            return Ok(PushReply::Results { results, more: true });
        }
        let (who, asked) = (actor.clone(), request.clone());
        let work = move |writing: &mut Writing<'_>| {
            let chunk = &asked.mutations[start..asked.mutations.len().min(start + CHUNK)];
            Chunk::open(writing, who, &asked)?.run(chunk)
        };
        let done = door.write_soon(&actor.workspace_id, work).await?;
        if let Some(error) = done.error {
            return Ok(PushReply::Error(error));
        }
        results.extend(done.results);
        if let Some((client_id, id)) = done.fault {
            let (door, workspace_id) = (door.clone(), actor.workspace_id.clone());
            let count = move || door.upkeep(move |conn| log::count_fault(conn, &workspace_id, &client_id, id));
            crate::jobs::blocking(count).await?;
        }
        if done.stopped {
            return Ok(PushReply::Results { results, more: true });
        }
    }
    Ok(PushReply::Results { results, more: false })
}

/// Versions are small numbers as text; outside clients that never set one send the empty string.
pub fn known_schema(version: &str) -> bool {
    version.is_empty() || version.parse::<u32>().is_ok()
}

fn check_ids(request: &PushRequest) -> Result<(), Refusal> {
    let fits = |id: &str| !id.is_empty() && id.len() <= ID_MAX && !id.chars().any(char::is_control);
    let mutations_fit = request
        .mutations
        .iter()
        .all(|m| fits(&m.client_id) && m.id > 0 && m.name.len() <= ID_MAX && m.uid.as_deref().is_none_or(fits));
    if fits(&request.client_group_id) && mutations_fit { Ok(()) } else { Err(Refusal::because(Code::BadRequest, "ids")) }
}

#[derive(Default)]
struct Done {
    results: Vec<MutationResult>,
    error: Option<ClientError>,
    /// The rest must wait: the database was busy, or a mutation made us fail.
    stopped: bool,
    fault: Option<(String, i64)>,
}

struct Chunk<'w, 'a, 'r> {
    writing: &'w mut Writing<'a>,
    actor: Actor,
    request: &'r PushRequest,
    clients: HashMap<String, ClientRow>,
    group_known: bool,
    done: Done,
}

impl<'w, 'a, 'r> Chunk<'w, 'a, 'r> {
    /// Reads who pushes as of this moment, behind the lock: a role taken away a second ago counts.
    fn open(writing: &'w mut Writing<'a>, actor: Actor, request: &'r PushRequest) -> Result<Self, Stop> {
        let person = team::person(writing.peek(), &actor.workspace_id, &actor.user_id)?;
        if !person.active {
            return Err(Code::SessionRevoked.into());
        }
        let actor = Actor { role: person.role()?, team_id: person.team_id, ..actor };
        let owner = log::group_owner(writing.peek(), &actor.workspace_id, &request.client_group_id)?;
        if owner.as_ref().is_some_and(|owner| *owner != actor.user_id) {
            return Err(Refusal::because(Code::Forbidden, "client group of another user").into());
        }
        Ok(Chunk { writing, actor, request, clients: HashMap::new(), group_known: owner.is_some(), done: Done::default() })
    }

    fn run(mut self, mutations: &[Mutation]) -> Result<Done, Stop> {
        let mut ids: Vec<&str> = mutations.iter().map(|m| m.client_id.as_str()).collect();
        ids.sort_unstable();
        ids.dedup();
        self.clients = log::clients(self.writing.peek(), &self.actor.workspace_id, &ids)?;
        if !self.group_known && !mutations.iter().any(|m| m.id == 1) {
            self.done.error = (!mutations.is_empty()).then_some(ClientError::ClientStateNotFound);
            return Ok(self.done);
        }
        for mutation in mutations {
            if !self.take(mutation)? {
                break;
            }
        }
        Ok(self.done)
    }

    /// Processes one mutation; false when the rest must wait.
    fn take(&mut self, mutation: &Mutation) -> Result<bool, Stop> {
        let lmid = match self.clients.get(&mutation.client_id) {
            Some(client) if client.group_id == self.request.client_group_id => client.lmid,
            None if mutation.id == 1 => self.create_client(mutation)?,
            _ => return Ok(self.skip(mutation, Code::UnknownClient)),
        };
        if mutation.id <= lmid {
            self.say(mutation, Outcome::Duplicate, None);
            return Ok(true);
        }
        if mutation.id > lmid + 1 {
            return Ok(self.skip(mutation, Code::Gap));
        }
        if let Some(uid) = &mutation.uid
            && let Some((client_id, id)) = log::by_uid(self.writing.peek(), &self.actor.workspace_id, uid)?
        {
            let note = format!("same as {client_id} {id}");
            self.settle(mutation, Outcome::Duplicate, None, Some(note))?;
            return Ok(true);
        }
        self.apply(mutation)
    }

    fn apply(&mut self, mutation: &Mutation) -> Result<bool, Stop> {
        let faults = log::faults(self.writing.peek(), &self.actor.workspace_id, &mutation.client_id, mutation.id)?;
        let result = if faults >= FAULTS_MAX {
            tracing::error!(command = mutation.name, "given up on a mutation after repeated faults");
            Err(Stop::from(Code::Internal))
        } else {
            Command::parse(&mutation.name, mutation.args.clone())
                .map_err(Stop::from)
                .and_then(|command| self.writing.attempt(&self.actor, &command, claimed_at(mutation)))
        };
        match result {
            Ok(()) => self.settle(mutation, Outcome::Applied, None, None)?,
            Err(Stop::Refused(refusal)) => {
                self.record_rejection(mutation, refusal.code)?;
                self.settle(mutation, Outcome::Rejected, Some(refusal.code), refusal.detail)?;
            }
            // Nothing more fits: not this, not what came before it, not the note that it was dealt with.
            Err(full @ Stop::Full(_)) => return Err(full),
            Err(Stop::Busy(_)) => {
                self.done.stopped = true;
                return Ok(false);
            }
            Err(Stop::Fault(error)) => {
                tracing::error!(command = mutation.name, error, "a mutation failed");
                self.done.stopped = true;
                self.done.fault = Some((mutation.client_id.clone(), mutation.id));
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn create_client(&mut self, mutation: &Mutation) -> Result<i64, Stop> {
        let (workspace_id, version, now) = (self.actor.workspace_id.clone(), self.writing.version, self.writing.now);
        let group_id = &self.request.client_group_id;
        if !self.group_known {
            log::bind_group(self.writing.ledger(), &workspace_id, group_id, &self.actor.user_id, now)?;
            self.group_known = true;
        }
        let row = ClientRow { workspace_id, id: mutation.client_id.clone(), group_id: group_id.clone(), lmid: 0, seq: version };
        log::add_client(self.writing.ledger(), &row)?;
        self.clients.insert(row.id.clone(), row);
        Ok(0)
    }

    fn record_rejection(&mut self, mutation: &Mutation, code: Code) -> Result<(), Stop> {
        let uid = mutation.uid.clone().unwrap_or_else(|| format!("{}-{}", mutation.client_id, mutation.id));
        let record = RejectRecord {
            uid,
            user_id: self.actor.user_id.clone(),
            team_id: self.actor.team_id.clone(),
            name: printable(&mutation.name),
            args: kept(mutation),
            code,
            at: self.writing.now,
        };
        let system = Actor::system(&self.actor.workspace_id, Via::Job);
        self.writing.attempt(&system, &Command::Sync(SyncCommand::RejectRecord(record)), None)
    }

    /// The mutation is dealt with: log it and move the client on, in the same transaction as its effects.
    fn settle(&mut self, mutation: &Mutation, outcome: Outcome, code: Option<Code>, message: Option<String>) -> Result<(), Stop> {
        let version = self.writing.version;
        let row = LogRow {
            workspace_id: &self.actor.workspace_id,
            client_id: &mutation.client_id,
            id: mutation.id,
            uid: mutation.uid.as_deref().filter(|_| outcome != Outcome::Duplicate),
            user_id: &self.actor.user_id,
            name: &printable(&mutation.name),
            args: (outcome == Outcome::Rejected).then(|| kept(mutation).to_string()),
            schema_version: &self.request.schema_version,
            outcome,
            code,
            message: message.as_deref().map(printable),
            version,
            claimed_at: claimed_at(mutation),
            received_at: self.writing.now,
        };
        log::write(self.writing.ledger(), &row)?;
        if let Some(client) = self.clients.get_mut(&mutation.client_id) {
            client.lmid = mutation.id;
            client.seq = version;
            log::move_client(self.writing.ledger(), client)?;
            let (group_id, client_id, user_id) = (client.group_id.clone(), client.id.clone(), self.actor.user_id.clone());
            self.writing.moved(ClientChange { group_id, client_id, user_id, lmid: mutation.id });
        }
        // The author's other devices and this one learn the new lmid by a pull.
        self.writing.touch(&Bucket::User(self.actor.user_id.clone()));
        self.say(mutation, outcome, code);
        Ok(())
    }

    fn skip(&mut self, mutation: &Mutation, code: Code) -> bool {
        self.say(mutation, Outcome::Skipped, Some(code));
        true
    }

    fn say(&mut self, mutation: &Mutation, status: Outcome, code: Option<Code>) {
        self.done.results.push(MutationResult { client_id: mutation.client_id.clone(), id: mutation.id, status, code });
    }
}

/// Commands whose arguments are addresses and secrets that nobody is to read again.
const SECRET: [&str; 4] = ["outreach_hook.save", "robot.save", "push.subscribe", "push.unsubscribe"];

/// What is kept of a refused change.
fn kept(mutation: &Mutation) -> serde_json::Value {
    if SECRET.contains(&mutation.name.as_str()) {
        return serde_json::json!({ "id": mutation.args["id"] });
    }
    mutation.args.clone()
}

/// What a phone sent is logged whatever it is, but not with characters that a database cannot store in a text.
fn printable(text: &str) -> String {
    text.replace(char::is_control, "\u{fffd}")
}

/// When the person says it happened (ms), from the arguments.
fn claimed_at(mutation: &Mutation) -> Option<i64> {
    mutation.args.get("at").and_then(serde_json::Value::as_i64)
}
