//! What an audit is lent: all cores, a clock, a bar on the screen.

use crate::say::Voice;
use indicatif::ProgressBar;
use sinpyo_voting::audit::{Machine, Progress, Stage};
use std::{
    num::NonZero,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

/// The cores of this machine.
pub(crate) struct Cores {
    count: usize,
    begun: Instant,
    voice: Voice,
    bar: Mutex<Option<(Stage, ProgressBar)>>,
}

impl Cores {
    /// All of them, and a bar for whoever looks.
    pub(crate) fn all(voice: Voice) -> Self {
        let count = thread::available_parallelism().map_or(1, NonZero::get);
        Self { count, begun: Instant::now(), voice, bar: Mutex::default() }
    }

    fn bar_of(&self, progress: Progress) -> ProgressBar {
        let mut bar = self.bar.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((stage, bar)) = &*bar
            && *stage == progress.stage
        {
            return bar.clone();
        }
        if let Some((_, old)) = bar.take() {
            old.finish_and_clear();
        }
        let (ko, en) = match progress.stage {
            Stage::Entries => ("기록 읽기", "reading the record"),
            Stage::Rings => ("고리 다시 만들기", "making the rings again"),
            Stage::Ballots => ("투표 증명 확인", "checking the ballots"),
            Stage::Sides => ("거부된 표 확인", "checking what was refused"),
            Stage::Tally => ("집계 확인", "checking the tally"),
        };
        let steps = usize::try_from(progress.of).unwrap_or(usize::MAX);
        let made = self.voice.progress(steps, ko, en);
        *bar = Some((progress.stage, made.clone()));
        made
    }
}

impl Machine for Cores {
    fn run(&self, count: usize, job: &(dyn Fn(usize) + Sync)) {
        let next = AtomicUsize::new(0);
        let work = || {
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                if number >= count {
                    return;
                }
                job(number);
            }
        };
        thread::scope(|scope| {
            for _ in 1..self.count.min(count) {
                scope.spawn(work);
            }
            work();
        });
    }

    fn elapsed(&self) -> Duration {
        self.begun.elapsed()
    }

    fn progress(&self, progress: Progress) {
        self.bar_of(progress).set_position(progress.done);
    }
}

impl Drop for Cores {
    fn drop(&mut self) {
        let bar = self.bar.get_mut().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, bar)) = bar.take() {
            bar.finish_and_clear();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_job_is_done_once() {
        let cores = Cores { count: 3, begun: Instant::now(), voice: Voice::quiet(), bar: Mutex::default() };
        for count in [0, 1, 2, 3, 100] {
            let done: Vec<AtomicUsize> = (0..count).map(|_| AtomicUsize::new(0)).collect();
            cores.run(count, &|number| {
                done[number].fetch_add(1, Ordering::Relaxed);
            });
            assert!(done.iter().all(|times| times.load(Ordering::Relaxed) == 1), "{count}");
        }
    }
}
