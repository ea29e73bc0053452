//! Elements smaller than a word: an invocation must write whole words.

use ferrodyne_plan::loops::{Axis, Coord, Kernel, Param, Role, Stmt, Val};
use ferrodyne_plan::{DType, Dim, Name, Scalar, Var};

use super::{Context, scheduled};
use crate::schedule::steps::{Refusal, fresh};
use crate::schedule::{ScheduleOptions, ScheduledVariant};

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

/// Small elements are first written as words, and packed by a second kernel. Where some are there already, another one before
/// takes them apart.
pub(super) fn rule(
    kernel: &Kernel,
    context: &Context<'_>,
) -> Result<Option<ScheduledVariant>, Refusal> {
    let packed: Vec<Param> =
        kernel.params.iter().filter(|param| is_packed(param)).cloned().collect();
    if packed.is_empty() {
        return Ok(None);
    }
    let mut wide = kernel.clone();
    let (mut before, mut behind, mut scratch) = (Vec::new(), Vec::new(), Vec::new());
    for param in &packed {
        let words = in_words(&mut wide, param);
        if param.role == Role::InOut {
            before.push(copy(kernel, "unpack", param, &words));
        }
        behind.push(copy(kernel, "pack", &words, param));
        scratch.push(words);
    }
    let options = &ScheduleOptions { words_first: false, ..context.options.clone() };
    let context = &Context { options, ..*context };
    let mut kernels = Vec::new();
    for kernel in before.iter().chain([&wide]).chain(&behind) {
        let variant = scheduled(kernel, context)?;
        kernels.extend(variant.kernels);
        scratch.extend(variant.scratch);
    }
    Ok(Some(ScheduledVariant { needs: Vec::new(), kernels, scratch }))
}

/// Lets a kernel write words in the place of a parameter's small elements. Out: their buffer.
fn in_words(kernel: &mut Kernel, packed: &Param) -> Param {
    let name = fresh(kernel, &format!("{}_words", packed.name));
    let dtype = word(packed.dtype.scalar());
    let words = Param { name, dtype, padded: true, ..packed.clone() };
    for own in kernel.params.iter_mut().filter(|own| own.name == packed.name) {
        *own = words.clone();
    }
    for stmt in &mut kernel.body {
        stmt.visit_mut(&mut |stmt| match stmt {
            Stmt::Store { buf, .. } if *buf == packed.name => buf.clone_from(&words.name),
            _ => {}
        });
    }
    kernel.map_vals(&mut |val| match val {
        Val::Load { buf, at, fill } if buf == packed.name => {
            Val::Load { buf: words.name.clone(), at, fill }
        }
        val => val,
    });
    words
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

/// Copies elements into those of another size, all as one row: whatever their axes, whole words lie side by side.
fn copy(kernel: &Kernel, what: &str, from: &Param, to: &Param) -> Kernel {
    let count: Dim = from.dims.iter().cloned().product();
    let row = |param: &Param, role| Param { role, dims: vec![count.clone()], ..param.clone() };
    let axis = Name::from("i");
    let ix = Dim::axis(axis.clone());
    let at = vec![Coord { ix: ix.clone(), checked: false }];
    let val = Val::Load { buf: from.name.clone(), at, fill: None };
    let (buf, over, guard) = (to.name.clone(), Vec::new(), Vec::new());
    let store = Stmt::Store { buf, at: vec![ix], val, over, guard, merge: None };
    Kernel {
        name: Name::from(format!("{}_{what}", kernel.name)),
        params: vec![row(from, Role::In), row(to, Role::Out)],
        axes: vec![Axis::new(axis.clone(), count)],
        body: vec![Stmt::For { axes: vec![axis], body: vec![store] }],
        facts: kernel.facts.clone(),
        notes: Vec::new(),
        sources: kernel.sources.clone(),
    }
}
