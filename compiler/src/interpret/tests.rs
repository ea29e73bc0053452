//! Primitives against expectations worked out by hand, and whole graphs.

use ferrodyne_plan::{DType, Dim, Range};
use ndarray::{ArrayD, IxDyn, array};

use super::{InterpretError, Sizes, interpret};
use crate::graph::{Attrs, Builder, InputRole, TensorType};
use crate::ops::Table;

pub(super) fn dims(sizes: &[i64]) -> Vec<Dim> {
    sizes.iter().map(|&d| Dim::constant(d)).collect()
}

/// The value of an operator applied to operands of the given types.
pub(super) fn run(
    op: &str,
    operands: &[(DType, ArrayD<f64>)],
    attrs: Attrs,
) -> Result<ArrayD<f64>, String> {
    let mut b = Builder::new("f", &Table);
    let ids: Vec<_> = operands
        .iter()
        .enumerate()
        .map(|(k, (dtype, value))| {
            let ty = TensorType::new(*dtype, value.shape().iter().copied());
            b.input(format!("x{k}"), InputRole::Argument, ty)
        })
        .collect();
    let y = b.add(op, &ids, attrs).map_err(|e| e.to_string())?;
    b.output("y", y);
    let values: Vec<_> = operands.iter().map(|(_, value)| value.clone()).collect();
    let graph = b.finish();
    let result = interpret(&graph, &values, &Sizes::new()).map_err(|e| e.to_string())?;
    Ok(result.into_iter().next().unwrap())
}

pub(super) fn f32s(value: impl Into<ArrayD<f64>>) -> (DType, ArrayD<f64>) {
    (DType::F32, value.into())
}

pub(super) fn typed(dtype: DType, values: &[f64]) -> (DType, ArrayD<f64>) {
    (dtype, ArrayD::from_shape_vec(IxDyn(&[values.len()]), values.to_vec()).unwrap())
}

pub(super) fn flat(op: &str, operands: &[(DType, ArrayD<f64>)], attrs: Attrs) -> Vec<f64> {
    run(op, operands, attrs).unwrap().into_iter().collect()
}

#[test]
fn arithmetic_broadcasts() {
    let x = f32s(array![[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]].into_dyn());
    let y = f32s(array![[10.0], [20.0]].into_dyn());
    let sum = run("add", &[x, y], Attrs::new()).unwrap();
    assert_eq!(sum, array![[11.0, 12.0, 13.0], [24.0, 25.0, 26.0]].into_dyn());
}

#[test]
fn integers_wrap_and_divide_as_devices_do() {
    let none = Attrs::new;
    let (i, u) = (DType::I32, DType::U32);
    let of = |op, d, x: &[f64], y: &[f64]| flat(op, &[typed(d, x), typed(d, y)], none());
    assert_eq!(of("add", i, &[2147483647.0], &[1.0]), [-2147483648.0]);
    assert_eq!(of("mul", u, &[4294967295.0], &[4294967295.0]), [1.0]);
    assert_eq!(of("mul", DType::I8, &[100.0], &[3.0]), [44.0]);
    assert_eq!(of("div", i, &[-7.0, 7.0, 5.0], &[2.0, -2.0, 0.0]), [-3.0, -3.0, 5.0]);
    assert_eq!(of("rem", i, &[-7.0, 7.0, 5.0], &[2.0, -2.0, 0.0]), [-1.0, 1.0, 0.0]);
    assert_eq!(of("shl", u, &[1.0, 1.0], &[31.0, 33.0]), [2147483648.0, 2.0]);
    assert_eq!(of("shr", i, &[-8.0], &[1.0]), [-4.0]);
    assert_eq!(of("and", u, &[12.0], &[10.0]), [8.0]);
    assert_eq!(flat("not", &[typed(i, &[0.0, 5.0])], none()), [-1.0, -6.0]);
    assert_eq!(flat("not", &[typed(DType::Bool, &[0.0, 1.0])], none()), [1.0, 0.0]);
}

#[test]
fn extremes_keep_nan_and_comparisons_are_false_with_it() {
    let x = || typed(DType::F32, &[f64::NAN, 1.0, 2.0]);
    let y = || typed(DType::F32, &[1.0, f64::NAN, 3.0]);
    let max = flat("max", &[x(), y()], Attrs::new());
    assert!(max[0].is_nan() && max[1].is_nan() && max[2] == 3.0);
    assert_eq!(flat("lt", &[x(), y()], Attrs::new()), [0.0, 0.0, 1.0]);
    assert_eq!(flat("ne", &[x(), x()], Attrs::new()), [1.0, 0.0, 0.0]);
    let over = Attrs::new().ints("axes", &[0]);
    assert!(flat("amax", &[x()], over)[0].is_nan());
    let axis = Attrs::new().int("axis", 0);
    assert_eq!(flat("argmax", &[y()], axis), [1.0]);
}

