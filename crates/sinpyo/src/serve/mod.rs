//! The servers.

pub(crate) mod edge;
pub(crate) mod tls;
