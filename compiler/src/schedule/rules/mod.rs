//! The rules: each knows a shape of loops and gives the steps that are good for it.

mod attention;
mod contract;
mod fallback;
mod inner;
mod nests;
mod pointwise;
mod reduce;
mod rows;
mod stencil;
mod transpose;
mod trips;
mod words;

use ferrodyne_plan::loops::{Bind, Kernel, Literal, Math, Stmt, Val};
use ferrodyne_plan::{DType, Dim, Name, Scalar, Target};

use super::steps::Refusal;
use super::{Opening, ScheduleOptions, ScheduledVariant};

/// What rules decide by.
pub struct Context<'a> {
    /// The device.
    pub target: &'a Target,
    /// What the caller allows.
    pub options: &'a ScheduleOptions,
    /// Values that sizes had.
    pub hint: &'a dyn Fn(&Dim) -> Option<i64>,
}

impl Context<'_> {
    /// The value of a size, where it is constant or hinted.
    pub(crate) fn size(&self, dim: &Dim) -> Option<i64> {
        dim.as_const().or_else(|| (self.hint)(dim))
    }
}

/// A rule: a schedule, `None` where the loops have another shape, or the step that was refused.
type Rule = fn(&Kernel, &Context<'_>) -> Result<Option<ScheduledVariant>, Refusal>;

/// In the order in which they are tried; the last takes everything.
const RULES: &[(&str, Rule)] = &[
    ("nests", nests::rule),
    ("attention", attention::rule),
    ("transpose", transpose::rule),
    ("pointwise", pointwise::rule),
    ("contract", contract::rule),
    ("rows", rows::rule),
    ("inner", inner::rule),
    ("gathered", contract::gathered),
    ("stencil", stencil::rule),
    ("reduce", reduce::rule),
    ("words", words::rule),
    ("fallback", fallback::rule),
];

/// Those whose schedules are right, and of use, without vectors.
const SCALAR_RULES: [&str; 4] = ["nests", "reduce", "words", "fallback"];

/// Whether a kernel computes with 64-bit integers, which are pairs of words and have no vectors.
fn is_long(kernel: &Kernel) -> bool {
    let mut long = kernel.params.iter().any(|param| param.dtype == DType::Long);
    kernel.visit_vals(&mut |val| {
        long |= match val {
            Val::Const(literal) => matches!(literal, Literal::Long(_)),
            Val::Op(math, _) => *math == Math::Cast(Scalar::Long),
            _ => false,
        };
    });
    long
}

/// Writes vectors out, component by component.
fn without_vectors(kernel: &mut Kernel) {
    for axis in &mut kernel.axes {
        if axis.bind == Bind::Vec {
            axis.bind = Bind::Unroll;
        }
    }
}

/// The schedule of the first rule that knows the kernel.
pub(super) fn scheduled(
    kernel: &Kernel,
    context: &Context<'_>,
) -> Result<ScheduledVariant, Refusal> {
    let mut last = None;
    let long = is_long(kernel);
    let first: &[(&str, Rule)] = &[("words", words::rule)];
    let first = first.iter().filter(|_| context.options.words_first);
    let known = RULES.iter().filter(|(name, _)| !long || SCALAR_RULES.contains(name));
    for (name, rule) in first.chain(known) {
        match rule(kernel, context) {
            Ok(Some(mut variant)) => {
                let kernels =
                    variant.kernels.into_iter().map(|kernel| trips::bounded(kernel, context));
                variant.kernels = kernels.collect::<Result<_, _>>()?;
                for kernel in &mut variant.kernels {
                    // What packs its words, say, is another matter.
                    if long && is_long(kernel) {
                        without_vectors(kernel);
                    }
                    let known = kernel.notes.first().is_some_and(|note| note.starts_with("rule "));
                    if !known {
                        kernel.notes.insert(0, format!("rule {name}"));
                    }
                }
                return Ok(variant);
            }
            Ok(None) => {}
            // A refused step is no fault: the next rule asks for less.
            Err(refusal) => last = Some(refusal),
        }
    }
    Err(last.unwrap_or_else(|| Refusal {
        step: "rules",
        axis: kernel.name.clone(),
        reason: "no rule knows its shape".to_owned(),
    }))
}

/// The number of rows of a contraction, where it is not constant.
pub(super) fn open_rows(kernel: &Kernel) -> Option<Dim> {
    let shape = contract::shape(kernel)?;
    let rows: Dim = shape.rows.iter().map(|row| contract::extent(kernel, row)).product();
    (!rows.is_const()).then_some(rows)
}

/// Whether the loops of an attention can be taken in one pass over the keys.
pub(super) fn takes_attention(kernel: &Kernel, context: &Context<'_>) -> bool {
    !is_long(kernel) && matches!(attention::rule(kernel, context), Ok(Some(_)))
}

/// Whether a tile of a contraction can hold the rows that the kernel reduces.
pub(super) fn takes_rows(kernel: &Kernel, context: &Context<'_>) -> bool {
    !is_long(kernel) && matches!(rows::rule(kernel, context), Ok(Some(_)))
}

/// The axes of a contraction whose sizes may be open.
pub(super) fn open_contraction(kernel: &Kernel, context: &Context<'_>) -> Option<Opening> {
    let shape = contract::shape(kernel).filter(|_| !is_long(kernel))?;
    if contract::is_cut(kernel, &shape, context) {
        return None;
    }
    let vectors = vec![shape.column.clone(), shape.depth.clone()];
    let axes = [shape.batch, shape.rows, vectors.clone()].concat();
    Some(Opening { axes, vectors })
}

/// The axes of a kernel that moves elements and does nothing else.
pub(super) fn is_copy(kernel: &Kernel) -> Option<Vec<Name>> {
    let [Stmt::For { axes, body }] = kernel.body.as_slice() else { return None };
    let [Stmt::Store { val: Val::Load { .. }, merge: None, .. }] = body.as_slice() else {
        return None;
    };
    Some(axes.clone())
}

/// One kernel as a variant that needs nothing.
pub(super) fn alone(kernel: Kernel) -> ScheduledVariant {
    ScheduledVariant { needs: Vec::new(), kernels: vec![kernel], scratch: Vec::new() }
}
