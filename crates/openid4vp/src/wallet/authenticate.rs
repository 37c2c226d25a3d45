//! Who asks: the proof that each prefix of a client identifier demands [OpenID4VP 1.0 §5.9.3].

use super::{
    asked::{Asked, RequestedBy},
    fetch::SignedRequest,
};
use crate::{
    client_id::{ClientId, ClientIdError, Prefix},
    location::{Location, Transport},
    request::{Request, RequestError},
    wallet_error::WalletErrorCode,
};
use serde_json::{Map, Value};
use sinpyo_core::{
    document::{PublicKeyMaterial, VerificationRelationship::Authentication},
    encoding::to_base64url,
    jwk::PublicJwk,
    resolved::Resolved,
    time::Timestamp,
};
use sinpyo_crypto::{Algorithm, VerifyingKey};
use sinpyo_jose::{HeaderRules, JwsError, TimeError, Typ, UnverifiedJwt, VerifiedJwt};
use sinpyo_x509::{Chain, ChainError, Purpose, Roots, VerifiedLeaf};

/// Signature algorithms of requests and attestations.
const ALGORITHMS: [Algorithm; 3] = [Algorithm::Es256, Algorithm::Es384, Algorithm::Ed25519];

/// What a wallet knows when it is asked.
#[derive(Clone, Copy, Debug)]
pub struct Trust<'a> {
    /// Authorities that certify verifiers.
    pub roots: &'a Roots,
    /// Documents that were resolved; that of the client identifier is needed if it is a DID.
    pub documents: &'a [Resolved],
    /// Who attests verifiers.
    pub attesters: &'a [Attester],
    /// Which addresses a response may go to.
    pub transport: Transport,
}

/// Somebody whose attestations of verifiers are believed.
#[derive(Clone, Debug)]
pub struct Attester {
    /// The `iss` of its attestations.
    pub issuer: String,
    /// Its key.
    pub key: VerifyingKey,
}

impl SignedRequest {
    /// The request, if its maker is proven.
    ///
    /// # Errors
    /// The proof fails, the request is for somebody else, or it makes no sense. Nothing is to be sent to anybody.
    pub fn authenticate(self, trust: &Trust<'_>, now: Timestamp) -> Result<Asked, RequestRefused> {
        let Self { token, client_id, wallet_nonce, audiences } = self;
        let (verified, by) = prove(token, &client_id, trust, now)?;
        let claims = verified.claims();
        if verified.text("client_id") != Some(client_id.as_str()) {
            return Err(RequestRefused::OtherClient); // [VP-REQ-04]
        }
        if !verified.audiences().any(|named| audiences.iter().any(|own| own == named)) {
            return Err(RequestRefused::Audience); // [VP-REQ-03b]
        }
        if wallet_nonce.is_some() && verified.text("wallet_nonce") != wallet_nonce.as_deref() {
            return Err(RequestRefused::WalletNonce); // [VP-REQ-06]
        }
        let request = Request::from_json(claims, trust.transport)?;
        let to = request.response_mode.response_uri().ok_or(RequestRefused::ResponseMode)?;
        if !by.may_receive_at(to) {
            return Err(RequestRefused::ResponseUri); // [VP-CID-05]
        }
        Asked::new(by, request)
    }
}

/// The token's content, and whose it is, if it is proven to be that of `client_id`.
pub(super) fn prove(
    token: UnverifiedJwt,
    client_id: &ClientId,
    trust: &Trust<'_>,
    now: Timestamp,
) -> Result<(VerifiedJwt, RequestedBy), RequestRefused> {
    let name = client_id.name();
    let (key, by) = match client_id.prefix() {
        Prefix::RedirectUri => return Err(RequestRefused::MustBeUnsigned), // [VP-CID-04b]
        Prefix::X509SanDns => {
            let leaf = certified(&token, trust, now)?;
            if !leaf.dns_names().iter().any(|host| host.eq_ignore_ascii_case(name)) {
                return Err(RequestRefused::OtherName); // [VP-CID-05a]
            }
            (leaf.key().clone(), RequestedBy::Host { name: name.to_owned(), leaf: Box::new(leaf) })
        }
        Prefix::X509Hash => {
            let leaf = certified(&token, trust, now)?;
            if to_base64url(leaf.thumbprint()) != name {
                return Err(RequestRefused::OtherName); // [VP-CID-05b]
            }
            (leaf.key().clone(), RequestedBy::Certificate { leaf: Box::new(leaf) })
        }
        Prefix::DecentralizedIdentifier => authorised(&token, name, trust)?,
        Prefix::VerifierAttestation => attested(&token, name, trust, now)?,
    };
    let verified = token.verify(&key, &ALGORITHMS)?;
    verified.times()?.check(now)?;
    Ok((verified, by))
}

