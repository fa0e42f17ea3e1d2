//! The rules that every sentence keeps.

use std::collections::BTreeSet;
use std::rc::Rc;

use mm::Config;
use mm::config::Mobility;
use mm::mempolicy::NodeMask;
use mm::mmzone::ZoneKind;
use mm::oom_kill::{LowMemory, LowVerdict, OomRules};
use mm::op::PageKind;
use mm::page::MigrateType::{self, Movable, Reclaimable, Unmovable};
use mm::process::{Cell, Rss, Window};
use mm::step::{Floor, KmemStep, OomStep, ProcessStep, Spared, Verdict};
use mm::util::Overcommit;

use mm::AllocFlags;
use mm::op::Sysctl;
use mm::step::{NotModelled, Nothing, SkipReason, WatermarkVerdict};

use super::*;
use crate::testing::{isolated, mixed, pressed, small_with_reserves, three_zones, two_nodes, walk};

pub(super) fn is_cjk(c: char) -> bool {
    ('\u{4e00}'..='\u{9fff}').contains(&c)
}

/// The frame numbers in a text: `a–b`, `frame a`, `block a`, `a 号`, and those of a sum with ⊕.
fn frame_numbers(text: &str) -> Vec<u64> {
    let chars: Vec<char> = text.chars().collect();
    let mut found = Vec::new();
    let mut at = 0;
    while at < chars.len() {
        if !chars[at].is_ascii_digit() {
            at += 1;
            continue;
        }
        let start = at;
        let grouped = |at: usize| chars[at] == ',' && chars.get(at + 1).is_some_and(char::is_ascii_digit);
        while at < chars.len() && (chars[at].is_ascii_digit() || grouped(at)) {
            at += 1;
        }
        let number: String = chars[start..at].iter().filter(|c| **c != ',').collect();
        let before: String = chars[..start].iter().collect();
        let after: String = chars[at..].iter().collect();
        let in_sum = text.contains('⊕') && (before.ends_with("= ") || after.starts_with(" ⊕"));
        if ["–", "frame ", "frames ", "block "].iter().any(|word| before.ends_with(word))
            || after.starts_with('–')
            || after.trim_start().starts_with('号')
            || in_sum
        {
            found.push(number.parse().expect("digits"));
        }
    }
    found
}

/// What the kernel calls so.
const KERNEL_NAMES: [&str; 31] = [
    "__GFP_HARDWALL",
    "vfs_cache_pressure",
    "zone_reclaim_mode",
    "set_mempolicy",
    "size-128(DMA)",
    "GFP_ATOMIC",
    "GFP_NOWAIT",
    "min_free_kbytes",
    "watermark_scale_factor",
    "watermark_boost_factor",
    "lowmem_reserve_ratio",
    "percpu_pagelist_high_fraction",
    "overcommit_memory",
    "overcommit_ratio",
    "RLIMIT_STACK",
    "RLIMIT_AS",
    "RLIMIT_MEMLOCK",
    "max_map_count",
    "MADV_FREE",
    "MADV_COLD",
    "MADV_PAGEOUT",
    "dirty_ratio",
    "dirty_background_ratio",
    "oom_score_adj",
    "oom_adj",
    "panic_on_oom",
    "oom_kill_allocating_task",
    "CAP_SYS_RESOURCE",
    "max_ptes_none",
    "max_ptes_swap",
    "max_ptes_shared",
];

/// What holds for every sentence; `names` are taken out first, whatever they look like.
pub(super) fn keeps_the_rules(sentence: &Sentence, lang: Lang, names: &[String], kind: Option<&StepKind>) {
    let whole = sentence.whole(lang);
    assert!(whole.chars().count() <= longest(lang), "{} characters: {whole}", whole.chars().count());
    let end = lang.pick('.', '。');
    for part in [&sentence.text, &sentence.why] {
        assert!(part.chars().count() > 3 && part.ends_with(end), "{part:?}");
        assert_eq!(part.trim(), part);
    }
    // A long name may have lost its middle.
    let short = names.iter().filter_map(|name| {
        let chars: Vec<char> = name.chars().collect();
        let end = chars.len().checked_sub(5).filter(|_| chars.len() > 12)?;
        Some(chars[..6].iter().chain(&['…']).chain(&chars[end..]).collect::<String>())
    });
    let short: Vec<String> = short.collect();
    let mut longest_first: Vec<&String> = names.iter().chain(&short).collect();
    longest_first.sort_by_key(|name| std::cmp::Reverse(name.len()));
    // Names of the kernel's are not translated, and some have an underscore.
    let whole_plain = KERNEL_NAMES.iter().fold(whole.clone(), |text, name| text.replace(name, "Q"));
    let plain = longest_first.into_iter().fold(whole_plain, |text, name| text.replace(name.as_str(), "Q"));
    for raw in [
        "{", "}", "::", "_", "?", "Some(", "None", "Pfn", "Order", "NameId", "  ", "--", "..", "。。", "，。",
    ] {
        assert!(!plain.contains(raw), "{raw:?} in {whole}");
    }
    match lang {
        Lang::En => assert!(!plain.chars().any(is_cjk), "{whole}"),
        Lang::Zh => {
            for sign in [", ", ": ", ". ", "(", ")", ";"] {
                assert!(!plain.contains(sign), "{sign:?} in {whole}");
            }
            // A space between a Chinese character and a Latin letter or digit.
            for (a, b) in plain.chars().zip(plain.chars().skip(1)) {
                let glued =
                    (is_cjk(a) && b.is_ascii_alphanumeric()) || (a.is_ascii_alphanumeric() && is_cjk(b));
                assert!(!glued, "{a}{b} in {whole}");
            }
            let spaced = |three: &[char]| is_cjk(three[0]) && three[1] == ' ' && is_cjk(three[2]);
            let chars: Vec<char> = plain.chars().collect();
            assert!(!chars.windows(3).any(spaced), "a space between two characters: {whole}");
        }
    }
    let blocks: Vec<Block> = kind.map(blocks).unwrap_or_default();
    for pfn in frame_numbers(&plain) {
        let covered = blocks.iter().any(|b| (u64::from(b.pfn.0)..=u64::from(b.last().0)).contains(&pfn));
        assert!(covered, "frame {pfn} is not ringed: {whole}");
    }
}

