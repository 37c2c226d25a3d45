//! Proof sets and chains: every proof of a document, under one policy [VC-DI §4.4].

use super::{
    Cryptosuite, Expected, ProofOptions, VerifyProofError, context, policy,
    proof::{Proof, suite_of},
    rdf::{self, CanonicalError},
    suite::{Digest, Transformation},
    wording,
    work::{MAX_TEXTS, Work},
};
use crate::{
    check::{self, Begun, Checked, Signature},
    keys::{KeyError, KeyRing},
    profile::{Disclosure, Profile, UnknownProofs},
    verified::Verified,
};
use serde_json::{Map, Value};
use sinpyo_core::{did::KeyId, jcs};
use sinpyo_crypto::{VerifyingKey, hash::sha256};
use sinpyo_jsonld::Contexts;
use sinpyo_selective::{Unsecured, bbs2023, ecdsa_sd};

/// Most proofs that one document may carry.
pub const MAX_PROOFS: usize = 16;

/// A document every one of whose counted proofs was verified.
///
/// Debug output names the members of the document and shows no value.
pub struct SecuredSet {
    /// The document without its proofs. Its `@context` is one that every signer signed.
    pub document: Map<String, Value>,
    /// Who signed it, in the order of the proofs; at least one.
    pub signers: Vec<ProofSigner>,
}

/// One verified proof.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProofSigner {
    /// The verification method that it named.
    pub key_id: KeyId,
    /// What it said.
    pub options: ProofOptions,
    /// How it was made.
    pub suite: Cryptosuite,
    /// What the holder bound a `bbs-2023` proof to; fresh only if the verifier finds its own challenge in it.
    pub presentation_header: Option<Vec<u8>>,
}

impl std::fmt::Debug for SecuredSet {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SecuredSet")
            .field("document", &self.document.keys().collect::<Vec<_>>())
            .field("signers", &self.signers)
            .finish()
    }
}

/// The verification methods that the proofs of `secured` claim to be made with: hints for finding keys, no facts.
///
/// Proofs that name none are passed over here.
pub fn claimed_keys(secured: &Map<String, Value>) -> Vec<KeyId> {
    let proofs = match secured.get("proof") {
        Some(Value::Array(proofs)) => proofs.as_slice(),
        Some(one) => std::slice::from_ref(one),
        None => &[],
    };
    let method = |name| move |proof: &Value| proof.get(name)?.as_str()?.parse().ok();
    let first = proofs.iter().take(MAX_PROOFS).filter_map(method("verificationMethod"));
    first.chain(proofs.iter().take(MAX_PROOFS).filter_map(method(super::hybrid::SECOND_METHOD))).collect()
}

/// Verifies the proofs of `secured`, each with a key that its controller's document in `keys` authorises for the
/// purpose; `profile` says which suites, contexts and proofs will do.
///
/// # Errors
/// The rule that a proof, or the set of them, breaks.
pub fn verify_set(
    secured: Map<String, Value>,
    keys: &KeyRing,
    expected: &Expected<'_>,
    profile: &Profile,
) -> Result<Verified<SecuredSet>, ProofSetError> {
    verify_within(secured, keys, expected, profile, &mut Work::new())
}

/// As [`verify_set`], where `work` is shared with other documents.
pub(crate) fn verify_within(
    secured: Map<String, Value>,
    keys: &KeyRing,
    expected: &Expected<'_>,
    profile: &Profile,
    work: &mut Work,
) -> Result<Verified<SecuredSet>, ProofSetError> {
    let opening = begin(secured, keys, expected, profile, work)?;
    let checked = check::each(&opening).map_err(|_| VerifyProofError::Signature)?; // [DI-10]
    Ok(Verified::assert(opening.conclude(checked), expected.now))
}

/// A document whose proofs were taken apart and whose signatures are to be checked.
pub(crate) struct Opening<'k> {
    document: Map<String, Value>,
    signers: Vec<ProofSigner>,
    signatures: Vec<Owed<'k>>,
}

/// A signature that remains to be checked.
struct Owed<'k> {
    key: &'k VerifyingKey,
    message: Vec<u8>,
    signature: Vec<u8>,
}

impl Owed<'_> {
    fn borrow(&self) -> Signature<'_> {
        Signature { key: self.key, message: &self.message, proof: &self.signature }
    }
}

impl Begun for Opening<'_> {
    fn signatures(&self) -> Vec<Signature<'_>> {
        self.signatures.iter().map(Owed::borrow).collect()
    }
}

