//! The patterns, as exporters write them, and what stands for each. Order matters: a rule sees what those before it made.

use std::f64::consts::{FRAC_1_SQRT_2, SQRT_2};

use ferrodyne_plan::Diagnostic;

use super::Pattern::{Any, Either, Hole, Is, Mean, Number, Op, Product, Softmax};
use super::{Found, Pattern, Rule};
use crate::graph::{Attrs, Node, NodeId, Rewriter};

type Made = Result<Option<NodeId>, Diagnostic>;

pub(super) static RULES: &[Rule] = &[
    Rule { pattern: GELU, make: |r, f, n| f.composite(r, n, "gelu", &[0], Attrs::new()) },
    Rule {
        pattern: GELU_TANH,
        make: |r, f, n| f.composite(r, n, "gelu", &[0], Attrs::new().str("approximate", "tanh")),
    },
    Rule { pattern: SIGMOID, make: |r, f, n| f.composite(r, n, "sigmoid", &[0], Attrs::new()) },
    Rule { pattern: SILU, make: |r, f, n| f.composite(r, n, "silu", &[0], Attrs::new()) },
    Rule { pattern: LAYER_NORM, make: |r, f, n| norm(r, f, n, "layer_norm") },
    Rule { pattern: LAYER_NORM_AFFINE, make: layer_norm_affine },
    Rule { pattern: RMS_NORM, make: |r, f, n| norm(r, f, n, "rms_norm") },
    Rule { pattern: RMS_NORM_SCALED, make: rms_norm_scaled },
    Rule { pattern: ATTENTION_MASKED, make: |r, f, n| attention(r, f, n, true) },
    Rule { pattern: ATTENTION, make: |r, f, n| attention(r, f, n, false) },
];

const X: Pattern = Hole(0);

/// `x * (1 + erf(x / sqrt(2))) * 0.5`
const GELU: Pattern = Product(&[
    X,
    Number(0.5),
    Op(
        "add",
        &[
            Op(
                "erf",
                &[Either(&[
                    Op("div", &[X, Number(SQRT_2)]),
                    Op("mul", &[X, Number(FRAC_1_SQRT_2)]),
                ])],
            ),
            Number(1.0),
        ],
    ),
]);

/// `x * (1 + tanh(sqrt(2 / pi) * (x + 0.044715 * x^3))) * 0.5`
const GELU_TANH: Pattern = Product(&[
    X,
    Number(0.5),
    Op("add", &[Op("tanh", &[Product(&[Number(0.797_884_560_802_865_4), CUBIC])]), Number(1.0)]),
]);

const CUBIC: Pattern = Op(
    "add",
    &[
        X,
        Either(&[
            Product(&[Number(0.044_715), Op("pow", &[X, Number(3.0)])]),
            Product(&[Number(0.044_715), X, X, X]),
        ]),
    ],
);

/// `1 + exp(-x)`
const ONE_PLUS_EXP: Pattern = Op("add", &[Op("exp", &[Op("neg", &[X])]), Number(1.0)]);

const SIGMOID: Pattern =
    Either(&[Op("recip", &[ONE_PLUS_EXP]), Op("div", &[Number(1.0), ONE_PLUS_EXP])]);

const SILU: Pattern = Either(&[Product(&[X, Op("sigmoid", &[X])]), Op("div", &[X, ONE_PLUS_EXP])]);

const CENTRED: Pattern = Op("sub", &[X, Mean(&X)]);

const VARIANCE: Pattern = Mean(&Either(&[
    Op("pow", &[CENTRED, Number(2.0)]),
    Op("mul", &[CENTRED, CENTRED]),
    Op("square", &[CENTRED]),
]));

const VARIANCE_AND: Pattern = Op("add", &[VARIANCE, Any(0)]);

/// `(x - mean) / sqrt(mean of (x - mean)^2 + eps)`
const LAYER_NORM: Pattern = Either(&[
    Op("div", &[CENTRED, Op("sqrt", &[VARIANCE_AND])]),
    Op("mul", &[CENTRED, Op("rsqrt", &[VARIANCE_AND])]),
    Op("mul", &[CENTRED, Op("recip", &[Op("sqrt", &[VARIANCE_AND])])]),
]);

const LAYER_NORM_AFFINE: Pattern =
    Op("add", &[Op("mul", &[Is(0, "layer_norm"), Hole(1)]), Hole(2)]);

const SQUARES_AND: Pattern = Op(
    "add",
    &[
        Mean(&Either(&[Op("pow", &[X, Number(2.0)]), Op("mul", &[X, X]), Op("square", &[X])])),
        Any(0),
    ],
);

