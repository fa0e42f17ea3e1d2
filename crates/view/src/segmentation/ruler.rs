//! The rulers: linear addresses with the segments as bars on them, and physical memory below.

use mm::segmentation::{Cpu, Descriptor, Mode, SegReg, SegmentKind, Table};
use mm::units::Bytes;

use super::draw::Draw;
use super::{Place, base_of, entries, registers};
use crate::narrate::segmentation::{hex, reg_name};
use crate::scene::{Area, Paint, Spot, centred};

/// A segment on the ruler.
struct Bar {
    name: String,
    from: u64,
    /// One past its last byte.
    to: u64,
    paint: Paint,
    lane: usize,
}

/// The end of 20 address lines.
const END_OF_8086: u64 = 1 << 20;

/// Addresses of programs in long mode, and as many again.
const END_OF_LONG: u64 = 1 << 48;

/// More lanes are not drawn.
const MOST_LANES: usize = 4;

fn paint(descriptor: Descriptor) -> Paint {
    match descriptor.kind() {
        SegmentKind::Code { .. } => Paint::Reclaimable,
        SegmentKind::Data { .. } => Paint::Movable,
        SegmentKind::System(_) => Paint::Reserved,
    }
}

/// The segments of the tables; in real mode those of the registers; without segments the program.
fn bars(draw: &Draw<'_>) -> Vec<Bar> {
    let seg = draw.seg;
    let mut bars: Vec<Bar> = Vec::new();
    if !seg.cpu().has_segments() {
        let name = draw.b.lang.pick("program", "程序").to_owned();
        bars.extend(seg.bounds().map(|bounds| Bar {
            name,
            from: u64::from(bounds.base),
            to: u64::from(bounds.base) + u64::from(bounds.limit),
            paint: Paint::Movable,
            lane: 0,
        }));
    } else if seg.mode() == Mode::Real {
        for reg in registers(seg) {
            let (from, hidden) = (base_of(seg, reg), seg.register(reg).hidden);
            let paint = if reg == SegReg::Cs { Paint::Reclaimable } else { Paint::Movable };
            let to = from + u64::from(hidden.limit().min(0xf_ffff)) + 1;
            // Those of an 8086 go on at 0.
            let beyond = to.saturating_sub(END_OF_8086);
            if seg.cpu() == Cpu::I8086 && beyond > 0 {
                bars.push(Bar { name: reg_name(reg), from: 0, to: beyond, paint, lane: 0 });
            }
            let to = if seg.cpu() == Cpu::I8086 { to.min(END_OF_8086) } else { to };
            match bars.iter_mut().find(|bar| bar.from == from && bar.to == to) {
                Some(bar) => bar.name += &format!(" {}", reg_name(reg)),
                None => bars.push(Bar { name: reg_name(reg), from, to, paint, lane: 0 }),
            }
        }
    } else if seg.mode() == Mode::Long {
        // All of them reach to the end, from 0 or from a base of their own.
        for reg in registers(seg) {
            let from = base_of(seg, reg);
            match bars.iter_mut().find(|bar| bar.from == from) {
                Some(bar) => bar.name += &format!(" {}", reg_name(reg)),
                None if from >= END_OF_LONG => {}
                None => {
                    let bar =
                        Bar { name: reg_name(reg), from, to: END_OF_LONG, paint: Paint::Movable, lane: 0 };
                    bars.push(bar);
                }
            }
        }
    } else {
        for (table, index, descriptor) in entries(seg) {
            let is_segment = descriptor.decode().is_segment;
            let Some((low, high)) = descriptor.offsets().filter(|_| is_segment && descriptor.is_present())
            else {
                continue;
            };
            let name = format!("{} {index}", if table == Table::Gdt { "GDT" } else { "LDT" });
            let base = u64::from(descriptor.base());
            let (from, to) = (base + u64::from(low), (base + u64::from(high) + 1).min(1 << 32));
            bars.push(Bar { name, from, to, paint: paint(descriptor), lane: 0 });
        }
    }
    mm::sort::by_key(&mut bars, |bar| bar.from);
    let mut ends = [0u64; MOST_LANES];
    for bar in &mut bars {
        bar.lane = ends.iter().position(|end| *end <= bar.from).unwrap_or(MOST_LANES);
        if let Some(end) = ends.get_mut(bar.lane) {
            *end = bar.to;
        }
    }
    bars
}

/// The end of the ruler: what has to be on it, up to a power of two.
fn end(draw: &Draw<'_>, bars: &[Bar]) -> u64 {
    let seg = draw.seg;
    if seg.mode() == Mode::Long {
        return END_OF_LONG;
    }
    if seg.mode() == Mode::Real && seg.cpu().has_segments() {
        let far =
            bars.iter().any(|bar| bar.to > 0x10_fff0) || seg.way().linear.is_some_and(|at| at > 0x10_ffff);
        return match seg.cpu() {
            Cpu::I8086 => END_OF_8086,
            _ if far => 1 << 32,
            _ => 0x11_0000,
        };
    }
    let furthest = bars.iter().map(|bar| bar.to).chain(seg.way().linear.map(|at| at + 1)).max();
    furthest.unwrap_or(1).next_power_of_two().clamp(1 << 9, 1 << 32)
}

