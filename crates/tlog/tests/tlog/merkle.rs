//! The Merkle core against two other implementations, other people's probes, and its own laws.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use proptest::prelude::*;
use sha2::Sha256;
use sinpyo_core::json;
use sinpyo_tlog::{
    merkle::{BadProof, Frontier, Hash, NodeSource, TreeHead, prove_consistency, prove_inclusion, root},
    tile::{ExpandedTile, TileId, TileNodes, TileSource},
};
use std::{convert::Infallible, fs, ops::Range, path::Path, sync::Arc};

/// The rows of complete subtrees, bottom row first.
pub(crate) struct Rows(Vec<Vec<Hash>>);

impl Rows {
    pub(crate) fn of(leaves: Vec<Hash>) -> Self {
        let mut rows = vec![leaves];
        while rows.last().unwrap().len() > 1 {
            let row = rows.last().unwrap().chunks_exact(2).map(|pair| Hash::node(pair[0], pair[1])).collect();
            rows.push(row);
        }
        Self(rows)
    }
}

impl NodeSource for Rows {
    type Error = Infallible;

    fn node(&self, level: u32, index: u64) -> Result<Hash, Infallible> {
        Ok(self.0[usize::try_from(level).unwrap()][usize::try_from(index).unwrap()])
    }
}

impl TileSource for Rows {
    type Error = Infallible;

    fn expanded(&self, id: TileId) -> Result<Arc<ExpandedTile>, Infallible> {
        let row = &self.0[8 * usize::from(id.level())];
        let range = id.row_range();
        let hashes = &row[usize::try_from(range.start).unwrap()..usize::try_from(range.end).unwrap()];
        let content: Vec<u8> = hashes.iter().flat_map(|hash| *hash.as_bytes()).collect();
        Ok(Arc::new(ExpandedTile::from_content(id, &content).unwrap()))
    }
}

pub(crate) fn entry(number: u64) -> Vec<u8> {
    format!("entry {number}").into_bytes()
}

pub(crate) fn leaves(size: u64) -> Vec<Hash> {
    (0..size).map(|number| Hash::leaf(&entry(number))).collect()
}

pub(crate) fn head(rows: &Rows, size: u64) -> TreeHead {
    TreeHead { size, root: root(rows, size).unwrap() }
}

#[test]
fn roots_are_those_of_ct_merkle() {
    let rows = Rows::of(leaves(600));
    let (mut frontier, mut peer) =
        (Frontier::new(), ct_merkle::mem_backed_tree::MemoryBackedTree::<Sha256, Vec<u8>>::new());
    for size in 0..=600 {
        assert_eq!(frontier.head().root.as_bytes()[..], peer.root().as_bytes()[..], "size {size}");
        assert_eq!(frontier.head(), head(&rows, size));
        assert_eq!(Frontier::read(&rows, size).unwrap(), frontier);
        peer.push(entry(size));
        frontier.append(Hash::leaf(&entry(size)));
    }
}

#[test]
fn proofs_are_those_of_ct_merkle() {
    let rows = Rows::of(leaves(600));
    let mut peer = ct_merkle::mem_backed_tree::MemoryBackedTree::<Sha256, Vec<u8>>::new();
    for size in 1..=600_u64 {
        peer.push(entry(size - 1));
        for index in (0..size).step_by(if size < 40 { 1 } else { 37 }) {
            let path = prove_inclusion(&rows, index, size).unwrap();
            assert_eq!(
                bytes(&path),
                peer.prove_inclusion(usize::try_from(index).unwrap()).as_bytes(),
                "{index} of {size}"
            );
            let older = index + 1;
            let path = prove_consistency(&rows, older, size).unwrap();
            let theirs = peer.prove_consistency(usize::try_from(size - older).unwrap());
            assert_eq!(bytes(&path), theirs.as_bytes(), "{older} to {size}");
        }
    }
}

fn bytes(path: &[Hash]) -> Vec<u8> {
    path.iter().flat_map(|hash| *hash.as_bytes()).collect()
}