/// `x / sqrt(mean of x^2 + eps)`
const RMS_NORM: Pattern = Either(&[
    Op("mul", &[X, Op("rsqrt", &[SQUARES_AND])]),
    Op("mul", &[X, Op("recip", &[Op("sqrt", &[SQUARES_AND])])]),
    Op("mul", &[X, Op("div", &[Number(1.0), Op("sqrt", &[SQUARES_AND])])]),
    Op("div", &[X, Op("sqrt", &[SQUARES_AND])]),
]);

const RMS_NORM_SCALED: Pattern = Op("mul", &[Is(0, "rms_norm"), Hole(1)]);

/// Queries times keys, scaled after or not at all.
const SCORES: Pattern = Either(&[
    Op("mul", &[Op("matmul", &[Hole(0), Hole(1)]), Any(0)]),
    Op("div", &[Op("matmul", &[Hole(0), Hole(1)]), Any(1)]),
    Op("matmul", &[Hole(0), Hole(1)]),
]);

const ATTENTION: Pattern = Op("matmul", &[Softmax(&SCORES), Hole(2)]);

const ATTENTION_MASKED: Pattern = Op("matmul", &[Softmax(&Op("add", &[SCORES, Hole(3)])), Hole(2)]);

fn norm(rewriter: &mut Rewriter<'_>, found: &Found, node: &Node, op: &str) -> Made {
    let (Some(eps), Some(rank)) = (found.numbers[0], found.last_axes) else { return Ok(None) };
    let attrs = Attrs::new().float("eps", eps).int("rank", rank as i64);
    found.composite(rewriter, node, op, &[0], attrs)
}

/// A norm takes up the scale and bias behind it, if they vary along the normalised axes only.
fn affine(
    rewriter: &mut Rewriter<'_>,
    found: &Found,
    node: &Node,
    op: &str,
    holes: &[usize],
) -> Made {
    let old = rewriter.old();
    let inner = old.node(found.hole(0));
    let [x] = inner.inputs[..] else { return Ok(None) };
    let rank = match inner.attrs.get("rank") {
        Some(crate::graph::Attr::Int(rank)) => *rank as usize,
        _ => 1,
    };
    if holes.iter().any(|&hole| old.ty(found.hole(hole)).rank() > rank) {
        return Ok(None);
    }
    let mut inside = found.clone();
    inside.holes[0] = Some(x);
    let holes: Vec<usize> = std::iter::once(0).chain(holes.iter().copied()).collect();
    inside.composite(rewriter, node, op, &holes, inner.attrs.clone())
}

fn layer_norm_affine(rewriter: &mut Rewriter<'_>, found: &Found, node: &Node) -> Made {
    affine(rewriter, found, node, "layer_norm", &[1, 2])
}

fn rms_norm_scaled(rewriter: &mut Rewriter<'_>, found: &Found, node: &Node) -> Made {
    affine(rewriter, found, node, "rms_norm", &[1])
}

/// Keys arrive with their last two axes exchanged; exchanging them again costs nothing once `simplify` has run.
fn attention(rewriter: &mut Rewriter<'_>, found: &Found, node: &Node, masked: bool) -> Made {
    let old = rewriter.old();
    let turned = old.ty(found.hole(1));
    let rank = turned.rank();
    if rank < 2 || old.ty(found.hole(0)).rank() < 2 || old.ty(found.hole(2)).rank() < 2 {
        return Ok(None);
    }
    if masked && !mask_fits(rewriter, found) {
        return Ok(None);
    }
    let mut axes: Vec<i64> = (0..rank as i64).collect();
    axes.swap(rank - 2, rank - 1);
    let key = found.value(rewriter, 1);
    let key = rewriter.add("permute", &[key], Attrs::new().ints("axes", &axes))?;
    let scale = found.numbers[0].or(found.numbers[1].map(|by| 1.0 / by)).unwrap_or(1.0);
    let mut operands = vec![found.value(rewriter, 0), key, found.value(rewriter, 2)];
    if masked {
        operands.push(found.value(rewriter, 3));
    }
    let attrs = Attrs::new().float("scale", scale);
    let op = "scaled_dot_product_attention";
    let Ok(new) = rewriter.infer(op, &operands, attrs) else { return Ok(None) };
    Ok((new.types == node.types).then(|| rewriter.push_node(new)))
}

/// A mask of numbers with the type of the queries, of no higher rank than they have.
fn mask_fits(rewriter: &Rewriter<'_>, found: &Found) -> bool {
    let old = rewriter.old();
    let (mask, query) = (old.ty(found.hole(3)), old.ty(found.hole(0)));
    mask.dtype == query.dtype && mask.rank() <= query.rank()
}
