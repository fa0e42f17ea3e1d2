//! Where everything goes: rows, axis, strip of frames, for the size of the stage.

use mm::{Order, Pfn, PfnRange};

use super::Layout;
use crate::number::between;
use crate::scene::{Area, Face, Form};

/// What depends on how far away the reader sits, in units of the scene.
#[derive(Clone, Copy)]
pub(super) struct Sizes {
    pub margin: f32,
    pub right: f32,
    /// Most texts.
    pub label: f32,
    /// What stands at the thing itself, a little larger.
    pub body: f32,
    pub numeral: f32,
    pub numeral_x: f32,
    pub list_x: f32,
    pub axis_x: f32,
    /// Height of the line that names the op; 0: there is none.
    pub head: f32,
    /// Baseline of the heads of the columns, and where the shelves begin.
    pub heads: f32,
    pub top: f32,
    pub overview: f32,
    pub band: f32,
    pub fold: f32,
    pub row_max: f32,
    /// The share of a row that stays free above a block, and its bounds.
    pub gap: (f32, f32, f32),
    /// Between a block and its shelf.
    pub lift: f32,
    /// From the last shelf to the strip of frames.
    pub fall: f32,
    pub ground: f32,
    /// From the strip to the numbers' baseline, and to the bottom of the stage.
    pub ticks: f32,
    pub below: f32,
    /// Baseline of the legend, from the bottom.
    pub legend: f32,
    pub line: f32,
    pub shelf: f32,
    /// Around fills.
    pub edge: f32,
    pub ring: f32,
    pub halo: f32,
    pub go: f32,
    pub arrow: f32,
    pub radius: f32,
    pub chip_pad: f32,
    pub chip_gap: f32,
    pub chip_min: f32,
    /// Blocks narrower than this are drawn as density.
    pub narrow: f32,
    /// A ring is never smaller.
    pub ring_min: f32,
    pub column: f32,
    /// Between a thing and the words beside it.
    pub space: f32,
}

impl Sizes {
    fn of(form: Form) -> Sizes {
        match form {
            Form::Projector => Sizes {
                margin: 32.0,
                right: 32.0,
                label: 22.0,
                body: 24.0,
                numeral: 30.0,
                numeral_x: 68.0,
                list_x: 128.0,
                axis_x: 396.0,
                head: 74.0,
                heads: 108.0,
                top: 116.0,
                overview: 44.0,
                band: 44.0,
                fold: 38.0,
                row_max: 76.0,
                gap: (0.375, 9.0, 26.0),
                lift: 4.0,
                fall: 50.0,
                ground: 56.0,
                ticks: 36.0,
                below: 168.0,
                legend: 28.0,
                line: 3.0,
                shelf: 3.0,
                edge: 3.0,
                ring: 4.0,
                halo: 9.0,
                go: 4.0,
                arrow: 16.0,
                radius: 3.0,
                chip_pad: 5.0,
                chip_gap: 7.0,
                chip_min: 58.0,
                narrow: 9.0,
                ring_min: 16.0,
                column: 4.0,
                space: 14.0,
            },
            Form::Laptop => Sizes {
                margin: 16.0,
                right: 16.0,
                label: 12.0,
                body: 13.0,
                numeral: 15.0,
                numeral_x: 26.0,
                list_x: 50.0,
                axis_x: 214.0,
                head: 0.0,
                heads: 24.0,
                top: 34.0,
                overview: 22.0,
                band: 24.0,
                fold: 22.0,
                row_max: 52.0,
                gap: (0.34, 6.0, 14.0),
                lift: 3.0,
                fall: 18.0,
                ground: 30.0,
                ticks: 19.0,
                below: 99.0,
                legend: 14.0,
                line: 1.5,
                shelf: 1.0,
                edge: 1.0,
                ring: 2.5,
                halo: 6.0,
                go: 2.0,
                arrow: 9.0,
                radius: 2.0,
                chip_pad: 4.0,
                chip_gap: 5.0,
                chip_min: 34.0,
                narrow: 6.0,
                ring_min: 9.0,
                column: 3.0,
                space: 8.0,
            },
            Form::Phone => Sizes {
                margin: 12.0,
                right: 24.0,
                label: 12.0,
                body: 13.0,
                numeral: 15.0,
                numeral_x: 24.0,
                list_x: 50.0,
                axis_x: 72.0,
                head: 0.0,
                heads: 20.0,
                top: 32.0,
                overview: 18.0,
                band: 10.0,
                fold: 16.0,
                row_max: 40.0,
                gap: (0.26, 3.0, 9.0),
                lift: 2.0,
                fall: 18.0,
                ground: 26.0,
                ticks: 17.0,
                below: 72.0,
                legend: 9.0,
                line: 1.5,
                shelf: 1.0,
                edge: 1.0,
                ring: 2.5,
                halo: 6.0,
                go: 2.0,
                arrow: 8.0,
                radius: 2.0,
                chip_pad: 3.0,
                chip_gap: 4.0,
                chip_min: 30.0,
                narrow: 4.4,
                ring_min: 8.0,
                column: 3.0,
                space: 7.0,
            },
        }
    }

