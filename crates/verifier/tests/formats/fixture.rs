//! An issuer, a holder, a verifier, and what each of them sends.

use serde_json::{Map, Value, json};
use sinpyo_core::{
    accreditation::{Accreditation, Grant, LocalizedName, Right},
    claims::ClaimPath,
    credential::{Credential, CredentialBuilder, Holder, Ready, Validity},
    did::Did,
    document::{DidDocument, PublicKeyMaterial, VerificationMethod, VerificationRelationship},
    encoding::to_base64url,
    key::Signer,
    resolved::Resolved,
    status::{BitOrder, StatusEntry, StatusList, StatusPurpose},
    time::Timestamp,
};
use sinpyo_crypto::{Algorithm, KeySigner, VerifyingKey, hash::sha256};
use sinpyo_dcql::Query;
use sinpyo_jose::{JwtHeader, KeyHint, Typ};
use sinpyo_proof::{
    KeyRing, Signatory, Unverified, VerifiedStatusList,
    sd_jwt::{Concealment, Decoys, DigestAlgorithm, Holding},
    sd_jwt_vc,
    status_token::{self, Publication},
    vc_jwt,
};
use sinpyo_testkit::{TestEntropy, key};
use sinpyo_verifier::{
    Check, Evidence, Expectation, Fact, Known, Need, Presented, Rules, Session, Trust, Verdict, VerifyError,
    WithoutStatus,
};
use std::{sync::Arc, time::Duration};

pub(crate) const CLIENT: &str = "x509_san_dns:verifier.example";
pub(crate) const RESPONSE_URI: &str = "https://verifier.example/response";
pub(crate) const NONCE: &str = "n-0S6_WzA2Mj-n-0S6_WzA2Mj";
pub(crate) const KIND: &str = "urn:example:Resident";
pub(crate) const LIST: &str = "https://issuer.example/status/1";

pub(crate) fn start() -> Timestamp {
    "2026-11-22T00:00:00Z".parse().unwrap()
}

pub(crate) fn now() -> Timestamp {
    start().plus(Duration::from_secs(5))
}

/// Somebody with a DID and one key.
pub(crate) struct Party(pub(crate) KeySigner);

impl Party {
    pub(crate) fn new(name: &str, seed: u8) -> Self {
        let did: Did = format!("did:x:{name}").parse().unwrap();
        Self(KeySigner::new(did.key("k").unwrap(), key(Algorithm::Es256, seed)))
    }

    pub(crate) fn issuer() -> Self {
        Self::new("issuer", 1)
    }

    pub(crate) fn holder() -> Self {
        Self::new("holder", 2)
    }

    pub(crate) fn did(&self) -> Did {
        self.0.key_id().did()
    }

    pub(crate) fn key(&self) -> &VerifyingKey {
        self.0.key().verifying_key()
    }

    pub(crate) fn pair(&self) -> (&dyn Signer, &VerifyingKey) {
        (&self.0, self.key())
    }

    pub(crate) fn signatory(&self) -> Signatory<'_> {
        Signatory { key_id: self.0.key_id(), key: self.key() }
    }

    fn document(&self) -> Resolved {
        let method = VerificationMethod {
            id: self.0.key_id().clone(),
            controller: self.did(),
            key: PublicKeyMaterial::Multikey(self.key().to_multikey()),
            revoked: None,
        };
        let document = DidDocument::new(self.did());
        Resolved::immutable(document.with_key(method, &VerificationRelationship::ALL))
    }
}

/// A credential of the issuer that somebody else may change before it is signed.
pub(crate) fn resident(holder: Holder) -> CredentialBuilder<Ready> {
    Credential::builder(KIND.parse().unwrap(), "did:x:issuer")
        .holder(holder)
        .valid(Validity { from: Some(start()), until: Some(start().plus(Duration::from_hours(1000))) })
        .issued_at(start())
        .claim("given_name", "한별")
        .claim("age_over_18", true)
}

pub(crate) fn held_key() -> Holder {
    Holder::Key(Party::holder().key().to_jwk())
}

