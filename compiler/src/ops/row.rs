//! One row of the table of operators.

use std::fmt;

use ferrodyne_plan::{DType, Diagnostic};
use ndarray::ArrayD;

use super::{Case, Lower};
use crate::graph::{AttrSpec, Builder, Node, NodeId, TensorType, TypeCx};

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

/// A type rule.
pub type TypeRule = fn(&mut TypeCx<'_>) -> Result<Vec<TensorType>, Diagnostic>;

/// The meaning of a primitive, in f64.
pub type Eval = fn(&EvalCx<'_>) -> Result<ArrayD<f64>, EvalError>;

/// The function of a composite: from its operands to its result. Of the node it reads the attributes only.
pub type Build = fn(&mut Builder, &Node, &[NodeId]) -> Result<NodeId, Diagnostic>;

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
    pub types: Option<TypeRule>,
    /// Meaning, in f64; a composite without one takes it from its function.
    pub eval: Option<Eval>,
    /// Lowering to loops.
    pub lower: Lower,
    /// A composite's function over other operators.
    pub build: Option<Build>,
    /// Whether the function of a composite makes more of sizes with a bound: eager execution, whose programs serve all sizes,
    /// gives it one.
    pub asks_bounds: bool,
    /// The operand whose axes behind the second are those of a window. They are few and short, and numbers in the programs of eager
    /// execution, which slide windows of other sizes by other programs.
    pub window_operand: Option<usize>,
    /// Examples for tests that run every operator on every engine.
    pub cases: fn() -> Vec<Case>,
}

impl Op {
    /// A row with nothing but a name; the methods below fill it in.
    pub const fn new(name: &'static str, doc: &'static str, class: OpClass, arity: Arity) -> Op {
        Op {
            name,
            doc,
            class,
            arity,
            attrs: &[],
            types: None,
            eval: None,
            lower: Lower::None,
            build: None,
            asks_bounds: false,
            window_operand: None,
            cases: Vec::new,
        }
    }

    /// A composite of exactly so many operands.
    pub const fn composite(
        name: &'static str,
        doc: &'static str,
        operands: usize,
        build: Build,
    ) -> Op {
        let mut op = Op::new(name, doc, OpClass::Composite, Arity::Exactly(operands));
        op.build = Some(build);
        op
    }

    /// With operands.
    pub const fn arity(mut self, arity: Arity) -> Op {
        self.arity = arity;
        self
    }

    /// With attributes.
    pub const fn attrs(mut self, attrs: &'static [AttrSpec]) -> Op {
        self.attrs = attrs;
        self
    }

    /// With bounds on sizes wherever it is used.
    pub const fn asks_bounds(mut self) -> Op {
        self.asks_bounds = true;
        self
    }

    /// With a window in an operand.
    pub const fn window_operand(mut self, operand: usize) -> Op {
        self.window_operand = Some(operand);
        self
    }

    /// With a type rule.
    pub const fn types(mut self, types: TypeRule) -> Op {
        self.types = Some(types);
        self
    }

    /// With a meaning.
    pub const fn eval(mut self, eval: Eval) -> Op {
        self.eval = Some(eval);
        self
    }

    /// With a lowering.
    pub const fn lower(mut self, lower: Lower) -> Op {
        self.lower = lower;
        self
    }

    /// With examples.
    pub const fn cases(mut self, cases: fn() -> Vec<Case>) -> Op {
        self.cases = cases;
        self
    }
}

impl Arity {
    /// Whether an operator of this arity takes so many operands.
    pub fn accepts(self, operands: usize) -> bool {
        match self {
            Arity::Exactly(n) => operands == n,
            Arity::Between(low, high) => (low..=high).contains(&operands),
            Arity::AtLeast(low) => operands >= low,
        }
    }
}

impl fmt::Display for Arity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Arity::Exactly(0) => f.write_str("no operands"),
            Arity::Exactly(1) => f.write_str("1 operand"),
            Arity::Exactly(n) => write!(f, "{n} operands"),
            Arity::Between(low, high) => write!(f, "{low} to {high} operands"),
            Arity::AtLeast(low) => write!(f, "at least {low} operands"),
        }
    }
}

impl EvalCx<'_> {
    /// Element type of the result.
    pub fn dtype(&self) -> DType {
        self.node.ty().dtype
    }

    /// A fault of this evaluation.
    pub fn fault(&self, message: impl fmt::Display) -> EvalError {
        EvalError { op: self.node.op.to_string(), message: message.to_string() }
    }
}
