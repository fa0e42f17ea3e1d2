//! The others, each used as its own documentation says.
//!
//! Three of them manage memory that they are lent, and keep their state in it. They are lent pages that nobody touches:
//! only what they write is ever backed. `buddy-alloc` writes its lists into the free blocks; its blocks are as small as
//! it allows, so that it is not measured by the pages that this would touch.

#![allow(unsafe_code, reason = "three of the peers are lent raw memory; nothing else here needs it")]

use std::alloc::{Layout, alloc_zeroed, dealloc, handle_alloc_error};
use std::num::{NonZeroU32, NonZeroUsize};
use std::ptr::NonNull;

use buddy_alloc::buddy_alloc::{BuddyAlloc, BuddyAllocParam};
use buddy_slab_allocator::BuddyAllocator;
use buddy_system_allocator::FrameAllocator;
use frame_alloc::{
    InitError, PageSize, PhysRange, PhysicalAllocator, Provenance, RegionInit, SummaryBuddyAllocator,
};
use mm::Order;
use offset_allocator::{Allocation, Allocator};

use crate::candidate::Candidate;

const PAGE: usize = 4096;

/// Zeroed memory that is lent to a peer.
pub(crate) struct Lent {
    all: NonNull<u8>,
    layout: Layout,
    /// Where the lent part begins.
    pub(crate) start: NonNull<u8>,
    pub(crate) bytes: usize,
}

impl Lent {
    pub(crate) fn new(bytes: usize, align: usize) -> Lent {
        // What is asked for at a larger alignment than usual is filled with zeroes, page by page, before it is given.
        let layout = Layout::from_size_align(bytes + align, LEAF).expect("a size and a power of two");
        // SAFETY: the layout has a size.
        let all = NonNull::new(unsafe { alloc_zeroed(layout) }).unwrap_or_else(|| handle_alloc_error(layout));
        let skipped = all.align_offset(align);
        // SAFETY: less than `align` bytes are skipped.
        Lent { all, layout, start: unsafe { all.add(skipped) }, bytes }
    }

    fn address(&self) -> usize {
        self.start.as_ptr().expose_provenance()
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        // SAFETY: it was allocated with this layout, and whoever it was lent to is gone.
        unsafe { dealloc(self.all.as_ptr(), self.layout) }
    }
}

/// `buddy-slab-allocator`: its page allocator, asked for blocks at the alignment of a page.
pub struct BuddySlab {
    buddy: BuddyAllocator<PAGE>,
    lent: Lent,
}

impl Candidate for BuddySlab {
    type Block = NonZeroUsize;
    const NAME: &'static str = "buddy-slab-allocator";

    fn new(frames: u32) -> BuddySlab {
        // In front of the frames there is room for its state and the head of that, and for no further frame.
        let state = (Self::state(frames) + 256).next_multiple_of(PAGE);
        let lent = Lent::new(state + frames as usize * PAGE, PAGE);
        let mut buddy = BuddyAllocator::new();
        // SAFETY: the memory is lent to it alone, and outlives it.
        unsafe { buddy.init(std::slice::from_raw_parts_mut(lent.start.as_ptr(), lent.bytes)) }
            .expect("the region is large enough");
        assert_eq!(buddy.total_pages(), frames as usize);
        BuddySlab { buddy, lent }
    }

    #[inline]
    fn alloc(&mut self, order: u8, _: bool) -> Option<NonZeroUsize> {
        self.buddy.alloc_pages(1 << order, PAGE).ok().and_then(NonZeroUsize::new)
    }

    #[inline]
    fn free(&mut self, address: NonZeroUsize, order: u8) {
        self.buddy.dealloc_pages(address.get(), 1 << order);
    }

    fn first_frame(&self, address: NonZeroUsize) -> usize {
        (address.get() - self.lent.address()) / PAGE
    }

    fn state_bytes(&self) -> Option<u64> {
        Some(Self::state(self.buddy.total_pages() as u32) as u64)
    }
}

impl BuddySlab {
    fn state(frames: u32) -> usize {
        BuddyAllocator::<PAGE>::required_meta_size(frames as usize * PAGE)
    }
}

/// The number of its first frame: none is 0, so that a slot is as small as ours, and all may be whole blocks.
const FIRST: usize = 1 << Order::MAX.get();

/// `buddy_system_allocator`: the allocator of frame numbers, without its lock.
pub struct BuddySystem(FrameAllocator<{ Order::COUNT }>);

impl Candidate for BuddySystem {
    type Block = NonZeroU32;
    const NAME: &'static str = "buddy_system_allocator";

    fn new(frames: u32) -> BuddySystem {
        let mut allocator = FrameAllocator::new();
        allocator.add_frame(FIRST, FIRST + frames as usize);
        BuddySystem(allocator)
    }

    #[inline]
    fn alloc(&mut self, order: u8, _: bool) -> Option<NonZeroU32> {
        self.0.alloc(1 << order).and_then(|frame| NonZeroU32::new(frame as u32))
    }

    #[inline]
    fn free(&mut self, frame: NonZeroU32, order: u8) {
        self.0.dealloc(frame.get() as usize, 1 << order);
    }

    fn first_frame(&self, frame: NonZeroU32) -> usize {
        frame.get() as usize
    }

    fn state_bytes(&self) -> Option<u64> {
        // Its sets are on the heap.
        None
    }
}

