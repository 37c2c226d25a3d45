//! The program of this package is the example in the project's `README.md`.

#[test]
fn the_readme_shows_this_program() {
    let readme = include_str!("../../../README.md");
    let program = include_str!("../src/main.rs");
    assert!(readme.contains(&format!("```rust\n{program}```\n")), "README.md shows another program");
}
