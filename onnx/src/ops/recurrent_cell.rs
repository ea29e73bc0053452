//! One position in time of a recurrent layer, after the equations of the operators LSTM, GRU and RNN of ONNX.

use ferrodyne_compiler::graph::{Attrs, Builder, NodeId};
use ferrodyne_plan::{Diagnostic, Dim};

/// A kind of layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Long short-term memory.
    Lstm,
    /// Gated recurrent unit.
    Gru,
    /// One gate.
    Rnn,
}

impl Kind {
    /// Blocks of rows of its weights.
    pub(super) fn gates(self) -> usize {
        match self {
            Kind::Lstm => 4,
            Kind::Gru => 3,
            Kind::Rnn => 1,
        }
    }

    /// Its activations where none are given.
    pub(super) fn activations(self) -> &'static [&'static str] {
        match self {
            Kind::Lstm => &["Sigmoid", "Tanh", "Tanh"],
            Kind::Gru => &["Sigmoid", "Tanh"],
            Kind::Rnn => &["Tanh"],
        }
    }
}

/// An activation with its numbers.
#[derive(Clone, Debug)]
pub(super) struct Activation {
    op: &'static str,
    alpha: f64,
    beta: f64,
}

/// Names in lower case, with the numbers that each takes where none are given.
const ACTIVATIONS: &[(&str, Option<f64>, Option<f64>)] = &[
    ("relu", None, None),
    ("tanh", None, None),
    ("sigmoid", None, None),
    ("affine", Some(1.0), Some(0.0)),
    ("leakyrelu", Some(0.01), None),
    ("thresholdedrelu", Some(1.0), None),
    ("scaledtanh", Some(1.0), Some(1.0)),
    ("hardsigmoid", Some(0.2), Some(0.5)),
    ("elu", Some(1.0), None),
    ("softsign", None, None),
    ("softplus", None, None),
];

impl Activation {
    /// The activation of a name; takes its numbers from those given.
    pub(super) fn new(
        name: &str,
        alphas: &mut impl Iterator<Item = f64>,
        betas: &mut impl Iterator<Item = f64>,
    ) -> Option<Activation> {
        let lower = name.to_ascii_lowercase();
        let &(op, alpha, beta) = ACTIVATIONS.iter().find(|(own, _, _)| *own == lower)?;
        let alpha = alpha.map(|default| alphas.next().unwrap_or(default));
        let beta = beta.map(|default| betas.next().unwrap_or(default));
        Some(Activation { op, alpha: alpha.unwrap_or(0.0), beta: beta.unwrap_or(0.0) })
    }

    fn of(&self, b: &mut Builder, x: NodeId) -> Result<NodeId, Diagnostic> {
        let (alpha, beta) = (self.alpha, self.beta);
        match self.op {
            "affine" => {
                let scaled = b.with_number("mul", x, alpha)?;
                b.with_number("add", scaled, beta)
            }
            "leakyrelu" => {
                let low = b.with_number("mul", x, alpha)?;
                let is_low = b.with_number("lt", x, 0.0)?;
                b.select(is_low, low, x)
            }
            "thresholdedrelu" => {
                let is_high = b.with_number("gt", x, alpha)?;
                let zero = b.scalar_like(x, 0.0)?;
                b.select(is_high, x, zero)
            }
            "scaledtanh" => {
                let scaled = b.with_number("mul", x, beta)?;
                let tanh = b.unary("tanh", scaled)?;
                b.with_number("mul", tanh, alpha)
            }
            "hardsigmoid" => {
                let scaled = b.with_number("mul", x, alpha)?;
                let moved = b.with_number("add", scaled, beta)?;
                let low = b.with_number("max", moved, 0.0)?;
                b.with_number("min", low, 1.0)
            }
            "elu" => b.add("elu", &[x], Attrs::new().float("alpha", alpha)),
            "softsign" => {
                let size = b.unary("abs", x)?;
                let below = b.with_number("add", size, 1.0)?;
                b.binary("div", x, below)
            }
            op => b.unary(op, x),
        }
    }
}

/// What a position in time has beside its input and the state.
pub(super) struct Cell<'a> {
    pub(super) kind: Kind,
    pub(super) hidden: Dim,
    /// Weights of the state; for a GRU that resets before the product, those of the gates and of the candidate.
    pub(super) recurrent: Vec<NodeId>,
    pub(super) peepholes: Option<NodeId>,
    /// Bias of the candidate's state, for a GRU that resets after the product.
    pub(super) bias: Option<NodeId>,
    pub(super) activations: &'a [Activation],
    pub(super) clip: Option<f64>,
    /// Whether what is forgotten is what is not taken in.
    pub(super) couples: bool,
}

