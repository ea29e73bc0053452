//! Examples of operators: what tests feed to every operator on every engine.

use ferrodyne_plan::{DType, Diagnostic, Dim, Range};
use ndarray::{ArrayD, IxDyn};

use super::Table;
use crate::graph::{Attrs, Builder, Graph, InputRole, TensorType};

/// An example of an operator: operands and attributes. Sizes may be symbols, whose values are given.
#[derive(Clone, Debug, PartialEq)]
pub struct Case {
    /// Operands.
    pub operands: Vec<Operand>,
    /// Attributes.
    pub attrs: Attrs,
    /// Symbols with their values.
    pub sizes: Vec<(&'static str, i64)>,
    /// Error allowed for f32 engines, as a share of the largest element of the result (or of 1).
    pub tolerance: f64,
}

/// An operand of an example.
#[derive(Clone, Debug, PartialEq)]
pub struct Operand {
    /// Its type.
    pub ty: TensorType,
    /// Its elements.
    pub domain: Domain,
}

/// Where the elements of an operand come from.
#[derive(Clone, Debug, PartialEq)]
pub enum Domain {
    /// Numbers between two bounds, each exact in f32.
    Real(f64, f64),
    /// Integers between two bounds, both included.
    Int(i64, i64),
    /// These numbers, again and again.
    Values(Vec<f64>),
    /// `0, 1, .., n - 1` in some order along the last axis, so that no index stands twice.
    Permutation,
}

impl Case {
    /// An example without operands.
    pub fn new() -> Case {
        Case { operands: Vec::new(), attrs: Attrs::new(), sizes: Vec::new(), tolerance: 1e-5 }
    }

    /// With an operand of reals in `-2..2`.
    pub fn f32(self, dims: &[i64]) -> Case {
        self.operand(DType::F32, dims, Domain::Real(-2.0, 2.0))
    }

    /// With an operand of integers in `-5..=5`.
    pub fn i32(self, dims: &[i64]) -> Case {
        self.operand(DType::I32, dims, Domain::Int(-5, 5))
    }

    /// With an operand of truth values.
    pub fn bool(self, dims: &[i64]) -> Case {
        self.operand(DType::Bool, dims, Domain::Int(0, 1))
    }

    /// With an operand of `i64` indices into an axis of the given size.
    pub fn index(self, dims: &[i64], size: i64) -> Case {
        self.operand(DType::I64, dims, Domain::Int(0, size - 1))
    }

    /// With an operand.
    pub fn operand(self, dtype: DType, dims: &[i64], domain: Domain) -> Case {
        self.symbolic(dtype, dims.iter().map(|&d| Dim::constant(d)).collect(), domain)
    }

    /// With an operand whose sizes may be symbols.
    pub fn symbolic(mut self, dtype: DType, dims: Vec<Dim>, domain: Domain) -> Case {
        self.operands.push(Operand { ty: TensorType { dtype, dims }, domain });
        self
    }

    /// With the value of a symbol.
    pub fn size(mut self, name: &'static str, value: i64) -> Case {
        self.sizes.push((name, value));
        self
    }

    /// With attributes.
    pub fn with(mut self, attrs: Attrs) -> Case {
        self.attrs = attrs;
        self
    }

    /// With another tolerance.
    pub fn within(mut self, tolerance: f64) -> Case {
        self.tolerance = tolerance;
        self
    }

    /// The graph that applies an operator to inputs `x0`, `x1`, ...; its only result is `y`.
    ///
    /// # Errors
    /// When the example does not fit the operator.
    pub fn graph(&self, op: &str) -> Result<Graph, Diagnostic> {
        let mut b = Builder::new(format!("{op}_case"), &Table);
        for (name, value) in &self.sizes {
            b.symbol(*name, Range::at_least(1), Some(*value));
        }
        let inputs: Vec<_> = (0..self.operands.len())
            .map(|k| b.input(format!("x{k}"), InputRole::Argument, self.operands[k].ty.clone()))
            .collect();
        let y = b.add(op, &inputs, self.attrs.clone())?;
        b.output("y", y);
        Ok(b.finish())
    }

    /// Elements for every operand, the same for the same seed.
    pub fn inputs(&self, seed: u64) -> Vec<ArrayD<f64>> {
        let value = |dim: &Dim| {
            dim.eval(&|v| self.sizes.iter().find(|(n, _)| **n == **v.name()).map(|s| s.1))
        };
        (0u64..)
            .zip(&self.operands)
            .map(|(k, operand)| {
                let dims: Vec<usize> = operand
                    .ty
                    .dims
                    .iter()
                    .map(|d| {
                        value(d).expect("an example gives the value of each of its symbols")
                            as usize
                    })
                    .collect();
                operand.domain.fill(&dims, seed.wrapping_mul(31).wrapping_add(k))
            })
            .collect()
    }
}

impl Default for Case {
    fn default() -> Case {
        Case::new()
    }
}

impl Domain {
    fn fill(&self, dims: &[usize], seed: u64) -> ArrayD<f64> {
        let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15).wrapping_add(0x1234_5678);
        let mut next = move || {
            state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mut z = state;
            z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            z ^ (z >> 31)
        };
        let count: usize = dims.iter().product();
        let elements: Vec<f64> = match self {
            Domain::Real(low, high) => (0..count)
                .map(|_| {
                    let unit = (next() >> 40) as f64 / (1u64 << 24) as f64;
                    f64::from((low + (high - low) * unit) as f32)
                })
                .collect(),
            Domain::Int(low, high) => (0..count)
                .map(|_| (low + (next() % (high - low + 1) as u64) as i64) as f64)
                .collect(),
            Domain::Values(values) => (0..count).map(|i| values[i % values.len()]).collect(),
            Domain::Permutation => {
                let n = dims.last().copied().unwrap_or(1).max(1);
                let mut all = Vec::with_capacity(count);
                for _ in 0..count / n {
                    let mut row: Vec<usize> = (0..n).collect();
                    for i in (1..n).rev() {
                        row.swap(i, (next() % (i as u64 + 1)) as usize);
                    }
                    all.extend(row.into_iter().map(|v| v as f64));
                }
                all
            }
        };
        ArrayD::from_shape_vec(IxDyn(dims), elements).expect("as many elements as the shape has")
    }
}
