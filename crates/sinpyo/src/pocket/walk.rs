//! A flow at the command line, from its beginning to its end.

use super::{Pocket, browser::Callback};
use crate::{
    asking::Refusal,
    os::{OsEntropy, SystemClock},
    vault::Vault,
};
use anyhow::{Context, Result, bail};
use sinpyo_core::{key::Entropy, time::Clock as _};
use sinpyo_wallet::Wallet;
use sinpyo_wallet_app::{
    Agreed, Next, Present, PresentFlowError, PresentOutcome, Receive, ReceiveFlowError, Rules, Typed, World,
};
use sinpyo_web::lang::Lang;
use std::{thread, time::Duration};

/// Longest time that is waited for a credential.
const PATIENCE: Duration = Duration::from_mins(5);
/// How often a server that was not reached is asked once more: the wallet may not know whether it was heard.
const AGAIN: usize = 5;

/// A wallet on its way.
pub(crate) struct Walk<'w> {
    pub(crate) pocket: &'w Pocket,
    pub(crate) vault: &'w mut Vault,
    pub(crate) rules: &'w Rules,
    pub(crate) callback: Option<&'w Callback>,
}

fn world<'a>(wallet: &'a mut Wallet, rules: &'a Rules, entropy: &'a mut dyn Entropy) -> World<'a> {
    World { wallet, rules, now: SystemClock.now(), entropy }
}

impl Walk<'_> {
    /// Fetches what is offered once `agree` has seen it; nothing if it does not want to.
    pub(crate) fn receive(
        mut self,
        flow: &mut Receive,
        mut agree: impl FnMut(&Receive) -> Result<Option<Agreed>>,
    ) -> Result<Result<(), Refusal>> {
        let (begun, mut missed) = (SystemClock.now(), 0);
        loop {
            let next = flow.next(&mut world(&mut self.vault.wallet, self.rules, &mut OsEntropy));
            let done = match next {
                Ok(Next::Done) => return Ok(Ok(())),
                Ok(Next::Ask) => {
                    let Some(agreed) = agree(flow)? else { return Ok(Ok(())) };
                    flow.agree(agreed, &mut world(&mut self.vault.wallet, self.rules, &mut OsEntropy))
                }
                Ok(Next::Need(need)) => {
                    let found = self.pocket.find(need);
                    flow.supply(found, &world(&mut self.vault.wallet, self.rules, &mut OsEntropy))
                }
                Ok(Next::Browse(url)) => {
                    let query = self.browse(&url)?;
                    flow.redirected(&query, &world(&mut self.vault.wallet, self.rules, &mut OsEntropy))
                }
                Ok(Next::Wait(until)) => {
                    if until > begun.plus(PATIENCE) {
                        bail!("the credential is not ready yet; try again after {until}");
                    }
                    thread::sleep(Duration::from_secs(1));
                    Ok(())
                }
                Ok(Next::Store) => {
                    self.vault.save()?;
                    flow.stored(&world(&mut self.vault.wallet, self.rules, &mut OsEntropy))
                }
                Err(error) => Err(error),
            };
            match done {
                Err(error) if error.is_passing() && missed < AGAIN => {
                    missed += 1;
                    thread::sleep(Duration::from_millis(500));
                }
                Err(error) => return Ok(Err(refused(&error, flow))),
                Ok(()) => {}
            }
        }
    }

    /// Answers what is asked as `decide` says, which is shown who asks for what.
    pub(crate) fn present(
        self,
        flow: &mut Present,
        mut decide: impl FnMut(&mut Present, &mut World<'_>) -> Result<Result<(), PresentFlowError>>,
    ) -> Result<Result<PresentOutcome, Refusal>> {
        let mut missed = 0;
        loop {
            let next = flow.next(&mut world(&mut self.vault.wallet, self.rules, &mut OsEntropy));
            let done = match next {
                Ok(Next::Done) => {
                    return flow.outcome().cloned().map(Ok).context("a flow that is done has an outcome");
                }
                Ok(Next::Ask) => {
                    decide(flow, &mut world(&mut self.vault.wallet, self.rules, &mut OsEntropy))?
                }
                Ok(Next::Need(need)) => {
                    let found = self.pocket.find(need);
                    flow.supply(found, &world(&mut self.vault.wallet, self.rules, &mut OsEntropy))
                }
                Ok(Next::Store) => {
                    self.vault.save()?;
                    flow.stored()
                }
                Ok(Next::Browse(_) | Next::Wait(_)) => bail!("an answer needs neither browser nor patience"),
                Err(error) => Err(error),
            };
            match done {
                Err(error) if error.is_passing() && missed < AGAIN => {
                    missed += 1;
                    thread::sleep(Duration::from_millis(500));
                }
                Err(error) => return Ok(Err(unanswered(&error))),
                Ok(()) => {}
            }
        }
    }

    fn browse(&mut self, url: &str) -> Result<String> {
        let callback = self.callback.context("there is no way back from a browser")?;
        eprintln!("브라우저에서 여세요 / open in a browser:\n{url}");
        callback.wait()
    }
}

fn refused(error: &ReceiveFlowError, flow: &Receive) -> Refusal {
    let grants = flow.proposal().map(|proposal| &proposal.offer.grants);
    let is_typed =
        grants.and_then(|grants| grants.pre_authorized.as_ref()).is_some_and(|one| one.tx_code.is_some());
    let typed = if is_typed { Typed::Code } else { Typed::Nothing };
    let told = [Lang::Ko, Lang::En].map(|lang| error.told(typed, lang));
    Refusal { told: Some(told), ..Refusal::new(error.code(), error) }
}

fn unanswered(error: &PresentFlowError) -> Refusal {
    let told = [Lang::Ko, Lang::En].map(|lang| error.told(lang));
    Refusal { told: Some(told), ..Refusal::new(error.code(), error) }
}
