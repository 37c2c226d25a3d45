//! What verification costs beside the bare signature: `cargo run --release -p sinpyo-proof --example cost`.
//!
//! Every row starts from wire bytes, runs over 1,000 different inputs and prints the best of seven rounds.

#![expect(clippy::unwrap_used, reason = "a measurement over inputs that it made itself")]

use serde_json::{Value, json};
use sinpyo_core::{
    claims::ClaimPath,
    credential::{Credential, Holder, Presentation, Validity},
    did::Did,
    document::{DidDocument, PublicKeyMaterial, VerificationMethod, VerificationRelationship},
    key::{Entropy, Signer, Verifier},
    resolved::Resolved,
    status::StatusEntry,
    time::Timestamp,
};
use sinpyo_crypto::{Algorithm, KeySigner, SigningKey, VerifyingKey};
use sinpyo_proof::{
    HolderBinding, KeyRing, Occasion, Unverified,
    jws::Typ,
    sd_jwt::{Concealment, Decoys, DigestAlgorithm, Holding},
    sd_jwt_vc, vc_di, vc_jwt,
};
use sinpyo_testkit::TestEntropy;
use std::time::{Duration, Instant};

const INPUTS: u32 = 1000;
const ISSUER: &str = "did:tlog:z6MkissuerIssuerIssuerIssuerIssuerIssuer";
const NONCE: &str = "n-0S6_WzA2Mj-n-0S6_WzA2Mj";
const AUDIENCE: &str = "decentralized_identifier:did:tlog:z6MkverifierVerifierVerifier";

fn main() {
    for algorithm in [Algorithm::Ed25519, Algorithm::Es256] {
        let bench = Bench::new(algorithm);
        let raw = bench.raw();
        println!("raw {algorithm} verify                 {raw:7.2} µs");
        for (name, micros, limit) in [
            ("sd-jwt-vc verify", bench.sd_jwt_vc(), 1.5),
            ("sd-jwt-vc + key binding verify", bench.presentation(), 2.6),
            ("vc+jwt verify", bench.vc_jwt(), 1.4),
            ("data integrity jcs verify", bench.data_integrity(), 1.6),
        ] {
            println!("{name:<32} {algorithm} {micros:7.2} µs  {:.2} (limit {limit})", micros / raw);
        }
        println!("sd-jwt-vc issue {algorithm} {:7.2} µs", bench.issue());
    }
}

struct Bench {
    issuer: KeySigner,
    holder: SigningKey,
    ring: KeyRing,
    now: Timestamp,
}

impl Bench {
    fn new(algorithm: Algorithm) -> Self {
        let did: Did = ISSUER.parse().unwrap();
        let issuer = KeySigner::new(
            did.key("key-1").unwrap(),
            SigningKey::generate(algorithm, &mut TestEntropy::new(1)),
        );
        let method = VerificationMethod {
            id: did.key("key-1").unwrap(),
            controller: did.clone(),
            key: PublicKeyMaterial::Multikey(issuer.key().verifying_key().to_multikey()),
            revoked: None,
        };
        let document = DidDocument::new(did).with_key(method, &[VerificationRelationship::AssertionMethod]);
        Self {
            issuer,
            holder: SigningKey::generate(algorithm, &mut TestEntropy::new(2)),
            ring: KeyRing::of(&Resolved::immutable(document)),
            now: Timestamp::from_unix(1_795_319_100).unwrap(),
        }
    }

    fn key(&self) -> &VerifyingKey {
        self.issuer.key().verifying_key()
    }

    fn raw(&self) -> f64 {
        let messages: Vec<_> = (0..INPUTS).map(|i| format!("{i}{}", "m".repeat(1200)).into_bytes()).collect();
        let signed: Vec<_> = messages.iter().map(|m| (m, self.issuer.key().sign(m).unwrap())).collect();
        best(|| {
            for (message, signature) in &signed {
                assert!(self.key().verify(message, signature).is_ok());
            }
        })
    }

    fn credential(&self, number: u32, holder: Holder, status: StatusEntry) -> Credential {
        let claims: Value = json!({
            "family_name": "김", "given_name": format!("한별{number}"), "birthdate": "1990-05-17", "gender": "F",
            "nationality": "KR", "resident_number_tail": format!("2{number:06}"), "address": "대구광역시 중구 공평로 88",
            "district": "대구광역시 중구", "age_over_18": true, "age_over_19": true, "age_over_65": false,
        });
        let until = self.now.plus(Duration::from_hours(24 * 365));
        Credential::builder("urn:sinpyo:credential:Resident".parse().unwrap(), ISSUER)
            .holder(holder)
            .valid(Validity { from: Some(self.now), until: Some(until) })
            .issued_at(self.now)
            .status(status)
            .claims(claims.as_object().unwrap().clone())
            .build()
    }

