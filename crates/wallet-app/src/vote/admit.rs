//! The credential of a voter: asked for with a key of the wallet, verified, held, and never shown at the ballot box.

use super::VoteFlowError;
use crate::{
    flow::World,
    need::{Found, Need},
};
use sinpyo_core::{
    credential::{Credential, CredentialType},
    did::KeyId,
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

/// A credential that came and is not verified yet.
#[derive(Debug)]
pub(super) struct Admitting {
    wire: Option<String>,
}

impl Admitting {
    pub(super) const fn new(wire: String) -> Self {
        Self { wire: Some(wire) }
    }

    /// The issuer's document; nothing once the credential is held.
    pub(super) fn need(&self) -> Result<Option<Need>, VoteFlowError> {
        let Some(wire) = &self.wire else { return Ok(None) };
        let hint =
            Unverified::<Credential>::parse(wire.as_bytes()).map_err(sinpyo_wallet::ReceiveError::from)?;
        let hint = hint.hint();
        let did = hint.claimed_key().map(KeyId::did).ok_or(VoteFlowError::UnknownIssuer)?;
        Ok(Some(Need::Document { did, version: VersionSelector::Latest }))
    }

    /// Verifies it and holds it, if it is about this voter. [WAP-25]
    pub(super) fn hold(
        &mut self,
        found: Found,
        voter: &Voter,
        world: &mut World<'_>,
    ) -> Result<(), VoteFlowError> {
        let Found::Document(document) = found else { return Err(VoteFlowError::UnknownIssuer) };
        let wire = self.wire.take().ok_or(VoteFlowError::OutOfOrder)?;
        let mut keys = KeyRing::new();
        keys.trust_certificates(Arc::clone(&world.rules.issuer_roots));
        keys.add(&document);
        let received = Received::verify(wire.as_bytes(), &keys, world.now)?;
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
}
