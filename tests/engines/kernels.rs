//! Compiled graphs on the interpreter of loops, region by region, with every index checked.

use std::collections::BTreeMap;

use ferrodyne_compiler::graph::{Input, NodeId};
use ferrodyne_compiler::interpret::Sizes;
use ferrodyne_compiler::ops::element;
use ferrodyne_compiler::pipeline::{Compiled, RegionCode};
use ferrodyne_plan::loops::{Kernel, Number, Role, Tensor, interpret, verify};
use ferrodyne_plan::plan::Condition;
use ferrodyne_plan::{DType, Dim, HostTensor, Name, Scalar, Var};
use ndarray::{ArrayD, IxDyn};

/// Whether kernels run as lowered or as scheduled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// As they come from lowering.
    Lowered,
    /// As their schedules leave them.
    Scheduled,
}

struct Machine<'a> {
    compiled: &'a Compiled,
    sizes: &'a Sizes,
    memory: BTreeMap<NodeId, Tensor>,
}

/// The results of a compiled graph.
pub(crate) fn run(
    compiled: &Compiled,
    inputs: &[ArrayD<f64>],
    sizes: &Sizes,
    form: Form,
) -> Result<Vec<ArrayD<f64>>, String> {
    let numbers = |(input, values): (&Input, &ArrayD<f64>)| {
        let dtype = compiled.graph.ty(input.node).dtype;
        values.iter().map(|&x| to_number(dtype, x)).collect()
    };
    let inputs: Vec<Vec<Number>> = compiled.graph.inputs.iter().zip(inputs).map(numbers).collect();
    let results = run_exactly(compiled, inputs, sizes, form)?;
    let array = |tensor: Tensor| {
        let data = tensor.data.iter().map(|&x| to_f64(x)).collect();
        ArrayD::from_shape_vec(IxDyn(&tensor.dims), data).map_err(|error| error.to_string())
    };
    results.into_iter().map(array).collect()
}

/// The results of a compiled graph, without a detour through f64.
pub(crate) fn run_exactly(
    compiled: &Compiled,
    inputs: Vec<Vec<Number>>,
    sizes: &Sizes,
    form: Form,
) -> Result<Vec<Tensor>, String> {
    let mut machine = Machine { compiled, sizes, memory: BTreeMap::new() };
    let graph = &compiled.graph;
    for (input, values) in graph.inputs.iter().zip(inputs) {
        let tensor = machine.tensor(input.node, values);
        machine.memory.insert(input.node, tensor);
    }
    for id in graph.ids().filter(|&id| &*graph.node(id).op == "constant") {
        let values = numbers(graph.node(id).attrs.get_tensor("value"));
        let tensor = machine.tensor(id, values);
        machine.memory.insert(id, tensor);
    }
    for (region, code) in compiled.regions.regions.iter().zip(&compiled.kernels) {
        machine.region(code, &region.outputs, form)?;
    }
    let result = |id: NodeId| {
        let stored = machine.memory.get(&compiled.regions.owner(id));
        let tensor = stored.ok_or_else(|| format!("{id:?} is not computed"))?;
        let dims = machine.shape(&graph.ty(id).dims);
        Ok(Tensor { dims, ..tensor.clone() })
    };
    graph.outputs.iter().map(|output| result(output.node)).collect()
}

