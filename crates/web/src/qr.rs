//! QR codes [ISO/IEC 18004], as vector graphics in the page.

use crate::html::{Attr, Html, Tag, el};
use qrcode::{Color, EcLevel, QrCode};
use std::fmt::Write as _;

/// The light frame that readers need, in modules.
const QUIET: usize = 4;

/// What was to be shown is too long for any QR code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("too long for a QR code")]
pub struct QrError;

/// A QR code of `text`, which people are told is `label`. Dark on light in every colour scheme.
///
/// # Errors
/// `text` is too long: beyond about 2,300 bytes.
pub fn qr(text: &str, label: &str) -> Result<Html, QrError> {
    let code = QrCode::with_error_correction_level(text, EcLevel::M).map_err(|_| QrError)?;
    let width = code.width();
    let colors = code.to_colors();
    let mut path = String::new();
    for (y, row) in colors.chunks(width.max(1)).enumerate() {
        // One stroke for each run of dark modules: browsers leave no seams between them.
        let mut x = 0;
        for run in row.chunk_by(|a, b| a == b) {
            if run.first() == Some(&Color::Dark) {
                let length = run.len();
                let _infallible = write!(path, "M{} {}h{length}v1h-{length}z", x + QUIET, y + QUIET);
            }
            x += run.len();
        }
    }
    let size = (width + 2 * QUIET).to_string();
    let paper = el(Tag::RECT).attr(Attr::WIDTH, &size).attr(Attr::HEIGHT, &size).attr(Attr::FILL, "#fff");
    let svg = el(Tag::SVG)
        .class("qr")
        .attr(Attr::VIEW_BOX, &format!("0 0 {size} {size}"))
        .attr(Attr::ROLE, "img")
        .attr(Attr::ARIA_LABEL, label)
        .with(paper)
        .with(el(Tag::PATH).attr(Attr::D, &path).attr(Attr::FILL, "#000"));
    Ok(svg.into())
}
