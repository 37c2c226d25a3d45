//! A registry that somebody else serves. Nothing that it answers is believed unless the pinned policy is met.

mod evidence;
mod key_change;
mod people;
mod pin;

pub(crate) use pin::Pin;

use super::{Believed, NewestDigest, Registry, names_heads, proven_digest, proven_document, proven_right};
use crate::{
    os::{SharedClock, SystemClock},
    remote::peer::{PeerClient, Reply},
    say::Voice,
};
use anyhow::{Context, Result, bail};
use serde_json::{Map, Value};
use sinpyo_core::{
    accreditation::Right,
    did::Did,
    encoding::from_base64url,
    json,
    resolved::{Resolved, VersionSelector},
    time::{Clock as _, Timestamp},
};
use sinpyo_registry::{
    BundleError, EntryProof, ProvenState, TrustedLog,
    accreditation::{AccreditationChain, AccreditationProof, AccreditationRecord, LookupError},
    did_tlog::{DidHead, ResolutionProof, ResolveError},
    heads::Recency,
    status_digest::StatusDigestProof,
};
use sinpyo_tlog::{
    checkpoint::{Checkpoint, SignedCheckpoint},
    merkle::Hash,
    note::Origin,
    proof::TlogProof,
};
use std::{
    sync::OnceLock,
    time::{Duration, Instant},
};
use url::Url;

/// Longest time for one request.
const PATIENCE: Duration = Duration::from_secs(30);
/// Longest time until a submitted operation is under a checkpoint that is believed.
const PUBLISHED: Duration = Duration::from_secs(30);
/// Longest answer: the proof of a long history.
const MAX_ANSWER: usize = 64 << 20;

/// The registry at a URL, under a policy.
#[derive(Debug)]
pub(crate) struct Remote {
    pin: Pin,
    origin: Origin,
    client: PeerClient,
    clock: SharedClock,
    /// The log's checkpoint when this run began: no proof may be older.
    newest: OnceLock<Checkpoint>,
}

impl Remote {
    /// Reaches the pinned registry and makes sure that it only grew since it was seen last.
    pub(crate) fn connect(pin: Pin, voice: Voice) -> Result<Self> {
        let origin = pin.origin()?.clone();
        let mut remote = Self {
            pin,
            origin,
            client: PeerClient::new(PATIENCE)?.patient(),
            clock: SharedClock::new(SystemClock),
            newest: OnceLock::new(),
        };
        let shown = remote.shown()?;
        remote.follow_change_of_keys(&shown, voice)?;
        let checkpoint = remote.accept(&shown)?;
        // Set once: this is the only place.
        let _ = remote.newest.set(checkpoint);
        Ok(remote)
    }

    /// The newest checkpoint, if it is believed, recent enough, and continues what was seen before.
    fn look(&self) -> Result<Checkpoint> {
        self.accept(&self.shown()?)
    }

    /// Looks again in a process that runs for long.
    pub(crate) fn look_again(&self) -> Result<()> {
        self.look().map(|_| ())
    }

    /// The checkpoint that the registry shows.
    fn shown(&self) -> Result<SignedCheckpoint> {
        let reply = self.get("checkpoint", &[])?;
        let text = String::from_utf8(success(reply)?.body).context("the checkpoint is no text")?;
        text.parse().context("the registry's checkpoint is malformed")
    }

    fn accept(&self, signed: &SignedCheckpoint) -> Result<Checkpoint> {
        let checkpoint = self.believe(signed)?;
        if let Some(before) = self.pin.seen()? {
            self.continues(&before, &checkpoint)
                .map_err(|error| self.with_evidence(error, &before, signed))?;
        }
        self.pin.remember(signed)?;
        Ok(checkpoint)
    }

