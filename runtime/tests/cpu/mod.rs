//! The CPU executor on hand-written plans.

use std::sync::Arc;

use ferrodyne_plan::loops::Kernel;
use ferrodyne_plan::plan::{
    Access, Binding, Body, Constant, Dispatch, InputRole, PlanInput, PlanKernel, PlanOutput, Sizes,
    Slot, SlotId, SlotRole, Step, SymbolDecl, Variant, WgslKernel, WriteBack,
};
use ferrodyne_plan::{DType, Dim, Facts, Name, Plan, Range};
use ferrodyne_runtime::cpu::{CpuDevice, Level, Pool};
use ferrodyne_runtime::{Backend, Buffer, Prepared, RuntimeError};

/// A plan over vectors of `n` floats.
struct Builder(Plan);

impl Builder {
    fn new() -> Builder {
        let n = SymbolDecl { name: Name::from("n"), range: Range::default(), hint: None };
        Builder(Plan {
            name: Name::from("test"),
            symbols: vec![n],
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

    fn slot(&mut self, name: &str, role: SlotRole) -> SlotId {
        let bytes = &Dim::sym("n") * 4;
        self.0.slots.push(Slot { name: Name::from(name), role, bytes, life: None, place: None });
        SlotId(self.0.slots.len() - 1)
    }

    fn input(&mut self, name: &str, role: InputRole) -> SlotId {
        let slot = self.slot(name, SlotRole::Input(self.0.inputs.len()));
        let (name, dims) = (Name::from(name), vec![Dim::sym("n")]);
        self.0.inputs.push(PlanInput { name, role, dtype: DType::F32, dims, slot: Some(slot) });
        slot
    }

    fn output(&mut self, slot: SlotId) {
        let (name, dims) = (Name::from("out"), vec![Dim::sym("n")]);
        self.0.outputs.push(PlanOutput { name, dtype: DType::F32, dims, slot });
    }

    /// A kernel that computes `o[i]` from `x[i]` and `y[i]`.
    fn kernel(&mut self, value: &str) -> usize {
        let text = format!(
            "kernel k(in x: f32[n], in y: f32[n], out o: f32[n]) {{\n  axis i in n\n  for i {{\n    o[i] = {value}\n  }}\n}}\n"
        );
        let kernel = Kernel::parse(&text).expect("the text is a kernel");
        self.body(Body::Loops(Box::new(kernel)))
    }

    fn body(&mut self, body: Body) -> usize {
        let binding =
            |name: &str| Binding { name: Name::from(name), access: Access::Read, ranges: None };
        self.0.kernels.push(PlanKernel {
            name: Name::from("k"),
            bindings: ["x", "y", "o"].map(binding).to_vec(),
            sizes: Vec::new(),
            body,
            sources: Vec::new(),
        });
        self.0.kernels.len() - 1
    }

    fn finish(self, device: &CpuDevice) -> Result<Box<dyn Prepared>, RuntimeError> {
        device.prepare(Arc::new(self.0), None)
    }
}

fn step(kernel: usize, slots: [SlotId; 3]) -> Step {
    let groups = [1, 1, 1].map(Dim::from);
    let dispatch =
        Dispatch { kernel, groups, slots: slots.to_vec(), bytes: Vec::new(), iterations: None };
    Step::Run(vec![Variant { needs: Vec::new(), dispatches: vec![dispatch] }])
}

fn n(n: i64) -> Sizes {
    Sizes::new([(Name::from("n"), n)])
}

fn upload(device: &CpuDevice, values: &[f32]) -> Buffer {
    device.upload(bytemuck::cast_slice(values)).expect("there is memory")
}

fn floats(device: &CpuDevice, buffer: &Buffer, n: usize) -> Vec<f32> {
    let bytes = device.download_now(buffer, 4 * n).expect("the buffer is readable");
    bytemuck::pod_collect_to_vec(&bytes)
}

#[test]
fn steps_run_in_order_through_scratch_at_any_size_and_create_nothing_twice() {
    let device = CpuDevice::new();
    let mut b = Builder::new();
    let (x, y) = (b.input("x", InputRole::Argument), b.input("y", InputRole::Argument));
    let (t, o) = (b.slot("t", SlotRole::Scratch), b.slot("o", SlotRole::Output(0)));
    b.output(o);
    let (sum, square) = (b.kernel("x[i] + y[i]"), b.kernel("x[i] * y[i]"));
    b.0.steps = vec![step(sum, [x, y, t]), step(square, [t, t, o])];
    let program = b.finish(&device).expect("the plan is sound");
    for size in [1, 5, 3000, 5] {
        let x: Vec<f32> = (0..size).map(|i| i as f32).collect();
        let inputs = [upload(&device, &x), upload(&device, &vec![0.5; size])];
        let want: Vec<f32> = x.iter().map(|x| (x + 0.5) * (x + 0.5)).collect();
        for run in 0..3 {
            let results = program.run(&n(size as i64), &inputs).expect("it runs");
            assert_eq!(floats(&device, &results[0], size), want);
            assert!(run == 0 || program.stats().created == 0, "run {run} created memory");
        }
    }
    assert_eq!(program.stats().dispatches, 2);
}

#[test]
fn weights_are_prepared_once_and_again_when_a_parameter_is_replaced() {
    let device = CpuDevice::new();
    let mut b = Builder::new();
    let (x, w) = (b.input("x", InputRole::Argument), b.input("w", InputRole::Parameter));
    let (p, o) = (b.slot("p", SlotRole::Packed), b.slot("o", SlotRole::Output(0)));
    b.output(o);
    let (double, sum) = (b.kernel("x[i] + y[i]"), b.kernel("x[i] * y[i]"));
    b.0.weight_steps = vec![step(double, [w, w, p])];
    b.0.steps = vec![step(sum, [x, p, o])];
    let program = b.finish(&device).expect("the plan is sound");
    let x = upload(&device, &[1.0, 2.0]);
    for weights in [[3.0, 4.0], [5.0, 6.0]] {
        let w = upload(&device, &weights);
        for _ in 0..2 {
            let results = program.run(&n(2), &[x.clone(), w.clone()]).expect("it runs");
            let want = [2.0 * weights[0], 4.0 * weights[1]];
            assert_eq!(floats(&device, &results[0], 2), want);
        }
    }
}

#[test]
fn a_write_back_is_a_new_value_and_leaves_the_old_one() {
    let device = CpuDevice::new();
    let mut b = Builder::new();
    let (x, state) = (b.input("x", InputRole::Argument), b.input("state", InputRole::Buffer));
    let new = b.slot("new", SlotRole::Scratch);
    b.output(x);
    b.0.write_backs.push(WriteBack { input: 1, slot: new });
    let sum = b.kernel("x[i] + y[i]");
    b.0.steps = vec![step(sum, [x, state, new])];
    let program = b.finish(&device).expect("the plan is sound");
    let (x, old) = (upload(&device, &[1.0, 2.0]), upload(&device, &[10.0, 20.0]));
    let results = program.run(&n(2), &[x.clone(), old.clone()]).expect("it runs");
    assert_eq!(results[0].id(), x.id(), "an input that is a result is the same buffer");
    assert_eq!(floats(&device, &results[1], 2), [11.0, 22.0]);
    assert_eq!(floats(&device, &old, 2), [10.0, 20.0]);
}

#[test]
fn results_are_equal_for_every_number_of_threads() {
    let run = |threads| {
        let device = CpuDevice::with(Level::current(), Arc::new(Pool::new(threads)));
        let mut b = Builder::new();
        let x = b.input("x", InputRole::Argument);
        let o = b.slot("o", SlotRole::Output(0));
        b.output(o);
        let kernel = b.kernel("sin(x[i]) * exp(y[i])");
        b.0.steps = vec![step(kernel, [x, x, o])];
        let program = b.finish(&device).expect("the plan is sound");
        let values: Vec<f32> = (0..100_000).map(|i| (i as f32 * 0.37).sin()).collect();
        let results = program.run(&n(100_000), &[upload(&device, &values)]).expect("it runs");
        floats(&device, &results[0], 100_000)
    };
    let one = run(1);
    assert_eq!(one, run(2));
    assert_eq!(one, run(5));
}

#[test]
fn what_the_executor_cannot_run_is_refused_by_name() {
    let device = CpuDevice::new();
    let plan = |body: Option<Body>, twice: bool| {
        let mut b = Builder::new();
        b.0.symbols[0].hint = Some(4);
        let (x, o) = (b.input("x", InputRole::Argument), b.slot("o", SlotRole::Output(0)));
        b.output(o);
        let kernel = match body {
            Some(body) => b.body(body),
            None => b.kernel("x[i] + y[i]"),
        };
        b.0.steps = vec![step(kernel, [x, if twice { o } else { x }, o])];
        b.finish(&device).err().map(|e| e.to_string())
    };
    let wgsl = WgslKernel {
        text: String::new(),
        entry: "main".to_owned(),
        workgroup_size: [1; 3],
        subgroups: false,
    };
    assert_eq!(plan(None, false), None);
    assert_eq!(
        plan(Some(Body::Wgsl(wgsl)), false).as_deref(),
        Some("`cpu` refused kernel `k`: it is WGSL: compile the plan for the target `cpu`")
    );
    assert_eq!(
        plan(None, true).as_deref(),
        Some("the plan `test` is malformed: `k` writes a slot bound twice")
    );
}

#[test]
fn a_short_buffer_and_a_wrong_count_are_errors() {
    let device = CpuDevice::new();
    let mut b = Builder::new();
    let x = b.input("x", InputRole::Argument);
    let (c, o) = (b.slot("c", SlotRole::Constant(0)), b.slot("o", SlotRole::Output(0)));
    b.output(o);
    b.0.constants.push(Constant {
        name: Name::from("c"),
        dtype: DType::F32,
        dims: vec![4],
        bytes: Arc::new(bytemuck::cast_slice(&[1f32, 2.0, 3.0, 4.0]).to_vec()),
    });
    let kernel = b.kernel("x[i] + y[i]");
    b.0.steps = vec![step(kernel, [x, c, o])];
    let program = b.finish(&device).expect("the plan is sound");
    let short = upload(&device, &[1.0]);
    let error = program.run(&n(100), std::slice::from_ref(&short)).unwrap_err();
    assert_eq!(error.to_string(), "`x` needs a buffer of 400 bytes, but it has 16");
    assert_eq!(program.run(&n(4), &[]).unwrap_err().to_string(), "`test` takes 1 inputs, not 0");
    let results = program.run(&n(4), &[upload(&device, &[1.0; 4])]).expect("it runs");
    assert_eq!(floats(&device, &results[0], 4), [2.0, 3.0, 4.0, 5.0]);
}
