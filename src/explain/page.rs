//! One page that shows a report: comes in a [`Report`], goes out HTML that needs no other file.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use super::memory;
use super::picture;
use super::report::{KernelReport, NodeReport, RegionReport, Report, SourceReport};

const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");

/// Regions of which the time is shown.
const TIMED_MAX: usize = 16;

/// Reads a line of a source file, where the file is at hand.
pub type SourceLines<'a> = &'a dyn Fn(&str, u32) -> Option<String>;

impl Report {
    /// A page that stands alone: the graph with its regions, each kernel with loops, schedule and code, memory over time, guards
    /// and what was not fused. `lines` gives the text of a source line where it can be read; the page then shows it.
    pub fn to_html(&self, lines: SourceLines<'_>) -> String {
        self.merged().page(lines)
    }

    fn page(&self, lines: SourceLines<'_>) -> String {
        let mut html = String::new();
        let title = escape(&self.name);
        put(&mut html, "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n");
        put(
            &mut html,
            "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n",
        );
        put(&mut html, format!("<title>{title}: ferrodyne</title>\n<style>\n{STYLE}</style>\n"));
        put(&mut html, "</head>\n<body>\n");
        self.header(&mut html);
        put(&mut html, "<main>\n<section id=\"graph\"><h2>Graph and regions</h2>\n");
        legend(&mut html, self);
        put(&mut html, "<div class=\"scroll\" id=\"canvas\">\n");
        picture::svg(&mut html, self);
        put(&mut html, "</div></section>\n<section id=\"detail\">\n");
        put(
            &mut html,
            "<p class=\"hint\" id=\"nothing\">Choose a region to see its kernels.</p>\n",
        );
        for (index, region) in self.regions.iter().enumerate() {
            self.region(&mut html, index, region);
        }
        put(&mut html, "</section>\n</main>\n");
        self.time_section(&mut html);
        self.memory_section(&mut html);
        self.stage_section(&mut html);
        self.guard_section(&mut html);
        self.cut_section(&mut html);
        self.source_section(&mut html, lines);
        put(&mut html, format!("<script>\n{SCRIPT}</script>\n</body>\n</html>\n"));
        html
    }

    fn header(&self, html: &mut String) {
        let figure = |value: String, what: &str| {
            format!("<li><b>{}</b><span>{what}</span></li>", escape(&value))
        };
        let run = self.regions.iter().filter(|region| !region.weights_only).count();
        let sizes = self.symbols.iter().map(|symbol| match symbol.hint {
            Some(hint) => format!("{} = {hint} in {}", symbol.name, symbol.range),
            None => format!("{} in {}", symbol.name, symbol.range),
        });
        let sizes = sizes.collect::<Vec<_>>().join(", ");
        let after = self.nodes.len();
        put(html, format!("<header>\n<h1>{}</h1>\n", escape(&self.name)));
        put(html, format!("<p>compiled for <b>{}</b>", escape(&self.target)));
        if !sizes.is_empty() {
            put(html, format!("; sizes <code>{}</code>", escape(&sizes)));
        }
        put(html, "</p>\n<ul class=\"figures\">");
        put(
            html,
            figure(format!("{} → {after}", self.nodes_captured), "nodes, before and after passes"),
        );
        put(html, figure(run.to_string(), "regions"));
        put(html, figure(self.kernels.to_string(), "kernels with different code"));
        put(html, figure(self.dispatches.to_string(), "dispatches a call"));
        put(html, figure(self.peak(), "peak of activations"));
        if !self.stages.is_empty() {
            let total: f64 = self.stages.iter().map(|(_, ms)| ms).sum();
            put(html, figure(format!("{total:.1} ms"), "to compile"));
        }
        let measured: Vec<f64> = self.regions.iter().filter_map(|region| region.ms).collect();
        if !measured.is_empty() {
            put(html, figure(format!("{:.2} ms", measured.iter().sum::<f64>()), "on the device"));
        }
        put(html, "</ul>\n</header>\n");
    }

    fn peak(&self) -> String {
        match self.memory.peak_bytes {
            Some(bytes) => size(bytes),
            None => self.memory.peak.clone(),
        }
    }

