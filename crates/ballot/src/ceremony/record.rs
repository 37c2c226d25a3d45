//! The ceremony as everybody sees it.

use super::message::{Answer, Commit, Message, Phase, Reveal, SealedShare};
use super::polynomial::Commitments;
use super::sealing::sealed_length;
use super::{CeremonyError, Fault, JointKeys, MisplacedError, Parameters, TrusteeNumber};
use crate::group::{Encoding, Group};
use std::collections::{BTreeMap, BTreeSet};

/// What one trustee has done.
#[derive(Clone, Debug)]
struct Seat<G: Group> {
    commit: Option<Commit>,
    commitments: Option<Commitments<G>>,
    dealt: BTreeMap<TrusteeNumber, SealedShare>,
    /// Complaints against this dealer, and the shares it answered with.
    complaints: BTreeMap<TrusteeNumber, Option<Vec<G::Scalar>>>,
    fault: Option<Fault>,
}

impl<G: Group> Seat<G> {
    const fn empty() -> Self {
        Self {
            commit: None,
            commitments: None,
            dealt: BTreeMap::new(),
            complaints: BTreeMap::new(),
            fault: None,
        }
    }

    const fn is_in(&self) -> bool {
        self.fault.is_none()
    }

    fn unanswered(&self) -> Option<TrusteeNumber> {
        self.complaints.iter().find(|(_, answer)| answer.is_none()).map(|(by, _)| *by)
    }
}

/// A ceremony under way: the state after some of its events.
///
/// A complaint stands whatever becomes of who complained: an honest dealer can always answer it.
#[derive(Clone, Debug)]
pub struct Ceremony<G: Group> {
    parameters: Parameters,
    phase: Phase,
    seats: Vec<Seat<G>>,
}

impl<G: Group> Ceremony<G> {
    /// Before the first event.
    pub fn new(parameters: Parameters) -> Self {
        let seats = TrusteeNumber::all(parameters.trustees()).map(|_| Seat::empty()).collect();
        Self { parameters, phase: Phase::Commit, seats }
    }

    /// What it is about.
    pub const fn parameters(&self) -> &Parameters {
        &self.parameters
    }

    /// The step it is at.
    pub const fn phase(&self) -> Phase {
        self.phase
    }

    /// Why `trustee` is out; `None` while it is in. In the last phase an open complaint counts as unanswered.
    pub fn fault(&self, trustee: TrusteeNumber) -> Option<Fault> {
        let seat = self.seats.get(trustee.place())?;
        let unanswered = seat.unanswered().filter(|_| self.phase == Phase::Answers);
        seat.fault.or_else(|| unanswered.map(|by| Fault::Unanswered { by })) // [BAL-55]
    }

    /// Everybody who is out, and why.
    pub fn faults(&self) -> impl Iterator<Item = (TrusteeNumber, Fault)> {
        self.trustees().filter_map(|trustee| Some((trustee, self.fault(trustee)?)))
    }

    /// Whom the present phase waits for. Nobody in the phases of complaints: they end when the host says so.
    pub fn waiting_for(&self) -> impl Iterator<Item = TrusteeNumber> {
        let waits = |(trustee, seat): &(TrusteeNumber, &Seat<G>)| match self.phase {
            Phase::Commit => seat.commit.is_none(),
            Phase::Reveal => seat.commitments.is_none(),
            Phase::Shares => !self.others(*trustee).all(|to| seat.dealt.contains_key(&to)),
            Phase::Complaints | Phase::Answers => false,
        };
        self.present().filter(waits).map(|(trustee, _)| trustee)
    }

    /// Takes the next event of a trustee, whose signature the caller has checked. A phase that waits for nobody
    /// any more gives way to the next.
    ///
    /// What is accepted here can still put its sender out: see [`Ceremony::fault`].
    ///
    /// # Errors
    /// The event has no place here; nothing has changed.
    pub fn apply(&mut self, from: TrusteeNumber, message: &Message) -> Result<(), MisplacedError> {
        match message {
            Message::Commit(commit) => self.commit(from, *commit)?,
            Message::Reveal(reveal) => self.reveal(from, reveal)?,
            Message::Shares(shares) => self.shares(from, shares)?,
            Message::Complaint { against } => self.complaint(from, *against)?,
            Message::Answer(answer) => self.answer(from, answer)?,
        }
        self.settle();
        Ok(())
    }

