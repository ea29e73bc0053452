//! Graphs that branch and loop, on devices: straight parts are kernels, and what decides is a step of the plan.

use ferrodyne::prelude::*;
use ferrodyne::{Executable, compile_graph};
use ferrodyne_compiler::graph::{Graph, ParseCx, parse};
use ferrodyne_compiler::ops::Table;
use ferrodyne_compiler::pipeline;
use ferrodyne_plan::Target;

use crate::tensor::close;

/// The greater of two roads by the sign of a sum; `n` says how much there is to compute.
const MY_ABS: &str = "\
graph my_abs(%x: f32[n]) where n in 1.. {
  positive = graph positive(%x: f32[n]) where n in 1.. {
    return %x
  }
  negative = graph negative(%x: f32[n]) where n in 1.. {
    %0 = neg %x : f32[n]
    %1 = exp %0 : f32[n]
    return %1 as y
  }
  %0 = sum %x {axes=[0]} : f32[]
  %1 = constant {value=f32[](0.0)} : f32[]
  %p = gt %0 %1 : bool[]
  %2 = cond @positive @negative %p %x : f32[n]
  %y = result %2 {index=0} : f32[n]
  %z = add %y %0 : f32[n]
  return %z, %y, %x
}
";

/// Doubles `x` as long as it is below `limit`, and counts.
const DOUBLE: &str = "\
graph double(%x: f32[], %limit: f32[]) {
  head = graph head(%x: f32[], %n: i32[], %limit: f32[]) {
    %0 = lt %x %limit : bool[]
    return %0 as go
  }
  body = graph body(%x: f32[], %n: i32[], %limit: f32[]) {
    %0 = add %x %x : f32[]
    %1 = constant {value=i32[](1)} : i32[]
    %2 = add %n %1 : i32[]
    return %0 as x, %2 as n
  }
  %0 = constant {value=i32[](0)} : i32[]
  %1 = while @head @body %x %0 %limit {carried=2} : f32[], i32[]
  %y = result %1 {index=0} : f32[]
  %n = result %1 {index=1} : i32[]
  return %y, %n
}
";

/// Running sums of the rows of `x`, with a factor.
const RUNNING: &str = "\
graph running(%start: f32[2], %x: f32[t, 2], %k: f32[]) where t in 0.. {
  body = graph body(%s: f32[2], %row: f32[2], %k: f32[]) {
    %0 = mul %row %k : f32[2]
    %1 = add %s %0 : f32[2]
    %2 = sum %1 {axes=[0]} : f32[]
    return %1 as s, %1 as all, %2 as total
  }
  %0 = scan @body %start %x %k {carried=1, sliced=1} : f32[2], f32[t, 2], f32[t]
  %last = result %0 {index=0} : f32[2]
  %all = result %0 {index=1} : f32[t, 2]
  %totals = result %0 {index=2} : f32[t]
  return %last, %all, %totals
}
";

/// A loop in a loop, with a branch in the inner one: halves `x` until it is small, as often as `x` must be counted down.
const NESTED: &str = "\
graph nested(%x: f32[3], %rounds: f32[]) {
  head = graph head(%n: f32[], %x: f32[3]) {
    %0 = constant {value=f32[](0.0)} : f32[]
    %1 = gt %n %0 : bool[]
    return %1 as go
  }
  body = graph body(%n: f32[], %x: f32[3]) {
    inner_head = graph inner_head(%x: f32[3], %n: f32[]) {
      %0 = sum %x {axes=[0]} : f32[]
      %1 = gt %0 %n : bool[]
      return %1 as go
    }
    inner_body = graph inner_body(%x: f32[3], %n: f32[]) {
      %0 = constant {value=f32[](0.5)} : f32[]
      %1 = mul %x %0 : f32[3]
      return %1 as x
    }
    %0 = while @inner_head @inner_body %x %n {carried=1} : f32[3]
    %1 = result %0 {index=0} : f32[3]
    %2 = constant {value=f32[](1.0)} : f32[]
    %3 = sub %n %2 : f32[]
    %4 = add %1 %2 : f32[3]
    return %3 as n, %4 as x
  }
  %0 = while @head @body %rounds %x {carried=2} : f32[], f32[3]
  %n = result %0 {index=0} : f32[]
  %y = result %0 {index=1} : f32[3]
  return %y, %n
}
";

fn graph(text: &str) -> Graph {
    parse(text, ParseCx::new(&Table)).expect("the text of a test is right")
}

