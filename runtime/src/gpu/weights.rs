//! The weight program: what depends on parameters alone, run once and again when a parameter is another buffer.

use std::sync::Arc;

use ferrodyne_plan::plan::{Sizes, SlotRole};

use super::buffer::{GpuBuffer, Memory};
use super::encode::{Bindings, Own, Slots, encode};
use super::fault::poll;
use super::program::{GpuProgram, State};
use super::resolve::{Resolved, resolve};
use crate::RuntimeError;
use crate::profile::Stopwatch;

/// Results of the weight program.
#[derive(Default)]
pub(super) struct Weights {
    /// Identities of the inputs that it read; `None` before its first run.
    read: Option<Vec<u64>>,
    /// By slot.
    pub(super) packed: Vec<Option<Arc<Memory>>>,
}

impl GpuProgram {
    /// Runs the weight program if a buffer that it reads is another one than before.
    pub(super) fn run_weights(
        &self,
        state: &mut State,
        sizes: &Sizes,
        inputs: &[&Arc<GpuBuffer>],
    ) -> Result<usize, RuntimeError> {
        if self.plan.weight_steps.is_empty() {
            return Ok(0);
        }
        let ids: Vec<u64> = self.weight_inputs.iter().map(|&input| inputs[input].id()).collect();
        if state.weights.read.as_ref() == Some(&ids) {
            return Ok(0);
        }
        let (shared, watch) = (&*self.gpu.shared, Stopwatch::start());
        state.weights.read = None;
        let resolved = resolve(shared, &self.plan, &self.plan.weight_steps, sizes)?;
        let mut created = 0;
        state.weights.packed.resize(self.plan.slots.len(), None);
        let mut scratch = vec![None; self.plan.slots.len()];
        for (i, slot) in self.plan.slots.iter().enumerate() {
            let memory = match slot.role {
                SlotRole::Packed => &mut state.weights.packed[i],
                _ if slot.is_activation() && resolved.used[i] => &mut scratch[i],
                _ => continue,
            };
            if memory.as_ref().is_none_or(|memory| memory.size < resolved.bytes[i]) {
                let taken = shared.take(resolved.bytes[i], None)?;
                created += usize::from(taken.fresh);
                *memory = Some(taken);
            }
        }
        let mut slots = self.fixed(&resolved, inputs, &state.weights.packed)?;
        for (slot, scratch) in slots.iter_mut().zip(scratch).filter(|(_, s)| s.is_some()) {
            *slot = scratch;
        }
        resolved.add_parts(&mut slots);
        created += self.submit_weights(&resolved, &slots)?;
        state.weights.read = Some(ids);
        state.stats.weights_ms = watch.ms();
        Ok(created)
    }

    fn submit_weights(&self, resolved: &Resolved, slots: &Slots) -> Result<usize, RuntimeError> {
        let shared = &*self.gpu.shared;
        let uniforms = self.uniforms(resolved)?;
        let mut bindings = Bindings::default();
        let created =
            bindings.update(shared, &self.kernels, resolved, uniforms.as_deref(), slots)?;
        let encoder = shared.device.create_command_encoder(&Default::default());
        let mut own = Own { shared, encoder };
        encode(&mut own, &self.kernels, resolved, &bindings, slots, None)?;
        shared.attempt(|| shared.queue.submit([own.encoder.finish()]))?;
        poll(&shared.device, wgpu::PollType::wait_indefinitely());
        shared.check()?;
        Ok(created)
    }
}
