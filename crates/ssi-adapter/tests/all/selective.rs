//! `ecdsa-sd-2023`: one issues, either derives, both verify.

use crate::{
    tally::{Tally, Verdict},
    theirs,
    world::{Office, World, credential, in_world, named_credential, now},
};
use serde_json::{Map, Value};
use sinpyo_core::{
    credential::Credential, document::VerificationRelationship::AssertionMethod, json, key::Signer,
};
use sinpyo_crypto::Algorithm;
use sinpyo_jsonld::Contexts;
use sinpyo_proof::{
    Unverified,
    data_integrity::{ProofOptions, disclosure},
};
use sinpyo_selective::Pointer;
use sinpyo_ssi_adapter::key;
use sinpyo_testkit::TestEntropy;

/// What is shown beside what is mandatory, the issuer.
pub(crate) const SHOWN: [&str; 2] = ["/validFrom", "/credentialSubject/address"];

fn pointer(text: &str) -> Pointer {
    Pointer::parse(text).unwrap()
}

/// A base proof of ours.
pub(crate) fn base(office: &Office, document: Map<String, Value>) -> String {
    let contexts = Contexts::bundled();
    let options = ProofOptions { created: Some(now()), ..ProofOptions::new(AssertionMethod) };
    let base =
        disclosure::Base { options: &options, mandatory: &["/issuer"].map(pointer), contexts: &contexts };
    let prepared =
        disclosure::prepare(document, &base, office.signatory(), &mut TestEntropy::new(7)).unwrap();
    let signature = office.signer.sign(prepared.signing_input()).unwrap();
    Value::Object(prepared.attach(&signature).unwrap()).to_string()
}

fn derive(secured: &str) -> Result<String, String> {
    let secured = json::parse_object(secured.as_bytes()).unwrap();
    let shown = SHOWN.map(pointer);
    let derived = disclosure::derive(secured, &shown, b"", &Contexts::bundled(), &mut TestEntropy::new(8));
    derived.map(|derived| Value::Object(derived).to_string()).map_err(|error| error.code().to_owned())
}

pub(crate) fn we_verify(world: &World<'_>, office: &Office, wire: &str) -> Verdict {
    let arrived = Unverified::<Credential>::parse(wire.as_bytes()).map_err(|error| error.code())?;
    arrived.verify(&world.ring(&office.did), now()).map(|_| ()).map_err(|error| error.code().to_owned())
}

/// Runs every pair; `ssi` derives only where every node has a name: see `lacks`.
pub(crate) fn run(tally: &mut Tally) {
    in_world(|world| {
        let office = world.office(Algorithm::Es256);
        let jwk = key::to_ssi_private(office.signer.key()).unwrap();
        for (nodes, document) in
            [("blank nodes", credential(&office.did)), ("named nodes", named_credential(&office.did))]
        {
            let text = Value::Object(document.clone()).to_string();
            let method = office.signer.key_id().as_str();
            let theirs = theirs::sign_selective(&world, &text, (&jwk, method)).unwrap();
            for (issuer, secured) in [("ours", base(office, document)), ("of ssi", theirs)] {
                let name = format!("ecdsa-sd-2023 {nodes} {issuer}");
                check(tally, &world, office, (&format!("{name}, derived by us"), derive(&secured)));
                if nodes == "named nodes" {
                    let derived = theirs::derive(&world, &secured, &SHOWN);
                    check(tally, &world, office, (&format!("{name}, derived by ssi"), derived));
                }
            }
        }
    });
}

fn check(
    tally: &mut Tally,
    world: &World<'_>,
    office: &Office,
    (name, derived): (&str, Result<String, String>),
) {
    let wire = match derived {
        Ok(wire) => wire,
        Err(why) => return tally.expect(name, Err(why)),
    };
    assert!(!wire.contains("김한별"), "{name}");
    tally.expect(&format!("{name}, by us"), we_verify(world, office, &wire));
    tally.expect(&format!("{name}, by ssi"), theirs::verify(world, &wire));
    let tampered = wire.replace("대구광역시", "부산광역시");
    assert_ne!(tampered, wire, "{name}");
    tally.expect_refused(&format!("{name}, tampered, by us"), &we_verify(world, office, &tampered));
    tally.expect_refused(&format!("{name}, tampered, by ssi"), &theirs::verify(world, &tampered));
}
