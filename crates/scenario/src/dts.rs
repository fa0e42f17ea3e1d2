//! Source of a device tree in a text, a line behind each `dts`: what the nodes below `/reserved-memory` keep, and whose
//! memory that is (`memory-region`). Properties are those of the binding (Documentation/devicetree/bindings/reserved-memory,
//! Linux 6.1).
//!
//! Everything else of the tree is read over: a text may be a whole board's.

use mm::units::PAGE_SIZE;

use crate::ast::{Amount, Document, Statement, Target};
use crate::cma::ReservedLine;
use crate::diagnostic::{Diagnostic, DtsWrong, Kind};
use crate::dma::{DmaLine, USUAL_MASK};
use crate::letter::{is_name_char, starts_name};
use crate::span::Span;
use crate::suggest::nearest;

/// Nodes are not nested deeper.
const MOST_DEPTH: usize = 32;
/// The longest name that a node is given here.
const MAX_NAME: usize = 32;

/// One line of source, and what the nodes that begin on it mean.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct DtsLine {
    /// As it stands behind `dts `.
    pub text: String,
    /// Nodes below `/reserved-memory` that begin here.
    pub reserved: Vec<ReservedLine>,
    /// Devices that begin here, as lines of the language.
    pub devices: Vec<Statement>,
}

/// The text behind `dts`, and how many characters stand before it; none: the line says something else.
pub(crate) fn of_line(line: &str) -> Option<(&str, u32)> {
    let trimmed = line.trim_start();
    let rest = trimmed.strip_prefix("dts")?;
    // `dts = alloc …` gives a block a name. Behind `dts#` there is no comment, as there is none behind `dts #`.
    if !rest.is_empty() && !rest.starts_with([' ', '\t', '#']) || rest.trim_start().starts_with(['=', '[']) {
        return None;
    }
    let text = rest.strip_prefix([' ', '\t']).unwrap_or(rest);
    let before = line.chars().count() - text.chars().count();
    Some((text.trim_end(), before as u32))
}

/// The bytes of memory that the nodes `memory` of a tree have, if they say so: for whoever brings a whole board.
#[must_use]
pub fn memory(text: &str) -> Option<u64> {
    let lines = (1u32..).zip(text.lines()).map(|(number, line)| (number, 0, line));
    let tree = Reader::new(lines).read();
    let is_memory = |node: &&Node| node.parent == Some(0) && base_name(&node.name) == "memory";
    let nodes = tree.nodes.iter().filter(is_memory);
    let [address, size] = tree.cells(0).map(|cells| cells as usize);
    let sum = nodes
        .filter_map(|node| node.prop("reg"))
        .flat_map(|prop| prop.cells.chunks_exact((address + size).max(1)))
        .map(|range| number_of(&range[address.min(range.len())..]))
        .fold(0u64, u64::saturating_add);
    (sum > 0).then_some(sum)
}

/// Whether a text is source of a device tree: by its first words.
#[must_use]
pub fn is_source(head: &str) -> bool {
    let mut lines = head.lines().map(str::trim).filter(|line| !line.is_empty());
    lines.any(|line| line.starts_with("/dts-v1/") || line == "/ {" || line.starts_with("reserved-memory {"))
}

/// All lines are read as one source; each gets what begins on it.
pub(crate) fn attach(document: &mut Document, columns: &[(u32, u32)], diagnostics: &mut Vec<Diagnostic>) {
    if columns.is_empty() {
        return;
    }
    let lines = columns.iter().filter_map(|(line, column)| {
        match document.lines.get(*line as usize - 1)?.statement.as_ref()? {
            Statement::Dts(of) => Some((*line, *column, of.text.as_str())),
            _ => None,
        }
    });
    let mut tree = Reader::new(lines).read();
    let Meaning { reserved, devices } = tree.meaning();
    diagnostics.append(&mut tree.wrong);
    let mut of_line = |line: u32, put: &mut dyn FnMut(&mut DtsLine)| {
        if let Some(Statement::Dts(of)) =
            document.lines.get_mut(line as usize - 1).and_then(|l| l.statement.as_mut())
        {
            put(of);
        }
    };
    for (line, node) in reserved {
        of_line(line, &mut |of| of.reserved.push(node.clone()));
    }
    for (line, device) in devices {
        of_line(line, &mut |of| of.devices.push(Statement::Dma(device.clone())));
    }
}

