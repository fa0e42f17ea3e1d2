//! The command line.

use std::ffi::OsString;
use std::path::PathBuf;

use history::Cursor;
use lexopt::ValueExt as _;
use lexopt::prelude::{Long, Short, Value};
use scenario::Lang;

use crate::bench::Bench;
use crate::failure::Failure;
use crate::replay::Files;

/// What `--help` prints.
pub const HELP: &str = "\
mmscope: how Linux manages memory, step by step

usage:
  mmscope run FILE [--at OP[.STEP]] [--print NAME,…] [--steps] [--lang en|zh] [--hash]
      run a scenario to a moment (default: its end) and print what a kernel would;
      NAME: buddyinfo (default), pagetypeinfo, zoneinfo, extfrag_index, unusable_index, dmesg,
      slabinfo, slabtop, vmallocinfo, meminfo, ps;
      of every process: status, statm, maps, smaps, smaps_rollup, pagemap;
      caches: how each level of the memory hierarchy did
      --steps   one line for each step up to there: `op.step  sentence`
      --hash    the digest of the machine's state
  mmscope check FILE [--lang en|zh]
      only say what is wrong: `file:line:column: error: …`
  mmscope link FILE [--at OP[.STEP]]
      print the scenario as the fragment of a share link
  mmscope open FRAGMENT
      print the scenario that a link carries, and its moment
  mmscope replay DIR
  mmscope replay TRACE --before LISTS [--after LISTS]
      replay a real kernel's kmem trace from its free lists: predict each event, follow the kernel where the
      rules are wrong, and count that; DIR holds before_lists.txt, trace.tsv.gz and after_lists.txt
      TRACE: ftrace, trace-cmd report, perf script; A, B, C: the blocks, lists and per-CPU lists agree at the end
  mmscope twin DIR
      compare what a real kernel printed (a folder of /proc files, or of moments) with what the rules make of it:
      file, field, the kernel's value, ours
  mmscope import DIR
  mmscope import TRACE --before LISTS
      print the scenario that replays such a trace, step by step
  mmscope bench [NAME]
      measure; NAME: ops, session, boot, clone (default: all)

FILE may be - for standard input, or builtin:ID.
Exit codes: 0 done, 1 for what the data says, 2 for bad usage.
";

/// What is asked for.
#[derive(Debug, PartialEq, Eq)]
pub enum Command {
    /// `--help`
    Help,
    /// `--version`
    Version,
    /// `run`
    Run(Run),
    /// `check`
    Check {
        /// What, and in which language to complain.
        file: Source,
    },
    /// `link`
    Link {
        /// Of what.
        file: Source,
        /// The moment that the link opens at; the beginning when not said.
        at: Option<Cursor>,
    },
    /// `open`
    Open {
        /// The fragment, with or without `#`.
        fragment: String,
    },
    /// `replay`
    Replay(Files),
    /// `import`
    Import(Files),
    /// `twin`
    Twin {
        /// The folder.
        dir: PathBuf,
    },
    /// `bench`
    Bench(Vec<Bench>),
}

/// What to run and what to print.
#[derive(Debug, PartialEq, Eq)]
pub struct Run {
    /// The scenario.
    pub file: Source,
    /// Up to here; the end when not said.
    pub at: Option<Cursor>,
    /// The files to print.
    pub print: Vec<Twin>,
    /// Whether to print the steps.
    pub steps: bool,
    /// Whether to print the digest.
    pub hash: bool,
}

/// Where a scenario comes from, and the language of what is said about it.
#[derive(Debug, PartialEq, Eq)]
pub struct Source {
    /// `-`, `builtin:ID`, or a path.
    pub name: OsString,
    /// The language.
    pub lang: Lang,
}

