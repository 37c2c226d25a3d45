//! `anchor-evm`: anchors a log in a contract, and checks anchors.

mod arguments;
mod commands;
mod report;

use arguments::{Arguments, Command};
use clap::Parser as _;
use report::Say;
use std::process::ExitCode;

/// What a script may rely on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outcome {
    Fine,
    /// The chain is too far behind.
    Overdue,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let say = Say::new(arguments.json);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let outcome = runtime.map_err(anyhow::Error::new).and_then(|runtime| {
        runtime.block_on(async {
            match &arguments.command {
                Command::Run(options) => commands::run(options, say).await,
                Command::Status(options) => commands::status(options, say).await,
                Command::Verify(options) => commands::verify(options, say).await,
                Command::Deploy(options) => commands::deploy(options, say).await,
                Command::Offer(options) => commands::offer(options, say).await,
                Command::Accept(options) => commands::accept(options, say).await,
            }
        })
    });
    match outcome {
        Ok(Outcome::Fine) => ExitCode::SUCCESS,
        Ok(Outcome::Overdue) => ExitCode::from(3),
        Err(error) => {
            let rule = report::rule_of(&error);
            say.failure(&error, rule);
            ExitCode::from(if rule.is_some() { 4 } else { 1 })
        }
    }
}
