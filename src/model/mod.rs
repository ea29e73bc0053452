//! Models that come as graphs: from ONNX files, or from graphs in text form.

mod eager;
mod session;
mod settings;

pub(crate) use eager::run as run_eagerly;

use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use ferrodyne_compiler::graph::{Graph, Input, InputRole, ParseCx};
use ferrodyne_compiler::ops::{Table, element};
use ferrodyne_compiler::pipeline::Int64;
use ferrodyne_plan::{DType, Dim, HostTensor, Plan, Target};

pub use session::Session;
pub use settings::SessionOptions;

use crate::bisect::{Bisection, bisect};
use crate::compile::{BackendKind, Callable, Compiled};
use crate::device::Device;
use crate::error::{Error, Result};
use crate::tensor::Tensor;

/// A model: a graph with its weights.
pub struct Model {
    pub(crate) graph: Graph,
    pub(crate) weights: Vec<HostTensor>,
    inputs: Vec<ValueInfo>,
    outputs: Vec<ValueInfo>,
    /// Outputs of which only a part counts, each with the output of the graph that says how many entries; by position.
    lengths: Vec<(usize, usize)>,
    warnings: Vec<String>,
    sessions: Mutex<HashMap<(String, BackendKind, Int64), Arc<Session>>>,
}

/// An input or a result of a model.
#[derive(Clone, Debug, PartialEq)]
pub struct ValueInfo {
    /// Name.
    pub name: String,
    /// Element type that the model declares. 64-bit floats are computed in 32 bits: a device takes and gives `f32` for them.
    pub dtype: DType,
    /// Shape; sizes may be symbolic.
    pub dims: Vec<Dim>,
}

impl ValueInfo {
    /// Element type on a device: `f32` for 64-bit floats, else the declared one.
    pub fn device_dtype(&self) -> DType {
        if self.dtype == DType::F64 { DType::F32 } else { self.dtype }
    }

    /// A host value of the declared element type, as a tensor on a device.
    ///
    /// # Errors
    /// Another element type; values that the device cannot hold.
    pub fn upload(&self, host: &HostTensor, device: &Device) -> Result<Tensor> {
        if host.dtype != self.dtype {
            let (name, want, got) = (&self.name, self.dtype, host.dtype);
            let message = format!("input `{name}` must be {want}, but the array is {got}");
            return Err(Error::Model(message));
        }
        Tensor::named_from_host(&self.name, &converted(host, self.device_dtype()), device)
    }

    /// A result of the device, as a host value of the declared element type.
    ///
    /// # Errors
    /// Faults of the device.
    pub fn download(&self, tensor: &Tensor) -> Result<HostTensor> {
        Ok(converted(&tensor.to_host()?, self.dtype).into_owned())
    }
}

/// A value with its floats widened or narrowed, where it has another element type.
fn converted(host: &HostTensor, dtype: DType) -> Cow<'_, HostTensor> {
    if host.dtype == dtype {
        return Cow::Borrowed(host);
    }
    let numbers = element::values(host);
    Cow::Owned(HostTensor::clone(&element::host(dtype, &host.dims, &numbers)))
}

impl Model {
    /// A model of a graph, and the values of its parameters in the order of the graph's inputs.
    pub fn new(graph: Graph, weights: Vec<HostTensor>, warnings: Vec<String>) -> Model {
        let info = |name: &ferrodyne_plan::Name, node| {
            let ty = graph.ty(node);
            ValueInfo { name: name.to_string(), dtype: ty.dtype, dims: ty.dims.clone() }
        };
        let arguments = graph.inputs.iter().filter(|input| input.role == InputRole::Argument);
        let inputs = arguments.map(|input| info(&input.name, input.node)).collect();
        let outputs = graph.outputs.iter().map(|output| info(&output.name, output.node)).collect();
        let (lengths, sessions) = (Vec::new(), Mutex::default());
        Model { graph, weights, inputs, outputs, lengths, warnings, sessions }
    }

    /// With these outputs cut to as many entries as outputs say that the graph has behind those of the model.
    pub(crate) fn with_lengths(mut self, names: &[(String, String)]) -> Model {
        let place = |name: &str| self.outputs.iter().position(|output| output.name == name);
        let pairs = names.iter().filter_map(|(name, length)| Some((place(name)?, place(length)?)));
        self.lengths = pairs.collect();
        self.outputs.truncate(self.graph.outputs.len() - self.lengths.len());
        for &(output, _) in &self.lengths {
            let info = &mut self.outputs[output];
            info.dims[0] = Dim::sym(format!("{}_0", info.name));
        }
        self
    }

    /// With these inputs and outputs declared as 64-bit floats, which the graph computes in 32 bits.
    pub(crate) fn with_doubles(mut self, names: &BTreeSet<String>) -> Model {
        for info in self.inputs.iter_mut().chain(&mut self.outputs) {
            if info.dtype == DType::F32 && names.contains(&info.name) {
                info.dtype = DType::F64;
            }
        }
        self
    }

    /// Reads a model: an `.onnx` file, or a graph in text form (`.fd`).
    ///
    /// # Errors
    /// A file that cannot be read, is malformed, or has operators that ferrodyne does not know (all of them are listed).
    pub fn load(path: impl AsRef<Path>) -> Result<Model> {
        let path = path.as_ref();
        match path.extension().and_then(|e| e.to_str()) {
            Some("fd") => Model::load_text(path),
            _ => crate::onnx::load(path),
        }
    }

