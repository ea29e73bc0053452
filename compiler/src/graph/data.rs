//! The data types of graphs.

use std::fmt;
use std::sync::Arc;

use indexmap::IndexMap;

pub use ferrodyne_plan::plan::InputRole;
use ferrodyne_plan::{DType, Dim, Facts, Name, Range, Source};

use super::Attrs;

/// Index of a node in its graph.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeId(pub u32);

impl NodeId {
    /// Position in the arena.
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// Element type and shape of a tensor.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct TensorType {
    /// Element type.
    pub dtype: DType,
    /// Shape, outermost first.
    pub dims: Vec<Dim>,
}

impl TensorType {
    /// A type.
    pub fn new(dtype: DType, dims: impl IntoIterator<Item = impl Into<Dim>>) -> TensorType {
        TensorType { dtype, dims: dims.into_iter().map(Into::into).collect() }
    }

    /// Number of dims.
    pub fn rank(&self) -> usize {
        self.dims.len()
    }

    /// Number of elements.
    pub fn elements(&self) -> Dim {
        self.dims.iter().cloned().product()
    }
}

impl fmt::Display for TensorType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let dims = self.dims.iter().map(Dim::to_string).collect::<Vec<_>>().join(", ");
        write!(f, "{}[{dims}]", self.dtype)
    }
}

/// One operation, or one input of the graph (operator `input`).
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    /// Operator, by its name in the table of operators.
    pub op: Name,
    /// Attributes.
    pub attrs: Attrs,
    /// Operands; all stand before this node.
    pub inputs: Vec<NodeId>,
    /// Results: one for all operators but those that call graphs, whose results are taken by the operator `result`.
    pub types: Vec<TensorType>,
    /// Graphs that this node calls, by name in [`Graph::subgraphs`].
    pub calls: Vec<Name>,
    /// The user's name for the value.
    pub name: Option<Name>,
    /// The user's line and module.
    pub source: Source,
}

impl Node {
    /// Type of the only (or first) result.
    pub fn ty(&self) -> &TensorType {
        &self.types[0]
    }
}

/// An input of a graph.
#[derive(Clone, Debug, PartialEq)]
pub struct Input {
    /// Name, unique among the inputs.
    pub name: Name,
    /// What it is.
    pub role: InputRole,
    /// Its node.
    pub node: NodeId,
}

/// A result of a graph.
#[derive(Clone, Debug, PartialEq)]
pub struct Output {
    /// Name.
    pub name: Name,
    /// The value.
    pub node: NodeId,
}

/// What is known of a symbol.
#[derive(Clone, Debug, PartialEq)]
pub struct SymbolInfo {
    /// Values allowed.
    pub range: Range,
    /// Value at the call at hand.
    pub hint: Option<i64>,
}

/// Something that was assumed about sizes, and where.
#[derive(Clone, Debug, PartialEq)]
pub struct Guard {
    /// What must hold.
    pub fact: GuardFact,
    /// The operation that needed it.
    pub source: Source,
    /// Name of the operator that needed it.
    pub op: Name,
}

/// What a guard checks.
#[derive(Clone, Debug, PartialEq)]
pub enum GuardFact {
    /// Two sizes are equal.
    Equal(Dim, Dim),
    /// Two sizes differ.
    Differ(Dim, Dim),
    /// A size lies in a range.
    Within(Dim, Range),
    /// A size is divisible by a number.
    Multiple(Dim, i64),
}

impl GuardFact {
    /// The sizes that it is about.
    pub fn dims(&self) -> Vec<&Dim> {
        match self {
            GuardFact::Equal(a, b) | GuardFact::Differ(a, b) => vec![a, b],
            GuardFact::Within(a, _) | GuardFact::Multiple(a, _) => vec![a],
        }
    }

    /// The same fact about other sizes.
    pub fn map_dims(&self, of: &dyn Fn(&Dim) -> Dim) -> GuardFact {
        match self {
            GuardFact::Equal(a, b) => GuardFact::Equal(of(a), of(b)),
            GuardFact::Differ(a, b) => GuardFact::Differ(of(a), of(b)),
            GuardFact::Within(a, range) => GuardFact::Within(of(a), *range),
            GuardFact::Multiple(a, n) => GuardFact::Multiple(of(a), *n),
        }
    }
}

