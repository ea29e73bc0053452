//! `#[compile]` on functions and methods, and what may be given and taken.

use ferrodyne::prelude::*;
use ferrodyne::{Error, Result};

use crate::tensor::{close, devices, sample};

#[compile]
fn opt_foo2(x: &Tensor, y: &Tensor) -> Tensor {
    x.sin() + y.cos()
}

#[test]
fn a_function_computes_what_it_says() {
    for device in devices() {
        let (x, y) = (sample(&[4, 5], &device), sample(&[5], &device));
        let (a, b) = (x.to_vec::<f32>().unwrap(), y.to_vec::<f32>().unwrap());
        let want: Vec<f32> = (0..20).map(|k| a[k].sin() + b[k % 5].cos()).collect();
        for _ in 0..3 {
            close(&opt_foo2(&x, &y), &want, "compiled");
        }
    }
}

#[compile(backend = "reference", dynamic(x[0] = "rows" in 1..=64))]
fn judged(x: &Tensor, times: f64) -> Result<(Tensor, usize)> {
    let sum = x.try_sum_dim(-1, false)?;
    Ok((sum * times, x.rank()))
}

#[test]
fn results_are_trees_and_host_values() {
    let x = sample(&[3, 4], &Device::cpu());
    let (sum, rank) = judged(&x, 2.0).unwrap();
    let want: Vec<f32> =
        x.to_vec::<f32>().unwrap().chunks(4).map(|r| 2.0 * r.iter().sum::<f32>()).collect();
    close(&sum, &want, "reference");
    assert_eq!(rank, 2);
}

#[test]
fn tuning_changes_the_speed_alone() {
    for device in devices() {
        let (x, w) = (sample(&[96, 64], &device), sample(&[64, 128], &device));
        let mixed = |x: &Tensor, w: &Tensor| x.matmul(w).softmax(-1);
        let want = compile(mixed).call((&x, &w)).unwrap().to_vec::<f32>().unwrap();
        let tuned = compile(mixed).mode("max_autotune").unwrap();
        close(&tuned.call((&x, &w)).unwrap(), &want, "tuned");
        let compilations = tuned.stats().compilations;
        close(&tuned.call((&x, &w)).unwrap(), &want, "tuned");
        assert_eq!(tuned.stats().compilations, compilations, "the second call finds the program");
    }
}

#[compile]
fn faulty(x: &Tensor, y: &Tensor) -> Result<Tensor> {
    x.try_matmul(y)
}

#[compile]
fn unchecked(x: &Tensor, y: &Tensor) -> Result<Tensor> {
    Ok(x.matmul(y))
}

#[compile]
fn broken(x: &Tensor, y: &Tensor) -> Tensor {
    x.matmul(y)
}

#[test]
fn faults_are_results_or_panics() {
    let device = Device::cpu();
    let (x, y) = (Tensor::zeros([2, 3], &device), Tensor::zeros([4, 5], &device));
    let error = faulty(&x, &y).unwrap_err();
    assert!(matches!(error, Error::Tensor(_)), "{error}");
    assert!(error.to_string().contains("3 and 4 must be equal"), "{error}");
    let error = unchecked(&x, &y).unwrap_err();
    assert!(error.to_string().contains("3 and 4 must be equal"), "{error}");
    let panic =
        std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| broken(&x, &y))).unwrap_err();
    let text = panic.downcast_ref::<String>().cloned().unwrap_or_default();
    assert!(text.contains("3 and 4 must be equal"), "{text}");
    close(&broken(&x, &Tensor::ones([3, 1], &device)), &[0.0, 0.0], "after a panic");
}

