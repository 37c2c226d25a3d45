//! Issuing credentials.

use super::{
    Format, Issued, Issuer, Order, Recipient,
    order::{check_status, holder, times},
};
use crate::{Disclosure, Profile, StatementError, statement};
use serde_json::{Map, Value};
use sinpyo_core::{
    claims::ClaimPath,
    credential::{Credential, CredentialType, Holder, Validity},
    encoding::to_base64url,
    key::{Entropy, Signer},
    time::{Date, Timestamp},
};
use sinpyo_proof::{
    IssueError as SecureError, SignError, Signatory, mdoc,
    sd_jwt::{Concealment, Decoys, DigestAlgorithm},
    sd_jwt_vc, vc_di, vc_jwt,
};
use std::{collections::BTreeSet, num::NonZeroUsize};

/// Gives every claim a meaning for readers that expand JSON-LD, as the W3C publishes it [VCDM 2.0 §B.2].
pub(crate) const CLAIMS_CONTEXT: &str = "https://www.w3.org/ns/credentials/undefined-terms/v2";

impl<S: Signer> Issuer<S> {
    /// Issues one credential.
    ///
    /// # Errors
    /// The rule that the order breaks. Nothing was signed then.
    pub fn issue(
        &self,
        order: &Order<'_>,
        recipient: &Recipient,
        now: Timestamp,
        entropy: &mut dyn Entropy,
    ) -> Result<Issued, IssueError> {
        let content = self.content(order, now)?;
        let recipient = self.check(recipient, order.profile)?;
        self.secure(&content, recipient, entropy)
    }

    /// Issues one copy for each recipient. Two copies have no salt, hash, key or status entry in common, so that
    /// verifiers who compare theirs find nothing but the claims they were shown.
    ///
    /// # Errors
    /// The rule that the order breaks. Nothing was signed then, unless the signer itself refused.
    pub fn issue_batch(
        &self,
        order: &Order<'_>,
        recipients: &[Recipient],
        now: Timestamp,
        entropy: &mut dyn Entropy,
    ) -> Result<Vec<Issued>, IssueError> {
        let content = self.content(order, now)?;
        let check = |recipient| self.check(recipient, order.profile);
        let recipients: Vec<_> = recipients.iter().map(check).collect::<Result<_, _>>()?;
        if shares_something(&recipients) {
            return Err(IssueError::Linked); // [ISS-15] [VCI-CRS-04]
        }
        recipients.into_iter().map(|recipient| self.secure(&content, recipient, entropy)).collect()
    }

