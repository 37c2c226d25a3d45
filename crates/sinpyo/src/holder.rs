//! What the holder's side looks up before it answers.

use crate::{asking::Refusal, facts::Facts, home::Home};
use anyhow::{Result, bail};
use sinpyo_core::{accreditation::Right, request::PresentationRequest, resolved::VersionSelector};
use sinpyo_proof::Unverified;
use sinpyo_verifier::{Fact, Need};
use sinpyo_wallet::{Choice, Wallet};

/// Looks at a request on behalf of the holder: who asks, whether it may, and what would be shown.
pub(crate) fn review(home: &Home, wallet: &Wallet, request: &[u8]) -> Result<Result<Choice, Refusal>> {
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
    let choice = wallet.review(request, &verifier, accreditation.as_deref(), now);
    Ok(choice.map_err(|error| Refusal::new(error.code(), &error)))
}
