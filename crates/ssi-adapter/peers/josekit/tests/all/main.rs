//! Keys and tokens across the border, in a binary in which josekit has turned on `preserve_order` of `serde_json`.

#[cfg(test)]
mod exchange;

#[cfg(test)]
#[path = "../../../../tests/all/tally.rs"]
mod tally;
