//! `trace`: one run of a function on examples, as a graph that can be called, looked at and checked.
//!
//! What the function does with tensors is recorded; what it does on the host is done once, and stays as it was for the examples.
//! Each place where a tensor's value decided that is a [`TraceWarning`]. A function under `#[compile]` keeps both sides of its
//! branches on tensors, also when one that is traced calls it.

mod check;
mod inside;
mod options;
mod part;
mod record;
mod view;

use ferrodyne_compiler::graph::Graph;
use ferrodyne_plan::{Diagnostic, Source};

pub use crate::capture::TraceWarning;
pub use check::Divergence;
pub use options::TraceOptions;
pub(crate) use record::breaks;
pub use view::TracedModule;

use crate::capture::{Lifted, lifted_state};
use crate::compile::{Arg, Call, CallSite, Callable, Guards, Program, Rebuild, Ret};
use crate::error::{Error, Result};
use crate::module::{Module, Snapshot, Visitor};
use crate::tensor::{Stored, Tensor};

/// A function or module as it ran once, compiled. Made by [`trace`].
///
/// It is a module of its own: its parameters and buffers are those of the module that was traced, so that what is loaded into one is
/// seen by the other. Modes and configuration stay as they were: `eval()` comes before `trace`, and `train()` changes nothing
/// afterwards.
pub struct Traced<R = Tensor> {
    module: Snapshot,
    guards: Guards,
    program: Program,
    lifted: Vec<Lifted>,
    rebuild: Rebuild<R>,
    warnings: Vec<TraceWarning>,
    divergences: Vec<Divergence>,
    options: TraceOptions,
    /// Prints of the host values among the examples.
    hosts: Vec<u64>,
    /// A number that no other trace has.
    key: u64,
}

/// Records one run of a function or module on examples; sizes are numbers in the trace. As [`trace_with`] with the default options.
///
/// ```
/// use ferrodyne::prelude::*;
/// use ferrodyne::trace;
///
/// let device = Device::cpu();
/// let traced = trace(|x: &Tensor| x.sin() * 2.0, &Tensor::ones([3], &device))?;
/// assert!(traced.warnings().is_empty());
/// assert!(traced.code().contains("x0.sin()"), "{}", traced.code());
/// let y = traced.call(&Tensor::zeros([3], &device))?;
/// assert_eq!(y.to_vec::<f32>()?, [0.0; 3]);
/// # Ok::<(), ferrodyne::Error>(())
/// ```
///
/// # Errors
/// As [`trace_with`].
pub fn trace<A: Arg, F: Callable<A>>(f: F, examples: A) -> Result<Traced<F::Out>> {
    trace_with(f, examples, TraceOptions::new())
}

/// Records one run of a function or module on examples, with options.
///
/// The function runs once for each side of its decisions on tensors and, unless [`TraceOptions::check_trace`] says otherwise, some
/// times more, to find what a trace cannot keep ([`Traced::divergences`]). Warnings and divergences are logged under the target
/// `trace`.
///
/// # Errors
/// A function that gives an error for the examples; faults of the compiler and the device. A panic of the function goes on.
pub fn trace_with<A: Arg, F: Callable<A>>(
    f: F,
    examples: A,
    options: TraceOptions,
) -> Result<Traced<F::Out>> {
    let mut traced = record::traced(&f, &examples, options)?;
    let name = traced.name().to_owned();
    for warning in &traced.warnings {
        tracing::warn!(target: "trace", "`{name}`: {warning}");
    }
    if traced.options.check {
        traced.divergences = check::usual(&traced, &f, &examples)?;
        for divergence in &traced.divergences {
            tracing::warn!(target: "trace", "`{name}`: {divergence}");
        }
    }
    Ok(traced)
}

impl<R: Ret> Traced<R> {
    /// Runs the trace: `traced.call(&x)`, `traced.call((&x, &y))`. The arguments are of the examples' kinds and sizes; a dim that was
    /// declared by [`TraceOptions::dynamic`] may have any size in its range. Host values among them must be the examples'. Inside of a
    /// compiled or traced function it becomes a part of that function's graph.
    ///
    /// # Errors
    /// Arguments that the trace is not right for, with the size or value that differs and the line that needs it; faults of the
    /// device.
    #[track_caller]
    pub fn call<A: Arg>(&self, args: A) -> Result<R> {
        let source = Source::caller();
        let args = match crate::capture::is_recording() {
            false => args,
            true => {
                let _scope = crate::__private::enter(self);
                match self.recorded(&args, &source)? {
                    Some(result) => return Ok(result),
                    None => crate::capture::settled(&args, &source)?,
                }
            }
        };
        let mut call = Call::of(&args, None);
        if !self.guards.hold(&mut call.words) {
            return Err(self.refused(&args, source));
        }
        let lifted = self.lifted.iter().map(Lifted::value).collect::<Result<Vec<Stored>>>()?;
        let given = call.values(self.program.device())?;
        let inputs: Vec<&Stored> = given.iter().chain(&lifted).collect();
        let (tensors, state) = self.program.run(&self.guards.sizes(&call), &inputs)?;
        lifted_state(&self.lifted, given.len(), &state);
        Ok((self.rebuild)(&mut tensors.into_iter()))
    }