impl fmt::Display for GuardFact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            GuardFact::Equal(a, b) => write!(f, "{a} == {b}"),
            GuardFact::Differ(a, b) => write!(f, "{a} != {b}"),
            GuardFact::Within(a, range) => write!(f, "{a} in {range}"),
            GuardFact::Multiple(a, n) => write!(f, "{a} % {n} == 0"),
        }
    }
}

/// A function over tensors.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Graph {
    /// Name of the function or model.
    pub name: Name,
    /// All nodes; operands stand before their users. A pass that leaves a node as it is shares it with the graph before.
    pub nodes: Vec<Arc<Node>>,
    /// Inputs, in order.
    pub inputs: Vec<Input>,
    /// Results, in order.
    pub outputs: Vec<Output>,
    /// Inputs that take a new value when the graph has run: index of the input, and the value.
    pub write_backs: Vec<(usize, NodeId)>,
    /// Symbols of the shapes.
    pub symbols: IndexMap<Name, SymbolInfo>,
    /// What is known of the symbols: their ranges, and what guards have established.
    pub facts: Facts,
    /// What was assumed while building.
    pub guards: Vec<Guard>,
    /// Graphs that nodes call.
    pub subgraphs: IndexMap<Name, Arc<Graph>>,
}

impl Graph {
    /// The node of that id.
    pub fn node(&self, id: NodeId) -> &Node {
        &self.nodes[id.index()]
    }

    /// The node of that id, to be changed.
    pub fn node_mut(&mut self, id: NodeId) -> &mut Node {
        Arc::make_mut(&mut self.nodes[id.index()])
    }

    /// All nodes in order, to be changed.
    pub fn nodes_mut(&mut self) -> impl Iterator<Item = &mut Node> {
        self.nodes.iter_mut().map(Arc::make_mut)
    }

    /// Adds a node, whose operands stand in the graph, and gives its id.
    pub fn push(&mut self, node: impl Into<Arc<Node>>) -> NodeId {
        let id = NodeId(self.nodes.len() as u32);
        self.nodes.push(node.into());
        id
    }

    /// Type of a node's first result.
    pub fn ty(&self, id: NodeId) -> &TensorType {
        self.node(id).ty()
    }

    /// Ids of all nodes, in order.
    pub fn ids(&self) -> impl DoubleEndedIterator<Item = NodeId> + use<> {
        (0..self.nodes.len() as u32).map(NodeId)
    }

    /// The graph of a module, by the path it is called by (`layer1.0`), also inside of branches and loops.
    pub fn module(&self, path: &str) -> Option<&Graph> {
        let (own, rest) =
            path.split_once('.').map_or((path, None), |(own, rest)| (own, Some(rest)));
        let is_call = |node: &&Arc<Node>| {
            node.op.as_str() == "call" && node.source.module.as_deref() == Some(own)
        };
        let Some(call) = self.nodes.iter().find(is_call) else {
            let bodies = self.nodes.iter().filter(|node| node.op.as_str() != "call");
            let mut bodies = bodies.flat_map(|node| &node.calls);
            return bodies.find_map(|body| self.subgraphs.get(body)?.module(path));
        };
        let graph = self.subgraphs.get(call.calls.first()?)?;
        rest.map_or(Some(graph), |rest| graph.module(rest))
    }

    /// Number of operations, with those of called graphs at each call in the place of the calls.
    pub fn operations(&self) -> usize {
        let callee = |name: &Name| self.subgraphs.get(name).map_or(0, |graph| graph.operations());
        let count = |node: &Arc<Node>| match node.op.as_str() {
            "input" | "result" => 0,
            _ if node.calls.is_empty() => 1,
            _ => node.calls.iter().map(callee).sum(),
        };
        self.nodes.iter().map(count).sum()
    }

    /// Values that must be computed: the results and the values written back.
    pub fn roots(&self) -> impl Iterator<Item = NodeId> + '_ {
        self.outputs.iter().map(|o| o.node).chain(self.write_backs.iter().map(|(_, node)| *node))
    }
}
