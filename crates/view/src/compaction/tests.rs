//! The ruler and the two pageblocks: in every room and language, all along stories that meet every kind of step.

use std::rc::Rc;

use mm::page::Block;
use scenario::parse;

use super::*;
use crate::scene::{Form, Id, Ring};
use crate::testing::{ROOMS, lawful, walk};
use crate::{Stage, twin};

fn scenario_of(text: &str) -> Rc<Scenario> {
    let parsed = parse(text);
    assert!(parsed.diagnostics.is_empty(), "{:?}\n{text}", parsed.diagnostics);
    Rc::new(parsed.strict().expect("a scenario"))
}

/// Guests in a small zone, of which every other one goes; nails among them.
const SMALL: &str = "ram 2M\nzone Normal\npageblock_order 6\nwatermarks off\nfor i in 0..200\n  a[i] = alloc order=0 movable\nend\n\
     for i in 0..99\n  free a[2*i+1]\nend\npin a[4]\nk = alloc order=0 unmovable\ncompact_memory\ncompact_memory\nunpin a[4]";

/// A program's pages.
const PROCESS: &str = "ram 4M\nzone Normal\npageblock_order 6\nwatermarks off\np = exec\nm = mmap p 1M\nwrite m\n\
     madvise m dontneed 0..64K\nmadvise m dontneed 100K..180K\ncompact_memory\nkcompactd";

/// Requests that compact memory themselves, and kcompactd.
const AUTOMATIC: &str = "ram 32M\nzone Normal\ncompaction on\nfor i in 0..7300\n  a[i] = alloc order=0 anon\nend\n\
     for i in 0..3649\n  free a[2*i]\nend\ndrain\nb = alloc order=9 movable\nkcompactd\nc = alloc order=9 movable\nd = alloc order=9 movable";

#[test]
fn every_picture_keeps_the_laws() {
    let mut at = 0;
    for text in [SMALL, PROCESS] {
        walk(&scenario_of(text), |moment| {
            at += 1;
            let is_compact = matches!(
                moment.just_did.map(|step| step.kind),
                Some(StepKind::Compact(_) | StepKind::Migrate(_))
            );
            if !is_compact && at % 97 != 0 {
                return;
            }
            let (room, name) = ROOMS[at % 5];
            let lang = Lang::ALL[at / 5 % 2];
            let room = if room.form == Form::Projector { room } else { Room { scale: 1.25, ..room } };
            let scene = scene(moment, &room, lang, Some(Pfn(100)));
            lawful(&scene, &format!("{} {name} {lang:?}", moment.cursor));
        });
    }
    assert!(at > 500, "{at}");
}

#[test]
fn a_page_that_moves_is_ringed_where_it_was_and_where_it_is() {
    let mut moved = 0;
    walk(&scenario_of(SMALL), |moment| {
        let Some(StepKind::Migrate(MigrateStep::Moved { from, to, .. })) =
            moment.just_did.map(|step| step.kind)
        else {
            return;
        };
        let scene = scene(moment, &ROOMS[0].0, Lang::En, None);
        for pfn in [from, to] {
            let ring = Id::Ring(Ring::Done, Block { pfn, order: Order::ZERO });
            assert!(scene.items.iter().any(|item| item.id == ring), "{pfn}\n{scene}");
        }
        moved += 1;
    });
    assert!(moved > 20, "{moved}");
}

#[test]
fn fillings_add_up_and_tables_tell_the_rest() {
    let mut stays = 0;
    walk(&scenario_of(SMALL), |moment| {
        let span = moment.machine.zone(ZoneId(0)).span;
        let all = Filling::of(&moment.machine, span.start, span.end);
        assert_eq!(all.total(), span.len());
        stays = stays.max(all.stays);
        if moment.machine.compaction().is_some() {
            for lang in Lang::ALL {
                let tables = twin::tables(moment, Stage::Compaction, lang);
                assert!(tables[0].rows.len() == 1 && tables[1].rows.len() == 11, "{:?}", tables[1].rows);
            }
        }
    });
    // The pinned guest and the kernel's page.
    assert_eq!(stays, 2);
}

#[test]
fn scenarios_about_it_open_with_it() {
    for (text, stage) in [
        (SMALL, Stage::Compaction),
        (PROCESS, Stage::Compaction),
        (AUTOMATIC, Stage::Compaction),
        ("ram 2M\n", Stage::Pyramid),
    ] {
        assert_eq!(Stage::Pyramid.opens(&scenario_of(text)), stage, "{text}");
    }
    assert_eq!(Stage::Compaction.opens(&scenario_of("ram 2M\n")), Stage::Pyramid);
}

#[test]
fn a_request_that_compacts_memory_is_shown_with_its_zone_and_label() {
    let (mut met, mut served) = (0, 0);
    walk(&scenario_of(AUTOMATIC), |moment| {
        let Some(StepKind::Compact(step)) = moment.just_did.map(|step| step.kind) else { return };
        served += u32::from(matches!(step, CompactStep::Served { zone: Some(_), .. }));
        met += 1;
        if met % 9 == 0 {
            let scene = scene(moment, &ROOMS[met % 5].0, Lang::ALL[met % 2], None);
            lawful(&scene, &moment.cursor.to_string());
            assert!(label(moment, Lang::ALL[met % 2]).chars().count() > 10);
        }
    });
    assert!(met > 10 && served > 0, "{met} {served}");
}
