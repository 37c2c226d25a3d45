//! The anchorer and the contract on a real node.

#[cfg(test)]
mod node;
#[cfg(test)]
mod proxy;
#[cfg(test)]
mod world;

#[cfg(test)]
mod anchoring;
#[cfg(test)]
mod contract;
#[cfg(test)]
mod evidence;
#[cfg(test)]
mod faults;
#[cfg(test)]
mod liars;
#[cfg(test)]
mod operator;
#[cfg(test)]
mod program;
#[cfg(test)]
mod web;
