//! An issuer, two verifiers, and a credential with claims in every position.

use serde_json::{Map, Value, json};
use sinpyo_core::{
    Secret,
    accreditation::{Accreditation, Grant, LocalizedName},
    claims::ClaimPath,
    credential::{Credential, CredentialType, Holder, Presentation, Validity},
    did::{Did, KeyId},
    document::{
        DidDocument, PublicKeyMaterial, VerificationMethod,
        VerificationRelationship::{self, AssertionMethod, Authentication},
    },
    encoding::{from_base64url, to_base64url},
    jwk::PublicJwk,
    request::{ClaimQuery, CredentialQuery, PresentationRequest},
    resolved::Resolved,
    time::Timestamp,
};
use sinpyo_crypto::{Algorithm, KeySigner};
use sinpyo_proof::{
    HolderBinding, KeyRing, Occasion, ParseWireError, Unverified, request_object,
    sd_jwt::{Concealment, Decoys, DigestAlgorithm},
    sd_jwt_vc,
};
use sinpyo_testkit::{TestEntropy, key};
use sinpyo_wallet::{
    AskError, Asked, Choice, Consent, HeldId, Password, Prepared, PresentError, Received, ReviewError, Wallet,
};
use std::{collections::BTreeMap, num::NonZeroUsize, time::Duration};

pub(crate) const KIND: &str = "urn:sinpyo:credential:ResidentCredential";
pub(crate) const ISSUER: &str = "did:x:ministry";
pub(crate) const POST: &str = "did:x:post";
pub(crate) const BANK: &str = "did:x:bank";

/// What the credential says. No value is part of another, so that each can be searched for.
pub(crate) fn claims() -> Map<String, Value> {
    let claims = json!({
        "issuing_office": "행정안전부",
        "family_name": "김",
        "given_name": "한별",
        "birth_date": "1987-06-05",
        "age_over_18": true,
        "address": {"sido": "전라남도", "road": {"name": "가람로", "number": "4711"}},
        "languages": ["ko-KR", "en-GB", "eo"],
    });
    claims.as_object().unwrap().clone()
}

/// Everything but the issuing office may be hidden; the address in three layers.
pub(crate) fn selective() -> Vec<ClaimPath> {
    [
        json!(["family_name"]),
        json!(["given_name"]),
        json!(["birth_date"]),
        json!(["age_over_18"]),
        json!(["address"]),
        json!(["address", "sido"]),
        json!(["address", "road"]),
        json!(["address", "road", "name"]),
        json!(["address", "road", "number"]),
        json!(["languages", null]),
    ]
    .iter()
    .map(path)
    .collect()
}

pub(crate) fn path(value: &Value) -> ClaimPath {
    ClaimPath::from_json(value).unwrap()
}

pub(crate) fn at(seconds: i64) -> Timestamp {
    Timestamp::from_unix(1_800_000_000 + seconds).unwrap()
}

pub(crate) fn did(text: &str) -> Did {
    text.parse().unwrap()
}

pub(crate) fn kind() -> CredentialType {
    KIND.parse().unwrap()
}

pub(crate) fn password() -> Password {
    Password::new(Secret::new("correct horse".to_owned())).unwrap()
}

/// An organisation: a key for statements (0) and one for authentication (1).
pub(crate) struct Organisation {
    pub(crate) did: Did,
    pub(crate) statements: KeySigner,
    pub(crate) authentication: KeySigner,
}

impl Organisation {
    pub(crate) fn new(name: &str) -> Self {
        let did = did(name);
        let seed = name.bytes().fold(0_u8, u8::wrapping_add) & 0x7f;
        let signer = |fragment, seed| KeySigner::new(did.key(fragment).unwrap(), key(Algorithm::Es256, seed));
        Self { statements: signer("0", seed), authentication: signer("1", seed | 0x80), did }
    }

    pub(crate) fn resolved(&self) -> Resolved {
        let method = |signer: &KeySigner| VerificationMethod {
            id: sinpyo_core::key::Signer::key_id(signer).clone(),
            controller: self.did.clone(),
            key: PublicKeyMaterial::Multikey(signer.key().verifying_key().to_multikey()),
            revoked: None,
        };
        let keys: [(&KeySigner, VerificationRelationship); 2] =
            [(&self.statements, AssertionMethod), (&self.authentication, Authentication)];
        let document = DidDocument::new(self.did.clone());
        Resolved::immutable(keys.iter().fold(document, |document, (signer, relationship)| {
            document.with_key(method(signer), &[*relationship])
        }))
    }

