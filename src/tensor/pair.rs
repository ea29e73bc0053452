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

pub(crate) use {method, pairs};
