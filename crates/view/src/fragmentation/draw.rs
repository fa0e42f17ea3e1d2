//! Where everything goes: the request above, a column for each zone, staircase over index over words.

use mm::mmzone::ZoneId;
use mm::{NrPages, Order};
use scenario::Lang;

use super::Reading;
use crate::Moment;
use crate::board::{Board, wrap};
use crate::frame_map::{THRESHOLD, bytes_text, thousandths};
use crate::narrate::num;
use crate::number::between;
use crate::scene::{Area, Dash, Form, Hit, Id, Paint, PathData, Room, Scene, Spot, centred};
use crate::vitals::zone_name;

/// So high both pictures have to be, in lines, before the words below them get all their lines: numbers at the axes keep
/// off each other.
const LEAST_PLOTS: f32 = 13.0;

struct Draw<'a> {
    moment: &'a Moment,
    b: Board,
    order: Order,
}

pub(super) fn scene(moment: &Moment, room: &Room, zone: ZoneId, order: Order, lang: Lang) -> Scene {
    let mut b = Board::new(room, lang);
    b.head(moment);
    let mut draw = Draw { moment, b, order };
    draw.invariant();
    let top = draw.request();
    draw.zones(zone, top);
    draw.legend();
    draw.b.finish(moment)
}

impl Draw<'_> {
    /// The request, as wide as its order says; the top of what is below.
    fn request(&mut self) -> f32 {
        let (s, lang, order) = (self.b.s, self.b.lang, self.order);
        let y = s.head + s.body * 1.25;
        let size = bytes_text(NrPages(u64::from(order.pages())).bytes());
        let words = match lang {
            Lang::En => vec![
                format!(
                    "If order {order} were asked for now: {} frames in a row, {size}",
                    num(order.pages())
                ),
                format!("Order {order}: {} frames in a row, {size}", num(order.pages())),
                format!("Order {order}: {size}"),
            ],
            Lang::Zh => vec![
                format!("假如现在请求 {order} 阶：连续 {} 个页框，{size}", num(order.pages())),
                format!("{order} 阶：{size}"),
            ],
        };
        let (w, h) = (s.label * (1.0 + 0.28 * f32::from(order.get())), s.body * 1.2);
        let ghost = Area { x: s.margin, y: centred(y, s.body) - s.body * 0.7 - h / 2.0, w, h };
        let line = s.line;
        self.b.things.rect(ghost, s.radius, Paint::Ghost, line).pen.dash = Dash::Next;
        let face = self.b.title();
        let all = self.b.all();
        let spot = Spot::start(ghost.right() + s.space, y);
        let said = self.b.words(&words, face, spot, all, Paint::Ink);
        let hint = self.b.say(
            &["Another order: a column, or the keys ← →", "← → another order"],
            &["换一个阶：点柱子，或按 ← →", "← → 换阶"],
        );
        if let Some(said) = said.filter(|_| self.b.form != Form::Phone) {
            let within = Area::between(said.right() + s.space, 0.0, self.b.w - s.margin, self.b.h);
            let face = self.b.plain();
            self.b.words(&hint, face, Spot::end(self.b.w - s.margin, y), within, Paint::Quiet);
        }
        y + s.label * 0.8
    }

    fn zones(&mut self, shown: ZoneId, top: f32) {
        let s = self.b.s;
        let zones: Vec<ZoneId> = self.moment.machine.zone_ids().collect();
        let least = match self.b.form {
            Form::Projector => 410.0,
            Form::Laptop => 236.0,
            Form::Phone => 300.0,
        };
        let width = self.b.w - 2.0 * s.margin;
        let most = ((width / least) as usize).clamp(1, zones.len().max(1));
        let at = zones.iter().position(|id| *id == shown).unwrap_or(0);
        let first = (at + 1).saturating_sub(most).min(zones.len().saturating_sub(most));
        let bottom = self.b.h - s.legend - s.label * 1.7;
        let hidden = zones.len() - most;
        let w = (width / most as f32).min(least * 3.4);
        let words_h = self.words_height(zones.iter().skip(first).take(most), w - s.space * 2.0);
        for (i, id) in zones.iter().skip(first).take(most).enumerate() {
            let x = s.margin + w * i as f32;
            let area = Area::between(x, top, x + w - s.space * 2.0, bottom);
            let more = if i + 1 == most { hidden } else { 0 };
            self.zone(*id, area, more, words_h);
        }
    }

    /// What the words below the pictures need: in all zones the same, so that the pictures can be compared.
    fn words_height<'z>(&self, zones: impl Iterator<Item = &'z ZoneId>, width: f32) -> f32 {
        let (s, lang) = (self.b.s, self.b.lang);
        if self.b.form == Form::Phone {
            return s.label * 5.4;
        }
        let lines = |id: &ZoneId| {
            let now = Reading::of(&self.moment.machine, *id, self.order);
            let (plain, strong) = (self.b.plain(), self.b.strong());
            let said = [
                (now.answer(lang), strong),
                (now.unusable_words(lang), plain),
                (now.extfrag_words(lang), plain),
            ];
            said.iter().filter_map(|(words, face)| Some(wrap(words.first()?, *face, width).len())).sum()
        };
        let most: usize = zones.map(lines).max().unwrap_or(0);
        s.label * (most.clamp(3, 6) as f32 * 1.32 + 1.1)
    }

    fn zone(&mut self, id: ZoneId, area: Area, hidden: usize, words_h: f32) {
        let (s, lang) = (self.b.s, self.b.lang);
        let machine = &self.moment.machine;
        let readings: Vec<Reading> = Order::all().map(|order| Reading::of(machine, id, order)).collect();
        let Some(now) = readings.get(self.order.index()).copied() else { return };
        // Its name, and how much is free.
        let mut y = area.y + s.body;
        let name = zone_name(machine, id);
        let face = self.b.title();
        let within = Area { y: 0.0, h: self.b.h, ..area };
        let named = self.b.words(&[name], face, Spot::start(area.x, y), within, Paint::Ink);
        let largest = now.largest.map(|order| bytes_text(NrPages(u64::from(order.pages())).bytes()));
        let free = bytes_text(NrPages(now.free).bytes());
        let words = match (largest, lang) {
            (None, Lang::En) => vec!["nothing free".to_owned()],
            (None, Lang::Zh) => vec!["没有空闲".to_owned()],
            (Some(largest), Lang::En) => {
                vec![format!("{free} free, largest piece {largest}"), format!("{free} free")]
            }
            (Some(largest), Lang::Zh) => {
                vec![format!("空闲 {free}，最大一块 {largest}"), format!("空闲 {free}")]
            }
        };
        let face = self.b.plain();
        let from = named.map_or(area.x, |named| named.right() + s.space);
        let said = self.b.words(&words, face, Spot::start(from, y), within, Paint::Quiet);
        if let (1.., Some(said)) = (hidden, said) {
            let more = lang.pick(format!("+ {hidden}"), format!("另 {hidden} 个"));
            let within = Area::between(said.right() + s.space, 0.0, area.right(), self.b.h);
            self.b.words(&[more], face, Spot::end(area.right(), y), within, Paint::Quiet);
        }
        y += s.label * 0.5;
        // Words below, pictures in what is left.
        let plots =
            (area.bottom() - words_h - y).max(s.label * LEAST_PLOTS).min(area.bottom() - y - s.label * 4.6);
        let tick = s.label * 2.6;
        let (x0, x1) = (area.x + tick, area.right());
        let title = s.label * 1.5;
        let axis = s.label * 1.6;
        // The foot of one picture keeps off the name of the next.
        let gap = s.label * 0.5;
        let each = ((plots - 2.0 * title - axis - gap) / 2.0).max(s.label * 1.2);
        let stairs = Area::between(x0, y + title, x1, y + title + each);
        let index =
            Area::between(x0, stairs.bottom() + gap + title, x1, stairs.bottom() + gap + title + each);
        let whole = Area::between(area.x, area.y, x1, index.bottom() + axis);
        self.b.things.rect(whole, 0.0, Paint::Target, 0.0).id = Id::Tank(id);
        self.chosen(id, stairs, index.bottom() + axis);
        self.stairs(id, stairs, &readings);
        self.index(id, index, &readings);
        self.orders(index);
        self.words(Area::between(area.x, index.bottom() + axis + s.label * 0.9, x1, area.bottom()), &now);
    }

    /// The column of an order.
    fn column(plot: Area, order: Order) -> Area {
        let w = plot.w / Order::COUNT as f32;
        Area { x: plot.x + w * order.index() as f32, y: plot.y, w, h: plot.h }
    }

    /// The band of the chosen order through both pictures, and what a pointer hits.
    fn chosen(&mut self, id: ZoneId, stairs: Area, bottom: f32) {
        let whole = Area { h: bottom - stairs.y, ..stairs };
        let band = Self::column(whole, self.order);
        let radius = self.b.s.radius;
        self.b.back.rect(band, radius, Paint::FreeHot, 0.0);
        for order in Order::all() {
            let item = self.b.rings.rect(Self::column(whole, order), 0.0, Paint::Target, 0.0);
            item.hit = Some(Hit::Order(order));
            item.id = Id::Column(id, order);
        }
    }

    fn title_of(&mut self, plot: Area, name: &str, value: &str, paint: Paint) {
        let s = self.b.s;
        let y = plot.y - s.label * 0.45;
        let within = Area { y: 0.0, h: self.b.h, ..plot };
        let face = self.b.mono();
        let x = within.x;
        let Some(area) = self.b.words(&[name.to_owned()], face, Spot::start(x, y), within, Paint::Ink) else {
            return;
        };
        let face = self.b.strong();
        self.b.words(&[value.to_owned()], face, Spot::start(area.right() + s.space, y), within, paint);
    }

    fn tick(&mut self, plot: Area, y: f32, words: &str, paint: Paint) {
        let s = self.b.s;
        let edge = s.edge;
        self.b.back.line([plot.x, y, plot.right(), y], paint, edge);
        let face = self.b.plain();
        let spot = Spot::end(plot.x - s.space * 0.5, centred(y, s.label));
        self.b.labels.at(words, face, spot, Paint::Quiet, Id::None);
    }

    /// `unusable_index`: a staircase.
    fn stairs(&mut self, id: ZoneId, plot: Area, readings: &[Reading]) {
        let s = self.b.s;
        let now = readings[self.order.index()].unusable;
        let paint = if now == 1000 { Paint::Fail } else { Paint::Ink };
        self.title_of(plot, "unusable_index", &thousandths(i64::from(now)), paint);
        self.tick(plot, plot.y, "1", Paint::Hair);
        self.tick(plot, plot.bottom(), "0", Paint::Axis);
        let mut line = PathData::default();
        for (order, reading) in Order::all().zip(readings) {
            let column = Self::column(plot, order);
            let y = plot.bottom() - plot.h * reading.unusable as f32 / 1000.0;
            let bar = Area { x: column.x, y, w: column.w, h: plot.bottom() - y };
            let item = self.b.things.rect(bar, 0.0, Paint::Used, 0.0);
            item.id = Id::Unusable(id, order);
            line.to(if order == Order::ZERO { 'M' } else { 'L' }, &[column.x, y])
                .to('L', &[column.right(), y]);
        }
        let width = s.line * 1.3;
        self.b.things.path(line.take(), Paint::Axis, width);
    }

    /// `extfrag_index`: above the threshold the kernel compacts, at −1 there is nothing to do.
    fn index(&mut self, id: ZoneId, plot: Area, readings: &[Reading]) {
        let s = self.b.s;
        let now = readings[self.order.index()].extfrag;
        let paint = match now {
            -1000 => Paint::Holds,
            index if index > THRESHOLD => Paint::Fail,
            _ => Paint::Action,
        };
        self.title_of(plot, "extfrag_index", &thousandths(i64::from(now)), paint);
        let y = |index: i32| plot.y + plot.h * (1000 - index) as f32 / 2000.0;
        self.tick(plot, y(1000), "1", Paint::Hair);
        self.tick(plot, y(0), "0", Paint::Axis);
        self.tick(plot, y(-1000), "−1", Paint::Hair);
        let line = s.line;
        let threshold =
            self.b.things.line([plot.x, y(THRESHOLD), plot.right(), y(THRESHOLD)], Paint::Mark, line);
        threshold.pen.dash = Dash::Look;
        let face = self.b.plain();
        let spot = Spot::end(plot.x - s.space * 0.5, centred(y(THRESHOLD), s.label));
        self.b.labels.at("0.5", face, spot, Paint::Quiet, Id::None);
        for (order, reading) in Order::all().zip(readings) {
            let column = Self::column(plot, order);
            let (a, b) = (y(0), y(reading.extfrag));
            let inset = column.w * 0.16;
            let bar = Area::between(column.x + inset, a, column.right() - inset, b);
            let paint = match reading.extfrag {
                -1000 => Paint::Chip,
                index if index > THRESHOLD => Paint::Boost,
                _ => Paint::Unknown,
            };
            let item = self.b.things.rect(Area { h: bar.h.max(line), ..bar }, 0.0, paint, line);
            item.id = Id::ExtFrag(id, order);
        }
    }

    /// The numbers of the orders below.
    fn orders(&mut self, plot: Area) {
        let s = self.b.s;
        let y = plot.bottom() + s.label * 1.3;
        for order in Order::all() {
            let column = Self::column(plot, order);
            let is_chosen = order == self.order;
            let face = if is_chosen { self.b.strong() } else { self.b.plain() };
            let paint = if is_chosen { Paint::Ink } else { Paint::Quiet };
            let spot = Spot::middle(column.centre().0, y);
            self.b.labels.at(&order.to_string(), face, spot, paint, Id::None);
        }
        let face = self.b.plain();
        let words = self.b.lang.pick("order", "阶");
        self.b.labels.at(words, face, Spot::end(plot.x - s.space * 0.5, y), Paint::Quiet, Id::None);
    }

    /// Where it fits or why not, and what the two numbers mean.
    fn words(&mut self, area: Area, now: &Reading) {
        let (s, lang) = (self.b.s, self.b.lang);
        let fits = now.place.is_some();
        let step = s.label * 1.32;
        let mut y = area.y;
        let sentences = [
            (now.answer(lang), if fits { Paint::Holds } else { Paint::Fail }, true),
            (now.unusable_words(lang), Paint::Ink, false),
            (now.extfrag_words(lang), Paint::Ink, false),
        ];
        let count = sentences.len();
        for (at, (words, paint, is_strong)) in sentences.into_iter().enumerate() {
            let face = if is_strong { self.b.strong() } else { self.b.plain() };
            // What follows needs a line each.
            let room = ((area.bottom() - y) / step).floor() + 1.0 - (count - at - 1) as f32;
            let most = between(room, 0.0, 3.0) as usize;
            let lines = words.iter().map(|words| wrap(words, face, area.w)).find(|lines| lines.len() <= most);
            for line in lines.unwrap_or_default() {
                self.b.labels.at(&line, face, Spot::start(area.x, y), paint, Id::None);
                y += step;
            }
            y += s.label * 0.25;
        }
    }

    fn invariant(&mut self) {
        let machine = &self.moment.machine;
        let zones = || machine.zone_ids().map(|id| Reading::of(machine, id, self.order));
        // Would succeed exactly when some block is large enough.
        let holds = zones().all(|reading| (reading.extfrag == -1000) == reading.place.is_some());
        let mark = if holds { "✓" } else { "✕" };
        let words = self.b.lang.pick(
            [format!("{mark} −1 exactly where the request fits"), format!("{mark} −1: it fits")],
            [format!("{mark} 放得下的区恰好是 −1"), format!("{mark} −1：放得下")],
        );
        self.b.invariant(&words, holds);
    }

    fn legend(&mut self) {
        let fills = [
            (Paint::Used, self.b.say(&["too small for the order"], &["对这一阶太小"])),
            (Paint::Boost, self.b.say(&["fails: scattered"], &["失败：太散"])),
            (Paint::Unknown, self.b.say(&["fails: too little"], &["失败：太少"])),
            (Paint::Chip, self.b.say(&["would succeed"], &["会成功"])),
        ];
        let is_there = |wanted: Paint| self.b.things.items.iter().any(|item| item.paint == wanted);
        let fills: Vec<_> = fills.into_iter().filter(|(paint, _)| is_there(*paint)).collect();
        self.b.legend(&fills);
    }
}
