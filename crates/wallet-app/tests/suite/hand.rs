//! A wallet without pages, as commands drive it.

use crate::world::{World, now};
use sinpyo_testkit::TestEntropy;
use sinpyo_wallet::Wallet;
use sinpyo_wallet_app::{
    Agreed, Decision, Next, Present, PresentFlowError, Receive, ReceiveFlowError, Rules, World as Run,
    misbehave::{Misbehaviour, ProofFault},
};

pub(crate) struct Hand {
    pub(crate) wallet: Wallet,
    pub(crate) rules: Rules,
    entropy: TestEntropy,
}

impl Hand {
    pub(crate) fn new() -> Self {
        Self { wallet: Wallet::new(), rules: World::rules(), entropy: TestEntropy::new(31) }
    }

    pub(crate) fn run(&mut self) -> Run<'_> {
        Run { wallet: &mut self.wallet, rules: &self.rules, now: now(), entropy: &mut self.entropy }
    }

    pub(crate) fn receive(
        &mut self,
        world: &mut World,
        fault: Option<ProofFault>,
    ) -> Result<usize, ReceiveFlowError> {
        let offer = world.offer(None);
        self.take(world, &offer, fault)
    }

    pub(crate) fn take(
        &mut self,
        world: &mut World,
        offer: &str,
        fault: Option<ProofFault>,
    ) -> Result<usize, ReceiveFlowError> {
        let mut flow = Receive::begin(offer, &self.rules)?;
        if let Some(fault) = fault {
            flow = flow.misbehaving(fault);
        }
        let done = self.drive(world, &mut flow);
        flow.give_up(&mut self.wallet);
        done
    }

    pub(crate) fn drive(&mut self, world: &mut World, flow: &mut Receive) -> Result<usize, ReceiveFlowError> {
        loop {
            let mut run = self.run();
            match flow.next(&mut run)? {
                Next::Need(need) => flow.supply(world.find(need, now()), &run)?,
                Next::Ask => {
                    let configurations = flow.proposal().unwrap().offer.configurations.clone();
                    flow.agree(Agreed { configurations, tx_code: None }, &mut run)?;
                }
                Next::Store => flow.stored(&run)?,
                Next::Done => return Ok(flow.held().len()),
                other => panic!("{other:?}"),
            }
        }
    }

    pub(crate) fn present(
        &mut self,
        world: &mut World,
        link: &str,
        fault: Option<Misbehaviour>,
    ) -> Result<(), PresentFlowError> {
        let mut flow = Present::begin(link, &self.rules)?;
        if let Some(fault) = fault {
            flow = flow.misbehaving(fault);
        }
        loop {
            let mut run = self.run();
            match flow.next(&mut run)? {
                Next::Need(need) => flow.supply(world.find(need, now()), &run)?,
                Next::Ask => flow.agree(&Decision::default(), &mut run)?,
                Next::Store => flow.stored()?,
                Next::Done => return Ok(()),
                other => panic!("{other:?}"),
            }
        }
    }
}
