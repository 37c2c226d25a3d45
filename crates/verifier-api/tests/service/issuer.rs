//! An issuer, what it publishes, and a wallet that holds what it issued.

use crate::world::{later, start};
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa, KeyPair,
    KeyUsagePurpose, PKCS_ECDSA_P256_SHA256, PublicKeyData, SanType, SerialNumber, SignatureAlgorithm,
    date_time_ymd,
};
use serde_json::json;
use sinpyo_core::{
    accreditation::{Accreditation, Grant, LocalizedName, Right},
    claims::ClaimPath,
    credential::{Credential, Holder, Validity},
    did::Did,
    document::{DidDocument, PublicKeyMaterial, VerificationMethod, VerificationRelationship},
    jwk::PublicJwk,
    key::Signer,
    resolved::Resolved,
    status::{BitOrder, StatusEntry, StatusList},
};
use sinpyo_cose::{cbor, cwt::StatusReference};
use sinpyo_crypto::{Algorithm, KeySigner, VerifyingKey};
use sinpyo_mdoc::{Draft, ElementName, Elements, IssuerTrust, KeyAuthorizations, MdocSigner};
use sinpyo_proof::{
    KeyRing, Signatory, Unverified, VerifiedStatusList,
    issuer_key::CertifiedSignatory,
    sd_jwt::{Concealment, Decoys, DigestAlgorithm},
    sd_jwt_vc,
    status_token::{self, Publication},
};
use sinpyo_testkit::{TestEntropy, key};
use sinpyo_wallet::{Received, Wallet};
use sinpyo_x509::{Roots, SigningChain};
use std::{collections::BTreeMap, sync::Arc, time::Duration};

pub(crate) const ISSUER: &str = "did:x:ministry";
pub(crate) const KIND: &str = "urn:sinpyo:credential:ResidentCredential";
pub(crate) const CLUB: &str = "urn:sinpyo:credential:ClubCredential";
pub(crate) const LIST: &str = "https://ministry.example/status/1";
pub(crate) const MDL: &str = "org.iso.18013.5.1.mDL";
/// As the licence, with a status list.
pub(crate) const LISTED: &str = "kr.example.listed";
pub(crate) const NAMESPACE: &str = "org.iso.18013.5.1";
/// Claim values that stand nowhere but in credentials and results.
pub(crate) const PLANTED: [&str; 3] = ["한별별한", "가람로4711", "1987-06-05"];

pub(crate) fn signer(did: &str, seed: u8) -> KeySigner {
    let did: Did = did.parse().unwrap();
    KeySigner::new(did.key("0").unwrap(), key(Algorithm::Es256, seed))
}

pub(crate) fn issuer() -> KeySigner {
    signer(ISSUER, 11)
}

pub(crate) fn document(signer: &KeySigner) -> Resolved {
    let did = signer.key_id().did();
    let method = VerificationMethod {
        id: signer.key_id().clone(),
        controller: did.clone(),
        key: PublicKeyMaterial::Multikey(signer.key().verifying_key().to_multikey()),
        revoked: None,
    };
    Resolved::immutable(DidDocument::new(did).with_key(method, &VerificationRelationship::ALL))
}

pub(crate) fn keys() -> KeyRing {
    KeyRing::of(&document(&issuer()))
}

/// The list, in which the credential at 7 has `status`.
pub(crate) fn list(entry: &StatusEntry, status: u8) -> VerifiedStatusList {
    let publication = Publication {
        uri: LIST.to_owned(),
        issued_at: start(),
        expires: None,
        ttl: Some(Duration::from_hours(1)),
    };
    let issuer = issuer();
    let mut list = StatusList::new(4, BitOrder::LeastFirst, 100).unwrap();
    list.set(7, status).unwrap();
    let signatory = Signatory { key_id: issuer.key_id(), key: issuer.key().verifying_key() };
    let wire = status_token::prepare(&list, &publication, signatory).sign(&issuer).unwrap();
    Unverified::<StatusList>::parse(wire.as_bytes()).unwrap().verify(entry, &keys(), start()).unwrap()
}

