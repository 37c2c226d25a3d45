//! From a link to what is offered.

use super::DiscoveryError;
use crate::{
    address::WebAddress,
    configuration::Configuration,
    metadata::IssuerMetadata,
    offer::{Offer, OfferLink},
};
use http::{HeaderMap, Request, Response, StatusCode, header};
use sinpyo_core::time::Timestamp;
use sinpyo_crypto::Algorithm;
use sinpyo_jose::{HeaderRules, Typ, UnverifiedJwt};
use sinpyo_oauth::{
    client::ServerMetadata,
    url::{IssuerId, Transport},
};
use sinpyo_x509::{Chain, Purpose, Roots, VerifiedLeaf};
use std::sync::Arc;

/// What makes an issuer's metadata its own.
#[derive(Debug, Clone, Default)]
pub enum MetadataTrust {
    /// That they come from its host.
    #[default]
    Host,
    /// That, and where they are signed, the signature of somebody whom one of these vouches for. Whoever answers for the
    /// host may leave the signature out: look at [`Proposal::signed_by`].
    SignerIfSigned(Arc<Roots>),
    /// A signature by somebody whom one of these vouches for. Unsigned metadata are refused.
    Signer(Arc<Roots>),
}

/// Finds out what is offered. Ask for [`Discovery::request`] and show it the response until [`Discovery::proposal`] has
/// something.
#[derive(Debug)]
pub struct Discovery {
    transport: Transport,
    trust: MetadataTrust,
    /// `Accept-Language` of requests; empty: whatever there is.
    languages: String,
    stage: Stage,
}

#[derive(Debug)]
enum Stage {
    Offer(WebAddress),
    Issuer(Offer),
    Server(Box<(Offer, (IssuerMetadata, Option<VerifiedLeaf>), IssuerId)>),
    Done(Box<Proposal>),
    /// Only while one stage becomes another.
    Lost,
}

/// What is offered, by whom, and how to get it: checked, and not yet agreed to.
#[derive(Debug)]
pub struct Proposal {
    /// The offer. Its `issuer` is who must be shown to the user before a transaction code is sent. [VCI-OFF-08]
    pub offer: Offer,
    /// What the issuer publishes.
    pub metadata: IssuerMetadata,
    /// Who signed that, if it was signed and the signer is trusted.
    pub signed_by: Option<VerifiedLeaf>,
    /// Who gives the tokens.
    pub server: ServerMetadata,
}

impl Proposal {
    /// What is offered, by name.
    pub fn configurations(&self) -> impl Iterator<Item = (&str, &Configuration)> {
        let offered = self.offer.configurations.iter();
        offered.filter_map(|id| Some((id.as_str(), self.metadata.configurations.get(id)?)))
    }
}

impl Discovery {
    /// Begins with a link that was read. Nothing has been fetched.
    pub fn new(link: OfferLink, transport: Transport) -> Self {
        let stage = match link {
            OfferLink::Inline(offer) => Stage::Issuer(offer),
            OfferLink::Reference(address) => Stage::Offer(address),
        };
        Self { transport, trust: MetadataTrust::default(), languages: String::new(), stage }
    }

    /// Asks for names and texts in these languages, an `Accept-Language`.
    #[must_use]
    pub fn in_languages(self, languages: &str) -> Self {
        Self { languages: languages.to_owned(), ..self }
    }

    /// Asks for signed metadata.
    #[must_use]
    pub fn trusting(self, trust: MetadataTrust) -> Self {
        Self { trust, ..self }
    }

    /// The document to fetch next; none when all is known.
    pub fn request(&self) -> Option<Request<Vec<u8>>> {
        let (url, accept) = match &self.stage {
            Stage::Offer(address) => (address.as_str().to_owned(), "application/json"),
            Stage::Issuer(offer) => {
                let accept = match self.trust {
                    MetadataTrust::Host => "application/json",
                    MetadataTrust::SignerIfSigned(_) => "application/jwt, application/json;q=0.5",
                    MetadataTrust::Signer(_) => "application/jwt",
                };
                (offer.issuer.metadata_address(), accept)
            }
            Stage::Server(found) => (ServerMetadata::url(&found.2), "application/json"),
            Stage::Done(_) | Stage::Lost => return None,
        };
        let mut request = Request::get(url).header(header::ACCEPT, accept);
        if !self.languages.is_empty() {
            request = request.header(header::ACCEPT_LANGUAGE, self.languages.as_str());
        }
        request.body(Vec::new()).ok()
    }

