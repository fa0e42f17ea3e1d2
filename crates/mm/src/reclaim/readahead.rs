//! How far a file is read ahead (mm/readahead.c, 6.1): pure, from what is known of the reads before.

/// Pages that are read ahead at most (`ra_pages`: `read_ahead_kb` of 128).
pub const RA_PAGES: u32 = 32;

/// What is known of the reads of an open file (`struct file_ra_state`).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct FileRa {
    /// The first page of the window that was read last.
    pub start: u32,
    /// How many pages it has; 0: nothing was read yet.
    pub size: u32,
    /// So many of its last pages lie behind the mark: whoever comes to it reads the next window.
    pub async_size: u32,
    /// The most that is read at once.
    pub ra_pages: u32,
    /// The page that was read last, if any was.
    pub prev: Option<u32>,
}

impl Default for FileRa {
    fn default() -> FileRa {
        FileRa { start: 0, size: 0, async_size: 0, ra_pages: RA_PAGES, prev: None }
    }
}

/// Pages to be read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Window {
    /// The first one.
    pub start: u32,
    /// How many.
    pub pages: u32,
    /// The one of so many before the end gets the mark; 0: none does.
    pub lookahead: u32,
}

impl Window {
    /// The same, but for what lies beyond the end of a file with so many pages; none: all of it does.
    #[must_use]
    pub fn within(self, pages: u32) -> Option<Window> {
        let left = pages.checked_sub(self.start).filter(|left| *left > 0)?;
        Some(Window { pages: self.pages.min(left), ..self })
    }

    /// The page that gets the mark (`folio_set_readahead()`).
    #[must_use]
    pub fn mark(&self) -> Option<u32> {
        let before = self.pages.checked_sub(self.lookahead).filter(|_| self.lookahead > 0)?;
        Some(self.start + before)
    }
}

/// How much is read at first for a request of so many pages (`get_init_ra_size()`).
fn init_size(request: u32, max: u32) -> u32 {
    let size = request.next_power_of_two();
    match size {
        _ if size <= max / 32 => size * 4,
        _ if size <= max / 4 => size * 2,
        _ => max,
    }
}

/// How much is read after a window of so many pages (`get_next_ra_size()`).
fn next_size(size: u32, max: u32) -> u32 {
    match size {
        _ if size < max / 16 => size * 4,
        _ if size <= max / 2 => size * 2,
        _ => max,
    }
}

impl FileRa {
    /// What is read when a page is not there, or is there and has the mark (`ondemand_readahead()`): a program asked for
    /// `request` pages from `index` on. None: nothing.
    pub fn ondemand(
        &mut self,
        index: u32,
        request: u32,
        is_marked: bool,
        is_cached: impl Fn(u32) -> bool,
    ) -> Option<Window> {
        let max = self.ra_pages;
        // `FMODE_RANDOM`
        if max == 0 {
            return (!is_marked).then_some(Window { start: index, pages: request, lookahead: 0 });
        }
        let end = self.start.saturating_add(self.size);
        let follows = index == end.saturating_sub(self.async_size) || index == end;
        if index != 0 && follows && self.size > 0 {
            self.start = end;
            self.size = next_size(self.size, max);
            self.async_size = self.size;
        } else if index != 0 && is_marked {
            // The mark of somebody else's window: on from where nothing is there any more.
            let missing = (1..=max).find(|by| !is_cached(index.saturating_add(*by)))?;
            self.start = index.saturating_add(missing);
            self.size = next_size(missing + request, max);
            self.async_size = self.size;
        } else if index == 0 || request > max || self.prev.is_some_and(|prev| index.wrapping_sub(prev) <= 1) {
            self.start = index;
            self.size = init_size(request, max);
            self.async_size = if self.size > request { self.size - request } else { self.size };
        } else {
            // `try_context_readahead()`: pages before it that are there tell of a reader who came this way.
            let history = (1..=max.min(index)).take_while(|back| is_cached(index - back)).count() as u32;
            if history <= request {
                return Some(Window { start: index, pages: request, lookahead: 0 });
            }
            let history = if history >= index { history * 2 } else { history };
            self.start = index;
            self.size = (history + request).min(max);
            self.async_size = 1;
        }
        // The reader would come to the mark of this very window at once: both are read together.
        if index == self.start && self.size == self.async_size {
            let more = next_size(self.size, max);
            if self.size + more <= max {
                self.async_size = more;
                self.size += more;
            } else {
                self.size = max;
                self.async_size = max >> 1;
            }
        }
        Some(Window { start: self.start, pages: self.size, lookahead: self.async_size })
    }

