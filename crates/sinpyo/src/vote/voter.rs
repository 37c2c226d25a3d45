//! A voter's side of an election: the machines of `sinpyo_voting::voter`, carried out.

mod file;

pub(crate) use file::{VoterFile, keep};

use super::wire::problem;
use crate::os::OsEntropy;
use anyhow::{Context, Result, bail};
use http::{Request, Response};
use sinpyo_core::{
    Secret,
    jwk::PublicJwk,
    key::{SignError, Signer as _},
};
use sinpyo_crypto::{KeySigner, SigningKey};
use sinpyo_voting::voter::{
    Casting, Checking, Confirming, Election, Finding, Found, Holder, Place, Reading, RegisterStep,
    Registering, Step, Verdict, Voter, VoterError,
};
use std::{
    thread::sleep,
    time::{Duration, Instant},
};

/// How long a receipt waits for a published head.
const HEAD: Duration = Duration::from_secs(30);

/// Brings requests to the service and answers back.
pub(crate) trait Carrier {
    /// The answer to `request`.
    fn carry(&self, request: &Request<Vec<u8>>) -> Result<Response<Vec<u8>>>;
}

impl Carrier for super::wire::Wire {
    fn carry(&self, request: &Request<Vec<u8>>) -> Result<Response<Vec<u8>>> {
        self.send_patiently(request)
    }
}

/// The key that a voter answers for a slot with.
#[derive(Debug)]
pub(crate) struct HolderKey {
    signer: KeySigner,
    public: PublicJwk,
}

impl HolderKey {
    pub(crate) fn new(key: SigningKey) -> Result<Self> {
        let public = key.verifying_key().to_jwk();
        let multikey = key.verifying_key().to_multikey();
        let id = format!("did:key:{multikey}#{multikey}").parse().context("the name of a key")?;
        Ok(Self { signer: KeySigner::new(id, key), public })
    }
}

impl Holder for HolderKey {
    fn public(&self) -> &PublicJwk {
        &self.public
    }

    fn sign(&self, message: &[u8]) -> Result<Box<[u8]>, SignError> {
        self.signer.sign(message)
    }
}

/// Reads an election for the first time, or again for somebody who knows it.
pub(crate) fn read(carrier: &dyn Carrier, known: Result<&Voter, Place>) -> Result<Election> {
    let mut reading = match known {
        Ok(voter) => Reading::again(voter),
        Err(place) => Reading::begin(place),
    };
    loop {
        match reading.next()? {
            Step::Send(request) => reading.supply(&carrier.carry(&request)?)?,
            Step::Done(election) => return Ok(election),
        }
    }
}

/// Gets into the roll. `keep` keeps the record before anything is sent that must not be lost. The credential, if one came.
pub(crate) fn register(
    carrier: &dyn Carrier,
    (voter, election): (&mut Voter, &Election),
    (code, holder): (Option<Secret<String>>, &HolderKey),
    keep: &mut dyn FnMut(&Voter) -> Result<()>,
) -> Result<Option<String>> {
    let mut registering = match (Registering::resume(voter), code) {
        (Some(registering), _) => registering,
        (None, Some(code)) => Registering::begin(code),
        (None, None) => bail!("somebody who is not in the roll needs a code"),
    };
    loop {
        match registering.next(voter)? {
            RegisterStep::Send(request) => {
                let answer = carrier.carry(&request)?;
                let taken = registering.supply(voter, election, &answer);
                taken.with_context(|| format!("registration failed: {}", problem(&answer)))?;
            }
            RegisterStep::Ask => {
                if registering.terms().is_some_and(|terms| terms.ask().is_some()) {
                    bail!(
                        "the registrar wants to see claims of a wallet: register with `sinpyo wallet serve`"
                    );
                }
                registering.agree(voter, election, (holder, None), &mut OsEntropy)?;
            }
            RegisterStep::Keep => {
                keep(voter)?;
                registering.kept()?;
            }
            RegisterStep::Done => {
                keep(voter)?;
                return Ok(registering.credential().map(str::to_owned));
            }
        }
    }
}

/// The own ring, if the election has rings.
pub(crate) fn find(carrier: &dyn Carrier, election: &Election, voter: &Voter) -> Result<Option<Found>> {
    if election.is_weak() {
        return Ok(None);
    }
    let mut finding = Finding::begin(election, voter)?;
    loop {
        match finding.next(election)? {
            Step::Send(request) => finding.supply(&carrier.carry(&request)?)?,
            Step::Done(found) => return Ok(Some(found)),
        }
    }
}

/// Sends the ballot that the record has, until it is answered.
pub(crate) fn cast(carrier: &dyn Carrier, voter: &mut Voter, election: &Election) -> Result<()> {
    let mut casting = Casting::new();
    loop {
        match casting.next(voter, election)? {
            Step::Send(request) => {
                let answer = carrier.carry(&request)?;
                let taken = casting.supply(voter, &answer);
                taken.with_context(|| format!("the ballot was not taken: {}", problem(&answer)))?;
            }
            Step::Done(()) => return Ok(()),
        }
    }
}

/// Proves the newest receipt, once a published head has it.
pub(crate) fn confirm(carrier: &dyn Carrier, voter: &mut Voter, election: &Election) -> Result<()> {
    let begun = Instant::now();
    let mut confirming = Confirming::begin(voter)?;
    loop {
        match confirming.next(voter, election) {
            Ok(Step::Send(request)) => confirming.supply(&carrier.carry(&request)?)?,
            Ok(Step::Done(())) => return Ok(()),
            Err(VoterError::NotYet) if begun.elapsed() < HEAD => sleep(Duration::from_millis(300)),
            Err(error) => return Err(error.into()),
        }
    }
}

/// Makes again the ballot that another device made.
pub(crate) fn check(carrier: &dyn Carrier, text: &str) -> Result<(Election, Verdict)> {
    let mut checking = Checking::begin(text)?;
    let election = read(carrier, Err(checking.place().clone()))?;
    loop {
        match checking.next(&election)? {
            Step::Send(request) => checking.supply(&carrier.carry(&request)?)?,
            Step::Done(verdict) => return Ok((election, verdict)),
        }
    }
}
