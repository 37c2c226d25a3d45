//! What somebody does with a wallet's record who has no good in mind: copies it, and takes papers out of it.

use anyhow::{Context, Result};
use sinpyo_core::{Secret, encoding::from_base64url};
use sinpyo_voting::voter::Voter;

/// A ballot as it is posted, and the token that pays for it.
#[derive(Clone, Debug)]
pub(super) struct Paper {
    pub(super) ballot: Vec<u8>,
    /// As the header has it.
    pub(super) token: Option<String>,
}

/// The ballot that a record is about to send.
pub(super) fn paper(voter: &Voter) -> Result<Paper> {
    let text = voter.write();
    let line = |name: &str| text.expose().lines().find_map(|line| line.strip_prefix(name)).map(str::to_owned);
    let ballot = line("ballot ").context("no ballot is on its way")?;
    let ballot = from_base64url(&ballot).ok().context("the record is damaged")?;
    Ok(Paper { ballot, token: line("pay ") })
}

/// The same record without the ballot that is on its way: its token is gone too.
pub(super) fn without_ballot(voter: &Voter) -> Result<Voter> {
    only(voter, |line| !line.starts_with("ballot ") && !line.starts_with("pay "))
}

/// A copy on another device, which will pay with another token.
pub(super) fn copy(voter: &Voter) -> Result<Voter> {
    let mut tokens = 0;
    let last = voter.tokens();
    only(voter, |line| {
        tokens += usize::from(line.starts_with("token "));
        !(line.starts_with("token ") && tokens == last)
    })
}

fn only(voter: &Voter, mut keeps: impl FnMut(&str) -> bool) -> Result<Voter> {
    let text = voter.write();
    let mut kept = String::with_capacity(text.expose().len());
    for line in text.expose().lines().filter(|line| keeps(line)) {
        kept.push_str(line);
        kept.push('\n');
    }
    Ok(Voter::read(&Secret::new(kept))?)
}
