//! Compiling ahead of time: comes in a function with specs of its arguments and a target, goes out the plan that a call would
//! make. No device is there, and no value is known.
//!
//! A function is called with tensors that have a type alone. The outermost compiled function that gets them is recorded instead
//! of run, and what was made leaves by a quiet unwind, since a result there cannot be. A function that works on such tensors
//! itself is not compiled: it is left in the same way, and recorded as [`compile`](fn@crate::compile) would.

mod contract;
mod described;
mod spec;
mod specs;

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Arc;

use ferrodyne_compiler::graph::{InputRole, TensorType};
use ferrodyne_plan::{DType, Diagnostic, Dim, Name, Plan, Range, Source, Target};

pub use contract::Contract;
pub use spec::{SizeSpec, TensorSpec};
pub use specs::{AsIs, Specs};

pub(crate) use described::nowhere;

use crate::capture::{GraphBreak, Recorder, Segments};
use crate::compile::{
    Arg, Call, CallSite, Callable, Fresh, Given, Options, Place, Recorded, Ret, declared, record,
    undecided,
};
use crate::error::{Error, Result};
use crate::explain::Compiled;
use crate::scalar::Scalar;
use crate::tensor::Tensor;

/// Compiles a function with `#[compile]` ahead of time, on types alone, for a target: `specs` stand for the arguments of a call.
/// The plan is the one that a call would make on a device that is the target.
///
/// ```
/// use ferrodyne::prelude::*;
/// use ferrodyne::{Target, aot};
///
/// #[compile]
/// fn scores(x: &Tensor, w: &Tensor) -> Tensor {
///     x.matmul(w).softmax(-1)
/// }
///
/// let target = Target::named("webgpu-default").expect("it ships with the crate");
/// let plan = aot(&scores, &target, ("f32[batch in 1..=64, 32]", "f32[32, 10]"))?;
/// assert_eq!(plan.symbols[0].name.to_string(), "batch");
/// # Ok::<(), ferrodyne::Error>(())
/// ```
///
/// # Errors
/// Specs that are malformed or contradict each other; a function that reads values, with the lines; faults of the compiler.
pub fn aot<F, S: Specs>(f: &F, target: &Target, specs: S) -> Result<Plan>
where
    F: Callable<S::Args>,
{
    Ok(explain_aot(f, target, specs)?.plan)
}

/// As [`aot`], with what each stage made.
///
/// # Errors
/// As [`aot`].
pub fn explain_aot<F, S: Specs>(f: &F, target: &Target, specs: S) -> Result<Compiled>
where
    F: Callable<S::Args>,
{
    compiled(f, &Options::default(), target, &specs.arguments()?)
}

/// Compiles a function under options: its own, where it is a compiled one.
pub(crate) fn compiled<A: Arg, F: Callable<A>>(
    f: &F,
    options: &Options,
    target: &Target,
    args: &A,
) -> Result<Compiled> {
    let again = args.fresh(&mut Same);
    if let Some(found) = of_compiled(target, || f.invoke(again)) {
        return found;
    }
    let site = CallSite { options, arguments: f.arguments(), module: f.module(), progress: None };
    make(&site, target, args, &|args| f.invoke(args))
}

/// Gives the inputs as they are.
pub(crate) struct Same;

impl Fresh for Same {
    fn tensor(&mut self, tensor: &Tensor) -> Tensor {
        tensor.clone()
    }

    fn scalar(&mut self, scalar: &Scalar) -> Scalar {
        scalar.clone()
    }
}

/// The target of a name.
///
/// # Errors
/// A name that no target has, with the choices.
pub(crate) fn named(name: &str) -> Result<Target> {
    Target::named(name).ok_or_else(|| {
        let names: Vec<String> = Target::all().map(|target| target.name.to_string()).collect();
        let names = names.join(", ");
        let message = format!("there is no target `{name}`; there are: {names}");
        Error::at("option", message, Source::unknown())
    })
}

