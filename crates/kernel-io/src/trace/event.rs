//! The text of an event, taken apart by its name.

use mm::gfp::GfpFlags;
use mm::mmzone::ZoneKind;
use mm::units::{Order, Pfn};

use super::line::{Columns, Wrong, decimal, quoted};
use super::names::Names;
use super::{CompactMode, CompactResult, EventKind, TraceErrorKind as K};

/// What the event says. Names that are not known become [`EventKind::Other`].
///
/// # Errors
/// What is missing or wrong; the place is a byte of the event's text.
pub(super) fn read(columns: &Columns<'_>, others: &mut Names, marks: &mut Names) -> Result<EventKind, Wrong> {
    let mut text = Text { all: columns.text, at: 0 };
    Ok(match columns.event {
        b"mm_page_alloc" => {
            let (pfn, order) = (text.pfn("pfn")?, text.order("order")?);
            let (migratetype, gfp) = (text.small("migratetype")?, text.gfp("gfp_flags")?);
            match pfn {
                // The kernel prints 0 when there is no page; frame 0 is never given out on x86.
                Pfn(0) => EventKind::AllocFailed { order, migratetype, gfp },
                _ => EventKind::Alloc { pfn, order, migratetype, gfp },
            }
        }
        b"mm_page_free" => EventKind::Free { pfn: text.pfn("pfn")?, order: text.order("order")? },
        b"mm_page_free_batched" => EventKind::FreeBatched { pfn: text.pfn("pfn")? },
        b"mm_page_alloc_zone_locked" => EventKind::AllocZoneLocked {
            pfn: text.pfn("pfn")?,
            order: text.order("order")?,
            migratetype: text.small("migratetype")?,
            percpu_refill: text.small("percpu_refill")? != 0,
        },
        b"mm_page_pcpu_drain" => EventKind::PcpuDrain {
            pfn: text.pfn("pfn")?,
            order: text.order("order")?,
            migratetype: text.small("migratetype")?,
        },
        b"mm_page_alloc_extfrag" => EventKind::AllocExtfrag {
            pfn: text.pfn("pfn")?,
            alloc_order: text.order("alloc_order")?,
            fallback_order: text.order("fallback_order")?,
            pageblock_order: text.small("pageblock_order")?,
            alloc_migratetype: text.small("alloc_migratetype")?,
            fallback_migratetype: text.small("fallback_migratetype")?,
            fragmenting: text.small("fragmenting")? != 0,
            change_ownership: text.small("change_ownership")? != 0,
        },
        b"mm_compaction_begin" => EventKind::CompactionBegin {
            zone_start: text.pfn("zone_start")?,
            migrate: text.pfn("migrate_pfn")?,
            free: text.pfn("free_pfn")?,
            zone_end: text.pfn("zone_end")?,
            mode: text.mode("mode")?,
        },
        b"mm_compaction_end" => EventKind::CompactionEnd {
            zone_start: text.pfn("zone_start")?,
            migrate: text.pfn("migrate_pfn")?,
            free: text.pfn("free_pfn")?,
            zone_end: text.pfn("zone_end")?,
            mode: text.mode("mode")?,
            result: text.result("status")?,
        },
        b"mm_compaction_isolate_migratepages" => {
            let (start, end) = text.range()?;
            let (scanned, taken) = (text.wide("nr_scanned")?, text.wide("nr_taken")?);
            EventKind::IsolateMigratepages { start, end, scanned, taken }
        }
        b"mm_compaction_isolate_freepages" => {
            let (start, end) = text.range()?;
            let (scanned, taken) = (text.wide("nr_scanned")?, text.wide("nr_taken")?);
            EventKind::IsolateFreepages { start, end, scanned, taken }
        }
        b"mm_compaction_migratepages" => EventKind::CompactionMigratepages {
            migrated: text.wide("nr_migrated")?,
            failed: text.wide("nr_failed")?,
        },
        b"mm_compaction_try_to_compact_pages" => EventKind::TryToCompactPages {
            order: text.small("order")?,
            gfp: text.gfp("gfp_mask")?,
            priority: text.small("priority")?,
        },
        b"mm_compaction_suitable" => EventKind::CompactionSuitable {
            node: text.small("node")?,
            zone: text.zone("zone")?,
            order: text.any_order("order")?,
            result: text.result("ret")?,
        },
        b"mm_compaction_finished" => EventKind::CompactionFinished {
            node: text.small("node")?,
            zone: text.zone("zone")?,
            order: text.any_order("order")?,
            result: text.result("ret")?,
        },
        b"mm_compaction_deferred" => text.deferral(EventKind::CompactionDeferred)?,
        b"mm_compaction_defer_compaction" => text.deferral(EventKind::DeferCompaction)?,
        b"mm_compaction_defer_reset" => text.deferral(EventKind::DeferReset)?,
        b"mm_compaction_kcompactd_sleep" => EventKind::KcompactdSleep { node: text.small("nid")? },
        b"mm_compaction_kcompactd_wake" => EventKind::KcompactdWake {
            node: text.small("nid")?,
            order: text.any_order("order")?,
            highest_zone: text.zone("classzone_idx")?,
        },
        b"mm_compaction_wakeup_kcompactd" => EventKind::WakeupKcompactd {
            node: text.small("nid")?,
            order: text.any_order("order")?,
            highest_zone: text.zone("classzone_idx")?,
        },
        b"mm_vmscan_kswapd_sleep" => EventKind::KswapdSleep { node: text.small("nid")? },
        b"mm_vmscan_kswapd_wake" => {
            EventKind::KswapdWake { node: text.small("nid")?, order: text.small("order")? }
        }
        b"mm_vmscan_wakeup_kswapd" => EventKind::WakeupKswapd {
            node: text.small("nid")?,
            order: text.small("order")?,
            // Kernels before 4.19 do not say it.
            gfp: match text.gfp("gfp_flags") {
                Err((_, K::MissingField(_))) => GfpFlags(0),
                gfp => gfp?,
            },
        },
        b"mm_vmscan_direct_reclaim_begin" => {
            EventKind::DirectReclaimBegin { order: text.small("order")?, gfp: text.gfp("gfp_flags")? }
        }
        b"mm_vmscan_direct_reclaim_end" => {
            EventKind::DirectReclaimEnd { reclaimed: text.wide("nr_reclaimed")? }
        }
        b"mark_victim" => EventKind::OomVictim { pid: text.wide("pid")? },
        b"oom_score_adj_update" => {
            EventKind::OomScoreAdj { pid: text.wide("pid")?, adj: text.signed("oom_score_adj")? }
        }
        b"reclaim_retry_zone" => EventKind::ReclaimRetryZone {
            node: text.small("node")?,
            zone: text.zone("zone")?,
            order: text.any_order("order")?,
            reclaimable: text.wide("reclaimable")?,
            available: text.wide("available")?,
            min_wmark: text.wide("min_wmark")?,
            no_progress_loops: text.small("no_progress_loops")?,
            wmark_check: text.small("wmark_check")? != 0,
        },
        b"compact_retry" => EventKind::CompactRetry {
            order: text.any_order("order")?,
            result: text.result("compaction_result")?,
            retries: text.small("retries")?,
            max_retries: text.small("max_retries")?,
            should_retry: text.small("should_retry")? != 0,
        },
        b"lists_read" if columns.text == b"MMT_DUMP" => EventKind::ListsRead,
        b"tracing_mark_write" => EventKind::Mark { text: marks.add(columns.text) },
        name => EventKind::Other { name: others.add(name) },
    })
}

