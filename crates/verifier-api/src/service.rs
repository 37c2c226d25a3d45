//! The service: one request in, one answer out.

use crate::{
    admin,
    call::Call,
    client::Scope,
    feed::Feed,
    incoming::{Incoming, Passage},
    limit::Budget,
    manage, page,
    problem::{absent, not_admitted},
    protocol,
    route::{self, Operation, TABLE},
    settings::Settings,
    world::{Wanted, World},
};
use http::{HeaderValue, Response, StatusCode, header};
use sinpyo_core::{key::Entropy, time::Timestamp};
use sinpyo_crypto::aead::SealingKey;
use sinpyo_oauth::access::Access;
use sinpyo_state::State;
use sinpyo_web::{
    answer,
    asset::{Asset, Assets},
    limit::{Caller, Limits},
    problem::Refusal,
    session::FormTokens,
    site::head,
    webhook::Webhooks,
};
use std::sync::{Mutex, PoisonError};

/// Bytes of the longest body that is read. Read one more, so that it can be refused.
pub const MAX_BODY: usize = sinpyo_openid4vp::verifier::MAX_BODY;

static ASSETS: [Asset; 1] = [Asset::module("digital.js", include_str!("asset/digital.js"))];

/// A verifier as a service. It remembers nothing but how often it was asked: every node can take every step.
#[derive(Debug)]
pub struct Service {
    pub(crate) settings: Settings,
    pub(crate) access: Access<Scope>,
    pub(crate) assets: Assets,
    pub(crate) forms: FormTokens,
    pub(crate) sealing: SealingKey,
    limits: Mutex<Limits<Budget>>,
}

/// What became of a request.
#[derive(Debug)]
#[must_use]
pub enum Step {
    /// It is answered.
    Answer(Response<Vec<u8>>),
    /// It is answered by a stream of events: `sinpyo_web::event::stream`, and then what [`Service::poll`] tells.
    Follow(Feed),
    /// These have to be fetched; then the same [`Incoming`] is answered again, with them among the facts.
    Need(Vec<Wanted>),
}

impl Service {
    /// A service that is set up so.
    pub fn new(settings: Settings) -> Self {
        let access = Access::new(settings.key.token_signer(), format!("{}/manage", settings.site.main()));
        Self {
            access,
            assets: Assets::new(&ASSETS),
            forms: FormTokens::new(settings.key.forms()),
            sealing: settings.key.own_sealing(),
            limits: Mutex::new(Limits::new(())),
            settings,
        }
    }

    /// Answers what came in.
    pub fn answer(&self, incoming: &mut Incoming<'_>, world: &World<'_>, entropy: &mut dyn Entropy) -> Step {
        let transport = self.settings.site.main().transport();
        let step = self.routed(incoming, world, entropy);
        incoming.passage = Passage::LetThrough;
        match step {
            Step::Answer(response) => {
                let response = answer::for_method(response, incoming.request.method());
                Step::Answer(answer::secured_for(response, transport))
            }
            step => step,
        }
    }

    /// The servers that are told what happens: send what is due, every second.
    pub const fn webhooks<'a>(&'a self, state: &'a dyn State) -> Webhooks<'a> {
        Webhooks { state, sealing: &self.sealing }
    }

    fn routed(&self, incoming: &Incoming<'_>, world: &World<'_>, entropy: &mut dyn Entropy) -> Step {
        let request = incoming.request;
        let parts = head(request);
        let routed = match TABLE.enter(&self.settings.site, &parts) {
            Ok(routed) => routed,
            Err(refusal) => return Step::Answer(refusal.response(self.settings.catalogue)),
        };
        let Incoming { peer, passage, .. } = *incoming;
        let call = Call { service: self, world, request, parts: &parts, peer, passage, routed: &routed };
        let done = self.admit(&call).and_then(|client| perform(&call, client.as_deref(), entropy));
        match done {
            Ok(step) => step,
            Err(refusal) if is_page(routed.route.operation) => Step::Answer(page::refused(&call, &refusal)),
            Err(refusal) => Step::Answer(refusal.response(self.settings.catalogue)),
        }
    }