/// Who may do what.
pub(crate) fn accreditation(subject: &Did, right: &Right) -> Option<Accreditation> {
    let grant = match right {
        Right::Issue(kind) if subject.as_str() == ISSUER => Grant::Issue { types: vec![kind.clone()] },
        Right::Request(service) if service.as_str() == "post.pickup" => Grant::Request {
            service: service.clone(),
            scope: BTreeMap::from([(KIND.parse().unwrap(), vec![ClaimPath::name("given_name")])]),
        },
        _ => return None,
    };
    Some(Accreditation {
        subject: subject.clone(),
        name: LocalizedName { ko: "기관".into(), en: "Organisation".into() },
        granted_by: "did:x:root".parse().unwrap(),
        grant,
        validity: Validity::default(),
    })
}

/// A wallet with a resident's credential, a club's, and a driving licence.
pub(crate) struct Holding {
    pub(crate) wallet: Wallet,
    /// The authority behind the licence, as PEM.
    pub(crate) authority: String,
    /// The certificates of the licence's signer.
    chain: SigningChain,
}

impl Holding {
    /// The list of the licence, by its signer, which names its DID beside its certificates.
    pub(crate) fn certified_list(
        &self,
        entry: &StatusEntry,
        status: u8,
        roots: &Arc<Roots>,
    ) -> Option<VerifiedStatusList> {
        let publication = Publication { uri: LIST.to_owned(), issued_at: start(), expires: None, ttl: None };
        let issuer = issuer();
        let mut list = StatusList::new(1, BitOrder::LeastFirst, 100).unwrap();
        list.set(7, status).unwrap();
        let signatory = CertifiedSignatory { chain: &self.chain, key_id: Some(issuer.key_id()) };
        let wire = status_token::prepare_certified(&list, &publication, ISSUER, signatory).unwrap();
        let wire = wire.sign(&issuer).unwrap();
        let mut ring = KeyRing::new();
        ring.trust_certificates(Arc::clone(roots));
        Unverified::<StatusList>::parse(wire.as_bytes()).unwrap().verify(entry, &ring, start()).ok()
    }
}

pub(crate) fn holding() -> Holding {
    let mut wallet = Wallet::new();
    for (seed, kind) in [(1, KIND), (2, CLUB)] {
        let mut entropy = TestEntropy::new(seed);
        let key = wallet.new_key(kind.parse().unwrap(), &mut entropy);
        let credential = Credential::builder(kind.parse().unwrap(), ISSUER)
            .holder(Holder::Key(key))
            .valid(Validity { from: Some(start()), until: Some(later(1_000_000)) })
            .issued_at(start())
            .status(StatusEntry::Token { list: LIST.into(), index: 7 })
            .claim("given_name", PLANTED[0])
            .claim("address", PLANTED[1])
            .claim("birth_date", PLANTED[2])
            .build();
        let selective: Vec<_> = credential.claims().keys().map(|name| ClaimPath::name(name)).collect();
        let concealment =
            Concealment { selective: &selective, decoys: Decoys::None, algorithm: DigestAlgorithm::Sha256 };
        let issuer = issuer();
        let pair: (&dyn Signer, _) = (&issuer, issuer.key().verifying_key());
        let wire = sd_jwt_vc::issue(&credential, &concealment, pair, &mut entropy).unwrap();
        let received = Received::verify(wire.as_bytes(), &keys(), start()).unwrap();
        wallet.hold(received, vec![]).unwrap();
    }
    let issuer = issuer();
    let did = SanType::URI(ISSUER.try_into().unwrap());
    let (chain, authority) = certify(issuer.key().verifying_key(), did);
    let listed = StatusReference { list: LIST.into(), index: 7 };
    for (seed, doc_type, status) in [(3, MDL, None), (5, LISTED, Some(listed))] {
        let device = wallet.new_key(doc_type.parse().unwrap(), &mut TestEntropy::new(seed));
        let wire = licence((doc_type, status), &device, &chain, seed);
        let received = Received::verify_mdoc(&wire, IssuerTrust::Roots(&roots(&authority)), start());
        wallet.hold(received.unwrap(), vec![]).unwrap();
    }
    Holding { wallet, authority, chain }
}

