//! Documents as lists of statements under the labels they are signed with [VC-DI-ECDSA §3.4.14–3.4.17].

use crate::{
    DocumentError, Pointer, PointerError, ProofValueError, indexes,
    selection::{BlankLabels, Selection},
};
use serde_json::{Map, Value};
use sinpyo_crypto::hash::sha256;
use sinpyo_jsonld::{Contexts, name_blank_nodes, to_rdf};
use sinpyo_rdf::{Canonical, Dataset, HashAlgorithm, Limit, canonicalize, nquads, relabel};
use std::{collections::BTreeMap, sync::Arc};

/// Most statements of a document.
pub(crate) const MAX_STATEMENTS: usize = 2000;

/// Statements as lines of N-Quads, in code point order, each once.
#[derive(Debug)]
pub(crate) struct Statements(String);

impl Statements {
    /// What `document` states, its blank nodes under labels made of `seeds` (that of `c14n0` first).
    ///
    /// The inner error: the labels are not distinct, or not as many as blank nodes.
    pub(crate) fn of<L: Labelling>(
        document: &Map<String, Value>,
        contexts: &Contexts,
        seeds: &[L::Seed],
    ) -> Result<Result<Self, ProofValueError>, DocumentError> {
        let dataset = dataset(document, contexts)?;
        let canonical = canonical(&dataset)?;
        let write = |seeds| Self::write(&dataset, &relabelling::<L>(&seeds));
        Ok(replaced(&canonical, seeds).and_then(write).ok_or(ProofValueError::Labels)) // [SDI-16]
    }

    /// `dataset` under `labels`; `None` if they leave out a blank node or are not distinct.
    fn write(dataset: &Dataset, labels: &BTreeMap<Arc<str>, Arc<str>>) -> Option<Self> {
        nquads::write_sorted(&relabel(dataset, labels).ok()?).ok().map(Self)
    }

    /// The statements, each with its line feed.
    pub(crate) fn lines(&self) -> Vec<&str> {
        self.0.split_inclusive('\n').collect()
    }
}

/// What issuer and holder know of a credential.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Source<'a> {
    pub(crate) document: &'a Map<String, Value>,
    pub(crate) contexts: &'a Contexts,
    pub(crate) mandatory: &'a [Pointer],
}

/// How a suite labels blank nodes.
pub(crate) trait Labelling {
    /// What a label is made of; travels in the derived proof.
    type Seed: Copy;

    /// Seeds for `count` blank nodes, that of `c14n0` first; distinct ones.
    fn seeds(&self, count: usize) -> Vec<Self::Seed>;

    /// The label made of `seed`.
    fn label(seed: &Self::Seed) -> Arc<str>;
}

/// A whole document, as issuer and holder have it.
#[derive(Debug)]
pub(crate) struct Whole<'a, Seed> {
    source: Source<'a>,
    /// The document with a label on every node, which its parts keep. This is what skolemisation is for
    /// in the specification [VC-DI-ECDSA §3.4.7–3.4.10].
    named: Map<String, Value>,
    /// From the labels in `named` to those that are signed, and to what these are made of.
    labels: BTreeMap<Arc<str>, Arc<str>>,
    seeds: BTreeMap<Arc<str>, Seed>,
    statements: Statements,
    mandatory: Vec<usize>,
}

impl<'a, Seed: Copy> Whole<'a, Seed> {
    /// Reads the document and finds its mandatory statements.
    pub(crate) fn read<L: Labelling<Seed = Seed>>(
        source: Source<'a>,
        labelling: &L,
    ) -> Result<Self, SelectError> {
        let named = name_blank_nodes(source.document, source.contexts).map_err(DocumentError::JsonLd)?; // [SDI-01]
        let dataset = dataset(&named, source.contexts)?;
        let canonical = canonical(&dataset)?;
        let seeds = replaced(&canonical, &labelling.seeds(canonical.labels().len()));
        let seeds = seeds.ok_or(SelectError::Inexpressible)?;
        let labels = relabelling::<L>(&seeds);
        let statements = Statements::write(&dataset, &labels).ok_or(SelectError::Inexpressible)?;
        let whole = Self { source, named, labels, seeds, statements, mandatory: Vec::new() };
        let mut selection = Selection::default();
        selection.add(source.mandatory, source.document)?;
        let mandatory = whole.indexes(&whole.selected_statements(&selection)?)?;
        Ok(Self { mandatory, ..whole })
    }

    /// The statements, each with its line feed: the mandatory ones and the others.
    pub(crate) fn lines(&self) -> (Vec<&str>, Vec<&str>) {
        indexes::split(self.statements.lines(), &self.mandatory)
    }

