//! Certificate chains to configured roots.
