//! The statements of a graph's text: nodes with their attributes, guards, facts and write-backs.

use ferrodyne_plan::dims::parse_facts;
use ferrodyne_plan::text::{TextError, TokenKind};
use ferrodyne_plan::{Name, Range, Var};

use super::{Reader, Refused, Scope};
use crate::graph::tensor_text::parse_tensor;
use crate::graph::{
    Attr, AttrKind, AttrSpec, Attrs, Builder, Graph, Guard, GuardFact, INPUT, NodeId, TensorType,
    check_attrs, same_type,
};

impl Reader<'_> {
    pub(super) fn statement(
        &mut self,
        builder: &mut Builder,
        scope: &mut Scope,
    ) -> Result<(), Refused> {
        if self.cursor.eat("guard") {
            return Ok(self.guard(builder)?);
        }
        if self.cursor.eat("assume") {
            let symbols = &builder.graph().symbols;
            let known = |name: &str| symbols.contains_key(name).then(|| Var::Sym(name.into()));
            builder.graph_mut().facts = parse_facts(&mut self.cursor, &known)?;
            return Ok(());
        }
        if self.cursor.eat("write") {
            return Ok(self.write(builder, scope)?);
        }
        let at = self.cursor.clone();
        let (label, name) = self.label()?;
        let node = self.node(builder, scope)?;
        if let Some(name) = name {
            builder.name(node, name);
        }
        if scope.insert(label.clone(), node).is_some() {
            return Err(at.error(format!("`{label}` stands for two values")).into());
        }
        Ok(())
    }

    /// `= OP @GRAPH .. %OPERAND .. {ATTRIBUTE=.., ..} : TYPE, ..`
    fn node(&mut self, builder: &mut Builder, scope: &Scope) -> Result<NodeId, Refused> {
        self.cursor.expect("=")?;
        let at = self.cursor.clone();
        let op = Name::from(self.cursor.name()?);
        let mut calls = Vec::new();
        while self.cursor.eat("@") {
            calls.push(Name::from(self.cursor.name()?));
        }
        let inputs = self.operands(scope)?;
        let specs = self.cx.rules.attrs(&op).filter(|_| op.as_str() != INPUT);
        let specs = specs.ok_or_else(|| at.error(format!("`{op}` is no operator")))?;
        let attrs =
            if self.cursor.is("{") { self.attrs(builder.graph(), specs)? } else { Attrs::new() };
        check_attrs(&attrs, specs).map_err(|text| at.error(format!("{op}: {text}")))?;
        let types = self.types(builder.graph())?;
        if let Some(callee) = calls.iter().find(|c| !builder.graph().subgraphs.contains_key(*c)) {
            return Err(at.error(format!("there is no graph `{callee}` to call")).into());
        }
        builder.set_source(self.source(at.token().line));
        let node = builder.add_calling(&op, &inputs, attrs, &calls)?;
        if !types.is_empty() {
            let graph = builder.graph_mut();
            let inferred = &graph.node(node).types;
            let agree = inferred.len() == types.len()
                && inferred.iter().zip(&types).all(|(a, b)| same_type(a, b, &graph.facts));
            if !agree {
                return Err(at
                    .error(format!("{op} gives {}, not {}", list(inferred), list(&types)))
                    .into());
            }
            graph.node_mut(node).types = types;
        }
        Ok(node)
    }

    /// The operands of a node; a label at the start of a statement is the next node's.
    fn operands(&mut self, scope: &Scope) -> Result<Vec<NodeId>, TextError> {
        let mut operands = Vec::new();
        while matches!(self.cursor.peek(), TokenKind::Ident(label) if label.starts_with('%')) {
            if self.cursor.is_nth(1, "=") || matches!(self.cursor.peek_nth(1), TokenKind::Str(_)) {
                break;
            }
            operands.push(self.value(scope)?);
        }
        Ok(operands)
    }

    /// The types behind a node, if any.
    fn types(&mut self, graph: &Graph) -> Result<Vec<TensorType>, TextError> {
        let mut types = Vec::new();
        if self.cursor.eat(":") {
            types.push(self.tensor_type(graph)?);
            while self.cursor.eat(",") {
                types.push(self.tensor_type(graph)?);
            }
        }
        Ok(types)
    }

    fn attrs(&mut self, graph: &Graph, specs: &'static [AttrSpec]) -> Result<Attrs, TextError> {
        let mut attrs = Attrs::new();
        self.cursor.expect("{")?;
        while !self.cursor.eat("}") {
            let at = self.cursor.clone();
            let name = self.cursor.name()?;
            let spec = specs.iter().find(|spec| spec.name == name);
            let spec =
                spec.ok_or_else(|| at.error(format!("the operator has no attribute `{name}`")))?;
            if attrs.get(&name).is_some() {
                return Err(at.error(format!("the attribute `{name}` is given twice")));
            }
            self.cursor.expect("=")?;
            attrs = attrs.with(&name, self.attr(graph, spec.kind)?);
            if !self.cursor.is("}") {
                self.cursor.expect(",")?;
            }
        }
        Ok(attrs)
    }

    fn attr(&mut self, graph: &Graph, kind: AttrKind) -> Result<Attr, TextError> {
        let at = self.cursor.clone();
        Ok(match kind {
            AttrKind::Int => Attr::Int(self.cursor.int()?),
            AttrKind::Float => Attr::Float(self.cursor.float()?),
            AttrKind::Bool => {
                let value = self.cursor.eat("true");
                if !value {
                    self.cursor.expect("false")?;
                }
                Attr::Bool(value)
            }
            AttrKind::Str => Attr::Str(Name::from(self.cursor.string()?)),
            AttrKind::DType => {
                let word = self.cursor.ident()?;
                Attr::DType(word.parse().map_err(|e| at.error(format!("{e}")))?)
            }
            AttrKind::Ints => {
                let mut values = Vec::new();
                self.cursor.expect("[")?;
                while !self.cursor.eat("]") {
                    values.push(self.cursor.int()?);
                    if !self.cursor.is("]") {
                        self.cursor.expect(",")?;
                    }
                }
                Attr::Ints(values)
            }
            AttrKind::Dims => Attr::Dims(self.dims(graph)?),
            AttrKind::Tensor => Attr::Tensor(parse_tensor(&mut self.cursor, self.cx.constants)?),
        })
    }

    /// `guard DIM == DIM by OP`, and likewise with `!=`, `in RANGE` and `% N == 0`.
    fn guard(&mut self, builder: &mut Builder) -> Result<(), TextError> {
        let line = self.cursor.token().line;
        let a = self.dim(builder.graph())?;
        let fact = if self.cursor.eat("==") {
            GuardFact::Equal(a, self.dim(builder.graph())?)
        } else if self.cursor.eat("!=") {
            GuardFact::Differ(a, self.dim(builder.graph())?)
        } else if self.cursor.eat("in") {
            GuardFact::Within(a, Range::parse(&mut self.cursor)?)
        } else {
            self.cursor.expect("%")?;
            let n = self.cursor.int()?;
            self.cursor.expect("==")?;
            self.cursor.expect("0")?;
            GuardFact::Multiple(a, n)
        };
        self.cursor.expect("by")?;
        let op = Name::from(self.cursor.name()?);
        let source = self.source(line);
        builder.assume(Guard { fact, source, op });
        Ok(())
    }

    /// `write %INPUT = %VALUE`
    fn write(&mut self, builder: &mut Builder, scope: &Scope) -> Result<(), TextError> {
        let at = self.cursor.clone();
        let input = self.value(scope)?;
        self.cursor.expect("=")?;
        let value = self.value(scope)?;
        let input = builder.graph().inputs.iter().position(|i| i.node == input);
        builder.write_back(input.ok_or_else(|| at.error("only an input can be written"))?, value);
        Ok(())
    }
}

fn list(types: &[TensorType]) -> String {
    types.iter().map(TensorType::to_string).collect::<Vec<_>>().join(", ")
}
