//! Passes that move work into the weight program: scales, joined siblings, layouts.

use ferrodyne_plan::Target;

use super::{agree, body, graph};
use crate::graph::analysis::depends_only_on_weights;
use crate::graph::{Graph, ParseCx, parse};
use crate::interpret::Sizes;
use crate::ops::Table;
use crate::passes::PassList;

/// Runs passes, checks that the results are the same, and gives the graph.
fn passed(passes: &PassList, inputs: &str, text: &str) -> Graph {
    let graph = graph(inputs, text);
    let sizes = Sizes::from([("n".into(), 2)]);
    let values = agree::inputs(&graph, &sizes, 3);
    agree::agree(&graph, passes, &sizes, &values).unwrap_or_else(|fault| panic!("{fault}"))
}

/// How many nodes of an operator work on values that change from call to call.
fn count(graph: &Graph, op: &str) -> usize {
    let weights = depends_only_on_weights(graph);
    graph.ids().filter(|id| graph.node(*id).op.as_str() == op && !weights[id.index()]).count()
}

const CONV: &str =
    "{strides=[1, 1], pads=[1, 1, 1, 1], dilations=[1, 1], groups=1, layout=\"nchw\"}";

#[test]
fn batch_norm_goes_into_the_weight_before_it() {
    let inputs = "%x: f32[n, 3, 8, 8], parameter %w: f32[4, 3, 3, 3], parameter %b: f32[4, 1, 1], parameter %mean: f32[4, 1, 1],
                  parameter %var: f32[4, 1, 1], parameter %g: f32[4, 1, 1]";
    let text = format!(
        "%0 = conv %x %w {CONV} %1 = add %0 %b %2 = sub %1 %mean %3 = mul %var %var %4 = rsqrt %3
         %5 = mul %4 %g %6 = mul %2 %5 %7 = add %6 %b %y = tanh %7 return %y"
    );
    let list = PassList::named("batch_norm, dce").unwrap();
    let graph = passed(&list, inputs, &text);
    assert_eq!(
        (count(&graph, "mul"), count(&graph, "add"), count(&graph, "sub")),
        (0, 1, 0),
        "{graph}"
    );
    assert_eq!(count(&graph, "conv"), 1);
}

#[test]
fn scales_that_are_no_weights_or_are_used_elsewhere_stay() {
    let inputs = "%x: f32[n, 3, 8, 8], parameter %w: f32[3, 3, 3, 3], %s: f32[3, 1, 1], parameter %t: f32[3, 1, 1], parameter %u: f32[8, 1]";
    for text in [
        "%y = mul %0 %s return %y",
        "%1 = mul %0 %t %y = add %1 %0 return %y",
        "%y = mul %0 %t return %y, %0 as z",
        "%y = mul %0 %u return %y",
        "%y = add %0 %t return %y",
        "%k = constant {value=f32[](0.0)} %y = div %0 %k return %y",
        "%k = constant {value=f32[](inf)} %y = mul %0 %k return %y",
    ] {
        let list = PassList::named("batch_norm").unwrap();
        let text = format!("%0 = conv %x %w {CONV} {text}");
        let before = body(&super::graph(inputs, &text));
        assert_eq!(body(&passed(&list, inputs, &text)), before);
    }
}

#[test]
fn queries_keys_and_values_are_one_contraction() {
    let inputs = "%x: f32[n, 5, 8], parameter %q: f32[8, 8], parameter %k: f32[4, 8], parameter %v: f32[8, 4],
                  parameter %bq: f32[8], parameter %bk: f32[4], parameter %bv: f32[1, 4]";
    let dot = |axis: i64| {
        format!("{{lhs_batch=[], rhs_batch=[], lhs_contract=[2], rhs_contract=[{axis}]}}")
    };
    let text = format!(
        "%0 = dot %x %q {} %1 = add %0 %bq %2 = dot %x %k {} %3 = add %bk %2 %4 = dot %x %v {} %5 = add %4 %bv
         return %1 as q, %3 as k, %5 as v",
        dot(1), dot(1), dot(0)
    );
    let graph = passed(&PassList::named("merge_siblings, simplify, dce").unwrap(), inputs, &text);
    assert_eq!(
        (count(&graph, "dot"), count(&graph, "add"), count(&graph, "slice")),
        (1, 1, 3),
        "{graph}"
    );
}

