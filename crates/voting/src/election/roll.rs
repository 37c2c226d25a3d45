//! The roll, the beacon, the rings (§§6, 7).

use super::{
    Claim, Refused, RollError, Slot,
    apply::Scene,
    state::{REGISTERED, RINGS, key},
};
use crate::{
    event::{Body, FrozenDistrict, RingsMade},
    manifest::{Manifest, Profile},
    phase::Phase,
};
use sinpyo_ballot::{
    ceremony::TrusteeNumber,
    credential::{Binding, Registration, RegistrationError, RegistrationProof},
    group::Ristretto,
};

/// A line of the roll as an event of either profile has it.
struct Line<'e> {
    slot: &'e [u8; 16],
    district: &'e str,
    commitment: [u8; 32],
    replaces: bool,
    fits: bool,
}

pub(super) fn register(scene: &mut Scene<'_, '_>, body: &Body) -> Result<(), Refused> {
    let manifest = scene.rules.manifest(&scene.changing)?;
    let in_rings = manifest.profile != Profile::Token;
    let line = match body {
        Body::Register(event) => Line {
            slot: &event.slot,
            district: &event.district,
            commitment: event.commitment,
            replaces: event.replaces,
            fits: in_rings,
        },
        Body::RegisterToken(event) => Line {
            slot: &event.slot,
            district: &event.district,
            commitment: event.blinded,
            replaces: event.replaces,
            fits: !in_rings,
        },
        _ => return Err(Refused::Unknown),
    };
    scene.fault(line.fits, Refused::Roll(RollError::Profile)); // [VOT-53]
    let district = manifest.district_index(line.district).ok_or(Refused::Roll(RollError::District))?;
    let before = scene.election().slot(line.slot)?;
    let live = before.is_some_and(|before| before.live);
    // An old token cannot be called back, so a slot never gets a second one.
    let slot_fits = live == line.replaces && (in_rings || before.is_none());
    scene.fault(slot_fits, Refused::Roll(RollError::Slot)); // [VOT-53]
    scene.fault(before.is_none_or(|before| before.district == district), Refused::Roll(RollError::District));
    let known = scene.election().is_registered(&line.commitment)?;
    scene.fault(!known, Refused::Roll(RollError::Commitment)); // [VOT-53]
    if let Some(before) = before.filter(|before| before.live) {
        change_live(scene, before.district, |live| live.saturating_sub(1))?;
    }
    change_live(scene, district, |live| live.saturating_add(1))?;
    let slot = Slot { live: true, district, commitment: line.commitment, index: scene.index };
    scene.changing.put(key("slot", &[line.slot]), slot.to_bytes());
    scene.changing.put(key("commitment", &[&line.commitment]), Vec::new());
    let registered = scene.election().registered()?.saturating_add(1);
    scene.changing.put(REGISTERED.to_vec(), registered.to_le_bytes().into());
    if let Body::Register(event) = body {
        claim(scene, event, district);
    }
    Ok(())
}

fn claim(scene: &mut Scene<'_, '_>, event: &crate::event::Registration, district: u32) {
    match RegistrationProof::<Ristretto>::from_bytes(&event.proof) {
        Some(proof) => {
            scene.claim = Some(Claim::Registration(Registration {
                binding: Binding(event.binding),
                district,
                commitment: event.commitment,
                proof,
            }));
        }
        None => scene.faults.push(Refused::Roll(RollError::Proof(RegistrationError::Proof))),
    }
}

fn change_live(scene: &mut Scene<'_, '_>, district: u32, change: impl Fn(u64) -> u64) -> Result<(), Refused> {
    let live = change(scene.election().live(district)?);
    scene.changing.put(key("live", &[&district.to_le_bytes()]), live.to_le_bytes().into());
    Ok(())
}

pub(super) fn strike(scene: &mut Scene<'_, '_>, slot: &[u8; 16]) -> Result<(), Refused> {
    let manifest = scene.rules.manifest(&scene.changing)?;
    scene.fault(manifest.profile != Profile::Token, Refused::Roll(RollError::Profile));
    let before = scene.election().slot(slot)?.filter(|slot| slot.live);
    let before = before.ok_or(Refused::Roll(RollError::Slot))?; // [VOT-53]
    change_live(scene, before.district, |live| live.saturating_sub(1))?;
    let struck = Slot { live: false, index: scene.index, ..before };
    scene.changing.put(key("slot", &[slot]), struck.to_bytes());
    Ok(())
}

pub(super) fn freeze(scene: &mut Scene<'_, '_>, districts: &[FrozenDistrict]) -> Result<(), Refused> {
    let manifest = scene.rules.manifest(&scene.changing)?;
    let complete = districts.len() == manifest.districts.len();
    scene.fault(complete, Refused::Frozen { district: 0 }); // [VOT-54]
    for (district, (ours, theirs)) in (0..).zip(manifest.districts.iter().zip(districts)) {
        let live = scene.election().live(district)?;
        let same = theirs.id == ours.id && theirs.legal == ours.legal && theirs.registered == live;
        scene.fault(same, Refused::Frozen { district }); // [VOT-54]
        scene.fault(live <= ours.legal, Refused::Legal { district }); // [VOT-55]
    }
    scene.enter(Phase::Frozen);
    Ok(())
}

pub(super) fn beacon(scene: &mut Scene<'_, '_>, trustee: u32, value: [u8; 32]) -> Result<(), Refused> {
    if scene.election().rings()?.is_some() {
        return Err(Refused::Phase { phase: Phase::Frozen }); // [VOT-48]
    }
    if scene.election().beacon_value(trustee)?.is_some() {
        return Err(Refused::Again); // [VOT-48]
    }
    let keys = scene.rules.ceremony(&scene.changing)?.seen().joint_keys().map_err(Refused::Ceremony)?;
    let fits = TrusteeNumber::new(trustee).and_then(|number| keys.reveal_beacon(number, value)).is_some();
    if !fits {
        return Err(Refused::BeaconValue { trustee }); // [VOT-56]
    }
    scene.changing.put(key("beacon", &[&trustee.to_le_bytes()]), value.to_vec());
    Ok(())
}

pub(super) fn rings(scene: &mut Scene<'_, '_>, rings: &RingsMade) -> Result<(), Refused> {
    if scene.election().rings()?.is_some() {
        return Err(Refused::Again); // [VOT-48]
    }
    let manifest = scene.rules.manifest(&scene.changing)?;
    let mut without = Vec::new();
    for trustee in 1..=manifest.trustee_count() {
        if scene.election().beacon_value(trustee)?.is_none() {
            without.push(trustee);
        }
    }
    let shown = manifest.trustees.len().saturating_sub(without.len());
    let enough = u32::try_from(shown).is_ok_and(|shown| shown >= manifest.threshold);
    scene.fault(enough && without == rings.without, Refused::Rings); // [VOT-57]
    scene.fault(rings.rings == count(scene, &manifest)?, Refused::Rings);
    scene.changing.put(RINGS.to_vec(), [&rings.rings.to_le_bytes()[..], &rings.root].concat());
    Ok(())
}

/// How many rings the live roll makes.
fn count(scene: &Scene<'_, '_>, manifest: &Manifest) -> Result<u64, Refused> {
    let Profile::Ring { base, digits } = manifest.profile else { return Ok(0) };
    let size = u64::from(base.saturating_pow(digits)).max(1);
    let mut rings = 0_u64;
    for (district, _) in (0..).zip(&manifest.districts) {
        rings = rings.saturating_add(scene.election().live(district)?.div_ceil(size));
    }
    Ok(rings)
}
