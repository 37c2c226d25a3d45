//! The organisations, and who may do what.

use super::Stage;
use crate::{
    issuing,
    office::{OldKey, Organisation},
};
use anyhow::{Context, Result};
use sinpyo_core::{
    accreditation::{Grant, LocalizedName},
    claims::ClaimPath,
    credential::CredentialType,
};
use sinpyo_crypto::Algorithm;
use std::{collections::BTreeMap, time::Duration};

/// The organisations of the story.
#[derive(Debug)]
pub(super) struct Orgs {
    /// 행정안전부: accredits the others and issues resident credentials.
    pub(super) moi: Organisation,
    /// 한국사회복지사협회: issues licences.
    pub(super) kasw: Organisation,
    /// 우정사업본부: issues customer credentials and asks for them.
    pub(super) post: Organisation,
    /// A donation platform: asks for licences.
    pub(super) donation: Organisation,
    /// 중앙선거관리위원회: asks for age and district.
    pub(super) nec: Organisation,
}

/// Creates the organisations on the ledger and accredits them.
pub(super) fn found(stage: &Stage<'_>) -> Result<Orgs> {
    let create = |name: &str, ko: &str, en: &str| {
        let names = LocalizedName { ko: ko.to_owned(), en: en.to_owned() };
        Organisation::create(stage.home, name, names, Algorithm::Es256, false)
    };
    let orgs = Orgs {
        moi: create("moi", "행정안전부", "Ministry of the Interior and Safety")?,
        kasw: create("kasw", "한국사회복지사협회", "Korea Association of Social Workers")?,
        post: create("post", "우정사업본부", "Korea Post")?,
        donation: create("donation", "따뜻한기부", "Warm Donation")?,
        nec: create("nec", "중앙선거관리위원회", "National Election Commission")?,
    };
    stage.clock.advance(Duration::from_mins(1));
    for (issuer, profile) in [(&orgs.moi, "K01"), (&orgs.kasw, "K04"), (&orgs.post, "K14")] {
        let types = vec![kind(stage, profile)?];
        orgs.moi.accredit(stage.home, issuer.subject(), Grant::Issue { types })?;
    }
    let requests = [
        (&orgs.post, "post.login", "K14", &["identity_assured"][..]),
        (&orgs.post, "post.identity", "K14", &["family_name", "given_name"]),
        (&orgs.donation, "donation.worker", "K04", &["holds_valid_licence", "grade"]),
        (&orgs.nec, "vote.register", "K01", &["age_over_18", "region_sigungu"]),
    ];
    for (verifier, service, profile, claims) in requests {
        let paths = claims.iter().map(|claim| ClaimPath::name(claim)).collect();
        let grant = Grant::Request {
            service: service.parse().context("a service code")?,
            scope: BTreeMap::from([(kind(stage, profile)?, paths)]),
        };
        orgs.moi.accredit(stage.home, verifier.subject(), grant)?;
    }
    stage.clock.advance(Duration::from_mins(1));
    stage.voice.tell("원장: 기관 5곳 생성·등재", "ledger: five organisations created and accredited");
    Ok(orgs)
}

/// The type of the bundled profile `profile`.
pub(super) fn kind(stage: &Stage<'_>, profile: &str) -> Result<CredentialType> {
    Ok(stage.home.profile(profile)?.credential_type().clone())
}

/// Gives the issuer of resident credentials a new key.
pub(super) fn rotate_issuer(stage: &Stage<'_>, orgs: Orgs) -> Result<Orgs> {
    stage.clock.advance(Duration::from_mins(1));
    let moi = orgs.moi.rotate(stage.home, OldKey::Retired)?;
    stage.clock.advance(Duration::from_mins(1));
    issuing::republish(stage.home, &moi)?;
    stage.voice.tell("행정안전부가 서명키를 교체함", "the ministry rotated its key");
    Ok(Orgs { moi, ..orgs })
}
