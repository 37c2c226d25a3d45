//! What a check needs, from a ledger at hand or from a folder of evidence: proven in both cases.

use crate::{
    evidence::Evidence,
    home::Home,
    issuing,
    registry::{Believed, proven_document, proven_right},
};
use anyhow::Result;
use sinpyo_core::{
    accreditation::{Accreditation, Right},
    did::Did,
    resolved::{Resolved, VersionSelector},
    status::{StatusEntry, StatusList},
    time::Timestamp,
};
use sinpyo_proof::{KeyRing, Unverified, VerifiedStatusList};
use sinpyo_registry::{
    TrustedLog,
    accreditation::AccreditationProof,
    did_tlog::{ProvenDocument, ResolutionProof},
    heads::Recency,
};
use sinpyo_resolver::{FetchQuery, Resolution, resolve};
use sinpyo_tlog::{checkpoint::Checkpoint, merkle::TreeHead};
use sinpyo_verifier::{Fact, Known, Need};
use std::{collections::BTreeMap, fs, sync::Arc};

/// Where proofs come from. None of them is believed before it was checked.
pub(crate) trait Source {
    /// The log's proof of a document.
    fn document(&self, did: &Did, version: &VersionSelector) -> Result<Option<ResolutionProof>>;
    /// The log's proof about a right.
    fn accreditation(&self, subject: &Did, right: &Right) -> Result<Option<AccreditationProof>>;
    /// The only head of the log that proofs may be against; any, if the log itself is at hand.
    fn head(&self) -> Option<TreeHead>;
    /// How recent the log's proofs have to be at `now`.
    fn recency(&self, now: Timestamp) -> Recency<'_>;
    /// Whether the log is known to name a key that states what is newest.
    fn names_heads(&self) -> bool {
        false
    }
    /// A document that lives on a web server: what the server says today, and no evidence for another day.
    fn web_document(&self, _: FetchQuery, _: Timestamp) -> Option<Resolved> {
        None
    }
    /// A status list as its issuer published it.
    fn status_list(&self, uri: &str, issuer: &Did) -> Result<Option<Vec<u8>>>;
}

impl Source for Home {
    fn document(&self, did: &Did, version: &VersionSelector) -> Result<Option<ResolutionProof>> {
        self.registry()?.document(did, version)
    }

    fn accreditation(&self, subject: &Did, right: &Right) -> Result<Option<AccreditationProof>> {
        self.registry()?.accreditation(subject, right)
    }

    fn head(&self) -> Option<TreeHead> {
        None
    }

    fn recency(&self, now: Timestamp) -> Recency<'_> {
        self.demanded_recency(now)
    }

    fn names_heads(&self) -> bool {
        self.log_names_heads()
    }

    fn status_list(&self, uri: &str, issuer: &Did) -> Result<Option<Vec<u8>>> {
        let Ok(wire) = fs::read(issuing::published_at(self, uri)) else { return Ok(None) };
        // An edition that the ledger does not know as the newest is as good as none.
        Ok(issuing::is_newest(self, issuer, uri, &wire)?.then_some(wire))
    }
}

/// Nobody can be reached.
#[derive(Debug)]
pub(crate) struct Unreachable;

impl Source for Unreachable {
    fn document(&self, _: &Did, _: &VersionSelector) -> Result<Option<ResolutionProof>> {
        Ok(None)
    }

    fn accreditation(&self, _: &Did, _: &Right) -> Result<Option<AccreditationProof>> {
        Ok(None)
    }

    fn head(&self) -> Option<TreeHead> {
        None
    }

    fn recency(&self, _: Timestamp) -> Recency<'_> {
        Recency::default()
    }

    fn status_list(&self, _: &str, _: &Did) -> Result<Option<Vec<u8>>> {
        Ok(None)
    }
}

/// Turns proofs into facts and keeps both.
pub(crate) struct Facts<'a> {
    source: &'a dyn Source,
    trust: &'a dyn TrustedLog,
    recency: Recency<'a>,
    now: Timestamp,
    known: Vec<(Need, Known)>,
    documents: BTreeMap<(Did, VersionSelector), Option<Resolved>>,
    evidence: Evidence,
}

impl<'a> Facts<'a> {
    /// Facts from `source`, as far as the log that is trusted proves them, at `now`.
    pub(crate) fn new(source: &'a dyn Source, trust: &'a dyn TrustedLog, now: Timestamp) -> Self {
        Self {
            source,
            trust,
            recency: source.recency(now),
            now,
            known: Vec::new(),
            documents: BTreeMap::new(),
            evidence: Evidence::default(),
        }
    }

