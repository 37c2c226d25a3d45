//! Under which authorities a certified issuer stands [OpenID4VP 1.0 §6.1.1].

use crate::{arrival::Reading, token};
use serde_json::Value;
use sinpyo_core::encoding::to_base64url;
use sinpyo_dcql::{Authority, AuthorityKind};
use sinpyo_mdoc::DeviceResponse;
use sinpyo_x509::{Chain, Purpose, Roots, VerifiedLeaf};

/// The authorities of the issuer of `token`, by the certificates in its header.
pub(crate) fn of_token(token: &str, roots: &Roots, reading: &Reading<'_>) -> Vec<Authority> {
    let find = || {
        let header = token::header(token)?;
        let x5c: Option<Vec<&str>> = header.get("x5c")?.as_array()?.iter().map(Value::as_str).collect();
        Chain::from_x5c(&x5c?).ok()
    };
    authorities(find, roots, &Purpose::Signer, reading)
}

/// The authorities of the signer of the mobile document in `response`.
pub(crate) fn of_mdoc(response: &[u8], roots: &Roots, reading: &Reading<'_>) -> Vec<Authority> {
    let find = || Chain::from_x5chain(&DeviceResponse::parse(response).ok()?.hint().x5chain).ok();
    authorities(find, roots, &Purpose::DocumentSigner, reading)
}

/// By the key identifiers in a chain that leads to `roots`; none if there is no such chain, or nobody asks.
fn authorities(
    chain: impl FnOnce() -> Option<Chain>,
    roots: &Roots,
    purpose: &Purpose,
    reading: &Reading<'_>,
) -> Vec<Authority> {
    if reading.asked.authorities.is_empty() {
        return Vec::new();
    }
    // What verified the presentation keeps the chain to itself: it is proven here once more. [VP-23]
    let leaf = chain().and_then(|chain| chain.verify(roots, reading.now, purpose).ok());
    let name = |identifier: &Vec<u8>| Authority {
        kind: AuthorityKind::KeyIdentifier,
        value: to_base64url(identifier),
    };
    leaf.iter().flat_map(VerifiedLeaf::authority_key_identifiers).map(name).collect()
}
