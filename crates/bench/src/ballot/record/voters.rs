//! Made-up voters: everything about one follows from its number, so that nothing needs to be kept.

use super::{folder::GrowingLog, office::Office};
use crate::ballot::machine::{CORES, Cores};
use anyhow::anyhow;
use sinpyo_ballot::{
    credential::{Binding, VoterSecret},
    generators::ElectionId,
    group::Ristretto,
};
use sinpyo_core::Secret;
use sinpyo_crypto::hash::sha256;
use sinpyo_testkit::TestEntropy;
use sinpyo_voting::{
    election::Slot,
    event::{Body, Registration, Role},
    roll::Roll,
};
use std::{collections::HashMap, ops::Range, thread};

/// Options of the one contest.
pub(super) const OPTIONS: usize = 5;

/// Registered between two writes of the log.
const CHUNK: u32 = 16_384;

/// The voters `0 … count - 1` of an election.
#[derive(Clone, Copy, Debug)]
pub(super) struct Voters {
    pub(super) election: ElectionId,
    pub(super) count: u32,
}

impl Voters {
    pub(super) fn secret(&self, number: u32) -> VoterSecret<Ristretto> {
        VoterSecret::derive(&Secret::new(self.bytes("wallet", number)), &self.election)
    }

    /// The chosen column: 0 is blank.
    pub(super) fn choice(&self, number: u32) -> u8 {
        let [first, ..] = self.bytes("choice", number);
        first % 6
    }

    /// 32 bytes for one purpose.
    pub(super) fn bytes(&self, purpose: &str, number: u32) -> [u8; 32] {
        sha256(&[&self.election.0, purpose.as_bytes(), &number.to_le_bytes()].concat())
    }

    fn slot(&self, number: u32) -> [u8; 16] {
        let mut slot = [0; 16];
        slot.iter_mut().zip(self.bytes("slot", number)).for_each(|(to, from)| *to = from);
        slot
    }

    /// The signed `register` event of a voter, and its commitment.
    fn registration(&self, office: &Office, number: u32) -> anyhow::Result<([u8; 32], Vec<u8>)> {
        let (slot, nonce) = (self.slot(number), Secret::new(self.bytes("nonce", number)));
        let binding = Binding::new(&self.election, &slot, &nonce, &self.bytes("key", number));
        let own = self.secret(number).register(binding, 0, &mut TestEntropy::new(number.into()));
        let proof = own.proof.to_bytes().try_into().map_err(|_| anyhow!("a proof of another length"))?;
        let body = Registration {
            binding: own.binding.0,
            commitment: own.commitment,
            district: "d1".to_owned(),
            holder: self.bytes("request", number),
            proof,
            replaces: false,
            slot,
        };
        Ok((own.commitment, office.sign(Role::Registrar, Body::Register(body))?))
    }
}

/// The roll, and whose commitment is whose.
pub(super) struct Registered {
    pub(super) roll: Roll,
    pub(super) numbers: HashMap<[u8; 32], u32>,
}

/// Registers all voters.
pub(super) fn register(
    voters: Voters,
    office: &Office,
    log: &mut GrowingLog,
    cores: &Cores,
) -> anyhow::Result<Registered> {
    let mut registered = Registered { roll: Roll::default(), numbers: HashMap::new() };
    let mut first = 0;
    while first < voters.count {
        let last = voters.count.min(first.saturating_add(CHUNK));
        for (number, (commitment, event)) in (first..last).zip(made(voters, office, first..last)?) {
            let index = log.append(event)?;
            let line = Slot { live: true, district: 0, commitment, index };
            registered.roll.set(voters.slot(number), line);
            registered.numbers.insert(commitment, number);
        }
        first = last;
        cores.tell(("registered", None), last.into(), voters.count.into());
    }
    Ok(registered)
}

/// The events of some voters, in order, made on all cores.
fn made(voters: Voters, office: &Office, numbers: Range<u32>) -> anyhow::Result<Vec<([u8; 32], Vec<u8>)>> {
    let numbers: Vec<u32> = numbers.collect();
    let share = numbers.len().div_ceil(CORES).max(1);
    let make = |numbers: &[u32]| {
        numbers.iter().map(|number| voters.registration(office, *number)).collect::<anyhow::Result<Vec<_>>>()
    };
    let parts: anyhow::Result<Vec<_>> = thread::scope(|scope| {
        let threads: Vec<_> = numbers.chunks(share).map(|part| scope.spawn(move || make(part))).collect();
        threads.into_iter().map(|thread| thread.join().map_err(|_| anyhow!("a thread panicked"))?).collect()
    });
    Ok(parts?.concat())
}
