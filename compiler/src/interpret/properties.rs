//! Laws that hold for all shapes and attributes.

use ferrodyne_plan::{DType, Dim};
use ndarray::{ArrayD, IxDyn};
use proptest::prelude::*;

use super::tests::{dims, f32s, flat, run, typed};
use crate::graph::Attrs;

/// Numbers without a pattern, told apart by a seed.
fn fill(shape: &[usize], seed: u32) -> ArrayD<f64> {
    let mut state = u64::from(seed).wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    ArrayD::from_shape_simple_fn(IxDyn(shape), || {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 40) as f64 / (1u64 << 23) as f64 - 1.0
    })
}

/// The shape that numpy gives two operands, if it gives one.
fn numpy(x: &[usize], y: &[usize]) -> Option<Vec<usize>> {
    let rank = x.len().max(y.len());
    let at =
        |dims: &[usize], k: usize| (k + dims.len()).checked_sub(rank).map_or(1, |own| dims[own]);
    (0..rank)
        .map(|k| match (at(x, k), at(y, k)) {
            (a, b) if a == b || b == 1 => Some(a),
            (1, b) => Some(b),
            _ => None,
        })
        .collect()
}

fn shape() -> impl Strategy<Value = Vec<usize>> {
    proptest::collection::vec(prop_oneof![Just(1), 0usize..4], 0..4)
}