/// As issued, everything selectively disclosable.
pub(crate) fn issue(credential: &Credential) -> String {
    let selective: Vec<_> = credential.claims().keys().map(|name| ClaimPath::name(name)).collect();
    let concealment =
        Concealment { selective: &selective, decoys: Decoys::None, algorithm: DigestAlgorithm::Sha256 };
    let issuer = Party::issuer();
    sd_jwt_vc::issue(credential, &concealment, issuer.pair(), &mut TestEntropy::new(9)).unwrap()
}

/// `wire` with the disclosures of `shown`, bound to nobody.
pub(crate) fn select_paths(wire: &str, paths: &[ClaimPath]) -> String {
    Holding::parse(wire, &[Typ::SD_JWT_VC]).unwrap().select(paths).unwrap().unbound()
}

/// As issued, with `selective` selectively disclosable.
pub(crate) fn issue_hiding(credential: &Credential, selective: &[ClaimPath]) -> String {
    let concealment = Concealment { selective, decoys: Decoys::None, algorithm: DigestAlgorithm::Sha256 };
    let issuer = Party::issuer();
    sd_jwt_vc::issue(credential, &concealment, issuer.pair(), &mut TestEntropy::new(9)).unwrap()
}

pub(crate) fn select(wire: &str, shown: &[&str]) -> String {
    let paths: Vec<_> = shown.iter().map(|name| ClaimPath::name(name)).collect();
    Holding::parse(wire, &[Typ::SD_JWT_VC]).unwrap().select(&paths).unwrap().unbound()
}

/// `selected` with a key binding in which `change` changed something.
pub(crate) fn bind(selected: &str, change: impl FnOnce(&mut Map<String, Value>)) -> String {
    let hash = to_base64url(&sha256(selected.as_bytes()));
    let claims = json!({"iat": now().unix(), "aud": CLIENT, "nonce": NONCE, "sd_hash": hash});
    let mut claims = claims.as_object().unwrap().clone();
    change(&mut claims);
    let header = JwtHeader::new(Typ::KEY_BINDING, KeyHint::None);
    let token = sinpyo_jose::sign(header, &claims, Party::holder().pair()).unwrap();
    format!("{selected}{token}")
}

/// A good presentation of a resident's name.
pub(crate) fn shown_name() -> String {
    let credential = resident(held_key()).status(entry(7)).build();
    bind(&select(&issue(&credential), &["given_name"]), |_| {})
}

pub(crate) fn entry(index: u64) -> StatusEntry {
    StatusEntry::Token { list: LIST.into(), index }
}

/// A query for a resident's name, called `id`.
pub(crate) fn name_query(id: &str) -> Value {
    json!({"id": id, "format": "dc+sd-jwt", "meta": {"vct_values": [KIND]}, "claims": [{"path": ["given_name"]}]})
}

/// The verifier, and the world as it sees it.
pub(crate) struct Scene {
    pub(crate) query: Value,
    pub(crate) session: Session,
    pub(crate) transaction_data: Vec<String>,
    pub(crate) trust: Trust,
    pub(crate) without_status: WithoutStatus,
    pub(crate) evidence: Evidence,
    /// Types for which the issuer is accredited.
    pub(crate) accredited: Vec<&'static str>,
    /// What every status list says at index 7.
    pub(crate) status: u8,
    /// How long ago status lists were fetched; they may be kept for a minute.
    pub(crate) list_age: Duration,
    /// The list of certified publishers.
    pub(crate) certified_list: Option<Arc<VerifiedStatusList>>,
}

impl Scene {
    /// Asks for a resident's name by accredited issuers, and all is well.
    pub(crate) fn new() -> Self {
        Self::asking(json!({"credentials": [name_query("resident")]}))
    }

    pub(crate) fn asking(query: Value) -> Self {
        Self {
            query,
            session: posted(CLIENT),
            transaction_data: Vec::new(),
            trust: Trust::in_accreditations(),
            without_status: WithoutStatus::Refuse,
            evidence: Evidence::Dropped,
            accredited: vec![KIND],
            status: 0,
            list_age: Duration::ZERO,
            certified_list: None,
        }
    }

    pub(crate) fn expectation(&self) -> Expectation {
        let query = Query::from_json(&self.query).unwrap();
        let session = self.session.clone();
        Expectation {
            transaction_data: self.transaction_data.clone(),
            trust: self.trust.clone(),
            rules: Rules { without_status: self.without_status, evidence: self.evidence, ..Rules::default() },
            ..Expectation::new(query, session, NONCE.into(), start())
        }
    }

