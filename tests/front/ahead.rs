//! Compiling ahead of time: plans from types alone, for hardware that is not here.

use ferrodyne::prelude::*;
use ferrodyne::{
    AsIs, Error, Model, Plan, Session, SessionOptions, SizeSpec, Target, TensorSpec, aot,
};
use ferrodyne_plan::plan::{InputRole, Step};

#[compile]
fn scores(x: &Tensor, w: &Tensor) -> Tensor {
    x.matmul(w).softmax(-1)
}

#[compile(dynamic(x[0] = "batch" in 1..=64))]
fn declared(x: &Tensor) -> Tensor {
    x.relu().sum_dim([1], false)
}

#[derive(Module)]
struct Mlp {
    fc1: Linear,
    fc2: Linear,
}

#[module]
impl Mlp {
    fn forward(&self, x: &Tensor) -> Tensor {
        self.fc2.forward(&self.fc1.forward(x).relu())
    }
}

fn mlp() -> Mlp {
    let device = Device::cpu();
    Mlp { fc1: Linear::new(10, 32, &device), fc2: Linear::new(32, 2, &device) }
}

fn target(name: &str) -> Target {
    Target::named(name).unwrap()
}

/// The plan of what a call has compiled.
fn called<F>(f: &ferrodyne::Compiled<F>) -> Plan {
    f.explain().unwrap().remove(0).plan
}

fn fault<T>(result: Result<T, Error>) -> String {
    result.err().expect("a fault").to_string()
}

#[test]
fn the_plan_is_the_one_that_a_call_makes() {
    let device = Device::cpu();
    let f =
        compile(|x: &Tensor, w: &Tensor| (x.matmul(w) + 1.0).gelu("none")).target("cpu").unwrap();
    f.call((&Tensor::ones([4, 10], &device), &Tensor::ones([10, 3], &device))).unwrap();
    assert_eq!(f.aot(("f32[4, 10]", "f32[10, 3]")).unwrap(), called(&f));
}

#[test]
fn a_declared_dim_gives_the_plan_of_a_call_at_its_hint() {
    let device = Device::cpu();
    let f =
        compile(|x: &Tensor| x.softmax(-1)).dynamic(0, 0, "batch", 1..=64).target("cpu").unwrap();
    f.call(&Tensor::ones([8, 10], &device)).unwrap();
    assert_eq!(f.aot("f32[batch in 1..=64 hint 8, 10]").unwrap(), called(&f));
    assert_eq!(
        f.aot("f32[8, 10]").unwrap(),
        called(&f),
        "the number is a value of the declared dim"
    );
}

#[test]
fn a_module_is_compiled_with_its_parameters_as_inputs() {
    let model = mlp();
    let f = compile(&model).target("vulkan-desktop").unwrap();
    let plan = f.aot("f32[batch in 1..=64, 10]").unwrap();
    let names: Vec<&str> = plan.inputs.iter().map(|input| input.name.as_str()).collect();
    assert_eq!(names, ["x", "fc1.weight", "fc1.bias", "fc2.weight", "fc2.bias"]);
    let on_cpu = compile(&model).target("cpu").unwrap();
    on_cpu.call(&Tensor::ones([64, 10], &Device::cpu())).unwrap();
    assert_eq!(on_cpu.aot("f32[64, 10]").unwrap(), called(&on_cpu));
}

#[test]
fn a_compiled_function_keeps_its_name_arguments_and_options() {
    let plan =
        aot(&scores, &target("webgpu-default"), ("f32[n in 1..=9, 8]", "f32[8, 3]")).unwrap();
    assert_eq!(plan.name.as_str(), "scores");
    assert_eq!(plan.inputs[1].name.as_str(), "w");
    let plan = aot(&declared, &target("cpu"), "f32[7, 3]").unwrap();
    assert_eq!(plan.symbols[0].name.as_str(), "batch");
    assert_eq!(compile(scores).aot(("f32[4, 8]", "f32[8, 3]")).unwrap().name.as_str(), "scores");
    let stats = compile(scores).stats();
    assert_eq!(stats.compilations, 0, "nothing is kept for calls");
}

#[test]
fn a_compiled_function_inside_of_another_is_found() {
    let outer = |x: &Tensor| scores(&x.to_device(x.device()).unwrap(), &x.t());
    assert_eq!(compile(outer).aot("f32[4, 4]").unwrap().inputs.len(), 1);
}

#[test]
fn a_name_in_two_specs_is_one_symbol() {
    let add = compile(|x: &Tensor, y: &Tensor| x + y);
    let plan = add.aot(("f32[batch in 1..=64, 4]", "f32[batch, 4]")).unwrap();
    assert_eq!(plan.symbols.len(), 1);
    assert_eq!(plan.symbols[0].hint, Some(64));
    let made = add.explain_aot(("f32[a in 2..=8, 4]", "f32[b in 2..=8, 4]")).unwrap();
    let guards: Vec<String> = made.captured.guards.iter().map(|g| g.fact.to_string()).collect();
    assert_eq!(guards, ["a == b"], "two symbols are equal because `+` needs it");
}

