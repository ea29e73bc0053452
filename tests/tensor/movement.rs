//! Other shapes and orders, joining and cutting, picking and placing.

use super::{check, close, devices, sample};
use ferrodyne::Result;
use ferrodyne::prelude::*;

/// Elements of a row-major matrix with so many columns, by a list of coordinates.
fn pick(x: &[f32], columns: usize, at: &[(usize, usize)]) -> Vec<f32> {
    at.iter().map(|&(row, column)| x[row * columns + column]).collect()
}

#[test]
fn shapes_change_without_moving_elements() {
    for device in devices() {
        let x = sample(&[2, 3, 4], &device);
        assert_eq!(x.reshape([4, -1]).shape(), [4, 6]);
        assert_eq!(x.view([24]).shape(), [24]);
        assert_eq!(x.flatten(1, -1).shape(), [2, 12]);
        assert_eq!(x.unflatten(2, [2, -1]).shape(), [2, 3, 2, 2]);
        assert_eq!(x.unsqueeze(-1).shape(), [2, 3, 4, 1]);
        assert_eq!(x.unsqueeze(0).squeeze(0).shape(), [2, 3, 4]);
        assert_eq!(x.squeeze(1).shape(), [2, 3, 4]);
        assert_eq!(x.permute(&[2, 0, 1]).shape(), [4, 2, 3]);
        assert_eq!(x.transpose(0, -1).shape(), [4, 3, 2]);
        assert_eq!(x.reshape([24]).to_vec::<f32>().unwrap(), x.to_vec::<f32>().unwrap());
    }
}

#[test]
fn axes_change_places() {
    let turned = |x: &[f32]| (0..3).flat_map(|c| [x[c], x[3 + c]]).collect();
    check(&[2, 3], |x| x.t(), turned);
    check(&[2, 3], |x| x.transpose(0, 1), turned);
    check(&[2, 3], |x| x.permute(&[1, -2]), turned);
    check(
        &[2, 3],
        |x| x.flip(1),
        |x| pick(x, 3, &[(0, 2), (0, 1), (0, 0), (1, 2), (1, 1), (1, 0)]),
    );
    check(
        &[2, 3],
        |x| x.roll(1, 1),
        |x| pick(x, 3, &[(0, 2), (0, 0), (0, 1), (1, 2), (1, 0), (1, 1)]),
    );
}

#[test]
fn axes_are_cut() {
    check(&[4, 3], |x| x.narrow(0, 1, 2), |x| x[3..9].to_vec());
    check(&[4, 3], |x| x.select(1, -1), |x| pick(x, 3, &[(0, 2), (1, 2), (2, 2), (3, 2)]));
    check(&[4, 3], |x| x.slice(0, 0, i64::MAX, 2), |x| [&x[0..3], &x[6..9]].concat());
    check(&[4, 3], |x| x.slice(0, 1, -1, 1), |x| x[3..9].to_vec());
    check(&[4, 3], |x| x.slice(0, -2, i64::MAX, 1), |x| x[6..].to_vec());
    check(&[4, 3], |x| x.slice(0, 2, 100, 1), |x| x[6..].to_vec());
    check(&[4, 3], |x| x.chunk(3, 0).swap_remove(1), |x| x[6..].to_vec());
    check(&[5], |x| x.split(2, 0).swap_remove(2), |x| x[4..].to_vec());
    check(&[5], |x| x.split_sizes(&[1, 4], 0).swap_remove(1), |x| x[1..].to_vec());
    check(&[4, 3], |x| x.unbind(0).swap_remove(2), |x| x[6..9].to_vec());
    check(&[5], |x| x.unfold(0, 3, 2), |x| [&x[..3], &x[2..]].concat());
}

#[test]
fn axes_repeat() {
    check(&[1, 3], |x| x.expand([2, -1]), |x| [x, x].concat());
    check(&[3], |x| x.broadcast_to([2, 3]), |x| [x, x].concat());
    check(&[2, 1], |x| x.repeat(&[2, 2]), |x| vec![x[0], x[0], x[1], x[1], x[0], x[0], x[1], x[1]]);
    check(&[2, 1], |x| x.tile(&[2]), |x| vec![x[0], x[0], x[1], x[1]]);
}

