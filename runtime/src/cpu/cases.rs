//! Kernels in text, their random arguments, and what the loop interpreter makes of them.

use ferrodyne_plan::loops::{Kernel, Literal, Role, Tensor, interpret};
use ferrodyne_plan::plan::Sizes;
use ferrodyne_plan::{DType, Dim, Name, Scalar};

use super::aligned::Aligned;
use super::blocks::Buffers;

/// A kernel at given sizes with arguments, and the buffers that the loop interpreter leaves.
pub(super) struct Case {
    pub(super) kernel: Kernel,
    pub(super) sizes: Sizes,
    before: Vec<Tensor>,
    want: Vec<Tensor>,
}

impl Case {
    pub(super) fn new(text: &str, sizes: &[(&str, i64)], seed: u32) -> Case {
        let kernel = Kernel::parse(text).unwrap_or_else(|e| panic!("{e}\n{text}"));
        Case::of(kernel, sizes, seed)
    }

    pub(super) fn of(kernel: Kernel, sizes: &[(&str, i64)], seed: u32) -> Case {
        let sizes = Sizes::new(sizes.iter().map(|&(name, value)| (Name::from(name), value)));
        let mut state = seed;
        let before: Vec<Tensor> = kernel
            .params
            .iter()
            .map(|param| {
                let size = |d: &Dim| sizes.eval(d).expect("sizes are given") as usize;
                let dims: Vec<usize> = param.dims.iter().map(size).collect();
                let n = dims.iter().product::<usize>();
                let data: Vec<Literal> = (0..n).map(|_| number(param.dtype, &mut state)).collect();
                Tensor::new(param.dtype, &dims, data)
            })
            .collect();
        let mut want = before.clone();
        interpret(&kernel, &|name| sizes.get(name), &mut want)
            .unwrap_or_else(|e| panic!("{e}\n{kernel}"));
        Case { kernel, sizes, before, want }
    }

    /// Runs an executor of the kernel on copies of the arguments, and compares.
    pub(super) fn check(&self, what: &str, run: impl FnOnce(&Buffers)) {
        let mut memory: Vec<Aligned> = self.before.iter().map(pack).collect();
        run(&Buffers(memory.iter_mut().map(|m| m.bytes_mut().as_mut_ptr()).collect()));
        for ((param, want), memory) in self.kernel.params.iter().zip(&self.want).zip(&memory) {
            if param.role == Role::In {
                continue;
            }
            for (i, want) in want.data.iter().enumerate() {
                let got = unpack(want, param.dtype, memory.bytes(), i);
                assert!(
                    close(&got, want, param.dtype),
                    "{what}: `{}` element {i} is {got:?}, not {want:?}, at {:?} in\n{}",
                    param.name,
                    self.sizes,
                    self.kernel
                );
            }
        }
    }
}

fn close(got: &Literal, want: &Literal, dtype: DType) -> bool {
    match (got, want) {
        (Literal::F32(a), Literal::F32(b)) => {
            let tolerance = if dtype == DType::F32 { 3e-5 } else { 1e-2 };
            a == b || a.is_nan() && b.is_nan() || (a - b).abs() <= tolerance * b.abs().max(1.0)
        }
        (a, b) => a == b,
    }
}

fn number(dtype: DType, state: &mut u32) -> Literal {
    *state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
    let bits = *state >> 8;
    match dtype.scalar() {
        Scalar::F32 => Literal::F32((bits % 2001) as f32 / 1000.0 - 1.0),
        Scalar::I32 => Literal::I32((bits % 9) as i32 - 2),
        Scalar::U32 => Literal::U32(bits % 7),
        Scalar::Long => Literal::Long(i64::from(bits as i32 - (1 << 23)) << (bits % 41)),
        Scalar::Bool => Literal::Bool(bits.is_multiple_of(2)),
    }
}

fn pack(tensor: &Tensor) -> Aligned {
    let bytes: Vec<u8> = tensor.data.iter().flat_map(|x| element(*x, tensor.dtype)).collect();
    let mut memory = Aligned::new(bytes.len() + 64);
    memory.bytes_mut()[..bytes.len()].copy_from_slice(&bytes);
    memory
}

fn element(value: Literal, dtype: DType) -> Vec<u8> {
    match (value, dtype) {
        (Literal::F32(x), DType::F16) => half::f16::from_f32(x).to_le_bytes().to_vec(),
        (Literal::F32(x), DType::BF16) => half::bf16::from_f32(x).to_le_bytes().to_vec(),
        (Literal::F32(x), _) => x.to_le_bytes().to_vec(),
        (Literal::I32(x), DType::I8) => (x as i8).to_le_bytes().to_vec(),
        (Literal::I32(x), _) => x.to_le_bytes().to_vec(),
        (Literal::U32(x), DType::U8) => (x as u8).to_le_bytes().to_vec(),
        (Literal::U32(x), _) => x.to_le_bytes().to_vec(),
        (Literal::Long(x), _) => x.to_le_bytes().to_vec(),
        (Literal::Bool(x), _) => u32::from(x).to_le_bytes().to_vec(),
    }
}

fn unpack(like: &Literal, dtype: DType, bytes: &[u8], i: usize) -> Literal {
    let n = dtype.device_bytes();
    let bytes = &bytes[i * n..][..n];
    let word = || u32::from_le_bytes(bytes.try_into().expect("four bytes"));
    let long = || i64::from_le_bytes(bytes.try_into().expect("eight bytes"));
    let half = || u16::from_le_bytes(bytes.try_into().expect("two bytes"));
    match (like, dtype) {
        (Literal::F32(_), DType::F16) => Literal::F32(half::f16::from_bits(half()).to_f32()),
        (Literal::F32(_), DType::BF16) => Literal::F32(half::bf16::from_bits(half()).to_f32()),
        (Literal::F32(_), _) => Literal::F32(f32::from_bits(word())),
        (Literal::I32(_), DType::I8) => Literal::I32((bytes[0] as i8).into()),
        (Literal::I32(_), _) => Literal::I32(word() as i32),
        (Literal::U32(_), DType::U8) => Literal::U32(bytes[0].into()),
        (Literal::U32(_), _) => Literal::U32(word()),
        (Literal::Long(_), _) => Literal::Long(long()),
        (Literal::Bool(_), _) => Literal::Bool(word() != 0),
    }
}
