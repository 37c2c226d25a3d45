//! Expanded tiles, kept while there is room.

use crate::admission::locked;
use sinpyo_tlog::tile::{ExpandedTile, TileId};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};

/// Level and index: a tile that has grown takes the place of its narrower self.
type Place = (u8, u64);

/// Two generations: what is used moves to the young one, and when that is full the old one is forgotten.
#[derive(Debug)]
pub(crate) struct TileCache {
    /// Tiles in each generation.
    generation: usize,
    tiles: Mutex<Generations>,
}

#[derive(Debug, Default)]
struct Generations {
    young: HashMap<Place, (TileId, Arc<ExpandedTile>)>,
    old: HashMap<Place, (TileId, Arc<ExpandedTile>)>,
}

impl TileCache {
    /// A cache of at most `2 * generation` tiles, each of up to 16 KiB.
    pub(crate) fn new(generation: usize) -> Self {
        Self { generation, tiles: Mutex::default() }
    }

    /// The tile `id`, or the same tile with more hashes: a node of the narrower one is the same in both.
    pub(crate) fn find(&self, id: TileId) -> Option<Arc<ExpandedTile>> {
        let mut tiles = locked(&self.tiles);
        let place = (id.level(), id.index());
        if let Some((_, tile)) = tiles.young.get(&place).filter(|(kept, _)| kept.width() >= id.width()) {
            return Some(Arc::clone(tile));
        }
        let (kept, tile) = tiles.old.remove(&place).filter(|(kept, _)| kept.width() >= id.width())?;
        self.insert(&mut tiles, kept, &tile);
        Some(tile)
    }

    /// Keeps `tile`.
    pub(crate) fn keep(&self, id: TileId, tile: &Arc<ExpandedTile>) {
        self.insert(&mut locked(&self.tiles), id, tile);
    }

    fn insert(&self, tiles: &mut Generations, id: TileId, tile: &Arc<ExpandedTile>) {
        if tiles.young.len() >= self.generation {
            tiles.old = std::mem::take(&mut tiles.young);
        }
        tiles.young.insert((id.level(), id.index()), (id, Arc::clone(tile)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(index: u64, width: u16) -> TileId {
        TileId::new(1, index, width).unwrap()
    }

    fn keep(cache: &TileCache, id: TileId) {
        cache.keep(id, &Arc::new(ExpandedTile::from_content(id, &vec![7; id.length()]).unwrap()));
    }

    #[test]
    fn what_is_used_outlives_what_is_not() {
        let cache = TileCache::new(2);
        for index in 0..3 {
            keep(&cache, id(index, 256));
        }
        assert!(cache.find(id(0, 256)).is_some(), "used again");
        keep(&cache, id(3, 256));
        assert!(cache.find(id(0, 256)).is_some());
        assert!(cache.find(id(1, 256)).is_none(), "forgotten");
    }

    #[test]
    fn a_narrow_tile_does_not_stand_for_a_wider_one() {
        let cache = TileCache::new(2);
        keep(&cache, id(5, 10));
        assert!(cache.find(id(5, 11)).is_none());
        keep(&cache, id(5, 200));
        assert!(cache.find(id(5, 10)).is_some());
    }
}
