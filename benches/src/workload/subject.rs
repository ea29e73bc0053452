//! Makes the calls of a workload: of a function over tensors, of a module, of an ONNX model.

use std::path::Path;
use std::rc::Rc;

use ferrodyne::{Callable, Compiled, Device, Model, Module, Tensor, compile};

use super::{Setting, Subject};
use crate::Fault;
use crate::measure::Call;

/// Work over a list of tensors.
type Function = fn(&[Tensor]) -> Tensor;

/// How the three calls of a workload are compiled: backend and mode.
fn ways(setting: &Setting<'_>) -> [(&'static str, &'static str); 3] {
    [("inductor", setting.mode.name()), ("eager", "default"), ("no_fusion", "default")]
}

type Timed = Rc<dyn Fn() -> Result<Tensor, Fault>>;

/// A function called with random tensors of the given shapes.
pub(super) fn function(
    setting: &Setting<'_>,
    shapes: &[&[usize]],
    f: Function,
) -> Result<Subject, Fault> {
    let inputs = shapes
        .iter()
        .map(|shape| Tensor::try_randn(*shape, setting.device))
        .collect::<Result<Vec<_>, _>>()?;
    let of = |(backend, mode): (&str, &str)| -> Result<Timed, Fault> {
        let (compiled, inputs) = (compile(f).backend(backend)?.mode(mode)?, inputs.clone());
        Ok(Rc::new(move || Ok(compiled.call((inputs.as_slice(),))?)))
    };
    let [compiled, eager, no_fusion] = ways(setting).map(of);
    subject(compiled?, eager?, no_fusion?, inputs.clone())
}

/// A module called with a random tensor. The inputs are that and the parameters of the compiled one.
pub(super) fn layer<M>(
    setting: &Setting<'_>,
    shape: &[usize],
    make: fn(&Device) -> M,
) -> Result<Subject, Fault>
where
    M: for<'a> Callable<&'a Tensor, Out = Tensor> + Module + 'static,
{
    let x = Tensor::try_randn(shape, setting.device)?;
    let of = |module: M, (backend, mode): (&str, &str)| -> Result<Timed, Fault> {
        let (module, x): (Compiled<M>, Tensor) =
            (compile(module).backend(backend)?.mode(mode)?, x.clone());
        Ok(Rc::new(move || Ok(module.call(&x)?)))
    };
    let measured = make(setting.device);
    let parameters = measured.parameters().into_iter().map(|parameter| parameter.tensor());
    let inputs = [x.clone()].into_iter().chain(parameters).collect();
    let [compiled, eager, no_fusion] = ways(setting);
    subject(
        of(measured, compiled)?,
        of(make(setting.device), eager)?,
        of(make(setting.device), no_fusion)?,
        inputs,
    )
}

/// The only input of an ONNX model of the examples, random and of the given shape.
pub(super) fn onnx(setting: &Setting<'_>, file: &str, shape: &[usize]) -> Result<Subject, Fault> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/data").join(file);
    let model = Rc::new(Model::load(path)?);
    let x = Tensor::try_randn(shape, setting.device)?;
    let of = |(backend, mode): (&'static str, &'static str)| -> Timed {
        let (model, x) = (model.clone(), x.clone());
        Rc::new(move || {
            let name = model.inputs().first().map_or("", |input| input.name.as_str());
            let results = compile(&*model).backend(backend)?.mode(mode)?.run([(name, &x)])?;
            results.into_values().next().ok_or(Fault::NoResult)
        })
    };
    let [compiled, eager, no_fusion] = ways(setting).map(of);
    subject(compiled, eager, no_fusion, vec![x.clone()])
}

fn subject(
    compiled: Timed,
    eager: Timed,
    no_fusion: Timed,
    inputs: Vec<Tensor>,
) -> Result<Subject, Fault> {
    let dropped = |f: Timed| -> Call { Box::new(move || f().map(drop)) };
    let result = compiled.clone();
    Ok(Subject {
        compiled: dropped(compiled),
        eager: dropped(eager),
        no_fusion: dropped(no_fusion),
        inputs,
        result: Box::new(move || result()),
    })
}
