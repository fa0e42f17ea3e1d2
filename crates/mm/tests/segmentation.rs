//! Segmentation: worked examples, the books' and a course's translations, and the laws on anything at all.

use mm::config::Arch;
use mm::process::Access;
use mm::segmentation::{
    Bounds, Cpu, Descriptor, Doing, Fields, Lack, Mode, Rights, SegReg, SegmentKind, SegmentOp, Selector,
    Table, TwoParts, Vector, Why, linux_entries, of_programs, rules,
};
use mm::step::SegmentStep;
use mm::{Config, Machine, Op, StepKind, UnitEnd};
use proptest::prelude::*;
use serde_json::Value;

fn machine() -> Machine {
    Machine::boot(&Config::single_zone(1024)).expect("boots")
}

fn run(machine: &mut Machine, op: SegmentOp) -> Vec<SegmentStep> {
    let mut steps = Vec::new();
    assert_eq!(machine.run_unit(&Op::Segment(op), &mut steps), UnitEnd::Done);
    assert_eq!(machine.check(), Ok(()));
    let of = |step: mm::Step| match step.kind {
        StepKind::Segment(step) => step,
        other => panic!("{other:?}"),
    };
    steps.into_iter().map(of).collect()
}

fn all(ops: &[SegmentOp]) -> Machine {
    let mut machine = machine();
    for op in ops {
        run(&mut machine, *op);
    }
    machine
}

fn load(reg: SegReg, selector: u16) -> SegmentOp {
    SegmentOp::Load { reg, selector: Selector(selector) }
}

fn touch(access: Access, reg: SegReg, offset: u64, size: u8) -> SegmentOp {
    SegmentOp::Access { access, reg: Some(reg), offset, size }
}

/// Data of 16 bits of limit that everybody may read and write.
const PLAIN: Fields = Fields {
    base: 0x10_0000,
    limit: 0xffff,
    ty: 2,
    is_segment: true,
    dpl: 0,
    present: true,
    avl: false,
    long: false,
    big: true,
    pages: false,
};

fn write(index: u16, fields: Fields) -> SegmentOp {
    SegmentOp::Write { table: Table::Gdt, index, descriptor: Descriptor::encode(&fields) }
}

/// An 80386 in protected mode with these entries from 1 on.
fn protected(entries: &[Fields]) -> Machine {
    let mut ops = vec![SegmentOp::Cpu(Cpu::I80386)];
    ops.extend((1u16..).zip(entries).map(|(index, fields)| write(index, *fields)));
    ops.push(SegmentOp::Mode(Mode::Protected));
    all(&ops)
}

/// The physical address, or the exception and its error code.
fn outcome(machine: &Machine) -> Result<u64, (&'static str, Option<u32>)> {
    let way = machine.segmentation().way();
    match way.fault {
        Some(fault) => Err((fault.vector.name(), fault.code)),
        None => Ok(way.physical.or(way.linear).expect("it got somewhere")),
    }
}

fn after(machine: &mut Machine, op: SegmentOp) -> Result<u64, (&'static str, Option<u32>)> {
    run(machine, op);
    outcome(machine)
}

#[test]
fn facts_17_real_mode() {
    let mut old = all(&[SegmentOp::Cpu(Cpu::I8086), load(SegReg::Ds, 0x1234)]);
    assert_eq!(after(&mut old, touch(Access::Read, SegReg::Ds, 0x5678, 1)), Ok(0x1_79b8));
    run(&mut old, load(SegReg::Ds, 0xffff));
    let steps = run(&mut old, touch(Access::Read, SegReg::Ds, 0x10, 1));
    assert_eq!(outcome(&old), Ok(0));
    assert!(steps.contains(&SegmentStep::Wrapped { from: 0x10_0000, to: 0 }), "{steps:?}");
    assert_eq!(after(&mut old, touch(Access::Read, SegReg::Ds, 0xffff, 1)), Ok(0xffef));
    // 07C0:0000 and 0000:7C00 are the same byte.
    for (segment, offset) in [(0x07c0, 0), (0, 0x7c00)] {
        run(&mut old, load(SegReg::Cs, segment));
        assert_eq!(after(&mut old, touch(Access::Exec, SegReg::Cs, offset, 1)), Ok(0x7c00));
    }
    // The high memory area: 65,520 bytes, with an open gate.
    let mut new = all(&[SegmentOp::Cpu(Cpu::I80286), load(SegReg::Ds, 0xffff)]);
    assert_eq!(after(&mut new, touch(Access::Read, SegReg::Ds, 0x10, 1)), Ok(0x10_0000));
    assert_eq!(after(&mut new, touch(Access::Read, SegReg::Ds, 0xffff, 1)), Ok(0x10_ffef));
    assert_eq!(0x10_ffef - 0x10_0000 + 1, 65_520);
    run(&mut new, SegmentOp::A20(false));
    assert_eq!(after(&mut new, touch(Access::Read, SegReg::Ds, 0x10, 1)), Ok(0));
    // A word that leaves its segment: the 8086 goes round, the 80286 does not.
    let steps = run(&mut old, touch(Access::Read, SegReg::Ds, 0xffff, 2));
    assert!(steps.contains(&SegmentStep::Around { reg: SegReg::Ds }));
    assert_eq!(after(&mut new, touch(Access::Read, SegReg::Ds, 0xffff, 2)), Err(("#GP", None)));
    assert_eq!(after(&mut new, touch(Access::Read, SegReg::Ss, 0xffff, 2)), Err(("#SS", None)));
}

