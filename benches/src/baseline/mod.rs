//! Hand-written kernels. In: a baseline and the tensors of a workload. Out: a kernel that is ready to be dispatched on the same
//! device, with its result as a tensor. Promise: this folder alone holds kernel texts; a baseline is only given out for sizes
//! and subgroups for which its indices stay in its buffers.

mod attention;
pub(crate) mod limits;
mod matmul;
mod rows;

use ferrodyne::{DType, Device, Tensor, wgpu};

use crate::Fault;
pub(crate) use attention::Sizes;

/// A workload for which there is a hand-written kernel.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Baseline {
    /// `[m, k] x [k, n]` by subgroup broadcasts and register tiles.
    Matmul { m: usize, k: usize, n: usize },
    /// Softmax of rows that subgroups keep in registers.
    Softmax { rows: usize, cols: usize },
    /// Layer norm with scale and shift, of rows that subgroups keep in registers.
    LayerNorm { rows: usize, cols: usize },
    /// Attention in one pass over the keys.
    Attention(Sizes),
}

impl Baseline {
    /// The share of its floor that the kernel must reach to count.
    pub(crate) fn bar(self) -> f64 {
        match self {
            Baseline::Matmul { .. } => 0.35,
            Baseline::Softmax { .. } | Baseline::LayerNorm { .. } => 0.6,
            Baseline::Attention(_) => 0.15,
        }
    }

    /// The kernels that do this on a device, for the user to take the fastest; none without subgroups of one size, and for
    /// sizes that do not divide into their tiles.
    ///
    /// # Errors
    /// Tensors that lie elsewhere.
    pub(crate) fn kernels(
        self,
        device: &Device,
        inputs: &[Tensor],
    ) -> Result<Vec<Candidate>, Fault> {
        let Some((gpu, queue)) = device.wgpu() else { return Ok(Vec::new()) };
        let Some(lanes) = subgroup(gpu) else { return Ok(Vec::new()) };
        let (texts, dims) = match self {
            Baseline::Matmul { m, k, n } => (matmul::texts(m, k, n, lanes), vec![m, n]),
            Baseline::Softmax { rows, cols } => {
                (rows::softmax(rows, cols, lanes), vec![rows, cols])
            }
            Baseline::LayerNorm { rows, cols } => {
                (rows::layer_norm(rows, cols, lanes), vec![rows, cols])
            }
            Baseline::Attention(sizes) => {
                (attention::texts(sizes, lanes), vec![1, sizes.heads, sizes.queries, sizes.width])
            }
        };
        let bytes = (dims.iter().product::<usize>() * 4) as u64;
        let mut candidates = Vec::new();
        for text in texts {
            let out = storage(gpu, bytes);
            let result = Tensor::from_wgpu(&out, 0, dims.clone(), DType::F32, device)?;
            let mut bindings = inputs.iter().map(wgpu_binding).collect::<Result<Vec<_>, _>>()?;
            bindings.push(wgpu::BufferBinding { buffer: &out, offset: 0, size: None });
            let kernel = Kernel::new(gpu, queue, &text, bindings);
            candidates.push(Candidate { name: text.name, kernel, result, inputs: inputs.to_vec() });
        }
        Ok(candidates)
    }
}

/// A hand-written kernel with its buffers.
pub(crate) struct Candidate {
    /// What kernel it is.
    pub(crate) name: String,
    /// The kernel.
    pub(crate) kernel: Kernel,
    /// What it writes.
    pub(crate) result: Tensor,
    /// What it reads.
    pub(crate) inputs: Vec<Tensor>,
}

/// A kernel's text, with `main` as its entry, and how many workgroups it needs.
pub(crate) struct Text {
    pub(crate) name: String,
    pub(crate) wgsl: String,
    pub(crate) groups: [u32; 3],
}

/// A kernel with its buffers bound.
pub(crate) struct Kernel {
    device: wgpu::Device,
    queue: wgpu::Queue,
    pipeline: wgpu::ComputePipeline,
    bindings: wgpu::BindGroup,
    groups: [u32; 3],
}

impl Kernel {
    /// Builds a kernel of this folder; its bindings are numbered in order.
    pub(crate) fn new(
        device: &wgpu::Device,
        queue: &wgpu::Queue,
        text: &Text,
        bindings: Vec<wgpu::BufferBinding<'_>>,
    ) -> Kernel {
        let source = wgpu::ShaderSource::Wgsl(text.wgsl.as_str().into());
        let descriptor = wgpu::ShaderModuleDescriptor { label: Some(&text.name), source };
        let checks = wgpu::ShaderRuntimeChecks::unchecked();
        // SAFETY: texts come from this folder only; their loops have constant ends, and the functions that make them give none
        // for sizes at which an index would leave the buffers, which the callers make of exactly those sizes.
        let module = unsafe { device.create_shader_module_trusted(descriptor, checks) };
        let pipeline = device.create_compute_pipeline(&wgpu::ComputePipelineDescriptor {
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
        let bindings = device.create_bind_group(&wgpu::BindGroupDescriptor {
            label: None,
            layout: &pipeline.get_bind_group_layout(0),
            entries: &entries,
        });
        Kernel {
            device: device.clone(),
            queue: queue.clone(),
            pipeline,
            bindings,
            groups: text.groups,
        }
    }

    /// Submits one dispatch.
    pub(crate) fn run(&self) {
        let mut encoder =
            self.device.create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
        {
            let mut pass = encoder.begin_compute_pass(&wgpu::ComputePassDescriptor::default());
            pass.set_pipeline(&self.pipeline);
            pass.set_bind_group(0, &self.bindings, &[]);
            let [x, y, z] = self.groups;
            pass.dispatch_workgroups(x, y, z);
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

fn wgpu_binding(tensor: &Tensor) -> Result<wgpu::BufferBinding<'_>, Fault> {
    let (buffer, offset, length) = tensor.wgpu_buffer()?;
    Ok(wgpu::BufferBinding { buffer, offset, size: std::num::NonZeroU64::new(length) })
}

/// Lanes of a subgroup, if all have the same number and kernels may use them.
fn subgroup(gpu: &wgpu::Device) -> Option<usize> {
    let info = gpu.adapter_info();
    let fixed = info.subgroup_min_size == info.subgroup_max_size && info.subgroup_min_size > 0;
    (fixed && gpu.features().contains(wgpu::Features::SUBGROUP))
        .then_some(info.subgroup_min_size as usize)
}
