//! What the panes and dialogs say that are closed at first.

use scenario::Lang;

/// A word or sentence without numbers in it.
#[allow(missing_docs, reason = "the variant and its two texts say it all")]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum PaneMsg {
    // The gauge.
    FreePages,
    InUse,
    InHand,
    OnTheWay,
    LargestFree,
    Now,

    // A question.
    Question,
    AnswerNumber,
    CheckAnswer,
    ShowAnswer,
    SkipQuestion,
    RightAnswer,
    WrongAnswer,
    AnswerIs,
    Yours,
    Kernel,
    GoOn,
    ResetTally,

    // The transport.
    MarkerFailure,
    MarkerSteal,
    MarkerMerge,
    MarkerSkipped,
    MarkerDiverged,
    MarkerCaption,
    MarkerQuestion,

    // The scenario.
    ScenarioText,
    RestRuns,
    NoErrors,
    AllocHere,
    FreeHere,
    RemoveOp,
    Undo,
    Redo,
    NothingToFree,
    AddOps,
    FieldName,
    FieldOrder,
    FieldKind,

    // /proc.
    ProcOfMachine,
    Copy,
    Copied,

    // The log.
    LogEmpty,

    // The inspector.
    ChecksHeading,
    HistoryHeading,
    HistoryEmpty,
    PreviousChange,
    NextChange,

    // Dialogs.
    HelpHeading,
    LegendHeading,
    SingleKeysOn,
    MotionOff,
    ShareHeading,
    LinkLabel,
    StartHere,
    StartAtBeginning,
    KeepLanguage,
    CopyLink,
    CopyMarkdown,
    DownloadFile,
    LightGood,
    LightChat,
    LightRisky,
    LightFile,
    QrLabel,
    TwinIntro,
    LinkErrorHeading,
    LinkErrorKept,
    OpenRecovered,
    PasteFullLink,
    OpenLink,
    KeepCurrent,
}

