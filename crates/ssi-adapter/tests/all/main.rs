//! Both sides in one binary: each that links `ssi` costs minutes.

#[cfg(test)]
mod exchange;
#[cfg(test)]
mod foreign;
#[cfg(test)]
mod keys;
#[cfg(test)]
mod lacks;
#[cfg(test)]
mod numbers;
#[cfg(test)]
mod resolving;
#[cfg(test)]
mod selective;
#[cfg(test)]
mod tally;
#[cfg(test)]
mod theirs;
#[cfg(test)]
mod world;
