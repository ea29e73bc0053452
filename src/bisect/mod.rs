//! Finds the stage that makes a graph's results wrong, and the smallest graph that shows it.
//!
//! The ladder of backends comes first: the interpreter, eager execution, one kernel an operation, fused kernels. Where a rung
//! departs from the one below, the step between them is halved again and again: passes one by one, or operations that join a
//! kernel one by one. The graph is then cut down from its results and from its inputs as long as it still fails.

mod shrink;

use std::fmt;

use ferrodyne_compiler::fusion::FusionOptions;
use ferrodyne_compiler::graph::{Graph, specialise};
use ferrodyne_compiler::passes::{PassCx, PassList};
use ferrodyne_compiler::pipeline;
use ferrodyne_plan::plan::Sizes;
use ferrodyne_plan::{HostTensor, Source};

use crate::compile::{BackendKind, Program};
use crate::device::Device;
use crate::error::Result;
use crate::judge::{Verdict, judge};
use crate::model::run_eagerly;
use crate::tensor::{Stored, Tensor};

/// What a search found.
#[derive(Clone, Debug)]
pub struct Bisection {
    /// Each rung of the ladder with what came of it, from the interpreter upwards.
    pub rungs: Vec<(&'static str, Outcome)>,
    /// What goes wrong first; `None` when every rung is right.
    pub culprit: Option<Culprit>,
    /// The smallest graph found that fails; its inputs are all arguments.
    pub graph: Option<Graph>,
    /// Values of that graph's inputs, by name.
    pub inputs: Vec<(String, HostTensor)>,
}

/// What came of running a graph.
#[derive(Clone, Debug)]
pub enum Outcome {
    /// All results are right.
    Agrees,
    /// A result is wrong: its name and how.
    Differs(String, Verdict),
    /// It could not be run.
    Fails(String),
}

/// The step that makes results wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Culprit {
    /// Operators by themselves, run one at a time.
    Operators,
    /// Kernels of single operations, though eager execution is right and no pass is to blame.
    Kernels,
    /// The pass of this name, and its place in the list.
    Pass(String, usize),
    /// The operation that joins a kernel: how many joined before it.
    Fusion(usize),
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Outcome::Agrees => f.write_str("agrees"),
            Outcome::Differs(name, verdict) => write!(
                f,
                "`{name}` DIFFERS: error {:.3e}, eager {:.3e}, scale {:.3e}, worst {:.3e} at element {}",
                verdict.error, verdict.eager_error, verdict.scale, verdict.worst, verdict.at
            ),
            Outcome::Fails(fault) => write!(f, "FAILS: {fault}"),
        }
    }
}

impl fmt::Display for Culprit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Culprit::Operators => f.write_str("an operator is wrong by itself"),
            Culprit::Kernels => f.write_str("a kernel of a single operation is wrong"),
            Culprit::Pass(name, at) => write!(f, "the pass `{name}`, number {at} of the list"),
            Culprit::Fusion(joins) => {
                write!(
                    f,
                    "fusion: right with {joins} operations joined to kernels, wrong with one more"
                )
            }
        }
    }
}

/// How a graph is run.
#[derive(Clone)]
struct Way {
    backend: BackendKind,
    options: pipeline::Options,
}

/// A graph with values for all of its inputs, and what must come out.
struct Case {
    graph: Graph,
    inputs: Vec<HostTensor>,
}

/// Runs cases on a device.
struct Bench<'a> {
    device: &'a Device,
}

/// Searches for what makes a graph's results wrong. `inputs` are values for all inputs of the graph in order, parameters included;
/// `options` are those under which it went wrong.
///
/// # Errors
/// A graph that the interpreter cannot run on these inputs; faults of the device in transfers.
pub fn bisect(
    graph: &Graph,
    inputs: &[HostTensor],
    device: &Device,
    options: &pipeline::Options,
) -> Result<Bisection> {
    let bench = Bench { device };
    let mut case = Case { graph: graph.clone(), inputs: inputs.to_vec() };
    let inline = PassList::named("inline")?;
    inline.run(&mut case.graph, &PassCx::default(), &mut |_, _| {})?;
    let way = |backend| Way { backend, options: options.clone() };
    let names = ["eager", "no_fusion", "inductor"];
    let ways = [BackendKind::Eager, BackendKind::NoFusion, BackendKind::Inductor].map(way);
    let mut rungs = vec![("reference", Outcome::Agrees)];
    for (name, way) in names.into_iter().zip(&ways) {
        rungs.push((name, bench.outcome(&case, way)?));
    }
    let wrong = rungs.iter().skip(1).position(|(_, outcome)| outcome.is_wrong());
    let Some(wrong) = wrong else {
        return Ok(Bisection { rungs, culprit: None, graph: None, inputs: Vec::new() });
    };
    let (culprit, way) = bench.culprit(&case, wrong, &ways[wrong])?;
    let small = bench.shrink(case, &way)?;
    let names = small.graph.inputs.iter().map(|input| input.name.to_string());
    let inputs = names.zip(small.inputs).collect();
    Ok(Bisection { rungs, culprit: Some(culprit), graph: Some(small.graph), inputs })
}