/// Go's tree, as `tlog_tiles` ports it, from its own storage of the same entries.
#[test]
fn roots_and_proofs_are_those_of_tlog_tiles() {
    struct Storage(Vec<tlog_tiles::Hash>);
    impl tlog_tiles::HashReader for Storage {
        fn read_hashes(&self, indices: &[u64]) -> Result<Vec<tlog_tiles::Hash>, tlog_tiles::Error> {
            Ok(indices.iter().map(|index| self.0[usize::try_from(*index).unwrap()]).collect())
        }
    }
    let size = 70_003;
    let rows = Rows::of(leaves(size));
    let mut storage = Storage(Vec::new());
    for number in 0..size {
        let new = tlog_tiles::stored_hashes(number, &entry(number), &storage).unwrap();
        storage.0.extend(new);
    }
    let theirs = |hashes: &[tlog_tiles::Hash]| hashes.iter().flat_map(|hash| hash.0).collect::<Vec<u8>>();
    for (index, older) in [(0, 1), (1, 255), (255, 256), (65_535, 65_536), (65_536, 65_537), (70_002, 70_002)]
    {
        let nodes = TileNodes::new(&rows, size);
        let path = prove_inclusion(&nodes, index, size).unwrap();
        assert_eq!(bytes(&path), theirs(&tlog_tiles::prove_record(size, index, &storage).unwrap()));
        let path = prove_consistency(&nodes, older, size).unwrap();
        assert_eq!(bytes(&path), theirs(&tlog_tiles::prove_tree(size, older, &storage).unwrap()));
    }
    assert_eq!(*head(&rows, size).root.as_bytes(), tlog_tiles::tree_hash(size, &storage).unwrap().0);
}

/// A leaf that looks like a node, and a tree with its last leaf doubled, are other trees (CVE-2012-2459).
#[test]
fn leaves_and_nodes_do_not_mix() {
    let leaves = leaves(3);
    let pair = [leaves[0].as_bytes().as_slice(), leaves[1].as_bytes()].concat();
    assert_ne!(Hash::leaf(&pair), Hash::node(leaves[0], leaves[1]));
    let three = Rows::of(leaves.clone());
    let doubled = Rows::of(vec![leaves[0], leaves[1], leaves[2], leaves[2]]);
    assert_ne!(head(&three, 3).root, head(&doubled, 4).root);
    let node = Hash::node(leaves[0], leaves[1]);
    assert_eq!(head(&three, 3).verify_inclusion(node, 0, &[leaves[2]]), Err(BadProof::Length));
    // SHA-256 of nothing [RFC 6962 §2.1].
    assert_eq!(
        Hash::of_empty_tree().to_string(),
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    );
}

#[test]
fn places_outside_the_tree_are_refused() {
    let rows = Rows::of(leaves(8));
    let tree = head(&rows, 8);
    let leaf = Hash::leaf(&entry(7));
    let path = prove_inclusion(&rows, 7, 8).unwrap();
    assert!(tree.verify_inclusion(leaf, 7, &path).is_ok());
    for index in [8, 15, 1 << 63, u64::MAX] {
        assert_eq!(tree.verify_inclusion(leaf, index, &path), Err(BadProof::OutsideTree), "{index}");
    }
    for size in [0, 7, 1 << 63, u64::MAX] {
        assert!(TreeHead { size, ..tree }.verify_inclusion(leaf, 7, &path).is_err(), "{size}");
    }
    assert!(prove_inclusion(&rows, 8, 8).is_err());
    assert!(prove_consistency(&rows, 9, 8).is_err());
    let empty = TreeHead { size: 0, root: Hash::of_empty_tree() };
    assert_eq!(tree.verify_consistency(empty, &[]).unwrap_err(), BadProof::OutsideTree);
    assert_eq!(empty.verify_consistency(tree, &[]).unwrap_err(), BadProof::OutsideTree);
    for range in [9..9, Range { start: 6, end: 5 }, 1..3, 4..9, 0..u64::MAX, u64::MAX..u64::MAX] {
        assert_eq!(
            tree.verify_subtree(range.clone(), leaf, &[]).unwrap_err(),
            BadProof::OutsideTree,
            "{range:?}"
        );
    }
}