/// Lent memory is one live allocation whose provenance is exposed.
struct Exposed;

// SAFETY: the pointer covers all of the lent memory, and nothing ends when it is given up.
unsafe impl Provenance for Exposed {
    unsafe fn create(address: usize) -> NonNull<u8> {
        NonNull::new(std::ptr::with_exposed_provenance_mut(address)).expect("lent memory is not at 0")
    }

    unsafe fn destroy<T>(pointer: NonNull<T>) -> usize {
        pointer.addr().get()
    }
}

const BASE: PageSize = PageSize::from_log2(12);

/// `frame-alloc`: its core, without a cache for each CPU.
pub struct FrameAlloc {
    allocator: SummaryBuddyAllocator<{ Order::COUNT }, Exposed>,
    lent: Lent,
    state: usize,
}

impl Candidate for FrameAlloc {
    type Block = NonZeroUsize;
    const NAME: &'static str = "frame-alloc";

    fn new(frames: u32) -> FrameAlloc {
        let largest = PAGE << Order::MAX.get();
        let len = frames as usize * PAGE;
        let lent = Lent::new(largest + len, largest);
        let allocator = SummaryBuddyAllocator::new(BASE);
        let (base, span) = (lent.address(), lent.bytes);
        // Without any memory it says how much its bitmaps take. They get it just before the frames.
        // SAFETY: nothing is lent yet.
        let state = match unsafe { allocator.try_init(base, span, &[]) } {
            Err(InitError::MetadataWontFit { required_bytes }) => required_bytes,
            other => panic!("frame-alloc: {other:?}"),
        };
        let bitmaps = PhysRange { base: base + largest - state, len: state };
        // SAFETY: the memory is lent to it alone, and outlives it.
        unsafe { allocator.init(base, span, &[bitmaps, PhysRange { base: base + largest, len }]) };
        FrameAlloc { allocator, lent, state }
    }

    #[inline]
    fn alloc(&mut self, order: u8, _: bool) -> Option<NonZeroUsize> {
        self.allocator.allocate_physical(BASE, pages(order)).ok().and_then(NonZeroUsize::new)
    }

    #[inline]
    fn free(&mut self, address: NonZeroUsize, order: u8) {
        // SAFETY: the block was allocated with this size, and nobody has it any more.
        unsafe { self.allocator.deallocate_physical(BASE, pages(order), address.get()) };
    }

    fn first_frame(&self, address: NonZeroUsize) -> usize {
        (address.get() - self.lent.address()) / PAGE
    }

    fn state_bytes(&self) -> Option<u64> {
        Some(self.state as u64)
    }
}

#[inline]
fn pages(order: u8) -> NonZeroUsize {
    NonZeroUsize::new(1 << order).unwrap_or(NonZeroUsize::MIN)
}

/// `buddy-alloc`: the allocator that its global ones are made of, with the smallest blocks that it allows.
pub struct Buddy {
    allocator: BuddyAlloc,
    lent: Lent,
}

const LEAF: usize = 16;

impl Candidate for Buddy {
    type Block = NonNull<u8>;
    const NAME: &'static str = "buddy-alloc";

    fn new(frames: u32) -> Buddy {
        let memory = frames as usize * LEAF;
        // Its state comes first, and as large as it is with this memory and any more that is less than as much again.
        let with = |state: usize| {
            let lent = Lent::new(state + memory, LEAF);
            // SAFETY: the memory is lent to it alone, and outlives it.
            let allocator = unsafe {
                BuddyAlloc::new(BuddyAllocParam::new_with_zero_filled(lent.start.as_ptr(), lent.bytes, LEAF))
            };
            Buddy { allocator, lent }
        };
        let with_too_much = with(memory / 4);
        let state = with_too_much.lent.bytes - with_too_much.allocator.available_bytes();
        with(state)
    }

    #[inline]
    fn alloc(&mut self, order: u8, _: bool) -> Option<NonNull<u8>> {
        NonNull::new(self.allocator.malloc(LEAF << order))
    }

    #[inline]
    fn free(&mut self, block: NonNull<u8>, _: u8) {
        self.allocator.free(block.as_ptr());
    }

    fn first_frame(&self, block: NonNull<u8>) -> usize {
        // Blocks follow each other behind its state.
        (block.as_ptr().addr() - self.lent.address()) / LEAF
    }

    fn state_bytes(&self) -> Option<u64> {
        Some((self.lent.bytes - self.allocator.available_bytes()) as u64)
    }
}

/// `offset-allocator`: any size, and no alignment.
pub struct Offset {
    allocator: Allocator,
    frames: u32,
}

impl Candidate for Offset {
    type Block = Allocation;
    const NAME: &'static str = "offset-allocator";

    fn new(frames: u32) -> Offset {
        // A node for each frame in use, one for what is free, and one that it keeps.
        Offset { allocator: Allocator::with_max_allocs(frames, frames + 2), frames }
    }

    #[inline]
    fn alloc(&mut self, order: u8, _: bool) -> Option<Allocation> {
        self.allocator.allocate(1 << order)
    }

    #[inline]
    fn free(&mut self, block: Allocation, _: u8) {
        self.allocator.free(block);
    }

    fn first_frame(&self, block: Allocation) -> usize {
        block.offset as usize
    }

    fn state_bytes(&self) -> Option<u64> {
        // A node of seven words, and its number on a stack.
        Some(u64::from(self.frames) * 32)
    }
}
