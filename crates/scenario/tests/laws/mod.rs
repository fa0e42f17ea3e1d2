//! What holds of every text, for property tests and for `fuzz/`.

use scenario::{parse, print};

/// The laws that hold for every text.
pub fn check_any(text: &str) {
    let parsed = parse(text);
    assert_eq!(parsed.document.lines.len(), text.split_terminator('\n').count());
    for diagnostic in &parsed.diagnostics {
        let line = text.split('\n').nth(diagnostic.span.line as usize - 1).unwrap_or_default();
        let end = diagnostic.span.column + diagnostic.span.len;
        assert!(
            diagnostic.span.column >= 1 && end as usize <= line.chars().count() + 2,
            "{diagnostic:?} {line:?}"
        );
        assert!(!diagnostic.to_string().is_empty());
        assert!(text.get(diagnostic.span.bytes(text)).is_some());
    }
    match parsed.lower() {
        None => assert!(parsed.has_errors(), "no scenario, and nothing says why: {text}"),
        // Large machines take long and say no more than small ones.
        Some(scenario) if scenario.config.end().0 <= 1 << 17 => {
            let booted = mm::Machine::boot(&scenario.config);
            assert!(booted.is_ok(), "{:?}: {text}", booted.err());
        }
        Some(_) => {}
    }
}

/// Whatever a person wrote, the canonical form says the same, and is its own canonical form.
pub fn check_canonical(text: &str) {
    let document = parse(text).document;
    let printed = print(&document);
    let again = parse(&printed).document;
    assert_eq!(print(&again), printed);
    assert_eq!(again, document, "{printed}");
}
