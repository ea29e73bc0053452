//! Every method of tensors at sizes that are drawn: eager and compiled results are those of the interpreter, on every device.

use ferrodyne::prelude::*;
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

use super::{close, devices};
use crate::house::rust_sources;

/// Operands of some sizes; float values lie between -2 and 2.
struct Operands {
    /// A matrix, and another of its shape.
    x: Tensor,
    y: Tensor,
    /// As many numbers as the matrix has columns.
    row: Tensor,
    /// A matrix that can be multiplied by `x` from the right, and one to be transposed before.
    right: Tensor,
    /// Columns of `x`: for each element, and for each row.
    index: Tensor,
    ids: Tensor,
    /// Small integers of the shape of `x`.
    ints: Tensor,
    /// `[N, 4, H, W]`, with a weight and one number a channel.
    image: Tensor,
    weight: Tensor,
    channels: Tensor,
    /// `[N, 4, W]`, with a weight.
    signal: Tensor,
    taps: Tensor,
}

/// Rows, columns, images, height, width.
type Sizes = (usize, usize, usize, usize, usize);

fn numbers(shape: &[usize], seed: usize, device: &Device) -> Tensor {
    let count: usize = shape.iter().product();
    let value = |k: usize| ((k * 37 + seed * 17 + 11) % 101) as f32 / 25.0 - 2.0;
    Tensor::from_vec((0..count).map(value).collect(), shape, device)
}

fn integers(shape: &[usize], end: usize, device: &Device) -> Tensor {
    let count: usize = shape.iter().product();
    Tensor::from_vec((0..count).map(|k| (k * 7 % 11 % end) as i64).collect(), shape, device)
}

fn drawn((r, c, n, h, w): Sizes, device: &Device) -> Vec<Tensor> {
    let floats = |shape: &[usize], seed| numbers(shape, seed, device);
    vec![
        floats(&[r, c], 1),
        floats(&[r, c], 2),
        floats(&[c], 3),
        floats(&[c, 3], 4),
        integers(&[r, c], c, device),
        integers(&[r], c, device),
        integers(&[r, c], 8, device),
        floats(&[n, 4, h, w], 5),
        floats(&[4, 4, 2, 2], 6),
        floats(&[4], 7),
        floats(&[n, 4, w], 8),
        floats(&[4, 4, 2], 9),
    ]
}

impl Operands {
    fn of(all: &[Tensor]) -> Operands {
        let at = |k: usize| all[k].clone();
        Operands {
            x: at(0),
            y: at(1),
            row: at(2),
            right: at(3),
            index: at(4),
            ids: at(5),
            ints: at(6),
            image: at(7),
            weight: at(8),
            channels: at(9),
            signal: at(10),
            taps: at(11),
        }
    }
}

