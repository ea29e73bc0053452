//! A plan made ready on a GPU.
//!
//! In: sizes and input buffers. Out: result buffers from the device's pool. Promised: a run with the sizes of the run
//! before, its results dropped, creates no buffer, bind group or pipeline; runs from several threads are put in order.

use std::sync::{Arc, Mutex};

use ferrodyne_plan::Plan;
use ferrodyne_plan::plan::{InputRole, Sizes, Slot, SlotRole, Step};

use super::buffer::{GpuBuffer, Memory};
use super::device::{GpuDevice, Shared};
use super::encode::{Bindings, Own, Sink, Slots, encode};
use super::fault::lock;
use super::pipeline::{self, Pipeline};
use super::prepare;
use super::resolve::{Resolved, resolve};
use super::timing::Timer;
use super::weights::Weights;
use crate::profile::Stopwatch;
use crate::{Buffer, Prepared, Profile, Profiling, Progress, RunStats, RuntimeError};

/// Sizes whose bind groups are kept.
const SIZES_KEPT: usize = 64;

/// A plan made ready on a GPU.
pub struct GpuProgram {
    pub(super) gpu: GpuDevice,
    pub(super) plan: Arc<Plan>,
    pub(super) kernels: Vec<Arc<Pipeline>>,
    constants: Vec<Arc<GpuBuffer>>,
    /// Slots that hold a result.
    results: Vec<bool>,
    /// Those of them whose memory a run hands out.
    handed_out: Vec<bool>,
    /// Slots that the steps write.
    written: Vec<bool>,
    /// Inputs that the weight program reads.
    pub(super) weight_inputs: Vec<usize>,
    pub(super) state: Arc<Mutex<State>>,
}

/// What changes from run to run.
#[derive(Default)]
pub(super) struct State {
    pub(super) weights: Weights,
    /// Most recent first; only the first holds scratch memory.
    entries: Vec<Entry>,
    pub(super) stats: RunStats,
}

/// What is kept for one value of the sizes.
struct Entry {
    sizes: Sizes,
    resolved: Resolved,
    uniforms: Option<Arc<Memory>>,
    bindings: Bindings,
    scratch: Vec<Option<Arc<Memory>>>,
    /// Memory of scratch and results at the last run: taking the same again keeps bind groups valid.
    preferred: Vec<Option<u64>>,
}

/// What a run has recorded, to be kept until it is submitted.
pub(super) struct Recorded {
    pub(super) results: Vec<Buffer>,
    pub(super) slots: Vec<Option<Arc<Memory>>>,
    pub(super) uniforms: Option<Arc<Memory>>,
}

impl State {
    /// Gives back what the next run can take again.
    pub(super) fn release_scratch(&mut self) {
        if let Some(front) = self.entries.first_mut() {
            front.scratch.fill(None);
        }
    }
}

impl GpuProgram {
    pub(super) fn new(
        gpu: GpuDevice,
        plan: Arc<Plan>,
        progress: Option<Progress<'_>>,
    ) -> Result<GpuProgram, RuntimeError> {
        let shared = &gpu.shared;
        shared.check()?;
        prepare::check(shared, &plan)?;
        let watch = Stopwatch::start();
        let kernels = pipeline::build(shared, &plan.kernels, &expected(&plan), progress)?;
        let pipeline_ms = watch.ms();
        let upload = |constant: &ferrodyne_plan::plan::Constant| {
            let memory = shared.upload(&constant.bytes)?;
            Ok(Arc::new(GpuBuffer::new(memory, constant.bytes.len().next_multiple_of(16))))
        };
        let constants = plan.constants.iter().map(upload).collect::<Result<_, RuntimeError>>()?;
        let mut results = vec![false; plan.slots.len()];
        let mut handed_out = results.clone();
        for slot in result_slots(&plan) {
            results[slot] = true;
            let role = plan.slots[slot].role;
            handed_out[slot] = matches!(role, SlotRole::Output(_) | SlotRole::Scratch);
        }
        let written = prepare::written(&plan, &plan.steps);
        let weight_inputs = prepare::weight_inputs(&plan);
        let stats = RunStats { kernels: plan.kernels.len(), pipeline_ms, ..RunStats::default() };
        let state = Arc::new(Mutex::new(State { stats, ..State::default() }));
        shared.register(&state);
        Ok(GpuProgram {
            gpu,
            plan,
            kernels,
            constants,
            results,
            handed_out,
            written,
            weight_inputs,
            state,
        })
    }

