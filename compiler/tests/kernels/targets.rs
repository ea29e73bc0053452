//! Every named target: graphs of all kinds of work compile for it, to text that is valid, within its limits.

use std::collections::BTreeSet;

use ferrodyne_compiler::graph::{Graph, ParseCx, parse};
use ferrodyne_compiler::ops::Table;
use ferrodyne_compiler::pipeline::{Options, compile};
use ferrodyne_compiler::wgsl::{WgslText, check};
use ferrodyne_plan::plan::{Body, Dispatch, Plan, PlanKernel, Step};
use ferrodyne_plan::{Dim, Target};

/// One graph for each kind of work, at sizes of real models.
const GRAPHS: &[&str] = &[
    "graph pointwise(%x: f32[n, 1024], %b: f32[1024]) where n in 1..=4096 hint 64 {
  %s = add %x %b : f32[n, 1024]
  %y = gelu %s : f32[n, 1024]
  return %y as y
}",
    "graph rows(%x: f32[n, 768]) where n in 1..=4096 hint 128 {
  %y = softmax %x {axis=1} : f32[n, 768]
  return %y as y
}",
    "graph whole(%x: f32[4194304]) {
  %y = sum %x {axes=[0], keepdim=false} : f32[]
  return %y as y
}",
    "graph columns(%x: f32[1024, 1024]) {
  %y = amax %x {axes=[0], keepdim=false} : f32[1024]
  return %y as y
}",
    "graph linear(%x: f32[n, 512], %w: f32[512, 512], %b: f32[512]) where n in 1..=4096 hint 512 {
  %m = matmul %x %w : f32[n, 512]
  %s = add %m %b : f32[n, 512]
  %y = relu %s : f32[n, 512]
  return %y as y
}",
    "graph row(%x: f32[1, 2048], %w: f32[2048, 2048]) {
  %y = matmul %x %w : f32[1, 2048]
  return %y as y
}",
    "graph normalised(%x: f32[n, 384], %g: f32[384], %b: f32[384]) where n in 1..=4096 hint 128 {
  %y = layer_norm %x %g %b {eps=1e-5} : f32[n, 384]
  return %y as y
}",
    "graph image(%x: f32[n, 32, 14, 14], %w: f32[64, 32, 3, 3]) where n in 1..=32 hint 1 {
  %c = conv %x %w {layout=\"nchw\", dilations=[1, 1], groups=1, pads=[1, 1, 1, 1], strides=[1, 1]} : f32[n, 64, 14, 14]
  %y = relu %c : f32[n, 64, 14, 14]
  return %y as y
}",
    "graph heads(%q: f32[12, n, 64], %k: f32[12, n, 64], %v: f32[12, n, 64]) where n in 1..=512 hint 128 {
  %y = scaled_dot_product_attention %q %k %v : f32[12, n, 64]
  return %y as y
}",
    "graph picked(%x: f32[64], %i: i64[n, 32], %g: f32[32], %b: f32[32]) where n in 1..=4096 hint 64 {
  %p = gather %x %i {axis=0} : f32[n, 32]
  %y = layer_norm %p %g %b {eps=1e-5} : f32[n, 32]
  return %y as y
}",
    "graph sorted(%x: f32[16, 100], %i: i64[16, 100]) {
  %s = cumsum %x {axis=1} : f32[16, 100]
  %g = gather %s %i {axis=1} : f32[16, 16, 100]
  return %g as y
}",
];

/// A sum of more tensors than a kernel may bind.
fn wide(count: usize) -> String {
    let inputs: Vec<String> = (0..count).map(|k| format!("%x{k}: f32[n, 64]")).collect();
    let mut text = format!("graph wide({}) where n in 1..=64 hint 8 {{\n", inputs.join(", "));
    let mut sum = "%x0".to_owned();
    for k in 1..count {
        text += &format!("  %s{k} = add {sum} %x{k} : f32[n, 64]\n");
        sum = format!("%s{k}");
    }
    text + &format!("  return {sum} as y\n}}")
}

fn graphs() -> Vec<Graph> {
    let texts = GRAPHS.iter().map(|text| (*text).to_owned()).chain([wide(40)]);
    texts
        .map(|text| parse(&text, ParseCx::new(&Table)).unwrap_or_else(|e| panic!("{e}\n{text}")))
        .collect()
}

