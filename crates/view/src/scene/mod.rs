//! A picture as a list of things to draw: plain data that becomes SVG in the page, SVG in a file, or text in a test.
//!
//! A thing says *where* it is and *what it means* ([`Paint`], a token); the style sheet says what that looks like.
//! Widths and dashes of lines are places, so they are here; colours never are.
//!
//! Every thing that stands for some memory says so ([`Id`]), so that a test can ask whether a frame is on the stage
//! and what ring it has, and a pointer can find what it points at ([`Hit`]).

mod asked;
mod labels;
mod layer;
mod paint;
mod path;

use std::fmt::{self, Write as _};

use mm::mmzone::{Mark, ZoneId};
use mm::page::{Block, MigrateType};
use mm::step::WatermarkVerdict;
use mm::{CpuId, Order, Pfn, PfnRange};

pub use self::asked::Sign;
pub(crate) use self::asked::{Marked, Pens, draw as draw_marks};
pub(crate) use self::labels::{Labels, Spot, centred};
pub(crate) use self::layer::Layer;
pub use self::paint::{PATTERNS, Paint, Pattern, Ring, TileMark};
pub(crate) use self::path::PathData;
pub use self::path::{arrow_head, num, route};
use crate::number::between;

/// Who looks at the screen, from how far away: decides sizes.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Form {
    /// A hand's breadth away, 390 points wide.
    Phone,
    /// The usual one.
    #[default]
    Laptop,
    /// Read from the last row.
    Projector,
}

impl Form {
    /// All of them.
    pub const ALL: [Form; 3] = [Form::Phone, Form::Laptop, Form::Projector];

    /// How large the tiles of patterns are.
    #[must_use]
    pub fn tile(self) -> f32 {
        match self {
            Form::Projector => 1.0,
            Form::Laptop | Form::Phone => 0.6,
        }
    }

    /// The word in a class name.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Form::Phone => "phone",
            Form::Laptop => "laptop",
            Form::Projector => "projector",
        }
    }
}

/// The room on the stage that a picture is drawn for.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Room {
    /// Its width in CSS pixels.
    pub width: f32,
    /// Its height.
    pub height: f32,
    /// How much larger than designed everything is.
    pub scale: f32,
    /// Who looks.
    pub form: Form,
}

/// What a thing stands for.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Id {
    /// Nothing in particular.
    #[default]
    None,
    /// A free block on its shelf.
    Free(Block),
    /// The block in the allocator's hand.
    Hand(Block),
    /// Where a block was before, or what it was part of.
    Ghost(Block),
    /// A block in use, or the place where it will be, on the strip of frames.
    Ground(Block),
    /// The type of the pageblocks that a block touches.
    Band(Block),
    /// A block's place on its list.
    Chip(Block),
    /// A ring around a block, wherever it is drawn.
    Ring(Ring, Block),
    /// A ring around something that is no block: a list, an order, a zone.
    Ringed(Ring),
    /// A block that the step speaks of, but that lies beyond what is shown.
    Off(Block),
    /// The selected block.
    Selected(Block),
    /// What was answered, and is not so.
    Yours(Block),
    /// An answer of a question, by its number.
    Candidate(u8),
    /// A free list.
    List(Order, MigrateType),
    /// An order that cannot serve the request.
    Crossed(Order),
    /// The free blocks of an order that are too narrow to be drawn one by one.
    Density(Order),
    /// The rule that always holds.
    Invariant,
    /// A zone's tank.
    Tank(ZoneId),
    /// A mark of a zone.
    Mark(ZoneId, Mark),
    /// Pages that a zone keeps from a request.
    Locked(ZoneId),
    /// What the marks of a zone are raised by.
    Boost(ZoneId),
    /// What was found when a zone was measured.
    Verdict(ZoneId, WatermarkVerdict),
    /// A CPU's column.
    Cpu(CpuId),
    /// A list of a CPU, by its index.
    CpuList(CpuId, u8),
    /// The column of an order in a zone.
    Column(ZoneId, Order),
    /// How much of a zone's free memory an order cannot use.
    Unusable(ZoneId, Order),
    /// Why a request of an order fails in a zone.
    ExtFrag(ZoneId, Order),
    /// A size of kmalloc.
    SizeClass(u32),
    /// A kernel object, or the first of several that look the same.
    Object {
        /// The first frame of its slab.
        slab: Pfn,
        /// Its number in the slab.
        index: u16,
    },
}