#[test]
fn facts_17_aliases() {
    // Every byte from 0xffff on has 4096 names; those below have fewer.
    let names = |address: u32| {
        (0..=u16::MAX).filter(move |segment| {
            let start = u32::from(*segment) << 4;
            start <= address && address - start <= 0xffff
        })
    };
    assert_eq!(names(0x1_79b8).count(), 4096);
    assert_eq!(names(0x7c00).count(), 0x7c0 + 1);
    assert!(names(0x1_79b8).any(|segment| segment == 0x1234));
}

#[test]
fn facts_17_selectors_and_descriptors() {
    let user = Selector(0x73);
    assert_eq!((user.index(), user.is_local(), user.rpl(), user.error_code()), (14, false, 3, 0x70));
    assert!(Selector(3).is_null() && !Selector(4).is_null());
    let flat = Descriptor(0x00cf_9a00_0000_ffff);
    assert_eq!((flat.base(), flat.limit(), flat.dpl()), (0, u32::MAX, 0));
    assert_eq!(flat.kind(), SegmentKind::Code { conforming: false, readable: true });
    assert_eq!(flat.bytes(), [0xff, 0xff, 0, 0, 0, 0x9a, 0xcf, 0]);
    let data = Descriptor(0x00cf_f200_0000_ffff);
    assert_eq!((data.dpl(), data.kind()), (3, SegmentKind::Data { down: false, writable: true }));
    // The largest limit without G is 1 MiB.
    let most = Descriptor::encode(&Fields { limit: 0xf_ffff, ..PLAIN });
    assert_eq!(most.limit(), 0xf_ffff);
    // The 80286 keeps off the two upper bytes.
    let high = Descriptor::encode(&Fields { base: 0x1234_5678, limit: 0xf_ffff, pages: true, ..PLAIN });
    assert_eq!((high.of_80286().base(), high.of_80286().limit()), (0x34_5678, 0xffff));
}

#[test]
fn facts_17_limit_of_a_dword() {
    let mut machine = protected(&[PLAIN]);
    run(&mut machine, load(SegReg::Ds, 8));
    assert_eq!(after(&mut machine, touch(Access::Read, SegReg::Ds, 0xffff, 1)), Ok(0x10_ffff));
    assert_eq!(after(&mut machine, touch(Access::Read, SegReg::Ds, 0xfffc, 4)), Ok(0x10_fffc));
    assert_eq!(after(&mut machine, touch(Access::Read, SegReg::Ds, 0xfffd, 4)), Err(("#GP", Some(0))));
    // The same through the stack has an exception of its own.
    run(&mut machine, load(SegReg::Ss, 8));
    assert_eq!(after(&mut machine, touch(Access::Write, SegReg::Ss, 0xfffd, 4)), Err(("#SS", Some(0))));
}