    pub(super) fn mono(&self) -> Face {
        Face { size: self.label, mono: true, bold: false }
    }

    pub(super) fn plain(&self) -> Face {
        Face { size: self.label, mono: false, bold: false }
    }

    pub(super) fn strong(&self) -> Face {
        Face { size: self.label, mono: false, bold: true }
    }
}

/// The horizontal axis: frames to places.
#[derive(Clone, Copy)]
pub(super) struct Axis {
    pub x0: f32,
    pub x1: f32,
    pub window: PfnRange,
}

impl Axis {
    /// How wide a frame is.
    pub(super) fn per_frame(&self) -> f32 {
        (self.x1 - self.x0) / self.window.len().max(1) as f32
    }

    /// The left edge of a frame, which may lie beyond the axis.
    pub(super) fn x(&self, pfn: Pfn) -> f32 {
        self.x0 + (i64::from(pfn.0) - i64::from(self.window.start.0)) as f32 * self.per_frame()
    }
}

/// A shelf: one order, or several that are drawn as one line.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) struct Row {
    /// The smallest and the largest order on it.
    pub orders: (Order, Order),
    pub folded: bool,
    /// Top and bottom of a block on it.
    pub top: f32,
    pub bottom: f32,
    /// The line of the shelf.
    pub line: f32,
}

/// All places.
pub(super) struct Plan {
    pub w: f32,
    pub h: f32,
    pub s: Sizes,
    pub axis: Axis,
    /// Largest order first.
    pub rows: Vec<Row>,
    pub ground: Area,
    pub band: Option<Area>,
    pub overview: Option<Area>,
    /// How much is free above a block.
    pub gap: f32,
    pub chip: f32,
}

/// What the plan has to make room for.
pub(super) struct Needs {
    pub window: PfnRange,
    pub is_whole: bool,
    /// The smallest order that has to be seen.
    pub lowest: Order,
    /// The largest order that fits into the zone.
    pub largest: Order,
    pub has_band: bool,
    /// How many digits the largest frame number has.
    pub digits: u32,
    /// How many types hold something.
    pub lanes: usize,
}

