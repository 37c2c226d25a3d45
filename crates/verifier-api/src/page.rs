//! The pages that citizens see.

mod confirm;
mod digital;
mod frame;
mod request;
mod visit;
pub(crate) mod words;

use crate::{call::Call, route::Operation, service::Step};
use http::Response;
use sinpyo_core::key::Entropy;
use sinpyo_web::problem::Refusal;

pub(crate) use frame::{Frame, refused};

/// Answers a browser.
pub(crate) fn answer(call: &Call<'_>, entropy: &mut dyn Entropy) -> Result<Step, Refusal> {
    use Operation as O;
    let response: Response<Vec<u8>> = match call.routed.route.operation {
        O::PageEvents => return request::events(call).map(Step::Follow),
        O::PageDigital => return digital::receive(call, entropy),
        O::Page => request::show(call, entropy)?,
        O::PageSwitch => request::switch(call, entropy)?,
        O::PageBack => request::back(call)?,
        O::Return => confirm::came_back(call, entropy)?,
        O::Choose => confirm::choose(call, entropy)?,
        _ => confirm::ask(call, entropy)?,
    };
    Ok(Step::Answer(response))
}
