//! The issuer through its public boundary.

#[cfg(test)]
mod certified;
#[cfg(test)]
mod described;
#[cfg(test)]
mod hostile;
#[cfg(test)]
mod issuing;
#[cfg(test)]
mod status_lists;
#[cfg(test)]
mod world;