    /// Records a run. `into` is the memory for the slots that are handed out, where the caller brings it.
    pub(super) fn record_into(
        &self,
        state: &mut State,
        sink: &mut dyn Sink,
        sizes: &Sizes,
        inputs: &[Buffer],
        into: Option<&[Option<Arc<Memory>>]>,
        time: bool,
    ) -> Result<(Recorded, Option<Timer>), RuntimeError> {
        let shared = &*self.gpu.shared;
        let inputs = self.inputs(inputs)?;
        let mut created = self.enter(state, sizes)?;
        created += self.run_weights(state, sizes, &inputs)?;
        let entry = &mut state.entries[0];
        created += entry.take_scratch(shared, &self.plan, &self.handed_out)?;
        let mut slots = self.fixed(&entry.resolved, &inputs, &state.weights.packed)?;
        for (slot, memory) in slots.iter_mut().enumerate() {
            if let Some(scratch) = &entry.scratch[slot] {
                *memory = Some(Arc::clone(scratch));
            } else if let Some(given) = into.and_then(|into| into[slot].clone()) {
                *memory = Some(given);
            } else if self.handed_out[slot] {
                let bytes = entry.resolved.bytes[slot];
                let taken = shared.take(bytes, entry.preferred[slot])?;
                created += usize::from(taken.fresh);
                entry.preferred[slot] = Some(taken.id);
                *memory = Some(taken);
            }
        }
        entry.resolved.add_parts(&mut slots);
        let (kernels, resolved) = (&self.kernels, &entry.resolved);
        let uniforms = entry.uniforms.as_deref();
        created += entry.bindings.update(shared, kernels, resolved, uniforms, &slots)?;
        let mut timer = match time {
            true => Some(Timer::new(shared, self.plan.name.as_ref(), resolved.actions.len())?),
            false => None,
        };
        let done = encode(sink, kernels, resolved, &entry.bindings, &slots, timer.as_mut())?;
        let results = self.results(resolved, sink.encoder(), &inputs, &slots)?;
        let held = |roles: &dyn Fn(SlotRole) -> bool| {
            let counts = |slot: &Slot| roles(slot.role) && slot.place.is_none();
            let held = self.plan.slots.iter().zip(&slots).filter(|(slot, _)| counts(slot));
            held.filter_map(|(_, memory)| memory.as_ref()).map(|memory| memory.size).sum::<u64>()
        };
        let parameters = self.plan.inputs.iter().zip(&inputs);
        let parameters = parameters.filter(|(input, _)| input.role == InputRole::Parameter);
        let constants = self.constants.iter().map(|c| c.memory.size).sum::<u64>();
        state.stats.peak_bytes = held(&|r| matches!(r, SlotRole::Output(_) | SlotRole::Scratch));
        state.stats.weight_bytes = held(&|r| r == SlotRole::Packed)
            + parameters.map(|(_, buffer)| buffer.memory.size).sum::<u64>()
            + constants;
        (state.stats.dispatches, state.stats.condition_reads) = (done.actions, done.reads);
        state.stats.created = created;
        Ok((Recorded { results, slots, uniforms: entry.uniforms.clone() }, timer))
    }

    /// Whether the memory of a slot is a result's.
    pub(super) fn hands_out(&self, slot: usize) -> bool {
        self.handed_out[slot]
    }

