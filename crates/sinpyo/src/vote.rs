//! Elections at the command line: the public record, the trustee's program, the office's client, a voter's file.

pub(crate) mod identity;
pub(crate) mod machine;
pub(crate) mod office;
pub(crate) mod place;
pub(crate) mod rehearsal;
pub(crate) mod simulation;
pub(crate) mod trustee;
pub(crate) mod voter;
pub(crate) mod wire;
