//! A [`Receiving`] between two of its steps.

use super::{
    Proposal, Receiving,
    receiving::{At, client_of},
};
use crate::request::Wanted;
use sinpyo_crypto::SigningKey;
use sinpyo_oauth::client::{Client, Identity, Learnt, Tokens};
use std::{collections::VecDeque, fmt};

/// Where a [`Receiving`] stands, without what it borrows: for whoever has other things to do while the user or the issuer
/// takes time.
pub struct Paused {
    wanted: VecDeque<(String, Wanted)>,
    tokens: Option<Tokens>,
    at: At,
    is_second: bool,
    renewed: bool,
    learnt: Learnt,
}

impl Receiving<'_> {
    /// Lets go of what is borrowed.
    pub fn pause(self) -> Paused {
        let Self { proposal: _, client, wanted, tokens, at, is_second, renewed } = self;
        Paused { wanted, tokens, at, is_second, renewed, learnt: client.learnt }
    }
}

impl Paused {
    /// Goes on, for the same proposal and with the same identity and key.
    pub fn resume<'a>(
        self,
        proposal: &'a Proposal,
        identity: Identity<'a>,
        dpop: Option<&'a SigningKey>,
    ) -> Receiving<'a> {
        let Self { wanted, tokens, at, is_second, renewed, learnt } = self;
        let client = Client { learnt, ..client_of(proposal, identity, dpop) };
        Receiving { proposal, client, wanted, tokens, at, is_second, renewed }
    }
}

impl fmt::Debug for Paused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Paused").finish_non_exhaustive()
    }
}
