//! What of a machine's hardware counts for memory: where the kernel lies, its processors, how far its nodes are apart.
//! As with the kernel's log, lines that are not known are left out.

use mm::Pfn;
use mm::units::PAGE_SIZE;

/// The first frame of the kernel's image: `01400000-… : Kernel code` in `/proc/iomem`. None when it is not there, and
/// when somebody without rights has read it, who sees zeros.
#[must_use]
pub fn kernel_frame(iomem: &str) -> Option<Pfn> {
    let line = iomem.lines().find(|line| line.trim_end().ends_with(": Kernel code"))?;
    let (start, _) = line.trim_start().split_once('-')?;
    let start = u64::from_str_radix(start, 16).ok().filter(|start| *start > 0)?;
    u32::try_from(start / PAGE_SIZE).ok().map(Pfn)
}

/// The number of each online processor's interrupt controller: `apicid` in `/proc/cpuinfo`.
#[must_use]
pub fn apic_ids(cpuinfo: &str) -> Vec<u32> {
    let field =
        |line: &str| line.split_once(':').map(|(name, id)| (name.trim() == "apicid", id.trim().parse()));
    let ids = cpuinfo.lines().filter_map(field).filter(|(is, _)| *is);
    ids.filter_map(|(_, id)| id.ok()).collect()
}

/// The distances from each node to all others, out of a text that has for each node a line that names it
/// (`…/node/node0`), and the line of its file `distance` somewhere behind that. None when there is none.
#[must_use]
pub fn node_distances(text: &str) -> Option<Vec<Vec<u8>>> {
    let mut rows: Vec<Vec<u8>> = Vec::new();
    let mut wanted = false;
    for line in text.lines() {
        if line.contains("/node/node") {
            wanted = true;
        } else if wanted {
            let row: Option<Vec<u8>> = line.split_whitespace().map(|word| word.parse().ok()).collect();
            if let Some(row) = row.filter(|row| !row.is_empty()) {
                rows.push(row);
                wanted = false;
            }
        }
    }
    (!rows.is_empty()).then_some(rows)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kernels_place() {
        let iomem = "00100000-0ffd9fff : System RAM\n  01400000-02201d31 : Kernel code\n";
        assert_eq!(kernel_frame(iomem), Some(Pfn(0x1400)));
        for text in ["", "00000000-00000000 : Kernel code", "x-y : Kernel code", " : Kernel code"] {
            assert_eq!(kernel_frame(text), None, "{text}");
        }
    }

    #[test]
    fn processors_and_distances() {
        let cpuinfo = "processor\t: 0\napicid\t\t: 0\ninitial apicid\t: 7\n\nprocessor\t: 1\napicid\t\t: 3\n";
        assert_eq!(apic_ids(cpuinfo), [0, 3]);
        let numa = "## /sys/devices/system/node/node0\n10 21\nNode 0 MemTotal: 1 kB\n## /sys/devices/system/node/node1\n21 10\n";
        assert_eq!(node_distances(numa), Some(vec![vec![10, 21], vec![21, 10]]));
        assert_eq!(node_distances("## /sys/devices/system/node/node*\n"), None);
    }
}
