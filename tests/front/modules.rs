//! Modules: trees, state dicts, compilation, training mode.

use expect_test::expect;
use ferrodyne::nn::Layer;
use ferrodyne::prelude::*;

use crate::tensor::{close, devices, sample};

#[derive(Module)]
struct Mlp {
    fc1: Linear,
    fc2: Linear,
}

impl Mlp {
    fn new(device: &Device) -> Mlp {
        Mlp { fc1: Linear::new(10, 32, device), fc2: Linear::new(32, 2, device) }
    }
}

#[module]
impl Mlp {
    fn forward(&self, x: &Tensor) -> Tensor {
        self.fc2.forward(&self.fc1.forward(x).relu())
    }
}

#[test]
fn a_module_computes_the_same_compiled() {
    for device in devices() {
        device.manual_seed(0);
        let mlp = Mlp::new(&device);
        let x = Tensor::randn([4, 10], &device);
        let want = mlp.forward(&x).to_vec::<f32>().unwrap();
        close(&compile(&mlp).call(&x).unwrap(), &want, "borrowed");
        let model = compile(mlp);
        close(&model.call(&x).unwrap(), &want, "owned");
        assert_eq!(model.stats().compilations, 1);
        let text = &model.programs()[0].graph;
        assert!(text.contains("fc1.weight") && text.contains("fc2.bias"), "{text}");
    }
}

