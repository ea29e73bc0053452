//! Memory of plans: it is no more than what running the graph node by node holds, nothing that is alive is written over, and no
//! dispatch on a GPU reads and writes one buffer.

use std::collections::{BTreeMap, BTreeSet};

use ferrodyne_compiler::graph::{
    Attrs, Builder, Graph, InputRole, NodeId, ParseCx, TensorType, parse,
};
use ferrodyne_compiler::ops::Table;
use ferrodyne_compiler::pipeline::{Options, compile};
use ferrodyne_compiler::planning::eager;
use ferrodyne_plan::loops::Role;
use ferrodyne_plan::plan::{Access, Body, Dispatch, Plan, Sizes, SlotId, SlotRole, Step};
use ferrodyne_plan::{DType, Diagnostic, Dim, Name, Range, Target};
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

/// What eager execution holds.
fn eager(graph: &Graph) -> u64 {
    eager::peak(graph).expect("all symbols of these tests have hints")
}

/// The same, with results that stand in memory from the beginning on, as those of a plan do.
fn eager_into_results(graph: &Graph) -> u64 {
    let results = graph.roots().collect::<BTreeSet<NodeId>>();
    let others = eager::peak_but(graph, &|id| results.contains(&id));
    let bytes = |id: &NodeId| {
        let ty = graph.ty(*id);
        graph.hint(&ty.dtype.tensor_bytes(&ty.dims)).expect("sizes are known") as u64
    };
    others.expect("sizes are known") + results.iter().map(bytes).sum::<u64>()
}

/// Sizes at the hints.
fn hints(graph: &Graph) -> Sizes {
    Sizes::new(graph.symbols.iter().map(|(name, info)| (name.clone(), info.hint.unwrap_or(64))))
}

/// Bytes of memory that values were written to, each with the number of the write.
#[derive(Default)]
struct Memory {
    /// By buffer: first byte, end, and the write.
    ranges: BTreeMap<SlotId, Vec<(i64, i64, usize)>>,
    /// By slot: the write that it holds, and how long that is.
    held: BTreeMap<SlotId, (usize, i64)>,
    writes: usize,
}

impl Memory {
    fn place(plan: &Plan, sizes: &Sizes, slot: SlotId) -> (SlotId, i64) {
        let offset = match &plan.slots[slot.0].place {
            Some(place) => sizes.eval(&place.offset).expect("sizes are known"),
            None => 0,
        };
        (plan.buffer_of(slot), offset)
    }

    fn write(&mut self, plan: &Plan, sizes: &Sizes, slot: SlotId, bytes: i64) {
        let (buffer, at) = Memory::place(plan, sizes, slot);
        let room = sizes.eval(&plan.slots[buffer.0].bytes).expect("sizes are known");
        assert!(at + bytes <= room, "s{} leaves its buffer\n{plan}", slot.0);
        let ranges = self.ranges.entry(buffer).or_default();
        let cut = std::mem::take(ranges)
            .into_iter()
            .flat_map(|(from, to, by)| [(from, to.min(at), by), (from.max(at + bytes), to, by)]);
        ranges.extend(cut.filter(|(from, to, _)| from < to));
        self.writes += 1;
        ranges.push((at, at + bytes, self.writes));
        self.held.insert(slot, (self.writes, bytes));
    }

    /// What a slot was last written with must stand there still.
    fn read(&self, plan: &Plan, sizes: &Sizes, slot: SlotId) {
        if !matches!(plan.slots[slot.0].role, SlotRole::Scratch | SlotRole::Output(_)) {
            return;
        }
        let (by, bytes) = self.held[&slot];
        let (buffer, at) = Memory::place(plan, sizes, slot);
        let own = self.ranges[&buffer].iter().filter(|range| range.2 == by);
        let left: i64 = own.map(|(from, to, _)| to.min(&(at + bytes)) - from.max(&at)).sum();
        assert_eq!(left, bytes, "s{} was written over\n{plan}", slot.0);
    }
}

