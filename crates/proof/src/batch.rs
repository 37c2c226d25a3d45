//! Many credentials at once, with the verdicts of one by one.
//!
//! What comes before and after the signatures is done for each credential by itself; the signatures are checked
//! together, which is where many of one issuer cost less than each alone. One that fails is named, and spoils no other.

use crate::{
    binding::HolderBinding, check, credential::CredentialError, data_integrity::Work, keys::KeyRing,
    unverified::Unverified, verified::Verified,
};
use sinpyo_core::{credential::Credential, time::Timestamp};

/// Verifies each credential; the results, in the order of `credentials`, are those of
/// [`Unverified::<Credential>::verify`].
pub fn verify(
    credentials: Vec<Unverified<Credential>>,
    keys: &KeyRing,
    now: Timestamp,
) -> Vec<Result<Verified<Credential>, CredentialError>> {
    const NOT_WANTED: HolderBinding<'_> = HolderBinding::NotWanted;
    let begun: Vec<_> = credentials
        .into_iter()
        .map(|credential| credential.begin(keys, &NOT_WANTED, now, &mut Work::new()))
        .collect();
    let verdicts = check::together(begun.iter().flatten());
    let mut verdicts = verdicts.into_iter();
    let conclude = |begun: Result<_, _>| {
        let begun: crate::credential::BegunCredential<'_> = begun?;
        match verdicts.next() {
            Some(Ok(checked)) => begun.conclude(checked, &NOT_WANTED, now).map(|(credential, _)| credential),
            Some(Err(_)) | None => Err(begun.forged()),
        }
    };
    begun.into_iter().map(conclude).collect()
}

/// As [`verify`], on every core of the machine.
#[cfg(feature = "rayon")]
pub fn verify_in_parallel(
    mut credentials: Vec<Unverified<Credential>>,
    keys: &KeyRing,
    now: Timestamp,
) -> Vec<Result<Verified<Credential>, CredentialError>> {
    use rayon::prelude::*;
    // Fewer signatures together than this gain little.
    const FEWEST: usize = 256;
    let share = credentials.len().div_ceil(rayon::current_num_threads()).max(FEWEST);
    let mut shares = Vec::new();
    while credentials.len() > share {
        let rest = credentials.split_off(share);
        shares.push(std::mem::replace(&mut credentials, rest));
    }
    shares.push(credentials);
    shares.into_par_iter().flat_map_iter(|share| verify(share, keys, now)).collect()
}