#[test]
fn casts_truncate_saturate_and_wrap() {
    let x = || typed(DType::F32, &[2.9, -2.9, 300.0, -1.0, f64::NAN, 3e9]);
    let to = |dtype| flat("cast", &[x()], Attrs::new().dtype("dtype", dtype));
    assert_eq!(to(DType::I32), [2.0, -2.0, 300.0, -1.0, 0.0, 2147483647.0]);
    assert_eq!(to(DType::U32), [2.0, 0.0, 300.0, 0.0, 0.0, 3e9]);
    assert_eq!(to(DType::U8), [2.0, 254.0, 44.0, 255.0, 0.0, 255.0]);
    assert_eq!(to(DType::Bool), [1.0; 6]);
    let third = typed(DType::F32, &[1.0 / 3.0]);
    assert_eq!(flat("cast", &[third], Attrs::new().dtype("dtype", DType::BF16)), [0.333984375]);
    let one = typed(DType::F32, &[1.0]);
    assert_eq!(flat("bitcast", &[one], Attrs::new().dtype("dtype", DType::U32)), [1065353216.0]);
}

#[test]
fn views_fetch_the_elements_they_name() {
    let x = || f32s(array![[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]].into_dyn());
    let reshape = Attrs::new().dims("dims", &dims(&[3, 2]));
    assert_eq!(
        run("reshape", &[x()], reshape).unwrap(),
        array![[1., 2.], [3., 4.], [5., 6.]].into_dyn()
    );
    let permute = Attrs::new().ints("axes", &[1, 0]);
    assert_eq!(
        run("permute", &[x()], permute).unwrap(),
        array![[1., 4.], [2., 5.], [3., 6.]].into_dyn()
    );
    let slice = Attrs::new().dims("starts", &dims(&[1, 0])).dims("ends", &dims(&[2, 3]));
    assert_eq!(
        run("slice", &[x()], slice.ints("steps", &[1, 2])).unwrap(),
        array![[4., 6.]].into_dyn()
    );
    let flip = Attrs::new().ints("axes", &[1]);
    assert_eq!(run("flip", &[x()], flip).unwrap(), array![[3., 2., 1.], [6., 5., 4.]].into_dyn());
    let pad = Attrs::new().dims("low", &dims(&[0, 1])).dims("high", &dims(&[0, -2]));
    assert_eq!(
        run("pad", &[x()], pad.float("value", 9.0)).unwrap(),
        array![[9., 1.], [9., 4.]].into_dyn()
    );
    let window = Attrs::new().ints("axes", &[1]).dims("sizes", &dims(&[2]));
    let window = window.ints("strides", &[1]).ints("dilations", &[1]);
    let want = array![[[1., 2.], [2., 3.]], [[4., 5.], [5., 6.]]].into_dyn();
    assert_eq!(run("window", &[x()], window).unwrap(), want);
}

#[test]
fn indices_pick_join_and_scatter() {
    let x = || f32s(array![[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]].into_dyn());
    let at = |values: ArrayD<f64>| (DType::I64, values);
    let axis = |k| Attrs::new().int("axis", k);
    let got = run("gather", &[x(), at(array![[2.0, -3.0]].into_dyn())], axis(0)).unwrap();
    assert_eq!(got, array![[[5., 6.], [1., 2.]]].into_dyn());
    let got = run("take_along", &[x(), at(array![[1.0, 2.0]].into_dyn())], axis(0)).unwrap();
    assert_eq!(got, array![[3., 6.]].into_dyn());
    let updates = f32s(array![[10.0, 20.0], [30.0, 40.0]].into_dyn());
    let index = at(array![[0.0, 2.0], [0.0, -1.0]].into_dyn());
    let got = run("scatter", &[x(), index, updates], axis(0).str("mode", "add")).unwrap();
    assert_eq!(got, array![[41., 2.], [3., 4.], [5., 66.]].into_dyn());
    let got = run("concat", &[x(), x()], axis(1)).unwrap();
    assert_eq!(got.shape(), [3, 4]);
    let told = run("gather", &[x(), at(array![3.0].into_dyn())], axis(0)).unwrap_err();
    assert_eq!(told, "gather: index 3 is out of range for an axis of size 3 (unknown place)");
}

#[test]
fn reductions_over_nothing_give_the_unit() {
    let x = || (DType::F32, ArrayD::zeros(IxDyn(&[2, 0])));
    let over = || Attrs::new().ints("axes", &[1]);
    assert_eq!(flat("sum", &[x()], over()), [0.0, 0.0]);
    assert_eq!(flat("prod", &[x()], over()), [1.0, 1.0]);
    assert_eq!(flat("amax", &[x()], over()), [f64::NEG_INFINITY; 2]);
    let x = (DType::I32, ArrayD::zeros(IxDyn(&[0])));
    assert_eq!(flat("amin", &[x], Attrs::new().ints("axes", &[0])), [2147483647.0]);
}