/// A place in the text.
#[derive(Clone, Copy)]
struct Place {
    line: u32,
    column: u32,
    len: u32,
}

impl Place {
    fn span(self) -> Span {
        Span::new(self.line, self.column, self.len)
    }
}

#[derive(Clone, PartialEq, Eq)]
enum Token {
    /// A name, a number, a directive.
    Word(String),
    Text(String),
    Sign(char),
}

#[derive(Clone)]
enum Cell {
    Number(u64),
    Label(String),
}

struct Prop {
    name: String,
    at: Place,
    cells: Vec<(Cell, Place)>,
    texts: Vec<String>,
    /// Something is wrong with it, and was reported.
    is_broken: bool,
}

struct Node {
    name: String,
    labels: Vec<String>,
    at: Place,
    parent: Option<usize>,
    props: Vec<Prop>,
}

impl Node {
    fn prop(&self, name: &str) -> Option<&Prop> {
        self.props.iter().find(|prop| prop.name == name)
    }

    fn has(&self, name: &str) -> bool {
        self.prop(name).is_some()
    }
}

/// What is kept, and whose it is; each with the line where its node begins.
struct Meaning {
    reserved: Vec<(u32, ReservedLine)>,
    devices: Vec<(u32, DmaLine)>,
}

#[derive(Default)]
struct Tree {
    nodes: Vec<Node>,
    wrong: Vec<Diagnostic>,
}

struct Reader {
    tokens: Vec<(Token, Place)>,
    at: usize,
    tree: Tree,
}

fn is_word_char(c: char) -> bool {
    c.is_ascii_alphanumeric() || ",._+?#@-".contains(c)
}

/// Several cells as one number, the highest first.
fn number_of(cells: &[(Cell, Place)]) -> u64 {
    cells.iter().fold(0, |sum, (cell, _)| match cell {
        Cell::Number(number) => sum << 32 | (number & 0xffff_ffff),
        Cell::Label(_) => sum << 32,
    })
}

/// The name without its address.
fn base_name(name: &str) -> &str {
    name.split('@').next().unwrap_or(name)
}

/// A name of the language from one of the tree.
fn name_from(name: &str) -> String {
    let mut out: String =
        base_name(name).chars().map(|c| if is_name_char(c) { c } else { '_' }).take(MAX_NAME).collect();
    if !out.starts_with(starts_name) {
        out.insert(0, 'n');
        out.truncate(MAX_NAME);
    }
    out
}