#[test]
fn submodules_are_calls_that_can_be_seen_before_and_after_inlining() {
    let device = Device::cpu();
    let block = || Sequential::new().add(Linear::new(4, 4, &device)).add(Relu::new());
    let net = Sequential::new().add(block()).add(block()).add(Linear::new(4, 2, &device));
    let model = compile(net).named("net");
    model.call(&sample(&[3, 4], &device)).unwrap();
    let explained = model.explain().unwrap().remove(0);
    expect![[r#"
        graph net(%x: f32[3, 4], parameter %0 "0.0.weight": f32[4, 4], parameter %1 "0.0.bias": f32[4], parameter %2 "1.0.weight": f32[4, 4], parameter %3 "1.0.bias": f32[4], parameter %4 "2.weight": f32[2, 4], parameter %5 "2.bias": f32[2]) {
          "0" = graph "0"(%x: f32[3, 4], parameter %0 "0.weight": f32[4, 4], parameter %1 "0.bias": f32[4]) {
            "0" = graph "0"(%x: f32[3, 4], parameter %weight: f32[4, 4], parameter %bias: f32[4]) {
              %0 = linear %x %weight %bias : f32[3, 4]
              return %0 as out
            }
            %2 = call @"0" %x %0 %1 : f32[3, 4]
            %3 = relu %2 : f32[3, 4]
            return %3 as out
          }
          "2" = graph "2"(%x: f32[3, 4], parameter %weight: f32[2, 4], parameter %bias: f32[2]) {
            %0 = linear %x %weight %bias : f32[3, 2]
            return %0 as out
          }
          %6 = call @"0" %x %0 %1 : f32[3, 4]
          %7 = call @"0" %6 %2 %3 : f32[3, 4]
          %8 = call @"2" %7 %4 %5 : f32[3, 2]
          return %8 as out0
        }
    "#]]
    .assert_eq(&explained.module("").unwrap().to_string());
    expect![[r#"
        graph "0"(%x: f32[3, 4], parameter %0 "0.weight": f32[4, 4], parameter %1 "0.bias": f32[4]) {
          "0" = graph "0"(%x: f32[3, 4], parameter %weight: f32[4, 4], parameter %bias: f32[4]) {
            %0 = linear %x %weight %bias : f32[3, 4]  ; src/nn/linear.rs:46
            return %0 as out
          }
          %2 = call @"0" %x %0 %1 : f32[3, 4]  ; in 0
          %3 = relu %2 : f32[3, 4]  ; src/nn/activation.rs:31
          return %3 as out
        }
    "#]].assert_eq(&explained.module("1").unwrap().text().sources().to_string());
    expect![[r#"
        graph "0"(%x: f32[3, 4], parameter %0 "0.weight": f32[4, 4], parameter %1 "0.bias": f32[4]) {
          %2 = linear %x %0 %1 : f32[3, 4]  ; src/nn/linear.rs:46 in 0
          %3 = relu %2 : f32[3, 4]  ; src/nn/activation.rs:31
          return %3 as out
        }
    "#]].assert_eq(&explained.inlined("1").unwrap().text().sources().to_string());
    let missing = explained.module("7.weight").unwrap_err();
    assert_eq!(missing, "`net` calls no module `7.weight`");
    assert_eq!(explained.inlined("").unwrap().operations(), explained.captured.operations());
}

#[test]
fn new_weights_compile_nothing() {
    let device = Device::cpu();
    let model = compile(Mlp::new(&device));
    let x = sample(&[3, 10], &device);
    let first = model.call(&x).unwrap().to_vec::<f32>().unwrap();
    for parameter in model.inner().parameters() {
        parameter.set(&Tensor::zeros(parameter.shape(), &device)).unwrap();
    }
    assert_ne!(first, [0.0; 6]);
    assert_eq!(model.call(&x).unwrap().to_vec::<f32>().unwrap(), [0.0; 6]);
    assert_eq!(model.stats().compilations, 1);
}

#[test]
fn trees_are_printed_as_pytorch_does() {
    let device = Device::cpu();
    expect![[r"
        Mlp(
          (fc1): Linear(in_features=10, out_features=32, bias=True)
          (fc2): Linear(in_features=32, out_features=2, bias=True)
        )"]]
    .assert_eq(&Mlp::new(&device).to_string());
    let net = Sequential::new().add(Mlp::new(&device)).add(Relu::new()).add(Dropout::new(0.5));
    expect![[r"
        Sequential(
          (0): Mlp(
            (fc1): Linear(in_features=10, out_features=32, bias=True)
            (fc2): Linear(in_features=32, out_features=2, bias=True)
          )
          (1): Relu()
          (2): Dropout(p=0.5, inplace=False)
        )"]]
    .assert_eq(&net.to_string());
}

/// As `print` shows the same modules in PyTorch 2.15, but for names of activations.
#[test]
fn layers_say_of_themselves_what_they_do_in_pytorch() {
    let device = Device::cpu();
    let net = Sequential::new()
        .add(Conv2d::new(3, 64, 7, &device).stride(2).padding(3))
        .add(Conv2d::grouped(64, 64, [3, 1], 4, &device).dilation(2).without_bias())
        .add(ConvTranspose2d::new(8, 4, 2, &device).stride(2).output_padding(1))
        .add(Conv1d::new(4, 4, 3, &device))
        .add(BatchNorm2d::new(64, &device))
        .add(LayerNorm::new([8], &device))
        .add(GroupNorm::new(2, 8, &device))
        .add(RmsNorm::new([4, 8], &device))
        .add(MaxPool2d::new(3).stride(2).padding(1))
        .add(AvgPool2d::new([2, 3]))
        .add(AdaptiveAvgPool2d::new(1))
        .add(Linear::without_bias(4, 5, &device))
        .add(Embedding::new(10, 3, &device))
        .add(Dropout::new(0.1))
        .add(Gelu::new("none"))
        .add(LeakyRelu::new(0.01))
        .add(Flatten::new())
        .add(Softmax::new(1));
    expect![[r#"
        Sequential(
          (0): Conv2d(3, 64, kernel_size=(7, 7), stride=(2, 2), padding=(3, 3))
          (1): Conv2d(64, 64, kernel_size=(3, 1), stride=(1, 1), dilation=(2, 2), groups=4, bias=False)
          (2): ConvTranspose2d(8, 4, kernel_size=(2, 2), stride=(2, 2), output_padding=(1, 1))
          (3): Conv1d(4, 4, kernel_size=(3,), stride=(1,))
          (4): BatchNorm2d(64, eps=1e-05, momentum=0.1, affine=True, bias=True, track_running_stats=True)
          (5): LayerNorm((8,), eps=1e-05, elementwise_affine=True, bias=True)
          (6): GroupNorm(2, 8, eps=1e-05, affine=True, bias=True)
          (7): RmsNorm((4, 8), eps=1e-06, elementwise_affine=True)
          (8): MaxPool2d(kernel_size=3, stride=2, padding=1, dilation=1, ceil_mode=False)
          (9): AvgPool2d(kernel_size=(2, 3), stride=(2, 3), padding=0)
          (10): AdaptiveAvgPool2d(output_size=(1, 1))
          (11): Linear(in_features=4, out_features=5, bias=False)
          (12): Embedding(10, 3)
          (13): Dropout(p=0.1, inplace=False)
          (14): Gelu(approximate='none')
          (15): LeakyRelu(negative_slope=0.01)
          (16): Flatten(start_dim=1, end_dim=-1)
          (17): Softmax(dim=1)
        )"#]].assert_eq(&net.to_string());
}

#[derive(Module)]
struct Deep<B: Layer> {
    stem: Option<Linear>,
    blocks: Vec<B>,
    pair: (Linear, Identity),
    scale: Parameter,
    depth: usize,
    #[module(skip)]
    seen: std::cell::Cell<usize>,
}

#[module]
impl<B: Layer> Deep<B> {
    fn forward(&self, x: &Tensor, flag: bool) -> (Tensor, usize) {
        self.seen.set(self.seen.get() + 1);
        let x = self.stem.as_ref().map_or_else(|| x.clone(), |stem| stem.forward(x));
        let x = self.blocks.iter().fold(x, |x, block| block.apply(&x));
        let x = if flag { self.pair.0.forward(&x) } else { self.pair.1.forward(&x) };
        (x * self.scale.tensor(), self.depth)
    }
}

#[test]
fn containers_are_named_by_position() {
    let device = Device::cpu();
    let linear = || Linear::without_bias(4, 4, &device);
    let mut deep = Deep {
        stem: Some(linear()),
        blocks: vec![
            Sequential::new().add(linear()).add(Dropout::new(0.9)),
            Sequential::new().add(linear()),
        ],
        pair: (linear(), Identity),
        scale: Tensor::scalar(2f32, &device).into(),
        depth: 3,
        seen: 0.into(),
    };
    let names: Vec<String> = deep.named_parameters().into_iter().map(|(name, _)| name).collect();
    assert_eq!(
        names,
        ["stem.weight", "blocks.0.0.weight", "blocks.1.0.weight", "pair.0.weight", "scale"]
    );
    let x = sample(&[2, 4], &device);
    let model = compile(&deep);
    for flag in [true, false] {
        let want = deep.forward(&x, flag).0.to_vec::<f32>().unwrap();
        let (y, depth) = model.call((&x, flag)).unwrap();
        close(&y, &want, "compiled");
        assert_eq!(depth, 3);
    }
    let text = &model.programs()[0].graph;
    assert!(text.contains("blocks.0.0"), "sources name modules: {text}");
    deep.train();
    let dropped = deep.forward(&x, true).0.to_vec::<f32>().unwrap();
    deep.eval();
    assert_ne!(dropped, deep.forward(&x, true).0.to_vec::<f32>().unwrap());
}

#[test]
fn state_dicts_move_between_modules_and_files() {
    let device = Device::cpu();
    let (from, to) = (Mlp::new(&device), Mlp::new(&device));
    let folder = std::env::temp_dir().join(format!("ferrodyne-{}.safetensors", std::process::id()));
    from.state_dict().save(&folder).unwrap();
    let state = StateDict::load(&folder, &device).unwrap();
    std::fs::remove_file(&folder).unwrap();
    to.load_state_dict(&state, true).unwrap();
    let x = sample(&[1, 10], &device);
    assert_eq!(from.forward(&x).to_vec::<f32>().unwrap(), to.forward(&x).to_vec::<f32>().unwrap());
}

#[test]
fn a_state_dict_that_does_not_fit_names_everything() {
    let device = Device::cpu();
    let mlp = Mlp::new(&device);
    let mut state = mlp.state_dict();
    state.remove("fc1.bias");
    state.insert("fc3.weight", Tensor::zeros([1], &device));
    state.insert("fc2.bias", Tensor::zeros([3], &device));
    let error = mlp.load_state_dict(&state, true).unwrap_err().to_string();
    expect![[r"
        the state dict does not fit Mlp:
          missing: `fc1.bias`
          unexpected: `fc3.weight`
          `fc2.bias` is f32[2] but the state dict has f32[3]"]]
    .assert_eq(&error);
    state.insert("fc2.bias", Tensor::zeros([2], &device));
    mlp.load_state_dict(&state, false).unwrap();
}

struct Scaled {
    by: Linear,
}

impl Scaled {
    #[compile]
    fn run(&self, x: &Tensor, times: usize) -> Tensor {
        (0..times).fold(x.clone(), |x, _| self.by.forward(&x))
    }
}

impl Module for Scaled {
    fn type_name(&self) -> &str {
        "Scaled"
    }

    fn visit(&self, visitor: &mut dyn ferrodyne::Visitor) {
        self.by.visit(visitor);
    }
}

#[test]
fn methods_are_compiled() {
    let device = Device::cpu();
    let (a, b) =
        (Scaled { by: Linear::new(3, 3, &device) }, Scaled { by: Linear::new(3, 3, &device) });
    let x = sample(&[2, 3], &device);
    for scaled in [&a, &b, &a] {
        let want = scaled.by.forward(&scaled.by.forward(&x)).to_vec::<f32>().unwrap();
        close(&scaled.run(&x, 2), &want, "compiled");
    }
}

#[derive(Module)]
struct Normed {
    conv: Conv2d,
    bn: BatchNorm2d,
}

#[module]
impl Normed {
    fn forward(&self, x: &Tensor) -> Tensor {
        self.bn.forward(&self.conv.forward(x)).relu()
    }
}

impl Normed {
    fn new(device: &Device) -> Normed {
        device.manual_seed(3);
        let mut net =
            Normed { conv: Conv2d::new(2, 3, [3, 3], device), bn: BatchNorm2d::new(3, device) };
        net.train();
        net
    }
}

#[test]
fn running_statistics_are_written_by_compiled_programs_as_by_eager_ones() {
    for device in devices() {
        // Other tests draw from the same device, so that a seed alone does not give equal weights.
        let eager = Normed::new(&device);
        let twin = || {
            let net = Normed::new(&device);
            net.load_state_dict(&eager.state_dict(), true).unwrap();
            net
        };
        let compiled = compile(twin());
        let reference = compile(twin()).backend("reference").unwrap();
        for step in 0..5 {
            let x = Tensor::randn([2 + step, 2, 5, 4], &device);
            let want = eager.forward(&x).to_vec::<f32>().unwrap();
            close(&compiled.call(&x).unwrap(), &want, "compiled");
            if step == 0 {
                eprintln!("{device} {}", compiled.programs()[0].graph);
            }
            close(&reference.call(&x).unwrap(), &want, "reference");
            for model in [compiled.inner(), reference.inner()] {
                let own = eager.named_buffers().into_iter().zip(model.named_buffers());
                for ((name, want), (_, got)) in own {
                    let want = want.tensor().to_dtype(DType::F32).to_vec::<f32>().unwrap();
                    close(&got.tensor(), &want, &format!("{name} after step {step}"));
                }
            }
        }
        let stats = compiled.stats();
        assert_eq!(stats.compilations, 2, "{:?}", stats.reasons);
        assert_eq!(compiled.inner().bn.num_batches_tracked.tensor().to_vec::<i64>().unwrap(), [5]);
        assert!(compiled.programs()[0].graph.contains("write %bn.running_mean = "));
    }
}

#[test]
fn a_buffer_set_in_a_compiled_function_is_read_back_as_it_was_set() {
    let device = Device::cpu();
    let count = Buffer::new(Tensor::scalar(1f32, &device));
    let shared = count.clone();
    let step = compile(move |x: &Tensor| -> ferrodyne::Result<Tensor> {
        shared.set(&(&shared.tensor() * 2.0))?;
        shared.set(&(&shared.tensor() + x))?;
        Ok(shared.tensor())
    });
    let x = Tensor::scalar(3f32, &device);
    for want in [5.0, 13.0, 29.0] {
        assert_eq!(step.call(&x).unwrap().unwrap().item::<f32>().unwrap(), want);
        assert_eq!(count.tensor().item::<f32>().unwrap(), want);
    }
    assert_eq!(step.stats().compilations, 1);
    let wrong = Tensor::zeros([2], &device);
    let fault = step.call(&wrong).unwrap().unwrap_err().to_string();
    let text = "a buffer of type f32[] cannot take a value of type f32[2]";
    assert!(fault.starts_with(text) && fault.contains("tests/front/modules.rs"), "{fault}");
    assert_eq!(
        count.tensor().item::<f32>().unwrap(),
        58.0,
        "as eagerly, the value set first stays"
    );
}
