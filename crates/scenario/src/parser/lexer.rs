//! One line into words, signs and texts, and its comment. Never fails: what means nothing is reported and left out.

use crate::diagnostic::Kind;
use crate::letter::is_name_char;

/// What a token is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum TokenKind<'t> {
    /// Letters, digits, `_` and single dots: `alloc`, `64M`, `6.1`.
    Word(&'t str),
    /// A text in quotes, escapes resolved.
    Text(String),
    /// `..`
    Range,
    /// `= [ ] , : + - * | /`
    Sign(char),
}

/// A token and where it stands, in characters from 1.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Token<'t> {
    pub kind: TokenKind<'t>,
    pub column: u32,
    pub len: u32,
    /// As it stands in the line.
    pub raw: &'t str,
}

/// A line in pieces.
#[derive(Default, Debug)]
pub(crate) struct Lexed<'t> {
    pub tokens: Vec<Token<'t>>,
    pub comment: Option<String>,
    /// Column, length, what.
    pub problems: Vec<(u32, u32, Kind)>,
    /// A sign means nothing and nothing stands in for it: what else is wrong with the line cannot be told.
    pub confused: bool,
    /// The line up to the comment, trimmed.
    pub statement: &'t str,
}

pub(crate) fn lex(line: &str) -> Lexed<'_> {
    let mut lexer = Lexer { line, chars: line.char_indices().collect(), at: 0, out: Lexed::default() };
    lexer.run();
    lexer.out
}

struct Lexer<'t> {
    line: &'t str,
    chars: Vec<(usize, char)>,
    at: usize,
    out: Lexed<'t>,
}

impl<'t> Lexer<'t> {
    fn run(&mut self) {
        let mut statement_end = self.line.len();
        while let Some(c) = self.peek() {
            let start = self.at;
            self.at += 1;
            match c {
                '#' => {
                    statement_end = self.byte(start);
                    let comment = &self.line[statement_end + 1..];
                    let comment = comment.strip_prefix(' ').unwrap_or(comment).trim_end();
                    self.out.comment = Some(comment.to_owned());
                    break;
                }
                '"' => self.text(start, '"'),
                '\u{201c}' | '\u{201d}' => {
                    self.problem(start, Kind::FullWidth { found: c, ascii: "\"" });
                    self.text(start, '\u{201d}');
                }
                '.' if self.peek() == Some('.') => {
                    self.at += 1;
                    self.push(start, TokenKind::Range);
                }
                '=' | '[' | ']' | ',' | ':' | '+' | '-' | '*' | '|' | '/' => {
                    self.push(start, TokenKind::Sign(c))
                }
                c if c.is_whitespace() => {}
                c if is_word(c) => self.word(start),
                c => match ascii(c) {
                    Some(ascii) => {
                        self.problem(start, Kind::FullWidth { found: c, ascii });
                        if let Some(sign) = ascii.chars().next().filter(|s| "=[],:+-*|/".contains(*s)) {
                            self.push(start, TokenKind::Sign(sign));
                        } else {
                            self.out.confused = true;
                        }
                    }
                    None => {
                        self.problem(start, Kind::BadCharacter { found: c });
                        self.out.confused = true;
                    }
                },
            }
        }
        self.out.statement = self.line[..statement_end].trim();
    }

    fn word(&mut self, start: usize) {
        while let Some(c) = self.peek() {
            let range = c == '.' && self.chars.get(self.at + 1).is_some_and(|(_, c)| *c == '.');
            if !is_word(c) || range {
                break;
            }
            self.at += 1;
        }
        let word = &self.line[self.byte(start)..self.byte(self.at)];
        self.push(start, TokenKind::Word(word));
    }

    fn text(&mut self, start: usize, close: char) {
        let mut text = String::new();
        loop {
            let Some(c) = self.peek() else {
                self.problem(start, Kind::UnclosedText);
                self.out.confused = true;
                break;
            };
            self.at += 1;
            match c {
                '"' => break,
                c if c == close => break,
                '\\' => {
                    let escaped = self.peek();
                    match escaped {
                        Some(c @ ('"' | '\\')) => text.push(c),
                        found => {
                            self.at -= 1;
                            self.problem_at(self.at, 2, Kind::BadEscape { found });
                            self.at += 1;
                        }
                    }
                    self.at = (self.at + 1).min(self.chars.len());
                }
                c => text.push(c),
            }
        }
        self.push(start, TokenKind::Text(text));
    }

    fn peek(&self) -> Option<char> {
        self.chars.get(self.at).map(|(_, c)| *c)
    }

    fn byte(&self, at: usize) -> usize {
        self.chars.get(at).map_or(self.line.len(), |(byte, _)| *byte)
    }

    fn push(&mut self, start: usize, kind: TokenKind<'t>) {
        let raw = &self.line[self.byte(start)..self.byte(self.at)];
        self.out.tokens.push(Token { kind, column: start as u32 + 1, len: (self.at - start) as u32, raw });
    }

    fn problem(&mut self, start: usize, kind: Kind) {
        self.problem_at(start, self.at - start, kind);
    }

    fn problem_at(&mut self, start: usize, len: usize, kind: Kind) {
        let len = len.min(self.chars.len() - start);
        self.out.problems.push((start as u32 + 1, len as u32, kind));
    }
}

fn is_word(c: char) -> bool {
    is_name_char(c) || c == '.'
}

/// The ASCII character of a full-width one (U+FF01 to U+FF5E).
fn halved(c: char) -> Option<char> {
    u32::from(c).checked_sub(0xfee0).filter(|code| (0x21..=0x7e).contains(code)).and_then(char::from_u32)
}

/// What a sign of a Chinese input method has to be.
fn ascii(c: char) -> Option<&'static str> {
    const OTHERS: [(char, &str); 11] = [
        ('\u{3010}', "["),
        ('\u{3011}', "]"),
        ('\u{3001}', ","),
        ('\u{3002}', "."),
        ('\u{d7}', "*"),
        ('\u{2018}', "\""),
        ('\u{2019}', "\""),
        ('\u{300c}', "\""),
        ('\u{300d}', "\""),
        ('\u{2026}', ".."),
        ('\u{2014}', "-"),
    ];
    const ASCII: &str = "=[],:+-*|#\".0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_";
    match halved(c) {
        Some(half) => ASCII.find(half).map(|at| &ASCII[at..=at]),
        None => OTHERS.iter().find(|(other, _)| *other == c).map(|(_, ascii)| *ascii),
    }
}
