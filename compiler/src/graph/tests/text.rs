//! The text form: what it looks like, that it reads back to the same graph, and what it says about faulty text.

use std::sync::Arc;

use expect_test::expect;
use ferrodyne_plan::{DType, Dim, HostTensor, Range, Source};
use proptest::prelude::*;

use super::vocabulary::{Few, cx};
use crate::graph::{Attrs, Builder, Graph, InputRole, TensorType, constants, parse, tensor_hash};

const SMALL: &str = r#"graph f(%x: f32[n, 10], parameter %fc1.weight: f32[n, 10]) where n in 1..=64 hint 3 {
  %h = add %x %fc1.weight : f32[n, 10]
  %0 = neg %h {axes=[0, 2]} : f32[n, 10]
  return %0 as y, %h
}
"#;

#[test]
fn a_graph_has_one_node_a_line() {
    let text = SMALL.replace("axes", "ints");
    let graph = parse(&text, cx()).unwrap();
    assert_eq!(graph.to_string(), text);
    assert_eq!(graph.inputs[1].role, InputRole::Parameter);
    assert_eq!(graph.hint(&Dim::sym("n")), Some(3));
}

#[test]
fn sources_are_comments_that_are_read_back() {
    let mut b = Builder::new("f", &Few);
    let x = b.input("x", InputRole::Argument, TensorType::new(DType::F32, [2]));
    b.set_source(Source {
        file: Some("src/model.rs".into()),
        line: 12,
        module: Some("fc1".into()),
    });
    let y = b.add("neg", &[x], Attrs::new()).unwrap();
    b.set_source(Source { module: Some("/layer1/Neg".into()), ..Source::unknown() });
    let z = b.add("neg", &[y], Attrs::new()).unwrap();
    b.output("z", z);
    let graph = b.finish();
    expect![[r#"
        graph f(%x: f32[2]) {
          %0 = neg %x : f32[2]  ; src/model.rs:12 in fc1
          %1 = neg %0 : f32[2]  ; in /layer1/Neg
          return %1 as z
        }
    "#]]
    .assert_eq(&graph.text().sources().to_string());
    assert_eq!(parse(&graph.text().sources().to_string(), cx()).unwrap(), graph);
}

#[test]
fn nodes_without_a_source_have_the_line_of_the_file() {
    let text = "graph f(%x: f32[2]) {\n  %y = neg %x ; the opposite\n  return %y\n}";
    let graph = parse(text, cx().file("m.fd")).unwrap();
    assert_eq!(graph.nodes[1].source.to_string(), "m.fd:2");
    assert_eq!(graph.nodes[1].types, graph.nodes[0].types);
}

#[test]
fn names_that_are_no_labels_stand_in_quotes() {
    let text = r#"graph "a b"(%0 "in/put.1": f32["batch size"], %x: f32[3]) where "batch size" in 0.. {
  %1 "7" = neg %0 : f32["batch size"]
  %2 "x" = neg %x : f32[3]
  return %1 as "out/put", %2 as x
}
"#;
    let graph = parse(text, cx()).unwrap();
    assert_eq!(graph.to_string(), text);
    assert_eq!(graph.nodes[3].name.as_deref(), Some("x"));
}

#[test]
fn guards_write_backs_and_called_graphs_have_their_lines() {
    let text = "\
graph f(%x: f32[n], buffer %mean: f32[m]) where n in 0.., m in 0.. {
  half = graph inner(%a: f32[4]) {
    %0 = neg %a : f32[4]
    return %0 as r, %a as s
  }
  guard n == m by add
  guard n in 2.. by slice
  %0 = add %x %mean : f32[n]
  %1 = constant {value=f32[4](1.0, nan, -inf, 0.1)} : f32[4]
  %2 = call @half %1 : f32[4], f32[4]
  write %mean = %0
  return %2 as y
}
";
    let graph = parse(text, cx()).unwrap();
    assert_eq!(graph.to_string(), text);
    assert_eq!(graph.write_backs.len(), 1);
}

#[test]
fn facts_that_follow_from_nothing_else_are_stated() {
    let text = "\
graph f(%x: f32[n]) where n in 1.. {
  assume n in 1.., n % 4 == 0
  return %x
}
";
    let graph = parse(text, cx()).unwrap();
    assert_eq!(graph.to_string(), text);
    assert!(graph.facts.prove_multiple(&Dim::sym("n"), 4).is_yes());
}

