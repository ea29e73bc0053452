//! The graph as a picture: comes in a [`Report`], goes out an SVG with a box for each region.

use super::drawing::{self, Drawing};
use super::page::{class, escape, put};
use super::report::Report;

/// Rows of a box before the rest is counted.
const ROWS_MAX: usize = 9;
/// Height of a row.
const ROW: f64 = 16.0;
/// Height of a box's title.
const TITLE: f64 = 24.0;
/// Width of a letter of a row.
const LETTER: f64 = 6.7;
/// Width of a letter of a title.
const TITLE_LETTER: f64 = 8.1;
/// Letters of a title before its middle is left out.
const TITLE_LETTERS: usize = 34;

/// A box: a region, or an argument or result.
struct Scene {
    region: Option<usize>,
    /// Whether an argument has no reader yet: the first one gets an arrow, the others name it.
    unread: bool,
    title: String,
    rows: Vec<String>,
}

/// Writes the picture.
pub(super) fn svg(html: &mut String, report: &Report) {
    let (scenes, arrows) = scenes(report);
    let sizes: Vec<(f64, f64)> = scenes.iter().map(extent).collect();
    let drawing = drawing::draw(&sizes, &arrows);
    let (width, height) = (drawing.width + 24.0, drawing.height + 24.0);
    put(
        html,
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width:.0}\" height=\"{height:.0}\" viewBox=\"-12 -12 {width:.0} {height:.0}\">\n"
        ),
    );
    put(
        html,
        "<defs><marker id=\"tip\" viewBox=\"0 0 8 8\" refX=\"7\" refY=\"4\" markerWidth=\"8\" markerHeight=\"8\" markerUnits=\"userSpaceOnUse\" orient=\"auto\"><path d=\"M0,0 L8,4 L0,8 z\"/></marker></defs>\n",
    );
    for (line, (from, to)) in drawing.lines.iter().zip(&arrows) {
        put(
            html,
            format!(
                "<path class=\"arrow f{from} t{to}\" d=\"{}\" marker-end=\"url(#tip)\"/>\n",
                curve(line)
            ),
        );
    }
    for (index, scene) in scenes.iter().enumerate() {
        draw_box(html, report, scene, index, &drawing, sizes[index]);
    }
    put(html, "</svg>\n");
}

/// Boxes in an order in which all arrows point forward, and the arrows.
fn scenes(report: &Report) -> (Vec<Scene>, Vec<(usize, usize)>) {
    let run: Vec<usize> =
        (0..report.regions.len()).filter(|&r| !report.regions[r].weights_only).collect();
    let mut scenes = Vec::new();
    let mut made_by = vec![None; report.nodes.len()];
    for (index, node) in report.nodes.iter().enumerate() {
        let read = run.iter().any(|&r| report.regions[r].inputs.contains(&index));
        if node.op == "input" && read && report.arguments.contains(&index) {
            made_by[index] = Some(scenes.len());
            scenes.push(Scene {
                region: None,
                title: node.label.clone(),
                rows: vec![node.ty.clone()],
                unread: true,
            });
        }
    }
    let mut arrows = Vec::new();
    for region in run {
        let number = scenes.len();
        let made = &report.regions[region];
        let mut rows = rows(report, &made.nodes);
        let mut from = Vec::new();
        for &node in &made.inputs {
            let Some(maker) = made_by[node] else { continue };
            let far = scenes[maker].region.is_none() && !scenes[maker].unread;
            match far {
                true => rows.insert(0, format!("reads {}", report.nodes[node].label)),
                false => from.push(maker),
            }
            scenes[maker].unread = false;
        }
        from.sort_unstable();
        from.dedup();
        arrows.extend(from.into_iter().map(|from| (from, number)));
        made.outputs.iter().for_each(|&node| made_by[node] = Some(number));
        scenes.push(Scene { region: Some(region), title: made.name.clone(), rows, unread: false });
    }
    for (name, node) in &report.outputs {
        let owner = report.owners[*node];
        arrows.extend(made_by[owner].map(|from| (from, scenes.len())));
        let ty = report.nodes[*node].ty.clone();
        scenes.push(Scene { region: None, title: name.clone(), rows: vec![ty], unread: false });
    }
    (scenes, arrows)
}

