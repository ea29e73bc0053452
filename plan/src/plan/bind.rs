//! Takes the values of a plan's symbols from the shapes of its inputs.

use std::collections::BTreeMap;

use super::{Condition, Plan};
use crate::{Dim, Name, Range, Var};

/// Values of a plan's symbols at one call.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sizes(BTreeMap<Name, i64>);

/// A size as it is declared, with its value where that is another text.
fn wanted(dim: &str, value: i64) -> String {
    let value = value.to_string();
    if dim == value { value } else { format!("{dim} = {value}") }
}

/// Why shapes do not fit a plan. Names are the user's.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BindError {
    /// A different number of inputs.
    #[error("`{plan}` takes {want} inputs, not {got}")]
    Count {
        /// Plan.
        plan: Name,
        /// Inputs of the plan.
        want: usize,
        /// Shapes given.
        got: usize,
    },
    /// A different number of dims.
    #[error("input `{input}` has rank {want} (shape [{dims}]), but the value given has rank {got}")]
    Rank {
        /// Input.
        input: Name,
        /// Declared shape.
        dims: String,
        /// Declared rank.
        want: usize,
        /// Rank given.
        got: usize,
    },
    /// A size that contradicts a constant, an expression or another input.
    #[error("dim {axis} of input `{input}` must be {}, but it is {got}", wanted(dim, *want))]
    Size {
        /// Input.
        input: Name,
        /// Which dim.
        axis: usize,
        /// Declared.
        dim: String,
        /// Value required.
        want: i64,
        /// Value given.
        got: i64,
    },
    /// A symbol outside its range.
    #[error("`{symbol}` must be in {range}, but it is {got}")]
    Range {
        /// Symbol.
        symbol: Name,
        /// Range.
        range: Range,
        /// Value given.
        got: i64,
    },
    /// A fact of the plan that does not hold.
    #[error("`{plan}` needs {fact}, which these shapes contradict")]
    Fact {
        /// Plan.
        plan: Name,
        /// What must hold.
        fact: String,
    },
    /// A size that no input fixes.
    #[error("no input fixes the size {dim}")]
    Unbound {
        /// The expression.
        dim: String,
    },
}

impl Sizes {
    /// Sizes with the given values.
    pub fn new(values: impl IntoIterator<Item = (Name, i64)>) -> Sizes {
        Sizes(values.into_iter().collect())
    }

    /// The value of a symbol.
    pub fn get(&self, symbol: &Name) -> Option<i64> {
        self.0.get(symbol).copied()
    }

    /// All symbols with their values.
    pub fn iter(&self) -> impl Iterator<Item = (&Name, i64)> {
        self.0.iter().map(|(name, value)| (name, *value))
    }

    /// The value of an expression over symbols.
    ///
    /// # Errors
    /// When a symbol is not bound, or the arithmetic overflows.
    pub fn eval(&self, dim: &Dim) -> Result<i64, BindError> {
        let value = |var: &Var| match var {
            Var::Sym(name) => self.get(name),
            Var::Axis(_) | Var::Data(_) => None,
        };
        dim.eval(&value).map_err(|_| BindError::Unbound { dim: dim.to_string() })
    }

    /// Whether a condition holds; an unbound size makes it false.
    pub fn holds(&self, condition: &Condition) -> bool {
        match condition {
            Condition::Multiple(dim, n) => self.eval(dim).is_ok_and(|v| v % n == 0),
            Condition::AtMost(dim, n) => self.eval(dim).is_ok_and(|v| v <= *n),
            Condition::AtLeast(dim, n) => self.eval(dim).is_ok_and(|v| v >= *n),
        }
    }
}

impl Plan {
    /// Takes the symbols' values from the inputs' shapes and checks every declared size, range and fact.
    ///
    /// # Errors
    /// The first thing that does not fit, with the names involved.
    pub fn bind(&self, shapes: &[&[usize]]) -> Result<Sizes, BindError> {
        if shapes.len() != self.inputs.len() {
            let (want, got) = (self.inputs.len(), shapes.len());
            return Err(BindError::Count { plan: self.name.clone(), want, got });
        }
        let mut sizes = Sizes::default();
        for (input, shape) in self.inputs.iter().zip(shapes) {
            if input.dims.len() != shape.len() {
                let dims = input.dims.iter().map(Dim::to_string).collect::<Vec<_>>().join(", ");
                let (want, got) = (input.dims.len(), shape.len());
                return Err(BindError::Rank { input: input.name.clone(), dims, want, got });
            }
            for (dim, &size) in input.dims.iter().zip(*shape) {
                if let Some(Var::Sym(name)) = dim.as_var() {
                    sizes.0.entry(name.clone()).or_insert(size as i64);
                }
            }
        }
        self.check_sizes(&sizes, shapes)?;
        self.check_symbols(&sizes)?;
        Ok(sizes)
    }

    fn check_sizes(&self, sizes: &Sizes, shapes: &[&[usize]]) -> Result<(), BindError> {
        for (input, shape) in self.inputs.iter().zip(shapes) {
            for (axis, (dim, &size)) in input.dims.iter().zip(*shape).enumerate() {
                let (want, got) = (sizes.eval(dim)?, size as i64);
                if want != got {
                    return Err(BindError::Size {
                        input: input.name.clone(),
                        axis,
                        dim: dim.to_string(),
                        want,
                        got,
                    });
                }
            }
        }
        Ok(())
    }

    fn check_symbols(&self, sizes: &Sizes) -> Result<(), BindError> {
        for decl in &self.symbols {
            let got = sizes.eval(&Dim::sym(decl.name.clone()))?;
            if !decl.range.contains(got) {
                return Err(BindError::Range { symbol: decl.name.clone(), range: decl.range, got });
            }
        }
        let broken = self.facts.broken_by(&|var| match var {
            Var::Sym(name) => sizes.get(name),
            Var::Axis(_) | Var::Data(_) => None,
        });
        match broken {
            Some(fact) => Err(BindError::Fact { plan: self.name.clone(), fact }),
            None => Ok(()),
        }
    }
}
