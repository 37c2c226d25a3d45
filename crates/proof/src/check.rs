//! The signatures of something that arrived, apart from everything else about it.
//!
//! Every verification has three steps: *begin* takes the thing apart, finds the keys and computes what they must have
//! signed; the signatures are checked; *conclude* reads the content. Between the first and the last stands [`Checked`],
//! which only this module makes: for one thing at a time, or for many at once.

use sinpyo_core::key::Verifier;
use sinpyo_crypto::{BatchItem, VerifyingKey, verify_batch};

/// A signature to be checked.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Signature<'a> {
    pub(crate) key: &'a VerifyingKey,
    pub(crate) message: &'a [u8],
    pub(crate) proof: &'a [u8],
}

/// Something whose signatures are known and not checked yet.
pub(crate) trait Begun {
    /// All its signatures; each must verify.
    fn signatures(&self) -> Vec<Signature<'_>>;
}

/// Says that every signature of one [`Begun`] verifies.
#[derive(Debug)]
pub(crate) struct Checked(());

/// A signature does not verify.
#[derive(Debug)]
pub(crate) struct Bad;

/// Checks the signatures one by one.
pub(crate) fn each(begun: &impl Begun) -> Result<Checked, Bad> {
    begun.signatures().into_iter().try_for_each(|signature| one(signature).map(drop))?;
    Ok(Checked(()))
}

/// Checks the only signature of something.
pub(crate) fn one(Signature { key, message, proof }: Signature<'_>) -> Result<Checked, Bad> {
    match key.verify(message, proof) {
        Ok(_) => Ok(Checked(())),
        Err(_) => Err(Bad),
    }
}

/// Checks the signatures of many things together; the verdict of each is that of [`each`].
pub(crate) fn together<'b, B: Begun + 'b>(begun: impl Iterator<Item = &'b B>) -> Vec<Result<Checked, Bad>> {
    let mut items = Vec::new();
    let mut counts = Vec::new();
    for begun in begun {
        let signatures = begun.signatures();
        counts.push(signatures.len());
        items.extend(signatures.into_iter().map(|Signature { key, message, proof }| BatchItem {
            key,
            message,
            signature: proof,
        }));
    }
    let mut verdicts = verify_batch(&items).into_iter();
    let verdict = |count: usize| {
        // Every one is looked at, so that the next thing's verdicts follow.
        let good = verdicts.by_ref().take(count).flatten().count();
        if good == count { Ok(Checked(())) } else { Err(Bad) }
    };
    counts.into_iter().map(verdict).collect()
}
