//! Traces of a kernel's memory management: the events that ftrace records, read from what people save of them.
//!
//! | form | a line |
//! |---|---|
//! | [`TraceForm::Tsv`] | `7.945569⇥000⇥mmt-177⇥mm_page_alloc⇥pfn=0x4f0e order=0 …` |
//! | [`TraceForm::Ftrace`] | `  mmt-177  [000] d..1.  7.945569: mm_page_alloc: page=… pfn=0x4f0e order=0 …` (`trace`, `trace_pipe`) |
//! | [`TraceForm::TraceCmd`] | `  mmt-177  [000]  7.945569: mm_page_alloc:  page=0x… pfn=0x4f0e order=0 …` |
//! | [`TraceForm::Perf`] | `mmt 177 [000]  7.945569: kmem:mm_page_alloc: page=0x… pfn=0x4f0e order=0 …` |
//!
//! The texts of the events are those of 6.1 (include/trace/events/: kmem.h, compaction.h, vmscan.h, oom.h). Older
//! kernels print frame numbers without `0x`, in decimal; both are read. Numbers of migratetypes are kept as they
//! are: 4 is CMA on a kernel with it, and Isolate on one without.
//!
//! [`TraceReader`] takes a text in pieces of any size and keeps nothing of it, [`read_trace`] a whole one.

mod error;
mod event;
mod line;
mod names;

use std::ops::Range;

use mm::gfp::GfpFlags;
use mm::mmzone::ZoneKind;
use mm::units::{Order, Pfn};

use crate::error::{ReadError, ReadErrorKind};
use line::Line;

pub use error::TraceErrorKind;
pub use names::{Name, Names};

/// The bound of a trace: so many events are read.
pub const MAX_EVENTS: u32 = 5_000_000;
/// So many mistakes of a trace are kept; the others are counted.
pub const MAX_ERRORS: usize = 100;
/// A line is looked at up to here, in bytes.
const MAX_LINE: usize = 8192;

/// How a trace is written down.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum TraceForm {
    /// Columns with tabs: seconds, CPU, task-pid, event, text.
    Tsv,
    /// The kernel's own files `trace` and `trace_pipe`.
    Ftrace,
    /// `trace-cmd report`.
    TraceCmd,
    /// `perf script`.
    Perf,
}

/// Whether compaction may wait for pages.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum CompactMode {
    /// It skips what it would have to wait for.
    Async,
    /// It waits.
    Sync,
}

/// `enum compact_result` as events print it (`COMPACTION_STATUS`, include/trace/events/mmflags.h, 6.1).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum CompactResult {
    /// Not tried: it failed here not long ago.
    Deferred,
    /// Not tried: memory is too short, or there is a free block.
    Skipped,
    /// Goes on, or should be tried.
    Continue,
    /// A block of the order has come about.
    Success,
    /// Part of the zone was scanned to the end.
    PartialSkipped,
    /// The whole zone was scanned to the end.
    Complete,
    /// No page of the order (`no_suitable_page`).
    NoSuitablePage,
    /// Not a matter of fragmentation (`not_suitable_zone`).
    NotSuitableZone,
    /// Stopped because others wanted a lock, or the CPU.
    Contended,
    /// Another word.
    Other,
}

impl CompactResult {
    /// All of them.
    pub const ALL: [CompactResult; 10] = [
        CompactResult::Deferred,
        CompactResult::Skipped,
        CompactResult::Continue,
        CompactResult::Success,
        CompactResult::PartialSkipped,
        CompactResult::Complete,
        CompactResult::NoSuitablePage,
        CompactResult::NotSuitableZone,
        CompactResult::Contended,
        CompactResult::Other,
    ];

    /// The kernel's word.
    #[must_use]
    pub fn name(self) -> &'static str {
        [
            "deferred",
            "skipped",
            "continue",
            "success",
            "partial_skipped",
            "complete",
            "no_suitable_page",
            "not_suitable_zone",
            "contended",
            "other",
        ][self as usize]
    }
}

/// What a zone remembers of failed compactions.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Deferral {
    /// The node.
    pub node: u8,
    /// The zone.
    pub zone: ZoneKind,
    /// The order that is wanted.
    pub order: Option<Order>,
    /// The smallest order that failed (`compact_order_failed`; 11 when none did).
    pub order_failed: u8,
    /// How often it was put off since (`compact_considered`).
    pub considered: u32,
    /// How often it will be (`1 << compact_defer_shift`).
    pub limit: u32,
}

