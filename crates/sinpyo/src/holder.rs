//! What the holder's side looks up before it answers.

use crate::{asking::Refusal, facts::Facts, home::Home};
use anyhow::{Result, bail};
use sinpyo_core::{
    accreditation::Right, request::PresentationRequest, resolved::VersionSelector, time::Timestamp,
};
use sinpyo_proof::Unverified;
use sinpyo_verifier::{Fact, Need};
use sinpyo_wallet::{Asked, Choice, Occasion, PresentError, Wallet};

/// A request that may be answered.
#[derive(Debug)]
pub(crate) struct Reviewed {
    /// What the holder is asked to decide.
    pub(crate) choice: Choice,
    request: PresentationRequest,
}

impl Reviewed {
    /// Answers with everything that is asked for.
    pub(crate) fn agree(self, wallet: &mut Wallet, now: Timestamp) -> Result<Box<[u8]>, PresentError> {
        let audience = self.request.audience();
        let occasion = Occasion { audience: &audience, nonce: &self.request.nonce, handover: None };
        Ok(wallet.present(self.choice.disclose_requested(), &occasion, now)?.into_answer())
    }
}

/// Looks at a request on behalf of the holder: who asks, whether it may, and what would be shown.
pub(crate) fn review(home: &Home, wallet: &Wallet, request: &[u8]) -> Result<Result<Reviewed, Refusal>> {
    let request = match Unverified::<PresentationRequest>::parse(request) {
        Ok(request) => request,
        Err(error) => return Ok(Err(Refusal::new(error.code(), &error))),
    };
    let now = home.now();
    let mut facts = Facts::new(home, home.trust()?, now);
    let Some(key) = request.hint().claimed_key().cloned() else {
        bail!("the request does not say who signed it")
    };
    let Some(verifier) = facts.document(&key.did(), &VersionSelector::Latest)? else {
        bail!("the verifier {} is not on the ledger", key.did());
    };
    let accreditation = match request.claimed_service() {
        Some(service) => {
            let need = Need::Accreditation { subject: key.did(), right: Right::Request(service), at: now };
            match facts.fetch(&need)?.fact {
                Fact::Accreditation(accreditation) => accreditation,
                _ => bail!("the ledger does not answer"),
            }
        }
        None => None,
    };
    let (asked, request) = match Asked::from_request(request, &verifier, accreditation.as_deref(), now) {
        Ok(asked) => asked,
        Err(error) => return Ok(Err(Refusal::new(error.code(), &error))),
    };
    let choice = wallet.review(asked, now).map_err(|error| Refusal::new(error.code(), &error));
    Ok(choice.map(|choice| Reviewed { choice, request }))
}