impl Cell<'_> {
    /// The next state. `x` is the product of the input with its weights, with the biases that do not depend on the state.
    pub(super) fn next(
        &self,
        b: &mut Builder,
        x: NodeId,
        state: &[NodeId],
    ) -> Result<Vec<NodeId>, Diagnostic> {
        match (self.kind, state) {
            (Kind::Lstm, &[h, c]) => self.lstm(b, x, h, c),
            (Kind::Gru, &[h, ..]) => self.gru(b, x, h),
            (_, state) => {
                let of_h = b.add("linear", &[state[0], self.recurrent[0]], Attrs::new())?;
                let sum = b.binary("add", x, of_h)?;
                Ok(vec![self.activate(b, 0, sum)?])
            }
        }
    }

    /// A block of the last axis.
    fn block(&self, b: &mut Builder, x: NodeId, k: i64) -> Result<NodeId, Diagnostic> {
        b.slice_axis(x, -1, &(&self.hidden * k), &(&self.hidden * (k + 1)), 1)
    }

    fn activate(&self, b: &mut Builder, which: usize, x: NodeId) -> Result<NodeId, Diagnostic> {
        let x = match self.clip.filter(|&clip| clip > 0.0) {
            Some(clip) => {
                let low = b.with_number("max", x, -clip)?;
                b.with_number("min", low, clip)?
            }
            None => x,
        };
        self.activations[which].of(b, x)
    }

    /// A gate's input with what it sees of the cell.
    fn peeking(
        &self,
        b: &mut Builder,
        gate: NodeId,
        k: i64,
        cell: NodeId,
    ) -> Result<NodeId, Diagnostic> {
        let Some(peepholes) = self.peepholes else { return Ok(gate) };
        let weights = self.block(b, peepholes, k)?;
        let seen = b.binary("mul", weights, cell)?;
        b.binary("add", gate, seen)
    }

    /// Gates stand in the order input, output, forget, candidate; peepholes in the order input, output, forget.
    fn lstm(
        &self,
        b: &mut Builder,
        x: NodeId,
        h: NodeId,
        c: NodeId,
    ) -> Result<Vec<NodeId>, Diagnostic> {
        let of_h = b.add("linear", &[h, self.recurrent[0]], Attrs::new())?;
        let all = b.binary("add", x, of_h)?;
        let input = self.block(b, all, 0)?;
        let input = self.peeking(b, input, 0, c)?;
        let input = self.activate(b, 0, input)?;
        let forget = match self.couples {
            true => b.number_with("sub", 1.0, input)?,
            false => {
                let forget = self.block(b, all, 2)?;
                let forget = self.peeking(b, forget, 2, c)?;
                self.activate(b, 0, forget)?
            }
        };
        let candidate = self.block(b, all, 3)?;
        let candidate = self.activate(b, 1, candidate)?;
        let (kept, taken) = (b.binary("mul", forget, c)?, b.binary("mul", input, candidate)?);
        let cell = b.binary("add", kept, taken)?;
        let output = self.block(b, all, 1)?;
        let output = self.peeking(b, output, 1, cell)?;
        let output = self.activate(b, 0, output)?;
        let shown = self.activate(b, 2, cell)?;
        Ok(vec![b.binary("mul", output, shown)?, cell])
    }

    /// Gates stand in the order update, reset, candidate.
    fn gru(&self, b: &mut Builder, x: NodeId, h: NodeId) -> Result<Vec<NodeId>, Diagnostic> {
        let of_h = b.add("linear", &[h, self.recurrent[0]], Attrs::new())?;
        let gate = |b: &mut Builder, k: i64| {
            let (of_x, of_h) = (self.block(b, x, k)?, self.block(b, of_h, k)?);
            let sum = b.binary("add", of_x, of_h)?;
            self.activate(b, 0, sum)
        };
        let (update, reset) = (gate(b, 0)?, gate(b, 1)?);
        let of_state = match self.recurrent.get(1) {
            Some(&weights) => {
                let kept = b.binary("mul", reset, h)?;
                b.add("linear", &[kept, weights], Attrs::new())?
            }
            None => {
                let mut of_h = self.block(b, of_h, 2)?;
                if let Some(bias) = self.bias {
                    of_h = b.binary("add", of_h, bias)?;
                }
                b.binary("mul", reset, of_h)?
            }
        };
        let of_x = self.block(b, x, 2)?;
        let candidate = b.binary("add", of_x, of_state)?;
        let candidate = self.activate(b, 1, candidate)?;
        let rest = b.number_with("sub", 1.0, update)?;
        let (new, old) = (b.binary("mul", rest, candidate)?, b.binary("mul", update, h)?);
        Ok(vec![b.binary("add", new, old)?])
    }
}
