//! Maps whose keys say something of their values: languages, indexes, identifiers, types.

use crate::{
    active::{Definition, Name, Read},
    error::{Breach, ErrorCode, JsonLdError},
    expand::{At, Expander, Given, Place, Shape, Values, Wrap},
    keyword::Keyword,
    sink::{Item, Kind},
    value::{language_tag, text_literal},
};
use serde_json::{Map, Value};
use std::sync::Arc;

impl Expander<'_> {
    /// Texts by their language.
    pub(crate) fn language_map(
        &mut self,
        at: &At<'_>,
        definition: &Definition,
        map: &Map<String, Value>,
    ) -> Result<Shape, JsonLdError> {
        let direction = definition.direction.or(at.context.direction.as_ref());
        for (key, value) in map {
            let path = at.path.member(key);
            let language = match at.context.expand(key, Read::Vocab) {
                Name::Keyword(Keyword::None) => None,
                _ => Some(language_tag(key).map_err(|breach| path.error(breach))?),
            };
            let texts = match value {
                Value::Array(texts) => texts.as_slice(),
                text => std::slice::from_ref(text),
            };
            for text in texts {
                match text {
                    Value::Null => {}
                    Value::String(text) => {
                        let term = text_literal(text, language.clone(), direction);
                        self.sink.stack.push(Item { term, kind: Kind::Value });
                    }
                    _ => return Err(path.error(Breach::Syntax(ErrorCode::InvalidLanguageMapValue))),
                }
            }
        }
        Ok(Shape::Array)
    }

    /// Values by index, identifier or type.
    pub(crate) fn index_map(
        &mut self,
        at: &At<'_>,
        definition: &Definition,
        map: &Map<String, Value>,
    ) -> Result<Shape, JsonLdError> {
        let Place::Property(property) = at.place else { return Err(at.path.error(Breach::DroppedValue)) };
        let container = definition.container;
        let outer = match &at.context.previous {
            Some(previous) if container.id || container.kind => previous,
            _ => at.context,
        };
        for (key, value) in map {
            let path = at.path.member(key);
            let fail = |breach| path.error(breach);
            let scoped =
                outer.term(key).filter(|_| container.kind).and_then(|definition| definition.scoped.as_ref());
            let context = match scoped {
                Some(scoped) => self.type_scope(outer, scoped).map_err(fail)?,
                None => Arc::clone(outer),
            };
            let given = self.given(at, definition, key).map_err(fail)?;
            let inner = At {
                context: &context,
                definition: context.term(property),
                path: &path,
                given: Some(&given),
                values: Values::Map,
                ..*at
            };
            self.expand(inner, value)?;
        }
        Ok(Shape::Array)
    }

    /// What `key` says of its values.
    fn given(&mut self, at: &At<'_>, definition: &Definition, key: &str) -> Result<Given, Breach> {
        let container = definition.container;
        let wrap = if container.graph { Wrap::UnlessGraph } else { Wrap::Never };
        let mut given = Given { wrap, ..Given::default() };
        if at.context.expand(key, Read::Vocab) == Name::Keyword(Keyword::None) {
            return Ok(given);
        }
        if container.id {
            given.id = Some(self.reference(at.context, key, Read::Document)?);
        } else if container.kind {
            given.kind = Some(self.reference(at.context, key, Read::VocabOrDocument)?);
        } else if let Some(index) = definition.index.as_deref() {
            let Name::Iri(predicate) = at.context.expand(index, Read::Vocab) else {
                return Err(Breach::UndefinedTerm); // [JLD-04]
            };
            let value = Value::String(key.to_owned());
            let item = self.scalar_item(at.context, at.context.term(index), &value)?;
            given.property = Some((predicate, item.term));
        } else {
            given.index = Some(key.into());
        }
        Ok(given)
    }
}
