//! Arithmetic, elementary functions, comparisons, activations, operators.

use super::{check, close, devices, sample};
use ferrodyne::prelude::*;

type Function = fn(&Tensor) -> Tensor;
type Want = fn(f32) -> f32;

fn each(cases: &[(&str, Function, Want)]) {
    for &(name, f, want) in cases {
        eprintln!("{name}");
        check(&[3, 7], f, move |x| x.iter().map(|&x| want(x)).collect());
    }
}

/// Numbers that powers treat apart, as bases and as exponents.
const SPECIAL: [f32; 14] = [
    0.0,
    -0.0,
    f32::INFINITY,
    f32::NEG_INFINITY,
    f32::NAN,
    1.0,
    -1.0,
    0.5,
    -0.5,
    1.5,
    -1.5,
    -2.0,
    3.0,
    -33.0,
];

#[test]
fn powers_of_zero_and_infinities_are_those_of_c() {
    for device in devices() {
        let x = Tensor::from_vec(SPECIAL.to_vec(), [SPECIAL.len()], &device);
        for y in SPECIAL {
            let same = |got: &Tensor, power: fn(f32, f32) -> f32, how: &str| {
                for (x, got) in SPECIAL.into_iter().zip(got.to_vec::<f32>().unwrap()) {
                    let want = power(x, y);
                    let close = (got - want).abs() <= 1e-4 * want.abs();
                    let same = got == want || got.is_nan() && want.is_nan() || close;
                    assert!(same, "{device}, {how}: {x} to the {y} is {got}, but must be {want}");
                }
            };
            // PyTorch takes the root for a number that says so, and the power of C for a tensor of them.
            let by_number: fn(f32, f32) -> f32 = match y {
                0.5 => |x, _| x.sqrt(),
                -0.5 => |x, _| x.sqrt().recip(),
                _ => f32::powf,
            };
            same(&x.pow(y), by_number, "eager");
            same(&compile(move |x: &Tensor| x.pow(y)).call(&x).unwrap(), by_number, "compiled");
            same(&x.pow(Tensor::full([SPECIAL.len()], y, &device)), f32::powf, "of two tensors");
        }
    }
}

#[test]
fn functions_of_one_number() {
    each(&[
        ("neg", |x| x.neg(), |x| -x),
        ("abs", |x| x.abs(), f32::abs),
        ("sign", |x| x.sign(), |x| if x == 0.0 { 0.0 } else { x.signum() }),
        ("reciprocal", |x| x.reciprocal(), |x| 1.0 / x),
        ("sqrt", |x| x.abs().sqrt(), |x| x.abs().sqrt()),
        ("rsqrt", |x| (x.abs() + 1).rsqrt(), |x| 1.0 / (x.abs() + 1.0).sqrt()),
        ("square", |x| x.square(), |x| x * x),
        ("exp", |x| x.exp(), f32::exp),
        ("exp2", |x| x.exp2(), f32::exp2),
        ("expm1", |x| x.expm1(), f32::exp_m1),
        ("log", |x| (x.abs() + 0.5).log(), |x| (x.abs() + 0.5).ln()),
        ("log2", |x| (x.abs() + 0.5).log2(), |x| (x.abs() + 0.5).log2()),
        ("log10", |x| (x.abs() + 0.5).log10(), |x| (x.abs() + 0.5).log10()),
        ("log1p", |x| x.abs().log1p(), |x| x.abs().ln_1p()),
        ("sin", |x| x.sin(), f32::sin),
        ("cos", |x| x.cos(), f32::cos),
        ("tan", |x| x.tan(), f32::tan),
        ("asin", |x| (x / 4).asin(), |x| (x / 4.0).asin()),
        ("acos", |x| (x / 4).acos(), |x| (x / 4.0).acos()),
        ("atan", |x| x.atan(), f32::atan),
        ("sinh", |x| x.sinh(), f32::sinh),
        ("cosh", |x| x.cosh(), f32::cosh),
        ("tanh", |x| x.tanh(), f32::tanh),
        ("floor", |x| x.floor(), f32::floor),
        ("ceil", |x| x.ceil(), f32::ceil),
        ("round", |x| (x * 2).round(), |x| (x * 2.0).round_ties_even()),
        ("trunc", |x| x.trunc(), f32::trunc),
        ("frac", |x| x.frac(), f32::fract),
        ("clamp", |x| x.clamp(-1, 0.5), |x| x.clamp(-1.0, 0.5)),
        ("pow", |x| x.abs().pow(1.5), |x| x.abs().powf(1.5)),
        ("atan2", |x| x.atan2(0.5), |x| x.atan2(0.5)),
        ("minimum", |x| x.minimum(0.25), |x| x.min(0.25)),
        ("maximum", |x| x.maximum(0.25), |x| x.max(0.25)),
        ("lerp", |x| x.lerp(&x.square(), 0.25), |x| x + 0.25 * (x * x - x)),
        ("floor_div", |x| x.floor_div(0.75), |x| (x / 0.75).floor()),
    ]);
}