#[test]
fn tensors_join() {
    check(
        &[2, 2],
        |x| Tensor::cat(&[x, &-x], 0),
        |x| [x.to_vec(), x.iter().map(|v| -v).collect()].concat(),
    );
    check(
        &[2, 2],
        |x| Tensor::cat(&[x.clone(), x + 1], 1),
        |x| vec![x[0], x[1], x[0] + 1.0, x[1] + 1.0, x[2], x[3], x[2] + 1.0, x[3] + 1.0],
    );
    check(&[2], |x| Tensor::stack(&[x, x], 1), |x| vec![x[0], x[0], x[1], x[1]]);
}

#[test]
fn padding_and_triangles() {
    check(
        &[2, 2],
        |x| x.pad(&[(1, 0), (0, 1)], 9.0),
        |x| vec![9.0, x[0], x[1], 9.0, x[2], x[3], 9.0, 9.0, 9.0],
    );
    check(&[2, 2], |x| x.tril(0), |x| vec![x[0], 0.0, x[2], x[3]]);
    check(&[2, 2], |x| x.triu(1), |x| vec![0.0, x[1], 0.0, 0.0]);
    check(&[3, 3], |x| x.diagonal(1, 0, 1), |x| vec![x[1], x[5]]);
    check(&[3, 2], |x| x.diagonal(0, 1, 0), |x| vec![x[0], x[3]]);
}

#[test]
fn indices_pick_and_place() {
    for device in devices() {
        let x = sample(&[3, 2], &device);
        let v = x.to_vec::<f32>().unwrap();
        let rows = Tensor::from_vec(vec![2i64, 0], [2], &device);
        let want = [&v[4..6], &v[0..2]].concat();
        assert_eq!(x.index_select(0, &rows).to_vec::<f32>().unwrap(), want);
        assert_eq!(x.embedding(&rows).to_vec::<f32>().unwrap(), want);
        let at = Tensor::from_vec(vec![1i64, 0, 1], [3, 1], &device);
        assert_eq!(x.gather(1, &at).to_vec::<f32>().unwrap(), [v[1], v[2], v[5]]);
        assert_eq!(x.take_along(&at, 1).to_vec::<f32>().unwrap(), [v[1], v[2], v[5]]);
        let updates = Tensor::from_vec(vec![10f32, 20.0, 30.0], [3, 1], &device);
        let set = x.scatter(1, &at, &updates).to_vec::<f32>().unwrap();
        assert_eq!(set, [v[0], 10.0, 20.0, v[3], v[4], 30.0]);
        let twice = Tensor::from_vec(vec![0i64, 0], [2], &device);
        let sums = Tensor::zeros([2], &device).scatter_add(0, &twice, &Tensor::ones([2], &device));
        assert_eq!(sums.to_vec::<f32>().unwrap(), [2.0, 0.0]);
        let hot = Tensor::from_vec(vec![1i64, 0], [2], &device).one_hot(3);
        assert_eq!(hot.to_vec::<i64>().unwrap(), [0, 1, 0, 1, 0, 0]);
    }
}

/// Pixels in the order of ever smaller squares, as hierarchical vision transformers have them.
fn unrolled(x: &Tensor) -> Tensor {
    let by =
        |x: &Tensor, rows: i64| x.reshape([-1, rows, 2, rows, 2, 3]).permute([0, 2, 4, 1, 3, 5]);
    by(&by(&by(x, 8), 4), 2).reshape([-1, 256, 3])
}

/// Whether the index of the first pixels is found through seven views is a question with exponentially many ways to its answer.
#[test]
fn an_index_goes_through_many_views() {
    let place = |k: usize| {
        let bit = |at: usize| k >> at & 1;
        let line =
            |first: usize| (0..4).map(|level| bit(first - 2 * level) << level).sum::<usize>();
        line(7) * 16 + line(6)
    };
    for device in devices() {
        let compiled = compile(|x: &Tensor| unrolled(x) * 2.0 + x);
        for batch in [1usize, 2, 3] {
            let x = sample(&[batch, 256, 3], &device);
            let v = x.to_vec::<f32>().unwrap();
            let of = |at: usize| (at / 768, at % 768 / 3, at % 3);
            let want: Vec<f32> = (0..v.len())
                .map(|at| {
                    let (b, k, c) = of(at);
                    v[b * 768 + place(k) * 3 + c] * 2.0 + v[at]
                })
                .collect();
            close(&compiled.call(&x).unwrap(), &want, &format!("batch {batch} on {device}"));
        }
    }
}

