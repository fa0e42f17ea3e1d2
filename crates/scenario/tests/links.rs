//! Links: what goes in comes out, whatever is damaged is noticed, and they are short.

mod common;

use common::{cases, document, sandbox, scenario_text};
use expect_test::expect;
use mm::limits::MAX_OPS;
use proptest::prelude::*;
use scenario::link::{Cursor, LinkErrorKind, LinkState, Recovered, decode, encode};
use scenario::{Lang, builtin, builtins, parse, print};

fn canonical(text: &str) -> String {
    print(&parse(text).document)
}

/// The state that a link opens as.
fn open(link: &str) -> LinkState {
    decode(link).expect(link).expect("it is not empty")
}

fn state(text: &str, op: u32, step: u32, kind: Option<u8>) -> LinkState {
    LinkState::new(text, Cursor { op, step }, kind)
}

fn article() -> &'static str {
    builtin("article-buddyinfo").expect("it exists").text
}

#[test]
fn a_built_in_scenario_has_a_readable_link() {
    let text = builtin("buddy-split").expect("it exists").text;
    assert_eq!(encode(&state(text, 0, 0, None)).as_deref(), Ok("#0/buddy-split"));
    let at = encode(&state(text, 4, 2, Some(7))).expect("it is short");
    expect!["#0.XRHW/buddy-split@4.2"].assert_eq(&at);
    assert_eq!(open(&at), state(text, 4, 2, None));
    // A person may type one without its check characters.
    assert_eq!(open("#0/buddy-split@4.2"), state(text, 4, 2, None));
    // With another seed it is still readable; with another sentence it is not.
    let seed = canonical(&article().replace("seed 1\n", "seed 7\n"));
    let link = encode(&state(&seed, 3, 1, None)).expect("it is short");
    expect!["#0.RmIT/article-buddyinfo;seed=7@3.1"].assert_eq(&link);
    assert_eq!(open(&link).text, seed);
    let edited = encode(&state(&text.replace("256 frames are wanted", "we want 256 frames"), 0, 0, None));
    assert!(edited.is_ok_and(|link| link.starts_with("#0z")));
}

#[test]
fn whatever_stands_around_a_link_is_no_part_of_it() {
    let text = builtin("merge-chain").expect("it exists").text;
    for sent in [state(text, 2, 3, Some(18)), state(&format!("{text}# mine\n"), 2, 3, Some(18))] {
        let link = encode(&sent).expect("it is short");
        let expected = open(&link);
        let re_encoded = link.replace('-', "+").replace('_', "/");
        let custom = link.starts_with("#0z");
        let mut around = vec![
            link[1..].to_owned(),
            format!("https://example.org/mmscope/?lang=zh{link}"),
            format!("{link}\u{3002}"),
            format!("{link}\u{ff09}\u{201d}"),
            format!("  {link}).\n"),
            format!("{link}>"),
            format!("**{link}**"),
            format!("{link}?from=timeline&isappinstalled=0"),
            link.replace('.', "%2E").replace('/', "%2F"),
            link.replace('.', "%252E"),
            format!("{}\n {}", &link[..8], &link[8..]),
        ];
        if custom {
            around.push(re_encoded.replace('+', "%2B"));
            around.push(re_encoded);
        }
        for link in around {
            assert_eq!(open(&link), expected, "{link}");
        }
    }
    for empty in ["", "#", "  ", "#.", "https://example.org/#"] {
        assert_eq!(decode(empty), Ok(None));
    }
}

