//! The sign of a credential, which anybody may have drawn.

use std::{fmt, sync::Arc};

/// What a PNG begins with [PNG §5.2], up to the name of its first chunk.
const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR";
/// Most pixels of a PNG in a row and in a column: few bytes can hold very many.
const MAX_PIXELS: u32 = 2048;

/// A picture that an issuer published: of a known kind and a bounded size, otherwise as it came.
///
/// An SVG can hold scripts and references. It is drawn only as an image, where browsers run and load nothing of it.
#[derive(Clone, PartialEq, Eq)]
pub struct Logo {
    kind: LogoKind,
    bytes: Arc<[u8]>,
}

/// The kinds of pictures [HAIP 1.0 §4].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogoKind {
    /// `image/png`
    Png,
    /// `image/svg+xml`
    Svg,
}

impl LogoKind {
    /// The kind that a media type names, whatever its parameters.
    pub fn of_media_type(text: &str) -> Option<Self> {
        let kind = text.split(';').next().unwrap_or_default().trim();
        let kinds = [("image/png", Self::Png), ("image/svg+xml", Self::Svg)];
        kinds.into_iter().find(|(name, _)| kind.eq_ignore_ascii_case(name)).map(|(_, kind)| kind)
    }
}

impl Logo {
    /// Longest picture that is kept, in bytes.
    pub const MAX_LENGTH: usize = 64 << 10;

    /// Takes a picture that is said to be of this kind. None if it does not begin like one, or is too large.
    pub fn new(kind: LogoKind, bytes: &[u8]) -> Option<Self> {
        let is_kind = match kind {
            LogoKind::Png => is_png(bytes),
            LogoKind::Svg => is_svg(bytes),
        };
        (bytes.len() <= Self::MAX_LENGTH && is_kind).then(|| Self { kind, bytes: bytes.into() }) // [VCI-MET-10b]
    }

    /// What it is.
    pub const fn kind(&self) -> LogoKind {
        self.kind
    }

    /// The picture.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }
}

impl fmt::Debug for Logo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Logo").field("kind", &self.kind).field("length", &self.bytes.len()).finish()
    }
}

/// The signature, and a size that can be drawn.
fn is_png(bytes: &[u8]) -> bool {
    let Some((width, rest)) = bytes.strip_prefix(PNG).and_then(<[u8]>::split_first_chunk) else {
        return false;
    };
    let Some((height, _)) = rest.split_first_chunk() else { return false };
    [width, height].into_iter().all(|side| (1..=MAX_PIXELS).contains(&u32::from_be_bytes(*side)))
}

/// XML that begins with `svg`, perhaps after a prologue. Entities of its own could multiply: no picture needs them.
fn is_svg(bytes: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(bytes) else { return false };
    let text = text.trim_start_matches('\u{feff}').trim_start();
    let has_prologue = ["<?xml", "<!--", "<!DOCTYPE svg"].iter().any(|start| text.starts_with(start));
    let root = if has_prologue { text.find("<svg").and_then(|at| text.get(at..)) } else { Some(text) };
    let after = root.and_then(|root| root.strip_prefix("<svg"));
    let is_root = after.is_some_and(|after| after.starts_with(|c: char| c.is_ascii_whitespace() || c == '>'));
    is_root && !text.contains("<!ENTITY")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The beginning of a PNG of this size [PNG §11.2.2].
    fn png(width: u32, height: u32) -> Vec<u8> {
        [PNG, &width.to_be_bytes(), &height.to_be_bytes(), &[8, 6, 0, 0, 0]].concat()
    }

    #[test]
    fn a_logo_is_what_its_first_bytes_say() {
        let svg = |text: &str| Logo::new(LogoKind::Svg, text.as_bytes()).is_some();
        assert!(Logo::new(LogoKind::Png, &png(40, 40)).is_some());
        assert!(svg("<svg xmlns=\"http://www.w3.org/2000/svg\"/>") && svg("\u{feff}\n<svg></svg>"));
        assert!(svg("<?xml version=\"1.0\"?><!-- drawn by hand --><svg></svg>"));
        for bytes in [&b""[..], b"\x89PNG\r\n\x1a\n", b"<svg></svg>", b"GIF89a", b"\xff\xd8\xff"] {
            assert!(Logo::new(LogoKind::Png, bytes).is_none(), "{bytes:?}");
        }
        for text in
            ["", "<html><svg></svg></html>", "<svgx></svgx>", "<?xml version=\"1.0\"?><html></html>", "svg"]
        {
            assert!(!svg(text), "{text}");
        }
        assert!(
            Logo::new(LogoKind::Svg, &png(40, 40)).is_none()
                && Logo::new(LogoKind::Svg, b"<svg>\xff").is_none()
        );
    }

    #[test]
    fn a_logo_that_costs_too_much_is_none() {
        let svg = |length: usize| format!("<svg>{}", " ".repeat(length - 5));
        assert!(Logo::new(LogoKind::Svg, svg(Logo::MAX_LENGTH).as_bytes()).is_some());
        assert!(Logo::new(LogoKind::Svg, svg(Logo::MAX_LENGTH + 1).as_bytes()).is_none());
        for (width, height) in [(0, 1), (1, 0), (u32::MAX, 1), (1, MAX_PIXELS + 1)] {
            assert!(Logo::new(LogoKind::Png, &png(width, height)).is_none(), "{width} {height}");
        }
        assert!(Logo::new(LogoKind::Png, &png(MAX_PIXELS, MAX_PIXELS)).is_some());
        let bomb = "<!DOCTYPE svg [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;\">]><svg>&b;</svg>";
        assert!(Logo::new(LogoKind::Svg, bomb.as_bytes()).is_none());
    }

    #[test]
    fn a_media_type_names_a_kind() {
        assert_eq!(LogoKind::of_media_type("Image/PNG"), Some(LogoKind::Png));
        assert_eq!(LogoKind::of_media_type("image/svg+xml; charset=utf-8"), Some(LogoKind::Svg));
        for other in ["", "image/jpeg", "text/html", "image/svg", "text/html;image/png"] {
            assert_eq!(LogoKind::of_media_type(other), None, "{other}");
        }
    }
}