impl Opening<'_> {
    pub(crate) fn conclude(self, _: Checked) -> SecuredSet {
        SecuredSet { document: self.document, signers: self.signers }
    }
}

/// Takes the proofs of `secured` apart and computes what must have been signed.
///
/// Proofs of selective disclosure are verified here: they are no single signature.
pub(crate) fn begin<'k>(
    mut secured: Map<String, Value>,
    keys: &'k KeyRing,
    expected: &Expected<'_>,
    profile: &Profile,
    work: &mut Work,
) -> Result<Opening<'k>, ProofSetError> {
    let written = take_proofs(&mut secured)?;
    let chained = written.iter().any(|proof| proof.contains_key("previousProof"));
    let named = if chained { written.clone() } else { Vec::new() };
    let mut proofs = Vec::with_capacity(written.len());
    for proof in written {
        proofs.extend(parse(proof, profile)?);
    }
    policy::check(&proofs, &secured, (keys, expected.purpose), profile)?;
    if proofs.iter().any(|proof| proof.suite.transformation() != Transformation::Jcs) {
        wording::check(&secured, profile.inline_contexts)?;
        work.document()?;
    }
    let mut reader = Reader {
        document: &secured,
        named,
        keys,
        expected,
        profile,
        work,
        texts: 0,
        statements: Vec::new(),
        owed: Vec::new(),
    };
    for proof in &proofs {
        context::continues_signed(&secured, &proof.members)?;
        reader.previous(proof)?;
    }
    context::is_common(&secured, proofs.iter().map(|proof| (proof.suite.transformation(), &proof.members)))?;
    let headers: Vec<_> = proofs.iter().map(|proof| reader.read(proof)).collect::<Result<_, _>>()?;
    let signatures = reader.owed;
    if let Some(proof) = proofs.iter().find(|proof| proof.suite.transformation() == Transformation::Jcs) {
        context::take_signed(&mut secured, &proof.members);
    }
    let signer = |(Proof { key_id, options, suite, .. }, presentation_header)| ProofSigner {
        key_id,
        options,
        suite,
        presentation_header,
    };
    let signers = proofs.into_iter().zip(headers).map(signer).collect();
    Ok(Opening { document: secured, signers, signatures })
}

fn take_proofs(secured: &mut Map<String, Value>) -> Result<Vec<Map<String, Value>>, ProofSetError> {
    let proofs = match secured.remove("proof") {
        Some(Value::Object(proof)) => return Ok(vec![proof]),
        Some(Value::Array(proofs)) => proofs,
        _ => return Err(VerifyProofError::Member("proof").into()), // [DI-01]
    };
    if proofs.len() > MAX_PROOFS {
        return Err(ProofSetError::TooMany); // [DI-15]
    }
    let object = |proof| match proof {
        Value::Object(proof) => Ok(proof),
        _ => Err(VerifyProofError::Member("proof").into()), // [DI-01]
    };
    proofs.into_iter().map(object).collect()
}

/// The proof taken apart; none if the policy passes over what it does not know.
fn parse(proof: Map<String, Value>, profile: &Profile) -> Result<Option<Proof>, ProofSetError> {
    let known = match suite_of(&proof) {
        Ok(Cryptosuite::Ed25519Signature2020) if !profile.reads_legacy() => {
            Err(VerifyProofError::Cryptosuite)
        } // [DI-02]
        other => other,
    };
    match (known, profile.proofs.unknown) {
        (Ok(_), _) => Ok(Some(Proof::parse(proof)?)),
        (Err(_), UnknownProofs::PassedOver) => Ok(None),
        (Err(error), UnknownProofs::Refused) => Err(error.into()),
    }
}

/// Reads the proofs of one document.
struct Reader<'a, 'k> {
    document: &'a Map<String, Value>,
    /// The proofs as written, if one of them names another.
    named: Vec<Map<String, Value>>,
    keys: &'k KeyRing,
    expected: &'a Expected<'a>,
    profile: &'a Profile,
    work: &'a mut Work,
    /// How many texts were computed from statements.
    texts: usize,
    /// Canonical statements of the document, by hash and by the proofs included.
    statements: Vec<(Digest, Vec<String>, String)>,
    owed: Vec<Owed<'k>>,
}

