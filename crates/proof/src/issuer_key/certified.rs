//! Signing with a certified key.

use super::names;
use crate::jws::Typ;
use sinpyo_core::did::KeyId;
use sinpyo_jose::{JwtHeader, KeyHint};
use sinpyo_x509::SigningChain;

/// A certified key that will sign [HAIP 1.0 §4.1].
#[derive(Clone, Copy, Debug)]
pub struct CertifiedSignatory<'a> {
    /// The key and its certificates, which travel with what it signs.
    pub chain: &'a SigningChain,
    /// The same key as a verification method, where the issuer is named by a DID and some of its readers go by that.
    pub key_id: Option<&'a KeyId>,
}

impl<'a> CertifiedSignatory<'a> {
    /// The header of a token of type `typ`.
    pub(crate) fn header(self, typ: Typ) -> JwtHeader<'a> {
        let mut header = JwtHeader::new(typ, KeyHint::X5c(self.chain.ders())); // [HAI-06]
        if let Some(key_id) = self.key_id {
            header.members.insert("kid".to_owned(), key_id.as_str().into());
        }
        header
    }

    /// Whether readers will find that `issuer` signed: the certificate names it, and so does the verification method.
    pub fn speaks_for(self, issuer: &str) -> bool {
        names(self.chain.uris(), self.chain.dns_names(), issuer)
            && self.key_id.is_none_or(|key_id| key_id.did().as_str() == issuer)
    }
}
