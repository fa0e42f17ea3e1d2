//! malloc, through ops of a machine: what a real glibc on a real kernel said, the worked examples of facts 10, and the laws
//! at every step. The same ops with nobody looking on lead to the same machine.

#[path = "common/process.rs"]
mod common;

use common::{KIB, MIB, P, Q, Run, of_process};
use mm::op::NameId;
use mm::process::{
    Access, Arena, At, ByteRange, Cell, ChunkState, MmapArgs, Place, ProcessOp, TCACHE_STRUCT, chunk_size,
};
use mm::step::{MallocStep, ProcessStep};
use mm::{Config, CpuId, Named, Op, Vaddr};
use proptest::prelude::*;

const CPU: CpuId = CpuId(0);

fn boot() -> Run {
    with(16_384)
}

fn with(frames: u32) -> Run {
    let mut run = Run::of_config(&Config::x86_64(frames));
    run.exec();
    run
}

fn malloc(run: &mut Run, name: u32, bytes: u64) -> Vaddr {
    run.op(ProcessOp::Malloc { name: NameId(name), process: P, bytes, zero: false, cpu: CPU });
    place_of(run, name)
}

fn calloc(run: &mut Run, name: u32, bytes: u64) -> u64 {
    let op = ProcessOp::Malloc { name: NameId(name), process: P, bytes, zero: true, cpu: CPU };
    let cleared = run.op(op).into_iter().find_map(|step| match step {
        ProcessStep::Malloc(MallocStep::Cleared { bytes, .. }) => Some(bytes),
        _ => None,
    });
    cleared.expect("calloc says what it cleared")
}

fn realloc(run: &mut Run, name: u32, bytes: u64) -> Vec<ProcessStep> {
    let name = NameId(name);
    run.op(ProcessOp::Realloc { name, of: name, bytes, cpu: CPU })
}

fn place_of(run: &Run, name: u32) -> Vaddr {
    match run.machine.named(NameId(name)) {
        Named::Chunk { at, .. } => at,
        other => panic!("{name}: {other:?}"),
    }
}

fn free(run: &mut Run, name: u32) -> Vec<ProcessStep> {
    of_process(&run.steps_of(&Op::Free { name: NameId(name), cpu: CPU }))
}

fn write(run: &mut Run, name: u32) {
    run.touch(Access::Write, area(name), None);
}

fn memset(run: &mut Run, at: At, value: u8) {
    run.op(ProcessOp::Memset { at, value, bytes: None, cpu: CPU });
}

fn dump(run: &mut Run, at: At, bytes: Option<ByteRange>) -> Vec<(u64, Cell)> {
    let steps = run.op(ProcessOp::Hexdump { at, bytes, cpu: CPU });
    let shown = steps.into_iter().find_map(|step| match step {
        ProcessStep::Malloc(MallocStep::Dumped { holds, .. }) => Some(holds.runs().to_vec()),
        _ => None,
    });
    shown.expect("something is shown")
}

fn arena(run: &Run) -> &Arena {
    run.machine.processes().mm(P).and_then(|mm| mm.malloc.as_deref()).expect("malloc was asked")
}

fn heap_bytes(run: &Run) -> u64 {
    let mm = run.machine.processes().mm(P).expect("it runs");
    mm.brk.0 - mm.start_brk.0
}

fn figures(run: &Run) -> [u64; 3] {
    let of = run.of(P);
    [of.size, of.data, of.minflt]
}

fn area(name: u32) -> At {
    At::Area { name: NameId(name), by: None }
}

/// Where a chunk was found for the last request.
fn found(steps: &[ProcessStep]) -> Option<Place> {
    steps.iter().rev().find_map(|step| match step {
        ProcessStep::Malloc(MallocStep::Found { from, .. }) => Some(*from),
        _ => None,
    })
}

