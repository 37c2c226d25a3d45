//! What a voter decides on the pages of an election.

use super::{
    Call, Step, WalletApp,
    flows::{CHANGED, Flow, decision},
    see,
};
use crate::{
    flow::World,
    page::{
        self,
        trouble::{Trouble, of_present, of_vote},
    },
    present::Decision,
    vote::{At, Sending, Vote, VoteFlowError, forget},
};
use sinpyo_core::{key::Entropy, time::Timestamp};
use sinpyo_voting::voter::Choices;
use sinpyo_web::lang::{Say, say};

const EACH: Say = say(
    "모든 항목에서 하나를 고르세요. 아무도 고르지 않으려면 ‘백지’를 고르세요.",
    "Choose one in every contest. To choose nobody, choose “blank”.",
);

/// What a form of an election's page is for.
pub(super) fn decide(
    vote: &mut Vote,
    act: &str,
    (call, world): (&Call, &mut World<'_>),
) -> Result<(), Trouble> {
    let done = match act {
        "register" => vote.register(call.form.text("code").unwrap_or_default()),
        "agree" => {
            let decision = agreed(vote, (call, world))?;
            vote.agree(&decision, world)
        }
        "leave" => {
            vote.leave();
            Ok(())
        }
        "refresh" => {
            vote.refresh();
            Ok(())
        }
        "admit" => vote.admit(),
        "enter" => vote.enter(),
        "redirect" => vote.redirect(call.form.text("way"), world),
        "choose" => {
            let choices = chosen(vote, call).ok_or_else(|| Trouble::plain(EACH))?;
            vote.choose(choices)
        }
        "make" => vote.make(world),
        "new" => vote.again(),
        "cast" => {
            let sending = if call.form.text("later") == Some("on") { Sending::Later } else { Sending::Now };
            vote.cast(sending, world)
        }
        "check" => vote.check(),
        "prove" => vote.prove(),
        _ => Ok(()),
    };
    match done {
        // Pressed twice, or on a page that is over: the page shows where the voter is.
        Err(VoteFlowError::OutOfOrder) | Ok(()) => Ok(()),
        Err(error) => Err(of_vote(&error)),
    }
}

/// What is shown to the registrar: what the page showed, and nothing else. [WAP-20]
fn agreed(vote: &Vote, (call, world): (&Call, &World<'_>)) -> Result<Decision, Trouble> {
    let At::Terms(_, Some(present)) = vote.at() else { return Ok(Decision::default()) };
    let shown = present.review(world).map_err(|error| of_present(&error))?;
    if call.form.text("shown") != Some(&page::request::seen(&shown)) {
        return Err(Trouble::plain(CHANGED)); // [WAP-20]
    }
    Ok(decision(present, world, call))
}

/// One column for each contest; none unless every contest has one.
fn chosen(vote: &Vote, call: &Call) -> Option<Choices> {
    let (At::Choose(booth), Some(election)) = (vote.at(), vote.election()) else { return None };
    let typed = |number: usize| call.form.text(&format!("contest-{number}"))?.parse().ok();
    let columns: Option<Vec<u8>> =
        booth.contests(election).enumerate().map(|(number, _)| typed(number)).collect();
    columns.map(Choices::new)
}

impl WalletApp {
    /// Goes to the page of an election that the wallet knows.
    pub(super) fn open_vote(&mut self, election: &str, now: Timestamp, entropy: &mut dyn Entropy) -> Step {
        let Some(wallet) = self.wallet.as_mut() else { return Step::Answer(see("/")) };
        let world = World { wallet, rules: &self.rules, now, entropy };
        match Vote::resume(election, &world) {
            Ok(vote) => {
                let id = self.flows.add(Flow::Vote(Box::new(vote)));
                self.drive(id, now, entropy)
            }
            Err(_) => Step::Answer(see("/votes")),
        }
    }

    /// Forgets an election: seed, admission tokens and receipts.
    pub(super) fn forget_vote(&mut self, election: &str, entropy: &mut dyn Entropy) -> Step {
        let Some(wallet) = self.wallet.as_mut() else { return Step::Answer(see("/")) };
        forget(wallet, election);
        self.flows.end(election);
        if self.store(entropy).is_err() {
            // What is shown is what is kept.
            self.lock();
        }
        Step::Answer(see("/votes"))
    }
}
