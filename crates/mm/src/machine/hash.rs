//! What a state comes to in one number, and how its tables are laid out.

use super::Machine;
use crate::hash::{Digest, Digestible};
use crate::page::NONE;
use crate::parts;

impl Machine {
    /// The digest of all state: equal exactly when the machines are equal, natively and in wasm.
    #[must_use]
    pub fn state_hash(&self) -> u64 {
        // The setup is a function of the zones' sizes and of the writes, and its figures are in the zones; what is written
        // about promises counts from the next op of a process on, and is in its state then.
        let Machine {
            settings,
            setup: _,
            mem_map,
            pcp_blocks: _,
            pageblocks,
            zones,
            in_hand,
            names,
            pool_blocks,
            kmem,
            processes,
            mmus,
            reclaim,
            migrate,
            compaction,
            hierarchy,
            cma,
            dma,
            segmentation,
            progress,
            tally,
        } = self;
        let mut d = Digest::default();
        d.word(u64::from(settings.pageblock_order.get()) | u64::from(settings.groups_by_mobility) << 8);
        d.word(settings.seed);
        mem_map.digest(&self.linked_pcp_blocks(), &mut d);
        pageblocks.digest(&mut d);
        zones.iter().for_each(|zone| zone.digest(&mut d));
        d.word(in_hand.len() as u64);
        in_hand.iter().for_each(|block| block.digest(&mut d));
        names.digest(&mut d);
        pool_blocks.digest(&mut d);
        d.word(u64::from(progress.op) | u64::from(progress.unit) << 32);
        d.word(progress.rng.state());
        if !kmem.is_untouched() {
            d.word((parts::rules().digest)(kmem));
        }
        if !processes.is_untouched() {
            d.word((parts::rules().digest_processes)(processes, mmus));
        }
        if let Some(reclaim) = reclaim {
            d.word((parts::rules().digest_reclaim)(reclaim));
        }
        if let Some(migrate) = migrate {
            d.word((parts::rules().digest_migrate)(migrate));
        }
        if let Some(compaction) = compaction {
            d.word((parts::rules().digest_compaction)(compaction));
        }
        if let Some(hierarchy) = hierarchy {
            d.word((parts::rules().digest_hierarchy)(hierarchy));
        }
        if let Some(segmentation) = segmentation {
            d.word((parts::rules().digest_segments)(segmentation));
        }
        if let Some(cma) = cma {
            d.word((parts::rules().digest_cma)(cma));
        }
        if let Some(dma) = dma {
            d.word((parts::rules().digest_dma)(dma));
        }
        tally.digest(&mut d);
        let of_oom = [self.tunables().panic_on_oom, self.tunables().oom_kill_allocating_task];
        if of_oom != [0, 0] {
            d.word(u64::from(of_oom[0]) << 32 | u64::from(of_oom[1]));
        }
        d.finish()
    }

    /// The blocks on all CPUs' lists with their neighbours, as the kernel links them through `mem_map`: frame, previous
    /// and next, in ascending order.
    fn linked_pcp_blocks(&self) -> Vec<(u32, u32, u32)> {
        let mut all = Vec::new();
        for deque in self.zones.iter().flat_map(|zone| &zone.pageset).flat_map(|pcp| &pcp.lists) {
            let mut prev = NONE;
            let mut blocks = self.pcp_blocks.iter(deque).peekable();
            while let Some(pfn) = blocks.next() {
                all.push((pfn.0, prev, blocks.peek().map_or(NONE, |next| next.0)));
                prev = pfn.0;
            }
        }
        crate::sort::by_key(&mut all, |(pfn, ..)| u64::from(*pfn));
        all
    }

    /// How many chunks this machine and those it was cloned from had to copy: what keyframes cost, in KiB.
    #[must_use]
    pub fn copied_chunks(&self) -> u64 {
        self.mem_map.copied_chunks()
            + self.pcp_blocks.copied_chunks()
            + self.pageblocks.copied_chunks()
            + self.names.copied_chunks()
            + self.pool_blocks.copied_chunks()
    }

    /// Lays the tables out for a long run: every write then costs less, and a clone what has changed since the last.
    pub fn flatten(&mut self) {
        self.mem_map.flatten();
        self.pcp_blocks.flatten();
        self.pageblocks.flatten();
        self.names.flatten();
        self.pool_blocks.flatten();
        if !self.processes.is_untouched() {
            (parts::rules().flatten_processes)(self);
        }
    }

    /// Bytes of the tables that grow with the frames.
    #[must_use]
    pub fn state_bytes(&self) -> u64 {
        self.mem_map.bytes() + self.pcp_blocks.bytes() + self.pageblocks.bytes()
    }

    /// How many chunks there are: the most that two machines of one history can differ by.
    #[must_use]
    pub fn chunks(&self) -> u64 {
        self.mem_map.chunks()
            + self.pcp_blocks.chunks()
            + self.pageblocks.chunks()
            + self.names.chunks()
            + self.pool_blocks.chunks()
    }

    /// How many shared nodes a clone has to count: the bound on its cost.
    #[must_use]
    pub fn clone_cost(&self) -> usize {
        self.mem_map.clone_cost()
            + self.pcp_blocks.clone_cost()
            + self.pageblocks.clone_cost()
            + self.names.clone_cost()
            + self.pool_blocks.clone_cost()
    }
}
