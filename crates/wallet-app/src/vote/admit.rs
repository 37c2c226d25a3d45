//! The credential of a voter: asked for with a key of the wallet, verified, held, and never shown at the ballot box.

use super::VoteFlowError;
use crate::{
    flow::World,
    need::{Found, Need},
};
use serde_json::Value;
use sinpyo_core::{
    Secret,
    credential::{Credential, CredentialType},
    did::KeyId,
    json,
    jwk::PublicJwk,
    key::SignError,
    resolved::VersionSelector,
};
use sinpyo_proof::{KeyRing, Unverified};
use sinpyo_voting::{
    form::to_hex,
    voter::{Holder, Voter},
};
use sinpyo_wallet::{Received, Wallet};
use std::sync::Arc;

/// The type of the credential.
const KIND: &str = "urn:sinpyo:credential:VoterEligibilityCredential";

#[expect(clippy::expect_used, reason = "a constant that is a type's name")]
pub(super) fn kind() -> CredentialType {
    KIND.parse().expect("a type of credential")
}

/// A key of the wallet to which nothing is bound yet.
pub(super) struct WalletKey<'w> {
    pub(super) wallet: &'w Wallet,
    pub(super) key: &'w PublicJwk,
}

impl Holder for WalletKey<'_> {
    fn public(&self) -> &PublicJwk {
        self.key
    }

    fn sign(&self, message: &[u8]) -> Result<Box<[u8]>, SignError> {
        self.wallet.prove(self.key, message).map_err(|_| SignError)
    }
}

/// A key that the registrar is to bind a credential to, and the credential once it came: kept beside the voter's record
/// until the wallet holds it or refuses it. [WAP-28]
#[derive(Debug)]
pub(super) struct Waiting {
    key: PublicJwk,
    credential: Option<Secret<String>>,
}

impl Waiting {
    pub(super) const fn new(key: PublicJwk) -> Self {
        Self { key, credential: None }
    }

    pub(super) const fn key(&self) -> &PublicJwk {
        &self.key
    }

    pub(super) fn came(&mut self, credential: String) {
        self.credential = Some(Secret::new(credential));
    }

    pub(super) const fn has_come(&self) -> bool {
        self.credential.is_some()
    }

    /// As text for the sealed wallet: the public key, and the credential in the next line.
    pub(super) fn write(&self) -> Secret<String> {
        let mut text = Value::Object(self.key.members().clone()).to_string();
        if let Some(credential) = &self.credential {
            text.push('\n');
            text.push_str(credential.expose());
        }
        Secret::new(text)
    }

    /// What [`Waiting::write`] wrote.
    pub(super) fn read(text: &Secret<String>) -> Option<Self> {
        let (key, credential) = match text.expose().split_once('\n') {
            Some((key, credential)) => (key, Some(Secret::new(credential.to_owned()))),
            None => (text.expose().as_str(), None),
        };
        let key = PublicJwk::from_members(json::parse_object(key.as_bytes()).ok()?).ok()?;
        Some(Self { key, credential })
    }

    /// The document of whoever issued the credential.
    pub(super) fn need(&self) -> Result<Need, VoteFlowError> {
        let hint =
            Unverified::<Credential>::parse(self.wire()?).map_err(sinpyo_wallet::ReceiveError::from)?;
        let hint = hint.hint();
        let did = hint.claimed_key().map(KeyId::did).ok_or(VoteFlowError::UnknownIssuer)?;
        Ok(Need::Document { did, version: VersionSelector::Latest })
    }

    /// Verifies the credential and holds it, if it is about this voter. [WAP-25]
    pub(super) fn hold(
        &self,
        found: Found,
        voter: &Voter,
        world: &mut World<'_>,
    ) -> Result<(), VoteFlowError> {
        let Found::Document(document) = found else { return Err(VoteFlowError::UnknownIssuer) };
        let mut keys = KeyRing::new();
        keys.trust_certificates(Arc::clone(&world.rules.issuer_roots));
        keys.add(&document);
        let received = Received::verify(self.wire()?, &keys, world.now)?;
        let claims = received.credential().claims();
        let says =
            |name: &str, value: String| claims.get(name).and_then(|said| said.as_str()) == Some(&value);
        let is_own = received.credential().types().first() == Some(&kind())
            && says("election", to_hex(&voter.place().election().0))
            && voter.slot().is_some_and(|slot| says("slot", to_hex(slot)));
        if !is_own {
            return Err(VoteFlowError::OtherCredential); // [WAP-25]
        }
        world.wallet.hold(received, Vec::new())?;
        Ok(())
    }

    fn wire(&self) -> Result<&[u8], VoteFlowError> {
        let wire = self.credential.as_ref().ok_or(VoteFlowError::OutOfOrder)?;
        Ok(wire.expose().as_bytes())
    }
}
