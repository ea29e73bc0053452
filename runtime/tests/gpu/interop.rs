//! Work beside a user's own wgpu code.

use ferrodyne_plan::Name;
use ferrodyne_plan::plan::Sizes;
use ferrodyne_runtime::gpu::wgpu::{
    self, BufferDescriptor, BufferUsages, CommandEncoderDescriptor, DeviceDescriptor,
};
use ferrodyne_runtime::gpu::{GpuDevice, Options};
use ferrodyne_runtime::{Backend, Prepared, RuntimeError};

use super::plans::{add_size, map};
use super::{floats, upload};

/// A device that the user opened, with the portable limits and no features.
fn users_device() -> Option<GpuDevice> {
    let descriptor = wgpu::InstanceDescriptor::new_without_display_handle();
    let instance = wgpu::Instance::new(descriptor);
    let options =
        wgpu::RequestAdapterOptions { force_fallback_adapter: true, ..Default::default() };
    let Ok(adapter) = pollster::block_on(instance.request_adapter(&options)) else {
        println!("skip: no software adapter");
        return None;
    };
    let opened = pollster::block_on(adapter.request_device(&DeviceDescriptor::default()));
    let (device, queue) = opened.expect("a device with default limits opens");
    Some(GpuDevice::from_wgpu(device, queue, Options::default()))
}

fn users_buffer(gpu: &GpuDevice, size: u64, usage: BufferUsages) -> wgpu::Buffer {
    let mapped_at_creation = false;
    gpu.wgpu().0.create_buffer(&BufferDescriptor { label: None, size, usage, mapped_at_creation })
}

const USAGE: BufferUsages =
    BufferUsages::STORAGE.union(BufferUsages::COPY_SRC).union(BufferUsages::COPY_DST);

#[test]
fn a_users_device_is_described_by_what_it_was_opened_with() {
    let Some(gpu) = users_device() else { return };
    let target = gpu.target();
    assert_eq!(target.storage_buffers_max, 8);
    assert_eq!(target.workgroup_bytes_max, 16 << 10);
    assert_eq!(target.subgroup_size, None);
    let program = gpu.program(map("a[i] * 4.0", 64), None).unwrap();
    let outputs = program.run(&Sizes::default(), &[upload(&gpu, &[2.0; 64])]).unwrap();
    assert_eq!(floats(&gpu, &outputs[0], 64), [8.0; 64]);
}

#[test]
fn a_users_device_that_cannot_time_kernels_says_so_and_its_loss_is_told_by_the_user() {
    let Some(gpu) = users_device() else { return };
    let program = gpu.program(map("a[i]", 8), None).unwrap();
    let (sizes, inputs) = (Sizes::default(), [upload(&gpu, &[2.0; 8])]);
    let error = pollster::block_on(program.profile(&sizes, &inputs)).unwrap_err();
    assert!(error.to_string().ends_with("has no timestamp queries, which `map` needs"), "{error}");
    assert_eq!(floats(&gpu, &program.run(&sizes, &inputs).unwrap()[0], 8), [2.0; 8]);
    gpu.mark_lost("the driver was updated");
    let error = program.run(&sizes, &inputs).unwrap_err();
    assert!(error.to_string().ends_with("was lost: the driver was updated"), "{error}");
}

#[test]
fn a_run_is_recorded_into_a_users_encoder_between_their_own_commands() {
    let Some(gpu) = users_device() else { return };
    let (device, queue) = gpu.wgpu();
    let [source, input, output] = [0; 3].map(|_| users_buffer(&gpu, 1024, USAGE));
    queue.write_buffer(&source, 0, bytemuck::cast_slice(&[3f32; 100]));
    let inputs = [gpu.import("input", &input, 256, 512).unwrap()];
    let results = [gpu.import("output", &output, 0, 1024).unwrap()];
    let program = gpu.program(add_size(), None).unwrap();
    let sizes = Sizes::new([(Name::from("n"), 100)]);
    for _ in 0..2 {
        let mut encoder = device.create_command_encoder(&CommandEncoderDescriptor::default());
        encoder.copy_buffer_to_buffer(&source, 0, &input, 256, 400);
        let recording = program.record(&mut encoder, &sizes, &inputs, &results).unwrap();
        queue.submit([encoder.finish()]);
        drop(recording);
    }
    assert_eq!(floats(&gpu, &results[0], 100), [103.0; 100]);
    assert_eq!(program.stats().created, 0, "the second recording creates nothing");
}

#[test]
fn buffers_that_cannot_be_used_are_refused_with_the_rule() {
    let Some(gpu) = users_device() else { return };
    let refuse = |buffer: &wgpu::Buffer, offset, bytes| {
        let error = gpu.import("x", buffer, offset, bytes).unwrap_err();
        assert!(matches!(error, RuntimeError::UnusableBuffer { .. }));
        error.to_string()
    };
    let plain = users_buffer(&gpu, 1024, USAGE);
    let uniform = users_buffer(&gpu, 1024, BufferUsages::UNIFORM | BufferUsages::COPY_DST);
    assert!(refuse(&uniform, 0, 1024).contains("lacks the usage"));
    assert_eq!(refuse(&plain, 16, 64), "`x` cannot be used: offset 16 is no multiple of 256");
    assert!(refuse(&plain, 0, 1020).contains("no positive multiple of 16"));
    assert!(refuse(&plain, 512, 1024).contains("leave its 1024 bytes"));
}

#[test]
fn results_that_share_a_buffer_or_are_too_small_are_refused() {
    let Some(gpu) = users_device() else { return };
    let program = gpu.program(map("a[i]", 64), None).unwrap();
    let shared = users_buffer(&gpu, 1024, USAGE);
    let first = gpu.import("first", &shared, 0, 256).unwrap();
    let second = gpu.import("second", &shared, 512, 256).unwrap();
    let mut encoder = gpu.wgpu().0.create_command_encoder(&CommandEncoderDescriptor::default());
    let mut record = |input, result| {
        program
            .record(&mut encoder, &Sizes::default(), &[input], &[result])
            .unwrap_err()
            .to_string()
    };
    let text = record(first.clone(), second);
    assert_eq!(text, "`out` cannot be used: its buffer is an input's or another result's too");
    let small = gpu.import("small", &users_buffer(&gpu, 128, USAGE), 0, 128).unwrap();
    assert_eq!(record(first, small), "`out` needs a buffer of 256 bytes, but it has 128");
}