#[test]
fn activations() {
    each(&[
        ("relu", |x| x.relu(), |x| x.max(0.0)),
        ("relu6", |x| (x * 4).relu6(), |x| (x * 4.0).clamp(0.0, 6.0)),
        ("leaky_relu", |x| x.leaky_relu(0.1), |x| if x > 0.0 { x } else { 0.1 * x }),
        ("elu", |x| x.elu(1.5), |x| if x > 0.0 { x } else { 1.5 * x.exp_m1() }),
        ("celu", |x| x.celu(1.5), |x| x.max(0.0) + (1.5 * (x / 1.5).exp_m1()).min(0.0)),
        ("selu", |x| x.selu(), |x| 1.050_701 * if x > 0.0 { x } else { 1.673_263_2 * x.exp_m1() }),
        ("sigmoid", |x| x.sigmoid(), |x| 1.0 / (1.0 + (-x).exp())),
        ("silu", |x| x.silu(), |x| x / (1.0 + (-x).exp())),
        ("mish", |x| x.mish(), |x| x * x.exp().ln_1p().tanh()),
        ("hardsigmoid", |x| x.hardsigmoid(), |x| (x / 6.0 + 0.5).clamp(0.0, 1.0)),
        ("hardswish", |x| x.hardswish(), |x| x * (x / 6.0 + 0.5).clamp(0.0, 1.0)),
        ("hardtanh", |x| x.hardtanh(-1.0, 1.0), |x| x.clamp(-1.0, 1.0)),
        ("softplus", |x| x.softplus(), |x| x.exp().ln_1p()),
        ("softsign", |x| x.softsign(), |x| x / (1.0 + x.abs())),
        (
            "gelu",
            |x| x.gelu("tanh"),
            |x| 0.5 * x * (1.0 + (0.797_884_6 * (x + 0.044715 * x * x * x)).tanh()),
        ),
    ]);
}

#[test]
fn operators_take_tensors_and_numbers_on_both_sides() {
    each(&[
        ("x + 1", |x| x + 1, |x| x + 1.0),
        ("1 - x", |x| 1 - x, |x| 1.0 - x),
        ("2.0 * &x", |x| 2.0 * x, |x| 2.0 * x),
        ("x / 2f32", |x| x / 2f32, |x| x / 2.0),
        ("1 / x", |x| 1i64 / x, |x| 1.0 / x),
        ("x % 0.3", |x| x % 0.3, |x| x % 0.3),
        ("-x", |x| -x, |x| -x),
        ("x * x + x", |x| x * x + x, |x| x * x + x),
        ("owned", |x| x.clone() - x.clone() * 3, |x| x - x * 3.0),
    ]);
}

#[test]
fn comparisons_and_choice() {
    each(&[
        ("gt", |x| x.gt(0.5).to_dtype(DType::F32), |x| f32::from(u8::from(x > 0.5))),
        ("le", |x| x.le(0.5).to_dtype(DType::F32), |x| f32::from(u8::from(x <= 0.5))),
        ("where", |x| x.lt(0).where_(&-x, 7), |x| if x < 0.0 { -x } else { 7.0 }),
        ("masked_fill", |x| x.masked_fill(&x.ge(0), -1), |x| if x >= 0.0 { -1.0 } else { x }),
        (
            "logic",
            |x| (x.gt(-1) & !x.gt(1)).logical_xor(&x.eq(0)).to_dtype(DType::F32),
            |x| f32::from(u8::from(((x > -1.0) && (x <= 1.0)) != (x == 0.0))),
        ),
    ]);
}

