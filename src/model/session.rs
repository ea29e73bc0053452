//! A model on a device: its weights, and the programs made for it.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use ferrodyne_compiler::graph::{Graph, InputRole};
use ferrodyne_compiler::pipeline::Int64;
use ferrodyne_plan::plan::{BindError, Sizes};
use ferrodyne_plan::{DType, HostTensor, Name, Target, Var};
use ferrodyne_runtime::{Progress, RunStats};

use super::{Model, SessionOptions, ValueInfo};
use crate::compile::{BackendKind, CompileTimes, Program, Stats, Trial, tuned};
use crate::device::Device;
use crate::error::{Error, Result};
use crate::explain::{CallReport, Outcome};
use crate::tensor::{Stored, Tensor};

/// A model made ready on a device.
pub struct Session {
    graph: Graph,
    inputs: Vec<ValueInfo>,
    lengths: Vec<(usize, usize)>,
    device: Device,
    options: SessionOptions,
    weights: Vec<Stored>,
    programs: Mutex<Vec<Made>>,
    /// What the last run by the backend `eager` has cost.
    eager: Mutex<Option<RunStats>>,
}

/// A program, and the only sizes that it serves where they were made constants of it.
#[derive(Clone)]
struct Made {
    only: Option<Sizes>,
    program: Arc<Program>,
}

impl Made {
    fn fits(&self, sizes: &Sizes) -> bool {
        self.only.as_ref().is_none_or(|only| only == sizes) && self.program.fits(sizes)
    }
}

fn upload(name: &str, weight: &HostTensor, device: &Device, int64: Int64) -> Result<Stored> {
    let held = HostTensor { dtype: int64.held(weight.dtype), ..weight.clone() };
    let tensor = Tensor::named_from_host(name, &held, device)?;
    tensor.value(name, ferrodyne_plan::Source::unknown()).cloned()
}

impl Session {
    /// Uploads the weights.
    ///
    /// # Errors
    /// Faults of the device.
    pub fn new(model: &Model, device: &Device, options: SessionOptions) -> Result<Session> {
        let parameters =
            model.graph.inputs.iter().filter(|input| input.role != InputRole::Argument);
        let weights = parameters
            .zip(&model.weights)
            .map(|(input, weight)| upload(&input.name, weight, device, options.compiler.int64))
            .collect::<Result<Vec<_>>>()?;
        Ok(Session {
            graph: model.graph.clone(),
            inputs: model.inputs.clone(),
            lengths: model.lengths.clone(),
            device: device.clone(),
            options,
            weights,
            programs: Mutex::default(),
            eager: Mutex::default(),
        })
    }

    /// Runs the model on named inputs; results come in the order of the model's.
    ///
    /// # Errors
    /// A missing or unknown input, a wrong element type, rank or size; faults of the device.
    pub fn run(&self, inputs: &[(String, &Tensor)]) -> Result<Vec<Tensor>> {
        self.run_observed(inputs, None)
    }

    /// Runs, and tells how far the making of kernels has come if a program must be made.
    ///
    /// # Errors
    /// As [`Session::run`].
    pub fn run_observed(
        &self,
        inputs: &[(String, &Tensor)],
        progress: Option<Progress<'_>>,
    ) -> Result<Vec<Tensor>> {
        let arguments = self.arguments(inputs)?;
        let all = self.all_inputs(&arguments);
        let sizes = self.bind(&all)?;
        if self.options.backend == BackendKind::Eager {
            let graph = self.options.compiler.int64.applied(&self.graph)?;
            let all = all.iter().map(|value| self.held(value)).collect::<Result<Vec<_>>>()?;
            let all: Vec<&Stored> = all.iter().collect();
            let (results, stats) = super::eager::run_counted(&graph, &self.device, &sizes, &all)?;
            *self.eager.lock().unwrap_or_else(PoisonError::into_inner) = Some(stats);
            return self.cut(results);
        }
        let before = self.programs.lock().unwrap_or_else(PoisonError::into_inner).len();
        let outputs: Result<Vec<Tensor>> = crate::explain::observed(
            || Ok(self.program(&sizes, &all, progress)?.run(&sizes, &all)?.0),
            || self.call_report(&sizes, before),
        );
        self.cut(outputs?)
    }

    /// A value as the operators of this session take it.
    fn held(&self, value: &Stored) -> Result<Stored> {
        match self.options.compiler.int64 {
            Int64::Pair => crate::eager::widen(value, &ferrodyne_plan::Source::unknown()),
            Int64::Narrow => Ok(value.clone()),
        }
    }

    /// A host value of an input, on the device as the session's programs hold it.
    ///
    /// # Errors
    /// As [`ValueInfo::upload`].
    pub fn upload(&self, input: &ValueInfo, host: &HostTensor) -> Result<Tensor> {
        match self.options.compiler.int64.held(input.dtype) {
            DType::Long if host.dtype == DType::I64 => {
                let host = HostTensor { dtype: DType::Long, ..host.clone() };
                Tensor::named_from_host(&input.name, &host, &self.device)
            }
            _ => input.upload(host, &self.device),
        }
    }

