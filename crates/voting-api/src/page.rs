//! The pages that everybody sees.

mod chart;
mod find;
mod frame;
mod home;
mod landing;
mod observe;
mod protocol;
mod query;
mod result;
pub(crate) mod roster;
mod trustee;
mod verdicts;

use crate::{call::Call, route::Operation};
use http::Response;
use sinpyo_web::{href::Href, problem::Refusal};

pub(crate) use frame::{Frame, phase_name, refused, words};
pub(crate) use query::QueryForm;

pub(crate) fn answer(call: &Call<'_>) -> Result<Response<Vec<u8>>, Refusal> {
    match call.routed.route.operation {
        Operation::Observe => observe::show(call),
        Operation::Landing => landing::show(call),
        Operation::Find => find::show(call),
        Operation::Protocol => protocol::show(call),
        Operation::TrusteePage => trustee::show(call),
        _ => home::show(call),
    }
}

/// A path of ours.
fn local(path: &str) -> Result<Href, Refusal> {
    Href::local(path).map_err(|error| Refusal::because(http::StatusCode::BAD_REQUEST, error.code(), &error))
}
