//! What concerns natural persons in a log that is served elsewhere.

use super::{Remote, success};
use crate::remote::tiles::TileServer;
use anyhow::{Context, Result, bail};
use serde_json::{Value, json};
use sinpyo_core::{encoding::to_base64url, json};
use sinpyo_registry::EntryProof;
use sinpyo_tlog::{
    merkle::{Frontier, Hash},
    proof::TlogProof,
    tile::TileNodes,
};

impl Remote {
    /// The proof of an entry, put together from what the registry serves, and checked.
    pub(super) fn proof_of_entry(&self, index: u64) -> Result<EntryProof> {
        let entry = self.proven_entry(index)?;
        let proof = success(self.get(&format!("operations/{index}/proof"), &[])?)?;
        let proof: TlogProof = String::from_utf8(proof.body).context("the proof is no text")?.parse()?;
        let path: Vec<String> = proof.path().iter().map(|hash| to_base64url(hash.as_bytes())).collect();
        let item = json!({"index": index, "entry": entry, "path": path});
        let bundle = json!({"checkpoint": proof.checkpoint().to_string(), "entries": [item]});
        let proof: EntryProof = bundle.to_string().parse().context("the proof is malformed")?;
        proof.verify(&self.pin.policy)?;
        Ok(proof)
    }

    /// Reads the entries from `since` on, which the newest checkpoint has to commit to.
    pub(super) fn erased_since(&self, admitted: &[u64], since: u64) -> Result<(Vec<u64>, u64)> {
        let head = self.newest.get().context("the registry was not looked at")?.head();
        if since >= head.size {
            return Ok((Vec::new(), since));
        }
        let server = TileServer::new(self.pin.url.as_str())?;
        let mut frontier = Frontier::read(&TileNodes::new(&server, head.size), since)
            .map_err(|error| anyhow::anyhow!("{error}"))
            .context("the log's tiles cannot be read")?;
        let mut erased = Vec::new();
        while frontier.size() < head.size {
            for read in server.entries(frontier.size(), head.size)? {
                frontier.append(Hash::leaf(&read.entry));
                erased.extend(erasure_in(&read.entry).filter(|entry| admitted.contains(entry)));
            }
        }
        if frontier.head() != head {
            bail!("the log's entries do not lead to its checkpoint");
        }
        Ok((erased, head.size))
    }
}

/// The entry whose person this entry erased.
fn erasure_in(entry: &[u8]) -> Option<u64> {
    let entry = json::parse_object(entry).ok()?;
    let operation = entry.get("op")?;
    let is_erasure = operation.get("type").and_then(Value::as_str) == Some("person-erasure");
    operation.get("entry").and_then(Value::as_u64).filter(|_| is_erasure)
}