impl Id {
    /// The block, and whether the thing is that memory itself and not something about it.
    #[must_use]
    pub fn block(self) -> Option<Block> {
        match self {
            Id::Free(b) | Id::Hand(b) | Id::Ghost(b) | Id::Ground(b) | Id::Band(b) => Some(b),
            Id::Chip(b) | Id::Ring(_, b) | Id::Off(b) | Id::Selected(b) | Id::Yours(b) => Some(b),
            _ => None,
        }
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let of =
            |f: &mut fmt::Formatter<'_>, word: &str, b: &Block| write!(f, "{word} {}/{}", b.pfn, b.order);
        match self {
            Id::None => Ok(()),
            Id::Free(b) => of(f, "free", b),
            Id::Hand(b) => of(f, "hand", b),
            Id::Ghost(b) => of(f, "ghost", b),
            Id::Ground(b) => of(f, "ground", b),
            Id::Band(b) => of(f, "band", b),
            Id::Chip(b) => of(f, "chip", b),
            Id::Ring(ring, b) => of(f, ring.word(), b),
            Id::Ringed(ring) => f.write_str(ring.word()),
            Id::Off(b) => of(f, "off", b),
            Id::Selected(b) => of(f, "selected", b),
            Id::Yours(b) => of(f, "yours", b),
            Id::Candidate(number) => write!(f, "candidate {number}"),
            Id::List(order, migratetype) => write!(f, "list {order} {}", migratetype.name()),
            Id::Crossed(order) => write!(f, "crossed {order}"),
            Id::Density(order) => write!(f, "density {order}"),
            Id::Invariant => f.write_str("invariant"),
            Id::Tank(zone) => write!(f, "tank {}", zone.0),
            Id::Mark(zone, mark) => write!(f, "{} {}", mark.name(), zone.0),
            Id::Locked(zone) => write!(f, "locked {}", zone.0),
            Id::Boost(zone) => write!(f, "boost {}", zone.0),
            Id::Verdict(zone, WatermarkVerdict::Ok) => write!(f, "passed {}", zone.0),
            Id::Verdict(zone, _) => write!(f, "refused {}", zone.0),
            Id::Cpu(cpu) => write!(f, "cpu {}", cpu.0),
            Id::CpuList(cpu, index) => write!(f, "cpu {} list {index}", cpu.0),
            Id::Column(zone, order) => write!(f, "column {} {order}", zone.0),
            Id::Unusable(zone, order) => write!(f, "unusable {} {order}", zone.0),
            Id::SizeClass(size) => write!(f, "size {size}"),
            Id::Object { slab, index } => write!(f, "object {slab}/{index}"),
            Id::ExtFrag(zone, order) => write!(f, "extfrag {} {order}", zone.0),
        }
    }
}

/// What a pointer hits.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Hit {
    /// The block with this head.
    Block(Pfn),
    /// A free list.
    List {
        /// Of which zone.
        zone: ZoneId,
        /// Its order.
        order: Order,
        /// Its type.
        migratetype: MigrateType,
    },
    /// A place on the bar that shows all of the zone: look there.
    Look(Pfn),
    /// A zone: show it.
    Zone(ZoneId),
    /// An order: ask for it.
    Order(Order),
    /// An answer of the question, by its number.
    Answer(u8),
    /// The buddy system: show its own picture.
    Buddy,
    /// How deep the steps of a staircase are, by its number.
    Scale(u8),
}

/// How a thing came to where it is. Drawn state never depends on it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Motion {
    /// It was there.
    #[default]
    Still,
    /// It came down from the shelf above.
    Drop,
    /// It came up from the shelf below.
    Rise,
    /// It appeared.
    Appear,
}

impl Motion {
    /// The class of its entrance.
    #[must_use]
    pub fn class(self) -> Option<&'static str> {
        match self {
            Motion::Still => None,
            Motion::Drop => Some("sc-drop"),
            Motion::Rise => Some("sc-rise"),
            Motion::Appear => Some("sc-appear"),
        }
    }
}

/// How a line is broken up.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Dash {
    /// It is not.
    #[default]
    Solid,
    /// Dashes: what comes next.
    Next,
    /// Dots: what is looked at.
    Look,
    /// Sparse dots: what was.
    Ghost,
}

