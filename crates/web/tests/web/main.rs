//! The crate through its public boundary.

#[cfg(test)]
mod answers;
#[cfg(test)]
mod input;
#[cfg(test)]
mod limits;
#[cfg(test)]
mod markup;
#[cfg(test)]
mod reach;
