//! The network between a phone and the server, as it is in lifts and stock rooms.

use super::tally::{Kind, Tally};
use crate::bench::line::Line;
use crate::bench::process::pause;
use crate::bench::stats::micros;
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::{Duration, Instant};

/// In a hundred requests: broken off in the middle; sent, but the answer never seen; sent twice at once.
const CUT: u32 = 2;
const DEAF: u32 = 3;
const TWICE: u32 = 2;
/// A request waits so long on its way, at random (ms).
const DELAY_MS: std::ops::Range<u64> = 5..400;

pub struct Network {
    address: SocketAddr,
    line: Option<Line>,
    dice: StdRng,
    tally: Rc<Tally>,
    /// From now on nothing goes wrong.
    pub good: bool,
}

/// An answer that arrived.
pub struct Answer {
    pub status: u16,
    pub body: Vec<u8>,
}

impl Network {
    pub fn new(address: SocketAddr, seed: u64, tally: Rc<Tally>) -> Self {
        Network { address, line: None, dice: StdRng::seed_from_u64(seed), tally, good: false }
    }

    /// Sends a request. None: the phone saw no answer, whatever the server did.
    pub async fn ask(&mut self, kind: Kind, request: &[u8]) -> Option<Answer> {
        let fate = if self.good { 100 } else { self.below(100) };
        if !self.good {
            let delay = self.dice.random_range(DELAY_MS);
            pause(Duration::from_millis(delay)).await;
        }
        if fate < CUT {
            self.lose(&request[..request.len() / 2]).await;
            None
        } else if fate < CUT + DEAF {
            self.lose(request).await;
            None
        } else if fate < CUT + DEAF + TWICE {
            self.tally.sent_twice();
            let mut other = Network::new(self.address, self.dice.random(), self.tally.clone());
            let (answer, _) = tokio::join!(self.exchange(kind, request), other.exchange(kind, request));
            answer
        } else {
            self.exchange(kind, request).await
        }
    }

    async fn exchange(&mut self, kind: Kind, request: &[u8]) -> Option<Answer> {
        let mut line = match self.line.take() {
            Some(line) => line,
            None => Line::open(self.address).await.inspect_err(|error| self.tally.failed(kind, error)).ok()?,
        };
        let asked = Instant::now();
        let status = line.exchange(request).await.inspect_err(|error| self.tally.failed(kind, error)).ok()?;
        self.tally.answered(kind, status, micros(asked.elapsed()));
        let answer = Answer { status, body: line.body().to_vec() };
        // A phone's radio sleeps between two uses as often as not.
        if self.below(2) == 0 {
            self.line = Some(line);
        }
        Some(answer)
    }

    /// Sends bytes and hangs up.
    async fn lose(&mut self, bytes: &[u8]) {
        self.tally.cut();
        let line = match self.line.take() {
            Some(line) => Ok(line),
            None => Line::open(self.address).await,
        };
        if let Ok(mut line) = line {
            // It is lost in any case.
            let _ = line.send(bytes).await;
        }
    }

    pub fn below(&mut self, end: u32) -> u32 {
        self.dice.random_range(0..end)
    }

    /// A waiting time of this mean, spread as people's are: often short, sometimes long.
    pub fn around(&mut self, mean: Duration) -> Duration {
        mean.mul_f64(-(1.0 - self.dice.random::<f64>()).ln())
    }
}
