//! The key of an eager program: an operator with its sizes made symbolic.

use std::hash::{Hash, Hasher};

use ferrodyne_compiler::graph::{Attr, Attrs};
use ferrodyne_compiler::ops;
use ferrodyne_plan::plan::Sizes;
use ferrodyne_plan::{DType, Dim, Name, Range};

use crate::tensor::Stored;

/// An operator, its operands' types over symbols, and its attributes over the same symbols.
#[derive(Clone, PartialEq)]
pub(super) struct Pattern {
    op: Name,
    inputs: Vec<(DType, Vec<Dim>)>,
    attrs: Attrs,
    /// The range of each symbol.
    ranges: Vec<Range>,
}

impl Eq for Pattern {}

impl Hash for Pattern {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.op.hash(state);
        self.inputs.hash(state);
        self.ranges.hash(state);
        for (name, attr) in self.attrs.iter() {
            name.hash(state);
            match attr {
                Attr::Int(v) => v.hash(state),
                Attr::Float(v) => v.to_bits().hash(state),
                Attr::Bool(v) => v.hash(state),
                Attr::Str(v) => v.hash(state),
                Attr::DType(v) => v.hash(state),
                Attr::Ints(v) => v.hash(state),
                Attr::Dims(v) => v.hash(state),
                Attr::Tensor(v) => v.bytes.hash(state),
            }
        }
    }
}

impl Pattern {
    /// The pattern of a call, and the values of its symbols. Sizes of 0 and 1 and those of windows stay numbers; each other size is a
    /// symbol.
    pub(super) fn of(op: &str, inputs: &[&Stored], attrs: &Attrs) -> (Pattern, Sizes) {
        let mut values: Vec<i64> = Vec::new();
        let mut symbolic = |value: i64| {
            if value < 2 {
                return Dim::constant(value);
            }
            let at = values.iter().position(|&v| v == value).unwrap_or_else(|| {
                values.push(value);
                values.len() - 1
            });
            Dim::sym(symbol(at))
        };
        let row = ops::find(op);
        let window = row.and_then(|row| row.window_operand);
        let mut dims = |(operand, t): (usize, &&Stored)| {
            let sizes = t.dims.iter().enumerate();
            let dims = sizes.map(|(axis, &size)| match window == Some(operand) && axis >= 2 {
                true => Dim::constant(size as i64),
                false => symbolic(size as i64),
            });
            (t.held, dims.collect())
        };
        let inputs = inputs.iter().enumerate().map(&mut dims).collect();
        let mut keyed = Attrs::new();
        for (name, attr) in attrs.iter() {
            let attr = match attr {
                Attr::Dims(dims) => Attr::Dims(
                    dims.iter()
                        .map(|d| d.as_const().map_or_else(|| d.clone(), &mut symbolic))
                        .collect(),
                ),
                other => other.clone(),
            };
            keyed = keyed.with(name.as_ref(), attr);
        }
        let sizes = Sizes::new(values.iter().enumerate().map(|(i, &v)| (symbol(i), v)));
        let bounded = row.is_some_and(|row| row.asks_bounds);
        let range = |&value: &i64| if bounded { bound(value) } else { Range::at_least(0) };
        let ranges = values.iter().map(range).collect();
        (Pattern { op: Name::from(op), inputs, attrs: keyed, ranges }, sizes)
    }

    /// The same call with its sizes as numbers, for messages.
    pub(super) fn at(&self, sizes: &Sizes) -> Pattern {
        let number = |dim: &Dim| sizes.eval(dim).map_or_else(|_| dim.clone(), Dim::constant);
        let inputs = self
            .inputs
            .iter()
            .map(|(dtype, dims)| (*dtype, dims.iter().map(number).collect()))
            .collect();
        let mut attrs = self.attrs.clone();
        for (name, attr) in self.attrs.iter() {
            if let Attr::Dims(dims) = attr {
                attrs = attrs.with(name.as_ref(), Attr::Dims(dims.iter().map(number).collect()));
            }
        }
        Pattern { op: self.op.clone(), inputs, attrs, ranges: Vec::new() }
    }

    /// The symbols, each with its range.
    pub(super) fn symbols(&self) -> impl Iterator<Item = (Name, Range)> {
        self.ranges.iter().enumerate().map(|(index, range)| (symbol(index), *range))
    }

    /// Types of the operands.
    pub(super) fn inputs(&self) -> &[(DType, Vec<Dim>)] {
        &self.inputs
    }

    /// Attributes.
    pub(super) fn attrs(&self) -> &Attrs {
        &self.attrs
    }
}

/// Sizes up to the next bound share a program: few bounds serve all sizes.
fn bound(value: i64) -> Range {
    let mut most = 64;
    while most < value {
        most = i64::saturating_mul(most, 8);
    }
    Range::between(0, most)
}

/// Symbols are named by position, so that equal patterns have equal programs.
fn symbol(index: usize) -> Name {
    const NAMES: [&str; 8] = ["n0", "n1", "n2", "n3", "n4", "n5", "n6", "n7"];
    NAMES.get(index).map_or_else(|| Name::from(format!("n{index}")), |&name| Name::from(name))
}
