//! Random structured functions: comes in a seed, goes out their text. Values stay small, shapes stay `f32[2]`, loops end.

/// The finaliser of SplitMix64 (Steele et al., 2014) over a counter.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let word = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let word = (word ^ (word >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        word ^ (word >> 31)
    }

    fn below(&mut self, n: u64) -> u64 {
        self.next() % n
    }

    fn pick<'a>(&mut self, from: &[&'a str]) -> &'a str {
        from[self.below(from.len() as u64) as usize]
    }
}

/// Writes one function.
struct Writer {
    random: Random,
    text: String,
    indent: usize,
    /// Statements that may still be written.
    left: usize,
    loops: usize,
    /// Loops on tensors around.
    tensor_loops: usize,
    fresh: usize,
}

const VARS: [&str; 3] = ["a", "b", "c"];

impl Writer {
    fn line(&mut self, text: &str) {
        self.text += &"    ".repeat(self.indent);
        self.text += text;
        self.text.push('\n');
    }

    fn value(&mut self) -> String {
        let (v, w) = (self.random.pick(&VARS), self.random.pick(&VARS));
        match self.random.below(9) {
            0 => format!("&{v} + 0.5"),
            1 => format!("&{v} * 0.5"),
            2 => format!("-&{v}"),
            3 => format!("(&{v} - &{w}) * 0.5"),
            4 => format!("{v}.tanh()"),
            5 => format!("(&{v} + &{w}) * 0.25"),
            6 => format!("list[0].clone() - &{v}"),
            7 => format!("&{v} * 0.5 + n"),
            _ => format!("{v}.maximum(&{w})"),
        }
    }

    fn condition(&mut self) -> String {
        let (v, w) = (self.random.pick(&VARS), self.random.pick(&VARS));
        match self.random.below(10) {
            0 => "n > 1".to_owned(),
            1 => format!("n % 2 == 0 && {v}.sum() > 0"),
            2 => format!("{v}.sum() > {w}.sum() && {w}.sum() < 1"),
            3 => format!("{v}.select(0, 0) < 0.25 || n == 2"),
            4 => format!("!({v}.sum() >= 0.5)"),
            5 => format!("list.len() > 2 || {v}.select(0, 1) != 0"),
            _ => format!("{v}.sum() > {}.{}", self.random.below(2), self.random.below(10)),
        }
    }

    fn block(&mut self, depth: usize) {
        self.indent += 1;
        for _ in 0..1 + self.random.below(3) {
            if self.statement(depth) {
                break;
            }
        }
        self.indent -= 1;
    }

    /// Writes a statement; true when nothing can follow it.
    fn statement(&mut self, depth: usize) -> bool {
        if self.left == 0 {
            return false;
        }
        self.left -= 1;
        let kind = if depth == 0 { self.random.below(7) } else { self.random.below(24) };
        let (v, value) = (self.random.pick(&VARS), self.value());
        match kind {
            0..=3 => self.line(&format!("{v} = {value};")),
            // A list that grows in a loop is no graph: that is tried, but not often.
            4 if self.tensor_loops > 0 && self.random.below(4) > 0 => {
                self.line(&format!("{v} = {value};"));
            }
            4 => self.line(&format!("list.push({value});")),
            5 => self.line(&format!("list[0] = {value};")),
            6 if self.tensor_loops > 0 && self.random.below(4) > 0 => {
                let leave = self.random.pick(&["break;", "continue;"]);
                self.line(leave);
                return true;
            }
            6 => match self.random.below(6) {
                0 => self.line("n += 1;"),
                1 => self.line(&format!("{v} = {v}.try_add(&a)?;")),
                2 if depth < 3 => {
                    let factor = self.random.below(3);
                    self.line(&format!("return Ok((a, b * {factor}, n));"));
                    return true;
                }
                3 if self.loops > 0 => {
                    let leave = self.random.pick(&["break;", "continue;"]);
                    self.line(leave);
                    return true;
                }
                _ => self.line(&format!("{v} = {value};")),
            },
            7..=11 => self.branch(depth),
            12 | 13 => {
                let other = self.value();
                let condition = self.condition();
                self.line(&format!("{v} = if {condition} {{ {value} }} else {{ {other} }};"));
            }
            14 => self.host_loop(depth),
            15 => self.alias(v, &value),
            16 => self.choice(depth),
            17 => self.moved(v, &value),
            18 => self.deferred(&value),
            19 => self.while_loop(v),
            20 | 21 => self.tensor_while(depth),
            22 => self.tensor_loop(depth),
            _ => self.tensor_for(depth),
        }
        false
    }

