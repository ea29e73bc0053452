//! What an adapter or a user's device can do, as the compiler's plain numbers.

use ferrodyne_plan::target::DeviceClass;
use ferrodyne_plan::{Name, Target};

/// Iterations that Mesa's software driver grants an invocation are 65,535; the rest is margin.
const SOFTWARE_ITERATIONS: u64 = 60_000;

/// Statements beyond which Mesa's software driver takes seconds for a kernel.
const SOFTWARE_STATEMENTS: u32 = 800;

const APPLE_VENDOR: u32 = 0x106b;

/// The kind of device.
pub(super) fn class(info: &wgpu::AdapterInfo) -> DeviceClass {
    let apple = info.vendor == APPLE_VENDOR
        || (info.backend == wgpu::Backend::Metal && info.name.starts_with("Apple"));
    match (info.backend, info.device_type) {
        (wgpu::Backend::BrowserWebGpu, _) => DeviceClass::Browser,
        (_, wgpu::DeviceType::Cpu) => DeviceClass::Software,
        _ if apple => DeviceClass::Apple,
        (_, wgpu::DeviceType::IntegratedGpu | wgpu::DeviceType::Other) => DeviceClass::Integrated,
        (_, wgpu::DeviceType::DiscreteGpu | wgpu::DeviceType::VirtualGpu) => DeviceClass::Discrete,
    }
}

/// What a device with the given features and limits can do.
pub(super) fn target(
    info: &wgpu::AdapterInfo,
    features: wgpu::Features,
    limits: &wgpu::Limits,
) -> Target {
    let class = class(info);
    let software = class == DeviceClass::Software;
    let browser = class == DeviceClass::Browser;
    let fixed_subgroups = features.contains(wgpu::Features::SUBGROUP)
        && !browser
        && info.subgroup_min_size == info.subgroup_max_size
        && info.subgroup_min_size > 0;
    let portable = Target::webgpu_default();
    Target {
        name: Name::from(info.name.as_str()),
        class,
        subgroup_size: fixed_subgroups.then_some(info.subgroup_min_size),
        f16: features.contains(wgpu::Features::SHADER_F16),
        enable_subgroups: browser,
        immediate_bytes: 0,
        storage_buffers_max: limits.max_storage_buffers_per_shader_stage,
        binding_bytes_max: limits.max_storage_buffer_binding_size,
        buffer_bytes_max: limits.max_buffer_size,
        workgroup_bytes_max: limits.max_compute_workgroup_storage_size,
        invocations_max: limits.max_compute_invocations_per_workgroup,
        workgroup_size_max: [
            limits.max_compute_workgroup_size_x,
            limits.max_compute_workgroup_size_y,
            limits.max_compute_workgroup_size_z,
        ],
        groups_max: limits.max_compute_workgroups_per_dimension,
        iterations_max: software.then_some(SOFTWARE_ITERATIONS),
        statements_max: if software { SOFTWARE_STATEMENTS } else { portable.statements_max },
    }
}

/// Features that kernels or the profiler can use; a device is asked for those that its adapter has.
pub(super) fn useful_features() -> wgpu::Features {
    wgpu::Features::SUBGROUP
        | wgpu::Features::SUBGROUP_BARRIER
        | wgpu::Features::SHADER_F16
        | wgpu::Features::TIMESTAMP_QUERY
}
