//! Each side issues and the other verifies, for every format that both have; then a tampered twin that both refuse.

use crate::{
    lacks, selective,
    tally::{Tally, Verdict},
    theirs,
    world::{Office, World, credential, in_world, named_credential, now},
};
use serde_json::{Map, Value, json};
use sinpyo_core::{
    claims::ClaimPath,
    credential::Credential,
    document::VerificationRelationship::AssertionMethod,
    encoding::{from_base64url, to_base64url},
    key::Signer,
    vcdm,
};
use sinpyo_crypto::Algorithm;
use sinpyo_jsonld::Contexts;
use sinpyo_proof::{
    Unverified,
    data_integrity::{Cryptosuite, Earlier, ProofOptions, Securing, secure},
    sd_jwt::{Concealment, Decoys, DigestAlgorithm},
    vc_jwt, vc_sd_jwt,
};
use sinpyo_ssi_adapter::key;
use sinpyo_testkit::TestEntropy;
use ssi::claims::data_integrity::AnySuite;

const EXAMPLES: &str = "https://www.w3.org/ns/credentials/examples/v2";

/// One format with one issuer.
struct Case<'w, 'a> {
    world: &'w World<'a>,
    issuer: &'w Office,
    format: Format,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Format {
    Statements(Cryptosuite),
    VcJwt,
    SdJwt,
}

impl Case<'_, '_> {
    fn name(&self) -> String {
        format!("{:?} {} {}", self.format, self.issuer.key().algorithm(), self.issuer.did.method())
    }

    /// What is issued. With P-384 `ssi` numbers blank nodes otherwise than the suite says: see `lacks`.
    fn credential(&self) -> Map<String, Value> {
        match self.issuer.key().algorithm() {
            Algorithm::Es384 => named_credential(&self.issuer.did),
            _ => credential(&self.issuer.did),
        }
    }

    /// What we issue.
    fn ours(&self) -> Result<String, String> {
        let members = self.credential();
        let pair: (&dyn Signer, _) = (&self.issuer.signer, self.issuer.key());
        let typed =
            || vcdm::credential_from_json(&members, vcdm::Version::V2).map_err(|error| error.to_string());
        match self.format {
            Format::Statements(suite) => {
                let options = ProofOptions { created: Some(now()), ..ProofOptions::new(AssertionMethod) };
                let contexts = Contexts::bundled();
                let how =
                    Securing { suite, options: &options, contexts: &contexts, earlier: Earlier::Replaced };
                let prepared =
                    secure(members, &how, self.issuer.signatory()).map_err(|error| error.to_string())?;
                let signature = self.issuer.signer.sign(prepared.signing_input()).unwrap();
                Ok(Value::Object(prepared.attach(&signature).unwrap()).to_string())
            }
            Format::VcJwt => vc_jwt::issue(&typed()?, &[EXAMPLES], pair).map_err(|error| error.to_string()),
            Format::SdJwt => {
                let hidden = [ClaimPath::from_json(&json!(["credentialSubject", "name"])).unwrap()];
                let concealment = Concealment {
                    selective: &hidden,
                    decoys: Decoys::None,
                    algorithm: DigestAlgorithm::Sha256,
                };
                vc_sd_jwt::issue(&typed()?, &[EXAMPLES], &concealment, pair, &mut TestEntropy::new(1))
                    .map_err(|error| error.to_string())
            }
        }
    }

    /// What `ssi` issues with the same key.
    fn theirs(&self) -> Result<String, String> {
        let mut jwk = key::to_ssi_private(self.issuer.signer.key()).unwrap();
        let method = self.issuer.signer.key_id().as_str();
        jwk.key_id = Some(method.to_owned());
        let credential = Value::Object(self.credential()).to_string();
        match self.format {
            Format::Statements(Cryptosuite::EddsaRdfc2022) => {
                theirs::sign(self.world, &AnySuite::EdDsaRdfc2022, &credential, (&jwk, method))
            }
            Format::Statements(Cryptosuite::EcdsaRdfc2019) => {
                theirs::sign(self.world, &AnySuite::EcdsaRdfc2019, &credential, (&jwk, method))
            }
            Format::Statements(suite) => Err(format!("ssi has no {suite:?}")),
            Format::VcJwt => theirs::sign_jwt(&credential, &jwk),
            Format::SdJwt => theirs::sign_sd_jwt(&credential, &jwk),
        }
    }