/// Follows the writes and reads of a plan for the CPU executor.
fn nothing_is_written_over(plan: &Plan, sizes: &Sizes) {
    let mut memory = Memory::default();
    for step in &plan.steps {
        match step {
            Step::Run(variants) => {
                let fits =
                    |v: &&ferrodyne_plan::plan::Variant| v.needs.iter().all(|n| sizes.holds(n));
                let variant = variants.iter().find(fits).expect("the last variant needs nothing");
                variant.dispatches.iter().for_each(|d| runs(plan, sizes, d, &mut memory));
            }
            Step::Copy { from, to, bytes, .. } => {
                memory.read(plan, sizes, *from);
                memory.write(plan, sizes, *to, sizes.eval(bytes).expect("sizes are known"));
            }
            _ => panic!("the graphs of these tests decide nothing"),
        }
    }
    plan.outputs.iter().for_each(|output| memory.read(plan, sizes, output.slot));
}

fn runs(plan: &Plan, sizes: &Sizes, dispatch: &Dispatch, memory: &mut Memory) {
    let Body::Loops(kernel) = &plan.kernels[dispatch.kernel].body else {
        panic!("kernels of the CPU executor are loops")
    };
    for (param, slot) in kernel.params.iter().zip(&dispatch.slots) {
        if param.role != Role::Out {
            memory.read(plan, sizes, *slot);
        }
    }
    for (param, slot) in kernel.params.iter().zip(&dispatch.slots) {
        if param.role != Role::In {
            let elements: i64 = param.dims.iter().map(|d| sizes.eval(d).expect("known")).product();
            memory.write(plan, sizes, *slot, elements * param.dtype.device_bytes() as i64);
        }
    }
}

/// wgpu's rule.
fn no_dispatch_reads_and_writes_one_buffer(plan: &Plan) {
    for dispatch in plan.steps.iter().flat_map(Step::dispatches) {
        let bindings = &plan.kernels[dispatch.kernel].bindings;
        for (i, binding) in bindings.iter().enumerate() {
            let buffer = plan.buffer_of(dispatch.slots[i]);
            let same = |j: usize| j != i && plan.buffer_of(dispatch.slots[j]) == buffer;
            let shared = binding.access == Access::ReadWrite && (0..bindings.len()).any(same);
            assert!(!shared, "{} binds s{} twice\n{plan}", binding.name, buffer.0);
        }
    }
}

/// The plan's peak over another measure, on a target.
fn peak_over(graph: &Graph, target: &Target, against: &dyn Fn(&Graph) -> u64) -> f64 {
    let compiled = compile(graph, target, &Options::default())
        .unwrap_or_else(|fault| panic!("{fault} on {}\n{graph}", target.name));
    let plan = &compiled.plan;
    let sizes = hints(graph);
    match target.is_cpu() {
        true => {
            nothing_is_written_over(plan, &sizes);
            for other in [1, 2, 5, 67] {
                let symbols = graph.symbols.keys().cloned();
                nothing_is_written_over(plan, &Sizes::new(symbols.map(|name| (name, other))));
            }
        }
        false => no_dispatch_reads_and_writes_one_buffer(plan),
    }
    let peak = sizes.eval(&plan.peak_bytes).expect("sizes are known");
    peak as f64 / against(graph) as f64
}

fn targets() -> [Target; 4] {
    [Target::cpu(), Target::software(), Target::vulkan_desktop(), Target::metal_apple()]
}

fn parsed(text: &str) -> Graph {
    parse(text, ParseCx::new(&Table)).unwrap_or_else(|fault| panic!("{fault}\n{text}"))
}

/// A convolution with its activation.
fn conv(b: &mut Builder, x: NodeId, to: i64, size: i64, stride: i64) -> Result<NodeId, Diagnostic> {
    let from = b.ty(x).dims[1].clone();
    let dims = [Dim::from(to), from, Dim::from(size), Dim::from(size)];
    let weight = format!("w{}", b.graph().inputs.len());
    let w = b.input(weight.as_str(), InputRole::Parameter, TensorType::new(DType::F32, dims));
    let pad = size / 2;
    let attrs = Attrs::new()
        .str("layout", "nchw")
        .ints("dilations", &[1, 1])
        .int("groups", 1)
        .ints("pads", &[pad, pad, pad, pad])
        .ints("strides", &[stride, stride]);
    let y = b.add("conv", &[x, w], attrs)?;
    b.add("relu", &[y], Attrs::new())
}