impl Reader {
    fn new<'t>(lines: impl Iterator<Item = (u32, u32, &'t str)>) -> Reader {
        let mut reader = Reader { tokens: Vec::new(), at: 0, tree: Tree::default() };
        let mut in_comment = false;
        for (line, before, text) in lines {
            reader.line(line, before, text, &mut in_comment);
        }
        reader
    }

    fn line(&mut self, line: u32, before: u32, text: &str, in_comment: &mut bool) {
        let chars: Vec<char> = text.chars().collect();
        let mut at = 0;
        while let Some(c) = chars.get(at).copied() {
            let next = chars.get(at + 1).copied();
            let from = at;
            let place =
                |to: usize| Place { line, column: before + from as u32 + 1, len: (to - from).max(1) as u32 };
            if *in_comment {
                let ends = c == '*' && next == Some('/');
                *in_comment = !ends;
                at += if ends { 2 } else { 1 };
                continue;
            }
            match (c, next) {
                (c, _) if c.is_whitespace() => at += 1,
                ('/', Some('/')) => break,
                ('/', Some('*')) => {
                    *in_comment = true;
                    at += 2;
                }
                ('/', Some(n)) if n.is_ascii_lowercase() => {
                    at += 1;
                    while chars.get(at).is_some_and(|c| *c != '/' && is_word_char(*c)) {
                        at += 1;
                    }
                    at += usize::from(chars.get(at) == Some(&'/'));
                    let word = chars[from..at].iter().collect();
                    self.tokens.push((Token::Word(word), place(at)));
                }
                ('"', _) => {
                    at += 1;
                    while chars.get(at).is_some_and(|c| *c != '"') {
                        at += 1 + usize::from(chars[at] == '\\');
                    }
                    let end = at.min(chars.len());
                    let text = chars[from + 1..end].iter().collect();
                    at = end + 1;
                    self.tokens.push((Token::Text(text), place(end)));
                }
                (c, _) if is_word_char(c) && c != ',' => {
                    while chars.get(at).copied().is_some_and(is_word_char) {
                        at += 1;
                    }
                    let word = chars[from..at].iter().collect();
                    self.tokens.push((Token::Word(word), place(at)));
                }
                (c, _) => {
                    at += 1;
                    self.tokens.push((Token::Sign(c), place(at)));
                }
            }
        }
    }

    fn peek(&self) -> Option<&(Token, Place)> {
        self.tokens.get(self.at)
    }

    fn place(&self) -> Place {
        let last = self.tokens.last().map(|(_, place)| *place);
        self.peek().map(|(_, place)| *place).or(last).unwrap_or(Place { line: 1, column: 1, len: 1 })
    }

    fn sign(&mut self, sign: char) -> bool {
        let is = matches!(self.peek(), Some((Token::Sign(of), _)) if *of == sign);
        self.at += usize::from(is);
        is
    }

    fn report(&mut self, place: Place, why: DtsWrong) {
        self.tree.wrong.push(Diagnostic { span: place.span(), kind: Kind::Dts(why) });
    }

    fn unexpected(&mut self, wanted: &'static str) {
        let (place, found) = (self.place(), self.peek().map(|(token, _)| token.clone()));
        let found = match found {
            None => return self.report(place, DtsWrong::Unfinished),
            Some(Token::Word(word)) => word,
            Some(Token::Text(text)) => format!("\"{text}\""),
            Some(Token::Sign(sign)) => sign.to_string(),
        };
        let found = found.chars().take(40).collect();
        self.report(place, DtsWrong::Expected { wanted, found });
    }

    /// Behind the next `;`, or before the end of the node.
    fn recover(&mut self) {
        while let Some((token, _)) = self.peek() {
            match token {
                Token::Sign('}' | '{') => return,
                Token::Sign(';') => {
                    self.at += 1;
                    return;
                }
                _ => self.at += 1,
            }
        }
    }

    fn read(mut self) -> Tree {
        let nobody = Place { line: 1, column: 1, len: 1 };
        // Whoever pastes only a part of a tree means one below the root.
        self.tree.nodes.push(Node {
            name: "/".into(),
            labels: Vec::new(),
            at: nobody,
            parent: None,
            props: Vec::new(),
        });
        let mut open: Vec<(usize, Place)> = Vec::new();
        while self.peek().is_some() {
            let parent = open.last().map_or(0, |(node, _)| *node);
            self.item(parent, &mut open);
        }
        if let Some((_, place)) = open.last() {
            let place = *place;
            self.report(place, DtsWrong::Unfinished);
        }
        self.tree
    }

    /// A node's begin or end, a property, or a directive.
    fn item(&mut self, parent: usize, open: &mut Vec<(usize, Place)>) {
        let at = self.place();
        if self.sign('}') {
            if open.pop().is_none() {
                self.at -= 1;
                self.unexpected("a node");
                self.at += 1;
            }
            if !self.sign(';') {
                self.unexpected("`;`");
            }
            return;
        }
        if self.sign(';') {
            return;
        }
        if self.sign('/') {
            if self.sign('{') {
                open.push((0, at));
            } else {
                self.unexpected("`{`");
                self.recover();
            }
            return;
        }
        let mut labels = Vec::new();
        let mut name = None;
        let mut name_at = at;
        if self.sign('&') {
            name_at = self.place();
            if let Some((Token::Word(word), _)) = self.peek() {
                labels.push(word.clone());
                name = Some(word.clone());
                self.at += 1;
            }
        } else {
            while let Some((Token::Word(word), place)) = self.peek().cloned() {
                if word.starts_with('/') {
                    // `/dts-v1/;`, `/delete-node/ …;`, `/include/ "…"`
                    if word == "/include/" {
                        self.report(place, DtsWrong::Include);
                    }
                    return self.recover_directive();
                }
                if word.starts_with("#include") {
                    self.report(place, DtsWrong::Include);
                    let line = place.line;
                    while self.peek().is_some_and(|(_, of)| of.line == line) {
                        self.at += 1;
                    }
                    return;
                }
                self.at += 1;
                if self.sign(':') {
                    labels.push(word);
                    continue;
                }
                (name, name_at) = (Some(word), place);
                break;
            }
        }
        let Some(name) = name else {
            self.unexpected("a node or a property");
            self.at += 1;
            return self.recover();
        };
        if self.sign('{') {
            if open.len() >= MOST_DEPTH {
                self.report(name_at, DtsWrong::TooDeep);
                self.at = self.tokens.len();
                return;
            }
            let node = Node { name, labels, at: name_at, parent: Some(parent), props: Vec::new() };
            self.tree.nodes.push(node);
            open.push((self.tree.nodes.len() - 1, name_at));
            return;
        }
        let mut prop = Prop { name, at: name_at, cells: Vec::new(), texts: Vec::new(), is_broken: false };
        let ends = if self.sign('=') { self.values(&mut prop) } else { true };
        if !ends || !self.sign(';') {
            if ends {
                self.unexpected("`;`");
            }
            prop.is_broken = true;
            self.recover();
        }
        if let Some(node) = self.tree.nodes.get_mut(parent) {
            node.props.push(prop);
        }
    }

    fn recover_directive(&mut self) {
        let line = self.place().line;
        while let Some((token, place)) = self.peek() {
            if place.line != line {
                return;
            }
            let ends = *token == Token::Sign(';');
            self.at += 1;
            if ends {
                return;
            }
        }
    }

    /// What stands behind `=`; false: it was reported.
    fn values(&mut self, prop: &mut Prop) -> bool {
        loop {
            match self.peek().cloned() {
                Some((Token::Text(text), _)) => {
                    self.at += 1;
                    prop.texts.push(text);
                }
                Some((Token::Sign('&'), _)) => {
                    self.at += 1;
                    let Some((Token::Word(label), place)) = self.peek().cloned() else {
                        self.unexpected("a label");
                        return false;
                    };
                    self.at += 1;
                    prop.cells.push((Cell::Label(label), place));
                }
                Some((Token::Sign('['), _)) => {
                    while self.peek().is_some_and(|(token, _)| *token != Token::Sign(']')) {
                        self.at += 1;
                    }
                    self.at += 1;
                }
                Some((Token::Sign('<'), _)) => {
                    self.at += 1;
                    if !self.cells(prop) {
                        return false;
                    }
                }
                _ => {
                    self.unexpected("a value");
                    return false;
                }
            }
            if !self.sign(',') {
                return true;
            }
        }
    }

    fn cells(&mut self, prop: &mut Prop) -> bool {
        loop {
            if self.sign('>') {
                return true;
            }
            if self.sign('&') {
                let Some((Token::Word(label), place)) = self.peek().cloned() else {
                    self.unexpected("a label");
                    return false;
                };
                self.at += 1;
                prop.cells.push((Cell::Label(label), place));
                continue;
            }
            let Some((Token::Word(word), place)) = self.peek().cloned() else {
                self.unexpected("a number or `>`");
                return false;
            };
            let number = match word.strip_prefix("0x").or(word.strip_prefix("0X")) {
                Some(hex) => u64::from_str_radix(hex, 16),
                None => word.parse::<u64>(),
            };
            let Ok(number) = number else {
                self.unexpected("a number or `>`");
                return false;
            };
            self.at += 1;
            prop.cells.push((Cell::Number(number), place));
        }
    }
}