/// What an event says. Each variant names its event; fields have the event's names, but for those that say more.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum EventKind {
    /// `mm_page_alloc`: a block was handed to its caller (`__alloc_pages()`).
    Alloc {
        /// Its first frame.
        pfn: Pfn,
        /// Its size.
        order: Order,
        /// The number of the migratetype that was asked for.
        migratetype: u8,
        /// The request.
        gfp: GfpFlags,
    },
    /// `mm_page_alloc` without a page: the request failed.
    AllocFailed {
        /// The size that was asked for.
        order: Order,
        /// The number of the migratetype that was asked for.
        migratetype: u8,
        /// The request.
        gfp: GfpFlags,
    },
    /// `mm_page_free`: a block came back (`free_pages_prepare()`); where it goes, later events tell.
    Free {
        /// Its first frame.
        pfn: Pfn,
        /// Its size.
        order: Order,
    },
    /// `mm_page_free_batched`: a page of a list that is freed together (`free_unref_page_list()`).
    FreeBatched {
        /// The frame.
        pfn: Pfn,
    },
    /// `mm_page_alloc_zone_locked`: a block left the free lists of a zone.
    AllocZoneLocked {
        /// Its first frame.
        pfn: Pfn,
        /// Its size.
        order: Order,
        /// The number of the migratetype that was asked for.
        migratetype: u8,
        /// Whether it goes to a per-CPU list.
        percpu_refill: bool,
    },
    /// `mm_page_pcpu_drain`: a block went from a per-CPU list to the free lists.
    PcpuDrain {
        /// Its first frame.
        pfn: Pfn,
        /// Its size.
        order: Order,
        /// The number of the list's migratetype.
        migratetype: u8,
    },
    /// `mm_page_alloc_extfrag`: a request was served from another migratetype (`__rmqueue_fallback()`).
    AllocExtfrag {
        /// The first frame of the block that was taken.
        pfn: Pfn,
        /// The size that was asked for.
        alloc_order: Order,
        /// The size of the block that was taken.
        fallback_order: Order,
        /// The kernel's pageblock order.
        pageblock_order: u8,
        /// The number of the migratetype that was asked for.
        alloc_migratetype: u8,
        /// The number of the migratetype that it was taken from.
        fallback_migratetype: u8,
        /// The block was smaller than a pageblock.
        fragmenting: bool,
        /// The pageblock has the asked type now.
        change_ownership: bool,
    },
    /// `mm_compaction_begin`: compaction of a zone starts.
    CompactionBegin {
        /// The first frame of the zone.
        zone_start: Pfn,
        /// Where the scanner for movable pages is.
        migrate: Pfn,
        /// Where the scanner for free pages is.
        free: Pfn,
        /// The frame behind the zone.
        zone_end: Pfn,
        /// Whether it may wait.
        mode: CompactMode,
    },
    /// `mm_compaction_end`: compaction of a zone has ended.
    CompactionEnd {
        /// The first frame of the zone.
        zone_start: Pfn,
        /// Where the scanner for movable pages is.
        migrate: Pfn,
        /// Where the scanner for free pages is.
        free: Pfn,
        /// The frame behind the zone.
        zone_end: Pfn,
        /// Whether it may wait.
        mode: CompactMode,
        /// How it ended.
        result: CompactResult,
    },
    /// `mm_compaction_isolate_migratepages`: pages were taken from their owners to be moved.
    IsolateMigratepages {
        /// The first frame of the range.
        start: Pfn,
        /// The frame behind it.
        end: Pfn,
        /// Frames that were looked at.
        scanned: u32,
        /// Pages that were taken.
        taken: u32,
    },
    /// `mm_compaction_isolate_freepages`: free pages were taken as the places to move to.
    IsolateFreepages {
        /// The first frame of the range.
        start: Pfn,
        /// The frame behind it.
        end: Pfn,
        /// Frames that were looked at.
        scanned: u32,
        /// Pages that were taken.
        taken: u32,
    },
    /// `mm_compaction_migratepages`: a batch was moved.
    CompactionMigratepages {
        /// Pages that were moved.
        migrated: u32,
        /// Pages that were not.
        failed: u32,
    },
    /// `mm_compaction_try_to_compact_pages`: a request compacts by itself.
    TryToCompactPages {
        /// The size that was asked for.
        order: u8,
        /// The request.
        gfp: GfpFlags,
        /// `enum compact_priority`: 0 is the hardest.
        priority: u8,
    },
    /// `mm_compaction_suitable`: whether compacting a zone can help.
    CompactionSuitable {
        /// The node.
        node: u8,
        /// The zone.
        zone: ZoneKind,
        /// The size that is wanted.
        order: Option<Order>,
        /// The verdict.
        result: CompactResult,
    },
    /// `mm_compaction_finished`: whether it can stop.
    CompactionFinished {
        /// The node.
        node: u8,
        /// The zone.
        zone: ZoneKind,
        /// The size that is wanted; none when the whole zone is compacted.
        order: Option<Order>,
        /// The verdict.
        result: CompactResult,
    },
    /// `mm_compaction_deferred`: put off once more.
    CompactionDeferred(Deferral),
    /// `mm_compaction_defer_compaction`: it failed, so it will be put off.
    DeferCompaction(Deferral),
    /// `mm_compaction_defer_reset`: it will not be put off any more.
    DeferReset(Deferral),
    /// `mm_compaction_kcompactd_sleep`.
    KcompactdSleep {
        /// Its node.
        node: u8,
    },
    /// `mm_compaction_kcompactd_wake`: it runs.
    KcompactdWake {
        /// Its node.
        node: u8,
        /// The size that is wanted.
        order: Option<Order>,
        /// The highest zone that will do.
        highest_zone: ZoneKind,
    },
    /// `mm_compaction_wakeup_kcompactd`: somebody wakes it.
    WakeupKcompactd {
        /// Its node.
        node: u8,
        /// The size that is wanted.
        order: Option<Order>,
        /// The highest zone that will do.
        highest_zone: ZoneKind,
    },
    /// `mm_vmscan_kswapd_sleep`.
    KswapdSleep {
        /// Its node.
        node: u8,
    },
    /// `mm_vmscan_kswapd_wake`: it runs.
    KswapdWake {
        /// Its node.
        node: u8,
        /// The size that is wanted.
        order: u8,
    },
    /// `mm_vmscan_wakeup_kswapd`: somebody wakes it.
    WakeupKswapd {
        /// Its node.
        node: u8,
        /// The size that is wanted.
        order: u8,
        /// The request; none on kernels that do not print it.
        gfp: GfpFlags,
    },
    /// `mm_vmscan_direct_reclaim_begin`: a request reclaims by itself.
    DirectReclaimBegin {
        /// The size that was asked for.
        order: u8,
        /// The request.
        gfp: GfpFlags,
    },
    /// `mm_vmscan_direct_reclaim_end`.
    DirectReclaimEnd {
        /// Pages that were reclaimed.
        reclaimed: u32,
    },
    /// `mark_victim`: the OOM killer has chosen.
    OomVictim {
        /// The victim.
        pid: u32,
    },
    /// `oom_score_adj_update`.
    OomScoreAdj {
        /// Whose.
        pid: u32,
        /// The new value, -1000 to 1000.
        adj: i16,
    },
    /// `reclaim_retry_zone`: whether reclaiming again can serve a request from this zone.
    ReclaimRetryZone {
        /// The node.
        node: u8,
        /// The zone.
        zone: ZoneKind,
        /// The size that was asked for.
        order: Option<Order>,
        /// Pages that could be reclaimed.
        reclaimable: u32,
        /// The same and the free pages.
        available: u32,
        /// The min watermark in pages.
        min_wmark: u32,
        /// Rounds without progress.
        no_progress_loops: u8,
        /// Whether the watermark would be met.
        wmark_check: bool,
    },
    /// `compact_retry`: whether compacting again can serve a request.
    CompactRetry {
        /// The size that was asked for.
        order: Option<Order>,
        /// How the last attempt ended.
        result: CompactResult,
        /// Attempts so far.
        retries: u8,
        /// Attempts at most.
        max_retries: u8,
        /// The verdict.
        should_retry: bool,
    },
    /// `lists_read: MMT_DUMP`: the instant at which a dump of the free lists was taken.
    ListsRead,
    /// `tracing_mark_write`: somebody wrote a word into the trace.
    Mark {
        /// The word, of [`TraceSummary::marks`].
        text: Name,
    },
    /// The tracer lost events of this CPU here.
    Lost {
        /// How many; 0 when it does not say.
        events: u32,
    },
    /// Any other event.
    Other {
        /// Its name, of [`TraceSummary::others`].
        name: Name,
    },
}

