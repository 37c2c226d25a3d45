//! A log whose appends are counted and timed.

use super::metrics::Metrics;
use sinpyo_registry::engine::{AppendError, Appended, EngineError, LogEngine, PublishError, StateView};
use sinpyo_tlog::{
    checkpoint::SignedCheckpoint,
    merkle::TreeHead,
    tile::{ExpandedTile, TileId},
};
use std::{ops::Range, sync::Arc, time::Instant};

/// The engine `log`, watched.
pub(crate) struct Metered {
    pub(crate) log: Box<dyn LogEngine>,
    pub(crate) metrics: Arc<Metrics>,
}

impl LogEngine for Metered {
    fn append(&self, submissions: Vec<Vec<u8>>) -> Vec<Result<Appended, AppendError>> {
        // Whether the log works is asked by submitting nothing: that is no submission.
        if submissions.iter().all(Vec::is_empty) {
            return self.log.append(submissions);
        }
        let begun = Instant::now();
        let answers = self.log.append(submissions);
        self.metrics.appended(begun.elapsed());
        for error in answers.iter().filter_map(|answer| answer.as_ref().err()) {
            self.metrics.refused(error.code());
        }
        answers
    }

    fn head(&self) -> Result<TreeHead, EngineError> {
        self.log.head()
    }

    fn entries(&self, range: Range<u64>) -> Result<Vec<Vec<u8>>, EngineError> {
        self.log.entries(range)
    }

    fn tile(&self, id: TileId) -> Result<Vec<u8>, EngineError> {
        self.log.tile(id)
    }

    fn expanded(&self, id: TileId) -> Result<Arc<ExpandedTile>, EngineError> {
        self.log.expanded(id)
    }

    fn state(&self) -> Result<Box<dyn StateView + '_>, EngineError> {
        self.log.state()
    }

    fn publish(&self, checkpoint: &SignedCheckpoint) -> Result<(), PublishError> {
        self.log.publish(checkpoint)
    }

    fn checkpoint(&self) -> Result<Option<SignedCheckpoint>, EngineError> {
        self.log.checkpoint()
    }
}
