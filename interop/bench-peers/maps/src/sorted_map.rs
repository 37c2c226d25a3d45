//! RFC 6962 over the DIDs in the order of their hashes, built anew for each root.
//!
//! A leaf is `SHA-256(did) ‖ SHA-256(version)`. Its inclusion shows the newest version; two neighbours with the hash
//! between them show that there is none. An insertion shifts every leaf after it, so that nothing of the last tree can
//! be used again.

use crate::{EPOCH, LOOKUPS, did, median, resident, timed, version};
use anyhow::Context as _;
use sinpyo_tlog::merkle::{Hash, NodeSource, TreeHead, prove_inclusion, root};

/// All rows of the tree, leaves first; each row holds the complete subtrees only.
struct Rows(Vec<Vec<Hash>>);

impl Rows {
    fn of(leaves: Vec<Hash>) -> Self {
        let mut rows = vec![leaves];
        while let Some(row) = rows.last().filter(|row| row.len() > 1) {
            let pairs = row.chunks_exact(2).filter_map(|pair| match *pair {
                [left, right] => Some(Hash::node(left, right)),
                _ => None,
            });
            rows.push(pairs.collect());
        }
        Self(rows)
    }
}

impl NodeSource for Rows {
    type Error = std::fmt::Error;

    fn node(&self, level: u32, index: u64) -> Result<Hash, Self::Error> {
        let row = usize::try_from(level).ok().and_then(|level| self.0.get(level));
        let node = row.zip(usize::try_from(index).ok()).and_then(|(row, index)| row.get(index));
        node.copied().ok_or(std::fmt::Error)
    }
}

/// What one DID takes outside the tree.
type Leaf = ([u8; 32], [u8; 32]);

fn leaf(number: usize) -> Leaf {
    let hash = |text: String| *Hash::leaf(text.as_bytes()).as_bytes();
    (hash(did(number)), hash(version(number)))
}

fn tree(map: &[Leaf]) -> Rows {
    Rows::of(map.iter().map(|(did, version)| Hash::leaf(&[*did, *version].concat())).collect())
}

/// Builds the map of `dids` DIDs, then that of one more epoch, and looks some up.
pub(crate) fn measure(dids: usize) -> anyhow::Result<()> {
    let before = resident()?;
    let mut map: Vec<Leaf> = (0..dids).map(leaf).collect();
    map.sort_unstable();
    let rows = tree(&map);
    let grown = resident()? - before;
    drop(rows);
    let (rows, epoch) = timed(|| {
        map.extend((dids..dids + EPOCH).map(leaf));
        map.sort_unstable(); // two sorted runs: merged in linear time
        tree(&map)
    });
    let size = u64::try_from(map.len())?;
    let head = TreeHead { size, root: root(&rows, size)? };
    let (mut lookups, mut verifications, mut bytes) = (Vec::new(), Vec::new(), 0);
    for number in (0..LOOKUPS).map(|number| number * (dids / LOOKUPS)) {
        let wanted = leaf(number);
        let (proof, time) = timed(|| {
            let place = map.binary_search(&wanted).ok()?;
            let index = u64::try_from(place).ok()?;
            Some((index, prove_inclusion(&rows, index, size).ok()?))
        });
        lookups.push(time);
        let (index, path) = proof.context("not found")?;
        bytes = bytes.max(path.len() * 32 + 64 + 8);
        let check = || head.verify_inclusion(Hash::leaf(&[wanted.0, wanted.1].concat()), index, &path);
        let (result, time) = timed(check);
        let _included = result?;
        verifications.push(time);
    }
    let count = f64::from(u32::try_from(dids)?);
    println!("sorted leaves, {dids} DIDs");
    println!("  epoch of {EPOCH}  {:>10.2} s, everything anew on one core", epoch.as_secs_f64());
    println!("  memory          {:>10.0} MiB, {:.0} bytes a DID", grown, grown * 1_048_576.0 / count);
    println!("  lookup proof    {:>10.1} us, {bytes} bytes at most; absence is two of them", median(lookups));
    println!("  verify          {:>10.1} us", median(verifications));
    Ok(())
}
