//! Lines about processes and their memory.

use mm::mempolicy::{Mempolicy, Mode, NodeMask};
use mm::oom_kill::TaskArgs;
use mm::process::{ByteRange, Prot, Rlimits, ScanLimits};
use mm::units::PAGE_SIZE;

use super::cursor::{Cursor, Parsed, Wrong, shortened};
use super::kmem::cpu;
use super::lexer::TokenKind;
use super::statement::{each_option, once, unknown_option};
use crate::ast::{Statement, Target};
use crate::diagnostic::{Kind, What};
use crate::process::{
    ACCESSES, ADDRESS_END, ADVICES, At, MAX_BLOCK, MAX_BYTES, MAX_FILE, MAX_HUGEPAGES, MAX_PAGES_TO_SCAN,
    MAX_SECONDS, MmapArgs, POLICIES, PROTS, Process,
};
use crate::span::Part;

/// What stands behind `name = word`.
pub(super) fn request(c: &mut Cursor<'_, '_>, target: Target, word: &str) -> Parsed<Statement> {
    Ok(Statement::Process(match word {
        "file" => {
            let bytes = c.bytes(0..=MAX_FILE)?;
            let named = c.keyword("cached");
            let cached = match named {
                true if c.sign('=') => c.bytes(0..=bytes)?,
                true => bytes,
                false => 0,
            };
            let known = c.done() || c.peek_word() == Some("cpu");
            if !known && let Some(word) = c.word() {
                let words = if named { &["cpu"][..] } else { &["cached", "cpu"] };
                return Err(unknown_option(c, word, words));
            }
            Process::File { target, bytes, cached, cpu: cpu(c)? }
        }
        "exec" => return exec(c, target),
        "fork" => {
            let parent = c.target_of(What::Process, Part::Process)?;
            Process::Fork { target, parent, cpu: cpu(c)? }
        }
        "thread" => return thread(c, target),
        "malloc" | "calloc" => {
            let process = c.target_of(What::Process, Part::Process)?;
            let bytes = c.bytes(0..=MAX_BLOCK)?;
            Process::Malloc { target, process, bytes, zero: word == "calloc", cpu: cpu(c)? }
        }
        "realloc" => {
            let of = c.target_of(What::Name, Part::Process)?;
            let bytes = c.bytes(1..=MAX_BLOCK)?;
            Process::Realloc { target, of, bytes, cpu: cpu(c)? }
        }
        _ => return mmap(c, target),
    }))
}