    /// Takes the response to [`Discovery::request`].
    ///
    /// # Errors
    /// The wallet stops; the machine is of no further use.
    pub fn supply(&mut self, response: &Response<Vec<u8>>, now: Timestamp) -> Result<(), DiscoveryError> {
        let stage = std::mem::replace(&mut self.stage, Stage::Lost);
        if response.status() != StatusCode::OK {
            return Err(DiscoveryError::Fetch); // [VCI-OFF-07]
        }
        let body = response.body();
        self.stage = match stage {
            Stage::Offer(_) => {
                if !is_type(response.headers(), "application/json") {
                    return Err(DiscoveryError::Fetch); // [VCI-OFF-07]
                }
                Stage::Issuer(Offer::parse(body, self.transport)?)
            }
            Stage::Issuer(offer) => self.issuer(offer, response, now)?,
            Stage::Server(found) => {
                let (offer, (metadata, signed_by), server) = *found;
                let server = ServerMetadata::parse(body, &server, self.transport);
                let server = server.map_err(DiscoveryError::Server)?;
                Stage::Done(Box::new(Proposal { offer, metadata, signed_by, server }))
            }
            Stage::Done(_) | Stage::Lost => return Err(DiscoveryError::Fetch),
        };
        Ok(())
    }

    /// What was found; none while something is missing.
    pub fn proposal(self) -> Option<Proposal> {
        match self.stage {
            Stage::Done(proposal) => Some(*proposal),
            _ => None,
        }
    }

    fn issuer(
        &self,
        offer: Offer,
        response: &Response<Vec<u8>>,
        now: Timestamp,
    ) -> Result<Stage, DiscoveryError> {
        let body = response.body();
        let is_signed = is_type(response.headers(), "application/jwt");
        let (metadata, signed_by) = match &self.trust {
            MetadataTrust::Signer(roots) | MetadataTrust::SignerIfSigned(roots) if is_signed => {
                let (metadata, signer) = self.signed(&offer, body, roots, now)?;
                (metadata, Some(signer))
            }
            MetadataTrust::Signer(_) => return Err(DiscoveryError::Unsigned), // [VCI-MET-04d]
            _ => (IssuerMetadata::parse(body, &offer.issuer, self.transport)?, None), // [VCI-MET-02]
        };
        if offer.configurations.iter().any(|id| !metadata.configurations.contains_key(id)) {
            return Err(DiscoveryError::Configuration); // [VCI-OFF-02a]
        }
        let server = authorization_server(&offer, &metadata)?;
        let server = IssuerId::parse(server, self.transport).map_err(DiscoveryError::ServerAddress)?;
        Ok(Stage::Server(Box::new((offer, (metadata, signed_by), server))))
    }

    /// Reads metadata that somebody signed who is trusted to.
    fn signed(
        &self,
        offer: &Offer,
        body: &[u8],
        roots: &Roots,
        now: Timestamp,
    ) -> Result<(IssuerMetadata, VerifiedLeaf), DiscoveryError> {
        let text = str::from_utf8(body).map_err(|_| DiscoveryError::Fetch)?;
        let token = UnverifiedJwt::parse(text, &[Typ::ISSUER_METADATA], &HeaderRules::CERTIFIED);
        let token = token.map_err(DiscoveryError::Signed)?; // [VCI-MET-04b]
        let certificates = token.hint().x5c().unwrap_or_default();
        let chain = Chain::from_x5c(certificates).map_err(DiscoveryError::Signer)?;
        let leaf = chain.verify(roots, now, &Purpose::Signer).map_err(DiscoveryError::Signer)?; // [VCI-MET-04a]
        let algorithms = [Algorithm::Es256, Algorithm::Es384, Algorithm::Ed25519];
        let token = token.verify(leaf.key(), &algorithms).map_err(DiscoveryError::Signed)?;
        let times = token.times().map_err(DiscoveryError::Time)?;
        times.check(now).map_err(DiscoveryError::Time)?;
        if token.text("sub") != Some(offer.issuer.as_str()) || times.issued_at.is_none() {
            return Err(DiscoveryError::Subject); // [VCI-MET-04c]
        }
        Ok((IssuerMetadata::from_members(token.claims(), &offer.issuer, self.transport)?, leaf))
    }
}

/// The one that the offer chooses among several, or the only one, or the issuer itself.
fn authorization_server<'a>(
    offer: &'a Offer,
    metadata: &'a IssuerMetadata,
) -> Result<&'a str, DiscoveryError> {
    let servers = &metadata.authorization_servers;
    let by_code = offer.grants.authorization_code.iter().map(|grant| &grant.authorization_server);
    let pre_authorized = offer.grants.pre_authorized.iter().map(|grant| &grant.authorization_server);
    let mut named = pre_authorized.chain(by_code).flatten();
    let chosen = named.next();
    if named.any(|other| Some(other) != chosen) {
        return Err(DiscoveryError::AuthorizationServer); // [VCI-OFF-05]
    }
    match chosen {
        Some(chosen) if servers.len() > 1 && servers.contains(chosen) => Ok(chosen),
        Some(_) => Err(DiscoveryError::AuthorizationServer), // [VCI-OFF-05]
        None => Ok(servers.first().map_or(offer.issuer.as_str(), String::as_str)),
    }
}

fn is_type(headers: &HeaderMap, media: &str) -> bool {
    let sent = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let sent = sent.and_then(|value| value.split(';').next());
    sent.is_some_and(|sent| sent.trim().eq_ignore_ascii_case(media))
}