/// The real table, row by row. The program had a buffer of its own on the heap already, of 1 KiB.
#[test]
fn every_moment_of_a_real_program() {
    let mut run = with(65_536);
    malloc(&mut run, 9999, 1024);
    let table: Vec<Vec<&str>> = include_str!("data/malloc/moments.tsv")
        .lines()
        .filter(|line| !line.starts_with('#'))
        .map(|line| line.split('\t').collect())
        .collect();
    let number = |row: &Vec<&str>, at: usize| -> u64 { row[at].parse().expect("a number") };
    let (first, start, heap) = (table[0].clone(), figures(&run), heap_bytes(&run));
    assert_eq!(heap, 132 * KIB);
    let mut extra = 0;
    let sizes =
        [65_536, 122_880, 131_008, 131_048, 131_049, 131_072, 132_096, 262_144, 1_048_576, 8_388_608u64];
    let mut grown = 0;
    let mut last = 5000;
    for row in &table[1..] {
        let label = row[0];
        let before = heap_bytes(&run);
        if let Some(count) = label.strip_prefix("small_malloc_1000B_x") {
            for name in (0..count.parse::<u32>().expect("a number")).map(|n| n + 10) {
                if run.machine.named(NameId(name)) == Named::Nothing {
                    malloc(&mut run, name, 1000);
                }
            }
        } else if label == "small_freed_all_but_last" {
            (10..10 + 1023).for_each(|name| {
                free(&mut run, name);
            });
        } else if label == "small_freed_last" {
            free(&mut run, 10 + 1023);
        } else if let Some(rest) = label.strip_prefix("malloc_") {
            let (size, rest) = rest.split_once('_').expect("a size and a kind");
            let size: u64 = size.parse().expect("a number");
            last = 5000 + sizes.iter().position(|of| *of == size).expect("a known size") as u32;
            if rest.starts_with("again") {
                last = 6000;
            }
            let pointer = malloc(&mut run, last, size);
            let is_mapping = arena(&run).is_mapping(Vaddr(pointer.0 - 16));
            assert_eq!(is_mapping, rest.starts_with("MMAP"), "{label}");
        } else if label == "written" {
            write(&mut run, last);
        } else if let Some(size) = label.strip_prefix("free_") {
            let size: u64 = size.parse().expect("a number");
            free(&mut run, 5000 + sizes.iter().position(|of| *of == size).expect("a known size") as u32);
        } else if label.starts_with("raw_sbrk_half") {
            let heap = heap_bytes(&run);
            let bytes = Some(ByteRange { from: heap - MIB, to: heap - MIB / 2 });
            let at = At::Heap(P);
            run.op(ProcessOp::Access { access: Access::Write, at, bytes, cpu: CPU });
        } else if label.starts_with("raw_sbrk") {
            let by = if label.contains('+') { 1 << 20 } else { -(1 << 20) };
            run.op(ProcessOp::Brk { process: P, by, cpu: CPU });
        } else {
            assert_eq!(label, "small_written_all");
        }
        grown += heap_bytes(&run).saturating_sub(before) / KIB;
        let [size, data, faults] = figures(&run);
        assert_eq!(size - start[0], number(row, 1) - number(&first, 1), "VmSize after {label}");
        assert_eq!(data - start[1], number(row, 2) - number(&first, 2), "VmData after {label}");
        // Four faults are the program's own: it touches pages of its stack and its data for the first time.
        extra += match label {
            "small_malloc_1000B_x1" => 2,
            "small_malloc_1000B_x512" | "small_malloc_1000B_x1024" => 1,
            _ => 0,
        };
        assert_eq!(faults - start[2] + extra, number(row, 3) - number(&first, 3), "minflt after {label}");
        match row[4].strip_prefix('+') {
            Some(delta) => {
                assert_eq!((heap_bytes(&run) - before) / KIB, delta.parse().expect("a number"), "{label}")
            }
            None if row[4] != "-" => {
                assert_eq!((heap_bytes(&run) - heap) / KIB, number(row, 4), "brk after {label}")
            }
            None => {}
        }
    }
    assert!(grown > 0);
}

#[test]
fn facts_10_the_first_malloc_takes_132_kib() {
    let mut run = boot();
    let start = run.machine.processes().mm(P).expect("it runs").start_brk;
    let pointer = malloc(&mut run, 2, 1);
    assert_eq!(pointer.0 - start.0, 0x2a0);
    assert_eq!(heap_bytes(&run), 132 * KIB);
    let chunks: Vec<_> = arena(&run).chunks().iter().map(|chunk| (chunk.size, chunk.state)).collect();
    let top = 135_168 - TCACHE_STRUCT - 32;
    assert_eq!(chunks, [(TCACHE_STRUCT, ChunkState::Own), (32, ChunkState::InUse), (top, ChunkState::Top)]);
    // The top is long enough, so nobody looks at the threshold.
    let pointer = malloc(&mut run, 3, 131_072);
    assert!(!arena(&run).is_mapping(Vaddr(pointer.0 - 16)));
    assert_eq!(heap_bytes(&run), 132 * KIB);
}