    fn believe(&self, signed: &SignedCheckpoint) -> Result<Checkpoint> {
        let witnessed = self.pin.policy.verify(signed).context("the registry's checkpoint is refused")?;
        if self.pin.policy.demands_witnesses() {
            witnessed
                .not_older_than(self.pin.max_age, self.clock.now())
                .context("the registry's checkpoint is refused")?;
        }
        Ok(witnessed.checkpoint().clone())
    }

    /// Checks that `now` extends what was seen before. [CLI-15]
    fn continues(&self, before: &SignedCheckpoint, now: &Checkpoint) -> Result<()> {
        let (old, new) = (before.claimed_head(), now.head());
        if new.size < old.size {
            return Err(Discontinued::RolledBack { old: old.size, new: new.size }.into());
        }
        if old.size == 0 || old == new {
            return Ok(());
        }
        let path = if old.size == new.size {
            Vec::new()
        } else {
            let query = [("from", old.size.to_string()), ("to", new.size.to_string())];
            let answer = object(&success(self.get("consistency", &query)?)?.body)?;
            let path = answer.get("path").and_then(Value::as_array).context("there is no path")?;
            path.iter().map(hash).collect::<Result<_>>()?
        };
        let _extended = new.verify_consistency(old, &path).map_err(|_| Discontinued::Forked)?;
        Ok(())
    }

    /// How recent proofs have to be at `now`.
    pub(crate) fn recency(&self, now: Timestamp) -> Recency<'_> {
        let recency = Recency::default().within(self.pin.max_age, now);
        match self.newest.get() {
            Some(newest) => recency.not_before(newest),
            None => recency,
        }
    }

    fn get(&self, path: &str, query: &[(&str, String)]) -> Result<Reply> {
        let mut url = self.url(path)?;
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        self.client.get(&url, MAX_ANSWER).with_context(|| format!("cannot reach {}", self.pin.url))
    }

    fn url(&self, path: &str) -> Result<Url> {
        self.pin.url.join(path).with_context(|| format!("{path} is no path"))
    }

    /// Waits until a believed checkpoint commits to entry `index`, and checks that it is `operation`.
    fn anchored(&self, index: u64, operation: &[u8]) -> Result<()> {
        let begun = Instant::now();
        loop {
            let problem = match self.proof_of(index, operation) {
                Ok(()) => return self.look().map(|_| ()),
                Err(problem) => problem,
            };
            if begun.elapsed() > PUBLISHED {
                return Err(problem).with_context(|| {
                    format!("the registry took the operation as entry {index}, but does not prove it yet")
                });
            }
            std::thread::sleep(Duration::from_millis(200));
        }
    }

    fn proof_of(&self, index: u64, operation: &[u8]) -> Result<()> {
        let entry = self.proven_entry(index)?;
        // [LOG-22] The entry is the one that was submitted, whatever the registry says of its index.
        let ours = entry.as_bytes().strip_prefix(b"{\"op\":").is_some_and(|rest| rest.starts_with(operation));
        if ours { Ok(()) } else { bail!("another entry stands where the operation should") }
    }

    /// The entry at `index`, as a checkpoint that is believed commits to it.
    fn proven_entry(&self, index: u64) -> Result<String> {
        let proof = success(self.get(&format!("operations/{index}/proof"), &[])?)?;
        let proof: TlogProof = String::from_utf8(proof.body)?.parse()?;
        let query = [("from", index.to_string()), ("limit", "1".to_owned())];
        let answer = object(&success(self.get("entries", &query)?)?.body)?;
        let entry = answer.get("entries").and_then(|entries| entries.get(0)?.get("entry")?.as_str());
        let entry = entry.context("the registry does not show the entry")?;
        let logged = proof.verify(&self.pin.policy, Hash::leaf(entry.as_bytes()))?;
        if logged.index() == index { Ok(entry.to_owned()) } else { bail!("the proof is about another entry") }
    }

    /// The part `name` of a JSON answer as text; `None` if there is no such thing.
    fn proof_in(&self, path: &str, query: &[(&str, String)]) -> Result<Option<String>> {
        let reply = self.get(path, query)?;
        if reply.status == 404 {
            return Ok(None);
        }
        let answer = object(&success(reply)?.body)?;
        Ok(answer.get("proof").filter(|proof| proof.is_object()).map(Value::to_string))
    }

    fn full_history(&self, did: &Did) -> Result<Option<ResolutionProof>> {
        let reply = self.get(&format!("dids/{did}/proof"), &[])?;
        if reply.status == 404 {
            return Ok(None);
        }
        let text = String::from_utf8(success(reply)?.body).context("the registry's proof is no text")?;
        let proof: ResolutionProof = text.parse().context("the registry's proof is malformed")?;
        self.notice_heads(|| proof.fold(self.trust()))?;
        Ok(Some(proof))
    }

    /// The same, and that nothing newer was left out of it.
    fn newest_history(&self, did: &Did) -> Result<Option<ResolutionProof>> {
        let Some(proof) = self.full_history(did)? else { return Ok(None) };
        let recency = self.recency(self.clock.now());
        proven_document(&proof, self.believed(&recency), (did, &VersionSelector::Latest))?;
        Ok(Some(proof))
    }

    /// Remembers if the log turns out to name a key that states what is newest: no proof without a statement is believed
    /// from then on. [CLI-23]
    fn notice_heads(&self, fold: impl FnOnce() -> Result<ProvenState, BundleError>) -> Result<()> {
        let names = !self.pin.names_heads() && fold().is_ok_and(|proven| names_heads(&proven));
        if names { self.pin.remember_heads() } else { Ok(()) }
    }

    /// Whether the log is known to name such a key.
    pub(crate) fn names_heads(&self) -> bool {
        self.pin.names_heads()
    }

    fn believed<'a>(&'a self, recency: &'a Recency<'a>) -> Believed<'a> {
        Believed { trust: self.trust(), recency, heads: self.names_heads() }
    }

    fn right_proof(&self, subject: &Did, right: &Right) -> Result<Option<AccreditationProof>> {
        let query = [("right", right_text(right))];
        let text = self.proof_in(&format!("accreditations/{subject}"), &query)?;
        let Some(text) = text else { return Ok(None) };
        let proof: AccreditationProof = text.parse().context("the registry's proof is malformed")?;
        self.notice_heads(|| proof.fold(self.trust()))?;
        Ok(Some(proof))
    }
}

