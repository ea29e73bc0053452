//! A plan's steps with their sizes put in: bytes of slots, kernels compiled for these sizes.

use std::sync::Arc;

use ferrodyne_plan::loops::{Kernel, Role};
use ferrodyne_plan::plan::{Body, Dispatch, Sizes, Slice, Step, Variant};
use ferrodyne_plan::{Dim, Plan};

use super::code::{Caches, Code};
use super::form;
use super::level::Level;
use crate::RuntimeError;
use crate::flow::{Actions, Control, flatten};
use crate::places::{Part, parts};

/// One thing to do.
pub(super) enum Action {
    /// Runs a kernel on slots.
    Run { kernel: usize, code: Arc<Code>, slots: Vec<usize>, cache: Caches },
    /// Copies bytes between slots.
    Copy { from: usize, from_offset: usize, to: usize, to_offset: usize, bytes: usize },
    /// Copies a slice: the whole begins `bytes` later with each round of a loop.
    Slice { whole: usize, part: usize, bytes: usize, to_part: bool, counter: usize },
    /// Goes on elsewhere.
    Control(Control),
}

impl Action {
    /// Bytes of weights that were packed for it.
    pub(super) fn kept_bytes(&self) -> u64 {
        match self {
            Action::Run { cache, .. } => cache.bytes() as u64,
            Action::Copy { .. } | Action::Slice { .. } | Action::Control(_) => 0,
        }
    }
}

/// Steps at given sizes. What runs over nothing is left out.
pub(super) struct Bound {
    pub(super) actions: Vec<Action>,
    /// Bytes of each slot, rounded up to 16 and never 0.
    pub(super) bytes: Vec<usize>,
    /// Where each slot lies, if it is a part of another's block.
    pub(super) parts: Vec<Option<Part>>,
    /// Whether an action uses the slot, or a part of it.
    pub(super) used: Vec<bool>,
    /// Whether an action writes the slot.
    pub(super) written: Vec<bool>,
    /// Counters of loops.
    pub(super) counters: usize,
    codes: Vec<Option<Arc<Code>>>,
}

/// A plan that contradicts itself.
pub(super) fn malformed(plan: &Plan, message: String) -> RuntimeError {
    RuntimeError::MalformedPlan { plan: plan.name.to_string(), message }
}

fn refused(kernel: &str, message: String) -> RuntimeError {
    RuntimeError::KernelRefused { device: "cpu".to_owned(), kernel: kernel.to_owned(), message }
}

/// Puts sizes into steps. `done` is told how many kernels are compiled.
pub(super) fn bind(
    plan: &Plan,
    steps: &[Step],
    sizes: &Sizes,
    level: Level,
    done: &mut dyn FnMut(usize),
) -> Result<Bound, RuntimeError> {
    let n = plan.slots.len();
    let mut bound = Bound {
        actions: Vec::new(),
        bytes: Vec::with_capacity(n),
        parts: parts(plan, sizes)?,
        used: vec![false; n],
        written: vec![false; n],
        counters: 0,
        codes: vec![None; plan.kernels.len()],
    };
    for slot in &plan.slots {
        let bytes = size(plan, sizes.eval(&slot.bytes)?, slot.name.as_ref())?;
        bound.bytes.push(bytes.max(1).next_multiple_of(16));
    }
    for slot in 0..n {
        if let Some(part) = bound.parts[slot] {
            // An empty part at the end of its block has 16 bytes as any other.
            let end = part.offset + bound.bytes[slot];
            bound.bytes[part.whole] = bound.bytes[part.whole].max(end);
        }
    }
    let mut binding = Binding { bound: &mut bound, plan, sizes, level, done };
    flatten(&mut binding, steps)?;
    for slot in 0..n {
        if let Some(part) = bound.parts[slot] {
            bound.used[part.whole] |= bound.used[slot];
        }
    }
    Ok(bound)
}

/// Bytes of a slot.
#[derive(Clone, Copy)]
struct Range {
    slot: usize,
    offset: usize,
    bytes: usize,
}

