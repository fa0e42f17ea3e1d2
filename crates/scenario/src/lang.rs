//! The two languages that everything is said in.

/// The language of a sentence. Names of the kernel are never translated.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default, Hash)]
pub enum Lang {
    /// English.
    #[default]
    En,
    /// 简体中文.
    Zh,
}

impl Lang {
    /// Both, in the order in which a switch shows them.
    pub const ALL: [Lang; 2] = [Lang::En, Lang::Zh];

    /// The tag that a link's query, a browser or `--lang` uses: `en`, `zh`.
    #[must_use]
    pub fn tag(self) -> &'static str {
        match self {
            Lang::En => "en",
            Lang::Zh => "zh",
        }
    }

    /// The language of a tag, subtags ignored: `zh-CN`, `zh_Hans` and `ZH` are all [`Lang::Zh`]. None for a
    /// language that nothing is written in.
    #[must_use]
    pub fn from_tag(tag: &str) -> Option<Lang> {
        let primary = tag.split(['-', '_']).next().unwrap_or_default();
        Self::ALL.into_iter().find(|lang| lang.tag().eq_ignore_ascii_case(primary))
    }

    /// Picks the text of this language.
    #[must_use]
    pub fn pick<T>(self, en: T, zh: T) -> T {
        match self {
            Lang::En => en,
            Lang::Zh => zh,
        }
    }
}