/// The outline of a shape: its width and its dashes. A width of 0 is no outline.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct Pen {
    /// In units of the scene.
    pub width: f32,
    /// The dashes.
    pub dash: Dash,
}

impl Pen {
    /// No outline.
    pub const NONE: Pen = Pen { width: 0.0, dash: Dash::Solid };

    /// An unbroken line.
    #[must_use]
    pub fn solid(width: f32) -> Pen {
        Pen { width, dash: Dash::Solid }
    }

    /// `stroke-dasharray`.
    #[must_use]
    pub fn dasharray(self) -> Option<String> {
        let w = self.width;
        match self.dash {
            Dash::Solid => None,
            Dash::Next => Some(format!("{} {}", num(w * 2.3), num(w * 1.6))),
            Dash::Look => Some(format!("0.1 {}", num(w * 1.9))),
            Dash::Ghost => Some(format!("0.1 {}", num(w * 2.6))),
        }
    }

    /// Whether its ends are round: what makes a dot of a dash without length.
    #[must_use]
    pub fn is_round(self) -> bool {
        matches!(self.dash, Dash::Look | Dash::Ghost)
    }
}

/// Where a text's `x` is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
#[allow(missing_docs, reason = "as in SVG")]
pub enum Anchor {
    #[default]
    Start,
    Middle,
    End,
}

/// The looks of a text that its width depends on.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Face {
    /// Font size.
    pub size: f32,
    /// Monospaced: addresses, names, code.
    pub mono: bool,
    /// Bold or semi-bold.
    pub bold: bool,
}

impl Face {
    /// About how wide `text` is. Fonts differ, so it is rather too much than too little.
    #[must_use]
    pub fn width(self, text: &str) -> f32 {
        let em: f32 = text.chars().map(|c| if self.mono { mono_em(c) } else { sans_em(c) }).sum();
        em * self.size * if self.bold && !self.mono { 1.06 } else { 1.0 }
    }
}

fn mono_em(c: char) -> f32 {
    if is_wide(c) { 1.0 } else { 0.602 }
}

fn is_wide(c: char) -> bool {
    c >= '\u{2e80}'
}

/// Widths in Inter, a little rounded up.
fn sans_em(c: char) -> f32 {
    match c {
        'i' | 'j' | 'l' | '.' | ',' | ':' | ';' | '\'' | '|' | '!' | ' ' | '·' => 0.29,
        'f' | 'r' | 't' | '(' | ')' | '[' | ']' | 'I' | '›' => 0.4,
        'm' | 'w' | 'M' | 'W' | '⊕' | '✓' | '✕' | '→' | '↑' | '…' => 0.92,
        '0'..='9' | '+' | '=' | '–' | '-' | '_' => 0.65,
        'a'..='z' => 0.6,
        c if is_wide(c) => 1.0,
        _ => 0.7,
    }
}

/// An upright box; the size of a text, a place that is taken.
#[derive(Clone, Copy, PartialEq, Debug)]
#[allow(missing_docs, reason = "geometry")]
pub struct Area {
    pub x: f32,
    pub y: f32,
    pub w: f32,
    pub h: f32,
}

impl Area {
    /// A box by two corners.
    #[must_use]
    pub fn between(x0: f32, y0: f32, x1: f32, y1: f32) -> Area {
        Area { x: x0.min(x1), y: y0.min(y1), w: (x1 - x0).abs(), h: (y1 - y0).abs() }
    }

    /// The right edge.
    #[must_use]
    pub fn right(self) -> f32 {
        self.x + self.w
    }

    /// The lower edge.
    #[must_use]
    pub fn bottom(self) -> f32 {
        self.y + self.h
    }

    /// The middle.
    #[must_use]
    pub fn centre(self) -> (f32, f32) {
        (self.x + self.w / 2.0, self.y + self.h / 2.0)
    }

    /// Larger on every side.
    #[must_use]
    pub fn grown(self, by: f32) -> Area {
        Area { x: self.x - by, y: self.y - by, w: self.w + 2.0 * by, h: self.h + 2.0 * by }
    }

    /// Whether both cover some place.
    #[must_use]
    pub fn meets(self, other: Area) -> bool {
        self.x < other.right() && other.x < self.right() && self.y < other.bottom() && other.y < self.bottom()
    }

