//! Who may create a DID.

use crate::{Call, problem};
use http::StatusCode;
use serde_json::{Map, Value};
use sinpyo_core::{did::Did, json};
use sinpyo_registry::did_tlog::{DidHead, VersionId};
use sinpyo_web::problem::Refusal;
use std::{fmt, sync::Arc};

/// Who may create a DID. What is on the log stays there for ever, so that the operator decides whose it is.
///
/// Asked about nothing but creation: who may change what exists is decided by keys alone.
#[derive(Clone)]
pub enum Admission {
    /// Anybody creates as many as the budget for submitting allows.
    Open,
    /// Only the DIDs for which this holds are created.
    Listed(Arc<dyn Fn(&Did) -> bool + Send + Sync>),
}

impl Admission {
    /// Only the DIDs that `listed` holds for.
    pub fn listed(listed: impl Fn(&Did) -> bool + Send + Sync + 'static) -> Self {
        Self::Listed(Arc::new(listed))
    }

    fn admits(&self, did: &Did) -> bool {
        match self {
            Self::Open => true,
            Self::Listed(listed) => listed(did),
        }
    }
}

/// Nobody.
impl Default for Admission {
    fn default() -> Self {
        Self::listed(|_| false)
    }
}

impl fmt::Debug for Admission {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Open => "Open",
            Self::Listed(_) => "Listed(..)",
        })
    }
}

/// Refuses the body if it would create a DID that is not admitted.
pub(crate) fn check(call: &Call<'_>) -> Result<(), Refusal> {
    // What is no operation, the log refuses by its own rules.
    let operation = json::parse_object(call.body).unwrap_or_default();
    let Some(did) = created(&operation) else { return Ok(()) };
    if call.api.settings.admission.admits(&did) {
        return Ok(());
    }
    let failed = |error| problem::failed(&error);
    let state = call.api.engine.state().map_err(failed)?;
    if DidHead::read(&*state, &did).map_err(failed)?.is_some() {
        // The same bytes again, or a conflict: nothing is created.
        return Ok(());
    }
    let detail = "the operator of this ledger has not admitted the DID";
    Err(problem::refused(StatusCode::FORBIDDEN, "RGA-18", &detail)) // [RGA-18]
}

/// The DID whose first version `operation` is. The log takes no first version under another number.
fn created(operation: &Map<String, Value>) -> Option<Did> {
    let text = |name: &str| operation.get(name)?.as_str();
    let version: VersionId = text("versionId")?.parse().ok()?;
    let creates = text("type") == Some("did") && version.number() == 1;
    if creates { text("did")?.parse().ok() } else { None }
}
