//! Code that must not compile: each file of `misuse` is one mistake, named for the compiler's error.

#[test]
fn misuse_does_not_compile() {
    trybuild::TestCases::new().compile_fail("tests/misuse/*.rs");
}
