//! A voter with a wallet.

use crate::http::Way;
use http::{Request, Response};
use sinpyo_core::{
    Secret,
    jwk::PublicJwk,
    key::{SignError, Signer as _},
};
use sinpyo_crypto::{Algorithm, KeySigner, SigningKey};
use sinpyo_testkit::TestEntropy;
use sinpyo_voting::voter::{
    Booth, Casting, Choices, Confirming, Election, Finding, Holder, Place, Reading, RegisterStep,
    Registering, Step, Voter, VoterError,
};

/// A voter.
pub(crate) struct Wallet {
    pub(crate) way: Way,
    pub(crate) voter: Voter,
    holder: Key,
    entropy: TestEntropy,
}

struct Key(KeySigner, PublicJwk);

impl Holder for Key {
    fn public(&self) -> &PublicJwk {
        &self.1
    }

    fn sign(&self, message: &[u8]) -> Result<Box<[u8]>, SignError> {
        self.0.sign(message)
    }
}

/// A ballot as it is posted.
#[derive(Clone, Debug)]
pub(crate) struct Posting {
    pub(crate) request: Request<Vec<u8>>,
}

impl Wallet {
    pub(crate) fn new(seed: u64, place: &Place, way: Way) -> Self {
        let mut entropy = TestEntropy::new(seed);
        let key = SigningKey::generate(Algorithm::Es256, &mut entropy);
        let public = key.verifying_key().to_jwk();
        let holder = Key(KeySigner::new("did:example:voter#key".parse().unwrap(), key), public);
        Self { way, voter: Voter::new(place.clone(), &mut entropy), holder, entropy }
    }

    fn send(&self, request: &Request<Vec<u8>>) -> Response<Vec<u8>> {
        self.way.send(request).unwrap()
    }

    /// Reads the election for itself.
    pub(crate) fn read(&mut self) -> Election {
        let mut reading = Reading::again(&self.voter);
        loop {
            match reading.next().unwrap() {
                Step::Send(request) => reading.supply(&self.send(&request)).unwrap(),
                Step::Done(election) => {
                    self.voter.saw(&election);
                    return election;
                }
            }
        }
    }

    /// Gets into the roll; the credential.
    pub(crate) fn register(&mut self, election: &Election, code: &str) -> Option<String> {
        let mut registering = Registering::begin(Secret::new(code.to_owned()));
        loop {
            match registering.next(&self.voter).unwrap() {
                RegisterStep::Send(request) => {
                    let answer = self.send(&request);
                    let taken = registering.supply(&mut self.voter, election, &answer);
                    assert!(taken.is_ok(), "{taken:?}: {}", String::from_utf8_lossy(answer.body()));
                }
                RegisterStep::Ask => {
                    let holder: (&dyn Holder, _) = (&self.holder, None);
                    registering.agree(&mut self.voter, election, holder, &mut self.entropy).unwrap();
                }
                RegisterStep::Keep => registering.kept().unwrap(),
                RegisterStep::Done => return registering.credential().map(str::to_owned),
            }
        }
    }

    /// Fetches the own ring and goes into the booth.
    pub(crate) fn booth(&self, election: &Election) -> Booth {
        let mut finding = Finding::begin(election, &self.voter).unwrap();
        loop {
            match finding.next(election).unwrap() {
                Step::Send(request) => finding.supply(&self.send(&request)).unwrap(),
                Step::Done(found) => return Booth::enter(election, &self.voter, Some(found)).unwrap(),
            }
        }
    }

    /// Makes a ballot that is about to be sent.
    pub(crate) fn fill(&mut self, booth: &Booth, election: &Election, choice: u8) -> Posting {
        let filled = booth.fill(&Choices::new(vec![choice]), &mut self.entropy).unwrap();
        filled.cast(&mut self.voter, election).unwrap();
        match Casting::new().next(&self.voter, election).unwrap() {
            Step::Send(request) => Posting { request: *request },
            Step::Done(()) => panic!("nothing is to be sent"),
        }
    }

    /// Takes the answer to it.
    pub(crate) fn taken(&mut self, answer: &Response<Vec<u8>>) -> Result<(), VoterError> {
        Casting::new().supply(&mut self.voter, answer)
    }

    /// Votes, and proves the receipt.
    pub(crate) fn vote(&mut self, election: &Election, choice: u8) {
        let booth = self.booth(election);
        let posting = self.fill(&booth, election, choice);
        let answer = self.send(&posting.request);
        self.taken(&answer).unwrap();
    }

    /// Proves the newest receipt; whether a published head has it yet.
    pub(crate) fn confirm(&mut self, election: &Election) -> bool {
        let mut confirming = Confirming::begin(&self.voter).unwrap();
        loop {
            match confirming.next(&mut self.voter, election).unwrap() {
                Step::Send(request) => match confirming.supply(&self.send(&request)) {
                    Ok(()) => {}
                    Err(VoterError::Status(404)) => return false,
                    Err(error) => panic!("{error}"),
                },
                Step::Done(()) => return true,
            }
        }
    }
}
