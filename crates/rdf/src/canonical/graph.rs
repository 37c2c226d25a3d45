use crate::nquads::Place;
use crate::{Quad, Term};
use std::collections::HashMap;
use std::ops::{Index, IndexMut};
use std::sync::Arc;

/// A blank node of one [`Graph`], by a number from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct NodeId(usize);

/// A value for each blank node of one [`Graph`].
#[derive(Clone, Debug)]
pub(super) struct PerNode<T>(Vec<T>);

/// A quad, and which blank nodes stand in it.
pub(super) struct Statement<'d> {
    pub(super) quad: &'d Quad,
    subject: Option<NodeId>,
    object: Option<NodeId>,
    graph: Option<NodeId>,
}

/// The blank node to quads map [RDFC-1.0 §4.2].
pub(super) struct Graph<'s> {
    mentions: PerNode<Vec<&'s Statement<'s>>>,
}

/// Numbers the blank nodes of the quads. Also gives the label of each, by number.
pub(super) fn statements<'d>(quads: &[&'d Quad]) -> (Vec<Statement<'d>>, Vec<&'d Arc<str>>) {
    let mut numbers: HashMap<&'d str, NodeId> = HashMap::new();
    let mut labels = Vec::new();
    let mut number = |term: &'d Term| match term {
        Term::Blank(label) => Some(*numbers.entry(label).or_insert_with(|| {
            labels.push(label);
            NodeId(labels.len() - 1)
        })),
        Term::Iri(_) | Term::Literal(_) => None,
    };
    let statements = quads
        .iter()
        .map(|&quad| Statement {
            quad,
            subject: number(&quad.subject),
            object: number(&quad.object),
            graph: quad.graph.as_ref().and_then(&mut number),
        })
        .collect();
    (statements, labels)
}

impl Statement<'_> {
    /// The blank node at a place, if there is one.
    pub(super) fn node_at(&self, place: Place) -> Option<NodeId> {
        match place {
            Place::Subject => self.subject,
            Place::Object => self.object,
            Place::Graph => self.graph,
        }
    }

    /// The blank nodes in the order of the places, with repetition.
    pub(super) fn nodes(&self) -> impl Iterator<Item = (Place, NodeId)> {
        [Place::Subject, Place::Object, Place::Graph]
            .into_iter()
            .filter_map(|place| Some((place, self.node_at(place)?)))
    }
}

impl<'s> Graph<'s> {
    /// `nodes` is how many blank nodes the statements have.
    pub(super) fn new(statements: &'s [Statement<'s>], nodes: usize) -> Self {
        let mut mentions: PerNode<Vec<&Statement<'_>>> = PerNode::filled(Vec::new(), nodes);
        for statement in statements {
            for (_, node) in statement.nodes() {
                // A quad that mentions a node twice is one of its quads once (`_:a p _:a`): the map has the set
                // of quads of which the node is a component. [RDF-12]
                if mentions[node].last().is_none_or(|&last| !std::ptr::eq(last, statement)) {
                    mentions[node].push(statement);
                }
            }
        }
        Self { mentions }
    }

    /// How many blank nodes there are.
    pub(super) fn len(&self) -> usize {
        self.mentions.0.len()
    }

    /// All blank nodes, in the order of their numbers.
    pub(super) fn nodes(&self) -> impl Iterator<Item = NodeId> + use<> {
        (0..self.len()).map(NodeId)
    }

    /// The quads in which the node stands.
    pub(super) fn mentions(&self, node: NodeId) -> &[&'s Statement<'s>] {
        &self.mentions[node]
    }
}

impl<T: Clone> PerNode<T> {
    pub(super) fn filled(value: T, nodes: usize) -> Self {
        Self(vec![value; nodes])
    }
}

impl<T> FromIterator<T> for PerNode<T> {
    /// The values of [`Graph::nodes`], in that order.
    fn from_iter<I: IntoIterator<Item = T>>(values: I) -> Self {
        Self(values.into_iter().collect())
    }
}

impl<T> IntoIterator for PerNode<T> {
    type Item = T;
    type IntoIter = std::vec::IntoIter<T>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl<T> Index<NodeId> for PerNode<T> {
    type Output = T;

    #[expect(clippy::indexing_slicing, reason = "node and table are of one graph, and it has fixed size")]
    fn index(&self, node: NodeId) -> &T {
        &self.0[node.0]
    }
}

impl<T> IndexMut<NodeId> for PerNode<T> {
    #[expect(clippy::indexing_slicing, reason = "node and table are of one graph, and it has fixed size")]
    fn index_mut(&mut self, node: NodeId) -> &mut T {
        &mut self.0[node.0]
    }
}
