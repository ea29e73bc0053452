//! Makes the calls of a workload: of a function over tensors, of a module, of an ONNX model.

use std::path::Path;
use std::rc::Rc;

use ferrodyne::{Callable, Compiled, Device, Model, Tensor, compile};

use super::Subject;
use crate::Fault;
use crate::measure::Call;

/// Work over a list of tensors.
type Function = fn(&[Tensor]) -> Tensor;

/// A function called with random tensors of the given shapes.
pub(super) fn function(
    device: &Device,
    shapes: &[&[usize]],
    f: Function,
) -> Result<Subject, Fault> {
    let inputs = shapes
        .iter()
        .map(|shape| Tensor::try_randn(*shape, device))
        .collect::<Result<Vec<_>, _>>()?;
    let of = |backend: &str| -> Result<Rc<dyn Fn() -> Result<Tensor, Fault>>, Fault> {
        let (compiled, inputs) = (compile(f).backend(backend)?, inputs.clone());
        Ok(Rc::new(move || Ok(compiled.call((inputs.as_slice(),))?)))
    };
    subject(of("inductor")?, of("eager")?, of("no_fusion")?, inputs.clone())
}

/// A module called with a random tensor.
pub(super) fn layer<M>(
    device: &Device,
    shape: &[usize],
    make: fn(&Device) -> M,
) -> Result<Subject, Fault>
where
    M: for<'a> Callable<&'a Tensor, Out = Tensor> + 'static,
{
    let x = Tensor::try_randn(shape, device)?;
    let of = |backend: &str| -> Result<Rc<dyn Fn() -> Result<Tensor, Fault>>, Fault> {
        let (module, x): (Compiled<M>, Tensor) =
            (compile(make(device)).backend(backend)?, x.clone());
        Ok(Rc::new(move || Ok(module.call(&x)?)))
    };
    subject(of("inductor")?, of("eager")?, of("no_fusion")?, vec![x.clone()])
}

/// The only input of an ONNX model of the examples, random and of the given shape.
pub(super) fn onnx(device: &Device, file: &str, shape: &[usize]) -> Result<Subject, Fault> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/data").join(file);
    let model = Rc::new(Model::load(path)?);
    let x = Tensor::try_randn(shape, device)?;
    let of = |backend: &'static str| -> Rc<dyn Fn() -> Result<Tensor, Fault>> {
        let (model, x) = (model.clone(), x.clone());
        Rc::new(move || {
            let name = model.inputs().first().map_or("", |input| input.name.as_str());
            let results = compile(&*model).backend(backend)?.run([(name, &x)])?;
            results.into_values().next().ok_or(Fault::NoResult)
        })
    };
    subject(of("inductor"), of("eager"), of("no_fusion"), vec![x.clone()])
}

fn subject(
    compiled: Rc<dyn Fn() -> Result<Tensor, Fault>>,
    eager: Rc<dyn Fn() -> Result<Tensor, Fault>>,
    no_fusion: Rc<dyn Fn() -> Result<Tensor, Fault>>,
    inputs: Vec<Tensor>,
) -> Result<Subject, Fault> {
    let dropped =
        |f: Rc<dyn Fn() -> Result<Tensor, Fault>>| -> Call { Box::new(move || f().map(drop)) };
    let result = compiled.clone();
    Ok(Subject {
        compiled: dropped(compiled),
        eager: dropped(eager),
        no_fusion: dropped(no_fusion),
        inputs,
        result: Box::new(move || result()),
    })
}

/// A function that is a chain of so many operations.
pub(crate) fn chain(nodes: usize) -> impl Fn(&Tensor) -> Tensor {
    move |x: &Tensor| {
        (0..nodes).fold(x.clone(), |y, k| match k % 4 {
            0 => y.sin(),
            1 => &y + x,
            2 => y.tanh(),
            _ => &y * x,
        })
    }
}
