//! Reading a manifest: what must be there to go on, and what is wrong besides.

mod parts;

use super::{LogKeys, Manifest, ManifestError, Profile, Revote};
use crate::form::Members;
use parts::Parts;
use sinpyo_blind_rsa::PublicKey;
use std::collections::BTreeSet;

const MEMBERS: [&str; 20] = [
    "admission",
    "board",
    "closes",
    "contests",
    "districts",
    "floor",
    "host",
    "keys",
    "opens",
    "profile",
    "registrar",
    "revote",
    "ring",
    "styles",
    "threshold",
    "title",
    "token",
    "trustees",
    "version",
    "witnesses",
];

/// Most trustees.
const MAX_TRUSTEES: usize = 32;
/// Most coefficients that a trustee commits to: keys times threshold.
const MAX_COEFFICIENTS: u32 = 256;

/// A manifest, and what is wrong with it.
#[derive(Clone, Debug)]
pub struct Reading {
    /// What can be used.
    pub manifest: Manifest,
    /// The rules that it breaks; a manifest without any is fine.
    pub faults: Vec<ManifestError>,
}

pub(super) fn read(body: Members<'_>) -> Result<Reading, ManifestError> {
    let mut parts = Parts::default();
    parts.known(body, &MEMBERS)?;
    let contests = parts.contests(body)?;
    let styles = parts.styles(body, &contests)?;
    let districts = parts.districts(body, styles.len())?;
    let trustees = parts.trustees(body)?;
    let (board, log) = parts.board(body)?;
    let (witnesses, quorum) = parts.witnesses(body)?;
    let form = ManifestError::Form;
    let profile = profile(&mut parts, body)?;
    let manifest = Manifest {
        admission: parts.admission(body)?,
        board,
        host: parts::signing_key(body, "host")?,
        registrar: parts::signing_key(body, "registrar")?,
        log: LogKeys { log, witnesses, quorum },
        closes: body.time("closes").map_err(form)?,
        opens: body.time("opens").map_err(form)?,
        contests,
        districts,
        styles,
        floor: body.number("floor").map_err(form)?,
        keys: body.small("keys").map_err(form)?,
        threshold: body.small("threshold").map_err(form)?,
        profile,
        revote: match body.text("revote").map_err(form)? {
            "last" => Revote::Last,
            "first" => Revote::First,
            _ => return Err(ManifestError::Bound("revote")),
        },
        title: parts.words(body, "title"),
        token: parts.token(body)?,
        trustees,
        hash: super::manifest_hash(body.0),
        write_in: parts.write_in.take(),
    };
    if body.number("version").map_err(form)? != 1 {
        parts.fault(ManifestError::Bound("version"));
    }
    check_bounds(&mut parts, &manifest);
    check_keys(&mut parts, &manifest);
    Ok(Reading { manifest, faults: parts.faults })
}

fn profile(parts: &mut Parts, body: Members<'_>) -> Result<Profile, ManifestError> {
    let form = ManifestError::Form;
    match body.text("profile").map_err(form)? {
        "token" => {
            if !body.value("ring").map_err(form)?.is_null() {
                parts.fault(ManifestError::Bound("ring"));
            }
            Ok(Profile::Token)
        }
        "ring" => {
            let ring = body.value("ring").map_err(form)?.as_object().map(Members);
            let ring = ring.ok_or(ManifestError::Bound("ring"))?;
            parts.known(ring, &["base", "digits"])?;
            Ok(Profile::Ring {
                base: ring.small("base").map_err(form)?,
                digits: ring.small("digits").map_err(form)?,
            })
        }
        _ => Err(ManifestError::Bound("profile")),
    }
}

/// The numbers of §4.
fn check_bounds(parts: &mut Parts, manifest: &Manifest) {
    let trustees = manifest.trustee_count();
    let (keys, threshold) = (manifest.keys, manifest.threshold);
    let options = manifest.style_numbers().map(|style| manifest.options_of(style)).max().unwrap_or(0);
    let mut bound = |holds: bool, name| {
        if !holds {
            parts.fault(ManifestError::Bound(name)); // [VOT-45]
        }
    };
    bound((1..=MAX_TRUSTEES).contains(&manifest.trustees.len()), "trustees");
    bound((1..=trustees).contains(&threshold), "threshold");
    bound((1..=64).contains(&keys) && usize::try_from(keys).is_ok_and(|keys| keys >= options), "keys");
    bound(keys.saturating_mul(threshold) <= MAX_COEFFICIENTS, "keys");
    bound((1..=64).contains(&options), "contests");
    bound(manifest.floor >= 1, "floor");
    bound(manifest.opens < manifest.closes, "closes");
    bound(!manifest.districts.is_empty(), "districts");
    bound(!manifest.styles.is_empty(), "styles");
    let witnesses = u64::try_from(manifest.log.witnesses.len()).unwrap_or(u64::MAX);
    bound(manifest.log.quorum <= witnesses, "witnesses");
    match manifest.profile {
        Profile::Ring { base, digits } => {
            let size = base.checked_pow(digits);
            let fits = size.is_some_and(|size| (4..=4096).contains(&size));
            bound(matches!(base, 2 | 4 | 8) && (2..=12).contains(&digits) && fits, "ring");
            bound(manifest.token.is_none(), "token");
        }
        Profile::Token => {
            let keys = manifest.token.as_deref().unwrap_or_default();
            let one_length = keys.iter().all(|key| Some(key.length()) == keys.first().map(PublicKey::length));
            bound(keys.len() == manifest.districts.len() && one_length, "token");
        }
    }
    let shapes = manifest.style_numbers().all(|style| manifest.shape(style).is_ok());
    bound(shapes, "styles");
}

/// No two roles have one key, so that none signs as another.
fn check_keys(parts: &mut Parts, manifest: &Manifest) {
    let roles = [&manifest.host, &manifest.registrar, &manifest.board, manifest.log.log.verifying_key()];
    let cosigners = manifest.log.witnesses.iter().map(sinpyo_tlog::cosignature::CosignerKey::verifying_key);
    let all = roles.into_iter().chain(manifest.trustees.iter().map(|trustee| &trustee.key)).chain(cosigners);
    let texts: Vec<String> = all.map(|key| key.to_multikey().to_string()).collect();
    if texts.iter().collect::<BTreeSet<_>>().len() != texts.len() {
        parts.fault(ManifestError::SameKey); // [VOT-46]
    }
    // A token of one kind or district would be one of the other: the registrar does not see what it signs.
    let signing = manifest.admission.iter().chain(manifest.token.iter().flatten());
    let signing: Vec<Vec<u8>> = signing.map(PublicKey::to_spki).collect();
    if signing.iter().collect::<BTreeSet<_>>().len() != signing.len() {
        parts.fault(ManifestError::SameKey); // [VOT-46]
    }
    let boxes: BTreeSet<_> = manifest.trustees.iter().map(|trustee| trustee.sealing).collect();
    if boxes.len() != manifest.trustees.len() {
        parts.fault(ManifestError::SameKey); // [VOT-46]
    }
}
