//! Conditions of compiled functions: what the macros make of `if`, `while` and comparisons. Comes in a `bool` or a tensor, goes out which
//! side to take; a tensor that is being recorded becomes a decision of the graph.

use std::marker::PhantomData;
use std::panic::Location;

use ferrodyne_plan::{DType, Source};

use crate::capture::{self, Loop, Mark, Tested, Var};
use crate::error::Error;
use crate::fault::raise;
use crate::tensor::{Operand, Tensor};

/// A condition: a host value, or a tensor of one element.
#[derive(Clone)]
pub enum Cond {
    /// Known while recording.
    Host(bool),
    /// Known when the program runs; bool.
    Tensor(Tensor),
}

/// What may stand behind `if` and `while` in a compiled function.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be a condition of a compiled function",
    label = "a `bool` or a tensor of one element is needed"
)]
pub trait Condition {
    /// The condition.
    #[track_caller]
    fn condition(self) -> Cond;
}

impl Condition for bool {
    fn condition(self) -> Cond {
        Cond::Host(self)
    }
}

impl Condition for &bool {
    fn condition(self) -> Cond {
        Cond::Host(*self)
    }
}

impl Condition for &&bool {
    fn condition(self) -> Cond {
        Cond::Host(**self)
    }
}

impl Condition for &&Tensor {
    #[track_caller]
    fn condition(self) -> Cond {
        (*self).condition()
    }
}

impl Condition for Cond {
    fn condition(self) -> Cond {
        self
    }
}

impl Condition for &Cond {
    fn condition(self) -> Cond {
        self.clone()
    }
}

impl Condition for Tensor {
    #[track_caller]
    fn condition(self) -> Cond {
        (&self).condition()
    }
}

impl Condition for &Tensor {
    #[track_caller]
    fn condition(self) -> Cond {
        let source = Source::caller();
        if self.numel() != 1 {
            let message = format!(
                "a condition must be one value, but it has the shape {}: write `.any()` or `.all()`",
                self.shape()
            );
            raise(Error::at("shape", message, source));
        }
        Cond::Tensor(match self.dtype() {
            DType::Bool => self.clone(),
            _ => self.ne(0),
        })
    }
}

/// A leaf of a condition.
#[track_caller]
pub fn condition(condition: impl Condition) -> Cond {
    condition.condition()
}

impl Cond {
    /// Whether it is this host value, so that the rest of a chain is not evaluated.
    pub fn is(&self, value: bool) -> bool {
        matches!(self, Cond::Host(known) if *known == value)
    }

    /// The opposite.
    #[track_caller]
    #[expect(
        clippy::should_implement_trait,
        reason = "the macros call it without the trait in scope"
    )]
    pub fn not(self) -> Cond {
        match self {
            Cond::Host(known) => Cond::Host(!known),
            Cond::Tensor(tensor) => Cond::Tensor(tensor.logical_not()),
        }
    }

    /// Both.
    #[track_caller]
    pub fn and(self, other: Cond) -> Cond {
        match (self, other) {
            (Cond::Host(a), other) => {
                if a {
                    other
                } else {
                    Cond::Host(false)
                }
            }
            (this, Cond::Host(b)) => {
                if b {
                    this
                } else {
                    Cond::Host(false)
                }
            }
            (Cond::Tensor(a), Cond::Tensor(b)) => Cond::Tensor(a.logical_and(&b)),
        }
    }

    /// Either.
    #[track_caller]
    pub fn or(self, other: Cond) -> Cond {
        match (self, other) {
            (Cond::Host(a), other) => {
                if a {
                    Cond::Host(true)
                } else {
                    other
                }
            }
            (this, Cond::Host(b)) => {
                if b {
                    Cond::Host(true)
                } else {
                    this
                }
            }
            (Cond::Tensor(a), Cond::Tensor(b)) => Cond::Tensor(a.logical_or(&b)),
        }
    }
}

/// Which side a condition takes.
#[track_caller]
pub fn decide(condition: Cond) -> bool {
    let tensor = match condition {
        Cond::Host(known) => return known,
        Cond::Tensor(tensor) => tensor,
    };
    let source = Source::caller();
    match capture::decide(&tensor, &source) {
        Some(side) => side,
        None => match tensor.known(capture::CONDITION, source).and_then(|t| t.to_vec::<bool>()) {
            Ok(values) => values[0],
            Err(error) => raise(error),
        },
    }
}

