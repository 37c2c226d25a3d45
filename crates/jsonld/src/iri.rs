//! IRIs: which texts are absolute, and resolution against a base [RFC 3987, RFC 3986 §5.2].

/// Longest language tag, in bytes: BCP 47 §4.4.1 asks for 35.
const MAX_LANGUAGE_TAG: usize = 64;

/// Whether `text` is an IRI with a scheme, in characters that RFC 3987 allows.
pub(crate) fn is_absolute(text: &str) -> bool {
    let Some(colon) = scheme_end(text) else { return false };
    let rest = text.get(colon + 1..).unwrap_or_default();
    // Brackets are for an IP literal in the authority and nothing else.
    let (authority, rest) = match rest.strip_prefix("//") {
        Some(rest) => rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len())),
        None => ("", rest),
    };
    is_authority(authority) && has_only_iri_characters(rest)
}

/// Whether a compact or absolute IRI can start like this: the place of the colon after a scheme.
fn scheme_end(text: &str) -> Option<usize> {
    let colon = text
        .bytes()
        .position(|byte| !(byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.')))?;
    let starts_right = text.bytes().next().is_some_and(|byte| byte.is_ascii_alphabetic());
    (starts_right && text.as_bytes().get(colon) == Some(&b':')).then_some(colon)
}

fn is_authority(text: &str) -> bool {
    match text.find('[') {
        None => has_only_iri_characters(text),
        Some(open) => {
            let (user, host) = text.split_at(open);
            let Some((literal, port)) = host.get(1..).and_then(|rest| rest.split_once(']')) else {
                return false;
            };
            let literal_fits =
                literal.bytes().all(|byte| byte.is_ascii_alphanumeric() || b":.-_~".contains(&byte));
            (user.is_empty() || user.ends_with('@'))
                && has_only_iri_characters(user)
                && literal_fits
                && (port.is_empty() || port.starts_with(':'))
                && has_only_iri_characters(port)
        }
    }
}

fn has_only_iri_characters(text: &str) -> bool {
    let mut fragment = false;
    let mut rest = text.as_bytes().iter();
    while let Some(&byte) = rest.next() {
        match byte {
            0..=b' ' | b'"' | b'<' | b'>' | b'[' | b'\\' | b']' | b'^' | b'`' | b'{' | b'|' | b'}' | 0x7f => {
                return false;
            }
            b'#' if fragment => return false,
            b'#' => fragment = true,
            b'%' => {
                let hex = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_hexdigit);
                if !(hex(rest.next()) && hex(rest.next())) {
                    return false;
                }
            }
            _ => {}
        }
    }
    text.is_ascii() || text.chars().all(|c| c.is_ascii() || is_ucs(c))
}

/// `ucschar` and, more generously than RFC 3987 has it, `iprivate` outside queries.
fn is_ucs(c: char) -> bool {
    let code = u32::from(c);
    code >= 0xa0
        && !(0xfdd0..=0xfdef).contains(&code)
        && !(0xfff0..=0xffff).contains(&code)
        && code & 0xfffe != 0xfffe
}

/// `reference` resolved against `base`, which is absolute.
pub(crate) fn resolve(base: &str, reference: &str) -> String {
    if is_absolute(reference) {
        return reference.to_owned();
    }
    let base = Parts::of(base);
    let target = Parts::of_relative(reference);
    let scheme = base.scheme;
    if target.authority.is_some() {
        return write(scheme, target.authority, &without_dots(target.path), target.query, target.fragment);
    }
    if target.path.is_empty() {
        let query = target.query.or(base.query);
        return write(scheme, base.authority, base.path, query, target.fragment);
    }
    let path = if target.path.starts_with('/') {
        without_dots(target.path)
    } else if base.authority.is_some() && base.path.is_empty() {
        without_dots(&format!("/{}", target.path))
    } else {
        let folder = base.path.rfind('/').and_then(|slash| base.path.get(..=slash)).unwrap_or_default();
        without_dots(&format!("{folder}{}", target.path))
    };
    write(scheme, base.authority, &path, target.query, target.fragment)
}

#[derive(Clone, Copy)]
struct Parts<'a> {
    scheme: &'a str,
    authority: Option<&'a str>,
    path: &'a str,
    query: Option<&'a str>,
    fragment: Option<&'a str>,
}

impl<'a> Parts<'a> {
    fn of(iri: &'a str) -> Self {
        let (scheme, rest) = iri.split_once(':').unwrap_or(("", iri));
        Self { scheme, ..Self::of_relative(rest) }
    }

    fn of_relative(text: &'a str) -> Self {
        let (text, fragment) = split(text, '#');
        let (text, query) = split(text, '?');
        let (authority, path) = match text.strip_prefix("//") {
            Some(rest) => {
                let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
                (Some(authority), path)
            }
            None => (None, text),
        };
        Self { scheme: "", authority, path, query, fragment }
    }
}