fn blocks(kind: &StepKind) -> Vec<Block> {
    kind.blocks().into_iter().flatten().collect()
}

/// Walks every moment of a story in both languages.
fn every_moment_keeps_the_rules(story: Story) -> BTreeSet<u8> {
    every_moment_of(&story.scenario())
}

/// The same of a text.
fn every_moment_of_text(text: &str) -> BTreeSet<u8> {
    every_moment_of(&Rc::new(scenario::parse(text).strict().expect("a text without errors")))
}

fn every_moment_of(scenario: &Rc<Scenario>) -> BTreeSet<u8> {
    let mut last: [Option<Narration>; 2] = [None, None];
    let mut seen = BTreeSet::new();
    walk(scenario, |moment| {
        let names = &moment.scenario.names;
        let [done, coming] = [moment.just_did, moment.next].map(|step| step.map(|step| step.kind));
        seen.extend(done.map(|kind| kind.code()));
        for (lang, last) in Lang::ALL.into_iter().zip(&mut last) {
            let said = narration(moment, lang);
            keeps_the_rules(said.did.as_ref().expect("did"), lang, names, done.as_ref());
            keeps_the_rules(said.next.as_ref().expect("next"), lang, names, coming.as_ref());
            assert_eq!(said.failed, done.is_some_and(|kind| kind.class() == StepClass::Fail));
            // What happens in no function of the kernel: an op that is skipped, one that it does not have, and a read.
            let in_none = |k| {
                matches!(
                    k,
                    StepKind::Skipped { .. }
                        | StepKind::NothingToDo { why: Nothing::NoReaper }
                        | StepKind::Kmem(KmemStep::Touched { .. })
                        | StepKind::Hierarchy(_)
                        | StepKind::Process {
                            step: ProcessStep::Present { .. } | ProcessStep::File { .. },
                            ..
                        }
                        | StepKind::Segment(_)
                )
            };
            assert_eq!(said.source.is_some(), done.is_some_and(|k| !in_none(k)));
            if let Some(last) = last {
                assert_ne!(last.did, said.did, "nothing seems to happen at {}", moment.cursor);
                assert_ne!(last.next, said.next, "nothing seems to happen at {}", moment.cursor);
            }
            *last = Some(said);
            if let Some(step) = &moment.just_did {
                let line = step_line(&moment.scenario, step, lang);
                assert!(!line.is_empty() && !line.contains('\n') && !line.ends_with(['.', '。']), "{line}");
                let op = moment.cursor.op - u32::from(moment.cursor.step == 0);
                let sentence = step_sentence(&moment.scenario, &moment.machine, op, step, lang);
                keeps_the_rules(&sentence, lang, names, done.as_ref());
            }
        }
    });
    seen
}

#[test]
fn every_sentence_about_segments_keeps_the_rules() {
    for text in crate::segmentation::STORIES {
        every_moment_of_text(text);
    }
}

#[test]
fn every_sentence_of_random_workloads_keeps_the_rules() {
    let any = [3, 2, 2, 3, 3];
    let mut seen = BTreeSet::new();
    for (pageblock_order, mobility) in
        [(9, Mobility::Auto), (3, Mobility::On), (1, Mobility::On), (5, Mobility::Off)]
    {
        let story = Story::on(three_zones(pageblock_order, mobility))
            .free("w")
            .workload("w", 350, (0, 4), any, 35)
            .workload("w", 5, (0, 1), any, 0)
            .alloc("one", 0, PageKind::File)
            .alloc("one", 0, PageKind::File)
            .alloc("odd", 11, PageKind::Anon)
            .alloc("odd", 10, PageKind::Anon)
            .free("odd")
            .free("odd")
            .workload("x[7]", 150, (0, 6), [0, 1, 1, 0, 0], 50)
            .free("w")
            .free("w")
            .free("x[7]")
            .free("one");
        seen.extend(every_moment_keeps_the_rules(story));
    }
    // A tiny machine, filled to the last page and emptied.
    let mut tiny = Story::on(Config { pageblock_order: crate::testing::order(2), ..Config::single_zone(64) });
    for i in 0..24 {
        tiny = tiny.alloc(&format!("b[{i}]"), i % 4, PageKind::ASKABLE[usize::from(i) % 5]);
    }
    for i in 0..24 {
        tiny = tiny.free(&format!("b[{}]", i * 5 % 24));
    }
    seen.extend(every_moment_keeps_the_rules(tiny));
    for config in [two_nodes(), small_with_reserves()] {
        seen.extend(every_moment_keeps_the_rules(pressed(config)));
    }
    seen.extend(every_moment_keeps_the_rules(mixed()));
    seen.extend(every_moment_keeps_the_rules(isolated()));
    assert_eq!(seen.len(), 39, "every kind of step was told: {seen:?}");
}

