//! `mmscope replay`: a real kernel's trace, predicted event by event.

use std::ffi::OsStr;
use std::fs;
use std::io::{Read as _, Write};
use std::path::{Path, PathBuf};

use kernel_io::{ListsAgree, ListsDump, Replay, TraceEvent};
use mm::replay::{Anomaly, Tally};
use mm::{Machine, UnitEnd};
use scenario::Phrase;

use crate::failure::Failure;

/// A trace, and what the free lists were before and after it.
#[derive(Debug, PartialEq, Eq)]
pub struct Files {
    /// The trace, or the folder of a window.
    pub trace: PathBuf,
    /// The dump at its start.
    pub before: Option<PathBuf>,
    /// The dump at its end.
    pub after: Option<PathBuf>,
}

/// Text larger than this, unpacked, is refused: five million events.
const MAX_TEXT: u64 = 2 << 30;

/// Replays and prints how it went.
///
/// # Errors
/// What cannot be read, and a replay that is not exact.
pub fn replay(files: &Files, out: &mut dyn Write) -> Result<(), Failure> {
    let read = Read::files(files)?;
    let replay = read.replay();
    let Read { before, after, cma, .. } = read;
    let mut machine = Machine::boot(&before.replayed(&replay, cma))
        .map_err(|error| Failure::data(format!("mmscope: the machine cannot start: {error}")))?;
    for op in &replay.ops {
        while machine.run_unit(op, &mut ()) == UnitEnd::More {}
    }
    let agree = after.map(|after| ListsAgree::with(&machine, &after));
    report(&replay, machine.tally(), agree, out)
}

/// Prints the scenario that replays it.
///
/// # Errors
/// What cannot be read.
pub fn import(files: &Files, out: &mut dyn Write) -> Result<(), Failure> {
    let read = Read::files(files)?;
    let replay = read.replay();
    let config = read.before.replayed(&replay, read.cma);
    let name = files.trace.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let title = Phrase { text: name, zh: None };
    Ok(out.write_all(scenario::replayed(title, &config, &replay.ops).as_bytes())?)
}

fn report(
    replay: &Replay,
    tally: &Tally,
    agree: Option<ListsAgree>,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    for kind in Anomaly::ALL {
        let count = tally.anomalies[kind as usize];
        if count > 0 {
            let line = replay.lines.get(tally.first[kind as usize] as usize - 1).copied().unwrap_or(0);
            writeln!(out, "{}: {count}, first at line {line}", kind.name())?;
        }
    }
    if tally.unexplained() > 0 {
        writeln!(out, "not-drained: {} pages more than the kernel kept", tally.unexplained())?;
    }
    let anomalies = tally.anomalies() + tally.unexplained();
    if tally.inferred > 0 {
        writeln!(out, "inferred: {} pages taken in bulk, without an event (no anomaly)", tally.inferred)?;
    }
    let word = |so: Option<bool>| match so {
        Some(true) => "yes",
        Some(false) => "no",
        None => "unknown",
    };
    writeln!(
        out,
        "A={} B={} C={} events={} predicted={} anomalies={}",
        word(agree.map(|a| a.blocks)),
        word(agree.map(|a| a.order)),
        word(agree.map(|a| a.pcp)),
        tally.events,
        tally.predicted,
        anomalies,
    )?;
    let exact = agree.is_none_or(|a| a.blocks && a.order && a.pcp) && anomalies == 0;
    if exact { Ok(()) } else { Err(Failure::Data(Vec::new())) }
}

/// What was read.
struct Read {
    before: ListsDump,
    events: Vec<TraceEvent>,
    /// Events behind the window.
    follow: Vec<TraceEvent>,
    after: Option<ListsDump>,
    cma: bool,
}

impl Read {
    fn replay(&self) -> Replay {
        let Read { before, events, follow, after, cma } = self;
        kernel_io::replay(&kernel_io::Window { events, follow, before, after: after.as_ref(), cma: *cma })
    }

    fn files(files: &Files) -> Result<Read, Failure> {
        let is_folder = files.trace.is_dir();
        let beside = |name: &str| if is_folder { Some(files.trace.join(name)) } else { None };
        let trace_file = if is_folder {
            let names = ["trace.tsv.gz", "trace.tsv", "trace.txt.gz", "trace.txt"];
            let found = names.iter().map(|name| files.trace.join(name)).find(|path| path.is_file());
            found.ok_or_else(|| cannot(&files.trace, "no trace.tsv.gz, trace.tsv or trace.txt in it"))?
        } else {
            files.trace.clone()
        };
        let before_file = files.before.clone().or_else(|| beside("before_lists.txt"));
        let before_file = before_file.ok_or_else(|| {
            Failure::Usage("a plain trace needs the free lists at its start: --before FILE".into())
        })?;
        let after_file =
            files.after.clone().or_else(|| beside("after_lists.txt")).filter(|path| path.is_file());
        let before = lists(&before_file)?;
        let after = after_file.as_deref().map(lists).transpose()?;
        // The two kernels number their types alike up to 4, which is CMA only where pagetypeinfo has such a line.
        let cma = beside("before_pagetypeinfo.txt")
            .and_then(|path| fs::read_to_string(path).ok())
            .is_some_and(|text| text.contains("CMA"));
        let trace = kernel_io::read_trace(&unpacked(&trace_file)?);
        if trace.events.is_empty() {
            let lines =
                trace.summary.errors.iter().map(|e| format!("{}:{e}", trace_file.display())).collect();
            return Err(Failure::Data(lines));
        }
        let window = trace.window().unwrap_or(0..trace.events.len());
        let follow = trace.events[window.end..].to_vec();
        let events = trace.events[window].to_vec();
        Ok(Read { before, events, follow, after, cma })
    }
}

fn cannot(path: &Path, why: impl std::fmt::Display) -> Failure {
    Failure::data(format!("mmscope: {}: {why}", path.display()))
}

/// A dump of ordered free lists.
fn lists(path: &Path) -> Result<ListsDump, Failure> {
    let text = unpacked(path)?;
    kernel_io::read_lists(&String::from_utf8_lossy(&text)).map_err(|errors| {
        Failure::Data(errors.iter().map(|error| format!("{}:{error}", path.display())).collect())
    })
}

/// A file, unpacked if its name ends so.
fn unpacked(path: &Path) -> Result<Vec<u8>, Failure> {
    let file = fs::File::open(path).map_err(|error| cannot(path, error))?;
    let mut bytes = Vec::new();
    let is_packed = path.extension() == Some(OsStr::new("gz"));
    let read = if is_packed {
        flate2::read::MultiGzDecoder::new(file).take(MAX_TEXT + 1).read_to_end(&mut bytes)
    } else {
        file.take(MAX_TEXT + 1).read_to_end(&mut bytes)
    };
    read.map_err(|error| cannot(path, error))?;
    if bytes.len() as u64 > MAX_TEXT {
        return Err(cannot(path, format_args!("more than {MAX_TEXT} bytes")));
    }
    Ok(bytes)
}
