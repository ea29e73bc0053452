//! What of a plan can be checked before wgpu is asked: that it hangs together, and that the device's limits hold it.

use ferrodyne_plan::Plan;
use ferrodyne_plan::plan::{
    Access, Body, Dispatch, PlanKernel, SlotId, SlotRole, Step, WgslKernel,
};

use super::device::Shared;
use super::resolve::malformed;
use super::workgroup::workgroup_bytes;
use crate::RuntimeError;

/// Checks indices and limits, so that nothing later can run out of bounds.
pub(super) fn check(shared: &Shared, plan: &Plan) -> Result<(), RuntimeError> {
    for kernel in &plan.kernels {
        match &kernel.body {
            Body::Wgsl(wgsl) => check_kernel(shared, kernel, wgsl)?,
            Body::Loops(_) => {
                return Err(RuntimeError::MissingFeature {
                    device: shared.name().to_owned(),
                    feature: "executor of loops: compile for this device's target".to_owned(),
                    what: kernel.name.to_string(),
                });
            }
        }
    }
    for step in plan.weight_steps.iter().chain(&plan.steps).flat_map(Step::all) {
        for dispatch in step.dispatches() {
            check_dispatch(plan, dispatch)?;
        }
        let (read, written) = step.moved();
        read.into_iter().chain(written).try_for_each(|slot| check_slot(plan, slot))?;
    }
    check_roles(plan)
}

fn check_kernel(
    shared: &Shared,
    kernel: &PlanKernel,
    wgsl: &WgslKernel,
) -> Result<(), RuntimeError> {
    let (name, target) = (kernel.name.as_ref(), &shared.target);
    if wgsl.subgroups && !shared.features.contains(wgpu::Features::SUBGROUP) {
        return Err(RuntimeError::MissingFeature {
            device: shared.name().to_owned(),
            feature: "subgroup operations".to_owned(),
            what: name.to_owned(),
        });
    }
    let limit = |limit, need: u64, have: u32| shared.limit(name, limit, need, u64::from(have));
    let bindings = kernel.bindings.iter().map(|binding| u64::from(binding.count())).sum();
    limit("max_storage_buffers_per_shader_stage", bindings, target.storage_buffers_max)?;
    const AXES: [&str; 3] = [
        "max_compute_workgroup_size_x",
        "max_compute_workgroup_size_y",
        "max_compute_workgroup_size_z",
    ];
    let sizes = wgsl.workgroup_size.iter().zip(target.workgroup_size_max);
    for (axis, (&need, have)) in AXES.into_iter().zip(sizes) {
        limit(axis, u64::from(need), have)?;
    }
    let invocations = wgsl.workgroup_size.iter().map(|&n| u64::from(n)).product();
    limit("max_compute_invocations_per_workgroup", invocations, target.invocations_max)?;
    let workgroup = workgroup_bytes(&wgsl.text).unwrap_or(0);
    limit("max_compute_workgroup_storage_size", workgroup, target.workgroup_bytes_max)
}

fn check_slot(plan: &Plan, slot: SlotId) -> Result<(), RuntimeError> {
    if slot.0 < plan.slots.len() {
        return Ok(());
    }
    Err(malformed(plan, &format!("slot s{} does not exist", slot.0)))
}

fn check_dispatch(plan: &Plan, dispatch: &Dispatch) -> Result<(), RuntimeError> {
    let Some(kernel) = plan.kernels.get(dispatch.kernel) else {
        return Err(malformed(plan, &format!("kernel {} does not exist", dispatch.kernel)));
    };
    let (want, got) = (kernel.bindings.len(), dispatch.slots.len());
    if want != got {
        let message = format!("kernel `{}` has {want} bindings, not {got}", kernel.name);
        return Err(malformed(plan, &message));
    }
    if dispatch.bytes.len() != got {
        let message = format!("a dispatch of kernel `{}` lacks the bytes of slots", kernel.name);
        return Err(malformed(plan, &message));
    }
    let bound = || dispatch.slots.iter().zip(&kernel.bindings).enumerate();
    for (i, (slot, binding)) in bound() {
        check_slot(plan, *slot)?;
        let twice = |(j, (s, b)): (usize, (&SlotId, &ferrodyne_plan::plan::Binding))| {
            i != j
                && plan.buffer_of(*s) == plan.buffer_of(*slot)
                && (b.access == Access::ReadWrite || binding.access == Access::ReadWrite)
        };
        if bound().any(twice) {
            let slot = &plan.slots[slot.0].name;
            let message = format!("kernel `{}` writes `{slot}` and binds it twice", kernel.name);
            return Err(malformed(plan, &message));
        }
    }
    Ok(())
}

fn check_roles(plan: &Plan) -> Result<(), RuntimeError> {
    for slot in &plan.slots {
        let exists = match slot.role {
            SlotRole::Input(i) => i < plan.inputs.len(),
            SlotRole::Constant(i) => i < plan.constants.len(),
            SlotRole::Packed | SlotRole::Output(_) | SlotRole::Scratch => true,
        };
        if !exists {
            return Err(malformed(
                plan,
                &format!("what slot `{}` holds does not exist", slot.name),
            ));
        }
    }
    for output in &plan.outputs {
        check_slot(plan, output.slot)?;
    }
    for write_back in &plan.write_backs {
        check_slot(plan, write_back.slot)?;
        if write_back.input >= plan.inputs.len() {
            return Err(malformed(plan, "a write-back goes to an input that does not exist"));
        }
    }
    Ok(())
}

/// Inputs that the weight program reads.
pub(super) fn weight_inputs(plan: &Plan) -> Vec<usize> {
    let steps = plan.weight_steps.iter().flat_map(Step::all);
    let slots = steps.flat_map(|step| {
        let dispatched = step.dispatches().flat_map(|d| d.slots.iter().copied());
        dispatched.chain(step.moved().0).collect::<Vec<SlotId>>()
    });
    let inputs = slots.filter_map(|slot| match plan.slots[slot.0].role {
        SlotRole::Input(input) => Some(input),
        _ => None,
    });
    inputs.collect::<std::collections::BTreeSet<_>>().into_iter().collect()
}

/// For each slot, whether a step writes it.
pub(super) fn written(plan: &Plan, steps: &[Step]) -> Vec<bool> {
    let mut written = vec![false; plan.slots.len()];
    for step in steps.iter().flat_map(Step::all) {
        for dispatch in step.dispatches() {
            let bindings = &plan.kernels[dispatch.kernel].bindings;
            for (slot, binding) in dispatch.slots.iter().zip(bindings) {
                written[slot.0] |= binding.access == Access::ReadWrite;
            }
        }
        step.moved().1.into_iter().for_each(|slot| written[slot.0] = true);
    }
    written
}
