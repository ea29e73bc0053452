//! Types of values. In: a value and the kernel it stands in. Out: its scalar type, or `None` where it has none.

use std::collections::BTreeMap;

use super::{Kernel, Stmt, Val, number};
use crate::{Name, Scalar};

/// The types of all named values, by name.
pub fn scalars(kernel: &Kernel) -> BTreeMap<&str, Scalar> {
    let mut types = BTreeMap::new();
    for stmt in &kernel.body {
        collect(kernel, stmt, &mut types);
    }
    types
}

fn collect<'a>(kernel: &Kernel, stmt: &'a Stmt, types: &mut BTreeMap<&'a str, Scalar>) {
    for child in stmt.children() {
        collect(kernel, child, types);
    }
    match stmt {
        Stmt::Let { name, scalar, .. } => {
            types.insert(name, *scalar);
        }
        Stmt::Fold { names, kind, args, .. } => {
            let args: Option<Vec<Scalar>> =
                args.iter().map(|arg| scalar_in(arg, kernel, types)).collect();
            let row = kind.row();
            if let Some(args) = args.filter(|args| (row.takes)(args)) {
                types.extend(names.iter().map(Name::as_str).zip(row.results(&args)));
            }
        }
        _ => {}
    }
}

/// The type of a value, given those of the named values.
pub fn scalar_in(val: &Val, kernel: &Kernel, types: &BTreeMap<&str, Scalar>) -> Option<Scalar> {
    match val {
        Val::Const(literal) => Some(literal.scalar()),
        Val::Load { buf, .. } => kernel.param(buf).map(|param| param.dtype.scalar()),
        Val::Ref(name) => types.get(name.as_str()).copied(),
        Val::Index(_, scalar) => Some(*scalar),
        Val::Op(math, args) => {
            let args: Option<Vec<Scalar>> =
                args.iter().map(|arg| scalar_in(arg, kernel, types)).collect();
            number::scalar_of_op(*math, &args?)
        }
        Val::Case { arms, .. } => {
            let mut arms = arms.iter().map(|(_, _, val)| scalar_in(val, kernel, types));
            let first = arms.next()??;
            arms.all(|arm| arm == Some(first)).then_some(first)
        }
    }
}