/// Steps on their way to actions.
struct Binding<'a> {
    bound: &'a mut Bound,
    plan: &'a Plan,
    sizes: &'a Sizes,
    level: Level,
    done: &'a mut dyn FnMut(usize),
}

impl Actions for Binding<'_> {
    fn plain(&mut self, step: &Step) -> Result<(), RuntimeError> {
        let (plan, sizes) = (self.plan, self.sizes);
        match step {
            Step::Run(variants) => {
                let fits = |v: &&Variant| v.needs.iter().all(|c| sizes.holds(c));
                let Some(variant) = variants.iter().find(fits) else {
                    let text = "no variant of a step fits these sizes".to_owned();
                    return Err(malformed(plan, text));
                };
                for dispatch in &variant.dispatches {
                    self.bound.dispatch(plan, dispatch, sizes, self.level)?;
                    (self.done)(self.bound.codes.iter().flatten().count());
                }
                Ok(())
            }
            Step::Copy { from, from_offset, to, to_offset, bytes } => {
                let value = |dim| size(plan, sizes.eval(dim)?, "a copy");
                let (from_offset, to_offset) = (value(from_offset)?, value(to_offset)?);
                self.bound.copy(plan, [from.0, to.0], [from_offset, to_offset], value(bytes)?)
            }
            _ => Ok(()),
        }
    }

    fn slice(
        &mut self,
        slice: &Slice,
        to_part: bool,
        counter: usize,
        times: i64,
    ) -> Result<(), RuntimeError> {
        let (whole, part) = (slice.whole.0, slice.part.0);
        let bytes = size(self.plan, self.sizes.eval(&slice.bytes)?, "a slice")?;
        let all = (times.max(0) as usize).saturating_mul(bytes);
        let have = |slot: usize| self.bound.bytes.get(slot).copied().unwrap_or(0);
        let known = whole.max(part) < self.bound.parts.len();
        let same = known
            && self.bound.overlap(
                Range { slot: whole, offset: 0, bytes: all },
                Range { slot: part, offset: 0, bytes },
            );
        if same || have(whole) < all || have(part) < bytes {
            return Err(malformed(self.plan, "a slice leaves its slot".to_owned()));
        }
        if all > 0 {
            (self.bound.used[whole], self.bound.used[part]) = (true, true);
            self.bound.written[if to_part { part } else { whole }] = true;
            let action = Action::Slice { whole, part, bytes, to_part, counter };
            self.bound.actions.push(action);
        }
        Ok(())
    }

    fn times(&self, times: &Dim) -> Result<i64, RuntimeError> {
        Ok(self.sizes.eval(times)?)
    }

    fn control(&mut self, control: Control) -> usize {
        if let Control::Unless { slot, .. } | Control::While { slot, .. } = control {
            self.bound.used[slot] = true;
        }
        self.bound.actions.push(Action::Control(control));
        self.bound.actions.len() - 1
    }

    fn control_at(&mut self, place: usize) -> Option<&mut Control> {
        match self.bound.actions.get_mut(place) {
            Some(Action::Control(control)) => Some(control),
            _ => None,
        }
    }

    fn count(&self) -> usize {
        self.bound.actions.len()
    }

    fn counter(&mut self) -> usize {
        self.bound.counters += 1;
        self.bound.counters - 1
    }
}

fn size(plan: &Plan, value: i64, what: &str) -> Result<usize, RuntimeError> {
    usize::try_from(value).map_err(|_| malformed(plan, format!("the size of {what} is {value}")))
}