#[test]
fn what_is_wrong_is_said() {
    let mut said = String::new();
    let links = [
        "#stage",
        "#0",
        "#0x",
        "#1/buddy-split@3.1",
        "#9zAAAA.1234",
        "#0/buddy-splt",
        "#0/buddy",
        "#0/nonsense",
        "#0/buddy-split@999.0",
        "#0/buddy-split;speed=7",
        "#0.abcd/buddy-split@4.2",
        "#0.w2lT",
        "#0.w2lT/buddy-split@4.",
        "#0z",
        "#0zAAAA",
        "#0zAAAA.123",
    ];
    for link in links {
        let error = decode(link).expect_err(link);
        let recovered = match error.recovered.as_ref() {
            None => String::new(),
            Some(Recovered::Preset(preset)) => format!("  [{}]", preset.id),
            Some(Recovered::Text(text)) => format!("  [{} lines]", text.lines().count()),
        };
        said += &format!("{link}: {error}{recovered}\n");
        assert!(!error.message(Lang::Zh).is_ascii(), "{link}");
    }
    expect![[r#"
        #stage: this is not a link of mmscope
        #0: the link was cut off after 2 characters; paste the whole link
        #0x: this is not a link of mmscope
        #1/buddy-split@3.1: the link was made by a newer version (format 1); reload the page to get it  [buddy-split]
        #9zAAAA.1234: the link was made by a newer version (format 9); reload the page to get it
        #0/buddy-splt: there is no scenario called `buddy-splt`; did you mean `buddy-split`?
        #0/buddy: there is no scenario called `buddy`; did you mean `buddy-split`?
        #0/nonsense: there is no scenario called `nonsense`
        #0/buddy-split@999.0: `999.0` is no moment of this scenario  [buddy-split]
        #0/buddy-split;speed=7: a link cannot set `speed=7`  [buddy-split]
        #0.abcd/buddy-split@4.2: the link was changed or cut on its way: its check characters do not fit  [buddy-split]
        #0.w2lT: the link was cut off after 7 characters; paste the whole link
        #0.w2lT/buddy-split@4.: the link was changed or cut on its way: its check characters do not fit  [buddy-split]
        #0z: the link was cut off after 3 characters; paste the whole link
        #0zAAAA: the link was cut off after 7 characters; paste the whole link
        #0zAAAA.123: the link was cut off after 11 characters; paste the whole link
    "#]].assert_eq(&said);
}

/// What a packed link says when it is cut or changed, and what is left of it.
#[test]
fn packed_links_tell_how_they_are_damaged() {
    let text = "ram 64M\npcp off\n# a text that is in no dictionary\na = alloc order=3 movable\nfree a\n";
    let link = encode(&state(text, 1, 1, None)).expect("it is short");
    // (A mark at the end would be taken for what stands around a link.)
    let is_whole = |end: &usize| link[..*end].ends_with(|last: char| last.is_ascii_alphanumeric());
    let end = (0..=link.len() - 9).rev().find(is_whole).expect("it has letters");
    let error = decode(&link[..end]).expect_err("it was cut");
    assert_eq!(error.kind, LinkErrorKind::Truncated { chars: end as u32 });
    let Some(Recovered::Text(start)) = error.recovered else { panic!("its first lines are there") };
    assert!(text.starts_with(&start) && start.lines().count() >= 2, "{start}");
    let other = if &link[6..7] == "x" { "y" } else { "x" };
    let error = decode(&format!("{}{other}{}", &link[..6], &link[7..])).expect_err("it was changed");
    assert_eq!((error.kind, error.recovered), (LinkErrorKind::BadChecksum, None));
    let error = decode(&encode(&state("zone DMA\n", 0, 0, None)).expect("it is short"));
    let error = error.expect_err("it makes no machine").to_string();
    assert!(
        error.starts_with("the text in the link makes no machine: 1:1: error: zone DMA takes the rest"),
        "{error}"
    );
}

#[test]
fn moments_that_do_not_exist_are_refused() {
    let text = "ram 64M\npcp off\na = alloc order=3 movable\n";
    for (op, step) in [(2, 0), (1, 1), (MAX_OPS + 1, 0), (u32::MAX, u32::MAX)] {
        let link = encode(&state(text, op, step, None)).expect("it is short");
        let error = decode(&link).expect_err("there is no such moment");
        assert_eq!(error.kind, LinkErrorKind::BadCursor { found: format!("{op}.{step}") });
    }
    assert_eq!(open(&encode(&state(text, 0, u32::MAX, Some(255))).expect("it is short")).kind, Some(255));
}

#[test]
fn large_texts_are_bounded() {
    let line = "# 0123456789 abcdefghijklmnopqrstuvwxyz ABCDEFGHIJKLMNOPQRSTUVWXYZ\n";
    let text = format!("ram 64M\npcp off\n{}", line.repeat(65_000 / line.len()));
    let link = encode(&state(&text, 0, 0, None)).expect("it is within the bound");
    assert_eq!(open(&link).text, text);
    let text = format!("{text}{}", line.repeat(20));
    assert!(
        matches!(encode(&state(&text, 0, 0, None)), Err(e) if matches!(e.kind, LinkErrorKind::TooLarge { .. }))
    );
    let huge = format!("#0z{}", "A".repeat(1 << 20));
    assert!(matches!(decode(&huge), Err(e) if matches!(e.kind, LinkErrorKind::TooLarge { .. })));
}

/// The custom form of a text, however it has a readable one.
fn custom_length(text: &str) -> usize {
    // A built-in text with a blank line behind it has no readable link.
    let link = encode(&state(text, 0, 0, None)).expect("it is short");
    if link.starts_with("#0z") {
        link.len()
    } else {
        encode(&state(&format!("{text}\n"), 0, 0, None)).map_or(0, |l| l.len())
    }
}

/// The size report: characters of the custom link, of lz-string's, and the share in percent.
#[test]
fn custom_links_take_at_most_half_of_lz_string() {
    let hand_written = [
        ("teacher", include_str!("texts/teacher.mms")),
        ("student", include_str!("texts/student.mms")),
        ("operator", include_str!("texts/operator.mms")),
    ];
    let mut report = String::new();
    for (name, text) in builtins().iter().map(|b| (b.id, b.text)).chain(hand_written) {
        assert_eq!(canonical(text), text, "{name} is not canonical");
        let ours = custom_length(text);
        let lz = lz_str::compress_to_encoded_uri_component(text).len();
        report += &format!("{name}: {ours} of {lz}, {} %\n", ours * 100 / lz);
        assert!(2 * ours <= lz, "{name}: {ours} of {lz}");
    }
    println!("{report}");
}

#[test]
fn a_sandbox_of_200_ops_fits_into_700_characters() {
    for seed in 0..4 {
        let text = sandbox(200, seed);
        let link = encode(&state(&text, 200, 0, None)).expect("it is short");
        println!("{} characters for {} bytes", link.len(), text.len());
        assert!(link.len() <= 700, "{} characters", link.len());
        assert_eq!(open(&link).text, text);
    }
}

/// Every moment of a built-in scenario fits into a QR code of version 10.
#[test]
fn links_to_moments_of_built_in_scenarios_are_short() {
    for builtin in builtins() {
        let ops = parse(builtin.text).lower().expect("it runs").ops.len() as u32;
        let link = encode(&state(builtin.text, ops - 1, 9_999, Some(19))).expect("it is short");
        assert!(link.len() <= 60, "{link}");
        assert_eq!(open(&link).cursor, Cursor { op: ops - 1, step: 9_999 });
    }
}

/// Links that were made once, and what they have to open as for ever. While the format is `0` they are made anew
/// when a built-in text changes: `UPDATE_LINKS=1 cargo test -p scenario`, until it passes.
#[test]
fn golden_links_open_as_they_did() {
    const PATH: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden_links.txt");
    let made = golden();
    if std::env::var_os("UPDATE_LINKS").is_some() {
        std::fs::write(PATH, &made).expect("it can be written");
    }
    let kept = std::fs::read_to_string(PATH).expect("it is there");
    let mut count = 0;
    for line in kept.lines().filter(|line| !line.starts_with('#')) {
        let fields: Vec<&str> = line.split('\t').collect();
        let opened = open(&format!("#{}", fields[0]));
        assert_eq!(described(&opened), fields[1..], "{line}");
        count += 1;
    }
    assert!(count >= 200, "{count} links");
    assert!(kept == made, "links are made in another way: run `UPDATE_LINKS=1 cargo test -p scenario`");
}

/// The columns behind the link: digest of the text, moment, kind of the step, revision of the rules.
fn described(state: &LinkState) -> Vec<String> {
    let mut digest = mm::hash::Digest::default();
    state.text.bytes().for_each(|byte| digest.word(u64::from(byte)));
    let kind = state.kind.map_or("-".to_owned(), |kind| kind.to_string());
    let cursor = format!("{}.{}", state.cursor.op, state.cursor.step);
    vec![format!("{:016x}", digest.finish()), cursor, kind, state.rule_revision.to_string()]
}

fn golden() -> String {
    let mut out =
        String::from("# link\tdigest of the text\tmoment\tkind of the step\trevision of the rules\n");
    let mut add = |text: &str, op: u32, step: u32, kind: Option<u8>| {
        let mut sent = state(&canonical(text), op, step, kind);
        let link = encode(&sent).expect("it is short");
        // A readable link does not carry it.
        sent.kind = sent.kind.filter(|_| link.starts_with("#0z"));
        out += &format!("{}\t{}\n", &link[1..], described(&sent).join("\t"));
    };
    for (number, builtin) in (0u32..).zip(builtins()) {
        let ops = parse(builtin.text).lower().expect("it runs").ops.len() as u32;
        // Readable ones: moments all over, and settings.
        for turn in 0..24 {
            add(builtin.text, turn * ops / 24, turn * turn % 11, None);
        }
        for seed in [3, 77, u64::MAX] {
            let set = |line: &str| {
                scenario::edit::set_setting(builtin.text, &scenario::parse_statement(line).expect(line))
            };
            add(&set(&format!("seed {seed}")).expect("a setting"), number.min(ops - 1), 1, None);
            add(&set("cma on").expect("a setting"), ops, 0, None);
        }
        // Packed ones: edited here and there.
        let packed = if builtin.id == "real-kernel" { 2 } else { 6 };
        for turn in 0..packed {
            let op = turn * ops / 7;
            let statement =
                scenario::parse_statement(&format!("mine = alloc order={turn} anon")).expect("an op");
            let (edited, _) =
                scenario::edit::insert_after(builtin.text, Some(op), &statement).expect("an op");
            add(&edited, op + 1, turn, (turn > 0).then_some(turn as u8 + 1));
        }
    }
    for text in [
        include_str!("texts/teacher.mms"),
        include_str!("texts/student.mms"),
        include_str!("texts/operator.mms"),
    ] {
        let ops = parse(text).lower().expect("it runs").ops.len() as u32;
        for turn in 0..4 {
            add(text, turn * ops / 4, turn * 5, (turn > 0).then_some(5 + turn as u8));
        }
    }
    for seed in 0..30 {
        let ops = 5 * seed as u32;
        add(&sandbox(ops, seed), ops, 0, None);
    }
    out
}

/// One thing that can happen to a link on its way.
#[derive(Clone, Debug)]
enum Damage {
    CutEnd(usize),
    CutStart(usize),
    Change(usize, char),
    Insert(usize, char),
    Delete(usize),
    Swap(usize),
    FlipCase(usize),
    Append(&'static str),
    PercentEncode(usize),
}

fn damage() -> impl Strategy<Value = Damage> {
    let character = prop::sample::select("0123456789abcdefghxyzABCXYZ-_+/.@;=#".chars().collect::<Vec<_>>());
    prop_oneof![
        (1usize..200).prop_map(Damage::CutEnd),
        (1usize..8).prop_map(Damage::CutStart),
        (any::<usize>(), character.clone()).prop_map(|(at, c)| Damage::Change(at, c)),
        (any::<usize>(), character).prop_map(|(at, c)| Damage::Insert(at, c)),
        any::<usize>().prop_map(Damage::Delete),
        any::<usize>().prop_map(Damage::Swap),
        any::<usize>().prop_map(Damage::FlipCase),
        prop::sample::select(vec!["\u{3002}", ")", ">", ".", "\u{ff09}", "a", "0", " x"])
            .prop_map(Damage::Append),
        any::<usize>().prop_map(Damage::PercentEncode),
    ]
}

fn damaged(link: &str, damages: &[Damage]) -> String {
    let mut chars: Vec<char> = link.chars().collect();
    for damage in damages {
        let len = chars.len().max(1);
        match *damage {
            Damage::CutEnd(n) => chars.truncate(chars.len().saturating_sub(n).max(1)),
            Damage::CutStart(n) => drop(chars.drain(..n.min(chars.len()))),
            Damage::Change(at, c) => {
                if let Some(slot) = chars.get_mut(at % len) {
                    *slot = c;
                }
            }
            Damage::Insert(at, c) => chars.insert(at % len % (chars.len() + 1), c),
            Damage::Delete(at) if !chars.is_empty() => drop(chars.remove(at % len)),
            Damage::Swap(at) if chars.len() > 1 => {
                let at = at % (chars.len() - 1);
                chars.swap(at, at + 1);
            }
            Damage::FlipCase(at) => {
                if let Some(slot) = chars.get_mut(at % len) {
                    *slot = if slot.is_ascii_lowercase() {
                        slot.to_ascii_uppercase()
                    } else {
                        slot.to_ascii_lowercase()
                    };
                }
            }
            Damage::Append(text) => chars.extend(text.chars()),
            Damage::PercentEncode(at) if !chars.is_empty() && chars[at % len].is_ascii() => {
                let c = chars.remove(at % len);
                chars.splice(at % len..at % len, format!("%{:02X}", u32::from(c)).chars());
            }
            _ => {}
        }
    }
    chars.into_iter().collect()
}

proptest! {
    #![proptest_config(cases(48))]

    #[test]
    fn what_goes_in_comes_out(text in scenario_text(), op in 0u32..9, step in 0u32..2000, kind in 0u8..=20) {
        let ops = parse(&text).lower().map_or(0, |s| s.ops.len() as u32);
        let sent = if op < ops { state(&text, op, step, Some(kind)) } else { state(&text, 0, 0, None) };
        let link = encode(&sent).expect("it is short");
        prop_assert_eq!(open(&link), sent);
    }

    /// Texts with errors too, as long as there is a machine: an unfinished text can be sent to a colleague.
    #[test]
    fn any_document_comes_out(document in document()) {
        let text = print(&document);
        let link = encode(&state(&text, 0, 0, None)).expect("it is short");
        match decode(&link) {
            Ok(opened) => prop_assert_eq!(opened.expect("it is not empty").text, text),
            Err(error) => {
                prop_assert!(matches!(error.kind, LinkErrorKind::NotAScenario { .. }), "{}", error);
                prop_assert!(parse(&text).lower().is_none());
            }
        }
    }

    /// A damaged link opens as what was sent, or not at all.
    #[test]
    fn no_damage_opens_another_scene(
        builtin in prop::sample::select(builtins().to_vec()),
        custom in any::<bool>(),
        op in 0u32..8,
        step in prop_oneof![Just(0u32), 0u32..30],
        damages in prop::collection::vec(damage(), 1..3),
    ) {
        let text = if custom { format!("{}# changed\n", builtin.text) } else { builtin.text.to_owned() };
        let ops = parse(&text).lower().map_or(1, |scenario| scenario.ops.len() as u32);
        let link = encode(&state(&text, op % ops, step, (step > 0).then_some(5))).expect("it is short");
        let sent = open(&link);
        match decode(&damaged(&link, &damages)) {
            Err(_) | Ok(None) => {}
            Ok(Some(opened)) => prop_assert_eq!(opened, sent, "{} {:?}", link, damages),
        }
    }

    #[test]
    fn decoding_never_panics(fragment in "#?0?[z./]?[a-zA-Z0-9@;=._+/%-]{0,60}") {
        let _ = decode(&fragment);
    }
}

/// Every single cut and every single changed character, not only drawn ones.
#[test]
fn every_cut_and_every_changed_character_is_noticed() {
    let readable = encode(&state(article(), 3, 12, None)).expect("it is short");
    let custom =
        encode(&state(&article().replace("seed 1", "seed 11 # x"), 3, 12, Some(6))).expect("it is short");
    for link in [readable, custom] {
        let sent = open(&link);
        for at in 1..link.len() {
            let opened = decode(&link[..at]);
            assert!(!matches!(&opened, Ok(Some(opened)) if *opened != sent), "cut at {at}: {opened:?}");
            for other in ["A", "b", "7", "-", "."] {
                let changed = format!("{}{other}{}", &link[..at], &link[at + 1..]);
                let opened = decode(&changed);
                assert!(!matches!(&opened, Ok(Some(opened)) if *opened != sent), "{changed}: {opened:?}");
            }
        }
    }
}
