//! Composites against their formulas, written out element by element.

use ferrodyne_plan::{DType, Dim};
use ndarray::{ArrayD, Axis, Ix2, IxDyn, array};

use super::tests::{dims, f32s, flat, run, typed};
use crate::graph::Attrs;
use crate::ops::{self, Case};

/// Numbers without a pattern, the same at each call.
fn fill(shape: &[usize], low: f64, high: f64) -> ArrayD<f64> {
    let mut state = 0.37;
    ArrayD::from_shape_simple_fn(IxDyn(shape), || {
        state = (state * 97.31 + 0.123) % 1.0;
        low + (high - low) * state
    })
}

fn close(got: &ArrayD<f64>, want: &ArrayD<f64>) {
    assert_eq!(got.shape(), want.shape());
    let worst = (got - want).iter().fold(0.0f64, |worst, d| worst.max(d.abs()));
    assert!(worst < 1e-6, "off by {worst}: {got} against {want}");
}

/// Checks an operator of one operand against a function of one number.
fn check(op: &str, attrs: Attrs, low: f64, high: f64, formula: impl Fn(f64) -> f64) {
    let x = fill(&[40], low, high);
    let got = run(op, &[f32s(x.clone())], attrs).unwrap_or_else(|e| panic!("{op}: {e}"));
    for (x, got) in x.iter().zip(&got) {
        let want = formula(*x);
        assert!((got - want).abs() <= 1e-6 * want.abs().max(1.0), "{op}({x}) = {got}, not {want}");
    }
}

#[test]
fn functions_of_one_number_follow_their_formulas() {
    let none = Attrs::new;
    check("square", none(), -3., 3., |x| x * x);
    check("exp2", none(), -5., 5., f64::exp2);
    check("log2", none(), 0.1, 9., f64::log2);
    check("log10", none(), 0.1, 9., f64::log10);
    check("tan", none(), -1.3, 1.3, f64::tan);
    check("asin", none(), -1., 1., f64::asin);
    check("acos", none(), -1., 1., f64::acos);
    check("atan", none(), -9., 9., f64::atan);
    check("sinh", none(), -4., 4., f64::sinh);
    check("cosh", none(), -4., 4., f64::cosh);
    check("asinh", none(), -9., 9., f64::asinh);
    check("acosh", none(), 1., 9., f64::acosh);
    check("atanh", none(), -0.9, 0.9, f64::atanh);
    check("frac", none(), -9., 9., f64::fract);
    check("clamp", none().float("low", -1.0).float("high", 0.5), -2., 2., |x| x.clamp(-1.0, 0.5));
    let far = flat("asinh", &[typed(DType::F32, &[-1e15])], none())[0];
    assert!((far + 1e15f64.asinh()).abs() < 1e-6, "{far}");
}

fn sigmoid(x: f64) -> f64 {
    1.0 / (1.0 + (-x).exp())
}

#[test]
fn activations_follow_their_formulas() {
    let none = Attrs::new;
    let elu = |x: f64, a: f64| if x > 0.0 { x } else { a * x.exp_m1() };
    let hard = |x: f64| (x / 6.0 + 0.5).clamp(0.0, 1.0);
    check("relu", none(), -3., 3., |x| x.max(0.0));
    check("relu6", none(), -3., 9., |x| x.clamp(0.0, 6.0));
    check("leaky_relu", none().float("slope", 0.2), -3., 3., |x| if x > 0.0 { x } else { 0.2 * x });
    check("elu", none().float("alpha", 1.5), -3., 3., |x| elu(x, 1.5));
    check("selu", none(), -3., 3., |x| 1.050_700_987_355_480_5 * elu(x, 1.673_263_242_354_377_2));
    check("celu", none().float("alpha", 2.0), -3., 3., |x| {
        if x > 0.0 { x } else { 2.0 * (x / 2.0).exp_m1() }
    });
    check("gelu", none(), -3., 3., |x| 0.5 * x * (1.0 + ops::erf(x / 2f64.sqrt())));
    let tanh = |x: f64| {
        0.5 * x * (1.0 + ((2.0 / std::f64::consts::PI).sqrt() * (x + 0.044_715 * x.powi(3))).tanh())
    };
    check("gelu", none().str("approximate", "tanh"), -3., 3., tanh);
    check("sigmoid", none(), -9., 9., sigmoid);
    check("silu", none(), -9., 9., |x| x * sigmoid(x));
    check("mish", none(), -9., 9., |x| x * x.exp().ln_1p().tanh());
    check("hardsigmoid", none(), -4., 4., hard);
    check("hardswish", none(), -4., 4., |x| x * hard(x));
    check("hardtanh", none(), -4., 4., |x| x.clamp(-1.0, 1.0));
    check("softplus", none().float("beta", 2.0), -9., 9., |x| (2.0 * x).exp().ln_1p() / 2.0);
    check("softsign", none(), -9., 9., |x| x / (1.0 + x.abs()));
}

