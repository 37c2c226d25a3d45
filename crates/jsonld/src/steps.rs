//! From one active context to the next, by what is remembered or by processing.

use crate::{
    active::{Active, Local},
    error::{Breach, ErrorCode, JsonLdError},
    expand::Expander,
    memo::{Key, Step},
    path::Path,
    process::{How, Origin, Processor},
};
use serde_json::{Map, Value};
use std::sync::Arc;

/// Where the contexts of a document are written.
const DOCUMENT: Origin<'static> = Origin { url: None, via: None, pinned: false };
/// Where the URL of a registered context is written, for what it says does not depend on the document.
const REGISTERED: Origin<'static> = Origin { url: None, via: None, pinned: true };

impl Expander<'_> {
    /// Applies the value of a `@context` member.
    pub(crate) fn embedded(
        &mut self,
        active: Arc<Active>,
        local: &Value,
        path: &Path<'_>,
    ) -> Result<Arc<Active>, JsonLdError> {
        let path = path.member("@context");
        let Value::Array(items) = local else {
            return self.embedded_one(&active, local).map_err(|breach| path.error(breach));
        };
        let mut active = active;
        for (position, item) in items.iter().enumerate() {
            active =
                self.embedded_one(&active, item).map_err(|breach| path.element(position).error(breach))?;
        }
        Ok(active)
    }

    fn embedded_one(&mut self, active: &Arc<Active>, local: &Value) -> Result<Arc<Active>, Breach> {
        match local {
            Value::String(url) => {
                let document = self.contexts.document(url)?;
                let key = Key { from: active.id, local: document.id, step: Step::Named };
                self.remembered(key, |processor| {
                    processor.apply_named((**active).clone(), url, &REGISTERED, How::EMBEDDED).map(Arc::new)
                })
            }
            Value::Object(_) | Value::Null => {
                self.budget.spend_inline(local)?;
                self.processor().apply(active, local, &DOCUMENT, How::EMBEDDED)
            }
            _ => Err(Breach::Context(ErrorCode::InvalidLocalContext)),
        }
    }

    /// Applies the context of a property, if it has one.
    pub(crate) fn property_scoped(
        &mut self,
        active: &Arc<Active>,
        scoped: &Local,
        path: &Path<'_>,
    ) -> Result<Arc<Active>, JsonLdError> {
        self.scoped(active, scoped, Step::Property).map_err(|breach| path.error(breach))
    }

    /// Applies the contexts of the types that `object` names.
    pub(crate) fn type_scoped(
        &mut self,
        active: &Arc<Active>,
        object: &Map<String, Value>,
        path: &Path<'_>,
    ) -> Result<Arc<Active>, JsonLdError> {
        let scoped_of = |kind: &str| active.term(kind).and_then(|definition| definition.scoped.as_ref());
        let mut result = Arc::clone(active);
        for types in active.types(object) {
            match types {
                Value::String(kind) => {
                    if let Some(scoped) = scoped_of(kind) {
                        result = self.type_scope(&result, scoped).map_err(|breach| path.error(breach))?;
                    }
                }
                Value::Array(kinds) => {
                    let named = kinds.iter().filter_map(Value::as_str);
                    let mut scopes: Vec<_> =
                        named.filter_map(|kind| Some((kind, scoped_of(kind)?))).collect();
                    scopes.sort_unstable_by_key(|(kind, _)| *kind);
                    for (_, scoped) in scopes {
                        result = self.type_scope(&result, scoped).map_err(|breach| path.error(breach))?;
                    }
                }
                _ => {}
            }
        }
        Ok(result)
    }

    /// Applies the context of a type.
    pub(crate) fn type_scope(&mut self, active: &Arc<Active>, scoped: &Local) -> Result<Arc<Active>, Breach> {
        self.scoped(active, scoped, Step::Type)
    }

    fn scoped(&mut self, active: &Arc<Active>, scoped: &Local, step: Step) -> Result<Arc<Active>, Breach> {
        let key = Key { from: active.id, local: scoped.id, step };
        let how = if step == Step::Type { How::TYPE } else { How::PROPERTY };
        self.remembered(key, |processor| processor.apply_scoped(active, scoped, how))
    }

    fn remembered(
        &mut self,
        key: Key,
        make: impl FnOnce(&mut Processor<'_>) -> Result<Arc<Active>, Breach>,
    ) -> Result<Arc<Active>, Breach> {
        if let Some(known) = self.known.get(&key).or_else(|| self.found.get(&key)) {
            return Ok(Arc::clone(known));
        }
        let made = make(&mut self.processor())?;
        self.found.insert(key, Arc::clone(&made));
        Ok(made)
    }

    fn processor(&mut self) -> Processor<'_> {
        Processor { contexts: self.contexts, budget: &mut self.budget }
    }
}
