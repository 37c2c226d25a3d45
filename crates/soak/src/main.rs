//! Drives the served registry for minutes while it is killed, cut off and starved, and judges it afterwards.
//!
//! `sinpyo-soak ledger --minutes N --binary FILE [--engine sqlite|postgres] [--sabotage lose|double|fork] [--seed N]
//! [--clients N] [--dir DIR] [--json]`; `cargo xtask soak ledger` builds the binary and starts this program.
//!
//! The verdict comes from the clients' own journals alone: each client writes down, durably, what it sends before it
//! sends it and what is acknowledged to it, and every checkpoint that it sees. At the end the log is read through its
//! tiles. Nothing acknowledged may be missing from its place (*lost*) or stand in two (*doubled*), and no checkpoint
//! that anybody saw may contradict the last one (*split*). The server is never asked what it thinks that it did.
//!
//! `--sabotage` damages the log behind the server's back, with its own key: a harness that does not notice is broken.

mod arguments;
mod soak;

mod client;
mod journal;
mod web;

mod fault;
mod proxy;
mod server;
mod trace;

mod remote_log;
mod report;
mod sabotage;
mod verdict;

#[cfg(test)]
mod stand_in;

use arguments::Arguments;
use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments = match Arguments::parse(std::env::args().skip(1)) {
        Ok(arguments) => arguments,
        Err(error) => {
            eprintln!("error: {error:#}");
            return ExitCode::from(2);
        }
    };
    match soak::run(&arguments) {
        Ok(report) => {
            if arguments.json {
                println!("{}", report.to_json());
            } else {
                print!("{report}");
            }
            if report.passed() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
        }
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