    /// The fact that `need` names; [`Fact::Unavailable`] if it cannot be had or is not proven.
    pub(crate) fn fetch(&mut self, need: &Need) -> Result<Known> {
        let key = cache_key(need);
        if let Some((_, known)) = self.known.iter().find(|(other, _)| *other == key) {
            return Ok(known.clone());
        }
        let fact = match need {
            Need::Document { did, version } => {
                let resolved = self.document(did, version)?;
                resolved
                    .map_or(Fact::Unavailable, |resolved| Fact::Document(Arc::new(KeyRing::of(&resolved))))
            }
            Need::Accreditation { subject, right, at } => self.accreditation(subject, right, *at)?,
            Need::StatusList { entry, issuer } => self
                .status_list(entry, issuer)?
                .map_or(Fact::Unavailable, |list| Fact::StatusList(Arc::new(list))),
            _ => Fact::Unavailable,
        };
        let known = Known { fact, as_of: self.now };
        self.known.push((key, known.clone()));
        Ok(known)
    }

    /// The document of `did`, if it can be had and is proven.
    pub(crate) fn document(&mut self, did: &Did, version: &VersionSelector) -> Result<Option<Resolved>> {
        let key = (did.clone(), version.clone());
        if let Some(known) = self.documents.get(&key) {
            return Ok(known.clone());
        }
        let resolved = self.prove_document(did, version)?;
        self.documents.insert(key, resolved.clone());
        Ok(resolved)
    }

    fn believed(&self) -> Believed<'_> {
        Believed { trust: self.trust, recency: &self.recency, heads: self.source.names_heads() }
    }

    fn prove_document(&mut self, did: &Did, version: &VersionSelector) -> Result<Option<Resolved>> {
        match resolve(did, version) {
            Ok(Resolution::Resolved(resolved)) => Ok(Some(resolved)),
            Ok(Resolution::Log(query)) => {
                let Some(proof) = self.source.document(did, version)? else { return Ok(None) };
                let proven = proven_document(&proof, self.believed(), (query.did(), query.version())).ok();
                let proven = proven.filter(|proven| self.is_current(proven.checkpoint()));
                self.evidence.documents.insert((did.clone(), version.clone()), proof);
                Ok(proven.map(ProvenDocument::into_resolved))
            }
            Ok(Resolution::Fetch(query)) => Ok(self.source.web_document(query, self.now)),
            Err(_) => Ok(None),
        }
    }

    /// Proofs against different heads of a log would let whoever made them choose the past that suits him.
    fn is_current(&self, checkpoint: &Checkpoint) -> bool {
        self.source.head().is_none_or(|head| head == checkpoint.head()) // [CLI-07]
    }

    /// The accreditation that gave the right, as a fact: proven to be there, proven to be missing, or unknown.
    fn accreditation(&mut self, subject: &Did, right: &Right, at: Timestamp) -> Result<Fact> {
        use sinpyo_registry::accreditation::LookupError;
        let Some(proof) = self.source.accreditation(subject, right)? else { return Ok(Fact::Unavailable) };
        let proven = proven_right(&proof, self.believed(), (subject, right), at);
        let fact = match proven {
            Ok(proven) if !self.is_current(proven.checkpoint()) => Fact::Unavailable,
            Ok(proven) => {
                let accreditation: Option<&Accreditation> = proven.chain().accreditation();
                Fact::Accreditation(accreditation.cloned().map(Arc::new))
            }
            Err(LookupError::NotAccredited | LookupError::NotInEffect | LookupError::BrokenChain) => {
                Fact::Accreditation(None)
            }
            Err(_) => Fact::Unavailable,
        };
        self.evidence.accreditations.insert((subject.clone(), right.clone()), proof);
        Ok(fact)
    }

    fn status_list(&mut self, entry: &StatusEntry, issuer: &Did) -> Result<Option<VerifiedStatusList>> {
        let Some(wire) = self.source.status_list(entry.list(), issuer)? else { return Ok(None) };
        let Some(current) = self.document(issuer, &VersionSelector::Latest)? else { return Ok(None) };
        let list = Unverified::<StatusList>::parse(&wire).ok();
        let list = list.and_then(|list| list.verify(entry, &KeyRing::of(&current), self.now).ok());
        self.evidence.status_lists.insert(entry.list().to_owned(), wire);
        Ok(list)
    }

    /// The proofs behind everything that was fetched.
    pub(crate) fn into_evidence(self) -> Evidence {
        self.evidence
    }
}

/// One list serves all of its entries.
fn cache_key(need: &Need) -> Need {
    let mut key = need.clone();
    if let Need::StatusList {
        entry: StatusEntry::Token { index, .. } | StatusEntry::Bitstring { index, .. },
        ..
    } = &mut key
    {
        *index = 0;
    }
    key
}
