//! Facts that must not change: these patterns are one kernel each.

use expect_test::expect;
use ferrodyne_plan::Target;
use ferrodyne_plan::loops::verify;

use crate::fusion::{FusionOptions, RegionKind, Regions, partition};
use crate::graph::{Graph, ParseCx, parse};
use crate::lower::lower;
use crate::ops::Table;
use crate::passes::{PassCx, PassList};

/// A graph of primitives from text.
#[track_caller]
pub(super) fn graph(text: &str) -> Graph {
    let mut graph = parse(text, ParseCx::new(&Table)).unwrap_or_else(|e| panic!("{e}"));
    let passes = PassList::named("inline, decompose, dce, cse").expect("these passes exist");
    passes.run(&mut graph, &PassCx::default(), &mut |_, _| {}).unwrap_or_else(|e| panic!("{e}"));
    graph
}

/// The regions of a graph for a target without narrow limits.
pub(super) fn regions(graph: &Graph) -> Regions {
    partition(graph, &Target::vulkan_desktop(), &FusionOptions::default())
}

/// The kernel of a graph that must become one.
#[track_caller]
fn kernel(text: &str, kind: RegionKind) -> String {
    let graph = graph(text);
    let regions = regions(&graph);
    let [region] = &regions.regions[..] else { panic!("more than one region:\n{regions}") };
    assert_eq!(region.kind, kind);
    let lowered = lower(&graph, region).unwrap_or_else(|e| panic!("{e}"));
    verify(&lowered.kernel).unwrap_or_else(|e| panic!("{e}\n{}", lowered.kernel));
    lowered.kernel.to_string()
}

