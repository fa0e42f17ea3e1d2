//! What is wrong with a link, and what of it can still be opened.

use std::fmt;

use crate::builtin::Builtin;
use crate::diagnostic::Diagnostic;
use crate::lang::Lang;

/// A link that does not open. Never opened as something else instead: the page shows what is wrong.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LinkError {
    /// What is wrong.
    pub kind: LinkErrorKind,
    /// What can be opened all the same, when the person asks for it.
    pub recovered: Option<Recovered>,
}

/// What survived.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Recovered {
    /// The built-in scenario that the link began with, from its start.
    Preset(&'static Builtin),
    /// The first lines of the text; they make a scenario.
    Text(String),
}

/// What is wrong with a link.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum LinkErrorKind {
    /// It does not look like a link of this program at all.
    NotALink,
    /// It ends too early.
    Truncated {
        /// How many of its characters arrived.
        chars: u32,
    },
    /// Its check characters do not fit: something in it was changed or is missing.
    BadChecksum,
    /// It was made by a newer version of the program.
    NewerVersion {
        /// Its format.
        digit: char,
    },
    /// There is no such built-in scenario.
    UnknownPreset {
        /// Its name.
        name: String,
        /// What was probably meant.
        suggestion: Option<&'static str>,
    },
    /// A setting that links cannot change, or a value it cannot have.
    BadSetting {
        /// As it stands.
        found: String,
    },
    /// The moment is none, or lies behind the end of the scenario.
    BadCursor {
        /// As it stands.
        found: String,
    },
    /// It is larger than any scenario may be.
    TooLarge {
        /// The bound, in bytes of text.
        bound: u32,
    },
    /// Its text makes no machine.
    NotAScenario {
        /// What is wrong with the text.
        diagnostics: Vec<Diagnostic>,
    },
}

impl LinkErrorKind {
    /// One sentence for the person who opened it.
    #[must_use]
    pub fn message(&self, lang: Lang) -> String {
        match lang {
            Lang::En => self.english(),
            Lang::Zh => self.chinese(),
        }
    }

    fn english(&self) -> String {
        match self {
            LinkErrorKind::NotALink => "this is not a link of mmscope".into(),
            LinkErrorKind::Truncated { chars } => {
                format!("the link was cut off after {chars} characters; paste the whole link")
            }
            LinkErrorKind::BadChecksum => {
                "the link was changed or cut on its way: its check characters do not fit".into()
            }
            LinkErrorKind::NewerVersion { digit } => {
                format!("the link was made by a newer version (format {digit}); reload the page to get it")
            }
            LinkErrorKind::UnknownPreset { name, suggestion: Some(word) } => {
                format!("there is no scenario called `{name}`; did you mean `{word}`?")
            }
            LinkErrorKind::UnknownPreset { name, suggestion: None } => {
                format!("there is no scenario called `{name}`")
            }
            LinkErrorKind::BadSetting { found } => format!("a link cannot set `{found}`"),
            LinkErrorKind::BadCursor { found } => format!("`{found}` is no moment of this scenario"),
            LinkErrorKind::TooLarge { bound } => {
                format!("the link is too large: a scenario has at most {bound} bytes of text")
            }
            LinkErrorKind::NotAScenario { diagnostics } => match diagnostics.first() {
                Some(first) => format!("the text in the link makes no machine: {}", first.line(Lang::En)),
                None => "the text in the link makes no machine".into(),
            },
        }
    }

    fn chinese(&self) -> String {
        match self {
            LinkErrorKind::NotALink => "这不是 mmscope 的链接".into(),
            LinkErrorKind::Truncated { chars } => {
                format!("链接在第 {chars} 个字符之后被截断，请粘贴完整的链接")
            }
            LinkErrorKind::BadChecksum => "链接在传递中被改动或截断：校验字符不符".into(),
            LinkErrorKind::NewerVersion { digit } => {
                format!("链接由更新的版本生成（格式 {digit}），请刷新页面后再打开")
            }
            LinkErrorKind::UnknownPreset { name, suggestion: Some(word) } => {
                format!("没有名叫“{name}”的场景，是不是“{word}”？")
            }
            LinkErrorKind::UnknownPreset { name, suggestion: None } => format!("没有名叫“{name}”的场景"),
            LinkErrorKind::BadSetting { found } => format!("链接不能设置“{found}”"),
            LinkErrorKind::BadCursor { found } => format!("“{found}”不是这个场景里的时刻"),
            LinkErrorKind::TooLarge { bound } => format!("链接太大：一个场景的文本最多 {bound} 字节"),
            LinkErrorKind::NotAScenario { diagnostics } => match diagnostics.first() {
                Some(first) => format!("链接里的文本搭不出一台机器：{}", first.line(Lang::Zh)),
                None => "链接里的文本搭不出一台机器".into(),
            },
        }
    }
}

impl LinkError {
    /// One sentence for the person who opened it.
    #[must_use]
    pub fn message(&self, lang: Lang) -> String {
        self.kind.message(lang)
    }
}

impl From<LinkErrorKind> for LinkError {
    fn from(kind: LinkErrorKind) -> LinkError {
        LinkError { kind, recovered: None }
    }
}

impl fmt::Display for LinkError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message(Lang::En))
    }
}

impl std::error::Error for LinkError {}