    /// What the mandatory and the `selective` pointers show together; `None` if there are none.
    pub(crate) fn disclose(&self, selective: &[Pointer]) -> Result<Option<Disclosure<Seed>>, SelectError> {
        let mut selection = Selection::default();
        selection.add(self.source.mandatory, self.source.document)?;
        selection.add(selective, self.source.document)?;
        let Some(document) = selection.apply(self.source.document, BlankLabels::Drop) else {
            return Ok(None);
        };
        let dataset_shown = self.selected_statements(&selection)?;
        let canonical_shown = canonical(&dataset_shown)?;
        // The verifier numbers the blank nodes of the shown document anew. It has to come to the same
        // statements, which is not so if, say, two nodes were one because they had one label. [SDI-09]
        if canonical(&dataset(&document, self.source.contexts)?)?.nquads() != canonical_shown.nquads() {
            return Err(SelectError::Inexpressible);
        }
        let mut seeds = Vec::with_capacity(canonical_shown.labels().len());
        for (label, canonical) in canonical_shown.labels() {
            let seed = self.seeds.get(label).ok_or(SelectError::Inexpressible)?; // [SDI-09]
            seeds.push((number(canonical).ok_or(SelectError::Inexpressible)?, *seed));
        }
        seeds.sort_unstable_by_key(|(number, _)| *number);

        let shown = self.indexes(&dataset_shown)?;
        let mandatory = indexes::positions(&self.mandatory, &shown);
        if mandatory.len() != self.mandatory.len() {
            return Err(SelectError::Inexpressible); // [SDI-09]
        }
        let optional = indexes::others(&self.mandatory, self.statements.lines().len());
        let selected = indexes::positions(&shown, &optional);
        Ok(Some(Disclosure {
            document,
            seeds: seeds.into_iter().map(|(_, seed)| seed).collect(),
            mandatory,
            selected,
        }))
    }

    /// The statements that the selected parts make, under the labels in `named`.
    fn selected_statements(&self, selection: &Selection) -> Result<Dataset, DocumentError> {
        match selection.apply(&self.named, BlankLabels::Keep) {
            Some(part) => dataset(&part, self.source.contexts),
            None => Ok(Dataset::new()),
        }
    }

    /// Where the statements of `part` stand among all, ascending.
    fn indexes(&self, part: &Dataset) -> Result<Vec<usize>, SelectError> {
        let part = Statements::write(part, &self.labels).ok_or(SelectError::Inexpressible)?; // [SDI-09]
        let mut all = self.statements.lines().into_iter().enumerate();
        let mut find = |line| all.find(|(_, candidate)| *candidate == line).map(|(index, _)| index);
        // Both ascend, so that one pass finds them all. [SDI-09]
        part.lines().into_iter().map(&mut find).collect::<Option<_>>().ok_or(SelectError::Inexpressible)
    }
}

/// What a holder shows.
#[derive(Debug)]
pub(crate) struct Disclosure<Seed> {
    pub(crate) document: Map<String, Value>,
    /// What the labels of its blank nodes are made of, in the order in which the verifier numbers them.
    pub(crate) seeds: Vec<Seed>,
    /// Which of the statements shown are mandatory.
    pub(crate) mandatory: Vec<usize>,
    /// Which of the statements that are not mandatory are shown, counted among these.
    pub(crate) selected: Vec<usize>,
}

/// Why no statements are selected.
#[derive(Debug)]
pub(crate) enum SelectError {
    Document(DocumentError),
    Pointer(PointerError),
    Inexpressible,
}

impl From<DocumentError> for SelectError {
    fn from(error: DocumentError) -> Self {
        Self::Document(error)
    }
}

impl From<PointerError> for SelectError {
    fn from(error: PointerError) -> Self {
        Self::Pointer(error)
    }
}

/// SHA-256 of the canonical N-Quads of `document`.
pub(crate) fn hash(document: &Map<String, Value>, contexts: &Contexts) -> Result<[u8; 32], DocumentError> {
    Ok(sha256(canonical(&dataset(document, contexts)?)?.nquads().as_bytes()))
}

fn dataset(document: &Map<String, Value>, contexts: &Contexts) -> Result<Dataset, DocumentError> {
    let dataset = to_rdf(document, contexts).map_err(DocumentError::JsonLd)?; // [SDI-01]
    if dataset.len() > MAX_STATEMENTS {
        return Err(DocumentError::TooManyStatements); // [SDI-03]
    }
    Ok(dataset)
}

fn canonical(dataset: &Dataset) -> Result<Canonical, DocumentError> {
    canonicalize(dataset, HashAlgorithm::Sha256, Limit::default()).map_err(DocumentError::Canonical) // [SDI-02]
}

/// The map from the labels that were canonicalised to `seeds`; `None` unless there is one for each.
fn replaced<Seed: Copy>(canonical: &Canonical, seeds: &[Seed]) -> Option<BTreeMap<Arc<str>, Seed>> {
    if canonical.labels().len() != seeds.len() {
        return None;
    }
    let replace = |(label, canonical): (&Arc<str>, &Arc<str>)| {
        Some((Arc::clone(label), *seeds.get(number(canonical)?)?))
    };
    canonical.labels().iter().map(replace).collect()
}

fn relabelling<L: Labelling>(seeds: &BTreeMap<Arc<str>, L::Seed>) -> BTreeMap<Arc<str>, Arc<str>> {
    seeds.iter().map(|(label, seed)| (Arc::clone(label), L::label(seed))).collect()
}

/// The number in a canonical label.
fn number(canonical: &str) -> Option<usize> {
    canonical.strip_prefix("c14n")?.parse().ok()
}
