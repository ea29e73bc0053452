//! `compile`: functions and modules whose calls run as fused programs, kept and found again by guards.

mod arg;
mod backend;
mod cache;
mod call;
mod callable;
mod check;
pub(crate) mod declared;
mod event;
mod given;
mod guards;
mod miss;
mod note;
mod options;
mod plans;
mod program;
mod record;
mod reference;
mod replay;
pub(crate) mod ret;
pub(crate) mod site;
// A browser cannot wait for the times of kernels.
#[cfg_attr(target_arch = "wasm32", allow(dead_code))]
mod tune;

use std::panic::Location;
use std::sync::{Arc, OnceLock};

use ferrodyne_plan::{Plan, Range, Source, Target};

pub use arg::{Arg, ArgVisitor, Fresh, Part};
pub(crate) use arg::{EachTensor, fingerprint};
pub(crate) use backend::unknown as unknown_backend;
pub use backend::{Backend, Executable, backends, compile_graph, register_backend};
pub use cache::ProgramReport;
pub(crate) use cache::{Cache, CallSite};
pub(crate) use call::{Call, FLOAT_SCALAR, Given, size_fault};
pub use callable::Callable;
pub(crate) use declared::{Axis, Declared, Place, declare};
pub use event::{Event, EventKind, Stats};
pub use given::Host;
pub use given::pick;
pub(crate) use guards::{Guards, fact_holds};
pub use options::BackendKind;
pub(crate) use options::{Options, int64, tunes};
pub(crate) use plans::Plans;
pub use program::CompileTimes;
pub(crate) use program::{Program, State};
pub(crate) use record::{Recorded, record, take_apart, undecided};
pub(crate) use ret::taken_apart;
pub use ret::{Rebuild, Ret};
pub(crate) use site::forget_cell;
pub use site::{function_stats, reset, reset_function};
pub(crate) use tune::{Trial, tuned};

use crate::ahead::Specs;
use crate::error::Result;
use crate::module::{Module, first_cell};

/// A function or module whose calls are compiled. Made by [`compile`].
pub struct Compiled<F> {
    inner: F,
    options: Options,
    cache: OnceLock<Arc<Cache>>,
    progress: Option<Box<dyn Fn(usize, usize) + Send + Sync>>,
}

/// Compiles what is called: the first call records the function, later ones check guards and go straight to a program.
///
/// A call that finds a program does not run the code of the function again. What that code does beside computing its result is done
/// once, when it is recorded, and what it sees beside its arguments, the module's fields and the values of parameters and buffers is
/// taken as it was then: statics, clocks, files, what a closure has captured in a `Cell` or behind a lock. Where that matters, ask for
/// [`Compiled::replay`], or leave the part out by [`disable`]. Fields of modules whose types show that they change behind shared
/// references are refused. A value that is read, by `item()` or by printing, makes the function replay by itself.
///
/// ```
/// use ferrodyne::prelude::*;
/// let device = Device::cpu();
/// let f = compile(|x: &Tensor, y: &Tensor| x.sin() + y.cos());
/// let x = Tensor::ones([3], &device);
/// let z = f.call((&x, &x))?;
/// assert!((z.to_vec::<f32>()?[0] - (1f32.sin() + 1f32.cos())).abs() < 1e-6);
/// assert_eq!(f.stats().compilations, 1);
/// # Ok::<(), ferrodyne::Error>(())
/// ```
#[track_caller]
pub fn compile<F>(inner: F) -> Compiled<F> {
    let options = Options { source: Source::caller(), ..Options::default() };
    Compiled { inner, options, cache: OnceLock::new(), progress: None }
}

/// Leaves a function or module out of compilation: it runs operator by operator wherever it is called, and so does what it calls.
/// Inside of a compiled function this is a graph break; `#[compile(disable)]` does the same for a function by itself.
///
/// ```
/// use ferrodyne::prelude::*;
/// use ferrodyne::disable;
/// let noisy = disable(|x: &Tensor| { println!("seen: {x}"); x + 1 });
/// let f = compile(|x: &Tensor| -> ferrodyne::Result<Tensor> { Ok(noisy.call(&(x * 2))? * 3) });
/// let y = f.call(&Tensor::ones([2], &Device::cpu()))??;
/// assert_eq!(y.to_vec::<f32>()?, [9.0, 9.0]);
/// assert!(f.stats().breaks[0].reason.contains("is disabled"));
/// # Ok::<(), ferrodyne::Error>(())
/// ```
pub fn disable<F>(inner: F) -> Compiled<F> {
    compile(inner).disable()
}

impl<F> Compiled<F> {
    /// Chooses a backend by name: `inductor`, `no_fusion`, `eager`, `reference`, or one that was registered.
    ///
    /// # Errors
    /// A name that is no backend; the message lists the choices.
    pub fn backend(mut self, name: &str) -> Result<Compiled<F>> {
        self.options.backend = BackendKind::named(name).ok_or_else(|| backend::unknown(name))?;
        Ok(self)
    }

