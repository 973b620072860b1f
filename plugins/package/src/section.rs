//! Reads and appends custom sections of a WebAssembly component without a parser of its code.
//!
//! A binary is an 8-byte header and then sections: one byte of id, the size as LEB128, the content. A custom section
//! has id 0 and begins with its name. Sections that are not custom are stepped over by their size.

use crate::notice::Notice;

/// `\0asm`, version 0x0d, layer 1: a component. A core module has version 1, layer 0.
const COMPONENT_HEADER: [u8; 8] = [0x00, 0x61, 0x73, 0x6d, 0x0d, 0x00, 0x01, 0x00];

/// Name of the custom section that carries the minisign signature over all bytes before it.
pub const SIGNATURE_SECTION: &str = "dianka:signature";

/// Why the sections could not be walked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SectionError {
    /// The first 8 bytes are not those of a component.
    #[error("this is not a WebAssembly component")]
    NotAComponent,
    /// A section reaches past the end of the file.
    #[error("the file ends inside a section")]
    Truncated,
    /// The section is there twice, so that two readers could see two different ones.
    #[error("the section {0} is there more than once")]
    Repeated(String),
    /// Something follows the signature, which it does not cover.
    #[error("the section {0} is not the last one")]
    NotLast(String),
}

impl SectionError {
    /// For the screen, in both languages, with a stable code.
    #[must_use]
    pub fn notice(&self) -> Notice {
        let (code, zh) = match self {
            Self::NotAComponent => ("not-a-component", "文件不是 WebAssembly 组件".to_owned()),
            Self::Truncated => ("truncated", "文件不完整：在一个段的中间结束".to_owned()),
            Self::Repeated(name) => ("section-repeated", format!("段 {name} 出现了不止一次")),
            Self::NotLast(name) => ("signature-not-last", format!("段 {name} 不是最后一段，签名没有覆盖整个文件")),
        };
        Notice::new(code, zh, self.to_string())
    }
}

/// A component, cut where its signature begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Signed<'a> {
    /// All bytes before the signature's section: what the signature is over. The whole file if there is none.
    pub content: &'a [u8],
    /// The payload of the section [`SIGNATURE_SECTION`].
    pub signature: Option<&'a [u8]>,
}

/// Cuts `component` before its embedded signature. The signature stands once and last, or not at all.
pub fn split_signature(component: &[u8]) -> Result<Signed<'_>, SectionError> {
    let mut rest = component.strip_prefix(&COMPONENT_HEADER).ok_or(SectionError::NotAComponent)?;
    while let Some((id, after_id)) = rest.split_first() {
        let (content, after) = sized(after_id)?;
        if *id == 0 {
            let (name, signature) = sized(content)?;
            if name == SIGNATURE_SECTION.as_bytes() {
                if !after.is_empty() {
                    return Err(SectionError::NotLast(SIGNATURE_SECTION.to_owned()));
                }
                let before = component.len().saturating_sub(rest.len());
                let content = component.get(..before).ok_or(SectionError::Truncated)?;
                return Ok(Signed { content, signature: Some(signature) });
            }
        }
        rest = after;
    }
    Ok(Signed { content: component, signature: None })
}

/// The file without its embedded signature. What is no component, or is signed wrongly, stays as it is: whoever loads it
/// says so.
pub fn unsigned_part(component: &[u8]) -> &[u8] {
    split_signature(component).map_or(component, |signed| signed.content)
}

/// The content of the custom section `name` at the top level of `component`, or none.
pub fn find_section<'a>(component: &'a [u8], name: &str) -> Result<Option<&'a [u8]>, SectionError> {
    let mut rest = component.strip_prefix(&COMPONENT_HEADER).ok_or(SectionError::NotAComponent)?;
    let mut found = None;
    while let Some((id, after_id)) = rest.split_first() {
        let (content, after) = sized(after_id)?;
        if *id == 0 {
            let (section_name, payload) = sized(content)?;
            if section_name == name.as_bytes() && found.replace(payload).is_some() {
                return Err(SectionError::Repeated(name.to_owned()));
            }
        }
        rest = after;
    }
    Ok(found)
}

/// Appends a custom section to `component`.
pub fn append_section(component: &mut Vec<u8>, name: &str, payload: &[u8]) {
    let mut content = leb128(name.len());
    content.extend_from_slice(name.as_bytes());
    content.extend_from_slice(payload);
    component.push(0);
    component.extend(leb128(content.len()));
    component.extend(content);
}

/// Splits a length-prefixed run of bytes off the front.
fn sized(bytes: &[u8]) -> Result<(&[u8], &[u8]), SectionError> {
    let mut size: usize = 0;
    let mut rest = bytes;
    // A u32 in LEB128 takes at most five bytes.
    for shift in [0, 7, 14, 21, 28] {
        let (byte, after) = rest.split_first().ok_or(SectionError::Truncated)?;
        rest = after;
        size |= usize::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return rest.split_at_checked(size).ok_or(SectionError::Truncated);
        }
    }
    Err(SectionError::Truncated)
}

fn leb128(mut value: usize) -> Vec<u8> {
    let mut out = Vec::new();
    loop {
        let [low, ..] = value.to_le_bytes();
        value >>= 7;
        if value == 0 {
            out.push(low & 0x7f);
            return out;
        }
        out.push(low | 0x80);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_appended_is_found() {
        let mut component = COMPONENT_HEADER.to_vec();
        append_section(&mut component, "other", b"x");
        append_section(&mut component, "mine", &[7; 300]);
        assert_eq!(find_section(&component, "mine"), Ok(Some(&[7; 300][..])));
        assert_eq!(find_section(&component, "theirs"), Ok(None));
    }

    #[test]
    fn a_signature_is_cut_off_where_it_begins() {
        let mut component = COMPONENT_HEADER.to_vec();
        append_section(&mut component, "mine", &[7; 300]);
        let content = component.clone();
        assert_eq!(split_signature(&component), Ok(Signed { content: &content, signature: None }));
        append_section(&mut component, SIGNATURE_SECTION, b"signed");
        assert_eq!(split_signature(&component), Ok(Signed { content: &content, signature: Some(b"signed") }));
        assert_eq!(unsigned_part(&component), content);
        for len in content.len() + 1..component.len() {
            assert!(split_signature(component.get(..len).unwrap()).is_err(), "{len}");
        }
        let whole = component.clone();
        append_section(&mut component, "after", b"");
        assert_eq!(split_signature(&component), Err(SectionError::NotLast(SIGNATURE_SECTION.to_owned())));
        let mut twice = whole;
        append_section(&mut twice, SIGNATURE_SECTION, b"signed");
        assert!(split_signature(&twice).is_err());
        assert_eq!(unsigned_part(&twice), twice);
    }

    #[test]
    fn damaged_files_are_errors_and_no_panics() {
        let mut component = COMPONENT_HEADER.to_vec();
        append_section(&mut component, "mine", &[7; 300]);
        for len in 0..component.len() {
            let cut = component.get(..len).unwrap();
            let answer = find_section(cut, "mine");
            assert!(answer.is_err() || answer == Ok(None) && len == 8, "{len}");
        }
        assert_eq!(find_section(b"\0asm\x01\0\0\0", "mine"), Err(SectionError::NotAComponent));
        append_section(&mut component, "mine", b"again");
        assert_eq!(find_section(&component, "mine"), Err(SectionError::Repeated("mine".to_owned())));
    }
}
