//! Losses. `reduction` is mean (unless given), sum or none.

use ferrodyne_plan::{DType, Diagnostic};

use super::case::{Case, Domain};
use super::row::Op;
use super::shorthand::{float_or, str_or};
use super::statistics::mean;
use crate::graph::{AttrKind, AttrSpec, Attrs, Builder, Node, NodeId};

type Value = Result<NodeId, Diagnostic>;

/// The family.
pub(super) static ALL: &[&Op] = &[
    &CROSS_ENTROPY,
    &NLL_LOSS,
    &MSE_LOSS,
    &L1_LOSS,
    &SMOOTH_L1_LOSS,
    &BCE_WITH_LOGITS,
    &BCE_LOSS,
    &KL_DIV,
];

const REDUCTION: AttrSpec = AttrSpec::optional("reduction", AttrKind::Str);

fn reduced(b: &mut Builder, node: &Node, loss: NodeId) -> Value {
    let axes: Vec<i64> = (0..b.rank(loss) as i64).collect();
    match str_or(node, "reduction", "mean") {
        "none" => Ok(loss),
        "sum" => b.reduce("sum", loss, &axes, false),
        "mean" => mean(b, loss, &axes, false),
        other => {
            let rule = format!("`reduction` is `{other}`, but must be mean, sum or none");
            Err(b.fault(&node.op, "attribute", rule))
        }
    }
}

/// Whether the target has an axis for each of the prediction's but that of the classes, and their sizes are equal.
fn fits(b: &mut Builder, op: &str, x: NodeId, target: NodeId) -> bool {
    let axis = usize::from(b.rank(x) > 1);
    let (mut dims, own) = (b.dims(x), b.dims(target));
    if dims.len() != own.len() + 1 {
        return false;
    }
    dims.remove(axis);
    dims.iter().zip(&own).all(|(a, c)| b.equal(op, a, c))
}

/// Refuses a target that does not fit the prediction.
fn check_target(b: &mut Builder, node: &Node, x: NodeId, target: NodeId) -> Result<(), Diagnostic> {
    if fits(b, &node.op, x, target) {
        return Ok(());
    }
    let rule = format!(
        "{} and {}: the classes must be axis 1 (0 for one sample), and the target must have the other axes",
        b.describe(x),
        b.describe(target)
    );
    Err(b.fault(&node.op, "shape", rule))
}

/// Minus the logarithm of each target's probability; 0 where the target is to be ignored. Also, for each target, whether it
/// counts, as a number.
fn target_losses(
    b: &mut Builder,
    node: &Node,
    log: NodeId,
    target: NodeId,
) -> Result<(NodeId, NodeId), Diagnostic> {
    let axis = i64::from(b.rank(log) > 1);
    let ignored = super::shorthand::int_or(node, "ignore_index", -100) as f64;
    let counts = b.with_number("ne", target, ignored)?;
    let zero = b.scalar_like(target, 0.0)?;
    let safe = b.select(counts, target, zero)?;
    let index = b.unsqueeze(safe, axis)?;
    let picked = b.take_along(log, index, axis)?;
    let picked = b.squeeze(picked, axis)?;
    let loss = b.unary("neg", picked)?;
    let weight = b.cast(counts, b.dtype(log))?;
    let nothing = b.scalar_like(log, 0.0)?;
    Ok((b.select(counts, loss, nothing)?, weight))
}

/// The mean counts only the targets that are not ignored.
fn reduced_over(b: &mut Builder, node: &Node, loss: NodeId, weight: NodeId) -> Value {
    if str_or(node, "reduction", "mean") != "mean" {
        return reduced(b, node, loss);
    }
    let (sum, count) = (b.reduce("sum", loss, &[], false)?, b.reduce("sum", weight, &[], false)?);
    b.binary("div", sum, count)
}

const TARGET: &[AttrSpec] = &[REDUCTION, AttrSpec::optional("ignore_index", AttrKind::Int)];

fn target_cases() -> Vec<Case> {
    let some = Domain::Values(vec![2.0, 0.0, -100.0, 3.0, 1.0]);
    vec![
        Case::new().f32(&[6, 5]).index(&[6], 5),
        Case::new()
            .f32(&[5, 4])
            .operand(DType::I64, &[5], some)
            .with(Attrs::new().str("reduction", "mean")),
        Case::new().f32(&[2, 4, 3]).index(&[2, 3], 4).with(Attrs::new().str("reduction", "none")),
        Case::new().f32(&[5]).index(&[], 5).with(Attrs::new().str("reduction", "sum")),
    ]
}

