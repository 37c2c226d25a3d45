//! Two cores, a clock and a screen for the audit.

use sinpyo_voting::audit::{Machine, Progress, Stage};
use std::{
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

/// As many as the targets name.
pub(super) const CORES: usize = 2;

/// Between two lines on the screen.
const PAUSE: Duration = Duration::from_secs(10);

/// Runs jobs on [`CORES`] threads and tells the progress on stderr.
#[derive(Debug)]
pub(super) struct Cores {
    began: Instant,
    told: Mutex<(Option<Stage>, Duration)>,
}

impl Cores {
    pub(super) fn new() -> Self {
        Self { began: Instant::now(), told: Mutex::new((None, Duration::ZERO)) }
    }

    /// Says how far something is, but not too often.
    pub(super) fn tell(&self, (what, stage): (&str, Option<Stage>), done: u64, of: u64) {
        let now = self.began.elapsed();
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        if told.0 == stage && now < told.1 + PAUSE {
            return;
        }
        *told = (stage, now);
        drop(told);
        eprintln!("  {:>6.1} s  {what} {done} of {of}", now.as_secs_f64());
    }
}

impl Machine for Cores {
    fn run(&self, count: usize, job: &(dyn Fn(usize) + Sync)) {
        let next = AtomicUsize::new(0);
        let work = || {
            loop {
                let mine = next.fetch_add(1, Ordering::Relaxed);
                if mine >= count {
                    break;
                }
                job(mine);
            }
        };
        thread::scope(|scope| {
            for _ in 0..CORES {
                scope.spawn(work);
            }
        });
    }

    fn elapsed(&self) -> Duration {
        self.began.elapsed()
    }

    fn progress(&self, Progress { stage, done, of }: Progress) {
        self.tell((stage.as_str(), Some(stage)), done, of);
    }
}