#[test]
fn facts_10_sizes_of_chunks_and_of_areas() {
    assert_eq!([0, 1, 24, 25, 40, 41, 100].map(chunk_size), [32, 32, 32, 48, 48, 64, 112]);
    let mut run = boot();
    for (bytes, length) in [(200 * KIB, 208_896), (131_072, 135_168), (MIB, 1_052_672), (131_049, 135_168)] {
        let mut run = boot();
        // Nothing is left of the top that could serve it.
        malloc(&mut run, 2, 100_000);
        let pointer = malloc(&mut run, 3, bytes);
        assert_eq!(arena(&run).mappings().collect::<Vec<_>>(), [(Vaddr(pointer.0 - 16), length)], "{bytes}");
    }
    malloc(&mut run, 2, MIB);
    free(&mut run, 2);
    assert_eq!((arena(&run).mmap_threshold, arena(&run).trim_threshold), (1_052_672, 2 * 1_052_672));
    // The next one is cut from the heap.
    malloc(&mut run, 2, MIB);
    assert_eq!(arena(&run).mappings().count(), 0);
}

#[test]
fn what_a_thread_keeps_is_handed_out_last_in_first_out() {
    let mut run = boot();
    let pointers: Vec<Vaddr> = (2..11).map(|name| malloc(&mut run, name, 200)).collect();
    malloc(&mut run, 20, 200);
    (2..11).for_each(|name| {
        free(&mut run, name);
    });
    assert_eq!(arena(&run).kept(208), 7);
    // Two were too many, and as neighbours became one chunk.
    let joined: Vec<u64> =
        arena(&run).chunks().iter().filter(|c| c.state.is_joinable()).map(|c| c.size).collect();
    assert_eq!(joined, [416]);
    assert_eq!(malloc(&mut run, 30, 200), pointers[6]);
    assert_eq!(malloc(&mut run, 31, 200), pointers[5]);
    (32..37).for_each(|name| {
        malloc(&mut run, name, 200);
    });
    // The list is empty: the joined chunk is cut.
    assert_eq!(malloc(&mut run, 40, 200), pointers[7]);
}

#[test]
fn fast_chunks_are_not_joined_until_a_large_one_is_wanted() {
    let mut run = boot();
    (2..12).for_each(|name| {
        malloc(&mut run, name, 100);
    });
    (2..11).for_each(|name| {
        free(&mut run, name);
    });
    let fast = |run: &Run| arena(run).chunks().iter().filter(|chunk| chunk.state == ChunkState::Fast).count();
    assert_eq!(fast(&run), 2);
    malloc(&mut run, 20, 2000);
    assert_eq!(fast(&run), 0);
    assert!(arena(&run).chunks().iter().any(|chunk| chunk.state.is_joinable() && chunk.size == 224));
}

#[test]
fn the_smallest_that_is_large_enough_is_taken() {
    let mut run = boot();
    for (name, bytes) in [(2, 5000), (3, 2000), (4, 3000)] {
        malloc(&mut run, name, bytes);
        // Something in use between them.
        malloc(&mut run, name + 10, 24);
    }
    let best = place_of(&run, 3);
    [2, 3, 4].into_iter().for_each(|name| {
        free(&mut run, name);
    });
    let op = ProcessOp::Malloc { name: NameId(30), process: P, bytes: 1500, zero: false, cpu: CPU };
    let steps = run.op(op);
    assert_eq!(found(&steps), Some(Place::Large));
    assert_eq!(place_of(&run, 30), best);
}

#[test]
fn memory_freed_to_libc_still_has_the_old_bytes() {
    let mut run = boot();
    malloc(&mut run, 2, 100);
    memset(&mut run, area(2), 0x41);
    malloc(&mut run, 3, 100);
    assert!(free(&mut run, 2).iter().all(|step| !matches!(step, ProcessStep::Unmapped { .. })));
    // The same block, with two words of malloc's own in front; one of them is wiped out on the way.
    let holds = |run: &mut Run, name| dump(run, area(name), None);
    malloc(&mut run, 4, 100);
    assert_eq!(holds(&mut run, 4), [(16, Cell::Libc), (84, Cell::Byte(0x41))]);
    // calloc clears all that the chunk holds.
    free(&mut run, 4);
    assert_eq!(calloc(&mut run, 5, 100), 104);
    assert_eq!(holds(&mut run, 5)[0], (100, Cell::Byte(0)));
}

