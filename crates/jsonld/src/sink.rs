//! Where statements are collected, and how blank nodes get their labels.

use crate::error::{Breach, Limit};
use serde_json::{Map, Value};
use sinpyo_rdf::{Literal, Quad, Term};
use std::{
    collections::HashMap,
    hash::{DefaultHasher, Hash, Hasher},
    sync::{Arc, LazyLock},
};

/// Statements and blank nodes that one document may have.
const MAX_STATEMENTS: usize = 1 << 16;

/// Labels by the objects of a document that is not moved meanwhile.
#[derive(Debug, Default)]
pub(crate) struct Named(HashMap<*const Map<String, Value>, Arc<str>>);

impl Named {
    /// The label of `object`.
    pub(crate) fn label(&self, object: &Map<String, Value>) -> Option<&str> {
        self.0.get(&std::ptr::from_ref(object)).map(|label| &**label)
    }
}

/// Statements that have been made, and the values that wait for theirs.
#[derive(Debug)]
pub(crate) struct Sink {
    pub(crate) quads: Vec<Quad>,
    pub(crate) stack: Vec<Item>,
    pub(crate) labels: Labels,
}

/// A value that has been expanded and whose statement is still to be made.
#[derive(Clone, Debug)]
pub(crate) struct Item {
    pub(crate) term: Term,
    pub(crate) kind: Kind,
}

/// What a value was in the document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Node,
    Value,
    List,
}

impl Sink {
    pub(crate) fn new(labels: Labels) -> Self {
        Self { quads: Vec::with_capacity(32), stack: Vec::with_capacity(8), labels }
    }

    /// Makes a statement.
    pub(crate) fn state(
        &mut self,
        subject: Term,
        predicate: Arc<str>,
        object: Term,
        graph: Option<&Term>,
    ) -> Result<(), Breach> {
        if self.quads.len() >= MAX_STATEMENTS {
            return Err(Breach::Limit(Limit::Statements)); // [JLD-10]
        }
        self.quads.push(Quad { subject, predicate, object, graph: graph.cloned() });
        Ok(())
    }

    /// Makes a list of the values above `mark` [JSON-LD 1.1 API §8.3].
    pub(crate) fn fold_list(
        &mut self,
        mark: usize,
        owner: u64,
        graph: Option<&Term>,
    ) -> Result<Term, Breach> {
        let words = words();
        let items = self.stack.split_off(mark);
        let mut rest = Term::Iri(Arc::clone(&words.nil));
        // The labels are taken front to back, the cells are linked back to front.
        let cells: Vec<Term> =
            items.iter().map(|_| self.labels.derived(owner)).collect::<Result<_, Breach>>()?;
        for (cell, item) in cells.into_iter().zip(items).rev() {
            self.state(cell.clone(), Arc::clone(&words.first), item.term, graph)?;
            self.state(cell.clone(), Arc::clone(&words.rest), rest, graph)?;
            rest = cell;
        }
        Ok(rest)
    }
}

/// Labels for the blank nodes that the document leaves without.
///
/// All start with the same letter, more often than any label that the document writes does.
#[derive(Debug)]
pub(crate) struct Labels {
    prefix: String,
    letter: char,
    /// How often the labels that the document writes start with the letter, at most.
    written: usize,
    counted: usize,
    derived: HashMap<u64, usize>,
    named: Named,
}

impl Labels {
    pub(crate) fn new(letter: char, repeated: usize) -> Self {
        let prefix = letter.to_string().repeat(repeated);
        Self { prefix, letter, written: 0, counted: 0, derived: HashMap::new(), named: Named::default() }
    }

    /// Takes note of a label that the document writes.
    pub(crate) fn note(&mut self, label: &str) {
        let run = label.chars().take_while(|c| *c == self.letter).count();
        self.written = self.written.max(run);
    }

    /// How often the letter must be repeated, if these labels may be among the written ones.
    pub(crate) fn clash(&self) -> Option<usize> {
        (self.written >= self.prefix.len()).then_some(self.written + 1)
    }

    /// A label for the node that `object` describes.
    pub(crate) fn node(&mut self, object: Option<&Map<String, Value>>) -> Result<Term, Breach> {
        let number = self.count()?;
        let label: Arc<str> = format!("{}{number}", self.prefix).into();
        if let (NAMING, Some(object)) = (self.letter, object) {
            self.named.0.insert(std::ptr::from_ref(object), Arc::clone(&label));
        }
        Ok(Term::Blank(label))
    }

    /// A label that depends only on `owner` and on how many of its labels came before.
    pub(crate) fn derived(&mut self, owner: u64) -> Result<Term, Breach> {
        self.count()?;
        let place = self.derived.entry(owner).or_default();
        let label = format!("{}x{owner:x}-{place}", self.prefix);
        *place += 1;
        Ok(Term::Blank(label.into()))
    }

    /// The objects that got labels, by their place in memory.
    pub(crate) fn into_named(self) -> Named {
        self.named
    }

    /// Counts a node.
    pub(crate) fn count(&mut self) -> Result<usize, Breach> {
        if self.counted >= MAX_STATEMENTS {
            return Err(Breach::Limit(Limit::Statements)); // [JLD-10]
        }
        self.counted += 1;
        Ok(self.counted - 1)
    }
}

/// The letter of labels that are written back into the document.
pub(crate) const NAMING: char = 'n';

/// A number for what a list or an unnamed graph belongs to.
pub(crate) fn owner(subject: Option<&Term>, property: &str, node: Option<&Term>) -> u64 {
    // Two owners with one number only share a count: their labels stay apart.
    let mut hasher = DefaultHasher::new();
    (subject, property, node).hash(&mut hasher);
    hasher.finish()
}

/// The IRIs that RDF itself brings.
#[derive(Debug)]
pub(crate) struct Words {
    pub(crate) kind: Arc<str>,
    pub(crate) first: Arc<str>,
    pub(crate) rest: Arc<str>,
    pub(crate) nil: Arc<str>,
    pub(crate) json: Arc<str>,
    pub(crate) lang_string: Arc<str>,
    pub(crate) string: Arc<str>,
    pub(crate) boolean: Arc<str>,
    pub(crate) integer: Arc<str>,
    pub(crate) double: Arc<str>,
}

/// The IRIs that RDF itself brings, shared.
pub(crate) fn words() -> &'static Words {
    static WORDS: LazyLock<Words> = LazyLock::new(|| {
        let rdf = |name| format!("http://www.w3.org/1999/02/22-rdf-syntax-ns#{name}").into();
        let xsd = |name| format!("http://www.w3.org/2001/XMLSchema#{name}").into();
        Words {
            kind: rdf("type"),
            first: rdf("first"),
            rest: rdf("rest"),
            nil: rdf("nil"),
            json: rdf("JSON"),
            lang_string: rdf("langString"),
            string: xsd("string"),
            boolean: xsd("boolean"),
            integer: xsd("integer"),
            double: xsd("double"),
        }
    });
    &WORDS
}

/// A literal.
pub(crate) fn literal(value: Arc<str>, datatype: &Arc<str>, language: Option<Arc<str>>) -> Term {
    Term::Literal(Literal { value, datatype: Arc::clone(datatype), language })
}
