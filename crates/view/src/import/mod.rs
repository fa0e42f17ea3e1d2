//! What a person brings from a machine of their own: texts of `/proc`, dumps of free lists, traces. Which of them is
//! which, what is wrong in them, and the scenarios that they make.
//!
//! A trace can have millions of lines, so the work goes in pieces ([`Import::work`]): a page stays awake between them.
//! A trace is replayed to its end here, without anybody looking on; a scenario is the part of it that fits into a
//! scenario's text, from its beginning or from shortly before the first divergence.

mod problem;
#[cfg(test)]
mod tests;

use kernel_io::trace::{MAX_EVENTS, TraceReader};
use kernel_io::{ListsAgree, ListsDump, Replay, Trace, TraceEvent, Window};
use mm::replay::Tally;
use mm::{Config, Machine, UnitEnd};
use scenario::{Lang, MAX_TEXT, Phrase};

use crate::narrate::num;

pub use problem::{Problem, Wrong};

/// The bytes that a page reads, all texts together.
pub const MAX_BYTES: usize = 256 << 20;
/// The most memory of a machine that a device tree makes: of more the first part.
const MOST_MEMORY: u64 = mm::limits::MAX_FRAMES as u64 * mm::units::PAGE_SIZE;
/// Bytes of a trace that are read in one piece of work.
const PIECE: usize = 128 << 10;
/// Ops that are replayed in one piece of work.
const OPS: usize = 500;
/// So many ops before the first divergence the scenario begins that shows it.
const LEAD: usize = 24;

/// What a text turned out to be.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Role {
    /// Events of ftrace, trace-cmd or perf.
    Trace,
    /// A dump of ordered free lists.
    Lists,
    /// `/proc/buddyinfo`.
    BuddyInfo,
    /// `/proc/pagetypeinfo`.
    PageTypeInfo,
    /// `/proc/zoneinfo`.
    ZoneInfo,
    /// Source of a device tree.
    DeviceTree,
    /// A scenario.
    Scenario,
}

impl Role {
    /// Told by how the first lines begin.
    #[must_use]
    pub fn of(text: &[u8]) -> Role {
        let head = String::from_utf8_lossy(&text[..text.len().min(64 << 10)]);
        if scenario::dts::is_source(&head) {
            return Role::DeviceTree;
        }
        let mut nodes = false;
        for line in head.lines().map(str::trim_start) {
            let mut words = line.split_ascii_whitespace();
            match words.next() {
                Some("Z") if line.contains("zone=") => return Role::Lists,
                Some(word) if word.eq_ignore_ascii_case("node") => {
                    if line.contains(", type") {
                        return Role::PageTypeInfo;
                    }
                    nodes = true;
                }
                Some("pages" | "per-node") if nodes => return Role::ZoneInfo,
                Some("Page") if line.starts_with("Page block order:") => return Role::PageTypeInfo,
                Some(first) if first.starts_with('#') && line.contains("tracer:") => return Role::Trace,
                Some(first) if first.starts_with('#') => {}
                Some(_) if is_event(line) => return Role::Trace,
                _ => {}
            }
        }
        if nodes { Role::BuddyInfo } else { Role::Scenario }
    }

    /// What it is called.
    #[must_use]
    pub fn name(self, lang: Lang) -> &'static str {
        match self {
            Role::Trace => lang.pick("trace", "跟踪记录"),
            Role::Lists => lang.pick("free lists", "空闲链表"),
            Role::BuddyInfo => "buddyinfo",
            Role::PageTypeInfo => "pagetypeinfo",
            Role::ZoneInfo => "zoneinfo",
            Role::DeviceTree => lang.pick("device tree", "设备树"),
            Role::Scenario => lang.pick("scenario", "场景"),
        }
    }
}

