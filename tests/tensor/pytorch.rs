//! Meanings that are PyTorch's, with the values that it gives.

use ferrodyne::Result;
use ferrodyne::prelude::*;

use super::{close, devices, sample};

/// The message of the fault that a call ends with.
#[track_caller]
fn fault<T>(result: Result<T>) -> String {
    result.err().map(|error| error.to_string()).expect("the call must fail")
}

#[test]
fn powers_of_integers_are_integers() {
    for device in devices() {
        let x = Tensor::from_vec(vec![2i64, 3, -1, 1, 0, -2], [6], &device);
        assert_eq!(x.pow(3).to_vec::<i64>().unwrap(), [8, 27, -1, 1, 0, -8]);
        assert_eq!(x.pow(0).to_vec::<i64>().unwrap(), [1; 6]);
        let y = Tensor::from_vec(vec![-1i64, -2, -3, -1, -1, 31], [6], &device);
        assert_eq!(x.pow(&y).to_vec::<i64>().unwrap(), [0, 0, -1, 1, 0, i64::from(i32::MIN)]);
        let bytes = Tensor::from_vec(vec![2u8, 3, 5], [3], &device);
        assert_eq!(bytes.pow(&bytes).to_vec::<u8>().unwrap(), [4, 27, 53]);
        let cube = compile(|x: &Tensor| x.pow(3) + x.pow(2));
        assert_eq!(cube.call(&x).unwrap().to_vec::<i64>().unwrap(), [12, 36, 0, 2, 0, -4]);
        let message = fault(x.try_pow(-2));
        assert!(message.starts_with("pow: `x` is i64[6], and -2 as the exponent"), "{message}");
    }
}

#[test]
fn the_power_of_a_half_is_the_root() {
    for device in devices() {
        let x = Tensor::from_vec(vec![4.0, 0.25, f32::NEG_INFINITY, -4.0], [4], &device);
        for root in [x.pow(0.5), compile(|x: &Tensor| x.pow(0.5)).call(&x).unwrap()] {
            let root = root.to_vec::<f32>().unwrap();
            assert_eq!(root[..2], [2.0, 0.5]);
            assert!(root[2].is_nan() && root[3].is_nan());
        }
        close(&x.narrow(0, 0, 2).pow(-0.5), &[0.5, 2.0], "the inverse root");
    }
}

#[test]
fn small_integers_and_truth_values_are_summed_in_i64() {
    for device in devices() {
        let bytes = Tensor::from_vec(vec![200u8, 100, 3, 2], [2, 2], &device);
        assert_eq!(bytes.sum().item::<i64>().unwrap(), 305);
        assert_eq!(bytes.prod_dim(1, false).to_vec::<i64>().unwrap(), [20000, 6]);
        assert_eq!(bytes.cumsum(1).to_vec::<i64>().unwrap(), [200, 300, 3, 5]);
        let signed = Tensor::from_vec(vec![-100i8, -100], [2], &device);
        assert_eq!(signed.cumprod(0).to_vec::<i64>().unwrap(), [-100, 10000]);
        let truths = Tensor::from_vec(vec![true, false, true], [3], &device);
        assert_eq!(truths.sum().item::<i64>().unwrap(), 2);
        assert_eq!(truths.cumsum(0).to_vec::<i64>().unwrap(), [1, 1, 2]);
        assert_eq!(Tensor::from_vec(vec![1i32, 2], [2], &device).sum().dtype(), DType::I32);
    }
}

#[test]
fn truth_values_have_extremes_and_numbers_have_any() {
    for device in devices() {
        let truths = Tensor::from_vec(vec![true, false, false, false], [2, 2], &device);
        assert_eq!(truths.amax(1, false).to_vec::<bool>().unwrap(), [true, false]);
        let (values, indices) = truths.min(1);
        assert_eq!(values.to_vec::<bool>().unwrap(), [false, false]);
        assert_eq!(indices.to_vec::<i64>().unwrap(), [1, 0]);
        let x = Tensor::from_vec(vec![0.0, f32::NAN, 0.0, -0.0], [2, 2], &device);
        assert_eq!(x.any_dim(1, false).to_vec::<bool>().unwrap(), [true, false]);
        assert!(!x.all().item::<bool>().unwrap());
    }
}