#[test]
fn softmax_sums_to_one_and_does_not_overflow() {
    let x = f32s(array![[1000.0, 1001.0], [-5.0, 3.0]].into_dyn());
    let got = run("softmax", std::slice::from_ref(&x), Attrs::new()).unwrap();
    let odds = |d: f64| array![1.0 / (1.0 + d.exp()), 1.0 / (1.0 + (-d).exp())];
    let want = ndarray::stack![Axis(0), odds(1.0), odds(8.0)].into_dyn();
    close(&got, &want);
    let log = run("log_softmax", &[x], Attrs::new()).unwrap();
    close(&log, &want.mapv(f64::ln));
}

#[test]
fn statistics_follow_their_definitions() {
    let x = fill(&[3, 5], -2.0, 2.0);
    let over = || Attrs::new().ints("axes", &[1]);
    let rows = |f: fn(&[f64]) -> f64| x.map_axis(Axis(1), |row| f(&row.to_vec()));
    fn mean(row: &[f64]) -> f64 {
        row.iter().sum::<f64>() / row.len() as f64
    }
    fn variance(row: &[f64]) -> f64 {
        let middle = mean(row);
        row.iter().map(|v| (v - middle).powi(2)).sum::<f64>() / (row.len() - 1) as f64
    }
    let of = |op: &str, attrs: Attrs| run(op, &[f32s(x.clone())], attrs).unwrap();
    close(&of("mean", over()), &rows(mean));
    close(&of("var", over()), &rows(variance));
    close(&of("std", over()), &rows(|row| variance(row).sqrt()));
    close(&of("norm", over()), &rows(|row| row.iter().map(|v| v * v).sum::<f64>().sqrt()));
    close(&of("norm", over().float("p", 1.0)), &rows(|row| row.iter().map(|v| v.abs()).sum()));
    close(&of("logsumexp", over()), &rows(|row| row.iter().map(|v| v.exp()).sum::<f64>().ln()));
    let mut want = x.clone();
    want.accumulate_axis_inplace(Axis(1), |&before, here| *here += before);
    close(&of("cumsum", Attrs::new().int("axis", 1)), &want);
    let infinite = typed(DType::F32, &[f64::NEG_INFINITY; 2]);
    assert_eq!(flat("logsumexp", &[infinite], Attrs::new()), [f64::NEG_INFINITY]);
}

#[test]
fn running_sums_exclude_and_reverse() {
    let x = || typed(DType::I32, &[1.0, 2.0, 3.0, 4.0]);
    let along = || Attrs::new().int("axis", 0);
    assert_eq!(flat("cumsum", &[x()], along()), [1., 3., 6., 10.]);
    assert_eq!(flat("cumsum", &[x()], along().bool("exclusive", true)), [0., 1., 3., 6.]);
    assert_eq!(flat("cumsum", &[x()], along().bool("reverse", true)), [10., 9., 7., 4.]);
    assert_eq!(flat("cumprod", &[x()], along()), [1., 2., 6., 24.]);
}