type Method = (&'static str, fn(&Operands) -> Tensor);

/// Methods by name, each with a call.
macro_rules! methods {
    ($($name:ident: $of:ident => $call:expr;)*) => {
        vec![$((stringify!($name), (|$of: &Operands| $call) as fn(&Operands) -> Tensor)),*]
    };
}

/// Methods without arguments, of an operand.
macro_rules! plain {
    ($operand:expr; $($name:ident)*) => {
        vec![$((stringify!($name), (|o: &Operands| { let f: fn(&Operands) -> Tensor = $operand; f(o).$name() }) as fn(&Operands) -> Tensor)),*]
    };
}

/// Methods of `x` and `y`.
macro_rules! pairs {
    ($($name:ident)*) => {
        vec![$((stringify!($name), (|o: &Operands| o.x.$name(&o.y)) as fn(&Operands) -> Tensor)),*]
    };
}

fn elementwise() -> Vec<Method> {
    let mut all: Vec<Method> = plain!(|o| o.x.clone(); abs neg sign square exp exp2 expm1 sin cos atan sinh cosh asinh tanh erf erfc floor
        ceil round trunc frac isnan isinf isfinite relu relu6 selu silu mish sigmoid hardsigmoid hardswish softplus softsign
        contiguous detach clone);
    all.extend(plain!(|o| o.x.abs() + 0.5; reciprocal sqrt rsqrt log log2 log10 log1p));
    all.extend(plain!(|o| o.x.clone() * 0.45; tan asin acos atanh));
    all.extend(plain!(|o| o.x.abs() + 1.0; acosh));
    all.extend(plain!(|o| o.x.gt(0.0); logical_not));
    all.extend(plain!(|o| o.ints.clone(); bitwise_not));
    all.extend(pairs!(add sub mul atan2 minimum maximum eq ne lt le gt ge));
    all.extend(methods! {
        div: o => o.x.div(o.y.abs() + 0.5);
        rem: o => o.x.rem(0.75);
        floor_div: o => o.x.floor_div(0.75);
        pow: o => (o.x.abs() + 0.5).pow(&o.y);
        clamp: o => o.x.clamp(-0.5, 1.0);
        lerp: o => o.x.lerp(&o.y, 0.25);
        logical_and: o => o.x.gt(0.0).logical_and(o.y.gt(0.0));
        logical_or: o => o.x.gt(0.0).logical_or(o.y.gt(0.0));
        logical_xor: o => o.x.gt(0.0).logical_xor(o.y.gt(0.0));
        bitwise_and: o => o.ints.bitwise_and(&o.index);
        bitwise_or: o => o.ints.bitwise_or(&o.index);
        bitwise_xor: o => o.ints.bitwise_xor(&o.index);
        bitwise_left_shift: o => o.ints.bitwise_left_shift(2);
        bitwise_right_shift: o => o.ints.bitwise_right_shift(1);
        where_: o => o.x.gt(&o.y).where_(&o.x, &o.row);
        masked_fill: o => o.x.masked_fill(o.y.gt(0.0), 9.0);
        leaky_relu: o => o.x.leaky_relu(0.1);
        elu: o => o.x.elu(1.5);
        celu: o => o.x.celu(1.5);
        gelu: o => o.x.gelu("none") + o.x.gelu("tanh");
        hardtanh: o => o.x.hardtanh(-0.5, 1.0);
        prelu: o => o.image.prelu(&o.channels);
        to_dtype: o => o.x.to_dtype(DType::I64);
        dropout: o => o.x.dropout(0.5, false);
    });
    all
}

fn reductions() -> Vec<Method> {
    let mut all: Vec<Method> = plain!(|o| o.x.clone(); sum mean norm);
    all.extend(plain!(|o| o.x.gt(0.0); any all));
    all.extend(methods! {
        prod: o => (o.x.clone() * 0.5).prod();
        sum_dim: o => o.x.sum_dim(0, true);
        mean_dim: o => o.x.mean_dim([0, 1], false);
        prod_dim: o => o.x.prod_dim(1, false);
        max: o => { let (values, indices) = o.x.max(1); values + indices.to_dtype(DType::F32) };
        min: o => { let (values, indices) = o.x.min(0); values + indices.to_dtype(DType::F32) };
        amax: o => o.x.amax(0, true);
        amin: o => o.x.amin([0, 1], false);
        argmax: o => o.x.argmax(1, true);
        argmin: o => o.x.argmin(0, false);
        any_dim: o => o.x.gt(1.0).any_dim(0, false);
        all_dim: o => o.x.lt(1.0).all_dim(1, true);
        var: o => o.image.var([2, 3], 0, false);
        std: o => o.image.std(1, 1, true);
        norm_dim: o => o.x.norm_dim(1.0, 1, false);
        logsumexp: o => o.x.logsumexp(1, false);
        cumsum: o => o.x.cumsum(1);
        cumprod: o => (o.x.clone() * 0.5).cumprod(0);
        cummax: o => o.x.cummax(1);
        softmax: o => o.x.softmax(-1);
        log_softmax: o => o.x.log_softmax(0);
        cross_entropy: o => o.x.cross_entropy(&o.ids);
        nll_loss: o => o.x.log_softmax(1).nll_loss(&o.ids);
        mse_loss: o => o.x.mse_loss(&o.y);
        l1_loss: o => o.x.l1_loss(&o.y);
        smooth_l1_loss: o => o.x.smooth_l1_loss(&o.y, 0.5);
        binary_cross_entropy_with_logits: o => o.x.binary_cross_entropy_with_logits(o.y.sigmoid());
        kl_div: o => o.x.log_softmax(1).kl_div(o.y.softmax(1));
    });
    all
}

fn movement() -> Vec<Method> {
    methods! {
        reshape: o => o.image.reshape(shape![-1, 2]);
        view: o => o.image.view(shape![2, -1]);
        flatten: o => o.image.flatten(1, -1);
        unflatten: o => o.image.unflatten(1, [2, 2]);
        permute: o => o.image.permute([0, 2, 3, 1]);
        transpose: o => o.image.transpose(1, -1);
        t: o => o.x.t();
        squeeze: o => o.x.unsqueeze(1).squeeze(1);
        unsqueeze: o => o.x.unsqueeze(-1);
        expand: o => o.channels.unsqueeze(0).expand([3, 4]);
        broadcast_to: o => o.channels.broadcast_to([2, 4]);
        repeat: o => o.x.repeat([2, 1, 3]);
        tile: o => o.x.tile([2]);
        cat: o => Tensor::cat(&[&o.x, &o.y], 1);
        stack: o => Tensor::stack(&[&o.x, &o.y], -1);
        split: o => o.image.split(3, 1)[1].clone();
        split_sizes: o => o.image.split_sizes([1, 3], 1)[1].clone();
        chunk: o => o.image.chunk(2, 1)[1].clone();
        unbind: o => o.image.unbind(1)[3].clone();
        narrow: o => o.image.narrow(1, 1, 2);
        select: o => o.image.select(1, -1);
        slice: o => o.image.slice(1, 0, 4, 3);
        index_select: o => o.x.index_select(1, &o.ids);
        gather: o => o.x.gather(1, &o.index);
        scatter: o => o.x.scatter(1, o.ids.unsqueeze(1), o.y.narrow(1, 0, 1));
        scatter_add: o => o.x.scatter_add(1, &o.index, &o.y);
        take_along: o => o.x.take_along(&o.index, 1);
        embedding: o => o.right.embedding(&o.index);
        one_hot: o => o.ints.one_hot(8);
        flip: o => o.image.flip([1, 3]);
        roll: o => o.image.roll(-1, 2);
        pad: o => o.image.pad(&[(0, 0), (0, 0), (1, 2), (0, 1)], 0.5);
        unfold: o => o.image.unfold(1, 2, 2);
        tril: o => o.x.tril(-1);
        triu: o => o.image.triu(1);
        diagonal: o => o.right.matmul(&o.right.t()).diagonal(0, 0, 1);
        sort: o => { let (values, indices) = o.x.sort(1, true); values + indices.to_dtype(DType::F32) };
        argsort: o => o.x.argsort(0, false);
        topk: o => o.x.flatten(0, -1).topk(1, 0, true).0;
        zeros_like: o => o.x.zeros_like();
        ones_like: o => o.x.ones_like();
        full_like: o => o.x.full_like(3.0);
        glu: o => o.image.glu(1);
        pixel_shuffle: o => o.image.pixel_shuffle(2);
        interpolate: o => o.image.interpolate([5, 7], "bilinear", false);
    }
}

fn contractions() -> Vec<Method> {
    methods! {
        matmul: o => o.x.matmul(&o.right);
        mm: o => o.x.mm(&o.right);
        bmm: o => o.signal.bmm(o.signal.transpose(1, 2));
        dot: o => o.row.dot(&o.row);
        outer: o => o.row.outer(&o.channels);
        addmm: o => o.right.narrow(0, 0, 1).addmm(&o.x, &o.right, 0.5, 2.0);
        einsum: o => Tensor::einsum("rc,ck->kr", &[&o.x, &o.right]);
        linear: o => o.x.linear(o.right.t(), None);
        bilinear: o => o.image.permute([0, 2, 3, 1]).bilinear(o.image.permute([0, 2, 3, 1]), o.weight.flatten(2, 3), None);
        conv1d: o => o.signal.conv1d(&o.taps, Some(&o.channels), 1, 1, 1, 1);
        conv2d: o => o.image.conv2d(&o.weight, Some(&o.channels), 2, 1, 1, 1);
        conv_transpose1d: o => o.signal.conv_transpose1d(&o.taps, None, 2, 0, 1, 1, 1);
        conv_transpose2d: o => o.image.conv_transpose2d(&o.weight, Some(&o.channels), [2, 1], [0, 1], [0, 0], 1, 1);
        scaled_dot_product_attention: o => o.image.scaled_dot_product_attention(&o.image, &o.image, None, false, None);
        max_pool2d: o => o.image.max_pool2d(2, 1, 1, 1);
        avg_pool2d: o => o.image.avg_pool2d(2, 2, 1, false);
        adaptive_avg_pool2d: o => o.image.adaptive_avg_pool2d(1);
        batch_norm: o => o.image.batch_norm(&o.channels, o.channels.abs() + 0.5, Some(&o.channels), None, 1e-5);
        layer_norm: o => o.image.permute([0, 2, 3, 1]).layer_norm([4], Some(&o.channels), None, 1e-5);
        group_norm: o => o.image.group_norm(2, Some(&o.channels), None, 1e-5);
        instance_norm: o => o.image.instance_norm(None, Some(&o.channels), 1e-5);
        rms_norm: o => o.image.permute([0, 2, 3, 1]).rms_norm([4], None, 1e-5);
    }
}

/// Checks methods at sizes that are drawn; those of one method share their programs, so that later sizes are symbols.
fn agree(methods: Vec<Method>) {
    for device in devices() {
        let cases = if device.name() == "cpu" { 5 } else { 2 };
        for (name, method) in &methods {
            let of = |all: Vec<Tensor>| method(&Operands::of(&all));
            let compiled = compile(of);
            let interpreted = compile(of).backend("reference").expect("a backend of this name");
            let sizes = (1usize..6, 1usize..7, 1usize..4, 2usize..7, 2usize..7);
            let config = Config { cases, failure_persistence: None, ..Config::default() };
            let seed = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
            let agrees = TestRunner::new_with_rng(config, seed).run(&sizes, |sizes| {
                let all = drawn(sizes, &device);
                let want: Tensor =
                    interpreted.call((all.clone(),)).expect("the interpreter takes these");
                let values = want.to_dtype(DType::F32).to_vec::<f32>().expect("values of floats");
                for (got, how) in [
                    (of(all.clone()), "eager"),
                    (compiled.call((all.clone(),)).expect("these compile"), "compiled"),
                ] {
                    prop_assert_eq!(got.shape(), want.shape(), "{} {}", how, name);
                    prop_assert_eq!(got.dtype(), want.dtype(), "{} {}", how, name);
                    close(
                        &got,
                        &values,
                        &format!("{how} {name} at {sizes:?} on {}", device.name()),
                    );
                }
                Ok(())
            });
            agrees.unwrap_or_else(|error| panic!("{name}: {error}"));
        }
    }
}

/// What draws random numbers has no values that the interpreter could foretell; what makes tensors is tested where it is.
fn is_left_out(path: &str) -> bool {
    path.ends_with("random.rs") || path.ends_with("create.rs")
}

#[test]
fn every_method_is_in_a_table_and_shows_an_example() {
    let tables = [elementwise(), reductions(), movement(), contractions()].concat();
    let is_tested = |name: &str| tables.iter().any(|(own, _)| *own == name);
    for file in rust_sources(&["src/tensor"]) {
        for item in file.text.split("\n\n") {
            let names = item.lines().filter_map(|line| {
                line.trim().strip_prefix("fn ")?.split_once(" | try_").map(|(name, _)| name)
            });
            for name in names {
                let path = &file.path;
                assert!(is_tested(name) || is_left_out(path), "{path}: `{name}` is in no table");
                let shown = item.contains("example!(") || item.contains("```");
                assert!(shown, "{path}: `{name}` shows no example");
            }
        }
    }
}

#[test]
fn elementwise_methods_agree_with_the_interpreter() {
    agree(elementwise());
}

#[test]
fn reductions_agree_with_the_interpreter() {
    agree(reductions());
}

#[test]
fn movement_agrees_with_the_interpreter() {
    agree(movement());
}

#[test]
fn contractions_agree_with_the_interpreter() {
    agree(contractions());
}
