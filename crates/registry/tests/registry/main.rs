//! The registry from outside.

#[cfg(test)]
mod accreditation;
#[cfg(test)]
mod did_tlog;
#[cfg(test)]
mod engine;
#[cfg(test)]
mod ledger;
#[cfg(test)]
mod strangers;
#[cfg(test)]
mod world;
