//! `sinpyo-bbs`: keys, signatures, proofs.

use super::{OK, target};
use crate::{Outcome, Target};
use sinpyo_bbs::{Disclosure, Proof, PublicKey, SecretKey, Selection, Signature, Suite};
use sinpyo_testkit::TestEntropy;
use std::sync::LazyLock;

pub(super) const TARGETS: &[Target] = &[
    target("bbs/public-key", public_keys, read_key),
    target("bbs/signature", signatures, verify_signature),
    target("bbs/proof", proofs, verify_proof),
];

const SUITE: Suite = Suite::Sha256;
const HEADER: &[u8] = b"header";
const OCCASION: &[u8] = b"nonce";
const MESSAGES: [&[u8]; 4] = [b"one", b"two", b"", "넷".as_bytes()];
const SHOWN: [(usize, &[u8]); 2] = [(0, b"one"), (3, "넷".as_bytes())];

static SECRET: LazyLock<SecretKey> = LazyLock::new(|| SecretKey::generate(&mut TestEntropy::new(1)));
static KEY: LazyLock<PublicKey> = LazyLock::new(|| SECRET.public_key());
static SIGNED: LazyLock<Signature> =
    LazyLock::new(|| SECRET.sign(SUITE, HEADER, &MESSAGES).expect("a signature"));
static PROVEN: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let selection =
        Selection { header: HEADER, presentation_header: OCCASION, messages: &MESSAGES, disclosed: &[0, 3] };
    KEY.prove(SUITE, &SIGNED, &selection, &mut TestEntropy::new(2)).expect("a proof").to_octets()
});

fn public_keys() -> Vec<Vec<u8>> {
    vec![KEY.to_octets().to_vec()]
}

fn read_key(input: &[u8]) -> Outcome {
    match PublicKey::from_octets(input) {
        Ok(key) => {
            assert_eq!(key.to_octets().as_slice(), input, "a key has one form");
            assert!(PublicKey::from_multikey(&key.to_multikey()).is_ok());
            OK
        }
        Err(error) => error.code(),
    }
}

fn signatures() -> Vec<Vec<u8>> {
    vec![SIGNED.to_octets().to_vec()]
}

fn verify_signature(input: &[u8]) -> Outcome {
    let signature = match Signature::from_octets(input) {
        Ok(signature) => signature,
        Err(error) => return error.code(),
    };
    assert_eq!(signature.to_octets().as_slice(), input, "a signature has one form");
    match KEY.verify(SUITE, &signature, HEADER, &MESSAGES) {
        Ok(_) => {
            assert_eq!(input, SIGNED.to_octets(), "no signature is made from another one");
            OK
        }
        Err(error) => error.code(),
    }
}

fn proofs() -> Vec<Vec<u8>> {
    vec![PROVEN.clone()]
}

fn verify_proof(input: &[u8]) -> Outcome {
    let proof = match Proof::from_octets(input) {
        Ok(proof) => proof,
        Err(error) => return error.code(),
    };
    assert_eq!(proof.to_octets(), input, "a proof has one form");
    let disclosure = Disclosure { header: HEADER, presentation_header: OCCASION, messages: &SHOWN };
    match KEY.verify_proof(SUITE, &proof, disclosure) {
        Ok(_) => {
            assert_eq!(input, *PROVEN, "no proof is made from another one");
            OK
        }
        Err(error) => error.code(),
    }
}
