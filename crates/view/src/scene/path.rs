//! Paths, and the numbers in them.

use std::fmt::Write as _;

use super::Area;

/// A number with at most one digit behind the point.
#[must_use]
pub fn num(value: f32) -> String {
    let mut out = String::new();
    push_num(&mut out, value);
    out
}

/// Tenths are written as whole numbers: see [`crate::number`].
fn push_num(out: &mut String, value: f32) {
    let tenths = (value * 10.0).round() as i32;
    let size = tenths.unsigned_abs();
    if tenths < 0 {
        out.push('-');
    }
    // Writing to a String does not fail.
    let _ = write!(out, "{}", size / 10);
    if !size.is_multiple_of(10) {
        out.push('.');
        out.push((b'0' + (size % 10) as u8) as char);
    }
}

/// The `d` of a path.
#[derive(Clone, Default)]
pub(crate) struct PathData {
    d: String,
}

impl PathData {
    /// A command and its numbers.
    pub(crate) fn to(&mut self, command: char, numbers: &[f32]) -> &mut PathData {
        self.d.push(command);
        for (i, number) in numbers.iter().enumerate() {
            if i > 0 {
                self.d.push(' ');
            }
            push_num(&mut self.d, *number);
        }
        self
    }

    /// A closed rectangle.
    pub(crate) fn rect(&mut self, area: Area) {
        let Area { x, y, w, h } = area;
        self.to('M', &[x, y]).to('h', &[w]).to('v', &[h]).to('h', &[-w]).to('z', &[]);
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.d.is_empty()
    }

    pub(crate) fn take(&mut self) -> String {
        std::mem::take(&mut self.d)
    }
}

/// A line through `points` with rounded corners.
#[must_use]
pub fn route(points: &[(f32, f32)], radius: f32) -> String {
    let mut d = PathData::default();
    let towards = |from: (f32, f32), to: (f32, f32)| {
        let (dx, dy) = (to.0 - from.0, to.1 - from.1);
        let length = dx.hypot(dy).max(0.01);
        let share = radius.min(length / 2.0) / length;
        (from.0 + dx * share, from.1 + dy * share)
    };
    for (i, &point) in points.iter().enumerate() {
        let corner = (i > 0 && i + 1 < points.len()).then(|| (points[i - 1], points[i + 1]));
        match corner {
            None => d.to(if i == 0 { 'M' } else { 'L' }, &[point.0, point.1]),
            Some((before, after)) => {
                let (a, b) = (towards(point, before), towards(point, after));
                d.to('L', &[a.0, a.1]).to('Q', &[point.0, point.1, b.0, b.1])
            }
        };
    }
    d.take()
}

/// A filled arrow head with its point at `(x, y)`, going in the direction `(dx, dy)` of length 1.
#[must_use]
pub fn arrow_head((x, y): (f32, f32), (dx, dy): (f32, f32), size: f32) -> String {
    let back = (x - dx * size, y - dy * size);
    let side = size * 0.62;
    let (a, b) = ((back.0 - dy * side, back.1 + dx * side), (back.0 + dy * side, back.1 - dx * side));
    PathData::default().to('M', &[x, y]).to('L', &[a.0, a.1]).to('L', &[b.0, b.1]).to('Z', &[]).take()
}