impl Registry for Remote {
    fn origin(&self) -> &Origin {
        &self.origin
    }

    fn trust(&self) -> &dyn TrustedLog {
        &self.pin.policy
    }

    fn submit(&self, operation: &[u8]) -> Result<u64> {
        let url = self.url("operations")?;
        // The same bytes again get the first index: asking twice does no harm.
        let reply = self.client.post(&url, "application/json", operation, MAX_ANSWER);
        let reply = reply.with_context(|| format!("cannot reach {}", self.pin.url))?;
        let answer = object(&success(reply).context("the registry refused the operation")?.body)?;
        let index = answer.get("index").and_then(Value::as_u64).context("the registry names no index")?;
        self.anchored(index, operation)?;
        Ok(index)
    }

    fn entry_proof(&self, index: u64) -> Result<EntryProof> {
        self.proof_of_entry(index)
    }

    fn erased(&self, admitted: &[u64], since: u64) -> Result<(Vec<u64>, u64)> {
        self.erased_since(admitted, since)
    }

    fn document(&self, did: &Did, _: &VersionSelector) -> Result<Option<ResolutionProof>> {
        // The whole history proves every one of its versions.
        self.full_history(did)
    }

    fn accreditation(&self, subject: &Did, right: &Right) -> Result<Option<AccreditationProof>> {
        self.right_proof(subject, right)
    }

