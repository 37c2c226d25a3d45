//! The servers.

pub(crate) mod edge;
pub(crate) mod folder;
pub(crate) mod keep;
pub(crate) mod registry;
pub(crate) mod tls;
pub(crate) mod vcapi;
pub(crate) mod witness;
