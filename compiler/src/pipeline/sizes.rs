//! Kernels that differ in sizes alone, as one kernel over symbols.
//!
//! In: loops as lowered, with sizes written as numbers. Out: the same loops with those numbers as symbols, and the value of
//! each. Promise: with the symbols at their values the loops compute what they did; `None` where a number in an index might
//! be one of the sizes.

use std::collections::BTreeMap;

use ferrodyne_plan::dims::Atom;
use ferrodyne_plan::loops::{Coord, Kernel, Stmt, Val};
use ferrodyne_plan::{Dim, Name, Range, Var};

use crate::schedule::Opening;

/// Sizes below this stay numbers, as strides, paddings and taps do.
const SMALL: i64 = 4;

/// Powers of two that sizes along vectors may be multiples of.
const FACTORS: [i64; 5] = [64, 32, 16, 8, 4];

/// Loops over symbols.
pub(super) struct Opened {
    /// The loops.
    pub(super) kernel: Kernel,
    /// Their symbols and the values at which they are the loops that they were made of.
    pub(super) values: Vec<(Name, i64)>,
}

impl Opened {
    /// The value of a dim, with its other symbols left as they are.
    pub(super) fn close(&self, dim: &Dim) -> Dim {
        dim.substitute(&|var| match var {
            Var::Sym(name) => self.value(name).map(Dim::constant),
            _ => None,
        })
    }

    /// Puts the values in the place of the symbols.
    pub(super) fn close_loops(&self, kernel: &mut Kernel) {
        let params = kernel.params.iter_mut().flat_map(|param| &mut param.dims);
        let extents = kernel.axes.iter_mut().map(|axis| &mut axis.extent);
        params.chain(extents).for_each(|dim| *dim = self.close(dim));
        kernel.map_dims(&|dim| self.close(dim));
        for (name, value) in &self.values {
            kernel.facts.assume_equal(&Dim::sym(name.clone()), &Dim::constant(*value));
        }
    }

    /// The value of an opened size.
    pub(super) fn value(&self, name: &Name) -> Option<i64> {
        self.values.iter().find(|(own, _)| own == name).map(|(_, value)| *value)
    }
}

/// Leaves those that are alike: equal loops over symbols, with other values.
pub(super) fn alike(opened: Vec<Option<Opened>>) -> Vec<Option<Opened>> {
    let mut groups: BTreeMap<String, Vec<Vec<i64>>> = BTreeMap::new();
    let mut keys = Vec::new();
    for own in &opened {
        let key = own.as_ref().map(|own| super::share::canonical_text(&own.kernel));
        if let (Some(key), Some(own)) = (&key, own) {
            let values: Vec<i64> = own.values.iter().map(|(_, value)| *value).collect();
            let group = groups.entry(key.clone()).or_default();
            if !group.contains(&values) {
                group.push(values);
            }
        }
        keys.push(key);
    }
    let several = |key: &Option<String>| key.as_ref().is_some_and(|key| groups[key].len() > 1);
    opened.into_iter().zip(&keys).map(|(own, key)| own.filter(|_| several(key))).collect()
}

/// Makes symbols of the sizes of the axes that may be open. Equal sizes are one symbol.
pub(super) fn opened(kernel: &Kernel, opening: &Opening) -> Option<Opened> {
    if !has_plain_indices(kernel) {
        return None;
    }
    let size = |name: &Name| kernel.axis(name)?.extent.as_const().filter(|&n| n >= SMALL);
    let mut values: Vec<(Name, i64)> = Vec::new();
    let symbols = kernel.symbols();
    let closed = kernel.axes.iter().filter(|axis| !opening.axes.contains(&axis.name));
    let closed: Vec<i64> = closed.filter_map(|axis| axis.extent.as_const()).collect();
    // A strided operand is larger than what runs along it.
    let dims = kernel.params.iter().flat_map(|param| &param.dims).filter_map(Dim::as_const);
    let beside = dims.filter(|n| *n >= SMALL && !closed.contains(n));
    for value in opening.axes.iter().filter_map(size).chain(beside) {
        if !values.iter().any(|(_, own)| *own == value) {
            let mut name = format!("size{}", values.len());
            while symbols.contains(&Name::from(name.as_str())) {
                name.push('_');
            }
            values.push((Name::from(name), value));
        }
    }
    if values.is_empty() || values.iter().any(|(_, value)| closed.contains(value)) {
        return None;
    }
    let open = |dim: &Dim| -> Dim {
        let found = dim.as_const().and_then(|n| values.iter().find(|(_, own)| *own == n));
        found.map_or_else(|| dim.clone(), |(name, _)| Dim::sym(name.clone()))
    };
    let mut generic = kernel.clone();
    for param in &mut generic.params {
        param.dims = param.dims.iter().map(open).collect();
    }
    for axis in &mut generic.axes {
        axis.extent = open(&axis.extent);
    }
    let along = |value: i64| opening.vectors.iter().filter_map(size).any(|own| own == value);
    for (name, value) in &values {
        generic.facts.set_range(Var::Sym(name.clone()), Range::at_least(1));
        let factor = FACTORS.into_iter().find(|factor| value % factor == 0);
        if let Some(factor) = factor.filter(|_| along(*value)) {
            generic.facts.assume_multiple(Dim::sym(name.clone()), factor);
        }
    }
    state_bounds(&mut generic);
    Some(Opened { kernel: generic, values })
}

