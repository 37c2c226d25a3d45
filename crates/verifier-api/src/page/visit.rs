//! Whose browser looks at a page.

use crate::{
    call::Call,
    desk::Desk,
    problem::{absent, unavailable},
    record::{PageSecret, RequestId, RequestRecord},
};
use http::{Response, StatusCode, header};
use sinpyo_core::key::Entropy;
use sinpyo_state::{CommitError, Space, Unavailable};
use sinpyo_web::{
    form::{Fields, FormLimits},
    problem::Refusal,
    session::Session,
};

/// The name of our cookie: services on one host have others.
const COOKIE: &str = "verifier";
const SESSIONS: Space = Space::new("vsv.session");
const ATTEMPTS: usize = 8;

/// A browser, and whether it has to be told its session.
#[derive(Debug)]
pub(crate) struct Browser {
    pub(crate) session: Session,
    is_new: bool,
}

impl Browser {
    /// The one that sent a request.
    pub(crate) fn of(call: &Call<'_>, entropy: &mut dyn Entropy) -> Self {
        match Self::known(call) {
            Some(session) => Self { session, is_new: false },
            None => Self { session: Session::begin(entropy), is_new: true },
        }
    }

    fn known(call: &Call<'_>) -> Option<Session> {
        let transport = call.service.settings.site.main().transport();
        Session::of(call.request.headers(), COOKIE, transport)
    }

    /// The digest by which a request knows its browser.
    pub(crate) fn digest(&self) -> String {
        self.session.key(SESSIONS).name().to_owned()
    }

    /// Tells it its session, if it is new.
    pub(crate) fn told(&self, call: &Call<'_>, mut response: Response<Vec<u8>>) -> Response<Vec<u8>> {
        let transport = call.service.settings.site.main().transport();
        let cookie = self.session.cookie(COOKIE, None, transport).filter(|_| self.is_new);
        if let Some(cookie) = cookie {
            response.headers_mut().append(header::SET_COOKIE, cookie);
        }
        response
    }

    /// The digest of the session that a request came with.
    pub(crate) fn sent(call: &Call<'_>) -> Option<String> {
        Self::known(call).map(|session| session.key(SESSIONS).name().to_owned())
    }
}

/// The secret of the page, and its request.
pub(crate) fn of_path(call: &Call<'_>, desk: &Desk<'_>) -> Result<(PageSecret, RequestId), Refusal> {
    let unknown = || absent("VSV-09", "there is no such page");
    let page = PageSecret::parse(call.routed.part("page")).ok_or_else(unknown)?;
    let id = page.request(desk.world.state, desk.world.now).map_err(unavailable)?.ok_or_else(unknown)?;
    Ok((page, id))
}

/// The request, if it belongs to the browser that asks; who opens the page first makes it theirs.
pub(crate) fn owned(
    desk: &Desk<'_>,
    id: &RequestId,
    browser: &Browser,
    entropy: &mut dyn Entropy,
) -> Result<RequestRecord, Refusal> {
    let digest = browser.digest();
    for _ in 0..ATTEMPTS {
        let (mut record, version) = desk.request(id)?;
        match &record.owner {
            Some(owner) => return check(owner == &digest).map(|()| record),
            None => record.owner = Some(digest.clone()),
        }
        match desk.replace(&desk.records(), id, (&record, version), entropy)? {
            Ok(()) => return Ok(record),
            Err(CommitError::Conflict { .. }) => {}
            Err(_) => break,
        }
    }
    Err(unavailable(Unavailable))
}

/// The request, if it belongs to the browser that asks already.
pub(crate) fn still_owned(
    call: &Call<'_>,
    desk: &Desk<'_>,
    id: &RequestId,
) -> Result<RequestRecord, Refusal> {
    let (record, _) = desk.request(id)?;
    check(record.owner.is_some() && record.owner == Browser::sent(call)).map(|()| record)
}

fn check(is_owner: bool) -> Result<(), Refusal> {
    let detail = "the request belongs to another browser";
    if is_owner { Ok(()) } else { Err(Refusal::new(StatusCode::FORBIDDEN, "VSV-10", &detail)) } // [VSV-10]
}

/// The form in a request from a page of ours, made for this browser.
pub(crate) fn form(call: &Call<'_>, session: &Session) -> Result<Fields, Refusal> {
    own_page(call)?;
    let form = Fields::of_body(call.request.headers(), call.request.body(), FormLimits::default())
        .map_err(|error| Refusal::because(error.status(), error.code(), &error))?;
    call.service
        .forms
        .check(session, &form)
        .map_err(|error| Refusal::because(StatusCode::FORBIDDEN, error.code(), &error))?;
    Ok(form)
}

/// That a request comes from a page of ours.
pub(crate) fn own_page(call: &Call<'_>) -> Result<(), Refusal> {
    let origin = call.service.settings.site.own_page(call.parts);
    origin.map(|_| ()).map_err(|error| Refusal::because(StatusCode::FORBIDDEN, error.code(), &error))
}
