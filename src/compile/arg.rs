//! Arguments of compiled functions: trees of tensors and host values.

use std::collections::{BTreeMap, HashMap};
use std::fmt::{self, Debug, Display, Write};
use std::hash::{DefaultHasher, Hash, Hasher};

use crate::module::{Buffer, Parameter};
use crate::scalar::Scalar;
use crate::tensor::Tensor;

/// A step from an argument to what is inside of it.
#[derive(Clone, Copy)]
pub enum Part<'a> {
    /// A member of a tuple; of the outermost one it is an argument of the function.
    Member(usize),
    /// A field of a struct.
    Field(&'a str),
    /// An element of a list.
    Element(usize),
    /// The value of a key.
    Key(&'a dyn Debug),
}

impl Display for Part<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Part::Member(index) => write!(f, ".{index}"),
            Part::Field(name) => write!(f, ".{name}"),
            Part::Element(index) => write!(f, "[{index}]"),
            Part::Key(key) => write!(f, "[{key:?}]"),
        }
    }
}

/// Sees the leaves of arguments, in order.
pub trait ArgVisitor {
    /// A tensor.
    fn tensor(&mut self, tensor: &Tensor);

    /// A number that is an input.
    fn scalar(&mut self, scalar: &Scalar);

    /// A host value: its fingerprint, and its text for messages. A call with another fingerprint is another program.
    fn host(&mut self, fingerprint: u64, text: &dyn Debug);

    /// What decides which leaves follow: the length of a list, the variant of an enum, whether an option is there.
    fn members(&mut self, which: u64, text: &dyn Debug) {
        self.host(which, text);
    }

    /// Goes into a part of what is at hand.
    fn enter(&mut self, part: Part<'_>) {
        let _ = part;
    }

    /// Leaves the part entered last.
    fn leave(&mut self) {}
}

/// Gives the inputs of a recording, in the order in which a visitor sees the leaves.
pub trait Fresh {
    /// What stands for a tensor.
    fn tensor(&mut self, tensor: &Tensor) -> Tensor;

    /// What stands for a scalar.
    fn scalar(&mut self, scalar: &Scalar) -> Scalar;
}

/// Replaces tensors by a function, and keeps scalars.
pub(crate) struct EachTensor<F>(pub(crate) F);

impl<F: FnMut(&Tensor) -> Tensor> Fresh for EachTensor<F> {
    fn tensor(&mut self, tensor: &Tensor) -> Tensor {
        (self.0)(tensor)
    }

    fn scalar(&mut self, scalar: &Scalar) -> Scalar {
        scalar.clone()
    }
}

/// What a compiled function may take: tensors, [`Scalar`]s, host values, and containers of them. `#[derive(Arg)]` implements it
/// for structs and enums; `#[compile]` takes any type with `Hash`, `Eq` and `Clone` besides.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be an argument of a compiled function",
    note = "arguments are tensors, numbers, text, and containers of them; write `#[derive(Arg)]` on a struct or an enum of your own",
    note = "a function without captured values can be one as a pointer: `f: fn(&Tensor) -> Tensor`",
    note = "a `Cell`, a `RefCell`, a `Mutex` or an atomic cannot be one, since a compiled call would not see or make its changes: pass its value"
)]
pub trait Arg {
    /// Shows the leaves.
    fn visit(&self, visitor: &mut dyn ArgVisitor);

    /// The same value with its tensors and scalars replaced, in the order of [`Arg::visit`].
    fn fresh(&self, fresh: &mut dyn Fresh) -> Self;

    /// As [`Arg::fresh`], behind a reference. What is made for a recording must live as long as the caller's reference, so it is
    /// leaked: some bytes for each program compiled, none for a call.
    fn fresh_ref<'a>(&'a self, fresh: &mut dyn Fresh) -> &'a Self
    where
        Self: Sized,
    {
        Box::leak(Box::new(self.fresh(fresh)))
    }
}

impl Arg for Tensor {
    fn visit(&self, visitor: &mut dyn ArgVisitor) {
        visitor.tensor(self);
    }

    fn fresh(&self, fresh: &mut dyn Fresh) -> Tensor {
        fresh.tensor(self)
    }
}

impl<T: Arg> Arg for &T {
    fn visit(&self, visitor: &mut dyn ArgVisitor) {
        (**self).visit(visitor);
    }

    fn fresh(&self, fresh: &mut dyn Fresh) -> Self {
        T::fresh_ref(self, fresh)
    }
}

impl Arg for String {
    fn visit(&self, visitor: &mut dyn ArgVisitor) {
        visitor.host(fingerprint(self), self);
    }

    fn fresh(&self, _fresh: &mut dyn Fresh) -> Self {
        self.clone()
    }
}

impl Arg for &str {
    fn visit(&self, visitor: &mut dyn ArgVisitor) {
        visitor.host(fingerprint(self), self);
    }

    fn fresh(&self, _fresh: &mut dyn Fresh) -> Self {
        self
    }
}

/// A 64-bit print of a host value.
pub(crate) fn fingerprint<T: Hash + ?Sized>(value: &T) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}

/// A 64-bit print of a value's `Debug` text, which is never put together. Tensors, parameters and buffers in it are told apart by
/// their identities.
pub(crate) fn text_fingerprint(value: &dyn Debug) -> u64 {
    struct Text(DefaultHasher);
    impl Write for Text {
        fn write_str(&mut self, text: &str) -> fmt::Result {
            self.0.write(text.as_bytes());
            Ok(())
        }
    }
    let mut text = Text(DefaultHasher::new());
    // A `Debug` that fails has written what it has to tell.
    let _ = crate::tensor::by_identity(|| write!(text, "{value:?}"));
    text.0.finish()
}

