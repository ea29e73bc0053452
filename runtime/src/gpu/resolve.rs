//! A plan's steps with their sizes put in: bytes of slots, workgroup counts, the variants taken.

use std::sync::Arc;

use ferrodyne_plan::plan::{
    Access, BindError, Binding, Dispatch, Ranges, Sizes, Slice, SlotId, Step,
};
use ferrodyne_plan::{Dim, Plan};

use super::buffer::Memory;
use super::device::Shared;
use crate::RuntimeError;
use crate::flow::{Actions, Control, flatten};
use crate::places::{self, parts};

/// One thing that the device does.
#[derive(Debug)]
pub(super) enum Action {
    /// Runs a kernel.
    Run(Call),
    /// Copies bytes between slots.
    Copy(Copy),
    /// Copies a slice: the whole begins so many bytes later with each round of a loop.
    Slice(Part),
    /// Goes on elsewhere.
    Control(Control),
}

/// A slice to copy.
#[derive(Debug)]
pub(super) struct Part {
    pub(super) whole: usize,
    pub(super) part: usize,
    pub(super) bytes: u64,
    pub(super) to_part: bool,
    pub(super) counter: usize,
}

/// A kernel to run.
#[derive(Debug)]
pub(super) struct Call {
    pub(super) kernel: usize,
    pub(super) groups: [u32; 3],
    pub(super) bound: Vec<Bound>,
    /// Range of the uniforms that holds its sizes.
    pub(super) sizes: Option<(u64, u64)>,
}

/// What one storage binding of a kernel is.
#[derive(Debug)]
pub(super) struct Bound {
    pub(super) slot: usize,
    /// Offset in the slot and bytes; none behind the end of a slot that is written in ranges.
    pub(super) range: Option<(u64, u64)>,
}

impl Part {
    /// The copy of a round.
    pub(super) fn copy(&self, round: i64) -> Copy {
        // Rounds are counted from 0.
        let offset = round as u64 * self.bytes;
        let (whole, part, bytes) = (self.whole, self.part, self.bytes);
        match self.to_part {
            true => Copy { from: whole, from_offset: offset, to: part, to_offset: 0, bytes },
            false => Copy { from: part, from_offset: 0, to: whole, to_offset: offset, bytes },
        }
    }
}

/// Bytes to copy.
#[derive(Clone, Debug)]
pub(super) struct Copy {
    pub(super) from: usize,
    pub(super) from_offset: u64,
    pub(super) to: usize,
    pub(super) to_offset: u64,
    pub(super) bytes: u64,
}

/// Steps with their sizes put in. What runs over nothing is left out.
#[derive(Debug)]
pub(super) struct Resolved {
    pub(super) actions: Vec<Action>,
    /// Bytes of each slot, rounded up to 16 and never 0.
    pub(super) bytes: Vec<u64>,
    /// Where each slot lies, if it is a part of another's buffer.
    pub(super) parts: Vec<Option<places::Part>>,
    /// Whether an action uses the slot, or a part of it.
    pub(super) used: Vec<bool>,
    /// The sizes that kernels read, each set at an offset that may be bound.
    pub(super) uniforms: Vec<u8>,
    /// Counters of loops.
    pub(super) counters: usize,
}

/// Puts the sizes into the plan's steps.
pub(super) fn resolve(
    shared: &Shared,
    plan: &Plan,
    steps: &[Step],
    sizes: &Sizes,
) -> Result<Resolved, RuntimeError> {
    let bytes = plan.slots.iter().map(|slot| {
        let bytes = non_negative(plan, sizes.eval(&slot.bytes)?, slot.name.as_ref())?;
        Ok(bytes.max(1).next_multiple_of(16))
    });
    let mut bytes = bytes.collect::<Result<Vec<_>, RuntimeError>>()?;
    let parts = parts(plan, sizes)?;
    for (slot, part) in parts.iter().enumerate() {
        if let Some(part) = part {
            // An empty part at the end of its buffer is bound by 16 bytes.
            bytes[part.whole] = bytes[part.whole].max(part.offset as u64 + bytes[slot]);
        }
    }
    let used = vec![false; bytes.len()];
    let (actions, uniforms) = (Vec::new(), Vec::new());
    let mut resolved = Resolved { actions, bytes, parts, used, uniforms, counters: 0 };
    flatten(&mut Resolving { resolved: &mut resolved, shared, plan, sizes }, steps)?;
    for (slot, part) in resolved.parts.iter().enumerate() {
        if let Some(part) = part {
            resolved.used[part.whole] |= resolved.used[slot];
        }
    }
    Ok(resolved)
}