    /// Goes on to phase `to` without those that it waits for: the host's `ceremony-next`.
    ///
    /// # Errors
    /// `to` is not the phase after this one.
    pub fn advance(&mut self, to: Phase) -> Result<(), MisplacedError> {
        if next(self.phase) != Some(to) {
            return Err(MisplacedError::Phase { at: self.phase }); // [BAL-44]
        }
        let during = self.phase;
        let absent: Vec<_> = self.waiting_for().collect();
        for trustee in absent {
            if let Some(seat) = self.seats.get_mut(trustee.place()) {
                seat.fault = Some(Fault::Absent { during }); // [BAL-50]
            }
        }
        self.phase = to;
        self.settle();
        Ok(())
    }

    /// The keys that come of it: what the host's `ceremony-done` must say.
    ///
    /// # Errors
    /// It is not at its end, or too few trustees are left.
    pub fn joint_keys(&self) -> Result<JointKeys<G>, CeremonyError> {
        let open = self.present().any(|(_, seat)| seat.unanswered().is_some());
        if self.phase < Phase::Complaints || (open && self.phase == Phase::Complaints) {
            return Err(CeremonyError::Unfinished { at: self.phase }); // [BAL-57]
        }
        let qualified = self
            .present()
            .filter(|(trustee, _)| self.fault(*trustee).is_none())
            .filter_map(|(trustee, seat)| Some((trustee, seat.commit?, seat.commitments.as_ref()?)));
        JointKeys::new(&self.parameters, qualified)
    }

    fn commit(&mut self, from: TrusteeNumber, commit: Commit) -> Result<(), MisplacedError> {
        let seat = self.seat(from, &[Phase::Commit])?;
        if seat.commit.is_some() {
            return Err(MisplacedError::Again { trustee: from }); // [BAL-46]
        }
        seat.commit = Some(commit);
        Ok(())
    }

    fn reveal(&mut self, from: TrusteeNumber, reveal: &Reveal) -> Result<(), MisplacedError> {
        let seat = self.seat(from, &[Phase::Reveal])?;
        let (None, Some(commit)) = (&seat.commitments, seat.commit) else {
            return Err(MisplacedError::Again { trustee: from }); // [BAL-46]
        };
        let verified = Commitments::verify(&self.parameters, from, &commit.commit, reveal);
        let seat = self.seat(from, &[Phase::Reveal])?;
        match verified {
            Ok(commitments) => seat.commitments = Some(commitments),
            Err(fault) => seat.fault = Some(fault),
        }
        Ok(())
    }

    fn shares(&mut self, from: TrusteeNumber, shares: &[SealedShare]) -> Result<(), MisplacedError> {
        let receivers: BTreeSet<_> = self.others(from).collect();
        let keys = usize::try_from(self.parameters.size().keys).unwrap_or(usize::MAX);
        let length = sealed_length(keys.saturating_mul(G::ScalarBytes::LENGTH));
        let seat = self.seat(from, &[Phase::Shares])?;
        let mut dealt = seat.dealt.clone();
        for share in shares {
            if share.ciphertext.len() != length || !receivers.contains(&share.to) {
                return Err(MisplacedError::Shares); // [BAL-47]
            }
            if dealt.insert(share.to, share.clone()).is_some() {
                return Err(MisplacedError::Again { trustee: from }); // [BAL-46]
            }
        }
        seat.dealt = dealt;
        Ok(())
    }

    fn complaint(&mut self, from: TrusteeNumber, against: TrusteeNumber) -> Result<(), MisplacedError> {
        self.seat(from, &[Phase::Complaints])?;
        if from == against {
            return Err(MisplacedError::Itself); // [BAL-48]
        }
        let dealer = self.seat(against, &[Phase::Complaints])?;
        if dealer.complaints.contains_key(&from) {
            return Err(MisplacedError::Again { trustee: from }); // [BAL-46]
        }
        dealer.complaints.insert(from, None);
        Ok(())
    }

