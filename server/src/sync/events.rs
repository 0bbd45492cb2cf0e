//! Live pokes over server-sent events: "something for you changed, pull soon". A hint only (sync_protocol 1.5, 4.11).

use super::scope::{self, Scope};
use crate::db::Db;
use crate::door::bus::{Poke, event};
use crate::door::{Actor, Door, Via};
use crate::http::Caller;
use crate::kit::refusal::Stop;
use crate::team;
use bytes::Bytes;
use futures_util::Stream;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::broadcast;
use tokio::sync::broadcast::error::RecvError;

/// Keeps proxies and watchdogs from thinking that the line is dead.
const HEARTBEAT: Duration = Duration::from_secs(25);

struct Listener {
    pokes: broadcast::Receiver<Arc<Poke>>,
    db: Db,
    actor: Actor,
    scope: Scope,
    greeted: bool,
    /// Who this is has changed between signing in and listening.
    outdated: bool,
}

/// The stream of one phone. It ends when the person or the device is shut out, or the server stops.
pub fn stream(door: &Door, db: Db, caller: &Caller) -> impl Stream<Item = Result<Bytes, std::io::Error>> + use<> {
    let (actor, scope) = (caller.actor(Via::Push), caller.scope.clone());
    let pokes = door.bus.listen(&actor.workspace_id);
    let outdated = !caller.is_current(&door.feed);
    let listener = Listener { pokes, db, actor, scope, greeted: false, outdated };
    futures_util::stream::unfold(listener, |mut listener| async move {
        let event = listener.next().await?;
        Some((Ok(event), listener))
    })
}

impl Listener {
    async fn next(&mut self) -> Option<Bytes> {
        if !self.greeted {
            self.greeted = true;
            if self.outdated {
                self.refresh().await?;
            }
            return Some(Bytes::from_static(b": hello\n\n"));
        }
        loop {
            match tokio::time::timeout(HEARTBEAT, self.pokes.recv()).await {
                Err(_) => return Some(Bytes::from_static(b": still here\n\n")),
                Ok(Err(RecvError::Closed)) => return None,
                // Missed some: who this is may have changed too, and the pull brings everything.
                Ok(Err(RecvError::Lagged(_))) => {
                    self.refresh().await?;
                    return Some(event(0));
                }
                Ok(Ok(poke)) if poke.last => return None,
                Ok(Ok(poke)) => {
                    let concerned = self.is_concerned(&poke);
                    if poke.access {
                        self.refresh().await?;
                    }
                    if concerned || (poke.access && self.is_concerned(&poke)) {
                        return Some(poke.event.clone());
                    }
                }
            }
        }
    }

    fn is_concerned(&self, poke: &Poke) -> bool {
        poke.everyone || poke.buckets.iter().any(|bucket| self.scope.sees(bucket))
    }

    /// Roles, teams or devices have changed: is this one still allowed in, and to see what?
    async fn refresh(&mut self) -> Option<()> {
        let (db, actor) = (self.db.clone(), self.actor.clone());
        match crate::jobs::blocking(move || db.read(|conn| read_scope(conn, actor))).await {
            Ok(Some((actor, scope))) => {
                self.actor = actor;
                self.scope = scope;
                Some(())
            }
            Ok(None) => None,
            // The database is busy: keep the old scope, the next pull judges anyway.
            Err(_) => Some(()),
        }
    }
}

/// The person as of now with the buckets they see; none when shut out.
fn read_scope(conn: &mut crate::db::AnyConnection, actor: Actor) -> Result<Option<(Actor, Scope)>, Stop> {
    let person = team::person(conn, &actor.workspace_id, &actor.user_id)?;
    if !person.active {
        return Ok(None);
    }
    let actor = Actor { role: person.role()?, team_id: person.team_id, ..actor };
    let scope = scope::of(conn, &actor)?;
    Ok(Some((actor, scope)))
}
