//! `sinpyo-proof`: credentials, presentations, status lists and requests in every form.

mod seeds;

pub(crate) use seeds::{secure, secure_selectively};

use super::{
    OK, SKIPPED, fixture,
    people::{self, LIST, NONCE, RING, now, occasion},
    target,
};
use crate::{Outcome, Target};
use serde_json::{Map, Value};
use sinpyo_core::{
    credential::{Credential, Presentation},
    request::PresentationRequest,
    status::{StatusEntry, StatusList, StatusPurpose},
};
use sinpyo_mdoc::{IssuerTrust, Request};
use sinpyo_proof::{
    Disclosure, HolderBinding, Profile, Unverified, Verified, VerifiedStatusList,
    issuer_key::{IssuerMetadata, PublishedKeys, metadata_url},
    jws::Typ,
    mdoc::{self, Opening},
    sd_jwt::{self, Holding},
    type_metadata::{Reference, Stage, TypeChain, TypeMetadata},
};
use std::{str, sync::LazyLock};

pub(super) const TARGETS: &[Target] = &[
    target(
        "proof/credential",
        || {
            with_vectors(
                seeds::credentials(),
                &["sd-jwt-vc", "data-integrity", "data-integrity-rdf"],
                &["vc-cose"],
            )
        },
        verify_credential,
    ),
    target(
        "proof/presentation",
        || with_vectors(seeds::presentations(), &["presentation"], &[]),
        verify_presentation,
    ),
    target(
        "proof/status-list",
        || with_vectors(seeds::status_lists(), &["status-list"], &[]),
        verify_status_list,
    ),
    // Without vectors: theirs are signed with the same keys, and a device signs for whatever its issuer gave it.
    target("proof/mdoc", seeds::mdocs, verify_mdoc),
    target("proof/request-object", seeds::requests, verify_request),
    target("proof/sd-jwt-holding", seeds::sd_jwts, hold),
    target("proof/issuer-metadata", seeds::issuer_metadata, read_issuer_metadata),
    target("proof/type-metadata", seeds::type_metadata, read_type_metadata),
];

/// Seeds, and vectors: as text, and in base64url. The signers of the vectors are strangers here.
fn with_vectors(seeds: Vec<Vec<u8>>, texts: &[&str], binaries: &[&str]) -> Vec<Vec<u8>> {
    let texts = texts.iter().flat_map(|set| fixture::vectors(set));
    let binaries = binaries.iter().flat_map(|set| fixture::binary_vectors(set));
    seeds.into_iter().chain(texts).chain(binaries).collect()
}

/// The profiles under which things are read; the first is the strict one.
static PROFILES: LazyLock<[Profile; 4]> = LazyLock::new(|| {
    let base = Profile { disclosure: Disclosure::Base, ..Profile::default() };
    [Profile::default(), base, Profile::legacy(), Profile::conformance()]
});

fn open_credential(input: &[u8], profile: &Profile) -> Result<Credential, Outcome> {
    let arrived = Unverified::<Credential>::parse_as(input, profile).map_err(|error| error.code())?;
    let _hints = (arrived.hint(), arrived.claimed_keys(), arrived.is_sd_jwt());
    arrived.verify(&RING, now()).map(Verified::into_inner).map_err(|error| error.code())
}

static SIGNED: LazyLock<Vec<Credential>> = LazyLock::new(|| {
    let seeds = seeds::credentials();
    let open = |seed: &Vec<u8>| PROFILES.iter().find_map(|profile| open_credential(seed, profile).ok());
    seeds.iter().map(|seed| open(seed).expect("a credential that was just issued")).collect()
});

/// What verifies says what was signed, or less where the holder may withhold.
fn verify_credential(input: &[u8]) -> Outcome {
    let [strict, base, legacy, conformance] = &*PROFILES;
    let mut outcome = SKIPPED;
    for profile in [conformance, legacy, base, strict] {
        match open_credential(input, profile) {
            // Anybody may sign under the last profile, and define terms: nothing follows about its content.
            Ok(_) if std::ptr::eq(profile, conformance) => {}
            Ok(credential) => {
                assert!(SIGNED.iter().any(|signed| is_part(&credential, signed)), "{credential:?}");
                return OK;
            }
            Err(code) => outcome = code,
        }
    }
    outcome
}