    /// Whether `other` lies inside.
    #[must_use]
    pub fn holds(self, other: Area) -> bool {
        self.x <= other.x
            && self.y <= other.y
            && other.right() <= self.right()
            && other.bottom() <= self.bottom()
    }
}

/// Words at a place.
#[derive(Clone, PartialEq, Debug)]
pub struct Text {
    /// Where: see `anchor`.
    pub x: f32,
    /// The baseline.
    pub y: f32,
    /// Where `x` is.
    pub anchor: Anchor,
    /// Size and weight.
    pub face: Face,
    /// The words.
    pub text: String,
}

impl Text {
    /// The box it takes, from the top of its capitals' room to the bottom of its descenders.
    #[must_use]
    pub fn area(&self) -> Area {
        let w = self.face.width(&self.text);
        let x = match self.anchor {
            Anchor::Start => self.x,
            Anchor::Middle => self.x - w / 2.0,
            Anchor::End => self.x - w,
        };
        Area { x, y: self.y - 0.8 * self.face.size, w, h: self.face.size }
    }
}

/// The shapes.
#[derive(Clone, PartialEq, Debug)]
#[allow(missing_docs, reason = "geometry")]
pub enum Shape {
    Rect { area: Area, radius: f32 },
    Line { x1: f32, y1: f32, x2: f32, y2: f32 },
    Path(String),
    Text(Text),
}

/// One thing of a picture.
#[derive(Clone, PartialEq, Debug)]
pub struct Item {
    /// Its shape and place.
    pub shape: Shape,
    /// What it means.
    pub paint: Paint,
    /// Its outline.
    pub pen: Pen,
    /// What it stands for.
    pub id: Id,
    /// What a pointer hits on it.
    pub hit: Option<Hit>,
    /// How it came here.
    pub motion: Motion,
}

impl Item {
    /// A thing that stands for nothing.
    #[must_use]
    pub fn new(shape: Shape, paint: Paint) -> Item {
        Item { shape, paint, pen: Pen::NONE, id: Id::None, hit: None, motion: Motion::Still }
    }

    /// With an outline.
    #[must_use]
    pub fn pen(self, width: f32) -> Item {
        Item { pen: Pen::solid(width), ..self }
    }

    /// With a broken outline.
    #[must_use]
    pub fn dashed(self, width: f32, dash: Dash) -> Item {
        Item { pen: Pen { width, dash }, ..self }
    }

    /// Standing for something.
    #[must_use]
    pub fn id(self, id: Id) -> Item {
        Item { id, ..self }
    }

    /// To be hit by a pointer.
    #[must_use]
    pub fn hit(self, hit: Hit) -> Item {
        Item { hit: Some(hit), ..self }
    }

    /// Having come here.
    #[must_use]
    pub fn motion(self, motion: Motion) -> Item {
        Item { motion, ..self }
    }
}

/// Frames along the horizontal axis: where a pointer is, in memory.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct FrameAxis {
    /// Where the first frame begins.
    pub x0: f32,
    /// Where the last one ends.
    pub x1: f32,
    /// The frames.
    pub window: PfnRange,
}

impl FrameAxis {
    /// The frame at a place; at the ends for a place beyond them.
    #[must_use]
    pub fn frame_at(self, x: f32) -> Pfn {
        let share = between((x - self.x0) / (self.x1 - self.x0).max(1.0), 0.0, 1.0);
        let at = (f64::from(share) * f64::from(self.window.len())) as u32;
        self.window.start.plus(at.min(self.window.len().saturating_sub(1)))
    }
}

/// A picture.
#[derive(Clone, PartialEq, Debug)]
pub struct Scene {
    /// Its width in its own units; the page scales it to the stage.
    pub width: f32,
    /// Its height.
    pub height: f32,
    /// For whom.
    pub form: Form,
    /// Which moment it shows: things that came to their place with this step have a new key.
    pub moment: u64,
    /// What lies along its horizontal axis.
    pub axis: Option<FrameAxis>,
    /// From back to front.
    pub items: Vec<Item>,
}

impl Scene {
    /// The texts with what they mean.
    pub fn texts(&self) -> impl Iterator<Item = (&Text, &Item)> {
        self.items.iter().filter_map(|item| match &item.shape {
            Shape::Text(text) => Some((text, item)),
            _ => None,
        })
    }

