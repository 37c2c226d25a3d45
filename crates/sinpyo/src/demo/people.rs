//! Credentials for everybody in the input, and a wallet for one of them.

use super::{Stage, world::Orgs};
use crate::{
    facts::Facts,
    import::{Imported, Row},
    issuing::Desk,
    office::Organisation,
    os::OsEntropy,
};
use anyhow::{Context, Result, bail};
use serde_json::{Map, Value, json};
use sinpyo_core::{
    resolved::VersionSelector,
    status::{CredentialStatus, StatusEntry},
};
use sinpyo_crypto::{Algorithm, SigningKey};
use sinpyo_issuer::{Issued, Profile};
use sinpyo_proof::KeyRing;
use sinpyo_wallet::{Received, Wallet};

/// One person with a wallet, and what the others got.
#[derive(Debug)]
pub(super) struct Cast {
    /// The wallet of the first social worker of the input.
    pub(super) wallet: Wallet,
    /// What the person is in each role: resident, social worker, customer.
    pub(super) resident: Row,
    pub(super) worker: Row,
    pub(super) customer: Option<Row>,
    /// How many credentials were issued.
    pub(super) issued: usize,
}

/// Issues a credential to every resident, social worker and customer of the input.
pub(super) fn issue_all(stage: &Stage<'_>, orgs: &Orgs, imported: &Imported) -> Result<Cast> {
    let worker = imported.social_workers.first().context("the input has no social worker")?.clone();
    let id = worker.text("resident_id");
    let resident = imported.residents.get(id).context("the first social worker is no resident")?.clone();
    let customer = imported.customers.iter().find(|row| row.text("resident_id") == id).cloned();
    let mut cast = Cast { wallet: Wallet::new(), resident, worker, customer, issued: 0 };
    let residents: Vec<_> = imported.residents.values().collect();
    let workers: Vec<_> = imported.social_workers.iter().collect();
    let customers: Vec<_> = imported.customers.iter().collect();
    for (organisation, profile, rows) in
        [(&orgs.moi, "K01", residents), (&orgs.kasw, "K04", workers), (&orgs.post, "K14", customers)]
    {
        issue_rows(stage, organisation, profile, &rows, &mut cast)?;
    }
    let n = cast.issued;
    stage.voice.tell(&format!("발급: {n}건"), &format!("issued: {n} credentials"));
    Ok(cast)
}

fn issue_rows(
    stage: &Stage<'_>,
    organisation: &Organisation,
    name: &str,
    rows: &[&Row],
    cast: &mut Cast,
) -> Result<()> {
    let profile = stage.home.profile(name)?;
    let mut desk = Desk::open(stage.home, organisation, (name, &profile))?;
    let bar = stage.voice.progress(rows.len(), "발급", "issuing");
    let (mut withdrawn, mut ours) = (Vec::new(), None);
    for row in rows {
        let is_ours =
            [Some(&cast.resident), Some(&cast.worker), cast.customer.as_ref()].contains(&Some(*row));
        let holder = if is_ours {
            cast.wallet.new_key(profile.credential_type().clone(), &mut OsEntropy)
        } else {
            SigningKey::generate(Algorithm::Es256, &mut OsEntropy).verifying_key().to_jwk()
        };
        let issued = desk.issue(&claims_of(&profile, row), &holder, None)?;
        match row.text("valid") {
            "revoked" => withdrawn.push((entry_of(&issued.wire)?, CredentialStatus::Revoked)),
            "suspended" => withdrawn.push((entry_of(&issued.wire)?, CredentialStatus::Suspended)),
            _ => {}
        }
        if is_ours {
            ours = Some(issued);
        }
        bar.inc(1);
    }
    bar.finish_and_clear();
    desk.publish()?;
    for (entry, status) in withdrawn {
        desk.set_status(entry.list(), entry.index(), status)?;
    }
    cast.issued += rows.len();
    ours.map_or(Ok(()), |issued| hold(stage, organisation, &mut cast.wallet, issued))
}

/// Puts what arrived into the wallet, after it was verified.
pub(super) fn hold(
    stage: &Stage<'_>,
    organisation: &Organisation,
    wallet: &mut Wallet,
    issued: Issued,
) -> Result<()> {
    let (home, now) = (stage.home, stage.home.now());
    let mut facts = Facts::new(home, home.trust()?, now);
    let Some(issuer) = facts.document(&organisation.did(), &VersionSelector::Latest)? else {
        bail!("the issuer is not on the ledger");
    };
    let received = Received::verify(issued.wire.as_bytes(), &KeyRing::of(&issuer), now)?;
    wallet.hold(received, issued.held)?;
    Ok(())
}

/// The claims of `profile` that a row states; the rest of the row is for the importer.
pub(super) fn claims_of(profile: &Profile, row: &Row) -> Map<String, Value> {
    let stated = |name: &str| -> Option<Value> {
        let text = row.text(name);
        Some(match name {
            "holds_valid_licence" => json!(row.text("valid") == "valid"),
            "identity_assured" => json!(text == "true"),
            "services" => text.split(';').map(Value::from).collect(),
            _ if text.is_empty() => return None,
            _ => json!(text),
        })
    };
    let names = profile.claims().iter().map(|claim| claim.name.clone());
    names.filter_map(|name| Some((name.clone(), stated(&name)?))).collect()
}

/// Where the status of an issued credential stands.
pub(super) fn entry_of(wire: &str) -> Result<StatusEntry> {
    // Our own desk issued it a moment ago.
    let parts = sinpyo_proof::sd_jwt::Holding::parse(wire, &[sinpyo_proof::jws::Typ::SD_JWT_VC])?;
    let status = parts.claims().get("status").and_then(|status| status.get("status_list"));
    let status = status.context("the credential has no status")?;
    let list = status.get("uri").and_then(Value::as_str).context("the status has no list")?.to_owned();
    let index = status.get("idx").and_then(Value::as_u64).context("the status has no index")?;
    Ok(StatusEntry::Token { list, index })
}
