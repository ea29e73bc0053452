//! What a tuner may take: every alternative of the rules, and split reductions, compute what the loops say.

use std::collections::{BTreeMap, BTreeSet};

use ferrodyne_compiler::schedule::{ScheduleOptions, ScheduledVariant, schedule};
use ferrodyne_compiler::wgsl;
use ferrodyne_plan::loops::{Kernel, Role, Tensor, verify};
use ferrodyne_plan::{Name, Target};

use super::operators::{Sizes, filled, near, run};

/// More alternatives than any rule has.
const PICKS: usize = 24;

pub(super) fn parsed(text: &str) -> Kernel {
    Kernel::parse(text).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

fn product(rows: i64, columns: i64, depth: i64) -> Kernel {
    parsed(&format!(
        "kernel mm(in a: f32[{rows}, {depth}] padded, in b: f32[{depth}, {columns}] padded, in c: f32[{columns}] padded,
            out o: f32[{rows}, {columns}] padded) {{
          axis i in {rows}
          axis j in {columns}
          axis k in {depth}
          for i j {{
            fold s = sum over k {{ a[i, k] * b[k, j] }}
            o[i, j] = max(s + c[j], 0.0)
          }}
        }}"
    ))
}

fn scores() -> Kernel {
    parsed(
        "kernel scores(in q: f32[2, 9, 16] padded, in k: f32[2, 21, 16] padded, out o: f32[2, 9, 21] padded) {
          axis h in 2
          axis i in 9
          axis j in 21
          axis d in 16
          for h i j {
            fold s = sum over d { q[h, i, d] * k[h, j, d] }
            o[h, i, j] = s * 0.25
          }
        }",
    )
}

fn convolution() -> Kernel {
    parsed(
        "kernel conv(in x: f32[1, 4, 4, 128] padded, in w: f32[3, 3, 128, 32] padded, out o: f32[1, 4, 4, 32] padded) {
          axis n in 1
          axis y in 4
          axis x1 in 4
          axis c in 32
          axis u in 3
          axis v in 3
          axis k in 128
          for n y x1 c {
            fold s = sum over u v k { (x[n, (y + u - 1)?, (x1 + v - 1)?, k] else 0.0) * w[u, v, k, c] }
            o[n, y, x1, c] = s
          }
        }",
    )
}

fn norm(rows: i64) -> Kernel {
    parsed(&format!(
        "kernel norm(in x: f32[{rows}, 96] padded, in w: f32[96] padded, out o: f32[{rows}, 96] padded) {{
          axis r in {rows}
          axis k in 96
          for r {{
            fold s = sum over k {{ x[r, k] }}
            let d[k]: f32 = x[r, k] - s * 0.010416667
            fold v = sum over k {{ d * d }}
            o[r, k] over k = d * rsqrt(v + 0.00001) * w[k]
          }}
        }}"
    ))
}

fn softmax() -> Kernel {
    parsed(
        "kernel softmax(in x: f32[5, 150] padded, out o: f32[5, 150] padded) {
          axis r in 5
          axis k in 150
          for r {
            fold m = max over k { x[r, k] }
            fold z = sum over k { exp(x[r, k] - m) }
            o[r, k] over k = exp(x[r, k] - m) / z
          }
        }",
    )
}

fn sums(rows: i64, length: i64, along: bool) -> Kernel {
    let (dims, at) = match along {
        true => (format!("{rows}, {length}"), "r, k"),
        false => (format!("{length}, {rows}"), "k, r"),
    };
    parsed(&format!(
        "kernel sums(in x: f32[{dims}] padded, out o: f32[{rows}] padded) {{
          axis r in {rows}
          axis k in {length}
          for r {{
            fold s = sum over k {{ x[{at}] }}
            o[r] = sqrt(s * s)
          }}
        }}"
    ))
}

fn pointwise() -> Kernel {
    parsed(
        "kernel map(in x: f32[37, 29] padded, in y: f32[29] padded, out o: f32[37, 29] padded) {
          axis i in 37
          axis j in 29
          for i j { o[i, j] = sin(x[i, j]) + y[j] }
        }",
    )
}

fn inputs(kernel: &Kernel, sizes: &Sizes) -> BTreeMap<Name, Tensor> {
    let read = kernel.params.iter().enumerate().filter(|(_, param)| param.role != Role::Out);
    read.map(|(at, p)| (p.name.clone(), filled(p, sizes, at as u64 + 1))).collect()
}

