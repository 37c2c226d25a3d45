//! `application/x-www-form-urlencoded`, the encoding of links and of posted responses.

use std::collections::BTreeMap;

/// Our limit: members of a form.
const MAX_MEMBERS: usize = 64;

/// Reads the query of a link, or the body of a post: each name once, in UTF-8.
pub(crate) fn parse(text: &str) -> Result<BTreeMap<String, String>, FormError> {
    let mut members = BTreeMap::new();
    for pair in text.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let before = members.insert(decoded(name)?, decoded(value)?);
        if before.is_some() || members.len() > MAX_MEMBERS {
            return Err(FormError);
        }
    }
    Ok(members)
}

/// Writes `members` in their order.
pub(crate) fn write(members: &[(&str, &str)]) -> String {
    let mut text = String::new();
    for (name, value) in members {
        if !text.is_empty() {
            text.push('&');
        }
        encode(name, &mut text);
        text.push('=');
        encode(value, &mut text);
    }
    text
}

fn decoded(text: &str) -> Result<String, FormError> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => {
                let mut digit = || rest.next().and_then(|digit| char::from(digit).to_digit(16));
                let value = digit().zip(digit()).map(|(high, low)| high * 16 + low).ok_or(FormError)?;
                u8::try_from(value).map_err(|_| FormError)?
            }
            byte => byte,
        });
    }
    String::from_utf8(bytes).map_err(|_| FormError)
}

fn encode(text: &str, out: &mut String) {
    const DIGITS: [char; 16] =
        ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'A', 'B', 'C', 'D', 'E', 'F'];
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push('%');
            out.extend([byte >> 4, byte & 15].iter().filter_map(|half| DIGITS.get(usize::from(*half))));
        }
    }
}

/// Not a form: a broken escape, no UTF-8, a name twice, or too many names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a form, or a member occurs twice")]
pub(crate) struct FormError;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_what_it_reads() {
        let members = [("state", "a b&c=d%+"), ("이름", "신표 ✓"), ("empty", "")];
        let read = parse(&write(&members)).unwrap();
        assert_eq!(read.len(), 3);
        assert!(members.iter().all(|(name, value)| read[*name] == *value));
        assert_eq!(write(&[("a", "x y/~")]), "a=x%20y%2F~");
        assert_eq!(parse("a=x+y&b").unwrap()["a"], "x y");
    }

    #[test]
    fn broken_forms_are_refused() {
        let many = (0..=MAX_MEMBERS).map(|n| format!("m{n}=")).collect::<Vec<_>>().join("&");
        for text in ["a=1&a=1", "a=1&%61=2", "a=%", "a=%4", "a=%zz", "a=%ff", &many] {
            assert_eq!(parse(text), Err(FormError), "{text}");
        }
    }
}
