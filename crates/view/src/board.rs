//! What the pictures of lists and tanks are drawn on: layers from back to front, words that keep off each other, rings,
//! ways, a legend and the rule that always holds.

use mm::page::Block;
use scenario::Lang;

use crate::Moment;
use crate::scene::{
    Area, Dash, Face, Form, Hit, Id, Labels, Layer, Motion, Paint, PathData, Pen, Ring, Room, Scene, Spot,
    arrow_head, centred, route,
};

/// What depends on how far away the reader sits, in units of the picture.
#[derive(Clone, Copy)]
pub(crate) struct Sizes {
    pub margin: f32,
    /// Most texts.
    pub label: f32,
    /// What names a thing, a little larger.
    pub body: f32,
    pub line: f32,
    /// Around fills, and shelves.
    pub edge: f32,
    pub ring: f32,
    pub halo: f32,
    pub go: f32,
    pub arrow: f32,
    pub radius: f32,
    /// Between a thing and the words beside it.
    pub space: f32,
    /// Height of the line that names the op; 0: there is none.
    pub head: f32,
    /// Baseline of the legend, from the bottom.
    pub legend: f32,
}

impl Sizes {
    pub(crate) fn of(form: Form) -> Sizes {
        match form {
            Form::Projector => Sizes {
                margin: 32.0,
                label: 22.0,
                body: 26.0,
                line: 3.0,
                edge: 3.0,
                ring: 4.0,
                halo: 9.0,
                go: 4.0,
                arrow: 16.0,
                radius: 3.0,
                space: 14.0,
                head: 62.0,
                legend: 22.0,
            },
            Form::Laptop => Sizes {
                margin: 14.0,
                label: 12.0,
                body: 13.0,
                line: 1.5,
                edge: 1.0,
                ring: 2.5,
                halo: 6.0,
                go: 2.0,
                arrow: 9.0,
                radius: 2.0,
                space: 7.0,
                head: 0.0,
                legend: 12.0,
            },
            Form::Phone => Sizes {
                margin: 8.0,
                label: 12.0,
                body: 12.0,
                line: 1.5,
                edge: 1.0,
                ring: 2.5,
                halo: 6.0,
                go: 2.0,
                arrow: 8.0,
                radius: 2.0,
                space: 5.0,
                head: 0.0,
                legend: 10.0,
            },
        }
    }
}

/// A picture in the making.
pub(crate) struct Board {
    pub form: Form,
    pub lang: Lang,
    pub w: f32,
    pub h: f32,
    pub s: Sizes,
    pub back: Layer,
    pub things: Layer,
    pub ways: Layer,
    pub rings: Layer,
    pub labels: Labels,
}

impl Board {
    pub(crate) fn new(room: &Room, lang: Lang) -> Board {
        let (w, h) = (room.width / room.scale, room.height / room.scale);
        Board {
            form: room.form,
            lang,
            w,
            h,
            s: Sizes::of(room.form),
            back: Layer::default(),
            things: Layer::default(),
            ways: Layer::default(),
            rings: Layer::default(),
            labels: Labels::new(lang, w, h),
        }
    }

    pub(crate) fn plain(&self) -> Face {
        Face { size: self.s.label, mono: false, bold: false }
    }

    pub(crate) fn strong(&self) -> Face {
        Face { bold: true, ..self.plain() }
    }

    pub(crate) fn mono(&self) -> Face {
        Face { mono: true, ..self.plain() }
    }

    pub(crate) fn title(&self) -> Face {
        Face { size: self.s.body, ..self.strong() }
    }

    /// Words by length, in the language that is spoken.
    pub(crate) fn say(&self, en: &[&str], zh: &[&str]) -> Vec<String> {
        self.lang.pick(en, zh).iter().map(|s| (*s).to_owned()).collect()
    }

    /// The longest of the words that fits at `spot` inside `within`.
    pub(crate) fn words(
        &mut self,
        words: &[String],
        face: Face,
        spot: Spot,
        within: Area,
        paint: Paint,
    ) -> Option<Area> {
        self.labels.first_fit(words, face, &[spot], within, false, paint)
    }

    pub(crate) fn all(&self) -> Area {
        Area { x: 0.0, y: 0.0, w: self.w, h: self.h }
    }

    /// A double ring: paper outside, the ring on it.
    pub(crate) fn ring(&mut self, area: Area, ring: Ring, id: Id) {
        let (halo, width, radius) = (self.s.halo, self.s.ring, self.s.radius * 1.5);
        self.rings.rect(area, radius, Paint::Halo, halo);
        let item = self.rings.rect(area, radius, Paint::Ring(ring), width);
        item.pen.dash = ring.dash();
        item.id = id;
        if ring == Ring::Done {
            item.motion = Motion::Appear;
        }
        if ring == Ring::Fail {
            let half = (area.h * 0.22).min(self.s.arrow);
            self.cross((area.right() - half * 1.4, area.y + half * 1.4), half);
        }
    }

