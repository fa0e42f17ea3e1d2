//! What malloc makes of a heap: its chunks below the pages of the heap, and on the right what it keeps free.

use std::collections::BTreeMap;

use mm::op::NameId;
use mm::process::{Arena, Cell, Chunk, ChunkState, HEADER, Mm, Shows, TCACHE_COUNT, Vma};
use mm::step::ProcessStep;
use mm::{Bytes, Named, Vaddr};

use super::draw::Draw;
use crate::narrate::num;
use crate::scene::{Area, Face, Form, Paint, Spot, centred};

/// A chunk on the picture, or several that there is no room for.
#[derive(Clone)]
pub(super) struct ChunkBox {
    /// From where to where it lies.
    pub(super) place: (Vaddr, Vaddr),
    words: String,
    paint: Paint,
    /// Its row, where in it, and how wide.
    row: usize,
    x: f32,
    w: f32,
}

fn size(bytes: u64) -> String {
    if bytes < 10_000 { num(bytes) } else { Bytes(bytes).to_string() }
}

/// What malloc knows of a heap that is shown.
pub(super) fn arena<'m>(draw: &Draw<'_>, mm: &'m Mm, vma: &Vma) -> Option<&'m Arena> {
    let arena = mm.malloc.as_deref().filter(|arena| !arena.chunks().is_empty())?;
    (draw.moment.machine.processes().shows(mm, vma) == Shows::Heap).then_some(arena)
}

