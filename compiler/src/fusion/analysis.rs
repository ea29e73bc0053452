//! What fusion needs to know of every node: whether it is wanted, how its value is had, whether weights alone decide it.

use ferrodyne_plan::{DType, Dim, Target, Var};

use super::checks;
use super::reads::reads;
use super::region::RegionKind;
use super::space::identity;
use crate::graph::{Attr, Graph, InputRole, Node, NodeId};
use crate::ops::{self, OpClass};

/// How a value is had.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    /// It lies in memory before anything runs.
    Leaf,
    /// It costs next to nothing to have at any index: views, counters, equal constants, and what is computed from these alone.
    Free,
    /// A kernel computes it.
    Computed,
}

/// A graph with what fusion needs to know of it.
pub(super) struct Analysis<'a> {
    pub graph: &'a Graph,
    pub live: Vec<bool>,
    pub standing: Vec<Standing>,
    pub class: Vec<OpClass>,
    pub weights_only: Vec<bool>,
    /// Whether a result of the graph is this value or a view of it.
    pub root: Vec<bool>,
    /// Whether a node takes or gives 64-bit integers; empty where none does.
    long: Vec<bool>,
    /// Bindings that a node's value takes; empty where each takes one.
    bindings: Vec<u32>,
}

impl<'a> Analysis<'a> {
    pub(super) fn of(graph: &'a Graph, target: &Target) -> Analysis<'a> {
        let count = graph.nodes.len();
        let mut live = vec![false; count];
        for id in graph.roots() {
            live[id.index()] = true;
        }
        for id in graph.ids().collect::<Vec<_>>().into_iter().rev() {
            if live[id.index()] {
                graph.node(id).inputs.iter().for_each(|i| live[i.index()] = true);
            }
        }
        let class: Vec<OpClass> = graph
            .nodes
            .iter()
            .map(|node| ops::find(&node.op).map_or(OpClass::Control, |row| row.class))
            .collect();
        let mut standing = standings(graph, &class);
        for view in checks::stored_views(graph, &class, &live) {
            standing[view.index()] = Standing::Computed;
        }
        let mut analysis = Analysis {
            graph,
            live,
            standing,
            class,
            weights_only: weights_only(graph),
            root: vec![false; count],
            long: longs(graph),
            bindings: bindings(graph, target),
        };
        for id in graph.roots() {
            let base = analysis.through_views(id).0;
            analysis.root[base.index()] = true;
        }
        analysis
    }

    /// Whether any of the nodes takes or gives 64-bit integers.
    pub(super) fn is_long(&self, nodes: &[NodeId]) -> bool {
        !self.long.is_empty() && nodes.iter().any(|id| self.long[id.index()])
    }

    /// Bindings that a kernel takes. A value that leaves it by now may be read by what joins it later, and counts once.
    pub(super) fn bindings<'v>(
        &self,
        inputs: impl Iterator<Item = &'v NodeId>,
        outputs: impl Iterator<Item = &'v NodeId>,
    ) -> usize {
        if self.bindings.is_empty() {
            return inputs.count() + outputs.count();
        }
        let outputs = outputs.map(|id| if self.root[id.index()] { self.ranges(id) } else { 1 });
        outputs.chain(inputs.map(|id| self.ranges(id))).sum()
    }

    /// Whether any value takes more bindings than one.
    pub(super) fn has_ranges(&self) -> bool {
        !self.bindings.is_empty()
    }

    fn ranges(&self, id: &NodeId) -> usize {
        self.bindings[id.index()] as usize
    }

    /// Whether data tell where a node reads an operand, as in a gather.
    pub(super) fn reads_by_data(&self, id: NodeId) -> bool {
        let at = identity(&self.graph.ty(id).dims);
        let by_data = |ix: &Dim| ix.vars().iter().any(|var| matches!(var, Var::Data(_)));
        self.class[id.index()] == OpClass::Gather
            && reads(self.graph, id, &at, &self.graph.facts)
                .inputs
                .iter()
                .any(|(_, coords)| coords.iter().any(|c| by_data(&c.ix)))
    }

    /// Every computed node by itself.
    pub(super) fn singles(&self) -> Vec<Vec<NodeId>> {
        self.computed().map(|id| vec![id]).collect()
    }

    /// Nodes that a kernel computes, in order.
    pub(super) fn computed(&self) -> impl Iterator<Item = NodeId> + '_ {
        self.graph
            .ids()
            .filter(|id| self.live[id.index()] && self.standing[id.index()] == Standing::Computed)
    }

    /// For every node, the computed nodes that read it, directly or through views.
    pub(super) fn base_users(&self) -> Vec<Vec<NodeId>> {
        let mut users = vec![Vec::new(); self.graph.nodes.len()];
        for id in self.computed() {
            for &input in &self.graph.node(id).inputs {
                let list: &mut Vec<NodeId> = &mut users[self.through_views(input).0.index()];
                if list.last() != Some(&id) {
                    list.push(id);
                }
            }
        }
        users
    }

    /// The buffer that a chain of reshapes over a value ends at.
    pub(super) fn reshaped(&self, id: NodeId) -> NodeId {
        let mut at = id;
        while &*self.graph.node(at).op == "reshape" {
            at = self.graph.node(at).inputs[0];
        }
        at
    }

    /// Whether a reshape only adds or takes away axes of size 1, so that reading through it costs nothing.
    pub(super) fn only_units(&self, id: NodeId) -> bool {
        let sizes = |id: NodeId| {
            let dims = self.graph.ty(id).dims.iter().filter(|d| d.as_const() != Some(1));
            dims.cloned().collect::<Vec<Dim>>()
        };
        sizes(id) == sizes(self.graph.node(id).inputs[0])
    }

    /// The kind of region that a node makes by itself.
    pub(super) fn kind(&self, id: NodeId) -> RegionKind {
        match self.class[id.index()] {
            OpClass::Pointwise => RegionKind::Pointwise,
            OpClass::Reduce => RegionKind::Reduction,
            OpClass::Contract => RegionKind::Contraction,
            OpClass::Movement => RegionKind::Movement,
            OpClass::Source | OpClass::View | OpClass::Gather => RegionKind::Copy,
            OpClass::Control | OpClass::Composite => RegionKind::Pointwise,
        }
    }
}