/// What stands behind a word that gives no name.
pub(super) fn op(c: &mut Cursor<'_, '_>, word: &str) -> Parsed<Statement> {
    Ok(Statement::Process(match word {
        "exit" => {
            let process = c.target_of(What::Process, Part::Target)?;
            Process::Exit { process, cpu: cpu(c)? }
        }
        "brk" => {
            let process = c.target_of(What::Process, Part::Target)?;
            let sign = match (c.sign('+'), c.peek()) {
                (true, _) => 1,
                (false, Some(TokenKind::Sign('-'))) => {
                    c.skip();
                    -1
                }
                _ => return Err(c.expected(What::SignedBytes)),
            };
            // It has 47 bits at most.
            let bytes = c.bytes(0..=MAX_BYTES)? as i64;
            Process::Brk { process, by: sign * bytes, cpu: cpu(c)? }
        }
        "mremap" => {
            let area = c.target()?;
            let bytes = c.bytes(0..=MAX_BYTES)?;
            let may_move = c.keyword("maymove");
            let known = c.done() || c.peek_word() == Some("cpu");
            if !known && let Some(word) = c.word() {
                let words = if may_move { &["cpu"][..] } else { &["maymove", "cpu"] };
                return Err(unknown_option(c, word, words));
            }
            Process::Mremap { area, bytes, may_move, cpu: cpu(c)? }
        }
        "mlock" | "munlock" => {
            let at = at(c)?;
            let (at, bytes, cpu) = rest(c, at, true)?;
            Process::Mlock { at, bytes, locked: word == "mlock", cpu }
        }
        "mlockall" => {
            let process = c.target_of(What::Process, Part::Target)?;
            let (mut current, mut future, mut cpu) = (None, None, None);
            each_option(c, |c| {
                let Some(word) = c.word() else { return c.nothing_more() };
                match word {
                    "current" => once(c, word, &mut current, ()),
                    "future" => once(c, word, &mut future, ()),
                    "cpu" => {
                        c.equals()?;
                        let value = c.cpu()?;
                        once(c, word, &mut cpu, value)
                    }
                    word => Err(unknown_option(c, word, &["current", "future", "cpu"])),
                }
            })?;
            let (current, future) = (current.is_some(), future.is_some());
            if !current && !future {
                return Err(c.expected(What::Literal("current")));
            }
            Process::Mlockall { process, current, future, cpu: cpu.unwrap_or(0) }
        }
        "munlockall" => {
            let process = c.target_of(What::Process, Part::Target)?;
            Process::Mlockall { process, current: false, future: false, cpu: cpu(c)? }
        }
        "memset" => {
            // A number behind the name is the byte, not an address.
            let name = c.target()?;
            let at = match (c.keyword("heap"), c.keyword("stack")) {
                (true, _) => At::Heap(name),
                (_, true) => At::Stack(name),
                _ => At::Area { area: name, by: None },
            };
            let value = c.number(What::Byte, 0, 255)? as u8;
            let (at, bytes, cpu) = rest(c, at, true)?;
            Process::Memset { at, value, bytes, cpu }
        }
        "hexdump" => {
            let at = at(c)?;
            let (at, bytes, cpu) = rest(c, at, true)?;
            Process::Hexdump { at, bytes, cpu }
        }
        "nr_hugepages" => {
            let pages = c.number_u32(What::HugePages, 0, MAX_HUGEPAGES)?;
            Process::NrHugepages { pages, cpu: cpu(c)? }
        }
        "nr_overcommit_hugepages" => {
            Process::NrOvercommitHugepages { pages: c.number_u32(What::HugePages, 0, MAX_HUGEPAGES)? }
        }
        "khugepaged" => khugepaged(c)?,
        "munmap" => {
            let at = at(c)?;
            let (at, bytes, cpu) = rest(c, at, true)?;
            Process::Munmap { at, bytes, cpu }
        }
        "mprotect" => {
            let at = at(c)?;
            let prot = PROTS[c.choice(What::Prot, &PROTS.map(|(word, _)| word))?].1;
            let (at, bytes, _) = rest(c, at, false)?;
            Process::Mprotect { at, prot, bytes }
        }
        "madvise" => {
            let at = at(c)?;
            let advice = ADVICES[c.choice(What::Advice, &ADVICES.map(|(word, _)| word))?].1;
            let (at, bytes, cpu) = rest(c, at, true)?;
            Process::Madvise { at, advice, bytes, cpu }
        }
        word => {
            let Some((_, access)) = ACCESSES.into_iter().find(|(of, _)| *of == word) else {
                return Err(Wrong);
            };
            let at = at(c)?;
            let (at, bytes, cpu) = rest(c, at, true)?;
            Process::Access { access, at, bytes, cpu }
        }
    }))
}

/// `m`, `p heap`, `p stack`, `p 0x7fff12345000`
pub(super) fn at(c: &mut Cursor<'_, '_>) -> Parsed<At> {
    let name = c.target()?;
    Ok(match c.peek_word() {
        Some("heap") => {
            c.skip();
            At::Heap(name)
        }
        Some("stack") => {
            c.skip();
            At::Stack(name)
        }
        Some(word) if word.starts_with("0x") || word.starts_with("0X") => {
            At::Address(name, c.number(What::Address, 0, ADDRESS_END - 1)?)
        }
        _ => At::Area { area: name, by: None },
    })
}

/// `0..64K by=q cpu=1`: which part of a place, and who does it where; all of it may be left out.
fn rest(c: &mut Cursor<'_, '_>, mut at: At, on_cpu: bool) -> Parsed<(At, Option<ByteRange>, u8)> {
    let words = if on_cpu { &["by", "cpu"][..] } else { &["by"] };
    let bytes = match c.peek_word() {
        Some(word) if word.starts_with(|c: char| c.is_ascii_digit()) => Some(byte_range(c, &at)?),
        _ => None,
    };
    let (mut by, mut cpu) = (None, None);
    each_option(c, |c| {
        let Some(word) = c.word() else { return c.nothing_more() };
        let span = c.last_span();
        match word {
            "by" => {
                c.equals()?;
                let process = c.target_of(What::Process, Part::By)?;
                if !matches!(at, At::Area { .. }) {
                    return Err(c.report(span.to(c.last_span()), Kind::ByWithoutArea));
                }
                once(c, word, &mut by, process)
            }
            "cpu" if on_cpu => {
                c.equals()?;
                let value = c.cpu()?;
                once(c, word, &mut cpu, value)
            }
            word => Err(unknown_option(c, word, words)),
        }
    })?;
    if let At::Area { by: slot, .. } = &mut at {
        *slot = by;
    }
    Ok((at, bytes, cpu.unwrap_or(0)))
}

