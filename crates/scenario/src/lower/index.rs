//! Which number a name has. A few lines instead of the standard maps, each of which is 3 KB of WebAssembly.

/// Finds names in a list of them that only grows: an open hash table.
#[derive(Default)]
pub(super) struct Index {
    /// The place of a name in the list, plus one; 0: nothing. Never more than half full.
    slots: Vec<u32>,
}

impl Index {
    /// The place of a name in `names`, all of which were [added](Index::add).
    pub fn find(&self, names: &[String], name: &str) -> Option<usize> {
        if self.slots.is_empty() {
            return None;
        }
        (self.slots[self.slot(names, name)] as usize).checked_sub(1)
    }

    /// Adds the last of `names`, which is none of the others.
    pub fn add(&mut self, names: &[String]) {
        let mut from = names.len() - 1;
        if self.slots.len() < 2 * names.len() {
            self.slots = vec![0; (4 * names.len()).next_power_of_two()];
            from = 0;
        }
        for at in from..names.len() {
            let slot = self.slot(names, &names[at]);
            self.slots[slot] = at as u32 + 1;
        }
    }

    /// Where the name is, or would be.
    fn slot(&self, names: &[String], name: &str) -> usize {
        let hash = name.bytes().fold(0u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193));
        let mask = self.slots.len() - 1;
        let mut slot = (hash ^ hash >> 15) as usize & mask;
        while self.slots[slot] != 0 && names[self.slots[slot] as usize - 1] != name {
            slot = (slot + 1) & mask;
        }
        slot
    }
}

#[cfg(test)]
mod tests {
    use super::Index;

    #[test]
    fn every_name_is_found_and_no_other() {
        let (mut index, mut names) = (Index::default(), Vec::new());
        for at in 0..1000 {
            let name = format!("b[{at}]");
            assert_eq!(index.find(&names, &name), None);
            names.push(name);
            index.add(&names);
        }
        for (at, name) in names.iter().enumerate() {
            assert_eq!(index.find(&names, name), Some(at));
        }
    }
}
