//! What is on the picture, and the laws that every scene, sentence and question keeps.

use std::rc::Rc;

use mm::StepKind;
use scenario::{Lang, parse};

use super::*;
use crate::narrate::{longest, narration, op_title, step_line};
use crate::question::{Answers, Claim, Given, correction, question};
use crate::scene::{Area, Form, Id, Ring, Shape};
use crate::testing::{ROOMS, lawful, session, walk};

/// Stories that meet every kind of step there is.
pub(crate) const STORIES: [&str; 6] = [
    "ram 4M\ncpu direct\nread 0x5\nrelocation base=12418 limit=472\nread 430\nread 523\nread 470 size=4\nrelocation off\n\
     cpu 8086\nload ds 0x1234\nread ds:0x5678\nwrite ds:0xffff size=2\nload es 0xffff\nread es:0x10\nexec cs:0x7c00",
    "ram 4M\ncpu 80286\nload ds 0xffff\nread ds:0x10\nread ds:0xffff size=2\na20 off\nread ds:0x10\na20 on\n\
     gdt 1 code limit=0xffff bits=16\ngdt 2 data base=0x123456 limit=0xfff bits=16\nmode protected\nload ds 0x10\n\
     read ds:0xfff\nread ds:0x1000\nload cs 0x08\nexec cs:0\nmode real",
    "ram 4M\ncpu 80386\ngdt 1 code limit=0xfffff pages\ngdt 2 data limit=0xfffff pages\n\
     gdt 3 data base=1M limit=0xffff dpl=3\ngdt 4 data base=1280K limit=0x1fff r dpl=3\ngdt 5 data limit=0xff absent dpl=3\n\
     gdt 6 code base=1152K limit=0xffff dpl=3\ngdt 7 data base=2M limit=0xefff down bits=16 dpl=3\n\
     gdt 8 ldt base=0x9000 limit=0x1f\ngdt 9 code limit=0xffff x conforming\ngdt 10 0x0000890000000067\nldt 1 data base=3M limit=0xfff dpl=3\n\
     mode protected\nload ds 0x1b\nread ds:0xffff\nread ds:0xfffd size=4\nwrite ss:0xfffd size=4\nload es 0x13\nload ss 0\n\
     load cs 0x10\nload ds 0x48\nload ds 0x50\nload ss 0x20\nlldt 0x43\nlldt 0x18\nload fs 0x0f\nread fs:0x800\nload gs 0x2c\nlldt 0\nload gs 0x0c\n\
     load cs 0x08\nload ss 0x10\niret cs=0x33 ss=0x1b\nlldt 0x40\nload ds 0x10\nload ds 0x23\nwrite ds:0\nload ds 0x2b\nload ds 0x3b\n\
     read ds:0x1000\nread ds:0xfffe size=2\nwrite ss:0x10000\nload ds 0xfff8\nload ds 0\nread ds:0\nwrite cs:0\nload gs 0x33\nwrite gs:0",
    "ram 4M\nlinux i386\npage 0x8048000 0x345000 r user\npage 0xbffff000 0x7a2000 user\npage 0xc0100000 0x100000\n\
     exec cs:0x8048123\nwrite ss:0xbffffffc size=4\nread ds:0xc0100000\nwrite ds:0x8048123\nread ds:0x1000\nread ds:0x8048ffe size=4\n\
     page 0x8049000 0x346000 user\nread ds:0x8048ffe size=4\npage 0x8049000 absent\nread ds:0x8049000\nload ds 0x68\npaging off\npaging on",
    "ram 4M\nlinux x86_64\nread ds:0x7ffff7d8a000 size=8\nfs_base 0x7ffff7d8a740\nread fs:0x28 size=8\nread ds:0x800000000000\n\
     write ss:0x800000000000\nload ds 0x2b\nmode protected\ncpu x86_64\nmode long\ngs_base 0xffff888000000000\nread gs:0x10 size=4",
    "ram 4M\ncpu 80386\ngdt 2 data limit=0xfffff pages\nmode protected\nload ds 0x10\nmode real\nread ds:0x1234567\nload ds 0x20\n\
     read ds:0x100000\nread ds:0x20",
];

fn scenario_of(text: &str) -> Rc<scenario::Scenario> {
    let parsed = parse(text);
    assert!(parsed.diagnostics.is_empty(), "{:?}\n{text}", parsed.diagnostics);
    Rc::new(parsed.strict().expect("a scenario"))
}

fn step(moment: &Moment) -> Option<SegmentStep> {
    step_of(moment.just_did)
}