#[test]
fn facts_17_granularity_and_expand_down() {
    let pages = Descriptor::encode(&Fields { limit: 0, pages: true, ..PLAIN });
    assert_eq!(pages.offsets(), Some((0, 0xfff)));
    let down = |limit, big| Descriptor::encode(&Fields { limit, ty: 6, big, ..PLAIN });
    assert_eq!(down(0xefff, false).offsets(), Some((0xf000, 0xffff)));
    assert_eq!(down(0xefff, true).offsets(), Some((0xf000, u32::MAX)));
    assert_eq!(down(0xffff, false).offsets(), None);
    assert!(rules::within(down(0xefff, false), 0xefff, 1).is_err());
    assert!(rules::within(down(0xefff, false), 0xf000, 2).is_ok());
}

#[test]
fn facts_17_rings() {
    let ring = |dpl| Fields { dpl, ..PLAIN };
    let code = |dpl, ty| Fields { ty, ..ring(dpl) };
    let mut machine = protected(&[ring(0), ring(3), code(0, 10), code(3, 10), code(0, 14)]);
    // max(CPL, RPL) against DPL.
    assert!(matches!(run(&mut machine, load(SegReg::Ds, 8)).last(), Some(SegmentStep::Loaded { .. })));
    run(&mut machine, load(SegReg::Ds, 11));
    assert_eq!(
        machine.segmentation().way().fault.map(|f| (f.vector, f.code, f.why)),
        Some((Vector::Gp, Some(8), Why::Privilege { cpl: 0, rpl: 3, dpl: 0 }))
    );
    // Still what it was.
    assert_eq!(machine.segmentation().register(SegReg::Ds).selector, Selector(8));
    // The stack has to be of the same ring.
    assert_eq!(after(&mut machine, load(SegReg::Ss, 0x13)), Err(("#GP", Some(0x10))));
    // No jump changes the ring; conforming code is run in the ring one is in.
    assert_eq!(after(&mut machine, load(SegReg::Cs, 0x23)), Err(("#GP", Some(0x20))));
    run(&mut machine, SegmentOp::Return { cs: Selector(0x23), ss: Selector(0x13) });
    let seg = machine.segmentation();
    assert_eq!((seg.cpl(), seg.way().fault), (3, None));
    // DS held data of ring 0: the processor took it away.
    assert!(seg.register(SegReg::Ds).selector.is_null());
    assert_eq!(after(&mut machine, touch(Access::Read, SegReg::Ds, 0, 1)), Err(("#GP", Some(0))));
    assert_eq!(after(&mut machine, load(SegReg::Ds, 8)), Err(("#GP", Some(8))));
    assert_eq!(after(&mut machine, load(SegReg::Cs, 0x1b)), Err(("#GP", Some(0x18))));
    run(&mut machine, load(SegReg::Cs, 0x28));
    assert_eq!(machine.segmentation().register(SegReg::Cs).selector, Selector(0x2b));
    assert_eq!(machine.segmentation().cpl(), 3);
}

#[test]
fn facts_17_absent_null_and_types() {
    let with = |ty| Fields { ty, ..PLAIN };
    let absent = Fields { present: false, ..PLAIN };
    let system = Fields { is_segment: false, ..PLAIN };
    let mut machine = protected(&[absent, with(0), with(8), with(10), system]);
    assert_eq!(after(&mut machine, load(SegReg::Ds, 8)), Err(("#NP", Some(8))));
    assert_eq!(after(&mut machine, load(SegReg::Ss, 8)), Err(("#SS", Some(8))));
    assert_eq!(
        after(&mut machine, load(SegReg::Ss, 0x10)),
        Err(("#GP", Some(0x10))),
        "it cannot be written to"
    );
    run(&mut machine, load(SegReg::Ds, 0x10));
    assert!(after(&mut machine, touch(Access::Read, SegReg::Ds, 0, 1)).is_ok());
    assert_eq!(after(&mut machine, touch(Access::Write, SegReg::Ds, 0, 1)), Err(("#GP", Some(0))));
    assert_eq!(after(&mut machine, load(SegReg::Ds, 0x18)), Err(("#GP", Some(0x18))), "only to be executed");
    run(&mut machine, load(SegReg::Ds, 0x20));
    assert!(after(&mut machine, touch(Access::Read, SegReg::Ds, 0, 1)).is_ok());
    assert_eq!(after(&mut machine, touch(Access::Write, SegReg::Ds, 0, 1)), Err(("#GP", Some(0))));
    assert_eq!(after(&mut machine, load(SegReg::Ds, 0x28)), Err(("#GP", Some(0x28))));
    // Null may be loaded, but not used; the end of the table is at entry 5.
    assert_eq!(run(&mut machine, load(SegReg::Es, 0)), [SegmentStep::Null { reg: Some(SegReg::Es) }]);
    assert_eq!(after(&mut machine, touch(Access::Read, SegReg::Es, 0, 1)), Err(("#GP", Some(0))));
    assert_eq!(after(&mut machine, load(SegReg::Ss, 0)), Err(("#GP", Some(0))));
    assert_eq!(after(&mut machine, load(SegReg::Ds, 0x30)), Err(("#GP", Some(0x30))));
    assert_eq!(after(&mut machine, load(SegReg::Ds, 0x0c)), Err(("#GP", Some(0x0c))), "there is no LDT");
}

