//! An election as events on a log of its own (`spec/voting.md`).
