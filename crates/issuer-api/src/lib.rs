//! An issuer as a service: OpenID4VCI, management and pages, bytes in and bytes out.
//!
//! What it promises: a [`Service`] answers requests for any number of tenants, each a credential issuer of its own at
//! `{origin}/{tenant}`; all that it remembers is in one [`State`], so that any number of nodes with the same key are one
//! service. What is issued, the entry of its status, the list of what was issued and the line of the audit log are one
//! commit with what the protocol spends. What is known of a person is sealed, and in no log, feed or webhook. Revoking
//! reaches copies that are being issued at the same moment.
//!
//! What it refuses to do: hold keys (the edge has them, [`Identities`]), sockets, a clock; answer anything that is neither
//! public nor a citizen's page with its secret to a caller without a token or a login.

mod accept;
mod admin;
mod api;
mod authorize;
mod client;
mod core;
mod desk;
mod feed;
mod house;
mod identity;
mod issued;
mod lists;
mod offer;
mod offer_page;
mod shell;
mod streams;
mod tenant;
mod vault;

pub use client::{ClientError, Clients, ManagementClient, Permission};
pub use feed::Feed;
pub use identity::{Identities, Identity, SharedSigner, Standing};
pub use issued::StatusError;
pub use offer::OfferError;
pub use tenant::{Tenant, TenantError, Tenants};

use crate::core::{Core, Use};
use http::{Request, Response, StatusCode, request::Parts};
use sinpyo_core::{Secret, key::Entropy, time::Timestamp};
use sinpyo_issuer::{Catalogue, ProfileError};
use sinpyo_state::{State, Unavailable};
use sinpyo_web::{
    account::Accounts,
    answer,
    limit::Rate,
    problem::{Refusal, RuleText},
    site::{Origin, head},
    webhook::Webhooks,
};
use std::{
    net::IpAddr,
    sync::{Arc, PoisonError},
};

/// Longest body that is read, in bytes. The edge hands over one byte more, so that longer ones are refused here.
pub const MAX_BODY: usize = 256 << 10;

/// How a service is configured. The same on every node.
#[derive(Debug)]
pub struct Settings {
    /// Where it is reached.
    pub origin: Origin,
    /// Where else.
    pub others: Vec<Origin>,
    /// The one secret of the service; whoever has it reads what is sealed.
    pub key: Secret<[u8; 32]>,
    /// What it remembers.
    pub state: Arc<dyn State>,
    /// As whom tenants issue.
    pub identities: Arc<dyn Identities>,
    /// What there is to be issued.
    pub catalogue: Catalogue,
    /// What rules say.
    pub rules: fn(&str) -> Option<RuleText>,
    /// How often one address may ask for anything, and for tokens or with codes.
    pub rates: (Rate, Rate),
}

impl Settings {
    /// With the bundled catalogue, 200 requests a second from one address and one knock a second.
    ///
    /// # Errors
    /// Never with the catalogue that is bundled.
    pub fn new(
        origin: Origin,
        key: Secret<[u8; 32]>,
        state: Arc<dyn State>,
        identities: Arc<dyn Identities>,
    ) -> Result<Self, ProfileError> {
        Ok(Self {
            origin,
            others: Vec::new(),
            key,
            state,
            identities,
            catalogue: Catalogue::bundled()?,
            rules: |_| None,
            rates: (Rate { burst: 2000, per_second: 200 }, Rate { burst: 60, per_second: 1 }),
        })
    }
}

/// An issuer as a service.
#[derive(Debug)]
pub struct Service {
    core: Arc<Core>,
}

/// What a request comes to.
#[derive(Debug)]
pub enum Reply {
    /// A response.
    Response(Response<Vec<u8>>),
    /// A stream of events, as long as its reader stays.
    Feed(Feed),
}

impl From<Response<Vec<u8>>> for Reply {
    fn from(response: Response<Vec<u8>>) -> Self {
        Self::Response(response)
    }
}

/// One request on its way through the service.
#[derive(Clone, Copy)]
pub(crate) struct Call<'a> {
    pub(crate) core: &'a Arc<Core>,
    pub(crate) parts: &'a Parts,
    pub(crate) body: &'a [u8],
    pub(crate) peer: IpAddr,
    pub(crate) now: Timestamp,
}

impl Service {
    /// A node of the service.
    ///
    /// # Errors
    /// The state cannot be reached, or was used with another key.
    pub fn open(settings: Settings, now: Timestamp, entropy: &mut dyn Entropy) -> Result<Self, Unavailable> {
        Ok(Self { core: Arc::new(Core::open(settings, now, entropy)?) })
    }

