//! Promises about plans: how many kernels a call runs and how much memory it takes, checked for targets that are not here.

use std::fmt::Write;

use ferrodyne_plan::plan::{Plan, Step};
use ferrodyne_plan::{Diagnostic, Dim, Source, Target};

use super::of_compiled;
use crate::error::{Error, Result};
use crate::explain::{Compiled, Report};

/// What is promised of a compiled function. `#[compile(args(..), kernels <= 1, ..)]` makes one and a test that checks it; it may
/// also be written out:
///
/// ```
/// use ferrodyne::prelude::*;
/// use ferrodyne::{Contract, aot};
///
/// #[compile]
/// fn scores(x: &Tensor) -> Tensor {
///     x.softmax(-1)
/// }
///
/// let x = Tensor::of_spec(&"f32[batch in 1..=64, 1024]".parse()?);
/// Contract::new("scores").kernels(1).peak(1 << 20).targets(["webgpu-default", "cpu"]).check(|| scores(&x))?;
/// # Ok::<(), ferrodyne::Error>(())
/// ```
///
/// Figures hold for the whole range of every symbol: of several variants of a kernel the one with most runs counts, and memory is
/// taken at its maximum. Every buffer must fit a binding of the target.
/// Of a branch the longer side counts, of a loop one round. What runs once on weights does not count.
#[derive(Clone, Debug, Default)]
pub struct Contract {
    name: String,
    kernels: Option<u64>,
    dispatches: Option<u64>,
    peak: Option<u64>,
    targets: Vec<String>,
}

impl Contract {
    /// A contract of a function that promises nothing but that it compiles for the types of its arguments.
    pub fn new(name: &str) -> Contract {
        Contract { name: name.to_owned(), ..Contract::default() }
    }

    /// At most so many kernels run in a call.
    pub fn kernels(mut self, most: u64) -> Contract {
        self.kernels = Some(most);
        self
    }

    /// At most so many kernels and copies run in a call.
    pub fn dispatches(mut self, most: u64) -> Contract {
        self.dispatches = Some(most);
        self
    }

    /// At most so many bytes of activations and scratch live at once; weights do not count.
    pub fn peak(mut self, most: u64) -> Contract {
        self.peak = Some(most);
        self
    }

    /// The targets for which it holds, by name; `webgpu-default` where none are given.
    pub fn targets<N: Into<String>>(mut self, names: impl IntoIterator<Item = N>) -> Contract {
        self.targets.extend(names.into_iter().map(Into::into));
        self
    }

    /// Checks the compiled function that `call` calls with tensors of [`Tensor::of_spec`](crate::Tensor::of_spec): it is compiled
    /// for each target, and not run.
    ///
    /// # Errors
    /// Every promise that is broken, with the target, the figure, and why; a name that no target has; a function that is not
    /// compiled, or that cannot be.
    pub fn check<R>(&self, call: impl Fn() -> R) -> Result<()> {
        let none = || {
            let message =
                format!("`{}` is no compiled function: put `#[compile]` on it", self.name);
            Err(Error::at("contract", message, Source::unknown()))
        };
        let mut broken = Vec::new();
        for target in self.chosen()? {
            let made = of_compiled(&target, &call).unwrap_or_else(none)?;
            broken.extend(self.broken(&made, &target.name));
            broken.extend(too_large(&made.plan, &target));
        }
        match broken.is_empty() {
            true => Ok(()),
            false => {
                let message = format!("`{}` breaks its contract", self.name);
                let fault =
                    broken.into_iter().fold(Diagnostic::new("contract", message), Diagnostic::note);
                Err(Error::Tensor(fault))
            }
        }
    }

    fn chosen(&self) -> Result<Vec<Target>> {
        match self.targets.is_empty() {
            true => Ok(vec![Target::webgpu_default()]),
            false => self.targets.iter().map(|name| super::named(name)).collect(),
        }
    }

    /// The promises that a plan breaks, each with its reasons.
    fn broken(&self, made: &Compiled, target: &str) -> Vec<String> {
        let report = made.report();
        let mut broken: Vec<String> = made
            .captured
            .guards
            .iter()
            .map(|guard| {
                let place = if guard.source.is_unknown() { String::new() } else { format!(" ({})", guard.source) };
                format!(
                    "args on `{target}`: the types of the arguments allow more than the program, which holds only where {}, because of `{}`{place}",
                    guard.fact, guard.op
                )
            })
            .collect();
        let (kernels, copies) = runs(&made.plan.steps);
        let counts =
            [("kernels", self.kernels, kernels), ("dispatches", self.dispatches, kernels + copies)];
        for (what, most, have) in counts {
            if let Some(most) = most.filter(|most| have > *most) {
                let mut text = format!("{what} <= {most} on `{target}`: they are {have}");
                list(&mut text, &made.plan);
                uncut(&mut text, &report);
                broken.push(text);
            }
        }
        broken.extend(self.peak.and_then(|most| peak(made, most, target)));
        broken
    }
}