fn two_convs(b: &mut Builder, x: NodeId, to: i64) -> Result<NodeId, Diagnostic> {
    let x = conv(b, x, to, 3, 1)?;
    conv(b, x, to, 3, 1)
}

/// Twice the height and width, each element four times.
fn doubled(b: &mut Builder, x: NodeId) -> Result<NodeId, Diagnostic> {
    let [n, c, h, w] = <[Dim; 4]>::try_from(b.ty(x).dims.to_vec()).expect("images have four dims");
    let (one, two) = (Dim::from(1), Dim::from(2));
    let apart = [n.clone(), c.clone(), h.clone(), one.clone(), w.clone(), one];
    let x = b.add("reshape", &[x], Attrs::new().dims("dims", &apart))?;
    let wide = [n.clone(), c.clone(), h.clone(), two.clone(), w.clone(), two.clone()];
    let x = b.add("expand", &[x], Attrs::new().dims("dims", &wide))?;
    b.add("reshape", &[x], Attrs::new().dims("dims", &[n, c, h * &two, w * &two]))
}

/// A U-Net of three levels: skips of each size live until the way back up.
fn unet(batch: Option<i64>, side: i64) -> Result<Graph, Diagnostic> {
    let mut b = Builder::new("unet", &Table);
    let n = match batch {
        Some(hint) => b.symbol("n", Range { lo: Some(1), hi: Some(64) }, Some(hint)),
        None => Dim::from(2),
    };
    let dims = [n, Dim::from(3), Dim::from(side), Dim::from(side)];
    let image = b.input("image", InputRole::Argument, TensorType::new(DType::F32, dims));
    let first = two_convs(&mut b, image, 12)?;
    let down = conv(&mut b, first, 24, 3, 2)?;
    let second = two_convs(&mut b, down, 24)?;
    let down = conv(&mut b, second, 48, 3, 2)?;
    let deep = two_convs(&mut b, down, 48)?;
    let up = doubled(&mut b, deep)?;
    let both = b.add("concat", &[up, second], Attrs::new().int("axis", 1))?;
    let up = two_convs(&mut b, both, 24)?;
    let up = doubled(&mut b, up)?;
    let both = b.add("concat", &[up, first], Attrs::new().int("axis", 1))?;
    let up = two_convs(&mut b, both, 12)?;
    let mask = conv(&mut b, up, 2, 1, 1)?;
    b.output("mask", mask);
    b.output("deep", deep);
    Ok(b.finish())
}

/// Residual blocks of half-precision attention and feed-forward.
const BLOCK: &str = "graph block(%x: f16[n, 96], %g: f16[96], %b: f16[96], %q: f16[96, 288], %o: f16[96, 96], %u: f16[96, 192], %d: f16[192, 96]) where n in 1..=512 hint 19 {
  %a = layer_norm %x %g %b {eps=1e-5} : f16[n, 96]
  %qkv = matmul %a %q : f16[n, 288]
  %k = slice %qkv {starts=[0, 0], ends=[n, 96], steps=[1, 1]} : f16[n, 96]
  %v = slice %qkv {starts=[0, 96], ends=[n, 192], steps=[1, 1]} : f16[n, 96]
  %w = slice %qkv {starts=[0, 192], ends=[n, 288], steps=[1, 1]} : f16[n, 96]
  %t = permute %v {axes=[1, 0]} : f16[96, n]
  %s = matmul %k %t : f16[n, n]
  %p = softmax %s {axis=1} : f16[n, n]
  %m = matmul %p %w : f16[n, 96]
  %e = matmul %m %o : f16[n, 96]
  %r = add %x %e : f16[n, 96]
  %c = layer_norm %r %g %b {eps=1e-5} : f16[n, 96]
  %h = matmul %c %u : f16[n, 192]
  %i = gelu %h : f16[n, 192]
  %j = matmul %i %d : f16[n, 96]
  %y = add %r %j : f16[n, 96]
  return %y as y
}";

