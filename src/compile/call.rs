//! One call of a compiled function, as guards and recordings see it: a flat list of words.
//!
//! Every leaf of the arguments and every part of the module that is called is a word or a few: types, sizes, prints of host
//! values, identities of parameters. The lists are used again by later calls of the thread, so that a check allocates nothing.

use std::cell::Cell;
use std::fmt::Debug;

use ferrodyne_compiler::graph::InputRole;
use ferrodyne_plan::{DType, Source};
use ferrodyne_runtime::RuntimeError;

use super::CallSite;
use super::arg::{Arg, ArgVisitor, Part, fingerprint, text_fingerprint};
use super::note::{Note, Notes, What};
use crate::ahead::{SizeSpec, TensorSpec};
use crate::device::Device;
use crate::error::{Error, Result};
use crate::module::{Buffer, Module, Parameter, TypeKey, Visitor};
use crate::scalar::{Number, Scalar};
use crate::tensor::{Stored, Tensor};

/// What stands before the sizes of a tensor: its element type and rank.
fn type_word(dtype: DType, rank: usize) -> i64 {
    (1 << 62) | ((rank as i64) << 8) | dtype as i64
}

/// What stands before the value of a scalar of f32.
pub(crate) const FLOAT_SCALAR: i64 = (1 << 61) | 1;
/// What stands before the value of a scalar of i32.
const INT_SCALAR: i64 = 1 << 61;
/// What stands at the end of a module.
const END: i64 = 1 << 60;
/// How many words the list of a new thread has room for.
const ROOM: usize = 256;

/// An input among the arguments.
pub(crate) struct Given {
    value: Value,
    /// Position of its first size, or of its number.
    pub(crate) at: usize,
}

enum Value {
    Tensor(Tensor),
    Scalar(Number),
}

/// The leaves of a call.
pub(crate) struct Call {
    /// All there is to compare. The first word is the device of the first tensor.
    pub(crate) words: Vec<i64>,
    /// Tensors and scalars among the arguments, in order.
    pub(crate) given: Vec<Given>,
    /// What the words are, for calls that are recorded.
    notes: Option<Notes>,
    /// An argument has no value: the call happens inside of a recording.
    is_traced: bool,
    /// An argument that lies elsewhere than the first.
    stray: Option<Device>,
}

thread_local! {
    /// The lists of the call that was done last.
    static SPARE: Cell<(Vec<i64>, Vec<Given>)> = const { Cell::new((Vec::new(), Vec::new())) };
}

impl Drop for Call {
    fn drop(&mut self) {
        let (mut words, mut given) =
            (std::mem::take(&mut self.words), std::mem::take(&mut self.given));
        words.clear();
        given.clear();
        // At the end of a thread there is no later call that wants the lists.
        let _ = SPARE.try_with(|spare| spare.set((words, given)));
    }
}

impl Call {
    /// The leaves of arguments.
    pub(crate) fn of(args: &impl Arg, module: Option<&dyn Module>) -> Call {
        Call::visiting(args, module, None)
    }

    /// The leaves of arguments, with what each is.
    pub(crate) fn noted(args: &impl Arg, site: &CallSite<'_>) -> Call {
        Call::visiting(args, site.module, Some(Notes::new(site.argument_names())))
    }

    fn visiting(args: &impl Arg, module: Option<&dyn Module>, notes: Option<Notes>) -> Call {
        let (mut words, given) = SPARE.take();
        words.reserve(ROOM);
        words.push(0);
        let mut call = Call { words, given, notes, is_traced: false, stray: None };
        call.note("", || What::Device);
        if let Some(module) = module {
            let mut configuration = Configuration(&mut call);
            configuration.kind(module.type_key());
            module.visit(&mut configuration);
            call.push(END, "", || What::End);
        }
        args.visit(&mut call);
        call
    }

    fn push(&mut self, word: i64, name: &str, what: impl FnOnce() -> What) {
        self.words.push(word);
        self.note(name, what);
    }

    fn note(&mut self, name: &str, what: impl FnOnce() -> What) {
        if let Some(notes) = &mut self.notes {
            notes.add(name, what());
        }
    }

    /// What the words are; nothing for a call that is only checked.
    pub(crate) fn notes(&self) -> &[Note] {
        self.notes.as_ref().map_or(&[], |notes| &notes.list)
    }

    /// Notes a tensor that has a type alone, with the sizes on which schedules are chosen.
    fn typed(&mut self, tensor: &Tensor) {
        let (dtype, rank) = (tensor.dtype(), tensor.rank());
        self.push(type_word(dtype, rank), "", || What::Tensor(dtype, rank));
        self.given.push(Given { value: Value::Tensor(tensor.clone()), at: self.words.len() });
        for (axis, size) in tensor.shape().sizes().iter().enumerate() {
            self.push(size.hint(), "", || What::Size(axis));
        }
    }

    /// The tensors among the arguments, in order.
    pub(crate) fn tensors(&self) -> impl Iterator<Item = &Given> {
        self.given.iter().filter(|given| given.number().is_none())
    }