    fn content<'a>(&self, order: &Order<'a>, now: Timestamp) -> Result<Content<'a>, IssueError> {
        let validity = times(order, &self.options, self.floor, now)?;
        let certificate = match self.options.format {
            Format::SdJwtVc => self.by_url(),
            _ => self.by_certificate(),
        };
        if certificate.is_some_and(|signatory| now > signatory.chain.not_after()) {
            return Err(IssueError::Certificate); // [ISS-31]
        }
        if self.options.format == Format::Mdoc {
            if order.profile.mdoc().is_none() {
                return Err(IssueError::NoSuchForm); // [ISS-30]
            }
            if validity.until.is_none() {
                return Err(IssueError::End); // [ISS-12]
            }
        }
        let claims = statement::state(order.profile, order.claims, Date::in_korea(now))?;
        Ok(Content { profile: order.profile, claims, validity })
    }

    fn check(&self, recipient: &Recipient, profile: &Profile) -> Result<Recipient, IssueError> {
        check_status(profile.status(), self.options.format, &recipient.status)?;
        let holder = holder(&recipient.holder, self.options.format, &self.key)?;
        if holder == Holder::Bearer && concealable(profile).next().is_some() {
            // Whoever copied it could show it as its own.
            return Err(IssueError::Holder); // [ISS-14]
        }
        Ok(Recipient { holder, status: recipient.status.clone() })
    }

    fn secure(
        &self,
        content: &Content<'_>,
        recipient: Recipient,
        entropy: &mut dyn Entropy,
    ) -> Result<Issued, IssueError> {
        match self.options.format {
            Format::SdJwtVc => self.sd_jwt_vc(content, recipient, entropy),
            Format::Mdoc => self.mdoc(content, recipient, entropy),
            Format::VcJwt | Format::DataIntegrity | Format::DataIntegrityStatements => {
                self.w3c(content, recipient)
            }
        }
    }

    fn sd_jwt_vc(
        &self,
        content: &Content<'_>,
        recipient: Recipient,
        entropy: &mut dyn Entropy,
    ) -> Result<Issued, IssueError> {
        let kind = content.profile.credential_type();
        let credential = self.credential(content, kind, recipient, content.claims.clone());
        let selective = content.paths(|class| class != Disclosure::Always);
        let concealment = Concealment {
            selective: &selective,
            decoys: self.decoys(content.profile),
            algorithm: DigestAlgorithm::Sha256,
        };
        let prepared = match self.by_url() {
            Some(signatory) => sd_jwt_vc::prepare_certified(&credential, &concealment, signatory, entropy)?,
            // Readers of `x5c` expect an `https` URL or nothing in `iss`, never a DID. [ISS-32]
            None => sd_jwt_vc::prepare(&credential, &concealment, self.signatory(), entropy)?,
        };
        let wire = prepared.sign(&self.signer).map_err(SecureError::from)?;
        Ok(Issued { wire, held: content.paths(|class| class == Disclosure::Held) })
    }

    fn mdoc(
        &self,
        content: &Content<'_>,
        recipient: Recipient,
        entropy: &mut dyn Entropy,
    ) -> Result<Issued, IssueError> {
        let (Some(form), Some(signatory)) = (content.profile.mdoc(), self.by_certificate()) else {
            return Err(IssueError::NoSuchForm); // [ISS-30]
        };
        let claims = form.elements(&content.claims);
        let credential = self.credential(content, form.doc_type(), recipient, claims);
        let written = |claim: &str| form.written(content.profile, claim);
        let prepared = mdoc::prepare(&credential, |name| written(name.identifier), signatory, entropy)?;
        let signed = prepared.sign(&self.signer).map_err(SecureError::from)?;
        let held =
            content.profile.claims().iter().filter(|claim| {
                claim.disclosure == Disclosure::Held && content.claims.contains_key(&claim.name)
            });
        let held = held.map(|claim| form.path(&claim.name)).collect();
        Ok(Issued { wire: to_base64url(&signed.to_bytes()), held })
    }

    fn w3c(&self, content: &Content<'_>, recipient: Recipient) -> Result<Issued, IssueError> {
        let kind = content.profile.credential_type();
        let credential = self.credential(content, kind, recipient, content.shown());
        let signer: (&dyn Signer, _) = (&self.signer, &self.key);
        let secured = match self.options.format {
            Format::VcJwt => {
                let wire = vc_jwt::issue(&credential, &[CLAIMS_CONTEXT], signer)?;
                return Ok(Issued { wire, held: Vec::new() });
            }
            Format::DataIntegrityStatements => {
                let prepared = vc_di::prepare_statements(&credential, &[CLAIMS_CONTEXT], self.signatory())?;
                let signature = self.signer.sign(prepared.signing_input()).map_err(SignError::from);
                prepared.attach(&signature.map_err(SecureError::from)?).map_err(SecureError::from)?
            }
            _ => vc_di::issue(&credential, &[CLAIMS_CONTEXT], signer)?,
        };
        Ok(Issued { wire: Value::Object(secured).to_string(), held: Vec::new() })
    }

    pub(super) fn signatory(&self) -> Signatory<'_> {
        Signatory { key_id: self.signer.key_id(), key: &self.key }
    }

    fn credential(
        &self,
        content: &Content<'_>,
        kind: &CredentialType,
        recipient: Recipient,
        claims: Map<String, Value>,
    ) -> Credential {
        let mut credential = Credential::builder(kind.clone(), self.name())
            .holder(recipient.holder)
            .valid(content.validity)
            .claims(claims);
        if let Some(issued_at) = content.validity.from {
            credential = credential.issued_at(issued_at);
        }
        for entry in recipient.status {
            credential = credential.status(entry);
        }
        credential.build()
    }

    /// As many hashes as the profile has claims to hide, whichever of them this credential states.
    fn decoys(&self, profile: &Profile) -> Decoys {
        let hidden = concealable(profile).count().next_multiple_of(self.options.digest_unit.get());
        NonZeroUsize::new(hidden).map_or(Decoys::None, Decoys::FillTo) // [ISS-17]
    }
}