#[test]
fn a_proof_of_another_length_is_refused() {
    let rows = Rows::of(leaves(300));
    let (tree, older) = (head(&rows, 300), head(&rows, 129));
    let leaf = Hash::leaf(&entry(255));
    let inclusion = prove_inclusion(&rows, 255, 300).unwrap();
    let consistency = prove_consistency(&rows, 129, 300).unwrap();
    assert!(tree.verify_inclusion(leaf, 255, &inclusion).is_ok());
    assert!(tree.verify_consistency(older, &consistency).is_ok());
    for length in (0..inclusion.len()).chain([65, 1000]) {
        let mut path = inclusion.clone();
        path.resize(length, leaf);
        assert_eq!(tree.verify_inclusion(leaf, 255, &path), Err(BadProof::Length));
    }
    for length in (0..consistency.len()).chain([65, 1000]) {
        let mut path = consistency.clone();
        path.resize(length, leaf);
        assert_eq!(tree.verify_consistency(older, &path).unwrap_err(), BadProof::Length, "{length}");
    }
}

#[test]
fn any_flipped_bit_is_refused() {
    for (older, size) in [(1, 2), (3, 5), (64, 65), (127, 128), (128, 257), (255, 300)] {
        let rows = Rows::of(leaves(size));
        let (tree, before) = (head(&rows, size), head(&rows, older));
        let leaf = Hash::leaf(&entry(older));
        let inclusion = prove_inclusion(&rows, older, size).unwrap();
        let consistency = prove_consistency(&rows, older, size).unwrap();
        for bit in 0..inclusion.len() * 256 {
            let path = flipped(&inclusion, bit);
            assert_eq!(tree.verify_inclusion(leaf, older, &path), Err(BadProof::Root));
        }
        for bit in 0..consistency.len() * 256 {
            let path = flipped(&consistency, bit);
            assert_eq!(tree.verify_consistency(before, &path).unwrap_err(), BadProof::Root);
        }
        assert!(tree.verify_inclusion(flipped(&[leaf], 3)[0], older, &inclusion).is_err());
        assert!(tree.verify_consistency(TreeHead { root: leaf, ..before }, &consistency).is_err());
    }
}

fn flipped(path: &[Hash], bit: usize) -> Vec<Hash> {
    let mut path = path.to_vec();
    let mut bytes = *path[bit / 256].as_bytes();
    bytes[bit % 256 / 8] ^= 1 << (bit % 8);
    path[bit / 256] = bytes.into();
    path
}

proptest! {
    #[test]
    fn every_proof_verifies_and_no_other_place_does(size in 1_u64..3000, a in any::<u64>(), b in any::<u64>()) {
        let rows = Rows::of(leaves(size));
        let tree = head(&rows, size);
        let (index, older) = (a % size, b % size + 1);
        let leaf = Hash::leaf(&entry(index));
        let nodes = TileNodes::new(&rows, size);
        let path = prove_inclusion(&nodes, index, size).unwrap();
        prop_assert_eq!(&path, &prove_inclusion(&rows, index, size).unwrap());
        prop_assert_eq!(tree.verify_inclusion(leaf, index, &path).unwrap().index(), index);
        for other in [index.wrapping_sub(1), index + 1] {
            prop_assert!(tree.verify_inclusion(leaf, other, &path).is_err());
        }
        let before = head(&rows, older);
        let path = prove_consistency(&nodes, older, size).unwrap();
        prop_assert_eq!(tree.verify_consistency(before, &path).unwrap().older(), before);
        for other in [older - 1, older + 1] {
            let elsewhere = TreeHead { size: other, ..before };
            prop_assert!(tree.verify_consistency(elsewhere, &path).is_err());
        }
    }

    #[test]
    fn subtrees_of_a_tree_are_proven_by_the_hashes_of_their_nodes(size in 2_u64..600, level in 0_u32..9, at in any::<u64>()) {
        let rows = Rows::of(leaves(size));
        let width = 1 << level;
        prop_assume!(width <= size);
        let index = at % (size >> level);
        let hash = rows.node(level, index).unwrap();
        // The siblings above a complete node are those above any of its leaves.
        let path = prove_inclusion(&rows, index << level, size).unwrap();
        let above = &path[usize::try_from(level).unwrap()..];
        let range = index << level..(index + 1) << level;
        prop_assert!(head(&rows, size).verify_subtree(range.clone(), hash, above).is_ok());
        let shifted = range.start + width..range.end + width;
        prop_assert!(head(&rows, size).verify_subtree(shifted, hash, above).is_err());
    }
}