#[test]
fn softmax_is_one_kernel_of_two_folds_over_one_axis() {
    expect![[r#"
        kernel amax_sub_exp_y(in x: f32[n, 1000] padded, out y: f32[n, 1000] padded) {
          axis i in n
          axis j in 1000
          for i {
            let x_at[j]: f32 = x[i, j]
            fold amax_value = max over j { x_at }
            let exp_value[j]: f32 = exp(x_at - amax_value)
            fold sum_value = sum over j { exp_value }
            y[i, j] over j = exp_value / sum_value
          }
          where n in 1..=64
        }
    "#]]
    .assert_eq(&kernel(SOFTMAX, RegionKind::Reduction));
}

/// Group norm with one group, at a batch of one and of two: a whole sample is a row, whose elements are stored as they are folded.
#[test]
fn samples_that_are_normalised_whole_are_stored_along_their_fold() {
    for batch in [1, 2] {
        let kernel = kernel(&GROUP_NORM.replace('N', &batch.to_string()), RegionKind::Reduction);
        let own = if batch == 1 { "y[0, " } else { "y[i, " };
        assert!(kernel.contains(own) && kernel.contains(" over "), "{kernel}");
        let axes = kernel.lines().filter(|line| line.trim().starts_with("axis ")).count();
        assert_eq!(axes, batch, "{kernel}");
    }
}

#[test]
fn values_too_large_to_bind_meet_in_the_kernel_that_needs_none_of_them() {
    let graph = graph(RANKS);
    let narrow = Target { binding_bytes_max: 1 << 16, ..Target::vulkan_desktop() };
    let regions = partition(&graph, &narrow, &FusionOptions::default());
    let [region] = &regions.regions[..] else { panic!("more than one region:\n{regions}") };
    assert_eq!(region.kind, RegionKind::Reduction);
}

#[test]
fn gelu_is_one_kernel() {
    expect![[r#"
        kernel mul_erf_add_y(in x: f32[64, 1000] padded, out y: f32[64, 1000] padded) {
          axis i in 64
          axis j in 1000
          for i j {
            let x_at: f32 = x[i, j]
            y[i, j] = x_at * 0.5 * (erf(x_at * 0.70710677) + 1.0)
          }
        }
    "#]]
    .assert_eq(&kernel(GELU, RegionKind::Pointwise));
}

#[test]
fn a_linear_layer_with_bias_gelu_and_residual_is_one_kernel() {
    expect![[r#"
        kernel dot_add_mul_add(in x: f32[n, 64] padded, in w: f32[64, 32] padded, in b: f32[32] padded, in res: f32[n, 32] padded, out add: f32[n, 32] padded) {
          axis i in n
          axis j in 32
          axis k in 64
          for i j {
            fold dot_value = sum over k { x[i, k] * w[k, j] }
            let add_value: f32 = dot_value + b[j]
            add[i, j] = add_value * 0.5 * (erf(add_value * 0.70710677) + 1.0) + res[i, j]
          }
          where n in 1..=64
        }
    "#]].assert_eq(&kernel(LINEAR, RegionKind::Contraction));
}

#[test]
fn a_residual_with_its_layer_norm_is_one_kernel_that_stores_both() {
    expect![[r#"
        kernel h_sum_m_y(in x: f32[2, 7, 64] padded, in res: f32[2, 7, 64] padded, in g: f32[64] padded, in b: f32[64] padded, out h: f32[2, 7, 64] padded, out y: f32[2, 7, 64] padded) {
          axis i in 2
          axis j in 7
          axis l in 64
          for i j {
            let h_2[l]: f32 = x[i, j, l] + res[i, j, l]
            fold sum_value = sum over l { h_2 }
            let m: f32 = sum_value / 64.0
            let c[l]: f32 = h_2 - m
            fold sum_value_2 = sum over l { c * c }
            let r: f32 = rsqrt(sum_value_2 / 64.0 + 1e-5)
            h[i, j, l] over l = h_2
            y[i, j, l] over l = c * r * g[l] + b[l]
          }
        }
    "#]].assert_eq(&kernel(LAYER_NORM, RegionKind::Reduction));
}

/// Pixels by rows and columns, normalised as a sequence: both results are stored by rows and columns.
#[test]
fn results_along_other_rows_share_their_loops() {
    expect![[r#"
        kernel y_sum_div_z(in x: f32[2, p, q, 32] padded, in w: f32[32] padded, in b: f32[32] padded, out y: f32[2, p, q, 32] padded, out z: f32[2, p*q, 32] padded) {
          axis i in 2
          axis j in p
          axis l in q
          axis m in 32
          for i j l {
            let y_2[m]: f32 = max(x[i, j, l, m], 0.0)
            fold sum_value = sum over m { y_2 }
            let div_value: f32 = sum_value / 32.0
            let sub_value[m]: f32 = y_2 - div_value
            fold sum_value_2 = sum over m { sub_value * sub_value }
            let rsqrt_value: f32 = rsqrt(sum_value_2 / 32.0 + 1e-5)
            y[i, j, l, m] over m = y_2
            z[i, l + q*j, m] over m = sub_value * rsqrt_value * w[m] + b[m]
          }
          where p in 1.., q in 1..
        }
    "#]].assert_eq(&kernel(
        "graph g(%x: f32[2, p, q, 32], %w: f32[32], %b: f32[32]) where p in 1.. hint 8, q in 1.. hint 12 {
           %y = relu %x : f32[2, p, q, 32]
           %r = reshape %y {dims=[2, p*q, 32]} : f32[2, p*q, 32]
           %z = layer_norm %r %w %b {eps=0.00001, rank=1} : f32[2, p*q, 32]
           return %y, %z
         }",
        RegionKind::Reduction,
    ));
}

#[test]
fn flattened_values_are_stored_along_the_axes_of_what_is_folded() {
    let text = |results: &str| {
        format!(
            "graph g(%x: f32[n, 10, h, w], %s: f32[10, 1, 1]) where n in 1.. hint 2, h in 1.. hint 8, w in 1.. hint 12 {{
               %y = mul %x %s : f32[n, 10, h, w]
               %m = amax %y {{axes=[2, 3], keepdim=false}} : f32[n, 10]
               %r = reshape %y {{dims=[n, 10*h*w]}} : f32[n, 10*h*w]
               %z = neg %r : f32[n, 10*h*w]
               return {results}
             }}"
        )
    };
    expect![[r#"
        kernel y_m_z(in x: f32[n, 10, h, w] padded, in s: f32[10, 1, 1] padded, out y: f32[n, 10, h, w] padded, out m: f32[n, 10] padded, out z: f32[n, 10*h*w] padded) {
          axis i in n
          axis j in 10
          axis l in h
          axis m_2 in w
          for i j {
            let y_2[l m_2]: f32 = x[i, j, l, m_2] * s[j, 0, 0]
            fold m_3 = max over l m_2 { y_2 }
            y[i, j, l, m_2] over l m_2 = y_2
            m[i, j] = m_3
            z[i, m_2 + w*l + h*w*j] over l m_2 = neg(y_2)
          }
          where h in 1.., n in 1.., w in 1..
        }
    "#]].assert_eq(&kernel(&text("%y, %m, %z"), RegionKind::Reduction));
    expect![[r#"
        kernel y_m_z(in x: f32[n, 10, h, w] padded, in s: f32[10, 1, 1] padded, out m: f32[n, 10] padded, out z: f32[n, 10*h*w] padded) {
          axis i in n
          axis j in 10
          axis k in h
          axis k_2 in w
          for i j {
            let y[k k_2]: f32 = x[i, j, k, k_2] * s[j, 0, 0]
            fold m_2 = max over k k_2 { y }
            m[i, j] = m_2
            z[i, k_2 + w*k + h*w*j] over k k_2 = neg(y)
          }
          where h in 1.., n in 1.., w in 1..
        }
    "#]].assert_eq(&kernel(&text("%z, %m"), RegionKind::Reduction));
}

#[test]
fn values_that_meet_behind_other_views_share_axes() {
    let text = "graph g(%x: f32[n, h, w, 8], %y: f32[n, h, w, 8]) where n in 1.. hint 2, h in 1.. hint 8, w in 1.. hint 12 {
      %a = relu %x : f32[n, h, w, 8]
      %b = tanh %y : f32[n, h, w, 8]
      %r = reshape %a {dims=[n, h*w, 8]} : f32[n, h*w, 8]
      %p = permute %b {axes=[0, 3, 1, 2]} : f32[n, 8, h, w]
      %q = reshape %p {dims=[n, 8, h*w]} : f32[n, 8, h*w]
      %t = permute %q {axes=[0, 2, 1]} : f32[n, h*w, 8]
      %c = add %r %t : f32[n, h*w, 8]
      return %a, %b, %c
    }";
    expect![[r#"
        kernel a_b_c(in x: f32[n, h, w, 8] padded, in y: f32[n, h, w, 8] padded, out a: f32[n, h, w, 8] padded, out b: f32[n, h, w, 8] padded, out c: f32[n, h*w, 8] padded) {
          axis i in n
          axis j in h
          axis l in w
          axis m in 8
          for i j l m {
            let b_2: f32 = tanh(y[i, j, l, m])
            let a_2: f32 = max(x[i, j, l, m], 0.0)
            a[i, j, l, m] = a_2
            b[i, j, l, m] = b_2
            c[i, l + w*j, m] = a_2 + b_2
          }
          where h in 1.., n in 1.., w in 1..
        }
    "#]].assert_eq(&kernel(text, RegionKind::Pointwise));
}

/// Channels that are put beside each other, as a transposed convolution does with the phases of its stride.
#[test]
fn what_a_contraction_computes_is_stored_from_its_own_axes() {
    let text = "graph g(%x: f32[b, q, 8], %w: f32[8, 12], %bias: f32[4]) where b in 1.. hint 2, q in 1.. hint 32 {
      %d = dot %x %w {lhs_batch=[], lhs_contract=[2], rhs_batch=[], rhs_contract=[0]} : f32[b, q, 12]
      %r = reshape %d {dims=[b, 3*q, 4]} : f32[b, 3*q, 4]
      %y = add %r %bias : f32[b, 3*q, 4]
      return %y
    }";
    expect![[r#"
        kernel d_y(in x: f32[b, q, 8] padded, in w: f32[8, 12] padded, in bias: f32[4] padded, out y: f32[b, 3*q, 4] padded) {
          axis i in b
          axis m in q
          axis n in 12
          axis k in 8
          for i m n {
            fold d = sum over k { x[i, m, k] * w[k, n] }
            y[i, 3*m + n div 4, n mod 4] = d + bias[n mod 4]
          }
          where b in 1.., q in 1..
        }
    "#]].assert_eq(&kernel(text, RegionKind::Contraction));
}

#[test]
fn what_is_a_cast_of_a_stored_value_is_computed_where_it_is_read() {
    let text = "graph f(%x: f16[64, 32], %w: f16[32, 1000]) {
      %d = matmul %x %w : f16[64, 1000]
      %wide = cast %d {dtype=f32} : f32[64, 1000]
      %s = sum %wide {axes=[1], keepdim=true} : f32[64, 1]
      %y = div %wide %s : f32[64, 1000]
      return %d as d, %y as y
    }";
    let graph = graph(text);
    let regions = regions(&graph);
    let outputs: Vec<usize> = regions.regions.iter().map(|region| region.outputs.len()).collect();
    assert_eq!(outputs, [1, 1], "{regions}");
}

#[test]
fn tiny_updates_of_equal_shape_are_one_kernel() {
    let update = |k: usize| {
        format!(
            "%s{k} = mul %g{k} %lr : f32[8, 16] %n{k} = sub %p{k} %s{k} : f32[8, 16]
             %t{k} = tanh %n{k} : f32[8, 16]\n"
        )
    };
    let inputs: Vec<String> =
        (0..3).map(|k| format!("%p{k}: f32[8, 16], %g{k}: f32[8, 16]")).collect();
    let updates: String = (0..3).map(update).collect();
    let results: Vec<String> = (0..3).map(|k| format!("%t{k} as t{k}")).collect();
    let text = format!(
        "graph f({}, %lr: f32[]) {{ {updates} return {} }}",
        inputs.join(", "),
        results.join(", ")
    );
    kernel(&text, RegionKind::Pointwise);
}

#[test]
fn tiny_kernels_are_joined_where_both_results_are_alive_anyway() {
    let count = |text: &str| {
        let head = "graph f(%x: f32[4, 4], %y: f32[4, 4], %w: f32[4, 4]) {";
        regions(&graph(&format!("{head} {text} return %c as c, %d as d }}"))).regions.len()
    };
    let (a, b) = ("%a = gelu %x : f32[4, 4]", "%b = gelu %y : f32[4, 4]");
    let (c, d) = ("%c = matmul %a %w : f32[4, 4]", "%d = matmul %b %w : f32[4, 4]");
    assert_eq!(count(&[a, b, c, d].join("\n")), 3);
    assert_eq!(count(&[a, c, b, d].join("\n")), 4);
}

#[test]
fn norms_over_channels_and_over_groups_of_them_are_one_kernel() {
    for (op, x) in [
        ("instance_norm", "f32[n, 16, h, w]"),
        ("group_norm", "f32[n, 16, h, w]"),
        ("instance_norm", "f32[2, 16, 9]"),
    ] {
        let groups = if op == "group_norm" { "groups=16, " } else { "" };
        let text = format!(
            "graph f(%x: {x}, %g: f32[16], %b: f32[16]) where n in 1..=64, h in 1..=64, w in 1..=64 {{
              %y = {op} %x %g %b {{{groups}eps=1e-5}} : {x}
              %z = silu %y : {x}
              return %z as z
            }}"
        );
        kernel(&text, RegionKind::Reduction);
    }
}

#[test]
fn a_convolution_with_bias_residual_and_relu_is_one_kernel() {
    expect![[r#"
        kernel conv_add_max(in x: f32[1, 16, 14, 14] padded, in w: f32[32, 16, 3, 3] padded, in b: f32[32] padded, in res: f32[1, 32, 7, 7] padded, out max: f32[1, 32, 7, 7] padded) {
          axis i in 32
          axis j in 7
          axis l in 7
          axis k in 3
          axis k_2 in 3
          axis k_3 in 16
          for i j l {
            fold conv_value = sum over k k_2 k_3 { x[0, k_3, (2*j + k - 1)?, (k_2 + 2*l - 1)?] else 0.0 * w[i, k_3, k, k_2] }
            max[0, i, j, l] = max(conv_value + b[i] + res[0, i, j, l], 0.0)
          }
        }
    "#]].assert_eq(&kernel(CONV, RegionKind::Contraction));
}

#[test]
fn attention_is_one_kernel_whose_folds_share_the_keys() {
    expect![[r#"
        kernel s_t_amax_y(in q: f32[12, 128, 64] padded, in k: f32[12, 128, 64] padded, in v: f32[12, 128, 64] padded, out y: f32[12, 128, 64] padded) {
          axis i in 12
          axis j in 128
          axis l in 64
          axis k_2 in 128
          axis k_3 in 64
          for i j {
            fold s[k_2] = sum over k_3 { q[i, j, k_3] * k[i, k_2, k_3] }
            let t[k_2]: f32 = s * 0.125
            fold amax_value = max over k_2 { t }
            let exp_value[k_2]: f32 = exp(t - amax_value)
            fold sum_value = sum over k_2 { exp_value }
            fold y_2[l] = sum over k_2 {
              let p: f32 = exp_value / sum_value
              p * v[i, k_2, l]
            }
            y[i, j, l] over l = y_2
          }
        }
    "#]].assert_eq(&kernel(ATTENTION, RegionKind::Attention));
}

const SOFTMAX: &str = "graph f(%x: f32[n, 1000]) where n in 1..=64 {
  %y = softmax %x {axis=1} : f32[n, 1000]
  return %y as y
}";

const GROUP_NORM: &str = "graph f(%x: f32[N, 32, 14, 14], parameter %w: f32[32, 1, 1]) {
  %0 = reshape %x {dims=[N, 6272]} : f32[N, 6272]
  %1 = mean %0 {axes=[1], keepdim=true} : f32[N, 1]
  %2 = sub %0 %1 : f32[N, 6272]
  %3 = reshape %2 {dims=[N, 32, 14, 14]} : f32[N, 32, 14, 14]
  %y = mul %3 %w : f32[N, 32, 14, 14]
  return %y as y
}";

const RANKS: &str = "graph f(%x: f32[3000]) {
  %own = reshape %x {dims=[3000, 1]} : f32[3000, 1]
  %other = reshape %x {dims=[1, 3000]} : f32[1, 3000]
  %less = lt %other %own : bool[3000, 3000]
  %equal = eq %other %own : bool[3000, 3000]
  %greater = gt %own %x : bool[3000, 3000]
  %tied = and %equal %greater : bool[3000, 3000]
  %before = or %less %tied : bool[3000, 3000]
  %ones = cast %before {dtype=i32} : i32[3000, 3000]
  %y = sum %ones {axes=[1], keepdim=false} : i32[3000]
  return %y as y
}";

const GELU: &str = "graph f(%x: f32[64, 1000]) {
  %y = gelu %x : f32[64, 1000]
  return %y as y
}";

const LINEAR: &str = "graph f(%x: f32[n, 64], parameter %w: f32[64, 32], parameter %b: f32[32], %res: f32[n, 32]) where n in 1..=64 {
  %0 = dot %x %w {lhs_batch=[], rhs_batch=[], lhs_contract=[1], rhs_contract=[0]} : f32[n, 32]
  %1 = add %0 %b : f32[n, 32]
  %2 = gelu %1 : f32[n, 32]
  %3 = add %2 %res : f32[n, 32]
  return %3 as y
}";

const LAYER_NORM: &str = "graph f(%x: f32[2, 7, 64], %res: f32[2, 7, 64], parameter %g: f32[64], parameter %b: f32[64]) {
  %h = add %x %res : f32[2, 7, 64]
  %m = mean %h {axes=[2], keepdim=true} : f32[2, 7, 1]
  %c = sub %h %m : f32[2, 7, 64]
  %v = var %h {axes=[2], correction=0, keepdim=true} : f32[2, 7, 1]
  %e = constant {value=f32[](0.00001)} : f32[]
  %s = add %v %e : f32[2, 7, 1]
  %r = rsqrt %s : f32[2, 7, 1]
  %n = mul %c %r : f32[2, 7, 64]
  %k = mul %n %g : f32[2, 7, 64]
  %y = add %k %b : f32[2, 7, 64]
  return %y as y, %h as h
}";

const CONV: &str = "graph f(%x: f32[1, 16, 14, 14], parameter %w: f32[32, 16, 3, 3], parameter %b: f32[32], %res: f32[1, 32, 7, 7]) {
  %0 = conv %x %w {layout=\"nchw\", dilations=[1, 1], groups=1, pads=[1, 1, 1, 1], strides=[2, 2]} : f32[1, 32, 7, 7]
  %1 = reshape %b {dims=[1, 32, 1, 1]} : f32[1, 32, 1, 1]
  %2 = add %0 %1 : f32[1, 32, 7, 7]
  %3 = add %2 %res : f32[1, 32, 7, 7]
  %4 = relu %3 : f32[1, 32, 7, 7]
  return %4 as y
}";

const ATTENTION: &str = "graph f(%q: f32[12, 128, 64], %k: f32[12, 128, 64], %v: f32[12, 128, 64]) {
  %s = dot %q %k {lhs_batch=[0], rhs_batch=[0], lhs_contract=[2], rhs_contract=[2]} : f32[12, 128, 128]
  %c = constant {value=f32[](0.125)} : f32[]
  %t = mul %s %c : f32[12, 128, 128]
  %p = softmax %t {axis=2} : f32[12, 128, 128]
  %y = dot %p %v {lhs_batch=[0], rhs_batch=[0], lhs_contract=[2], rhs_contract=[1]} : f32[12, 128, 64]
  return %y as y
}";

#[test]
fn constant_indices_inside_their_axis_are_not_brought_into_it() {
    let text = |last: i64| {
        format!(
            "graph f(%x: f32[2, 4]) {{
  %i = constant {{value=i64[3](0, 2, {last})}} : i64[3]
  %y = gather %x %i {{axis=1}} : f32[2, 3]
  return %y as y
}}"
        )
    };
    assert!(!kernel(&text(3), RegionKind::Copy).contains("select"));
    // From the end, and out of range.
    assert!(kernel(&text(-1), RegionKind::Copy).contains("select"));
    assert!(kernel(&text(4), RegionKind::Copy).contains("select"));
}

#[test]
fn loops_stand_in_the_order_of_what_is_stored() {
    let text = "graph f(%x: f32[1, 3, 32, 32], parameter %w: f32[64, 3, 8, 8], %p: f32[16, 64]) {
  %c = conv %x %w {dilations=[1, 1], groups=1, layout=\"nchw\", pads=[0, 0, 0, 0], strides=[8, 8]} : f32[1, 64, 4, 4]
  %0 = reshape %c {dims=[1, 64, 16]} : f32[1, 64, 16]
  %1 = permute %0 {axes=[0, 2, 1]} : f32[1, 16, 64]
  %y = add %1 %p : f32[1, 16, 64]
  return %y as y
}";
    let kernel = kernel(text, RegionKind::Contraction);
    let channels = kernel.lines().find_map(|line| line.trim().strip_suffix(" in 64")).unwrap();
    let channels = channels.trim_start_matches("axis ");
    assert!(kernel.contains(&format!(" {channels} {{\n    fold")), "{kernel}");
}
