//! Changes that a join cannot see: each is found, and the decision is read instead; no side is baked in.

use std::cell::{Cell, RefCell};

use ferrodyne::prelude::*;

use crate::tensor::close;

/// Checks functions of one tensor, compiled against eager, on inputs that take both sides, in both orders.
macro_rules! traps {
    ($($(#[$meta:meta])* fn $name:ident($x:ident: &Tensor) -> Tensor $body:block)*) => {$(
        $(#[$meta])*
        #[test]
        fn $name() {
            #[compile(backend = "reference")]
            fn compiled($x: &Tensor) -> Tensor $body
            #[compile(backend = "eager")]
            fn eager($x: &Tensor) -> Tensor $body
            for start in [2.0, -3.0, 1.0, -1.0, 5.0] {
                let x = Tensor::from_vec(vec![start, 0.5], [2], &Device::cpu());
                close(&compiled(&x), &eager(&x).to_vec::<f32>().unwrap(), &format!("at {start}"));
            }
        }
    )*};
}

pub(super) use traps;

/// A type of the user's with a method that changes it.
pub(super) struct Counter {
    pub(super) total: Tensor,
    pub(super) steps: usize,
}

impl Counter {
    pub(super) fn count(&mut self, by: &Tensor) {
        self.total = &self.total + by;
        self.steps += 1;
    }
}

traps! {
    fn a_closure_changes_a_variable(x: &Tensor) -> Tensor {
        let mut n = x.clone();
        let mut add = |k: f64| n = &n + k;
        if x.sum() > 0 {
            add(1.0);
        }
        add(2.0);
        n
    }

    fn a_mutable_reference_is_an_alias(x: &Tensor) -> Tensor {
        let mut v = vec![x.clone(), x * 2];
        let r = &mut v;
        if x.sum() > 0 {
            r[0] = -x;
        } else {
            r[1] = x * 7;
        }
        &v[0] + &v[1]
    }

    fn a_container_grows_through_an_alias(x: &Tensor) -> Tensor {
        let mut v = vec![x.clone()];
        let r = &mut v;
        if x.sum() > 0 {
            r.push(x * 3);
        }
        v.iter().fold(x.zeros_like(), |sum, t| sum + t)
    }

    fn a_host_value_hides_in_a_cell(x: &Tensor) -> Tensor {
        let n = Cell::new(1);
        if x.sum() > 0 {
            n.set(2);
        }
        x * n.get()
    }

    fn a_tensor_hides_in_a_cell(x: &Tensor) -> Tensor {
        let t = RefCell::new(x.clone());
        if x.sum() > 0 {
            *t.borrow_mut() = x * 4;
        }
        let t = t.borrow().clone();
        t + 1
    }

    fn a_method_of_the_users_changes_its_receiver(x: &Tensor) -> Tensor {
        let mut counter = Counter { total: x.clone(), steps: 0 };
        if x.sum() > 0 {
            counter.count(&(x * 2));
        }
        counter.count(x);
        counter.total * counter.steps
    }

    fn a_field_is_assigned(x: &Tensor) -> Tensor {
        let mut counter = Counter { total: x.clone(), steps: 1 };
        if x.sum() > 0 {
            counter.total = x * 2;
        } else {
            counter.steps = 3;
        }
        counter.total * counter.steps
    }

    fn a_counter_differs(x: &Tensor) -> Tensor {
        let mut n = 0;
        if x.sum() > 0 {
            n += 1;
        }
        x * n + n
    }

    fn shapes_differ(x: &Tensor) -> Tensor {
        let y = if x.sum() > 0 { Tensor::cat(&[x, x], 0) } else { x.clone() };
        y + 1
    }

    fn a_side_panics(x: &Tensor) -> Tensor {
        if x.sum() > 100 {
            panic!("too large");
        }
        x + 1
    }

    fn an_outer_function_decides(x: &Tensor) -> Tensor {
        fn helper(x: &Tensor) -> Tensor {
            if x.sum().item::<f32>().unwrap() > 0.0 { x * 2 } else { x * 3 }
        }
        helper(x) + helper(&-x)
    }

    fn random_numbers_are_drawn_on_one_side(x: &Tensor) -> Tensor {
        let mut y = x.clone();
        if x.sum() > 0 {
            y = y + x.rand_like() * 0;
        }
        y
    }

    fn a_while_is_driven_by_a_tensor(x: &Tensor) -> Tensor {
        let (mut y, mut steps) = (x.abs() + 1, 0);
        while y.sum() < 40 {
            y = y * 2;
            steps += 1;
        }
        y + steps
    }
}

#[test]
fn a_buffer_is_set_on_one_side() {
    let device = Device::cpu();
    let x = |v: f32| Tensor::from_vec(vec![v], [1], &device);
    struct Gate {
        seen: Buffer,
    }
    impl Module for Gate {
        fn type_name(&self) -> &str {
            "Gate"
        }
        fn visit(&self, visitor: &mut dyn ferrodyne::Visitor) {
            visitor.buffer("seen", &self.seen);
        }
    }
    impl Gate {
        #[compile]
        fn step(&self, x: &Tensor) -> Tensor {
            if x.sum() > 0 {
                self.seen.set(&(self.seen.tensor() + x)).unwrap();
            }
            self.seen.tensor() * 2
        }
    }
    let gate = Gate { seen: Buffer::new(Tensor::zeros([1], &device)) };
    for (value, want) in [(-1.0, 0.0), (2.0, 4.0), (-5.0, 4.0), (1.0, 6.0)] {
        close(&gate.step(&x(value)), &[want], "the buffer");
    }
}
