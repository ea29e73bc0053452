//! Values that the host knows while a file is read: constants, and arithmetic on shapes.
//!
//! Exporters leave chains of operators that compute shapes. Here these run on symbolic sizes, so that no arithmetic on shapes
//! reaches the graph. A rule gives `None` where the result is not known; then the graph computes it.

use ferrodyne_plan::{DType, Dim, Facts, Proof};

mod ratio;
mod rows;

pub(crate) use ratio::Ratio;

/// More elements are left to the graph.
pub(crate) const MAX_ELEMENTS: usize = 4096;

/// One known element.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Elem {
    /// An integer, a truth value as 0 or 1, or a number that is an integer.
    Size(Dim),
    /// A number.
    Float(f64),
    /// A number that is a fraction of a size.
    Ratio(Ratio),
}

/// A known tensor, in row-major order.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Known {
    /// Element type.
    pub(crate) dtype: DType,
    /// Shape.
    pub(crate) dims: Vec<usize>,
    /// Elements.
    pub(crate) elems: Vec<Elem>,
}

impl Elem {
    fn truth(value: bool) -> Elem {
        Elem::Size(Dim::constant(i64::from(value)))
    }

    /// The element as a number, where it is one.
    pub(crate) fn number(&self) -> Option<f64> {
        match self {
            Elem::Size(dim) => dim.as_const().map(|value| value as f64),
            Elem::Float(value) => Some(*value),
            Elem::Ratio(_) => None,
        }
    }

    /// The element as an integer, where it is a number and one.
    pub(crate) fn integer(&self) -> Option<i64> {
        match self {
            Elem::Size(dim) => dim.as_const(),
            Elem::Float(_) | Elem::Ratio(_) => None,
        }
    }

    /// The element as a size, where it is an integer.
    pub(crate) fn size(&self) -> Option<Dim> {
        match self {
            Elem::Size(dim) => Some(dim.clone()),
            Elem::Float(value) if value.fract() == 0.0 && value.abs() < 9e15 => {
                Some(Dim::constant(*value as i64))
            }
            Elem::Float(_) | Elem::Ratio(_) => None,
        }
    }
}

impl Known {
    /// Integers in a row.
    pub(crate) fn sizes(sizes: impl IntoIterator<Item = Dim>) -> Known {
        let elems: Vec<Elem> = sizes.into_iter().map(Elem::Size).collect();
        Known { dtype: DType::I64, dims: vec![elems.len()], elems }
    }

    /// One integer.
    pub(crate) fn size(size: Dim) -> Known {
        Known { dtype: DType::I64, dims: Vec::new(), elems: vec![Elem::Size(size)] }
    }

    /// All elements as sizes.
    pub(crate) fn as_sizes(&self) -> Option<Vec<Dim>> {
        self.elems.iter().map(Elem::size).collect()
    }

    /// All elements as numbers.
    pub(crate) fn as_numbers(&self) -> Option<Vec<f64>> {
        self.elems.iter().map(Elem::number).collect()
    }

    /// The same elements under another shape.
    pub(crate) fn reshaped(&self, dims: Vec<usize>) -> Option<Known> {
        let fits = dims.iter().product::<usize>() == self.elems.len();
        fits.then(|| Known { dtype: self.dtype, dims, elems: self.elems.clone() })
    }

    /// The elements at the given places, under a shape.
    fn picked(&self, dims: Vec<usize>, at: impl Iterator<Item = usize>) -> Known {
        let elems = at.map(|k| self.elems[k].clone()).collect();
        Known { dtype: self.dtype, dims, elems }
    }

    /// Repeated to a shape that it broadcasts to.
    pub(crate) fn broadcast(&self, dims: &[usize]) -> Option<Known> {
        let out = broadcast_dims(&self.dims, dims)?;
        if out != dims || count(dims)? > MAX_ELEMENTS {
            return None;
        }
        Some(self.picked(dims.to_vec(), indices(dims).map(|at| place(&self.dims, &at))))
    }