#[test]
fn the_stories_meet_every_step() {
    let mut codes = std::collections::BTreeSet::new();
    for text in STORIES {
        walk(&scenario_of(text), |moment| {
            if let Some(kind @ StepKind::Segment(_)) = moment.just_did.map(|step| step.kind) {
                codes.insert(kind.code());
            }
        });
    }
    let all = (151..=169).chain(183..=199).chain(236..=239);
    let missing: Vec<u8> = all.filter(|code| !codes.contains(code)).collect();
    assert_eq!(missing, []);
}

#[test]
fn laws_hold_in_every_room() {
    for (s, text) in STORIES.iter().enumerate() {
        let mut at = s;
        walk(&scenario_of(text), |moment| {
            for (turn, (room, name)) in ROOMS.iter().enumerate().filter(|(turn, _)| (turn + at) % 2 == 0) {
                let lang = Lang::ALL[(turn + at / 2) % 2];
                let scale = if at.is_multiple_of(3) && room.form != Form::Projector { 1.25 } else { 1.0 };
                let scene = scene(moment, &Room { scale, ..*room }, lang);
                lawful(&scene, &format!("story {s}, {}, {name} {lang:?} × {scale}", moment.cursor));
                assert!(!label(moment, lang).is_empty());
            }
            at += 1;
        });
    }
}

#[test]
fn sentences_fit() {
    let mut too_long = std::collections::BTreeSet::new();
    for text in STORIES {
        let scenario = scenario_of(text);
        walk(&scenario, |moment| {
            for lang in Lang::ALL {
                let told = narration(moment, lang);
                for sentence in [told.did, told.next].into_iter().flatten() {
                    let whole = sentence.whole(lang);
                    if whole.chars().count() > longest(lang) {
                        too_long.insert(format!("{}: {whole}", whole.chars().count()));
                    }
                }
                if let Some(step) = moment.just_did {
                    assert!(!step_line(&scenario, &step, lang).is_empty());
                }
                let title = op_title(moment, lang);
                assert!(title.is_none_or(|title| !title.code.is_empty() && !title.text.is_empty()));
            }
        });
    }
    assert!(too_long.is_empty(), "{too_long:#?}");
}

/// The last moment of a text.
fn end(text: &str) -> Moment {
    let mut last = None;
    walk(&scenario_of(text), |moment| last = Some(moment.clone()));
    last.expect("a moment")
}

fn texts(moment: &Moment, room: usize, lang: Lang) -> Vec<String> {
    scene(moment, &ROOMS[room].0, lang).texts().map(|(text, _)| text.text.clone()).collect()
}

#[test]
fn an_offset_beyond_the_limit_bounces() {
    let moment = end("ram 4M\ngdt 1 data base=1M limit=0xffff\nmode protected\nload ds 8\nread ds:0x10000");
    let scene = scene(&moment, &ROOMS[0].0, Lang::En);
    assert!(scene.has(Id::Ringed(Ring::Fail)), "{scene}");
    assert!(scene.items.iter().any(|item| item.paint == crate::scene::Paint::Cross));
    let words = texts(&moment, 0, Lang::En);
    for wanted in ["DS:0x10000", "✕ #GP(0x0)", "0xffff", "0x00100000"] {
        assert!(words.iter().any(|text| text == wanted), "{wanted}: {words:?}");
    }
}

#[test]
fn flat_segments_coincide_and_others_leave_holes() {
    let bars = |text: &str| {
        let moment = end(text);
        let scene = scene(&moment, &ROOMS[0].0, Lang::En);
        let of = |item: &crate::scene::Item| match (&item.shape, item.paint) {
            (Shape::Rect { area, .. }, crate::scene::Paint::Movable | crate::scene::Paint::Reclaimable)
                if area.y > scene.height / 2.0 && area.w > 40.0 =>
            {
                Some(*area)
            }
            _ => None,
        };
        scene.items.iter().filter_map(of).collect::<Vec<Area>>()
    };
    // The swatches of the legend are small.
    let flat = bars("ram 4M\nlinux i386");
    assert_eq!(flat.len(), 4);
    assert!(flat.iter().all(|bar| (bar.x, bar.w) == (flat[0].x, flat[0].w)));
    let apart = bars(
        "ram 4M\ngdt 1 data base=1M limit=0x3ffff\ngdt 2 data base=1536K limit=0x3ffff\nmode protected\nload ds 8",
    );
    assert_eq!(apart.len(), 2);
    assert!(apart[0].right() < apart[1].x);
    let text = end(
        "ram 4M\ngdt 1 data base=1M limit=0x3ffff\ngdt 2 data base=1536K limit=0x3ffff\nmode protected\nload ds 8",
    );
    assert!(texts(&text, 0, Lang::En).iter().any(|text| text.starts_with("largest hole 1 MiB")));
}

