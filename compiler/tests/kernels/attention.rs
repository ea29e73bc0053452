//! Attention in one pass over the keys: recognised, scheduled for each kind of device, and the same as the folds it is made of.

use std::collections::BTreeMap;

use ferrodyne_compiler::fusion::{FusionOptions, Region, RegionKind, partition};
use ferrodyne_compiler::graph::Graph;
use ferrodyne_compiler::lower::lower;
use ferrodyne_compiler::schedule::{ScheduleOptions, schedule};
use ferrodyne_compiler::wgsl;
use ferrodyne_plan::loops::{Kernel, Literal, Tensor, verify};
use ferrodyne_plan::{DType, Target};

use super::engine::{Sizes, graph, run, same};

fn regions(text: &str, target: &Target) -> (Graph, Vec<Region>) {
    let graph = graph(text, target);
    let regions = partition(&graph, target, &FusionOptions::default()).regions;
    (graph, regions)
}

/// The loops of an attention that a GPU takes in one pass, before any schedule.
fn loops(text: &str) -> Kernel {
    let (graph, regions) = regions(text, &Target::vulkan_desktop());
    let found = regions.iter().find(|region| region.kind == RegionKind::Attention);
    let region = found.unwrap_or_else(|| panic!("no region is attention: {regions:?}"));
    let lowered = lower(&graph, region).unwrap_or_else(|e| panic!("{e}"));
    verify(&lowered.kernel).unwrap_or_else(|e| panic!("{e}\n{}", lowered.kernel));
    lowered.kernel
}

/// The pass on all targets computes what the folds compute, and has a text that is valid.
#[track_caller]
fn agrees_with(text: &str, sizes: Sizes<'_>, spoil: &dyn Fn(&mut Tensor, &str)) -> Vec<f32> {
    let kernel = loops(text);
    let want = run(&kernel, sizes, spoil);
    for target in [Target::software(), Target::webgpu_default(), Target::vulkan_desktop()] {
        let variants = schedule(&kernel, &target, &ScheduleOptions::default(), &|_| None)
            .unwrap_or_else(|fault| panic!("{fault}\n{kernel}"));
        let [variant] = &variants[..] else { panic!("one variant is enough") };
        let [pass] = &variant.kernels[..] else { panic!("one kernel is enough") };
        assert!(pass.to_string().contains("online "), "{pass}");
        verify(pass).unwrap_or_else(|fault| panic!("{fault}\n{pass}"));
        assert_eq!(Kernel::parse(&pass.to_string()).as_ref(), Ok(pass));
        same(&run(pass, sizes, spoil), &want, pass);
        let text = wgsl::print(pass, &target).unwrap_or_else(|fault| panic!("{fault}\n{pass}"));
        super::writers::write(&text);
    }
    want
}

#[track_caller]
fn agrees(text: &str, sizes: Sizes<'_>) -> Vec<f32> {
    agrees_with(text, sizes, &|_, _| {})
}

/// `(queries, keys, width of keys, width of values)` of two heads, with more operands and attributes.
fn text((l, s, e, v): (i64, i64, i64, i64), more: (&str, &str), attrs: &str) -> String {
    let (declared, used) = more;
    format!(
        "graph f(%q: f32[2, {l}, {e}], %k: f32[2, {s}, {e}], %v: f32[2, {s}, {v}]{declared}) {{\n  \
         %y = scaled_dot_product_attention %q %k %v{used} {attrs}\n  return %y\n}}\n"
    )
}

const NONE: (&str, &str) = ("", "");

#[test]
fn the_pass_is_the_folds_for_any_sizes() {
    for sizes in [(64, 32, 16, 16), (13, 11, 8, 4), (5, 2, 4, 8), (7, 9, 5, 3), (37, 17, 12, 12)] {
        agrees(&text(sizes, NONE, "{}"), &[]);
    }
}

#[test]
fn scales_masks_and_order_in_time_are_taken_in() {
    let sizes = (9, 13, 8, 8);
    agrees(&text(sizes, NONE, "{scale=1.0}"), &[]);
    agrees(&text(sizes, NONE, "{scale=0.3}"), &[]);
    agrees(&text(sizes, (", %m: f32[9, 13]", " %m"), "{}"), &[]);
    agrees(&text(sizes, (", %m: bool[2, 9, 13]", " %m"), "{}"), &[]);
    agrees(&text(sizes, (", %m: bool[1, 13]", " %m"), "{}"), &[]);
    agrees(&text((17, 17, 8, 8), NONE, "{causal=true}"), &[]);
}

