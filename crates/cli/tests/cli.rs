//! The command line as a person or a script uses it: what is printed where, and the exit code.

use std::io::Write as _;
use std::process::{Command, Output, Stdio};

use expect_test::{Expect, expect};
use kernel_io::read_lists;
use mm::mmzone::ZoneId;
use mm::units::{Order, Pfn};
use mm::{Machine, UnitEnd};
use proptest::prelude::*;

fn mmscope(args: &[&str], stdin: &str) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_mmscope"))
        .args(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary starts");
    // It may not want its input, and close it.
    let _ = child.stdin.take().expect("piped").write_all(stdin.as_bytes());
    child.wait_with_output().expect("it ends")
}

/// Standard output, then standard error behind a line of its own, then the exit code when it is not 0.
fn all(output: &Output) -> String {
    let mut text = String::from_utf8_lossy(&output.stdout).into_owned();
    let stderr = String::from_utf8_lossy(&output.stderr);
    if !stderr.is_empty() {
        text += &format!("--- stderr\n{stderr}");
    }
    match output.status.code() {
        Some(0) => text,
        Some(code) => text + &format!("--- exit {code}\n"),
        None => text + "--- killed\n",
    }
}

fn check(args: &[&str], stdin: &str, expected: Expect) {
    expected.assert_eq(&all(&mmscope(args, stdin)));
}

fn stdout(args: &[&str], stdin: &str) -> String {
    let output = mmscope(args, stdin);
    assert!(output.status.success(), "{args:?}: {}", all(&output));
    String::from_utf8(output.stdout).expect("text")
}

const SMALL: &str = "ram 1024 frames\nzone Normal\npage_group_by_mobility on\npcp off\na = alloc order=8 movable\nb = alloc order=0\nfree a\n";

