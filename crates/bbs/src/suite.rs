//! The two ciphersuites and what they hash.

use sinpyo_bls12381::{Expander, Scalar};

/// A ciphersuite [draft-irtf-cfrg-bbs-signatures-08 §7.2]; they differ in the hash function only.
///
/// `bbs-2023` uses SHA-256 [VC-DI-BBS §3.3].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Suite {
    /// `BBS_BLS12381G1_XMD:SHA-256_SSWU_RO_`.
    Sha256,
    /// `BBS_BLS12381G1_XOF:SHAKE-256_SSWU_RO_`.
    Shake256,
}

impl Suite {
    /// The identifier of the interface: the suite, generators by hash to curve, messages by hash to scalar.
    pub const fn api_id(self) -> &'static str {
        match self {
            Self::Sha256 => "BBS_BLS12381G1_XMD:SHA-256_SSWU_RO_H2G_HM2S_",
            Self::Shake256 => "BBS_BLS12381G1_XOF:SHAKE-256_SSWU_RO_H2G_HM2S_",
        }
    }

    pub(crate) const fn expander(self) -> Expander {
        match self {
            Self::Sha256 => Expander::XmdSha256,
            Self::Shake256 => Expander::XofShake256,
        }
    }

    /// `api_id ‖ use`: what separates the uses of the hash.
    pub(crate) fn separator(self, usage: &str) -> Vec<u8> {
        [self.api_id(), usage].concat().into_bytes()
    }

    /// `hash_to_scalar` under its default separator [§4.2.2].
    pub(crate) fn hash_to_scalar(self, octets: &[u8]) -> Scalar {
        self.expander().hash_to_scalar(octets, &self.separator("H2S_"))
    }

    /// `messages_to_scalars` [§4.1.2].
    pub(crate) fn message_scalars<'m>(self, messages: impl Iterator<Item = &'m [u8]>) -> Vec<Scalar> {
        let separator = self.separator("MAP_MSG_TO_SCALAR_AS_HASH_");
        messages.map(|message| self.expander().hash_to_scalar(message, &separator)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sinpyo_testkit::{from_hex, vectors};
    use std::fs;

    const FOLDERS: [(Suite, &str); 2] =
        [(Suite::Sha256, "bls12-381-sha-256"), (Suite::Shake256, "bls12-381-shake-256")];

    fn fixture(suite: &str, name: &str) -> Option<serde_json::Value> {
        let text = fs::read(vectors("bbs-draft")?.join(suite).join(name)).unwrap();
        Some(serde_json::from_slice(&text).unwrap())
    }

    fn bytes(value: &serde_json::Value) -> Vec<u8> {
        from_hex(value.as_str().unwrap())
    }

    #[test]
    fn hash_to_scalar_is_that_of_the_draft() {
        for (suite, name) in FOLDERS {
            let Some(fixture) = fixture(name, "h2s.json") else { return };
            assert_eq!(suite.separator("H2S_"), bytes(&fixture["dst"]));
            assert_eq!(
                suite.hash_to_scalar(&bytes(&fixture["message"])).to_be_bytes()[..],
                bytes(&fixture["scalar"])
            );
        }
    }

    #[test]
    fn messages_become_the_scalars_of_the_draft() {
        for (suite, name) in FOLDERS {
            let Some(fixture) = fixture(name, "MapMessageToScalarAsHash.json") else { return };
            assert_eq!(suite.separator("MAP_MSG_TO_SCALAR_AS_HASH_"), bytes(&fixture["dst"]));
            let cases = fixture["cases"].as_array().unwrap();
            let messages: Vec<_> = cases.iter().map(|case| bytes(&case["message"])).collect();
            let scalars = suite.message_scalars(messages.iter().map(Vec::as_slice));
            assert_eq!(scalars.len(), 10);
            for (scalar, case) in scalars.iter().zip(cases) {
                assert_eq!(scalar.to_be_bytes()[..], bytes(&case["scalar"]));
            }
        }
    }

    #[test]
    fn the_mocked_randomness_is_that_of_the_draft() {
        // What the proof fixtures draw their scalars from: one expansion, 48 bytes a scalar.
        for (suite, name) in FOLDERS {
            let Some(fixture) = fixture(name, "mockedRng.json") else { return };
            let stream: [u8; 480] =
                suite.expander().expand(&bytes(&fixture["seed"]), &bytes(&fixture["dst"]));
            let expected = fixture["mockedScalars"].as_array().unwrap();
            assert_eq!(expected.len(), 10);
            for (seed, expected) in stream.chunks(48).zip(expected) {
                assert_eq!(Scalar::reduce(seed).to_be_bytes()[..], bytes(expected));
            }
        }
    }
}
