//! Which values no buffer may hold together: wgpu binds no buffer for reading and for writing in one dispatch, even in ranges apart.

use std::collections::BTreeSet;

use ferrodyne_plan::plan::Access;

use super::{Arg, Work};
use crate::graph::NodeId;

/// What a step reads or writes.
#[derive(Clone, Copy)]
pub(super) enum Touched {
    /// A value of the graph.
    Value(NodeId),
    /// A buffer of the step, by index.
    Scratch(usize),
}

/// For each of so many requests those that a kernel or a copy reads or writes beside it, where one of the two is written. `request` is the
/// request for what a step touches, if it is one.
pub(super) fn apart(
    work: &[Work],
    requests: usize,
    request: &dyn Fn(usize, Touched) -> Option<usize>,
) -> Vec<BTreeSet<usize>> {
    let mut apart = vec![BTreeSet::new(); requests];
    let mut part = |a: usize, b: usize| {
        if a != b {
            apart[a].insert(b);
            apart[b].insert(a);
        }
    };
    for (step, item) in work.iter().enumerate() {
        for &(from, to) in &item.copies {
            let ends = [from, to].map(|node| request(step, Touched::Value(node)));
            if let [Some(from), Some(to)] = ends {
                part(from, to);
            }
        }
        for run in item.variants.iter().flat_map(|variant| &variant.kernels) {
            let touched = |arg: &Arg| match *arg {
                Arg::Value(node) => Touched::Value(node),
                Arg::Scratch(index) => Touched::Scratch(index),
            };
            let args: Vec<Option<usize>> =
                run.args.iter().map(|arg| request(step, touched(arg))).collect();
            for (binding, written) in run.kernel.bindings.iter().zip(&args) {
                if let (Access::ReadWrite, Some(written)) = (binding.access, *written) {
                    args.iter().flatten().for_each(|&other| part(written, other));
                }
            }
        }
    }
    apart
}
