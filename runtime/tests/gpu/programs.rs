//! What programs compute, and that a steady run creates nothing.

use std::sync::atomic::{AtomicUsize, Ordering};

use ferrodyne_plan::plan::{Condition, InputRole, Sizes, SlotRole, Step};
use ferrodyne_plan::{Dim, Name};
use ferrodyne_runtime::Prepared;
use ferrodyne_runtime::gpu::Options;

use super::plans::{Builder, add_size, binary, map, unary, variant};
use super::{device, floats, open, upload};

fn sizes(n: i64) -> Sizes {
    Sizes::new([(Name::from("n"), n)])
}

fn ramp(n: usize) -> Vec<f32> {
    (0..n).map(|i| i as f32).collect()
}

#[test]
fn a_pointwise_kernel_maps_every_element() {
    let Some(gpu) = device() else { return };
    let program = gpu.program(map("a[i] * 2.0 + 1.0", 1000), None).unwrap();
    let outputs = program.run(&Sizes::default(), &[upload(gpu, &ramp(1000))]).unwrap();
    let expect: Vec<f32> = ramp(1000).iter().map(|x| x * 2.0 + 1.0).collect();
    assert_eq!(floats(gpu, &outputs[0], 1000), expect);
    assert_eq!(program.stats().dispatches, 1);
}

#[test]
fn a_chain_of_kernels_passes_values_through_scratch() {
    let Some(gpu) = device() else { return };
    let n = Dim::from(300);
    let mut plan = Builder::new("chain");
    let a = plan.argument("a", &n);
    let b = plan.argument("b", &n);
    let sum = plan.slot("sum", SlotRole::Scratch, &n);
    let out = plan.output("out", &n);
    let add = plan.kernel("add", &binary("a[i] + b[i]"), 3, &[]);
    let square = plan.kernel("square", &unary("a[i] * a[i]"), 2, &[]);
    plan.run(add, &n, &[a, b, sum]);
    plan.run(square, &n, &[sum, out]);
    let program = gpu.program(plan.finish(), None).unwrap();
    let inputs = [upload(gpu, &ramp(300)), upload(gpu, &[1.0; 300])];
    let outputs = program.run(&Sizes::default(), &inputs).unwrap();
    let expect: Vec<f32> = ramp(300).iter().map(|x| (x + 1.0) * (x + 1.0)).collect();
    assert_eq!(floats(gpu, &outputs[0], 300), expect);
    assert_eq!(program.stats().dispatches, 2);
    assert!(program.stats().peak_bytes >= 2 * 1200);
}

#[test]
fn one_program_serves_every_size_and_a_steady_run_creates_nothing() {
    let Some(gpu) = &open(Options::default()) else { return };
    let program = gpu.program(add_size(), None).unwrap();
    for n in [1usize, 64, 65, 1000, 64] {
        let input = upload(gpu, &ramp(n));
        let mut last = Vec::new();
        for _ in 0..3 {
            last = program.run(&sizes(n as i64), std::slice::from_ref(&input)).unwrap();
        }
        let expect: Vec<f32> = ramp(n).iter().map(|x| x + n as f32).collect();
        assert_eq!(floats(gpu, &last[0], n), expect, "size {n}");
        drop(last);
        program.run(&sizes(n as i64), &[input]).unwrap();
        assert_eq!(program.stats().created, 0, "size {n}");
    }
}

#[test]
fn outputs_that_are_held_are_not_overwritten() {
    let Some(gpu) = device() else { return };
    let program = gpu.program(map("a[i] + 1.0", 64), None).unwrap();
    let (zeros, tens) = (upload(gpu, &[0.0; 64]), upload(gpu, &[10.0; 64]));
    let first = program.run(&Sizes::default(), &[zeros]).unwrap();
    let second = program.run(&Sizes::default(), &[tens]).unwrap();
    assert_eq!(floats(gpu, &first[0], 64), [1.0; 64]);
    assert_eq!(floats(gpu, &second[0], 64), [11.0; 64]);
}