    fn we_verify(&self, wire: &str) -> Verdict {
        let arrived = Unverified::<Credential>::parse(wire.as_bytes()).map_err(|error| error.code())?;
        let verified =
            arrived.verify(&self.world.ring(&self.issuer.did), now()).map_err(|error| error.code())?;
        let age = ClaimPath::name("age");
        if verified.get().claim(&age) == Some(&json!(35)) { Ok(()) } else { Err("another age".to_owned()) }
    }

    fn they_verify(&self, wire: &str) -> Verdict {
        match self.format {
            Format::Statements(_) => theirs::verify(self.world, wire),
            Format::VcJwt => theirs::verify_jwt(self.world, wire),
            Format::SdJwt => theirs::verify_sd_jwt(self.world, wire),
        }
    }
}

/// The same with another age, everything else as it was signed.
fn tampered(wire: &str) -> String {
    let older = |text: &str| {
        let changed = text.replace("\"age\":35", "\"age\":36");
        assert_ne!(changed, text);
        changed
    };
    if wire.starts_with('{') {
        return older(wire);
    }
    let mut parts = wire.splitn(3, '.');
    let (header, payload, rest) = (parts.next().unwrap(), parts.next().unwrap(), parts.next().unwrap());
    let payload = String::from_utf8(from_base64url(payload).unwrap()).unwrap();
    format!("{header}.{}.{rest}", to_base64url(older(&payload).as_bytes()))
}

fn run(tally: &mut Tally, case: &Case<'_, '_>) {
    let name = case.name();
    match case.ours() {
        Ok(wire) => {
            tally.expect(&format!("{name}: ours, by us"), case.we_verify(&wire));
            tally.expect(&format!("{name}: ours, by ssi"), case.they_verify(&wire));
            tally.expect_refused(
                &format!("{name}: ours tampered, by ssi"),
                &case.they_verify(&tampered(&wire)),
            );
            tally.expect_refused(&format!("{name}: ours tampered, by us"), &case.we_verify(&tampered(&wire)));
        }
        Err(why) => tally.expect(&format!("{name}: issued by us"), Err(why)),
    }
    if case.format == Format::SdJwt {
        return; // `ssi` writes no `typ`: see `lacks`
    }
    match case.theirs() {
        Ok(wire) => {
            tally.expect(&format!("{name}: of ssi, by us"), case.we_verify(&wire));
            tally.expect_refused(
                &format!("{name}: of ssi tampered, by us"),
                &case.we_verify(&tampered(&wire)),
            );
            tally.expect_refused(
                &format!("{name}: of ssi tampered, by ssi"),
                &case.they_verify(&tampered(&wire)),
            );
        }
        Err(why) => tally.expect(&format!("{name}: issued by ssi"), Err(why)),
    }
}

#[test]
fn each_issues_and_the_other_verifies() {
    let mut tally = Tally::default();
    in_world(|world| {
        for (algorithm, seed) in [(Algorithm::Ed25519, 1), (Algorithm::Es256, 2), (Algorithm::Es384, 3)] {
            let suite = match algorithm {
                Algorithm::Ed25519 => Cryptosuite::EddsaRdfc2022,
                _ => Cryptosuite::EcdsaRdfc2019,
            };
            for issuer in [world.office(algorithm), &Office::by_key_alone(algorithm, seed)] {
                for format in [Format::Statements(suite), Format::VcJwt, Format::SdJwt] {
                    run(&mut tally, &Case { world: &world, issuer, format });
                }
            }
        }
    });
    selective::run(&mut tally);
    tally.report("ssi", &lacks::UNSUPPORTED);
}
