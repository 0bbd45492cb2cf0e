//! How much is measured.

use std::time::Duration;

#[derive(Debug, Clone)]
pub struct Scale {
    pub name: &'static str,
    /// Rows that the benchmarked person sees, apart from the few that every workspace has.
    pub rows: usize,
    pub round: Duration,
    pub rounds: usize,
    /// Clients that read at once.
    pub readers: usize,
    /// Clients that push at once, one series of rounds each.
    pub pushers: &'static [usize],
    /// Changes of the storm.
    pub storm: usize,
    pub workspaces: usize,
    pub workspace_rows: usize,
    /// Live devices, one series of pokes each.
    pub devices: &'static [usize],
    pub pokes: usize,
}

impl Scale {
    pub const FULL: Scale = Scale {
        name: "full",
        rows: 10_000,
        round: Duration::from_secs(2),
        rounds: 5,
        readers: 8,
        pushers: &[1, 16, 64],
        storm: 1_000_000,
        workspaces: 50,
        workspace_rows: 200,
        devices: &[1_000, 5_000],
        pokes: 10,
    };

    pub const QUICK: Scale =
        Scale { name: "quick", round: Duration::from_millis(700), rounds: 3, storm: 50_000, pokes: 4, ..Scale::FULL };

    /// For tests: everything happens, nothing is worth reading.
    pub const TINY: Scale = Scale {
        name: "tiny",
        rows: 100,
        round: Duration::from_millis(60),
        rounds: 1,
        readers: 2,
        pushers: &[1, 4],
        storm: 300,
        workspaces: 2,
        workspace_rows: 50,
        devices: &[20],
        pokes: 1,
    };
}
