use super::graph::{NodeId, PerNode};

/// An identifier issuer [RDFC-1.0 §4.5].
///
/// The algorithm copies issuers and drops most of the copies. Here a copy is a mark in the order of issue,
/// and dropping it is going back to the mark.
pub(super) struct Issuer {
    prefix: &'static str,
    issued: Vec<NodeId>,
    numbers: PerNode<Option<usize>>,
}

impl Issuer {
    pub(super) fn new(prefix: &'static str, nodes: usize) -> Self {
        Self { prefix, issued: Vec::new(), numbers: PerNode::filled(None, nodes) }
    }

    /// The nodes that have an identifier, in the order in which they got it.
    pub(super) fn issued(&self) -> &[NodeId] {
        &self.issued
    }

    pub(super) fn has(&self, node: NodeId) -> bool {
        self.numbers[node].is_some()
    }

    /// Issues an identifier to a node that has none.
    pub(super) fn issue(&mut self, node: NodeId) {
        if !self.has(node) {
            self.numbers[node] = Some(self.issued.len());
            self.issued.push(node);
        }
    }

    pub(super) fn issue_all(&mut self, nodes: &[NodeId]) {
        for &node in nodes {
            self.issue(node);
        }
    }

    /// Takes back all but the first `mark` identifiers.
    pub(super) fn rewind(&mut self, mark: usize) {
        for node in self.issued.drain(mark..) {
            self.numbers[node] = None;
        }
    }

    /// The identifier without `_:`; the bare prefix for a node that has none.
    pub(super) fn label(&self, node: NodeId) -> String {
        let mut label = String::from(self.prefix);
        if let Some(number) = self.numbers[node] {
            label.push_str(&number.to_string());
        }
        label
    }
}