impl Outcome {
    /// Whether it is anything but right.
    pub fn is_wrong(&self) -> bool {
        !matches!(self, Outcome::Agrees)
    }
}

impl Bench<'_> {
    /// What comes of running a case one way.
    fn outcome(&self, case: &Case, way: &Way) -> Result<Outcome> {
        let stored = case
            .inputs
            .iter()
            .map(|host| {
                let tensor = Tensor::from_host(host, self.device)?;
                tensor.value("an input", Source::unknown()).cloned()
            })
            .collect::<Result<Vec<Stored>>>()?;
        let inputs: Vec<&Stored> = stored.iter().collect();
        let sizes = self.sizes(case);
        let host =
            |tensors: Vec<Tensor>| tensors.iter().map(Tensor::to_host).collect::<Result<Vec<_>>>();
        let reference = way_of(BackendKind::Reference, &pipeline::Options::default());
        let want = host(self.run(case, &reference, &sizes, &inputs)?)?;
        let got = match self.run(case, way, &sizes, &inputs).and_then(host) {
            Ok(got) => got,
            Err(error) => return Ok(Outcome::Fails(error.to_string())),
        };
        let eager = match way.backend {
            BackendKind::Eager => want.iter().map(rounded).collect(),
            _ => match run_eagerly(&case.graph, self.device, &sizes, &inputs).and_then(host) {
                Ok(eager) => eager,
                Err(_) => want.iter().map(rounded).collect(),
            },
        };
        let outputs = case.graph.outputs.iter().zip(&got).zip(want.iter().zip(&eager));
        for ((output, got), (want, eager)) in outputs {
            let verdict = judge(got, want, eager);
            if !verdict.agrees {
                return Ok(Outcome::Differs(output.name.to_string(), verdict));
            }
        }
        Ok(Outcome::Agrees)
    }

    fn run(
        &self,
        case: &Case,
        way: &Way,
        sizes: &Sizes,
        inputs: &[&Stored],
    ) -> Result<Vec<Tensor>> {
        if way.backend == BackendKind::Eager {
            return run_eagerly(&case.graph, self.device, sizes, inputs);
        }
        let mut graph = case.graph.clone();
        for (name, info) in &mut graph.symbols {
            info.hint = sizes.get(name);
        }
        let program = Program::make(graph, self.device, way.backend, &way.options, None)?;
        Ok(program.run(sizes, inputs)?.0)
    }

    /// Values of the case's symbols.
    fn sizes(&self, case: &Case) -> Sizes {
        let mut values = Vec::new();
        for (input, host) in case.graph.inputs.iter().zip(&case.inputs) {
            for (dim, &size) in case.graph.ty(input.node).dims.iter().zip(&host.dims) {
                if let Some(var) = dim.as_var() {
                    values.push((var.name().clone(), size as i64));
                }
            }
        }
        Sizes::new(values)
    }

    /// The step that makes a case wrong one way, and the least way in which it is wrong.
    fn culprit(&self, case: &Case, rung: usize, way: &Way) -> Result<(Culprit, Way)> {
        match rung {
            0 => Ok((Culprit::Operators, way.clone())),
            1 => self.pass(case, way),
            _ => self.fusion(case, way),
        }
    }

    /// The pass that makes unfused kernels wrong, if one does: lists of passes are lengthened until the case fails. `inline` and
    /// `decompose` must always run, or nothing could be lowered; they stand first in what is tried.
    fn pass(&self, case: &Case, way: &Way) -> Result<(Culprit, Way)> {
        let target = self.device.target();
        let passes = way.options.passes.clone().unwrap_or_else(|| PassList::default_for(target));
        let names: Vec<String> = passes.iter().map(|pass| pass.name().to_owned()).collect();
        let last = names.iter().rposition(|name| name == "decompose").map_or(0, |at| at + 1);
        let upto = |n: usize| {
            let options =
                pipeline::Options { passes: Some(passes.clone().first(n)), ..way.options.clone() };
            Way { backend: way.backend, options }
        };
        if self.outcome(case, &upto(last))?.is_wrong() {
            let wrong = self.least(1, last, |n| self.pass_is_wrong(case, &passes, n))?;
            return Ok(match wrong {
                Some(n) => (Culprit::Pass(names[n - 1].clone(), n), upto(last)),
                None => (Culprit::Kernels, upto(last)),
            });
        }
        let found =
            self.least(last + 1, names.len(), |n| Ok(self.outcome(case, &upto(n))?.is_wrong()))?;
        let n = found.unwrap_or(names.len());
        Ok((Culprit::Pass(names[n - 1].clone(), n), upto(n)))
    }

    /// Whether the first passes change what the interpreter makes of the graph.
    fn pass_is_wrong(&self, case: &Case, passes: &PassList, n: usize) -> Result<bool> {
        let way = way_of(BackendKind::Reference, &pipeline::Options::default());
        let mut graph = case.graph.clone();
        passes.clone().first(n).run(&mut graph, &PassCx::default(), &mut |_, _| {})?;
        let changed = Case { graph, inputs: case.inputs.clone() };
        let sizes = self.sizes(case);
        let run = |case: &Case| -> Result<Vec<HostTensor>> {
            let stored = case
                .inputs
                .iter()
                .map(|host| {
                    Tensor::from_host(host, self.device)?
                        .value("an input", Source::unknown())
                        .cloned()
                })
                .collect::<Result<Vec<Stored>>>()?;
            let inputs: Vec<&Stored> = stored.iter().collect();
            self.run(case, &way, &sizes, &inputs)?.iter().map(Tensor::to_host).collect()
        };
        let (before, after) = (run(case)?, run(&changed)?);
        Ok(before.iter().zip(&after).any(|(want, got)| !judge(got, want, &rounded(want)).agrees))
    }

    /// How many operations may join kernels before the case fails.
    fn fusion(&self, case: &Case, way: &Way) -> Result<(Culprit, Way)> {
        let with = |joins: usize| {
            let fusion = FusionOptions { joins_max: Some(joins), ..way.options.fusion.clone() };
            Way {
                backend: way.backend,
                options: pipeline::Options { fusion, ..way.options.clone() },
            }
        };
        let most = case.graph.nodes.len() * 8;
        let found =
            self.least(1, most, |joins| Ok(self.outcome(case, &with(joins))?.is_wrong()))?;
        Ok(match found {
            Some(joins) => (Culprit::Fusion(joins - 1), with(joins)),
            None => (Culprit::Fusion(0), way.clone()),
        })
    }

    /// The least number at which something is wrong, if it is wrong at the last one; found by halving.
    fn least(
        &self,
        first: usize,
        last: usize,
        wrong: impl Fn(usize) -> Result<bool>,
    ) -> Result<Option<usize>> {
        if first > last || !wrong(last)? {
            return Ok(None);
        }
        let (mut low, mut high) = (first, last);
        while low < high {
            let middle = low.midpoint(high);
            if wrong(middle)? { high = middle } else { low = middle + 1 }
        }
        Ok(Some(high))
    }

    /// The case with its sizes as numbers, if it still fails then.
    fn specialised(&self, case: Case, way: &Way) -> Result<Case> {
        let sizes = self.sizes(&case);
        let graph = specialise(&case.graph, &|name| sizes.get(name));
        let special = Case { graph, inputs: case.inputs.clone() };
        Ok(if self.outcome(&special, way)?.is_wrong() { special } else { case })
    }
}

fn way_of(backend: BackendKind, options: &pipeline::Options) -> Way {
    Way { backend, options: options.clone() }
}

/// What a careful evaluation in f32 might give: off by a thousandth of the largest value, against which a rung without a more
/// trusted one below is judged.
fn rounded(want: &HostTensor) -> HostTensor {
    use ferrodyne_compiler::ops::element;
    if !want.dtype.is_float() {
        return want.clone();
    }
    let values = element::values(want);
    let finite = values.iter().filter(|v| v.is_finite());
    let scale = finite.fold(0.0f64, |most, v| most.max(v.abs()));
    let moved: Vec<f64> = values.iter().map(|v| v + 5e-4 * scale).collect();
    element::host(want.dtype, &want.dims, &moved).as_ref().clone()
}
