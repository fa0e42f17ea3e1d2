//! Where everything goes: the address and the table on the left, the gate in the middle, the sum on the right, and the
//! ruler below all of it.

use mm::segmentation::{Descriptor, Doing, Mode, SegReg, Segmentation, Selector, Table, rules};
use mm::step::SegmentStep;
use scenario::Lang;

use super::ruler;
use super::{
    Place, base_of, entries, fault_word, in_play, kind_word, place, processor, register_in_play, registers,
    step_of,
};
use crate::Moment;
use crate::board::Board;
use crate::narrate::segmentation::{bytes_of, hex, logical, reg_name};
use crate::scene::{Area, Dash, Face, Form, Id, Paint, Ring, Room, Scene, Spot, centred};

/// The picture in the making.
pub(super) struct Draw<'a> {
    pub(super) moment: &'a Moment,
    pub(super) seg: &'a Segmentation,
    pub(super) b: Board,
    /// Where what can be ringed lies.
    pub(super) places: Vec<(Place, Area)>,
    did: Option<SegmentStep>,
    next: Option<SegmentStep>,
}

pub(super) fn scene(moment: &Moment, room: &Room, lang: Lang) -> Scene {
    let mut b = Board::new(room, lang);
    b.head(moment);
    let seg = moment.machine.segmentation();
    let (did, next) = (step_of(moment.just_did), step_of(moment.next));
    let mut draw = Draw { moment, seg, b, places: Vec::new(), did, next };
    draw.rule();
    if seg.is_untouched() {
        draw.nothing();
    } else if draw.b.form == Form::Phone {
        draw.small();
    } else {
        draw.all();
    }
    draw.rings();
    draw.legend();
    draw.b.finish(moment)
}