#[test]
fn the_weight_program_runs_once_for_each_value_of_its_parameters() {
    let Some(gpu) = &open(Options::default()) else { return };
    let n = Dim::from(64);
    let mut plan = Builder::new("scaled");
    let x = plan.argument("x", &n);
    let w = plan.input("w", InputRole::Parameter, &n);
    let packed = plan.slot("w packed", SlotRole::Packed, &n);
    let out = plan.output("out", &n);
    let pack = plan.kernel("pack", &unary("a[i] * 10.0"), 2, &[]);
    let scale = plan.kernel("scale", &binary("a[i] * b[i]"), 3, &[]);
    plan.0.weight_steps.push(Step::Run(vec![variant(vec![], pack, &n, &[w, packed])]));
    plan.run(scale, &n, &[x, packed, out]);
    let program = gpu.program(plan.finish(), None).unwrap();
    let (x, twos, threes) =
        (upload(gpu, &[1.0; 64]), upload(gpu, &[2.0; 64]), upload(gpu, &[3.0; 64]));
    let run = |w: &ferrodyne_runtime::Buffer| {
        let outputs = program.run(&Sizes::default(), &[x.clone(), w.clone()]).unwrap();
        (floats(gpu, &outputs[0], 64)[0], program.stats().created)
    };
    assert_eq!(run(&twos).0, 20.0);
    assert_eq!(run(&twos), (20.0, 0));
    assert_eq!(run(&threes).0, 30.0);
    assert_eq!(run(&threes), (30.0, 0));
    assert_eq!(run(&twos).0, 20.0);
    assert!(program.stats().weight_bytes >= 2 * 256);
}

#[test]
fn write_backs_follow_the_outputs() {
    let Some(gpu) = &open(Options::default()) else { return };
    let n = Dim::from(64);
    let mut plan = Builder::new("step");
    let x = plan.argument("x", &n);
    let state = plan.input("state", InputRole::Buffer, &n);
    let next = plan.slot("next state", SlotRole::Scratch, &n);
    let out = plan.output("out", &n);
    let add = plan.kernel("add", &binary("a[i] + b[i]"), 3, &[]);
    let half = plan.kernel("half", &unary("a[i] * 0.5"), 2, &[]);
    plan.run(add, &n, &[x, state, next]);
    plan.run(half, &n, &[next, out]);
    plan.write_back(1, next);
    let program = gpu.program(plan.finish(), None).unwrap();
    let (x, mut state) = (upload(gpu, &[1.0; 64]), upload(gpu, &[0.0; 64]));
    for call in 1..=4 {
        let mut results = program.run(&Sizes::default(), &[x.clone(), state.clone()]).unwrap();
        let value = results.pop().expect("a write-back stands behind the output");
        assert_ne!(value.id(), state.id(), "a changed value has another identity");
        state = value;
        assert_eq!(floats(gpu, &state, 64)[63], call as f32);
        assert_eq!(floats(gpu, &results[0], 64)[0], call as f32 / 2.0);
    }
    assert_eq!(program.stats().created, 0, "two generations of the state alternate");
}

#[test]
fn an_update_in_place_gives_the_same_memory_another_identity() {
    let Some(gpu) = device() else { return };
    let n = Dim::from(64);
    let mut plan = Builder::new("in place");
    let state = plan.input("state", InputRole::Buffer, &n);
    let text = "@group(0) @binding(0) var<storage, read_write> a: array<f32>;
        @compute @workgroup_size(64) fn main(@builtin(global_invocation_id) id: vec3<u32>) {
            if (id.x < arrayLength(&a)) { a[id.x] += 1.0; }
        }";
    let bump = plan.kernel("bump", text, 1, &[]);
    plan.run(bump, &n, &[state]);
    plan.write_back(0, state);
    let program = gpu.program(plan.finish(), None).unwrap();
    let before = upload(gpu, &[5.0; 64]);
    let after = program.run(&Sizes::default(), std::slice::from_ref(&before)).unwrap();
    assert_ne!(after[0].id(), before.id());
    assert_eq!(floats(gpu, &after[0], 64), [6.0; 64]);
}

