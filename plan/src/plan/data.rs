//! The data types of plans.

use serde::{Deserialize, Serialize};

use crate::loops::Kernel;
use crate::{DType, Dim, Facts, Name, Range, Source};

/// A compiled program.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    /// Name of the function or model.
    pub name: Name,
    /// Symbols over which sizes are written.
    pub symbols: Vec<SymbolDecl>,
    /// What holds of the symbols: checked when the plan is bound.
    pub facts: Facts,
    /// Arguments, parameters and buffers, in the order of the graph.
    pub inputs: Vec<PlanInput>,
    /// Results, in order.
    pub outputs: Vec<PlanOutput>,
    /// Buffers of the program.
    pub slots: Vec<Slot>,
    /// Data that the plan brings along.
    pub constants: Vec<Constant>,
    /// Kernels, each used by one or more steps.
    pub kernels: Vec<PlanKernel>,
    /// Run once at prepare, and again when a parameter changes.
    pub weight_steps: Vec<Step>,
    /// Run at every call.
    pub steps: Vec<Step>,
    /// Inputs that receive a new value after the steps.
    pub write_backs: Vec<WriteBack>,
    /// Most bytes of activations and scratch alive at once, weights and their packed copies apart.
    pub peak_bytes: Dim,
}

/// A symbol of a plan.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SymbolDecl {
    /// Name, as the user or the model gives it.
    pub name: Name,
    /// Values allowed.
    pub range: Range,
    /// Value at the call that made the plan, on which schedules were chosen.
    pub hint: Option<i64>,
}

/// What an input is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum InputRole {
    /// Given at each call.
    Argument,
    /// A weight: given at prepare, changed seldom.
    Parameter,
    /// Mutable state of a module.
    Buffer,
    /// One number given at each call.
    Scalar,
}

/// An input of a plan.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PlanInput {
    /// Name.
    pub name: Name,
    /// Role.
    pub role: InputRole,
    /// Element type as the user sees it.
    pub dtype: DType,
    /// Shape.
    pub dims: Vec<Dim>,
    /// Where it is bound; `None` when no kernel reads it.
    pub slot: Option<SlotId>,
}

/// A result of a plan.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PlanOutput {
    /// Name.
    pub name: Name,
    /// Element type as the user sees it.
    pub dtype: DType,
    /// Shape.
    pub dims: Vec<Dim>,
    /// Where it stands after the steps.
    pub slot: SlotId,
}

/// An input that takes the value of a slot when the steps are done.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct WriteBack {
    /// Index into the plan's inputs.
    pub input: usize,
    /// The slot that holds the new value.
    pub slot: SlotId,
}

/// Index into the plan's slots.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct SlotId(pub usize);

/// A buffer of the program, or a part of one. Its size is rounded up to 16 bytes; the padding means nothing.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Slot {
    /// Name for people.
    pub name: Name,
    /// What it holds.
    pub role: SlotRole,
    /// Size in bytes, before rounding up to 16.
    pub bytes: Dim,
    /// First and last step that use it, for scratch: inclusive indices into the plan's steps.
    pub life: Option<(usize, usize)>,
    /// Where it lies, if it is a part of another slot's buffer.
    pub place: Option<SlotPlace>,
}

/// A part of a slot's buffer. Parts of one buffer overlap only where they are not alive at once, and where a
/// plan is for GPUs, no dispatch or copy that writes one of them names another.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SlotPlace {
    /// The slot that is the whole buffer; it stands before its parts.
    pub slot: SlotId,
    /// Where the part begins, in bytes: a multiple of 256.
    pub offset: Dim,
}

impl Slot {
    /// Whether it is a buffer of activations or scratch, which the plan's peak counts.
    pub fn is_activation(&self) -> bool {
        matches!(self.role, SlotRole::Scratch | SlotRole::Output(_)) && self.place.is_none()
    }
}

