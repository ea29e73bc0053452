//! Every edge that is not fused says why, and each reason has its case here.

use std::fmt::Write;

use ferrodyne_plan::{DType, Target};

use super::facts::{graph, regions};
use crate::fusion::{FusionOptions, Regions, partition};
use crate::graph::{Attrs, Builder, Graph, InputRole, TensorType};
use crate::ops::Table;

/// Reasons of a graph's cuts, for a desktop GPU.
fn reasons(text: &str) -> Vec<String> {
    said(&regions(&graph(text)))
}

fn said(regions: &Regions) -> Vec<String> {
    let mut all: Vec<String> = regions.cuts.iter().map(|cut| cut.reason.to_string()).collect();
    all.sort();
    all.dedup();
    all
}

#[test]
fn switched_off() {
    let graph = graph(
        "graph f(%x: f32[8]) {
  %0 = sin %x : f32[8]
  %1 = cos %0 : f32[8]
  return %1 as y
}",
    );
    let apart = partition(
        &graph,
        &Target::cpu(),
        &FusionOptions { enabled: false, ..FusionOptions::default() },
    );
    assert_eq!(apart.regions.len(), 2);
    assert_eq!(said(&apart), ["fusion is switched off"]);
    assert_eq!(regions(&graph).regions.len(), 1);
}

#[test]
fn what_weights_alone_decide_is_computed_once() {
    let graph = graph(
        "graph f(%x: f32[8], parameter %w: f32[8]) {
  %0 = exp %w : f32[8]
  %1 = mul %x %0 : f32[8]
  return %1 as y
}",
    );
    let regions = regions(&graph);
    let weights: Vec<bool> = regions.regions.iter().map(|r| r.weights_only).collect();
    assert_eq!(weights, [true, false]);
    assert_eq!(said(&regions), ["it depends on weights alone and is computed once"]);
}

#[test]
fn reductions_of_other_axes() {
    let said = reasons(
        "graph f(%x: f32[512, 512]) {
  %0 = softmax %x {axis=1} : f32[512, 512]
  %1 = sum %0 {axes=[0]} : f32[512]
  return %1 as y
}",
    );
    assert_eq!(said, ["its reader reduces other axes than its region"]);
}

#[test]
fn rows_of_a_contraction() {
    let largest = |columns: &str| {
        graph(&format!(
            "graph f(%x: f32[64, 64], %w: f32[64, {columns}]) where n in 1..=64 {{
  %0 = dot %x %w {{lhs_batch=[], rhs_batch=[], lhs_contract=[1], rhs_contract=[0]}} : f32[64, {columns}]
  %1 = amax %0 {{axes=[1]}} : f32[64]
  return %1 as y
}}"
        ))
    };
    let on =
        |graph: Graph, target: &Target| said(&partition(&graph, target, &FusionOptions::default()));
    let desktop = Target::vulkan_desktop();
    assert_eq!(on(largest("64"), &desktop), [""; 0]);
    let whole = "it comes tile by tile out of a contraction, and its reader needs whole rows";
    assert_eq!(on(largest("n"), &desktop), [whole]);
    assert_eq!(on(largest("64"), &Target::cpu()), [whole]);
    assert_eq!(
        on(largest("512"), &desktop),
        [
            "it comes tile by tile out of a contraction, and its reader needs rows of 512, of which a tile holds 256"
        ]
    );
    let software = Target::named("software").expect("it ships with the crate");
    assert_eq!(
        on(largest("64"), &software),
        [
            "16 KiB of rows are few for this device: reading them again takes less than a longer kernel takes to compile"
        ]
    );
}

#[test]
fn two_contractions_meet() {
    let said = reasons(
        "graph f(%x: f32[64, 64], %w: f32[64, 64], %v: f32[64, 64]) {
  %0 = dot %x %w {lhs_batch=[], rhs_batch=[], lhs_contract=[1], rhs_contract=[0]} : f32[64, 64]
  %1 = dot %x %v {lhs_batch=[], rhs_batch=[], lhs_contract=[1], rhs_contract=[0]} : f32[64, 64]
  %2 = add %0 %1 : f32[64, 64]
  return %2 as y
}",
    );
    assert_eq!(said, ["both sides are contractions"]);
}

