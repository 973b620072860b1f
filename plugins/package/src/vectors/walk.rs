//! Reading of members one by one: each is there once, is what it should be, and nothing else is there.

use super::error::{VectorsError, Wrong};
use super::hexed::Hexed;
use super::node::Node;

/// The members of one object, and which of them were asked for.
pub(super) struct Members<'a> {
    place: &'a str,
    members: &'a [(String, Node)],
    known: Vec<&'static str>,
}

impl<'a> Members<'a> {
    pub(super) fn of(node: &'a Node, place: &'a str) -> Result<Self, VectorsError> {
        match node {
            Node::Members(members) => Ok(Self { place, members, known: Vec::new() }),
            _ => Err(VectorsError::wrong(place, Wrong::Type("对象 {…}", "an object {…}"))),
        }
    }

    /// Where the member `name` stands.
    pub(super) fn place(&self, name: &str) -> String {
        if self.place.is_empty() { name.to_owned() } else { format!("{}.{name}", self.place) }
    }

    fn wrong(&self, name: &str, what: Wrong) -> VectorsError {
        VectorsError::wrong(self.place(name), what)
    }

    /// The member, if it is there and says something.
    pub(super) fn maybe(&mut self, name: &'static str) -> Result<Option<&'a Node>, VectorsError> {
        self.known.push(name);
        let mut found = self.members.iter().filter(|(own, _)| own == name).map(|(_, node)| node);
        let first = found.next();
        if found.next().is_some() {
            return Err(self.wrong(name, Wrong::Twice));
        }
        Ok(first.filter(|node| **node != Node::Null))
    }

    pub(super) fn must(&mut self, name: &'static str) -> Result<&'a Node, VectorsError> {
        self.maybe(name)?.ok_or_else(|| self.wrong(name, Wrong::Missing))
    }

    pub(super) fn text(&mut self, name: &'static str) -> Result<String, VectorsError> {
        match self.must(name)? {
            Node::Text(text) => Ok(text.clone()),
            _ => Err(self.wrong(name, Wrong::Type("文本", "a text"))),
        }
    }

    pub(super) fn flag(&mut self, name: &'static str) -> Result<bool, VectorsError> {
        match self.must(name)? {
            Node::Flag(flag) => Ok(*flag),
            _ => Err(self.wrong(name, Wrong::Type("true 或 false", "true or false"))),
        }
    }

    /// A whole number that fits into `T`.
    pub(super) fn number<T: Whole>(&mut self, name: &'static str) -> Result<T, VectorsError> {
        let node = self.must(name)?;
        whole(node).map_err(|what| self.wrong(name, what))
    }

    pub(super) fn maybe_number<T: Whole>(&mut self, name: &'static str) -> Result<Option<T>, VectorsError> {
        self.maybe(name)?.map(whole).transpose().map_err(|what| self.wrong(name, what))
    }

    pub(super) fn hexed(&mut self, name: &'static str) -> Result<Hexed, VectorsError> {
        let node = self.must(name)?;
        hexed(node).map_err(|what| self.wrong(name, what))
    }

    pub(super) fn maybe_hexed(&mut self, name: &'static str) -> Result<Option<Hexed>, VectorsError> {
        self.maybe(name)?.map(hexed).transpose().map_err(|what| self.wrong(name, what))
    }

    /// A list that may be left out; an error names the item.
    pub(super) fn list<T>(
        &mut self,
        name: &'static str,
        read: impl Fn(&Node, &str) -> Result<T, VectorsError>,
    ) -> Result<Vec<T>, VectorsError> {
        match self.maybe(name)? {
            None => Ok(Vec::new()),
            Some(Node::List(items)) => {
                let place = self.place(name);
                let one = |(at, item): (usize, &Node)| {
                    read(item, &format!("{place}[{at}]")).map_err(|error| error.named(name_of(item)))
                };
                items.iter().enumerate().map(one).collect()
            }
            Some(_) => Err(self.wrong(name, Wrong::Type("列表 […]", "a list […]"))),
        }
    }

    /// Nothing else may be there.
    pub(super) fn end(self) -> Result<(), VectorsError> {
        let stray = self.members.iter().find(|(own, _)| !self.known.contains(&own.as_str()));
        stray.map_or(Ok(()), |(own, _)| Err(self.wrong(own, Wrong::Unknown(self.known.clone()))))
    }
}

/// The name that a vector bears.
fn name_of(item: &Node) -> &str {
    let Node::Members(members) = item else { return "" };
    match members.iter().find(|(own, _)| own == "name") {
        Some((_, Node::Text(name))) => name,
        _ => "",
    }
}

/// A whole number of a certain width.
pub(super) trait Whole: TryFrom<i128> {
    fn least() -> i128;
    fn most() -> i128;
}

macro_rules! whole {
    ($($number:ty),*) => {$(
        impl Whole for $number {
            fn least() -> i128 {
                i128::from(Self::MIN)
            }

            fn most() -> i128 {
                i128::from(Self::MAX)
            }
        }
    )*};
}
whole!(u8, u16, u32, u64, i64);

fn whole<T: Whole>(node: &Node) -> Result<T, Wrong> {
    let wrong = || Wrong::Number(T::least(), T::most());
    let Node::Number(number) = node else { return Err(wrong()) };
    T::try_from(*number).map_err(|_| wrong())
}

fn hexed(node: &Node) -> Result<Hexed, Wrong> {
    let Node::Text(text) = node else {
        return Err(Wrong::Type("十六进制文本", "a text of hexadecimal digits"));
    };
    if let Some(at) = text.chars().position(|digit| !digit.is_ascii_hexdigit()) {
        return Err(Wrong::Hex(at.saturating_add(1)));
    }
    hex::decode(text).map(Hexed).map_err(|_| Wrong::OddHex)
}

/// The items of a list of bytes.
pub(super) fn bytes(node: &Node) -> Result<Vec<u8>, Wrong> {
    let Node::List(items) = node else {
        return Err(Wrong::Type("字节列表 [0–255, …]", "a list of bytes [0–255, …]"));
    };
    items.iter().map(whole).collect()
}
