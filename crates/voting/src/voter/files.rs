//! What was fetched of an election's public record, and what is still to be fetched.
//!
//! Work on the record is written as if all of it were here; where a file is not, the work ends with [`Gap::Missing`],
//! the file is fetched, and the work begins again. So there is one place that asks the world for something.

use super::{Step, VoterError, link::Place};
use http::{Request, Response, StatusCode};
use sinpyo_core::json;
use sinpyo_tlog::{
    checkpoint::SignedCheckpoint,
    merkle::{Hash, ProveError, TreeHead, prove_consistency, prove_inclusion},
    tile::{EntryBundle, ExpandedTile, Resource, TileId, TileNodeError, TileNodes, TileSource},
};
use std::{collections::BTreeMap, sync::Arc};

/// Most that is kept of one election, in bytes: a few bundles of entries, the list of ten thousand rings, some rings.
const MAX_KEPT: usize = 64 << 20;

/// Why work on the record does not go on.
#[derive(Debug)]
pub(super) enum Gap {
    /// This file is needed; its path below the election's address.
    Missing(String),
    /// Something is wrong.
    Wrong(VoterError),
}

impl From<VoterError> for Gap {
    fn from(error: VoterError) -> Self {
        Self::Wrong(error)
    }
}

/// Files of one election, by their paths below its address.
#[derive(Clone, Debug)]
pub(super) struct Files {
    place: Place,
    kept: BTreeMap<String, Arc<[u8]>>,
    tiles: BTreeMap<TileId, Arc<ExpandedTile>>,
    bytes: usize,
    /// What was asked for last.
    missing: Option<String>,
}

impl Files {
    pub(super) const fn new(place: Place) -> Self {
        Self { place, kept: BTreeMap::new(), tiles: BTreeMap::new(), bytes: 0, missing: None }
    }

    pub(super) const fn place(&self) -> &Place {
        &self.place
    }

    /// Goes on with what came of work on the record: asks for the file that it lacked.
    pub(super) fn step<T>(&mut self, worked: Result<T, Gap>) -> Result<Step<T>, VoterError> {
        match worked {
            Ok(done) => Ok(Step::Done(done)),
            Err(Gap::Wrong(error)) => Err(error),
            Err(Gap::Missing(path)) => {
                let request = Request::get(self.place.below(&path)).body(Vec::new());
                self.missing = Some(path);
                Ok(Step::Send(Box::new(request.map_err(|_| VoterError::Link)?)))
            }
        }
    }

    /// Takes the response to the last request.
    pub(super) fn supply(&mut self, response: &Response<Vec<u8>>) -> Result<(), VoterError> {
        let path = self.missing.take().ok_or(VoterError::OutOfOrder)?;
        if response.status() != StatusCode::OK {
            return Err(VoterError::Status(response.status().as_u16()));
        }
        let body = response.body();
        if body.len() > MAX_KEPT - self.bytes {
            return Err(VoterError::TooMuch); // [VTR-01]
        }
        self.bytes += body.len();
        if let Some(Ok(Resource::Tile(id))) = path.strip_prefix("log/").map(str::parse) {
            let tile = ExpandedTile::from_content(id, body).map_err(|_| VoterError::Log)?; // [VTR-02]
            self.tiles.insert(id, Arc::new(tile));
        } else {
            self.kept.insert(path, Arc::from(body.as_slice()));
        }
        Ok(())
    }

    /// Lets go of the head, which will have changed when it is asked for again.
    pub(super) fn forget_head(&mut self) {
        self.kept.remove(&head_path());
    }

    /// A file.
    pub(super) fn file(&self, path: &str) -> Result<Arc<[u8]>, Gap> {
        self.kept.get(path).map(Arc::clone).ok_or_else(|| Gap::Missing(path.to_owned()))
    }

    /// A file that is a JSON object.
    pub(super) fn object(&self, path: &str) -> Result<serde_json::Map<String, serde_json::Value>, Gap> {
        Ok(json::parse_object(&self.file(path)?).map_err(|_| VoterError::Answer)?)
    }

    /// The newest head, unchecked.
    pub(super) fn checkpoint(&self) -> Result<SignedCheckpoint, Gap> {
        let text = self.file(&head_path())?;
        let text = str::from_utf8(&text).map_err(|_| VoterError::Log)?;
        Ok(text.parse().map_err(|_| VoterError::Log)?) // [VTR-02]
    }

    /// The entry at `index` of the log with this head: proven to be it. [VTR-03]
    pub(super) fn entry(&self, index: u64, head: TreeHead) -> Result<Vec<u8>, Gap> {
        let id = TileId::holding(0, index, head.size).ok_or(VoterError::Log)?;
        let resource = Resource::entries_of(id).ok_or(VoterError::Log)?;
        let bundle = self.file(&format!("log/{resource}"))?;
        let bundle = EntryBundle::parse(id, &bundle).map_err(|_| VoterError::Log)?;
        let within = usize::try_from(index - id.row_range().start).map_err(|_| VoterError::Log)?;
        let entry = bundle.into_entries().into_iter().nth(within).ok_or(VoterError::Log)?;
        self.verify_inclusion((index, Hash::leaf(&entry)), head)?;
        Ok(entry)
    }

    /// Checks that an entry stands at its place in the log with this head, by whole tiles: nobody learns which of their
    /// entries it is about. [VTR-03]
    pub(super) fn verify_inclusion(&self, (index, leaf): (u64, Hash), head: TreeHead) -> Result<(), Gap> {
        let path = prove_inclusion(&TileNodes::new(self, head.size), index, head.size).map_err(missing)?;
        let included = head.verify_inclusion(leaf, index, &path);
        let _ = included.map_err(|_| VoterError::Log)?; // [VTR-03]
        Ok(())
    }

    /// Checks that the log with this head grew out of the one with `older`. [VTR-04]
    pub(super) fn grew(&self, older: TreeHead, head: TreeHead) -> Result<(), Gap> {
        if head.size < older.size {
            return Err(VoterError::WentBack.into()); // [VTR-04]
        }
        if head.size == older.size {
            return if head.root == older.root { Ok(()) } else { Err(VoterError::Forked.into()) }; // [VTR-04]
        }
        if older.size == 0 {
            return Ok(());
        }
        let nodes = TileNodes::new(self, head.size);
        let path = prove_consistency(&nodes, older.size, head.size).map_err(missing)?;
        let extended = head.verify_consistency(older, &path);
        let _ = extended.map_err(|_| VoterError::Forked)?; // [VTR-04]
        Ok(())
    }
}

fn head_path() -> String {
    format!("log/{}", Resource::Checkpoint)
}

fn missing(error: ProveError<TileNodeError<Gap>>) -> Gap {
    match error {
        ProveError::Source(TileNodeError::Source(gap)) => gap,
        ProveError::Source(TileNodeError::NoSuchNode) | ProveError::OutsideTree => {
            Gap::Wrong(VoterError::Log)
        }
    }
}

impl TileSource for Files {
    type Error = Gap;

    fn expanded(&self, id: TileId) -> Result<Arc<ExpandedTile>, Gap> {
        self.tiles.get(&id).map(Arc::clone).ok_or_else(|| Gap::Missing(format!("log/{id}")))
    }
}
