//! Closed loops: every client asks, waits for the answer, checks it, and asks again, until the round is over. Subjects take
//! turns, round by round, so that what else the machine does hurts all of them alike.

use super::inserts::Inserts;
use super::line::Line;
use super::process::Meter;
use super::requests::Template;
use super::scale::Scale;
use super::stats::{Round, Summary, micros};
use crate::kit::refusal::Stop;
use futures_util::future::try_join_all;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

/// What a client says, and what it takes for the right answer.
pub enum Turn {
    /// The same question and an answer of the same length every time.
    Same { request: Vec<u8>, length: usize },
    /// Single edits; the answer says that the edit was applied.
    Edits(Template),
    /// The same requests to a baseline, whose answer always has this length.
    EditsAnswered { template: Template, length: usize },
}

pub struct Client {
    line: Line,
    pub turn: Turn,
}

impl Client {
    /// Asks once, so that the answer is proved before anything is timed, and because servers drop lines that stay silent.
    ///
    /// # Errors
    /// `Fault` when nobody listens, or the answer is wrong.
    pub async fn connect(address: SocketAddr, turn: Turn) -> Result<Self, Stop> {
        let mut client = Client { line: Line::open(address).await.map_err(Stop::fault)?, turn };
        client.ask().await?;
        Ok(client)
    }

    /// As many clients as there are turns.
    ///
    /// # Errors
    /// `Fault` when nobody listens, or an answer is wrong.
    pub async fn connect_all(address: SocketAddr, turns: impl IntoIterator<Item = Turn>) -> Result<Vec<Self>, Stop> {
        try_join_all(turns.into_iter().map(|turn| Client::connect(address, turn))).await
    }

    /// Asks once; says how long it took (µs).
    ///
    /// # Errors
    /// `Fault` when the answer is wrong or does not come.
    async fn ask(&mut self) -> Result<u32, Stop> {
        let request = match &mut self.turn {
            Turn::Same { request, .. } => request,
            Turn::Edits(template) | Turn::EditsAnswered { template, .. } => template.next(),
        };
        let asked = Instant::now();
        let status = self.line.exchange(request).await.map_err(Stop::fault)?;
        let took = micros(asked.elapsed());
        let body = self.line.body();
        let right = match &self.turn {
            Turn::Same { length, .. } | Turn::EditsAnswered { length, .. } => body.len() == *length,
            Turn::Edits(_) => contains(body, br#""status":"applied""#),
        };
        if status == 200 && right { Ok(took) } else { Err(unexpected(status, body)) }
    }

    async fn repeat(&mut self, until: Instant) -> Result<Vec<u32>, Stop> {
        let mut latencies = Vec::new();
        loop {
            latencies.push(self.ask().await?);
            if Instant::now() >= until {
                return Ok(latencies);
            }
        }
    }
}

pub fn contains(body: &[u8], words: &[u8]) -> bool {
    body.windows(words.len()).any(|window| window == words)
}

/// An answer that makes the whole measurement worthless.
pub fn unexpected(status: u16, body: &[u8]) -> Stop {
    let start = String::from_utf8_lossy(&body[..body.len().min(300)]);
    Stop::fault(format!("a wrong answer: status {status}, {} bytes: {start}", body.len()))
}

/// Who is measured: clients that hold lines to a process, or a program that makes its own load.
pub enum Load {
    Clients(Vec<Client>),
    Inserts(Inserts),
}

pub struct Subject {
    pub name: String,
    pub load: Load,
    pub meter: Meter,
    rounds: Vec<Round>,
}

impl Subject {
    pub fn new(name: impl Into<String>, load: Load, meter: Meter) -> Self {
        Subject { name: name.into(), load, meter, rounds: Vec::new() }
    }

    async fn round(&mut self, time: Duration) -> Result<Round, Stop> {
        let (cpu, started) = (self.meter.read(), Instant::now());
        let latencies = match &mut self.load {
            Load::Clients(clients) => {
                try_join_all(clients.iter_mut().map(|client| client.repeat(started + time))).await?.concat()
            }
            Load::Inserts(inserts) => return inserts.round(time).await,
        };
        Ok(Round { wall: started.elapsed(), cpu: self.meter.read().since(cpu), latencies })
    }

    pub fn summary(&self) -> Summary {
        Summary::of(&self.rounds)
    }

    pub fn clients(&self) -> &[Client] {
        match &self.load {
            Load::Clients(clients) => clients,
            Load::Inserts(_) => &[],
        }
    }
}

/// A short warm-up of each, then rounds in turn.
///
/// # Errors
/// `Fault` at the first wrong answer.
pub async fn interleave(subjects: &mut [&mut Subject], scale: &Scale) -> Result<(), Stop> {
    for subject in subjects.iter_mut() {
        subject.round(scale.round / 4).await?;
    }
    for _ in 0..scale.rounds {
        for subject in subjects.iter_mut() {
            let round = subject.round(scale.round).await?;
            subject.rounds.push(round);
        }
    }
    Ok(())
}