/// `0..64K`: the end is not included.
pub(super) fn byte_range(c: &mut Cursor<'_, '_>, at: &At) -> Parsed<ByteRange> {
    let most = match at {
        At::Address(_, address) => MAX_BYTES.min(ADDRESS_END - address),
        _ => MAX_BYTES,
    };
    let start = c.span();
    let from = c.bytes(0..=most)?;
    if c.peek() != Some(&TokenKind::Range) {
        return Err(c.expected(What::ByteRange));
    }
    c.skip();
    let to = c.bytes(0..=most)?;
    let span = start.to(c.last_span());
    if to <= from {
        return Err(c.report(span, Kind::NoBytes { from, to }));
    }
    Ok(ByteRange { from, to })
}

/// `set_mempolicy p bind 0,1`, `mbind m interleave 0..1 0..64K`
pub(super) fn policy(c: &mut Cursor<'_, '_>, word: &str) -> Parsed<Statement> {
    if word == "set_mempolicy" {
        let process = c.target_of(What::Process, Part::Target)?;
        let policy = policy_words(c)?;
        return Ok(Statement::Process(Process::SetMempolicy { process, policy }));
    }
    let at = at(c)?;
    let policy = policy_words(c)?;
    let (at, bytes, _) = rest(c, at, false)?;
    Ok(Statement::Process(Process::Mbind { at, policy, bytes }))
}

/// `bind 0,1`, `interleave 0..3`, `preferred 1`, `local`, `default`
fn policy_words(c: &mut Cursor<'_, '_>) -> Parsed<Option<Mempolicy>> {
    let Some(mode) = POLICIES[c.choice(What::Policy, &POLICIES.map(|(word, _)| word))?].1 else {
        return Ok(None);
    };
    let nodes = match mode {
        Mode::Local => NodeMask::default(),
        Mode::Preferred => NodeMask::of([c.node()?]),
        _ => node_list(c)?,
    };
    Ok(Some(Mempolicy { mode, nodes }))
}

/// `0,1`, `0..3`, `0,2..3`
fn node_list(c: &mut Cursor<'_, '_>) -> Parsed<NodeMask> {
    let mut nodes = Vec::new();
    while nodes.is_empty() || c.sign(',') {
        let from_span = c.span();
        let from = c.node()?;
        let mut to = from;
        if c.peek() == Some(&TokenKind::Range) {
            c.skip();
            to = c.node()?;
        }
        if to < from {
            let span = from_span.to(c.last_span());
            return Err(c.report(span, Kind::EmptyRange { from: u64::from(from), to: u64::from(to) }));
        }
        nodes.extend(from..=to);
    }
    Ok(NodeMask::of(nodes))
}

/// `mems=0,1 mem_hardwall`
pub(super) fn cpuset(c: &mut Cursor<'_, '_>, target: Target) -> Parsed<Statement> {
    const WORDS: [&str; 2] = ["mems", "mem_hardwall"];
    let (mut mems, mut hardwall) = (None, None);
    each_option(c, |c| {
        let Some(word) = c.word() else { return c.nothing_more() };
        match word {
            "mems" => {
                c.equals()?;
                let value = node_list(c)?;
                once(c, word, &mut mems, value)
            }
            "mem_hardwall" => once(c, word, &mut hardwall, ()),
            word => Err(unknown_option(c, word, &WORDS)),
        }
    })?;
    let Some(mems) = mems else { return Err(c.expected(What::Literal("mems="))) };
    Ok(Statement::Process(Process::Cpuset { target, mems, hardwall: hardwall.is_some() }))
}

/// `c 0,1`
pub(super) fn cpuset_mems(c: &mut Cursor<'_, '_>) -> Parsed<Statement> {
    let cpuset = c.target_of(What::Cpuset, Part::Target)?;
    Ok(Statement::Process(Process::CpusetMems { cpuset, mems: node_list(c)? }))
}

/// `oom_score_adj p 500`, `oom_adj p -17 root`, `sysrq f`
pub(super) fn killing(c: &mut Cursor<'_, '_>, word: &str) -> Parsed<Statement> {
    if word == "sysrq" {
        c.choice(What::SysrqKey, &["f"])?;
        return Ok(Statement::Process(Process::Sysrq));
    }
    let legacy = word == "oom_adj";
    let process = c.target_of(What::Process, Part::Target)?;
    let bounds = if legacy { (17, 15) } else { (1000, 1000) };
    let value = signed(c, bounds)? as i16;
    Ok(Statement::Process(Process::Adjust { process, value, legacy, root: c.keyword("root") }))
}

