//! `multibase`: the tables of the multibase specification. A case is a row: a base, a text, and the bytes of its table.
//!
//! Identity specifications use two bases and name the one that each place requires [CID 1.0 §2.4]. A row of these two
//! is decoded and encoded. A row of another base is one that its own decoder reads (the `multibase` crate, which `core`
//! uses for base58btc) and that is refused wherever one of the two is required.

use crate::{expect, given, report::Report};
use anyhow::{Context, Result, ensure};
use sinpyo_core::encoding::{Base, from_multibase, to_multibase};
use std::path::Path;

const OURS: [(&str, Base); 2] = [("base58btc", Base::Base58Btc), ("base64url", Base::Base64Url)];

pub(crate) fn run(folder: &Path) -> Result<Report> {
    let registry = given::text(&folder.join("multibase.csv"))?;
    let tables = given::entries(&folder.join("tests"))?
        .iter()
        .map(|path| given::text(path))
        .collect::<Result<Vec<_>>>()?;
    // Each table has a line of headings.
    let mut report = Report::new(tables.iter().map(|table| table.lines().count() - 1).sum());
    for table in &tables {
        let (headings, rows) = table.split_once('\n').context("a table has headings")?;
        let (_, bytes) = cells(headings)?;
        let bytes = unescape(bytes)?;
        for row in rows.lines() {
            report.record(row, check(&registry, row, &bytes));
        }
    }
    Ok(report)
}

fn check(registry: &str, row: &str, bytes: &[u8]) -> Result<()> {
    let (name, text) = cells(row)?;
    let prefix = registered_prefix(registry, name)?;
    ensure!(text.starts_with(prefix), "{name} is registered as {prefix}");
    match OURS.iter().find(|(ours, _)| *ours == name) {
        Some((_, base)) => {
            expect::same_bytes("decoded", &from_multibase(*base, text)?, bytes)?;
            expect::same("encoded", to_multibase(*base, bytes).as_str(), text)?;
        }
        None => expect::same_bytes("decoded by the crate", &multibase::decode(text)?.1, bytes)?,
    }
    for (other, base) in OURS.iter().filter(|(other, _)| *other != name) {
        expect::refused(&format!("{name} where {other} is required"), &from_multibase(*base, text))?;
    }
    Ok(())
}

/// `name, "text"`.
fn cells(row: &str) -> Result<(&str, &str)> {
    let (name, text) = row.split_once(',').context("a row has two cells")?;
    let text = text.trim().strip_prefix('"').and_then(|text| text.strip_suffix('"'));
    Ok((name.trim(), text.context("the second cell stands in quotation marks")?))
}

/// The bytes of a heading, in which `\x00` stands for a zero byte.
fn unescape(text: &str) -> Result<Vec<u8>> {
    let mut parts = text.split("\\x");
    let mut bytes = parts.next().unwrap_or_default().as_bytes().to_vec();
    for part in parts {
        let (digits, rest) = part.split_at_checked(2).context("an escape has two digits")?;
        bytes.extend(given::hex(digits)?);
        bytes.extend_from_slice(rest.as_bytes());
    }
    Ok(bytes)
}

/// The character that the registry gives the base `name`.
fn registered_prefix<'a>(registry: &'a str, name: &str) -> Result<&'a str> {
    registry
        .lines()
        .map(|line| line.split(',').map(str::trim).collect::<Vec<_>>())
        .find_map(|cells| match cells.as_slice() {
            [_, prefix, base, ..] if *base == name => Some(*prefix),
            _ => None,
        })
        .with_context(|| format!("{name} is not registered"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const REGISTRY: &str =
        "U+007a, z, base58btc, x, final\nU+0075, u, base64url, x, final\nU+0066, f, base16, x, final";

    fn passes(row: &str, heading: &str) -> bool {
        check(REGISTRY, row, &unescape(heading).unwrap()).is_ok()
    }

    #[test]
    fn a_row_passes_with_its_own_bytes_only() {
        assert!(passes("base64url, \"uAHllcyBtYW5pICE\"", r"\x00yes mani !"));
        assert!(passes("base16, \"f00\"", r"\x00"));
        assert!(!passes("base64url, \"uAHllcyBtYW5pICE\"", "yes mani !"));
        assert!(!passes("base58btc, \"z11\"", r"\x00"));
        assert!(!passes("base16, \"f01\"", r"\x00"));
        assert!(!passes("base58btc, \"f00\"", r"\x00"));
        assert!(!passes("base9, \"900\"", r"\x00"));
    }

    #[test]
    fn a_base_under_a_foreign_name_fails() {
        // The row says base16, the text is base58btc: it is not refused where base58btc is required.
        let registry = REGISTRY.replace("f, base16", "z, base16");
        assert!(check(&registry, "base16, \"z1\"", &[0]).is_err());
    }
}
