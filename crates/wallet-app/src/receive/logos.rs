//! The signs of what is offered: taken from the metadata, or fetched, before the holder is asked.

use crate::need::{Found, Need};
use http::{Method, Request, Response, StatusCode, header};
use sinpyo_core::encoding::from_base64;
use sinpyo_oauth::url::Transport;
use sinpyo_openid4vci::{
    address::WebAddress,
    display::{Displays, Languages},
    wallet::Proposal,
};
use sinpyo_wallet::{Logo, LogoKind};
use sinpyo_web::form::percent_decoded;
use std::collections::BTreeMap;

/// Most logos that are fetched for one offer.
const MAX_FETCHED: usize = 4;
/// Most bytes of a logo in the metadata's text: each byte of it may be escaped.
const MAX_TEXT: usize = 3 * Logo::MAX_LENGTH + 64;

/// The logos of the offered configurations, by their identifiers. One that cannot be had is not missed.
#[derive(Debug, Default)]
pub(super) struct Logos {
    known: BTreeMap<String, Logo>,
    /// What is still to be fetched, each address once.
    wanted: Vec<(WebAddress, Vec<String>)>,
}

impl Logos {
    pub(super) fn of(proposal: &Proposal, transport: Transport) -> Self {
        let mut logos = Self::default();
        for (id, configuration) in proposal.configurations() {
            let Some(uri) = uri(&configuration.displays) else { continue };
            if let Some(logo) = carried(uri) {
                logos.known.insert(id.to_owned(), logo);
            } else if let Ok(address) = WebAddress::parse(uri, transport) {
                logos.want(address, id);
            }
        }
        logos
    }

    fn want(&mut self, address: WebAddress, id: &str) {
        if let Some((_, ids)) = self.wanted.iter_mut().find(|(known, _)| *known == address) {
            ids.push(id.to_owned());
        } else if self.wanted.len() < MAX_FETCHED {
            self.wanted.push((address, vec![id.to_owned()]));
        }
    }

    pub(super) const fn is_complete(&self) -> bool {
        self.wanted.is_empty()
    }

    /// What is to be fetched next.
    pub(super) fn need(&self) -> Option<Need> {
        let (address, _) = self.wanted.last()?;
        let request = Request::builder().method(Method::GET).uri(address.as_str());
        let request = request.header(header::ACCEPT, "image/svg+xml, image/png").body(Vec::new()).ok()?;
        Some(Need::Http(Box::new(request)))
    }

    /// Takes what was found for [`Logos::need`].
    pub(super) fn supply(&mut self, found: &Found) {
        let Some((_, ids)) = self.wanted.pop() else { return };
        let logo = if let Found::Response(response) = found { fetched(response) } else { None };
        if let Some(logo) = logo {
            self.known.extend(ids.into_iter().map(|id| (id, logo.clone())));
        }
    }

    pub(super) fn get(&self, id: &str) -> Option<&Logo> {
        self.known.get(id)
    }
}

/// Where the logo is: pictures speak all languages, so the first that there is.
fn uri(displays: &Displays) -> Option<&str> {
    let wishes = [Languages::accept("ko"), Languages::accept("en"), Languages::any()];
    wishes.iter().find_map(|wish| displays.choose(wish)?.logo())
}

/// The picture in a `data:` URL [RFC 2397].
fn carried(uri: &str) -> Option<Logo> {
    let (head, text) = uri.strip_prefix("data:")?.split_once(',').filter(|_| uri.len() <= MAX_TEXT)?;
    let kind = LogoKind::of_media_type(head)?;
    let text = percent_decoded(text)?;
    let is_base64 = head.split(';').next_back() == Some("base64");
    let bytes = if is_base64 { from_base64(&text).ok()? } else { text.into_bytes() };
    Logo::new(kind, &bytes) // [VCI-MET-10a]
}

fn fetched(response: &Response<Vec<u8>>) -> Option<Logo> {
    let said = response.headers().get(header::CONTENT_TYPE)?.to_str().ok()?;
    let kind = LogoKind::of_media_type(said).filter(|_| response.status() == StatusCode::OK)?;
    Logo::new(kind, response.body()) // [VCI-MET-10a]
}