    /// The user's name of an input.
    pub(crate) fn path(&self, given: &Given) -> &str {
        self.notes().get(given.at - 1).map_or("", |note| note.path.as_str())
    }

    /// The tensors by the user's names, each with its type: `x: f32[4, 5]`.
    pub(crate) fn types(&self) -> String {
        let one = |given: &Given| Some(format!("{}: {}", self.path(given), given.spec()?));
        self.given.iter().filter_map(one).collect::<Vec<_>>().join(", ")
    }

    /// Whether an argument is being recorded by an outer capture.
    pub(crate) fn is_traced(&self) -> bool {
        self.is_traced
    }

    /// The device of the call: the tensors', or the module's.
    ///
    /// # Errors
    /// Tensors of different devices; none at all.
    pub(crate) fn device(&self, module: Option<&dyn Module>) -> Result<Device> {
        let tensors = self.given.iter().filter_map(|given| match &given.value {
            Value::Tensor(tensor) => Some(tensor.device()),
            Value::Scalar(_) => None,
        });
        if let Some(device) = tensors.into_iter().next() {
            return match &self.stray {
                Some(other) => {
                    let lies = |given: &&Given| matches!(&given.value, Value::Tensor(tensor) if tensor.device() == other);
                    let name = self.given.iter().find(lies).map_or("argument", |g| self.path(g));
                    Err(crate::device::wrong_device(name, other, device).into())
                }
                None => Ok(device.clone()),
            };
        }
        let mut first = FirstCell(None);
        if let Some(module) = module {
            module.visit(&mut first);
        }
        let message = "a compiled function needs a tensor among its arguments or parameters, to know its device";
        first.0.ok_or_else(|| Error::at("capture", message, Source::unknown()))
    }

    /// The device of the first tensor among the arguments.
    pub(crate) fn first_device(&self) -> Option<Device> {
        self.given.iter().find_map(|given| match &given.value {
            Value::Tensor(tensor) => Some(tensor.device().clone()),
            Value::Scalar(_) => None,
        })
    }

    /// The words of calls that differ in sizes and scalars alone.
    pub(crate) fn kind(&self) -> Kind {
        let mut open = vec![false; self.words.len()];
        for given in &self.given {
            open[given.at..given.at + given.n_words()].fill(true);
        }
        Kind { words: self.words.clone(), open }
    }

    /// The values of the inputs, on a device.
    ///
    /// # Errors
    /// Faults of the device.
    pub(crate) fn values(&self, device: &Device) -> Result<Vec<Stored>> {
        self.given.iter().map(|given| given.stored(device)).collect()
    }
}

impl Given {
    /// How many words may vary among calls of one kind.
    fn n_words(&self) -> usize {
        match &self.value {
            Value::Tensor(tensor) => tensor.rank(),
            Value::Scalar(_) => 1,
        }
    }

    /// The number, if it is a scalar.
    pub(crate) fn number(&self) -> Option<Number> {
        match &self.value {
            Value::Tensor(_) => None,
            Value::Scalar(number) => Some(*number),
        }
    }

    /// The type of a tensor: its spec, or that of its value.
    pub(crate) fn spec(&self) -> Option<TensorSpec> {
        let Value::Tensor(tensor) = &self.value else { return None };
        let own = || {
            let shape = tensor.shape();
            let sizes =
                shape.sizes().iter().map(|size| SizeSpec::from(size.hint().max(0) as usize));
            TensorSpec::new(tensor.dtype(), sizes)
        };
        Some(tensor.as_typed().cloned().unwrap_or_else(own))
    }

    /// Number of dims.
    pub(crate) fn rank(&self) -> usize {
        match &self.value {
            Value::Tensor(tensor) => tensor.rank(),
            Value::Scalar(_) => 0,
        }
    }

    /// What it is in a graph.
    pub(crate) fn role(&self) -> InputRole {
        match &self.value {
            Value::Tensor(_) => InputRole::Argument,
            Value::Scalar(_) => InputRole::Scalar,
        }
    }

    /// The value on a device.
    ///
    /// # Errors
    /// Faults of the device.
    pub(crate) fn stored(&self, device: &Device) -> Result<Stored> {
        let tensor = match &self.value {
            Value::Tensor(tensor) => tensor.clone(),
            Value::Scalar(number) => Scalar::from(*number).to_tensor(device),
        };
        tensor.value("an argument", Source::unknown()).cloned()
    }
}

/// Calls that differ in sizes and scalars alone.
#[derive(Clone)]
pub(crate) struct Kind {
    pub(crate) words: Vec<i64>,
    /// Whether a word is a size or the value of a scalar.
    pub(crate) open: Vec<bool>,
}

impl Kind {
    /// Whether a call is one of them.
    pub(crate) fn fits(&self, words: &[i64]) -> bool {
        let mut pairs = self.words.iter().zip(words).zip(&self.open);
        self.words.len() == words.len() && pairs.all(|((own, word), open)| *open || own == word)
    }

