//! The timeline below the picture: how much happens when, what is notable, and where we are.

use history::{Cursor, MarkerKind, Survey};
use mm::Order;
use mm::step::StepClass;
use scenario::{Lang, Scenario};

use crate::Moment;
use crate::narrate::{narration, num};

/// How many steps of each class fall into each of at most `columns` columns of equal width. With fewer bars than
/// columns each bar is a column: the strip never shows more detail than is known.
#[must_use]
pub fn strip(survey: &Survey, columns: u32) -> Vec<[u32; StepClass::COUNT]> {
    let bars = survey.bars();
    let columns = (columns as usize).min(bars.len());
    let mut strip = vec![[0; StepClass::COUNT]; columns];
    for (at, bar) in bars.iter().enumerate() {
        // A bar belongs where it begins.
        let column = column_of(at as u64 * survey.bar_width(), survey.steps(), columns);
        if let Some(sums) = strip.get_mut(column) {
            for (sum, steps) in sums.iter_mut().zip(bar) {
                *sum += steps;
            }
        }
    }
    strip
}

fn column_of(global: u64, steps: u64, columns: usize) -> usize {
    let column = (global * columns as u64).checked_div(steps).unwrap_or(0) as usize;
    column.min(columns.saturating_sub(1))
}

/// The free pages at `columns` places, evenly from the beginning to the end: the line over the strip.
#[must_use]
pub fn vital_line(survey: &Survey, columns: u32) -> Vec<u64> {
    let samples = survey.samples();
    let last = u64::from(columns.saturating_sub(1)).max(1);
    (0..u64::from(columns))
        .map(|column| {
            let global = survey.steps() * column / last;
            let at = samples.partition_point(|sample| sample.global <= global).saturating_sub(1);
            samples.get(at).map_or(0, |sample| sample.nr_free.iter().map(pages).sum())
        })
        .collect()
}

fn pages(nr_free: &[u32; Order::COUNT]) -> u64 {
    Order::all().zip(nr_free).map(|(order, blocks)| u64::from(*blocks) << order.get()).sum()
}

/// The shape of a mark: it tells the kind without colour.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum MarkGlyph {
    /// The scenario says something: a speech bubble.
    Caption,
    /// The next step is worth a question: ◆
    Question,
    /// A request was not met: ✕
    Failure,
    /// A migratetype took from another: ▲
    Steal,
    /// A freed block merged three times or more: ∧
    Merge,
    /// An op could not do anything: ○
    Skipped,
    /// A real kernel took another block than the rules predict: ≠
    Diverged,
}

impl MarkGlyph {
    /// All of them.
    pub const ALL: [MarkGlyph; 7] = [
        MarkGlyph::Caption,
        MarkGlyph::Question,
        MarkGlyph::Failure,
        MarkGlyph::Steal,
        MarkGlyph::Merge,
        MarkGlyph::Skipped,
        MarkGlyph::Diverged,
    ];

    /// The sign.
    #[must_use]
    pub fn sign(self) -> char {
        match self {
            MarkGlyph::Caption => '❝',
            MarkGlyph::Question => '◆',
            MarkGlyph::Failure => '✕',
            MarkGlyph::Steal => '▲',
            MarkGlyph::Merge => '∧',
            MarkGlyph::Skipped => '○',
            MarkGlyph::Diverged => '≠',
        }
    }
}

/// A notable place on the timeline.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Mark {
    /// Steps since the beginning.
    pub global: u64,
    /// Its shape.
    pub glyph: MarkGlyph,
    /// What it says when it is pointed at or jumped to.
    pub label: String,
}

/// The notable places in order: what the survey noticed, and what the scenario says.
#[must_use]
pub fn marks(survey: &Survey, scenario: &Scenario, lang: Lang) -> Vec<Mark> {
    let noticed = survey.markers().iter().map(|marker| {
        // The marker stands behind its step, so the op is the one of the step before.
        let op = survey.cursor_at(marker.global.saturating_sub(1)).op;
        let name =
            scenario.ops.get(op as usize).and_then(|op| op.op.name()).map_or("", |name| scenario.name(name));
        let (glyph, what) = match marker.kind {
            MarkerKind::Failure => (MarkGlyph::Failure, lang.pick("got nothing", "没有得到内存")),
            MarkerKind::Steal => {
                (MarkGlyph::Steal, lang.pick("took from another type", "从其他类型拿了内存"))
            }
            MarkerKind::Merge => {
                (MarkGlyph::Merge, lang.pick("merged three times or more", "至少合并了三次"))
            }
            MarkerKind::Skipped => (MarkGlyph::Skipped, lang.pick("was skipped", "被跳过")),
            MarkerKind::Diverged => {
                (MarkGlyph::Diverged, lang.pick("the real kernel took another block", "真实内核取了另一块"))
            }
        };
        let what = if name.is_empty() { what.to_owned() } else { format!("{name} {what}") };
        let label = match lang {
            Lang::En => format!("Step {}: {what}", num(marker.global)),
            Lang::Zh => format!("第 {} 步：{what}", num(marker.global)),
        };
        Mark { global: marker.global, glyph, label }
    });
    // What is beyond the survey has no place yet.
    let known = scenario.captions.iter().filter(|caption| caption.op <= survey.ops());
    let said = known.map(|caption| Mark {
        global: survey.global(Cursor::new(caption.op, 0)),
        glyph: MarkGlyph::Caption,
        label: caption.say.in_lang(lang).to_owned(),
    });
    let mut marks: Vec<Mark> = said.chain(noticed).collect();
    mm::sort::by_key(&mut marks, |mark| mark.global);
    marks
}