    /// How much time may be spent on compiling: `default`, or `max_autotune`, which lets schedules be timed on the device. The
    /// results are the same up to the order of sums.
    ///
    /// # Errors
    /// A name that is no mode; the message lists the choices.
    pub fn mode(mut self, name: &str) -> Result<Compiled<F>> {
        self.options.tune = tunes(name)?;
        Ok(self)
    }

    /// How devices hold i64: `narrow`, the default, in 32 bits, whose range is checked where values come in and in which results
    /// wrap; or `pair`, in 64 bits, exact and wrapping over the whole range, and several times slower where integers are computed
    /// with. With `pair`, arguments and constants may be any i64, and results keep what they are: a tensor that is held in 64 bits
    /// stays so in eager operators and in other functions compiled so. [`Tensor::from_longs`](crate::Tensor::from_longs) makes one
    /// of values beyond 32 bits. Eager execution and the backend `eager` hold what is made of smaller ones in 32.
    ///
    /// ```
    /// use ferrodyne::prelude::*;
    /// let f = compile(|x: &Tensor| x * 1_000_003 + 7).int64("pair")?;
    /// let y = f.call(&Tensor::from_vec(vec![1i64 << 30], [1], &Device::cpu()))?;
    /// assert_eq!(y.to_vec::<i64>()?, [(1i64 << 30) * 1_000_003 + 7]);
    /// # Ok::<(), ferrodyne::Error>(())
    /// ```
    ///
    /// # Errors
    /// A name that is neither.
    pub fn int64(mut self, name: &str) -> Result<Compiled<F>> {
        self.options.int64 = options::int64(name)?;
        Ok(self)
    }

    /// Runs a registered pass among ferrodyne's, at the position that it names.
    ///
    /// # Errors
    /// A name that no registered pass has; the message lists those there are.
    pub fn pass(mut self, name: &str) -> Result<Compiled<F>> {
        self.options.passes.push(crate::passes::named(name)?);
        Ok(self)
    }

    /// Declares a dim of the `tensor`-th tensor argument as symbolic from the first call, with a name for messages and the
    /// values that it may take.
    pub fn dynamic(
        mut self,
        tensor: usize,
        axis: usize,
        name: &str,
        range: std::ops::RangeInclusive<usize>,
    ) -> Compiled<F> {
        let range = Range::between(*range.start() as i64, *range.end() as i64);
        let at = Axis { tensor: Place::Number(tensor), axis };
        self.options.dynamic.push(Declared { at, name: name.to_owned(), range });
        self
    }

    /// Keeps a dim of the `tensor`-th tensor argument a number: each size has a program of its own, however many there are.
    pub fn static_dim(mut self, tensor: usize, axis: usize) -> Compiled<F> {
        self.options.fixed.push(Axis { tensor: Place::Number(tensor), axis });
        self
    }

    /// Names the arguments for messages, guards and graphs; `#[compile]` and `#[module]` do it by themselves.
    pub fn arguments(mut self, names: &[&str]) -> Compiled<F> {
        self.options.arguments = names.iter().map(|name| (*name).to_owned()).collect();
        self
    }

    /// How many programs are kept; 8 by default. The one used longest ago goes first.
    pub fn programs_max(mut self, n: usize) -> Compiled<F> {
        self.options.programs_max = n;
        self
    }

    /// Makes an error of every graph break: of a value that is read, or a decision that cannot be part of the graph.
    pub fn fullgraph(mut self) -> Compiled<F> {
        self.options.fullgraph = true;
        self
    }

    /// Runs the body on every call, for functions with side effects: only what it does with tensors is compiled.
    pub fn replay(mut self) -> Compiled<F> {
        self.options.replay = true;
        self
    }

    /// Leaves the function out of compilation: it runs operator by operator, and so does what it calls. Inside of another compiled
    /// function this is a graph break. See [`disable`].
    pub fn disable(mut self) -> Compiled<F> {
        self.options.disabled = true;
        self
    }

    /// Drops all programs of the function, and forgets what its calls were like; the next call compiles anew. All wrappers of one
    /// module, or of one function without captured values, share their programs.
    pub fn reset(&self) {
        if let Some(cache) = self.cache.get() {
            cache.reset();
        }
    }

    /// Gives the function a name for messages and listings.
    pub fn named(mut self, name: &str) -> Compiled<F> {
        self.options.name = name.to_owned();
        self
    }

    /// Calls a function while kernels compile, with how many are done and how many there are.
    pub fn on_progress(
        mut self,
        progress: impl Fn(usize, usize) + Send + Sync + 'static,
    ) -> Compiled<F> {
        self.progress = Some(Box::new(progress));
        self
    }

    pub(crate) fn backend_kind(&self) -> BackendKind {
        self.options.backend
    }

    pub(crate) fn int64_kind(&self) -> ferrodyne_compiler::pipeline::Int64 {
        self.options.int64
    }

    /// What was compiled.
    pub fn inner(&self) -> &F {
        &self.inner
    }