#[test]
fn large_constants_are_hashes_unless_printed_whole() {
    let bytes = (0..400u32).map(|k| (k * 7 % 251) as u8).collect();
    let data = Arc::new(HostTensor::new(DType::F32, vec![10, 10], bytes).unwrap());
    let mut b = Builder::new("f", &Few);
    let c = b.add("constant", &[], Attrs::new().tensor("value", data.clone())).unwrap();
    b.output("c", c);
    let graph = b.finish();
    assert!(graph.to_string().contains(&format!("f32[10, 10] hash {}", tensor_hash(&data))));
    let table = constants(&graph);
    let find = |name: &str| table.get(name).cloned();
    assert_eq!(parse(&graph.to_string(), cx().constants(&find)).unwrap(), graph);
    let whole = graph.text().whole().to_string();
    assert_eq!(parse(&whole, cx()).unwrap(), graph);
    let missing = parse(&graph.to_string(), cx()).unwrap_err().to_string();
    assert!(missing.contains("no data was brought for the constant `h"), "{missing}");
}

#[test]
fn faults_of_the_text_name_the_place() {
    let fault = |body: &str| {
        let text = format!("graph f(%x: f32[2], %y: f32[3]) {{\n{body}\n}}");
        parse(&text, cx().file("m.fd")).unwrap_err().to_string()
    };
    let check = [
        ("return %z", "m.fd: line 2, column 8: there is no value `%z` above"),
        ("%a = sin %x return %a", "m.fd: line 2, column 6: `sin` is no operator"),
        (
            "%a = neg %x {axis=1} return %a",
            "m.fd: line 2, column 14: the operator has no attribute `axis`",
        ),
        ("%a = neg %x : f32[5] return %a", "m.fd: line 2, column 6: neg gives f32[2], not f32[5]"),
        (
            "%a = neg %x %a = neg %x return %a",
            "m.fd: line 2, column 13: `%a` stands for two values",
        ),
        (
            "%a = add %x %y return %a",
            "add: `x` is f32[2] but `y` is f32[3]: they must be equal (m.fd:2)",
        ),
        (
            "%0 = neg %x return %0",
            "m.fd: line 2, column 20: this result needs a name: `%0 as NAME`",
        ),
        (
            "%a = neg %x : f32[n] return %a",
            "m.fd: line 2, column 19: `n` is neither a size nor an axis in scope",
        ),
        ("%a = call @g %x return %a", "m.fd: line 2, column 6: there is no graph `g` to call"),
        (
            "%a = constant {value=i8[1](200)} return %a",
            "m.fd: line 2, column 28: the value does not fit i8",
        ),
        (
            "%a = constant {value=i8[2](1)} return %a",
            "m.fd: line 2, column 22: a tensor i8[2] has 2 bytes, not 1",
        ),
    ];
    for (body, want) in check {
        assert_eq!(fault(body), want);
    }
}

fn any_dtype() -> impl Strategy<Value = DType> {
    prop::sample::select(DType::ALL.to_vec())
}

/// Tensors of any type and bits, NaN with payloads included; booleans are 0 or 1 most of the time.
fn any_tensor() -> impl Strategy<Value = HostTensor> {
    let dims = prop_oneof![Just(vec![]), Just(vec![0usize, 3]), Just(vec![2, 3]), Just(vec![5, 5])];
    (any_dtype(), dims, any::<u64>(), 0u8..4).prop_map(|(dtype, dims, seed, kind)| {
        let count = dims.iter().product::<usize>() * dtype.host_bytes();
        let mut state = seed;
        let mut byte = || {
            state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
            let byte = (state >> 56) as u8;
            match (kind, dtype) {
                (0, _) => 0,
                (1, DType::Bool) => byte & 1,
                (2, _) => byte | 0xf0,
                _ => byte,
            }
        };
        let bytes = (0..count).map(|_| byte()).collect();
        HostTensor::new(dtype, dims, bytes).unwrap()
    })
}