fn certified(
    token: &UnverifiedJwt,
    trust: &Trust<'_>,
    now: Timestamp,
) -> Result<VerifiedLeaf, RequestRefused> {
    let x5c = token.hint().x5c().ok_or(RequestRefused::OtherName)?;
    Ok(Chain::from_x5c(x5c)?.verify(trust.roots, now, &Purpose::Signer)?)
}

fn authorised(
    token: &UnverifiedJwt,
    name: &str,
    trust: &Trust<'_>,
) -> Result<(VerifyingKey, RequestedBy), RequestRefused> {
    let id = token.hint().key_id()?;
    if id.did().as_str() != name {
        return Err(RequestRefused::OtherName); // [VP-CID-05c]
    }
    let known = trust.documents.iter().find(|known| known.did().as_str() == name);
    let resolved = known.filter(|known| !known.metadata.deactivated).ok_or(RequestRefused::Document)?;
    let method = resolved.document.authorised_key(id, Authentication);
    let method = method.map_err(|_| RequestRefused::Document)?; // [VP-CID-05d]
    let key = match &method.key {
        PublicKeyMaterial::Multikey(key) => VerifyingKey::from_multikey(key),
        PublicKeyMaterial::Jwk(jwk) => VerifyingKey::from_jwk(jwk),
    };
    let by = RequestedBy::Did { did: id.did(), hosts: hosts(resolved) };
    Ok((key.map_err(|_| RequestRefused::Document)?, by))
}

/// The hosts that a DID vouches for: its own, if its name holds one, and those of its `LinkedDomains`.
fn hosts(resolved: &Resolved) -> Vec<String> {
    let did = resolved.did();
    let mut parts = did.method_specific_id().split(':');
    let own = match did.method() {
        "web" => parts.next(),
        "webvh" => parts.nth(1),
        _ => None,
    };
    let own = own.map(|host| host.split("%3A").next().unwrap_or(host).to_owned());
    let linked = resolved.document.services().iter().filter(|service| service.kind == "LinkedDomains");
    let origins = linked.flat_map(|service| match &service.endpoint {
        Value::Object(members) => {
            members.get("origins").and_then(Value::as_array).into_iter().flatten().collect()
        }
        Value::Array(origins) => origins.iter().collect::<Vec<_>>(),
        origin => vec![origin],
    });
    let linked = origins.filter_map(|origin| {
        let origin = Location::parse(origin.as_str()?, Transport::OrLoopback).ok()?;
        Some(origin.host().to_owned())
    });
    own.into_iter().chain(linked).collect()
}

fn attested(
    token: &UnverifiedJwt,
    name: &str,
    trust: &Trust<'_>,
    now: Timestamp,
) -> Result<(VerifyingKey, RequestedBy), RequestRefused> {
    let malformed = RequestRefused::Attestation; // [VP-CID-05e]
    let text = token.hint().parameter("jwt").and_then(Value::as_str).ok_or(malformed)?;
    let rules = HeaderRules::NAMED_OR_CERTIFIED;
    let attestation = UnverifiedJwt::parse(text, &[Typ::VERIFIER_ATTESTATION], &rules)?;
    let issuer = attestation.hint().claimed_issuer().unwrap_or_default().to_owned();
    let attester = trust.attesters.iter().find(|one| one.issuer == issuer);
    let attester = attester.ok_or(RequestRefused::Attester)?; // [VP-CID-05f]
    let verified = attestation.verify(&attester.key, &ALGORITHMS)?;
    let times = verified.times()?;
    times.check(now)?;
    if times.expires.is_none() || verified.text("sub") != Some(name) {
        return Err(RequestRefused::Attestation);
    }
    let jwk = verified.claims().get("cnf").and_then(|cnf| cnf.get("jwk")).and_then(Value::as_object);
    let jwk = jwk.and_then(|members| PublicJwk::from_members(members.clone()).ok());
    let key = jwk.and_then(|jwk| VerifyingKey::from_jwk(&jwk).ok()).ok_or(RequestRefused::Attestation)?;
    let redirect_uris = redirect_uris(verified.claims()).ok_or(RequestRefused::Attestation)?;
    Ok((key, RequestedBy::Attested { subject: name.to_owned(), issuer, redirect_uris }))
}