/// The fault of a use of a value where there is a type alone. While a compiled function is looked for, this is not it.
pub(crate) fn no_value(spec: &TensorSpec, what: &str, source: Source) -> Error {
    if taken().is_some() {
        resume_unwind(Box::new(Left(None)));
    }
    let message = format!("{what} needs a value, but this tensor is the spec {spec}");
    let help = "specs are for `aot`, which compiles without values";
    Error::Tensor(Diagnostic::new("spec", message).at(source).help(help))
}

thread_local! {
    /// What to compile for, while a compiled function is looked for.
    static WANTED: RefCell<Option<Target>> = const { RefCell::new(None) };
}

/// The payload of the unwind that leaves a function: what was made of the compiled function in it, if it is one.
struct Left(Option<Result<Box<Compiled>>>);

/// The target to compile for, if a compiled function is looked for on this thread; the search ends with it.
pub(crate) fn taken() -> Option<Target> {
    WANTED.take()
}

/// Leaves the function that was looked into with what was made of it.
pub(crate) fn found(made: Result<Compiled>) -> ! {
    resume_unwind(Box::new(Left(Some(made.map(Box::new)))))
}

/// Calls a function that may be a compiled one, and gives what became of it; `None` where it is none. Where panics abort a
/// function cannot be left, so that it is taken for none.
fn of_compiled<R>(target: &Target, call: impl FnOnce() -> R) -> Option<Result<Compiled>> {
    if cfg!(panic = "abort") {
        return None;
    }
    WANTED.set(Some(target.clone()));
    let ended = catch_unwind(AssertUnwindSafe(call));
    WANTED.take();
    match ended.err()?.downcast::<Left>() {
        Ok(left) => Some(left.0?.map(|made| *made)),
        Err(panic) => resume_unwind(panic),
    }
}

/// Records a body on the types of its arguments and compiles what it does.
///
/// # Errors
/// As [`aot`].
pub(crate) fn make<A: Arg, R: Ret>(
    site: &CallSite<'_>,
    target: &Target,
    args: &A,
    body: &impl Fn(A) -> R,
) -> Result<Compiled> {
    let options = site.options;
    let compiler = options.compiler_of_backend(target)?;
    let segments = Arc::new(Segments::new(options.clone()));
    let device = described::device(target);
    let mut recorder = Recorder::new(options.name.as_str(), device, segments);
    recorder.set_ahead();
    if let Some(module) = site.module {
        recorder.name_cells(module);
    }
    let call = Call::noted(args, site);
    Types::of(&call).declare(options, &mut recorder)?;
    let (recorder, outputs) = match record(recorder, &call, args, body, &|panic| panic)? {
        Recorded::Whole { recorder, outputs, .. } => (recorder, outputs),
        Recorded::Error(_, error) => {
            return Err(Error::at("capture", error, Source::unknown()));
        }
        Recorded::Replay(why) => return Err(broken(options, &[why])),
        Recorded::Broken(_, breaks) => return Err(broken(options, &breaks)),
    };
    let decides = recorder.decisions();
    let made = Compiled::make(recorder.finish(&outputs)?.graph, target, &compiler);
    match (made, decides) {
        (Err(fault), Some(source)) => Err(broken(options, &[undecided(&fault, &source)])),
        (made, _) => made,
    }
}

fn broken(options: &Options, breaks: &[GraphBreak]) -> Error {
    let message = format!("`{}` cannot be compiled ahead of its values", options.name);
    let notes = breaks.iter().map(GraphBreak::to_string);
    Error::Tensor(notes.fold(Diagnostic::new("break", message), Diagnostic::note))
}

/// The inputs of a call by their types, in order.
struct Types(Vec<Typed>);

/// An input: the user's name, and the spec of a tensor or the element type of a scalar.
struct Typed {
    path: String,
    ty: Result<TensorSpec, DType>,
}

impl Types {
    fn of(call: &Call) -> Types {
        let typed = |given: &Given| {
            let number = given.number().map(|number| number.dtype());
            let ty = given.spec().ok_or(number.unwrap_or(DType::F32));
            Typed { path: call.path(given).to_owned(), ty }
        };
        Types(call.given.iter().map(typed).collect())
    }