impl<'k> Reader<'_, 'k> {
    fn read(&mut self, proof: &Proof) -> Result<Option<Vec<u8>>, ProofSetError> {
        self.expected.check(&proof.options)?;
        match (proof.suite.transformation(), proof.suite) {
            (Transformation::Jcs, Cryptosuite::Ed25519MlDsa44Jcs2026) => self.read_hybrid(proof)?,
            (Transformation::Jcs, _) => {
                let key = self.key(proof)?;
                let message = self.json_message(proof, Digest::of(key.algorithm()))?;
                self.owed.push(Owed { key, message, signature: proof.signature()? });
            }
            (Transformation::Rdfc, _) => {
                let key = self.key(proof)?;
                let signature = proof.signature()?;
                let message = self.statement_message(proof, Digest::of(key.algorithm()))?;
                self.owed.push(Owed { key, message, signature });
            }
            (Transformation::Selective, suite) => return self.verify_selective(proof, suite),
        }
        Ok(None)
    }

    /// The key that the proof names first.
    fn key(&self, proof: &Proof) -> Result<&'k VerifyingKey, ProofSetError> {
        let key = self.keys.authorised_key(&proof.key_id, self.expected.purpose)?;
        if proof.suite.fits(key.algorithm()) { Ok(key) } else { Err(VerifyProofError::Cryptosuite.into()) } // [DI-02]
    }

    fn read_hybrid(&mut self, proof: &Proof) -> Result<(), ProofSetError> {
        let first = self.key(proof)?;
        let second = super::hybrid::second_method(proof)?;
        let second = self.keys.authorised_key(&second, self.expected.purpose)?;
        let [classical, post_quantum] = super::hybrid::split(proof, second)?;
        let message = self.json_message(proof, Digest::Sha256)?;
        self.owed.push(Owed { key: first, message: message.clone(), signature: classical });
        self.owed.push(Owed { key: second, message, signature: post_quantum });
        Ok(())
    }

    fn json_message(&self, proof: &Proof, digest: Digest) -> Result<Vec<u8>, ProofSetError> {
        let options = jcs::canonicalize_object(&proof.members);
        let signed = proof.members.get("@context");
        let whole = signed.is_none_or(|signed| self.document.get("@context") == Some(signed));
        if whole && proof.options.previous.is_empty() {
            return Ok(digest.of_both(&options, &jcs::canonicalize_object(self.document)));
        }
        let mut document = self.with_previous(proof)?;
        context::take_signed(&mut document, &proof.members);
        Ok(digest.of_both(&options, &jcs::canonicalize_object(&document)))
    }

    fn statement_message(&mut self, proof: &Proof, digest: Digest) -> Result<Vec<u8>, ProofSetError> {
        let contexts: &Contexts = &self.profile.contexts;
        let options = self.option_statements(proof, digest)?;
        let previous = &proof.options.previous;
        let known = |(hash, with, _): &&(Digest, Vec<String>, String)| *hash == digest && with == previous;
        if let Some((_, _, statements)) = self.statements.iter().find(known) {
            return Ok(digest.of_both(options.as_bytes(), statements.as_bytes()));
        }
        self.another_text()?;
        let statements = if previous.is_empty() {
            rdf::statements_within(self.document, digest, contexts, self.work)?
        } else {
            rdf::statements_within(&self.with_previous(proof)?, digest, contexts, self.work)?
        };
        let message = digest.of_both(options.as_bytes(), statements.as_bytes());
        self.statements.push((digest, previous.clone(), statements));
        Ok(message)
    }

    /// Counts a text that is to be computed from statements, once all that came before it was signed: of those whose
    /// signatures do not hold, an attacker can make any number.
    fn another_text(&mut self) -> Result<(), ProofSetError> {
        self.texts += 1;
        if self.texts > MAX_TEXTS {
            return Err(ProofSetError::TooMuchWork); // [DI-19]
        }
        for owed in self.owed.drain(..) {
            check::one(owed.borrow()).map_err(|_| VerifyProofError::Signature)?; // [DI-10]
        }
        Ok(())
    }

    fn option_statements(&self, proof: &Proof, digest: Digest) -> Result<String, CanonicalError> {
        let context = self.document.get("@context");
        rdf::option_statements(&proof.members, context, digest, &self.profile.contexts)
    }

    fn verify_selective(
        &mut self,
        proof: &Proof,
        suite: Cryptosuite,
    ) -> Result<Option<Vec<u8>>, ProofSetError> {
        if !proof.options.previous.is_empty() {
            return Err(VerifyProofError::Unsupported("previousProof under selective disclosure").into()); // [DI-11]
        }
        self.another_text()?;
        self.work.disclosed(self.document, &proof.value)?;
        let contexts: &Contexts = &self.profile.contexts;
        let proof_hash = sha256(self.option_statements(proof, Digest::Sha256)?.as_bytes());
        let unsecured = Unsecured { document: self.document, proof_hash, contexts };
        let key = |keys: &'k KeyRing| keys.authorised_bbs_key(&proof.key_id, self.expected.purpose);
        let header = match (suite, self.profile.disclosure) {
            (Cryptosuite::Bbs2023, Disclosure::Derived) => {
                let presented = bbs2023::verify(&unsecured, &proof.value, key(self.keys)?);
                Some(presented.map_err(ProofSetError::Selective)?.header)
            }
            (Cryptosuite::Bbs2023, Disclosure::Base) => {
                let proven = bbs2023::verify_base(&unsecured, &proof.value, key(self.keys)?);
                proven.map(|_| None).map_err(ProofSetError::Selective)?
            }
            (_, Disclosure::Derived) => {
                let proven = ecdsa_sd::verify(&unsecured, &proof.value, self.key(proof)?);
                proven.map(|_| None).map_err(ProofSetError::Selective)?
            }
            (_, Disclosure::Base) => {
                let proven = ecdsa_sd::verify_base(&unsecured, &proof.value, self.key(proof)?);
                proven.map(|_| None).map_err(ProofSetError::Selective)?
            }
        };
        Ok(header)
    }

    /// The proofs that `proof` vouches for.
    fn previous(&self, proof: &Proof) -> Result<Vec<&Map<String, Value>>, ProofSetError> {
        let find = |name: &String| {
            let mut named =
                self.named.iter().filter(|proof| proof.get("id").and_then(Value::as_str) == Some(name));
            match (named.next(), named.next()) {
                (Some(one), None) => Ok(one),
                // None, or two between which an attacker could choose.
                _ => Err(ProofSetError::PreviousProof), // [DI-12]
            }
        };
        proof.options.previous.iter().map(find).collect()
    }

    /// The document with the proofs that `proof` vouches for [VC-DI §4.4].
    fn with_previous(&self, proof: &Proof) -> Result<Map<String, Value>, ProofSetError> {
        let mut document = self.document.clone();
        let previous = self.previous(proof)?;
        if !previous.is_empty() {
            let previous = previous.into_iter().cloned().map(Value::Object).collect();
            document.insert("proof".to_owned(), Value::Array(previous));
        }
        Ok(document)
    }
}

