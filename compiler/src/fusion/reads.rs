//! What a node reads at an index, and how much it computes there, found by running its lowering without its operands.

use ferrodyne_plan::loops::{Coord, FoldKind, Literal, Math, Val};
use ferrodyne_plan::{DType, Dim, Facts, Name, Var};

use crate::graph::{Graph, Node, NodeId};
use crate::ops::{self, FoldArgs, Lower, Lowering};

/// Reads of one node at one index.
#[derive(Default)]
pub(crate) struct Reads {
    /// Operand, coordinates, and whether they lie within a fold.
    pub inputs: Vec<(usize, Vec<Coord>)>,
    /// Extents of each fold's axes.
    pub folds: Vec<Vec<Dim>>,
    /// Modelled operations at one index, folds counted once.
    pub flops: u64,
    /// Whether an element outside the operand gives a fill.
    pub filled: bool,
}

/// The axis that stands for the k-th axis of a fold.
pub(super) fn fold_axis(fold: usize, k: usize) -> Name {
    Name::from(format!("${fold}.{k}"))
}

/// Whether an index is an axis of a fold and nothing else.
pub(super) fn is_fold_axis(ix: &Dim) -> bool {
    matches!(ix.as_var(), Some(Var::Axis(name)) if name.starts_with('$'))
}

/// What a node reads at an index.
pub(crate) fn reads(graph: &Graph, id: NodeId, at: &[Dim], facts: &Facts) -> Reads {
    let node = graph.node(id);
    let mut cx = Recorder { graph, node, facts, reads: Reads::default() };
    let Some(row) = ops::find(&node.op) else { return cx.reads };
    let zero = || Val::Const(Literal::F32(0.0));
    match row.lower {
        Lower::Pointwise(value) => {
            let operands: Vec<Val> = node.inputs.iter().map(|_| zero()).collect();
            cx.reads.flops += flops(&value(node, &operands));
            for (k, &input) in node.inputs.iter().enumerate() {
                let skip = at.len() - graph.ty(input).rank();
                cx.reads.inputs.push((k, ops::coords(at[skip..].iter().cloned())));
            }
        }
        Lower::View(view) => {
            let (coords, fill) = view(&mut cx, node, at);
            cx.reads.filled = fill.is_some();
            cx.reads.inputs.push((0, coords));
        }
        Lower::At(value) => {
            let val = value(&mut cx, node, at);
            cx.reads.flops += flops(&val);
        }
        Lower::Scatter(_) | Lower::None => {}
    }
    cx.reads
}

struct Recorder<'a> {
    graph: &'a Graph,
    node: &'a Node,
    facts: &'a Facts,
    reads: Reads,
}

impl Lowering for Recorder<'_> {
    fn dims(&self, operand: usize) -> Vec<Dim> {
        self.graph.ty(self.node.inputs[operand]).dims.clone()
    }

    fn dtype(&self, operand: usize) -> DType {
        self.graph.ty(self.node.inputs[operand]).dtype
    }

    fn out_dims(&self) -> Vec<Dim> {
        self.node.ty().dims.clone()
    }

    fn facts(&self) -> &Facts {
        self.facts
    }

    fn lies_in(&self, operand: usize, size: &Dim) -> bool {
        ops::constant_in(self.graph, self.node.inputs[operand], size, self.facts)
    }

    fn constant(&mut self, _at: &[Dim]) -> Val {
        Val::Const(Literal::F32(0.0))
    }

    fn input(&mut self, operand: usize, at: &[Coord], fill: Option<Literal>) -> Val {
        self.reads.filled |= fill.is_some();
        self.reads.inputs.push((operand, at.to_vec()));
        Val::Const(Literal::F32(0.0))
    }

    fn fold(&mut self, kind: FoldKind, extents: &[Dim], args: &mut FoldArgs<'_>) -> Vec<Val> {
        let fold = self.reads.folds.len();
        self.reads.folds.push(extents.to_vec());
        let at: Vec<Dim> = (0..extents.len()).map(|k| Dim::axis(fold_axis(fold, k))).collect();
        let args = args(self, &at);
        self.reads.flops += 1 + args.iter().map(flops).sum::<u64>();
        vec![Val::Const(Literal::F32(0.0)); kind.row().arity]
    }

    fn data(&mut self, _val: Val, _extent: &Dim) -> Dim {
        Dim::data("$")
    }
}

/// Modelled operations of a value: a transcendental function costs several.
fn flops(val: &Val) -> u64 {
    let mut sum = 0;
    val.visit(&mut |part| {
        sum += match part {
            Val::Op(math, _) => price(*math),
            Val::Case { .. } => 2,
            _ => 0,
        };
    });
    sum
}

fn price(math: Math) -> u64 {
    match math {
        Math::Exp | Math::Log | Math::Sin | Math::Cos | Math::Sqrt | Math::Rsqrt | Math::Recip => 4,
        Math::Div | Math::Rem => 4,
        Math::Expm1 | Math::Log1p | Math::Tanh | Math::Erf | Math::Pow | Math::Atan2 => 16,
        _ => 1,
    }
}