    pub(crate) fn keys(&self) -> KeyRing {
        KeyRing::of(&self.resolved())
    }
}

/// A credential bound to `holder`, as its issuer sends it.
pub(crate) fn issued(holder: Holder, claims: Map<String, Value>, entropy: &mut TestEntropy) -> String {
    let validity = Validity { from: Some(at(-3600)), until: Some(at(86_400)) };
    let credential =
        Credential::builder(kind(), ISSUER).holder(holder).valid(validity).claims(claims).build();
    let selective: Vec<_> =
        selective().into_iter().filter(|path| !path.select(credential.claims()).is_empty()).collect();
    let concealment = Concealment {
        selective: &selective,
        decoys: Decoys::FillTo(NonZeroUsize::new(8).unwrap()),
        algorithm: DigestAlgorithm::Sha256,
    };
    let issuer = Organisation::new(ISSUER).statements;
    sd_jwt_vc::issue(&credential, &concealment, (&issuer, issuer.key().verifying_key()), entropy).unwrap()
}

pub(crate) fn received(wire: &str) -> Received {
    Received::verify(wire.as_bytes(), &Organisation::new(ISSUER).keys(), at(0)).unwrap()
}

/// Puts a credential with `claims` into `wallet`.
pub(crate) fn hold(wallet: &mut Wallet, claims: Map<String, Value>, seed: u64) -> HeldId {
    let mut entropy = TestEntropy::new(seed);
    let key = wallet.new_key(kind(), &mut entropy);
    hold_bound_to(wallet, key, claims, &mut entropy)
}

pub(crate) fn hold_bound_to(
    wallet: &mut Wallet,
    key: PublicJwk,
    claims: Map<String, Value>,
    entropy: &mut TestEntropy,
) -> HeldId {
    let wire = issued(Holder::Key(key), claims, entropy);
    wallet.hold(received(&wire), vec![ClaimPath::name("birth_date")]).unwrap()
}

/// A wallet with `copies` copies of the credential.
pub(crate) fn wallet(copies: u64) -> Wallet {
    let mut wallet = Wallet::new();
    for seed in 0..copies {
        hold(&mut wallet, claims(), seed);
    }
    wallet
}

pub(crate) fn claim_queries(paths: &[Value]) -> Vec<ClaimQuery> {
    paths.iter().map(|value| ClaimQuery { path: path(value), values: Vec::new() }).collect()
}

/// What `verifier` asks for: `paths`, in one query.
pub(crate) fn request(verifier: &str, paths: &[Value]) -> PresentationRequest {
    PresentationRequest {
        verifier: did(verifier),
        service: "post.login".parse().unwrap(),
        nonce: format!("nonce-nonce-nonce-{}", verifier.replace(':', "-")),
        issued_at: at(0),
        expires_at: at(300),
        queries: vec![CredentialQuery {
            id: "resident".into(),
            types: vec![kind()],
            claims: claim_queries(paths),
        }],
    }
}

pub(crate) fn accreditation(verifier: &str, scope: &[Value]) -> Accreditation {
    Accreditation {
        subject: did(verifier),
        name: LocalizedName { ko: "우정사업본부".into(), en: "Korea Post".into() },
        granted_by: did("did:x:root"),
        grant: Grant::Request {
            service: "post.login".parse().unwrap(),
            scope: BTreeMap::from([(kind(), scope.iter().map(path).collect())]),
        },
        validity: Validity { from: Some(at(-1000)), until: Some(at(100_000)) },
    }
}

/// An accreditation to ask for everything.
pub(crate) fn for_everything(verifier: &str) -> Accreditation {
    let names: Vec<_> = claims().keys().map(|name| json!([name])).collect();
    accreditation(verifier, &names)
}

pub(crate) fn parsed(token: &str) -> Result<Unverified<PresentationRequest>, ParseWireError> {
    Unverified::parse(token.as_bytes())
}

pub(crate) fn signed(request: &PresentationRequest) -> Unverified<PresentationRequest> {
    let signer = Organisation::new(request.verifier.as_str()).authentication;
    parsed(&request_object::sign(request, (&signer, signer.key().verifying_key())).unwrap()).unwrap()
}

