//! Modules: every field, every part of the tree and the mode are part of the program.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use ferrodyne::nn::Layer;
use ferrodyne::prelude::*;

use super::values;
use crate::tensor::sample;

/// Calls a module compiled and eagerly, changes it, and does so again: the results must agree each time, and differ between the
/// times. Gives the reason of the second program.
fn flip<M>(module: &mut M, x: &Tensor, change: impl FnOnce(&mut M)) -> String
where
    M: Layer,
    for<'m, 'x> &'m M: ferrodyne::Callable<&'x Tensor, Out = Tensor>,
{
    let run = |module: &M| {
        let model = compile(module);
        let (got, want) = (values(&model.call(x).unwrap()), values(&module.apply(x)));
        let near = |a: &f32, b: &f32| (a - b).abs() <= 1e-5 + 1e-4 * b.abs();
        assert!(
            got.len() == want.len() && got.iter().zip(&want).all(|(a, b)| near(a, b)),
            "{got:?} {want:?}"
        );
        (want, model.stats())
    };
    let (before, stats) = run(module);
    let n = stats.compilations;
    assert_eq!(run(module).1.compilations, n, "nothing has changed");
    change(module);
    let (after, stats) = run(module);
    assert_ne!(before, after, "the change must matter");
    // A module is known by its first parameter, so that one with another is known anew.
    let anew = stats.compilations == 1;
    assert!(anew || stats.compilations == n + 1, "{:?}", stats.reasons);
    stats.reasons.last().cloned().unwrap_or_default()
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Shift {
    None,
    By(i32),
}

#[derive(Clone, Debug)]
struct Nested {
    scale: f32,
    offset: Tensor,
}

#[derive(Module)]
struct Inner {
    gain: usize,
    #[module(training)]
    training: bool,
}

#[module]
impl Inner {
    fn forward(&self, x: &Tensor) -> Tensor {
        if self.training { x * (self.gain + 100) } else { x * self.gain }
    }
}

#[derive(Module)]
struct Everything {
    weight: Parameter,
    flag: bool,
    count: i64,
    scale: f32,
    wide: f64,
    name: String,
    label: &'static str,
    letter: char,
    shift: Shift,
    maybe: Option<f32>,
    list: Vec<u8>,
    array: [i16; 2],
    pair: (u8, f64),
    table: BTreeMap<String, f32>,
    nested: Nested,
    constant: Tensor,
    optional: Option<Tensor>,
    constants: HashMap<String, Tensor>,
    inner: Inner,
    blocks: Vec<Inner>,
    layers: Vec<Box<dyn Layer>>,
    shared: Arc<Inner>,
    function: fn(f32) -> f32,
    /// No part of the meaning.
    #[module(skip)]
    _seen: usize,
}

fn one(x: f32) -> f32 {
    x + 1.0
}

fn two(x: f32) -> f32 {
    x + 2.0
}

#[module]
impl Everything {
    fn forward(&self, x: &Tensor) -> Tensor {
        let numbers = self.count as f32 * 3.0
            + self.scale
            + self.wide as f32
            + self.name.len() as f32 * 5.0
            + self.label.len() as f32 * 7.0
            + self.letter as u32 as f32
            + self.maybe.unwrap_or(0.25)
            + self.list.iter().map(|v| f32::from(*v)).sum::<f32>()
            + f32::from(self.array[1])
            + f32::from(self.pair.0) * self.pair.1 as f32
            + self.table.values().sum::<f32>()
            + self.nested.scale
            + (self.function)(self.list.len() as f32);
        let shift = match self.shift {
            Shift::None => 0,
            Shift::By(by) => by,
        };
        let mut y = x * numbers + shift + self.weight.tensor();
        if self.flag {
            y = y * 2;
        }
        y = y + &self.nested.offset + &self.constant;
        if let Some(optional) = &self.optional {
            y = y * optional;
        }
        for constant in ["a", "b"].iter().filter_map(|key| self.constants.get(*key)) {
            y = y + constant;
        }
        y = self.blocks.iter().fold(self.inner.forward(&y), |y, block| block.forward(&y));
        self.shared.forward(&self.layers.iter().fold(y, |y, layer| layer.apply(&y)))
    }
}

impl Everything {
    fn new() -> Everything {
        let device = Device::cpu();
        let tensor = |value: f32| Tensor::full([1], value, &device);
        let inner = |gain| Inner { gain, training: false };
        Everything {
            weight: tensor(0.5).into(),
            flag: false,
            count: 1,
            scale: 0.5,
            wide: 0.125,
            name: "a".to_owned(),
            label: "b",
            letter: 'c',
            shift: Shift::None,
            maybe: None,
            list: vec![1],
            array: [1, 2],
            pair: (1, 2.0),
            table: BTreeMap::from([("k".to_owned(), 1.0)]),
            nested: Nested { scale: 1.0, offset: tensor(1.0) },
            constant: tensor(2.0),
            optional: None,
            constants: HashMap::from([("a".to_owned(), tensor(3.0))]),
            inner: inner(2),
            blocks: vec![inner(1)],
            layers: vec![Box::new(Relu::new())],
            shared: Arc::new(inner(1)),
            function: one,
            _seen: 0,
        }
    }
}

macro_rules! flips {
    ($($name:ident: $change:expr, $reason:expr;)*) => {$(
        #[test]
        fn $name() {
            let x = Tensor::from_vec(vec![0.5f32, -0.25], [2], &Device::cpu());
            let reason = flip(&mut Everything::new(), &x, $change);
            assert!(reason.contains($reason), "{reason}");
        }
    )*};
}

fn tensor(value: f32) -> Tensor {
    Tensor::full([1], value, &Device::cpu())
}

flips! {
    a_truth_value_is_guarded: |m| m.flag = true, "`flag` was false, and is true";
    an_integer_is_guarded: |m| m.count = 2, "`count` was 1, and is 2";
    a_float_is_guarded: |m| m.scale = 0.75, "`scale` was 0.5, and is 0.75";
    a_wide_float_is_guarded: |m| m.wide = 9.0, "`wide` was 0.125, and is 9.0";
    a_text_is_guarded: |m| m.name.push('b'), "`name` was \"a\", and is \"ab\"";
    a_static_text_is_guarded: |m| m.label = "bb", "`label`";
    a_letter_is_guarded: |m| m.letter = 'd', "`letter` was 'c', and is 'd'";
    an_enum_is_guarded: |m| m.shift = Shift::By(3), "`shift` was None, and is By(3)";
    an_option_is_guarded: |m| m.maybe = Some(4.0), "`maybe` was None, and is Some(4.0)";
    a_list_is_guarded: |m| m.list.push(5), "`list` was [1], and is [1, 5]";
    an_array_is_guarded: |m| m.array[1] = 7, "`array`";
    a_pair_is_guarded: |m| m.pair.1 = 7.0, "`pair` was (1, 2.0), and is (1, 7.0)";
    a_map_is_guarded: |m| { m.table.insert("z".to_owned(), 2.0); }, "`table`";
    a_struct_is_guarded: |m| m.nested.scale = 7.0, "`nested` was Nested { scale: 1.0";
    a_tensor_inside_of_a_struct_is_guarded: |m| m.nested.offset = tensor(9.0), "`nested`";
    a_tensor_is_guarded: |m| m.constant = tensor(9.0), "`constant`";
    an_optional_tensor_is_guarded: |m| m.optional = Some(tensor(9.0)), "optional";
    tensors_in_a_map_are_guarded: |m| { m.constants.insert("b".to_owned(), tensor(9.0)); }, "constants";
    a_tensor_in_a_map_is_guarded: |m| { m.constants.insert("a".to_owned(), tensor(9.0)); }, "`constants.a`";
    a_field_of_a_submodule_is_guarded: |m| m.inner.gain = 3, "`inner.gain` was 2, and is 3";
    the_number_of_submodules_is_guarded: |m| m.blocks.push(Inner { gain: 4, training: false }), "blocks";
    a_field_in_a_list_is_guarded: |m| m.blocks[0].gain = 4, "`blocks.0.gain` was 1, and is 4";
    a_layer_without_fields_is_guarded: |m| m.layers[0] = Box::new(Sigmoid::new()), "`layers.0` was a Relu, and is a Sigmoid";
    another_layer_is_guarded: |m| m.layers.push(Box::new(Tanh::new())), "layers";
    a_shared_module_is_guarded: |m| m.shared = Arc::new(Inner { gain: 6, training: false }), "`shared.gain` was 1, and is 6";
    a_function_is_guarded: |m| m.function = two, "`function`";
    the_mode_is_guarded: |m| m.train(), "training` was false, and is true";
    another_parameter_is_guarded: |m| m.weight = tensor(5.0).into(), "";
}

mod other {
    use super::*;

    /// The name of a type is not the type.
    #[derive(Module)]
    pub(super) struct Block;

    #[module]
    impl Block {
        pub(super) fn forward(&self, x: &Tensor) -> Tensor {
            x * 3
        }
    }
}

#[derive(Module)]
struct Block;

#[module]
impl Block {
    fn forward(&self, x: &Tensor) -> Tensor {
        x * 2
    }
}

#[test]
fn types_of_one_name_are_told_apart() {
    let x = sample(&[2], &Device::cpu());
    for layer in [Box::new(Block) as Box<dyn Layer>, Box::new(other::Block)] {
        let net = Sequential::new().add(layer);
        assert_eq!(values(&compile(&net).call(&x).unwrap()), values(&net.forward(&x)));
    }
}

#[test]
fn each_field_of_a_layer_is_guarded() {
    let device = Device::cpu();
    let x = sample(&[2, 4, 6, 6], &device);
    flip(&mut Dropout::new(0.0), &x, |layer| {
        layer.p = 1.0;
        layer.train();
    });
    flip(&mut LeakyRelu::new(0.1), &x, |layer| layer.negative_slope = 0.2);
    let mut norm = GroupNorm::new(2, 4, &device);
    flip(&mut norm, &x, |layer| layer.num_groups = 4);
    flip(&mut norm, &x, |layer| layer.eps = 0.5);
    let mut norm = LayerNorm::new(&[6], &device);
    flip(&mut norm, &x, |layer| layer.eps = 0.5);
    flip(&mut norm, &x, |layer| {
        layer.normalized_shape = vec![6, 6];
        layer.weight = Tensor::ones([6, 6], &device).into();
        layer.bias = Tensor::zeros([6, 6], &device).into();
    });
    flip(&mut BatchNorm2d::new(4, &device), &x, |layer| layer.train());
    flip(&mut BatchNorm2d::new(4, &device), &x, |layer| layer.eps = 0.5);
    let mut conv = Conv2d::new(4, 4, [3, 3], &device);
    flip(&mut conv, &x, |layer| layer.padding = [1, 1]);
    flip(&mut conv, &x, |layer| layer.stride = [2, 2]);
    flip(&mut Linear::new(6, 3, &device), &x, |layer| layer.bias = None);
}

#[derive(Module)]
struct Tied {
    first: Linear,
    second: Linear,
}

#[module]
impl Tied {
    fn forward(&self, x: &Tensor) -> Tensor {
        self.second.forward(&self.first.forward(x))
    }
}

#[test]
fn tied_weights_are_one_input_and_which_are_tied_is_guarded() {
    let device = Device::cpu();
    let first = Linear::without_bias(3, 3, &device);
    let mut tied = Tied { second: first.clone(), first };
    let x = sample(&[2, 3], &device);
    let reason = flip(&mut tied, &x, |tied| {
        tied.second = Linear::without_bias(3, 3, &Device::cpu());
    });
    assert_eq!(reason, "parameter `second.weight` is another one");
    let model = compile(&tied);
    let inputs = |k: usize| model.programs()[k].graph.matches("parameter %").count();
    model.call(&x).unwrap();
    let counts = [inputs(0), inputs(1)];
    assert!(counts[0] < counts[1], "{counts:?}: {}", model.programs()[0].graph);
    tied.first.weight.set(&(tied.first.weight.tensor() * 2)).unwrap();
    assert_eq!(
        {
            let again = compile(&tied);
            again.call(&x).unwrap();
            again.stats().compilations
        },
        2,
        "new values compile nothing"
    );
}

#[test]
fn a_module_compiled_in_a_function_called_a_thousand_times_compiles_once() {
    fn infer<M>(module: &M, x: &Tensor) -> (Tensor, usize)
    where
        for<'m, 'x> &'m M: ferrodyne::Callable<&'x Tensor, Out = Tensor>,
    {
        let model = compile(module);
        (model.call(x).unwrap(), model.stats().compilations)
    }
    let x = sample(&[2, 3], &Device::cpu());
    let with = Sequential::new().add(Linear::new(3, 3, &Device::cpu())).add(Relu::new());
    let without = Sequential::new().add(Relu::new()).add(Tanh::new());
    for net in [&with, &without] {
        let (first, _) = infer(net, &x);
        let before = infer(net, &x).1;
        for _ in 0..1000 {
            let (y, compilations) = infer(net, &x);
            assert_eq!(compilations, before);
            assert_eq!(values(&y), values(&first));
        }
    }
}
