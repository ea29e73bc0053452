//! Reductions, order, losses.

use super::{check, close, devices, sample};
use ferrodyne::prelude::*;

/// Rows of a matrix with 7 columns, each made one number.
fn rows(x: &[f32], f: impl Fn(&[f32]) -> f32) -> Vec<f32> {
    x.chunks(7).map(f).collect()
}

#[test]
fn sums_means_and_extrema() {
    check(&[3, 7], |x| x.sum(), |x| vec![x.iter().sum()]);
    check(&[3, 7], |x| x.sum_dim(-1, false), |x| rows(x, |r| r.iter().sum()));
    check(
        &[3, 7],
        |x| x.sum_dim(0, true),
        |x| (0..7).map(|c| x[c] + x[7 + c] + x[14 + c]).collect(),
    );
    check(&[3, 7], |x| x.mean_dim(1, false), |x| rows(x, |r| r.iter().sum::<f32>() / 7.0));
    check(&[3, 7], |x| x.prod_dim(1, false), |x| rows(x, |r| r.iter().product()));
    check(
        &[3, 7],
        |x| x.amax(1, false),
        |x| rows(x, |r| r.iter().copied().fold(f32::MIN, f32::max)),
    );
    check(&[3, 7], |x| x.amin([0, 1], false), |x| vec![x.iter().copied().fold(f32::MAX, f32::min)]);
    check(&[3, 7], |x| x.norm(), |x| vec![x.iter().map(|v| v * v).sum::<f32>().sqrt()]);
    check(&[3, 7], |x| x.norm_dim(1.0, 1, false), |x| rows(x, |r| r.iter().map(|v| v.abs()).sum()));
    check(
        &[3, 7],
        |x| x.logsumexp(1, false),
        |x| rows(x, |r| r.iter().map(|v| v.exp()).sum::<f32>().ln()),
    );
    check(&[3, 7], |x| x.var(1, 1, false), |x| rows(x, |r| variance(r, 6.0)));
    check(&[3, 7], |x| x.std(1, 0, true), |x| rows(x, |r| variance(r, 7.0).sqrt()));
}

fn variance(x: &[f32], over: f32) -> f32 {
    let mean = x.iter().sum::<f32>() / x.len() as f32;
    x.iter().map(|v| (v - mean) * (v - mean)).sum::<f32>() / over
}

#[test]
fn extrema_have_places() {
    check(&[3, 7], |x| x.max(1).0, |x| rows(x, |r| r.iter().copied().fold(f32::MIN, f32::max)));
    let place = |r: &[f32]| (0..7).fold(0, |best, k| if r[k] > r[best] { k } else { best }) as f32;
    check(&[3, 7], |x| x.max(1).1, move |x| rows(x, place));
    check(&[3, 7], |x| x.neg().argmin(1, false), move |x| rows(x, place));
}

#[test]
fn truth_values_fold() {
    for device in devices() {
        let x = Tensor::from_vec(vec![true, false, true, true], [2, 2], &device);
        assert!(x.any().item::<bool>().unwrap());
        assert_eq!(x.all_dim(1, false).to_vec::<bool>().unwrap(), [false, true]);
    }
}

#[test]
fn softmax_along_an_axis() {
    let softmax = |r: &[f32]| {
        let sum: f32 = r.iter().map(|v| v.exp()).sum();
        r.iter().map(|v| v.exp() / sum).collect::<Vec<f32>>()
    };
    check(&[3, 7], |x| x.softmax(-1), move |x| x.chunks(7).flat_map(softmax).collect());
    let log = move |x: &[f32]| x.chunks(7).flat_map(softmax).map(f32::ln).collect();
    check(&[3, 7], |x| x.log_softmax(1), log);
}

#[test]
fn running_sums_and_products() {
    let running = |f: fn(f32, f32) -> f32, unit: f32| {
        move |r: &[f32]| {
            r.iter()
                .scan(unit, |state, &v| {
                    *state = f(*state, v);
                    Some(*state)
                })
                .collect::<Vec<f32>>()
        }
    };
    let sum = running(|a, b| a + b, 0.0);
    check(&[3, 7], |x| x.cumsum(1), move |x| x.chunks(7).flat_map(&sum).collect());
    let product = running(|a, b| a * b, 1.0);
    check(&[3, 7], |x| x.cumprod(-1), move |x| x.chunks(7).flat_map(&product).collect());
}

