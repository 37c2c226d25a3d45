//! `sinpyo-load openid --binary FILE …`; `cargo xtask load openid` builds the binary and starts this program.

mod arguments;

use anyhow::Result;
use arguments::{Arguments, Drive};
use sinpyo_load::{
    kill, load, node, races,
    town::{Engine, Town},
};
use std::{process::ExitCode, thread};

/// Last lines of the servers that are shown.
const LINES: usize = 20;

fn main() -> ExitCode {
    let arguments = match Arguments::parse(std::env::args().skip(1)) {
        Ok(arguments) => arguments,
        Err(error) => {
            eprintln!("error: {error:#}");
            return ExitCode::from(2);
        }
    };
    match run(&arguments) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &Arguments) -> Result<bool> {
    let Arguments { drive, engine, binary, json } = arguments;
    let (table, report, passed) = match *drive {
        Drive::Load { wallets, length, rate } => {
            let town = Town::found(binary, engine, 1)?;
            // Servers on one processor, wallets on the others: neither takes time from the other.
            if thread::available_parallelism().is_ok_and(|processors| processors.get() > 1) {
                town.pin(0)?;
                node::pin(std::process::id(), 1)?;
            }
            let report = load::run(&town, engine, (wallets, length, rate))?;
            (report.to_string(), report.to_json(), told(&town, report.passed()))
        }
        Drive::Races(rounds) => {
            // A file is one process's.
            let nodes = if *engine == Engine::Sqlite { 1 } else { 2 };
            let town = Town::found(binary, engine, nodes)?;
            let report = races::run(&town, rounds)?;
            (report.to_string(), report.to_json(), told(&town, report.passed()))
        }
        Drive::Kill(flows) => {
            let town = Town::found(binary, engine, 1)?;
            let report = kill::run(&town, engine.name(), flows)?;
            (report.to_string(), report.to_json(), told(&town, report.passed()))
        }
    };
    if *json {
        println!("{report}");
    } else {
        print!("{table}");
    }
    Ok(passed)
}

/// What the servers said last, if that may tell why something failed.
fn told(town: &Town, passed: bool) -> bool {
    if !passed {
        let words = town.words();
        let lines: Vec<&str> = words.lines().rev().take(LINES).collect();
        lines.iter().rev().for_each(|line| eprintln!("server: {line}"));
    }
    passed
}
