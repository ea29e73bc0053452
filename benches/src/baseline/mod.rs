//! Hand-written kernels. In: a baseline and the tensors of a workload. Out: kernels that are ready to be dispatched on the same
//! device, with their result as a tensor. Promise: this folder alone holds kernel texts; a baseline is only given out for sizes
//! and subgroups for which its indices stay in its buffers.

mod attention;
mod convolution;
mod depthwise;
mod kernel;
pub(crate) mod limits;
mod matmul;
mod pointwise;
mod reduce;
mod rows;
mod vector;

use ferrodyne::{DType, Device, Tensor, wgpu};

use crate::Fault;
pub(crate) use attention::Sizes;
pub(crate) use kernel::{Kernels, Text, storage, whole};
pub(crate) use matmul::{Epilogue, Product};
pub(crate) use pointwise::addition;

/// A workload for which there is a hand-written kernel.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Baseline {
    /// The chain of nine operations over two inputs of so many numbers.
    Chain { n: usize },
    /// The sum of each column.
    Columns { rows: usize, cols: usize },
    /// The sum of so many numbers.
    Total { n: usize },
    /// A matrix product by subgroup broadcasts and register tiles.
    Matmul(Product),
    /// `[1, k]` by the transpose of `[n, k]`.
    Vector { k: usize, n: usize },
    /// Softmax of rows that subgroups keep in registers.
    Softmax { rows: usize, cols: usize },
    /// Layer norm with scale and shift, of rows that subgroups keep in registers.
    LayerNorm { rows: usize, cols: usize },
    /// A 3x3 convolution of a square image that keeps its size, as a matrix product over pixels.
    Convolution { from: usize, to: usize, side: usize },
    /// A 3x3 convolution of each channel of a square image that keeps its size.
    Depthwise { channels: usize, side: usize },
    /// Attention.
    Attention(Sizes),
}

/// What of an adapter the kernels depend on.
#[derive(Clone, Copy, Debug)]
struct Target {
    /// Invocations of a subgroup.
    lanes: usize,
    /// Whether it is a software adapter.
    software: bool,
}

/// What a kernel of a design reads or writes.
#[derive(Clone, Copy, Debug)]
enum Operand {
    /// One of the prepared inputs.
    Input(usize),
    /// A buffer between kernels.
    Scratch(usize),
    /// The result.
    Result,
}

/// Kernels that do a workload one after the other.
struct Design {
    name: String,
    /// Whether the tile is the one that the compiler's rules take on this adapter.
    is_default: bool,
    /// Numbers in each buffer between the kernels.
    scratch: Vec<usize>,
    kernels: Vec<(Text, Vec<Operand>)>,
}

impl Design {
    /// One kernel over so many inputs, the tile of which has no alternative.
    fn of(text: Text, inputs: usize) -> Design {
        let operands = (0..inputs).map(Operand::Input).chain([Operand::Result]).collect();
        let name = text.name.clone();
        Design { name, is_default: true, scratch: Vec::new(), kernels: vec![(text, operands)] }
    }
}

impl Baseline {
    /// The share of its floor that the kernel must reach to count, if there is one.
    pub(crate) fn bar(self) -> Option<f64> {
        match self {
            Baseline::Matmul(Product { m, .. }) if m >= 512 => Some(0.35),
            Baseline::Softmax { .. } | Baseline::LayerNorm { .. } => Some(0.6),
            Baseline::Convolution { side, .. } if side >= 14 => Some(0.3),
            _ => None,
        }
    }

    /// The kernels that do this on a device, for the user to take the fastest; none without subgroups of one size, and for
    /// sizes that do not divide into their tiles.
    ///
    /// # Errors
    /// Tensors that lie elsewhere; faults of the device.
    pub(crate) fn candidates(
        self,
        device: &Device,
        inputs: &[Tensor],
    ) -> Result<Vec<Candidate>, Fault> {
        let Some((gpu, queue)) = device.wgpu() else { return Ok(Vec::new()) };
        let Some(target) = target(gpu) else { return Ok(Vec::new()) };
        let inputs = self.prepared(inputs)?;
        let dims = self.dims();
        // A tensor's buffer ends with a whole vector.
        let bytes = |numbers: usize| (numbers * 4).next_multiple_of(16) as u64;
        let mut candidates = Vec::new();
        for design in self.designs(target) {
            let out = storage(gpu, bytes(dims.iter().product()));
            let scratch: Vec<wgpu::Buffer> =
                design.scratch.iter().map(|numbers| storage(gpu, bytes(*numbers))).collect();
            let mut kernels = Kernels::new(gpu, queue);
            for (text, operands) in &design.kernels {
                let bindings = operands.iter().map(|operand| match operand {
                    Operand::Input(at) => input(&inputs[*at]),
                    Operand::Scratch(at) => Ok(whole(&scratch[*at])),
                    Operand::Result => Ok(whole(&out)),
                });
                kernels = kernels.then(text, bindings.collect::<Result<Vec<_>, _>>()?);
            }
            let result = Tensor::from_wgpu(&out, 0, dims.clone(), DType::F32, device)?;
            let Design { name, is_default, .. } = design;
            candidates.push(Candidate {
                name,
                is_default,
                kernels,
                result,
                inputs: inputs.clone(),
            });
        }
        Ok(candidates)
    }