static NLL_LOSS: Op = Op::composite(
    "nll_loss",
    "For operands `log [N, C, ..], target [N, ..]`: minus the logarithm of the probability that each target has. Targets equal to \
     `ignore_index` (-100) do not count.",
    2,
    |b, node, x| {
        check_target(b, node, x[0], x[1])?;
        let (loss, weight) = target_losses(b, node, x[0], x[1])?;
        reduced_over(b, node, loss, weight)
    },
)
.attrs(TARGET)
.cases(target_cases);

/// Of a distribution over the classes for each sample: its cross-entropy with the prediction.
fn soft_cross_entropy(b: &mut Builder, node: &Node, x: &[NodeId]) -> Value {
    let axis = i64::from(b.rank(x[0]) > 1);
    let smoothing = float_or(node, "label_smoothing", 0.0);
    let log = b.along("log_softmax", &[x[0]], axis, Attrs::new())?;
    let mut target = x[1];
    if smoothing != 0.0 {
        let classes = b.dims(x[0])[axis as usize].clone();
        let size = b.size(&classes, b.dtype(target))?;
        let even = b.number_with("div", smoothing, size)?;
        let kept = b.with_number("mul", target, 1.0 - smoothing)?;
        target = b.binary("add", kept, even)?;
    }
    let product = b.binary("mul", target, log)?;
    let sum = b.reduce("sum", product, &[axis], false)?;
    let loss = b.unary("neg", sum)?;
    reduced(b, node, loss)
}

fn cross_entropy(b: &mut Builder, node: &Node, x: &[NodeId]) -> Value {
    if b.dtype(x[1]).is_float() && b.rank(x[0]) == b.rank(x[1]) && b.rank(x[0]) > 0 {
        return soft_cross_entropy(b, node, x);
    }
    check_target(b, node, x[0], x[1])?;
    let axis = i64::from(b.rank(x[0]) > 1);
    let log = b.along("log_softmax", &[x[0]], axis, Attrs::new())?;
    let (loss, weight) = target_losses(b, node, log, x[1])?;
    let smoothing = float_or(node, "label_smoothing", 0.0);
    if smoothing == 0.0 {
        return reduced_over(b, node, loss, weight);
    }
    let average = mean(b, log, &[axis], false)?;
    let even = b.unary("neg", average)?;
    let even = b.binary("mul", even, weight)?;
    let even = b.with_number("mul", even, smoothing)?;
    let loss = b.with_number("mul", loss, 1.0 - smoothing)?;
    let loss = b.binary("add", loss, even)?;
    reduced_over(b, node, loss, weight)
}

static CROSS_ENTROPY: Op = Op::composite(
    "cross_entropy",
    "`nll_loss` of the logarithm of the softmax of `logits [N, C, ..]`; with `label_smoothing` s, a share s of each target is spread \
     evenly over all classes.",
    2,
    cross_entropy,
)
.attrs(&[
    REDUCTION,
    AttrSpec::optional("ignore_index", AttrKind::Int),
    AttrSpec::optional("label_smoothing", AttrKind::Float),
])
.cases(|| {
    let mut all = target_cases();
    all.push(Case::new().f32(&[4, 5]).index(&[4], 5).with(Attrs::new().float("label_smoothing", 0.1)));
    all
});

fn pairs() -> Vec<Case> {
    let by = |word: &str| Attrs::new().str("reduction", word);
    vec![
        Case::new().f32(&[3, 4]).f32(&[3, 4]),
        Case::new().f32(&[5]).f32(&[5]).with(by("sum")),
        Case::new().f32(&[5]).f32(&[5]).with(by("none")),
    ]
}

static MSE_LOSS: Op =
    Op::composite("mse_loss", "Squared differences of two tensors.", 2, |b, node, x| {
        let difference = b.binary("sub", x[0], x[1])?;
        let square = b.binary("mul", difference, difference)?;
        reduced(b, node, square)
    })
    .attrs(&[REDUCTION])
    .cases(pairs);

static L1_LOSS: Op =
    Op::composite("l1_loss", "Sizes of the differences of two tensors.", 2, |b, node, x| {
        let difference = b.binary("sub", x[0], x[1])?;
        let size = b.unary("abs", difference)?;
        reduced(b, node, size)
    })
    .attrs(&[REDUCTION])
    .cases(pairs);

