//! The registry from outside.

#[cfg(test)]
mod accreditation;
#[cfg(test)]
mod did_tlog;
#[cfg(test)]
mod engine;
#[cfg(test)]
mod heads;
#[cfg(test)]
mod keys;
#[cfg(test)]
mod ledger;
#[cfg(test)]
mod lies;
#[cfg(test)]
mod person;
#[cfg(test)]
mod recovery;
#[cfg(test)]
mod replay;
#[cfg(test)]
mod strangers;
#[cfg(test)]
mod theft;
#[cfg(test)]
mod weight;
#[cfg(test)]
mod world;