/// What all copies of an order have in common.
struct Content<'a> {
    profile: &'a Profile,
    claims: Map<String, Value>,
    validity: Validity,
}

impl Content<'_> {
    fn disclosure(&self, claim: &str) -> Disclosure {
        // Statements hold claims of the profile only; what it does not know would stay hidden.
        self.profile.claim(claim).map_or(Disclosure::Held, |spec| spec.disclosure)
    }

    /// The claims of the classes that `wanted` accepts.
    fn paths(&self, wanted: impl Fn(Disclosure) -> bool) -> Vec<ClaimPath> {
        let names = self.claims.keys().filter(|name| wanted(self.disclosure(name)));
        names.map(|name| ClaimPath::name(name)).collect()
    }

    /// The claims that may stand where everybody reads them.
    fn shown(&self) -> Map<String, Value> {
        let shown = self.claims.iter().filter(|(name, _)| self.disclosure(name) != Disclosure::Held); // [ISS-16]
        shown.map(|(name, value)| (name.clone(), value.clone())).collect()
    }
}

fn concealable(profile: &Profile) -> impl Iterator<Item = &crate::ClaimSpec> {
    profile.claims().iter().filter(|claim| claim.disclosure != Disclosure::Always)
}

/// Whether two recipients have a holder or a status entry in common.
fn shares_something(recipients: &[Recipient]) -> bool {
    let (mut holders, mut entries) = (BTreeSet::new(), BTreeSet::new());
    recipients.iter().any(|recipient| {
        let fresh = match &recipient.holder {
            Holder::Key(jwk) => holders.insert(Value::from(jwk.members().clone()).to_string()),
            Holder::Did(did) => holders.insert(did.to_string()),
            Holder::Bearer => true,
        };
        !fresh || !recipient.status.iter().all(|entry| entries.insert((entry.list(), entry.index())))
    })
}

/// Why a credential was not issued. Names claims, never their values.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum IssueError {
    /// The claims do not make a credential of the profile.
    #[error(transparent)]
    Statement(#[from] StatementError),
    /// ISS-11: by the ledger's time the issuer's document or accreditation begins later than now.
    #[error("the clock is behind the ledger time of the issuer's document or accreditation")]
    ClockBehind,
    /// ISS-12: the end is missing, past, or later than the profile allows.
    #[error("the end of the validity is missing, past, or later than the profile allows")]
    End,
    /// ISS-13: not the status entries that the profile and the format require.
    #[error("the status entries are not those that the profile and the format require")]
    Status,
    /// ISS-14: the holder's key is unsound, or the format has no form for such a holder.
    #[error("the credential cannot be bound to this holder")]
    Holder,
    /// ISS-15: two copies of a batch share a key or a status entry.
    #[error("two copies of the batch share a key or a status entry")]
    Linked,
    /// ISS-30: the profile does not say how its credentials are mobile documents.
    #[error("the profile has no form as a mobile document")]
    NoSuchForm,
    /// ISS-31: the certificate of the issuer has expired.
    #[error("the certificate of the issuer has expired")]
    Certificate,
    /// It could not be brought into its format or signed.
    #[error(transparent)]
    Secure(#[from] SecureError),
}

impl IssueError {
    /// The rule that was broken, as in `spec/checks/iss.toml` or, for what the format forbids, in that of the format.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Statement(error) => error.code(),
            Self::ClockBehind => "ISS-11",
            Self::End => "ISS-12",
            Self::Status => "ISS-13",
            Self::Holder => "ISS-14",
            Self::Linked => "ISS-15",
            Self::NoSuchForm => "ISS-30",
            Self::Certificate => "ISS-31",
            Self::Secure(error) => error.code(),
        }
    }
}
