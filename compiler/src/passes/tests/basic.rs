//! Inlining, dead code, equal values, constants, decomposition, and the list of passes itself.

use ferrodyne_plan::{DType, Target};

use super::{after, graph, unchanged};
use crate::graph::{Attrs, Builder, InputRole, ParseCx, TensorType, parse};
use crate::ops::Table;
use crate::passes::{PassCx, PassList};

#[test]
fn calls_become_the_nodes_of_their_graphs_at_the_callers_sizes() {
    let text = "graph f(%x: f32[n]) where n in 1.. {
      twice = graph layer(%a: f32[n]) where n in 1.. {
        %0 = add %a %a ; in lin
        %1 = expand %0 {dims=[2, n]}
        return %1 as r, %0 as s
      }
      %0 = call @twice %x ; in layer1
      %1 = result %0 {index=1}
      %2 = call @twice %1 ; in layer2
      %3 = result %2 {index=0}
      return %3 as y
    }";
    let mut graph = parse(text, ParseCx::new(&Table)).unwrap();
    let list = PassList::named("inline, dce").unwrap();
    list.run(&mut graph, &PassCx::default(), &mut |_, _| {}).unwrap();
    let want = "graph f(%x: f32[n]) where n in 1.. {
  %0 = add %x %x : f32[n]  ; in layer1.lin
  %1 = add %0 %0 : f32[n]  ; in layer2.lin
  %2 = expand %1 {dims=[2, n]} : f32[2, n]  ; in layer2
  return %2 as y
}
";
    assert_eq!(graph.text().sources().to_string(), want);
}

#[test]
fn dead_nodes_go_and_inputs_stay() {
    let got = after("dce", "%x: f32[n], %y: f32[n]", "%a = sin %x %b = cos %x return %b");
    assert_eq!(got, "%b = cos %x\nreturn %b\n");
    unchanged("dce", "%x: f32[n]", "%a = sin %x return %a");
}

#[test]
fn equal_values_are_computed_once() {
    let got = after(
        "cse",
        "%x: f32[n], %y: f32[n]",
        "%a = add %x %y %b = add %y %x %c = sub %x %y %d = sub %y %x
         %e = constant {value=f32[](nan)} %f = constant {value=f32[](nan)}
         %g = mul %a %e %h = mul %b %f %i = sub %c %d return %g, %h, %i",
    );
    let want = "%a = add %x %y\n%c = sub %x %y\n%d = sub %y %x\n%e = constant {value=f32[](nan)}\n\
                %g = mul %a %e\n%i = sub %c %d\nreturn %g, %g as h, %i\n";
    assert_eq!(got, want);
}

#[test]
fn small_constants_are_computed_and_parameters_are_not_read() {
    let got = after(
        "fold, dce",
        "%x: f32[2], parameter %w: f32[2]",
        "%a = constant {value=f32[2](1.0, 2.0)} %b = exp %a %c = mul %b %b %d = neg %w
         %i = iota {dims=[2], axis=0, dtype=f32} %j = add %i %i
         %y = add %x %c %z = add %d %j return %y, %z",
    );
    let want = "%c = constant {value=f32[2](7.3890557, 54.598152)}\n%d = neg %w\n\
                %j = constant {value=f32[2](0.0, 2.0)}\n%y = add %x %c\n%z = add %d %j\nreturn %y, %z\n";
    assert_eq!(got, want);
    unchanged("fold", "%x: f32[n]", "%a = iota {dims=[n], axis=0, dtype=f32} return %a");
    let long = "%a = iota {dims=[64, 64], axis=0, dtype=i64} %b = add %a %a return %b";
    unchanged("fold", "%x: f32[n]", long);
}

#[test]
fn sizes_that_are_numbers_become_constants() {
    let text = "%a = size {dim=[6], dtype=i64} %b = size {dim=[n], dtype=i64} return %a, %b";
    let want = "%a = constant {value=i64[](6)}\n%b = size {dim=[n], dtype=i64}\nreturn %a, %b\n";
    assert_eq!(after("fold", "%x: f32[n]", text), want);
}

#[test]
fn arithmetic_on_sizes_is_one_size() {
    let text = "%a = size {dim=[n], dtype=i64} %two = constant {value=i64[](2)} %b = mul %a %two %c = add %b %a
                %d = div %c %two %e = div %b %a %f = sub %d %two %g = div %f %two %x = neg %a
                return %d, %e, %g, %x as h";
    let got = after("fold, dce", "%v: f32[n]", text);
    assert!(got.contains("%d = size {dim=[n + n div 2], dtype=i64}"), "{got}");
    assert!(got.contains("%e = constant {value=i64[](2)}"), "{got}");
    assert!(got.contains("%x = size {dim=[-n], dtype=i64}"), "{got}");
    assert!(got.contains("%g = div %f %two"), "a negative number is not rounded down: {got}");
}

