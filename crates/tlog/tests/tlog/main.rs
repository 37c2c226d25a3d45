//! The log's formats from outside.

#[cfg(test)]
mod checkpoint;
#[cfg(test)]
mod merkle;