#[test]
fn an_ldt_is_a_segment_itself() {
    let ldt = Fields { base: 0x9000, limit: 15, ty: Descriptor::LDT, is_segment: false, big: false, ..PLAIN };
    let mut machine = protected(&[ldt, PLAIN]);
    let entry = SegmentOp::Write { table: Table::Ldt, index: 1, descriptor: Descriptor::encode(&PLAIN) };
    run(&mut machine, entry);
    assert_eq!(after(&mut machine, SegmentOp::Lldt(Selector(0x10))), Err(("#GP", Some(0x10))));
    assert!(machine.segmentation().table_limit(Table::Ldt).is_none());
    run(&mut machine, SegmentOp::Lldt(Selector(8)));
    assert_eq!(machine.segmentation().table_limit(Table::Ldt), Some(15));
    run(&mut machine, load(SegReg::Ds, 0x0c));
    assert_eq!(after(&mut machine, touch(Access::Read, SegReg::Ds, 0x10, 1)), Ok(0x10_0010));
    assert!(machine.segmentation().table(Table::Ldt)[1].is_accessed());
    assert_eq!(after(&mut machine, load(SegReg::Ds, 0x14)), Err(("#GP", Some(0x14))), "its limit is 15");
}

#[test]
fn the_processor_marks_a_descriptor_once() {
    let mut machine = protected(&[PLAIN]);
    let marks = |steps: Vec<SegmentStep>| {
        steps.iter().filter(|step| matches!(step, SegmentStep::Accessed { .. })).count()
    };
    assert_eq!(marks(run(&mut machine, load(SegReg::Ds, 8))), 1);
    assert_eq!(marks(run(&mut machine, load(SegReg::Es, 8))), 0);
    assert_eq!(machine.segmentation().table(Table::Gdt)[1].0, Descriptor::encode(&PLAIN).0 | 1 << 40);
    // What is in a register is a copy: a new descriptor counts from the next load on.
    run(&mut machine, write(1, Fields { base: 0x20_0000, ..PLAIN }));
    assert_eq!(after(&mut machine, touch(Access::Read, SegReg::Ds, 4, 1)), Ok(0x10_0004));
    run(&mut machine, load(SegReg::Ds, 8));
    assert_eq!(after(&mut machine, touch(Access::Read, SegReg::Ds, 4, 1)), Ok(0x20_0004));
}

#[test]
fn a_limit_of_protected_mode_stays_in_real_mode() {
    let flat = Fields { base: 0, limit: 0xf_ffff, pages: true, ..PLAIN };
    let mut machine = protected(&[flat]);
    run(&mut machine, load(SegReg::Ds, 8));
    run(&mut machine, SegmentOp::Mode(Mode::Real));
    assert_eq!(after(&mut machine, touch(Access::Read, SegReg::Ds, 0x0123_4567, 1)), Ok(0x0123_4567));
    run(&mut machine, load(SegReg::Ds, 0x10));
    assert_eq!(after(&mut machine, touch(Access::Read, SegReg::Ds, 0x1_0000, 1)), Ok(0x1_0100));
    // The 80286 has no way back.
    let old = [SegmentOp::Cpu(Cpu::I80286), SegmentOp::Mode(Mode::Protected)];
    let steps = run(&mut all(&old), SegmentOp::Mode(Mode::Real));
    assert_eq!(steps, [SegmentStep::Lacks { cpu: Cpu::I80286, what: Lack::BackToReal }]);
}