    /// What is read around a page that is missed in a mapping (`do_sync_mmap_readahead()`).
    pub fn around(&mut self, index: u32) -> Window {
        self.start = index.saturating_sub(self.ra_pages / 2);
        self.size = self.ra_pages;
        self.async_size = self.ra_pages / 4;
        Window { start: self.start, pages: self.size, lookahead: self.async_size }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    /// Reads page by page, as a program with a buffer of 4 KiB does; the windows that were read for it.
    fn reads(ra: &mut FileRa, pages: impl IntoIterator<Item = u32>) -> Vec<(u32, u32, u32)> {
        let (mut cached, mut marks, mut windows) = (BTreeSet::new(), BTreeSet::new(), Vec::new());
        for index in pages {
            let is_there = cached.contains(&index);
            let is_marked = is_there && marks.remove(&index);
            if !is_there || is_marked {
                let window = ra.ondemand(index, 1, is_marked, |at| cached.contains(&at)).unwrap();
                windows.push((index, window.start, window.start + window.pages - 1));
                cached.extend(window.start..window.start + window.pages);
                marks.extend(window.mark());
            }
            ra.prev = Some(index);
        }
        windows
    }

    #[test]
    fn facts_12_readahead() {
        let windows = reads(&mut FileRa::default(), 0..29);
        assert_eq!(windows, [(0, 0, 3), (1, 4, 11), (4, 12, 27), (12, 28, 59), (28, 60, 91)]);
        let mut wide = FileRa { ra_pages: 64, ..FileRa::default() };
        let windows = reads(&mut wide, 6000..6030);
        let sizes: Vec<(u32, u32)> = windows.iter().map(|(at, from, to)| (*at, to - from + 1)).collect();
        assert_eq!(sizes, [(6000, 1), (6001, 4), (6002, 8), (6005, 16), (6013, 32), (6029, 64)]);
        let strided = reads(&mut FileRa::default(), (0..10).map(|at| 100 + at * 8));
        assert!(strided.iter().all(|(at, from, to)| at == from && at == to), "{strided:?}");
        let mut random = FileRa { ra_pages: 0, ..FileRa::default() };
        assert_eq!(
            random.ondemand(5, 2, false, |_| false),
            Some(Window { start: 5, pages: 2, lookahead: 0 })
        );
    }

    #[test]
    fn facts_12_readahead_of_a_mapping() {
        let mut ra = FileRa::default();
        let window = ra.around(7000);
        assert_eq!((window.start, window.start + window.pages - 1, window.mark()), (6984, 7015, Some(7008)));
        let mut next = |at| ra.ondemand(at, 1, true, |_| true).map(|w| (w.start, w.start + w.pages - 1));
        assert_eq!(
            [next(7008), next(7016), next(7048)],
            [Some((7016, 7047)), Some((7048, 7079)), Some((7080, 7111))]
        );
    }

    #[test]
    fn a_window_ends_with_the_file() {
        let window = Window { start: 28, pages: 32, lookahead: 32 };
        assert_eq!(window.within(40).map(|w| (w.pages, w.mark())), Some((12, None)));
        assert_eq!(window.within(28), None);
    }
}