/// Begins the loop of that number, whose trips change these variables.
#[track_caller]
pub fn loop_enter(number: usize, vars: &mut [Var<'_>]) -> Loop {
    capture::enter(Location::caller(), number, vars)
}

/// Whether another trip through a loop follows.
#[track_caller]
pub fn loop_test(this: &mut Loop, condition: Cond) -> bool {
    let source = Source::caller();
    let tested = match &condition {
        Cond::Host(known) => Tested::Host(*known),
        Cond::Tensor(tensor) => Tested::Tensor(tensor),
    };
    match capture::test(this, &tested, &source) {
        Some(goes_on) => goes_on,
        None => decide(condition),
    }
}

/// Whether another trip through a loop without a condition follows: always, but where it is recorded.
#[track_caller]
pub fn loop_goes_on(this: &mut Loop) -> bool {
    loop_test(this, Cond::Host(true))
}

/// Ends a trip through a loop.
pub fn loop_back(this: &mut Loop, vars: &mut [Var<'_>]) {
    capture::back(this, vars);
}

/// Leaves a loop.
pub fn loop_end(this: Loop, vars: &mut [Var<'_>]) {
    capture::end(this, vars);
}

/// Marks the place before the branch of that number.
#[track_caller]
pub fn mark(number: usize) -> Mark {
    capture::mark(Location::caller(), number)
}

/// Joins variables behind a decision.
pub fn join(mark: Mark, vars: &mut [Var<'_>]) {
    capture::join(mark, vars);
}

/// Two operands of a comparison, whose meaning is chosen by method resolution: tensors are compared element by element, and
/// everything else by `PartialOrd` and `PartialEq`.
pub struct Cmp<'a, A: ?Sized, B: ?Sized>(pub &'a A, pub &'a B);

/// A tensor or a reference to one.
pub trait IsTensor {
    /// The tensor.
    fn tensor(&self) -> &Tensor;
}

impl IsTensor for Tensor {
    fn tensor(&self) -> &Tensor {
        self
    }
}

impl<T: IsTensor + ?Sized> IsTensor for &T {
    fn tensor(&self) -> &Tensor {
        (**self).tensor()
    }
}

impl<T: IsTensor + ?Sized> IsTensor for &mut T {
    fn tensor(&self) -> &Tensor {
        (**self).tensor()
    }
}

macro_rules! comparisons {
    ($($method:ident $turned:ident $name:ident $op:tt;)*) => {
        /// Comparisons in which a tensor stands on either side.
        pub trait CompareTensors {
            $(
                #[doc = concat!("`", stringify!($op), "`, element by element.")]
                #[track_caller]
                fn $method(&self) -> Tensor;
            )*
        }

        impl<A: IsTensor, B: Operand> CompareTensors for Cmp<'_, A, B> {
            $(
                #[track_caller]
                fn $method(&self) -> Tensor {
                    self.0.tensor().$name(self.1)
                }
            )*
        }

        comparisons!(@numbers [f32, f64, i32, i64, u32, usize, u8, i8] [$($method $turned)*]);
    };
    (@numbers [$($number:ty),*] $rest:tt) => {
        $(comparisons!(@number $number, $rest);)*
    };
    (@number $number:ty, [$($method:ident $turned:ident)*]) => {
        impl<B: IsTensor> CompareTensors for Cmp<'_, $number, B> {
            $(
                #[track_caller]
                fn $method(&self) -> Tensor {
                    self.1.tensor().$turned(*self.0)
                }
            )*
        }
    };
}
comparisons! {
    fd_lt gt lt <;
    fd_le ge le <=;
    fd_gt lt gt >;
    fd_ge le ge >=;
    fd_eq eq eq ==;
    fd_ne ne ne !=;
}

/// Comparisons of host values by order.
pub trait CompareOrder {
    /// `<`
    fn fd_lt(&self) -> bool;
    /// `<=`
    fn fd_le(&self) -> bool;
    /// `>`
    fn fd_gt(&self) -> bool;
    /// `>=`
    fn fd_ge(&self) -> bool;
}

// The operators on references would compare in `core`, whose lines guards would name.
impl<A: PartialOrd<B> + ?Sized, B: ?Sized> CompareOrder for &Cmp<'_, A, B> {
    #[track_caller]
    fn fd_lt(&self) -> bool {
        A::lt(self.0, self.1)
    }

    #[track_caller]
    fn fd_le(&self) -> bool {
        A::le(self.0, self.1)
    }

    #[track_caller]
    fn fd_gt(&self) -> bool {
        A::gt(self.0, self.1)
    }

    #[track_caller]
    fn fd_ge(&self) -> bool {
        A::ge(self.0, self.1)
    }
}

/// Comparisons of host values for equality.
pub trait CompareEqual {
    /// `==`
    fn fd_eq(&self) -> bool;
    /// `!=`
    fn fd_ne(&self) -> bool;
}

impl<A: PartialEq<B> + ?Sized, B: ?Sized> CompareEqual for &Cmp<'_, A, B> {
    #[track_caller]
    fn fd_eq(&self) -> bool {
        A::eq(self.0, self.1)
    }

    #[track_caller]
    fn fd_ne(&self) -> bool {
        A::ne(self.0, self.1)
    }
}

/// Operands that nothing compares: the last that method resolution finds, to say so.
pub struct NotCompared<A: ?Sized, B: ?Sized>(PhantomData<(*const A, *const B)>);

impl<A: ?Sized, B: ?Sized> std::ops::Deref for Cmp<'_, A, B> {
    type Target = NotCompared<A, B>;

    fn deref(&self) -> &NotCompared<A, B> {
        &NotCompared(PhantomData)
    }
}

/// Operands that are compared.
#[diagnostic::on_unimplemented(
    message = "`{Self}` and `{B}` cannot be compared",
    label = "tensors are compared with tensors and numbers, everything else by `PartialEq` and `PartialOrd`"
)]
pub trait Compared<B: ?Sized> {}

macro_rules! not_compared {
    ($($method:ident $op:tt;)*) => {
        impl<A: ?Sized, B: ?Sized> NotCompared<A, B> {
            $(
                #[doc = concat!("Refuses `", stringify!($op), "`.")]
                pub fn $method(&self) -> bool
                where
                    A: Compared<B>,
                {
                    false
                }
            )*
        }
    };
}
not_compared! {
    fd_lt <;
    fd_le <=;
    fd_gt >;
    fd_ge >=;
    fd_eq ==;
    fd_ne !=;
}