/// A bound SD-JWT as text.
pub(super) fn sd_jwt_presentation() -> String {
    let first = seeds::presentations().into_iter().next().unwrap_or_default();
    String::from_utf8(first).expect("an SD-JWT is text")
}

/// Whether `shown` says nothing that `signed` does not say.
fn is_part(shown: &Credential, signed: &Credential) -> bool {
    shown.issuer() == signed.issuer()
        && shown.types() == signed.types()
        && shown.validity() == signed.validity()
        && shown.holder() == signed.holder()
        && shown.status() == signed.status()
        && shown.id().is_none_or(|id| signed.id() == Some(id))
        && is_part_of_object(shown.claims(), signed.claims())
}

fn is_part_of_object(shown: &Map<String, Value>, signed: &Map<String, Value>) -> bool {
    shown.iter().all(|(name, value)| signed.get(name).is_some_and(|signed| is_part_of_value(value, signed)))
}

fn is_part_of_value(shown: &Value, signed: &Value) -> bool {
    match (shown, signed) {
        (Value::Object(shown), Value::Object(signed)) => is_part_of_object(shown, signed),
        (Value::Array(shown), Value::Array(signed)) => {
            let mut rest = signed.iter();
            shown.iter().all(|item| rest.any(|signed| is_part_of_value(item, signed)))
        }
        (shown, signed) => shown == signed,
    }
}

fn open_presentation(
    input: &[u8],
    profile: &Profile,
    binding: HolderBinding<'_>,
) -> Result<Presentation, Outcome> {
    let arrived = Unverified::<Presentation>::parse_as(input, profile).map_err(|error| error.code())?;
    let _hints = arrived.hints().map_err(|error| error.code())?;
    arrived.verify(&RING, binding, now()).map(Verified::into_inner).map_err(|error| error.code())
}

static PRESENTED: LazyLock<Vec<Presentation>> = LazyLock::new(|| {
    let open =
        |seed: &Vec<u8>| open_presentation(seed, &Profile::default(), HolderBinding::Required(occasion()));
    seeds::presentations().iter().map(|seed| open(seed).expect("a presentation that was just made")).collect()
});

/// What verifies for our occasion shows what was presented for it, no more and no less.
fn verify_presentation(input: &[u8]) -> Outcome {
    let [strict, _, _, conformance] = &*PROFILES;
    let partial = HolderBinding::Partial { audience: None, nonce: Some(NONCE) };
    for (profile, binding) in [(conformance, partial), (strict, HolderBinding::NotWanted)] {
        let _unknown = open_presentation(input, profile, binding);
    }
    match open_presentation(input, strict, HolderBinding::Required(occasion())) {
        Ok(presentation) => {
            assert!(PRESENTED.contains(&presentation), "{presentation:?}");
            OK
        }
        Err(code) => code,
    }
}

fn entries() -> [StatusEntry; 2] {
    let (list, index) = (LIST.to_owned(), 7);
    let purpose = StatusPurpose::Revocation;
    [
        StatusEntry::Token { list: list.clone(), index },
        StatusEntry::Bitstring { list, index, purpose, messages: None },
    ]
}

/// What a list says, as far as anybody asks.
fn reading(list: &VerifiedStatusList) -> String {
    let statuses: Vec<_> = (0..16).chain([131_071]).map(|index| list.status(index).ok()).collect();
    format!("{:?} {:?} {statuses:?}", list.publisher(), list.publication())
}

fn open_list(input: &[u8], entry: &StatusEntry) -> Result<String, Outcome> {
    let arrived = Unverified::<StatusList>::parse(input).map_err(|error| error.code())?;
    arrived.verify(entry, &RING, now()).map(|list| reading(&list)).map_err(|error| error.code())
}

static PUBLISHED: LazyLock<Vec<String>> = LazyLock::new(|| {
    let open = |seed: &Vec<u8>| entries().iter().find_map(|entry| open_list(seed, entry).ok());
    seeds::status_lists().iter().map(|seed| open(seed).expect("a list that was just published")).collect()
});