#[test]
fn run_prints_the_end_by_default() {
    check(
        &["run", "-"],
        SMALL,
        expect![[r#"
            Node 0, zone   Normal      1      1      1      1      1      1      1      1      1      1      0 
        "#]],
    );
}

#[test]
fn run_prints_the_files_that_are_asked_for_at_the_moment_that_is_asked_for() {
    let args = ["run", "-", "--at", "1", "--print", "buddyinfo,extfrag_index", "--print=unusable_index"];
    check(
        &args,
        SMALL,
        expect![[r#"
            ==> buddyinfo <==
            Node 0, zone   Normal      0      0      0      0      0      0      0      0      1      1      0 
            ==> extfrag_index <==
            Node 0, zone   Normal -1.000 -1.000 -1.000 -1.000 -1.000 -1.000 -1.000 -1.000 -1.000 -1.000  0.125 
            ==> unusable_index <==
            Node 0, zone   Normal 0.000 0.000 0.000 0.000 0.000 0.000 0.000 0.000 0.000 0.333 1.000 
        "#]],
    );
    check(
        &["run", "-", "--print", "pagetypeinfo"],
        SMALL,
        expect![[r#"
            Page block order: 9
            Pages per block:  512

            Free pages count per migrate type at order       0      1      2      3      4      5      6      7      8      9     10 
            Node    0, zone   Normal, type    Unmovable      1      1      1      1      1      1      1      1      1      0      0 
            Node    0, zone   Normal, type      Movable      0      0      0      0      0      0      0      0      0      1      0 
            Node    0, zone   Normal, type  Reclaimable      0      0      0      0      0      0      0      0      0      0      0 
            Node    0, zone   Normal, type   HighAtomic      0      0      0      0      0      0      0      0      0      0      0 
            Node    0, zone   Normal, type      Isolate      0      0      0      0      0      0      0      0      0      0      0 

            Number of blocks type     Unmovable      Movable  Reclaimable   HighAtomic      Isolate 
            Node 0, zone   Normal            1            1            0            0            0 
        "#]],
    );
}

#[test]
fn run_prints_what_there_is_of_processes() {
    let text = "ram 64M\np = exec\nm = mmap p 16K\nwrite m 0..8K\nq = fork p\nwrite m 0..4K by=q\n";
    check(
        &["run", "-", "--print", "ps,statm,maps", "--at", "3"],
        text,
        expect![[r#"
        ==> ps <==
          PID  MINFL  MAJFL    VSZ   RSS COMMAND
          100      3      0    148    12 p
        ==> statm <==
        37 3 0 0 0 37 0
        ==> maps <==
        7ffff7ffb000-7ffff7fff000 rw-p 00000000 00:00 0 
        7ffffffde000-7ffffffff000 rw-p 00000000 00:00 0                          [stack]
    "#]],
    );
    check(
        &["run", "-", "--print", "ps,statm"],
        text,
        expect![[r#"
        ==> ps <==
          PID  MINFL  MAJFL    VSZ   RSS COMMAND
          100      3      0    148    12 p
          102      1      0    148    12 q
        ==> statm <==
        ==> /proc/100/statm <==
        37 3 0 0 0 37 0
        ==> /proc/102/statm <==
        37 3 0 0 0 37 0
    "#]],
    );
    for file in ["status", "smaps", "smaps_rollup", "pagemap"] {
        let of_both = stdout(&["run", "-", "--print", file], text);
        let headings: Vec<&str> = of_both.lines().filter(|line| line.starts_with("==> ")).collect();
        assert_eq!(headings, [100, 102].map(|pid| format!("==> /proc/{pid}/{file} <==")));
        let of_none = stdout(&["run", "-", "--print", file, "--at", "0"], text);
        assert_eq!(of_none, "", "{file}");
    }
}

/// A moment between two steps: a block is in the allocator's hand.
#[test]
fn run_stops_between_two_steps() {
    let at = |moment: &str| stdout(&["run", "-", "--at", moment], SMALL);
    assert_eq!(
        at("0.0"),
        "Node 0, zone   Normal      0      0      0      0      0      0      0      0      0      0      1 \n"
    );
    let taken = stdout(&["run", "-", "--at", "0", "--steps", "--print", "buddyinfo"], SMALL);
    assert_eq!(taken, at("0.0"), "no step is done at the beginning");
    let all = stdout(&["run", "-", "--steps"], SMALL);
    for line in all.lines() {
        let (moment, _) = line.split_once("  ").expect("a moment and a sentence");
        let until = stdout(&["run", "-", "--steps", "--at", moment], SMALL);
        assert!(all.starts_with(&until) && until.ends_with(&format!("{line}\n")), "{moment}");
    }
    let last = all.lines().last().and_then(|line| line.split_once(' ')).expect("there are steps").0;
    assert!(last.starts_with("2."), "{last}");
    assert_eq!(stdout(&["run", "-", "--hash", "--at", last], SMALL), stdout(&["run", "-", "--hash"], SMALL));
    assert_eq!(stdout(&["run", "-", "--hash", "--at", "3"], SMALL), stdout(&["run", "-", "--hash"], SMALL));
}

#[test]
fn steps_are_told_in_two_languages() {
    let en = stdout(&["run", "-", "--steps"], SMALL);
    let zh = stdout(&["run", "-", "--steps", "--lang", "zh"], SMALL);
    assert_eq!(en.lines().count(), zh.lines().count());
    let moments =
        |text: &str| text.lines().filter_map(|l| Some(l.split_once("  ")?.0.to_owned())).collect::<Vec<_>>();
    assert_eq!(moments(&en), moments(&zh));
    assert!(zh.chars().any(|c| ('\u{4e00}'..'\u{9fff}').contains(&c)));
}

#[test]
fn a_moment_that_does_not_exist_is_no_moment() {
    check(
        &["run", "-", "--at", "0.999"],
        SMALL,
        expect![[r#"
            --- stderr
            mmscope: there is no moment 0.999: op 0 has 9 steps
            --- exit 1
        "#]],
    );
    for at in ["4", "3.1", "4294967295.4294967295"] {
        let output = mmscope(&["run", "-", "--at", at], SMALL);
        assert_eq!(output.status.code(), Some(1), "{at}");
        assert!(output.stdout.is_empty());
    }
}

#[test]
fn check_names_every_mistake_with_its_place() {
    let output = mmscope(&["check", "-"], "ram 64M\npcp off\na = aloc order=1\nb = alloc order=\nfree c\n");
    assert_eq!(output.status.code(), Some(1));
    assert!(output.stdout.is_empty());
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    let lines: Vec<&str> = stderr.lines().collect();
    assert!(lines.len() >= 3, "{stderr}");
    for line in &lines {
        let parts: Vec<&str> = line.splitn(4, ':').collect();
        assert_eq!(parts[0], "<stdin>", "{line}");
        assert!(parts[1].parse::<u32>().is_ok() && parts[2].parse::<u32>().is_ok(), "{line}");
        assert!(parts[3].starts_with(" error: ") || parts[3].starts_with(" warning: "), "{line}");
    }
    assert!(lines[0].starts_with("<stdin>:3:5: error: "), "{stderr}");
    // The same mistakes keep it from running.
    assert_eq!(mmscope(&["run", "-"], "ram 64M\npcp off\nfrree a\n").status.code(), Some(1));
}

#[test]
fn check_is_silent_when_nothing_is_wrong() {
    check(&["check", "-"], SMALL, expect![[""]]);
    for id in scenario::builtins().iter().map(|builtin| builtin.id) {
        assert_eq!(mmscope(&["check", &format!("builtin:{id}")], "").status.code(), Some(0), "{id}");
    }
}

/// What `open` prints is what `link` was given, and its last line says the moment.
#[test]
fn a_link_opens_as_what_was_sent() {
    let canonical = "ram 4M\nzone Normal\npage_group_by_mobility on\npcp off\n\n# mine\na = alloc order=8 movable\nfree a\n";
    for at in ["0", "0.3", "1.2", "2"] {
        let fragment = stdout(&["link", "-", "--at", at], canonical);
        assert!(fragment.starts_with('#') && fragment.lines().count() == 1, "{fragment}");
        let opened = stdout(&["open", fragment.trim_end()], "");
        let moment = if at.contains('.') { at.to_owned() } else { format!("{at}.0") };
        assert_eq!(opened, format!("{canonical}# at {moment}\n"));
        assert_eq!(stdout(&["run", "-", "--hash"], &opened), stdout(&["run", "-", "--hash"], canonical));
    }
    // The moment behind the last step of an op is the beginning of the next.
    let behind = |at| stdout(&["link", "-", "--at", at], canonical);
    let steps = stdout(&["run", "-", "--steps", "--at", "1"], canonical).lines().count();
    assert_eq!(behind(&format!("0.{steps}")), behind("1"));
}

#[test]
fn a_built_in_scenario_has_a_readable_link() {
    check(
        &["link", "builtin:buddy-split"],
        "",
        expect![[r##"
        #0/buddy-split
    "##]],
    );
    let opened = stdout(&["open", "#0/buddy-split"], "");
    assert!(opened.ends_with("# at 0.0\n") && opened.contains("a = alloc order=8 movable"), "{opened}");
}

#[test]
fn a_damaged_link_never_opens() {
    let fragment = stdout(&["link", "-", "--at", "1"], SMALL);
    let fragment = fragment.trim_end();
    // Each of them starts a process; the link has its own tests of every single character.
    for end in (1..fragment.len()).rev().step_by(17) {
        let output = mmscope(&["open", &fragment[..end]], "");
        assert_eq!(output.status.code(), Some(1), "{}", &fragment[..end]);
        assert!(output.stdout.is_empty());
        assert_eq!(String::from_utf8_lossy(&output.stderr).lines().count(), 1);
    }
    for none in ["", "#", "#9/x", "#0/buddy-splot", "hello", "#0zzzz"] {
        assert_eq!(mmscope(&["open", none], "").status.code(), Some(1), "{none}");
    }
    for at in ["9", "0.99"] {
        assert_eq!(mmscope(&["link", "-", "--at", at], SMALL).status.code(), Some(1), "{at}");
    }
    assert_eq!(mmscope(&["link", "-"], "ram").status.code(), Some(1));
}

#[test]
fn files_that_are_none_are_said_in_one_line() {
    check(
        &["run", "/nonexistent/file.mms"],
        "",
        expect![[r#"
            --- stderr
            /nonexistent/file.mms: error: No such file or directory (os error 2)
            --- exit 1
        "#]],
    );
    for args in
        [["check", "/"], ["check", "builtin:"], ["run", "builtin:buddy"], ["run", ""], ["run", "/dev/zero"]]
    {
        let output = mmscope(&args, "");
        assert_eq!(output.status.code(), Some(1), "{args:?}");
        assert_eq!(String::from_utf8_lossy(&output.stderr).lines().count(), 1, "{args:?}: {}", all(&output));
    }
}

#[test]
fn bad_usage_is_said_in_one_line() {
    let cases: [&[&str]; 17] = [
        &[],
        &["bogus"],
        &["--bogus"],
        &["run"],
        &["run", "-", "-"],
        &["run", "-", "--at"],
        &["run", "-", "--at", "x"],
        &["run", "-", "--at", "1.2.3"],
        &["run", "-", "--at", "-1"],
        &["run", "-", "--print", "vmstat2"],
        &["run", "-", "--print", ""],
        &["run", "-", "--lang", "fr"],
        &["check", "-", "--hash"],
        &["check", "a\nb", "c\nd"],
        &["link"],
        &["open"],
        &["bench", "bogus"],
    ];
    for args in cases {
        let output = mmscope(args, "");
        assert_eq!(output.status.code(), Some(2), "{args:?}: {}", all(&output));
        assert!(output.stdout.is_empty(), "{args:?}");
        assert_eq!(String::from_utf8_lossy(&output.stderr).lines().count(), 1, "{args:?}: {}", all(&output));
    }
    check(
        &["run", "-", "--print", "buddyinfo,slabs"],
        "",
        expect![[r#"
            --- stderr
            mmscope: nothing is called `slabs`: buddyinfo, pagetypeinfo, zoneinfo, extfrag_index, unusable_index, slabinfo, slabtop, vmallocinfo, meminfo, vmstat, numastat, free, free_old, ps, status, statm, maps, smaps, smaps_rollup, pagemap, oom_score, oom_score_adj, oom_adj, memory.current, memory.swap.current, memory.max, memory.events, memory.stat, caches, dmesg; try `mmscope --help`
            --- exit 2
        "#]],
    );
}

#[test]
fn help_and_version() {
    for args in [["--help"], ["-h"], ["help"]] {
        assert!(stdout(&args, "").contains("mmscope run FILE"));
    }
    assert!(stdout(&["run", "--help"], "").contains("--print"));
    assert!(stdout(&["--version"], "").starts_with("mmscope "));
}

/// `mmscope run … | head -1`
#[test]
fn a_reader_that_has_enough_is_no_failure() {
    let mut child = Command::new(env!("CARGO_BIN_EXE_mmscope"))
        .args(["run", "builtin:fragmentation", "--steps"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary starts");
    drop(child.stdout.take());
    let output = child.wait_with_output().expect("it ends");
    assert_eq!(all(&output), "");
}

/// The dump of a real kernel's lists, its own requests, and what it had afterwards: the same frames handed out, the
/// same `/proc` files, and the same lists in the same order (orders 4 to 10; the kernel's per-CPU lists play no part).
#[test]
fn the_real_kernels_sequence_ends_as_the_kernel_ended() {
    let twin = |name: &str| stdout(&["run", "builtin:real-kernel", "--print", name], "");
    assert_eq!(
        twin("buddyinfo"),
        include_str!("../../kernel-io/tests/data/amd64_256M_smp1/kbuddy4_after_buddyinfo.txt")
    );
    assert_eq!(
        twin("pagetypeinfo"),
        include_str!("../../kernel-io/tests/data/amd64_256M_smp1/kbuddy4_after_pagetypeinfo.txt")
    );

    let builtin = scenario::builtin("real-kernel").expect("is there");
    let scenario = scenario::parse(builtin.text).strict().expect("has no mistakes");
    let mut machine = Machine::boot(&scenario.config).expect("boots");
    for op in &scenario.ops {
        while machine.run_unit(&op.op, &mut ()) == UnitEnd::More {}
        let named = op.op.name().map(|name| machine.named(name));
        if let (Some(real), Some(mm::Named::Block(block))) = (op.real, named) {
            assert_eq!(block.pfn, real, "line {}", op.line);
        }
    }
    let after = include_str!("../../kernel-io/tests/data/amd64_256M_smp1/kbuddy4_after_lists.txt");
    let after = read_lists(after).expect("reads");
    for (id, zone) in (0u8..).map(ZoneId).zip(&after.zones) {
        let mut ours: Vec<(Order, mm::page::MigrateType, Vec<Pfn>)> = Vec::new();
        for order in Order::all() {
            for migratetype in machine.migratetypes() {
                let list: Vec<Pfn> = machine.free_list(id, order, migratetype).collect();
                if !list.is_empty() {
                    ours.push((order, migratetype, list));
                }
            }
        }
        assert_eq!(ours, zone.lists, "{}", zone.kind.name());
    }
}

#[test]
fn bench_prints_a_table() {
    let text = stdout(&["bench", "clone"], "");
    assert!(text.lines().any(|line| line.starts_with("clone ") && line.contains("1024 frames")), "{text}");
}

/// A tenth as many cases as `MMSCOPE_PROPTEST_CASES` says: each starts a process or two.
fn cases() -> ProptestConfig {
    let cases = std::env::var("MMSCOPE_PROPTEST_CASES").ok().and_then(|n| n.parse().ok()).unwrap_or(400);
    ProptestConfig { cases: cases / 10, failure_persistence: None, ..ProptestConfig::default() }
}

/// Ends with one of the promised exit codes: a panic has another one.
fn survives(args: &[&str], stdin: &str) {
    let output = mmscope(args, stdin);
    assert!(matches!(output.status.code(), Some(0..=2)), "{args:?} {stdin:?}: {}", all(&output));
}

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn no_arguments_make_it_panic(args in prop::collection::vec(
        prop_oneof![
            "(run|check|link|open|-|--at|--steps|--print|--lang|--hash|en|zh)",
            "[0-9]{1,11}(\\.[0-9]{1,11})?",
            "(builtin:)?[a-z#/-]{0,12}",
            "[^\\x00]{0,8}",
        ],
        0..6,
    )) {
        let args: Vec<&str> = args.iter().map(String::as_str).collect();
        survives(&args, SMALL);
    }

    #[test]
    fn no_text_makes_it_panic(text in "\\PC{0,80}", which in any::<prop::sample::Index>(), at in any::<prop::sample::Index>()) {
        survives(&["run", "-", "--steps", "--print", "pagetypeinfo"], &text);
        // A good text with something in the middle of it.
        let good = which.get(scenario::builtins()).text;
        let middle = at.index(good.len());
        let middle = (0..=middle).rev().find(|at| good.is_char_boundary(*at)).unwrap_or(0);
        survives(&["run", "-", "--hash"], &format!("{}{text}{}", &good[..middle], &good[middle..]));
    }
}
