//! Fusion decisions that whole models rest on, pinned by the dispatches of a run.

#[path = "../../examples/models/resnet.rs"]
#[allow(dead_code, missing_docs, unreachable_pub)]
mod resnet;

use ferrodyne::prelude::*;
use ferrodyne::{CompilerOptions, Target};
use ferrodyne_compiler::pipeline;
use ferrodyne_plan::plan::{Step, Variant};
use resnet::ResNet;

/// Dispatches of one run of ResNet-18 at inference, with long contractions cut in parts or whole.
fn dispatches(target: &str, split: bool) -> usize {
    let mut model = ResNet::resnet18(1000, &Device::cpu());
    model.eval();
    let target = Target::named(target).expect("the target ships with the crate");
    let told = ferrodyne::explain_aot(&model, &target, "f32[1, 3, 224, 224]").unwrap();
    let mut options = CompilerOptions::default();
    options.schedule.split_reductions = split;
    let plan = pipeline::compile(&told.captured, &target, &options).unwrap().plan;
    let taken = |variants: &[Variant]| variants.last().map_or(0, |last| last.dispatches.len());
    let count = |step: &Step| match step {
        Step::Run(variants) => taken(variants),
        _ => 1,
    };
    plan.steps.iter().map(count).sum()
}

#[test]
fn resnet18_takes_24_dispatches_and_more_where_few_tiles_would_leave_a_gpu_idle() {
    let of = |split| {
        ["software", "vulkan-desktop", "webgpu-default", "cpu"].map(|t| dispatches(t, split))
    };
    assert_eq!(of(false), [24; 4]);
    assert_eq!(of(true), [24, 37, 29, 24]);
}