impl PaneMsg {
    /// The text in a language.
    #[must_use]
    pub fn text(self, lang: Lang) -> &'static str {
        match lang {
            Lang::En => self.en(),
            Lang::Zh => self.zh(),
        }
    }

    fn en(self) -> &'static str {
        match self {
            PaneMsg::FreePages => "Free pages",
            PaneMsg::InUse => "in use",
            PaneMsg::InHand => "in hand",
            PaneMsg::OnTheWay => "on the way",
            PaneMsg::LargestFree => "Largest free order",
            PaneMsg::Now => "now",

            PaneMsg::Question => "question",
            PaneMsg::AnswerNumber => "Your number",
            PaneMsg::CheckAnswer => "Check",
            PaneMsg::ShowAnswer => "Show the answer",
            PaneMsg::SkipQuestion => "Skip",
            PaneMsg::RightAnswer => "Right.",
            PaneMsg::WrongAnswer => "Not so.",
            PaneMsg::AnswerIs => "The answer",
            PaneMsg::Yours => "You",
            PaneMsg::Kernel => "Kernel",
            PaneMsg::GoOn => "Go on",
            PaneMsg::ResetTally => "Count from zero again",

            PaneMsg::MarkerFailure => "a request is not met",
            PaneMsg::MarkerSteal => "a type takes from another",
            PaneMsg::MarkerMerge => "three merges or more in one free",
            PaneMsg::MarkerSkipped => "an op can do nothing",
            PaneMsg::MarkerDiverged => "the real kernel took another block",
            PaneMsg::MarkerCaption => "a sentence of the lesson",
            PaneMsg::MarkerQuestion => "a step worth predicting (Q)",

            PaneMsg::ScenarioText => "Text of the scenario",
            PaneMsg::RestRuns => "the rest still runs",
            PaneMsg::NoErrors => "No errors",
            PaneMsg::AllocHere => "alloc",
            PaneMsg::FreeHere => "free",
            PaneMsg::RemoveOp => "Remove this op",
            PaneMsg::Undo => "Undo the edit",
            PaneMsg::Redo => "Redo the edit",
            PaneMsg::NothingToFree => "nothing to free",
            PaneMsg::AddOps => "Put an op in at this moment",
            PaneMsg::FieldName => "name",
            PaneMsg::FieldOrder => "order",
            PaneMsg::FieldKind => "for",

            PaneMsg::ProcOfMachine => "What this machine would print",
            PaneMsg::Copy => "Copy",
            PaneMsg::Copied => "Copied",

            PaneMsg::LogEmpty => "No step of this op is done yet.",

            PaneMsg::ChecksHeading => "Would they merge?",
            PaneMsg::HistoryHeading => "What became of this block",
            PaneMsg::HistoryEmpty => "Nothing has happened to it yet.",
            PaneMsg::PreviousChange => "Previous change",
            PaneMsg::NextChange => "Next change",

            PaneMsg::HelpHeading => "Keys",
            PaneMsg::LegendHeading => "Signs on the timeline and in the picture",
            PaneMsg::SingleKeysOn => "Single keys do something",
            PaneMsg::MotionOff => "Nothing moves",
            PaneMsg::ShareHeading => "Share this moment",
            PaneMsg::LinkLabel => "Link",
            PaneMsg::StartHere => "At this step",
            PaneMsg::StartAtBeginning => "At the beginning",
            PaneMsg::KeepLanguage => "In English for everybody",
            PaneMsg::CopyLink => "Copy link",
            PaneMsg::CopyMarkdown => "Copy as Markdown",
            PaneMsg::DownloadFile => "Download the scenario",
            PaneMsg::LightGood => "short enough for a QR code",
            PaneMsg::LightChat => "fine in chats and mails",
            PaneMsg::LightRisky => "Teams or Discord may cut it off",
            PaneMsg::LightFile => "too long for a link: send the file",
            PaneMsg::QrLabel => "QR code of the link",
            PaneMsg::TwinIntro => "The same facts as the picture, to search, copy and listen to.",
            PaneMsg::LinkErrorHeading => "This link cannot be opened",
            PaneMsg::LinkErrorKept => "Nothing was opened in its place.",
            PaneMsg::OpenRecovered => "Open what was recovered",
            PaneMsg::PasteFullLink => "Paste the full link",
            PaneMsg::OpenLink => "Open",
            PaneMsg::KeepCurrent => "Stay here",
        }
    }

    fn zh(self) -> &'static str {
        match self {
            PaneMsg::FreePages => "空闲页",
            PaneMsg::InUse => "在用",
            PaneMsg::InHand => "手中",
            PaneMsg::OnTheWay => "途中",
            PaneMsg::LargestFree => "最大空闲阶",
            PaneMsg::Now => "现在",

            PaneMsg::Question => "提问",
            PaneMsg::AnswerNumber => "你的数",
            PaneMsg::CheckAnswer => "确定",
            PaneMsg::ShowAnswer => "看答案",
            PaneMsg::SkipQuestion => "跳过",
            PaneMsg::RightAnswer => "答对了。",
            PaneMsg::WrongAnswer => "不是这样。",
            PaneMsg::AnswerIs => "答案",
            PaneMsg::Yours => "你",
            PaneMsg::Kernel => "内核",
            PaneMsg::GoOn => "继续",
            PaneMsg::ResetTally => "重新计数",

            PaneMsg::MarkerFailure => "请求没有得到满足",
            PaneMsg::MarkerSteal => "一种迁移类型从另一种取走 pageblock",
            PaneMsg::MarkerMerge => "一次释放合并三次以上",
            PaneMsg::MarkerSkipped => "操作无事可做",
            PaneMsg::MarkerDiverged => "真实内核取了另一块",
            PaneMsg::MarkerCaption => "课程的一句讲解",
            PaneMsg::MarkerQuestion => "值得预测的一步（Q）",

            PaneMsg::ScenarioText => "场景文本",
            PaneMsg::RestRuns => "其余各行照常运行",
            PaneMsg::NoErrors => "没有错误",
            PaneMsg::AllocHere => "分配",
            PaneMsg::FreeHere => "释放",
            PaneMsg::RemoveOp => "去掉这个操作",
            PaneMsg::Undo => "撤销编辑",
            PaneMsg::Redo => "重做编辑",
            PaneMsg::NothingToFree => "没有可释放的块",
            PaneMsg::AddOps => "在此刻加入一个操作",
            PaneMsg::FieldName => "名字",
            PaneMsg::FieldOrder => "阶",
            PaneMsg::FieldKind => "用途",

            PaneMsg::ProcOfMachine => "这台机器会打印的内容",
            PaneMsg::Copy => "复制",
            PaneMsg::Copied => "已复制",

            PaneMsg::LogEmpty => "这个操作还一步都没有走。",

            PaneMsg::ChecksHeading => "能合并吗？",
            PaneMsg::HistoryHeading => "这一块的经过",
            PaneMsg::HistoryEmpty => "它还没有经历过任何变化。",
            PaneMsg::PreviousChange => "上一次变化",
            PaneMsg::NextChange => "下一次变化",

            PaneMsg::HelpHeading => "键位",
            PaneMsg::LegendHeading => "时间轴上和图中的记号",
            PaneMsg::SingleKeysOn => "启用单键快捷键",
            PaneMsg::MotionOff => "关闭动画",
            PaneMsg::ShareHeading => "分享此刻",
            PaneMsg::LinkLabel => "链接",
            PaneMsg::StartHere => "从这一步开始",
            PaneMsg::StartAtBeginning => "从头开始",
            PaneMsg::KeepLanguage => "固定用中文打开",
            PaneMsg::CopyLink => "复制链接",
            PaneMsg::CopyMarkdown => "复制为 Markdown",
            PaneMsg::DownloadFile => "下载场景文件",
            PaneMsg::LightGood => "够短，可以做成二维码",
            PaneMsg::LightChat => "适合聊天和邮件",
            PaneMsg::LightRisky => "Teams、Discord 可能会截断",
            PaneMsg::LightFile => "太长，不宜做链接：请发送文件",
            PaneMsg::QrLabel => "链接的二维码",
            PaneMsg::TwinIntro => "与图相同的事实，可以查找、复制和朗读。",
            PaneMsg::LinkErrorHeading => "这个链接打不开",
            PaneMsg::LinkErrorKept => "没有打开别的内容来顶替它。",
            PaneMsg::OpenRecovered => "打开恢复出的部分",
            PaneMsg::PasteFullLink => "粘贴完整的链接",
            PaneMsg::OpenLink => "打开",
            PaneMsg::KeepCurrent => "留在这里",
        }
    }
}

