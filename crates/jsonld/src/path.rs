//! Where in the document we are, written down only when something is wrong there.

use crate::error::{Breach, JsonLdError, Limit};
use std::fmt::Write as _;

/// Deepest nesting that is expanded. `sinpyo_core::json` reads no deeper; a document made otherwise may be.
const MAX_DEPTH: u16 = 96;

/// A place, linked to the one that holds it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Path<'a> {
    parent: Option<&'a Path<'a>>,
    step: Step<'a>,
    depth: u16,
}

#[derive(Clone, Copy, Debug)]
enum Step<'a> {
    Root,
    Member(&'a str),
    Element(usize),
}

impl<'a> Path<'a> {
    pub(crate) const ROOT: Path<'static> = Path { parent: None, step: Step::Root, depth: 0 };

    pub(crate) fn member(&'a self, name: &'a str) -> Path<'a> {
        Path { parent: Some(self), step: Step::Member(name), depth: self.depth.saturating_add(1) }
    }

    pub(crate) fn element(&'a self, position: usize) -> Path<'a> {
        Path { parent: Some(self), step: Step::Element(position), depth: self.depth.saturating_add(1) }
    }

    /// An error here.
    pub(crate) fn error(&self, breach: Breach) -> JsonLdError {
        JsonLdError::new(self.pointer(), breach)
    }

    /// Refuses a place that is nested too deeply.
    pub(crate) fn check_depth(&self) -> Result<(), JsonLdError> {
        if self.depth > MAX_DEPTH {
            return Err(self.error(Breach::Limit(Limit::Depth))); // [JLD-10]
        }
        Ok(())
    }

    /// The JSON pointer [RFC 6901].
    pub(crate) fn pointer(&self) -> String {
        let mut pointer = self.parent.map(Path::pointer).unwrap_or_default();
        match self.step {
            Step::Root => {}
            Step::Member(name) => {
                pointer.push('/');
                pointer.push_str(&name.replace('~', "~0").replace('/', "~1"));
            }
            Step::Element(position) => {
                // Writing to a string cannot fail.
                let _ = write!(pointer, "/{position}");
            }
        }
        pointer
    }
}
