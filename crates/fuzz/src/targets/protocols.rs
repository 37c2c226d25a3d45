//! The readers of the protocols, for bombs.

use super::{OK, dcql, jose, oauth, openid4vci, openid4vp, web};
use crate::Outcome;
use sinpyo_jose::{HeaderRules, Typ, UnverifiedJwt};
use sinpyo_x509::Chain;

pub(crate) use dcql::read as query;
pub(crate) use jose::decrypt as jwe;
pub(crate) use oauth::read_form as oauth_form;
pub(crate) use openid4vci::{
    read_link as offer_link, read_metadata as metadata, read_offer as offer, read_request as request,
};
pub(crate) use openid4vp::read_vp_token as vp_token;
pub(crate) use web::read_form as web_form;

/// A token with its own key.
pub(crate) fn jwt(input: &[u8]) -> Outcome {
    let text = String::from_utf8_lossy(input);
    UnverifiedJwt::parse(&text, &[Typ::DPOP], &HeaderRules::OWN_KEY).map_or_else(|error| error.code(), |_| OK)
}

/// A token with certificates, as far as these are a chain.
pub(crate) fn certified(input: &[u8]) -> Outcome {
    let text = String::from_utf8_lossy(input);
    match UnverifiedJwt::parse(&text, &[Typ::REQUEST], &HeaderRules::CERTIFIED) {
        Ok(arrived) => {
            let chain = Chain::from_x5c(arrived.hint().x5c().unwrap_or_default());
            chain.map_or_else(|error| error.code(), |_| OK)
        }
        Err(error) => error.code(),
    }
}

/// The metadata of an issuer of `count` configurations.
pub(crate) fn metadata_of(count: usize) -> Vec<u8> {
    openid4vci::example(count).to_string().into_bytes()
}
