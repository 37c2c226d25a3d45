//! A voter's wallet against a service in memory.

mod casting;
mod checking;
mod reading;
mod record;
mod registering;
mod way;
mod world;

use super::*;
use crate::{
    event::{Body, Role},
    form::to_hex,
    phase::Phase,
};
use serde_json::json;
use sinpyo_core::{Secret, jwk::PublicJwk, key::SignError};
use sinpyo_crypto::{Algorithm, SigningKey};
use sinpyo_registry::engine::LogEngine as _;
use sinpyo_testkit::{TestEntropy, key};
use world::{Kind, SERVICE, World};

/// A voter with a key.
struct Wallet {
    voter: Voter,
    key: SigningKey,
    public: PublicJwk,
    entropy: TestEntropy,
}

impl Holder for Wallet {
    fn public(&self) -> &PublicJwk {
        &self.public
    }

    fn sign(&self, message: &[u8]) -> Result<Box<[u8]>, SignError> {
        self.key.sign(message)
    }
}

impl Wallet {
    fn new(world: &World, seed: u8) -> Self {
        let mut entropy = TestEntropy::new(1000 + u64::from(seed));
        let key = key(Algorithm::Es256, seed);
        let public = key.verifying_key().to_jwk();
        Self { voter: Voter::new(world.place(), &mut entropy), key, public, entropy }
    }

    fn read(&mut self, world: &mut World) -> Result<Election, VoterError> {
        let mut reading = Reading::again(&self.voter);
        let election = world.lead(|response| {
            response.map_or(Ok(()), |response| reading.supply(&response))?;
            reading.next()
        })?;
        self.voter.saw(&election);
        Ok(election)
    }

    /// Registers; the record goes through text on the way, as it does when the wallet is closed.
    fn register(&mut self, world: &mut World, code: &str) -> Result<(), VoterError> {
        let election = self.read(world)?;
        let mut flow = Registering::begin(normal_code(code));
        loop {
            match flow.next(&self.voter)? {
                RegisterStep::Send(request) => {
                    let response = world.answer(&request);
                    flow.supply(&mut self.voter, &election, &response)?;
                }
                RegisterStep::Ask => {
                    let holder = Wallet {
                        voter: Voter::new(world.place(), &mut self.entropy),
                        key: key(Algorithm::Es256, 9),
                        public: key(Algorithm::Es256, 9).verifying_key().to_jwk(),
                        entropy: TestEntropy::new(3),
                    };
                    flow.agree(&mut self.voter, &election, (&holder, None), &mut self.entropy)?;
                }
                RegisterStep::Keep => {
                    self.voter = Voter::read(&self.voter.write()).unwrap();
                    flow.kept()?;
                }
                RegisterStep::Done => {
                    self.voter = Voter::read(&self.voter.write()).unwrap();
                    return Ok(());
                }
            }
        }
    }

    fn find(&mut self, world: &mut World, election: &Election) -> Result<Found, VoterError> {
        let mut finding = Finding::begin(election, &self.voter)?;
        world.lead(|response| {
            response.map_or(Ok(()), |response| finding.supply(&response))?;
            finding.next(election)
        })
    }

    fn booth(&mut self, world: &mut World) -> Result<(Election, Booth), VoterError> {
        let election = self.read(world)?;
        let found = if election.is_weak() { None } else { Some(self.find(world, &election)?) };
        let booth = Booth::enter(&election, &self.voter, found)?;
        Ok((election, booth))
    }

    fn fill(&mut self, world: &mut World, columns: &[u8]) -> (Election, Filled) {
        let (election, booth) = self.booth(world).unwrap();
        let filled = booth.fill(&Choices::new(columns.to_vec()), &mut self.entropy).unwrap();
        (election, filled)
    }

    fn vote(&mut self, world: &mut World, columns: &[u8]) -> Result<String, VoterError> {
        let (election, filled) = self.fill(world, columns);
        let tracking = filled.tracking_code();
        filled.cast(&mut self.voter, &election)?;
        self.voter = Voter::read(&self.voter.write()).unwrap();
        self.send(world, &election)?;
        Ok(tracking.as_str().to_owned())
    }

    fn send(&mut self, world: &mut World, election: &Election) -> Result<(), VoterError> {
        let mut casting = Casting::new();
        while let Step::Send(request) = casting.next(&self.voter, election)? {
            let response = world.answer(&request);
            casting.supply(&mut self.voter, &response)?;
        }
        Ok(())
    }

    fn confirm(&mut self, world: &mut World, election: &Election) -> Result<(), VoterError> {
        let mut confirming = Confirming::begin(&self.voter)?;
        while let Step::Send(request) = confirming.next(&mut self.voter, election)? {
            confirming.supply(&world.answer(&request))?;
        }
        Ok(())
    }
}

/// The address that a relay at `base` takes ballots at.
fn relay_of(world: &World, base: &str) -> String {
    format!("{base}/e/{}/ballots", to_hex(&world.election.0))
}

/// Six registered voters, which makes two rings of four, and the polls open.
fn opened(kind: Kind) -> (World, Vec<Wallet>) {
    let mut world = World::registering(kind);
    let mut wallets = Vec::new();
    for seed in 0..6 {
        let mut wallet = Wallet::new(&world, seed + 1);
        let code = world.line();
        wallet.register(&mut world, &code).unwrap();
        wallets.push(wallet);
    }
    world.open();
    world.asked.clear();
    (world, wallets)
}