    /// Whether any of the frame's memory is drawn, as a block or as a ghost.
    #[must_use]
    pub fn shows(&self, pfn: Pfn) -> bool {
        self.items.iter().filter_map(|item| item.id.block()).any(|b| b.pfn <= pfn && pfn <= b.last())
    }

    /// The rings of a block, wherever they are.
    pub fn rings(&self, of: Block) -> impl Iterator<Item = Ring> {
        self.items.iter().filter_map(move |item| match item.id {
            Id::Ring(ring, block) if block == of => Some(ring),
            _ => None,
        })
    }

    /// Whether something stands for `id`.
    #[must_use]
    pub fn has(&self, id: Id) -> bool {
        self.items.iter().any(|item| item.id == id)
    }

    /// The picture as an SVG file without colours: classes, to be styled by whoever shows it.
    #[must_use]
    pub fn to_svg_string(&self) -> String {
        let mut out = String::new();
        let (w, h) = (num(self.width), num(self.height));
        // Writing to a String does not fail.
        let _ = write!(
            out,
            r#"<svg xmlns="http://www.w3.org/2000/svg" class="sc sc-{}" width="{w}" height="{h}" viewBox="0 0 {w} {h}"><defs>"#,
            self.form.word()
        );
        for pattern in PATTERNS {
            let Pattern { name, size, turned, ground, marks, strokes } = pattern;
            let size = num(size);
            let turn = pattern_transform(turned, self.form);
            let _ = write!(
                out,
                r#"<pattern id="{name}" width="{size}" height="{size}" patternUnits="userSpaceOnUse" patternTransform="{turn}"><rect width="{size}" height="{size}" class="{ground}"/>"#
            );
            for stroke in strokes {
                let _ = match stroke {
                    TileMark::Line { x1, y1, x2, y2 } => {
                        let [x1, y1, x2, y2] = [*x1, *y1, *x2, *y2].map(num);
                        write!(out, r#"<line x1="{x1}" y1="{y1}" x2="{x2}" y2="{y2}" class="{marks}"/>"#)
                    }
                    TileMark::Dot { x, y, r } => {
                        let [x, y, r] = [*x, *y, *r].map(num);
                        write!(out, r#"<circle cx="{x}" cy="{y}" r="{r}" class="{marks}"/>"#)
                    }
                };
            }
            out.push_str("</pattern>");
        }
        out.push_str("</defs>");
        for item in &self.items {
            let element = item.element();
            let _ = write!(out, "\n<{}", element.name);
            for (name, value) in &element.attributes {
                let _ = write!(out, r#" {name}="{}""#, escape(value));
            }
            match element.text {
                Some(text) => {
                    let _ = write!(out, ">{}</{}>", escape(text), element.name);
                }
                None => out.push_str("/>"),
            }
        }
        out.push_str("\n</svg>\n");
        out
    }
}

/// `patternTransform` of a tile.
#[must_use]
pub fn pattern_transform(turned: bool, form: Form) -> String {
    let scale = num(form.tile());
    if turned { format!("rotate(45) scale({scale})") } else { format!("scale({scale})") }
}

/// A thing as an SVG element.
#[derive(Clone, PartialEq, Debug)]
pub struct Element<'a> {
    /// `rect`, `line`, `path` or `text`.
    pub name: &'static str,
    /// Its attributes, the class first.
    pub attributes: Vec<(&'static str, String)>,
    /// The words in it.
    pub text: Option<&'a str>,
}

impl Item {
    /// The SVG element that draws it.
    #[must_use]
    pub fn element(&self) -> Element<'_> {
        let mut class = self.paint.class().to_owned();
        let mut attributes = vec![("class", String::new())];
        let mut words = None;
        let name = match &self.shape {
            Shape::Rect { area: Area { x, y, w, h }, radius } => {
                attributes.extend([("x", num(*x)), ("y", num(*y)), ("width", num(*w)), ("height", num(*h))]);
                if *radius > 0.0 {
                    attributes.push(("rx", num(*radius)));
                }
                "rect"
            }
            Shape::Line { x1, y1, x2, y2 } => {
                attributes.extend([("x1", num(*x1)), ("y1", num(*y1)), ("x2", num(*x2)), ("y2", num(*y2))]);
                "line"
            }
            Shape::Path(d) => {
                attributes.push(("d", d.clone()));
                "path"
            }
            Shape::Text(Text { x, y, anchor, face, text }) => {
                attributes.extend([("x", num(*x)), ("y", num(*y)), ("font-size", num(face.size))]);
                match anchor {
                    Anchor::Start => {}
                    Anchor::Middle => attributes.push(("text-anchor", "middle".to_owned())),
                    Anchor::End => attributes.push(("text-anchor", "end".to_owned())),
                }
                class.push_str(if face.mono { " sc-mono" } else { " sc-sans" });
                if face.bold {
                    class.push_str(" sc-bold");
                }
                words = Some(text.as_str());
                "text"
            }
        };
        if let Some(pattern) = self.paint.pattern() {
            attributes.push(("fill", format!("url(#{pattern})")));
        }
        if self.pen.width > 0.0 {
            attributes.push(("stroke-width", num(self.pen.width)));
        }
        if let Some(dashes) = self.pen.dasharray() {
            attributes.push(("stroke-dasharray", dashes));
        }
        if self.pen.is_round() {
            attributes.push(("stroke-linecap", "round".to_owned()));
        }
        attributes[0].1 = class;
        Element { name, attributes, text: words }
    }
}

/// The drawing as a list of operations.
impl fmt::Display for Scene {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}×{} {}", num(self.width), num(self.height), self.form.word())?;
        for item in &self.items {
            let class = item.paint.class().trim_start_matches("sc-").replace(" sc-", " ");
            write!(f, "{class:<11}")?;
            match &item.shape {
                Shape::Rect { area: Area { x, y, w, h }, .. } => {
                    write!(f, " {},{} {}×{}", num(*x), num(*y), num(*w), num(*h))?;
                }
                Shape::Line { x1, y1, x2, y2 } => {
                    write!(f, " {},{} to {},{}", num(*x1), num(*y1), num(*x2), num(*y2))?;
                }
                Shape::Path(d) if d.len() <= 90 => write!(f, " {d}")?,
                Shape::Path(d) => {
                    let from = d.split([' ', 'v', 'h', 'H', 'V', 'L']).next().unwrap_or_default();
                    write!(f, " {from} … {} parts", d.matches('M').count())?;
                }
                Shape::Text(text) => {
                    let at = match text.anchor {
                        Anchor::Start => "",
                        Anchor::Middle => "^",
                        Anchor::End => "<",
                    };
                    let size = num(text.face.size);
                    write!(f, " {at}{},{} {size}px \"{}\"", num(text.x), num(text.y), text.text)?;
                }
            }
            if item.id != Id::None {
                write!(f, " [{}]", item.id)?;
            }
            writeln!(f)?;
        }
        Ok(())
    }
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_short() {
        let shown = [0.0, 1.0, 1.04, 1.25, -0.3, -2.5, 1234.96].map(num);
        assert_eq!(shown, ["0", "1", "1", "1.3", "-0.3", "-2.5", "1235"]);
    }

