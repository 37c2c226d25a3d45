//! Where an election stands, for programs. Hints: wallets and auditors prove each of them from the log.

use crate::{call::Call, followed::Followed, problem::failed, record::current};
use http::Response;
use serde_json::{Value, json};
use sinpyo_registry::engine::LogEngine;
use sinpyo_voting::{
    event::Kind,
    form::to_hex,
    manifest::{Profile, Revote},
};
use sinpyo_web::problem::Refusal;

/// `GET /e/{election}/summary`.
pub(crate) fn answer(call: &Call<'_>) -> Result<Response<Vec<u8>>, Refusal> {
    let (election, log) = call.log()?;
    let published = published_size(&*log)?;
    let relay = call.service.settings.relay.as_ref();
    let relay = relay.map(|relay| format!("{}/{}/ballots", relay.trim_end_matches('/'), to_hex(&election.0)));
    let asks = call.service.cabinet(call.now).find(&election).map_err(crate::problem::unavailable)?;
    let asks = asks.is_some_and(|found| found.dossier.ask.is_some());
    let body = call.service.following.with(&election, &*log, |record| {
        let mut body = summary(record);
        if let Some(members) = body.as_object_mut() {
            members.insert("election".to_owned(), json!(to_hex(&election.0)));
            members.insert("checkpoint_size".to_owned(), json!(published));
            members.insert("relay".to_owned(), json!(relay));
            members.insert("asks".to_owned(), json!(asks));
        }
        body
    })?;
    Ok(current(&body))
}

/// How many entries the published head commits to.
pub(crate) fn published_size(log: &dyn LogEngine) -> Result<u64, Refusal> {
    let checkpoint = log.checkpoint().map_err(|error| failed(&error))?;
    Ok(checkpoint.map_or(0, |checkpoint| checkpoint.claimed_head().size))
}

fn summary(record: &Followed) -> Value {
    let at = |kind: Kind| json!(record.newest(kind));
    let entries = json!({
        "manifest": at(Kind::Manifest),
        "ceremony_done": at(Kind::CeremonyDone),
        "freeze": at(Kind::Freeze),
        "rings": at(Kind::Rings),
        "open": at(Kind::Open),
        "close": at(Kind::Close),
        "result": at(Kind::Result),
        "withdraw": record.places.get(Kind::Withdraw.as_str()).cloned().unwrap_or_default(),
    });
    let mut body = json!({
        "phase": record.phase().as_str(),
        "entries": entries,
        "ballots": record.ballots,
        "voters": record.voters(),
        "rejected": record.refused.len(),
        "spoiled": record.spoiled,
        "size": record.size,
        "manifest": record.manifest_body,
    });
    if let (Some(manifest), Some(members)) = (&record.manifest, body.as_object_mut()) {
        let districts = (0_u32..).zip(&manifest.districts);
        let registered: serde_json::Map<String, Value> = districts
            .map(|(place, district)| (district.id.clone(), json!(record.registered(place))))
            .collect();
        let profile = match manifest.profile {
            Profile::Ring { .. } => "ring",
            Profile::Token => "token",
        };
        let revote = match manifest.revote {
            Revote::Last => "last",
            Revote::First => "first",
        };
        members.insert("registered".to_owned(), Value::Object(registered));
        members.insert("profile".to_owned(), json!(profile));
        members.insert("revote".to_owned(), json!(revote));
        members.insert("title".to_owned(), json!(manifest.title));
        members.insert("floor".to_owned(), json!(manifest.floor));
        members.insert("opens".to_owned(), json!(manifest.opens.to_string()));
        members.insert("closes".to_owned(), json!(manifest.closes.to_string()));
    }
    body
}