/// Slabs of four objects, on two CPUs; too little memory at the end.
const SLUB: &str = "ram 4M
zone Normal
cpus 2
page_group_by_mobility off
pcp off
watermarks off
pageblocks Normal 00
free_list Normal 0 Unmovable: 0x10 0x12 0x14
free_list Normal 3 Unmovable: 0x40 0x50 0x60 0x70 0x80 0x90 0xa0 0xb0 0xc0
c = kmem_cache_create size=8K
same = kmem_cache_create size=8190
large = kmem_cache_create size=4M ctor
for i in 0..34
  o[i] = kmem_cache_alloc c
end
for i in 0..2
  free o[i] cpu=1
end
for i in 0..6
  free o[4*i+3]
end
last = kmem_cache_alloc same cpu=1
none = kmalloc 8K
for i in 1..7
  free o[4*i] cpu=1
end
for i in 1..7
  free o[4*i+1] cpu=1
end
for i in 1..7
  free o[4*i+2] cpu=1
end
for i in 0..23
  p[i] = kmem_cache_alloc c
end
kmem_cache_shrink c
kmem_cache_destroy same
kmem_cache_destroy c
zero = kmalloc 0
huge = kmalloc 8M
a = kzalloc 40
b = kmalloc 64 account
touch a
touch a offset=8 cpu=1
touch b
reap
free a
free b
w = kmalloc 20K
d = kmem_cache_create size=100 ctor
e = kmem_cache_alloc d
free e
kmem_cache_destroy d
";

/// Arrays of 24 with and of 8 without a shared one, and the reaper.
const SLAB: &str = "ram 4M
zone Normal
cpus 2
slab slab
page_group_by_mobility off
pcp off
watermarks off
c = kmem_cache_create size=2240
for i in 0..47
  o[i] = kmem_cache_alloc c
end
for i in 0..24
  free o[i] cpu=1
end
again = kmem_cache_alloc c
big = kmem_cache_create size=5000
for i in 0..24
  b[i] = kmem_cache_alloc big
end
for i in 0..24
  free b[i]
end
for i in 0..3
  reap
  reap cpu=1
end
f = kmem_cache_alloc c
kmem_cache_shrink c
kmem_cache_destroy big
g = kmalloc 100 dma
h = kmalloc 3M
i = kmalloc 2M
";

/// Areas that fit and that do not; those that fail leave addresses behind that wait.
const AREAS: &str = "ram 64M
zone Normal
page_group_by_mobility off
pcp off
watermarks off
pageblocks Normal 0*32
free_list Normal 0 Unmovable: 0x10 0x12 0x14 0x16 0x18
v = vmalloc 12K
w = vmalloc 17M
x = vmalloc 17M
k = kvmalloc 20K
u = vmalloc 65M
z = vmalloc 0
free v
l = vzalloc 4K
free l
m = vmalloc 40M
";

#[test]
fn every_sentence_of_kernel_objects_keeps_the_rules() {
    let old = SLAB.replace("slab slab", "slab slab 2.6");
    let full = "arch i386\nram 200M\nzone Normal\nwatermarks off\npcp off\npageblocks Normal 0*100\n\
        free_list Normal 0 Unmovable: 0x10\nv = vmalloc 130M\n";
    let all = "ram 4M\nzone Normal\nwatermarks off\npcp off\nfree_list Normal 3 Unmovable: 0x40\n\
        c = kmem_cache_create size=8K\nfor i in 0..3\n  o[i] = kmem_cache_alloc c\nend\nkmem_cache_shrink c\n";
    let seen: BTreeSet<u8> =
        [SLUB, SLAB, &old, AREAS, full, all].into_iter().flat_map(every_moment_of_text).collect();
    let missing: Vec<u8> =
        (40..57).chain(60..76).chain(80..90).chain(100..108).filter(|code| !seen.contains(code)).collect();
    assert_eq!(missing, [0; 0], "kinds of steps that no story has");
}

#[test]
fn every_sentence_of_caches_keeps_the_rules() {
    let seen: BTreeSet<u8> = crate::hierarchy::STORIES.into_iter().flat_map(every_moment_of_text).collect();
    let missing: Vec<u8> = (210..221).filter(|code| !seen.contains(code)).collect();
    assert_eq!(missing, [0; 0], "kinds of steps that no story has");
}

