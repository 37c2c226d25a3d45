//! The secret side of a ceremony.

use super::joint::{TrusteeKeys, TrusteeKeysError};
use super::message::{Answer, Commit, Message, Phase, SealedShare, beacon_commitment};
use super::polynomial::{Polynomials, commit_hash, secret_field};
use super::sealing::{Sealed, Way, seal};
use super::{BoxSecret, Ceremony, CeremonyError, Parameters, TrusteeNumber};
use crate::group::{Field, Group};
use crate::hash::half;
use sinpyo_core::{Secret, key::Entropy};
use std::fmt;
use zeroize::Zeroizing;

/// A trustee during the ceremony. All its secrets come from 32 bytes, so keeping [`Trustee::seed`] before the first
/// message is enough to go on after any interruption, and to say the very same again. Erased on drop.
///
/// The seed is to be deleted when [`TrusteeKeys`] are kept.
pub struct Trustee<G: Group> {
    parameters: Parameters,
    number: TrusteeNumber,
    seed: Secret<[u8; 32]>,
    polynomials: Polynomials<G>,
}

impl<G: Group> Trustee<G> {
    /// Draws the secrets of trustee `number`.
    pub fn begin(parameters: Parameters, number: TrusteeNumber, entropy: &mut dyn Entropy) -> Self {
        let mut seed = Zeroizing::new([0; 32]);
        entropy.fill(seed.as_mut_slice());
        Self::resume(parameters, number, Secret::new(*seed))
    }

    /// The trustee whose [`Trustee::seed`] was kept.
    pub fn resume(parameters: Parameters, number: TrusteeNumber, seed: Secret<[u8; 32]>) -> Self {
        let polynomials = Polynomials::derive(&parameters, number, &seed);
        Self { parameters, number, seed, polynomials }
    }

    /// What is to be kept, where nobody else reads.
    pub const fn seed(&self) -> &Secret<[u8; 32]> {
        &self.seed
    }

    /// Which trustee.
    pub const fn number(&self) -> TrusteeNumber {
        self.number
    }

    /// What this trustee owes the ceremony as it stands: the events to sign and post, often none.
    ///
    /// Nothing is revealed that was not committed to in this log, no shares go to who is out, and shares in clear
    /// only to who complained. To a ceremony with other parameters nothing is owed, and nothing at all when the
    /// manifest names another box key than this trustee's own: others' shares would be sealed to a stranger, and
    /// the complaints about it would make them public.
    pub fn owed(&self, ceremony: &Ceremony<G>, key: &BoxSecret) -> Vec<Message> {
        // [BAL-72]
        if ceremony.parameters() != &self.parameters
            || self.parameters.box_of(self.number) != Some(&key.public())
        {
            return Vec::new();
        }
        match ceremony.phase() {
            Phase::Commit if ceremony.waits_for(self.number) => vec![Message::Commit(self.commit())],
            Phase::Reveal if ceremony.waits_for(self.number) => self.reveal(ceremony).into_iter().collect(),
            Phase::Shares if ceremony.waits_for(self.number) => self.deal(ceremony).into_iter().collect(),
            Phase::Commit | Phase::Reveal | Phase::Shares => Vec::new(),
            Phase::Complaints => self.complaints(ceremony, key).chain(self.answers(ceremony)).collect(),
            Phase::Answers => self.answers(ceremony).collect(),
        }
    }

    /// The keys that this trustee decrypts with.
    ///
    /// # Errors
    /// The ceremony gives no keys, this trustee is out, or a dealer's shares never arrived: then it must not take
    /// part in opening the election, because its complaint was cut off.
    pub fn keys(&self, ceremony: &Ceremony<G>, key: &BoxSecret) -> Result<TrusteeKeys<G>, FinishError> {
        let joint = ceremony.joint_keys().map_err(FinishError::Ceremony)?;
        let count = usize::try_from(self.parameters.size().keys).unwrap_or(usize::MAX);
        let mut total = Secret::new(vec![G::Scalar::ZERO; count]);
        for dealer in joint.qualified() {
            let shares = self.received(ceremony, key, dealer).ok_or(FinishError::NoShares { dealer })?;
            let sum = total.expose().iter().zip(shares.expose()).map(|(sum, share)| *sum + *share).collect();
            total = Secret::new(sum);
        }
        TrusteeKeys::new(&joint, self.number, self.beacon(), total).map_err(FinishError::Keys)
    }

