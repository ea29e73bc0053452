//! Hand-written plans.

use std::sync::Arc;

use ferrodyne_plan::plan::{
    Access, Binding, Body, Condition, Constant, Dispatch, InputRole, PlanInput, PlanKernel,
    PlanOutput, Slot, SlotId, SlotRole, Step, Variant, WgslKernel, WriteBack,
};
use ferrodyne_plan::{DType, Dim, Facts, Name, Plan};

/// Builds a plan of `f32` vectors.
pub(super) struct Builder(pub(super) Plan);

impl Builder {
    pub(super) fn new(name: &str) -> Builder {
        Builder(Plan {
            name: Name::from(name),
            symbols: Vec::new(),
            facts: Facts::default(),
            inputs: Vec::new(),
            outputs: Vec::new(),
            slots: Vec::new(),
            constants: Vec::new(),
            kernels: Vec::new(),
            weight_steps: Vec::new(),
            steps: Vec::new(),
            write_backs: Vec::new(),
            peak_bytes: Dim::from(0),
        })
    }

    pub(super) fn slot(&mut self, name: &str, role: SlotRole, elements: &Dim) -> SlotId {
        let (name, bytes) = (Name::from(name), elements * 4);
        self.0.slots.push(Slot { name, role, bytes, life: None, place: None });
        SlotId(self.0.slots.len() - 1)
    }

    pub(super) fn input(&mut self, name: &str, role: InputRole, elements: &Dim) -> SlotId {
        let slot = self.slot(name, SlotRole::Input(self.0.inputs.len()), elements);
        let (name, dims) = (Name::from(name), vec![elements.clone()]);
        self.0.inputs.push(PlanInput { name, role, dtype: DType::F32, dims, slot: Some(slot) });
        slot
    }

    pub(super) fn argument(&mut self, name: &str, elements: &Dim) -> SlotId {
        self.input(name, InputRole::Argument, elements)
    }

    pub(super) fn result(&mut self, name: &str, slot: SlotId, elements: &Dim) {
        let (name, dims) = (Name::from(name), vec![elements.clone()]);
        self.0.outputs.push(PlanOutput { name, dtype: DType::F32, dims, slot });
    }

    pub(super) fn output(&mut self, name: &str, elements: &Dim) -> SlotId {
        let slot = self.slot(name, SlotRole::Output(self.0.outputs.len()), elements);
        self.result(name, slot, elements);
        slot
    }

    pub(super) fn constant(&mut self, name: &str, values: &[f32]) -> SlotId {
        let role = SlotRole::Constant(self.0.constants.len());
        let slot = self.slot(name, role, &Dim::from(values.len()));
        self.0.constants.push(Constant {
            name: Name::from(name),
            dtype: DType::F32,
            dims: vec![values.len() as i64],
            bytes: Arc::new(bytemuck::cast_slice(values).to_vec()),
        });
        slot
    }

    pub(super) fn write_back(&mut self, input: usize, slot: SlotId) {
        self.0.write_backs.push(WriteBack { input, slot });
    }

    /// A kernel whose last binding is written and whose others are read.
    pub(super) fn kernel(
        &mut self,
        name: &str,
        text: &str,
        bindings: usize,
        sizes: &[Dim],
    ) -> usize {
        let access = |i| if i + 1 == bindings { Access::ReadWrite } else { Access::Read };
        let binding =
            |i| Binding { name: Name::from(format!("b{i}")), access: access(i), ranges: None };
        self.0.kernels.push(PlanKernel {
            name: Name::from(name),
            bindings: (0..bindings).map(binding).collect(),
            sizes: sizes.to_vec(),
            body: Body::Wgsl(WgslKernel {
                text: text.to_owned(),
                entry: "main".to_owned(),
                workgroup_size: [64, 1, 1],
                subgroups: false,
            }),
            sources: Vec::new(),
        });
        self.0.kernels.len() - 1
    }

    pub(super) fn run(&mut self, kernel: usize, elements: &Dim, slots: &[SlotId]) {
        let step = Step::Run(vec![variant(vec![], kernel, elements, slots)]);
        self.0.steps.push(step);
    }

    pub(super) fn finish(self) -> Arc<Plan> {
        Arc::new(self.0)
    }
}

/// A way to do a step by one dispatch with a thread for each element.
pub(super) fn variant(
    needs: Vec<Condition>,
    kernel: usize,
    elements: &Dim,
    slots: &[SlotId],
) -> Variant {
    let groups = [elements.ceil_div(&Dim::from(64)), Dim::from(1), Dim::from(1)];
    let bytes = vec![elements.clone() * 4; slots.len()];
    let dispatch = Dispatch { kernel, groups, slots: slots.to_vec(), bytes, iterations: None };
    Variant { needs, dispatches: vec![dispatch] }
}

/// The text of a kernel that computes `out[i]` from `a[i]`, by a WGSL expression over `a[i]` and `i`.
pub(super) fn unary(expression: &str) -> String {
    format!(
        "@group(0) @binding(0) var<storage, read> a: array<f32>;
         @group(0) @binding(1) var<storage, read_write> out: array<f32>;
         @compute @workgroup_size(64) fn main(@builtin(global_invocation_id) id: vec3<u32>) {{
             let i = id.x;
             if (i >= arrayLength(&out)) {{ return; }}
             out[i] = {expression};
         }}"
    )
}

/// As [`unary`], over `a[i]` and `b[i]`.
pub(super) fn binary(expression: &str) -> String {
    format!(
        "@group(0) @binding(0) var<storage, read> a: array<f32>;
         @group(0) @binding(1) var<storage, read> b: array<f32>;
         @group(0) @binding(2) var<storage, read_write> out: array<f32>;
         @compute @workgroup_size(64) fn main(@builtin(global_invocation_id) id: vec3<u32>) {{
             let i = id.x;
             if (i >= arrayLength(&out)) {{ return; }}
             out[i] = {expression};
         }}"
    )
}

/// `out[i] = a[i] + n`, for `i` below the size `n`.
pub(super) const ADD_SIZE: &str = "
    struct Sizes { n: u32 }
    @group(0) @binding(0) var<storage, read> a: array<f32>;
    @group(0) @binding(1) var<storage, read_write> out: array<f32>;
    @group(0) @binding(2) var<uniform> sizes: Sizes;
    @compute @workgroup_size(64) fn main(@builtin(global_invocation_id) id: vec3<u32>) {
        if (id.x >= sizes.n) { return; }
        out[id.x] = a[id.x] + f32(sizes.n);
    }";

/// `out = f(a)` over a vector of a fixed size.
pub(super) fn map(expression: &str, elements: usize) -> Arc<Plan> {
    let n = Dim::from(elements);
    let mut plan = Builder::new("map");
    let a = plan.argument("a", &n);
    let out = plan.output("out", &n);
    let kernel = plan.kernel("map", &unary(expression), 2, &[]);
    plan.run(kernel, &n, &[a, out]);
    plan.finish()
}

/// `out = a + n` over a vector of any size.
pub(super) fn add_size() -> Arc<Plan> {
    let n = Dim::sym("n");
    let mut plan = Builder::new("add_size");
    let a = plan.argument("a", &n);
    let out = plan.output("out", &n);
    let kernel = plan.kernel("add_size", ADD_SIZE, 2, std::slice::from_ref(&n));
    plan.run(kernel, &n, &[a, out]);
    plan.finish()
}
