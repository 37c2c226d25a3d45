use super::CanonicalizeError;
use super::graph::{Graph, NodeId, PerNode, Statement};
use super::hash::{Hash, HashAlgorithm};
use super::issuer::Issuer;
use crate::nquads::Place;

/// How much work may be spent on blank nodes that look alike [RDFC-1.0 §7.1].
///
/// A step is one blank node put on a path, or one related blank node looked at; the latter counts for more if
/// the predicate between them is longer than one block of the hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit {
    steps: usize,
    steps_per_node: usize,
}

impl Limit {
    /// `steps` for a dataset, and as many more as its blank nodes times `steps_per_node`.
    pub const fn steps(steps: usize, per_node: usize) -> Self {
        Self { steps, steps_per_node: per_node }
    }
}

impl Default for Limit {
    fn default() -> Self {
        Self::steps(60_000, 20)
    }
}

/// How deep Hash N-Degree Quads may call itself: this, and not the work, bounds the stack.
const MAX_DEPTH: usize = 256;

/// A blank node that stands with another in a quad, and where.
struct Link<'g> {
    predicate: &'g str,
    place: Place,
    related: NodeId,
}

/// The part of the algorithm that tells blank nodes with equal first degree hashes apart.
pub(super) struct Search<'g> {
    links: PerNode<Vec<Link<'g>>>,
    first: &'g PerNode<Hash>,
    canonical: Issuer,
    temporary: Issuer,
    algorithm: HashAlgorithm,
    steps_left: usize,
    depth: usize,
}

impl<'g> Search<'g> {
    pub(super) fn new(
        graph: &'g Graph<'g>,
        first: &'g PerNode<Hash>,
        canonical: Issuer,
        algorithm: HashAlgorithm,
        limit: Limit,
    ) -> Self {
        let links = graph.nodes().map(|node| links(graph, node)).collect();
        let temporary = Issuer::new("b", graph.len());
        let steps_left = limit.steps.saturating_add(limit.steps_per_node.saturating_mul(graph.len()));
        Self { links, first, canonical, temporary, algorithm, steps_left, depth: 0 }
    }

    pub(super) fn into_canonical(self) -> Issuer {
        self.canonical
    }

    /// Gives canonical identifiers to nodes with the same first degree hash, and to what hangs on them
    /// [RDFC-1.0 §4.4.3 step 5].
    pub(super) fn tell_apart(&mut self, alike: &[NodeId]) -> Result<(), CanonicalizeError> {
        let mut results: Vec<(Hash, Vec<NodeId>)> = Vec::new();
        for &node in alike {
            if self.canonical.has(node) {
                continue;
            }
            self.temporary.rewind(0);
            self.temporary.issue(node);
            let hash = self.hash(node)?;
            results.push((hash, self.temporary.issued().to_vec()));
        }
        results.sort_by_key(|&(hash, _)| hash);
        for (_, issued) in results {
            self.canonical.issue_all(&issued);
        }
        Ok(())
    }

    /// Hash N-Degree Quads [RDFC-1.0 §4.8.3]. Leaves its issuer in `temporary`.
    fn hash(&mut self, node: NodeId) -> Result<Hash, CanonicalizeError> {
        // [RDF-01]
        if self.depth == MAX_DEPTH {
            return Err(CanonicalizeError::TooMuchWork);
        }
        self.depth += 1;
        let mut data = String::new();
        for alike in self.related(node)?.chunk_by(|a, b| a.0 == b.0) {
            if let Some((hash, _)) = alike.first() {
                hash.push_hex(&mut data);
            }
            let mut nodes: Vec<NodeId> = alike.iter().map(|&(_, node)| node).collect();
            data.push_str(&self.shortest_path(&mut nodes)?);
        }
        self.depth -= 1;
        Ok(self.algorithm.hash(&data))
    }

    /// The blank nodes that stand with `node` in a quad, by their hash [steps 2 and 3].
    fn related(&mut self, node: NodeId) -> Result<Vec<(Hash, NodeId)>, CanonicalizeError> {
        let cost = self.links[node].iter().map(|link| 1 + link.predicate.len() / 64).sum();
        self.spend(cost)?;
        let mut found: Vec<(Hash, NodeId)> =
            self.links[node].iter().map(|link| (self.hash_related(link), link.related)).collect();
        found.sort_unstable();
        Ok(found)
    }

