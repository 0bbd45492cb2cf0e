//! A workspace under measurement: its owner, who changes things, and what a phone is told of it.

use super::line::Line;
use super::measure::unexpected;
use super::people::Session;
use super::process::pause;
use super::requests;
use crate::kit::ids;
use crate::kit::refusal::Stop;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::time::Duration;

/// 503 means again, soon.
const BUSY_WAIT: Duration = Duration::from_millis(200);
const BUSY_MAX: usize = 300;
/// What one push carries at most, as the server commits it.
pub const CHUNK: usize = 50;
/// Added to the number in a new task's title, so that every later edit changes something.
const CREATED: u64 = 900_000_000_000;
/// Far enough that no board of the day ever reaches it.
const DAY: &str = "2999-12-31";

/// A client group that pushes one mutation after the other.
pub struct Pusher {
    pub group: String,
    pub client: String,
    pub acknowledged: u64,
    /// Times the server said 503.
    pub busy: u64,
    uids: String,
}

impl Pusher {
    pub fn new() -> Self {
        let client = ids::fresh();
        Pusher { group: ids::fresh(), uids: ids::derived(&[&client]), client, acknowledged: 0, busy: 0 }
    }

    /// Pushes commands (name, arguments as JSON) in one request; all must be applied.
    ///
    /// # Errors
    /// `Fault` when one is not.
    pub async fn push(&mut self, line: &mut Line, token: &str, commands: &[(&str, String)]) -> Result<(), Stop> {
        let mut text = String::with_capacity(commands.len() * 400);
        for (at, (name, args)) in commands.iter().enumerate() {
            let id = self.acknowledged + 1 + at as u64;
            let uid = format!("{}{id:012}", &self.uids[..self.uids.len() - 12]);
            let comma = if at == 0 { "" } else { "," };
            text += comma;
            text += &requests::mutation(&self.client, id, &uid, name, args);
        }
        let request = requests::push(token, &self.group, &text);
        for _ in 0..BUSY_MAX {
            let status = line.exchange(&request).await.map_err(Stop::fault)?;
            if status == 503 {
                self.busy += 1;
                pause(BUSY_WAIT).await;
                continue;
            }
            // After a 503 some were done already.
            let done = count(line.body(), br#""status":"applied""#) + count(line.body(), br#""status":"duplicate""#);
            if status != 200 || done != commands.len() {
                return Err(unexpected(status, line.body()));
            }
            self.acknowledged += commands.len() as u64;
            return Ok(());
        }
        Err(Stop::fault("the server stays busy"))
    }
}

fn count(body: &[u8], words: &[u8]) -> usize {
    body.windows(words.len()).filter(|window| *window == words).count()
}

pub struct Desk {
    pub owner: Session,
    /// Tasks in the team's pool: everybody of the team and every supervisor sees them.
    pub boxes: Vec<String>,
    pub pusher: Pusher,
    /// Opened when it is used: servers drop lines that stay silent.
    line: Option<Line>,
    /// Numbers the edits, so that each really changes something.
    edits: u64,
}

impl Desk {
    /// A workspace with tasks.
    ///
    /// # Errors
    /// `Fault` when a task is refused.
    pub async fn fill(owner: Session, rows: usize) -> Result<Self, Stop> {
        let boxes: Vec<String> = (0..rows).map(|_| ids::fresh()).collect();
        let mut desk = Desk { owner, boxes: Vec::new(), pusher: Pusher::new(), line: None, edits: 0 };
        for chunk in boxes.chunks(CHUNK) {
            let creations: Vec<_> = chunk.iter().map(|id| ("box.create", creation(id, desk.pusher.acknowledged, None))).collect();
            desk.push(&creations).await?;
        }
        desk.boxes = boxes;
        Ok(desk)
    }

    /// Before a workload: the server may listen elsewhere now, and tokens age.
    ///
    /// # Errors
    /// `Fault` when the server is not there.
    pub async fn refresh(&mut self, address: SocketAddr) -> Result<(), Stop> {
        self.hang_up();
        self.owner.keep(address).await
    }

    /// A stopping server waits for lines that are still open.
    pub fn hang_up(&mut self) {
        self.line = None;
    }

    /// Changes the words of the first `count` tasks (at most fifty), in one transaction.
    ///
    /// # Errors
    /// `Fault` when one is refused.
    pub async fn edit(&mut self, count: usize) -> Result<(), Stop> {
        self.edits += 1;
        let edits: Vec<_> = self.boxes.iter().take(count).map(|id| ("box.edit", requests::edit(id, self.edits))).collect();
        self.push(&edits).await
    }

    async fn push(&mut self, commands: &[(&str, String)]) -> Result<(), Stop> {
        let mut line = match self.line.take() {
            Some(line) => line,
            None => Line::open(self.owner.address).await.map_err(Stop::fault)?,
        };
        self.pusher.push(&mut line, &self.owner.token, commands).await?;
        self.line = Some(line);
        Ok(())
    }
}

/// Arguments of `box.create`; without an assignee the task is the team's.
pub fn creation(id: &str, number: u64, assignee_id: Option<&str>) -> String {
    json!({
        "id": id, "day": DAY, "title": requests::title(CREATED + number), "quadrant": "Q2", "kind": "anytime",
        "start_at": null, "end_at": null, "due_at": null, "assignee_id": assignee_id,
    })
    .to_string()
}

/// One phone's way of asking: a person and a client group.
pub struct Reader {
    pub session: Session,
    pub pusher: Pusher,
}

/// An answer to a pull, taken apart.
pub struct Pulled {
    pub bytes: Vec<u8>,
    pub cookie: Value,
    pub puts: BTreeSet<String>,
    /// Starts with `clear`.
    pub whole: bool,
    pub dels: usize,
    pub lmids: BTreeMap<String, u64>,
    pub has_check: bool,
}

impl Reader {
    pub fn new(session: Session) -> Self {
        Reader { session, pusher: Pusher::new() }
    }

    pub fn request(&self, cookie: &Value) -> Vec<u8> {
        requests::pull(&self.session.token, &self.pusher.group, &cookie.to_string())
    }

    /// # Errors
    /// `Fault` when the answer is no patch.
    pub async fn pull(&self, cookie: &Value) -> Result<Pulled, Stop> {
        let mut line = Line::open(self.session.address).await.map_err(Stop::fault)?;
        let status = line.exchange(&self.request(cookie)).await.map_err(Stop::fault)?;
        let bytes = line.body().to_vec();
        let said: Value = serde_json::from_slice(&bytes)?;
        let Some(ops) = said["patch"].as_array().filter(|_| status == 200) else { return Err(unexpected(status, &bytes)) };
        let of = |name: &'static str| ops.iter().filter(move |op| op["op"] == name);
        let lmids = said["lastMutationIDChanges"].as_object().into_iter().flatten();
        Ok(Pulled {
            cookie: said["cookie"].clone(),
            puts: of("put").filter_map(|op| op["key"].as_str().map(str::to_owned)).collect(),
            whole: ops.first().is_some_and(|op| op["op"] == "clear"),
            dels: of("del").count(),
            lmids: lmids.filter_map(|(client, lmid)| Some((client.clone(), lmid.as_u64()?))).collect(),
            has_check: said.get("check").is_some(),
            bytes,
        })
    }
}

/// # Errors
/// `Fault` naming what was expected.
pub fn expect(right: bool, what: &str) -> Result<(), Stop> {
    if right { Ok(()) } else { Err(Stop::fault(format!("a wrong answer: {what}"))) }
}
