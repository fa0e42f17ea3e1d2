//! The sentences: stories as they read, by what they tell, and the rules that every sentence keeps.

mod cma;
mod compact;
mod dma;
mod failures;
mod fallbacks;
mod huge;
mod lines;
mod mmu;
mod processes;
mod reclaim;
mod rules;
mod splits_and_merges;

use expect_test::Expect;

use super::*;
use crate::testing::Story;

/// Every moment of a story as two lines, in both languages; a walk over empty lists is shown by its ends.
fn check(story: Story, en: Expect, zh: Expect) {
    let moments = story.moments();
    let empty = |step: &Option<Step>| matches!(step, Some(Step { kind: StepKind::ListEmpty { .. }, .. }));
    for (lang, expected) in [(Lang::En, en), (Lang::Zh, zh)] {
        let mut text = String::new();
        for moment in &moments {
            if empty(&moment.just_did) && empty(&moment.next) {
                if !text.ends_with("…\n") {
                    text.push_str("…\n");
                }
                continue;
            }
            let said = narration(moment, lang);
            let failed = if said.failed { " ✕" } else { "" };
            for (mark, sentence) in
                [(format!("{}{failed}", moment.cursor), said.did), ("  ▸".into(), said.next)]
            {
                let sentence = sentence.expect("there is always one");
                text.push_str(&format!("{mark} {} | {}\n", sentence.text, sentence.why));
            }
        }
        expected.assert_eq(&text);
    }
}
