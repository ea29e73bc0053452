//! What reduces the rows of a contraction stands in its kernel, where a tile holds a row.

use ferrodyne_compiler::fusion::{FusionOptions, partition};
use ferrodyne_compiler::lower::lower;
use ferrodyne_compiler::schedule::{ScheduleOptions, schedule};
use ferrodyne_compiler::wgsl;
use ferrodyne_plan::Target;
use ferrodyne_plan::loops::verify;

use super::engine::{graph, run, same};
use super::writers;

const SOFTMAX: &str =
    "graph f(%x: f32[ROWS, 48], parameter %w: f32[48, COLS], parameter %b: f32[COLS]) {
  %0 = matmul %x %w : f32[ROWS, COLS]
  %1 = add %0 %b : f32[ROWS, COLS]
  %y = softmax %1 {axis=1} : f32[ROWS, COLS]
  return %y as y
}";

const NORM: &str = "graph f(%x: f32[ROWS, 48], parameter %w: f32[48, COLS], %r: f32[ROWS, COLS], parameter %g: f32[COLS], parameter %b: f32[COLS]) {
  %0 = matmul %x %w : f32[ROWS, COLS]
  %1 = add %0 %r : f32[ROWS, COLS]
  %y = layer_norm %1 %g %b {eps=1e-5} : f32[ROWS, COLS]
  return %y as y
}";

const BATCHED: &str = "graph f(%x: f32[3, ROWS, 20], %w: f32[3, 20, COLS]) {
  %0 = matmul %x %w : f32[3, ROWS, COLS]
  %y = softmax %0 {axis=2} : f32[3, ROWS, COLS]
  return %y as y
}";

/// The number of kernels of a graph on a target; one alone must compute what its loops say, in text that is valid.
#[track_caller]
fn kernels(text: &str, rows: usize, columns: usize, target: &Target) -> usize {
    let text = text.replace("ROWS", &rows.to_string()).replace("COLS", &columns.to_string());
    let graph = graph(&text, target);
    let regions = partition(&graph, target, &FusionOptions::default()).regions;
    let computed: Vec<_> = regions.iter().filter(|region| !region.weights_only).collect();
    if let [region] = computed[..] {
        let loops = lower(&graph, region).unwrap_or_else(|e| panic!("{e}")).kernel;
        verify(&loops).unwrap_or_else(|e| panic!("{e}\n{loops}"));
        let variants = schedule(&loops, target, &ScheduleOptions::default(), &|_| None);
        let variants = variants.unwrap_or_else(|e| panic!("{e}\n{loops}"));
        let [variant] = &variants[..] else { panic!("more than one variant\n{loops}") };
        let [scheduled] = &variant.kernels[..] else { panic!("more than one kernel\n{loops}") };
        assert_eq!(scheduled.notes[0], "rule rows", "{scheduled}");
        verify(scheduled).unwrap_or_else(|e| panic!("{e}\n{scheduled}"));
        same(&run(scheduled, &[], &|_, _| {}), &run(&loops, &[], &|_, _| {}), scheduled);
        let text = wgsl::print(scheduled, target).unwrap_or_else(|e| panic!("{e}\n{scheduled}"));
        writers::write(&text);
    }
    computed.len()
}

#[test]
fn a_tile_that_holds_rows_reduces_them() {
    for name in ["vulkan-desktop", "webgpu-default", "software"] {
        let Some(target) = Target::named(name) else { continue };
        for (rows, columns) in [(1030, 64), (2048, 10), (1024, 30)] {
            if columns > 16 && target.subgroup_size == Some(8) && columns % 4 != 0 {
                continue;
            }
            for text in [SOFTMAX, NORM] {
                assert_eq!(kernels(text, rows, columns, &target), 1, "{name} {rows} {columns}");
            }
        }
        assert_eq!(kernels(BATCHED, 700, 16, &target), 1, "{name}");
    }
}

#[test]
fn rows_beyond_a_tile_and_few_long_ones_take_two_kernels() {
    let desktop = Target::vulkan_desktop();
    assert_eq!(kernels(SOFTMAX, 1024, 1000, &desktop), 2);
    assert_eq!(kernels(SOFTMAX, 1024, 64, &Target::cpu()), 2);
    assert_eq!(kernels(&SOFTMAX.replace("48", "4096"), 2, 64, &desktop), 2);
}