/// One event of a trace.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct TraceEvent {
    /// The time in nanoseconds of the trace's clock.
    pub ts_ns: u64,
    /// The process, 0 for an idle CPU.
    pub pid: u32,
    /// The line of the text, from 1.
    pub line: u32,
    /// What happened.
    pub kind: EventKind,
    /// The CPU it happened on.
    pub cpu: u16,
    /// The task's name, of [`TraceSummary::comms`].
    pub comm: Name,
}

/// Five million events are 200 MB, and not more.
const _: () = assert!(size_of::<TraceEvent>() <= 40);

/// What there is to say of a whole trace besides its events.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct TraceSummary {
    /// How it is written down; none when no line is an event.
    pub form: Option<TraceForm>,
    /// How many lines were read.
    pub lines: u32,
    /// How many events were read.
    pub events: u32,
    /// The names of tasks.
    pub comms: Names,
    /// The names of events that are not modelled, and how often each came.
    pub others: Names,
    /// What was written into the trace.
    pub marks: Names,
    /// Events that the tracer said it had lost (1 where it did not say how many).
    pub lost: u64,
    /// The first [`MAX_ERRORS`] mistakes, in the order of the text.
    pub errors: Vec<ReadError>,
    /// How many more there were.
    pub more_errors: u32,
}