/// Whether every index is a sum of axes with small factors and a small number, so that no number in it is a size.
fn has_plain_indices(kernel: &Kernel) -> bool {
    let plain = |dim: &Dim| {
        dim.constant_term().abs() < SMALL
            && dim.terms().iter().all(|term| {
                let axes = term.atoms.iter().all(|atom| matches!(atom, Atom::Var(Var::Axis(_))));
                axes && term.atoms.len() == 1 && term.coeff.abs() < SMALL
            })
    };
    let mut all = true;
    kernel.visit_vals(&mut |val| {
        all &= !matches!(val, Val::Case { .. });
        all &= val.dims().into_iter().all(plain);
    });
    kernel.visit(&mut |stmt| {
        if let Stmt::Store { at, guard, .. } = stmt {
            all &= at.iter().all(plain) && guard.is_empty();
        }
    });
    all
}

/// States that what is read and written unchecked lies in its buffer: it does for every set of sizes of the group.
fn state_bounds(kernel: &mut Kernel) {
    let mut known = kernel.facts.clone();
    for axis in &kernel.axes {
        known.set_range(Var::Axis(axis.name.clone()), Range::at_least(0));
        known.assume_lt(Dim::axis(axis.name.clone()), axis.extent.clone());
    }
    let mut bounds: Vec<(Dim, Dim)> = Vec::new();
    for (buf, at) in kernel.loads() {
        let dims = kernel.param(buf).map_or(&[][..], |param| &param.dims);
        let unchecked = |(coord, _): &(&Coord, &Dim)| !coord.checked;
        let pairs = at.iter().zip(dims).filter(unchecked);
        bounds.extend(pairs.map(|(coord, end)| (coord.ix.clone(), end.clone())));
    }
    for (index, end) in bounds {
        if !known.prove_lt(&index, &end).is_yes() {
            kernel.facts.assume_lt(index, end);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schedule::{ScheduleOptions, opening};
    use ferrodyne_plan::Target;

    fn open(rows: i64, columns: i64, length: i64, shift: i64) -> Option<Opened> {
        let (wide, far) = (rows + shift, rows);
        let text = format!(
            "kernel mm(in a: f32[{wide}, {length}] padded, in b: f32[{length}, {columns}] padded, out o: f32[{far}, {columns}] padded) {{
  axis i in {rows}
  axis j in {columns}
  axis k in {length}
  for i j {{
    fold c = sum over k {{ a[i + {shift}, k] * b[k, j] }}
    o[i, j] = c
  }}
}}
"
        );
        let kernel = Kernel::parse(&text).unwrap();
        let options = ScheduleOptions::default();
        let opening = opening(&kernel, false, &Target::software(), &options)?;
        opened(&kernel, &opening)
    }

    #[test]
    fn products_of_like_sizes_are_one_kernel() {
        let (a, b) = (open(50, 64, 128, 0).unwrap(), open(7, 192, 64, 0).unwrap());
        assert_eq!(a.kernel, b.kernel);
        let sizes = |own: &Opened| -> Vec<Dim> {
            own.kernel.axes.iter().map(|axis| own.close(&axis.extent)).collect()
        };
        assert_eq!(sizes(&a), [50, 64, 128].map(Dim::constant));
        assert_eq!(sizes(&b), [7, 192, 64].map(Dim::constant));
        assert_eq!(alike(vec![Some(a), Some(b), None]).iter().flatten().count(), 2);
    }

    #[test]
    fn what_divides_the_columns_and_what_is_equal_is_kept_apart() {
        let one = open(50, 64, 128, 0).unwrap();
        assert_ne!(one.kernel, open(50, 65, 128, 0).unwrap().kernel);
        assert_ne!(one.kernel, open(50, 64, 64, 0).unwrap().kernel);
        let same = vec![Some(one), open(50, 64, 128, 0)];
        assert!(alike(same).iter().all(Option::is_none), "equal sizes need no symbols");
    }

    #[test]
    fn a_number_in_an_index_that_may_be_a_size_stays() {
        assert!(open(50, 64, 128, 3).is_some());
        assert!(open(50, 64, 128, 4).is_none());
    }
}