#[test]
fn matmul_broadcasts_as_numpy_does() {
    let (x, y) = (fill(&[2, 1, 4, 5], -1.0, 1.0), fill(&[3, 5, 2], -1.0, 1.0));
    let got = run("matmul", &[f32s(x.clone()), f32s(y.clone())], Attrs::new()).unwrap();
    let want = ArrayD::from_shape_fn(IxDyn(&[2, 3, 4, 2]), |ix| {
        (0..5).map(|k| x[[ix[0], 0, ix[2], k]] * y[[ix[1], k, ix[3]]]).sum()
    });
    close(&got, &want);
    let got = run("matmul", &[f32s(fill(&[5], -1., 1.)), f32s(y.clone())], Attrs::new()).unwrap();
    assert_eq!(got.shape(), [3, 2]);
    let told =
        run("matmul", &[f32s(fill(&[2, 3], 0., 1.)), f32s(fill(&[4, 5], 0., 1.))], Attrs::new());
    assert_eq!(
        told.unwrap_err(),
        "matmul: `x0` is f32[2, 3] but `x1` is f32[4, 5]: 3 and 4 must be equal"
    );
}

#[test]
fn einsum_sums_products() {
    let (x, y) = (fill(&[3, 4], -1., 1.), fill(&[4, 5], -1., 1.));
    let of = |equation: &str, operands: &[&ArrayD<f64>]| {
        let operands: Vec<_> = operands.iter().map(|&x| f32s(x.clone())).collect();
        run("einsum", &operands, Attrs::new().str("equation", equation)).unwrap()
    };
    let matrix = |x: &ArrayD<f64>| x.clone().into_dimensionality::<Ix2>().unwrap();
    close(&of("ij, jk -> ki", &[&x, &y]), &matrix(&x).dot(&matrix(&y)).reversed_axes().into_dyn());
    let square = fill(&[4, 4], -1., 1.);
    close(&of("ii", &[&square]), &ArrayD::from_elem(IxDyn(&[]), matrix(&square).diag().sum()));
    close(&of("ii->i", &[&square]), &matrix(&square).diag().to_owned().into_dyn());
    close(&of("ij->j", &[&x]), &x.sum_axis(Axis(0)));
    close(&of("...ij->...ji", &[&x]), &matrix(&x).reversed_axes().into_dyn());
    let told = run("einsum", &[f32s(x)], Attrs::new().str("equation", "ij->k")).unwrap_err();
    assert_eq!(told, "einsum: `ij->k`: the result must name axes of the operands, each once");
}

#[test]
fn pooling_counts_as_torch_and_onnx_do() {
    let x = || f32s(array![[[1., 2., 3., 4., 5.]]].into_dyn());
    let of = |op: &str, attrs: Attrs| flat(op, &[x()], attrs);
    let two = || Attrs::new().ints("sizes", &[2]);
    assert_eq!(of("max_pool", two()), [2., 4.]);
    assert_eq!(of("max_pool", two().bool("ceil_mode", true)), [2., 4., 5.]);
    let include = |attrs: Attrs| attrs.bool("count_include_pad", true);
    assert_eq!(of("avg_pool", include(two().bool("ceil_mode", true))), [1.5, 3.5, 5.0]);
    let padded = || two().ints("pads", &[1, 0]);
    assert_eq!(of("avg_pool", padded()), [1.0, 2.5, 4.5]);
    assert_eq!(of("avg_pool", include(padded())), [0.5, 2.5, 4.5]);
    let adapted = run("adaptive_avg_pool", &[x()], Attrs::new().ints("sizes", &[2])).unwrap();
    close(&adapted, &array![[[2.0, 4.0]]].into_dyn());
    assert_eq!(of("global_avg_pool", Attrs::new()), [3.0]);
    let wide = two().ints("strides", &[1]).ints("dilations", &[3]);
    assert_eq!(of("max_pool", wide), [4., 5.]);
}

#[test]
fn transposed_convolution_scatters_the_kernel() {
    let (x, w) = (fill(&[1, 4, 3, 4], -1., 1.), fill(&[4, 3, 3, 2], -1., 1.));
    let attrs = Attrs::new().ints("strides", &[2, 1]).ints("pads", &[1, 0, 0, 1]);
    let attrs = attrs.ints("output_pads", &[1, 0]).int("groups", 2).ints("dilations", &[1, 2]);
    let got = run("conv_transpose", &[f32s(x.clone()), f32s(w.clone())], attrs).unwrap();
    let mut whole = ArrayD::<f64>::zeros(IxDyn(&[1, 6, 7 + 1, 6]));
    for c in 0..4 {
        for (o, i, j, u, v) in itertools(&[3, 3, 4, 3, 2]) {
            let to = [0, c / 2 * 3 + o, i * 2 + u, j + v * 2];
            whole[to] += x[[0, c, i, j]] * w[[c, o, u, v]];
        }
    }
    let want = whole.slice_each_axis(|ax| match ax.axis.index() {
        2 => ndarray::Slice::from(1..8),
        3 => ndarray::Slice::from(0..5),
        _ => ndarray::Slice::from(..),
    });
    close(&got, &want.to_owned());
}