#[test]
fn copies_move_bytes_between_kernels() {
    let Some(gpu) = device() else { return };
    let (n, all) = (Dim::sym("n"), Dim::sym("n") * 2);
    let mut plan = Builder::new("concat");
    let a = plan.argument("a", &n);
    let b = plan.argument("b", &n);
    let whole = plan.slot("whole", SlotRole::Scratch, &all);
    let out = plan.output("out", &all);
    for (from, to_offset) in [(a, Dim::from(0)), (b, &n * 4)] {
        let (from_offset, bytes) = (Dim::from(0), &n * 4);
        plan.0.steps.push(Step::Copy { from, from_offset, to: whole, to_offset, bytes });
    }
    let negate = plan.kernel("negate", &unary("-a[i]"), 2, &[]);
    plan.run(negate, &all, &[whole, out]);
    let program = gpu.program(plan.finish(), None).unwrap();
    let inputs = [upload(gpu, &[1.0, 2.0, 3.0]), upload(gpu, &[4.0, 5.0, 6.0])];
    let outputs = program.run(&sizes(3), &inputs).unwrap();
    assert_eq!(floats(gpu, &outputs[0], 6), [-1.0, -2.0, -3.0, -4.0, -5.0, -6.0]);
    assert_eq!(program.stats().dispatches, 3);
}

#[test]
fn the_first_variant_whose_needs_hold_is_taken() {
    let Some(gpu) = device() else { return };
    let n = Dim::sym("n");
    let mut plan = Builder::new("variants");
    let a = plan.argument("a", &n);
    let out = plan.output("out", &n);
    let four = plan.kernel("four", &unary("4.0"), 2, &[]);
    let large = plan.kernel("large", &unary("100.0"), 2, &[]);
    let rest = plan.kernel("rest", &unary("0.0"), 2, &[]);
    let slots = [a, out];
    plan.0.steps.push(Step::Run(vec![
        variant(vec![Condition::Multiple(n.clone(), 4)], four, &n, &slots),
        variant(vec![Condition::AtLeast(n.clone(), 100)], large, &n, &slots),
        variant(vec![], rest, &n, &slots),
    ]));
    let program = gpu.program(plan.finish(), None).unwrap();
    for (n, expect) in [(8, 4.0), (101, 100.0), (100, 4.0), (7, 0.0)] {
        let input = upload(gpu, &ramp(n));
        let outputs = program.run(&sizes(n as i64), &[input]).unwrap();
        assert_eq!(floats(gpu, &outputs[0], 1), [expect], "size {n}");
    }
}

#[test]
fn results_may_be_inputs_constants_packed_values_or_one_slot_twice() {
    let Some(gpu) = device() else { return };
    let n = Dim::from(4);
    let mut plan = Builder::new("plain");
    let x = plan.argument("x", &n);
    let table = plan.constant("table", &[1.0, 2.0, 3.0, 4.0]);
    let packed = plan.slot("packed", SlotRole::Packed, &n);
    let out = plan.output("out", &n);
    let add = plan.kernel("add", &binary("a[i] + b[i]"), 3, &[]);
    let double = plan.kernel("double", &unary("a[i] * 2.0"), 2, &[]);
    plan.0.weight_steps.push(Step::Run(vec![variant(vec![], double, &n, &[table, packed])]));
    plan.run(add, &n, &[x, packed, out]);
    for (name, slot) in [("x", x), ("table", table), ("packed", packed), ("out", out)] {
        plan.result(name, slot, &n);
    }
    let program = gpu.program(plan.finish(), None).unwrap();
    let outputs = program.run(&Sizes::default(), &[upload(gpu, &[10.0; 4])]).unwrap();
    let values: Vec<Vec<f32>> = outputs.iter().map(|o| floats(gpu, o, 4)).collect();
    let sum = vec![12.0, 14.0, 16.0, 18.0];
    let (table, packed) = (vec![1.0, 2.0, 3.0, 4.0], vec![2.0, 4.0, 6.0, 8.0]);
    assert_eq!(values, [sum.clone(), vec![10.0; 4], table, packed, sum]);
}

#[test]
fn a_packed_value_may_be_a_result_that_no_step_reads() {
    let Some(gpu) = device() else { return };
    let n = Dim::from(4);
    let mut plan = Builder::new("packed only");
    let w = plan.input("w", InputRole::Parameter, &n);
    let packed = plan.slot("packed", SlotRole::Packed, &n);
    let double = plan.kernel("double", &unary("a[i] * 2.0"), 2, &[]);
    plan.0.weight_steps.push(Step::Run(vec![variant(vec![], double, &n, &[w, packed])]));
    plan.result("packed", packed, &n);
    let program = gpu.program(plan.finish(), None).unwrap();
    let run = |w: f32| program.run(&Sizes::default(), &[upload(gpu, &[w; 4])]).unwrap();
    let (first, second) = (run(1.0), run(5.0));
    assert_eq!(floats(gpu, &first[0], 4), [2.0; 4], "later weights leave it alone");
    assert_eq!(floats(gpu, &second[0], 4), [10.0; 4]);
}