#[test]
fn a_call_returns_the_faults_of_operators_inside() {
    for device in devices() {
        let model = compile(Linear::new(3, 2, &device));
        let fits = Tensor::ones([4, 3], &device);
        let named = ["`x` is f32[4, 5]", "this call has x: f32[4, 5]"];
        for text in named {
            let error = model.call(&Tensor::ones([4, 5], &device)).unwrap_err();
            assert!(error.to_string().contains(text), "{error}");
            assert_eq!(model.call(&fits).unwrap().shape(), [4, 2]);
        }
        let error = model.aot("f32[4, 5]").unwrap_err();
        assert!(error.to_string().contains("f32[4, 5]"), "{error}");
        let eager = compile(Linear::new(3, 2, &device)).backend("eager").unwrap();
        let error = eager.call(&Tensor::ones([4, 5], &device)).unwrap_err();
        assert!(error.to_string().contains("f32[4, 5]"), "{error}");
        let nested = compile(|x: &Tensor| broken(x, x));
        let error = nested.call(&Tensor::ones([2, 3], &device)).unwrap_err();
        assert!(error.to_string().contains("must be equal"), "{error}");
    }
}

#[compile]
fn doubled<const N: usize, T: Into<f64> + Copy + ferrodyne::Arg>(
    x: [&Tensor; N],
    by: T,
) -> Vec<Tensor> {
    x.iter().map(|x| *x * by.into() * N as f64).collect()
}

#[test]
fn generic_functions_have_a_program_for_each_instance() {
    let x = Tensor::ones([2], &Device::cpu());
    assert_eq!(doubled([&x], 2.0f64)[0].to_vec::<f32>().unwrap(), [2.0, 2.0]);
    assert_eq!(doubled([&x, &x], 2.0f32)[1].to_vec::<f32>().unwrap(), [4.0, 4.0]);
    assert_eq!(doubled([&x, &x], 3.0f32)[1].to_vec::<f32>().unwrap(), [6.0, 6.0]);
}

#[derive(Clone, Arg)]
struct Batch {
    data: Tensor,
    weights: Vec<Tensor>,
    scale: f32,
}

#[derive(Ret)]
struct Moments {
    mean: Tensor,
    all: Vec<Tensor>,
}

#[compile]
fn moments(batch: Batch) -> Moments {
    let weighted: Vec<Tensor> =
        batch.weights.iter().map(|w| &batch.data * w * batch.scale).collect();
    Moments { mean: batch.data.mean(), all: weighted }
}

#[test]
fn structs_are_arguments_and_results() {
    let device = Device::cpu();
    let x = Tensor::from_vec(vec![1.0, 3.0], [2], &device);
    let batch = Batch { data: x.clone(), weights: vec![x.clone(), &x + 1], scale: 2.0 };
    let moments = moments(batch);
    assert_eq!(moments.mean.item::<f32>().unwrap(), 2.0);
    assert_eq!(moments.all[1].to_vec::<f32>().unwrap(), [4.0, 24.0]);
}

#[compile]
fn chosen(x: &Tensor, twice: bool) -> Tensor {
    let mut y = x + 1;
    if twice && x.rank() == 1 {
        y = y * 2;
    }
    let mut n = 0;
    while n < 2 {
        y = y + n;
        n += 1;
    }
    y
}

#[test]
fn host_conditions_are_rusts() {
    let x = Tensor::zeros([1], &Device::cpu());
    assert_eq!(chosen(&x, true).item::<f32>().unwrap(), 3.0);
    assert_eq!(chosen(&x, false).item::<f32>().unwrap(), 2.0);
}

#[test]
fn sizes_that_vary_become_symbols() {
    for device in devices() {
        let f = compile(|x: &Tensor| (x - x.mean_dim(-1, true)).square().sum_dim(-1, false));
        f.call(&sample(&[2, 3], &device)).unwrap();
        let before = f.stats().compilations;
        for n in [5, 7, 9, 3, 2] {
            let x = sample(&[2, n], &device);
            let want = f.inner()(&x).to_vec::<f32>().unwrap();
            close(&f.call(&x).unwrap(), &want, "compiled");
        }
        assert_eq!(f.stats().compilations, before + 1, "{:?}", f.stats());
    }
}

#[test]
fn a_function_that_must_be_one_graph_cannot_read_a_value() {
    let x = Tensor::ones([1], &Device::cpu());
    let f = compile(|x: &Tensor| -> Result<Tensor> {
        let n: f32 = (x + 1).item()?;
        Ok(x * n)
    });
    let error = f.fullgraph().call(&x).unwrap_err().to_string();
    assert!(error.contains("reading needs a tensor's value (tests/front/compiled.rs"), "{error}");
}