/// The largest numbers of caches.
fn of_caches(process: NameId) -> Vec<StepKind> {
    use mm::hierarchy::{CacheId, Victim};
    use mm::process::Access;
    use mm::step::HierarchyStep;
    let (cpu, other, address, physical) = (CpuId(62), CpuId(63), mm::Vaddr(1 << 47), 1 << 35);
    let (line, set, cycles) = (physical, 1 << 20, 40_000_000_000);
    let found = [5_000_000; 5];
    let mut steps = vec![
        HierarchyStep::Hits { cpu, address, line, references: 1 },
        HierarchyStep::Hits { cpu, address, line, references: 5_000_000 },
        HierarchyStep::Dram { cpu, line, cycles },
        HierarchyStep::Supplied { from: other, to: cpu, line },
        HierarchyStep::Invalidated { cpu, line, cpus: 1 << 63 },
        HierarchyStep::Invalidated { cpu, line, cpus: u64::MAX },
        HierarchyStep::Disk { cpu, address, cycles },
        HierarchyStep::Entry { cpu, physical: line, level: mm::hierarchy::Level::L1, cycles },
        HierarchyStep::Entry { cpu, physical: line, level: mm::hierarchy::Level::Dram, cycles },
        HierarchyStep::Batch { process, cpu, references: 5_000_000, found, cycles },
        HierarchyStep::Scanned { process, cpu, references: 5_000_000, found, cycles },
        HierarchyStep::Moved { process, from: cpu, to: other },
        HierarchyStep::Moved { process, from: cpu, to: cpu },
    ];
    for access in [Access::Read, Access::Write, Access::Exec] {
        steps.push(HierarchyStep::Reference { process, cpu, address, physical, access });
    }
    for cache in CacheId::ALL {
        for (compared, hit) in [(0, false), (128, false), (128, true)] {
            steps.push(HierarchyStep::Look { cpu, cache, line, set, compared, hit, cycles });
        }
        for victim in [None, Some(Victim { line, modified: false }), Some(Victim { line, modified: true })] {
            steps.push(HierarchyStep::Fill { cpu, cache, line, set, victim });
        }
    }
    steps.into_iter().map(StepKind::Hierarchy).collect()
}

/// What an op wants, in both languages, and the op as it is written.
#[test]
fn titles_of_ops_on_kernel_objects() {
    let mut seen = BTreeSet::new();
    for text in [SLUB, SLAB, AREAS] {
        let scenario = scenario::parse(text).strict().expect("a text without errors");
        for op in scenario.engine_ops() {
            let Op::Kmem(op_of_kmem) = op else { continue };
            seen.insert(format!("{op_of_kmem:?}").split(' ').next().map(str::to_owned));
            let [en, zh] = Lang::ALL.map(|lang| title_of(&scenario, op, lang));
            assert!(scenario::parse_statement(&en.code).is_ok() && en.code == zh.code, "{}", en.code);
            assert!(!en.text.chars().any(is_cjk) && zh.text.chars().any(is_cjk), "{} {}", en.text, zh.text);
            for text in [en.text, zh.text] {
                assert!(text.chars().count() > 3 && !text.ends_with(['.', '。', ' ']), "{text}");
            }
        }
    }
    assert_eq!(seen.len(), 9, "every kind of op: {seen:?}");
}

/// The largest numbers and longest names of kernel objects.
fn of_objects(name: NameId) -> Vec<StepKind> {
    use mm::cache::Access;
    use mm::slab::SlabStep;
    use mm::slub::{Object, SlabId, SlubStep};
    use mm::vmalloc::{NoArea, VMALLOC_END, VmallocStep};
    let (cache, slab, cpu) = (name, Pfn(8_387_584), CpuId(63));
    let object = Object { slab, at: SlabId::default(), index: 32_767 };
    let (bytes, objects, start) = (4_194_303, 100_000, VMALLOC_END);
    let mut kmem = vec![
        KmemStep::Created { cache },
        KmemStep::Merged { name, with: cache },
        KmemStep::NotCreated { name },
        KmemStep::SizeClass { name, bytes: 1, cache, size: bytes },
        KmemStep::Large { name, bytes, order: Order::MAX },
        KmemStep::ZeroSize { name },
        KmemStep::TooLarge { name, bytes: u32::MAX },
        KmemStep::NoObject { name, cache },
        KmemStep::FreeObject { name, cache, object },
        KmemStep::Shrinks { cache },
        KmemStep::Shrunk { cache, slabs: objects },
        KmemStep::Unaliased { name, with: cache },
        KmemStep::StillInUse { cache, objects },
        KmemStep::Destroyed { cache },
        KmemStep::Reaps { cpu },
        KmemStep::Filled { name, address: u64::MAX, bytes: 4 << 20, value: 255 },
    ];
    let runs = |cell| Window::of(&[(4 << 20, Cell::Byte(255)), (8, cell), (4 << 20, Cell::Byte(1))]);
    for cell in [Cell::FreePointer, Cell::Unsaid, Cell::Byte(0)] {
        let holds = runs(cell);
        kmem.push(KmemStep::Holds { name, holds });
        kmem.push(KmemStep::Dumped { name, address: u64::MAX, bytes: 4 << 20, holds });
    }
    for zeroed in [false, true] {
        kmem.push(KmemStep::Handed { name, cache, object, zeroed, constructed: !zeroed });
        let access = Access::Miss { set: 63, evicted: zeroed.then_some(u64::MAX) };
        kmem.push(KmemStep::Touched { name, address: u64::MAX, cpu, access });
    }
    let order = Order::MAX;
    let slub = [
        SlubStep::FastAlloc(object),
        SlubStep::TakesRemoteFrees { slab, objects: 32_767 },
        SlubStep::LetsFullSlabGo { slab },
        SlubStep::TakesCpuPartial { slab },
        SlubStep::TakesNodePartial { slab, node: 7 },
        SlubStep::TakesOneMore { slab },
        SlubStep::NewSlab { slab, order },
        SlubStep::NoSlab,
        SlubStep::FastFree(object),
        SlubStep::SlowFree { object, frozen: true },
        SlubStep::SlowFree { object, frozen: false },
        SlubStep::ToCpuPartial { slab },
        SlubStep::CpuPartialIsFull { slabs: 1000 },
        SlubStep::ToNodePartial { slab, tail: true },
        SlubStep::StaysFull { slab },
        SlubStep::Discards { slab },
        SlubStep::KeepsEmpty { slab },
    ];
    let of_slab = [
        SlabStep::ArrayAlloc(object),
        SlabStep::FromShared { objects },
        SlabStep::FromSlab { slab, objects, full: true },
        SlabStep::FromSlab { slab, objects, full: false },
        SlabStep::NewSlab { slab, order, colour: 10_000 },
        SlabStep::NoSlab,
        SlabStep::ArrayFree(object),
        SlabStep::ToShared { objects },
        SlabStep::ToSlabs { objects },
        SlabStep::Empty { slab },
        SlabStep::Destroys { slab },
    ];
    let vmalloc = [
        VmallocStep::Request { bytes: 34_359_738_367 },
        VmallocStep::Addresses { start, pages: 8_388_608 },
        VmallocStep::Page { index: 8_388_607, pfn: slab },
        VmallocStep::Table { from: start, pfn: slab },
        VmallocStep::Mapped { start, pages: 8_388_608 },
        VmallocStep::Unmapped { start, waiting: 100_000_000 },
        VmallocStep::Purged { pages: 100_000_000 },
        VmallocStep::Failed { why: NoArea::ZeroSize },
        VmallocStep::Failed { why: NoArea::ExceedsTotalPages },
        VmallocStep::Failed { why: NoArea::NoAddresses },
        VmallocStep::Failed { why: NoArea::NoPages { got: mm::NrPages(8_388_607) } },
    ];
    let kmem = kmem.into_iter().map(StepKind::Kmem);
    let slub = slub.into_iter().map(|step| StepKind::Slub { cache, step });
    let of_slab = of_slab.into_iter().map(|step| StepKind::Slab { cache, step });
    kmem.chain(slub).chain(of_slab).chain(vmalloc.map(|step| StepKind::Vmalloc { name, step })).collect()
}