#[test]
fn facts_17_linux() {
    let i386 = linux_entries(Arch::I386);
    assert_eq!(i386[2].1.0, 0x00cf_fa00_0000_ffff);
    assert_eq!(i386.iter().map(|(index, ..)| index * 8).collect::<Vec<_>>(), [0x60, 0x68, 0x70, 0x78]);
    let (cs, ds) = of_programs(Arch::I386);
    assert_eq!((cs, ds), (Selector(0x73), Selector(0x7b)));
    let long = linux_entries(Arch::X86_64);
    assert_eq!(
        long.iter().map(|(index, ..)| index * 8).collect::<Vec<_>>(),
        [8, 0x10, 0x18, 0x20, 0x28, 0x30]
    );
    assert_eq!((long[1].1.0, long[5].1.0), (0x00af_9b00_0000_ffff, 0x00af_fb00_0000_ffff));
    for arch in [Arch::I386, Arch::X86_64] {
        for (_, entry, name) in linux_entries(arch) {
            assert_eq!(entry.offsets(), Some((0, u32::MAX)), "{name}");
            assert_eq!(entry.base(), 0, "{name}");
        }
    }
}

#[test]
fn flat_segments_and_then_paging() {
    let user = Rights { write: false, user: true };
    let page = |linear, frame, rights| SegmentOp::Page { linear, frame: Some((frame, rights)) };
    let mut machine = all(&[
        SegmentOp::Linux(Arch::I386),
        page(0x0804_8000, 0x34_5000, user),
        page(0xc000_0000, 0x10_0000, Rights { write: true, user: false }),
    ]);
    let read = |at| touch(Access::Read, SegReg::Ds, at, 4);
    assert_eq!(after(&mut machine, read(0x0804_8123)), Ok(0x34_5123));
    assert_eq!(after(&mut machine, touch(Access::Write, SegReg::Ds, 0x0804_8123, 4)), Err(("#PF", Some(7))));
    // Segments let the program as far as the kernel's addresses; the page does not.
    let steps = run(&mut machine, read(0xc000_0000));
    assert!(steps.iter().any(|step| matches!(step, SegmentStep::Within { .. })));
    assert_eq!(outcome(&machine), Err(("#PF", Some(5))));
    assert_eq!(after(&mut machine, read(0x1000)), Err(("#PF", Some(4))));
    // Over the edge of a page: the second one is missing.
    assert_eq!(after(&mut machine, read(0x0804_8ffe)), Err(("#PF", Some(4))));
    // The processor notes what it used.
    let tables = machine.segmentation().page_tables();
    assert_eq!(tables.table_entry(0x0804_8000), 0x34_5000 | 1 | 4 | 0x20);
    assert_eq!(tables.directory_entry(0x0804_8000) & 0xfff, 1 | 2 | 4 | 0x20);
    assert_eq!((tables.count(), tables.table_entry(0x1000)), (2, 0));
}

#[test]
fn in_long_mode_bases_do_not_count_but_two() {
    let mut machine = all(&[SegmentOp::Linux(Arch::X86_64)]);
    assert_eq!(
        after(&mut machine, touch(Access::Read, SegReg::Ds, 0x7fff_0000_0000, 8)),
        Ok(0x7fff_0000_0000)
    );
    run(&mut machine, SegmentOp::Base { reg: SegReg::Fs, base: 0x7fff_f7d8_a740 });
    assert_eq!(after(&mut machine, touch(Access::Read, SegReg::Fs, 0x28, 8)), Ok(0x7fff_f7d8_a768));
    assert_eq!(after(&mut machine, touch(Access::Read, SegReg::Ds, 1 << 47, 8)), Err(("#GP", Some(0))));
    assert_eq!(after(&mut machine, touch(Access::Read, SegReg::Ss, 1 << 47, 8)), Err(("#SS", Some(0))));
}

#[test]
fn course_relocation() {
    let text = include_str!("data/segmentation/ostep_relocation.json");
    let mut rows = 0;
    for case in serde_json::from_str::<Vec<Value>>(text).expect("JSON") {
        let number = |of: &Value, key: &str| of[key].as_u64().expect("a number") as u32;
        let bounds = Bounds { base: number(&case, "base"), limit: number(&case, "limit") };
        let mut machine = all(&[SegmentOp::Cpu(Cpu::Direct), SegmentOp::Relocation(Some(bounds))]);
        for row in case["translations"].as_array().expect("rows") {
            let (va, pa) = (number(row, "va"), row["pa"].as_u64());
            assert_eq!(bounds.translate(va), pa, "{bounds:?} {va}");
            let access = SegmentOp::Access { access: Access::Read, reg: None, offset: va.into(), size: 1 };
            assert_eq!(after(&mut machine, access).ok(), pa, "{bounds:?} {va}");
            rows += 1;
        }
    }
    assert!(rows > 100, "{rows}");
}