/// The same with the places where something is worth asking.
#[must_use]
pub fn with_questions(mut marks: Vec<Mark>, places: &[u64], lang: Lang) -> Vec<Mark> {
    marks.extend(places.iter().map(|global| Mark {
        global: *global,
        glyph: MarkGlyph::Question,
        label: match lang {
            Lang::En => format!("Step {}: predict the next one", num(*global)),
            Lang::Zh => format!("第 {} 步：预测下一步", num(*global)),
        },
    }));
    mm::sort::by_key(&mut marks, |mark| mark.global);
    marks
}

/// The value of the slider in words: "Step 37 of 412: Cut 0–15 in two; …"
#[must_use]
pub fn value_text(moment: &Moment, lang: Lang) -> String {
    let (at, of) = (num(moment.global), num(moment.total));
    let did = narration(moment, lang).did.map_or(String::new(), |did| did.text);
    let did = did.trim_end_matches(['.', '。']);
    match lang {
        Lang::En => format!("Step {at} of {of}: {did}"),
        Lang::Zh => format!("第 {at} 步，共 {of} 步：{did}"),
    }
}

#[cfg(test)]
mod tests {
    use std::rc::Rc;
    use std::sync::Arc;

    use expect_test::expect;
    use mm::Config;
    use mm::op::PageKind;
    use scenario::Caption;
    use scenario::ast::Phrase;

    use super::*;
    use crate::testing::{Story, session};

    fn surveyed(story: Story) -> (Rc<Scenario>, Survey) {
        let scenario = story.scenario();
        let mut session = session(&scenario);
        while !session.survey(1 << 20) {}
        let survey = session.survey_so_far().clone();
        (scenario, survey)
    }

    #[test]
    fn no_step_is_lost_in_a_strip_of_any_width() {
        let (_, survey) = surveyed(
            Story::on(Config::single_zone(4096)).workload("w", 900, (0, 4), [1, 1, 1, 1, 1], 45).free("w"),
        );
        for columns in [1, 7, 100, 500, 100_000] {
            let strip = strip(&survey, columns);
            assert!(strip.len() <= columns as usize);
            assert_eq!(strip.iter().flatten().map(|n| u64::from(*n)).sum::<u64>(), survey.steps());
            let line = vital_line(&survey, columns);
            assert_eq!(line.len(), columns as usize);
            assert_eq!(line[0], 4096);
            assert!(columns == 1 || line[line.len() - 1] == 4096, "all is given back at the end");
        }
        assert!(strip(&survey, 0).is_empty() && vital_line(&survey, 0).is_empty());
    }

    #[test]
    fn an_empty_scenario_has_a_line_and_no_bars() {
        let (scenario, survey) = surveyed(Story::on(Config::single_zone(64)));
        assert!(strip(&survey, 10).is_empty() && marks(&survey, &scenario, Lang::En).is_empty());
        assert_eq!(vital_line(&survey, 3), [64, 64, 64]);
    }

    #[test]
    fn marks_in_order() {
        let story = Story::on(Config::single_zone(64))
            .alloc("k", 0, PageKind::Unmovable)
            .alloc("big", 8, PageKind::Anon)
            .free("big")
            .free("k");
        let mut scenario = Scenario::clone(&story.scenario());
        let say = Phrase { text: "Now it gets tight.".into(), zh: Some("现在内存紧张了。".into()) };
        scenario.captions.push(Caption { op: 1, line: 3, say: Arc::new(say) });
        let mut session = session(&scenario);
        while !session.survey(1 << 20) {}
        for (lang, expected) in [
            (
                Lang::En,
                expect![[r#"
                    45 ❝ Now it gets tight.
                    60 ✕ Step 60: big got nothing
                    61 ○ Step 61: big was skipped
                    76 ∧ Step 76: k merged three times or more"#]],
            ),
            (
                Lang::Zh,
                expect![[r#"
                    45 ❝ 现在内存紧张了。
                    60 ✕ 第 60 步：big 没有得到内存
                    61 ○ 第 61 步：big 被跳过
                    76 ∧ 第 76 步：k 至少合并了三次"#]],
            ),
        ] {
            let marks = marks(session.survey_so_far(), &scenario, lang);
            let lines: Vec<String> =
                marks.iter().map(|m| format!("{} {} {}", m.global, m.glyph.sign(), m.label)).collect();
            expected.assert_eq(&lines.join("\n"));
        }
    }

    #[test]
    fn the_slider_speaks() {
        let moment = Story::on(Config::single_zone(1024)).alloc("buf", 9, PageKind::Movable).at(0, 5);
        expect![
            "Step 5 of 6: Cut 0–1023 in two; its upper half, 512–1023, became the head of MOVABLE list 9"
        ]
        .assert_eq(&value_text(&moment, Lang::En));
        expect!["第 5 步，共 6 步：把 0–1023 号页框拆成两半，后半 512–1023 成为 MOVABLE 9 阶链表头"]
            .assert_eq(&value_text(&moment, Lang::Zh));
    }
}