#[test]
fn special_values_are_told_apart() {
    for device in devices() {
        let x =
            Tensor::from_vec(vec![f32::NAN, f32::INFINITY, 1.0, f32::NEG_INFINITY], [4], &device);
        assert_eq!(x.isnan().to_vec::<bool>().unwrap(), [true, false, false, false]);
        assert_eq!(x.isinf().to_vec::<bool>().unwrap(), [false, true, false, true]);
        assert_eq!(x.isfinite().to_vec::<bool>().unwrap(), [false, false, true, false]);
    }
}

#[test]
fn integers_divide_and_shift() {
    for device in devices() {
        let x = Tensor::from_vec(vec![7, -7, 6, -6], [4], &device);
        assert_eq!((&x / 2).to_vec::<i32>().unwrap(), [3, -3, 3, -3]);
        assert_eq!(x.floor_div(2).to_vec::<i32>().unwrap(), [3, -4, 3, -3]);
        assert_eq!((&x % 4).to_vec::<i32>().unwrap(), [3, -3, 2, -2]);
        assert_eq!(x.bitwise_and(3).to_vec::<i32>().unwrap(), [3, 1, 2, 2]);
        assert_eq!(x.bitwise_left_shift(1).to_vec::<i32>().unwrap(), [14, -14, 12, -12]);
        assert_eq!(x.bitwise_right_shift(1).to_vec::<i32>().unwrap(), [3, -4, 3, -3]);
    }
}

#[test]
fn operands_broadcast() {
    for device in devices() {
        let (x, y) = (sample(&[2, 1, 3], &device), sample(&[4, 1], &device));
        let (a, b) = (x.to_vec::<f32>().unwrap(), y.to_vec::<f32>().unwrap());
        let mut want = Vec::new();
        for i in 0..2 {
            for v in &b {
                want.extend(a[3 * i..3 * i + 3].iter().map(|u| u + v));
            }
        }
        let sum = &x + &y;
        assert_eq!(sum.shape(), [2, 4, 3]);
        close(&sum, &want, "eager");
    }
}

#[test]
fn short_rows_broadcast_beside_many() {
    for device in devices() {
        for (n, k, c) in [(9, 3, 2), (9, 2, 2), (40, 1, 3), (7, 3, 2), (9, 40, 2)] {
            let (x, y) = (sample(&[n, 1, c], &device), sample(&[1, k, c], &device));
            let (a, b) = (x.to_vec::<f32>().unwrap(), y.to_vec::<f32>().unwrap());
            let element = |i: usize| a[i / (k * c) * c + i % c] - b[i % (k * c)];
            let want: Vec<f32> = (0..n * k * c).map(element).collect();
            close(&(&x - &y), &want, "eager");
            let f = compile(|x: &Tensor, y: &Tensor| x - y);
            close(&f.call((&x, &y)).unwrap(), &want, "compiled");
        }
    }
}

#[test]
fn operands_are_borrowed_or_given_away() {
    let device = Device::cpu();
    let (x, i) = (sample(&[2, 2], &device), Tensor::from_vec(vec![1i64, 0], [2], &device));
    let mask = x.gt(0);
    assert_eq!(x.matmul(x.clone()).shape(), x.matmul(&x).shape());
    assert_eq!(x.index_select(0, i.clone()).shape(), [2, 2]);
    assert_eq!(mask.logical_and(x.lt(1)).shape(), mask.logical_and(&x.lt(1)).shape());
    assert_eq!(mask.where_(x.clone(), x.clone() * 2).shape(), [2, 2]);
    assert_eq!(x.mse_loss(x.clone()).item::<f32>().unwrap(), 0.0);
    assert_eq!(Tensor::einsum("ij,jk->ik", &[x.clone(), x.clone()]).shape(), [2, 2]);
    let each = [&x, &x].iter().map(|y| x.matmul(y)).fold(x.clone(), |sum, y| sum.matmul(y));
    assert_eq!(each.shape(), [2, 2]);
}

#[test]
fn a_choice_between_numbers_takes_the_type_of_a_tensor_beside_it() {
    let device = Device::cpu();
    let x = Tensor::from_vec(vec![-1.0f32, 2.0], [2], &device);
    let mask = x.gt(0);
    assert_eq!(mask.where_(0.5, &x).to_vec::<f32>().unwrap(), [-1.0, 0.5]);
    assert_eq!(mask.where_(&x, 1).to_vec::<f32>().unwrap(), [1.0, 2.0]);
    assert_eq!(mask.where_(1.0, 0.0).to_vec::<f32>().unwrap(), [0.0, 1.0]);
    assert_eq!(mask.where_(1, 0).to_vec::<i32>().unwrap(), [0, 1]);
    let half = Tensor::scalar(2i64, &device);
    assert_eq!(mask.where_(&half, 0).dtype(), DType::I64);
}

