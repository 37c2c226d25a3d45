//! The log's formats from outside.

#[cfg(test)]
mod checkpoint;
#[cfg(test)]
mod cosignature;
#[cfg(test)]
mod equivocation;
#[cfg(test)]
mod merkle;
#[cfg(test)]
mod policy;
#[cfg(test)]
mod proof;
#[cfg(test)]
mod tile;
#[cfg(test)]
mod witness;
#[cfg(test)]
mod world;