    /// Axes in another order.
    pub(crate) fn permuted(&self, axes: &[usize]) -> Known {
        let dims: Vec<usize> = axes.iter().map(|&axis| self.dims[axis]).collect();
        let from = |at: Vec<usize>| {
            let mut source = vec![0; at.len()];
            for (k, &axis) in axes.iter().enumerate() {
                source[axis] = at[k];
            }
            place(&self.dims, &source)
        };
        let places: Vec<usize> = indices(&dims).map(from).collect();
        self.picked(dims, places.into_iter())
    }

    /// Slices along an axis picked by indices that may count from the end.
    pub(crate) fn gathered(&self, index: &Known, axis: usize) -> Option<Known> {
        let size = self.dims[axis] as i64;
        let wanted: Vec<usize> = index
            .as_sizes()?
            .iter()
            .map(|dim| {
                let at = dim.as_const()?;
                let at = if at < 0 { at + size } else { at };
                (0..size).contains(&at).then_some(at as usize)
            })
            .collect::<Option<_>>()?;
        let inner: usize = self.dims[axis + 1..].iter().product();
        let outer: usize = self.dims[..axis].iter().product();
        let mut places = Vec::new();
        for o in 0..outer {
            for &at in &wanted {
                places.extend((0..inner).map(|i| (o * self.dims[axis] + at) * inner + i));
            }
        }
        let dims = [&self.dims[..axis], &index.dims, &self.dims[axis + 1..]].concat();
        (places.len() <= MAX_ELEMENTS).then(|| self.picked(dims, places.into_iter()))
    }

    /// The elements at plain indices of an axis.
    pub(crate) fn taken(&self, axis: usize, at: &[usize]) -> Option<Known> {
        self.gathered(&Known::sizes(at.iter().map(|&k| Dim::from(k))), axis)
    }

    /// Tensors one behind the other.
    pub(crate) fn joined(parts: &[&Known], axis: usize) -> Option<Known> {
        let first = parts.first()?;
        let mut dims = first.dims.clone();
        *dims.get_mut(axis)? =
            parts.iter().map(|part| part.dims.get(axis)).sum::<Option<usize>>()?;
        let outer: usize = dims[..axis].iter().product();
        let mut elems = Vec::new();
        for o in 0..outer {
            for part in parts {
                let inner: usize = part.dims[axis..].iter().product();
                elems.extend_from_slice(part.elems.get(o * inner..(o + 1) * inner)?);
            }
        }
        let whole = elems.len() == count(&dims)? && elems.len() <= MAX_ELEMENTS;
        whole.then_some(Known { dtype: first.dtype, dims, elems })
    }

    /// The result of an operator on each element.
    pub(crate) fn map(&self, dtype: DType, f: impl Fn(&Elem) -> Option<Elem>) -> Option<Known> {
        let elems = self.elems.iter().map(f).collect::<Option<_>>()?;
        Some(Known { dtype, dims: self.dims.clone(), elems })
    }

    /// Conversion to an element type.
    pub(crate) fn cast(&self, dtype: DType, facts: &Facts) -> Option<Known> {
        self.map(dtype, |elem| match (elem, dtype) {
            (elem, DType::Bool) => elem.number().map(|value| Elem::truth(value != 0.0)),
            // What wraps is left to the graph.
            (Elem::Size(dim), _) if !dim.as_const().is_none_or(|value| holds(dtype, value)) => None,
            (Elem::Size(dim), _) => Some(Elem::Size(dim.clone())),
            (Elem::Float(_) | Elem::Ratio(_), dtype) if dtype.is_float() => Some(elem.clone()),
            (Elem::Ratio(ratio), _) => ratio.rounded("trunc", facts),
            (Elem::Float(value), _) => {
                value.is_finite().then(|| Elem::Size(Dim::constant(value.trunc() as i64)))
            }
        })
    }

