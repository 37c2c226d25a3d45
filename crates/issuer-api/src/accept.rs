//! Which of two forms of one thing a reader wants [RFC 9110 §12.5.1].

use http::{HeaderMap, header};
use std::cmp::Reverse;

/// Whether a reader with these headers would rather have `other` than `usual`: by its weight; of equals by what it names
/// more exactly, then by what it names first.
pub(crate) fn prefers(headers: &HeaderMap, other: &str, usual: &str) -> bool {
    let lines = headers.get_all(header::ACCEPT).iter().filter_map(|line| line.to_str().ok());
    let ranges: Vec<&str> = lines.flat_map(|line| line.split(',')).collect();
    let liking = |media: &str| {
        let matching = ranges.iter().enumerate().filter_map(|(at, range)| {
            let mut parts = range.split(';').map(str::trim);
            let exactness = exactness(parts.next()?, media)?;
            let weight = parts.find_map(|part| part.strip_prefix("q=").or_else(|| part.strip_prefix("Q=")));
            Some((exactness, Reverse(at), weight.map_or(Some(WHOLE), thousandths)?))
        });
        // What is said of a media type by name goes before what is said of all.
        matching
            .max_by_key(|(exactness, at, _)| (*exactness, *at))
            .map(|(exactness, at, weight)| (weight, exactness, at))
    };
    liking(other).is_some_and(|one| one.0 > 0 && Some(one) > liking(usual)) // [ISV-24]
}

const WHOLE: u16 = 1000;

fn exactness(range: &str, media: &str) -> Option<u8> {
    let family = media.split('/').next().unwrap_or_default();
    match range.split_once('/')? {
        ("*", "*") => Some(0),
        (own, "*") if own.eq_ignore_ascii_case(family) => Some(1),
        _ if range.eq_ignore_ascii_case(media) => Some(2),
        _ => None,
    }
}

/// A weight with at most three decimals; none if it is none.
fn thousandths(text: &str) -> Option<u16> {
    let (whole, decimals) = text.split_once('.').unwrap_or((text, ""));
    if decimals.len() > 3 || !decimals.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let decimals: u16 = format!("{decimals:0<3}").parse().ok()?;
    match whole {
        "0" => Some(decimals),
        "1" if decimals == 0 => Some(WHOLE),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::prefers;
    use http::HeaderMap;

    fn cwt(lines: &[&str]) -> bool {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append("accept", line.parse().unwrap());
        }
        prefers(&headers, "application/statuslist+cwt", "application/statuslist+jwt")
    }

    #[test]
    fn weight_then_exactness_then_order_decide() {
        let (jwt, other) = ("application/statuslist+jwt", "application/statuslist+cwt");
        assert!(cwt(&[other]));
        assert!(cwt(&[&format!("{other}, */*")]) && cwt(&[&format!("*/*, {other}")]));
        assert!(cwt(&[&format!("{other}, {jwt}")]) && cwt(&[other, jwt]));
        assert!(cwt(&[&format!("{jwt};q=0.5, {other};q=0.501")]));
        assert!(cwt(&[&format!("{jwt};q=0, */*")]));
        assert!(cwt(&["Application/StatusList+CWT ; Q=0.1"]));
        assert!(!cwt(&[&format!("{jwt}, {other}")]) && !cwt(&[jwt, other]));
        assert!(!cwt(&[&format!("{jwt}, {other};q=0.9")]));
        assert!(!cwt(&[&format!("{other};q=0")]) && !cwt(&[&format!("{other};q=0, */*")]));
        for none in ["*/*", "application/*", "text/html", "", ",;/", "application/statuslist+cwtx"] {
            assert!(!cwt(&[none]), "{none}");
        }
        for broken in ["2", "1.001", "-1", "0.0001", "x", ""] {
            assert!(!cwt(&[&format!("{other};q={broken}")]), "{broken}");
        }
        assert!(!cwt(&[]));
    }
}