#[test]
fn a_scatter_ends_its_kernel_and_starts_from_memory() {
    let said = reasons(
        "graph f(%x: f32[8], %i: i64[3], %u: f32[3]) {
  %0 = sin %x : f32[8]
  %1 = scatter %0 %i %u {axis=0, mode=\"add\"} : f32[8]
  %2 = cos %1 : f32[8]
  return %2 as y
}",
    );
    assert_eq!(
        said,
        [
            "a movement does not continue a pointwise",
            "it is whole only when the last update is scattered"
        ]
    );
}

#[test]
fn another_kernel_must_run_in_between() {
    let said = reasons(
        "graph f(%x: f32[64, 64], %w: f32[64, 64]) {
  %0 = sum %x {axes=[0], keepdim=true} : f32[1, 64]
  %1 = dot %0 %w {lhs_batch=[], rhs_batch=[], lhs_contract=[1], rhs_contract=[0]} : f32[1, 64]
  %2 = softmax %1 {axis=1} : f32[1, 64]
  %3 = add %0 %2 : f32[1, 64]
  return %3 as y
}",
    );
    assert!(
        said.iter().any(|r| r.ends_with("must run in between") || r.contains("other")),
        "{said:?}"
    );
}

#[test]
fn a_contraction_is_not_repeated_at_other_points() {
    let found = regions(&graph(
        "graph f(%x: f32[64, 64], %w: f32[64, 64]) {
  %0 = dot %x %w {lhs_batch=[], rhs_batch=[], lhs_contract=[1], rhs_contract=[0]} : f32[64, 64]
  %1 = flip %0 {axes=[0]} : f32[64, 64]
  %2 = add %0 %1 : f32[64, 64]
  return %2 as y
}",
    ));
    assert_eq!(found.regions.len(), 2, "{found}");
}

#[test]
fn few_long_rows() {
    let said = reasons(
        "graph f(%x: f32[1000000]) {
  %0 = sum %x {axes=[0], keepdim=true} : f32[1]
  %1 = div %x %0 : f32[1000000]
  return %1 as y
}",
    );
    assert_eq!(
        said,
        [
            "walking 1 rows of 1000000 elements again would keep as many workgroups or invocations busy and the rest of the device idle"
        ]
    );
}

#[test]
fn few_long_columns() {
    let said = |rows: usize, columns: usize| {
        reasons(&format!(
            "graph f(%x: f32[{rows}, {columns}]) {{
  %0 = sum %x {{axes=[0], keepdim=true}} : f32[1, {columns}]
  %1 = sub %x %0 : f32[{rows}, {columns}]
  return %1 as y
}}"
        ))
    };
    assert_eq!(said(10_000, 20).len(), 1);
    assert_eq!(said(10_000, 4096), [""; 0]);
    assert_eq!(said(100, 20), [""; 0]);
}

#[test]
fn more_buffers_than_the_target_binds() {
    let mut text = String::from("graph f(");
    let inputs: Vec<String> = (0..10).map(|k| format!("%x{k}: f32[8]")).collect();
    write!(text, "{}) {{\n  %a0 = add %x0 %x1 : f32[8]\n", inputs.join(", ")).unwrap();
    for k in 1..9 {
        writeln!(text, "  %a{k} = add %a{} %x{} : f32[8]", k - 1, k + 1).unwrap();
    }
    text.push_str("  return %a8 as y\n}");
    let graph = graph(&text);
    assert_eq!(regions(&graph).regions.len(), 1);
    let narrow = partition(&graph, &Target::webgpu_default(), &FusionOptions::default());
    assert_eq!(narrow.regions.len(), 2);
    assert!(narrow.regions.iter().all(|r| r.inputs.len() + r.outputs.len() <= 8), "{narrow}");
    assert!(said(&narrow).iter().all(|r| r.starts_with("one kernel would bind ")), "{narrow}");
}

