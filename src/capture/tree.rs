//! Values that hold tensors: what a branch or a loop carries, whatever it is wrapped in.

use std::collections::{BTreeMap, HashMap};
use std::fmt::Debug;

use crate::tensor::Tensor;

/// Sees the leaves of a tree.
pub trait Leaves {
    /// A tensor, and what it is to be from now on.
    fn tensor(&mut self, tensor: &Tensor) -> Option<Tensor>;

    /// A host value: it must be the same on both sides.
    fn host(&mut self, value: &dyn Debug);
}

/// A value of tensors and host values: what may be changed in branches and loops on tensors, and carried by `flow::while_loop` and its
/// like. Tensors, numbers, text, and tuples, lists, options and maps of them are; `#[derive(Tree)]` makes one of a struct or an enum.
///
/// ```
/// use ferrodyne::prelude::*;
///
/// #[derive(Clone, Arg, Ret, Tree)]
/// struct Fit {
///     weight: Tensor,
///     loss: Tensor,
/// }
///
/// #[compile(fullgraph)]
/// fn descend(mut fit: Fit) -> Fit {
///     while fit.loss > 0.01 {
///         fit.weight = &fit.weight * 0.5;
///         fit.loss = fit.weight.square().sum();
///     }
///     fit
/// }
/// let weight = Tensor::ones([2], &Device::cpu());
/// let fit = descend(Fit { loss: weight.sum(), weight });
/// assert_eq!(fit.weight.to_vec::<f32>()?, [0.0625, 0.0625]);
/// # Ok::<(), ferrodyne::Error>(())
/// ```
pub trait Tree {
    /// Shows the leaves, in the same order each time.
    fn leaves(&mut self, leaves: &mut dyn Leaves);
}

impl Tree for Tensor {
    fn leaves(&mut self, leaves: &mut dyn Leaves) {
        if let Some(next) = leaves.tensor(self) {
            *self = next;
        }
    }
}

/// The joined value must live as long as the reference, so it is leaked: some bytes for each program compiled, none for a call.
impl<T: Tree + Clone> Tree for &T {
    fn leaves(&mut self, leaves: &mut dyn Leaves) {
        let mut changed = Changed { leaves, any: false };
        let mut copy = T::clone(self);
        copy.leaves(&mut changed);
        if changed.any {
            *self = Box::leak(Box::new(copy));
        }
    }
}

struct Changed<'a> {
    leaves: &'a mut dyn Leaves,
    any: bool,
}

impl Leaves for Changed<'_> {
    fn tensor(&mut self, tensor: &Tensor) -> Option<Tensor> {
        let next = self.leaves.tensor(tensor);
        self.any |= next.is_some();
        next
    }

    fn host(&mut self, value: &dyn Debug) {
        self.leaves.host(value);
    }
}

macro_rules! host {
    ($($type:ty),*) => {$(
        impl Tree for $type {
            fn leaves(&mut self, leaves: &mut dyn Leaves) {
                leaves.host(self);
            }
        }
    )*};
}
host!(
    (),
    bool,
    u8,
    i8,
    u16,
    i16,
    u32,
    i32,
    u64,
    i64,
    u128,
    i128,
    usize,
    isize,
    f32,
    f64,
    char,
    String,
    crate::DType,
    crate::Shape,
    crate::Size
);

impl<T: Tree> Tree for Option<T> {
    fn leaves(&mut self, leaves: &mut dyn Leaves) {
        leaves.host(&self.is_some());
        if let Some(value) = self {
            value.leaves(leaves);
        }
    }
}

impl<T: Tree, E: Tree> Tree for std::result::Result<T, E> {
    fn leaves(&mut self, leaves: &mut dyn Leaves) {
        leaves.host(&self.is_ok());
        match self {
            Ok(value) => value.leaves(leaves),
            Err(error) => error.leaves(leaves),
        }
    }
}

impl Tree for crate::Error {
    fn leaves(&mut self, leaves: &mut dyn Leaves) {
        leaves.host(self);
    }
}

impl<T: Tree> Tree for Vec<T> {
    fn leaves(&mut self, leaves: &mut dyn Leaves) {
        self.as_mut_slice().leaves(leaves);
    }
}

impl<T: Tree> Tree for [T] {
    fn leaves(&mut self, leaves: &mut dyn Leaves) {
        leaves.host(&self.len());
        self.iter_mut().for_each(|value| value.leaves(leaves));
    }
}

impl<T: Tree, const N: usize> Tree for [T; N] {
    fn leaves(&mut self, leaves: &mut dyn Leaves) {
        self.iter_mut().for_each(|value| value.leaves(leaves));
    }
}

impl<T: Tree + ?Sized> Tree for Box<T> {
    fn leaves(&mut self, leaves: &mut dyn Leaves) {
        (**self).leaves(leaves);
    }
}

impl<K: Ord + Debug, T: Tree> Tree for BTreeMap<K, T> {
    fn leaves(&mut self, leaves: &mut dyn Leaves) {
        for (key, value) in self {
            leaves.host(key);
            value.leaves(leaves);
        }
        leaves.host(&"end");
    }
}

impl<K: Ord + Debug, T: Tree, S> Tree for HashMap<K, T, S> {
    fn leaves(&mut self, leaves: &mut dyn Leaves) {
        for (key, value) in self.iter_mut().collect::<BTreeMap<_, _>>() {
            leaves.host(key);
            value.leaves(leaves);
        }
        leaves.host(&"end");
    }
}

macro_rules! tuple {
    ($($name:ident $index:tt),*) => {
        impl<$($name: Tree),*> Tree for ($($name,)*) {
            fn leaves(&mut self, leaves: &mut dyn Leaves) {
                $(self.$index.leaves(leaves);)*
            }
        }
    };
}
tuple!(A 0);
tuple!(A 0, B 1);
tuple!(A 0, B 1, C 2);
tuple!(A 0, B 1, C 2, D 3);
tuple!(A 0, B 1, C 2, D 3, E 4);
tuple!(A 0, B 1, C 2, D 3, E 4, F 5);

/// Collects the leaves of a tree.
#[derive(Default)]
pub(crate) struct Collect {
    /// The tensors, in order.
    pub(crate) tensors: Vec<Tensor>,
    /// All else, as text.
    pub(crate) print: String,
}

impl Leaves for Collect {
    fn tensor(&mut self, tensor: &Tensor) -> Option<Tensor> {
        self.tensors.push(tensor.clone());
        None
    }

    fn host(&mut self, value: &dyn Debug) {
        use std::fmt::Write;
        // Writing to a string cannot fail, and a `Debug` that fails prints less.
        let _ = write!(self.print, "{value:?};");
    }
}

/// Puts tensors in the places of leaves.
pub(super) struct Put(pub(super) std::vec::IntoIter<Option<Tensor>>);

impl Leaves for Put {
    fn tensor(&mut self, _tensor: &Tensor) -> Option<Tensor> {
        self.0.next().flatten()
    }

    fn host(&mut self, _value: &dyn Debug) {}
}

/// The leaves of a tree.
pub(crate) fn collected(tree: &mut (impl Tree + ?Sized)) -> Collect {
    let mut collect = Collect::default();
    tree.leaves(&mut collect);
    collect
}

/// A tree with other tensors in the places of its own.
pub(crate) fn replaced<T: Tree>(mut tree: T, tensors: impl IntoIterator<Item = Tensor>) -> T {
    let tensors: Vec<Option<Tensor>> = tensors.into_iter().map(Some).collect();
    tree.leaves(&mut Put(tensors.into_iter()));
    tree
}