/// The longest stretch below the end that no segment has.
fn largest_hole(bars: &[Bar], end: u64) -> Option<(u64, u64)> {
    let mut at = 0;
    let mut holes = Vec::new();
    for bar in bars {
        if bar.from > at {
            holes.push((at, bar.from));
        }
        at = at.max(bar.to);
    }
    if at < end {
        holes.push((at, end));
    }
    holes.into_iter().max_by_key(|(from, to)| to - from)
}

/// Linear addresses, or those of memory itself where there is no paging.
pub(super) fn linear(draw: &mut Draw<'_>, room: Area) {
    let s = draw.b.s;
    let bars = bars(draw);
    let end = end(draw, &bars);
    let is_flat = bars.len() > 1 && bars.iter().all(|bar| (bar.from, bar.to) == (bars[0].from, bars[0].to));
    let title = match draw.seg.mode() {
        _ if !draw.seg.cpu().has_segments() => draw.b.say(&["Memory"], &["内存"]),
        Mode::Real => draw.b.say(
            &["Memory: each register is a window of 64 KiB", "Memory"],
            &["内存：每个段寄存器是 64 KiB 的窗口", "内存"],
        ),
        Mode::Long => draw.b.say(
            &["Linear addresses: segments do not count, but FS and GS", "Linear addresses"],
            &["线性地址：段不算数，FS 和 GS 除外", "线性地址"],
        ),
        Mode::Protected if is_flat => draw.b.say(
            &["Linear addresses: all segments coincide, flat", "Linear addresses: flat"],
            &["线性地址：所有的段都重合，即平坦", "线性地址：平坦"],
        ),
        Mode::Protected => draw.b.say(&["Linear addresses"], &["线性地址"]),
    };
    let strong = draw.b.strong();
    draw.b.words(&title, strong, Spot::start(room.x, room.y + s.label * 0.9), room, Paint::Ink);
    let axis_y = room.bottom() - s.label * 1.35;
    let lanes = bars.iter().map(|bar| bar.lane + 1).max().unwrap_or(1).min(MOST_LANES);
    let top = room.y + s.label * 1.35;
    let track = Area::between(room.x, top, room.right(), axis_y);
    let at = |address: u64| track.x + (address.min(end) as f64 / end as f64) as f32 * track.w;
    let (radius, edge, line) = (s.radius, s.edge, s.line);
    draw.b.back.rect(track, radius, Paint::Slot, edge);
    let lane_h = track.h / lanes as f32;
    let mono = draw.b.mono();
    if let Some(address) = address_in_play(draw) {
        let x = at(address);
        draw.b.labels.keep_off(Area { x: x - s.halo / 2.0, y: track.y, w: s.halo, h: track.h });
    }
    let mut hidden = 0;
    for bar in &bars {
        if bar.lane >= MOST_LANES {
            hidden += 1;
            continue;
        }
        let (x0, x1) = (at(bar.from), at(bar.to));
        let x0 = x0.min(track.right() - line * 3.0);
        let x1 = x1.max(x0 + line * 3.0).min(track.right());
        let y = track.y + lane_h * bar.lane as f32;
        let area = Area::between(x0, y + edge, x1, y + lane_h - edge);
        draw.b.things.rect(area, radius, bar.paint, edge);
        let spot = Spot::middle(area.centre().0, centred(area.centre().1, s.label));
        let short = bar.name.rsplit(' ').next().unwrap_or_default().to_owned();
        let spots = [
            spot,
            Spot::start(area.x + s.space * 0.5, spot.y),
            Spot::end(area.right() - s.space * 0.5, spot.y),
        ];
        let text = draw.b.labels.first_fit(&[bar.name.clone(), short], mono, &spots, area, true, Paint::Ink);
        if let Some(text) = text {
            let pad = s.label * 0.15;
            let paper = Area { x: text.x - pad, w: text.w + pad * 2.0, ..area };
            let h = (s.label * 1.1).min(area.h);
            let paper = Area { y: area.centre().1 - h / 2.0, h, ..paper };
            draw.b.things.rect(paper, radius, Paint::Paper, 0.0);
        }
    }
    draw.places.push((Place::Linear, track));
    marker(draw, track, at, room);
    let labels = ("0".to_owned(), format!("{:#x}", end - 1));
    let y = axis_y + s.label * 1.1;
    let quiet = draw.b.mono();
    draw.b.words(&[labels.0], quiet, Spot::start(room.x, y), room, Paint::Quiet);
    draw.b.words(&[labels.1], quiet, Spot::end(room.right(), y), room, Paint::Quiet);
    let has_holes = draw.seg.mode() == Mode::Protected && !is_flat && bars.len() > 1;
    let plain = draw.b.plain();
    let middle = Spot::middle(room.centre().0, y);
    if hidden > 0 {
        let words = draw.b.lang.pick(format!("{hidden} more overlap"), format!("还有 {hidden} 个重叠"));
        draw.b.words(&[words], plain, middle, room, Paint::Quiet);
    } else if has_holes && let Some((from, to)) = largest_hole(&bars, end) {
        let size = Bytes(to - from);
        let all: u64 = end - bars.iter().map(|bar| bar.to - bar.from).sum::<u64>().min(end);
        let words = draw.b.lang.pick(
            format!("largest hole {size}, all holes {}", Bytes(all)),
            format!("最大的空洞 {size}，空洞共 {}", Bytes(all)),
        );
        draw.b.words(&[words], plain, middle, room, Paint::Quiet);
    }
}

