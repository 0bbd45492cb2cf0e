//! How far long work has come, told to whoever waits for it.

use super::refusal::Stop;

pub trait Progress {
    /// A part of the work begins: what it is, and how many rows it has.
    fn begin(&mut self, what: &str, rows: u64);

    /// So many rows more are done, for good. An error stops the work here.
    ///
    /// # Errors
    /// Whatever stops the work.
    fn advance(&mut self, rows: u64) -> Result<(), Stop>;

    fn end(&mut self);
}

/// Nobody waits.
pub struct Silent;

impl Progress for Silent {
    fn begin(&mut self, _what: &str, _rows: u64) {}
    fn advance(&mut self, _rows: u64) -> Result<(), Stop> {
        Ok(())
    }
    fn end(&mut self) {}
}