/// Blocks of two products whose sum goes around.
fn residual(blocks: usize) -> Graph {
    let inputs = "%x: f32[n, 64], %u: f32[64, 256], %d: f32[256, 64]";
    let mut text = format!("graph residual({inputs}) where n in 1..=512 hint 32 {{\n");
    let mut x = "%x".to_owned();
    for k in 0..blocks {
        text +=
            &format!("  %h{k} = matmul {x} %u : f32[n, 256]\n  %r{k} = gelu %h{k} : f32[n, 256]\n");
        text += &format!(
            "  %m{k} = matmul %r{k} %d : f32[n, 64]\n  %y{k} = add {x} %m{k} : f32[n, 64]\n"
        );
        x = format!("%y{k}");
    }
    parsed(&(text + &format!("  return {x} as y\n}}")))
}

#[test]
fn models_hold_no_more_than_eager_execution_does() {
    let unets = [(None, 32), (Some(2), 32), (Some(3), 64), (Some(8), 16)];
    let unets = unets.map(|(batch, side)| unet(batch, side).expect("the graph is right"));
    let graphs = unets.into_iter().chain([parsed(BLOCK), residual(1), residual(6)]);
    let mut faults = Vec::new();
    for graph in graphs {
        for target in targets() {
            let ratio = peak_over(&graph, &target, &eager);
            println!("{} on {}: {ratio:.3}", graph.name, target.name);
            if ratio > 1.0 {
                faults.push(format!("{} on {}: {ratio:.3}", graph.name, target.name));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// A random graph over matrices of `n` rows.
fn random(choices: &[u16]) -> Result<Graph, Diagnostic> {
    let mut left = choices.iter();
    let mut below = |end: usize| usize::from(left.next().copied().unwrap_or(0)) % end;
    let mut b = Builder::new("random", &Table);
    let n = b.symbol("n", Range { lo: Some(1), hi: Some(4096) }, Some([64, 128, 512][below(3)]));
    let f32s = |dims: &[Dim]| TensorType::new(DType::F32, dims.to_vec());
    let x = b.input("x", InputRole::Argument, f32s(&[n.clone(), Dim::from(64)]));
    let mut pool = vec![x];
    for step in 0..6 + below(30) {
        let x = pool[pool.len() - 1 - below(pool.len().min(4))];
        let y = pool[below(pool.len())];
        let width = b.ty(x).dims[1].clone();
        let made = match below(8) {
            0 | 1 => b.add(["tanh", "neg", "gelu"][below(3)], &[x], Attrs::new())?,
            2 if b.ty(x) == b.ty(y) => b.add("add", &[x, y], Attrs::new())?,
            3 => b.add("concat", &[x, y], Attrs::new().int("axis", 1))?,
            4 => b.add("softmax", &[x], Attrs::new().int("axis", 1))?,
            5 => b.add("sum", &[x], Attrs::new().ints("axes", &[1]).bool("keepdim", true))?,
            _ => {
                let to = Dim::from([32, 64, 128, 256][below(4)]);
                let name = Name::from(format!("w{step}"));
                let w = b.input(name, InputRole::Parameter, f32s(&[width, to]));
                b.add("matmul", &[x, w], Attrs::new())?
            }
        };
        pool.push(made);
    }
    let last = pool[pool.len() - 1];
    b.output("y", last);
    if below(3) == 0 {
        b.output("z", pool[pool.len() / 2]);
    }
    Ok(b.finish())
}

#[test]
fn random_graphs_hold_no_more_than_eager_execution_into_results_does() {
    let config = Config { cases: 50, failure_persistence: None, ..Config::default() };
    let seed = TestRng::from_seed(RngAlgorithm::ChaCha, &[7; 32]);
    let mut runner = TestRunner::new_with_rng(config, seed);
    let choices = prop::collection::vec(any::<u16>(), 40..200);
    let drawn = runner.run(&choices, |choices| {
        let graph = random(&choices).map_err(|fault| TestCaseError::fail(fault.to_string()))?;
        for target in targets() {
            let ratio = peak_over(&graph, &target, &eager_into_results);
            prop_assert!(ratio <= 1.0, "{ratio:.3} of eager execution on {}\n{graph}", target.name);
        }
        Ok(())
    });
    drawn.unwrap_or_else(|fault| panic!("{fault}"));
}