/// All indices below five sizes.
fn itertools(sizes: &[usize; 5]) -> impl Iterator<Item = (usize, usize, usize, usize, usize)> {
    ndarray::indices(*sizes).into_iter()
}

#[test]
fn normalisation_gives_mean_zero_and_variance_one() {
    let x = fill(&[2, 6, 3, 4], -3.0, 5.0);
    let moments = |values: Vec<f64>| {
        let n = values.len() as f64;
        let mean = values.iter().sum::<f64>() / n;
        (mean, values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / n)
    };
    let standard = |values: Vec<f64>| {
        let (mean, variance) = moments(values);
        assert!(mean.abs() < 1e-9 && (variance - 1.0).abs() < 1e-3, "{mean} {variance}");
    };
    let got = run("layer_norm", &[f32s(x.clone())], Attrs::new()).unwrap();
    got.lanes(Axis(3)).into_iter().for_each(|lane| standard(lane.to_vec()));
    let got = run("group_norm", &[f32s(x.clone())], Attrs::new().int("groups", 3)).unwrap();
    let groups = got.into_shape_with_order((6, 24)).unwrap();
    groups.rows().into_iter().for_each(|row| standard(row.to_vec()));
    let got = run("instance_norm", &[f32s(x.clone())], Attrs::new()).unwrap();
    let planes = got.into_shape_with_order((12, 12)).unwrap();
    planes.rows().into_iter().for_each(|row| standard(row.to_vec()));
    let row = fill(&[5], -2., 2.);
    let got = run("rms_norm", &[f32s(row.clone())], Attrs::new()).unwrap();
    let root = (row.mapv(|v| v * v).sum() / 5.0 + 1e-6).sqrt();
    close(&got, &(&row / root));
}

#[test]
fn batch_norm_follows_its_formula() {
    let x = fill(&[2, 3, 4], -1., 1.);
    let channel = |low| fill(&[3], low, low + 1.0);
    let (scale, bias, mean, var) = (channel(0.5), channel(-1.0), channel(0.0), channel(0.2));
    let operands = [&x, &scale, &bias, &mean, &var].map(|v| f32s(v.clone()));
    let got = run("batch_norm", &operands, Attrs::new().float("eps", 1e-3)).unwrap();
    let want = ArrayD::from_shape_fn(x.raw_dim(), |ix| {
        let c = ix[1];
        (x[&ix] - mean[c]) / (var[c] + 1e-3).sqrt() * scale[c] + bias[c]
    });
    close(&got, &want);
}

#[test]
fn attention_weighs_values_by_scores() {
    let (q, k, v) = (fill(&[3, 4], -1., 1.), fill(&[5, 4], -2., 1.), fill(&[5, 2], -1., 3.));
    let operands = [&q, &k, &v].map(|x| f32s(x.clone()));
    for causal in [false, true] {
        let attrs = Attrs::new().bool("causal", causal);
        let got = run("scaled_dot_product_attention", &operands, attrs).unwrap();
        let want = ArrayD::from_shape_fn(IxDyn(&[3, 2]), |ix| {
            let score = |j: usize| (0..4).map(|d| q[[ix[0], d]] * k[[j, d]]).sum::<f64>() / 2.0;
            let seen = |j: &usize| !causal || *j <= ix[0];
            let weight: f64 = (0..5).filter(seen).map(|j| score(j).exp()).sum();
            (0..5).filter(seen).map(|j| score(j).exp() / weight * v[[j, ix[1]]]).sum()
        });
        close(&got, &want);
    }
}

