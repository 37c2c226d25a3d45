//! Keys for what is to come, and the proofs that this wallet has them.

use super::ReceiveFlowError;
use crate::{
    flow::World,
    misbehave::{self, ProofFault},
};
use sinpyo_core::{
    credential::CredentialType,
    did::KeyId,
    encoding::to_base64url,
    jwk::PublicJwk,
    key::{AlgorithmName, SignError, Signer},
};
use sinpyo_crypto::VerifyingKey;
use sinpyo_jose::{JwtHeader, KeyHint, Typ, prepare};
use sinpyo_openid4vci::{
    configuration::{Binding, Format},
    proof::{ProofKey, jwt_claims, sign_di_vp},
    request::Proofs,
    wallet::{OwnKeys, ProofOrder, Proposal},
};
use sinpyo_wallet::{ProveError, Wallet};

/// How a key is named in its proof.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Naming {
    Jwk,
    DidJwk,
    DidKey,
}

/// New keys, each for one copy, and a proof for each.
pub(super) fn make(
    order: &ProofOrder,
    proposal: &Proposal,
    world: &mut World<'_>,
    fault: Option<ProofFault>,
) -> Result<OwnKeys, ReceiveFlowError> {
    let configuration = proposal.metadata.configurations.get(&order.configuration_id);
    let format = &configuration.ok_or(ReceiveFlowError::NoProof)?.format;
    let purpose: CredentialType =
        type_name(format).and_then(|name| name.parse().ok()).ok_or(ReceiveFlowError::NoProof)?;
    let naming = naming(&order.binding, format).ok_or(ReceiveFlowError::NoProof)?; // [WAP-03]
    let count = order.batch_size.min(world.rules.copies).max(1);
    let jwks: Vec<PublicJwk> =
        (0..count).map(|_| world.wallet.new_key(purpose.clone(), world.entropy)).collect();
    let wallet: &Wallet = world.wallet;
    let keys: Vec<Unused<'_>> =
        jwks.iter().map(|jwk| Unused::new(wallet, jwk, naming)).collect::<Result<_, _>>()?;
    let issuer = &proposal.metadata.issuer;
    let proofs = if order.binding.proofs.contains_key("jwt") {
        let claims = jwt_claims(issuer, order.client.as_deref(), order.nonce.as_deref(), world.now);
        let proof = |key: &Unused<'_>| match fault {
            None => key.jwt(Typ::CREDENTIAL_PROOF, &claims),
            Some(fault) => misbehave::proof(fault, claims.clone(), |typ, claims| key.jwt(typ, claims)),
        };
        let proven = keys.iter().map(|key| {
            if fault == Some(ProofFault::SameKeyTwice) { keys.first().unwrap_or(key) } else { key }
        });
        Proofs::Jwt(proven.map(proof).collect::<Result<_, _>>()?)
    } else if let (true, Some(nonce)) = (order.binding.proofs.contains_key("di_vp"), &order.nonce) {
        let proof = |key: &Unused<'_>| {
            let signed = sign_di_vp(issuer, nonce, world.now, ProofKey { signer: key, key: &key.public });
            let members = signed.ok().and_then(|value| value.as_object().cloned());
            members.ok_or(ReceiveFlowError::NoProof)
        };
        Proofs::DiVp(keys.iter().map(proof).collect::<Result<_, _>>()?)
    } else {
        return Err(ReceiveFlowError::NoProof); // [WAP-03]
    };
    Ok(OwnKeys { proofs, keys: keys.into_iter().map(|key| key.public).collect() })
}

/// The type that a copy will have, by which its key is kept.
fn type_name(format: &Format) -> Option<&str> {
    match format {
        Format::SdJwtVc { vct } => Some(vct),
        Format::Mdoc { doctype } => Some(doctype),
        Format::Jwt { types } | Format::DataIntegrity { types, .. } => types.last().map(String::as_str),
        Format::Other(_) => None,
    }
}

/// W3C credentials are bound to a DID, the others to a key.
fn naming(binding: &Binding, format: &Format) -> Option<Naming> {
    let takes = |names: &[&str]| binding.methods.iter().any(|method| names.contains(&method.as_str()));
    let by_did = takes(&["did:jwk"])
        .then_some(Naming::DidJwk)
        .or_else(|| takes(&["did:key", "did"]).then_some(Naming::DidKey));
    let by_key = takes(&["jwk", "cose_key"]).then_some(Naming::Jwk);
    match format {
        Format::Jwt { .. } | Format::DataIntegrity { .. } => by_did.or(by_key),
        _ => by_key.or(by_did),
    }
}

/// A key of the wallet to which nothing is bound yet.
struct Unused<'w> {
    wallet: &'w Wallet,
    jwk: &'w PublicJwk,
    public: VerifyingKey,
    naming: Naming,
    id: KeyId,
}

impl<'w> Unused<'w> {
    fn new(wallet: &'w Wallet, jwk: &'w PublicJwk, naming: Naming) -> Result<Self, ReceiveFlowError> {
        let public = VerifyingKey::from_jwk(jwk).map_err(|_| ReceiveFlowError::NoProof)?;
        let name = if naming == Naming::DidKey {
            let key = public.to_multikey();
            format!("did:key:{key}#{key}")
        } else {
            let members = serde_json::Value::Object(jwk.members().clone()).to_string();
            format!("did:jwk:{}#0", to_base64url(members.as_bytes()))
        };
        let id = name.parse().map_err(|_| ReceiveFlowError::NoProof)?;
        Ok(Self { wallet, jwk, public, naming, id })
    }

    fn jwt(
        &self,
        typ: Typ,
        claims: &serde_json::Map<String, serde_json::Value>,
    ) -> Result<String, ReceiveFlowError> {
        let name = self.id.to_string();
        let hint = if self.naming == Naming::Jwk { KeyHint::Jwk } else { KeyHint::Kid(&name) };
        let token = prepare(JwtHeader::new(typ, hint), claims, &self.public);
        let signature = self.wallet.prove(self.jwk, token.signing_input())?;
        token.attach(&signature).map_err(|error| match error {
            sinpyo_jose::SignError::KeyStore(error) => ProveError::Refused(error).into(),
            _ => ReceiveFlowError::NoProof,
        })
    }
}

impl Signer for Unused<'_> {
    fn key_id(&self) -> &KeyId {
        &self.id
    }

    fn algorithm(&self) -> AlgorithmName {
        self.public.algorithm().name()
    }

    fn sign(&self, message: &[u8]) -> Result<Box<[u8]>, SignError> {
        self.wallet.prove(self.jwk, message).map_err(|_| SignError)
    }
}