#[test]
fn axes_that_are_not_there_are_named() {
    let x = Tensor::zeros([2, 3], &Device::cpu());
    let error = x.try_sum_dim(2, false).unwrap_err().to_string();
    assert!(
        error.starts_with("sum_dim: axis 2 is out of range for a tensor of rank 2 (shape [2, 3])"),
        "{error}"
    );
    let error = x.try_sum_dim([1, -1], false).unwrap_err().to_string();
    assert!(error.contains("named twice"), "{error}");
    assert!(x.try_reshape([5, -1]).is_err());
}

/// A program of an operator serves other sizes too, but not those that do not fit.
#[test]
fn a_shape_that_holds_another_number_of_elements_is_refused_after_one_that_fits() {
    for device in devices() {
        assert_eq!(Tensor::ones([4, 5], &device).reshape([20]).shape(), [20]);
        let fault = Tensor::ones([2, 3], &device).try_reshape([7]).unwrap_err().to_string();
        assert!(fault.starts_with("reshape: "), "{fault}");
        assert_eq!(Tensor::ones([2, 3], &device).reshape([6]).shape(), [6]);
    }
}

#[test]
fn more_tensors_are_joined_than_a_kernel_binds() {
    for device in devices() {
        for n in [7usize, 8, 9, 100] {
            let parts: Vec<Tensor> =
                (0..n).map(|i| Tensor::full([2, 1], i as f32, &device)).collect();
            let row: Vec<f32> = (0..n).map(|i| i as f32).collect();
            let want = [row.clone(), row].concat();
            let join = compile(|parts: Vec<Tensor>| Tensor::cat(&parts, 1) + 1);
            let stack = compile(|parts: Vec<Tensor>| Tensor::stack(&parts, 1) + 1);
            let values = |x: Tensor| x.to_vec::<f32>().unwrap();
            assert_eq!(values(Tensor::cat(&parts, 1)), want, "{n} on {device}");
            assert_eq!(values(join.call((parts.clone(),)).unwrap() - 1), want, "{n} on {device}");
            assert_eq!(values(Tensor::stack(&parts, 1)), want, "{n} on {device}");
            assert_eq!(values(stack.call((parts,)).unwrap() - 1), want, "{n} on {device}");
        }
    }
}

/// What is done with one tensor.
type Moved = fn(&Tensor) -> Tensor;

/// A move that puts elements where they need not begin a word, and results that need not end one.
const MOVES: [(&str, Moved); 9] = [
    ("transpose", |x| x.transpose(1, 2)),
    ("turned whole words", |x| x.narrow(2, 0, 4).transpose(1, 2).contiguous()),
    ("cat", |x| Tensor::cat(&[x.clone(), x.narrow(2, 0, 2)], 2)),
    ("tile", |x| x.tile([1, 2, 3])),
    ("expand", |x| x.narrow(1, 0, 1).expand([2, 3, 5])),
    ("flip", |x| x.flip(2)),
    ("scatter", |x| x.scatter(2, places(x), x.narrow(2, 0, 2))),
    ("scatter_add", |x| x.scatter_add(2, places(x), x.narrow(2, 0, 2))),
    ("pixel_shuffle", |x| x.narrow(2, 0, 4).reshape([2, 4, 3, 1]).pixel_shuffle(2)),
];

/// Two equal places in each row of `[2, 3, 5]`.
fn places(x: &Tensor) -> Tensor {
    Tensor::full([2, 3, 2], 3i64, x.device())
}

#[test]
fn elements_smaller_than_a_word_go_anywhere() {
    for device in devices() {
        let x = Tensor::from_vec((0..30).map(|k| (k % 7) as f32).collect(), [2, 3, 5], &device);
        for dtype in [DType::F16, DType::BF16, DType::U8, DType::I8] {
            let small = x.to_dtype(dtype);
            for (name, moved) in MOVES {
                let want = moved(&x).to_vec::<f32>().unwrap();
                close(&moved(&small), &want, &format!("{name}, {dtype}, eager on {device}"));
                let got: Result<Tensor> = compile(moved).call(&small);
                close(&got.unwrap(), &want, &format!("{name}, {dtype}, compiled on {device}"));
            }
        }
    }
}
