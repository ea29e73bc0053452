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
    /// Whether an action uses the slot.
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
        used: vec![false; n],
        written: vec![false; n],
        counters: 0,
        codes: vec![None; plan.kernels.len()],
    };
    for slot in &plan.slots {
        let bytes = size(plan, sizes.eval(&slot.bytes)?, slot.name.as_ref())?;
        bound.bytes.push(bytes.max(1).next_multiple_of(16));
    }
    let mut binding = Binding { bound: &mut bound, plan, sizes, level, done };
    flatten(&mut binding, steps)?;
    Ok(bound)
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
        if whole == part || have(whole) < all || have(part) < bytes {
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
        if from == to {
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
        for (i, (param, &slot)) in kernel.params.iter().zip(slots).enumerate() {
            let mut need = form::storage(param.dtype).bytes();
            for dim in &param.dims {
                need = need.saturating_mul(size(plan, sizes.eval(dim)?, param.name.as_ref())?);
            }
            if self.bytes.get(slot).is_none_or(|&have| have < need) {
                let text =
                    format!("slot {slot} is too small for `{}` of `{}`", param.name, kernel.name);
                return Err(malformed(plan, text));
            }
            let written = param.role != Role::In;
            if written && slots.iter().enumerate().any(|(j, &s)| j != i && s == slot) {
                return Err(malformed(
                    plan,
                    format!("`{}` writes a slot bound twice", kernel.name),
                ));
            }
            self.used[slot] = true;
            self.written[slot] |= written;
        }
        Ok(())
    }
}