impl Plan {
    pub(super) fn new(layout: &Layout, needs: &Needs) -> Plan {
        let mut s = Sizes::of(layout.form);
        if !layout.names_op && s.head > 0.0 {
            // Something above the picture says it.
            s.heads -= s.head - s.label * 0.5;
            s.top -= s.head - s.label * 0.5;
            s.head = 0.0;
        }
        let scale = if layout.scale > 0.0 { layout.scale } else { 1.0 };
        let (w, h) = (layout.width / scale, layout.height / scale);
        let chip = s.chip_min.max(s.mono().width("0") * needs.digits as f32 + s.chip_pad);
        if layout.form != Form::Phone {
            let more = if needs.lanes > 1 { 5.0 * (chip + s.chip_gap) + s.label * 2.5 } else { 0.0 };
            let list = (4.0 * (chip + s.chip_gap) + s.label * 0.4).max(more);
            s.axis_x = between(s.list_x + list, s.axis_x.min(w * 0.3), (w * 0.34).max(s.list_x + chip));
        } else if needs.digits > 4 {
            s.right = 30.0;
        }
        let axis = Axis { x0: s.axis_x, x1: (w - s.right).max(s.axis_x + 40.0), window: needs.window };
        let mut top = s.top;
        let overview = (!needs.is_whole).then(|| {
            let area =
                Area { x: axis.x0, y: top + s.overview * 0.2, w: axis.x1 - axis.x0, h: s.overview * 0.3 };
            top += s.overview;
            area
        });
        let ground = Area { x: axis.x0, y: h - s.below, w: axis.x1 - axis.x0, h: s.ground };
        let band = needs.has_band.then(|| {
            let height = if layout.form == Form::Phone { 4.0 } else { s.label * 1.3 };
            Area { x: axis.x0, y: ground.y - height - s.line * 2.0, w: ground.w, h: height }
        });
        let bottom = ground.y - if needs.has_band { s.band } else { 0.0 };
        // Where rows would be as low as their words, the way down to the frames is short.
        let all_rows = Order::COUNT as f32 * s.label * 1.5;
        let low = layout.form == Form::Projector && bottom - top < all_rows + s.fall;
        let bottom = bottom - if low { s.fall * 0.4 } else { s.fall };
        let (rows, gap) = rows(&s, top, bottom, needs, layout.form);
        Plan { w, h, s, axis, rows, ground, band, overview, gap, chip }
    }

    /// The shelf that an order is on.
    pub(super) fn row(&self, order: Order) -> Row {
        let on = |row: &&Row| row.orders.0 <= order && order <= row.orders.1;
        self.rows.iter().find(on).or(self.rows.last()).copied().unwrap_or(Row {
            orders: (order, order),
            folded: true,
            top: self.s.top,
            bottom: self.s.top,
            line: self.s.top,
        })
    }
}

/// Shelves from `top` down to `bottom`, and the gap above the blocks on them.
fn rows(s: &Sizes, top: f32, bottom: f32, needs: &Needs, form: Form) -> (Vec<Row>, f32) {
    // At least the orders 4 to 10 are open when they fit into the zone: a picture that does not jump.
    let lowest = needs.lowest.get().min(4).min(needs.largest.get());
    let order = |o: u8| Order::new(o).unwrap_or(Order::MAX);
    let above = Order::MAX.get() - needs.largest.get();
    let (low_fold, high_fold) = (lowest >= 2, above >= 2);
    let lowest = if low_fold { lowest } else { 0 };
    let highest = if high_fold { needs.largest.get() } else { Order::MAX.get() };
    let open = f32::from(highest - lowest + 1);
    // The phone has no words for what is folded away below.
    let low_height = if form == Form::Phone { 0.0 } else { s.fold };
    let folds = if low_fold { low_height } else { 0.0 } + if high_fold { s.fold } else { 0.0 };
    let pitch = between((bottom - top - folds) / open, 8.0, s.row_max);
    // On a stage that is far too low, blocks become thin, but never less than nothing.
    let gap = between(pitch * s.gap.0, s.gap.1, s.gap.2).min(pitch * 0.6);
    let lift = s.lift.min(gap * 0.5);
    let mut rows = Vec::new();
    let mut y = top;
    let mut push = |orders, folded, height: f32| {
        y += height;
        let (lift, gap) = if folded { (height * 0.2, height * 0.2) } else { (lift, gap - lift) };
        rows.push(Row { orders, folded, top: y - height + gap, bottom: y - lift, line: y });
    };
    if high_fold {
        push((order(highest + 1), Order::MAX), true, s.fold);
    }
    for o in (lowest..=highest).rev() {
        push((order(o), order(o)), false, pitch);
    }
    if low_fold && low_height > 0.0 {
        push((Order::ZERO, order(lowest - 1)), true, low_height);
    }
    (rows, gap - lift)
}