/// Bindings that each node's value takes at the sizes at hand; empty where each takes one.
fn bindings(graph: &Graph, target: &Target) -> Vec<u32> {
    let count = |node: &Node| {
        let ty = node.types.first()?;
        let bytes = graph.hint(&ty.dtype.tensor_bytes(&ty.dims))?;
        Some(target.ranges(u64::try_from(bytes).ok()?))
    };
    let counts: Vec<u32> = graph.nodes.iter().map(|node| count(node).unwrap_or(1)).collect();
    if counts.iter().all(|&count| count == 1) { Vec::new() } else { counts }
}

/// For each node, whether it takes or gives 64-bit integers; nothing where none does.
fn longs(graph: &Graph) -> Vec<bool> {
    let is_long = |id: NodeId| graph.node(id).types.iter().any(|ty| ty.dtype == DType::Long);
    let touches = |id: NodeId| is_long(id) || graph.node(id).inputs.iter().any(|i| is_long(*i));
    let longs: Vec<bool> = graph.ids().map(touches).collect();
    if longs.contains(&true) { longs } else { Vec::new() }
}

/// Operations that computing a value out of nothing may take for it to be had for free: a few scalars, a mask from counters.
const FREE_FLOPS_MAX: u64 = 32;

fn standings(graph: &Graph, class: &[OpClass]) -> Vec<Standing> {
    let mut standings: Vec<Standing> = Vec::with_capacity(class.len());
    // Operations of values that depend on no input; `None` for others.
    let mut from_nothing: Vec<Option<u64>> = Vec::with_capacity(class.len());
    let longs = longs(graph);
    for id in graph.ids() {
        let node = graph.node(id);
        let mut standing = standing(node, class[id.index()]);
        let operands: Option<u64> = node.inputs.iter().map(|i| from_nothing[i.index()]).sum();
        let own = match (standing, class[id.index()]) {
            (Standing::Free, _) => Some(0),
            (Standing::Computed, OpClass::Pointwise) if operands.is_some() => {
                let at = identity(&node.ty().dims);
                Some(reads(graph, id, &at, &graph.facts).flops)
            }
            _ => None,
        };
        let flops = own.zip(operands).map(|(own, operands)| own + operands);
        if flops.is_some_and(|flops| flops <= FREE_FLOPS_MAX)
            && class[id.index()] == OpClass::Pointwise
            // Its readers would have 64-bit integers in them.
            && !longs.get(id.index()).is_some_and(|long| *long)
        {
            standing = Standing::Free;
        }
        standings.push(standing);
        from_nothing.push(flops);
    }
    standings
}

fn standing(node: &Node, class: OpClass) -> Standing {
    match class {
        OpClass::Source if &*node.op == "input" => Standing::Leaf,
        OpClass::Source => match node.attrs.get("value") {
            Some(Attr::Tensor(data)) => {
                let mut elements = data.bytes.chunks_exact(data.dtype.host_bytes());
                let first = elements.next();
                let equal = first.is_some_and(|first| elements.all(|e| e == first));
                if equal { Standing::Free } else { Standing::Leaf }
            }
            _ => Standing::Free,
        },
        OpClass::View => Standing::Free,
        _ => Standing::Computed,
    }
}

/// Whether each node depends on weights and constants alone, whatever the sizes of a call.
fn weights_only(graph: &Graph) -> Vec<bool> {
    let mut weights: Vec<bool> = Vec::with_capacity(graph.nodes.len());
    let written = |index: usize| graph.write_backs.iter().any(|(input, _)| *input == index);
    let mut inputs = vec![false; graph.nodes.len()];
    for (k, input) in graph.inputs.iter().enumerate() {
        let constant = matches!(input.role, InputRole::Parameter | InputRole::Buffer);
        inputs[input.node.index()] = constant && !written(k);
    }
    for id in graph.ids() {
        let node = graph.node(id);
        let fixed =
            node.types.iter().all(|ty| ty.dims.iter().all(Dim::is_const)) && fixed_attrs(node);
        let own = if &*node.op == "input" { inputs[id.index()] } else { true };
        weights.push(fixed && own && node.inputs.iter().all(|i| weights[i.index()]));
    }
    weights
}

fn fixed_attrs(node: &Node) -> bool {
    node.attrs.iter().all(|(_, attr)| match attr {
        Attr::Dims(dims) => dims.iter().all(Dim::is_const),
        _ => true,
    })
}
