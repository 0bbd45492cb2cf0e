//! A door that so many may pass at once and so many may wait at; the rest are sent away while that is still cheap.

use super::refusal::Stop;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

pub struct Gate {
    /// Inside, and waiting.
    people: Mutex<(usize, usize)>,
    freed: Condvar,
    inside_max: usize,
    waiting_max: usize,
}

impl Gate {
    pub const fn new(inside_max: usize, waiting_max: usize) -> Self {
        Gate { people: Mutex::new((0, 0)), freed: Condvar::new(), inside_max, waiting_max }
    }

    fn lock(&self) -> MutexGuard<'_, (usize, usize)> {
        self.people.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Runs `work` when it is its turn. Waits: not for network threads.
    ///
    /// # Errors
    /// `Busy` when too many wait already.
    pub fn pass<T>(&self, work: impl FnOnce() -> T) -> Result<T, Stop> {
        let mut people = self.lock();
        if people.0 >= self.inside_max {
            if people.1 >= self.waiting_max {
                return Err(Stop::Busy("too many wait already".into()));
            }
            people.1 += 1;
            people = self.freed.wait_while(people, |people| people.0 >= self.inside_max).unwrap_or_else(PoisonError::into_inner);
            people.1 -= 1;
        }
        people.0 += 1;
        drop(people);
        let leaving = Leaving(self);
        let value = work();
        drop(leaving);
        Ok(value)
    }
}

/// Makes room even when the work panicked.
struct Leaving<'a>(&'a Gate);

impl Drop for Leaving<'_> {
    fn drop(&mut self) {
        self.0.lock().0 -= 1;
        self.0.freed.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc::channel;

    #[test]
    fn so_many_pass_so_many_wait_and_the_rest_go() {
        let gate = Gate::new(1, 1);
        let (inside, is_inside) = channel();
        let (leave, may_leave) = channel::<()>();
        let gate = &gate;
        std::thread::scope(|scope| {
            let first = scope.spawn(move || {
                gate.pass(|| {
                    inside.send(()).unwrap();
                    may_leave.recv().unwrap();
                })
            });
            is_inside.recv().unwrap();
            let second = scope.spawn(move || gate.pass(|| ()));
            while gate.lock().1 == 0 {
                std::thread::yield_now();
            }
            assert!(matches!(gate.pass(|| ()), Err(Stop::Busy(_))), "one inside, one waiting");
            leave.send(()).unwrap();
            assert!(first.join().unwrap().is_ok() && second.join().unwrap().is_ok());
        });
        assert!(gate.pass(|| ()).is_ok(), "empty again");
    }

    #[test]
    fn a_panic_inside_makes_room_too() {
        let gate = Gate::new(1, 0);
        let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| gate.pass(|| panic!("on purpose"))));
        assert!(panicked.is_err());
        assert!(gate.pass(|| ()).is_ok());
    }
}