    fn resolve(&self, did: &Did, version: &VersionSelector) -> Result<Resolved> {
        let proof = self.full_history(did)?.ok_or(ResolveError::NotFound)?;
        let recency = self.recency(self.clock.now());
        Ok(proven_document(&proof, self.believed(&recency), (did, version))?.into_resolved())
    }

    fn head_of(&self, did: &Did) -> Result<Option<DidHead>> {
        let Some(proof) = self.newest_history(did)? else { return Ok(None) };
        Ok(DidHead::read(proof.fold(self.trust())?.state(), did)?)
    }

    fn recoverable(&self, did: &Did, number: u64) -> Result<Option<DidHead>> {
        let Some(proof) = self.newest_history(did)? else { return Ok(None) };
        Ok(DidHead::read_base(proof.fold(self.trust())?.state(), did, number)?)
    }

    fn chain(&self, subject: &Did, right: &Right, at: Timestamp) -> Result<Option<AccreditationChain>> {
        let Some(proof) = self.right_proof(subject, right)? else { return Ok(None) };
        let recency = self.recency(self.clock.now());
        match proven_right(&proof, self.believed(&recency), (subject, right), at) {
            Ok(proven) => Ok(Some(proven.chain().clone())),
            Err(LookupError::NotAccredited | LookupError::NotInEffect | LookupError::BrokenChain) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    fn records(&self, subject: &Did, right: &Right) -> Result<Vec<AccreditationRecord>> {
        let Some(proof) = self.right_proof(subject, right)? else { return Ok(Vec::new()) };
        let now = self.clock.now();
        let recency = self.recency(now);
        match proven_right(&proof, self.believed(&recency), (subject, right), now) {
            Ok(_) | Err(LookupError::NotAccredited | LookupError::NotInEffect | LookupError::BrokenChain) => {
                Ok(AccreditationRecord::of(proof.fold(self.trust())?.state(), subject)?)
            }
            Err(error) => Err(error.into()),
        }
    }

    fn status_digest(&self, by: &Did, list: &str) -> Result<Option<NewestDigest>> {
        let Some(text) = self.proof_in(&format!("status-digests/{by}"), &[("list", list.to_owned())])? else {
            return Ok(None);
        };
        let proof: StatusDigestProof = text.parse().context("the registry's proof is malformed")?;
        self.notice_heads(|| proof.fold(self.trust()))?;
        let recency = self.recency(self.clock.now());
        let proven = proven_digest(&proof, self.believed(&recency), (by, list))?;
        let digest = &proven.record().digest;
        Ok(Some(NewestDigest { version: digest.version, sha256: digest.sha256 }))
    }
}

/// A registry does not go on from where it was. [CLI-15]
#[derive(Clone, Copy, Debug, thiserror::Error)]
enum Discontinued {
    #[error("the registry shows {new} entries, and showed {old} before: it was rolled back")]
    RolledBack { old: u64, new: u64 },
    #[error("the registry shows another history than before")]
    Forked,
}

/// `issue:<type>` or `request:<service code>`.
fn right_text(right: &Right) -> String {
    match right {
        Right::Issue(kind) => format!("issue:{kind}"),
        Right::Request(service) => format!("request:{service}"),
    }
}

/// The reply, if it is one of success; otherwise what the registry says is wrong.
fn success(reply: Reply) -> Result<Reply> {
    if (200..300).contains(&reply.status) {
        return Ok(reply);
    }
    let problem = json::parse_object(&reply.body).unwrap_or_default();
    let text = |name: &str| problem.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    bail!("the registry answered {} {} {}", reply.status, text("rule"), text("detail"))
}

fn object(body: &[u8]) -> Result<Map<String, Value>> {
    json::parse_object(body).context("the registry's answer is no JSON object")
}

fn hash(value: &Value) -> Result<Hash> {
    let bytes = value.as_str().and_then(|text| from_base64url(text).ok()).context("not a hash")?;
    Hash::try_from(bytes.as_slice()).ok().context("not a hash")
}
