//! What the kernel's log says about the memory that it found and freed. It is a text for people: a line that is not
//! known, or known but strange, is left out, so there is nothing to complain about.

use mm::mmzone::ZoneKind;
use mm::units::{PAGE_SIZE, PfnRange};

/// The known lines of a log.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct BootLog {
    /// `Freeing … memory: NK`: what was freed, in order.
    pub freed: Vec<Freed>,
    /// Where the initial RAM disk lay when it was freed.
    pub ramdisk: Option<PfnRange>,
    /// `Zone ranges:`, all nodes together; an empty zone has an empty range.
    pub zone_ranges: Vec<(ZoneKind, PfnRange)>,
    /// `Movable zone start for each node`: whether any node has one.
    pub has_movable: bool,
    /// `Early memory node ranges`: the memory of each node, ascending.
    pub node_ranges: Vec<(u32, PfnRange)>,
    /// `Fallback order for Node 0: 0 1`.
    pub fallback_orders: Vec<(u32, Vec<u8>)>,
    /// `SRAT: PXM 0 -> APIC 0x00 -> Node 0`: the node of each processor.
    pub apic_nodes: Vec<(u32, u32)>,
    /// `Memory: 200352K/261600K available`: the second, in KiB.
    pub memory_kb: Option<u64>,
}

/// `Freeing … memory: NK`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Freed {
    /// What it was, such as `initrd` or `unused kernel image (initmem)`.
    pub what: String,
    /// How much, in KiB.
    pub kb: u64,
}

/// Which list of ranges the log is in.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    None,
    Zones,
    Movable,
    Nodes,
}

impl BootLog {
    /// Reads the log, as `dmesg` prints it.
    #[must_use]
    pub fn read(text: &str) -> BootLog {
        let (mut log, mut part) = (BootLog::default(), Part::None);
        for line in text.lines() {
            let message = message(line);
            part = match message {
                "Zone ranges:" => Part::Zones,
                "Movable zone start for each node" => Part::Movable,
                "Early memory node ranges" => Part::Nodes,
                _ => {
                    let still = log.range(part, message).is_some();
                    if !still {
                        let _ = log.line(message);
                    }
                    if still { part } else { Part::None }
                }
            };
        }
        log
    }

    /// A line of one of the lists of ranges.
    fn range(&mut self, part: Part, message: &str) -> Option<()> {
        let rest = message.strip_prefix("  ")?;
        match part {
            Part::None => return None,
            Part::Zones => {
                let (name, rest) = rest.split_once(' ')?;
                let kind = ZoneKind::from_proc_name(name)?;
                let range = mem(rest).or((rest.trim() == "empty").then_some(PfnRange::new(0, 0)))?;
                self.zone_ranges.push((kind, range));
            }
            Part::Movable => self.has_movable = true,
            Part::Nodes => {
                let (node, rest) = rest.strip_prefix("node")?.split_once(':')?;
                self.node_ranges.push((node.trim().parse().ok()?, mem(rest)?));
            }
        }
        Some(())
    }

    fn line(&mut self, message: &str) -> Option<()> {
        if let Some(rest) = message.strip_prefix("Freeing ") {
            let (what, kb) = rest.strip_suffix('K')?.rsplit_once(" memory: ")?;
            self.freed.push(Freed { what: what.into(), kb: kb.parse().ok()? });
        } else if let Some(rest) = message.strip_prefix("RAMDISK: ") {
            self.ramdisk = self.ramdisk.or(Some(mem(rest)?));
        } else if let Some(rest) = message.strip_prefix("Allocated new RAMDISK: ") {
            // i386 moves it to where the kernel has it mapped, and frees the old place before there are zones.
            self.ramdisk = Some(mem(rest)?);
        } else if let Some(rest) = message.strip_prefix("Fallback order for Node ") {
            let (node, order) = rest.split_once(':')?;
            let order: Option<Vec<u8>> = order.split_whitespace().map(|n| n.parse().ok()).collect();
            self.fallback_orders.push((node.parse().ok()?, order?));
        } else if let Some(rest) = message.strip_prefix("SRAT: PXM ") {
            let mut parts = rest.split(" -> ").skip(1);
            let apic = parts.next()?.strip_prefix("APIC 0x")?;
            let node = parts.next()?.strip_prefix("Node ")?;
            self.apic_nodes.push((u32::from_str_radix(apic, 16).ok()?, node.trim().parse().ok()?));
        } else if let Some(rest) = message.strip_prefix("Memory: ") {
            let (_, rest) = rest.split_once('/')?;
            self.memory_kb = Some(rest.split_once("K available")?.0.parse().ok()?);
        }
        Some(())
    }
}

/// The line without the time, the level or both: `[    0.000000] `, `<6>`.
fn message(line: &str) -> &str {
    let line = match line.strip_prefix('<').and_then(|rest| rest.split_once('>')) {
        Some((level, rest)) if level.bytes().all(|b| b.is_ascii_digit()) => rest,
        _ => line,
    };
    match line.strip_prefix('[').and_then(|rest| rest.split_once("] ")) {
        Some((time, rest)) if time.bytes().all(|b| b.is_ascii_digit() || b == b'.' || b == b' ') => rest,
        _ => line,
    }
}

/// `[mem 0x0000000000001000-0x000000000009efff]`: the frames that it touches; none when they are beyond 16 TiB.
fn mem(text: &str) -> Option<PfnRange> {
    let (start, last) = text.trim().strip_prefix("[mem 0x")?.strip_suffix(']')?.split_once("-0x")?;
    let frame = |hex: &str| u32::try_from(u64::from_str_radix(hex, 16).ok()? / PAGE_SIZE).ok();
    Some(PfnRange::new(frame(start)?, frame(last)?.checked_add(1)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strange_lines_are_left_out() {
        for text in [
            "",
            "[",
            "<",
            "[    0.1] Freeing",
            "Freeing x memory: K",
            "Freeing x memory: 99999999999999999999K",
            "RAMDISK: [mem 0x-0x]",
            "RAMDISK: [mem 0xffffffffffffffff-0xffffffffffffffff]",
            "Zone ranges:\n  DMA",
            "Zone ranges:\n  DMA  nothing",
            "Early memory node ranges\n  node 0",
            "Fallback order for Node 0: 0 x",
            "SRAT: PXM 0 -> APIC 0xzz -> Node 0",
            "Memory: 1K",
        ] {
            assert_eq!(BootLog::read(text), BootLog::default(), "{text}");
        }
    }
}