static SMOOTH_L1_LOSS: Op = Op::composite(
    "smooth_l1_loss",
    "For differences `d`: `d^2 / (2 beta)` where `|d| < beta` (1 unless given), else `|d| - beta / 2`.",
    2,
    |b, node, x| {
        let beta = float_or(node, "beta", 1.0);
        let difference = b.binary("sub", x[0], x[1])?;
        let size = b.unary("abs", difference)?;
        let far = b.with_number("sub", size, beta / 2.0)?;
        if beta == 0.0 {
            return reduced(b, node, far);
        }
        let square = b.binary("mul", difference, difference)?;
        let near = b.with_number("mul", square, 0.5 / beta)?;
        let is_near = b.with_number("lt", size, beta)?;
        let loss = b.select(is_near, near, far)?;
        reduced(b, node, loss)
    },
)
.attrs(&[REDUCTION, AttrSpec::optional("beta", AttrKind::Float)])
.cases(pairs);

fn probabilities() -> Vec<Case> {
    let unit = || Domain::Real(0.05, 0.95);
    vec![Case::new().operand(DType::F32, &[3, 4], unit()).operand(DType::F32, &[3, 4], unit())]
}

static BCE_WITH_LOGITS: Op = Op::composite(
    "bce_with_logits",
    "Binary cross entropy of `logits` and `target`: `softplus(x) - x * t`, which overflows nowhere.",
    2,
    |b, node, x| {
        let soft = b.unary("softplus", x[0])?;
        let product = b.binary("mul", x[0], x[1])?;
        let loss = b.binary("sub", soft, product)?;
        reduced(b, node, loss)
    },
)
.attrs(&[REDUCTION])
.cases(|| {
    vec![Case::new().f32(&[3, 4]).operand(DType::F32, &[3, 4], Domain::Real(0.0, 1.0))]
});

static BCE_LOSS: Op = Op::composite(
    "bce_loss",
    "Binary cross entropy of probabilities and `target`; logarithms are at least -100.",
    2,
    |b, node, x| {
        let one_less = |b: &mut Builder, x| b.number_with("sub", 1.0, x);
        let mut sum = None;
        for side in 0..2 {
            let (p, t) = match side {
                0 => (x[0], x[1]),
                _ => (one_less(b, x[0])?, one_less(b, x[1])?),
            };
            let log = b.unary("log", p)?;
            let log = b.with_number("max", log, -100.0)?;
            let part = b.binary("mul", t, log)?;
            sum = Some(match sum {
                None => part,
                Some(sum) => b.binary("add", sum, part)?,
            });
        }
        let loss = b.unary("neg", sum.unwrap_or(x[0]))?;
        reduced(b, node, loss)
    },
)
.attrs(&[REDUCTION])
.cases(probabilities);

static KL_DIV: Op = Op::composite(
    "kl_div",
    "For operands `log, target`: `target * (ln target - log)`, 0 where the target is 0; with `log_target` the target is a logarithm. \
     `reduction` may also be batchmean: the sum divided by the size of axis 0.",
    2,
    |b, node, x| {
        let loss = if node.attrs.get_bool("log_target") {
            let difference = b.binary("sub", x[1], x[0])?;
            let weight = b.unary("exp", x[1])?;
            b.binary("mul", weight, difference)?
        } else {
            let log = b.unary("log", x[1])?;
            let difference = b.binary("sub", log, x[0])?;
            let product = b.binary("mul", x[1], difference)?;
            let some = b.with_number("gt", x[1], 0.0)?;
            let zero = b.scalar_like(x[1], 0.0)?;
            b.select(some, product, zero)?
        };
        if str_or(node, "reduction", "mean") != "batchmean" {
            return reduced(b, node, loss);
        }
        let size = b.dims(loss).first().cloned().unwrap_or(1i64.into());
        let sum = b.reduce("sum", loss, &[], false)?;
        let size = b.size(&size, b.dtype(sum))?;
        b.binary("div", sum, size)
    },
)
.attrs(&[REDUCTION, AttrSpec::optional("log_target", AttrKind::Bool)])
.cases(|| {
    let mut all = probabilities();
    let log = Case::new().f32(&[3, 4]).f32(&[3, 4]);
    all.push(log.with(Attrs::new().bool("log_target", true).str("reduction", "batchmean")));
    all
});
