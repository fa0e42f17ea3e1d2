//! The text of [`ZoneInfo`] (`zoneinfo_show_print()`, mm/vmstat.c, 6.1).

use std::fmt;

use super::{Stat, ZoneEntry, ZoneInfo};

impl fmt::Display for ZoneInfo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.zones.iter().try_for_each(|zone| write!(f, "{zone}"))
    }
}

impl fmt::Display for ZoneEntry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ZoneEntry { node, kind, node_stats, pages, protection, populated } = self;
        writeln!(f, "Node {node}, zone {:>8}", kind.name())?;
        if let Some(stats) = node_stats {
            writeln!(f, "  per-node stats")?;
            stats.iter().try_for_each(|stat| write!(f, "{stat}"))?;
        }
        writeln!(f, "  pages free     {}", pages.free)?;
        for (name, value) in [
            ("boost", pages.boost),
            ("min", pages.min),
            ("low", pages.low),
            ("high", pages.high),
            ("spanned", pages.spanned),
            ("present", pages.present),
            ("managed", pages.managed),
            ("cma", pages.cma),
        ] {
            writeln!(f, "        {name:<8} {value}")?;
        }
        let protection: Vec<String> = protection.iter().map(u64::to_string).collect();
        writeln!(f, "        protection: ({})", protection.join(", "))?;
        let Some(populated) = populated else { return Ok(()) };
        populated.stats.iter().try_for_each(|stat| write!(f, "{stat}"))?;
        writeln!(f, "  pagesets")?;
        for set in &populated.pagesets {
            writeln!(f, "    cpu: {}", set.cpu)?;
            writeln!(f, "              count: {}", set.count)?;
            writeln!(f, "              high:  {}", set.high)?;
            writeln!(f, "              batch: {}", set.batch)?;
            if let Some(threshold) = set.stat_threshold {
                writeln!(f, "  vm stats threshold: {threshold}")?;
            }
        }
        writeln!(f, "  node_unreclaimable:  {}", populated.node_unreclaimable)?;
        writeln!(f, "  start_pfn:           {}", populated.start_pfn)
    }
}

impl fmt::Display for Stat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "      {:<12} {}", self.name, self.value)
    }
}
