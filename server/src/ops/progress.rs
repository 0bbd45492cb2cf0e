//! Progress for people: a bar on a terminal, now and then a line elsewhere, nothing with `--quiet`. On standard error, so that
//! results can be piped.

use crate::kit::progress::{Progress, Silent};
use crate::kit::refusal::Stop;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::io::IsTerminal;
use std::time::{Duration, Instant};

const LINE_EVERY: Duration = Duration::from_secs(5);
const STYLE: &str = "{msg:24} [{bar:30}] {human_pos}/{human_len} rows  {elapsed}, {eta} left";

/// What fits the place where the command runs.
pub fn for_people(quiet: bool) -> Box<dyn Progress> {
    if quiet {
        Box::new(Silent)
    } else if std::io::stderr().is_terminal() {
        Box::new(Bar(ProgressBar::hidden()))
    } else {
        Box::new(Lines { what: String::new(), done: 0, of: 0, said: Instant::now() })
    }
}

struct Bar(ProgressBar);

impl Progress for Bar {
    fn begin(&mut self, what: &str, rows: u64) {
        self.0 = ProgressBar::with_draw_target(Some(rows), ProgressDrawTarget::stderr());
        // The template is a constant; without its looks the bar still works.
        if let Ok(style) = ProgressStyle::with_template(STYLE) {
            self.0.set_style(style);
        }
        self.0.set_message(what.to_owned());
    }

    fn advance(&mut self, rows: u64) -> Result<(), Stop> {
        self.0.inc(rows);
        Ok(())
    }

    fn end(&mut self) {
        self.0.finish_and_clear();
    }
}

struct Lines {
    what: String,
    done: u64,
    of: u64,
    said: Instant,
}

impl Progress for Lines {
    fn begin(&mut self, what: &str, rows: u64) {
        (self.what, self.done, self.of) = (what.to_owned(), 0, rows);
    }

    fn advance(&mut self, rows: u64) -> Result<(), Stop> {
        self.done += rows;
        if self.said.elapsed() >= LINE_EVERY {
            self.said = Instant::now();
            eprintln!("{}: {} of {} rows", self.what, self.done, self.of);
        }
        Ok(())
    }

    fn end(&mut self) {}
}
