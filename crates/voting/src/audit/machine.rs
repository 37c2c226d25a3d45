//! What an edge lends to an audit: its cores, its clock, its screen.

use std::time::Duration;

/// Runs the parts of an audit. Threads, clock and display belong to the edge.
pub trait Machine: Sync {
    /// Runs `job(0)` to `job(count - 1)`, each once, in any order, at the same time where it can, and returns when all
    /// are done.
    fn run(&self, count: usize, job: &(dyn Fn(usize) + Sync));

    /// Time since some fixed moment.
    fn elapsed(&self) -> Duration {
        Duration::ZERO
    }

    /// Told now and then how far the audit is.
    fn progress(&self, progress: Progress) {
        let _ = progress;
    }
}

/// One job after the other, no clock, no display.
#[derive(Clone, Copy, Debug, Default)]
pub struct OneThread;

impl Machine for OneThread {
    fn run(&self, count: usize, job: &(dyn Fn(usize) + Sync)) {
        (0..count).for_each(job);
    }
}

/// The parts of an audit, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Stage {
    /// Reading all entries: log, manifest, ceremony, roll, tags.
    Entries,
    /// Rings and context.
    Rings,
    /// Ballots' proofs and sums.
    Ballots,
    /// Rejected and spoiled ballots.
    Sides,
    /// Shares, counts, result.
    Tally,
}

impl Stage {
    /// A word for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Entries => "entries",
            Self::Rings => "rings",
            Self::Ballots => "ballots",
            Self::Sides => "sides",
            Self::Tally => "tally",
        }
    }
}

/// How far an audit is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// In which part.
    pub stage: Stage,
    /// So many entries or ballots of it.
    pub done: u64,
    /// Of so many.
    pub of: u64,
}
