//! How often one caller may ask.

use sinpyo_core::time::Timestamp;
use sinpyo_web::limit::{Budget, Limits, Rate};
use std::{net::IpAddr, time::Duration};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Use {
    Write,
    Read,
    /// Counts as twenty of reading.
    Prove,
}

#[derive(Clone, Copy)]
struct Settings {
    write: Rate,
    read: Rate,
    callers: usize,
}

impl Budget for Use {
    type Settings = Settings;

    fn cost(self, settings: &Settings) -> (Self, u32) {
        match self {
            Self::Write | Self::Read => (self, 1),
            Self::Prove => (Self::Read, 20.min(settings.read.burst)),
        }
    }

    fn rate(self, settings: &Settings) -> Rate {
        if self == Self::Write { settings.write } else { settings.read }
    }

    fn callers(settings: &Settings) -> usize {
        settings.callers
    }
}

fn limits(write: u32, read: Rate, callers: usize) -> Limits<Use> {
    Limits::new(Settings { write: Rate { burst: write, per_second: 1 }, read, callers })
}

fn small(callers: usize) -> Limits<Use> {
    limits(2, Rate { burst: 3, per_second: 1 }, callers)
}

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_unix(1_800_000_000 + seconds).unwrap()
}

fn ip(text: &str) -> IpAddr {
    text.parse().unwrap()
}

#[test]
fn a_caller_waits_once_its_burst_is_used_up() {
    let mut limits = small(8);
    let mut write = |address: &str, second| limits.admit(ip(address), Use::Write, at(second)).is_ok();
    assert_eq!(
        [0, 0, 0, 1, 1, 60, 60, 60].map(|second| write("192.0.2.1", second)),
        [true, true, false, true, false, true, true, false]
    );
    assert!(write("192.0.2.2", 60), "another address is another caller");
    assert!(write("::ffff:192.0.2.3", 60) && write("192.0.2.3", 60) && !write("192.0.2.3", 60));
}

#[test]
fn budgets_are_counted_apart() {
    let mut limits = small(8);
    for _ in 0..2 {
        limits.admit("client", Use::Write, at(0)).unwrap();
    }
    let refused = limits.admit("client", Use::Write, at(0)).unwrap_err();
    assert_eq!((refused.code(), refused.retry_after), ("HTTP-12", Duration::from_secs(1)));
    limits.admit("client", Use::Read, at(0)).unwrap();
}

#[test]
fn what_costs_more_counts_as_more() {
    let mut many = limits(2, Rate { burst: 45, per_second: 8 }, 8);
    let mut ask = |budget, second| many.admit(ip("192.0.2.1"), budget, at(second));
    assert!(ask(Use::Prove, 0).is_ok() && ask(Use::Prove, 0).is_ok());
    // 5 are left: 15 are missing, which come in 2 seconds.
    assert_eq!(ask(Use::Prove, 0).unwrap_err().retry_after, Duration::from_secs(2));
    assert!((0..5).all(|_| ask(Use::Read, 0).is_ok()) && ask(Use::Read, 0).is_err());
    assert!(ask(Use::Prove, 2).is_err() && ask(Use::Prove, 3).is_ok());
    // Where the whole budget is smaller, one proof takes all of it.
    let mut limits = small(8);
    assert!(limits.admit(ip("192.0.2.1"), Use::Prove, at(0)).is_ok());
    assert!(limits.admit(ip("192.0.2.1"), Use::Read, at(0)).is_err());
}

#[test]
fn an_ipv6_network_is_one_caller() {
    let mut limits = small(8);
    let mut write = |address: &str| limits.admit(ip(address), Use::Write, at(0)).is_ok();
    assert!(write("2001:db8::1") && write("2001:db8::2"));
    assert!(!write("2001:db8::ffff:3"), "the same /64");
    assert!(write("2001:db8:0:1::1"), "the next /64");
}

#[test]
fn memory_is_bounded_and_those_who_wait_are_not_forgotten_first() {
    let mut limits = small(3);
    let mut ask = |address: &str, budget, second| limits.admit(ip(address), budget, at(second)).is_ok();
    assert!(ask("192.0.2.1", Use::Write, 0) && ask("192.0.2.1", Use::Write, 0));
    assert!(ask("192.0.2.2", Use::Read, 0) && ask("192.0.2.3", Use::Read, 0));
    // With time the others' buckets fill up and make room; this one's has not.
    assert!(ask("192.0.2.4", Use::Read, 1));
    assert!(ask("192.0.2.1", Use::Write, 1) && !ask("192.0.2.1", Use::Write, 1));
    // Where none is full, all are forgotten.
    for last in 2..200_u8 {
        let _ = ask(&format!("198.51.100.{last}"), Use::Read, 1);
    }
    assert!(ask("192.0.2.1", Use::Write, 1));
}

#[test]
fn a_clock_that_goes_back_gives_nothing() {
    let mut limits = small(4);
    for _ in 0..2 {
        limits.admit(ip("192.0.2.1"), Use::Write, at(100)).unwrap();
    }
    assert!(limits.admit(ip("192.0.2.1"), Use::Write, at(0)).is_err());
    assert!(limits.admit(ip("192.0.2.1"), Use::Write, at(100)).is_err());
}
