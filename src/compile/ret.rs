//! Results of compiled functions: trees of tensors.

use std::any::Any;
use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};
use std::fmt::Debug;
use std::hash::Hash;

use crate::error::Error;
use crate::tensor::Tensor;

/// Makes a result of its tensors, in the order in which they were taken apart.
pub type Rebuild<T> = Box<dyn Fn(&mut dyn Iterator<Item = Tensor>) -> T + Send + Sync>;

/// What a compiled function may give back: tensors, plain host values, and containers of them. A host value is part of the
/// program: all that it may depend on is guarded. `#[derive(Ret)]` implements it for structs.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the result of a compiled function",
    note = "results are tensors, numbers, text, `Result<_, ferrodyne::Error>`, and containers of them; write `#[derive(Ret)]` on a struct of your own"
)]
pub trait Ret: Sized + 'static {
    /// Takes the result apart into named tensors and a way to make it again.
    ///
    /// # Errors
    /// A result that is an error: it is given back as it is, and no program is kept.
    fn take_apart(
        self,
        name: &str,
        tensors: &mut Vec<(String, Tensor)>,
    ) -> Result<Rebuild<Self>, Self>;

    /// Whether the type has room for a fault.
    const HOLDS_FAULTS: bool = false;

    /// The result for a fault, where the type has room for one.
    fn from_error(error: Error) -> Result<Self, Error> {
        Err(error)
    }
}

thread_local! {
    /// What the host values of results are, while one is taken apart.
    static PRINT: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// Runs a function, and gives a print of the host values that it took apart.
pub(super) fn printed<T>(f: impl FnOnce() -> T) -> (T, String) {
    PRINT.set(Some(String::new()));
    let result = f();
    (result, PRINT.take().unwrap_or_default())
}

/// Drops a result.
///
/// # Errors
/// The text of a result that is an error.
pub(crate) fn taken_apart(result: impl Ret) -> Result<(), String> {
    let (taken, print) = printed(|| result.take_apart("", &mut Vec::new()).is_ok());
    if taken { Ok(()) } else { Err(print) }
}

/// The text of an error: only those that are known by type have one.
fn error_text<E: 'static>(error: &E) -> String {
    let any: &dyn Any = error;
    let boxed = || any.downcast_ref::<Box<dyn std::error::Error>>().map(ToString::to_string);
    let shared =
        || any.downcast_ref::<Box<dyn std::error::Error + Send + Sync>>().map(ToString::to_string);
    let own = any.downcast_ref::<Error>().map(ToString::to_string);
    let text = own.or_else(boxed).or_else(shared);
    text.unwrap_or_else(|| format!("the function returned a {}", std::any::type_name::<E>()))
}

/// Notes a host value of a result.
pub fn note(value: &dyn Debug) {
    note_text(&format!("{value:?};"));
}

fn note_text(text: &str) {
    PRINT.with_borrow_mut(|print| {
        if let Some(print) = print {
            *print += text;
        }
    });
}

fn tensor_of(tensors: &mut dyn Iterator<Item = Tensor>) -> Tensor {
    tensors.next().expect("as many tensors come back as were taken apart")
}

impl Ret for Tensor {
    fn take_apart(
        self,
        name: &str,
        tensors: &mut Vec<(String, Tensor)>,
    ) -> Result<Rebuild<Self>, Self> {
        tensors.push((name.to_owned(), self));
        Ok(Box::new(tensor_of))
    }
}

/// The tensors that were taken apart behind the first `before`, to be put back where a part is an error.
pub fn given_back(
    tensors: &mut Vec<(String, Tensor)>,
    before: usize,
) -> impl Iterator<Item = Tensor> + use<> {
    tensors.split_off(before).into_iter().map(|(_, tensor)| tensor)
}

/// The name of a part of a result.
pub fn member(name: &str, part: impl std::fmt::Display) -> String {
    match name {
        "" => part.to_string(),
        _ => format!("{name}.{part}"),
    }
}

impl<T: Ret> Ret for Option<T> {
    fn take_apart(
        self,
        name: &str,
        tensors: &mut Vec<(String, Tensor)>,
    ) -> Result<Rebuild<Self>, Self> {
        note(&self.is_some());
        match self {
            None => Ok(Box::new(|_| None)),
            Some(value) => {
                let rebuild = value.take_apart(name, tensors).map_err(Some)?;
                Ok(Box::new(move |tensors| Some(rebuild(tensors))))
            }
        }
    }
}

impl<T: Ret, E: From<Error> + 'static> Ret for Result<T, E> {
    fn take_apart(
        self,
        name: &str,
        tensors: &mut Vec<(String, Tensor)>,
    ) -> Result<Rebuild<Self>, Self> {
        let value = self.map_err(|error| {
            note_text(&error_text(&error));
            Err(error)
        })?;
        let rebuild = value.take_apart(name, tensors).map_err(Ok)?;
        Ok(Box::new(move |tensors| Ok(rebuild(tensors))))
    }

    const HOLDS_FAULTS: bool = true;

    fn from_error(error: Error) -> Result<Self, Error> {
        Ok(Err(error.into()))
    }
}

