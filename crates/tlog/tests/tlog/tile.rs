//! Paths of tiles and bundles, and what is in them.

use crate::merkle::entry;
use proptest::prelude::*;
use sinpyo_tlog::tile::{BadBundle, EntryBundle, MAX_ENTRY, Resource, TileId};

#[test]
fn tile_paths_are_those_of_tlog_tiles() {
    for (level, index, width, path) in [
        (0, 0, 256, "tile/0/000"),
        (0, 1067, 256, "tile/0/x001/067"),
        (1, 1_234_067, 256, "tile/1/x001/x234/067"),
        (3, 5, 12, "tile/3/005.p/12"),
    ] {
        let id = TileId::new(level, index, width).unwrap();
        assert_eq!(id.to_string(), path);
        assert_eq!(path.parse::<TileId>().unwrap(), id);
        // C2SP leaves out the tile height, which the Go form has.
        let theirs = tlog_tiles::Tile::new(8, level, index, u32::from(width), false).path();
        assert_eq!(theirs.replacen("tile/8/", "tile/", 1), path);
    }
    for path in [
        "",
        "tile/0",
        "tile/0/",
        "tile/0/0",
        "tile/0/00",
        "tile/00/000",
        "tile/8/000",
        "tile/-1/000",
        "tile/0/000.p/0",
        "tile/0/000.p/256",
        "tile/0/000.p/257",
        "tile/0/000.p/012",
        "tile/0/x000/001",
        "tile/0/001/002",
        "tile/0/xx001/002",
        "tile/0/x999/x999/x999/x999/x999/x999/x999/x999/999",
        "tile/0/000/",
        "/tile/0/000",
        "tile/0/０00",
        "tile/0/+01",
        "tile/7/001",
    ] {
        assert!(path.parse::<TileId>().is_err(), "{path}");
    }
}

#[test]
fn a_growing_tree_touches_the_tiles_that_tlog_tiles_names() {
    for (old, new) in
        [(0, 1), (0, 256), (255, 257), (1000, 1001), (65_535, 65_537), (70_000, 200_000), (5, 5)]
    {
        let mut ours: Vec<String> = TileId::touched_by(old..new).map(|id| id.to_string()).collect();
        let theirs = tlog_tiles::Tile::new_tiles(8, old, new).into_iter();
        let mut theirs: Vec<String> =
            theirs.map(|tile| tile.path().replacen("tile/8/", "tile/", 1)).collect();
        ours.sort();
        theirs.sort();
        assert_eq!(ours, theirs, "{old}..{new}");
    }
}

/// The example of C2SP tlog-tiles: a tree of 70,000 leaves.
#[test]
fn a_tree_of_seventy_thousand_has_the_tiles_of_the_specification() {
    let tiles: Vec<TileId> = TileId::touched_by(0..70_000).collect();
    let count =
        |level: u8, full: bool| tiles.iter().filter(|t| t.level() == level && t.is_full() == full).count();
    assert_eq!([count(0, true), count(0, false), count(1, true), count(1, false)], [273, 1, 1, 1]);
    assert_eq!([count(2, true), count(2, false), count(3, true), count(3, false)], [0, 1, 0, 0]);
    let widths: Vec<u16> = tiles.iter().filter(|tile| !tile.is_full()).map(|tile| tile.width()).collect();
    assert_eq!(widths, [112, 17, 1]);
    let paths: Vec<String> = TileId::touched_by(0..256).map(|tile| tile.to_string()).collect();
    assert_eq!(paths, ["tile/0/000", "tile/1/000.p/1"]);
}

