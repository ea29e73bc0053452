//! Buffers over time as a picture: comes in a [`MemoryReport`], goes out an SVG with a lane for each buffer.

use std::collections::BTreeMap;

use super::page::{escape, put, size};
use super::picture::shorten;
use super::report::{MemoryReport, SlotReport};

const LEFT: f64 = 260.0;
const WIDTH: f64 = 1600.0;
const LANE_MIN: f64 = 13.0;
const LANE_MAX: f64 = 46.0;

/// Writes the picture: time goes to the right, a lane is as tall as its buffer is large (by the square root), and the line below
/// is the sum of what lives.
pub(super) fn chart(html: &mut String, memory: &MemoryReport) {
    let lanes: Vec<(usize, &SlotReport)> = memory
        .slots
        .iter()
        .enumerate()
        .filter(|(_, slot)| {
            matches!(slot.role.as_str(), "scratch" | "output") && !slot.spans.is_empty()
        })
        .collect();
    let steps = memory.steps.len();
    if lanes.is_empty() || steps == 0 {
        put(html, "<p>Nothing is kept between kernels.</p>\n");
        return;
    }
    let largest = lanes.iter().filter_map(|(_, slot)| slot.bytes).max().unwrap_or(0).max(1) as f64;
    let tall = |slot: &SlotReport| {
        let share = (slot.bytes.unwrap_or(0) as f64 / largest).sqrt();
        LANE_MIN + share * (LANE_MAX - LANE_MIN)
    };
    let lanes_height: f64 = lanes.iter().map(|(_, slot)| tall(slot) + 4.0).sum();
    let (sum_top, height) = (lanes_height + 16.0, lanes_height + 110.0);
    let x = |step: f64| LEFT + (WIDTH - LEFT - 10.0) * step / steps as f64;
    put(html, format!("<svg class=\"memory\" viewBox=\"0 0 {WIDTH} {height:.0}\" role=\"img\">\n"));
    let mut y = 0.0;
    for (_, slot) in &lanes {
        let tall = tall(slot);
        put_lane(html, memory, slot, y, tall, &x);
        put(html, "\n");
        y += tall + 4.0;
    }
    sum(html, memory, &lanes, sum_top, &x);
    put(
        html,
        format!(
            "<text x=\"{LEFT}\" y=\"{:.0}\">step 0</text><text x=\"{:.0}\" y=\"{:.0}\" text-anchor=\"end\">step {}</text>\n",
            height - 4.0,
            x(steps as f64),
            height - 4.0,
            steps - 1
        ),
    );
    put(html, "</svg>\n");
}

/// The lane of a buffer: its name and size, and a bar for each value that stands in it.
fn put_lane(
    html: &mut String,
    memory: &MemoryReport,
    slot: &SlotReport,
    y: f64,
    tall: f64,
    x: &dyn Fn(f64) -> f64,
) {
    let bytes = slot.bytes.map_or_else(|| slot.size.clone(), size);
    let whole = slot.part_of.map_or_else(String::new, |whole| {
        format!(", in the buffer of {}", memory.slots[whole].name)
    });
    put(
        html,
        format!(
            "<text x=\"{:.0}\" y=\"{:.1}\" class=\"lane\">{} · {}</text>",
            LEFT - 8.0,
            y + tall / 2.0 + 4.0,
            escape(&shorten(&slot.name, 22)),
            escape(&bytes)
        ),
    );
    put(
        html,
        format!(
            "<rect class=\"track\" x=\"{LEFT}\" y=\"{y:.1}\" width=\"{:.1}\" height=\"{tall:.1}\"/>",
            x(memory.steps.len() as f64) - LEFT
        ),
    );
    for &(first, last) in &slot.spans {
        let (from, to) = (x(first as f64), x(last as f64 + 1.0));
        put(
            html,
            format!(
                "<rect class=\"{}\" x=\"{:.1}\" y=\"{y:.1}\" width=\"{:.1}\" height=\"{tall:.1}\" rx=\"3\"><title>{}: steps {first} to {last} ({} to {}){}</title></rect>",
                slot.role,
                from + 0.5,
                (to - from - 1.0).max(1.0),
                escape(&slot.name),
                escape(&memory.steps[first]),
                escape(&memory.steps[last]),
                escape(&whole),
            ),
        );
    }
}

/// The bytes alive at a step: in each buffer those of its values, and no more than it has.
fn alive(memory: &MemoryReport, lanes: &[(usize, &SlotReport)], step: usize) -> i64 {
    let mut buffers: BTreeMap<usize, i64> = BTreeMap::new();
    for (index, slot) in lanes {
        if slot.spans.iter().any(|&(first, last)| (first..=last).contains(&step)) {
            *buffers.entry(slot.part_of.unwrap_or(*index)).or_default() += slot.bytes.unwrap_or(0);
        }
    }
    buffers
        .into_iter()
        .map(|(index, bytes)| bytes.min(memory.slots[index].bytes.unwrap_or(0)))
        .sum()
}

/// The bytes alive at each step, as an area.
fn sum(
    html: &mut String,
    memory: &MemoryReport,
    lanes: &[(usize, &SlotReport)],
    top: f64,
    x: &dyn Fn(f64) -> f64,
) {
    let steps = memory.steps.len();
    let alive: Vec<i64> = (0..steps).map(|step| alive(memory, lanes, step)).collect();
    let most = alive.iter().copied().max().unwrap_or(0).max(1);
    let bottom = top + 70.0;
    let y = |bytes: i64| bottom - 70.0 * bytes as f64 / most as f64;
    let mut path = format!("M{LEFT},{bottom}");
    for (step, &bytes) in alive.iter().enumerate() {
        path += &format!(
            " L{:.1},{y:.1} L{:.1},{y:.1}",
            x(step as f64),
            x(step as f64 + 1.0),
            y = y(bytes)
        );
    }
    path += &format!(" L{:.1},{bottom} z", x(steps as f64));
    put(
        html,
        format!(
            "<path class=\"sum\" d=\"{path}\"/><text x=\"{:.0}\" y=\"{:.0}\" class=\"lane\">alive, at most {}</text>\n",
            LEFT - 8.0,
            top + 12.0,
            size(most)
        ),
    );
}
