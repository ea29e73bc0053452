//! Elements smaller than a word: an invocation must write whole words.

use ferrodyne_plan::loops::{Axis, Coord, Kernel, Param, Role, Stmt, Val};
use ferrodyne_plan::{DType, Dim, Name, Scalar, Var};

use super::{Context, scheduled};
use crate::schedule::ScheduledVariant;
use crate::schedule::steps::{Refusal, fresh};

fn is_packed(param: &Param) -> bool {
    param.role != Role::In && param.dtype.device_bytes() < 4
}

/// Whether the kernel writes small elements.
pub(super) fn is_written(kernel: &Kernel) -> bool {
    kernel.params.iter().any(is_packed)
}

/// Whether a store of small elements would not run along the axis in whole vectors of four.
pub(super) fn torn(kernel: &Kernel, axes: &[Name]) -> bool {
    let Some(axis) = axes.last() else { return is_written(kernel) };
    let whole =
        kernel.axis(axis).is_some_and(|axis| kernel.facts.prove_multiple(&axis.extent, 4).is_yes());
    let var = Var::Axis(axis.clone());
    let mut torn = false;
    kernel.visit(&mut |stmt| {
        if let Stmt::Store { buf, at, .. } = stmt
            && kernel.param(buf).is_some_and(is_packed)
        {
            let last = at.last().and_then(|dim| dim.linear_in(&var));
            torn |= !whole || last.and_then(|(factor, _)| factor.as_const()) != Some(1);
        }
    });
    torn
}

/// Small elements are first written as words, and packed by a second kernel.
pub(super) fn rule(
    kernel: &Kernel,
    context: &Context<'_>,
) -> Result<Option<ScheduledVariant>, Refusal> {
    let packed: Vec<Param> =
        kernel.params.iter().filter(|param| is_packed(param)).cloned().collect();
    if packed.is_empty() || packed.iter().any(|param| param.role == Role::InOut) {
        return Ok(None);
    }
    let mut first = kernel.clone();
    let mut scratch = Vec::new();
    let mut kernels = Vec::new();
    for param in &packed {
        let name = fresh(&first, &format!("{}_words", param.name));
        let wide = Param {
            name: name.clone(),
            dtype: word(param.dtype.scalar()),
            padded: true,
            ..param.clone()
        };
        for own in &mut first.params {
            if own.name == param.name {
                *own = wide.clone();
            }
        }
        for stmt in &mut first.body {
            stmt.visit_mut(&mut |stmt| {
                if let Stmt::Store { buf, .. } = stmt
                    && *buf == param.name
                {
                    buf.clone_from(&name);
                }
            });
        }
        kernels.push(packing(kernel, param, &wide));
        scratch.push(wide);
    }
    let mut first = scheduled(&first, context)?;
    for kernel in kernels {
        first.kernels.extend(scheduled(&kernel, context)?.kernels);
    }
    first.scratch.extend(scratch);
    Ok(Some(first))
}

fn word(scalar: Scalar) -> DType {
    match scalar {
        Scalar::F32 => DType::F32,
        Scalar::I32 => DType::I32,
        Scalar::U32 => DType::U32,
        Scalar::Long => DType::Long,
        Scalar::Bool => DType::Bool,
    }
}

/// Copies words into small elements, all as one row: whatever their axes, whole words lie side by side.
fn packing(kernel: &Kernel, packed: &Param, wide: &Param) -> Kernel {
    let count: Dim = packed.dims.iter().cloned().product();
    let row = |param: &Param, role| Param { role, dims: vec![count.clone()], ..param.clone() };
    let axis = Name::from("i");
    let ix = Dim::axis(axis.clone());
    let at = vec![Coord { ix: ix.clone(), checked: false }];
    let val = Val::Load { buf: wide.name.clone(), at, fill: None };
    let (buf, over, guard) = (packed.name.clone(), Vec::new(), Vec::new());
    let store = Stmt::Store { buf, at: vec![ix], val, over, guard, merge: None };
    Kernel {
        name: Name::from(format!("{}_pack", kernel.name)),
        params: vec![row(wide, Role::In), row(packed, packed.role)],
        axes: vec![Axis::new(axis.clone(), count)],
        body: vec![Stmt::For { axes: vec![axis], body: vec![store] }],
        facts: kernel.facts.clone(),
        notes: Vec::new(),
        sources: kernel.sources.clone(),
    }
}
