//! The one clock. Everything that needs "now" is handed this; `clippy.toml` bans other ways to read the time.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

/// Source of the current instant, in UTC milliseconds since 1970.
#[derive(Clone, Debug)]
pub enum Clock {
    /// The machine's clock, moved by a fixed offset in milliseconds (0 outside `demo --now`).
    System { offset_ms: i64 },
    /// A clock that only moves when a test moves it.
    Test(Arc<AtomicI64>),
}

impl Clock {
    pub fn system() -> Self {
        Clock::System { offset_ms: 0 }
    }

    /// A system clock that reads `now_ms` at this moment and runs on from there.
    pub fn starting_at(now_ms: i64) -> Self {
        Clock::System { offset_ms: now_ms - system_ms() }
    }

    pub fn test(now_ms: i64) -> Self {
        Clock::Test(Arc::new(AtomicI64::new(now_ms)))
    }

    pub fn now_ms(&self) -> i64 {
        match self {
            Clock::System { offset_ms } => system_ms() + offset_ms,
            Clock::Test(at) => at.load(Ordering::SeqCst),
        }
    }

    /// Moves a test clock; a system clock cannot be moved and stays as it is.
    pub fn advance(&self, by_ms: i64) {
        if let Clock::Test(at) = self {
            at.fetch_add(by_ms, Ordering::SeqCst);
        }
    }
}

/// Lets a thread of its own rest between two looks at other threads or processes; never used for what is due at a time.
#[allow(clippy::disallowed_methods, reason = "there is no event to wait for")]
pub fn rest(how_long: std::time::Duration) {
    std::thread::sleep(how_long);
}

#[allow(clippy::disallowed_methods, reason = "the one place that reads the machine's clock")]
fn system_ms() -> i64 {
    std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .map_or(0, |since| i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}
