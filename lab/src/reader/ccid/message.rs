//! One CCID message, as in the message set 1.1 of the USB forum: kind, length of the data, slot, sequence number, three
//! bytes that depend on the kind, data.

/// Bytes before the data.
pub(super) const HEADER: usize = 10;
/// Data bytes of the longest message taken; a length above it is noise.
pub(super) const MAX_DATA: usize = 261;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Message {
    pub(super) kind: u8,
    pub(super) slot: u8,
    pub(super) sequence: u8,
    pub(super) specific: [u8; 3],
    pub(super) data: Vec<u8>,
}

/// How long the message is that begins with these bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Size {
    /// The length field has not come yet.
    Unknown,
    /// Longer than any message.
    Mad,
    /// So many bytes.
    Bytes(usize),
}

impl Message {
    pub(super) fn size(bytes: &[u8]) -> Size {
        let [_, a, b, c, d, ..] = bytes else { return Size::Unknown };
        match usize::try_from(u32::from_le_bytes([*a, *b, *c, *d])) {
            Ok(length) if length <= MAX_DATA => Size::Bytes(HEADER + length),
            _ => Size::Mad,
        }
    }

    pub(super) fn decode(bytes: &[u8]) -> Option<Self> {
        let [kind, _, _, _, _, slot, sequence, a, b, c, data @ ..] = bytes else { return None };
        Some(Self { kind: *kind, slot: *slot, sequence: *sequence, specific: [*a, *b, *c], data: data.to_vec() })
    }

    pub(super) fn encode(&self) -> Vec<u8> {
        let mut out = vec![self.kind];
        // A message never comes near the limit of its length field.
        out.extend(u32::try_from(self.data.len()).unwrap_or(u32::MAX).to_le_bytes());
        out.extend([self.slot, self.sequence]);
        out.extend(self.specific);
        out.extend(&self.data);
        out
    }
}