/// A sentence with numbers or names in it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum PaneSay<'a> {
    /// Of how many pages.
    OfPages(&'a str),
    /// How much of the text is wrong.
    Problems {
        /// Lines that do nothing.
        errors: usize,
        /// Lines that may not do what was meant.
        warnings: usize,
    },
    /// The length of a link.
    Characters(usize),
    /// Questions answered right, and all that were answered.
    Tally(u32, u32),
    /// What a shared link is called in Markdown.
    LinkTitle {
        /// The title of the scenario.
        title: &'a str,
        /// Steps done there.
        global: u64,
    },
}

impl PaneSay<'_> {
    /// The text in a language.
    #[must_use]
    pub fn text(self, lang: Lang) -> String {
        match lang {
            Lang::En => self.en(),
            Lang::Zh => self.zh(),
        }
    }

    fn en(self) -> String {
        match self {
            PaneSay::Problems { errors, warnings } => {
                let plural = |n: usize, word: &str| format!("{n} {word}{}", if n == 1 { "" } else { "s" });
                match (errors, warnings) {
                    (0, w) => plural(w, "warning"),
                    (e, 0) => plural(e, "error"),
                    (e, w) => format!("{}, {}", plural(e, "error"), plural(w, "warning")),
                }
            }
            PaneSay::OfPages(total) => format!("of {total}"),
            PaneSay::Characters(n) => format!("{n} characters"),
            PaneSay::Tally(right, all) => format!("{right} of {all} right"),
            PaneSay::LinkTitle { title, global } => format!("{title}, step {global}"),
        }
    }

    fn zh(self) -> String {
        match self {
            PaneSay::Problems { errors, warnings } => match (errors, warnings) {
                (0, w) => format!("{w} 处警告"),
                (e, 0) => format!("{e} 处错误"),
                (e, w) => format!("{e} 处错误，{w} 处警告"),
            },
            PaneSay::OfPages(total) => format!("共 {total}"),
            PaneSay::Characters(n) => format!("{n} 个字符"),
            PaneSay::Tally(right, all) => format!("答对 {right}/{all}"),
            PaneSay::LinkTitle { title, global } => format!("{title}，第 {global} 步"),
        }
    }
}