#[test]
fn every_example_of_a_composite_decomposes_into_primitives() {
    let keep_nothing = PassList::named("decompose").unwrap();
    for op in crate::ops::all().filter(|op| op.build.is_some()) {
        for case in (op.cases)() {
            let mut graph = case.graph(op.name).unwrap();
            keep_nothing.run(&mut graph, &PassCx::default(), &mut |_, _| {}).unwrap();
            let left = graph
                .nodes
                .iter()
                .find(|n| crate::ops::find(&n.op).is_some_and(|o| o.build.is_some()));
            assert!(left.is_none(), "{}: {} is left", op.name, left.map_or("", |n| n.op.as_str()));
        }
    }
}

#[test]
fn a_list_of_passes_prints_is_cut_short_and_extended() {
    let list = PassList::named("inline, dce, cse").unwrap();
    assert_eq!(list.to_string(), "inline, dce, cse");
    assert_eq!(list.clone().until("dce").to_string(), "inline, dce");
    assert_eq!(list.clone().without("dce").to_string(), "inline, cse");
    let inline = PassList::all()[0];
    assert_eq!(list.then(inline).to_string(), "inline, dce, cse, inline");
    let fault = PassList::named("inline, dec").unwrap_err().to_string();
    assert!(
        fault.starts_with("there is no pass `dec`\n  help: the passes are: inline, "),
        "{fault}"
    );
}

#[test]
fn dumps_show_the_passes_that_changed_something() {
    let mut graph = graph("%x: f32[n]", "%a = sin %x %b = cos %x return %b");
    let mut seen = Vec::new();
    let list = PassList::named("cse, dce, simplify").unwrap();
    list.run(&mut graph, &PassCx::default(), &mut |pass, _| seen.push(pass.to_owned())).unwrap();
    assert_eq!(seen, ["dce"]);
}

#[test]
fn a_long_chain_passes_in_a_moment() {
    let mut b = Builder::new("chain", &Table);
    let ty = TensorType::new(DType::F32, [8, 8]);
    let mut x = b.input("x", InputRole::Argument, ty);
    for k in 0..10_000 {
        let op = ["sin", "neg", "cos", "exp"][k % 4];
        x = b.add(op, &[x], Attrs::new()).unwrap();
    }
    b.output("y", x);
    let mut graph = b.finish();
    PassList::default_for(&Target::cpu())
        .run(&mut graph, &PassCx::default(), &mut |_, _| {})
        .unwrap();
    assert_eq!(graph.nodes.len(), 10_001);
}

#[test]
fn modules_become_calls_and_inlining_gives_the_nodes_back() {
    let text =
        "graph f(%x: f32[n], parameter %a.w: f32[n], parameter %b.w: f32[n]) where n in 1.. {
      %0 = mul %x %a.w ; in a
      %1 = relu %0 ; in a.act
      %2 = mul %1 %b.w ; in b
      %3 = relu %2 ; in b.act
      %4 = mul %3 %a.w ; in a#2
      %5 = sin %4 ; in a#2
      %6 = add %5 %4
      return %6 as y
    }";
    let before = parse(text, ParseCx::new(&Table)).unwrap();
    let mut graph = before.clone();
    let run = |passes: &str, graph: &mut _| {
        let list = PassList::named(passes).unwrap();
        list.run(graph, &PassCx::default(), &mut |_, _| {}).unwrap();
    };
    run("outline", &mut graph);
    crate::graph::verify(&graph, &Table).unwrap();
    let want =
        "graph f(%x: f32[n], parameter %a.w: f32[n], parameter %b.w: f32[n]) where n in 1.. {
  a = graph a(%x: f32[n], parameter %w: f32[n]) where n in 1.. {
    act = graph act(%x: f32[n]) where n in 1.. {
      %0 = relu %x : f32[n]
      return %0 as out
    }
    %0 = mul %x %w : f32[n]
    %1 = call @act %0 : f32[n]
    return %1 as out
  }
  \"a#2\" = graph \"a#2\"(%x: f32[n], parameter %w: f32[n]) where n in 1.. {
    %0 = mul %x %w : f32[n]
    %1 = sin %0 : f32[n]
    return %0 as out0, %1 as out1
  }
  %0 = call @a %x %a.w : f32[n]
  %1 = call @a %0 %b.w : f32[n]
  %2 = call @\"a#2\" %1 %a.w : f32[n], f32[n]
  %3 = result %2 {index=0} : f32[n]
  %4 = result %2 {index=1} : f32[n]
  %5 = add %4 %3 : f32[n]
  return %5 as y
}
";
    assert_eq!(graph.to_string(), want);
    run("inline", &mut graph);
    let want = before.text().sources().to_string();
    assert_eq!(graph.text().sources().to_string(), want);
}