    fn issued(&self, number: u32, entropy: &mut dyn Entropy) -> String {
        let status =
            StatusEntry::Token { list: "https://status.example/lists/1".into(), index: number.into() };
        let holder = Holder::Key(self.holder.verifying_key().to_jwk());
        let credential = self.credential(number, holder, status);
        let selective: Vec<_> = credential.claims().keys().map(|name| ClaimPath::name(name)).collect();
        let concealment =
            Concealment { selective: &selective, decoys: Decoys::None, algorithm: DigestAlgorithm::Sha256 };
        sd_jwt_vc::issue(&credential, &concealment, (&self.issuer, self.key()), entropy).unwrap()
    }

    fn issue(&self) -> f64 {
        let mut entropy = TestEntropy::new(9);
        best(|| (0..INPUTS).for_each(|i| drop(self.issued(i, &mut entropy))))
    }

    fn selected(&self, bound: bool) -> Vec<String> {
        let mut entropy = TestEntropy::new(3);
        let holder = KeySigner::new(
            "did:x:holder#k".parse().unwrap(),
            SigningKey::generate(self.holder.algorithm(), &mut TestEntropy::new(2)),
        );
        let shown =
            ["family_name", "given_name", "birthdate", "district", "age_over_18"].map(ClaimPath::name);
        (0..INPUTS)
            .map(|i| {
                let holding = Holding::parse(&self.issued(i, &mut entropy), &[Typ::SD_JWT_VC]).unwrap();
                let selection = holding.select(&shown).unwrap();
                if bound {
                    selection.bind(AUDIENCE, NONCE, self.now, (&holder, self.holder.verifying_key())).unwrap()
                } else {
                    selection.unbound()
                }
            })
            .collect()
    }

    fn verify_all(&self, wires: &[String]) -> f64 {
        best(|| {
            for wire in wires {
                let arrived = Unverified::<Credential>::parse(wire.as_bytes()).unwrap();
                assert!(arrived.verify(&self.ring, self.now).is_ok());
            }
        })
    }

    fn sd_jwt_vc(&self) -> f64 {
        self.verify_all(&self.selected(false))
    }

    fn presentation(&self) -> f64 {
        let wires = self.selected(true);
        let occasion = Occasion { audience: AUDIENCE, nonce: NONCE, max_age: Duration::from_mins(5) };
        best(|| {
            for wire in &wires {
                let arrived = Unverified::<Presentation>::parse(wire.as_bytes()).unwrap();
                assert!(arrived.verify(&self.ring, HolderBinding::Required(occasion), self.now).is_ok());
            }
        })
    }

    fn w3c(&self, number: u32) -> Credential {
        let status = StatusEntry::Bitstring {
            list: "https://status.example/lists/2".into(),
            index: number.into(),
            purpose: sinpyo_core::status::StatusPurpose::Revocation,
        };
        self.credential(
            number,
            Holder::Did("did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK".parse().unwrap()),
            status,
        )
    }

    fn vc_jwt(&self) -> f64 {
        let signer: (&dyn Signer, _) = (&self.issuer, self.key());
        let wires: Vec<_> = (0..INPUTS).map(|i| vc_jwt::issue(&self.w3c(i), &[], signer).unwrap()).collect();
        self.verify_all(&wires)
    }

    fn data_integrity(&self) -> f64 {
        let signer: (&dyn Signer, _) = (&self.issuer, self.key());
        let secured = |i| Value::Object(vc_di::issue(&self.w3c(i), &[], signer).unwrap()).to_string();
        let wires: Vec<_> = (0..INPUTS).map(secured).collect();
        self.verify_all(&wires)
    }
}

/// Microseconds an input in the fastest of seven rounds.
#[expect(clippy::disallowed_methods, reason = "a measurement needs a clock")]
fn best(mut round: impl FnMut()) -> f64 {
    let one = |_| {
        let start = Instant::now();
        round();
        start.elapsed().as_secs_f64() * 1e6 / f64::from(INPUTS)
    };
    (0..7).map(one).fold(f64::INFINITY, f64::min)
}