/// How many kernels steps run at most, and how many copies: of a branch the longer side, of a loop one round.
fn runs(steps: &[Step]) -> (u64, u64) {
    steps.iter().fold((0, 0), |(kernels, copies), step| {
        let (more, moved) = match step {
            Step::Run(variants) => {
                (variants.iter().map(|v| v.dispatches.len()).max().unwrap_or(0) as u64, 0)
            }
            Step::Copy { .. } => (0, 1),
            Step::Branch { then, otherwise, .. } => {
                let (then, otherwise) = (runs(then), runs(otherwise));
                (then.0.max(otherwise.0), then.1.max(otherwise.1))
            }
            Step::While { steps, .. } => runs(steps),
            Step::Repeat { slices, steps, stacks, .. } => {
                let (kernels, copies) = runs(steps);
                (kernels, copies + (slices.len() + stacks.len()) as u64)
            }
        };
        (kernels + more, copies + moved)
    })
}

/// The kernels and copies of a call, in order.
fn list(text: &mut String, plan: &Plan) {
    for step in plan.steps.iter().flat_map(Step::all) {
        let names: Vec<String> = match step {
            Step::Copy { from, to, .. } => {
                let name = |slot: usize| plan.slots[slot].name.to_string();
                vec![format!("copy of `{}` to `{}`", name(from.0), name(to.0))]
            }
            Step::Run(variants) => {
                let most = variants.iter().max_by_key(|variant| variant.dispatches.len());
                let dispatches = most.iter().flat_map(|variant| &variant.dispatches);
                dispatches.map(|d| format!("kernel `{}`", plan.kernels[d.kernel].name)).collect()
            }
            Step::Branch { .. } => vec!["a branch, with both of its sides:".to_owned()],
            Step::While { .. } | Step::Repeat { .. } => vec!["a loop, of each round:".to_owned()],
        };
        for name in names {
            // Writing to a string cannot fail.
            let _ = write!(text, "\n    {name}");
        }
    }
}

/// Why the regions of a call are not one.
fn uncut(text: &mut String, report: &Report) {
    let weights =
        |node: usize| report.regions.iter().any(|r| r.weights_only && r.nodes.contains(&node));
    for cut in report.cuts.iter().filter(|cut| !weights(cut.from)) {
        let (from, to) = (report.named(cut.from), report.named(cut.to));
        let _ = write!(text, "\n    not fused: {from} into {to}: {}", cut.reason);
    }
    report.parts.iter().for_each(|part| uncut(text, part));
}

/// Buffers that the target cannot hold, at the upper ends of all symbols.
fn too_large(plan: &Plan, target: &Target) -> Vec<String> {
    let most = target.buffer_bytes_max;
    let sized = plan.slots.iter().filter_map(|slot| Some((slot, upper(plan, &slot.bytes)?)));
    let large = sized.filter(|(_, bytes)| *bytes > most);
    large
        .map(|(slot, bytes)| {
            let (have, most) = (size(bytes), size(most));
            format!(
                "a buffer on `{}`: `{}` takes {have}, and one holds {most}",
                target.name, slot.name
            )
        })
        .collect()
}

/// Most bytes over the ranges of all symbols; `None` where there is no end.
fn upper(plan: &Plan, bytes: &Dim) -> Option<u64> {
    plan.facts.range_of(bytes).hi.map(|bytes| bytes.max(0) as u64)
}

/// The broken promise of memory: most bytes over the ranges of all symbols.
fn peak(made: &Compiled, most: u64, target: &str) -> Option<String> {
    let plan = &made.plan;
    let promise = format!("peak <= {} on `{target}`", size(most));
    let Some(bytes) = upper(plan, &plan.peak_bytes) else {
        let open = plan.symbols.iter().filter(|s| s.range.hi.is_none());
        let open: Vec<String> = open.map(|s| format!("`{}`", s.name)).collect();
        return Some(format!(
            "{promise}: it grows without end with {}: declare an upper end, as in `{} in 1..=64`",
            open.join(" and "),
            plan.symbols.first().map_or("batch", |s| s.name.as_str()),
        ));
    };
    if bytes <= most {
        return None;
    }
    let ends = plan.symbols.iter().filter_map(|s| Some(format!("{} = {}", s.name, s.range.hi?)));
    let ends: Vec<String> = ends.collect();
    let place = if ends.is_empty() { String::new() } else { format!(" at {}", ends.join(", ")) };
    let mut text = format!("{promise}: it is {}{place}", size(bytes));
    let mut slots: Vec<_> = plan
        .slots
        .iter()
        .filter(|slot| slot.is_activation())
        .filter_map(|slot| Some((upper(plan, &slot.bytes)?, slot)))
        .collect();
    slots.sort_by_key(|(bytes, _)| std::cmp::Reverse(*bytes));
    for (bytes, slot) in slots.iter().take(5) {
        let _ = write!(text, "\n    `{}` takes {}", slot.name, size(*bytes));
    }
    Some(text)
}

/// Bytes as they are written in a contract.
fn size(bytes: u64) -> String {
    match bytes {
        ..1024 => format!("{bytes} B"),
        1024..1_048_576 => format!("{:.1} KiB", bytes as f64 / 1024.0),
        _ => format!("{:.1} MiB", bytes as f64 / 1_048_576.0),
    }
}