    fn designs(self, target: Target) -> Vec<Design> {
        let lanes = target.lanes;
        let one = |texts: Vec<Text>, inputs: usize| {
            texts.into_iter().map(|text| Design::of(text, inputs)).collect()
        };
        match self {
            Baseline::Chain { n } => one(pointwise::chain(n), 2),
            Baseline::Columns { rows, cols } => one(reduce::columns(rows, cols, lanes), 1),
            Baseline::Total { n } => reduce::total(n, lanes),
            Baseline::Matmul(product) => matmul::designs(product, target),
            Baseline::Vector { k, n } => one(vector::texts(k, n, lanes), 2),
            Baseline::Softmax { rows, cols } => one(rows::softmax(rows, cols, lanes), 1),
            Baseline::LayerNorm { rows, cols } => rows::layer_norm(rows, cols, lanes),
            Baseline::Convolution { from, to, side } => {
                convolution::designs(from, to, side, target)
            }
            Baseline::Depthwise { channels, side } => one(depthwise::texts(channels, side), 2),
            Baseline::Attention(sizes) => attention::designs(sizes, target),
        }
    }

    /// A workload's inputs in the layouts of the kernels.
    fn prepared(self, inputs: &[Tensor]) -> Result<Vec<Tensor>, Fault> {
        Ok(match self {
            Baseline::Convolution { .. } => convolution::prepared(inputs)?,
            Baseline::Depthwise { .. } => depthwise::prepared(inputs)?,
            Baseline::Attention(_) => attention::prepared(inputs)?,
            _ => inputs.to_vec(),
        })
    }

    /// The result's dims in the layout of the kernels.
    fn dims(self) -> Vec<usize> {
        match self {
            Baseline::Chain { n } => vec![n],
            Baseline::Columns { cols, .. } => vec![cols],
            Baseline::Total { .. } => vec![],
            Baseline::Matmul(Product { m, n, .. }) => vec![m, n],
            Baseline::Vector { n, .. } => vec![1, n],
            Baseline::Softmax { rows, cols } | Baseline::LayerNorm { rows, cols } => {
                vec![rows, cols]
            }
            Baseline::Convolution { to, side, .. } => vec![1, side, side, to],
            Baseline::Depthwise { channels, side } => vec![1, channels, side, side],
            Baseline::Attention(sizes) => vec![1, sizes.heads, sizes.queries, sizes.width],
        }
    }

    /// A workload's result in the layout of the kernels' result.
    ///
    /// # Errors
    /// Faults of the device.
    pub(crate) fn expected(self, result: Tensor) -> Result<Tensor, Fault> {
        Ok(match self {
            Baseline::Convolution { .. } => result.try_permute(&[0, 2, 3, 1])?,
            _ => result,
        })
    }
}

/// A hand-written implementation with its buffers.
pub(crate) struct Candidate {
    /// What kernels it is made of.
    pub(crate) name: String,
    /// Whether the tile is the one that the compiler's rules take on this adapter.
    pub(crate) is_default: bool,
    /// The kernels.
    pub(crate) kernels: Kernels,
    /// What they write.
    pub(crate) result: Tensor,
    /// What they read.
    pub(crate) inputs: Vec<Tensor>,
}

fn input(tensor: &Tensor) -> Result<wgpu::BufferBinding<'_>, Fault> {
    let (buffer, offset, length) = tensor.wgpu_buffer()?;
    Ok(wgpu::BufferBinding { buffer, offset, size: std::num::NonZeroU64::new(length) })
}

/// The adapter, if all its subgroups have the same size and kernels may use them.
fn target(gpu: &wgpu::Device) -> Option<Target> {
    let info = gpu.adapter_info();
    let fixed = info.subgroup_min_size == info.subgroup_max_size && info.subgroup_min_size > 0;
    (fixed && gpu.features().contains(wgpu::Features::SUBGROUP)).then_some(Target {
        lanes: info.subgroup_min_size as usize,
        software: info.device_type == wgpu::DeviceType::Cpu,
    })
}

/// Adds a line to a text.
fn line(text: &mut String, line: &str) {
    text.push_str(line);
    text.push('\n');
}