    fn region(&self, html: &mut String, index: usize, region: &RegionReport) {
        put(
            html,
            format!(
                "<article id=\"r{index}\" hidden>\n<h2><i class=\"{}\"></i>{}</h2>\n",
                class(region),
                escape(&region.name)
            ),
        );
        let traffic = match (region.bytes_read, region.bytes_written) {
            (Some(read), Some(written)) => {
                format!(", reads {} and writes {}", size(read), size(written))
            }
            _ => String::new(),
        };
        let time = region.ms.map(|ms| format!(", {ms:.3} ms")).unwrap_or_default();
        let once = if region.weights_only { ", runs once on weights" } else { "" };
        put(
            html,
            format!("<p>{}{once}{traffic}{time}</p>\n<table class=\"nodes\">\n", region.kind),
        );
        for &node in &region.nodes {
            let node = &self.nodes[node];
            let operands = node.inputs.iter().map(|&i| self.nodes[i].label.as_str());
            let operands = operands.collect::<Vec<_>>().join(", ");
            put(
                html,
                format!(
                    "<tr><td><code>{}</code></td><td><b>{}</b> {}</td><td><code>{}</code></td><td>{}</td></tr>\n",
                    escape(&node.label),
                    escape(&node.op),
                    escape(&operands),
                    escape(&node.ty),
                    node.source.as_ref().map(link).unwrap_or_default(),
                ),
            );
        }
        put(html, "</table>\n");
        self.region_cuts(html, region);
        for variant in &region.variants {
            if region.variants.len() > 1 {
                let needs = match variant.needs.is_empty() {
                    true => "otherwise".to_owned(),
                    false => format!("if {}", variant.needs.join(" and ")),
                };
                put(html, format!("<h3>{}</h3>\n", escape(&needs)));
            }
            for kernel in &variant.kernels {
                kernel_code(html, region, kernel);
            }
        }
        put(html, "</article>\n");
    }

    /// Why the values of a region go through memory.
    fn region_cuts(&self, html: &mut String, region: &RegionReport) {
        if region.weights_only {
            return;
        }
        let own = self.cuts.iter().filter(|cut| region.nodes.contains(&cut.from));
        let reasons: BTreeSet<String> =
            own.map(|cut| format!("{}: {}", self.node_link(cut.to), escape(&cut.reason))).collect();
        for reason in reasons {
            put(html, format!("<p>not fused into {reason}</p>\n"));
        }
    }

    /// A node by name and operator, as a link to the region that computes it.
    fn node_link(&self, node: usize) -> String {
        let region = self.regions.iter().position(|region| region.nodes.contains(&node));
        let NodeReport { label, op, .. } = &self.nodes[node];
        let text = format!("<code>{}</code> {}", escape(label), escape(op));
        match region.filter(|&index| !self.regions[index].weights_only) {
            Some(index) => format!("<a class=\"region\" href=\"#r{index}\">{text}</a>"),
            None => text,
        }
    }

    fn time_section(&self, html: &mut String) {
        let mut timed: Vec<(usize, f64)> =
            self.regions.iter().enumerate().filter_map(|(k, r)| Some((k, r.ms?))).collect();
        timed.sort_by(|a, b| b.1.total_cmp(&a.1));
        let Some(most) = timed.first().map(|(_, ms)| ms.max(f64::MIN_POSITIVE)) else { return };
        let total: f64 = timed.iter().map(|(_, ms)| ms).sum();
        put(html, "<section><h2>Time on the device</h2>\n<table class=\"bars\">\n");
        for &(index, ms) in timed.iter().take(TIMED_MAX) {
            let region = &self.regions[index];
            put(
                html,
                format!(
                    "<tr><td><a class=\"region\" href=\"#r{index}\">{}</a></td><td>{ms:.3} ms</td><td>{:.0}%</td><td class=\"wide\"><i class=\"{}\" style=\"width:{:.1}%\"></i></td></tr>\n",
                    escape(&picture::shorten(&region.name, 44)),
                    100.0 * ms / total.max(f64::MIN_POSITIVE),
                    class(region),
                    100.0 * ms / most,
                ),
            );
        }
        put(html, "</table>\n");
        if timed.len() > TIMED_MAX {
            let rest: f64 = timed[TIMED_MAX..].iter().map(|(_, ms)| ms).sum();
            let count = timed.len() - TIMED_MAX;
            put(html, format!("<p>{count} other regions take {rest:.3} ms together.</p>\n"));
        }
        put(html, "</section>\n");
    }

