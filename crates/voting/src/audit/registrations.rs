//! Proofs of registration, many at a time.

use super::{Check, Finding, Machine, derived::Derived, report::Notes};
use sinpyo_ballot::{
    credential::{Registration, RegistrationError, RegistrationVerifier},
    generators::ElectionId,
    group::Ristretto,
};
use std::sync::{Mutex, PoisonError};

/// So many are checked in one batch.
const BATCH: usize = 1_024;
/// So many are kept before they are checked.
const KEPT: usize = 16 * BATCH;

/// Registrations whose proofs wait to be checked.
#[derive(Debug, Default)]
pub(super) struct Registrations {
    waiting: Vec<(u64, Registration<Ristretto>)>,
    done: usize,
}

impl Registrations {
    pub(super) fn push(&mut self, index: u64, registration: Registration<Ristretto>) {
        self.waiting.push((index, registration));
    }

    pub(super) const fn is_full(&self) -> bool {
        self.waiting.len() >= KEPT
    }

    /// Checks all that wait.
    pub(super) fn check(
        &mut self,
        election: ElectionId,
        secret: [u8; 32],
        machine: &dyn Machine,
        notes: &mut Notes,
    ) {
        let waiting = std::mem::take(&mut self.waiting);
        let verifier = RegistrationVerifier::<Ristretto>::new(election);
        let batches: Vec<&[(u64, Registration<Ristretto>)]> = waiting.chunks(BATCH).collect();
        let bad: Mutex<Vec<(u64, RegistrationError)>> = Mutex::new(Vec::new());
        let first = self.done;
        machine.run(batches.len(), &|job| {
            let Some(batch) = batches.get(job) else { return };
            let registrations: Vec<_> = batch.iter().map(|(_, registration)| *registration).collect();
            let mut entropy = Derived::new(secret, 1, first.saturating_add(job));
            let results = verifier.verify_batch(&registrations, &mut entropy);
            let wrong =
                batch.iter().zip(results).filter_map(|((index, _), result)| Some((*index, result.err()?)));
            bad.lock().unwrap_or_else(PoisonError::into_inner).extend(wrong);
        });
        self.done = first.saturating_add(batches.len());
        let counted = u64::try_from(waiting.len()).unwrap_or(u64::MAX);
        notes.proofs.registration = notes.proofs.registration.saturating_add(counted);
        for (index, error) in bad.into_inner().unwrap_or_else(PoisonError::into_inner) {
            notes.object(Check::Roll, Finding::entry(index, error)); // [AUD-04]
        }
    }
}
