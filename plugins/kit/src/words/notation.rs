//! Bytes on a line, as transcripts write them.

/// `02 56 00`
pub(crate) fn spaced(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02X}")).collect::<Vec<_>>().join(" ")
}

/// Two lines `H ...`, one under the other, and a third that points at the first byte that differs.
pub(crate) fn host_lines(labels: [&str; 2], recorded: Option<&[u8]>, sent: &[u8], at: usize) -> String {
    let line = |bytes: &[u8]| if bytes.is_empty() { "-".to_owned() } else { format!("H {}", spaced(bytes)) };
    let width = labels.iter().map(|label| wide(label)).max().unwrap_or_default();
    let padded = |label: &str| format!("{label}{}", " ".repeat(width.saturating_sub(wide(label))));
    let [first, second] = labels;
    // `H ` and three places for each byte before.
    let indent = width.saturating_add(3).saturating_add(at.saturating_mul(3));
    format!(
        "{} {}\n{} {}\n{}^^",
        padded(first),
        line(recorded.unwrap_or_default()),
        padded(second),
        line(sent),
        " ".repeat(indent)
    )
}

/// Columns that a text takes on a screen: an ideograph takes two.
fn wide(text: &str) -> usize {
    text.chars().fold(0, |sum, char| sum.saturating_add(if char.is_ascii() { 1 } else { 2 }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_byte_that_differs_is_pointed_at() {
        let shown = host_lines(["recorded:", "sent:"], Some(&[2, 0x56, 0]), &[2, 0x57, 0], 1);
        assert_eq!(shown, "recorded: H 02 56 00\nsent:     H 02 57 00\n               ^^");
        assert_eq!(host_lines(["记录：", "实发："], None, &[0xAB], 0), "记录： -\n实发： H AB\n         ^^");
    }
}
