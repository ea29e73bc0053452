//! Arguments of compiled functions: trees of tensors and host values.

use std::collections::{BTreeMap, HashMap};
use std::fmt::Debug;
use std::hash::{DefaultHasher, Hash, Hasher};

use crate::tensor::Tensor;

/// Sees the leaves of arguments, in order.
pub trait ArgVisitor {
    /// A tensor.
    fn tensor(&mut self, tensor: &Tensor);

    /// A host value: its fingerprint, and its text for messages. A call with another fingerprint is another program.
    fn host(&mut self, fingerprint: u64, text: &dyn Debug);
}

/// What a compiled function may take: tensors, host values, and containers of them. `#[derive(Arg)]` implements it for structs.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be an argument of a compiled function",
    note = "arguments are tensors, numbers, text, and containers of them; write `#[derive(Arg)]` on a struct of your own",
    note = "a `Cell`, a `RefCell`, a `Mutex` or an atomic cannot be one, since a compiled call would not see or make its changes: pass its value"
)]
pub trait Arg {
    /// Shows the leaves.
    fn visit(&self, visitor: &mut dyn ArgVisitor);

    /// The same value with its tensors replaced, in the order of [`Arg::visit`].
    fn fresh(&self, next: &mut dyn FnMut(&Tensor) -> Tensor) -> Self;
}

impl Arg for Tensor {
    fn visit(&self, visitor: &mut dyn ArgVisitor) {
        visitor.tensor(self);
    }

    fn fresh(&self, next: &mut dyn FnMut(&Tensor) -> Tensor) -> Tensor {
        next(self)
    }
}

/// A reference to an argument. The handles made for a recording must live as long as the caller's reference, so they are
/// leaked: some bytes for each program compiled, none for a call.
impl<T: Arg + 'static> Arg for &T {
    fn visit(&self, visitor: &mut dyn ArgVisitor) {
        (**self).visit(visitor);
    }

    fn fresh(&self, next: &mut dyn FnMut(&Tensor) -> Tensor) -> Self {
        Box::leak(Box::new((**self).fresh(next)))
    }
}

impl Arg for &str {
    fn visit(&self, visitor: &mut dyn ArgVisitor) {
        visitor.host(fingerprint(self), self);
    }

    fn fresh(&self, _next: &mut dyn FnMut(&Tensor) -> Tensor) -> Self {
        self
    }
}

/// A 64-bit print of a host value.
pub(crate) fn fingerprint<T: Hash + ?Sized>(value: &T) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}

macro_rules! host {
    ($($type:ty => $key:expr;)*) => {$(
        impl Arg for $type {
            fn visit(&self, visitor: &mut dyn ArgVisitor) {
                let key = $key;
                visitor.host(fingerprint(&key(self)), self);
            }

            fn fresh(&self, _next: &mut dyn FnMut(&Tensor) -> Tensor) -> Self {
                self.clone()
            }
        }
    )*};
}
host! {
    bool => |v: &bool| *v;
    u8 => |v: &u8| *v;
    i8 => |v: &i8| *v;
    u16 => |v: &u16| *v;
    i16 => |v: &i16| *v;
    u32 => |v: &u32| *v;
    i32 => |v: &i32| *v;
    u64 => |v: &u64| *v;
    i64 => |v: &i64| *v;
    usize => |v: &usize| *v;
    isize => |v: &isize| *v;
    f32 => |v: &f32| v.to_bits();
    f64 => |v: &f64| v.to_bits();
    char => |v: &char| *v;
    String => |v: &String| v.clone();
    () => |_: &()| 0u8;
}

impl<T: Arg> Arg for Option<T> {
    fn visit(&self, visitor: &mut dyn ArgVisitor) {
        visitor.host(self.is_some().into(), &self.is_some());
        if let Some(value) = self {
            value.visit(visitor);
        }
    }

    fn fresh(&self, next: &mut dyn FnMut(&Tensor) -> Tensor) -> Self {
        self.as_ref().map(|value| value.fresh(next))
    }
}

impl<T: Arg> Arg for Vec<T> {
    fn visit(&self, visitor: &mut dyn ArgVisitor) {
        visitor.host(self.len() as u64, &self.len());
        self.iter().for_each(|value| value.visit(visitor));
    }

    fn fresh(&self, next: &mut dyn FnMut(&Tensor) -> Tensor) -> Self {
        self.iter().map(|value| value.fresh(next)).collect()
    }
}

impl<T: Arg + 'static> Arg for &[T] {
    fn visit(&self, visitor: &mut dyn ArgVisitor) {
        visitor.host(self.len() as u64, &self.len());
        self.iter().for_each(|value| value.visit(visitor));
    }

    fn fresh(&self, next: &mut dyn FnMut(&Tensor) -> Tensor) -> Self {
        Vec::leak(self.iter().map(|value| value.fresh(next)).collect())
    }
}

impl<T: Arg, const N: usize> Arg for [T; N] {
    fn visit(&self, visitor: &mut dyn ArgVisitor) {
        self.iter().for_each(|value| value.visit(visitor));
    }

    fn fresh(&self, next: &mut dyn FnMut(&Tensor) -> Tensor) -> Self {
        std::array::from_fn(|i| self[i].fresh(next))
    }
}

impl<K: Clone + Ord + Hash + Debug, T: Arg> Arg for BTreeMap<K, T> {
    fn visit(&self, visitor: &mut dyn ArgVisitor) {
        visitor.host(self.len() as u64, &self.len());
        for (key, value) in self {
            visitor.host(fingerprint(key), key);
            value.visit(visitor);
        }
    }

    fn fresh(&self, next: &mut dyn FnMut(&Tensor) -> Tensor) -> Self {
        self.iter().map(|(key, value)| (key.clone(), value.fresh(next))).collect()
    }
}

/// Entries are taken in the order of their keys, so that the order of hashing does not matter.
impl<K: Clone + Ord + Hash + Debug, T: Arg> Arg for HashMap<K, T> {
    fn visit(&self, visitor: &mut dyn ArgVisitor) {
        visitor.host(self.len() as u64, &self.len());
        for (key, value) in self.iter().collect::<BTreeMap<_, _>>() {
            visitor.host(fingerprint(key), key);
            value.visit(visitor);
        }
    }

    fn fresh(&self, next: &mut dyn FnMut(&Tensor) -> Tensor) -> Self {
        let sorted = self.iter().collect::<BTreeMap<_, _>>();
        sorted.into_iter().map(|(key, value)| (key.clone(), value.fresh(next))).collect()
    }
}

macro_rules! tuple {
    ($($name:ident $index:tt),*) => {
        impl<$($name: Arg),*> Arg for ($($name,)*) {
            fn visit(&self, visitor: &mut dyn ArgVisitor) {
                $(self.$index.visit(visitor);)*
            }

            fn fresh(&self, next: &mut dyn FnMut(&Tensor) -> Tensor) -> Self {
                ($(self.$index.fresh(next),)*)
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
tuple!(A 0, B 1, C 2, D 3, E 4, F 5, G 6);
tuple!(A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7);
