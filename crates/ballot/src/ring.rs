//! Beacon, shuffle, rings, pads (§7).