/// The text of one event. Keys come in the kernel's order, so a search goes on behind the last one.
struct Text<'l> {
    all: &'l [u8],
    at: usize,
}

impl<'l> Text<'l> {
    /// What stands behind `key=`, up to the next space, and its place.
    fn word(&mut self, key: &'static str) -> Result<(usize, &'l [u8]), Wrong> {
        let found = self.find(key, self.at).or_else(|| self.find(key, 0));
        let start = found.ok_or((self.all.len(), K::MissingField(key)))?;
        let rest = &self.all[start..];
        let length = rest.iter().position(|b| b.is_ascii_whitespace() || *b == b',').unwrap_or(rest.len());
        self.at = start + length;
        Ok((start, &rest[..length]))
    }

    /// Where the value of a key begins, from a place on that is the begin or the end of a word.
    fn find(&self, key: &str, from: usize) -> Option<usize> {
        let mut at = from;
        while let Some(rest) = self.all.get(at..) {
            let start = at + rest.iter().position(|b| !b.is_ascii_whitespace() && *b != b',')?;
            let word = &self.all[start..];
            if let Some(behind) = word.strip_prefix(key.as_bytes())
                && behind.first() == Some(&b'=')
            {
                return Some(start + key.len() + 1);
            }
            at = start + word.iter().position(|b| b.is_ascii_whitespace() || *b == b',')?;
        }
        None
    }

    /// A number within bounds: in hex after `0x`, else decimal.
    fn number(&mut self, key: &'static str, most: u64) -> Result<u64, Wrong> {
        let (at, word) = self.word(key)?;
        number(word).filter(|n| *n <= most).ok_or_else(|| (at, K::NotANumber(key, quoted(word))))
    }

    /// At most 255.
    fn small(&mut self, key: &'static str) -> Result<u8, Wrong> {
        Ok(self.number(key, u8::MAX.into())? as u8)
    }