    /// The inputs as buffers of this device, none of which is updated in place under another's name.
    fn inputs<'a>(&self, inputs: &'a [Buffer]) -> Result<Vec<&'a Arc<GpuBuffer>>, RuntimeError> {
        if inputs.len() != self.plan.inputs.len() {
            return Err(RuntimeError::count(&self.plan, inputs.len()));
        }
        let named = || self.plan.inputs.iter().map(|input| input.name.as_ref());
        let own = |(name, buffer)| self.gpu.shared.own(name, buffer);
        let own = named().zip(inputs).map(own).collect::<Result<Vec<_>, _>>()?;
        for (slot, _) in self.plan.slots.iter().zip(&self.written).filter(|(_, written)| **written)
        {
            let SlotRole::Input(updated) = slot.role else { continue };
            let same = |&(i, b): &(usize, &&Arc<GpuBuffer>)| {
                i != updated && b.memory.buffer == own[updated].memory.buffer
            };
            if let Some((other, _)) = own.iter().enumerate().find(same) {
                let other = &self.plan.inputs[other].name;
                return Err(RuntimeError::UnusableBuffer {
                    tensor: self.plan.inputs[updated].name.to_string(),
                    reason: format!(
                        "it is updated in place and is given as `{other}` too: pass a copy"
                    ),
                });
            }
        }
        Ok(own)
    }

    /// Brings the entry for these sizes to the front, and lets the one that was there give its scratch memory back.
    fn enter(&self, state: &mut State, sizes: &Sizes) -> Result<usize, RuntimeError> {
        let at = state.entries.iter().position(|entry| entry.sizes == *sizes);
        if at == Some(0) {
            return Ok(0);
        }
        state.release_scratch();
        if let Some(at) = at {
            state.entries[..=at].rotate_right(1);
            return Ok(0);
        }
        let resolved = resolve(&self.gpu.shared, &self.plan, &self.plan.steps, sizes)?;
        let uniforms = self.uniforms(&resolved)?;
        let created = usize::from(uniforms.as_ref().is_some_and(|memory| memory.fresh));
        let slots = self.plan.slots.len();
        let entry = Entry {
            sizes: sizes.clone(),
            resolved,
            uniforms,
            bindings: Bindings::default(),
            scratch: vec![None; slots],
            preferred: vec![None; slots],
        };
        state.entries.insert(0, entry);
        state.entries.truncate(SIZES_KEPT);
        Ok(created)
    }

    pub(super) fn uniforms(
        &self,
        resolved: &Resolved,
    ) -> Result<Option<Arc<Memory>>, RuntimeError> {
        match resolved.uniforms.is_empty() {
            true => Ok(None),
            false => self.gpu.shared.upload(&resolved.uniforms).map(Some),
        }
    }

    /// Memory of inputs, constants and packed weights, by slot, where it is used.
    pub(super) fn fixed(
        &self,
        resolved: &Resolved,
        inputs: &[&Arc<GpuBuffer>],
        packed: &[Option<Arc<Memory>>],
    ) -> Result<Vec<Option<Arc<Memory>>>, RuntimeError> {
        let mut slots = vec![None; self.plan.slots.len()];
        for (i, slot) in self.plan.slots.iter().enumerate() {
            let memory = match slot.role {
                SlotRole::Input(input) => Some(Arc::clone(&inputs[input].memory)),
                SlotRole::Constant(constant) => Some(Arc::clone(&self.constants[constant].memory)),
                SlotRole::Packed => packed.get(i).cloned().flatten(),
                SlotRole::Output(_) | SlotRole::Scratch => None,
            };
            let memory = memory.filter(|_| resolved.used[i] || self.results[i]);
            if let Some(memory) = memory.as_ref().filter(|memory| memory.size < resolved.bytes[i]) {
                let (need, have) = (resolved.bytes[i], memory.size);
                let tensor = match slot.role {
                    SlotRole::Input(input) => self.plan.inputs[input].name.to_string(),
                    _ => slot.name.to_string(),
                };
                return Err(RuntimeError::BufferTooSmall { tensor, need, have });
            }
            slots[i] = memory;
        }
        Ok(slots)
    }

    /// The buffers of outputs and write-backs, with the copies that give each a memory of its own where the plan does not.
    fn results(
        &self,
        resolved: &Resolved,
        encoder: &mut wgpu::CommandEncoder,
        inputs: &[&Arc<GpuBuffer>],
        slots: &Slots,
    ) -> Result<Vec<Buffer>, RuntimeError> {
        let result = |(i, slot): (usize, usize)| {
            let handle = |memory: &Arc<Memory>| {
                let len = resolved.bytes[slot] as usize;
                Buffer::Gpu(Arc::new(GpuBuffer::new(Arc::clone(memory), len)))
            };
            match self.plan.slots[slot].role {
                SlotRole::Input(input) if self.written[slot] => Ok(handle(&inputs[input].memory)),
                SlotRole::Input(input) if i < self.plan.outputs.len() => {
                    Ok(Buffer::Gpu(Arc::clone(inputs[input])))
                }
                SlotRole::Input(input) => Ok(handle(&inputs[input].memory)),
                SlotRole::Constant(constant) => {
                    Ok(Buffer::Gpu(Arc::clone(&self.constants[constant])))
                }
                SlotRole::Packed | SlotRole::Output(_) | SlotRole::Scratch => {
                    let Some(memory) = &slots[slot] else {
                        let name = &self.plan.slots[slot].name;
                        let message = format!("nothing writes `{name}`, which is a result");
                        return Err(super::resolve::malformed(&self.plan, &message));
                    };
                    if self.handed_out[slot] {
                        return Ok(handle(memory));
                    }
                    let bytes = resolved.bytes[slot];
                    let copy = self.gpu.shared.take(bytes, None)?;
                    encoder.copy_buffer_to_buffer(
                        &memory.buffer,
                        memory.offset,
                        &copy.buffer,
                        0,
                        bytes,
                    );
                    Ok(handle(&copy))
                }
            }
        };
        result_slots(&self.plan).enumerate().map(result).collect()
    }

    /// Records and submits a run.
    fn submit(
        &self,
        sizes: &Sizes,
        inputs: &[Buffer],
        time: bool,
    ) -> Result<(Recorded, Option<Timer>), RuntimeError> {
        let shared = &self.gpu.shared;
        shared.check()?;
        let mut state = lock(&self.state);
        let encoder = shared.device.create_command_encoder(&Default::default());
        let mut own = Own { shared, encoder };
        let recorded = self.record_into(&mut state, &mut own, sizes, inputs, None, time)?;
        shared.attempt(|| shared.queue.submit([own.encoder.finish()]))?;
        shared.check()?;
        Ok(recorded)
    }

    async fn profile_run(&self, sizes: &Sizes, inputs: &[Buffer]) -> Result<Profile, RuntimeError> {
        let shared = &self.gpu.shared;
        let (recorded, timer) = self.submit(sizes, inputs, true)?;
        let name = |kernel: usize| self.plan.kernels[kernel].name.to_string();
        let kernels = match timer {
            Some(timer) => timer.times(shared, timer.read(shared)?, name).await?,
            None => Vec::new(),
        };
        Ok(Profile { results: recorded.results, kernels })
    }
}

