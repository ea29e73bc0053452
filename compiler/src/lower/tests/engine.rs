//! Runs a graph twice: by the f64 interpreter as it is captured, and region by region on the interpreter of loops.

use std::collections::BTreeMap;

use ferrodyne_plan::loops::{Number, Tensor, interpret, verify};
use ferrodyne_plan::{DType, Dim, Name, Scalar, Target};
use ndarray::{ArrayD, IxDyn};

use crate::fusion::{FusionOptions, Regions, partition};
use crate::graph::{Graph, NodeId, TensorType};
use crate::lower::lower;
use crate::ops;
use crate::passes::{PassCx, PassList};

/// A graph with the values of its symbols.
pub(crate) struct Engine {
    captured: Graph,
    pub(crate) graph: Graph,
    sizes: BTreeMap<Name, i64>,
}

impl Engine {
    pub(crate) fn new(captured: Graph, sizes: BTreeMap<Name, i64>) -> Engine {
        let mut graph = captured.clone();
        let passes = PassList::named("inline, decompose, dce, cse").expect("these passes exist");
        passes
            .run(&mut graph, &PassCx::default(), &mut |_, _| {})
            .unwrap_or_else(|e| panic!("{e}"));
        Engine { captured, graph, sizes }
    }

    fn size(&self, dim: &Dim) -> i64 {
        dim.eval(&|var| self.sizes.get(var.name()).copied()).expect("all symbols have values")
    }

    fn shape(&self, ty: &TensorType) -> Vec<usize> {
        ty.dims.iter().map(|d| self.size(d) as usize).collect()
    }

    /// Values of the graph's results, by regions and loops.
    pub(crate) fn run(
        &self,
        inputs: &[ArrayD<f64>],
        target: &Target,
        fuse: bool,
    ) -> (Vec<ArrayD<f64>>, Regions) {
        let options = FusionOptions { enabled: fuse, ..FusionOptions::default() };
        let regions = partition(&self.graph, target, &options);
        let mut memory: BTreeMap<NodeId, Tensor> = BTreeMap::new();
        for (input, value) in self.graph.inputs.iter().zip(inputs) {
            memory.insert(input.node, self.tensor(input.node, value.iter().copied()));
        }
        for id in self.graph.ids() {
            let node = self.graph.node(id);
            if &*node.op == "constant" {
                let data = ops::element::values(node.attrs.get_tensor("value"));
                memory.insert(id, self.tensor(id, data.into_iter()));
            }
        }
        for region in &regions.regions {
            let lowered = lower(&self.graph, region).unwrap_or_else(|e| panic!("{e}"));
            let mut buffers: Vec<Tensor> = Vec::new();
            for &value in &lowered.values {
                let before =
                    lowered.merged.iter().find(|(to, _)| *to == value).map(|(_, from)| *from);
                let source = before.unwrap_or(value);
                let stored = memory.get(&regions.owner(source));
                let mut buffer = match stored {
                    Some(tensor) if before.is_some() || !region.outputs.contains(&value) => {
                        tensor.clone()
                    }
                    _ => Tensor::zeros(self.graph.ty(value).dtype, &[]),
                };
                buffer.dims = self.shape(self.graph.ty(value));
                if buffer.data.len() != buffer.dims.iter().product::<usize>() {
                    assert!(
                        region.outputs.contains(&value),
                        "{value:?} is read before it is written:\n{regions}"
                    );
                    buffer = Tensor::zeros(buffer.dtype, &buffer.dims);
                }
                buffers.push(buffer);
            }
            if let Err(fault) = verify(&lowered.kernel) {
                panic!("{fault}\n{}\n{regions}", lowered.kernel);
            }
            let sizes = |name: &Name| self.sizes.get(name).copied();
            if let Err(fault) = interpret(&lowered.kernel, &sizes, &mut buffers) {
                panic!("{fault}\n{}\n{regions}", lowered.kernel);
            }
            for (&value, buffer) in lowered.values.iter().zip(buffers) {
                if region.outputs.contains(&value) {
                    memory.insert(value, buffer);
                }
            }
        }
        let result = |id: NodeId| {
            let stored = memory.get(&regions.owner(id));
            let tensor = stored
                .unwrap_or_else(|| panic!("{id:?} is not computed\n{}\n{regions}", self.graph));
            let data = tensor.data.iter().map(|&x| to_f64(x)).collect();
            ArrayD::from_shape_vec(IxDyn(&self.shape(self.graph.ty(id))), data)
                .expect("a whole tensor")
        };
        (self.graph.outputs.iter().map(|o| result(o.node)).collect(), regions)
    }

    fn tensor(&self, id: NodeId, data: impl Iterator<Item = f64>) -> Tensor {
        let ty = self.graph.ty(id);
        Tensor::new(ty.dtype, &self.shape(ty), data.map(|x| to_number(ty.dtype, x)))
    }

    /// Fails unless both ways agree on all results, fused and not.
    #[track_caller]
    pub(crate) fn check(&self, inputs: &[ArrayD<f64>], tolerance: f64) -> Regions {
        let sizes = self.sizes.iter().map(|(name, n)| (name.clone(), *n)).collect();
        let oracle = crate::interpret::interpret(&self.captured, inputs, &sizes)
            .unwrap_or_else(|e| panic!("{e}"));
        let mut last = Regions::default();
        for fuse in [false, true] {
            let (results, regions) = self.run(inputs, &Target::cpu(), fuse);
            for ((output, got), want) in self.graph.outputs.iter().zip(&results).zip(&oracle) {
                let scale =
                    want.iter().filter(|x| x.is_finite()).fold(1.0, |m: f64, x| m.max(x.abs()));
                for (k, (&a, &b)) in got.iter().zip(want).enumerate() {
                    let same = a == b
                        || (a.is_nan() && b.is_nan())
                        || (a - b).abs() <= tolerance * scale
                        || (b.abs() > 3.0e38 && a.is_infinite());
                    if !same {
                        let kernels: String = regions
                            .regions
                            .iter()
                            .map(|r| {
                                lower(&self.graph, r)
                                    .map_or_else(|e| e.to_string(), |l| l.kernel.to_string())
                            })
                            .collect();
                        panic!(
                            "{} of {}: element {k} is {a}, not {b} (fused: {fuse})\n{regions}\n{kernels}",
                            output.name, self.graph.name
                        );
                    }
                }
            }
            last = regions;
        }
        last
    }
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