#[test]
fn numbers_and_sizes_stand_on_either_side() {
    let device = Device::cpu();
    let x = Tensor::from_vec(vec![1.0f32, 2.0], [2], &device);
    let y: Tensor = 2.0 * &x + &x - 1 + (1.0 - &x) * 3.0f32 * 2u32 + 0.5 * &x * &x;
    assert_eq!(y.to_vec::<f32>().unwrap(), [2.5, 1.0]);
    let (scale, size) = (3f32, x.dim(0));
    let z = 3 * &x - &x * scale;
    assert_eq!(z.abs().to_vec::<f32>().unwrap(), [0.0, 0.0]);
    assert_eq!((1.0 - &x).abs().to_vec::<f32>().unwrap(), [0.0, 1.0]);
    assert_eq!((-(2 * &x)).to_vec::<f32>().unwrap(), [-2.0, -4.0]);
    assert_eq!((&size * &x / size.clone()).to_vec::<f32>().unwrap(), [1.0, 2.0]);
    assert_eq!((size - &x).to_vec::<f32>().unwrap(), [1.0, 0.0]);
}

#[test]
fn assigning_operators_give_a_variable_a_new_tensor() {
    for device in devices() {
        let x = Tensor::from_vec(vec![1.0f32, 2.0], [2], &device);
        let steps = |x: &Tensor| {
            let mut y = x.clone();
            y += x;
            y *= 3;
            y -= &(x * 2.0);
            y /= 2.0;
            y
        };
        close(&steps(&x), &[2.0, 4.0], "eager");
        close(&compile(steps).call(&x).unwrap(), &[2.0, 4.0], "compiled");
        close(&x, &[1.0, 2.0], "the other handle");
        let mut mask = x.gt(1);
        mask |= x.lt(0);
        mask &= !x.gt(5);
        assert_eq!(mask.to_vec::<bool>().unwrap(), [false, true]);
    }
}

#[test]
fn faults_name_operands_and_rule() {
    let device = Device::cpu();
    let (x, y) = (Tensor::zeros([2, 3], &device), Tensor::zeros([4], &device));
    let error = x.try_add(&y).unwrap_err().to_string();
    assert!(error.starts_with("add: `x` is f32[2, 3] but `y` is f32[4]"), "{error}");
    assert!(error.contains("3 and 4 must be equal or 1"), "{error}");
    assert!(error.contains("tests/tensor/arithmetic.rs"), "{error}");
    let error = x.try_add(Tensor::arange(0..3, &device)).unwrap_err().to_string();
    assert!(error.contains("f32") && error.contains("i64"), "{error}");
    let error = Tensor::arange(0..3, &device).try_mul(0.5).unwrap_err().to_string();
    assert!(error.contains("0.5 cannot be an operand beside a tensor of i64"), "{error}");
}

#[test]
fn one_value_is_compared_with_tensors_and_numbers_behind_references_or_not() {
    let (two, three) = (Tensor::scalar(2.0, &Device::cpu()), Tensor::scalar(3.0, &Device::cpu()));
    let (a, b) = (&two, &three);
    assert!(two == 2 && a == 2 && two < 2.5 && a < 2.5 && a >= 2usize && a != 3i64);
    assert!(two < three && a < b && a < three && two < b && a != three);
}

#[test]
fn where_says_that_it_is_called_on_the_condition() {
    let x = Tensor::ones([2, 3], &Device::cpu());
    let fault = x.try_where_(x.gt(0), 0).unwrap_err().to_string();
    assert!(
        fault.contains("must be bool, but is f32[2, 3]: write `condition.where_(x, y)`"),
        "{fault}"
    );
}

#[test]
fn a_fault_that_is_unwrapped_reads_as_one_that_is_printed() {
    let x = Tensor::ones([2, 3], &Device::cpu());
    let fault = x.try_matmul(&x).unwrap_err();
    assert_eq!(format!("{fault:?}"), fault.to_string());
}