/// Convolution by its definition, an output element at a time.
fn conv_by_definition(
    x: &ArrayD<f64>,
    w: &ArrayD<f64>,
    stride: usize,
    pad: usize,
    groups: usize,
) -> ArrayD<f64> {
    let (xs, ws) = (x.shape().to_vec(), w.shape().to_vec());
    let out = |size: usize, tap: usize| (size + 2 * pad - tap) / stride + 1;
    let shape = [xs[0], ws[0], out(xs[2], ws[2]), out(xs[3], ws[3])];
    ArrayD::from_shape_fn(IxDyn(&shape), |ix| {
        let mut sum = 0.0;
        for c in 0..ws[1] {
            for i in 0..ws[2] {
                for j in 0..ws[3] {
                    let (y, u) = (ix[2] * stride + i, ix[3] * stride + j);
                    if y >= pad && u >= pad && y - pad < xs[2] && u - pad < xs[3] {
                        let channel = ix[1] / (ws[0] / groups) * ws[1] + c;
                        sum += x[[ix[0], channel, y - pad, u - pad]] * w[[ix[1], c, i, j]];
                    }
                }
            }
        }
        sum
    })
}

#[test]
fn convolution_is_its_definition_in_both_layouts() {
    let fill = |shape: &[usize], seed: f64| {
        let mut k = seed;
        ArrayD::from_shape_simple_fn(IxDyn(shape), || {
            k = (k * 7.3 + 1.7) % 4.0;
            k - 2.0
        })
    };
    for groups in [1, 2] {
        let (x, w) = (fill(&[2, 4, 5, 6], 0.3), fill(&[6, 4 / groups, 3, 3], 0.9));
        let want = conv_by_definition(&x, &w, 2, 1, groups);
        let attrs = |layout: &str| {
            let window = Attrs::new().ints("strides", &[2, 2]).ints("pads", &[1; 4]);
            window.ints("dilations", &[1, 1]).int("groups", groups as i64).str("layout", layout)
        };
        let close = |got: &ArrayD<f64>| (got - &want).iter().all(|d| d.abs() < 1e-12);
        assert!(close(&run("conv", &[f32s(x.clone()), f32s(w.clone())], attrs("nchw")).unwrap()));
        let last = |a: &ArrayD<f64>, order: [usize; 4]| {
            a.view().permuted_axes(IxDyn(&order)).as_standard_layout().into_owned()
        };
        let (x, w) = (last(&x, [0, 2, 3, 1]), last(&w, [2, 3, 1, 0]));
        let got = run("conv", &[f32s(x), f32s(w)], attrs("nhwc")).unwrap();
        assert!(close(&last(&got, [0, 3, 1, 2])));
    }
}

#[test]
fn symbols_are_bound_by_the_inputs() {
    let mut b = Builder::new("f", &Table);
    let n = b.symbol("n", Range::at_least(1), None);
    let x = b.input("x", InputRole::Argument, TensorType::new(DType::F32, [n.clone(), 2.into()]));
    let y = b.add("reshape", &[x], Attrs::new().dims("dims", &[&n * 2])).unwrap();
    b.output("y", y);
    let graph = b.finish();
    let got = interpret(&graph, &[ArrayD::ones(IxDyn(&[3, 2]))], &Sizes::new()).unwrap();
    assert_eq!(got[0].shape(), [6]);
    let told = interpret(&graph, &[ArrayD::ones(IxDyn(&[3, 3]))], &Sizes::new()).unwrap_err();
    assert_eq!(
        told.to_string(),
        "input `x` is declared f32[n, 2] but has shape [3, 3]: 2 is 2, not 3"
    );
    let told = interpret(&graph, &[], &Sizes::new()).unwrap_err();
    assert!(matches!(told, InterpretError::InputCount { want: 1, got: 0, .. }));
}

#[test]
fn every_example_of_every_operator_has_a_value_of_its_type() {
    for op in crate::ops::all() {
        for (k, case) in (op.cases)().iter().enumerate() {
            let graph = case.graph(op.name).unwrap();
            let sizes: Sizes = case.sizes.iter().map(|(n, v)| ((*n).into(), *v)).collect();
            let got = interpret(&graph, &case.inputs(1), &sizes);
            let got = got.unwrap_or_else(|e| panic!("{} example {k}: {e}", op.name));
            let want: Vec<usize> = graph
                .ty(graph.outputs[0].node)
                .dims
                .iter()
                .map(|d| super::size_of(d, &sizes).unwrap() as usize)
                .collect();
            assert_eq!(got[0].shape(), want, "{} example {k}", op.name);
        }
    }
}

#[test]
fn padding_that_leaves_nothing_is_all_fill() {
    let x = || f32s(array![1., 2., 3.].into_dyn());
    let by = |low: i64, high: i64| {
        Attrs::new().dims("low", &dims(&[low])).dims("high", &dims(&[high])).float("value", 7.0)
    };
    assert_eq!(flat("pad", &[x()], by(-3, 2)), [7., 7.]);
    assert_eq!(flat("pad", &[x()], by(2, -4)), [7.]);
    assert_eq!(flat("pad", &[x()], by(-1, -2)), [0.0; 0]);
    assert_eq!(flat("pad", &[x()], by(-5, 4)), [7., 7.]);
}