#[test]
fn the_longest_sentences_fit() {
    use mm::config::ZoneSpec;
    use mm::step::{BuddyVerdict, Nothing};
    let zones = [ZoneKind::HighMem, ZoneKind::Movable].into_iter().flat_map(|kind| {
        (0..2).map(move |node| ZoneSpec { kind, node, span: mm::PfnRange::new(0, 8_388_608) })
    });
    let config = Config { zones: zones.collect(), ..Config::single_zone(8_388_608) };
    let long = format!("{}[1000000]", "abcdefghijklmnopqrstuvwxyz_12345");
    let scenario = Story::on(config).alloc(&long, 30, PageKind::Anon).scenario();
    let (name, zone, far) = (NameId(0), ZoneId(0), 8_387_584);
    let alloc = scenario.ops[0].op.clone();
    let free = u32::MAX >> 10;
    let mut kinds = Vec::new();
    for reason in [
        SkipReason::AllocationFailed,
        SkipReason::AlreadyFreed,
        SkipReason::NotYetAllocated,
        SkipReason::StillHeld,
    ] {
        kinds.push(StepKind::Skipped { name, reason });
    }
    for (order, kind) in
        (0..=12).chain([20, 21, 30, 255]).flat_map(|order| PageKind::ASKABLE.map(|kind| (order, kind)))
    {
        let (highest_zone, cpu) = (ZoneKind::Movable, CpuId(255));
        for flags in [kind.usual_flags(), GfpFlags::GFP_ATOMIC, GfpFlags::GFP_NOWAIT] {
            for migratetype in [flags.migratetype(), Unmovable] {
                kinds.push(StepKind::Request { name, order, kind, migratetype, highest_zone, flags, cpu });
            }
        }
        kinds.push(StepKind::TooLarge { order });
        kinds.push(StepKind::Failed { name, order, free });
        kinds.push(StepKind::Failed { name, order, free: 0 });
    }
    let (from, to) = (Unmovable, Reclaimable);
    for order in Order::all() {
        let block = Block { pfn: Pfn(far), order };
        let up = Block { pfn: Pfn(far), order: order.up().unwrap_or(order) };
        let buddy = Block { pfn: block.pfn.buddy(order), order };
        for tail in [false, true] {
            kinds.push(StepKind::TryZone { zone, no_fragment: tail });
            kinds.push(StepKind::PutBlock { zone, block, migratetype: to, tail });
            kinds.push(StepKind::FallbackFound { zone, block, from, to, largest: tail });
            for alike in [0, 512] {
                kinds.push(StepKind::MoveFreePages {
                    zone,
                    pageblock: block,
                    free: 512,
                    alike,
                    from,
                    to,
                    claimed: tail,
                });
            }
        }
        kinds.extend([
            StepKind::ListEmpty { zone, order, migratetype: to },
            StepKind::TakeHead { zone, block, migratetype: to, wanted: Order::ZERO },
            StepKind::TakeHead { zone, block, migratetype: to, wanted: order },
            StepKind::Split { zone, kept: block, put: buddy, migratetype: to, wanted: Order::ZERO },
            StepKind::Handed { zone, block, name, kind: PageKind::Anon },
            StepKind::FallbackBegins { zone, migratetype: to, wanted: Order::ZERO, min_order: order },
            StepKind::ClaimPageblocks { zone, block, from, to },
            StepKind::MoveBlock { zone, block, from, to },
            StepKind::ZoneFailed { zone, order, migratetype: to, free },
            StepKind::FreeRequest { zone, block, name: Some(name), migratetype: to },
            StepKind::FreeRequest { zone, block, name: None, migratetype: to },
            StepKind::Merge { zone, merged: up, buddy, from: to },
        ]);
        let cpu = CpuId(255);
        kinds.extend([
            StepKind::PcpEmpty { zone, cpu, order, migratetype: to, blocks: 63 },
            StepKind::PcpAppend { zone, cpu, block, migratetype: to },
            StepKind::PcpRefilled { zone, cpu, order, migratetype: to, blocks: 63, count: 100_000 },
            StepKind::PcpRefilled { zone, cpu, order, migratetype: to, blocks: 0, count: 100_000 },
            StepKind::PcpTake { zone, cpu, block, migratetype: to, count: 100_000 },
            StepKind::PcpPut { zone, cpu, block, migratetype: to, count: 100_000, high: 100_000 },
            StepKind::PcpPut { zone, cpu, block, migratetype: to, count: 99_999, high: 100_000 },
            StepKind::PcpPut { zone, cpu, block, migratetype: to, count: 100_000, high: 0 },
            StepKind::PcpDrain { zone, cpu, block, migratetype: to },
            StepKind::WakeKswapd { zone, order },
            StepKind::ReserveHighatomic { zone, pageblock: block, reserved: 100_000, max: 100_000 },
            StepKind::UnreserveHighatomic { zone, pageblock: block, to, free: 1023 },
        ]);
        for verdict in [WatermarkVerdict::Ok, WatermarkVerdict::TooFew, WatermarkVerdict::NoBlock] {
            let high = AllocFlags::MIN_RESERVE;
            let min = AllocFlags::WMARK_MIN;
            for flags in [
                min,
                AllocFlags::WMARK_LOW,
                AllocFlags::OOM,
                AllocFlags::NO_WATERMARKS,
                high,
                high.with(AllocFlags::NON_BLOCK),
            ] {
                let (mark, min, reserve) = (flags.mark(), free, free);
                kinds.push(StepKind::Watermark { zone, order, mark, flags, free, min, reserve, verdict });
            }
        }
        for verdict in [
            BuddyVerdict::Yes,
            BuddyVerdict::NoMemory,
            BuddyVerdict::InUse,
            BuddyVerdict::OtherOrder(Order::MAX),
            BuddyVerdict::OtherZone,
            BuddyVerdict::OtherType { ours: to, theirs: MigrateType::HighAtomic },
        ] {
            let of_large = matches!(verdict, BuddyVerdict::OtherOrder(_) | BuddyVerdict::OtherType { .. });
            // A single page has no smaller parts and is smaller than any pageblock; the largest order has no buddy.
            if order == Order::MAX || of_large && order == Order::ZERO {
                continue;
            }
            kinds.push(StepKind::BuddyCheck { zone, block, buddy: buddy.pfn, verdict });
        }
    }
    let cpu = CpuId(255);
    kinds.extend([
        StepKind::AllowFragment { zone },
        StepKind::PcpDrainBegins { zone, cpu, count: 100_000, pages: 100_000, free_factor: 5 },
        StepKind::Boost { zone, boost: 1_000_000, max: 1_000_000 },
        StepKind::SlowPath { flags: AllocFlags::WMARK_MIN },
        StepKind::SlowPath { flags: AllocFlags::NON_BLOCK },
        StepKind::SlowPath { flags: AllocFlags::MIN_RESERVE },
        StepKind::SlowPath { flags: AllocFlags::MIN_RESERVE.with(AllocFlags::NON_BLOCK) },
    ]);
    for what in [NotModelled::DirectCompact, NotModelled::DirectReclaim, NotModelled::OutOfMemory] {
        kinds.push(StepKind::Missing { what });
    }
    for sysctl in [
        Sysctl::MinFreeKbytes(u32::MAX),
        Sysctl::WatermarkScaleFactor(3000),
        Sysctl::WatermarkBoostFactor(u32::MAX),
        Sysctl::LowmemReserveRatio([1_000_000; 6]),
        Sysctl::PercpuPagelistHighFraction(u32::MAX),
        Sysctl::OvercommitMemory(Overcommit::Guess),
        Sysctl::OvercommitMemory(Overcommit::Always),
        Sysctl::OvercommitMemory(Overcommit::Never),
        Sysctl::OvercommitRatio(u32::MAX),
        Sysctl::ZoneReclaimMode(0),
        Sysctl::ZoneReclaimMode(7),
        Sysctl::PanicOnOom(0),
        Sysctl::PanicOnOom(2),
        Sysctl::OomKillAllocatingTask(0),
        Sysctl::OomKillAllocatingTask(1),
    ] {
        kinds.push(StepKind::Written { sysctl });
    }
    kinds.extend(of_objects(name));
    kinds.extend(of_caches(name));
    kinds.extend(of_killing(name));

    let whole = Block { pfn: Pfn(far), order: Order::MAX };
    kinds.extend([
        StepKind::Isolate { zone, pageblock: whole, from: to, free: 1024 },
        StepKind::IsolateRefused { zone, pageblock: whole, unmovable: Pfn(far) },
        StepKind::Unisolate { zone, pageblock: whole, to, free: 1024 },
    ]);
    for why in [
        Nothing::NoCpuPages,
        Nothing::NoPageblock(Pfn(far)),
        Nothing::IsIsolated(whole),
        Nothing::NotIsolated(whole),
        Nothing::NotFollowed,
        Nothing::NoReaper,
    ] {
        kinds.push(StepKind::NothingToDo { why });
    }
    let zone_failed = |zone| StepKind::ZoneFailed { zone, order: Order::MAX, migratetype: Movable, free };
    let befores = [
        None,
        Some(kinds[4]),
        Some(zone_failed(ZoneId(3))),
        Some(zone_failed(zone)),
        Some(StepKind::AllowFragment { zone }),
        Some(StepKind::SlowPath { flags: AllocFlags::WMARK_MIN }),
        kinds.iter().copied().find(|k| matches!(k, StepKind::Watermark { .. })),
        kinds.iter().copied().find(|k| matches!(k, StepKind::PcpTake { .. })),
        kinds.iter().copied().find(|k| matches!(k, StepKind::Split { .. })),
        kinds.iter().copied().find(|k| matches!(k, StepKind::ClaimPageblocks { .. })),
    ];
    let names = [long.clone()];
    for before in befores {
        let words = Words::of_scenario(&scenario).remembering(Some((99_999, &alloc)), before);
        for kind in &kinds {
            keeps_the_rules(&did::<En>(&words, kind), Lang::En, &names, Some(kind));
            keeps_the_rules(&next::<En>(&words, kind), Lang::En, &names, Some(kind));
            keeps_the_rules(&did::<Zh>(&words, kind), Lang::Zh, &names, Some(kind));
            keeps_the_rules(&next::<Zh>(&words, kind), Lang::Zh, &names, Some(kind));
        }
    }
}

