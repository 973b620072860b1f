//! Lays values out in a guest's memory as the canonical ABI of the component model says, so that a guest that only
//! returns an address answers with them.

/// A value of an interface type, with enough of its type to know size and alignment.
#[derive(Clone)]
pub enum Value {
    Bool(bool),
    U8(u8),
    U16(u16),
    U32(u32),
    S64(i64),
    Text(String),
    Bytes(Vec<u8>),
    /// A list or text at an address of the guest's own choice.
    Raw {
        address: u32,
        len: u32,
    },
    List(Vec<Value>),
    Record(Vec<Value>),
    /// A case, and one value of each case's type.
    Variant(u8, Box<Value>, Vec<Value>),
}

impl Value {
    pub fn text(text: &str) -> Self {
        Self::Text(text.to_owned())
    }

    pub fn both(zh: &str, en: &str) -> Self {
        Self::Record(vec![Self::text(zh), Self::text(en)])
    }

    pub fn texts(texts: &[&str]) -> Self {
        Self::List(texts.iter().map(|text| Self::text(text)).collect())
    }

    /// `like` shows the type when there is no value.
    pub fn option(value: Option<Value>, like: Value) -> Self {
        match value {
            Some(value) => Self::Variant(1, Box::new(value), vec![like]),
            None => Self::Variant(0, Box::new(Self::Record(vec![])), vec![like]),
        }
    }

    pub fn ok(value: Value, error: Value) -> Self {
        Self::Variant(0, Box::new(value.clone()), vec![value, error])
    }

    pub fn err(error: Value, ok: Value) -> Self {
        Self::Variant(1, Box::new(error.clone()), vec![ok, error])
    }

    fn align(&self) -> usize {
        match self {
            Self::Bool(_) | Self::U8(_) => 1,
            Self::U16(_) => 2,
            Self::U32(_) | Self::Text(_) | Self::Bytes(_) | Self::Raw { .. } | Self::List(_) => 4,
            Self::S64(_) => 8,
            Self::Record(fields) => fields.iter().map(Self::align).max().unwrap_or(1),
            Self::Variant(_, _, cases) => cases.iter().map(Self::align).max().unwrap_or(1),
        }
    }

    fn size(&self) -> usize {
        match self {
            Self::Bool(_) | Self::U8(_) => 1,
            Self::U16(_) => 2,
            Self::U32(_) => 4,
            Self::S64(_) | Self::Text(_) | Self::Bytes(_) | Self::Raw { .. } | Self::List(_) => 8,
            Self::Record(fields) => {
                let end = fields.iter().fold(0, |at, field| up(at, field.align()) + field.size());
                up(end, self.align())
            }
            Self::Variant(_, _, cases) => {
                let payload = cases.iter().map(Self::size).max().unwrap_or(0);
                up(up(1, self.align()) + payload, self.align())
            }
        }
    }
}

fn up(at: usize, align: usize) -> usize {
    at.div_ceil(align) * align
}

/// Part of a guest's memory, from `BASE` on.
pub struct Memory {
    bytes: Vec<u8>,
}

const BASE: usize = 1024;

impl Memory {
    pub fn new() -> Self {
        Self { bytes: Vec::new() }
    }

    /// Puts `value` somewhere and says where.
    pub fn put(&mut self, value: &Value) -> usize {
        let at = self.reserve(value.size(), value.align());
        self.write(at, value);
        BASE + at
    }

    /// First address after everything, and the data segment as text.
    pub fn end(&self) -> usize {
        up(BASE + self.bytes.len(), 16)
    }

    pub fn segment(&self) -> String {
        let escaped: String = self.bytes.iter().map(|byte| format!("\\{byte:02x}")).collect();
        format!("(data (i32.const {BASE}) \"{escaped}\")")
    }

    fn reserve(&mut self, size: usize, align: usize) -> usize {
        let at = up(self.bytes.len(), align);
        self.bytes.resize(at + size, 0);
        at
    }

    fn set(&mut self, at: usize, bytes: &[u8]) {
        self.bytes[at..at + bytes.len()].copy_from_slice(bytes);
    }

    fn set_pair(&mut self, at: usize, address: usize, len: usize) {
        self.set(at, &u32::try_from(address).unwrap().to_le_bytes());
        self.set(at + 4, &u32::try_from(len).unwrap().to_le_bytes());
    }

    fn write(&mut self, at: usize, value: &Value) {
        match value {
            Value::Bool(flag) => self.set(at, &[u8::from(*flag)]),
            Value::U8(number) => self.set(at, &[*number]),
            Value::U16(number) => self.set(at, &number.to_le_bytes()),
            Value::U32(number) => self.set(at, &number.to_le_bytes()),
            Value::S64(number) => self.set(at, &number.to_le_bytes()),
            Value::Text(text) => self.write_bytes(at, text.as_bytes()),
            Value::Bytes(bytes) => self.write_bytes(at, bytes),
            Value::Raw { address, len } => self.set_pair(at, *address as usize, *len as usize),
            Value::List(items) => {
                // An empty list has an address too, and it must be aligned.
                let (size, align) = (items.first().map_or(0, Value::size), 8);
                let start = self.reserve(size * items.len(), align);
                for (index, item) in items.iter().enumerate() {
                    self.write(start + index * size, item);
                }
                self.set_pair(at, BASE + start, items.len());
            }
            Value::Record(fields) => {
                fields.iter().fold(at, |next, field| {
                    let place = up(next, field.align());
                    self.write(place, field);
                    place + field.size()
                });
            }
            Value::Variant(case, payload, _) => {
                self.set(at, &[*case]);
                self.write(at + up(1, value.align()), payload);
            }
        }
    }

    fn write_bytes(&mut self, at: usize, bytes: &[u8]) {
        let start = self.reserve(bytes.len(), 1);
        self.set(start, bytes);
        self.set_pair(at, BASE + start, bytes.len());
    }
}
