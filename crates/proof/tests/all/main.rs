//! What the crate accepts and refuses, through its public interface.

#[cfg(test)]
mod fixture;

#[cfg(test)]
mod batch;
#[cfg(test)]
mod certified;
#[cfg(test)]
mod containers;
#[cfg(test)]
mod control;
#[cfg(test)]
mod data_integrity;
#[cfg(test)]
mod debug_output;
#[cfg(test)]
mod disclosure;
#[cfg(test)]
mod hybrid;
#[cfg(test)]
mod issuer_key;
#[cfg(test)]
mod jws;
#[cfg(test)]
mod mdoc;
#[cfg(test)]
mod sd_jwt;
#[cfg(test)]
mod sd_jwt_rules;
#[cfg(test)]
mod selection;
#[cfg(test)]
mod statements;
#[cfg(test)]
mod status;
#[cfg(test)]
mod type_metadata;
#[cfg(test)]
mod w3c;
#[cfg(test)]
mod wording;

#[cfg(test)]
mod hostile;
#[cfg(test)]
mod vectors;