fn devices() -> Vec<Device> {
    let mut devices = vec![Device::cpu()];
    match Device::named("gpu") {
        Ok(gpu) => devices.push(gpu),
        Err(error) => eprintln!("skipped control flow on GPUs: {error}"),
    }
    devices
}

/// Runs a graph by the interpreter and on all devices, fused and not, and compares.
fn check(text: &str, inputs: &[Vec<(Vec<f32>, Vec<usize>)>]) {
    let graph = graph(text);
    let on = |device: &Device, backend: &str| {
        compile_graph(&graph, device, backend).unwrap_or_else(|error| panic!("{error}"))
    };
    let run = |f: &dyn Executable, device: &Device, inputs: &[(Vec<f32>, Vec<usize>)]| {
        let tensor = |(values, dims): &(Vec<f32>, Vec<usize>)| {
            Tensor::from_vec(values.clone(), &dims[..], device)
        };
        let inputs: Vec<Tensor> = inputs.iter().map(tensor).collect();
        f.run(&inputs).unwrap_or_else(|error| panic!("{error}"))
    };
    let reference = on(&Device::cpu(), "reference");
    for device in devices() {
        for backend in ["inductor", "no_fusion", "eager"] {
            let compiled = on(&device, backend);
            for inputs in inputs {
                let want = run(&*reference, &Device::cpu(), inputs);
                let got = run(&*compiled, &device, inputs);
                for (got, want) in got.iter().zip(&want) {
                    assert_eq!(got.shape(), want.shape());
                    let (got, want) = (got.to_dtype(DType::F32), want.to_dtype(DType::F32));
                    let want = want.to_vec::<f32>().unwrap();
                    close(&got, &want, &format!("{} on {device} ({backend})", graph.name));
                }
            }
        }
    }
}

fn sine(n: usize, shift: f32) -> (Vec<f32>, Vec<usize>) {
    ((0..n).map(|i| (i as f32).sin() + shift).collect(), vec![n])
}

#[test]
fn one_arm_of_a_branch_runs() {
    for n in [3, 5000] {
        check(MY_ABS, &[vec![sine(n, 0.75)], vec![sine(n, -0.75)]]);
    }
}

#[test]
fn a_small_branch_is_a_choice_between_values_and_a_large_one_a_step() {
    let steps = |target: &Target, n: i64| {
        let mut graph = graph(MY_ABS);
        graph.symbols["n"].hint = Some(n);
        let plan = pipeline::compile(&graph, target, &Default::default()).unwrap().plan;
        plan.steps.iter().filter(|step| step.decides()).count()
    };
    assert_eq!((steps(&Target::cpu(), 8), steps(&Target::cpu(), 100_000)), (0, 1));
    let gpu = Target::webgpu_default();
    assert_eq!((steps(&gpu, 100_000), steps(&gpu, 100_000_000)), (0, 1));
}

#[test]
fn a_loop_makes_any_number_of_trips() {
    let scalar = |x: f32| (vec![x], vec![]);
    let limits = [0.5, 1.0, 1.5, 3.0, 100.0, 200.0, 1e10, 1e37];
    let inputs: Vec<_> = limits.iter().map(|&l| vec![scalar(1.0), scalar(l)]).collect();
    check(DOUBLE, &inputs);
    check(&DOUBLE.replace("{carried=2}", "{carried=2, trips_max=3}"), &inputs);
}

#[test]
fn a_scan_walks_along_an_axis() {
    let rows = |t: usize| ((0..2 * t).map(|i| i as f32 - 3.0).collect(), vec![t, 2]);
    let inputs = |t| vec![(vec![1.0, -1.0], vec![2]), rows(t), (vec![0.5], vec![])];
    check(RUNNING, &[inputs(1), inputs(5), inputs(0), inputs(70)]);
}

#[test]
fn loops_nest() {
    let inputs = |n: f32| vec![(vec![100.0, 3.0, 8.0], vec![3]), (vec![n], vec![])];
    check(NESTED, &[inputs(0.0), inputs(1.0), inputs(5.0), inputs(9.0)]);
}

#[test]
fn a_plan_shows_its_branches_and_loops() {
    let target = Target::webgpu_default();
    let text = |graph: &str| {
        let graph = self::graph(graph);
        pipeline::compile(&graph, &target, &Default::default()).unwrap().plan.to_string()
    };
    let plan = text(DOUBLE);
    assert!(plan.contains(" in chunks {\n"), "{plan}");
    let plan = text(RUNNING);
    assert!(plan.contains(": repeat t times slice 8 bytes of s1 to s"), "{plan}");
    assert!(text(MY_ABS).contains(": if s"), "{}", text(MY_ABS));
}
