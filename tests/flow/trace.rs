//! Traces: one run as a graph, what it cannot keep, and how a person looks at it.

use std::cell::Cell;

use expect_test::expect;
use ferrodyne::prelude::*;
use ferrodyne::{Divergence, Error, Result, TraceOptions, Traced, trace, trace_with};

use crate::tensor::{close, devices, sample};

fn vec(values: &[f32]) -> Tensor {
    Tensor::from_slice(values, [values.len()], &Device::cpu())
}

fn warnings<R>(traced: &Traced<R>) -> Vec<String> {
    traced.warnings().iter().map(ToString::to_string).collect()
}

/// Without checks, which run the function more often.
fn unchecked() -> TraceOptions {
    TraceOptions::new().check_trace(false)
}

#[derive(Module)]
struct Block {
    conv: Linear,
    norm: LayerNorm,
}

#[module]
impl Block {
    fn forward(&self, x: &Tensor) -> Tensor {
        self.norm.forward(&self.conv.forward(x)).relu()
    }
}

#[derive(Module)]
struct Net {
    layer1: Block,
    layer2: Block,
    fc: Linear,
}

#[module]
impl Net {
    fn forward(&self, x: &Tensor) -> Tensor {
        self.fc.forward(&self.layer2.forward(&self.layer1.forward(x)))
    }
}

fn net(device: &Device) -> Net {
    device.manual_seed(3);
    let block = || Block { conv: Linear::new(4, 4, device), norm: LayerNorm::new(&[4], device) };
    Net { layer1: block(), layer2: block(), fc: Linear::new(4, 2, device) }
}

#[test]
fn a_traced_module_computes_what_the_module_does() {
    for device in devices() {
        let net = net(&device);
        let traced = trace(&net, &sample(&[3, 4], &device)).unwrap();
        assert!(traced.warnings().is_empty(), "{:?}", traced.warnings());
        assert!(traced.divergences().is_empty(), "{:?}", traced.divergences());
        let x = sample(&[3, 4], &device) * 0.5;
        let want = net.forward(&x).to_vec::<f32>().unwrap();
        close(&traced.call(&x).unwrap(), &want, "traced");
    }
}

#[test]
fn parameters_are_those_of_the_module() {
    let device = Device::cpu();
    let net = net(&device);
    let x = sample(&[3, 4], &device);
    let traced = trace(&net, &x).unwrap();
    let names = |module: &dyn Module| -> Vec<String> {
        module.named_parameters().into_iter().map(|(name, _)| name).collect()
    };
    assert_eq!(names(&traced), names(&net));
    traced.parameters()[0].set(&Tensor::zeros([4, 4], &device)).unwrap();
    let want = net.forward(&x).to_vec::<f32>().unwrap();
    close(&traced.call(&x).unwrap(), &want, "after a parameter of the trace was set");
}

