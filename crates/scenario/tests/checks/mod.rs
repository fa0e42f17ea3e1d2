//! What is said of a text, beside what ought to be said.

#![allow(dead_code, reason = "every test binary uses its own part")]

use expect_test::Expect;
use mm::step::OomStep;
use mm::{Step, StepKind};
use scenario::{Diagnostic, Lang, Scenario, parse};

/// The diagnostics of a text, as a compiler would print them.
pub fn check(text: &str, expect: Expect) {
    let diagnostics = parse(text).diagnostics;
    diagnostics.iter().for_each(has_both_languages);
    let lines: Vec<String> = diagnostics.iter().map(ToString::to_string).collect();
    expect.assert_eq(&lines.join("\n"));
}

/// The same behind a machine that is in order, so that only the ops are looked at. They begin on line 3.
pub fn check_ops(ops: &str, expect: Expect) {
    check(&format!("ram 64M\npcp off\n{ops}"), expect);
}

/// Whether it is said in Chinese as well, with a hint if there is one in English.
pub fn has_both_languages(diagnostic: &Diagnostic) {
    let cjk = |text: String| text.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c));
    assert!(cjk(diagnostic.message(Lang::Zh)), "{diagnostic:?}");
    assert_eq!(diagnostic.hint(Lang::Zh).is_some(), diagnostic.hint(Lang::En).is_some(), "{diagnostic:?}");
}

/// Whether each line, behind these, has one problem: at this place, and with these words in both languages.
pub fn each_has_one_problem(before: &str, lines: &[(&str, &str, &str, &str)]) {
    for (line, place, en, zh) in lines {
        let said = parse(&format!("{before}{line}\n")).diagnostics;
        let [one] = &said[..] else { panic!("{line}: {said:?}") };
        assert_eq!(
            format!("{}:{}", one.span.line, one.span.column),
            *place,
            "{line}: {}",
            one.message(Lang::En)
        );
        assert!(one.message(Lang::En).contains(en), "{line}: {}", one.message(Lang::En));
        assert!(one.message(Lang::Zh).contains(zh), "{line}: {}", one.message(Lang::Zh));
    }
}

/// Whom the OOM killer took, in this order.
pub fn killed<'s>(scenario: &'s Scenario, steps: &[Step]) -> Vec<&'s str> {
    let kills = steps.iter().filter_map(|step| match step.kind {
        StepKind::Oom(OomStep::Kill { process, .. }) => Some(scenario.name(process)),
        _ => None,
    });
    kills.collect()
}