    fn load_text(path: &Path) -> Result<Model> {
        let fault = |message: String| Error::File { path: path.display().to_string(), message };
        let text = std::fs::read_to_string(path).map_err(|error| fault(error.to_string()))?;
        let graph = ferrodyne_compiler::graph::parse(&text, ParseCx::new(&Table))
            .map_err(|error| fault(error.to_string()))?;
        let parameter = graph.inputs.iter().find(|input| input.role != InputRole::Argument);
        match parameter {
            Some(input) => Err(fault(format!(
                "parameter `{}` has no value: a text holds no weights; give the .onnx file, or make it an input by taking the word `parameter` away",
                input.name
            ))),
            None => Ok(Model::new(graph, Vec::new(), Vec::new())),
        }
    }

    /// The captured graph.
    pub fn graph(&self) -> &Graph {
        &self.graph
    }

    /// Arguments.
    pub fn inputs(&self) -> &[ValueInfo] {
        &self.inputs
    }

    /// Results.
    pub fn outputs(&self) -> &[ValueInfo] {
        &self.outputs
    }

    /// What the importer had to say.
    pub fn warnings(&self) -> &[String] {
        &self.warnings
    }

    /// Searches for the stage that makes the model's results wrong on these arguments.
    ///
    /// # Errors
    /// An argument that is missing; a graph that the interpreter cannot run; faults of the device.
    pub fn bisect(
        &self,
        arguments: &[(String, HostTensor)],
        device: &Device,
        options: &SessionOptions,
    ) -> Result<Bisection> {
        let mut weights = self.weights.iter();
        let value = |input: &Input| match input.role {
            InputRole::Argument => {
                let found = arguments.iter().find(|(name, _)| *name == input.name.as_str());
                let missing = || Error::Model(format!("input `{}` is missing", input.name));
                let dtype = self.graph.ty(input.node).dtype;
                found.map(|(_, value)| converted(value, dtype).into_owned()).ok_or_else(missing)
            }
            _ => Ok(weights.next().expect("a model has a value for every weight").clone()),
        };
        let inputs = self.graph.inputs.iter().map(value).collect::<Result<Vec<_>>>()?;
        let mut compiler = options.for_target(device.target());
        // All stages, and the interpreter, take integers as devices are to hold them.
        let int64 = std::mem::take(&mut compiler.int64);
        let held = |host: HostTensor| HostTensor { dtype: int64.held(host.dtype), ..host };
        let inputs: Vec<HostTensor> = inputs.into_iter().map(held).collect();
        bisect(&int64.applied(&self.graph)?, &inputs, device, &compiler)
    }

    /// Compiles the model ahead of time for a target: nothing is uploaded and nothing runs. One plan serves all sizes in the ranges
    /// of the model's symbolic dims.
    ///
    /// # Errors
    /// Faults of the compiler.
    pub fn aot(&self, target: &Target, options: &SessionOptions) -> Result<Plan> {
        Ok(self.explain_aot(target, options)?.plan)
    }

    /// As [`Model::aot`], with what each stage made.
    ///
    /// # Errors
    /// As [`Model::aot`].
    pub fn explain_aot(
        &self,
        target: &Target,
        options: &SessionOptions,
    ) -> Result<crate::explain::Compiled> {
        options.explain(self.graph.clone(), target)
    }

    /// Bytes of the weights on a device.
    pub fn weight_bytes(&self) -> usize {
        self.weights.iter().map(|w| w.len() * w.dtype.device_bytes()).sum()
    }

    /// The session of a device, a backend and a way to hold integers, made at first use.
    fn session(&self, device: &Device, backend: BackendKind, int64: Int64) -> Result<Arc<Session>> {
        let key = (device.name().to_owned(), backend, int64);
        let mut sessions = self.sessions.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(session) = sessions.get(&key) {
            return Ok(session.clone());
        }
        let mut options = SessionOptions { backend, ..SessionOptions::default() };
        options.compiler.int64 = int64;
        let session = Arc::new(Session::new(self, device, options)?);
        sessions.insert(key, session.clone());
        Ok(session)
    }
}

/// A model is called with named inputs: `explain(&model, [("input", &x)])`.
impl<'n, 't, const N: usize> Callable<[(&'n str, &'t Tensor); N]> for Model {
    type Out = Result<HashMap<String, Tensor>>;

    fn invoke(&self, inputs: [(&'n str, &'t Tensor); N]) -> Self::Out {
        crate::compile::compile(self).run(inputs)
    }
}

impl Compiled<&Model> {
    /// Runs the model on named inputs. One program serves all sizes in the ranges of the model's symbolic dims.
    ///
    /// # Errors
    /// A missing or unknown input, a wrong element type, rank or size; faults of the device.
    pub fn run<'t, N: AsRef<str>>(
        &self,
        inputs: impl IntoIterator<Item = (N, &'t Tensor)>,
    ) -> Result<HashMap<String, Tensor>> {
        let inputs: Vec<(String, &Tensor)> =
            inputs.into_iter().map(|(n, t)| (n.as_ref().to_owned(), t)).collect();
        let device =
            inputs.first().map(|(_, t)| t.device().clone()).map_or_else(Device::best, Ok)?;
        let session = self.inner().session(&device, self.backend_kind(), self.int64_kind())?;
        let outputs = session.run(&inputs)?;
        Ok(self.inner().outputs.iter().map(|o| o.name.clone()).zip(outputs).collect())
    }
}
