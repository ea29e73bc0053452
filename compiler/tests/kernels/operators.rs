//! Every operator's kernels on every target: text that naga takes, and schedules that compute what the loops say.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};

use ferrodyne_compiler::graph::{Graph, ParseCx, parse};
use ferrodyne_compiler::ops::{self, OpClass, Table};
use ferrodyne_compiler::pipeline::{Int64, Options, RegionCode, compile};
use ferrodyne_compiler::wgsl;
use ferrodyne_plan::loops::{
    InterpretError, Kernel, Literal, Param, Role, Tensor, interpret, verify,
};
use ferrodyne_plan::plan::Condition;
use ferrodyne_plan::{Dim, Name, Scalar, Target, Var};

use super::writers;

pub(super) type Sizes = BTreeMap<Name, i64>;

fn size(dim: &Dim, sizes: &Sizes) -> i64 {
    let value = |var: &Var| if let Var::Sym(name) = var { sizes.get(name).copied() } else { None };
    dim.eval(&value).unwrap_or_else(|error| panic!("{error}"))
}

/// Numbers that repeat no pattern of the shapes; integers stay small, so that they can be indices.
pub(super) fn filled(param: &Param, sizes: &Sizes, seed: u64) -> Tensor {
    let dims: Vec<usize> = param.dims.iter().map(|dim| size(dim, sizes) as usize).collect();
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let data = (0..dims.iter().product::<usize>()).map(|_| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        match param.dtype.scalar() {
            Scalar::F32 => Literal::F32((state >> 40) as f32 / (1 << 23) as f32 - 1.0),
            Scalar::I32 => Literal::I32((state >> 40) as i32 % 3),
            Scalar::U32 => Literal::U32((state >> 40) as u32 % 3),
            Scalar::Long => Literal::Long((state >> 40) as i64 % 3),
            Scalar::Bool => Literal::Bool((state >> 40).is_multiple_of(2)),
        }
    });
    let data: Vec<Literal> = data.collect();
    Tensor::new(param.dtype, &dims, data)
}

pub(super) fn run(
    kernels: &[&Kernel],
    memory: &mut BTreeMap<Name, Tensor>,
    sizes: &Sizes,
) -> Result<(), InterpretError> {
    for kernel in kernels {
        let mut buffers: Vec<Tensor> = Vec::new();
        for param in &kernel.params {
            let dims: Vec<usize> = param.dims.iter().map(|dim| size(dim, sizes) as usize).collect();
            // What one kernel hands to another may be one row there.
            let own = memory.get(&param.name).cloned();
            let own = own.map(|own| Tensor { dims: dims.clone(), ..own });
            buffers.push(own.unwrap_or_else(|| Tensor::zeros(param.dtype, &dims)));
        }
        let of = |name: &Name| sizes.get(name).copied();
        interpret(kernel, &of, &mut buffers)?;
        for (param, buffer) in kernel.params.iter().zip(buffers) {
            memory.insert(param.name.clone(), buffer);
        }
    }
    Ok(())
}

fn holds(condition: &Condition, sizes: &Sizes) -> bool {
    match condition {
        Condition::Multiple(dim, by) => size(dim, sizes) % by == 0,
        Condition::AtMost(dim, most) => size(dim, sizes) <= *most,
        Condition::AtLeast(dim, least) => size(dim, sizes) >= *least,
    }
}

pub(super) fn near(a: Literal, b: Literal) -> bool {
    match (a, b) {
        (Literal::F32(a), Literal::F32(b)) => {
            a == b || (a.is_nan() && b.is_nan()) || (a - b).abs() <= 1e-4 * (1.0 + a.abs())
        }
        _ => a == b,
    }
}

