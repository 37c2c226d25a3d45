//! The host's office: the management interface of a voting service.

use super::wire::{Wire, problem};
use crate::{files, remote::peer::base_url};
use anyhow::{Context, Result, bail};
use clap::Args;
use http::{Method, Request, StatusCode, header};
use serde_json::{Map, Value};
use sinpyo_core::{Secret, json};
use std::{fmt, path::PathBuf};
use url::Url;

/// Where the service is, and by what it knows its operator.
#[derive(Clone, Debug, Args)]
pub(crate) struct At {
    /// The voting service.
    #[arg(long, value_name = "URL")]
    pub(crate) at: String,
    /// File with the token of its management interface: manage.token in the folder of `sinpyo serve voting`.
    #[arg(long, value_name = "FILE")]
    pub(crate) token_file: PathBuf,
}

/// The management interface of a voting service.
pub(crate) struct Office {
    base: Url,
    token: Secret<String>,
    wire: Wire,
}

impl fmt::Debug for Office {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Office").field("base", &self.base.as_str()).finish_non_exhaustive()
    }
}

/// What the service refused, in its words.
#[derive(Debug, thiserror::Error)]
#[error("the service refuses: {0}")]
pub(crate) struct Refused(pub(crate) String);

impl Office {
    /// The office of these options.
    pub(crate) fn open(options: &At) -> Result<Self> {
        let token = String::from_utf8(files::read_private(&options.token_file)?);
        let token = token.ok().context("the token is no text")?.trim().to_owned();
        Self::new(&options.at, Secret::new(token))
    }

    /// The office of the service at `base`.
    pub(crate) fn new(base: &str, token: Secret<String>) -> Result<Self> {
        Ok(Self { base: base_url(base)?, token, wire: Wire::new()? })
    }

    /// Posts JSON to a path below `/manage/elections`.
    pub(crate) fn post(&self, path: &str, body: &Value) -> Result<Map<String, Value>> {
        self.sent(path, ("application/json", body.to_string().into_bytes()))
    }

    /// Hands in a roll as CSV.
    pub(crate) fn roll(&self, election: &str, csv: Vec<u8>) -> Result<Map<String, Value>> {
        self.sent(&format!("/{election}/roll"), ("text/csv", csv))
    }

    /// Takes the next step; the phase then.
    pub(crate) fn step(&self, election: &str, step: &str) -> Result<String> {
        let answer = self.post(&format!("/{election}/steps/{step}"), &Value::Object(Map::new()))?;
        Ok(text(&answer, "phase")?.to_owned())
    }

    fn sent(&self, path: &str, (kind, body): (&str, Vec<u8>)) -> Result<Map<String, Value>> {
        let url = self.base.join(&format!("manage/elections{path}")).context("the address of the service")?;
        let request = Request::builder()
            .method(Method::POST)
            .uri(url.as_str())
            .header(header::CONTENT_TYPE, kind)
            .header(header::AUTHORIZATION, format!("Bearer {}", self.token.expose()))
            .body(body)?;
        let answer = self.wire.send_patiently(&request)?;
        if !answer.status().is_success() {
            return Err(Refused(problem(&answer)).into());
        }
        if answer.status() == StatusCode::NO_CONTENT || answer.body().is_empty() {
            return Ok(Map::new());
        }
        json::parse_object(answer.body()).context("the service's answer is no JSON")
    }
}

/// A text of an answer.
pub(crate) fn text<'a>(answer: &'a Map<String, Value>, name: &str) -> Result<&'a str> {
    answer.get(name).and_then(Value::as_str).with_context(|| format!("the service's answer has no {name}"))
}

/// A number of an answer.
pub(crate) fn number(answer: &Map<String, Value>, name: &str) -> Result<u64> {
    answer.get(name).and_then(Value::as_u64).with_context(|| format!("the service's answer has no {name}"))
}

/// The summary of an election.
pub(crate) fn summary(wire: &Wire, address: &str) -> Result<Map<String, Value>> {
    let request = Request::get(format!("{address}/summary")).body(Vec::new())?;
    let answer = wire.send_patiently(&request)?;
    if !answer.status().is_success() {
        bail!("{address}: {}", problem(&answer));
    }
    json::parse_object(answer.body()).context("the service's answer is no JSON")
}