#[test]
fn sorting_and_the_largest() {
    let sorted = |x: &[f32]| {
        let mut rows: Vec<Vec<f32>> = x.chunks(7).map(<[f32]>::to_vec).collect();
        rows.iter_mut().for_each(|r| r.sort_by(f32::total_cmp));
        rows
    };
    check(&[3, 7], |x| x.sort(1, false).0, move |x| sorted(x).concat());
    check(&[3, 7], |x| x.gather(1, &x.argsort(1, false)), move |x| sorted(x).concat());
    let top = move |x: &[f32]| sorted(x).iter().flat_map(|r| [r[6], r[5]]).collect();
    check(&[3, 7], |x| x.topk(2, 1, true).0, top);
}

#[test]
fn long_rows_are_sorted_selected_and_summed() {
    let device = Device::cpu();
    for n in [0, 1, 97, 1000, 100_000] {
        let x = sample(&[n], &device);
        let values = x.to_vec::<f32>().unwrap();
        let mut places: Vec<usize> = (0..n).collect();
        places.sort_by(|&i, &j| values[j].total_cmp(&values[i]));
        let (sorted, order) = x.sort(0, true);
        let want: Vec<f32> = places.iter().map(|&k| values[k]).collect();
        close(&sorted, &want, &format!("sort of {n}"));
        let order = order.to_vec::<i64>().unwrap();
        assert!(order.iter().zip(&places).all(|(a, b)| *a == *b as i64), "order of {n}");
        for kept in [5, 90, 700].map(|kept| n.min(kept)) {
            let told = format!("the {kept} largest of {n}");
            let (largest, order) = x.topk(kept, 0, true);
            close(&largest, &want[..kept], &told);
            let order = order.to_vec::<i64>().unwrap();
            assert!(order.iter().zip(&places).all(|(a, b)| *a == *b as i64), "{told}: order");
        }
        let mut total = 0.0f32;
        let sums: Vec<f32> = values
            .iter()
            .map(|&v| {
                total += (v * 25.0).round();
                total
            })
            .collect();
        // Whole numbers, whose sums are exact in any order.
        close(&(&x * 25.0).round().cumsum(0), &sums, &format!("running sums of {n}"));
    }
}

#[test]
fn the_largest_of_rows_whose_size_is_open() {
    for device in devices() {
        let largest = compile(|x: &Tensor| x.flatten(1, -1).topk(1, 1, true).1);
        for dims in [[1, 3, 4], [2, 144, 184], [1, 1, 1], [3, 331, 211]] {
            let x = sample(&dims, &device);
            let values = x.to_vec::<f32>().unwrap();
            let place = |row: &[f32]| {
                let largest = row.iter().copied().fold(f32::MIN, f32::max);
                row.iter().position(|&v| v == largest).unwrap() as i64
            };
            let want: Vec<i64> = values.chunks(dims[1] * dims[2]).map(place).collect();
            assert_eq!(largest.call(&x).unwrap().to_vec::<i64>().unwrap(), want, "{dims:?}");
        }
    }
}