/// A whole trace.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Trace {
    /// Its events, in the order of the text.
    pub events: Vec<TraceEvent>,
    /// The rest.
    pub summary: TraceSummary,
}

impl Trace {
    /// The events between two dumps of the free lists, as the project's reference captures mark them: after the last
    /// [`EventKind::ListsRead`] before the mark `BEFORE_END`, up to the first one after the mark `AFTER_BEGIN`. A
    /// trace that begins at boot has no first dump, and its window starts with its first event. None when the trace
    /// has no second mark.
    #[must_use]
    pub fn window(&self) -> Option<Range<usize>> {
        let mark = |word| self.summary.marks.find(word).map(|text| EventKind::Mark { text });
        let place = |kind: EventKind| self.events.iter().position(|event| event.kind == kind);
        let after_begin = place(mark("AFTER_BEGIN")?)?;
        let is_dump = |event: &TraceEvent| event.kind == EventKind::ListsRead;
        let start = match mark("BEFORE_END") {
            Some(before_end) => self.events[..place(before_end)?].iter().rposition(is_dump)? + 1,
            None => 0,
        };
        let end = after_begin + self.events[after_begin..].iter().position(is_dump)?;
        (start <= end).then_some(start..end)
    }
}

/// Reads a whole trace. What is wrong in it is in the summary, what is right is read all the same.
#[must_use]
pub fn read_trace(text: impl AsRef<[u8]>) -> Trace {
    let (mut events, mut reader) = (Vec::new(), TraceReader::default());
    reader.push(text.as_ref(), |_, event| events.push(event));
    let summary = reader.finish(|_, event| events.push(event));
    events.shrink_to_fit();
    Trace { events, summary }
}

/// Reads a trace in pieces, and keeps nothing of its text.
#[derive(Clone, Debug, Default)]
pub struct TraceReader {
    summary: TraceSummary,
    /// The beginning of a line whose end has not come yet, up to [`MAX_LINE`].
    begun: Vec<u8>,
    last: Option<TraceEvent>,
    full: bool,
}

impl TraceReader {
    /// What has been read so far.
    #[must_use]
    pub fn summary(&self) -> &TraceSummary {
        &self.summary
    }

    /// Takes the next piece, which may begin and end anywhere, and gives each event to `each`, with what has been
    /// read so far (its names are those of the event).
    pub fn push(&mut self, piece: &[u8], mut each: impl FnMut(&TraceSummary, TraceEvent)) {
        let mut rest = piece;
        while let Some(end) = line::position(rest, b'\n') {
            let (line, behind) = (&rest[..end], &rest[end + 1..]);
            rest = behind;
            let event = if self.begun.is_empty() {
                self.line(line)
            } else {
                self.keep(line);
                let begun = std::mem::take(&mut self.begun);
                let event = self.line(&begun);
                self.begun = begun;
                self.begun.clear();
                event
            };
            if let Some(event) = event {
                each(&self.summary, event);
            }
            if self.full {
                return;
            }
        }
        self.keep(rest);
    }

    /// The end of the text.
    pub fn finish(mut self, mut each: impl FnMut(&TraceSummary, TraceEvent)) -> TraceSummary {
        let begun = std::mem::take(&mut self.begun);
        if !begun.is_empty()
            && let Some(event) = self.line(&begun)
        {
            each(&self.summary, event);
        }
        if self.summary.form.is_none() {
            let at = self.summary.errors.first().map_or((1, 1), |error| (error.line, error.column));
            let kind = ReadErrorKind::Trace(TraceErrorKind::UnknownForm);
            self.summary.errors = vec![ReadError { line: at.0, column: at.1, kind }];
            self.summary.more_errors = 0;
        }
        self.summary
    }