#[test]
fn the_tree_has_original_names() {
    let device = Device::cpu();
    let traced = trace(&net(&device), &sample(&[3, 4], &device)).unwrap();
    let tree = expect![[r#"
        Net(
          original_name=Net
          (layer1): Block(
            original_name=Block
            (conv): Linear(original_name=Linear)
            (norm): LayerNorm(original_name=LayerNorm)
          )
          (layer2): Block(
            original_name=Block
            (conv): Linear(original_name=Linear)
            (norm): LayerNorm(original_name=LayerNorm)
          )
          (fc): Linear(original_name=Linear)
        )"#]];
    tree.assert_eq(&traced.to_string());
    tree.assert_eq(&compile(net(&device)).to_string());
    expect!["Linear(original_name=Linear)"]
        .assert_eq(&traced.submodule("layer1.conv").unwrap().to_string());
}

#[test]
fn a_submodule_is_seen_before_and_after_inlining() {
    let device = Device::cpu();
    let traced = trace(&net(&device), &sample(&[3, 4], &device)).unwrap();
    let layer = traced.submodule("layer1").unwrap();
    assert!(layer.graph().to_string().contains("= call @conv"), "{}", layer.graph());
    let inlined = layer.inlined().unwrap();
    expect![[r#"
        graph layer1(%x: f32[3, 4], parameter %conv.weight: f32[4, 4], parameter %conv.bias: f32[4], parameter %norm.weight: f32[4], parameter %norm.bias: f32[4]) {
          %0 = linear %x %conv.weight %conv.bias : f32[3, 4]
          %1 = layer_norm %0 %norm.weight %norm.bias {eps=1e-5, rank=1} : f32[3, 4]
          %2 = relu %1 : f32[3, 4]
          return %2 as out
        }
    "#]]
    .assert_eq(&inlined.graph().to_string());
    assert!(inlined.code().contains(".relu()"), "{}", inlined.code());
    let code = traced.code();
    assert!(code.contains("fn layer1("), "{code}");
    assert!(code.contains("= layer1(x, "), "{code}");
    let whole = traced.inlined().unwrap();
    assert!(!whole.graph().to_string().contains("call"), "{}", whole.graph());
    assert!(!whole.code().contains("fn layer1("), "{}", whole.code());
}

#[test]
fn a_missing_submodule_is_an_error_with_the_choices() {
    let device = Device::cpu();
    let traced = trace(&net(&device), &sample(&[3, 4], &device)).unwrap();
    let error = traced.submodule("layer3").unwrap_err().to_string();
    assert!(
        error.contains("`Net` has no module `layer3`; there are: layer1, layer1.conv"),
        "{error}"
    );
}

fn read_on_the_host(x: &Tensor) -> Tensor {
    let top: f32 = x.sum().item().unwrap();
    if top > 0.0 { x * 2 } else { x * 3 }
}

#[test]
fn a_read_value_is_a_warning_with_its_line() {
    let traced = trace_with(read_on_the_host, &vec(&[1.0, 2.0]), unchecked()).unwrap();
    let [warning] = traced.warnings() else { panic!("{:?}", traced.warnings()) };
    assert!(warning.source.starts_with("tests/flow/trace.rs:"), "{warning}");
    assert!(warning.reason.contains("fixed in the trace"), "{warning}");
    assert!(warning.hint.contains("#[compile]"), "{warning}");
    close(&traced.call(vec(&[-1.0, -2.0])).unwrap(), &[-2.0, -4.0], "the examples' side is kept");
    assert_eq!(traced.name(), "read_on_the_host");
}

#[test]
fn a_tensor_condition_outside_of_compiled_code_is_a_warning() {
    let f = |x: &Tensor| if x.sum() > 0.0 { x + 1 } else { x - 1 };
    let traced = trace_with(f, &vec(&[1.0]), unchecked()).unwrap();
    assert!(traced.warnings()[0].reason.contains("keeps the side that the examples take"));
    assert!(traced.warnings()[0].source.contains("tests/flow/trace.rs:"));
}

#[test]
fn each_place_warns_once() {
    let f = |x: &Tensor| {
        let mut y = x.clone();
        for _ in 0..3 {
            y = &y * y.sum().item::<f32>().unwrap();
        }
        assert!(!y.to_string().is_empty());
        y
    };
    let traced = trace_with(f, &vec(&[0.5, 0.25]), unchecked()).unwrap();
    assert_eq!(traced.warnings().len(), 2, "{:?}", warnings(&traced));
    close(
        &traced.call(vec(&[0.5, 0.25])).unwrap(),
        &f(&vec(&[0.5, 0.25])).to_vec().unwrap(),
        "as traced",
    );
}

#[compile]
fn absolute(x: &Tensor) -> Tensor {
    if x.sum() > 0 { x.clone() } else { -x }
}

#[test]
fn a_compiled_function_keeps_both_of_its_branches() {
    for device in devices() {
        let f = |x: &Tensor| absolute(&(x * 2)) + 1;
        let traced = trace(f, &sample(&[3], &device)).unwrap();
        assert!(traced.divergences().is_empty(), "{:?}", traced.divergences());
        assert!(traced.graph().to_string().contains("= cond "), "{}", traced.graph());
        for x in [sample(&[3], &device), -sample(&[3], &device)] {
            close(&traced.call(&x).unwrap(), &f(&x).to_vec().unwrap(), "either side");
        }
    }
}

#[test]
fn a_branch_that_no_graph_can_hold_is_a_warning_and_the_others_stay() {
    #[compile]
    fn mixed(x: &Tensor) -> Tensor {
        let count = Cell::new(1);
        if x.sum() > 0 {
            count.set(5);
        }
        let y = if x.mean() > 1 { x * 2 } else { x * 3 };
        y + count.get()
    }
    let options = unchecked().backend("reference").unwrap();
    let traced = trace_with(mixed, &vec(&[0.5, 0.5]), options).unwrap();
    assert_eq!(traced.warnings().len(), 1, "{:?}", warnings(&traced));
    assert!(traced.warnings()[0].reason.contains("cannot follow"), "{:?}", warnings(&traced));
    close(&traced.call(vec(&[3.0, 3.0])).unwrap(), &[11.0, 11.0], "the branch that stays");
    close(&traced.call(vec(&[-3.0, 1.0])).unwrap(), &[-4.0, 8.0], "the side of the examples");
}

#[test]
fn the_check_finds_where_the_graphs_part() {
    let traced = trace(read_on_the_host, &vec(&[1.0, 2.0])).unwrap();
    let Some(Divergence::Graphs { inputs, source, .. }) = traced.divergences().first() else {
        panic!("{:?}", traced.divergences());
    };
    assert_eq!(inputs, "the examples reversed and negated");
    assert!(source.starts_with("tests/flow/trace.rs:"), "{source}");
    assert!(
        matches!(traced.divergences()[1], Divergence::Values { .. }),
        "{:?}",
        traced.divergences()
    );
}

#[test]
fn the_check_finds_a_counter() {
    let count = Cell::new(0);
    let f = |x: &Tensor| {
        count.set(count.get() + 1);
        x * count.get()
    };
    let traced = trace(f, &vec(&[1.0])).unwrap();
    assert!(
        matches!(&traced.divergences()[0], Divergence::Graphs { inputs, .. } if inputs == "the same examples")
    );
}

#[test]
fn random_numbers_are_drawn_anew_and_are_no_divergence() {
    let f = |x: &Tensor| x + x.rand_like();
    let traced = trace(f, &vec(&[0.0, 0.0])).unwrap();
    assert!(traced.divergences().is_empty(), "{:?}", traced.divergences());
    let draw = || traced.call(vec(&[0.0, 0.0])).unwrap().to_vec::<f32>().unwrap();
    assert_ne!(draw(), draw());
}

#[test]
fn state_is_written_by_calls_and_not_by_checks() {
    let device = Device::cpu();
    let total = Buffer::new(Tensor::zeros([1], &device));
    let f = |x: &Tensor| -> Result<Tensor> {
        total.set(&(total.tensor() + x))?;
        Ok(total.tensor() * 2)
    };
    let traced = trace(f, &Tensor::ones([1], &device)).unwrap();
    assert!(traced.divergences().is_empty(), "{:?}", traced.divergences());
    assert_eq!(total.tensor().item::<f32>().unwrap(), 0.0);
    let x = Tensor::ones([1], &device);
    let seen: Vec<f32> =
        (0..2).map(|_| traced.call(&x).unwrap().unwrap().item().unwrap()).collect();
    assert_eq!(seen, [2.0, 4.0]);
    assert_eq!(total.tensor().item::<f32>().unwrap(), 2.0);
}

#[test]
fn sizes_are_numbers_unless_they_are_declared() {
    let f = |x: &Tensor| x.reshape([x.dim(0) * 2, 2.into()]).sum_dim(0, false) / x.dim(0);
    let traced = trace(f, &sample(&[3, 4], &Device::cpu())).unwrap();
    let error = traced.call(sample(&[5, 4], &Device::cpu())).unwrap_err().to_string();
    assert!(
        error.contains("was traced for other arguments: x0's dim 0 was 3, and is 5"),
        "{error}"
    );
    assert!(error.contains("TraceOptions::dynamic"), "{error}");

    let options = TraceOptions::new().dynamic(0, 0, "batch", 1..=64);
    let traced = trace_with(f, &sample(&[3, 4], &Device::cpu()), options).unwrap();
    assert!(traced.divergences().is_empty(), "{:?}", traced.divergences());
    for n in [1, 5, 64] {
        let x = sample(&[n, 4], &Device::cpu());
        close(&traced.call(&x).unwrap(), &f(&x).to_vec().unwrap(), "another size");
    }
    assert!(traced.call(sample(&[65, 4], &Device::cpu())).is_err());
}

#[test]
fn a_declared_size_that_becomes_a_number_is_a_warning() {
    let f =
        |x: &Tensor| (0..x.dim(0).get()).fold(x.sum(), |y, row| y + x.select(0, row as i64).sum());
    let options = unchecked().dynamic(0, 0, "batch", 1..=64);
    let traced = trace_with(f, &sample(&[3, 2], &Device::cpu()), options).unwrap();
    assert_eq!(traced.warnings().len(), 1, "{:?}", warnings(&traced));
    let warning = &traced.warnings()[0];
    assert!(
        warning
            .reason
            .contains("`batch` was declared dynamic, but the trace is right only where it is 3"),
        "{warning}"
    );
    assert!(traced.call(sample(&[4, 2], &Device::cpu())).is_err());
}

#[test]
fn an_error_of_the_function_is_the_trace_s() {
    let f = |x: &Tensor| x.try_matmul(&Tensor::ones([7, 7], x.device()));
    let error = trace(f, &Tensor::ones([2, 3], &Device::cpu())).err().unwrap();
    assert!(matches!(&error, Error::Tensor(_)), "{error}");
    assert!(error.to_string().contains("gives an error for the examples"), "{error}");
}

#[test]
fn a_trace_becomes_a_part_of_the_function_that_calls_it() {
    let device = Device::cpu();
    let traced = trace(&net(&device), &sample(&[3, 4], &device)).unwrap();
    let f = compile(|x: &Tensor| -> Result<Tensor> { Ok(traced.call(&(x * 2))? + 1) }).fullgraph();
    for k in 1..4 {
        let x = sample(&[3, 4], &device) * k;
        let want = (traced.call(&(&x * 2)).unwrap() + 1).to_vec().unwrap();
        close(&f.call(&x).unwrap().unwrap(), &want, "inside");
    }
    assert_eq!(f.stats().compilations, 1);
    let error = f.call(&sample(&[5, 4], &device)).unwrap().unwrap_err().to_string();
    assert!(error.contains("`Net` was traced with f32[3, 4] for `x`"), "{error}");
}

#[test]
fn symbolic_sizes_of_a_trace_are_those_of_the_function_that_calls_it() {
    let options = TraceOptions::new().dynamic(0, 0, "batch", 2..=64);
    let device = Device::cpu();
    let traced = trace_with(&net(&device), &sample(&[3, 4], &device), options).unwrap();
    let f = compile(|x: &Tensor| -> Result<Tensor> { traced.call(x) }).fullgraph();
    for n in [4, 7, 2, 33] {
        let x = sample(&[n, 4], &device);
        let want = traced.call(&x).unwrap().to_vec().unwrap();
        close(&f.call(&x).unwrap().unwrap(), &want, "inside");
    }
    assert_eq!(f.stats().compilations, 2, "{:?}", f.stats());
    assert!(f.call(&sample(&[1, 4], &device)).unwrap().is_err(), "out of its range");
}

#[derive(Module)]
struct Around {
    inner: Traced<Tensor>,
    fc: Linear,
}

#[module]
impl Around {
    fn forward(&self, x: &Tensor) -> Result<Tensor> {
        let y = self.inner.call(x)?;
        Ok(if y.mean() > 0 { self.fc.forward(&y) } else { y })
    }
}

#[test]
fn a_trace_is_a_submodule_and_is_traced_again() {
    for device in devices() {
        let inner = trace(&mixture(&device), &sample(&[3, 4], &device)).unwrap();
        let around = Around { inner, fc: Linear::new(4, 4, &device) };
        let names = around.named_parameters().into_iter().map(|(name, _)| name);
        assert_eq!(names.filter(|name| name.starts_with("inner.experts.gate.")).count(), 2);
        let model = compile(&around);
        let again = trace(&around, &sample(&[3, 4], &device)).unwrap();
        assert!(again.divergences().is_empty(), "{:?}", again.divergences());
        assert!(again.submodule("inner").unwrap().graph().to_string().contains("= cond "));
        for k in [-2, -1, 1, 2] {
            let x = sample(&[3, 4], &device) * k;
            let want = around.forward(&x).unwrap().to_vec().unwrap();
            close(&model.call(&x).unwrap().unwrap(), &want, "compiled");
            close(&again.call(&x).unwrap().unwrap(), &want, "traced again");
        }
    }
}

#[test]
fn a_call_of_another_kind_is_refused() {
    let f = |x: &Tensor, scale: f64| x * scale;
    let x = vec(&[1.0]);
    let traced = trace(f, (&x, 2.0)).unwrap();
    close(&traced.call((&x, 2.0)).unwrap(), &[2.0], "the examples' number");
    assert!(traced.call((&x, 3.0)).is_err());
    assert!(traced.call((&x, &x)).is_err());
}

#[derive(Module)]
struct Experts {
    gate: Linear,
    left: Block,
    right: Block,
}

#[module]
impl Experts {
    fn forward(&self, x: &Tensor) -> Tensor {
        let y = self.gate.forward(x);
        if y.sum() > 0 { self.left.forward(&y) } else { self.right.forward(x) * 2 }
    }
}

#[derive(Module)]
struct Mixture {
    experts: Experts,
    fc: Linear,
}

#[module]
impl Mixture {
    fn forward(&self, x: &Tensor) -> Tensor {
        let y = self.experts.forward(x);
        if y.mean() > 1 {
            return y;
        }
        self.fc.forward(&y)
    }
}

fn mixture(device: &Device) -> Mixture {
    device.manual_seed(3);
    let block = || Block { conv: Linear::new(4, 4, device), norm: LayerNorm::new(&[4], device) };
    let experts = Experts { gate: Linear::new(4, 4, device), left: block(), right: block() };
    Mixture { experts, fc: Linear::new(4, 4, device) }
}

#[test]
fn submodules_with_branches_and_inside_of_branches_are_seen() {
    let device = Device::cpu();
    let model = mixture(&device);
    let x = sample(&[3, 4], &device);
    let options = TraceOptions::new().dynamic(0, 0, "batch", 1..=64);
    let traced = trace_with(&model, &x, options).unwrap();
    assert!(traced.divergences().is_empty(), "{:?}", traced.divergences());
    let experts = traced.submodule("experts").unwrap();
    assert!(experts.graph().to_string().contains("= cond "), "{}", experts.graph());
    let left = traced.submodule("experts.left").unwrap();
    assert!(left.graph().to_string().contains("relu"), "{}", left.graph());
    assert!(traced.submodule("fc").unwrap().graph().to_string().contains("linear"));
    let inlined = traced.inlined().unwrap();
    assert!(!inlined.graph().to_string().contains("= call "), "{}", inlined.graph());
    for k in [-2, -1, 1, 2] {
        let x = sample(&[5, 4], &device) * k;
        close(&traced.call(&x).unwrap(), &model.forward(&x).to_vec().unwrap(), "every side");
    }
}

#[derive(Module)]
struct Gated {
    gain: Parameter,
    limit: f32,
}

#[module]
impl Gated {
    fn forward(&self, x: &Tensor) -> Tensor {
        let y = x * self.gain.tensor();
        if y.mean() > self.limit { y * 0.5 } else { y + x }
    }
}

#[test]
fn modules_that_use_one_number_are_seen_apart() {
    let x = vec(&[1.0, 2.0]);
    let gated = |limit| Gated { gain: Parameter::new(&x * limit), limit };
    let pair = Sequential::new().add(gated(0.25)).add(gated(0.75));
    let traced = trace(&pair, &x).unwrap();
    expect![[r#"
        graph Sequential(%x: f32[2], parameter %0 "0.gain": f32[2], parameter %1 "1.gain": f32[2]) {
          "0" = graph "0"(%x: f32[2], parameter %gain: f32[2]) {
            then_0 = graph then_0(%x: f32[2], %x1: f32[2]) {
              %0 = constant {value=f32[](0.5)} : f32[]
              %1 = mul %x1 %0 : f32[2]
              return %1 as y0
            }
            else_0 = graph else_0(%x: f32[2], %x1: f32[2]) {
              %0 = add %x1 %x : f32[2]
              return %0 as y0
            }
            %0 = mul %x %gain : f32[2]
            %1 = mean %0 {axes=[0], keepdim=false} : f32[]
            %2 = constant {value=f32[](0.25)} : f32[]
            %3 = gt %1 %2 : bool[]
            %4 = cond @then_0 @else_0 %3 %x %0 : f32[2]
            %5 = result %4 {index=0} : f32[2]
            return %5 as out
          }
          "1" = graph "1"(%x: f32[2], parameter %gain: f32[2]) {
            then_1 = graph then_1(%x0: f32[2], %x1: f32[2]) {
              %0 = constant {value=f32[](0.5)} : f32[]
              %1 = mul %x1 %0 : f32[2]
              return %1 as y0
            }
            else_1 = graph else_1(%x0: f32[2], %x1: f32[2]) {
              %0 = add %x1 %x0 : f32[2]
              return %0 as y0
            }
            %0 = mul %x %gain : f32[2]
            %1 = mean %0 {axes=[0], keepdim=false} : f32[]
            %2 = constant {value=f32[](0.75)} : f32[]
            %3 = gt %1 %2 : bool[]
            %4 = cond @then_1 @else_1 %3 %x %0 : f32[2]
            %5 = result %4 {index=0} : f32[2]
            return %5 as out
          }
          %2 = call @"0" %x %0 : f32[2]
          %3 = call @"1" %2 %1 : f32[2]
          return %3 as out0
        }
    "#]]
    .assert_eq(&traced.graph().to_string());
    for (name, k) in [("0", 1.0), ("1", -1.0)] {
        let part = traced.submodule(name).unwrap().graph().to_string();
        assert!(part.contains("then_") && part.contains("value=f32[](0.5)"), "{part}");
        close(
            &traced.call(&(&x * k)).unwrap(),
            &pair.forward(&(&x * k)).to_vec::<f32>().unwrap(),
            "",
        );
    }
}

#[test]
fn a_compiled_function_keeps_its_loops() {
    #[compile]
    fn grown(x: &Tensor) -> Tensor {
        let mut y = x.abs() + 1;
        while y.sum() < 50 {
            y = y * 2;
        }
        y
    }
    for device in devices() {
        let traced = trace(|x: &Tensor| grown(x) - 1, &sample(&[3], &device)).unwrap();
        assert!(traced.divergences().is_empty(), "{:?}", traced.divergences());
        assert!(traced.graph().to_string().contains("= while "), "{}", traced.graph());
        for scale in [0, 1, 5, 90] {
            let x = sample(&[3], &device) * scale;
            let want = (grown(&x) - 1).to_vec().unwrap();
            close(&traced.call(&x).unwrap(), &want, "as many trips as it takes");
        }
    }
}

#[test]
fn a_value_read_in_a_loop_on_a_tensor_is_a_warning() {
    #[compile]
    fn looks(x: &Tensor) -> Tensor {
        let mut y = x.abs() + 1;
        while y.sum() < 50 {
            y = &y * 2 + y.mean().item::<f32>().unwrap();
        }
        y
    }
    let x = vec(&[1.0, 2.0]);
    let traced = trace_with(looks, &x, unchecked()).unwrap();
    assert_eq!(traced.warnings().len(), 2, "the condition and the value: {:?}", warnings(&traced));
    close(&traced.call(&x).unwrap(), &looks(&x).to_vec().unwrap(), "for the examples");
}