/// The scheduled kernels write what the loops as lowered write.
fn check(code: &RegionCode, sizes: &Sizes) {
    let kernel = &code.lowered.kernel;
    let renamed = |name: &Name| {
        let at = kernel.params.iter().position(|param| param.name == *name);
        at.map_or_else(|| name.clone(), |at| code.params[at].clone())
    };
    let mut before = BTreeMap::new();
    for (at, param) in kernel.params.iter().enumerate().filter(|(_, param)| param.role != Role::Out)
    {
        before.insert(param.name.clone(), filled(param, sizes, at as u64 + 1));
    }
    let mut want = before.clone();
    if let Err(InterpretError::StoredTwice { .. }) = run(&[kernel], &mut want, sizes) {
        // The kernel scatters by a permutation, which the numbers made here are not.
        return;
    }
    for variant in
        code.variants.iter().filter(|variant| variant.needs.iter().all(|need| holds(need, sizes)))
    {
        let kernels: Vec<&Kernel> = variant.kernels.iter().map(|kernel| &kernel.loops).collect();
        for kernel in &kernels {
            verify(kernel).unwrap_or_else(|fault| panic!("{fault}\n{kernel}"));
        }
        let mut got: BTreeMap<Name, Tensor> =
            before.iter().map(|(name, x)| (renamed(name), x.clone())).collect();
        run(&kernels, &mut got, sizes).unwrap_or_else(|fault| panic!("{fault}\n{}", kernels[0]));
        for param in kernel.params.iter().filter(|param| param.role != Role::In) {
            let (a, b) = (&want[&param.name], &got[&renamed(&param.name)]);
            let same = a.data.iter().zip(&b.data).all(|(a, b)| near(*a, *b));
            assert!(
                same,
                "`{}` differs: {:?}\n{:?}\n{kernel}\n{}",
                param.name, a.data, b.data, kernels[0]
            );
        }
    }
}

/// An example with 64 bits in the place of 32, where it has integers and the operator takes them.
fn widened(graph: &Graph) -> Option<Graph> {
    let text = graph.to_string();
    let has_integers = text.contains("i32") || text.contains("i64");
    has_integers.then(|| parse(&text.replace("i32", "i64"), ParseCx::new(&Table)).ok())?
}

fn faults(target: &Target, int64: Int64) -> Vec<String> {
    let mut faults = Vec::new();
    let options = Options { int64, ..Options::default() };
    for op in ops::all().filter(|op| op.class != OpClass::Control && op.name != "input") {
        for (number, case) in (op.cases)().iter().enumerate() {
            let mut graph = case.graph(op.name).unwrap_or_else(|error| panic!("{error}"));
            if int64 == Int64::Pair {
                let Some(wide) = widened(&graph) else { continue };
                graph = wide;
            }
            let sizes: Sizes =
                case.sizes.iter().map(|(name, size)| (Name::from(*name), *size)).collect();
            let all = || {
                let compiled =
                    compile(&graph, target, &options).unwrap_or_else(|error| panic!("{error}"));
                for code in &compiled.kernels {
                    for kernel in code.variants.iter().flat_map(|variant| &variant.kernels) {
                        let text = wgsl::print(&kernel.loops, target)
                            .unwrap_or_else(|fault| panic!("{fault}"));
                        wgsl::check::check(&text).unwrap_or_else(|fault| panic!("{fault}"));
                        if int64 == Int64::Pair {
                            writers::write(&text);
                        }
                    }
                    check(code, &sizes);
                }
            };
            if let Err(panic) = catch_unwind(AssertUnwindSafe(all)) {
                let text = panic.downcast_ref::<String>().cloned().unwrap_or_default();
                faults.push(format!("{} example {number}: {text}", op.name));
            }
        }
    }
    faults
}

#[test]
fn every_operator_has_kernels_on_a_software_adapter() {
    let faults = faults(&Target::software(), Int64::Narrow);
    assert!(faults.is_empty(), "{} faults\n{}", faults.len(), faults.join("\n\n"));
}

#[test]
fn every_operator_has_kernels_in_a_browser() {
    let faults = faults(&Target::webgpu_default(), Int64::Narrow);
    assert!(faults.is_empty(), "{} faults\n{}", faults.len(), faults.join("\n\n"));
}

#[test]
fn every_operator_has_kernels_on_a_desktop() {
    let faults = faults(&Target::vulkan_desktop(), Int64::Narrow);
    assert!(faults.is_empty(), "{} faults\n{}", faults.len(), faults.join("\n\n"));
}

#[test]
fn every_operator_on_integers_has_kernels_in_64_bits() {
    for target in [Target::software(), Target::webgpu_default(), Target::vulkan_desktop()] {
        let faults = faults(&target, Int64::Pair);
        assert!(faults.is_empty(), "{} faults\n{}", faults.len(), faults.join("\n\n"));
    }
}
