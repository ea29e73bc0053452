//! What padded windows look through: views that pass the question on whether a place lies inside are read as they are, others are stored.

use ferrodyne_plan::Target;

use super::facts::graph;
use crate::fusion::{FusionOptions, RegionKind, partition};
use crate::lower::lower;

const CONV: &str = "{dilations=[1, 1], groups=1, layout=\"nchw\", pads=[PADS], strides=[1, 1]}";

/// Whether the view of `x` is stored for a convolution of it, on all kinds of devices; no contraction chooses by cases.
#[track_caller]
fn stored(view: &str, pads: &str) -> bool {
    let conv = CONV.replace("PADS", pads);
    let size = if pads.starts_with('0') { 6 } else { 8 };
    let text = format!(
        "graph f(%x: f32[1, 16, 4, 8], parameter %w: f32[4, 16, 3, 3]) {{
  {view}
  %y = conv %v %w {conv} : f32[1, 4, {size}, {size}]
  return %y as y
}}"
    );
    let graph = graph(&text);
    let parts = [Target::vulkan_desktop(), Target::cpu()].map(|target| {
        let regions = partition(&graph, &target, &FusionOptions::default());
        let contraction = regions.regions.iter().find(|r| r.kind == RegionKind::Contraction);
        let lowered = lower(&graph, contraction.expect("there is a convolution"));
        let kernel = lowered.unwrap_or_else(|e| panic!("{e}")).kernel.to_string();
        assert!(!kernel.contains("case "), "{kernel}");
        regions.regions.len()
    });
    assert_eq!(parts[0], parts[1]);
    parts[0] == 2
}

const TWICE: &str = "%0 = reshape %x {dims=[1, 16, 4, 1, 8]} : f32[1, 16, 4, 1, 8]
  %1 = expand %0 {dims=[1, 16, 4, 2, 8]} : f32[1, 16, 4, 2, 8]
  %v = reshape %1 {dims=[1, 16, 8, 8]} : f32[1, 16, 8, 8]";

#[test]
fn what_takes_a_checked_axis_apart_is_stored() {
    assert!(stored(TWICE, "1, 1, 1, 1"));
    assert!(!stored(TWICE, "0, 0, 0, 0"));
}

#[test]
fn what_turns_or_cuts_a_checked_axis_is_stored() {
    let twice = TWICE.replace("%v =", "%2 =");
    let turned = format!("{twice}\n  %v = flip %2 {{axes=[2]}} : f32[1, 16, 8, 8]");
    assert!(stored(&turned, "1, 1, 1, 1"));
    assert!(!stored(&turned, "0, 0, 0, 0"));
}

#[test]
fn what_has_the_checked_axes_as_they_are_is_read() {
    let turned = "%0 = permute %x {axes=[0, 1, 3, 2]} : f32[1, 16, 8, 4]
  %1 = reshape %0 {dims=[1, 8, 2, 8, 4]} : f32[1, 8, 2, 8, 4]";
    let apart = format!(
        "{turned}
  %2 = permute %1 {{axes=[0, 2, 1, 3, 4]}} : f32[1, 2, 8, 8, 4]
  %3 = reshape %2 {{dims=[1, 16, 8, 4]}} : f32[1, 16, 8, 4]
  %4 = expand %3 {{dims=[1, 16, 8, 4]}} : f32[1, 16, 8, 4]
  %v = pad %4 {{high=[0, 0, 0, 2], low=[0, 0, 0, 2], value=0.0}} : f32[1, 16, 8, 8]"
    );
    assert!(!stored(&apart, "0, 0, 0, 0"));
}

#[test]
fn what_is_computed_is_stored_for_windows_that_are_checked() {
    let computed = |pads: &str, size: i64| {
        let conv = CONV.replace("PADS", pads);
        let graph = graph(&format!(
            "graph f(%x: f32[1, 8, 8, 8], parameter %w: f32[4, 8, 3, 3]) {{
  %0 = neg %x : f32[1, 8, 8, 8]
  %y = conv %0 %w {conv} : f32[1, 4, {size}, {size}]
  return %y as y
}}"
        ));
        let regions = partition(&graph, &Target::vulkan_desktop(), &FusionOptions::default());
        regions.cuts.iter().map(|cut| cut.reason.to_string()).collect::<Vec<_>>()
    };
    let stored = "its reader loads blocks, vectors or windows of stored values, which this device does much faster";
    assert_eq!(computed("1, 1, 1, 1", 8), [stored]);
    assert_eq!(computed("0, 0, 0, 0", 6), [""; 0]);
}

#[test]
fn windows_that_are_folded_look_through_stored_values_too() {
    let text = |view: &str| {
        format!(
            "graph f(%x: f32[1, 4, 8, 8]) {{
  %v = {view} : f32[1, 4, 8, 8]
  %0 = pad %v {{high=[0, 0, 1, 1], low=[0, 0, 1, 1], value=0.0}} : f32[1, 4, 10, 10]
  %1 = window %0 {{axes=[2, 3], dilations=[1, 1], sizes=[3, 3], strides=[1, 1]}} : f32[1, 4, 8, 8, 3, 3]
  %y = sum %1 {{axes=[4, 5], keepdim=false}} : f32[1, 4, 8, 8]
  return %y as y
}}"
        )
    };
    let regions = |view: &str| {
        let graph = graph(&text(view));
        partition(&graph, &Target::cpu(), &FusionOptions::default()).regions.len()
    };
    assert_eq!(regions("flip %x {axes=[3]}"), 2);
    assert_eq!(regions("flip %x {axes=[1]}"), 1);
}

#[test]
fn what_follows_windows_is_stored_along_their_rows() {
    let graph = graph(
        "graph f(%x: f32[1, 8, 6, 10], parameter %w: f32[8, 1, 3, 3], %b: f32[6, 10, 8]) {
  %0 = conv %x %w {dilations=[1, 1], groups=8, layout=\"nchw\", pads=[1, 1, 1, 1], strides=[1, 1]} : f32[1, 8, 6, 10]
  %1 = relu %0 : f32[1, 8, 6, 10]
  %2 = permute %1 {axes=[0, 2, 3, 1]} : f32[1, 6, 10, 8]
  %y = add %2 %b : f32[1, 6, 10, 8]
  return %y as y
}",
    );
    let reasons = |target: Target| {
        let regions = partition(&graph, &target, &FusionOptions::default());
        regions.cuts.iter().map(|cut| cut.reason.to_string()).collect::<Vec<_>>()
    };
    let across = "it is computed along rows, and this device would store its reader across them element by element";
    assert_eq!(reasons(Target::cpu()), [across]);
    assert_eq!(reasons(Target::vulkan_desktop()), [""; 0]);
}

#[test]
fn what_follows_batches_of_products_is_not_stored_with_the_batch_innermost() {
    let graph = graph(
        "graph f(%x: f32[4, 64, 32], %z: f32[4, 32, 64], %b: f32[64, 64, 4]) {
  %0 = dot %x %z {lhs_batch=[0], rhs_batch=[0], lhs_contract=[2], rhs_contract=[1]} : f32[4, 64, 64]
  %1 = permute %0 {axes=[1, 2, 0]} : f32[64, 64, 4]
  %y = add %1 %b : f32[64, 64, 4]
  return %y as y
}",
    );
    let regions =
        |target: Target| partition(&graph, &target, &FusionOptions::default()).regions.len();
    assert_eq!(regions(Target::software()), 2);
    assert_eq!(regions(Target::vulkan_desktop()), 1);
}