#[test]
fn one_sample_needs_no_batch() {
    for device in devices() {
        let (x, w) = (sample(&[2, 5, 6], &device), sample(&[4, 2, 3, 3], &device));
        let bias = sample(&[4], &device);
        let whole = x.unsqueeze(0).conv2d(&w, Some(&bias), 2, 1, 1, 1);
        let single = x.conv2d(&w, Some(&bias), 2, 1, 1, 1);
        assert_eq!(single.shape(), [4, 3, 3]);
        close(&single, &whole.to_vec::<f32>().unwrap(), "conv2d");
        let row = sample(&[2, 9], &device);
        assert_eq!(row.conv1d(&sample(&[4, 2, 3], &device), None, 1, 0, 1, 1).shape(), [4, 7]);
        let up = row.conv_transpose1d(&sample(&[2, 4, 3], &device), None, 2, 0, 0, 1, 1);
        assert_eq!(up.shape(), [4, 19]);
        let conv = Conv2d::new(2, 3, 3, &device);
        assert_eq!(compile(conv).call(&x).unwrap().shape(), [3, 3, 4]);
        assert_eq!(x.max_pool2d(2, 2, 0, 1).shape(), [2, 2, 3]);
        let message =
            fault(row.try_conv_transpose1d(&sample(&[2, 4, 3], &device), None, 1, 0, 1, 1, 1));
        assert!(
            message.starts_with("conv_transpose1d: the output padding [1] must be"),
            "{message}"
        );
        let message = fault(x.try_max_pool2d(2, 1, 2, 1));
        assert!(
            message.starts_with("max_pool2d: the padding [2, 2] must be at most half"),
            "{message}"
        );
    }
}

#[test]
fn layers_take_what_pytorchs_take() {
    for device in devices() {
        let attention = MultiheadAttention::new(4, 2, &device);
        let (query, key) = (sample(&[3, 4], &device), sample(&[5, 4], &device));
        let single = attention.forward(&query, &key, &key, None);
        let (query, key) = (query.unsqueeze(0), key.unsqueeze(0));
        let batch = attention.forward(&query, &key, &key, None);
        assert_eq!((single.shape(), batch.shape()), ([3, 4].into(), [1, 3, 4].into()));
        close(&single, &batch.to_vec::<f32>().unwrap(), "attention");
        let norm = compile(BatchNorm2d::new(2, &device));
        let message = fault(norm.call(&sample(&[2, 3, 3], &device)));
        assert!(message.starts_with("BatchNorm2d: `x` is f32[2, 3, 3], but must be"), "{message}");
        let tree = attention.to_string();
        assert_eq!(
            tree,
            "MultiheadAttention(\n  embed_dim=4, num_heads=2\n  (out_proj): Linear(in_features=4, out_features=4, bias=True)\n)"
        );
    }
}

#[test]
fn a_tensor_of_rank_0_has_axis_0_and_the_last() {
    for device in devices() {
        let x = Tensor::scalar(3.0f32, &device);
        for axis in [0, -1] {
            assert_eq!(x.softmax(axis).item::<f32>().unwrap(), 1.0);
            assert_eq!(x.log_softmax(axis).shape(), Shape::from(()));
            assert_eq!(x.sum_dim(axis, true).item::<f32>().unwrap(), 3.0);
            assert_eq!(x.cumsum(axis).shape(), Shape::from(()));
            assert_eq!(x.argmax(axis, false).item::<i64>().unwrap(), 0);
            assert_eq!(x.max(axis).0.item::<f32>().unwrap(), 3.0);
            assert_eq!(x.sort(axis, false).0.item::<f32>().unwrap(), 3.0);
            assert_eq!(x.topk(1, axis, true).1.item::<i64>().unwrap(), 0);
            assert_eq!(x.squeeze(axis).shape(), Shape::from(()));
            let index = Tensor::scalar(0i64, &device);
            assert_eq!(x.gather(axis, &index).item::<f32>().unwrap(), 3.0);
            assert_eq!(x.scatter_add(axis, &index, &x).item::<f32>().unwrap(), 6.0);
        }
        let message = fault(x.try_softmax(1));
        assert!(
            message.starts_with("softmax: axis 1 is out of range for a tensor of rank 0"),
            "{message}"
        );
    }
}

#[test]
fn an_index_may_be_smaller_than_what_it_picks_from() {
    for device in devices() {
        let x = sample(&[5, 3], &device);
        let index = Tensor::from_vec(vec![0i64, 4, 3, 1], [2, 2], &device);
        assert_eq!(x.gather(0, &index).shape(), [2, 2]);
        let ones = Tensor::ones([4, 3], &device);
        let zeros = Tensor::zeros([5, 3], &device);
        let want = [1., 0., 0., 0., 1., 0., 0., 0., 0., 1., 0., 0., 0., 1., 0.];
        close(&zeros.scatter(0, &index, &ones), &want, "scatter");
        close(&zeros.scatter_add(0, &index, &ones), &want, "scatter_add");
        let scattered = compile(|x: &Tensor, i: &Tensor, y: &Tensor| x.scatter_add(0, i, y));
        close(&scattered.call((&zeros, &index, &ones)).unwrap(), &want, "compiled");
        assert_eq!(x.index_select(1, &Tensor::scalar(2i64, &device)).shape(), [5, 1]);
    }
}

