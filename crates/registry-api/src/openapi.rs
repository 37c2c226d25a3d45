//! `GET /openapi.json`: the description of the interface [`OpenAPI` 3.1], made from the table of routes.

use crate::{route::TABLE, settings::Settings};
use http::{Response, StatusCode};
use sinpyo_web::{
    answer::{json, tagged},
    openapi::{About, describe as description},
};

/// The description of this server.
pub(crate) fn describe(settings: &Settings) -> Response<Vec<u8>> {
    let about = About {
        title: "Sinpyo ledger registry",
        version: "1",
        description: "A transparency log (C2SP tlog-tiles) of operations on DIDs, accreditations and status lists.",
        base: &settings.base,
        refusals: &[429, 503],
        ..About::default()
    };
    tagged(json(StatusCode::OK, &description(&TABLE, about)))
}
