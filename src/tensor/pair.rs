//! Methods in pairs: one that panics at the caller's line, and one that returns the fault.

/// Defines methods of [`Tensor`](crate::Tensor) in pairs. Of a body that gives a [`Result`], the first method panics with the
/// fault, and the second, named `try_..`, returns it.
macro_rules! pairs {
    ($(
        $(#[$doc:meta])*
        fn $name:ident | $try_name:ident ($self:ident $(, $arg:ident : $ty:ty)* $(,)?) $(-> $ret:ty)? $body:block
    )*) => {
        impl $crate::Tensor {
            $(
                $crate::tensor::pair::method! {
                    [$(#[$doc])*] $name $try_name ($self $(, $arg : $ty)*) [$($ret)?] $body
                }
            )*
        }
    };
}

macro_rules! method {
    ([$(#[$doc:meta])*] $name:ident $try_name:ident ($self:ident $(, $arg:ident : $ty:ty)*) [] $body:block) => {
        $crate::tensor::pair::method! { [$(#[$doc])*] $name $try_name ($self $(, $arg : $ty)*) [$crate::Tensor] $body }
    };
    ([$(#[$doc:meta])*] $name:ident $try_name:ident ($self:ident $(, $arg:ident : $ty:ty)*) [$ret:ty] $body:block) => {
        $(#[$doc])*
        ///
        /// # Panics
        #[doc = concat!("When operands do not fit; [`Self::", stringify!($try_name), "`] returns the fault instead.")]
        #[track_caller]
        #[allow(clippy::too_many_arguments, reason = "the signatures are PyTorch's")]
        pub fn $name(&$self $(, $arg: $ty)*) -> $ret {
            $crate::fault::expect($self.$try_name($($arg),*))
        }

        #[doc = concat!("[`Self::", stringify!($name), "`] with faults as errors.")]
        ///
        /// # Errors
        /// Operands that do not fit; faults of the device.
        #[track_caller]
        #[allow(clippy::too_many_arguments, reason = "the signatures are PyTorch's")]
        pub fn $try_name(&$self $(, $arg: $ty)*) -> $crate::Result<$ret> {
            let _method = $crate::fault::Method::begin(stringify!($name));
            $body
        }
    };
}

/// The example of a method, run as a test: what is made of `x`, a matrix of two rows, as it is printed; with statements before it
/// where there are three texts, and with all that is printed of truth values after `truth`.
macro_rules! example {
    ($call:literal, $want:literal) => {
        example!(@ "{:.3?}", "", $call, $want)
    };
    ($before:literal, $call:literal, $want:literal) => {
        example!(@ "{:.3?}", $before, $call, $want)
    };
    (truth $call:literal, $want:literal) => {
        example!(@ "{:?}", "", $call, $want)
    };
    (truth $before:literal, $call:literal, $want:literal) => {
        example!(@ "{:?}", $before, $call, $want)
    };
    (@ $format:literal, $before:literal, $call:literal, $want:literal) => {
        concat!(
            "\n\n# Examples\n```\n# use ferrodyne::prelude::*;\n# let device = Device::cpu();\n",
            "let x = Tensor::from_vec(vec![-1.0f32, 0.5, 2.0, 3.0], [2, 2], &device);\n",
            $before,
            "\nassert_eq!(format!(\"",
            $format,
            "\", ",
            $call,
            "), \"",
            $want,
            "\");\n# Ok::<(), ferrodyne::Error>(())\n```"
        )
    };
}

pub(crate) use {example, method, pairs};