fn verify_status_list(input: &[u8]) -> Outcome {
    let mut outcome = SKIPPED;
    for entry in entries() {
        match open_list(input, &entry) {
            Ok(reading) => {
                assert!(PUBLISHED.contains(&reading), "{reading}");
                return OK;
            }
            Err(code) => outcome = code,
        }
    }
    outcome
}

fn open_mdoc(input: &[u8]) -> Result<Presentation, Outcome> {
    let handover = seeds::handover();
    let elements = seeds::elements();
    let request = Request { doc_type: seeds::MDL, elements: &elements };
    let opening = Opening { handover: &handover, mac_key: None };
    let issuer = fixture::issuer();
    let verified = mdoc::verify_response(input, &request, &opening, IssuerTrust::Key(issuer.key()), now());
    verified.map(Verified::into_inner).map_err(|error| error.code())
}

static RESPONDED: LazyLock<Vec<Presentation>> = LazyLock::new(|| {
    seeds::mdocs().iter().map(|seed| open_mdoc(seed).expect("a response that was just made")).collect()
});

fn verify_mdoc(input: &[u8]) -> Outcome {
    match open_mdoc(input) {
        Ok(presentation) => {
            // A device signs what it adds, and not which of the issuer's elements it shows [ISO 18013-5 §9.1.3].
            let is_known = |responded: &Presentation| {
                let pairs = responded.credentials.iter().zip(&presentation.credentials);
                responded.binding == presentation.binding
                    && pairs.into_iter().all(|(signed, shown)| is_part(shown, signed))
            };
            assert!(RESPONDED.iter().any(is_known), "{presentation:?}");
            OK
        }
        Err(code) => code,
    }
}

fn verify_request(input: &[u8]) -> Outcome {
    let arrived = match Unverified::<PresentationRequest>::parse(input) {
        Ok(arrived) => arrived,
        Err(error) => return error.code(),
    };
    let _hints = (arrived.hint(), arrived.claimed_service());
    match arrived.verify(&RING, now()) {
        Ok(request) => {
            assert_eq!(*request.get(), fixture::request());
            OK
        }
        Err(error) => error.code(),
    }
}

/// A holder who shows everything shows an SD-JWT that holds the same.
fn hold(input: &[u8]) -> Outcome {
    if let Ok(compact) = sd_jwt::from_json_serialization(input) {
        let _held = Holding::parse(&compact, &[Typ::SD_JWT_VC]);
    }
    let Ok(text) = str::from_utf8(input) else { return SKIPPED };
    let holding = match Holding::parse(text, &[Typ::SD_JWT_VC]) {
        Ok(holding) => holding,
        Err(error) => return error.code(),
    };
    let _hidden = holding.hidden().count();
    let nothing = holding.select(&[]).expect("nothing can be selected").unbound();
    let less = Holding::parse(&nothing, &[Typ::SD_JWT_VC]).expect("what a holder shows is an SD-JWT");
    assert!(is_part_of_object(less.claims(), holding.claims()), "withholding adds nothing");
    OK
}

fn read_issuer_metadata(input: &[u8]) -> Outcome {
    if let Ok(url) = str::from_utf8(input).map_or(Err(()), |text| metadata_url(text).map_err(|_| ())) {
        assert!(url.starts_with("https://"));
    }
    let _keys = PublishedKeys::parse(input);
    match IssuerMetadata::parse("https://issuer.example", input) {
        Ok(_) => OK,
        Err(error) => error.code(),
    }
}

static SHOWN: LazyLock<String> = LazyLock::new(|| seeds::sd_jwt(&people::for_key()));

fn read_type_metadata(input: &[u8]) -> Outcome {
    let reference = Reference { vct: people::KIND.to_owned(), integrity: None };
    let _alone = TypeMetadata::parse(&reference, input);
    match TypeChain::load(&reference, |_| Some(input)) {
        Ok(chain) => {
            let _compared = (chain.check(&SHOWN, Stage::Issued), chain.check(&SHOWN, Stage::Presented));
            let _shown = (chain.display("ko-KR"), chain.claims().count(), chain.types().count());
            OK
        }
        Err(error) => error.code(),
    }
}
