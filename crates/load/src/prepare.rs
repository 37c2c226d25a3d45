//! Requests of which one may succeed.

use crate::{
    contest::Contest,
    flow::{Browser as _, FlowError, PageBrowser, Phone, Pocket},
    manage::Tenant,
    os::{OsEntropy, now},
    town::{Service, Town},
    web::{Http, Leg, Web as _},
};
use anyhow::{Context as _, Result, bail, ensure};
use http::{HeaderMap, HeaderValue, Method, Request, header::CONTENT_TYPE};
use sinpyo_core::{Secret, encoding::to_base64url, key::Entropy as _};
use sinpyo_crypto::{Algorithm, SigningKey};
use sinpyo_oauth::client::{AuthorizationOrder, Client, Pkce, Redeem, ReplyError, Tokens, read_redirect};
use sinpyo_openid4vci::{
    configuration::Configuration,
    request::{CredentialRequest, Wanted},
    response,
    wallet::{ProofOrder, Proposal},
};
use sinpyo_openid4vp::wallet::Response;

/// The number of the first client that prepares; below are those who race.
const FIRST: u16 = 20_000;

/// Prepares races: everything up to the request that may succeed once.
#[derive(Debug)]
pub(crate) struct Prepared<'t> {
    town: &'t Town,
    web: Http,
    issuer: Tenant,
    verifier: Tenant,
    phone: Phone,
    /// Holds what is shown in the races at the verifier.
    pocket: Pocket,
    rounds: u16,
    before: u64,
    expected: u64,
}

impl<'t> Prepared<'t> {
    pub(crate) fn new(town: &'t Town) -> Result<Self> {
        let mut web = Http::new(town.nodes(), 0);
        let issuer = town.log_in(Service::Issuer, &mut web)?;
        let verifier = town.log_in(Service::Verifier, &mut web)?;
        let before = town.issued(&issuer, &mut web)?;
        let (mut phone, mut pocket) = (town.phone(), Pocket::new());
        let offered = issuer.offer(&town.order(), &mut web)?;
        let proposal = phone.discover(&offered.link, &mut web)?;
        phone.receive(&proposal, offered.code.as_deref(), &mut pocket, &mut web)?;
        Ok(Self { town, web, issuer, verifier, phone, pocket, rounds: 0, before, expected: 1 })
    }

    /// How many credentials should have been issued since the beginning, and how many were.
    pub(crate) fn issued(&mut self) -> Result<(u64, u64)> {
        let issued = self.town.issued(&self.issuer, &mut self.web)?;
        Ok((self.expected, issued.saturating_sub(self.before)))
    }

    /// `count` requests of which one may succeed.
    pub(crate) fn requests(&mut self, contest: Contest, count: usize) -> Result<Vec<Request<Vec<u8>>>> {
        // Another address each time: those who try codes are limited.
        self.rounds = self.rounds.wrapping_add(1);
        self.web = Http::new(self.town.nodes(), FIRST.wrapping_add(self.rounds));
        match contest {
            Contest::PreAuthorizedCode => self.pre_authorized(count),
            Contest::AuthorizationCode => self.authorized(count),
            Contest::IssuerNonce => self.proving(count),
            Contest::VerifierNonce => self.presenting(count),
            Contest::ResponseCode => self.coming_back(count),
        }
    }

    /// The code of one offer, by wallets with keys of their own.
    fn pre_authorized(&mut self, count: usize) -> Result<Vec<Request<Vec<u8>>>> {
        let (proposal, code) = self.offered(&self.town.order())?;
        let (_, headers) = Self::nonce(&mut self.web, &proposal)?;
        let grant = proposal.offer.grants.pre_authorized.as_ref().context("no code in the offer")?;
        let contend = |_| {
            let dpop = SigningKey::generate(Algorithm::Es256, &mut OsEntropy);
            let mut client = Client::new(&proposal.server, self.phone.identity(), Some(&dpop));
            client.learn(&proposal.server.token_endpoint, &headers);
            let redeem = Redeem::PreAuthorized { code: grant.code.expose(), tx_code: code.as_deref() };
            Ok(client.token(redeem, None, now(), &mut OsEntropy)?)
        };
        (0..count).map(contend).collect()
    }

    /// The code of one browser, by the wallet that sent it.
    fn authorized(&mut self, count: usize) -> Result<Vec<Request<Vec<u8>>>> {
        let (proposal, code) = self.offered(&self.town.order_by_browser())?;
        let (dpop, pkce) =
            (SigningKey::generate(Algorithm::Es256, &mut OsEntropy), Pkce::generate(&mut OsEntropy));
        let mut client = Client::new(&proposal.server, self.phone.identity(), Some(&dpop));
        let mut state = [0; 16];
        OsEntropy.fill(&mut state);
        let state = to_base64url(&state);
        let grant =
            proposal.offer.grants.authorization_code.as_ref().context("no such grant in the offer")?;
        let (id, configuration) = proposal.configurations().next().context("nothing is offered")?;
        let order = AuthorizationOrder {
            redirect_uri: Town::REDIRECT,
            state: &state,
            scope: Some(configuration.scope.as_deref().unwrap_or(id)),
            authorization_details: None,
            issuer_state: grant.issuer_state.as_deref(),
        };
        let pushed = loop {
            let request = client.push(&order, &pkce, now(), &mut OsEntropy)?;
            match client.read_pushed(&self.web.send(Leg::Push, request)?, now()) {
                Ok(pushed) => break pushed,
                Err(ReplyError::Again) => {}
                Err(error) => return Err(error.into()),
            }
        };
        let url = client.authorization_url(&pushed)?;
        let query = PageBrowser::new(code).agree(&url, &mut self.web)?;
        let code = read_redirect(&query, &state, &proposal.server)?;
        let redeem = |_| {
            let redeem = Redeem::Code { code: code.expose(), redirect_uri: Town::REDIRECT, pkce: &pkce };
            Ok(client.token(redeem, None, now(), &mut OsEntropy)?)
        };
        (0..count).map(redeem).collect()
    }