impl Draw<'_> {
    fn chunk_face(&self) -> Face {
        self.b.mono()
    }

    fn row_height(&self) -> f32 {
        self.b.s.label * 1.75
    }

    /// The chunks of a heap in rows of a width, as many rows as there is room for.
    pub(super) fn chunk_boxes(&self, mm: &Mm, arena: &Arena, width: f32) -> Vec<ChunkBox> {
        let most = match self.b.form {
            Form::Projector => 4,
            Form::Laptop => 3,
            Form::Phone => 2,
        };
        let chunks = arena.chunks();
        let focus = self.focus().and_then(|at| chunks.iter().position(|chunk| at < chunk.end()));
        // Where nothing is in play, what was handed out last is.
        let focus = focus.unwrap_or(chunks.len().saturating_sub(2));
        let mut shown = chunks.len().min(48);
        loop {
            let first = focus.saturating_sub(shown / 2).min(chunks.len() - shown);
            let boxes = self.boxes_of(mm, chunks, first..first + shown);
            if let Some(rows) = self.rows(boxes, width, most) {
                return rows;
            }
            if shown <= 1 {
                return Vec::new();
            }
            shown -= 1;
        }
    }

    /// The address that the step is about, if it is malloc's.
    fn focus(&self) -> Option<Vaddr> {
        [self.did, self.next].into_iter().flatten().find_map(|step| match step {
            ProcessStep::Malloc(step) => step.address(),
            _ => None,
        })
    }

    fn boxes_of(&self, mm: &Mm, chunks: &[Chunk], range: std::ops::Range<usize>) -> Vec<ChunkBox> {
        let more = |of: &[Chunk]| {
            let (first, last) = (of.first()?, of.last()?);
            let words = match of.len() {
                1 => "…".to_owned(),
                many => format!("… {}", num(many as u64)),
            };
            let place = (first.start, last.end());
            Some(ChunkBox { place, words, paint: Paint::Paper, row: 0, x: 0.0, w: 0.0 })
        };
        let last = chunks.len() - 1;
        let behind = range.end.min(last);
        let before = more(&chunks[..range.start]);
        let after = more(&chunks[behind..last]);
        let top = if range.end > last { None } else { chunks.last().map(|top| self.chunk_box(mm, top)) };
        let inside = chunks[range].iter().map(|chunk| self.chunk_box(mm, chunk));
        before.into_iter().chain(inside).chain(after).chain(top).collect()
    }

    fn chunk_box(&self, mm: &Mm, chunk: &Chunk) -> ChunkBox {
        let (of, paint) = match chunk.state {
            ChunkState::InUse => (self.block_at(mm, chunk.start), Paint::Object),
            ChunkState::Own => ("malloc".to_owned(), Paint::Reserved),
            ChunkState::Tcache => ("tcache".to_owned(), Paint::Free),
            ChunkState::Fast => ("fast".to_owned(), Paint::Free),
            ChunkState::Bin(_) => ("bin".to_owned(), Paint::Free),
            ChunkState::Top => ("top".to_owned(), Paint::Slot),
            ChunkState::Foreign => ("–".to_owned(), Paint::Paper),
        };
        let mut words = format!("{of} {}", size(chunk.size));
        // What was written there once, and is still there.
        let bytes = chunk.size.saturating_sub(HEADER).min(256);
        let window = self.moment.machine.processes().window(mm, Vaddr(chunk.start.0 + HEADER), bytes);
        let written = window.runs().iter().find_map(|(_, cell)| match cell {
            Cell::Byte(byte @ 1..) => Some(*byte),
            _ => None,
        });
        if let Some(byte) = written {
            words.push_str(&format!(" ·{byte:02x}"));
        }
        ChunkBox { place: (chunk.start, chunk.end()), words, paint, row: 0, x: 0.0, w: 0.0 }
    }

    /// What the scenario calls a block.
    fn block_at(&self, mm: &Mm, start: Vaddr) -> String {
        let ids = (0..self.moment.scenario.names.len() as u32).map(NameId);
        let is_it = |id: &NameId| match self.moment.machine.named(*id) {
            Named::Chunk { process, at, .. } => {
                at.0 == start.0 + HEADER && (process == mm.name || mm.parent == Some(process))
            }
            _ => false,
        };
        ids.into_iter().find(is_it).map_or("?".into(), |id| self.moment.name(id).to_owned())
    }

    /// Puts boxes next to each other; none when they take more rows than there are.
    fn rows(&self, mut boxes: Vec<ChunkBox>, width: f32, most: usize) -> Option<Vec<ChunkBox>> {
        let (face, pad) = (self.chunk_face(), self.b.s.label * 0.7);
        let (mut row, mut x) = (0, 0.0f32);
        for one in &mut boxes {
            let w = face.width(&one.words) + pad;
            if x > 0.0 && x + w > width {
                (row, x) = (row + 1, 0.0);
            }
            if row >= most || w > width {
                return None;
            }
            (one.row, one.x, one.w) = (row, x, w);
            x += w + self.b.s.line * 1.5;
        }
        Some(boxes)
    }

    /// How high they are together.
    pub(super) fn chunks_height(&self, boxes: &[ChunkBox]) -> f32 {
        let rows = boxes.last().map_or(0, |last| last.row + 1);
        if rows == 0 { 0.0 } else { rows as f32 * self.row_height() + self.b.s.space * 0.6 }
    }

    /// Draws them below the heap; where each is.
    pub(super) fn chunks(&mut self, boxes: &[ChunkBox], x: f32, y: f32) -> Vec<((Vaddr, Vaddr), Area)> {
        let (s, row, face) = (self.b.s, self.row_height(), self.chunk_face());
        let mut places = Vec::new();
        for one in boxes {
            let y = y + s.space * 0.4 + one.row as f32 * row;
            let area = Area { x: x + one.x, y, w: one.w, h: row - s.line * 1.5 };
            let line = if one.paint == Paint::Paper { 0.0 } else { s.line };
            self.b.things.rect(area, s.radius, one.paint, line);
            let spot = Spot::middle(area.centre().0, centred(area.centre().1, s.label));
            let text = self.b.words(std::slice::from_ref(&one.words), face, spot, area, Paint::Ink);
            // Letters on a pattern need paper under them.
            if let Some(text) = text.filter(|_| matches!(one.paint, Paint::Object | Paint::Reserved)) {
                let pad = s.label * 0.1;
                let paper = Area {
                    x: text.x - pad,
                    y: area.y + s.line * 1.5,
                    w: text.w + pad * 2.0,
                    h: area.h - s.line * 3.0,
                };
                self.b.things.rect(paper, s.radius, Paint::Paper, 0.0);
            }
            self.b.labels.keep_off(area);
            places.push((one.place, area));
        }
        places
    }

    /// Whether malloc is at work, so that what it keeps is of more use than the way of a fault.
    pub(super) fn malloc_at_work(&self) -> Option<Mm> {
        let is_malloc = |step: Option<ProcessStep>| matches!(step, Some(ProcessStep::Malloc(_)));
        let in_fault = self.way.fault.is_some() && self.did.is_some() && !is_malloc(self.did);
        let procs = self.moment.machine.processes();
        let mm = super::in_play(self.moment).and_then(|name| procs.mm(name))?;
        mm.malloc.as_ref()?;
        (!in_fault && (is_malloc(self.did) || is_malloc(self.next) || self.way.fault.is_none()))
            .then(|| mm.clone())
    }

    /// What malloc keeps free, list by list, and when it asks the kernel.
    pub(super) fn kept(&mut self, mm: &Mm, room: Area) {
        let Some(arena) = mm.malloc.as_deref() else { return };
        let s = self.b.s;
        let name = self.moment.name(mm.name);
        let title = [
            self.b.lang.pick(format!("What malloc keeps for {name}"), format!("malloc 替 {name} 留着的内存")),
            self.b.lang.pick("What malloc keeps".to_owned(), "malloc 留着的内存".to_owned()),
        ];
        let face = self.b.title();
        self.b.words(&title, face, Spot::start(room.x, room.y + s.body), room, Paint::Ink);
        let note = self.b.say(
            &["free for the program, in use for the kernel", "free, but not for the kernel"],
            &["对程序是空闲的，对内核仍是占用的", "没有还给内核"],
        );
        let plain = self.b.plain();
        self.b.words(&note, plain, Spot::start(room.x, room.y + s.body + s.label * 1.4), room, Paint::Quiet);
        let mut lists: BTreeMap<(u8, u64), u64> = BTreeMap::new();
        for chunk in arena.chunks() {
            let of = match chunk.state {
                ChunkState::Tcache => 0,
                ChunkState::Fast => 1,
                ChunkState::Bin(1) => 2,
                ChunkState::Bin(_) => 3,
                _ => continue,
            };
            *lists.entry((of, chunk.size)).or_default() += 1;
        }
        let mut y = room.y + s.body + s.label * 3.2;
        let row = s.label * 1.9;
        let most = (((room.bottom() - y) / row) as usize).saturating_sub(5).max(1);
        let names = ["tcache", "fastbin", "unsorted", "bin"];
        let mono = self.b.mono();
        let left = room.x + mono.width("unsorted 131 KiB ");
        let square = s.label * 1.1;
        let count = lists.len();
        for ((of, bytes), chunks) in lists.into_iter().take(most) {
            let words = [format!("{} {}", names[usize::from(of)], size(bytes))];
            let middle = y + row / 2.0;
            self.b.words(&words, mono, Spot::start(room.x, centred(middle, s.label)), room, Paint::Ink);
            // Of the tcache the empty places are shown as well: there are seven.
            let places = if of == 0 { TCACHE_COUNT as u64 } else { chunks.min(12) };
            let mut x = left;
            for place in 0..places {
                let area = Area { x, y: middle - square / 2.0, w: square, h: square };
                let paint = if place < chunks { Paint::Free } else { Paint::Slot };
                self.b.things.rect(area, s.radius, paint, s.edge);
                x += square + s.space * 0.4;
            }
            let many = match of {
                0 => format!("{chunks}/{TCACHE_COUNT}"),
                _ => format!("× {}", num(chunks)),
            };
            self.b.words(
                &[many],
                plain,
                Spot::start(x + s.space * 0.4, centred(middle, s.label)),
                room,
                Paint::Quiet,
            );
            y += row;
        }
        let rest = count.saturating_sub(most);
        let empty = match (count, rest) {
            (0, _) => self.b.say(&["no chunk is free but the top"], &["除了 top，没有空闲的 chunk"]),
            (_, 0) => Vec::new(),
            (_, rest) => self.b.say(&[&format!("… {rest} lists more")], &[&format!("… 还有 {rest} 条链表")]),
        };
        if !empty.is_empty() {
            self.b.words(
                &empty,
                plain,
                Spot::start(room.x, centred(y + row / 2.0, s.label)),
                room,
                Paint::Quiet,
            );
            y += row;
        }
        let free: u64 =
            arena.chunks().iter().filter(|chunk| chunk.state.is_free()).map(|chunk| chunk.size).sum();
        let top = arena.top().map_or(0, |top| top.size);
        let unit = match (free < 10_000, self.b.lang) {
            (false, _) => "",
            (_, scenario::Lang::En) => " bytes",
            (_, scenario::Lang::Zh) => " 字节",
        };
        let [free, top, mmap, trim] = [free, top, arena.mmap_threshold, arena.trim_threshold].map(size);
        let lines = match self.b.lang {
            scenario::Lang::En => [
                vec![format!("in these lists {free}{unit}, top {top}"), format!("lists {free}, top {top}")],
                vec![format!("asks mmap for chunks from {mmap} on"), format!("mmap from {mmap} on")],
                vec![format!("gives back with brk when top has {trim}"), format!("trims at {trim}")],
            ],
            scenario::Lang::Zh => [
                vec![format!("链表里共 {free}{unit}，top 有 {top}"), format!("链表 {free}，top {top}")],
                vec![format!("chunk 到 {mmap} 就用 mmap"), format!("{mmap} 起用 mmap")],
                vec![format!("top 到 {trim} 就用 brk 归还"), format!("到 {trim} 归还")],
            ],
        };
        y += s.label * 0.6;
        for words in lines {
            y += s.label * 1.5;
            self.b.words(&words, plain, Spot::start(room.x, y), room, Paint::Ink);
        }
    }
}