/// A token made by hand.
pub(crate) fn token(header: &Value, claims: &Value, signer: &KeySigner) -> String {
    let part = |value: &Value| to_base64url(value.to_string().as_bytes());
    let input = format!("{}.{}", part(header), part(claims));
    let signature = signer.key().sign(input.as_bytes()).unwrap();
    format!("{input}.{}", to_base64url(&signature))
}

pub(crate) fn header(typ: &str, key_id: &KeyId) -> Value {
    json!({"alg": "ES256", "typ": typ, "kid": key_id.as_str()})
}

/// The presentations in an answer: query and SD-JWT.
pub(crate) fn presentations(answer: &[u8]) -> Vec<(String, String)> {
    let answer: Value = serde_json::from_slice(answer).unwrap();
    assert_eq!(answer.as_object().unwrap().len(), 1);
    let tokens = answer["vp_token"].as_object().unwrap();
    let one = |(query, tokens): (&String, &Value)| {
        let [token] = tokens.as_array().unwrap().as_slice() else { panic!("one presentation a query") };
        (query.clone(), token.as_str().unwrap().to_owned())
    };
    tokens.iter().map(one).collect()
}

/// What `verifier` makes of a presentation that answers `request`.
pub(crate) fn verified(presentation: &str, request: &PresentationRequest) -> Credential {
    let presentation = Unverified::<Presentation>::parse(presentation.as_bytes()).unwrap();
    let audience = request.audience();
    let occasion = Occasion { audience: &audience, nonce: &request.nonce, max_age: Duration::from_mins(5) };
    let keys = Organisation::new(ISSUER).keys();
    let verified = presentation.verify(&keys, HolderBinding::Required(occasion), at(1)).unwrap();
    verified.get().credentials[0].clone()
}

/// The disclosures of an SD-JWT, each as its text and its name (or value, of an array element).
pub(crate) fn disclosures(sd_jwt: &str) -> Vec<(String, String)> {
    let mut parts: Vec<_> = sd_jwt.split('~').skip(1).collect();
    parts.pop();
    let named = |text: &str| {
        let parts: Value = serde_json::from_slice(&from_base64url(text).unwrap()).unwrap();
        (text.to_owned(), parts[1].as_str().unwrap().to_owned())
    };
    parts.into_iter().map(named).collect()
}

/// Why a request did not become a choice.
#[derive(Debug, PartialEq)]
pub(crate) enum Refused {
    Ask(AskError),
    Review(ReviewError),
}

impl Refused {
    pub(crate) fn code(&self) -> &'static str {
        match self {
            Self::Ask(error) => error.code(),
            Self::Review(error) => error.code(),
        }
    }
}

/// What `wallet` makes of our own request.
pub(crate) fn review(
    wallet: &Wallet,
    request: Unverified<PresentationRequest>,
    verifier: &Resolved,
    (accreditation, now): (Option<&Accreditation>, Timestamp),
) -> Result<Choice, Refused> {
    let (asked, _) = Asked::from_request(request, verifier, accreditation, now).map_err(Refused::Ask)?;
    wallet.review(asked, now).map_err(Refused::Review)
}

/// The same for a verifier that may ask for everything.
pub(crate) fn reviewed(wallet: &Wallet, request: &PresentationRequest) -> Result<Choice, Refused> {
    let verifier = request.verifier.as_str();
    let resolved = Organisation::new(verifier).resolved();
    review(wallet, signed(request), &resolved, (Some(&for_everything(verifier)), at(0)))
}

/// Answers `request` as `consent` says.
pub(crate) fn present(
    wallet: &mut Wallet,
    consent: Consent,
    request: &PresentationRequest,
    now: Timestamp,
) -> Result<Box<[u8]>, PresentError> {
    let prepared = prepare(wallet, consent, request, now)?;
    Ok(wallet.attach(prepared, &[])?.into_answer())
}

pub(crate) fn prepare(
    wallet: &mut Wallet,
    consent: Consent,
    request: &PresentationRequest,
    now: Timestamp,
) -> Result<Prepared, PresentError> {
    let audience = request.audience();
    let nonce = &request.nonce;
    let occasion = sinpyo_wallet::Occasion { audience: &audience, nonce, handover: None };
    wallet.prepare(consent, &occasion, now)
}
