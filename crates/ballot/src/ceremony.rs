//! The key ceremony of the trustees (§5).