#[test]
fn kernels_do_not_grow_without_end() {
    let mut text = String::from("graph f(%x: f32[8]) {\n  %a0 = sin %x : f32[8]\n");
    for k in 1..200 {
        writeln!(text, "  %a{k} = sin %a{} : f32[8]", k - 1).unwrap();
    }
    text.push_str("  return %a199 as y\n}");
    let said = reasons(&text);
    assert!(said.iter().all(|r| r.starts_with("one kernel would compute")), "{said:?}");
    assert!(!said.is_empty());
}

#[test]
fn repeating_costs_more_than_storing() {
    let said = reasons(
        "graph f(%x: f32[1024, 1024], %w: f32[1024, 1024]) {
  %0 = gelu %x : f32[1024, 1024]
  %1 = dot %0 %w {lhs_batch=[], rhs_batch=[], lhs_contract=[1], rhs_contract=[0]} : f32[1024, 1024]
  return %1 as y
}",
    );
    let [said] = &said[..] else { panic!("{said:?}") };
    let start = "read by 1 region; repeating ";
    let end = " flops per element 128 times costs more than 8 MiB of traffic";
    assert!(said.starts_with(start) && said.ends_with(end), "{said}");
}

#[test]
fn a_fold_is_not_repeated_in_a_contraction() {
    let said = reasons(
        "graph f(%x: f32[64, 64], %w: f32[64, 64]) {
  %0 = softmax %x {axis=1} : f32[64, 64]
  %1 = dot %0 %w {lhs_batch=[], rhs_batch=[], lhs_contract=[1], rhs_contract=[0]} : f32[64, 64]
  return %1 as y
}",
    );
    assert_eq!(said, ["a reduction computes it, which its reader would have to repeat"]);
}

#[test]
fn a_result_is_stored_anyway() {
    let said = reasons(
        "graph f(%x: f32[64, 64]) {
  %0 = exp %x : f32[64, 64]
  %1 = flip %0 {axes=[0]} : f32[64, 64]
  %2 = add %0 %1 : f32[64, 64]
  return %0 as e, %2 as y
}",
    );
    assert!(
        said.is_empty() || said == ["it is a result of the graph and is stored anyway"],
        "{said:?}"
    );
}

#[test]
fn a_reader_elsewhere() {
    let said = reasons(
        "graph f(%x: f32[64, 64]) {
  %0 = sum %x {axes=[1]} : f32[64]
  %1 = flip %0 {axes=[0]} : f32[64]
  %2 = cos %1 : f32[64]
  return %2 as y
}",
    );
    assert_eq!(said, ["its reader reads it at other points than those at which it is computed"]);
}

#[test]
fn what_data_find_is_not_looked_for_in_a_contraction() {
    let said = reasons(
        "graph f(%x: f32[1, 8, 32, 32], %row: i64[64], %w: f32[3, 3, 8, 8]) {
  %0 = gather %x %row {axis=2} : f32[1, 8, 64, 32]
  %1 = permute %0 {axes=[0, 2, 3, 1]} : f32[1, 64, 32, 8]
  %2 = conv %1 %w {dilations=[1, 1], groups=1, layout=\"nhwc\", pads=[1, 1, 1, 1], strides=[1, 1]} : f32[1, 64, 32, 8]
  return %2 as y
}",
    );
    assert_eq!(
        said,
        [
            "data tell where its elements lie, and the innermost loop of a contraction would look for each"
        ]
    );
}

#[test]
fn a_gather_of_a_fold() {
    let said = reasons(
        "graph f(%x: f32[64, 64], %z: f32[64]) {
  %0 = sum %x {axes=[1]} : f32[64]
  %1 = concat %0 %z {axis=0} : f32[128]
  return %1 as y
}",
    );
    assert_eq!(said, ["its reader takes elements from other places than it stands at"]);
}

#[test]
fn cheap_values_are_repeated_through_views() {
    let one = [
        // A broadcast row, computed again for each row.
        "graph f(%x: f32[64, 64], %y: f32[64]) {
  %0 = cos %y : f32[64]
  %1 = sin %x : f32[64, 64]
  %2 = add %1 %0 : f32[64, 64]
  return %2 as y
}",
        // Elements before a concatenation, each computed once.
        "graph f(%x: f32[64], %z: f32[64]) {
  %0 = exp %x : f32[64]
  %1 = sin %z : f32[64]
  %2 = concat %0 %1 {axis=0} : f32[128]
  %3 = relu %2 : f32[128]
  return %3 as y
}",
        // What a reduction reads through a transposition.
        "graph f(%x: f32[64, 64]) {
  %0 = exp %x : f32[64, 64]
  %1 = permute %0 {axes=[1, 0]} : f32[64, 64]
  %2 = sum %1 {axes=[0]} : f32[64]
  return %2 as y
}",
    ];
    for text in one {
        let found = regions(&graph(text));
        assert_eq!(found.regions.len(), 1, "{found}");
    }
}