/// `… [000] … 7.945569: mm_page_alloc: …` or the same in columns.
fn is_event(line: &str) -> bool {
    let columns = line.split('\t').count();
    columns >= 4 && line.starts_with(|c: char| c.is_ascii_digit())
        || (line.contains('[') && line.contains("]") && line.contains(": ") && line.contains('.'))
}

/// One text that was brought.
pub struct Source {
    /// What the file was called; empty: it was pasted.
    pub name: String,
    /// What it is.
    pub role: Role,
    bytes: Vec<u8>,
}

/// What can be opened.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Opening {
    /// The machine as the texts show it, or the trace from its first event on.
    Start,
    /// The trace from shortly before the first divergence on.
    Divergence,
}

/// How a trace went.
#[derive(Clone, PartialEq, Debug)]
pub struct Replayed {
    /// Lines that were events.
    pub events: u32,
    /// What the kernel did, as ops.
    pub ops: u32,
    /// Predictions: how many there were, and how many of them were right.
    pub tally: Tally,
    /// The first op at which the kernel took another way, and the line of the trace that tells it.
    pub first: Option<(u32, u32)>,
    /// Events that the tracer says it lost.
    pub lost: u64,
    /// Whether the lists at the end are those of the dump made then.
    pub agree: Option<ListsAgree>,
}

impl Replayed {
    /// How often a block's place was not the predicted one.
    #[must_use]
    pub fn diverged(&self) -> u32 {
        self.tally.events - self.tally.predicted
    }
}

/// How far the work is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Progress {
    /// So much is done.
    pub done: u64,
    /// Of so much.
    pub of: u64,
}

enum Stage {
    Sort,
    Read { at: usize },
    Build,
    Run { at: usize },
    Done,
}

/// Where a window of a trace begins.
struct Snapshot {
    machine: Machine,
    op: usize,
}

/// Texts on their way to a scenario.
pub struct Import {
    sources: Vec<Source>,
    stage: Stage,
    reader: TraceReader,
    trace: Trace,
    before: Option<ListsDump>,
    after: Option<ListsDump>,
    cma: bool,
    replay: Replay,
    config: Option<Config>,
    machine: Option<Machine>,
    /// The machine now and then, so that a window can begin there.
    kept: Vec<Snapshot>,
    lead: Option<Snapshot>,
    replayed: Option<Replayed>,
    /// A scenario that needs no replay.
    text: Option<String>,
    problems: Vec<Problem>,
}

impl Import {
    /// From texts with the names of their files.
    #[must_use]
    pub fn new(texts: Vec<(String, Vec<u8>)>) -> Import {
        let mut sources: Vec<Source> = Vec::new();
        for (name, bytes) in texts {
            for (role, bytes) in parts(bytes) {
                sources.push(Source { name: name.clone(), role, bytes });
            }
        }
        Import {
            sources,
            stage: Stage::Sort,
            reader: TraceReader::default(),
            trace: Trace::default(),
            before: None,
            after: None,
            cma: false,
            replay: Replay::default(),
            config: None,
            machine: None,
            kept: Vec::new(),
            lead: None,
            replayed: None,
            text: None,
            problems: Vec::new(),
        }
    }

    /// The texts.
    #[must_use]
    pub fn sources(&self) -> &[Source] {
        &self.sources
    }

