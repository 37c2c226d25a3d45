//! Expanded tiles, kept while there is room.

use crate::sqlite::locked;
use sinpyo_tlog::tile::{ExpandedTile, TileId};
use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, Mutex},
};

/// Least-recently-used cache of expanded tiles with a bound on its memory.
#[derive(Debug)]
pub(super) struct TileCache {
    capacity: usize,
    content: Mutex<Content>,
}

/// Level and index: a tile that has grown takes the place of its narrower self.
type Place = (u8, u64);

#[derive(Debug, Default)]
struct Content {
    tiles: HashMap<Place, Cached>,
    /// By the time of the last use, oldest first.
    used: BTreeMap<u64, Place>,
    uses: u64,
    bytes: usize,
}

#[derive(Debug)]
struct Cached {
    id: TileId,
    tile: Arc<ExpandedTile>,
    used: u64,
}

impl TileCache {
    /// A cache of at most about `capacity` bytes.
    pub(super) fn new(capacity: usize) -> Self {
        Self { capacity, content: Mutex::default() }
    }

    /// The tile `id`, or the same tile with more hashes: a node of the narrower one is the same in both.
    pub(super) fn find(&self, id: TileId) -> Option<Arc<ExpandedTile>> {
        let mut content = locked(&self.content);
        let Content { tiles, used, uses, .. } = &mut *content;
        let cached =
            tiles.get_mut(&(id.level(), id.index())).filter(|cached| cached.id.width() >= id.width())?;
        used.remove(&cached.used);
        *uses += 1;
        cached.used = *uses;
        used.insert(*uses, (id.level(), id.index()));
        Some(Arc::clone(&cached.tile))
    }

    /// Keeps `tile`, and forgets the tiles that were not used for longest if there is no room.
    pub(super) fn keep(&self, id: TileId, tile: Arc<ExpandedTile>) {
        let mut content = locked(&self.content);
        let place = (id.level(), id.index());
        content.forget(place);
        content.uses += 1;
        let used = content.uses;
        content.used.insert(used, place);
        content.tiles.insert(place, Cached { id, tile, used });
        content.bytes += cost(id);
        while content.bytes > self.capacity {
            let Some(oldest) = content.used.first_key_value().map(|(_, place)| *place) else { break };
            content.forget(oldest);
        }
    }
}

impl Content {
    fn forget(&mut self, place: Place) {
        if let Some(cached) = self.tiles.remove(&place) {
            self.used.remove(&cached.used);
            self.bytes -= cost(cached.id);
        }
    }
}

/// The rows of an expanded tile together are twice the tile; the rest is for the maps around it.
fn cost(id: TileId) -> usize {
    2 * id.length() + 256
}

#[cfg(test)]
mod tests {
    use super::*;

    fn expanded(id: TileId) -> Arc<ExpandedTile> {
        Arc::new(ExpandedTile::from_content(id, &vec![7; id.length()]).unwrap())
    }

    #[test]
    fn the_least_recently_used_tile_makes_room() {
        let id = |index| TileId::new(0, index, 256).unwrap();
        let cache = TileCache::new(2 * cost(id(0)));
        for index in [0, 1] {
            cache.keep(id(index), expanded(id(index)));
        }
        assert!(cache.find(id(0)).is_some());
        cache.keep(id(2), expanded(id(2)));
        assert!(cache.find(id(1)).is_none(), "tile 1 was not used for longest");
        assert!(cache.find(id(0)).is_some() && cache.find(id(2)).is_some());
        assert_eq!(locked(&cache.content).bytes, 2 * cost(id(0)));
    }

    #[test]
    fn a_narrow_tile_does_not_stand_for_a_wider_one() {
        let id = |width| TileId::new(1, 5, width).unwrap();
        let cache = TileCache::new(1 << 20);
        cache.keep(id(10), expanded(id(10)));
        assert!(cache.find(id(11)).is_none());
        cache.keep(id(200), expanded(id(200)));
        assert_eq!(cache.find(id(10)).unwrap(), expanded(id(200)));
        assert_eq!(locked(&cache.content).bytes, cost(id(200)));
    }
}