    /// One nonce, for as many keys.
    fn proving(&mut self, count: usize) -> Result<Vec<Request<Vec<u8>>>> {
        let (proposal, code) = self.offered(&self.town.order())?;
        let dpop = SigningKey::generate(Algorithm::Es256, &mut OsEntropy);
        let mut client = Client::new(&proposal.server, self.phone.identity(), Some(&dpop));
        let tokens = Self::tokens(&mut self.web, &mut client, &proposal, code)?;
        let (nonce, headers) = Self::nonce(&mut self.web, &proposal)?;
        let url = proposal.metadata.credential_endpoint.as_str();
        client.learn(url, &headers);
        let (id, configuration) = proposal.configurations().next().context("nothing is offered")?;
        let wanted = match tokens.details.iter().flat_map(|granted| &granted.identifiers).next() {
            Some(identifier) => Wanted::Identifier(identifier.clone()),
            None => Wanted::Configuration(id.to_owned()),
        };
        let order = self.order_for((id, configuration), nonce, &proposal)?;
        self.expected += 1;
        let prove = |_| {
            let keys = Pocket::new().prove(&order, configuration, &proposal.offer.issuer)?;
            let body = CredentialRequest {
                wanted: wanted.clone(),
                proofs: Some(keys.proofs),
                response_encryption: None,
            };
            let mut request = Request::post(url).body(body.to_json().to_string().into_bytes())?;
            let headers = client.authorize((&Method::POST, url), &tokens, now(), &mut OsEntropy)?;
            request.headers_mut().extend(headers);
            request.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
            Ok(request)
        };
        (0..count).map(prove).collect()
    }

    /// One request, answered over and over.
    fn presenting(&mut self, count: usize) -> Result<Vec<Request<Vec<u8>>>> {
        let opened = self.verifier.open(&self.town.question(), &mut self.web)?;
        let asked = self.phone.asked(&opened.link, &mut self.web)?;
        let presentations = self.pocket.show(&asked)?;
        let respond = |_| match asked.answer(&presentations, &mut OsEntropy)? {
            Response::Post(request) => Ok(*request),
            Response::Digital(_) => bail!("the response goes to a browser"),
        };
        (0..count).map(respond).collect()
    }

    /// One code with which a browser came back, taken to the result over and over.
    fn coming_back(&mut self, count: usize) -> Result<Vec<Request<Vec<u8>>>> {
        let opened = self.verifier.open(&self.town.question_on_one_device(), &mut self.web)?;
        let mut browser = PageBrowser::new(None);
        let link = browser.wallet_link(&opened.page, &mut self.web)?;
        let posted = self.phone.present(&link, &mut self.pocket, &mut self.web)?;
        let address = posted.redirect_uri.context("the browser is not sent back")?;
        let back = browser.come_back(address.as_str(), &mut self.web)?;
        let code = back.split_once("response_code=").context("the browser brings no code back")?.1;
        let code = code.split('&').next().unwrap_or(code);
        (0..count).map(|_| Ok(self.verifier.claim(&opened.id, Some(code))?)).collect()
    }

    fn offered(&mut self, order: &serde_json::Value) -> Result<(Proposal, Option<String>)> {
        let offered = self.issuer.offer(order, &mut self.web)?;
        Ok((self.phone.discover(&offered.link, &mut self.web)?, offered.code))
    }

    /// A nonce for proofs, and the headers with those for proofs of possession.
    fn nonce(web: &mut Http, proposal: &Proposal) -> Result<(String, HeaderMap)> {
        let endpoint = proposal.metadata.nonce_endpoint.as_ref().context("no nonce endpoint")?;
        let request = Request::post(endpoint.as_str()).body(Vec::new())?;
        let (parts, body) = web.send(Leg::Nonce, request)?.into_parts();
        ensure!(parts.status.is_success(), "no nonce: {}", parts.status);
        Ok((response::c_nonce(&body)?, parts.headers))
    }

    fn tokens(
        web: &mut Http,
        client: &mut Client<'_>,
        proposal: &Proposal,
        code: Option<String>,
    ) -> Result<Tokens> {
        let grant = proposal.offer.grants.pre_authorized.as_ref().context("no code in the offer")?;
        let code = code.map(Secret::new);
        loop {
            let tx_code = code.as_ref().map(|code| code.expose().as_str());
            let redeem = Redeem::PreAuthorized { code: grant.code.expose(), tx_code };
            let request = client.token(redeem, None, now(), &mut OsEntropy)?;
            match client.read_tokens(&web.send(Leg::Token, request)?, now()) {
                Ok(tokens) => return Ok(tokens),
                Err(ReplyError::Again) => {}
                Err(error) => return Err(error.into()),
            }
        }
    }

    fn order_for(
        &self,
        (id, configuration): (&str, &Configuration),
        nonce: String,
        proposal: &Proposal,
    ) -> Result<ProofOrder, FlowError> {
        Ok(ProofOrder {
            configuration_id: id.to_owned(),
            binding: configuration.binding.clone().ok_or(FlowError::Unknown)?,
            nonce: Some(nonce),
            client: self.phone.identity().client_id().map(str::to_owned),
            batch_size: proposal.metadata.batch_size,
        })
    }
}
