//! What can be compiled: functions, closures and modules.

use super::arg::Arg;
use super::ret::Ret;
use crate::module::Module;

/// Something that can be called with arguments `A`: any function or closure whose parameters are [`Arg`]s, and every type with
/// `#[module]`.
pub trait Callable<A: Arg> {
    /// The result.
    type Out: Ret;

    /// The module whose parameters and configuration belong to the call, if it is one.
    fn module(&self) -> Option<&dyn Module> {
        None
    }

    /// Names of the arguments, where they are known.
    fn arguments(&self) -> &'static [&'static str] {
        &[]
    }

    /// Calls it.
    fn invoke(&self, args: A) -> Self::Out;
}

impl<'a, F, R: Ret> Callable<&'a crate::Tensor> for F
where
    F: Fn(&'a crate::Tensor) -> R,
{
    type Out = R;

    fn invoke(&self, args: &'a crate::Tensor) -> R {
        self(args)
    }
}

/// A compiled function is called as what it compiles, and gives the faults of the compiler and the device beside its result.
impl<A: Arg, F: Callable<A>> Callable<A> for super::Compiled<F> {
    type Out = crate::Result<F::Out>;

    fn module(&self) -> Option<&dyn Module> {
        self.inner().module()
    }

    fn arguments(&self) -> &'static [&'static str] {
        self.inner().arguments()
    }

    fn invoke(&self, args: A) -> Self::Out {
        self.call(args)
    }
}

macro_rules! function {
    ($($name:ident $index:tt),*) => {
        impl<Func, R: Ret, $($name: Arg),*> Callable<($($name,)*)> for Func
        where
            Func: Fn($($name),*) -> R,
        {
            type Out = R;

            fn invoke(&self, args: ($($name,)*)) -> R {
                self($(args.$index),*)
            }
        }
    };
}
function!(A 0);
function!(A 0, B 1);
function!(A 0, B 1, C 2);
function!(A 0, B 1, C 2, D 3);
function!(A 0, B 1, C 2, D 3, E 4);
function!(A 0, B 1, C 2, D 3, E 4, F 5);
function!(A 0, B 1, C 2, D 3, E 4, F 5, G 6);
function!(A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7);
