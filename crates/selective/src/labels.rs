//! The labels that blank nodes are signed under.
//!
//! Canonical labels depend on what a document says, hidden parts included, and would tell about it. Signed
//! labels depend on them through a key that only issuer and holder know [VC-DI-ECDSA §3.4.5–3.4.6].

use crate::statements::Labelling;
use sinpyo_core::{
    Secret,
    encoding::{Base, to_multibase},
};
use sinpyo_crypto::mac::hmac_sha256;
use std::sync::Arc;

/// The key of the labels, drawn anew for each base proof.
pub(crate) type HmacKey = Secret<[u8; 32]>;

/// The labels of `ecdsa-sd-2023`: the HMAC of the canonical label, as multibase.
#[derive(Debug)]
pub(crate) struct HmacLabels<'k>(pub(crate) &'k HmacKey);

impl Labelling for HmacLabels<'_> {
    type Seed = [u8; 32];

    fn seeds(&self, count: usize) -> Vec<[u8; 32]> {
        (0..count).map(|number| hmac_sha256(self.0, format!("c14n{number}").as_bytes())).collect()
    }

    fn label(tag: &[u8; 32]) -> Arc<str> {
        to_multibase(Base::Base64Url, tag).into()
    }
}

/// The labels of `bbs-2023`: the rank of the label that [`HmacLabels`] gives, so that they tell the number
/// of blank nodes and nothing else [VC-DI-BBS §3.2.1].
#[derive(Debug)]
pub(crate) struct ShuffledLabels<'k>(pub(crate) &'k HmacKey);

impl Labelling for ShuffledLabels<'_> {
    type Seed = usize;

    fn seeds(&self, count: usize) -> Vec<usize> {
        let labels: Vec<_> = HmacLabels(self.0).seeds(count).iter().map(HmacLabels::label).collect();
        // Ordered as text: base64url does not keep the order of the bytes.
        let mut sorted = labels.clone();
        sorted.sort_unstable();
        labels.iter().filter_map(|label| sorted.binary_search(label).ok()).collect()
    }

    fn label(rank: &usize) -> Arc<str> {
        format!("b{rank}").into()
    }
}