    #[test]
    fn a_route_rounds_its_corners() {
        assert_eq!(route(&[(0.0, 0.0), (0.0, 20.0), (30.0, 20.0)], 7.0), "M0 0L0 13Q0 20 7 20L30 20");
    }

    #[test]
    fn svg_carries_classes_and_never_a_style() {
        let shape = Shape::Rect { area: Area { x: 1.0, y: 2.0, w: 3.0, h: 4.0 }, radius: 0.0 };
        let mut scene =
            Scene { width: 10.0, height: 8.0, form: Form::Laptop, moment: 0, axis: None, items: Vec::new() };
        scene.items.push(Item::new(shape, Paint::Unmovable).pen(1.5));
        let face = Face { size: 12.0, mono: true, bold: false };
        let text = Text { x: 5.0, y: 6.0, anchor: Anchor::Middle, face, text: "a<b".to_owned() };
        scene.items.push(Item::new(Shape::Text(text), Paint::Quiet));
        let svg = scene.to_svg_string();
        assert!(svg.contains(r#"<rect class="sc-unmovable" x="1" y="2" width="3" height="4" fill="url(#sc-p-dots)" stroke-width="1.5"/>"#), "{svg}");
        assert!(svg.contains(r#">a&lt;b</text>"#));
        assert!(!svg.contains("style"));
    }
}
