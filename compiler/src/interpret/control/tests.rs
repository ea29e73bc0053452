//! Control flow: its text, what its type rules refuse, and what it means.

use ndarray::{ArrayD, arr0, array};

use crate::graph::{Graph, ParseCx, parse};
use crate::interpret::{Sizes, interpret};
use crate::ops::Table;

const MY_ABS: &str = "\
graph my_abs(%x: f32[n]) where n in 1.. {
  positive = graph positive(%x: f32[n]) where n in 1.. {
    return %x
  }
  negative = graph negative(%x: f32[n]) where n in 1.. {
    %0 = neg %x : f32[n]
    return %0 as y
  }
  %0 = sum %x {axes=[0]} : f32[]
  %1 = constant {value=f32[](0.0)} : f32[]
  %p = gt %0 %1 : bool[]
  %2 = cond @positive @negative %p %x : f32[n]
  %y = result %2 {index=0} : f32[n]
  return %y
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

fn read(text: &str) -> Graph {
    parse(text, ParseCx::new(&Table)).unwrap()
}

fn values(text: &str, inputs: &[ArrayD<f64>]) -> Vec<ArrayD<f64>> {
    interpret(&read(text), inputs, &Sizes::new()).unwrap()
}

#[test]
fn control_flow_reads_back() {
    for text in [MY_ABS, DOUBLE, RUNNING] {
        assert_eq!(read(text).to_string(), text);
    }
}

#[test]
fn a_condition_takes_one_of_two_graphs() {
    let of = |x: ArrayD<f64>| values(MY_ABS, &[x]).remove(0);
    assert_eq!(of(array![1.0, 2.0, -1.0].into_dyn()), array![1.0, 2.0, -1.0].into_dyn());
    assert_eq!(of(array![-3.0, 1.0].into_dyn()), array![3.0, -1.0].into_dyn());
}

#[test]
fn the_arm_that_is_not_chosen_is_not_computed() {
    let refused =
        "%i = constant {value=i64[1](7)} %g = gather %x %i {axis=0} %e = expand %g {dims=[n]}";
    let text =
        MY_ABS.replace("%0 = neg %x : f32[n]", refused).replace("return %0 as y", "return %e as y");
    let of = |x: ArrayD<f64>| interpret(&read(&text), &[x], &Sizes::new());
    of(array![1.0, 2.0].into_dyn()).unwrap();
    let fault = of(array![-1.0, -2.0].into_dyn()).unwrap_err().to_string();
    assert!(fault.contains("index 7 is out of range for an axis of size 2"), "{fault}");
}

#[test]
fn a_loop_goes_round_as_long_as_its_head_says() {
    let of = |x: f64, limit: f64| {
        let results = values(DOUBLE, &[arr0(x).into_dyn(), arr0(limit).into_dyn()]);
        (results[0][[]], results[1][[]])
    };
    assert_eq!(of(1.0, 100.0), (128.0, 7.0));
    assert_eq!(of(200.0, 100.0), (200.0, 0.0));
    let bounded = DOUBLE.replace("carried=2}", "carried=2, trips_max=3}");
    let results = values(&bounded, &[arr0(1.0).into_dyn(), arr0(100.0).into_dyn()]);
    assert_eq!((results[0][[]], results[1][[]]), (8.0, 3.0));
}

#[test]
fn a_scan_carries_a_state_along_an_axis_and_stacks_the_rest() {
    let start = array![1.0, 0.0].into_dyn();
    let x = array![[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]].into_dyn();
    let results = values(RUNNING, &[start.clone(), x, arr0(10.0).into_dyn()]);
    assert_eq!(results[0], array![91.0, 120.0].into_dyn());
    assert_eq!(results[1], array![[11.0, 20.0], [41.0, 60.0], [91.0, 120.0]].into_dyn());
    assert_eq!(results[2], array![31.0, 101.0, 211.0].into_dyn());
    let none = ArrayD::zeros(vec![0, 2]);
    let results = values(RUNNING, &[start.clone(), none, arr0(10.0).into_dyn()]);
    assert_eq!(results[0], start);
    assert_eq!((results[1].shape(), results[2].shape()), (&[0, 2][..], &[0][..]));
}

#[test]
fn graphs_that_do_not_fit_are_refused() {
    let told = |text: &str, from: &str, to: &str| {
        assert!(text.contains(from), "{from}");
        parse(&text.replace(from, to), ParseCx::new(&Table)).unwrap_err().to_string()
    };
    let cases = [
        (MY_ABS, "%p %x : f32[n]", "%0 %x", "cond: `%1` is f32[]: it must be one bool"),
        (MY_ABS, "%p %x : f32[n]", "%p %x %x", "cond: `positive` takes 1 operand, but got 2"),
        (
            MY_ABS,
            "@positive @negative",
            "@positive",
            "calls a graph for each of two arms, but names 1 graphs",
        ),
        (
            MY_ABS,
            "return %0 as y",
            "%b = is_nan %x return %b as y",
            "result 0 of `positive` is f32[n], but that of `negative` is bool[n]: they must be equal",
        ),
        (MY_ABS, "return %0 as y", "return", "`positive` gives 1 results and `negative` gives 0"),
        (
            MY_ABS,
            "result %2 {index=0}",
            "result %2 {index=1}",
            "`index` is 1, but `%4` has 1 results",
        ),
        (DOUBLE, "carried=2}", "carried=1}", "`body` gives 2 results, but carries 1"),
        (DOUBLE, "carried=2}", "carried=4}", "`carried` is 4, not in 0..=3"),
        (
            DOUBLE,
            "return %0 as x, %2 as n",
            "return %2 as x, %2 as n",
            "`x` is f32[], but `body` gives i32[]: a state must keep its type",
        ),
        (
            DOUBLE,
            "return %0 as go",
            "return %x",
            "the result of `head` is f32[]: it must be one bool",
        ),
        (RUNNING, "sliced=1", "sliced=0", "a scan walks along at least one operand"),
        (RUNNING, "%start %x %k {", "%start %k %x {", "`k` is f32[]: it has no axis to walk along"),
    ];
    for (text, from, to, want) in cases {
        let fault = told(text, from, to);
        assert!(fault.contains(want), "{fault}\nbut expected: {want}");
    }
}

#[test]
fn what_an_arm_assumes_its_caller_assumes() {
    let text = "\
graph f(%p: bool[], %x: f32[n], %y: f32[m]) where n in 1.., m in 1.. {
  sum = graph sum(%x: f32[n], %y: f32[m]) where n in 1.., m in 1.. {
    %0 = add %x %y
    return %0 as z
  }
  first = graph first(%x: f32[n], %y: f32[m]) where n in 1.., m in 1.. {
    return %x
  }
  %0 = cond @sum @first %p %x %y
  %z = result %0 {index=0}
  return %z
}
";
    let graph = read(text);
    assert_eq!(graph.guards.len(), 1);
    assert_eq!(graph.guards[0].fact.to_string(), "n == m");
    assert_eq!(read(&graph.to_string()).to_string(), graph.to_string());
}
