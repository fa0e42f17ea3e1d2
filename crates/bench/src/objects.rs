//! `kmalloc()` and `kfree()` beside other allocators of small pieces, over the same requests and in turns.

#![allow(unsafe_code, reason = "two of the peers are lent raw memory")]

use std::alloc::Layout;
use std::fmt::Write as _;
use std::ptr::NonNull;
use std::time::Duration;

use buddy_slab_allocator::{BuddyAllocator, SlabAllocResult, SlabAllocator, SlabDeallocResult};
use mm::op::NameId;
use mm::rng::Rng;
use mm::slub::Object;
use mm::{Config, CpuId, Machine};
use slab::Slab;
use talc::{ErrOnOom, Span, Talc};

use crate::cpu_time;
use crate::peers::Lent;

/// What is asked for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Mix {
    /// 64 bytes, some hundreds held, the last one first.
    Stack,
    /// 64 bytes, 4096 held, any of them goes.
    One,
    /// 8 to 2048 bytes, the logarithm evenly drawn, 4096 held, any of them goes.
    Sizes,
    /// 192 bytes: 8192 of them, then all are freed.
    FillAndEmpty,
}

impl Mix {
    /// All of them.
    pub const ALL: [Mix; 4] = [Mix::Stack, Mix::One, Mix::Sizes, Mix::FillAndEmpty];

    /// Its name in the table.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Mix::Stack => "64 bytes, last in, first out",
            Mix::One => "64 bytes, any goes",
            Mix::Sizes => "8 to 2048 bytes, any goes",
            Mix::FillAndEmpty => "192 bytes, fill and empty",
        }
    }
}

/// One request: into a slot, or out of it.
#[derive(Clone, Copy, Debug)]
pub struct Ask {
    slot: u32,
    /// 0: it is freed.
    bytes: u32,
}

/// Requests, and how many slots they need. They end with nothing held.
#[must_use]
pub fn stream(mix: Mix, count: usize) -> (Vec<Ask>, u32) {
    let mut rng = Rng::new(7, mix as u64);
    let (mut asks, mut held, mut empty): (Vec<Ask>, Vec<u32>, Vec<u32>) = Default::default();
    let (mut slots, mut is_growing) = (0, true);
    let most = match mix {
        Mix::Stack => 256,
        Mix::One | Mix::Sizes => 4096,
        Mix::FillAndEmpty => 8192,
    };
    while asks.len() < count || !held.is_empty() {
        let is_ending = asks.len() >= count;
        let grows = match mix {
            Mix::FillAndEmpty => {
                if held.len() == most || held.is_empty() {
                    is_growing = held.is_empty();
                }
                is_growing
            }
            _ if held.len() < most / 2 => true,
            _ => held.len() < most && rng.below(2) == 0,
        };
        if grows && !is_ending {
            let slot = empty.pop().unwrap_or_else(|| {
                slots += 1;
                slots - 1
            });
            let bytes = match mix {
                Mix::Stack | Mix::One => 64,
                Mix::FillAndEmpty => 192,
                Mix::Sizes => {
                    let power = 8 << rng.below(8);
                    power + rng.below(power + 1)
                }
            };
            held.push(slot);
            asks.push(Ask { slot, bytes: bytes.min(2048) });
        } else {
            let at = match mix {
                Mix::Stack => held.len() - 1,
                _ => rng.below(held.len() as u32) as usize,
            };
            let slot = held.swap_remove(at);
            empty.push(slot);
            asks.push(Ask { slot, bytes: 0 });
        }
    }
    (asks, slots)
}

/// An allocator of small pieces.
trait Pieces {
    /// What a piece is called by.
    type Piece: Copy;

    fn alloc(&mut self, bytes: u32) -> Option<Self::Piece>;

    fn free(&mut self, piece: Self::Piece, bytes: u32);

    /// A number that no other piece that is held has.
    fn place(&self, piece: Self::Piece) -> u64;
}

/// The engine's `kmalloc()`, with zones, watermarks and per-CPU lists on, and nobody looking on.
struct Engine(Machine);

impl Pieces for Engine {
    type Piece = (NameId, Object);

    #[inline]
    fn alloc(&mut self, bytes: u32) -> Option<Self::Piece> {
        self.0.kmalloc_unnamed(CpuId(0), bytes)
    }

