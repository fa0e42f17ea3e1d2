//! The laws that every scene keeps, and what it shows.

use std::collections::BTreeSet;

use super::*;
use crate::hierarchy::tests_watch as watch;
use crate::scene::{Id, Ring, Room};
use crate::testing::{ROOMS, lawful};

/// Who is killed, by three kernels, with everything that misleads.
pub(crate) const STORIES: [&str; 9] = [
    "ram 1M\nzone Normal\nf = file 64K cached\np = exec\nr = mmap p 40K file=f r\nread r\nb = exec\nm = mmap b 500K\n\
     write m\nv = exec\no = mmap v 900K\nwrite o 0..20K\noom_score_adj v -100\nc = exec\noom_score_adj c 60\nw = exec\n\
     n = mmap w 700K\nwrite n",
    "ram 1M\nzone Normal\np = exec\nb = exec\nm = mmap b 300K\nwrite m\noom_score_adj b -1000\nc = exec\n\
     n = mmap c 200K\nwrite n\nv = exec\no = mmap v 800K\nsysrq f\noom_score_adj v 990\nsysrq f",
    "ram 1M\nzone Normal\noom_killer 2.6.32\np = exec\nb = exec cputime=3200\nm = mmap b 900K\nc = exec uid=9\n\
     n = mmap c 400K\nd = exec\no = mmap d 300K\nwrite o\nsysrq f",
    "ram 1M\nzone Normal\noom_killer 3.10\np = exec\nb = exec\nm = mmap b 300K\nwrite m\nc = fork b\nsysrq f",
    "ram 4M\nzone Normal\nsmall = exec\na_rather_long_name = exec stuck\nm = mmap a_rather_long_name 1M\nwrite m\n\
     oom_score_adj small 500\noom_score_adj a_rather_long_name 900 root\nsysrq f\nsysrq f\nexit a_rather_long_name",
    "ram 4M\nzone Normal\nfor i in 0..15\n  p[i] = exec\n  oom_score_adj p[i] 10\nend\nm = mmap p[7] 1M\nwrite m\nsysrq f",
    "ram 4M\nzone Normal\no = exec\nm = mmap o 1M\nwrite m\ng = cgroup max=1M swap.max=0\na = exec cgroup=g\n\
     x = mmap a 500K\nwrite x\noom_score_adj a 20\nb = exec cgroup=g\ny = mmap b 700K\nwrite y\n\
     memory.max g 100K\noom_score_adj a -1000 root\nc = exec cgroup=g\nz = mmap c 80K\nwrite z",
    "ram 4M\nzone Normal\nlowmemorykiller on adj=0,200,900 minfree=60,120,400\nf = file 1M\nsystem = exec\n\
     oom_score_adj system -900 root\nfront = exec\nmail = exec\noom_score_adj mail 500\nm = mmap mail 600K\nwrite m\n\
     old = exec\noom_score_adj old 906\no = mmap old 700K\nwrite o\nolder = exec stuck\noom_score_adj older 900\n\
     q = mmap older 300K\nwrite q\nn = mmap front 2M\nwrite n\ncat f\nwait 2s\nwrite n 0..64K",
    "node 0 ram 2M cpus 0..0\nnode 1 ram 1M cpus 1..1\npcp off\nred = cpuset mems=0\nblue = cpuset mems=1\n\
     db = exec cpuset=blue\nd = mmap db 600K\nwrite d\na = exec cpuset=red\nx = mmap a 480K\nwrite x\n\
     b = exec cpuset=red\ny = mmap b 480K\nwrite y",
];

#[test]
fn laws_hold_in_every_room() {
    let mut seen = BTreeSet::new();
    for (s, text) in STORIES.iter().enumerate() {
        let mut at = 0usize;
        watch(text, |moment| {
            let step = moment.just_did.filter(|step| matches!(step.kind, StepKind::Oom(_)));
            let is_new = step.is_some_and(|step| seen.insert((s, step.kind.code())));
            at += 1;
            if !is_new && !at.is_multiple_of(211) {
                return;
            }
            let turns = if is_new { 0..10 } else { at % 10..at % 10 + 1 };
            for turn in turns {
                let ((room, name), lang) = (ROOMS[turn % 5], Lang::ALL[turn / 5]);
                let size = if at.is_multiple_of(3) && turn % 5 > 1 { 1.25 } else { 1.0 };
                let scene = scene(moment, &Room { scale: size, ..room }, lang);
                lawful(&scene, &format!("story {s}, {}, {name} {lang:?} × {size}", moment.cursor));
                assert!(!label(moment, lang).is_empty());
            }
        });
    }
    assert!(seen.len() > 25, "{seen:?}");
}

#[test]
fn the_victim_is_ringed_and_runs_dry() {
    let mut left = Vec::new();
    let mut ringed = 0;
    watch(STORIES[1], |moment| {
        let (room, _) = ROOMS[0];
        if let Some(OomStep::Kill { .. }) = of_step(moment.just_did.as_ref()) {
            let scene = scene(moment, &room, Lang::En);
            ringed += scene.items.iter().filter(|item| item.id == Id::Ringed(Ring::Fail)).count();
        }
        left.extend(rows(moment).iter().filter(|row| row.standing == Standing::Dying).map(Row::pages));
    });
    assert_eq!(ringed, 2, "each of the two");
    assert!(left.len() > 20 && left[0] > 50, "{}", left.len());
    assert!(left.contains(&0), "nothing is left in the end");
}

#[test]
fn whoever_is_gone_stays_on_the_board() {
    let mut last = None;
    watch(STORIES[1], |moment| last = Some(moment.clone()));
    let moment = last.expect("a moment");
    let rows = rows(&moment);
    let gone: Vec<&str> =
        rows.iter().filter(|row| row.standing == Standing::Gone).map(|row| moment.name(row.name)).collect();
    assert_eq!((rows.len(), &gone[..]), (3, &["v"][..]));
}

#[test]
fn a_cpuset_that_is_exhausted() {
    let (mut seen, mut elsewhere) = (0, 0);
    watch(STORIES[8], |moment| {
        let Some(OomStep::Scored { .. }) = of_step(moment.just_did.as_ref()) else { return };
        seen += 1;
        assert_eq!(nodes_in_play(moment).map(|(nodes, _)| nodes), Some(NodeMask::of([0])));
        let head = headline(moment, Lang::En);
        assert_eq!(head, ["Cpuset red is exhausted: b asks in vain", "Cpuset red is exhausted"]);
        assert_eq!(headline(moment, Lang::Zh)[0], "cpuset red 耗尽：b 要不到");
        let spared = rows(moment).into_iter().filter(|row| row.standing == Standing::Spared);
        let names: Vec<String> = spared.map(|row| moment.name(row.name).to_owned()).collect();
        elsewhere += usize::from(names == ["db"]);
        let scene = scene(moment, &ROOMS[0].0, Lang::En);
        let said = scene.items.iter().filter_map(|item| match &item.shape {
            crate::scene::Shape::Text(text) => Some(text.text.as_str()),
            _ => None,
        });
        let said: Vec<&str> = said.collect();
        for words in ["Free on node 0", "bound elsewhere"] {
            assert!(said.contains(&words), "{words}: {said:?}");
        }
        assert!(said.iter().any(|text| text.starts_with("machine: ")), "{said:?}");
        let tables = crate::twin::tables(moment, crate::Stage::Oom, Lang::En);
        assert!(tables[0].caption.contains("pages of node 0 and swap"), "{}", tables[0].caption);
    });
    assert!(seen >= 3 && elsewhere >= 2, "{seen} {elsewhere}");
}