/// A number with or without a sign: down to so much below zero, up to so much above.
pub(super) fn signed(c: &mut Cursor<'_, '_>, (below, above): (u64, u64)) -> Parsed<i64> {
    if c.sign('-') {
        return Ok(-(c.number(What::Number, 0, below)? as i64));
    }
    c.sign('+');
    Ok(c.number(What::Number, 0, above)? as i64)
}

/// `stack=1M as=64M uid=1000 nice=5 cputime=3600 age=86400 stuck cgroup=g cpuset=c`
fn exec(c: &mut Cursor<'_, '_>, target: Target) -> Parsed<Statement> {
    const WORDS: [&str; 11] =
        ["stack", "as", "memlock", "uid", "nice", "cputime", "age", "stuck", "cgroup", "cpuset", "cpu"];
    let (mut stack, mut address_space, mut memlock, mut cpu) = (None, None, None, None);
    let (mut cgroup, mut cpuset) = (None, None);
    let (mut uid, mut nice, mut cpu_time, mut age, mut stuck) = (None, None, None, None, None);
    each_option(c, |c| {
        let Some(word) = c.word() else { return c.nothing_more() };
        match word {
            "stack" | "as" | "memlock" => {
                c.equals()?;
                let bytes = c.bytes(0..=MAX_BYTES)?;
                let slot = match word {
                    "as" => &mut address_space,
                    "memlock" => &mut memlock,
                    _ => &mut stack,
                };
                once(c, word, slot, bytes)
            }
            "uid" | "cputime" | "age" => {
                c.equals()?;
                let root = word == "uid" && c.keyword("root");
                let value = if root { 0 } else { c.number_u32(What::Number, 0, MAX_SECONDS)? };
                let slot = match word {
                    "uid" => &mut uid,
                    "age" => &mut age,
                    _ => &mut cpu_time,
                };
                once(c, word, slot, value)
            }
            "nice" => {
                c.equals()?;
                let value = signed(c, (20, 19))? as i8;
                once(c, word, &mut nice, value)
            }
            "stuck" => once(c, word, &mut stuck, ()),
            "cgroup" => {
                c.equals()?;
                let value = c.target_of(What::Group, Part::Group)?;
                once(c, word, &mut cgroup, value)
            }
            "cpuset" => {
                c.equals()?;
                let value = c.target_of(What::Cpuset, Part::Cpuset)?;
                once(c, word, &mut cpuset, value)
            }
            "cpu" => {
                c.equals()?;
                let value = c.cpu()?;
                once(c, word, &mut cpu, value)
            }
            word => Err(unknown_option(c, word, &WORDS)),
        }
    })?;
    let limits = Rlimits { stack: stack.unwrap_or(Rlimits::default().stack), address_space, memlock };
    let task = TaskArgs {
        uid: uid.unwrap_or(0),
        nice: nice.unwrap_or(0),
        cpu_seconds: cpu_time.unwrap_or(0),
        age_seconds: age.unwrap_or(0),
        stuck: stuck.is_some(),
        ..TaskArgs::default()
    };
    let (cgroup, cpuset, cpu) = (cgroup.map(Box::new), cpuset.map(Box::new), cpu.unwrap_or(0));
    Ok(Statement::Process(Process::Exec { target, limits, task, cgroup, cpuset, cpu }))
}

/// `p stack=64K cpu=1`
fn thread(c: &mut Cursor<'_, '_>, target: Target) -> Parsed<Statement> {
    let of = c.target_of(What::Process, Part::Process)?;
    let (mut stack, mut cpu) = (None, None);
    each_option(c, |c| {
        let Some(word) = c.word() else { return c.nothing_more() };
        match word {
            "stack" => {
                c.equals()?;
                let bytes = c.bytes(0..=MAX_BYTES)?;
                once(c, word, &mut stack, bytes)
            }
            "cpu" => {
                c.equals()?;
                let value = c.cpu()?;
                once(c, word, &mut cpu, value)
            }
            word => Err(unknown_option(c, word, &["stack", "cpu"])),
        }
    })?;
    Ok(Statement::Process(Process::Thread { target, of, stack, cpu: cpu.unwrap_or(0) }))
}

