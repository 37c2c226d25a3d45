//! The credentials of one flow.

use super::{FlowError, Trust};
use crate::os::{OsEntropy, now};
use serde_json::Value;
use sinpyo_core::{credential::CredentialType, jwk::PublicJwk};
use sinpyo_crypto::VerifyingKey;
use sinpyo_openid4vci::{
    address::CredentialIssuerId,
    configuration::{Configuration, Format},
    proof::{jwt_claims, prepare_jwt},
    request::Proofs,
    wallet::{OwnKeys, ProofOrder, Received},
};
use sinpyo_openid4vp::{VpToken, wallet::Asked};
use sinpyo_wallet::{self as role, Asker, Occasion, Wallet};

/// The credentials of one flow, with keys that no other flow has. SD-JWT VC alone.
#[derive(Debug, Default)]
pub struct Pocket {
    wallet: Wallet,
    /// The key for the copy that is under way: a request that is repeated is one for the same key.
    pending: Option<PublicJwk>,
    wires: Vec<String>,
}

impl Pocket {
    /// An empty one.
    pub const fn new() -> Self {
        Self { wallet: Wallet::new(), pending: None, wires: Vec::new() }
    }

    /// What the issuer sent, as it came.
    pub fn wires(&self) -> &[String] {
        &self.wires
    }

    /// Proves a key for a credential of `configuration`: a new one, or the one for which no credential came yet.
    ///
    /// # Errors
    /// The configuration is of another format, or the key did not sign.
    pub fn prove(
        &mut self,
        order: &ProofOrder,
        configuration: &Configuration,
        issuer: &CredentialIssuerId,
    ) -> Result<OwnKeys, FlowError> {
        let Format::SdJwtVc { vct } = &configuration.format else { return Err(FlowError::Unknown) };
        let purpose: CredentialType = vct.parse().map_err(|_| FlowError::Unknown)?;
        let wallet = &mut self.wallet;
        let jwk = self.pending.get_or_insert_with(|| wallet.new_key(purpose, &mut OsEntropy));
        let key = VerifyingKey::from_jwk(jwk).map_err(|_| FlowError::Unknown)?;
        let claims = jwt_claims(issuer, order.client.as_deref(), order.nonce.as_deref(), now());
        let token = prepare_jwt(&claims, &key, None);
        let signature = self.wallet.prove(jwk, token.signing_input())?;
        let proof = token.attach(&signature).map_err(|_| FlowError::Unknown)?;
        Ok(OwnKeys { proofs: Proofs::Jwt(vec![proof]), keys: vec![key] })
    }

    /// Verifies what came and takes it.
    ///
    /// # Errors
    /// It is refused by the wallet, or no SD-JWT VC.
    pub fn hold(&mut self, received: &Received, trust: &Trust) -> Result<(), FlowError> {
        for credential in &received.credentials {
            let Value::String(wire) = credential else { return Err(FlowError::Unknown) };
            let verified = role::Received::verify(wire.as_bytes(), &trust.issuers, now())?;
            self.wallet.hold(verified, Vec::new())?;
            self.wires.push(wire.clone());
        }
        self.pending = None;
        Ok(())
    }

    /// Makes what answers a question, for the one who asked alone.
    ///
    /// # Errors
    /// Nothing here answers it, or it is not one that a wallet answers.
    pub fn show(&mut self, asked: &Asked) -> Result<VpToken, FlowError> {
        let expectation = asked.expectation();
        let asker: Asker = expectation.audience.parse().map_err(|_| FlowError::Unknown)?;
        let question = role::Asked::new(asker, None, asked.request().query.clone(), now())?;
        let consent = self.wallet.review(question, now())?.disclose_requested();
        let handover = expectation.handover();
        let occasion = Occasion {
            audience: &expectation.audience,
            nonce: &expectation.nonce,
            handover: Some(&handover),
        };
        let presentations = self.wallet.present(consent, &occasion, now())?;
        Ok(VpToken::parse(Value::Object(presentations.into_vp_token()))?)
    }
}
