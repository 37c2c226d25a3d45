//! From a proposal to credentials.

use super::{FlowError, Patience, Phone, Pocket};
use crate::{
    os::{OsEntropy, now},
    web::{Leg, SendError, Web},
};
use http::{Request, Response, Uri};
use sinpyo_core::Secret;
use sinpyo_crypto::{Algorithm, SigningKey};
use sinpyo_openid4vci::{
    address::WebAddress,
    notification::Event,
    wallet::{Agreement, Grant, Proposal, ReceiveError, Receiving, Step},
};
use std::{
    thread,
    time::{Duration, Instant},
};

/// The holder's browser, and the holder before it.
pub trait Browser {
    /// Opens `url`, agrees to what the page asks, and returns the query with which the browser is sent back to the
    /// wallet.
    ///
    /// # Errors
    /// The page is not as expected, or refuses.
    fn agree(&mut self, url: &str, web: &mut dyn Web) -> Result<String, FlowError>;
}

/// Most steps of a flow: more is a circle.
const STEPS: usize = 64;
/// Between two attempts.
const RETRY: Duration = Duration::from_millis(100);
/// Longest wait for a credential that is not ready.
const LONGEST: i64 = 60;

impl Phone {
    /// Receives all that is proposed into `pocket`, by the pre-authorized code.
    ///
    /// # Errors
    /// Something is refused, or no answer came as long as patience lasts. What was received until then is in `pocket`.
    pub fn receive(
        &self,
        proposal: &Proposal,
        tx_code: Option<&str>,
        pocket: &mut Pocket,
        web: &mut dyn Web,
    ) -> Result<(), FlowError> {
        let tx_code = tx_code.map(|code| Secret::new(code.to_owned()));
        self.fetch(proposal, Grant::PreAuthorized { tx_code }, pocket, &mut Stranger, web)
    }

    /// Receives all that is proposed into `pocket`, after the holder has agreed in a browser that comes back to
    /// `redirect_uri`.
    ///
    /// # Errors
    /// As [`Phone::receive`], and those of the browser.
    pub fn receive_by_browser(
        &self,
        proposal: &Proposal,
        redirect_uri: &str,
        pocket: &mut Pocket,
        (browser, web): (&mut dyn Browser, &mut dyn Web),
    ) -> Result<(), FlowError> {
        let grant = Grant::AuthorizationCode { redirect_uri: redirect_uri.to_owned() };
        self.fetch(proposal, grant, pocket, browser, web)
    }

    fn fetch(
        &self,
        proposal: &Proposal,
        grant: Grant,
        pocket: &mut Pocket,
        browser: &mut dyn Browser,
        web: &mut dyn Web,
    ) -> Result<(), FlowError> {
        let dpop = SigningKey::generate(Algorithm::Es256, &mut OsEntropy);
        let agreement = Agreement {
            configurations: proposal.offer.configurations.clone(),
            grant,
            identity: self.identity(),
            dpop: Some(&dpop),
        };
        let mut receiving = Receiving::new(proposal, agreement, &mut OsEntropy)?;
        let mut attempts = Attempts::new(self.patience);
        for _ in 0..STEPS {
            match receiving.next(now(), &mut OsEntropy)? {
                Step::Send(request) => {
                    let sent = web.send(leg(proposal, request.uri()), request);
                    if let Some(response) = attempts.after(sent)? {
                        attempts.judge(receiving.supply(&response, now()))?;
                    }
                }
                Step::Browse(url) => receiving.redirected(&browser.agree(&url, web)?)?,
                Step::Prove(order) => {
                    let configurations = &proposal.metadata.configurations;
                    let configuration =
                        configurations.get(&order.configuration_id).ok_or(FlowError::Unknown)?;
                    receiving.prove(pocket.prove(&order, configuration, &proposal.offer.issuer)?)?;
                }
                Step::Wait(until) => {
                    let seconds = until.unix().saturating_sub(now().unix()).min(LONGEST);
                    thread::sleep(Duration::from_secs(u64::try_from(seconds).unwrap_or(0)));
                }
                Step::Received(received) => {
                    pocket.hold(&received, &self.trust)?;
                    receiving.report(Event::Accepted)?;
                }
                Step::Done => return Ok(()),
            }
        }
        Err(FlowError::Endless)
    }
}

/// For flows in which nobody is asked.
struct Stranger;

impl Browser for Stranger {
    fn agree(&mut self, _: &str, _: &mut dyn Web) -> Result<String, FlowError> {
        Err(FlowError::Unknown)
    }
}

/// How often one step has been tried in vain.
struct Attempts {
    patience: Patience,
    since: Option<Instant>,
}

impl Attempts {
    const fn new(patience: Patience) -> Self {
        Self { patience, since: None }
    }

    /// Whether to try once more; after a pause.
    fn once_more(&mut self) -> bool {
        let Patience::For(limit) = self.patience else { return false };
        let more = self.since.get_or_insert_with(Instant::now).elapsed() < limit;
        if more {
            thread::sleep(RETRY);
        }
        more
    }

    fn after(
        &mut self,
        sent: Result<Response<Vec<u8>>, SendError>,
    ) -> Result<Option<Response<Vec<u8>>>, FlowError> {
        match sent {
            Ok(response) => Ok(Some(response)),
            Err(error) => self.once_more().then_some(None).ok_or(error.into()),
        }
    }

    fn judge(&mut self, read: Result<(), ReceiveError>) -> Result<(), FlowError> {
        match read {
            Ok(()) => {
                self.since = None;
                Ok(())
            }
            Err(ReceiveError::Status(429 | 500..)) if self.once_more() => Ok(()),
            Err(error) => Err(error.into()),
        }
    }
}

impl Patience {
    /// Sends `request` until there is an answer that decides something.
    pub(super) fn send(
        self,
        web: &mut dyn Web,
        leg: Leg,
        request: &Request<Vec<u8>>,
    ) -> Result<Response<Vec<u8>>, FlowError> {
        let mut attempts = Attempts::new(self);
        loop {
            let response = attempts.after(web.send(leg, request.clone()))?;
            let is_passing = |response: &Response<Vec<u8>>| matches!(response.status().as_u16(), 429 | 500..);
            match response {
                Some(response) if !is_passing(&response) || !attempts.once_more() => return Ok(response),
                _ => {}
            }
        }
    }
}

/// What a request of the machine is for.
fn leg(proposal: &Proposal, to: &Uri) -> Leg {
    let to = to.to_string();
    let (metadata, server) = (&proposal.metadata, &proposal.server);
    let is_at = |endpoint: Option<&str>| endpoint == Some(to.as_str());
    if is_at(Some(&server.token_endpoint)) {
        Leg::Token
    } else if is_at(server.pushed_authorization_request_endpoint.as_deref()) {
        Leg::Push
    } else if is_at(metadata.nonce_endpoint.as_ref().map(WebAddress::as_str)) {
        Leg::Nonce
    } else if is_at(metadata.notification_endpoint.as_ref().map(WebAddress::as_str)) {
        Leg::Notification
    } else {
        Leg::Credential
    }
}