    fn keep(&mut self, piece: &[u8]) {
        let room = MAX_LINE.saturating_sub(self.begun.len());
        self.begun.extend_from_slice(&piece[..piece.len().min(room)]);
    }

    /// One line without its end.
    fn line(&mut self, line: &[u8]) -> Option<TraceEvent> {
        if self.full {
            return None;
        }
        self.summary.lines = self.summary.lines.saturating_add(1);
        let line = &line[..line.len().min(MAX_LINE)];
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        match self.event(line) {
            Ok(event) => event,
            Err((at, kind)) => {
                self.error(line, at, kind);
                None
            }
        }
    }

    fn event(&mut self, line: &[u8]) -> Result<Option<TraceEvent>, line::Wrong> {
        let form = match self.summary.form {
            Some(form) => form,
            None => {
                self.summary.form = line::header(line).or_else(|| line::form_of(line));
                // Until one line tells, any may be a header of its own.
                let Some(form) = self.summary.form else {
                    let text = line.trim_ascii_start();
                    if text.is_empty() || text.starts_with(b"#") {
                        return Ok(None);
                    }
                    let found = line::quoted(text.trim_ascii_end());
                    return Err((line.len() - text.len(), TraceErrorKind::NotAnEvent(None, found)));
                };
                form
            }
        };
        let columns = match line::cut(form, line)? {
            Line::Event(columns) => columns,
            Line::Nothing => return Ok(None),
            Line::Lost { cpu, events } => {
                self.summary.lost += u64::from(events.max(1));
                let (ts_ns, comm) = self.last.map_or((0, None), |last| (last.ts_ns, Some(last.comm)));
                let comm = comm.unwrap_or_else(|| self.summary.comms.add(b""));
                return Ok(self.emit(TraceEvent {
                    ts_ns,
                    pid: 0,
                    line: self.summary.lines,
                    kind: EventKind::Lost { events },
                    cpu,
                    comm,
                }));
            }
        };
        let summary = &mut self.summary;
        let kind = event::read(&columns, &mut summary.others, &mut summary.marks)
            .map_err(|(at, kind)| (columns.text_at + at, kind))?;
        let comm = match self.last {
            Some(last) if summary.comms.get(last.comm).as_bytes() == columns.comm => {
                summary.comms.again(last.comm);
                last.comm
            }
            _ => summary.comms.add(columns.comm),
        };
        let (ts_ns, pid, cpu) = (columns.ts_ns, columns.pid, columns.cpu);
        Ok(self.emit(TraceEvent { ts_ns, pid, line: self.summary.lines, kind, cpu, comm }))
    }

    fn emit(&mut self, event: TraceEvent) -> Option<TraceEvent> {
        if self.summary.events == MAX_EVENTS {
            self.full = true;
            self.error(b"", 0, TraceErrorKind::TooManyEvents);
            return None;
        }
        self.summary.events += 1;
        self.last = Some(event);
        self.last
    }

    fn error(&mut self, line: &[u8], at: usize, kind: TraceErrorKind) {
        let summary = &mut self.summary;
        if summary.errors.len() == MAX_ERRORS && !self.full {
            summary.more_errors = summary.more_errors.saturating_add(1);
            return;
        }
        let before = String::from_utf8_lossy(&line[..at.min(line.len())]).chars().count();
        let column = u32::try_from(before).unwrap_or(u32::MAX - 1) + 1;
        summary.errors.push(ReadError { line: summary.lines, column, kind: ReadErrorKind::Trace(kind) });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trace_beyond_the_bound_is_cut_off() {
        let mut reader = TraceReader::default();
        reader.summary.events = MAX_EVENTS - 1;
        let mut events = 0;
        reader.push(b"a-1 [000] 1.0: x: y\na-1 [000] 1.0: x: y\nnot looked at\n", |_, _| events += 1);
        let summary = reader.finish(|_, _| events += 1);
        assert_eq!((events, summary.events, summary.lines), (1, MAX_EVENTS, 2));
        assert_eq!(summary.errors.len(), 1);
        assert_eq!(summary.errors[0].kind, ReadErrorKind::Trace(TraceErrorKind::TooManyEvents));
    }
}