/// Steps on their way to actions.
struct Resolving<'a> {
    resolved: &'a mut Resolved,
    shared: &'a Shared,
    plan: &'a Plan,
    sizes: &'a Sizes,
}

impl Actions for Resolving<'_> {
    fn plain(&mut self, step: &Step) -> Result<(), RuntimeError> {
        let (plan, sizes) = (self.plan, self.sizes);
        match step {
            Step::Run(variants) => {
                let variant = variants.iter().find(|v| v.needs.iter().all(|c| sizes.holds(c)));
                let Some(variant) = variant else {
                    return Err(malformed(plan, "no variant of a step fits these sizes"));
                };
                for dispatch in &variant.dispatches {
                    self.resolved.call(self.shared, plan, dispatch, sizes)?;
                }
                Ok(())
            }
            Step::Copy { from, from_offset, to, to_offset, bytes } => {
                let value = |dim| non_negative(plan, sizes.eval(dim)?, "a copy");
                let copy = Copy {
                    from: from.0,
                    from_offset: value(from_offset)?,
                    to: to.0,
                    to_offset: value(to_offset)?,
                    bytes: value(bytes)?,
                };
                self.resolved.copy(plan, copy)
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
        let bytes = non_negative(self.plan, self.sizes.eval(&slice.bytes)?, "a slice")?;
        let all = (times.max(0) as u64).saturating_mul(bytes);
        if !bytes.is_multiple_of(4) {
            let name = &self.plan.slots[part].name;
            return Err(malformed(self.plan, &format!("a slice of `{name}` is not in units of 4")));
        }
        let same = self.plan.buffer_of(slice.whole) == self.plan.buffer_of(slice.part);
        if same || self.resolved.bytes[whole] < all || self.resolved.bytes[part] < bytes {
            return Err(malformed(self.plan, "a slice leaves its slot"));
        }
        if all > 0 {
            (self.resolved.used[whole], self.resolved.used[part]) = (true, true);
            let part = Part { whole, part, bytes, to_part, counter };
            self.resolved.actions.push(Action::Slice(part));
        }
        Ok(())
    }

    fn times(&self, times: &Dim) -> Result<i64, RuntimeError> {
        Ok(self.sizes.eval(times)?)
    }

    fn control(&mut self, control: Control) -> usize {
        if let Control::Unless { slot, .. } | Control::While { slot, .. } = control {
            self.resolved.used[slot] = true;
        }
        self.resolved.actions.push(Action::Control(control));
        self.resolved.actions.len() - 1
    }

    fn control_at(&mut self, place: usize) -> Option<&mut Control> {
        match self.resolved.actions.get_mut(place) {
            Some(Action::Control(control)) => Some(control),
            _ => None,
        }
    }

    fn count(&self) -> usize {
        self.resolved.actions.len()
    }

    fn counter(&mut self) -> usize {
        self.resolved.counters += 1;
        self.resolved.counters - 1
    }
}

impl Resolved {
    /// Puts the memory of parts, ranges of their buffers', beside the buffers.
    pub(super) fn add_parts(&self, slots: &mut [Option<Arc<Memory>>]) {
        for (slot, part) in self.parts.iter().enumerate() {
            let Some(part) = part.filter(|_| self.used[slot]) else { continue };
            let range = |whole: &Arc<Memory>| whole.range(part.offset as u64, self.bytes[slot]);
            slots[slot] = slots[part.whole].as_ref().map(range).map(Arc::new);
        }
    }

    fn call(
        &mut self,
        shared: &Shared,
        plan: &Plan,
        dispatch: &Dispatch,
        sizes: &Sizes,
    ) -> Result<(), RuntimeError> {
        let kernel = &plan.kernels[dispatch.kernel];
        let name = kernel.name.as_ref();
        let mut groups = [0u32; 3];
        for (count, dim) in groups.iter_mut().zip(&dispatch.groups) {
            let value = non_negative(plan, sizes.eval(dim)?, name)?;
            let have = u64::from(shared.target.groups_max);
            shared.limit(name, "max_compute_workgroups_per_dimension", value, have)?;
            // The limit is a u32, so that the count is one too.
            *count = value as u32;
        }
        if groups.contains(&0) {
            return Ok(());
        }
        if let (Some(count), Some(have)) = (&dispatch.iterations, shared.target.iterations_max) {
            // The driver would end the loop without a word.
            let need = non_negative(plan, sizes.eval(count)?, name)?;
            shared.limit(name, RuntimeError::ITERATIONS, need, have)?;
        }
        let mut bound = Vec::with_capacity(dispatch.slots.len());
        for ((slot, binding), used) in
            dispatch.slots.iter().zip(&kernel.bindings).zip(&dispatch.bytes)
        {
            let (what, mut bytes) = (plan.slots[slot.0].name.as_ref(), self.bytes[slot.0]);
            let most = shared.target.binding_bytes_max;
            if bytes > most {
                let used = non_negative(plan, sizes.eval(used)?, what)?;
                bytes = used.max(1).next_multiple_of(16).min(bytes);
            }
            let have = binding.ranges.map_or(most, |ranges| ranges.bytes * u64::from(ranges.count));
            shared.limit(what, RuntimeError::BINDING_BYTES, bytes, have)?;
            self.used[slot.0] = true;
            bound.extend(bound_ranges(slot.0, binding, bytes));
        }
        let mut values = Vec::with_capacity(kernel.sizes.len() * 4);
        for dim in &kernel.sizes {
            let value = sizes.eval(dim)?;
            // Kernels compute indices modulo 2^32, so that a negative part of an index is its two's complement.
            if !(i64::from(i32::MIN)..=i64::from(u32::MAX)).contains(&value) {
                let rule =
                    format!("size {dim} of kernel `{name}` is {value}, which is no 32-bit number");
                return Err(malformed(plan, &rule));
            }
            values.extend_from_slice(&(value as u32).to_le_bytes());
        }
        let sizes = (!values.is_empty()).then(|| self.uniform(shared, values));
        self.actions.push(Action::Run(Call { kernel: dispatch.kernel, groups, bound, sizes }));
        Ok(())
    }

    /// Places the sizes of a kernel among the uniforms; equal ones share a place.
    fn uniform(&mut self, shared: &Shared, mut values: Vec<u8>) -> (u64, u64) {
        values.resize(values.len().next_multiple_of(16), 0);
        let len = values.len();
        let align = shared.limits.min_uniform_buffer_offset_alignment.max(16) as usize;
        let places = (0..self.uniforms.len()).step_by(align);
        let same = |&at: &usize| self.uniforms.get(at..at + len) == Some(&values[..]);
        let at = places.into_iter().find(same).unwrap_or_else(|| {
            let at = self.uniforms.len().next_multiple_of(align);
            self.uniforms.resize(at, 0);
            self.uniforms.extend_from_slice(&values);
            at
        });
        (at as u64, len as u64)
    }

    fn copy(&mut self, plan: &Plan, copy: Copy) -> Result<(), RuntimeError> {
        if copy.bytes == 0 {
            return Ok(());
        }
        let ends = [(copy.from, copy.from_offset), (copy.to, copy.to_offset)];
        for (slot, offset) in ends {
            let name = &plan.slots[slot].name;
            if !offset.is_multiple_of(4) || !copy.bytes.is_multiple_of(4) {
                return Err(malformed(plan, &format!("a copy of `{name}` is not in units of 4")));
            }
            if offset.checked_add(copy.bytes).is_none_or(|end| end > self.bytes[slot]) {
                return Err(malformed(plan, &format!("a copy reaches beyond the end of `{name}`")));
            }
            self.used[slot] = true;
        }
        if plan.buffer_of(SlotId(copy.from)) == plan.buffer_of(SlotId(copy.to)) {
            let name = &plan.slots[copy.from].name;
            return Err(malformed(plan, &format!("a copy has `{name}` as both ends")));
        }
        self.actions.push(Action::Copy(copy));
        Ok(())
    }
}

/// The bindings of the first bytes of a slot: one, or one for each range.
fn bound_ranges(slot: usize, binding: &Binding, whole: u64) -> Vec<Bound> {
    let Some(Ranges { count, bytes }) = binding.ranges else {
        return vec![Bound { slot, range: Some((0, whole)) }];
    };
    // Behind the end, what is only read may be bound again, and what is written may not.
    let behind = (binding.access == Access::Read).then_some((0, bytes.min(whole)));
    let range = |at: u64| if at < whole { Some((at, bytes.min(whole - at))) } else { behind };
    (0..u64::from(count)).map(|k| Bound { slot, range: range(k * bytes) }).collect()
}

/// An error that the plan is at fault for.
pub(super) fn malformed(plan: &Plan, message: &str) -> RuntimeError {
    RuntimeError::MalformedPlan { plan: plan.name.to_string(), message: message.to_owned() }
}

fn non_negative(plan: &Plan, value: i64, what: &str) -> Result<u64, RuntimeError> {
    u64::try_from(value)
        .map_err(|_| malformed(plan, &format!("a size of `{what}` is {value}, below zero")))
}

impl RuntimeError {
    /// The error for a number of inputs that is not the plan's.
    pub(super) fn count(plan: &Plan, got: usize) -> RuntimeError {
        let (plan, want) = (plan.name.clone(), plan.inputs.len());
        RuntimeError::Bind(BindError::Count { plan, want, got })
    }
}
