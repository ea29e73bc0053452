//! Arguments of any type with a hash, whose kind `#[compile]` chooses by method resolution.

use std::fmt::{self, Debug};
use std::hash::Hash;

use super::arg::{Arg, ArgVisitor, Fresh, fingerprint};

/// A host value of any type with `Hash` as an argument: each value is a program of its own. `#[compile]` puts it round arguments
/// by itself; closures and modules take it, or a type with `#[derive(Arg)]`.
///
/// ```
/// use ferrodyne::prelude::*;
/// #[derive(Clone, Debug, PartialEq, Eq, Hash)]
/// enum Mode { Twice, Once }
/// let f = compile(|x: &Tensor, mode: Host<Mode>| if mode.0 == Mode::Twice { x * 2 } else { x * 1 });
/// let x = Tensor::ones([1], &Device::cpu());
/// assert_eq!(f.call((&x, Host(Mode::Twice)))?.item::<f32>()?, 2.0);
/// assert_eq!(f.call((&x, Host(Mode::Once)))?.item::<f32>()?, 1.0);
/// # Ok::<(), ferrodyne::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Host<T>(pub T);

impl<T: Hash + Eq + Clone + Debug> Arg for Host<T> {
    fn visit(&self, visitor: &mut dyn ArgVisitor) {
        visitor.host(fingerprint(&self.0), &self.0);
    }

    fn fresh(&self, _fresh: &mut dyn Fresh) -> Self {
        self.clone()
    }
}

/// How an argument is chosen to be seen. The macros call these; nobody else needs them.
pub mod pick {
    use std::marker::PhantomData;

    use super::*;

    /// The type of an argument.
    pub struct Sort<T>(PhantomData<T>);

    impl<T> Sort<T> {
        /// The type of a value.
        pub fn of(_: &T) -> Sort<T> {
            Sort(PhantomData)
        }
    }

    /// The value as it is.
    #[derive(Clone, Copy)]
    pub struct AsItIs;

    impl AsItIs {
        /// The value as an argument.
        pub fn put<T: Arg>(self, value: T) -> T {
            value
        }

        /// The value back.
        pub fn take<T: Arg>(self, value: T) -> T {
            value
        }
    }

    /// The value under its hash.
    #[derive(Clone, Copy)]
    pub struct AsHost;

    impl AsHost {
        /// The value as an argument.
        pub fn put<T: Hash + Eq + Clone + Debug>(self, value: T) -> Host<T> {
            Host(value)
        }

        /// The value back.
        pub fn take<T>(self, value: Host<T>) -> T {
            value.0
        }
    }

    /// The value under its hash, without a text.
    #[derive(Clone, Copy)]
    pub struct AsMute;

    /// A host value without a text for messages.
    #[derive(Clone)]
    pub struct Mute<T>(T);

    impl AsMute {
        /// The value as an argument.
        pub fn put<T: Hash + Eq + Clone>(self, value: T) -> Mute<T> {
            Mute(value)
        }

        /// The value back.
        pub fn take<T>(self, value: Mute<T>) -> T {
            value.0
        }
    }

    impl<T: Hash + Eq + Clone> Arg for Mute<T> {
        fn visit(&self, visitor: &mut dyn ArgVisitor) {
            visitor.host(fingerprint(&self.0), self);
        }

        fn fresh(&self, _fresh: &mut dyn Fresh) -> Self {
            self.clone()
        }
    }

    impl<T> Debug for Mute<T> {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            write!(f, "a value of {}", std::any::type_name::<T>())
        }
    }

    /// Chosen for arguments.
    pub trait PickArg {
        /// How it is seen.
        fn pick(&self) -> AsItIs;
    }

    impl<T: Arg> PickArg for &&&Sort<T> {
        fn pick(&self) -> AsItIs {
            AsItIs
        }
    }

    /// Chosen for values with a hash and a text.
    pub trait PickHost {
        /// How it is seen.
        fn pick(&self) -> AsHost;
    }

    impl<T: Hash + Eq + Clone + Debug> PickHost for &&Sort<T> {
        fn pick(&self) -> AsHost {
            AsHost
        }
    }

    /// Chosen for values with a hash.
    pub trait PickMute {
        /// How it is seen.
        fn pick(&self) -> AsMute;
    }

    impl<T: Hash + Eq + Clone> PickMute for &Sort<T> {
        fn pick(&self) -> AsMute {
            AsMute
        }
    }

    /// Chosen for what is left, to say what is wrong.
    pub trait PickUnknown<T> {
        /// Refuses the argument.
        fn pick(&self) -> AsItIs
        where
            T: Arg;
    }

    impl<T> PickUnknown<T> for Sort<T> {
        fn pick(&self) -> AsItIs
        where
            T: Arg,
        {
            AsItIs
        }
    }
}
