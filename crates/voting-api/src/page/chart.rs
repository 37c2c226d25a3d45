//! Bars: a picture of a part of a whole, beside its numbers.

use sinpyo_web::{
    href::{Picture, PictureKind},
    html::{Attr, Element, Tag, el},
};

const WIDTH: u64 = 320;

/// A bar for `part` of `whole`. What it shows stands beside it as a number: the picture says nothing to those who hear.
pub(super) fn bar(part: u64, whole: u64) -> Element {
    let filled = WIDTH.saturating_mul(part.min(whole)).checked_div(whole).unwrap_or(0);
    let svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} 16\" width=\"{WIDTH}\" height=\"16\">\
         <rect width=\"{WIDTH}\" height=\"16\" rx=\"4\" fill=\"#8a94a3\" fill-opacity=\".25\"/>\
         <rect width=\"{filled}\" height=\"16\" rx=\"4\" fill=\"#0b8a7c\"/></svg>"
    );
    el(Tag::IMG)
        .src(&Picture::inline(PictureKind::Svg, svg.as_bytes()))
        .attr(Attr::ALT, "")
        .attr(Attr::WIDTH, "160")
        .attr(Attr::HEIGHT, "16")
}

/// `part` of `whole` in percent, rounded to one digit.
pub(super) fn percent(part: u64, whole: u64) -> String {
    let tenths = part.saturating_mul(1000).saturating_add(whole / 2).checked_div(whole).unwrap_or(0);
    format!("{}.{}%", tenths / 10, tenths % 10)
}

/// A number as people read it.
pub(super) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_what_they_are() {
        assert_eq!(
            (percent(1, 3).as_str(), percent(0, 0).as_str(), percent(5, 5).as_str()),
            ("33.3%", "0.0%", "100.0%")
        );
        assert_eq!((percent(14, 31).as_str(), percent(2, 3).as_str()), ("45.2%", "66.7%"));
        assert_eq!(
            (grouped(0), grouped(999), grouped(1_000), grouped(12_345_678)),
            ("0".into(), "999".into(), "1,000".into(), "12,345,678".into())
        );
    }
}
