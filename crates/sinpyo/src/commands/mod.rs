//! The commands, one file per noun.

pub(crate) mod accredit;
pub(crate) mod conformance;
pub(crate) mod credential;
pub(crate) mod did;
pub(crate) mod ledger;
pub(crate) mod person;
pub(crate) mod present;
pub(crate) mod serve;
pub(crate) mod service;
pub(crate) mod status;
pub(crate) mod twin;
pub(crate) mod vcapi;
pub(crate) mod verify;
pub(crate) mod vote;
pub(crate) mod wallet;

use crate::{
    asking::Refusal,
    cli::{Cli, Command},
    demo,
    home::{Elsewhere, Home},
    os::{SharedClock, SystemClock},
    say::Voice,
};
use anyhow::Result;
use did::DidCommand;
use serde_json::json;
use std::time::Duration;

/// How a command ended, if it could be carried out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Done {
    /// Everything was in order.
    Accepted,
    /// A rule refused something.
    Refused,
    /// A log behaves as no log may.
    Alarm,
}

/// Carries out one command.
pub(crate) fn run(cli: Cli) -> Result<Done> {
    let voice = Voice::new(&cli.global);
    let planned = match &cli.command {
        Command::Did(DidCommand::Create { for_log, .. }) => for_log.clone(),
        _ => None,
    };
    let elsewhere = Elsewhere {
        registry: cli.global.registry.as_deref(),
        policy: cli.global.policy.as_deref(),
        planned: planned.as_deref(),
        max_age: oldest(&cli),
    };
    let oldest = elsewhere.max_age;
    let open = || Home::open_with(&cli.global.home, SharedClock::new(SystemClock), elsewhere, voice);
    match cli.command {
        Command::Demo(options) => demo::run(&options, voice),
        Command::Did(command) => did::run(&open()?, command, voice),
        Command::Accredit(command) => accredit::run(&open()?, command, voice),
        Command::Credential(command) => credential::run(open, command, voice),
        Command::Wallet(command) => wallet::run(open, &cli.global, command, voice),
        Command::Request(request) => present::request(&open()?, &request, voice),
        Command::Present(options) => present::present(&open()?, &options, voice),
        Command::Verify(options) if options.stream => verify::stream(&open()?, &options, oldest),
        Command::Verify(options) => verify::run(open, (&options, cli.global.policy.as_deref()), voice),
        Command::Ledger(command) => ledger::run(open, &cli.global, command, voice),
        Command::Person(command) => person::run(open, &cli.global, command, voice),
        Command::Status(command) => status::run(&open()?, command, voice),
        Command::Vote(command) => vote::run(command, voice),
        Command::Serve(command) => serve::run(&cli.global, command),
        Command::Vcapi(command) => vcapi::run(command, voice),
        Command::Service(command) => service::run(open, command, voice),
        Command::Conformance(command) => conformance::run(&command),
    }
}

/// How old the word of a registry elsewhere may be. A command that keeps it for a while gets one half of the time for that,
/// and the registry the other.
fn oldest(cli: &Cli) -> Duration {
    let freshness = Duration::from_secs(cli.global.freshness);
    match &cli.command {
        Command::Verify(options) if options.stream => freshness / 2,
        _ => freshness,
    }
}

/// Reports a refusal: the rule to everybody, the reason to people.
fn refuse(voice: Voice, refusal: &Refusal) -> Done {
    let refused = voice.pick("거부", "refused");
    let (message, people) = if let Some([ko, en]) = &refusal.told {
        let told = voice.pick(ko, en);
        (told.to_owned(), format!("{refused}: {told}\n  ({})", refusal.code))
    } else {
        let rule = voice.rule(refusal.code);
        (rule.clone(), format!("{refused} {rule}\n  ({})", refusal.reason))
    };
    voice.report(&json!({"ok": false, "code": refusal.code, "message": message}), &people);
    Done::Refused
}