/// The built-in lessons, step by step: their sentences keep the rules as well.
#[test]
fn every_sentence_of_the_lessons_keeps_the_rules() {
    for lesson in scenario::builtins() {
        let scenario = std::rc::Rc::new(scenario::parse(lesson.text).strict().expect(lesson.id));
        let mut session = crate::testing::session(&scenario);
        // Long lessons are sampled; the stride is odd, so that it does not only meet the ends of pairs.
        while !session.survey(1 << 20) {}
        let stride = (session.survey_so_far().steps() / 250).max(1) | 1;
        for global in (0..=session.survey_so_far().steps()).step_by(stride as usize) {
            session.seek_global(global);
            let moment = Moment::of(&session, &scenario);
            for lang in Lang::ALL {
                let said = narration(&moment, lang);
                let [done, coming] = [moment.just_did, moment.next].map(|step| step.map(|step| step.kind));
                keeps_the_rules(&said.did.expect("did"), lang, &scenario.names, done.as_ref());
                keeps_the_rules(&said.next.expect("next"), lang, &scenario.names, coming.as_ref());
            }
        }
    }
}

/// Every step of the OOM killer, with the largest numbers.
fn of_killing(name: NameId) -> Vec<StepKind> {
    let most = mm::NrPages(1 << 23);
    let worst = Some((name, -8_388_608));
    let invoked = |invoker, order, rules| OomStep::Invoked {
        invoker,
        gfp: GfpFlags::GFP_KERNEL,
        order,
        memcg: None,
        // Of a cpuset, and by a policy.
        cpuset: order.and(Some(name)),
        nodes: (order.is_none() || rules == OomRules::V6_1).then_some(NodeMask::of([0, 1, 3])),
        total: most,
        rules,
    };
    let of_group = OomStep::Invoked {
        invoker: Some(name),
        gfp: GfpFlags::GFP_KERNEL,
        order: Some(Order::ZERO),
        nodes: None,
        cpuset: None,
        memcg: Some(name),
        total: most,
        rules: OomRules::V6_1,
    };
    let scored = |points, verdict| OomStep::Scored { process: name, points, verdict, worst };
    let adjusted =
        |written, legacy, oom_score_adj| OomStep::Adjusted { process: name, written, legacy, oom_score_adj };
    let rss = Rss { anon: 1 << 23, file: 0, shmem: 0 };
    let memory = LowMemory { free: -8_388_608, file: 8_388_608 };
    let low = |reached| OomStep::LowMemory { memory, reached };
    let looked = |verdict| OomStep::LowScored {
        process: name,
        oom_score_adj: -1000,
        verdict,
        first: (verdict == LowVerdict::Later).then_some(name),
    };
    let steps = vec![
        OomStep::Spared { why: Spared::LowZone { zone: ZoneKind::Dma32, above: most } },
        OomStep::Spared { why: Spared::ThisNode },
        OomStep::Spared { why: Spared::NoFs },
        invoked(Some(name), Some(Order::MAX), OomRules::V6_1),
        invoked(None, Some(Order::MAX), OomRules::V2_6_32),
        invoked(None, None, OomRules::V3_10),
        scored(Some(-8_388_608), Verdict::Worst),
        scored(Some(-8_388_608), Verdict::Better),
        scored(None, Verdict::Protected),
        scored(None, Verdict::Unkillable),
        scored(None, Verdict::Elsewhere),
        OomStep::TakesAsker { process: name },
        OomStep::TakesChild { parent: name, child: name },
        OomStep::Kill { process: name, points: -8_388_608, rss, tables: most },
        OomStep::Waits { process: name },
        OomStep::WillFree { process: name },
        OomStep::Dies { process: name },
        OomStep::ReapedArea { process: name, start: mm::Vaddr(1 << 46), present: most },
        OomStep::Reaped { process: name, taken: most, rss },
        OomStep::NobodyLeft,
        of_group,
        OomStep::NobodyInGroup { group: name },
        OomStep::Panic { compulsory: true },
        OomStep::Hangs { process: name },
        adjusted(-1000, false, -1000),
        adjusted(-999, false, -999),
        adjusted(999, false, 999),
        adjusted(0, false, 0),
        adjusted(-16, true, -941),
        OomStep::Refused { process: name, oom_score_adj: -1000, floor: Floor(-999) },
        low(None),
        low(Some((-1000, most))),
        looked(LowVerdict::First),
        looked(LowVerdict::Later),
        looked(LowVerdict::Spared),
        looked(LowVerdict::Empty),
        OomStep::LowPending { process: name },
        OomStep::LowKill { process: name, oom_score_adj: -1000, rss: most },
        OomStep::LowNobody { min_adj: -1000 },
    ];
    steps.into_iter().map(StepKind::Oom).collect()
}