    /// The elements folded along axes by an operator of two operands.
    pub(crate) fn folded(
        &self,
        op: &str,
        axes: &[usize],
        keep: bool,
        facts: &Facts,
    ) -> Option<Known> {
        let kept: Vec<usize> = (0..self.dims.len())
            .map(|a| if axes.contains(&a) { 1 } else { self.dims[a] })
            .collect();
        let mut elems: Vec<Option<Elem>> = vec![None; kept.iter().product()];
        for (at, elem) in indices(&self.dims).zip(&self.elems) {
            let slot = &mut elems[place(&kept, &at)];
            *slot = Some(match slot.take() {
                None => elem.clone(),
                Some(sum) => element(op, &sum, elem, self.dtype.is_float(), facts)?,
            });
        }
        let dims = match keep {
            true => kept,
            false => (0..self.dims.len())
                .filter(|axis| !axes.contains(axis))
                .map(|axis| self.dims[axis])
                .collect(),
        };
        Some(Known { dtype: self.dtype, dims, elems: elems.into_iter().collect::<Option<_>>()? })
    }
}

/// An operator of two operands, which broadcast.
pub(crate) fn binary(op: &str, a: &Known, b: &Known, facts: &Facts) -> Option<Known> {
    let dims = broadcast_dims(&a.dims, &b.dims)?;
    if count(&dims)? > MAX_ELEMENTS {
        return None;
    }
    let float = a.dtype.is_float();
    let elems = indices(&dims)
        .map(|at| {
            let (x, y) = (&a.elems[place(&a.dims, &at)], &b.elems[place(&b.dims, &at)]);
            element(op, x, y, float, facts)
        })
        .collect::<Option<_>>()?;
    let truth = matches!(op, "eq" | "ne" | "lt" | "le" | "gt" | "ge");
    Some(Known { dtype: if truth { DType::Bool } else { a.dtype }, dims, elems })
}

/// The choice by a truth value.
pub(crate) fn select(c: &Known, a: &Known, b: &Known) -> Option<Known> {
    let dims = broadcast_dims(&broadcast_dims(&c.dims, &a.dims)?, &b.dims)?;
    if count(&dims)? > MAX_ELEMENTS {
        return None;
    }
    let elems = indices(&dims)
        .map(|at| {
            let (x, y) = (&a.elems[place(&a.dims, &at)], &b.elems[place(&b.dims, &at)]);
            if x == y {
                return Some(x.clone());
            }
            let holds = c.elems[place(&c.dims, &at)].number()? != 0.0;
            Some(if holds { x.clone() } else { y.clone() })
        })
        .collect::<Option<_>>()?;
    Some(Known { dtype: a.dtype, dims, elems })
}

fn element(op: &str, a: &Elem, b: &Elem, float: bool, facts: &Facts) -> Option<Elem> {
    if let (Some(x), Some(y)) = (a.number(), b.number()) {
        return match float {
            true => of_floats(op, x, y),
            false => of_integers(op, a.size()?.as_const()?, b.size()?.as_const()?),
        };
    }
    if float && let Some(elem) = ratio::joined(op, a, b, facts) {
        return Some(elem);
    }
    let (x, y) = (a.size()?, b.size()?);
    let size = |dim: Dim| Some(Elem::Size(facts.simplify(&dim)));
    let zero = Dim::constant(0);
    let nonneg = |dim: &Dim| facts.prove_le(&zero, dim) == Proof::Yes;
    match op {
        "add" => size(x + y),
        "sub" => size(x - y),
        "mul" => size(x * y),
        "div" if float => match facts.simplify(&x.modulo(&y)) == zero {
            true => size(x.floor_div(&y)),
            false => None,
        },
        "div_floor" => size(x.floor_div(&y)),
        // What is divided without a rest has no direction of rounding.
        "div" if facts.simplify(&x.modulo(&y)) == zero => size(x.floor_div(&y)),
        "div" if nonneg(&x) && nonneg(&y) => size(x.floor_div(&y)),
        "mod_floor" => size(x.modulo(&y)),
        "min" => size(Dim::min(&x, &y)),
        "max" => size(Dim::max(&x, &y)),
        "eq" => proof(facts.prove_eq(&x, &y), true),
        "ne" => proof(facts.prove_eq(&x, &y), false),
        "lt" => proof(facts.prove_lt(&x, &y), true),
        "ge" => proof(facts.prove_lt(&x, &y), false),
        "le" => proof(facts.prove_le(&x, &y), true),
        "gt" => proof(facts.prove_le(&x, &y), false),
        _ => None,
    }
}