#[test]
fn a_network_is_transposed_once_on_its_way_in() {
    let inputs = "%x: f32[n, 3, 8, 8], parameter %w: f32[4, 3, 3, 3], parameter %b: f32[4, 1, 1], parameter %v: f32[4, 4, 3, 3], parameter %f: f32[4, 10]";
    let text = format!(
        "%0 = conv %x %w {CONV} %1 = add %0 %b %2 = tanh %1
         %3 = pad %2 {{low=[0, 0, 1, 1], high=[0, 0, 1, 1], value=-inf}}
         %4 = window %3 {{axes=[2, 3], sizes=[3, 3], strides=[2, 2], dilations=[1, 1]}}
         %5 = amax %4 {{axes=[4, 5]}} %6 = conv %5 %v {CONV} %7 = add %6 %5
         %8 = slice %7 {{starts=[0, 0, 0, 0], ends=[n, 2, 4, 4], steps=[1, 1, 1, 1]}} %9 = concat %8 %7 %8 {{axis=1}}
         %10 = slice %9 {{starts=[0, 2, 0, 0], ends=[n, 6, 4, 4], steps=[1, 1, 1, 1]}}
         %11 = sum %10 {{axes=[2, 3], keepdim=true}} %12 = reshape %11 {{dims=[n, 4]}}
         %y = dot %12 %f {{lhs_batch=[], rhs_batch=[], lhs_contract=[1], rhs_contract=[0]}} return %y"
    );
    let graph = passed(&PassList::default_for(&Target::cpu()), inputs, &text);
    assert_eq!(count(&graph, "permute"), 1, "{graph}");
    assert!(
        graph.nodes.iter().all(|n| n.op.as_str() != "conv" || n.attrs.get_str("layout") == "nhwc")
    );
}

/// A convolution of each of three channels.
const DEPTHWISE: &str =
    "{strides=[1, 1], pads=[1, 1, 1, 1], dilations=[1, 1], groups=3, layout=\"nchw\"}";

#[test]
fn channels_by_themselves_lie_as_their_neighbours_do() {
    let inputs =
        "%x: f32[n, 3, 8, 8], parameter %w: f32[3, 3, 3, 3], parameter %d: f32[3, 1, 3, 3]";
    let alone = format!("%0 = conv %x %d {DEPTHWISE} %y = tanh %0 return %y");
    let before =
        format!("%0 = conv %x %d {DEPTHWISE} %1 = tanh %0 %y = conv %1 %w {CONV} return %y");
    let after =
        format!("%0 = conv %x %w {CONV} %1 = tanh %0 %y = conv %1 %d {DEPTHWISE} return %y");
    for (text, permutations, channels_last) in [(alone, 0, 0), (before, 2, 1), (after, 2, 2)] {
        let graph = passed(&PassList::default_for(&Target::cpu()), inputs, &text);
        assert_eq!(count(&graph, "permute"), permutations, "{graph}");
        let convs = graph.nodes.iter().filter(|node| node.op.as_str() == "conv");
        let last = convs.filter(|node| node.attrs.get_str("layout") == "nhwc").count();
        assert_eq!(last, channels_last, "{graph}");
    }
}

#[test]
fn an_image_comes_out_as_it_went_in() {
    let inputs = "%x: f32[n, 3, 8, 8], parameter %w: f32[3, 3, 3, 3]";
    let text = format!(
        "%0 = conv %x %w {CONV} %1 = tanh %0 %2 = conv %1 %w {CONV} %y = add %2 %x return %y"
    );
    let graph = passed(&PassList::default_for(&Target::cpu()), inputs, &text);
    assert_eq!(count(&graph, "permute"), 2, "{graph}");
}

#[test]
fn tokens_of_patches_need_no_transposition() {
    let inputs = "%x: f32[n, 3, 8, 8], parameter %w: f32[6, 3, 3, 3]";
    let text = format!(
        "%0 = conv %x %w {CONV} %1 = reshape %0 {{dims=[n, 6, 64]}} %y = permute %1 {{axes=[0, 2, 1]}} return %y"
    );
    let graph = passed(&PassList::default_for(&Target::cpu()), inputs, &text);
    assert_eq!(count(&graph, "permute"), 1, "{graph}");
}

#[test]
fn a_shuffle_of_channels_stays_channels_last() {
    let inputs =
        "%x: f32[n, 3, 8, 8], parameter %w: f32[6, 3, 3, 3], parameter %v: f32[3, 6, 3, 3]";
    let text = format!(
        "%0 = conv %x %w {CONV} %1 = reshape %0 {{dims=[n, 2, 3, 8, 8]}} %2 = permute %1 {{axes=[0, 2, 1, 3, 4]}}
         %3 = reshape %2 {{dims=[n, 6, 8, 8]}} %4 = conv %3 %v {CONV} %y = sum %4 {{axes=[2, 3]}} return %y"
    );
    let graph = passed(&PassList::default_for(&Target::cpu()), inputs, &text);
    assert_eq!(count(&graph, "permute"), 2, "{graph}");
    let shuffle = graph.nodes.iter().find(|n| n.op.as_str() == "permute" && n.ty().rank() == 5);
    assert_eq!(shuffle.map(|n| n.attrs.get_ints("axes")), Some(&[0, 1, 2, 4, 3][..]), "{graph}");
}

