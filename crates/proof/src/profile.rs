//! How what arrives is read.

use crate::data_integrity::Cryptosuite;
use sinpyo_core::vcdm;
use sinpyo_jose::Dates;
use sinpyo_jsonld::Contexts;
use std::{num::NonZeroUsize, sync::Arc};

/// How what arrives is read: which generations of formats, under which contexts, by whom signed.
///
/// The default is strict: final versions, bundled contexts, the issuer's own key.
#[derive(Clone, Debug)]
pub struct Profile {
    /// Which generations of formats are read.
    pub generation: Generation,
    /// The contexts that documents may name.
    pub contexts: Arc<Contexts>,
    /// Whether documents whose statements are signed may bring definitions of their own.
    pub inline_contexts: InlineContexts,
    /// Whose key must have signed.
    pub signed_by: SignedBy,
    /// Which Data Integrity proofs will do.
    pub proofs: ProofPolicy,
    /// Which half of a selective disclosure is due.
    pub disclosure: Disclosure,
}

/// Which half of a selective disclosure is due. Neither is ever taken for the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Disclosure {
    /// What a holder shows.
    #[default]
    Derived,
    /// What an issuer hands to the holder, secrets included.
    Base,
}

/// Which generations of formats a caller accepts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Generation {
    /// The final versions.
    #[default]
    Current,
    /// Also `typ: vc+sd-jwt` for SD-JWT VC, the W3C data model 1.1, `Ed25519Signature2020` and envelopes of
    /// `application/jwt`.
    Legacy,
}

/// What becomes of definitions that come with a document whose statements are signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum InlineContexts {
    /// Such a document is refused.
    #[default]
    Refused,
    /// They are used. Only for those who read the statements and not the members.
    Used,
}

/// Whose key must have signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum SignedBy {
    /// Whoever is named: a credential by its issuer, a presentation by its holder, to whom its credentials belong.
    #[default]
    Named,
    /// Anybody whose own document authorises the key; presentations need no signature at all, and the times of tokens may
    /// be text. What is signed so proves nothing about an issuer or a holder: for conformance suites, whose examples
    /// are made so.
    Anybody,
}

/// Which and how many of the Data Integrity proofs of one document must be there. Those that are counted must all
/// verify.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProofPolicy {
    /// Fewest proofs by different keys; if more than one, those of the issuer of a credential or the holder of a
    /// presentation (of anybody under [`SignedBy::Anybody`]).
    pub at_least: NonZeroUsize,
    /// Suites of which there must be a proof each, by the same.
    pub suites: Vec<Cryptosuite>,
    /// What becomes of proofs whose type or suite is not known.
    pub unknown: UnknownProofs,
}

/// What becomes of proofs whose type or suite is not known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum UnknownProofs {
    /// The document is refused.
    #[default]
    Refused,
    /// They do not count.
    PassedOver,
}

impl Default for ProofPolicy {
    fn default() -> Self {
        Self { at_least: NonZeroUsize::MIN, suites: Vec::new(), unknown: UnknownProofs::Refused }
    }
}

impl Default for Profile {
    fn default() -> Self {
        Self {
            generation: Generation::Current,
            contexts: Contexts::bundled(),
            inline_contexts: InlineContexts::Refused,
            signed_by: SignedBy::Named,
            proofs: ProofPolicy::default(),
            disclosure: Disclosure::Derived,
        }
    }
}

impl Profile {
    /// Strict, and the earlier generation of formats too.
    pub fn legacy() -> Self {
        Self { generation: Generation::Legacy, ..Self::default() }
    }

    /// What conformance suites expect of a verifier. Not for real credentials: anybody may sign for an issuer.
    pub fn conformance() -> Self {
        Self {
            generation: Generation::Legacy,
            inline_contexts: InlineContexts::Used,
            signed_by: SignedBy::Anybody,
            ..Self::default()
        }
    }

    pub(crate) const fn reads_legacy(&self) -> bool {
        matches!(self.generation, Generation::Legacy)
    }

    pub(crate) const fn dates(&self) -> Dates {
        match self.signed_by {
            SignedBy::Named => Dates::Numbers,
            SignedBy::Anybody => Dates::NumbersOrText,
        }
    }

    pub(crate) const fn data_model(&self) -> vcdm::Version {
        match self.generation {
            Generation::Current => vcdm::Version::V2,
            Generation::Legacy => vcdm::Version::V2OrV1,
        }
    }
}