#[test]
fn every_step_about_something_rings_it() {
    for (s, text) in STORIES.iter().enumerate() {
        walk(&scenario_of(text), |moment| {
            let Some(step) = step(moment) else { return };
            let seg = moment.machine.segmentation();
            let Some(of) = place(seg, &step) else { return };
            let scene = scene(moment, &ROOMS[0].0, Lang::En);
            let ring = if matches!(step, SegmentStep::Fault(_)) { Ring::Fail } else { Ring::Done };
            // Pages are on their ruler only while paging is on; rows that hold nothing have no place.
            let has_place = match of {
                Place::Physical => seg.paging(),
                Place::Row(table, index) => entries(seg).iter().any(|(t, i, _)| (*t, *i) == (table, index)),
                _ => true,
            };
            let is_hidden = matches!(of, Place::Register(SegReg::Fs | SegReg::Gs));
            assert!(
                !has_place || is_hidden || scene.has(Id::Ringed(ring)),
                "story {s}, {}: {step:?} {of:?}\n{scene}",
                moment.cursor
            );
        });
    }
}

#[test]
fn questions_are_right_and_their_answers_fit() {
    let mut asked = 0;
    let mut wrong = Vec::new();
    for text in STORIES {
        let scenario = scenario_of(text);
        let mut session = session(&scenario);
        while !session.survey(1 << 20) {}
        session.seek(history::Cursor::START);
        loop {
            let moment = Moment::of(&session, &scenario);
            let mut machine = moment.machine.clone();
            if moment.cursor.step == 0
                && let Some(op) = scenario.ops.get(moment.cursor.op as usize)
            {
                let mut coming = Vec::new();
                machine.run_unit(&op.op, &mut coming);
                // At the selector itself, and at the access.
                if let Some(question) = question(&moment, &coming) {
                    asked += 1;
                    let Answers::Choice(choices) = &question.answers else { panic!("{question:?}") };
                    assert!(choices.len() > 1 && choices.len() <= 4);
                    let right = question.right();
                    let Given::Choice(at) = right else { panic!() };
                    assert!(question.mistake(right).is_none());
                    let way = machine.segmentation().way();
                    match choices[at].claim {
                        Claim::Exception(vector) => assert_eq!(way.fault.map(|f| f.vector), Some(vector)),
                        Claim::Linear(address) => {
                            assert!(
                                way.physical == Some(address) || way.linear == Some(address),
                                "{address:#x} {way:?}"
                            );
                        }
                        Claim::Loads(base)
                            if !matches!(
                                scenario.ops[moment.cursor.op as usize].op,
                                mm::Op::Segment(mm::op::SegmentOp::Return { .. })
                            ) =>
                        {
                            assert_eq!(
                                machine
                                    .segmentation()
                                    .register(register_in_play(machine.segmentation()))
                                    .hidden
                                    .base(),
                                base
                            );
                        }
                        _ => {}
                    }
                    for lang in Lang::ALL {
                        let sentence = question.sentence(&scenario, lang);
                        assert!(sentence.chars().count() <= longest(lang), "{sentence}");
                        for (at, choice) in choices.iter().enumerate() {
                            let answer = question.answer(Given::Choice(at), &scenario, lang);
                            assert!(answer.chars().count() <= longest(lang) / 3, "{answer}");
                            if let Some(mistake) = choice.mistake {
                                let words = correction(&mistake, &scenario, lang);
                                assert!(words.chars().count() <= longest(lang), "{words}");
                                wrong.push(mistake);
                            }
                        }
                    }
                }
            }
            if !session.step_forward() {
                break;
            }
        }
    }
    wrong.dedup();
    assert!(asked > 40 && wrong.len() > 30, "{asked} {}", wrong.len());
}