/// Why the proofs of a document do not do.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ProofSetError {
    /// A proof does not verify.
    #[error(transparent)]
    Proof(#[from] VerifyProofError),
    /// The key of a proof cannot be used.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The document has no canonical statements.
    #[error(transparent)]
    Canonical(#[from] CanonicalError),
    /// A proof of selective disclosure does not verify.
    #[error(transparent)]
    Selective(sinpyo_selective::VerifyError),
    /// DI-12: a proof vouches for one that is not there, or there twice.
    #[error("the proof refers to a previous proof that the document does not hold exactly once")]
    PreviousProof,
    /// DI-13: a proof over statements under definitions that came with the document.
    #[error("the document defines its own terms")]
    InlineContext,
    /// DI-14: fewer proofs by different keys of its issuer or holder than the policy demands.
    #[error("the document has fewer proofs by its issuer or holder than the policy demands")]
    TooFew,
    /// DI-14: no proof of a suite that the policy demands.
    #[error("the document has no proof of the suite {0}, which the policy demands")]
    Missing(Cryptosuite),
    /// DI-15: more than 16 proofs.
    #[error("the document carries more than 16 proofs")]
    TooMany,
    /// DI-16: a hybrid proof that is not one signature by each of two keys of one controller.
    #[error("the hybrid proof is not one signature by each of two keys of one controller")]
    Hybrid,
    /// DI-17: a document over statements that is not written in terms.
    #[error("the document writes a signed statement in a way in which it is not looked for")]
    Wording,
    /// DI-19: more to compute than any document needs.
    #[error("the proofs take more work than any document needs")]
    TooMuchWork,
}

impl ProofSetError {
    /// The rule that was broken, as in `spec/checks/di.toml` and those of the parts.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Proof(error) => error.code(),
            Self::Key(error) => error.code(),
            Self::Canonical(error) => error.code(),
            Self::Selective(error) => error.code(),
            Self::PreviousProof => "DI-12",
            Self::InlineContext => "DI-13",
            Self::TooFew | Self::Missing(_) => "DI-14",
            Self::TooMany => "DI-15",
            Self::Hybrid => "DI-16",
            Self::Wording => "DI-17",
            Self::TooMuchWork => "DI-19",
        }
    }
}