    fn memory_section(&self, html: &mut String) {
        put(html, "<section><h2>Memory over time</h2>\n");
        put(html, "<div class=\"wide-scroll\">\n");
        memory::chart(html, &self.memory);
        put(html, "</div>\n");
        put(html, "</section>\n");
    }

    fn stage_section(&self, html: &mut String) {
        let total: f64 = self.stages.iter().map(|(_, ms)| ms).sum();
        if total <= 0.0 {
            return;
        }
        put(html, "<section><h2>Stages of the compiler</h2>\n<table class=\"bars\">\n");
        for (name, ms) in &self.stages {
            put(
                html,
                format!(
                    "<tr><td>{}</td><td>{ms:.2} ms</td><td class=\"wide\"><i style=\"width:{:.1}%\"></i></td></tr>\n",
                    escape(name),
                    100.0 * ms / total,
                ),
            );
        }
        put(html, "</table></section>\n");
    }

    fn guard_section(&self, html: &mut String) {
        put(html, "<section><h2>Guards</h2>\n");
        if !self.symbols.is_empty() {
            let ranges = self.symbols.iter().map(|symbol| {
                let hint = symbol.hint.map(|hint| format!(" (schedules are chosen at {hint})"));
                format!(
                    "<code>{} in {}</code>{}",
                    escape(&symbol.name),
                    escape(&symbol.range),
                    hint.unwrap_or_default()
                )
            });
            put(
                html,
                format!("<p>Sizes that vary: {}</p>\n", ranges.collect::<Vec<_>>().join(", ")),
            );
        }
        if self.guards.is_empty() {
            put(
                html,
                "<p>No sizes were assumed to be equal, divisible or bounded beyond the types of the inputs.</p>\n",
            );
        } else {
            put(html, "<table>\n");
            for guard in &self.guards {
                put(
                    html,
                    format!(
                        "<tr><td><code>{}</code></td><td>{}</td><td>{}</td></tr>\n",
                        escape(&guard.text),
                        if guard.op.is_empty() {
                            String::new()
                        } else {
                            format!("because of {}", escape(&guard.op))
                        },
                        guard.source.as_ref().map(link).unwrap_or_default(),
                    ),
                );
            }
            put(html, "</table>\n");
        }
        put(html, "</section>\n");
    }

    fn cut_section(&self, html: &mut String) {
        let weights: BTreeSet<usize> = self
            .regions
            .iter()
            .filter(|r| r.weights_only)
            .flat_map(|r| r.nodes.iter().copied())
            .collect();
        let mut cuts: Vec<_> =
            self.cuts.iter().filter(|cut| !weights.contains(&cut.from)).collect();
        if cuts.is_empty() {
            return;
        }
        cuts.sort_by_key(|cut| (cut.from, cut.to));
        put(html, "<section><h2>Why not fused</h2>\n<table>\n");
        for cut in cuts {
            put(
                html,
                format!(
                    "<tr><td>{}</td><td>{}</td><td>{}</td></tr>\n",
                    self.node_link(cut.from),
                    self.node_link(cut.to),
                    escape(&cut.reason),
                ),
            );
        }
        put(html, "</table></section>\n");
    }

    fn source_section(&self, html: &mut String, lines: SourceLines<'_>) {
        let mut places: BTreeMap<(&str, u32), Option<String>> = BTreeMap::new();
        for source in self.nodes.iter().filter_map(|node| node.source.as_ref()) {
            if source.line > 0 {
                places
                    .entry((&source.file, source.line))
                    .or_insert_with(|| lines(&source.file, source.line));
            }
        }
        if places.is_empty() {
            return;
        }
        put(html, "<section><h2>Source lines</h2>\n<table>\n");
        for ((file, line), text) in places {
            let text = text.map(|text| escape(text.trim())).unwrap_or_default();
            put(
                html,
                format!(
                    "<tr id=\"{}\"><td>{}:{line}</td><td><code>{text}</code></td></tr>\n",
                    anchor(file, line),
                    escape(file),
                ),
            );
        }
        put(html, "</table></section>\n");
    }
}

