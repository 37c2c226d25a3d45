//! The credentials, what became of them, and who says so.

use crate::os::OsEntropy;
use anyhow::Context as _;
use sinpyo_core::{
    did::Did,
    document::{
        DidDocument, PublicKeyMaterial, VerificationMethod, VerificationRelationship::AssertionMethod,
    },
    key::Signer as _,
    resolved::Resolved,
    status::{BitOrder, CredentialStatus, StatusList},
    time::Timestamp,
};
use sinpyo_crypto::{Algorithm, KeySigner, SigningKey, VerifyingKey};
use sinpyo_issuer::{
    Cadence, Format, Issuer, IssuerOptions, ListForm, ListSeries, StatusBook, StatusEvent, StatusKind,
};
use sinpyo_proof::KeyRing;
use std::{collections::HashSet, time::Duration};

/// Credentials of the nation.
pub(super) const CREDENTIALS: u64 = 370_000_000;
/// Entries of a list.
pub(super) const ENTRIES: u64 = 1 << 20;
/// How often lists are published: a revocation is known everywhere after `ttl`.
pub(super) const CADENCE: Cadence =
    Cadence { ttl: Duration::from_mins(15), lifetime: Duration::from_hours(24) };

/// One in so many is revoked; one in so many is suspended.
const REVOKED: u64 = 100;
const SUSPENDED: u64 = 1_000;

/// When the lists are published.
pub(super) fn now() -> anyhow::Result<Timestamp> {
    Timestamp::from_unix(1_780_000_000).context("no time")
}

/// How many lists there are.
pub(super) fn lists() -> anyhow::Result<u32> {
    Ok(u32::try_from(CREDENTIALS.div_ceil(ENTRIES))?)
}

/// One list, as its publisher keeps it in both formats.
pub(super) struct Shard {
    pub(super) tokens: StatusBook,
    pub(super) bitstrings: StatusBook,
    /// The values alone, to be packed by themselves.
    pub(super) values: StatusList,
    /// A credential that is valid.
    pub(super) valid: u64,
}

/// The lists under one address, of one form.
pub(super) fn series(form: ListForm) -> anyhow::Result<ListSeries> {
    Ok(ListSeries::new("https://issuer.example/status", form, StatusKind::Suspendable, ENTRIES)?)
}

impl Shard {
    /// List `number`: all its entries are given out, but for those beyond the last credential.
    pub(super) fn new(number: u32) -> anyhow::Result<Self> {
        let mut shard = Self {
            tokens: StatusBook::new(series(ListForm::Token)?, number)?,
            bitstrings: StatusBook::new(series(ListForm::Bitstring)?, number)?,
            values: StatusList::new(2, BitOrder::LeastFirst, ENTRIES)?,
            valid: 0,
        };
        let given = ENTRIES.min(CREDENTIALS - u64::from(number) * ENTRIES);
        for index in 0..given {
            shard.apply(&StatusEvent::Allocated { index })?;
        }
        let (mut taken, mut random) = (HashSet::new(), SplitMix(number.into()));
        let mut draw = || {
            std::iter::repeat_with(|| random.next() % given)
                .find(|index| taken.insert(*index))
                .context("no index")
        };
        for _ in 0..given / REVOKED {
            let index = draw()?;
            shard.apply(&StatusEvent::Set { index, status: CredentialStatus::Revoked })?;
        }
        for _ in 0..given / SUSPENDED {
            let index = draw()?;
            shard.apply(&StatusEvent::Set { index, status: CredentialStatus::Suspended })?;
        }
        shard.valid = draw()?;
        Ok(shard)
    }

    fn apply(&mut self, event: &StatusEvent) -> anyhow::Result<()> {
        if let StatusEvent::Set { index, status } = event {
            self.values.set(*index, status.value())?;
        }
        self.tokens.apply(event)?;
        Ok(self.bitstrings.apply(event)?)
    }
}

/// Shares of the credentials that are revoked and suspended.
pub(super) const REVOKED_SHARE: f64 = 1.0 / 100.0;
pub(super) const SUSPENDED_SHARE: f64 = 1.0 / 1_000.0;

/// Fewest bytes that any packing needs on average for a list in which each of `shares`, and the rest, has a status of
/// its own: its entropy.
pub(super) fn entropy_bytes(shares: &[f64]) -> f64 {
    let of = |share: f64| -share * share.log2();
    let rest = 1.0 - shares.iter().sum::<f64>();
    let bits = shares.iter().copied().map(of).sum::<f64>() + of(rest);
    bits * f64::from(1 << 20) / 8.0
}

/// The publisher of all lists, with one key for each form, and the keys with which they are verified.
pub(super) struct Publisher {
    pub(super) tokens: Issuer<KeySigner>,
    pub(super) bitstrings: Issuer<KeySigner>,
    pub(super) keys: KeyRing,
    /// That of the tokens.
    pub(super) key: VerifyingKey,
}

impl Publisher {
    pub(super) fn new() -> anyhow::Result<Self> {
        let did: Did = "did:web:issuer.example".parse()?;
        let key = || SigningKey::generate(Algorithm::Es256, &mut OsEntropy);
        let (first, second) = (KeySigner::new(did.key("1")?, key()), KeySigner::new(did.key("2")?, key()));
        let method = |signer: &KeySigner| VerificationMethod {
            id: signer.key_id().clone(),
            controller: did.clone(),
            key: PublicKeyMaterial::Multikey(signer.key().verifying_key().to_multikey()),
            revoked: None,
        };
        let document = DidDocument::new(did.clone());
        let document = document.with_key(method(&first), &[AssertionMethod]);
        let own = Resolved::immutable(document.with_key(method(&second), &[AssertionMethod]));
        let options = |format| IssuerOptions { format, ..IssuerOptions::default() };
        let key = first.key().verifying_key().clone();
        Ok(Self {
            tokens: Issuer::new(first, &own, options(Format::SdJwtVc))?,
            bitstrings: Issuer::new(second, &own, options(Format::VcJwt))?,
            keys: KeyRing::of(&own),
            key,
        })
    }
}

/// The generator of `SplitMix64`: the same lists in every run.
struct SplitMix(u64);

impl SplitMix {
    const fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = self.0;
        let z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_list_ends_the_population() {
        assert_eq!(lists().unwrap(), 353);
        let last = Shard::new(352).unwrap();
        assert_eq!(last.tokens.status(901_247), last.bitstrings.status(901_247));
        assert!(last.tokens.status(901_247).is_some());
        assert_eq!(last.tokens.status(901_248), None);
        let count = |wanted| (0..901_248).filter(|index| last.tokens.status(*index) == Some(wanted)).count();
        assert_eq!(count(CredentialStatus::Revoked), 9_012);
        assert_eq!(count(CredentialStatus::Suspended), 901);
        assert_eq!(last.tokens.status(last.valid), Some(CredentialStatus::Valid));
    }

    #[test]
    fn the_entropy_is_that_of_three_outcomes() {
        // 0.01 log2 100 + 0.001 log2 1000 + 0.989 log2 (1 / 0.989) = 0.0664386 + 0.0099658 + 0.0157819 bits.
        let bytes = 0.092_186_3 * 131_072.0;
        let entropy = entropy_bytes(&[REVOKED_SHARE, SUSPENDED_SHARE]);
        assert!((entropy - bytes).abs() < 0.5, "{entropy}");
    }
}