impl Tree {
    fn report(&mut self, at: Place, kind: Kind) {
        self.wrong.push(Diagnostic { span: at.span(), kind });
    }

    /// `#address-cells` and `#size-cells` of what lies in a node: its own, else the root's, else 1 each, as early in Linux.
    fn cells(&self, node: usize) -> [u32; 2] {
        ["#address-cells", "#size-cells"].map(|name| {
            let of = |node: usize| match self.nodes.get(node)?.prop(name)?.cells.first()?.0 {
                Cell::Number(number) => Some(number.clamp(1, 2) as u32),
                Cell::Label(_) => None,
            };
            of(node).or_else(|| of(0)).unwrap_or(1)
        })
    }

    /// What the nodes mean; what is wrong with them is reported.
    fn meaning(&mut self) -> Meaning {
        let (mut reserved, mut devices) = (Vec::new(), Vec::new());
        let mut labels: Vec<(String, String)> = Vec::new();
        let is_off = |node: &Node| {
            node.prop("status").is_some_and(|prop| prop.texts.first().is_some_and(|of| of == "disabled"))
        };
        let is_kept = |tree: &Tree, node: &Node| {
            let parent = node.parent.and_then(|parent| tree.nodes.get(parent));
            parent.is_some_and(|of| of.parent == Some(0) && base_name(&of.name) == "reserved-memory")
        };
        let mut wrong = Vec::new();
        for node in &self.nodes {
            if !is_kept(self, node) {
                continue;
            }
            let name = name_from(node.labels.first().unwrap_or(&node.name));
            labels.extend(node.labels.iter().map(|label| (label.clone(), name.clone())));
            if is_off(node) || node.props.iter().any(|prop| prop.is_broken) {
                continue;
            }
            match self.reserved(node, name) {
                Ok(line) => reserved.push((node.at.line, line)),
                Err((at, kind)) => wrong.push((at, kind)),
            }
        }
        for node in &self.nodes {
            let Some(prop) = node.prop("memory-region").filter(|_| !is_off(node)) else { continue };
            let Some((Cell::Label(label), place)) = prop.cells.first() else { continue };
            let Some((_, region)) = labels.iter().find(|(of, _)| of == label) else {
                let suggestion = nearest(label, labels.iter().map(|(of, _)| of.as_str())).map(str::to_owned);
                wrong.push((*place, Kind::Dts(DtsWrong::UnknownLabel { name: label.clone(), suggestion })));
                continue;
            };
            devices.push((
                node.at.line,
                DmaLine::Device {
                    target: Target::named(&name_from(node.labels.first().unwrap_or(&node.name))),
                    mask: USUAL_MASK,
                    iommu: node.has("iommus"),
                    coherent: node.has("dma-coherent"),
                    region: Some(region.clone()),
                },
            ));
        }
        for (at, kind) in wrong {
            self.report(at, kind);
        }
        Meaning { reserved, devices }
    }