fn legend(html: &mut String, report: &Report) {
    let classes: BTreeSet<&str> =
        report.regions.iter().filter(|r| !r.weights_only).map(class).collect();
    put(html, "<p class=\"legend\">");
    for class in classes {
        put(html, format!("<span><i class=\"{class}\"></i>{class}</span>"));
    }
    put(html, "<span><i class=\"value\"></i>argument or result</span></p>\n");
}

fn kernel_code(html: &mut String, region: &RegionReport, kernel: &KernelReport) {
    let invocations = match kernel.workgroup.is_empty() {
        true => String::new(),
        false => {
            let size = kernel.workgroup.iter().map(ToString::to_string).collect::<Vec<_>>();
            format!(
                "<p>workgroups <code>{}</code> of <code>{}</code> invocations</p>\n",
                escape(&kernel.groups.join(" × ")),
                size.join(" × ")
            )
        }
    };
    put(
        html,
        format!(
            "<div class=\"kernel\"><h3>kernel <code>{}</code></h3>\n{invocations}",
            escape(&kernel.name)
        ),
    );
    let sources: BTreeSet<String> = kernel.sources.iter().map(link).collect();
    if !sources.is_empty() {
        let sources: Vec<String> = sources.into_iter().collect();
        put(html, format!("<p>computes {}</p>\n", sources.join(", ")));
    }
    let steps = kernel.schedule.join("\n");
    let code = code(&kernel.wgsl);
    let tabs = [
        ("WGSL", &code),
        ("scheduled loops", &kernel.loops),
        ("schedule", &steps),
        ("loops", &region.loops),
    ];
    put(html, "<div class=\"tabs\">");
    for (index, (name, _)) in tabs.iter().filter(|(_, text)| !text.is_empty()).enumerate() {
        let chosen = if index == 0 { " class=\"on\"" } else { "" };
        put(html, format!("<button{chosen}>{name}</button>"));
    }
    put(html, "</div>\n");
    for (index, (name, text)) in tabs.iter().filter(|(_, text)| !text.is_empty()).enumerate() {
        let hidden = if index == 0 { "" } else { " hidden" };
        let language = if *name == "WGSL" { "wgsl" } else { "loops" };
        put(html, format!("<pre class=\"{language}\"{hidden}>{}</pre>\n", escape(text)));
    }
    put(html, "</div>\n");
}

/// Code without the comment at its head, which is the scheduled loops that stand beside it.
fn code(wgsl: &str) -> String {
    let lines = wgsl.lines().skip_while(|line| line.starts_with("//") || line.is_empty());
    lines.map(|line| format!("{line}\n")).collect()
}

/// The place that a link to a source line leads to.
fn anchor(file: &str, line: u32) -> String {
    let plain: String = file.chars().map(|c| if c.is_alphanumeric() { c } else { '-' }).collect();
    format!("line-{plain}-{line}")
}

/// A source as a link to its line on the page.
fn link(source: &SourceReport) -> String {
    let module = match source.module.as_str() {
        "" => String::new(),
        module => format!(" <span class=\"module\">{}</span>", escape(module)),
    };
    match source.line {
        0 => format!("<span class=\"source\">{}</span>{module}", escape(&source.file)),
        line => format!(
            "<a class=\"source\" href=\"#{}\">{}:{line}</a>{module}",
            anchor(&source.file, line),
            escape(&source.file)
        ),
    }
}

/// The colour class of a region.
pub(super) fn class(region: &RegionReport) -> &str {
    &region.kind
}

/// Bytes for people.
pub(super) fn size(bytes: i64) -> String {
    match bytes {
        ..1024 => format!("{bytes} B"),
        1024..1_048_576 => format!("{:.1} KiB", bytes as f64 / 1024.0),
        _ => format!("{:.1} MiB", bytes as f64 / 1_048_576.0),
    }
}

/// Text as HTML shows it.
pub(super) fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// Appends; writing to a string cannot fail.
pub(super) fn put(html: &mut String, text: impl AsRef<str>) {
    let _ = html.write_str(text.as_ref());
}
