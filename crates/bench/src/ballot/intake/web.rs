//! Requests and their answers.

use anyhow::{Context as _, ensure};
use http::{Request, Response};
use serde_json::{Map, Value};
use sinpyo_load::web::{Http, Leg, Web as _};
use sinpyo_tlog::tile::{Resource, TileId};
use sinpyo_voting::record::{Record, RecordError};
use std::sync::{Arc, Mutex, PoisonError};

/// What came, whatever it says.
pub(super) fn ask(http: &mut Http, request: Request<Vec<u8>>) -> anyhow::Result<Response<Vec<u8>>> {
    Ok(http.send(Leg::Request, request)?)
}

/// What came, if it is a success.
pub(super) fn call(http: &mut Http, request: Request<Vec<u8>>) -> anyhow::Result<Response<Vec<u8>>> {
    let address = request.uri().clone();
    let answer = ask(http, request)?;
    let said = || String::from_utf8_lossy(answer.body()).into_owned();
    ensure!(answer.status().is_success(), "{address} answered {}: {}", answer.status(), said());
    Ok(answer)
}

/// An answer's JSON object.
pub(super) fn json_of(answer: &Response<Vec<u8>>) -> anyhow::Result<Map<String, Value>> {
    let value: Value = serde_json::from_slice(answer.body()).context("no JSON")?;
    value.as_object().cloned().context("no object")
}

/// The public record of an election as it is served.
pub(super) struct Served {
    address: String,
    http: Mutex<Http>,
}

impl Served {
    /// The record of the election at `{origin}/e/{id}`.
    pub(super) fn new(address: String) -> Self {
        Self { address, http: Mutex::new(Http::new(Arc::default(), 0)) }
    }

    fn get(&self, resource: Resource) -> anyhow::Result<Vec<u8>> {
        let request = Request::get(format!("{}/log/{resource}", self.address)).body(Vec::new())?;
        let mut http = self.http.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(call(&mut http, request)?.into_body())
    }
}

impl Record for Served {
    fn checkpoint(&self) -> Result<String, RecordError> {
        let text = self.get(Resource::Checkpoint).and_then(|text| Ok(String::from_utf8(text)?));
        text.map_err(|error| RecordError { position: 0, reason: error.into() })
    }

    fn bundle(&self, id: TileId) -> Result<Vec<u8>, RecordError> {
        let position = id.row_range().start;
        self.get(Resource::Entries(id)).map_err(|error| RecordError { position, reason: error.into() })
    }
}