/// The kernel's files that can be printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Twin {
    /// `/proc/buddyinfo`
    BuddyInfo,
    /// `/proc/pagetypeinfo`
    PageTypeInfo,
    /// `/proc/zoneinfo`
    ZoneInfo,
    /// What the kernel has logged: the reports of failed requests, and of the OOM killer.
    Dmesg,
    /// `/sys/kernel/debug/extfrag/extfrag_index`
    ExtfragIndex,
    /// `/sys/kernel/debug/extfrag/unusable_index`
    UnusableIndex,
    /// `/proc/slabinfo`
    SlabInfo,
    /// What `slabtop --once` prints.
    SlabTop,
    /// `/proc/vmallocinfo`
    VmallocInfo,
    /// `/proc/meminfo`
    MemInfo,
    /// `/proc/vmstat`: what is on the lists, what has to be written, and what reclaim counted.
    VmStat,
    /// `/sys/devices/system/node/nodeN/numastat` of every node.
    NumaStat,
    /// What `free` prints.
    Free,
    /// What `free` printed up to procps 3.3.9.
    FreeOld,
    /// What `ps` prints of all processes.
    Ps,
    /// `/proc/PID/status` of each of them.
    Status,
    /// `/proc/PID/statm`
    Statm,
    /// `/proc/PID/maps`
    Maps,
    /// `/proc/PID/smaps`
    Smaps,
    /// `/proc/PID/smaps_rollup`
    SmapsRollup,
    /// `/proc/PID/pagemap` as lines.
    PageMap,
    /// `/proc/PID/oom_score` of each of them.
    OomScore,
    /// `/proc/PID/oom_score_adj`
    OomScoreAdj,
    /// `/proc/PID/oom_adj`
    OomAdj,
    /// `memory.current` of each control group.
    MemoryCurrent,
    /// `memory.swap.current`
    MemorySwapCurrent,
    /// `memory.max`
    MemoryMax,
    /// `memory.events`
    MemoryEvents,
    /// `memory.stat`
    MemoryStat,
    /// How each level of the memory hierarchy did.
    Caches,
}

impl Twin {
    /// All of them.
    pub const ALL: [Twin; 30] = [
        Twin::BuddyInfo,
        Twin::PageTypeInfo,
        Twin::ZoneInfo,
        Twin::ExtfragIndex,
        Twin::UnusableIndex,
        Twin::SlabInfo,
        Twin::SlabTop,
        Twin::VmallocInfo,
        Twin::MemInfo,
        Twin::VmStat,
        Twin::NumaStat,
        Twin::Free,
        Twin::FreeOld,
        Twin::Ps,
        Twin::Status,
        Twin::Statm,
        Twin::Maps,
        Twin::Smaps,
        Twin::SmapsRollup,
        Twin::PageMap,
        Twin::OomScore,
        Twin::OomScoreAdj,
        Twin::OomAdj,
        Twin::MemoryCurrent,
        Twin::MemorySwapCurrent,
        Twin::MemoryMax,
        Twin::MemoryEvents,
        Twin::MemoryStat,
        Twin::Caches,
        Twin::Dmesg,
    ];

    /// The file's name.
    pub fn name(self) -> &'static str {
        match self {
            Twin::BuddyInfo => "buddyinfo",
            Twin::PageTypeInfo => "pagetypeinfo",
            Twin::ZoneInfo => "zoneinfo",
            Twin::Dmesg => "dmesg",
            Twin::ExtfragIndex => "extfrag_index",
            Twin::UnusableIndex => "unusable_index",
            Twin::SlabInfo => "slabinfo",
            Twin::SlabTop => "slabtop",
            Twin::VmallocInfo => "vmallocinfo",
            Twin::MemInfo => "meminfo",
            Twin::VmStat => "vmstat",
            Twin::NumaStat => "numastat",
            Twin::Free => "free",
            Twin::FreeOld => "free_old",
            Twin::Ps => "ps",
            Twin::Status => "status",
            Twin::Statm => "statm",
            Twin::Maps => "maps",
            Twin::Smaps => "smaps",
            Twin::SmapsRollup => "smaps_rollup",
            Twin::PageMap => "pagemap",
            Twin::OomScore => "oom_score",
            Twin::OomScoreAdj => "oom_score_adj",
            Twin::OomAdj => "oom_adj",
            Twin::MemoryCurrent => "memory.current",
            Twin::MemorySwapCurrent => "memory.swap.current",
            Twin::MemoryMax => "memory.max",
            Twin::MemoryEvents => "memory.events",
            Twin::MemoryStat => "memory.stat",
            Twin::Caches => "caches",
        }
    }
}

/// Reads the command line.
///
/// # Errors
/// [`Failure::Usage`].
pub fn parse(mut parser: lexopt::Parser) -> Result<Command, Failure> {
    let Some(first) = parser.next()? else {
        return Err(Failure::Usage("no command".into()));
    };
    let command = match first {
        Short('h') | Long("help") => return Ok(Command::Help),
        Short('V') | Long("version") => return Ok(Command::Version),
        Value(word) => word,
        other => return Err(other.unexpected().into()),
    };
    let command = command.to_string_lossy().into_owned();
    if command == "help" {
        return Ok(Command::Help);
    }
    let options = Options::read(parser, &command)?;
    options.into_command(&command)
}