    /// At most 4,294,967,295.
    fn wide(&mut self, key: &'static str) -> Result<u32, Wrong> {
        Ok(self.number(key, u32::MAX.into())? as u32)
    }

    fn pfn(&mut self, key: &'static str) -> Result<Pfn, Wrong> {
        self.wide(key).map(Pfn)
    }

    fn signed(&mut self, key: &'static str) -> Result<i16, Wrong> {
        let (at, word) = self.word(key)?;
        let value = match word.strip_prefix(b"-") {
            Some(digits) => decimal(digits).and_then(|n| i16::try_from(-i64::try_from(n).ok()?).ok()),
            None => decimal(word).and_then(|n| i16::try_from(n).ok()),
        };
        value.ok_or_else(|| (at, K::NotANumber(key, quoted(word))))
    }

    fn order(&mut self, key: &'static str) -> Result<Order, Wrong> {
        let (at, word) = self.word(key)?;
        let order = number(word).ok_or_else(|| (at, K::NotANumber(key, quoted(word))))?;
        let too_large = (at, K::OrderTooLarge(u32::try_from(order).unwrap_or(u32::MAX)));
        u8::try_from(order).ok().and_then(Order::new).ok_or(too_large)
    }

    /// An order, or none where the kernel prints -1.
    fn any_order(&mut self, key: &'static str) -> Result<Option<Order>, Wrong> {
        let before = self.at;
        if self.word(key)?.1 == b"-1" {
            return Ok(None);
        }
        self.at = before;
        self.order(key).map(Some)
    }

    fn gfp(&mut self, key: &'static str) -> Result<GfpFlags, Wrong> {
        let (at, word) = self.word(key)?;
        let unknown = |at, word: &[u8]| (at, K::UnknownGfp(quoted(word)));
        let text = std::str::from_utf8(word).map_err(|_| unknown(at, word))?;
        crate::gfp::parse(text).map_err(|(from, length)| unknown(at + from, &word[from..from + length]))
    }

    fn zone(&mut self, key: &'static str) -> Result<ZoneKind, Wrong> {
        let (at, word) = self.word(key)?;
        let name = std::str::from_utf8(word).ok();
        name.and_then(ZoneKind::from_name).ok_or_else(|| (at, K::UnknownZone(quoted(word))))
    }

    fn mode(&mut self, key: &'static str) -> Result<CompactMode, Wrong> {
        let (_, word) = self.word(key)?;
        Ok(if word == b"sync" { CompactMode::Sync } else { CompactMode::Async })
    }

    fn result(&mut self, key: &'static str) -> Result<CompactResult, Wrong> {
        let (_, word) = self.word(key)?;
        let known = CompactResult::ALL.into_iter().find(|result| result.name().as_bytes() == word);
        Ok(known.unwrap_or(CompactResult::Other))
    }

    /// `range=(0x200 ~ 0x400)`
    fn range(&mut self) -> Result<(Pfn, Pfn), Wrong> {
        const KEY: &str = "range";
        let (at, _) = self.word(KEY)?;
        let wrong = || (at, K::NotANumber(KEY, quoted(&self.all[at..])));
        let end = self.all[at..].iter().position(|b| *b == b')').map(|end| at + end).ok_or_else(wrong)?;
        let inside = self.all[at..end].strip_prefix(b"(").ok_or_else(wrong)?;
        let tilde = inside.iter().position(|b| *b == b'~').ok_or_else(wrong)?;
        let pfn = |part: &[u8]| number(part.trim_ascii()).and_then(|n| u32::try_from(n).ok()).map(Pfn);
        let (start, stop) = (pfn(&inside[..tilde]), pfn(&inside[tilde + 1..]));
        let range = start.zip(stop).ok_or_else(wrong)?;
        self.at = end + 1;
        Ok(range)
    }

    fn deferral(&mut self, kind: impl Fn(super::Deferral) -> EventKind) -> Result<EventKind, Wrong> {
        Ok(kind(super::Deferral {
            node: self.small("node")?,
            zone: self.zone("zone")?,
            order: self.any_order("order")?,
            order_failed: self.small("order_failed")?,
            considered: self.wide("consider")?,
            limit: self.wide("limit")?,
        }))
    }
}

/// A number as a trace has it: in hex after `0x`, else decimal.
fn number(word: &[u8]) -> Option<u64> {
    let Some(digits) = word.strip_prefix(b"0x") else { return decimal(word) };
    if digits.is_empty() || digits.len() > 16 {
        return None;
    }
    digits.iter().try_fold(0u64, |sum, b| Some(sum << 4 | u64::from((*b as char).to_digit(16)?)))
}
