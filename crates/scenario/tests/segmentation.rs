//! Segments in the language: what is said and understood, what is wrong with it, and how it travels in a link.

mod checks;

use checks::{check_ops, has_both_languages};
use expect_test::expect;
use mm::Op;
use mm::process::Access;
use mm::segmentation::{Descriptor, SegReg, SegmentOp, Selector};
use scenario::link::{Cursor, LinkState, decode, encode};
use scenario::{parse, parse_statement, print, print_statement};

/// Every op in every form, as the printer writes it.
const ALL: &str = "ram 4M
cpu direct
relocation base=12418 limit=472
relocation base=1M limit=64K
read 0x1ae
write 0x10 size=4
relocation off
cpu 8086
load ds 0x1234
read ds:0x5678
write es:0xffff size=2
exec cs:0x7c00
exec 0x7c00
cpu 80286
a20 off
a20 on
cpu 80386
gdt 1 code limit=0xfffff pages
gdt 2 code base=1M limit=0xffff dpl=3 x conforming bits=16 accessed avl absent
gdt 3 data base=0x12345 limit=0xffff r down
gdt 4 ldt base=36K limit=0x1f
gdt 5 0x0000890000000067
gdt 6 code limit=0xfffff bits=64 pages accessed
ldt 0 data limit=0xfff dpl=3
mode protected
lldt 0x20
load fs 0x1b
read fs:0x0 size=4
iret cs=0x1b ss=0x23
mode real
linux i386
page 0x8048000 0x345000 r user
page 0xc0000000 0x100000
page 0x8048000 absent
paging off
paging on
linux x86_64
fs_base 0x7ffff7d8a740
gs_base 0xffff888000000000
read gs:0x28 size=8
mode long
";

fn op(line: &str) -> SegmentOp {
    let scenario = parse(&format!("ram 4M\n{line}")).strict().unwrap_or_else(|d| panic!("{line}: {d:?}"));
    match scenario.engine_ops().next() {
        Some(Op::Segment(op)) => *op,
        other => panic!("{line}: {other:?}"),
    }
}

fn descriptor(line: &str) -> Descriptor {
    match op(line) {
        SegmentOp::Write { descriptor, .. } => descriptor,
        other => panic!("{other:?}"),
    }
}

/// Every line of it but those that only choose a processor has something wrong, said in both languages.
fn wrong(text: &str) {
    let diagnostics = parse(&format!("ram 4M\n{text}")).diagnostics;
    diagnostics.iter().for_each(has_both_languages);
    for (line, said) in
        (2..).zip(text.lines()).filter(|(_, said)| !parse(&format!("ram 4M\n{said}")).diagnostics.is_empty())
    {
        assert!(diagnostics.iter().any(|d| d.span.line == line), "{said}: {diagnostics:?}");
    }
    let last = 1 + text.lines().count() as u32;
    assert!(diagnostics.iter().any(|d| d.span.line == last), "{text}: {diagnostics:?}");
}

#[test]
fn every_op_is_printed_as_it_is_read() {
    let parsed = parse(ALL);
    assert_eq!(parsed.diagnostics, []);
    assert_eq!(print(&parsed.document), ALL);
    let scenario = parsed.strict().expect("a scenario");
    assert_eq!(scenario.ops.len(), ALL.lines().count() - 1);
    assert!(scenario.engine_ops().all(|op| matches!(op, Op::Segment(_))));
}

#[test]
fn a_descriptor_in_words_has_the_bytes_of_the_manual() {
    assert_eq!(descriptor("gdt 1 code limit=0xfffff pages").0, 0x00cf_9a00_0000_ffff);
    assert_eq!(descriptor("gdt 1 data limit=0xfffff pages dpl=3").0, 0x00cf_f200_0000_ffff);
    assert_eq!(descriptor("gdt 1 code limit=0xfffff pages bits=64 accessed").0, 0x00af_9b00_0000_ffff);
    assert_eq!(descriptor("gdt 1 data base=1M limit=0xffff bits=16").0, 0x0000_9210_0000_ffff);
    assert_eq!(descriptor("gdt 1 0x00cf9a000000ffff").0, 0x00cf_9a00_0000_ffff);
}

