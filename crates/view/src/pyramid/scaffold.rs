//! What always stands there: heads, numbers, the axis, the rule that holds, the legend, the overview.

use mm::step::StepKind;
use mm::{Op, Order, Pfn};
use scenario::Lang;
use scenario::ast::kind_word;

use super::draw::{Draw, dash_of};
use super::ground::kept_paint;
use super::labels::{Spot, centred};
use super::memory::Kept;
use super::window;
use super::words::Word;
use crate::Moment;
use crate::narrate::num;
use crate::narrate::title_of;
use crate::number::between;
use crate::scene::{Area, Dash, Face, Form, Hit, Id, Paint, PathData, Pen, Ring, Shape};
use crate::vitals::zone_name;

/// Parts of the overview bar that a pointer can tell apart.
const OVERVIEW_PARTS: u32 = 32;

impl Draw<'_> {
    /// The shelves' numbers and lines.
    pub(super) fn numerals(&mut self) {
        let s = self.plan.s;
        for row in self.plan.rows.clone() {
            let left = s.margin * if self.form == Form::Projector { 1.0 } else { 0.85 };
            self.back.line([left, row.line, self.plan.axis.x1, row.line], Paint::Shelf, s.shelf);
            let middle = (row.top + row.bottom) / 2.0;
            if row.folded {
                let spot = Spot::middle(s.numeral_x, centred(middle, s.label));
                let strong = Face { bold: true, ..s.plain() };
                self.labels.word(&Word::Folded(row.orders.0, row.orders.1), strong, &[spot], Paint::Quiet);
                let word = if row.orders.1 == Order::MAX { Word::LargerThanZone } else { Word::AllEmpty };
                let x = s.list_x.max(s.numeral_x + s.label * 1.6);
                self.labels.word(&word, s.plain(), &[Spot::start(x, centred(middle, s.label))], Paint::Quiet);
            } else {
                let size = s.numeral.min((row.bottom - row.top) * 0.94).max(s.label);
                let face = Face { size, mono: false, bold: true };
                let spot = Spot::middle(s.numeral_x, centred(middle, size));
                self.labels.at(&row.orders.0.to_string(), face, spot, Paint::Ink, Id::None);
            }
        }
    }

    /// Frame numbers under the strip of frames.
    pub(super) fn axis(&mut self) {
        let (axis, s) = (self.plan.axis, self.plan.s);
        let window = axis.window;
        let widest = s.mono().width(&num(window.end.0));
        let room = between((axis.x1 - axis.x0) / (widest * 1.5), 1.0, 8.0) as u32;
        let step = window.len().div_ceil(room).next_power_of_two().max(1);
        let first = window.start.0.div_ceil(step) * step;
        let bottom = self.plan.ground.bottom();
        // The end first, so that it is certain to be said.
        let others = (first..window.end.0).step_by(step as usize);
        for at in std::iter::once(window.end.0).chain(others) {
            let x = axis.x(Pfn(at));
            let anchor = if at == window.end.0 { Spot::end } else { Spot::middle };
            let spot = anchor(x, bottom + s.ticks);
            if self.labels.at(&num(at), s.mono(), spot, Paint::Quiet, Id::None).is_some() {
                let length = s.ticks * 0.28;
                self.back.line([x, bottom, x, bottom + length], Paint::Axis, s.line);
            }
        }
    }

    /// The rule that always holds, bottom right.
    pub(super) fn invariant(&mut self) {
        let s = self.plan.s;
        let zone = self.machine().zone(self.zone);
        // What lies in isolated pageblocks is on lists, and does not count as free.
        let listed = zone.counted_on_lists().0;
        let (off, free) = (zone.off_lists().0, zone.nr_free_pages.0);
        let kept = self.machine().has_pcp().then(|| zone.pcp_pages().0);
        let paint = if listed + off == free { Paint::Holds } else { Paint::Fail };
        let words = Word::Sum { listed, off, free, kept }.say(self.labels.lang);
        let face = if self.form == Form::Laptop { Face { size: s.body, ..s.strong() } } else { s.strong() };
        let y = self.plan.h - s.legend;
        // On the phone the buttons for zooming are at the right.
        let (spot, right) = match self.form {
            Form::Phone => (Spot::start(s.margin, y), self.plan.w - 134.0),
            _ => (Spot::end(self.plan.axis.x1, y), self.plan.w),
        };
        let within = Area::between(0.0, 0.0, right, self.plan.h);
        self.labels.first_fit(&words, face, &[spot], within, false, paint);
        if let Some(item) = self.labels.items.last_mut() {
            item.id = Id::Invariant;
        }
    }

    /// The op and the kernel functions (projector), and the heads of the columns.
    pub(super) fn heads(&mut self) {
        let s = self.plan.s;
        let (axis, right) = (self.plan.axis, self.plan.axis.x1);
        let op = op_text(self.moment).filter(|_| self.names_op);
        let bold = Face { size: s.body, mono: true, bold: true };
        if s.head > 0.0 {
            let y = s.head * 0.66;
            let mut x = s.margin;
            self.back.line([s.margin, s.head, right, s.head], Paint::Hair, s.shelf);
            let paint = if op.as_ref().is_some_and(|op| op.is_next) { Paint::Quiet } else { Paint::Ink };
            if let Some(op) = &op
                && let Some(area) = self.labels.at(&op.text, bold, Spot::start(x, y), paint, Id::None)
            {
                x = area.right() + s.space;
            }
            // The same words at every step of an op come first; the functions take what room is left.
            if let Some(order) = op.as_ref().and_then(|op| op.order) {
                let size = Face { size: s.body, ..s.plain() };
                let words = &Word::Wants(order);
                if let Some(area) = self.labels.word(words, size, &[Spot::start(x, y)], Paint::Quiet) {
                    x = area.right() + s.space;
                }
            }
            let funcs = self.moment.just_did.map(|step| step.chain);
            let funcs: Vec<&str> =
                funcs.iter().flat_map(|c| c.funcs()).skip(1).map(|func| func.name()).collect();
            let tails: Vec<String> =
                (funcs.len().saturating_sub(3)..funcs.len()).map(|from| funcs[from..].join(" › ")).collect();
            let within = Area::between(x, 0.0, right, s.head);
            let spot = [Spot::end(right, y)];
            self.labels.first_fit(&tails, s.mono(), &spot, within, false, Paint::Quiet);
        }
        let y = s.heads;
        let left = match self.form {
            Form::Projector => Spot::start(s.margin, y),
            Form::Laptop | Form::Phone => Spot::start(s.margin * 0.85, y),
        };
        self.labels.word(&Word::OrderHead, s.plain(), &[left], Paint::Quiet);
        // Whose request this is matters more here than what the columns are.
        if let (Some(op), true) = (op, s.head == 0.0) {
            let face = Face { size: s.label, mono: true, bold: true };
            let paint = if op.is_next { Paint::Quiet } else { Paint::Ink };
            let spot = if self.form == Form::Phone { Spot::start(axis.x0, y) } else { Spot::end(right, y) };
            self.labels.at(&op.text, face, spot, paint, Id::None);
        }
        if self.form != Form::Phone {
            self.labels.word(&Word::ListHead, s.plain(), &[Spot::start(s.list_x, y)], Paint::Quiet);
        }
        let mut x = axis.x0;
        let zone = zone_name(self.machine(), self.zone);
        if self.machine().zones().len() > 1 || self.story.zone.is_some() {
            let spots = match self.form {
                Form::Phone => [Spot::end(right, y), Spot::start(s.list_x, y)],
                _ => [Spot::start(x, y), Spot::start(x, y)],
            };
            let paint = if self.story.zone == Some(Ring::Fail) { Paint::Fail } else { Paint::Ink };
            if let Some(area) = self.labels.word(&Word::Zone(zone), s.strong(), &spots, paint) {
                if let Some(ring) = self.story.zone {
                    self.ring_around(area.grown(s.label * 0.22), ring, Id::Ringed(ring));
                }
                x = area.right() + s.space * 1.5;
            }
        }
        if let Some((word, ring)) = self.story.said.clone() {
            let paint = match ring {
                Ring::Fail => Paint::Fail,
                Ring::Look => Paint::Quiet,
                Ring::Done | Ring::Next => Paint::Action,
            };
            // On the phone the zone stands at the right.
            let start = if self.form == Form::Phone { s.list_x } else { x };
            self.labels.word(&word, s.strong(), &[Spot::start(start, y)], paint);
        } else if self.form != Form::Phone {
            self.labels.word(&Word::WhereHead, s.plain(), &[Spot::start(x, y)], Paint::Quiet);
        }
    }

    /// Where the window lies in the zone.
    pub(super) fn overview(&mut self) {
        let (axis, s) = (self.plan.axis, self.plan.s);
        let Some(area) = self.plan.overview else { return };
        let whole = window::whole(self.machine(), self.zone);
        let share = |pfn: Pfn| {
            let at = f64::from(pfn.0.saturating_sub(whole.start.0)) / f64::from(whole.len().max(1));
            area.x + area.w * at as f32
        };
        self.back.rect(area, s.radius, Paint::Wash, s.edge);
        let (x0, x1) = (share(axis.window.start), share(axis.window.end));
        let marker = self.seen(Area { x: x0, w: x1 - x0, ..area });
        let bottom = self.plan.rows.first().map_or(area.bottom(), |row| row.top) - self.plan.gap * 0.4;
        let mut d = PathData::default();
        d.to('M', &[marker.x, area.bottom()]).to('L', &[axis.x0, bottom]);
        d.to('M', &[marker.right(), area.bottom()]).to('L', &[axis.x1, bottom]);
        self.back.path(d.take(), Paint::Bracket, s.edge);
        self.back.rect(marker, s.radius, Paint::GoHead, 0.0);
        for i in 0..OVERVIEW_PARTS {
            let w = area.w / OVERVIEW_PARTS as f32;
            let part = Area { x: area.x + w * i as f32, w, y: area.y - area.h, h: area.h * 3.0 };
            let pages = u64::from(whole.len()) * u64::from(2 * i + 1) / u64::from(2 * OVERVIEW_PARTS);
            let at = Pfn(whole.start.0 + pages as u32);
            self.chips.rect(part, 0.0, Paint::Target, 0.0).hit = Some(Hit::Look(at));
        }
        if self.form != Form::Phone {
            let y = centred(area.centre().1 + area.h * 0.3, s.label);
            self.labels.word(&Word::WholeZone, s.plain(), &[Spot::start(s.list_x, y)], Paint::Quiet);
        }
    }

    /// What the fills and rings of this picture mean, as far as there is room.
    pub(super) fn legend(&mut self) {
        if self.form == Form::Phone {
            return;
        }
        let s = self.plan.s;
        let (w, h) = if self.form == Form::Projector { (34.0, 24.0) } else { (16.0, 13.0) };
        let mut entries: Vec<(u8, Paint, Word)> = vec![(1, Paint::Free, Word::FreeMemory)];
        for kept in Kept::ALL {
            if self.memory.kinds[kept as usize] {
                entries.push((0, kept_paint(kept), Word::Kept(kept)));
            }
        }
        if self.memory.has_absent {
            entries.push((3, Paint::Reserved, Word::NotManaged));
        }
        if !self.machine().in_hand().is_empty() {
            entries.push((3, Paint::Hand, Word::HandMemory));
        }
        for ring in [Ring::Done, Ring::Look, Ring::Next, Ring::Fail] {
            if self.rings.items.iter().any(|item| item.paint == Paint::Ring(ring)) {
                entries.push((2, Paint::Ring(ring), Word::Means(ring)));
            }
        }
        let y = self.plan.h - s.legend;
        let invariant = self.labels.items.iter().find(|item| item.id == Id::Invariant);
        let right = match invariant.map(|item| &item.shape) {
            Some(Shape::Text(text)) => text.area().x - s.space * 2.0,
            _ => self.plan.axis.x1,
        };
        let lang = self.labels.lang;
        let text = |word: &Word| word.say(lang).swap_remove(0);
        let width = |word: &Word| w + s.label * 0.5 + s.plain().width(&text(word)) + s.label * 0.9;
        loop {
            let total: f32 = entries.iter().map(|(_, _, word)| width(word)).sum();
            if s.margin + total <= right || entries.is_empty() {
                break;
            }
            // The least important one, and of those the last.
            let least = entries.iter().map(|(priority, ..)| *priority).max().unwrap_or(0);
            if let Some(at) = entries.iter().rposition(|(priority, ..)| *priority == least) {
                entries.remove(at);
            }
        }
        let mut x = s.margin;
        for (_, paint, word) in &entries {
            let swatch = Area { x, y: y - s.label * 0.36 - h / 2.0, w, h };
            let pen = match paint {
                Paint::Ring(ring) => Pen { width: s.ring, dash: dash_of(*ring) },
                Paint::Hand => Pen { width: s.line, dash: Dash::Next },
                _ => Pen::solid(s.line),
            };
            self.back.rect(swatch, s.radius, *paint, 0.0).pen = pen;
            let spot = Spot::start(x + w + s.label * 0.5, y);
            self.labels.at(&text(word), s.plain(), spot, Paint::Quiet, Id::None);
            x += width(word);
        }
    }
}