/// Stories of the OOM killer keep the rules, and tell all of its steps.
#[test]
fn every_sentence_about_killing_keeps_the_rules() {
    let base = "ram 1M\nzone Normal\n";
    let mut seen = BTreeSet::new();
    let stories = [
        "p = exec uid=1000 nice=5 cputime=90 age=3600\nm = mmap p 256K\nwrite m\nq = exec\noom_score_adj p -5\n\
         oom_score_adj p -5 root\noom_adj q 5\nn = mmap q 900K\nwrite n",
        "p = exec stuck\nm = mmap p 256K\nwrite m\nq = exec\noom_score_adj q -1000\nsysrq f\nsysrq f\nexit p",
        "sysctl vm.oom_kill_allocating_task 1\np = exec\nm = mmap p 950K\nwrite m\nsysctl vm.panic_on_oom 2\n\
         q = exec\nn = mmap q 950K\nwrite n",
        "oom_killer 2.6.32\np = exec\nm = mmap p 256K\nwrite m\nq = fork p\nsysrq f\noom_adj p -17\nsysrq f",
        "oom_killer 3.10\np = exec stuck\nm = mmap p 256K\nwrite m\nq = fork p\nsysrq f\nsysrq f\nsysrq f",
        "p = exec\nfor i in 0..220\n  b[i] = alloc order=0 gfp=GFP_NOFS\nend",
        "g = cgroup max=200K\np = exec cgroup=g\nm = mmap p 300K\nwrite m\nq = exec cgroup=g\n\
         oom_score_adj q -1000\nn = mmap q 300K\nwrite n\nmemory.max g 100K",
        "lowmemorykiller on adj=0,500 minfree=30,60\np = exec\nq = exec\noom_score_adj q 600\nz = exec\n\
         oom_score_adj z 900\nm = mmap q 300K\nwrite m\nn = mmap p 900K\nwrite n\nr = exec stuck\n\
         oom_score_adj r 700\no = mmap r 100K\nwrite o\nwrite n",
    ];
    for story in stories {
        seen.extend(every_moment_of_text(&format!("{base}{story}")));
    }
    let all: BTreeSet<u8> = of_killing(NameId(0)).iter().map(StepKind::code).collect();
    let untold: Vec<&u8> = all.difference(&seen).collect();
    assert_eq!(untold, [&96, &97], "the victim is soon gone, and asks only once");
}

