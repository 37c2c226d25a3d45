//! Claims path pointers, applied as the specification orders [OpenID4VP 1.0 §7].

use crate::Arrays;
use serde_json::{Map, Value};
use sinpyo_core::claims::{ClaimPath, ClaimStep};

/// The values that `path` selects, at least one; `None` if it selects none or cannot be applied.
pub(crate) fn select<'a>(
    path: &ClaimPath,
    claims: &'a Map<String, Value>,
    arrays: Arrays,
) -> Option<Vec<&'a Value>> {
    let (first, rest) = path.steps().split_first()?;
    let ClaimStep::Name(first) = first else { return None };
    let mut selected: Vec<&Value> = claims.get(first).into_iter().collect();
    // Among the elements that may stand at a place, those of another kind are not the one that is meant.
    let mut guessing = false;
    for step in rest {
        let mut next = Vec::new();
        for value in selected {
            // [VP-DCQ-09a]
            if !apply(step, value, arrays, &mut next) && !guessing {
                return None;
            }
        }
        selected = next;
        guessing |= arrays == Arrays::Thinned && matches!(step, ClaimStep::Index(_));
    }
    (!selected.is_empty()).then_some(selected) // [VP-DCQ-09b]
}

/// Adds what one step selects in `value`; false if `value` is of the wrong kind, which ends the processing.
fn apply<'a>(step: &ClaimStep, value: &'a Value, arrays: Arrays, next: &mut Vec<&'a Value>) -> bool {
    match (step, value) {
        (ClaimStep::Name(name), Value::Object(members)) => next.extend(members.get(name)),
        (ClaimStep::Every, Value::Array(elements)) => next.extend(elements),
        (ClaimStep::Index(index), Value::Array(elements)) => match arrays {
            Arrays::Whole => next.extend(elements.get(*index)),
            Arrays::Thinned => next.extend(elements.iter().take(index.saturating_add(1))), // [VP-DCQ-11e]
        },
        _ => return false,
    }
    true
}
