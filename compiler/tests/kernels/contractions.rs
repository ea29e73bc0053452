//! Contractions take a tile whatever the order in which their axes lie.

use ferrodyne_compiler::fusion::{FusionOptions, partition};
use ferrodyne_compiler::lower::lower;
use ferrodyne_compiler::passes::PassCx;
use ferrodyne_compiler::schedule::{ScheduleOptions, schedule};
use ferrodyne_compiler::wgsl;
use ferrodyne_plan::Target;
use ferrodyne_plan::loops::verify;

use super::engine::{graph_in, run, same};
use super::writers;

/// The rule of the one kernel that computes a graph, which does what its loops say in text that is valid.
#[track_caller]
fn rule(text: &str, target: &Target) -> String {
    let cx = PassCx { panel: Some(64), ..PassCx::default() };
    let graph = graph_in(text, target, &cx);
    let regions = partition(&graph, target, &FusionOptions::default()).regions;
    let computed: Vec<_> = regions.iter().filter(|region| !region.weights_only).collect();
    let [region] = computed[..] else { panic!("{} kernels\n{graph}", computed.len()) };
    let loops = lower(&graph, region).unwrap_or_else(|e| panic!("{e}")).kernel;
    let options = ScheduleOptions { split_reductions: false, ..ScheduleOptions::default() };
    let variants = schedule(&loops, target, &options, &|_| None);
    let variants = variants.unwrap_or_else(|e| panic!("{e}\n{loops}"));
    let [variant] = &variants[..] else { panic!("more than one variant\n{loops}") };
    let [scheduled] = &variant.kernels[..] else { panic!("more than one kernel\n{loops}") };
    verify(scheduled).unwrap_or_else(|e| panic!("{e}\n{scheduled}"));
    same(&run(scheduled, &[], &|_, _| {}), &run(&loops, &[], &|_, _| {}), scheduled);
    let text = wgsl::print(scheduled, target).unwrap_or_else(|e| panic!("{e}\n{scheduled}"));
    writers::write(&text);
    scheduled.notes[0].to_string()
}

#[test]
fn a_weight_in_panels_is_read_by_one_tile_after_the_other() {
    let text = "graph f(%x: f32[20, 24], parameter %w: f32[24, 192], parameter %b: f32[192], %r: f32[20, 192]) {
  %t = permute %w {axes=[1, 0]} : f32[192, 24]
  %0 = linear %x %t %b : f32[20, 192]
  %1 = gelu %0 : f32[20, 192]
  %y = add %1 %r : f32[20, 192]
  return %y as y
}";
    for rows in ["20", "900"] {
        assert_eq!(rule(&text.replace("20", rows), &Target::software()), "rule contract");
    }
}

#[test]
fn heads_beside_the_columns_are_products_of_their_own() {
    for (w, result) in [("[32, 5, 32]", "btd,dhk->bthk"), ("[5, 32, 32]", "btd,hdk->bthk")] {
        let text = format!(
            "graph f(%x: f32[3, 18, 32], %w: f32{w}) {{
  %y = einsum %x %w {{equation=\"{result}\"}} : f32[3, 18, 5, 32]
  return %y as y
}}"
        );
        for target in [Target::software(), Target::vulkan_desktop()] {
            assert_eq!(rule(&text, &target), "rule contract", "{result}");
        }
    }
}