#[test]
fn course_segmentation() {
    let text = include_str!("data/segmentation/ostep_segmentation.json");
    let bytes = |text: &str| match text.strip_suffix('k') {
        Some(kib) => kib.parse::<u32>().expect("a number") << 10,
        None => text.parse().expect("a number"),
    };
    let mut rows = 0;
    for case in serde_json::from_str::<Vec<Value>>(text).expect("JSON") {
        let number = |of: &Value, key: &str| of[key].as_u64().expect("a number") as u32;
        let bounds = |base, len| Bounds { base: number(&case, base), limit: number(&case, len) };
        let program = TwoParts {
            addresses: bytes(case["cfg"]["asize"].as_str().expect("a size")),
            low: bounds("base0", "len0"),
            high: bounds("base1", "len1"),
        };
        for row in case["translations"].as_array().expect("rows") {
            let va = number(row, "va");
            assert_eq!(u64::from(program.part(va)), row["seg"].as_u64().expect("a part"), "{program:?} {va}");
            assert_eq!(program.translate(va), row["pa"].as_u64(), "{program:?} {va}");
            rows += 1;
        }
    }
    assert!(rows > 100, "{rows}");
}

#[test]
fn textbook_segment_tables() {
    let text = include_str!("data/segmentation/textbook_segmentation.json");
    let mut rows = 0;
    for (book, case) in serde_json::from_str::<Value>(text).expect("JSON").as_object().expect("books") {
        for row in case["q"].as_array().expect("rows") {
            let entry = &case["table"][row[0].to_string()];
            let number = |of: &Value| of.as_u64().expect("a number") as u32;
            let bounds = Bounds { base: number(&entry[0]), limit: number(&entry[1]) };
            assert_eq!(bounds.translate(number(&row[1])), row[2].as_u64(), "{book} {row}");
            // The same as a descriptor: a limit is the last offset, a length one more.
            let fields = Fields { base: bounds.base, limit: bounds.limit - 1, ..PLAIN };
            let mut machine = protected(&[fields]);
            run(&mut machine, load(SegReg::Ds, 8));
            let found = after(&mut machine, touch(Access::Read, SegReg::Ds, number(&row[1]).into(), 1));
            assert_eq!(found.ok(), row[2].as_u64(), "{book} {row}");
            rows += 1;
        }
    }
    assert_eq!(rows, 8);
}

