//! Functions whose compilation is measured: chains and layers of operations, and modules. Out: calls that capture and compile anew.

use ferrodyne::{Callable, Compiled, ProgramReport, Tensor, compile};

use super::Setting;
use crate::Fault;

/// A function that was not called yet.
pub(crate) struct Fresh {
    /// Calls it and waits for nothing.
    pub(crate) call: Box<dyn Fn() -> Result<(), Fault>>,
    /// What its program is and has cost.
    pub(crate) report: Box<dyn Fn() -> Option<ProgramReport>>,
}

/// A function or module to be called with a random tensor.
pub(super) fn fresh<F>(setting: &Setting<'_>, shape: &[usize], f: F) -> Result<Fresh, Fault>
where
    F: for<'a> Callable<&'a Tensor, Out = Tensor> + 'static,
{
    let x = Tensor::try_randn(shape, setting.device)?;
    let compiled: std::rc::Rc<Compiled<F>> = std::rc::Rc::new(compile(f));
    let reported = compiled.clone();
    Ok(Fresh {
        call: Box::new(move || Ok(compiled.call(&x).map(drop)?)),
        report: Box::new(move || reported.programs().pop()),
    })
}

/// So many operations, each over the result of the one before.
pub(super) fn chain(nodes: usize) -> impl Fn(&Tensor) -> Tensor {
    move |x: &Tensor| {
        (0..nodes).fold(x.clone(), |y, k| match k % 4 {
            0 => y.sin(),
            1 => &y + x,
            2 => y.tanh(),
            _ => &y * x,
        })
    }
}

/// So many operations in layers of a width, each over two results of the layer before; the first layer has a constant for each,
/// and the last one is summed.
pub(super) fn layers(nodes: usize, width: usize) -> impl Fn(&Tensor) -> Tensor {
    let depth = (nodes + 1) / width - 2;
    move |x: &Tensor| {
        let first: Vec<Tensor> = (0..width).map(|k| x * (k as f64 + 0.5)).collect();
        let last = (1..depth).fold(first, |above, layer| {
            let of = |k: usize| {
                let (a, b) = (&above[k], &above[(k + layer) % width]);
                if layer % 2 == 0 { a * b } else { a - b }
            };
            (0..width).map(of).collect()
        });
        last[1..].iter().fold(last[0].clone(), |sum, y| sum + y)
    }
}

#[cfg(test)]
mod tests {
    use ferrodyne::Device;

    use super::*;

    fn nodes(f: impl Fn(&Tensor) -> Tensor + 'static) -> Result<usize, ferrodyne::Error> {
        let compiled = compile(f);
        compiled.call(&Tensor::ones([4], &Device::cpu()))?;
        Ok(compiled.programs()[0].nodes - 1)
    }

    #[test]
    fn graphs_have_the_nodes_that_were_asked_for() -> Result<(), ferrodyne::Error> {
        assert_eq!(nodes(chain(100))?, 100);
        assert_eq!(nodes(layers(100, 10))?, 99);
        assert_eq!(nodes(layers(1000, 100))?, 999);
        Ok(())
    }
}
