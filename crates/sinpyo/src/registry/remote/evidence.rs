//! What a client keeps of a registry that contradicts itself: both statements, and the proof if the log's tiles give one.

use super::{Discontinued, Remote};
use crate::{
    files::{self, Access},
    remote::tiles::TileServer,
};
use anyhow::{Context, Result};
use sinpyo_tlog::{checkpoint::SignedCheckpoint, equivocation::EquivocationProof, tile::TileNodes};
use std::path::PathBuf;

impl Remote {
    /// Keeps the checkpoint `now`, which does not go on from `before`, and says so in the error. [CLI-24]
    pub(super) fn with_evidence(
        &self,
        error: anyhow::Error,
        before: &SignedCheckpoint,
        now: &SignedCheckpoint,
    ) -> anyhow::Error {
        if !error.is::<Discontinued>() {
            return error;
        }
        let seen = self.pin.seen_file();
        match self.keep(before, now) {
            Ok((forked, Some(proof))) => error.context(format!(
                "the proof for everybody is in {}; keep {} and {} too, and tell the log's monitors",
                proof.display(),
                seen.display(),
                forked.display()
            )),
            Ok((forked, None)) => error.context(format!(
                "keep {} and {}, and tell the log's monitors",
                seen.display(),
                forked.display()
            )),
            Err(problem) => error.context(format!("what it shows could not be kept: {problem:#}")),
        }
    }

    fn keep(&self, before: &SignedCheckpoint, now: &SignedCheckpoint) -> Result<(PathBuf, Option<PathBuf>)> {
        let (old, new) = (before.claimed_head(), now.claimed_head());
        let forked = self.pin.beside(&format!("registry.forked-{}-{}", old.size, new.size));
        files::replace(&forked, now.to_string().as_bytes(), Access::Public)?;
        let tiles = TileServer::new(self.pin.url.as_str())?;
        let nodes = TileNodes::new(&tiles, old.size.max(new.size));
        let Ok(proof) = EquivocationProof::from_tree(before.clone(), now.clone(), &nodes) else {
            return Ok((forked, None));
        };
        let _proven =
            proof.verify_by(&self.pin.policy).context("two keys of the log contradict each other")?;
        let path = self.pin.beside(&format!(
            "equivocation-{}-{}.txt",
            old.size.min(new.size),
            old.size.max(new.size)
        ));
        files::replace(&path, proof.to_string().as_bytes(), Access::Public)?;
        Ok((forked, Some(path)))
    }
}