#[test]
fn memory_from_the_kernel_is_zeros() {
    let mut run = boot();
    malloc(&mut run, 2, MIB);
    assert_eq!(dump(&mut run, area(2), None), [(16 * 4096, Cell::Byte(0))]);
    memset(&mut run, area(2), 0x42);
    assert_eq!(dump(&mut run, area(2), None), [(16 * 4096, Cell::Byte(0x42))]);
    free(&mut run, 2);
    // The frames are given out again, to whoever asks: nothing is left of what was in them.
    let mapped =
        ProcessOp::Mmap { name: NameId(3), process: P, bytes: MIB, args: MmapArgs::ANONYMOUS, cpu: CPU };
    run.op(mapped);
    write(&mut run, 3);
    assert_eq!(dump(&mut run, area(3), None), [(16 * 4096, Cell::Byte(0))]);
    // calloc of an area has nothing to do.
    let mut run = boot();
    assert_eq!(calloc(&mut run, 2, MIB), 0);
    // And none of the top that was never used, but for the word in front of the next header.
    assert!(calloc(&mut run, 3, 1000) <= 1008);
}

#[test]
fn a_copy_on_write_has_the_old_bytes() {
    let mut run = boot();
    malloc(&mut run, 2, 100);
    memset(&mut run, area(2), 0x41);
    run.op(ProcessOp::Fork { name: Q, parent: P, cpu: CPU });
    let of_child = At::Area { name: NameId(2), by: Some(Q) };
    assert_eq!(dump(&mut run, of_child, None), [(100, Cell::Byte(0x41))]);
    memset(&mut run, area(2), 0x42);
    assert_eq!(dump(&mut run, of_child, None), [(100, Cell::Byte(0x41))]);
    assert_eq!(dump(&mut run, area(2), None), [(100, Cell::Byte(0x42))]);
}

#[test]
fn realloc_grows_in_place_or_copies() {
    let mut run = boot();
    let pointer = malloc(&mut run, 2, 100);
    memset(&mut run, area(2), 0x41);
    realloc(&mut run, 2, 1000);
    assert_eq!(place_of(&run, 2), pointer, "the top lies behind it");
    malloc(&mut run, 3, 24);
    let steps = realloc(&mut run, 2, 2000);
    assert_ne!(place_of(&run, 2), pointer);
    assert!(
        steps.iter().any(|step| matches!(step, ProcessStep::Malloc(MallocStep::Moved { bytes: 1000, .. })))
    );
    let range = Some(ByteRange { from: 0, to: 100 });
    assert_eq!(dump(&mut run, area(2), range), [(100, Cell::Byte(0x41))]);
    // Shorter again: the rest is free.
    realloc(&mut run, 2, 500);
    assert_eq!(arena(&run).chunk_of(place_of(&run, 2)).map(|chunk| chunk.size), Some(chunk_size(500)));
}

#[test]
fn realloc_of_an_area_moves_page_tables_and_no_page() {
    let mut run = boot();
    let args = MmapArgs { prot: mm::process::Prot::READ, ..MmapArgs::ANONYMOUS };
    // Above it lies another one, so it cannot grow where it is.
    run.op(ProcessOp::Mmap { name: NameId(3), process: P, bytes: 4096, args, cpu: CPU });
    malloc(&mut run, 2, MIB);
    memset(&mut run, area(2), 0x41);
    let faults = figures(&run)[2];
    let rss = run.machine.processes().mm(P).expect("it runs").rss;
    let before = place_of(&run, 2);
    let steps = realloc(&mut run, 2, 4 * MIB);
    let moved = steps.iter().find_map(|step| match step {
        ProcessStep::Remapped { moved, .. } => Some(moved.0),
        _ => None,
    });
    assert_eq!(moved, Some(257));
    assert_ne!(place_of(&run, 2), before);
    let mm = run.machine.processes().mm(P).expect("it runs");
    assert_eq!((mm.rss, mm.min_flt), (rss, faults), "no page is touched");
    assert_eq!(dump(&mut run, area(2), None), [(16 * 4096, Cell::Byte(0x41))]);
    // And shorter: what is cut off goes back to the kernel.
    realloc(&mut run, 2, 300 * KIB);
    assert_eq!(arena(&run).mappings().map(|(_, length)| length).collect::<Vec<_>>(), [311_296]);
}

