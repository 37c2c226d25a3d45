//! `sinpyo did …`

use super::{Done, refuse};
use crate::{
    asking::Refusal,
    cli::{DidCommand, KeyKind},
    files::{self, Access},
    home::Home,
    issuing,
    office::{OldKey, Organisation, wait_past},
    say::Voice,
    web::Web,
};
use anyhow::{Result, bail};
use serde_json::json;
use sinpyo_core::{accreditation::LocalizedName, claims::nfc, did::Did, resolved::VersionSelector};
use sinpyo_crypto::Algorithm;
use sinpyo_registry::did_tlog;
use sinpyo_resolver::{Resolution, ResolvedJson, resolve};

pub(crate) fn run(home: &Home, command: DidCommand, voice: Voice) -> Result<Done> {
    match command {
        DidCommand::Create { name, ko, en, key, out, .. } => {
            let names = LocalizedName { ko: nfc(&ko), en: nfc(&en) };
            if let Some(file) = out {
                let (organisation, operation) = Organisation::draft(home, &name, names, algorithm(key))?;
                files::create(&file, operation.as_bytes(), Access::Public)?;
                tell_did(&organisation, voice);
                return Ok(Done::Accepted);
            }
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
    let refused =
        |code: &'static str, error: &dyn std::error::Error| Ok(refuse(voice, &Refusal::new(code, error)));
    let resolved: ResolvedJson = match resolve(did, version) {
        Ok(Resolution::Resolved(resolved)) => resolved.into(),
        Ok(Resolution::Log(query)) => match home.registry()?.resolve(query.did(), query.version()) {
            Ok(resolved) => resolved.into(),
            Err(error) => match error.downcast_ref::<did_tlog::ResolveError>() {
                Some(error) => return refused(error.code(), error),
                None => return Err(error),
            },
        },
        Ok(Resolution::Fetch(query)) => match Web::new()?.resolve(query, home.now()) {
            Ok(resolved) => resolved,
            Err(error) => return refused(error.code(), &error),
        },
        Err(error) => return refused(error.code(), &error),
    };
    // The DID resolution result [DID Resolution §4].
    let result = json!({
        "didDocument": resolved.document(),
        "didResolutionMetadata": {"contentType": "application/did"},
        "didDocumentMetadata": resolved.metadata_json(),
    });
    voice.report(&result, &format!("{result:#}"));
    if resolved.is_deactivated() {
        bail!("{}", voice.pick("이 DID는 폐기되었습니다", "the DID is deactivated"));
    }
    Ok(Done::Accepted)
}

const fn algorithm(kind: KeyKind) -> Algorithm {
    match kind {
        KeyKind::Es256 => Algorithm::Es256,
        KeyKind::Es384 => Algorithm::Es384,
        KeyKind::Ed25519 => Algorithm::Ed25519,
        KeyKind::MlDsa44 => Algorithm::MlDsa44,
    }
}
