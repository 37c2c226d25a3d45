//! One request on its way through the service.

use crate::{
    problem::{absent, unavailable},
    roll::Roll,
    route::Operation,
    service::Service,
    steps::Course,
};
use http::{Request, StatusCode, request::Parts};
use serde_json::{Map, Value};
use sinpyo_ballot::generators::ElectionId;
use sinpyo_core::time::Timestamp;
use sinpyo_registry::engine::LogEngine;
use sinpyo_voting::form::{from_hex_array, to_hex};
use sinpyo_web::{body::json_object, form::Fields, lang::Lang, problem::Refusal, route::Routed};
use std::{net::IpAddr, sync::Arc};

/// Bytes of the longest JSON body.
const MAX_JSON: usize = 256 << 10;

/// One request on its way through the service.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Call<'c> {
    pub(crate) service: &'c Service,
    pub(crate) request: &'c Request<Vec<u8>>,
    pub(crate) parts: &'c Parts,
    pub(crate) peer: IpAddr,
    pub(crate) now: Timestamp,
    pub(crate) routed: &'c Routed<Operation>,
}

impl Call<'_> {
    /// The election of the path.
    pub(crate) fn election(&self) -> Result<ElectionId, Refusal> {
        let id = from_hex_array(self.routed.part("election")).map(ElectionId);
        id.ok_or_else(|| absent("VTS-03", "there is no such election")) // [VTS-03]
    }

    /// The log of the election of the path.
    pub(crate) fn log(&self) -> Result<(ElectionId, Arc<dyn LogEngine>), Refusal> {
        let election = self.election()?;
        let log = self.service.settings.logs.open(&election).map_err(unavailable)?;
        log.map(|log| (election, log)).ok_or_else(|| absent("VTS-03", "there is no such election")) // [VTS-03]
    }

    /// Works on the election of the path.
    pub(crate) fn course<T>(
        &self,
        work: impl FnOnce(Course<'_>) -> Result<T, Refusal>,
    ) -> Result<T, Refusal> {
        let (election, log) = self.log()?;
        work(Course { service: self.service, election: &election, log: &*log, now: self.now })
    }

    /// The roll of the election of the path.
    pub(crate) fn roll(&self) -> Result<Roll<'_>, Refusal> {
        Ok(Roll { service: self.service, election: self.election()?, now: self.now })
    }

    /// The JSON object in the body.
    pub(crate) fn json(&self) -> Result<Map<String, Value>, Refusal> {
        json_object(self.request.headers(), self.request.body(), MAX_JSON)
            .map_err(|error| Refusal::because(error.status(), error.code(), &error))
    }

    /// What follows the question mark.
    pub(crate) fn query(&self) -> Result<Fields, Refusal> {
        Fields::of_uri(self.request.uri())
    }

    /// The language of whoever asks.
    pub(crate) fn lang(&self) -> Lang {
        Lang::asked(self.request.uri(), self.request.headers())
    }

    /// Refuses other bodies than of `media`.
    pub(crate) fn expect_media(&self, media: &str) -> Result<(), Refusal> {
        let mut types = self.request.headers().get_all(http::header::CONTENT_TYPE).iter();
        let essence = types.next().and_then(|value| value.to_str().ok()).unwrap_or_default();
        let essence = essence.split(';').next().unwrap_or_default().trim();
        if essence.eq_ignore_ascii_case(media) && types.next().is_none() {
            return Ok(());
        }
        let detail = "the body is of another type than is read here";
        Err(Refusal::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "HTTP-14", &detail))
    }
}

impl Service {
    /// Where an election is, for others.
    pub(crate) fn address(&self, election: &ElectionId) -> String {
        format!("{}/e/{}", self.settings.site.main(), to_hex(&election.0))
    }
}
