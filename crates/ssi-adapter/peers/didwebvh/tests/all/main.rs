//! Histories of did:webvh: theirs verified by us, ours by them, each with a tampered twin that both refuse.

#[cfg(test)]
mod exchange;
#[cfg(test)]
mod ours;
#[cfg(test)]
mod theirs;

#[cfg(test)]
#[path = "../../../../tests/all/tally.rs"]
mod tally;