#[test]
fn a_log_serves_the_paths_of_the_specification_and_no_others() {
    for (path, content_type) in [
        ("checkpoint", "text/plain; charset=utf-8"),
        ("tile/0/x001/x234/067", "application/octet-stream"),
        ("tile/entries/x001/x234/067", "application/octet-stream"),
        ("tile/entries/000.p/255", "application/octet-stream"),
    ] {
        let resource: Resource = path.parse().unwrap();
        assert_eq!((resource.to_string().as_str(), resource.content_type()), (path, content_type));
        assert_eq!(resource.is_immutable(), path != "checkpoint");
    }
    let tile: TileId = "tile/0/x001/067.p/12".parse().unwrap();
    assert_eq!(Resource::entries_of(tile).unwrap().to_string(), "tile/entries/x001/067.p/12");
    assert_eq!(Resource::entries_of("tile/1/000".parse().unwrap()), None);
    for path in [
        "",
        "/checkpoint",
        "checkpoint/",
        "Checkpoint",
        "tile/entries",
        "tile/entries/",
        "tile/entries/0",
        "tile/entries/0000",
        "tile/entries/../../etc/passwd",
        "tile/../checkpoint",
        "tile/entries/000/..",
        "tile/entries/%30%30%30",
        "tile/entries/000\0",
        "tile/entries/000.p/0",
        "tile/entries/000.p/256",
        "tile/entries/000.p/1/2",
        "tile/entries/000.p/1.p/1",
        "tile/entries/x000/000",
        "tile/entries/001/002",
        "tile/entries/x001",
        "tile/entries/000.new",
        "tile/data/000",
        "tile/64/000",
        "tile/entries/x072/x057/x594/x037/x927/936",
        "tile//000",
        "tile/0//000",
    ] {
        assert_eq!(path.parse::<Resource>().unwrap_err().code(), "LOG-29", "{path}");
    }
}

#[test]
fn a_bundle_is_read_back_and_nothing_else() {
    let entries: Vec<Vec<u8>> = vec![entry(0), Vec::new(), vec![7; MAX_ENTRY]];
    let bytes = EntryBundle::new(entries.clone()).unwrap().to_bytes();
    assert_eq!(bytes[..9 + 2], *b"\x00\x07entry 0\x00\x00");
    let id = |width| TileId::new(0, 0, width).unwrap();
    assert_eq!(EntryBundle::parse(id(3), &bytes).unwrap().entries(), entries);
    for width in [1, 2, 4, 256] {
        assert_eq!(EntryBundle::parse(id(width), &bytes), Err(BadBundle), "{width}");
    }
    for cut in [0, 1, 2, 8, 10, bytes.len() - 1] {
        assert_eq!(EntryBundle::parse(id(3), &bytes[..cut]), Err(BadBundle), "{cut}");
    }
    assert_eq!(EntryBundle::parse(id(3), &[&bytes[..], &[0]].concat()), Err(BadBundle));
    assert_eq!(EntryBundle::new(vec![vec![7; MAX_ENTRY + 1]]), Err(BadBundle));
    assert_eq!(EntryBundle::new(Vec::new()), Err(BadBundle));
    assert_eq!(EntryBundle::new(vec![Vec::new(); 257]), Err(BadBundle));
    assert_eq!(BadBundle.code(), "LOG-28");
    let hashes = EntryBundle::new(vec![entry(0), entry(1)]).unwrap().leaf_hashes();
    assert_eq!(hashes, [tlog_tiles::record_hash(&entry(0)).0, tlog_tiles::record_hash(&entry(1)).0].concat());
}

proptest! {
    #[test]
    fn bundles_round_trip(entries in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..40), 1..40)) {
        let id = TileId::new(0, 9, u16::try_from(entries.len()).unwrap()).unwrap();
        let bytes = EntryBundle::new(entries.clone()).unwrap().to_bytes();
        prop_assert_eq!(EntryBundle::parse(id, &bytes).unwrap().into_entries(), entries);
    }

    #[test]
    fn what_parses_as_a_bundle_prints_as_it_was(bytes in proptest::collection::vec(0_u8..3, 0..40), width in 1_u16..9) {
        if let Ok(bundle) = EntryBundle::parse(TileId::new(0, 0, width).unwrap(), &bytes) {
            prop_assert_eq!(bundle.to_bytes(), bytes);
        }
    }

    #[test]
    fn paths_round_trip(index in 0_u64..1 << 56, width in 1_u16..=256, path in "(tile|entries|[0-9x./p]){0,6}") {
        let id = TileId::new(0, index, width).unwrap();
        for resource in [Resource::Tile(id), Resource::Entries(id)] {
            prop_assert_eq!(resource.to_string().parse::<Resource>().unwrap(), resource);
        }
        if let Ok(resource) = path.parse::<Resource>() {
            prop_assert_eq!(resource.to_string(), path);
        }
    }
}
