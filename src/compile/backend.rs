//! Backends by name: what makes captured graphs runnable. Users may add their own.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use ferrodyne_compiler::graph::{Graph, InputRole};
use ferrodyne_compiler::passes::{PassCx, PassList};
use ferrodyne_compiler::pipeline;
use ferrodyne_plan::plan::Sizes;
use ferrodyne_plan::{Name, Source, Var};

use super::options::BackendKind;
use super::program::Program;
use crate::device::Device;
use crate::error::{Error, Result};
use crate::tensor::{Stored, Tensor};

/// Makes captured graphs runnable. Registered by [`register_backend`] and chosen by name:
///
/// ```
/// use ferrodyne::prelude::*;
/// use ferrodyne::passes::Graph;
/// use ferrodyne::{Backend, Executable, Result, compile_graph, register_backend};
///
/// /// Prints what it is given and leaves the work to another backend.
/// struct Printing;
///
/// impl Backend for Printing {
///     fn compile(&self, graph: &Graph, device: &Device) -> Result<Box<dyn Executable>> {
///         println!("{graph}");
///         compile_graph(graph, device, "inductor")
///     }
/// }
///
/// register_backend("printing", Printing)?;
/// let f = compile(|x: &Tensor| x.sin() * 2.0).backend("printing")?;
/// let y = f.call(&Tensor::zeros([3], &Device::cpu()))?;
/// assert_eq!(y.to_vec::<f32>()?, [0.0; 3]);
/// # Ok::<(), ferrodyne::Error>(())
/// ```
pub trait Backend: Send + Sync {
    /// Makes a graph runnable on a device. It is called once for each program that a function needs.
    ///
    /// # Errors
    /// Whatever hinders it; the call that needed the program fails with it.
    fn compile(&self, graph: &Graph, device: &Device) -> Result<Box<dyn Executable>>;
}

/// A graph made runnable.
pub trait Executable: Send + Sync {
    /// Runs on values for all inputs of the graph in order, parameters included; gives its results in order, then the values
    /// that it writes back ([`Graph::roots`]).
    ///
    /// # Errors
    /// Whatever hinders it.
    fn run(&self, inputs: &[Tensor]) -> Result<Vec<Tensor>>;
}

type Registry = Mutex<BTreeMap<String, (&'static str, Arc<dyn Backend>)>>;

static REGISTRY: LazyLock<Registry> = LazyLock::new(Mutex::default);

/// Adds a backend under a name.
///
/// # Errors
/// A name that a backend has already.
pub fn register_backend(name: &str, backend: impl Backend + 'static) -> Result<()> {
    let mut registry = REGISTRY.lock().unwrap_or_else(PoisonError::into_inner);
    let own = BackendKind::ALL.iter().any(|(own, _)| *own == name);
    if own || registry.contains_key(name) {
        let message = format!("there is a backend `{name}` already");
        return Err(Error::at("option", message, Source::unknown()));
    }
    let kept: &'static str = Box::leak(name.to_owned().into_boxed_str());
    registry.insert(name.to_owned(), (kept, Arc::new(backend)));
    Ok(())
}

/// Names of all backends: ferrodyne's, then those that were registered.
pub fn backends() -> Vec<String> {
    let registry = REGISTRY.lock().unwrap_or_else(PoisonError::into_inner);
    let own = BackendKind::ALL.iter().map(|(name, _)| (*name).to_owned());
    own.chain(registry.keys().cloned()).collect()
}

/// The lasting name of a registered backend.
pub(super) fn registered(name: &str) -> Option<&'static str> {
    let registry = REGISTRY.lock().unwrap_or_else(PoisonError::into_inner);
    registry.get(name).map(|(name, _)| *name)
}

/// Makes a graph runnable by a registered backend.
///
/// # Errors
/// A name that no backend has, with the choices; what the backend reports.
pub(super) fn compile_registered(
    name: &str,
    graph: &Graph,
    device: &Device,
) -> Result<Box<dyn Executable>> {
    let registry = REGISTRY.lock().unwrap_or_else(PoisonError::into_inner);
    let backend = registry.get(name).map(|(_, backend)| backend.clone());
    drop(registry);
    backend.ok_or_else(|| unknown(name))?.compile(graph, device)
}

/// The fault of a name that no backend has.
pub(crate) fn unknown(name: &str) -> Error {
    let message = format!("there is no backend `{name}`; there are: {}", backends().join(", "));
    Error::at("option", message, Source::unknown())
}

/// Makes a graph runnable by one of the backends: what a backend of one's own leaves the rest of its work to.
///
/// # Errors
/// A name that no backend has, with the choices; faults of the compiler and of the device.
pub fn compile_graph(graph: &Graph, device: &Device, backend: &str) -> Result<Box<dyn Executable>> {
    let kind = BackendKind::named(backend).ok_or_else(|| unknown(backend))?;
    let mut graph = graph.clone();
    let program = match kind {
        BackendKind::Registered(name) => return compile_registered(name, &graph, device),
        BackendKind::Eager => {
            let inline = PassList::named("inline")?;
            inline.run(&mut graph, &PassCx::default(), &mut |_, _| {})?;
            None
        }
        kind => {
            let options = pipeline::Options::default();
            Some(Program::make(graph.clone(), device, kind, &options, None)?)
        }
    };
    Ok(Box::new(Whole { graph, device: device.clone(), program }))
}

/// A graph with its program; without one, its operators run at once.
struct Whole {
    graph: Graph,
    device: Device,
    program: Option<Program>,
}

impl Executable for Whole {
    fn run(&self, inputs: &[Tensor]) -> Result<Vec<Tensor>> {
        let stored = inputs
            .iter()
            .map(|tensor| tensor.value("an input", Source::unknown()))
            .collect::<Result<Vec<&Stored>>>()?;
        let sizes = sizes(&self.graph, &stored)?;
        match &self.program {
            Some(program) => {
                let (mut results, written) = program.run(&sizes, &stored)?;
                results.extend(written.into_iter().map(|(_, tensor)| tensor));
                Ok(results)
            }
            None => crate::model::run_eagerly(&self.graph, &self.device, &sizes, &stored),
        }
    }
}

/// Values of a graph's symbols, from the shapes of its inputs.
fn sizes(graph: &Graph, inputs: &[&Stored]) -> Result<Sizes> {
    if inputs.len() != graph.inputs.len() {
        let names: Vec<String> = graph
            .inputs
            .iter()
            .map(|input| match input.role {
                InputRole::Argument | InputRole::Scalar => format!("`{}`", input.name),
                InputRole::Parameter => format!("parameter `{}`", input.name),
                InputRole::Buffer => format!("buffer `{}`", input.name),
            })
            .collect();
        let message = format!(
            "`{}` takes {}, but got {} tensors",
            graph.name,
            names.join(", "),
            inputs.len()
        );
        return Err(Error::at("arity", message, Source::unknown()));
    }
    let mut values: BTreeMap<Name, i64> = BTreeMap::new();
    for (input, stored) in graph.inputs.iter().zip(inputs) {
        for (dim, &size) in graph.ty(input.node).dims.iter().zip(&stored.dims) {
            if let Some(Var::Sym(name)) = dim.as_var() {
                values.entry(name.clone()).or_insert(size as i64);
            }
        }
    }
    Ok(Sizes::new(values))
}