    /// What is wrong so far.
    #[must_use]
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }

    /// How the trace went, once that is known.
    #[must_use]
    pub fn replayed(&self) -> Option<&Replayed> {
        self.replayed.as_ref()
    }

    /// What can be opened.
    #[must_use]
    pub fn openings(&self) -> Vec<Opening> {
        let mut openings = Vec::new();
        if self.text.is_some() || self.replayed.is_some() {
            openings.push(Opening::Start);
        }
        openings.extend(self.lead.as_ref().map(|_| Opening::Divergence));
        openings
    }

    /// Does a piece of the work: none when all of it is done.
    pub fn work(&mut self) -> Option<Progress> {
        match self.stage {
            Stage::Sort => self.sort(),
            Stage::Read { at } => self.read(at),
            Stage::Build => self.build(),
            Stage::Run { at } => self.run(at),
            Stage::Done => return None,
        }
        let bytes = self.bytes() as u64;
        // A byte of a trace takes about as long to read as to replay.
        Some(match self.stage {
            Stage::Sort => Progress { done: 0, of: 2 * bytes },
            Stage::Read { at } => Progress { done: at as u64, of: 2 * bytes },
            Stage::Build => Progress { done: bytes, of: 2 * bytes },
            Stage::Run { at } => {
                let ops = self.replay.ops.len().max(1) as u64;
                Progress { done: bytes + bytes * at as u64 / ops, of: 2 * bytes }
            }
            Stage::Done => Progress { done: 2 * bytes, of: 2 * bytes },
        })
    }

    fn bytes(&self) -> usize {
        self.sources.iter().map(|source| source.bytes.len()).sum()
    }

    fn trace_source(&self) -> Option<&Source> {
        self.sources.iter().find(|source| source.role == Role::Trace)
    }

    fn wrong(&mut self, name: &str, line: u32, wrong: Wrong) {
        self.problems.push(Problem { file: name.to_owned(), line, column: 0, wrong });
    }

    /// Reads everything but a trace.
    fn sort(&mut self) {
        self.stage = Stage::Done;
        if self.bytes() > MAX_BYTES {
            let bytes = self.bytes() as u64;
            self.wrong("", 1, Wrong::TooLarge { bytes });
            return;
        }
        let mut lists: Vec<(String, ListsDump)> = Vec::new();
        for at in 0..self.sources.len() {
            let Source { name, role, bytes } = &self.sources[at];
            let (name, role) = (name.clone(), *role);
            self.cma |= role == Role::PageTypeInfo && contains(bytes, b"CMA");
            if role == Role::Lists {
                let text = String::from_utf8_lossy(bytes).into_owned();
                match kernel_io::read_lists(&text) {
                    Ok(dump) => lists.push((name, dump)),
                    Err(errors) => {
                        for error in errors {
                            self.wrong(&name, error.line, Wrong::Read(error.kind));
                        }
                    }
                }
            }
        }
        // The second dump is the one at the end, or the one that is called so.
        let is_after = |name: &str| name.to_ascii_lowercase().contains("after");
        let end = lists.iter().position(|(name, _)| is_after(name)).or((lists.len() > 1).then_some(1));
        let alone = lists.len() == 1;
        if let Some(end) = end.filter(|_| !alone) {
            self.after = Some(lists.remove(end).1);
        }
        self.before = lists.into_iter().next().map(|(_, dump)| dump);
        match (self.trace_source().map(|source| source.name.clone()), &self.before) {
            (Some(_), Some(_)) => self.stage = Stage::Read { at: 0 },
            (Some(name), None) if !self.sources.iter().any(|source| source.role == Role::Lists) => {
                self.wrong(&name, 1, Wrong::NoLists);
                self.counts();
            }
            (Some(_), None) => {}
            (None, Some(dump)) => {
                let config = dump.replayed(&Replay::default(), self.cma || dump_has_cma(dump));
                let title = Phrase {
                    text: "Free lists of a real kernel".into(),
                    zh: Some("真实内核的空闲链表".into()),
                };
                let text = scenario::replayed(title, &config, &[]);
                self.accept(text);
            }
            (None, None) => self.counts(),
        }
    }

    /// Texts that only count: the places are invented.
    fn counts(&mut self) {
        let of_role = |role| self.sources.iter().find(move |source| source.role == role);
        let text = |source: &Source| String::from_utf8_lossy(&source.bytes).into_owned();
        if let Some(source) = of_role(Role::BuddyInfo) {
            let (name, text) = (source.name.clone(), text(source));
            self.rows(&name, &text, true);
        } else if let Some(source) = of_role(Role::PageTypeInfo) {
            let (name, text) = (source.name.clone(), text(source));
            match kernel_io::read_pagetypeinfo(&text) {
                Ok(info) => {
                    let mut zones: Vec<(u32, mm::mmzone::ZoneKind)> =
                        info.free.iter().map(|row| (row.node, row.kind)).collect();
                    zones.dedup();
                    let mut rows = String::new();
                    for (node, kind) in zones {
                        let Some(totals) = info.totals(node, kind) else { continue };
                        if totals.iter().any(Option::is_none) {
                            self.wrong(&name, 1, Wrong::Uncounted);
                        }
                        let counts: Vec<String> =
                            totals.iter().map(|n| n.unwrap_or_default().to_string()).collect();
                        rows += &format!("Node {node}, zone {} {}\n", kind.name(), counts.join(" "));
                    }
                    self.rows(&name, &rows, false);
                }
                Err(errors) => {
                    for error in errors {
                        self.wrong(&name, error.line, Wrong::Read(error.kind));
                    }
                }
            }
        } else if let Some(source) = of_role(Role::DeviceTree) {
            let (name, text) = (source.name.clone(), text(source));
            self.device_tree(&name, &text);
        } else if let Some(source) = of_role(Role::Scenario) {
            let (name, text) = (source.name.clone(), text(source));
            self.scenario(&name, text);
        } else if let Some(source) = of_role(Role::ZoneInfo) {
            let name = source.name.clone();
            self.wrong(&name, 1, Wrong::OnlyZoneInfo);
        }
    }

    /// Rows of `/proc/buddyinfo` become the lines of a scenario, and everything between them comments, so that the
    /// numbers of the lines are those of the text.
    fn rows(&mut self, name: &str, text: &str, is_theirs: bool) {
        let is_row = |line: &str| line.get(..4).is_some_and(|word| word.eq_ignore_ascii_case("node"));
        let mut lines: Vec<String> = Vec::new();
        for (line, number) in text.lines().map(str::trim).zip(1..) {
            lines.push(match line {
                "" => String::new(),
                row if is_row(row) => format!("buddyinfo {row}"),
                other => {
                    self.wrong(name, number, Wrong::NoRow(other.chars().take(60).collect()));
                    format!("# {other}")
                }
            });
        }
        let file = if is_theirs { "buddyinfo" } else { "pagetypeinfo" };
        lines.push(format!("title \"My /proc/{file}\" zh \"我的 /proc/{file}\""));
        lines.push("pcp off".into());
        self.scenario(name, lines.join("\n") + "\n");
    }

    /// Source of a device tree becomes lines of a scenario, each as it stands, and a machine with as much memory as the tree
    /// says.
    fn device_tree(&mut self, name: &str, text: &str) {
        let mut lines: Vec<String> = text.lines().map(|line| format!("dts {line}")).collect();
        let ram = scenario::dts::memory(text).map_or(64 << 20, |bytes| bytes.min(MOST_MEMORY));
        lines.push(format!("ram {}K", ram >> 10));
        lines.push("title \"My device tree\" zh \"我的设备树\"".into());
        self.scenario(name, lines.join("\n") + "\n");
        // The columns are those of the tree, without the word before each line.
        for problem in &mut self.problems {
            if let Wrong::Scenario(diagnostic) = &problem.wrong {
                problem.column = diagnostic.span.column.saturating_sub("dts ".len() as u32);
            }
        }
    }

    fn scenario(&mut self, name: &str, text: String) {
        let parsed = scenario::parse(&text);
        for diagnostic in parsed.diagnostics.iter().filter(|d| d.severity() == scenario::Severity::Error) {
            self.wrong(name, diagnostic.span.line, Wrong::Scenario(Box::new(diagnostic.clone())));
        }
        mm::sort::by_key(&mut self.problems, |problem| u64::from(problem.line));
        if parsed.lower().is_some() {
            self.text = Some(text);
        }
    }

    fn accept(&mut self, text: String) {
        if text.len() > MAX_TEXT {
            self.wrong("", 1, Wrong::ListsTooLong { bytes: text.len() as u64 });
        } else {
            self.scenario("", text);
        }
    }

    fn read(&mut self, at: usize) {
        let Some(source) = self.sources.iter().find(|source| source.role == Role::Trace) else { return };
        let end = (at + PIECE).min(source.bytes.len());
        let (reader, events) = (&mut self.reader, &mut self.trace.events);
        reader.push(&source.bytes[at..end], |_, event| events.push(event));
        self.stage = Stage::Read { at: end };
        if end < source.bytes.len() && self.reader.summary().events < MAX_EVENTS {
            return;
        }
        let events = &mut self.trace.events;
        self.trace.summary = std::mem::take(&mut self.reader).finish(|_, event| events.push(event));
        let name = source.name.clone();
        for error in self.trace.summary.errors.clone() {
            self.wrong(&name, error.line, Wrong::Read(error.kind));
        }
        if self.trace.summary.more_errors > 0 {
            let more = self.trace.summary.more_errors;
            self.wrong(&name, self.trace.summary.lines, Wrong::More(more));
        }
        self.stage = Stage::Build;
        if self.trace.events.is_empty() {
            self.stage = Stage::Done;
        }
    }

    fn build(&mut self) {
        self.stage = Stage::Done;
        let window = self.trace.window().unwrap_or(0..self.trace.events.len());
        let events: &[TraceEvent] = &self.trace.events;
        let Some(before) = &self.before else { return };
        self.replay = kernel_io::replay(&Window {
            events: &events[window.clone()],
            follow: &events[window.end..],
            before,
            after: self.after.as_ref(),
            cma: self.cma,
        });
        let name = self.trace_source().map(|source| source.name.clone()).unwrap_or_default();
        if self.replay.ops.is_empty() {
            self.wrong(&name, 1, Wrong::NothingToReplay);
            return;
        }
        let config = before.replayed(&self.replay, self.cma);
        match Machine::boot(&config) {
            Ok(machine) => {
                self.kept.push(Snapshot { machine: machine.clone(), op: 0 });
                self.machine = Some(machine);
                self.config = Some(config);
                self.stage = Stage::Run { at: 0 };
            }
            Err(error) => self.wrong("", 1, Wrong::Boot(error.to_string())),
        }
    }

    fn run(&mut self, at: usize) {
        let Some(machine) = &mut self.machine else { return };
        let end = (at + OPS).min(self.replay.ops.len());
        for number in at..end {
            if self.lead.is_none() && number % LEAD == 0 && number > 0 {
                self.kept.push(Snapshot { machine: machine.clone(), op: number });
                // The one before the last one is at least so far back.
                if self.kept.len() > 2 {
                    self.kept.remove(0);
                }
            }
            while machine.run_unit_unseen(&self.replay.ops[number]) == UnitEnd::More {}
            let tally = machine.tally();
            if self.lead.is_none() && tally.predicted < tally.events {
                self.lead = Some(self.kept.remove(0));
                self.kept.clear();
            }
        }
        self.stage = Stage::Run { at: end };
        if end < self.replay.ops.len() {
            return;
        }
        let tally = *machine.tally();
        let first = tally.first.iter().filter(|op| **op > 0).min().copied();
        self.replayed = Some(Replayed {
            events: self.trace.summary.events,
            ops: self.replay.ops.len() as u32,
            tally,
            first: first.map(|op| (op, self.replay.lines.get(op as usize - 1).copied().unwrap_or(0))),
            lost: self.trace.summary.lost,
            agree: self.after.as_ref().map(|after| ListsAgree::with(machine, after)),
        });
        self.trace.events = Vec::new();
        self.stage = Stage::Done;
    }

    /// The scenario: its text, and how many ops of the trace are in it, from which one on.
    #[must_use]
    pub fn scenario_of(&self, opening: Opening) -> Option<(String, std::ops::Range<u32>)> {
        if let Some(text) = &self.text {
            return Some((text.clone(), 0..0));
        }
        let lead = self.lead.as_ref().filter(|_| opening == Opening::Divergence);
        let dump;
        let (before, first) = match lead {
            // At the beginning the dump is what was read.
            Some(lead) if lead.op > 0 => {
                dump = ListsDump::of(&lead.machine);
                (&dump, lead.op)
            }
            _ => (self.before.as_ref()?, 0),
        };
        let name = self.trace_source().map(|source| source.name.clone()).unwrap_or_default();
        let rest = &self.replay.ops[first..];
        let mut len = rest.len().min(1600);
        loop {
            let part = Replay {
                ops: rest[..len].to_vec(),
                lines: Vec::new(),
                recording: self.replay.recording.clone(),
                events: 0,
            };
            let config = before.replayed(&part, self.cma);
            let text =
                scenario::replayed(title(&name, first, len, self.replay.ops.len()), &config, &part.ops);
            if text.len() <= MAX_TEXT {
                return Some((text, first as u32..(first + len) as u32));
            }
            if len <= 1 {
                return None;
            }
            len = (len * MAX_TEXT / text.len()).min(len - 1).max(1);
        }
    }
}