#[test]
fn what_can_be_written_shorter() {
    let printed = |line: &str| print_statement(&parse_statement(line).expect(line));
    assert_eq!(printed("read ds : 16 size=1"), "read ds:0x10");
    assert_eq!(printed("gdt 3 data limit=65535 base=0x100000"), "gdt 3 data base=1M limit=0xffff");
    assert_eq!(printed("gdt 1 0x00cf9a000000ffff"), "gdt 1 code limit=0xfffff pages");
    let access = SegmentOp::Access { access: Access::Read, reg: Some(SegReg::Ds), offset: 16, size: 4 };
    assert_eq!(op("read ds:16 size=4"), access);
    assert_eq!(op("load ds 27"), SegmentOp::Load { reg: SegReg::Ds, selector: Selector(0x1b) });
}

#[test]
fn its_words_are_names_as_well() {
    let text = "cpu = alloc order=0\nload = alloc order=0\npage[0] = alloc order=0\nfree cpu\nfree load\nfree page[0]\n\
                p = exec\nds = mmap p 8K\nread ds\nwrite ds 0..4K\n";
    check_ops(text, expect![""]);
}

#[test]
fn what_is_wrong_is_said_with_its_place() {
    wrong("cpu 8087\nmode protect\nload dx 1\nload ds\ngdt 0 data limit=1\ngdt 1 dat limit=1");
    wrong(
        "gdt 1 data\ngdt 1 data limit=0x100000\ngdt 1 ldt limit=1 bits=16\ngdt 1 data limit=1 dpl=4 bits=8",
    );
    wrong(
        "iret cs=8\nrelocation base=1\nrelocation limit=1\npage 0x1001 0x2000\npage 0x1000\nread ds:\nread 0x1 size=3",
    );
    wrong("exec ds:0x10\nlinux arm\nread ds:0x10 sise=4\nload ds 0x10000\nfs_base x\ngdt 9000 data limit=1");
    check_ops(
        "cpu 8087",
        expect![
            "3:5: error: expected `direct`, `8086`, `80286`, `80386` or `x86_64`, found `8087` (hint: did you mean `8086`?)"
        ],
    );
    check_ops(
        "load dx 8",
        expect![
            "3:6: error: expected `cs`, `ds`, `es`, `ss`, `fs` or `gs`, found `dx` (hint: did you mean `ds`?)"
        ],
    );
    check_ops(
        "exec ds:0x10",
        expect![
            "3:6: error: code is executed through `cs`, never through `ds` (hint: for example `exec cs:0x100`)"
        ],
    );
    check_ops(
        "gdt 1 data dpl=3",
        expect![
            "3:17: error: expected `limit=` and a number, but the line ends here (hint: for example `limit=0xffff`)"
        ],
    );
    check_ops(
        "page 0x8048010 0x1000",
        expect!["3:6: error: 0x8048010 is no whole number of 4 KiB frames (hint: a multiple of 4K)"],
    );
}

#[test]
fn what_the_processor_does_not_have_is_said() {
    for text in [
        "cpu direct\nload ds 1",
        "cpu direct\nread ds:1",
        "cpu 8086\nload fs 1",
        "cpu 8086\nmode protected",
        "cpu 8086\na20 off",
        "cpu 8086\ngdt 1 data limit=1",
        "cpu 80286\npaging on",
        "cpu 80386\nfs_base 0x10",
        "cpu 80386\nmode long",
        "cpu 8086\nrelocation off",
        "cpu 8086\nread ds:0x10000",
        "cpu 8086\nread ds:0 size=4",
    ] {
        wrong(text);
    }
    check_ops(
        "cpu 8086\nmode protected",
        expect!["4:1: error: the 8086 has no protected mode (hint: it came with the 80286: `cpu 80286`)"],
    );
    check_ops("cpu 8086\nread ds:0x10000", expect!["4:9: error: offset is between 0 and 65535, not 0x10000"]);
    // In a loop it is said once.
    check_ops(
        "cpu 8086\nfor i in 0..9\n  load gs 1\nend",
        expect!["5:3: error: the 8086 has no register `gs` (hint: `cpu 80386` has it)"],
    );
}

#[test]
fn a_link_carries_it() {
    let link = encode(&LinkState::new(ALL, Cursor::default(), None)).expect("it is short");
    let state = decode(&link).expect("a link").expect("one with a text");
    assert_eq!(state.text, ALL);
}
