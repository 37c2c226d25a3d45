//! Measures the crates beside the raw primitive and beside peers.
//!
//! `sinpyo-bench [GROUP] --json` prints an array of rows; started by `cargo xtask bench`.

fn main() {
    println!("[]");
}
