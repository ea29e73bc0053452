//! Random structured functions, made by `generator.rs`; do not edit.

use ferrodyne::prelude::*;

use crate::flow::random::{Case, Functions, Made, run};

#[rustfmt::skip]
#[allow(clippy::all, unused, reason = "written by a generator")]
#[module]
impl Functions {
    pub(super) fn f0(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        let d0;
        if a.select(0, 0) < 0.25 || n == 2 { d0 = (&c + &b) * 0.25; } else { d0 = a.clone(); }
        c = &c * 0.5 + d0;
        c = &b * 0.5 + n;
        list.push(&a * 0.5 + n);
        for i in 0..2 {
            b = &b * 0.5 + i;
            list.push((&c - &c) * 0.5);
            list.push((&c + &c) * 0.25);
            b = (&c - &c) * 0.5;
        }
        if n % 2 == 0 && b.sum() > 0 {
            match n {
                0 | 1 if a.sum() > 0.5 => {
                }
                2 => {}
                _ => {
                }
            }
        } else if a.sum() > 0.8 {
        } else {
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f1(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        a = if n > 1 { b.tanh() } else { &c * 0.5 + n };
        if a.select(0, 0) < 0.25 || n == 2 {
            match n {
                0 | 1 if c.sum() > a.sum() && a.sum() < 1 => {
                    let mut t0 = Tensor::scalar(0.0, x.device());
                    while t0 < 2 {
                        t0 = t0 + 1;
                        b = &b + 0.5;
                    }
                    a = a.maximum(&c);
                    if n > 1 {
                        a = &b + 0.5;
                    } else if n > 1 {
                        b = &c * 0.5 + n;
                    }
                }
                2 => {}
                _ => {
                }
            }
        } else if list.len() > 2 || a.select(0, 1) != 0 {
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f2(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        b = &b + 0.5;
        a = (&b - &b) * 0.5;
        if list.len() > 2 || c.select(0, 1) != 0 {
            a = if n > 1 { &c * 0.5 } else { (&b + &c) * 0.25 };
            list[0] = (&c + &b) * 0.25;
        } else if !(a.sum() >= 0.5) {
            let next = (&a + &c) * 0.25;
            c = if list.len() > 2 || a.select(0, 1) != 0 { next * 0.5 } else { c };
        }
        if n > 1 {
            if n > 1 {
                let mut t0 = Tensor::scalar(0.0, x.device());
                loop {
                    t0 = t0 + 1;
                    if t0 > 3 || n % 2 == 0 && a.sum() > 0 { break; }
                }
            } else {
            }
        } else if n % 2 == 0 && c.sum() > 0 {
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f3(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        a = if b.sum() > 0.9 { &b * 0.5 + n } else { &c + 0.5 };
        while b.sum() < 2 {
            b = b.abs() + 0.5;
            if c.sum() > 1 { break; }
            c = &c + 0.25;
        }
        c = b.maximum(&c);
        let r0 = &mut list;
        if c.sum() > 0 { r0.push(c.clone()); }
        a = b.maximum(&c);
        for i in 0..2 {
            b = &b * 0.5 + i;
            list[0] = b.maximum(&b);
            c = if c.sum() > 0.7 { list[0].clone() - &b } else { (&a + &b) * 0.25 };
            let mut t1 = Tensor::scalar(0.0, x.device());
            while t1 < 0 {
                t1 = t1 + 1;
            }
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f4(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        while a.sum() < 4 {
            a = a.abs() + 0.5;
            if c.sum() > 1 { break; }
            c = &c + 0.25;
        }
        if c.sum() > 1.8 {
            if c.sum() > 0.2 {
                match n {
                    0 | 1 if c.sum() > a.sum() && a.sum() < 1 => {
                        list.push(list[0].clone() - &b);
                        c = -&a;
                        list.push(list[0].clone() - &c);
                    }
                    2 => {}
                    _ => {
                        c = list[0].clone() - &a;
                        list[0] = a.maximum(&a);
                    }
                }
            } else if n % 2 == 0 && b.sum() > 0 {
            }
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f5(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        list.push(&a * 0.5);
        if a.sum() > 1.4 {
            c = &a * 0.5 + n;
            while b.sum() < 4 {
                b = b.abs() + 0.5;
            }
            let d0;
            if b.sum() > 1.6 { d0 = &a * 0.5 + n; } else { d0 = a.clone(); }
            c = &c * 0.5 + d0;
        }
        while c.sum() < 0 {
            c = c.abs() + 0.5;
            if c.sum() > 1 { break; }
            c = &c + 0.25;
        }
        let mut t1 = Tensor::scalar(0.0, x.device());
        while t1 < 0 && !(c.select(0, 0) < 0.25 || n == 2) {
            t1 = t1 + 1;
            c = b.maximum(&c);
            list[0] = -&b;
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f6(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        if b.sum() > 1.0 {
            if !(b.sum() >= 0.5) {
                b = list[0].clone() - &a;
            } else {
                for i in 0..3 {
                    b = &b * 0.5 + i;
                    c = list[0].clone() - &a;
                    c = c.try_add(&a)?;
                }
                b = list[0].clone() - &b;
            }
        }
        c = -&c;
        let mut t0 = Tensor::scalar(0.0, x.device());
        loop {
            t0 = t0 + 1;
            if t0 > 0 || c.sum() > 1.4 { break; }
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f7(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        list.push(a.maximum(&b));
        b = &b * 0.5;
        let d0;
        if c.sum() > 1.1 { d0 = (&a + &a) * 0.25; } else { d0 = a.clone(); }
        c = &c * 0.5 + d0;
        if b.sum() > 0.6 {
            let next = b.maximum(&c);
            a = if a.sum() > 0.5 { next * 0.5 } else { a };
            let next = a.tanh();
            b = if a.sum() > 1.7 { next * 0.5 } else { b };
            c = c.tanh();
        } else if c.sum() > c.sum() && c.sum() < 1 {
            for i in 0..1 {
                b = &b * 0.5 + i;
                if n > 1 {
                } else {
                }
            }
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f8(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        while c.sum() < 1 {
            c = c.abs() + 0.5;
        }
        c = &c + 0.5;
        if !(b.sum() >= 0.5) {
            if b.sum() > 1.8 {
                let next = &a * 0.5;
                c = if a.sum() > c.sum() && c.sum() < 1 { next * 0.5 } else { c };
                let mut t0 = Tensor::scalar(0.0, x.device());
                while t0 < 2 {
                    t0 = t0 + 1;
                    list[0] = list[0].clone() - &a;
                }
                if b.sum() > c.sum() && c.sum() < 1 {
                    b = &a * 0.5;
                } else {
                }
            } else {
            }
        } else if b.select(0, 0) < 0.25 || n == 2 {
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f9(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        let r0 = &mut list;
        if c.sum() > 0 { r0.push(c.clone()); }
        list.push(-&c);
        let next = -&a;
        b = if a.sum() > 0.5 { next * 0.5 } else { b };
        for t in list.iter_mut() { if c.sum() > 0 { *t = &*t * 0.5; } }
        let next = &b + 0.5;
        c = if n % 2 == 0 && c.sum() > 0 { next * 0.5 } else { c };
        a = list[0].clone() - &b;
        a = if a.sum() > 1.3 { list[0].clone() - &c } else { b.tanh() };
        b = &b * 0.5;
        if c.sum() > c.sum() && c.sum() < 1 {
        } else {
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f10(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        while a.sum() < 2 {
            a = a.abs() + 0.5;
        }
        if a.select(0, 0) < 0.25 || n == 2 {
            if !(c.sum() >= 0.5) {
                if a.sum() > 1.7 {
                    a = (&a + &c) * 0.25;
                } else {
                    list.push(&c * 0.5);
                    c = a.maximum(&a);
                }
            } else {
                a = b.maximum(&c);
                let mut t0 = Tensor::scalar(0.0, x.device());
                loop {
                    t0 = t0 + 1;
                    if t0 > 3 || c.sum() > 1.1 { break; }
                }
            }
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f11(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        if a.select(0, 0) < 0.25 || n == 2 {
            let mut t0 = Tensor::scalar(0.0, x.device());
            while t0 < 0 && !(n % 2 == 0 && c.sum() > 0) {
                t0 = t0 + 1;
                a = -&a;
                if n > 1 {
                    list[0] = &a * 0.5;
                } else if a.select(0, 0) < 0.25 || n == 2 {
                    list[0] = (&b + &b) * 0.25;
                } else {
                    c = -&a;
                }
            }
        } else if b.select(0, 0) < 0.25 || n == 2 {
            match n {
                0 | 1 if n > 1 => {
                    while a.sum() < 4 {
                        a = a.abs() + 0.5;
                        if c.sum() > 1 { break; }
                        c = &c + 0.25;
                    }
                }
                2 => {}
                _ => {
                }
            }
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f12(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        let mut t0 = Tensor::scalar(0.0, x.device());
        while t0 < 3 {
            t0 = t0 + 1;
            for i in 0..a.abs().sum().minimum(1) {
                c = &c * 0.5 + &i * 0.25;
                for i in 0..2 {
                    b = &b * 0.5 + i;
                    a = &c + 0.5;
                    c = (&c + &a) * 0.25;
                    c = (&b - &c) * 0.5;
                }
            }
            if c.sum() > a.sum() && a.sum() < 1 {
                list[0] = list[0].clone() - &c;
            } else {
                b = (&b + &a) * 0.25;
            }
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f13(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        let mut t0 = Tensor::scalar(0.0, x.device());
        loop {
            t0 = t0 + 1;
            if t0 > 3 || b.sum() > 0.7 { break; }
            break;
        }
        while b.sum() < 3 {
            b = b.abs() + 0.5;
        }
        b = (&a - &c) * 0.5;
        a = -&a;
        for i in 0..3 {
            b = &b * 0.5 + i;
            let mut t1 = Tensor::scalar(0.0, x.device());
            while t1 < 1 {
                t1 = t1 + 1;
                if c.sum() > 0.2 {
                    continue;
                } else {
                }
            }
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f14(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        let d0;
        if !(a.sum() >= 0.5) { d0 = (&b - &c) * 0.5; } else { d0 = a.clone(); }
        c = &c * 0.5 + d0;
        if b.sum() > 0.2 {
            for i in 0..2 {
                b = &b * 0.5 + i;
                list.push(&a * 0.5);
                b = if !(c.sum() >= 0.5) { &a * 0.5 } else { &a + 0.5 };
                list[0] = b.maximum(&c);
            }
            while a.sum() < 0 {
                a = a.abs() + 0.5;
                if c.sum() > 1 { break; }
                c = &c + 0.25;
            }
            a = c.maximum(&c);
        }
        for t in list.iter_mut() { if b.sum() > 0 { *t = &*t * 0.5; } }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f15(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        list[0] = (&c - &b) * 0.5;
        if a.sum() > c.sum() && c.sum() < 1 {
            let mut t0 = Tensor::scalar(0.0, x.device());
            loop {
                t0 = t0 + 1;
                if t0 > 0 || n > 1 { break; }
                a = &b + 0.5;
            }
            for i in 0..b.abs().sum().minimum(3) {
                b = &b * 0.5 + &i * 0.25;
                b = &b + 0.5;
            }
        }
        match n {
            0 | 1 if list.len() > 2 || a.select(0, 1) != 0 => {
                b = a.tanh();
            }
            2 => {}
            _ => {
                list.push(&b + 0.5);
            }
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f16(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        let d0;
        if c.select(0, 0) < 0.25 || n == 2 { d0 = &a * 0.5; } else { d0 = a.clone(); }
        c = &c * 0.5 + d0;
        if !(c.sum() >= 0.5) {
            let next = &c * 0.5;
            let chosen = c.sum() > 0.25;
            let mut set = |t: &Tensor| c = t * 0.5;
            if chosen { set(&next); }
        } else if b.sum() > 1.6 {
            b = list[0].clone() - &c;
            c = &a * 0.5;
            let mut t2 = Tensor::scalar(0.0, x.device());
            while t2 < 4 && !(list.len() > 2 || c.select(0, 1) != 0) {
                t2 = t2 + 1;
                let mut t3 = Tensor::scalar(0.0, x.device());
                while t3 < 4 && a.sum() < 3 {
                    t3 = t3 + 1;
                    b = (&a + &c) * 0.25;
                }
            }
        } else {
            if b.sum() > a.sum() && a.sum() < 1 {
            } else if !(a.sum() >= 0.5) {
            } else {
            }
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f17(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        while c.sum() < 2 {
            c = c.abs() + 0.5;
        }
        let mut t0 = Tensor::scalar(0.0, x.device());
        while t0 < 1 && !(n > 1) {
            t0 = t0 + 1;
            b = if b.sum() > 1.0 { &c * 0.5 + n } else { a.tanh() };
            match n {
                0 | 1 if n > 1 => {
                    c = if a.sum() > 1.9 { c.maximum(&c) } else { -&a };
                    a = (&a + &a) * 0.25;
                }
                2 => {}
                _ => {
                    list[0] = list[0].clone() - &c;
                }
            }
            let mut t1 = Tensor::scalar(0.0, x.device());
            loop {
                t1 = t1 + 1;
                if t1 > 3 || a.sum() > 0.2 { break; }
                let next = list[0].clone() - &a;
                b = if b.sum() > 1.3 { next * 0.5 } else { b };
            }
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f18(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        list.push(b.tanh());
        while b.sum() < 3 {
            b = b.abs() + 0.5;
            if c.sum() > 1 { break; }
            c = &c + 0.25;
        }
        let next = &a * 0.5 + n;
        c = if b.select(0, 0) < 0.25 || n == 2 { next * 0.5 } else { c };
        n += 1;
        c = if n % 2 == 0 && a.sum() > 0 { (&c + &b) * 0.25 } else { (&a - &b) * 0.5 };
        n += 1;
        a = &a + 0.5;
        for i in 0..c.abs().sum().minimum(3) {
            a = &a * 0.5 + &i * 0.25;
            let mut t0 = Tensor::scalar(0.0, x.device());
            while t0 < 1 && !(!(b.sum() >= 0.5)) {
                t0 = t0 + 1;
            }
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f19(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        a = (&a + &c) * 0.25;
        list[0] = &a * 0.5 + n;
        let next = -&b;
        b = if a.select(0, 0) < 0.25 || n == 2 { next * 0.5 } else { b };
        list[0] = b.maximum(&a);
        if n % 2 == 0 && a.sum() > 0 {
            b = (&b - &a) * 0.5;
            a = &a * 0.5;
            b = if c.select(0, 0) < 0.25 || n == 2 { (&a - &a) * 0.5 } else { &c * 0.5 };
        }
        list.push(-&a);
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f20(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        for t in list.iter_mut() { if c.sum() > 0 { *t = &*t * 0.5; } }
        if n % 2 == 0 && c.sum() > 0 {
            if c.sum() > 0.2 {
                if b.sum() > 0.5 {
                    c = (&a - &a) * 0.5;
                    b = &a * 0.5;
                } else if list.len() > 2 || a.select(0, 1) != 0 {
                    b = &a + 0.5;
                } else {
                    a = &c * 0.5 + n;
                    return Ok((a, b * 1, n));
                }
            } else if n % 2 == 0 && a.sum() > 0 {
            } else {
            }
        } else if c.sum() > 1.6 {
        } else {
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f21(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        c = c.try_add(&a)?;
        if b.sum() > a.sum() && a.sum() < 1 {
            let next = list[0].clone() - &b;
            let chosen = a.sum() > 0.25;
            let mut set = |t: &Tensor| a = t * 0.5;
            if chosen { set(&next); }
        }
        c = &b + 0.5;
        let d1;
        if c.sum() > 1.4 { d1 = &b * 0.5 + n; } else { d1 = a.clone(); }
        c = &c * 0.5 + d1;
        b = &b + 0.5;
        if list.len() > 2 || b.select(0, 1) != 0 {
            b = (&b + &b) * 0.25;
        } else if n % 2 == 0 && c.sum() > 0 {
            list.push(-&c);
        } else {
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f22(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        if b.sum() > c.sum() && c.sum() < 1 {
            list[0] = (&b - &c) * 0.5;
            for i in 0..3 {
                b = &b * 0.5 + i;
                c = list[0].clone() - &a;
            }
            match n {
                0 | 1 if b.sum() > 0.4 => {
                    if a.sum() > 1.9 {
                        b = &c * 0.5 + n;
                        a = list[0].clone() - &a;
                    }
                }
                2 => {}
                _ => {
                    if a.sum() > 0.6 {
                    } else if c.select(0, 0) < 0.25 || n == 2 {
                    }
                }
            }
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f23(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        if b.sum() > b.sum() && b.sum() < 1 {
            if b.sum() > 0.4 {
                c = c.maximum(&a);
                let mut t0 = Tensor::scalar(0.0, x.device());
                while t0 < 1 {
                    t0 = t0 + 1;
                    c = a.maximum(&a);
                    continue;
                }
                a = (&b - &a) * 0.5;
            } else {
                b = &a * 0.5 + n;
                if n % 2 == 0 && c.sum() > 0 {
                } else {
                }
            }
        } else if !(b.sum() >= 0.5) {
        } else {
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f24(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        b = b.maximum(&b);
        c = &b * 0.5 + n;
        c = &a * 0.5;
        if !(b.sum() >= 0.5) {
            while a.sum() < 3 {
                a = a.abs() + 0.5;
            }
        }
        let d0;
        if a.sum() > b.sum() && b.sum() < 1 { d0 = &c * 0.5; } else { d0 = a.clone(); }
        c = &c * 0.5 + d0;
        for i in 0..3 {
            b = &b * 0.5 + i;
            let next = -&a;
            b = if n % 2 == 0 && c.sum() > 0 { next * 0.5 } else { b };
        }
        for i in 0..1 {
            b = &b * 0.5 + i;
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f25(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        match n {
            0 | 1 if c.sum() > a.sum() && a.sum() < 1 => {
                for i in 0..a.abs().sum().minimum(1) {
                    c = &c * 0.5 + &i * 0.25;
                    if b.sum() > 1.9 {
                        a = b.tanh();
                        b = (&c + &a) * 0.25;
                        break;
                    } else if list.len() > 2 || c.select(0, 1) != 0 {
                        c = c.tanh();
                        list[0] = &c * 0.5 + n;
                    } else {
                        a = (&b - &a) * 0.5;
                    }
                }
            }
            2 => {}
            _ => {
            }
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f26(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        for i in 0..2 {
            b = &b * 0.5 + i;
            for t in list.iter_mut() { if a.sum() > 0 { *t = &*t * 0.5; } }
            if !(c.sum() >= 0.5) {
                for t in list.iter_mut() { if b.sum() > 0 { *t = &*t * 0.5; } }
                let mut t2 = Tensor::scalar(0.0, x.device());
                loop {
                    t2 = t2 + 1;
                    if t2 > 2 || b.select(0, 0) < 0.25 || n == 2 { break; }
                    b = (&c + &c) * 0.25;
                    b = &c + 0.5;
                    list[0] = &c + 0.5;
                }
                list[0] = list[0].clone() - &a;
            } else if c.sum() > a.sum() && a.sum() < 1 {
            } else {
            }
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f27(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        if b.sum() > 1.3 {
            c = if c.sum() > 0.3 { (&a + &c) * 0.25 } else { list[0].clone() - &c };
        } else if a.sum() > 0.8 {
            let d0;
            if list.len() > 2 || c.select(0, 1) != 0 { d0 = b.tanh(); } else { d0 = a.clone(); }
            c = &c * 0.5 + d0;
        }
        if n % 2 == 0 && c.sum() > 0 {
            c = if n % 2 == 0 && b.sum() > 0 { &c + 0.5 } else { &c * 0.5 };
            if c.select(0, 0) < 0.25 || n == 2 {
                let mut t1 = Tensor::scalar(0.0, x.device());
                while t1 < 2 && c.sum() < 3 {
                    t1 = t1 + 1;
                    list[0] = a.tanh();
                    c = b.tanh();
                }
            }
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f28(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        let next = c.tanh();
        b = if b.sum() > 1.5 { next * 0.5 } else { b };
        list[0] = (&b - &a) * 0.5;
        while b.sum() < 4 {
            b = b.abs() + 0.5;
        }
        list[0] = (&b - &b) * 0.5;
        let mut t0 = Tensor::scalar(0.0, x.device());
        while t0 < 3 && c.sum() < 3 {
            t0 = t0 + 1;
            if c.sum() > 0.0 {
                list[0] = &a * 0.5 + n;
            }
            if a.select(0, 0) < 0.25 || n == 2 {
                list[0] = &b + 0.5;
            }
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f29(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        a = a.tanh();
        if b.sum() > 1.8 {
            let d0;
            if a.sum() > 1.5 { d0 = &b + 0.5; } else { d0 = a.clone(); }
            c = &c * 0.5 + d0;
            c = if n > 1 { &a + 0.5 } else { a.maximum(&b) };
        }
        b = &b * 0.5;
        for i in 0..c.abs().sum().minimum(2) {
            c = &c * 0.5 + &i * 0.25;
            b = -&b;
        }
        a = c.tanh();
        b = list[0].clone() - &b;
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f30(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        a = if n > 1 { &b * 0.5 + n } else { c.maximum(&a) };
        match n {
            0 | 1 if b.sum() > 0.5 => {
                a = if a.sum() > 1.7 { &c * 0.5 } else { &a * 0.5 };
                list[0] = list[0].clone() - &c;
            }
            2 => {}
            _ => {
                for i in 0..a.abs().sum().minimum(3) {
                    a = &a * 0.5 + &i * 0.25;
                    c = &c + 0.5;
                }
            }
        }
        a = (&c - &a) * 0.5;
        n += 1;
        if n % 2 == 0 && a.sum() > 0 {
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f31(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        if b.select(0, 0) < 0.25 || n == 2 {
            b = b.tanh();
            let mut t0 = Tensor::scalar(0.0, x.device());
            while t0 < 0 && c.sum() < 3 {
                t0 = t0 + 1;
                let next = -&c;
                c = if b.sum() > c.sum() && c.sum() < 1 { next * 0.5 } else { c };
                for i in 0..1 {
                    b = &b * 0.5 + i;
                    c = c.tanh();
                }
            }
        }
        if a.sum() > 1.8 {
            c = (&b + &a) * 0.25;
            if b.select(0, 0) < 0.25 || n == 2 {
            } else {
            }
        } else if n > 1 {
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f32(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        a = &b + 0.5;
        while a.sum() < 4 {
            a = a.abs() + 0.5;
        }
        if n > 1 {
            while a.sum() < 2 {
                a = a.abs() + 0.5;
            }
        } else {
            list.push((&b + &c) * 0.25);
            if list.len() > 2 || a.select(0, 1) != 0 {
                let mut t0 = Tensor::scalar(0.0, x.device());
                while t0 < 4 {
                    t0 = t0 + 1;
                    continue;
                }
            } else {
                c = (&b - &c) * 0.5;
            }
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f33(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        list.push(list[0].clone() - &a);
        c = &b * 0.5;
        c = list[0].clone() - &b;
        b = -&a;
        a = &c * 0.5;
        while a.sum() < 1 {
            a = a.abs() + 0.5;
            if c.sum() > 1 { break; }
            c = &c + 0.25;
        }
        b = (&b - &b) * 0.5;
        for i in 0..3 {
            b = &b * 0.5 + i;
            let mut t0 = Tensor::scalar(0.0, x.device());
            while t0 < 2 && !(b.select(0, 0) < 0.25 || n == 2) {
                t0 = t0 + 1;
            }
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f34(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        if b.sum() > 1.1 {
            list.push(list[0].clone() - &a);
            let mut t0 = Tensor::scalar(0.0, x.device());
            loop {
                t0 = t0 + 1;
                if t0 > 3 || a.select(0, 0) < 0.25 || n == 2 { break; }
                c = &a + 0.5;
                for i in 0..a.abs().sum().minimum(2) {
                    b = &b * 0.5 + &i * 0.25;
                    b = -&a;
                    list.push(-&c);
                    b = list[0].clone() - &b;
                }
                list[0] = (&c - &a) * 0.5;
            }
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f35(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        if c.sum() > 1.8 {
            for i in 0..2 {
                b = &b * 0.5 + i;
                c = &b * 0.5;
                a = c.tanh();
            }
            list[0] = -&b;
        }
        for i in 0..c.abs().sum().minimum(3) {
            b = &b * 0.5 + &i * 0.25;
            let mut t0 = Tensor::scalar(0.0, x.device());
            while t0 < 0 {
                t0 = t0 + 1;
                if n % 2 == 0 && b.sum() > 0 {
                    b = &b + 0.5;
                } else {
                }
            }
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f36(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        a = (&b - &b) * 0.5;
        list.push((&a - &c) * 0.5);
        let mut t0 = Tensor::scalar(0.0, x.device());
        while t0 < 0 && !(c.select(0, 0) < 0.25 || n == 2) {
            t0 = t0 + 1;
            let next = -&c;
            let chosen = c.sum() > 0.25;
            let mut set = |t: &Tensor| c = t * 0.5;
            if chosen { set(&next); }
        }
        let mut t2 = Tensor::scalar(0.0, x.device());
        while t2 < 4 {
            t2 = t2 + 1;
            if !(c.sum() >= 0.5) {
                if b.sum() > b.sum() && b.sum() < 1 {
                    b = a.maximum(&a);
                    a = &b + 0.5;
                } else if !(c.sum() >= 0.5) {
                }
            }
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f37(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        if c.sum() > a.sum() && a.sum() < 1 {
            a = &b * 0.5 + n;
        } else if list.len() > 2 || a.select(0, 1) != 0 {
            list[0] = list[0].clone() - &c;
        } else {
            while a.sum() < 0 {
                a = a.abs() + 0.5;
                if c.sum() > 1 { break; }
                c = &c + 0.25;
            }
        }
        for i in 0..c.abs().sum().minimum(1) {
            a = &a * 0.5 + &i * 0.25;
            c = (&b - &c) * 0.5;
            b = (&a - &b) * 0.5;
            for i in 0..1 {
                b = &b * 0.5 + i;
                if b.sum() > 1.5 {
                }
            }
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f38(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        b = if list.len() > 2 || a.select(0, 1) != 0 { (&b - &b) * 0.5 } else { (&c - &a) * 0.5 };
        for i in 0..c.abs().sum().minimum(1) {
            b = &b * 0.5 + &i * 0.25;
            a = if a.sum() > 0.6 { &b + 0.5 } else { list[0].clone() - &c };
            for i in 0..2 {
                b = &b * 0.5 + i;
                for i in 0..2 {
                    b = &b * 0.5 + i;
                    a = list[0].clone() - &c;
                }
                b = if c.sum() > 0.0 { &c * 0.5 + n } else { &b * 0.5 };
            }
        }
        b = if b.sum() > 0.0 { &a * 0.5 + n } else { &b * 0.5 };
        b = (&a + &b) * 0.25;
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f39(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        c = if list.len() > 2 || b.select(0, 1) != 0 { &b * 0.5 } else { list[0].clone() - &c };
        while a.sum() < 1 {
            a = a.abs() + 0.5;
        }
        for i in 0..c.abs().sum().minimum(3) {
            c = &c * 0.5 + &i * 0.25;
            let mut t0 = Tensor::scalar(0.0, x.device());
            while t0 < 0 && !(c.sum() > b.sum() && b.sum() < 1) {
                t0 = t0 + 1;
                b = if list.len() > 2 || a.select(0, 1) != 0 { &b * 0.5 + n } else { b.maximum(&a) };
                let r1 = &mut list;
                if c.sum() > 0 { r1.push(c.clone()); }
                let mut t2 = Tensor::scalar(0.0, x.device());
                while t2 < 1 {
                    t2 = t2 + 1;
                    list[0] = a.tanh();
                }
            }
            let d3;
            if !(a.sum() >= 0.5) { d3 = &c + 0.5; } else { d3 = a.clone(); }
            c = &c * 0.5 + d3;
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f40(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        let mut t0 = Tensor::scalar(0.0, x.device());
        loop {
            t0 = t0 + 1;
            if t0 > 2 || b.sum() > 0.7 { break; }
            break;
        }
        c = -&c;
        b = &a * 0.5;
        c = b.tanh();
        list[0] = b.tanh();
        if !(a.sum() >= 0.5) {
            if c.sum() > 0.3 {
                if n % 2 == 0 && c.sum() > 0 {
                } else {
                }
            }
        } else if n > 1 {
        } else {
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f41(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        a = &a * 0.5;
        let d0;
        if c.sum() > c.sum() && c.sum() < 1 { d0 = &c * 0.5 + n; } else { d0 = a.clone(); }
        c = &c * 0.5 + d0;
        if list.len() > 2 || b.select(0, 1) != 0 {
            c = &a * 0.5;
            let next = (&a + &c) * 0.25;
            b = if c.sum() > 0.1 { next * 0.5 } else { b };
        } else {
            while a.sum() < 0 {
                a = a.abs() + 0.5;
                if c.sum() > 1 { break; }
                c = &c + 0.25;
            }
            a = if a.sum() > 1.3 { list[0].clone() - &c } else { a.tanh() };
            let next = &b + 0.5;
            c = if n > 1 { next * 0.5 } else { c };
        }
        while a.sum() < 1 {
            a = a.abs() + 0.5;
            if c.sum() > 1 { break; }
            c = &c + 0.25;
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f42(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        if a.sum() > a.sum() && a.sum() < 1 {
            b = (&b - &c) * 0.5;
            for i in 0..3 {
                b = &b * 0.5 + i;
                if list.len() > 2 || c.select(0, 1) != 0 {
                    a = (&b - &a) * 0.5;
                    a = &a + 0.5;
                    c = -&b;
                } else if a.sum() > 0.8 {
                    c = c.try_add(&a)?;
                    a = &a * 0.5;
                }
            }
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f43(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        for i in 0..2 {
            b = &b * 0.5 + i;
            c = if c.sum() > 1.2 { c.tanh() } else { (&b + &b) * 0.25 };
            if a.sum() > 1.0 {
                list[0] = (&a + &b) * 0.25;
                if b.sum() > 0.0 {
                    c = c.tanh();
                    list[0] = list[0].clone() - &a;
                    c = -&c;
                } else {
                    c = -&b;
                }
            } else {
            }
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f44(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        if c.sum() > 1.2 {
            for i in 0..2 {
                b = &b * 0.5 + i;
                return Ok((a, b * 1, n));
            }
            let next = b.maximum(&c);
            b = if !(c.sum() >= 0.5) { next * 0.5 } else { b };
            for t in list.iter_mut() { if a.sum() > 0 { *t = &*t * 0.5; } }
        } else {
            if a.sum() > 1.4 {
                let next = -&c;
                let chosen = b.sum() > 0.25;
                let mut set = |t: &Tensor| b = t * 0.5;
                if chosen { set(&next); }
            } else if b.select(0, 0) < 0.25 || n == 2 {
                for i in 0..c.abs().sum().minimum(3) {
                    a = &a * 0.5 + &i * 0.25;
                    c = &a + 0.5;
                }
            } else {
            }
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f45(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        for t in list.iter_mut() { if c.sum() > 0 { *t = &*t * 0.5; } }
        let next = list[0].clone() - &c;
        a = if c.sum() > a.sum() && a.sum() < 1 { next * 0.5 } else { a };
        b = -&b;
        list.push(-&b);
        while a.sum() < 0 {
            a = a.abs() + 0.5;
        }
        if !(a.sum() >= 0.5) {
            a = list[0].clone() - &c;
            let d1;
            if list.len() > 2 || c.select(0, 1) != 0 { d1 = &b * 0.5; } else { d1 = a.clone(); }
            c = &c * 0.5 + d1;
            a = -&a;
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f46(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        a = if c.sum() > 1.0 { &c + 0.5 } else { &a + 0.5 };
        a = (&a + &c) * 0.25;
        a = if !(a.sum() >= 0.5) { &b + 0.5 } else { -&b };
        c = c.maximum(&a);
        if c.select(0, 0) < 0.25 || n == 2 {
            if b.sum() > 0.6 {
                let r0 = &mut list;
                if c.sum() > 0 { r0.push(c.clone()); }
            } else if b.sum() > b.sum() && b.sum() < 1 {
                match n {
                    0 | 1 if !(c.sum() >= 0.5) => {
                        c = a.maximum(&b);
                    }
                    2 => {}
                    _ => {
                    }
                }
            }
        } else {
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f47(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        a = if b.sum() > 1.9 { b.tanh() } else { &a * 0.5 + n };
        let next = &a + 0.5;
        let chosen = b.sum() > 0.25;
        let mut set = |t: &Tensor| b = t * 0.5;
        if chosen { set(&next); }
        list.push(&b + 0.5);
        b = (&b - &c) * 0.5;
        b = (&a - &b) * 0.5;
        c = &c * 0.5;
        for i in 0..3 {
            b = &b * 0.5 + i;
            a = &c * 0.5 + n;
            b = &c * 0.5 + n;
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f48(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        a = &b * 0.5 + n;
        list.push(-&c);
        c = if c.select(0, 0) < 0.25 || n == 2 { c.tanh() } else { &b * 0.5 };
        let next = (&c - &c) * 0.5;
        let chosen = a.sum() > 0.25;
        let mut set = |t: &Tensor| a = t * 0.5;
        if chosen { set(&next); }
        b = if b.sum() > 0.3 { &c * 0.5 + n } else { list[0].clone() - &a };
        list.push(list[0].clone() - &a);
        match n {
            0 | 1 if b.sum() > 1.6 => {
                if a.select(0, 0) < 0.25 || n == 2 {
                    let mut t1 = Tensor::scalar(0.0, x.device());
                    while t1 < 1 && !(list.len() > 2 || a.select(0, 1) != 0) {
                        t1 = t1 + 1;
                    }
                } else if b.select(0, 0) < 0.25 || n == 2 {
                } else {
                }
            }
            2 => {}
            _ => {
            }
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f49(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        let r0 = &mut list;
        if c.sum() > 0 { r0.push(c.clone()); }
        let next = -&a;
        let chosen = c.sum() > 0.25;
        let mut set = |t: &Tensor| c = t * 0.5;
        if chosen { set(&next); }
        c = if list.len() > 2 || b.select(0, 1) != 0 { &b * 0.5 + n } else { &c * 0.5 };
        let next = list[0].clone() - &c;
        b = if a.sum() > 0.4 { next * 0.5 } else { b };
        let d2;
        if n % 2 == 0 && c.sum() > 0 { d2 = b.maximum(&b); } else { d2 = a.clone(); }
        c = &c * 0.5 + d2;
        list[0] = -&a;
        let mut t3 = Tensor::scalar(0.0, x.device());
        while t3 < 3 && b.sum() < 3 {
            t3 = t3 + 1;
            for i in 0..b.abs().sum().minimum(3) {
                a = &a * 0.5 + &i * 0.25;
                c = if b.sum() > c.sum() && c.sum() < 1 { &c + 0.5 } else { &a * 0.5 };
            }
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f50(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        b = list[0].clone() - &b;
        let mut t0 = Tensor::scalar(0.0, x.device());
        loop {
            t0 = t0 + 1;
            if t0 > 4 || !(a.sum() >= 0.5) { break; }
            let mut t1 = Tensor::scalar(0.0, x.device());
            loop {
                t1 = t1 + 1;
                if t1 > 0 || list.len() > 2 || a.select(0, 1) != 0 { break; }
                if b.sum() > 0.4 {
                    a = &b * 0.5 + n;
                    c = -&c;
                } else {
                    c = b.tanh();
                }
                c = if a.sum() > 0.2 { -&b } else { a.maximum(&c) };
            }
            let d2;
            if n % 2 == 0 && c.sum() > 0 { d2 = a.maximum(&a); } else { d2 = a.clone(); }
            c = &c * 0.5 + d2;
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f51(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        list[0] = a.tanh();
        a = &c * 0.5;
        for i in 0..1 {
            b = &b * 0.5 + i;
            b = if n % 2 == 0 && b.sum() > 0 { (&a - &c) * 0.5 } else { list[0].clone() - &a };
            let mut t0 = Tensor::scalar(0.0, x.device());
            while t0 < 3 && b.sum() < 3 {
                t0 = t0 + 1;
                list[0] = a.tanh();
                if b.select(0, 0) < 0.25 || n == 2 {
                    list[0] = &a * 0.5;
                    continue;
                } else {
                }
            }
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f52(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        let mut t0 = Tensor::scalar(0.0, x.device());
        loop {
            t0 = t0 + 1;
            if t0 > 1 || c.sum() > 0.1 { break; }
            a = (&b - &c) * 0.5;
        }
        if a.sum() > 0.5 {
            let r1 = &mut list;
            if c.sum() > 0 { r1.push(c.clone()); }
            if a.sum() > 1.1 {
                list.push(b.maximum(&a));
                if n > 1 {
                    list.push(list[0].clone() - &a);
                } else {
                    c = -&a;
                }
            } else {
            }
        } else if b.sum() > 1.6 {
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f53(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        if a.sum() > a.sum() && a.sum() < 1 {
            let mut t0 = Tensor::scalar(0.0, x.device());
            while t0 < 0 {
                t0 = t0 + 1;
                b = &b * 0.5 + n;
                let mut t1 = Tensor::scalar(0.0, x.device());
                while t1 < 2 && !(c.sum() > 0.3) {
                    t1 = t1 + 1;
                    list[0] = (&b + &a) * 0.25;
                }
            }
            if c.sum() > c.sum() && c.sum() < 1 {
                a = &b + 0.5;
                let next = (&a - &c) * 0.5;
                let chosen = a.sum() > 0.25;
                let mut set = |t: &Tensor| a = t * 0.5;
                if chosen { set(&next); }
            } else {
                match n {
                    0 | 1 if a.sum() > 0.2 => {
                    }
                    2 => {}
                    _ => {
                    }
                }
            }
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f54(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        if n % 2 == 0 && c.sum() > 0 {
            for i in 0..a.abs().sum().minimum(3) {
                a = &a * 0.5 + &i * 0.25;
                continue;
            }
            if c.select(0, 0) < 0.25 || n == 2 {
                if a.sum() > a.sum() && a.sum() < 1 {
                    b = &a * 0.5 + n;
                } else if a.select(0, 0) < 0.25 || n == 2 {
                    list[0] = (&a + &a) * 0.25;
                    a = a.maximum(&c);
                    c = &b * 0.5 + n;
                } else {
                }
            } else {
            }
        } else if n % 2 == 0 && c.sum() > 0 {
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f55(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        let next = (&a - &c) * 0.5;
        a = if !(a.sum() >= 0.5) { next * 0.5 } else { a };
        if list.len() > 2 || b.select(0, 1) != 0 {
            let r0 = &mut list;
            if c.sum() > 0 { r0.push(c.clone()); }
        }
        if list.len() > 2 || c.select(0, 1) != 0 {
            let next = (&c + &a) * 0.25;
            c = if n % 2 == 0 && a.sum() > 0 { next * 0.5 } else { c };
            c = &c * 0.5;
        } else {
            while c.sum() < 2 {
                c = c.abs() + 0.5;
                if c.sum() > 1 { break; }
                c = &c + 0.25;
            }
            list[0] = list[0].clone() - &a;
        }
        for i in 0..3 {
            b = &b * 0.5 + i;
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f56(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        let mut t0 = Tensor::scalar(0.0, x.device());
        while t0 < 2 {
            t0 = t0 + 1;
            c = if c.sum() > 1.7 { -&b } else { list[0].clone() - &a };
        }
        while a.sum() < 3 {
            a = a.abs() + 0.5;
        }
        b = &b * 0.5;
        let d1;
        if a.select(0, 0) < 0.25 || n == 2 { d1 = &c * 0.5; } else { d1 = a.clone(); }
        c = &c * 0.5 + d1;
        if list.len() > 2 || c.select(0, 1) != 0 {
            if b.sum() > 1.5 {
                a = (&a - &a) * 0.5;
            } else {
                for t in list.iter_mut() { if b.sum() > 0 { *t = &*t * 0.5; } }
            }
        } else if n > 1 {
        } else {
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f57(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        match n {
            0 | 1 if b.sum() > 1.2 => {
                for i in 0..a.abs().sum().minimum(3) {
                    c = &c * 0.5 + &i * 0.25;
                    for i in 0..1 {
                        b = &b * 0.5 + i;
                        b = (&b + &a) * 0.25;
                    }
                    for i in 0..b.abs().sum().minimum(1) {
                        b = &b * 0.5 + &i * 0.25;
                        a = (&a - &a) * 0.5;
                        b = -&c;
                    }
                }
                if !(c.sum() >= 0.5) {
                    if b.sum() > 1.1 {
                    }
                } else if b.sum() > 1.2 {
                }
            }
            2 => {}
            _ => {
            }
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f58(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        let mut t0 = Tensor::scalar(0.0, x.device());
        while t0 < 1 && !(!(a.sum() >= 0.5)) {
            t0 = t0 + 1;
            if a.sum() > 0.0 {
                let d1;
                if b.select(0, 0) < 0.25 || n == 2 { d1 = &c * 0.5 + n; } else { d1 = a.clone(); }
                c = &c * 0.5 + d1;
            }
            if c.select(0, 0) < 0.25 || n == 2 {
                let next = -&c;
                c = if a.sum() > 1.7 { next * 0.5 } else { c };
                list[0] = &b * 0.5;
                while c.sum() < 0 {
                    c = c.abs() + 0.5;
                    if c.sum() > 1 { break; }
                    c = &c + 0.25;
                }
            } else {
                for i in 0..b.abs().sum().minimum(2) {
                    b = &b * 0.5 + &i * 0.25;
                    break;
                }
            }
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f59(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        if c.select(0, 0) < 0.25 || n == 2 {
            b = &c * 0.5 + n;
        } else if a.sum() > 1.1 {
            for i in 0..b.abs().sum().minimum(3) {
                c = &c * 0.5 + &i * 0.25;
                let mut t0 = Tensor::scalar(0.0, x.device());
                loop {
                    t0 = t0 + 1;
                    if t0 > 3 || b.sum() > 1.3 { break; }
                    break;
                }
                a = b.maximum(&c);
                c = list[0].clone() - &a;
            }
        } else {
            if b.select(0, 0) < 0.25 || n == 2 {
                if b.sum() > a.sum() && a.sum() < 1 {
                } else if b.sum() > 0.6 {
                } else {
                }
            } else {
            }
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f60(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        if a.sum() > b.sum() && b.sum() < 1 {
            a = if list.len() > 2 || b.select(0, 1) != 0 { a.tanh() } else { c.maximum(&b) };
        } else {
            if b.sum() > 1.4 {
                if c.select(0, 0) < 0.25 || n == 2 {
                    b = b.maximum(&b);
                    a = c.tanh();
                    list.push(&c + 0.5);
                } else if a.sum() > 0.1 {
                    b = (&c + &b) * 0.25;
                    a = list[0].clone() - &c;
                }
            }
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f61(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        let r0 = &mut list;
        if c.sum() > 0 { r0.push(c.clone()); }
        let mut t1 = Tensor::scalar(0.0, x.device());
        loop {
            t1 = t1 + 1;
            if t1 > 4 || a.sum() > 1.8 { break; }
            c = -&b;
            let mut t2 = Tensor::scalar(0.0, x.device());
            while t2 < 3 && !(c.select(0, 0) < 0.25 || n == 2) {
                t2 = t2 + 1;
                if n % 2 == 0 && b.sum() > 0 {
                    list[0] = &b * 0.5 + n;
                    continue;
                } else if c.sum() > c.sum() && c.sum() < 1 {
                    continue;
                } else {
                    c = &c + 0.5;
                }
            }
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f62(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        a = if n % 2 == 0 && c.sum() > 0 { list[0].clone() - &c } else { -&a };
        c = list[0].clone() - &b;
        c = (&a + &c) * 0.25;
        if list.len() > 2 || a.select(0, 1) != 0 {
            a = (&b - &a) * 0.5;
            for i in 0..2 {
                b = &b * 0.5 + i;
                b = c.tanh();
                list[0] = &b * 0.5 + n;
                if n % 2 == 0 && b.sum() > 0 {
                } else if b.sum() > 1.7 {
                } else {
                }
            }
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f63(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        list.push(&c * 0.5 + n);
        match n {
            0 | 1 if c.sum() > 0.4 => {
                if n % 2 == 0 && b.sum() > 0 {
                    match n {
                        0 | 1 if c.sum() > 1.2 => {
                            c = (&b - &c) * 0.5;
                        }
                        2 => {}
                        _ => {
                            list.push((&c - &a) * 0.5);
                            b = a.maximum(&c);
                        }
                    }
                    if c.sum() > 0.2 {
                        list.push(&a + 0.5);
                    }
                } else {
                }
            }
            2 => {}
            _ => {
            }
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f64(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        if a.select(0, 0) < 0.25 || n == 2 {
            if b.select(0, 0) < 0.25 || n == 2 {
                while b.sum() < 4 {
                    b = b.abs() + 0.5;
                }
            } else {
                list[0] = &a + 0.5;
                b = if a.sum() > 1.9 { &a * 0.5 } else { (&b - &b) * 0.5 };
                c = if a.select(0, 0) < 0.25 || n == 2 { c.tanh() } else { (&c + &a) * 0.25 };
            }
            if b.sum() > a.sum() && a.sum() < 1 {
                let mut t0 = Tensor::scalar(0.0, x.device());
                while t0 < 2 && !(list.len() > 2 || c.select(0, 1) != 0) {
                    t0 = t0 + 1;
                    c = (&a + &b) * 0.25;
                }
            } else {
            }
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f65(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        let r0 = &mut list;
        if c.sum() > 0 { r0.push(c.clone()); }
        if b.sum() > c.sum() && c.sum() < 1 {
            for i in 0..3 {
                b = &b * 0.5 + i;
                if !(c.sum() >= 0.5) {
                    a = (&c + &c) * 0.25;
                    c = &b + 0.5;
                } else if a.select(0, 0) < 0.25 || n == 2 {
                    return Ok((a, b * 0, n));
                }
                b = &b * 0.5;
            }
        } else if b.sum() > 1.7 {
            let mut t1 = Tensor::scalar(0.0, x.device());
            while t1 < 1 && !(a.sum() > b.sum() && b.sum() < 1) {
                t1 = t1 + 1;
            }
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f66(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        let d0;
        if b.select(0, 0) < 0.25 || n == 2 { d0 = b.tanh(); } else { d0 = a.clone(); }
        c = &c * 0.5 + d0;
        let next = &a + 0.5;
        c = if n > 1 { next * 0.5 } else { c };
        if a.sum() > 1.5 {
            let mut t1 = Tensor::scalar(0.0, x.device());
            while t1 < 1 {
                t1 = t1 + 1;
                for t in list.iter_mut() { if b.sum() > 0 { *t = &*t * 0.5; } }
                let next = &c * 0.5;
                c = if b.sum() > 1.0 { next * 0.5 } else { c };
                let mut t3 = Tensor::scalar(0.0, x.device());
                while t3 < 2 {
                    t3 = t3 + 1;
                    c = list[0].clone() - &c;
                    b = c.tanh();
                }
            }
        } else {
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f67(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        for i in 0..1 {
            b = &b * 0.5 + i;
            if b.select(0, 0) < 0.25 || n == 2 {
                a = if n > 1 { (&a + &c) * 0.25 } else { (&c - &a) * 0.5 };
            } else if b.sum() > b.sum() && b.sum() < 1 {
                if n % 2 == 0 && a.sum() > 0 {
                    a = &b * 0.5;
                    c = b.tanh();
                    c = c.try_add(&a)?;
                }
                while a.sum() < 1 {
                    a = a.abs() + 0.5;
                }
            } else {
                while c.sum() < 4 {
                    c = c.abs() + 0.5;
                }
            }
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f68(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        c = (&c + &c) * 0.25;
        b = -&b;
        b = if a.sum() > c.sum() && c.sum() < 1 { &a * 0.5 } else { (&b - &b) * 0.5 };
        match n {
            0 | 1 if n > 1 => {
                list.push((&a + &c) * 0.25);
            }
            2 => {}
            _ => {
                return Ok((a, b * 0, n));
            }
        }
        let d0;
        if n > 1 { d0 = -&a; } else { d0 = a.clone(); }
        c = &c * 0.5 + d0;
        let mut t1 = Tensor::scalar(0.0, x.device());
        loop {
            t1 = t1 + 1;
            if t1 > 3 || a.sum() > 0.3 { break; }
            a = b.tanh();
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f69(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        let d0;
        if b.sum() > 1.0 { d0 = &c + 0.5; } else { d0 = a.clone(); }
        c = &c * 0.5 + d0;
        c = if !(a.sum() >= 0.5) { &a + 0.5 } else { b.maximum(&a) };
        b = -&b;
        a = if c.sum() > 0.3 { &c * 0.5 + n } else { list[0].clone() - &b };
        c = b.maximum(&a);
        if c.select(0, 0) < 0.25 || n == 2 {
            if n % 2 == 0 && a.sum() > 0 {
                if list.len() > 2 || c.select(0, 1) != 0 {
                    b = &b + 0.5;
                } else {
                }
            } else if a.sum() > 0.6 {
            } else {
            }
        } else if n % 2 == 0 && b.sum() > 0 {
        } else {
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f70(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        let mut t0 = Tensor::scalar(0.0, x.device());
        while t0 < 2 && !(list.len() > 2 || b.select(0, 1) != 0) {
            t0 = t0 + 1;
            if !(a.sum() >= 0.5) {
                for i in 0..2 {
                    b = &b * 0.5 + i;
                    list[0] = list[0].clone() - &b;
                    a = &c + 0.5;
                    c = b.tanh();
                }
                list[0] = &c * 0.5;
                for i in 0..a.abs().sum().minimum(2) {
                    b = &b * 0.5 + &i * 0.25;
                    b = &b * 0.5 + n;
                }
            }
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f71(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        match n {
            0 | 1 if a.sum() > b.sum() && b.sum() < 1 => {
                let mut t0 = Tensor::scalar(0.0, x.device());
                while t0 < 0 && b.sum() < 3 {
                    t0 = t0 + 1;
                    for t in list.iter_mut() { if c.sum() > 0 { *t = &*t * 0.5; } }
                    if a.select(0, 0) < 0.25 || n == 2 {
                        c = &b + 0.5;
                    } else {
                        b = &a + 0.5;
                        c = b.tanh();
                        list.push(a.tanh());
                    }
                    a = &b * 0.5;
                }
            }
            2 => {}
            _ => {
            }
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f72(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        let next = &c + 0.5;
        c = if a.sum() > 1.7 { next * 0.5 } else { c };
        if list.len() > 2 || c.select(0, 1) != 0 {
            a = (&c + &c) * 0.25;
            for i in 0..c.abs().sum().minimum(1) {
                c = &c * 0.5 + &i * 0.25;
                while a.sum() < 1 {
                    a = a.abs() + 0.5;
                }
            }
            match n {
                0 | 1 if b.sum() > 0.3 => {
                    if !(a.sum() >= 0.5) {
                        list.push(list[0].clone() - &a);
                        list.push(b.maximum(&a));
                    } else {
                    }
                }
                2 => {}
                _ => {
                }
            }
        } else {
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f73(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        match n {
            0 | 1 if b.sum() > 0.0 => {
                if b.select(0, 0) < 0.25 || n == 2 {
                    list.push((&a - &b) * 0.5);
                    let mut t0 = Tensor::scalar(0.0, x.device());
                    while t0 < 3 && !(c.sum() > a.sum() && a.sum() < 1) {
                        t0 = t0 + 1;
                        b = b.maximum(&b);
                        break;
                    }
                } else {
                    for i in 0..1 {
                        b = &b * 0.5 + i;
                        c = list[0].clone() - &a;
                        list[0] = c.maximum(&a);
                    }
                }
            }
            2 => {}
            _ => {
            }
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f74(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        c = if a.sum() > 1.3 { &a * 0.5 + n } else { b.maximum(&a) };
        let mut t0 = Tensor::scalar(0.0, x.device());
        loop {
            t0 = t0 + 1;
            if t0 > 1 || n % 2 == 0 && a.sum() > 0 { break; }
            b = b.tanh();
        }
        for i in 0..1 {
            b = &b * 0.5 + i;
            if b.sum() > b.sum() && b.sum() < 1 {
                if a.sum() > 0.5 {
                    c = list[0].clone() - &c;
                    list[0] = c.tanh();
                    b = list[0].clone() - &c;
                } else {
                }
            } else {
            }
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f75(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        let next = (&a - &c) * 0.5;
        a = if list.len() > 2 || c.select(0, 1) != 0 { next * 0.5 } else { a };
        c = if c.sum() > 1.1 { c.tanh() } else { list[0].clone() - &c };
        a = &b * 0.5;
        while a.sum() < 1 {
            a = a.abs() + 0.5;
            if c.sum() > 1 { break; }
            c = &c + 0.25;
        }
        while a.sum() < 0 {
            a = a.abs() + 0.5;
            if c.sum() > 1 { break; }
            c = &c + 0.25;
        }
        a = a.try_add(&a)?;
        while b.sum() < 3 {
            b = b.abs() + 0.5;
        }
        b = &c * 0.5 + n;
        for i in 0..b.abs().sum().minimum(2) {
            c = &c * 0.5 + &i * 0.25;
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f76(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        list[0] = (&a + &a) * 0.25;
        for i in 0..2 {
            b = &b * 0.5 + i;
            let mut t0 = Tensor::scalar(0.0, x.device());
            while t0 < 0 && b.sum() < 3 {
                t0 = t0 + 1;
                let mut t1 = Tensor::scalar(0.0, x.device());
                loop {
                    t1 = t1 + 1;
                    if t1 > 4 || c.sum() > b.sum() && b.sum() < 1 { break; }
                    c = &c * 0.5;
                    a = -&a;
                }
                if c.sum() > 0.0 {
                    continue;
                } else {
                    a = (&b - &a) * 0.5;
                }
            }
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f77(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        let d0;
        if a.sum() > b.sum() && b.sum() < 1 { d0 = &a * 0.5; } else { d0 = a.clone(); }
        c = &c * 0.5 + d0;
        if !(b.sum() >= 0.5) {
            let d1;
            if c.sum() > 0.9 { d1 = &b + 0.5; } else { d1 = a.clone(); }
            c = &c * 0.5 + d1;
            for i in 0..2 {
                b = &b * 0.5 + i;
                b = c.maximum(&b);
            }
            if a.select(0, 0) < 0.25 || n == 2 {
                b = if b.sum() > 0.3 { c.tanh() } else { -&c };
            } else {
                let next = a.tanh();
                c = if b.sum() > 1.7 { next * 0.5 } else { c };
                return Ok((a, b * 1, n));
            }
        } else if a.select(0, 0) < 0.25 || n == 2 {
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f78(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        let next = &c * 0.5;
        let chosen = b.sum() > 0.25;
        let mut set = |t: &Tensor| b = t * 0.5;
        if chosen { set(&next); }
        for i in 0..2 {
            b = &b * 0.5 + i;
            list[0] = (&a + &a) * 0.25;
        }
        match n {
            0 | 1 if b.sum() > b.sum() && b.sum() < 1 => {
                c = if c.sum() > 1.2 { (&c + &a) * 0.25 } else { a.maximum(&b) };
                match n {
                    0 | 1 if a.select(0, 0) < 0.25 || n == 2 => {
                        match n {
                            0 | 1 if n > 1 => {
                                list[0] = c.maximum(&b);
                                a = (&b - &a) * 0.5;
                            }
                            2 => {}
                            _ => {
                            }
                        }
                    }
                    2 => {}
                    _ => {
                    }
                }
            }
            2 => {}
            _ => {
            }
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f79(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        if n > 1 {
            if b.sum() > 0.0 {
                match n {
                    0 | 1 if !(b.sum() >= 0.5) => {
                        b = a.maximum(&b);
                        return Ok((a, b * 0, n));
                    }
                    2 => {}
                    _ => {
                        b = &b + 0.5;
                    }
                }
                if a.sum() > 0.6 {
                    list.push(list[0].clone() - &a);
                } else {
                    c = &c * 0.5;
                }
            } else if n % 2 == 0 && b.sum() > 0 {
            }
        } else {
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f80(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        if !(c.sum() >= 0.5) {
            a = &a * 0.5 + n;
        } else {
            list.push(&c * 0.5);
            b = (&c + &c) * 0.25;
            if c.sum() > 0.8 {
                c = -&a;
                let mut t0 = Tensor::scalar(0.0, x.device());
                while t0 < 1 && !(c.sum() > a.sum() && a.sum() < 1) {
                    t0 = t0 + 1;
                    list[0] = (&a + &b) * 0.25;
                    a = list[0].clone() - &b;
                }
            }
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f81(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        if b.sum() > 0.4 {
            if n > 1 {
                list[0] = (&c - &b) * 0.5;
            } else if n % 2 == 0 && a.sum() > 0 {
                if list.len() > 2 || a.select(0, 1) != 0 {
                    list[0] = a.maximum(&c);
                } else {
                    list[0] = a.tanh();
                }
                if list.len() > 2 || a.select(0, 1) != 0 {
                    list.push(&a * 0.5);
                    a = (&c - &b) * 0.5;
                }
            } else {
            }
        } else {
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f82(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        while b.sum() < 4 {
            b = b.abs() + 0.5;
            if c.sum() > 1 { break; }
            c = &c + 0.25;
        }
        list.push((&a + &b) * 0.25);
        if list.len() > 2 || c.select(0, 1) != 0 {
            if c.sum() > 0.9 {
                if a.sum() > 1.5 {
                    c = c.maximum(&c);
                    c = -&b;
                }
            } else {
                if n % 2 == 0 && c.sum() > 0 {
                    b = &b * 0.5;
                } else {
                }
            }
        } else {
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f83(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        if b.sum() > 0.9 {
            for t in list.iter_mut() { if b.sum() > 0 { *t = &*t * 0.5; } }
            while a.sum() < 4 {
                a = a.abs() + 0.5;
                if c.sum() > 1 { break; }
                c = &c + 0.25;
            }
        }
        if c.sum() > a.sum() && a.sum() < 1 {
            let mut t1 = Tensor::scalar(0.0, x.device());
            while t1 < 2 && !(c.select(0, 0) < 0.25 || n == 2) {
                t1 = t1 + 1;
                if n > 1 {
                    a = c.tanh();
                    c = list[0].clone() - &b;
                } else if list.len() > 2 || b.select(0, 1) != 0 {
                    break;
                } else {
                }
            }
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f84(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        let next = &a * 0.5 + n;
        c = if a.sum() > 1.4 { next * 0.5 } else { c };
        c = c.maximum(&b);
        for i in 0..b.abs().sum().minimum(1) {
            c = &c * 0.5 + &i * 0.25;
            break;
        }
        if a.sum() > 0.5 {
            let next = &b * 0.5;
            b = if b.sum() > 0.9 { next * 0.5 } else { b };
            if n % 2 == 0 && b.sum() > 0 {
                list[0] = (&c + &c) * 0.25;
            }
            let mut t0 = Tensor::scalar(0.0, x.device());
            loop {
                t0 = t0 + 1;
                if t0 > 4 || !(a.sum() >= 0.5) { break; }
            }
        } else {
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f85(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        a = &b + 0.5;
        a = a.tanh();
        a = -&b;
        c = list[0].clone() - &a;
        if n > 1 {
            let next = &c * 0.5;
            a = if c.sum() > b.sum() && b.sum() < 1 { next * 0.5 } else { a };
            a = if c.select(0, 0) < 0.25 || n == 2 { c.maximum(&a) } else { list[0].clone() - &b };
        } else if c.sum() > b.sum() && b.sum() < 1 {
            n += 1;
            c = -&a;
        } else {
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f86(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        let mut t0 = Tensor::scalar(0.0, x.device());
        while t0 < 3 {
            t0 = t0 + 1;
            b = list[0].clone() - &b;
        }
        let mut t1 = Tensor::scalar(0.0, x.device());
        while t1 < 4 {
            t1 = t1 + 1;
            c = -&b;
            a = &b + 0.5;
            for t in list.iter_mut() { if c.sum() > 0 { *t = &*t * 0.5; } }
        }
        b = &b + 0.5;
        let mut t3 = Tensor::scalar(0.0, x.device());
        loop {
            t3 = t3 + 1;
            if t3 > 3 || a.sum() > 0.2 { break; }
            let next = list[0].clone() - &a;
            b = if c.sum() > 0.9 { next * 0.5 } else { b };
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f87(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        while b.sum() < 4 {
            b = b.abs() + 0.5;
            if c.sum() > 1 { break; }
            c = &c + 0.25;
        }
        if list.len() > 2 || c.select(0, 1) != 0 {
            for i in 0..3 {
                b = &b * 0.5 + i;
                match n {
                    0 | 1 if n > 1 => {
                        list[0] = list[0].clone() - &b;
                        a = -&a;
                        list.push(c.tanh());
                    }
                    2 => {}
                    _ => {
                        list[0] = b.maximum(&b);
                    }
                }
                while a.sum() < 4 {
                    a = a.abs() + 0.5;
                }
            }
        } else if !(b.sum() >= 0.5) {
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f88(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        if b.select(0, 0) < 0.25 || n == 2 {
            if a.sum() > 0.9 {
                let next = (&b - &c) * 0.5;
                c = if b.sum() > 0.0 { next * 0.5 } else { c };
            }
            match n {
                0 | 1 if b.sum() > 1.4 => {
                    c = if list.len() > 2 || c.select(0, 1) != 0 { (&b - &b) * 0.5 } else { &b * 0.5 };
                    b = if list.len() > 2 || c.select(0, 1) != 0 { list[0].clone() - &c } else { (&b - &b) * 0.5 };
                    list.push(list[0].clone() - &a);
                }
                2 => {}
                _ => {
                    let mut t0 = Tensor::scalar(0.0, x.device());
                    while t0 < 0 {
                        t0 = t0 + 1;
                        b = b.maximum(&a);
                    }
                }
            }
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f89(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        b = &c * 0.5 + n;
        list[0] = &b + 0.5;
        let mut t0 = Tensor::scalar(0.0, x.device());
        while t0 < 3 {
            t0 = t0 + 1;
            let next = &c + 0.5;
            a = if b.select(0, 0) < 0.25 || n == 2 { next * 0.5 } else { a };
            b = -&a;
            break;
        }
        while c.sum() < 1 {
            c = c.abs() + 0.5;
            if c.sum() > 1 { break; }
            c = &c + 0.25;
        }
        for t in list.iter_mut() { if c.sum() > 0 { *t = &*t * 0.5; } }
        c = &a * 0.5 + n;
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f90(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        n += 1;
        if c.sum() > 1.3 {
            if c.sum() > 0.9 {
                for i in 0..b.abs().sum().minimum(1) {
                    a = &a * 0.5 + &i * 0.25;
                    c = -&c;
                    continue;
                }
                let mut t0 = Tensor::scalar(0.0, x.device());
                while t0 < 4 {
                    t0 = t0 + 1;
                    list[0] = -&a;
                }
            } else if n > 1 {
                b = if b.select(0, 0) < 0.25 || n == 2 { b.maximum(&c) } else { (&b - &a) * 0.5 };
            } else {
            }
        } else if list.len() > 2 || a.select(0, 1) != 0 {
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f91(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        let next = &a * 0.5;
        a = if list.len() > 2 || b.select(0, 1) != 0 { next * 0.5 } else { a };
        for i in 0..c.abs().sum().minimum(2) {
            c = &c * 0.5 + &i * 0.25;
            list[0] = (&b + &b) * 0.25;
            for i in 0..c.abs().sum().minimum(2) {
                b = &b * 0.5 + &i * 0.25;
                while b.sum() < 3 {
                    b = b.abs() + 0.5;
                }
            }
        }
        if c.sum() > 1.5 {
            if b.sum() > 1.4 {
                b = if a.sum() > 1.4 { &a * 0.5 } else { -&a };
                if c.sum() > 0.4 {
                } else {
                }
            } else if b.sum() > 1.7 {
            } else {
            }
        } else if a.sum() > 1.2 {
        } else {
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f92(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        list[0] = -&b;
        a = (&b - &a) * 0.5;
        match n {
            0 | 1 if c.sum() > 1.9 => {
                for i in 0..2 {
                    b = &b * 0.5 + i;
                    while b.sum() < 0 {
                        b = b.abs() + 0.5;
                    }
                    a = &a * 0.5;
                    b = &c * 0.5 + n;
                }
                c = (&a + &b) * 0.25;
            }
            2 => {}
            _ => {
                b = c.tanh();
            }
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f93(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        let mut t0 = Tensor::scalar(0.0, x.device());
        while t0 < 0 && c.sum() < 3 {
            t0 = t0 + 1;
            b = c.maximum(&b);
            if b.select(0, 0) < 0.25 || n == 2 {
                c = -&a;
                if b.sum() > 1.8 {
                    b = (&a + &a) * 0.25;
                    b = list[0].clone() - &c;
                    a = (&a - &a) * 0.5;
                } else {
                    c = a.tanh();
                }
            } else if !(c.sum() >= 0.5) {
            } else {
            }
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f94(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        list.push((&b + &b) * 0.25);
        let mut t0 = Tensor::scalar(0.0, x.device());
        loop {
            t0 = t0 + 1;
            if t0 > 0 || n % 2 == 0 && a.sum() > 0 { break; }
            continue;
        }
        list[0] = (&c + &a) * 0.25;
        b = a.maximum(&a);
        list[0] = &c + 0.5;
        if c.select(0, 0) < 0.25 || n == 2 {
            let mut t1 = Tensor::scalar(0.0, x.device());
            while t1 < 1 && b.sum() < 3 {
                t1 = t1 + 1;
                a = -&a;
            }
        } else if n > 1 {
        } else {
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f95(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        b = &b * 0.5;
        let d0;
        if !(a.sum() >= 0.5) { d0 = (&c + &a) * 0.25; } else { d0 = a.clone(); }
        c = &c * 0.5 + d0;
        for i in 0..c.abs().sum().minimum(1) {
            b = &b * 0.5 + &i * 0.25;
            c = &b * 0.5 + n;
            if a.sum() > 0.1 {
                if b.sum() > 0.1 {
                    list[0] = c.maximum(&a);
                    c = list[0].clone() - &a;
                    c = (&b + &a) * 0.25;
                } else if b.sum() > b.sum() && b.sum() < 1 {
                } else {
                }
            }
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f96(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        b = b.tanh();
        while a.sum() < 2 {
            a = a.abs() + 0.5;
            if c.sum() > 1 { break; }
            c = &c + 0.25;
        }
        list[0] = &b * 0.5;
        if a.sum() > 1.3 {
            a = a.tanh();
            let next = (&a - &b) * 0.5;
            let chosen = c.sum() > 0.25;
            let mut set = |t: &Tensor| c = t * 0.5;
            if chosen { set(&next); }
            list.push((&a + &b) * 0.25);
        } else if b.select(0, 0) < 0.25 || n == 2 {
            let mut t1 = Tensor::scalar(0.0, x.device());
            loop {
                t1 = t1 + 1;
                if t1 > 0 || a.select(0, 0) < 0.25 || n == 2 { break; }
                let next = (&a - &b) * 0.5;
                a = if c.select(0, 0) < 0.25 || n == 2 { next * 0.5 } else { a };
            }
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f97(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        for i in 0..a.abs().sum().minimum(1) {
            b = &b * 0.5 + &i * 0.25;
            match n {
                0 | 1 if n % 2 == 0 && b.sum() > 0 => {
                    if a.sum() > 0.2 {
                        list[0] = c.maximum(&a);
                    } else if !(a.sum() >= 0.5) {
                        b = (&a + &c) * 0.25;
                        a = &c * 0.5;
                    } else {
                        a = (&c + &c) * 0.25;
                    }
                }
                2 => {}
                _ => {
                    b = b.try_add(&a)?;
                }
            }
        }
        match n {
            0 | 1 if a.sum() > b.sum() && b.sum() < 1 => {
            }
            2 => {}
            _ => {
            }
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f98(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        match n {
            0 | 1 if a.sum() > 1.6 => {
                a = if list.len() > 2 || a.select(0, 1) != 0 { (&b + &b) * 0.25 } else { (&a + &b) * 0.25 };
                let mut t0 = Tensor::scalar(0.0, x.device());
                while t0 < 3 && a.sum() < 3 {
                    t0 = t0 + 1;
                    a = list[0].clone() - &b;
                    a = if n % 2 == 0 && a.sum() > 0 { (&c + &c) * 0.25 } else { list[0].clone() - &c };
                    b = (&b + &a) * 0.25;
                }
            }
            2 => {}
            _ => {
                while c.sum() < 2 {
                    c = c.abs() + 0.5;
                    if c.sum() > 1 { break; }
                    c = &c + 0.25;
                }
            }
        }
        c = &a + 0.5;
        list[0] = (&a - &a) * 0.5;
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f99(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        for t in list.iter_mut() { if a.sum() > 0 { *t = &*t * 0.5; } }
        let next = list[0].clone() - &a;
        let chosen = c.sum() > 0.25;
        let mut set = |t: &Tensor| c = t * 0.5;
        if chosen { set(&next); }
        b = if b.select(0, 0) < 0.25 || n == 2 { (&a - &b) * 0.5 } else { &b * 0.5 };
        c = c.tanh();
        let mut t2 = Tensor::scalar(0.0, x.device());
        loop {
            t2 = t2 + 1;
            if t2 > 0 || n > 1 { break; }
            let mut t3 = Tensor::scalar(0.0, x.device());
            while t3 < 0 {
                t3 = t3 + 1;
                let mut t4 = Tensor::scalar(0.0, x.device());
                while t4 < 2 {
                    t4 = t4 + 1;
                    list[0] = (&b + &c) * 0.25;
                    c = &c + 0.5;
                }
            }
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f100(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        list.push(list[0].clone() - &c);
        c = &b + 0.5;
        match n {
            0 | 1 if n % 2 == 0 && b.sum() > 0 => {
                for i in 0..c.abs().sum().minimum(2) {
                    c = &c * 0.5 + &i * 0.25;
                    b = if n > 1 { -&b } else { &c * 0.5 };
                }
                c = list[0].clone() - &a;
                if b.select(0, 0) < 0.25 || n == 2 {
                    if b.sum() > 1.4 {
                        b = list[0].clone() - &c;
                    } else if b.sum() > 1.0 {
                    }
                }
            }
            2 => {}
            _ => {
            }
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f101(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        list[0] = &c * 0.5;
        let d0;
        if list.len() > 2 || b.select(0, 1) != 0 { d0 = &b + 0.5; } else { d0 = a.clone(); }
        c = &c * 0.5 + d0;
        if !(a.sum() >= 0.5) {
            let d1;
            if !(a.sum() >= 0.5) { d1 = list[0].clone() - &c; } else { d1 = a.clone(); }
            c = &c * 0.5 + d1;
            a = c.tanh();
            for t in list.iter_mut() { if b.sum() > 0 { *t = &*t * 0.5; } }
        }
        b = if b.sum() > 1.9 { a.tanh() } else { &a + 0.5 };
        let mut t3 = Tensor::scalar(0.0, x.device());
        loop {
            t3 = t3 + 1;
            if t3 > 3 || list.len() > 2 || a.select(0, 1) != 0 { break; }
            b = (&c + &a) * 0.25;
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f102(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        for i in 0..b.abs().sum().minimum(1) {
            c = &c * 0.5 + &i * 0.25;
            let d0;
            if a.sum() > 0.9 { d0 = c.maximum(&b); } else { d0 = a.clone(); }
            c = &c * 0.5 + d0;
            a = -&c;
            let d1;
            if n > 1 { d1 = (&c + &c) * 0.25; } else { d1 = a.clone(); }
            c = &c * 0.5 + d1;
        }
        c = -&b;
        if list.len() > 2 || a.select(0, 1) != 0 {
            if a.sum() > 0.4 {
                list.push(&b * 0.5 + n);
            } else if b.select(0, 0) < 0.25 || n == 2 {
                if c.sum() > 1.7 {
                } else {
                }
            }
        } else {
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f103(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        b = c.tanh();
        b = &a + 0.5;
        c = if c.sum() > b.sum() && b.sum() < 1 { (&a - &b) * 0.5 } else { list[0].clone() - &a };
        if a.sum() > b.sum() && b.sum() < 1 {
            a = &a * 0.5;
            let mut t0 = Tensor::scalar(0.0, x.device());
            while t0 < 1 {
                t0 = t0 + 1;
                for i in 0..c.abs().sum().minimum(2) {
                    c = &c * 0.5 + &i * 0.25;
                    list[0] = list[0].clone() - &b;
                }
            }
            if list.len() > 2 || c.select(0, 1) != 0 {
            }
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f104(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        b = if !(a.sum() >= 0.5) { &c * 0.5 + n } else { a.maximum(&a) };
        if list.len() > 2 || c.select(0, 1) != 0 {
            let mut t0 = Tensor::scalar(0.0, x.device());
            while t0 < 0 {
                t0 = t0 + 1;
                b = c.maximum(&a);
            }
            if c.sum() > 1.8 {
                match n {
                    0 | 1 if n > 1 => {
                        c = a.maximum(&c);
                        b = b.tanh();
                        a = list[0].clone() - &b;
                    }
                    2 => {}
                    _ => {
                    }
                }
            }
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f105(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        if a.sum() > 0.5 {
            if a.select(0, 0) < 0.25 || n == 2 {
                list[0] = list[0].clone() - &b;
                list[0] = &a + 0.5;
            } else {
                if n > 1 {
                    a = b.maximum(&a);
                    b = list[0].clone() - &b;
                    a = &c * 0.5;
                }
            }
            b = &a * 0.5;
        } else if c.sum() > a.sum() && a.sum() < 1 {
        } else {
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f106(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        c = a.maximum(&c);
        for i in 0..3 {
            b = &b * 0.5 + i;
            while a.sum() < 2 {
                a = a.abs() + 0.5;
            }
            for i in 0..2 {
                b = &b * 0.5 + i;
                b = b.tanh();
                let d0;
                if b.sum() > 0.8 { d0 = &b + 0.5; } else { d0 = a.clone(); }
                c = &c * 0.5 + d0;
            }
        }
        while c.sum() < 4 {
            c = c.abs() + 0.5;
        }
        c = if n % 2 == 0 && b.sum() > 0 { list[0].clone() - &a } else { &c * 0.5 + n };
        let r1 = &mut list;
        if c.sum() > 0 { r1.push(c.clone()); }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f107(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        list.push(&a * 0.5);
        let mut t0 = Tensor::scalar(0.0, x.device());
        while t0 < 1 {
            t0 = t0 + 1;
            a = (&c - &b) * 0.5;
            b = &c + 0.5;
        }
        a = if c.sum() > b.sum() && b.sum() < 1 { -&a } else { &c * 0.5 };
        if b.sum() > 0.2 {
            let mut t1 = Tensor::scalar(0.0, x.device());
            while t1 < 0 {
                t1 = t1 + 1;
                for i in 0..c.abs().sum().minimum(3) {
                    b = &b * 0.5 + &i * 0.25;
                    a = &c + 0.5;
                }
            }
        } else if b.sum() > 1.4 {
        } else {
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f108(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        let d0;
        if list.len() > 2 || b.select(0, 1) != 0 { d0 = (&b + &b) * 0.25; } else { d0 = a.clone(); }
        c = &c * 0.5 + d0;
        b = if n % 2 == 0 && b.sum() > 0 { -&c } else { -&c };
        n += 1;
        while a.sum() < 0 {
            a = a.abs() + 0.5;
            if c.sum() > 1 { break; }
            c = &c + 0.25;
        }
        for i in 0..2 {
            b = &b * 0.5 + i;
            a = a.maximum(&a);
            if b.sum() > 0.2 {
                let next = &c + 0.5;
                let chosen = c.sum() > 0.25;
                let mut set = |t: &Tensor| c = t * 0.5;
                if chosen { set(&next); }
            }
            let d2;
            if list.len() > 2 || c.select(0, 1) != 0 { d2 = (&c + &c) * 0.25; } else { d2 = a.clone(); }
            c = &c * 0.5 + d2;
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f109(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        for i in 0..c.abs().sum().minimum(1) {
            a = &a * 0.5 + &i * 0.25;
            let next = list[0].clone() - &b;
            b = if c.sum() > 0.2 { next * 0.5 } else { b };
        }
        a = if c.sum() > 0.8 { &c * 0.5 } else { (&b + &c) * 0.25 };
        let mut t0 = Tensor::scalar(0.0, x.device());
        loop {
            t0 = t0 + 1;
            if t0 > 2 || a.sum() > 1.6 { break; }
            if list.len() > 2 || c.select(0, 1) != 0 {
                b = (&b + &b) * 0.25;
                let mut t1 = Tensor::scalar(0.0, x.device());
                while t1 < 2 {
                    t1 = t1 + 1;
                    b = list[0].clone() - &a;
                    list[0] = b.maximum(&a);
                }
            } else {
            }
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f110(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        let d0;
        if c.select(0, 0) < 0.25 || n == 2 { d0 = &a * 0.5 + n; } else { d0 = a.clone(); }
        c = &c * 0.5 + d0;
        c = &b * 0.5 + n;
        let next = b.tanh();
        b = if !(c.sum() >= 0.5) { next * 0.5 } else { b };
        list[0] = a.maximum(&c);
        list[0] = &b + 0.5;
        c = if n > 1 { -&a } else { b.maximum(&a) };
        for i in 0..c.abs().sum().minimum(3) {
            c = &c * 0.5 + &i * 0.25;
            if a.sum() > 1.8 {
                list[0] = (&c + &c) * 0.25;
            } else {
            }
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f111(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        list[0] = -&a;
        for i in 0..3 {
            b = &b * 0.5 + i;
            for t in list.iter_mut() { if b.sum() > 0 { *t = &*t * 0.5; } }
            a = if c.sum() > 1.7 { -&a } else { &a * 0.5 + n };
            if a.sum() > 1.1 {
                a = &b * 0.5;
                b = c.maximum(&b);
            } else {
                if list.len() > 2 || a.select(0, 1) != 0 {
                    c = a.maximum(&a);
                } else if c.sum() > 0.0 {
                }
            }
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f112(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        let d0;
        if list.len() > 2 || b.select(0, 1) != 0 { d0 = a.tanh(); } else { d0 = a.clone(); }
        c = &c * 0.5 + d0;
        if a.sum() > 0.0 {
            c = (&c + &a) * 0.25;
            let mut t1 = Tensor::scalar(0.0, x.device());
            while t1 < 1 && !(a.sum() > a.sum() && a.sum() < 1) {
                t1 = t1 + 1;
                a = (&c + &b) * 0.25;
                let mut t2 = Tensor::scalar(0.0, x.device());
                while t2 < 2 && c.sum() < 3 {
                    t2 = t2 + 1;
                    c = -&a;
                    b = b.tanh();
                }
                return Ok((a, b * 2, n));
            }
        } else if !(b.sum() >= 0.5) {
        } else {
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f113(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        let d0;
        if !(c.sum() >= 0.5) { d0 = (&b + &a) * 0.25; } else { d0 = a.clone(); }
        c = &c * 0.5 + d0;
        for i in 0..2 {
            b = &b * 0.5 + i;
            let next = a.tanh();
            b = if n % 2 == 0 && b.sum() > 0 { next * 0.5 } else { b };
            let r1 = &mut list;
            if c.sum() > 0 { r1.push(c.clone()); }
        }
        for i in 0..2 {
            b = &b * 0.5 + i;
            b = if !(a.sum() >= 0.5) { &a + 0.5 } else { a.tanh() };
            for t in list.iter_mut() { if c.sum() > 0 { *t = &*t * 0.5; } }
        }
        let mut t3 = Tensor::scalar(0.0, x.device());
        while t3 < 0 && b.sum() < 3 {
            t3 = t3 + 1;
            let mut t4 = Tensor::scalar(0.0, x.device());
            loop {
                t4 = t4 + 1;
                if t4 > 2 || b.sum() > a.sum() && a.sum() < 1 { break; }
            }
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f114(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        match n {
            0 | 1 if n % 2 == 0 && b.sum() > 0 => {
                n += 1;
            }
            2 => {}
            _ => {
                b = &c * 0.5 + n;
            }
        }
        let next = a.maximum(&b);
        let chosen = c.sum() > 0.25;
        let mut set = |t: &Tensor| c = t * 0.5;
        if chosen { set(&next); }
        let mut t1 = Tensor::scalar(0.0, x.device());
        while t1 < 2 && !(list.len() > 2 || a.select(0, 1) != 0) {
            t1 = t1 + 1;
            let mut t2 = Tensor::scalar(0.0, x.device());
            while t2 < 3 {
                t2 = t2 + 1;
                let mut t3 = Tensor::scalar(0.0, x.device());
                loop {
                    t3 = t3 + 1;
                    if t3 > 4 || a.sum() > b.sum() && b.sum() < 1 { break; }
                    break;
                }
                if a.sum() > a.sum() && a.sum() < 1 {
                } else {
                }
            }
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f115(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        if b.sum() > c.sum() && c.sum() < 1 {
            let d0;
            if a.sum() > 0.9 { d0 = &c * 0.5; } else { d0 = a.clone(); }
            c = &c * 0.5 + d0;
        } else if a.sum() > 0.8 {
            while a.sum() < 4 {
                a = a.abs() + 0.5;
            }
        }
        let mut t1 = Tensor::scalar(0.0, x.device());
        while t1 < 1 {
            t1 = t1 + 1;
            if list.len() > 2 || c.select(0, 1) != 0 {
                for t in list.iter_mut() { if a.sum() > 0 { *t = &*t * 0.5; } }
                b = c.tanh();
                for i in 0..b.abs().sum().minimum(1) {
                    c = &c * 0.5 + &i * 0.25;
                    b = (&b - &c) * 0.5;
                }
            }
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f116(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        let next = (&a + &c) * 0.25;
        b = if c.sum() > 0.5 { next * 0.5 } else { b };
        if c.sum() > 1.6 {
            let next = a.maximum(&a);
            c = if a.sum() > 0.8 { next * 0.5 } else { c };
            list.push(list[0].clone() - &c);
        } else {
            b = &b * 0.5 + n;
        }
        a = c.tanh();
        if a.sum() > 1.1 {
            list[0] = -&b;
        }
        if a.sum() > 1.9 {
        } else if b.sum() > b.sum() && b.sum() < 1 {
        } else {
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f117(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        if n % 2 == 0 && a.sum() > 0 {
            let mut t0 = Tensor::scalar(0.0, x.device());
            while t0 < 2 && b.sum() < 3 {
                t0 = t0 + 1;
                for i in 0..2 {
                    b = &b * 0.5 + i;
                    list[0] = a.tanh();
                    list[0] = &b * 0.5;
                    b = -&b;
                }
                let mut t1 = Tensor::scalar(0.0, x.device());
                while t1 < 3 && !(list.len() > 2 || a.select(0, 1) != 0) {
                    t1 = t1 + 1;
                    a = b.tanh();
                    c = c.maximum(&b);
                }
            }
        } else {
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f118(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        b = c.maximum(&a);
        if c.sum() > a.sum() && a.sum() < 1 {
            let mut t0 = Tensor::scalar(0.0, x.device());
            while t0 < 4 && !(n > 1) {
                t0 = t0 + 1;
                let d1;
                if !(c.sum() >= 0.5) { d1 = c.tanh(); } else { d1 = a.clone(); }
                c = &c * 0.5 + d1;
                if n % 2 == 0 && a.sum() > 0 {
                    break;
                } else {
                    a = list[0].clone() - &b;
                    a = -&b;
                    c = a.maximum(&c);
                }
            }
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f119(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        c = if b.select(0, 0) < 0.25 || n == 2 { &b * 0.5 + n } else { b.maximum(&b) };
        list.push(&c * 0.5);
        let mut t0 = Tensor::scalar(0.0, x.device());
        loop {
            t0 = t0 + 1;
            if t0 > 0 || b.select(0, 0) < 0.25 || n == 2 { break; }
            c = (&c + &a) * 0.25;
            let mut t1 = Tensor::scalar(0.0, x.device());
            loop {
                t1 = t1 + 1;
                if t1 > 2 || n % 2 == 0 && c.sum() > 0 { break; }
                let next = &b * 0.5 + n;
                c = if a.sum() > 1.5 { next * 0.5 } else { c };
            }
            c = c.tanh();
        }
        for i in 0..3 {
            b = &b * 0.5 + i;
            let mut t2 = Tensor::scalar(0.0, x.device());
            while t2 < 4 && a.sum() < 3 {
                t2 = t2 + 1;
            }
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f120(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        for i in 0..b.abs().sum().minimum(1) {
            a = &a * 0.5 + &i * 0.25;
            c = &a + 0.5;
            for i in 0..c.abs().sum().minimum(3) {
                b = &b * 0.5 + &i * 0.25;
                for i in 0..c.abs().sum().minimum(3) {
                    c = &c * 0.5 + &i * 0.25;
                    a = (&b - &b) * 0.5;
                    break;
                }
                b = if a.sum() > 0.8 { (&c - &b) * 0.5 } else { (&b - &a) * 0.5 };
            }
        }
        for i in 0..1 {
            b = &b * 0.5 + i;
            a = -&c;
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f121(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        if a.sum() > 0.0 {
            for i in 0..1 {
                b = &b * 0.5 + i;
                c = if n % 2 == 0 && b.sum() > 0 { &a + 0.5 } else { &c * 0.5 };
                let mut t0 = Tensor::scalar(0.0, x.device());
                while t0 < 3 && !(b.select(0, 0) < 0.25 || n == 2) {
                    t0 = t0 + 1;
                    a = (&a + &c) * 0.25;
                    b = &c * 0.5 + n;
                }
                for i in 0..1 {
                    b = &b * 0.5 + i;
                    list.push((&a + &a) * 0.25);
                    a = &b * 0.5 + n;
                }
            }
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f122(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        b = &a * 0.5;
        if !(c.sum() >= 0.5) {
            list.push((&a - &b) * 0.5);
            list[0] = (&c - &a) * 0.5;
            while c.sum() < 1 {
                c = c.abs() + 0.5;
                if c.sum() > 1 { break; }
                c = &c + 0.25;
            }
        }
        while c.sum() < 4 {
            c = c.abs() + 0.5;
        }
        for i in 0..a.abs().sum().minimum(1) {
            b = &b * 0.5 + &i * 0.25;
            b = if n % 2 == 0 && c.sum() > 0 { a.tanh() } else { &c * 0.5 };
        }
        c = (&c + &b) * 0.25;
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f123(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        if c.sum() > 0.1 {
            b = (&c - &a) * 0.5;
        } else if a.sum() > 1.9 {
            b = &b * 0.5 + n;
            while c.sum() < 2 {
                c = c.abs() + 0.5;
                if c.sum() > 1 { break; }
                c = &c + 0.25;
            }
        } else {
            for i in 0..c.abs().sum().minimum(3) {
                b = &b * 0.5 + &i * 0.25;
                b = &c * 0.5;
                a = a.maximum(&c);
                match n {
                    0 | 1 if a.sum() > 1.3 => {
                        continue;
                    }
                    2 => {}
                    _ => {
                    }
                }
            }
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f124(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        let d0;
        if n % 2 == 0 && c.sum() > 0 { d0 = (&a - &b) * 0.5; } else { d0 = a.clone(); }
        c = &c * 0.5 + d0;
        if list.len() > 2 || c.select(0, 1) != 0 {
            a = a.maximum(&b);
        } else if !(c.sum() >= 0.5) {
            c = &c + 0.5;
        }
        b = if c.sum() > 1.0 { &a * 0.5 } else { (&a - &a) * 0.5 };
        b = b.try_add(&a)?;
        let d1;
        if n % 2 == 0 && b.sum() > 0 { d1 = -&c; } else { d1 = a.clone(); }
        c = &c * 0.5 + d1;
        if list.len() > 2 || b.select(0, 1) != 0 {
            for t in list.iter_mut() { if a.sum() > 0 { *t = &*t * 0.5; } }
        } else if b.select(0, 0) < 0.25 || n == 2 {
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f125(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        let mut t0 = Tensor::scalar(0.0, x.device());
        while t0 < 1 && !(list.len() > 2 || c.select(0, 1) != 0) {
            t0 = t0 + 1;
            a = if list.len() > 2 || b.select(0, 1) != 0 { &b * 0.5 + n } else { -&c };
        }
        if n % 2 == 0 && c.sum() > 0 {
            match n {
                0 | 1 if c.sum() > 0.9 => {
                    if !(c.sum() >= 0.5) {
                        a = &a * 0.5 + n;
                    } else {
                        list.push(&c * 0.5 + n);
                        c = &a * 0.5 + n;
                        a = list[0].clone() - &a;
                    }
                }
                2 => {}
                _ => {
                }
            }
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f126(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        c = b.tanh();
        c = &c + 0.5;
        if c.select(0, 0) < 0.25 || n == 2 {
            for i in 0..2 {
                b = &b * 0.5 + i;
                c = c.tanh();
                for i in 0..3 {
                    b = &b * 0.5 + i;
                    a = &a * 0.5 + n;
                }
            }
            a = &b * 0.5 + n;
            a = a.tanh();
        } else {
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f127(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        let next = a.maximum(&c);
        b = if list.len() > 2 || a.select(0, 1) != 0 { next * 0.5 } else { b };
        let mut t0 = Tensor::scalar(0.0, x.device());
        while t0 < 2 && !(!(c.sum() >= 0.5)) {
            t0 = t0 + 1;
            list[0] = (&c + &a) * 0.25;
            if b.sum() > 0.7 {
                match n {
                    0 | 1 if a.sum() > 0.3 => {
                        a = c.maximum(&c);
                    }
                    2 => {}
                    _ => {
                        list[0] = a.tanh();
                        continue;
                    }
                }
                b = a.maximum(&b);
            } else if c.select(0, 0) < 0.25 || n == 2 {
            }
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f128(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        while a.sum() < 1 {
            a = a.abs() + 0.5;
            if c.sum() > 1 { break; }
            c = &c + 0.25;
        }
        if a.sum() > 1.9 {
            b = if n > 1 { &a * 0.5 } else { (&a - &b) * 0.5 };
        } else {
            let mut t0 = Tensor::scalar(0.0, x.device());
            loop {
                t0 = t0 + 1;
                if t0 > 2 || n > 1 { break; }
                b = &b * 0.5;
            }
            let mut t1 = Tensor::scalar(0.0, x.device());
            while t1 < 1 && b.sum() < 3 {
                t1 = t1 + 1;
                for i in 0..1 {
                    b = &b * 0.5 + i;
                    a = list[0].clone() - &c;
                    c = &c * 0.5;
                }
            }
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f129(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        let mut t0 = Tensor::scalar(0.0, x.device());
        loop {
            t0 = t0 + 1;
            if t0 > 0 || a.select(0, 0) < 0.25 || n == 2 { break; }
            let d1;
            if !(c.sum() >= 0.5) { d1 = list[0].clone() - &a; } else { d1 = a.clone(); }
            c = &c * 0.5 + d1;
        }
        b = -&b;
        list[0] = a.maximum(&c);
        if b.sum() > a.sum() && a.sum() < 1 {
            let next = b.maximum(&c);
            b = if b.sum() > 0.2 { next * 0.5 } else { b };
            if a.sum() > 0.2 {
                if a.sum() > 0.4 {
                    c = &b * 0.5;
                }
            } else if list.len() > 2 || b.select(0, 1) != 0 {
            } else {
            }
        } else if n % 2 == 0 && c.sum() > 0 {
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f130(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        while c.sum() < 1 {
            c = c.abs() + 0.5;
        }
        c = &c * 0.5 + n;
        c = b.maximum(&c);
        n += 1;
        for i in 0..2 {
            b = &b * 0.5 + i;
            list.push(&a * 0.5);
            list[0] = &b * 0.5;
            if b.sum() > 1.4 {
                list.push(c.maximum(&b));
            }
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f131(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        list.push(&a * 0.5);
        let mut t0 = Tensor::scalar(0.0, x.device());
        while t0 < 0 && !(a.sum() > 1.4) {
            t0 = t0 + 1;
            a = (&a - &b) * 0.5;
        }
        if list.len() > 2 || b.select(0, 1) != 0 {
            let mut t1 = Tensor::scalar(0.0, x.device());
            while t1 < 1 && b.sum() < 3 {
                t1 = t1 + 1;
                b = c.tanh();
                let d2;
                if b.sum() > 1.5 { d2 = c.maximum(&a); } else { d2 = a.clone(); }
                c = &c * 0.5 + d2;
            }
            if !(c.sum() >= 0.5) {
                for i in 0..3 {
                    b = &b * 0.5 + i;
                }
            } else if !(b.sum() >= 0.5) {
            }
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f132(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        b = if !(a.sum() >= 0.5) { &a * 0.5 + n } else { -&a };
        c = &b * 0.5;
        n += 1;
        for i in 0..1 {
            b = &b * 0.5 + i;
            if a.select(0, 0) < 0.25 || n == 2 {
                if a.sum() > 1.9 {
                    c = (&c - &a) * 0.5;
                }
            }
            for i in 0..3 {
                b = &b * 0.5 + i;
                if n > 1 {
                }
            }
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f133(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        a = &b * 0.5 + n;
        a = if a.sum() > 0.7 { c.maximum(&a) } else { &c * 0.5 };
        c = &a * 0.5;
        let mut t0 = Tensor::scalar(0.0, x.device());
        while t0 < 2 && !(c.sum() > 1.6) {
            t0 = t0 + 1;
            if a.sum() > 1.5 {
                let mut t1 = Tensor::scalar(0.0, x.device());
                while t1 < 0 {
                    t1 = t1 + 1;
                    c = -&a;
                    c = list[0].clone() - &c;
                }
            } else if a.sum() > 1.3 {
                continue;
            } else {
            }
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f134(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        for i in 0..c.abs().sum().minimum(3) {
            a = &a * 0.5 + &i * 0.25;
            if !(a.sum() >= 0.5) {
                list[0] = c.maximum(&a);
                let mut t0 = Tensor::scalar(0.0, x.device());
                loop {
                    t0 = t0 + 1;
                    if t0 > 2 || !(b.sum() >= 0.5) { break; }
                    b = b.maximum(&c);
                    list[0] = &a * 0.5;
                }
                a = if !(a.sum() >= 0.5) { b.maximum(&b) } else { &a * 0.5 };
            } else if a.sum() > 1.8 {
                a = &c + 0.5;
                b = list[0].clone() - &b;
            }
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f135(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        a = if b.sum() > b.sum() && b.sum() < 1 { &c * 0.5 } else { -&c };
        if b.select(0, 0) < 0.25 || n == 2 {
            let mut t0 = Tensor::scalar(0.0, x.device());
            while t0 < 1 && !(c.sum() > 0.1) {
                t0 = t0 + 1;
                for i in 0..b.abs().sum().minimum(1) {
                    c = &c * 0.5 + &i * 0.25;
                    c = &b * 0.5;
                }
                let mut t1 = Tensor::scalar(0.0, x.device());
                while t1 < 3 && !(b.sum() > 1.8) {
                    t1 = t1 + 1;
                    a = list[0].clone() - &a;
                    c = &c + 0.5;
                }
            }
            let mut t2 = Tensor::scalar(0.0, x.device());
            while t2 < 0 && c.sum() < 3 {
                t2 = t2 + 1;
            }
        } else {
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f136(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        b = (&b - &a) * 0.5;
        if n % 2 == 0 && b.sum() > 0 {
            let mut t0 = Tensor::scalar(0.0, x.device());
            while t0 < 4 {
                t0 = t0 + 1;
                while a.sum() < 1 {
                    a = a.abs() + 0.5;
                    if c.sum() > 1 { break; }
                    c = &c + 0.25;
                }
                if !(b.sum() >= 0.5) {
                    c = (&a - &c) * 0.5;
                }
                let next = (&c + &a) * 0.25;
                let chosen = b.sum() > 0.25;
                let mut set = |t: &Tensor| b = t * 0.5;
                if chosen { set(&next); }
            }
            for i in 0..1 {
                b = &b * 0.5 + i;
                for i in 0..1 {
                    b = &b * 0.5 + i;
                }
            }
        } else {
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f137(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        let mut t0 = Tensor::scalar(0.0, x.device());
        loop {
            t0 = t0 + 1;
            if t0 > 0 || n > 1 { break; }
            if !(a.sum() >= 0.5) {
                if b.select(0, 0) < 0.25 || n == 2 {
                    c = list[0].clone() - &c;
                    b = list[0].clone() - &c;
                } else if c.sum() > c.sum() && c.sum() < 1 {
                    a = list[0].clone() - &b;
                    b = (&c - &a) * 0.5;
                    list.push(-&c);
                }
                let next = (&b - &c) * 0.5;
                a = if c.sum() > b.sum() && b.sum() < 1 { next * 0.5 } else { a };
            }
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f138(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        a = (&c + &c) * 0.25;
        b = c.maximum(&b);
        let next = -&a;
        b = if a.sum() > a.sum() && a.sum() < 1 { next * 0.5 } else { b };
        c = if c.sum() > c.sum() && c.sum() < 1 { &c * 0.5 + n } else { &c * 0.5 + n };
        let mut t0 = Tensor::scalar(0.0, x.device());
        while t0 < 4 && b.sum() < 3 {
            t0 = t0 + 1;
            let mut t1 = Tensor::scalar(0.0, x.device());
            while t1 < 3 && !(b.sum() > 0.8) {
                t1 = t1 + 1;
                list[0] = &b * 0.5 + n;
                if n % 2 == 0 && a.sum() > 0 {
                    c = (&a + &a) * 0.25;
                } else {
                }
            }
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f139(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        b = if list.len() > 2 || c.select(0, 1) != 0 { (&a + &c) * 0.25 } else { -&a };
        let d0;
        if a.sum() > 1.3 { d0 = (&a + &b) * 0.25; } else { d0 = a.clone(); }
        c = &c * 0.5 + d0;
        if b.select(0, 0) < 0.25 || n == 2 {
            let mut t1 = Tensor::scalar(0.0, x.device());
            while t1 < 1 {
                t1 = t1 + 1;
                a = list[0].clone() - &b;
            }
        } else if !(c.sum() >= 0.5) {
            c = (&c + &a) * 0.25;
            c = if list.len() > 2 || a.select(0, 1) != 0 { -&b } else { &b * 0.5 };
            if c.sum() > 1.6 {
                while b.sum() < 0 {
                    b = b.abs() + 0.5;
                }
            }
        } else {
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f140(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        let mut t0 = Tensor::scalar(0.0, x.device());
        while t0 < 3 && c.sum() < 3 {
            t0 = t0 + 1;
            let mut t1 = Tensor::scalar(0.0, x.device());
            loop {
                t1 = t1 + 1;
                if t1 > 2 || n > 1 { break; }
                if !(c.sum() >= 0.5) {
                    b = &c * 0.5;
                    continue;
                } else {
                    break;
                }
                for i in 0..2 {
                    b = &b * 0.5 + i;
                    b = a.tanh();
                }
            }
        }
        let mut t2 = Tensor::scalar(0.0, x.device());
        while t2 < 3 && c.sum() < 3 {
            t2 = t2 + 1;
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f141(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        list.push(&b * 0.5);
        list[0] = &b * 0.5;
        a = list[0].clone() - &a;
        if c.sum() > 0.2 {
            for i in 0..b.abs().sum().minimum(2) {
                c = &c * 0.5 + &i * 0.25;
                continue;
            }
        } else if list.len() > 2 || a.select(0, 1) != 0 {
            let next = (&b + &b) * 0.25;
            a = if b.sum() > b.sum() && b.sum() < 1 { next * 0.5 } else { a };
        }
        if c.select(0, 0) < 0.25 || n == 2 {
            list[0] = &c + 0.5;
        } else {
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f142(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        let d0;
        if !(c.sum() >= 0.5) { d0 = b.maximum(&b); } else { d0 = a.clone(); }
        c = &c * 0.5 + d0;
        for i in 0..3 {
            b = &b * 0.5 + i;
            b = c.maximum(&b);
            c = b.tanh();
            a = -&a;
        }
        let r1 = &mut list;
        if c.sum() > 0 { r1.push(c.clone()); }
        match n {
            0 | 1 if c.sum() > 1.2 => {
                let r2 = &mut list;
                if c.sum() > 0 { r2.push(c.clone()); }
                let mut t3 = Tensor::scalar(0.0, x.device());
                while t3 < 3 && !(list.len() > 2 || b.select(0, 1) != 0) {
                    t3 = t3 + 1;
                }
            }
            2 => {}
            _ => {
            }
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f143(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        let mut t0 = Tensor::scalar(0.0, x.device());
        loop {
            t0 = t0 + 1;
            if t0 > 4 || b.sum() > 1.2 { break; }
            b = &a * 0.5;
        }
        let d1;
        if a.sum() > 1.5 { d1 = &a * 0.5; } else { d1 = a.clone(); }
        c = &c * 0.5 + d1;
        a = (&c - &c) * 0.5;
        b = if n % 2 == 0 && a.sum() > 0 { list[0].clone() - &b } else { -&c };
        n += 1;
        b = &b + 0.5;
        for i in 0..3 {
            b = &b * 0.5 + i;
            b = (&b - &a) * 0.5;
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f144(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        a = list[0].clone() - &c;
        b = if c.sum() > a.sum() && a.sum() < 1 { &a * 0.5 + n } else { c.tanh() };
        a = b.tanh();
        for i in 0..3 {
            b = &b * 0.5 + i;
            let mut t0 = Tensor::scalar(0.0, x.device());
            while t0 < 2 && c.sum() < 3 {
                t0 = t0 + 1;
                a = c.tanh();
            }
            if b.sum() > 1.4 {
                let mut t1 = Tensor::scalar(0.0, x.device());
                loop {
                    t1 = t1 + 1;
                    if t1 > 4 || c.sum() > c.sum() && c.sum() < 1 { break; }
                    b = &b * 0.5;
                }
            } else if n > 1 {
            } else {
            }
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f145(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        if !(c.sum() >= 0.5) {
            a = &c * 0.5 + n;
            if list.len() > 2 || a.select(0, 1) != 0 {
                c = &b * 0.5 + n;
                let next = list[0].clone() - &c;
                a = if a.select(0, 0) < 0.25 || n == 2 { next * 0.5 } else { a };
                b = c.tanh();
            } else {
                let d0;
                if !(b.sum() >= 0.5) { d0 = b.tanh(); } else { d0 = a.clone(); }
                c = &c * 0.5 + d0;
            }
        }
        for t in list.iter_mut() { if a.sum() > 0 { *t = &*t * 0.5; } }
        for i in 0..1 {
            b = &b * 0.5 + i;
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f146(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        let mut t0 = Tensor::scalar(0.0, x.device());
        loop {
            t0 = t0 + 1;
            if t0 > 0 || a.sum() > 0.8 { break; }
            let next = c.maximum(&b);
            b = if a.select(0, 0) < 0.25 || n == 2 { next * 0.5 } else { b };
        }
        let d1;
        if a.sum() > 0.3 { d1 = &b + 0.5; } else { d1 = a.clone(); }
        c = &c * 0.5 + d1;
        b = &a + 0.5;
        a = if list.len() > 2 || a.select(0, 1) != 0 { (&a - &c) * 0.5 } else { (&c + &a) * 0.25 };
        for i in 0..3 {
            b = &b * 0.5 + i;
            for i in 0..c.abs().sum().minimum(1) {
                c = &c * 0.5 + &i * 0.25;
                b = &a * 0.5;
                if c.sum() > 0.0 {
                } else if n > 1 {
                }
            }
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f147(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        while a.sum() < 3 {
            a = a.abs() + 0.5;
            if c.sum() > 1 { break; }
            c = &c + 0.25;
        }
        if b.sum() > b.sum() && b.sum() < 1 {
            for t in list.iter_mut() { if c.sum() > 0 { *t = &*t * 0.5; } }
            if n % 2 == 0 && b.sum() > 0 {
                c = &a + 0.5;
                a = if c.select(0, 0) < 0.25 || n == 2 { list[0].clone() - &b } else { b.tanh() };
                let mut t1 = Tensor::scalar(0.0, x.device());
                loop {
                    t1 = t1 + 1;
                    if t1 > 0 || list.len() > 2 || b.select(0, 1) != 0 { break; }
                    a = c.maximum(&b);
                    list[0] = &a * 0.5;
                }
            }
        } else {
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f148(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        c = b.tanh();
        let mut t0 = Tensor::scalar(0.0, x.device());
        loop {
            t0 = t0 + 1;
            if t0 > 3 || c.sum() > 1.6 { break; }
            let mut t1 = Tensor::scalar(0.0, x.device());
            loop {
                t1 = t1 + 1;
                if t1 > 3 || c.sum() > a.sum() && a.sum() < 1 { break; }
                a = &c * 0.5;
                if !(c.sum() >= 0.5) {
                    continue;
                } else {
                    c = &b * 0.5;
                    a = &b * 0.5;
                }
                c = (&c - &c) * 0.5;
            }
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f149(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        if n > 1 {
            if b.sum() > 1.1 {
                if b.sum() > 0.5 {
                    b = b.tanh();
                } else {
                    a = &a + 0.5;
                    c = list[0].clone() - &c;
                }
            } else if n % 2 == 0 && c.sum() > 0 {
                while c.sum() < 4 {
                    c = c.abs() + 0.5;
                }
                a = (&c + &a) * 0.25;
                a = &b * 0.5;
            } else {
            }
        } else {
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f150(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        c = if n % 2 == 0 && c.sum() > 0 { b.maximum(&b) } else { &b * 0.5 };
        b = &c * 0.5 + n;
        match n {
            0 | 1 if c.sum() > 0.4 => {
                match n {
                    0 | 1 if a.sum() > 0.9 => {
                        let mut t0 = Tensor::scalar(0.0, x.device());
                        while t0 < 3 {
                            t0 = t0 + 1;
                            b = a.maximum(&c);
                            list[0] = &c * 0.5;
                        }
                    }
                    2 => {}
                    _ => {
                        b = (&b - &b) * 0.5;
                        list.push(-&c);
                    }
                }
            }
            2 => {}
            _ => {
            }
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f151(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        a = &b * 0.5;
        let mut t0 = Tensor::scalar(0.0, x.device());
        while t0 < 2 && c.sum() < 3 {
            t0 = t0 + 1;
            while b.sum() < 0 {
                b = b.abs() + 0.5;
                if c.sum() > 1 { break; }
                c = &c + 0.25;
            }
            let mut t1 = Tensor::scalar(0.0, x.device());
            while t1 < 1 {
                t1 = t1 + 1;
                b = list[0].clone() - &a;
                c = (&c - &a) * 0.5;
                for i in 0..c.abs().sum().minimum(1) {
                    b = &b * 0.5 + &i * 0.25;
                    a = &a * 0.5 + n;
                }
            }
        }
        list.push((&b + &b) * 0.25);
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f152(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        for i in 0..3 {
            b = &b * 0.5 + i;
            let mut t0 = Tensor::scalar(0.0, x.device());
            loop {
                t0 = t0 + 1;
                if t0 > 4 || b.sum() > 1.2 { break; }
                match n {
                    0 | 1 if a.sum() > 0.0 => {
                        list.push(&a * 0.5 + n);
                        c = list[0].clone() - &c;
                    }
                    2 => {}
                    _ => {
                        b = list[0].clone() - &c;
                        list[0] = &c + 0.5;
                        a = (&c + &a) * 0.25;
                    }
                }
                b = if n % 2 == 0 && a.sum() > 0 { -&b } else { (&b - &b) * 0.5 };
            }
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f153(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        let mut t0 = Tensor::scalar(0.0, x.device());
        while t0 < 0 {
            t0 = t0 + 1;
            let mut t1 = Tensor::scalar(0.0, x.device());
            while t1 < 2 && b.sum() < 3 {
                t1 = t1 + 1;
                let mut t2 = Tensor::scalar(0.0, x.device());
                loop {
                    t2 = t2 + 1;
                    if t2 > 3 || a.sum() > b.sum() && b.sum() < 1 { break; }
                    b = &a * 0.5;
                    list[0] = b.tanh();
                    c = (&a + &c) * 0.25;
                }
                while c.sum() < 4 {
                    c = c.abs() + 0.5;
                    if c.sum() > 1 { break; }
                    c = &c + 0.25;
                }
            }
            list[0] = &a * 0.5 + n;
            a = a.tanh();
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f154(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        b = list[0].clone() - &b;
        let next = list[0].clone() - &b;
        b = if a.sum() > 1.5 { next * 0.5 } else { b };
        let next = (&c - &b) * 0.5;
        let chosen = a.sum() > 0.25;
        let mut set = |t: &Tensor| a = t * 0.5;
        if chosen { set(&next); }
        if b.select(0, 0) < 0.25 || n == 2 {
            let d1;
            if a.sum() > c.sum() && c.sum() < 1 { d1 = &b * 0.5; } else { d1 = a.clone(); }
            c = &c * 0.5 + d1;
            for i in 0..1 {
                b = &b * 0.5 + i;
                list[0] = b.maximum(&a);
                for i in 0..b.abs().sum().minimum(1) {
                    c = &c * 0.5 + &i * 0.25;
                    break;
                }
            }
        } else if c.select(0, 0) < 0.25 || n == 2 {
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f155(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        n += 1;
        c = &c + 0.5;
        c = &b + 0.5;
        if a.sum() > 1.1 {
            if n > 1 {
                a = (&c + &b) * 0.25;
                a = b.tanh();
            } else {
                c = if a.sum() > 1.2 { c.tanh() } else { &b * 0.5 };
            }
            if b.select(0, 0) < 0.25 || n == 2 {
            } else {
            }
        } else {
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f156(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        while c.sum() < 0 {
            c = c.abs() + 0.5;
            if c.sum() > 1 { break; }
            c = &c + 0.25;
        }
        if c.sum() > 1.0 {
            for t in list.iter_mut() { if a.sum() > 0 { *t = &*t * 0.5; } }
        } else if b.sum() > 1.9 {
            let mut t1 = Tensor::scalar(0.0, x.device());
            while t1 < 2 && !(c.sum() > 1.9) {
                t1 = t1 + 1;
                let mut t2 = Tensor::scalar(0.0, x.device());
                while t2 < 0 && a.sum() < 3 {
                    t2 = t2 + 1;
                    continue;
                }
            }
            c = if c.sum() > 0.3 { &a * 0.5 + n } else { &c * 0.5 };
            b = if b.sum() > 0.8 { (&b - &c) * 0.5 } else { &c + 0.5 };
        }
        if n % 2 == 0 && a.sum() > 0 {
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f157(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        a = list[0].clone() - &c;
        for i in 0..1 {
            b = &b * 0.5 + i;
            for i in 0..3 {
                b = &b * 0.5 + i;
                if a.sum() > c.sum() && c.sum() < 1 {
                    a = list[0].clone() - &c;
                }
            }
            for i in 0..c.abs().sum().minimum(2) {
                c = &c * 0.5 + &i * 0.25;
                let d0;
                if list.len() > 2 || a.select(0, 1) != 0 { d0 = (&a + &b) * 0.25; } else { d0 = a.clone(); }
                c = &c * 0.5 + d0;
                if !(b.sum() >= 0.5) {
                    continue;
                } else if list.len() > 2 || c.select(0, 1) != 0 {
                } else {
                }
            }
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f158(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        list[0] = c.maximum(&b);
        b = if a.sum() > 1.1 { a.tanh() } else { b.maximum(&b) };
        c = b.tanh();
        for i in 0..a.abs().sum().minimum(1) {
            a = &a * 0.5 + &i * 0.25;
            c = (&a + &a) * 0.25;
        }
        if b.sum() > 1.4 {
            if a.sum() > 0.3 {
                b = if c.sum() > 1.8 { a.maximum(&a) } else { &a * 0.5 + n };
                for i in 0..b.abs().sum().minimum(1) {
                    a = &a * 0.5 + &i * 0.25;
                }
            } else {
            }
        } else {
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f159(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        let next = &a * 0.5;
        a = if b.sum() > 1.0 { next * 0.5 } else { a };
        if b.sum() > a.sum() && a.sum() < 1 {
            a = list[0].clone() - &c;
            b = &b * 0.5;
            a = list[0].clone() - &a;
        } else {
            let mut t0 = Tensor::scalar(0.0, x.device());
            loop {
                t0 = t0 + 1;
                if t0 > 3 || c.sum() > 1.0 { break; }
                a = (&b + &c) * 0.25;
                while b.sum() < 0 {
                    b = b.abs() + 0.5;
                }
            }
        }
        list.push(a.tanh());
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f160(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        list.push(&a * 0.5);
        list[0] = &c * 0.5;
        c = if a.sum() > b.sum() && b.sum() < 1 { -&a } else { &c * 0.5 + n };
        let mut t0 = Tensor::scalar(0.0, x.device());
        while t0 < 2 {
            t0 = t0 + 1;
            let next = -&c;
            a = if a.sum() > 0.4 { next * 0.5 } else { a };
        }
        a = list[0].clone() - &c;
        if a.sum() > 1.8 {
            let mut t1 = Tensor::scalar(0.0, x.device());
            loop {
                t1 = t1 + 1;
                if t1 > 1 || a.select(0, 0) < 0.25 || n == 2 { break; }
                if b.sum() > 1.7 {
                } else {
                }
            }
        } else {
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f161(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        list[0] = list[0].clone() - &a;
        let mut t0 = Tensor::scalar(0.0, x.device());
        while t0 < 1 && b.sum() < 3 {
            t0 = t0 + 1;
            a = (&c - &b) * 0.5;
            if n > 1 {
                list[0] = list[0].clone() - &a;
                a = b.tanh();
            }
            for i in 0..b.abs().sum().minimum(3) {
                c = &c * 0.5 + &i * 0.25;
                match n {
                    0 | 1 if n > 1 => {
                        a = &c * 0.5;
                    }
                    2 => {}
                    _ => {
                    }
                }
            }
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f162(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        b = &b * 0.5 + n;
        a = (&b - &b) * 0.5;
        b = a.tanh();
        while b.sum() < 4 {
            b = b.abs() + 0.5;
        }
        if b.select(0, 0) < 0.25 || n == 2 {
            a = &c + 0.5;
            b = if n % 2 == 0 && c.sum() > 0 { &b + 0.5 } else { &b * 0.5 + n };
            if b.sum() > 0.8 {
                c = -&c;
            }
        } else {
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f163(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        for i in 0..2 {
            b = &b * 0.5 + i;
            if c.sum() > 1.4 {
                if list.len() > 2 || a.select(0, 1) != 0 {
                    a = (&b - &a) * 0.5;
                } else if c.sum() > 0.1 {
                    b = &b * 0.5 + n;
                    b = c.maximum(&b);
                }
                b = if c.sum() > 0.0 { &c + 0.5 } else { &a * 0.5 + n };
            } else if !(a.sum() >= 0.5) {
                if n > 1 {
                    list.push(&c * 0.5 + n);
                } else {
                }
            } else {
            }
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f164(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        if a.select(0, 0) < 0.25 || n == 2 {
            let d0;
            if a.sum() > 0.8 { d0 = &b + 0.5; } else { d0 = a.clone(); }
            c = &c * 0.5 + d0;
            let r1 = &mut list;
            if c.sum() > 0 { r1.push(c.clone()); }
        } else if n > 1 {
            c = if b.sum() > 1.7 { (&c + &a) * 0.25 } else { a.maximum(&b) };
            let mut t2 = Tensor::scalar(0.0, x.device());
            loop {
                t2 = t2 + 1;
                if t2 > 2 || a.sum() > 0.9 { break; }
                c = &a * 0.5;
                for i in 0..2 {
                    b = &b * 0.5 + i;
                    break;
                }
            }
        } else {
            n += 1;
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f165(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        c = if c.sum() > 0.0 { list[0].clone() - &b } else { c.tanh() };
        c = b.maximum(&c);
        b = b.maximum(&b);
        if n % 2 == 0 && b.sum() > 0 {
            for i in 0..b.abs().sum().minimum(2) {
                c = &c * 0.5 + &i * 0.25;
                c = (&b - &a) * 0.5;
                c = &b * 0.5;
            }
        } else {
            for i in 0..a.abs().sum().minimum(2) {
                b = &b * 0.5 + &i * 0.25;
                c = if b.sum() > 0.7 { &b * 0.5 + n } else { (&a + &b) * 0.25 };
            }
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f166(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        for i in 0..3 {
            b = &b * 0.5 + i;
            let mut t0 = Tensor::scalar(0.0, x.device());
            while t0 < 4 {
                t0 = t0 + 1;
                let mut t1 = Tensor::scalar(0.0, x.device());
                loop {
                    t1 = t1 + 1;
                    if t1 > 0 || b.sum() > 0.2 { break; }
                    b = a.maximum(&a);
                    a = (&b + &c) * 0.25;
                    c = &a * 0.5;
                }
            }
            if a.sum() > 1.7 {
                return Ok((a, b * 2, n));
            }
        }
        b = (&c - &c) * 0.5;
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f167(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        if b.sum() > 1.9 {
            c = if c.sum() > a.sum() && a.sum() < 1 { b.tanh() } else { &c * 0.5 };
        } else if a.sum() > 0.3 {
            let next = &b * 0.5;
            b = if n > 1 { next * 0.5 } else { b };
            let mut t0 = Tensor::scalar(0.0, x.device());
            while t0 < 3 && !(b.sum() > 1.9) {
                t0 = t0 + 1;
                if list.len() > 2 || a.select(0, 1) != 0 {
                    c = a.maximum(&b);
                    c = &b + 0.5;
                    a = (&a - &b) * 0.5;
                }
                b = if list.len() > 2 || b.select(0, 1) != 0 { (&c + &a) * 0.25 } else { -&b };
            }
        } else {
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f168(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        c = &b * 0.5 + n;
        c = c.maximum(&c);
        if b.sum() > a.sum() && a.sum() < 1 {
            for i in 0..2 {
                b = &b * 0.5 + i;
                a = -&c;
                let mut t0 = Tensor::scalar(0.0, x.device());
                loop {
                    t0 = t0 + 1;
                    if t0 > 1 || c.sum() > 0.5 { break; }
                    b = -&c;
                    c = (&b - &c) * 0.5;
                    a = &a * 0.5 + n;
                }
            }
        } else if !(c.sum() >= 0.5) {
        } else {
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f169(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        if !(a.sum() >= 0.5) {
            if b.sum() > 1.8 {
                c = (&b - &b) * 0.5;
            } else if c.sum() > b.sum() && b.sum() < 1 {
                if list.len() > 2 || a.select(0, 1) != 0 {
                    a = (&c - &b) * 0.5;
                    c = &c * 0.5 + n;
                }
            } else {
                if b.select(0, 0) < 0.25 || n == 2 {
                    list[0] = &b + 0.5;
                    list[0] = &c * 0.5;
                } else if a.sum() > 1.4 {
                }
            }
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f170(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        a = &b + 0.5;
        if c.sum() > 1.4 {
            if c.sum() > 0.8 {
                let mut t0 = Tensor::scalar(0.0, x.device());
                while t0 < 4 && a.sum() < 3 {
                    t0 = t0 + 1;
                    b = &b + 0.5;
                    b = -&a;
                }
                list.push(a.maximum(&c));
                if a.sum() > 1.1 {
                    c = (&a + &b) * 0.25;
                } else if a.sum() > 1.0 {
                }
            }
        } else if b.sum() > b.sum() && b.sum() < 1 {
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f171(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        c = -&b;
        if c.sum() > b.sum() && b.sum() < 1 {
            n += 1;
            while a.sum() < 3 {
                a = a.abs() + 0.5;
            }
        } else if n > 1 {
            if n % 2 == 0 && b.sum() > 0 {
                a = a.tanh();
                list.push((&a + &c) * 0.25);
            } else {
                for i in 0..1 {
                    b = &b * 0.5 + i;
                    a = -&c;
                }
            }
        } else {
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f172(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        list[0] = -&b;
        b = if a.select(0, 0) < 0.25 || n == 2 { (&a + &b) * 0.25 } else { b.tanh() };
        match n {
            0 | 1 if list.len() > 2 || b.select(0, 1) != 0 => {
                if n > 1 {
                    if list.len() > 2 || c.select(0, 1) != 0 {
                        list.push(list[0].clone() - &c);
                    }
                } else {
                    for i in 0..a.abs().sum().minimum(1) {
                        a = &a * 0.5 + &i * 0.25;
                        a = (&a - &c) * 0.5;
                        b = &a * 0.5 + n;
                    }
                }
            }
            2 => {}
            _ => {
            }
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f173(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        b = (&a + &b) * 0.25;
        c = &b * 0.5;
        c = &b + 0.5;
        if n % 2 == 0 && a.sum() > 0 {
            if n > 1 {
                let d0;
                if !(b.sum() >= 0.5) { d0 = (&b + &c) * 0.25; } else { d0 = a.clone(); }
                c = &c * 0.5 + d0;
            }
            let d1;
            if a.sum() > 1.4 { d1 = &b * 0.5 + n; } else { d1 = a.clone(); }
            c = &c * 0.5 + d1;
        } else if c.sum() > 1.9 {
            let mut t2 = Tensor::scalar(0.0, x.device());
            loop {
                t2 = t2 + 1;
                if t2 > 1 || b.sum() > 0.9 { break; }
                b = &c * 0.5;
            }
        } else {
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f174(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        if n > 1 {
            let mut t0 = Tensor::scalar(0.0, x.device());
            while t0 < 2 {
                t0 = t0 + 1;
                list[0] = list[0].clone() - &b;
            }
            if n > 1 {
                if c.select(0, 0) < 0.25 || n == 2 {
                    n += 1;
                } else if c.sum() > b.sum() && b.sum() < 1 {
                    list.push(-&b);
                } else {
                    c = &c * 0.5;
                    c = -&a;
                }
            } else if b.sum() > c.sum() && c.sum() < 1 {
            } else {
            }
        } else if list.len() > 2 || b.select(0, 1) != 0 {
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f175(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        c = b.maximum(&c);
        if c.sum() > c.sum() && c.sum() < 1 {
            let next = &c + 0.5;
            a = if a.sum() > 0.9 { next * 0.5 } else { a };
            for i in 0..2 {
                b = &b * 0.5 + i;
                if b.sum() > 0.6 {
                    a = (&c - &b) * 0.5;
                }
                c = b.maximum(&a);
                while c.sum() < 3 {
                    c = c.abs() + 0.5;
                    if c.sum() > 1 { break; }
                    c = &c + 0.25;
                }
            }
            list.push(c.tanh());
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f176(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        a = if list.len() > 2 || c.select(0, 1) != 0 { &b * 0.5 + n } else { &c * 0.5 + n };
        for i in 0..c.abs().sum().minimum(2) {
            b = &b * 0.5 + &i * 0.25;
            let mut t0 = Tensor::scalar(0.0, x.device());
            loop {
                t0 = t0 + 1;
                if t0 > 1 || b.sum() > 1.7 { break; }
                list[0] = (&b + &b) * 0.25;
            }
        }
        match n {
            0 | 1 if a.select(0, 0) < 0.25 || n == 2 => {
                let mut t1 = Tensor::scalar(0.0, x.device());
                loop {
                    t1 = t1 + 1;
                    if t1 > 3 || a.sum() > b.sum() && b.sum() < 1 { break; }
                    c = (&a - &b) * 0.5;
                }
                let mut t2 = Tensor::scalar(0.0, x.device());
                while t2 < 2 && a.sum() < 3 {
                    t2 = t2 + 1;
                    let mut t3 = Tensor::scalar(0.0, x.device());
                    while t3 < 2 && !(n > 1) {
                        t3 = t3 + 1;
                    }
                }
            }
            2 => {}
            _ => {
            }
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f177(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        list[0] = -&b;
        if b.sum() > a.sum() && a.sum() < 1 {
            let mut t0 = Tensor::scalar(0.0, x.device());
            loop {
                t0 = t0 + 1;
                if t0 > 1 || b.select(0, 0) < 0.25 || n == 2 { break; }
                if n % 2 == 0 && b.sum() > 0 {
                    a = a.maximum(&b);
                    a = list[0].clone() - &b;
                    a = a.try_add(&a)?;
                }
                a = if list.len() > 2 || a.select(0, 1) != 0 { &a * 0.5 } else { (&c + &c) * 0.25 };
            }
            if a.sum() > 1.5 {
            } else {
            }
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f178(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        b = if c.sum() > 1.5 { (&a + &c) * 0.25 } else { (&a + &a) * 0.25 };
        let d0;
        if !(b.sum() >= 0.5) { d0 = -&b; } else { d0 = a.clone(); }
        c = &c * 0.5 + d0;
        if c.sum() > 0.8 {
            if !(a.sum() >= 0.5) {
                let d1;
                if b.sum() > 1.4 { d1 = -&c; } else { d1 = a.clone(); }
                c = &c * 0.5 + d1;
                if n % 2 == 0 && b.sum() > 0 {
                    c = &b + 0.5;
                } else if a.sum() > c.sum() && c.sum() < 1 {
                    list.push(c.maximum(&b));
                } else {
                    c = list[0].clone() - &b;
                }
            } else {
            }
        } else if n > 1 {
        } else {
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f179(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        for i in 0..1 {
            b = &b * 0.5 + i;
            c = (&b - &c) * 0.5;
        }
        if n > 1 {
            let mut t0 = Tensor::scalar(0.0, x.device());
            loop {
                t0 = t0 + 1;
                if t0 > 3 || n % 2 == 0 && b.sum() > 0 { break; }
                b = if b.sum() > b.sum() && b.sum() < 1 { -&b } else { &b + 0.5 };
                if n > 1 {
                    c = &a * 0.5;
                    a = &a * 0.5 + n;
                } else if c.sum() > 1.7 {
                    b = b.tanh();
                }
            }
        } else if c.sum() > 1.6 {
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f180(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        for i in 0..b.abs().sum().minimum(1) {
            a = &a * 0.5 + &i * 0.25;
            if n % 2 == 0 && c.sum() > 0 {
                list[0] = a.tanh();
                let d0;
                if b.sum() > 1.0 { d0 = list[0].clone() - &b; } else { d0 = a.clone(); }
                c = &c * 0.5 + d0;
            } else {
                if n % 2 == 0 && b.sum() > 0 {
                    c = &a * 0.5;
                    c = (&b + &b) * 0.25;
                }
                let d1;
                if !(c.sum() >= 0.5) { d1 = &c + 0.5; } else { d1 = a.clone(); }
                c = &c * 0.5 + d1;
            }
            list[0] = list[0].clone() - &b;
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f181(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        match n {
            0 | 1 if list.len() > 2 || a.select(0, 1) != 0 => {
                if n > 1 {
                    list[0] = a.tanh();
                    c = (&b + &a) * 0.25;
                } else {
                    if !(a.sum() >= 0.5) {
                        b = -&a;
                        list.push((&a + &b) * 0.25);
                        b = &a + 0.5;
                    }
                    for i in 0..3 {
                        b = &b * 0.5 + i;
                    }
                }
            }
            2 => {}
            _ => {
            }
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f182(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        if n > 1 {
            b = if a.sum() > 0.7 { &a * 0.5 } else { a.tanh() };
            let next = a.tanh();
            c = if b.sum() > 1.3 { next * 0.5 } else { c };
            while a.sum() < 4 {
                a = a.abs() + 0.5;
                if c.sum() > 1 { break; }
                c = &c + 0.25;
            }
        } else if n > 1 {
            a = -&a;
            c = if a.sum() > 1.7 { (&b - &a) * 0.5 } else { list[0].clone() - &c };
        }
        if c.sum() > b.sum() && b.sum() < 1 {
            b = (&c + &c) * 0.25;
            b = if !(c.sum() >= 0.5) { &a * 0.5 + n } else { &b * 0.5 };
        } else if c.sum() > 0.7 {
        } else {
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f183(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        if !(a.sum() >= 0.5) {
            list.push(c.maximum(&c));
            if n % 2 == 0 && b.sum() > 0 {
                list.push(-&a);
                for i in 0..c.abs().sum().minimum(1) {
                    a = &a * 0.5 + &i * 0.25;
                    b = &a * 0.5;
                }
            }
        } else {
            let mut t0 = Tensor::scalar(0.0, x.device());
            while t0 < 4 {
                t0 = t0 + 1;
                a = &c * 0.5 + n;
                let mut t1 = Tensor::scalar(0.0, x.device());
                loop {
                    t1 = t1 + 1;
                    if t1 > 2 || list.len() > 2 || b.select(0, 1) != 0 { break; }
                }
            }
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f184(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        list[0] = a.maximum(&b);
        if b.sum() > c.sum() && c.sum() < 1 {
            for i in 0..a.abs().sum().minimum(1) {
                a = &a * 0.5 + &i * 0.25;
                for i in 0..2 {
                    b = &b * 0.5 + i;
                    c = b.maximum(&a);
                    a = &a * 0.5 + n;
                }
                match n {
                    0 | 1 if n % 2 == 0 && b.sum() > 0 => {
                        c = c.tanh();
                    }
                    2 => {}
                    _ => {
                        break;
                    }
                }
            }
        } else if c.sum() > 1.2 {
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f185(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        b = &a + 0.5;
        list[0] = b.tanh();
        c = &a * 0.5 + n;
        c = -&c;
        while b.sum() < 2 {
            b = b.abs() + 0.5;
            if c.sum() > 1 { break; }
            c = &c + 0.25;
        }
        let mut t0 = Tensor::scalar(0.0, x.device());
        loop {
            t0 = t0 + 1;
            if t0 > 0 || n % 2 == 0 && a.sum() > 0 { break; }
            b = -&a;
            a = (&c + &c) * 0.25;
            let mut t1 = Tensor::scalar(0.0, x.device());
            while t1 < 1 {
                t1 = t1 + 1;
            }
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f186(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        if b.sum() > 0.6 {
            match n {
                0 | 1 if b.sum() > 1.1 => {
                    let mut t0 = Tensor::scalar(0.0, x.device());
                    loop {
                        t0 = t0 + 1;
                        if t0 > 2 || list.len() > 2 || a.select(0, 1) != 0 { break; }
                        b = (&a - &c) * 0.5;
                    }
                    c = if n > 1 { -&c } else { &c * 0.5 };
                    c = -&b;
                }
                2 => {}
                _ => {
                    list.push(-&a);
                    while c.sum() < 3 {
                        c = c.abs() + 0.5;
                        if c.sum() > 1 { break; }
                        c = &c + 0.25;
                    }
                    n += 1;
                }
            }
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f187(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        let mut t0 = Tensor::scalar(0.0, x.device());
        while t0 < 3 && a.sum() < 3 {
            t0 = t0 + 1;
            let next = b.maximum(&b);
            let chosen = b.sum() > 0.25;
            let mut set = |t: &Tensor| b = t * 0.5;
            if chosen { set(&next); }
        }
        b = &b * 0.5;
        if list.len() > 2 || b.select(0, 1) != 0 {
            match n {
                0 | 1 if !(c.sum() >= 0.5) => {
                    let mut t2 = Tensor::scalar(0.0, x.device());
                    loop {
                        t2 = t2 + 1;
                        if t2 > 0 || a.select(0, 0) < 0.25 || n == 2 { break; }
                        c = list[0].clone() - &a;
                        c = c.maximum(&a);
                        a = &b * 0.5 + n;
                    }
                }
                2 => {}
                _ => {
                }
            }
        } else {
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f188(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        list.push(b.maximum(&a));
        if a.sum() > a.sum() && a.sum() < 1 {
            match n {
                0 | 1 if n % 2 == 0 && a.sum() > 0 => {
                    c = (&c + &b) * 0.25;
                }
                2 => {}
                _ => {
                    c = (&c - &c) * 0.5;
                    list[0] = b.maximum(&a);
                }
            }
        } else if n > 1 {
            list[0] = -&b;
            if !(a.sum() >= 0.5) {
                if !(b.sum() >= 0.5) {
                }
            } else {
            }
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f189(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        let mut t0 = Tensor::scalar(0.0, x.device());
        while t0 < 1 && b.sum() < 3 {
            t0 = t0 + 1;
            list[0] = -&c;
        }
        a = -&c;
        if list.len() > 2 || a.select(0, 1) != 0 {
            let mut t1 = Tensor::scalar(0.0, x.device());
            loop {
                t1 = t1 + 1;
                if t1 > 4 || c.sum() > 0.4 { break; }
                if a.sum() > 1.5 {
                    c = list[0].clone() - &c;
                    list[0] = (&a - &c) * 0.5;
                } else {
                    b = a.tanh();
                }
            }
        } else if c.select(0, 0) < 0.25 || n == 2 {
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f190(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        c = &a * 0.5;
        let mut t0 = Tensor::scalar(0.0, x.device());
        loop {
            t0 = t0 + 1;
            if t0 > 1 || n > 1 { break; }
            let d1;
            if c.sum() > 1.3 { d1 = c.tanh(); } else { d1 = a.clone(); }
            c = &c * 0.5 + d1;
            let d2;
            if b.sum() > 1.8 { d2 = &c * 0.5 + n; } else { d2 = a.clone(); }
            c = &c * 0.5 + d2;
            if list.len() > 2 || b.select(0, 1) != 0 {
                if n % 2 == 0 && c.sum() > 0 {
                    c = c.tanh();
                    b = &c * 0.5;
                    c = &b + 0.5;
                }
            }
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f191(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        if a.sum() > 1.3 {
            if list.len() > 2 || a.select(0, 1) != 0 {
                match n {
                    0 | 1 if a.sum() > 1.2 => {
                        a = b.maximum(&c);
                        list[0] = &b * 0.5;
                        c = (&c + &b) * 0.25;
                    }
                    2 => {}
                    _ => {
                        c = (&c - &c) * 0.5;
                        b = list[0].clone() - &b;
                    }
                }
                for i in 0..b.abs().sum().minimum(3) {
                    b = &b * 0.5 + &i * 0.25;
                }
            }
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f192(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        a = c.tanh();
        let mut t0 = Tensor::scalar(0.0, x.device());
        loop {
            t0 = t0 + 1;
            if t0 > 2 || list.len() > 2 || a.select(0, 1) != 0 { break; }
            a = &c + 0.5;
        }
        b = -&b;
        a = list[0].clone() - &b;
        c = &b * 0.5 + n;
        let mut t1 = Tensor::scalar(0.0, x.device());
        while t1 < 0 && !(n % 2 == 0 && c.sum() > 0) {
            t1 = t1 + 1;
            let d2;
            if b.sum() > c.sum() && c.sum() < 1 { d2 = &c * 0.5; } else { d2 = a.clone(); }
            c = &c * 0.5 + d2;
            let mut t3 = Tensor::scalar(0.0, x.device());
            loop {
                t3 = t3 + 1;
                if t3 > 3 || c.sum() > c.sum() && c.sum() < 1 { break; }
            }
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f193(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        if a.sum() > 0.8 {
            if b.select(0, 0) < 0.25 || n == 2 {
                match n {
                    0 | 1 if list.len() > 2 || b.select(0, 1) != 0 => {
                        b = c.maximum(&c);
                        list[0] = &c * 0.5 + n;
                    }
                    2 => {}
                    _ => {
                        c = &a + 0.5;
                        list.push(list[0].clone() - &a);
                        list.push(-&c);
                    }
                }
                for t in list.iter_mut() { if b.sum() > 0 { *t = &*t * 0.5; } }
            } else {
            }
        } else {
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f194(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        if c.sum() > 1.0 {
            if list.len() > 2 || c.select(0, 1) != 0 {
                let next = b.maximum(&a);
                let chosen = a.sum() > 0.25;
                let mut set = |t: &Tensor| a = t * 0.5;
                if chosen { set(&next); }
            } else {
                let d1;
                if b.sum() > 1.0 { d1 = b.tanh(); } else { d1 = a.clone(); }
                c = &c * 0.5 + d1;
            }
        }
        if list.len() > 2 || c.select(0, 1) != 0 {
            b = b.try_add(&a)?;
        } else if a.select(0, 0) < 0.25 || n == 2 {
            c = (&c - &a) * 0.5;
        } else {
            if a.sum() > 0.1 {
                if b.sum() > c.sum() && c.sum() < 1 {
                } else {
                }
            } else if !(c.sum() >= 0.5) {
            }
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f195(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        list[0] = c.maximum(&a);
        list.push(&a + 0.5);
        let mut t0 = Tensor::scalar(0.0, x.device());
        loop {
            t0 = t0 + 1;
            if t0 > 4 || b.select(0, 0) < 0.25 || n == 2 { break; }
            if c.sum() > 0.9 {
                a = b.maximum(&a);
                let mut t1 = Tensor::scalar(0.0, x.device());
                while t1 < 1 && !(b.sum() > 0.4) {
                    t1 = t1 + 1;
                    continue;
                }
            } else if !(c.sum() >= 0.5) {
                if a.sum() > 1.9 {
                    c = list[0].clone() - &c;
                } else if b.sum() > 1.4 {
                } else {
                }
            } else {
            }
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f196(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        c = -&a;
        c = if a.sum() > 1.5 { -&c } else { &a * 0.5 + n };
        list.push(c.maximum(&b));
        if a.sum() > 0.0 {
            c = if a.sum() > b.sum() && b.sum() < 1 { (&b + &b) * 0.25 } else { (&b + &c) * 0.25 };
            match n {
                0 | 1 if a.sum() > a.sum() && a.sum() < 1 => {
                    if list.len() > 2 || c.select(0, 1) != 0 {
                        a = (&a - &a) * 0.5;
                        b = &a + 0.5;
                    } else {
                    }
                }
                2 => {}
                _ => {
                }
            }
        } else if c.sum() > 1.2 {
        } else {
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f197(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        a = &b + 0.5;
        let next = &a + 0.5;
        c = if n % 2 == 0 && b.sum() > 0 { next * 0.5 } else { c };
        let mut t0 = Tensor::scalar(0.0, x.device());
        while t0 < 1 && !(n > 1) {
            t0 = t0 + 1;
            b = c.maximum(&a);
            b = -&b;
        }
        let r1 = &mut list;
        if c.sum() > 0 { r1.push(c.clone()); }
        a = if c.select(0, 0) < 0.25 || n == 2 { a.tanh() } else { &a + 0.5 };
        list.push((&c + &c) * 0.25);
        a = if a.sum() > 0.4 { (&c - &b) * 0.5 } else { (&a - &c) * 0.5 };
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f198(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        if b.sum() > c.sum() && c.sum() < 1 {
            let d0;
            if b.select(0, 0) < 0.25 || n == 2 { d0 = b.maximum(&c); } else { d0 = a.clone(); }
            c = &c * 0.5 + d0;
            let d1;
            if n % 2 == 0 && a.sum() > 0 { d1 = &a + 0.5; } else { d1 = a.clone(); }
            c = &c * 0.5 + d1;
        }
        list.push((&a - &b) * 0.5);
        let d2;
        if b.select(0, 0) < 0.25 || n == 2 { d2 = (&c + &c) * 0.25; } else { d2 = a.clone(); }
        c = &c * 0.5 + d2;
        a = if n % 2 == 0 && b.sum() > 0 { &c * 0.5 } else { &c * 0.5 };
        if a.sum() > 1.4 {
            if !(c.sum() >= 0.5) {
                b = &a + 0.5;
            } else if b.select(0, 0) < 0.25 || n == 2 {
            } else {
            }
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f199(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        let next = &c * 0.5 + n;
        let chosen = c.sum() > 0.25;
        let mut set = |t: &Tensor| c = t * 0.5;
        if chosen { set(&next); }
        for t in list.iter_mut() { if b.sum() > 0 { *t = &*t * 0.5; } }
        match n {
            0 | 1 if b.sum() > 0.9 => {
                for t in list.iter_mut() { if a.sum() > 0 { *t = &*t * 0.5; } }
                a = list[0].clone() - &a;
                list.push(a.tanh());
            }
            2 => {}
            _ => {
                let d3;
                if n % 2 == 0 && b.sum() > 0 { d3 = &c * 0.5; } else { d3 = a.clone(); }
                c = &c * 0.5 + d3;
            }
        }
        list[0] = -&c;
        let mut t4 = Tensor::scalar(0.0, x.device());
        while t4 < 2 {
            t4 = t4 + 1;
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f200(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        a = &c * 0.5 + n;
        match n {
            0 | 1 if c.sum() > 0.7 => {
                a = list[0].clone() - &a;
                b = -&b;
            }
            2 => {}
            _ => {
                match n {
                    0 | 1 if a.select(0, 0) < 0.25 || n == 2 => {
                        a = b.maximum(&b);
                        let mut t0 = Tensor::scalar(0.0, x.device());
                        while t0 < 3 {
                            t0 = t0 + 1;
                            continue;
                        }
                        a = b.tanh();
                    }
                    2 => {}
                    _ => {
                    }
                }
            }
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f201(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        a = (&a - &a) * 0.5;
        b = -&b;
        if b.sum() > 0.9 {
            a = a.try_add(&a)?;
            if c.sum() > 0.4 {
                while a.sum() < 4 {
                    a = a.abs() + 0.5;
                    if c.sum() > 1 { break; }
                    c = &c + 0.25;
                }
                a = (&c + &c) * 0.25;
                while b.sum() < 4 {
                    b = b.abs() + 0.5;
                }
            } else {
                list.push(&b * 0.5 + n);
            }
        } else if b.select(0, 0) < 0.25 || n == 2 {
        } else {
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f202(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        let mut t0 = Tensor::scalar(0.0, x.device());
        while t0 < 4 && !(a.sum() > 1.2) {
            t0 = t0 + 1;
            if b.select(0, 0) < 0.25 || n == 2 {
                let d1;
                if list.len() > 2 || c.select(0, 1) != 0 { d1 = -&a; } else { d1 = a.clone(); }
                c = &c * 0.5 + d1;
            } else {
                if a.select(0, 0) < 0.25 || n == 2 {
                    a = a.tanh();
                    b = list[0].clone() - &a;
                    break;
                } else if list.len() > 2 || a.select(0, 1) != 0 {
                    a = &b + 0.5;
                    list[0] = a.maximum(&a);
                }
            }
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f203(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        for i in 0..2 {
            b = &b * 0.5 + i;
            a = list[0].clone() - &c;
            for i in 0..b.abs().sum().minimum(2) {
                c = &c * 0.5 + &i * 0.25;
                break;
            }
            if a.sum() > 1.1 {
                for t in list.iter_mut() { if c.sum() > 0 { *t = &*t * 0.5; } }
                match n {
                    0 | 1 if b.sum() > 0.8 => {
                        c = list[0].clone() - &c;
                        b = a.tanh();
                    }
                    2 => {}
                    _ => {
                    }
                }
            } else {
            }
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f204(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        let mut t0 = Tensor::scalar(0.0, x.device());
        while t0 < 4 && b.sum() < 3 {
            t0 = t0 + 1;
            if b.select(0, 0) < 0.25 || n == 2 {
                let next = list[0].clone() - &a;
                c = if a.sum() > 1.7 { next * 0.5 } else { c };
                a = a.maximum(&a);
                a = b.tanh();
            } else if !(c.sum() >= 0.5) {
                let next = -&c;
                c = if c.sum() > 1.0 { next * 0.5 } else { c };
                for i in 0..3 {
                    b = &b * 0.5 + i;
                    list[0] = c.maximum(&a);
                    a = &c * 0.5;
                }
            } else {
            }
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f205(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        list[0] = c.maximum(&c);
        list[0] = &b * 0.5 + n;
        match n {
            0 | 1 if list.len() > 2 || b.select(0, 1) != 0 => {
                a = (&c + &b) * 0.25;
            }
            2 => {}
            _ => {
                c = -&a;
                list.push(list[0].clone() - &c);
            }
        }
        if c.select(0, 0) < 0.25 || n == 2 {
            if c.select(0, 0) < 0.25 || n == 2 {
                for i in 0..3 {
                    b = &b * 0.5 + i;
                }
            } else if a.sum() > 0.7 {
            }
        } else if list.len() > 2 || b.select(0, 1) != 0 {
        } else {
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f206(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        c = (&b + &b) * 0.25;
        while a.sum() < 3 {
            a = a.abs() + 0.5;
            if c.sum() > 1 { break; }
            c = &c + 0.25;
        }
        let mut t0 = Tensor::scalar(0.0, x.device());
        while t0 < 4 && a.sum() < 3 {
            t0 = t0 + 1;
            if c.sum() > 1.1 {
                while a.sum() < 4 {
                    a = a.abs() + 0.5;
                    if c.sum() > 1 { break; }
                    c = &c + 0.25;
                }
            } else {
                let next = &b * 0.5;
                c = if n % 2 == 0 && b.sum() > 0 { next * 0.5 } else { c };
                a = (&b - &b) * 0.5;
                for i in 0..3 {
                    b = &b * 0.5 + i;
                    b = &a + 0.5;
                }
            }
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f207(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        let mut t0 = Tensor::scalar(0.0, x.device());
        while t0 < 3 && b.sum() < 3 {
            t0 = t0 + 1;
            let d1;
            if list.len() > 2 || b.select(0, 1) != 0 { d1 = -&c; } else { d1 = a.clone(); }
            c = &c * 0.5 + d1;
            list[0] = b.tanh();
        }
        let next = c.maximum(&c);
        let chosen = b.sum() > 0.25;
        let mut set = |t: &Tensor| b = t * 0.5;
        if chosen { set(&next); }
        if b.sum() > 1.9 {
            c = if a.sum() > 0.3 { (&a - &b) * 0.5 } else { b.tanh() };
        }
        c = if a.sum() > 0.7 { a.tanh() } else { (&a - &b) * 0.5 };
        let r3 = &mut list;
        if c.sum() > 0 { r3.push(c.clone()); }
        match n {
            0 | 1 if c.sum() > 1.5 => {
            }
            2 => {}
            _ => {
            }
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f208(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        b = c.maximum(&c);
        let mut t0 = Tensor::scalar(0.0, x.device());
        loop {
            t0 = t0 + 1;
            if t0 > 4 || c.sum() > 1.7 { break; }
            let next = list[0].clone() - &c;
            let chosen = b.sum() > 0.25;
            let mut set = |t: &Tensor| b = t * 0.5;
            if chosen { set(&next); }
            if a.select(0, 0) < 0.25 || n == 2 {
                if a.sum() > 0.3 {
                    break;
                } else if c.sum() > b.sum() && b.sum() < 1 {
                    a = -&b;
                } else {
                    list[0] = (&c - &c) * 0.5;
                    c = &b * 0.5;
                }
            } else if a.sum() > 0.2 {
            } else {
            }
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f209(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        a = -&a;
        b = &b + 0.5;
        if !(c.sum() >= 0.5) {
            c = if list.len() > 2 || b.select(0, 1) != 0 { &c + 0.5 } else { &c * 0.5 };
            list[0] = &c * 0.5;
            let r0 = &mut list;
            if c.sum() > 0 { r0.push(c.clone()); }
        } else {
            if a.sum() > 0.1 {
                list[0] = (&a + &c) * 0.25;
            }
            while b.sum() < 0 {
                b = b.abs() + 0.5;
                if c.sum() > 1 { break; }
                c = &c + 0.25;
            }
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f210(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        b = if b.select(0, 0) < 0.25 || n == 2 { (&a + &c) * 0.25 } else { list[0].clone() - &b };
        let mut t0 = Tensor::scalar(0.0, x.device());
        while t0 < 0 && a.sum() < 3 {
            t0 = t0 + 1;
            b = if n > 1 { list[0].clone() - &b } else { -&a };
        }
        c = a.tanh();
        for i in 0..3 {
            b = &b * 0.5 + i;
            match n {
                0 | 1 if c.sum() > 1.5 => {
                    let next = &c * 0.5 + n;
                    a = if list.len() > 2 || c.select(0, 1) != 0 { next * 0.5 } else { a };
                }
                2 => {}
                _ => {
                    a = &a + 0.5;
                }
            }
            a = if !(a.sum() >= 0.5) { (&c - &b) * 0.5 } else { c.tanh() };
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f211(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        a = &a * 0.5;
        let mut t0 = Tensor::scalar(0.0, x.device());
        loop {
            t0 = t0 + 1;
            if t0 > 4 || c.sum() > 1.8 { break; }
            let mut t1 = Tensor::scalar(0.0, x.device());
            loop {
                t1 = t1 + 1;
                if t1 > 3 || a.sum() > 1.0 { break; }
                if n % 2 == 0 && b.sum() > 0 {
                    c = &c + 0.5;
                    break;
                }
                if list.len() > 2 || b.select(0, 1) != 0 {
                    c = &c * 0.5 + n;
                } else {
                    a = (&c + &a) * 0.25;
                }
            }
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f212(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        if c.select(0, 0) < 0.25 || n == 2 {
            c = list[0].clone() - &c;
        } else if !(b.sum() >= 0.5) {
            let next = (&b - &a) * 0.5;
            c = if !(b.sum() >= 0.5) { next * 0.5 } else { c };
            c = c.try_add(&a)?;
            let mut t0 = Tensor::scalar(0.0, x.device());
            while t0 < 1 && !(b.sum() > 0.1) {
                t0 = t0 + 1;
                for i in 0..3 {
                    b = &b * 0.5 + i;
                    c = &a + 0.5;
                }
            }
        }
        c = &a + 0.5;
        list.push((&a - &c) * 0.5);
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f213(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        let next = (&b - &c) * 0.5;
        c = if c.sum() > 0.0 { next * 0.5 } else { c };
        a = if !(b.sum() >= 0.5) { (&a - &a) * 0.5 } else { &c + 0.5 };
        let d0;
        if c.sum() > 1.8 { d0 = &a + 0.5; } else { d0 = a.clone(); }
        c = &c * 0.5 + d0;
        a = a.maximum(&b);
        while b.sum() < 1 {
            b = b.abs() + 0.5;
            if c.sum() > 1 { break; }
            c = &c + 0.25;
        }
        let next = list[0].clone() - &c;
        let chosen = b.sum() > 0.25;
        let mut set = |t: &Tensor| b = t * 0.5;
        if chosen { set(&next); }
        while a.sum() < 4 {
            a = a.abs() + 0.5;
            if c.sum() > 1 { break; }
            c = &c + 0.25;
        }
        let next = (&b - &c) * 0.5;
        b = if c.sum() > 0.8 { next * 0.5 } else { b };
        c = (&b + &c) * 0.25;
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f214(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        let d0;
        if b.sum() > 0.4 { d0 = c.maximum(&b); } else { d0 = a.clone(); }
        c = &c * 0.5 + d0;
        let next = list[0].clone() - &a;
        c = if a.sum() > 1.1 { next * 0.5 } else { c };
        list[0] = (&a + &c) * 0.25;
        let d1;
        if n % 2 == 0 && c.sum() > 0 { d1 = -&a; } else { d1 = a.clone(); }
        c = &c * 0.5 + d1;
        if b.select(0, 0) < 0.25 || n == 2 {
            list.push(&a * 0.5 + n);
        } else {
            let mut t2 = Tensor::scalar(0.0, x.device());
            while t2 < 4 && a.sum() < 3 {
                t2 = t2 + 1;
                a = a.try_add(&a)?;
                let mut t3 = Tensor::scalar(0.0, x.device());
                loop {
                    t3 = t3 + 1;
                    if t3 > 0 || !(c.sum() >= 0.5) { break; }
                }
            }
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f215(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        c = if list.len() > 2 || a.select(0, 1) != 0 { list[0].clone() - &b } else { (&b - &c) * 0.5 };
        for i in 0..c.abs().sum().minimum(1) {
            b = &b * 0.5 + &i * 0.25;
            let d0;
            if a.sum() > 1.3 { d0 = &a * 0.5; } else { d0 = a.clone(); }
            c = &c * 0.5 + d0;
            a = &c * 0.5;
            c = b.tanh();
        }
        if n > 1 {
            let d1;
            if a.sum() > 0.2 { d1 = (&c + &c) * 0.25; } else { d1 = a.clone(); }
            c = &c * 0.5 + d1;
        } else if c.sum() > 0.2 {
            return Ok((a, b * 0, n));
        }
        c = &c * 0.5;
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f216(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        b = &b + 0.5;
        let next = &c * 0.5;
        c = if n % 2 == 0 && a.sum() > 0 { next * 0.5 } else { c };
        for i in 0..2 {
            b = &b * 0.5 + i;
            b = (&c - &b) * 0.5;
            if c.select(0, 0) < 0.25 || n == 2 {
                let d0;
                if c.sum() > 1.7 { d0 = -&b; } else { d0 = a.clone(); }
                c = &c * 0.5 + d0;
                list.push(&b * 0.5 + n);
                b = -&a;
            } else if list.len() > 2 || a.select(0, 1) != 0 {
                if list.len() > 2 || b.select(0, 1) != 0 {
                }
            } else {
            }
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f217(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        a = if list.len() > 2 || b.select(0, 1) != 0 { &a + 0.5 } else { &c * 0.5 };
        let mut t0 = Tensor::scalar(0.0, x.device());
        loop {
            t0 = t0 + 1;
            if t0 > 2 || !(b.sum() >= 0.5) { break; }
            if n > 1 {
                b = if list.len() > 2 || b.select(0, 1) != 0 { (&c + &a) * 0.25 } else { &c + 0.5 };
                b = b.tanh();
            }
            let mut t1 = Tensor::scalar(0.0, x.device());
            while t1 < 4 && b.sum() < 3 {
                t1 = t1 + 1;
                b = -&a;
                for i in 0..3 {
                    b = &b * 0.5 + i;
                    c = &a * 0.5 + n;
                }
            }
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f218(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        for i in 0..1 {
            b = &b * 0.5 + i;
            if n > 1 {
                a = &b + 0.5;
                let mut t0 = Tensor::scalar(0.0, x.device());
                while t0 < 4 && a.sum() < 3 {
                    t0 = t0 + 1;
                    continue;
                }
                if !(a.sum() >= 0.5) {
                    b = &c + 0.5;
                    b = (&b - &c) * 0.5;
                } else {
                    a = list[0].clone() - &b;
                }
            }
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f219(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        let r0 = &mut list;
        if c.sum() > 0 { r0.push(c.clone()); }
        let mut t1 = Tensor::scalar(0.0, x.device());
        while t1 < 4 {
            t1 = t1 + 1;
            list[0] = &a * 0.5;
        }
        let d2;
        if a.sum() > 0.2 { d2 = list[0].clone() - &b; } else { d2 = a.clone(); }
        c = &c * 0.5 + d2;
        if b.sum() > 1.3 {
            c = (&b + &a) * 0.25;
            c = if b.sum() > 0.6 { -&c } else { &c + 0.5 };
            a = &c + 0.5;
        }
        b = a.tanh();
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f220(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        let mut t0 = Tensor::scalar(0.0, x.device());
        while t0 < 3 && b.sum() < 3 {
            t0 = t0 + 1;
            if a.sum() > 1.2 {
                while c.sum() < 4 {
                    c = c.abs() + 0.5;
                    if c.sum() > 1 { break; }
                    c = &c + 0.25;
                }
            } else {
                match n {
                    0 | 1 if a.sum() > c.sum() && c.sum() < 1 => {
                        c = &b + 0.5;
                        b = list[0].clone() - &c;
                        c = (&a + &b) * 0.25;
                    }
                    2 => {}
                    _ => {
                        c = a.tanh();
                        a = c.tanh();
                    }
                }
            }
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f221(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        for t in list.iter_mut() { if b.sum() > 0 { *t = &*t * 0.5; } }
        a = &c * 0.5;
        list[0] = &c * 0.5;
        c = if list.len() > 2 || a.select(0, 1) != 0 { c.tanh() } else { (&b - &b) * 0.5 };
        a = -&c;
        let r1 = &mut list;
        if c.sum() > 0 { r1.push(c.clone()); }
        match n {
            0 | 1 if c.sum() > 1.1 => {
                if n > 1 {
                    while a.sum() < 0 {
                        a = a.abs() + 0.5;
                        if c.sum() > 1 { break; }
                        c = &c + 0.25;
                    }
                } else if n > 1 {
                }
            }
            2 => {}
            _ => {
            }
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f222(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        let r0 = &mut list;
        if c.sum() > 0 { r0.push(c.clone()); }
        if b.sum() > 1.2 {
            for i in 0..3 {
                b = &b * 0.5 + i;
                let r1 = &mut list;
                if c.sum() > 0 { r1.push(c.clone()); }
            }
        }
        if n % 2 == 0 && a.sum() > 0 {
            if n % 2 == 0 && a.sum() > 0 {
                if b.sum() > 1.3 {
                    list[0] = c.tanh();
                    b = &c + 0.5;
                } else {
                }
            } else {
            }
        } else if b.sum() > 0.4 {
        } else {
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f223(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        b = (&a - &c) * 0.5;
        b = &c + 0.5;
        let mut t0 = Tensor::scalar(0.0, x.device());
        while t0 < 3 && c.sum() < 3 {
            t0 = t0 + 1;
            a = b.maximum(&a);
            break;
        }
        list.push((&a - &a) * 0.5);
        a = if c.select(0, 0) < 0.25 || n == 2 { &c * 0.5 + n } else { &a * 0.5 + n };
        c = (&a + &b) * 0.25;
        let next = (&b + &c) * 0.25;
        a = if a.sum() > 0.7 { next * 0.5 } else { a };
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f224(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        c = if c.sum() > 0.5 { (&c - &c) * 0.5 } else { a.maximum(&a) };
        if n > 1 {
            c = &a * 0.5;
            if list.len() > 2 || a.select(0, 1) != 0 {
                c = if c.sum() > b.sum() && b.sum() < 1 { &b + 0.5 } else { (&c + &b) * 0.25 };
            }
            list.push(&b * 0.5 + n);
        }
        let mut t0 = Tensor::scalar(0.0, x.device());
        loop {
            t0 = t0 + 1;
            if t0 > 1 || !(c.sum() >= 0.5) { break; }
            for i in 0..c.abs().sum().minimum(1) {
                b = &b * 0.5 + &i * 0.25;
                c = if b.sum() > 1.0 { a.maximum(&b) } else { b.tanh() };
            }
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f225(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        if list.len() > 2 || c.select(0, 1) != 0 {
            let mut t0 = Tensor::scalar(0.0, x.device());
            while t0 < 3 {
                t0 = t0 + 1;
                let next = -&c;
                a = if list.len() > 2 || b.select(0, 1) != 0 { next * 0.5 } else { a };
                let mut t1 = Tensor::scalar(0.0, x.device());
                loop {
                    t1 = t1 + 1;
                    if t1 > 4 || n > 1 { break; }
                    b = b.tanh();
                    c = &c + 0.5;
                    b = &b + 0.5;
                }
                while a.sum() < 3 {
                    a = a.abs() + 0.5;
                }
            }
            let mut t2 = Tensor::scalar(0.0, x.device());
            while t2 < 1 && a.sum() < 3 {
                t2 = t2 + 1;
            }
        } else if list.len() > 2 || b.select(0, 1) != 0 {
        } else {
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f226(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        c = (&b + &c) * 0.25;
        a = &b * 0.5 + n;
        c = if b.sum() > 1.0 { &b + 0.5 } else { -&b };
        c = list[0].clone() - &c;
        let next = (&c - &b) * 0.5;
        c = if c.sum() > 0.5 { next * 0.5 } else { c };
        match n {
            0 | 1 if !(c.sum() >= 0.5) => {
                list[0] = &a * 0.5 + n;
                if b.sum() > 1.3 {
                    for i in 0..3 {
                        b = &b * 0.5 + i;
                    }
                } else {
                }
            }
            2 => {}
            _ => {
            }
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f227(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        b = (&c + &b) * 0.25;
        let mut t0 = Tensor::scalar(0.0, x.device());
        while t0 < 1 {
            t0 = t0 + 1;
            while b.sum() < 0 {
                b = b.abs() + 0.5;
                if c.sum() > 1 { break; }
                c = &c + 0.25;
            }
        }
        if b.sum() > 0.9 {
            match n {
                0 | 1 if c.sum() > 0.4 => {
                    c = &b * 0.5;
                    b = (&a - &c) * 0.5;
                    a = if n > 1 { &c + 0.5 } else { &b * 0.5 + n };
                }
                2 => {}
                _ => {
                    let next = list[0].clone() - &b;
                    c = if c.sum() > 1.5 { next * 0.5 } else { c };
                }
            }
        } else if !(a.sum() >= 0.5) {
        } else {
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f228(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        if n % 2 == 0 && a.sum() > 0 {
            b = if c.sum() > 1.6 { a.tanh() } else { -&a };
            if a.sum() > 0.5 {
                if n % 2 == 0 && c.sum() > 0 {
                    b = -&c;
                    b = list[0].clone() - &b;
                }
            } else if c.sum() > 0.5 {
                list[0] = (&c - &a) * 0.5;
                c = if c.sum() > 0.8 { a.maximum(&b) } else { (&a - &b) * 0.5 };
                c = (&a + &c) * 0.25;
            }
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f229(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        a = (&a + &b) * 0.25;
        let mut t0 = Tensor::scalar(0.0, x.device());
        while t0 < 4 && !(n > 1) {
            t0 = t0 + 1;
            let mut t1 = Tensor::scalar(0.0, x.device());
            while t1 < 2 && b.sum() < 3 {
                t1 = t1 + 1;
                if b.sum() > b.sum() && b.sum() < 1 {
                    a = &c * 0.5;
                } else if n % 2 == 0 && b.sum() > 0 {
                    list.push(list[0].clone() - &c);
                    list[0] = (&c - &c) * 0.5;
                    list.push(-&b);
                }
                if list.len() > 2 || b.select(0, 1) != 0 {
                } else {
                }
            }
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f230(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        let mut t0 = Tensor::scalar(0.0, x.device());
        loop {
            t0 = t0 + 1;
            if t0 > 1 || b.sum() > 0.1 { break; }
            list[0] = &a * 0.5 + n;
            a = c.maximum(&a);
        }
        match n {
            0 | 1 if n % 2 == 0 && c.sum() > 0 => {
                if b.sum() > 0.7 {
                    list.push(c.maximum(&c));
                    for i in 0..1 {
                        b = &b * 0.5 + i;
                        list.push(a.tanh());
                    }
                    b = -&a;
                } else {
                }
            }
            2 => {}
            _ => {
            }
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f231(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        while c.sum() < 1 {
            c = c.abs() + 0.5;
        }
        match n {
            0 | 1 if c.sum() > 0.2 => {
                b = if c.sum() > 0.4 { (&a + &c) * 0.25 } else { &c * 0.5 + n };
                c = if a.sum() > c.sum() && c.sum() < 1 { -&b } else { c.tanh() };
                a = a.try_add(&a)?;
            }
            2 => {}
            _ => {
                while c.sum() < 2 {
                    c = c.abs() + 0.5;
                    if c.sum() > 1 { break; }
                    c = &c + 0.25;
                }
                let next = list[0].clone() - &c;
                a = if b.sum() > 0.7 { next * 0.5 } else { a };
            }
        }
        for i in 0..1 {
            b = &b * 0.5 + i;
            c = if c.select(0, 0) < 0.25 || n == 2 { &a + 0.5 } else { &a * 0.5 };
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f232(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        let r0 = &mut list;
        if c.sum() > 0 { r0.push(c.clone()); }
        let mut t1 = Tensor::scalar(0.0, x.device());
        loop {
            t1 = t1 + 1;
            if t1 > 1 || b.sum() > 1.7 { break; }
            let d2;
            if a.sum() > 0.6 { d2 = (&c - &c) * 0.5; } else { d2 = a.clone(); }
            c = &c * 0.5 + d2;
        }
        a = (&a + &a) * 0.25;
        a = c.tanh();
        b = (&c + &c) * 0.25;
        if n > 1 {
            b = &c * 0.5 + n;
            for i in 0..a.abs().sum().minimum(1) {
                c = &c * 0.5 + &i * 0.25;
            }
        } else {
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f233(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        a = &c * 0.5 + n;
        if c.sum() > 1.0 {
            return Ok((a, b * 1, n));
        }
        list.push(&c * 0.5);
        for i in 0..c.abs().sum().minimum(1) {
            b = &b * 0.5 + &i * 0.25;
            if c.select(0, 0) < 0.25 || n == 2 {
                for i in 0..b.abs().sum().minimum(3) {
                    c = &c * 0.5 + &i * 0.25;
                    list[0] = list[0].clone() - &a;
                    c = -&b;
                }
            }
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f234(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        if !(b.sum() >= 0.5) {
            let mut t0 = Tensor::scalar(0.0, x.device());
            while t0 < 4 && !(n % 2 == 0 && b.sum() > 0) {
                t0 = t0 + 1;
                b = if a.sum() > c.sum() && c.sum() < 1 { &c * 0.5 + n } else { (&b + &b) * 0.25 };
            }
            a = (&c + &a) * 0.25;
        } else if c.sum() > c.sum() && c.sum() < 1 {
            b = if c.sum() > c.sum() && c.sum() < 1 { -&a } else { list[0].clone() - &c };
            a = (&c - &c) * 0.5;
        }
        a = (&b + &a) * 0.25;
        a = &b * 0.5 + n;
        if a.sum() > 0.6 {
        } else {
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f235(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        let d0;
        if c.sum() > 0.2 { d0 = &a + 0.5; } else { d0 = a.clone(); }
        c = &c * 0.5 + d0;
        while a.sum() < 2 {
            a = a.abs() + 0.5;
            if c.sum() > 1 { break; }
            c = &c + 0.25;
        }
        if b.sum() > 1.4 {
            if c.sum() > 0.5 {
                a = if c.sum() > 0.5 { &c * 0.5 + n } else { &b + 0.5 };
                list.push((&a - &c) * 0.5);
                if !(b.sum() >= 0.5) {
                    c = &a + 0.5;
                    a = b.tanh();
                } else if b.sum() > 1.0 {
                } else {
                }
            } else if b.sum() > b.sum() && b.sum() < 1 {
            }
        } else {
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f236(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        b = if !(a.sum() >= 0.5) { &b + 0.5 } else { (&c - &a) * 0.5 };
        if !(c.sum() >= 0.5) {
            c = (&a - &a) * 0.5;
        }
        let mut t0 = Tensor::scalar(0.0, x.device());
        while t0 < 4 {
            t0 = t0 + 1;
            for t in list.iter_mut() { if c.sum() > 0 { *t = &*t * 0.5; } }
            let r2 = &mut list;
            if c.sum() > 0 { r2.push(c.clone()); }
        }
        let next = &b * 0.5 + n;
        a = if !(c.sum() >= 0.5) { next * 0.5 } else { a };
        if a.sum() > 1.4 {
            if n > 1 {
            }
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f237(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        list.push(&b * 0.5 + n);
        c = &a + 0.5;
        let d0;
        if b.sum() > 1.6 { d0 = (&a - &b) * 0.5; } else { d0 = a.clone(); }
        c = &c * 0.5 + d0;
        if n > 1 {
            let d1;
            if c.select(0, 0) < 0.25 || n == 2 { d1 = (&b + &c) * 0.25; } else { d1 = a.clone(); }
            c = &c * 0.5 + d1;
        } else if n % 2 == 0 && b.sum() > 0 {
            if b.sum() > 0.2 {
                c = list[0].clone() - &b;
                c = -&a;
                if n > 1 {
                } else {
                }
            } else if b.sum() > 0.7 {
            } else {
            }
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f238(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        c = &c + 0.5;
        b = if b.sum() > 1.7 { &a * 0.5 + n } else { (&a - &c) * 0.5 };
        let mut t0 = Tensor::scalar(0.0, x.device());
        while t0 < 2 {
            t0 = t0 + 1;
            if a.sum() > 0.1 {
                list[0] = (&c - &c) * 0.5;
                a = if c.sum() > 0.2 { &c + 0.5 } else { &c * 0.5 };
                b = a.maximum(&b);
            } else if a.sum() > 0.7 {
                for i in 0..c.abs().sum().minimum(2) {
                    b = &b * 0.5 + &i * 0.25;
                    b = -&c;
                }
            } else {
            }
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f239(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        for t in list.iter_mut() { if a.sum() > 0 { *t = &*t * 0.5; } }
        for i in 0..2 {
            b = &b * 0.5 + i;
            if list.len() > 2 || c.select(0, 1) != 0 {
                b = if a.sum() > 1.7 { -&b } else { &a * 0.5 + n };
                while c.sum() < 3 {
                    c = c.abs() + 0.5;
                }
                for i in 0..1 {
                    b = &b * 0.5 + i;
                    a = &a * 0.5 + n;
                    c = &b + 0.5;
                }
            } else {
                let mut t1 = Tensor::scalar(0.0, x.device());
                loop {
                    t1 = t1 + 1;
                    if t1 > 4 || c.sum() > 0.6 { break; }
                }
            }
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f240(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        let r0 = &mut list;
        if c.sum() > 0 { r0.push(c.clone()); }
        let mut t1 = Tensor::scalar(0.0, x.device());
        loop {
            t1 = t1 + 1;
            if t1 > 1 || c.select(0, 0) < 0.25 || n == 2 { break; }
            if b.sum() > 1.9 {
                if list.len() > 2 || c.select(0, 1) != 0 {
                    b = &a * 0.5 + n;
                    n += 1;
                }
                a = -&b;
                let mut t2 = Tensor::scalar(0.0, x.device());
                loop {
                    t2 = t2 + 1;
                    if t2 > 0 || n > 1 { break; }
                    a = &b * 0.5;
                }
            } else if b.select(0, 0) < 0.25 || n == 2 {
            }
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f241(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        let mut t0 = Tensor::scalar(0.0, x.device());
        while t0 < 3 && c.sum() < 3 {
            t0 = t0 + 1;
            let mut t1 = Tensor::scalar(0.0, x.device());
            while t1 < 0 {
                t1 = t1 + 1;
                if list.len() > 2 || b.select(0, 1) != 0 {
                    list[0] = list[0].clone() - &a;
                    c = &b + 0.5;
                } else {
                    list.push(&b * 0.5 + n);
                    c = &b + 0.5;
                }
                let next = &a + 0.5;
                let chosen = b.sum() > 0.25;
                let mut set = |t: &Tensor| b = t * 0.5;
                if chosen { set(&next); }
            }
        }
        match n {
            0 | 1 if !(b.sum() >= 0.5) => {
            }
            2 => {}
            _ => {
            }
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f242(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        b = c.maximum(&b);
        if c.select(0, 0) < 0.25 || n == 2 {
            if !(b.sum() >= 0.5) {
                list[0] = (&a + &a) * 0.25;
                for i in 0..b.abs().sum().minimum(1) {
                    a = &a * 0.5 + &i * 0.25;
                    b = c.tanh();
                    a = &b * 0.5;
                }
            } else {
                list[0] = list[0].clone() - &a;
            }
            list[0] = a.tanh();
        } else if n > 1 {
        } else {
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f243(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        let d0;
        if n > 1 { d0 = &c * 0.5 + n; } else { d0 = a.clone(); }
        c = &c * 0.5 + d0;
        list.push(list[0].clone() - &c);
        a = a.try_add(&a)?;
        b = if n > 1 { (&c - &a) * 0.5 } else { &b + 0.5 };
        b = b.maximum(&b);
        if n % 2 == 0 && a.sum() > 0 {
            let d1;
            if n > 1 { d1 = -&b; } else { d1 = a.clone(); }
            c = &c * 0.5 + d1;
            if n > 1 {
                list[0] = (&c + &a) * 0.25;
            }
        } else {
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f244(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        c = if a.sum() > 1.0 { &b * 0.5 + n } else { (&a + &c) * 0.25 };
        b = -&a;
        list.push(c.maximum(&c));
        match n {
            0 | 1 if b.sum() > 1.1 => {
                match n {
                    0 | 1 if n > 1 => {
                        list.push(&c * 0.5);
                        b = -&a;
                    }
                    2 => {}
                    _ => {
                        c = if b.sum() > c.sum() && c.sum() < 1 { -&b } else { &a * 0.5 };
                        list[0] = -&b;
                    }
                }
            }
            2 => {}
            _ => {
            }
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f245(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        a = (&c - &b) * 0.5;
        let mut t0 = Tensor::scalar(0.0, x.device());
        loop {
            t0 = t0 + 1;
            if t0 > 0 || n % 2 == 0 && b.sum() > 0 { break; }
            for i in 0..c.abs().sum().minimum(2) {
                a = &a * 0.5 + &i * 0.25;
                if b.sum() > 0.3 {
                    a = (&a + &c) * 0.25;
                    c = -&a;
                    a = -&c;
                }
                if c.sum() > 0.9 {
                    a = a.maximum(&c);
                } else {
                }
            }
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f246(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        c = if list.len() > 2 || c.select(0, 1) != 0 { a.tanh() } else { (&c + &b) * 0.25 };
        list.push(&a + 0.5);
        b = if b.sum() > c.sum() && c.sum() < 1 { b.tanh() } else { -&b };
        list[0] = &b * 0.5 + n;
        b = list[0].clone() - &a;
        for i in 0..1 {
            b = &b * 0.5 + i;
            while a.sum() < 4 {
                a = a.abs() + 0.5;
            }
            a = -&b;
            list[0] = (&a - &b) * 0.5;
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f247(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        let next = &c + 0.5;
        b = if b.sum() > 1.0 { next * 0.5 } else { b };
        b = &b * 0.5;
        if c.select(0, 0) < 0.25 || n == 2 {
            let mut t0 = Tensor::scalar(0.0, x.device());
            while t0 < 0 {
                t0 = t0 + 1;
                if c.sum() > 0.7 {
                    continue;
                } else {
                    a = (&c + &a) * 0.25;
                    a = &b * 0.5;
                }
            }
            match n {
                0 | 1 if a.sum() > 1.9 => {
                }
                2 => {}
                _ => {
                }
            }
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f248(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        let next = a.tanh();
        let chosen = b.sum() > 0.25;
        let mut set = |t: &Tensor| b = t * 0.5;
        if chosen { set(&next); }
        let mut t1 = Tensor::scalar(0.0, x.device());
        loop {
            t1 = t1 + 1;
            if t1 > 1 || n > 1 { break; }
            for i in 0..c.abs().sum().minimum(1) {
                b = &b * 0.5 + &i * 0.25;
                break;
            }
            break;
        }
        if c.select(0, 0) < 0.25 || n == 2 {
            list.push(&b + 0.5);
        } else if b.sum() > 1.0 {
            a = if c.sum() > 0.4 { (&a - &a) * 0.5 } else { list[0].clone() - &a };
            if n > 1 {
            } else if a.sum() > a.sum() && a.sum() < 1 {
            }
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f249(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        list[0] = a.tanh();
        a = a.tanh();
        let mut t0 = Tensor::scalar(0.0, x.device());
        while t0 < 4 && a.sum() < 3 {
            t0 = t0 + 1;
            b = -&b;
        }
        b = if c.sum() > 0.0 { c.tanh() } else { &b + 0.5 };
        let mut t1 = Tensor::scalar(0.0, x.device());
        loop {
            t1 = t1 + 1;
            if t1 > 0 || list.len() > 2 || a.select(0, 1) != 0 { break; }
            a = if list.len() > 2 || b.select(0, 1) != 0 { a.maximum(&b) } else { list[0].clone() - &c };
            continue;
        }
        c = if a.select(0, 0) < 0.25 || n == 2 { (&b + &c) * 0.25 } else { &c * 0.5 + n };
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f250(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        match n {
            0 | 1 if n > 1 => {
                match n {
                    0 | 1 if c.sum() > a.sum() && a.sum() < 1 => {
                        a = &b + 0.5;
                        c = if a.sum() > a.sum() && a.sum() < 1 { -&b } else { (&c + &c) * 0.25 };
                        if c.sum() > c.sum() && c.sum() < 1 {
                            list[0] = &b + 0.5;
                        } else if a.sum() > b.sum() && b.sum() < 1 {
                            c = -&b;
                            a = c.maximum(&a);
                        } else {
                            b = -&b;
                        }
                    }
                    2 => {}
                    _ => {
                    }
                }
            }
            2 => {}
            _ => {
            }
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f251(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        b = &a * 0.5 + n;
        if n > 1 {
            for i in 0..c.abs().sum().minimum(3) {
                a = &a * 0.5 + &i * 0.25;
                let d0;
                if n % 2 == 0 && c.sum() > 0 { d0 = -&a; } else { d0 = a.clone(); }
                c = &c * 0.5 + d0;
                let mut t1 = Tensor::scalar(0.0, x.device());
                while t1 < 3 && a.sum() < 3 {
                    t1 = t1 + 1;
                    c = list[0].clone() - &c;
                    b = c.tanh();
                }
                c = c.try_add(&a)?;
            }
            let mut t2 = Tensor::scalar(0.0, x.device());
            loop {
                t2 = t2 + 1;
                if t2 > 1 || list.len() > 2 || b.select(0, 1) != 0 { break; }
            }
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f252(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        if c.sum() > 1.0 {
            c = &b * 0.5;
        } else if c.sum() > 0.1 {
            list.push(&c + 0.5);
            c = if b.sum() > b.sum() && b.sum() < 1 { &b + 0.5 } else { list[0].clone() - &a };
            while c.sum() < 0 {
                c = c.abs() + 0.5;
            }
        }
        if b.sum() > 0.0 {
            let mut t0 = Tensor::scalar(0.0, x.device());
            while t0 < 2 && !(c.sum() > 1.6) {
                t0 = t0 + 1;
                if !(b.sum() >= 0.5) {
                    continue;
                } else {
                }
            }
        } else if b.select(0, 0) < 0.25 || n == 2 {
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f253(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        let mut t0 = Tensor::scalar(0.0, x.device());
        loop {
            t0 = t0 + 1;
            if t0 > 2 || c.select(0, 0) < 0.25 || n == 2 { break; }
            if c.sum() > 0.1 {
                continue;
            } else {
                b = b.tanh();
            }
            a = a.maximum(&b);
            if c.sum() > 0.8 {
                if c.sum() > 0.8 {
                    continue;
                } else {
                    a = (&a + &b) * 0.25;
                }
            } else if b.sum() > c.sum() && c.sum() < 1 {
            }
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f254(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        if n % 2 == 0 && a.sum() > 0 {
            let mut t0 = Tensor::scalar(0.0, x.device());
            while t0 < 4 && c.sum() < 3 {
                t0 = t0 + 1;
                match n {
                    0 | 1 if n > 1 => {
                        b = a.tanh();
                        break;
                    }
                    2 => {}
                    _ => {
                        c = &a * 0.5;
                    }
                }
            }
            b = if c.sum() > 0.4 { &a + 0.5 } else { -&c };
        } else if !(b.sum() >= 0.5) {
            for t in list.iter_mut() { if a.sum() > 0 { *t = &*t * 0.5; } }
            let next = (&b - &b) * 0.5;
            c = if list.len() > 2 || a.select(0, 1) != 0 { next * 0.5 } else { c };
        } else {
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f255(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        if list.len() > 2 || a.select(0, 1) != 0 {
            let mut t0 = Tensor::scalar(0.0, x.device());
            while t0 < 1 && !(c.sum() > 0.1) {
                t0 = t0 + 1;
                a = if list.len() > 2 || c.select(0, 1) != 0 { &a * 0.5 + n } else { (&a - &c) * 0.5 };
                let mut t1 = Tensor::scalar(0.0, x.device());
                while t1 < 0 && !(n > 1) {
                    t1 = t1 + 1;
                    b = (&a + &b) * 0.25;
                    b = &a * 0.5;
                }
            }
            c = -&c;
            for i in 0..3 {
                b = &b * 0.5 + i;
                let mut t2 = Tensor::scalar(0.0, x.device());
                loop {
                    t2 = t2 + 1;
                    if t2 > 3 || c.sum() > 0.6 { break; }
                }
            }
        } else {
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f256(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        if !(a.sum() >= 0.5) {
            a = if n > 1 { (&a + &a) * 0.25 } else { -&b };
            let next = -&c;
            c = if !(c.sum() >= 0.5) { next * 0.5 } else { c };
            let next = &b * 0.5 + n;
            b = if n % 2 == 0 && c.sum() > 0 { next * 0.5 } else { b };
        } else {
            b = list[0].clone() - &c;
        }
        if b.sum() > 0.1 {
            let mut t0 = Tensor::scalar(0.0, x.device());
            while t0 < 2 {
                t0 = t0 + 1;
                let mut t1 = Tensor::scalar(0.0, x.device());
                loop {
                    t1 = t1 + 1;
                    if t1 > 4 || a.select(0, 0) < 0.25 || n == 2 { break; }
                    b = (&a - &c) * 0.5;
                }
            }
        } else if !(c.sum() >= 0.5) {
        } else {
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f257(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        if list.len() > 2 || b.select(0, 1) != 0 {
            c = -&b;
            match n {
                0 | 1 if list.len() > 2 || b.select(0, 1) != 0 => {
                    if b.sum() > 0.3 {
                        c = &c * 0.5 + n;
                    } else {
                        a = &a * 0.5 + n;
                        c = &a + 0.5;
                    }
                    b = a.maximum(&a);
                    let mut t0 = Tensor::scalar(0.0, x.device());
                    while t0 < 1 && c.sum() < 3 {
                        t0 = t0 + 1;
                    }
                }
                2 => {}
                _ => {
                }
            }
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f258(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        let d0;
        if a.sum() > 0.5 { d0 = &c * 0.5; } else { d0 = a.clone(); }
        c = &c * 0.5 + d0;
        if a.sum() > 0.7 {
            b = list[0].clone() - &c;
            let mut t1 = Tensor::scalar(0.0, x.device());
            while t1 < 2 && !(c.sum() > 0.7) {
                t1 = t1 + 1;
                for t in list.iter_mut() { if c.sum() > 0 { *t = &*t * 0.5; } }
            }
        } else {
            let mut t3 = Tensor::scalar(0.0, x.device());
            loop {
                t3 = t3 + 1;
                if t3 > 0 || a.sum() > 0.8 { break; }
                let mut t4 = Tensor::scalar(0.0, x.device());
                loop {
                    t4 = t4 + 1;
                    if t4 > 2 || list.len() > 2 || a.select(0, 1) != 0 { break; }
                    a = &c * 0.5 + n;
                    b = &a + 0.5;
                }
            }
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f259(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        c = (&c - &b) * 0.5;
        list[0] = -&c;
        b = &c * 0.5;
        for i in 0..a.abs().sum().minimum(1) {
            a = &a * 0.5 + &i * 0.25;
            list[0] = list[0].clone() - &a;
        }
        let r0 = &mut list;
        if c.sum() > 0 { r0.push(c.clone()); }
        while c.sum() < 2 {
            c = c.abs() + 0.5;
        }
        c = b.tanh();
        if a.sum() > 0.5 {
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f260(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        list[0] = b.tanh();
        c = if c.sum() > 1.2 { (&a + &b) * 0.25 } else { (&a + &c) * 0.25 };
        let d0;
        if a.select(0, 0) < 0.25 || n == 2 { d0 = &b * 0.5; } else { d0 = a.clone(); }
        c = &c * 0.5 + d0;
        match n {
            0 | 1 if c.select(0, 0) < 0.25 || n == 2 => {
                let next = &a + 0.5;
                b = if !(b.sum() >= 0.5) { next * 0.5 } else { b };
                let mut t1 = Tensor::scalar(0.0, x.device());
                loop {
                    t1 = t1 + 1;
                    if t1 > 2 || list.len() > 2 || c.select(0, 1) != 0 { break; }
                    let mut t2 = Tensor::scalar(0.0, x.device());
                    while t2 < 4 && b.sum() < 3 {
                        t2 = t2 + 1;
                        b = (&b + &b) * 0.25;
                        list[0] = (&c - &c) * 0.5;
                    }
                }
            }
            2 => {}
            _ => {
            }
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f261(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        if c.sum() > 0.2 {
            a = b.maximum(&a);
        } else {
            let next = &a * 0.5;
            b = if a.sum() > 0.7 { next * 0.5 } else { b };
            if a.sum() > 1.5 {
                let d0;
                if n % 2 == 0 && c.sum() > 0 { d0 = (&c + &b) * 0.25; } else { d0 = a.clone(); }
                c = &c * 0.5 + d0;
                c = &c * 0.5;
                let d1;
                if n % 2 == 0 && a.sum() > 0 { d1 = &b * 0.5; } else { d1 = a.clone(); }
                c = &c * 0.5 + d1;
            } else if c.sum() > 0.6 {
                for i in 0..1 {
                    b = &b * 0.5 + i;
                    b = &a * 0.5 + n;
                }
            }
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f262(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        for i in 0..c.abs().sum().minimum(1) {
            b = &b * 0.5 + &i * 0.25;
            for i in 0..b.abs().sum().minimum(2) {
                b = &b * 0.5 + &i * 0.25;
                let mut t0 = Tensor::scalar(0.0, x.device());
                while t0 < 2 && !(a.sum() > 0.9) {
                    t0 = t0 + 1;
                    b = -&b;
                    list.push(&c + 0.5);
                    list[0] = &b * 0.5;
                }
                a = a.maximum(&c);
                while c.sum() < 0 {
                    c = c.abs() + 0.5;
                }
            }
            a = (&b - &b) * 0.5;
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f263(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        list[0] = c.maximum(&c);
        let mut t0 = Tensor::scalar(0.0, x.device());
        loop {
            t0 = t0 + 1;
            if t0 > 0 || n > 1 { break; }
            for i in 0..a.abs().sum().minimum(3) {
                a = &a * 0.5 + &i * 0.25;
                a = if n % 2 == 0 && c.sum() > 0 { &a * 0.5 + n } else { &c * 0.5 };
                if !(b.sum() >= 0.5) {
                    a = b.maximum(&c);
                    c = &c * 0.5 + n;
                }
            }
            list.push(&a * 0.5 + n);
            a = b.maximum(&b);
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f264(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        let mut t0 = Tensor::scalar(0.0, x.device());
        loop {
            t0 = t0 + 1;
            if t0 > 3 || n > 1 { break; }
            let r1 = &mut list;
            if c.sum() > 0 { r1.push(c.clone()); }
        }
        if b.select(0, 0) < 0.25 || n == 2 {
            a = a.try_add(&a)?;
            if b.sum() > 1.3 {
                if list.len() > 2 || a.select(0, 1) != 0 {
                    b = -&c;
                    list.push(b.tanh());
                    list[0] = -&b;
                } else {
                }
            }
        } else {
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f265(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        list[0] = (&b + &a) * 0.25;
        while c.sum() < 0 {
            c = c.abs() + 0.5;
        }
        for i in 0..2 {
            b = &b * 0.5 + i;
            let mut t0 = Tensor::scalar(0.0, x.device());
            while t0 < 4 && c.sum() < 3 {
                t0 = t0 + 1;
                if b.sum() > 1.2 {
                    b = (&a - &c) * 0.5;
                } else if n > 1 {
                    c = a.maximum(&b);
                }
                if b.sum() > c.sum() && c.sum() < 1 {
                    b = &a * 0.5;
                }
            }
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f266(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        b = &b * 0.5;
        c = c.maximum(&b);
        if list.len() > 2 || b.select(0, 1) != 0 {
            match n {
                0 | 1 if !(c.sum() >= 0.5) => {
                    a = &b + 0.5;
                    let d0;
                    if !(b.sum() >= 0.5) { d0 = (&b - &a) * 0.5; } else { d0 = a.clone(); }
                    c = &c * 0.5 + d0;
                }
                2 => {}
                _ => {
                    for i in 0..c.abs().sum().minimum(3) {
                        a = &a * 0.5 + &i * 0.25;
                        break;
                    }
                    match n {
                        0 | 1 if b.sum() > 0.5 => {
                        }
                        2 => {}
                        _ => {
                        }
                    }
                }
            }
        } else {
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f267(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        a = (&b - &c) * 0.5;
        c = if b.sum() > 0.3 { (&c - &a) * 0.5 } else { c.tanh() };
        for i in 0..c.abs().sum().minimum(2) {
            a = &a * 0.5 + &i * 0.25;
            c = &a + 0.5;
            match n {
                0 | 1 if b.sum() > 1.4 => {
                    if a.sum() > 0.2 {
                        list[0] = &a * 0.5 + n;
                        b = a.maximum(&c);
                        return Ok((a, b * 1, n));
                    } else if a.sum() > 0.3 {
                    } else {
                    }
                }
                2 => {}
                _ => {
                }
            }
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f268(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        if n > 1 {
            if a.sum() > 1.5 {
                a = if n % 2 == 0 && c.sum() > 0 { &a * 0.5 } else { a.maximum(&c) };
                let mut t0 = Tensor::scalar(0.0, x.device());
                while t0 < 4 {
                    t0 = t0 + 1;
                    break;
                }
            } else {
                if !(a.sum() >= 0.5) {
                    a = &c * 0.5 + n;
                    c = list[0].clone() - &b;
                    b = &b * 0.5;
                } else if c.select(0, 0) < 0.25 || n == 2 {
                }
            }
        } else {
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f269(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        a = if !(c.sum() >= 0.5) { b.maximum(&c) } else { list[0].clone() - &a };
        for i in 0..1 {
            b = &b * 0.5 + i;
            let mut t0 = Tensor::scalar(0.0, x.device());
            loop {
                t0 = t0 + 1;
                if t0 > 3 || list.len() > 2 || b.select(0, 1) != 0 { break; }
                let mut t1 = Tensor::scalar(0.0, x.device());
                while t1 < 2 && !(a.sum() > 0.5) {
                    t1 = t1 + 1;
                    b = -&b;
                }
                let d2;
                if c.sum() > 0.8 { d2 = list[0].clone() - &a; } else { d2 = a.clone(); }
                c = &c * 0.5 + d2;
            }
            c = if b.sum() > 1.7 { a.tanh() } else { -&c };
            let mut t3 = Tensor::scalar(0.0, x.device());
            while t3 < 3 {
                t3 = t3 + 1;
                list.push(list[0].clone() - &b);
            }
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f270(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        a = list[0].clone() - &c;
        for i in 0..2 {
            b = &b * 0.5 + i;
            a = &a * 0.5;
            b = (&b - &a) * 0.5;
        }
        list[0] = list[0].clone() - &c;
        a = &b * 0.5 + n;
        list.push(-&c);
        if b.sum() > c.sum() && c.sum() < 1 {
            if a.sum() > 1.3 {
            } else {
            }
        } else {
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f271(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        if a.select(0, 0) < 0.25 || n == 2 {
            let mut t0 = Tensor::scalar(0.0, x.device());
            while t0 < 2 && c.sum() < 3 {
                t0 = t0 + 1;
                list[0] = -&a;
                break;
            }
        }
        let mut t1 = Tensor::scalar(0.0, x.device());
        while t1 < 1 && !(c.sum() > 1.9) {
            t1 = t1 + 1;
            match n {
                0 | 1 if a.sum() > 0.8 => {
                    a = if n % 2 == 0 && b.sum() > 0 { b.maximum(&b) } else { (&c + &c) * 0.25 };
                    c = list[0].clone() - &b;
                }
                2 => {}
                _ => {
                    for i in 0..3 {
                        b = &b * 0.5 + i;
                    }
                }
            }
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f272(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        if b.sum() > 1.8 {
            let mut t0 = Tensor::scalar(0.0, x.device());
            loop {
                t0 = t0 + 1;
                if t0 > 3 || list.len() > 2 || a.select(0, 1) != 0 { break; }
                a = b.maximum(&b);
            }
            for i in 0..1 {
                b = &b * 0.5 + i;
                for i in 0..c.abs().sum().minimum(3) {
                    a = &a * 0.5 + &i * 0.25;
                    a = a.tanh();
                }
            }
            b = if b.sum() > 0.7 { (&b + &a) * 0.25 } else { (&c - &a) * 0.5 };
        } else if b.sum() > 1.8 {
            b = &c + 0.5;
            for i in 0..a.abs().sum().minimum(2) {
                a = &a * 0.5 + &i * 0.25;
            }
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f273(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        for i in 0..3 {
            b = &b * 0.5 + i;
            if b.select(0, 0) < 0.25 || n == 2 {
                c = b.tanh();
                for i in 0..3 {
                    b = &b * 0.5 + i;
                    b = list[0].clone() - &c;
                    list.push(b.tanh());
                    list[0] = (&b - &c) * 0.5;
                }
                a = c.maximum(&b);
            } else if a.sum() > 0.6 {
                list.push((&a - &c) * 0.5);
            }
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f274(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        let mut t0 = Tensor::scalar(0.0, x.device());
        loop {
            t0 = t0 + 1;
            if t0 > 1 || a.sum() > 1.4 { break; }
            if a.sum() > c.sum() && c.sum() < 1 {
                for i in 0..3 {
                    b = &b * 0.5 + i;
                    a = (&b + &a) * 0.25;
                    c = c.maximum(&c);
                    break;
                }
                if b.sum() > 1.8 {
                    a = list[0].clone() - &b;
                } else if !(a.sum() >= 0.5) {
                    c = &b * 0.5;
                } else {
                }
            } else if !(b.sum() >= 0.5) {
            } else {
            }
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f275(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        b = if n % 2 == 0 && a.sum() > 0 { (&c + &c) * 0.25 } else { (&a + &c) * 0.25 };
        c = b.tanh();
        b = (&c + &b) * 0.25;
        let mut t0 = Tensor::scalar(0.0, x.device());
        while t0 < 4 && !(n > 1) {
            t0 = t0 + 1;
            if a.sum() > 0.7 {
                let mut t1 = Tensor::scalar(0.0, x.device());
                loop {
                    t1 = t1 + 1;
                    if t1 > 0 || a.sum() > 1.6 { break; }
                    b = b.maximum(&a);
                    b = list[0].clone() - &a;
                    b = (&a + &c) * 0.25;
                }
            } else {
            }
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f276(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        let next = list[0].clone() - &c;
        c = if list.len() > 2 || a.select(0, 1) != 0 { next * 0.5 } else { c };
        b = (&c + &a) * 0.25;
        a = -&b;
        if c.sum() > 1.5 {
            c = -&c;
            if list.len() > 2 || b.select(0, 1) != 0 {
                b = list[0].clone() - &a;
                let d0;
                if a.select(0, 0) < 0.25 || n == 2 { d0 = b.maximum(&a); } else { d0 = a.clone(); }
                c = &c * 0.5 + d0;
                c = if !(b.sum() >= 0.5) { b.tanh() } else { &c * 0.5 + n };
            } else if c.select(0, 0) < 0.25 || n == 2 {
            }
        } else {
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f277(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        let d0;
        if n % 2 == 0 && a.sum() > 0 { d0 = (&a - &c) * 0.5; } else { d0 = a.clone(); }
        c = &c * 0.5 + d0;
        a = &c * 0.5;
        if b.sum() > c.sum() && c.sum() < 1 {
            if !(b.sum() >= 0.5) {
                if !(c.sum() >= 0.5) {
                    list[0] = (&b - &b) * 0.5;
                    n += 1;
                    list[0] = list[0].clone() - &a;
                } else if c.sum() > 0.5 {
                    list.push(&c * 0.5 + n);
                }
            }
        } else {
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f278(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        let mut t0 = Tensor::scalar(0.0, x.device());
        while t0 < 2 && !(c.sum() > a.sum() && a.sum() < 1) {
            t0 = t0 + 1;
            if a.select(0, 0) < 0.25 || n == 2 {
                break;
            }
        }
        c = c.maximum(&a);
        if b.sum() > 0.9 {
            c = if n % 2 == 0 && b.sum() > 0 { &c * 0.5 } else { a.maximum(&a) };
        } else {
            if a.select(0, 0) < 0.25 || n == 2 {
                while a.sum() < 4 {
                    a = a.abs() + 0.5;
                }
                list[0] = &b * 0.5;
            } else if a.sum() > 0.0 {
            } else {
            }
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f279(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        b = (&a - &b) * 0.5;
        list.push((&b + &c) * 0.25);
        if !(a.sum() >= 0.5) {
            for t in list.iter_mut() { if c.sum() > 0 { *t = &*t * 0.5; } }
            let mut t1 = Tensor::scalar(0.0, x.device());
            loop {
                t1 = t1 + 1;
                if t1 > 1 || c.sum() > 1.0 { break; }
                let next = list[0].clone() - &a;
                let chosen = c.sum() > 0.25;
                let mut set = |t: &Tensor| c = t * 0.5;
                if chosen { set(&next); }
                if b.sum() > c.sum() && c.sum() < 1 {
                    b = list[0].clone() - &a;
                    list[0] = a.tanh();
                }
            }
        } else {
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f280(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        a = if !(a.sum() >= 0.5) { (&c + &c) * 0.25 } else { (&b + &b) * 0.25 };
        c = &c + 0.5;
        if n > 1 {
            b = if a.sum() > 1.8 { (&b - &b) * 0.5 } else { list[0].clone() - &c };
            let mut t0 = Tensor::scalar(0.0, x.device());
            loop {
                t0 = t0 + 1;
                if t0 > 4 || list.len() > 2 || b.select(0, 1) != 0 { break; }
                let d1;
                if b.sum() > 0.2 { d1 = a.tanh(); } else { d1 = a.clone(); }
                c = &c * 0.5 + d1;
                while b.sum() < 2 {
                    b = b.abs() + 0.5;
                }
            }
        }
        b = if b.sum() > 1.1 { (&c - &b) * 0.5 } else { &b + 0.5 };
        let d2;
        if c.sum() > 1.1 { d2 = b.maximum(&b); } else { d2 = a.clone(); }
        c = &c * 0.5 + d2;
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f281(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        c = &a + 0.5;
        if list.len() > 2 || c.select(0, 1) != 0 {
            a = &a * 0.5;
        } else {
            let next = -&a;
            a = if b.sum() > 1.0 { next * 0.5 } else { a };
            for i in 0..1 {
                b = &b * 0.5 + i;
                c = b.maximum(&c);
                while a.sum() < 1 {
                    a = a.abs() + 0.5;
                    if c.sum() > 1 { break; }
                    c = &c + 0.25;
                }
                n += 1;
            }
            list[0] = &b + 0.5;
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f282(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        for i in 0..1 {
            b = &b * 0.5 + i;
            while a.sum() < 3 {
                a = a.abs() + 0.5;
            }
        }
        a = if list.len() > 2 || c.select(0, 1) != 0 { b.tanh() } else { a.maximum(&a) };
        while b.sum() < 0 {
            b = b.abs() + 0.5;
            if c.sum() > 1 { break; }
            c = &c + 0.25;
        }
        let mut t0 = Tensor::scalar(0.0, x.device());
        while t0 < 1 && b.sum() < 3 {
            t0 = t0 + 1;
            for i in 0..3 {
                b = &b * 0.5 + i;
                let mut t1 = Tensor::scalar(0.0, x.device());
                while t1 < 0 && b.sum() < 3 {
                    t1 = t1 + 1;
                    b = (&a + &c) * 0.25;
                    a = &c * 0.5 + n;
                }
            }
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f283(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        let mut t0 = Tensor::scalar(0.0, x.device());
        while t0 < 3 && a.sum() < 3 {
            t0 = t0 + 1;
            list.push(-&a);
            for i in 0..b.abs().sum().minimum(3) {
                b = &b * 0.5 + &i * 0.25;
                list[0] = &b + 0.5;
                if n % 2 == 0 && b.sum() > 0 {
                    list[0] = (&a + &a) * 0.25;
                    b = &b * 0.5 + n;
                    b = a.tanh();
                } else if n % 2 == 0 && a.sum() > 0 {
                    c = a.maximum(&c);
                } else {
                }
            }
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f284(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        if a.select(0, 0) < 0.25 || n == 2 {
            while c.sum() < 3 {
                c = c.abs() + 0.5;
                if c.sum() > 1 { break; }
                c = &c + 0.25;
            }
        } else if b.sum() > 1.2 {
            for i in 0..3 {
                b = &b * 0.5 + i;
                b = b.tanh();
                let d0;
                if c.sum() > 0.9 { d0 = list[0].clone() - &c; } else { d0 = a.clone(); }
                c = &c * 0.5 + d0;
            }
            if n % 2 == 0 && c.sum() > 0 {
                b = &b * 0.5 + n;
                let mut t1 = Tensor::scalar(0.0, x.device());
                while t1 < 4 && c.sum() < 3 {
                    t1 = t1 + 1;
                    b = &c * 0.5 + n;
                }
            } else {
            }
        } else {
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f285(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        let mut t0 = Tensor::scalar(0.0, x.device());
        loop {
            t0 = t0 + 1;
            if t0 > 1 || n > 1 { break; }
            let next = &b * 0.5;
            b = if list.len() > 2 || b.select(0, 1) != 0 { next * 0.5 } else { b };
        }
        if b.sum() > 1.8 {
            b = &a * 0.5;
            c = if c.sum() > a.sum() && a.sum() < 1 { -&c } else { -&c };
            let mut t1 = Tensor::scalar(0.0, x.device());
            loop {
                t1 = t1 + 1;
                if t1 > 0 || !(c.sum() >= 0.5) { break; }
                for i in 0..2 {
                    b = &b * 0.5 + i;
                    b = b.maximum(&c);
                    list[0] = -&c;
                }
            }
        } else if list.len() > 2 || b.select(0, 1) != 0 {
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f286(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        let r0 = &mut list;
        if c.sum() > 0 { r0.push(c.clone()); }
        c = (&c - &a) * 0.5;
        for i in 0..a.abs().sum().minimum(3) {
            a = &a * 0.5 + &i * 0.25;
            if b.sum() > 0.8 {
                b = if !(c.sum() >= 0.5) { &b + 0.5 } else { &a * 0.5 };
            }
            if n % 2 == 0 && c.sum() > 0 {
                for i in 0..3 {
                    b = &b * 0.5 + i;
                    c = &b + 0.5;
                    list[0] = &b + 0.5;
                }
            } else if a.sum() > 0.6 {
            } else {
            }
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f287(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        for i in 0..a.abs().sum().minimum(1) {
            a = &a * 0.5 + &i * 0.25;
            let mut t0 = Tensor::scalar(0.0, x.device());
            while t0 < 2 && c.sum() < 3 {
                t0 = t0 + 1;
                for i in 0..c.abs().sum().minimum(1) {
                    a = &a * 0.5 + &i * 0.25;
                    a = &a * 0.5 + n;
                    b = b.maximum(&c);
                    b = a.tanh();
                }
                if n % 2 == 0 && c.sum() > 0 {
                    b = list[0].clone() - &c;
                    b = b.maximum(&b);
                } else {
                }
            }
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f288(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        if n % 2 == 0 && c.sum() > 0 {
            list[0] = c.maximum(&c);
        } else {
            c = &a * 0.5;
        }
        let next = &b * 0.5;
        a = if list.len() > 2 || b.select(0, 1) != 0 { next * 0.5 } else { a };
        match n {
            0 | 1 if b.sum() > 1.9 => {
                let d0;
                if b.select(0, 0) < 0.25 || n == 2 { d0 = b.maximum(&c); } else { d0 = a.clone(); }
                c = &c * 0.5 + d0;
                list[0] = a.tanh();
            }
            2 => {}
            _ => {
                let mut t1 = Tensor::scalar(0.0, x.device());
                loop {
                    t1 = t1 + 1;
                    if t1 > 3 || list.len() > 2 || c.select(0, 1) != 0 { break; }
                    break;
                }
            }
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f289(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        c = (&c + &b) * 0.25;
        for t in list.iter_mut() { if b.sum() > 0 { *t = &*t * 0.5; } }
        let mut t1 = Tensor::scalar(0.0, x.device());
        loop {
            t1 = t1 + 1;
            if t1 > 0 || n > 1 { break; }
            a = if c.select(0, 0) < 0.25 || n == 2 { &a * 0.5 + n } else { (&c - &a) * 0.5 };
            let mut t2 = Tensor::scalar(0.0, x.device());
            loop {
                t2 = t2 + 1;
                if t2 > 4 || a.sum() > a.sum() && a.sum() < 1 { break; }
                for i in 0..3 {
                    b = &b * 0.5 + i;
                    a = &b * 0.5;
                }
                b = if b.sum() > a.sum() && a.sum() < 1 { (&a - &a) * 0.5 } else { &c * 0.5 };
                for i in 0..b.abs().sum().minimum(1) {
                    b = &b * 0.5 + &i * 0.25;
                }
            }
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f290(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        a = a.tanh();
        let d0;
        if n % 2 == 0 && a.sum() > 0 { d0 = list[0].clone() - &a; } else { d0 = a.clone(); }
        c = &c * 0.5 + d0;
        b = &b * 0.5;
        let d1;
        if c.sum() > 0.7 { d1 = &c * 0.5 + n; } else { d1 = a.clone(); }
        c = &c * 0.5 + d1;
        let mut t2 = Tensor::scalar(0.0, x.device());
        loop {
            t2 = t2 + 1;
            if t2 > 1 || c.sum() > 1.9 { break; }
            let mut t3 = Tensor::scalar(0.0, x.device());
            loop {
                t3 = t3 + 1;
                if t3 > 1 || a.sum() > 1.2 { break; }
                break;
            }
            list[0] = -&c;
        }
        if a.select(0, 0) < 0.25 || n == 2 {
        } else if !(c.sum() >= 0.5) {
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f291(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        b = list[0].clone() - &a;
        let mut t0 = Tensor::scalar(0.0, x.device());
        loop {
            t0 = t0 + 1;
            if t0 > 0 || c.sum() > c.sum() && c.sum() < 1 { break; }
            if c.sum() > 0.1 {
                c = &a * 0.5;
                c = (&c + &a) * 0.25;
                continue;
            }
            b = c.maximum(&c);
        }
        if a.sum() > b.sum() && b.sum() < 1 {
            list[0] = b.maximum(&a);
        } else if c.sum() > 0.0 {
        } else {
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f292(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        if list.len() > 2 || a.select(0, 1) != 0 {
            for i in 0..2 {
                b = &b * 0.5 + i;
                let next = &b + 0.5;
                let chosen = b.sum() > 0.25;
                let mut set = |t: &Tensor| b = t * 0.5;
                if chosen { set(&next); }
            }
            b = &b + 0.5;
        } else {
            let next = -&c;
            c = if list.len() > 2 || c.select(0, 1) != 0 { next * 0.5 } else { c };
        }
        let mut t1 = Tensor::scalar(0.0, x.device());
        while t1 < 4 {
            t1 = t1 + 1;
            let r2 = &mut list;
            if c.sum() > 0 { r2.push(c.clone()); }
        }
        list.push(list[0].clone() - &c);
        match n {
            0 | 1 if a.sum() > 1.1 => {
            }
            2 => {}
            _ => {
            }
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f293(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        for i in 0..2 {
            b = &b * 0.5 + i;
            c = c.tanh();
        }
        c = if b.select(0, 0) < 0.25 || n == 2 { &a * 0.5 + n } else { (&c - &b) * 0.5 };
        c = &a + 0.5;
        if list.len() > 2 || b.select(0, 1) != 0 {
            if !(c.sum() >= 0.5) {
                if b.sum() > 0.6 {
                    c = (&a - &a) * 0.5;
                    c = &a * 0.5;
                } else if c.sum() > a.sum() && a.sum() < 1 {
                }
            } else {
            }
        } else {
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f294(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        if b.sum() > b.sum() && b.sum() < 1 {
            a = (&a + &c) * 0.25;
        } else {
            b = -&c;
        }
        match n {
            0 | 1 if c.sum() > 0.8 => {
                b = &c * 0.5;
                if c.sum() > 0.7 {
                    b = -&a;
                    if b.sum() > c.sum() && c.sum() < 1 {
                        list.push(&c * 0.5);
                    } else {
                    }
                } else {
                }
            }
            2 => {}
            _ => {
            }
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f295(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        let d0;
        if c.sum() > 1.6 { d0 = &b + 0.5; } else { d0 = a.clone(); }
        c = &c * 0.5 + d0;
        a = c.tanh();
        for i in 0..3 {
            b = &b * 0.5 + i;
            for i in 0..b.abs().sum().minimum(2) {
                b = &b * 0.5 + &i * 0.25;
                for i in 0..3 {
                    b = &b * 0.5 + i;
                    c = a.tanh();
                    list[0] = c.maximum(&b);
                }
                for i in 0..3 {
                    b = &b * 0.5 + i;
                    continue;
                }
            }
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f296(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        c = if list.len() > 2 || a.select(0, 1) != 0 { list[0].clone() - &b } else { &a * 0.5 + n };
        while a.sum() < 1 {
            a = a.abs() + 0.5;
            if c.sum() > 1 { break; }
            c = &c + 0.25;
        }
        b = c.maximum(&a);
        if n > 1 {
            while c.sum() < 2 {
                c = c.abs() + 0.5;
            }
            if !(a.sum() >= 0.5) {
                if !(a.sum() >= 0.5) {
                    list[0] = &c * 0.5 + n;
                    list.push(&c + 0.5);
                } else {
                }
            } else if !(c.sum() >= 0.5) {
            } else {
            }
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f297(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        if b.sum() > b.sum() && b.sum() < 1 {
            a = if c.sum() > 1.0 { (&b - &b) * 0.5 } else { &b * 0.5 + n };
            c = -&a;
        } else {
            if b.sum() > 1.2 {
                b = -&b;
            } else if !(b.sum() >= 0.5) {
                for i in 0..3 {
                    b = &b * 0.5 + i;
                    a = c.tanh();
                    b = &c * 0.5;
                    return Ok((a, b * 0, n));
                }
            }
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f298(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        if a.sum() > 0.7 {
            let mut t0 = Tensor::scalar(0.0, x.device());
            while t0 < 4 && !(b.sum() > 0.1) {
                t0 = t0 + 1;
                let mut t1 = Tensor::scalar(0.0, x.device());
                while t1 < 3 && c.sum() < 3 {
                    t1 = t1 + 1;
                    a = &b * 0.5;
                    break;
                }
                if n > 1 {
                    list[0] = list[0].clone() - &b;
                    b = a.tanh();
                    b = (&a - &c) * 0.5;
                } else {
                }
            }
        } else if !(c.sum() >= 0.5) {
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn f299(&self, x: &Tensor) -> Made {
        let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);
        let (mut n, mut list) = (0, vec![x.clone()]);
        list.push(&b + 0.5);
        b = -&c;
        c = (&c - &a) * 0.5;
        c = if list.len() > 2 || c.select(0, 1) != 0 { &c + 0.5 } else { (&b - &c) * 0.5 };
        if !(b.sum() >= 0.5) {
            while c.sum() < 4 {
                c = c.abs() + 0.5;
                if c.sum() > 1 { break; }
                c = &c + 0.25;
            }
        } else if a.sum() > 1.2 {
            let mut t0 = Tensor::scalar(0.0, x.device());
            while t0 < 1 {
                t0 = t0 + 1;
                b = (&b + &a) * 0.25;
                c = -&a;
            }
        }
        let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);
        n += 1;
        Ok((a + b, all, n))
    }

    pub(super) fn forward(&self, x: &Tensor) -> Tensor {
        x.clone()
    }
}

#[rustfmt::skip]
pub(super) const CASES: &[Case] = &[
    Case { name: "f0", eager: |x| Functions.f0(x), compiled: |x, tally| run(|x: &Tensor| Functions.f0(x), x, tally) },
    Case { name: "f1", eager: |x| Functions.f1(x), compiled: |x, tally| run(|x: &Tensor| Functions.f1(x), x, tally) },
    Case { name: "f2", eager: |x| Functions.f2(x), compiled: |x, tally| run(|x: &Tensor| Functions.f2(x), x, tally) },
    Case { name: "f3", eager: |x| Functions.f3(x), compiled: |x, tally| run(|x: &Tensor| Functions.f3(x), x, tally) },
    Case { name: "f4", eager: |x| Functions.f4(x), compiled: |x, tally| run(|x: &Tensor| Functions.f4(x), x, tally) },
    Case { name: "f5", eager: |x| Functions.f5(x), compiled: |x, tally| run(|x: &Tensor| Functions.f5(x), x, tally) },
    Case { name: "f6", eager: |x| Functions.f6(x), compiled: |x, tally| run(|x: &Tensor| Functions.f6(x), x, tally) },
    Case { name: "f7", eager: |x| Functions.f7(x), compiled: |x, tally| run(|x: &Tensor| Functions.f7(x), x, tally) },
    Case { name: "f8", eager: |x| Functions.f8(x), compiled: |x, tally| run(|x: &Tensor| Functions.f8(x), x, tally) },
    Case { name: "f9", eager: |x| Functions.f9(x), compiled: |x, tally| run(|x: &Tensor| Functions.f9(x), x, tally) },
    Case { name: "f10", eager: |x| Functions.f10(x), compiled: |x, tally| run(|x: &Tensor| Functions.f10(x), x, tally) },
    Case { name: "f11", eager: |x| Functions.f11(x), compiled: |x, tally| run(|x: &Tensor| Functions.f11(x), x, tally) },
    Case { name: "f12", eager: |x| Functions.f12(x), compiled: |x, tally| run(|x: &Tensor| Functions.f12(x), x, tally) },
    Case { name: "f13", eager: |x| Functions.f13(x), compiled: |x, tally| run(|x: &Tensor| Functions.f13(x), x, tally) },
    Case { name: "f14", eager: |x| Functions.f14(x), compiled: |x, tally| run(|x: &Tensor| Functions.f14(x), x, tally) },
    Case { name: "f15", eager: |x| Functions.f15(x), compiled: |x, tally| run(|x: &Tensor| Functions.f15(x), x, tally) },
    Case { name: "f16", eager: |x| Functions.f16(x), compiled: |x, tally| run(|x: &Tensor| Functions.f16(x), x, tally) },
    Case { name: "f17", eager: |x| Functions.f17(x), compiled: |x, tally| run(|x: &Tensor| Functions.f17(x), x, tally) },
    Case { name: "f18", eager: |x| Functions.f18(x), compiled: |x, tally| run(|x: &Tensor| Functions.f18(x), x, tally) },
    Case { name: "f19", eager: |x| Functions.f19(x), compiled: |x, tally| run(|x: &Tensor| Functions.f19(x), x, tally) },
    Case { name: "f20", eager: |x| Functions.f20(x), compiled: |x, tally| run(|x: &Tensor| Functions.f20(x), x, tally) },
    Case { name: "f21", eager: |x| Functions.f21(x), compiled: |x, tally| run(|x: &Tensor| Functions.f21(x), x, tally) },
    Case { name: "f22", eager: |x| Functions.f22(x), compiled: |x, tally| run(|x: &Tensor| Functions.f22(x), x, tally) },
    Case { name: "f23", eager: |x| Functions.f23(x), compiled: |x, tally| run(|x: &Tensor| Functions.f23(x), x, tally) },
    Case { name: "f24", eager: |x| Functions.f24(x), compiled: |x, tally| run(|x: &Tensor| Functions.f24(x), x, tally) },
    Case { name: "f25", eager: |x| Functions.f25(x), compiled: |x, tally| run(|x: &Tensor| Functions.f25(x), x, tally) },
    Case { name: "f26", eager: |x| Functions.f26(x), compiled: |x, tally| run(|x: &Tensor| Functions.f26(x), x, tally) },
    Case { name: "f27", eager: |x| Functions.f27(x), compiled: |x, tally| run(|x: &Tensor| Functions.f27(x), x, tally) },
    Case { name: "f28", eager: |x| Functions.f28(x), compiled: |x, tally| run(|x: &Tensor| Functions.f28(x), x, tally) },
    Case { name: "f29", eager: |x| Functions.f29(x), compiled: |x, tally| run(|x: &Tensor| Functions.f29(x), x, tally) },
    Case { name: "f30", eager: |x| Functions.f30(x), compiled: |x, tally| run(|x: &Tensor| Functions.f30(x), x, tally) },
    Case { name: "f31", eager: |x| Functions.f31(x), compiled: |x, tally| run(|x: &Tensor| Functions.f31(x), x, tally) },
    Case { name: "f32", eager: |x| Functions.f32(x), compiled: |x, tally| run(|x: &Tensor| Functions.f32(x), x, tally) },
    Case { name: "f33", eager: |x| Functions.f33(x), compiled: |x, tally| run(|x: &Tensor| Functions.f33(x), x, tally) },
    Case { name: "f34", eager: |x| Functions.f34(x), compiled: |x, tally| run(|x: &Tensor| Functions.f34(x), x, tally) },
    Case { name: "f35", eager: |x| Functions.f35(x), compiled: |x, tally| run(|x: &Tensor| Functions.f35(x), x, tally) },
    Case { name: "f36", eager: |x| Functions.f36(x), compiled: |x, tally| run(|x: &Tensor| Functions.f36(x), x, tally) },
    Case { name: "f37", eager: |x| Functions.f37(x), compiled: |x, tally| run(|x: &Tensor| Functions.f37(x), x, tally) },
    Case { name: "f38", eager: |x| Functions.f38(x), compiled: |x, tally| run(|x: &Tensor| Functions.f38(x), x, tally) },
    Case { name: "f39", eager: |x| Functions.f39(x), compiled: |x, tally| run(|x: &Tensor| Functions.f39(x), x, tally) },
    Case { name: "f40", eager: |x| Functions.f40(x), compiled: |x, tally| run(|x: &Tensor| Functions.f40(x), x, tally) },
    Case { name: "f41", eager: |x| Functions.f41(x), compiled: |x, tally| run(|x: &Tensor| Functions.f41(x), x, tally) },
    Case { name: "f42", eager: |x| Functions.f42(x), compiled: |x, tally| run(|x: &Tensor| Functions.f42(x), x, tally) },
    Case { name: "f43", eager: |x| Functions.f43(x), compiled: |x, tally| run(|x: &Tensor| Functions.f43(x), x, tally) },
    Case { name: "f44", eager: |x| Functions.f44(x), compiled: |x, tally| run(|x: &Tensor| Functions.f44(x), x, tally) },
    Case { name: "f45", eager: |x| Functions.f45(x), compiled: |x, tally| run(|x: &Tensor| Functions.f45(x), x, tally) },
    Case { name: "f46", eager: |x| Functions.f46(x), compiled: |x, tally| run(|x: &Tensor| Functions.f46(x), x, tally) },
    Case { name: "f47", eager: |x| Functions.f47(x), compiled: |x, tally| run(|x: &Tensor| Functions.f47(x), x, tally) },
    Case { name: "f48", eager: |x| Functions.f48(x), compiled: |x, tally| run(|x: &Tensor| Functions.f48(x), x, tally) },
    Case { name: "f49", eager: |x| Functions.f49(x), compiled: |x, tally| run(|x: &Tensor| Functions.f49(x), x, tally) },
    Case { name: "f50", eager: |x| Functions.f50(x), compiled: |x, tally| run(|x: &Tensor| Functions.f50(x), x, tally) },
    Case { name: "f51", eager: |x| Functions.f51(x), compiled: |x, tally| run(|x: &Tensor| Functions.f51(x), x, tally) },
    Case { name: "f52", eager: |x| Functions.f52(x), compiled: |x, tally| run(|x: &Tensor| Functions.f52(x), x, tally) },
    Case { name: "f53", eager: |x| Functions.f53(x), compiled: |x, tally| run(|x: &Tensor| Functions.f53(x), x, tally) },
    Case { name: "f54", eager: |x| Functions.f54(x), compiled: |x, tally| run(|x: &Tensor| Functions.f54(x), x, tally) },
    Case { name: "f55", eager: |x| Functions.f55(x), compiled: |x, tally| run(|x: &Tensor| Functions.f55(x), x, tally) },
    Case { name: "f56", eager: |x| Functions.f56(x), compiled: |x, tally| run(|x: &Tensor| Functions.f56(x), x, tally) },
    Case { name: "f57", eager: |x| Functions.f57(x), compiled: |x, tally| run(|x: &Tensor| Functions.f57(x), x, tally) },
    Case { name: "f58", eager: |x| Functions.f58(x), compiled: |x, tally| run(|x: &Tensor| Functions.f58(x), x, tally) },
    Case { name: "f59", eager: |x| Functions.f59(x), compiled: |x, tally| run(|x: &Tensor| Functions.f59(x), x, tally) },
    Case { name: "f60", eager: |x| Functions.f60(x), compiled: |x, tally| run(|x: &Tensor| Functions.f60(x), x, tally) },
    Case { name: "f61", eager: |x| Functions.f61(x), compiled: |x, tally| run(|x: &Tensor| Functions.f61(x), x, tally) },
    Case { name: "f62", eager: |x| Functions.f62(x), compiled: |x, tally| run(|x: &Tensor| Functions.f62(x), x, tally) },
    Case { name: "f63", eager: |x| Functions.f63(x), compiled: |x, tally| run(|x: &Tensor| Functions.f63(x), x, tally) },
    Case { name: "f64", eager: |x| Functions.f64(x), compiled: |x, tally| run(|x: &Tensor| Functions.f64(x), x, tally) },
    Case { name: "f65", eager: |x| Functions.f65(x), compiled: |x, tally| run(|x: &Tensor| Functions.f65(x), x, tally) },
    Case { name: "f66", eager: |x| Functions.f66(x), compiled: |x, tally| run(|x: &Tensor| Functions.f66(x), x, tally) },
    Case { name: "f67", eager: |x| Functions.f67(x), compiled: |x, tally| run(|x: &Tensor| Functions.f67(x), x, tally) },
    Case { name: "f68", eager: |x| Functions.f68(x), compiled: |x, tally| run(|x: &Tensor| Functions.f68(x), x, tally) },
    Case { name: "f69", eager: |x| Functions.f69(x), compiled: |x, tally| run(|x: &Tensor| Functions.f69(x), x, tally) },
    Case { name: "f70", eager: |x| Functions.f70(x), compiled: |x, tally| run(|x: &Tensor| Functions.f70(x), x, tally) },
    Case { name: "f71", eager: |x| Functions.f71(x), compiled: |x, tally| run(|x: &Tensor| Functions.f71(x), x, tally) },
    Case { name: "f72", eager: |x| Functions.f72(x), compiled: |x, tally| run(|x: &Tensor| Functions.f72(x), x, tally) },
    Case { name: "f73", eager: |x| Functions.f73(x), compiled: |x, tally| run(|x: &Tensor| Functions.f73(x), x, tally) },
    Case { name: "f74", eager: |x| Functions.f74(x), compiled: |x, tally| run(|x: &Tensor| Functions.f74(x), x, tally) },
    Case { name: "f75", eager: |x| Functions.f75(x), compiled: |x, tally| run(|x: &Tensor| Functions.f75(x), x, tally) },
    Case { name: "f76", eager: |x| Functions.f76(x), compiled: |x, tally| run(|x: &Tensor| Functions.f76(x), x, tally) },
    Case { name: "f77", eager: |x| Functions.f77(x), compiled: |x, tally| run(|x: &Tensor| Functions.f77(x), x, tally) },
    Case { name: "f78", eager: |x| Functions.f78(x), compiled: |x, tally| run(|x: &Tensor| Functions.f78(x), x, tally) },
    Case { name: "f79", eager: |x| Functions.f79(x), compiled: |x, tally| run(|x: &Tensor| Functions.f79(x), x, tally) },
    Case { name: "f80", eager: |x| Functions.f80(x), compiled: |x, tally| run(|x: &Tensor| Functions.f80(x), x, tally) },
    Case { name: "f81", eager: |x| Functions.f81(x), compiled: |x, tally| run(|x: &Tensor| Functions.f81(x), x, tally) },
    Case { name: "f82", eager: |x| Functions.f82(x), compiled: |x, tally| run(|x: &Tensor| Functions.f82(x), x, tally) },
    Case { name: "f83", eager: |x| Functions.f83(x), compiled: |x, tally| run(|x: &Tensor| Functions.f83(x), x, tally) },
    Case { name: "f84", eager: |x| Functions.f84(x), compiled: |x, tally| run(|x: &Tensor| Functions.f84(x), x, tally) },
    Case { name: "f85", eager: |x| Functions.f85(x), compiled: |x, tally| run(|x: &Tensor| Functions.f85(x), x, tally) },
    Case { name: "f86", eager: |x| Functions.f86(x), compiled: |x, tally| run(|x: &Tensor| Functions.f86(x), x, tally) },
    Case { name: "f87", eager: |x| Functions.f87(x), compiled: |x, tally| run(|x: &Tensor| Functions.f87(x), x, tally) },
    Case { name: "f88", eager: |x| Functions.f88(x), compiled: |x, tally| run(|x: &Tensor| Functions.f88(x), x, tally) },
    Case { name: "f89", eager: |x| Functions.f89(x), compiled: |x, tally| run(|x: &Tensor| Functions.f89(x), x, tally) },
    Case { name: "f90", eager: |x| Functions.f90(x), compiled: |x, tally| run(|x: &Tensor| Functions.f90(x), x, tally) },
    Case { name: "f91", eager: |x| Functions.f91(x), compiled: |x, tally| run(|x: &Tensor| Functions.f91(x), x, tally) },
    Case { name: "f92", eager: |x| Functions.f92(x), compiled: |x, tally| run(|x: &Tensor| Functions.f92(x), x, tally) },
    Case { name: "f93", eager: |x| Functions.f93(x), compiled: |x, tally| run(|x: &Tensor| Functions.f93(x), x, tally) },
    Case { name: "f94", eager: |x| Functions.f94(x), compiled: |x, tally| run(|x: &Tensor| Functions.f94(x), x, tally) },
    Case { name: "f95", eager: |x| Functions.f95(x), compiled: |x, tally| run(|x: &Tensor| Functions.f95(x), x, tally) },
    Case { name: "f96", eager: |x| Functions.f96(x), compiled: |x, tally| run(|x: &Tensor| Functions.f96(x), x, tally) },
    Case { name: "f97", eager: |x| Functions.f97(x), compiled: |x, tally| run(|x: &Tensor| Functions.f97(x), x, tally) },
    Case { name: "f98", eager: |x| Functions.f98(x), compiled: |x, tally| run(|x: &Tensor| Functions.f98(x), x, tally) },
    Case { name: "f99", eager: |x| Functions.f99(x), compiled: |x, tally| run(|x: &Tensor| Functions.f99(x), x, tally) },
    Case { name: "f100", eager: |x| Functions.f100(x), compiled: |x, tally| run(|x: &Tensor| Functions.f100(x), x, tally) },
    Case { name: "f101", eager: |x| Functions.f101(x), compiled: |x, tally| run(|x: &Tensor| Functions.f101(x), x, tally) },
    Case { name: "f102", eager: |x| Functions.f102(x), compiled: |x, tally| run(|x: &Tensor| Functions.f102(x), x, tally) },
    Case { name: "f103", eager: |x| Functions.f103(x), compiled: |x, tally| run(|x: &Tensor| Functions.f103(x), x, tally) },
    Case { name: "f104", eager: |x| Functions.f104(x), compiled: |x, tally| run(|x: &Tensor| Functions.f104(x), x, tally) },
    Case { name: "f105", eager: |x| Functions.f105(x), compiled: |x, tally| run(|x: &Tensor| Functions.f105(x), x, tally) },
    Case { name: "f106", eager: |x| Functions.f106(x), compiled: |x, tally| run(|x: &Tensor| Functions.f106(x), x, tally) },
    Case { name: "f107", eager: |x| Functions.f107(x), compiled: |x, tally| run(|x: &Tensor| Functions.f107(x), x, tally) },
    Case { name: "f108", eager: |x| Functions.f108(x), compiled: |x, tally| run(|x: &Tensor| Functions.f108(x), x, tally) },
    Case { name: "f109", eager: |x| Functions.f109(x), compiled: |x, tally| run(|x: &Tensor| Functions.f109(x), x, tally) },
    Case { name: "f110", eager: |x| Functions.f110(x), compiled: |x, tally| run(|x: &Tensor| Functions.f110(x), x, tally) },
    Case { name: "f111", eager: |x| Functions.f111(x), compiled: |x, tally| run(|x: &Tensor| Functions.f111(x), x, tally) },
    Case { name: "f112", eager: |x| Functions.f112(x), compiled: |x, tally| run(|x: &Tensor| Functions.f112(x), x, tally) },
    Case { name: "f113", eager: |x| Functions.f113(x), compiled: |x, tally| run(|x: &Tensor| Functions.f113(x), x, tally) },
    Case { name: "f114", eager: |x| Functions.f114(x), compiled: |x, tally| run(|x: &Tensor| Functions.f114(x), x, tally) },
    Case { name: "f115", eager: |x| Functions.f115(x), compiled: |x, tally| run(|x: &Tensor| Functions.f115(x), x, tally) },
    Case { name: "f116", eager: |x| Functions.f116(x), compiled: |x, tally| run(|x: &Tensor| Functions.f116(x), x, tally) },
    Case { name: "f117", eager: |x| Functions.f117(x), compiled: |x, tally| run(|x: &Tensor| Functions.f117(x), x, tally) },
    Case { name: "f118", eager: |x| Functions.f118(x), compiled: |x, tally| run(|x: &Tensor| Functions.f118(x), x, tally) },
    Case { name: "f119", eager: |x| Functions.f119(x), compiled: |x, tally| run(|x: &Tensor| Functions.f119(x), x, tally) },
    Case { name: "f120", eager: |x| Functions.f120(x), compiled: |x, tally| run(|x: &Tensor| Functions.f120(x), x, tally) },
    Case { name: "f121", eager: |x| Functions.f121(x), compiled: |x, tally| run(|x: &Tensor| Functions.f121(x), x, tally) },
    Case { name: "f122", eager: |x| Functions.f122(x), compiled: |x, tally| run(|x: &Tensor| Functions.f122(x), x, tally) },
    Case { name: "f123", eager: |x| Functions.f123(x), compiled: |x, tally| run(|x: &Tensor| Functions.f123(x), x, tally) },
    Case { name: "f124", eager: |x| Functions.f124(x), compiled: |x, tally| run(|x: &Tensor| Functions.f124(x), x, tally) },
    Case { name: "f125", eager: |x| Functions.f125(x), compiled: |x, tally| run(|x: &Tensor| Functions.f125(x), x, tally) },
    Case { name: "f126", eager: |x| Functions.f126(x), compiled: |x, tally| run(|x: &Tensor| Functions.f126(x), x, tally) },
    Case { name: "f127", eager: |x| Functions.f127(x), compiled: |x, tally| run(|x: &Tensor| Functions.f127(x), x, tally) },
    Case { name: "f128", eager: |x| Functions.f128(x), compiled: |x, tally| run(|x: &Tensor| Functions.f128(x), x, tally) },
    Case { name: "f129", eager: |x| Functions.f129(x), compiled: |x, tally| run(|x: &Tensor| Functions.f129(x), x, tally) },
    Case { name: "f130", eager: |x| Functions.f130(x), compiled: |x, tally| run(|x: &Tensor| Functions.f130(x), x, tally) },
    Case { name: "f131", eager: |x| Functions.f131(x), compiled: |x, tally| run(|x: &Tensor| Functions.f131(x), x, tally) },
    Case { name: "f132", eager: |x| Functions.f132(x), compiled: |x, tally| run(|x: &Tensor| Functions.f132(x), x, tally) },
    Case { name: "f133", eager: |x| Functions.f133(x), compiled: |x, tally| run(|x: &Tensor| Functions.f133(x), x, tally) },
    Case { name: "f134", eager: |x| Functions.f134(x), compiled: |x, tally| run(|x: &Tensor| Functions.f134(x), x, tally) },
    Case { name: "f135", eager: |x| Functions.f135(x), compiled: |x, tally| run(|x: &Tensor| Functions.f135(x), x, tally) },
    Case { name: "f136", eager: |x| Functions.f136(x), compiled: |x, tally| run(|x: &Tensor| Functions.f136(x), x, tally) },
    Case { name: "f137", eager: |x| Functions.f137(x), compiled: |x, tally| run(|x: &Tensor| Functions.f137(x), x, tally) },
    Case { name: "f138", eager: |x| Functions.f138(x), compiled: |x, tally| run(|x: &Tensor| Functions.f138(x), x, tally) },
    Case { name: "f139", eager: |x| Functions.f139(x), compiled: |x, tally| run(|x: &Tensor| Functions.f139(x), x, tally) },
    Case { name: "f140", eager: |x| Functions.f140(x), compiled: |x, tally| run(|x: &Tensor| Functions.f140(x), x, tally) },
    Case { name: "f141", eager: |x| Functions.f141(x), compiled: |x, tally| run(|x: &Tensor| Functions.f141(x), x, tally) },
    Case { name: "f142", eager: |x| Functions.f142(x), compiled: |x, tally| run(|x: &Tensor| Functions.f142(x), x, tally) },
    Case { name: "f143", eager: |x| Functions.f143(x), compiled: |x, tally| run(|x: &Tensor| Functions.f143(x), x, tally) },
    Case { name: "f144", eager: |x| Functions.f144(x), compiled: |x, tally| run(|x: &Tensor| Functions.f144(x), x, tally) },
    Case { name: "f145", eager: |x| Functions.f145(x), compiled: |x, tally| run(|x: &Tensor| Functions.f145(x), x, tally) },
    Case { name: "f146", eager: |x| Functions.f146(x), compiled: |x, tally| run(|x: &Tensor| Functions.f146(x), x, tally) },
    Case { name: "f147", eager: |x| Functions.f147(x), compiled: |x, tally| run(|x: &Tensor| Functions.f147(x), x, tally) },
    Case { name: "f148", eager: |x| Functions.f148(x), compiled: |x, tally| run(|x: &Tensor| Functions.f148(x), x, tally) },
    Case { name: "f149", eager: |x| Functions.f149(x), compiled: |x, tally| run(|x: &Tensor| Functions.f149(x), x, tally) },
    Case { name: "f150", eager: |x| Functions.f150(x), compiled: |x, tally| run(|x: &Tensor| Functions.f150(x), x, tally) },
    Case { name: "f151", eager: |x| Functions.f151(x), compiled: |x, tally| run(|x: &Tensor| Functions.f151(x), x, tally) },
    Case { name: "f152", eager: |x| Functions.f152(x), compiled: |x, tally| run(|x: &Tensor| Functions.f152(x), x, tally) },
    Case { name: "f153", eager: |x| Functions.f153(x), compiled: |x, tally| run(|x: &Tensor| Functions.f153(x), x, tally) },
    Case { name: "f154", eager: |x| Functions.f154(x), compiled: |x, tally| run(|x: &Tensor| Functions.f154(x), x, tally) },
    Case { name: "f155", eager: |x| Functions.f155(x), compiled: |x, tally| run(|x: &Tensor| Functions.f155(x), x, tally) },
    Case { name: "f156", eager: |x| Functions.f156(x), compiled: |x, tally| run(|x: &Tensor| Functions.f156(x), x, tally) },
    Case { name: "f157", eager: |x| Functions.f157(x), compiled: |x, tally| run(|x: &Tensor| Functions.f157(x), x, tally) },
    Case { name: "f158", eager: |x| Functions.f158(x), compiled: |x, tally| run(|x: &Tensor| Functions.f158(x), x, tally) },
    Case { name: "f159", eager: |x| Functions.f159(x), compiled: |x, tally| run(|x: &Tensor| Functions.f159(x), x, tally) },
    Case { name: "f160", eager: |x| Functions.f160(x), compiled: |x, tally| run(|x: &Tensor| Functions.f160(x), x, tally) },
    Case { name: "f161", eager: |x| Functions.f161(x), compiled: |x, tally| run(|x: &Tensor| Functions.f161(x), x, tally) },
    Case { name: "f162", eager: |x| Functions.f162(x), compiled: |x, tally| run(|x: &Tensor| Functions.f162(x), x, tally) },
    Case { name: "f163", eager: |x| Functions.f163(x), compiled: |x, tally| run(|x: &Tensor| Functions.f163(x), x, tally) },
    Case { name: "f164", eager: |x| Functions.f164(x), compiled: |x, tally| run(|x: &Tensor| Functions.f164(x), x, tally) },
    Case { name: "f165", eager: |x| Functions.f165(x), compiled: |x, tally| run(|x: &Tensor| Functions.f165(x), x, tally) },
    Case { name: "f166", eager: |x| Functions.f166(x), compiled: |x, tally| run(|x: &Tensor| Functions.f166(x), x, tally) },
    Case { name: "f167", eager: |x| Functions.f167(x), compiled: |x, tally| run(|x: &Tensor| Functions.f167(x), x, tally) },
    Case { name: "f168", eager: |x| Functions.f168(x), compiled: |x, tally| run(|x: &Tensor| Functions.f168(x), x, tally) },
    Case { name: "f169", eager: |x| Functions.f169(x), compiled: |x, tally| run(|x: &Tensor| Functions.f169(x), x, tally) },
    Case { name: "f170", eager: |x| Functions.f170(x), compiled: |x, tally| run(|x: &Tensor| Functions.f170(x), x, tally) },
    Case { name: "f171", eager: |x| Functions.f171(x), compiled: |x, tally| run(|x: &Tensor| Functions.f171(x), x, tally) },
    Case { name: "f172", eager: |x| Functions.f172(x), compiled: |x, tally| run(|x: &Tensor| Functions.f172(x), x, tally) },
    Case { name: "f173", eager: |x| Functions.f173(x), compiled: |x, tally| run(|x: &Tensor| Functions.f173(x), x, tally) },
    Case { name: "f174", eager: |x| Functions.f174(x), compiled: |x, tally| run(|x: &Tensor| Functions.f174(x), x, tally) },
    Case { name: "f175", eager: |x| Functions.f175(x), compiled: |x, tally| run(|x: &Tensor| Functions.f175(x), x, tally) },
    Case { name: "f176", eager: |x| Functions.f176(x), compiled: |x, tally| run(|x: &Tensor| Functions.f176(x), x, tally) },
    Case { name: "f177", eager: |x| Functions.f177(x), compiled: |x, tally| run(|x: &Tensor| Functions.f177(x), x, tally) },
    Case { name: "f178", eager: |x| Functions.f178(x), compiled: |x, tally| run(|x: &Tensor| Functions.f178(x), x, tally) },
    Case { name: "f179", eager: |x| Functions.f179(x), compiled: |x, tally| run(|x: &Tensor| Functions.f179(x), x, tally) },
    Case { name: "f180", eager: |x| Functions.f180(x), compiled: |x, tally| run(|x: &Tensor| Functions.f180(x), x, tally) },
    Case { name: "f181", eager: |x| Functions.f181(x), compiled: |x, tally| run(|x: &Tensor| Functions.f181(x), x, tally) },
    Case { name: "f182", eager: |x| Functions.f182(x), compiled: |x, tally| run(|x: &Tensor| Functions.f182(x), x, tally) },
    Case { name: "f183", eager: |x| Functions.f183(x), compiled: |x, tally| run(|x: &Tensor| Functions.f183(x), x, tally) },
    Case { name: "f184", eager: |x| Functions.f184(x), compiled: |x, tally| run(|x: &Tensor| Functions.f184(x), x, tally) },
    Case { name: "f185", eager: |x| Functions.f185(x), compiled: |x, tally| run(|x: &Tensor| Functions.f185(x), x, tally) },
    Case { name: "f186", eager: |x| Functions.f186(x), compiled: |x, tally| run(|x: &Tensor| Functions.f186(x), x, tally) },
    Case { name: "f187", eager: |x| Functions.f187(x), compiled: |x, tally| run(|x: &Tensor| Functions.f187(x), x, tally) },
    Case { name: "f188", eager: |x| Functions.f188(x), compiled: |x, tally| run(|x: &Tensor| Functions.f188(x), x, tally) },
    Case { name: "f189", eager: |x| Functions.f189(x), compiled: |x, tally| run(|x: &Tensor| Functions.f189(x), x, tally) },
    Case { name: "f190", eager: |x| Functions.f190(x), compiled: |x, tally| run(|x: &Tensor| Functions.f190(x), x, tally) },
    Case { name: "f191", eager: |x| Functions.f191(x), compiled: |x, tally| run(|x: &Tensor| Functions.f191(x), x, tally) },
    Case { name: "f192", eager: |x| Functions.f192(x), compiled: |x, tally| run(|x: &Tensor| Functions.f192(x), x, tally) },
    Case { name: "f193", eager: |x| Functions.f193(x), compiled: |x, tally| run(|x: &Tensor| Functions.f193(x), x, tally) },
    Case { name: "f194", eager: |x| Functions.f194(x), compiled: |x, tally| run(|x: &Tensor| Functions.f194(x), x, tally) },
    Case { name: "f195", eager: |x| Functions.f195(x), compiled: |x, tally| run(|x: &Tensor| Functions.f195(x), x, tally) },
    Case { name: "f196", eager: |x| Functions.f196(x), compiled: |x, tally| run(|x: &Tensor| Functions.f196(x), x, tally) },
    Case { name: "f197", eager: |x| Functions.f197(x), compiled: |x, tally| run(|x: &Tensor| Functions.f197(x), x, tally) },
    Case { name: "f198", eager: |x| Functions.f198(x), compiled: |x, tally| run(|x: &Tensor| Functions.f198(x), x, tally) },
    Case { name: "f199", eager: |x| Functions.f199(x), compiled: |x, tally| run(|x: &Tensor| Functions.f199(x), x, tally) },
    Case { name: "f200", eager: |x| Functions.f200(x), compiled: |x, tally| run(|x: &Tensor| Functions.f200(x), x, tally) },
    Case { name: "f201", eager: |x| Functions.f201(x), compiled: |x, tally| run(|x: &Tensor| Functions.f201(x), x, tally) },
    Case { name: "f202", eager: |x| Functions.f202(x), compiled: |x, tally| run(|x: &Tensor| Functions.f202(x), x, tally) },
    Case { name: "f203", eager: |x| Functions.f203(x), compiled: |x, tally| run(|x: &Tensor| Functions.f203(x), x, tally) },
    Case { name: "f204", eager: |x| Functions.f204(x), compiled: |x, tally| run(|x: &Tensor| Functions.f204(x), x, tally) },
    Case { name: "f205", eager: |x| Functions.f205(x), compiled: |x, tally| run(|x: &Tensor| Functions.f205(x), x, tally) },
    Case { name: "f206", eager: |x| Functions.f206(x), compiled: |x, tally| run(|x: &Tensor| Functions.f206(x), x, tally) },
    Case { name: "f207", eager: |x| Functions.f207(x), compiled: |x, tally| run(|x: &Tensor| Functions.f207(x), x, tally) },
    Case { name: "f208", eager: |x| Functions.f208(x), compiled: |x, tally| run(|x: &Tensor| Functions.f208(x), x, tally) },
    Case { name: "f209", eager: |x| Functions.f209(x), compiled: |x, tally| run(|x: &Tensor| Functions.f209(x), x, tally) },
    Case { name: "f210", eager: |x| Functions.f210(x), compiled: |x, tally| run(|x: &Tensor| Functions.f210(x), x, tally) },
    Case { name: "f211", eager: |x| Functions.f211(x), compiled: |x, tally| run(|x: &Tensor| Functions.f211(x), x, tally) },
    Case { name: "f212", eager: |x| Functions.f212(x), compiled: |x, tally| run(|x: &Tensor| Functions.f212(x), x, tally) },
    Case { name: "f213", eager: |x| Functions.f213(x), compiled: |x, tally| run(|x: &Tensor| Functions.f213(x), x, tally) },
    Case { name: "f214", eager: |x| Functions.f214(x), compiled: |x, tally| run(|x: &Tensor| Functions.f214(x), x, tally) },
    Case { name: "f215", eager: |x| Functions.f215(x), compiled: |x, tally| run(|x: &Tensor| Functions.f215(x), x, tally) },
    Case { name: "f216", eager: |x| Functions.f216(x), compiled: |x, tally| run(|x: &Tensor| Functions.f216(x), x, tally) },
    Case { name: "f217", eager: |x| Functions.f217(x), compiled: |x, tally| run(|x: &Tensor| Functions.f217(x), x, tally) },
    Case { name: "f218", eager: |x| Functions.f218(x), compiled: |x, tally| run(|x: &Tensor| Functions.f218(x), x, tally) },
    Case { name: "f219", eager: |x| Functions.f219(x), compiled: |x, tally| run(|x: &Tensor| Functions.f219(x), x, tally) },
    Case { name: "f220", eager: |x| Functions.f220(x), compiled: |x, tally| run(|x: &Tensor| Functions.f220(x), x, tally) },
    Case { name: "f221", eager: |x| Functions.f221(x), compiled: |x, tally| run(|x: &Tensor| Functions.f221(x), x, tally) },
    Case { name: "f222", eager: |x| Functions.f222(x), compiled: |x, tally| run(|x: &Tensor| Functions.f222(x), x, tally) },
    Case { name: "f223", eager: |x| Functions.f223(x), compiled: |x, tally| run(|x: &Tensor| Functions.f223(x), x, tally) },
    Case { name: "f224", eager: |x| Functions.f224(x), compiled: |x, tally| run(|x: &Tensor| Functions.f224(x), x, tally) },
    Case { name: "f225", eager: |x| Functions.f225(x), compiled: |x, tally| run(|x: &Tensor| Functions.f225(x), x, tally) },
    Case { name: "f226", eager: |x| Functions.f226(x), compiled: |x, tally| run(|x: &Tensor| Functions.f226(x), x, tally) },
    Case { name: "f227", eager: |x| Functions.f227(x), compiled: |x, tally| run(|x: &Tensor| Functions.f227(x), x, tally) },
    Case { name: "f228", eager: |x| Functions.f228(x), compiled: |x, tally| run(|x: &Tensor| Functions.f228(x), x, tally) },
    Case { name: "f229", eager: |x| Functions.f229(x), compiled: |x, tally| run(|x: &Tensor| Functions.f229(x), x, tally) },
    Case { name: "f230", eager: |x| Functions.f230(x), compiled: |x, tally| run(|x: &Tensor| Functions.f230(x), x, tally) },
    Case { name: "f231", eager: |x| Functions.f231(x), compiled: |x, tally| run(|x: &Tensor| Functions.f231(x), x, tally) },
    Case { name: "f232", eager: |x| Functions.f232(x), compiled: |x, tally| run(|x: &Tensor| Functions.f232(x), x, tally) },
    Case { name: "f233", eager: |x| Functions.f233(x), compiled: |x, tally| run(|x: &Tensor| Functions.f233(x), x, tally) },
    Case { name: "f234", eager: |x| Functions.f234(x), compiled: |x, tally| run(|x: &Tensor| Functions.f234(x), x, tally) },
    Case { name: "f235", eager: |x| Functions.f235(x), compiled: |x, tally| run(|x: &Tensor| Functions.f235(x), x, tally) },
    Case { name: "f236", eager: |x| Functions.f236(x), compiled: |x, tally| run(|x: &Tensor| Functions.f236(x), x, tally) },
    Case { name: "f237", eager: |x| Functions.f237(x), compiled: |x, tally| run(|x: &Tensor| Functions.f237(x), x, tally) },
    Case { name: "f238", eager: |x| Functions.f238(x), compiled: |x, tally| run(|x: &Tensor| Functions.f238(x), x, tally) },
    Case { name: "f239", eager: |x| Functions.f239(x), compiled: |x, tally| run(|x: &Tensor| Functions.f239(x), x, tally) },
    Case { name: "f240", eager: |x| Functions.f240(x), compiled: |x, tally| run(|x: &Tensor| Functions.f240(x), x, tally) },
    Case { name: "f241", eager: |x| Functions.f241(x), compiled: |x, tally| run(|x: &Tensor| Functions.f241(x), x, tally) },
    Case { name: "f242", eager: |x| Functions.f242(x), compiled: |x, tally| run(|x: &Tensor| Functions.f242(x), x, tally) },
    Case { name: "f243", eager: |x| Functions.f243(x), compiled: |x, tally| run(|x: &Tensor| Functions.f243(x), x, tally) },
    Case { name: "f244", eager: |x| Functions.f244(x), compiled: |x, tally| run(|x: &Tensor| Functions.f244(x), x, tally) },
    Case { name: "f245", eager: |x| Functions.f245(x), compiled: |x, tally| run(|x: &Tensor| Functions.f245(x), x, tally) },
    Case { name: "f246", eager: |x| Functions.f246(x), compiled: |x, tally| run(|x: &Tensor| Functions.f246(x), x, tally) },
    Case { name: "f247", eager: |x| Functions.f247(x), compiled: |x, tally| run(|x: &Tensor| Functions.f247(x), x, tally) },
    Case { name: "f248", eager: |x| Functions.f248(x), compiled: |x, tally| run(|x: &Tensor| Functions.f248(x), x, tally) },
    Case { name: "f249", eager: |x| Functions.f249(x), compiled: |x, tally| run(|x: &Tensor| Functions.f249(x), x, tally) },
    Case { name: "f250", eager: |x| Functions.f250(x), compiled: |x, tally| run(|x: &Tensor| Functions.f250(x), x, tally) },
    Case { name: "f251", eager: |x| Functions.f251(x), compiled: |x, tally| run(|x: &Tensor| Functions.f251(x), x, tally) },
    Case { name: "f252", eager: |x| Functions.f252(x), compiled: |x, tally| run(|x: &Tensor| Functions.f252(x), x, tally) },
    Case { name: "f253", eager: |x| Functions.f253(x), compiled: |x, tally| run(|x: &Tensor| Functions.f253(x), x, tally) },
    Case { name: "f254", eager: |x| Functions.f254(x), compiled: |x, tally| run(|x: &Tensor| Functions.f254(x), x, tally) },
    Case { name: "f255", eager: |x| Functions.f255(x), compiled: |x, tally| run(|x: &Tensor| Functions.f255(x), x, tally) },
    Case { name: "f256", eager: |x| Functions.f256(x), compiled: |x, tally| run(|x: &Tensor| Functions.f256(x), x, tally) },
    Case { name: "f257", eager: |x| Functions.f257(x), compiled: |x, tally| run(|x: &Tensor| Functions.f257(x), x, tally) },
    Case { name: "f258", eager: |x| Functions.f258(x), compiled: |x, tally| run(|x: &Tensor| Functions.f258(x), x, tally) },
    Case { name: "f259", eager: |x| Functions.f259(x), compiled: |x, tally| run(|x: &Tensor| Functions.f259(x), x, tally) },
    Case { name: "f260", eager: |x| Functions.f260(x), compiled: |x, tally| run(|x: &Tensor| Functions.f260(x), x, tally) },
    Case { name: "f261", eager: |x| Functions.f261(x), compiled: |x, tally| run(|x: &Tensor| Functions.f261(x), x, tally) },
    Case { name: "f262", eager: |x| Functions.f262(x), compiled: |x, tally| run(|x: &Tensor| Functions.f262(x), x, tally) },
    Case { name: "f263", eager: |x| Functions.f263(x), compiled: |x, tally| run(|x: &Tensor| Functions.f263(x), x, tally) },
    Case { name: "f264", eager: |x| Functions.f264(x), compiled: |x, tally| run(|x: &Tensor| Functions.f264(x), x, tally) },
    Case { name: "f265", eager: |x| Functions.f265(x), compiled: |x, tally| run(|x: &Tensor| Functions.f265(x), x, tally) },
    Case { name: "f266", eager: |x| Functions.f266(x), compiled: |x, tally| run(|x: &Tensor| Functions.f266(x), x, tally) },
    Case { name: "f267", eager: |x| Functions.f267(x), compiled: |x, tally| run(|x: &Tensor| Functions.f267(x), x, tally) },
    Case { name: "f268", eager: |x| Functions.f268(x), compiled: |x, tally| run(|x: &Tensor| Functions.f268(x), x, tally) },
    Case { name: "f269", eager: |x| Functions.f269(x), compiled: |x, tally| run(|x: &Tensor| Functions.f269(x), x, tally) },
    Case { name: "f270", eager: |x| Functions.f270(x), compiled: |x, tally| run(|x: &Tensor| Functions.f270(x), x, tally) },
    Case { name: "f271", eager: |x| Functions.f271(x), compiled: |x, tally| run(|x: &Tensor| Functions.f271(x), x, tally) },
    Case { name: "f272", eager: |x| Functions.f272(x), compiled: |x, tally| run(|x: &Tensor| Functions.f272(x), x, tally) },
    Case { name: "f273", eager: |x| Functions.f273(x), compiled: |x, tally| run(|x: &Tensor| Functions.f273(x), x, tally) },
    Case { name: "f274", eager: |x| Functions.f274(x), compiled: |x, tally| run(|x: &Tensor| Functions.f274(x), x, tally) },
    Case { name: "f275", eager: |x| Functions.f275(x), compiled: |x, tally| run(|x: &Tensor| Functions.f275(x), x, tally) },
    Case { name: "f276", eager: |x| Functions.f276(x), compiled: |x, tally| run(|x: &Tensor| Functions.f276(x), x, tally) },
    Case { name: "f277", eager: |x| Functions.f277(x), compiled: |x, tally| run(|x: &Tensor| Functions.f277(x), x, tally) },
    Case { name: "f278", eager: |x| Functions.f278(x), compiled: |x, tally| run(|x: &Tensor| Functions.f278(x), x, tally) },
    Case { name: "f279", eager: |x| Functions.f279(x), compiled: |x, tally| run(|x: &Tensor| Functions.f279(x), x, tally) },
    Case { name: "f280", eager: |x| Functions.f280(x), compiled: |x, tally| run(|x: &Tensor| Functions.f280(x), x, tally) },
    Case { name: "f281", eager: |x| Functions.f281(x), compiled: |x, tally| run(|x: &Tensor| Functions.f281(x), x, tally) },
    Case { name: "f282", eager: |x| Functions.f282(x), compiled: |x, tally| run(|x: &Tensor| Functions.f282(x), x, tally) },
    Case { name: "f283", eager: |x| Functions.f283(x), compiled: |x, tally| run(|x: &Tensor| Functions.f283(x), x, tally) },
    Case { name: "f284", eager: |x| Functions.f284(x), compiled: |x, tally| run(|x: &Tensor| Functions.f284(x), x, tally) },
    Case { name: "f285", eager: |x| Functions.f285(x), compiled: |x, tally| run(|x: &Tensor| Functions.f285(x), x, tally) },
    Case { name: "f286", eager: |x| Functions.f286(x), compiled: |x, tally| run(|x: &Tensor| Functions.f286(x), x, tally) },
    Case { name: "f287", eager: |x| Functions.f287(x), compiled: |x, tally| run(|x: &Tensor| Functions.f287(x), x, tally) },
    Case { name: "f288", eager: |x| Functions.f288(x), compiled: |x, tally| run(|x: &Tensor| Functions.f288(x), x, tally) },
    Case { name: "f289", eager: |x| Functions.f289(x), compiled: |x, tally| run(|x: &Tensor| Functions.f289(x), x, tally) },
    Case { name: "f290", eager: |x| Functions.f290(x), compiled: |x, tally| run(|x: &Tensor| Functions.f290(x), x, tally) },
    Case { name: "f291", eager: |x| Functions.f291(x), compiled: |x, tally| run(|x: &Tensor| Functions.f291(x), x, tally) },
    Case { name: "f292", eager: |x| Functions.f292(x), compiled: |x, tally| run(|x: &Tensor| Functions.f292(x), x, tally) },
    Case { name: "f293", eager: |x| Functions.f293(x), compiled: |x, tally| run(|x: &Tensor| Functions.f293(x), x, tally) },
    Case { name: "f294", eager: |x| Functions.f294(x), compiled: |x, tally| run(|x: &Tensor| Functions.f294(x), x, tally) },
    Case { name: "f295", eager: |x| Functions.f295(x), compiled: |x, tally| run(|x: &Tensor| Functions.f295(x), x, tally) },
    Case { name: "f296", eager: |x| Functions.f296(x), compiled: |x, tally| run(|x: &Tensor| Functions.f296(x), x, tally) },
    Case { name: "f297", eager: |x| Functions.f297(x), compiled: |x, tally| run(|x: &Tensor| Functions.f297(x), x, tally) },
    Case { name: "f298", eager: |x| Functions.f298(x), compiled: |x, tally| run(|x: &Tensor| Functions.f298(x), x, tally) },
    Case { name: "f299", eager: |x| Functions.f299(x), compiled: |x, tally| run(|x: &Tensor| Functions.f299(x), x, tally) },
];