#[test]
fn misconceptions_are_named() {
    use crate::question::{Mistake, SegmentMistake as M};
    let wrong_of = |text: &str| {
        let scenario = scenario_of(text);
        let mut session = session(&scenario);
        while !session.survey(1 << 20) {}
        session.seek(history::Cursor::new(scenario.ops.len() as u32 - 1, 0));
        let moment = Moment::of(&session, &scenario);
        let mut coming = Vec::new();
        moment.machine.clone().run_unit(&scenario.ops.last().expect("an op").op, &mut coming);
        let question = question(&moment, &coming).expect("a question");
        question.choices().iter().filter_map(|c| c.mistake).collect::<Vec<_>>()
    };
    // Which of two questions is asked, the seed decides.
    let has = |text: &str, mistake: M| {
        let wrong: Vec<Mistake> = (0..6).flat_map(|seed| wrong_of(&format!("seed {seed}\n{text}"))).collect();
        assert!(wrong.contains(&Mistake::Segment(mistake)), "{text}: {wrong:?}");
    };
    let setup = "ram 4M\ngdt 1 data base=1M limit=0xffff\ngdt 2 data base=1M limit=1 pages\ngdt 3 data base=1M limit=0xff down bits=16\n\
                 gdt 4 data limit=0xff absent\nmode protected\n";
    has(&format!("{setup}load ds 8\nread ds:0xffff"), M::LimitExclusive);
    has(&format!("{setup}load ds 8\nread ds:0xfffd size=4"), M::FirstByte);
    has(&format!("{setup}load ds 8\nread ds:0x20"), M::RealThinking);
    has(&format!("{setup}load ds 16\nread ds:0x1000"), M::LimitInBytes);
    has(&format!("{setup}load ds 24\nread ds:0x1000"), M::NotDown);
    has(&format!("{setup}load ds 11"), M::RplIgnored { rpl: 3, dpl: 0 });
    has(&format!("{setup}load ds 32"), M::AbsentLater);
    has("ram 4M\ncpu 8086\nload ds 0xffff\nread ds:0x10", M::NoWrap);
    has("ram 4M\ncpu 80286\nload ds 0xffff\nread ds:0x10", M::AlwaysWraps);
    has("ram 4M\ncpu 8086\nload ds 0x1234\nread ds:0x10", M::Unshifted);
    has("ram 4M\ncpu direct\nrelocation base=0x100 limit=0x10\nread 0x10", M::BoundIncluded { limit: 0x10 });
}

#[test]
fn a_scenario_about_segments_opens_on_their_stage() {
    use crate::Stage;
    let scenario = scenario_of("ram 4M\ncpu 8086");
    assert_eq!(Stage::Pyramid.opens(&scenario), Stage::Segmentation);
    let pages = scenario_of("ram 4M\na = alloc order=0");
    assert_eq!(Stage::Segmentation.opens(&pages), Stage::Pyramid);
}

#[test]
fn before_there_is_a_processor_the_stage_says_so() {
    let moment = end("ram 4M\na = alloc order=0");
    assert!(texts(&moment, 0, Lang::En).iter().any(|text| text.starts_with("No processor")));
    assert!(label(&moment, Lang::Zh).contains("还没有"));
}

#[test]
fn the_twin_has_the_bytes_and_the_hidden_parts() {
    use crate::testing::in_words;
    let moment = end(
        "ram 4M\ngdt 1 data base=1M limit=0xffff dpl=3\ngdt 2 code limit=0xfffff pages\nmode protected\nload ds 0x0b\nload es 0\nread ds:0x10 size=4",
    );
    let words = in_words(&crate::twin::tables(&moment, crate::Stage::Segmentation, Lang::En)[..3]);
    expect_test::expect![[r#"
        The processor and the address in play
          processor | what is done | inside the limit | linear | physical | fault
          80386, protected mode, ring 0 | read DS:0x0010 (4) | yes | 0x100010 | 0x100010 | –
        Segment registers; all but the selector is hidden
          register | selector | base | limit | kind | DPL
          CS | 0x0000 | 0x0000 | 0xffff | data rw | 0
          DS | 0x000b | 0x100000 | 0xffff | data rw | 3
          ES | 0x0000 | – | – | null | –
          SS | 0x0000 | 0x0000 | 0xffff | data rw | 0
          FS | 0x0000 | 0x0000 | 0xffff | data rw | 0
          GS | 0x0000 | 0x0000 | 0xffff | data rw | 0
        Descriptors
          entry | bytes, lowest address first | base | limit | kind | DPL | P | A
          GDT 1 | ff ff 00 00 10 f3 40 00 | 0x100000 | 0xffff | data rw | 3 | 1 | 1
          GDT 2 | ff ff 00 00 00 9a cf 00 | 0x0000 | 0xffffffff | code rx | 0 | 1 | 0
    "#]]
    .assert_eq(&words);
}