    #[inline]
    fn free(&mut self, (cache, object): Self::Piece, _: u32) {
        assert!(self.0.kfree_unnamed(CpuId(0), cache, object), "it was handed out");
    }

    fn place(&self, (_, object): Self::Piece) -> u64 {
        u64::from(object.slab.0) << 16 | u64::from(object.index)
    }
}

/// `slab`: one size of entries, addressed by number; a size here is as good as another.
struct Numbers(Slab<[u64; 8]>);

impl Pieces for Numbers {
    type Piece = usize;

    #[inline]
    fn alloc(&mut self, bytes: u32) -> Option<usize> {
        Some(self.0.insert([u64::from(bytes); 8]))
    }

    #[inline]
    fn free(&mut self, piece: usize, _: u32) {
        let _ = std::hint::black_box(self.0.remove(piece));
    }

    fn place(&self, piece: usize) -> u64 {
        piece as u64
    }
}

/// `talc` on memory that it is lent.
struct Lists {
    talc: Talc<ErrOnOom>,
    _lent: Lent,
}

fn layout(bytes: u32) -> Layout {
    Layout::from_size_align(bytes as usize, 8).expect("a small size")
}

impl Pieces for Lists {
    type Piece = NonNull<u8>;

    #[inline]
    fn alloc(&mut self, bytes: u32) -> Option<NonNull<u8>> {
        // SAFETY: the layout has a size.
        unsafe { self.talc.malloc(layout(bytes)) }.ok()
    }

    #[inline]
    fn free(&mut self, piece: NonNull<u8>, bytes: u32) {
        // SAFETY: it came from here, with this layout.
        unsafe { self.talc.free(piece, layout(bytes)) }
    }

    fn place(&self, piece: NonNull<u8>) -> u64 {
        piece.as_ptr() as u64
    }
}

/// `buddy-slab-allocator`: its slabs over its buddy system, as its own `GlobalAllocator` puts them together.
struct BuddySlab {
    slabs: SlabAllocator,
    buddy: BuddyAllocator,
    _lent: Lent,
}

impl Pieces for BuddySlab {
    type Piece = NonNull<u8>;

    #[inline]
    fn alloc(&mut self, bytes: u32) -> Option<NonNull<u8>> {
        loop {
            match self.slabs.alloc(layout(bytes)).ok()? {
                SlabAllocResult::Allocated(piece) => return Some(piece),
                SlabAllocResult::NeedsSlab { size_class, pages } => {
                    let base = self.buddy.alloc_pages(pages, pages * 4096).ok()?;
                    self.slabs.add_slab(size_class, base, pages * 4096, 0);
                }
            }
        }
    }

    #[inline]
    fn free(&mut self, piece: NonNull<u8>, bytes: u32) {
        if let SlabDeallocResult::FreeSlab { base, pages } = self.slabs.dealloc(piece, layout(bytes)) {
            self.buddy.dealloc_pages(base, pages);
        }
    }

    fn place(&self, piece: NonNull<u8>) -> u64 {
        piece.as_ptr() as u64
    }
}

/// Serves all requests once, and gives the time.
fn serve<P: Pieces>(pieces: &mut P, asks: &[Ask], slots: u32) -> Duration {
    let mut held: Vec<Option<(P::Piece, u32)>> = vec![None; slots as usize];
    cpu_time(|| {
        for Ask { slot, bytes } in asks {
            let slot = &mut held[*slot as usize];
            match slot.take() {
                Some((piece, of)) => pieces.free(piece, of),
                None => *slot = pieces.alloc(*bytes).map(|piece| (piece, *bytes)),
            }
        }
    })
    .0
}

/// That no two pieces are the same, and none is missing.
fn check<P: Pieces>(pieces: &mut P, asks: &[Ask], slots: u32) {
    let mut held: Vec<Option<(P::Piece, u32)>> = vec![None; slots as usize];
    let mut places = std::collections::BTreeSet::new();
    for Ask { slot, bytes } in asks {
        let slot = &mut held[*slot as usize];
        match slot.take() {
            Some((piece, of)) => {
                assert!(places.remove(&pieces.place(piece)), "it was held");
                pieces.free(piece, of);
            }
            None => {
                let piece = pieces.alloc(*bytes).unwrap_or_else(|| {
                    panic!(
                        "{}: no memory for {bytes} bytes, {} held",
                        std::any::type_name::<P>(),
                        places.len()
                    )
                });
                assert!(places.insert(pieces.place(piece)), "a piece was handed out twice");
                *slot = Some((piece, *bytes));
            }
        }
    }
}

