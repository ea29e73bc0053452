//! Buffers within steps: comes in a step with the ways to compute it, of which one runs; goes out the sizes of the buffers that only its
//! kernels use.

use ferrodyne_plan::Dim;
use ferrodyne_plan::plan::Condition;

use super::sharing::Sizer;
use super::{Work, WorkVariant};

/// Sizes that hold what any variant needs.
pub(super) fn sizes(item: &Work, sizer: &Sizer<'_>) -> Vec<Dim> {
    largest(item, sizer, &|_, bytes| bytes.clone())
}

/// Sizes that hold what those variants need that run: expressions that are longer, and less where a variant gives way to an earlier one.
pub(super) fn sizes_taken(item: &Work, sizer: &Sizer<'_>) -> Vec<Dim> {
    let variants = &item.variants;
    largest(item, sizer, &|v, bytes| bytes * &taken(&variants[..v], &variants[v]))
}

fn largest(item: &Work, sizer: &Sizer<'_>, size: &dyn Fn(usize, &Dim) -> Dim) -> Vec<Dim> {
    let mut sizes: Vec<Dim> = Vec::new();
    for (v, variant) in item.variants.iter().enumerate() {
        for (index, bytes) in variant.scratch.iter().enumerate() {
            let bytes = size(v, bytes);
            match sizes.get_mut(index) {
                Some(known) => *known = sizer.both(known, &bytes),
                None => sizes.push(bytes),
            }
        }
    }
    sizes
}

/// 0 where sizes are as an earlier variant needs them, so that this one does not run and needs no memory; else 1.
fn taken(earlier: &[WorkVariant], variant: &WorkVariant) -> Dim {
    let one = Dim::constant(1);
    let within = |dim: Dim| Dim::min(&one, &Dim::max(&Dim::constant(0), &dim));
    let fails = |need: &Condition| match need {
        Condition::AtLeast(dim, n) => within(Dim::constant(*n) - dim),
        Condition::AtMost(dim, n) => within(dim - &Dim::constant(*n)),
        Condition::Multiple(dim, n) => within(dim.modulo(&Dim::constant(*n))),
    };
    let refused = earlier.iter().filter_map(|other| {
        // What both need holds wherever this one is asked for.
        let mut more = other.needs.iter().filter(|need| !variant.needs.contains(need));
        let need = more.next()?;
        more.next().is_none().then(|| fails(need))
    });
    refused.fold(one.clone(), |taken, fails| taken * fails)
}