    /// The outputs of the graph as those of the model: of some only so many entries count as another output says.
    fn cut(&self, mut outputs: Vec<Tensor>) -> Result<Vec<Tensor>> {
        if self.lengths.is_empty() {
            return Ok(outputs);
        }
        for &(output, length) in &self.lengths {
            let count = outputs[length].to_dtype(DType::I32).to_vec::<i32>()?[0];
            outputs[output] = outputs[output].narrow(0, 0, count.max(0) as usize);
        }
        outputs.truncate(self.graph.outputs.len() - self.lengths.len());
        Ok(outputs)
    }

    /// What a run on these sizes has done, when so many programs were there before.
    fn call_report(&self, sizes: &Sizes, before: usize) -> CallReport {
        let programs = self.programs.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let serving = programs.iter().position(|program| program.fits(sizes));
        let all = programs.iter().enumerate();
        CallReport {
            name: self.graph.name.to_string(),
            outcome: if programs.len() > before { Outcome::Compiled } else { Outcome::Found },
            because: None,
            breaks: Vec::new(),
            stats: Stats {
                programs: programs.len(),
                compilations: programs.len(),
                ..Stats::default()
            },
            programs: all
                .map(|(k, made)| made.program.explanation(Some(k) == serving, Vec::new()))
                .collect(),
        }
    }

    /// Runs the model on named inputs and times each kernel on the device: name and milliseconds, in the order of the run. Empty
    /// for the backends `eager` and `reference`.
    ///
    /// # Errors
    /// As [`Session::run`]; a device that cannot time kernels.
    #[cfg(not(target_arch = "wasm32"))]
    pub fn measure(&self, inputs: &[(String, &Tensor)]) -> Result<Vec<(String, f64)>> {
        if self.options.backend == BackendKind::Eager {
            return Ok(Vec::new());
        }
        let arguments = self.arguments(inputs)?;
        let all = self.all_inputs(&arguments);
        let sizes = self.bind(&all)?;
        self.program(&sizes, &all, None)?.measure(&sizes, &all)
    }

    /// The given values in the order of the model's inputs.
    fn arguments(&self, inputs: &[(String, &Tensor)]) -> Result<Vec<Stored>> {
        if let Some((name, _)) =
            inputs.iter().find(|(name, _)| !self.inputs.iter().any(|i| i.name == *name))
        {
            let names: Vec<_> = self.inputs.iter().map(|i| format!("`{}`", i.name)).collect();
            return Err(Error::Model(format!(
                "the model has no input `{name}`; its inputs are {}",
                names.join(", ")
            )));
        }
        let take = |info: &ValueInfo| {
            let Some((_, tensor)) = inputs.iter().find(|(name, _)| *name == info.name) else {
                return Err(Error::Model(format!("input `{}` is missing", info.name)));
            };
            let stored = tensor.value(&info.name, ferrodyne_plan::Source::unknown())?;
            let want = info.device_dtype();
            if stored.dtype != want {
                let message =
                    format!("input `{}` must be {want}, but it is {}", info.name, stored.dtype);
                return Err(Error::Model(message));
            }
            match stored.device == self.device {
                true => Ok(stored.clone()),
                false => {
                    Err(crate::device::wrong_device(&info.name, &stored.device, &self.device)
                        .into())
                }
            }
        };
        self.inputs.iter().map(take).collect()
    }

    /// Arguments and weights in the order of the graph's inputs.
    fn all_inputs<'a>(&'a self, arguments: &'a [Stored]) -> Vec<&'a Stored> {
        let (mut arguments, mut weights) = (arguments.iter(), self.weights.iter());
        let next = |input: &ferrodyne_compiler::graph::Input| match input.role {
            InputRole::Argument => arguments.next(),
            _ => weights.next(),
        };
        self.graph.inputs.iter().filter_map(next).collect()
    }

    /// Values of the model's symbols, with ranks and fixed sizes checked.
    fn bind(&self, inputs: &[&Stored]) -> Result<Sizes> {
        let mut values: Vec<(Name, i64)> = Vec::new();
        for (input, stored) in self.graph.inputs.iter().zip(inputs) {
            let dims = &self.graph.ty(input.node).dims;
            if dims.len() != stored.dims.len() {
                let text = dims.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
                let (want, got) = (dims.len(), stored.dims.len());
                let error = BindError::Rank { input: input.name.clone(), dims: text, want, got };
                return Err(crate::compile::size_fault(error));
            }
            for (dim, &size) in dims.iter().zip(&stored.dims) {
                if let Some(Var::Sym(name)) = dim.as_var()
                    && !values.iter().any(|(known, _)| known == name)
                {
                    values.push((name.clone(), size as i64));
                }
            }
        }
        let sizes = Sizes::new(values);
        self.check_sizes(&sizes, inputs)?;
        Ok(sizes)
    }

