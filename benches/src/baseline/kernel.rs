//! Kernels of this folder on a device. In: texts and buffers. Out: dispatches that run one after the other in one submission.

use ferrodyne::wgpu;

/// A kernel's text, with `main` as its entry, and how many workgroups it needs.
pub(crate) struct Text {
    pub(crate) name: String,
    pub(crate) wgsl: String,
    pub(crate) groups: [u32; 3],
}

/// Kernels with their buffers bound.
pub(crate) struct Kernels {
    device: wgpu::Device,
    queue: wgpu::Queue,
    dispatches: Vec<Dispatch>,
}

struct Dispatch {
    pipeline: wgpu::ComputePipeline,
    bindings: wgpu::BindGroup,
    groups: [u32; 3],
}

impl Kernels {
    /// No kernels yet.
    pub(crate) fn new(device: &wgpu::Device, queue: &wgpu::Queue) -> Kernels {
        Kernels { device: device.clone(), queue: queue.clone(), dispatches: Vec::new() }
    }

    /// Builds a kernel of this folder, to run after those before it; its bindings are numbered in order.
    pub(crate) fn then(mut self, text: &Text, bindings: Vec<wgpu::BufferBinding<'_>>) -> Kernels {
        let source = wgpu::ShaderSource::Wgsl(text.wgsl.as_str().into());
        let descriptor = wgpu::ShaderModuleDescriptor { label: Some(&text.name), source };
        let checks = wgpu::ShaderRuntimeChecks::unchecked();
        // SAFETY: texts come from this folder only; their loops have constant ends, and the functions that make them give none
        // for sizes at which an index would leave the buffers, which the callers make of exactly those sizes.
        let module = unsafe { self.device.create_shader_module_trusted(descriptor, checks) };
        let pipeline = self.device.create_compute_pipeline(&wgpu::ComputePipelineDescriptor {
            label: Some(&text.name),
            layout: None,
            module: &module,
            entry_point: Some("main"),
            compilation_options: wgpu::PipelineCompilationOptions::default(),
            cache: None,
        });
        let entries: Vec<wgpu::BindGroupEntry<'_>> = (0u32..)
            .zip(bindings)
            .map(|(binding, buffer)| wgpu::BindGroupEntry {
                binding,
                resource: wgpu::BindingResource::Buffer(buffer),
            })
            .collect();
        let bindings = self.device.create_bind_group(&wgpu::BindGroupDescriptor {
            label: None,
            layout: &pipeline.get_bind_group_layout(0),
            entries: &entries,
        });
        self.dispatches.push(Dispatch { pipeline, bindings, groups: text.groups });
        self
    }

    /// Submits a dispatch of each, in order.
    pub(crate) fn run(&self) {
        let mut encoder =
            self.device.create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
        {
            let mut pass = encoder.begin_compute_pass(&wgpu::ComputePassDescriptor::default());
            for Dispatch { pipeline, bindings, groups: [x, y, z] } in &self.dispatches {
                pass.set_pipeline(pipeline);
                pass.set_bind_group(0, bindings, &[]);
                pass.dispatch_workgroups(*x, *y, *z);
            }
        }
        self.queue.submit([encoder.finish()]);
    }
}

/// A buffer of so many bytes that kernels and tensors may use.
pub(crate) fn storage(gpu: &wgpu::Device, bytes: u64) -> wgpu::Buffer {
    let usage =
        wgpu::BufferUsages::STORAGE | wgpu::BufferUsages::COPY_SRC | wgpu::BufferUsages::COPY_DST;
    gpu.create_buffer(&wgpu::BufferDescriptor {
        label: None,
        size: bytes,
        usage,
        mapped_at_creation: false,
    })
}

/// All of a buffer.
pub(crate) fn whole(buffer: &wgpu::Buffer) -> wgpu::BufferBinding<'_> {
    wgpu::BufferBinding { buffer, offset: 0, size: None }
}
