//! A graph as a table for people: a graph in, a line for each node out.

use std::fmt::Write;

use super::Graph;

impl Graph {
    /// A line for each node: number, operator, operands, type, name and place. The columns are aligned.
    pub fn table(&self) -> String {
        let header = ["node", "operator", "operands", "type", "name", "source"].map(str::to_owned);
        let mut rows = vec![header];
        rows.extend(self.ids().map(|id| {
            let node = self.node(id);
            let operands = node.inputs.iter().map(|input| format!("%{}", input.0));
            let operands = operands.chain(node.calls.iter().map(|call| format!("@{call}")));
            let types = node.types.iter().map(ToString::to_string);
            let known = (!node.source.is_unknown()).then(|| node.source.to_string());
            [
                format!("%{}", id.0),
                node.op.to_string(),
                operands.collect::<Vec<_>>().join(" "),
                types.collect::<Vec<_>>().join(", "),
                node.name.as_ref().map(ToString::to_string).unwrap_or_default(),
                known.unwrap_or_default(),
            ]
        }));
        let widths: [usize; 6] = std::array::from_fn(|column| {
            rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0)
        });
        let mut text = String::new();
        for row in &rows {
            let mut line = String::new();
            for (cell, width) in row.iter().zip(widths) {
                // Writing to a string cannot fail.
                let _ = write!(line, "{cell:width$}  ");
            }
            text += line.trim_end();
            text.push('\n');
        }
        text
    }
}