    fn check_sizes(&self, sizes: &Sizes, inputs: &[&Stored]) -> Result<()> {
        for (input, stored) in self.graph.inputs.iter().zip(inputs) {
            for (axis, (dim, &size)) in
                self.graph.ty(input.node).dims.iter().zip(&stored.dims).enumerate()
            {
                let want = sizes.eval(dim).map_err(crate::compile::size_fault)?;
                if want != size as i64 {
                    let (input, dim, got) = (input.name.clone(), dim.to_string(), size as i64);
                    return Err(crate::compile::size_fault(BindError::Size {
                        input,
                        axis,
                        dim,
                        want,
                        got,
                    }));
                }
            }
        }
        for (name, info) in &self.graph.symbols {
            if let Some(got) = sizes.get(name).filter(|&value| !info.range.contains(value)) {
                let error = BindError::Range { symbol: name.clone(), range: info.range, got };
                return Err(crate::compile::size_fault(error));
            }
        }
        let broken = self.graph.facts.broken_by(&|var| sizes.get(var.name()));
        match broken {
            Some(fact) => Err(crate::compile::size_fault(BindError::Fact {
                plan: self.graph.name.clone(),
                fact,
            })),
            None => Ok(()),
        }
    }

    /// The program that serves the sizes; made when there is none.
    fn program(
        &self,
        sizes: &Sizes,
        inputs: &[&Stored],
        progress: Option<Progress<'_>>,
    ) -> Result<Arc<Program>> {
        let mut programs = self.programs.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(made) = programs.iter().find(|made| made.fits(sizes)) {
            return Ok(made.program.clone());
        }
        let mut graph = self.graph.clone();
        for (name, info) in &mut graph.symbols {
            info.hint = sizes.get(name);
        }
        if self.options.specialise {
            graph = ferrodyne_compiler::graph::specialise(&graph, &|name| sizes.get(name));
        }
        if let Some(target) = &self.options.target {
            return Err(Error::Model(format!(
                "a plan for the target `{}` cannot run on `{}`: `target` is for `explain`",
                target.name, self.device
            )));
        }
        let compiler = self.options.for_target(self.device.target());
        let backend = self.options.backend;
        let trial = Trial { sizes, inputs };
        let compiler = tuned(&graph, &self.device, backend, compiler, &trial)?;
        let program = Arc::new(Program::make(graph, &self.device, backend, &compiler, progress)?);
        crate::logging::guards(&self.graph.name, program.assumptions());
        let only = self.options.specialise.then(|| sizes.clone());
        programs.push(Made { only, program: program.clone() });
        Ok(program)
    }

    /// What the compiler makes of the model when its inputs have these shapes.
    ///
    /// # Errors
    /// Shapes that do not fit; faults of the compiler.
    pub fn explain(
        &self,
        shapes: &BTreeMap<String, Vec<usize>>,
    ) -> Result<crate::explain::Compiled> {
        self.explained(shapes, self.options.target.as_ref().unwrap_or(self.device.target()))
    }

    /// What the compiler makes of the model for a target of that name, which need not be here: `webgpu-default`, say.
    ///
    /// # Errors
    /// As [`Session::explain`]; an unknown target.
    pub fn explain_for(
        &self,
        shapes: &BTreeMap<String, Vec<usize>>,
        target: &str,
    ) -> Result<crate::explain::Compiled> {
        let found = Target::named(target);
        let unknown = || Error::Model(format!("there is no target `{target}`"));
        self.explained(shapes, &found.ok_or_else(unknown)?)
    }

    fn explained(
        &self,
        shapes: &BTreeMap<String, Vec<usize>>,
        target: &Target,
    ) -> Result<crate::explain::Compiled> {
        let mut graph = self.graph.clone();
        for input in &self.graph.inputs {
            let Some(shape) = shapes.get(input.name.as_ref()) else { continue };
            for (dim, &size) in self.graph.ty(input.node).dims.iter().zip(shape) {
                if let Some(info) = dim.as_var().and_then(|var| graph.symbols.get_mut(var.name())) {
                    info.hint = Some(size as i64);
                }
            }
        }
        self.options.explain(graph, target)
    }

    /// How it compiles.
    pub fn options(&self) -> &SessionOptions {
        &self.options
    }

    /// The device.
    pub fn device(&self) -> &Device {
        &self.device
    }

    /// Plans made so far; 0 for the backends `eager` and `reference`.
    pub fn programs(&self) -> usize {
        let programs = self.programs.lock().unwrap_or_else(PoisonError::into_inner);
        programs.iter().filter(|made| made.program.stats().is_some()).count()
    }

    /// Times and costs of the program made last; of the last run, with the backend `eager`, which makes no program: its weights
    /// are the parameters, and its peak is what it held at once when each value is freed after its last use.
    pub fn report(&self) -> Option<(CompileTimes, Option<RunStats>)> {
        if let Some(stats) = &*self.eager.lock().unwrap_or_else(PoisonError::into_inner) {
            let weight_bytes = self.weights.iter().map(|weight| weight.buffer.len() as u64).sum();
            let stats = RunStats { weight_bytes, ..stats.clone() };
            return Some((CompileTimes::default(), Some(stats)));
        }
        let programs = self.programs.lock().unwrap_or_else(PoisonError::into_inner);
        programs.last().map(|made| (made.program.times.clone(), made.program.stats()))
    }
}