    /// Takes what one request of `caller` costs from `budget`.
    pub(crate) fn spend(
        &self,
        caller: impl Into<Caller>,
        budget: Budget,
        now: Timestamp,
    ) -> Result<(), Refusal> {
        let mut limits = self.limits.lock().unwrap_or_else(PoisonError::into_inner);
        limits.admit(caller, budget, now).map_err(|error| error.refuse())
    }

    /// Lets through who may ask this, and not too often: the name of the client, where there has to be one.
    fn admit(&self, call: &Call<'_>) -> Result<Option<String>, Refusal> {
        if call.request.body().len() > MAX_BODY {
            return Err(Refusal::new(
                StatusCode::PAYLOAD_TOO_LARGE,
                "HTTP-15",
                &"the body is longer than is read",
            ));
        }
        if let Some(budget) = Budget::of(call.routed.route.operation) {
            call.spend(call.peer, budget)?;
        }
        let Some(scope) = call.routed.route.scope.and_then(route::scope) else { return Ok(None) };
        let caller = self.access.admit(call.request.headers(), scope, call.world.now);
        let caller = caller.map_err(|error| not_admitted(&error))?;
        call.check_client(&caller.client, scope)?;
        Ok(Some(caller.client))
    }
}

const fn is_page(operation: Operation) -> bool {
    use Operation as O;
    matches!(
        operation,
        O::LoginPage
            | O::LogIn
            | O::LogOut
            | O::Desk
            | O::PutTenantAtDesk
            | O::TenantDesk
            | O::OpenAtDesk
            | O::OpenedAtDesk
            | O::RequestAtDesk
            | O::HooksAtDesk
            | O::AddHookAtDesk
            | O::AuditAtDesk
            | O::Page
            | O::PageSwitch
            | O::PageBack
            | O::Return
            | O::Confirm
            | O::Choose
    )
}

/// Does what the table says.
fn perform(call: &Call<'_>, client: Option<&str>, entropy: &mut dyn Entropy) -> Result<Step, Refusal> {
    use Operation as O;
    match call.routed.route.operation {
        O::Health => health(call).map(Step::Answer),
        O::Describe => Ok(Step::Answer(crate::openapi::answer(call.service))),
        O::Asset => {
            let (digest, file) = (call.routed.part("digest"), call.routed.part("file"));
            let found = call.service.assets.answer(digest, file);
            found.map(Step::Answer).ok_or_else(|| absent("HTTP-21", "there is no such file"))
        }
        O::WalletRequest | O::WalletRequestPosted | O::WalletResponse => protocol::answer(call, entropy),
        O::Page
        | O::PageEvents
        | O::PageDigital
        | O::PageSwitch
        | O::PageBack
        | O::Return
        | O::Confirm
        | O::Choose => page::answer(call, entropy),
        O::LoginPage
        | O::LogIn
        | O::LogOut
        | O::Desk
        | O::PutTenantAtDesk
        | O::TenantDesk
        | O::OpenAtDesk
        | O::OpenedAtDesk
        | O::RequestAtDesk
        | O::HooksAtDesk
        | O::AddHookAtDesk
        | O::AuditAtDesk => admin::answer(call, entropy).map(Step::Answer),
        O::Token => manage::token(call, entropy).map(Step::Answer),
        O::Tenants
        | O::Tenant
        | O::PutTenant
        | O::RemoveTenant
        | O::Open
        | O::List
        | O::Read
        | O::Link
        | O::Result
        | O::Evidence
        | O::ForgetEvidence
        | O::Hooks
        | O::AddHook
        | O::RemoveHook
        | O::DeadNotices
        | O::Audit
        | O::Events => manage::answer(call, client.unwrap_or_default(), entropy),
    }
}

/// Whether the memory answers.
fn health(call: &Call<'_>) -> Result<Response<Vec<u8>>, Refusal> {
    crate::tenant::Tenant::all(call.world.state, call.world.now).map_err(crate::problem::unavailable)?;
    let mut response = answer::json(StatusCode::OK, &serde_json::json!({"ready": true}));
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}