/// Where responses may go; empty if the attestation does not say. Nothing if it says it in another form.
fn redirect_uris(claims: &Map<String, Value>) -> Option<Vec<String>> {
    let Some(value) = claims.get("redirect_uris") else { return Some(Vec::new()) };
    let list = value.as_array().filter(|list| !list.is_empty())?;
    list.iter().map(|uri| Some(uri.as_str()?.to_owned())).collect()
}

/// Why a request is refused. Nothing is sent to whoever made it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RequestRefused {
    /// The request makes no sense.
    #[error(transparent)]
    Request(#[from] RequestError),
    /// The token is refused.
    #[error(transparent)]
    Token(#[from] JwsError),
    /// A time forbids it.
    #[error(transparent)]
    Time(#[from] TimeError),
    /// The certificates are refused.
    #[error(transparent)]
    Chain(#[from] ChainError),
    /// Nobody has the name in the token.
    #[error(transparent)]
    ClientId(#[from] ClientIdError),
    /// VP-CID-04b: signed, where the name is one for unsigned requests.
    #[error("the request is signed under a name that proves nothing")]
    MustBeUnsigned,
    /// VP-CID-05: another key or certificate than the name demands.
    #[error("the request is not signed by whom it names")]
    OtherName,
    /// VP-CID-05d: the document is missing, deactivated, or does not authorise the key.
    #[error("the document of the DID does not authorise the key")]
    Document,
    /// VP-CID-05e: the attestation is missing, or says something else.
    #[error("the attestation of the verifier is refused")]
    Attestation,
    /// VP-CID-05f: by somebody who is not trusted.
    #[error("nobody who is trusted attests the verifier")]
    Attester,
    /// VP-REQ-04: another `client_id` in the token than around it.
    #[error("the request is of another client than the link said")]
    OtherClient,
    /// VP-REQ-03b: for another wallet.
    #[error("the request is not for this wallet")]
    Audience,
    /// VP-REQ-06: not the answer to this fetch.
    #[error("the request does not hold the wallet's nonce")]
    WalletNonce,
    /// VP-REQ-01f: the response would travel in a way that is not that of the request.
    #[error("the response mode is not one for this kind of request")]
    ResponseMode,
    /// VP-CID-05g: the response would go to somebody else.
    #[error("the response would not go to the one who asks")]
    ResponseUri,
    /// VP-RSP-08a: the response is to be encrypted, and there is no key for it.
    #[error("the request has no key that the response can be encrypted to")]
    NoKey,
    /// VP-DCA-02: the page is not one that the request was made for.
    #[error("the request is for pages of another origin")]
    Origin,
    /// VP-DCA-01a: not the shape that the protocol identifier demands.
    #[error("the request has another shape than its protocol demands")]
    Protocol,
}

impl RequestRefused {
    /// The rule that was broken, as in `spec/checks`.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Request(error) => error.code(),
            Self::Token(error) => error.code(),
            Self::Time(error) => error.code(),
            Self::Chain(error) => error.code(),
            Self::ClientId(error) => error.code(),
            Self::MustBeUnsigned => "VP-CID-04b",
            Self::OtherName => "VP-CID-05",
            Self::Document => "VP-CID-05d",
            Self::Attestation => "VP-CID-05e",
            Self::Attester => "VP-CID-05f",
            Self::OtherClient => "VP-REQ-04",
            Self::Audience => "VP-REQ-03b",
            Self::WalletNonce => "VP-REQ-06",
            Self::ResponseMode => "VP-REQ-01f",
            Self::ResponseUri => "VP-CID-05g", // [VP-CID-05g]
            Self::NoKey => "VP-RSP-08a",
            Self::Origin => "VP-DCA-02",
            Self::Protocol => "VP-DCA-01a", // [VP-DCA-01a]
        }
    }

    /// What it is called in the protocol.
    pub const fn reply(&self) -> WalletErrorCode {
        match self {
            Self::Request(error) => error.reply(),
            Self::ClientId(_) | Self::OtherName | Self::Document | Self::Attestation | Self::Attester => {
                WalletErrorCode::InvalidClient
            }
            _ => WalletErrorCode::InvalidRequest,
        }
    }
}
