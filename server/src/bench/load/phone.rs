//! A phone: writes down what its owner does, sends it until the server has it, and keeps its view up to date.

use super::network::{Answer, Network};
use super::tally::{Kind, Tally};
use super::view::{Reply, View};
use crate::bench::desk::creation;
use crate::bench::line::Line;
use crate::bench::listen;
use crate::bench::people::Session;
use crate::bench::process::pause;
use crate::bench::requests;
use crate::bench::stats::micros;
use crate::kit::ids;
use crate::kit::refusal::Stop;
use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::{Duration, Instant};
use tokio::sync::{Mutex, watch};

/// Without a poke, a phone pulls this often.
const PULL_EVERY: Duration = Duration::from_secs(60);
/// A live line lasts so long on average.
const LIVE: Duration = Duration::from_secs(60);
const BACKOFF_FIRST: Duration = Duration::from_millis(300);
const BACKOFF_MOST: Duration = Duration::from_secs(8);
/// In a hundred changes: new tasks; the rest are notes on own ones.
const NEW_TASKS: u32 = 30;

/// Whoever holds some of the phones. They share one sign-in.
pub struct Person {
    pub login: String,
    pub session: Mutex<Option<Session>>,
}

/// What phones have in common.
pub struct World {
    pub address: SocketAddr,
    pub tally: Rc<Tally>,
    /// Mean time between two changes on a phone.
    pub think: Duration,
    pub over: watch::Receiver<bool>,
}

pub struct Phone {
    world: Rc<World>,
    person: Rc<Person>,
    network: Network,
    group: String,
    client: String,
    next_id: u64,
    /// Not known to be processed: number and mutation.
    outbox: BTreeMap<u64, String>,
    /// Processed, as an answer said.
    acknowledged: u64,
    rejected: u64,
    /// Own tasks, each with the notes written on it.
    made: BTreeMap<String, BTreeSet<String>>,
    view: View,
    live: Option<Line>,
}

impl Phone {
    pub fn new(world: Rc<World>, person: Rc<Person>, seed: u64) -> Self {
        let network = Network::new(world.address, seed, world.tally.clone());
        Phone {
            world,
            person,
            network,
            group: ids::fresh(),
            client: ids::fresh(),
            next_id: 1,
            outbox: BTreeMap::new(),
            acknowledged: 0,
            rejected: 0,
            made: BTreeMap::new(),
            view: View::default(),
            live: None,
        }
    }

    /// Works until the run is over, then sends what is left over a network that holds.
    pub async fn live(mut self, start_after: Duration) -> Self {
        let mut over = self.world.over.clone();
        tokio::select! {
            () = async { pause(start_after).await; self.work().await } => {}
            _ = over.wait_for(|over| *over) => {}
        }
        self.live = None;
        self.network.good = true;
        self.drain().await;
        self
    }

    async fn work(&mut self) {
        self.sync().await;
        let mut next_change = Instant::now() + self.network.around(self.world.think);
        loop {
            if self.live.is_none() {
                self.listen().await;
            }
            let line_ends = self.network.around(LIVE);
            tokio::select! {
                () = pause(next_change.saturating_duration_since(Instant::now())) => {
                    self.change().await;
                    next_change = Instant::now() + self.network.around(self.world.think);
                }
                alive = hear(&mut self.live) => if !alive { self.live = None },
                () = pause(line_ends) => self.live = None,
                () = pause(PULL_EVERY) => {}
            }
            self.sync().await;
        }
    }

    async fn listen(&mut self) {
        let Some((_, token)) = self.who().await else { return };
        let asked = Instant::now();
        if let Ok(line) = listen::open(self.world.address, Some(&token)).await {
            self.world.tally.answered(Kind::Live, 200, micros(asked.elapsed()));
            self.live = Some(line);
        } else {
            self.world.tally.failed(Kind::Live, &std::io::ErrorKind::ConnectionRefused.into());
        }
    }

    /// The person's id and a token that lives for the next minutes; signs in when nobody has.
    async fn who(&self) -> Option<(String, String)> {
        let mut session = self.person.session.lock().await;
        match session.as_mut() {
            Some(session) => session.keep(self.world.address).await.ok()?,
            None => {
                let asked = Instant::now();
                *session = Session::log_in(self.world.address, &self.person.login).await.ok();
                let status = if session.is_some() { 200 } else { 401 };
                self.world.tally.answered(Kind::SignIn, status, micros(asked.elapsed()));
            }
        }
        session.as_ref().map(|session| (session.user_id.clone(), session.token.clone()))
    }

