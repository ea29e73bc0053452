//! Places of boxes and lines of a layered drawing: comes in boxes with sizes and arrows between them, goes out coordinates.
//!
//! The method is that of Sugiyama, Tagawa and Toda (1981): layers by longest paths, long arrows led through invisible boxes,
//! crossings lowered by barycentres, and places within a layer by least squares under minimal distances.

/// Space between boxes of a layer.
const GAP_ACROSS: f64 = 36.0;
/// Space between layers.
const GAP_DOWN: f64 = 44.0;
/// Width that a line takes where it passes a layer.
const LANE: f64 = 14.0;
/// How often the order and the places are improved.
const SWEEPS: usize = 12;

/// A drawing of boxes with the given sizes.
pub(super) struct Drawing {
    /// Upper left corner of each box.
    pub(super) corners: Vec<(f64, f64)>,
    /// Points of each arrow, from the lower edge of the one box to the upper edge of the other.
    pub(super) lines: Vec<Vec<(f64, f64)>>,
    /// Width of the whole.
    pub(super) width: f64,
    /// Height of the whole.
    pub(super) height: f64,
}

/// A box of the drawing, or the place where a long arrow passes a layer.
struct Place {
    layer: usize,
    width: f64,
    height: f64,
    center: f64,
    above: Vec<usize>,
    below: Vec<usize>,
}

/// Draws boxes of `(width, height)` with arrows `(from, to)`; arrows point from smaller to larger numbers.
pub(super) fn draw(sizes: &[(f64, f64)], arrows: &[(usize, usize)]) -> Drawing {
    let layers = layers(sizes.len(), arrows);
    let mut places: Vec<Place> = sizes
        .iter()
        .zip(&layers)
        .map(|(&(width, height), &layer)| place(layer, width, height))
        .collect();
    let routes: Vec<Vec<usize>> = arrows.iter().map(|&arrow| route(&mut places, arrow)).collect();
    let mut rows = vec![Vec::new(); layers.iter().map(|layer| layer + 1).max().unwrap_or(0)];
    for (index, place) in places.iter().enumerate() {
        rows[place.layer].push(index);
    }
    order(&places, &mut rows);
    for sweep in 0..SWEEPS {
        spread(&mut places, &rows, sweep % 2 == 0);
    }
    finish(sizes.len(), &places, &rows, &routes)
}

/// The longest path to each box.
fn layers(n: usize, arrows: &[(usize, usize)]) -> Vec<usize> {
    let mut layers = vec![0; n];
    let mut sorted = arrows.to_vec();
    sorted.sort_unstable();
    for (from, to) in sorted {
        layers[to] = layers[to].max(layers[from] + 1);
    }
    layers
}

fn place(layer: usize, width: f64, height: f64) -> Place {
    Place { layer, width, height, center: 0.0, above: Vec::new(), below: Vec::new() }
}

/// The places through which an arrow goes, one a layer.
fn route(places: &mut Vec<Place>, (from, to): (usize, usize)) -> Vec<usize> {
    let mut route = vec![from];
    for layer in places[from].layer + 1..places[to].layer {
        places.push(place(layer, LANE, 0.0));
        route.push(places.len() - 1);
    }
    route.push(to);
    for pair in route.windows(2) {
        places[pair[0]].below.push(pair[1]);
        places[pair[1]].above.push(pair[0]);
    }
    route
}

/// Puts each layer in the order of its neighbours' middles, downwards and upwards in turn.
fn order(places: &[Place], rows: &mut [Vec<usize>]) {
    let mut position = vec![0.0; places.len()];
    let number = |row: &[usize], position: &mut Vec<f64>| {
        for (k, &index) in row.iter().enumerate() {
            position[index] = k as f64 - (row.len() as f64 - 1.0) / 2.0;
        }
    };
    rows.iter().for_each(|row| number(row, &mut position));
    for sweep in 0..SWEEPS {
        let down = sweep % 2 == 0;
        let count = rows.len();
        for step in 0..count {
            let row = &mut rows[if down { step } else { count - 1 - step }];
            let key = |index: &usize| {
                let place = &places[*index];
                mean(if down { &place.above } else { &place.below }, &position)
                    .unwrap_or(position[*index])
            };
            row.sort_by(|a, b| key(a).total_cmp(&key(b)));
            number(row, &mut position);
        }
    }
}

fn mean(neighbours: &[usize], of: &[f64]) -> Option<f64> {
    let sum: f64 = neighbours.iter().map(|&index| of[index]).sum();
    (!neighbours.is_empty()).then(|| sum / neighbours.len() as f64)
}

/// Moves the boxes of each layer towards their neighbours.
fn spread(places: &mut [Place], rows: &[Vec<usize>], down: bool) {
    for step in 0..rows.len() {
        let row = &rows[if down { step } else { rows.len() - 1 - step }];
        let centers: Vec<f64> = places.iter().map(|place| place.center).collect();
        let wanted: Vec<f64> = row
            .iter()
            .map(|&index| {
                let place = &places[index];
                let neighbours = if down { &place.above } else { &place.below };
                mean(neighbours, &centers).unwrap_or(place.center)
            })
            .collect();
        let widths: Vec<f64> = row.iter().map(|&index| places[index].width).collect();
        for (&index, center) in row.iter().zip(nearest(&wanted, &widths)) {
            places[index].center = center;
        }
    }
}

