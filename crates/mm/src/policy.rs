//! Page replacement as books teach it: which page goes when a frame is needed. Linux follows none of these (its own
//! rules are those of reclaim); they are what a lesson compares it with.

/// Which page goes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Hash)]
pub enum Policy {
    /// The one that came first.
    Fifo,
    /// The one that was not used for the longest time.
    Lru,
    /// The one that was used last.
    Mru,
    /// The one that will not be used for the longest time: nobody can know.
    Opt,
    /// Second chance: a hand goes round over the frames, clears the bit of each page that was used, and takes the first
    /// that was not.
    Clock {
        /// Whether a page that comes counts as used.
        used_on_load: bool,
    },
}

/// What an access met.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Access {
    /// The page.
    pub page: u32,
    /// It was there.
    pub hit: bool,
    /// The page that went for it.
    pub victim: Option<u32>,
    /// The pages that are there afterwards; by frame for OPT and the clock, else the oldest first.
    pub resident: Vec<u32>,
}

/// Runs a sequence of accesses over so many frames, at least 1.
#[must_use]
pub fn run(policy: Policy, frames: usize, pages: &[u32]) -> Vec<Access> {
    let mut resident: Vec<u32> = Vec::new();
    // The clock's own: a bit for each frame, and the hand.
    let (mut used, mut hand) = (Vec::new(), 0);
    let mut all = Vec::new();
    for (now, page) in pages.iter().copied().enumerate() {
        let at = resident.iter().position(|there| *there == page);
        let mut victim = None;
        match (at, policy) {
            (Some(at), Policy::Lru | Policy::Mru) => {
                resident.remove(at);
                resident.push(page);
            }
            (Some(at), Policy::Clock { .. }) => used[at] = true,
            (Some(_), Policy::Fifo | Policy::Opt) => {}
            (None, Policy::Clock { used_on_load }) => {
                if resident.len() < frames {
                    resident.push(page);
                    used.push(used_on_load);
                } else {
                    while std::mem::take(&mut used[hand]) {
                        hand = (hand + 1) % frames;
                    }
                    victim = Some(std::mem::replace(&mut resident[hand], page));
                    used[hand] = used_on_load;
                    hand = (hand + 1) % frames;
                }
            }
            (None, _) if resident.len() < frames => resident.push(page),
            (None, Policy::Fifo | Policy::Lru) => {
                victim = Some(resident.remove(0));
                resident.push(page);
            }
            (None, Policy::Mru) => {
                victim = resident.pop();
                resident.push(page);
            }
            (None, Policy::Opt) => {
                let next = |of: u32| pages[now..].iter().position(|page| *page == of).unwrap_or(usize::MAX);
                let ahead: Vec<usize> = resident.iter().map(|page| next(*page)).collect();
                // Of several that never come again the first.
                let far = ahead.iter().copied().max().unwrap_or_default();
                let at = ahead.iter().position(|n| *n == far).unwrap_or_default();
                victim = Some(std::mem::replace(&mut resident[at], page));
            }
        }
        all.push(Access { page, hit: at.is_some(), victim, resident: resident.clone() });
    }
    all
}

/// How many accesses found their page missing.
#[must_use]
pub fn faults(run: &[Access]) -> usize {
    run.iter().filter(|access| !access.hit).count()
}

/// The working set before each access is over: the pages among the last `delta` accesses, ascending.
#[must_use]
pub fn working_sets(pages: &[u32], delta: usize) -> Vec<Vec<u32>> {
    (1..=pages.len())
        .map(|end| {
            let mut set = pages[end.saturating_sub(delta)..end].to_vec();
            set.sort_unstable();
            set.dedup();
            set
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What other programs found for the same accesses; OPT may choose another victim of two that are as good.
    #[test]
    fn other_programs_agree() {
        let mut rows = 0;
        let table = include_str!("../tests/data/policy/replacement.txt");
        for line in table.lines().filter(|line| !line.starts_with('#')) {
            let parts: Vec<&str> = line.split(" : ").collect();
            let [head, pages, hits, victims] = parts[..] else { panic!("{line}") };
            let (name, frames) = head.split_once(' ').expect("a policy and frames");
            let policy = match name {
                "FIFO" => Policy::Fifo,
                "LRU" => Policy::Lru,
                "MRU" => Policy::Mru,
                "OPT" => Policy::Opt,
                "CLOCK_R1" => Policy::Clock { used_on_load: true },
                "CLOCK_R0" => Policy::Clock { used_on_load: false },
                _ => panic!("{line}"),
            };
            let pages: Vec<u32> = pages.split(' ').map(|page| page.parse().expect("a page")).collect();
            let got = run(policy, frames.parse().expect("a number"), &pages);
            if policy == Policy::Opt {
                assert_eq!(faults(&got), hits.matches('m').count(), "{line}");
            } else {
                let ours: String = got.iter().map(|access| if access.hit { 'h' } else { 'm' }).collect();
                assert_eq!(ours, hits, "{line}");
                let gone = got.iter().map(|access| access.victim.map_or("-".into(), |page| page.to_string()));
                assert_eq!(gone.collect::<Vec<_>>().join(" "), victims, "{line}");
            }
            rows += 1;
        }
        assert_eq!(rows, 265);
    }

    /// The books' own numbers: 15, 9 and 12 faults; and more frames that make more faults.
    #[test]
    fn the_books_numbers() {
        let pages = [7, 0, 1, 2, 0, 3, 0, 4, 2, 3, 0, 3, 2, 1, 2, 0, 1, 7, 0, 1];
        let of = |policy| faults(&run(policy, 3, &pages));
        assert_eq!([Policy::Fifo, Policy::Opt, Policy::Lru].map(of), [15, 9, 12]);
        let belady = [1, 2, 3, 4, 1, 2, 5, 1, 2, 3, 4, 5];
        assert_eq!([3, 4].map(|frames| faults(&run(Policy::Fifo, frames, &belady))), [9, 10]);
    }

    #[test]
    fn the_books_working_sets() {
        let pages = [
            2, 6, 1, 5, 7, 7, 7, 7, 5, 1, 6, 2, 3, 4, 1, 2, 3, 4, 4, 4, 3, 4, 3, 4, 4, 4, 1, 3, 2, 3, 4, 4,
            4, 3, 4, 4, 4,
        ];
        let sets = working_sets(&pages, 10);
        assert_eq!(sets[9], [1, 2, 5, 6, 7]);
        assert_eq!(sets[25], [3, 4]);
    }
}