#[test]
fn a_residual_block_keeps_nothing_but_contractions_and_bends() {
    let norm =
        |k: usize| ["g", "b", "m", "v"].map(|p| format!("parameter %{p}{k}: f32[8]")).join(", ");
    let inputs = format!(
        "%x: f32[n, 3, 16, 16], parameter %w0: f32[8, 3, 3, 3], {}, parameter %w1: f32[8, 8, 3, 3], {}, parameter %f: f32[10, 8], parameter %c: f32[10]",
        norm(0),
        norm(1)
    );
    let text = "%v0s = square %v0 %v1s = square %v1
        %0 = conv_bias %x %w0 {strides=[2, 2], pads=[1, 1, 1, 1]} %1 = batch_norm %0 %g0 %b0 %m0 %v0s %2 = relu %1
        %3 = max_pool %2 {sizes=[3, 3], strides=[2, 2], pads=[1, 1, 1, 1]}
        %4 = conv_bias %3 %w1 {pads=[1, 1, 1, 1]} %5 = batch_norm %4 %g1 %b1 %m1 %v1s %6 = add %5 %3 %7 = relu %6
        %8 = global_avg_pool %7 %9 = reshape %8 {dims=[n, 8]} %y = linear %9 %f %c return %y";
    let graph = passed(&PassList::default_for(&Target::cpu()), &inputs, text);
    let counts =
        ["conv", "dot", "permute", "add", "mul", "sub", "div", "rsqrt"].map(|op| count(&graph, op));
    assert_eq!(counts, [2, 1, 1, 4, 1, 0, 0, 0], "{graph}");
}

#[test]
fn a_transformer_block_has_four_contractions_by_weights() {
    let inputs = "%x: f32[n, 5, 8], parameter %g: f32[8], parameter %b: f32[8], parameter %q: f32[8, 8], parameter %bq: f32[8],
        parameter %k: f32[8, 8], parameter %bk: f32[8], parameter %v: f32[8, 8], parameter %bv: f32[8], parameter %o: f32[8, 8],
        parameter %u: f32[16, 8], parameter %d: f32[8, 16]";
    let heads = |name: &str| {
        format!(
            "%{name}h = reshape %{name}0 {{dims=[n, 5, 2, 4]}} %{name}p = permute %{name}h {{axes=[0, 2, 1, 3]}}"
        )
    };
    let text = format!(
        "%l = layer_norm %x %g %b %q0 = linear %l %q %bq %k0 = linear %l %k %bk %v0 = linear %l %v %bv {} {} {}
         %a = scaled_dot_product_attention %qp %kp %vp %t = permute %a {{axes=[0, 2, 1, 3]}} %m = reshape %t {{dims=[n, 5, 8]}}
         %p = linear %m %o %r = add %x %p %s = linear %r %u %e = gelu %s %w = linear %e %d %y = add %r %w return %y",
        heads("q"), heads("k"), heads("v")
    );
    let graph = passed(&PassList::default_for(&Target::cpu()), inputs, &text);
    assert_eq!((count(&graph, "dot"), count(&graph, "permute")), (6, 1), "{graph}");
}

#[test]
fn images_of_any_size_go_down_and_up_under_the_same_guards() {
    let text = "graph f(%x: f32[n, 3, h, w], parameter %a: f32[4, 3, 3, 3], parameter %b: f32[3, 4, 1, 1])
      where n in 1.. hint 2, h in 8.. hint 8, w in 8.. hint 12 {
      %0 = conv_bias %x %a {pads=[1, 1, 1, 1]} %1 = max_pool %0 {sizes=[2, 2]} %2 = max_pool %1 {sizes=[2, 2]}
      %3 = pad %2 {low=[0, 0, 1, 0], high=[0, 0, 1, 0], value=0.0} %4 = amax %3 {axes=[2, 3], keepdim=true}
      %5 = sub %2 %4 %6 = conv_bias %5 %b %y = softmax %6 {axis=1} return %y
    }";
    let graph = parse(text, ParseCx::new(&Table)).unwrap_or_else(|fault| panic!("{fault}"));
    let sizes = Sizes::from([("n".into(), 2), ("h".into(), 9), ("w".into(), 13)]);
    let values = agree::inputs(&graph, &sizes, 11);
    let after = agree::agree(&graph, &PassList::default_for(&Target::cpu()), &sizes, &values);
    let after = after.unwrap_or_else(|fault| panic!("{fault}"));
    assert_eq!(after.guards, graph.guards);
    assert_eq!(count(&after, "permute"), 2, "{after}");
}
