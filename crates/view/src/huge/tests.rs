//! The laws that every scene keeps, and what it shows.

use std::collections::BTreeSet;

use mm::step::{HugeStep, ProcessStep};
use scenario::Lang;

use super::{Cell, Figures, Whole, blocks, headline, label, of_step, rows, scene, shown};
use crate::hierarchy::tests_watch as watch;
use crate::scene::{Id, Ring, Room};
use crate::testing::{ROOMS, lawful};

/// Huge pages on fault and later, taken apart, of the pool and beyond it, in swap, and where there are none.
pub(crate) const STORIES: [&str; 6] = [
    "ram 32M\npcp off\nwatermarks off\nthp madvise\np = exec\nm = mmap p 6M\nwrite m 0..100K\nwrite m 3M..4M\n\
     madvise m hugepage\nkhugepaged\nmadvise m dontneed 2M..2052K\nread m\nq = fork p\nwrite m by=q\nexit q",
    "ram 16M\npcp off\nwatermarks off\nthp always\np = exec\na_rather_long_name_of_an_area = mmap p 5M\n\
     read a_rather_long_name_of_an_area\nwrite a_rather_long_name_of_an_area 0..3M\nb = mmap p 12M\nwrite b\n\
     khugepaged max_ptes_none=0",
    "ram 32M\nthp never\nnr_hugepages 4\nnr_overcommit_hugepages 3\np = exec\nh = mmap p 6M huge\nwrite h 0..2M\n\
     g = mmap p 8M huge\nx = mmap p 10M huge\nmunmap h\nnr_hugepages 0\nexit p\nnr_hugepages 100",
    "ram 64M\nreclaim on\ncompaction on\nswap 32M\nthp madvise\np = exec\nm = mmap p 4M\nwrite m\n\
     madvise m pageout 0..1M\nwait 3s\nmadvise m hugepage\nwrite m 2M..4M\nkhugepaged max_ptes_swap=511",
    "ram 2M\nzone Normal\na = alloc order=3\nfree a",
    "ram 16M\nreclaim on\nswap 8M zram\nthp always\np = exec\na = mmap p 2044K\nm = mmap p 6M\nwrite m\n\
     madvise m pageout 0..2M\nmunmap m 3M..4M\nq = fork p\nwrite m 4M..4100K\nexit q\ndrop_caches 2\nread m 0..8K",
];

#[test]
fn laws_hold_in_every_room() {
    let mut seen = BTreeSet::new();
    for (s, text) in STORIES.iter().enumerate() {
        let mut at = 0usize;
        watch(text, |moment| {
            let step = of_step(moment.just_did.as_ref()).map(|step| match step {
                ProcessStep::Huge(step) => format!("{:?}", std::mem::discriminant(&step)),
                step => format!("{:?}", std::mem::discriminant(&step)),
            });
            let is_new = step.is_some_and(|step| seen.insert((s, step)));
            at += 1;
            if !is_new && !at.is_multiple_of(601) && at > 1 {
                return;
            }
            let turns = if is_new { 0..10 } else { at % 10..at % 10 + 1 };
            for turn in turns {
                let ((room, name), lang) = (ROOMS[turn % 5], Lang::ALL[turn / 5]);
                let size = if at.is_multiple_of(3) && turn % 5 > 1 { 1.25 } else { 1.0 };
                let selected = at.is_multiple_of(2).then_some(mm::Pfn(512));
                let scene = scene(moment, &Room { scale: size, ..room }, lang, selected);
                lawful(&scene, &format!("story {s}, {}, {name} {lang:?} × {size}", moment.cursor));
                assert!(!label(moment, lang).is_empty());
            }
        });
    }
    assert!(seen.len() > 40, "{seen:?}");
}

#[test]
fn rows_and_figures_say_what_the_machine_has() {
    let mut moments = 0;
    for text in &STORIES[..4] {
        watch(text, |moment| {
            moments += 1;
            if moments % 37 != 0 {
                return;
            }
            let all: u32 = blocks(&moment.machine)
                .iter()
                .map(|b| b.free + b.moves + b.stays + b.huge + b.idle + b.pool)
                .sum();
            assert_eq!(all, moment.machine.end().0, "every frame is in one block, as one thing");
            let Some(mm) = shown(moment) else { return };
            let of = Figures::of(&moment.machine, mm);
            assert!(of.touched <= of.rss && of.rss <= of.vsz, "{of:?}");
            let pooled = |row: &super::Row| matches!(row.whole, Whole::Pool(_));
            let rows = rows(&moment.machine, mm);
            let there: u64 = rows.iter().filter(|row| !pooled(row)).map(|row| u64::from(row.present())).sum();
            assert!(there <= of.rss, "{there} pages in rows, {of:?}");
            assert_eq!(rows.iter().filter(|row| pooled(row)).count() as u64, mm.hugetlb);
        });
    }
}

#[test]
fn what_khugepaged_made_shows_what_nobody_touched() {
    let mut seen = 0;
    watch(STORIES[0], |moment| {
        if let Some(ProcessStep::Huge(HugeStep::Collapsed { address, more, .. })) =
            of_step(moment.just_did.as_ref())
        {
            let mm = shown(moment).expect("a process");
            let rows = rows(&moment.machine, mm);
            let row = rows.iter().find(|row| row.start == address).expect("its row");
            assert!(matches!(row.whole, Whole::Huge(_)));
            assert_eq!(u64::from(row.count(Cell::Untouched)), more.0);
            let (room, _) = ROOMS[0];
            let scene = scene(moment, &room, Lang::En, None);
            assert!(scene.has(Id::Ringed(Ring::Done)), "{scene}");
            assert!(headline(moment, Lang::En)[0].starts_with("p: "));
            seen += 1;
        }
    });
    assert!(seen > 0);
}