    /// The person does something: a new task for themselves, or a note on one of this phone's.
    async fn change(&mut self) {
        let Some((user_id, _)) = self.who().await else { return };
        let boxes: Vec<String> = self.made.keys().cloned().collect();
        let (name, args) = if boxes.is_empty() || self.network.below(100) < NEW_TASKS {
            let id = ids::fresh();
            let args = creation(&id, self.next_id, Some(&user_id));
            self.made.insert(id, BTreeSet::new());
            ("box.create", args)
        } else {
            let (box_id, note_id) = (&boxes[self.network.below(boxes.len() as u32) as usize], ids::fresh());
            let args = format!(r#"{{"id":"{box_id}","note_id":"{note_id}","text":"called, nobody there"}}"#);
            self.made.entry(box_id.clone()).or_default().insert(note_id);
            ("box.note", args)
        };
        let mutation = requests::mutation(&self.client, self.next_id, &ids::fresh(), name, &args);
        self.outbox.insert(self.next_id, mutation);
        self.next_id += 1;
    }

    /// Pushes what is left and pulls, again and again until both went well.
    async fn sync(&mut self) {
        let mut wait = BACKOFF_FIRST;
        while !(self.push().await && self.pull().await) {
            pause(self.network.around(wait)).await;
            wait = (wait * 2).min(BACKOFF_MOST);
        }
    }

    async fn push(&mut self) -> bool {
        if self.outbox.is_empty() {
            return true;
        }
        let Some((_, token)) = self.who().await else { return false };
        let mutations = self.outbox.values().map(String::as_str).collect::<Vec<_>>().join(",");
        let request = requests::push(&token, &self.group, &mutations);
        let Some(answer) = self.network.ask(Kind::Push, &request).await else { return false };
        self.note_results(&answer);
        answer.status == 200
    }

    /// Also a 503 says what was done before.
    fn note_results(&mut self, answer: &Answer) {
        let said: serde_json::Value = serde_json::from_slice(&answer.body).unwrap_or_default();
        for result in said["results"].as_array().into_iter().flatten() {
            let id = result["id"].as_u64().unwrap_or(0);
            match result["status"].as_str() {
                Some("applied" | "duplicate") => self.acknowledged = self.acknowledged.max(id),
                Some("rejected") => self.rejected += 1,
                _ => {}
            }
        }
    }

    async fn pull(&mut self) -> bool {
        let Some((_, token)) = self.who().await else { return false };
        let request = requests::pull(&token, &self.group, self.view.cookie());
        let kind = if self.view.is_new() { Kind::FirstPull } else { Kind::Pull };
        let Some(answer) = self.network.ask(kind, &request).await.filter(|answer| answer.status == 200) else { return false };
        let Some(reply) = Reply::parse(&answer.body) else { return false };
        self.view.take_in(&reply);
        let lmid = self.view.lmid(&self.client);
        self.outbox.retain(|id, _| *id > lmid);
        true
    }

    async fn drain(&mut self) {
        loop {
            self.sync().await;
            if self.outbox.is_empty() {
                return;
            }
        }
    }

    /// Compares what this phone was told bit by bit with the whole told at once, and both with what it did.
    ///
    /// # Errors
    /// What is wrong.
    pub async fn prove(&mut self) -> Result<u64, Stop> {
        self.drain().await;
        let Some((_, token)) = self.who().await else { return Err(Stop::fault("cannot sign in at the end")) };
        let request = requests::pull(&token, &self.group, "null");
        let answer = self.network.ask(Kind::FirstPull, &request).await.ok_or_else(|| Stop::fault("no last pull"))?;
        let reply = Reply::parse(&answer.body).ok_or_else(|| Stop::fault("an unreadable last pull"))?;
        let mut whole = View::default();
        whole.take_in(&reply);
        let done = self.next_id - 1;
        if whole.lmid(&self.client) != done && done > 0 {
            return Err(Stop::fault(format!("{} of {done} mutations are processed", whole.lmid(&self.client))));
        }
        if self.acknowledged > done || self.rejected > 0 {
            return Err(Stop::fault(format!("{} mutations were refused", self.rejected)));
        }
        if let Some(wrong) = self.view.wrongs.first() {
            return Err(Stop::fault(*wrong));
        }
        if !self.view.shows_the_same(&whole) {
            return Err(Stop::fault("what was told bit by bit differs from the whole"));
        }
        reply.prove_notes(&self.made)?;
        Ok(done)
    }
}

/// Waits for a poke; false when the line is gone. Without a line, for ever.
async fn hear(live: &mut Option<Line>) -> bool {
    let Some(line) = live else { return std::future::pending().await };
    loop {
        match line.next().await {
            Ok(said) if crate::bench::measure::contains(said, b"event: poke") => return true,
            Ok(_) => {}
            Err(_) => return false,
        }
    }
}
