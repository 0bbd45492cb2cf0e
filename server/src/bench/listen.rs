//! Devices that listen for pokes.

use super::line::Line;
use super::measure::contains;
use super::requests;
use crate::kit::refusal::Stop;
use futures_util::future::try_join_all;
use std::cell::Cell;
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::Duration;
use tokio::sync::Notify;

/// Connections opened at once: more would overflow the listener's backlog.
const AT_ONCE: usize = 100;
/// A poke that does not arrive within this is lost.
const HEARD_WITHIN: Duration = Duration::from_secs(30);
/// An event is some fifty bytes.
const ROOM: usize = 256;

/// What all devices together have heard.
#[derive(Default)]
struct Ears {
    /// The write that is waited for, counting from 1.
    round: Cell<u64>,
    heard: Cell<usize>,
    broken: Cell<usize>,
    news: Notify,
}

/// Live connections of many devices; they are closed when it is dropped.
pub struct Listeners {
    ears: Rc<Ears>,
    tasks: Vec<tokio::task::JoinHandle<()>>,
}

impl Drop for Listeners {
    fn drop(&mut self) {
        for task in &self.tasks {
            task.abort();
        }
    }
}

impl Listeners {
    /// Connects `count` devices, giving them the tokens in turn (none: nobody asks for any).
    ///
    /// # Errors
    /// `Fault` when one is not let in.
    pub async fn connect(address: SocketAddr, count: usize, tokens: &[String]) -> Result<Self, Stop> {
        let ears = Rc::new(Ears::default());
        let mut listeners = Listeners { ears: ears.clone(), tasks: Vec::with_capacity(count) };
        let all: Vec<usize> = (0..count).collect();
        for batch in all.chunks(AT_ONCE) {
            let token = |at: &usize| tokens.get(at % tokens.len().max(1)).map(String::as_str);
            let lines = try_join_all(batch.iter().map(|at| open(address, token(at)))).await?;
            let tasks = lines.into_iter().map(|line| actix_web::rt::spawn(listen(line, ears.clone())));
            listeners.tasks.extend(tasks);
        }
        Ok(listeners)
    }

    /// From now on counts who hears something.
    pub fn begin(&self) {
        self.ears.round.set(self.ears.round.get() + 1);
        self.ears.heard.set(0);
    }

    /// Waits until every device has heard something since `begin`.
    ///
    /// # Errors
    /// `Fault` when one does not hear, or lost its connection.
    pub async fn all_heard(&self) -> Result<(), Stop> {
        let wait = async {
            while self.ears.heard.get() < self.tasks.len() && self.ears.broken.get() == 0 {
                self.ears.news.notified().await;
            }
        };
        let in_time = tokio::time::timeout(HEARD_WITHIN, wait).await.is_ok();
        let (heard, broken) = (self.ears.heard.get(), self.ears.broken.get());
        if in_time && broken == 0 {
            Ok(())
        } else {
            Err(Stop::fault(format!("{heard} of {} devices heard, {broken} connections broke", self.tasks.len())))
        }
    }
}

/// Opens a live line and reads its greeting.
pub async fn open(address: SocketAddr, token: Option<&str>) -> Result<Line, Stop> {
    let mut line = Line::open(address).await.map_err(Stop::fault)?;
    line.send(&requests::get("/api/sync/events", token)).await.map_err(Stop::fault)?;
    let first = line.next().await.map_err(Stop::fault)?;
    if !first.starts_with(b"HTTP/1.1 200") {
        return Err(Stop::fault(format!("a live line was refused: {}", String::from_utf8_lossy(&first[..first.len().min(200)]))));
    }
    line.shrink(ROOM);
    Ok(line)
}

async fn listen(mut line: Line, ears: Rc<Ears>) {
    let mut last = 0;
    while let Ok(said) = line.next().await {
        if contains(said, b"event: poke") && last != ears.round.get() {
            last = ears.round.get();
            ears.heard.set(ears.heard.get() + 1);
            ears.news.notify_one();
        }
    }
    ears.broken.set(ears.broken.get() + 1);
    ears.news.notify_one();
}
