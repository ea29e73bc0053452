//! One row of the table of operators.

use ferrodyne_plan::Diagnostic;
use ndarray::ArrayD;

use super::Lower;
use crate::graph::{AttrSpec, Builder, Node, NodeId, OpRules, TensorType, TypeCx};

/// What kind of work an operator is; fusion decides by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum OpClass {
    /// Makes values from nothing: inputs, constants, counters.
    Source,
    /// Element by element.
    Pointwise,
    /// Reads its operand at other indices and moves no data.
    View,
    /// Reads operands at indices that depend on data or piecewise: concat, gather.
    Gather,
    /// Folds axes away.
    Reduce,
    /// Sums products over shared axes.
    Contract,
    /// Needs the whole of its operand before anything else: scatter.
    Movement,
    /// Calls graphs.
    Control,
    /// A function over other operators.
    Composite,
}

/// How many operands an operator takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arity {
    /// Exactly so many.
    Exactly(usize),
    /// From so many to so many.
    Between(usize, usize),
    /// At least so many.
    AtLeast(usize),
}

/// What the evaluation of a primitive sees. Every element type is held as f64, which represents all of them exactly but large
/// 64-bit integers; truth values are 0 and 1.
pub struct EvalCx<'a> {
    /// The node.
    pub node: &'a Node,
    /// Operands.
    pub inputs: &'a [&'a ArrayD<f64>],
    /// Shape of the result, with the sizes of this run.
    pub out_dims: &'a [usize],
    /// The values of sizes in the attributes.
    pub sizes: &'a dyn Fn(&ferrodyne_plan::Dim) -> i64,
    /// Types of the operands.
    pub types: &'a [&'a TensorType],
}

/// Why a primitive could not be evaluated.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("{op}: {message}")]
pub struct EvalError {
    /// Operator.
    pub op: String,
    /// What is wrong.
    pub message: String,
}

/// An operator.
pub struct Op {
    /// Name in graphs and their text form.
    pub name: &'static str,
    /// What it computes, in a sentence or two, with units and special values.
    pub doc: &'static str,
    /// Kind of work.
    pub class: OpClass,
    /// Operands.
    pub arity: Arity,
    /// Attributes.
    pub attrs: &'static [AttrSpec],
    /// Type rule; a composite without one takes it from its function.
    pub types: Option<fn(&mut TypeCx<'_>) -> Result<Vec<TensorType>, Diagnostic>>,
    /// Meaning, in f64; a composite without one takes it from its function.
    pub eval: Option<fn(&EvalCx<'_>) -> Result<ArrayD<f64>, EvalError>>,
    /// Lowering to loops.
    pub lower: Lower,
    /// A composite's function over other operators.
    pub build: Option<fn(&mut Builder, &Node, &[NodeId]) -> Result<NodeId, Diagnostic>>,
}

/// The table as the rules that graphs need.
pub struct Table;

impl OpRules for Table {
    fn attrs(&self, _op: &str) -> Option<&'static [AttrSpec]> {
        None
    }

    fn types(&self, op: &str, cx: &mut TypeCx<'_>) -> Result<Vec<TensorType>, Diagnostic> {
        Err(cx.fault("unsupported", format_args!("`{op}` is no operator")))
    }
}