/// The address in play: linear where pages follow, else that of memory.
fn address_in_play(draw: &Draw<'_>) -> Option<u64> {
    let way = draw.seg.way();
    let address = match draw.seg.paging() {
        true => way.linear,
        false => way.physical.or(way.linear),
    };
    address.filter(|_| way.within)
}

/// Where the address in play lies.
fn marker(draw: &mut Draw<'_>, track: Area, at: impl Fn(u64) -> f32, room: Area) {
    let s = draw.b.s;
    let Some(address) = address_in_play(draw) else { return };
    let x = at(address).clamp(track.x + s.line, track.right() - s.line);
    let (halo, line) = (s.halo, s.ring);
    draw.b.rings.line([x, track.y - s.label * 0.2, x, track.bottom()], Paint::Halo, halo);
    draw.b.rings.line([x, track.y - s.label * 0.2, x, track.bottom()], Paint::Go, line);
    let face = crate::scene::Face { mono: true, bold: true, ..draw.b.plain() };
    let words = vec![hex(address)];
    let y = track.y - s.label * 0.35;
    let spots = [
        Spot::middle(x, y),
        Spot::start(x, y),
        Spot::end(x, y),
        Spot::start(x + s.space * 0.4, track.bottom() + s.label * 1.1),
        Spot::end(x - s.space * 0.4, track.bottom() + s.label * 1.1),
    ];
    draw.b.labels.first_fit(&words, face, &spots, room, false, Paint::Action);
}

/// Frames that pages are mapped to, by their address.
pub(super) fn physical(draw: &mut Draw<'_>, room: Area) {
    /// More pages are drawn as one.
    const MOST_PAGES: usize = 64;
    let s = draw.b.s;
    let title = draw.b.say(
        &["Physical memory: frames of mapped pages", "Physical memory"],
        &["物理内存：映射到的页框", "物理内存"],
    );
    let strong = draw.b.strong();
    draw.b.words(&title, strong, Spot::start(room.x, room.y + s.label * 0.9), room, Paint::Ink);
    let frames: Vec<u64> = draw
        .seg
        .page_tables()
        .pages()
        .filter(|(_, entry)| entry & 1 == 1)
        .map(|(_, entry)| u64::from(entry & !0xfff))
        .take(MOST_PAGES)
        .collect();
    let furthest = frames.iter().copied().chain(draw.seg.way().physical).max().unwrap_or(0);
    let end = (furthest + 0x1000).next_power_of_two().clamp(1 << 20, 1 << 32);
    let top = room.y + s.label * 1.35;
    let track = Area::between(room.x, top, room.right(), room.bottom() - s.label * 1.35);
    let at = |address: u64| track.x + (address.min(end) as f64 / end as f64) as f32 * track.w;
    let (radius, edge, line) = (s.radius, s.edge, s.line);
    draw.b.back.rect(track, radius, Paint::Slot, edge);
    let least = s.label * 0.5;
    for frame in frames {
        let x0 = at(frame).min(track.right() - least);
        let x1 = at(frame + 0x1000).max(x0 + least).min(track.right());
        let area = Area::between(x0, track.y + edge, x1, track.bottom() - edge);
        draw.b.things.rect(area, radius, Paint::Anon, edge);
    }
    draw.places.push((Place::Physical, track));
    if let Some(address) = draw.seg.way().physical {
        let x = at(address).clamp(track.x + line, track.right() - line);
        let (halo, ring) = (s.halo, s.ring);
        draw.b.rings.line([x, track.y - s.label * 0.2, x, track.bottom()], Paint::Halo, halo);
        draw.b.rings.line([x, track.y - s.label * 0.2, x, track.bottom()], Paint::Go, ring);
        let face = crate::scene::Face { mono: true, bold: true, ..draw.b.plain() };
        let y = track.y - s.label * 0.35;
        let below = track.bottom() + s.label * 1.1;
        let spots = [Spot::middle(x, y), Spot::start(x, y), Spot::end(x, y), Spot::middle(x, below)];
        draw.b.labels.first_fit(&[hex(address)], face, &spots, room, false, Paint::Action);
    }
    let mono = draw.b.mono();
    let y = track.bottom() + s.label * 1.1;
    draw.b.words(&["0".to_owned()], mono, Spot::start(room.x, y), room, Paint::Quiet);
    draw.b.words(&[format!("{:#x}", end - 1)], mono, Spot::end(room.right(), y), room, Paint::Quiet);
}