/// Takes the members of a container apart; the first that is an error ends it, and the container cannot be given back whole.
fn take_all<T: Ret>(
    values: impl IntoIterator<Item = T>,
    name: &str,
    tensors: &mut Vec<(String, Tensor)>,
) -> Result<Vec<Rebuild<T>>, T> {
    values
        .into_iter()
        .enumerate()
        .map(|(i, value)| value.take_apart(&member(name, i), tensors))
        .collect()
}

impl<T: Ret> Ret for Vec<T> {
    fn take_apart(
        self,
        name: &str,
        tensors: &mut Vec<(String, Tensor)>,
    ) -> Result<Rebuild<Self>, Self> {
        note(&self.len());
        let parts = take_all(self, name, tensors).map_err(|broken| vec![broken])?;
        Ok(Box::new(move |tensors| parts.iter().map(|rebuild| rebuild(tensors)).collect()))
    }
}

impl<T: Ret, const N: usize> Ret for [T; N] {
    fn take_apart(
        self,
        name: &str,
        tensors: &mut Vec<(String, Tensor)>,
    ) -> Result<Rebuild<Self>, Self> {
        let before = tensors.len();
        let parts: Vec<Result<Rebuild<T>, T>> = self
            .into_iter()
            .enumerate()
            .map(|(i, value)| value.take_apart(&member(name, i), tensors))
            .collect();
        if parts.iter().all(Result::is_ok) {
            let parts: Vec<Rebuild<T>> = parts.into_iter().filter_map(Result::ok).collect();
            return Ok(Box::new(move |tensors| std::array::from_fn(|i| parts[i](tensors))));
        }
        let mut left = given_back(tensors, before);
        let mut whole = parts.into_iter().map(|part| match part {
            Ok(rebuild) => rebuild(&mut left),
            Err(broken) => broken,
        });
        Err(std::array::from_fn(|_| whole.next().expect("there is a part for every element")))
    }
}

impl<T: Ret> Ret for Box<T> {
    fn take_apart(
        self,
        name: &str,
        tensors: &mut Vec<(String, Tensor)>,
    ) -> Result<Rebuild<Self>, Self> {
        let rebuild = (*self).take_apart(name, tensors).map_err(Box::new)?;
        Ok(Box::new(move |tensors| Box::new(rebuild(tensors))))
    }
}

macro_rules! map {
    ($map:ident, $($bound:path),*) => {
        impl<K: Clone + ToString + Send + Sync + 'static $(+ $bound)*, T: Ret> Ret for $map<K, T> {
            fn take_apart(self, name: &str, tensors: &mut Vec<(String, Tensor)>) -> Result<Rebuild<Self>, Self> {
                let sorted: BTreeMap<K, T> = self.into_iter().collect();
                let mut parts = Vec::new();
                for (key, value) in sorted {
                    note(&key.to_string());
                    let part = value.take_apart(&member(name, key.to_string()), tensors);
                    parts.push((key.clone(), part.map_err(|broken| $map::from([(key, broken)]))?));
                }
                Ok(Box::new(move |tensors| {
                    parts.iter().map(|(key, rebuild)| (key.clone(), rebuild(tensors))).collect()
                }))
            }
        }
    };
}
map!(BTreeMap, Ord);
map!(HashMap, Ord, Hash);

macro_rules! host {
    ($($type:ty),*) => {$(
        impl Ret for $type {
            fn take_apart(self, _name: &str, _tensors: &mut Vec<(String, Tensor)>) -> Result<Rebuild<Self>, Self> {
                note(&self);
                Ok(Box::new(move |_| self.clone()))
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
    usize,
    isize,
    f32,
    f64,
    char,
    String,
    &'static str
);

macro_rules! tuple {
    ($($name:ident $part:ident $index:tt),*) => {
        impl<$($name: Ret),*> Ret for ($($name,)*) {
            fn take_apart(self, name: &str, tensors: &mut Vec<(String, Tensor)>) -> Result<Rebuild<Self>, Self> {
                let before = tensors.len();
                let parts = ($(self.$index.take_apart(&member(name, $index), tensors),)*);
                match parts {
                    ($(Ok($part),)*) => Ok(Box::new(move |tensors| ($($part(tensors),)*))),
                    ($($part,)*) => {
                        let mut left = given_back(tensors, before);
                        Err(($($part.map(|rebuild| rebuild(&mut left)).unwrap_or_else(|broken| broken),)*))
                    }
                }
            }
        }
    };
}
tuple!(A a 0);
tuple!(A a 0, B b 1);
tuple!(A a 0, B b 1, C c 2);
tuple!(A a 0, B b 1, C c 2, D d 3);
tuple!(A a 0, B b 1, C c 2, D d 3, E e 4);
tuple!(A a 0, B b 1, C c 2, D d 3, E e 4, F f 5);
tuple!(A a 0, B b 1, C c 2, D d 3, E e 4, F f 5, G g 6);
tuple!(A a 0, B b 1, C c 2, D d 3, E e 4, F f 5, G g 6, H h 7);