    pub(crate) fn start(&self, vp_token: &Value) -> Result<Check, VerifyError> {
        Check::start(self.expectation(), Presented::parse(vp_token.as_object().unwrap())?, now())
    }

    /// The whole check, with every fact that it asks for.
    pub(crate) fn verdict(&self, vp_token: &Value) -> Result<Verdict, VerifyError> {
        let mut check = self.start(vp_token)?;
        while let Some(need) = check.need() {
            check.supply(&Known { fact: self.fact(&need), as_of: now() }).unwrap();
        }
        Ok(check.conclude())
    }

    /// `ok`, or the rule by which the answer is refused.
    pub(crate) fn code(&self, vp_token: &Value) -> &'static str {
        match self.verdict(vp_token) {
            Ok(verdict) => verdict.code().unwrap_or("ok"),
            Err(error) => error.code(),
        }
    }

    fn fact(&self, need: &Need) -> Fact {
        let party = |did: &Did| match did.method_specific_id() {
            "issuer" => Some(Party::issuer()),
            "holder" => Some(Party::holder()),
            "mallory" => Some(Party::new("mallory", 5)),
            _ => None,
        };
        match need {
            Need::Document { did, .. } => match party(did) {
                Some(party) => Fact::Document(Arc::new(KeyRing::of(&party.document()))),
                None => Fact::Unavailable,
            },
            Need::Accreditation { subject, right: Right::Issue(kind), .. } => {
                let known = *subject == Party::issuer().did() && self.accredited.contains(&kind.as_str());
                Fact::Accreditation(known.then(|| Arc::new(accreditation(subject, kind.clone()))))
            }
            Need::StatusList { entry, issuer } => {
                assert_eq!(*issuer, Party::issuer().did());
                Fact::StatusList(Arc::new(self.list(entry)))
            }
            Need::CertifiedStatusList { .. } => match &self.certified_list {
                Some(list) => Fact::StatusList(Arc::clone(list)),
                None => Fact::Unavailable,
            },
            _ => Fact::Unavailable,
        }
    }

    fn list(&self, entry: &StatusEntry) -> VerifiedStatusList {
        let issuer = Party::issuer();
        let fetched = now().minus(self.list_age);
        let publication = Publication {
            uri: entry.list().to_owned(),
            issued_at: fetched,
            expires: None,
            ttl: Some(Duration::from_mins(1)),
        };
        let wire = match entry {
            StatusEntry::Token { .. } => {
                let mut list = StatusList::new(4, BitOrder::LeastFirst, 100).unwrap();
                list.set(7, self.status).unwrap();
                let prepared = status_token::prepare(&list, &publication, issuer.signatory());
                prepared.sign(&issuer.0).unwrap()
            }
            StatusEntry::Bitstring { purpose, .. } => {
                let mut list = StatusList::new(1, BitOrder::MostFirst, 1 << 17).unwrap();
                list.set(7, self.status).unwrap();
                let list = bitstring(&list, *purpose, &publication);
                vc_jwt::issue(&list, &[], issuer.pair()).unwrap()
            }
        };
        let ring = KeyRing::of(&issuer.document());
        Unverified::<StatusList>::parse(wire.as_bytes()).unwrap().verify(entry, &ring, fetched).unwrap()
    }
}

fn bitstring(list: &StatusList, purpose: StatusPurpose, publication: &Publication) -> Credential {
    status_token::bitstring_credential(list, purpose, publication, &Party::issuer().did()).unwrap()
}

fn accreditation(subject: &Did, kind: sinpyo_core::credential::CredentialType) -> Accreditation {
    Accreditation {
        subject: subject.clone(),
        name: LocalizedName { ko: "기관".into(), en: "Organisation".into() },
        granted_by: "did:x:root".parse().unwrap(),
        grant: Grant::Issue { types: vec![kind] },
        validity: Validity::default(),
    }
}

pub(crate) fn posted(client_id: &str) -> Session {
    Session::OpenId4Vp {
        client_id: client_id.into(),
        response_uri: RESPONSE_URI.into(),
        jwk_thumbprint: None,
    }
}