#[test]
fn operands_on_two_devices_are_named() {
    let [cpu, gpu] = &devices()[..] else { return };
    let (x, y) = (sample(&[2], gpu), sample(&[2], cpu));
    let text = x.try_add(&y).unwrap_err().to_string();
    assert!(text.starts_with("add: one operand lies on `"), "{text}");
    assert!(text.contains("another on `cpu`: move one with `to_device`"), "{text}");
    let f = compile(|x: &Tensor, y: &Tensor| x + y).arguments(&["x", "noise"]);
    let text = f.call((&x, &y)).unwrap_err().to_string();
    assert!(text.starts_with("`noise` lies on `cpu`, but the program runs on"), "{text}");
}

trait Step {
    fn step(&self, x: &Tensor) -> Tensor;

    fn start(x: &Tensor) -> Tensor
    where
        Self: Sized;
}

#[derive(Module)]
struct Leap {
    factor: Parameter,
    shift: f64,
}

impl Leap {
    const SCALE: f64 = 10.0;

    #[compile]
    fn scaled(x: &Tensor) -> Tensor {
        if x.sum() > 0 { x * Self::SCALE } else { x.clone() }
    }
}

impl Step for Leap {
    #[compile]
    fn step(&self, x: &Tensor) -> Tensor {
        if x.sum() > 0 {
            return x * self.factor.tensor();
        }
        x + self.shift
    }

    #[compile]
    fn start(x: &Tensor) -> Tensor {
        Self::scaled(x) - Self::SCALE
    }
}

#[test]
fn methods_of_traits_and_associated_functions_are_compiled() {
    for device in devices() {
        let leap = Leap { factor: Tensor::scalar(3f32, &device).into(), shift: 0.5 };
        let object: &dyn Step = &leap;
        for (value, step, start) in [(2.0, 6.0, 10.0), (-1.0, -0.5, -11.0)] {
            let x = Tensor::from_vec(vec![value], [1], &device);
            close(&object.step(&x), &[step], "a method of a trait");
            close(&Leap::start(&x), &[start], "an associated function");
        }
        let stats = ferrodyne::function_stats("step").unwrap();
        assert!(stats.compilations == 1 && stats.breaks.is_empty(), "{stats:?}");
    }
}

trait Activation {
    fn apply(&self, x: &Tensor) -> Tensor;
}

#[derive(Clone, Arg)]
struct Slope<'a> {
    by: &'a Tensor,
}

impl Activation for Slope<'_> {
    fn apply(&self, x: &Tensor) -> Tensor {
        x * self.by
    }
}

#[compile]
fn activated<A: Activation + ferrodyne::Arg>(x: &Tensor, by: &A, rest: &[&Tensor]) -> Tensor {
    rest.iter().fold(by.apply(x), |sum, x| sum + *x)
}

#[test]
fn arguments_may_borrow() {
    let x = Tensor::from_vec(vec![2.0f32], [1], &Device::cpu());
    for by in [1.0, 5.0] {
        let by = Tensor::scalar(by as f32, &Device::cpu());
        let want = 2.0 * by.item::<f32>().unwrap() + 4.0;
        close(&activated(&x, &Slope { by: &by }, &[&x, &x]), &[want], "borrowed");
    }
    assert_eq!(ferrodyne::function_stats("activated").unwrap().compilations, 1);
}

#[compile]
fn found_by_name<T: Into<f64> + Copy + ferrodyne::Arg>(x: &Tensor, by: T) -> Tensor {
    x * by.into()
}

#[test]
fn what_happened_to_a_function_is_found_by_its_name() {
    let x = |n: usize| Tensor::ones([n], &Device::cpu());
    assert!(ferrodyne::function_stats("found_by_name").is_none(), "it was not called");
    found_by_name(&x(2), 2.0f64);
    found_by_name(&x(3), 2.0f64);
    found_by_name(&x(4), 2.0f64);
    found_by_name(&x(2), 2.0f32);
    let stats = ferrodyne::function_stats("found_by_name").unwrap();
    assert_eq!((stats.programs, stats.compilations, stats.hits), (3, 3, 1));
    assert_eq!(stats.reasons, ["x's dim 0 was 2, and is 3"]);
}