    /// A cross: it failed.
    pub(crate) fn cross(&mut self, (x, y): (f32, f32), half: f32) {
        let (x0, y0, x1, y1) = (x - half, y - half, x + half, y + half);
        let mut d = PathData::default();
        d.to('M', &[x0, y0]).to('L', &[x1, y1]).to('M', &[x1, y0]).to('L', &[x0, y1]);
        let d = d.take();
        let (halo, width) = (self.s.halo, self.s.ring);
        self.rings.path(d.clone(), Paint::Halo, halo);
        self.rings.path(d, Paint::Cross, width);
    }

    /// A way through right angles, with a head at its end.
    pub(crate) fn way(&mut self, points: &[(f32, f32)], ring: Ring) {
        let [.., before, tip] = points else { return };
        let (dx, dy) = (tip.0 - before.0, tip.1 - before.1);
        let length = dx.hypot(dy).max(0.01);
        let (dx, dy) = (dx / length, dy / length);
        let size = self.s.arrow.min(length);
        let mut line = points.to_vec();
        if let Some(end) = line.last_mut() {
            *end = (tip.0 - dx * size * 0.8, tip.1 - dy * size * 0.8);
        }
        for pair in line.windows(2) {
            let area = Area::between(pair[0].0, pair[0].1, pair[1].0, pair[1].1);
            self.labels.keep_off(area.grown(self.s.go));
        }
        let d = route(&line, self.s.arrow * 0.5);
        let width = self.s.go;
        self.ways.path(d, Paint::Go, width).pen.dash = ring.dash();
        self.ways.path(arrow_head(*tip, (dx, dy), size), Paint::GoHead, 0.0);
    }

    /// A block as a chip with words in it.
    pub(crate) fn chip(&mut self, area: Area, words: &[String], paint: Paint, block: Block, id: Id) {
        let (radius, line) = (self.s.radius, self.s.line);
        let item = self.things.rect(area, radius, paint, line);
        item.id = id;
        item.hit = Some(Hit::Block(block.pfn));
        if paint == Paint::Hand {
            item.pen.dash = Dash::Next;
        }
        self.labels.keep_off(area);
        let spot = Spot::middle(area.centre().0, centred(area.centre().1, self.s.label));
        let face = self.mono();
        let text = self.words(words, face, spot, area, Paint::Ink);
        if let Some(text) = text {
            // Letters on a pattern need paper under them.
            let pad = self.s.label * 0.12;
            let y = area.y + line * 1.5;
            let paper = Area { x: text.x - pad, y, w: text.w + pad * 2.0, h: area.h - line * 3.0 };
            self.things.rect(paper, radius, Paint::Paper, 0.0);
        }
    }

    /// Corners around what is selected.
    pub(crate) fn selected(&mut self, area: Area, block: Block) {
        let Area { x, y, w, h } = area.grown(self.s.halo * 0.6);
        let arm = (w.min(h) * 0.3).min(self.s.label);
        let mut d = PathData::default();
        for (cx, cy, dx, dy) in
            [(x, y, 1.0, 1.0), (x + w, y, -1.0, 1.0), (x + w, y + h, -1.0, -1.0), (x, y + h, 1.0, -1.0)]
        {
            d.to('M', &[cx, cy + dy * arm]).to('V', &[cy]).to('H', &[cx + dx * arm]);
        }
        let line = self.s.line;
        self.rings.path(d.take(), Paint::Selected, line).id = Id::Selected(block);
    }

    /// The op and the kernel functions, where nothing above the picture says them.
    pub(crate) fn head(&mut self, moment: &Moment) {
        if self.s.head == 0.0 {
            return;
        }
        let (margin, right, y) = (self.s.margin, self.w - self.s.margin, self.s.head * 0.66);
        let (head, edge) = (self.s.head, self.s.edge);
        self.back.line([margin, head, right, head], Paint::Hair, edge);
        let ended = moment.cursor.step == 0 && moment.just_did.is_some();
        let at = moment.cursor.op.saturating_sub(u32::from(ended)) as usize;
        let title = moment
            .scenario
            .ops
            .get(at)
            .map(|op| crate::narrate::title_of(&moment.scenario, &op.op, self.lang));
        let mut x = margin;
        if let Some(title) = title {
            let face = Face { size: self.s.body, mono: true, bold: true };
            let paint = if moment.just_did.is_none() { Paint::Quiet } else { Paint::Ink };
            let all = self.all();
            if let Some(area) = self.words(&[title.code], face, Spot::start(x, y), all, paint) {
                x = area.right() + self.s.space;
            }
            let face = Face { size: self.s.body, ..self.plain() };
            if let Some(area) = self.words(&[title.text], face, Spot::start(x, y), all, Paint::Quiet) {
                x = area.right() + self.s.space;
            }
        }
        let funcs: Vec<&str> = moment
            .just_did
            .iter()
            .flat_map(|step| step.chain.funcs().to_vec())
            .skip(1)
            .map(|func| func.name())
            .collect();
        let tails: Vec<String> =
            (funcs.len().saturating_sub(3)..funcs.len()).map(|from| funcs[from..].join(" › ")).collect();
        let within = Area::between(x, 0.0, right, head);
        let face = self.mono();
        self.words(&tails, face, Spot::end(right, y), within, Paint::Quiet);
    }

