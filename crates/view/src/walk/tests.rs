//! What is looked up, what the picture says of it, and the laws that every scene keeps.

use std::collections::BTreeSet;
use std::rc::Rc;

use history::Cursor;
use mm::x86::pgtable::Pte;

use super::*;
use crate::scene::{Form, Id, Ring};
use crate::testing::{ROOMS, lawful, session};

/// Stories that meet every step of a translation: small TLBs, two CPUs, two processes, with address space numbers and
/// without.
pub(crate) const STORIES: [&str; 4] = [
    "ram 32M\ntlb skylake l1=4/2 large=2/2 l2=16/4\np = exec\nm = mmap p 128K\nwrite m 0..80K\nread m 0..80K\n\
     mprotect m r 0..4K\nread m 0..4K\nwrite m 0..4K",
    "ram 32M\ncpus 2\ntlb skylake\np = exec\nm = mmap p 256K\nread m 0..8K\nwrite m 0..16K\nread m 0..16K cpu=1\n\
     q = fork p\nwrite m 0..8K by=q cpu=1\nwrite m 0..8K\nmadvise m dontneed 0..8K\nread m 8K..16K cpu=1\n\
     mprotect m r\nexec m 8K..12K",
    "ram 32M\ntlb nehalem\np = exec\nq = exec\nm = mmap p 16K\nn = mmap q 16K\nwrite m\nwrite n\nread m\nread m\nexit q\nmadvise m free\nread m\nwrite m",
    "ram 32M\ncpus 3\ntlb skylake\np = exec\nm = mmap p 256K\nwrite m 0..64K\nt = thread p stack=64K cpu=1\n\
     u = thread p stack=64K cpu=2\nread m 0..32K by=t\nread m 0..32K by=u\nmprotect m r 0..8K by=t\nmove t cpu=2\n\
     read m 0..8K by=t\nmunmap m 0..200K\nexit t\nexit p",
];

fn watch(text: &str, mut look: impl FnMut(&Moment)) {
    let parsed = scenario::parse(text);
    assert!(parsed.diagnostics.is_empty(), "{:?}", parsed.diagnostics);
    let scenario = Rc::new(parsed.strict().expect("a scenario"));
    let mut session = session(&scenario);
    while !session.survey(1 << 20) {}
    session.seek(Cursor::new(0, 0));
    look(&Moment::of(&session, &scenario));
    while session.step_forward() {
        look(&Moment::of(&session, &scenario));
    }
}

#[test]
fn every_kind_of_step_is_met() {
    let mut met = BTreeSet::new();
    for text in STORIES {
        watch(text, |moment| {
            if let Some(StepKind::Mmu { .. }) = moment.just_did.map(|step| step.kind) {
                met.insert(moment.just_did.expect("it was done").kind.code());
            }
        });
    }
    let all: Vec<u8> = std::iter::once(112).chain(200..=209).collect();
    assert_eq!(met.into_iter().collect::<Vec<_>>(), all);
}

/// The lookup that is shown ends where the tables lead, and where nothing was read a TLB knew.
#[test]
fn what_is_shown_is_what_the_tables_say() {
    let (mut known, mut read) = (0, 0);
    for text in STORIES {
        watch(text, |moment| {
            let Some(StepKind::Mmu { step: MmuStep::Translated { address, .. }, .. }) =
                moment.just_did.map(|step| step.kind)
            else {
                return;
            };
            let of = shown(moment).expect("it was just looked up");
            assert_eq!(of.address, address, "{}", moment.cursor);
            let entry = walk(moment, &of).and_then(|way| way.last()).expect("it leads somewhere").entry;
            assert!(entry.has(Pte::PRESENT));
            assert_eq!(of.physical, Some(u64::from(entry.pfn().0) * 4096 + (address.0 & 0xfff)));
            match of.read {
                None => known += usize::from(of.hit().is_some()),
                Some((level, _)) => {
                    assert!(of.has_read(level) && level == Level::Pte);
                    read += 1;
                }
            }
        });
    }
    assert!(known >= 4 && read > 60, "{known} {read}");
}

#[test]
fn laws_hold_in_every_room() {
    for (s, text) in STORIES.iter().enumerate() {
        let mut at = 0usize;
        watch(text, |moment| {
            let is_ours = moment.just_did.is_some_and(|step| matches!(step.kind, StepKind::Mmu { .. }));
            at += 1;
            if !is_ours && !at.is_multiple_of(23) || at > 800 && !at.is_multiple_of(13) {
                return;
            }
            let turn = at % 10;
            let (room, name) = ROOMS[turn / 2];
            let lang = Lang::ALL[turn % 2];
            let scale = if at.is_multiple_of(3) && room.form != Form::Projector { 1.25 } else { 1.0 };
            let scene = scene(moment, &Room { scale, ..room }, lang);
            let of = format!("story {s}, {}, {name} {lang:?} × {scale}", moment.cursor);
            if moment.machine.processes().mms().next().is_some() {
                lawful(&scene, &of);
            }
            assert!(!label(moment, lang).is_empty());
        });
    }
}

#[test]
fn the_table_that_is_read_is_ringed() {
    watch(STORIES[0], |moment| {
        let Some(StepKind::Mmu { step: MmuStep::Read { table, .. }, .. }) = moment.just_did.map(|s| s.kind)
        else {
            return;
        };
        let (room, _) = ROOMS[0];
        let scene = scene(moment, &room, Lang::En);
        let ringed =
            |item: &crate::scene::Item| matches!(item.id, Id::Ring(Ring::Done, block) if block.pfn == table);
        assert!(scene.items.iter().any(ringed), "{}\n{scene}", moment.cursor);
    });
}

#[test]
fn without_tlbs_the_tables_are_shown() {
    watch("ram 16M\np = exec\nm = mmap p 16K\nwrite m", |moment| {
        let (room, _) = ROOMS[0];
        let scene = scene(moment, &room, Lang::En);
        if moment.machine.processes().mms().next().is_some() {
            lawful(&scene, &moment.cursor.to_string());
            assert!(scene.texts().any(|(text, _)| text.text.contains("tlb skylake")), "{scene}");
        }
    });
}

/// While a flush goes on, every CPU that has the address space loaded is there, and the one that asks comes first.
#[test]
fn a_shootdown_shows_all_cpus_that_are_on_the_address_space() {
    let mut stages = BTreeSet::new();
    watch(STORIES[3], |moment| {
        let Some(flush) = shootdown::flush(moment) else { return };
        let (room, _) = ROOMS[0];
        let scene = scene(moment, &room, Lang::En);
        for (cpu, unit) in moment.machine.mmus().iter() {
            let is_on = unit.loaded() == Some(flush.process);
            assert_eq!(flush.cpus.iter().any(|(of, _)| *of == cpu), is_on, "{}", moment.cursor);
            let named = format!("CPU {}", cpu.0);
            assert_eq!(
                scene.texts().any(|(text, _)| text.text == named),
                is_on,
                "{}\n{scene}",
                moment.cursor
            );
        }
        assert_eq!(flush.cpus.first().map(|(cpu, _)| Some(*cpu)), Some(flush.from));
        for (cpu, stage) in flush.cpus {
            stages.insert((
                Some(cpu) == flush.from,
                format!("{stage:?}").split('(').next().unwrap_or("").to_owned(),
            ));
        }
    });
    let all = [(false, "Done"), (false, "Next"), (false, "Waits"), (true, "Done"), (true, "Next")];
    assert_eq!(stages, all.into_iter().map(|(asks, stage)| (asks, stage.to_owned())).collect());
}