    /// Answers a request that came from `peer`.
    pub fn answer<B: AsRef<[u8]>>(
        &self,
        request: &Request<B>,
        peer: IpAddr,
        now: Timestamp,
        entropy: &mut dyn Entropy,
    ) -> Reply {
        let parts = head(request);
        let call = Call { core: &self.core, parts: &parts, body: request.body().as_ref(), peer, now };
        match call.route(entropy) {
            Reply::Response(response) => {
                let response = answer::secured_for(response, self.core.transport());
                answer::for_method(response, request.method()).into()
            }
            feed @ Reply::Feed(_) => feed,
        }
    }

    /// The accounts of administrators.
    pub fn accounts(&self) -> Accounts<'_> {
        self.core.accounts()
    }

    /// The clients of the management interface.
    pub fn clients(&self) -> Clients<'_> {
        self.core.clients()
    }

    /// The tenants.
    pub fn tenants(&self) -> Tenants<'_> {
        self.core.tenants()
    }

    /// What is to be told to other servers: the edge sends what is due.
    pub fn webhooks(&self) -> Webhooks<'_> {
        self.core.webhooks()
    }

    /// The description of the management interface.
    pub fn description(&self) -> serde_json::Value {
        api::description(self.core.site.main().as_str())
    }
}

impl Call<'_> {
    /// Whether the caller may go on with `what`.
    pub(crate) fn admit(&self, what: Use) -> Result<(), Refusal> {
        let mut limits = self.core.limits.lock().unwrap_or_else(PoisonError::into_inner);
        limits.admit(self.peer, what, self.now).map_err(|error| error.refuse())
    }

    pub(crate) fn refuse(&self, refusal: &Refusal) -> Response<Vec<u8>> {
        refusal.response(self.core.rules)
    }

    fn route(self, entropy: &mut dyn Entropy) -> Reply {
        if let Err(refusal) = self.admit(Use::Any) {
            return self.refuse(&refusal).into();
        }
        if let Err(error) = self.core.site.origin(self.parts) {
            let refusal = Refusal::because(StatusCode::MISDIRECTED_REQUEST, error.code(), &error);
            return self.refuse(&refusal).into();
        }
        let path = self.parts.uri.path();
        if path == "/admin" || path.starts_with("/admin/") {
            return admin::answer(self, entropy).into();
        }
        if let Some((digest, file)) = path.strip_prefix("/assets/").and_then(|rest| rest.split_once('/')) {
            let found = self.core.assets.answer(digest, file);
            return found.unwrap_or_else(|| answer::empty(StatusCode::NOT_FOUND)).into();
        }
        if api::is_of(path) {
            return api::answer(self, entropy);
        }
        self.tenant(entropy).unwrap_or_else(|Unavailable| self.refuse(&unavailable()).into())
    }

    /// What belongs to a tenant: protocol, lists, types and citizens' pages.
    fn tenant(self, entropy: &mut dyn Entropy) -> Result<Reply, Unavailable> {
        let absent = || Reply::from(answer::empty(StatusCode::NOT_FOUND));
        let path = self.parts.uri.path();
        let own = path
            .strip_prefix("/.well-known/")
            .map_or(Some(path), |rest| rest.find('/').and_then(|at| rest.get(at..)));
        let mut own = own.unwrap_or_default().trim_start_matches('/').splitn(2, '/');
        let id = own.next().unwrap_or_default();
        let rest = own.next().unwrap_or_default();
        let Some(house) = self.core.house(id, self.now)? else { return Ok(absent()) };
        let is_own = !path.starts_with("/.well-known/");
        let (head, tail) = rest.split_once('/').unwrap_or((rest, ""));
        match head {
            "status" if is_own => {
                let response = lists::answer(self.core, &house, tail, &self.parts.headers, self.now)?;
                return Ok(response.into());
            }
            "types" if is_own => {
                let profile = self.core.catalogue.by_id(tail).filter(|one| house.tenant.issues(one.id()));
                let Some(metadata) = profile.and_then(house::type_metadata) else { return Ok(absent()) };
                let mut response = answer::tagged(answer::json(StatusCode::OK, &metadata));
                answer::allow_anyone(&mut response);
                return Ok(answer::unless_known(response, &self.parts.headers).into());
            }
            "offer" if is_own => return offer_page::answer(self, &house, tail),
            "authorize" if is_own => return authorize::answer(self, &house, tail, entropy).map(Reply::from),
            _ => {}
        }
        if self.body.len() > MAX_BODY {
            return Ok(answer::empty(StatusCode::PAYLOAD_TOO_LARGE).into());
        }
        let desk = desk::Counter { core: self.core, house: &house };
        let issuer = self.core.issuer(&house, &desk);
        Ok(issuer.answer(self.parts, self.body, self.now, entropy).map_or_else(absent, Reply::from))
    }
}

/// The state cannot answer.
pub(crate) fn unavailable() -> Refusal {
    Refusal::because(StatusCode::SERVICE_UNAVAILABLE, Unavailable.code(), &Unavailable)
        .retry_after(std::time::Duration::from_secs(1))
}