    /// Calls it: `f.call(&x)`, `f.call((&x, &y))`.
    ///
    /// Threads may call at once: one of them compiles, and the others wait for its program.
    ///
    /// # Errors
    /// What capture, compiler and device report, and faults of operators inside of the function, with its line: they return from
    /// the call, which the function itself would leave by a panic.
    #[track_caller]
    pub fn call<A: Arg>(&self, args: A) -> Result<F::Out>
    where
        F: Callable<A>,
    {
        let module = self.inner.module();
        let (options, arguments) = (&self.options, self.inner.arguments());
        let site = CallSite { options, arguments, module, progress: self.progress() };
        let at = Location::caller();
        crate::fault::returned(|| {
            self.cache(module).call(&site, at, args, |args| self.inner.invoke(args))
        })
    }

    /// Whether a program is there for a call with such arguments: its guards are checked, and nothing is run.
    ///
    /// ```
    /// use ferrodyne::prelude::*;
    /// let f = compile(|x: &Tensor| x.sin());
    /// let (x, y) = (Tensor::ones([3], &Device::cpu()), Tensor::ones([4], &Device::cpu()));
    /// f.call(&x)?;
    /// assert!(f.has_program(&x) && !f.has_program(&y));
    /// # Ok::<(), ferrodyne::Error>(())
    /// ```
    pub fn has_program<A: Arg>(&self, args: A) -> bool
    where
        F: Callable<A>,
    {
        let module = self.inner.module();
        self.cache(module).serves(&args, module)
    }

    /// Programs held, compilations and their reasons; all zero in a wrapper that was not called, also where another wrapper of the
    /// same function or module was.
    pub fn stats(&self) -> Stats {
        self.cache.get().map(|cache| cache.stats()).unwrap_or_default()
    }

    /// What each program is and has cost.
    pub fn programs(&self) -> Vec<ProgramReport> {
        self.cache.get().map(|cache| cache.programs()).unwrap_or_default()
    }

    /// What the compiler made of each program, stage by stage, in the order of [`Compiled::programs`].
    ///
    /// # Errors
    /// Faults of the compiler.
    pub fn explain(&self) -> Result<Vec<crate::explain::Compiled>> {
        self.cache.get().map_or(Ok(Vec::new()), |cache| cache.explain())
    }

    /// Chooses the target of [`Compiled::aot`] by name; `webgpu-default` otherwise.
    ///
    /// # Errors
    /// A name that no target has; the message lists the choices.
    pub fn target(mut self, name: &str) -> Result<Compiled<F>> {
        self.options.target = Some(crate::ahead::named(name)?);
        Ok(self)
    }

    /// Compiles ahead of time, on types alone: no device is there and nothing runs. `specs` stand for the arguments of a call,
    /// a spec in the place of each tensor. The plan is the one that a call would make on a device that is the target.
    ///
    /// ```
    /// use ferrodyne::prelude::*;
    /// let f = compile(|x: &Tensor, w: &Tensor| x.matmul(w).relu()).target("vulkan-desktop")?;
    /// let plan = f.aot(("f32[batch in 1..=64, 1024]", "f32[1024, 10]"))?;
    /// assert_eq!(plan.kernels.len(), 1);
    /// # Ok::<(), ferrodyne::Error>(())
    /// ```
    ///
    /// # Errors
    /// Specs that are malformed or contradict each other; a function that reads values, with the lines; faults of the compiler.
    pub fn aot<S: Specs>(&self, specs: S) -> Result<Plan>
    where
        F: Callable<S::Args>,
    {
        Ok(self.explain_aot(specs)?.plan)
    }

    /// As [`Compiled::aot`], with what each stage made.
    ///
    /// # Errors
    /// As [`Compiled::aot`].
    pub fn explain_aot<S: Specs>(&self, specs: S) -> Result<crate::explain::Compiled>
    where
        F: Callable<S::Args>,
    {
        let target = self.options.target.clone().unwrap_or_else(Target::webgpu_default);
        let arguments = specs.arguments()?;
        crate::fault::returned(|| {
            crate::ahead::compiled(&self.inner, &self.options, &target, &arguments)
        })
    }

    fn progress(&self) -> Option<ferrodyne_runtime::Progress<'_>> {
        let progress = self.progress.as_deref()?;
        Some(progress as &(dyn Fn(usize, usize) + Sync))
    }

    /// The cache: shared by all wrappers of one module, or of one function without captured values.
    fn cache(&self, module: Option<&dyn Module>) -> &Cache {
        self.cache.get_or_init(|| {
            let type_id = site::type_id::<F>();
            let key = match module {
                Some(module) => Some(site::Key::Module(type_id, first_cell(module))),
                None => (size_of::<F>() == 0).then_some(site::Key::Function(type_id)),
            };
            match key {
                Some(key) => site::cache_of(key, self.options.key(), &self.options.name),
                None => site::registered(&self.options.name),
            }
        })
    }
}

/// The tree of a compiled module, with the types that its modules were made of, as TorchScript prints it.
impl<M: Module> std::fmt::Display for Compiled<M> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        crate::module::Snapshot::of(&self.inner).fmt(f)
    }
}
