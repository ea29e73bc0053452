//! Values of nodes, found by the node's place in the arena.

use std::ops::Index;

use super::NodeId;

/// A value for some nodes of a graph: what a tree would hold, without its walks.
#[derive(Clone, Debug)]
pub(crate) struct NodeMap<T>(Vec<Option<T>>);

impl<T> NodeMap<T> {
    /// No value for any of so many nodes.
    pub(crate) fn new(count: usize) -> NodeMap<T> {
        NodeMap((0..count).map(|_| None).collect())
    }

    /// The value of a node, if it has one.
    pub(crate) fn get(&self, id: &NodeId) -> Option<&T> {
        self.0[id.index()].as_ref()
    }

    /// Whether a node has a value.
    pub(crate) fn contains_key(&self, id: &NodeId) -> bool {
        self.get(id).is_some()
    }

    /// Gives a node a value; the one that it had comes back.
    pub(crate) fn insert(&mut self, id: NodeId, value: T) -> Option<T> {
        self.0[id.index()].replace(value)
    }

    /// Takes a node's value.
    pub(crate) fn remove(&mut self, id: &NodeId) -> Option<T> {
        self.0[id.index()].take()
    }

    /// The place of a node's value.
    pub(crate) fn entry(&mut self, id: NodeId) -> &mut Option<T> {
        &mut self.0[id.index()]
    }
}

impl<T> Extend<(NodeId, T)> for NodeMap<T> {
    fn extend<I: IntoIterator<Item = (NodeId, T)>>(&mut self, values: I) {
        values.into_iter().for_each(|(id, value)| *self.entry(id) = Some(value));
    }
}

impl<T> Index<&NodeId> for NodeMap<T> {
    type Output = T;

    fn index(&self, id: &NodeId) -> &T {
        self.get(id).expect("only nodes that have a value are asked for it so")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_stands_until_it_is_taken() {
        let mut map = NodeMap::new(3);
        map.extend([(NodeId(2), "c"), (NodeId(0), "a")]);
        assert_eq!((map.get(&NodeId(1)), map[&NodeId(2)]), (None, "c"));
        assert_eq!(map.insert(NodeId(0), "b"), Some("a"));
        assert_eq!((map.remove(&NodeId(0)), map.contains_key(&NodeId(0))), (Some("b"), false));
    }
}