/// An op as code.
struct OpText {
    text: String,
    order: Option<Order>,
    /// It has not begun.
    is_next: bool,
}

/// The op that the moment is in, or the one that it has just ended.
fn op_text(moment: &Moment) -> Option<OpText> {
    let ended = moment.cursor.step == 0 && moment.just_did.is_some();
    let at = moment.cursor.op.checked_sub(u32::from(ended))?;
    let is_next = moment.just_did.is_none();
    match &moment.scenario.ops.get(at as usize)?.op {
        Op::Alloc { name, order, gfp, .. } => {
            let text = format!("{} = alloc order={order} {}", moment.name(*name), kind_word(gfp.kind));
            Some(OpText { text, order: Order::new(*order), is_next })
        }
        Op::Free { name, .. } => {
            Some(OpText { text: format!("free {}", moment.name(*name)), order: None, is_next })
        }
        Op::Workload(workload) => {
            let unit = moment.trail.iter().chain(&moment.just_did).find_map(|step| match step.kind {
                StepKind::Request { order, kind, .. } => {
                    Some((format!(": alloc order={order} {}", kind_word(kind)), Order::new(order)))
                }
                StepKind::FreeRequest { .. } => Some((": free".to_owned(), None)),
                _ => None,
            });
            let (unit, order) = unit.unwrap_or_default();
            let text = format!("{} = workload{unit}", moment.name(workload.name));
            Some(OpText { text, order, is_next })
        }
        op @ (Op::Isolate(_)
        | Op::Unisolate(..)
        | Op::Drain
        | Op::Sysctl(_)
        | Op::Recorded(_)
        | Op::Cma(_)
        | Op::Dma(_)
        | Op::Kmem(_)
        | Op::Process(_)
        | Op::Segment(_)
        | Op::File(_)
        | Op::Compact(_)) => {
            let text = title_of(&moment.scenario, op, Lang::En).code;
            Some(OpText { text, order: None, is_next })
        }
    }
}
