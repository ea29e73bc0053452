//! A recorded function made ready to run on a device.

use std::sync::Arc;

use ferrodyne_compiler::fusion::FusionOptions;
use ferrodyne_compiler::graph::Graph;
use ferrodyne_compiler::pipeline;
use ferrodyne_plan::plan::Sizes;
use ferrodyne_plan::{DType, HostTensor, Source};
use ferrodyne_runtime::{Buffer, Prepared, Progress, RunStats, Stopwatch};

use super::backend::{self, Executable};
use super::options::BackendKind;
use super::plans::Plans;
use crate::device::Device;
use crate::error::{Error, Result};
use crate::tensor::{Stored, Tensor};

/// Milliseconds that the making of a program took, by stage.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CompileTimes {
    /// Stages of the compiler with their times, in order; capture first, where a function was recorded.
    pub stages: Vec<(String, f64)>,
    /// Kernels made ready on the device, the driver's compiler included.
    pub prepare_ms: f64,
}

impl CompileTimes {
    /// The compiler's time, without the device's.
    pub fn compile_ms(&self) -> f64 {
        self.stages.iter().map(|(_, ms)| ms).sum()
    }
}

/// A program on a device.
pub(crate) struct Program {
    device: Device,
    graph: Graph,
    options: pipeline::Options,
    code: Code,
    pub(crate) times: CompileTimes,
    pub(crate) regions: usize,
}

/// Inputs that take a new value after a run, by position, with the values.
pub(crate) type State = Vec<(usize, Tensor)>;

enum Code {
    Plan(Plans),
    Reference,
    Registered(Box<dyn Executable>),
}

impl Program {
    /// Compiles a graph.
    ///
    /// # Errors
    /// Faults of the compiler's input or of the device.
    pub(crate) fn make(
        graph: Graph,
        device: &Device,
        backend: BackendKind,
        options: &pipeline::Options,
        progress: Option<Progress<'_>>,
    ) -> Result<Program> {
        let mut times = CompileTimes::default();
        let mut regions = 0;
        let enabled = options.fusion.enabled && backend != BackendKind::NoFusion;
        let fusion = FusionOptions { enabled, ..options.fusion.clone() };
        let options = pipeline::Options { fusion, ..options.clone() };
        let code = match backend {
            BackendKind::Reference => Code::Reference,
            BackendKind::Registered(name) => {
                Code::Registered(backend::compile_registered(name, &graph, device)?)
            }
            _ => {
                let compiled = compile_timed(&graph, device, &options, &mut times)?;
                regions = compiled.all().iter().map(|part| part.regions.regions.len()).sum();
                crate::logging::compiled(&graph, &compiled);
                let watch = Stopwatch::start();
                let prepared = device.backend().prepare(Arc::new(compiled.plan), progress)?;
                times.prepare_ms = watch.ms();
                crate::logging::took(&graph, &times);
                Code::Plan(Plans::new(&graph, prepared))
            }
        };
        Ok(Program { device: device.clone(), graph, options, code, times, regions })
    }

    /// Runs on values for all inputs of the graph, in order. Gives the outputs, and the inputs that take a new value with it.
    ///
    /// # Errors
    /// Faults of the device.
    pub(crate) fn run(&self, sizes: &Sizes, inputs: &[&Stored]) -> Result<(Vec<Tensor>, State)> {
        let mut results = match &self.code {
            Code::Reference => {
                let graph = self.options.int64.applied(&self.graph)?;
                super::reference::run(&graph, &self.device, sizes, inputs)?
            }
            Code::Plan(plan) => {
                let buffers = self.buffers(inputs)?;
                let results = plan.run(sizes, &buffers, || self.prepared_for(sizes))?.into_iter();
                let results = self.graph.roots().zip(results);
                results
                    .map(|(node, buffer)| self.tensor(sizes, node, buffer))
                    .collect::<Result<_>>()?
            }
            Code::Registered(executable) => {
                let tensor = |stored: &&Stored| Tensor::stored((*stored).clone());
                let inputs: Vec<Tensor> = inputs.iter().map(tensor).collect();
                let results = executable.run(&inputs)?;
                let want = self.graph.roots().count();
                if results.len() != want {
                    let message = format!("the backend gave {} results, not {want}", results.len());
                    return Err(Error::at("backend", message, Source::unknown()));
                }
                results
            }
        };
        let written = results.split_off(self.graph.outputs.len());
        let inputs = self.graph.write_backs.iter().map(|(input, _)| *input);
        Ok((results, inputs.zip(written).collect()))
    }

    /// The graph compiled for sizes that its kernels do not serve.
    ///
    /// # Errors
    /// Faults of the compiler or of the device.
    fn prepared_for(&self, sizes: &Sizes) -> Result<Box<dyn Prepared>> {
        let mut graph = self.graph.clone();
        graph.symbols.iter_mut().for_each(|(name, info)| info.hint = sizes.get(name).or(info.hint));
        let compiled = pipeline::compile(&graph, self.device.target(), &self.options)?;
        crate::logging::compiled(&graph, &compiled);
        Ok(self.device.backend().prepare(Arc::new(compiled.plan), None)?)
    }