    /// How many words that are compared as they are a call has otherwise; those that are missing or too many count each.
    pub(crate) fn distance(&self, words: &[i64]) -> usize {
        let pairs = self.words.iter().zip(words).zip(&self.open);
        let differing = pairs.filter(|((own, word), open)| !**open && own != word).count();
        differing + self.words.len().abs_diff(words.len())
    }

    /// Positions of open words that a call has otherwise.
    pub(crate) fn differing(&self, words: &[i64]) -> impl Iterator<Item = usize> {
        let pairs = self.words.iter().zip(words).zip(&self.open).enumerate();
        pairs.filter(|(_, ((own, word), open))| **open && own != word).map(|(at, _)| at)
    }
}

impl ArgVisitor for Call {
    fn tensor(&mut self, tensor: &Tensor) {
        if tensor.as_typed().is_some() {
            self.is_traced = true;
            return self.typed(tensor);
        }
        let Some(stored) = tensor.as_stored() else {
            self.is_traced = true;
            return;
        };
        let device = stored.device.address();
        match self.words[0] {
            0 => self.words[0] = device,
            first if first != device => self.stray = Some(stored.device.clone()),
            _ => {}
        }
        let (dtype, rank) = (stored.dtype, stored.dims.len());
        self.push(type_word(dtype, rank), "", || What::Tensor(dtype, rank));
        self.given.push(Given { value: Value::Tensor(tensor.clone()), at: self.words.len() });
        for (axis, &size) in stored.dims.iter().enumerate() {
            self.push(size as i64, "", || What::Size(axis));
        }
    }

    fn scalar(&mut self, scalar: &Scalar) {
        if scalar.is_traced() {
            self.is_traced = true;
            return;
        }
        let number = scalar.number();
        let kind = if number.dtype() == DType::F32 { FLOAT_SCALAR } else { INT_SCALAR };
        self.push(kind, "", || What::Scalar(number.dtype()));
        self.given.push(Given { value: Value::Scalar(number), at: self.words.len() });
        self.push(number.to_bits(), "", || What::Number(number));
    }

    fn host(&mut self, fingerprint: u64, text: &dyn Debug) {
        self.push(fingerprint.cast_signed(), "", || What::Host(format!("{text:?}")));
    }

    fn members(&mut self, which: u64, text: &dyn Debug) {
        self.push(which.cast_signed(), "", || What::Members(format!("{text:?}")));
    }

    fn enter(&mut self, part: Part<'_>) {
        if let Some(notes) = &mut self.notes {
            notes.enter_argument(part);
        }
    }

    fn leave(&mut self) {
        if let Some(notes) = &mut self.notes {
            notes.leave();
        }
    }
}

/// Collects what a module is, apart from the values of its parameters.
struct Configuration<'a>(&'a mut Call);

impl Visitor for Configuration<'_> {
    fn parameter(&mut self, name: &str, parameter: &Parameter) {
        self.0.push(parameter.id().cast_signed(), name, || What::Cell("parameter"));
    }

    fn buffer(&mut self, name: &str, buffer: &Buffer) {
        self.0.push(buffer.id().cast_signed(), name, || What::Cell("buffer"));
    }

    fn config(&mut self, name: &str, value: &dyn Debug) {
        self.hashed(name, value, text_fingerprint(value));
    }

    fn hashed(&mut self, name: &str, value: &dyn Debug, fingerprint: u64) {
        self.0.push(fingerprint.cast_signed(), name, || What::Host(format!("{value:?}")));
    }

    fn enter(&mut self, name: &str, type_name: &str) {
        if let Some(notes) = &mut self.0.notes {
            notes.enter_module(name);
        }
        let word = fingerprint(type_name).cast_signed();
        self.0.push(word, "", || What::Module(type_name.to_owned()));
    }

    fn kind(&mut self, key: TypeKey) {
        self.0.push(key.0.cast_signed(), "", || What::Type);
    }

    fn leave(&mut self) {
        self.0.push(END, "", || What::End);
        if let Some(notes) = &mut self.0.notes {
            notes.leave();
        }
    }
}

struct FirstCell(Option<Device>);

impl Visitor for FirstCell {
    fn parameter(&mut self, _name: &str, parameter: &Parameter) {
        self.0.get_or_insert_with(|| parameter.stored().device().clone());
    }

    fn buffer(&mut self, _name: &str, buffer: &Buffer) {
        self.0.get_or_insert_with(|| buffer.stored().device().clone());
    }

    fn config(&mut self, _name: &str, _value: &dyn Debug) {}

    fn enter(&mut self, _name: &str, _type_name: &str) {}

    fn leave(&mut self) {}
}

/// A fault of sizes as a fault of the device's plan.
pub(crate) fn size_fault(error: ferrodyne_plan::plan::BindError) -> Error {
    Error::Device(RuntimeError::Bind(error))
}