/// 518 probes of transparency-dev/merkle. Four that it accepts have roots of 12 bytes ("don't care"), which are no
/// hashes here: RFC 6962 §2.1 has SHA-256 only.
#[test]
fn the_probes_of_transparency_dev_are_judged_alike() {
    let Some(folder) = sinpyo_testkit::vectors("merkle-proofs") else { return };
    let (mut probes, mut accepted, mut differs) = (0, 0, Vec::new());
    for set in ["inclusion", "consistency", "subtreeinclusion", "subtreeconsistency"] {
        visit(&folder.join("testdata").join(set), &mut |path| {
            let probe = json::parse(&fs::read(path).unwrap());
            // One file states a size beyond 2^53, which strict JSON refuses as well.
            let text = fs::read_to_string(path).unwrap();
            let probe = probe.unwrap_or_else(|_| serde_json::from_str(&text).unwrap());
            let ours = judge(set, &probe).is_some();
            probes += 1;
            accepted += usize::from(ours);
            if ours == probe["wantErr"].as_bool().unwrap() {
                differs.push((path.to_owned(), ours, text.contains("ZG9uJ3QgY2FyZSA")));
            }
        });
    }
    assert_eq!((probes, accepted, differs.len()), (518, 32, 4), "{differs:?}");
    assert!(differs.iter().all(|(_, ours, without_hash)| !ours && *without_hash), "{differs:?}");
}

fn visit(folder: &Path, check: &mut impl FnMut(&Path)) {
    for item in fs::read_dir(folder).unwrap() {
        let path = item.unwrap().path();
        if path.is_dir() { visit(&path, check) } else { check(&path) }
    }
}

fn judge(set: &str, probe: &serde_json::Value) -> Option<()> {
    let number = |name: &str| probe[name].as_u64();
    let hash =
        |value: &serde_json::Value| Hash::try_from(STANDARD.decode(value.as_str()?).ok()?.as_slice()).ok();
    let path = probe["proof"].as_array().map_or(&[][..], Vec::as_slice);
    let path: Vec<Hash> = path.iter().map(hash).collect::<Option<_>>()?;
    let tree = |size: u64, root: &str| Some(TreeHead { size, root: hash(&probe[root])? });
    match set {
        "inclusion" => {
            let leaf = hash(&probe["leafHash"])?;
            tree(number("treeSize")?, "root")?
                .verify_inclusion(leaf, number("leafIdx")?, &path)
                .ok()
                .map(drop)
        }
        "consistency" => {
            let older = tree(number("size1")?, "root1")?;
            tree(number("size2")?, "root2")?.verify_consistency(older, &path).ok().map(drop)
        }
        "subtreeinclusion" => {
            let (start, end, index) = (number("start")?, number("end")?, number("leafIdx")?);
            let subtree = tree(end.checked_sub(start)?, "root")?;
            // A subtree has its leaves in a place where a tree can have one.
            subtree.size.checked_next_power_of_two().filter(|width| start % width == 0)?;
            subtree
                .verify_inclusion(hash(&probe["leafHash"])?, index.checked_sub(start)?, &path)
                .ok()
                .map(drop)
        }
        _ => {
            let subtree = number("start")?..number("end")?;
            tree(number("size")?, "root2")?
                .verify_subtree(subtree, hash(&probe["root1"])?, &path)
                .ok()
                .map(drop)
        }
    }
}