#[test]
fn narrow_floats_are_normalised_in_f32() {
    let x = typed(DType::F16, &[60000.0, 60000.0, -60000.0, -60000.0]);
    let got = flat("layer_norm", std::slice::from_ref(&x), Attrs::new());
    assert_eq!(got, [1.0, 1.0, -1.0, -1.0]);
    assert_eq!(flat("mean", &[x], Attrs::new()), [0.0]);
}

#[test]
fn heads_of_keys_serve_neighbouring_heads_of_queries() {
    let (q, k) = (fill(&[4, 3, 2], -1., 1.), fill(&[2, 5, 2], -1., 1.));
    let of = |q: &ArrayD<f64>, k: &ArrayD<f64>| {
        let operands = [q, k, k].map(|x| f32s(x.clone()));
        run("scaled_dot_product_attention", &operands, Attrs::new()).unwrap()
    };
    let whole = of(&q, &k);
    for head in 0..4 {
        let own = q.index_axis(Axis(0), head).to_owned();
        let keys = k.index_axis(Axis(0), head / 2).to_owned();
        close(&whole.index_axis(Axis(0), head).to_owned(), &of(&own, &keys));
    }
}

#[test]
fn losses_follow_their_formulas() {
    let (x, y) = (fill(&[4, 3], -2., 2.), fill(&[4, 3], -1., 2.));
    let of = |op: &str, attrs: Attrs| flat(op, &[f32s(x.clone()), f32s(y.clone())], attrs)[0];
    let mean =
        |f: fn(f64, f64) -> f64| x.iter().zip(&y).map(|(&a, &b)| f(a, b)).sum::<f64>() / 12.0;
    let near = |got: f64, want: f64| assert!((got - want).abs() < 1e-6, "{got} {want}");
    near(of("mse_loss", Attrs::new()), mean(|a, b| (a - b).powi(2)));
    near(of("l1_loss", Attrs::new().str("reduction", "sum")), 12.0 * mean(|a, b| (a - b).abs()));
    let huber = |a: f64, b: f64| {
        if (a - b).abs() < 1.0 { 0.5 * (a - b).powi(2) } else { (a - b).abs() - 0.5 }
    };
    near(of("smooth_l1_loss", Attrs::new()), mean(huber));
    let bce = |a: f64, t: f64| -(t * sigmoid(a).ln() + (1.0 - t) * (1.0 - sigmoid(a)).ln());
    near(of("bce_with_logits", Attrs::new()), mean(bce));
    let target = (DType::I64, array![2.0, -100.0, 0.0, 1.0].into_dyn());
    let got = flat("cross_entropy", &[f32s(x.clone()), target], Attrs::new())[0];
    let log = |row: usize, class: usize| {
        x[[row, class]] - (0..3).map(|c| x[[row, c]].exp()).sum::<f64>().ln()
    };
    near(got, -(log(0, 2) + log(2, 0) + log(3, 1)) / 3.0);
}

#[test]
fn rearrangements_put_elements_where_they_say() {
    let x = || f32s(array![[1., 2., 3.], [4., 5., 6.], [7., 8., 9.]].into_dyn());
    let one = |op: &str, attrs: Attrs| run(op, &[x()], attrs).unwrap();
    assert_eq!(
        one("tril", Attrs::new()),
        array![[1., 0., 0.], [4., 5., 0.], [7., 8., 9.]].into_dyn()
    );
    assert_eq!(
        one("triu", Attrs::new().int("k", 1)),
        array![[0., 2., 3.], [0., 0., 6.], [0., 0., 0.]].into_dyn()
    );
    assert_eq!(one("diagonal", Attrs::new()), array![1., 5., 9.].into_dyn());
    assert_eq!(one("diagonal", Attrs::new().int("offset", -1)), array![4., 8.].into_dyn());
    let roll = Attrs::new().ints("shifts", &[1]).ints("axes", &[1]);
    assert_eq!(one("roll", roll), array![[3., 1., 2.], [6., 4., 5.], [9., 7., 8.]].into_dyn());
    let v = || typed(DType::F32, &[1., 2.]);
    assert_eq!(flat("tile", &[v()], Attrs::new().dims("repeats", &dims(&[2]))), [1., 2., 1., 2.]);
    assert_eq!(
        flat("repeat_interleave", &[v()], Attrs::new().int("axis", 0).int("repeats", 2)),
        [1., 1., 2., 2.]
    );
    let stacked = run("stack", &[v(), v()], Attrs::new().int("axis", 1)).unwrap();
    assert_eq!(stacked, array![[1., 1.], [2., 2.]].into_dyn());
    let hot = Attrs::new().dims("depth", &dims(&[3])).dtype("dtype", DType::F32);
    assert_eq!(flat("one_hot", &[typed(DType::I64, &[2., -3.])], hot), [0., 0., 1., 1., 0., 0.]);
    let shuffled = run(
        "pixel_shuffle",
        &[f32s(array![[[1.]], [[2.]], [[3.]], [[4.]]].into_dyn())],
        Attrs::new().int("factor", 2),
    );
    assert_eq!(shuffled.unwrap(), array![[[1., 2.], [3., 4.]]].into_dyn());
}

