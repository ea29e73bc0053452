//! Branches on tensors: one program takes the right side for every input.

use ferrodyne::Result;
use ferrodyne::prelude::*;

use crate::tensor::{close, sample};

/// Defines a function twice: as one graph, and eagerly, and checks that they agree on several inputs.
macro_rules! agree {
    ($($(#[$meta:meta])* fn $name:ident($x:ident: &Tensor) -> $ret:ty $body:block)*) => {$(
        $(#[$meta])*
        #[test]
        fn $name() {
            #[compile(fullgraph, backend = "reference")]
            fn graph($x: &Tensor) -> $ret $body
            #[compile(backend = "eager")]
            fn eager($x: &Tensor) -> $ret $body
            for start in [-4.0, -1.0, -0.5, 0.0, 0.5, 1.0, 3.0, 7.0] {
                let x = Tensor::from_vec(vec![start, 0.5, -0.25], [3], &Device::cpu());
                let want = eager(&x).list();
                for (got, want) in graph(&x).list().iter().zip(&want) {
                    close(got, &want.to_vec::<f32>().unwrap(), &format!("graph at {start}"));
                }
            }
        }
    )*};
}
/// The tensors of a result.
pub(super) trait List {
    fn list(self) -> Vec<Tensor>;
}

impl List for Tensor {
    fn list(self) -> Vec<Tensor> {
        vec![self]
    }
}

impl List for Vec<Tensor> {
    fn list(self) -> Vec<Tensor> {
        self
    }
}

impl List for (Tensor, Tensor) {
    fn list(self) -> Vec<Tensor> {
        vec![self.0, self.1]
    }
}

impl List for Result<Tensor> {
    fn list(self) -> Vec<Tensor> {
        vec![self.unwrap()]
    }
}

agree! {
    fn a_branch_is_a_value(x: &Tensor) -> Tensor {
        if x.sum() > 0 { x.clone() } else { -x }
    }

    fn a_variable_is_assigned_in_one_branch(x: &Tensor) -> Tensor {
        let mut y = x * 2;
        if x.sum() > 0.0 {
            y = y + 1;
        }
        y
    }

    fn conditions_chain(x: &Tensor) -> Tensor {
        let first = x.select(0, 0);
        if first < -2 {
            x * 3
        } else if first < 0.0 {
            x - 1
        } else if 2.0 < first && first < 5 || first == 1 {
            x * x
        } else {
            x.exp()
        }
    }

    fn an_early_return_ends_the_function(x: &Tensor) -> Tensor {
        let s = x.sum();
        if s < -1 {
            return x * 10;
        }
        let y = x + 1;
        if s > 2 {
            return y * x;
        }
        y - x * 2
    }

    fn a_variable_gets_its_value_later(x: &Tensor) -> Tensor {
        let y;
        if x.sum() > 0 {
            y = x * 2;
        } else {
            y = x / 2;
        }
        y + 1
    }

    fn a_value_moves_in_one_branch(x: &Tensor) -> Tensor {
        let t = x + 1;
        let u = if x.sum() > 0 { t } else { x * 3 };
        u * 2
    }

    fn branches_nest(x: &Tensor) -> Tensor {
        let mut y = x.clone();
        let s = x.sum();
        if s > 0 {
            y = y * 2;
            if s > 1 {
                y = y + 5;
            } else {
                y = y - 5;
            }
            y = &y * &y;
        } else if s < -2 {
            y = -y;
        }
        y + x
    }

    fn returns_nest(x: &Tensor) -> Tensor {
        let s = x.sum();
        if s > 0 {
            let y = x * 2;
            if s > 2 {
                return y;
            }
            if s > 1 {
                return y + 1;
            }
        }
        x - 3
    }

    fn containers_are_joined(x: &Tensor) -> Vec<Tensor> {
        let mut list = vec![x.clone(), x + 1];
        if x.sum() > 0 {
            list.push(x * 2);
        } else {
            list[0] = x * 5;
            list.push(x * 3);
        }
        list
    }

    fn tuples_are_joined(x: &Tensor) -> (Tensor, Tensor) {
        let (mut a, b) = (x + 1, x + 2);
        let pair = if x.sum() > 0 { (a.clone(), b.clone()) } else { (b.clone(), a.clone()) };
        if a.sum() > b.mean() {
            a = pair.0 + 1;
        }
        (a, pair.1)
    }

    fn references_are_chosen(x: &Tensor) -> Tensor {
        let (a, b) = (x + 1, x * 2);
        let chosen = if x.sum() > 0 { &a } else { &b };
        chosen + x
    }

    fn a_condition_is_a_value(x: &Tensor) -> Tensor {
        let positive = x.sum() > 0;
        let large = x.sum().abs() > 1;
        let mut y = x.clone();
        if positive && !large {
            y = y + 1;
        }
        if !(positive || large) {
            y = y * 4;
        }
        y
    }

    fn host_conditions_keep_their_meaning(x: &Tensor) -> Tensor {
        let list: Vec<i32> = (0..4).collect();
        let mut y = x.clone();
        for i in &list {
            if *i > 1 && x.sum() > 0 {
                y = y + *i;
            } else if i % 2 == 0 || list.is_empty() {
                y = y * 2;
            }
        }
        let name = String::from("a");
        if name == "a" && list.first() == Some(&0) { y } else { panic!("never") }
    }

    fn a_question_mark_passes_through(x: &Tensor) -> Result<Tensor> {
        let y = if x.sum() > 0 { x.try_add(1)? } else { x.try_matmul(&x.unsqueeze(1))? + x };
        let z = y.try_mul(2)?;
        if y.sum() > 5 {
            return Ok(z);
        }
        Ok(z - 1)
    }

    fn a_break_leaves_a_host_loop(x: &Tensor) -> Tensor {
        let mut y = x.clone();
        for i in 0..4 {
            y = y + i;
            if y.sum() > 6 {
                break;
            }
            if y.sum() < -3 {
                continue;
            }
            y = y * 1.5;
        }
        y - 1
    }

    fn a_guard_decides(x: &Tensor) -> Tensor {
        let kind = 2;
        let y = match kind {
            1 => x.clone(),
            2 if x.sum() > 1 => x * 2,
            2 if x.sum() > 0 => x * 3,
            _ => x * 4,
        };
        y + 1
    }

    fn a_let_chain_decides(x: &Tensor) -> Tensor {
        let bias = Some(x * 0.5);
        let mut y = x.clone();
        if let Some(b) = &bias && x.sum() > 0 && let Some(c) = Some(b + 1) {
            y = y + c;
        }
        y
    }

    fn elements_are_changed_through_references(x: &Tensor) -> Vec<Tensor> {
        let mut list = vec![x.clone(), x * 2];
        for t in list.iter_mut() {
            if t.sum() > 0 {
                *t = &*t + 1;
            }
        }
        let r = &mut list[1];
        if r.sum() > 4 {
            *r = &*r * 2;
        }
        let last = r.clone();
        list.push(last);
        list
    }

    fn a_block_may_be_left(x: &Tensor) -> Tensor {
        let y = 'found: {
            if x.sum() > 1 {
                break 'found x * 2;
            }
            if x.sum() > 0 {
                break 'found x * 3;
            }
            x * 4
        };
        y + 1
    }

    fn shadowing_is_seen(x: &Tensor) -> Tensor {
        let mut y = x + 1;
        if x.sum() > 0 {
            let mut y = x * 7;
            y = y + 1;
            let _ = y;
        } else {
            y = y * 2;
        }
        let y = y + 1;
        y * x
    }
}

#[derive(Module)]
struct MyAbs {
    scale: Linear,
}

#[module]
impl MyAbs {
    fn forward(&self, x: &Tensor) -> Tensor {
        let y = self.scale.forward(x);
        if y.sum() > 0 { y } else { -y }
    }
}

#[test]
fn my_abs_in_a_module_is_one_program() {
    let device = Device::cpu();
    let model = compile(MyAbs { scale: Linear::new(4, 3, &device) })
        .backend("reference")
        .unwrap()
        .fullgraph();
    for k in 0..6 {
        let x = sample(&[2, 4], &device) * (k - 3);
        let y = model.inner().scale.forward(&x);
        let want = if y.sum().item::<f32>().unwrap() > 0.0 { y } else { -y };
        close(&model.call(&x).unwrap(), &want.to_vec::<f32>().unwrap(), "either side");
    }
    assert_eq!(model.stats().compilations, 1, "{:?}", model.stats());
}

#[test]
fn every_backend_takes_the_right_side() {
    for device in crate::tensor::devices() {
        for backend in ["inductor", "no_fusion", "eager", "reference"] {
            let model =
                compile(MyAbs { scale: Linear::new(4, 3, &device) }).backend(backend).unwrap();
            for k in 0..4 {
                let x = sample(&[2, 4], &device) * (k - 2);
                let want = model.inner().forward(&x).to_vec::<f32>().unwrap();
                close(&model.call(&x).unwrap(), &want, backend);
            }
        }
    }
}

/// Whether it is reached; counts how often it is asked.
fn asked(count: &mut usize) -> bool {
    *count += 1;
    true
}

agree! {
    fn a_chain_of_comparisons_is_a_value(x: &Tensor) -> Tensor {
        let inside = x.sum() > -2.0 && x.sum() < 2.0;
        let outside = !(x.sum() > -2.0) || x.sum() >= 2.0;
        let mut count = 0;
        let host = x.rank() == 2 && asked(&mut count) || x.rank() == 1;
        let mixed = x.rank() == 1 && x.sum() > 0.0;
        let either = inside || outside;
        let flags = (host && either, !inside || either);
        assert!(host && count == 0);
        let y = if inside && mixed { x * 2 } else { x.clone() };
        if outside && flags.0 && flags.1 { -y } else { y }
    }
}