/// Everything that was given behind the command.
#[derive(Default)]
struct Options {
    help: bool,
    values: Vec<OsString>,
    at: Option<Cursor>,
    print: Option<Vec<Twin>>,
    steps: bool,
    hash: bool,
    lang: Option<Lang>,
    before: Option<PathBuf>,
    after: Option<PathBuf>,
}

impl Options {
    fn read(mut parser: lexopt::Parser, command: &str) -> Result<Options, Failure> {
        let mut options = Options::default();
        while let Some(arg) = parser.next()? {
            match (arg, command) {
                (Short('h') | Long("help"), _) => options.help = true,
                (Long("at"), "run" | "link") => options.at = Some(cursor(&parser.value()?.string()?)?),
                (Long("print"), "run") => {
                    let names = parser.value()?.string()?;
                    let print = options.print.get_or_insert_default();
                    for name in names.split(',') {
                        print.push(twin(name)?);
                    }
                }
                (Long("before"), "replay" | "import") => options.before = Some(parser.value()?.into()),
                (Long("after"), "replay" | "import") => options.after = Some(parser.value()?.into()),
                (Long("steps"), "run") => options.steps = true,
                (Long("hash"), "run") => options.hash = true,
                (Long("lang"), "run" | "check") => {
                    let tag = parser.value()?.string()?;
                    let unknown = || Failure::Usage(format!("no language `{tag}`: en or zh"));
                    options.lang = Some(Lang::from_tag(&tag).ok_or_else(unknown)?);
                }
                (Value(value), _) => options.values.push(value),
                (other, _) => return Err(other.unexpected().into()),
            }
        }
        Ok(options)
    }

    fn into_command(self, command: &str) -> Result<Command, Failure> {
        if self.help {
            return Ok(Command::Help);
        }
        let lang = self.lang.unwrap_or_default();
        let one = |what: &str| match &self.values[..] {
            [value] => Ok(value.clone()),
            [] => Err(Failure::Usage(format!("`{command}` needs {what}"))),
            [_, second, ..] => {
                Err(Failure::Usage(format!("unexpected argument `{}`", second.to_string_lossy())))
            }
        };
        match command {
            "run" => {
                let file = Source { name: one("a FILE")?, lang };
                let default = if self.steps || self.hash { Vec::new() } else { vec![Twin::BuddyInfo] };
                let print = self.print.unwrap_or(default);
                Ok(Command::Run(Run { file, at: self.at, print, steps: self.steps, hash: self.hash }))
            }
            "check" => Ok(Command::Check { file: Source { name: one("a FILE")?, lang } }),
            "link" => Ok(Command::Link { file: Source { name: one("a FILE")?, lang }, at: self.at }),
            "open" => match one("a FRAGMENT")?.into_string() {
                Ok(fragment) => Ok(Command::Open { fragment }),
                Err(_) => Err(Failure::data("mmscope: this link is damaged: it is no text")),
            },
            "replay" | "import" => {
                let trace = one("a DIR or a TRACE")?.into();
                let files = Files { trace, before: self.before, after: self.after };
                Ok(if command == "replay" { Command::Replay(files) } else { Command::Import(files) })
            }
            "twin" => Ok(Command::Twin { dir: one("a DIR")?.into() }),
            "bench" if self.values.is_empty() => Ok(Command::Bench(Bench::ALL.to_vec())),
            "bench" => {
                let name = one("a NAME")?;
                let bench = Bench::ALL.into_iter().find(|bench| name.to_str() == Some(bench.name()));
                let unknown = || {
                    Failure::Usage(format!("no benchmark `{}`: {}", name.to_string_lossy(), Bench::names()))
                };
                Ok(Command::Bench(vec![bench.ok_or_else(unknown)?]))
            }
            other => Err(Failure::Usage(format!("no command `{other}`"))),
        }
    }
}

fn cursor(text: &str) -> Result<Cursor, Failure> {
    let (op, step) = text.split_once('.').unwrap_or((text, "0"));
    match (op.parse(), step.parse()) {
        (Ok(op), Ok(step)) => Ok(Cursor::new(op, step)),
        _ => Err(Failure::Usage(format!("no moment `{text}`: OP or OP.STEP, as in 3.12"))),
    }
}

fn twin(name: &str) -> Result<Twin, Failure> {
    Twin::ALL.into_iter().find(|twin| twin.name() == name).ok_or_else(|| {
        let names: Vec<&str> = Twin::ALL.into_iter().map(Twin::name).collect();
        Failure::Usage(format!("nothing is called `{name}`: {}", names.join(", ")))
    })
}