/// A candidate's turn: serves requests that need so many slots, and gives the time.
pub type Turn = Box<dyn FnMut(&[Ask], u32) -> Duration>;

fn turn<P: Pieces + 'static>(mut pieces: P, asks: &[Ask], slots: u32) -> Turn {
    check(&mut pieces, asks, slots);
    Box::new(move |asks, slots| serve(&mut pieces, asks, slots))
}

/// Memory of the peers that are lent some.
const BYTES: usize = 64 << 20;
/// More than a slab of theirs has.
const ALIGN: usize = 2 << 20;

/// Those that take part, each checked over these requests.
#[must_use]
pub fn candidates(asks: &[Ask], slots: u32) -> [(&'static str, Turn); 4] {
    let pc = Config { pcp: true, watermarks: true, ..Config::x86_64(65_536) };
    let mut machine = Machine::boot(&pc).expect("it boots");
    machine.flatten();
    let lent = Lent::new(BYTES, 4096);
    let mut talc = Talc::new(ErrOnOom);
    // SAFETY: the memory is lent to it alone, and outlives it.
    let _ =
        unsafe { talc.claim(Span::from_base_size(lent.start.as_ptr(), lent.bytes)) }.expect("it is enough");
    let lists = Lists { talc, _lent: lent };
    // Its slabs lie at multiples of their size, so its frames have to begin at one: behind its own state.
    let lent = Lent::new(BYTES + ALIGN, ALIGN);
    let state = (BuddyAllocator::<4096>::required_meta_size(BYTES) + 256).next_multiple_of(4096);
    let mut buddy = BuddyAllocator::new();
    // SAFETY: the memory is lent to it alone, and outlives it.
    unsafe {
        let start = lent.start.as_ptr().add(ALIGN - state);
        buddy.init(std::slice::from_raw_parts_mut(start, BYTES + state))
    }
    .expect("it is enough");
    let slabs = BuddySlab { slabs: SlabAllocator::new(), buddy, _lent: lent };
    [
        ("mmscope kmalloc", turn(Engine(machine), asks, slots)),
        ("buddy-slab-allocator", turn(slabs, asks, slots)),
        ("talc", turn(lists, asks, slots)),
        ("slab", turn(Numbers(Slab::new()), asks, slots)),
    ]
}

/// Measures every mix and writes the table, in Markdown.
#[must_use]
pub fn table(turns: usize, requests: usize) -> String {
    let mut text = String::new();
    for mix in Mix::ALL {
        let (asks, slots) = stream(mix, requests);
        let mut all = candidates(&asks, slots);
        if text.is_empty() {
            let names: String = all.iter().map(|(name, _)| format!(" {name} |")).collect();
            let _ = writeln!(text, "| ns of CPU a request |{names} ours / best peer |");
            let _ = writeln!(text, "| --- | --: | --: | --: | --: | --: |");
        }
        let mut times: [Vec<f64>; 4] = Default::default();
        for _ in 0..turns {
            for ((_, turn), times) in all.iter_mut().zip(&mut times) {
                times.push(turn(&asks, slots).as_nanos() as f64 / asks.len() as f64);
            }
        }
        let medians = times.map(|mut times| {
            times.sort_by(f64::total_cmp);
            times[times.len() / 2]
        });
        let best = medians[1..].iter().copied().fold(f64::INFINITY, f64::min);
        let cells: String = medians.iter().map(|ns| format!(" {ns:.1} |")).collect();
        let _ = writeln!(text, "| {} |{cells} {:.2} |", mix.name(), medians[0] / best);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everybody_serves_the_same_requests() {
        for mix in Mix::ALL {
            let (asks, slots) = stream(mix, 20_000);
            // Making a candidate checks it.
            for (name, mut turn) in candidates(&asks, slots) {
                assert!(turn(&asks, slots) > Duration::ZERO, "{name}");
            }
        }
        assert_eq!(table(1, 2000).lines().count(), 2 + Mix::ALL.len());
    }
}