fn dispatches(plan: &Plan) -> impl Iterator<Item = &Dispatch> {
    let steps = plan.steps.iter().chain(&plan.weight_steps);
    steps.flat_map(Step::all).flat_map(Step::dispatches)
}

/// Bytes of workgroup memory that a module declares.
fn workgroup_bytes(module: &naga::Module) -> u32 {
    let mut layouter = naga::proc::Layouter::default();
    layouter.update(module.to_ctx()).expect("a valid module has a layout");
    let shared =
        module.global_variables.iter().filter(|(_, v)| v.space == naga::AddressSpace::WorkGroup);
    shared.map(|(_, variable)| layouter[variable.ty].size).sum()
}

/// What a kernel has that its target does not allow.
fn excess(kernel: &PlanKernel, target: &Target) -> Vec<String> {
    let Body::Wgsl(code) = &kernel.body else { return Vec::new() };
    let text = WgslText {
        kernel: code.clone(),
        groups: [1, 1, 1].map(Dim::from),
        sizes: kernel.sizes.clone(),
    };
    let (module, _) = check::validated(&text).unwrap_or_else(|fault| panic!("{fault}"));
    let mut found = Vec::new();
    let mut most = |what: &str, have: u64, most: u64| {
        if have > most {
            found.push(format!("`{}` on {}: {what} {have} > {most}", kernel.name, target.name));
        }
    };
    most("storage buffers", kernel.bindings.len() as u64, target.storage_buffers_max.into());
    most("workgroup bytes", workgroup_bytes(&module).into(), target.workgroup_bytes_max.into());
    let invocations = code.workgroup_size.iter().product::<u32>();
    most("invocations", invocations.into(), target.invocations_max.into());
    for (size, limit) in code.workgroup_size.iter().zip(target.workgroup_size_max) {
        most("invocations along an axis", (*size).into(), limit.into());
    }
    most("subgroup operations", code.subgroups.into(), target.subgroup_size.is_some().into());
    most("f16", code.text.contains("enable f16").into(), target.f16.into());
    let enabled = code.text.contains("enable subgroups");
    most("lines that enable subgroups", enabled.into(), target.enable_subgroups.into());
    found
}

#[test]
fn every_target_compiles_all_kinds_of_work_within_its_limits() {
    let graphs = graphs();
    for target in Target::all() {
        for graph in &graphs {
            let compiled = compile(graph, &target, &Options::default())
                .unwrap_or_else(|fault| panic!("{} on {}: {fault}", graph.name, target.name));
            let plan = &compiled.plan;
            let faults: Vec<String> =
                plan.kernels.iter().flat_map(|k| excess(k, &target)).collect();
            assert!(faults.is_empty(), "{}", faults.join("\n"));
            assert_eq!(
                plan.kernels.iter().all(|k| matches!(k.body, Body::Loops(_))),
                target.is_cpu()
            );
            for dim in dispatches(plan).flat_map(|dispatch| &dispatch.groups) {
                let most = graph.facts.range_of(dim).hi.expect("sizes of these graphs are bounded");
                assert!(most <= i64::from(target.groups_max), "{}: {dim} groups", graph.name);
            }
        }
    }
}

#[test]
fn targets_have_names_of_their_own() {
    let names: BTreeSet<String> = Target::all().map(|target| target.name.to_string()).collect();
    assert_eq!(names.len(), Target::all().count());
    for target in Target::all() {
        assert_eq!(Target::named(&target.name), Some(target));
    }
    assert_eq!(Target::named("voodoo"), None);
}

#[test]
fn no_target_is_below_what_every_browser_grants() {
    let least = Target::webgpu_default();
    for target in Target::all() {
        assert!(target.storage_buffers_max >= least.storage_buffers_max, "{}", target.name);
        assert!(target.workgroup_bytes_max >= least.workgroup_bytes_max, "{}", target.name);
        assert!(target.invocations_max >= least.invocations_max, "{}", target.name);
        assert!(target.binding_bytes_max >= least.binding_bytes_max, "{}", target.name);
    }
}

#[test]
fn targets_differ_where_their_hardware_does() {
    let graph = &graphs()[1];
    let text =
        |target: &Target| compile(graph, target, &Options::default()).unwrap().plan.to_string();
    assert_ne!(text(&Target::vulkan_desktop()), text(&Target::webgpu_default()));
    assert_ne!(text(&Target::cpu()), text(&Target::software()));
}