/// Slots of the outputs, then of the write-backs.
pub(super) fn result_slots(plan: &Plan) -> impl Iterator<Item = usize> {
    let outputs = plan.outputs.iter().map(|output| output.slot.0);
    outputs.chain(plan.write_backs.iter().map(|write_back| write_back.slot.0))
}

impl Entry {
    /// Takes the scratch memory that is missing; all or none is held afterwards.
    fn take_scratch(
        &mut self,
        shared: &Shared,
        plan: &Plan,
        handed_out: &[bool],
    ) -> Result<usize, RuntimeError> {
        let mut created = 0;
        for (i, slot) in plan.slots.iter().enumerate() {
            if !slot.is_activation()
                || handed_out[i]
                || !self.resolved.used[i]
                || self.scratch[i].is_some()
            {
                continue;
            }
            match shared.take(self.resolved.bytes[i], self.preferred[i]) {
                Ok(memory) => {
                    created += usize::from(memory.fresh);
                    self.preferred[i] = Some(memory.id);
                    self.scratch[i] = Some(memory);
                }
                Err(error) => {
                    self.scratch.fill(None);
                    return Err(error);
                }
            }
        }
        Ok(created)
    }
}

impl Prepared for GpuProgram {
    fn plan(&self) -> &Plan {
        &self.plan
    }

    fn run(&self, sizes: &Sizes, inputs: &[Buffer]) -> Result<Vec<Buffer>, RuntimeError> {
        Ok(self.submit(sizes, inputs, false)?.0.results)
    }

    fn profile<'a>(&'a self, sizes: &'a Sizes, inputs: &'a [Buffer]) -> Profiling<'a> {
        Box::pin(self.profile_run(sizes, inputs))
    }

    fn stats(&self) -> RunStats {
        lock(&self.state).stats.clone()
    }
}

/// Which kernels run at the sizes on which schedules were chosen: the others are compiled by the driver when they are needed.
fn expected(plan: &Plan) -> Vec<bool> {
    let hints = plan.symbols.iter().filter_map(|s| Some((s.name.clone(), s.hint?)));
    let sizes = Sizes::new(hints);
    let known = plan.symbols.iter().all(|symbol| symbol.hint.is_some());
    let mut expected = vec![!known; plan.kernels.len()];
    for step in plan.weight_steps.iter().chain(&plan.steps).flat_map(Step::all) {
        let Step::Run(variants) = step else { continue };
        let taken = variants.iter().find(|v| v.needs.iter().all(|need| sizes.holds(need)));
        for dispatch in taken.into_iter().flat_map(|variant| &variant.dispatches) {
            expected[dispatch.kernel] = true;
        }
    }
    expected
}