fn proof(proof: Proof, positive: bool) -> Option<Elem> {
    match proof {
        Proof::Yes => Some(Elem::truth(positive)),
        Proof::No => Some(Elem::truth(!positive)),
        Proof::Unknown => None,
    }
}

fn compare(op: &str, order: Option<std::cmp::Ordering>) -> Option<Elem> {
    use std::cmp::Ordering::{Equal, Greater, Less};
    let holds = match op {
        "eq" => order == Some(Equal),
        "ne" => order != Some(Equal),
        "lt" => order == Some(Less),
        "le" => matches!(order, Some(Less | Equal)),
        "gt" => order == Some(Greater),
        "ge" => matches!(order, Some(Greater | Equal)),
        _ => return None,
    };
    Some(Elem::truth(holds))
}

/// Arithmetic in 32-bit floats, as a device would do it.
fn of_floats(op: &str, a: f64, b: f64) -> Option<Elem> {
    let (x, y) = (a as f32, b as f32);
    let value = match op {
        "add" => x + y,
        "sub" => x - y,
        "mul" => x * y,
        "div" => x / y,
        "min" => x.min(y),
        "max" => x.max(y),
        "pow" => x.powf(y),
        _ => return compare(op, a.partial_cmp(&b)),
    };
    Some(Elem::Float(f64::from(value)))
}

fn of_integers(op: &str, a: i64, b: i64) -> Option<Elem> {
    let value = match op {
        "add" => a.checked_add(b)?,
        "sub" => a.checked_sub(b)?,
        "mul" => a.checked_mul(b)?,
        "div" | "div_floor" => a.checked_div(b)?,
        "rem" => a.checked_rem(b)?,
        "mod_floor" => {
            a.checked_rem(b).map(|r| if r != 0 && (r < 0) != (b < 0) { r + b } else { r })?
        }
        "min" => a.min(b),
        "max" => a.max(b),
        "and" => a & b,
        "or" => a | b,
        "xor" => a ^ b,
        _ => return compare(op, Some(a.cmp(&b))),
    };
    Some(Elem::Size(Dim::constant(value)))
}

/// The number of elements of a shape.
pub(crate) fn count(dims: &[usize]) -> Option<usize> {
    dims.iter().try_fold(1usize, |n, &d| n.checked_mul(d))
}

/// The common shape of two shapes by numpy's rule.
pub(crate) fn broadcast_dims(a: &[usize], b: &[usize]) -> Option<Vec<usize>> {
    let rank = a.len().max(b.len());
    let at = |dims: &[usize], axis: usize| {
        (axis + dims.len()).checked_sub(rank).map_or(1, |own| dims[own])
    };
    (0..rank)
        .map(|axis| match (at(a, axis), at(b, axis)) {
            (x, y) if x == y => Some(x),
            (1, y) => Some(y),
            (x, 1) => Some(x),
            _ => None,
        })
        .collect()
}

/// All coordinates of a shape, in row-major order.
fn indices(dims: &[usize]) -> impl Iterator<Item = Vec<usize>> + use<> {
    let dims = dims.to_vec();
    (0..dims.iter().product()).map(move |mut flat: usize| {
        let mut at = vec![0; dims.len()];
        for axis in (0..dims.len()).rev() {
            at[axis] = flat % dims[axis];
            flat /= dims[axis];
        }
        at
    })
}

/// The place of a coordinate, aligned at the last axis; axes of size 1 repeat.
fn place(dims: &[usize], at: &[usize]) -> usize {
    let offset = at.len() - dims.len();
    dims.iter()
        .enumerate()
        .fold(0, |flat, (k, &size)| flat * size + if size == 1 { 0 } else { at[offset + k] })
}

/// Whether an element type has room for an integer.
fn holds(dtype: DType, value: i64) -> bool {
    match dtype {
        DType::I32 => i32::try_from(value).is_ok(),
        DType::U32 => u32::try_from(value).is_ok(),
        DType::I8 => i8::try_from(value).is_ok(),
        DType::U8 => u8::try_from(value).is_ok(),
        _ => true,
    }
}