    /// Hash Related Blank Node [RDFC-1.0 §4.7.3].
    fn hash_related(&self, link: &Link<'_>) -> Hash {
        let mut input = String::with_capacity(link.predicate.len() + 128);
        match link.place {
            Place::Subject => input.push('s'),
            Place::Object => input.push('o'),
            Place::Graph => input.push('g'),
        }
        if link.place != Place::Graph {
            input.push('<');
            input.push_str(link.predicate);
            input.push('>');
        }
        if self.canonical.has(link.related) || self.temporary.has(link.related) {
            self.push_identifier(&mut input, link.related);
        } else {
            self.first[link.related].push_hex(&mut input);
        }
        self.algorithm.hash(&input)
    }

    /// The chosen path over nodes with one related hash, its issuer put in place [steps 5.2 to 5.6].
    fn shortest_path(&mut self, nodes: &mut [NodeId]) -> Result<String, CanonicalizeError> {
        let mark = self.temporary.issued().len();
        let mut chosen = String::new();
        let mut issued = Vec::new();
        // `nodes` is sorted, so that each order comes once.
        loop {
            if let Some(path) = self.path(nodes, &chosen)?
                && (chosen.is_empty() || path < chosen)
            {
                chosen = path;
                issued = self.temporary.issued().iter().skip(mark).copied().collect();
            }
            self.temporary.rewind(mark);
            if !next_permutation(nodes) {
                break;
            }
        }
        self.temporary.issue_all(&issued);
        Ok(chosen)
    }

    /// The path over the nodes in this order; none once it is sure not to be chosen [steps 5.4.1 to 5.4.5].
    fn path(&mut self, nodes: &[NodeId], chosen: &str) -> Result<Option<String>, CanonicalizeError> {
        let hopeless = |path: &str| !chosen.is_empty() && path.len() >= chosen.len() && path > chosen;
        let mut path = String::with_capacity(chosen.len());
        let mut recursion = Vec::new();
        for &node in nodes {
            self.spend(1)?;
            // [RDF-09] a node with a canonical identifier is written, and not followed
            if !self.canonical.has(node) && !self.temporary.has(node) {
                self.temporary.issue(node);
                recursion.push(node);
            }
            self.push_identifier(&mut path, node);
            if hopeless(&path) {
                return Ok(None);
            }
        }
        for node in recursion {
            let hash = self.hash(node)?;
            self.push_identifier(&mut path, node);
            path.push('<');
            hash.push_hex(&mut path);
            path.push('>');
            if hopeless(&path) {
                return Ok(None);
            }
        }
        Ok(Some(path))
    }

    /// Appends the canonical identifier of the node, or else the temporary one.
    fn push_identifier(&self, out: &mut String, node: NodeId) {
        let issuer = if self.canonical.has(node) { &self.canonical } else { &self.temporary };
        out.push_str("_:");
        out.push_str(&issuer.label(node));
    }

    fn spend(&mut self, steps: usize) -> Result<(), CanonicalizeError> {
        // [RDF-01]
        self.steps_left = self.steps_left.checked_sub(steps).ok_or(CanonicalizeError::TooMuchWork)?;
        Ok(())
    }
}

fn links<'g>(graph: &Graph<'g>, node: NodeId) -> Vec<Link<'g>> {
    let others = |statement: &'g Statement<'g>| {
        statement.nodes().filter(move |&(_, related)| related != node).map(|(place, related)| Link {
            predicate: &statement.quad.predicate,
            place,
            related,
        })
    };
    graph.mentions(node).iter().flat_map(|statement| others(statement)).collect()
}

/// Puts the items into the next order, if there is one.
fn next_permutation<T: Ord>(items: &mut [T]) -> bool {
    let rises = |pair: &[T]| matches!(pair, [a, b] if a < b);
    let Some(pivot) = items.windows(2).rposition(rises) else { return false };
    let (head, tail) = items.split_at_mut(pivot + 1);
    let Some(pivot) = head.last_mut() else { return false };
    if let Some(successor) = tail.iter_mut().rfind(|item| **item > *pivot) {
        std::mem::swap(pivot, successor);
    }
    tail.reverse();
    true
}
