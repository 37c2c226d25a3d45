//! The issuer's endpoints, and the wallet against them, through their public boundary.

#[cfg(test)]
mod certified;
#[cfg(test)]
mod coverage;
#[cfg(test)]
mod flow;
#[cfg(test)]
mod issuance;
#[cfg(test)]
mod offers;
#[cfg(test)]
mod proofs;
#[cfg(test)]
mod published;
#[cfg(test)]
mod standing;
#[cfg(test)]
mod vectors;
#[cfg(test)]
mod world;