/// `p 500K file=libc offset=4K rx shared noreserve populate`, `p 4M huge`
/// `pages_to_scan=4096 max_ptes_none=511 max_ptes_swap=64 max_ptes_shared=256 cpu=0`
fn khugepaged(c: &mut Cursor<'_, '_>) -> Parsed<Process> {
    let mut values = [None; 4];
    let mut cpu = None;
    let known = ScanLimits::default().words().map(|(word, _)| word);
    each_option(c, |c| {
        let Some(word) = c.word() else { return c.nothing_more() };
        if word == "cpu" {
            c.equals()?;
            let value = c.cpu()?;
            return once(c, word, &mut cpu, value);
        }
        let Some(at) = known.iter().position(|of| *of == word) else {
            let [a, b, d, e] = known;
            return Err(unknown_option(c, word, &[a, b, d, e, "cpu"]));
        };
        c.equals()?;
        let (least, most) = if at == 0 { (1, MAX_PAGES_TO_SCAN) } else { (0, 511) };
        let value = c.number_u32(What::Number, least, most)?;
        once(c, word, &mut values[at], value)
    })?;
    let usual = ScanLimits::default();
    let [pages, none, swap, shared] = values;
    let of = |value: Option<u32>, usual: u16| value.map_or(usual, |value| value as u16);
    let limits = ScanLimits {
        pages_to_scan: pages.unwrap_or(usual.pages_to_scan),
        max_ptes_none: of(none, usual.max_ptes_none),
        max_ptes_swap: of(swap, usual.max_ptes_swap),
        max_ptes_shared: of(shared, usual.max_ptes_shared),
    };
    Ok(Process::Khugepaged { limits, cpu: cpu.unwrap_or(0) })
}

fn mmap(c: &mut Cursor<'_, '_>, target: Target) -> Parsed<Statement> {
    const WORDS: [&str; 16] = [
        "file",
        "offset",
        "none",
        "r",
        "w",
        "rw",
        "x",
        "rx",
        "wx",
        "rwx",
        "shared",
        "noreserve",
        "populate",
        "locked",
        "huge",
        "cpu",
    ];
    let process = c.target_of(What::Process, Part::Process)?;
    let bytes = c.bytes(0..=MAX_BYTES)?;
    let (mut file, mut offset, mut prot, mut cpu) = (None, None, None, None);
    let (mut shared, mut noreserve, mut populate) = (None, None, None);
    let (mut locked, mut huge) = (None, None);
    each_option(c, |c| {
        let Some(word) = c.word() else { return c.nothing_more() };
        let span = c.last_span();
        match word {
            "file" => {
                c.equals()?;
                let value = c.target_of(What::Name, Part::File)?;
                once(c, word, &mut file, value)
            }
            "offset" => {
                c.equals()?;
                let from = c.span();
                let found = c.peek_word().unwrap_or_default();
                let value = c.bytes(0..=MAX_BYTES)?;
                if !value.is_multiple_of(PAGE_SIZE) {
                    let found = shortened(found);
                    return Err(c.report(from.to(c.last_span()), Kind::NotWholeFrames { found }));
                }
                once(c, word, &mut offset, (value, span))
            }
            "shared" => once(c, word, &mut shared, ()),
            "noreserve" => once(c, word, &mut noreserve, ()),
            "populate" => once(c, word, &mut populate, ()),
            "locked" => once(c, word, &mut locked, ()),
            "huge" => once(c, word, &mut huge, span),
            "cpu" => {
                c.equals()?;
                let value = c.cpu()?;
                once(c, word, &mut cpu, value)
            }
            word => match PROTS.into_iter().find(|(of, _)| *of == word) {
                Some((_, value)) => once(c, word, &mut prot, value),
                None => Err(unknown_option(c, word, &WORDS)),
            },
        }
    })?;
    let file = match (file, offset) {
        (Some(file), offset) => Some((file, offset.map_or(0, |(offset, _)| offset))),
        (None, Some((_, span))) => return Err(c.report(span, Kind::OffsetWithoutFile)),
        (None, None) => None,
    };
    let args = MmapArgs {
        prot: prot.unwrap_or(Prot::READ_WRITE),
        shared: shared.is_some(),
        file,
        noreserve: noreserve.is_some(),
        populate: populate.is_some(),
        locked: locked.is_some(),
        huge: huge.is_some(),
    };
    if let Some(span) = huge
        && (args.shared || args.file.is_some())
    {
        return Err(c.report(span, Kind::HugeOfOthers));
    }
    Ok(Statement::Process(Process::Mmap {
        target,
        process,
        bytes,
        args: Box::new(args),
        cpu: cpu.unwrap_or(0),
    }))
}