fn title(name: &str, first: usize, len: usize, all: usize) -> Phrase {
    let name: String = name.chars().filter(|c| !c.is_control() && *c != '"' && *c != '\\').take(60).collect();
    let name = if name.is_empty() { "trace".to_owned() } else { name };
    if len == all {
        return Phrase { text: name, zh: None };
    }
    let (from, to, all) = (num(first as u64 + 1), num((first + len) as u64), num(all as u64));
    Phrase {
        text: format!("{name}: {from} to {to} of {all}"),
        zh: Some(format!("{name}：{all} 个操作中的第 {from}–{to} 个")),
    }
}

fn dump_has_cma(dump: &ListsDump) -> bool {
    use mm::page::MigrateType;
    dump.zones.iter().flat_map(|zone| zone.pageblocks.iter().flatten()).any(|t| *t == MigrateType::Cma)
}

fn contains(text: &[u8], word: &[u8]) -> bool {
    text.windows(word.len()).any(|part| part == word)
}

/// A text that is a dump and a trace pasted one after the other becomes two, with every line in its place.
fn parts(bytes: Vec<u8>) -> Vec<(Role, Vec<u8>)> {
    let role = Role::of(&bytes);
    let is_list = |line: &[u8]| {
        let word = line.split(|b| b.is_ascii_whitespace()).find(|word| !word.is_empty()).unwrap_or_default();
        matches!(word, b"Z" | b"PB" | b"F" | b"P" | b"L" | b"END")
    };
    let mixed = bytes.len() < 8 << 20
        && matches!(role, Role::Lists | Role::Trace)
        && bytes.split(|b| *b == b'\n').any(|line| {
            is_list(line) != (role == Role::Lists)
                && !line.trim_ascii().is_empty()
                && !line.trim_ascii_start().starts_with(b"#")
        })
        && bytes.split(|b| *b == b'\n').any(is_list);
    if !mixed {
        return vec![(role, bytes)];
    }
    let (mut lists, mut trace) = (Vec::new(), Vec::new());
    for line in bytes.split(|b| *b == b'\n') {
        let (to, other) = if is_list(line) { (&mut lists, &mut trace) } else { (&mut trace, &mut lists) };
        to.extend_from_slice(line);
        to.push(b'\n');
        other.push(b'\n');
    }
    if Role::of(&trace) == Role::Trace {
        vec![(Role::Lists, lists), (Role::Trace, trace)]
    } else {
        vec![(role, bytes)]
    }
}
