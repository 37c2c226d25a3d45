//! `sinpyo did …`

use super::{Done, refuse};
use crate::{
    asking::Refusal,
    cli::{DidCommand, KeyKind},
    home::Home,
    issuing,
    office::{OldKey, Organisation, wait_past},
    say::Voice,
};
use anyhow::{Result, bail};
use serde_json::{Value, json};
use sinpyo_core::{
    accreditation::LocalizedName,
    claims::nfc,
    did::Did,
    resolved::{Resolved, VersionSelector},
};
use sinpyo_crypto::Algorithm;
use sinpyo_resolver::{Resolution, resolve};

pub(crate) fn run(home: &Home, command: DidCommand, voice: Voice) -> Result<Done> {
    match command {
        DidCommand::Create { name, ko, en, key } => {
            let names = LocalizedName { ko: nfc(&ko), en: nfc(&en) };
            let organisation = Organisation::create(home, &name, names, algorithm(key))?;
            tell_did(&organisation, voice);
        }
        DidCommand::Rotate { name, leaked } => {
            let organisation = Organisation::load(home, &name)?;
            // Times are whole seconds: what the old key signed in this one is to stay good.
            wait_past(home, home.now());
            let rotated = organisation.rotate(home, if leaked { OldKey::Leaked } else { OldKey::Retired })?;
            issuing::republish(home, &rotated)?;
            tell_did(&rotated, voice);
        }
        DidCommand::Revoke { name, key } => {
            tell_did(&Organisation::load(home, &name)?.revoke(home, &key)?, voice);
        }
        DidCommand::Deactivate { name } => {
            let organisation = Organisation::load(home, &name)?;
            organisation.deactivate(home)?;
            tell_did(&organisation, voice);
        }
        DidCommand::Resolve { did, version_id, version_time } => {
            let version = match (version_id, version_time) {
                (Some(id), _) => VersionSelector::Id(id),
                (None, Some(time)) => VersionSelector::Time(time.parse()?),
                (None, None) => VersionSelector::Latest,
            };
            return show(home, &did.parse()?, &version, voice);
        }
    }
    Ok(Done::Accepted)
}

fn tell_did(organisation: &Organisation, voice: Voice) {
    let (did, key) = (organisation.did(), organisation.key_id());
    voice.report(&json!({"ok": true, "did": did.as_str(), "key": key.as_str()}), did.as_str());
}

fn show(home: &Home, did: &Did, version: &VersionSelector, voice: Voice) -> Result<Done> {
    let resolved = match resolve(did, version) {
        Ok(Resolution::Resolved(resolved)) => resolved,
        Ok(Resolution::Log(query)) => match home.ledger()?.resolve(query.did(), query.version()) {
            Ok(resolved) => resolved,
            Err(error) => return Ok(refuse(voice, &Refusal::new(error.code(), &error))),
        },
        Err(error) => return Ok(refuse(voice, &Refusal::new(error.code(), &error))),
    };
    let result = resolution_result(&resolved);
    voice.report(&result, &format!("{result:#}"));
    if resolved.metadata.deactivated {
        bail!("{}", voice.pick("이 DID는 폐기되었습니다", "the DID is deactivated"));
    }
    Ok(Done::Accepted)
}

/// The DID resolution result [DID Resolution §4].
fn resolution_result(resolved: &Resolved) -> Value {
    let metadata = &resolved.metadata;
    let mut about = serde_json::Map::new();
    if let Some(version) = &metadata.version_id {
        about.insert("versionId".into(), json!(version));
    }
    for (name, time) in
        [("created", metadata.created), ("updated", metadata.updated), ("nextUpdate", metadata.superseded)]
    {
        if let Some(time) = time {
            about.insert(name.into(), json!(time.to_string()));
        }
    }
    if metadata.deactivated {
        about.insert("deactivated".into(), json!(true));
    }
    json!({
        "didDocument": resolved.document.to_json(),
        "didResolutionMetadata": {"contentType": "application/did"},
        "didDocumentMetadata": about,
    })
}

const fn algorithm(kind: KeyKind) -> Algorithm {
    match kind {
        KeyKind::Es256 => Algorithm::Es256,
        KeyKind::Es384 => Algorithm::Es384,
        KeyKind::Ed25519 => Algorithm::Ed25519,
        KeyKind::MlDsa44 => Algorithm::MlDsa44,
    }
}