/// Centres nearest to the wanted ones (least squares) at which boxes of these widths do not touch: isotonic regression by pooling
/// of neighbours that would overlap.
fn nearest(wanted: &[f64], widths: &[f64]) -> Vec<f64> {
    let mut offsets = Vec::with_capacity(wanted.len());
    let mut offset = 0.0;
    for (k, width) in widths.iter().enumerate() {
        if k > 0 {
            offset += (widths[k - 1] + width) / 2.0 + GAP_ACROSS.min(width.min(widths[k - 1]));
        }
        offsets.push(offset);
    }
    let mut pools: Vec<(f64, usize)> = Vec::new();
    for (want, offset) in wanted.iter().zip(&offsets) {
        let mut pool = (want - offset, 1);
        while let Some(&(mean, count)) = pools.last().filter(|(mean, _)| *mean > pool.0) {
            pools.pop();
            let total = (mean * count as f64 + pool.0 * pool.1 as f64) / (count + pool.1) as f64;
            pool = (total, count + pool.1);
        }
        pools.push(pool);
    }
    let means = pools.iter().flat_map(|&(mean, count)| std::iter::repeat_n(mean, count));
    means.zip(&offsets).map(|(mean, offset)| mean + offset).collect()
}

fn finish(n: usize, places: &[Place], rows: &[Vec<usize>], routes: &[Vec<usize>]) -> Drawing {
    let left = places.iter().map(|p| p.center - p.width / 2.0).fold(f64::INFINITY, f64::min);
    let right = places.iter().map(|p| p.center + p.width / 2.0).fold(f64::NEG_INFINITY, f64::max);
    let mut bands = Vec::with_capacity(rows.len());
    let mut height = 0.0;
    for row in rows {
        let tallest = row.iter().map(|&index| places[index].height).fold(0.0, f64::max);
        bands.push((height, height + tallest));
        height += tallest + GAP_DOWN;
    }
    let x = |index: usize| places[index].center - left;
    let top = |index: usize| bands[places[index].layer].0;
    let line = |route: &Vec<usize>| {
        let (first, last) = (route[0], route[route.len() - 1]);
        let mut points = vec![(x(first), top(first) + places[first].height)];
        for &index in &route[1..route.len() - 1] {
            let (upper, lower) = bands[places[index].layer];
            points.extend([(x(index), upper), (x(index), lower)]);
        }
        points.push((x(last), top(last)));
        points
    };
    Drawing {
        corners: (0..n).map(|index| (x(index) - places[index].width / 2.0, top(index))).collect(),
        lines: routes.iter().map(line).collect(),
        width: if n == 0 { 0.0 } else { right - left },
        height: (height - GAP_DOWN).max(0.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Boxes of a layer as pairs of left and right ends, sorted.
    fn ends(drawing: &Drawing, sizes: &[(f64, f64)], y: f64) -> Vec<(f64, f64)> {
        let of_layer = drawing.corners.iter().zip(sizes).filter(|((_, top), _)| *top == y);
        let mut ends: Vec<(f64, f64)> = of_layer.map(|((x, _), (w, _))| (*x, x + w)).collect();
        ends.sort_by(|a, b| a.0.total_cmp(&b.0));
        ends
    }

    #[test]
    fn an_arrow_points_down() {
        let drawing = draw(&[(100.0, 20.0); 3], &[(0, 1), (1, 2), (0, 2)]);
        for line in &drawing.lines {
            assert!(line.windows(2).all(|pair| pair[0].1 < pair[1].1), "{line:?}");
        }
        assert_eq!(drawing.lines[2].len(), 4, "a long arrow passes the layer between");
    }

    #[test]
    fn boxes_of_a_layer_do_not_touch() {
        let sizes = [(100.0, 20.0), (60.0, 30.0), (200.0, 20.0), (10.0, 5.0), (80.0, 20.0)];
        let drawing = draw(&sizes, &[(0, 1), (0, 2), (0, 3), (1, 4), (2, 4), (3, 4)]);
        let row = ends(&drawing, &sizes, drawing.corners[1].1);
        assert_eq!(row.len(), 3);
        assert!(row.windows(2).all(|pair| pair[0].1 < pair[1].0), "{row:?}");
    }

    #[test]
    fn all_lies_within_the_frame() {
        let sizes = [(100.0, 20.0), (60.0, 30.0), (200.0, 20.0)];
        let drawing = draw(&sizes, &[(0, 2), (1, 2)]);
        for ((x, y), (w, h)) in drawing.corners.iter().zip(sizes) {
            assert!(*x >= 0.0 && x + w <= drawing.width + 1e-9);
            assert!(*y >= 0.0 && y + h <= drawing.height + 1e-9);
        }
    }

    #[test]
    fn nothing_draws_as_nothing() {
        let drawing = draw(&[], &[]);
        assert_eq!((drawing.width, drawing.height), (0.0, 0.0));
    }
}