fn any_op() -> impl Strategy<Value = SegmentOp> {
    let reg = || prop::sample::select(SegReg::ALL.to_vec());
    // Selectors near the beginning of a table, mostly.
    let selector = || prop_oneof![4 => 0u16..80, 1 => any::<u16>()].prop_map(Selector);
    let descriptor = || {
        prop_oneof![
            2 => (any::<u64>(), 0u64..16).prop_map(|(bits, ty)| Descriptor(bits & !(0x9f << 40) | (0x90 | ty) << 40)),
            1 => any::<u64>().prop_map(Descriptor),
            1 => prop::sample::select(vec![0x00cf_9a00_0000_ffff, 0x00cf_f200_0000_ffff, 0x0000_8200_9000_003f])
                .prop_map(Descriptor),
        ]
    };
    let offset = || prop_oneof![0u64..0x2_0000, any::<u32>().prop_map(u64::from), any::<u64>()];
    let access = prop::sample::select(vec![Access::Read, Access::Write, Access::Exec]);
    let size = prop::sample::select(vec![1u8, 2, 4, 8]);
    prop_oneof![
        1 => prop::sample::select(Cpu::ALL.to_vec()).prop_map(SegmentOp::Cpu),
        3 => prop::sample::select(Mode::ALL.to_vec()).prop_map(SegmentOp::Mode),
        1 => any::<bool>().prop_map(SegmentOp::A20),
        1 => prop::option::of((any::<u32>(), 0u32..0x2_0000))
            .prop_map(|bounds| SegmentOp::Relocation(bounds.map(|(base, limit)| Bounds { base, limit }))),
        6 => (any::<bool>(), 0u16..10, descriptor()).prop_map(|(local, index, descriptor)| {
            SegmentOp::Write { table: if local { Table::Ldt } else { Table::Gdt }, index, descriptor }
        }),
        1 => selector().prop_map(SegmentOp::Lldt),
        8 => (reg(), selector()).prop_map(|(reg, selector)| SegmentOp::Load { reg, selector }),
        2 => (selector(), selector()).prop_map(|(cs, ss)| SegmentOp::Return { cs, ss }),
        1 => prop::sample::select(vec![Arch::I386, Arch::X86_64]).prop_map(SegmentOp::Linux),
        2 => (0u32..0x40_0000, prop::option::of((any::<u32>(), any::<bool>(), any::<bool>()))).prop_map(
            |(linear, frame)| {
                let frame = frame.map(|(frame, write, user)| (frame, Rights { write, user }));
                SegmentOp::Page { linear, frame }
            }
        ),
        1 => any::<bool>().prop_map(SegmentOp::Paging),
        1 => (reg(), any::<u64>()).prop_map(|(reg, base)| SegmentOp::Base { reg, base }),
        8 => (access, prop::option::of(reg()), offset(), size)
            .prop_map(|(access, reg, offset, size)| SegmentOp::Access { access, reg, offset, size }),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn decode_and_encode_are_inverse(bits in any::<u64>()) {
        let descriptor = Descriptor(bits);
        prop_assert_eq!(Descriptor::encode(&descriptor.decode()), descriptor);
        prop_assert_eq!(u64::from_le_bytes(descriptor.bytes()), bits);
    }

    #[test]
    fn selectors_come_apart_and_together(bits in any::<u16>()) {
        let selector = Selector(bits);
        prop_assert_eq!(Selector::of(selector.index(), selector.is_local(), selector.rpl()), selector);
    }

    /// Anything may be asked of it in any order: every op has a step to see, what passed is inside its segment, and the
    /// same comes of it when nobody looks on.
    #[test]
    fn any_ops(ops in prop::collection::vec(any_op(), 1..60)) {
        let (mut machine, mut unseen) = (machine(), machine());
        for op in ops {
            let before = machine.segmentation().clone();
            let steps = run(&mut machine, op);
            prop_assert!(!steps.is_empty());
            unseen.run_unit_unseen(&Op::Segment(op));
            prop_assert_eq!(machine.state_hash(), unseen.state_hash());
            let seg = machine.segmentation();
            let failed = matches!(steps.last(), Some(SegmentStep::Fault(_)));
            prop_assert_eq!(seg.way().fault.is_some(), failed);
            match seg.way().doing {
                // What fails to be loaded leaves the registers alone.
                Doing::Load { .. } if failed => {
                    prop_assert_eq!(SegReg::ALL.map(|reg| seg.register(reg)), SegReg::ALL.map(|reg| before.register(reg)));
                    prop_assert_eq!(seg.cpl(), before.cpl());
                }
                Doing::Load { reg: Some(reg), selector } if seg.mode() == Mode::Protected && !selector.is_null() => {
                    prop_assert!(seg.register(reg).hidden.is_accessed());
                }
                Doing::Access { reg: Some(reg), offset, size, .. } if seg.mode() == Mode::Protected && !failed => {
                    let (low, high) = seg.register(reg).hidden.offsets().expect("it has offsets");
                    prop_assert!(u64::from(low) <= offset && offset + u64::from(size) - 1 <= u64::from(high));
                    prop_assert!(seg.way().physical.is_some());
                }
                _ => {}
            }
            if seg.cpu() == Cpu::I8086 {
                prop_assert!(seg.way().physical.is_none_or(|at| at < 1 << 20));
            }
        }
    }

    /// A machine that has nothing to do with segments has the hash that it had.
    #[test]
    fn untouched_it_has_no_part_in_the_hash(selector in any::<u16>()) {
        let mut machine = machine();
        let before = machine.state_hash();
        prop_assert!(machine.segmentation().is_untouched());
        let mut other = machine.clone();
        run(&mut other, load(SegReg::Ds, selector));
        prop_assert_ne!(other.state_hash(), before);
        prop_assert_eq!(machine.state_hash(), before);
        machine.run_unit_unseen(&Op::Drain);
        prop_assert!(machine.segmentation().is_untouched());
    }
}