#[test]
fn tails_and_ends_are_accurate() {
    for device in devices() {
        let x = Tensor::from_vec(
            vec![-9.0, -0.5, 0.0, 1.0, 3.0, 5.0, 9.0, f32::INFINITY],
            [8],
            &device,
        );
        let want = [
            2.0,
            1.520_499_8,
            1.0,
            0.157_299_2,
            2.209_049_7e-5,
            1.537_459_8e-12,
            4.137_031_7e-37,
            0.0,
        ];
        for got in [x.erfc(), compile(|x: &Tensor| x.erfc()).call(&x).unwrap()] {
            for (got, want) in got.to_vec::<f32>().unwrap().iter().zip(want) {
                assert!((got - want).abs() <= 2e-5 * want, "{got} is not {want}");
            }
        }
        let big = Tensor::from_vec(vec![89.0, -89.0], [2], &device);
        let e = 89f64.cosh() as f32;
        for (got, want) in [(big.cosh(), [e, e]), (big.sinh(), [e, -e])] {
            for (got, want) in got.to_vec::<f32>().unwrap().iter().zip(want) {
                assert!((got / want - 1.0).abs() < 2e-5, "{got} is not {want}");
            }
        }
    }
}

#[test]
fn floored_quotients_are_pythons() {
    for device in devices() {
        let x = Tensor::from_vec(vec![7.0, -7.0, 1.0, -1.0, f32::INFINITY], [5], &device);
        let by = Tensor::from_vec(vec![2.0, 2.0, 0.1, f32::INFINITY, 2.0], [5], &device);
        let got = x.floor_div(&by).to_vec::<f32>().unwrap();
        assert_eq!(got[..4], [3.0, -4.0, 9.0, -1.0]);
        assert!(got[4].is_nan());
        assert_eq!(
            x.floor_div(0.0).to_vec::<f32>().unwrap()[..2],
            [f32::INFINITY, f32::NEG_INFINITY]
        );
    }
}

#[test]
fn integers_are_their_own_rounding() {
    for device in devices() {
        let x = Tensor::from_vec(vec![-3i64, 0, 5], [3], &device);
        for y in [x.floor(), x.ceil(), x.round(), x.trunc()] {
            assert_eq!(y.to_vec::<i64>().unwrap(), [-3, 0, 5]);
        }
        assert_eq!(x.isnan().to_vec::<bool>().unwrap(), [false; 3]);
    }
}

#[test]
fn targets_may_be_distributions_and_must_fit() {
    for device in devices() {
        let x = sample(&[2, 3], &device);
        let hot = Tensor::from_vec(vec![0.0, 1.0, 0.0, 1.0, 0.0, 0.0], [2, 3], &device);
        let classes = Tensor::from_vec(vec![1i64, 0], [2], &device);
        let want = x.cross_entropy(&classes).to_vec::<f32>().unwrap();
        close(&x.cross_entropy(&hot), &want, "a distribution");
        let few = Tensor::from_vec(vec![1i64], [1], &device);
        let message = fault(x.try_cross_entropy(&few));
        assert!(
            message.starts_with("cross_entropy: `x` is f32[2, 3] and `y` is i64[1]: the classes"),
            "{message}"
        );
        let message = fault(x.unsqueeze(0).try_bmm(x.t().expand([2, 3, 2])));
        assert!(
            message.starts_with("bmm: [1, 2, 3] and [2, 3, 2] must both have rank 3"),
            "{message}"
        );
    }
}

#[test]
fn faults_name_the_method_that_was_called() {
    let device = Device::cpu();
    let (x, y) = (sample(&[2, 3], &device), sample(&[4], &device));
    let starts = [
        (fault(Tensor::try_cat(&[&x, &y], 0)), "cat: `x` is f32[2, 3] but `y` is f32[4]"),
        (fault(Tensor::try_stack(&[&x, &y], 0)), "stack: "),
        (fault(x.try_conv2d(&x, None, 1, 0, 1, 1)), "conv2d: "),
        (fault(x.try_minimum(&y)), "minimum: `x` is f32[2, 3] but `y` is f32[4]"),
        (fault(x.try_sum_dim(7, false)), "sum_dim: axis 7 is out of range"),
        (fault(x.try_flatten(1, 0)), "flatten: axis 1 lies behind axis 0"),
    ];
    for (message, start) in starts {
        assert!(message.starts_with(start), "{message}");
    }
    let compiled =
        compile(|x: &Tensor, y: &Tensor| x.relu().try_maximum(&y.isnan().to_dtype(DType::F32)));
    let message = fault(compiled.call((&x, &y)).and_then(|result| result));
    let want = "maximum: the result of `relu` is f32[2, 3] but the result of `to_dtype` is f32[4]: 3 and 4 must be equal or 1";
    assert!(message.starts_with(want), "{message}");
    assert!(message.contains("pytorch.rs:"), "{message}");
}

#[test]
fn a_value_that_does_not_fit_names_the_users_line() {
    let message = fault(Tensor::try_from_vec(vec![1i64 << 40], [1], &Device::cpu()));
    assert!(message.starts_with("from_vec: `tensor` holds 1099511627776"), "{message}");
    assert!(message.contains("pytorch.rs:"), "{message}");
}
