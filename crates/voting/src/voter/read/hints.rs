//! Where the service says that things are.

use super::super::{
    VoterError,
    files::{Files, Gap},
    way::{Relay, Way},
};
use crate::form::Members;
use serde_json::Value;
use sinpyo_tlog::merkle::TreeHead;

/// Most withdrawals that are read.
const MAX_WITHDRAWN: usize = 64;

/// Where the service says that things are.
#[derive(Debug)]
pub(super) struct Hints {
    pub(super) manifest: u64,
    pub(super) ceremony_done: Option<u64>,
    pub(super) freeze: Option<u64>,
    pub(super) rings: Option<u64>,
    pub(super) open: Option<u64>,
    pub(super) close: Option<u64>,
    pub(super) result: Option<u64>,
    pub(super) withdraw: Vec<u64>,
    pub(super) way: Way,
}

impl Hints {
    /// Those under the head. What came after it is not proven to anybody yet.
    pub(super) fn read(files: &Files, head: TreeHead) -> Result<Self, Gap> {
        let body = files.object("summary")?;
        let entries =
            body.get("entries").and_then(Value::as_object).map(Members).ok_or(VoterError::Answer)?;
        let place = |name: &'static str| match entries.0.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(_) => match entries.number(name) {
                Ok(index) => Ok(Some(index).filter(|index| *index < head.size)),
                Err(_) => Err(VoterError::Answer),
            },
        };
        let withdraw = match entries.0.get("withdraw") {
            None | Some(Value::Null) => &[][..],
            Some(indices) => indices.as_array().ok_or(VoterError::Answer)?,
        };
        let withdraw =
            withdraw.iter().take(MAX_WITHDRAWN).map(|index| index.as_u64().ok_or(VoterError::Answer));
        let way = match body.get("relay") {
            None | Some(Value::Null) => Way::Board,
            // Ballots must not go to the board because the relay's address cannot be read.
            Some(relay) => {
                let address = relay.as_str().ok_or(VoterError::Answer)?;
                Way::Relay(Relay::parse(address, files.place())?)
            }
        };
        Ok(Self {
            manifest: place("manifest")?.unwrap_or(0),
            ceremony_done: place("ceremony_done")?,
            freeze: place("freeze")?,
            rings: place("rings")?,
            open: place("open")?,
            close: place("close")?,
            result: place("result")?,
            withdraw: withdraw.collect::<Result<_, _>>()?,
            way,
        })
    }
}