#[test]
fn somebody_else_moved_the_end_of_the_heap() {
    let mut run = boot();
    malloc(&mut run, 2, 1000);
    run.op(ProcessOp::Brk { process: P, by: 8192, cpu: CPU });
    malloc(&mut run, 3, 100_000);
    malloc(&mut run, 4, 100_000);
    // What is in use of the old part stays, what was left of it is free, and the gap is nobody's.
    let states: Vec<_> = arena(&run).chunks().iter().map(|chunk| chunk.state).collect();
    assert_eq!(
        states,
        [
            ChunkState::Own,
            ChunkState::InUse,
            ChunkState::InUse,
            ChunkState::Bin(118),
            ChunkState::Foreign,
            ChunkState::InUse,
            ChunkState::Top,
        ]
    );
    // The end of malloc's own part is cut off: it can get no more of it.
    run.op(ProcessOp::Brk { process: P, by: -4096, cpu: CPU });
    let size = arena(&run).top().expect("a top").size;
    let op = ProcessOp::Malloc { name: NameId(5), process: P, bytes: size, zero: false, cpu: CPU };
    run.op(op);
    assert!(size < 131_072 || arena(&run).mappings().count() == 1);
    if size < 131_056 {
        assert_eq!(run.machine.named(NameId(5)), Named::Failed);
    }
}

#[test]
fn without_a_process_there_is_nothing_to_give_back() {
    let mut run = boot();
    malloc(&mut run, 2, 1000);
    run.op(ProcessOp::Exit { process: P, cpu: CPU });
    let steps = free(&mut run, 2);
    assert!(steps.is_empty());
    assert_eq!(run.machine.named(NameId(2)), Named::Freed);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    /// Whatever a program does with malloc, the laws hold, and blocks in use do not overlap.
    #[test]
    fn chunks_tile_the_heap(
        acts in prop::collection::vec((0u8..12, 0u32..10, 0usize..14), 1..60),
    ) {
        let sizes = [0, 1, 24, 40, 100, 120, 500, 1000, 1040, 3000, 20_000, 70_000, 131_072, 300_000];
        let mut run = boot();
        for (act, name, size) in acts {
            let (name, bytes) = (name + 2, sizes[size]);
            let is_held = matches!(run.machine.named(NameId(name)), Named::Chunk { .. });
            match act {
                0..=4 if !is_held => { malloc(&mut run, name, bytes); },
                5 if !is_held => { calloc(&mut run, name, bytes); },
                6 if is_held => { realloc(&mut run, name, bytes.max(1)); },
                7 if is_held => memset(&mut run, area(name), 0x41),
                8 if size < 3 => { run.op(ProcessOp::Brk { process: P, by: 4096 * i64::from(name), cpu: CPU }); },
                _ if is_held => { free(&mut run, name); },
                _ => {}
            }
            let arena = run.machine.processes().mm(P).and_then(|mm| mm.malloc.clone());
            let Some(arena) = arena else { continue };
            let mut held: Vec<(u64, u64)> = (2..12).filter_map(|name| match run.machine.named(NameId(name)) {
                Named::Chunk { at, bytes, .. } => Some((at.0, at.0 + u64::from(bytes))),
                _ => None,
            }).collect();
            for (start, end) in &held {
                let chunk = arena.chunk_of(Vaddr(*start)).expect("a chunk");
                prop_assert_eq!(chunk.state, ChunkState::InUse);
                prop_assert!(end - start <= chunk.size - 8);
            }
            held.sort_unstable();
            prop_assert!(held.windows(2).all(|pair| pair[0].1 <= pair[1].0));
            // In use, free, the rest: all of the heap.
            let sum = |of: fn(ChunkState) -> bool| -> u64 {
                arena.chunks().iter().filter(|chunk| of(chunk.state)).map(|chunk| chunk.size).sum()
            };
            let (first, top) = (arena.chunks()[0].start, arena.top().expect("a top"));
            let used = sum(|state| !state.is_free() && state != ChunkState::Top);
            prop_assert_eq!(used + sum(ChunkState::is_free) + top.size, top.end().0 - first.0);
            let mapped = held.iter().filter(|(start, _)| arena.is_mapping(Vaddr(start - 16))).count();
            prop_assert_eq!(arena.mappings().count(), mapped);
        }
    }
}
