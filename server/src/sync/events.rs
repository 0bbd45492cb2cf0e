//! Live pokes over server-sent events: "something for you changed, pull soon". A hint only (sync_protocol 1.5, 4.11).

use super::scope;
use crate::db::Db;
use crate::door::bus::{Bus, Poke};
use crate::door::{Actor, Bucket};
use crate::kit::refusal::Stop;
use crate::team;
use bytes::Bytes;
use futures_util::Stream;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::broadcast;
use tokio::sync::broadcast::error::RecvError;

/// Keeps proxies and watchdogs from thinking that the line is dead.
const HEARTBEAT: Duration = Duration::from_secs(25);
/// Pokes that come close together are one poke.
const GATHER: Duration = Duration::from_millis(50);

struct Listener {
    pokes: broadcast::Receiver<Arc<Poke>>,
    db: Db,
    actor: Actor,
    scope: BTreeSet<String>,
    greeted: bool,
}

/// The stream of one phone. It ends when the person is deactivated or the server stops.
///
/// # Errors
/// `Fault` or `Busy` when the person's scope cannot be read.
pub async fn stream(bus: &Bus, db: Db, actor: Actor) -> Result<impl Stream<Item = Result<Bytes, std::io::Error>> + use<>, Stop> {
    let pokes = bus.listen();
    let scope = read_scope(&db, &actor).await?.map(|(_, scope)| scope).unwrap_or_default();
    let listener = Listener { pokes, db, actor, scope, greeted: false };
    Ok(futures_util::stream::unfold(listener, |mut listener| async move {
        let text = listener.next().await?;
        Some((Ok(Bytes::from(text)), listener))
    }))
}

impl Listener {
    async fn next(&mut self) -> Option<String> {
        if !self.greeted {
            self.greeted = true;
            return Some(": hello\n\n".into());
        }
        loop {
            match tokio::time::timeout(HEARTBEAT, self.pokes.recv()).await {
                Err(_) => return Some(": still here\n\n".into()),
                Ok(Err(RecvError::Closed)) => return None,
                // Missed some: poke once, the pull brings everything.
                Ok(Err(RecvError::Lagged(_))) => return Some(event(0)),
                Ok(Ok(poke)) if poke.workspace_id.is_empty() => return None,
                Ok(Ok(poke)) => {
                    if !self.concerns(&poke) {
                        continue;
                    }
                    let mut heard = vec![poke];
                    self.gather(&mut heard).await;
                    let own = Bucket::User(self.actor.user_id.clone()).to_string();
                    if heard.iter().any(|poke| poke.buckets.contains(&own)) {
                        self.refresh().await?;
                    }
                    return Some(event(heard.iter().map(|poke| poke.order).max().unwrap_or(0)));
                }
            }
        }
    }

    fn concerns(&self, poke: &Poke) -> bool {
        poke.workspace_id == self.actor.workspace_id && !poke.buckets.is_disjoint(&self.scope)
    }

    async fn gather(&mut self, heard: &mut Vec<Arc<Poke>>) {
        let _ = tokio::time::timeout(GATHER, async {
            while let Ok(poke) = self.pokes.recv().await {
                if self.concerns(&poke) {
                    heard.push(poke);
                }
            }
        })
        .await;
    }

    /// Something about the listener changed: role, team, or still allowed in at all.
    async fn refresh(&mut self) -> Option<()> {
        match read_scope(&self.db, &self.actor).await {
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

/// The person as of now with the buckets they see; none when deactivated.
async fn read_scope(db: &Db, actor: &Actor) -> Result<Option<(Actor, BTreeSet<String>)>, Stop> {
    let (db, actor) = (db.clone(), actor.clone());
    let read = move || {
        db.read(|conn| {
            let person = team::person(conn, &actor.workspace_id, &actor.user_id)?;
            if !person.active {
                return Ok(None);
            }
            let actor = Actor { role: person.role()?, team_id: person.team_id, ..actor };
            let scope = scope::of(conn, &actor)?;
            Ok(Some((actor, scope)))
        })
    };
    actix_web::web::block(read).await.map_err(Stop::fault)?
}

fn event(order: i64) -> String {
    format!("event: poke\ndata: {{\"order\":{order}}}\n\n")
}
