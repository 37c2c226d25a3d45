//! Compares outcomes with what a vector states.

use anyhow::{Result, bail};
use std::fmt::Debug;

/// `ours` is what the vector states.
pub(crate) fn same<T: PartialEq + Debug + ?Sized>(what: &str, ours: &T, theirs: &T) -> Result<()> {
    if ours == theirs {
        return Ok(());
    }
    bail!("{what}: expected {theirs:?}, got {ours:?}")
}

/// `ours` are the bytes that the vector states. Says where they part instead of printing both.
pub(crate) fn same_bytes(what: &str, ours: &[u8], theirs: &[u8]) -> Result<()> {
    if ours == theirs {
        return Ok(());
    }
    let position = ours.iter().zip(theirs).take_while(|(a, b)| a == b).count();
    bail!("{what}: expected {} bytes, got {}, different from byte {position} on", theirs.len(), ours.len())
}

/// `outcome` is a refusal.
pub(crate) fn refused<T, E>(what: &str, outcome: &Result<T, E>) -> Result<()> {
    match outcome {
        Ok(_) => bail!("{what} was accepted"),
        Err(_) => Ok(()),
    }
}

/// `rule`, if any, refused it, and it is the one that must, not another that happens to stand in the way.
pub(crate) fn refused_by(what: &str, expected: &str, rule: Option<&str>) -> Result<()> {
    match rule {
        None => bail!("{what} was accepted"),
        Some(rule) => same(&format!("rule that refuses {what}"), rule, expected),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_difference_is_an_error_that_says_where() {
        assert!(same("size", &1, &1).is_ok());
        assert_eq!(same("size", &1, &2).unwrap_err().to_string(), "size: expected 2, got 1");
        assert!(same_bytes("bytes", b"ab", b"ab").is_ok());
        assert_eq!(
            same_bytes("bytes", b"abx", b"ab").unwrap_err().to_string(),
            "bytes: expected 2 bytes, got 3, different from byte 2 on"
        );
    }

    #[test]
    fn an_acceptance_is_no_refusal() {
        assert!(refused("it", &Err::<(), _>(())).is_ok());
        assert_eq!(refused("it", &Ok::<_, ()>(())).unwrap_err().to_string(), "it was accepted");
        assert!(refused_by("it", "A-1", Some("A-1")).is_ok());
        assert!(refused_by("it", "A-1", Some("A-2")).is_err());
        assert!(refused_by("it", "A-1", None).is_err());
    }
}