/// The operations of a region, one a row.
fn rows(report: &Report, nodes: &[usize]) -> Vec<String> {
    let mut rows: Vec<String> = nodes
        .iter()
        .map(|&node| &report.nodes[node])
        .filter(|node| node.op != "constant")
        .map(|node| format!("{} {}", node.op, node.ty))
        .collect();
    if rows.len() > ROWS_MAX {
        let rest = rows.len() - (ROWS_MAX - 1);
        rows.truncate(ROWS_MAX - 1);
        rows.push(format!("… {rest} more"));
    }
    rows
}

fn extent(scene: &Scene) -> (f64, f64) {
    let letters = scene.rows.iter().map(|row| row.chars().count()).max().unwrap_or(0);
    let title = scene.title.chars().count().min(TITLE_LETTERS) as f64 * TITLE_LETTER;
    let width = (letters as f64 * LETTER).max(title) + 24.0;
    (width.max(90.0), TITLE + scene.rows.len() as f64 * ROW + 8.0)
}

fn draw_box(
    html: &mut String,
    report: &Report,
    scene: &Scene,
    index: usize,
    drawing: &Drawing,
    (width, height): (f64, f64),
) {
    let (x, y) = drawing.corners[index];
    let (class, link, note) = match scene.region {
        Some(region) => {
            let ms = report.regions[region].ms;
            (
                class(&report.regions[region]),
                format!(" data-region=\"{region}\" tabindex=\"0\""),
                ms.map(|ms| format!("{ms:.2} ms")),
            )
        }
        None => ("value", String::new(), None),
    };
    let title = shorten(&scene.title, TITLE_LETTERS);
    put(
        html,
        format!(
            "<g class=\"box {class}\" data-box=\"{index}\"{link} transform=\"translate({x:.1},{y:.1})\">"
        ),
    );
    put(html, format!("<title>{}</title>", escape(&scene.title)));
    put(html, format!("<rect width=\"{width:.1}\" height=\"{height:.1}\" rx=\"7\"/>"));
    put(html, format!("<text class=\"name\" x=\"12\" y=\"17\">{}</text>", escape(&title)));
    if let Some(note) = note {
        put(html, format!("<text class=\"time\" x=\"{:.1}\" y=\"-4\">{note}</text>", width - 6.0));
    }
    for (k, row) in scene.rows.iter().enumerate() {
        let y = TITLE + (k as f64 + 0.75) * ROW;
        put(html, format!("<text x=\"12\" y=\"{y:.1}\">{}</text>", escape(row)));
    }
    put(html, "</g>\n");
}

/// A name whose middle is left out when it is longer than `most` letters: its end tells it from its neighbours.
pub(super) fn shorten(name: &str, most: usize) -> String {
    let count = name.chars().count();
    if count <= most {
        return name.to_owned();
    }
    let head = most / 3;
    let tail = name.chars().skip(count - (most - head - 1));
    name.chars().take(head).chain(['…']).chain(tail).collect()
}

/// A smooth line through points: straight where it goes down, bent between.
fn curve(points: &[(f64, f64)]) -> String {
    let (x, y) = points[0];
    let mut path = format!("M{x:.1},{y:.1}");
    for pair in points.windows(2) {
        let ((x0, y0), (x1, y1)) = (pair[0], pair[1]);
        if (x0 - x1).abs() < 0.5 {
            path += &format!(" L{x1:.1},{y1:.1}");
        } else {
            let middle = (y0 + y1) / 2.0;
            path += &format!(" C{x0:.1},{middle:.1} {x1:.1},{middle:.1} {x1:.1},{y1:.1}");
        }
    }
    path
}