fn split(text: &str, at: char) -> (&str, Option<&str>) {
    text.split_once(at).map_or((text, None), |(before, after)| (before, Some(after)))
}

fn write(
    scheme: &str,
    authority: Option<&str>,
    path: &str,
    query: Option<&str>,
    fragment: Option<&str>,
) -> String {
    let mut iri = format!("{scheme}:");
    for (mark, part) in [("//", authority), ("", Some(path)), ("?", query), ("#", fragment)] {
        if let Some(part) = part {
            iri.push_str(mark);
            iri.push_str(part);
        }
    }
    iri
}

/// RFC 3986 §5.2.4.
fn without_dots(path: &str) -> String {
    let mut kept: Vec<&str> = Vec::new();
    let absolute = path.starts_with('/');
    let segments = path.split('/').skip(usize::from(absolute));
    let mut folder = false;
    for segment in segments {
        folder = matches!(segment, "." | "..");
        match segment {
            "." => {}
            ".." => drop(kept.pop()),
            _ => kept.push(segment),
        }
    }
    if folder {
        kept.push("");
    }
    format!("{}{}", if absolute { "/" } else { "" }, kept.join("/"))
}

/// Whether `tag` has the form of a language tag [BCP 47, as JSON-LD 1.1 API reads it].
pub(crate) fn is_language_tag(tag: &str) -> bool {
    if tag.len() > MAX_LANGUAGE_TAG {
        return false;
    }
    let fits =
        |part: &str| (1..=8).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphanumeric());
    tag.split('-').all(fits)
        && tag.split('-').next().is_some_and(|first| first.bytes().all(|b| b.is_ascii_alphabetic()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn absolute_iris() {
        for iri in
            ["did:x:a", "urn:uuid:1", "https://a.example/b?c#d", "http://[::1]:8/", "a:", "urn:é", "x:%20"]
        {
            assert!(is_absolute(iri), "{iri}");
        }
        for text in [
            "",
            "a",
            "/a",
            "1a:b",
            ":a",
            "http://a b",
            "x:<",
            "x:%2",
            "x:a#b#c",
            "x:[",
            "http://[::1",
            "_:b0",
            "x:\n",
            "http://x/{a}",
            "x:\u{80}",
        ] {
            assert!(!is_absolute(text), "{text}");
        }
    }

    /// RFC 3986 §5.4: the examples, normal and abnormal.
    #[test]
    fn references_resolve_as_rfc_3986_says() {
        let cases = [
            ("g:h", "g:h"),
            ("g", "http://a/b/c/g"),
            ("./g", "http://a/b/c/g"),
            ("g/", "http://a/b/c/g/"),
            ("/g", "http://a/g"),
            ("//g", "http://g"),
            ("?y", "http://a/b/c/d;p?y"),
            ("g?y", "http://a/b/c/g?y"),
            ("#s", "http://a/b/c/d;p?q#s"),
            ("g#s", "http://a/b/c/g#s"),
            ("g?y#s", "http://a/b/c/g?y#s"),
            (";x", "http://a/b/c/;x"),
            ("g;x", "http://a/b/c/g;x"),
            ("", "http://a/b/c/d;p?q"),
            (".", "http://a/b/c/"),
            ("./", "http://a/b/c/"),
            ("..", "http://a/b/"),
            ("../", "http://a/b/"),
            ("../g", "http://a/b/g"),
            ("../..", "http://a/"),
            ("../../", "http://a/"),
            ("../../g", "http://a/g"),
            ("../../../g", "http://a/g"),
            ("../../../../g", "http://a/g"),
            ("/./g", "http://a/g"),
            ("/../g", "http://a/g"),
            ("g.", "http://a/b/c/g."),
            ("..g", "http://a/b/c/..g"),
            ("./../g", "http://a/b/g"),
            ("./g/.", "http://a/b/c/g/"),
            ("g/./h", "http://a/b/c/g/h"),
            ("g/../h", "http://a/b/c/h"),
            ("g;x=1/../y", "http://a/b/c/y"),
            ("g?y/./x", "http://a/b/c/g?y/./x"),
            ("g#s/../x", "http://a/b/c/g#s/../x"),
        ];
        for (reference, expected) in cases {
            assert_eq!(resolve("http://a/b/c/d;p?q", reference), expected, "{reference}");
        }
        assert_eq!(resolve("http://a", "b"), "http://a/b");
    }

    #[test]
    fn language_tags() {
        for tag in ["en", "ko-KR", "x-private", "zh-Hant-TW"] {
            assert!(is_language_tag(tag), "{tag}");
        }
        for text in ["", "en_US", "1a", "en-", "verylonglanguage", "e n"] {
            assert!(!is_language_tag(text), "{text}");
        }
    }
}