    fn tensor_body(&mut self, depth: usize) {
        self.loops += 1;
        self.tensor_loops += 1;
        self.block(depth - 1);
        self.tensor_loops -= 1;
        self.loops -= 1;
        self.line("}");
    }

    fn counter(&mut self) -> String {
        let name = format!("t{}", self.fresh);
        self.fresh += 1;
        self.line(&format!("let mut {name} = Tensor::scalar(0.0, x.device());"));
        name
    }

    fn tensor_while(&mut self, depth: usize) {
        let (name, trips) = (self.counter(), self.random.below(5));
        let (v, condition) = (self.random.pick(&VARS), self.condition());
        let more = match self.random.below(3) {
            0 => String::new(),
            1 => format!(" && {v}.sum() < 3"),
            _ => format!(" && !({condition})"),
        };
        self.line(&format!("while {name} < {trips}{more} {{"));
        self.indent += 1;
        self.line(&format!("{name} = {name} + 1;"));
        self.indent -= 1;
        self.tensor_body(depth);
    }

    fn tensor_loop(&mut self, depth: usize) {
        let (name, trips) = (self.counter(), self.random.below(5));
        let condition = self.condition();
        self.line("loop {");
        self.indent += 1;
        self.line(&format!("{name} = {name} + 1;"));
        self.line(&format!("if {name} > {trips} || {condition} {{ break; }}"));
        self.indent -= 1;
        self.tensor_body(depth);
    }

    fn tensor_for(&mut self, depth: usize) {
        let (v, w) = (self.random.pick(&VARS), self.random.pick(&VARS));
        let most = 1 + self.random.below(3);
        self.line(&format!("for i in 0..{v}.abs().sum().minimum({most}) {{"));
        self.indent += 1;
        self.line(&format!("{w} = &{w} * 0.5 + &i * 0.25;"));
        self.indent -= 1;
        self.tensor_body(depth);
    }

    fn branch(&mut self, depth: usize) {
        let condition = self.condition();
        self.line(&format!("if {condition} {{"));
        self.block(depth - 1);
        if self.random.below(3) == 0 {
            let condition = self.condition();
            self.line(&format!("}} else if {condition} {{"));
            self.block(depth - 1);
        }
        if self.random.below(2) == 0 {
            self.line("} else {");
            self.block(depth - 1);
        }
        self.line("}");
    }

    fn host_loop(&mut self, depth: usize) {
        let trips = 1 + self.random.below(3);
        self.line(&format!("for i in 0..{trips} {{"));
        self.indent += 1;
        self.line("b = &b * 0.5 + i;");
        self.indent -= 1;
        self.loops += 1;
        self.block(depth - 1);
        self.loops -= 1;
        self.line("}");
    }

    fn alias(&mut self, v: &str, value: &str) {
        let name = format!("r{}", self.fresh);
        self.fresh += 1;
        match self.random.below(3) {
            0 => {
                self.line(&format!("let {name} = &mut list;"));
                self.line(&format!("if c.sum() > 0 {{ {name}.push(c.clone()); }}"));
            }
            1 => {
                self.line(&format!("let next = {value};"));
                self.line(&format!("let chosen = {v}.sum() > 0.25;"));
                self.line(&format!("let mut set = |t: &Tensor| {v} = t * 0.5;"));
                self.line("if chosen { set(&next); }");
            }
            _ => {
                self.line(&format!(
                    "for t in list.iter_mut() {{ if {v}.sum() > 0 {{ *t = &*t * 0.5; }} }}"
                ));
            }
        }
    }