impl Draw<'_> {
    /// The rule that always holds: it is checked, not only said.
    fn rule(&mut self) {
        let way = self.seg.way();
        let holds = match way.doing {
            Doing::Access { reg: Some(reg), offset, size, .. }
                if self.seg.mode() == Mode::Protected && way.physical.is_some() =>
            {
                rules::within(self.seg.register(reg).hidden, offset, size).is_ok()
            }
            _ => way.fault.is_none() || way.physical.is_none(),
        };
        let words = self.b.say(
            &["What reaches memory lies inside its segment", "Inside the segment, or a fault"],
            &["到得了内存的，都在段内", "在段内，否则出错"],
        );
        self.b.invariant(&words, holds);
    }

    fn legend(&mut self) {
        if self.seg.is_untouched() {
            return self.b.legend(&[]);
        }
        let words = |en: &str, zh: &str| vec![self.b.lang.pick(en, zh).to_owned()];
        let mut fills = Vec::new();
        if self.seg.cpu().has_segments() {
            fills.push((Paint::Reclaimable, words("code", "代码段")));
            fills.push((Paint::Movable, words("data", "数据段")));
        } else {
            fills.push((Paint::Movable, words("the program", "程序")));
        }
        if !self.seg.paging() {
            fills.push((Paint::Slot, words("hole", "空洞")));
        }
        self.b.legend(&fills);
    }

    fn nothing(&mut self) {
        let words = self.b.say(
            &["No processor is switched on yet: `cpu 8086` does that", "No processor is switched on yet"],
            &["还没有给处理器通电：写一行 cpu 8086", "还没有处理器"],
        );
        let (face, all) = (self.b.title(), self.b.all());
        let (x, y) = all.centre();
        self.b.words(&words, face, Spot::middle(x, y), all, Paint::Quiet);
    }

    /// Where the picture ends and the legend begins.
    fn bottom(&self) -> f32 {
        self.b.h - self.b.s.legend - self.b.s.label * 1.6
    }

    fn all(&mut self) {
        let s = self.b.s;
        let (left, right) = (s.margin, self.b.w - s.margin);
        let top = s.head + s.space * 0.8;
        let bottom = self.bottom();
        let ruler_h = (bottom - top) * if self.seg.paging() { 0.4 } else { 0.27 };
        let ruler = Area::between(left, bottom - ruler_h, right, bottom);
        let floor = ruler.y - s.space;
        let w = right - left;
        let is_real = self.seg.mode() == Mode::Real && self.seg.cpu().has_segments();
        let has_table = !entries(self.seg).is_empty();
        let first = Area::between(left, top, left + w * 0.45, floor);
        let second = Area::between(left + w * 0.475, top, left + w * 0.66, floor);
        let third = Area::between(left + w * 0.685, top, right, floor);
        let below = self.logical(first);
        let room = Area::between(first.x, below, first.right(), first.bottom());
        if self.seg.cpu().has_segments() {
            self.tables(room, has_table && !(is_real && self.seg.way().doing != Doing::Nothing));
        }
        self.gate(second);
        self.sum(third);
        self.rulers(ruler);
    }

    /// On a phone: the address, the row in play as words, the sum, and the ruler.
    fn small(&mut self) {
        let s = self.b.s;
        let (left, right) = (s.margin, self.b.w - s.margin);
        let bottom = self.b.h - s.legend - s.label * 1.4;
        let top = s.margin * 0.5;
        let first = Area::between(left, top, right, top + s.label * 4.2);
        let below = self.logical(first);
        let descriptor = in_play(self.seg);
        let (plain, mono) = (self.b.plain(), self.b.mono());
        let mut y = below + s.label;
        if self.seg.mode() != Mode::Long && self.seg.cpu().has_segments() {
            let name = reg_name(register_in_play(self.seg));
            let row = match descriptor.is_present() {
                true => {
                    let (base, limit) = (hex(descriptor.base()), hex(descriptor.limit()));
                    format!("{name} base {base} limit {limit} {}", kind_word(descriptor))
                }
                false => format!("{name} null"),
            };
            let area = Area::between(left, y - s.label, right, y + s.label * 0.4);
            self.b.words(&[row], mono, Spot::start(left, y), area, Paint::Ink);
            self.places.push((Place::Gate, area));
            if let Doing::Access { reg: Some(reg), .. } = self.seg.way().doing {
                self.places.push((Place::Register(reg), area));
            }
            if let Doing::Load { reg, selector } = self.seg.way().doing {
                let table = if selector.is_local() { Table::Ldt } else { Table::Gdt };
                self.places.push((Place::Row(table, selector.index()), area));
                self.places.extend(reg.map(|reg| (Place::Register(reg), area)));
            }
            y += s.label * 1.6;
        } else if let Some(bounds) = self.seg.bounds() {
            let row = format!("base {} limit {}", hex(bounds.base), hex(bounds.limit));
            let area = Area::between(left, y - s.label, right, y + s.label * 0.4);
            self.b.words(&[row], plain, Spot::start(left, y), area, Paint::Ink);
            self.places.push((Place::Gate, area));
            y += s.label * 1.6;
        }
        let ruler_h = if self.seg.paging() { s.label * 8.6 } else { s.label * 6.2 };
        let ruler = Area::between(left, bottom - ruler_h, right, bottom);
        self.sum(Area::between(left, y - s.label * 0.6, right, ruler.y - s.space * 0.5));
        self.rulers(ruler);
    }

    fn rulers(&mut self, room: Area) {
        if !self.seg.paging() {
            return ruler::linear(self, room);
        }
        let half = (room.h - self.b.s.space) * 0.6;
        ruler::linear(self, Area { h: half, ..room });
        let y = room.y + half + self.b.s.space;
        ruler::physical(self, Area::between(room.x, y, room.right(), room.bottom()));
    }

    /// What the program says, in its parts. Gives back where there is room below it.
    fn logical(&mut self, room: Area) -> f32 {
        let s = self.b.s;
        let title = processor(self.seg, self.b.lang);
        let face = self.b.title();
        self.b.words(&[title], face, Spot::start(room.x, room.y + s.body), room, Paint::Ink);
        let mut y = room.y + s.body * 1.6;
        let h = s.label * 1.7;
        let strong = Face { mono: true, bold: true, ..self.b.plain() };
        let selector = match self.seg.way().doing {
            Doing::Nothing => {
                let words = self.b.say(&["no address in play"], &["此刻没有地址"]);
                let plain = self.b.plain();
                self.b.words(&words, plain, Spot::start(room.x, y + s.label * 1.2), room, Paint::Quiet);
                return y + h + s.space;
            }
            Doing::Load { reg, selector } => {
                let name = reg.map_or("LDTR".into(), reg_name);
                let text = format!("{name} ← {selector}");
                let area = Area { x: room.x, y, w: strong.width(&text) + s.space * 1.6, h };
                self.chip(area, &text, Paint::ChipHot, strong);
                self.places.push((Place::Logical, area));
                Some((selector, area))
            }
            Doing::Access { reg, offset, size, access } => {
                let verb = match self.b.lang {
                    Lang::En => ["read", "write", "execute"][access as usize],
                    Lang::Zh => ["读", "写", "执行"][access as usize],
                };
                let what = match self.b.lang {
                    Lang::En if size == 1 => format!("{verb} 1 byte"),
                    Lang::En => format!("{verb} {size} bytes"),
                    Lang::Zh => format!("{verb} {size} 字节"),
                };
                let text = logical(reg, offset);
                let area = Area { x: room.x, y, w: strong.width(&text) + s.space * 1.6, h };
                self.chip(area, &text, Paint::ChipHot, strong);
                self.places.push((Place::Logical, area));
                let plain = self.b.plain();
                let spot = Spot::start(area.right() + s.space, centred(area.centre().1, s.label));
                self.b.words(&[what], plain, spot, room, Paint::Quiet);
                let selector = reg.map(|reg| self.seg.register(reg).selector);
                selector.filter(|_| false).map(|selector| (selector, area))
            }
        };
        y += h + s.space * 0.6;
        if let Some((selector, _)) = selector.filter(|_| self.seg.mode() != Mode::Real) {
            y = self.selector(selector, Area::between(room.x, y, room.right(), y + h));
        }
        y + s.space * 0.4
    }

    /// A selector bit by bit: index, TI, RPL.
    fn selector(&mut self, selector: Selector, room: Area) -> f32 {
        let s = self.b.s;
        let face = Face { mono: true, bold: true, ..self.b.plain() };
        let index = selector.index();
        let ti = u8::from(selector.is_local());
        let parts = [
            (format!("{index:013b}"), format!("index {index}")),
            (format!("{ti}"), format!("TI {ti}")),
            (format!("{:02b}", selector.rpl()), format!("RPL {}", selector.rpl())),
        ];
        let plain = self.b.plain();
        let mut x = room.x;
        for (bits, name) in parts {
            let w = face.width(&bits).max(plain.width(&name)) + s.space;
            let area = Area { x, y: room.y, w, h: room.h };
            self.chip(area, &bits, Paint::Chip, face);
            let spot = Spot::middle(area.centre().0, area.bottom() + s.label * 1.05);
            self.b.words(&[name], plain, spot, self.b.all(), Paint::Quiet);
            x = area.right() + s.space * 0.3;
        }
        room.bottom() + s.label * 1.4
    }

    fn chip(&mut self, area: Area, text: &str, paint: Paint, face: Face) {
        let (radius, line) = (self.b.s.radius * 2.0, self.b.s.line);
        self.b.things.rect(area, radius, paint, line);
        self.b.labels.keep_off(area);
        let spot = Spot::middle(area.centre().0, centred(area.centre().1, face.size));
        self.b.words(&[text.to_owned()], face, spot, area.grown(self.b.s.space), Paint::Ink);
    }

    /// The tables of descriptors, and the registers with what is hidden in them.
    fn tables(&mut self, room: Area, has_table: bool) {
        let s = self.b.s;
        let row_h = s.label * 1.42;
        let rows = ((room.h / row_h) as usize).saturating_sub(1);
        let regs = registers(self.seg);
        let mut y = room.y;
        if has_table {
            // The registers need a head and their rows; a focus needs its bytes.
            let all = entries(self.seg);
            let for_registers = regs.len().min(3) + 1;
            let most = rows.saturating_sub(for_registers + 1).clamp(2, 8).min(rows.max(1));
            y = self.descriptors(Area { h: room.bottom() - y, ..room }, &all, most, row_h);
        }
        let left = ((room.bottom() - y) / row_h) as usize;
        self.registers(Area::between(room.x, y, room.right(), room.bottom()), &regs, left, row_h);
    }

    fn focus(&self) -> Option<(Table, u16)> {
        let of = |selector: Selector| {
            (if selector.is_local() { Table::Ldt } else { Table::Gdt }, selector.index())
        };
        let step = self.did.or(self.next).and_then(|step| place(self.seg, &step));
        match (step, self.seg.way().doing) {
            (Some(Place::Row(table, index)), _) => Some((table, index)),
            (_, Doing::Load { selector, .. }) => Some(of(selector)),
            (_, Doing::Access { reg: Some(reg), .. }) => Some(of(self.seg.register(reg).selector)),
            _ => None,
        }
    }

    fn descriptors(&mut self, room: Area, all: &[(Table, u16, Descriptor)], most: usize, row_h: f32) -> f32 {
        let s = self.b.s;
        let focus = self.focus();
        let at = all.iter().position(|(table, index, _)| focus == Some((*table, *index)));
        let first = at.unwrap_or(0).saturating_sub(most / 2).min(all.len().saturating_sub(most));
        let columns = self.columns(room);
        let heads = self
            .b
            .lang
            .pick(["", "base", "limit", "kind", "DPL", "P"], ["", "基址", "限长", "类型", "DPL", "P"]);
        let mut y = room.y;
        self.cells(room, &columns, &heads.map(str::to_owned), y, row_h, false, Paint::Quiet);
        y += row_h;
        for (table, index, descriptor) in all.iter().skip(first).take(most) {
            let area = Area { x: room.x, y, w: room.w, h: row_h };
            let is_focus = focus == Some((*table, *index));
            if is_focus {
                let (radius, edge) = (s.radius * 2.0, s.edge);
                self.b.back.rect(area, radius, Paint::ChipHot, edge);
            }
            let name = if *table == Table::Gdt { "GDT" } else { "LDT" };
            let fields = descriptor.decode();
            let cells = [
                format!("{name} {index}"),
                format!("{:#010x}", descriptor.base()),
                format!("{:#x}", descriptor.limit()),
                kind_word(*descriptor).to_owned(),
                fields.dpl.to_string(),
                u8::from(fields.present).to_string(),
            ];
            let paint = if is_focus || focus.is_none() { Paint::Ink } else { Paint::Quiet };
            self.cells(room, &columns, &cells, y, row_h, is_focus, paint);
            self.places.push((Place::Row(*table, *index), area));
            y += row_h;
        }
        let hidden = all.len() - all.len().min(most);
        let bytes =
            at.map(|at| format!("{}  ({})", bytes_of(all[at].2), self.b.lang.pick("its bytes", "字节")));
        let more = (hidden > 0)
            .then(|| self.b.lang.pick(format!("… {hidden} more"), format!("…… 还有 {hidden} 项")));
        if let Some(words) = bytes.or(more) {
            let face = self.b.mono();
            let spot = Spot::start(room.x + s.space * 0.5, y + row_h * 0.72);
            self.b.words(&[words], face, spot, room, Paint::Quiet);
        }
        y + row_h * 1.15
    }

    /// The left edges of the columns of a table.
    fn columns(&self, room: Area) -> [f32; 6] {
        let mono = self.b.mono();
        let space = self.b.s.space;
        let widths =
            ["GDT 12", "0x00000000", "0xffffffff", "data rw ↓", "DPL"].map(|w| mono.width(w) + space * 0.75);
        let mut x = room.x + space * 0.5;
        let mut columns = [x; 6];
        for (at, width) in widths.into_iter().enumerate() {
            x += width;
            columns[at + 1] = x;
        }
        columns
    }

    #[allow(clippy::too_many_arguments, reason = "a row of a table")]
    fn cells(
        &mut self,
        room: Area,
        columns: &[f32; 6],
        cells: &[String; 6],
        y: f32,
        row_h: f32,
        bold: bool,
        paint: Paint,
    ) {
        let face = Face { bold, ..self.b.mono() };
        let base = y + row_h / 2.0 + self.b.s.label * 0.35;
        for (x, cell) in columns.iter().zip(cells).filter(|(_, cell)| !cell.is_empty()) {
            self.b.words(std::slice::from_ref(cell), face, Spot::start(*x, base), room, paint);
        }
    }

    fn registers(&mut self, room: Area, regs: &[SegReg], most: usize, row_h: f32) {
        if most < 2 {
            return;
        }
        let s = self.b.s;
        let in_play = match self.seg.way().doing {
            Doing::Nothing => None,
            _ => Some(register_in_play(self.seg)),
        };
        // The one in play first, where not all of them find room.
        let mut shown = regs.to_vec();
        if shown.len() > most - 1 {
            shown.retain(|reg| Some(*reg) == in_play || !matches!(reg, SegReg::Fs | SegReg::Gs | SegReg::Es));
        }
        if shown.len() > most - 1 {
            shown.retain(|reg| Some(*reg) == in_play || *reg == SegReg::Ds);
        }
        let columns = self.columns(room);
        let heads = self.b.lang.pick(
            ["", "selector", "hidden base", "", "limit", ""],
            ["", "选择子", "隐藏的基址", "", "限长", ""],
        );
        let mut heads = heads.map(str::to_owned);
        let is_real = self.seg.mode() == Mode::Real;
        if is_real {
            heads[1] = self.b.lang.pick("segment", "段值").to_owned();
            heads[2] = self.b.lang.pick("base", "基址").to_owned();
        }
        let mut y = room.y;
        self.cells(room, &columns, &heads, y, row_h, false, Paint::Quiet);
        y += row_h;
        for reg in shown.into_iter().take(most - 1) {
            let register = self.seg.register(reg);
            let is_null = !register.hidden.is_present() && self.seg.mode() != Mode::Long;
            let base = match is_null {
                true => self.b.lang.pick("null", "空").to_owned(),
                false => format!("{:#010x}", base_of(self.seg, reg)),
            };
            let limit = match (is_null, self.seg.mode()) {
                (true, _) => String::new(),
                (_, Mode::Long) => self.b.lang.pick("none", "不查").to_owned(),
                _ => format!("{:#x}", register.hidden.limit()),
            };
            let name = reg_name(reg);
            let is_focus = in_play == Some(reg);
            let area = Area { x: room.x, y, w: room.w, h: row_h };
            if is_focus {
                let (radius, edge) = (s.radius * 2.0, s.edge);
                self.b.back.rect(area, radius, Paint::ChipHot, edge);
            }
            let paint = if is_focus || in_play.is_none() { Paint::Ink } else { Paint::Quiet };
            let cells = [name, register.selector.to_string(), base, String::new(), limit, String::new()];
            // The base takes the room of two columns in long mode.
            self.cells(room, &columns, &cells, y, row_h, is_focus, paint);
            self.places.push((Place::Register(reg), area));
            y += row_h;
        }
    }

    /// A bar as high as the limit: offsets that may be used, and those that may not.
    fn gate(&mut self, room: Area) {
        let s = self.b.s;
        let is_direct = !self.seg.cpu().has_segments();
        let checks = match self.seg.mode() {
            _ if is_direct => self.seg.bounds().is_some(),
            Mode::Real => self.seg.cpu() != mm::segmentation::Cpu::I8086,
            Mode::Protected => true,
            Mode::Long => false,
        };
        let title = self.b.say(&["The gate: its limit", "Limit"], &["关卡：段限长", "限长"]);
        let face = self.b.title();
        self.b.words(&title, face, Spot::start(room.x, room.y + s.body), room, Paint::Ink);
        let top = room.y + s.body * 1.5 + s.label * 1.3;
        let bar_w = room.w * 0.26;
        let bar = Area::between(
            room.x + room.w * 0.42,
            top,
            room.x + room.w * 0.42 + bar_w,
            room.bottom() - s.label * 1.4,
        );
        let offset = match self.seg.way().doing {
            Doing::Access { offset, size, .. } => Some((offset, offset.saturating_add(u64::from(size) - 1))),
            _ => None,
        };
        let hidden = in_play(self.seg);
        let offsets = match (is_direct, self.seg.bounds()) {
            (true, Some(bounds)) => bounds.limit.checked_sub(1).map(|last| (0, last)),
            (true, None) => Some((0, u32::MAX)),
            _ if !hidden.is_present() => None,
            _ => hidden.offsets(),
        };
        if !checks {
            // Nothing is stopped: the bar is open.
            let (radius, line) = (s.radius, s.line);
            self.b.things.rect(bar, radius, Paint::Vma, line).pen.dash = Dash::Next;
            let words = self.b.say(&["no check", "none"], &["不检查"]);
            let strong = self.b.strong();
            let spot = Spot::middle(bar.centre().0, top - s.label * 0.4);
            self.b.words(&words, strong, spot, room.grown(s.space), Paint::Quiet);
            self.token(room, bar, offset.map(|(first, _)| (first, 0.35)), true);
            self.places.push((Place::Gate, bar));
            return;
        }
        let high = offsets.map_or(0xffff, |(_, high)| high);
        let last = offset.map_or(0, |(_, last)| last);
        let is_down = offsets.is_some_and(|(low, _)| low > 0);
        let most = if is_down { u64::from(high) } else { u64::from(high).max(last).max(1) };
        // Above the limit there is always something that may not be used, but for a segment of all addresses.
        let scale = if high == u32::MAX || is_down { most as f64 } else { most as f64 * 1.25 };
        let at = |value: u64| bar.bottom() - (value as f64 / scale).min(1.0) as f32 * bar.h;
        let (radius, line) = (s.radius, s.line);
        self.b.things.rect(bar, radius, Paint::Locked, line);
        if let Some((low, high)) = offsets {
            let (y0, y1) = (at(u64::from(high)), at(u64::from(low)));
            let open = Area::between(bar.x, y0, bar.right(), y1.max(y0 + line * 2.0).min(bar.bottom()));
            self.b.things.rect(open, radius, Paint::Paper, 0.0);
            self.b.things.rect(open, radius, Paint::Vma, line);
            let mono = self.b.mono();
            let x = bar.right() + s.space * 0.6;
            let y = centred(y0, s.label).max(top + s.label * 0.4);
            let within = Area::between(x, room.y, room.right() + s.space * 1.5, room.bottom());
            let words = [format!("{high:#x}")];
            let beside = self.b.words(&words, mono, Spot::start(x, y), within, Paint::Ink);
            if beside.is_none() {
                let spot = Spot::middle(bar.centre().0, top - s.label * 0.4);
                self.b.words(&words, mono, spot, room.grown(s.space), Paint::Ink);
            }
            let words = [format!("{low:#x}")];
            self.b.words(&words, mono, Spot::start(x, centred(y1, s.label)), within, Paint::Quiet);
        }
        let is_in = match (offset, offsets) {
            (Some((first, last)), Some((low, high))) => u64::from(low) <= first && last <= u64::from(high),
            _ => false,
        };
        let height = offset.map(|(first, last)| {
            let value = if is_in { first } else { last };
            (first, ((bar.bottom() - at(value)) / bar.h.max(1.0)).min(0.97))
        });
        self.token(room, bar, height, is_in);
        self.places.push((Place::Gate, bar));
    }

    /// The offset on its way to the bar: through it, or bounced off.
    fn token(&mut self, room: Area, bar: Area, offset: Option<(u64, f32)>, passes: bool) {
        let Some((offset, share)) = offset else { return };
        let s = self.b.s;
        let y = (bar.bottom() - share * bar.h).min(bar.bottom() - s.label * 0.8).max(bar.y + s.label * 0.8);
        let way = self.seg.way();
        let tried = way.within || way.fault.is_some();
        let mono = self.b.mono();
        let mut text = vec![format!("{offset:#x}")];
        text.extend(self.b.say(&["offset"], &["偏移"]));
        let within = Area::between(room.x - s.space, room.y, bar.x, room.bottom());
        let spot = Spot::end(bar.x - s.space * 0.6, y - s.label * 0.5);
        self.b.words(&text, mono, spot, within, Paint::Action);
        let stopped = (bar.x - s.edge, y);
        match (tried, passes) {
            (true, true) => self.b.way(&[(room.x, y), (bar.right() + s.space * 0.2, y)], Ring::Done),
            (true, false) => {
                self.b.way(&[(room.x, y), stopped], Ring::Fail);
                let half = s.arrow * 0.7;
                self.b.cross((bar.x + half * 1.8, y), half);
            }
            (false, _) => self.b.way(&[(room.x, y), (bar.x - s.edge, y)], Ring::Next),
        }
    }

    /// Base and offset, digit by digit, and what comes of them.
    fn sum(&mut self, room: Area) {
        let s = self.b.s;
        let is_small = self.b.form == Form::Phone;
        let way = *self.seg.way();
        let mode = self.seg.mode();
        let is_real = mode == Mode::Real && self.seg.cpu().has_segments();
        if !is_small {
            let title = match is_real {
                _ if matches!(way.doing, Doing::Load { .. }) => {
                    self.b.say(&["What is checked"], &["检查什么"])
                }
                true => self
                    .b
                    .say(&["Segment × 16 + offset", "× 16 + offset"], &["段值 × 16 + 偏移", "×16 + 偏移"]),
                false => self.b.say(&["Base + offset"], &["基址 + 偏移"]),
            };
            let face = self.b.title();
            self.b.words(&title, face, Spot::start(room.x, room.y + s.body), room, Paint::Ink);
        }
        let top = if is_small { room.y + s.label * 0.3 } else { room.y + s.body * 1.7 };
        let Doing::Access { reg, offset, .. } = way.doing else {
            return self.outcome(room, top);
        };
        let digits = match mode {
            Mode::Long => 12,
            Mode::Real if is_real => 6,
            _ => 8,
        };
        let base = match reg {
            Some(reg) => base_of(self.seg, reg),
            None => self.seg.bounds().map_or(0, |bounds| u64::from(bounds.base)),
        };
        let names = match is_real {
            true => self.b.lang.pick(["segment", "offset", "sum"], ["段值", "偏移", "和"]),
            false => self.b.lang.pick(["base", "offset", "linear"], ["基址", "偏移", "线性"]),
        };
        let mut names = names.map(str::to_owned);
        if reg.is_none() {
            names[2] = self.b.lang.pick("physical", "物理").to_owned();
        }
        // The sum as it was before it wrapped.
        let sum = match (is_real, way.linear) {
            (true, Some(_)) => Some(base + offset),
            (_, linear) => linear,
        };
        let plain = self.b.plain();
        names[1] = format!("+ {}", names[1]);
        let name_w = names.iter().map(|name| plain.width(name)).fold(0.0, f32::max) + s.space * 0.6;
        let cell = ((room.w - name_w) / digits as f32).min(s.label * if is_small { 1.3 } else { 1.8 });
        let row_h = s.label * if is_small { 1.3 } else { 2.0 };
        let x = room.right() - cell * digits as f32;
        let rows = [(Some(base), is_real), (Some(offset), false), (sum, false)];
        let mut y = top;
        for (at, (value, shifted)) in rows.into_iter().enumerate() {
            if at == 2 {
                let edge = s.line;
                self.b.things.line([room.x, y, room.right(), y], Paint::Axis, edge);
                y += s.space * 0.4;
            }
            let name = names[at].clone();
            let base_line = centred(y + row_h / 2.0, s.label);
            self.b.words(&[name], plain, Spot::start(room.x, base_line), room, Paint::Quiet);
            let area = Area { x, y, w: cell * digits as f32, h: row_h };
            let wraps = at == 2 && is_real && self.is_wrapped(sum);
            self.digits(area, value, digits, shifted, wraps);
            y += row_h + s.space * 0.15;
        }
        self.places
            .push((Place::Sum, Area::between(room.x - s.space * 0.4, top - s.space * 0.2, room.right(), y)));
        self.outcome(Area::between(room.x, room.y, room.right(), room.bottom()), y + s.space * 0.3);
    }

    /// The sum has a bit that does not get to memory, and that was found out.
    fn is_wrapped(&self, sum: Option<u64>) -> bool {
        let way = self.seg.way();
        match (sum, way.physical.or(way.linear)) {
            (Some(sum), Some(address)) => address < sum,
            _ => false,
        }
    }

    /// A number in boxes; of a segment the last digit is the 0 that shifting brings, of a sum a 21st bit is told apart.
    fn digits(&mut self, area: Area, value: Option<u64>, digits: usize, shifted: bool, wraps: bool) {
        let s = self.b.s;
        let text = value.map_or(String::new(), |value| format!("{value:x}"));
        let chars: Vec<char> = text.chars().rev().take(digits).collect();
        let w = area.w / digits as f32;
        let larger = if self.b.form == Form::Phone { 1.0 } else { 1.3 };
        let size = (s.label * larger).min(w / 0.7).max(s.label);
        let face = Face { mono: true, bold: true, size };
        for place in 0..digits {
            let x = area.right() - w * (place as f32 + 1.0);
            let digit = chars.get(place).copied();
            let cell = Area { x: x + w * 0.05, y: area.y, w: w * 0.9, h: area.h };
            let is_zero = shifted && place == 0;
            let paint = if is_zero { Paint::ChipHot } else { Paint::Chip };
            let (radius, edge) = (s.radius, s.edge);
            let item = self.b.things.rect(cell, radius, paint, edge);
            if digit.is_none() {
                item.pen.dash = Dash::Ghost;
            }
            let shown = digit.or((value.is_some() && !shifted).then_some('0'));
            let Some(shown) = shown else { continue };
            let ink = if digit.is_some() { Paint::Ink } else { Paint::Quiet };
            let spot = Spot::middle(cell.centre().0, centred(cell.centre().1, face.size));
            self.b.words(&[shown.to_string()], face, spot, area.grown(s.space), ink);
            if wraps && place == 5 {
                // The bit that no line carries.
                let half = cell.w.min(cell.h) * 0.4;
                self.b.cross(cell.centre(), half);
            }
        }
    }

    /// What came of it: a wrap, the walk through page tables, the physical address, or the fault.
    fn outcome(&mut self, room: Area, from: f32) {
        let s = self.b.s;
        let way = *self.seg.way();
        let (mono, strong) = (self.b.mono(), Face { mono: true, ..self.b.title() });
        let step = s.label * 1.5;
        let mut y = from + s.label;
        let mut line = |draw: &mut Self, words: &[String], face: Face, paint: Paint, place: Option<Place>| {
            if y + s.label * 0.3 > room.bottom() {
                return;
            }
            if let Some(area) = draw.b.words(words, face, Spot::start(room.x, y), room, paint) {
                draw.places.extend(place.map(|place| (place, area.grown(s.space * 0.3))));
                y += step.max(face.size * 1.4);
            }
        };
        if self.seg.paging()
            && let (Doing::Access { .. }, Some(linear)) = (way.doing, way.linear)
        {
            let linear = linear as u32;
            let (directory, place) = mm::segmentation::places(linear);
            let tables = self.seg.page_tables();
            let (upper, entry) = (tables.directory_entry(linear), tables.table_entry(linear));
            line(
                self,
                &[format!("PDE {directory}: {upper:#010x}")],
                mono,
                Paint::Ink,
                Some(Place::Directory),
            );
            line(self, &[format!("PTE {place}: {entry:#010x}")], mono, Paint::Ink, Some(Place::Entry));
        }
        if let Some(fault) = way.fault {
            let name = fault_word(fault);
            let words = [format!("✕ {name}")];
            line(self, &words, strong, Paint::Fail, None);
        } else if let Some(physical) = way.physical {
            let sum = match way.doing {
                Doing::Access { reg: Some(reg), offset, .. } if self.seg.mode() == Mode::Real => {
                    base_of(self.seg, reg) + offset
                }
                _ => way.linear.unwrap_or(physical),
            };
            if sum != physical && !self.seg.paging() {
                let words =
                    self.b.say(&["line 20 does not carry its 1", "bit 20 is lost"], &["第 20 位丢了"]);
                let plain = self.b.plain();
                line(self, &words, plain, Paint::Quiet, None);
            }
            let name = self.b.lang.pick("physical", "物理地址");
            let words = [format!("→ {name} {}", hex(physical)), format!("→ {}", hex(physical))];
            line(self, &words, strong, Paint::Ink, None);
        } else if self.seg.mode() == Mode::Long && way.linear.is_some() {
            let words = self.b.say(&["→ four levels of page tables", "→ page tables"], &["→ 交给四级页表"]);
            let plain = self.b.strong();
            line(self, &words, plain, Paint::Ink, None);
        } else if let Doing::Load { reg, selector } = way.doing
            && self.seg.mode() == Mode::Real
        {
            let words = format!("{:#06x} × 16 = {:#07x}", selector.0, u32::from(selector.0) << 4);
            line(self, &[words], strong, Paint::Ink, reg.map(Place::Register));
        }
        if let Doing::Load { selector, .. } = way.doing
            && self.seg.mode() != Mode::Real
        {
            let mut y = y;
            for (passed, words) in self.checks(selector) {
                let (sign, paint) = match passed {
                    Some(true) => ("✓", Paint::Ink),
                    Some(false) => ("✕", Paint::Fail),
                    None => ("·", Paint::Quiet),
                };
                if y + s.label * 0.3 > room.bottom() {
                    break;
                }
                let words: Vec<String> = words.into_iter().map(|words| format!("{sign} {words}")).collect();
                let face = Face { size: s.body, ..self.b.plain() };
                self.b.words(&words, face, Spot::start(room.x, y), room, paint);
                y += step.max(s.body * 1.35);
            }
        }
    }

    /// What is checked when a register is loaded, in order: passed, failed, or still to come.
    fn checks(&self, selector: Selector) -> Vec<(Option<bool>, Vec<String>)> {
        use mm::segmentation::Why;
        let way = self.seg.way();
        let code = |step: &SegmentStep| match step {
            SegmentStep::InTable { .. } => Some(0),
            SegmentStep::Typed { .. } => Some(1),
            SegmentStep::Privileged { .. } => Some(2),
            SegmentStep::Present { .. } => Some(3),
            _ => None,
        };
        let done =
            self.moment.trail.iter().filter_map(|step| step_of(Some(*step))).filter_map(|step| code(&step));
        let done = done.max();
        let failed = way.fault.map(|fault| match fault.why {
            Why::NullLoaded | Why::NoLdt | Why::BeyondTable { .. } | Why::Ring { .. } => 0,
            Why::Privilege { .. } => 2,
            Why::Absent => 3,
            _ => 1,
        });
        let fields = way.descriptor.map(Descriptor::decode);
        let (cpl, rpl) = (self.seg.cpl(), selector.rpl());
        let dpl = fields.map_or("?".to_owned(), |fields| fields.dpl.to_string());
        let present = fields.map_or("?".to_owned(), |fields| u8::from(fields.present).to_string());
        let kind = way.descriptor.map_or("?", kind_word);
        let words = [
            self.b.say(&["inside the table", "in the table"], &["在表内"]),
            self.b.lang.pick(
                vec![format!("kind: {kind}"), kind.to_owned()],
                vec![format!("类型：{kind}"), kind.to_owned()],
            ),
            self.b.lang.pick(
                vec![
                    format!("rings: CPL {cpl}, RPL {rpl}, DPL {dpl}"),
                    format!("CPL {cpl} RPL {rpl} DPL {dpl}"),
                ],
                vec![
                    format!("特权级：CPL {cpl}，RPL {rpl}，DPL {dpl}"),
                    format!("CPL {cpl} RPL {rpl} DPL {dpl}"),
                ],
            ),
            self.b.lang.pick(vec![format!("present: P {present}")], vec![format!("在内存：P {present}")]),
        ];
        let passed = |at: usize| match (failed, done) {
            (Some(failed), _) if failed == at => Some(false),
            (Some(failed), _) => (at < failed).then_some(true),
            (None, Some(done)) => (at <= done).then_some(true),
            (None, None) => None,
        };
        words.into_iter().enumerate().map(|(at, words)| (passed(at), words)).collect()
    }

    /// Rings around what was just done and what comes.
    fn rings(&mut self) {
        let failed = matches!(self.did, Some(SegmentStep::Fault(_)));
        let did = self.did.and_then(|step| place(self.seg, &step));
        let next = self.next.and_then(|step| place(self.seg, &step));
        let halo = self.b.s.halo * 0.3;
        let find = |places: &[(Place, Area)], wanted: Option<Place>| {
            places.iter().find(|(place, _)| Some(*place) == wanted).map(|(_, area)| *area)
        };
        let stage = self.b.all();
        let kept = |area: Area| {
            let grown = area.grown(halo);
            Area::between(
                grown.x.max(stage.x + 1.0),
                grown.y.max(stage.y + 1.0),
                grown.right().min(stage.right() - 1.0),
                grown.bottom().min(stage.bottom() - 1.0),
            )
        };
        if next != did
            && let Some(area) = find(&self.places, next)
        {
            self.b.ring(kept(area), Ring::Next, Id::Ringed(Ring::Next));
        }
        if let Some(area) = find(&self.places, did) {
            let ring = if failed { Ring::Fail } else { Ring::Done };
            let is_bounced = failed && did == Some(Place::Gate) && self.b.form != Form::Phone;
            if is_bounced {
                // The cross stands where the offset is stopped.
                let (halo, width, radius) = (self.b.s.halo, self.b.s.ring, self.b.s.radius * 1.5);
                self.b.rings.rect(kept(area), radius, Paint::Halo, halo);
                self.b.rings.rect(kept(area), radius, Paint::Ring(ring), width).id = Id::Ringed(ring);
            } else {
                self.b.ring(kept(area), ring, Id::Ringed(ring));
            }
        }
        let _ = self.moment;
    }
}