#[test]
fn sorting_is_stable_and_puts_nan_last() {
    let x = || typed(DType::F32, &[3., 1., f64::NAN, 1., -2.]);
    assert_eq!(flat("argsort", &[x()], Attrs::new()), [4., 1., 3., 0., 2.]);
    let descending = || Attrs::new().bool("descending", true);
    assert_eq!(flat("argsort", &[x()], descending()), [2., 0., 1., 3., 4.]);
    let sorted = flat("sort", &[x()], Attrs::new());
    assert_eq!(sorted[..4], [-2., 1., 1., 3.]);
    assert!(sorted[4].is_nan());
    let k = Attrs::new().dims("k", &dims(&[2]));
    let x = || f32s(array![[5., 9., 7.], [1., 0., 1.]].into_dyn());
    assert_eq!(flat("top_k", &[x()], k.clone()), [9., 7., 1., 1.]);
    assert_eq!(flat("top_k_indices", &[x()], k), [1., 2., 0., 2.]);
}

/// Threefry-2x32 with 13 rounds as its paper gives it.
fn threefry(key: [u32; 2], counter: [u32; 2]) -> [u32; 2] {
    let keys = [key[0], key[1], key[0] ^ key[1] ^ 0x1bd1_1bda];
    let [mut x, mut y] = [counter[0].wrapping_add(keys[0]), counter[1].wrapping_add(keys[1])];
    for (round, by) in [13, 15, 26, 6, 17, 29, 16, 24, 13, 15, 26, 6, 17].into_iter().enumerate() {
        x = x.wrapping_add(y);
        y = y.rotate_left(by) ^ x;
        if round % 4 == 3 {
            let step = round / 4 + 1;
            x = x.wrapping_add(keys[step % 3]);
            y = y.wrapping_add(keys[(step + 1) % 3]).wrapping_add(step as u32);
        }
    }
    [x, y]
}

#[test]
fn random_bits_are_those_of_threefry() {
    assert_eq!(threefry([0, 0], [0, 0]), [0x9d1c_5ec6, 0x8bd5_0731], "the authors' known answer");
    let seed = [0xdead_beef_u32, 42];
    let operand = typed(DType::U32, &seed.map(f64::from));
    let got = flat(
        "random_bits",
        std::slice::from_ref(&operand),
        Attrs::new().dims("dims", &dims(&[2, 3])),
    );
    let want: Vec<f64> = (0..6).map(|i| f64::from(threefry(seed, [i, 0])[0])).collect();
    assert_eq!(got, want);
    let normal = flat(
        "random_normal",
        std::slice::from_ref(&operand),
        Attrs::new().dims("dims", &dims(&[4000])),
    );
    let mean = normal.iter().sum::<f64>() / 4000.0;
    let variance = normal.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / 4000.0;
    assert!(mean.abs() < 0.06 && (variance - 1.0).abs() < 0.08, "{mean} {variance}");
    let ones = f32s(ArrayD::ones(IxDyn(&[1000])));
    let kept = flat("dropout", &[ones, operand], Attrs::new().float("p", 0.25));
    assert!(kept.iter().all(|&v| v == 0.0 || (v - 4.0 / 3.0).abs() < 1e-6));
    assert!((kept.iter().filter(|&&v| v > 0.0).count() as f64 - 750.0).abs() < 60.0);
}

