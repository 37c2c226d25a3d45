//! A service that wants to know whether somebody is of age and where they vote.

use super::{entropy::OsEntropy, world::World};
use serde_json::json;
use sinpyo_core::{
    accreditation::{Grant, ServiceCode},
    claims::ClaimPath,
    credential::CredentialType,
    key::Signer,
    request::{ClaimQuery, CredentialQuery},
    time::Clock,
};
use sinpyo_crypto::KeySigner;
use sinpyo_proof::request_object;
use sinpyo_verifier::{Challenge, Policy};
use std::error::Error;

/// The service: its key, and what it asks for.
pub(crate) struct Service {
    signer: KeySigner,
    policy: Policy,
}

impl Service {
    /// Enrols the service and accredits it for its questions, and no others.
    pub(crate) fn open(world: &World<'_>) -> Result<Self, Box<dyn Error>> {
        let (signer, _control) = world.enrol()?;
        let did = signer.key_id().did();
        let kind: CredentialType = "urn:sinpyo:credential:ResidentCredential".parse()?;
        let code: ServiceCode = "vote.register".parse()?;
        let scope = ["age_over_18", "region_sigungu"].map(ClaimPath::name).to_vec();
        let grant = Grant::Request { service: code.clone(), scope: [(kind.clone(), scope)].into() };
        world.accredit(did.clone(), ["중앙선거관리위원회", "National Election Commission"], grant)?;

        let ask = |name, values| ClaimQuery { path: ClaimPath::name(name), values };
        let claims = vec![ask("age_over_18", vec![json!(true)]), ask("region_sigungu", Vec::new())];
        let query = CredentialQuery { id: "resident".to_owned(), types: vec![kind], claims };
        Ok(Self { signer, policy: Policy::new(did, code, vec![query]) })
    }

    /// A challenge to keep, and its signed request for the wallet.
    pub(crate) fn ask(&self, world: &World<'_>) -> Result<(Challenge, String), Box<dyn Error>> {
        let challenge = self.policy.challenge(world.clock.now(), &mut OsEntropy);
        let key = self.signer.key().verifying_key();
        let request = request_object::sign(challenge.request(), (&self.signer, key))?;
        Ok((challenge, request))
    }
}
