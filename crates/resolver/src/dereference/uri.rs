//! Relative references, where the base is an https or http URL and the reference stays on its server [RFC 3986 §5.2].

/// What `reference` names relative to `base`; `None` if it is not a path and query only, or the base is no web URL.
pub(super) fn resolve(base: &str, reference: &str) -> Option<String> {
    let (scheme, rest) = base.split_once("://")?;
    if !is_web(scheme) || !is_uri(base) || !reference.bytes().all(|byte| is_uri_byte(byte) && byte != b'#') {
        return None;
    }
    let (path, query) = split_query(reference);
    let first_segment = path.split('/').next().unwrap_or_default();
    if path.starts_with("//") || first_segment.contains(':') {
        return None;
    }
    let without_fragment = rest.split('#').next().unwrap_or_default();
    let (hierarchy, base_query) = split_query(without_fragment);
    let (authority, base_path) = hierarchy.find('/').map_or((hierarchy, ""), |at| hierarchy.split_at(at));
    let (path, query) = if path.is_empty() {
        (base_path.to_owned(), query.or(base_query))
    } else if path.starts_with('/') {
        (without_dots(path), query)
    } else {
        let folder = base_path.rsplit_once('/').map_or("", |(folder, _)| folder);
        (without_dots(&format!("{folder}/{path}")), query)
    };
    let query = query.map_or(String::new(), |query| format!("?{query}"));
    Some(format!("{scheme}://{authority}{path}{query}"))
}

fn split_query(text: &str) -> (&str, Option<&str>) {
    text.split_once('?').map_or((text, None), |(before, query)| (before, Some(query)))
}

/// RFC 3986 §5.2.4, of a path that begins with `/`.
fn without_dots(path: &str) -> String {
    let mut kept: Vec<&str> = Vec::new();
    let segments: Vec<&str> = path.split('/').skip(1).collect();
    for segment in &segments {
        match *segment {
            "." => {}
            ".." => drop(kept.pop()),
            other => kept.push(other),
        }
    }
    let to_a_folder = matches!(segments.last(), Some(&("." | "..")));
    let end = if to_a_folder && !kept.is_empty() { "/" } else { "" };
    format!("/{}{end}", kept.join("/"))
}

/// A path without dot segments, encoded ones included.
pub(super) fn is_plain_path(path: &str) -> bool {
    let plain = |segment: &str| {
        let segment = segment.to_ascii_lowercase().replace("%2e", ".");
        segment != "." && segment != ".." && !segment.contains("%2f") && !segment.contains("%5c")
    };
    path.starts_with('/') && !path.starts_with("//") && path.split('/').all(plain)
}

/// Whether `text` is a URL that can be handed to others: of the web or a DID, without anything that a header or a page
/// would read as more than a URL.
pub(super) fn is_uri(text: &str) -> bool {
    let scheme = text.split(':').next().unwrap_or_default();
    let known = (is_web(scheme) && text.contains("://")) || scheme == "did";
    known && text.bytes().all(is_uri_byte)
}

pub(super) fn is_https(text: &str) -> bool {
    text.starts_with("https://") && is_uri(text)
}

fn is_web(scheme: &str) -> bool {
    scheme == "https" || scheme == "http"
}

const fn is_uri_byte(byte: u8) -> bool {
    byte.is_ascii_graphic() && !matches!(byte, b'"' | b'<' | b'>' | b'\\' | b'^' | b'`' | b'{' | b'|' | b'}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_resolve_as_rfc_3986_says() {
        // RFC 3986 §5.4, with the base's scheme made https and those left out that leave the server.
        let base = "https://a/b/c/d;p?q";
        for (reference, url) in [
            ("g", "https://a/b/c/g"),
            ("./g", "https://a/b/c/g"),
            ("g/", "https://a/b/c/g/"),
            ("/g", "https://a/g"),
            ("?y", "https://a/b/c/d;p?y"),
            ("g?y", "https://a/b/c/g?y"),
            (";x", "https://a/b/c/;x"),
            ("g;x?y", "https://a/b/c/g;x?y"),
            ("", "https://a/b/c/d;p?q"),
            (".", "https://a/b/c/"),
            ("./", "https://a/b/c/"),
            ("..", "https://a/b/"),
            ("../", "https://a/b/"),
            ("../g", "https://a/b/g"),
            ("../..", "https://a/"),
            ("../../g", "https://a/g"),
            ("../../../g", "https://a/g"),
            ("/./g", "https://a/g"),
            ("/../g", "https://a/g"),
            ("g.", "https://a/b/c/g."),
            ("..g", "https://a/b/c/..g"),
            ("./../g", "https://a/b/g"),
            ("./g/.", "https://a/b/c/g/"),
            ("g/../h", "https://a/b/c/h"),
            ("g?y/../x", "https://a/b/c/g?y/../x"),
        ] {
            assert_eq!(resolve(base, reference).as_deref(), Some(url), "{reference}");
        }
        for reference in ["//g", "g:h", "https:g", "#s", "g#s", "a b", "a\u{0}", "김"] {
            assert_eq!(resolve(base, reference), None, "{reference}");
        }
        assert_eq!(resolve("https://a", "g").as_deref(), Some("https://a/g"));
        assert_eq!(resolve("ftp://a/", "g"), None);
    }

    #[test]
    fn a_plain_path_has_no_dots_however_spelt() {
        assert!(is_plain_path("/a/b.c/..d"));
        for path in ["", "a", "//a", "/..", "/a/../b", "/%2e%2E/b", "/.%2e", "/a%2Fb", "/a%5cb"] {
            assert!(!is_plain_path(path), "{path}");
        }
    }
}