impl Bound {
    fn copy(
        &mut self,
        plan: &Plan,
        [from, to]: [usize; 2],
        [from_offset, to_offset]: [usize; 2],
        bytes: usize,
    ) -> Result<(), RuntimeError> {
        for (slot, offset) in [(from, from_offset), (to, to_offset)] {
            let end = offset.checked_add(bytes);
            let have = self.bytes.get(slot);
            if end.zip(have).is_none_or(|(end, &have)| end > have) {
                return Err(malformed(plan, "a copy leaves its slot".to_owned()));
            }
        }
        if self.overlap(
            Range { slot: from, offset: from_offset, bytes },
            Range { slot: to, offset: to_offset, bytes },
        ) {
            return Err(malformed(plan, "a copy goes from a slot to itself".to_owned()));
        }
        if bytes > 0 {
            (self.used[from], self.used[to], self.written[to]) = (true, true, true);
            self.actions.push(Action::Copy { from, from_offset, to, to_offset, bytes });
        }
        Ok(())
    }

    fn dispatch(
        &mut self,
        plan: &Plan,
        dispatch: &Dispatch,
        sizes: &Sizes,
        level: Level,
    ) -> Result<(), RuntimeError> {
        let Some(kernel) = plan.kernels.get(dispatch.kernel) else {
            return Err(malformed(plan, format!("there is no kernel {}", dispatch.kernel)));
        };
        let name = kernel.name.as_ref();
        for groups in &dispatch.groups {
            if size(plan, sizes.eval(groups)?, name)? == 0 {
                return Ok(());
            }
        }
        let Body::Loops(loops) = &kernel.body else {
            let message = "it is WGSL: compile the plan for the target `cpu`".to_owned();
            return Err(refused(name, message));
        };
        let slots: Vec<usize> = dispatch.slots.iter().map(|s| s.0).collect();
        self.check_slots(plan, loops, &slots, sizes)?;
        let code = match &self.codes[dispatch.kernel] {
            Some(code) => code.clone(),
            None => {
                let code = Code::new(loops, sizes, level).map_err(|e| refused(name, e.0))?;
                self.codes[dispatch.kernel].insert(Arc::new(code)).clone()
            }
        };
        let cache = Caches::default();
        self.actions.push(Action::Run { kernel: dispatch.kernel, code, slots, cache });
        Ok(())
    }

    /// Slots are as many as parameters, large enough, and none is written that is bound twice.
    fn check_slots(
        &mut self,
        plan: &Plan,
        kernel: &Kernel,
        slots: &[usize],
        sizes: &Sizes,
    ) -> Result<(), RuntimeError> {
        if slots.len() != kernel.params.len() {
            let (want, got) = (kernel.params.len(), slots.len());
            return Err(malformed(
                plan,
                format!("`{}` binds {want} slots, not {got}", kernel.name),
            ));
        }
        let mut ranges = Vec::with_capacity(slots.len());
        for (param, &slot) in kernel.params.iter().zip(slots) {
            let mut need = form::storage(param.dtype).bytes();
            for dim in &param.dims {
                need = need.saturating_mul(size(plan, sizes.eval(dim)?, param.name.as_ref())?);
            }
            if self.bytes.get(slot).is_none_or(|&have| have < need) {
                let text =
                    format!("slot {slot} is too small for `{}` of `{}`", param.name, kernel.name);
                return Err(malformed(plan, text));
            }
            ranges.push(Range { slot, offset: 0, bytes: need });
        }
        for (i, param) in kernel.params.iter().enumerate() {
            let written = param.role != Role::In;
            let meets = |j: usize| j != i && self.overlap(ranges[i], ranges[j]);
            if written && (0..slots.len()).any(meets) {
                return Err(malformed(
                    plan,
                    format!("`{}` writes a slot bound twice", kernel.name),
                ));
            }
            self.used[slots[i]] = true;
            self.written[slots[i]] |= written;
        }
        Ok(())
    }

    /// Whether two ranges have bytes in common, or are of one slot.
    fn overlap(&self, a: Range, b: Range) -> bool {
        let place = |range: Range| match self.parts[range.slot] {
            Some(part) => (part.whole, part.offset + range.offset),
            None => (range.slot, range.offset),
        };
        let ((in_a, at_a), (in_b, at_b)) = (place(a), place(b));
        a.slot == b.slot || in_a == in_b && at_a < at_b + b.bytes && at_b < at_a + a.bytes
    }
}