/// Fails unless the variant is text for naga and computes what the kernel does.
pub(super) fn check(kernel: &Kernel, variant: &ScheduledVariant, target: &Target, sizes: &Sizes) {
    let (mut want, mut got) = (inputs(kernel, sizes), inputs(kernel, sizes));
    run(&[kernel], &mut want, sizes).unwrap_or_else(|fault| panic!("{fault}\n{kernel}"));
    for own in &variant.kernels {
        verify(own).unwrap_or_else(|fault| panic!("{fault}\n{own}"));
        let text = wgsl::print(own, target).unwrap_or_else(|fault| panic!("{fault}\n{own}"));
        wgsl::check::check(&text).unwrap_or_else(|fault| panic!("{fault}\n{own}"));
    }
    let kernels: Vec<&Kernel> = variant.kernels.iter().collect();
    run(&kernels, &mut got, sizes).unwrap_or_else(|fault| panic!("{fault}"));
    for param in kernel.params.iter().filter(|param| param.role != Role::In) {
        let pairs = want[&param.name].data.iter().zip(&got[&param.name].data);
        let differs = pairs.enumerate().find(|(_, (a, b))| !near(**a, **b));
        assert!(differs.is_none(), "{differs:?} of `{}`\n{}", param.name, kernels[0]);
    }
}

/// How many different schedules the rules have for a kernel.
fn alternatives(kernel: &Kernel, target: &Target) -> usize {
    let mut texts = BTreeSet::new();
    for pick in 0..=PICKS {
        let options = ScheduleOptions { pick, ..ScheduleOptions::default() };
        let variants = schedule(kernel, target, &options, &|_| None);
        for variant in variants.unwrap_or_else(|fault| panic!("{fault}\n{kernel}")) {
            let text: String = variant.kernels.iter().map(Kernel::to_string).collect();
            if texts.insert(text) {
                check(kernel, &variant, target, &Sizes::new());
            }
        }
    }
    texts.len()
}

#[test]
fn every_alternative_computes_what_the_loops_say() {
    let kernels = [
        product(19, 48, 64),
        scores(),
        softmax(),
        norm(12),
        sums(3, 600, true),
        sums(12, 600, false),
        pointwise(),
    ];
    for target in [Target::software(), Target::webgpu_default(), Target::vulkan_desktop()] {
        for kernel in &kernels {
            let count = alternatives(kernel, &target);
            assert!(count >= 3, "`{}` has {count} schedules on {}", kernel.name, target.name);
        }
    }
}

fn kernels(kernel: &Kernel, target: &Target, options: &ScheduleOptions) -> usize {
    let variants = schedule(kernel, target, options, &|_| None);
    let variants = variants.unwrap_or_else(|fault| panic!("{fault}\n{kernel}"));
    check(kernel, &variants[0], target, &Sizes::new());
    variants[0].kernels.len()
}

#[test]
fn kept_rows_that_share_a_weight_are_taken_together() {
    let together = |rows: i64, target: &Target, pick: usize| {
        let options = ScheduleOptions { pick, ..ScheduleOptions::default() };
        let variants = schedule(&norm(rows), target, &options, &|_| None).unwrap();
        let notes = &variants[0].kernels[0].notes;
        let of = |times: i64| notes.iter().any(|note| note.ends_with(&format!(" o t:{times}")));
        [4, 2].into_iter().find(|times| of(*times)).unwrap_or(1)
    };
    let software = Target::software();
    assert_eq!([256, 254, 255, 12].map(|rows| together(rows, &software, 0)), [4, 2, 1, 1]);
    assert_eq!([6, 7].map(|pick| together(12, &software, pick)), [2, 4]);
    assert_eq!(together(256, &Target::vulkan_desktop(), 0), 1);
}

#[test]
fn few_tiles_of_a_long_product_are_cut_in_parts() {
    let options = ScheduleOptions::default();
    let off = ScheduleOptions { split_reductions: false, ..ScheduleOptions::default() };
    for target in [Target::software(), Target::vulkan_desktop()] {
        for long in [product(16, 32, 1024), convolution()] {
            assert_eq!(kernels(&long, &target, &options), 2, "{}: {long}", target.name);
            assert_eq!(kernels(&long, &target, &off), 1);
        }
        assert_eq!(kernels(&product(16, 32, 64), &target, &options), 1, "short");
    }
    assert_eq!(kernels(&product(256, 256, 32), &Target::software(), &options), 1, "many tiles");
}

#[test]
fn operands_of_a_tile_may_lie_in_workgroup_memory() {
    let target = Target::vulkan_desktop();
    for kernel in [product(100, 72, 64), product(130, 64, 20), convolution()] {
        let mut shared = 0;
        for pick in 0..=PICKS {
            let options = ScheduleOptions { pick, ..ScheduleOptions::default() };
            let variants = schedule(&kernel, &target, &options, &|_| None);
            for variant in variants.unwrap_or_else(|fault| panic!("{fault}\n{kernel}")) {
                let notes = variant.kernels.iter().flat_map(|kernel| &kernel.notes);
                let staged = notes.filter(|note| note.ends_with(" workgroup")).count();
                if staged == 0 {
                    continue;
                }
                check(&kernel, &variant, &target, &Sizes::new());
                let text = wgsl::print(&variant.kernels[0], &target).expect("checked above").kernel;
                assert_eq!(text.text.matches("var<workgroup>").count(), 2, "{}", text.text);
                let barriers = text.text.matches("workgroupBarrier();").count();
                assert_eq!(barriers, 2, "{}", text.text);
                shared += 1;
            }
        }
        assert!(shared > 0, "{kernel}");
    }
}