    fn choice(&mut self, depth: usize) {
        let condition = self.condition();
        self.line("match n {");
        self.indent += 1;
        self.line(&format!("0 | 1 if {condition} => {{"));
        self.block(depth - 1);
        self.line("}");
        self.line("2 => {}");
        self.line("_ => {");
        self.block(depth - 1);
        self.line("}");
        self.indent -= 1;
        self.line("}");
    }

    fn moved(&mut self, v: &str, value: &str) {
        let condition = self.condition();
        self.line(&format!("let next = {value};"));
        self.line(&format!("{v} = if {condition} {{ next * 0.5 }} else {{ {v} }};"));
    }

    fn deferred(&mut self, value: &str) {
        let (condition, name) = (self.condition(), format!("d{}", self.fresh));
        self.fresh += 1;
        self.line(&format!("let {name};"));
        self.line(&format!(
            "if {condition} {{ {name} = {value}; }} else {{ {name} = a.clone(); }}"
        ));
        self.line(&format!("c = &c * 0.5 + {name};"));
    }

    fn while_loop(&mut self, v: &str) {
        let condition = format!("{v}.sum() < {}", self.random.below(5));
        self.line(&format!("while {condition} {{"));
        self.indent += 1;
        self.line(&format!("{v} = {v}.abs() + 0.5;"));
        if self.random.below(2) == 0 {
            self.line("if c.sum() > 1 { break; }");
            self.line("c = &c + 0.25;");
        }
        self.indent -= 1;
        self.line("}");
    }
}

/// The text of the methods of so many functions.
pub(super) fn methods(seed: u64, range: std::ops::Range<usize>) -> String {
    let mut text = String::new();
    for k in range {
        let mut writer = Writer {
            random: Random(seed.wrapping_mul(1_000_003).wrapping_add(k as u64)),
            text: String::new(),
            indent: 2,
            left: 9,
            loops: 0,
            tensor_loops: 0,
            fresh: 0,
        };
        writer.line("let (mut a, mut b, mut c) = (x.clone(), x * 0.5, -x);");
        writer.line("let (mut n, mut list) = (0, vec![x.clone()]);");
        while writer.left > 0 {
            writer.statement(3);
        }
        writer.line("let all = list.iter().fold(c, |sum, t| sum * 0.5 + t);");
        writer.line("n += 1;");
        writer.line("Ok((a + b, all, n))");
        text += &format!(
            "    pub(super) fn f{k}(&self, x: &Tensor) -> Made {{\n{}    }}\n\n",
            writer.text
        );
    }
    text
}

/// The text of a file of functions, and of the list of their cases.
pub(super) fn file(seed: u64, range: std::ops::Range<usize>) -> String {
    let cases: String = range
        .clone()
        .map(|k| {
            format!("    Case {{ name: \"f{k}\", eager: |x| Functions.f{k}(x), compiled: |x, tally| run(|x: &Tensor| Functions.f{k}(x), x, tally) }},\n")
        })
        .collect();
    format!(
        "//! Random structured functions, made by `generator.rs`; do not edit.\n\n\
         use ferrodyne::prelude::*;\n\nuse crate::flow::random::{{Case, Functions, Made, run}};\n\n\
         #[rustfmt::skip]\n#[allow(clippy::all, unused, reason = \"written by a generator\")]\n#[module]\nimpl Functions {{\n{}    pub(super) fn forward(&self, x: &Tensor) -> Tensor {{\n        x.clone()\n    }}\n}}\n\n\
         #[rustfmt::skip]\npub(super) const CASES: &[Case] = &[\n{cases}];\n",
        methods(seed, range)
    )
}