macro_rules! host {
    ($($type:ty => $key:expr;)*) => {$(
        impl Arg for $type {
            fn visit(&self, visitor: &mut dyn ArgVisitor) {
                let key = $key;
                visitor.host(fingerprint(&key(self)), self);
            }

            fn fresh(&self, _fresh: &mut dyn Fresh) -> Self {
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
    () => |_: &()| 0u8;
}

/// Shows a part of a value.
fn show(part: Part<'_>, value: &impl Arg, visitor: &mut dyn ArgVisitor) {
    visitor.enter(part);
    value.visit(visitor);
    visitor.leave();
}

/// Shows the members of a list.
fn show_list<'a, T: Arg + 'a>(values: impl Iterator<Item = &'a T>, visitor: &mut dyn ArgVisitor) {
    values.enumerate().for_each(|(index, value)| show(Part::Element(index), value, visitor));
}

/// Shows the entries of a map.
fn show_map<'a, K: Hash + Debug + 'a, T: Arg + 'a>(
    entries: impl ExactSizeIterator<Item = (&'a K, &'a T)>,
    visitor: &mut dyn ArgVisitor,
) {
    visitor.members(entries.len() as u64, &Length(entries.len()));
    for (key, value) in entries {
        visitor.host(fingerprint(key), key);
        show(Part::Key(key), value, visitor);
    }
}

/// How many members a container has, in messages.
struct Length(usize);

impl Debug for Length {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "of length {}", self.0)
    }
}

/// Whether an optional value is there, in messages.
struct Presence(bool);

impl Debug for Presence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0 { "Some" } else { "None" })
    }
}

impl<T: Arg> Arg for Option<T> {
    fn visit(&self, visitor: &mut dyn ArgVisitor) {
        visitor.members(self.is_some().into(), &Presence(self.is_some()));
        if let Some(value) = self {
            value.visit(visitor);
        }
    }

    fn fresh(&self, fresh: &mut dyn Fresh) -> Self {
        self.as_ref().map(|value| value.fresh(fresh))
    }
}

impl<T: Arg> Arg for Vec<T> {
    fn visit(&self, visitor: &mut dyn ArgVisitor) {
        visitor.members(self.len() as u64, &Length(self.len()));
        show_list(self.iter(), visitor);
    }

    fn fresh(&self, fresh: &mut dyn Fresh) -> Self {
        self.iter().map(|value| value.fresh(fresh)).collect()
    }
}

impl<T: Arg> Arg for &[T] {
    fn visit(&self, visitor: &mut dyn ArgVisitor) {
        visitor.members(self.len() as u64, &Length(self.len()));
        show_list(self.iter(), visitor);
    }

    fn fresh(&self, fresh: &mut dyn Fresh) -> Self {
        Vec::leak(self.iter().map(|value| value.fresh(fresh)).collect())
    }
}

impl<T: Arg, const N: usize> Arg for [T; N] {
    fn visit(&self, visitor: &mut dyn ArgVisitor) {
        show_list(self.iter(), visitor);
    }

    fn fresh(&self, fresh: &mut dyn Fresh) -> Self {
        std::array::from_fn(|i| self[i].fresh(fresh))
    }
}

impl<K: Clone + Ord + Hash + Debug, T: Arg> Arg for BTreeMap<K, T> {
    fn visit(&self, visitor: &mut dyn ArgVisitor) {
        show_map(self.iter(), visitor);
    }

    fn fresh(&self, fresh: &mut dyn Fresh) -> Self {
        self.iter().map(|(key, value)| (key.clone(), value.fresh(fresh))).collect()
    }
}

/// Entries are taken in the order of their keys, so that the order of hashing does not matter.
impl<K: Clone + Ord + Hash + Debug, T: Arg> Arg for HashMap<K, T> {
    fn visit(&self, visitor: &mut dyn ArgVisitor) {
        show_map(self.iter().collect::<BTreeMap<_, _>>().into_iter(), visitor);
    }

    fn fresh(&self, fresh: &mut dyn Fresh) -> Self {
        let sorted = self.iter().collect::<BTreeMap<_, _>>();
        sorted.into_iter().map(|(key, value)| (key.clone(), value.fresh(fresh))).collect()
    }
}

/// Parameters and buffers are themselves in a recording: what is set is written back. Another one is another program.
macro_rules! cell {
    ($($type:ty),*) => {$(
        impl Arg for $type {
            fn visit(&self, visitor: &mut dyn ArgVisitor) {
                visitor.host(self.id(), self);
            }

            fn fresh(&self, _fresh: &mut dyn Fresh) -> Self {
                self.clone()
            }

            fn fresh_ref<'a>(&'a self, _fresh: &mut dyn Fresh) -> &'a Self {
                self
            }
        }
    )*};
}
cell!(Parameter, Buffer);

impl<T: Arg> Arg for Box<T> {
    fn visit(&self, visitor: &mut dyn ArgVisitor) {
        (**self).visit(visitor);
    }

    fn fresh(&self, fresh: &mut dyn Fresh) -> Self {
        Box::new((**self).fresh(fresh))
    }
}

impl<T: Arg> Arg for std::sync::Arc<T> {
    fn visit(&self, visitor: &mut dyn ArgVisitor) {
        (**self).visit(visitor);
    }

    fn fresh(&self, fresh: &mut dyn Fresh) -> Self {
        std::sync::Arc::new((**self).fresh(fresh))
    }
}

macro_rules! tuple {
    ($($name:ident $index:tt),*) => {
        impl<$($name: Arg),*> Arg for ($($name,)*) {
            fn visit(&self, visitor: &mut dyn ArgVisitor) {
                $(show(Part::Member($index), &self.$index, visitor);)*
            }

            fn fresh(&self, fresh: &mut dyn Fresh) -> Self {
                ($(self.$index.fresh(fresh),)*)
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