/// Cpusets that run short, with policies inside, and requests that may leave.
#[test]
fn every_sentence_about_cpusets_keeps_the_rules() {
    let base = "node 0 ram 1M cpus 0..0\nnode 1 ram 1M cpus 1..1\npcp off\n";
    let stories = [
        "c = cpuset mems=0\nd = cpuset mems=1 mem_hardwall\np = exec cpuset=c\nm = mmap p 600K\nwrite m\n\
         q = exec cpuset=c\nset_mempolicy q interleave 0,1\nn = mmap q 700K\nwrite n\ncpuset.mems c 0,1\n\
         cpuset.mems c 1\no = mmap q 100K\nwrite o\nr = exec cpuset=d\nx = mmap r 900K\nwrite x",
        "c = cpuset mems=1\np = exec cpuset=c\noom_score_adj p -1000\nfor i in 0..240\n\
         a[i] = alloc order=0 gfp=GFP_KERNEL by=p\nend\nb = alloc order=0 gfp=GFP_USER by=p\n\
         d = alloc order=0 gfp=GFP_ATOMIC by=p\nq = fork p",
    ];
    let mut seen = BTreeSet::new();
    for story in stories {
        seen.extend(every_moment_of_text(&format!("{base}{story}")));
    }
    assert!([58, 59, 91, 95].iter().all(|code| seen.contains(code)), "{seen:?}");
}