impl Plan {
    /// The slot that is the buffer in which a slot lies: itself, mostly.
    pub fn buffer_of(&self, slot: SlotId) -> SlotId {
        let place = self.slots.get(slot.0).and_then(|slot| slot.place.as_ref());
        place.map_or(slot, |place| place.slot)
    }
}

/// What a slot holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum SlotRole {
    /// An input of the plan, by index.
    Input(usize),
    /// A constant of the plan, by index.
    Constant(usize),
    /// A result of the weight program: lives as long as the program.
    Packed,
    /// A result, by index.
    Output(usize),
    /// Intermediate values, possibly several one after the other.
    Scratch,
}

/// Data that a plan brings along, in device layout, little endian.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Constant {
    /// Name for people.
    pub name: Name,
    /// Element type.
    pub dtype: DType,
    /// Shape.
    pub dims: Vec<i64>,
    /// Elements as the device stores them.
    pub bytes: std::sync::Arc<Vec<u8>>,
}

/// How a kernel uses a binding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Access {
    /// `var<storage, read>`.
    Read,
    /// `var<storage, read_write>`.
    ReadWrite,
}

/// A binding of a kernel.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Binding {
    /// Name in the kernel.
    pub name: Name,
    /// Use.
    pub access: Access,
    /// The ranges in which a buffer is bound that is too large for one; none where it is bound whole.
    pub ranges: Option<Ranges>,
}

/// A buffer bound as several ranges, one after the other, each by a binding of its own in the text. A range that begins where the
/// buffer has ended may hold anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Ranges {
    /// How many.
    pub count: u32,
    /// Bytes of each but the last: a multiple of 256.
    pub bytes: u64,
}

impl Binding {
    /// How many bindings of the text it takes.
    pub fn count(&self) -> u32 {
        self.ranges.map_or(1, |ranges| ranges.count)
    }
}

/// A kernel of a plan.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PlanKernel {
    /// Name made of the user's words.
    pub name: Name,
    /// Storage bindings of group 0, in order, each with its ranges. Sizes follow as the next binding, a uniform buffer of `u32`s.
    pub bindings: Vec<Binding>,
    /// Sizes that the kernel reads, in order, each a `u32`; empty when it reads none.
    pub sizes: Vec<Dim>,
    /// Code.
    pub body: Body,
    /// The user's lines that this kernel computes.
    pub sources: Vec<Source>,
}

/// The code of a kernel.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Body {
    /// For wgpu.
    Wgsl(WgslKernel),
    /// For the CPU executor; parameters stand in binding order, and its symbols are the plan's.
    Loops(Box<Kernel>),
}

/// A WGSL module with one entry point.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WgslKernel {
    /// The module's text.
    pub text: String,
    /// Name of the entry point.
    pub entry: String,
    /// Invocations of a workgroup.
    pub workgroup_size: [u32; 3],
    /// Whether it uses subgroup operations.
    pub subgroups: bool,
}

/// A thing that must hold for a variant to be taken.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Condition {
    /// The size is divisible by the number.
    Multiple(Dim, i64),
    /// The size is at most the number.
    AtMost(Dim, i64),
    /// The size is at least the number.
    AtLeast(Dim, i64),
}

/// One run of a kernel.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Dispatch {
    /// Index into the plan's kernels.
    pub kernel: usize,
    /// Workgroups along x, y and z; all 1 for the CPU executor. A zero means that nothing runs.
    pub groups: [Dim; 3],
    /// Slots for the kernel's bindings, in order.
    pub slots: Vec<SlotId>,
    /// Bytes that the kernel uses of each of them: one may be larger, where other values have it before and after.
    pub bytes: Vec<Dim>,
    /// Loop iterations of an invocation, where the target bounds them and some sizes may ask for more.
    pub iterations: Option<Dim>,
}

/// A way to do a step.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Variant {
    /// What must hold.
    pub needs: Vec<Condition>,
    /// Dispatches, in order: one, or several where a reduction is split.
    pub dispatches: Vec<Dispatch>,
}

