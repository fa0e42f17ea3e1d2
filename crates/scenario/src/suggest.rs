//! "Did you mean …?": the nearest word that would have been right.

/// The candidate nearest to `word`, if it is near enough to be what was meant: case of ASCII letters ignored, at most a
/// third of the word wrong (one character of a short one). The first of equally near ones.
pub(crate) fn nearest<'c>(word: &str, candidates: impl IntoIterator<Item = &'c str>) -> Option<&'c str> {
    let word = letters(word);
    let mut best = None;
    let mut least = usize::MAX;
    for candidate in candidates {
        let distance = near(&word, candidate);
        if distance < least {
            (least, best) = (distance, Some(candidate));
        }
    }
    best
}

/// How far the candidate is from the word; the largest number when it is too far to be what was meant.
#[inline(never)]
fn near(word: &[char], candidate: &str) -> usize {
    let candidate = letters(candidate);
    let distance = distance(word, &candidate);
    // Another word of one letter is no misspelling.
    let is_near = distance <= (word.len() / 3).clamp(1, 3) && distance < word.len().max(candidate.len());
    if is_near { distance } else { usize::MAX }
}

fn letters(word: &str) -> Vec<char> {
    word.chars().map(|c| c.to_ascii_lowercase()).take(LONGEST).collect()
}

/// No word of the language is longer; bounds the work on hostile text.
const LONGEST: usize = 40;

/// Optimal string alignment: insertions, deletions, changes and swaps of neighbours.
pub(crate) fn distance(a: &[char], b: &[char]) -> usize {
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for i in 1..=a.len() {
        let mut row = vec![i];
        for j in 1..=b.len() {
            let change = last[j - 1] + usize::from(a[i - 1] != b[j - 1]);
            let mut best = change.min(last[j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                best = best.min(before[j - 2] + 1);
            }
            row.push(best);
        }
        before = std::mem::replace(&mut last, row);
    }
    last[b.len()]
}