    /// Declares symbols and arguments. A number where the function declares a symbol is the value of the symbol.
    ///
    /// # Errors
    /// Two ranges or hints of one symbol; a value outside of its range.
    fn declare(&self, options: &Options, recorder: &mut Recorder) -> Result<()> {
        let mut known: BTreeMap<Name, (Range, i64)> = self.symbols()?;
        let mut tensors = Vec::new();
        for (number, (path, spec)) in self.tensors().enumerate() {
            let mut dims = spec.dims();
            for (axis, dim) in dims.iter_mut().enumerate() {
                let declared = options.dynamic.iter().find(|d| d.at.is(number, path, axis));
                if let (Some(declared), Some(value)) = (declared, dim.as_const()) {
                    let name = Name::from(declared.name.as_str());
                    known.entry(name.clone()).or_insert((declared.range, value));
                    *dim = Dim::sym(name);
                }
            }
            tensors.push(dims);
        }
        for (name, (range, value)) in &known {
            if !range.contains(*value) {
                let message = format!("`{name}` is {value}, but it is declared in {range}");
                return Err(Error::at("spec", message, Source::unknown()));
            }
        }
        self.check(options, tensors.len())?;
        let mut tensors = tensors.into_iter();
        for Typed { path, ty } in &self.0 {
            let (role, dtype, dims) = match ty {
                Ok(spec) => (InputRole::Argument, spec.dtype(), tensors.next().unwrap_or_default()),
                Err(dtype) => (InputRole::Scalar, *dtype, Vec::new()),
            };
            let mut sizes = Vec::new();
            for dim in &dims {
                let size = match dim.as_var().and_then(|var| known.get_key_value(var.name())) {
                    Some((name, (range, value))) => {
                        recorder.symbol(name.clone(), *range, *value);
                        *value
                    }
                    None => dim.as_const().unwrap_or_default(),
                };
                sizes.push(size as usize);
            }
            recorder.typed_argument(path, role, TensorType { dtype, dims }, sizes);
        }
        Ok(())
    }

    /// Checks that every tensor with a declared dim is among the first `n`.
    fn check(&self, options: &Options, n: usize) -> Result<()> {
        let declared = options.dynamic.iter().map(|d| &d.at).chain(&options.fixed);
        let absent = declared
            .map(|axis| &axis.tensor)
            .find(|place| matches!(place, Place::Number(number) if *number >= n));
        let Some(place) = absent else { return Ok(()) };
        let message = declared::no_tensor(place, self.tensors().map(|(path, _)| path));
        Err(Error::at("spec", format!("`{}`: {message}", options.name), options.source.clone()))
    }

    fn tensors(&self) -> impl Iterator<Item = (&str, &TensorSpec)> {
        self.0.iter().filter_map(|typed| Some((typed.path.as_str(), typed.ty.as_ref().ok()?)))
    }

    /// The symbols of all specs with their ranges, and the values on which schedules are chosen.
    fn symbols(&self) -> Result<BTreeMap<Name, (Range, i64)>> {
        let mut merged: BTreeMap<Name, spec::Symbol> = BTreeMap::new();
        for symbol in self.tensors().flat_map(|(_, spec)| spec.symbols()) {
            let Some(known) = merged.get_mut(&symbol.name) else {
                merged.insert(symbol.name.clone(), symbol.clone());
                continue;
            };
            let ranges = known.range.zip(symbol.range).filter(|(a, b)| a != b);
            let hints = known.hint.zip(symbol.hint).filter(|(a, b)| a != b);
            let clash = ranges.map(|(a, b)| format!("in {a} and in {b}"));
            let clash = clash.or_else(|| hints.map(|(a, b)| format!("hint {a} and hint {b}")));
            if let Some(clash) = clash {
                let message =
                    format!("`{}` is one symbol, but it is declared {clash}", symbol.name);
                return Err(Error::at("spec", message, Source::unknown()));
            }
            known.range = known.range.or(symbol.range);
            known.hint = known.hint.or(symbol.hint);
        }
        Ok(merged.into_values().map(|s| (s.name.clone(), (s.range(), s.value()))).collect())
    }
}