/// A step of a program.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Step {
    /// Runs the first variant whose needs hold; the last one needs nothing.
    Run(Vec<Variant>),
    /// Copies bytes between slots. Offsets and size are multiples of 4.
    Copy {
        /// From.
        from: SlotId,
        /// Offset in bytes.
        from_offset: Dim,
        /// To.
        to: SlotId,
        /// Offset in bytes.
        to_offset: Dim,
        /// Size in bytes.
        bytes: Dim,
    },
    /// Runs one of two lists of steps.
    Branch {
        /// One truth value: its first word says which.
        condition: SlotId,
        /// Run where it is true.
        then: Vec<Step>,
        /// Run where it is false.
        otherwise: Vec<Step>,
    },
    /// Runs steps again and again, as long as a condition holds that they compute anew.
    While {
        /// One truth value.
        condition: SlotId,
        /// Whether a round leaves everything as it is where the condition is false already. If so, the condition need not be
        /// read before every round: rounds are run in chunks.
        masked: bool,
        /// Most rounds.
        rounds_max: Option<i64>,
        /// A round.
        steps: Vec<Step>,
    },
    /// Runs steps a number of times that is known before.
    Repeat {
        /// How often.
        times: Dim,
        /// Copied before each round, from `whole` to `part`.
        slices: Vec<Slice>,
        /// A round.
        steps: Vec<Step>,
        /// Copied after each round, from `part` to `whole`.
        stacks: Vec<Slice>,
    },
}

/// A part of a slot that moves on with each round of [`Step::Repeat`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Slice {
    /// All parts, one behind the other.
    pub whole: SlotId,
    /// One part.
    pub part: SlotId,
    /// Bytes of a part; in round `i` it stands at `i` times as many.
    pub bytes: Dim,
}

impl Step {
    /// Shows the step and all steps inside of it.
    pub fn walk<'a>(&'a self, see: &mut dyn FnMut(&'a Step)) {
        see(self);
        match self {
            Step::Run(_) | Step::Copy { .. } => {}
            Step::Branch { then, otherwise, .. } => {
                then.iter().chain(otherwise).for_each(|step| step.walk(see));
            }
            Step::While { steps, .. } | Step::Repeat { steps, .. } => {
                steps.iter().for_each(|step| step.walk(see));
            }
        }
    }

    /// The step and all steps inside of it.
    pub fn all(&self) -> Vec<&Step> {
        let mut all = Vec::new();
        self.walk(&mut |step| all.push(step));
        all
    }

    /// Slots that the step itself names, apart from those of steps inside of it: read, then written, as far as no kernel has to
    /// be asked.
    pub fn moved(&self) -> (Vec<SlotId>, Vec<SlotId>) {
        match self {
            Step::Run(_) => (Vec::new(), Vec::new()),
            Step::Copy { from, to, .. } => (vec![*from], vec![*to]),
            Step::Branch { condition, .. } | Step::While { condition, .. } => {
                (vec![*condition], Vec::new())
            }
            Step::Repeat { slices, stacks, .. } => {
                let from = slices.iter().map(|s| s.whole).chain(stacks.iter().map(|s| s.part));
                let to = slices.iter().map(|s| s.part).chain(stacks.iter().map(|s| s.whole));
                (from.collect(), to.collect())
            }
        }
    }

    /// Dispatches of the step itself, of all its variants.
    pub fn dispatches(&self) -> impl Iterator<Item = &Dispatch> {
        let variants = match self {
            Step::Run(variants) => &variants[..],
            _ => &[],
        };
        variants.iter().flat_map(|variant| &variant.dispatches)
    }

    /// Whether the device's host must read a value to go on.
    pub fn decides(&self) -> bool {
        self.all().iter().any(|step| matches!(step, Step::Branch { .. } | Step::While { .. }))
    }
}