    fn commit(&self) -> Commit {
        let reveal = self.polynomials.reveal(&self.parameters, self.number, &self.seed);
        Commit {
            commit: commit_hash(&self.parameters, self.number, &reveal),
            beacon: beacon_commitment(self.parameters.election(), self.number, self.beacon().expose()),
        }
    }

    fn reveal(&self, ceremony: &Ceremony<G>) -> Option<Message> {
        // Not if somebody else has committed in this trustee's name.
        (ceremony.commit_of(self.number) == Some(&self.commit()))
            .then(|| Message::Reveal(self.polynomials.reveal(&self.parameters, self.number, &self.seed)))
    }

    fn deal(&self, ceremony: &Ceremony<G>) -> Option<Message> {
        let shares: Option<Vec<_>> = ceremony
            .others(self.number)
            .filter(|to| ceremony.sealed(self.number, *to).is_none())
            .map(|to| {
                let plaintext = self.polynomials.shares(to);
                let key = self.parameters.box_of(to)?;
                let seed = secret_field("ceremony-seal", &self.parameters, self.number, &self.seed)
                    .number(to.number())
                    .field(key.as_bytes())
                    .hash();
                let (encapsulated, ciphertext) =
                    seal(key, &self.way(self.number, to), &plaintext, Secret::new(seed))?;
                Some(SealedShare { to, encapsulated, ciphertext })
            })
            .collect();
        shares.map(Message::Shares)
    }

    fn complaints<'c>(
        &'c self,
        ceremony: &'c Ceremony<G>,
        key: &'c BoxSecret,
    ) -> impl Iterator<Item = Message> + 'c {
        let is_in = ceremony.fault(self.number).is_none();
        ceremony
            .others(self.number)
            .filter(move |dealer| is_in && !ceremony.has_complained(self.number, *dealer))
            .filter(|dealer| self.received(ceremony, key, *dealer).is_none())
            .map(|against| Message::Complaint { against })
    }

    fn answers<'c>(&'c self, ceremony: &'c Ceremony<G>) -> impl Iterator<Item = Message> + 'c {
        ceremony.open_complaints(self.number).map(|to| {
            let shares = self.polynomials.shares(to).expose().clone();
            Message::Answer(Answer { to, shares })
        })
    }

    /// The shares that `dealer` gave this trustee, if they fit its commitments: those of an answer before those
    /// that were sealed.
    fn received(
        &self,
        ceremony: &Ceremony<G>,
        key: &BoxSecret,
        dealer: TrusteeNumber,
    ) -> Option<Secret<Vec<G::Scalar>>> {
        let commitments = ceremony.commitments(dealer)?;
        if dealer == self.number {
            return commitments.accept(dealer, self.polynomials.shares(dealer).expose());
        }
        if let Some(answered) = ceremony.answered(self.number, dealer) {
            return Some(Secret::new(answered.to_vec()));
        }
        let share = ceremony.sealed(dealer, self.number)?;
        let sealed = Sealed { encapsulated: &share.encapsulated, ciphertext: &share.ciphertext };
        let joined = key.open(&self.way(dealer, self.number), &sealed)?;
        commitments.accept(self.number, joined.expose())
    }

    fn beacon(&self) -> Secret<[u8; 32]> {
        Secret::new(half(&secret_field("ceremony-beacon", &self.parameters, self.number, &self.seed).hash()))
    }

    const fn way(&self, from: TrusteeNumber, to: TrusteeNumber) -> Way {
        Way { election: *self.parameters.election(), from, to }
    }
}

impl<G: Group> fmt::Debug for Trustee<G> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Trustee").field("number", &self.number).finish_non_exhaustive()
    }
}

/// Why a trustee has no keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FinishError {
    /// The ceremony gave none.
    #[error("the ceremony gave no keys")]
    Ceremony(#[source] CeremonyError),
    /// A dealer's shares are missing or wrong.
    #[error("{dealer} gave no shares that fit its commitments")]
    NoShares {
        /// The dealer.
        dealer: TrusteeNumber,
    },
    /// This trustee is out.
    #[error("the shares are no keys of this trustee")]
    Keys(#[source] TrusteeKeysError),
}
