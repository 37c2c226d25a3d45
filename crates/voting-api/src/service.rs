//! The service: one request in, one answer out.

use crate::{
    ballot_box::{BallotBox, Cast},
    call::Call,
    desk,
    dossier::Cabinet,
    events,
    followed::Following,
    limit::Budget,
    live::Feed,
    page,
    problem::absent,
    record, register,
    route::{Operation, TABLE},
    settings::Settings,
    whole::Audits,
};
use http::{Request, Response, StatusCode};
use sinpyo_core::{key::Entropy, time::Timestamp};
use sinpyo_registry::engine::MAX_ENTRY;
use sinpyo_web::{
    account::Accounts,
    answer,
    asset::{Asset, Assets},
    limit::{Caller, Limits},
    problem::Refusal,
    sealed::SealedRecords,
    session::FormTokens,
    site::head,
};
use std::{
    net::IpAddr,
    sync::{Mutex, PoisonError},
};

/// Bytes of the longest body that is read. Read one more, so that it can be refused.
pub const MAX_BODY: usize = 4 << 20;

/// The cookie of a host who is logged in.
pub(crate) const COOKIE: &str = "voting-host";

static ASSETS: [Asset; 3] = [
    Asset::module("roll.js", include_str!("asset/roll.js")),
    Asset::module("counters.js", include_str!("asset/counters.js")),
    Asset::module("print.js", include_str!("asset/print.js")),
];

/// The voting service. It remembers nothing but ballots that wait, how often it was asked, and what the logs say anyway.
#[derive(Debug)]
pub struct Service {
    pub(crate) settings: Settings,
    pub(crate) vault: SealedRecords,
    pub(crate) forms: FormTokens,
    pub(crate) assets: Assets,
    pub(crate) ballots: BallotBox,
    pub(crate) following: Following,
    pub(crate) audits: Audits,
    limits: Mutex<Limits<Budget>>,
    callers: Callers,
}

/// Whether callers are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Callers {
    Counted,
    Trusted,
}

/// What became of a request.
#[derive(Debug)]
#[must_use]
pub enum Step {
    /// It is answered.
    Answer(Response<Vec<u8>>),
    /// It is answered by a stream of events: `sinpyo_web::event::stream`, and then what [`Service::poll`] tells.
    Follow(Feed),
    /// A ballot: give it to [`Service::cast`], which answers once it was checked and is durable.
    Cast(Cast),
}

impl Service {
    /// A service that is set up so.
    pub fn new(settings: Settings) -> Self {
        Self {
            vault: SealedRecords::new(settings.key.sealing()),
            forms: FormTokens::new(settings.key.forms()),
            assets: Assets::new(&ASSETS),
            ballots: BallotBox::default(),
            following: Following::default(),
            audits: Audits::default(),
            limits: Mutex::new(Limits::new(())),
            callers: Callers::Counted,
            settings,
        }
    }

    /// The same without limits by address: for simulations, in which all voters have one.
    #[must_use]
    pub fn trusting_callers(self) -> Self {
        Self { callers: Callers::Trusted, ..self }
    }

    /// Answers `request`, which came from `peer`. Of a ballot the peer is neither counted nor noted.
    pub fn answer(
        &self,
        request: &Request<Vec<u8>>,
        peer: IpAddr,
        now: Timestamp,
        entropy: &mut dyn Entropy,
    ) -> Step {
        match self.routed(request, peer, now, entropy) {
            Step::Answer(response) => Step::Answer(self.finished(response, request)),
            step => step,
        }
    }

