//! `sinpyo vote …`

pub(crate) mod audit;
pub(crate) mod host;
pub(crate) mod roll;
pub(crate) mod simulate;
pub(crate) mod tally;
pub(crate) mod trustee;
pub(crate) mod voter;

use super::Done;
use crate::say::Voice;
use anyhow::Result;
use clap::Subcommand;

/// Elections.
#[derive(Debug, Subcommand)]
pub(crate) enum VoteCommand {
    /// Begin, call and open elections, withdraw candidates, show where an election stands.
    #[command(subcommand)]
    Election(host::ElectionCommand),
    /// Go on in the key ceremony, or end it.
    Ceremony(host::Ceremony),
    /// Keep the roll: take lines, make codes, strike, freeze.
    #[command(subcommand)]
    Roll(roll::RollCommand),
    /// A trustee's own program: makes the keys with the others, shows its beacon value, opens the sums.
    Trustee(trustee::Options),
    /// Register, vote, and prove that the ballot is in the box.
    Cast(voter::Cast),
    /// Check, on a second device, what a ballot says that was not cast.
    Check(voter::Check),
    /// Close the ballot box, once its time is over.
    #[command(
        after_help = "Example:\n  sinpyo vote close 0123… --at https://vote.example.kr --token-file voting/manage.token"
    )]
    Close(host::Which),
    /// Announce the result; or open the sums of a record beside the service.
    Tally(tally::Options),
    /// Check an election by its public record alone: V1 to V14.
    Audit(audit::Options),
    /// Hold a whole election on this machine, and compare its result with what was meant.
    Simulate(simulate::Options),
}

pub(crate) fn run(command: VoteCommand, voice: Voice) -> Result<Done> {
    match command {
        VoteCommand::Election(command) => host::election(command, voice),
        VoteCommand::Ceremony(options) => host::ceremony(&options, voice),
        VoteCommand::Roll(command) => roll::run(command, voice),
        VoteCommand::Trustee(options) => trustee::run(&options, voice),
        VoteCommand::Cast(options) => voter::cast(&options, voice),
        VoteCommand::Check(options) => voter::check(&options, voice),
        VoteCommand::Close(which) => host::close(&which, voice),
        VoteCommand::Tally(options) => tally::run(&options, voice),
        VoteCommand::Audit(options) => audit::run(&options, voice),
        VoteCommand::Simulate(options) => simulate::run(&options, voice),
    }
}