#[test]
fn losses_are_means() {
    for device in devices() {
        let x = Tensor::from_vec(vec![0.5f32, -1.0, 2.0, 1.0], [2, 2], &device);
        let y = Tensor::from_vec(vec![0.25f32, 0.0, 1.0, 1.0], [2, 2], &device);
        let (a, b) = (x.to_vec::<f32>().unwrap(), y.to_vec::<f32>().unwrap());
        let mean = |f: fn(f32, f32) -> f32| {
            vec![a.iter().zip(&b).map(|(&a, &b)| f(a, b)).sum::<f32>() / 4.0]
        };
        close(&x.mse_loss(&y), &mean(|a, b| (a - b) * (a - b)), "mse");
        close(&x.l1_loss(&y), &mean(|a, b| (a - b).abs()), "l1");
        let smooth = |a: f32, b: f32| {
            if (a - b).abs() < 1.0 { (a - b) * (a - b) / 2.0 } else { (a - b).abs() - 0.5 }
        };
        close(&x.smooth_l1_loss(&y, 1.0), &mean(smooth), "smooth l1");
        close(
            &x.binary_cross_entropy_with_logits(&y),
            &mean(|a, b| a.exp().ln_1p() - a * b),
            "bce",
        );
        let kl = |a: f32, b: f32| if b > 0.0 { b * (b.ln() - a) } else { 0.0 };
        close(&x.kl_div(&y), &mean(kl), "kl");
        let target = Tensor::from_vec(vec![0i64, 1], [2], &device);
        let nll = |r: &[f32], k: usize| (r[0].exp() + r[1].exp()).ln() - r[k];
        close(
            &x.cross_entropy(&target),
            &[(nll(&a[..2], 0) + nll(&a[2..], 1)) / 2.0],
            "cross entropy",
        );
    }
}

/// A reduction of a vector to one number.
type Reduced = fn(&Tensor) -> Tensor;

/// Reductions in which each element counts, of a vector that is 0 but for its last element.
const EACH: [(&str, Reduced); 10] = [
    ("sum", |x| (x + 1.0).sum()),
    ("sum of rows", |x| x.unsqueeze(0).expand([2, -1]).sum_dim(1, false).narrow(0, 1, 1) + 1.0),
    ("mean", |x| x.mean()),
    ("argmax", |x| x.argmax(0, false)),
    ("amax", |x| x.amax((), false)),
    ("softmax", |x| (x * 100.0).softmax(0).amax((), false)),
    ("dot", |x| (x + 1.0).dot(&(x + 1.0))),
    ("logsumexp", |x| x.logsumexp(0, false)),
    ("largest of squares", |x| (x * x).max(0).0 + 1.0),
    ("scatter_add", |x| {
        let to = Tensor::zeros([1], x.device());
        to.scatter_add(0, x.to_dtype(DType::I64) * 0i64, x + 1.0)
    }),
];

/// Many drivers run any number of iterations; Mesa's software adapter ends an invocation after 65,535 of them.
#[test]
fn long_reductions_are_right_whatever_size_came_first() {
    let n = 70_001usize;
    for device in devices() {
        let last = |n: usize| {
            let mut values = vec![0.0f32; n];
            values[n - 1] = 1.0;
            Tensor::from_vec(values, [n], &device)
        };
        let n = n as f32;
        let want = |name: &str| match name {
            "amax" | "softmax" => 1.0,
            "sum of rows" | "largest of squares" => 2.0,
            "mean" => 1.0 / n,
            "argmax" => n - 1.0,
            "dot" => n + 3.0,
            "logsumexp" => (n - 1.0 + std::f32::consts::E).ln(),
            _ => n + 1.0,
        };
        for (name, reduced) in EACH {
            let compiled = compile(reduced);
            for size in [2, 3, n as usize] {
                let x = last(size);
                let (eager, got) = (reduced(&x), compiled.call(&x).unwrap());
                if size > 3 {
                    close(&eager, &[want(name)], &format!("{name}, eager on {device}"));
                    close(&got, &[want(name)], &format!("{name}, compiled on {device}"));
                }
            }
        }
    }
}

/// A driver that ends long loops in silence is asked for none: the call says what there is too much of.
#[test]
fn a_loop_that_the_driver_would_end_is_refused() {
    let n = 4_000_001usize;
    let count = |x: &Tensor| {
        let to = Tensor::zeros([2], x.device());
        to.scatter_add(0, x.to_dtype(DType::I64) * 0i64, x + 1.0)
    };
    for device in devices() {
        let compiled = compile(count);
        for size in [2, 3] {
            compiled.call(&Tensor::zeros([size], &device)).unwrap();
        }
        match compiled.call(&Tensor::zeros([n], &device)) {
            Ok(sums) => close(&sums, &[n as f32, 0.0], &format!("on {device}")),
            Err(error) => {
                let text = error.to_string();
                assert!(text.contains("needs loop iterations of one invocation = "), "{text}");
            }
        }
    }
}