    /// The fault of arguments that the trace is not right for.
    fn refused<A: Arg>(&self, args: &A, source: Source) -> Error {
        let options = &self.options.options;
        let site = CallSite { options, arguments: &[], module: None, progress: None };
        let miss = self.guards.miss(&record::noted(args, &site));
        let why = miss.map_or("other values".to_owned(), |miss| miss.text);
        let name = self.name();
        let message = format!("`{name}` was traced for other arguments: {why}");
        let help = "trace it with such examples, or declare the dims that vary with `TraceOptions::dynamic`";
        Error::Tensor(Diagnostic::new("trace", message).at(source).help(help))
    }

    /// Records the function again with other inputs and runs it, and compares: with the trace's graph, and with its results.
    /// Random numbers are drawn alike in both, and buffers are left as they were. Inputs differ in values; in sizes only where
    /// dims were declared. An empty list is no proof.
    ///
    /// ```
    /// use ferrodyne::prelude::*;
    /// use ferrodyne::{TraceOptions, trace_with};
    ///
    /// let device = Device::cpu();
    /// let f = |x: &Tensor| if x.sum() > 0.0 { x * 2 } else { x * 3 };
    /// let x = Tensor::ones([3], &device);
    /// let traced = trace_with(f, &x, TraceOptions::new().check_trace(false))?;
    /// assert_eq!(traced.warnings().len(), 1);
    /// assert!(traced.check_trace(f, &(&x * 2))?.is_empty());
    /// let found = traced.check_trace(f, &-&x)?;
    /// assert!(found[0].to_string().contains("the graphs part"), "{}", found[0]);
    /// # Ok::<(), ferrodyne::Error>(())
    /// ```
    ///
    /// # Errors
    /// Faults of the compiler and the device. What the function itself does wrong is a divergence.
    pub fn check_trace<A: Arg, F: Callable<A, Out = R>>(
        &self,
        f: F,
        inputs: A,
    ) -> Result<Vec<Divergence>> {
        check::with(self, &f, &inputs, "the inputs given")
    }
}

impl<R> Traced<R> {
    /// The function's or the module's name.
    pub fn name(&self) -> &str {
        &self.program.graph().name
    }

    /// Where the run depended on the examples' values.
    pub fn warnings(&self) -> &[TraceWarning] {
        &self.warnings
    }

    /// What the check that comes with tracing found: with the same examples, with other values, and with other sizes where dims were
    /// declared.
    pub fn divergences(&self) -> &[Divergence] {
        &self.divergences
    }

    /// The graph as it was recorded: submodules are graphs of their own, and called.
    pub fn graph(&self) -> &Graph {
        self.program.graph()
    }

    /// The graph as Rust that people read, and that compiles: a function, and one for each submodule.
    pub fn code(&self) -> String {
        crate::code::rust(self.graph())
    }

    /// The whole with its submodules in the place of their calls.
    ///
    /// # Errors
    /// Faults of the pass `inline`, which are ferrodyne's.
    pub fn inlined(&self) -> Result<TracedModule<'_>> {
        self.submodule("")?.inlined()
    }

    /// A submodule by its path, such as `layer1.0`; a second call of it has the path `layer1#2`. The empty path is the whole.
    ///
    /// # Errors
    /// A path that the module does not have, with the paths there are, or that the trace does not call.
    pub fn submodule(&self, path: &str) -> Result<TracedModule<'_>> {
        view::submodule(&self.module, self.graph(), path)
    }

    /// What the compiler made of the graph, stage by stage.
    ///
    /// # Errors
    /// Faults of the compiler.
    pub fn explain(&self) -> Result<crate::explain::Compiled> {
        self.program.explain()
    }
}

/// The tree, with the types that the modules were made of, as TorchScript prints it.
impl<R> std::fmt::Display for Traced<R> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.module.fmt(f)
    }
}

impl<R> Module for Traced<R> {
    fn type_name(&self) -> &str {
        self.module.type_name()
    }

    fn visit(&self, visitor: &mut dyn Visitor) {
        self.module.visit(visitor);
    }
}