    /// A node below `/reserved-memory`.
    fn reserved(&self, node: &Node, name: String) -> Result<ReservedLine, (Place, Kind)> {
        let [address, size] = self.cells(node.parent.unwrap_or(0)).map(|cells| cells as usize);
        let amount = |prop: &Prop, from: usize, many: usize| {
            let cells = prop.cells.get(from..from + many);
            let cells = cells.filter(|_| prop.cells.len() >= from + many);
            let wanted = (from + many) as u32;
            let bytes = cells
                .map(number_of)
                .ok_or_else(|| (prop.at, Kind::Dts(DtsWrong::Cells { name: prop.name.clone(), wanted })))?;
            Ok::<Amount, (Place, Kind)>(
                Amount::bytes(bytes).unwrap_or_else(|| Amount::frames(bytes.div_ceil(PAGE_SIZE))),
            )
        };
        let (reg, sized) = (node.prop("reg"), node.prop("size"));
        let (at, bytes) = match (reg, sized) {
            (Some(reg), _) => (Some(amount(reg, 0, address)?), amount(reg, address, size)?),
            (None, Some(sized)) => (None, amount(sized, 0, size)?),
            (None, None) => return Err((node.at, Kind::Dts(DtsWrong::NoSize))),
        };
        let alignment = node.prop("alignment").map(|prop| amount(prop, 0, size)).transpose()?;
        let range = node.prop("alloc-ranges");
        let from = range.map(|prop| amount(prop, 0, address)).transpose()?.filter(|from| from.count() > 0);
        let length = range.map(|prop| amount(prop, address, size)).transpose()?;
        let below =
            length.map(|length| Amount::frames(from.map_or(0, Amount::count).saturating_add(length.count())));
        let (reusable, no_map) = (node.prop("reusable"), node.has("no-map"));
        if let Some(reusable) = reusable.filter(|_| no_map) {
            return Err((reusable.at, Kind::ReusableNoMap));
        }
        let is_pool = node
            .prop("compatible")
            .is_some_and(|prop| prop.texts.iter().any(|text| text == "shared-dma-pool"));
        Ok(ReservedLine {
            name,
            size: bytes,
            alignment,
            at,
            from,
            below,
            reusable: reusable.is_some() && is_pool,
            no_map,
            default: node.has("linux,cma-default") && is_pool,
            dma_default: node.has("linux,dma-default") && is_pool,
            // What no driver of this kind is for is nobody's.
            is_pool,
        })
    }
}