#[test]
fn a_query_that_sees_no_key_has_no_number() {
    let text = text((6, 10, 4, 4), (", %m: f32[6, 10]", " %m"), "{}");
    // The first query sees nothing; the second nothing of the first block; the third only its last key.
    let hide = |tensor: &mut Tensor, name: &str| {
        if name == "m" {
            let hidden = (0..10).chain(10..18).chain(20..29);
            hidden.for_each(|at| tensor.data[at] = Literal::F32(f32::NEG_INFINITY));
        }
    };
    let got = agrees_with(&text, &[], &hide);
    assert!(got[..4].iter().all(|x| x.is_nan()) && got[4..24].iter().all(|x| x.is_finite()));
}

#[test]
fn open_lengths_are_taken_in_one_pass() {
    let text = "graph f(%q: f32[b, 2, l, 8], %k: f32[b, 2, s, 8], %v: f32[b, 2, s, 8]) where b in 1..=4, l in 1..=64, s in 0..=64 {\n  \
                %y = scaled_dot_product_attention %q %k %v\n  return %y\n}\n";
    for sizes in [
        [("b", 1), ("l", 5), ("s", 7)],
        [("b", 2), ("l", 33), ("s", 16)],
        [("b", 1), ("l", 4), ("s", 0)],
    ] {
        let got = agrees(text, &sizes);
        assert!(got.iter().all(|x| x.is_finite()));
    }
}

#[test]
fn heads_of_keys_may_serve_several_heads_of_queries() {
    let text = "graph f(%q: f32[1, 6, 9, 4], %k: f32[1, 2, 11, 4], %v: f32[1, 2, 11, 4]) {\n  \
                %y = scaled_dot_product_attention %q %k %v\n  return %y\n}\n";
    agrees(text, &[]);
}

#[test]
fn heads_that_lie_beside_each_other_are_read_where_they_lie() {
    let text = "graph f(%x: f32[2, 9, 48]) {
  %q0 = slice %x {starts=[0, 0, 0], ends=[2, 9, 16], steps=[1, 1, 1]} %q1 = reshape %q0 {dims=[2, 9, 2, 8]} %q = permute %q1 {axes=[0, 2, 1, 3]}
  %k0 = slice %x {starts=[0, 0, 16], ends=[2, 9, 32], steps=[1, 1, 1]} %k1 = reshape %k0 {dims=[2, 9, 2, 8]} %k = permute %k1 {axes=[0, 2, 1, 3]}
  %v0 = slice %x {starts=[0, 0, 32], ends=[2, 9, 48], steps=[1, 1, 1]} %v1 = reshape %v0 {dims=[2, 9, 2, 8]} %v = permute %v1 {axes=[0, 2, 1, 3]}
  %a = scaled_dot_product_attention %q %k %v
  %t = permute %a {axes=[0, 2, 1, 3]} %y = reshape %t {dims=[2, 9, 16]}
  return %y
}
";
    agrees(text, &[]);
}

#[test]
fn weights_that_are_no_number_may_be_taken_for_nothing() {
    let text = "graph f(%q: f32[2, 6, 4], %k: f32[2, 10, 4], %v: f32[2, 10, 4], %m: f32[6, 10]) {
  %t = permute %k {axes=[0, 2, 1]} %d = matmul %q %t %s = add %d %m %p = softmax %s {axis=2}
  %n = is_nan %p %zero = constant {value=f32[](0.0)} %w = select %n %zero %p
  %y = matmul %w %v
  return %y
}
";
    let hide = |tensor: &mut Tensor, name: &str| {
        if name == "m" {
            (0..10).for_each(|at| tensor.data[at] = Literal::F32(f32::NEG_INFINITY));
        }
    };
    let got = agrees_with(text, &[], &hide);
    assert!(got[..4].iter().all(|x| *x == 0.0));
}

fn kinds(text: &str, target: &Target) -> Vec<RegionKind> {
    regions(text, target).1.iter().map(|region| region.kind).collect()
}

#[test]
fn devices_get_the_form_that_is_fast_on_them() {
    use RegionKind::{Attention, Contraction, Reduction};
    let three = [Contraction, Reduction, Contraction];
    let heads = |l: i64| {
        let s = l.max(2);
        format!(
            "graph f(%q: f32[12, {l}, 64], %k: f32[12, {s}, 64], %v: f32[12, {s}, 64]) {{\n  \
             %y = scaled_dot_product_attention %q %k %v\n  return %y\n}}\n"
        )
    };
    for target in [Target::webgpu_default(), Target::vulkan_desktop()] {
        assert_eq!(kinds(&heads(128), &target), [Attention], "{}", target.name);
    }
    assert_eq!(kinds(&heads(8), &Target::software()), three);
    assert_eq!(kinds(&heads(128), &Target::software()), [Attention]);
    assert_eq!(kinds(&heads(1024), &Target::cpu()), three);
    // Few queries make no pass; their scores are reduced in the tile that holds them.
    let two = [Contraction, Contraction];
    assert_eq!(kinds(&heads(2), &Target::vulkan_desktop()), two);
}

