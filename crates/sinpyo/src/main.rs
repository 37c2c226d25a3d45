//! The command line and the servers of the one decentralized identity.

mod admitted;
mod asking;
mod case;
mod cli;
mod commands;
mod demo;
mod evidence;
mod facts;
mod files;
mod holder;
mod home;
mod http;
mod import;
mod issuing;
mod log_keys;
mod monitor;
mod office;
mod online;
mod os;
mod persons;
mod pocket;
mod published;
mod registry;
mod remote;
mod rules;
mod say;
mod serve;
mod service;
mod twin;
mod vault;
mod vote;
mod web;

use clap::Parser;
use commands::Done;
use std::process::ExitCode;

/// 0: accepted; 1: refused by a rule; 2: the command could not be carried out;
/// 3: a monitor raised an alarm.
fn main() -> ExitCode {
    let cli = cli::Cli::parse();
    match commands::run(cli) {
        Ok(Done::Accepted) => ExitCode::SUCCESS,
        Ok(Done::Refused) => ExitCode::from(1),
        Ok(Done::Alarm) => ExitCode::from(3),
        Err(error) => {
            eprintln!("sinpyo: {error:#}");
            ExitCode::from(2)
        }
    }
}