/// The geometry of a convolution of one axis: taps, stride, dilation, low pad, high pad, size.
fn geometry() -> impl Strategy<Value = (usize, i64, i64, i64, i64, usize)> {
    (1usize..4, 1i64..4, 1i64..3, 0i64..3, 0i64..3, 1usize..6).prop_map(
        |(taps, stride, dilation, low, high, more)| {
            let span = (taps - 1) * dilation as usize + 1;
            (taps, stride, dilation, low, high, span + more)
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn operands_broadcast_exactly_as_in_numpy(x in shape(), y in shape()) {
        let got = run("add", &[f32s(fill(&x, 1)), f32s(fill(&y, 2))], Attrs::new());
        match numpy(&x, &y) {
            Some(want) => prop_assert_eq!(got.unwrap().shape().to_vec(), want),
            None => prop_assert!(got.unwrap_err().contains("must be equal or 1")),
        }
    }

    #[test]
    fn matmul_has_numpys_shape(x in shape(), y in shape(), inner in 0usize..4) {
        let (mut left, mut right) = (x.clone(), y.clone());
        left.push(inner);
        let place = right.len().saturating_sub(1);
        right.insert(place, inner);
        let got = run("matmul", &[f32s(fill(&left, 1)), f32s(fill(&right, 2))], Attrs::new());
        let rows = left.len().saturating_sub(2);
        let columns = right.len().saturating_sub(2);
        match numpy(&left[..rows], &right[..columns]) {
            Some(mut want) => {
                want.extend(left[rows..left.len() - 1].iter());
                if right.len() > 1 {
                    want.push(right[right.len() - 1]);
                }
                prop_assert_eq!(got.unwrap().shape().to_vec(), want);
            }
            None => prop_assert!(got.is_err()),
        }
    }

    #[test]
    fn a_slice_of_a_flip_is_a_flip_of_a_slice(size in 1usize..9, from in 0usize..9, length in 0usize..9) {
        let from = from.min(size);
        let to = (from + length).min(size);
        let cut = |a: usize, b: usize| {
            let (a, b) = (dims(&[a as i64]), dims(&[b as i64]));
            Attrs::new().dims("starts", &a).dims("ends", &b).ints("steps", &[1])
        };
        let flip = || Attrs::new().ints("axes", &[0]);
        let x = f32s(fill(&[size], 3));
        let first = run("flip", std::slice::from_ref(&x), flip()).unwrap();
        let first = run("slice", &[f32s(first)], cut(size - to, size - from)).unwrap();
        let second = run("slice", &[x], cut(from, to)).unwrap();
        prop_assert_eq!(first, run("flip", &[f32s(second)], flip()).unwrap());
    }

    #[test]
    fn sorting_agrees_with_the_standard_library(values in proptest::collection::vec(-3i32..4, 1..12)) {
        let numbers: Vec<f64> = values.iter().map(|&v| f64::from(v)).collect();
        let mut want: Vec<usize> = (0..numbers.len()).collect();
        want.sort_by_key(|&k| values[k]);
        let got = flat("argsort", &[typed(DType::F32, &numbers)], Attrs::new());
        prop_assert_eq!(got, want.iter().map(|&k| k as f64).collect::<Vec<_>>());
        want.sort_by_key(|&k| -values[k]);
        let sorted = flat("sort", &[typed(DType::I32, &numbers)], Attrs::new().bool("descending", true));
        prop_assert_eq!(sorted, want.iter().map(|&k| numbers[k]).collect::<Vec<_>>());
    }

    /// The sum of `conv(x, w) * y` is the sum of `x * conv_transpose(y, w)`.
    #[test]
    fn transposed_convolution_is_the_adjoint(
        (taps, stride, dilation, low, high, size) in geometry(),
        groups in 1usize..3,
    ) {
        let (x, w) = (fill(&[2, 2 * groups, size], 1), fill(&[3 * groups, 2, taps], 2));
        let common = || {
            Attrs::new().ints("strides", &[stride]).ints("dilations", &[dilation])
                .ints("pads", &[low, high]).int("groups", groups as i64)
        };
        let forward = run("conv", &[f32s(x.clone()), f32s(w.clone())], common().str("layout", "nchw")).unwrap();
        let y = fill(forward.shape(), 3);
        let span = (taps as i64 - 1) * dilation + 1;
        let unseen = (size as i64 + low + high - span) % stride;
        let back = run("conv_transpose", &[f32s(y.clone()), f32s(w)], common().ints("output_pads", &[unseen])).unwrap();
        prop_assert_eq!(back.shape(), x.shape());
        let (left, right) = ((&forward * &y).sum(), (&back * &x).sum());
        prop_assert!((left - right).abs() < 1e-9, "{} {}", left, right);
    }

    /// Convolution is a product of the weight with unfolded data.
    #[test]
    fn convolution_is_a_product_with_unfolded_data(
        (taps, stride, dilation, low, high, size) in geometry(),
    ) {
        let (x, w) = (fill(&[2, 3, size], 1), fill(&[4, 3, taps], 2));
        let common = || Attrs::new().ints("strides", &[stride]).ints("dilations", &[dilation]).ints("pads", &[low, high]);
        let direct = run("conv_bias", &[f32s(x.clone()), f32s(w.clone())], common()).unwrap();
        let columns = run("unfold", &[f32s(x)], common().ints("sizes", &[taps as i64])).unwrap();
        let rows = w.into_shape_with_order(IxDyn(&[4, 3 * taps])).unwrap();
        let product = run("matmul", &[f32s(rows), f32s(columns)], Attrs::new()).unwrap();
        prop_assert!((&direct - &product).iter().all(|d| d.abs() < 1e-9));
    }

    #[test]
    fn average_pooling_is_its_definition(
        (taps, stride, dilation, low, high, size) in geometry(),
        ceil: bool,
        include: bool,
    ) {
        let (low, high) = (low.min(taps as i64 - 1), high.min(taps as i64 - 1));
        let x = fill(&[1, 1, size], 1);
        let attrs = Attrs::new().ints("sizes", &[taps as i64]).ints("strides", &[stride]).ints("dilations", &[dilation]);
        let attrs = attrs.ints("pads", &[low, high]).bool("ceil_mode", ceil).bool("count_include_pad", include);
        let got = run("avg_pool", &[f32s(x.clone())], attrs).unwrap();
        let (size, span) = (size as i64, (taps as i64 - 1) * dilation + 1);
        let mut want = Vec::new();
        for start in (0..).map(|k| k * stride - low) {
            let end = start + span;
            let fits = end <= size + high;
            if !(fits || ceil && start < size && end < size + high + stride) {
                break;
            }
            let places = (0..taps as i64).map(|k| start + k * dilation);
            let inside: Vec<i64> = places.clone().filter(|p| (0..size).contains(p)).collect();
            let counted = if include { places.filter(|p| (-low..size + high).contains(p)).count() } else { inside.len() };
            want.push(inside.iter().map(|&p| x[[0, 0, p as usize]]).sum::<f64>() / counted as f64);
        }
        prop_assert_eq!(got.len(), want.len());
        prop_assert!(got.iter().zip(&want).all(|(a, b)| (a - b).abs() < 1e-9 || (a.is_nan() && b.is_nan())));
    }

    #[test]
    fn tiles_repeat(shape in proptest::collection::vec(1usize..4, 1..3), times in 1i64..4) {
        let repeats = vec![Dim::constant(times); shape.len()];
        let x = fill(&shape, 5);
        let got = run("tile", &[f32s(x.clone())], Attrs::new().dims("repeats", &repeats)).unwrap();
        for (ix, value) in got.indexed_iter() {
            let from: Vec<usize> = (0..shape.len()).map(|k| ix[k] % shape[k]).collect();
            prop_assert_eq!(*value, x[IxDyn(&from)]);
        }
    }
}