#[test]
fn no_scores_lie_in_memory_after_one_pass() {
    let kernel = loops(&text((64, 32, 16, 16), NONE, "{}"));
    let dims: BTreeMap<&str, usize> =
        kernel.params.iter().map(|p| (p.name.as_str(), p.dims.len())).collect();
    assert_eq!(dims.len(), 4, "{kernel}");
    assert!(kernel.params.iter().all(|param| param.dtype == DType::F32));
}

/// A layer of an encoder as exporters write it: twelve heads of 32, with a mask, `batch` and `length` open.
const ENCODER_LAYER: &str = "graph f(%x: f32[batch, length, 384], %mask: f32[batch, 1, 1, length], \
parameter %wq: f32[384, 384], parameter %bq: f32[384], parameter %wk: f32[384, 384], parameter %bk: f32[384], \
parameter %wv: f32[384, 384], parameter %bv: f32[384], parameter %wo: f32[384, 384], parameter %bo: f32[384], \
parameter %g1: f32[384], parameter %b1: f32[384], parameter %w1: f32[384, 1536], parameter %c1: f32[1536], \
parameter %w2: f32[1536, 384], parameter %c2: f32[384], parameter %g2: f32[384], parameter %b2: f32[384]) \
where batch in 1..=64, length in 1..=512 {
  %q0 = matmul %x %wq %q1 = add %q0 %bq %q2 = reshape %q1 {dims=[batch, length, 12, 32]} %q = permute %q2 {axes=[0, 2, 1, 3]}
  %k0 = matmul %x %wk %k1 = add %k0 %bk %k2 = reshape %k1 {dims=[batch, length, 12, 32]} %k = permute %k2 {axes=[0, 2, 3, 1]}
  %v0 = matmul %x %wv %v1 = add %v0 %bv %v2 = reshape %v1 {dims=[batch, length, 12, 32]} %v = permute %v2 {axes=[0, 2, 1, 3]}
  %s0 = matmul %q %k %eight = constant {value=f32[](5.656854)} %s1 = div %s0 %eight %s = add %s1 %mask
  %p = softmax %s {axis=3} %a0 = matmul %p %v %a1 = permute %a0 {axes=[0, 2, 1, 3]} %a2 = reshape %a1 {dims=[batch, length, 384]}
  %o0 = matmul %a2 %wo %o1 = add %o0 %bo %h0 = add %o1 %x %h = layer_norm %h0 %g1 %b1 {eps=1e-12}
  %f0 = matmul %h %w1 %f1 = add %f0 %c1 %f2 = gelu %f1 %f3 = matmul %f2 %w2 %f4 = add %f3 %c2 %y0 = add %f4 %h
  %y = layer_norm %y0 %g2 %b2 {eps=1e-12}
  return %y
}
";

/// Kernels of each call that a layer of an encoder takes.
fn layer(target: &Target) -> usize {
    let (_, regions) = regions(ENCODER_LAYER, target);
    regions.iter().filter(|region| !region.weights_only).count()
}

#[test]
fn a_layer_of_an_encoder_takes_seven_kernels_on_gpus_and_nine_on_the_cpu() {
    for target in [Target::software(), Target::webgpu_default(), Target::vulkan_desktop()] {
        assert_eq!(layer(&target), 7, "{}", target.name);
    }
    assert_eq!(layer(&Target::cpu()), 9);
}

#[test]
fn queries_and_keys_may_be_scaled_on_their_way() {
    let text = "graph f(%q: f32[2, 9, 8], %k: f32[2, 13, 8], %v: f32[2, 13, 4], %c: f32[]) {
  %qs = mul %q %c %ks = mul %k %c %t = permute %ks {axes=[0, 2, 1]} %s = matmul %qs %t %p = softmax %s {axis=2} %y = matmul %p %v
  return %y
}
";
    let (_, regions) = regions(text, &Target::vulkan_desktop());
    assert_eq!(regions.len(), 1, "{regions:?}");
    agrees(text, &[]);
}

#[test]
fn what_is_query_key_and_value_at_once_is_read_in_three_ways() {
    let text = "graph f(%x: f32[2, 19, 8]) {\n  %y = scaled_dot_product_attention %x %x %x\n  return %y\n}\n";
    agrees(text, &[]);
}