#[test]
fn resizing_follows_onnx() {
    let x = || f32s(array![[1., 2.], [3., 4.]].into_dyn());
    let to = |n: &[i64]| Attrs::new().dims("sizes", &dims(n));
    let nearest = run("resize", &[x()], to(&[4, 4])).unwrap();
    assert_eq!(nearest.index_axis(Axis(0), 0), array![1., 1., 2., 2.].into_dyn());
    let linear = run("resize", &[x()], to(&[4, 4]).str("mode", "linear")).unwrap();
    assert_eq!(linear.index_axis(Axis(0), 0), array![1., 1.25, 1.75, 2.].into_dyn());
    let corners = to(&[4, 4]).str("mode", "linear").str("coordinate", "align_corners");
    let corners = run("resize", &[x()], corners).unwrap();
    close(&corners.index_axis(Axis(0), 0).to_owned(), &array![1., 4. / 3., 5. / 3., 2.].into_dyn());
    let square = ArrayD::from_shape_fn(IxDyn(&[4, 4]), |ix| (4 * ix[0] + ix[1] + 1) as f64);
    let cubic = run("resize", &[f32s(square)], to(&[8, 8]).str("mode", "cubic")).unwrap();
    let want = [
        0.472_656_25,
        0.769_531_25,
        1.246_093_75,
        1.875,
        2.281_25,
        2.910_156_25,
        3.386_718_75,
        3.683_593_75,
    ];
    let row = cubic.index_axis(Axis(0), 0).to_owned();
    close(&row, &ndarray::Array1::from_vec(want.to_vec()).into_dyn());
}

/// The value of an operator on an example, with the sizes of symbols put in as constants or left as symbols.
fn value(op: &str, case: &Case) -> ArrayD<f64> {
    let graph = case.graph(op).unwrap();
    let sizes = case.sizes.iter().map(|(n, v)| ((*n).into(), *v)).collect();
    super::interpret(&graph, &case.inputs(3), &sizes).unwrap().remove(0)
}

/// Composites whose meaning is written out beside their function must agree with it.
#[test]
fn meanings_agree_with_expansions() {
    for op in ops::all().filter(|op| op.build.is_some() && op.eval.is_some()) {
        for case in (op.cases)() {
            let graph = case.graph(op.name).unwrap();
            let expansion = ops::expansion(&graph, &graph.nodes[graph.nodes.len() - 1]).unwrap();
            let sizes = case.sizes.iter().map(|(n, v)| ((*n).into(), *v)).collect();
            let got = super::interpret(&expansion, &case.inputs(3), &sizes).unwrap().remove(0);
            let want = value(op.name, &case);
            let same = got.iter().zip(&want).all(|(a, b)| a == b || (a.is_nan() && b.is_nan()));
            assert!(same && got.shape() == want.shape(), "{}: {got} against {want}", op.name);
        }
    }
}

#[test]
fn symbolic_sizes_change_no_value() {
    for op in ops::all() {
        for case in (op.cases)().iter().filter(|case| !case.sizes.is_empty()) {
            let mut fixed = case.clone();
            let known = |dim: &Dim| {
                let size = |v: &ferrodyne_plan::Var| {
                    case.sizes.iter().find(|(n, _)| **n == **v.name()).map(|s| s.1)
                };
                dim.eval(&size).map(Dim::constant).unwrap()
            };
            for operand in &mut fixed.operands {
                operand.ty.dims = operand.ty.dims.iter().map(known).collect();
            }
            for (name, attr) in case.attrs.iter() {
                if let crate::graph::Attr::Dims(sizes) = attr {
                    let sizes: Vec<Dim> = sizes.iter().map(known).collect();
                    fixed.attrs = fixed.attrs.clone().dims(name, &sizes);
                }
            }
            fixed.sizes.clear();
            let (open, closed) = (value(op.name, case), value(op.name, &fixed));
            assert_eq!(open.shape(), closed.shape(), "{}", op.name);
            let same = open
                .iter()
                .zip(&closed)
                .all(|(a, b)| (a - b).abs() < 1e-6 || (a.is_nan() && b.is_nan()));
            assert!(same, "{}: {open} against {closed}", op.name);
        }
    }
}