impl Machine<'_> {
    fn size(&self, dim: &Dim) -> i64 {
        let value = |var: &Var| self.sizes.get(var.name()).copied();
        dim.eval(&value).expect("every symbol of a test has a value")
    }

    fn shape(&self, dims: &[Dim]) -> Vec<usize> {
        dims.iter().map(|dim| self.size(dim) as usize).collect()
    }

    fn tensor(&self, id: NodeId, data: Vec<Number>) -> Tensor {
        let ty = self.compiled.graph.ty(id);
        Tensor::new(ty.dtype, &self.shape(&ty.dims), data)
    }

    fn holds(&self, need: &Condition) -> bool {
        match need {
            Condition::Multiple(dim, by) => self.size(dim) % by == 0,
            Condition::AtMost(dim, most) => self.size(dim) <= *most,
            Condition::AtLeast(dim, least) => self.size(dim) >= *least,
        }
    }

    fn region(&mut self, code: &RegionCode, outputs: &[NodeId], form: Form) -> Result<(), String> {
        let kernels: Vec<&Kernel> = match form {
            Form::Lowered => vec![&code.lowered.kernel],
            Form::Scheduled => {
                let mut variants = code.variants.iter();
                let fits = variants.find(|variant| variant.needs.iter().all(|n| self.holds(n)));
                let variant = fits.ok_or_else(|| format!("no variant of {} fits", code.name))?;
                variant.kernels.iter().map(|kernel| &kernel.loops).collect()
            }
        };
        let names: Vec<Name> = match form {
            Form::Lowered => code.lowered.kernel.params.iter().map(|p| p.name.clone()).collect(),
            Form::Scheduled => code.params.clone(),
        };
        let mut scratch: BTreeMap<Name, Tensor> = BTreeMap::new();
        for (to, from) in &code.lowered.merged {
            let before = self.memory[&self.compiled.regions.owner(*from)].clone();
            self.memory.insert(*to, before);
        }
        for kernel in kernels {
            self.kernel(kernel, code, &names, &mut scratch)?;
        }
        for output in outputs {
            if !self.memory.contains_key(output) {
                return Err(format!("{} does not write {output:?}", code.name));
            }
        }
        Ok(())
    }

    fn kernel(
        &mut self,
        kernel: &Kernel,
        code: &RegionCode,
        names: &[Name],
        scratch: &mut BTreeMap<Name, Tensor>,
    ) -> Result<(), String> {
        verify(kernel).map_err(|fault| format!("{fault}\n{kernel}"))?;
        let value = |name: &Name| {
            names.iter().position(|own| own == name).map(|at| code.lowered.values[at])
        };
        let mut buffers = Vec::new();
        for param in &kernel.params {
            let dims = self.shape(&param.dims);
            let stored = match value(&param.name) {
                Some(id) => self.memory.get(&self.compiled.regions.owner(id)),
                None => scratch.get(&param.name),
            };
            buffers.push(match stored {
                Some(tensor) => Tensor { dims, ..tensor.clone() },
                None if param.role == Role::Out || dims.contains(&0) => {
                    Tensor::zeros(param.dtype, &dims)
                }
                None => {
                    return Err(format!("`{}` is read before it is written\n{kernel}", param.name));
                }
            });
        }
        let sizes = |name: &Name| self.sizes.get(name).copied();
        interpret(kernel, &sizes, &mut buffers).map_err(|fault| format!("{fault}\n{kernel}"))?;
        for (param, buffer) in kernel.params.iter().zip(buffers) {
            if param.role != Role::In {
                match value(&param.name) {
                    Some(id) => self.memory.insert(id, buffer),
                    None => scratch.insert(param.name.clone(), buffer),
                };
            }
        }
        Ok(())
    }
}

/// The elements of host data.
fn numbers(host: &HostTensor) -> Vec<Number> {
    if host.dtype == DType::Long {
        let words = host.bytes.as_chunks::<8>().0;
        return words.iter().map(|bytes| Number::Long(i64::from_le_bytes(*bytes))).collect();
    }
    element::values(host).into_iter().map(|x| to_number(host.dtype, x)).collect()
}

fn to_f64(x: Number) -> f64 {
    match x {
        Number::F32(x) => x.into(),
        Number::I32(x) => x.into(),
        Number::U32(x) => x.into(),
        Number::Long(x) => x as f64,
        Number::Bool(x) => f64::from(u8::from(x)),
    }
}

fn to_number(dtype: DType, x: f64) -> Number {
    match dtype.scalar() {
        Scalar::F32 => Number::F32(x as f32),
        Scalar::I32 => Number::I32(x as i32),
        Scalar::U32 => Number::U32(x as u32),
        Scalar::Long => Number::Long(x as i64),
        Scalar::Bool => Number::Bool(x != 0.0),
    }
}