    fn answer(&mut self, from: TrusteeNumber, answer: &Answer) -> Result<(), MisplacedError> {
        let Answer { to, shares } = answer;
        let seat = self.seat(from, &[Phase::Complaints, Phase::Answers])?;
        let open = match seat.complaints.get_mut(to) {
            None => return Err(MisplacedError::NoComplaint { to: *to }), // [BAL-49]
            Some(Some(_)) => return Err(MisplacedError::Again { trustee: from }), // [BAL-46]
            Some(open @ None) => open,
        };
        match seat.commitments.as_ref().and_then(|commitments| commitments.accept(*to, shares)) {
            Some(shares) => *open = Some(shares.expose().clone()),
            None => seat.fault = Some(Fault::Answer { by: *to }), // [BAL-56]
        }
        Ok(())
    }

    /// The seat of a trustee that may speak in one of `phases`.
    fn seat(&mut self, trustee: TrusteeNumber, phases: &[Phase]) -> Result<&mut Seat<G>, MisplacedError> {
        if !phases.contains(&self.phase) {
            return Err(MisplacedError::Phase { at: self.phase }); // [BAL-44]
        }
        let seat = self.seats.get_mut(trustee.place()).filter(|seat| seat.is_in());
        seat.ok_or(MisplacedError::Out { trustee }) // [BAL-45]
    }

    /// Goes on as long as nobody is waited for.
    fn settle(&mut self) {
        while self.phase < Phase::Complaints && self.waiting_for().next().is_none() {
            let Some(to) = next(self.phase) else { return };
            self.phase = to;
        }
    }

    fn trustees(&self) -> impl Iterator<Item = TrusteeNumber> + use<G> {
        TrusteeNumber::all(self.parameters.trustees())
    }

    fn present(&self) -> impl Iterator<Item = (TrusteeNumber, &Seat<G>)> {
        self.trustees().zip(&self.seats).filter(|(_, seat)| seat.is_in())
    }
}

/// What a trustee's own software asks.
impl<G: Group> Ceremony<G> {
    /// What `trustee` committed to.
    pub(super) fn commit_of(&self, trustee: TrusteeNumber) -> Option<&Commit> {
        self.seats.get(trustee.place())?.commit.as_ref()
    }

    /// Whether `trustee` is in, and the phase waits for it.
    pub(super) fn waits_for(&self, trustee: TrusteeNumber) -> bool {
        self.waiting_for().any(|waited| waited == trustee)
    }

    /// Everybody who is in, but `trustee`.
    pub(super) fn others(&self, trustee: TrusteeNumber) -> impl Iterator<Item = TrusteeNumber> {
        self.present().map(|(other, _)| other).filter(move |other| *other != trustee)
    }

    /// What `dealer` sealed for `to`.
    pub(super) fn sealed(&self, dealer: TrusteeNumber, to: TrusteeNumber) -> Option<&SealedShare> {
        self.seats.get(dealer.place())?.dealt.get(&to)
    }

    /// What `dealer` is bound to.
    pub(super) fn commitments(&self, dealer: TrusteeNumber) -> Option<&Commitments<G>> {
        self.seats.get(dealer.place())?.commitments.as_ref()
    }

    /// Whether `by` has complained about `dealer`.
    pub(super) fn has_complained(&self, by: TrusteeNumber, dealer: TrusteeNumber) -> bool {
        self.seats.get(dealer.place()).is_some_and(|seat| seat.complaints.contains_key(&by))
    }

    /// The shares with which `dealer` answered the complaint of `by`.
    pub(super) fn answered(&self, by: TrusteeNumber, dealer: TrusteeNumber) -> Option<&[G::Scalar]> {
        self.seats.get(dealer.place())?.complaints.get(&by)?.as_deref()
    }

    /// Who waits for an answer of `dealer`, if it is in.
    pub(super) fn open_complaints(&self, dealer: TrusteeNumber) -> impl Iterator<Item = TrusteeNumber> {
        let seat = self.seats.get(dealer.place()).filter(|seat| seat.is_in());
        seat.into_iter()
            .flat_map(|seat| &seat.complaints)
            .filter(|(_, answer)| answer.is_none())
            .map(|(by, _)| *by)
    }
}

const fn next(phase: Phase) -> Option<Phase> {
    match phase {
        Phase::Commit => Some(Phase::Reveal),
        Phase::Reveal => Some(Phase::Shares),
        Phase::Shares => Some(Phase::Complaints),
        Phase::Complaints => Some(Phase::Answers),
        Phase::Answers => None,
    }
}