#[test]
fn siblings_over_one_input_are_one_kernel() {
    let found = regions(&graph(
        "graph f(%x: f32[64, 64]) {
  %0 = sin %x : f32[64, 64]
  %1 = cos %x : f32[64, 64]
  %2 = sum %x {axes=[1]} : f32[64]
  return %0 as a, %1 as b, %2 as c
}",
    ));
    assert_eq!(found.regions.len(), 1, "{found}");
    assert_eq!(found.regions[0].outputs.len(), 3);
}

#[test]
fn reshapes_of_whole_values_are_aliases() {
    let found = regions(&graph(
        "graph f(%x: f32[6, 4]) {
  %0 = sin %x : f32[6, 4]
  %1 = reshape %0 {dims=[24]} : f32[24]
  %2 = reshape %x {dims=[2, 12]} : f32[2, 12]
  return %1 as a, %2 as b
}",
    ));
    assert_eq!(found.regions.len(), 1, "{found}");
    assert_eq!(found.aliases.len(), 2, "{found}");
}

#[test]
fn a_transposed_result_is_one_copy() {
    let found = regions(&graph(
        "graph f(%x: f32[6, 4]) {
  %0 = permute %x {axes=[1, 0]} : f32[4, 6]
  return %0 as y
}",
    ));
    assert_eq!(found.to_string(), "copy permute { %1 } in %0 out %1\n");
}

#[test]
fn thousands_of_nodes_are_partitioned_in_a_moment() {
    let mut b = Builder::new("deep", &Table);
    let ty = TensorType::new(DType::F32, [64i64, 64]);
    let mut x = b.input("x", InputRole::Argument, ty.clone());
    let w = b.input("w", InputRole::Parameter, ty);
    let attrs = Attrs::new().ints("lhs_batch", &[]).ints("rhs_batch", &[]);
    let attrs = attrs.ints("lhs_contract", &[1]).ints("rhs_contract", &[0]);
    for _ in 0..3000 {
        let d = b.add("dot", &[x, w], attrs.clone()).unwrap();
        let sum = b.add("add", &[d, x], Attrs::new()).unwrap();
        x = b.add("tanh", &[sum], Attrs::new()).unwrap();
    }
    b.output("y", x);
    let found = regions(&b.finish());
    assert_eq!(found.regions.len(), 3000);
}

/// Attention of twelve heads of so many queries, keys and elements.
fn attention(queries: usize, keys: usize, width: usize) -> String {
    format!(
        "graph f(%q: f32[12, {queries}, {width}], %k: f32[12, {keys}, {width}], %v: f32[12, {keys}, {width}]) {{
  %y = scaled_dot_product_attention %q %k %v : f32[12, {queries}, {width}]
  return %y as y
}}"
    )
}

#[test]
fn few_scores_are_not_worth_a_long_kernel_on_a_software_adapter() {
    let graph = graph(&attention(16, 16, 64));
    let regions = partition(&graph, &Target::software(), &FusionOptions::default());
    assert_eq!(
        said(&regions),
        [
            "12 KiB of scores are few for this device: one pass over the keys saves less than its kernel takes to compile"
        ]
    );
}

#[test]
fn few_queries_leave_a_pass_over_the_keys_idle() {
    assert_eq!(
        reasons(&attention(2, 512, 64)),
        [
            "one pass over the keys gives each invocation a query, and 2 would leave most of them idle"
        ]
    );
}

#[test]
fn wide_heads_do_not_fit_into_registers() {
    assert_eq!(
        reasons(&attention(64, 64, 256)),
        [
            "one pass over the keys holds a query and its result in registers, whose length must be known and at most 128"
        ]
    );
}