struct Point(Vec<u8>);

impl PublicKeyData for Point {
    fn der_bytes(&self) -> &[u8] {
        &self.0
    }

    fn algorithm(&self) -> &'static SignatureAlgorithm {
        &PKCS_ECDSA_P256_SHA256
    }
}

fn params(common_name: &str) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, common_name);
    params.distinguished_name.push(DnType::CountryName, "KR");
    params.serial_number = Some(SerialNumber::from(7_u64));
    (params.not_before, params.not_after) = (date_time_ymd(2026, 11, 1), date_time_ymd(2028, 1, 1));
    params
}

/// A certificate for `key`, under the name `name`; the chain, and its authority as PEM.
pub(crate) fn certify(key: &VerifyingKey, name: SanType) -> (SigningChain, String) {
    let mut root = params("authority");
    root.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    root.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    let root_key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).unwrap();
    let root = CertifiedIssuer::self_signed(root, root_key).unwrap();
    let mut leaf = params("leaf");
    leaf.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    leaf.extended_key_usages = vec![ExtendedKeyUsagePurpose::Other(vec![1, 0, 18013, 5, 1, 2])];
    leaf.use_authority_key_identifier_extension = true;
    leaf.subject_alt_names = vec![name];
    let leaf = leaf.signed_by(&Point(key.to_sec1().unwrap()), &root).unwrap();
    let der = sinpyo_core::encoding::to_base64(root.der());
    let pem = format!("-----BEGIN CERTIFICATE-----\n{der}\n-----END CERTIFICATE-----\n");
    (SigningChain::new(vec![leaf.der().to_vec()], key).unwrap(), pem)
}

pub(crate) fn roots(pem: &str) -> Arc<Roots> {
    let body = pem.trim().trim_start_matches("-----BEGIN CERTIFICATE-----");
    let body: String =
        body.trim_end_matches("-----END CERTIFICATE-----").chars().filter(|c| !c.is_whitespace()).collect();
    Arc::new(Roots::new([sinpyo_core::encoding::from_base64(&body).unwrap()]).unwrap())
}

/// A driving licence for `device`.
fn licence(
    (doc_type, status): (&str, Option<StatusReference>),
    device: &PublicJwk,
    chain: &SigningChain,
    seed: u64,
) -> Vec<u8> {
    let issuer = issuer();
    let name = |identifier| ElementName { namespace: NAMESPACE, identifier };
    let elements = Elements::default()
        .with(name("family_name"), cbor::Value::from(PLANTED[0]))
        .with(name("age_over_18"), cbor::Value::Bool(true));
    let draft = Draft {
        doc_type,
        elements: &elements,
        validity: sinpyo_mdoc::Validity {
            signed: start(),
            from: start(),
            until: later(1_000_000),
            expected_update: None,
        },
        device_key: &VerifyingKey::from_jwk(device).unwrap(),
        authorizations: KeyAuthorizations::default(),
        status,
    };
    let signer = MdocSigner { key: issuer.key().verifying_key(), x5chain: chain.ders() };
    draft.prepare(signer, &mut TestEntropy::new(seed + 10)).unwrap().sign(&issuer).unwrap().to_bytes()
}

/// A query for the resident's name.
pub(crate) fn name_query() -> serde_json::Value {
    json!({"credentials": [{
        "id": "resident", "format": "dc+sd-jwt", "meta": {"vct_values": [KIND]}, "claims": [{"path": ["given_name"]}],
    }]})
}