#[test]
fn empty_tensors_run_nothing() {
    let Some(gpu) = device() else { return };
    let program = gpu.program(add_size(), None).unwrap();
    let outputs = program.run(&sizes(0), &[upload(gpu, &[])]).unwrap();
    assert_eq!(floats(gpu, &outputs[0], 0), []);
    assert_eq!(program.stats().dispatches, 0);
}

#[test]
fn runs_from_several_threads_do_not_mix() {
    let Some(gpu) = device() else { return };
    let n = Dim::from(256);
    let mut plan = Builder::new("threads");
    let a = plan.argument("a", &n);
    let scratch = plan.slot("scratch", SlotRole::Scratch, &n);
    let out = plan.output("out", &n);
    let up = plan.kernel("up", &unary("a[i] + 1.0"), 2, &[]);
    let double = plan.kernel("double", &unary("a[i] * 2.0"), 2, &[]);
    plan.run(up, &n, &[a, scratch]);
    plan.run(double, &n, &[scratch, out]);
    let program = gpu.program(plan.finish(), None).unwrap();
    std::thread::scope(|scope| {
        for thread in 0..4 {
            let program = &program;
            scope.spawn(move || {
                for call in 0..20 {
                    let value = (thread * 100 + call) as f32;
                    let input = upload(gpu, &[value; 256]);
                    let outputs = program.run(&Sizes::default(), &[input]).unwrap();
                    assert_eq!(floats(gpu, &outputs[0], 256), [(value + 1.0) * 2.0; 256]);
                }
            });
        }
    });
}

#[test]
fn equal_kernels_are_built_once_and_progress_is_told() {
    let Some(gpu) = super::open(Default::default()) else { return };
    let most = AtomicUsize::new(0);
    let progress = |done: usize, all: usize| {
        assert_eq!(all, 2);
        most.fetch_max(done, Ordering::Relaxed);
    };
    let n = Dim::from(8);
    let mut plan = Builder::new("twice");
    let a = plan.argument("a", &n);
    let out = plan.output("out", &n);
    let first = plan.kernel("first", &unary("a[i] - 7.0"), 2, &[]);
    plan.kernel("second", &unary("a[i] - 7.0"), 2, &[]);
    plan.run(first, &n, &[a, out]);
    let plan = plan.finish();
    gpu.program(plan.clone(), Some(&progress)).unwrap();
    assert_eq!(most.load(Ordering::Relaxed), 2);
    assert_eq!(gpu.kernels_built(), 1);
    gpu.program(plan, None).unwrap();
    assert_eq!(gpu.kernels_built(), 1);
}

#[test]
fn a_profile_names_every_dispatch_and_its_time() {
    let Some(gpu) = device() else { return };
    let n = Dim::from(1 << 16);
    let mut plan = Builder::new("profiled");
    let a = plan.argument("a", &n);
    let scratch = plan.slot("scratch", SlotRole::Scratch, &n);
    let out = plan.output("out", &n);
    let up = plan.kernel("up", &unary("exp(a[i])"), 2, &[]);
    let down = plan.kernel("down", &unary("log(a[i])"), 2, &[]);
    plan.run(up, &n, &[a, scratch]);
    plan.run(down, &n, &[scratch, out]);
    let program = gpu.program(plan.finish(), None).unwrap();
    let input = upload(gpu, &vec![1.0; 1 << 16]);
    let (sizes, inputs) = (Sizes::default(), [input]);
    let profile = program.profile(&sizes, &inputs);
    let profile = pollster::block_on(profile).unwrap();
    let names: Vec<&str> = profile.kernels.iter().map(|k| k.name.as_str()).collect();
    assert_eq!(names, ["up", "down"]);
    assert!(profile.kernels.iter().all(|k| k.ms > 0.0 && k.ms < 1e4), "{:?}", profile.kernels);
    assert!((floats(gpu, &profile.results[0], 1)[0] - 1.0).abs() < 1e-5);
}