#[test]
fn specs_are_text_or_typed_and_stand_in_containers() {
    let typed = TensorSpec::new(DType::F32, [SizeSpec::symbol("n", 1..=8).hint(4), 3.into()]);
    let sum = compile(|xs: Vec<Tensor>, scale: f32, how: &'static str| {
        assert_eq!(how, "mean");
        (&xs[0] + &xs[1]) * scale
    });
    let list = vec![Tensor::of_spec(&typed), Tensor::of_spec(&"f32[n, 3]".parse().unwrap())];
    let plan = sum.aot((list, 2.0f32, AsIs("mean"))).unwrap();
    assert_eq!(plan.symbols[0].hint, Some(4));
}

#[test]
fn random_numbers_and_uploads_need_no_device() {
    let f = compile(|x: &Tensor| {
        let table = Tensor::from_slice(&[1.0f32, 2.0], [2], x.device());
        x * &table + Tensor::rand([2], x.device())
    });
    assert!(f.target("metal-apple").unwrap().aot("f32[n in 1..=8, 2]").is_ok());
}

#[test]
fn faults_are_in_the_words_of_the_user() {
    let double = compile(|x: &Tensor| x * 2.0);
    assert!(
        fault(double.aot("f32[n in 1..=8 hint 9]"))
            .contains("`n` is 9, but it is declared in 1..=8")
    );
    assert!(fault(double.aot("float[3]")).contains("an element type is needed: f32"));
    assert!(
        fault(compile(|x: &Tensor| x * 2.0).target("voodoo").map(|_| ()))
            .contains("webgpu-default, webgpu-subgroups")
    );
    let add = compile(|x: &Tensor, y: &Tensor| x + y);
    let clash = fault(add.aot(("f32[n in 1..=8]", "f32[n in 1..=9]")));
    assert!(
        clash.contains("`n` is one symbol, but it is declared in 1..=8 and in 1..=9"),
        "{clash}"
    );
    let eager = compile(|x: &Tensor| x * 2.0).backend("reference").unwrap();
    assert!(fault(eager.aot("f32[3]")).contains("no plan is made of it"));
}

#[test]
fn a_value_that_is_read_is_a_fault_with_its_line() {
    let reads = compile(|x: &Tensor| x * x.sum().item::<f32>().unwrap());
    let text = fault(reads.aot("f32[3]"));
    assert!(text.contains("cannot be compiled ahead") && text.contains("ahead.rs:"), "{text}");
    let returns = compile(|x: &Tensor| -> ferrodyne::Result<Tensor> { x.try_matmul(x) });
    let text = fault(returns.aot("f32[2, 3]"));
    assert!(text.contains("matmul") && text.contains("ahead.rs:"), "{text}");
}

#[test]
fn a_spec_has_a_type_and_no_value() {
    let x = Tensor::of_spec(&"f16[batch in 1..=64, 3]".parse().unwrap());
    assert_eq!((x.dtype(), x.rank()), (DType::F16, 2));
    let text = fault(x.to_vec::<f32>());
    assert!(text.contains("f16[batch in 1..=64, 3]") && text.contains("ahead.rs:"), "{text}");
    let sum = x.try_add(&x);
    assert!(fault(sum).contains("specs are for `aot`"));
}

#[test]
fn a_loaded_model_is_compiled_for_a_target_and_does_not_run_on_it() {
    let text =
        "graph rows(%x: f32[n, 8]) where n in 1..=64 { %y = softmax %x {axis=1} return %y as y }";
    let folder = std::env::temp_dir().join(format!("ferrodyne-ahead-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("rows.fd"), text).unwrap();
    let model = Model::load(folder.join("rows.fd")).unwrap();
    std::fs::remove_dir_all(&folder).unwrap();
    let mut options = SessionOptions::default();
    let plan = model.aot(&target("metal-apple"), &options).unwrap();
    assert_eq!(plan.kernels.len(), 1);
    options.set("target", "metal-apple").unwrap();
    let session = Session::new(&model, &Device::cpu(), options.clone()).unwrap();
    let explained = session.explain(&Default::default()).unwrap();
    assert_eq!(explained.report().target, "metal-apple (apple)");
    let x = Tensor::ones([2, 8], &Device::cpu());
    let text = fault(session.run(&[("x".to_owned(), &x)]));
    assert!(text.contains("a plan for the target `metal-apple` cannot run on `cpu`"), "{text}");
    let choices = options.set("target", "voodoo").unwrap_err();
    assert!(Target::all().all(|target| choices.contains(target.name.as_str())), "{choices}");
}

#[compile]
fn my_abs(x: &Tensor) -> Tensor {
    if x.sum() > 0.0 { x.clone() } else { -x }
}

#[test]
fn a_decision_on_a_tensor_is_compiled_with_both_sides() {
    for name in ["webgpu-default", "cpu"] {
        let plan = aot(&my_abs, &target(name), "f32[n in 1..=100]").unwrap();
        let steps: Vec<_> = plan.steps.iter().flat_map(|step| step.all()).collect();
        let branches = steps.iter().any(|step| matches!(step, Step::Branch { .. }));
        let chosen =
            plan.kernels.iter().any(|kernel| format!("{:?}", kernel.body).contains("select"));
        assert!(branches || chosen, "{plan}");
    }
}

#[test]
fn a_scalar_is_an_input() {
    let step = compile(|w: &Tensor, lr: Scalar| w - w * lr);
    let plan = step.aot(("f32[n in 1..=8]", Scalar::from(0.1))).unwrap();
    assert_eq!(plan.inputs[1].dims, []);
    assert_eq!(plan.inputs[1].role, InputRole::Scalar);
}