    /// The accounts of hosts: the operator makes them.
    pub fn accounts(&self) -> Accounts<'_> {
        let transport = self.settings.site.main().transport();
        Accounts { state: &*self.settings.state, cookie: COOKIE, transport }
    }

    fn finished(&self, response: Response<Vec<u8>>, request: &Request<Vec<u8>>) -> Response<Vec<u8>> {
        let response = answer::unless_known(response, request.headers());
        let response = answer::for_method(response, request.method());
        answer::secured_for(response, self.settings.site.main().transport())
    }

    fn routed(
        &self,
        request: &Request<Vec<u8>>,
        peer: IpAddr,
        now: Timestamp,
        entropy: &mut dyn Entropy,
    ) -> Step {
        let parts = head(request);
        let routed = match TABLE.enter(&self.settings.site, &parts) {
            Ok(routed) => routed,
            Err(refusal) => return Step::Answer(refusal.response(self.settings.catalogue)),
        };
        let call = Call { service: self, request, parts: &parts, peer, now, routed: &routed };
        let operation = routed.route.operation;
        match self.admit(&call).and_then(|()| perform(&call, entropy)) {
            Ok(Step::Answer(mut response)) => {
                if operation.is_public() {
                    answer::allow_anyone(&mut response);
                }
                Step::Answer(response)
            }
            Ok(step) => step,
            Err(refusal) if operation.is_page() => Step::Answer(page::refused(&call, &refusal)),
            Err(refusal) => {
                let mut response = refusal.response(self.settings.catalogue);
                if operation.is_public() {
                    answer::allow_anyone(&mut response);
                }
                Step::Answer(response)
            }
        }
    }

    /// Lets through what is not too long, and not too often.
    fn admit(&self, call: &Call<'_>) -> Result<(), Refusal> {
        let most = match call.routed.route.operation {
            Operation::Ballot | Operation::Event => MAX_ENTRY,
            _ => MAX_BODY,
        };
        if call.request.body().len() > most {
            let detail = "the body is longer than is read";
            return Err(Refusal::new(StatusCode::PAYLOAD_TOO_LARGE, "HTTP-15", &detail));
        }
        match Budget::of(call.routed.route.operation) {
            Some(budget) if self.callers == Callers::Counted => self.spend(call.peer, budget, call.now),
            _ => Ok(()),
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

    pub(crate) fn cabinet(&self, now: Timestamp) -> Cabinet<'_> {
        Cabinet { state: &*self.settings.state, vault: &self.vault, now }
    }
}

/// Does what the table says.
fn perform(call: &Call<'_>, entropy: &mut dyn Entropy) -> Result<Step, Refusal> {
    use Operation as O;
    let operation = call.routed.route.operation;
    let whole = match operation {
        O::Ballot => return crate::ballot_box::arrived(call),
        O::Live => return crate::live::begin(call).map(Step::Follow),
        O::Elections => record::elections(call),
        O::Checkpoint => record::checkpoint(call),
        O::Tile => record::tile(call),
        O::Entries => record::entries(call),
        O::Summary => crate::summary::answer(call),
        O::Rings => crate::rings::list(call),
        O::Ring => crate::rings::one(call),
        O::Receipt => record::receipt(call),
        O::Event => events::append(call, entropy),
        O::Begin => register::begin(call, entropy),
        O::Register => register::register(call, entropy),
        O::Trustee => crate::trustee::accept(call, entropy),
        O::ManageCreate
        | O::ManageRoll
        | O::ManageCodes
        | O::ManageStep
        | O::ManageWithdraw
        | O::ManageStrike => crate::manage::answer(call, entropy),
        O::Health => health(call),
        O::Describe => Ok(crate::openapi::answer(call.service)),
        O::Asset => asset(call),
        _ if operation.is_desk() || matches!(operation, O::LoginPage | O::LogIn) => {
            desk::answer(call, entropy)
        }
        _ => page::answer(call),
    };
    whole.map(Step::Answer)
}

fn asset(call: &Call<'_>) -> Result<Response<Vec<u8>>, Refusal> {
    let (digest, file) = match call.routed.part("file") {
        "" => ("", "icon.svg"),
        file => (call.routed.part("digest"), file),
    };
    call.service.assets.answer(digest, file).ok_or_else(|| absent("HTTP-21", "there is no such file"))
}

/// Whether the memory answers.
fn health(call: &Call<'_>) -> Result<Response<Vec<u8>>, Refusal> {
    call.service.settings.logs.list().map_err(crate::problem::unavailable)?;
    Ok(answer::json(StatusCode::OK, &serde_json::json!({"ready": true})))
}