    /// The rule that always holds, bottom right; on the phone bottom left.
    pub(crate) fn invariant(&mut self, words: &[String], holds: bool) {
        let y = self.h - self.s.legend;
        let spot = match self.form {
            Form::Phone => Spot::start(self.s.margin, y),
            _ => Spot::end(self.w - self.s.margin, y),
        };
        let paint = if holds { Paint::Holds } else { Paint::Fail };
        let (face, all) = (self.strong(), self.all());
        if self.words(words, face, spot, all, paint).is_some()
            && let Some(item) = self.labels.items.last_mut()
        {
            item.id = Id::Invariant;
        }
    }

    /// What fills and rings mean, as far as there is room left of the rule; the most important ones first.
    pub(crate) fn legend(&mut self, fills: &[(Paint, Vec<String>)]) {
        if self.form == Form::Phone {
            return;
        }
        let (w, h) = if self.form == Form::Projector { (34.0, 24.0) } else { (16.0, 12.0) };
        let y = self.h - self.s.legend;
        let right = self
            .labels
            .items
            .iter()
            .find_map(|item| match (&item.shape, item.id) {
                (crate::scene::Shape::Text(text), Id::Invariant) => Some(text.area().x),
                _ => None,
            })
            .unwrap_or(self.w - self.s.margin);
        let mut entries = fills.to_vec();
        for (ring, en, zh) in [
            (Ring::Done, "just did", "刚才"),
            (Ring::Next, "next", "下一步"),
            (Ring::Fail, "failed", "失败"),
            (Ring::Look, "looked at", "正在看"),
        ] {
            if self.rings.items.iter().any(|item| item.paint == Paint::Ring(ring)) {
                entries.push((Paint::Ring(ring), vec![self.lang.pick(en, zh).to_owned()]));
            }
        }
        let mut x = self.s.margin;
        let face = self.plain();
        for (paint, words) in entries.iter().take(7) {
            // The longest words that there is room for.
            let width = |words: &str| w + self.s.label * 0.5 + face.width(words);
            // (Fonts differ: what is estimated may be a little wider.)
            let fits = |words: &&String| x + width(words) + self.s.label * 2.0 <= right;
            let Some(words) = words.iter().find(fits) else { break };
            let width = width(words);
            let swatch = Area { x, y: y - self.s.label * 0.36 - h / 2.0, w, h };
            let pen = match paint {
                Paint::Ring(ring) => Pen { width: self.s.ring, dash: ring.dash() },
                Paint::Hand => Pen { width: self.s.line, dash: Dash::Next },
                _ => Pen::solid(self.s.line),
            };
            let radius = self.s.radius;
            self.back.rect(swatch, radius, *paint, 0.0).pen = pen;
            self.labels.at(words, face, Spot::start(x + w + self.s.label * 0.5, y), Paint::Quiet, Id::None);
            x += width + self.s.label;
        }
    }

    /// The picture.
    pub(crate) fn finish(self, moment: &Moment) -> Scene {
        let Board { form, w, h, back, things, ways, rings, labels, .. } = self;
        let mut items = back.items;
        for layer in [things, ways, rings] {
            items.extend(layer.items);
        }
        items.extend(labels.items);
        Scene { width: w, height: h, form, moment: moment.global, axis: None, items }
    }
}

/// Cuts a sentence into lines: between words, and between Chinese characters where no sign follows.
pub(crate) fn wrap(words: &str, face: Face, width: f32) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    let mut rest: Vec<String> = Vec::new();
    for c in words.chars() {
        let is_wide = c >= '\u{2e80}';
        let is_sign = matches!(c, '，' | '。' | '、' | '：' | '；' | '）' | '！' | '？');
        let begins = match rest.last().and_then(|last| last.chars().last()) {
            None => true,
            Some(_) if is_sign => false,
            Some('（') => false,
            Some(before) => before == ' ' || is_wide || before >= '\u{2e80}',
        };
        if begins {
            rest.push(String::new());
        }
        if let Some(last) = rest.last_mut() {
            last.push(c);
        }
    }
    for piece in rest {
        if !line.is_empty() && face.width(format!("{line}{piece}").trim_end()) > width {
            lines.push(line.trim_end().to_owned());
            line = String::new();
        }
        line += &piece;
    }
    if !line.is_empty() {
        lines.push(line.trim_end().to_owned());
    }
    lines
}