    /// Runs on values for all inputs of the graph and times each kernel: name and milliseconds, in the order of the run. Empty
    /// for a program without kernels.
    ///
    /// # Errors
    /// Faults of the device; a device that cannot time kernels.
    #[cfg(not(target_arch = "wasm32"))]
    pub(crate) fn measure(&self, sizes: &Sizes, inputs: &[&Stored]) -> Result<Vec<(String, f64)>> {
        let Code::Plan(plan) = &self.code else { return Ok(Vec::new()) };
        let buffers = self.buffers(inputs)?;
        let profile = plan.with_last(|plan| plan.profile_now(sizes, &buffers))?;
        Ok(profile.kernels.into_iter().map(|kernel| (kernel.name, kernel.ms)).collect())
    }

    /// The buffers of values for all inputs, with 64-bit integers held as the program reads them.
    fn buffers(&self, inputs: &[&Stored]) -> Result<Vec<Buffer>> {
        let mut buffers = Vec::with_capacity(inputs.len());
        for (input, value) in self.graph.inputs.iter().zip(inputs) {
            let want = self.options.int64.held(self.graph.ty(input.node).dtype);
            buffers.push(match (value.held, want) {
                (DType::I64, DType::Long) => crate::eager::widen(value, &Source::unknown())?.buffer,
                (DType::Long, DType::I64) => {
                    let host: HostTensor = Tensor::stored((*value).clone()).to_host()?;
                    let narrow = Tensor::named_from_host(&input.name, &host, &self.device)?;
                    narrow.value(&input.name, Source::unknown())?.buffer.clone()
                }
                _ => value.buffer.clone(),
            });
        }
        Ok(buffers)
    }

    fn tensor(
        &self,
        sizes: &Sizes,
        node: ferrodyne_compiler::graph::NodeId,
        buffer: Buffer,
    ) -> Result<Tensor> {
        let ty = self.graph.ty(node);
        let dims = ty
            .dims
            .iter()
            .map(|d| sizes.eval(d).map(|v| v as usize))
            .collect::<Result<Vec<_>, _>>();
        let dims = dims.map_err(super::call::size_fault)?;
        let held = self.options.int64.held(ty.dtype);
        Ok(Tensor::stored(Stored::new(&self.device, buffer, held, dims)))
    }

    /// Whether the program serves these sizes: what was assumed while it was made holds.
    pub(crate) fn fits(&self, sizes: &Sizes) -> bool {
        let ranges = self
            .graph
            .symbols
            .iter()
            .all(|(name, info)| sizes.get(name).is_none_or(|v| info.range.contains(v)));
        let guards = self
            .graph
            .guards
            .iter()
            .all(|guard| super::guards::fact_holds(&guard.fact, &|dim| sizes.eval(dim).ok()));
        ranges && guards && self.graph.facts.broken_by(&|var| sizes.get(var.name())).is_none()
    }

    /// What is assumed of the sizes, in words.
    pub(crate) fn assumptions(&self) -> Vec<String> {
        let ranges =
            self.graph.symbols.iter().map(|(name, info)| format!("{name} in {}", info.range));
        let guards = self.graph.guards.iter().map(|g| format!("{}, because of `{}`", g.fact, g.op));
        ranges.chain(guards).collect()
    }

    /// Where it runs.
    pub(crate) fn device(&self) -> &Device {
        &self.device
    }

    /// The captured graph.
    pub(crate) fn graph(&self) -> &Graph {
        &self.graph
    }

    /// What the compiler makes of the graph, stage by stage; compiled again, since programs keep their plan alone.
    ///
    /// # Errors
    /// Faults of the compiler.
    pub(crate) fn explain(&self) -> Result<crate::explain::Compiled> {
        crate::explain::Compiled::make(self.graph.clone(), self.device.target(), &self.options)
    }

    /// The program as an explanation of a call shows it.
    pub(crate) fn explanation(
        &self,
        served: bool,
        guards: Vec<String>,
    ) -> crate::explain::ProgramExplanation {
        let report = self.explain().map(|made| made.report()).map_err(|fault| fault.to_string());
        let graph = self.graph.to_string();
        crate::explain::ProgramExplanation { served, segment: false, guards, graph, report }
    }

    /// What it has cost; `None` where no plan was made.
    pub(crate) fn stats(&self) -> Option<RunStats> {
        match &self.code {
            Code::Plan(plan) => Some(plan.with_last(|plan| plan.stats())),
            Code::Reference | Code::Registered(_) => None,
        }
    }
}

/// Compiles, and notes when each stage ended.
fn compile_timed(
    graph: &Graph,
    device: &Device,
    options: &pipeline::Options,
    times: &mut CompileTimes,
) -> Result<pipeline::Compiled> {
    let mut watch = Stopwatch::start();
    let mut stage_ended = |stage: &str| times.stages.push((stage.to_owned(), watch.lap()));
    Ok(pipeline::compile_observed(graph, device.target(), options, &mut stage_ended)?)
}