fn any_notes() -> impl Strategy<Value = Attrs> {
    let n = || Dim::sym("n");
    (any::<i64>(), any::<f64>(), any::<bool>(), any::<String>(), any_dtype(), 0u32..128).prop_map(
        move |(int, float, truth, word, dtype, which)| {
            let mut attrs = Attrs::new();
            let float = if float.is_nan() { 0.5 } else { float };
            let all = [
                Attrs::new().int("int", int),
                Attrs::new().float("float", float),
                Attrs::new().bool("bool", truth),
                Attrs::new().str("str", &word),
                Attrs::new().dtype("dtype", dtype),
                Attrs::new().ints("ints", &[int, 0, -1]),
                Attrs::new().dims("dims", &[n(), n() * 2i64 + 1i64, Dim::constant(4)]),
            ];
            for (k, one) in all.iter().enumerate().filter(|(k, _)| which & (1 << k) != 0) {
                let _ = k;
                for (name, attr) in one.iter() {
                    attrs = attrs.with(name, attr.clone());
                }
            }
            attrs
        },
    )
}

type Step = (u8, prop::sample::Index, prop::sample::Index, Attrs, HostTensor, Option<String>);

fn any_graph() -> impl Strategy<Value = Graph> {
    let name = prop::option::of(prop_oneof!["[a-z]{1,3}(\\.[a-z0-9]{1,2})?", any::<String>()]);
    let step = (
        0u8..3,
        any::<prop::sample::Index>(),
        any::<prop::sample::Index>(),
        any_notes(),
        any_tensor(),
        name,
    );
    prop::collection::vec(step, 1..25).prop_map(|steps: Vec<Step>| {
        let mut b = Builder::new("g", &Few);
        let n = b.symbol("n", Range::between(1, 64), Some(5));
        let m = b.symbol("m", Range::at_least(0), None);
        for (name, dim) in [("x", n), ("a b", m)] {
            b.input(name, InputRole::Argument, TensorType::new(DType::F32, [dim]));
        }
        for (line, (kind, i, j, notes, tensor, name)) in (1..).zip(steps) {
            let ids: Vec<_> = b.graph().ids().collect();
            let (x, y) = (ids[i.index(ids.len())], ids[j.index(ids.len())]);
            let file = Some("src/m.rs".into());
            b.set_source(Source { file, line, module: Some("layer.0".into()) });
            let made = match kind {
                0 => b.add("neg", &[x], notes),
                1 => b.add("constant", &[], Attrs::new().tensor("value", Arc::new(tensor))),
                _ => b.add("add", &[x, y], Attrs::new()).or_else(|_| b.add("neg", &[y], notes)),
            };
            let made = made.unwrap();
            if let Some(name) = name {
                b.name(made, name);
            }
        }
        for (at, id) in b.graph().ids().collect::<Vec<_>>().into_iter().rev().step_by(4).enumerate()
        {
            b.output(format!("out {at}"), id);
        }
        b.finish()
    })
}

proptest! {
    #[test]
    fn a_printed_graph_reads_back(graph in any_graph()) {
        let table = constants(&graph);
        let find = |name: &str| table.get(name).cloned();
        let short = graph.text().sources().to_string();
        prop_assert_eq!(&parse(&short, cx().constants(&find)).unwrap(), &graph);
        let whole = graph.text().sources().whole().to_string();
        prop_assert_eq!(&parse(&whole, cx()).unwrap(), &graph);
        prop_assert_eq!(parse(&whole, cx()).unwrap().text().sources().whole().to_string(), whole);
    }

    #[test]
    fn no_text_makes_the_reader_panic(text in "(graph|%x|[ (){}:=,]|f32|\\[|\\]|[0-9]|neg|return|;|\n|\"){0,40}") {
        let _ = parse(&text, cx());
    }

    #[test]
    fn no_change_of_a_text_makes_the_reader_panic(
        graph in any_graph(),
        at in 0usize..10_000,
        cut in 0usize..6,
        word in "(-1|9223372036854775807|%x|f32|i64|graph|return|=|:|,|[(){}]|\\[|\\]|\n|\"|é)?",
    ) {
        let text = graph.text().sources().whole().to_string();
        let at = at % text.len();
        let end = (at + cut).min(text.len());
        let bytes = [&text.as_bytes()[..at], word.as_bytes(), &text.as_bytes()[end..]].concat();
        let _ = parse(&String::from_utf8_lossy(&bytes), cx());
    }
}
