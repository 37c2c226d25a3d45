//! Resolution against other people's vectors, and what it refuses.

#[cfg(test)]
mod didwebvh_vectors;
#[cfg(test)]
mod didwebvh_writing;
#[cfg(test)]
mod hostile;
#[cfg(test)]
mod http;
#[cfg(test)]
mod keys;
#[cfg(test)]
mod latest;
#[cfg(test)]
mod tlog;
#[cfg(test)]
mod twin;
